"""Turning bays: how far from the end of an aisle the design car turns at them, and which stalls go for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from small_lots import Strip, row, stalls

from plan.parking import FaultKind, StallSpec, faultless, place_stalls, verify
from plan.parking.bays import Side, bay_from_end_m, turning_bay
from plan.parking.lot import ground_of

OF_TURNS = {FaultKind.DEAD_END, FaultKind.TURNING_PLACE_TAKEN, FaultKind.TURNING_PLACE_TIGHT}


@pytest.mark.parametrize(
    ("aisle_m", "width_m", "least_m"),
    [
        # The car drives into the bay as far as it gets and backs towards the end: 4.46 m of arc and 1 m of tail.
        (6.0, 2.4, 5.0),
        (5.5, 2.4, None),  # it does not get far enough into the room of one stall
        (5.5, 4.8, 1.5),
        (6.0, 4.8, 0.5),
        (6.0, 5.0, 0.0),  # it backs into the bay
        (3.0, 2.4, None),
    ],
)
def test_the_narrower_aisle_and_bay_the_further_from_the_end(aisle_m, width_m, least_m) -> None:
    assert bay_from_end_m(aisle_m, width_m, 5.0) == least_m


@settings(max_examples=8, deadline=None)
@given(further=st.floats(0, 12), wide=st.sampled_from([2.4, 4.8]))
def test_the_check_turns_the_car_round_at_every_bay_so_far_from_the_end(further, wide) -> None:
    least = bay_from_end_m(6.0, wide, 5.0)
    assert least is not None
    far = 60 - least - further
    faults = verify(
        Strip.lot,
        stalls(row(3, x=8, name="B")),
        Strip.aisles,
        gates=Strip.gates[:1],
        turning_places=[box(far - wide, 0, far, 11)],
    )
    assert not OF_TURNS & {fault.kind for fault in faults}


def test_of_bays_with_room_the_one_is_taken_for_which_fewest_stalls_go() -> None:
    gate = LineString([(0, 5), (0, 11)])
    ground = ground_of(Strip.lot, gates=[gate], obstacles=None, fire_lanes=None)
    # Stalls of 2.4 m on the right of a dead end of 6 m that ends at x = 60; from 53.6 on there are none.
    xs = 8 + 2.4 * np.arange(19)
    blocks = np.array([[[x, 0], [x + 2.4, 0], [x + 2.4, 5], [x, 5]] for x in xs])
    aisle = np.array([[[0.0, 5], [60, 5], [60, 11], [0, 11]]])
    side = Side(line=(60, 5, -1, 0), side=1, length=60, aisle_m=6.0, blocks=blocks, others=aisle)
    found = turning_bay(ground, [side], front_m=2.4, depth_m=5.0, reach_m=25)
    assert found is not None
    number, bay = found
    # A bay of two stalls half a metre from the end has room beside the last stall.
    assert (number, int(bay.lost.sum())) == (0, 0)
    assert Polygon(bay.corners).equals(box(54.7, 0, 59.5, 11))
    # With stalls up to the end the room of one of them is enough, where it begins 5 m or more from the end.
    xs = 60 - 2.4 * np.arange(1, 22)
    blocks = np.array([[[x, 0], [x + 2.4, 0], [x + 2.4, 5], [x, 5]] for x in xs])
    side = Side(line=(60, 5, -1, 0), side=1, length=60, aisle_m=6.0, blocks=blocks, others=aisle)
    found = turning_bay(ground, [side], front_m=2.4, depth_m=5.0, reach_m=25)
    assert found is not None
    assert np.flatnonzero(found[1].lost).tolist() == [3]
    assert Polygon(found[1].corners).equals_exact(box(50.4, 0, 52.8, 11), 1e-9, normalize=True)


def test_a_bay_that_begins_further_than_a_car_may_back_is_none() -> None:
    ground = ground_of(Strip.lot, gates=[LineString([(0, 5), (0, 11)])], obstacles=None, fire_lanes=None)
    aisle = np.array(
        [[[0.0, 5], [60, 5], [60, 11], [0, 11]], [[40, 0], [60, 0], [60, 5], [40, 5]]], dtype=float
    )
    none = np.empty((0, 4, 2))
    side = Side(line=(60, 5, -1, 0), side=1, length=60, aisle_m=6.0, blocks=none, others=aisle)
    assert turning_bay(ground, [side], front_m=2.4, depth_m=5.0, reach_m=20) is not None
    assert turning_bay(ground, [side], front_m=2.4, depth_m=5.0, reach_m=19) is None


def test_a_lot_with_one_gate_keeps_a_bay_free_that_is_proven() -> None:
    lot, gate = box(0, 0, 48, 16.2), LineString([(0, 5.1), (0, 11.1)])
    spec = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 6.0}, lane_m=3.0, two_way_m=6.0)
    placed = place_stalls(lot, gates=[gate], stall=spec, iterations=30)
    # 2 * 20 stalls of 2.4 m less the one that gives way to the bay.
    assert len(placed.features) == 39
    (place,) = placed.measures["turning_places"].geometry
    assert place.area == pytest.approx(2.4 * (6.0 + 5.1), abs=1.0)
    assert not placed.features.intersects(place.buffer(-1e-3)).any()
    faults = verify(
        lot, placed.features, placed.measures["aisles"], gates=[gate], turning_places=[place], stall=spec
    )
    assert faultless(faults)
