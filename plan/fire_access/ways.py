"""The widest ways over a middle line: from some starts to every node, or to one.

References
----------
M. Pollack, The maximum capacity through a network, Operations Research 8 (1960).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.fire_access.clearance import Middle

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["EVEN_M", "Ways", "widest_ways"]

# Metres to which widths are told apart: a tenth of a millimetre.
EVEN_M: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The widest ways from some starts to every node."""

    width: NDArray[np.float64]  # [m] of the narrowest step of the widest way; 0 where there is none
    length: NDArray[np.float64]  # [m] of that way
    before: NDArray[np.int64]  # the node before, -1 at a start
    edge: NDArray[np.int64]  # the edge that leads there, -1 at a start

    def edges_to(self, node: int) -> list[int]:
        """Return the edges of the way to a node, from the start on."""
        found: list[int] = _back(self.before, self.edge, node).tolist()
        return found


def widest_ways(
    middle: Middle, starts: NDArray[np.int64], *, within: NDArray[np.bool_] | None = None, to: int = -1
) -> Ways:
    """Find the widest way from any of some starts to every node; of equally wide ones a short one.

    Parameters
    ----------
    middle : Middle
        The middle line.
    starts : array of int
        Nodes; a way begins as wide as the ground is there.
    within : array of bool, optional
        Of each node, whether a way may lead over it.
    to : int, optional
        Stop as soon as the way to this node is known; the others may be found or not.

    Returns
    -------
    Ways
        For every node.
    """
    if within is None:
        within = np.ones(len(middle.xy), dtype=bool)
    first, other, edge = middle.neighbours
    width, length, before, by = _spread(
        first, other, edge, middle.width, middle.length, middle.room, starts, within, to
    )
    return Ways(width=width, length=length, before=before, edge=by)


# --- parts ---------------------------------------------------------------------------------------


@compiled
def _back(before: Ints, edge: Ints, node: int) -> Ints:
    """Return the edges from a start to a node."""
    count = 0
    at = node
    while before[at] >= 0:
        count += 1
        at = before[at]
    found = np.empty(count, np.int64)
    at = node
    while before[at] >= 0:
        count -= 1
        found[count] = edge[at]
        at = before[at]
    return found


@compiled
def _sooner(width: Floats, length: Floats, node: Ints, a: int, b: int) -> bool:
    """Tell whether an entry of the heap comes before another: the wider, then the shorter, then the smaller node."""
    if width[a] != width[b]:
        return bool(width[a] > width[b])
    if length[a] != length[b]:
        return bool(length[a] < length[b])
    return bool(node[a] < node[b])


@compiled
def _swap(width: Floats, length: Floats, node: Ints, a: int, b: int) -> None:
    width[a], width[b] = width[b], width[a]
    length[a], length[b] = length[b], length[a]
    node[a], node[b] = node[b], node[a]


@compiled
def _rise(width: Floats, length: Floats, node: Ints, at: int) -> None:
    """Move the last entry of a heap to its place."""
    while at > 0:
        parent = (at - 1) // 2
        if not _sooner(width, length, node, at, parent):
            break
        _swap(width, length, node, at, parent)
        at = parent


@compiled
def _sink(width: Floats, length: Floats, node: Ints, size: int) -> None:
    """Move the first entry of a heap to its place."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and _sooner(width, length, node, child + 1, child):
            child += 1
        if not _sooner(width, length, node, child, at):
            break
        _swap(width, length, node, at, child)
        at = child


@compiled
def _spread(
    first: Ints,
    other: Ints,
    edge: Ints,
    wide: Floats,
    long: Floats,
    room: Floats,
    starts: Ints,
    within: Flags,
    target: int,
) -> tuple[Floats, Floats, Ints, Ints]:
    """Dijkstra's search, in which the length of a way is how narrow it is."""
    count = len(first) - 1
    width, length = np.zeros(count), np.full(count, np.inf)
    before, by = np.full(count, -1), np.full(count, -1)
    done = np.zeros(count, np.bool_)
    # Every edge is looked at once from either end.
    most = len(starts) + len(other)
    heap_width, heap_length, heap_node = np.empty(most), np.empty(most), np.empty(most, np.int64)
    size = 0
    for node in starts:
        if room[node] > 0:
            width[node], length[node] = 2 * room[node], 0.0
            heap_width[size], heap_length[size], heap_node[size] = width[node], 0.0, node
            _rise(heap_width, heap_length, heap_node, size)
            size += 1
    while size:
        reach_here, far_here, node = heap_width[0], heap_length[0], heap_node[0]
        size -= 1
        heap_width[0], heap_length[0], heap_node[0] = heap_width[size], heap_length[size], heap_node[size]
        _sink(heap_width, heap_length, heap_node, size)
        if done[node]:
            continue
        done[node] = True
        if node == target:
            break
        if not within[node]:
            continue
        for i in range(first[node], first[node + 1]):
            to, e = other[i], edge[i]
            if done[to] or not within[to]:
                continue
            reach, far = min(reach_here, wide[e]), far_here + long[e]
            if reach > width[to] + EVEN_M / 2 or (reach >= width[to] - EVEN_M / 2 and far < length[to]):
                width[to], length[to], before[to], by[to] = reach, far, node, e
                heap_width[size], heap_length[size], heap_node[size] = reach, far, to
                _rise(heap_width, heap_length, heap_node, size)
                size += 1
    return width, length, before, by
