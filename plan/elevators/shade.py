"""Which minutes of sun the prisms leave to each window, as machine code.

Seen from a spot in front of a façade, the wall between two corners of a prism stands between two bearings. Towards
the sun at one of them it stands ``d`` away; a ray from the height z meets it at ``z + d tan(altitude)``. So the
wall shades at that time whatever lies lower than ``top - d tan(altitude)``: one number for all floors above each
other. The largest over all walls is the height of the shadow. Walls that are seen from behind are passed over,
since the ray has entered the solid through another one before. Exact for every outline, with no step in azimuth.

====== ======================================================================
kind   prism
====== ======================================================================
0      stands before and after
1      stands after only
2      not known: may stand before and after
3      not known: may stand after
====== ======================================================================
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Path = tuple[Floats, Floats, Floats, Floats, Ints, float]
    Walls = tuple[Ints, Floats, Floats, Floats, Floats, Floats, Floats, Ints]
    Spots = tuple[Floats, Floats, Floats, Floats]
    Lists = tuple[Ints, Floats, Ints, Ints]

__all__ = ["DOUBT_AFTER", "DOUBT_BEFORE", "KINDS", "losses_of_each", "minutes_of_sun"]

KINDS = 4
DOUBT_BEFORE = 1
DOUBT_AFTER = 2

_TURN = 2 * math.pi
_ALWAYS = np.inf


@compiled
def _within(px: float, py: float, prism: int, walls: Walls) -> bool:
    """Tell whether a spot lies within the outline of a prism, and in no courtyard of it."""
    start, x0, y0, x1, y1, _, _, _ = walls
    inside = False
    for e in range(start[prism], start[prism + 1]):
        ax, ay, bx, by = x0[e] - px, y0[e] - py, x1[e] - px, y1[e] - py
        if (ay > 0.0) != (by > 0.0) and ax + (bx - ax) * ay / (ay - by) > 0.0:
            inside = not inside
    return inside


@compiled
def _raise_shadow(
    shadow: Floats, px: float, py: float, lowest: float, flattest: float, prism: int, path: Path, walls: Walls
) -> None:
    """Raise the height of the shadow at a spot by that of one prism."""
    bearing, east, north, slope, _, cut = path
    start, x0, y0, x1, y1, boxes, tops, _ = walls
    top = tops[prism]
    if top <= lowest:
        return
    across = max(boxes[4 * prism] - px, 0.0, px - boxes[4 * prism + 2])
    along = max(boxes[4 * prism + 1] - py, 0.0, py - boxes[4 * prism + 3])
    if top - flattest * math.hypot(across, along) <= lowest:
        return
    count = len(bearing)
    for e in range(start[prism], start[prism + 1]):
        ax, ay, bx, by = x0[e] - px, y0[e] - py, x1[e] - px, y1[e] - py
        cross = ax * by - ay * bx
        if cross >= 0.0:
            continue
        left = (math.atan2(ax, ay) - cut) % _TURN
        right = (math.atan2(bx, by) - cut) % _TURN
        first = np.searchsorted(bearing, left)
        last = np.searchsorted(bearing, right)
        # A wall across the cut, where the sun never is, is seen on both ends of the path.
        pieces = 1 if left <= right else 2
        to_east, to_north = (by - ay) / cross, (bx - ax) / cross
        for piece in range(pieces):
            low = first if piece == 0 else 0
            high = last if pieces == 1 or piece == 1 else count
            for i in range(low, high):
                nearness = to_east * east[i] - to_north * north[i]
                if nearness > 0.0:
                    height = top - slope[i] / nearness
                    shadow[i] = max(shadow[i], height)
    if across == 0.0 and along == 0.0 and _within(px, py, prism, walls):
        for i in range(count):
            shadow[i] = max(shadow[i], top)


@compiled
def _steps_left(height: float, shadow: Floats, behind: NDArray[np.bool_], place: Ints, shortest: int) -> int:
    """Count the steps at which a height is above the shadow, in stretches of at least so many."""
    total = 0
    stretch = 0
    for t in range(len(place)):
        i = place[t]
        if not behind[i] and height >= shadow[i]:
            stretch += 1
        else:
            if stretch >= shortest:
                total += stretch
            stretch = 0
    if stretch >= shortest:
        total += stretch
    return total


@compiled
def _flattest(
    look_east: float, look_north: float, path: Path, grazing: float, behind: NDArray[np.bool_]
) -> float:
    """Mark the steps at which the sun is down or behind a façade; return the least slope of the others."""
    _, east, north, slope, _, _ = path
    flattest = _ALWAYS
    for i in range(len(east)):
        front = look_east * east[i] + look_north * north[i]
        behind[i] = slope[i] <= 0.0 or front <= grazing
        if not behind[i]:
            flattest = min(flattest, slope[i])
    return flattest


@compiled
def minutes_of_sun(
    path: Path, walls: Walls, spots: Spots, lists: Lists, supports: int, grazing: float, shortest: int
) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    """Count the steps of sun of windows before and after.

    Parameters
    ----------
    path : tuple of arrays, shape (n,)
        By rising bearing: radians clockwise from ``cut``, east and north of the direction, tangent of the
        altitude; then for each step in time its place among these, and ``cut``.
    walls : tuple of arrays
        Start of each prism's edges, x0, y0, x1, y1 of the edges (solid on the left), box and top of each prism, kind.
    spots : tuple of arrays
        x and y of ``supports`` points for each column of windows, then east and north of where each column looks.
    lists : tuple of arrays
        Start of each column's windows, their heights, start of each column's prisms, and these.
    supports : int
        Points for each column; a window has sun while all of them have.
    grazing : float
        Sine of the least angle between the sun's bearing and the façade.
    shortest : int
        Stretches of fewer steps do not count.

    Returns
    -------
    before, after : ndarray of int, shape (windows,)
        Steps with sun.
    doubt : ndarray of uint8, shape (windows,)
        Sum of ``DOUBT_BEFORE`` and ``DOUBT_AFTER`` where a prism that is not known may take sun away.
    """
    place = path[4]
    kinds = walls[7]
    xs, ys, looks_east, looks_north = spots
    window_start, heights, prism_start, prisms = lists
    before = np.zeros(len(heights), np.int64)
    after = np.zeros(len(heights), np.int64)
    doubt = np.zeros(len(heights), np.uint8)
    steps = len(path[1])
    shadow = np.empty((KINDS, steps))
    behind = np.empty(steps, np.bool_)
    for c in range(len(window_start) - 1):
        first, last = window_start[c], window_start[c + 1]
        flattest = _flattest(looks_east[c], looks_north[c], path, grazing, behind)
        if flattest == _ALWAYS:
            continue
        lowest = _ALWAYS
        for w in range(first, last):
            lowest = min(lowest, heights[w])
        shadow[:] = -_ALWAYS
        seen = np.zeros(KINDS, np.bool_)
        for k in range(supports):
            px, py = xs[c * supports + k], ys[c * supports + k]
            for n in range(prism_start[c], prism_start[c + 1]):
                kind = kinds[prisms[n]]
                seen[kind] = True
                _raise_shadow(shadow[kind], px, py, lowest, flattest, prisms[n], path, walls)
        later = shadow[0]
        if seen[1]:
            later = np.maximum(shadow[0], shadow[1])
        for w in range(first, last):
            z = heights[w]
            before[w] = _steps_left(z, shadow[0], behind, place, shortest)
            after[w] = _steps_left(z, later, behind, place, shortest) if seen[1] else before[w]
            if seen[2] or seen[3]:
                for i in range(steps):
                    if behind[i] or z < shadow[0, i]:
                        continue
                    if z < shadow[2, i]:
                        doubt[w] |= DOUBT_BEFORE
                    if z >= later[i] and (z < shadow[2, i] or z < shadow[3, i]):
                        doubt[w] |= DOUBT_AFTER
    return before, after, doubt


@compiled
def losses_of_each(
    path: Path,
    walls: Walls,
    spots: Spots,
    lists: Lists,
    supports: int,
    grazing: float,
    limit: int,
    ahead: float,
) -> Ints:
    """Count what each prism of kind 1 takes by itself, beside those of kind 0.

    Parameters
    ----------
    path, walls, spots, lists, supports, grazing
        See :func:`minutes_of_sun`.
    limit : int
        Steps of sun that are enough.
    ahead : float
        Metres in front of a spot where a prism covers it.

    Returns
    -------
    ndarray of int, shape (6, prisms)
        Steps taken from all windows, windows that lose, the most that one loses, windows that fall below the limit,
        windows that the prism covers, and windows of which a prism that is not known leaves it open. Those of the last
        two are in none of the others.
    """
    tops, kinds = walls[6], walls[7]
    xs, ys, looks_east, looks_north = spots
    window_start, heights, prism_start, prisms = lists
    found = np.zeros((6, len(kinds)), np.int64)
    steps = len(path[1])
    shadow = np.empty((KINDS, steps))
    own = np.empty(steps)
    behind = np.empty(steps, np.bool_)
    for c in range(len(window_start) - 1):
        first, last = window_start[c], window_start[c + 1]
        low, high = prism_start[c], prism_start[c + 1]
        added = False
        for n in range(low, high):
            added = added or kinds[prisms[n]] == 1
        if not added:
            continue
        flattest = _flattest(looks_east[c], looks_north[c], path, grazing, behind)
        if flattest == _ALWAYS:
            continue
        lowest = _ALWAYS
        for w in range(first, last):
            lowest = min(lowest, heights[w])
        shadow[:] = -_ALWAYS
        for k in range(supports):
            for n in range(low, high):
                kind = kinds[prisms[n]]
                if kind in (0, 2):
                    _raise_shadow(
                        shadow[kind],
                        xs[c * supports + k],
                        ys[c * supports + k],
                        lowest,
                        flattest,
                        prisms[n],
                        path,
                        walls,
                    )
        before = np.zeros(last - first, np.int64)
        doubtful = np.zeros(last - first, np.bool_)
        for w in range(first, last):
            for i in range(steps):
                if not behind[i] and heights[w] >= shadow[0, i]:
                    before[w - first] += 1
                    if heights[w] < shadow[2, i]:
                        doubtful[w - first] = True
        for n in range(low, high):
            prism = prisms[n]
            if kinds[prism] != 1:
                continue
            own[:] = -_ALWAYS
            for k in range(supports):
                _raise_shadow(
                    own, xs[c * supports + k], ys[c * supports + k], lowest, flattest, prism, path, walls
                )
            one, other = c * supports, c * supports + supports - 1
            covers = _within(
                (xs[one] + xs[other]) / 2 + ahead * looks_east[c],
                (ys[one] + ys[other]) / 2 + ahead * looks_north[c],
                prism,
                walls,
            )
            start = 0
            while start < steps and own[start] <= lowest:
                start += 1
            end = steps
            while end > start and own[end - 1] <= lowest:
                end -= 1
            for w in range(first, last):
                z = heights[w]
                if covers and z < tops[prism]:
                    found[4, prism] += 1
                    continue
                lost = 0
                for i in range(start, end):
                    if z < own[i] and z >= shadow[0, i] and not behind[i]:
                        lost += 1
                if lost == 0:
                    continue
                if doubtful[w - first]:
                    found[5, prism] += 1
                    continue
                found[0, prism] += lost
                found[1, prism] += 1
                found[2, prism] = max(found[2, prism], lost)
                if before[w - first] >= limit and before[w - first] - lost < limit:
                    found[3, prism] += 1
    return found
