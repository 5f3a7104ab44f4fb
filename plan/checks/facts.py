"""What a check knows about a site: the drawing itself, and figures derived from it once.

Figures come as amounts: where rows are missing, unreadable or estimated, they carry bounds and the
gap that would have to be filled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.access import paces
from plan.categories import category_of
from plan.checks.amounts import Amount, Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.places import Place, geojson
from plan.checks.walks import Walks
from plan.errors import MissingLayerError
from plan.fire_access import FireAccess, FireStudy
from plan.network import WalkNetwork
from plan.readers.room_areas import least_areas
from plan.rules import RulePack
from plan.site import Site
from plan.surfaces import is_below_ground
from plan.uses import SERVICE_USES, functions_of
from plan.whereabouts import OUTSIDE, inside, points_of, shapes_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["Facts", "Room"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """A room of the site, with what is not known as None."""

    id: str
    floor: int | None
    area_m2: float | None
    least_m2: float | None  # what it has whatever is right, where the drawing contradicts its declared area
    use: str | None
    provided: bool | None  # existing or planned; a candidate is a proposal that nobody has made yet
    functions: frozenset[str] | None
    building_id: str | None
    community_id: str | None  # OUTSIDE when in none of the communities
    community_written: bool  # in the row, not read from the drawing
    parcel_id: str | None  # OUTSIDE when on none of the parcels
    handed_over_on: str | None
    handover_readable: bool  # False: something stands there that is no date
    opens: str | None
    closes: str | None

    def counts(self, uses: tuple[str, ...]) -> bool | None:
        """Tell whether this room is provided for one of these uses; None when that is not known."""
        fits = None if self.use is None else self.use in (uses or SERVICE_USES)
        if fits is False or self.provided is False:
            return False
        return True if fits and self.provided else None


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
class Facts:
    """A site and what follows from it; each figure is derived once, when a rule first asks for it."""

    site: Site
    pack: RulePack
    walking: WalkNetwork | None = None  # a network that was made already
    dem: Path | str | None = None  # a raster of heights
    study: FireStudy | None = None  # searches of fire access that were begun already
    earlier: Site | None = None  # the same estate at the stage before
    stage: str | None = None  # of the procedure, where one is checked

    # --- layers --------------------------------------------------------------------------------

    def has(self, layer: str, *columns: str) -> Gap | None:
        """Return what is missing of a layer and its columns; None when nothing is."""
        if not self.site.has(layer):
            return layer_gap(layer)
        known = self.site.layers[layer].columns
        return next((column_gap(layer, c) for c in columns if c not in known), None)

    def unreadable(self, layer: str, column: str) -> frozenset[int]:
        """Return the positions, from 0, of rows in which a column holds something that was not understood."""
        return frozenset(
            row - 1
            for p in self.site.problems
            if p.layer == layer and p.column == column and p.effect == "degraded"
            for row in p.rows
        )

    def where(self, layer: str, ids: Iterable[str]) -> dict[str, Any] | None:
        """Return the shapes of some rows as GeoJSON; rooms without a shape are shown by their building."""
        shapes = self.drawn(layer)
        if layer == "rooms":
            houses = self.drawn("buildings")
            home = {room.id: room.building_id for room in self.rooms}
            return geojson([shapes.get(i, houses.get(home.get(i) or "")) for i in ids], self.site.crs)
        return geojson([shapes.get(i) for i in ids], self.site.crs)

    def drawn(self, layer: str) -> dict[str, BaseGeometry]:
        """Return the shapes of a layer by id, without the rows that have none."""
        if layer not in self._shapes:
            self._shapes[layer] = shapes_of(self.site, layer)
        return self._shapes[layer]

    @cached_property
    def _shapes(self) -> dict[str, dict[str, BaseGeometry]]:
        return {}

    # --- communities, parcels ------------------------------------------------------------------

    def places(self, per: str) -> tuple[Place, ...]:
        """Return the communities by id, or the site as a whole; nothing when communities are absent.

        A clause on an estate is kept by each of several communities: added up, one would hide what another lacks.
        """
        return self.communities if per == "community" or len(self.communities) > 1 else (Place(),)

    @cached_property
    def communities(self) -> tuple[Place, ...]:
        """The communities, by id."""
        if not self.site.has("communities"):
            return ()
        frame = self.site.layers["communities"].sort_values("community_id", kind="stable")
        mended = self.site.repaired("communities")
        return tuple(
            Place(
                id=row["community_id"],
                row=row,
                shape=shape,
                repaired=row["community_id"] in mended,
            )
            for row, shape in zip(_rows(frame), frame.geometry, strict=True)
        )

    def figure(self, place: Place, column: str) -> Amount:
        """Return a figure that a community's own row gives."""
        value = place.row.get(column)
        if value is None:
            ids = (place.id,) if place.id and column in self.site.layers["communities"].columns else ()
            return Amount.unknown(column_gap("communities", column, ids))
        return Amount.of(float(value))

    # --- households ----------------------------------------------------------------------------

    def households(self, place: Place) -> Amount:
        """Return how many households a place has."""
        missing = self.has("households")
        if missing:
            return Amount.unknown(missing)
        return self._people(place, np.ones(len(self.site.layers["households"])))

    def persons(self, place: Place) -> Amount:
        """Return how many people live in a place: the community's own figure, else the households'."""
        residents = place.row.get("residents")
        if (
            residents is not None and residents > 0
        ):  # nobody needs nothing: a 0 is a gap, not a reason to pass
            return Amount.of(float(residents))
        missing = self.has("households", "persons")
        if missing:
            return Amount.unknown(missing)
        return self._people(place, self._persons)

    @cached_property
    def _persons(self) -> NDArray[np.float64]:
        """The persons of each household, NaN where not known."""
        persons = self.site.layers["households"]["persons"]
        return np.asarray(persons.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=float)

    def _people(self, place: Place, counts: NDArray[np.float64]) -> Amount:
        """Add up one number for each household of a place."""
        here, lost = np.ones(len(counts), dtype=bool), np.zeros(len(counts), dtype=bool)
        if place.id is not None:
            here, lost = self._homes.get(place.id, ~here), self._homes.get(None, lost)
        blank = np.isnan(counts)
        low = float(np.nansum(counts[here]))
        gaps = []
        if place.repaired:
            gaps.append(repaired_gap("communities", (str(place.id),)))
        if lost.any():
            gaps.append(gap("missing_data", "household_lost", count=int(lost.sum())))
        if (blank & (here | lost)).any():
            ids = self.site.layers["households"]["household_id"].to_numpy()[blank & (here | lost)]
            gaps.append(column_gap("households", "persons", tuple(ids)))
        if not gaps and not low:
            gaps.append(
                column_gap(
                    "households", "persons", tuple(self.site.layers["households"]["household_id"][here])
                )
                if here.any()
                else gap("missing_data", "community_empty", community=place.id)
            )
        estimated = "households" in self.site.estimates
        if estimated:
            gaps.append(gap("missing_data", "estimated", count=len(counts)))
        if not gaps:
            return Amount.of(low)
        # Beyond the households that cannot be placed, nothing bounds what is not known.
        bounded = len(gaps) == 1 and bool(lost.any())
        high = low + float(np.nansum(counts[lost])) if bounded else np.inf
        sure = 0.0 if estimated or place.repaired else low
        return Amount(low=sure, high=high, shown=low, gaps=tuple(gaps), estimated=estimated)

    @cached_property
    def _homes(self) -> dict[str | None, NDArray[np.bool_]]:
        """Which households, in the order of the layer, are in each community; None: it cannot be told in which."""
        frame = self.site.layers["households"]
        points = points_of(self.site, frame, trusted=np.ones(len(frame), dtype=bool))
        home = np.array(inside(points, self.drawn("communities")), dtype=object)
        return {one: home == one for one in dict.fromkeys(home.tolist())}

    # --- rooms ---------------------------------------------------------------------------------

    @cached_property
    def rooms(self) -> tuple[Room, ...]:
        """All rooms of the site, in the order of the layer."""
        if not self.site.has("rooms"):
            return ()
        frame = self.site.layers["rooms"]
        mended = self.site.repaired("rooms")
        trusted = np.array([i not in mended for i in frame["room_id"]], dtype=bool)
        points = points_of(self.site, frame, trusted=trusted)
        community = inside(points, self.drawn("communities"))
        parcel = self._parcels_at(points)
        broken = self.unreadable("rooms", "handed_over_on")
        least = least_areas(
            frame,
            self.site.layers.get("buildings"),
            distrusted=mended,
            distrusted_buildings=self.site.repaired("buildings"),
        )
        return tuple(
            self._room(row, community[i], parcel[i], least[i], readable=i not in broken)
            for i, row in enumerate(_rows(frame))
        )

    def _parcels_at(self, points: NDArray[np.object_]) -> list[str | None]:
        """Return the parcel of each point; None where an outline that was mended, or is not drawn, may decide."""
        mended = self.site.repaired("parcels")
        drawn = self.drawn("parcels")
        vague = bool(mended) or (self.site.has("parcels") and len(drawn) < len(self.site.layers["parcels"]))
        return [None if p in mended or (p == OUTSIDE and vague) else p for p in inside(points, drawn)]

    def _room(
        self, row: dict[str, Any], community: str | None, parcel: str | None, least: float, *, readable: bool
    ) -> Room:
        # A drawing without the column holds what its name says, community rooms that are provided;
        # a gap in the column is a gap.
        use = row.get("use") if "use" in row else SERVICE_USES[0]
        state = row.get("state") if "state" in row else "existing"
        building = row.get("building_id")
        return Room(
            id=row["room_id"],
            # The storey above the street is 1 and the first basement -1: a 0 is one of them, but which?
            floor=int(row["floor"]) if row.get("floor") else None,
            area_m2=row.get("area_m2") or None,  # no room has 0 m2: it was not measured
            least_m2=float(least) if row.get("area_m2") and np.isfinite(least) else None,
            use=use,
            provided=None if state is None else state != "candidate",
            functions=functions_of(row.get("functions")),
            building_id=building,
            community_id=row.get("community_id") or community,
            community_written=row.get("community_id") is not None,
            parcel_id=self._parcel_of_building.get(building or "") or parcel,
            handed_over_on=row.get("handed_over_on"),
            handover_readable=readable,
            opens=row.get("opens"),
            closes=row.get("closes"),
        )

    @cached_property
    def _parcel_of_building(self) -> dict[str, str]:
        if self.has("buildings", "parcel_id"):
            return {}
        frame = self.site.layers["buildings"]
        return {b: p for b, p in zip(frame["building_id"], frame["parcel_id"], strict=True) if p is not None}

    def rooms_for(self, uses: tuple[str, ...], place: Place | None = None) -> dict[Room, bool]:
        """Return the rooms that count for some uses in a place, and whether that is certain."""
        found: dict[Room, bool] = {}
        for room in self.rooms:
            counts = room.counts(uses)
            if counts is False:
                continue
            here: bool | None = None if self._astray(room) else True
            if place is not None and place.id is not None:
                drawn_well = room.community_written or (place.shape is not None and not place.repaired)
                here = room.community_id == place.id if drawn_well and room.community_id is not None else None
            if here is not False:
                found[room] = counts is True and here is True
        return found

    def _astray(self, room: Room) -> bool:
        """Tell whether a room stands beyond the parcels, and in no community: it may be another estate's."""
        outside = room.parcel_id == OUTSIDE and bool(self.drawn("parcels"))
        return outside and room.community_id in {None, OUTSIDE}

    # --- facilities ----------------------------------------------------------------------------

    @cached_property
    def categories(self) -> list[str | None]:
        """The category of each facility: ours where we know it, else as written; None when nothing is."""
        if self.has("facilities", "category"):
            return []
        return [c if c is None else category_of(c) or c for c in self.site.layers["facilities"]["category"]]

    @cached_property
    def facility_homes(self) -> list[str | None]:
        """The community of each facility, in the order of the layer."""
        frame = self.site.layers["facilities"]
        mended = self.site.repaired("facilities")
        trusted = np.array([i not in mended for i in frame["facility_id"]], dtype=bool)
        return inside(points_of(self.site, frame, trusted=trusted), self.drawn("communities"))

    @cached_property
    def uncategorised(self) -> tuple[str, ...]:
        """Ids of the facilities of which it is not written what they are."""
        ids = self.site.layers["facilities"]["facility_id"]
        return tuple(i for i, c in zip(ids, self.categories, strict=True) if c is None)

    # --- stalls --------------------------------------------------------------------------------

    @cached_property
    def surface_stalls(self) -> gpd.GeoDataFrame:
        """The stalls on the ground that are drawn, by id."""
        stalls = self.site.layers["stalls"]
        shapes = stalls.geometry.to_numpy()
        shown = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        if "kind" in stalls.columns:
            below = {kind for kind in set(stalls["kind"]) if is_below_ground(kind)}
            shown &= ~np.array([kind in below for kind in stalls["kind"]], dtype=bool)
        return stalls[shown].sort_values("stall_id", kind="stable").reset_index(drop=True)

    # --- fire lanes ----------------------------------------------------------------------------

    def fire(self, **figures: float) -> FireAccess:
        """Return what a fire engine reaches, by figures as ``plan.fire_access.fire_access`` takes them."""
        return self._fire.access(**figures)

    @cached_property
    def _fire(self) -> FireStudy:
        return self.study or FireStudy(site=self.site)

    # --- walking -------------------------------------------------------------------------------

    @cached_property
    def network(self) -> WalkNetwork | Gap:
        """The walking network with the speeds of the pack, or what is missing for one."""
        if self.walking is not None:
            return self.walking
        if not self.site.has("walkways"):
            return layer_gap("walkways")
        try:
            return WalkNetwork.from_site(self.site, speeds=paces(self.pack) or None, dem=self.dem)
        except MissingLayerError:  # walkways, but none that people may use
            return layer_gap("walkways")

    @cached_property
    def walks(self) -> Walks | Gap:
        """Where people set out and arrive on the walking network, or what is missing for one."""
        network = self.network
        return network if isinstance(network, Gap) else Walks(site=self.site, network=network)

    @property
    def built_network(self) -> WalkNetwork | None:
        """The walking network, if a rule asked for it."""
        made = self.__dict__.get("network")
        return made if isinstance(made, WalkNetwork) else None


def _rows(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the rows without their shapes, with None for what is not known."""
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in plain.to_dict("records")
    ]
