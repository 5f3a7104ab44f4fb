"""In which year each stairwell gets its elevator: whole buildings or estates first, under the budget of every year.

Sanming subsidises by what is done (多做多补、少做少补、不做不补) and wants old estates renewed as a whole
(整体综合改造), so bundles come before single stairwells. With z_bt = 1 where the bundle b is built in the year t::

    first     maximise  sum over b, t of score_b z_bt
    then      maximise  sum over b, t of score_b (years - t) z_bt     at the score found: the earlier the better
    subject to          sum over t of z_bt <= 1
                        sum over b of cost_b z_bt <= budget_t         or, carried over, of all years up to t

score_b is the sum of the scores of its stairwells (:mod:`plan.elevators.priority`), in thousandths; costs are fen. Both
programmes are solved by HiGHS. Where costs differ at random and years must not lend to each other, the last proof takes
longer than all that it is worth: the search ends after so many parts, and what nothing exceeds is told (``whole_bound``).
Where ``split`` is asked for, what the bundles leave of the budgets goes to single stairwells in the same way. Whatever the
solver says is added up again in fen.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from plan.elevators.consent import Verdict
from plan.elevators.money import Money, fen, yuan
from plan.elevators.priority import Priorities
from plan.elevators.programming import Row, maximised
from plan.errors import UsageError
from plan.messages import Message
from plan.site import as_objects

__all__ = ["Bundle", "Phases", "phases"]

Bundle = Literal["stairwell", "building", "estate"]
_COLUMNS: Final[dict[str, str | None]] = {
    "stairwell": "stairwell",
    "building": "building_id",
    "estate": "estate_id",
}
_ALONE: Final = "/"  # before the name of a stairwell that is a bundle
_WHOLE_ESTATE: Final = "estate"  # the one bundle where no estate is named
_SCORE_UNITS: Final = 1000  # in a point of the score
# Up to so many choices (bundles x years) the search goes deep, beyond them it is soon content: nodes of the search, not
# seconds, so that the same programme has the same answer on any machine, and a share below the bound. Random costs of
# 117 bundles over 5 years took 6 CPU seconds, and came within 0.3 % of the bound.
_SMALL: Final = 150
_DEEP: Final = (2_000, 1e-6)
_SOON: Final = (100, 1e-3)
_PLACES: Final = 6  # decimals of a score that is shown
_HALF: Final = 0.5  # of a unit: what whole numbers cannot reach by rounding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phases:
    """What is built in which year.

    Parameters
    ----------
    stairwells : pandas.DataFrame
        Those of the priorities, with ``bundle``, ``year`` (none where it is not built), ``whole`` (with all of its bundle
        that can be built) and the ``reason`` why not.
    years : pandas.DataFrame
        One row for each: ``year``, ``budget_fen``, ``spent_fen``, ``stairwells``.
    score : float
        Of all that is built.
    whole_score, whole_bound : float
        Of the whole bundles that are built, and what no choice of whole bundles exceeds (scores to a thousandth).
    proven : bool
        True: both are the same.
    """

    stairwells: pd.DataFrame
    years: pd.DataFrame
    score: float
    whole_score: float
    whole_bound: float
    proven: bool


def phases(
    priorities: Priorities,
    *,
    budgets_cny: Sequence[Money],
    bundle: Bundle = "building",
    first_year: int = 1,
    split: bool = True,
    carry_over: bool = False,
    only_agreed: bool = False,
    not_begun: Collection[str] = (),
) -> Phases:
    """Spread stairwells over years.

    Parameters
    ----------
    priorities : Priorities
        Stairwells with scores and costs.
    budgets_cny : sequence of amounts
        Of each year, in CNY.
    bundle : {"building", "estate", "stairwell"}, default "building"
        What is built together, in one year. Without a column ``estate_id`` all of it is one estate.
    first_year : int, default 1
        What the first year is called.
    split : bool, default True
        Give what whole bundles leave of the budgets to single stairwells.
    carry_over : bool, default False
        Let a year spend what the years before it left.
    only_agreed : bool, default False
        Build only where the owners' consent is reached; elsewhere the reason says what the vote stands at.
    not_begun : collection of str
        Stairwells where no vote is written down yet.

    Returns
    -------
    Phases
        Every stairwell with its year, or why it has none.

    Raises
    ------
    UsageError
        If there is no year, a budget is negative or infinite, or the bundle is unknown.
    """
    if bundle not in _COLUMNS:
        raise UsageError(Message("priority.bundle", bundle=bundle, known=tuple(_COLUMNS)))
    budgets = [fen(budget, name="budgets_cny") for budget in budgets_cny]
    if not budgets:
        raise UsageError(Message("priority.no_years"))
    table = priorities.stairwells.copy()
    column = _COLUMNS[bundle]
    alone = _ALONE + table["stairwell"].astype(str)
    # A stairwell of no known building or estate is a bundle of its own.
    table["bundle"] = table[column].fillna(alone) if column in table.columns else _WHOLE_ESTATE
    reasons = [None if pd.isna(reason) else reason for reason in table["reason"]]
    if only_agreed:
        reasons = [
            reason or _vote(None if pd.isna(verdict) else str(verdict), begun=name not in not_begun)
            for reason, verdict, name in zip(reasons, table["consent"], table["stairwell"], strict=True)
        ]
    table["reason"] = as_objects(reasons)
    able = table["reason"].isna().to_numpy()
    together = _Offer.of(table[able], table.loc[able, "bundle"])
    chosen, bound, proven = together.spread(budgets, carry_over=carry_over)
    table["year"] = _years(table["bundle"].map(chosen).where(able))
    table["whole"] = table["year"].notna()
    whole_score = float(table.loc[table["whole"], "score"].sum())
    if split:
        rest = able & table["year"].isna().to_numpy()
        offer = _Offer.of(table[rest], table.loc[rest, "stairwell"])
        singly, _, _ = offer.spread(_left(budgets, table), carry_over=carry_over)
        table["year"] = table["year"].fillna(_years(table["stairwell"].map(singly).where(rest)))
    built = table["year"].notna().to_numpy()
    most = sum(budgets) if carry_over else max(budgets)
    # What must be paid at once: the bundle, or where it may be split the stairwell.
    at_once = table["cost_fen"].where(able)
    if not split:
        at_once = at_once.groupby(table["bundle"]).transform("sum")
    table["reason"] = as_objects(
        reason if done or not pd.isna(reason) else _beyond(cost, most)
        for reason, done, cost in zip(table["reason"], built, at_once, strict=True)
    )
    spent = [table.loc[table["year"] == year, "cost_fen"] for year in range(len(budgets))]
    table["year"] += first_year
    return Phases(
        stairwells=table,
        years=pd.DataFrame(
            {
                "year": [first_year + year for year in range(len(budgets))],
                "budget_fen": budgets,
                "spent_fen": [int(costs.sum()) for costs in spent],
                "stairwells": [len(costs) for costs in spent],
            }
        ),
        score=round(float(table.loc[built, "score"].sum()), _PLACES),
        whole_score=round(whole_score, _PLACES),
        whole_bound=max(bound / _SCORE_UNITS, round(whole_score, _PLACES)),
        proven=proven,
    )


# --- parts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Offer:
    """What may be built, each in one year."""

    names: tuple[str, ...]
    costs: tuple[int, ...]  # fen
    scores: tuple[int, ...]  # thousandths

    @classmethod
    def of(cls, stairwells: pd.DataFrame, bundles: pd.Series[Any]) -> _Offer:
        groups = stairwells.assign(bundle=bundles).groupby("bundle", sort=True)
        return cls(
            names=tuple(str(name) for name, _ in groups),
            costs=tuple(int(rows["cost_fen"].sum()) for _, rows in groups),
            scores=tuple(round(float(rows["score"].sum()) * _SCORE_UNITS) for _, rows in groups),
        )

    def spread(self, budgets: list[int], *, carry_over: bool) -> tuple[dict[str, int], float, bool]:
        """Return the year of each that is built, what the score cannot exceed, and whether that is reached."""
        n, years = len(self.names), len(budgets)
        limits = np.cumsum(budgets) if carry_over else np.array(budgets)
        # What costs more than there is at most cannot be built, and only slows the search.
        if not n or min(self.costs) > limits.max():
            return {}, 0.0, True
        # Column b * years + t; a year's costs, or those of all years up to it.
        rows = [
            Row(columns=range(b * years, (b + 1) * years), coefficients=(1.0,) * years, high=1.0)
            for b in range(n)
        ]
        for year, limit in enumerate(limits.tolist()):
            when = range(year + 1) if carry_over else (year,)
            rows.append(
                Row(
                    columns=[b * years + t for b in range(n) for t in when],
                    coefficients=[float(self.costs[b]) for b in range(n) for _ in when],
                    high=limit + _HALF,
                )
            )
        score = np.repeat(np.array(self.scores, float), years)
        early = score * np.tile(np.arange(years, 0, -1.0), n)
        whole = np.ones(n * years, dtype=bool)
        nodes, gap = _DEEP if n * years <= _SMALL else _SOON
        first = maximised(score, rows, whole=whole, nodes=nodes, gap=gap)
        if first.solution is None:
            return {}, first.bound, False
        values = first.solution > _HALF
        reached = float(score @ values)
        bound = max(math.floor(first.bound + _HALF), reached)
        kept = Row(columns=range(n * years), coefficients=score.tolist(), low=reached - _HALF)
        then = maximised(early, [*rows, kept], whole=whole, nodes=nodes, gap=gap)
        if then.solution is not None and early @ (then.solution > _HALF) > early @ values:
            values = then.solution > _HALF
        chosen = {self.names[i // years]: i % years for i in np.flatnonzero(values).tolist()}
        self._add_up(chosen, budgets, carry_over=carry_over)
        built = sum(score for name, score in zip(self.names, self.scores, strict=True) if name in chosen)
        return chosen, bound, built >= bound

    def _add_up(self, chosen: dict[str, int], budgets: list[int], *, carry_over: bool) -> None:
        """Take back what is over the budget by the solver's rounding: the least score of the year first."""
        order = sorted(range(len(self.names)), key=lambda b: (self.scores[b], self.names[b]))
        for year in range(len(budgets)):
            for b in order:
                of_years = range(year + 1) if carry_over else (year,)
                spent = sum(
                    c for n, c in zip(self.names, self.costs, strict=True) if chosen.get(n) in of_years
                )
                if spent <= sum(budgets[y] for y in of_years):
                    break
                if chosen.get(self.names[b]) == year:
                    del chosen[self.names[b]]


def _left(budgets: list[int], table: pd.DataFrame) -> list[int]:
    """Return what each year has left after what is built."""
    # With carry_over a year may have spent what earlier ones left, and is below zero: sums up to each year count.
    return [
        budget - int(table.loc[table["year"] == year, "cost_fen"].sum())
        for year, budget in enumerate(budgets)
    ]


def _years(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("Float64").astype("Int64")


def _vote(verdict: str | None, *, begun: bool) -> Message | None:
    """Return why a stairwell is not built as its vote stands; None where the owners have agreed."""
    if verdict == Verdict.REACHED.value:
        return None
    if verdict is None:
        return Message("priority.consent_unknown")
    if verdict == Verdict.CANNOT_TELL.value:
        return Message("priority.consent_cannot_tell")
    if not begun:
        return Message("priority.consent_not_begun")
    return Message("priority.consent_open" if verdict == Verdict.OPEN.value else "priority.no_consent")


def _beyond(cost_fen: int, most_fen: int) -> Message:
    if not most_fen:
        return Message("priority.no_budget")
    if cost_fen > most_fen:
        return Message("priority.too_dear", cost=yuan(int(cost_fen)), most=yuan(most_fen))
    return Message("priority.outranked")
