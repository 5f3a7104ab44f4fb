"""Elevators at stairs of any estate: they stand outside buildings, leave the lane alone, and turn with the drawing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from slabs import LIMITS, door, lane, line, site, slab, tree

from plan.elevators import place_elevators
from plan.elevators.clearances import TOUCH_M2
from plan.elevators.lanes import lanes_of, left_beside

ANGLES = st.floats(0, 360).map(lambda a: round(a, 2))
SHIFTS = st.tuples(st.integers(-3000, 3000), st.integers(-3000, 3000))


@st.composite
def footprints(draw):
    """Draw a slab with a wing, steps in its north face and doors on it; and a lane at some distance."""
    steps = draw(st.lists(st.sampled_from([0.0, 0.6, 1.2, 2.5]), min_size=3, max_size=3))
    tops = [11.0 + s for s in steps]
    ring = [(0.0, 0.0), (12.0, 0.0)]
    if draw(st.booleans()):
        ring += [(12.0, -9.0), (20.0, -9.0), (20.0, 0.0)]
    ring += [
        (36.0, 0.0),
        (36.0, tops[2]),
        (24.0, tops[2]),
        (24.0, tops[1]),
        (12.0, tops[1]),
        (12.0, tops[0]),
        (0.0, tops[0]),
    ]
    house = shapely.Polygon(ring)
    doors = [door(f"D{k}", 12 * k + draw(st.floats(1.0, 11.0)), tops[k], stairwell=f"S{k}") for k in range(3)]
    lane_y = draw(st.floats(14.0, 24.0)) + 2.0
    width = draw(st.sampled_from([3.5, 4.0, 5.5, 7.0]))
    trees = [
        tree(f"T{k}", draw(st.floats(0, 36)), draw(st.floats(13.6, 20)), removable=draw(st.booleans()))
        for k in range(3)
    ]
    pipes = [{"utility_id": "U1", "kind": "gas", "clearance_m": 1.0, "geometry": line((-30, 15), (60, 15))}]
    return slab(
        buildings=[{"building_id": "B1", "floors": 6, "geometry": house}],
        entrances=doors,
        fire_lanes=[lane(lane_y, width)],
        obstacles=trees,
        utilities=pipes,
    )


@settings(max_examples=40, deadline=None)
@given(footprints(), ANGLES, SHIFTS)
def test_what_is_chosen_keeps_clear(layers, angle, shift):
    where = site(layers, angle_deg=angle, shift=(500_000 + shift[0], 2_900_000 + shift[1]))
    placed = place_elevators(where, limits=LIMITS)
    houses = where.layers["buildings"].geometry.to_numpy()
    lanes = where.layers["fire_lanes"]
    known = lanes_of(lanes.geometry.to_numpy(), lanes["width_m"].to_numpy(dtype=float))
    shapes = []
    for one in placed.measures["stairwells"]:
        assert str(one.reason)
        if one.chosen is None:
            continue
        both = np.array([one.chosen.shaft, one.chosen.landing], dtype=object)
        assert (shapely.area(shapely.intersection(both, houses[0])) <= TOUCH_M2).all()
        left = left_beside(both, known, within_m=10.0).left_m
        assert (left >= 4.0 - 2e-6).all()
        shapes.append(shapely.union_all(both))
        if one.verdict == "feasible":
            assert one.chosen.margin_m >= -1e-6
            assert one.chosen.remedies == ()
        else:
            assert one.chosen.remedies
    for i, shape in enumerate(shapes):
        for other in shapes[i + 1 :]:
            assert shape.intersection(other).area <= 2 * TOUCH_M2


@settings(max_examples=25, deadline=None)
@given(footprints(), ANGLES, SHIFTS)
def test_verdicts_turn_and_move_with_the_drawing(layers, angle, shift):
    here = place_elevators(site(layers), limits=LIMITS).measures["stairwells"]
    there = place_elevators(
        site(layers, angle_deg=angle, shift=(500_000 + shift[0], 2_900_000 + shift[1])), limits=LIMITS
    ).measures["stairwells"]
    for one, other in zip(here, there, strict=True):
        if _on_the_edge(one) or _on_the_edge(other):
            continue
        assert (one.verdict, one.entrance_id) == (other.verdict, other.entrance_id)
        if one.chosen is not None and other.chosen is not None:
            assert one.chosen.connection == other.chosen.connection
            assert one.chosen.margin_m == pytest.approx(other.chosen.margin_m, abs=2e-3)


def _on_the_edge(one):
    """Tell whether some position stands within a hair of a limit, where rounding may turn it either way."""
    positions = [p for p in (one.chosen, *one.alternatives) if p is not None]
    return any(abs(c.margin_m) < 1e-4 for p in positions for c in p.clearances)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.01, 6.0),
    st.floats(2.0, 9.0),
    ANGLES,
    st.floats(0.5, 4.0),
)
def test_a_line_and_an_area_of_one_lane_leave_the_same(off, width, angle, side):
    middle = shapely.LineString([(0, 0), (80, 0)])
    ground = shapely.box(0, -width / 2, 80, width / 2)
    thing = shapely.box(40, off, 40 + side, off + side)
    turned = [shapely.affinity.rotate(s, angle, origin=(0, 0)) for s in (middle, ground, thing)]
    by_line = left_beside(
        np.array([turned[2]], dtype=object),
        lanes_of(np.array([turned[0]], dtype=object), np.array([width])),
        within_m=30.0,
    )
    by_area = left_beside(
        np.array([turned[2]], dtype=object),
        lanes_of(np.array([turned[1]], dtype=object), np.array([np.nan])),
        within_m=30.0,
    )
    far = max(off + width / 2, width / 2 - off - side)
    assert by_line.left_m.min() == pytest.approx(far, abs=1e-6)
    assert by_area.left_m.min() == pytest.approx(far, abs=1e-6)
