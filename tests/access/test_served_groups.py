from __future__ import annotations

import numpy as np
import pytest
from streets import at, network

from plan.access import life_circle, two_step_catchment

# Doors 1, 5 and 10 minutes from the clinic at 0.
DOORS = at(60, 300, 600, households=[10, 20, 30], persons=[20, 50, 70], elderly=[5, 5, 10])


def row(circle, category="clinic"):
    return next(one for one in circle.rows() if one["category"] == category)


def test_persons_and_elderly_are_counted_and_what_is_absent_cannot_be_told():
    clinic = row(life_circle(network(), DOORS, at(0, category=["clinic"]), limits={"clinic": 5}))
    assert (clinic["served"], clinic["served_persons"], clinic["served_elderly"]) == (30, 70, 10)
    assert (clinic["share_persons"], clinic["share_elderly"]) == (0.5, 0.5)
    assert (clinic["served_children"], clinic["share_children"]) == (None, None)  # no such column


def test_nobody_served_is_zero_and_not_unknown():
    clinic = row(life_circle(network(), DOORS, at(2000, category=["clinic"]), limits={"clinic": 5}))
    assert (clinic["served"], clinic["served_elderly"], clinic["share_elderly"]) == (0, 0, 0.0)
    assert clinic["served_children"] is None


def test_without_facilities_no_group_can_be_told():
    clinic = row(life_circle(network(), DOORS, None, limits={"clinic": 5}))
    assert {clinic[f"share_{group}"] for group in ("persons", "elderly", "children")} == {None}
    assert (clinic["capacity"], clinic["capacity_per_1000"]) == (None, None)


def test_of_a_column_with_gaps_what_is_known_counts_and_the_rest_is_told():
    doors = DOORS.assign(persons=[20, np.nan, 70], children=[np.nan] * 3)
    circle = life_circle(network(), doors, at(0, category=["clinic"]), limits={"clinic": 5})
    assert row(circle)["share_persons"] == 20 / 90
    groups = circle.groups.set_index("group")
    assert groups["total"].to_dict() == {"households": 60, "persons": 90, "elderly": 20, "children": None}
    assert groups["untold"].to_dict() == {"households": 0, "persons": 20, "elderly": 0, "children": None}
    # Where only silent households are served, nobody knows how many are.
    silent = DOORS.assign(persons=[np.nan, np.nan, 70])
    assert (
        row(life_circle(network(), silent, at(0, category=["clinic"]), limits={"clinic": 5}))[
            "served_persons"
        ]
        is None
    )


def test_households_behind_one_door_are_told_apart():
    doors = at(60, 60, 900, persons=[1, 2, 4]).set_axis(["a", "b", "c"], axis=0)
    circle = life_circle(
        network(), doors, at(0, category=["clinic"], facility_id=["k"]), limits={"clinic": 5}
    )
    assert circle.times["origin_id"].tolist() == ["a", "b", "c"]
    assert circle.times["walk_min"].tolist() == pytest.approx([1, 1, 15])
    assert circle.walk_min.index.tolist() == ["a", "b", "c"]
    assert row(circle)["served_persons"] == 3


# --- capacity -------------------------------------------------------------------------------------


def test_places_are_shared_with_all_who_reach_them():
    # K1 at 0 is within 5 min of the doors at 60 and 300; K2 at 560 of those at 300 and 600.
    within = np.array([[True, False], [True, True], [False, True]])
    shared = two_step_catchment(within, np.array([35.0, 60.0]), np.array([20.0, 50.0, 70.0]))
    assert shared == pytest.approx([35 / 70, 35 / 70 + 60 / 120, 60 / 120])
    schools = at(0, 560, category=["kindergarten"] * 2, capacity=[35, 60], area_m2=[100.0, 200.0])
    circle = life_circle(network(), DOORS, schools, limits={"kindergarten": 5})
    assert circle.capacity["kindergarten"].tolist() == pytest.approx(shared.tolist())
    found = row(circle, "kindergarten")
    # Of 140 persons the median one has 0.5 places: 70 have half a place, 50 a whole one.
    assert (found["capacity"], found["area_m2"]) == (95, 300)
    assert found["capacity_per_1000"] == pytest.approx(500)


@pytest.mark.parametrize(
    ("doors", "capacity"),
    [
        (DOORS, [35, np.nan]),  # one facility does not tell
        (DOORS.drop(columns="persons"), [35, 60]),  # nobody knows who shares
        (DOORS.assign(persons=[20, np.nan, 70]), [35, 60]),
    ],
)
def test_capacity_for_each_person_is_not_guessed(doors, capacity):
    schools = at(0, 560, category=["kindergarten"] * 2, capacity=capacity)
    found = row(life_circle(network(), doors, schools, limits={"kindergarten": 5}), "kindergarten")
    assert found["capacity_per_1000"] is None
    assert found["capacity"] == (95 if capacity == [35, 60] else None)


def test_a_facility_that_nobody_reaches_has_no_share():
    within = np.array([[True, False]])
    assert two_step_catchment(within, np.array([10.0, 10.0]), np.array([4.0])).tolist() == [2.5]
