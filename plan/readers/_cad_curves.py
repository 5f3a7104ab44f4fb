"""Curves of a drawing as chains of points: arcs, bulges, ellipses and splines, to a stated sagitta."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
import shapely
from ezdxf.entities.boundary_paths import PolylinePath
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.math import OCS, Vec3
from ezdxf.path import from_hatch
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from shapely.geometry.base import BaseGeometry

__all__ = ["SAGITTA_M", "chain_of", "hatch_area"]

SAGITTA_M: Final = 0.001  # how far a chord may lie from its arc
_FEWEST: Final = 3  # points of an area
_FRAME: Final = 16  # a flag of vertices: the frame of a spline is no part of the line
_STEPS: Final = 10_000  # chords of one arc at most, however large its radius

_FEW: Final = 200  # boundaries of a hatch that are laid over each other one by one
_MOST_MEETING: Final = 2_000_000  # of more, pairs that may lie in each other
_TANGLED: Final = "boundaries of a hatch that cross or are drawn twice"
_SWINGS: Final = 8  # points between two knots of a spline at least
_UPRIGHT: Final = 1e-6  # of the square of its width, the area of a face that stands upright, seen from above
_ROUND: Final = 5e-8  # of a radius: with such a sagitta a circle has 10,000 chords, and none has more

_NORMAL, _OUTER, _IGNORE = 0, 1, 2  # styles of a hatch: group code 75

Points = list[tuple[float, float]]


def chain_of(entity: DXFGraphic, sagitta: float) -> tuple[Points, bool] | None:
    """Return the points of a linear entity in world coordinates, and whether it is closed.

    Parameters
    ----------
    entity : DXFGraphic
        An entity of any kind.
    sagitta : float
        How far a chord may lie from its arc, in units of the drawing.

    Returns
    -------
    (list of (x, y), bool) or None
        None when the entity is no line.
    """
    made = _CHAINS.get(entity.dxftype())
    return None if made is None else made(entity, sagitta)


def hatch_area(hatch: Any, sagitta: float) -> tuple[BaseGeometry | None, bool]:  # noqa: ANN401 - HATCH and MPOLYGON share no class
    """Return the area of a hatch, what an odd number of its boundaries encloses, and whether any of them cross.

    Where its style passes over islands the outermost boundaries count alone; where it fills the outermost area only,
    boundaries within islands do not.
    """
    ocs, elevation = hatch.ocs(), hatch.dxf.elevation.z
    rings: list[Points] = []
    if all(isinstance(path, PolylinePath) for path in hatch.paths):
        for path in hatch.paths:
            points = _bulged(path.vertices, closed=True, sagitta=sagitta)
            rings.append(_world(points, ocs, elevation))
    else:
        rings = [_flat(path.flattening(sagitta)) for path in from_hatch(hatch)]
    outlines = [shapely.Polygon(ring) for ring in rings if len(ring) >= _FEWEST]
    deepest = {_OUTER: 1, _IGNORE: 0}.get(int(hatch.dxf.get("hatch_style", _NORMAL)))
    if len(outlines) > _FEW:
        return _many(outlines, deepest), False
    if deepest is not None and len(outlines) > 1:
        depth, _, _ = _inside(outlines)
        outlines = [one for one, deep in zip(outlines, depth.tolist(), strict=True) if deep <= deepest]
    area: BaseGeometry | None = None
    crossed = False
    for drawn in outlines:
        one = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
        crossed = crossed or not drawn.is_valid or (area is not None and bool(shapely.overlaps(area, one)))
        area = one if area is None else shapely.symmetric_difference(area, one)
    return area, crossed


def _inside(outlines: list[shapely.Polygon]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Return in how many others each outline lies, and each two of which the first lies in the second."""
    inner, outer = shapely.STRtree(outlines).query(outlines, predicate="within")
    other = inner != outer
    return np.bincount(inner[other], minlength=len(outlines)), inner[other], outer[other]


def _many(outlines: list[shapely.Polygon], deepest: int | None) -> BaseGeometry:
    """Return the area of a hatch of many boundaries at once; those that cross, or are drawn twice, are refused."""
    tree = shapely.STRtree(outlines)
    some = outlines[:: max(len(outlines) // _FEW, 1)]
    meeting = len(tree.query(some)[0]) / len(some) * len(outlines)
    if meeting > _MOST_MEETING or not shapely.is_valid(outlines).all():
        raise ValueError(_TANGLED)
    depth, inner, outer = _inside(outlines)
    # Of two that lie in each other, or half, nobody can tell what they enclose.
    twice = len(np.unique(np.sort(np.column_stack([inner, outer]), axis=1), axis=0)) < len(inner)
    if twice or tree.query(outlines, predicate="overlaps").size:
        raise ValueError(_TANGLED)
    holes: dict[int, list[Any]] = {}
    direct = depth[outer] == depth[inner] - 1
    for one, around in zip(inner[direct].tolist(), outer[direct].tolist(), strict=True):
        if deepest is None or depth[one] <= deepest:
            holes.setdefault(around, []).append(outlines[one].exterior)
    shells = [
        i for i, deep in enumerate(depth.tolist()) if deep % 2 == 0 and (deepest is None or deep <= deepest)
    ]
    return shapely.MultiPolygon([(outlines[i].exterior, holes.get(i, [])) for i in shells])


def _line(entity: Any, _sagitta: float) -> tuple[Points, bool]:  # noqa: ANN401 - chosen by its type, as below
    return _flat([entity.dxf.start, entity.dxf.end]), False


def _light_polyline(entity: Any, sagitta: float) -> tuple[Points, bool]:  # noqa: ANN401
    rows = np.reshape(entity.lwpoints.values, (-1, 5))[:, [0, 1, 4]].tolist()  # x, y, two widths, bulge
    points = _bulged(rows, closed=entity.closed, sagitta=sagitta)
    return _world(points, entity.ocs(), entity.dxf.elevation), bool(entity.closed)


def _arc_or_circle(entity: Any, sagitta: float) -> tuple[Points, bool]:  # noqa: ANN401
    coarse = max(sagitta, _ROUND * entity.dxf.radius)
    return _flat(entity.flattening(coarse)), entity.dxftype() == "CIRCLE"


def _ellipse(entity: Any, sagitta: float) -> tuple[Points, bool]:  # noqa: ANN401
    span = abs(entity.dxf.end_param - entity.dxf.start_param)
    coarse = max(sagitta, _ROUND * entity.dxf.major_axis.magnitude)
    return _flat(entity.flattening(coarse)), math.isclose(span, math.tau, abs_tol=1e-9)


def _spline(entity: Any, sagitta: float) -> tuple[Points, bool]:  # noqa: ANN401
    control = np.array([tuple(p)[:2] for p in entity.control_points], dtype=float).reshape(-1, 2)
    knots, degree = np.array(entity.knots, dtype=float), int(entity.dxf.degree)
    if (
        not len(control) or len(knots) != len(control) + degree + 1
    ):  # by points that it passes, or of even knots
        points = [Vec3(p) for p in (entity.fit_points if not len(control) else entity.control_points)]
        reach = max(((p - points[0]).magnitude for p in points), default=0.0)
        return _flat(entity.flattening(max(sagitta, _ROUND * reach))), bool(entity.closed)
    reach = float(np.ptp(control, axis=0).max(initial=0.0))
    weights = np.array(entity.weights, dtype=float)
    sure = weights if len(weights) == len(control) else np.ones(len(control))
    curve = BSpline(knots, np.column_stack([control * sure[:, None], sure]), degree, extrapolate=False)
    # Only between these knots is it drawn: a closed spline of AutoCAD has as many again on either side.
    spans = np.unique(knots[degree : len(control) + 1])
    return _followed(curve, spans, max(sagitta, _ROUND * reach)), bool(entity.closed)


def _followed(curve: BSpline, spans: NDArray[np.float64], sagitta: float) -> Points:
    """Return points of a curve, twice as many between knots until no chord lies farther off."""
    places = spans
    while True:
        between = np.sort(np.concatenate([places, (places[:-1] + places[1:]) / 2]))
        points = curve(between)
        with np.errstate(all="ignore"):  # weights of nothing: told as numbers that make no shape
            points = points[:, :2] / points[:, 2:]
        chords = (points[:-2:2] + points[2::2]) / 2
        off = np.hypot(*(points[1::2] - chords).T).max(initial=0.0)
        # A few halvings at least: the middle of a chord may lie on a curve that swings to both sides of it.
        if not off > sagitta and len(between) >= min(_SWINGS * len(spans), _STEPS):
            return [(float(x), float(y)) for x, y in points]
        if len(between) > max(_STEPS, 2 * len(spans)):
            return [(float(x), float(y)) for x, y in points]
        places = between


def _corners(entity: Any, _sagitta: float) -> tuple[Points, bool] | None:  # noqa: ANN401
    """Return the corners of a face; of one that stands upright, as of a house in space, nothing is seen from above."""
    points = _flat(entity.wcs_vertices())
    x, y = np.array(points).T
    wide = float(np.ptp(x) + np.ptp(y))
    return None if shapely.Polygon(points).area <= _UPRIGHT * wide * wide else (points, True)


def _polyline(entity: Any, sagitta: float) -> tuple[Points, bool] | None:  # noqa: ANN401
    if entity.is_2d_polyline:
        rows = [
            (v.dxf.location.x, v.dxf.location.y, v.dxf.get("bulge", 0.0))
            for v in entity.vertices
            if not v.dxf.flags & _FRAME
        ]
        points = _bulged(rows, closed=entity.is_closed, sagitta=sagitta)
        height = entity.dxf.elevation.z if entity.dxf.hasattr("elevation") else 0.0
        return _world(points, entity.ocs(), height), bool(entity.is_closed)
    if entity.is_3d_polyline:
        places = (v.dxf.location for v in entity.vertices if not v.dxf.flags & _FRAME)
        return _flat(places), bool(entity.is_closed)
    return None


_CHAINS: Final[dict[str, Callable[[Any, float], tuple[Points, bool] | None]]] = {
    "LINE": _line,
    "LWPOLYLINE": _light_polyline,
    "POLYLINE": _polyline,
    "ARC": _arc_or_circle,
    "CIRCLE": _arc_or_circle,
    "ELLIPSE": _ellipse,
    "SPLINE": _spline,
    "SOLID": _corners,
    "TRACE": _corners,
    "3DFACE": _corners,
}


def _flat(points: Iterable[Any]) -> Points:
    return [(float(p.x), float(p.y)) for p in points]


def _world(points: Points, ocs: OCS, elevation: float) -> Points:
    if not ocs.transform:
        return points
    return _flat(ocs.points_to_wcs([(x, y, elevation) for x, y in points]))


def _bulged(rows: Sequence[Sequence[float]], *, closed: bool, sagitta: float) -> Points:
    """Return points where segments may be arcs; a bulge is the tangent of a quarter of the arc's angle.

    References
    ----------
    Autodesk, DXF Reference, LWPOLYLINE, group code 42.
    """
    points: Points = []
    for i, (x, y, bulge) in enumerate(rows):
        points.append((float(x), float(y)))
        last = i + 1 == len(rows)
        if bulge and (closed or not last):
            end = rows[0] if last else rows[i + 1]
            points += _arc((float(x), float(y)), (float(end[0]), float(end[1])), float(bulge), sagitta)
    return points


def _arc(start: tuple[float, float], end: tuple[float, float], bulge: float, sagitta: float) -> Points:
    """Return the points between the ends of an arc."""
    chord = math.dist(start, end)
    if not math.isfinite(bulge):
        msg = "a bulge that is no number"
        raise ValueError(msg)
    if not chord:
        return []
    angle = 4 * math.atan(bulge)
    radius = chord * (1 + bulge * bulge) / (4 * abs(bulge))
    step = 2 * math.acos(max(1 - sagitta / radius, -1.0)) if sagitta < 2 * radius else math.pi
    count = min(max(math.ceil(abs(angle) / step), 2), _STEPS) if step else _STEPS
    # The centre lies on the left of the chord for a bulge below 1, seen from start to end.
    offset = (1 - bulge * bulge) / (4 * bulge)
    cx = (start[0] + end[0]) / 2 - offset * (end[1] - start[1])
    cy = (start[1] + end[1]) / 2 + offset * (end[0] - start[0])
    first = math.atan2(start[1] - cy, start[0] - cx)
    turns = (first + angle * k / count for k in range(1, count))
    return [(cx + radius * math.cos(a), cy + radius * math.sin(a)) for a in turns]
