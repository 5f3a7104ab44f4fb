"""Rooms that may or may not count, the floors that they lie on, and the parcels that they stand on."""

from __future__ import annotations

import pytest
from small_sites import MIN, area, at, judged, room, site

from plan.findings import Status
from plan.rules import kinds
from plan.site import Site

# --- rooms that may not count -----------------------------------------------------------------------


def test_candidates_are_no_rooms_yet() -> None:
    rooms = [room("R1", 200), room("C1", 500, state="candidate")]
    found = judged(site(rooms=rooms), MIN)
    assert (found.status, found.measured, found.features) == (Status.NOT_MET, 200, ("R1",))
    assert "100" in str(found.remedy)


def test_shops_are_no_service_rooms() -> None:
    found = judged(site(rooms=[room("R1", 500, use="shop")]), MIN)
    assert (found.status, found.measured) == (Status.NOT_MET, 0)


@pytest.mark.parametrize("unknown", [{"use": None}, {"state": None}])
def test_a_room_that_may_count_decides_only_what_it_cannot_change(unknown: dict) -> None:
    def with_known(area_m2: float) -> Site:
        return site(rooms=[room("R1", area_m2), room("R2", 50, **unknown)])

    statuses = [judged(with_known(a), MIN).status for a in (249, 260, 300)]
    assert statuses == [Status.NOT_MET, Status.UNDETERMINED, Status.MET]


def test_a_drawing_without_the_column_holds_what_its_name_says() -> None:
    where = site(rooms=[{"room_id": "R1", "floor": 1, "area_m2": 300}])
    assert judged(where, MIN).status is Status.MET


def test_rooms_that_only_may_count_are_nothing_to_be_judged_by() -> None:
    floors = kinds.RoomFloors(highest=2)
    assert judged(site(rooms=[room("R1", 5, 1, use=None)]), floors).status is Status.UNDETERMINED
    assert judged(site(rooms=[room("R1", 5), room("R2", 5, 1, use=None)]), floors).status is Status.MET
    assert (
        judged(site(rooms=[room("R1", 5), room("R2", 5, 9, use=None)]), floors).status is Status.UNDETERMINED
    )


# --- floors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reading", "status"),
    [("", Status.UNDETERMINED), ("allowed", Status.MET), ("barred", Status.NOT_MET)],
)
def test_the_third_floor_is_open_unless_the_pack_states_a_reading(reading: str, status: Status) -> None:
    floors = kinds.RoomFloors(lowest=1, highest=2, ambiguous=(3,), reading=reading)
    found = judged(site(rooms=[room("R1", 300, 3)]), floors)
    assert found.status is status
    assert (found.reason or "").startswith("ambiguous_clause") == (status is Status.UNDETERMINED)


def test_only_the_ambiguous_floors_of_an_ambiguous_clause_are_open() -> None:
    floors = kinds.RoomFloors(highest=2, ambiguous=(3,))
    found = [judged(site(rooms=[room("R1", 300, f)]), floors, ambiguity="三层以上").status for f in (2, 3, 4)]
    assert found == [Status.MET, Status.UNDETERMINED, Status.NOT_MET]


def test_a_floor_zero_is_not_guessed() -> None:
    assert judged(site(rooms=[room("R1", 300, 0)]), kinds.RoomFloors(lowest=1)).status is Status.UNDETERMINED


def test_a_share_on_the_ground_floor_is_judged_in_square_metres() -> None:
    half = kinds.RoomGroundFloor(minimum_share=0.5)
    assert judged(site(rooms=[room("R1", 50), room("R2", 50, 2)]), half).status is Status.MET
    found = judged(site(rooms=[room("R1", 50), room("R2", 51, 2)]), half)
    assert (found.status, found.required) == (Status.NOT_MET, 50.5)


# --- parcels and areas ------------------------------------------------------------------------------


HANDOVER = kinds.RoomHandover(built_after="2000-01-01")


def handed(parcel: str | None, **more: object) -> Site:
    done = room("R1", 50, building_id="B1", handed_over_on="2010-01-01")
    open_ = room("R2", 50, building_id="B2", geometry=at(500, 5), handed_over_on=None)
    return site(
        parcels=[
            {"parcel_id": "P", "built_on": "2005-01-01", "phase": "1", "geometry": area(0, 0, 50, 50)},
            {"parcel_id": "Q", "built_on": "2005-01-01", "phase": "2", "geometry": area(60, 0, 50, 50)}
            | more,
        ],
        buildings=[
            {"building_id": "B1", "floors": 6, "parcel_id": "P", "geometry": area(0, 0, 10, 10)},
            {"building_id": "B2", "floors": 6, "parcel_id": parcel, "geometry": area(490, 0, 20, 10)},
        ],
        rooms=[done, open_],
    )


def test_a_room_on_a_parcel_that_nobody_drew_is_not_left_out() -> None:
    # Outside every parcel the rule is not about it.
    assert judged(handed(None), HANDOVER).status is Status.MET
    assert judged(handed("Q"), HANDOVER).status is Status.NOT_MET
    assert judged(handed("elsewhere"), HANDOVER).status is Status.UNDETERMINED
    assert judged(handed(None, geometry=None), HANDOVER).status is Status.UNDETERMINED
    phase = kinds.RoomPhase(uses=("office",))
    assert judged(handed("elsewhere"), phase).status is Status.UNDETERMINED


def test_a_room_of_no_area_was_not_measured() -> None:
    share = kinds.RoomGroundFloor(minimum_share=0.5)
    assert judged(site(rooms=[room("R1", 0)]), share).status is Status.UNDETERMINED
    assert judged(site(rooms=[room("R1", 0)]), MIN).status is Status.UNDETERMINED
