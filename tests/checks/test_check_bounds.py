"""A verdict stands only if it stands for everything that is not known."""

from __future__ import annotations

import json
import math

import pytest
from shapely.geometry import mapping
from small_sites import X, area, at, homes, judged, line, pack, room, rule, site

from plan.checks import check
from plan.findings import Status
from plan.readers import read_site
from plan.rules import kinds
from plan.site import Site

RATE = kinds.RoomArea(rate_m2_per_100_households=20, minimum_m2=300)
MIN = kinds.RoomArea(minimum_m2=300)
BY_COMMUNITY = kinds.RoomArea(minimum_m2=300, per="community")
SQUARE = {"community_id": "S1", "geometry": area(0, 0, 100, 100)}


# --- estimates ---------------------------------------------------------------------------------------


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


# --- rooms that may not count ------------------------------------------------------------------------


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


# --- floors ------------------------------------------------------------------------------------------


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


# --- communities -------------------------------------------------------------------------------------


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


# --- repaired shapes ---------------------------------------------------------------------------------


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


def test_a_facility_with_a_mended_outline_serves_nobody_for_certain() -> None:
    where = site(
        households=[{"household_id": "H", "building_id": "B", "geometry": at(0, 0)}],
        facilities=[{"facility_id": "F", "category": "clinic", "geometry": area(50, 5, 20, 20)}],
        walkways=[{"way_id": "W", "geometry": line((-10, 0), (500, 0))}],
        repaired={"facilities": ("F",)},
    )
    found = judged(where, kinds.Reach(categories=("clinic",), within_min=10))
    assert str(found.reason).startswith("repaired_geometry")


# --- walking -----------------------------------------------------------------------------------------


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


# --- what a finding carries --------------------------------------------------------------------------


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


# --- a district --------------------------------------------------------------------------------------


def test_thousands_of_things_that_cannot_be_told_are_one_sentence() -> None:
    houses = [
        {"building_id": f"B{i:04}", "floors": None, "use": "住宅", "geometry": area(20 * i, 0, 10, 10)}
        for i in range(1500)
    ]
    found = judged(site(buildings=houses), kinds.ElevatorRequired(storeys=7))
    assert (found.status, len(found.features)) == (Status.UNDETERMINED, 1500)
    assert "1500" in str(found.reason)
    assert str(found.reason).count("B0") == str(found.remedy).count("B0") == 10


def test_many_rooms_of_no_known_community_are_told_in_a_few_sentences() -> None:
    rooms = [room(f"R{i:04}", 50) for i in range(1500)]
    where = site(rooms=rooms, communities=[SQUARE])
    (found,) = check(where, pack(rule(BY_COMMUNITY))).findings
    assert found.status is Status.UNDETERMINED
    assert "1490" in str(found.reason)
    assert len(str(found.reason)) < 1000


# --- communities and parcels that nobody drew ------------------------------------------------------------


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


# --- what a number cannot be ---------------------------------------------------------------------------


def test_a_room_of_no_area_was_not_measured() -> None:
    share = kinds.RoomGroundFloor(minimum_share=0.5)
    assert judged(site(rooms=[room("R1", 0)]), share).status is Status.UNDETERMINED
    assert judged(site(rooms=[room("R1", 0)]), MIN).status is Status.UNDETERMINED


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


# --- dwellings -------------------------------------------------------------------------------------------

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


# --- gates -----------------------------------------------------------------------------------------------


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


# --- grounds -----------------------------------------------------------------------------------------


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
