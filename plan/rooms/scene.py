"""The rooms of a site made ready for choosing: what each place needs, what may serve it, and what may not and why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.errors import MissingLayerError, UsageError
from plan.messages import Message
from plan.network import WalkNetwork
from plan.rooms.model import BY_COST, BY_COUNT, TOLERANCE, Choice, Offers, Place, choose
from plan.rooms.needs import RoomNeed
from plan.rooms.walks import Homes, gates_of, homes_of, metres_to_gates, minutes_to_rooms, room_doors
from plan.uses import SERVICE_USES, functions_of
from plan.whereabouts import OUTSIDE, inside, points_of, shapes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["BARRED", "Scene", "Settings", "Spot"]

# Why a room that stands is given up: it may not be there at all.
BARRED: Final = ("rooms.too_low", "rooms.too_high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user wants of the choice.

    Parameters
    ----------
    budget_cny : float, optional
        What may be spent on all places together.
    across : bool
        Units may serve the community next to theirs when they are near one of its main gates.
    elderly_weight : float
        How many more households an elderly person counts as, when minutes are added up.
    profile : str
        Who walks.
    """

    budget_cny: float | None = None
    across: bool = False
    elderly_weight: float = 1.0
    profile: str = "adult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place that needs rooms: a community, or the site as a whole, and a use."""

    community_id: str | None  # None: the site as a whole
    name: str | None
    households: float | None
    need: RoomNeed


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """Everything that choosing needs; nothing in it changes."""

    site: Site
    rooms: gpd.GeoDataFrame  # by id
    spots: tuple[Spot, ...]
    settings: Settings
    metres: NDArray[np.float64]  # spots by rooms, from a main gate
    home: list[str | None]  # the community of each room; OUTSIDE: in none; None: not known
    network: WalkNetwork
    notes: tuple[Message, ...] = ()  # what could not be placed, such as households of no community

    @classmethod
    def of(
        cls,
        site: Site,
        spots: Sequence[Spot],
        settings: Settings,
        *,
        network: WalkNetwork | None = None,
        notes: Sequence[Message] = (),
    ) -> Scene:
        """Measure the ways of a site's rooms.

        Raises
        ------
        MissingLayerError
            If the site has no rooms, no main gate or no walkways.
        UsageError
            If the metres that count as near, or the budget, are not positive numbers.
        """
        for spot in spots:
            # Nothing is farther than NaN metres: every unit would count as near.
            if not (math.isfinite(spot.need.near_gate_m) and spot.need.near_gate_m > 0):
                raise UsageError(Message("rooms.near_gate", metres=spot.need.near_gate_m))
        if settings.budget_cny is not None and not (
            math.isfinite(settings.budget_cny) and settings.budget_cny >= 0
        ):
            raise UsageError(Message("rooms.budget", budget=settings.budget_cny))
        rooms = _units(site)
        gates = gates_of(site)
        network = network if network is not None else WalkNetwork.from_site(site)
        entrances = site.layer("entrances")
        outlines = shapes_of(site, "communities")
        communities = list(dict.fromkeys(spot.community_id for spot in spots))
        doors = room_doors(site, rooms, entrances)
        areas = [None if c is None else outlines.get(c) for c in communities]
        found = dict(zip(communities, metres_to_gates(network, doors, gates, areas), strict=True))
        return cls(
            site=site,
            rooms=rooms,
            spots=tuple(spots),
            settings=settings,
            metres=np.array([found[spot.community_id] for spot in spots]),
            home=_homes(site, rooms),
            network=network,
            notes=tuple(notes),
        )

    # --- what may serve ------------------------------------------------------------------------

    @cached_property
    def candidate(self) -> NDArray[np.bool_]:
        """Which rooms are units that may be taken."""
        return np.asarray((self.rooms["state"] == "candidate").to_numpy(dtype=bool, na_value=False))

    @cached_property
    def why(self) -> list[list[Message | None]]:
        """Why each room cannot serve each spot; None where it can. Spots by rooms."""
        rows = list(self.rooms.itertuples())
        return [
            [self._unfit(spot, row, at) for at, row in enumerate(rows)] for spot in range(len(self.spots))
        ]

    @cached_property
    def stands(self) -> NDArray[np.bool_]:
        """Which rooms stand and are given over to the use of each spot there; spots by rooms."""
        # A room of which it is not known whether it stands, or for what, stays and is not counted.
        known = ~self.candidate & self.rooms["state"].notna().to_numpy()
        uses = self.rooms["use"]
        return np.array(
            [
                known
                & uses.isin(spot.need.uses or SERVICE_USES).to_numpy()
                & np.array([self._is_here(spot, home) for home in self.home], dtype=bool)
                for spot in self.spots
            ]
        )

    @cached_property
    def fit(self) -> NDArray[np.bool_]:
        """Which rooms can serve each spot; spots by rooms."""
        return np.array([[reason is None for reason in row] for row in self.why], dtype=bool)

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """Which rooms stand and count towards the need of each spot; spots by rooms."""
        return self.stands & self.fit

    @cached_property
    def priced(self) -> bool:
        """Whether what any usable unit costs is known; then the others cannot be compared with it."""
        usable = (self.fit & self.candidate).any(axis=0)
        return bool((usable & self.rooms["cost_cny"].notna().to_numpy()).any())

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Which units can be taken for each spot; spots by rooms."""
        usable = self.fit & self.candidate
        if self.priced or self.settings.budget_cny is not None:
            usable = usable & self.rooms["cost_cny"].notna().to_numpy()
        return usable

    def _is_here(self, spot: Spot, home: str | None) -> bool:
        return spot.community_id is None or home == spot.community_id

    def _unfit(self, spot_at: int, room: Any, at: int) -> Message | None:  # noqa: ANN401 - a row
        """Say why a room cannot serve a spot, or None."""
        return _by_itself(room, self.spots[spot_at].need) or self._by_place(spot_at, at)

    def _by_place(self, spot_at: int, at: int) -> Message | None:
        spot, home, metres = self.spots[spot_at], self.home[at], float(self.metres[spot_at, at])
        if spot.community_id is not None and not self.settings.across and home != spot.community_id:
            if home is None or home == OUTSIDE:
                return Message("rooms.no_community")
            return Message("rooms.other_community", community=home)
        if math.isnan(metres):
            return Message("rooms.unreached")
        if metres > spot.need.near_gate_m + TOLERANCE:
            return Message("rooms.too_far", metres=round(metres), limit=round(spot.need.near_gate_m))
        return None

    # --- who walks -----------------------------------------------------------------------------

    @cached_property
    def homes(self) -> Homes | None:
        """The doors of the households; None where nobody is known to live here."""
        return homes_of(self.site)

    @cached_property
    def profile(self) -> str | None:
        """Who walks; None where the network knows no speeds: metres are compared then."""
        return self.settings.profile if self.network.speeds else None

    @cached_property
    def minutes(self) -> NDArray[np.float64]:
        """Minutes from each door to each room, of those that may serve; homes by rooms."""
        if self.homes is None:
            return np.zeros((0, len(self.rooms)))
        found = np.full((len(self.homes.doors), len(self.rooms)), np.nan)
        asked = np.flatnonzero((self.usable | self.counted).any(axis=0))
        doors = room_doors(self.site, self.rooms.iloc[asked], self.site.layer("entrances"))
        found[:, asked] = minutes_to_rooms(self.network, self.homes, doors, profile=self.profile)
        return found

    def doors_of(self, spot: Spot) -> NDArray[np.int64]:
        """Return which doors belong to a spot."""
        if self.homes is None:
            return np.zeros(0, dtype=np.int64)
        here = [spot.community_id is None or c == spot.community_id for c in self.homes.community]
        return np.flatnonzero(here)

    # --- choosing ------------------------------------------------------------------------------

    @cached_property
    def offers(self) -> Offers:
        """All rooms as offers, in their order."""
        rooms = self.rooms
        return Offers(
            area=rooms["area_m2"].to_numpy(dtype=float, na_value=0.0),
            ground=(rooms["floor"] == 1).to_numpy(dtype=bool, na_value=False),
            cost=rooms["cost_cny"].to_numpy(dtype=float, na_value=math.nan),
            unit=pd.factorize(rooms["unit_id"].fillna(rooms["room_id"]))[0].astype(np.int64),
            joined=pd.factorize(rooms["merge_id"])[0].astype(np.int64),
            stands=~self.candidate,
        )

    def place(self, spot_at: int, *, walks: bool = True, weights: NDArray[np.float64] | None = None) -> Place:
        """Return a spot as the programme knows it.

        Parameters
        ----------
        spot_at : int
            Which spot.
        walks : bool, default True
            False where minutes do not matter.
        weights : array of float, optional
            Of all doors; by default households, elderly people counting more.
        """
        spot = self.spots[spot_at]
        offers = np.flatnonzero(self.usable[spot_at] | self.counted[spot_at])
        doors = self.doors_of(spot) if walks else np.zeros(0, dtype=np.int64)
        if weights is None:
            homes = self.homes if walks else None
            weights = np.zeros(0) if homes is None else homes.weights(self.settings.elderly_weight)
        return Place(
            area=spot.need.area_m2,
            ground=spot.need.ground_floor_m2,
            main=spot.need.main_room_m2,
            most=spot.need.most_rooms,
            offers=offers,
            metres=self.metres[spot_at, offers],
            weight=weights[doors],
            minutes=self.minutes[np.ix_(doors, offers)] if walks else np.zeros((0, len(offers))),
        )

    @cached_property
    def parts(self) -> tuple[tuple[int, ...], ...]:
        """Spots that must be decided together: those that share a unit, or all of them under one budget."""
        if self.settings.budget_cny is not None:
            return (tuple(range(len(self.spots))),)
        groups: list[set[int]] = []
        units = self.offers.unit
        for spot in range(len(self.spots)):
            mine = set(units[self.usable[spot] | self.counted[spot]].tolist())
            touching = [g for g in groups if mine & self._units_of(g)]
            groups = [g for g in groups if g not in touching] + [{spot}.union(*touching)]
        return tuple(sorted(tuple(sorted(group)) for group in groups))

    def _units_of(self, group: set[int]) -> set[int]:
        rows = sorted(group)
        return set(self.offers.unit[(self.usable[rows] | self.counted[rows]).any(axis=0)].tolist())

    def solve(
        self,
        part: Sequence[int],
        *,
        forced: int | None = None,
        order: Sequence[str] | None = None,
        budget: float | None = None,
        place: Callable[[int], Place] | None = None,
    ) -> Choice:
        """Choose for some spots; ``taken`` names spots by their place in ``part``.

        Parameters
        ----------
        part : sequence of int
            Spots.
        forced : int, optional
            A room that is taken whatever it costs.
        order : sequence of str, optional
            What is minimised, one after the other; by default cost before minutes, or the number of units where no
            cost is known.
        budget : float, optional
            CNY; by default the user's.
        place : callable, optional
            Makes the places; by default :meth:`place`.
        """
        order = order or (BY_COST if self.priced else BY_COUNT)
        made = place or partial(self.place, walks="walked" in order)
        return choose(
            self.offers,
            [made(spot) for spot in part],
            budget=self.settings.budget_cny if budget is None else budget,
            forced=forced,
            order=order,
        )

    def relaxed(
        self, *, near_gate_m: float | None = None, across: bool | None = None, budget_free: bool = False
    ) -> Scene:
        """Return the scene under looser conditions, to see what would cure a shortfall."""
        spots = self.spots
        if near_gate_m is not None:
            spots = tuple(replace(s, need=replace(s.need, near_gate_m=near_gate_m)) for s in spots)
        settings = self.settings
        if across is not None:
            settings = replace(settings, across=across)
        if budget_free:
            settings = replace(settings, budget_cny=None)
        return replace(self, spots=spots, settings=settings)


def _by_itself(room: Any, need: RoomNeed) -> Message | None:  # noqa: ANN401 - a row
    """Say what a room is or has that keeps it from serving, wherever it is."""
    if room.state == "candidate":
        offered = functions_of(None if pd.isna(room.functions) else room.functions)
        if offered is not None and not offered & set(need.uses or SERVICE_USES):
            return Message("rooms.other_use")
    # The storey above the street is 1 and the first basement -1: a 0 is one of them, but which?
    if pd.isna(room.floor) or room.floor == 0:
        return Message("rooms.no_floor")
    if pd.isna(room.area_m2) or room.area_m2 <= 0:
        return Message("rooms.no_area")
    if need.lowest is not None and room.floor < need.lowest:
        key = "rooms.too_low" if need.floor_stated else "rooms.basement"
        return Message(key, floor=int(room.floor), lowest=need.lowest)
    if need.highest is not None and room.floor > need.highest:
        return Message("rooms.too_high", floor=int(room.floor), highest=need.highest)
    return None


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
    for column in ("functions", "unit_id", "merge_id", "community_id"):
        if column not in rooms:
            rooms[column] = pd.Series([None] * len(rooms), dtype=object)
    return rooms


def _homes(site: Site, rooms: gpd.GeoDataFrame) -> list[str | None]:
    """Return the community of each room: as written, else where it or its building stands."""
    mended = site.repaired("rooms")
    trusted = np.array([i not in mended for i in rooms["room_id"]], dtype=bool)
    lies = inside(points_of(site, rooms, trusted=trusted), shapes_of(site, "communities"))
    return [
        here if pd.isna(written) else str(written)
        for written, here in zip(rooms["community_id"], lies, strict=True)
    ]
