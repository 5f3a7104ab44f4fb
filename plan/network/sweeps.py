"""Labels of several groups of targets side by side, as machine code: up to the core, and down from it.

Each node has a row of labels, one for each group, so that the arcs are read once for all of them and one
instruction does for several. A label is one number: ticks, then the target in the last `bits` bits; the smaller
label is nearer or, at the same cost, leads to the smaller target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = [
    "best_of_rows",
    "minutes_of_labels",
    "minutes_of_nodes",
    "rise",
    "seeds_of",
    "sink",
    "wanted_nodes",
]

# Nodes whose minutes are written together, while their labels are in the cache.
_CHUNK = 1024


@compiled
def rise(
    start: Ints,
    head: Ints,
    cost: Ticks,
    bits: int,
    limit: int,
    seed_node: Ints,
    seed_column: Ints,
    seed_label: Ticks,
    label: Ticks,
    known: Flags,
    top: Ticks,
) -> None:
    """Bring the labels of seeds up to the core, in place.

    `label` is that of the nodes behind the core, as far as they are `known` afterwards; `top` that of the core, by
    column. What is not reached has `limit` + 1.
    """
    core = top.shape[1]
    far = limit + 1
    for s in range(len(seed_node)):
        x, c = seed_node[s], seed_column[s]
        if x < core:
            top[c, x] = min(top[c, x], seed_label[s])
            continue
        if not known[x]:
            known[x] = True
            label[x, :] = far
        label[x, c] = min(label[x, c], seed_label[s])
    for x in range(len(known) - 1, core - 1, -1):
        if not known[x]:
            continue
        row = label[x]
        for a in range(start[x - core], start[x - core + 1]):
            y, more = head[a], cost[a] << bits
            if y < core:
                for c in range(len(top)):
                    new = row[c] + more
                    if new <= limit:
                        top[c, y] = min(top[c, y], new)
                continue
            if not known[y]:
                known[y] = True
                label[y, :] = far
            for c in range(len(row)):
                label[y, c] = min(label[y, c], row[c] + more)


@compiled
def seeds_of(top: Ticks, limit: int) -> tuple[Ints, Ticks]:
    """Take the labels off the core: nodes and labels."""
    count = 0
    for x in range(len(top)):
        count += top[x] <= limit
    node, label = np.empty(count, np.int32), np.empty(count, np.int64)
    at = 0
    for x in range(len(top)):
        if top[x] <= limit:
            node[at], label[at] = x, top[x]
            at += 1
            top[x] = limit + 1
    return node, label


@compiled
def _across(top: Ticks, label: Ticks, begin: int, end: int) -> None:
    """Copy the labels of the core from columns to rows."""
    for x in range(begin, end):
        for c in range(len(top)):
            label[x, c] = top[c, x]


@compiled
def _down(
    start: Ints,
    head: Ints,
    cost: Ticks,
    bits: int,
    far: int,
    core: int,
    nodes: Ints,
    label: Ticks,
    known: Flags,
) -> None:
    """Give some nodes behind the core the labels that those before them bring, in place."""
    for i in nodes:
        x = np.uint64(i)
        row = label[x]
        if not known[x]:
            for c in range(len(row)):
                row[c] = far
        known[x] = False
        at = x - np.uint64(core)
        for a in range(np.uint64(start[at]), np.uint64(start[at + np.uint64(1)])):
            before, more = label[np.uint64(head[a])], cost[a] << bits
            for c in range(len(row)):
                row[c] = min(row[c], before[c] + more)


@compiled
def sink(
    start: Ints,
    head: Ints,
    cost: Ticks,
    bits: int,
    limit: int,
    wanted: Ints,
    label: Ticks,
    known: Flags,
    top: Ticks,
) -> None:
    """Bring the labels of the core down to the wanted nodes behind it, in place; nothing is `known` afterwards.

    `wanted` ascends, and with a node it holds those that the node's arcs lead to.
    """
    core = top.shape[1]
    _across(top, label, 0, core)
    _down(start, head, cost, bits, limit + 1, core, wanted, label, known)
    known[:] = False


@compiled
def minutes_of_nodes(
    start: Ints,
    head: Ints,
    cost: Ticks,
    bits: int,
    limit: int,
    label: Ticks,
    known: Flags,
    top: Ticks,
    back: Ints,
    scale: float,
    minutes: NDArray[np.float64],
) -> None:
    """Do what :func:`sink` does for all nodes, and write their minutes in their own order."""
    core, nodes = top.shape[1], len(back)
    some = np.empty(label.shape[1])
    for begin in range(0, nodes, _CHUNK):
        end = min(begin + _CHUNK, nodes)
        _across(top, label, begin, min(end, core))
        _down(
            start,
            head,
            cost,
            bits,
            limit + 1,
            core,
            np.arange(max(begin, core), end).astype(np.int32),
            label,
            known,
        )
        for x in range(begin, end):
            row = label[x]
            for c in range(len(row)):
                some[c] = (row[c] >> bits) / scale if row[c] <= limit else np.inf
            at = back[x]
            for c in range(len(minutes)):
                minutes[c, at] = some[c]


@compiled
def wanted_nodes(core: int, start: Ints, head: Ints, u: Ints, v: Ints, nodes: int) -> Ints:
    """Return the nodes behind the core that are among some nodes, and those that their arcs lead to, ascending."""
    wanted = np.zeros(nodes + 1, np.bool_)
    for i in range(len(u)):
        wanted[u[i]] = True
        wanted[v[i]] = True
    count = 0
    for x in range(nodes - 1, core - 1, -1):
        if wanted[x]:
            count += 1
            for a in range(start[x - core], start[x - core + 1]):
                wanted[head[a]] = True
    found = np.empty(count, np.int32)
    at = 0
    for x in range(core, nodes):
        if wanted[x]:
            found[at] = x
            at += 1
    return found


@compiled
def best_of_rows(
    label: Ticks, owner: Ints, u: Ints, v: Ints, to_u: Ticks, to_v: Ticks, bits: int, best: Ticks
) -> None:
    """Improve the best labels of each owner by the two ends of the edges that its rows lie on, in place."""
    for r in range(len(owner)):
        row = best[np.uint64(owner[r])]
        one, other = label[np.uint64(u[r])], label[np.uint64(v[r])]
        by_u, by_v = to_u[r] << bits, to_v[r] << bits
        for c in range(len(row)):
            row[c] = min(row[c], one[c] + by_u, other[c] + by_v)


@compiled
def minutes_of_labels(
    label: Ticks,
    bits: int,
    limit: int,
    members: Ticks,
    first: Ticks,
    scale: float,
    max_min: float,
    minutes: NDArray[np.float64],
    target: Ticks,
) -> None:
    """Write the minutes and the target of labels, columns by owners; NaN and -1 beyond the limit.

    The targets of column c are `members[first[c]:]`.
    """
    mask = (1 << bits) - 1
    for i in range(len(label)):
        for c in range(len(minutes)):
            one = label[i, c]
            if one <= limit:
                minutes[c, i] = min((one >> bits) / scale, max_min)
                target[c, i] = members[first[c] + (one & mask)]
            else:
                minutes[c, i] = np.nan
                target[c, i] = -1
