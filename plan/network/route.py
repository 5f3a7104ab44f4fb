"""The way with the fewest of some edges: which steps stand in the way of a route without steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork
    from plan.network.snapping import Snapped

__all__ = ["in_the_way"]

# Metres that an unwanted edge counts more than it is long: more than any detour.
_UNWANTED_M: Final = 1e7


def in_the_way(
    network: WalkNetwork, places: Snapped, targets: Snapped, unwanted: NDArray[np.bool_]
) -> dict[int, tuple[int, ...]]:
    """Return the unwanted edges on the route with the fewest of them, from each place to its nearest target.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    places, targets : Snapped
        Places on the network.
    unwanted : array of bool
        Edges that should not be walked.

    Returns
    -------
    dict of int to tuple of int
        By place: positions of edges, ascending; nothing for places without any way to a target.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - heavy

    edges = network.timed(1.0)  # one metre a minute
    size = edges.nodes
    extra = np.where(unwanted, _UNWANTED_M, 0.0)
    number = np.arange(len(edges.u))
    # Against the direction of walking, from the targets: node `size` stands for all of them.
    there = targets.edge
    to_u = targets.leg_m + targets.fraction * edges.forward[there] + extra[there]
    to_v = targets.leg_m + (1 - targets.fraction) * edges.backward[there] + extra[there]
    tail = np.concatenate([edges.v, edges.u, np.full(2 * len(there), size)])
    head = np.concatenate([edges.u, edges.v, edges.u[there], edges.v[there]])
    cost = np.concatenate([edges.forward + extra, edges.backward + extra, to_u, to_v])
    edge = np.concatenate([number, number, there, there])
    usable = np.isfinite(cost) & (tail != head)
    tail, head, cost, edge = tail[usable], head[usable], cost[usable], edge[usable]
    order = np.lexsort((edge, cost, head, tail))
    tail, head, cost, edge = tail[order], head[order], cost[order], edge[order]
    best = np.ones(len(tail), dtype=bool)
    best[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    tail, head, cost, edge = tail[best], head[best], cost[best], edge[best]
    starts = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=size + 1))])
    graph = csr_array((cost, head, starts), shape=(size + 1, size + 1))
    far, before = dijkstra(graph, indices=size, return_predecessors=True)
    by = {(int(t), int(h)): int(e) for t, h, e in zip(tail, head, edge, strict=True)}
    found: dict[int, tuple[float, set[int]]] = {}
    for row, owner in enumerate(places.owner.tolist()):
        own = int(places.edge[row])
        leg, share = float(places.leg_m[row]), float(places.fraction[row])
        ways: list[tuple[float, set[int]]] = []
        for node, part in (
            (edges.u[own], share * edges.backward[own]),
            (edges.v[own], (1 - share) * edges.forward[own]),
        ):
            total = leg + part + extra[own] + far[node]
            if np.isfinite(total):
                ways.append((float(total), {own, *_walked(int(node), before, by, size)}))
        for other in np.flatnonzero(there == own):  # on the same edge
            ahead = targets.fraction[other] >= share
            pace = edges.forward[own] if ahead else edges.backward[own]
            total = leg + targets.leg_m[other] + abs(targets.fraction[other] - share) * pace + extra[own]
            if np.isfinite(total):
                ways.append((float(total), {own}))
        if ways:
            least = min(ways, key=lambda way: way[0])
            if owner not in found or least[0] < found[owner][0]:
                found[owner] = least
    return {owner: tuple(sorted(e for e in way if unwanted[e])) for owner, (_, way) in found.items()}


def _walked(node: int, before: NDArray[np.int32], by: dict[tuple[int, int], int], source: int) -> set[int]:
    """Return the edges from a node back to the targets."""
    walked = set()
    while node != source:
        previous = int(before[node])
        walked.add(by[previous, node])
        node = previous
    return walked
