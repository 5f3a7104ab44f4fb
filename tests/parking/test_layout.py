"""Layouts of lots that a person can count, and lots that cannot be laid out."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, Polygon, box

from plan.errors import CrsError, PlanError, UsageError
from plan.parking import StallSpec, place_stalls, verify
from plan.parking.filling import fill, marked
from plan.parking.kinds import kinds_of
from plan.parking.lanes import circulate
from plan.parking.lines import Line
from plan.parking.lot import ground_of

SPEC = StallSpec.of(
    width_m=2.4, length_m=5.0, aisles_m={0: 3.5, 45: 3.5, 60: 4.5, 90: 6.0}, lane_m=3.5, two_way_m=6.0
)

# A corner at infinity, as a division by zero leaves it.
NOT_FINITE = shapely.from_wkt("POLYGON ((0 0, 30 0, 30 inf, 0 0))")


def placed(lot, gates, **options):
    return place_stalls(lot, gates=gates, **{"stall": SPEC, "iterations": 60, **options})


def broken(placement, lot, obstacles=(), fire_lanes=()):
    """What is wrong with a layout, measured with shapely alone."""
    stalls = np.array(placement.features.geometry.to_list(), dtype=object)
    aisles = placement.measures["aisles"]
    grounds = np.array(
        [
            line.buffer(width / 2, cap_style="flat")
            for line, width in zip(aisles.geometry, aisles["width_m"], strict=True)
        ],
        dtype=object,
    )
    cores = shapely.buffer(stalls, -0.0006, join_style="mitre")
    faults = [
        f"stalls {i} and {j}" for i in range(len(cores)) for j in range(i) if cores[i].intersects(cores[j])
    ]
    faults += [f"stall {i} in an aisle" for i, s in enumerate(cores) for g in grounds if s.intersects(g)]
    faults += [f"stall {i} outside" for i, s in enumerate(cores) if not lot.covers(s)]
    faults += [f"aisle {i} outside" for i, g in enumerate(grounds) if not lot.buffer(0.001).covers(g)]
    for thing in obstacles:
        faults += [f"stall {i} on an obstacle" for i, s in enumerate(cores) if s.intersects(thing)]
        inner = thing.buffer(-0.001)
        faults += [f"aisle {i} on an obstacle" for i, g in enumerate(grounds) if g.intersects(inner)]
    for lane in fire_lanes:
        faults += [f"stall {i} on a fire lane" for i, s in enumerate(cores) if s.intersects(lane)]
    if set(placement.features["aisle_id"]) - set(aisles["aisle_id"]):
        faults.append("a stall of no aisle")
    return faults


def test_a_strip_between_two_gates_holds_two_square_rows() -> None:
    # 16 m = 5 + 6 + 5; 60 m hold 25 stalls of 2.4 m on each side.
    lot = box(0, 0, 60, 16)
    ends = [LineString([(0, 5), (0, 11)]), LineString([(60, 5), (60, 11)])]
    placement = placed(lot, ends, angles_deg=(90,))
    assert placement.measures["stalls"] == len(placement.features) == 50
    assert broken(placement, lot) == []
    assert 50 <= placement.measures["upper_bound"] < 960 / 12
    assert placement.measures["bound_is_proof"] is True


def test_slanted_rows_follow_the_one_way() -> None:
    lot = box(0, 0, 60, 13)
    ends = [LineString([(0, 4), (0, 9)]), LineString([(60, 4), (60, 9)])]
    placement = placed(lot, ends, angles_deg=(45,))
    # 45 degrees: 5.23 m deep, so that 13 m are one row and its aisle only (2 x 5.23 + 3.5 = 13.96). A stall takes
    # 3.394 m of the aisle and reaches 3.536 m beyond: (60 - 3.536) / 3.394 = 16.6.
    assert len(placement.features) == 16
    assert broken(placement, lot) == []
    assert set(placement.measures["aisles"]["direction"]) == {"one_way"}


def test_no_stall_stands_on_the_fire_lane_that_is_its_aisle() -> None:
    lot, lane = box(0, 0, 60, 16), box(0, 5, 60, 11)
    ends = [LineString([(0, 5), (0, 11)]), LineString([(60, 5), (60, 11)])]
    placement = placed(lot, ends, fire_lanes=[lane], angles_deg=(90,))
    assert len(placement.features) == 50
    assert broken(placement, lot, fire_lanes=[lane]) == []


def test_the_same_seed_and_steps_give_the_same_layout() -> None:
    lot = Polygon([(0, 0), (50, 0), (50, 30), (20, 42), (0, 40)])
    gate = LineString([(0, 10), (0, 16)])
    first, second = (placed(lot, gate, iterations=80, seed=3) for _ in range(2))
    assert first.features.to_json() == second.features.to_json()
    assert first.measures["aisles"].to_json() == second.measures["aisles"].to_json()


@pytest.mark.parametrize(
    ("lot", "gates", "key"),
    [
        (box(0, 0, 30, 30), [], "layout.no_gate"),
        (box(0, 0, 30, 30), LineString([(10, 5), (16, 5)]), "layout.gate_off"),
        (Polygon([(0, 0), (30, 30), (30, 0), (0, 30)]), LineString([(0, 0), (0, 6)]), "layout.crossing"),
        (Polygon(), LineString([(0, 0), (0, 6)]), "layout.empty_lot"),
        (NOT_FINITE, LineString([(0, 0), (6, 0)]), "layout.not_finite"),
        (
            box(119.6, 39.9, 119.601, 39.901),
            LineString([(119.6, 39.9), (119.6, 39.9005)]),
            "layout.degrees",
        ),
        (LineString([(0, 0), (1, 1)]), LineString([(0, 0), (0, 6)]), "layout.not_a_lot"),
    ],
)
def test_what_is_no_lot_is_refused_with_its_cure(lot, gates, key) -> None:
    with pytest.raises(UsageError) as caught:
        placed(lot, gates)
    assert caught.value.message.key == key


@pytest.mark.parametrize("options", [{"time_limit_s": 0}, {"time_limit_s": math.nan}, {"iterations": 0}])
def test_budgets_are_positive(options) -> None:
    with pytest.raises(UsageError) as caught:
        placed(box(0, 0, 30, 30), LineString([(0, 0), (0, 6)]), **options)
    assert caught.value.message.key == "layout.options"


def test_a_frame_in_degrees_is_refused() -> None:
    tree = gpd.GeoSeries([box(1, 1, 2, 2)], crs=4326)
    with pytest.raises(CrsError):
        placed(box(0, 0, 30, 30), LineString([(0, 0), (0, 6)]), obstacles=tree)


@pytest.mark.parametrize(
    ("lot", "gate", "obstacles", "key"),
    [
        (box(0, 0, 2, 3), LineString([(0, 0), (0, 3)]), None, "layout.no_way"),
        (box(0, 0, 30, 30), LineString([(0, 0), (0, 6)]), [box(-1, -1, 31, 31)], "layout.no_room"),
        (box(0, 0, 30, 30), LineString([(0, 0), (0, 2)]), None, "layout.gate_narrow"),
    ],
)
def test_where_nothing_fits_the_placement_is_empty_and_says_why(lot, gate, obstacles, key) -> None:
    placement = placed(lot, gate, obstacles=obstacles)
    assert len(placement.features) == 0
    assert placement.measures["stalls"] == 0
    assert [reason.key for reason in placement.rejected["reason"]] == [key]
    assert issubclass(UsageError, PlanError)


def test_stalls_stand_across_the_end_of_an_aisle_that_leads_nowhere() -> None:
    # 7 m are no row beside its aisle, and the end of an aisle of 6 m is as wide as two stalls of 2.4 m.
    gate = LineString([(0, 0), (7, 0)])
    ground = ground_of(box(0, 0, 7, 30), gates=gate, obstacles=None, fire_lanes=None)
    line = Line(x=3.5, y=1.0, angle=math.pi / 2, width=6.0, way=0, everywhere=False, high=24.0)
    network = circulate(ground, [line], SPEC, dead_end_m=25.0)
    filling = fill(ground, network, [line], kinds_of(SPEC, [90]))
    assert filling.count == 2
    stalls = [
        Polygon(c)
        for r in filling.rows
        if len(r)
        for c in marked(network.lanes[r.lane], r, kinds_of(SPEC, [90]))
    ]
    assert shapely.union_all(stalls).bounds == pytest.approx((1.7, 25, 6.5, 30), abs=0.01)
    aisles = gpd.GeoDataFrame(
        {"aisle_id": ["A"], "direction": ["two_way"], "width_m": [6.0]},
        geometry=[LineString([(3.5, 0), (3.5, 25)])],
    )
    assert verify(box(0, 0, 7, 30), stalls, aisles, gates=gate, stall=SPEC) == ()


def test_parallel_stalls_end_half_a_metre_before_a_wall_and_begin_a_hand_behind_one() -> None:
    # Four stalls of 6 m need 24.6 m between two walls, and half a metre less where cars come from both sides.
    for length, most in ((24.65, 4), (24.15, 3)):
        walls = [box(-2, 0, 0, 2.4), box(length, 0, length + 2, 2.4)]
        lot = box(-2, 0, length + 2, 5.9)
        ends = [LineString([(x, 2.4), (x, 5.9)]) for x in (-2, length + 2)]
        placement = placed(lot, ends, obstacles=walls, angles_deg=(0,))
        assert len(placement.features) == most
        assert broken(placement, lot, walls) == []


def test_an_aisle_with_a_bend_that_leads_nowhere_is_served_to_its_end() -> None:
    # Two arms of 16 m: a row, an aisle and a row. One place at the end of the second one is left to turn.
    lot = Polygon([(0, 0), (60, 0), (60, 16), (16, 16), (16, 60), (0, 60)])
    gate = LineString([(60, 5), (60, 11)])
    placement = placed(lot, gate, angles_deg=(90,), iterations=3000, seed=1)
    assert len(placement.features) >= 70
    assert broken(placement, lot) == []
    assert len(placement.measures["turning_places"]) >= 1


def test_an_outline_of_too_many_corners_is_refused_before_anything_is_made_of_it() -> None:
    turns = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    radii = 40 + 0.05 * np.sin(3000 * turns)
    lot = Polygon(np.stack([radii * np.cos(turns), radii * np.sin(turns)], axis=1))
    with pytest.raises(UsageError) as caught:
        placed(lot, LineString([(40, 0), (40, 6)]))
    assert caught.value.message.key == "layout.corners"


def test_an_outline_of_many_corners_holds_what_the_plain_one_holds() -> None:
    # A wall of 60.1 m drawn by 6,000 points that are up to 1 mm off; it is followed 2 cm inside.
    x = np.linspace(60.1, 0, 6000)
    noise = np.random.default_rng(0).uniform(0, 0.001, len(x))
    lot = Polygon([(0, 0), (60.1, 0), *zip(x, 16.1 + noise, strict=True)])
    ends = [LineString([(0, 5), (0, 11)]), LineString([(60.1, 5), (60.1, 11)])]
    placement = placed(lot, ends, angles_deg=(90,))
    assert len(placement.features) == 50
    assert broken(placement, lot) == []
