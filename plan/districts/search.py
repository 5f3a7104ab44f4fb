"""Moving single cells between groups until they are compact and in the band, as machine code.

Simulated annealing (Kirkpatrick, Gelatt & Vecchi, Science 220, 1983) on the groups of a partition: a cell at the rim of
a group moves to a neighbouring group when that leaves the rest of its group connected, and is worth it. With the
mass m_i, the place p_i and the households w_i of each cell, and the middle c_g of each group g, what is made small is

    sum_i m_i |p_i - c_g(i)|^2  +  sum_ij border_ij [g(i) != g(j)]  +  sum_i stay_i [g(i) != home_i]
        +  penalty * sum_g max(0, low - W_g, W_g - high)

where W_g is the sum of w_i in g. At the end only what makes it smaller is moved.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["anneal", "energy"]

GAIN = 1e-6  # mass times square metres: less is rounding


@compiled
def _spread(mass: float, east: float, north: float, square: float) -> float:
    """Return sum m |p - c|^2 of a group from its sums of m, m x, m y and m (x^2 + y^2)."""
    if mass <= 0.0:
        return 0.0
    return square - (east * east + north * north) / mass


@compiled
def _outside(households: float, low: float, high: float) -> float:
    """Return by how many households a group is out of the band."""
    if households < low:
        return low - households
    if households > high:
        return households - high
    return 0.0


@compiled
def _leaves_whole(
    cell: int, group: int, labels: Ints, starts: Ints, others: Ints, seen: Ints, stack: Ints, stamp: int
) -> bool:
    """Tell whether a group stays connected without a cell, and is not empty."""
    wanted = 0
    first = -1
    for at in range(starts[cell], starts[cell + 1]):
        if labels[others[at]] == group:
            wanted += 1
            first = others[at]
            seen[others[at]] = -stamp  # still to be met
    if wanted == 0:
        return False
    if wanted == 1:
        return True
    seen[cell] = stamp
    seen[first] = stamp
    wanted -= 1
    stack[0] = first
    size = 1
    while size > 0:
        size -= 1
        here = stack[size]
        for at in range(starts[here], starts[here + 1]):
            there = others[at]
            if labels[there] != group or seen[there] == stamp:
                continue
            if seen[there] == -stamp:
                wanted -= 1
                if wanted == 0:
                    return True
            seen[there] = stamp
            stack[size] = there
            size += 1
    return False


@compiled
def anneal(
    labels: Ints,
    groups: int,
    households: Floats,
    mass: Floats,
    east: Floats,
    north: Floats,
    starts: Ints,
    others: Ints,
    border: Floats,
    low: float,
    high: float,
    home: Ints,
    stay: Floats,
    penalty: float,
    hot: float,
    cold: float,
    steps: int,
    seed: int,
) -> int:
    """Improve a partition in place.

    Parameters
    ----------
    labels : (n,) array of int64
        The group of each cell, each group connected; changed in place.
    groups : int
        How many groups there are.
    households, mass, east, north : (n,) arrays
        What the band counts, what compactness counts, and places in metres near the origin.
    starts, others : arrays of int64
        Neighbours of cell i are ``others[starts[i]:starts[i + 1]]``.
    border : array of float
        What the border with each of these neighbours costs where it parts two groups.
    low, high : float
        The band of households of a group.
    home, stay : (n,) arrays
        The group that a cell belongs to today, or -1, and what leaving it costs.
    penalty : float
        Mass times square metres for each household out of the band.
    hot, cold : float
        First and last temperature.
    steps : int
        Moves tried between them.
    seed : int
        Of the random numbers.

    Returns
    -------
    int
        Moves that were made.
    """
    n = len(labels)
    np.random.seed(seed)  # noqa: NPY002 - machine code has this generator only; it is its own
    total = np.zeros(groups)
    weight = np.zeros(groups)
    sum_east = np.zeros(groups)
    sum_north = np.zeros(groups)
    sum_square = np.zeros(groups)
    for i in range(n):
        g = labels[i]
        total[g] += households[i]
        weight[g] += mass[i]
        sum_east[g] += mass[i] * east[i]
        sum_north[g] += mass[i] * north[i]
        sum_square[g] += mass[i] * (east[i] * east[i] + north[i] * north[i])
    seen = np.zeros(n, np.int64)
    stack = np.zeros(n + 1, np.int64)
    stamp = 0
    moves = 0
    temperature = hot
    factor = math.exp(math.log(cold / hot) / max(steps, 1))
    done = 0
    quiet = 0
    sweep = 0
    while True:
        if done < steps:
            i = np.random.randint(n)  # noqa: NPY002
            temperature *= factor
            done += 1
        else:  # the last part: cell by cell, until nothing is gained
            temperature = 0.0
            i = sweep
            sweep = sweep + 1 if sweep + 1 < n else 0
            quiet += 1
            if quiet > n:
                break
        degree = starts[i + 1] - starts[i]
        if degree == 0:
            continue
        a = labels[i]
        first, last = starts[i], starts[i + 1]
        if temperature > 0.0:
            first = starts[i] + np.random.randint(degree)  # noqa: NPY002
            last = first + 1
        best = 0.0
        target = -1
        m, x, y, w = mass[i], east[i], north[i], households[i]
        square = m * (x * x + y * y)
        for at in range(first, last):
            b = labels[others[at]]
            if b == a or b == target:
                continue
            change = (
                _spread(weight[a] - m, sum_east[a] - m * x, sum_north[a] - m * y, sum_square[a] - square)
                - _spread(weight[a], sum_east[a], sum_north[a], sum_square[a])
                + _spread(weight[b] + m, sum_east[b] + m * x, sum_north[b] + m * y, sum_square[b] + square)
                - _spread(weight[b], sum_east[b], sum_north[b], sum_square[b])
                + penalty
                * (
                    _outside(total[a] - w, low, high)
                    - _outside(total[a], low, high)
                    + _outside(total[b] + w, low, high)
                    - _outside(total[b], low, high)
                )
            )
            for near in range(starts[i], starts[i + 1]):
                if labels[others[near]] == a:
                    change += border[near]
                elif labels[others[near]] == b:
                    change -= border[near]
            if home[i] == a:
                change += stay[i]
            elif home[i] == b:
                change -= stay[i]
            if temperature > 0.0:
                if change <= 0.0 or np.random.random() < math.exp(-change / temperature):  # noqa: NPY002
                    target = b
            elif change < best - GAIN:
                best = change
                target = b
        if target < 0:
            continue
        stamp += 1
        if not _leaves_whole(i, a, labels, starts, others, seen, stack, stamp):
            continue
        labels[i] = target
        total[a] -= w
        total[target] += w
        weight[a] -= m
        weight[target] += m
        sum_east[a] -= m * x
        sum_east[target] += m * x
        sum_north[a] -= m * y
        sum_north[target] += m * y
        sum_square[a] -= square
        sum_square[target] += square
        moves += 1
        quiet = 0
    return moves


@compiled
def energy(
    labels: Ints,
    groups: int,
    households: Floats,
    mass: Floats,
    east: Floats,
    north: Floats,
    starts: Ints,
    others: Ints,
    border: Floats,
    low: float,
    high: float,
    home: Ints,
    stay: Floats,
) -> tuple[float, float]:
    """Return the households out of the band, and spread and staying together.

    Parameters
    ----------
    labels, groups, households, mass, east, north, starts, others, border, low, high, home, stay
        As for :func:`anneal`.

    Returns
    -------
    tuple of float
        Households out of the band, and mass times square metres.
    """
    total = np.zeros(groups)
    sums = np.zeros((groups, 4))
    left = 0.0
    for i in range(len(labels)):
        g = labels[i]
        total[g] += households[i]
        sums[g, 0] += mass[i]
        sums[g, 1] += mass[i] * east[i]
        sums[g, 2] += mass[i] * north[i]
        sums[g, 3] += mass[i] * (east[i] * east[i] + north[i] * north[i])
        if home[i] >= 0 and home[i] != g:
            left += stay[i]
        for at in range(starts[i], starts[i + 1]):
            if labels[others[at]] != g:
                left += border[at] / 2  # each is met from both sides
    out = 0.0
    for g in range(groups):
        out += _outside(total[g], low, high)
        left += _spread(sums[g, 0], sums[g, 1], sums[g, 2], sums[g, 3])
    return out, left
