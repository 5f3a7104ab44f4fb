"""The same searches without machine code: for a site, done before a compiler would be loaded.

A label is a cost in ticks and the target it leads to. The answers are those of the compiled searches to
the last tick, because ticks are whole numbers and of equal costs the smaller target wins.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from plan.network.ticks import INFINITE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["Neighbours", "best_of_rows", "labels", "neighbours"]

Neighbours = list[list[tuple[int, int]]]  # for each node the nodes to go on to, and the ticks
Labels = dict[int, list[tuple[int, int]]]  # for each node reached (ticks, target), ascending


def neighbours(
    nodes: int, tail: NDArray[np.int64], head: NDArray[np.int64], cost: NDArray[np.int64]
) -> Neighbours:
    """Return the open arcs by tail."""
    made: Neighbours = [[] for _ in range(nodes)]
    is_open = cost < INFINITE
    for x, y, ticks in zip(
        tail[is_open].tolist(), head[is_open].tolist(), cost[is_open].tolist(), strict=True
    ):
        made[x].append((y, ticks))
    return made


def labels(arcs: Neighbours, seeds: Iterable[tuple[int, int, int]], *, bound: int, k: int | None) -> Labels:
    """Return for each node the k least labels of different targets; None means all within the bound.

    Parameters
    ----------
    arcs : Neighbours
        The network.
    seeds : iterable of tuple
        Ticks, target, node.
    bound : int
        Ticks beyond which nothing is reached.
    k : int, optional
        Labels of a node, at most.

    Returns
    -------
    dict
        Ticks and target, ascending, by node.
    """
    heap = [seed for seed in seeds if seed[0] <= bound]
    heapq.heapify(heap)
    if k == 1:
        return _nearest(arcs, heap, bound=bound)
    made: Labels = {}
    settled: set[tuple[int, int]] = set()
    while heap:
        ticks, target, node = heapq.heappop(heap)
        here = made.setdefault(node, [])
        if len(here) == k or (node, target) in settled:
            continue
        settled.add((node, target))
        here.append((ticks, target))
        for other, more in arcs[node]:
            if ticks + more <= bound:
                heapq.heappush(heap, (ticks + more, target, other))
    return made


def _nearest(arcs: Neighbours, heap: list[tuple[int, int, int]], *, bound: int) -> Labels:
    """Return for each node its least label: it is settled once, and nothing goes to a settled node again."""
    made: Labels = {}
    pop, push = heapq.heappop, heapq.heappush
    while heap:
        ticks, target, node = pop(heap)
        if node in made:
            continue
        made[node] = [(ticks, target)]
        for other, more in arcs[node]:
            if other not in made and ticks + more <= bound:
                push(heap, (ticks + more, target, other))
    return made


def best_of_rows(
    found: Labels,
    owner: NDArray[np.int64],
    ends: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]],
    *,
    bound: int,
) -> dict[int, dict[int, int]]:
    """Return for each owner the least ticks to each target, over the ends of its edges.

    Parameters
    ----------
    found : dict
        Labels of the nodes.
    owner : array of int
        The owner of each row.
    ends : iterable of tuple of two arrays
        A node for each row, and the ticks from the row to it.
    bound : int
        Ticks beyond which nothing is reached.

    Returns
    -------
    dict
        Ticks by target, by owner.
    """
    best: dict[int, dict[int, int]] = {}
    for node, ticks in ends:
        for one, x, first in zip(owner.tolist(), node.tolist(), ticks.tolist(), strict=True):
            for more, target in found.get(x, ()):
                total = first + more
                if total > bound:
                    break
                mine = best.setdefault(one, {})
                if total < mine.get(target, INFINITE):
                    mine[target] = total
    return best
