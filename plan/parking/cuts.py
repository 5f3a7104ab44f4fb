"""The grid layout problem by branch and cut: HiGHS solves, and what it solves without connections is cut off.

Variables are the driven fields f and the stalls s, each with the end by which it is reached. In place of flows,
what takes a cell asks for one of every set of fields that lies between it and the entrance (as Thomas and Rambha
2025, arXiv 2506.09961, do for a field alone)::

    f_p + sum of s over a cell of p  <=  sum of f_q, q in S

for every S that separates the entrance from p and from all fields by which these stalls are reached: at most one
of the left side is taken, and a way leads to it from the entrance. Smallest such sets are found by maximum flow
with the fields of the current solution as capacities.

HiGHS solves the relaxations. It takes no constraints from outside while it branches (1.16), so that the
branching is done here: the open part with the best bound first, on the field that is decided least, with cuts at
every part of the tree. They hold everywhere, as does the bound: that of the best part still open.
"""

from __future__ import annotations

import heapq
import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.solver import quiet_solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cells = NDArray[np.bool_]
    Floats = NDArray[np.float64]

__all__ = ["CutPlan", "branch_and_cut"]

Cell = tuple[int, int]

_AROUND: Final = ((-1, 0), (0, -1), (0, 1), (1, 0))
# Flows are whole numbers: shares of a field in units of a millionth.
_UNIT: Final = 1_000_000
# A cut that is broken by less does not move the bound.
_BROKEN: Final = 0.02
# Of two sets with the same share, that with fewer fields is the stronger cut: each field costs a little, too.
_CREEP: Final = 0.0005
# Rounds of cuts at the root and in the tree, and the progress of the bound that is worth another.
_ROUNDS: Final = 40
_ROUNDS_IN_TREE: Final = 4
_PROGRESS: Final = 0.01
# Closer to a whole number than this is whole.
_WHOLE: Final = 1e-5
# Shares from which a field is taken when a layout is made out of a relaxation.
_TAKEN: Final = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True)
class CutPlan:
    """The best layout that was found.

    Parameters
    ----------
    stalls : tuple of tuple of (row, column)
        Cells of each stall, its front first.
    driven : array of bool
        Driven cells.
    bound : int
        No layout has more stalls.
    """

    stalls: tuple[tuple[Cell, ...], ...]
    driven: Cells
    bound: int


@dataclass(frozen=True, slots=True)
class _Model:
    """Fields and stalls of a grid, and what keeps them apart."""

    shape: Cell
    side: int
    fields: list[Cell]
    neighbours: list[list[int]]
    entrance: int
    stalls: list[tuple[Cell, ...]]
    fronts: list[list[int]]  # the fields by which a stall is reached

    def cells(self, field: int) -> list[Cell]:
        row, column = self.fields[field]
        return [(row + i, column + j) for i in range(self.side) for j in range(self.side)]

    def reached(self, chosen: set[int]) -> set[int]:
        """Return the chosen fields that are connected with the entrance."""
        if self.entrance not in chosen:
            return set()
        seen = {self.entrance}
        queue = deque(seen)
        while queue:
            for other in self.neighbours[queue.popleft()]:
                if other in chosen and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen


def branch_and_cut(free: Cells, forced: Cells, *, model: str, deadline_s: float | None = None) -> CutPlan:
    """Solve a grid with HiGHS.

    Parameters
    ----------
    free, forced : array of bool
        Cells that can be used, and those of the entrance.
    model : {"pair", "field"}
        As in :func:`plan.parking.grid.grid_layout`.
    deadline_s : float, optional
        On the clock of :func:`time.monotonic`.

    Returns
    -------
    CutPlan
        Optimal where its bound is the number of its stalls.
    """
    made = _model(free, forced, 2 if model == "field" else 1)
    return _Solver(made, deadline_s).run()


def _model(free: Cells, forced: Cells, side: int) -> _Model:
    rows, columns = free.shape
    fields = [
        (r, c)
        for r in range(rows - side + 1)
        for c in range(columns - side + 1)
        if free[r : r + side, c : c + side].all()
    ]
    number = {field: n for n, field in enumerate(fields)}
    neighbours = [[number[r + i, c + j] for i, j in _AROUND if (r + i, c + j) in number] for r, c in fields]
    first = np.argwhere(forced)[0]
    entrance = number[int(first[0]), int(first[1])]
    over: dict[Cell, list[int]] = {}
    for n, (r, c) in enumerate(fields):
        for i in range(side):
            for j in range(side):
                over.setdefault((r + i, c + j), []).append(n)
    stalls: list[tuple[Cell, ...]] = []
    fronts: list[list[int]] = []
    for r, c in np.argwhere(free & ~forced):
        for i, j in _AROUND:
            # From the cell away from its front; in the pair model a stall is one cell with any front.
            cells = tuple((int(r) + i * k, int(c) + j * k) for k in range(side))
            if not all(
                0 <= x < rows and 0 <= y < columns and free[x, y] and not forced[x, y] for x, y in cells
            ):
                continue
            gates = [(int(r) - i, int(c) - j)]
            if side == 1:
                gates = [(int(r) + x, int(c) + y) for x, y in _AROUND]
            body = set(cells)
            by = sorted(
                {
                    n
                    for gate in gates
                    for n in over.get(gate, [])
                    if not body
                    & {(fields[n][0] + x, fields[n][1] + y) for x in range(side) for y in range(side)}
                }
            )
            if by:
                stalls.append(cells)
                fronts.append(by)
            if side == 1:
                break
    return _Model((rows, columns), side, fields, neighbours, entrance, stalls, fronts)


class _Solver:
    def __init__(self, model: _Model, deadline_s: float | None) -> None:
        self.model = model
        self.deadline_s = deadline_s
        self.many = len(model.fields)
        self.columns = self.many + len(model.stalls)
        self.cuts: set[tuple[int, ...]] = set()
        self.best: list[int] = []
        self.driven: set[int] = {model.entrance}
        self.fixed: dict[int, int] = {model.entrance: 1}
        # Without its preparation each relaxation starts where the last one ended.
        self.highs: Any = quiet_solver(presolve="off")
        self.highs.addVars(self.columns, np.zeros(self.columns), np.ones(self.columns))
        self.highs.changeColBounds(model.entrance, 1.0, 1.0)
        for stall in range(self.many, self.columns):
            self.highs.changeColCost(stall, -1.0)
        for columns, signs, most in self._rows():
            self._add(columns, signs, most)
        # Stalls over each cell, and the field through a cell that asks for a way together with them.
        self.over: dict[Cell, list[int]] = {}
        for stall, cells in enumerate(model.stalls):
            for cell in cells:
                self.over.setdefault(cell, []).append(stall)
        self.through: dict[Cell, list[int]] = {}
        for field in range(self.many):
            for cell in model.cells(field):
                self.through.setdefault(cell, []).append(field)

    def _add(self, columns: list[int], signs: list[float], most: float) -> None:
        self.highs.addRow(
            -math.inf, most, len(columns), np.array(columns, np.int32), np.array(signs, np.float64)
        )

    def _rows(self) -> Iterator[tuple[list[int], list[float], float]]:
        """Yield the constraints that do not need to be separated."""
        model, many = self.model, self.many
        standing: dict[Cell, list[int]] = {}
        for stall, cells in enumerate(model.stalls):
            for cell in cells:
                standing.setdefault(cell, []).append(many + stall)
        covered: set[Cell] = set()
        for field in range(many):
            for cell in model.cells(field):
                covered.add(cell)
                if cell in standing:
                    columns = [field, *standing[cell]]
                    yield columns, [1.0] * len(columns), 1.0
            if field != model.entrance:
                columns = [field, *model.neighbours[field]]
                yield columns, [1.0] + [-1.0] * (len(columns) - 1), 0.0
        for cell, columns in standing.items():
            if cell not in covered:
                yield columns, [1.0] * len(columns), 1.0
        for stall, fields in enumerate(model.fronts):
            yield [many + stall, *fields], [1.0] + [-1.0] * len(fields), 0.0

    def run(self) -> CutPlan:
        """Branch and cut until every open part of the tree is no better than the best layout."""
        parts: list[tuple[int, int, int, dict[int, int]]] = [(-len(self.model.stalls), 0, 0, {})]
        made = 0
        while parts and -parts[0][0] > len(self.best):
            upper, depth, _, fixed = heapq.heappop(parts)
            self._fix(fixed)
            value, found = self._relaxed(_ROUNDS if depth == 0 else _ROUNDS_IN_TREE)
            if found is None and value is None:  # out of time
                heapq.heappush(parts, (upper, depth, 0, fixed))
                break
            bound = min(-upper, value or 0)
            if found is None or bound <= len(self.best):
                continue
            column = self._undecided(found)
            for choice in (1, 0):
                made += 1
                heapq.heappush(parts, (-bound, depth - 1, made, {**fixed, column: choice}))
        driven = np.zeros(self.model.shape, bool)
        for field in self.driven:
            for cell in self.model.cells(field):
                driven[cell] = True
        bound = max([len(self.best), *(-part[0] for part in parts)])
        return CutPlan(tuple(self.model.stalls[s] for s in self.best), driven, bound)

    def _fix(self, fixed: dict[int, int]) -> None:
        wanted = {self.model.entrance: 1, **fixed}
        for column in self.fixed.keys() - wanted.keys():
            self.highs.changeColBounds(column, 0.0, 1.0)
        for column, choice in wanted.items():
            if self.fixed.get(column) != choice:
                self.highs.changeColBounds(column, float(choice), float(choice))
        self.fixed = wanted

    def _relaxed(self, rounds: int) -> tuple[int | None, Floats | None]:
        """Return the bound of a part of the tree, and its relaxed solution if it must be branched on.

        Without a bound the time is over.
        """
        import highspy  # noqa: PLC0415

        before = math.inf
        while True:
            left = math.inf if self.deadline_s is None else self.deadline_s - time.monotonic()
            if left <= 0:
                return None, None
            self.highs.run()
            status = self.highs.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                return 0, None
            found = np.array(self.highs.getSolution().col_value)
            value = -float(self.highs.getInfo().objective_function_value)
            bound = math.floor(value + _WHOLE)
            self._keep(found)
            if bound <= len(self.best):
                return bound, None
            whole = bool((np.abs(found - np.round(found)) < _WHOLE).all())
            rounds -= 1
            if not whole and (rounds < 0 or before - value < _PROGRESS):
                return bound, found
            if not self._separate(found):
                # A whole solution that breaks no cut is connected, and was kept.
                return bound, None if whole else found
            before = value

    def _undecided(self, found: Floats) -> int:
        """Return the field, or else the stall, that is farthest from being decided."""
        gap = np.minimum(found, 1.0 - found)
        field = int(np.argmax(gap[: self.many]))
        return field if gap[field] > _WHOLE else int(np.argmax(gap))

    def _keep(self, found: Floats) -> None:
        """Make layouts out of a solution, and keep the best."""
        order = np.argsort(-found[self.many :], kind="stable")
        for taken in _TAKEN:
            chosen = {int(f) for f in np.flatnonzero(found[: self.many] > taken)}
            reached = self.model.reached(chosen | {self.model.entrance})
            used = {cell for field in reached for cell in self.model.cells(field)}
            stalls = []
            for stall in order:
                cells = self.model.stalls[stall]
                if used.isdisjoint(cells) and reached.intersection(self.model.fronts[stall]):
                    used.update(cells)
                    stalls.append(int(stall))
            if len(stalls) > len(self.best):
                self.best, self.driven = stalls, reached

    def _separate(self, found: Floats) -> int:
        """Add the cuts that a solution breaks; return how many."""
        shares = found[: self.many].clip(0.0, 1.0)
        network = self._network(shares)
        fresh = 0
        for cell, fields in self.through.items():
            stalls = self.over.get(cell, [])
            field = max(fields, key=lambda f: (shares[f], -f))
            if field == self.model.entrance:
                continue
            asked = [field, *(self.many + s for s in stalls if found[self.many + s] > _WHOLE)]
            share = float(found[asked].sum())
            if share < _BROKEN:
                continue
            ends = {field}.union(*(self.model.fronts[c - self.many] for c in asked[1:]))
            if self.model.entrance in ends:
                continue
            # Stalls that are reached by the same fields ask for the same way.
            asked += [
                self.many + s
                for s in stalls
                if self.many + s not in asked and ends.issuperset(self.model.fronts[s])
            ]
            between = self._between(network, ends)
            cut = (*sorted(asked), -1, *between)
            if shares[list(between)].sum() > share - _BROKEN or cut in self.cuts:
                continue
            self.cuts.add(cut)
            signs = dict.fromkeys(asked, 1.0)
            for other in between:
                signs[other] = signs.get(other, 0.0) - 1.0
            self._add(list(signs), list(signs.values()), 0.0)
            fresh += 1
        return fresh

    def _network(self, shares: Floats) -> tuple[list[NDArray[Any]], NDArray[Any]]:
        """Return arcs and their room: a field is an arc from its entry to its exit, the entries come first."""
        units = np.round((shares + _CREEP) * _UNIT).astype(np.int32)
        units[self.model.entrance] = 4 * _UNIT
        tails = [np.arange(self.many)]
        heads = [np.arange(self.many) + self.many]
        for one, others in enumerate(self.model.neighbours):
            tails.append(np.full(len(others), one + self.many))
            heads.append(np.array(others, dtype=int))
        room = np.full(sum(len(t) for t in tails), 4 * _UNIT, np.int32)
        room[: self.many] = units
        return [np.concatenate(tails), np.concatenate(heads)], room

    def _between(self, network: tuple[list[NDArray[Any]], NDArray[Any]], ends: set[int]) -> tuple[int, ...]:
        """Return the fields with the least share that separate others from the entrance; they may be among them."""
        from scipy.sparse import csr_array  # noqa: PLC0415
        from scipy.sparse.csgraph import breadth_first_order, maximum_flow  # noqa: PLC0415

        (tails, heads), room = network
        goal = 2 * self.many
        last = np.array(sorted(ends))
        graph = csr_array(
            (
                np.concatenate([room, np.full(len(last), 4 * _UNIT, np.int32)]),
                (
                    np.concatenate([tails, last + self.many]),
                    np.concatenate([heads, np.full(len(last), goal)]),
                ),
            ),
            shape=(goal + 1, goal + 1),
        )
        rest = graph - maximum_flow(graph, self.model.entrance + self.many, goal).flow
        # Read backward from the goal, the set lies as near to it as can be.
        rest.data[rest.data < 0] = 0
        rest.eliminate_zeros()
        back = np.zeros(goal + 1, bool)
        back[breadth_first_order(rest.T.tocsr(), goal, return_predecessors=False)] = True
        return tuple(int(f) for f in np.flatnonzero(~back[: self.many] & back[self.many : goal]))
