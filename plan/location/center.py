"""The p-center problem: p facilities so that nobody is far."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from plan.errors import UsageError
from plan.location._cover import least_cover
from plan.location._inputs import cost_matrix, deadline_of, nearest_of, sites_wanted
from plan.location.results import Choice
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["p_center"]


def p_center(cost: ArrayLike, p: int, *, time_limit_s: float | None = None) -> Choice:
    """Choose p sites so that the largest cost to the nearest of them is least.

    ::

        min r   s.t.   sum_j x_ij = 1,   x_ij <= y_j,   sum_j c_ij x_ij <= r,   sum_j y_j = p,   x_ij, y_j in {0, 1}

    r is one of the costs, and p sites are enough for r if a set cover with this limit needs no more: r is found by
    halving the sorted costs.

    Parameters
    ----------
    cost : array of float, demands x sites
        Minutes or metres, not negative; infinite where there is no way.
    p : int
        How many sites.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound.

    Returns
    -------
    Choice
        Demands that no site reaches are `unreachable`, and do not count.

    Raises
    ------
    UsageError
        If an argument makes no sense, or if p sites cannot reach all demands that some site reaches.

    References
    ----------
    Hakimi 1964; Minieka 1970 (by set covers).

    Examples
    --------
    >>> found = p_center([[0, 2, 9], [2, 0, 7], [9, 7, 0]], 1)
    >>> found.chosen.tolist(), found.objective, found.proven
    ([1], 7.0, True)
    """
    matrix = cost_matrix(cost)
    wanted = sites_wanted(p, matrix.shape[1])
    deadline = deadline_of(time_limit_s)
    reached = np.isfinite(matrix).any(axis=1)
    chosen, radius, bound = np.zeros(0, np.int64), 0.0, 0.0
    if reached.any():
        chosen, radius, bound = _halve(matrix[reached], wanted, deadline)
    rest = np.setdiff1d(np.arange(matrix.shape[1]), chosen)
    chosen = np.sort(np.concatenate([chosen, rest[: wanted - len(chosen)]]))
    return Choice(
        chosen=chosen,
        assignment=nearest_of(matrix, chosen),
        objective=radius,
        bound=bound,
        proven=bound == radius,
        unreachable=np.flatnonzero(~reached),
    )


def _halve(cost: Floats, p: int, deadline: float) -> tuple[Ints, float, float]:
    """Return sites, p at most, their radius and the bound."""
    radii = np.unique(cost[np.isfinite(cost)])
    # No radius can be less than what somebody has to the nearest of all sites.
    low = int(np.searchsorted(radii, cost.min(axis=1).max()))
    chosen = _farthest_first(cost, p)
    radius = float(cost[:, chosen].min(axis=1).max())
    if np.isinf(radius):
        chosen, needed = least_cover(np.isfinite(cost), deadline=deadline)
        if len(chosen) > p:
            key = "location.too_few" if needed > p else "location.undecided_reach"
            raise UsageError(Message(key, p=p, needed=int(needed)))
        radius = float(cost[:, chosen].min(axis=1).max())
    high = int(np.searchsorted(radii, radius))
    while low < high and time.monotonic() <= deadline:
        middle = (low + high) // 2
        cover, needed = least_cover(cost <= radii[middle], deadline=deadline)
        if len(cover) <= p:
            chosen = cover
            high = int(np.searchsorted(radii, cost[:, chosen].min(axis=1).max()))
        elif needed > p:
            low = middle + 1
        else:  # not decided in time
            break
    return chosen, float(radii[high]), float(radii[low])


def _farthest_first(cost: Floats, p: int) -> Ints:
    """Take the best site for who is farthest, p times."""
    chosen = [int(cost.max(axis=0).argmin())]
    left = cost[:, chosen[0]].copy()
    while len(chosen) < p and left.max() > 0:
        at = int(left.argmax())
        site = int(cost[at].argmin())
        if site in chosen:
            break
        chosen.append(site)
        left = np.minimum(left, cost[:, site])
    return np.array(sorted(chosen), np.int64)
