"""Where the community service rooms go: units near the main gates, at least cost.

The choice is an integer programme solved exactly by HiGHS. With the units u that may be used (their
area a_u, cost c_u, ground floor g_u in {0, 1}), the rooms e that stand and qualify, the required area
A, the required ground-floor area G and slacks s, t:

    minimise  first s + t, then sum(c_u y_u), then sum(y_u), then sum(m_u y_u)
    subject   sum(a_u y_u)     + sum(a_e)     + s >= A
              sum(a_u g_u y_u) + sum(a_e g_e) + t >= G
              y_u in {0, 1},  s, t >= 0

where m_u is the walk to the nearest main gate in metres. A shortfall is a figure, never "infeasible".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError, UsageError
from plan.messages import Message
from plan.network import WalkNetwork
from plan.rules import RulePack
from plan.schema import SERVICE_USES
from plan.site import Placement, Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NEAR_GATE_M", "RoomNeed", "place_rooms", "room_needs", "walk_to_gates"]

# Metres of walking from a main gate that count as "around the entrance" where the clause gives no
# number: this tool's own default, shown with every result. 200 m is 3 min 20 s at 60 m/min.
NEAR_GATE_M: Final = 200.0
_TOLERANCE: Final = 1e-6  # m2 and CNY: sums of the same numbers in another order differ by less
_SOLVER_SECONDS: Final = 60.0  # for each stage; dozens of units take milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNeed:
    """What the rooms of a site must come to.

    Parameters
    ----------
    area_m2 : float
        Service rooms together, in square metres.
    ground_floor_m2 : float
        Of it on floor 1.
    lowest, highest : int or None
        Floors on which rooms may be; 1 is the ground floor, -1 the first basement.
    near_gate_m : float
        Metres of walking to a main gate.
    stated : bool
        True when ``near_gate_m`` is a number of a clause, False when it is this tool's default.
    """

    area_m2: float
    ground_floor_m2: float = 0.0
    lowest: int | None = 1
    highest: int | None = 1
    near_gate_m: float = NEAR_GATE_M
    stated: bool = False


def room_needs(pack: RulePack, *, households: float | None, near_gate_m: float | None = None) -> RoomNeed:
    """Read from a pack what the rooms of a site must come to.

    Parameters
    ----------
    pack : RulePack
        The rules; those of kinds ``room_area``, ``room_ground_floor``, ``room_floors`` and
        ``room_near_gate`` that hold for community service rooms.
    households : float or None
        Households of the site; None when unknown.
    near_gate_m : float, optional
        Metres of walking to a main gate; replaces the pack's number.

    Returns
    -------
    RoomNeed
        The strictest of the pack's rules. Floors that a clause leaves open are not used.

    Raises
    ------
    UsageError
        If the pack asks for no area, or for one by households that are unknown.
    """
    from plan.rules.kinds import RoomArea, RoomFloors, RoomGroundFloor, RoomNearGate  # noqa: PLC0415 - read here only

    kinds = _kinds(pack)
    areas = [k for k in kinds if isinstance(k, RoomArea) and not k.uses]
    if not areas:
        raise UsageError(Message("rooms.no_area_rule", pack=pack.id))
    if households is None and any(k.rate_m2_per_100_households for k in areas):
        raise UsageError(Message("rooms.no_households", pack=pack.id))
    area = max(max(k.minimum_m2, k.rate_m2_per_100_households * (households or 0.0) / 100) for k in areas)
    ground = [k for k in kinds if isinstance(k, RoomGroundFloor) and not k.uses]
    lowest, highest = _floors([k for k in kinds if isinstance(k, RoomFloors) and not k.uses])
    stated = [
        k.within_m for k in kinds if isinstance(k, RoomNearGate) and not k.uses and k.within_m is not None
    ]
    return RoomNeed(
        area_m2=area,
        ground_floor_m2=max((max(k.minimum_m2, k.minimum_share * area) for k in ground), default=0.0),
        lowest=lowest,
        highest=highest,
        near_gate_m=near_gate_m if near_gate_m is not None else min(stated, default=NEAR_GATE_M),
        stated=near_gate_m is not None or bool(stated),
    )


def _each_community(pack: RulePack) -> bool:
    from plan.rules.kinds import RoomArea  # noqa: PLC0415 - read here only

    return any(isinstance(k, RoomArea) and not k.uses and k.per == "community" for k in _kinds(pack))


def _kinds(pack: RulePack) -> list[Any]:
    return [rule.kind for rule in pack.judged()]


def _floors(kinds: Sequence[Any]) -> tuple[int | None, int | None]:
    lows = [k.lowest for k in kinds if k.lowest is not None]
    highs = [k.highest for k in kinds if k.highest is not None]
    # A floor that can be read both ways is not proposed unless the pack says that it is allowed.
    highs += [min(k.ambiguous) - 1 for k in kinds if k.ambiguous and k.reading != "allowed"]
    return max(lows, default=None), min(highs, default=None)


def place_rooms(
    site: Site,
    *,
    pack: RulePack | None = None,
    need: RoomNeed | None = None,
    near_gate_m: float | None = None,
    network: WalkNetwork | None = None,
) -> Placement:
    """Choose units for the community service rooms, near the main gates and at least cost.

    Rooms that stand and qualify count first and cost nothing. Candidates (``state`` is ``candidate``)
    are added until the need is met, at the least sum of ``cost_cny``; among equal costs the fewest,
    then the nearest to a main gate. Rooms that stand on a floor which the rules bar are given up.

    Parameters
    ----------
    site : Site
        With ``rooms``, ``entrances`` (a gate with ``main`` true), ``walkways`` and ``buildings``.
    pack : RulePack, optional
        Where the need is read from; not used when ``need`` is given.
    need : RoomNeed, optional
        The need in numbers.
    near_gate_m : float, optional
        Metres of walking to a main gate that count as near, instead of the pack's.
    network : WalkNetwork, optional
        The walking network of the site, when there is one already.

    Returns
    -------
    Placement
        ``features``: the rooms of the site from now on, with ``walk_to_gate_m`` and ``part``: ``chosen``,
        ``stands`` (and counts towards the need) or ``apart`` (does not count); chosen candidates have the state ``planned``. ``rejected``: every other unit with a ``reason``. ``measures``: m2, CNY,
        counts, and the shortfall if the units do not suffice.

    Raises
    ------
    MissingLayerError
        If the site has no rooms or no gates.
    UsageError
        If neither a pack nor a need is given, the pack asks for no area, or for one in each of several communities,
        or the metres that count as near are not a positive number.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/old_estate.gpkg")
    >>> placed = plan.place_rooms(site, pack=plan.load_pack("sanming"))
    >>> placed.measures["shortfall_m2"]
    0.0
    """
    if need is None:
        if pack is None:
            raise UsageError(Message("rooms.nothing_asked"))
        communities = len(site.layers["communities"]) if site.has("communities") else 0
        if communities > 1 and _each_community(pack):
            raise UsageError(Message("rooms.several_communities", count=communities, site=site.name))
        households = float(len(site.layer("households"))) if site.has("households") else None
        need = room_needs(pack, households=households, near_gate_m=near_gate_m)
    # Nothing is farther than NaN metres: every unit would count as near.
    if not (math.isfinite(need.near_gate_m) and need.near_gate_m > 0):
        raise UsageError(Message("rooms.near_gate", metres=need.near_gate_m))
    rooms = _units(site)
    rooms["walk_to_gate_m"] = walk_to_gates(site, rooms, network=network)
    why = [_unfit(room, need) for room in rooms.itertuples()]
    candidate = (rooms["state"] == "candidate").to_numpy()
    service = rooms["use"].isin(SERVICE_USES).to_numpy()
    # A room of which it is not known whether it stands, or for what, stays and is not counted.
    stands = ~candidate & service & rooms["state"].notna().to_numpy()
    fit = np.array([reason is None for reason in why])
    counted = stands & fit
    usable = candidate & fit
    priced = rooms["cost_cny"].notna().to_numpy()
    if (usable & priced).any():
        for row in np.flatnonzero(usable & ~priced).tolist():
            why[row] = Message("rooms.no_cost")
        usable &= priced
    choice = _Choice.of(rooms[usable], rooms[counted], need)
    chosen = np.zeros(len(rooms), dtype=bool)
    chosen[np.flatnonzero(usable)] = choice.solve()
    for at, row in enumerate(np.flatnonzero(usable).tolist()):
        if not chosen[row]:
            why[row] = choice.price_of(at)
    given_up = stands & np.array([reason is not None and reason.key in _BARRED for reason in why])
    kept = (~candidate & ~given_up) | chosen
    features = rooms[kept].copy()
    features["part"] = np.where(chosen, "chosen", np.where(counted, "stands", "apart"))[kept]
    # What was a shop becomes a service room; a check counts rooms by their use.
    features.loc[chosen[kept], ["state", "use"]] = ["planned", "community_service"]
    rejected = rooms[(candidate & ~chosen) | given_up].copy()
    # Objects, not text: a message can still be turned into English.
    rejected["reason"] = pd.Series(
        {
            row: Message("rooms.given_up", why=why[row]) if given_up[row] else why[row]
            for row in rejected.index
        },
        dtype=object,
    )
    return Placement(
        features=features.reset_index(drop=True),
        rejected=rejected.reset_index(drop=True),
        measures=_measures(rooms, need, counted=counted, chosen=chosen, given_up=given_up),
    )


def _units(site: Site) -> gpd.GeoDataFrame:
    """Return the rooms by id, with the columns that choosing needs."""
    rooms = site.layer("rooms")
    if rooms.empty:
        raise MissingLayerError(Message("site.missing_layer", site=site.name, layer="rooms", zh="社区用房"))
    rooms = rooms.sort_values("room_id", kind="stable").reset_index(drop=True)
    # As in a check: a drawing without the column holds what its name says; a gap in the column is a gap.
    for column, meant in (("state", "existing"), ("cost_cny", math.nan), ("use", SERVICE_USES[0])):
        if column not in rooms:
            rooms[column] = meant
    return rooms


def walk_to_gates(
    site: Site, rooms: gpd.GeoDataFrame, *, network: WalkNetwork | None = None, main: bool = True
) -> NDArray[np.float64]:
    """Measure how far rooms are from the nearest gate, on foot.

    A room is entered by the doors of its building, or where there are none by the nearest point of the
    building's outline; a room without a building by its own shape.

    Parameters
    ----------
    site : Site
        With ``entrances`` and ``walkways``.
    rooms : geopandas.GeoDataFrame
        Rooms of the site.
    network : WalkNetwork, optional
        The walking network, when there is one already.
    main : bool, default True
        Count main gates only.

    Returns
    -------
    array of float
        Metres along the network, one for each room; NaN where no gate is reached.

    Raises
    ------
    MissingLayerError
        If the site has no such gate.
    """
    from plan.network.kernel import nearest  # noqa: PLC0415 - scipy, loaded where a search begins

    entrances = site.layer("entrances")
    gates = entrances[entrances["kind"] == "gate"]
    if main:
        is_main = (
            gates["main"].fillna(value=False).astype(bool)
            if "main" in gates
            else pd.Series(data=False, index=gates.index)
        )
        gates = gates[is_main]
    if gates.empty:
        raise MissingLayerError(Message("rooms.no_main_gate" if main else "rooms.no_gate", site=site.name))
    network = network if network is not None else WalkNetwork.from_site(site)
    # One metre a minute: the minutes of the search are metres.
    edges = network.timed(1.0)
    places = network.snap(room_doors(site, rooms, entrances))
    targets = network.snap(np.array(gates.geometry.array, dtype=object))
    groups = np.zeros(len(gates), dtype=np.int64)
    metres: NDArray[np.float64] = nearest(edges, places, targets, groups, max_min=math.inf)[0].minutes
    return metres


def room_doors(site: Site, rooms: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return where rooms are entered: the doors of their building, else its outline, else their own shape."""
    outlines = site.layer("buildings").set_index("building_id").geometry if site.has("buildings") else {}
    doors: dict[str, Any] = {}
    if "building_id" in entrances:
        known = entrances[entrances["building_id"].notna() & entrances.geometry.notna()]
        doors = {
            building: shapely.MultiPoint(list(points))
            for building, points in known.geometry.groupby(known["building_id"])
        }
    buildings = rooms["building_id"] if "building_id" in rooms else [None] * len(rooms)
    places = [
        doors.get(building, outlines.get(building, shape))
        for building, shape in zip(buildings, rooms.geometry, strict=True)
    ]
    return np.array(places, dtype=object)


_BARRED: Final = ("rooms.too_low", "rooms.too_high")


def _unfit(room: Any, need: RoomNeed) -> Message | None:  # noqa: ANN401, PLR0911 - a row; one return for each reason
    """Say why a unit cannot serve, or None."""
    # The storey above the street is 1 and the first basement -1: a 0 is one of them, but which?
    if pd.isna(room.floor) or room.floor == 0:
        return Message("rooms.no_floor")
    if pd.isna(room.area_m2) or room.area_m2 <= 0:
        return Message("rooms.no_area")
    if need.lowest is not None and room.floor < need.lowest:
        return Message("rooms.too_low", floor=int(room.floor), lowest=need.lowest)
    if need.highest is not None and room.floor > need.highest:
        return Message("rooms.too_high", floor=int(room.floor), highest=need.highest)
    if math.isnan(room.walk_to_gate_m):
        return Message("rooms.unreached")
    if room.walk_to_gate_m > need.near_gate_m + _TOLERANCE:
        return Message("rooms.too_far", metres=round(room.walk_to_gate_m), limit=round(need.near_gate_m))
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Choice:
    """The integer programme over the usable units."""

    area: NDArray[np.float64]
    ground: NDArray[np.float64]
    cost: NDArray[np.float64]
    metres: NDArray[np.float64]
    priced: bool
    area_needed: float  # beyond what stands
    ground_needed: float

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, standing: gpd.GeoDataFrame, need: RoomNeed) -> _Choice:
        ground = _on_ground(units)
        area = units["area_m2"].to_numpy(dtype=float)
        cost = units["cost_cny"].to_numpy(dtype=float)
        standing_area = standing["area_m2"].to_numpy(dtype=float)
        standing_ground = standing_area[_on_ground(standing)]
        return cls(
            area=area,
            ground=area * ground,
            cost=np.nan_to_num(cost),
            metres=units["walk_to_gate_m"].to_numpy(dtype=float),
            priced=bool(np.isfinite(cost).any()),
            area_needed=max(0.0, need.area_m2 - float(standing_area.sum())),
            ground_needed=max(0.0, need.ground_floor_m2 - float(standing_ground.sum())),
        )

    def solve(self, forced: int | None = None) -> NDArray[np.bool_]:
        """Return which units are chosen; lexicographic, each stage exact."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - heavy

        n = len(self.area)
        if n == 0:
            return np.zeros(0, dtype=bool)
        # Columns: y_1..y_n, s, t.
        rows = np.vstack([np.append(self.area, [1.0, 0.0]), np.append(self.ground, [0.0, 1.0])])
        constraints = [LinearConstraint(rows, lb=[self.area_needed, self.ground_needed])]
        lower = np.zeros(n + 2)
        if forced is not None:
            lower[forced] = 1.0
        bounds = Bounds(lower, np.append(np.ones(n), [np.inf, np.inf]))
        integrality = np.append(np.ones(n), [0, 0])
        slack = np.append(np.zeros(n), [1.0, 1.0])
        stages = [
            slack,
            np.append(self.cost, [0.0, 0.0]),
            np.append(np.ones(n), [0.0, 0.0]),
            np.append(self.metres, [0.0, 0.0]),
        ]
        chosen = np.zeros(n, dtype=bool)
        for objective in stages:
            found = milp(
                objective,
                integrality=integrality,
                bounds=bounds,
                constraints=constraints,
                options={"time_limit": _SOLVER_SECONDS, "mip_rel_gap": 0.0},
            )
            if found.x is None:
                raise UsageError(Message("rooms.not_solved", why=str(found.message)))
            chosen = found.x[:n] > 0.5  # noqa: PLR2004 - a binary number up to the solver's tolerance
            room = _TOLERANCE * max(1.0, abs(float(found.fun)))
            constraints.append(LinearConstraint(objective[np.newaxis, :], ub=[float(found.fun) + room]))
        return chosen

    def price_of(self, unit: int) -> Message:
        """Say what it would cost to take a unit that was not chosen."""
        if self.area_needed <= 0 and self.ground_needed <= 0:
            return Message("rooms.not_needed")
        if not self.priced:
            return Message("rooms.better_found")
        extra = float(self.cost[self.solve(forced=unit)].sum() - self.cost[self.solve()].sum())
        return (
            Message("rooms.dearer", extra=f"{max(extra, 0.0):,.0f}")
            if extra > _TOLERANCE
            else Message("rooms.equal")
        )


def _on_ground(rooms: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    ground: NDArray[np.bool_] = (rooms["floor"] == 1).to_numpy(dtype=bool, na_value=False)
    return ground


def _measures(
    rooms: gpd.GeoDataFrame,
    need: RoomNeed,
    *,
    counted: NDArray[np.bool_],
    chosen: NDArray[np.bool_],
    given_up: NDArray[np.bool_],
) -> dict[str, Any]:
    taken = counted | chosen
    area = float(rooms.loc[taken, "area_m2"].sum())
    ground = float(rooms.loc[taken & _on_ground(rooms), "area_m2"].sum())
    return {
        "required_m2": need.area_m2,
        "required_ground_floor_m2": need.ground_floor_m2,
        "near_gate_m": need.near_gate_m,
        "near_gate_from_clause": need.stated,
        "existing_counted_m2": float(rooms.loc[counted, "area_m2"].sum()),
        "placed_m2": float(rooms.loc[chosen, "area_m2"].sum()),
        "total_m2": area,
        "ground_floor_m2": ground,
        "shortfall_m2": max(0.0, need.area_m2 - area),
        "shortfall_ground_floor_m2": max(0.0, need.ground_floor_m2 - ground),
        "placed": int(chosen.sum()),
        "given_up": int(given_up.sum()),
        "cost_cny": float(np.nansum(rooms.loc[chosen, "cost_cny"].to_numpy(dtype=float))),
    }
