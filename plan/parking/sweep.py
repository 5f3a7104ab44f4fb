"""Rows packed exactly, as machine code: where along a line stalls can stand, and how many at most.

A stall is a convex quadrilateral that is moved along its aisle. Each edge of the ground and each thing that
stands in the way forbids an interval of its positions, found exactly; in what remains, the stall that ends
first is the right one to set first, so a chain of earliest positions gives the greatest number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["EPS_M", "beside", "counted", "filled", "free_spans", "inside", "met", "packed"]

# Metres by which a stall may be pressed into its neighbour before it counts as being in the way: what is
# touched exactly is not lost to the last digit, and a tenth of a millimetre is no overlap.
EPS_M = 1e-4
# Metres along a row beyond which nothing touches its first or last stall.
REACH_M = 12.0


@compiled
def inside(walls: Floats, x: float, y: float) -> bool:
    """Tell whether a point is in the ground that edges (x1, y1, x2, y2) enclose."""
    odd = False
    for i in range(walls.shape[0]):
        y1, y2 = walls[i, 1], walls[i, 3]
        if (y1 > y) != (y2 > y):
            at = walls[i, 0] + (y - y1) * (walls[i, 2] - walls[i, 0]) / (y2 - y1)
            if at > x:
                odd = not odd
    return odd


@compiled
def met(blocks: Floats, place: Floats) -> NDArray[np.bool_]:
    """Tell which convex quadrilaterals overlap another one: those of which no side of either separates the two."""
    found = np.ones(blocks.shape[0], np.bool_)
    for i in range(blocks.shape[0]):
        for k in range(8):
            shape = blocks[i] if k < 4 else place
            a, b = k % 4, (k + 1) % 4
            nx, ny = shape[a, 1] - shape[b, 1], shape[b, 0] - shape[a, 0]
            slack = EPS_M * np.hypot(nx, ny)
            least, most, low, high = np.inf, -np.inf, np.inf, -np.inf
            for c in range(4):
                s = blocks[i, c, 0] * nx + blocks[i, c, 1] * ny
                least, most = min(least, s), max(most, s)
                s = place[c, 0] * nx + place[c, 1] * ny
                low, high = min(low, s), max(high, s)
            if most <= low + slack or high <= least + slack:
                found[i] = False
                break
    return found


@compiled
def free_spans(ax: float, ay: float, ux: float, uy: float, half: float, walls: Floats, spans: Floats) -> int:
    """Write the intervals of a line along which a strip of a half width is free, and return their number."""
    n = walls.shape[0]
    lows, highs = np.empty(n), np.empty(n)
    found = 0
    reach = half - EPS_M
    for i in range(n):
        dx, dy = walls[i, 0] - ax, walls[i, 1] - ay
        t1, s1 = dx * ux + dy * uy, dy * ux - dx * uy
        dx, dy = walls[i, 2] - ax, walls[i, 3] - ay
        t2, s2 = dx * ux + dy * uy, dy * ux - dx * uy
        if min(s1, s2) > reach or max(s1, s2) < -reach:
            continue
        if abs(s2 - s1) > 1e-12:
            a, b = max(min(s1, s2), -reach), min(max(s1, s2), reach)
            ta = t1 + (t2 - t1) * (a - s1) / (s2 - s1)
            tb = t1 + (t2 - t1) * (b - s1) / (s2 - s1)
        else:
            ta, tb = t1, t2
        lows[found], highs[found] = min(ta, tb), max(ta, tb)
        found += 1
    order = np.argsort(lows[:found])
    count = 0
    if found == 0:
        return 0
    end = highs[order[0]]
    for k in range(1, found):
        low = lows[order[k]]
        if low > end + 1e-9:
            middle = (low + end) / 2
            if count < spans.shape[0] and inside(walls, ax + middle * ux, ay + middle * uy):
                spans[count, 0], spans[count, 1] = end, low
                count += 1
        end = max(end, highs[order[k]])
    return count


@compiled
def _sides(shape: Floats, y: float) -> tuple[float, float]:
    """Return the left and the right side of a convex quadrilateral at a height."""
    low, high = np.inf, -np.inf
    for i in range(4):
        j = (i + 1) % 4
        x1, y1, x2, y2 = shape[i, 0], shape[i, 1], shape[j, 0], shape[j, 1]
        if min(y1, y2) - 1e-12 <= y <= max(y1, y2) + 1e-12:
            if abs(y2 - y1) < 1e-12:
                low, high = min(low, x1, x2), max(high, x1, x2)
            else:
                x = x1 + (x2 - x1) * (y - y1) / (y2 - y1)
                low, high = min(low, x), max(high, x)
    return low, high


@compiled
def _barred(shape: Floats, depth: float, t1: float, s1: float, t2: float, s2: float) -> tuple[float, float]:
    """Return the interval of positions at which an edge cuts into a shape; an empty one if there is none."""
    a, b = max(min(s1, s2), EPS_M), min(max(s1, s2), depth - EPS_M)
    low, high = np.inf, -np.inf
    if a > b:
        return low, high
    flat = abs(s2 - s1) < 1e-12
    for k in range(6):
        if k == 0:
            y = a
        elif k == 1:
            y = b
        else:
            y = shape[k - 2, 1]
            if y <= a or y >= b:
                continue
        left, right = _sides(shape, y)
        if flat:
            low = min(low, t1 - right, t2 - right)
            high = max(high, t1 - left, t2 - left)
        else:
            t = t1 + (t2 - t1) * (y - s1) / (s2 - s1)
            low = min(low, t - right)
            high = max(high, t - left)
    return low + EPS_M, high - EPS_M


@compiled
def beside(
    line: Floats,
    ends: Floats,
    deepest: float,
    walls: Floats,
    blocks: Floats,
    near_walls: Floats,
    near_blocks: Floats,
) -> tuple[int, int]:
    """Write the edges and things that a row may meet, along and away from its line, and return their numbers."""
    ax, ay, ux, uy, side = line[0], line[1], line[2], line[3], line[4]
    low, high = ends[0] - REACH_M, ends[1] + REACH_M
    edges = 0
    for i in range(walls.shape[0]):
        dx, dy = walls[i, 0] - ax, walls[i, 1] - ay
        t1, s1 = dx * ux + dy * uy, side * (dy * ux - dx * uy)
        dx, dy = walls[i, 2] - ax, walls[i, 3] - ay
        t2, s2 = dx * ux + dy * uy, side * (dy * ux - dx * uy)
        if max(s1, s2) <= EPS_M or min(s1, s2) >= deepest or max(t1, t2) < low or min(t1, t2) > high:
            continue
        near_walls[edges, 0], near_walls[edges, 1] = t1, s1
        near_walls[edges, 2], near_walls[edges, 3] = t2, s2
        edges += 1
    things = 0
    for i in range(blocks.shape[0]):
        least, most, first, last = np.inf, -np.inf, np.inf, -np.inf
        for k in range(4):
            dx, dy = blocks[i, k, 0] - ax, blocks[i, k, 1] - ay
            t, s = dx * ux + dy * uy, side * (dy * ux - dx * uy)
            near_blocks[things, k, 0], near_blocks[things, k, 1] = t, s
            least, most, first, last = min(least, s), max(most, s), min(first, t), max(last, t)
        if most > EPS_M and least < deepest and last > low and first < high:
            things += 1
    return edges, things


@compiled
def _gaps(
    line: Floats,
    ends: Floats,
    at_wall: Floats,
    at_stall: Floats,
    front: float,
    walls: Floats,
    near_walls: Floats,
    near_blocks: Floats,
    gaps: Floats,
) -> int:
    """Write the intervals of positions at which one kind of stall is free, and return their number."""
    ax, ay, ux, uy, side = line[0], line[1], line[2], line[3], line[4]
    wall_depth, stall_depth = at_wall[:, 1].max(), at_stall[:, 1].max()
    n = near_walls.shape[0] + near_blocks.shape[0]
    lows, highs = np.empty(n), np.empty(n)
    found = 0
    for i in range(near_walls.shape[0]):
        s1, s2 = near_walls[i, 1], near_walls[i, 3]
        if min(s1, s2) >= wall_depth - EPS_M:
            continue
        low, high = _barred(at_wall, wall_depth, near_walls[i, 0], s1, near_walls[i, 2], s2)
        if high > low:
            lows[found], highs[found] = low, high
            found += 1
    for i in range(near_blocks.shape[0]):
        low, high = np.inf, -np.inf
        for k in range(4):
            j = (k + 1) % 4
            lo, hi = _barred(
                at_stall,
                stall_depth,
                near_blocks[i, k, 0],
                near_blocks[i, k, 1],
                near_blocks[i, j, 0],
                near_blocks[i, j, 1],
            )
            low, high = min(low, lo), max(high, hi)
        if high > low:
            lows[found], highs[found] = low, high
            found += 1
    order = np.argsort(lows[:found])
    first, last = ends[0], ends[1] - front + EPS_M
    cx, cy = at_wall[:, 0].mean(), at_wall[:, 1].mean()
    count = 0
    at = first
    for k in range(found + 1):
        low = last if k == found else min(lows[order[k]], last)
        if low >= at:
            t = (low + at) / 2 + cx
            x, y = ax + t * ux - side * cy * uy, ay + t * uy + side * cy * ux
            if count < gaps.shape[0] and inside(walls, x, y):
                gaps[count, 0], gaps[count, 1] = at, low
                count += 1
        if k < found:
            at = max(at, highs[order[k]])
        if at > last:
            break
    return count


@compiled
def counted(
    line: Floats,
    ends: Floats,
    at_wall: Floats,
    at_stall: Floats,
    front: float,
    pitch: float,
    walls: Floats,
    near_walls: Floats,
    near_blocks: Floats,
) -> int:
    """Return how many stalls of one kind stand along a line (x, y, ux, uy, side) between two ends."""
    gaps = np.empty((64, 2))
    n = _gaps(line, ends, at_wall, at_stall, front, walls, near_walls, near_blocks, gaps)
    total = 0
    at = -np.inf
    for k in range(n):
        start = max(at, gaps[k, 0])
        if start <= gaps[k, 1]:
            more = int(np.floor((gaps[k, 1] - start) / pitch)) + 1
            total += more
            at = start + more * pitch
    return total


@compiled
def packed(
    line: Floats,
    ends: Floats,
    chosen: Ints,
    at_wall: Floats,
    at_stall: Floats,
    fronts: Floats,
    follow: Floats,
    walls: Floats,
    blocks: Floats,
) -> tuple[Ints, Floats]:
    """Return kinds and positions of the most stalls along a line, of several kinds mixed.

    Of all kinds those in ``chosen`` are used; ``follow[a, b]`` is the least distance from a stall of kind a to a next
    one of kind b.
    """
    kinds = chosen.shape[0]
    gaps = np.empty((kinds, 64, 2))
    counts = np.zeros(kinds, np.int64)
    deepest = 0.0
    for k in range(kinds):
        deepest = max(deepest, at_wall[chosen[k], :, 1].max(), at_stall[chosen[k], :, 1].max())
    near_walls = np.empty((walls.shape[0], 4))
    near_blocks = np.empty((blocks.shape[0] + 1, 4, 2))
    edges, things = beside(line, ends, deepest, walls, blocks, near_walls, near_blocks)
    for k in range(kinds):
        c = chosen[k]
        counts[k] = _gaps(
            line,
            ends,
            at_wall[c],
            at_stall[c],
            fronts[c],
            walls,
            near_walls[:edges],
            near_blocks[:things],
            gaps[k],
        )
    most = 512
    where = np.full((most, kinds), np.inf)
    back = np.full((most, kinds), -1, np.int64)
    steps = 0
    while steps < most:
        some = False
        for b in range(kinds):
            at, of = np.inf, -1
            if steps == 0:
                at = ends[0]
            else:
                for a in range(kinds):
                    after = where[steps - 1, a] + follow[chosen[a], chosen[b]]
                    if after < at:
                        at, of = after, a
            if at == np.inf:
                continue
            for g in range(counts[b]):
                if gaps[b, g, 1] >= at:
                    where[steps, b], back[steps, b] = max(at, gaps[b, g, 0]), of
                    some = True
                    break
        if not some:
            break
        steps += 1
    taken, places = np.empty(steps, np.int64), np.empty(steps)
    if steps:
        k = 0
        for b in range(kinds):
            if where[steps - 1, b] + fronts[chosen[b]] < where[steps - 1, k] + fronts[chosen[k]]:
                k = b
        for step in range(steps - 1, -1, -1):
            taken[step], places[step] = chosen[k], where[step, k]
            k = back[step, k]
    return taken, places


@compiled
def filled(
    lines: Floats,
    lengths: Floats,
    first: Ints,
    usable: Ints,
    order: Ints,
    at_wall: Floats,
    at_stall: Floats,
    fronts: Floats,
    follow: Floats,
    walls: Floats,
    grounds: Floats,
    passes: int,
    worth: int,
) -> tuple[Ints, Ints, Floats]:
    """Pack row after row into what the others leave: a first time with some kinds, then again with all.

    Parameters
    ----------
    lines, lengths : array (rows, 5), array (rows)
        Where each row runs: x, y, ux, uy, side, and how far.
    first, usable : array (rows, kinds)
        1 for kinds that may stand in the first pass, and in the others.
    order : array (rows)
        Which row is packed after which.
    at_wall, at_stall, fronts, follow, walls
        As in :func:`packed`.
    grounds : array (n, 4, 2)
        What the aisles cover.
    passes, worth : int
        Passes after the first, and the least number of stalls for which there is more than one.

    Returns
    -------
    tuple
        The number of stalls of each row, and their kinds and positions.
    """
    rows, kinds = usable.shape
    most = 512
    counts = np.zeros(rows, np.int64)
    shapes, places = np.zeros((rows, most), np.int64), np.zeros((rows, most))
    things = grounds.shape[0]
    blocks = np.empty((things + 256, 4, 2))
    blocks[:things] = grounds
    owner = np.full(blocks.shape[0], -1, np.int64)
    ends = np.empty(2)
    chosen = np.empty(kinds, np.int64)
    total = 0
    for turn in range(passes + 1):
        before = total
        for r in order:
            some = 0
            for k in range(kinds):
                if (first[r, k] if turn == 0 else usable[r, k]) == 1:
                    chosen[some] = k
                    some += 1
            if some == 0:
                continue
            # Its own stalls are taken out first.
            kept = grounds.shape[0]
            for i in range(kept, things):
                if owner[i] != r:
                    if kept != i:
                        blocks[kept], owner[kept] = blocks[i], owner[i]
                    kept += 1
            ends[0], ends[1] = 0.0, lengths[r]
            taken, at = packed(
                lines[r], ends, chosen[:some], at_wall, at_stall, fronts, follow, walls, blocks[:kept]
            )
            if taken.shape[0] > counts[r]:
                total += taken.shape[0] - counts[r]
                counts[r] = taken.shape[0]
                shapes[r, : counts[r]], places[r, : counts[r]] = taken, at
            if kept + counts[r] > blocks.shape[0]:
                wider = np.empty((2 * blocks.shape[0] + most, 4, 2))
                wider[:kept] = blocks[:kept]
                owners = np.full(wider.shape[0], -1, np.int64)
                owners[:kept] = owner[:kept]
                blocks, owner = wider, owners
            ax, ay, ux, uy, side = lines[r, 0], lines[r, 1], lines[r, 2], lines[r, 3], lines[r, 4]
            for i in range(counts[r]):
                for c in range(4):
                    t = at_stall[shapes[r, i], c, 0] + places[r, i]
                    s = side * at_stall[shapes[r, i], c, 1]
                    blocks[kept, c, 0], blocks[kept, c, 1] = ax + t * ux - s * uy, ay + t * uy + s * ux
                owner[kept] = r
                kept += 1
            things = kept
        if turn > 0 and (total == before or total < worth):
            break
    return counts, shapes, places
