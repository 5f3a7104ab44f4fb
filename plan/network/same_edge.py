"""Origins and targets on one edge: a path between them need not pass a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.network.kernel import AT_NODE_M
from plan.network.ticks import INFINITE, to_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped

__all__ = ["Pairs", "pairs_on_edges"]

# Pairs that are compared at once: a hundred thousand homes on one street meet all its shops in turn.
_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """The least ticks between an origin and a target along edges that both lie on."""

    origin: NDArray[np.int64]
    target: NDArray[np.int64]  # ascending
    ticks: NDArray[np.int64]

    def of_targets(self, chosen: NDArray[np.bool_]) -> Pairs:
        """Return the pairs of some targets."""
        rows = chosen[self.target]
        return Pairs(origin=self.origin[rows], target=self.target[rows], ticks=self.ticks[rows])


def pairs_on_edges(edges: TimedEdges, origins: Snapped, targets: Snapped, *, bound: int) -> Pairs:
    """Return the pairs of origins and targets that are within the bound of each other along their own edge.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    origins, targets : Snapped
        Places on the network.
    bound : int
        Ticks.

    Returns
    -------
    Pairs
        Sorted by target and origin, each pair once.
    """
    found = list(_found(edges, origins, targets, bound))
    origin, target, ticks = (
        np.concatenate([part[i] for part in found]) if found else np.zeros(0, np.int64) for i in range(3)
    )
    order = np.lexsort((ticks, origin, target))
    origin, target, ticks = origin[order], target[order], ticks[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (origin[1:] != origin[:-1]) | (target[1:] != target[:-1])
    return Pairs(origin=origin[new], target=target[new], ticks=ticks[new])


def _found(
    edges: TimedEdges, origins: Snapped, targets: Snapped, bound: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    wanted = np.zeros(len(edges.u), dtype=bool)
    wanted[targets.edge] = True
    rows = np.flatnonzero(wanted[origins.edge])
    rows = rows[np.argsort(origins.edge[rows], kind="stable")]
    on_edge = origins.edge[rows]
    first = np.searchsorted(on_edge, targets.edge, side="left")
    count = np.searchsorted(on_edge, targets.edge, side="right") - first
    heap = np.cumsum(count)
    begin = 0
    while begin < len(count):
        done = heap[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(heap, done + _AT_ONCE, side="right")))
        size = count[begin:end]
        t = np.repeat(np.arange(begin, end), size)
        offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        o = rows[first[t] + offset]
        ticks = _between(edges, origins, o, targets, t)
        near = ticks <= bound
        if near.any():
            yield origins.owner[o[near]], targets.owner[t[near]], ticks[near]
        begin = end


def _between(
    edges: TimedEdges, origins: Snapped, o: NDArray[np.int64], targets: Snapped, t: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the ticks from origin rows to target rows along their common edge."""
    edge = targets.edge[t]
    ahead = targets.fraction[t] - origins.fraction[o]
    legs = (origins.leg_m[o] + targets.leg_m[t]) / edges.m_per_min
    # What lies on the same spot is reached whichever way the edge is open.
    spot = np.abs(ahead) * edges.drawn_m[edge] <= AT_NODE_M
    best = np.full(len(o), INFINITE, dtype=np.int64)
    for minutes, share in ((edges.forward[edge], ahead), (edges.backward[edge], -ahead)):
        usable = np.isfinite(minutes) & ((share >= 0) | spot)
        walked = legs[usable] + np.maximum(share[usable], 0.0) * minutes[usable]
        best[usable] = np.minimum(best[usable], to_ticks(walked, edges.scale))
    return best
