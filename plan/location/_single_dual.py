"""Bounds of single-source location: the Lagrangean dual with a knapsack for every site.

With a price u_i for every demand whose assignment is relaxed::

    L(u) = sum_i u_i + least of sum_j (f_j - K_j(u)) y_j  with  sum_j q_j y_j >= sum_i d_i,  y_j in {0, 1}
    K_j(u) = most of sum_i (u_i - c_ij) x_i  with  sum_i d_i x_i <= q_j,  x_i in {0, 1}

The knapsacks are solved exactly by dynamic programming over whole demands (Holmberg, Roennqvist and Yuan 1999), so
that the bound is better than that of the linear relaxation. The volume algorithm raises it, as in
:mod:`plan.location._median_dual`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.location._volume import CLOSED, FREE, OPEN, average, move, next_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Bytes = NDArray[np.int8]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["climb", "cover", "forced"]


@compiled
def _pack(
    profit: Floats, size: Ints, room: int, items: Ints, count: int, table: Floats, keep: Bools
) -> float:
    """Solve a knapsack over items of positive profit; `keep[k, w]` tells whether item k is taken with room w."""
    for w in range(room + 1):
        table[w] = 0.0
    for k in range(count):
        i = items[k]
        need = size[i]
        gain = profit[i]
        for w in range(room, need - 1, -1):
            other = table[w - need] + gain
            if other > table[w]:
                table[w] = other
                keep[k, w] = True
            else:
                keep[k, w] = False
        for w in range(min(need, room + 1)):
            keep[k, w] = False
    most: float = table[room]
    return most


@compiled
def cover(value: Floats, supply: Ints, need: int, state: Bytes, without: int, taken: Bools) -> float:
    """Open sites at least value so that their supplies add up to the need.

    Parameters
    ----------
    value : array of float
        Of opening each site; those below 0 are opened anyway.
    supply : array of int
    need : int
    state : array of int
        FREE, OPEN or CLOSED for each site.
    without : int
        A site that counts as closed; -1 for none.
    taken : array of bool
        Written.

    Returns
    -------
    float
        Infinite where no sites are enough.
    """
    sites = len(value)
    total = 0.0
    left = need
    for j in range(sites):
        taken[j] = j != without and (state[j] == OPEN or (state[j] == FREE and value[j] < 0.0))
        if taken[j]:
            total += value[j]
            left -= supply[j]
    if left <= 0:
        return total
    table = np.full(left + 1, np.inf)
    table[0] = 0.0
    keep = np.zeros((sites, left + 1), np.bool_)
    for j in range(sites):
        if taken[j] or j == without or state[j] != FREE:
            continue
        for w in range(left, 0, -1):
            other = table[max(w - supply[j], 0)] + value[j]
            if other < table[w]:
                table[w] = other
                keep[j, w] = True
    if table[left] == np.inf:
        return np.inf
    total += float(table[left])
    w = left
    for j in range(sites - 1, -1, -1):
        if w > 0 and keep[j, w]:
            taken[j] = True
            w = max(w - supply[j], 0)
    return total


@compiled
def climb(
    cost: Floats,
    allowed: Bools,
    size: Ints,
    room: Ints,
    supply: Ints,
    need: int,
    fixed: Floats,
    state: Bytes,
    price: Floats,
    mean: Floats,
    share: Floats,
    opened: Floats,
    values: Floats,
    step: float,
    target: float,
    rounds: int,
    tail: int,
) -> tuple[float, float]:
    """Raise the bound.

    Parameters
    ----------
    cost : array of float, sites x demands
    allowed : array of bool, sites x demands
        Assignments that are not ruled out.
    size, room : array of int
        Of demands and sites, in the same units.
    supply, need : array of int, int
        What the open sites hold must reach the need.
    fixed : array of float
        Of each site.
    state : array of int
        FREE, OPEN or CLOSED for each site.
    price : array of float
        To begin with; the best ones when it ends.
    mean, share, opened : array of float
        Averages over the solutions so far: what each demand lacks, assignments (sites x demands), and sites. Changed.
    values : array of float
        f_j - K_j at the best prices; written.
    step : float
    target : float
        A bound above it is enough.
    rounds, tail : int
        Evaluations at most, and without progress.

    Returns
    -------
    bound, step : float
        Infinite where the sites that are left do not hold the demand.
    """
    sites, demands = cost.shape
    trial = price.copy()
    trial_values = np.zeros(sites)
    table = np.zeros(room.max() + 1)
    keep = np.zeros((demands, room.max() + 1), np.bool_)
    items = np.zeros(demands, np.int64)
    profit = np.zeros(demands)
    picked = np.zeros((sites, demands), np.bool_)
    is_open = np.zeros(sites, np.bool_)
    gradient = np.zeros(demands)
    best = -np.inf
    mark = -np.inf
    idle = 0
    reds = 0
    for _ in range(rounds):
        bound = trial.sum()
        gradient[:] = 1.0
        for j in range(sites):
            is_open[j] = False
            picked[j] = False
            trial_values[j] = 0.0
            if state[j] == CLOSED:
                continue
            count = 0
            for i in range(demands):
                profit[i] = trial[i] - cost[j, i]
                if profit[i] > 0.0 and allowed[j, i] and size[i] <= room[j]:
                    items[count] = i
                    count += 1
            trial_values[j] = fixed[j] - _pack(profit, size, room[j], items, count, table, keep)
            left = room[j]
            for k in range(count - 1, -1, -1):
                if keep[k, left]:
                    picked[j, items[k]] = True
                    left -= size[items[k]]
        bound += cover(trial_values, supply, need, state, -1, is_open)
        if bound == np.inf:
            return bound, step
        for j in range(sites):
            if is_open[j]:
                for i in range(demands):
                    if picked[j, i]:
                        gradient[i] -= 1.0
            else:
                picked[j] = False
        part, product, norm = average(mean, gradient)
        for j in range(sites):
            opened[j] = (1.0 - part) * opened[j] + (part if is_open[j] else 0.0)
            for i in range(demands):
                share[j, i] = (1.0 - part) * share[j, i] + (part if picked[j, i] else 0.0)
        better = bound > best
        step, reds = next_step(step, 0 if better else reds + 1, product)
        if better:
            best = bound
            price[:] = trial
            values[:] = trial_values
        if best > target:
            break
        if best > mark + 1e-5 * abs(best):
            mark = best
            idle = 0
        else:
            idle += 1
            if idle >= tail:
                break
        if norm < 1e-12:
            break
        move(trial, price, mean, step * (target - best + 1e-9 * abs(target)) / norm)
    return best, step


@compiled
def forced(
    cost: Floats, allowed: Bools, size: Ints, room: Ints, state: Bytes, price: Floats, with_it: Floats
) -> None:
    """Compute for every assignment the best knapsack of its site in which it is taken; minus infinity if none is.

    Parameters
    ----------
    cost, allowed, size, room, state, price : arrays
        As in :func:`climb`.
    with_it : array of float, sites x demands
        Written.
    """
    sites, demands = cost.shape
    most = room.max() + 1
    head = np.zeros((demands + 1, most))
    tail = np.zeros((demands + 1, most))
    items = np.zeros(demands, np.int64)
    for j in range(sites):
        with_it[j] = -np.inf
        if state[j] == CLOSED:
            continue
        count = 0
        for i in range(demands):
            if allowed[j, i] and price[i] > cost[j, i] and size[i] <= room[j]:
                items[count] = i
                count += 1
        width = room[j] + 1
        for w in range(width):
            head[0, w] = 0.0
            tail[count, w] = 0.0
        for k in range(count):
            need, gain = size[items[k]], price[items[k]] - cost[j, items[k]]
            for w in range(width):
                head[k + 1, w] = head[k, w]
                if w >= need:
                    head[k + 1, w] = max(head[k, w], head[k, w - need] + gain)
        for k in range(count - 1, -1, -1):
            need, gain = size[items[k]], price[items[k]] - cost[j, items[k]]
            for w in range(width):
                tail[k, w] = tail[k + 1, w]
                if w >= need:
                    tail[k, w] = max(tail[k + 1, w], tail[k + 1, w - need] + gain)
        for k in range(count):
            i = items[k]
            left = room[j] - size[i]
            best = 0.0
            for w in range(left + 1):
                best = max(best, head[k, w] + tail[k + 1, left - w])
            with_it[j, i] = best + price[i] - cost[j, i]
        for i in range(demands):
            if allowed[j, i] and price[i] <= cost[j, i] and size[i] <= room[j]:
                with_it[j, i] = head[count, room[j] - size[i]] + price[i] - cost[j, i]
