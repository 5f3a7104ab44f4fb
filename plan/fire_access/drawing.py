"""The rows of a site about an origin in its middle, each layer read once however many grounds are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.site import Site

__all__ = ["ARC", "Drawing", "Row", "Thing", "figure", "flag", "origin_of"]

# Segments of a quarter circle: a circle of 2 m is drawn to 0.2 mm.
ARC: Final = 64

# The columns that say something of a lane, and of what it drives over or not; the others stay unread.
_COLUMNS: Final = {
    "parcels": ("parcel_id",),
    "buildings": ("building_id",),
    "entrances": ("entrance_id", "kind"),
    "walkways": ("way_id", "kind", "width_m"),
    "open_spaces": ("space_id", "surface"),
    "fire_lanes": ("lane_id", "height_m", "width_m"),
    "stalls": ("stall_id", "kind"),
    "elevators": ("elevator_id",),
    "obstacles": ("obstacle_id", "kind", "radius_m", "removable", "cost_cny"),
    "barriers": ("barrier_id", "kind", "removable"),
}
_BELOW: Final = ("underground", "basement", "地下", "地下车位", "地下停车位", "地下车库")

Row = tuple[dict[str, Any], "BaseGeometry"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Thing:
    """Something that an engine cannot drive through."""

    id: str
    layer: str
    kind: str
    shape: BaseGeometry
    removable: bool
    cost_cny: float | None  # None: not written

    @property
    def sort_key(self) -> tuple[str, str]:
        return (self.layer, self.id)


# Not slotted: what is read is kept where it was read.
@dataclass(frozen=True, kw_only=True, eq=False)
class Drawing:
    """A site about an origin.

    Parameters
    ----------
    site : Site
        The site.
    """

    site: Site
    _rows: dict[str, list[Row]] = field(default_factory=dict, repr=False)

    @cached_property
    def origin(self) -> tuple[float, float]:
        """The middle of the buildings, fire lanes and parcels."""
        return origin_of(self.site)

    def rows(self, layer: str) -> list[Row]:
        """Return rows and shapes of a layer, sorted by id, without those that have no shape."""
        if layer not in self._rows:
            self._rows[layer] = self._read(layer)
        return self._rows[layer]

    @cached_property
    def bodies(self) -> tuple[Thing, ...]:
        """The buildings, the stalls above ground and the elevators: what they are does not depend on the lane."""
        stalls = [
            (r, s) for r, s in self.rows("stalls") if str(r.get("kind")).strip().casefold() not in _BELOW
        ]
        return (
            *_things("buildings", "building", self.rows("buildings")),
            *_things("stalls", "stall", stalls, removable=True),
            # A shaft stands for good once it is built.
            *_things("elevators", "elevator", self.rows("elevators")),
        )

    @cached_property
    def obstacles(self) -> tuple[Thing, ...]:
        """The obstacles that are drawn as areas, and discs of those of which the radius is written."""
        rows = [
            (r, s) for r, s in self.rows("obstacles") if not _is_spot(s) or (figure(r, "radius_m") or 0) > 0
        ]
        shapes: NDArray[np.object_] = np.empty(len(rows), dtype=object)
        shapes[:] = [shape for _, shape in rows]
        spot = np.array([_is_spot(shape) for _, shape in rows], dtype=bool)
        shapes[spot] = shapely.buffer(
            shapes[spot],
            np.array([figure(row, "radius_m") for row, _ in rows], dtype=float)[spot],
            quad_segs=ARC,
        )
        return tuple(_obstacle(row, shape) for (row, _), shape in zip(rows, _valid(shapes), strict=True))

    @cached_property
    def spots(self) -> tuple[Thing, ...]:
        """The obstacles that are points of which the radius is not written."""
        return tuple(
            _obstacle(row, shape)
            for row, shape in self.rows("obstacles")
            if _is_spot(shape) and figure(row, "radius_m") is None
        )

    def _read(self, layer: str) -> list[Row]:
        if not self.site.has(layer):
            return []
        frame: gpd.GeoDataFrame = self.site.layers[layer]
        shapes: NDArray[np.object_] = np.asarray(frame.geometry.array, dtype=object)
        ids = [str(i) for i in frame[frame.columns[0]].tolist()]
        there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        order = [i for i in sorted(range(len(ids)), key=ids.__getitem__) if there[i]]
        origin = self.origin
        moved = shapely.transform(shapely.force_2d(shapes[order]), lambda xy: xy - origin)
        names = [name for name in _COLUMNS[layer] if name in frame.columns]
        cells = [frame[name].tolist() for name in names]
        return [
            ({name: cell[i] for name, cell in zip(names, cells, strict=True)}, shape)
            for i, shape in zip(order, moved, strict=True)
        ]


def origin_of(site: Site) -> tuple[float, float]:
    """Return the middle of the buildings, fire lanes and parcels of a site."""
    bounds = [
        site.layers[name].total_bounds
        for name in ("parcels", "buildings", "fire_lanes")
        if site.has(name) and not site.layers[name].geometry.isna().all()
    ]
    bounds = [b for b in bounds if np.isfinite(b).all()]
    if not bounds:
        return (0.0, 0.0)
    low = np.min([b[:2] for b in bounds], axis=0)
    high = np.max([b[2:] for b in bounds], axis=0)
    return (float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2)


def figure(row: dict[str, Any], column: str) -> float | None:
    """Return what is written into a cell; None where nothing is."""
    value = row.get(column)
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - NaN and NA


def flag(row: dict[str, Any], column: str) -> bool:
    """Tell whether a cell says yes."""
    value = row.get(column)
    return value is True or (isinstance(value, np.bool_) and bool(value))


def _valid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes that can be cut out of others."""
    found = shapes.copy()
    broken = ~np.asarray(shapely.is_valid(shapes), dtype=bool)
    found[broken] = shapely.make_valid(shapes[broken])
    return found


def _is_spot(shape: BaseGeometry) -> bool:
    return int(shapely.get_dimensions(shape)) == 0


def _obstacle(row: dict[str, Any], shape: BaseGeometry) -> Thing:
    return Thing(
        id=str(row["obstacle_id"]),
        layer="obstacles",
        kind=str(row.get("kind") or "obstacle"),
        shape=shape,
        removable=flag(row, "removable"),
        cost_cny=figure(row, "cost_cny"),
    )


def _things(layer: str, kind: str, rows: Sequence[Row], *, removable: bool = False) -> list[Thing]:
    shapes: NDArray[np.object_] = np.empty(len(rows), dtype=object)
    shapes[:] = [shape for _, shape in rows]
    shapes = _valid(shapes)
    key = _COLUMNS[layer][0]
    return [
        Thing(id=str(row[key]), layer=layer, kind=kind, shape=shape, removable=removable, cost_cny=None)
        for (row, _), shape in zip(rows, shapes, strict=True)
    ]
