"""Stalls on the ground: what breaks a rule is named and shown; what is not known is told."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from cases_of_stalls import APART, DRIVE, OFF_LANES, STALL_SIZE, beside_lane, drive, one_stall, two_stalls
from small_sites import area, judged, line, site

import plan
from plan.checks import check
from plan.cli import main
from plan.findings import Status
from plan.site import Site

NOT_MET, MET, UNDETERMINED = Status.NOT_MET, Status.MET, Status.UNDETERMINED


def with_layer(where: Site, name: str, rows: list, **more: object) -> Site:
    frames = {n: where.layer(n) for n in where.layers}
    new = site(**{name: rows}, **more)
    return Site(name="S", layers=frames | {name: new.layer(name)}, crs=where.crs, problems=new.problems)


# --- off the fire lanes --------------------------------------------------------------------------


def test_how_deep_a_stall_stands_in_a_lane() -> None:
    found = judged(beside_lane(0.05), OFF_LANES)
    assert (found.status, found.features, found.measured, found.required) == (NOT_MET, ("T1",), 0.05, 0.0)
    assert found.geometry is not None
    assert found.geometry["type"] == "Polygon"


def test_stalls_of_a_garage_below_are_not_in_the_lane() -> None:
    stalls = [
        {"stall_id": "T1", "kind": "underground", "geometry": area(20, 5, 2.4, 5)},
        {"stall_id": "T2", "kind": "perpendicular", "geometry": area(30, 0, 2.4, 5)},
    ]
    found = judged(with_layer(beside_lane(0), "stalls", stalls), OFF_LANES)
    assert (found.status, found.features) == (MET, ("T2",))


def test_a_mended_lane_or_stall_does_not_decide() -> None:
    for layer, ids in (("fire_lanes", ("L1",)), ("stalls", ("T1",))):
        where = beside_lane(0.05)
        mended = site(repaired={layer: ids}, **{layer: []})
        doubtful = Site(
            name="S",
            layers={n: where.layer(n) for n in where.layers},
            crs=where.crs,
            problems=mended.problems,
        )
        found = judged(doubtful, OFF_LANES)
        assert found.status is UNDETERMINED
        assert str(found.reason).startswith("repaired_geometry")


def test_a_stall_in_a_sound_lane_is_broken_whatever_is_not_known_of_others() -> None:
    lanes = [
        {"lane_id": "L1", "width_m": 4.0, "geometry": line((0, 7), (100, 7))},
        {"lane_id": "L2", "width_m": None, "geometry": line((0, 50), (100, 50))},
    ]
    assert judged(with_layer(beside_lane(0.05), "fire_lanes", lanes), OFF_LANES).status is NOT_MET
    assert judged(with_layer(beside_lane(0), "fire_lanes", lanes), OFF_LANES).status is UNDETERMINED


# --- apart ---------------------------------------------------------------------------------------


def test_a_stall_in_a_house_and_one_off_the_site_are_found() -> None:
    found = judged(two_stalls(1, house=4.95), APART)
    assert (found.status, found.features, found.measured) == (NOT_MET, ("T1", "T2"), 0.05)
    assert judged(two_stalls(1, plot=0.002), APART).status is NOT_MET


def test_a_mended_house_decides_only_where_it_may_stand() -> None:
    def beside(y: float) -> Site:
        houses = [{"building_id": "B1", "floors": 6, "geometry": area(0, y, 50, 12)}]
        return with_layer(two_stalls(1), "buildings", houses, repaired={"buildings": ("B1",)})

    assert judged(beside(30), APART).status is MET
    assert str(judged(beside(4), APART).reason).startswith("repaired_geometry")


# --- size ----------------------------------------------------------------------------------------


def test_the_side_that_falls_short_is_shown() -> None:
    found = judged(one_stall(2.4, 4.8), STALL_SIZE)
    assert (found.status, found.measured, found.required) == (NOT_MET, 4.8, 5.0)
    found = judged(one_stall(2.3, 5.5, "平行式"), STALL_SIZE)
    assert (found.status, found.measured, found.required) == (NOT_MET, 5.5, 6.0)


# --- drivable ------------------------------------------------------------------------------------


def test_what_was_not_found_is_left_to_a_person() -> None:
    found = judged(drive(4.5), DRIVE)
    assert found.status is UNDETERMINED
    assert str(found.reason).startswith("needs_person")
    assert set(found.features) <= {"T0", "T1", "T2"}


def test_a_dead_end_that_is_too_long_is_named_with_its_aisle() -> None:
    found = judged(drive(far=False), DRIVE)
    assert (found.status, found.features, found.measured, found.required) == (NOT_MET, ("A1",), 3, 3)


@pytest.mark.parametrize(("apart_m", "status"), [(0, NOT_MET), (1.598, NOT_MET), (1.6, MET)])
def test_one_way_aisles_against_each_other_are_named_with_their_ground(apart_m, status) -> None:
    ways = [
        {"aisle_id": "A1", "direction": "one_way", "width_m": 6.0, "geometry": line((-5, 8), (55, 8))},
        {"aisle_id": "A2", "direction": "one_way", "width_m": 4.0, "geometry": line((10, 35), (40, 35))},
        {"aisle_id": "A3", "direction": "one_way", "width_m": 4.0}
        | {"geometry": line((40, 35 - apart_m), (10, 35 - apart_m))},
        *(
            {"aisle_id": f"C{x}", "direction": "two_way", "width_m": 6.0, "geometry": line((x, 8), (x, 35))}
            for x in (10, 40)
        ),
    ]
    where = with_layer(drive(), "aisles", ways)
    where = with_layer(
        where, "buildings", [{"building_id": "B1", "floors": 6, "geometry": area(15, 15, 9, 9)}]
    )
    found = judged(where, DRIVE)
    assert found.status is status
    if status is NOT_MET:
        assert found.features == ("A2", "A3")
        assert shapely.from_geojson(json.dumps(found.geometry)).area > 0


@pytest.mark.parametrize(
    ("place", "status"),
    [(area(32, 0, 5, 11), MET), (area(40, 5, 5, 6), UNDETERMINED), (area(2, 0, 5, 11), NOT_MET)],
)
def test_a_long_dead_end_needs_a_turning_place_that_is_one(place, status) -> None:
    where = drive(far=False)
    aisle = where.layer("aisles").to_dict("records")
    turning = {"aisle_id": "T", "direction": "回车场", "width_m": None, "geometry": place}
    asked = type(DRIVE)(dead_end_m=25, clearance_m=0.1)
    assert judged(with_layer(where, "aisles", [*aisle, turning]), asked).status is status


def test_a_way_must_cross_the_edge_of_the_site_at_a_gate() -> None:
    found = judged(drive(gate_x=25, far=False), DRIVE)
    assert found.status is UNDETERMINED
    assert str(found.reason).startswith("missing_data")


@pytest.mark.parametrize(
    ("layer", "rows"),
    [
        ("obstacles", [{"obstacle_id": "O1", "kind": "shed", "geometry": area(10, 5, 4, 4)}]),
        ("barriers", [{"barrier_id": "W1", "kind": "wall", "geometry": line((19, 5), (28, 5))}]),
        ("barriers", [{"barrier_id": "W1", "kind": "wall", "geometry": line((10, 5), (10, 11))}]),
    ],
)
def test_what_stands_in_the_way_is_seen(layer, rows) -> None:
    assert judged(drive(), DRIVE).status is MET
    one_gate = judged(with_layer(drive(far=False), layer, rows), DRIVE)
    assert one_gate.status is not MET


def test_streets_lead_to_the_aisles_where_their_width_is_known() -> None:
    where = drive(far=False)
    short = [{"aisle_id": "A1", "direction": "two_way", "width_m": 6.0, "geometry": line((15, 8), (30, 8))}]
    where = with_layer(where, "aisles", short)
    assert judged(where, DRIVE).status is UNDETERMINED  # nothing crosses the edge
    street = {"way_id": "S1", "kind": "street", "width_m": 6.0, "geometry": line((-5, 8), (15, 8))}
    assert judged(with_layer(where, "walkways", [street]), DRIVE).status is NOT_MET  # 30 m of dead end
    asked = type(DRIVE)(dead_end_m=30, clearance_m=0.1)
    assert judged(with_layer(where, "walkways", [street]), asked).status is MET
    silent = judged(with_layer(where, "walkways", [street | {"width_m": None}]), asked)
    assert silent.status is UNDETERMINED


@pytest.mark.parametrize("layer", ["stalls", "buildings"])
def test_mended_ground_does_not_prove_a_drive(layer) -> None:
    where = drive()
    ids = tuple(where.layer(layer).iloc[:, 0])
    mended = site(repaired={layer: ids}, **{layer: []})
    doubtful = Site(
        name="S", layers={n: where.layer(n) for n in where.layers}, crs=where.crs, problems=mended.problems
    )
    found = judged(doubtful, DRIVE)
    assert str(found.reason).startswith("repaired_geometry")


def test_a_wall_along_the_edge_is_open_at_the_gate() -> None:
    wall = [{"barrier_id": "W1", "kind": "wall", "geometry": line((0, 0), (0, 40))}]
    assert judged(with_layer(drive(), "barriers", wall), DRIVE).status is MET


def test_a_stall_without_a_shape_is_not_judged() -> None:
    rows = [
        {"stall_id": "T1", "geometry": area(20, 0, 2.4, 5)},
        {"stall_id": "T2", "geometry": None},
    ]
    for asked, where in (
        (OFF_LANES, beside_lane(0)),
        (APART, two_stalls(0)),
        (STALL_SIZE, one_stall(2.4, 5)),
    ):
        found = judged(with_layer(where, "stalls", rows), asked)
        assert str(found.reason).startswith("missing_data"), asked


# --- from file to verdict ------------------------------------------------------------------------


@pytest.fixture
def old_estate(sample_gis: Path) -> Site:
    return plan.read_site(sample_gis / "old_estate.gpkg")


def pushed(where: Site, over_m: float) -> tuple[Site, str]:
    """Push the stall nearest to a fire lane straight into it, so far beyond its border."""
    stalls, lanes = where.layer("stalls"), where.layer("fire_lanes")
    grounds = [
        lane.buffer(width / 2, cap_style="flat")
        for lane, width in zip(lanes.geometry, lanes["width_m"], strict=True)
    ]
    ground = min(grounds, key=lambda g: stalls.distance(g).min())
    row = stalls.distance(ground).idxmin()
    shape = stalls.geometry[row]
    # From the nearest corner of the stall square to the nearest border of the lane.
    near = shapely.get_coordinates(shapely.shortest_line(shape, ground))
    step = near[1] - near[0]
    length = float((step**2).sum() ** 0.5)
    step *= (length + over_m) / length
    stalls.loc[row, "geometry"] = shapely.affinity.translate(shape, *step)
    return where.with_layer("stalls", stalls), str(stalls["stall_id"][row])


@pytest.mark.parametrize(("over_m", "status"), [(0.05, "not_met"), (0.001, "not_met"), (0.0, "met")])
def test_one_stall_of_a_drawing_moved_into_a_fire_lane(old_estate, tmp_path, capsys, over_m, status) -> None:
    where, moved = pushed(old_estate, over_m)
    drawing = tmp_path / "drawing.gpkg"
    where.to_gpkg(drawing)
    code = main(["check", str(drawing), "--rules", "sanming", "--select", "SM-13-FIRE", "--format", "json"])
    assert code == (1 if status == "not_met" else 0)
    (found,) = json.loads(capsys.readouterr().out)["sites"][0]["findings"]
    assert found["status"] == status
    if status == "not_met":
        assert found["features"] == [moved]
        assert found["measured"] == pytest.approx(over_m, abs=2e-4)
        assert "确保消防通道畅通" in found["clause"]["quote"]
        drawn = shapely.from_geojson(json.dumps(found["geometry"]))
        stall = (
            gpd.GeoSeries(where.layer("stalls").set_index("stall_id").geometry[[moved]]).to_crs(4326).iloc[0]
        )
        assert drawn.hausdorff_distance(stall) < 1e-6  # a tenth of a metre


def test_the_drawing_as_it_is_keeps_its_lanes_free(old_estate) -> None:
    report = check(old_estate, plan.load_pack("sanming"), select=["SM-13-FIRE", "WZ-PARK-FIRE", "PK-APART"])
    assert [f.status for f in report.findings] == [MET] * 3


def test_the_stalls_of_the_design_are_of_the_size_of_the_table(sample_gis) -> None:
    design = plan.read_site(sample_gis / "new_estate.gpkg")
    found = {f.rule: f for f in check(design, plan.load_pack("qinhuangdao"), select=["PK-"]).findings}
    assert found["PK-STALL"].status is MET
    assert found["PK-APART"].status is MET
    # Nobody drew the aisles.
    assert found["PK-DRIVE"].status is UNDETERMINED
    assert "aisles" in str(found["PK-DRIVE"].reason)
