"""Dead ends: how far it is from an end to where a car can turn, and at which junctions it can."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon

from plan.parking import DESIGN_CAR
from plan.parking.drawing import Aisle
from plan.parking.drive import ways
from plan.parking.ground import read_lot
from plan.parking.junctions import Arms, crossing_ground, dead_ends, turning_ground
from plan.parking.room import room_of
from plan.parking.turns import possible_turns

TWO_WAY_M = 6.0


def tee(
    angle_deg: float = 90.0,
    *,
    width_m: float = 6.0,
    behind_m: float = 20.0,
    ahead_m: float = 20.0,
    stem_m: float = 20.0,
) -> list[Arms]:
    """A way along the x axis, and one that leaves it to the left at the origin."""
    return [
        Arms(0.0, 0.0, 0.0, width_m, behind_m, ahead_m),
        Arms(0.0, 0.0, math.radians(angle_deg), width_m, 0.0, stem_m),
    ]


# --- junctions -----------------------------------------------------------------------------------


def test_two_ways_have_the_ground_of_their_crossing_in_common() -> None:
    assert Polygon(crossing_ground(tee())).equals(shapely.box(-3, -3, 3, 3))
    # Two strips of 6 m that cross at 60 degrees share 6 * 6 / sin 60 = 41.57 m2.
    assert Polygon(crossing_ground(tee(60))).area == pytest.approx(36 / math.sin(math.radians(60)))


@pytest.mark.parametrize(
    ("arms", "turns"),
    [
        (tee(), True),
        (tee(width_m=5.9), False),  # no way for both directions
        (tee(30), False),  # the sharp corner is in the way of the bend
        # An arm takes the bend of 4.46 m, and before the rear axle 3.8 m of the car or behind it 1 m, and 0.1 m.
        (tee(ahead_m=5.6, stem_m=8.4), True),
        (tee(ahead_m=5.5, stem_m=20.0), False),
        (tee(ahead_m=8.3, stem_m=8.3, behind_m=8.3), False),
        (tee()[:1], False),
    ],
)
def test_a_car_turns_where_its_bends_and_the_car_have_room(arms, turns) -> None:
    assert (turning_ground(arms, TWO_WAY_M) is not None) is turns


@given(
    st.floats(40, 140),
    st.floats(6.0, 8.0),
    st.lists(st.floats(5.0, 25.0), min_size=3, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_the_proof_finds_the_bends_of_every_such_junction(angle, width, lengths) -> None:
    behind, ahead, stem = lengths
    arms = tee(angle, width_m=width, behind_m=behind, ahead_m=ahead, stem_m=stem)
    if turning_ground(arms, TWO_WAY_M) is None:
        return
    up = (stem * math.cos(math.radians(angle)), stem * math.sin(math.radians(angle)))
    lines = [LineString([(-behind, 0), (ahead, 0)]), LineString([(0, 0), up])]
    grounds = [line.buffer(width / 2, cap_style="flat") for line in lines]
    aisles = tuple(
        Aisle(id=name, line=line, ground=ground, one_way=False, width_m=width)
        for name, line, ground in zip("AB", lines, grounds, strict=True)
    )
    gate = LineString([(-behind, -width / 2), (-behind, width / 2)])
    lot, _ = read_lot(
        shapely.union_all(grounds),
        gates=[gate],
        obstacles=None,
        fire_lanes=None,
        clear_spaces=None,
        clear_width_m=2.8,
    )
    net = ways(aisles, lot.gates)
    nothing = np.empty(0, dtype=object)
    room = room_of(lot, nothing, lot.ground, car=DESIGN_CAR)
    seen = possible_turns(net, aisles, room, car=DESIGN_CAR, clearance_m=0.1)
    node = int(np.hypot(*net.points.T).argmin())
    arriving = np.flatnonzero(net.end == node)
    leaving = np.flatnonzero(net.start == node)
    pairs = {(a, b) for a in arriving for b in leaving if net.piece[a] != net.piece[b]}
    assert pairs
    # A bend that is driven one way is driven backward the other way: one of the two is enough.
    piece = {(int(net.piece[a]), int(net.piece[b])) for a, b in seen}
    assert {frozenset((int(net.piece[a]), int(net.piece[b]))) for a, b in pairs} <= {
        frozenset(p) for p in piece
    }


# --- dead ends -----------------------------------------------------------------------------------

PLACE = {2: np.zeros((4, 2))}


def test_a_dead_end_reaches_as_far_as_where_a_car_can_turn() -> None:
    # From the street 30 m to a junction, from there 20 and 10 m to two ends.
    links = [(0, 2, 30.0), (2, -1, 20.0), (2, -2, 10.0)]
    assert dead_ends(links, {}, 25.0).ends == [-1, -2]
    found = dead_ends(links, PLACE, 25.0)
    assert (found.ends, found.turning, found.stubs) == ([], [2], [])
    assert dead_ends(links, PLACE, 15.0).ends == [-1]


def test_a_way_round_has_no_dead_end() -> None:
    links = [(0, 1, 30.0), (1, 2, 40.0), (2, 0, 50.0), (2, -1, 20.0)]
    found = dead_ends(links, {}, 25.0)
    assert (found.ends, found.turning, found.stubs) == ([], [], [])


def test_what_is_shorter_than_a_car_beside_a_way_that_goes_on_is_a_stub() -> None:
    # A bend at 40 m of two ways that both reach to its outer side; one goes on for 30 m to its end.
    links = [(0, 1, 40.0), (1, -1, 3.0), (1, -2, 30.0)]
    found = dead_ends(links, {}, 25.0)
    assert (found.ends, found.stubs) == ([-2], [-1])
    # Where both are short there is an end, in whatever form.
    assert dead_ends([(0, 1, 40.0), (1, -1, 3.0), (1, -2, 3.0)], {}, 25.0).ends == [-1, -2]
