"""Threads that share jobs, and the queue that each of them searches with."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from plan.network.lattice import Arcs

    Small = NDArray[np.int32]
    Ints = NDArray[np.int64]

__all__ = ["Queue", "each", "queue_size", "together", "workers"]

# Labels and rows above which a second thread pays.
PARALLEL: Final = 500_000
# Searches spread from so many targets at a time, near each other, so that they stay in the cache; one
# that reaches further than so many typical arcs passes over everything at once.
_TOGETHER: Final = 32
_FAR_ARCS: Final = 200
# Entries of a queue beyond one for each node.
_SPARE: Final = 4096


def workers(work: int, threads: int | None) -> int:
    """Return how many threads are to share some work, counted in labels and rows."""
    return max(1, threads if threads is not None else (os.cpu_count() or 1) if work > PARALLEL else 1)


def each(count: int, wanted: int, make: Callable[[], Any], run: Callable[[Any, int], Any]) -> list[Any]:
    """Run jobs 0..count-1 on some threads, each with its own room to work in; return what they return."""
    results: list[Any] = [None] * count
    wanted = min(wanted, count)

    def share(first: int) -> None:
        room = make()
        for job in range(first, count, wanted):
            results[job] = run(room, job)

    if wanted <= 1:
        share(0)
    else:
        with ThreadPoolExecutor(wanted) as pool:
            for done in [pool.submit(share, first) for first in range(wanted)]:
                done.result()
    return results


def together(arcs: Arcs, bound: int, seeds: int) -> int:
    """Return how many seeds a search spreads from at a time."""
    return _TOGETHER if bound >> arcs.shift <= _FAR_ARCS else max(seeds, 1)


def queue_size(nodes: int) -> int:
    """Return how many entries a queue for some nodes has at first."""
    return max(nodes + _SPARE, 8)


class Queue:
    """Room for what is still to be looked at."""

    def __init__(self, nodes: int, labels: int = 1) -> None:
        self.grow(queue_size(nodes) * labels)

    def grow(self, size: int) -> None:
        """Make new room; what was in it is lost."""
        self.size = size
        self.node, self.own, self.next = (np.empty(size, dtype=np.int32) for _ in range(3))
        self.cost = np.empty(size, dtype=np.int64)

    def top(self, buckets: int) -> Small:
        """Return empty buckets."""
        return np.full(max(buckets, 1), -1, dtype=np.int32)

    def spread(
        self,
        arcs: Arcs,
        node: Small,
        label: Ints,
        dist: Ints,
        touched: Small,
        *,
        group: int,
        bound: int,
        bits: int,
    ) -> int:
        """Spread labels over the arcs; -1: the queue was too short, it is longer now, and nothing holds."""
        from plan.network.compiled import spread  # noqa: PLC0415 - machine code, loaded where it is needed

        dearest = int(label[label <= bound].max(initial=0))
        buckets = arcs.buckets(bound >> bits, dearest >> bits)
        count = spread(
            *arcs.rows, dist, node, label, group, bound, bits,
            arcs.shift + bits, buckets, touched, self.top(buckets), self.node, self.next, self.cost,
        )  # fmt: skip
        if count < 0:
            self.grow(2 * self.size)
        return count
