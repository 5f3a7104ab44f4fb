from __future__ import annotations

import pandas as pd
import pytest
from streets import at, network

from plan.access import completeness, life_circle

LIMITS = {"clinic": 5, "park": 5, "market": 10, "nursery": 5}


def circle():
    # From the doors at 60, 300 and 600: clinic at 0 in 1, 5, 10 min; park at 600 in 9, 5, 0; market at 1200 in 19, 15, 10.
    places = at(0, 600, 1200, category=["clinic", "park", "market"])
    return life_circle(network(), at(60, 300, 600, households=[1, 1, 2]), places, limits=LIMITS)


def test_the_score_is_given_with_its_parts_and_both_ways():
    found = completeness(circle())
    five, ten, every = found.rows()
    # Of clinic and park the doors reach 1, 2, 1; weights 1, 1, 2: 5 of 8, and 5 of 12 when the nursery is missing.
    assert (five["limit_min"], five["categories"], five["drawn"]) == (5, 3, 2)
    assert five["score"] == pytest.approx(5 / 8)
    assert five["score_all"] == pytest.approx(5 / 12)
    assert five["complete"] == pytest.approx(1 / 4)
    assert (ten["score"], ten["score_all"], ten["complete"]) == (0.5, 0.5, 0.5)
    # All: 1, 2, 2 of 3 drawn.
    assert (every["limit_min"], every["categories"], every["drawn"]) == (None, 4, 3)
    assert every["score"] == pytest.approx((1 + 2 + 2 * 2) / (4 * 3))
    assert every["score_all"] == pytest.approx(7 / 16)
    assert every["complete"] == 0
    assert found.absent == ("nursery",)


def test_each_household_has_its_own_score():
    homes = completeness(circle()).households
    assert homes["reached"].tolist() == [1, 2, 2]
    assert homes["reached_5"].tolist() == [1, 2, 1]
    assert homes["score"].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert homes["score_all"].tolist() == pytest.approx([1 / 4, 2 / 4, 2 / 4])


def test_without_facilities_nothing_is_scored():
    found = completeness(life_circle(network(), at(60), None, limits=LIMITS))
    assert {value for row in found.rows() for name, value in row.items() if "score" in name} == {None}
    assert {row["complete"] for row in found.rows()} == {None}
    assert found.absent == ()
    assert found.households["score"].isna().all()


def test_a_tier_that_the_data_lacks_wholly_has_no_score_but_counts_as_missing():
    found = completeness(
        life_circle(network(), at(60), at(0, category=["clinic"]), limits={"clinic": 5, "bank": 10})
    )
    ten = found.rows()[1]
    assert (ten["drawn"], ten["score"], ten["score_all"], ten["complete"]) == (0, None, 0.0, None)
    assert isinstance(found.tiers, pd.DataFrame)
