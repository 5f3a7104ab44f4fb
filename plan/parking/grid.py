"""Stalls and ways on a raster of square cells, solved to a proven optimum.

Two models (Stephan, Weidinger and Boysen 2021):

- ``pair``: cells of 5 m. A cell holds a pair of stalls, or is driven on. A stall cell touches a driven cell by an
  edge, and the driven cells are connected by edges with the entrance, itself driven.
- ``field``: cells of 2.5 m. A stall is 1 x 2 cells. A car takes a field of 2 x 2 cells and moves by a cell at a
  time, from the field at the entrance over free cells without stalls. A stall touches a driven cell by a short
  end.

Both are solved by two methods that know nothing of each other: a frontier that sweeps the grid
(:mod:`plan.parking.frontier`), fast on grids that are narrow in one direction, and branch and cut with HiGHS
(:mod:`plan.parking.cuts`) for all.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Cells = NDArray[np.bool_]

__all__ = ["GridLayout", "grid_layout"]

Model = Literal["pair", "field"]
Method = Literal["frontier", "cuts"]
Cell = tuple[int, int]

_MODELS: Final = {"pair": 1, "field": 2}
_METHODS: Final = ("frontier", "cuts")


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLayout:
    """A layout on a grid.

    Parameters
    ----------
    model : {"pair", "field"}
        What a stall and a way are.
    cell_m : float
        Side of a cell.
    rows : int
        Of the grid, the first on top.
    stalls : tuple of tuple of (row, column)
        The cells of each stall, the one at its front first; a stall cell of the pair model is here once and
        counts twice.
    driven : tuple of (row, column)
        Cells that are driven on.
    objective : int
        Stalls; 0 without a layout.
    bound : int
        No layout has more.
    proven : bool
        Whether the layout is optimal.
    method : {"frontier", "cuts"}
        Which found it.
    """

    model: Model
    cell_m: float
    rows: int
    stalls: tuple[tuple[Cell, ...], ...]
    driven: tuple[Cell, ...]
    objective: int
    bound: int
    proven: bool
    method: Method

    def stall_polygons(self) -> list[Polygon]:
        """Return a rectangle for each stall, in metres; the grid's lower left corner is the origin."""
        shapes: list[Polygon] = []
        for cells in self.stalls:
            whole = unary_union([self._square(cell) for cell in cells])
            x0, y0, x1, y1 = whole.bounds
            if self.model == "field":
                shapes.append(box(x0, y0, x1, y1))
                continue
            # A pair stands side by side, and both touch the driven cell.
            row, column = cells[0]
            if {(row - 1, column), (row + 1, column)} & set(self.driven):
                middle = (x0 + x1) / 2
                shapes += [box(x0, y0, middle, y1), box(middle, y0, x1, y1)]
            else:
                middle = (y0 + y1) / 2
                shapes += [box(x0, y0, x1, middle), box(x0, middle, x1, y1)]
        return shapes

    def driven_ground(self) -> BaseGeometry:
        """Return the driven cells as one shape, in metres."""
        return unary_union([self._square(cell) for cell in self.driven])

    def _square(self, cell: Cell) -> Polygon:
        row, column = cell
        x, y = column * self.cell_m, (self.rows - 1 - row) * self.cell_m
        return box(x, y, x + self.cell_m, y + self.cell_m)


def grid_layout(
    blocked: Sequence[Sequence[int]] | NDArray[Any],
    *,
    cell_m: float,
    entrance: Cell,
    model: Model = "field",
    method: Method | None = None,
    time_limit_s: float | None = None,
) -> GridLayout:
    """Return the layout with most stalls on a grid.

    Parameters
    ----------
    blocked : array of 0 and 1
        Rows of cells, the first on top; 1 where neither stall nor way may lie.
    cell_m : float
        Side of a cell.
    entrance : (row, column)
        The driven cell, or the upper left cell of the driven field, at which cars come in.
    model : {"pair", "field"}, default "field"
        What a stall and a way are.
    method : {"frontier", "cuts"}, optional
        The frontier where the grid is narrow enough for it, and branch and cut where it is not or the frontier
        grows too large.
    time_limit_s : float, optional
        Wall clock. What is found by then is returned with its bound.

    Returns
    -------
    GridLayout
        With a proof unless the time was too short.

    Raises
    ------
    UsageError
        If the grid is empty or not a rectangle, the entrance is not free, a figure is not positive and finite, or
        the frontier is asked for on a grid that is too wide for it.

    Examples
    --------
    >>> lot = grid_layout([[0] * 3] * 3, cell_m=5, entrance=(0, 1), model="pair")
    >>> lot.objective, lot.proven
    (12, True)
    """
    free, forced = _read(blocked, entrance, model)
    limits = [cell_m] if time_limit_s is None else [cell_m, time_limit_s]
    if not all(math.isfinite(figure) and figure > 0 for figure in limits) or method not in {None, *_METHODS}:
        raise UsageError(Message("grid.figures"))
    # The frontier is as wide as a row.
    turned = free.shape[1] > free.shape[0]
    if turned:
        free, forced = free.T, forced.T
    deadline_s = None if time_limit_s is None else time.monotonic() + time_limit_s
    plan = _solve(free, forced, model, method, deadline_s)
    stalls = (tuple(cell[::-1] if turned else cell for cell in stall) for stall in plan.stalls)
    driven = plan.driven.T if turned else plan.driven
    each = 2 if model == "pair" else 1
    return GridLayout(
        model=model,
        cell_m=cell_m,
        rows=len(driven),
        stalls=tuple(sorted(stalls)),
        driven=tuple((int(r), int(c)) for r, c in np.argwhere(driven)),
        objective=each * len(plan.stalls),
        bound=each * plan.bound,
        proven=len(plan.stalls) == plan.bound,
        method=plan.method,
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    stalls: Sequence[tuple[Cell, ...]]
    driven: Cells
    bound: int
    method: Method


def _solve(
    free: Cells, forced: Cells, model: Model, method: Method | None, deadline_s: float | None
) -> _Plan:
    # Machine code and a solver are loaded only for those who lay out a grid.
    from plan.parking.cuts import branch_and_cut  # noqa: PLC0415
    from plan.parking.frontier import fits, sweep  # noqa: PLC0415
    from plan.parking.frontier_cells import DRIVEN, LYING, WIDEST  # noqa: PLC0415

    bound = int(free.sum()) // _MODELS[model]
    if method == "frontier" and not fits(free, model):
        raise UsageError(Message("grid.wide", cells=WIDEST[model]))
    if method == "frontier" or (method is None and fits(free, model)):
        swept = sweep(free, forced, model=model, deadline_s=deadline_s)
        if swept is not None:
            bound = swept.bound
        if swept is not None and swept.uses is not None:
            driven = swept.uses == DRIVEN
            return _Plan(_stalls(free, driven, swept.uses == LYING, model), driven, bound, "frontier")
        if method == "frontier":
            return _Plan([], forced, bound, "frontier")
    cut = branch_and_cut(free, forced, model=model, deadline_s=deadline_s)
    return _Plan(cut.stalls, cut.driven, min(bound, cut.bound), "cuts")


def _read(blocked: Sequence[Sequence[int]] | NDArray[Any], entrance: Cell, model: str) -> tuple[Cells, Cells]:
    if model not in _MODELS:
        raise UsageError(Message("grid.figures"))
    try:
        grid = np.asarray(blocked, dtype=float)
    except ValueError:
        raise UsageError(Message("grid.shape")) from None
    if grid.ndim != 2 or not grid.size or not np.isin(grid, (0, 1)).all():  # noqa: PLR2004
        raise UsageError(Message("grid.shape"))
    free = grid == 0
    side = _MODELS[model]
    row, column = entrance
    door = free[row : row + side, column : column + side] if min(row, column) >= 0 else free[:0]
    if door.shape != (side, side) or not door.all():
        raise UsageError(Message("grid.entrance", row=row, column=column))
    forced = np.zeros_like(free)
    forced[row : row + side, column : column + side] = True
    return free, forced


def _stalls(free: Cells, driven: Cells, lying: Cells, model: str) -> list[tuple[Cell, ...]]:
    """Return the stalls that the frontier counted: lying ones where it says, standing ones wherever they fit."""
    rows, columns = free.shape
    taken = driven | ~free

    def is_driven(row: int, column: int) -> bool:
        return 0 <= row < rows and 0 <= column < columns and bool(driven[row, column])

    found: list[tuple[Cell, ...]] = []
    if model == "pair":
        for row, column in np.argwhere(~taken):
            near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
            if any(is_driven(*cell) for cell in near):
                found.append(((int(row), int(column)),))
        return found
    for r, c in np.argwhere(lying):
        row, column = int(r), int(c)
        pair: tuple[Cell, ...] = ((row, column), (row, column + 1))
        found.append(pair if is_driven(row, column - 1) else pair[::-1])
        taken[row, column : column + 2] = True
    # From above first, as the frontier does, and from below what then is left.
    for from_above in (True, False):
        for r, c in np.argwhere(~taken[:-1]):
            row, column = int(r), int(c)
            if taken[row : row + 2, column].any():
                continue
            if is_driven(row - 1, column) if from_above else is_driven(row + 2, column):
                pair = ((row, column), (row + 1, column))
                found.append(pair if from_above else pair[::-1])
                taken[row : row + 2, column] = True
    return found
