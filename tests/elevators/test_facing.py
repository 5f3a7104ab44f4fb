"""Elevators are not proposed where something across the lane leaves an engine too little."""

from __future__ import annotations

import pytest
from slabs import area, lane, sited, slab


def shed(low: float) -> dict[str, object]:
    return {"obstacle_id": "X1", "kind": "shed", "removable": False, "geometry": area(-30, low, 90, 3)}


def test_a_shed_all_along_the_far_half_of_a_lane_bars_what_comes_near():
    free = sited(slab(fire_lanes=[lane(17.0, 4.0)]))["D1"]
    told = next(c for c in free.chosen.clearances if c.name == "fire_lane")
    assert told.facing == ""
    barred = sited(slab(fire_lanes=[lane(17.0, 4.0)], obstacles=[shed(17.0)]))["D1"]
    assert barred.verdict == "infeasible"
    assert "X1" in barred.reason
    assert barred.alternatives[0].margin_m < 0


def test_what_the_lane_is_and_what_is_free_beside_it_are_told_apart():
    free = sited(slab(fire_lanes=[lane(17.0, 4.0)]))["D1"]
    told = next(c for c in free.chosen.clearances if c.name == "fire_lane")
    assert told.measured_m > 4.0
    assert told.told().key == "elevators.lane_strip"
    assert told.own_m == pytest.approx(4.0)
