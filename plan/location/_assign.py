"""Each demand to one open site with room for it: by regret, then by moves and exchanges. Good, without a proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["assign"]

# Demands up to which pairs of them are exchanged.
_PAIRS = 1000


@compiled
def assign(
    cost: Floats, guide: Floats, demand: Floats, capacity: Floats, is_open: Bools, where: Ints
) -> float:
    """Assign demands to open sites.

    Parameters
    ----------
    cost : array of float, sites x demands
        Infinite where there is no way.
    guide : array of float, sites x demands
        What the first assignment goes by in place of the costs.
    demand, capacity : array of float
    is_open : array of bool
    where : array of int
        The site of each demand; written.

    Returns
    -------
    float
        The sum of costs; infinite where some demand was left over.
    """
    sites, demands = cost.shape
    room = np.where(is_open, capacity, -1.0)
    slack = 1e-9 * capacity.max()
    where[:] = -1
    # Who loses most if the best site fills up comes first.
    regret = np.empty(demands)
    for i in range(demands):
        first, second = np.inf, np.inf
        for j in range(sites):
            if is_open[j] and guide[j, i] < first:
                second = first
                first = guide[j, i]
            elif is_open[j] and guide[j, i] < second:
                second = guide[j, i]
        regret[i] = second - first if first < np.inf else np.inf
    # Where that leaves a demand over, the largest come first.
    for order in (np.argsort(-regret, kind="mergesort"), np.argsort(-demand, kind="mergesort")):
        left = False
        for i in order:
            best = np.inf
            for j in range(sites):
                if room[j] + slack >= demand[i] and guide[j, i] < best and cost[j, i] < np.inf:
                    best = guide[j, i]
                    where[i] = j
            if where[i] < 0:
                left = True
                break
            room[where[i]] -= demand[i]
        if not left:
            break
        where[:] = -1
        room = np.where(is_open, capacity, -1.0)
    if where.min() < 0:
        return np.inf
    better = True
    while better:
        better = False
        for i in range(demands):
            for j in range(sites):
                if room[j] + slack >= demand[i] and cost[j, i] < cost[where[i], i] - 1e-9:
                    room[where[i]] += demand[i]
                    room[j] -= demand[i]
                    where[i] = j
                    better = True
        for i in range(demands if demands <= _PAIRS else 0):
            for k in range(i):
                a, b = where[i], where[k]
                if a == b:
                    continue
                gain = cost[a, i] + cost[b, k] - cost[b, i] - cost[a, k]
                more = demand[k] - demand[i]
                if gain > 1e-9 and room[a] + slack >= more and room[b] + slack >= -more:
                    room[a] -= more
                    room[b] += more
                    where[i], where[k] = b, a
                    better = True
    total = 0.0
    for i in range(demands):
        total += cost[where[i], i]
    return total
