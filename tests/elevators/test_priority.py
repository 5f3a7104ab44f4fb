"""Which stairwells come first, counted by hand."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from plan.elevators.consent import Verdict
from plan.elevators.priority import Climb, Priorities, Weights, priorities
from plan.errors import UsageError
from plan.messages import Message


def flats(**stairwells: tuple[int, ...]) -> pd.DataFrame:
    """One flat of two persons, one of them elderly, on each floor of each stairwell."""
    rows = [
        {
            "household_id": f"{name}{floor}",
            "building_id": "B1",
            "stairwell_id": name,
            "floor": floor,
            "persons": 2,
            "elderly": 1,
            "disabled": 0,
        }
        for name, floors in stairwells.items()
        for floor in floors
    ]
    return pd.DataFrame(rows)


def lifts(flights_left: float = 0.0, **buildings: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stairwell_id": list(buildings),
            "building_id": list(buildings.values()),
            "flights_left": flights_left,
        }
    )


def row(found: Priorities, name: str = "A") -> pd.Series:
    return found.stairwells.set_index("stairwell").loc[name]


def test_the_climb_saved_is_counted_by_hand() -> None:
    found = row(priorities(flats(A=(1, 2, 6)), lifts(A="B1"), cost_cny=400_000))
    # Storeys: 0 + 1 + 5. Two persons, two ways home a day of 2.8 m a storey.
    assert found["metres_per_year"] == pytest.approx(6 * 2 * 2 * 2.8 * 365)
    assert (found["households"], found["helped"], found["step_free"]) == (3, 2, 2)
    assert (found["elderly"], found["elderly_storeys"]) == (2, 6)
    assert found["cost_per_household_cny"] == 200_000


def test_a_half_landing_leaves_half_a_storey_and_no_one_free_of_steps() -> None:
    found = row(priorities(flats(A=(1, 2, 6)), lifts(0.5, A="B1"), cost_cny=400_000))
    assert found["metres_per_year"] == pytest.approx((0.5 + 4.5) * 2 * 2 * 2.8 * 365)
    assert (found["helped"], found["step_free"], found["elderly_storeys"]) == (2, 0, 5)


def test_who_still_climbs_all_of_it_is_not_helped() -> None:
    found = row(priorities(flats(A=(1, 2)), lifts(1.0, A="B1"), cost_cny=1))
    assert (found["helped"], found["reason"].key) == (0, "priority.nobody")


def test_the_score_is_the_weighted_mean_of_terms_that_are_shown() -> None:
    frame = flats(A=(1, 2, 3), B=(1, 5, 6, 7))
    found = priorities(
        frame,
        lifts(A="B1", B="B1"),
        cost_cny={"A": 300_000, "B": 600_000},
        consent={"A": Verdict.REACHED, "B": Verdict.OPEN},
        weights=Weights(helped=2, elderly=1, disabled=0, metres=0, cost=1, consent=4),
    )
    a, b = row(found, "A"), row(found, "B")
    # A helps 2 of at most 3, saves its elderly 3 of 15 storeys, costs 150,000 each against 200,000.
    assert a[["term_helped", "term_elderly", "term_cost", "term_consent"]].tolist() == pytest.approx(
        [2 / 3, 0.2, 1, 1]
    )
    assert a["score"] == pytest.approx(100 * (2 * 2 / 3 + 0.2 + 1 + 4) / 8)
    assert b["score"] == pytest.approx(100 * (2 + 1 + 0.75 + 0) / 8)
    assert found.stairwells["stairwell"].tolist() == ["A", "B"]
    assert found.stairwells["rank"].tolist() == [1, 2]


def test_what_the_data_do_not_have_is_left_out_for_all_and_told() -> None:
    frame = flats(A=(1, 3), B=(1, 6)).drop(columns=["elderly", "persons"])
    found = priorities(frame, lifts(A="B1", B="B1"), cost_cny=1000)
    assert found.left_out == ("elderly", "metres", "consent")
    assert found.stairwells["term_elderly"].isna().all()
    # Equal in all that is known; then by name.
    assert found.stairwells["stairwell"].tolist() == ["A", "B"]
    assert found.stairwells["score"].iloc[0] == found.stairwells["score"].iloc[1]


def test_what_is_not_written_down_is_counted_as_unknown() -> None:
    frame = flats(A=(2, 3, 4))
    frame["persons"] = [2, None, 2]
    frame["floor"] = [2, 3, None]
    found = row(priorities(frame, lifts(A="B1"), cost_cny=1000))
    assert (found["unknown"], found["helped"]) == (2, 2)
    assert found["metres_per_year"] == pytest.approx(1 * 2 * 2 * 2.8 * 365)


def test_numbers_without_sense_are_unknown() -> None:
    frame = flats(A=(2, 3, 4))
    frame["persons"] = [2.0, math.inf, -7.0]
    frame["floor"] = [2.0, 3.0, math.inf]
    found = row(priorities(frame, lifts(A="B1"), cost_cny=1000))
    assert (found["unknown"], found["helped"]) == (2, 2)
    assert found["metres_per_year"] == pytest.approx(1 * 2 * 2 * 2.8 * 365)


def test_every_stairwell_is_ranked_or_has_a_reason() -> None:
    frame = flats(A=(2,), B=(2,), C=(1,), D=(2,), F=(2,))
    found = priorities(
        frame,
        lifts(A="B1", C="B1", D="B1", E="B1"),
        cost_cny={"A": 1, "C": 1, "E": 1},
        rejected={"F": Message("priority.no_site")},
    )
    why = {
        n: None if w is None else w.key
        for n, w in zip(found.stairwells["stairwell"], found.stairwells["reason"], strict=True)
    }
    assert why == {
        "A": None,
        "B": "priority.no_site",
        "C": "priority.nobody",
        "D": "priority.no_cost",
        "E": "priority.no_households",
        "F": "priority.no_site",
    }
    assert found.stairwells["rank"].notna().sum() == 1


def test_an_id_of_two_buildings_is_told_apart_in_both_tables() -> None:
    frame = pd.concat([flats(A=(2,)), flats(A=(7,)).assign(building_id="B2")])
    both = pd.concat([lifts(A="B1"), lifts(A="B2")])
    found = priorities(frame, both, cost_cny={"B1/A": 1, "B2/A": 1})
    assert found.stairwells["stairwell"].tolist() == ["B2/A", "B1/A"]


def test_no_feasible_stairwell_is_no_error() -> None:
    found = priorities(flats(A=(2, 3)), lifts(), cost_cny=1)
    assert found.stairwells["reason"].map(lambda why: why.key).tolist() == ["priority.no_site"]
    assert priorities(flats(A=(2,)).iloc[:0], lifts(), cost_cny=1).stairwells.empty


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_assumptions_without_sense_are_refused(value: float) -> None:
    with pytest.raises(UsageError):
        Weights(helped=value)
    with pytest.raises(UsageError):
        Climb(storey_m=value)


def test_weights_must_weigh_something_that_is_known() -> None:
    nothing = dict.fromkeys(("helped", "elderly", "disabled", "metres", "cost", "consent"), 0.0)
    with pytest.raises(UsageError):
        Weights(**nothing)
    with pytest.raises(UsageError):
        priorities(flats(A=(2,)), lifts(A="B1"), cost_cny=1, weights=Weights(**(nothing | {"consent": 1})))


def test_tables_without_sense_are_refused() -> None:
    frame = flats(A=(2,))
    with pytest.raises(UsageError, match="floor"):
        priorities(frame.drop(columns="floor"), lifts(A="B1"), cost_cny=1)
    with pytest.raises(UsageError, match="flights_left"):
        priorities(frame, lifts(math.nan, A="B1"), cost_cny=1)
    with pytest.raises(UsageError, match="A"):
        priorities(frame, pd.concat([lifts(A="B1"), lifts(A="B1")]), cost_cny=1)
    with pytest.raises(UsageError, match="Z"):
        priorities(frame, lifts(A="B1"), cost_cny={"Z": 1})


def test_the_order_of_rows_changes_nothing() -> None:
    frame = flats(A=(2, 3), B=(2, 6), C=(2, 3))
    both = lifts(A="B1", B="B1", C="B1")
    first = priorities(frame, both, cost_cny=1000)
    again = priorities(frame.iloc[::-1], both.iloc[::-1], cost_cny=1000)
    pd.testing.assert_frame_equal(first.stairwells, again.stairwells)
