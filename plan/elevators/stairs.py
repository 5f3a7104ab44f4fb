"""The stairs of an estate: which may have an elevator, and where the façade is that each opens through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.polygon import orient

from plan.households import DWELLING_USES
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely import Point
    from shapely.geometry.base import BaseGeometry

    from plan.site import Site

__all__ = ["Facade", "Stair", "stairs_of", "without_stairwells"]

# Metres between a door and its building, at most: a door that is drawn farther off belongs elsewhere, or is misplaced.
FAR_DOOR_M: Final = 3.0
# Pieces of a façade so near to a door are all beside it; the longest gives the direction.
_BESIDE_M: Final = 0.3
_LEAST_AREA_M2: Final = 4.0  # a building below it holds no stair


@dataclass(frozen=True, slots=True, kw_only=True)
class Facade:
    """A frame on a façade, in metres."""

    foot: tuple[float, float]  # of the door
    along: tuple[float, float]
    outward: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stair:
    """A stairwell, as its door is drawn."""

    key: int  # its own among all stairs
    stairwell_id: str
    entrance_id: str
    building_id: str | None
    floors: int | None
    door: tuple[float, float] | None  # as drawn
    facade: Facade | None = None  # None: no position can be tried, and ``why`` says why
    standing: Literal["", "unknown", "excluded"] = ""
    why: Message | None = None


def stairs_of(site: Site, *, origin: tuple[float, float], min_storeys: int) -> tuple[Stair, ...]:
    """List the stairwells of a site.

    Parameters
    ----------
    site : Site
        With ``entrances`` and ``buildings``.
    origin : tuple of float
        Subtracted from all coordinates.
    min_storeys : int
        Buildings with fewer storeys are left out.

    Returns
    -------
    tuple of Stair
        One for each entrance of kind ``stairwell``, by building, stairwell and entrance; those of which nothing can
        be told, and those that need no elevator, with the reason.
    """
    if not site.has("entrances"):
        return ()
    frame = site.layers["entrances"]
    rows = frame[(frame["kind"] == "stairwell").fillna(value=False).astype(bool)]
    houses = _houses(site)
    shapes = _moved(rows.geometry.to_numpy(), origin)
    facts = [
        (str(row["entrance_id"]), _text(row.get("building_id")), _text(row.get("stairwell_id")), shape)
        for row, shape in zip(rows.to_dict("records"), shapes, strict=True)
    ]
    known = _Known(
        houses=houses,
        named=Counter((building, stairwell or entrance) for entrance, building, stairwell, _ in facts),
        mended=site.repaired("buildings"),
        moved_doors=site.repaired("entrances"),
        served=_served(site),
        min_storeys=min_storeys,
        origin=origin,
    )
    found = [known.stair(row, *one) for row, one in enumerate(facts)]
    return tuple(sorted(found, key=lambda s: (s.building_id or "", s.stairwell_id, s.entrance_id)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Known:
    """What is known of all stairs together."""

    houses: dict[str, _House]
    named: Counter[tuple[str | None, str]]
    mended: frozenset[str]
    moved_doors: frozenset[str]
    served: dict[tuple[str | None, str], str]
    min_storeys: int
    origin: tuple[float, float]
    rings: dict[str, _Rings] = field(default_factory=dict)

    def stair(
        self, row: int, entrance: str, building: str | None, stairwell: str | None, shape: Point | None
    ) -> Stair:
        name = stairwell or entrance
        house = self.houses.get(building or "")
        base: dict[str, Any] = {
            "key": row,
            "stairwell_id": name,
            "entrance_id": entrance,
            "building_id": building,
            "floors": None if house is None else house.floors,
            "door": None if shape is None or shape.is_empty else (shape.x, shape.y),
        }
        if building is None:
            return _unknown(base, "no_building")
        if house is None:
            return _unknown(base, "building_absent", building=building)
        if self.named[building, name] > 1:
            return _unknown(base, "same_id", stairwell=name, count=self.named[building, name])
        return self._needed(base, building, house) or self._drawn(base, building, house)

    def _needed(self, base: dict[str, Any], building: str, house: _House) -> Stair | None:
        """Leave out a stair that has an elevator, or needs none."""
        served = self.served.get((building, base["stairwell_id"]))
        if served is not None:
            return _excluded(base, "drawn_already", elevator=served)
        if house.lift:
            return _excluded(base, "has_elevator", building=building)
        if house.floors is None:
            return _unknown(base, "no_floors", building=building)
        if house.floors < self.min_storeys:
            return _excluded(base, "low", building=building, floors=house.floors, least=self.min_storeys)
        return None

    def _drawn(self, base: dict[str, Any], building: str, house: _House) -> Stair:
        """Find the façade of a stair."""
        if base["door"] is None or base["entrance_id"] in self.moved_doors:
            return _unknown(base, "door_undrawn", entrance=base["entrance_id"])
        if house.shape is None:
            return _unknown(base, "building_undrawn", building=building)
        if building in self.mended:
            return _unknown(base, "building_mended", building=building)
        if building not in self.rings:
            moved = shapely.transform(house.shape, lambda xy: xy - np.array(self.origin))
            self.rings[building] = _Rings.of(moved)
        return _at_facade(base, self.rings[building], base["door"], building)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _House:
    floors: int | None
    lift: bool
    shape: BaseGeometry | None


def _houses(site: Site) -> dict[str, _House]:
    if not site.has("buildings"):
        return {}
    found = {}
    for row in site.layers["buildings"].to_dict("records"):
        floors, lift, shape = row.get("floors"), row.get("has_elevator"), row["geometry"]
        drawn = shape is not None and not shape.is_empty and shape.area >= _LEAST_AREA_M2
        found[str(row["building_id"])] = _House(
            floors=None if pd.isna(floors) else int(floors),
            lift=not pd.isna(lift) and bool(lift),
            shape=shape if drawn else None,
        )
    return found


def without_stairwells(site: Site, *, min_storeys: int) -> tuple[str, ...]:
    """Return the buildings that may need an elevator and of which no stairwell is known, by id.

    They have so many storeys, no elevator and a use that is a dwelling or is not written down, and no entrance of kind
    ``stairwell`` names them.
    """
    frame = site.layers["entrances"]
    named: set[str] = set()
    if "building_id" in frame:
        doors = frame[(frame["kind"] == "stairwell").fillna(value=False).astype(bool)]
        named = {str(name) for name in doors["building_id"].dropna()}
    uses = {
        str(row["building_id"]): _text(row.get("use")) for row in site.layers["buildings"].to_dict("records")
    }
    lived_in = {None, *(use.casefold() for use in DWELLING_USES)}
    return tuple(
        name
        for name, house in sorted(_houses(site).items())
        if name not in named
        and not house.lift
        and (house.floors or 0) >= min_storeys
        and ((use := uses[name]) is None or use.casefold() in lived_in)
    )


def _served(site: Site) -> dict[tuple[str | None, str], str]:
    """Return the stairs at which an elevator is drawn, existing or by hand."""
    if not site.has("elevators"):
        return {}
    rows = site.layers["elevators"].to_dict("records")
    homes = _homes(site)
    found: dict[tuple[str | None, str], str] = {}
    for row in rows:
        name = _text(row.get("stairwell_id"))
        if name is None:
            continue
        building = _text(row.get("building_id"))
        for home in [building] if building is not None else homes.get(name, []):
            found.setdefault((home, name), str(row["elevator_id"]))
    return found


def _homes(site: Site) -> dict[str, list[str | None]]:
    homes: dict[str, list[str | None]] = {}
    for row in site.layers["entrances"].to_dict("records"):
        if row["kind"] == "stairwell":
            name = _text(row.get("stairwell_id")) or str(row["entrance_id"])
            homes.setdefault(name, []).append(_text(row.get("building_id")))
    return homes


def _text(value: object) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value)  # type: ignore[call-overload]


def _moved(shapes: NDArray[np.object_], origin: tuple[float, float]) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(shapes, lambda xy: xy - np.array(origin))
    return moved


def _unknown(base: dict[str, Any], key: str, **params: object) -> Stair:
    return Stair(**base, standing="unknown", why=Message(f"elevators.{key}", **params))


def _excluded(base: dict[str, Any], key: str, **params: object) -> Stair:
    return Stair(**base, standing="excluded", why=Message(f"elevators.{key}", **params))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rings:
    """The straight pieces of a building's outline; the building lies to the left of each."""

    starts: NDArray[np.float64]
    along: NDArray[np.float64]  # unit vectors
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, shape: BaseGeometry) -> _Rings:
        turned = [orient(part) for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        rings = shapely.get_rings(np.array(turned, dtype=object))
        points, ring = shapely.get_coordinates(rings, return_index=True)
        same = ring[1:] == ring[:-1]
        starts, ways = points[:-1][same], (points[1:] - points[:-1])[same]
        lengths = np.hypot(ways[:, 0], ways[:, 1])
        real = lengths > 1e-6  # noqa: PLR2004 - a thousandth of a millimetre
        return cls(
            starts=starts[real],
            along=(ways / np.maximum(lengths, 1e-12)[:, None])[real],
            lengths=lengths[real],
        )


def _at_facade(base: dict[str, Any], rings: _Rings, door: tuple[float, float], building: str) -> Stair:
    away = np.array(door) - rings.starts
    position = np.clip(np.einsum("ij,ij->i", away, rings.along), 0.0, rings.lengths)
    feet = rings.starts + position[:, None] * rings.along
    distance = np.hypot(*(np.array(door) - feet).T)
    nearest = float(distance.min(initial=np.inf))
    if nearest > FAR_DOOR_M:
        return _unknown(
            base,
            "door_far",
            entrance=base["entrance_id"],
            building=building,
            metres=f"{nearest:.1f}" if np.isfinite(nearest) else "–",
            most=f"{FAR_DOOR_M:g}",
        )
    beside = np.flatnonzero(distance <= nearest + _BESIDE_M)
    piece = int(beside[np.argmax(np.round(rings.lengths[beside], 3))])
    ux, uy = rings.along[piece]
    x, y = feet[piece]
    facade = Facade(foot=(float(x), float(y)), along=(float(ux), float(uy)), outward=(float(uy), float(-ux)))
    return Stair(**base, facade=facade)
