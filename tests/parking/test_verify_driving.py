"""Driving: every stall reached and left, in the aisles' directions, by a car that cannot turn on the spot."""

from __future__ import annotations

import math

import pytest
import shapely
from shapely import LineString, box
from shapely.affinity import rotate, translate
from small_lots import STALL, Strip, aisles, row, stalls

from plan.parking import DESIGN_CAR, FaultKind, Level, verify
from plan.parking.swept import axle_radius_m, one_arc


def kinds(faults) -> set[str]:
    return {f.kind.value for f in faults}


def slanted(angle_deg: float, *, count: int = 6, x: float = 25.0, backward: bool = False) -> list:
    """A row below the line y = 0; a car driving to the right drives in forward, or backward."""
    width, length = STALL
    angle = math.radians(angle_deg)
    depth = length * math.sin(angle) + width * math.cos(angle)
    shape = rotate(box(-length / 2, -width / 2, length / 2, width / 2), angle_deg if backward else -angle_deg)
    return [translate(shape, x + i * width / math.sin(angle), -depth / 2) for i in range(count)]


def lane(frame, width_m: float, *, direction: str = "one_way"):
    """A row below a lane between two gates, driven to the right, and a wall above it."""
    low = min(shape.bounds[1] for shape in frame)
    gates = [LineString([(x, 0), (x, width_m)]) for x in (0, 70)]
    middle = aisles(("A", direction, width_m, [(0, width_m / 2), (70, width_m / 2)]))
    return verify(box(0, low, 70, width_m), frame, middle, gates=gates)


def lanes(direction: str):
    return aisles(("M", direction, 6.0, [(0, 8), (60, 8)]))


# --- ways ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["one_way", "two_way"])
def test_a_way_between_two_gates_is_fine(direction) -> None:
    assert verify(Strip.lot, Strip.stalls, lanes(direction), gates=Strip.gates) == ()


def test_a_one_way_aisle_that_leads_nowhere_is_found() -> None:
    faults = verify(Strip.lot, Strip.stalls, lanes("one_way"), gates=Strip.gates[:1])
    assert kinds(faults) >= {"one_way_dead_end", "no_way_out"}
    assert sum(f.kind is FaultKind.NO_WAY_OUT for f in faults) == 20
    # From the other gate nobody may drive in.
    faults = verify(Strip.lot, Strip.stalls, lanes("one_way"), gates=Strip.gates[1:])
    assert sum(f.kind is FaultKind.NO_WAY_IN for f in faults) == 20


def test_the_length_of_a_dead_end_is_measured_and_limited() -> None:
    (fault,) = verify(Strip.lot, Strip.stalls, Strip.aisles, gates=Strip.gates[:1])
    assert (fault.kind, fault.aisles) == (FaultKind.DEAD_END, ("M",))
    assert (fault.measured_m, fault.required_m) == (60, 25)
    assert verify(Strip.lot, Strip.stalls, Strip.aisles, gates=Strip.gates[:1], dead_end_m=60) == ()


def test_slanted_stalls_in_a_long_dead_end_need_a_place_to_turn() -> None:
    # A car drives in forward and can only back out the way it came: its nose then points into the dead end.
    frame = slanted(45)
    low = min(shape.bounds[1] for shape in frame)
    middle = aisles(("A", "two_way", 4.0, [(0, 2), (70, 2)]))
    given = {"gates": [LineString([(0, 0), (0, 4)])]}
    lot = box(0, low, 70, 4)
    assert kinds(verify(lot, frame, middle, **given)) == {"dead_end", "no_manoeuvre"}
    # The end of the aisle itself, 4 m wide, is none.
    faults = verify(lot, frame, middle, turning_places=[box(64, 0, 70, 4)], **given)
    assert kinds(faults) == {"turning_place_tight", "tight_turn"}
    assert {f.level for f in faults} == {Level.NOT_PROVEN}
    round_ = box(58, -4, 70, 8)
    assert verify(lot.union(round_), frame, middle, turning_places=[round_], **given) == ()


def ring(inner: str = "one_way"):
    """A loop of four aisles of 6 m round twelve stalls, entered by a gate in the west."""
    lot = box(0, 0, 60, 30)
    frame = stalls(row(12, x=15, y=10, name="L") | row(12, x=15, y=15, name="U"))
    loop = aisles(
        ("S", inner, 6.0, [(3, 7), (54, 7)]),
        ("E", inner, 6.0, [(54, 7), (54, 23)]),
        ("N", inner, 6.0, [(54, 23), (3, 23)]),
        ("W", inner, 6.0, [(3, 23), (3, 7)]),
        ("G", "two_way", 6.0, [(0, 7), (3, 7)]),
    )
    return lot, frame, loop, [LineString([(0, 4), (0, 10)])]


def test_a_one_way_loop_is_driven_round() -> None:
    lot, frame, loop, gates = ring()
    assert verify(lot, frame, loop, gates=gates) == ()


@pytest.mark.parametrize("name", ["S", "E", "N", "W"])
def test_an_aisle_turned_round_breaks_the_loop(name) -> None:
    lot, frame, loop, gates = ring()
    loop.geometry = [
        shapely.reverse(line) if own == name else line
        for own, line in zip(loop["aisle_id"], loop.geometry, strict=True)
    ]
    faults = verify(lot, frame, loop, gates=gates)
    assert "one_way_dead_end" in kinds(faults)
    assert kinds(faults) & {"no_way_in", "no_way_out"}


def test_aisles_meet_within_a_millimetre_and_no_further() -> None:
    lot, frame, loop, gates = ring("two_way")
    assert verify(lot, frame, loop, gates=gates) == ()
    for off, fine in ((0.0009, True), (0.01, False)):
        cut = loop.copy()
        cut.geometry = [
            LineString([(0, 7), (3 - off, 7)]) if own == "G" else line
            for own, line in zip(loop["aisle_id"], loop.geometry, strict=True)
        ]
        faults = verify(lot, frame, cut, gates=gates)
        assert (faults == ()) is fine
        if not fine:
            assert kinds(faults) == {"no_way_in", "no_way_out"}


# --- clear width ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap_m", "fine"), [(2.8, True), (2.798, False)])
def test_a_way_narrowed_below_the_clear_width_cuts_stalls_off(gap_m, fine) -> None:
    tree = box(30, 5 + gap_m, 31, 11)
    frame = stalls(row(5, x=40))
    faults = verify(Strip.lot, frame, Strip.aisles, gates=Strip.gates[:1], obstacles=[tree], dead_end_m=99)
    assert ("stall_unreached" in kinds(faults)) is not fine


def test_an_obstacle_in_the_middle_of_an_aisle_can_be_passed_where_there_is_room() -> None:
    frame = stalls(row(5, x=40))
    for width, fine in ((0.3, True), (0.5, False)):
        tree = box(30, 8 - width / 2, 31, 8 + width / 2)
        faults = verify(
            Strip.lot, frame, Strip.aisles, gates=Strip.gates[:1], obstacles=[tree], dead_end_m=99
        )
        assert ("stall_unreached" in kinds(faults)) is not fine
        assert "aisle_on_obstacle" in kinds(faults)


def test_a_fire_lane_is_driven_on() -> None:
    # The aisle alone is 2.5 m wide; with the lane beside it there is room enough.
    narrow = aisles(("A", "two_way", 2.5, [(0, 6.25), (60, 6.25)]))
    frame = stalls(row(5, x=40))
    assert "stall_unreached" in kinds(verify(Strip.lot, frame, narrow, gates=Strip.gates))
    assert "stall_unreached" not in kinds(
        verify(Strip.lot, frame, narrow, gates=Strip.gates, fire_lanes=[box(0, 7, 60, 11)])
    )


# --- into the stall ------------------------------------------------------------------------------


def test_the_turning_circle_of_the_design_car() -> None:
    # 6.0 m at the outer front wheel, 2.7 m wheelbase, half of 1.8 m: sqrt(36 - 7.29) - 0.9.
    assert axle_radius_m(DESIGN_CAR) == pytest.approx(4.458, abs=1e-3)


def needed_m(angle_deg: float, *, nose_out: bool) -> float:
    """Width of the aisle that one arc takes into a stall of 2.4 x 5.0 m between parked cars, without clearance."""
    width, length = STALL
    angle = math.radians(angle_deg)
    depth = (length * math.sin(angle) + width * math.cos(angle)) / 2
    car = box(-2.4, -0.9, 2.4, 0.9)
    parked = [
        translate(rotate(car, angle_deg, origin=(0, 0)), k * width / math.sin(angle), -depth)
        for k in (-2, -1, 1, 2)
    ]
    neighbours = shapely.union_all(parked)
    found = []
    for tightness in (1.0, 1.1, 1.25):
        for tenths in range(60):
            way = one_arc(
                DESIGN_CAR,
                nose_out=nose_out,
                turn_rad=-angle,
                ahead_m=tenths / 10,
                tightness=tightness,
                clearance_m=0.0,
            )
            swept = translate(rotate(shapely.Polygon(way.outline), angle_deg, origin=(0, 0)), 0, -depth)
            if not swept.intersects(neighbours):
                found.append(swept.bounds[3])
    return min(found)


@pytest.mark.parametrize(
    ("angle_deg", "nose_out", "published_m"),
    [
        (45, False, 2.0), (45, True, 3.0), (60, False, 3.8), (60, True, 3.4), (75, False, 6.1), (90, False, 8.4),
        (90, True, 4.75),
    ],
)  # fmt: skip
def test_one_arc_takes_the_aisle_that_an_independent_trial_found(angle_deg, nose_out, published_m) -> None:
    # Those figures leave 0.25 m free at the far side, and were found on a grid of their own.
    assert needed_m(angle_deg, nose_out=nose_out) + 0.25 == pytest.approx(published_m, abs=0.2)


@pytest.mark.parametrize(
    ("angle_deg", "backward", "proven_m", "not_proven_m"),
    [
        (45, True, 3.2, 2.9), (60, True, 3.6, 3.3), (60, False, 4.2, 3.6), (75, True, 4.3, 3.9), (90, True, 5.1, 4.7),
    ],
)  # fmt: skip
def test_how_wide_a_one_way_aisle_must_be(angle_deg, backward, proven_m, not_proven_m) -> None:
    frame = slanted(angle_deg, backward=backward)
    assert lane(frame, proven_m) == ()
    faults = lane(frame, not_proven_m)
    assert kinds(faults) == {"no_manoeuvre"}
    # The last stall of the row has no neighbour to keep clear of.
    assert {s for f in faults for s in f.stalls} >= {"2", "3", "4"}
    assert {f.level for f in faults} == {Level.NOT_PROVEN}


def test_stalls_at_45_degrees_are_driven_into_forward_on_the_narrowest_way() -> None:
    assert lane(slanted(45), 2.8) == ()


def test_the_aisles_of_the_table_are_proven() -> None:
    # JGJ 100-2015, table 4.3.4: 45 degrees 3.8 m, 60 degrees forward 4.5 m and backward 4.2 m, 90 degrees 5.5 m.
    assert lane(slanted(45), 3.8) == ()
    assert lane(slanted(60), 4.5) == ()
    assert lane(slanted(60, backward=True), 4.2) == ()
    assert lane(slanted(90), 5.5) == ()


@pytest.mark.parametrize(
    ("pitch_m", "width_m", "fine"), [(6.0, 3.8, True), (6.0, 2.8, False), (5.0, 6.0, False)]
)
def test_parallel_stalls(pitch_m, width_m, fine) -> None:
    frame = [box(20 + i * pitch_m, -2.4, 20 + (i + 1) * pitch_m, 0) for i in range(6)]
    faults = lane(frame, width_m)
    assert (faults == ()) is fine
    if not fine:
        assert kinds(faults) == {"no_manoeuvre"}
        assert {s for f in faults for s in f.stalls} >= {"2", "3", "4", "5"}


@pytest.mark.parametrize(("gap_m", "fine"), [(0.3, True), (0.0, False)])
def test_the_parallel_stalls_of_the_table_keep_off_walls(gap_m, fine) -> None:
    # JGJ 100-2015, table 4.3.4: 2.1 x 6.0 m, 2.4 m to a wall, 3.8 m of aisle. The tail swings out by 0.09 m.
    frame = [box(20 + 6 * i, -2.1, 26 + 6 * i, 0) for i in range(6)]
    ways = aisles(("A", "one_way", 3.8, [(0, 1.9), (70, 1.9)]))
    gates = [LineString([(x, 0), (x, 3.8)]) for x in (0, 70)]
    faults = verify(box(0, -2.1 - gap_m, 70, 3.8), frame, ways, gates=gates)
    assert [f.kind for f in faults] == ([] if fine else [FaultKind.NO_MANOEUVRE] * 6)


def test_a_stall_at_the_end_of_its_aisle_is_driven_into_straight_on() -> None:
    lot = box(0, 0, 30, 6).union(box(30, 1.8, 35, 4.2))
    way = aisles(("A", "two_way", 6.0, [(0, 3), (30, 3)]))
    given = {"gates": [LineString([(0, 0), (0, 6)])], "dead_end_m": 30}
    assert verify(lot, [box(30, 1.8, 35, 4.2)], way, **given) == ()


def test_a_wall_in_front_of_a_stall_leaves_no_way_in() -> None:
    wall = box(18, 4.9, 25.2, 5.0)
    shorter = stalls({f"S{i}": box(18 + 2.4 * i, 0, 20.4 + 2.4 * i, 4.9) for i in range(3)})
    faults = verify(Strip.lot, shorter, Strip.aisles, gates=Strip.gates, obstacles=[wall])
    assert kinds(faults) == {"no_manoeuvre"}


# --- corners -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width_m", "fine"), [(6.0, True), (4.3, True), (4.0, False), (3.6, False)])
def test_a_corner_must_be_wide_enough_for_the_turning_circle(width_m, fine) -> None:
    """Two lanes meet at a right angle between walls; behind the corner four square stalls at an aisle of 6 m.

    Turning, the car sweeps from 3.56 m (rear axle 4.46 less half its width) to 6.57 m (front corner). With its middle
    2.52 m inside the inner corner of the lanes it needs 6.57 - 2.52 = 4.05 m of each.
    """
    half = width_m / 2
    lot = shapely.union_all(
        [
            box(0, 0, 40 + half, width_m),
            box(40 - half, 0, 40 + half, 30),
            box(37, 30, 43, 60),
            box(43, 32, 48, 42),
        ]
    )
    frame = [box(43, 32 + 2.4 * i, 48, 34.4 + 2.4 * i) for i in range(4)]
    ways = aisles(
        ("A", "two_way", width_m, [(0, half), (40, half)]),
        ("B", "two_way", width_m, [(40, half), (40, 30)]),
        ("C", "two_way", 6.0, [(40, 30), (40, 60)]),
    )
    gates = [LineString([(0, 0), (0, width_m)])]
    faults = verify(lot, frame, ways, gates=gates, dead_end_m=200)
    assert [f.kind.value for f in faults] == ([] if fine else ["tight_turn"] * 4)
    assert all(f.level is Level.NOT_PROVEN for f in faults)


# --- drawings of others --------------------------------------------------------------------------


def test_without_aisles_nothing_is_proven_and_with_none_drawn_nothing_is_reached() -> None:
    unknown = verify(Strip.lot, Strip.stalls, None, gates=Strip.gates)
    assert kinds(unknown) == {"no_manoeuvre"}
    assert {f.level for f in unknown} == {Level.NOT_PROVEN}
    assert kinds(verify(Strip.lot, Strip.stalls, [], gates=Strip.gates)) == {"stall_unreached"}


def test_aisles_drawn_as_polygons_are_driven_on_but_have_no_direction() -> None:
    faults = verify(Strip.lot, Strip.stalls, [box(0, 5, 60, 11)], gates=Strip.gates)
    assert kinds(faults) == {"aisle_without_direction", "no_manoeuvre"}
    assert {f.level for f in faults} == {Level.NOT_PROVEN}


def test_a_direction_that_nobody_wrote_is_told() -> None:
    silent = Strip.aisles.drop(columns="direction")
    faults = verify(Strip.lot, Strip.stalls, silent, gates=Strip.gates)
    assert [(f.kind, f.aisles) for f in faults] == [(FaultKind.AISLE_WITHOUT_DIRECTION, ("M",))]


def test_without_a_gate_nothing_is_reached() -> None:
    assert kinds(verify(Strip.lot, Strip.stalls, Strip.aisles, gates=None)) == {"no_gate", "stall_unreached"}
