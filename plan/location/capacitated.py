"""Capacitated location with divided demands: rooms of limited size, with what it costs to open them.

In symbols, with the cost c_ij of serving the whole of demand i at site j, its size d_i, capacities q_j and fixed
costs f_j::

    min   sum_j f_j y_j + sum_ij c_ij x_ij
    s.t.  sum_j x_ij = 1                  every demand is served, by several sites if need be
          sum_i d_i x_ij <= q_j y_j       that are open and have room for it
          0 <= x_ij <= y_j,  y_j in {0, 1}

The bound is that of the Lagrangean dual (:mod:`plan.location._split_dual`) over all assignments. Its averages tell
which sites to open; then sites are closed, opened and exchanged as long as that helps, with the division kept optimal
(:mod:`plan.location._transport`). What is small enough goes to HiGHS for a proof.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from plan.errors import UsageError
from plan.location import _split_dual, _transport
from plan.location._cover import solve
from plan.location._inputs import amounts, by_demand, check_room, cost_matrix, deadline_of
from plan.location.results import Shares
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["capacitated"]

# Share of the cost within which a bound is a proof.
PROOF: Final = 1e-6
# Evaluations of the dual between two looks at the clock, batches at most, and batches between roundings.
_BATCH: Final = 50
_BATCHES: Final = 32
_ROUNDED_EACH: Final = 16
_STEP: Final = 0.1
# Steps of the dual go towards so many times the bound, or the prices at the beginning, and no farther than the best choice.
_GUESS: Final = 1.3
# Part of the averages from which a site is open, and within which it is undecided.
_HALF: Final = 0.5
_UNDECIDED: Final = 0.01
# Open sites that are tried in exchange for a closed one, the nearest first.
_NEAR: Final = 8
# Assignments up to which HiGHS is asked for a proof.
_CORE: Final = 4000
# A share that is less is an error of rounding.
_NOTHING: Final = 1e-9


def capacitated(
    cost: ArrayLike,
    demand: ArrayLike,
    capacity: ArrayLike,
    fixed_cost: ArrayLike,
    *,
    time_limit_s: float | None = None,
) -> Shares:
    """Open sites and divide the demands among them, at least cost.

    Parameters
    ----------
    cost : array of float, demands x sites
        Of serving the whole of a demand, not negative; infinite where there is no way. Shares cost their part.
    demand : array of float, demands
        Size, in the unit of the capacities; positive.
    capacity : array of float, sites
    fixed_cost : array of float, sites
        Of opening a site, in the unit of the costs.
    time_limit_s : float, optional
        Seconds after which the best choice so far is returned with its bound.

    Returns
    -------
    Shares
        Proven only where the objective is within a millionth of the bound; beyond some thousand pairs of demand and
        site that is left to luck, and the gap is what counts.

    Raises
    ------
    UsageError
        If an argument makes no sense, or if the sites, all or those that can be reached, are too small for the
        demand.

    References
    ----------
    Cornuejols, Sridharan and Thizy 1991 (relaxations); Barahona and Chudak 2005 (volume algorithm and rounding).

    Examples
    --------
    >>> found = capacitated([[1, 9], [1, 9]], [3, 3], [4, 9], [1, 1])
    >>> found.chosen.tolist(), round(found.objective, 3), found.proven
    ([0, 1], 9.333, True)
    """
    matrix = cost_matrix(cost)
    sizes = amounts(demand, len(matrix), name="demand", positive=True)
    rooms = amounts(capacity, matrix.shape[1], name="capacity")
    fixed = amounts(fixed_cost, matrix.shape[1], name="fixed_cost")
    deadline = deadline_of(time_limit_s)
    reached = np.isfinite(matrix).any(axis=1)
    rows = np.flatnonzero(reached)
    check_room(matrix[rows], sizes[rows], rooms, rows, whole=False)
    unreachable = np.flatnonzero(~reached)
    if not len(rows):
        none = np.zeros(0, np.int64)
        return Shares(
            chosen=none, demand=none, site=none, share=np.zeros(0), objective=0.0, bound=0.0, proven=True,
            unreachable=unreachable,
        )  # fmt: skip
    search = _Search(matrix[rows], sizes[rows], rooms, fixed, deadline)
    search.run()
    site, place = np.nonzero(search.shares > _NOTHING)
    order = np.lexsort((site, place))
    return Shares(
        chosen=np.unique(site),
        demand=rows[place[order]],
        site=site[order],
        share=search.shares[site[order], place[order]],
        objective=search.total,
        bound=min(search.bound, search.total),
        proven=search.bound >= search.total * (1 - PROOF),
        unreachable=unreachable,
    )


@dataclass(slots=True, kw_only=True, eq=False)
class _Division:
    """The demands divided among open sites at least cost."""

    unit: Floats  # demands x sites, of a unit of demand
    capacity: Floats
    fixed: Floats
    is_open: Bools
    item: NDArray[np.int32]
    amount: Floats
    count: Ints
    room: Floats
    best: Floats
    which: Ints
    fits: bool = True

    @classmethod
    def among(cls, unit: Floats, demand: Floats, capacity: Floats, fixed: Floats, is_open: Bools) -> Self:
        """Divide the demands among some sites."""
        demands, sites = unit.shape
        new = cls(
            unit=unit,
            capacity=capacity,
            fixed=fixed,
            is_open=is_open.copy(),
            item=np.zeros((sites, demands), np.int32),
            amount=np.zeros((sites, demands)),
            count=np.zeros(sites, np.int64),
            room=capacity.copy(),
            best=np.full((sites, sites), np.inf),
            which=np.zeros((sites, sites), np.int64),
        )
        new.fits = _transport.place_all(
            unit, demand, new.is_open, new.item, new.amount, new.count, new.room, new.best, new.which
        )
        return new

    def copy(self) -> _Division:
        """Return another one that can be changed; places that nobody holds are not copied."""
        held = int(self.count.max())
        item, amount = np.empty_like(self.item), np.empty_like(self.amount)
        item[:, :held], amount[:, :held] = self.item[:, :held], self.amount[:, :held]
        return replace(
            self,
            is_open=self.is_open.copy(),
            item=item,
            amount=amount,
            count=self.count.copy(),
            room=self.room.copy(),
            best=self.best.copy(),
            which=self.which.copy(),
        )

    def opened(self, site: int) -> _Division:
        """Return the division with another site."""
        new = self.copy()
        _transport.open_site(
            new.unit, new.is_open, new.item, new.amount, new.count, new.room, new.best, new.which, site,
            new.capacity[site],
        )  # fmt: skip
        return new

    def closed(self, site: int) -> _Division:
        """Return the division without a site."""
        new = self.copy()
        new.fits = _transport.close_site(
            new.unit, new.is_open, new.item, new.amount, new.count, new.room, new.best, new.which, site
        )
        return new

    @property
    def total(self) -> float:
        """What it costs, sites that hold something included; infinite where some demand is left over."""
        if not self.fits:
            return math.inf
        used = self.count > 0
        return float(_transport.spent(self.unit, self.item, self.amount, self.count) + self.fixed[used].sum())

    def shares(self, demand: Floats) -> Floats:
        """Return the part of each demand at each site, sites x demands."""
        found = np.zeros(self.amount.shape)
        for site in np.flatnonzero(self.count):
            many = self.count[site]
            np.add.at(found[site], self.item[site, :many], self.amount[site, :many])
        return found / demand


@dataclass(slots=True, eq=False)
class _Search:
    """What is known while choices are searched."""

    cost: Floats  # demands x sites
    demand: Floats
    capacity: Floats
    fixed: Floats
    deadline: float
    total: float = math.inf
    bound: float = 0.0
    shares: Floats = field(init=False)  # sites x demands, of the best choice
    division: _Division = field(init=False)
    decided: Bools = field(init=False)  # sites that the bound opens or closes
    opened: Floats = field(init=False)
    state: NDArray[np.int8] = field(init=False)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    @property
    def target(self) -> float:
        return self.total * (1 - PROOF)

    def run(self) -> None:
        """Raise the bound, search among the sites that it leaves, and ask for a proof where that is cheap."""
        self._raise()
        if not math.isfinite(self.total):
            self._offer(self._divide(np.ones(len(self.capacity), bool)))
        if not math.isfinite(self.total):
            raise UsageError(Message("location.cut_off"))
        if self.cost.size <= _CORE and self.bound < self.target:
            self._core()
        # What the averages leave open first, and all that the bound does not decide when that helps no more.
        near = (self.opened > _UNDECIDED) & (self.opened < 1 - _UNDECIDED) & ~self.decided
        while self.bound < self.target and not self.late:
            if not self._improve(near) and not self._improve(~self.decided & ~near):
                return

    def _divide(self, is_open: Bools) -> _Division:
        return _Division.among(
            self.cost / self.demand[:, None], self.demand, self.capacity, self.fixed, is_open
        )

    def _offer(self, division: _Division) -> bool:
        """Keep a division if it is the best so far."""
        total = division.total
        if total < self.total - _NOTHING * abs(total):
            self.total, self.division = total, division
            self.shares = division.shares(self.demand)
            return True
        return False

    def _raise(self) -> None:
        """Raise the bound, and round the averages to choices on the way."""
        demands, sites = self.cost.shape
        lists = by_demand(self.cost)
        self.state = np.zeros(sites, np.int8)
        whole = self.cost + (self.fixed / np.maximum(self.capacity, _NOTHING)) * self.demand[:, None]
        price = whole.min(axis=1)
        guess = float(price.sum())
        mean, values, tolls = np.zeros(demands), np.zeros(sites), np.zeros(sites)
        self.opened, step = np.zeros(sites), _STEP
        for batch in range(1, _BATCHES + 1):
            goal = min(self.target, max(guess, self.bound) * _GUESS)
            bound, step = _split_dual.climb(
                *lists, self.demand, self.capacity, self.fixed, self.state, price, mean, self.opened, values, tolls,
                step, max(goal, self.bound * (1 + PROOF)), _BATCH,
            )  # fmt: skip
            self.bound = max(self.bound, bound)
            if batch % _ROUNDED_EACH == 0 and not self.late:
                self._round()
            if self.bound >= self.target or self.late:
                break
        self.decided = self.bound + np.abs(values) > self.target

    def _round(self) -> None:
        """Open what is open for more than a half in the averages, and what room is wanted beyond."""
        order = np.argsort(-self.opened, kind="stable")
        enough = int(np.searchsorted(np.cumsum(self.capacity[order]), self.demand.sum())) + 1
        is_open = np.zeros(len(order), bool)
        is_open[order[: max(enough, int((self.opened > _HALF).sum()))]] = True
        self._offer(self._divide(is_open))

    def _improve(self, undecided: Bools) -> bool:
        """Close, open and exchange sites as long as that helps; tell whether anything did."""
        before = self.total
        order = np.argsort(self.opened, kind="stable")
        for site in order[undecided[order]]:
            if self.late:
                break
            if self.division.is_open[site]:
                self._offer(self.division.closed(site))
        for site in order[undecided[order]][::-1]:
            if self.late:
                break
            if not self.division.is_open[site]:
                self._exchange(int(site))
        return self.total < before

    def _exchange(self, site: int) -> None:
        """Open a site, and close one near it for it."""
        more = self.division.opened(site)
        total = more.total
        self._offer(more)
        others = np.flatnonzero(more.is_open & ~self.decided)
        others = others[others != site]
        way = np.min(more.unit[:, others] + more.unit[:, [site]], axis=0)
        for other in others[np.argsort(way, kind="stable")[:_NEAR]]:
            # To close a site saves what it costs to open, at most.
            if (
                not self.late
                and total - self.fixed[other] < self.total
                and self._offer(more.closed(int(other)))
            ):
                return

    def _core(self) -> None:
        """Solve the whole with HiGHS."""
        from scipy.sparse import coo_array, vstack  # noqa: PLC0415 - loaded where it is used

        row, column = np.nonzero(np.isfinite(self.cost))
        pairs, (demands, sites) = len(row), self.cost.shape
        each, count = np.arange(pairs), len(row) + sites
        served = coo_array((np.ones(pairs), (row, each)), shape=(demands, count))
        held = coo_array(
            (
                np.concatenate([self.demand[row], -self.capacity]),
                (np.concatenate([column, np.arange(sites)]), np.arange(count)),
            ),
            shape=(sites, count),
        )
        opened = coo_array(
            (np.repeat([1.0, -1.0], pairs), (np.tile(each, 2), np.concatenate([each, pairs + column]))),
            shape=(pairs, count),
        )
        found = solve(
            np.concatenate([self.cost[row, column], self.fixed]),
            vstack([served, held, opened]).tocsr(),
            np.concatenate([np.ones(demands), np.full(sites + pairs, -np.inf)]),
            np.concatenate([np.ones(demands), np.zeros(sites + pairs)]),
            whole=np.arange(count) >= pairs,
            deadline=self.deadline,
        )
        if found.values is not None:
            self._offer(self._divide(found.values[pairs:] > _HALF))
        self.bound = max(self.bound, found.bound)
