"""Choosing among positions that get into each other's way."""

from __future__ import annotations

import numpy as np
import shapely
from slabs import area, site, slab

from plan.elevators.clearances import Positions
from plan.elevators.conflicts import choose
from plan.elevators.surroundings import surroundings_of


def chosen(ranked, boxes, houses=None):
    """Choose among boxes that are shaft and landing at once; each stair has the numbers of its boxes."""
    around = surroundings_of(
        site(
            slab(
                buildings=[
                    {"building_id": "B1", "floors": 6, "geometry": area(0, -20, 10, 10)},
                    {"building_id": "B2", "floors": 6, "geometry": area(50, -20, 10, 10)},
                ]
            )
        )
    )
    shapes = np.array(boxes, dtype=object)
    positions = Positions(
        shaft=shapes,
        landing=shapes,
        house=np.array(houses or [0] * len(boxes)),
        door=shapely.points(np.zeros((len(boxes), 2))),
        entrance=np.array(["D"] * len(boxes), dtype=object),
    )
    return choose(ranked, positions, around, separation_m=6.0)


def test_each_gets_its_best_where_nothing_meets():
    boxes = [area(0, 0, 2, 2), area(10, 0, 2, 2)]
    assert chosen({0: [0], 1: [1]}, boxes) == ({0: 0, 1: 1}, {})


def test_the_best_ranks_together_win():
    # Both want the middle; the first can step aside, the second cannot.
    boxes = [area(4, 0, 2, 2), area(0, 0, 2, 2), area(5, 0, 2, 2)]
    assert chosen({0: [0, 1], 1: [2]}, boxes) == ({0: 1, 1: 2}, {})


def test_as_many_as_possible_before_good_ranks():
    boxes = [area(2, 0, 4, 2), area(20, 0, 2, 2), area(1, 0, 2, 2), area(5, 0, 2, 2)]
    found, left = chosen({0: [0, 1], 1: [2], 2: [3]}, boxes)
    assert found == {0: 1, 1: 2, 2: 3}
    assert left == {}


def test_who_gets_none_is_told_in_whose_way_it_would_be():
    boxes = [area(0, 0, 2, 2), area(1, 0, 2, 2)]
    found, left = chosen({0: [0], 1: [1]}, boxes)
    assert len(found) == 1
    assert left == {1 - next(iter(found)): next(iter(found))}


def test_elevators_of_two_buildings_keep_apart():
    near, far = [area(0, 0, 2, 2), area(7.9, 0, 2, 2)], [area(0, 0, 2, 2), area(8.0, 0, 2, 2)]
    assert len(chosen({0: [0], 1: [1]}, near, houses=[0, 1])[0]) == 1
    assert len(chosen({0: [0], 1: [1]}, far, houses=[0, 1])[0]) == 2
    assert len(chosen({0: [0], 1: [1]}, near, houses=[0, 0])[0]) == 2


def test_a_long_row_is_served_one_by_one():
    boxes = [area(1.5 * k, 0, 2, 2) for k in range(200)]
    found, left = chosen({k: [k] for k in range(200)}, boxes)
    assert len(found) == 100
    assert len(left) == 100


def test_nothing_to_choose_from():
    assert chosen({}, []) == ({}, {})


def test_two_elevators_leave_the_lane_between_them():
    around = surroundings_of(site(slab()))
    x, y = around.origin
    # The lane's middle is at 25 m; the boxes leave 3.5 m or 4 m across it.
    for top, both in ((23.5, 1), (23.0, 2)):
        low, high = area(5, top - 2, 2, 2), area(5, 27, 2, 2)
        shapes = shapely.transform(
            np.array([low, high], dtype=object), lambda xy: xy + np.array([500_000.0 - x, 2_900_000.0 - y])
        )
        positions = Positions(
            shaft=shapes,
            landing=shapes,
            house=np.array([0, 0]),
            door=shapely.points(np.zeros((2, 2))),
            entrance=np.array(["D", "E"], dtype=object),
        )
        found, _ = choose({0: [0], 1: [1]}, positions, around, separation_m=0.0, fire_lane_m=4.0)
        assert len(found) == both
