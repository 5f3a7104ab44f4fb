"""Bounds of the p-median problem: the Lagrangean dual, by the volume algorithm.

With a price u_i for every demand whose assignment is relaxed::

    L(u) = sum_i u_i + least sum over p sites of rho_j,    rho_j = sum_i min(0, c_ij - u_i)

No choice costs less than L(u), and the largest L(u) is the bound of the linear relaxation. The volume algorithm
(Barahona and Anbil 2000) climbs along averaged subgradients; the same averages of the choices tell how much of each
site the relaxation opens, and so on which site to branch.

Costs are kept by demand, cheapest first: a demand ends its list at its price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled
from plan.location._volume import CLOSED, FREE, OPEN, average, move, next_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Columns = NDArray[np.int32]
    Bytes = NDArray[np.int8]

__all__ = ["climb", "shorten"]


@compiled
def _least(rho: Floats, state: Bytes, wanted: int, taken: Bools) -> float:
    """Mark the open sites and the `wanted` free ones of least rho; return the sum of their rho."""
    total = 0.0
    free = 0
    for j in range(len(rho)):
        taken[j] = state[j] == OPEN
        if state[j] == OPEN:
            total += rho[j]
        elif state[j] == FREE:
            free += 1
    if wanted <= 0:
        return total
    values = np.empty(free)
    at = 0
    for j in range(len(rho)):
        if state[j] == FREE:
            values[at] = rho[j]
            at += 1
    limit = np.partition(values, wanted - 1)[wanted - 1]
    left = wanted
    for j in range(len(rho)):
        if state[j] == FREE and rho[j] < limit:
            taken[j] = True
            total += rho[j]
            left -= 1
    for j in range(len(rho)):
        if left > 0 and state[j] == FREE and rho[j] == limit:
            taken[j] = True
            total += rho[j]
            left -= 1
    return total


@compiled
def climb(
    first: Ints,
    column: Columns,
    cost: Floats,
    state: Bytes,
    p: int,
    price: Floats,
    mean: Floats,
    share: Floats,
    rho: Floats,
    step: float,
    target: float,
    rounds: int,
    tail: int,
) -> tuple[float, float]:
    """Raise the bound of a part of the tree.

    Parameters
    ----------
    first, column, cost : arrays
        The costs of demand i are first[i] to first[i + 1], ascending.
    state : array of int
        FREE, OPEN or CLOSED for each site; as many free ones as are still wanted, at least.
    p : int
        Sites to choose.
    price : array of float
        To begin with; the best ones when it ends.
    mean, share : array of float
        Averages over the choices so far: how many sites each demand lacks, and how much of each site is open.
        Changed; zeros to begin with.
    rho : array of float
        At the best prices; written.
    step : float
        Length of a step, as a share of the gap to the target; 0.1 to begin with.
    target : float
        A bound above it is enough.
    rounds, tail : int
        Evaluations at most, and without progress.

    Returns
    -------
    bound, step : float
    """
    demands, sites = len(price), len(state)
    wanted = p
    for j in range(sites):
        if state[j] == OPEN:
            wanted -= 1
    best = -np.inf
    trial = price.copy()
    trial_rho = np.zeros(sites)
    taken = np.zeros(sites, np.bool_)
    gradient = np.zeros(demands)
    idle = 0
    reds = 0
    mark = -np.inf
    for _ in range(rounds):
        trial_rho[:] = 0.0
        bound = 0.0
        for i in range(demands):
            paid = trial[i]
            bound += paid
            for k in range(first[i], first[i + 1]):
                gap = cost[k] - paid
                if gap >= 0.0:
                    break
                trial_rho[column[k]] += gap
        bound += _least(trial_rho, state, wanted, taken)
        for i in range(demands):
            paid = trial[i]
            slack = 1.0
            for k in range(first[i], first[i + 1]):
                if cost[k] >= paid:
                    break
                if taken[column[k]]:
                    slack -= 1.0
            gradient[i] = slack
        part, product, norm = average(mean, gradient)
        for j in range(sites):
            share[j] = (1.0 - part) * share[j] + (part if taken[j] else 0.0)
        better = bound > best
        step, reds = next_step(step, 0 if better else reds + 1, product)
        if better:
            best = bound
            price[:] = trial
            rho[:] = trial_rho
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
def shorten(first: Ints, column: Columns, cost: Floats, state: Bytes) -> tuple[Ints, Columns, Floats]:
    """Leave closed sites out of the lists, and all that is dearer than an open site."""
    demands = len(first) - 1
    new_first = np.empty(demands + 1, np.int64)
    new_first[0] = 0
    at = 0
    for i in range(demands):
        for k in range(first[i], first[i + 1]):
            if state[column[k]] != CLOSED:
                at += 1
                if state[column[k]] == OPEN:
                    break
        new_first[i + 1] = at
    new_column = np.empty(at, np.int32)
    new_cost = np.empty(at, np.float64)
    at = 0
    for i in range(demands):
        for k in range(first[i], first[i + 1]):
            if state[column[k]] != CLOSED:
                new_column[at] = column[k]
                new_cost[at] = cost[k]
                at += 1
                if state[column[k]] == OPEN:
                    break
    return new_first, new_column, new_cost
