"""Communities: what lies in one for certain, and what is told of one that nobody drew."""

from __future__ import annotations

from small_sites import BY_COMMUNITY, SQUARE, area, at, homes, judged, pack, room, rule, site

from plan.checks import check
from plan.findings import Status
from plan.rules import kinds

# --- communities ------------------------------------------------------------------------------------


def test_each_community_is_judged_by_itself() -> None:
    where = site(
        communities=[SQUARE, {"community_id": "S2", "geometry": area(100, 0, 100, 100)}],
        rooms=[
            room("R1", 300, geometry=at(50, 50)),
            room("R2", 100, building_id="B2", geometry=None),
            room("R3", 100, community_id="S2", geometry=at(50, 50)),
        ],
        buildings=[{"building_id": "B2", "floors": 6, "geometry": area(150, 50, 10, 10)}],
    )
    found = check(where, pack(rule(BY_COMMUNITY))).findings
    assert [(f.subject, f.status, f.measured) for f in found] == [
        ("S1", Status.MET, 300),
        ("S2", Status.NOT_MET, 200),
    ]


def test_a_room_that_nobody_can_place_may_be_in_any_community() -> None:
    where = site(communities=[SQUARE], rooms=[room("R1", 200, geometry=at(50, 50)), room("R2", 100)])
    found = judged(where, BY_COMMUNITY)
    assert found.status is Status.UNDETERMINED
    assert "R2" in str(found.reason)


def test_a_mended_border_decides_nothing_that_lies_within_it() -> None:
    where = site(
        communities=[SQUARE], rooms=[room("R1", 300, geometry=at(50, 50))], repaired={"communities": ("S1",)}
    )
    assert str(judged(where, BY_COMMUNITY).reason).startswith(("missing_data", "repaired_geometry"))
    written = site(
        communities=[SQUARE], rooms=[room("R1", 300, community_id="S1")], repaired={"communities": ("S1",)}
    )
    assert judged(written, BY_COMMUNITY).status is Status.MET


def test_households_on_a_border_belong_to_neither_side_for_certain() -> None:
    where = site(
        communities=[SQUARE, {"community_id": "S2", "geometry": area(100, 0, 100, 100)}],
        households=[
            *homes(4, geometry=at(10, 10)),
            {"household_id": "Z", "building_id": "B9", "geometry": at(100, 50)},
        ],
    )
    for highest, status in ((4, Status.UNDETERMINED), (5, Status.MET)):
        size = kinds.CommunitySize(minimum_households=4, maximum_households=highest)
        assert check(where, pack(rule(size))).findings[0].status is status


def test_a_rule_for_small_communities_is_not_for_large_ones() -> None:
    where = site(communities=[SQUARE | {"staff": 2}], households=homes(10, geometry=at(10, 10)))
    small = kinds.Headcount(role="staff", minimum=5, households_at_most=9)
    large = kinds.Headcount(role="staff", minimum=5, households_at_least=10)
    assert judged(where, small).status is Status.NOT_APPLICABLE
    assert judged(where, large).status is Status.NOT_MET


def test_staff_is_one_more_than_the_windows_there_are() -> None:
    staff = kinds.ServiceWindows(residents_per_window=5000, count="staff", staff_extra=1)
    for count, status in ((2, Status.NOT_MET), (3, Status.MET)):
        where = site(communities=[SQUARE | {"windows": 2, "staff": count, "residents": 9000}])
        assert judged(where, staff).status is status


def test_communities_may_be_counted_by_their_rooms() -> None:
    where = site(
        communities=[SQUARE, {"community_id": "S2", "geometry": area(100, 0, 100, 100)}],
        rooms=[room("R1", 20, geometry=at(50, 50))],
        households=[
            *homes(100, geometry=at(10, 10)),
            {"household_id": "Z", "building_id": "B9", "geometry": at(150, 50)},
        ],
    )
    half = kinds.CommunityShare(minimum_share=0.5, rate_m2_per_100_households=20)
    found = judged(where, half)
    assert (found.status, found.measured, found.features) == (Status.MET, 50, ("S2",))


def test_many_rooms_of_no_known_community_are_told_in_a_few_sentences() -> None:
    rooms = [room(f"R{i:04}", 50) for i in range(1500)]
    where = site(rooms=rooms, communities=[SQUARE])
    (found,) = check(where, pack(rule(BY_COMMUNITY))).findings
    assert found.status is Status.UNDETERMINED
    assert "1490" in str(found.reason)
    assert len(str(found.reason)) < 1000


# --- communities that nobody drew -------------------------------------------------------------------


def test_open_ground_elsewhere_is_not_that_of_a_community_without_an_outline() -> None:
    where = site(
        communities=[{"community_id": "S1", "residents": 100}],
        open_spaces=[{"space_id": "A", "geometry": area(0, 0, 100, 100)}],
    )
    (found,) = check(where, pack(rule(kinds.PlazaPerPerson(m2_per_person=1)))).findings
    assert found.status is Status.UNDETERMINED
    assert str(found.reason).startswith("missing_data")


def test_what_a_community_without_an_outline_has_is_not_known() -> None:
    undrawn = site(
        communities=[{"community_id": "S1"}],
        rooms=[room("R1", 500, geometry=at(5, 5))],
        facilities=[{"facility_id": "F", "category": "clinic", "geometry": at(5, 5)}],
    )
    (found,) = check(undrawn, pack(rule(BY_COMMUNITY))).findings
    assert found.status is Status.UNDETERMINED
    share = kinds.CommunityShare(minimum_share=1.0, category="clinic")
    assert judged(undrawn, share).status is Status.UNDETERMINED


def test_a_parcel_may_lie_in_a_community_that_nobody_drew() -> None:
    parcel = {"parcel_id": "P", "occupancy": 0.9, "geometry": area(500, 0, 10, 10)}
    trigger = kinds.OccupancyTrigger(share=0.5)
    assert judged(site(communities=[SQUARE], parcels=[parcel]), trigger).status is Status.NOT_MET
    undrawn = site(communities=[SQUARE, {"community_id": "S2"}], parcels=[parcel])
    assert judged(undrawn, trigger).status is Status.UNDETERMINED
    mended = site(communities=[SQUARE], parcels=[parcel], repaired={"communities": ("S1",)})
    assert str(judged(mended, trigger).reason).startswith("repaired_geometry")


def test_a_community_of_nobody_needs_to_be_counted_first() -> None:
    where = site(
        communities=[SQUARE | {"residents": 0}],
        open_spaces=[{"space_id": "A", "geometry": area(0, 0, 1, 1)}],
        households=homes(2, persons=0, geometry=at(5, 5)),
    )
    (found,) = check(where, pack(rule(kinds.PlazaPerPerson(m2_per_person=1)))).findings
    assert found.status is Status.UNDETERMINED
    assert "H0" in str(found.reason)
