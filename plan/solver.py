"""HiGHS without its greetings: whole-number programmes, solved exactly, one aim after the other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    import highspy
    from numpy.typing import NDArray

__all__ = ["TOLERANCE", "Programme", "quiet_solver"]

TOLERANCE: Final = 1e-6  # sums of the same numbers in another order differ by less
# What an earlier aim may lose to a later one: the solver's own tolerances need room.
_STAGE_ROOM: Final = 1e-4

Terms = Iterable[tuple[int, float]]  # columns and their weights


def quiet_solver(**options: bool | float | str) -> highspy.Highs:
    """Return a solver that prints nothing, not even its name.

    Parameters
    ----------
    **options : bool, float or str
        Options of HiGHS. One thread and a fixed seed are the default, so that the same input gives the same answer.

    Returns
    -------
    highspy.Highs
        Ready for a model.
    """
    import highspy  # noqa: PLC0415 - a solver is loaded where it is used

    class Quiet(highspy.Highs):
        # The constructor greets unless its first call turns the output off.
        def enableCallbacks(self) -> None:  # noqa: N802 - the solver's name for it
            self.setOptionValue("output_flag", False)  # noqa: FBT003

    solver = Quiet()  # type: ignore[no-untyped-call]
    for option, value in {"output_flag": False, "threads": 1, "random_seed": 1, **options}.items():
        solver.setOptionValue(option, value)
    return solver


class Programme:
    """Columns and rows of a linear programme, some of its columns in whole numbers; gathered, then solved."""

    def __init__(self) -> None:
        self._upper: list[float] = []
        self._whole: list[bool] = []
        self._lowest: list[float] = []
        self._highest: list[float] = []
        self._starts: list[int] = [0]
        self._columns: list[int] = []
        self._values: list[float] = []

    def column(self, upper: float = 1.0, *, whole: bool) -> int:
        """Add a column between 0 and ``upper``, and return its number."""
        self._upper.append(upper)
        self._whole.append(whole)
        return len(self._upper) - 1

    def row(self, lowest: float, highest: float, terms: Terms) -> None:
        """Keep the sum of columns times their weights between two numbers."""
        found = list(terms)
        self._lowest.append(lowest)
        self._highest.append(highest)
        self._columns.extend(column for column, _ in found)
        self._values.extend(value for _, value in found)
        self._starts.append(len(self._columns))

    def minimise(
        self,
        aims: Sequence[Terms],
        *,
        seconds: float,
        nodes: int | None = None,
        tolerance: float = TOLERANCE,
    ) -> tuple[NDArray[np.float64], tuple[float, ...]]:
        """Minimise one aim after the other, none at the cost of those before it.

        Parameters
        ----------
        aims : sequence of iterable of (int, float)
            What is minimised: columns and their weights.
        seconds : float
            For each aim; what is then not proven has a gap.
        nodes : int, optional
            Branches that are searched for each aim: unlike seconds the same on every machine.
        tolerance : float
            By how much a whole number may miss one.

        Returns
        -------
        array of float and tuple of float
            The values of the columns, and the relative gap that each aim was left with; 0: proven, inf: an aim after
            the first for which nothing was found in time but what the earlier ones give.

        Raises
        ------
        UsageError
            If the solver finds nothing at all.
        """
        import highspy  # noqa: PLC0415 - a solver is loaded where it is used

        count = len(self._upper)
        if not count:
            return np.zeros(0), (0.0,)
        solver: Any = quiet_solver(
            mip_rel_gap=0.0,
            mip_abs_gap=TOLERANCE,
            mip_feasibility_tolerance=tolerance,
            time_limit=seconds,
            **({} if nodes is None else {"mip_max_nodes": nodes}),
        )
        solver.passModel(self._model())
        everything = np.arange(count, dtype=np.int32)
        values, gaps = np.zeros(count), []
        ended = (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
        for number, aim in enumerate(aims):
            cost = np.zeros(count)
            for column, value in aim:
                cost[column] += value
            kept = np.flatnonzero(cost).astype(np.int32)
            if not len(kept) and number:
                gaps.append(0.0)
                continue
            # What the earlier aims gave is not set as a beginning: from one, HiGHS 1.16 ends at it and calls it the best.
            solver.changeColsCost(count, everything, cost)
            solver.run()
            status = solver.getModelStatus()
            gap = float(solver.getInfo().mip_gap)
            if status == highspy.HighsModelStatus.kOptimal:
                gaps.append(0.0)
            elif status in ended and (number or math.isfinite(gap)):
                gaps.append(gap)
            else:
                raise UsageError(Message("solver.not_solved", why=solver.modelStatusToString(status)))
            if math.isfinite(gaps[-1]):
                values = np.array(solver.getSolution().col_value)
            best = float(cost @ values)
            room = max(_STAGE_ROOM, TOLERANCE * abs(best))
            solver.addRow(-np.inf, best + room, len(kept), kept, cost[kept])
        return values, tuple(gaps)

    def _model(self) -> highspy.HighsLp:
        import highspy  # noqa: PLC0415 - a solver is loaded where it is used

        count = len(self._upper)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = count, len(self._lowest)
        model.col_cost_ = np.zeros(count)
        model.col_lower_ = np.zeros(count)
        model.col_upper_ = np.array(self._upper)
        model.row_lower_ = np.array(self._lowest)
        model.row_upper_ = np.array(self._highest)
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in self._whole]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.array(self._starts, dtype=np.int32)
        model.a_matrix_.index_ = np.array(self._columns, dtype=np.int32)
        model.a_matrix_.value_ = np.array(self._values)
        return model
