"""How many stalls an estate should have, by a pack, and which buildings go short, by walking to their stalls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import UsageError
from plan.messages import Message
from plan.network.doors import origins_from_site
from plan.parking.walking import assigned, walks
from plan.rules import Rule, RulePack
from plan.rules.kinds import AccessibleStalls, Figure, StallsPerFloorArea, StallsPerHousehold
from plan.site import Site

if TYPE_CHECKING:
    from plan.network import WalkNetwork

__all__ = ["Demand", "parking_demand", "stall_shares"]

# JGJ 100-2015, 3.1.4: a garage should serve cars within 500 m; the pack's figure ``garage_radius`` where it has one.
REACH_M: Final = 500.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demand:
    """What stalls are needed, and where they are missing.

    Parameters
    ----------
    buildings : geopandas.GeoDataFrame
        ``building_id``, ``households``, ``required``, ``stalls`` (within the walk, none counted twice), ``shortfall``,
        ``walk_min`` (mean of those that have one; NaN without), geometry: the doors.
    rule : Rule
        The rule that asks for them.
    meant : bool or None
        Whether that rule is meant for this estate at all; None where nobody says what the estate is. A rule for new
        estates is a guide for an existing one, not a requirement.
    measures : mapping
        ``required``, ``stalls``, ``shortfall``, ``spare`` (stalls that nobody within the walk needs), ``reach_m``,
        ``unmeasured`` (households of unknown area, which count as the least that the rule asks of any).
    """

    buildings: gpd.GeoDataFrame
    rule: Rule
    meant: bool | None
    measures: Mapping[str, Any]


def parking_demand(
    site: Site,
    stalls: gpd.GeoDataFrame,
    *,
    pack: RulePack,
    network: WalkNetwork,
    reach_m: float | None = None,
    profile: str = "adult",
) -> Demand:
    """Compare the stalls of an estate with what its households should have, building by building.

    Parameters
    ----------
    site : Site
        With ``households`` (``area_m2``).
    stalls : geopandas.GeoDataFrame
        Stalls; ``capacity`` where one holds more than a car.
    pack : RulePack
        With a rule of the kind ``stalls_per_household`` or ``stalls_per_floor_area``.
    network : WalkNetwork
        Of the site, with speeds.
    reach_m : float, optional
        Farthest walk to one's stall, in metres; that of the pack (JGJ 100-2015, 3.1.4), else 500.
    profile : str, default "adult"
        Who walks.

    Returns
    -------
    Demand
        Stalls are given so that most cars have one, and then with the least walking.

    Raises
    ------
    MissingLayerError
        If the site has no households.
    UsageError
        If the pack has no such rule, or the households have no areas.
    """
    rule = _rule(pack)
    origins = origins_from_site(site)
    households = site.layer("households")
    if "area_m2" not in households:
        raise UsageError(Message("stalls.no_areas"))
    areas = pd.Series(households["area_m2"].to_numpy(dtype=float, na_value=np.nan), index=households.index)
    areas = areas.where(areas > 0)
    needed, total = _required(rule, areas.to_numpy())
    frame = pd.DataFrame(
        {"building_id": origins["building_id"].astype(str).to_numpy(), "need": [float(n) for n in needed]}
    )
    by = frame.groupby("building_id", sort=True)
    buildings = by.size().rename("households").to_frame()
    buildings["required"] = _whole(by["need"].sum().to_numpy(), total)
    doors = gpd.GeoSeries(origins.geometry.to_numpy(), crs=site.crs).groupby(frame["building_id"].to_numpy())
    buildings["geometry"] = doors.agg(_doors).reindex(buildings.index)
    places = gpd.GeoDataFrame(buildings.reset_index(), geometry="geometry", crs=site.crs)
    reach = reach_m or _figure(pack, "garage_radius") or REACH_M
    held = stalls.geometry.notna().to_numpy()
    spots = gpd.GeoDataFrame(geometry=stalls.geometry[held].centroid.to_numpy(), crs=site.crs)
    capacity = (
        stalls["capacity"].to_numpy(dtype=int) if "capacity" in stalls else np.ones(len(stalls), dtype=int)
    )
    supply = capacity[held].astype(np.int64)
    pairs = walks(network, places, spots, within_min=reach / network.speed(profile), profile=profile)
    demand = places["required"].to_numpy(dtype=np.int64)
    given = assigned(pairs, demand, supply)
    got = (
        np.bincount(pairs["origin"].to_numpy(dtype=int), weights=given, minlength=len(places))
        if len(pairs)
        else np.zeros(len(places))
    )
    minutes = (
        np.bincount(
            pairs["origin"].to_numpy(dtype=int),
            weights=given * pairs["walk_min"].to_numpy(),
            minlength=len(places),
        )
        if len(pairs)
        else np.zeros(len(places))
    )
    places["stalls"] = got.astype(int)
    places["shortfall"] = demand - places["stalls"]
    places["walk_min"] = np.divide(minutes, got, out=np.full(len(places), np.nan), where=got > 0).round(2)
    status = (
        set(site.layers["parcels"]["status"].dropna())
        if "parcels" in site.layers and "status" in site.layers["parcels"]
        else set()
    )
    wanted = set(rule.applies.estate)
    return Demand(
        buildings=places[
            ["building_id", "households", "required", "stalls", "shortfall", "walk_min", "geometry"]
        ],
        rule=rule,
        meant=True
        if not wanted or wanted == {"new", "existing"}
        else None
        if len(status) != 1
        else bool(status & wanted),
        measures={
            "required": int(demand.sum()),
            "stalls": int(supply.sum()),
            "shortfall": int(places["shortfall"].sum()),
            "spare": int(supply.sum() - given.sum()),
            "reach_m": float(reach),
            "unmeasured": int(areas.isna().sum()),
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Which of the stalls are accessible, and which ready for charging, as a pack asks."""

    accessible: int | None  # None: the pack does not say
    accessible_rule: Rule | None
    side_aisle_m: float | None
    ev_ready: int | None
    ev_rule: Rule | None


def stall_shares(pack: RulePack | None, stalls: int) -> Shares:
    """Return how many of some stalls should be accessible, and how many ready for charging.

    Parameters
    ----------
    pack : RulePack or None
        Rules of the kind ``accessible_stalls``; figures ``accessible_aisle`` and ``ev_ready_share``.
    stalls : int
        How many there are.

    Returns
    -------
    Shares
        Each with the rule that asks for it.
    """
    accessible = next((r for r in _enabled(pack) if isinstance(r.kind, AccessibleStalls)), None)
    ev = _named(pack, "ev_ready_share")
    wanted = None
    if accessible is not None and isinstance(accessible.kind, AccessibleStalls):
        share = Fraction(str(accessible.kind.minimum_share)) * stalls
        wanted = max(math.ceil(share), accessible.kind.minimum_count) if stalls else 0
    ready = None
    if ev is not None and isinstance(ev.kind, Figure) and ev.kind.value is not None:
        ready = math.ceil(Fraction(str(ev.kind.value)) / 100 * stalls)
    return Shares(
        accessible=wanted,
        accessible_rule=accessible,
        side_aisle_m=_figure(pack, "accessible_aisle"),
        ev_ready=ready,
        ev_rule=ev,
    )


def _enabled(pack: RulePack | None) -> list[Rule]:
    return [] if pack is None else [rule for rule in pack.rules if rule.enabled]


def _named(pack: RulePack | None, name: str) -> Rule | None:
    return next((r for r in _enabled(pack) if isinstance(r.kind, Figure) and r.kind.name == name), None)


def _figure(pack: RulePack | None, name: str) -> float | None:
    rule = _named(pack, name)
    if rule is None or not isinstance(rule.kind, Figure):
        return None
    return rule.kind.value if rule.kind.value is not None else next(iter(rule.kind.values), None)


def _rule(pack: RulePack) -> Rule:
    for rule in _enabled(pack):
        if isinstance(rule.kind, StallsPerHousehold | StallsPerFloorArea):
            return rule
    raise UsageError(Message("stalls.no_demand_rule", pack=pack.id))


def _required(rule: Rule, areas: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[list[Fraction], int]:
    """Return what each household asks for, and the sum in whole stalls."""
    kind = rule.kind
    if isinstance(kind, StallsPerHousehold):
        least = min(Fraction(str(band.required)) for band in kind.bands)
        needs = [
            next((Fraction(str(b.required)) for b in kind.bands if b.start <= area < b.end), least)
            for area in areas
        ]
        return needs, math.ceil(sum(needs, Fraction(0)))
    if not isinstance(kind, StallsPerFloorArea):
        msg = f"{rule.id} asks for no stalls"
        raise TypeError(msg)
    known = [0.0 if math.isnan(a) else float(a) for a in areas]
    rate = Fraction(str(kind.stalls_per_100_m2)) / 100
    count = len(known)
    whole = max(
        rate * Fraction(str(round(math.fsum(known), 6))), Fraction(str(kind.minimum_per_household)) * count
    )
    if math.isfinite(kind.maximum_per_household):
        whole = min(whole, Fraction(str(kind.maximum_per_household)) * count)
    total = math.fsum(known)
    needs = [
        whole * Fraction(str(a)) / Fraction(str(total)) if total else whole / max(count, 1) for a in known
    ]
    return needs, math.ceil(whole)


def _whole(parts: np.ndarray[Any, np.dtype[np.float64]], total: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Round to whole numbers of the given sum, the largest remainders up."""
    low = np.floor(parts + 1e-9).astype(np.int64)
    rest = parts - low
    order = np.lexsort((np.arange(len(parts)), -rest))
    low[order[: max(0, total - int(low.sum()))]] += 1
    return low


def _doors(shapes: Any) -> Any:  # noqa: ANN401 - a group of a series
    points = [g for g in shapes if g is not None and not g.is_empty]
    if not points:
        return None
    parts = shapely.get_parts(np.array(points, dtype=object))
    if all(p.geom_type == "Point" for p in parts):
        return shapely.MultiPoint(np.unique(shapely.get_coordinates(parts), axis=0))
    return points[0]
