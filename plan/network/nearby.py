"""Which edges are nearest to points: a grid of the straight pieces of all edges, as machine code.

A point looks at the cells around it, ring by ring, until no cell further away can hold anything as
near; so the answer is that of a look at every piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Longs = NDArray[np.int64]

__all__ = ["cells_of", "nearest_edges"]

# A share by which a squared distance may be wrong, and square metres below which it is not trusted.
_MARGIN = 1.0 + 1e-6
_LEAST = 1e-6


@compiled
def _rows(low: float, high: float, rows: int) -> tuple[int, int]:
    return max(0, min(rows - 1, int(np.floor(low)))), max(0, min(rows - 1, int(np.floor(high))))


@compiled
def cells_of(
    xy: Floats, piece: Longs, west: float, south: float, size: float, columns: int, rows: int
) -> tuple[Longs, Longs]:
    """Put straight pieces into the cells of a grid.

    Piece i runs from vertex `piece[i]` to the next. Returns the pieces by cell: those of cell c are
    ``held[first[c]:first[c + 1]]``; a piece is in every cell that it may touch.
    """
    first = np.zeros(columns * rows + 1, np.int64)
    held = np.empty(0, np.int64)
    # Rounding must not put a piece beside the cell that it touches.
    slack = 1e-6
    for fill in range(2):
        for i in range(len(piece)):
            a = piece[i]
            x1, y1 = (xy[a, 0] - west) / size, (xy[a, 1] - south) / size
            x2, y2 = (xy[a + 1, 0] - west) / size, (xy[a + 1, 1] - south) / size
            if x2 < x1:
                x1, y1, x2, y2 = x2, y2, x1, y1
            begin, end = _rows(x1 - slack, x2 + slack, columns)
            for column in range(begin, end + 1):
                # The part of the piece within this column.
                low, high = y1, y2
                if x2 - x1 > slack:
                    left, right = max(x1, column - slack), min(x2, column + 1 + slack)
                    low = y1 + (left - x1) / (x2 - x1) * (y2 - y1)
                    high = y1 + (right - x1) / (x2 - x1) * (y2 - y1)
                bottom, up = _rows(min(low, high) - slack, max(low, high) + slack, rows)
                for row in range(bottom, up + 1):
                    cell = column * rows + row
                    if fill == 0:
                        first[cell + 1] += 1
                    else:
                        held[first[cell]] = i
                        first[cell] += 1
        if fill == 0:
            for cell in range(columns * rows):
                first[cell + 1] += first[cell]
            held = np.empty(first[-1], np.int64)
    for cell in range(columns * rows, 0, -1):
        first[cell] = first[cell - 1]
    first[0] = 0
    return first, held


@compiled
def _measure(xy: Floats, a: int, x: float, y: float) -> tuple[float, float]:
    """Return the distance from a point to a straight piece, and the share of it at the nearest spot."""
    x1, y1 = xy[a, 0], xy[a, 1]
    dx, dy = xy[a + 1, 0] - x1, xy[a + 1, 1] - y1
    square = dx * dx + dy * dy
    share = 0.0
    if square > 0:
        share = min(1.0, max(0.0, ((x - x1) * dx + (y - y1) * dy) / square))
    if share == 1.0:
        return np.hypot(x - xy[a + 1, 0], y - xy[a + 1, 1]), share
    return np.hypot(x - (x1 + share * dx), y - (y1 + share * dy)), share


@compiled
def nearest_edges(
    x: Floats,
    y: Floats,
    order: Longs,
    xy: Floats,
    piece: Longs,
    edge: Longs,
    along: Floats,
    length: Floats,
    first: Longs,
    held: Longs,
    west: float,
    south: float,
    size: float,
    columns: int,
    rows: int,
    limit: float,
    same: float,
    room: int,
) -> tuple[bool, Longs, Longs, Floats, Floats, Floats]:
    """Find for each point the edges that are nearest, all that are equally near within `same`.

    `edge` is the edge of each piece, `along` the length of the edge before each vertex, `length` that of each
    edge. Returns whether `room` rows suffice (otherwise nothing holds), point, edge, distance, the share of the edge at the nearest spot, and the spot; by point, in their `order`,
    and edge.
    """
    crowd = min(room, 64 + room // 16)
    out_point, out_edge = np.empty(room, np.int64), np.empty(room, np.int64)
    out_distance, out_share = np.empty(room), np.empty(room)
    out_spot = np.empty((room, 2))
    count = 0
    # The pieces that are as near as the best so far.
    found, far = np.empty(crowd, np.int64), np.empty(crowd)
    for i in order:
        px, py = x[i], y[i]
        cx, cy = (px - west) / size, (py - south) / size
        column = max(0, min(columns - 1, int(np.floor(cx))))
        row = max(0, min(rows - 1, int(np.floor(cy))))
        best, known = limit, 0
        reject = (best + same) ** 2 * _MARGIN + _LEAST
        ring = 0
        while True:
            left, right, bottom, up = column - ring, column + ring, row - ring, row + ring
            for c in range(max(left, 0), min(right, columns - 1) + 1):
                inner = left < c < right
                step = max(2 * ring, 1) if inner else 1
                for r in range(bottom, up + 1, step):
                    if r < 0 or r >= rows:
                        continue
                    cell = c * rows + r
                    for h in range(first[cell], first[cell + 1]):
                        p = held[h]
                        a = piece[p]
                        dx, dy = xy[a + 1, 0] - xy[a, 0], xy[a + 1, 1] - xy[a, 1]
                        ox, oy = px - xy[a, 0], py - xy[a, 1]
                        square = dx * dx + dy * dy
                        if square > 0:
                            share = min(1.0, max(0.0, (ox * dx + oy * dy) / square))
                            ox -= share * dx
                            oy -= share * dy
                        # Most pieces are too far away by much; the rest are measured with care.
                        if ox * ox + oy * oy > reject:
                            continue
                        distance, _ = _measure(xy, a, px, py)
                        if distance > best + same or distance > limit:
                            continue
                        if distance < best:
                            best = distance
                            reject = (best + same) ** 2 * _MARGIN + _LEAST
                            kept = 0
                            for j in range(known):
                                if far[j] <= best + same:
                                    found[kept], far[kept] = found[j], far[j]
                                    kept += 1
                            known = kept
                        if known == crowd:
                            return False, out_point, out_edge, out_distance, out_share, out_spot
                        found[known], far[known] = p, distance
                        known += 1
            # How far it is, at least, to a cell that has not been looked at.
            free = np.inf
            if left > 0:
                free = min(free, cx - left)
            if right < columns - 1:
                free = min(free, right + 1 - cx)
            if bottom > 0:
                free = min(free, cy - bottom)
            if up < rows - 1:
                free = min(free, up + 1 - cy)
            if free * size > best + same:
                break
            ring += 1
        begin = count
        for j in range(known):
            p = found[j]
            distance, share = _measure(xy, piece[p], px, py)
            e = edge[p]
            a = piece[p]
            at = along[a] + share * (along[a + 1] - along[a])
            # Of several spots on one edge the nearest counts, and the first of those.
            spot = begin
            while spot < count and out_edge[spot] != e:
                spot += 1
            total = length[e]
            at = min(1.0, at / total) if total > 0 else 0.0
            if spot < count:
                if distance > out_distance[spot] or (
                    distance == out_distance[spot] and at >= out_share[spot]
                ):
                    continue
            else:
                if count == room:
                    return False, out_point, out_edge, out_distance, out_share, out_spot
                # In the order of the edges.
                spot = count
                while spot > begin and out_edge[spot - 1] > e:
                    out_edge[spot], out_distance[spot] = out_edge[spot - 1], out_distance[spot - 1]
                    out_share[spot] = out_share[spot - 1]
                    out_spot[spot, 0], out_spot[spot, 1] = out_spot[spot - 1, 0], out_spot[spot - 1, 1]
                    spot -= 1
                count += 1
            out_point[count - 1] = i
            out_edge[spot], out_distance[spot], out_share[spot] = e, distance, at
            out_spot[spot, 0] = xy[a, 0] + share * (xy[a + 1, 0] - xy[a, 0])
            out_spot[spot, 1] = xy[a, 1] + share * (xy[a + 1, 1] - xy[a, 1])
    return (
        True,
        out_point[:count],
        out_edge[:count],
        out_distance[:count],
        out_share[:count],
        out_spot[:count],
    )
