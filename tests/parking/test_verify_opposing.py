"""One-way aisles against each other: on the same ground, beside each other, across each other."""

from __future__ import annotations

import pytest
import shapely
from shapely import LineString, box
from small_lots import Strip, aisles

from plan.parking import FaultKind, Level, verify

LOT = box(0, -40, 60, 40)
GATES = [LineString([(x, -40), (x, 40)]) for x in (0, 60)]


def opposed(*ways: tuple[str, str, float, list[tuple[float, float]]], lot=LOT) -> list:
    faults = verify(lot, [], aisles(*ways), gates=GATES)
    return [fault for fault in faults if fault.kind is FaultKind.AISLES_OPPOSE]


def way(name: str, *points: tuple[float, float], width_m: float = 4.0, direction: str = "one_way"):
    return (name, direction, width_m, list(points))


def test_two_aisles_on_the_same_ground_are_named_with_it() -> None:
    (fault,) = opposed(way("A", (0, 0), (60, 0)), way("B", (60, 0), (0, 0)))
    assert (fault.aisles, fault.level) == (("A", "B"), Level.BROKEN)
    assert (fault.measured_m, fault.required_m) == (4.0, 5.6)
    assert fault.geometry.equals(box(0, -2, 60, 2))


def test_stalls_between_them_do_not_hide_it() -> None:
    both = aisles(
        ("A", "one_way", 5.0, [(0, 8), (60, 8)]),
        ("B", "one_way", 5.0, [(60, 8.5), (0, 8.5)]),
    )
    faults = verify(Strip.lot, Strip.stalls, both, gates=Strip.gates)
    assert [f.aisles for f in faults if f.kind is FaultKind.AISLES_OPPOSE] == [("A", "B")]


def test_only_the_ground_in_common_is_shown() -> None:
    (fault,) = opposed(way("A", (0, 0), (40, 0)), way("B", (60, 1), (20, 1)))
    assert fault.geometry.equals(box(20, -1, 40, 2))
    assert fault.measured_m == 5.0


def test_the_same_direction_and_two_way_aisles_do_not_oppose() -> None:
    assert opposed(way("A", (0, 0), (60, 0)), way("B", (0, 0), (60, 0))) == []
    two = way("B", (60, 0), (0, 0), direction="two_way")
    assert opposed(way("A", (0, 0), (60, 0)), two) == []


@pytest.mark.parametrize(("width_m", "count"), [(5.6, 0), (5.598, 1)])
def test_one_ground_as_wide_as_both_need_is_enough(width_m, count) -> None:
    found = opposed(way("A", (0, 0), (60, 0), width_m=width_m), way("B", (60, 0), (0, 0), width_m=width_m))
    assert len(found) == count


@pytest.mark.parametrize(("apart_m", "count"), [(2.6, 0), (2.598, 1), (0.5, 1)])
def test_the_ground_of_both_together_counts(apart_m, count) -> None:
    found = opposed(way("A", (0, 0), (60, 0), width_m=3), way("B", (60, apart_m), (0, apart_m), width_m=3))
    assert len(found) == count


def test_aisles_that_touch_share_no_ground() -> None:
    # 5.0 m for both is little, but each has its own.
    assert opposed(way("A", (0, 0), (60, 0), width_m=2.5), way("B", (60, 2.5), (0, 2.5), width_m=2.5)) == []


@pytest.mark.parametrize(("length_m", "count"), [(4.0, 0), (4.002, 1)])
def test_what_is_no_longer_than_an_aisle_is_wide_is_a_meeting(length_m, count) -> None:
    assert len(opposed(way("A", (0, 0), (20 + length_m, 0)), way("B", (60, 0), (20, 0)))) == count


@pytest.mark.parametrize("end", [(35, 30), (25, 30), (5, -30), (55, -30), (48, 20)])
def test_a_crossing_is_no_opposition(end) -> None:
    start = (60 - end[0], -end[1])
    assert opposed(way("A", (0, 0), (60, 0)), way("B", start, end)) == []


def test_aisles_that_meet_head_on_at_a_crossing_aisle_reach_to_its_far_side() -> None:
    ends = (way("A", (0, 0), (33, 0)), way("B", (60, 0), (27, 0)))
    across = way("C", (30, -40), (30, 40), width_m=6.0, direction="two_way")
    assert opposed(*ends, across) == []
    assert len(opposed(*ends)) == 1


def test_a_long_way_with_crossings_opposes_all_the_same() -> None:
    across = [way(f"C{x}", (x, -40), (x, 40), width_m=4.0) for x in range(5, 60, 8)]
    assert len(opposed(way("A", (0, 0), (60, 0)), way("B", (60, 0), (0, 0)), *across)) == 1


def test_an_aisle_folded_back_on_itself_opposes_itself() -> None:
    (fault,) = opposed(way("A", (0, 0), (40, 0), (40, 1), (0, 1)))
    assert fault.aisles == ("A",)
    assert opposed(way("A", (0, 0), (40, 0), (40, 4), (0, 4))) == []


def test_a_curve_of_many_short_pieces_is_one_stretch() -> None:
    curve = shapely.Point(30, -30).buffer(25, quad_segs=90).exterior
    points = list(shapely.ops.substring(curve, 5, 60).coords)
    (fault,) = opposed(way("A", *points), way("B", *points[::-1]))
    assert fault.measured_m == 4.0
    assert fault.geometry.area == pytest.approx(55 * 4, rel=1e-3)
