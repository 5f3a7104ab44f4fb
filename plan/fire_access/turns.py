"""How tight the turns of the fire lanes are: the greatest radius that an engine can drive at each corner.

At a corner two lanes meet, or one lane bends. A strip as wide as an engine is led along one leg, round an arc and along
the other; it may keep to the outer side of each leg to swing wide. The radius is that of the strip's outer edge,
which is where the outer front wheel runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.ground import Ground

__all__ = ["TURN_WIDTH_M", "Turn", "turns_of"]

# Metres of ground that an engine sweeps in a turn: this tool's default.
TURN_WIDTH_M: Final = 3.0
# Degrees by which a lane bends before it counts as a turn, and beyond which it would be turning back.
_BEND_DEG: Final = (20.0, 160.0)
_TRIES_M: Final = (1.5, 2.5, 4.0, 5.0, 6.0, 7.5, 9.0, 10.5, 12.0, 14.0, 16.0, 20.0, 30.0)  # outer radii
_EVEN_M: Final = 5e-3
_ARC_POINTS: Final = (
    257  # of the way round a corner: its chords lie within a tenth of a millimetre of a 15 m arc
)
_AHEAD_M: Final = 1.0  # metres of each leg that are driven straight
_HALVINGS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Turn:
    """A corner of the lanes."""

    lanes: tuple[str, ...]
    radius_m: float  # the greatest that fits; 0 where none does
    spot: shapely.Point


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leg:
    lane: str
    away: tuple[float, float]  # direction from the corner
    half_m: float  # half the width of the lane
    straight_m: float  # as far as it runs straight


def turns_of(ground: Ground, region: BaseGeometry, *, turn_width_m: float = TURN_WIDTH_M) -> list[Turn]:
    """Measure the turns of the lanes that a lane of the width asked for gets to.

    Parameters
    ----------
    ground : Ground
        The ground; only lanes that are drawn as lines have corners.
    region : MultiPolygon
        Where a lane gets to.
    turn_width_m : float, default 3.0
        Metres of ground that an engine sweeps.

    Returns
    -------
    list of Turn
        The tightest first.
    """
    free = ground.free.buffer(_EVEN_M)
    shapely.prepare(free)
    shapely.prepare(region)
    found = []
    for spot, legs in sorted(_corners(ground).items()):
        if not shapely.intersects_xy(region, *spot):
            continue
        best: dict[tuple[str, ...], float] = {}
        for one, two in combinations(legs, 2):
            bend = _bend(one, two)
            lanes = tuple(sorted({one.lane, two.lane}))
            if not _BEND_DEG[0] <= bend <= _BEND_DEG[1] or (len(lanes) == 1 and len(legs) > 2):  # noqa: PLR2004
                continue
            best[lanes] = max(best.get(lanes, 0.0), _radius(free, spot, one, two, turn_width_m))
        found += [Turn(lanes=k, radius_m=r, spot=shapely.Point(spot)) for k, r in best.items()]
    return sorted(found, key=lambda t: (round(t.radius_m, 2), t.lanes, t.spot.x, t.spot.y))


def _corners(ground: Ground) -> dict[tuple[float, float], list[_Leg]]:
    """Return the places where lanes meet or bend, with what leads away from them."""
    lines = [p for line in ground.centrelines.values() for p in shapely.get_parts(line)]
    names = [n for n, line in ground.centrelines.items() for _ in shapely.get_parts(line)]
    if not lines:
        return {}
    tree = shapely.STRtree(lines)
    corners: dict[tuple[float, float], list[_Leg]] = {}
    for part in shapely.get_parts(shapely.node(shapely.MultiLineString(lines))):
        lane = names[int(tree.query_nearest(part.interpolate(0.5, normalized=True), all_matches=False)[0])]
        half = ground.widths[lane] / 2
        xy = np.array(part.coords)
        for a, b in pairwise(xy):
            long = float(np.hypot(*(b - a)))
            if long <= 0:
                continue
            for start, to in ((a, b), (b, a)):
                key = (round(float(start[0]), 2), round(float(start[1]), 2))
                away = (to - start) / long
                corners.setdefault(key, []).append(
                    _Leg(lane=lane, away=(float(away[0]), float(away[1])), half_m=half, straight_m=long)
                )
    return corners


def _bend(one: _Leg, two: _Leg) -> float:
    """Return by how many degrees a way turns that comes along one leg and leaves by the other."""
    dot = -(one.away[0] * two.away[0] + one.away[1] * two.away[1])
    return math.degrees(math.acos(max(-1.0, min(1.0, dot))))


def _radius(free: BaseGeometry, spot: tuple[float, float], one: _Leg, two: _Leg, width_m: float) -> float:
    """Return the greatest outer radius of a strip round a corner; halving finds it to a millimetre."""
    best = 0.0
    for aside in product(*({0.0, max(leg.half_m - width_m / 2, 0.0)} for leg in (one, two))):
        # A strip that keeps outside may fit in a wide arc and in no narrow one.
        tries = [r for r in _TRIES_M if r >= width_m / 2]
        wide = [r for r in tries if _fits(free, spot, (one, two), aside, outer_m=r, width_m=width_m)]
        if not wide:
            continue
        low = wide[-1]
        high = next((r for r in tries if r > low), low)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (
                (middle, high)
                if _fits(free, spot, (one, two), aside, outer_m=middle, width_m=width_m)
                else (low, middle)
            )
        best = max(best, low)
    return best


def _fits(
    free: BaseGeometry,
    spot: tuple[float, float],
    legs: tuple[_Leg, _Leg],
    aside: tuple[float, ...],
    *,
    outer_m: float,
    width_m: float,
) -> bool:
    into, out = -np.array(legs[0].away), np.array(legs[1].away)
    turn = math.atan2(into[0] * out[1] - into[1] * out[0], float(into @ out))
    side = -math.copysign(1.0, turn)  # the outer side: right of a left turn
    left = np.array([[0.0, -1.0], [1.0, 0.0]])
    first = np.array(spot) + side * aside[0] * (left @ into)
    last = np.array(spot) + side * aside[1] * (left @ out)
    # Where the two middle lines of the strip would meet.
    step = np.linalg.solve(np.stack([into, -out], axis=1), last - first)
    meet = first + step[0] * into
    radius = max(outer_m - width_m / 2, 1e-6)
    reach = radius * math.tan(abs(turn) / 2)
    centre = meet - reach * into - side * radius * (left @ into)
    start = meet - reach * into - centre
    angles = np.linspace(0.0, turn, _ARC_POINTS)
    arc = np.stack(
        [
            centre[0] + start[0] * np.cos(angles) - start[1] * np.sin(angles),
            centre[1] + start[0] * np.sin(angles) + start[1] * np.cos(angles),
        ],
        axis=1,
    )
    path = np.concatenate([[arc[0] - _AHEAD_M * into], arc, [arc[-1] + _AHEAD_M * out]])
    strip = shapely.LineString(path).buffer(width_m / 2, cap_style="flat", quad_segs=32)
    return bool(shapely.covers(free, strip))
