"""The searches as machine code: plain loops over arrays, each run without the interpreter's lock.

A queue of buckets holds the nodes to be looked at, each bucket as wide as a typical arc; a node that is
improved later is looked at again, so that the order within a bucket does not matter. A label is a cost
and the target it leads to; of equal costs the smaller target wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.network.contraction import INFINITE
from plan.network.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = [
    "NOTHING",
    "anchor_labels",
    "balls",
    "best_of_rows",
    "labelled",
    "minutes_of_labels",
    "minutes_of_nodes",
    "minutes_of_ticks",
    "nearest_labels",
    "rows_by_node",
    "spread",
    "spread_labels",
]

# No label.
NOTHING = 1 << 62


@compiled
def _longer_ints(a: Ints) -> Ints:
    b = np.empty(2 * len(a), np.int32)
    b[: len(a)] = a
    return b


@compiled
def _longer_ticks(a: Ticks) -> Ticks:
    b = np.empty(2 * len(a), np.int64)
    b[: len(a)] = a
    return b


@compiled
def _sink(heap_cost: Ticks, heap_node: Ints, size: int) -> None:
    """Put the last entry of a heap into the place of the first, which was taken."""
    cost, node = heap_cost[size], heap_node[size]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap_cost[child + 1] < heap_cost[child]:
            child += 1
        if heap_cost[child] >= cost:
            break
        heap_cost[at], heap_node[at] = heap_cost[child], heap_node[child]
        at = child
    heap_cost[at], heap_node[at] = cost, node


@compiled
def _rise(heap_cost: Ticks, heap_node: Ints, at: int) -> None:
    """Move the entry of a heap to its place; it was added at the end."""
    cost, node = heap_cost[at], heap_node[at]
    while at > 0:
        parent = (at - 1) // 2
        if heap_cost[parent] <= cost:
            break
        heap_cost[at], heap_node[at] = heap_cost[parent], heap_node[parent]
        at = parent
    heap_cost[at], heap_node[at] = cost, node


@compiled
def _heap_spread(
    start: Ints,
    head: Ints,
    cost: Ticks,
    stop: int,
    dist: Ticks,
    seed_node: Ints,
    seed_label: Ticks,
    bound: int,
    bits: int,
    touched: Ints,
) -> int:
    heap_cost = np.empty(1024, np.int64)
    heap_node = np.empty(1024, np.int32)
    size, count = 0, 0
    far = bound + 1
    for i in range(len(seed_node)):
        x, d = seed_node[i], seed_label[i]
        if d < dist[x]:
            if dist[x] == far:
                touched[count] = x
                count += 1
            dist[x] = d
            if x >= stop:
                if size == len(heap_node):
                    heap_cost, heap_node = _longer_ticks(heap_cost), _longer_ints(heap_node)
                heap_cost[size], heap_node[size] = d, x
                _rise(heap_cost, heap_node, size)
                size += 1
    while size > 0:
        d, x = heap_cost[0], heap_node[0]
        size -= 1
        _sink(heap_cost, heap_node, size)
        if d != dist[x]:
            continue
        for a in range(start[x], start[x + 1]):
            new = d + (cost[a] << bits)
            y = head[a]
            if new < dist[y]:
                if dist[y] == far:
                    touched[count] = y
                    count += 1
                dist[y] = new
                if y >= stop:
                    if size == len(heap_node):
                        heap_cost, heap_node = _longer_ticks(heap_cost), _longer_ints(heap_node)
                    heap_cost[size], heap_node[size] = new, y
                    _rise(heap_cost, heap_node, size)
                    size += 1
    return count


@compiled
def spread(
    start: Ints,
    head: Ints,
    cost: Ticks,
    stop: int,
    dist: Ticks,
    seed_node: Ints,
    seed_label: Ticks,
    group: int,
    bound: int,
    bits: int,
    shift: int,
    buckets: int,
    touched: Ints,
    top: Ints,
    pool_node: Ints,
    pool_next: Ints,
    pool_label: Ticks,
) -> int:
    """Spread labels from seeds over the arcs, in place.

    A label is one number: ticks, then the target in the last `bits` bits, so that the smaller label is nearer
    or, at the same cost, leads to the smaller target. A node that is not reached has the label `bound` + 1
    from the start: so one comparison does for both.

    The seeds are taken `group` at a time, so that bounded work stays within a small part of the memory. Nodes
    below `stop` take labels and do not pass them on. A bucket is 2**shift wide; 0 `buckets` (a power
    of two) means a heap, for costs of too many magnitudes. `top` (all -1) and the pools are room for the queue.

    Returns how many nodes were touched; -1 where the pools do not suffice, and all must be done again with more.
    """
    if buckets == 0:
        return _heap_spread(start, head, cost, stop, dist, seed_node, seed_label, bound, bits, touched)
    count = 0
    far = bound + 1
    # Unsigned: nothing is counted from the end of an array.
    mask = np.uint64(buckets - 1)
    room = len(pool_node)
    outside = np.uint64(stop)
    for begin in range(0, len(seed_node), group):
        used, spare, live = 0, -1, 0
        least = bound
        for i in range(begin, min(begin + group, len(seed_node))):
            x, d = seed_node[i], seed_label[i]
            if d >= dist[x]:
                continue
            if dist[x] == far:
                touched[count] = x
                count += 1
            dist[x] = d
            if x < stop:
                continue
            if used == room:
                return -1
            slot = np.uint64(d >> shift) & mask
            pool_node[used], pool_label[used], pool_next[used] = x, d, top[slot]
            top[slot] = used
            used += 1
            live += 1
            least = min(least, d)
        current = least >> shift
        while live > 0:
            slot = np.uint64(current) & mask
            entry = top[slot]
            while entry >= 0:
                top[slot] = pool_next[entry]
                x, d = np.uint64(pool_node[entry]), pool_label[entry]
                pool_next[entry] = spare
                spare = entry
                live -= 1
                if d == dist[x]:
                    for a in range(np.uint64(start[x]), np.uint64(start[x + np.uint64(1)])):
                        new = d + (cost[a] << bits)
                        y = np.uint64(head[a])
                        old = dist[y]
                        if new >= old:
                            continue
                        if old == far:
                            touched[count] = y
                            count += 1
                        dist[y] = new
                        if y < outside:
                            continue
                        if spare >= 0:
                            free = spare
                            spare = pool_next[free]
                        else:
                            if used == room:
                                return -1
                            free = used
                            used += 1
                        to = np.uint64(new >> shift) & mask
                        pool_node[free], pool_label[free], pool_next[free] = y, new, top[to]
                        top[to] = free
                        live += 1
                entry = top[slot]
            current += 1
    return count


@compiled
def anchor_labels(core: int, near: Ints, to: Ticks, wanted: Ints, dist: Ticks, bits: int) -> None:
    """Give nodes outside the core their labels through their anchors, in place."""
    first = np.uint64(core)
    for k in range(len(wanted)):
        i = np.uint64(wanted[k])
        a = dist[np.uint64(near[i, 0])] + (to[i, 0] << bits)
        b = dist[np.uint64(near[i, 1])] + (to[i, 1] << bits)
        c = dist[np.uint64(near[i, 2])] + (to[i, 2] << bits)
        dist[first + i] = min(min(a, b), min(c, dist[first + i]))


@compiled
def best_of_rows(
    dist: Ticks, owner: Ints, u: Ints, v: Ints, to_u: Ticks, to_v: Ticks, bits: int, best: Ticks
) -> None:
    """Improve the best label of each owner by the two ends of the edges that its rows lie on, in place."""
    for r in range(len(owner)):
        k = owner[r]
        by_u, by_v = dist[u[r]] + (to_u[r] << bits), dist[v[r]] + (to_v[r] << bits)
        best[k] = min(best[k], min(by_u, by_v))


@compiled
def _insert(dist: Ticks, own: Ints, x: int, d: int, o: int) -> bool:
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
    stop: int,
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
            if d > bound or not _insert(dist, own, x, d, o) or x < stop:
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
                        if not _insert(dist, own, y, new, o) or y < stop:
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
def nearest_labels(
    core: int,
    near: Ints,
    to: Ticks,
    wanted: Ints,
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
    """Bring the k least labels from the core to the other nodes, and from there to the owners, in place."""
    width = dist.shape[1]
    for k in range(len(wanted)):
        i = wanted[k]
        for j in range(near.shape[1]):
            y = near[i, j]
            for m in range(width):
                new = dist[y, m] + to[i, j]
                if new > bound:
                    break
                _insert(dist, own, core + i, new, own[y, m])
    for r in range(len(owner)):
        for m in range(width):
            new = dist[u[r], m] + to_u[r]
            if new <= bound:
                _insert(best, which, owner[r], new, own[u[r], m])
            new = dist[v[r], m] + to_v[r]
            if new <= bound:
                _insert(best, which, owner[r], new, own[v[r], m])
    for r in range(len(pair_origin)):
        _insert(best, which, pair_origin[r], pair_ticks[r], pair_target[r])


@compiled
def minutes_of_nodes(
    core: int,
    near: Ints,
    to: Ticks,
    dist: Ticks,
    back: Ints,
    bits: int,
    bound: int,
    scale: float,
    minutes: NDArray[np.float64],
) -> None:
    """Write the minutes of all nodes in their own order, those outside the core through their anchors."""
    for x in range(core):
        d = dist[x]
        minutes[back[x]] = (d >> bits) / scale if d <= bound else np.inf
    for i in range(len(near)):
        a = dist[near[i, 0]] + (to[i, 0] << bits)
        b = dist[near[i, 1]] + (to[i, 1] << bits)
        c = dist[near[i, 2]] + (to[i, 2] << bits)
        d = min(min(a, b), min(c, dist[core + i]))
        minutes[back[core + i]] = (d >> bits) / scale if d <= bound else np.inf


@compiled
def minutes_of_labels(
    label: Ticks,
    bits: int,
    limit: int,
    members: Ticks,
    scale: float,
    max_min: float,
    minutes: NDArray[np.float64],
    target: Ticks,
) -> None:
    """Write the minutes and the target of labels; NaN and -1 beyond the limit."""
    mask = (1 << bits) - 1
    for i in range(len(label)):
        if label[i] <= limit:
            minutes[i] = min((label[i] >> bits) / scale, max_min)
            target[i] = members[label[i] & mask]
        else:
            minutes[i] = np.nan
            target[i] = -1


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
def rows_by_node(
    owner: Ints, u: Ints, v: Ints, to_u: Ticks, to_v: Ticks, nodes: int, bound: int
) -> tuple[Ints, Ints, Ticks]:
    """Return the ends of rows by node, without those beyond the bound; see :func:`balls`."""
    first = np.zeros(nodes + 2, np.int32)
    for r in range(len(owner)):
        if to_u[r] <= bound:
            first[u[r] + 2] += 1
        if to_v[r] <= bound:
            first[v[r] + 2] += 1
    for x in range(nodes + 1):
        first[x + 1] += first[x]
    who, cost = np.empty(first[nodes + 1], np.int32), np.empty(first[nodes + 1], np.int64)
    for r in range(len(owner)):
        if to_u[r] <= bound:
            at = first[u[r] + 1]
            who[at], cost[at] = owner[r], to_u[r]
            first[u[r] + 1] += 1
        if to_v[r] <= bound:
            at = first[v[r] + 1]
            who[at], cost[at] = owner[r], to_v[r]
            first[v[r] + 1] += 1
    return first[: nodes + 1], who, cost


@compiled
def balls(
    start: Ints,
    head: Ints,
    cost: Ticks,
    first_seed: Ints,
    seed_node: Ints,
    seed_cost: Ticks,
    first_pair: Ints,
    pair_owner: Ints,
    pair_cost: Ticks,
    first_row: Ints,
    row_owner: Ints,
    row_cost: Ticks,
    targets: Ints,
    owners: int,
    bound: int,
    shift: int,
    buckets: int,
    listing: bool,
    room: int,
) -> tuple[Ints, Ints, Ints, Ticks]:
    """Search around each target by itself; count for each owner, or list, the targets within the bound.

    The rows of node x are `first_row[x]:first_row[x + 1]`: owners that can walk from x at `row_cost`. Returns
    the counts, and the owners, targets and costs of the list; no counts where a queue with `room` entries does
    not suffice.
    """
    nodes = len(start) - 1
    dist = np.full(nodes, bound + 1, np.int64)
    touched = np.empty(nodes, np.int32)
    counts = np.zeros(owners, np.int32)
    least = np.full(owners, INFINITE, np.int64)
    found = np.empty(256, np.int32)
    list_owner = np.empty(1024 if listing else 1, np.int32)
    list_target = np.empty(len(list_owner), np.int32)
    list_cost = np.empty(len(list_owner), np.int64)
    listed = 0
    top = np.full(max(buckets, 1), -1, np.int32)
    pool_node, pool_next = np.empty(room, np.int32), np.empty(room, np.int32)
    pool_cost = np.empty(room, np.int64)
    for t in targets:
        a, b = first_seed[t], first_seed[t + 1]
        known = 0
        if b > a:
            count = spread(
                start,
                head,
                cost,
                0,
                dist,
                seed_node[a:b],
                seed_cost[a:b],
                b - a,
                bound,
                0,
                shift,
                buckets,
                touched,
                top,
                pool_node,
                pool_next,
                pool_cost,
            )
            if count < 0:
                return counts[:0], list_owner, list_target, list_cost
            for i in range(count):
                x = touched[i]
                d = dist[x]
                dist[x] = bound + 1
                for r in range(first_row[x], first_row[x + 1]):
                    new = d + row_cost[r]
                    k = row_owner[r]
                    if new <= bound and new < least[k]:
                        if least[k] == INFINITE:
                            if known == len(found):
                                found = _longer_ints(found)
                            found[known] = k
                            known += 1
                        least[k] = new
        for r in range(first_pair[t], first_pair[t + 1]):
            k = pair_owner[r]
            if pair_cost[r] < least[k]:
                if least[k] == INFINITE:
                    if known == len(found):
                        found = _longer_ints(found)
                    found[known] = k
                    known += 1
                least[k] = pair_cost[r]
        for i in range(known):
            k = found[i]
            counts[k] += 1
            if listing:
                if listed == len(list_owner):
                    list_owner, list_target = _longer_ints(list_owner), _longer_ints(list_target)
                    list_cost = _longer_ticks(list_cost)
                list_owner[listed], list_target[listed], list_cost[listed] = k, t, least[k]
                listed += 1
            least[k] = INFINITE
    return counts, list_owner[:listed], list_target[:listed], list_cost[:listed]
