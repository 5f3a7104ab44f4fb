"""Rows of stalls along the roads of an estate, on the ground beside them.

Along each straight stretch of a road the ground is tried every five centimetres for stalls of every angle, and the
most that stand there are chosen exactly (dynamic programming over the stretch): stalls of one angle at their pitch,
of different angles one behind the other. The road is the aisle, as wide as its widest row asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from plan.parking.roads import Road, Roads
from plan.parking.stalls import StallRow, StallSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Run", "kerb_ground", "kerb_rows", "stall_kind", "straight"]

STEP_M: Final = 0.05  # between positions that are tried
# A stall never stands on the edge of a fire lane, but this far beside it: no rounding puts it into the lane.
OFF_LANE_M: Final = 0.02
# This tool's default: gaps between ground that is known to be usable count as ground where they are narrower than
# this, such as the strip between a road and the stalls or sheds along it.
GAP_M: Final = 6.0
# This tool's default: what lies so near to a road lies beside it.
BESIDE_M: Final = 4.0
_STRAIGHT_M: Final = 0.01  # bends so slight are none; less than stalls keep from a fire lane
_FULL: Final = 90.0
# This tool's default: a change of angle within a row must gain a stall, for uniform rows are easier to use.
CHANGE: Final = 0.75
_SLIGHT: Final = 1e-9
# What a car swings over while it turns into a stall, found by trying the design car with plan.parking.verify: beyond
# both ends of a parallel stall, and before the first stall of a slanted row by its angle.
_ENDS_M: Final = 0.6
_SWING_M: Final = ((30.0, 45.0, 60.0), (4.0, 1.5, 1.5))
_SWING_DEEP_M: Final = 2.0
_TOUCH: Final = 1e-6  # m2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """The stalls along one straight stretch of a road.

    Parameters
    ----------
    road : Road
        The road.
    number : int
        Of the stretch, from 0 in the direction of the road.
    line : LineString
        The middle of the stretch.
    width_m : float
        Of the aisle that the stalls ask for; that of the road where there are none.
    stalls : tuple of dict
        Rows of stalls: kind, angle_deg, front_in, start, end (metres along the stretch), geometry.
    """

    road: Road
    number: int
    line: LineString
    width_m: float
    stalls: tuple[dict[str, Any], ...]


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
    if not roads.roads:
        return Polygon()
    # Ground that is far from every road is no verge: the slope between it and the road is nobody's.
    known = [g for g in usable if not g.is_empty and roads.ground.distance(g) <= BESIDE_M]
    if not known:
        return Polygon()
    near = shapely.union_all([roads.ground, *known])
    half = GAP_M / 2
    closed = near.buffer(half, join_style="mitre", mitre_limit=2.0).buffer(
        -half, join_style="mitre", mitre_limit=2.0
    )
    return closed.difference(shapely.union_all([barred, roads.ground]))


def kerb_rows(
    road: Road,
    ground: BaseGeometry,
    *,
    room: BaseGeometry,
    barred_to_cars: BaseGeometry,
    taken: Sequence[BaseGeometry],
    spec: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
    reverse_in: bool = True,
    sides: Sequence[int] = (1, -1),
) -> tuple[Run, ...]:
    """Find the most stalls along one road, on each of its straight stretches.

    Parameters
    ----------
    road : Road
        Driven one way, or wide enough for both.
    ground : shapely geometry
        On which stalls may stand; see :func:`kerb_ground`.
    room : shapely geometry
        Over which a car may swing while it turns into a stall: the same ground, footpaths and roads included.
    barred_to_cars : shapely geometry
        What stands in the way of cars; no stall is proposed where its aisle would be blocked.
    taken : sequence of shapely geometry
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
    tuple of Run
        One for each stretch, without stalls where none fits or the road is too narrow for its two directions.
    """
    spec = spec or StallSpec()
    rows = _rows(spec, angles_deg, reverse_in=reverse_in)
    runs = straight(road)
    if road.narrow or not rows:
        return runs
    least = spec.two_way_m if road.two_way else (spec.fire_lane_m if road.fire else spec.lane_m)
    lane = max(road.width_m, spec.fire_lane_m) if road.fire else road.width_m
    base = max(least, lane + 2 * OFF_LANE_M)
    reach = max(row.reach_m for row in rows) + max(base, *(row.aisle_m for row in rows))
    near = road.line.buffer(reach)
    others = np.array(taken, dtype=object)
    # Of all that is taken the few that are near: their union is quickly made.
    shapely.prepare(near)
    free = ground.intersection(near).difference(shapely.union_all(others[shapely.intersects(near, others)]))
    barred = barred_to_cars.intersection(near)
    found = []
    earlier: list[dict[str, Any]] = []
    for run in runs:
        here = run.line.buffer(reach)
        free_here, barred_here = free.intersection(here), barred.intersection(here)
        best = run
        if not free_here.is_empty:
            room_here = room.intersection(here)
            shapely.prepare(room_here)
            shapely.prepare(free_here)
            shapely.prepare(barred_here)
            for width in sorted({max(base, row.aisle_m) for row in rows}):
                fitting = [row for row in rows if row.aisle_m <= width + 1e-9]
                stalls = [
                    stall
                    for side in sides
                    for stall in _side(
                        run.line, side, width, fitting, free=free_here, room=room_here, barred=barred_here
                    )
                ]
                stalls = _apart(stalls, earlier)
                if len(stalls) > len(best.stalls):
                    best = replace(run, width_m=width, stalls=tuple(stalls))
        earlier = list(best.stalls)
        found.append(best)
    return tuple(found)


def straight(road: Road) -> tuple[Run, ...]:
    """Return the straight stretches of a road, without stalls."""
    points = list(road.line.simplify(_STRAIGHT_M).coords)
    return tuple(
        Run(road=road, number=number, line=LineString(pair), width_m=road.width_m, stalls=())
        for number, pair in enumerate(pairwise(points))
    )


def _rows(spec: StallSpec, angles_deg: Sequence[float], *, reverse_in: bool) -> list[StallRow]:
    """Return the kinds of rows that are tried: slanted ones are driven into forward, with the traffic."""
    found = []
    for angle in sorted({float(a) for a in angles_deg}):
        ways = {row.front_in for row in spec.rows if row.angle_deg == angle}
        slanted = 0 < angle < _FULL
        for front_in in (True, False):
            if (not front_in and (not reverse_in or (slanted and True in ways))) or (
                ways and front_in not in ways
            ):
                continue
            row = spec.row(angle, front_in=front_in if ways else None)
            if (row.front_in or reverse_in) and row not in found:
                found.append(row)
    return found


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
        return np.array(
            [(0, 0), (row.length_m, 0), (row.length_m, row.width_m), (0, row.width_m)], dtype=float
        )
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
    run: LineString,
    side: int,
    width: float,
    rows: Sequence[StallRow],
    *,
    free: BaseGeometry,
    room: BaseGeometry,
    barred: BaseGeometry,
) -> list[dict[str, Any]]:
    """Choose the most stalls on one side of a straight stretch."""
    start, along, left, length = _frame(run)
    across = left * side
    shapes: list[NDArray[np.object_]] = []
    extents: list[float] = []
    fits: list[NDArray[np.bool_]] = []
    firsts: list[NDArray[np.bool_]] = []
    count = max(0, int(length / STEP_M) + 1)
    at = np.arange(count) * STEP_M
    stretches = _stretches(free, start, along, across)
    for row in rows:
        corners = _corners(row)
        if not row.front_in and 0 < row.angle_deg < _FULL:  # backed into: it leans against the traffic
            corners = np.column_stack([corners[:, 0].max() - corners[:, 0], corners[:, 1]])
        extent = float(corners[:, 0].max())
        # A row never leans over the end of its stretch, so that rows around a bend keep apart.
        good = np.zeros(count, dtype=bool)
        for low, high, deep in stretches:
            if deep + 1e-6 >= width / 2 + corners[:, 1].max():
                good |= (at >= low - 1e-6) & (at + extent <= high + 1e-6)
        good &= at + extent <= length + 1e-9
        polygons = np.full(count, None, dtype=object)
        if good.any():
            points = start + (at[good, None, None] + corners[None, :, 0:1]) * along
            points = points + (corners[None, :, 1:2] + width / 2) * across
            polygons[good] = shapely.polygons(points)
            good[good] = shapely.covers(free, polygons[good])
        if good.any():
            lane = _boxes((start, along, left), at[good], (0.0, extent), (1e-3 - width / 2, width / 2 - 1e-3))
            good[good] = ~shapely.intersects(barred, lane)
        if row.angle_deg == 0 and good.any():
            back = (width / 2, width / 2 + row.depth_to_wall_m)
            around = _boxes((start, along, across), at[good], (-_ENDS_M, extent + _ENDS_M), back)
            good[good] = shapely.covers(room, around)
        first = good.copy()
        if 0 < row.angle_deg < _FULL and first.any():
            low = float(corners[int(np.argmin(corners[:, 1])), 0])
            before = np.interp(row.angle_deg, *_SWING_M)
            corner = _boxes(
                (start, along, across), at[first], (-before, low), (width / 2, width / 2 + _SWING_DEEP_M)
            )
            first[first] = shapely.covers(room, corner)
        firsts.append(first)
        shapes.append(polygons)
        extents.append(extent)
        fits.append(good)
    chosen = _most(fits, firsts, [row.pitch_m for row in rows], extents)
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


def _boxes(
    frame: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    at: NDArray[Any],
    span: tuple[float, float],
    depth: tuple[float, float],
) -> NDArray[np.object_]:
    """Return rectangles at positions along a stretch: from and to along it, from and to across it."""
    (a, b), (low, high), (start, along, across) = span, depth, frame
    box = np.array([(a, low), (b, low), (b, high), (a, high)])
    points = start + (at[:, None, None] + box[None, :, 0:1]) * along + box[None, :, 1:2] * across
    return np.asarray(shapely.polygons(points))


def _most(
    fits: Sequence[NDArray[np.bool_]],
    firsts: Sequence[NDArray[np.bool_]],
    pitches: Sequence[float],
    extents: Sequence[float],
) -> list[tuple[int, int]]:
    """Choose the most stalls of all kinds along one side: [(kind, position)], in order.

    The worth of a stall is that of the row which ends with it. The one before is of the same kind and a pitch away, or
    of another kind and ended; such a change costs ``CHANGE`` of a stall. ``firsts`` tells where a row can begin: a car
    that turns into its first stall swings over the ground before it.
    """
    used = np.flatnonzero(np.any(fits, axis=0)) if fits else np.empty(0, dtype=np.int64)
    if len(used) == 0:
        return []
    rows = _Rows(pitches, extents)
    # From where the first one fits to where the last one that fits has ended.
    low, high = int(used[0]), min(int(used[-1]) + max(rows.spans) + 1, len(fits[0]))
    for i in range(high - low):
        rows.go_to(i)
        for k, fit in enumerate(fits):
            if fit[low + i]:
                rows.add(k, i, first=bool(firsts[k][low + i]))
    return [(k, low + i) for k, i in rows.best()]


Spot = tuple[int, int]  # a kind and a position


class _Rows:
    """The best rows that end with each stall, while one goes along a side."""

    def __init__(self, pitches: Sequence[float], extents: Sequence[float]) -> None:
        self.steps = [math.ceil(p / STEP_M - 1e-6) for p in pitches]
        self.spans = [math.ceil(e / STEP_M - 1e-6) for e in extents]
        self.worth: dict[Spot, float] = {}
        self.before: dict[Spot, Spot | None] = {}
        self.same: list[list[Spot | None]] = [[] for _ in pitches]  # the best last stall of a kind up to here
        self.ending: dict[int, list[Spot]] = {}
        self.top: Spot | None = None  # the best last stall that ended by here

    def _of(self, spot: Spot | None) -> float:
        return 0.0 if spot is None else self.worth[spot]

    def go_to(self, i: int) -> None:
        """Come to a position: stalls that end here may be followed."""
        for spot in self.ending.pop(i, ()):
            if self.worth[spot] > self._of(self.top) + _SLIGHT:
                self.top = spot
        for found in self.same:
            found.append(found[-1] if found else None)

    def add(self, k: int, i: int, *, first: bool) -> None:
        """Consider a stall that fits."""
        nearest = i - self.steps[k]
        if first:
            previous, value = self._previous(k, nearest)
        elif (k, nearest) in self.worth:  # only as one more stall of a row
            previous, value = (k, nearest), self.worth[k, nearest]
        else:
            return
        self.worth[k, i] = value + 1.0
        self.before[k, i] = previous
        self.ending.setdefault(i + self.spans[k], []).append((k, i))
        if self.worth[k, i] > self._of(self.same[k][i]) + _SLIGHT:
            self.same[k][i] = (k, i)

    def _previous(self, k: int, nearest: int) -> tuple[Spot | None, float]:
        """Return the best row that a stall of a kind can follow, and its worth."""
        cost = CHANGE if self.top is not None and self.top[0] != k else 0.0
        ended = self._of(self.top) - cost
        previous, value = (self.top, ended) if ended > _SLIGHT else (None, 0.0)
        own = self.same[k][nearest] if nearest >= 0 else None
        if own is not None and self.worth[own] >= value - _SLIGHT:
            return own, self.worth[own]
        return previous, value

    def best(self) -> list[Spot]:
        """Return the stalls of the best row, in order."""
        last = self.top
        for spot in (one for some in self.ending.values() for one in some):
            if self.worth[spot] > self._of(last) + _SLIGHT:
                last = spot
        chosen = []
        while last is not None:
            chosen.append(last)
            last = self.before[last]
        return chosen[::-1]


def _apart(stalls: list[dict[str, Any]], earlier: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop stalls that overlap those of the stretch before: rows on the inside of a bend."""
    if not stalls or not earlier:
        return stalls
    other = shapely.union_all([stall["geometry"] for stall in earlier])
    return [
        s
        for s in stalls
        if not s["geometry"].intersects(other) or s["geometry"].intersection(other).area < _TOUCH
    ]
