"""Exchange of one facility at a time until no exchange helps: good choices, without a proof.

The gain of every exchange follows from the nearest and the second nearest open facility of each demand (Resende and
Werneck 2007; Schubert and Rousseeuw 2021, who call it FasterPAM when a gain is taken as soon as it is seen).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["exchange", "seeds"]


@compiled
def _two_nearest(by_site: Floats, chosen: Ints, near: Ints, first: Floats, second: Floats) -> None:
    """Find for each demand the position in `chosen` of its nearest facility, and the two least costs."""
    near[:] = 0
    first[:] = np.inf
    second[:] = np.inf
    for k in range(len(chosen)):
        row = by_site[chosen[k]]
        for i in range(len(near)):
            cost = row[i]
            if cost < first[i]:
                second[i] = first[i]
                first[i] = cost
                near[i] = k
            elif cost < second[i]:
                second[i] = cost


@compiled
def exchange(by_site: Floats, chosen: Ints) -> float:
    """Improve a choice in place until no exchange of one facility helps; return its cost.

    Parameters
    ----------
    by_site : array of float, sites x demands
        Costs, all finite.
    chosen : array of int
        Distinct sites; changed.

    Returns
    -------
    float
    """
    sites, demands = by_site.shape
    p = len(chosen)
    near = np.zeros(demands, np.int64)
    first = np.empty(demands)
    second = np.empty(demands)
    is_open = np.zeros(sites, np.bool_)
    for j in chosen:
        is_open[j] = True
    _two_nearest(by_site, chosen, near, first, second)
    total = float(first.sum())
    removal = np.empty(p)
    loss = np.empty(p)
    idle = 0
    j = 0
    fresh = False
    while idle < sites:
        if not fresh:  # what it costs to close each facility
            removal[:] = 0.0
            for i in range(demands):
                removal[near[i]] += second[i] - first[i]
            fresh = True
        if not is_open[j]:
            row = by_site[j]
            gain = 0.0
            loss[:] = removal
            for i in range(demands):
                cost = row[i]
                if cost < first[i]:
                    gain += first[i] - cost
                    loss[near[i]] -= second[i] - first[i]
                elif cost < second[i]:
                    loss[near[i]] -= second[i] - cost
            out = np.argmin(loss)
            if gain - loss[out] > 1e-9 * max(1.0, abs(total)):
                is_open[chosen[out]] = False
                is_open[j] = True
                chosen[out] = j
                _two_nearest(by_site, chosen, near, first, second)
                total = float(first.sum())
                fresh = False
                idle = 0
        idle += 1
        j += 1
        if j == sites:
            j = 0
    return total


@compiled
def seeds(by_site: Floats, p: int, draws: Floats) -> Ints:
    """Draw p distinct sites, each where the cost that is left tells so (k-means++ by cost).

    Parameters
    ----------
    by_site : array of float, sites x demands
        Costs, all finite.
    p : int
        How many.
    draws : array of float, 2 p
        Uniform numbers of [0, 1).

    Returns
    -------
    array of int
    """
    sites, demands = by_site.shape
    chosen = np.empty(p, np.int64)
    is_open = np.zeros(sites, np.bool_)
    left = np.full(demands, np.inf)
    for k in range(p):
        j = min(int(draws[2 * k] * sites), sites - 1)
        if k > 0:
            goal = draws[2 * k] * left.sum()
            at = 0
            while at < demands - 1 and goal >= left[at]:
                goal -= left[at]
                at += 1
            # The nearest site of a demand that is badly served.
            j = -1
            least = np.inf
            for s in range(sites):
                if not is_open[s] and by_site[s, at] < least:
                    least = by_site[s, at]
                    j = s
        while j < 0 or is_open[j]:
            j = (j + 1) % sites
        chosen[k] = j
        is_open[j] = True
        for i in range(demands):
            left[i] = min(left[i], by_site[j, i])
    return chosen
