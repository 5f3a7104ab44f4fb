"""The search as machine code: plain loops over arrays, run without the interpreter's lock.

A queue of buckets holds the nodes to be looked at, each bucket as wide as a typical arc; a node that is
improved later is looked at again, so that the order within a bucket does not matter. A label is a cost
and the target it leads to; of equal costs the smaller target wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["longer_ints", "longer_ticks", "spread"]


@compiled
def longer_ints(a: Ints) -> Ints:
    """Return a copy with twice the room."""
    b = np.empty(2 * len(a), np.int32)
    b[: len(a)] = a
    return b


@compiled
def longer_ticks(a: Ticks) -> Ticks:
    """Return a copy with twice the room."""
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
            if size == len(heap_node):
                heap_cost, heap_node = longer_ticks(heap_cost), longer_ints(heap_node)
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
                if size == len(heap_node):
                    heap_cost, heap_node = longer_ticks(heap_cost), longer_ints(heap_node)
                heap_cost[size], heap_node[size] = new, y
                _rise(heap_cost, heap_node, size)
                size += 1
    return count


@compiled
def spread(
    start: Ints,
    head: Ints,
    cost: Ticks,
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

    The seeds are taken `group` at a time, so that bounded work stays within a small part of the memory. A bucket is 2**shift wide; 0 `buckets` (a power
    of two) means a heap, for costs of too many magnitudes. `top` (all -1) and the pools are room for the queue.

    Returns how many nodes were touched; -1 where the pools do not suffice, and all must be done again with more.
    """
    if buckets == 0:
        return _heap_spread(start, head, cost, dist, seed_node, seed_label, bound, bits, touched)
    count = 0
    far = bound + 1
    # Unsigned: nothing is counted from the end of an array.
    mask = np.uint64(buckets - 1)
    room = len(pool_node)
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
