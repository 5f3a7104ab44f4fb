"""In which year what is built, against every possible programme."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.elevators.phases import Phases, phases
from plan.elevators.priority import Climb, Priorities, Weights
from plan.errors import UsageError
from plan.messages import Message


def ranked(*rows: tuple[str, str, int, float]) -> Priorities:
    """Stairwells as name, building, cost in CNY, score."""
    table = pd.DataFrame(rows, columns=["stairwell", "building_id", "cost_fen", "score"])
    table["cost_fen"] = (table["cost_fen"] * 100).astype("Int64")
    table["reason"] = pd.Series([None] * len(table), dtype=object)
    table["consent"] = pd.Series(["reached"] * len(table), dtype=object)
    return Priorities(stairwells=table, left_out=(), weights=Weights(), climb=Climb())


def years(found: Phases) -> dict[str, int | None]:
    table = found.stairwells
    return {n: None if pd.isna(y) else int(y) for n, y in zip(table["stairwell"], table["year"], strict=True)}


def reasons(found: Phases) -> dict[str, str]:
    table = found.stairwells
    return {n: w.key for n, w in zip(table["stairwell"], table["reason"], strict=True) if w is not None}


FOUR = ranked(("A1", "A", 40, 50.0), ("A2", "A", 40, 50.0), ("B1", "B", 60, 90.0), ("C1", "C", 30, 20.0))


def test_a_building_is_built_as_a_whole() -> None:
    found = phases(FOUR, budgets_cny=[90, 90], first_year=2027)
    # 90 a year: B with C, and all of A.
    assert years(found) == {"A1": 2028, "A2": 2028, "B1": 2027, "C1": 2027}
    assert found.years["spent_fen"].tolist() == [9000, 8000]
    assert (found.score, found.whole_score, found.proven) == (210.0, 210.0, True)


def test_what_is_left_goes_to_single_stairwells() -> None:
    found = phases(FOUR, budgets_cny=[60, 50])
    assert years(found) == {"A1": None, "A2": None, "B1": 1, "C1": 2}
    found = phases(FOUR, budgets_cny=[60, 70])
    # C as a whole and one stairwell of A are 70 together.
    assert years(found) == {"A1": 2, "A2": None, "B1": 1, "C1": 2}
    assert found.stairwells.set_index("stairwell")["whole"].to_dict() == {
        "A1": False, "A2": False, "B1": True, "C1": True,
    }  # fmt: skip
    assert reasons(found) == {"A2": "priority.outranked"}
    whole = phases(FOUR, budgets_cny=[60, 70], split=False)
    assert reasons(whole) == {"A1": "priority.too_dear", "A2": "priority.too_dear"}


def test_what_a_year_leaves_may_be_carried_over() -> None:
    assert years(phases(FOUR, budgets_cny=[50, 30], split=False))["B1"] is None
    found = phases(FOUR, budgets_cny=[50, 30], split=False, carry_over=True)
    # A is dearer than B by 20 and has the higher score: 80 over two years are just enough.
    assert years(found) == {"A1": 2, "A2": 2, "B1": None, "C1": None}


def test_the_estate_is_one_bundle() -> None:
    assert set(years(phases(FOUR, budgets_cny=[10, 170], bundle="estate")).values()) == {2}
    found = phases(FOUR, budgets_cny=[10, 169], bundle="estate", split=False)
    assert set(reasons(found).values()) == {"priority.too_dear"}
    assert found.score == 0


def test_without_a_budget_every_stairwell_says_so() -> None:
    found = phases(FOUR, budgets_cny=[0, 0])
    assert set(reasons(found).values()) == {"priority.no_budget"}
    assert set(years(found).values()) == {None}


def test_nothing_to_build_is_no_error() -> None:
    table = FOUR.stairwells.assign(reason=pd.Series([Message("priority.no_site")] * 4, dtype=object))
    none = Priorities(stairwells=table, left_out=(), weights=Weights(), climb=Climb())
    found = phases(none, budgets_cny=[1000])
    assert set(reasons(found).values()) == {"priority.no_site"}
    assert found.years["stairwells"].tolist() == [0]


def test_only_where_owners_agreed() -> None:
    table = FOUR.stairwells.assign(consent=["reached", "open", "not_reached", None])
    some = Priorities(stairwells=table, left_out=(), weights=Weights(), climb=Climb())
    found = phases(some, budgets_cny=[1000], only_agreed=True)
    assert years(found) == {"A1": 1, "A2": None, "B1": None, "C1": None}
    assert reasons(found) == {
        "A2": "priority.consent_open",
        "B1": "priority.no_consent",
        "C1": "priority.consent_unknown",
    }
    table = FOUR.stairwells.assign(consent=["reached", "open", "cannot_tell", "not_reached"])
    some = Priorities(stairwells=table, left_out=(), weights=Weights(), climb=Climb())
    found = phases(some, budgets_cny=[1000], only_agreed=True, not_begun={"A2"})
    assert reasons(found) == {
        "A2": "priority.consent_not_begun",
        "B1": "priority.consent_cannot_tell",
        "C1": "priority.no_consent",
    }


def test_a_stairwell_of_no_building_is_a_bundle_of_its_own() -> None:
    found = phases(
        ranked(("A", "B1", 10, 5.0), ("X", None, 10, 9.0), ("Y", None, 10, 8.0)),
        budgets_cny=[10, 10],
        split=False,
    )
    assert years(found) == {"A": None, "X": 1, "Y": 2}


@pytest.mark.parametrize(
    "options", [{"budgets_cny": []}, {"budgets_cny": [-1]}, {"budgets_cny": [1], "bundle": "city"}]
)
def test_an_option_without_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        phases(FOUR, **options)


def test_a_solver_prints_nothing_and_keeps_to_budgets_of_odd_fen(capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    costs, scores = rng.integers(300_000, 700_000, 30), rng.uniform(10, 100, 30)
    offer = ranked(
        *(
            (f"S{i:02}", f"B{i:02}", int(c), float(s))
            for i, (c, s) in enumerate(zip(costs, scores, strict=True))
        )
    )
    found = phases(offer, budgets_cny=["2499999.99", "2500000.01"])
    assert (found.years["spent_fen"] <= found.years["budget_fen"]).all()
    assert found.whole_score <= found.whole_bound <= 1.02 * found.whole_score
    again = phases(offer, budgets_cny=["2499999.99", "2500000.01"])
    assert years(again) == years(found)
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60, deadline=None)
@given(
    bundles=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5),
    budgets=st.lists(st.integers(0, 15), min_size=1, max_size=3),
    carry_over=st.booleans(),
)
def test_no_other_programme_is_better(
    bundles: list[tuple[int, int]], budgets: list[int], *, carry_over: bool
) -> None:
    offer = ranked(*((f"S{i}", f"B{i}", cost, float(score)) for i, (cost, score) in enumerate(bundles)))
    found = phases(offer, budgets_cny=budgets, carry_over=carry_over, split=False, first_year=0)

    def allowed(when: tuple[int, ...]) -> bool:
        spent = [
            sum(c for (c, _), t in zip(bundles, when, strict=True) if t == y) for y in range(len(budgets))
        ]
        if carry_over:
            return all(
                a <= b
                for a, b in zip(itertools.accumulate(spent), itertools.accumulate(budgets), strict=True)
            )
        return all(a <= b for a, b in zip(spent, budgets, strict=True))

    def worth(when: tuple[int, ...]) -> tuple[int, int]:
        built = [(s, t) for (_, s), t in zip(bundles, when, strict=True) if t >= 0]
        return sum(s for s, _ in built), sum(s * (len(budgets) - t) for s, t in built)

    best = max(
        worth(w) for w in itertools.product(range(-1, len(budgets)), repeat=len(bundles)) if allowed(w)
    )
    chosen = tuple(-1 if y is None else y for y in years(found).values())
    assert allowed(chosen)
    assert worth(chosen) == best
    assert (found.proven, found.whole_bound) == (True, best[0])
