"""Parking of an estate: roads, spaces, rows, scenarios, on an estate that can be worked out by hand."""

from __future__ import annotations

import itertools

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, Point, Polygon, box
from small_estate import RING, at, frame, layers, small_site

import plan
from plan.checks import check
from plan.errors import MissingLayerError, UsageError
from plan.findings import Status
from plan.parking.clearances import estate_ground
from plan.parking.estate import Options
from plan.parking.kerbs import kerb_rows
from plan.parking.on_street import OnStreet, street_rows, why_not_on_street
from plan.parking.road_aisles import without_tails
from plan.parking.roads import Road, fire_ground, internal_roads
from plan.parking.scenarios import KEYS, parking_scenarios
from plan.parking.spaces import usable_spaces
from plan.parking.stackers import stacked_stalls, stacker_leave
from plan.parking.stalls import StallSpec
from plan.stalls import park_estate

NOTHING = Polygon()
QUICK = Options(time_limit_s=6, iterations=2)


def road(width, *, two_way=False, narrow=False, length=60.0):
    line = LineString([(0, 0), (length, 0)])
    return Road(road_id="L01", name="", line=line, width_m=width, two_way=two_way, narrow=narrow, fire=False)


# --- roads ---------------------------------------------------------------------------------------


def test_narrow_roads_on_a_loop_become_one_way_and_the_wide_entry_stays_two_way():
    found = internal_roads(small_site())
    assert [(r.width_m, r.two_way, r.narrow) for r in found.roads] == [
        (6.0, True, False),
        (4.0, False, False),
    ]
    assert found.one_way
    (gate,) = found.gates
    assert gate.length == pytest.approx(6.0)
    assert gate.distance(at(Point(60, 0))) == 0.0


def test_a_narrow_road_that_is_the_only_way_to_somewhere_stays_as_it_is():
    ways = layers()["walkways"]
    spur = LineString([(110, 40), (70, 40)])
    ways = {k: [*v, n] for (k, v), n in zip(ways.items(), ["w4", "path", 3.5, spur], strict=True)}
    found = internal_roads(small_site(walkways=ways, buildings=None))
    (narrow,) = [r for r in found.roads if r.narrow]
    assert narrow.two_way
    assert narrow.width_m == 3.5
    assert found.one_way


def test_a_footpath_is_no_road_and_a_site_without_parcels_is_told():
    assert all(r.width_m >= 3.0 for r in internal_roads(small_site()).roads)
    with pytest.raises(MissingLayerError):
        internal_roads(small_site(parcels=None))
    with pytest.raises(UsageError):
        internal_roads(small_site(), least_road_m=-1)


def test_a_fire_lane_counts_as_wide_as_it_ought_to_be():
    site = small_site()
    # 60 + 40 ... the lane runs 10 + 50 + 60 m, its two corners mitred: each adds (w/2)^2.
    assert fire_ground(site, least_m=4.0).area == pytest.approx(120 * 4.0, rel=1e-9)
    assert fire_ground(site).area == pytest.approx(120 * 3.6, rel=1e-9)


# --- spaces --------------------------------------------------------------------------------------


def spaces_of(site, **options):
    roads = internal_roads(site)
    ground = estate_ground(site, roads=roads, fire=fire_ground(site, least_m=4.0))
    return usable_spaces(site, roads=roads, ground=ground, **options)


def test_a_space_has_its_gate_what_bounds_it_and_the_others_their_reason():
    found = spaces_of(small_site())
    (space,) = found.spaces
    assert space.space_id == "A1"
    assert space.geometry.area == pytest.approx(23.8 * 44)
    assert max(gate.length for gate in space.gates) == pytest.approx(44.0)
    assert "roads" in space.bounded_by
    assert space.unpaved
    reasons = dict(
        zip(found.rejected["space_id"], (why.key for why in found.rejected["reason"]), strict=True)
    )
    assert reasons == {"A2": "stalls.named_in_use", "A3": "stalls.no_road"}


def test_a_space_in_use_is_laid_out_only_when_asked_for_and_any_can_be_kept():
    found = spaces_of(small_site(), take=["A2"], keep=["A1"])
    assert [s.space_id for s in found.spaces] == ["A2"]
    with pytest.raises(UsageError, match="A9"):
        spaces_of(small_site(), keep=["A9"])


def test_a_wall_between_road_and_space_shuts_it():
    wall = {
        "barrier_id": ["W"],
        "kind": ["wall"],
        "removable": [False],
        "geometry": [LineString([(107.9, 15), (107.9, 66), (80, 66)])],
    }
    assert "A1" not in {s.space_id for s in spaces_of(small_site(barriers=wall)).spaces}


# --- rows along roads ----------------------------------------------------------------------------


def rows(ground, angles, *, width=4.0, barred=NOTHING, **options):
    one = road(width)
    room = shapely.union(ground, one.ground)
    (run,) = kerb_rows(one, ground, room=room, barred_to_cars=barred, taken=(), angles_deg=angles, **options)
    return run


def test_parallel_stalls_leave_room_to_swing_at_both_ends():
    # 30 m of ground, 0.6 m to swing at each end: four of 6 m, and no fifth.
    run = rows(box(10, 2, 40, 4.6), [0])
    assert len(run.stalls) == 4
    assert {s["kind"] for s in run.stalls} == {"parallel"}


def test_slanted_rows_stand_at_their_pitch_and_lean_with_the_traffic():
    run = rows(box(10, 2, 40, 7.7), [45], sides=[1])
    # Ground from 10 m; a car swings over the 1.5 m before the first; then one every 3.4 m while 5.27 m remain.
    row = StallSpec().row(45, front_in=True)
    assert len(run.stalls) == row.stalls_in(30 - 1.5)
    starts = [s["start"] for s in run.stalls]
    assert all(b - a >= row.pitch_m - 1e-9 for a, b in itertools.pairwise(starts))
    for stall in run.stalls:
        (x0, y0), (x1, y1) = (
            min(stall["geometry"].exterior.coords, key=lambda p: p[1]),
            max(stall["geometry"].exterior.coords, key=lambda p: p[1]),
        )
        assert x1 > x0
        assert stall["front_in"]
        assert y0 == pytest.approx(run.width_m / 2)
        assert y1 < 7.7


def test_where_nobody_may_reverse_in_no_stall_is_backed_into():
    ground = box(5, 2, 55, 9)
    run = rows(ground, [0, 30, 45, 60, 90], reverse_in=False)
    assert run.stalls
    assert all(stall["front_in"] for stall in run.stalls)
    assert not rows(ground, [0], reverse_in=False).stalls


def test_nothing_stands_before_a_blocked_aisle_nor_along_a_narrow_two_way_road():
    ground = box(5, 2, 55, 9)
    assert not rows(ground, [45], barred=box(0, -2, 60, -1.5)).stalls
    one = road(4.0, two_way=True, narrow=True)
    (run,) = kerb_rows(one, ground, room=ground, barred_to_cars=NOTHING, taken=())
    assert not run.stalls


# --- on carriageways -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "two_way", "why"),
    [
        (5.9, False, "stalls.street_narrow"),
        (6.4, False, "stalls.street_remains"),
        (6.5, False, None),
        (7.9, True, "stalls.street_narrow"),
        (8.4, True, "stalls.street_remains"),
        (8.5, True, None),
    ],
)
def test_stalls_on_a_carriageway_leave_room_to_drive(width, two_way, why):
    found = why_not_on_street(road(width, two_way=two_way), OnStreet(), fire=NOTHING, spec=StallSpec())
    assert (found.key if found else None) == why


def test_stalls_on_a_carriageway_keep_off_junctions_and_fire_lanes():
    one = road(7.0)
    ends = [Point(0, 0), Point(60, 0)]
    given = {"no_stall": NOTHING, "junctions": ends, "spec": StallSpec()}
    runs, aisles = street_rows(one, OnStreet(), fire=NOTHING, **given)
    (run,) = runs
    # 60 m less about 15 m at both ends (round, so a little more beside the road's edge): five of 6 m.
    assert len(run.stalls) == 5
    assert all(min(s["geometry"].distance(p) for p in ends) >= 15.0 - 1e-6 for s in run.stalls)
    (aisle,) = aisles
    assert aisle["width_m"] == pytest.approx(4.5)
    lane = aisle["geometry"].buffer(aisle["width_m"] / 2, cap_style="flat")
    assert all(lane.intersection(s["geometry"]).area < 0.02 for s in run.stalls)
    assert why_not_on_street(one, OnStreet(), fire=one.ground, spec=StallSpec()).key == "stalls.street_fire"


# --- stackers --------------------------------------------------------------------------------------


def test_a_unit_of_five_columns_and_two_storeys_holds_nine():
    columns = [box(2.5 * n, 0, 2.5 * n + 2.5, 5.8) for n in range(5)]
    stalls = frame({"aisle_id": ["A"] * 6, "geometry": [*columns, box(40, 0, 42.5, 5.8)]})
    found = stacked_stalls(stalls, tiers=2, buildings=NOTHING, clear_m=6.0)
    assert found["capacity"].sum() == 5 * 2 - (2 - 1) + 1
    near = stacked_stalls(stalls, tiers=2, buildings=at(box(-3, 0, -1, 5)), clear_m=6.0)
    # The two columns within 6 m of the house stay low: three remain.
    assert near["capacity"].sum() == 2 + (3 * 2 - 1) + 1


def test_a_pack_may_bar_stackers_or_leave_it_open():
    jinan = plan.load_pack("jinan")
    assert stacker_leave(jinan, status="new").state == "ambiguous"  # the clause is conflicting, so it is off
    assert stacker_leave(jinan, status="existing").state == "silent"
    assert stacker_leave(plan.load_pack("sanming"), status="existing").state == "allowed"
    assert stacker_leave(None, status=None).state == "silent"


def test_an_enabled_clause_bars_them_with_its_words(tmp_path):
    path = tmp_path / "city.toml"
    path.write_text(
        """
[pack]
id = "city"
version = "1.0.0"
title = { zh = "市", en = "city" }
extends = "national"
[document.d]
title = "规定"
[[rule]]
id = "C-1"
title = { zh = "机械式", en = "mechanical" }
kind = "figure"
strength = "must"
evidence = "seed"
document = "d"
article = "一"
quote = "不应采用机械式停车。"
params = { name = "mechanical_stalls", text = "机械式停车", comparator = "forbidden" }
""",
        encoding="utf-8",
    )
    found = parking_scenarios(small_site(), pack=plan.load_pack(path), options=QUICK, only=["stackers"])
    assert "不应采用机械式停车" in found.left_out["stackers"]
    assert "stackers" not in {s.key for s in found.scenarios}


# --- scenarios -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scenarios():
    return parking_scenarios(small_site(), pack=plan.load_pack("sanming"), options=QUICK)


def test_every_scenario_is_drawn_or_says_why_not(scenarios):
    assert {s.key for s in scenarios.scenarios} | set(scenarios.left_out) == set(KEYS)
    assert scenarios.left_out["green"].key == "stalls.no_removable_green"


def test_the_stall_in_the_fire_lane_is_counted_today_and_moved_in_every_scenario(scenarios):
    assert scenarios["today"].measures["in_fire_lane"] == 1
    lane = fire_ground(small_site(), least_m=4.0)
    for scenario in scenarios.scenarios[1:]:
        assert scenario.measures["in_fire_lane"] == 0
        assert not shapely.intersects(scenario.placement.features.geometry.to_numpy(), lane).any()
        assert scenario.measures["faults"] == {}


def test_clearing_sheds_gains_stalls_and_counts_what_it_costs(scenarios):
    sheds, tidied = scenarios["sheds"].measures, scenarios["tidied"].measures
    assert sheds["stalls"] > tidied["stalls"]
    assert sheds["cleared"] == ("S1", "S2")
    assert sheds["cost_unknown"] == ("S2",)
    # 300 a stall, 200 a m2 of new paving, 5,000 for the shed whose cost is known.
    assert sheds["cost_cny"] == pytest.approx(
        300 * sheds["proposed"] + 200 * sheds["unpaved_m2"] + 5000, abs=1
    )
    assert sheds["cost_per_added_cny"] == round(sheds["cost_cny"] / sheds["added"])


def test_what_is_not_marked_removable_stays(scenarios):
    for scenario in scenarios.scenarios:
        assert "S3" in set(scenario.site.layer("obstacles")["obstacle_id"])
        fixed = at(box(82, 15.3, 88, 17.5))
        assert not shapely.intersects(scenario.placement.features.geometry.to_numpy(), fixed).any()


def test_the_site_has_the_scenario_drawn_in(scenarios):
    sheds = scenarios["sheds"]
    assert len(sheds.site.layer("stalls")) == sheds.measures["stalls"]
    assert set(sheds.site.layer("obstacles")["obstacle_id"]) == {"S3"}
    assert set(sheds.site.layer("aisles")["aisle_id"]) >= set(sheds.site.layer("stalls")["aisle_id"].dropna())
    removed = sheds.measures["removed"]
    assert sorted(removed["kind"]) == ["shed", "shed", "stall", "stall"]


def test_an_accessible_stall_has_its_wheelchair_aisle_beside_it(scenarios):
    stalls = scenarios["open_ground"].placement.features
    (own,) = stalls.geometry[stalls["kind"] == "accessible"]
    others = stalls.geometry[(stalls["kind"] != "accessible") & (stalls["state"] == "proposed")]
    wheel = own.buffer(1.2, join_style="mitre").difference(own)
    # On one side at least 1.2 m are free over the length of the stall.
    assert wheel.difference(shapely.union_all(others)).area >= 1.2 * 5.0


def test_no_stalls_layer_is_not_no_stalls():
    found = parking_scenarios(small_site(stalls=None), options=QUICK, only=["sheds"])
    assert found.left_out["today"].key == "stalls.no_stalls_layer"
    assert found["sheds"].measures["added"] is None


def test_unknown_names_and_figures_are_refused():
    with pytest.raises(UsageError, match="nowhere"):
        parking_scenarios(small_site(), options=QUICK, only=["nowhere"])
    for wrong in ({"green_share": 2.0}, {"stacker_tiers": 1}, {"angles_deg": (120,)}, {"time_limit_s": 0}):
        with pytest.raises(UsageError):
            Options(**wrong)


def test_the_same_input_gives_the_same_stalls():
    first, second = (
        parking_scenarios(small_site(), options=QUICK, only=["together"])["together"].placement
        for _ in range(2)
    )
    assert first.features.to_wkb().equals(second.features.to_wkb())


def test_a_ring_without_a_gate_has_no_roads_that_cars_reach():
    site = small_site(
        walkways={"way_id": ["w"], "kind": ["path"], "width_m": [4.0], "geometry": [LineString(RING)]},
        fire_lanes=None,
    )
    found = park_estate(site, plan.load_pack("sanming"), options=QUICK, scenario="tidied", compare=False)
    assert found.chosen.measures["proposed"] == 0
    assert found.scenarios.left_out["sheds"].key == "stalls.no_roads"


def test_columns_of_a_stacker_are_never_made_accessible():
    # A wide lot on a road that is no fire lane, and no stalls along it: the stackers of two storeys win.
    spaces = layers()["open_spaces"]
    spaces["geometry"] = [box(84, 18, 107.8, 66), *spaces["geometry"][1:]]
    site = small_site(open_spaces=spaces)
    found = parking_scenarios(
        site, pack=plan.load_pack("sanming"), options=Options(time_limit_s=24), only=["stackers"]
    )
    stalls = found["stackers"].placement.features
    assert (stalls["tiers"] > 1).any()
    assert not (stalls["tiers"][stalls["kind"] == "accessible"] > 1).any()
    assert found["stackers"].measures["stalls"] > len(stalls)


# --- the sample estate -------------------------------------------------------------------------------


def test_no_stall_of_the_written_file_touches_a_fire_lane(sample_gis, tmp_path):
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    pack = plan.load_pack("sanming")
    found = park_estate(site, pack, options=QUICK, scenario="sheds", only=("sheds",), compare=False)
    path = tmp_path / "parking.gpkg"
    found.chosen.site.to_gpkg(path, extra=found.layers("zh"))
    written = plan.read_site(path)
    stalls = written.layer("stalls")
    lanes = fire_ground(written, least_m=4.0)
    assert len(stalls) > len(site.layer("stalls"))
    assert float(stalls.distance(lanes).min()) >= 0.001
    assert found.chosen.measures["faults"] == {}
    (finding,) = plan.check(written, pack, select=["SM-13-FIRE"]).findings
    assert finding.status == "met"
    # Of stalls that stand without an aisle of their own a person must judge; the proposed ones are proven.
    (drive,) = plan.check(written, pack, select=["PK-DRIVE"]).findings
    assert drive.status == "undetermined"
    assert [name for name in drive.features if name.startswith("N")] == []


def test_the_drawing_of_a_proposal_is_proven_by_the_check_of_drawings(scenarios):
    """Stalls, aisles and the ground over which cars swing are all in the layers that a proposal draws."""
    pack = plan.load_pack("sanming")
    site = scenarios["together"].site
    (found,) = check(site, pack, select=["PK-DRIVE"]).findings
    new = set(site.layers["stalls"].query("state == 'proposed'")["stall_id"])
    assert new
    assert found.status is not Status.NOT_MET
    assert found.reason is None or not new & set(found.features)


def test_a_road_that_leads_to_a_lot_is_an_aisle_as_far_as_the_lot():
    lines = [LineString([(0, 0), (60, 0)]), LineString([(20, 0), (20, 9)]), LineString([(0, 30), (0, 0)])]
    table = {"aisle_id": ["R-W1", "L-in", "R2"], "place": ["R", "L", "R2"], "geometry": lines}
    cut = without_tails(gpd.GeoDataFrame(table), {"R"})
    assert cut.geometry.iloc[0].equals(LineString([(0, 0), (20, 0)]))
    assert list(cut.geometry[1:]) == lines[1:]
    assert without_tails(gpd.GeoDataFrame(table), set()).geometry.iloc[0] == lines[0]
