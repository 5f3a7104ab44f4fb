"""The k nearest targets of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.network.columns import Seeds
from plan.network.ticks import INFINITE
from plan.network.workers import Queue, each, together, workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.lattice import Arcs
    from plan.network.queries import Query

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["several_of_groups"]


class _Room:
    """The k labels of each node of one thread, and its queue."""

    def __init__(self, nodes: int, core: int, k: int) -> None:
        self.dist = np.full((nodes, k), INFINITE, dtype=np.int64)
        self.own = np.full((nodes, k), -1, dtype=np.int32)
        self.queue = Queue(core, k)

    def spread(self, arcs: Arcs, labels: tuple[Small, Ints, Small], *, bound: int) -> bool:
        """Spread labels over the arcs; False: the queue was too short, it is longer now, and nothing holds."""
        from plan.network.ranked import spread_labels  # noqa: PLC0415 - machine code, loaded where it is needed

        queue, (node, cost, own) = self.queue, labels
        buckets = arcs.buckets(bound, int(cost.max(initial=0)))
        done = spread_labels(
            *arcs.rows, self.dist, self.own, node, cost, own, together(arcs, bound, len(node)), bound,
            arcs.shift, buckets, queue.top(buckets), queue.node, queue.own, queue.next, queue.cost,
        )  # fmt: skip
        if not done:
            queue.grow(2 * queue.size)
        return done


def several_of_groups(query: Query, *, k: int) -> list[tuple[NDArray[np.float64], Ints]] | None:
    """Find for each origin the k nearest targets of each group.

    Parameters
    ----------
    query : Query
        What is asked.
    k : int
        How many.

    Returns
    -------
    list of tuple, or None
        Minutes (NaN: none) and targets (-1) of each group, origins by k; None where costs are of too many magnitudes
        for a queue of buckets.
    """
    from plan.network import ranked  # noqa: PLC0415 - machine code
    from plan.network.sweeps import wanted_nodes  # noqa: PLC0415 - machine code

    edges, origins, targets, groups = query.edges, query.origins, query.targets, query.groups
    lattice, bound = edges.lattice, query.bound
    core = lattice.core
    seeds = Seeds(edges, targets)
    dearest = int(seeds.cost.max(initial=0)) + lattice.depth
    if not lattice.core_arcs.buckets(bound, dearest):
        return None
    owner = origins.owner.astype(np.int32)
    u, v = lattice.number[edges.u[origins.edge]], lattice.number[edges.v[origins.edge]]
    wanted = wanted_nodes(core, *lattice.falling.rows[:2], u, v, lattice.nodes)
    group_of_seed = groups[seeds.own]

    def once(room: _Room, group: int) -> bool:
        room.dist.fill(INFINITE)
        room.own.fill(-1)
        mine = group_of_seed == group
        ranked.rise_labels(
            *lattice.rising.rows, room.dist, room.own, core,
            seeds.node[mine], seeds.cost[mine], seeds.own[mine], bound,
        )  # fmt: skip
        return room.spread(lattice.core_arcs, ranked.labelled(room.dist, room.own, core), bound=bound)

    def run(room: _Room, group: int) -> tuple[NDArray[np.float64], Ints]:
        while not once(room, group):
            pass
        ranked.sink_labels(*lattice.falling.rows, room.dist, room.own, core, wanted, bound)
        best = np.full((origins.count, k), INFINITE, dtype=np.int64)
        which = np.full((origins.count, k), -1, dtype=np.int32)
        near = query.pairs.of_targets(groups == group)
        ranked.best_labels(
            room.dist, room.own, owner, u, v, query.to_u, query.to_v,
            best, which, bound, near.origin, near.target, near.ticks,
        )  # fmt: skip
        minutes, target = np.empty(best.shape), np.empty(best.shape, dtype=np.int64)
        ranked.minutes_of_ticks(best, which, bound, edges.scale, query.max_min, minutes, target)
        return minutes, target

    share = workers(query.group_count * k * (edges.nodes + len(owner)), query.threads)
    found: list[tuple[NDArray[np.float64], Ints]] = each(
        query.group_count, share, lambda: _Room(lattice.nodes, core, k), run
    )
    return found
