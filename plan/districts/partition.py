"""Dividing cells into connected, compact groups whose households lie in a band.

A first division halves the cells along a line again and again (recursive bisection, with the least spread of several
directions), or is today's; :mod:`plan.districts.search` improves it. Nothing here knows what a cell is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from scipy.sparse.csgraph import connected_components

from plan.districts.exact import Exhausted, division_in_band
from plan.districts.search import anneal, energy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Cells", "Division", "divide", "parts_of"]

_DIRECTIONS: Final = 8  # lines that a bisection tries, evenly turned
# What a household out of the band counts, in typical mass times squared radius of a household: more than any
# move of one could gain.
_PENALTY: Final = 30.0
# Temperatures in the same measure, for a typical cell: from where a third of bad moves is made to where none is.
_HOT, _COLD = 0.5, 0.002
_WARM: Final = 0.1  # where today's division is the start: near it, not anywhere
# What a metre of border counts, of the mass of a mean group times its radius: all borders of a round group together
# then count a fifth of its spread. This tool's own figure: it takes fingers and steps out of borders.
_BORDER: Final = 0.03
# Moves tried for each cell: many where there are few cells, which are soon done.
_STEPS_PER_CELL: Final = 250
_STEPS_PER_CELL_OF_FEW: Final = 2_000
_LEAST_STEPS: Final = 200_000
_SMALL: Final = 400  # cells up to which several seeds are tried
_TRIES: Final = 4
_COUNTS: Final = 9  # numbers of groups that are tried
# Share of the mean mass that a cell without households counts, so that it does not lie with just anyone.
_EMPTY_MASS: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Cells with their households, places and neighbours.

    Parameters
    ----------
    households : (n,) array of float
        What the band counts.
    places : (n, 2) array of float
        Metres.
    pairs : (p, 2) array of int
        Neighbours, each pair once.
    mass : (n,) array of float, optional
        What each counts when it is asked how compact a group is; its households by default.
    border_m : (p,) array of float, optional
        How long the border of each pair is, where short borders are wanted.
    """

    households: Floats
    places: Floats
    pairs: Ints
    mass: Floats | None = None
    border_m: Floats | None = None

    def __len__(self) -> int:
        return len(self.households)

    def part(self, members: Ints) -> Cells:
        """Return some of the cells, with the neighbours among them."""
        number = np.full(len(self), -1, dtype=np.int64)
        number[members] = np.arange(len(members))
        pairs = number[self.pairs]
        both = (pairs[:, 0] >= 0) & (pairs[:, 1] >= 0)
        return Cells(
            households=self.households[members],
            places=self.places[members],
            pairs=pairs[both],
            mass=None if self.mass is None else self.mass[members],
            border_m=None if self.border_m is None else self.border_m[both],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Division:
    """Groups of cells.

    Parameters
    ----------
    labels : (n,) array of int
        The group of each cell.
    homes : tuple of int
        Today's group that each group continues, or -1.
    out : float
        Households out of the band.
    cost : float
        Spread, borders and staying together, households times square metres; see :mod:`plan.districts.search`.
    tried : tuple of int
        The numbers of groups that were tried.
    proven : bool
        True where every way was looked at, and none is in the band.
    """

    labels: Ints
    homes: tuple[int, ...]
    out: float
    cost: float
    tried: tuple[int, ...] = ()
    proven: bool = False


def parts_of(cells: Cells) -> Ints:
    """Return the connected part of each cell, numbered from 0.

    Parameters
    ----------
    cells : Cells
        The cells.

    Returns
    -------
    (n,) array of int
        Numbers of parts.
    """
    return np.asarray(_connected(len(cells), cells.pairs), dtype=np.int64)


def divide(
    cells: Cells,
    *,
    low: float,
    high: float,
    target: float | None = None,
    groups: int | None = None,
    today: Sequence[int] | None = None,
    keep_weight: float = 4.0,
    seed: int = 0,
) -> Division:
    """Divide connected cells into groups in a band.

    Parameters
    ----------
    cells : Cells
        All of one connected part.
    low, high : float
        The band, both included.
    target : float, optional
        Households of a group that decide how many there are; the middle of the band by default.
    groups : int, optional
        How many groups; by default today's number where it is possible, else what comes nearest to the target, and
        other possible numbers when that cannot be brought into the band.
    today : sequence of int, optional
        Today's group of each cell, -1 where there is none.
    keep_weight : float, default 4
        A household that changes its group counts as if it lived ``sqrt(keep_weight)`` typical radii further from
        the middle of its group.
    seed : int, default 0
        Of the random numbers.

    Returns
    -------
    Division
        The best found: fewest households out of the band, then the least cost.
    """
    now = np.full(len(cells), -1, dtype=np.int64) if today is None else np.asarray(today, dtype=np.int64)
    counts = (groups,) if groups is not None else _counts(cells, now, low=low, high=high, target=target)
    best: Division | None = None
    for count in counts:
        found = _divide(cells, count, low=low, high=high, today=now, keep_weight=keep_weight, seed=seed)
        if best is None or (found.out, found.cost) < (best.out, best.cost):
            best = found
        if best.out <= 0:
            break
    assert best is not None  # noqa: S101 - there is at least one count
    if best.out <= 0 or groups is not None:
        return replace(best, tried=counts)
    try:
        exact = division_in_band(cells, low=low, high=high)
    except Exhausted:
        return replace(best, tried=counts)
    if exact is None:
        return replace(best, tried=counts, proven=True)
    _fill(cells, exact)
    work = _Work.of(cells, now, keep_weight)
    return work.improved(exact, _matched(cells, exact, now), low=low, high=high, seed=seed)


def _counts(cells: Cells, today: Ints, *, low: float, high: float, target: float | None) -> tuple[int, ...]:
    """Return the numbers of groups worth trying, the most wanted first."""
    total = float(cells.households.sum())
    most = max(1, int((cells.households > 0).sum()))
    wanted = total / (target if target is not None else (low + high) / 2 if math.isfinite(high) else low)
    least = max(1, math.ceil(total / high - 1e-9))
    most_whole = math.floor(total / low + 1e-9) if low > 0 else most
    if most_whole < least:  # no number puts all in the band: too few households, or between two bands
        return tuple(sorted({min(least, most), min(max(1, most_whole), most)}))
    possible = range(min(least, most), min(most_whole, most) + 1)
    today_count = len(set(today[(today >= 0) & (cells.households > 0)].tolist()))
    ranked = sorted(possible, key=lambda k: (k != today_count, abs(k - wanted), k))
    # Estates that are kept whole may fit no such number: then one fewer or more may be less out of the band.
    beside = [k for k in (possible[0] - 1, possible[-1] + 1) if 1 <= k <= most]
    return (*ranked[:_COUNTS], *beside)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Work:
    """Cells, and what a search needs to know of them."""

    cells: Cells
    mass: Floats
    places: Floats  # near the origin
    today: Ints
    keep_weight: float

    @classmethod
    def of(cls, cells: Cells, today: Ints, keep_weight: float) -> _Work:
        mean = max(float(cells.households.mean()), 1e-9)
        given = cells.households if cells.mass is None else cells.mass
        return cls(
            cells=cells,
            mass=np.maximum(given, _EMPTY_MASS * mean),
            places=cells.places - cells.places.mean(axis=0),
            today=today,
            keep_weight=keep_weight,
        )

    def square_m2(self, labels: Ints, count: int) -> float:
        """Return the mean squared distance from the middles of groups; where each is a point, that of even groups."""
        inner = sum(_spread(self.mass[labels == g], self.places[labels == g]) for g in range(count))
        return max(inner, _spread(self.mass, self.places) / count**2, 1.0) / float(self.mass.sum())

    def improved(
        self, start: Ints, homes: tuple[int, ...], *, low: float, high: float, seed: int
    ) -> Division:
        """Return the best of several searches from one division."""
        cells, count = self.cells, len(homes)
        home = np.full(len(cells), -1, dtype=np.int64)
        for group, old in enumerate(homes):
            if old >= 0:
                home[self.today == old] = group
        east, north = (np.ascontiguousarray(self.places[:, k]) for k in (0, 1))
        square = self.square_m2(start, count)
        stay = self.keep_weight * cells.households * square
        typical = float(self.mass.mean()) * square
        warm = any(old >= 0 for old in homes) and self.keep_weight > 0
        steps = max(_STEPS_PER_CELL * len(cells), min(_LEAST_STEPS, _STEPS_PER_CELL_OF_FEW * len(cells)))
        starts, others, border = _neighbours(cells)
        border *= _BORDER * float(self.mass.sum()) / count * math.sqrt(square)
        given = (cells.households, self.mass, east, north, starts, others, border)
        wanted = (low, high, home, stay)
        labels = start
        best = energy(labels, count, *given, *wanted)
        for turn in range((_TRIES if len(cells) <= _SMALL else 1) if count > 1 else 0):
            trial = start.copy()
            hot = (_WARM if warm and turn == 0 else _HOT) * typical
            penalty = _PENALTY * square
            anneal(trial, count, *given, *wanted, penalty, hot, _COLD * typical, steps, seed + turn)
            now = energy(trial, count, *given, *wanted)
            if now < best:
                best, labels = now, trial
        return Division(labels=labels, homes=homes, out=float(best[0]), cost=float(best[1]))


def _divide(
    cells: Cells, count: int, *, low: float, high: float, today: Ints, keep_weight: float, seed: int
) -> Division:
    work = _Work.of(cells, today, keep_weight)
    start, homes = _start(cells, work.mass, work.places, count, today=today)
    return work.improved(start, homes, low=low, high=high, seed=seed)


def _matched(cells: Cells, labels: Ints, today: Ints) -> tuple[int, ...]:
    """Return today's group that each group continues: those that share the most households, each once."""
    homes = [-1] * (int(labels.max()) + 1)
    old = sorted(set(today[today >= 0].tolist()))
    shared = np.zeros((len(homes), len(old)))
    for number, one in enumerate(old):
        shared[:, number] = np.bincount(
            labels[today == one], weights=cells.households[today == one], minlength=len(homes)
        )
    for group, number in zip(*linear_sum_assignment(-shared), strict=True):
        if shared[group, number] > 0:
            homes[group] = old[number]
    return tuple(homes)


def _start(
    cells: Cells, mass: Floats, places: Floats, count: int, *, today: Ints
) -> tuple[Ints, tuple[int, ...]]:
    """Return connected groups to begin with, and today's group that each continues."""
    labels = np.zeros(len(cells), dtype=np.int64)
    homes: list[int] = [-1]
    if (today >= 0).any():
        labels, homes = _todays(cells, today)
    while len(homes) > count:
        _merge(cells, labels, homes)
    return _halved(cells, mass, places, labels, homes=homes, count=count)


def _todays(cells: Cells, today: Ints) -> tuple[Ints, list[int]]:
    """Return today's groups: of each its largest connected part, the rest given to neighbours."""
    same = today[cells.pairs[:, 0]] == today[cells.pairs[:, 1]]
    part = _connected(len(cells), cells.pairs[same])
    size = np.bincount(part, weights=cells.households + 1e-6)
    labels = np.full(len(cells), -1, dtype=np.int64)
    homes: list[int] = []
    for old in sorted(set(today[today >= 0].tolist())):
        mine = np.unique(part[today == old])
        labels[part == mine[np.argmax(size[mine])]] = len(homes)
        homes.append(old)
    _fill(cells, labels)
    return labels, homes


def _fill(cells: Cells, labels: Ints) -> None:
    """Give cells without a group to a neighbour's, the smallest group first."""
    while (labels < 0).any():
        ends = np.concatenate([cells.pairs, cells.pairs[:, ::-1]])
        ends = ends[(labels[ends[:, 0]] < 0) & (labels[ends[:, 1]] >= 0)]
        size = np.bincount(labels[labels >= 0], weights=cells.households[labels >= 0])
        best = min((float(size[labels[b]]), int(a), int(labels[b])) for a, b in ends.tolist())
        labels[best[1]] = best[2]


def _merge(cells: Cells, labels: Ints, homes: list[int]) -> None:
    """Give the smallest group whole to its smallest neighbour."""
    size = np.bincount(labels, weights=cells.households, minlength=len(homes))
    small = int(np.argmin(size))
    ends = labels[cells.pairs]
    near = np.concatenate([ends[ends[:, 0] == small, 1], ends[ends[:, 1] == small, 0]])
    near = np.unique(near[near != small])
    into = int(near[np.argmin(size[near])])
    labels[labels == small] = into
    labels[labels > small] -= 1
    del homes[small]


def _halved(
    cells: Cells, mass: Floats, places: Floats, labels: Ints, *, homes: list[int], count: int
) -> tuple[Ints, tuple[int, ...]]:
    """Halve groups until there are so many; each gets its share of them by its households."""
    size = np.bincount(labels, weights=cells.households, minlength=len(homes)).astype(float)
    share = np.ones(len(homes), dtype=np.int64)
    for _ in range(count - len(homes)):  # the largest households per group first (Jefferson's method)
        share[int(np.argmax(size / (share + 1)))] += 1
    labels = labels.copy()
    for group in range(len(share)):
        members = np.flatnonzero(labels == group)
        todo = [(members, cells.part(members), int(share[group]), group)]
        while todo:
            members, here, parts, name = todo.pop()
            if parts <= 1 or len(members) < 2:  # noqa: PLR2004 - one cell is not halved
                continue
            near, far = _bisect(here, mass[members], places[members], parts)
            other = len(homes)
            homes.append(-1)
            labels[members[far]] = other
            todo.append((members[far], here.part(far), parts - parts // 2, other))
            todo.append((members[near], here.part(near), parts // 2, name))
    return labels, tuple(homes)


def _bisect(cells: Cells, mass: Floats, places: Floats, parts: int) -> tuple[Ints, Ints]:
    """Cut connected cells in two connected halves of ``parts // 2`` to the rest, across the least spread."""
    share = (parts // 2) / parts
    best: tuple[float, NDArray[np.bool_]] | None = None
    for turn in range(_DIRECTIONS):
        angle = math.pi * turn / _DIRECTIONS
        order = np.argsort(places @ (math.cos(angle), math.sin(angle)), kind="stable")
        sums = np.cumsum(cells.households[order] + 1e-9)
        cut = int(np.searchsorted(sums, share * sums[-1], side="right"))
        cut = min(max(cut, parts // 2, 1), max(1, len(order) - parts + parts // 2))  # a cell for each group
        near = np.zeros(len(order), dtype=bool)
        near[order[:cut]] = True
        spread = _spread(mass[near], places[near]) + _spread(mass[~near], places[~near])
        if best is None or spread < best[0] * (1 - 1e-12):
            best = spread, near
    assert best is not None  # noqa: S101 - at least one direction
    near = best[1]
    for side in (True, False):  # pieces that the line cut off go to the other half
        mine = np.flatnonzero(near == side)
        inner = cells.part(mine)
        part = _connected(len(inner), inner.pairs)
        if part.max() > 0:
            keep = np.argmax(np.bincount(part, weights=inner.households + 1e-9))
            near[mine[part != keep]] = not side
    return np.flatnonzero(near), np.flatnonzero(~near)


def _spread(mass: Floats, places: Floats) -> float:
    middle = (mass[:, None] * places).sum(axis=0) / mass.sum()
    return float((mass * ((places - middle) ** 2).sum(axis=1)).sum())


def _connected(count: int, pairs: Ints) -> NDArray[Any]:
    graph = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _neighbours(cells: Cells) -> tuple[Ints, Ints, Floats]:
    """Return the neighbours of each cell: where they start, all of them in a row, and the borders with them."""
    border = np.zeros(len(cells.pairs)) if cells.border_m is None else cells.border_m
    ends = np.concatenate([cells.pairs, cells.pairs[:, ::-1]])
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    starts = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum(np.bincount(ends[:, 0], minlength=len(cells)), out=starts[1:])
    others = np.ascontiguousarray(ends[order, 1], dtype=np.int64)
    return starts, others, np.ascontiguousarray(np.tile(border, 2)[order], dtype=float)
