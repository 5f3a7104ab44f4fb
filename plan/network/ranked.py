"""The k nearest targets of each node, as machine code: k labels of different targets, the least first.

Of equal costs the smaller target comes first; see :mod:`plan.network.compiled` for the queue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.network.contraction import INFINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["best_labels", "labelled", "minutes_of_ticks", "rise_labels", "sink_labels", "spread_labels"]


@compiled
def _insert(dist: Ticks, own: Ints, x: int | np.uint64, d: int, o: int) -> bool:
    """Put a label among the least of a node, one for each target; return whether it belongs there."""
    k = dist.shape[1]
    if d > dist[x, k - 1] or (d == dist[x, k - 1] and o >= own[x, k - 1]):
        return False
    at = k - 1
    for i in range(k):
        if own[x, i] == o and dist[x, i] < INFINITE:
            if dist[x, i] <= d:
                return False
            at = i
            break
    while at > 0 and (dist[x, at - 1] > d or (dist[x, at - 1] == d and own[x, at - 1] > o)):
        dist[x, at], own[x, at] = dist[x, at - 1], own[x, at - 1]
        at -= 1
    dist[x, at], own[x, at] = d, o
    return True


@compiled
def spread_labels(
    start: Ints,
    head: Ints,
    cost: Ticks,
    dist: Ticks,
    own: Ints,
    seed_node: Ints,
    seed_cost: Ticks,
    seed_own: Ints,
    group: int,
    bound: int,
    shift: int,
    buckets: int,
    top: Ints,
    pool_node: Ints,
    pool_own: Ints,
    pool_next: Ints,
    pool_cost: Ticks,
) -> bool:
    """Spread the k least labels of each node, of different targets, in place; see :func:`spread`."""
    mask = buckets - 1
    room = len(pool_node)
    width = dist.shape[1]
    for begin in range(0, len(seed_node), group):
        used, spare, live = 0, -1, 0
        least = bound
        for i in range(begin, min(begin + group, len(seed_node))):
            x, d, o = seed_node[i], seed_cost[i], seed_own[i]
            if d > bound or not _insert(dist, own, x, d, o):
                continue
            if used == room:
                return False
            slot = (d >> shift) & mask
            pool_node[used], pool_cost[used], pool_own[used], pool_next[used] = x, d, o, top[slot]
            top[slot] = used
            used += 1
            live += 1
            least = min(least, d)
        current = least >> shift
        while live > 0:
            slot = current & mask
            entry = top[slot]
            while entry >= 0:
                top[slot] = pool_next[entry]
                x, d, o = pool_node[entry], pool_cost[entry], pool_own[entry]
                pool_next[entry] = spare
                spare = entry
                live -= 1
                valid = False
                for i in range(width):
                    valid |= dist[x, i] == d and own[x, i] == o
                if valid:
                    for a in range(start[x], start[x + 1]):
                        new = d + cost[a]
                        if new > bound:
                            continue
                        y = head[a]
                        if not _insert(dist, own, y, new, o):
                            continue
                        if spare >= 0:
                            free = spare
                            spare = pool_next[free]
                        else:
                            if used == room:
                                return False
                            free = used
                            used += 1
                        to = (new >> shift) & mask
                        pool_node[free], pool_cost[free], pool_own[free] = y, new, o
                        pool_next[free] = top[to]
                        top[to] = free
                        live += 1
                entry = top[slot]
            current += 1
    return True


@compiled
def rise_labels(
    start: Ints,
    head: Ints,
    cost: Ticks,
    dist: Ticks,
    own: Ints,
    core: int,
    seed_node: Ints,
    seed_cost: Ticks,
    seed_own: Ints,
    bound: int,
) -> None:
    """Bring the labels of seeds up to the core, in place."""
    for s in range(len(seed_node)):
        if seed_cost[s] <= bound:
            _insert(dist, own, seed_node[s], seed_cost[s], seed_own[s])
    for x in range(core + len(start) - 2, core - 1, -1):
        if dist[x, 0] >= INFINITE:
            continue
        for a in range(start[x - core], start[x - core + 1]):
            for m in range(dist.shape[1]):
                new = dist[x, m] + cost[a]
                if new > bound:
                    break
                _insert(dist, own, head[a], new, own[x, m])


@compiled
def labelled(dist: Ticks, own: Ints, nodes: int) -> tuple[Ints, Ticks, Ints]:
    """Take the labels off the first nodes: node, cost and target of each."""
    count = 0
    for x in range(nodes):
        for k in range(dist.shape[1]):
            count += dist[x, k] < INFINITE
    node, cost, target = np.empty(count, np.int32), np.empty(count, np.int64), np.empty(count, np.int32)
    at = 0
    for x in range(nodes):
        for k in range(dist.shape[1]):
            if dist[x, k] < INFINITE:
                node[at], cost[at], target[at] = x, dist[x, k], own[x, k]
                at += 1
                dist[x, k], own[x, k] = INFINITE, -1
    return node, cost, target


@compiled
def sink_labels(
    start: Ints, head: Ints, cost: Ticks, dist: Ticks, own: Ints, core: int, wanted: Ints, bound: int
) -> None:
    """Bring the labels of the core down to the wanted nodes behind it, in place."""
    width = dist.shape[1]
    for i in wanted:
        x = np.uint64(i)
        at = x - np.uint64(core)
        for a in range(np.uint64(start[at]), np.uint64(start[at + np.uint64(1)])):
            y, more = np.uint64(head[a]), cost[a]
            if dist[y, 0] + more > bound:
                continue
            if dist[x, 0] >= INFINITE:
                for m in range(width):
                    if dist[y, m] + more > bound:
                        break
                    dist[x, m], own[x, m] = dist[y, m] + more, own[y, m]
                continue
            for m in range(width):
                new = dist[y, m] + more
                if new > bound or new > dist[x, width - 1]:
                    break
                _insert(dist, own, x, new, own[y, m])


@compiled
def best_labels(
    dist: Ticks,
    own: Ints,
    owner: Ints,
    u: Ints,
    v: Ints,
    to_u: Ticks,
    to_v: Ticks,
    best: Ticks,
    which: Ints,
    bound: int,
    pair_origin: Ticks,
    pair_target: Ticks,
    pair_ticks: Ticks,
) -> None:
    """Bring the k least labels of the nodes to the owners of rows, in place."""
    width = dist.shape[1]
    for r in range(len(owner)):
        x = np.uint64(owner[r])
        for end, more in ((u[r], to_u[r]), (v[r], to_v[r])):
            y = np.uint64(end)
            if more > bound or dist[y, 0] + more > bound:
                continue
            if best[x, 0] >= INFINITE:
                for m in range(width):
                    if dist[y, m] + more > bound:
                        break
                    best[x, m], which[x, m] = dist[y, m] + more, own[y, m]
                continue
            for m in range(width):
                new = dist[y, m] + more
                if new > bound or new > best[x, width - 1]:
                    break
                _insert(best, which, x, new, own[y, m])
    for r in range(len(pair_origin)):
        _insert(best, which, pair_origin[r], pair_ticks[r], pair_target[r])


@compiled
def minutes_of_ticks(
    ticks: Ticks,
    own: Ints,
    bound: int,
    scale: float,
    max_min: float,
    minutes: NDArray[np.float64],
    target: Ticks,
) -> None:
    """Write the minutes and the targets of k labels; NaN and -1 beyond the bound."""
    for i in range(ticks.shape[0]):
        for k in range(ticks.shape[1]):
            if ticks[i, k] <= bound:
                minutes[i, k] = min(ticks[i, k] / scale, max_min)
                target[i, k] = own[i, k]
            else:
                minutes[i, k] = np.nan
                target[i, k] = -1
