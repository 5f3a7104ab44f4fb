"""The p-median problem: p facilities so that the weighted cost of all demands is least, with a proof.

In symbols, with the weight w_i of demand i and the cost c_ij of serving one unit of it from site j::

    min   sum_ij w_i c_ij x_ij
    s.t.  sum_j x_ij = 1          every demand is assigned
          x_ij <= y_j             to an open site
          sum_j y_j = p           p sites are open
          y_j in {0, 1}

Good choices come from exchanges (:mod:`plan.location._swaps`), bounds from the Lagrangean dual
(:mod:`plan.location._median_dual`). A site whose forced opening would lift the bound to the best choice is closed for
good, and one whose closing would is opened; what stays free is searched by branch and bound, the part with the least
bound first.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.location._cover import least_cover
from plan.location._inputs import amounts, by_demand, cost_matrix, deadline_of, nearest_of, sites_wanted
from plan.location._median_dual import climb, shorten
from plan.location._swaps import exchange, seeds
from plan.location._volume import CLOSED, FREE, OPEN
from plan.location.results import Choice
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Bytes = NDArray[np.int8]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Lists = tuple[Ints, NDArray[np.int32], Floats]

__all__ = ["PROOF", "p_median"]

# Share of the cost within which a bound is a proof, where costs are not whole numbers.
PROOF: Final = 1e-6
# Whole numbers above this are not exact in floating point.
_EXACT: Final = 2.0**53
# Starts of the exchange, and their seed: the same costs give the same choice.
_STARTS: Final = 8
_SEED: Final = 20
# Error of a sum of whole numbers in floating point: far below 1, and far above what was seen.
_ROUNDING: Final = 1e-3
# Evaluations of the dual between looks at the clock, at the root in all, and at a part of the tree; and how many
# without progress end them.
_BATCH: Final = 50
_ROOT: Final = 1200
_PART: Final = 100
_TAIL: Final = 30
# Length of the first step of the dual, as a share of the gap.
_STEP: Final = 0.1
# Progress of a batch that is worth another one, as a share of the gap.
_LITTLE: Final = 0.01
# Batches at the root after which the relaxation is rounded to a choice.
_ROUNDED_EACH: Final = 3


def p_median(cost: ArrayLike, weights: ArrayLike, p: int, *, time_limit_s: float | None = None) -> Choice:
    """Choose p sites so that the sum of weight times cost to the nearest of them is least.

    Parameters
    ----------
    cost : array of float, demands x sites
        In any unit, not negative; infinite where a site cannot serve a demand.
    weights : array of float, demands
        How much each demand counts. One of weight 0 goes to the nearest chosen site and has no say.
    p : int
        How many sites.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound. Without it the search ends with a
        proof, and the same input gives the same answer.

    Returns
    -------
    Choice
        `objective` in units of weight times cost. Proven: equal to the bound where all products of weight and cost
        are whole numbers, otherwise within a millionth of it (`PROOF`).

    Raises
    ------
    UsageError
        If an argument makes no sense, or if p sites cannot reach all demands that some site reaches; the error names
        how many could.

    References
    ----------
    Hakimi 1964; ReVelle and Swain 1970; Beasley 1985 (bounds and fixing); Barahona and Anbil 2000 (volume algorithm).

    Examples
    --------
    >>> found = p_median([[0, 2, 9], [2, 0, 7], [9, 7, 0]], [5, 1, 1], 2)
    >>> found.chosen.tolist(), found.assignment.tolist(), found.objective, found.proven
    ([0, 2], [0, 0, 2], 2.0, True)
    """
    matrix = cost_matrix(cost)
    weight = amounts(weights, len(matrix), name="weights")
    wanted = sites_wanted(p, matrix.shape[1])
    deadline = deadline_of(time_limit_s)
    reached = np.isfinite(matrix).any(axis=1)
    rows = reached & (weight > 0)
    if not rows.any():
        chosen, total, bound = np.arange(wanted), 0.0, 0.0
    else:
        chosen, total, bound = _solve(matrix[rows], weight[rows], wanted, deadline)
    return Choice(
        chosen=chosen,
        assignment=nearest_of(matrix, chosen),
        objective=total,
        bound=bound,
        proven=bound >= total * (1 - PROOF),
        unreachable=np.flatnonzero(~reached),
    )


def _solve(cost: Floats, weight: Floats, p: int, deadline: float) -> tuple[Ints, float, float]:
    """Return the choice, its cost and the bound, for demands that count and can be reached."""
    with np.errstate(over="ignore"):
        by_site = np.ascontiguousarray((cost * weight[:, None]).T)
    finite = np.isfinite(by_site)
    if (finite != np.isfinite(cost).T).any() or not np.isfinite(by_site[finite].sum()):
        raise UsageError(Message("location.large"))
    cover = np.zeros(0, np.int64) if finite.all() else _reaching(finite.T, p, deadline)
    search = _Search(by_site=by_site, p=p, deadline=deadline, cover=cover)
    search.start()
    search.run()
    return np.sort(search.chosen), search.total, min(search.bound, search.total)


def _reaching(serves: NDArray[np.bool_], p: int, deadline: float) -> Ints:
    """Return p sites at most that reach all demands."""
    cover, bound = least_cover(serves, deadline=deadline)
    if len(cover) <= p:
        return cover
    if bound > p:
        raise UsageError(Message("location.too_few", p=p, needed=math.ceil(bound)))
    raise UsageError(Message("location.undecided_reach", p=p))


@dataclass(order=True, slots=True)
class _Part:
    """A part of the tree that is still open, least bound first."""

    bound: float
    number: int
    state: Bytes = field(compare=False)
    price: Floats = field(compare=False)
    share: Floats = field(compare=False)


@dataclass(slots=True, kw_only=True)
class _Search:
    """What is known while choices are searched."""

    by_site: Floats  # sites x demands, weighted; infinite where there is no way
    p: int
    deadline: float
    cover: Ints  # sites that reach all demands, where not all do
    whole: bool = False
    chosen: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    total: float = math.inf
    bound: float = 0.0
    filled: Floats = field(
        init=False
    )  # the same costs, with a number that is worse than all instead of infinity
    lists: Lists = field(init=False)
    state: Bytes = field(init=False)
    price: Floats = field(init=False)
    share: Floats = field(init=False)

    @property
    def target(self) -> float:
        """A bound above this proves that nothing is better than the best choice."""
        return self.total - 1 + _ROUNDING if self.whole else self.total * (1 - PROOF)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def run(self) -> None:
        """Search until the best choice is proven or time is up."""
        self.start()
        if self.total == 0 or self.p == len(self.by_site):
            self.bound = self.total
        elif self.root():
            self.branch()

    def start(self) -> None:
        """Find a good choice."""
        finite = np.isfinite(self.by_site)
        known = self.by_site if finite.all() else np.where(finite, self.by_site, 0.0)
        dearest = float(known.max(axis=0).sum())
        self.whole = dearest < _EXACT and bool((known == np.rint(known)).all())
        self.filled = self.by_site if finite.all() else np.where(finite, self.by_site, dearest + 1)
        rng = np.random.default_rng(_SEED)
        if len(self.cover):
            rest = np.setdiff1d(np.arange(len(self.by_site)), self.cover)
            self._improve(np.concatenate([self.cover, rest[: self.p - len(self.cover)]]))
        for _ in range(_STARTS):
            if math.isfinite(self.total) and self.late:
                break
            self._improve(seeds(self.filled, self.p, rng.random(2 * self.p)))

    def root(self) -> bool:
        """Raise the bound of the whole, and close or open what it decides; tell whether anything is left."""
        sites, demands = self.by_site.shape
        self.lists = by_demand(self.by_site.T)
        self.state = np.zeros(sites, np.int8)
        self.price = np.sort(self.filled[self.chosen], axis=0)[:2].mean(axis=0)
        self.share = np.zeros(sites)
        mean, rho, step = np.zeros(demands), np.zeros(sites), _STEP
        for batch in range(1, _ROOT // _BATCH + 1):
            if self.late:
                return False
            before = self.bound
            bound, step = climb(
                *self.lists,
                self.state,
                self.p,
                self.price,
                mean,
                self.share,
                rho,
                step,
                self.target,
                _BATCH,
                _BATCH,
            )
            self.bound = max(self.bound, bound)
            if bound <= self.target and batch % _ROUNDED_EACH == 0:
                self._improve(self._largest(self.state, self.share))
            if bound > self.target or not self._decide(self.state, rho, bound):
                self._finish()
                return False
            self.lists = shorten(*self.lists, self.state)
            if batch > _ROUNDED_EACH and self.bound - before < _LITTLE * (self.total - self.bound):
                break
        return True

    def branch(self) -> None:
        """Search what the root left open; the bound is that of the best part still open."""
        parts = [_Part(self.bound, 0, self.state, self.price, self.share)]
        count = 1
        while parts and parts[0].bound <= self.target:
            if self.late:
                self.bound = parts[0].bound
                return
            part = heapq.heappop(parts)
            free = np.flatnonzero(part.state == FREE)
            site = free[np.abs(part.share[free] - 0.5).argmin()]
            for choice in (OPEN, CLOSED):
                child = self._child(part, site, choice, count)
                if child is not None:
                    heapq.heappush(parts, child)
                    count += 1
        self._finish()

    def _child(self, part: _Part, site: np.intp, choice: int, number: int) -> _Part | None:
        """Return a part with one more site decided, or nothing where it holds no better choice."""
        state = part.state.copy()
        state[site] = choice
        if not self._settle(state):
            return None
        lists = shorten(*self.lists, state)
        if (np.diff(lists[0]) == 0).any():  # a demand that no site is left for
            return None
        price, mean = part.price.copy(), np.zeros(len(part.price))
        share, rho = np.zeros(len(state)), np.zeros(len(state))
        bound, _ = climb(*lists, state, self.p, price, mean, share, rho, _STEP, self.target, _PART, _TAIL)
        if bound > self.target:
            return None
        self._offer(self._largest(state, share))
        if not self._decide(state, rho, bound):
            return None
        return _Part(max(bound, part.bound), number, state, price, share)

    def _decide(self, state: Bytes, rho: Floats, bound: float) -> bool:
        """Close and open what the bound decides; tell whether anything is left to search."""
        free = np.flatnonzero(state == FREE)
        wanted = self.p - int((state == OPEN).sum())
        ordered = np.sort(rho[free])
        state[free[bound + rho[free] - ordered[wanted - 1] > self.target]] = CLOSED
        state[free[bound + ordered[wanted] - rho[free] > self.target]] = OPEN
        return self._settle(state)

    def _settle(self, state: Bytes) -> bool:
        """Tell whether a part leaves a choice; where it leaves a single one, offer it."""
        is_open = np.flatnonzero(state == OPEN)
        free = np.flatnonzero(state == FREE)
        wanted = self.p - len(is_open)
        if 0 < wanted < len(free):
            return True
        if wanted == 0 or wanted == len(free):
            self._offer(np.concatenate([is_open, free[:wanted]]))
        return False

    def _largest(self, state: Bytes, share: Floats) -> Ints:
        """Return the p sites of which the relaxation opens most."""
        rank = np.where(state == OPEN, 2.0, np.where(state == FREE, share, -1.0))
        return np.argsort(-rank, kind="stable")[: self.p]

    def _improve(self, chosen: Ints) -> None:
        """Offer a choice after exchanges."""
        better = np.sort(chosen)
        exchange(self.filled, better)
        self._offer(better)

    def _offer(self, chosen: Ints) -> None:
        """Keep a choice if it is the best so far."""
        total = float(self.by_site[chosen].min(axis=0).sum())
        if total < self.total:
            self.chosen, self.total = chosen.copy(), total

    def _finish(self) -> None:
        """Nothing is left that could be better than the best choice."""
        self.bound = self.total if self.whole else max(self.bound, self.target)
