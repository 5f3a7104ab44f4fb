"""Walks: what is open where a gate, a walkway, an outline or the clause itself is not certain."""

from __future__ import annotations

import pytest
from small_sites import area, at, judged, line, room, site

from plan.findings import Status
from plan.rules import kinds
from plan.site import Site

# --- walking ----------------------------------------------------------------------------------------


def test_a_clause_without_a_distance_shows_the_walk() -> None:
    where = site(
        rooms=[room("R1", 50, geometry=at(0, 0))],
        entrances=[{"entrance_id": "G", "kind": "gate", "main": True, "geometry": at(120, 0)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
    )
    found = judged(where, kinds.RoomNearGate())
    assert (found.status, found.measured) == (Status.UNDETERMINED, pytest.approx(120))
    assert str(found.reason).startswith("ambiguous_clause")
    assert "120 m" in str(found.reason)


@pytest.mark.parametrize("within_m", [None, 100.0])
def test_without_service_rooms_nothing_is_near_a_gate(within_m: float | None) -> None:
    where = site(
        rooms=[room("R1", 50, use="shop", geometry=at(0, 0))],
        entrances=[{"entrance_id": "G", "kind": "gate", "main": True, "geometry": at(120, 0)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
    )
    found = judged(where, kinds.RoomNearGate(within_m=within_m))
    assert str(found.reason).startswith("missing_data")


def test_a_gate_that_may_be_a_main_one_leaves_it_open() -> None:
    where = site(
        rooms=[room("R1", 50, geometry=at(0, 0))],
        entrances=[
            {"entrance_id": "G1", "kind": "gate", "main": None, "geometry": at(50, 0)},
            {"entrance_id": "G2", "kind": "gate", "main": True, "geometry": at(200, 0)},
        ],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
    )
    statuses = [judged(where, kinds.RoomNearGate(within_m=d)).status for d in (40, 100, 210)]
    assert statuses == [Status.NOT_MET, Status.UNDETERMINED, Status.MET]


def test_a_household_far_from_any_walkway_leaves_it_open() -> None:
    where = site(
        households=[{"household_id": "H", "building_id": "B", "geometry": at(0, 5000)}],
        facilities=[{"facility_id": "F", "category": "clinic", "geometry": at(0, 0)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
    )
    assert judged(where, kinds.Reach(categories=("clinic",), within_min=10)).status is Status.UNDETERMINED


def test_a_clause_without_minutes_or_metres_is_not_met_by_everybody() -> None:
    where = site(
        households=[{"household_id": "H", "building_id": "B", "geometry": at(0, 0)}],
        facilities=[{"facility_id": "F", "category": "clinic", "geometry": at(0, 0)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
    )
    assert str(judged(where, kinds.Reach(categories=("clinic",))).reason).startswith("ambiguous_clause")


def test_reach_of_estimated_households_holds_when_all_or_none_are_served() -> None:
    reach = kinds.Reach(categories=("clinic",), within_m=300)

    def street(*homes_at: float) -> Site:
        return site(
            households=[
                {"household_id": f"H{i}", "building_id": f"B{i}", "geometry": at(x, 0)}
                for i, x in enumerate(homes_at)
            ],
            facilities=[{"facility_id": "F", "category": "clinic", "geometry": at(0, 0)}],
            walkways=[{"way_id": "W", "geometry": line((-10, 0), (2000, 0))}],
            estimates=("households",),
        )

    statuses = [judged(street(*x), reach).status for x in ((100, 200), (900, 1000), (100, 900))]
    assert statuses == [Status.MET, Status.NOT_MET, Status.UNDETERMINED]


def test_a_facility_with_a_mended_outline_serves_nobody_for_certain() -> None:
    where = site(
        households=[{"household_id": "H", "building_id": "B", "geometry": at(0, 0)}],
        facilities=[{"facility_id": "F", "category": "clinic", "geometry": area(50, 5, 20, 20)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
        repaired={"facilities": ("F",)},
    )
    found = judged(where, kinds.Reach(categories=("clinic",), within_min=10))
    assert str(found.reason).startswith("repaired_geometry")


# --- gates ------------------------------------------------------------------------------------------


def to_gate(*, mended: str = "buildings", **more: object) -> Site:
    second = {"entrance_id": "G2", "kind": "gate", "main": True} | more
    return site(
        rooms=[room("R1", 300, building_id="B1")],
        buildings=[{"building_id": "B1", "floors": 6, "geometry": area(100, 5, 10, 10)}],
        entrances=[{"entrance_id": "G1", "kind": "gate", "main": True, "geometry": at(0, 0)}, second],
        walkways=[{"way_id": "W", "geometry": line((0, 0), (900, 0))}],
        repaired={mended: ("B1",)},
    )


def test_a_gate_that_no_walkway_comes_near_may_be_the_near_one() -> None:
    far = kinds.RoomNearGate(within_m=50)
    assert judged(to_gate(mended="parcels", geometry=at(800, 0)), far).status is Status.NOT_MET
    off = judged(to_gate(mended="parcels", geometry=at(100, 900)), far)
    assert off.status is Status.UNDETERMINED
    assert "G2" in str(off.reason)
    near = kinds.RoomNearGate(within_m=150)
    assert judged(to_gate(mended="parcels", geometry=at(100, 900)), near).status is Status.MET


def test_a_walk_from_a_mended_outline_is_not_relied_on() -> None:
    near = kinds.RoomNearGate(within_m=150)
    found = judged(to_gate(geometry=at(800, 0)), near)
    assert str(found.reason).startswith("repaired_geometry")
    door = {"kind": "door", "building_id": "B1", "geometry": at(100, 5)}
    assert judged(to_gate(**door), near).status is Status.MET
