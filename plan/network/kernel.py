"""Exact shortest times on a directed graph whose origins and targets lie on edges.

The search runs from the facilities against the direction of walking, once for each category: a facility
gives labels to both ends of its edge, and they spread as far as the bound. A household then compares
the two ends of its own edge, and the facilities that lie on the same edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from plan.errors import UsageError
from plan.messages import Message
from plan.network.ticks import INFINITE, LARGEST, ticks_per_minute, to_ticks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.lattice import Lattice
    from plan.network.plain import Neighbours
    from plan.network.snapping import Snapped

__all__ = ["TOLERANCE_MIN", "NearestTimes", "TimedEdges", "nearest", "reach"]

# Minutes by which sums of the same numbers in another order may differ; 900 m at 60 m/min is 15 min.
TOLERANCE_MIN: Final = 1e-9
# Metres from an end of an edge within which a point stands on the node itself.
AT_NODE_M: Final = 1e-9
# Neighbours of a node that the search passes over, at most.
_CONTRACTED: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimedEdges:
    """Edges with the minutes of one profile, and the graph that they make."""

    xy: NDArray[np.float64]  # of the nodes, metres
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    drawn_m: NDArray[np.float64]  # length of the geometry
    forward: NDArray[np.float64]  # minutes from u to v; infinite where closed
    backward: NDArray[np.float64]  # minutes from v to u
    m_per_min: float  # speed off the edges
    scale: float  # ticks in a minute
    forward_ticks: NDArray[np.int64]
    backward_ticks: NDArray[np.int64]
    contracted: int = _CONTRACTED  # neighbours of a node that the search passes over; -1: it passes over none
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False)  # built when first needed

    @classmethod
    def build(
        cls,
        *,
        xy: NDArray[np.float64],
        u: NDArray[np.int64],
        v: NDArray[np.int64],
        drawn_m: NDArray[np.float64],
        minutes: tuple[NDArray[np.float64], NDArray[np.float64]],
        m_per_min: float,
        contracted: int = _CONTRACTED,
    ) -> Self:
        """Make the edges ready.

        Raises
        ------
        UsageError
            If a minute is negative or NaN.
        """
        forward, backward = minutes
        if not ((forward >= 0).all() and (backward >= 0).all()):
            raise UsageError(Message("network.minutes"))
        larger = np.fmax(np.where(np.isinf(forward), 0, forward), np.where(np.isinf(backward), 0, backward))
        scale = ticks_per_minute(float(larger.sum()))
        forward_ticks = to_ticks(forward, scale)
        # One array for both directions where they do not differ.
        same = np.array_equal(forward, backward)
        return cls(
            xy=xy,
            u=u,
            v=v,
            drawn_m=drawn_m,
            forward=forward,
            backward=backward,
            m_per_min=m_per_min,
            scale=scale,
            forward_ticks=forward_ticks,
            backward_ticks=forward_ticks if same else to_ticks(backward, scale),
            contracted=contracted,
        )

    def part(
        self,
        nodes: NDArray[np.int64],
        edges: NDArray[np.int64],
        u: NDArray[np.int64],
        v: NDArray[np.int64],
    ) -> TimedEdges:
        """Return some of the edges with the same minutes in the same ticks, between some of the nodes."""
        return replace(
            self,
            xy=self.xy[nodes],
            u=u,
            v=v,
            drawn_m=self.drawn_m[edges],
            forward=self.forward[edges],
            backward=self.backward[edges],
            forward_ticks=self.forward_ticks[edges],
            backward_ticks=self.backward_ticks[edges],
        )

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.xy)

    @property
    def lattice(self) -> Lattice:
        """The network for the compiled searches."""
        if "lattice" not in self._made:
            from plan.network.lattice import Lattice  # noqa: PLC0415 - needed by compiled searches only

            self._made["lattice"] = Lattice.build(
                xy=self.xy,
                u=self.u,
                v=self.v,
                forward=self.forward_ticks,
                backward=self.backward_ticks,
                most=self.contracted,
            )
        made: Lattice = self._made["lattice"]
        return made

    def plain(self, *, outward: bool = False) -> Neighbours:
        """Return the network for the plain searches, against the direction of walking unless `outward`."""
        name = "outward" if outward else "inward"
        if name not in self._made:
            from plan.network.plain import neighbours  # noqa: PLC0415 - needed by plain searches only

            tail, head = np.concatenate([self.u, self.v]), np.concatenate([self.v, self.u])
            both = (self.forward_ticks, self.backward_ticks)
            cost = np.concatenate(both if outward else both[::-1])
            self._made[name] = neighbours(self.nodes, tail, head, cost)
        made: Neighbours = self._made[name]
        return made

    def incident(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the edges that end at some nodes, ascending."""
        if "incident" not in self._made:
            ends = np.concatenate([self.u, self.v])
            order = np.argsort(ends, kind="stable")
            first = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=self.nodes))])
            self._made["incident"] = (first, order % max(len(self.u), 1))
        first, edge = self._made["incident"]
        count = first[nodes + 1] - first[nodes]
        offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.unique(edge[np.repeat(first[nodes], count) + offset])

    def bound(self, max_min: float) -> int:
        """Return the most ticks that count as within a number of minutes."""
        return int(to_ticks(np.array([min(max_min + TOLERANCE_MIN, LARGEST / self.scale)]), self.scale)[0])

    def leaving(self, at: Snapped) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ticks from each snapped place to node u and to node v, straight path included."""
        return self._ends(at, self.backward, self.forward)

    def arriving(self, at: Snapped) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return ticks from node u and from node v to each snapped place, straight path included."""
        return self._ends(at, self.forward, self.backward)

    def needed(
        self, at: Snapped, ticks: tuple[NDArray[np.int64], NDArray[np.int64]], *, leaving: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the ticks between places and the ends of their edges, infinite where a walk need not use that end.

        Who stands at a node, or gets to the far end no sooner than along the edge from the near one, loses nothing.
        """
        by_u, by_v = ticks
        onward, backward = self.forward_ticks[at.edge], self.backward_ticks[at.edge]
        if not leaving:
            onward, backward = backward, onward
        past_v = by_v >= by_u + onward
        past_u = (by_u >= by_v + backward) & ~past_v
        return np.where(past_u, INFINITE, by_u), np.where(past_v, INFINITE, by_v)

    def _ends(
        self, at: Snapped, by_u: NDArray[np.float64], by_v: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        leg = at.leg_m / self.m_per_min
        drawn = self.drawn_m[at.edge]
        return (
            to_ticks(leg + _part(at.fraction, by_u[at.edge], drawn), self.scale),
            to_ticks(leg + _part(1 - at.fraction, by_v[at.edge], drawn), self.scale),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearestTimes:
    """For each origin the minutes to its nearest target, and which one that is."""

    minutes: NDArray[np.float64]  # NaN where no target is within the bound
    target: NDArray[np.int64]  # position of the target; -1 where there is none


def nearest(
    edges: TimedEdges,
    origins: Snapped,
    targets: Snapped,
    groups: NDArray[np.int64],
    *,
    max_min: float,
    threads: int | None = None,
) -> list[NearestTimes]:
    """Find for each origin the nearest target of each group, walking from the origin to the target.

    Of targets that are equally near the first counts.

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
    threads : int, optional
        Threads to use; as many as there are processors where that pays. The answer does not depend on it.

    Returns
    -------
    list of NearestTimes
        One for each group.
    """
    from plan.network.queries import Query  # noqa: PLC0415 - the queries read this module

    query = Query(edges, origins, targets, groups, max_min=max_min, threads=threads)
    return [
        NearestTimes(minutes=minutes[:, 0], target=target[:, 0]) for minutes, target in query.nearest(k=1)
    ]


def reach(
    edges: TimedEdges, places: Snapped, owner: int, *, max_min: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the nodes that people get to from one place, the minutes, and the rows of `places` that belong to it.

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
    tuple of array of int, array of float, array of int
        Nodes, ascending; minutes; rows.
    """
    from plan.network.queries import ball  # noqa: PLC0415 - the queries read this module

    rows = np.arange(*np.searchsorted(places.owner, [owner, owner + 1]))
    to_u, to_v = edges.leaving(places.take(rows))
    node = np.concatenate([edges.u[places.edge[rows]], edges.v[places.edge[rows]]])
    nodes, ticks = ball(edges, node, np.concatenate([to_u, to_v]), bound=edges.bound(max_min))
    return nodes, ticks / edges.scale, rows


def _part(
    share: NDArray[np.float64], minutes: NDArray[np.float64], drawn_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the minutes for a share of an edge; a point on the node may leave it in any direction."""
    at_node = (share * drawn_m <= AT_NODE_M) & (share <= 0.5)  # noqa: PLR2004 - the nearer end
    is_open = np.isfinite(minutes)
    walked = share * np.where(is_open, minutes, 0.0)
    return np.where(is_open | at_node, walked, np.inf)
