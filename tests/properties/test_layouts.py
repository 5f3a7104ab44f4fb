"""Whatever the lot, a layout is valid; and clearing an obstacle never costs a stall."""

from __future__ import annotations

import itertools
import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from plan.parking import Level, StallSpec, place_stalls, verify

SPEC = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={0: 3.5, 45: 3.5, 60: 4.5, 90: 6.0}, lane_m=3.5)
STEPS = 40


@st.composite
def lots(draw):
    """Return a star-shaped lot with a hole or none and some trees, and a gate of 6 m on its longest edge."""
    corners = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(8, 32), min_size=corners, max_size=corners))
    turn = draw(st.floats(0, math.tau))
    lot = Polygon(
        [
            (
                r * math.cos(turn + math.tau * i / corners),
                r * math.sin(turn + math.tau * i / corners),
            )
            for i, r in enumerate(radii)
        ]
    )
    xy = list(lot.exterior.coords)
    edge = max((LineString(pair) for pair in itertools.pairwise(xy)), key=lambda e: e.length)
    middle = edge.length / 2
    half = min(3.0, middle)
    gate = LineString([edge.interpolate(middle - half), edge.interpolate(middle + half)])
    hole = Point(0, 0).buffer(draw(st.floats(0.5, 6)), quad_segs=2)
    if draw(st.booleans()) and lot.contains(hole):
        lot = lot.difference(hole)
    places = draw(st.lists(st.tuples(st.floats(-25, 25), st.floats(-25, 25)), max_size=3))
    trees = [Point(x, y).buffer(draw(st.floats(0.3, 2.5)), quad_segs=2) for x, y in places]
    return lot, gate, trees


def faults(placement, lot, gate, trees):
    return verify(
        lot,
        placement.features,
        placement.measures["aisles"],
        gates=gate,
        obstacles=trees,
        turning_places=placement.measures["turning_places"],
        stall=SPEC,
    )


@given(drawn=lots())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_layout_is_ever_invalid(drawn) -> None:
    lot, gate, trees = drawn
    placement = place_stalls(lot, gates=gate, obstacles=trees, stall=SPEC, iterations=STEPS)
    assert placement.measures["stalls"] == len(placement.features) <= placement.measures["upper_bound"]
    if len(placement.features):
        told = faults(placement, lot, gate, trees)
        assert [f for f in told if f.level is not Level.ADVISED] == []
    else:
        assert len(placement.rejected) == 1


@given(drawn=lots())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_clearing_a_tree_never_costs_a_stall(drawn) -> None:
    lot, gate, trees = drawn
    before = place_stalls(lot, gates=gate, obstacles=trees, stall=SPEC, iterations=STEPS)
    after = place_stalls(lot, gates=gate, obstacles=trees[:-1], stall=SPEC, iterations=STEPS, start=before)
    assert len(after.features) >= len(before.features)
