"""What is asked of a network: the nearest targets, how many within a time, and all of them."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message
from plan.network import plain
from plan.network.same_edge import Pairs, pairs_on_edges
from plan.network.ticks import INFINITE, from_ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.lattice import Arcs
    from plan.network.snapping import Snapped

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    _Labels = tuple[Small, Ints, Small]  # node, ticks, target
    _Found = tuple[NDArray[np.float64], Ints]  # minutes and targets, origins by k

__all__ = ["Query", "ball", "node_minutes"]

# Labels and rows up to which a search without machine code is over before the machine code is loaded,
# and up to which it is no slower even when that is there.
PLAIN_COLD: Final = 150_000
PLAIN_WARM: Final = 2_000
# Labels and rows above which a second thread pays.
PARALLEL: Final = 500_000
# Searches spread from so many targets at a time, near each other, so that they stay in the cache; one
# that reaches further than so many typical arcs passes over everything at once.
_TOGETHER: Final = 32
_FAR_ARCS: Final = 200
# Entries of a queue beyond one for each node.
_QUEUE: Final = 4096
# The label of a node that was not reached, as in the machine code.
NOTHING: Final = 1 << 62
_MODULE: Final = "plan.network.compiled"


def _is_plain(work: int) -> bool:
    return work <= (PLAIN_WARM if _MODULE in sys.modules else PLAIN_COLD)


def _each(
    count: int, work: int, threads: int | None, make: Callable[[], Any], run: Callable[[Any, int], Any]
) -> list[Any]:
    """Run jobs 0..count-1 on some threads, each with its own room to work in; return what they return."""
    wanted = threads if threads is not None else (os.cpu_count() or 1) if work > PARALLEL else 1
    wanted = max(1, min(wanted, count))
    results: list[Any] = [None] * count

    def share(first: int) -> None:
        room = make()
        for job in range(first, count, wanted):
            results[job] = run(room, job)

    if wanted == 1:
        share(0)
    else:
        with ThreadPoolExecutor(wanted) as pool:
            for done in [pool.submit(share, first) for first in range(wanted)]:
                done.result()
    return results


class _Queue:
    """Room for what is still to be looked at."""

    def __init__(self, size: int) -> None:
        self.grow(size)

    def grow(self, size: int) -> None:
        """Make new room; what was in it is lost."""
        self.size = size
        self.node, self.own, self.next = (np.empty(size, dtype=np.int32) for _ in range(3))
        self.cost = np.empty(size, dtype=np.int64)

    def top(self, buckets: int) -> Small:
        """Return empty buckets."""
        return np.full(max(buckets, 1), -1, dtype=np.int32)


class _Room:
    """The labels of one thread, and its queue; one node more than there are, which nothing reaches."""

    def __init__(self, nodes: int) -> None:
        self.label = np.empty(nodes + 1, dtype=np.int64)
        self.far = -1  # the label of what is not reached, where the labels are clean
        self.touched = np.empty(nodes, dtype=np.int32)
        self.labelled = np.zeros(0, dtype=np.int32)  # outside the core
        self.queue = _Queue(nodes + _QUEUE)

    def spread(
        self, arcs: Arcs, node: Small, label: Ints, *, stop: int, group: int, bound: int, bits: int
    ) -> int:
        """Spread labels over the arcs; -1: the queue was too short, it is longer now, and nothing holds."""
        from plan.network.compiled import spread  # noqa: PLC0415 - machine code, loaded where it is needed

        queue = self.queue
        dearest = int(label[label <= bound].max(initial=0))
        buckets = arcs.buckets(bound >> bits, dearest >> bits)
        count = spread(
            arcs.start, arcs.head, arcs.cost, stop, self.label, node, label, group, bound, bits,
            arcs.shift + bits, buckets, self.touched, queue.top(buckets), queue.node, queue.next, queue.cost,
        )  # fmt: skip
        if count < 0:
            queue.grow(2 * queue.size)
        return count


class _WideRoom:
    """The k labels of each node of one thread, and its queue."""

    def __init__(self, nodes: int, k: int) -> None:
        self.dist = np.full((nodes + 1, k), INFINITE, dtype=np.int64)
        self.own = np.full((nodes + 1, k), -1, dtype=np.int32)
        self.queue = _Queue((nodes + _QUEUE) * k)

    def spread_labels(self, arcs: Arcs, seeds: _Labels, *, stop: int, group: int, bound: int) -> bool:
        """Spread k labels over the arcs; False: the queue was too short, it is longer now, and nothing holds."""
        from plan.network.compiled import spread_labels  # noqa: PLC0415 - machine code

        queue, (node, cost, own) = self.queue, seeds
        buckets = arcs.buckets(bound, _dearest(cost))
        done = spread_labels(
            arcs.start, arcs.head, arcs.cost, stop, self.dist, self.own, node, cost, own, group, bound,
            arcs.shift, buckets, queue.top(buckets), queue.node, queue.own, queue.next, queue.cost,
        )  # fmt: skip
        if not done:
            queue.grow(2 * queue.size)
        return done


def _dearest(cost: Ints) -> int:
    return int(cost[cost < INFINITE].max(initial=0))


class _Seeds:
    """Labels that targets give to the ends of their edges, in the numbers of the lattice."""

    def __init__(self, edges: TimedEdges, targets: Snapped) -> None:
        number = edges.lattice.number
        to_u, to_v = edges.arriving(targets)
        self.node = np.concatenate([number[edges.u[targets.edge]], number[edges.v[targets.edge]]])
        self.cost = np.concatenate([to_u, to_v])
        self.own = np.concatenate([targets.owner, targets.owner]).astype(np.int32)

    def sorted_by(self, key: NDArray[Any], rows: NDArray[np.bool_]) -> tuple[Small, Ints, Small]:
        """Return some of them in the order of a key."""
        chosen = np.flatnonzero(rows)
        chosen = chosen[np.argsort(key[chosen], kind="stable")]
        return self.node[chosen], self.cost[chosen], self.own[chosen]


def _together(arcs: Arcs, bound: int, seeds: int) -> int:
    return _TOGETHER if bound >> arcs.shift <= _FAR_ARCS else max(seeds, 1)


class Query:
    """One question about origins and targets."""

    def __init__(
        self,
        edges: TimedEdges,
        origins: Snapped,
        targets: Snapped,
        groups: Ints,
        *,
        max_min: float,
        threads: int | None = None,
    ) -> None:
        self.edges, self.origins, self.targets = edges, origins, targets
        self.groups = groups
        self.group_count = int(groups.max()) + 1 if len(groups) else 0
        self.max_min, self.bound, self.threads = max_min, edges.bound(max_min), threads
        self.to_u, self.to_v = edges.leaving(origins)
        self.pairs = pairs_on_edges(edges, origins, targets, bound=self.bound)

    def nearest(self, *, k: int) -> list[tuple[NDArray[np.float64], Ints]]:
        """Return for each group the minutes to the k nearest targets (NaN: none) and which they are (-1)."""
        work = self.group_count * k * (self.edges.nodes + len(self.origins.owner))
        found = None
        if k == 1 and not _is_plain(work):
            found = self._compiled_one(work)
        if found is None and not _is_plain(work) and self._bucketed():
            found = self._compiled_some(work, k)
        if found is None:
            found = [self._plain_nearest(group, k) for group in range(self.group_count)]
        return found

    def counts(self) -> Ints:
        """Return how many targets of each group each origin reaches: groups by origins."""
        work = len(self.groups) * 1000 + len(self.origins.owner)
        if _is_plain(work):
            made = np.zeros((self.group_count, self.origins.count), dtype=np.int64)
            for group in range(self.group_count):
                for owner, target, _ in self._plain_all(group):
                    del target
                    made[group, owner] += 1
            return made
        found = self._balls(listing=False)
        counts = [counts for counts, *_ in found]
        return np.array(counts, dtype=np.int64).reshape(self.group_count, self.origins.count)

    def pairs_within(self) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Return origin, target and minutes of all pairs within the bound, sorted by origin, minutes, target."""
        work = len(self.groups) * 1000 + len(self.origins.owner)
        if _is_plain(work):
            rows = [row for group in range(self.group_count) for row in self._plain_all(group)]
            table = np.array(rows, dtype=np.int64).reshape(-1, 3)
            owner, target, ticks = table[:, 0], table[:, 1], table[:, 2]
        else:
            found = self._balls(listing=True)
            owner, target, ticks = (
                np.concatenate([np.zeros(0, dtype=np.int64), *(part[i] for part in found)]) for i in (1, 2, 3)
            )
        order = np.lexsort((target, ticks, owner))
        minutes = from_ticks(ticks[order], self.edges.scale, bound=self.bound, max_min=self.max_min)
        return owner[order], target[order], minutes

    def _pairs(self, group: int) -> Pairs:
        return self.pairs.of_targets(self.groups == group)

    # --- without machine code ---------------------------------------------------------------------

    def _plain_labels(self, group: int, k: int | None) -> dict[int, dict[int, int]]:
        edges, targets = self.edges, self.targets
        chosen = self.groups[targets.owner] == group
        to_u, to_v = edges.arriving(targets)
        seeds = [
            *zip(to_u[chosen].tolist(), targets.owner[chosen].tolist(), edges.u[targets.edge[chosen]].tolist(), strict=True),
            *zip(to_v[chosen].tolist(), targets.owner[chosen].tolist(), edges.v[targets.edge[chosen]].tolist(), strict=True),
        ]  # fmt: skip
        found = plain.labels(edges.plain(), seeds, bound=self.bound, k=k)
        ends = ((edges.u[self.origins.edge], self.to_u), (edges.v[self.origins.edge], self.to_v))
        best = plain.best_of_rows(found, self.origins.owner, ends, bound=self.bound)
        pairs = self._pairs(group)
        for owner, target, ticks in zip(
            pairs.origin.tolist(), pairs.target.tolist(), pairs.ticks.tolist(), strict=True
        ):
            mine = best.setdefault(owner, {})
            mine[target] = min(ticks, mine.get(target, INFINITE))
        return best

    def _plain_nearest(self, group: int, k: int) -> _Found:
        ticks = np.full((self.origins.count, k), INFINITE, dtype=np.int64)
        which = np.full((self.origins.count, k), -1, dtype=np.int64)
        for owner, mine in self._plain_labels(group, k).items():
            for place, (target, one) in enumerate(sorted(mine.items(), key=lambda item: item[::-1])[:k]):
                ticks[owner, place], which[owner, place] = one, target
        minutes = from_ticks(ticks, self.edges.scale, bound=self.bound, max_min=self.max_min)
        return minutes, np.where(ticks <= self.bound, which, -1)

    def _plain_all(self, group: int) -> Sequence[tuple[int, int, int]]:
        found = self._plain_labels(group, None)
        return [(owner, target, ticks) for owner, mine in found.items() for target, ticks in mine.items()]

    # --- with machine code ------------------------------------------------------------------------

    def _rows(self) -> tuple[Small, Small, Small, Small]:
        """Return owner, u and v of the origins in the numbers of the lattice, and the outer nodes among them."""
        lattice = self.edges.lattice
        u = lattice.number[self.edges.u[self.origins.edge]]
        v = lattice.number[self.edges.v[self.origins.edge]]
        wanted = np.zeros(lattice.nodes, dtype=bool)
        wanted[u] = True
        wanted[v] = True
        return (
            self.origins.owner.astype(np.int32),
            u,
            v,
            np.flatnonzero(wanted[lattice.core :]).astype(np.int32),
        )

    def _bucketed(self) -> bool:
        lattice = self.edges.lattice
        dearest = int(max(self.to_u.max(initial=0), self.to_v.max(initial=0)))
        return all(arcs.buckets(self.bound, dearest) for arcs in (lattice.core_arcs, lattice.inward))

    def _compiled_one(self, work: int) -> list[_Found] | None:
        """Find the nearest; None where a cost is too large to stand beside a target in one number."""
        from plan.network.compiled import best_of_rows, minutes_of_labels  # noqa: PLC0415 - machine code

        lattice = self.edges.lattice
        search = _Search(self.edges, self.targets, self.groups, self.bound)
        owner, u, v, outer = self._rows()
        # A way that takes too long leads nowhere.
        u = np.where(self.to_u <= self.bound, u, lattice.nodes).astype(np.int32)
        v = np.where(self.to_v <= self.bound, v, lattice.nodes).astype(np.int32)
        to_u = np.where(self.to_u <= self.bound, self.to_u, 0)
        to_v = np.where(self.to_v <= self.bound, self.to_v, 0)
        dearest = max(int(ticks.max(initial=0)) for ticks in (to_u, to_v, self.pairs.ticks))

        def run(room: _Room, group: int) -> _Found | None:
            members, bits = search.members(group)
            if bits is None or not search.run_wide(room, group, outer, dearest):
                return None
            best = np.full(self.origins.count, NOTHING, dtype=np.int64)
            best_of_rows(room.label, owner, u, v, to_u, to_v, bits, best)
            pairs = self._pairs(group)
            label = (pairs.ticks << bits) | np.searchsorted(members, pairs.target)
            np.minimum.at(best, pairs.origin, label)
            minutes = np.empty((len(best), 1))
            target = np.empty((len(best), 1), dtype=np.int64)
            minutes_of_labels(
                best, bits, search.limit(bits), members, self.edges.scale, self.max_min,
                minutes[:, 0], target[:, 0],
            )  # fmt: skip
            return minutes, target

        found: list[_Found | None] = _each(
            self.group_count, work, self.threads, lambda: _Room(lattice.nodes), run
        )
        good = [one for one in found if one is not None]
        return good if len(good) == len(found) else None

    def _compiled_some(self, work: int, k: int) -> list[_Found]:
        from plan.network.compiled import labelled, minutes_of_ticks, nearest_labels  # noqa: PLC0415 - machine code

        lattice = self.edges.lattice
        core, inner = lattice.core, lattice.core_arcs
        seeds = _Seeds(self.edges, self.targets)
        owner, u, v, outer = self._rows()
        group_of_seed = self.groups[seeds.own]

        def once(room: _WideRoom, group: int) -> bool:
            room.dist.fill(INFINITE)
            room.own.fill(-1)
            mine = group_of_seed == group
            local = seeds.sorted_by(seeds.node, mine & (seeds.node >= core))
            node, cost, target = seeds.sorted_by(seeds.node, mine & (seeds.node < core))
            together = max(len(local[0]), 1)
            if not room.spread_labels(lattice.inward, local, stop=core, group=together, bound=self.bound):
                return False
            # What came to the core from outside goes on from there.
            more = labelled(room.dist, room.own, core)
            node, cost = np.concatenate([node, more[0]]), np.concatenate([cost, more[1]])
            target = np.concatenate([target, more[2]])
            order = np.argsort(node, kind="stable")
            together = _together(inner, self.bound, len(order))
            labels: _Labels = (node[order], cost[order], target[order])
            return room.spread_labels(inner, labels, stop=0, group=together, bound=self.bound)

        def run(room: _WideRoom, group: int) -> _Found:
            while not once(room, group):
                pass
            best = np.full((self.origins.count, k), INFINITE, dtype=np.int64)
            which = np.full((self.origins.count, k), -1, dtype=np.int32)
            pairs = self._pairs(group)
            nearest_labels(
                core, lattice.near, lattice.to, outer, room.dist, room.own, owner, u, v, self.to_u, self.to_v,
                best, which, self.bound, pairs.origin, pairs.target, pairs.ticks,
            )  # fmt: skip
            minutes, target = np.empty(best.shape), np.empty(best.shape, dtype=np.int64)
            minutes_of_ticks(best, which, self.bound, self.edges.scale, self.max_min, minutes, target)
            return minutes, target

        found: list[_Found] = _each(
            self.group_count, work, self.threads, lambda: _WideRoom(lattice.nodes, k), run
        )
        return found

    def _balls(self, *, listing: bool) -> list[tuple[Small, Small, Small, Ints]]:
        from plan.network.compiled import balls, rows_by_node  # noqa: PLC0415 - machine code

        edges, lattice = self.edges, self.edges.lattice
        arcs = lattice.inward
        seeds = _Seeds(edges, self.targets)
        by_target = np.argsort(seeds.own, kind="stable")
        by_target = by_target[seeds.cost[by_target] <= self.bound]
        targets = len(self.groups)
        first_seed = _firsts(seeds.own[by_target], targets)
        first_pair = _firsts(self.pairs.target, targets)
        first_row, row_owner, row_cost = rows_by_node(
            self.origins.owner.astype(np.int32),
            lattice.number[edges.u[self.origins.edge]],
            lattice.number[edges.v[self.origins.edge]],
            self.to_u,
            self.to_v,
            lattice.nodes,
            self.bound,
        )
        dearest = int(seeds.cost[by_target].max(initial=0))
        seed_node, seed_cost = seeds.node[by_target], seeds.cost[by_target]
        pair_owner = self.pairs.origin.astype(np.int32)
        place = np.full(targets, lattice.nodes, dtype=np.int64)
        place[seeds.own[by_target]] = seed_node

        def run(room: None, group: int) -> tuple[Small, Small, Small, Ints]:
            del room
            mine = np.flatnonzero(self.groups == group)
            # Neighbours follow each other, so that the next search finds its nodes in the cache.
            ordered: Small = mine[np.argsort(place[mine], kind="stable")].astype(np.int32)
            size = lattice.nodes + _QUEUE
            while True:
                made = balls(
                    arcs.start, arcs.head, arcs.cost, first_seed, seed_node, seed_cost,
                    first_pair, pair_owner, self.pairs.ticks, first_row, row_owner, row_cost, ordered,
                    self.origins.count, self.bound, arcs.shift, arcs.buckets(self.bound, dearest), listing, size,
                )  # fmt: skip
                if len(made[0]) == self.origins.count:
                    return made
                size *= 2

        found: list[tuple[Small, Small, Small, Ints]] = _each(
            self.group_count, len(self.groups) * 1000, self.threads, lambda: None, run
        )
        return found


def _firsts(sorted_keys: NDArray[Any], size: int) -> Small:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_keys, minlength=size))]).astype(np.int32)


class _Search:
    """Searches from groups of targets to all nodes."""

    def __init__(self, edges: TimedEdges, targets: Snapped, groups: Ints, bound: int) -> None:
        self.lattice = edges.lattice
        self.seeds = _Seeds(edges, targets)
        self.bound = bound
        order = np.argsort(groups, kind="stable")
        self.by_group = np.split(order, np.cumsum(np.bincount(groups))[:-1]) if len(groups) else []
        rank = np.empty(len(groups), dtype=np.int64)
        for members in self.by_group:
            rank[members] = np.arange(len(members))
        self.rank = rank[self.seeds.own]
        self.group = groups[self.seeds.own]

    def members(self, group: int) -> tuple[Ints, int | None]:
        """Return the targets of a group, and how many bits tell them apart; None when there is no room for them."""
        members = self.by_group[group]
        bits = max(len(members) - 1, 0).bit_length()
        return members, bits if self.lattice.longest < NOTHING >> (bits + 1) else None

    def limit(self, bits: int) -> int:
        """Return the largest label."""
        return int(((min(self.bound, (NOTHING >> (bits + 1)) - 1) + 1) << bits) - 1)

    def run(self, room: _Room, group: int, more: int = 0) -> bool:
        """Label the core; False when there is no room for labels of this size and `more` ticks."""
        _, bits = self.members(group)
        if bits is None or more > self.limit(bits) >> bits:
            return False
        limit = self.limit(bits)
        while (complete := self._once(room, self.group == group, bits, limit)) is None:
            pass
        if limit >> bits >= self.bound:
            return True
        # Nothing may have been cut off by the room for a label: no step from what was reached is too long.
        labels = np.concatenate([room.label[: self.lattice.core], room.label[room.labelled]])
        top = int(labels[labels <= limit].max(initial=0))
        return complete and top + ((self.lattice.longest + more) << bits) <= limit

    def run_wide(self, room: _Room, group: int, outer: Small, more: int) -> bool:
        """Label the core and the wanted nodes outside it; False as in :meth:`run`."""
        from plan.network.compiled import anchor_labels  # noqa: PLC0415 - machine code

        _, bits = self.members(group)
        if bits is None or not self.run(room, group, more):
            return False
        lattice = self.lattice
        anchor_labels(lattice.core, lattice.near, lattice.to, outer, room.label, bits)
        room.far = -1  # more is labelled than the search touched
        return True

    def _once(self, room: _Room, mine: NDArray[np.bool_], bits: int, limit: int) -> bool | None:
        lattice, seeds = self.lattice, self.seeds
        core = lattice.core
        if room.far == limit + 1:
            room.label[:core].fill(room.far)
            room.label[room.labelled] = room.far
        else:
            room.label.fill(limit + 1)
        room.far = -1
        outside = np.zeros(0, dtype=np.int32)
        rows = np.flatnonzero(mine & (seeds.cost <= limit >> bits))
        rows = rows[np.argsort(seeds.node[rows], kind="stable")]
        node, label = seeds.node[rows], (seeds.cost[rows] << bits) | self.rank[rows]
        complete = len(rows) == int((mine & (seeds.cost < INFINITE)).sum())
        local = node >= core
        if local.any():
            count = room.spread(
                lattice.inward, node[local], label[local],
                stop=core, group=len(node), bound=limit, bits=bits,
            )  # fmt: skip
            if count < 0:
                return None
            # What came to the core from outside goes on from there.
            x = room.touched[:count]
            x, outside = x[x < core], x[x >= core].copy()
            node, label = np.concatenate([node[~local], x]), np.concatenate([label[~local], room.label[x]])
            room.label[x] = limit + 1
            order = np.argsort(node, kind="stable")
            node, label = node[order], label[order]
        group = _together(lattice.core_arcs, limit >> bits, len(node))
        count = room.spread(
            lattice.core_arcs, node, label, stop=0, group=group, bound=limit, bits=bits
        )  # fmt: skip
        if count < 0:
            return None
        room.labelled, room.far = outside, limit + 1
        return complete


def node_minutes(
    edges: TimedEdges,
    targets: Snapped,
    groups: Ints,
    *,
    max_min: float,
    threads: int | None = None,
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the minutes from every node to the nearest target of each group.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    targets : Snapped
        Places on the network.
    groups : array of int
        The group of each target, 0..k-1 without gaps.
    max_min : float
        Minutes beyond which the search stops; may be infinite.
    threads : int, optional
        As in :func:`~plan.network.kernel.nearest`.
    out : array of float, optional
        Where to write; a new array is made without it.

    Returns
    -------
    array of float, shape (groups, nodes)
        Minutes; infinite where no target is within `max_min`.
    """
    from plan.network.compiled import minutes_of_nodes  # noqa: PLC0415 - machine code

    lattice = edges.lattice
    search = _Search(edges, targets, groups, edges.bound(max_min))
    count = len(search.by_group)
    made = np.empty((count, edges.nodes)) if out is None else out

    def run(room: _Room, group: int) -> None:
        _, bits = search.members(group)
        if bits is None or not search.run(room, group):
            raise UsageError(Message("network.minutes"))
        minutes_of_nodes(
            lattice.core, lattice.near, lattice.to, room.label, lattice.back,
            bits, search.limit(bits), edges.scale, made[group],
        )  # fmt: skip

    _each(count, count * edges.nodes, threads, lambda: _Room(lattice.nodes), run)
    return made


def ball(edges: TimedEdges, node: Ints, ticks: Ints, *, bound: int) -> tuple[Ints, Ints]:
    """Return the nodes that are reached from some nodes, ascending, and the ticks.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    node : array of int
        Where the walk begins.
    ticks : array of int
        Already used up there.
    bound : int
        Ticks beyond which nothing is reached.

    Returns
    -------
    tuple of two arrays of int
        Nodes and ticks.
    """
    if _is_plain(edges.nodes):
        seeds = zip(ticks.tolist(), [0] * len(node), node.tolist(), strict=True)
        found = plain.labels(edges.plain(outward=True), seeds, bound=bound, k=1)
        reached = np.array(sorted(found), dtype=np.int64)
        return reached, np.array([found[x][0][0] for x in reached.tolist()], dtype=np.int64)
    lattice = edges.lattice
    room = _Room(lattice.nodes)
    room.label.fill(bound + 1)
    while True:
        count = room.spread(
            lattice.outward, lattice.number[node], ticks, stop=0, group=max(len(node), 1), bound=bound, bits=0
        )
        if count >= 0:
            break
        room.label.fill(bound + 1)
    inside = room.touched[:count]
    reached, spent = lattice.back[inside].astype(np.int64), room.label[inside]
    order = np.argsort(reached, kind="stable")
    return reached[order], spent[order]
