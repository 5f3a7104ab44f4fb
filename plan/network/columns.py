"""The nearest target of each group: labels of several groups side by side, in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message
from plan.network.ticks import INFINITE
from plan.network.workers import Queue, each, together, workers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.queries import Query
    from plan.network.snapping import Snapped

    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Nearest = tuple[NDArray[np.float64], Ints]  # minutes and targets, groups by origins

__all__ = ["Seeds", "nearest_of_groups", "node_minutes"]

# Groups whose labels lie side by side, at most: as many as fill a line of the cache.
_WIDE: Final = 8
# A label is smaller than this.
NOTHING: Final = 1 << 62


class Seeds:
    """Labels that targets give to the ends of their edges, in the numbers of the lattice."""

    def __init__(self, edges: TimedEdges, targets: Snapped) -> None:
        number = edges.lattice.number
        by_u, by_v = edges.needed(targets, edges.arriving(targets), leaving=False)
        u, v = by_u < INFINITE, by_v < INFINITE
        self.node = number[np.concatenate([edges.u[targets.edge[u]], edges.v[targets.edge[v]]])]
        self.cost = np.concatenate([by_u[u], by_v[v]])
        self.own = np.concatenate([targets.owner[u], targets.owner[v]]).astype(np.int32)


class _Room:
    """The labels of one thread, and its queue; one node more than there are, which nothing reaches."""

    def __init__(self, nodes: int, core: int, width: int) -> None:
        self.nodes, self.core = nodes, core
        self._labels = np.empty((nodes + 1) * width, dtype=np.int64)
        self._top = np.empty(core * width, dtype=np.int64)
        self.known = np.zeros(nodes, dtype=bool)  # nodes behind the core with labels, while a search goes on
        self.touched = np.empty(core, dtype=np.int32)
        self.queue = Queue(core)

    def rows(self, width: int) -> Ints:
        """Return the labels of all nodes, nodes by columns."""
        return self._labels[: (self.nodes + 1) * width].reshape(self.nodes + 1, width)

    def columns(self, width: int) -> Ints:
        """Return the labels of the core, columns by nodes."""
        return self._top[: self.core * width].reshape(width, self.core)


class _Search:
    """Searches from groups of targets to all nodes."""

    def __init__(self, edges: TimedEdges, targets: Snapped, groups: Ints, bound: int) -> None:
        self.lattice = edges.lattice
        seeds = Seeds(edges, targets)
        self.bound = bound
        self.group_count = int(groups.max()) + 1 if len(groups) else 0
        self.members = np.argsort(groups, kind="stable")  # the targets by group
        size = np.bincount(groups, minlength=self.group_count)
        self.first = np.cumsum(size) - size  # of each group among them
        self.rank = np.empty(len(groups), dtype=np.int64)  # of each target in its group
        self.rank[self.members] = np.arange(len(groups)) - self.first[groups[self.members]]
        self.bits = int(size.max(initial=1) - 1).bit_length()
        self.fits = self.lattice.longest < NOTHING >> (self.bits + 1)
        # The largest label.
        self.limit = int(((min(bound, (NOTHING >> (self.bits + 1)) - 1) + 1) << self.bits) - 1)
        near = seeds.cost <= self.limit >> self.bits
        # No seed was too far away for a label.
        self.complete = int(near.sum()) == int((seeds.cost <= bound).sum())
        self.node, self.group = seeds.node[near], groups[seeds.own[near]]
        self.label = (seeds.cost[near] << self.bits) | self.rank[seeds.own[near]]

    def jobs(self, threads: int) -> list[tuple[int, int]]:
        """Divide the groups among threads: begin and end of each job, that of the first thread first, and so on."""
        share = max(1, -(-self.group_count // threads))
        shares = [
            (begin, min(begin + share, self.group_count)) for begin in range(0, self.group_count, share)
        ]
        return [
            (begin + step, min(begin + step + _WIDE, end))
            for step in range(0, share, _WIDE)
            for begin, end in shares
            if begin + step < end
        ]

    def room(self) -> _Room:
        """Return room for one thread."""
        return _Room(self.lattice.nodes, self.lattice.core, _width(min(self.group_count, _WIDE)))

    def up(self, room: _Room, begin: int, end: int, more: int = 0) -> bool:
        """Label the core from some groups; False when there is no room for labels of this size and `more` ticks."""
        from plan.network.sweeps import rise  # noqa: PLC0415 - machine code, loaded where it is needed

        lattice, bits, limit = self.lattice, self.bits, self.limit
        if not self.fits or more > limit >> bits:
            return False
        mine = (self.group >= begin) & (self.group < end)
        width = _width(end - begin)
        top = room.columns(width)
        top.fill(limit + 1)
        rise(
            *lattice.rising.rows, bits, limit,
            self.node[mine], (self.group[mine] - begin).astype(np.int32), self.label[mine],
            room.rows(width), room.known, top,
        )  # fmt: skip
        for column in range(end - begin):
            self._spread(room, top[column])
        if limit >> bits >= self.bound:
            return True
        # Nothing may have been cut off by the room for a label: no step from what was reached is too long.
        reached = max(int(top[top <= limit].max(initial=0)), int(self.label[mine].max(initial=0)))
        steps = 2 * lattice.depth + lattice.core_arcs.longest + more
        return self.complete and (reached >> bits) + 1 + steps <= limit >> bits

    def _spread(self, room: _Room, top: Ints) -> None:
        """Spread the labels of one group over the core, in place."""
        from plan.network.sweeps import seeds_of  # noqa: PLC0415 - machine code

        arcs, limit = self.lattice.core_arcs, self.limit
        node, label = seeds_of(top, limit)
        group = together(arcs, limit >> self.bits, len(node))
        while (
            room.queue.spread(arcs, node, label, top, room.touched, group=group, bound=limit, bits=self.bits)
            < 0
        ):
            top.fill(limit + 1)


def _width(columns: int) -> int:
    """Return how wide rows are for some columns: a power of two, which the machine adds at once."""
    return 1 << max(columns - 1, 0).bit_length()


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

    Raises
    ------
    UsageError
        If minutes are too many to be added exactly.
    """
    from plan.network.sweeps import minutes_of_nodes  # noqa: PLC0415 - machine code

    lattice = edges.lattice
    search = _Search(edges, targets, groups, edges.bound(max_min))
    made = np.empty((search.group_count, edges.nodes)) if out is None else out
    wanted = workers(made.size, threads)
    jobs = search.jobs(wanted)

    def run(room: _Room, job: int) -> None:
        begin, end = jobs[job]
        if not search.up(room, begin, end):
            raise UsageError(Message("network.minutes"))
        width = _width(end - begin)
        minutes_of_nodes(
            *lattice.falling.rows, search.bits, search.limit,
            room.rows(width), room.known, room.columns(width), lattice.back, edges.scale, made[begin:end],
        )  # fmt: skip

    each(len(jobs), wanted, search.room, run)
    return made


def nearest_of_groups(query: Query) -> Nearest | None:
    """Find for each origin the nearest target of each group.

    Parameters
    ----------
    query : Query
        What is asked.

    Returns
    -------
    tuple of two arrays, or None
        Minutes (NaN: none) and targets (-1), groups by origins; None where a cost is too large to stand beside a
        target in one number.
    """
    from plan.network.sweeps import best_of_rows, minutes_of_labels, sink, wanted_nodes  # noqa: PLC0415 - machine code

    edges, origins, pairs = query.edges, query.origins, query.pairs
    lattice, bound = edges.lattice, query.bound
    search = _Search(edges, query.targets, query.groups, bound)
    bits, limit = search.bits, search.limit
    owner = origins.owner.astype(np.int32)
    # A way that takes too long leads nowhere: to the node that nothing reaches.
    row_ends = []
    for node, ticks in zip((edges.u, edges.v), (query.to_u, query.to_v), strict=True):
        near = ticks <= bound
        place = np.where(near, lattice.number[node[origins.edge]], lattice.nodes).astype(np.int32)
        row_ends.append((place, np.where(near, ticks, 0)))
    (u, to_u), (v, to_v) = row_ends
    dearest = max(int(ticks.max(initial=0)) for ticks in (to_u, to_v, pairs.ticks))
    wanted = wanted_nodes(lattice.core, *lattice.falling.rows[:2], u, v, lattice.nodes)
    pair_group = query.groups[pairs.target]
    pair_label = (pairs.ticks << bits) | search.rank[pairs.target]
    minutes = np.empty((search.group_count, origins.count))
    target = np.empty(minutes.shape, dtype=np.int64)
    work = search.group_count * (edges.nodes + len(owner))
    share = workers(work, query.threads)
    jobs = search.jobs(share)

    def run(room: _Room, job: int) -> bool:
        begin, end = jobs[job]
        if not search.up(room, begin, end, dearest):
            return False
        width = _width(end - begin)
        label = room.rows(width)
        sink(*lattice.falling.rows, bits, limit, wanted, label, room.known, room.columns(width))
        label[-1] = limit + 1
        best = np.full((origins.count, width), limit + 1, dtype=np.int64)
        best_of_rows(label, owner, u, v, to_u, to_v, bits, best)
        mine = (pair_group >= begin) & (pair_group < end)
        np.minimum.at(best, (pairs.origin[mine], pair_group[mine] - begin), pair_label[mine])
        minutes_of_labels(
            best, bits, limit, search.members, search.first[begin:end], edges.scale, query.max_min,
            minutes[begin:end], target[begin:end],
        )  # fmt: skip
        return True

    found = each(len(jobs), share, search.room, run)
    return (minutes, target) if all(found) else None
