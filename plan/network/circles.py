"""All targets within a bound, as machine code: a search around each target by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.network.compiled import longer_ints, longer_ticks, spread
from plan.network.contraction import INFINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Rows = tuple[Ints, Ints, Ticks]  # where each row begins, heads, costs

__all__ = ["balls", "rows_by_node"]


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
def _climb(
    start: Ints,
    head: Ints,
    cost: Ticks,
    core: int,
    seed_node: Ints,
    seed_cost: Ticks,
    bound: int,
    dist: Ticks,
    met: Ints,
    door: Ints,
    door_cost: Ticks,
) -> tuple[int, int, Ints, Ticks]:
    """Bring the seeds of one target up to the core.

    Returns how many nodes behind the core were met (they have labels now), how many labels came to nodes of the core,
    and those nodes and labels, in arrays that may have become longer.
    """
    count, doors = 0, 0
    for s in range(len(seed_node)):
        x = seed_node[s]
        if x >= core:
            if dist[x] > bound:
                met[count] = x
                count += 1
            dist[x] = min(dist[x], seed_cost[s])
            continue
        if doors == len(door):
            door, door_cost = longer_ints(door), longer_ticks(door_cost)
        door[doors], door_cost[doors] = x, seed_cost[s]
        doors += 1
    done = 0
    while done < count:
        # The last of those that wait comes next: no other leads to it.
        last = done
        for i in range(done + 1, count):
            if met[i] > met[last]:
                last = i
        met[done], met[last] = met[last], met[done]
        x = met[done]
        done += 1
        for a in range(start[x - core], start[x - core + 1]):
            y, d = head[a], dist[x] + cost[a]
            if d > bound:
                continue
            if y >= core:
                if dist[y] > bound:
                    met[count] = y
                    count += 1
                dist[y] = min(dist[y], d)
                continue
            if doors == len(door):
                door, door_cost = longer_ints(door), longer_ticks(door_cost)
            door[doors], door_cost[doors] = y, d
            doors += 1
    return count, doors, door, door_cost


@compiled
def _descend(
    start: Ints,
    head: Ints,
    cost: Ticks,
    parts: Ints,
    part: Ints,
    first_lead: Ints,
    lead: Ints,
    core: int,
    bound: int,
    dist: Ticks,
    reached: Ints,
    count: int,
    met: Ints,
    marked: Flags,
) -> int:
    """Find what is reached behind the core, from what is reached in the core and what was met on the way up.

    Whole parts are passed over, each after those that its arcs lead to; they stay `marked`. Returns how many nodes are
    reached.
    """
    low, high = len(parts), -1
    for x in met:
        p = part[x]
        marked[p] = True
        low, high = min(low, p), max(high, p)
    for i in range(count):
        for a in range(first_lead[reached[i]], first_lead[reached[i] + 1]):
            p = lead[a]
            marked[p] = True
            low, high = min(low, p), max(high, p)
    p = low
    while p <= high:
        if marked[p]:
            for x in range(parts[p], parts[p + 1]):
                best = min(dist[x], bound + 1)
                at = np.uint64(x - core)
                for a in range(np.uint64(start[at]), np.uint64(start[at + np.uint64(1)])):
                    best = min(best, dist[np.uint64(head[a])] + cost[a])
                dist[x] = best
                if best <= bound:
                    reached[count] = x
                    count += 1
                    for a in range(first_lead[x], first_lead[x + 1]):
                        marked[lead[a]] = True
                        high = max(high, lead[a])
        p += 1
    return count


@compiled
def balls(
    arcs: Rows,
    rising: Rows,
    falling: Rows,
    parts: Ints,
    leads: tuple[Ints, Ints, Ints],
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
    core, nodes = len(arcs[0]) - 1, parts[-1]
    far = bound + 1
    dist = np.full(nodes, far, np.int64)
    reached, seen = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    marked = np.zeros(len(parts), np.bool_)
    door, door_cost = np.empty(256, np.int32), np.empty(256, np.int64)
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
            met, doors, door, door_cost = _climb(
                rising[0],
                rising[1],
                rising[2],
                core,
                seed_node[a:b],
                seed_cost[a:b],
                bound,
                dist,
                seen,
                door,
                door_cost,
            )
            count = spread(
                arcs[0], arcs[1], arcs[2], dist, door[:doors], door_cost[:doors], max(doors, 1), bound, 0, shift, buckets,
                reached, top, pool_node, pool_next, pool_cost,
            )  # fmt: skip
            if count < 0:
                return counts[:0], list_owner, list_target, list_cost
            inside = count
            count = _descend(
                falling[0], falling[1], falling[2], parts, leads[0], leads[1], leads[2], core, bound, dist, reached,
                count, seen[:met], marked,
            )  # fmt: skip
            for i in range(count):
                x = reached[i]
                d = dist[x]
                for r in range(first_row[x], first_row[x + 1]):
                    new = d + row_cost[r]
                    k = row_owner[r]
                    if new <= bound and new < least[k]:
                        if least[k] == INFINITE:
                            if known == len(found):
                                found = longer_ints(found)
                            found[known] = k
                            known += 1
                        least[k] = new
            for i in range(inside):
                dist[reached[i]] = far
            for p in range(len(marked)):
                if marked[p]:
                    marked[p] = False
                    dist[parts[p] : parts[p + 1]] = far
        for r in range(first_pair[t], first_pair[t + 1]):
            k = pair_owner[r]
            if pair_cost[r] < least[k]:
                if least[k] == INFINITE:
                    if known == len(found):
                        found = longer_ints(found)
                    found[known] = k
                    known += 1
                least[k] = pair_cost[r]
        for i in range(known):
            k = found[i]
            counts[k] += 1
            if listing:
                if listed == len(list_owner):
                    list_owner, list_target = longer_ints(list_owner), longer_ints(list_target)
                    list_cost = longer_ticks(list_cost)
                list_owner[listed], list_target[listed], list_cost[listed] = k, t, least[k]
                listed += 1
            least[k] = INFINITE
    return counts, list_owner[:listed], list_target[:listed], list_cost[:listed]
