"""All targets within a bound, as machine code: a search around each target by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.network.compiled import longer_ints, longer_ticks, spread
from plan.network.contraction import INFINITE
from plan.network.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

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
                                found = longer_ints(found)
                            found[known] = k
                            known += 1
                        least[k] = new
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
