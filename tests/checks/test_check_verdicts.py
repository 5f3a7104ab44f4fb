"""What a finding carries: the shapes at fault, finite figures, and names that are repeated and never run."""

from __future__ import annotations

import math

import pytest
from small_sites import BY_COMMUNITY, MIN, X, area, judged, line, pack, room, rule, site

from plan.checks import check
from plan.findings import Status
from plan.rules import kinds


def test_a_finding_points_at_what_broke_the_rule_in_degrees() -> None:
    where = site(
        fire_lanes=[
            {"lane_id": "L2", "width_m": 3.5, "geometry": line((0, 0), (100, 0))},
            {"lane_id": "L1", "width_m": 4.5, "geometry": line((0, 50), (100, 50))},
        ]
    )
    found = judged(where, kinds.FireLaneWidth(minimum_m=4))
    assert (found.measured, found.required, found.unit, found.features) == (3.5, 4, "m", ("L2",))
    geometry = dict(found.geometry or {})
    assert geometry["type"] == "LineString"
    assert geometry["coordinates"][0] == [117.0, pytest.approx(26.2, abs=0.1)]
    assert all(round(v, 7) == v for point in geometry["coordinates"] for v in point)
    assert X == 500_000  # the central meridian of the zone, 117 E


def test_figures_are_finite_and_the_missing_metres_are_enough() -> None:
    found = judged(site(rooms=[room("R1", 99.995)]), kinds.RoomArea(minimum_m2=300))
    assert "200.01" in str(found.remedy)
    unknown = judged(site(rooms=[room("R1", None)]), MIN)
    assert unknown.measured is not None
    assert math.isfinite(float(unknown.measured))


HOSTILE = "{{7*7}}${alert(1)}`<script>{0.__class__}%s\u202e"


def test_names_from_files_are_repeated_and_never_run() -> None:
    rooms = [room(HOSTILE, None, None, functions=HOSTILE), room("R2", 5, 1)]
    where = site(rooms=rooms, communities=[{"community_id": HOSTILE, "geometry": area(0, 0, 9, 9)}])
    for kind in (
        MIN,
        BY_COMMUNITY,
        kinds.RoomFloors(highest=1),
        kinds.RoomFunctions(functions=(HOSTILE, "clinic")),
    ):
        found = judged(where, kind)
        said = str(found.reason or "") + str(found.remedy or "") + "".join(found.features)
        assert HOSTILE in said


def test_the_same_site_gives_the_same_report_in_any_order() -> None:
    rooms = [room(f"R{i}", 10 + i, i % 4 + 1) for i in range(6)]
    rules = pack(rule(MIN), rule(kinds.RoomFloors(highest=2), id="T-2"))
    one, two = (check(site(rooms=rows), rules).findings for rows in (rooms, rooms[::-1]))
    assert [(f.status, f.measured, f.features, f.remedy) for f in one] == [
        (f.status, f.measured, f.features, f.remedy) for f in two
    ]


def test_thousands_of_things_that_cannot_be_told_are_one_sentence() -> None:
    houses = [
        {"building_id": f"B{i:04}", "floors": None, "use": "住宅", "geometry": area(20 * i, 0, 10, 10)}
        for i in range(1500)
    ]
    found = judged(site(buildings=houses), kinds.ElevatorRequired(storeys=7))
    assert (found.status, len(found.features)) == (Status.UNDETERMINED, 1500)
    assert "1500" in str(found.reason)
    assert str(found.reason).count("B0") == str(found.remedy).count("B0") == 10
