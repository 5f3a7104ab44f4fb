"""Capacitated location in which every demand goes to one site: rooms of limited size with what it costs to open them.

In symbols, with the cost c_ij of serving demand i at site j, its size d_i, capacities q_j and fixed costs f_j::

    min   sum_j f_j y_j + sum_ij c_ij x_ij
    s.t.  sum_j x_ij = 1                  every demand goes to one site
          sum_i d_i x_ij <= q_j y_j       that is open and has room for it
          x_ij, y_j in {0, 1}

The bound is that of a Lagrangean dual with exact knapsacks (:mod:`plan.location._single_dual`). Assignments and sites
that would lift it to the best choice are ruled out; branch and bound goes on the sites, and what is then left, when
it is small, is a mixed programme for HiGHS.
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.location._assign import assign
from plan.location._cover import solve
from plan.location._inputs import amounts, check_room, cost_matrix, deadline_of
from plan.location._single_dual import climb, cover, forced
from plan.location._volume import CLOSED, FREE, OPEN
from plan.location.results import Choice
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Bools = NDArray[np.bool_]
    Bytes = NDArray[np.int8]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["single_source"]

# Share of the cost within which a bound is a proof, where costs are not whole numbers.
_PROOF: Final = 1e-6
_ROUNDING: Final = 1e-3
# Units of the largest capacity in the knapsacks, and of the whole demand, at most.
_UNITS: Final = 2000
_SUPPLY: Final = 20_000
# Evaluations of the dual between two looks at the clock, batches at the root and at a part of the tree.
_BATCH: Final = 60
_ROOT: Final = 16
_PART: Final = 4
_STEP: Final = 0.1
# Progress of a batch that is worth another one, as a share of the gap.
_LITTLE: Final = 0.01
# More than any objective that is compared.
_LARGE: Final = 1e30
# Assignments, of those not ruled out, that are left to HiGHS for each demand.
_CORE: Final = 4.0


def single_source(
    cost: ArrayLike,
    demand: ArrayLike,
    capacity: ArrayLike,
    fixed_cost: ArrayLike,
    *,
    time_limit_s: float | None = None,
) -> Choice:
    """Open sites and send each demand as a whole to one of them, at least cost.

    Parameters
    ----------
    cost : array of float, demands x sites
        Of serving the whole of a demand, not negative; infinite where there is no way.
    demand : array of float, demands
        Size, in the unit of the capacities.
    capacity : array of float, sites
    fixed_cost : array of float, sites
        Of opening a site, in the unit of the costs.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound.

    Returns
    -------
    Choice
        Sites are chosen as many as pay; capacities hold to a millionth. Proven: equal to the bound where all costs are whole numbers, otherwise
        within a millionth of it.

    Raises
    ------
    UsageError
        If an argument makes no sense; if the sites together, or for some demand every site that it reaches, are too
        small; if no assignment was found.

    References
    ----------
    Holmberg, Roennqvist and Yuan 1999 (bounds, and the instances in the benchmark); Barahona and Anbil 2000.

    Examples
    --------
    >>> found = single_source([[1, 9], [9, 1], [5, 6]], [2, 2, 2], [4, 4], [3, 3])
    >>> found.chosen.tolist(), found.assignment.tolist(), found.objective, found.proven
    ([0, 1], [0, 1, 0], 13.0, True)
    """
    matrix = cost_matrix(cost)
    sizes = amounts(demand, len(matrix), name="demand")
    rooms = amounts(capacity, matrix.shape[1], name="capacity")
    fixed = amounts(fixed_cost, matrix.shape[1], name="fixed_cost")
    deadline = deadline_of(time_limit_s)
    reached = np.isfinite(matrix).any(axis=1)
    rows = np.flatnonzero(reached)
    check_room(matrix[rows], sizes[rows], rooms, rows, whole=True)
    assignment = np.full(len(matrix), -1)
    chosen, total, bound = np.zeros(0, np.int64), 0.0, 0.0
    if len(rows):
        search = _Search(
            cost=np.ascontiguousarray(matrix[rows].T),
            demand=sizes[rows],
            capacity=rooms,
            fixed=fixed,
            deadline=deadline,
        )
        search.run()
        if not math.isfinite(search.total):
            raise UsageError(
                Message("location.no_assignment" if search.bound == math.inf else "location.late")
            )
        assignment[rows] = search.where
        chosen, total = np.unique(search.where), search.total
        bound = min(search.bound, total)
    return Choice(
        chosen=chosen,
        assignment=assignment,
        objective=total,
        bound=bound,
        proven=bound >= total * (1 - _PROOF),
        unreachable=np.flatnonzero(~reached),
    )


@dataclass(order=True, slots=True)
class _Part:
    """A part of the tree that is still open, least bound first."""

    bound: float
    number: int
    state: Bytes = field(compare=False)
    allowed: Bools = field(compare=False)
    price: Floats = field(compare=False)
    opened: Floats = field(compare=False)


@dataclass(slots=True, kw_only=True)
class _Search:
    """What is known while choices are searched."""

    cost: Floats  # sites x demands
    demand: Floats
    capacity: Floats
    fixed: Floats
    deadline: float
    where: Ints = field(init=False)  # the site of each demand, in the best choice
    total: float = math.inf
    bound: float = 0.0
    whole: bool = field(init=False)
    size: Ints = field(init=False)
    room: Ints = field(init=False)
    supply: Ints = field(init=False)
    need: int = field(init=False)

    def __post_init__(self) -> None:
        held = np.minimum(self.capacity, self.demand.sum())
        self.size, self.room = _units(self.demand, held, float(held.max()), _UNITS)
        whole = self.demand.sum(keepdims=True)
        lack, self.supply = _units(whole, held, float(whole[0]), _SUPPLY)
        if not np.array_equal(
            self.supply, held
        ):  # what was rounded down is rounded up: sites may not lack supply
            self.supply += 1
        self.need = int(lack[0])
        finite = self.cost[np.isfinite(self.cost)]
        self.whole = _all_whole(finite) and _all_whole(self.fixed)
        self.where = np.zeros(len(self.demand), np.int64)

    @property
    def target(self) -> float:
        """A bound above this proves that nothing is better than the best choice."""
        return self.total - 1 + _ROUNDING if self.whole else self.total * (1 - _PROOF)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def run(self) -> None:
        """Search until the best choice is proven or time is up."""
        sites, demands = self.cost.shape
        by_size = self.cost + (self.fixed / np.maximum(self.capacity, 1e-12))[:, None] * self.demand
        finite = np.where(np.isfinite(by_size), by_size, np.nan)
        part = _Part(
            bound=0.0,
            number=0,
            state=np.zeros(sites, np.int8),
            allowed=np.isfinite(self.cost) & (self.demand <= self.capacity[:, None] * (1 + 1e-9)),
            price=np.nanmin(finite, axis=0),
            opened=np.zeros(sites),
        )
        self._round(np.ones(sites), np.zeros((sites, demands)))
        parts = [part] if self._raise(part, _ROOT) else []
        count = 1
        while parts and parts[0].bound <= self.target:
            if self.late:
                break
            part = heapq.heappop(parts)
            for child in self._children(part):
                child.number = count
                count += 1
                heapq.heappush(parts, child)
        if parts and parts[0].bound <= self.target:
            self.bound = parts[0].bound
        else:
            self.bound = self.total if self.whole else self.target

    def _children(self, part: _Part) -> list[_Part]:
        """Return what is left of a part after another site is decided."""
        free = np.flatnonzero(part.state == FREE)
        if not len(free) or part.allowed.sum() <= _CORE * len(self.demand):
            return self._core(part)
        site = free[np.abs(part.opened[free] - 0.5).argmin()]
        found = []
        for choice in (OPEN, CLOSED):
            child = _Part(
                part.bound, 0, part.state.copy(), part.allowed.copy(), part.price.copy(), part.opened.copy()
            )
            child.state[site] = choice
            if choice == CLOSED:
                child.allowed[site] = False
            if child.allowed.any(axis=0).all() and self._raise(child, _PART):
                found.append(child)
        return found

    def _raise(self, part: _Part, batches: int) -> bool:
        """Raise the bound of a part and rule out what it decides; tell whether anything is left of it."""
        sites, demands = self.cost.shape
        mean, share, values = np.zeros(demands), np.zeros((sites, demands)), np.zeros(sites)
        step = _STEP
        for _ in range(batches):
            before = part.bound
            # Without a choice the steps go towards a guess.
            goal = (
                self.target if math.isfinite(self.total) else max(2 * part.bound, 1.1 * part.price.sum(), 1.0)
            )
            bound, step = climb(
                self.cost, part.allowed, self.size, self.room, self.supply, self.need, self.fixed, part.state,
                part.price, mean, share, part.opened, values, step, goal, _BATCH, _BATCH,
            )  # fmt: skip
            if bound == math.inf:
                return False
            part.bound = max(part.bound, bound)
            self._round(part.opened, share)
            if bound > self.target or not self._decide(part, values):
                return False
            if self.late or part.bound - before < _LITTLE * (self.target - part.bound):
                break
        return True

    def _decide(self, part: _Part, values: Floats) -> bool:
        """Rule out what would lift the bound to the best choice; tell whether anything is left."""
        sites = len(values)
        best = np.empty(self.cost.shape)
        forced(self.cost, part.allowed, self.size, self.room, part.state, part.price, best)
        prices, taken, state = part.price.sum(), np.zeros(sites, bool), part.state.copy()
        for j in (int(k) for k in np.flatnonzero(state != CLOSED)):
            others = prices + cover(values, self.supply, self.need - int(self.supply[j]), state, j, taken)
            part.allowed[j] &= others + self.fixed[j] - best[j] <= self.target
            if state[j] != FREE:
                continue
            if others + values[j] > self.target:
                part.state[j] = CLOSED
                part.allowed[j] = False
            elif prices + cover(values, self.supply, self.need, state, j, taken) > self.target:
                part.state[j] = OPEN
        return bool(part.allowed.any(axis=0).all())

    def _round(self, opened: Floats, share: Floats) -> None:
        """Make a choice of the averages of the dual, and keep it if it is the best so far."""
        order = np.argsort(-opened, kind="stable")
        enough = int(np.searchsorted(np.cumsum(self.capacity[order]), self.demand.sum() * (1 - 1e-9))) + 1
        count = max(enough, int((opened > 0.5).sum()))  # noqa: PLR2004 - more open than not
        where = np.zeros(len(self.demand), np.int64)
        for more in range(3):
            is_open = np.zeros(len(opened), bool)
            is_open[order[: count + more]] = True
            if math.isfinite(
                assign(self.cost, self.cost * (1 - 0.9 * share), self.demand, self.capacity, is_open, where)
            ):
                self._offer(where)

    def _offer(self, where: Ints) -> None:
        """Keep an assignment if it is the best so far."""
        total = float(self.cost[where, np.arange(len(where))].sum() + self.fixed[np.unique(where)].sum())
        if total < self.total:
            self.where, self.total = where.copy(), total

    def _core(self, part: _Part) -> list[_Part]:
        """Solve what is left of a part with HiGHS; return it where time is up before."""
        from scipy.sparse import coo_array, vstack  # noqa: PLC0415 - loaded where it is used

        sites = np.flatnonzero(part.state != CLOSED)
        column, row = np.nonzero(part.allowed[sites])
        pairs, count, demands = len(row), len(row) + len(sites), len(self.demand)
        each = np.arange(pairs)
        objective = np.concatenate([self.cost[sites[column], row], self.fixed[sites]])
        served = coo_array((np.ones(pairs), (row, each)), shape=(demands, count))
        held = coo_array(
            (
                np.concatenate([self.demand[row], -self.capacity[sites]]),
                (np.concatenate([column, np.arange(len(sites))]), np.arange(count)),
            ),
            shape=(len(sites), count),
        )
        opened = coo_array(
            (np.repeat([1.0, -1.0], pairs), (np.tile(each, 2), np.concatenate([each, pairs + column]))),
            shape=(pairs, count),
        )
        enough = coo_array(np.concatenate([np.zeros(pairs), self.capacity[sites]])[None])
        better = coo_array(objective[None])
        upper = np.ones(count)
        lower = np.concatenate([np.zeros(pairs), part.state[sites] == OPEN])
        found = solve(
            objective,
            vstack([served, held, opened, enough, better]).tocsr(),
            np.concatenate(
                [np.ones(demands), np.full(len(sites) + pairs, -np.inf), [self.demand.sum(), -np.inf]]
            ),
            np.concatenate(
                [np.ones(demands), np.zeros(len(sites) + pairs), [np.inf, min(self.target, _LARGE)]]
            ),
            whole=np.ones(count, bool),
            lower=lower,
            upper=upper,
            deadline=self.deadline,
        )
        if found.values is not None:
            taken = found.values[:pairs] > 0.5  # noqa: PLR2004 - 0 or 1
            where = np.zeros(demands, np.int64)
            where[row[taken]] = sites[column[taken]]
            self._offer(where)
        if found.optimal or found.infeasible:
            return []
        return [part]


def _all_whole(values: Floats) -> bool:
    return bool((values == np.rint(values)).all())


def _units(sizes: Floats, rooms: Floats, largest: float, most: int) -> tuple[Ints, Ints]:
    """Return sizes and rooms in whole units, both rounded down: what fits the rooms fits in units, too."""
    if largest > most or not (_all_whole(sizes) and _all_whole(rooms)):
        scale = most / largest
        return np.floor(sizes * scale).astype(np.int64), np.floor(rooms * scale + 1e-6).astype(np.int64)
    return sizes.astype(np.int64), rooms.astype(np.int64)
