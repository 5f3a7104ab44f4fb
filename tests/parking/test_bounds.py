"""Bounds on stalls: by hand where a lot is small, against real lots, and the lemma under the proof."""

from __future__ import annotations

import json
import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, box, shape

from plan.errors import UsageError
from plan.parking import StallSpec
from plan.parking.bounds import _near_m2, practical_bound, upper_bound

SPEC = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={0: 3.5, 45: 3.8, 90: 5.5})
SQUARE = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 5.5})
coordinate = st.floats(0, 30, allow_nan=False)


def test_ground_too_narrow_for_a_stall_holds_none() -> None:
    bound = upper_bound(box(0, 0, 100, 2.0), stall=SPEC, angles_deg=(0, 90))
    assert (bound.stalls, bound.is_proof, bound.ground_m2) == (0, True, 0)


def test_ground_as_wide_as_the_way_holds_no_more_than_its_area() -> None:
    # 2.8 x 30 m: the disc fits, and 84 / 12 = 7 stalls would leave no way at all.
    assert upper_bound(box(0, 0, 30, 2.8), stall=SQUARE, angles_deg=(90,)).stalls < 7


def test_a_row_on_a_lane_by_hand() -> None:
    # Ten square stalls side by side on a lane of 2.8 m, 24 x 7.8 m, are a layout: no bound may be below it.
    gate = LineString([(0, 5), (0, 7.8)])
    bound = upper_bound(box(0, 0, 24, 7.8), gates=[gate], stall=SQUARE, angles_deg=(90,))
    assert 10 <= bound.stalls < 24 * 7.8 / 12


def test_a_fire_lane_and_an_obstacle_take_ground() -> None:
    lot, lane = box(0, 0, 40, 20), box(0, 0, 40, 12)
    free = upper_bound(lot, stall=SQUARE, angles_deg=(90,)).stalls
    laned = upper_bound(lot, stall=SQUARE, angles_deg=(90,), fire_lanes=[lane])
    # 40 x 8 m are left, at 12 m2 a stall.
    assert laned.stalls == 26 < free
    assert upper_bound(lot, stall=SQUARE, angles_deg=(90,), obstacles=[lane]).stalls < laned.stalls


def test_wider_ways_and_known_gates_lower_the_bound() -> None:
    lot, gate = box(0, 0, 120, 80), LineString([(0, 30), (0, 36)])
    unknown = upper_bound(lot, stall=SQUARE, angles_deg=(90,))
    known = upper_bound(lot, stall=SQUARE, angles_deg=(90,), gates=[gate])
    wide = upper_bound(lot, stall=SQUARE, angles_deg=(90,), gates=[gate], clear_width_m=4.0)
    assert wide.stalls < known.stalls < unknown.stalls < 9600 / 12


def test_the_rule_of_thumb_says_that_it_is_none() -> None:
    # A square stall of an endless lot takes 2.4 x (5 + 5.5 / 2) = 18.6 m2.
    bound = practical_bound(box(0, 0, 60, 31), stall=SQUARE, angles_deg=(90,))
    assert (bound.stalls, bound.is_proof) == (100, False)
    assert bound.m2_per_stall == pytest.approx(18.6)
    assert "18.60" in bound.why.to("en")
    assert "18.60" in bound.why.to("zh")


@pytest.mark.parametrize("width", [0, -1, math.nan, math.inf])
def test_a_width_that_is_none_is_refused(width) -> None:
    with pytest.raises(UsageError, match=r"2\.8"):
        upper_bound(box(0, 0, 9, 9), clear_width_m=width)


def test_no_angle_is_refused() -> None:
    with pytest.raises(UsageError):
        upper_bound(box(0, 0, 9, 9), angles_deg=())


def test_a_disc_at_a_corner_is_the_farthest_from_the_stall() -> None:
    # Straight before a corner of the front: the quarter circle of radius 3 around (0, -1) above y = 0.
    row = SQUARE.row(90)
    segment = math.acos(1 / 3) * 9 - math.sqrt(8)
    near = _near_m2(row, 1.0, 2.0)
    assert near <= min(segment / 2, row.width_m * row.length_m)
    assert near > 0.5 * segment / 2


@given(
    st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=9), st.floats(0.5, 3), st.floats(0.2, 6)
)
def test_what_is_near_a_connected_way_grows_no_faster_than_the_proof_says(points, radius, depth) -> None:
    way = LineString(points)
    near, far = (shapely.buffer(way, s, quad_segs=64).area for s in (radius, radius + depth))
    assert far - near <= depth / radius * near + math.pi * depth * (radius + depth) + 1e-3 * far
    assert far <= (1 + depth / radius) ** 2 * near + 1e-3 * far


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "built"),
    [("dtu_engelsborgvej", 139), ("dtu_ikea", 332), ("dtu_stadeskrog", 76), ("rect_ilp_120x120", 613)],
)
def test_no_published_layout_is_above_the_bound(shared, name, built) -> None:
    lot = json.loads((shared / "instances" / "parking" / f"{name}.geojson").read_text("utf-8"))
    shapes = {f["properties"]["role"]: shape(f["geometry"]) for f in lot["features"]}
    figures = lot["params"]
    spec = StallSpec.of(
        width_m=figures["stall_w"],
        length_m=figures["stall_l"],
        aisles_m={float(angle): aisle for angle, aisle in figures["aisle"].items()},
    )
    bound = upper_bound(shapes["site"], gates=[shapes["gate"]], stall=spec)
    assert built <= bound.stalls < shapes["site"].area / (figures["stall_w"] * figures["stall_l"])
    assert built <= practical_bound(shapes["site"], stall=spec).stalls
