"""A network made small without changing any distance.

Nodes with few neighbours are taken out one after another, and the ways through them become arcs between
the neighbours: dead ends are peeled, chains of bends become one arc, and most plain junctions go too; an
arc that two others are not longer than is left out. What remains is the core. A node that was taken out keeps
the arcs to the neighbours that it had then, all of which are in the core or were taken out later: so the times
of all of them are found in one pass in the opposite order (a partial contraction hierarchy: Geisberger et al.
2012, doi:10.1287/trsc.1110.0401; the pass as in Delling et al. 2013, doi:10.1016/j.jpdc.2012.02.007).

Costs are whole numbers, so that sums do not depend on their order. Nodes come in their order along a
Hilbert curve, and are taken out a block of it at a time: what is near on the ground is near in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["INFINITE", "adjacency", "eliminate"]

# A cost that nothing reaches; two of them can be added without overflow.
INFINITE: Final = 1 << 61
# Neighbours of a neighbour, at most: a plaza with a hundred doors is searched once, not a hundred times.
_CROWD: Final = 32
# Nodes of the curve that are looked at together, so that they and their neighbours stay in the cache.
_BLOCK: Final = 256


@compiled
def _find(first: Ints, following: Ints, other: Ints, node: int, wanted: int) -> int:
    record = int(first[node])
    while record >= 0 and other[record] != wanted:
        record = int(following[record])
    return record


@compiled
def adjacency(
    nodes: int, u: Ints, v: Ints, forward: Ticks, backward: Ticks, symmetric: bool
) -> tuple[Ints, Ints, Ints, Ticks, Ticks, Ints]:
    """Return linked lists of neighbours: one record for each pair and direction, the least cost of all edges.

    Returns the first record of each node, the next record, the neighbour, the cost out and in (one array where
    the network is `symmetric`), and the number of neighbours. The two records of a pair are an even one and the
    odd one behind it.
    """
    # In the order of the nodes, so that the records of neighbours lie near each other.
    begin = np.zeros(nodes + 1, np.int32)
    for e in range(len(u)):
        begin[min(u[e], v[e]) + 1] += 1
    for x in range(nodes):
        begin[x + 1] += begin[x]
    order = np.empty(len(u), np.int32)
    for e in range(len(u)):
        low = min(u[e], v[e])
        order[begin[low]] = e
        begin[low] += 1
    room = 2 * len(u)
    first = np.full(nodes, -1, np.int32)
    following = np.empty(room, np.int32)
    other = np.empty(room, np.int32)
    out = np.empty(room, np.int64)
    back = out if symmetric else np.empty(room, np.int64)
    degree = np.zeros(nodes, np.int32)
    used = 0
    for edge in order:
        a, b, ab, ba = u[edge], v[edge], forward[edge], backward[edge]
        if a == b or min(ab, ba) >= INFINITE:
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
            twin = record ^ 1
            out[record], back[record] = min(ab, out[record]), min(ba, back[record])
            out[twin], back[twin] = back[record], out[record]
    return first, following[:used], other[:used], out[:used], back[:used], degree


@compiled
def _unlink(first: Ints, following: Ints, other: Ints, record: int) -> None:
    """Take a record out of the list that it is in."""
    x = other[record ^ 1]
    one = first[x]
    if one == record:
        first[x] = following[record]
        return
    while following[one] != record:
        one = following[one]
    following[one] = following[record]


@compiled
def _more(a: NDArray[Any], size: int) -> NDArray[Any]:
    """Return a longer copy."""
    b = np.empty(size, a.dtype)
    for i in range(len(a)):  # one by one: an array set into a part of another takes two seconds to compile
        b[i] = a[i]
    return b


@compiled
def eliminate(
    first: Ints,
    following: Ints,
    other: Ints,
    out: Ticks,
    back: Ticks,
    degree: Ints,
    most: int,
    symmetric: bool,
) -> tuple[tuple[Ints, Ints, Ints, Ticks], tuple[Ints, Ints, Ints, Ticks, Ticks], Ints]:
    """Take out nodes with at most `most` neighbours.

    Returns the lists of the core (first record, next record, neighbour, cost back), and the nodes in the order in
    which they went with their neighbours at that time as compressed rows: where each row begins, the neighbours,
    and the costs to them and from them (the latter empty where the network is `symmetric`, and all costs are equal
    both ways), and how many nodes had gone after each block of the curve. `degree` is -1 for what was taken out. What is given is written over.
    """
    nodes = len(first)
    order = np.empty(nodes, np.int32)
    gone = 0
    start = np.zeros(nodes + 1, np.int32)
    used, room = 0, 2 * nodes + most + 1
    near, to = np.empty(room, np.int32), np.empty(room, np.int64)
    fro = np.empty(0 if symmetric else room, np.int64)
    # Rings of nodes to look at, one for each number of neighbours, the fewest first; a bit for each that one is in.
    ring = nodes + 1
    queue = np.empty((most + 1, ring), np.int32)
    begin = np.zeros(most + 1, np.int64)
    end = np.zeros(most + 1, np.int64)
    waiting = np.zeros(nodes, np.int32)
    # The costs of the arcs at one node, by the node at the other end, where `seen` is the present `look`.
    seen = np.zeros(nodes, np.int32)
    mine_out = np.empty(nodes, np.int64)
    mine_back = mine_out if symmetric else np.empty(nodes, np.int64)
    look = 0
    records = len(other)
    spare = -1  # records that can be used again, in pairs by their even one
    known = 0 if most >= 0 else nodes  # nodes of the curve that have been looked at
    level = most + 1
    ends = np.zeros(nodes // _BLOCK + 2, np.int32)  # how many had gone after each block
    blocks = 0
    while True:
        if level > most:
            ends[blocks] = gone
            blocks += known > 0
            if known == nodes:
                break
            for x in range(known, min(known + _BLOCK, nodes)):
                d = degree[x]
                if 0 <= d <= most:
                    queue[d, end[d]] = x
                    end[d] = (end[d] + 1) % ring
                    waiting[x] = 1 << d
            known = min(known + _BLOCK, nodes)
            level = 0
        if begin[level] == end[level]:
            level += 1
            continue
        x = queue[level, begin[level]]
        begin[level] += 1
        if begin[level] == ring:
            begin[level] = 0
        waiting[x] &= ~(1 << level)
        if degree[x] != level:
            continue
        if used + level > room:
            room += room // 2
            near, to = _more(near, room), _more(to, room)
            if not symmetric:
                fro = _more(fro, room)
        behind = used
        crowded = False
        record = first[x]
        while record >= 0:
            near[behind], to[behind] = other[record], out[record]
            if not symmetric:
                fro[behind] = back[record]
            crowded |= level > 1 and degree[other[record]] > _CROWD
            behind += 1
            record = following[record]
        if crowded:
            continue
        record = first[x]
        while record >= 0:
            after = following[record]
            _unlink(first, following, other, record ^ 1)
            even = record & ~1
            following[even] = spare
            spare = even
            record = after
        first[x] = -1
        degree[x] = -1
        order[gone] = x
        gone += 1
        start[gone] = behind
        for i in range(used, behind):
            degree[near[i]] -= 1
        for i in range(used, behind - 1):
            p = near[i]
            look += 1
            record = first[p]
            while record >= 0:
                y = other[record]
                seen[y], mine_out[y] = look, out[record]
                if not symmetric:
                    mine_back[y] = back[record]
                record = following[record]
            for j in range(i + 1, behind):
                q = near[j]
                pq = min((to[i] if symmetric else fro[i]) + to[j], INFINITE)
                qp = pq if symmetric else min(fro[j] + to[i], INFINITE)
                if seen[q] == look:
                    if mine_out[q] <= pq and mine_back[q] <= qp:
                        continue
                    record = _find(first, following, other, p, q)
                    twin = record ^ 1
                    mine_out[q] = min(pq, mine_out[q])
                    mine_back[q] = min(qp, mine_back[q])
                    out[record], back[record] = mine_out[q], mine_back[q]
                    out[twin], back[twin] = mine_back[q], mine_out[q]
                    continue
                # Another way over one node that is no longer makes the new arc needless.
                go, come = pq < INFINITE, qp < INFINITE and not symmetric
                record = first[q]
                while record >= 0 and (go or come):
                    y = other[record]
                    if seen[y] == look:
                        go &= mine_out[y] + back[record] > pq
                        come &= mine_back[y] + out[record] > qp
                    record = following[record]
                if not (go or come):
                    continue
                if spare >= 0:
                    even = spare
                    spare = following[even]
                else:
                    if records + 2 > len(other):
                        size = len(other) + len(other) // 2 + 2
                        following, other, out = _more(following, size), _more(other, size), _more(out, size)
                        back = out if symmetric else _more(back, size)
                    even = records
                    records += 2
                odd = even + 1
                following[even], other[even], out[even], back[even] = first[p], q, pq, qp
                following[odd], other[odd], out[odd], back[odd] = first[q], p, qp, pq
                first[p], first[q] = even, odd
                degree[p] += 1
                degree[q] += 1
                seen[q], mine_out[q], mine_back[q] = look, pq, qp
        for i in range(used, behind):
            y = near[i]
            d = degree[y]
            if y < known and d <= most and not waiting[y] & (1 << d):
                waiting[y] |= 1 << d
                queue[d, end[d]] = y
                end[d] += 1
                if end[d] == ring:
                    end[d] = 0
                level = min(level, d)
        used = behind
    upward = (order[:gone], start[: gone + 1], near[:used], to[:used], fro[: 0 if symmetric else used])
    return (first, following, other, back), upward, ends[:blocks]
