"""Turning places of long dead ends: none is believed, the design car turns round at it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely import box
from shapely.affinity import rotate
from small_lots import Strip, aisles, row, stalls

from plan.parking import DESIGN_CAR, FaultKind, Level, verify
from plan.parking.room import Room
from plan.parking.turnarounds import turns_round

KINDS = {FaultKind.DEAD_END, FaultKind.TURNING_PLACE_TAKEN, FaultKind.TURNING_PLACE_TIGHT}


def strip(place, **given) -> list[tuple[FaultKind, Level]]:
    """The strip of 60 x 16 m with one gate in the west: its aisle of 6 m is a dead end."""
    given = {"stalls": Strip.stalls, "aisles": Strip.aisles, "gates": Strip.gates[:1]} | given
    faults = verify(Strip.lot, turning_places=[place], **given)
    return [(f.kind, f.level) for f in faults if f.kind in KINDS]


def test_a_car_backs_into_a_bay_and_drives_off() -> None:
    # 12.8 m of aisle for two arcs of 4.46 m and the car; the tail reaches 4.46 + 1.0 m from the middle of the aisle.
    assert strip(box(47, 0, 52, 11)) == []


def test_the_end_of_an_aisle_is_no_turning_place() -> None:
    assert strip(box(54, 5, 60, 11)) == [(FaultKind.TURNING_PLACE_TIGHT, Level.NOT_PROVEN)]


@pytest.mark.parametrize(("shed", "fine"), [(box(47, 0, 52, 4), False), (box(47, 0, 52, 0.2), True)])
def test_what_stands_in_a_turning_place_is_found_where_it_takes_the_turn_away(shed, fine) -> None:
    taken = (FaultKind.TURNING_PLACE_TAKEN, Level.BROKEN)
    expected = [] if fine else [(FaultKind.DEAD_END, Level.BROKEN), taken]
    assert strip(box(47, 0, 52, 11), obstacles=[shed]) == expected


def test_a_stall_in_a_turning_place_is_named() -> None:
    more = stalls(Strip.below | Strip.above | row(2, x=47, name="T"))
    place = box(47, 0, 51.8, 11)
    (fault,) = [
        f
        for f in verify(Strip.lot, more, Strip.aisles, gates=Strip.gates[:1], turning_places=[place])
        if f.kind is FaultKind.TURNING_PLACE_TAKEN
    ]
    assert (fault.stalls, fault.measured_m) == (("T1", "T2"), 2.4)


def test_a_turning_place_outside_the_lot_is_none() -> None:
    ways, gates = Strip.aisles, Strip.gates[:1]
    for lot, fine in ((Strip.lot, True), (box(0, 0, 60, 11), False)):
        faults = verify(lot, Strip.below.values(), ways, gates=gates, turning_places=[box(47, 5, 52, 17)])
        told = {f.kind: f.measured_m for f in faults}
        assert told == ({} if fine else {FaultKind.DEAD_END: 60, FaultKind.TURNING_PLACE_TAKEN: 6})


@pytest.mark.parametrize(("x", "fine"), [(30, True), (29, False)])
def test_a_turning_place_helps_as_far_as_a_car_may_back(x, fine) -> None:
    free = stalls(row(3, x=8, name="B"))
    found = strip(box(x, 0, x + 5, 11), stalls=free)
    assert (found == []) is fine
    # Of a place that is too far away nothing is said: the dead end is too long.
    assert fine or found == [(FaultKind.DEAD_END, Level.BROKEN)]


def test_one_way_aisles_do_not_lead_back_from_a_turning_place() -> None:
    ways = aisles(("M", "one_way", 6.0, [(0, 8), (60, 8)]))
    assert (FaultKind.DEAD_END, Level.BROKEN) in strip(box(47, 0, 52, 11), aisles=ways)


def round_at(place, *, width_m: float, turn_deg: float = 0.0) -> bool:
    aisle = box(-40, -width_m / 2, 0, width_m / 2)
    driven, every = (rotate(g, turn_deg, origin=(0, 0)) for g in (aisle, shapely.union(aisle, place)))
    room = Room(
        ground=shapely.buffer(every, 1e-3), driven=shapely.buffer(driven, 1e-3), things=shapely.STRtree([])
    )
    return turns_round(
        np.zeros(2),
        math.radians(turn_deg),
        width_m=width_m,
        ground=every,
        room=room,
        car=DESIGN_CAR,
        clearance_m=0.1,
    )


@pytest.mark.parametrize("turn_deg", [0.0, 37.0, 180.0, 260.0])
def test_a_square_of_twice_the_turning_radius_is_enough_whichever_way_it_lies(turn_deg) -> None:
    # JGJ 100-2015, table 4.1.3: the outer front wheel turns on 6.0 m; its circle is 12 m wide.
    assert round_at(box(-12, -6, 0, 6), width_m=4.0, turn_deg=turn_deg)
    assert round_at(box(-12, -6, 0, 6), width_m=6.0, turn_deg=turn_deg)
    assert not round_at(box(-7, -3.5, 0, 3.5), width_m=6.0, turn_deg=turn_deg)


def test_room_for_one_stall_at_the_very_end_is_not_enough() -> None:
    assert not round_at(box(-2.4, -8, 0, -3), width_m=6.0)
    assert round_at(box(-5.0, -8, 0, -3), width_m=6.0)
    assert round_at(box(-7.4, -8, -5, -3), width_m=6.0)
