"""Rows and aisles stacked over the depth of a lot, as machine code: a dynamic programme over offsets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.parking.sweep import EPS_M, beside, counted, free_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["stacked"]


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
                    edges, things = beside(line, ends, deepest, walls, blocks, near_walls, near_blocks)
                    for lean in range(2):
                        value[i, w, lean, side, kinds] = max(0, value[i, w, lean, side, kinds])
                        for k in range(kinds):
                            if needs[k] > widths[w] + 1e-9:
                                continue
                            kind = 2 * k + lean
                            here = counted(
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
