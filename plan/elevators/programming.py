"""Small integer programmes: rows and an objective in, the best choice and what nothing exceeds out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plan.solver import quiet_solver

__all__ = ["Optimum", "Row", "maximised"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """``low <= sum of coefficient x variable <= high``."""

    columns: Sequence[int]
    coefficients: Sequence[float]
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimum:
    """The best that was found, and what nothing exceeds."""

    solution: Floats | None  # of the variables; None: nothing was found
    bound: float


def maximised(
    objective: Floats, rows: Sequence[Row], *, whole: NDArray[np.bool_], nodes: int, gap: float = 0.0
) -> Optimum:
    """Maximise a sum over variables between 0 and 1.

    Parameters
    ----------
    objective : array of float
        A coefficient for each variable.
    rows : sequence of Row
        The constraints. Each is divided by its largest coefficient, without which tolerances mean nothing.
    whole : array of bool
        Variables that are 0 or 1 and nothing between.
    nodes : int
        How many parts of the tree are looked into at most: a count and not a time, so that runs do not differ.
    gap : float, default 0
        How far below the bound, as a share of it, the search may end.

    Returns
    -------
    Optimum
        Values and bound.
    """
    import highspy  # noqa: PLC0415 - a solver is loaded where it is used

    solver = quiet_solver(mip_rel_gap=gap, mip_abs_gap=0.0, mip_max_nodes=nodes)
    many = len(objective)
    scale = float(np.abs(objective).max(initial=0.0)) or 1.0
    solver.addVars(many, np.zeros(many), np.ones(many))
    for column in np.flatnonzero(objective).tolist():
        solver.changeColCost(column, -float(objective[column]) / scale)
    for column in np.flatnonzero(whole).tolist():
        solver.changeColIntegrality(column, highspy.HighsVarType.kInteger)
    for row in rows:
        by = max((abs(c) for c in row.coefficients), default=0.0) or 1.0
        solver.addRow(
            row.low / by,
            row.high / by,
            len(row.columns),
            np.array(row.columns, np.int32),
            np.array(row.coefficients, np.float64) / by,
        )
    solver.run()
    info = solver.getInfo()
    bound = -float(info.mip_dual_bound) * scale
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if found else None
    return Optimum(solution=values, bound=bound if math.isfinite(bound) else math.inf)
