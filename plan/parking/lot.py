"""The ground of a lot as the search sees it: checked at the door, cut by obstacles, and turned into edges."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from plan.errors import CrsError, UsageError
from plan.messages import Message
from plan.parking.drawing import Shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Ground", "around", "ground_of", "parts_of"]

_OFF_EDGE_M: Final = 0.01  # a gate whose coordinates were rounded lies so far from the edge, and no farther
_SMALL_M: Final = 1.0  # what is smaller altogether, with coordinates of a globe, was drawn in degrees
_SAME_M: Final = 1e-4  # corners that change an outline by less are left out
_SIMPLE_M: Final = (0.02, 0.05, 0.1)  # how far inside an outline of too many corners is followed
_MANY: Final = 1500  # corners beyond which an outline is followed inside
_LIMIT: Final = 6000  # corners beyond which the search would not end
_DRAWN: Final = 20_000  # corners, as they are drawn, beyond which the proof would not


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """Where cars drive and stand.

    Parameters
    ----------
    lot : Polygon
        The lot as it was given.
    drive, park : shapely geometry
        What may be driven on, and what stalls may stand on.
    drive_edges, park_edges : array (n, 4)
        Their edges: x1, y1, x2, y2.
    gates : array (n, 4)
        The straight pieces of the gates.
    """

    lot: Polygon
    drive: BaseGeometry
    park: BaseGeometry
    drive_edges: Floats
    park_edges: Floats
    gates: Floats


def ground_of(lot: Polygon, *, gates: Shapes, obstacles: Shapes, fire_lanes: Shapes) -> Ground:
    """Check a lot and what lies in it.

    Raises
    ------
    UsageError
        If an outline crosses itself or has no area, coordinates are not numbers or are degrees, there is no gate,
        a gate is not on the edge, or obstacles are no areas.
    CrsError
        If a frame is in degrees.
    """
    outline = _lot(lot)
    things, strips = _areas(obstacles, "obstacles"), _areas(fire_lanes, "fire_lanes")
    near = [shape for shape in (*things, *strips) if shape.envelope.intersects(outline.envelope)]
    drawn = int(shapely.get_num_coordinates([outline, *near]).sum())
    if drawn > _DRAWN:
        raise UsageError(Message("layout.corners", count=drawn, limit=_DRAWN))
    barred, lanes = shapely.union_all(things), shapely.union_all(strips)
    lines = _gates(outline, gates)
    inner = _simple(outline)
    drive = _clean(inner.difference(_simple(barred, outward=True)) if not barred.is_empty else inner)
    park = _clean(drive.difference(lanes) if not lanes.is_empty else drive)
    edges = edges_of(drive)
    if len(edges) > _LIMIT:
        raise UsageError(Message("layout.corners", count=len(edges), limit=_LIMIT))
    return Ground(
        lot=outline,
        drive=drive,
        park=park,
        drive_edges=edges,
        park_edges=edges_of(park),
        gates=lines,
    )


def around(lot: Polygon) -> Polygon:
    """Return a lot with few corners around one with many: what no layout exceeds there, none exceeds in the lot."""
    wider = _simple(lot, outward=True)
    return wider if isinstance(wider, Polygon) else lot


def edges_of(shape: BaseGeometry) -> Floats:
    """Return all edges of polygons."""
    found = []
    for part in parts_of(shape):
        for ring in (part.exterior, *part.interiors):
            xy = shapely.get_coordinates(ring)
            found.append(np.hstack([xy[:-1], xy[1:]]))
    return np.vstack(found) if found else np.empty((0, 4))


def parts_of(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a shape one by one."""
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and not part.is_empty]


def _lot(lot: Any) -> Polygon:  # noqa: ANN401 - whatever the caller has
    if isinstance(lot, MultiPolygon) and len(lot.geoms) == 1:
        lot = lot.geoms[0]
    if not isinstance(lot, Polygon):
        raise UsageError(Message("layout.not_a_lot", kind=type(lot).__name__))
    if lot.is_empty:
        raise UsageError(Message("layout.empty_lot"))
    if not np.isfinite(shapely.get_coordinates(lot)).all():
        raise UsageError(Message("layout.not_finite", what="lot"))
    if not lot.is_valid:
        raise UsageError(Message("layout.crossing", why=shapely.is_valid_reason(lot)))
    west, south, east, north = lot.bounds
    if max(east - west, north - south) < _SMALL_M and _on_globe(lot.bounds):
        raise UsageError(Message("layout.degrees", width=f"{max(east - west, north - south):.6f}"))
    flat: Polygon = shapely.force_2d(lot)
    return flat


def _on_globe(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90  # noqa: PLR2004 - degrees


def shapes_in(shapes: Shapes, what: str) -> list[BaseGeometry]:
    """Return the shapes of a frame, a series, a list or alone; absent and empty ones are left out."""
    if shapes is None:
        return []
    if isinstance(shapes, gpd.GeoDataFrame | gpd.GeoSeries):
        if shapes.crs is not None and shapes.crs.is_geographic:
            raise CrsError(Message("layout.crs", what=what, crs=shapes.crs.name))
        shapes = list(shapes.geometry)
    elif isinstance(shapes, BaseGeometry):
        shapes = [shapes]
    found = [shapely.force_2d(s) for s in shapes if s is not None and not s.is_empty]
    if found and not np.isfinite(shapely.get_coordinates(found)).all():
        raise UsageError(Message("layout.not_finite", what=what))
    return found


def _areas(shapes: Shapes, what: str) -> list[BaseGeometry]:
    found = shapes_in(shapes, what)
    if any(not isinstance(s, Polygon | MultiPolygon) for s in found):
        raise UsageError(Message("layout.not_areas", what=what))
    # What may not be touched is never left out for a fault of its outline.
    return [s if s.is_valid else shapely.make_valid(s).union(s.buffer(0)) for s in found]


def _gates(lot: Polygon, gates: Shapes) -> Floats:
    pieces = []
    for gate in shapes_in(gates, "gates"):
        for part in shapely.get_parts(gate):
            if not isinstance(part, LineString):
                raise UsageError(Message("layout.gate_kind", kind=part.geom_type))
            xy = shapely.get_coordinates(part)
            middles = (xy[1:] + xy[:-1]) / 2
            off = float(shapely.distance(shapely.points(np.vstack([xy, middles])), lot.exterior).max())
            holes = [shapely.distance(shapely.points(xy), hole).max() for hole in lot.interiors]
            off = min([off, *(float(h) for h in holes)])
            if off > _OFF_EDGE_M:
                raise UsageError(Message("layout.gate_off", distance=f"{off:.2f}", limit=f"{_OFF_EDGE_M:g}"))
            kept = shapely.get_coordinates(part.simplify(_SAME_M))
            pieces.append(np.hstack([kept[:-1], kept[1:]]))
    if not pieces:
        raise UsageError(Message("layout.no_gate"))
    lines = np.vstack(pieces)
    lengths = np.hypot(lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1])
    kept_lines: Floats = lines[lengths > _SAME_M]
    return kept_lines


def _simple(shape: BaseGeometry, *, outward: bool = False) -> BaseGeometry:
    """Return a shape with few corners that lies within it, or around it: never where it may not be."""
    plain = shape.simplify(_SAME_M)
    if not plain.is_valid or plain.is_empty:
        plain = shape
    for tolerance in _SIMPLE_M:
        if shapely.get_num_coordinates(plain) <= _MANY:
            break
        # Corners are left out by no more than the tolerance, so that the outline moved by it keeps clear.
        moved = shape.simplify(tolerance).buffer(
            tolerance if outward else -tolerance, join_style="mitre", mitre_limit=math.sqrt(2)
        )
        if moved.is_empty or not (moved.covers(shape) if outward else shape.covers(moved)):
            continue
        plain = moved
    return plain


def _clean(shape: BaseGeometry) -> BaseGeometry:
    parts = [p for p in parts_of(shapely.make_valid(shape)) if p.area > 1.0]
    return shapely.union_all(parts) if parts else Polygon()
