"""A network as the searches read it: whole numbers, numbered along a curve, and made small."""

from __future__ import annotations

from dataclasses import dataclass
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

    def buckets(self, bound: int, dearest_seed: int) -> int:
        """Return how many buckets a search needs, a power of two, or 0 where they would be too many."""
        span = (max(min(self.longest, bound), min(dearest_seed, bound)) >> self.shift) + 2
        buckets = 1 << (span - 1).bit_length()
        return buckets if buckets <= _MOST_BUCKETS else 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """A network for machine code; searches run from the targets against the direction of walking."""

    number: NDArray[np.int32]  # of each node in here; the core comes first
    back: NDArray[np.int32]  # the node of each number
    core: int  # nodes in the core
    near: NDArray[np.int32]  # anchors of each node outside the core, the node behind the last to fill up
    to: NDArray[np.int64]  # ticks from the node to each anchor
    core_arcs: Arcs  # against the direction of walking
    inward: Arcs  # of all nodes, against the direction of walking
    outward: Arcs  # of all nodes, in the direction of walking; the same arrays where both are equal
    longest: int  # ticks: no arc and no way to an anchor is longer

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.number)

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        arcs = {id(one): one for one in (self.core_arcs, self.inward, self.outward)}.values()
        arrays: list[NDArray[Any]] = [self.number, self.back, self.near, self.to]
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
            Neighbours of a node that is taken out, at most: 0..3; -1 takes out none.

        Returns
        -------
        Lattice
            The network.
        """
        from plan.network import contraction  # noqa: PLC0415 - machine code, loaded where it is needed

        nodes = len(xy)
        x, y = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
        rank = np.empty(nodes, dtype=np.int32)
        rank[np.argsort(contraction.hilbert(x, y), kind="stable")] = np.arange(nodes, dtype=np.int32)
        symmetric = bool(np.array_equal(forward, backward))
        first, following, other, out, back, degree, used = contraction.adjacency(
            nodes, rank[u], rank[v], forward, backward
        )
        following, other, out, back = following[:used], other[:used], out[:used], back[:used]
        first_core, following_core, other_core = first.copy(), following.copy(), other.copy()
        back_core, left = back.copy(), degree.copy()
        order, near, to, fro = contraction.eliminate(
            first_core, following_core, other_core, out.copy(), back_core, left, most
        )
        contraction.compose(order, near, to, fro, left)
        inside, outside = np.flatnonzero(left >= 0), np.flatnonzero(left < 0)
        nodes_in = np.concatenate([inside, outside]).astype(np.int32)
        number = np.empty(nodes, dtype=np.int32)
        number[nodes_in] = np.arange(nodes, dtype=np.int32)
        core_arcs = Arcs.of(
            *contraction.split(
                inside.astype(np.int32), number, first_core, following_core, other_core, back_core, left
            )
        )
        inward = Arcs.of(*contraction.split(nodes_in, number, first, following, other, back, degree))
        outward = inward
        if not symmetric:
            outward = Arcs.of(*contraction.split(nodes_in, number, first, following, other, out, degree))
        near, to = near[outside], to[outside]
        # What has fewer anchors has the node behind the last besides, which nothing reaches.
        usable = (near >= 0) & (to < contraction.INFINITE)
        near = np.where(usable, number[near], nodes).astype(np.int32)
        to = np.where(usable, to, 0)
        number = number[rank]
        own = np.empty(nodes, dtype=np.int32)
        own[number] = np.arange(nodes, dtype=np.int32)
        return cls(
            number=number,
            back=own,
            core=len(inside),
            near=near,
            to=to,
            core_arcs=core_arcs,
            inward=inward,
            outward=outward,
            longest=max(core_arcs.longest, inward.longest, int(to.max(initial=0))),
        )
