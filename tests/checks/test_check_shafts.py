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
