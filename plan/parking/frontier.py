"""The grid layout problem solved exactly: a frontier sweeps the grid from both ends, and carries all that is open.

States of the frontier (:mod:`plan.parking.frontier_cells`) that leave the same open are one state, with the most
stalls. From the top all of them are kept, from the bottom (the grid turned by half) only the most stalls with all
that they leave open, at each cell; wherever the two frontiers meet, no plan through a state of the upper one has
more stalls than the sum of the two: a stall across the frontier is open on one of its sides. A cell adds at most
one to a count with its open stalls, which bounds what the lower frontier did not reach. The upper one goes on to
the end for a target, first the largest sum and then one less. A narrow search through the best states of each
step finds a plan before; where no target above it is reached, or one is, that plan is optimal.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.frontier_cells import OPEN, TOO_MANY, WIDEST, grow_fields, grow_pairs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]
    Values = NDArray[np.int16]
    Links = NDArray[np.int32]
    Cells = NDArray[np.bool_]
    Table = tuple[Keys, Values]

__all__ = ["Swept", "fits", "sweep"]

_NEVER: Final = -1
# States of the narrow search.
_NARROW: Final = 1_000_000
# States that are looked through at once for the way that led to a plan.
_HANDFUL: Final = 400_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What the sweep found.

    Parameters
    ----------
    uses : array of int or None
        The use of each cell (driven, first half of a lying stall, or neither) in an optimal plan.
    stalls : int
        Stalls of that plan, in stall cells; -1 where there is none.
    bound : int
        No plan has more.
    """

    uses: NDArray[np.int8] | None
    stalls: int
    bound: int


def fits(free: Cells, model: str) -> bool:
    """Return whether a grid has few enough columns for its states to be written in one number."""
    return int(free.shape[1]) <= WIDEST[model]


def sweep(
    free: Cells, forced: Cells, *, model: str, most_states: int = 120_000_000, deadline_s: float | None = None
) -> Swept | None:
    """Solve a grid exactly.

    Parameters
    ----------
    free, forced : array of bool
        Cells that can be used, and those that must be driven. A grid with fewer columns than rows is solved faster.
    model : {"pair", "field"}
        As in :func:`plan.parking.grid.grid_layout`.
    most_states : int, default 120,000,000
        Of one frontier; some 50 bytes each while it is moved on.
    deadline_s : float, optional
        On the clock of :func:`time.monotonic`.

    Returns
    -------
    Swept or None
        None where a frontier outgrew its limit or the time before there was a bound.
    """
    try:
        return _Sweep(free, forced, model, most_states, deadline_s).run()
    except _OutgrownError:
        return None


class _OutgrownError(Exception):
    """A frontier has more states, or took longer, than it may."""


class _Side:
    """One grid, its flags, and the frontier that goes down it row by row."""

    def __init__(self, free: Cells, forced: Cells, model: str) -> None:
        self.rows, self.columns = free.shape
        self.free = np.zeros((self.rows + 3, self.columns + 3), bool)
        self.free[: self.rows, : self.columns] = free
        self.forced = np.zeros_like(self.free)
        self.forced[: self.rows, : self.columns] = forced
        self.grow = grow_fields if model == "field" else grow_pairs
        # The most stalls with all open ones before each cell, in the order of the sweep.
        self.tops: list[int] = [0]
        self.table: Table = (np.zeros(1, np.uint64), np.zeros(1, np.int16))
        self.row = 0

    def cell(self, row: int, column: int) -> tuple[int, int, bool, bool, bool, bool, bool, bool]:
        near = ((0, 0), (1, 0), (2, 0), (0, 1), (0, 2))
        here, below, below2, right, right2 = (bool(self.free[row + i, column + j]) for i, j in near)
        return column, self.columns, here, below, below2, right, right2, bool(self.forced[row, column])


class _Sweep:
    def __init__(
        self, free: Cells, forced: Cells, model: str, most_states: int, deadline_s: float | None
    ) -> None:
        self.down = _Side(free, forced, model)
        self.up = _Side(free[::-1, ::-1], forced[::-1, ::-1], model)
        self.model = model
        self.most_states = most_states
        self.deadline_s = deadline_s
        self.tables: list[Table] = [self.down.table]

    def run(self) -> Swept:
        down, up = self.down, self.up
        while down.row + up.row < down.rows:
            side = down if len(down.table[0]) <= len(up.table[0]) else up
            self._row(side, record=True)
            if side is down:
                self.tables.append(down.table)
        met = down.row
        bound = down.tops[-1] + self._ahead(met, 0)
        best: tuple[np.uint64, np.int16] | None = None
        tables = self.tables
        try:
            best = self._finish(met, 0, narrow=True)
            tables = self.tables
            while best is None or bound > best[1]:
                found = self._finish(met, bound)
                if found is not None:
                    best, tables = found, self.tables
                elif bound == 0:
                    break
                else:
                    bound -= 1
        except _OutgrownError:
            # The bound stands, whatever plan there is.
            pass
        if best is None:
            return Swept(None, _NEVER, bound)
        self.tables = tables
        return Swept(self._trace(*best), int(best[1]), bound)

    def _step(self, table: Table, row: int, column: int, side: _Side, floor: int) -> tuple[Table, int]:
        keys, values, _, top = side.grow(*table, side.cell(row, column), floor, False)  # noqa: FBT003
        late = self.deadline_s is not None and time.monotonic() > self.deadline_s
        if len(keys) > self.most_states or late or top == TOO_MANY:
            raise _OutgrownError
        return (keys, values), int(top)

    def _row(self, side: _Side, *, record: bool) -> None:
        for column in range(side.columns + 1):
            side.table, top = self._step(side.table, side.row, column, side, 0)
            if record and column < side.columns:
                side.tops.append(top)
        side.row += 1

    def _ahead(self, row: int, column: int) -> int:
        """Return the most stalls from a cell on, with those open across the frontier before it."""
        columns, cells = self.down.columns, self.down.rows * self.down.columns
        decided = row * columns + min(column, columns)
        reached = max(decided, cells - len(self.up.tops) + 1)
        between = self.down.free[: self.down.rows, :columns].ravel()[decided:reached]
        return int(self.up.tops[cells - reached] + between.sum())

    def _floor(self, row: int, column: int, target: int) -> int:
        """Return what a state after a cell must have, with its open stalls, to reach a target."""
        ahead = self._ahead(row, column + 1) if row < self.down.rows else 0
        return max(target - ahead, 0)

    def _finish(self, met: int, target: int, *, narrow: bool = False) -> tuple[np.uint64, np.int16] | None:
        """Go on from where the frontiers met, through states that may reach the target."""
        tables = self.tables[: met + 1]
        table = tables[met]
        for row in range(met, self.down.rows + 1):
            for column in range(self.down.columns + 1):
                floor = self._floor(row, column, target)
                table, _ = self._step(table, row, column, self.down, floor)
                if narrow and len(table[0]) > _NARROW:
                    table = self._best(table)
                if not len(table[0]):
                    return None
            tables.append(table)
        self.tables = tables
        best = int(np.argmax(table[1]))
        return table[0][best], table[1][best]

    def _best(self, table: Table) -> Table:
        """Return the states with most stalls, open ones with them."""
        keys, values = table
        hopes = values.copy()
        for place in range(self.down.columns):
            signs = (keys >> np.uint64(4 * place)) & np.uint64(15)
            hopes += np.isin(signs, OPEN[self.model])
        kept = np.sort(np.argsort(-hopes, kind="stable")[:_NARROW])
        return keys[kept], values[kept]

    def _trace(self, key: np.uint64, value: np.int16) -> NDArray[np.int8]:
        """Find the way that led to a state, row by row backward."""
        uses = np.zeros((self.down.rows + 1, self.down.columns + 1), np.int8)
        stalls = int(value)
        for row in range(self.down.rows, -1, -1):
            keys, values = self.tables[row]
            # Those with most stalls first: the way usually leads through one of them.
            order = np.argsort(-values, kind="stable")
            for start in range(0, len(order), _HANDFUL):
                some = order[start : start + _HANDFUL]
                way = self._way((keys[some], values[some]), row, key, value, stalls)
                if way is not None:
                    place, uses[row] = way
                    key, value = keys[some][place], values[some][place]
                    break
        return uses[:-1, :-1]

    def _way(
        self, table: Table, row: int, key: np.uint64, value: np.int16, stalls: int
    ) -> tuple[int, NDArray[np.int8]] | None:
        links: list[Links] = []
        for column in range(self.down.columns + 1):
            floor = self._floor(row, column, stalls)
            keys, values, came, _ = self.down.grow(*table, self.down.cell(row, column), floor, True)  # noqa: FBT003
            table = (keys, values)
            links.append(came)
        hits = np.flatnonzero((table[0] == key) & (table[1] == value))
        if not len(hits):
            return None
        place = int(hits[0])
        uses = np.zeros(self.down.columns + 1, np.int8)
        for column in range(self.down.columns, -1, -1):
            link = int(links[column][place])
            place, uses[column] = link // 4, link % 4
        return place, uses
