"""Which works are done in which year: a knapsack of packages under yearly budgets, with a reward for action.

A package p has options o: sets of its works of which no other set gives as many points for less money. Option o takes b_o
of the budget, which is what its works cost less the reward that the share of the package earns, and gives v_o points. With
the years t of T and their budgets B_t:

    maximise  sum(v_o y_ot)                            points of need that are met in all years together
    then      sum((T - t) v_o y_ot)                    the sooner the better
    minimise  sum(b_o y_ot)                            what the budgets pay
    subject   sum_ot(y_ot over the options of p) <= 1  a package is done in one year (整体打包)
              sum_o(b_o y_ot) <= B_t                   for each year
              y binary

The value of a work is what its estate has of points for the term that it mends, shared among the works of the estate
that mend the same term. Money left over in a year is not carried on. Own model, exact, by HiGHS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from plan.errors import UsageError
from plan.messages import Message
from plan.programme.need import EstateNeeds
from plan.programme.works import Tier, Work
from plan.site import as_objects
from plan.solver import TOLERANCE
from plan.solver import Programme as Model

__all__ = ["Programme", "plan_programme"]

_SOLVER_SECONDS: Final = 300.0  # for each aim; the branches end the search long before
# Branches for each aim: so many at least, and more where a branch is quick; a number, not a time, so that every machine
# finds the same.
_BRANCHES: Final = 300
_BRANCHES_BY_COLUMN: Final = 1_000_000
_SAME_POINTS: Final = 1e-9  # sums of the same numbers in another order differ by less
_MONEY: Final = 10_000.0  # CNY: the solver works best with numbers near one
# What a binary number may differ from a whole one: a work of 10 million CNY is then off by a fen.
_EXACT: Final = 1e-9
_HALF: Final = 0.5  # a binary number up to the solver's tolerance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """What is done in which year, and why.

    Parameters
    ----------
    works : DataFrame
        ``work_id``, ``work``, ``estate_id``, ``package``, ``facility``, ``serves``, ``amount``, ``cost_cny``, ``points`` (NaN:
        the term is not known there), ``year`` (1 is the first, 0: not done), ``rate``, ``reward_cny``, ``own_cny``.
    estates : DataFrame
        ``estate_id``, ``name``, ``score`` (NaN: unknown), ``rank``, ``years``, ``works``, ``done``, ``points``, ``cost_cny``,
        ``reward_cny``, ``own_cny``, ``reason``; those with most points first, those that are unknown last.
    years : DataFrame
        ``year``, ``budget_cny``, ``own_cny``, ``left_cny``, ``reward_cny``, ``cost_cny``, ``estates``, ``works``, ``points``.
    possible_points : float
        What all works of the table together would mend.
    gap : float
        Relative, of the points; 0: proven to be the most.
    order_proven : bool
        Whether it is proven, too, that they cannot come sooner or for less.
    """

    works: pd.DataFrame
    estates: pd.DataFrame
    years: pd.DataFrame
    possible_points: float
    gap: float
    order_proven: bool


def plan_programme(
    needs: EstateNeeds, works: Sequence[Work], budgets_cny: Sequence[float], tiers: Sequence[Tier] = ()
) -> Programme:
    """Phase works over years.

    Parameters
    ----------
    needs : EstateNeeds
        The score of the estates.
    works : sequence of Work
        What could be done.
    budgets_cny : sequence of float
        What may be spent in each year, beside the rewards that others pay.
    tiers : sequence of Tier
        The reward for action; none: nobody pays one.

    Returns
    -------
    Programme
        The optimum of the model above, with a reason for each estate. A work of an estate, or for a term, of which
        nothing is known has no value and is done only where it raises the reward of a package.

    Raises
    ------
    UsageError
        If there is no year, a budget is no number from 0 up, or two works have one id.
    """
    if not budgets_cny or not all(math.isfinite(b) and b >= 0 for b in budgets_cny):
        raise UsageError(Message("programme.bad_budgets"))
    if len({work.id for work in works}) < len(works):
        raise UsageError(Message("programme.works_twice"))
    ordered = sorted(works, key=lambda work: work.id)
    values = _values(needs, ordered)
    chosen, gaps = _choose(ordered, values, budgets_cny, tiers)
    frame = _works(ordered, values, chosen)
    years = _years(frame, budgets_cny)
    return Programme(
        works=frame,
        estates=_estates(needs, frame, years),
        years=years,
        possible_points=float(sum(v for v in values if v is not None)),
        gap=gaps[0],
        order_proven=not any(gaps),
    )


def _values(needs: EstateNeeds, works: Sequence[Work]) -> list[float | None]:
    """Return the points of each work; None where its term is not known for its estate."""
    alike: dict[tuple[str, str], int] = {}
    for work in works:
        alike[work.estate_id, work.serves] = alike.get((work.estate_id, work.serves), 0) + 1
    found = []
    for work in works:
        points = needs.points(work.estate_id, work.serves)
        found.append(None if points is None else points / alike[work.estate_id, work.serves])
    return found


# --- the model -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """Some works of a package, done together."""

    works: tuple[int, ...]
    points: float
    own_cny: float
    rate: float


def _options(
    members: Sequence[int],
    works: Sequence[Work],
    values: Sequence[float | None],
    tiers: Sequence[Tier],
) -> list[_Option]:
    """Return the sets of a package's works that none other beats, cheapest first."""
    # By number of works: only among as many does the dearer and poorer set never earn a higher reward.
    sets: dict[int, list[tuple[float, float, tuple[int, ...]]]] = {0: [(0.0, 0.0, ())]}
    for at in members:
        cost, points = works[at].cost_cny, values[at] or 0.0
        longer = {
            n: [(c + cost, p + points, (*some, at)) for c, p, some in found] for n, found in sets.items()
        }
        for n, found in longer.items():
            sets.setdefault(n + 1, []).extend(found)
        sets = {n: _unbeaten(found) for n, found in sets.items()}
    paid: list[tuple[float, float, Any]] = []
    for n, some in sets.items():
        earned = [tier.rate for tier in tiers if n >= tier.at_least_share * len(members) - TOLERANCE]
        rate = max(earned, default=0.0)
        paid += [(cost * (1 - rate), points, (rate, chosen)) for cost, points, chosen in some if n]
    return [
        _Option(works=chosen, points=points, own_cny=own, rate=rate)
        for own, points, (rate, chosen) in _unbeaten(paid)
        if points > 0
    ]


def _unbeaten(found: Sequence[tuple[float, float, Any]]) -> list[tuple[float, float, Any]]:
    """Return what costs less than all that gives as much, cheapest first."""
    kept: list[tuple[float, float, Any]] = []
    for one in sorted(found, key=lambda some: (some[0], -some[1])):
        if not kept or one[1] > kept[-1][1] + _SAME_POINTS:
            kept.append(one)
    return kept


def _choose(
    works: Sequence[Work],
    values: Sequence[float | None],
    budgets: Sequence[float],
    tiers: Sequence[Tier],
) -> tuple[dict[int, tuple[int, float]], tuple[float, ...]]:
    """Return the year, from 0, and the rate of each work that is done, by its position."""
    packages: dict[str, list[int]] = {}
    for at, work in enumerate(works):
        packages.setdefault(work.package, []).append(at)
    options = [_options(members, works, values, tiers) for members in packages.values()]
    chosen, gaps = _phase(options, budgets)
    if any(gaps[1:]):
        # Not proven in all of the branches: what was chosen at least comes as soon as it can.
        chosen, _ = _phase([[option] for option, _ in chosen], budgets)
    return {at: (t, option.rate) for option, t in chosen for at in option.works}, gaps


def _phase(
    packages: Sequence[Sequence[_Option]], budgets: Sequence[float]
) -> tuple[list[tuple[_Option, int]], tuple[float, ...]]:
    """Choose an option and a year, from 0, for packages, or none."""
    model = Model()
    taken: dict[int, tuple[_Option, int]] = {}
    for options in packages:
        mine = {
            model.column(whole=True): (option, t)
            for option in options
            for t, budget in enumerate(budgets)
            if option.own_cny <= budget + TOLERANCE
        }
        model.row(0.0, 1.0, [(y, 1.0) for y in mine])
        taken |= mine
    for t, budget in enumerate(budgets):
        spent = [(y, option.own_cny / _MONEY) for y, (option, year) in taken.items() if year == t]
        model.row(0.0, budget / _MONEY + TOLERANCE, spent)
    solved, gaps = model.minimise(
        [
            [(y, -option.points) for y, (option, _) in taken.items()],
            [(y, -option.points * (len(budgets) - t)) for y, (option, t) in taken.items()],
            [(y, option.own_cny / _MONEY) for y, (option, _) in taken.items()],
        ],
        seconds=_SOLVER_SECONDS,
        nodes=max(_BRANCHES, _BRANCHES_BY_COLUMN // max(1, len(taken))),
        tolerance=_EXACT,
    )
    return [pair for y, pair in taken.items() if solved[y] > _HALF], gaps


# --- what it comes to ----------------------------------------------------------------------------


def _works(
    works: Sequence[Work],
    values: Sequence[float | None],
    chosen: Mapping[int, tuple[int, float]],
) -> pd.DataFrame:
    rows = []
    for at, (work, value) in enumerate(zip(works, values, strict=True)):
        year, rate = chosen.get(at, (-1, 0.0))
        paid = work.cost_cny if at in chosen else 0.0
        rows.append(
            {
                "work_id": work.id,
                "work": work.work,
                "estate_id": work.estate_id,
                "package": work.package,
                "facility": work.facility,
                "serves": work.serves,
                "amount": work.amount,
                "cost_cny": work.cost_cny,
                "points": math.nan if value is None else value,
                "year": year + 1,
                "rate": rate,
                "reward_cny": paid * rate,
                "own_cny": paid * (1 - rate),
            }
        )
    return pd.DataFrame(rows)


def _years(works: pd.DataFrame, budgets: Sequence[float]) -> pd.DataFrame:
    rows = []
    for year, budget in enumerate(budgets, start=1):
        mine = works[works["year"] == year]
        own = float(mine["own_cny"].sum())
        rows.append(
            {
                "year": year,
                "budget_cny": float(budget),
                "own_cny": own,
                "left_cny": max(0.0, float(budget) - own),
                "reward_cny": float(mine["reward_cny"].sum()),
                "cost_cny": float(mine["cost_cny"].sum()),
                "estates": int(mine["estate_id"].nunique()),
                "works": len(mine),
                "points": float(mine["points"].sum()),
            }
        )
    return pd.DataFrame(rows)


def _estates(needs: EstateNeeds, works: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    known = {row["estate_id"]: row for row in needs.frame.to_dict("records")}
    rows = []
    for estate in sorted({*known, *works["estate_id"]}):
        mine = works[works["estate_id"] == estate]
        done = mine[mine["year"] > 0]
        row = known.get(estate)
        rows.append(
            {
                "estate_id": estate,
                "name": None if row is None else row["name"],
                "score": math.nan if row is None else row["score"],
                "rank": 0 if row is None else row["rank"],
                "years": tuple(sorted(set(done["year"]))),
                "works": len(mine),
                "done": len(done),
                "points": float(done["points"].sum()),
                "cost_cny": float(done["cost_cny"].sum()),
                "reward_cny": float(done["reward_cny"].sum()),
                "own_cny": float(done["own_cny"].sum()),
                "reason": _reason(works, years, estate, row_known=row is not None),
            }
        )
    # Most points first; those of which nothing is known have no rank and come last.
    rows.sort(key=lambda r: (r["rank"] == 0, r["rank"], r["estate_id"]))
    frame = pd.DataFrame([{k: v for k, v in r.items() if k != "reason"} for r in rows])
    return frame.assign(reason=as_objects(r["reason"] for r in rows))


def _reason(works: pd.DataFrame, years: pd.DataFrame, estate: str, *, row_known: bool) -> Message:
    """Say why an estate has its year, or none."""
    mine = works[works["estate_id"] == estate]
    done = mine[mine["year"] > 0]
    if len(done):
        return _why_then(works, years, done)
    if not row_known:
        return Message("programme.not_on_site")
    if not len(mine):
        return Message("programme.without_works")
    if mine["points"].isna().all():
        terms = tuple(Message(f"programme.term_{t}") for t in sorted(set(mine["serves"])))
        return Message("programme.unknown_need", terms=terms)
    return _why_not(works, years, mine[mine["points"] > 0])


def _why_not(works: pd.DataFrame, years: pd.DataFrame, useful: pd.DataFrame) -> Message:
    """Say why works that would mend something are in no year."""
    if not len(useful):
        return Message("programme.no_need")
    most = float(years["budget_cny"].max())
    cheapest = float(useful["cost_cny"].min())
    taken = works[(works["year"] > 0) & (works["points"] > 0)]
    if not len(taken) or (cheapest > most and not (works["rate"] > 0).any()):
        return Message("programme.too_dear", cost=f"{cheapest:,.0f}", budget=f"{most:,.0f}")
    best, least = _for_each_10k(useful).max(), _for_each_10k(taken).min()
    return Message(
        "programme.outbid" if best < least else "programme.no_room",
        points=f"{useful['points'].sum():.1f}",
        cost=f"{cheapest:,.0f}",
        left=tuple(f"{left:,.0f}" for left in years["left_cny"]),
        best=f"{best:.2f}",
        least=f"{least:.2f}",
    )


def _for_each_10k(works: pd.DataFrame) -> pd.Series[float]:
    """Return the points of works for each 10,000 CNY of their cost."""
    return works["points"] / works["cost_cny"].clip(lower=1.0) * 10_000


def _why_then(works: pd.DataFrame, years: pd.DataFrame, done: pd.DataFrame) -> Message:
    year = int(done["year"].min())
    packages = sorted(set(done["package"]))
    whole = works[works["package"].isin(packages)]
    own = float(whole.loc[whole["year"] == year, "own_cny"].sum())
    told = {
        "year": year,
        "done": int((whole["year"] > 0).sum()),
        "works": len(whole),
        "rate": f"{100 * float(done['rate'].max()):g}",
        "points": f"{float(done['points'].sum()):.1f}",
    }
    before = years[years["year"] < year]
    if not len(before):
        return Message("programme.first_year", **told)
    left = tuple(f"{x:,.0f}" for x in before["left_cny"])
    key = (
        "programme.no_money_before"
        if own > before["left_cny"].max() + TOLERANCE
        else "programme.later_as_good"
    )
    return Message(key, own=f"{own:,.0f}", left=left, **told)
