"""Rows of stalls along the roads of an estate, on the ground beside them.

Along each straight stretch of a road the ground is tried every five centimetres for stalls of every angle, and the
most that stand there are chosen exactly (dynamic programming over the stretch): stalls of one angle at their pitch,
of different angles one behind the other. The road is the aisle, as wide as its widest row asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from plan.parking.roads import Road, Roads
from plan.parking.stalls import StallRow, StallSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Kerb", "kerb_ground", "kerb_rows", "stall_kind"]

STEP_M: Final = 0.05  # between positions that are tried
# A stall never stands on the edge of a fire lane, but this far beside it: no rounding puts it into the lane.
OFF_LANE_M: Final = 0.02
# This tool's default: gaps between ground that is known to be usable count as ground where they are narrower than
# this, such as the strip between a road and the stalls or sheds along it.
GAP_M: Final = 6.0
_STRAIGHT_M: Final = 0.01  # bends so slight are none; less than stalls keep from a fire lane
_FULL: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kerb:
    """The stalls along one road.

    Parameters
    ----------
    road_id : str
        The road.
    stalls : tuple of dict
        Rows of stalls: kind, angle_deg, front_in, side, geometry.
    aisles : tuple of dict
        The road in stretches: direction, width_m, geometry.
    """

    road_id: str
    stalls: tuple[dict[str, Any], ...]
    aisles: tuple[dict[str, Any], ...]


def stall_kind(angle_deg: float) -> str:
    """Return how a stall of an angle is called."""
    return "parallel" if angle_deg == 0 else "perpendicular" if angle_deg == _FULL else "angled"


def kerb_ground(roads: Roads, usable: Iterable[BaseGeometry], barred: BaseGeometry) -> BaseGeometry:
    """Return the ground beside roads on which stalls may stand.

    Parameters
    ----------
    roads : Roads
        The roads.
    usable : iterable of shapely geometry
        What is known to be usable: stalls that stand, cleared sheds and green, open spaces.
    barred : shapely geometry
        On which no stall may stand.

    Returns
    -------
    shapely geometry
        The usable ground with the gaps between it and the roads, without what is barred and without the roads.
    """
    known = [g for g in usable if not g.is_empty]
    if not known or not roads.roads:
        return Polygon()
    near = shapely.union_all([roads.ground, *known])
    half = GAP_M / 2
    closed = near.buffer(half, join_style="mitre", mitre_limit=2.0).buffer(-half, join_style="mitre", mitre_limit=2.0)
    return closed.difference(shapely.union_all([barred, roads.ground]))


def kerb_rows(
    road: Road,
    ground: BaseGeometry,
    *,
    barred_to_cars: BaseGeometry,
    taken: BaseGeometry,
    spec: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
    reverse_in: bool = True,
    sides: Sequence[int] = (1, -1),
) -> Kerb:
    """Find the most stalls along one road.

    Parameters
    ----------
    road : Road
        Driven one way, or wide enough for both.
    ground : shapely geometry
        On which stalls may stand; see :func:`kerb_ground`.
    barred_to_cars : shapely geometry
        What stands in the way of cars; no stall is proposed where its aisle would be blocked.
    taken : shapely geometry
        Other carriageways and stalls, over which no stall may stand.
    spec : StallSpec, optional
        Stalls and aisles.
    angles_deg : sequence of float
        Angles that are tried.
    reverse_in : bool, default True
        Whether stalls may be backed into.
    sides : sequence of {1, -1}
        Left and right of the road, in its direction.

    Returns
    -------
    Kerb
        Empty where the road is too narrow for two directions and driven in both.
    """
    spec = spec or StallSpec()
    rows = _rows(spec, angles_deg, reverse_in=reverse_in)
    if road.narrow or not rows:
        return Kerb(road_id=road.road_id, stalls=(), aisles=_plain(road, road.line))
    least = spec.two_way_m if road.two_way else (spec.fire_lane_m if road.fire else spec.lane_m)
    lane = max(road.width_m, spec.fire_lane_m) if road.fire else road.width_m
    base = max(least, lane + 2 * OFF_LANE_M)
    reach = max(row.reach_m for row in rows) + max(base, *(row.aisle_m for row in rows))
    near = road.line.buffer(reach)
    free = ground.intersection(near).difference(taken)
    barred = barred_to_cars.intersection(near)
    stalls: list[dict[str, Any]] = []
    aisles: list[dict[str, Any]] = []
    for run in _straight(road.line):
        here = run.buffer(reach)
        ground_here, barred_here = free.intersection(here), barred.intersection(here)
        if ground_here.is_empty:
            aisles += _plain(road, run)
            continue
        shapely.prepare(ground_here)
        shapely.prepare(barred_here)
        best: tuple[int, float, list[dict[str, Any]]] | None = None
        for width in sorted({max(base, row.aisle_m) for row in rows}):
            fitting = [row for row in rows if row.aisle_m <= width + 1e-9]
            found = [
                stall
                for side in sides
                for stall in _side(run, side, width, fitting, free=ground_here, barred=barred_here)
            ]
            if best is None or len(found) > best[0]:
                best = (len(found), width, found)
        assert best is not None
        stalls += best[2]
        aisles += _aisles(road, run, best[1], best[2])
    return Kerb(road_id=road.road_id, stalls=tuple(_apart(stalls)), aisles=tuple(aisles))


def _rows(spec: StallSpec, angles_deg: Sequence[float], *, reverse_in: bool) -> list[StallRow]:
    known = {row.angle_deg for row in spec.rows}
    found = []
    for angle in sorted({float(a) for a in angles_deg}):
        for front_in in (True, False):
            if not front_in and not reverse_in:
                continue
            if angle in known and not any(r.angle_deg == angle and r.front_in == front_in for r in spec.rows):
                continue
            found.append(spec.row(angle, front_in=front_in if angle in known else None))
    return found


def _straight(line: LineString) -> list[LineString]:
    """Cut a line where it bends."""
    points = list(line.simplify(_STRAIGHT_M).coords)
    return [LineString(pair) for pair in zip(points[:-1], points[1:], strict=True)]


def _plain(road: Road, line: LineString) -> tuple[dict[str, Any], ...]:
    direction = "two_way" if road.two_way else "one_way"
    return ({"direction": direction, "width_m": road.width_m, "geometry": line},)


def _frame(run: LineString) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float]:
    start, end = np.array(run.coords[0][:2]), np.array(run.coords[-1][:2])
    along = (end - start) / run.length
    return start, along, np.array([-along[1], along[0]]), run.length


def _corners(row: StallRow) -> NDArray[np.float64]:
    """Return the corners of a stall along and across: its lowest corner on the aisle, from 0 along it.

    A slanted stall leans with the traffic, so that a car turns into it by the angle; one that is backed into leans
    the other way and is mirrored by :func:`_side`.
    """
    if row.angle_deg == 0:
        return np.array([(0, 0), (row.length_m, 0), (row.length_m, row.width_m), (0, row.width_m)], dtype=float)
    angle = math.radians(row.angle_deg)
    c, s = (0.0, 1.0) if row.angle_deg == _FULL else (math.cos(angle), math.sin(angle))
    long, wide = np.array([c, s]) * row.length_m, np.array([s, -c]) * row.width_m
    # Its front edge runs from the near corner, which is on the aisle, back to the far one.
    low = -wide * 0.0
    corners = np.array([low, low + wide, low + wide + long, low + long])
    corners[:, 1] -= corners[:, 1].min()
    corners[:, 0] -= corners[:, 0].min()
    return corners


def _side(
    run: LineString, side: int, width: float, rows: Sequence[StallRow], *, free: BaseGeometry, barred: BaseGeometry
) -> list[dict[str, Any]]:
    """Choose the most stalls on one side of a straight stretch."""
    start, along, left, length = _frame(run)
    across = left * side
    shapes: list[NDArray[np.object_]] = []
    extents: list[float] = []
    fits: list[NDArray[np.bool_]] = []
    count = max(0, int(length / STEP_M) + 1)
    at = np.arange(count) * STEP_M
    stretches = _stretches(free, start, along, across)
    for row in rows:
        corners = _corners(row)
        if not row.front_in and 0 < row.angle_deg < _FULL:
            corners = np.column_stack([corners[:, 0].max() - corners[:, 0], corners[:, 1]])
        extent = float(corners[:, 0].max())
        points = start + (at[:, None, None] + corners[None, :, 0:1]) * along
        points = points + (corners[None, :, 1:2] + width / 2) * across
        # A row never leans over the end of its stretch, so that rows around a bend keep apart.
        good = np.zeros(count, dtype=bool)
        for low, high, deep in stretches:
            if deep + 1e-6 >= width / 2 + corners[:, 1].max():
                good |= (at >= low - 1e-6) & (at + extent <= high + 1e-6)
        good &= at + extent <= length + 1e-9
        polygons = np.full(count, None, dtype=object)
        if good.any():
            polygons[good] = shapely.polygons(points[good])
            good[good] = shapely.covers(free, polygons[good])
        if good.any():
            lane = _lanes(start, along, left, at[good], extent, width)
            good[good] = ~shapely.intersects(barred, lane)
        shapes.append(polygons)
        extents.append(extent)
        fits.append(good)
    chosen = _most(fits, [row.pitch_m for row in rows], extents, count)
    return [
        {
            "kind": stall_kind(rows[k].angle_deg),
            "angle_deg": rows[k].angle_deg,
            "front_in": rows[k].front_in,
            "side": side,
            "start": float(at[i]),
            "end": float(at[i] + extents[k]),
            "geometry": shapes[k][i],
        }
        for k, i in chosen
    ]


def _stretches(
    free: BaseGeometry, start: NDArray[np.float64], along: NDArray[np.float64], across: NDArray[np.float64]
) -> list[tuple[float, float, float]]:
    """Return from where to where each part of the ground lies along a stretch, and how far it reaches across."""
    found = []
    for part in shapely.get_parts(free):
        points = shapely.get_coordinates(part) - start
        found.append(
            (float((points @ along).min()), float((points @ along).max()), float((points @ across).max()))
        )
    return found


def _lanes(
    start: NDArray[np.float64],
    along: NDArray[np.float64],
    left: NDArray[np.float64],
    at: NDArray[np.float64],
    extent: float,
    width: float,
) -> NDArray[np.object_]:
    """Return the aisle before stalls, less a millimetre: what touches it does not stand in it."""
    half = width / 2 - 1e-3
    box = np.array([(0, -half), (extent, -half), (extent, half), (0, half)])
    points = start + (at[:, None, None] + box[None, :, 0:1]) * along + box[None, :, 1:2] * left
    return np.asarray(shapely.polygons(points))


def _most(
    fits: Sequence[NDArray[np.bool_]], pitches: Sequence[float], extents: Sequence[float], count: int
) -> list[tuple[int, int]]:
    """Choose the most stalls of all kinds along one side: [(kind, position)], in order.

    ``best[k][i]``: the most stalls of which the last is of kind k and begins at position i. The one before is of the
    same kind and a pitch away, or any kind and ended.
    """
    steps = [math.ceil(p / STEP_M - 1e-6) for p in pitches]
    spans = [math.ceil(e / STEP_M - 1e-6) for e in extents]
    kinds = range(len(fits))
    nothing = -1
    best = [np.full(count, nothing, dtype=int) for _ in kinds]
    before: list[list[tuple[int, int] | None]] = [[None] * count for _ in kinds]
    same: list[list[int]] = [[nothing] * count for _ in kinds]  # the best beginning of a kind up to here
    ended: list[tuple[int, int] | None] = [None] * (count + 1)  # the best last stall that ended by here
    ending: dict[int, list[tuple[int, int]]] = {}
    top: tuple[int, int] | None = None

    def worth(one: tuple[int, int] | None) -> int:
        return 0 if one is None else int(best[one[0]][one[1]])

    for i in range(count):
        for one in ending.pop(i, ()):
            if worth(one) > worth(top):
                top = one
        ended[i] = top
        for k in kinds:
            if i:
                same[k][i] = same[k][i - 1]
            if not fits[k][i]:
                continue
            previous = ended[i]
            j = same[k][i - steps[k]] if i >= steps[k] else nothing
            if j != nothing and best[k][j] >= worth(previous):
                previous = (k, j)
            best[k][i] = worth(previous) + 1
            before[k][i] = previous
            ending.setdefault(i + spans[k], []).append((k, i))
            if same[k][i] == nothing or best[k][i] > best[k][same[k][i]]:
                same[k][i] = i
    last = top
    for ones in ending.values():
        for one in ones:
            if worth(one) > worth(last):
                last = one
    chosen = []
    while last is not None:
        chosen.append(last)
        last = before[last[0]][last[1]]
    return chosen[::-1]


def _apart(stalls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop stalls that overlap an earlier one: rows on the inside of a bend."""
    kept: list[dict[str, Any]] = []
    for stall in stalls:
        shape = stall["geometry"]
        if all(other["geometry"].intersection(shape).area < 1e-6 for other in kept if other["geometry"].intersects(shape)):
            kept.append(stall)
    return kept


def _aisles(road: Road, run: LineString, width: float, stalls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a stretch of road as aisles: as wide as its rows ask for where there are any."""
    direction = "two_way" if road.two_way else "one_way"
    spans = sorted((s["start"], s["end"]) for s in stalls)
    if not spans:
        return [{"direction": direction, "width_m": road.width_m, "geometry": run}]
    low, high = spans[0][0], max(end for _, end in spans)
    cuts = [0.0, low, min(high, run.length), run.length]
    found = []
    for a, b, wide in zip(cuts[:-1], cuts[1:], (road.width_m, width, road.width_m), strict=True):
        if b - a > 1e-3:
            part = shapely.ops.substring(run, a, b)
            found.append({"direction": direction, "width_m": wide, "geometry": part})
    return found


def kerbs_frame(kerbs: Iterable[Kerb], crs: Any) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:  # noqa: ANN401
    """Return the stalls and the aisles of kerbs as frames, each stall with the aisle that it stands on."""
    stalls: list[dict[str, Any]] = []
    aisles: list[dict[str, Any]] = []
    for kerb in kerbs:
        own = [
            {"aisle_id": f"{kerb.road_id}-{n + 1}", "road_id": kerb.road_id, **aisle}
            for n, aisle in enumerate(kerb.aisles)
        ]
        aisles += own
        for stall in kerb.stalls:
            middle = stall["geometry"].centroid
            home = min(own, key=lambda a: (a["geometry"].distance(middle), a["aisle_id"]))
            stalls.append({**stall, "aisle_id": home["aisle_id"], "road_id": kerb.road_id})
    names = ["kind", "angle_deg", "front_in", "aisle_id", "road_id", "geometry"]
    frame = gpd.GeoDataFrame([{n: s[n] for n in names} for s in stalls], columns=names, geometry="geometry", crs=crs)
    columns = ["aisle_id", "road_id", "direction", "width_m", "geometry"]
    return frame, gpd.GeoDataFrame(aisles, columns=columns, geometry="geometry", crs=crs)
