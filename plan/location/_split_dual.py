"""Bounds of capacitated location with divided demands: the Lagrangean dual with a filled room for every site.

With a price u_i for every demand whose assignment is relaxed, and m for the demand as a whole::

    L(u, m) = sum_i u_i + m sum_i d_i + sum_j min(0, f_j - K_j(u) - m q_j)
    K_j(u)  = most of sum_i (u_i - c_ij) x_i  with  sum_i d_i x_i <= q_j,  0 <= x_i <= 1

The largest is the bound of the linear relaxation with x_ij <= y_j and sum_j q_j y_j >= sum_i d_i. All assignments
take part, far ones too: a demand's list ends at its price, where every dearer one is without profit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.location._volume import CLOSED, FREE, OPEN, average, move, next_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.int8]
    Columns = NDArray[np.int32]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["climb"]


@compiled
def _level(value: Floats, capacity: Floats, need: float, state: Bytes, part: Floats) -> float:
    """Write how much of each site is open where the capacities reach the need at least value; return the price m."""
    sites = len(value)
    left = need
    ratio = np.full(sites, np.inf)
    for j in range(sites):
        part[j] = 0.0
        if state[j] == OPEN or (state[j] == FREE and value[j] < 0.0):
            part[j] = 1.0
            left -= capacity[j]
        elif state[j] == FREE and capacity[j] > 0.0:
            ratio[j] = value[j] / capacity[j]
    if left <= 1e-9 * need:
        return 0.0
    for j in np.argsort(ratio, kind="mergesort"):
        if ratio[j] == np.inf:
            break
        if capacity[j] >= left:
            part[j] = left / capacity[j]
            level: float = ratio[j]
            return level
        part[j] = 1.0
        left -= capacity[j]
    return np.inf


@compiled
def climb(
    first: Ints,
    column: Columns,
    cost: Floats,
    demand: Floats,
    capacity: Floats,
    fixed: Floats,
    state: Bytes,
    price: Floats,
    mean: Floats,
    opened: Floats,
    values: Floats,
    tolls: Floats,
    step: float,
    target: float,
    rounds: int,
) -> tuple[float, float]:
    """Raise the bound.

    Parameters
    ----------
    first, column, cost : arrays
        The costs of demand i are first[i] to first[i + 1], ascending.
    demand, capacity, fixed : array of float
    state : array of int
        FREE, OPEN or CLOSED for each site.
    price : array of float
        To begin with; the best ones when it ends.
    mean, opened : array of float
        Averages over the solutions so far: what each demand lacks, and sites. Changed.
    values : array of float
        f_j - K_j - m q_j at the best prices; written.
    tolls : array of float
        What a unit of room is worth at each site; written.
    step : float
    target : float
        A bound above it is enough.
    rounds : int
        Evaluations.

    Returns
    -------
    bound, step : float
    """
    demands, sites = len(price), len(state)
    need = demand.sum()
    trial = price.copy()
    count = np.zeros(sites, np.int64)
    size = np.zeros(sites)
    item = np.zeros((sites, demands), np.int32)
    rate = np.zeros((sites, demands))
    taken = np.zeros((sites, demands))
    value = np.zeros(sites)
    toll = np.zeros(sites)
    part = np.zeros(sites)
    gradient = np.zeros(demands)
    best = -np.inf
    reds = 0
    for _ in range(rounds):
        count[:] = 0
        size[:] = 0.0
        for i in range(demands):
            for k in range(first[i], first[i + 1]):
                gap = trial[i] - cost[k]
                if gap <= 0.0:
                    break
                j = column[k]
                if state[j] != CLOSED:
                    item[j, count[j]] = i
                    rate[j, count[j]] = gap / demand[i]
                    count[j] += 1
                    size[j] += demand[i]
        for j in range(sites):
            value[j] = fixed[j]
            toll[j] = 0.0
            many = count[j]
            if size[j] <= capacity[j]:
                for k in range(many):
                    taken[j, k] = 1.0
                    value[j] -= rate[j, k] * demand[item[j, k]]
                continue
            left = capacity[j]
            for k in np.argsort(-rate[j, :many], kind="mergesort"):
                need_here = demand[item[j, k]]
                share = min(1.0, left / need_here)
                taken[j, k] = share
                left -= share * need_here
                value[j] -= rate[j, k] * share * need_here
                if share < 1.0 and toll[j] == 0.0:
                    toll[j] = rate[j, k]
                    left = 0.0
        level = _level(value, capacity, need, state, part)
        if level == np.inf:
            return np.inf, step
        bound = trial.sum() + level * need
        for j in range(sites):
            value[j] -= level * capacity[j]
            if state[j] == OPEN or (state[j] == FREE and value[j] < 0.0):
                bound += value[j]
        gradient[:] = 1.0
        for j in range(sites):
            if part[j] > 0.0:
                for k in range(count[j]):
                    gradient[item[j, k]] -= part[j] * taken[j, k]
        blend, product, norm = average(mean, gradient)
        for j in range(sites):
            opened[j] = (1.0 - blend) * opened[j] + blend * part[j]
        better = bound > best
        step, reds = next_step(step, 0 if better else reds + 1, product)
        if better:
            best = bound
            price[:] = trial
            values[:] = value
            tolls[:] = toll
        if best > target or norm < 1e-12:
            break
        move(trial, price, mean, step * (target - best + 1e-9 * abs(target)) / norm)
    return best, step
