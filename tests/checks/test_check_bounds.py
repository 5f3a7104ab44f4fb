"""A verdict stands only if it stands for everything that is not known."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import mapping
from small_sites import MIN, area, at, homes, judged, line, room, site

from plan.findings import Status
from plan.readers import read_site
from plan.rules import kinds
from plan.site import Site

# --- estimates --------------------------------------------------------------------------------------


RATE = kinds.RoomArea(rate_m2_per_100_households=20, minimum_m2=300)


def estimated(area_m2: float) -> Site:
    return site(rooms=[room("R1", area_m2)], households=homes(2000), estimates=("households",))


def test_an_estimate_is_shown_and_decides_nothing() -> None:
    found = judged(estimated(500), RATE)
    assert (found.status, found.measured, found.required) == (Status.UNDETERMINED, 500, 400)
    assert found.estimated
    assert str(found.reason).startswith("missing_data")


def test_what_holds_whatever_the_estimate_is_told() -> None:
    # Below the minimum, the number of households does not matter.
    assert judged(estimated(299), RATE).status is Status.NOT_MET
    assert judged(estimated(301), MIN).status is Status.MET


# --- repaired shapes --------------------------------------------------------------------------------


def test_a_mended_square_is_not_counted_as_ground() -> None:
    def ground(side: float) -> Site:
        return site(
            open_spaces=[
                {"space_id": "A1", "geometry": area(0, 0, 10, side)},
                {"space_id": "A2", "geometry": area(50, 0, 10, 10)},
            ],
            households=homes(1, persons=40),
            repaired={"open_spaces": ("A2",)},
        )

    plaza = kinds.PlazaPerPerson(m2_per_person=2.5)
    assert str(judged(ground(5), plaza).reason).startswith("repaired_geometry")
    assert judged(ground(10), plaza).status is Status.MET


def test_ground_is_not_counted_twice() -> None:
    where = site(
        open_spaces=[
            {"space_id": "A1", "geometry": area(0, 0, 10, 10)},
            {"space_id": "A2", "geometry": area(0, 0, 10, 10)},
        ],
        households=homes(1, persons=41),
    )
    assert judged(where, kinds.PlazaPerPerson(m2_per_person=2.5)).status is Status.NOT_MET


def test_a_mended_building_decides_only_when_it_may_be_too_close() -> None:
    def lane(y: float) -> Site:
        return site(
            fire_lanes=[{"lane_id": "L1", "width_m": 4, "geometry": line((0, 0), (100, 0))}],
            buildings=[
                {"building_id": "B1", "floors": 6, "geometry": area(0, 20, 50, 10)},
                {"building_id": "B2", "floors": 6, "geometry": area(60, y, 30, 10)},
            ],
            repaired={"buildings": ("B2",)},
        )

    facade = kinds.FireLaneToFacade(minimum_m=5)
    assert str(judged(lane(6), facade).reason).startswith("repaired_geometry")
    assert judged(lane(8), facade).status is Status.MET


# --- what a number cannot be ------------------------------------------------------------------------


def test_flats_of_no_area_ask_for_an_unknown_number_of_stalls() -> None:
    stall = [{"stall_id": "T", "geometry": area(0, 0, 3, 5)}]
    where = site(stalls=stall, households=homes(2, area_m2=0.0))
    assert judged(where, kinds.StallsPerFloorArea(stalls_per_100_m2=1)).status is Status.UNDETERMINED
    bands = (kinds.Band(below=90, required=0.5), kinds.Band(at_least=90, required=1))
    assert judged(where, kinds.StallsPerHousehold(bands=bands)).status is Status.UNDETERMINED


@pytest.mark.parametrize(
    ("kind", "counts"),
    [("无障碍停车位", True), ("残疾人专用车位", True), ("非无障碍", False), ("普通", False)],
)
def test_accessible_stalls_are_known_by_what_planners_write(kind: str, *, counts: bool) -> None:
    stalls = [{"stall_id": "T", "kind": kind, "geometry": area(0, 0, 3, 5)}]
    found = judged(site(stalls=stalls), kinds.AccessibleStalls(minimum_share=0.02, minimum_count=1))
    assert found.status is (Status.MET if counts else Status.NOT_MET)


# --- dwellings --------------------------------------------------------------------------------------


TOWER = {"building_id": "B1", "floors": 9, "has_elevator": False, "geometry": area(0, 0, 10, 10)}
LIFT = kinds.ElevatorRequired(storeys=7)


@pytest.mark.parametrize(
    ("use", "status"),
    [
        ("townhouse", Status.NOT_MET),
        ("semidetached_house", Status.NOT_MET),
        ("warehouse", Status.NOT_APPLICABLE),
        ("greenhouse", Status.NOT_APPLICABLE),
        ("非住宅", Status.NOT_APPLICABLE),
        ("yes", Status.UNDETERMINED),
        ("其他", Status.UNDETERMINED),
    ],
)
def test_what_is_a_dwelling(use: str, status: Status) -> None:
    assert judged(site(buildings=[TOWER | {"use": use}]), LIFT).status is status


def test_an_estimate_is_no_evidence_that_people_live_in_a_building() -> None:
    layers = {"buildings": [TOWER], "households": homes(2)}
    assert judged(site(**layers), LIFT).status is Status.NOT_MET
    assert judged(site(**layers, estimates=("households",)), LIFT).status is Status.UNDETERMINED


def test_a_building_that_only_its_households_name_is_not_passed_over() -> None:
    lifted = TOWER | {"has_elevator": True}
    homes_of = [*homes(2), {"household_id": "X", "building_id": "B9"}]
    found = judged(site(buildings=[lifted], households=homes_of), LIFT)
    assert (found.status, found.features) == (Status.UNDETERMINED, ("B9",))


# --- grounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "drawn_m2", "status"),
    [
        (None, 400, Status.MET),
        (400, 400, Status.MET),
        (430, 400, Status.MET),  # within a tenth they agree
        (500, 300, Status.UNDETERMINED),  # one is too small: which is right?
        (500, 410, Status.MET),  # either is enough
        (390, 500, Status.NOT_MET),
    ],
)
def test_a_ground_that_is_declared_larger_than_it_is_drawn_may_be_either(declared, drawn_m2, status):
    ground = {"facility_id": "F1", "category": "fitness_ground", "geometry": area(0, 0, drawn_m2 / 20, 20)}
    found = judged(
        site(facilities=[{**ground, "area_m2": declared}]),
        kinds.FacilityArea(category="fitness_ground", minimum_m2=400),
    )
    assert found.status is status
    if status is Status.UNDETERMINED:
        assert str(found.reason).startswith("needs_person")


@pytest.mark.parametrize(
    ("written", "status", "measured"),
    [("约650", Status.UNDETERMINED, None), ("六百", Status.MET, 600), (None, Status.MET, 500)],
)
def test_a_ground_whose_area_nobody_understands_is_not_taken_as_drawn(tmp_path, written, status, measured):
    path = tmp_path / "facilities.geojson"
    feature = {
        "type": "Feature",
        "properties": {"facility_id": "F1", "category": "fitness_ground", "area_m2": written},
        "geometry": mapping(area(0, 0, 25, 20)),
    }
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}), "utf-8")
    found = judged(read_site(path), kinds.FacilityArea(category="fitness_ground", minimum_m2=400))
    assert (found.status, found.measured) == (status, measured)


def test_facilities_of_a_rate_count_together() -> None:
    where = site(
        facilities=[
            {"facility_id": f"F{i}", "category": "clinic", "area_m2": 50, "geometry": at(i, 0)}
            for i in range(2)
        ],
        households=homes(100, persons=3),
    )
    by_rate = kinds.FacilityArea(category="clinic", rate_m2_per_100_households=100)
    assert judged(where, by_rate).status is Status.MET
    by_head = kinds.FacilityArea(category="clinic", rate_m2_per_1000_persons=400)
    found = judged(where, by_head)
    assert (found.status, found.required) == (Status.NOT_MET, 120)
