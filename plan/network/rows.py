"""Arcs as compressed rows, as machine code: those of row i are ``start[i]:start[i + 1]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.network.contraction import INFINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["all_rows", "core_rows", "depth", "leads", "upward_rows"]


@compiled
def upward_rows(start: Ints, near: Ints, cost: Ticks, number: Ints) -> tuple[Ints, Ints, Ticks]:
    """Return rows of :func:`~plan.network.contraction.eliminate` from the last to the first, with the new numbers, without closed arcs."""
    rows = len(start) - 1
    starts = np.empty(rows + 1, np.int32)
    head, weight = np.empty(len(near), np.int32), np.empty(len(near), np.int64)
    starts[0] = 0
    at = 0
    for i in range(rows):
        row = rows - 1 - i
        for a in range(start[row], start[row + 1]):
            if cost[a] < INFINITE:
                head[at], weight[at] = number[near[a]], cost[a]
                at += 1
        starts[i + 1] = at
    return starts, head[:at], weight[:at]


@compiled
def core_rows(
    nodes: Ints, number: Ints, first: Ints, following: Ints, other: Ints, cost: Ticks
) -> tuple[Ints, Ints, Ticks]:
    """Return lists of neighbours as compressed rows in the order of `nodes`, with the new numbers, without closed arcs."""
    starts = np.empty(len(nodes) + 1, np.int32)
    head, weight = np.empty(len(other), np.int32), np.empty(len(other), np.int64)
    starts[0] = 0
    at = 0
    for i in range(len(nodes)):
        record = first[nodes[i]]
        while record >= 0:
            if cost[record] < INFINITE:
                head[at], weight[at] = number[other[record]], cost[record]
                at += 1
            record = following[record]
        starts[i + 1] = at
    # A copy: what was taken out had most of the records.
    return starts, head[:at].copy(), weight[:at].copy()


@compiled
def all_rows(
    number: Ints, u: NDArray[np.int64], v: NDArray[np.int64], forward: Ticks, backward: Ticks
) -> tuple[Ints, Ints, Ticks]:
    """Return the open arcs of all edges as compressed rows: `forward` from u to v, `backward` from v to u."""
    begin = np.zeros(len(number) + 2, np.int32)
    for e in range(len(u)):
        begin[number[u[e]] + 2] += forward[e] < INFINITE
        begin[number[v[e]] + 2] += backward[e] < INFINITE
    for x in range(len(begin) - 1):
        begin[x + 1] += begin[x]
    head, cost = np.empty(begin[-1], np.int32), np.empty(begin[-1], np.int64)
    for e in range(len(u)):
        a, b = number[u[e]], number[v[e]]
        if forward[e] < INFINITE:
            head[begin[a + 1]], cost[begin[a + 1]] = b, forward[e]
            begin[a + 1] += 1
        if backward[e] < INFINITE:
            head[begin[b + 1]], cost[begin[b + 1]] = a, backward[e]
            begin[b + 1] += 1
    return begin[:-1], head, cost


@compiled
def leads(core: int, start: Ints, head: Ints, parts: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the part of each node behind the core, and for each node the other parts whose arcs lead to it, as rows.

    Part p is the nodes from `parts[p]` up to `parts[p + 1]`.
    """
    nodes = core + len(start) - 1
    part = np.full(nodes, -1, np.int32)
    for p in range(len(parts) - 1):
        part[parts[p] : parts[p + 1]] = p
    first = np.zeros(nodes + 2, np.int32)
    found = np.empty(0, np.int32)
    for fill in range(2):
        last = np.full(nodes, -1, np.int32)
        for x in range(core, nodes):
            for a in range(start[x - core], start[x - core + 1]):
                y = head[a]
                if part[y] == part[x] or last[y] == part[x]:
                    continue
                last[y] = part[x]
                if fill:
                    found[first[y + 1]] = part[x]
                    first[y + 1] += 1
                else:
                    first[y + 2] += 1
        if not fill:
            for x in range(nodes + 1):
                first[x + 1] += first[x]
            found = np.empty(first[-1], np.int32)
    return part, first[:-1], found


@compiled
def depth(core: int, start: Ints, head: Ints, cost: Ticks) -> int:
    """Return the longest way from a node behind the core to the core, or to where there are no more arcs."""
    far = np.zeros(core + len(start) - 1, np.int64)
    most = 0
    for i in range(core, len(far)):
        for a in range(start[i - core], start[i - core + 1]):
            far[i] = max(far[i], min(far[head[a]] + cost[a], INFINITE))
        most = max(most, far[i])
    return most
