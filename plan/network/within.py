"""All targets within a bound of each origin: counted, or listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plan.network.columns import Seeds
from plan.network.workers import each, queue_size, workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.queries import Query

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]

__all__ = ["Circles"]

# What a target stands for when work is counted.
_WORK = 1000


class Circles:
    """The surroundings of each target as far as the bound, and the origins in them."""

    def __init__(self, query: Query) -> None:
        from plan.network.circles import rows_by_node  # noqa: PLC0415 - machine code, loaded where it is needed

        edges, origins, groups = query.edges, query.origins, query.groups
        lattice = edges.lattice
        self.lattice, self.groups, self.pairs = lattice, groups, query.pairs
        self.bound, self.threads = query.bound, query.threads
        self.group_count = query.group_count
        self.owners = origins.count
        seeds = Seeds(edges, query.targets)
        by_target = np.argsort(seeds.own, kind="stable")
        by_target = by_target[seeds.cost[by_target] <= self.bound]
        self.seed_node, self.seed_cost = seeds.node[by_target], seeds.cost[by_target]
        self.first_seed = _firsts(seeds.own[by_target], len(groups))
        # Where each target is: neighbours follow each other, so that the next search finds its nodes in the cache.
        self.place = np.full(len(groups), lattice.nodes, dtype=np.int64)
        self.place[seeds.own[by_target]] = self.seed_node
        self.rows = rows_by_node(
            origins.owner.astype(np.int32),
            lattice.number[edges.u[origins.edge]],
            lattice.number[edges.v[origins.edge]],
            query.to_u,
            query.to_v,
            lattice.nodes,
            self.bound,
        )

    def counts(self) -> Ints:
        """Return how many targets of each group each origin reaches: groups by origins."""
        found = [counts for counts, *_ in self._search(listing=False)]
        return np.array(found, dtype=np.int64).reshape(self.group_count, self.owners)

    def lists(self) -> tuple[Ints, Ints, Ints]:
        """Return origin, target and ticks of all pairs."""
        found = self._search(listing=True)
        owner, target, ticks = (
            np.concatenate([np.zeros(0, dtype=np.int64), *(part[i] for part in found)]) for i in (1, 2, 3)
        )
        return owner, target, ticks

    def _search(self, *, listing: bool) -> list[tuple[Small, Small, Small, Ints]]:
        from plan.network.circles import balls  # noqa: PLC0415 - machine code

        lattice = self.lattice
        arcs, leads = lattice.core_arcs, lattice.leads
        first_pair = _firsts(self.pairs.target, len(self.groups))
        pair_owner = self.pairs.origin.astype(np.int32)
        buckets = arcs.buckets(self.bound, int(self.seed_cost.max(initial=0)) + lattice.depth)

        def run(room: None, group: int) -> tuple[Small, Small, Small, Ints]:
            del room
            mine = np.flatnonzero(self.groups == group)
            ordered: Small = mine[np.argsort(self.place[mine], kind="stable")].astype(np.int32)
            size = queue_size(lattice.core)
            while True:
                made = balls(
                    arcs.rows, lattice.rising.rows, lattice.falling.rows, lattice.parts, leads, self.first_seed, self.seed_node, self.seed_cost,
                    first_pair, pair_owner, self.pairs.ticks, *self.rows, ordered,
                    self.owners, self.bound, arcs.shift, buckets, listing, size,
                )  # fmt: skip
                if len(made[0]) == self.owners:
                    return made
                size *= 2

        share = workers(len(self.groups) * _WORK, self.threads)
        found: list[tuple[Small, Small, Small, Ints]] = each(self.group_count, share, lambda: None, run)
        return found


def _firsts(sorted_keys: NDArray[Any], size: int) -> Small:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_keys, minlength=size))]).astype(np.int32)
