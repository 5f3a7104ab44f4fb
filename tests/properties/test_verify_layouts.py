"""A layout holds up wherever it lies and whichever way it is turned; what breaks it is found there, too."""

from __future__ import annotations

import math

import geopandas as gpd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from shapely.affinity import affine_transform

from plan.parking import FaultKind, verify

WIDTH, LENGTH = 2.4, 5.0
BELOW = {f"B{i}": box(18 + WIDTH * i, 0, 18 + WIDTH * (i + 1), LENGTH) for i in range(6)}
ABOVE = {f"A{i}": box(18 + WIDTH * i, 11, 18 + WIDTH * (i + 1), 11 + LENGTH) for i in range(6)}
STALLS = BELOW | ABOVE
LOT = box(0, 0, 52, 16)
AISLE = LineString([(0, 8), (52, 8)])
GATES = (LineString([(0, 5), (0, 11)]), LineString([(52, 5), (52, 11)]))

places = st.tuples(st.floats(0, 2 * math.pi), st.floats(-4e5, 4e6), st.floats(-4e5, 4e6), st.booleans())
names = st.sampled_from(sorted(STALLS))


def laid(place, shape):
    """Mirror, turn and move a shape."""
    turn, dx, dy, mirrored = place
    cosine, sine = math.cos(turn), math.sin(turn)
    flip = -1.0 if mirrored else 1.0
    return affine_transform(shape, [cosine, -sine * flip, sine, cosine * flip, dx, dy])


def faults(
    place,
    stalls: dict[str, Polygon],
    *,
    direction: str = "two_way",
    turned: bool = False,
    gates=GATES,
    **more,
):
    line = shapely.reverse(AISLE) if turned else AISLE
    return verify(
        laid(place, LOT),
        gpd.GeoDataFrame({"stall_id": list(stalls)}, geometry=[laid(place, s) for s in stalls.values()]),
        gpd.GeoDataFrame(
            {"aisle_id": ["M"], "direction": [direction], "width_m": [6.0]}, geometry=[laid(place, line)]
        ),
        gates=[laid(place, gate) for gate in gates],
        **{name: [laid(place, s) for s in shapes] for name, shapes in more.items()},
    )


@settings(max_examples=25, deadline=None)
@given(places, st.sampled_from(["one_way", "two_way"]), st.booleans())
def test_a_good_layout_is_good_anywhere(place, direction, turned) -> None:
    assert faults(place, STALLS, direction=direction, turned=turned) == ()


@settings(max_examples=25, deadline=None)
@given(places, names, st.floats(0.002, 2.0), st.floats(0, 2 * math.pi))
def test_a_stall_that_was_moved_is_named(place, name, metres, angle) -> None:
    # Each stall of this layout touches something on every side but in front of the ends of its row.
    dx, dy = metres * math.cos(angle), metres * math.sin(angle)
    if name in ("B0", "A0"):
        dx = abs(dx)
    if name in ("B5", "A5"):
        dx = -abs(dx)
    moved = STALLS | {name: shapely.affinity.translate(STALLS[name], dx, dy)}
    if max(abs(dx), abs(dy)) < 0.002:
        return
    found = faults(place, moved)
    assert name in {s for f in found for s in f.stalls}


@settings(max_examples=25, deadline=None)
@given(places, names, st.floats(0.0015, 2.3))
def test_a_fire_lane_in_a_stall_is_found_to_its_depth(place, name, depth) -> None:
    left, low, _, high = STALLS[name].bounds
    alone = {name: STALLS[name]}
    lane = box(left - 4 + depth, low, left + depth, high)
    hit = [f for f in faults(place, alone, fire_lanes=[lane]) if f.kind is FaultKind.STALL_IN_FIRE_LANE]
    assert [f.stalls for f in hit] == [(name,)]
    # A lane that stands in the stall reaches into it as deep as the stall's nearer sides are away.
    assert hit[0].measured_m is not None
    assert min(depth, WIDTH / 2) - 1e-3 <= hit[0].measured_m <= depth + 1e-3


@settings(max_examples=15, deadline=None)
@given(places, st.booleans())
def test_a_one_way_aisle_with_one_gate_never_holds_up(place, turned) -> None:
    found = faults(place, STALLS, direction="one_way", turned=turned, gates=GATES[:1])
    barred = FaultKind.NO_WAY_IN if turned else FaultKind.NO_WAY_OUT
    assert {s for f in found if f.kind is barred for s in f.stalls} == set(STALLS)
    assert FaultKind.ONE_WAY_DEAD_END in {f.kind for f in found}


@settings(max_examples=10, deadline=None)
@given(places, st.permutations(sorted(STALLS)))
def test_the_order_of_stalls_does_not_matter(place, order) -> None:
    broken = STALLS | {"B2": shapely.affinity.translate(STALLS["B2"], 0.05, -0.05)}
    first = faults(place, broken)
    second = faults(place, {name: broken[name] for name in order})
    told = [[(f.kind, f.stalls, f.aisles, f.measured_m) for f in found] for found in (first, second)]
    assert told[0] == told[1]
    assert told[0]
