"""A network as the searches read it: whole numbers, numbered along a curve, and made small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Arcs", "Lattice"]

# Buckets of a queue, at most; costs of more magnitudes are searched with a heap.
_MOST_BUCKETS: Final = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arcs:
    """Arcs by the node that a search comes from."""

    start: NDArray[np.int32]
    head: NDArray[np.int32]
    cost: NDArray[np.int64]
    shift: int  # a bucket is 2**shift ticks wide, about the median arc
    longest: int  # ticks

    @classmethod
    def of(cls, start: NDArray[np.int32], head: NDArray[np.int32], cost: NDArray[np.int64]) -> Arcs:
        """Measure the arcs."""
        some = cost[:: max(1, len(cost) // 10_000)]
        some = some[some > 0]
        median = int(np.median(some)) if len(some) else 1
        return cls(
            start=start,
            head=head,
            cost=cost,
            shift=max(0, median.bit_length() - 1),
            longest=int(cost.max(initial=0)),
        )

    @property
    def rows(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """The arcs as machine code takes them."""
        return self.start, self.head, self.cost

    def buckets(self, bound: int, dearest_seed: int) -> int:
        """Return how many buckets a search needs, a power of two, or 0 where they would be too many."""
        span = (max(min(self.longest, bound), min(dearest_seed, bound)) >> self.shift) + 2
        buckets = 1 << (span - 1).bit_length()
        return buckets if buckets <= _MOST_BUCKETS else 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """A network for machine code; searches run from the targets against the direction of walking.

    The core comes first. Each node behind it has arcs to nodes before it only: what is known of those gives the
    times of the next in one pass.
    """

    number: NDArray[np.int32]  # of each node in here
    back: NDArray[np.int32]  # the node of each number
    core: int  # nodes in the core
    core_arcs: Arcs  # against the direction of walking
    falling: Arcs  # from each node behind the core, ticks of the walk to the node before it
    rising: (
        Arcs  # the same nodes, ticks of the walk from the node before; the same arrays where both are equal
    )
    parts: NDArray[
        np.int32
    ]  # where the nodes behind the core begin that lie near each other; at last the number of nodes
    depth: int  # ticks: no way from a node behind the core up to the core, or down again, is longer
    _edges: tuple[NDArray[Any], ...]  # u, v, forward, backward
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False)  # built when first needed

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.number)

    @property
    def longest(self) -> int:
        """Ticks: no arc is longer."""
        return max(arcs.longest for arcs in (self.core_arcs, self.falling, self.rising))

    @property
    def leads(self) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
        """The part of each node, and for each node the other parts that have arcs to it, as rows."""
        if "leads" not in self._made:
            from plan.network.rows import leads  # noqa: PLC0415 - machine code

            self._made["leads"] = leads(self.core, *self.falling.rows[:2], self.parts)
        rows: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]] = self._made["leads"]
        return rows

    @property
    def inward(self) -> Arcs:
        """The arcs of all nodes, against the direction of walking."""
        u, v, forward, backward = self._edges
        return self._all("inward", u, v, backward, forward)

    @property
    def outward(self) -> Arcs:
        """The arcs of all nodes, in the direction of walking."""
        u, v, forward, backward = self._edges
        return self.inward if forward is backward else self._all("outward", u, v, forward, backward)

    def _all(self, name: str, *edges: NDArray[Any]) -> Arcs:
        if name not in self._made:
            from plan.network.rows import all_rows  # noqa: PLC0415 - machine code

            self._made[name] = Arcs.of(*all_rows(self.number, *edges))
        arcs: Arcs = self._made[name]
        return arcs

    @property
    def nbytes(self) -> int:
        """Bytes of memory, with all that is made when it is first needed."""
        arcs = {
            id(one): one
            for one in (self.core_arcs, self.falling, self.rising, self.inward, self.outward)
        }.values()  # fmt: skip
        arrays: list[NDArray[Any]] = [self.number, self.back, self.parts, *self.leads]
        arrays += [array for one in arcs for array in (one.start, one.head, one.cost)]
        return sum({id(array): array.nbytes for array in arrays}.values())

    @classmethod
    def build(
        cls,
        *,
        xy: NDArray[np.float64],
        u: NDArray[np.int64],
        v: NDArray[np.int64],
        forward: NDArray[np.int64],
        backward: NDArray[np.int64],
        most: int,
    ) -> Lattice:
        """Give the nodes their numbers along a curve, and take out those with at most `most` neighbours.

        Parameters
        ----------
        xy : array of float, shape (n, 2)
            Coordinates of the nodes; only their order along the curve matters.
        u, v : array of int
            Ends of the edges.
        forward, backward : array of int
            Ticks from u to v and from v to u, ``INFINITE`` where closed.
        most : int
            Neighbours of a node that is taken out, at most: 0..15; -1 takes out none.

        Returns
        -------
        Lattice
            The network.
        """
        # Machine code, loaded where it is needed.
        from plan.network import contraction, rows  # noqa: PLC0415
        from plan.network.curve import along_curve  # noqa: PLC0415

        nodes = len(xy)
        by_rank = along_curve(np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1]))
        rank = _inverse(by_rank)
        symmetric = np.array_equal(forward, backward)
        if symmetric:
            backward = forward
        lists = contraction.adjacency(nodes, rank[u], rank[v], forward, backward, symmetric)
        degree = lists[-1]
        left, (order, start, near, to, fro), gone = contraction.eliminate(*lists, most, symmetric)
        inside = np.flatnonzero(degree >= 0).astype(np.int32)
        sequence = np.concatenate([inside, order[::-1]])
        number = _inverse(sequence)
        core_arcs = Arcs.of(*rows.core_rows(inside, number, *left))
        falling = Arcs.of(*rows.upward_rows(start, near, to, number))
        rising = falling if symmetric else Arcs.of(*rows.upward_rows(start, near, fro, number))
        return cls(
            number=number[rank],
            back=by_rank[sequence],
            core=len(inside),
            core_arcs=core_arcs,
            falling=falling,
            rising=rising,
            parts=np.concatenate([nodes - gone[::-1], [nodes]]).astype(np.int32),
            depth=max(rows.depth(len(inside), *arcs) for arcs in (falling.rows, rising.rows)),
            _edges=(u, v, forward, backward),
        )


def _inverse(order: NDArray[np.int32]) -> NDArray[np.int32]:
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return number
