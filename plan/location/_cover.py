"""Covering programmes on sets of 0 and 1, solved by HiGHS after what follows without it is taken out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.solver import quiet_solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Programme", "least_cover", "solve"]

# The solver's own gap at which it stops: none, for counts and costs are compared exactly afterwards.
_GAP: Final = 0.0
_WHOLE: Final = 1e-6
# A variable of 0 or 1 is 1 above it.
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """What HiGHS found for a mixed programme.

    Parameters
    ----------
    values : array of float or None
        None where it found nothing.
    bound : float
        On the objective; minus infinity where it knows none.
    optimal, infeasible : bool
    """

    values: Floats | None
    bound: float
    optimal: bool
    infeasible: bool


def solve(
    objective: Floats,
    matrix: Any,  # noqa: ANN401 - a sparse matrix of scipy, which has no annotations
    least: Floats | float,
    most: Floats | float,
    *,
    whole: Bools,
    lower: Floats | float = 0.0,
    upper: Floats | float = 1.0,
    deadline: float = math.inf,
) -> Programme:
    """Minimise over variables of `lower` to `upper`.

    Parameters
    ----------
    objective : array of float
    matrix : sparse matrix
        A row for each constraint.
    least, most : array of float
        Limits of the rows.
    whole : array of bool
        Variables that are whole numbers.
    lower, upper : array of float
    deadline : float
        On the clock of :func:`time.monotonic`.

    Returns
    -------
    Programme
    """
    import highspy  # noqa: PLC0415 - a solver is loaded where it is used

    rows = matrix.tocsr()
    count, many = len(objective), rows.shape[0]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = count, many
    model.col_cost_ = np.asarray(objective, dtype=float)
    model.col_lower_ = np.broadcast_to(np.asarray(lower, dtype=float), count).copy()
    model.col_upper_ = np.broadcast_to(np.asarray(upper, dtype=float), count).copy()
    model.row_lower_ = np.broadcast_to(np.asarray(least, dtype=float), many).copy()
    model.row_upper_ = np.broadcast_to(np.asarray(most, dtype=float), many).copy()
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in whole.tolist()]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.indptr.astype(np.int32)
    model.a_matrix_.index_ = rows.indices.astype(np.int32)
    model.a_matrix_.value_ = rows.data.astype(float)
    time_limit = max(deadline - time.monotonic(), 0.01) if math.isfinite(deadline) else math.inf
    solver = quiet_solver(mip_rel_gap=_GAP, time_limit=time_limit)
    solver.passModel(model)
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    # Without whole numbers there is no tree, and the optimum is its own bound.
    bound = info.mip_dual_bound if whole.any() else info.objective_function_value
    solved = status == highspy.HighsModelStatus.kOptimal
    return Programme(
        values=np.array(solver.getSolution().col_value) if found else None,
        bound=float(bound) if math.isfinite(bound) and (whole.any() or solved) else -math.inf,
        optimal=solved,
        infeasible=status == highspy.HighsModelStatus.kInfeasible,
    )


def least_cover(
    serves: Bools, costs: Floats | None = None, *, deadline: float = math.inf
) -> tuple[Ints, float]:
    """Choose sites of least cost so that each demand is served by one.

    A demand that is served wherever another one is is left out, and so is a site that serves no more than another
    one that costs no more; of equals the first stays.

    Parameters
    ----------
    serves : array of bool, demands x sites
        Each demand by one site at least.
    costs : array of float, optional
        Of each site; one each by default.
    deadline : float
        On the clock of :func:`time.monotonic`.

    Returns
    -------
    chosen : array of int
        Ascending.
    bound : float
        No cover costs less.
    """
    from scipy.sparse import csr_array  # noqa: PLC0415 - loaded where it is used

    price = np.ones(serves.shape[1]) if costs is None else costs
    rows, columns = _reduced(serves, price)
    part = serves[np.ix_(rows, columns)]
    if not len(rows):
        return np.zeros(0, np.int64), 0.0
    greedy = columns[_greedy(part, price[columns])]
    found = solve(
        price[columns],
        csr_array(part.astype(np.float64)),
        1.0,
        math.inf,
        whole=np.ones(len(columns), bool),
        deadline=deadline,
    )
    best = greedy
    if found.values is not None:
        candidate = columns[found.values > _HALF]
        if serves[:, candidate].any(axis=1).all() and price[candidate].sum() <= price[greedy].sum():
            best = candidate
    total = float(price[best].sum())
    bound = max(found.bound, 0.0)
    if (price == np.rint(price)).all():
        bound = math.ceil(bound - _WHOLE * max(1.0, total))
    return np.sort(best), min(total, bound)


def _reduced(serves: Bools, price: Floats) -> tuple[Ints, Ints]:
    """Return the demands and the sites that matter."""
    rows = np.unique(np.packbits(serves, axis=1), axis=0, return_index=True)[1]
    columns = np.arange(serves.shape[1])
    before = None
    while before != (len(rows), len(columns)):
        before = (len(rows), len(columns))
        part = serves[np.ix_(rows, columns)]
        rows = rows[_minimal(part, np.zeros(len(rows)))]
        part = serves[np.ix_(rows, columns)]
        columns = columns[_minimal(~part.T, price[columns])]
    return np.sort(rows), np.sort(columns)


def _minimal(sets: Bools, price: Floats) -> Bools:
    """Mark the rows that hold no other row of no higher price; of equals the first."""
    values = sets.astype(np.float32)
    size = values.sum(axis=1)
    common = values @ values.T
    # Row b is held by row a where all that b has is common; a goes if b costs no more.
    held = (common == size[None, :]) & (price[None, :] <= price[:, None])
    np.fill_diagonal(held, val=False)
    same = held & held.T
    later = np.arange(len(sets))[:, None] > np.arange(len(sets))[None, :]
    marked: Bools = ~(held & (~same | later)).any(axis=1)
    return marked


def _greedy(serves: Bools, price: Floats) -> Ints:
    """Take the site that serves most for its price until all are served."""
    left = np.ones(len(serves), bool)
    chosen: list[int] = []
    while left.any():
        gain = serves[left].sum(axis=0) / np.maximum(price, 1e-12)
        chosen.append(int(gain.argmax()))
        left &= ~serves[:, chosen[-1]]
    return np.array(sorted(chosen), np.int64)
