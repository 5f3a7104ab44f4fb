"""Elevators that are drawn, by hand or by the tool: what is left of the fire lane, and the building opposite."""

from __future__ import annotations

import pytest
from small_sites import area, at, judged, line, site

from plan import load_pack
from plan.checks import check
from plan.findings import Status
from plan.rules import kinds
from plan.site import Site

LANE = kinds.ElevatorFireLane(minimum_m=4.0)
APART = kinds.ElevatorSeparation(minimum_m=6.0)


def drawn(edge: float = 2.4, **more):
    """A shaft whose outer side is at ``edge``, a lane of 4 m from y = 2.4 to y = 6.4, a house from y = 8.4."""
    layers = {
        "elevators": [
            {
                "elevator_id": "E1",
                "stairwell_id": "S1",
                "building_id": "B1",
                "geometry": area(20, edge - 2.4, 2.2, 2.4),
            }
        ],
        "fire_lanes": [{"lane_id": "L1", "width_m": 4.0, "geometry": line((-20, 4.4), (70, 4.4))}],
        "buildings": [
            {"building_id": "B1", "floors": 6, "geometry": area(0, -11, 50, 11)},
            {"building_id": "B2", "floors": 6, "geometry": area(0, 8.4, 50, 11)},
        ],
        "entrances": [
            {
                "entrance_id": "D1",
                "kind": "stairwell",
                "building_id": "B1",
                "stairwell_id": "S1",
                "geometry": at(21, 0),
            }
        ],
    }
    return site(**(layers | more))


@pytest.mark.parametrize(
    ("edge", "status", "measured"),
    [
        (2.4, Status.MET, 4.0),
        (2.41, Status.NOT_MET, 3.99),
        (2.401, Status.NOT_MET, 3.999),
        (2.4001, Status.NOT_MET, 3.9999),
    ],
)
def test_the_lane_keeps_four_metres(edge, status, measured):
    found = judged(drawn(edge), LANE)
    assert found.status is status
    assert found.measured == pytest.approx(measured, abs=1e-6)
    assert found.geometry is not None
    if status is Status.NOT_MET:
        assert set(found.features) == {"E1", "L1"}
        assert "E1" in found.remedy
        assert "L1" in found.remedy


def test_the_remedy_says_how_many_millimetres():
    assert "10 mm" in judged(drawn(2.41), LANE).remedy.to("en")
    assert "3.990 m" in judged(drawn(2.41), LANE).remedy.to("en")
    assert "1 mm" in judged(drawn(2.4001), LANE).remedy.to("en")


def test_a_lane_drawn_as_an_area():
    ground = [{"lane_id": "L1", "width_m": 4.0, "geometry": area(-20, 2.4, 90, 4.0)}]
    assert judged(drawn(2.4, fire_lanes=ground), LANE).status is Status.MET
    assert judged(drawn(2.41, fire_lanes=ground), LANE).status is Status.NOT_MET


@pytest.mark.parametrize("layer", ["elevators", "fire_lanes"])
def test_without_a_layer_it_cannot_be_told(layer):
    where = drawn()
    rest = {n: where.layer(n) for n in where.layers if n != layer}
    found = judged(Site(name="S", layers=rest, crs=where.crs), LANE)
    assert found.status is Status.UNDETERMINED
    assert str(found.reason).startswith("missing_data")


def test_a_mended_lane_decides_nothing_and_a_sound_one_still_does():
    assert judged(drawn(repaired={"fire_lanes": ("L1",)}), LANE).status is Status.UNDETERMINED
    assert judged(drawn(repaired={"elevators": ("E1",)}), LANE).status is Status.UNDETERMINED
    two = [
        {"lane_id": "L1", "width_m": 4.0, "geometry": line((-20, 4.3), (70, 4.3))},
        {"lane_id": "L2", "width_m": 4.0, "geometry": line((-20, 4.4), (70, 4.4))},
    ]
    assert judged(drawn(fire_lanes=two, repaired={"fire_lanes": ("L2",)}), LANE).status is Status.NOT_MET


def test_an_elevator_without_a_shape():
    rows = [
        {"elevator_id": "E1", "stairwell_id": "S1", "building_id": "B1", "geometry": area(20, 0, 2.2, 2.4)},
        {"elevator_id": "E2", "stairwell_id": "S2", "building_id": "B1", "geometry": None},
    ]
    found = judged(drawn(elevators=rows), LANE)
    assert found.status is Status.UNDETERMINED
    assert "E2" in found.reason


@pytest.mark.parametrize(("edge", "status"), [(2.4, Status.MET), (2.401, Status.NOT_MET)])
def test_the_house_opposite(edge, status):
    found = judged(drawn(edge), APART)
    assert found.status is status
    if status is Status.NOT_MET:
        assert set(found.features) == {"E1", "B2"}
        assert "1 mm" in found.remedy.to("en")


def test_the_own_building_is_found_by_the_stairwell():
    rows = [{"elevator_id": "E1", "stairwell_id": "S1", "geometry": area(20, 0, 2.2, 2.4)}]
    assert judged(drawn(elevators=rows), APART).status is Status.MET
    rows[0]["stairwell_id"] = "S9"
    assert judged(drawn(elevators=rows), APART).status is Status.UNDETERMINED


def test_a_mended_house_nearby_decides_nothing():
    assert judged(drawn(repaired={"buildings": ("B2",)}), APART).status is Status.UNDETERMINED


def test_the_national_rules_judge_what_is_drawn():
    rules = ["EL-FIRE", "EL-SEP"]
    found = check(drawn(2.41), load_pack("national"), select=rules, estate="existing").findings
    assert [(f.rule, f.status, f.strength.value) for f in found] == [
        ("EL-SEP", Status.NOT_MET, "should"),
        ("EL-FIRE", Status.NOT_MET, "should"),
    ]
    assert all(f.clause.quote for f in found)
    assert all(f.geometry for f in found)


def across(*, low: float, **more: object):
    """Something 2 m wide beyond ``low`` opposite the shaft, whose outer side is on the border of the lane, y = 2.4."""
    return {"geometry": area(20, low, 2.0, 2.0), **more}


@pytest.mark.parametrize(("low", "status", "left"), [(6.4, Status.MET, 4.0), (5.0, Status.NOT_MET, 2.6)])
def test_a_shed_across_the_lane(low, status, left):
    shed = across(low=low, obstacle_id="X1", kind="shed", removable=False)
    found = judged(drawn(obstacles=[shed]), LANE)
    assert found.status is status
    assert found.measured == pytest.approx(left, abs=1e-6)
    if status is Status.NOT_MET:
        assert set(found.features) == {"E1", "L1", "X1"}
        assert "X1" in found.remedy
    # What can be removed does not stand there for good; what straddles the middle line leaves what is before it.
    assert judged(drawn(obstacles=[shed | {"removable": True}]), LANE).status is Status.MET
    found = judged(drawn(obstacles=[across(low=3.4, obstacle_id="X1", kind="shed", removable=False)]), LANE)
    assert found.measured == pytest.approx(1.0, abs=1e-6)


def test_a_wall_a_tree_and_a_building_across_the_lane():
    wall = {"barrier_id": "K1", "kind": "wall", "removable": False, "geometry": line((-20, 5.9), (70, 5.9))}
    found = judged(drawn(barriers=[wall]), LANE)
    assert (found.status, set(found.features)) == (Status.NOT_MET, {"E1", "L1", "K1"})
    assert found.measured == pytest.approx(3.5, abs=1e-6)
    tree = {"obstacle_id": "T1", "kind": "tree", "radius_m": 0.6, "removable": False, "geometry": at(21, 6.4)}
    assert judged(drawn(obstacles=[tree]), LANE).measured == pytest.approx(3.4, abs=1e-6)
    house = [
        {"building_id": "B1", "floors": 6, "geometry": area(0, -11, 50, 11)},
        {"building_id": "B2", "floors": 6, "geometry": area(0, 6.0, 50, 11)},
    ]
    found = judged(drawn(buildings=house), LANE)
    assert set(found.features) == {"E1", "L1", "B2"}
    assert found.measured == pytest.approx(3.6, abs=1e-6)


def test_a_wall_right_across_the_lane_is_not_measured_along_it():
    wall = {"barrier_id": "K1", "kind": "wall", "removable": False, "geometry": line((24, 0), (24, 8))}
    assert judged(drawn(barriers=[wall]), LANE).measured == pytest.approx(4.0, abs=1e-6)


@pytest.mark.parametrize("areal", [False, True])
def test_two_shafts_with_one_lane_between(areal):
    two = [
        {"elevator_id": "E1", "stairwell_id": "S1", "building_id": "B1", "geometry": area(20, 0, 2.2, 2.4)},
        {"elevator_id": "E2", "stairwell_id": "S2", "building_id": "B2", "geometry": area(20, 6, 2.2, 2.4)},
    ]
    lanes = [{"lane_id": "L1", "width_m": 4.0, "geometry": area(-20, 2.4, 90, 4.0)}]
    found = judged(drawn(elevators=two, **({"fire_lanes": lanes} if areal else {})), LANE)
    assert found.status is Status.NOT_MET
    assert found.measured == pytest.approx(3.6, abs=1e-6)
    assert set(found.features) == {"E1", "E2", "L1"}


def test_a_mended_thing_across_decides_nothing():
    shed = across(low=5.0, obstacle_id="X1", kind="shed", removable=False)
    found = judged(drawn(obstacles=[shed], repaired={"obstacles": ("X1",)}), LANE)
    assert found.status is Status.UNDETERMINED


def test_only_the_free_strip_before_a_narrow_lane_counts():
    narrow = [{"lane_id": "L1", "width_m": 3.4, "geometry": line((-20, 4.7), (70, 4.7))}]
    assert judged(drawn(fire_lanes=narrow), LANE).measured == pytest.approx(4.0, abs=1e-6)
    fence = {"barrier_id": "K1", "kind": "fence", "removable": False, "geometry": line((-20, 2.9), (70, 2.9))}
    found = judged(drawn(fire_lanes=narrow, barriers=[fence]), LANE)
    assert found.status is Status.NOT_MET
    assert found.measured == pytest.approx(3.5, abs=1e-6)
