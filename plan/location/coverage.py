"""Coverage: as few sites as serve all within a limit, or p sites that serve as many as possible."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.location._cover import least_cover, solve
from plan.location._inputs import amounts, cost_matrix, deadline_of, nearest_of, number, sites_wanted
from plan.location.results import Choice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["max_coverage", "set_cover"]

# Share of the objective within which the solver's bound is equal to it.
_SAME: Final = 1e-6


def set_cover(
    cost: ArrayLike,
    limit: float,
    *,
    site_cost: ArrayLike | None = None,
    time_limit_s: float | None = None,
) -> Choice:
    """Choose as few sites as serve every demand within a limit (location set covering problem).

    With N_i the sites j with c_ij <= limit, and the cost s_j of a site::

        min sum_j s_j y_j   s.t.   sum_{j in N_i} y_j >= 1 for every i,   y_j in {0, 1}

    Parameters
    ----------
    cost : array of float, demands x sites
        Minutes or metres, not negative; infinite where there is no way.
    limit : float
        In the same unit; a demand at the limit is served.
    site_cost : array of float, sites, optional
        What a site counts; 1 each by default.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound.

    Returns
    -------
    Choice
        Each demand is assigned to its nearest chosen site. Demands without any site within the limit are
        `unreachable`, and assigned to none.

    Raises
    ------
    UsageError
        If an argument makes no sense.

    References
    ----------
    Toregas, Swain, ReVelle and Bergman 1971.

    Examples
    --------
    >>> found = set_cover([[1, 9], [4, 4], [9, 2], [9, 9]], 4)
    >>> found.chosen.tolist(), found.objective, found.unreachable.tolist()
    ([0, 1], 2.0, [3])
    """
    matrix = cost_matrix(cost)
    most = number(limit, name="limit")
    price = None if site_cost is None else amounts(site_cost, matrix.shape[1], name="site_cost")
    deadline = deadline_of(time_limit_s)
    within = matrix <= most
    served = within.any(axis=1)
    chosen, bound = np.zeros(0, np.int64), 0.0
    if served.any():
        chosen, bound = least_cover(within[served], price, deadline=deadline)
    objective = float(len(chosen) if price is None else price[chosen].sum())
    return Choice(
        chosen=chosen,
        assignment=_within(matrix, chosen, most),
        objective=objective,
        bound=bound,
        proven=bound >= objective * (1 - _SAME),
        unreachable=np.flatnonzero(~served),
    )


def max_coverage(
    cost: ArrayLike, weights: ArrayLike, p: int, limit: float, *, time_limit_s: float | None = None
) -> Choice:
    """Choose p sites so that the weight of the demands within a limit is largest (maximal covering location).

    With N_i the sites j with c_ij <= limit::

        max sum_i w_i z_i   s.t.   z_i <= sum_{j in N_i} y_j,   sum_j y_j = p,   y_j in {0, 1},   0 <= z_i <= 1

    Parameters
    ----------
    cost : array of float, demands x sites
        Minutes or metres, not negative; infinite where there is no way.
    weights : array of float, demands
    p : int
        How many sites.
    limit : float
        In the unit of the costs; a demand at the limit is served.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound.

    Returns
    -------
    Choice
        `objective` is the weight that is served, and no choice serves more than `bound`. Demands that are served are
        assigned to their nearest chosen site, others to none (-1); those without any site within the limit are
        `unreachable`.

    Raises
    ------
    UsageError
        If an argument makes no sense.

    References
    ----------
    Church and ReVelle 1974.

    Examples
    --------
    >>> found = max_coverage([[1, 9], [1, 9], [9, 1]], [1, 1, 5], 1, 3)
    >>> found.chosen.tolist(), found.assignment.tolist(), found.objective
    ([1], [-1, -1, 1], 5.0)
    """
    matrix = cost_matrix(cost)
    weight = amounts(weights, len(matrix), name="weights")
    wanted = sites_wanted(p, matrix.shape[1])
    most = number(limit, name="limit")
    deadline = deadline_of(time_limit_s)
    within = matrix <= most
    served = within.any(axis=1)
    # Demands with the same sites are one.
    some = np.flatnonzero(served & (weight > 0))
    chosen, total, bound = np.arange(wanted), 0.0, 0.0
    if len(some):
        _, first, which = np.unique(within[some], axis=0, return_index=True, return_inverse=True)
        together = np.bincount(which.ravel(), weights=weight[some]).astype(np.float64)
        chosen, total, bound = _most_covered(within[some][first], together, wanted, deadline)
    return Choice(
        chosen=chosen,
        assignment=_within(matrix, chosen, most),
        objective=total,
        bound=bound,
        proven=total >= bound * (1 - _SAME),
        unreachable=np.flatnonzero(~served),
    )


def _most_covered(sets: Bools, weight: Floats, p: int, deadline: float) -> tuple[Ints, float, float]:
    from scipy.sparse import block_array, csr_array, eye_array  # noqa: PLC0415 - loaded where it is used

    demands, sites = sets.shape
    greedy = _greedy(sets, weight, p)
    found = solve(
        np.concatenate([np.zeros(sites), -weight]),
        block_array(
            [
                [csr_array(sets.astype(float)), -eye_array(demands)],
                [csr_array(np.ones((1, sites))), None],
            ]
        ).tocsr(),
        np.concatenate([np.zeros(demands), [p]]),
        np.concatenate([np.full(demands, np.inf), [p]]),
        whole=np.arange(sites + demands) < sites,
        deadline=deadline,
    )
    best = greedy
    if found.values is not None:
        other = np.sort(np.argsort(-found.values[:sites], kind="stable")[:p])
        if _covered(sets, weight, other) >= _covered(sets, weight, greedy):
            best = other
    total = _covered(sets, weight, best)
    bound = min(float(weight.sum()), -found.bound)
    if (weight == np.rint(weight)).all():
        bound = math.floor(bound * (1 + _SAME))
    return best, total, max(total, float(bound))


def _covered(sets: Bools, weight: Floats, chosen: Ints) -> float:
    return float(weight[sets[:, chosen].any(axis=1)].sum())


def _greedy(sets: Bools, weight: Floats, p: int) -> Ints:
    """Take the site that serves most of what is left, p times."""
    left, chosen = weight.copy(), np.zeros(0, np.int64)
    for _ in range(p):
        gain = left @ sets
        gain[chosen] = -1.0
        chosen = np.append(chosen, gain.argmax())
        left[sets[:, chosen[-1]]] = 0.0
    return np.sort(chosen)


def _within(cost: Floats, chosen: Ints, limit: float) -> Ints:
    """Assign each demand to its nearest chosen site within the limit."""
    if not len(chosen):
        return np.full(len(cost), -1)
    nearest = nearest_of(cost, chosen)
    return np.where(cost[:, chosen].min(axis=1) <= limit, nearest, -1)
