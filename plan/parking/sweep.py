"""Rows packed exactly, as machine code: where along a line stalls can stand, and how many at most.

A stall is a convex quadrilateral that is moved along its aisle. Each edge of the ground and each thing that
stands in the way forbids an interval of its positions, found exactly; in what remains, the stall that ends
first is the right one to set first, so a chain of earliest positions gives the greatest number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.network.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["EPS_M", "filled", "free_spans", "inside", "packed", "stacked"]

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
def _beside(
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
def _counted(
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
    edges, things = _beside(line, ends, deepest, walls, blocks, near_walls, near_blocks)
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


@compiled
def _usable(
    ax: float, ay: float, ux: float, uy: float, span: Floats, ways: Floats, gates: Floats, both: bool
) -> tuple[float, float]:
    """Return the part of a span between the first and the last way on; the whole of one driven both ways."""
    first, last = np.inf, -np.inf
    for part in range(2):
        lines = ways if part == 0 else gates
        for i in range(lines.shape[0]):
            dx, dy = lines[i, 0] - ax, lines[i, 1] - ay
            t1, s1 = dx * ux + dy * uy, dy * ux - dx * uy
            dx, dy = lines[i, 2] - ax, lines[i, 3] - ay
            t2, s2 = dx * ux + dy * uy, dy * ux - dx * uy
            if (s1 > 0) == (s2 > 0):
                continue
            t = t1 + (t2 - t1) * (0 - s1) / (s2 - s1)
            slack = 0.5 if part == 0 else 3.0
            if span[0] - slack <= t <= span[1] + slack:
                first, last = min(first, t), max(last, t)
    if first > last:
        return np.inf, -np.inf
    if both:
        return span[0], span[1]
    if last - first < 3.0:
        return np.inf, -np.inf
    return max(first, span[0]), min(last, span[1])


@compiled
def stacked(
    ys: Floats,
    angle: float,
    widths: Floats,
    both_ways: Ints,
    at_wall: Floats,
    at_stall: Floats,
    fronts: Floats,
    pitches: Floats,
    needs: Floats,
    depths: Floats,
    pairs: Floats,
    walls: Floats,
    drive: Floats,
    blocks: Floats,
    ways: Floats,
    gates: Floats,
) -> tuple[int, Ints]:
    """Stack aisles and rows over offsets so that most stalls stand; return their number and the aisles.

    Kinds come in pairs that lean forward and backward: ``at_wall[2 k + lean]``. An aisle is chosen with its
    width, the lean of its rows (0 forward, 1 backward: its direction), and the kinds below and above it.

    Returns
    -------
    tuple
        The number, and a row (offset, width, lean, kind below, kind above) for each aisle; a kind of -1 is no row.
    """
    ux, uy = np.cos(angle), np.sin(angle)
    n, wide, kinds = ys.shape[0], widths.shape[0], needs.shape[0]
    value = np.full((n, wide, 2, 2, kinds + 1), -1, np.int64)  # offset, width, lean, side, kind
    spans = np.empty((32, 2))
    line, ends = np.empty(5), np.empty(2)
    near_walls = np.empty((walls.shape[0], 4))
    near_blocks = np.empty((blocks.shape[0] + 1, 4, 2))
    deepest = max(at_wall[:, :, 1].max(), at_stall[:, :, 1].max())
    for i in range(n):
        for w in range(wide):
            y = ys[i] + widths[w] / 2
            ax, ay = -uy * y, ux * y
            found = free_spans(ax, ay, ux, uy, widths[w] / 2, drive, spans)
            for f in range(found):
                start, end = _usable(ax, ay, ux, uy, spans[f], ways, gates, both_ways[w] == 1)
                if end - start < 4.0:
                    continue
                ends[0], ends[1] = start, end
                for side in range(2):
                    at = ys[i] if side == 0 else ys[i] + widths[w]
                    line[0], line[1], line[2], line[3] = -uy * at, ux * at, ux, uy
                    line[4] = -1.0 if side == 0 else 1.0
                    edges, things = _beside(line, ends, deepest, walls, blocks, near_walls, near_blocks)
                    for lean in range(2):
                        value[i, w, lean, side, kinds] = max(0, value[i, w, lean, side, kinds])
                        for k in range(kinds):
                            if needs[k] > widths[w] + 1e-9:
                                continue
                            kind = 2 * k + lean
                            here = _counted(
                                line,
                                ends,
                                at_wall[kind],
                                at_stall[kind],
                                fronts[k],
                                pitches[k],
                                walls,
                                near_walls[:edges],
                                near_blocks[:things],
                            )
                            value[i, w, lean, side, k] = max(0, value[i, w, lean, side, k]) + here
    best = np.full((n, wide, 2, kinds + 1), -1, np.int64)  # with the kind above
    trail = np.full((n, wide, 2, kinds + 1, 5), -1, np.int64)
    top = np.full((n, wide, 2, kinds + 1), -1, np.int64)  # the best at or below an offset, and where it is
    where = np.full((n, wide, 2, kinds + 1), -1, np.int64)
    total, last = 0, np.full(4, -1, np.int64)
    for i in range(n):
        for w in range(wide):
            for lean in range(2):
                if value[i, w, lean, 0, kinds] < 0:
                    continue
                low, source = -1, np.full(5, -1, np.int64)
                for b in range(kinds + 1):
                    own = value[i, w, lean, 0, b]
                    if own < 0 or (own == 0 and b < kinds):
                        continue
                    if own > low:
                        low = own
                        source[0], source[4] = -1, b
                    for w2 in range(wide):
                        for lean2 in range(2):
                            for a in range(kinds + 1):
                                if a == kinds or b == kinds:
                                    gap = (0.0 if a == kinds else depths[a]) + (
                                        0.0 if b == kinds else depths[b]
                                    )
                                elif a == b and lean != lean2:
                                    gap = pairs[a]
                                else:
                                    gap = depths[a] + depths[b]
                                limit = ys[i] - gap - widths[w2] + EPS_M
                                j = np.searchsorted(ys, limit, side="right") - 1
                                if j < 0 or top[j, w2, lean2, a] < 0:
                                    continue
                                if top[j, w2, lean2, a] + own > low:
                                    low = top[j, w2, lean2, a] + own
                                    source[0], source[1], source[2] = where[j, w2, lean2, a], w2, lean2
                                    source[3], source[4] = a, b
                for a in range(kinds + 1):
                    above = value[i, w, lean, 1, a]
                    if above < 0 or (above == 0 and a < kinds):
                        continue
                    best[i, w, lean, a] = low + above
                    trail[i, w, lean, a] = source
                    if best[i, w, lean, a] > total:
                        total = best[i, w, lean, a]
                        last[0], last[1], last[2], last[3] = i, w, lean, a
        for w in range(wide):
            for lean in range(2):
                for a in range(kinds + 1):
                    if i:
                        top[i, w, lean, a], where[i, w, lean, a] = (
                            top[i - 1, w, lean, a],
                            where[i - 1, w, lean, a],
                        )
                    if best[i, w, lean, a] > top[i, w, lean, a]:
                        top[i, w, lean, a], where[i, w, lean, a] = best[i, w, lean, a], i
    aisles = np.empty((n, 5), np.int64)
    count = 0
    while last[0] >= 0:
        source = trail[last[0], last[1], last[2], last[3]]
        aisles[count, 0], aisles[count, 1], aisles[count, 2] = last[0], last[1], last[2]
        aisles[count, 3] = source[4] if source[4] < kinds else -1
        aisles[count, 4] = last[3] if last[3] < kinds else -1
        count += 1
        last = np.array([source[0], source[1], source[2], source[3]])
    return total, aisles[:count]
