"""Exact shortest times on a directed graph whose origins and targets lie on edges.

The search runs from the facilities over the reversed graph, once for each category: a facility is an
extra node with an arc to both ends of its edge, and one bounded multi-source Dijkstra search gives
every node the time to its nearest facility. A household then compares the two ends of its own edge,
and the facilities that lie on the same edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.snapping import Snapped

__all__ = ["TOLERANCE_MIN", "NearestTimes", "TimedEdges", "nearest", "reach"]

# Minutes by which sums of the same numbers in another order may differ; 900 m at 60 m/min is 15 min.
TOLERANCE_MIN: Final = 1e-9
# Metres from an end of an edge within which a point stands on the node itself.
AT_NODE_M: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimedEdges:
    """Edges with the minutes of one profile, and the graph that they make."""

    nodes: int
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    drawn_m: NDArray[np.float64]  # length of the geometry
    forward: NDArray[np.float64]  # minutes from u to v; infinite where closed
    backward: NDArray[np.float64]  # minutes from v to u
    m_per_min: float  # speed off the edges
    outward: Any  # sparse matrix of minutes: tail x head
    inward: Any  # the same, every arc reversed

    @classmethod
    def build(
        cls,
        *,
        nodes: int,
        u: NDArray[np.int64],
        v: NDArray[np.int64],
        drawn_m: NDArray[np.float64],
        minutes: tuple[NDArray[np.float64], NDArray[np.float64]],
        m_per_min: float,
    ) -> TimedEdges:
        """Make the graphs of both directions; among parallel arcs the shortest stays."""
        forward, backward = minutes
        tail, head = np.concatenate([u, v]), np.concatenate([v, u])
        cost = np.concatenate([forward, backward])
        return cls(
            nodes=nodes,
            u=u,
            v=v,
            drawn_m=drawn_m,
            forward=forward,
            backward=backward,
            m_per_min=m_per_min,
            outward=_matrix(tail, head, cost, nodes),
            inward=_matrix(head, tail, cost, nodes),
        )

    def leaving(self, at: Snapped) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return minutes from each snapped place to node u and to node v, straight path included."""
        return self._ends(at, self.backward, self.forward)

    def arriving(self, at: Snapped) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return minutes from node u and from node v to each snapped place, straight path included."""
        return self._ends(at, self.forward, self.backward)

    def _ends(
        self, at: Snapped, by_u: NDArray[np.float64], by_v: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        leg = at.leg_m / self.m_per_min
        drawn = self.drawn_m[at.edge]
        return (
            leg + _part(at.fraction, by_u[at.edge], drawn),
            leg + _part(1 - at.fraction, by_v[at.edge], drawn),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearestTimes:
    """For each origin the minutes to its nearest target, and which one that is."""

    minutes: NDArray[np.float64]  # NaN where no target is within the bound
    target: NDArray[np.int64]  # position of the target; -1 where there is none


def nearest(
    edges: TimedEdges, origins: Snapped, targets: Snapped, groups: NDArray[np.int64], *, max_min: float
) -> list[NearestTimes]:
    """Find for each origin the nearest target of each group, walking from the origin to the target.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    origins, targets : Snapped
        Places on the network.
    groups : array of int
        The group of each target, 0..k-1 without gaps.
    max_min : float
        Minutes beyond which the search stops; may be infinite.

    Returns
    -------
    list of NearestTimes
        One for each group.
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - heavy; loaded where a search begins

    from_u, from_v = edges.arriving(targets)
    graph = _with_sources(edges, edges.inward, targets, from_u, from_v)
    to_u, to_v = edges.leaving(origins)
    bound = max_min + TOLERANCE_MIN
    group_of_row = groups[targets.owner]
    same_edge = _SameEdge.build(edges, origins, targets)
    results = []
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        sources = edges.nodes + np.unique(targets.owner[group_of_row == group])
        minutes = np.full(len(origins.owner), np.inf)
        target = np.full(len(origins.owner), -1, dtype=np.int64)
        if len(sources):
            reached, _, source = dijkstra(
                graph, directed=True, indices=sources, limit=bound, min_only=True, return_predecessors=True
            )
            u, v = edges.u[origins.edge], edges.v[origins.edge]
            by_u, by_v = reached[u] + to_u, reached[v] + to_v
            minutes = np.minimum(by_u, by_v)
            target = np.where(by_u <= by_v, source[u], source[v]).astype(np.int64) - edges.nodes
            same_edge.improve(group_of_row == group, minutes, target)
        results.append(_best(origins, minutes, target, max_min))
    return results


def reach(
    edges: TimedEdges, places: Snapped, owner: int, *, max_min: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the minutes from one place to every node, and the rows of `places` that belong to it.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    places : Snapped
        Places on the network.
    owner : int
        Which of them.
    max_min : float
        Minutes beyond which a node counts as not reached.

    Returns
    -------
    tuple of array of float, array of int
        Minutes by node, infinite where not reached; rows.
    """
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 - heavy; loaded where a search begins

    rows = np.arange(*np.searchsorted(places.owner, [owner, owner + 1]))
    if not rows.size:
        return np.full(edges.nodes, np.inf), rows
    to_u, to_v = edges.leaving(places)
    ends = np.concatenate([edges.u[places.edge[rows]], edges.v[places.edge[rows]]])
    cost = np.concatenate([to_u[rows], to_v[rows]])
    graph = _append_rows(edges.outward, np.zeros(len(ends), dtype=np.int64), ends, cost, 1)
    minutes = dijkstra(graph, directed=True, indices=edges.nodes, limit=max_min + TOLERANCE_MIN)
    return minutes[: edges.nodes], rows


def _part(
    share: NDArray[np.float64], minutes: NDArray[np.float64], drawn_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the minutes for a share of an edge; a point on the node may leave it in any direction."""
    at_node = (share * drawn_m <= AT_NODE_M) & (share <= 0.5)  # noqa: PLR2004 - the nearer end
    open_minutes = np.where(np.isfinite(minutes), minutes, 0.0)
    walked = share * open_minutes
    return np.where(np.isfinite(minutes) | at_node, walked, np.inf)


def _matrix(tail: NDArray[np.int64], head: NDArray[np.int64], cost: NDArray[np.float64], nodes: int) -> Any:  # noqa: ANN401 - scipy has no types
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy

    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    new = np.ones(len(tail), dtype=bool)
    new[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    keep = new & np.isfinite(cost) & (tail != head)
    tail, head, cost = tail[keep], head[keep], cost[keep]
    starts = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=nodes))])
    # Built by hand: a matrix from coordinates would add parallel arcs up.
    return csr_array((cost, head, starts), shape=(nodes, nodes))


def _with_sources(
    edges: TimedEdges,
    graph: Any,  # noqa: ANN401 - scipy has no types
    places: Snapped,
    by_u: NDArray[np.float64],
    by_v: NDArray[np.float64],
) -> Any:  # noqa: ANN401 - scipy has no types
    row = np.concatenate([places.owner, places.owner])
    head = np.concatenate([edges.u[places.edge], edges.v[places.edge]])
    return _append_rows(graph, row, head, np.concatenate([by_u, by_v]), places.count)


def _append_rows(
    graph: Any,  # noqa: ANN401 - scipy has no types
    row: NDArray[np.int64],
    head: NDArray[np.int64],
    cost: NDArray[np.float64],
    count: int,
) -> Any:  # noqa: ANN401 - scipy has no types
    """Append nodes that no arc enters, with arcs from them into the graph."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - heavy

    order = np.lexsort((cost, head, row))
    row, head, cost = row[order], head[order], cost[order]
    new = np.ones(len(row), dtype=bool)
    new[1:] = (row[1:] != row[:-1]) | (head[1:] != head[:-1])
    keep = new & np.isfinite(cost)
    row, head, cost = row[keep], head[keep], cost[keep]
    starts = graph.indptr[-1] + np.cumsum(np.bincount(row, minlength=count))
    size = graph.shape[0] + count
    return csr_array(
        (
            np.concatenate([graph.data, cost]),
            np.concatenate([graph.indices, head]),
            np.concatenate([graph.indptr, starts]),
        ),
        shape=(size, size),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _SameEdge:
    """Origins and targets that lie on one edge, so that a path between them need not pass a node."""

    edges: TimedEdges
    origins: Snapped
    targets: Snapped
    shared: NDArray[np.bool_]  # targets whose edge also carries an origin
    by_edge: NDArray[np.int64]  # origins sorted by edge

    @classmethod
    def build(cls, edges: TimedEdges, origins: Snapped, targets: Snapped) -> _SameEdge:
        return cls(
            edges=edges,
            origins=origins,
            targets=targets,
            shared=np.isin(targets.edge, origins.edge),
            by_edge=np.argsort(origins.edge, kind="stable"),
        )

    def improve(
        self, chosen: NDArray[np.bool_], minutes: NDArray[np.float64], target: NDArray[np.int64]
    ) -> None:
        """Improve `minutes` and `target` in place for the chosen targets."""
        rows = np.flatnonzero(chosen & self.shared)
        if not rows.size:
            return
        edge, fraction = self.targets.edge, self.targets.fraction
        rows = rows[np.lexsort((fraction[rows], edge[rows]))]
        sorted_edges = self.origins.edge[self.by_edge]
        for same in np.split(rows, np.flatnonzero(np.diff(edge[rows])) + 1):
            first, last = np.searchsorted(sorted_edges, [edge[same[0]], edge[same[0]] + 1])
            self._on_edge(same, self.by_edge[first:last], minutes, target)

    def _on_edge(
        self,
        same: NDArray[np.int64],
        here: NDArray[np.int64],
        minutes: NDArray[np.float64],
        target: NDArray[np.int64],
    ) -> None:
        """Compare the origins `here` with the targets `same`, which are sorted along their one edge."""
        edges, edge = self.edges, self.targets.edge[same[0]]
        at = self.origins.fraction[here]
        leg = self.origins.leg_m[here] / edges.m_per_min
        where = self.targets.fraction[same]
        target_leg = self.targets.leg_m[same] / edges.m_per_min
        # What lies on the same spot is reached whichever way the edge is open.
        spot = AT_NODE_M / edges.drawn_m[edge] if edges.drawn_m[edge] > 0 else 0.0
        forward, backward = edges.forward[edge], edges.backward[edge]
        if np.isfinite(forward):  # to targets ahead: least of (position + leg) from there to v
            least, which = _running_least((where * forward + target_leg)[::-1])
            position = np.searchsorted(where, at - spot, side="left")
            ahead = np.flatnonzero(position < len(same))
            back = len(same) - 1 - position[ahead]
            cost = leg[ahead] + np.maximum(least[back] - at[ahead] * forward, 0.0)
            best = same[len(same) - 1 - which[back]]
            _improve(minutes, target, here[ahead], cost, self.targets.owner[best])
        if np.isfinite(backward):  # to targets behind: least of (leg - position) from u to there
            least, which = _running_least(target_leg - where * backward)
            position = np.searchsorted(where, at + spot, side="right") - 1
            behind = np.flatnonzero(position >= 0)
            cost = leg[behind] + np.maximum(least[position[behind]] + at[behind] * backward, 0.0)
            best = same[which[position[behind]]]
            _improve(minutes, target, here[behind], cost, self.targets.owner[best])


def _improve(
    minutes: NDArray[np.float64],
    target: NDArray[np.int64],
    rows: NDArray[np.int64],
    cost: NDArray[np.float64],
    owner: NDArray[np.int64],
) -> None:
    better = cost < minutes[rows]
    minutes[rows[better]] = cost[better]
    target[rows[better]] = owner[better]


def _running_least(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the least value so far and its position."""
    least = np.minimum.accumulate(values)
    new = np.concatenate([[True], values[1:] < least[:-1]])
    return least, np.maximum.accumulate(np.where(new, np.arange(len(values)), 0))


def _best(
    origins: Snapped, minutes: NDArray[np.float64], target: NDArray[np.int64], max_min: float
) -> NearestTimes:
    """Keep the best of each origin's ways to touch the network."""
    best = np.full(origins.count, np.nan)
    which = np.full(origins.count, -1, dtype=np.int64)
    order = np.lexsort((minutes, origins.owner))
    owner = origins.owner[order]
    first = np.ones(len(owner), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    rows = order[first]
    rows = rows[minutes[rows] <= max_min + TOLERANCE_MIN]
    rows = rows[np.isfinite(minutes[rows])]
    best[origins.owner[rows]] = np.minimum(minutes[rows], max_min)
    which[origins.owner[rows]] = target[rows]
    return NearestTimes(minutes=best, target=which)
