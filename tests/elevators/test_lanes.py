"""What is left of a lane beside a thing, measured by hand."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Polygon, affinity, box

from plan.elevators.lanes import lanes_of, left_beside


def left(thing, *lanes, widths=4.0, within=12.0):
    """Return the least width that is left, or None where no lane is beside the thing."""
    shapes = np.array(lanes, dtype=object)
    known = lanes_of(shapes, np.broadcast_to(np.asarray(widths, dtype=float), len(shapes)).copy())
    found = left_beside(np.array([thing], dtype=object), known, within_m=within)
    return None if not len(found.left_m) else float(found.left_m.min())


LINE = LineString([(0, 0), (100, 0)])


@pytest.mark.parametrize(
    ("low", "expected"),
    [
        (2.0, 4.0),  # on the border of the lane
        (1.99, 3.99),
        (2.5, 4.5),  # the strip between counts
        (0.5, 2.5),
    ],
)
def test_a_thing_beside_a_line(low, expected):
    assert left(box(40, low, 42, low + 3), LINE) == pytest.approx(expected, abs=1e-9)


def test_a_thing_across_the_middle_leaves_the_wider_side():
    assert left(box(40, -0.5, 42, 3), LINE) == pytest.approx(1.5, abs=1e-9)
    assert left(box(40, -3, 42, 0.5), LINE) == pytest.approx(1.5, abs=1e-9)
    assert left(box(40, -3, 42, 3), LINE) == 0.0


def test_beyond_the_end_of_a_lane_is_not_beside_it():
    assert left(box(100.1, -1, 103, 1), LINE) is None
    assert left(box(99, 1, 103, 3), LINE) == pytest.approx(3.0)


def test_on_the_outer_side_of_a_bend_between_two_lanes():
    turned = LineString([(100, 0), (150, -50)])
    beyond = affinity.translate(box(0, 0, 1, 1), 100.2, 1.0)
    assert left(beyond, LINE, turned) == pytest.approx(2 + np.hypot(0.2, 1.0), abs=1e-6)


def test_a_lane_that_ends_at_another_does_not_reach_across_it():
    ending = LineString([(50, -20), (50, 0)])
    shaft = box(49, 2.0, 51, 4.0)
    assert left(shaft, LINE, ending, widths=[4.0, 3.2]) == pytest.approx(4.0)


@pytest.mark.parametrize("angle", [0.0, 17.0, 90.0, 211.0])
def test_an_area_is_measured_across(angle):
    ground = affinity.rotate(box(0, -2, 100, 2), angle, origin=(0, 0))
    for low, expected in ((2.0, 4.0), (1.0, 3.0), (2.5, 4.5), (-3.0, 1.0)):
        high = low + 3 if low > -3 else 1.0
        thing = affinity.rotate(box(40, low, 42, high), angle, origin=(0, 0))
        assert left(thing, ground) == pytest.approx(expected, abs=1e-6)


def test_a_pinch_of_an_area_beside_a_thing_counts():
    pinched = Polygon([(0, -2), (41, -2), (41.5, -1), (42, -2), (100, -2), (100, 2), (0, 2)])
    assert left(box(40, 2, 43, 4), pinched) == pytest.approx(3.0, abs=1e-6)
    assert left(box(60, 2, 63, 4), pinched) == pytest.approx(4.0, abs=1e-6)


def test_a_thing_in_a_wide_area_leaves_its_wider_side():
    assert left(box(40, -1, 42, 1), box(0, -5, 100, 8)) == pytest.approx(7.0, abs=1e-6)


def test_a_line_without_a_width_is_left_out():
    assert left(box(40, 2, 42, 4), LINE, widths=[np.nan]) is None
    assert left(box(40, 2, 42, 4), widths=np.zeros(0)) is None
