"""A network made small without changing any distance.

Nodes with at most three neighbours are taken out one after another, and the ways through them become
arcs between the neighbours: dead ends are peeled, chains of bends become one arc, and most plain
junctions go too. What remains is the core. Each node that was taken out keeps its at most three
anchors in the core and the exact cost to each: a time in the core, plus that cost, is its time. The
anchors are at most three because the neighbours of a node that is taken out are joined to each other, so
that whatever lay behind it stays behind three nodes (a partial contraction hierarchy:
Geisberger et al. 2012, doi:10.1287/trsc.1110.0401; elimination at treewidth three).

Costs are whole numbers, so that sums do not depend on their order. Nodes are numbered along a Hilbert
curve, the core first: what is near on the ground is near in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from plan.network.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["ANCHORS", "INFINITE", "adjacency", "compose", "eliminate", "hilbert", "split"]

# A cost that nothing reaches; two of them can be added without overflow.
INFINITE: Final = 1 << 61
# Neighbours of a node that may be taken out.
ANCHORS: Final = 3
# Neighbours of a neighbour, at most: a plaza with a hundred doors is searched once, not a hundred times.
_CROWD: Final = 16
_HILBERT_BITS: Final = 16


@compiled
def hilbert(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ticks:
    """Return the place of each point along a Hilbert curve of 65,536 steps a side."""
    count = len(x)
    place = np.zeros(count, np.int64)
    if count == 0:
        return place
    side = (1 << _HILBERT_BITS) - 1
    west, south = x.min(), y.min()
    size = max(x.max() - west, y.max() - south)
    scale = side / size if size > 0 else 0.0
    for i in range(count):
        a, b = np.int64((x[i] - west) * scale), np.int64((y[i] - south) * scale)
        found = np.int64(0)
        step = 1 << (_HILBERT_BITS - 1)
        while step > 0:
            right = 1 if a & step else 0
            up = 1 if b & step else 0
            found += step * step * ((3 * right) ^ up)
            if up == 0:
                if right == 1:
                    a, b = side - a, side - b
                a, b = b, a
            step >>= 1
        place[i] = found
    return place


@compiled
def _find(first: Ints, following: Ints, other: Ints, node: int, wanted: int) -> int:
    record = int(first[node])
    while record >= 0 and other[record] != wanted:
        record = int(following[record])
    return record


@compiled
def adjacency(
    nodes: int, u: Ints, v: Ints, forward: Ticks, backward: Ticks
) -> tuple[Ints, Ints, Ints, Ticks, Ticks, Ints, int]:
    """Return linked lists of neighbours: one record for each pair and direction, the least cost of all edges.

    Returns the first record of each node, the next record, the neighbour, the cost out and in, the number of
    neighbours, and the number of records.
    """
    room = 2 * len(u)
    first = np.full(nodes, -1, np.int32)
    following = np.empty(room, np.int32)
    other = np.empty(room, np.int32)
    out = np.empty(room, np.int64)
    back = np.empty(room, np.int64)
    degree = np.zeros(nodes, np.int32)
    used = 0
    for e in range(len(u)):
        a, b, ab, ba = u[e], v[e], forward[e], backward[e]
        if a == b:
            continue
        if degree[b] < degree[a]:
            a, b, ab, ba = b, a, ba, ab
        record = _find(first, following, other, a, b)
        if record < 0:
            for p, q, go, come in ((a, b, ab, ba), (b, a, ba, ab)):
                following[used], other[used], out[used], back[used] = first[p], q, go, come
                first[p] = used
                degree[p] += 1
                used += 1
        elif ab < out[record] or ba < back[record]:
            # The two records of a pair are made together: an even one and the odd one behind it.
            twin = record ^ 1
            out[record], back[record] = min(ab, out[record]), min(ba, back[record])
            out[twin], back[twin] = back[record], out[record]
    return first, following, other, out, back, degree, used


@compiled
def eliminate(
    first: Ints, following: Ints, other: Ints, out: Ticks, back: Ticks, degree: Ints, most: int
) -> tuple[Ints, Ints, Ticks, Ticks]:
    """Take out nodes with at most `most` neighbours; the lists become those of the core.

    Returns the nodes in the order in which they went, and for each node its neighbours at that time
    (-1: none) with the costs to and from them. `degree` is -1 for what was taken out.
    """
    nodes = len(first)
    order = np.empty(nodes, np.int32)
    gone = 0
    near = np.full((nodes, ANCHORS), -1, np.int32)
    to = np.full((nodes, ANCHORS), INFINITE, np.int64)
    fro = np.full((nodes, ANCHORS), INFINITE, np.int64)
    # Rings of nodes to look at, one for each number of neighbours, the fewest first.
    queue = np.empty((ANCHORS + 1, nodes + 1), np.int32)
    begin = np.zeros(ANCHORS + 1, np.int64)
    end = np.zeros(ANCHORS + 1, np.int64)
    waiting = np.full(nodes, -1, np.int8)
    for x in range(nodes):
        if degree[x] <= most:
            queue[degree[x], end[degree[x]]] = x
            end[degree[x]] += 1
            waiting[x] = degree[x]
    spare = -1  # records that can be used again, in pairs by their even one
    level = 0
    while level <= most:
        if begin[level] == end[level]:
            level += 1
            continue
        x = queue[level, begin[level]]
        begin[level] = (begin[level] + 1) % (nodes + 1)
        if waiting[x] != level:
            continue
        waiting[x] = -1
        if degree[x] != level:
            continue
        count = 0
        crowded = False
        record = first[x]
        while record >= 0:
            y = other[record]
            if degree[y] >= 0:
                near[x, count], to[x, count], fro[x, count] = y, out[record], back[record]
                count += 1
                crowded |= degree[y] > _CROWD and level > 1
            record = following[record]
        if crowded:
            near[x, :] = -1
            continue
        # Take the records of x out of the lists of its neighbours.
        if level > 1:
            record = first[x]
            while record >= 0:
                after = following[record]
                y = other[record]
                if degree[y] >= 0:
                    twin = record ^ 1
                    one = first[y]
                    if one == twin:
                        first[y] = following[twin]
                    else:
                        while following[one] != twin:
                            one = following[one]
                        following[one] = following[twin]
                    even = record & ~1
                    following[even] = spare
                    spare = even
                record = after
        first[x] = -1
        degree[x] = -1
        order[gone] = x
        gone += 1
        for i in range(count):
            degree[near[x, i]] -= 1
        for i in range(count):
            for j in range(i + 1, count):
                p, q = near[x, i], near[x, j]
                pq = min(fro[x, i] + to[x, j], INFINITE)
                qp = min(fro[x, j] + to[x, i], INFINITE)
                record = _find(first, following, other, p, q)
                if record >= 0:
                    twin = record ^ 1
                    out[record], back[record] = min(pq, out[record]), min(qp, back[record])
                    out[twin], back[twin] = back[record], out[record]
                else:
                    even = spare
                    spare = following[even]
                    following[even], other[even], out[even], back[even] = first[p], q, pq, qp
                    first[p] = even
                    odd = even + 1
                    following[odd], other[odd], out[odd], back[odd] = first[q], p, qp, pq
                    first[q] = odd
                    degree[p] += 1
                    degree[q] += 1
        for i in range(count):
            y = near[x, i]
            if degree[y] <= most and waiting[y] != degree[y]:
                waiting[y] = degree[y]
                queue[degree[y], end[degree[y]]] = y
                end[degree[y]] = (end[degree[y]] + 1) % (nodes + 1)
                level = min(level, degree[y])
    return order[:gone], near, to, fro


@compiled
def compose(order: Ints, near: Ints, to: Ticks, fro: Ticks, degree: Ints) -> None:
    """Replace the neighbours of what was taken out by anchors in the core, with the least costs, in place."""
    node = np.empty(ANCHORS, np.int32)
    go = np.empty(ANCHORS, np.int64)
    come = np.empty(ANCHORS, np.int64)
    for k in range(len(order) - 1, -1, -1):
        x = order[k]
        count = 0
        for i in range(ANCHORS):
            y = near[x, i]
            if y < 0:
                break
            inner = degree[y] < 0
            for j in range(ANCHORS if inner else 1):
                z = near[y, j] if inner else y
                if z < 0:
                    break
                there = min(to[x, i] + (to[y, j] if inner else 0), INFINITE)
                here = min(fro[x, i] + (fro[y, j] if inner else 0), INFINITE)
                spot = 0
                while spot < count and node[spot] != z:
                    spot += 1
                if spot == count:
                    node[count], go[count], come[count] = z, there, here
                    count += 1
                else:
                    go[spot], come[spot] = min(go[spot], there), min(come[spot], here)
        near[x, :] = -1
        for i in range(count):
            near[x, i], to[x, i], fro[x, i] = node[i], go[i], come[i]


@compiled
def split(
    nodes: Ints, number: Ints, first: Ints, following: Ints, other: Ints, cost: Ticks, degree: Ints
) -> tuple[Ints, Ints, Ticks]:
    """Return lists of neighbours as compressed rows in the order of `nodes`, without closed arcs.

    `number` gives the new number of each node; `degree` is negative for nodes that are left out.
    """
    starts = np.zeros(len(nodes) + 1, np.int32)
    for i in range(len(nodes)):
        starts[i + 1] = starts[i]
        record = first[nodes[i]]
        while record >= 0:
            if degree[other[record]] >= 0 and cost[record] < INFINITE:
                starts[i + 1] += 1
            record = following[record]
    head = np.empty(starts[-1], np.int32)
    weight = np.empty(starts[-1], np.int64)
    for i in range(len(nodes)):
        at = starts[i]
        record = first[nodes[i]]
        while record >= 0:
            if degree[other[record]] >= 0 and cost[record] < INFINITE:
                head[at], weight[at] = number[other[record]], cost[record]
                at += 1
            record = following[record]
    return starts, head, weight
