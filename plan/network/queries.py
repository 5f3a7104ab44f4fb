"""What is asked of a network: the nearest targets, how many within a time, and all of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.network import plain
from plan.network.same_edge import pairs_on_edges
from plan.network.ticks import INFINITE, from_ticks
from plan.network.workers import Queue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped
    from plan.network.within import Circles

    Ints = NDArray[np.int64]
    _Found = tuple[NDArray[np.float64], Ints]  # minutes and targets, origins by k

__all__ = ["Query", "ball"]

# Labels and rows up to which a search without machine code is over before the machine code is loaded,
# and up to which it is no slower even when that is there.
PLAIN_COLD: Final = 150_000
PLAIN_WARM: Final = 2_000
_MODULE: Final = "plan.network.compiled"


def _is_plain(work: int) -> bool:
    return work <= (PLAIN_WARM if _MODULE in sys.modules else PLAIN_COLD)


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
        self.to_u, self.to_v = edges.needed(origins, edges.leaving(origins), leaving=True)
        self.pairs = pairs_on_edges(edges, origins, targets, bound=self.bound)

    def nearest(self, *, k: int) -> list[tuple[NDArray[np.float64], Ints]]:
        """Return for each group the minutes to the k nearest targets (NaN: none) and which they are (-1)."""
        found = None
        if not _is_plain(self.group_count * k * (self.edges.nodes + len(self.origins.owner))):
            found = self._compiled_nearest(k)
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
        return self._circles().counts()

    def pairs_within(self) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Return origin, target and minutes of all pairs within the bound, sorted by origin, minutes, target."""
        work = len(self.groups) * 1000 + len(self.origins.owner)
        if _is_plain(work):
            rows = [row for group in range(self.group_count) for row in self._plain_all(group)]
            table = np.array(rows, dtype=np.int64).reshape(-1, 3)
            owner, target, ticks = table[:, 0], table[:, 1], table[:, 2]
        else:
            owner, target, ticks = self._circles().lists()
        order = np.lexsort((target, ticks, owner))
        minutes = from_ticks(ticks[order], self.edges.scale, bound=self.bound, max_min=self.max_min)
        return owner[order], target[order], minutes

    def _compiled_nearest(self, k: int) -> list[_Found] | None:
        """Find the nearest with machine code; None where minutes are of too many magnitudes for it."""
        from plan.network.columns import nearest_of_groups  # noqa: PLC0415 - with machine code
        from plan.network.several import several_of_groups  # noqa: PLC0415 - with machine code

        found = nearest_of_groups(self) if k == 1 else None
        if found is None:
            return several_of_groups(self, k=k)
        return [(minutes[:, None], target[:, None]) for minutes, target in zip(*found, strict=True)]

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
        pairs = self.pairs.of_targets(self.groups == group)
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

    def _circles(self) -> Circles:
        from plan.network.within import Circles  # noqa: PLC0415 - with machine code

        return Circles(self)


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
    queue = Queue(lattice.nodes)
    label = np.full(lattice.nodes, bound + 1, dtype=np.int64)
    touched = np.empty(lattice.nodes, dtype=np.int32)
    while True:
        count = queue.spread(
            lattice.outward, lattice.number[node], ticks, label, touched,
            group=max(len(node), 1), bound=bound, bits=0,
        )  # fmt: skip
        if count >= 0:
            break
        label.fill(bound + 1)
    inside = touched[:count]
    reached, spent = lattice.back[inside].astype(np.int64), label[inside]
    order = np.argsort(reached, kind="stable")
    return reached[order], spent[order]
