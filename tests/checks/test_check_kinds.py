"""Each kind of rule: met, not met, cannot tell, and exactly at the limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from small_sites import area, at, homes, judged, layer, line, room, site

from plan.checks import CHECKS
from plan.findings import Status
from plan.rules import KINDS, Band, Kind, kinds
from plan.site import Site

MET, NOT_MET, UNDETERMINED = Status.MET, Status.NOT_MET, Status.UNDETERMINED
Case = tuple[Site, Kind, Status]

COMMUNITY = {"community_id": "S1", "geometry": area(0, 0, 1000, 1000)}


def community(**more: object) -> list[dict[str, object]]:
    return [COMMUNITY | more]


def homes_in(count: int, **more: object) -> list[dict[str, object]]:
    return homes(count, geometry=at(50, 50), **more)


# --- rooms ---------------------------------------------------------------------------------------

AREA = kinds.RoomArea(rate_m2_per_100_households=20, minimum_m2=30)  # of 200 households: 40 m2


def room_area(*areas: float | None) -> Site:
    return site(rooms=[room(f"R{i}", a) for i, a in enumerate(areas)], households=homes(200))


GROUND = kinds.RoomGroundFloor(minimum_m2=300)


def ground(first: float, floor: int | None = 2) -> Site:
    return site(rooms=[room("R1", first), room("R2", 500, floor)])


# The clause reads "not in the basement or on 三层以上": floor 3 is open.
FLOORS = kinds.RoomFloors(lowest=1, highest=2, ambiguous=(3,))


def on_floors(*floors: int | None) -> Site:
    return site(rooms=[room(f"R{i}", 10, f) for i, f in enumerate(floors)])


GATE = kinds.RoomNearGate(within_m=100)


def gate_at(x: float, **more: object) -> Site:
    """A street along y = 0 with a room at 0 m and a gate further along it."""
    return site(
        rooms=[room("R1", 50, geometry=at(0, 0))],
        entrances=[{"entrance_id": "G1", "kind": "gate", "main": True, "geometry": at(x, 0)} | more],
        walkways=[{"way_id": "W1", "geometry": line((-10, 0), (500, 0))}],
    )


FUNCTIONS = kinds.RoomFunctions(functions=("office", "party_centre"))


def functions(text: str | None) -> Site:
    return site(rooms=[room("R1", 50, functions=text)])


APPROVED = kinds.RoomsAsApproved(area_tolerance_m2=2)
REGISTER = kinds.RoomRegister(title_holders=("资产",), not_let=True, own_use=True)
REGISTERED = {
    "handed_over_on": "2020-01-01", "title_holder": "某区国有资产中心", "let": False, "actual_use": "office"
}  # fmt: skip
PHASE = kinds.RoomPhase(uses=("elderly_day_care",))


def phases(first: str | None, second: str | None = "2") -> Site:
    return site(
        rooms=[room("R1", 50, use="elderly_day_care", geometry=at(10, 10))],
        parcels=[
            {"parcel_id": "P1", "phase": first, "geometry": area(0, 0, 50, 50)},
            {"parcel_id": "P2", "phase": second, "geometry": area(60, 0, 50, 50)},
        ],
    )


HANDOVER = kinds.RoomHandover(built_after="2006-12-31", built_before="2017-07-11")


def handover(built: str, handed: str | None) -> Site:
    return site(
        rooms=[room("R1", 50, handed_over_on=handed, geometry=at(10, 10))],
        parcels=[{"parcel_id": "P1", "built_on": built, "geometry": area(0, 0, 50, 50)}],
    )


HOURS = kinds.OpeningHours(hours_per_day=8)


def hours(opens: str | None, closes: str | None) -> Site:
    return site(rooms=[room("R1", 50, opens=opens, closes=closes)])


# --- communities -----------------------------------------------------------------------------------

SIZE = kinds.CommunitySize(minimum_households=3, maximum_households=5)


def sized(count: int, *, estimated: bool = False) -> Site:
    estimates = ("households",) if estimated else ()
    return site(communities=community(), households=homes_in(count), estimates=estimates)


PLAZA = kinds.PlazaPerPerson(m2_per_person=2.5)


def plaza(persons: int | None, side: float = 10) -> Site:
    return site(
        communities=community(),
        households=homes_in(1, persons=persons),
        open_spaces=[{"space_id": "A1", "geometry": area(0, 0, 10, side)}],
    )


WINDOWS = kinds.ServiceWindows(residents_per_window=5000)


def windows(residents: int | None, count: int | None) -> Site:
    return site(communities=community(residents=residents, windows=count))


HEADS = kinds.Headcount(role="staff", minimum=5, maximum=7)


def staff(count: int | None) -> Site:
    return site(communities=community(staff=count))


BUDGET = kinds.CommunityBudget(cny=10, per="resident")


def budget(cny: float | None) -> Site:
    return site(communities=community(residents=1000, budget_cny=cny))


SHARE = kinds.CommunityShare(minimum_share=0.5, category="clinic")


def clinics(first: str | None, second: str | None) -> Site:
    return site(
        communities=[COMMUNITY, {"community_id": "S2", "geometry": area(2000, 0, 100, 100)}],
        facilities=[
            {"facility_id": "F1", "category": first, "geometry": at(10, 10)},
            {"facility_id": "F2", "category": second, "geometry": at(2010, 10)},
        ],
    )


LIVED_IN = kinds.OccupancyTrigger(share=0.5)


def occupied(share: float | None, x: float) -> Site:
    parcel = {"parcel_id": "P1", "occupancy": share, "geometry": area(x, 0, 50, 50)}
    return site(communities=community(), parcels=[parcel])


# --- walking ---------------------------------------------------------------------------------------

# Two households at 0 m and 200 m of a street; a clinic further along it.
REACH = kinds.Reach(categories=("clinic", "health_centre"), within_m=300, minimum_share=1.0)
CIRCLE = kinds.LifeCircle(minutes=5, categories=("clinic", "market"))  # 300 m at 60 m/min


def street(clinic: float, market: float = 200, **more: object) -> Site:
    return site(
        households=[
            {"household_id": "H1", "building_id": "B1", "geometry": at(0, 0)},
            {"household_id": "H2", "building_id": "B2", "geometry": at(200, 0)},
        ],
        facilities=[
            {"facility_id": "F1", "category": "clinic", "geometry": at(clinic, 0)},
            {"facility_id": "F2", "category": "market", "geometry": at(market, 0)} | more,
        ],
        walkways=[{"way_id": "W1", "geometry": line((-10, 0), (2000, 0))}],
    )


STEP_FREE = kinds.StepFree(categories=("clinic",), max_slope=0.08)


def ramped(kind: str | None, *, slope: float | None = 0.0, around: bool = False) -> Site:
    """A clinic behind a way of a kind, 20 m from the main gate; perhaps with a level way around."""
    ways = [
        {"way_id": "W1", "kind": "path", "slope": 0.0, "geometry": line((0, 0), (10, 0))},
        {"way_id": "W2", "kind": kind, "slope": slope, "geometry": line((10, 0), (20, 0))},
        {"way_id": "W3", "kind": "path", "slope": 0.0, "geometry": line((20, 0), (30, 0))},
    ]
    if around:
        detour = line((10, 0), (10, 50), (20, 50), (20, 0))
        ways.append({"way_id": "W4", "kind": "path", "slope": 0.08, "geometry": detour})
    return site(
        entrances=[{"entrance_id": "G", "kind": "gate", "main": True, "geometry": at(0, 0)}],
        facilities=[{"facility_id": "F1", "category": "clinic", "geometry": at(30, 0)}],
        walkways=ways,
    )


def test_a_route_without_steps_names_the_steps_and_slopes_that_break_it():
    found = judged(ramped("steps"), STEP_FREE)
    assert (found.status, found.features) == (NOT_MET, ("W2",))
    assert found.geometry is not None
    assert found.geometry["type"] == "LineString"
    assert (found.measured, found.required) == (0, 1)
    steep = judged(ramped("path", slope=-0.081), STEP_FREE)
    assert (steep.status, steep.features) == (NOT_MET, ("W2",))
    # Without a limit slopes are not judged, and need not be known.
    assert judged(ramped("path", slope=None), kinds.StepFree(categories=("clinic",))).status is MET
    open_ = judged(ramped(None), STEP_FREE)
    assert "W2" in open_.reason.to("en")


def test_a_route_without_steps_may_be_longer():
    assert judged(ramped("steps", around=True), STEP_FREE).status is MET


def test_a_route_without_steps_needs_ways_a_gate_and_something_to_go_to():
    assert judged(ramped("path"), kinds.StepFree(categories=("market",))).status is UNDETERMINED
    nowhere = site(walkways=[{"way_id": "W", "kind": "path", "geometry": line((0, 0), (9, 0))}])
    assert judged(nowhere, STEP_FREE).status is UNDETERMINED
    undrawn = ramped("path").with_layer(
        "entrances", layer("entrances", [{"entrance_id": "G", "kind": "gate", "main": True}])
    )
    assert "F1" in judged(undrawn, STEP_FREE).reason


FACILITY = kinds.FacilityArea(category="clinic", minimum_m2=120)


def clinic(area_m2: float | None) -> Site:
    return site(
        facilities=[
            {"facility_id": "F1", "category": "社区卫生服务站", "area_m2": area_m2, "geometry": at(0, 0)}
        ]
    )


# --- parking, fire lanes, elevators, consent -------------------------------------------------------

BANDS = kinds.StallsPerHousehold(bands=(Band(below=90, required=0.8), Band(at_least=90, required=1.2)))
FLOOR_AREA = kinds.StallsPerFloorArea(stalls_per_100_m2=1.0, minimum_per_household=0.5)


def stalls(count: int, *areas: float | None) -> Site:
    return site(
        stalls=[{"stall_id": f"T{i}", "geometry": area(3 * i, 0, 2.5, 5)} for i in range(count)],
        households=[
            {"household_id": f"H{i}", "building_id": "B1", "area_m2": a} for i, a in enumerate(areas)
        ],
    )


ACCESSIBLE = kinds.AccessibleStalls(minimum_share=0.5)


def marked(*kinds_: str | None) -> Site:
    return site(
        stalls=[
            {"stall_id": f"T{i}", "kind": k, "geometry": area(3 * i, 0, 2.5, 5)} for i, k in enumerate(kinds_)
        ]
    )


OFF_LANES = kinds.StallsOffFireLanes()
APART = kinds.StallsApart()
STALL_SIZE = kinds.StallSize(width_m=2.4, length_m=5.0, parallel_width_m=2.1, parallel_length_m=6.0)
DRIVE = kinds.StallsDrivable(dead_end_m=25, clearance_m=0.1)


def beside_lane(over_m: float, *, width: float | None = 4.0) -> Site:
    """A stall below a fire lane of 4 m along y = 7, whose lower border is at y = 5."""
    return site(
        stalls=[{"stall_id": "T1", "geometry": area(20, over_m, 2.4, 5)}],
        fire_lanes=[{"lane_id": "L1", "width_m": width, "geometry": line((0, 7), (100, 7))}],
    )


def two_stalls(apart_m: float, *, kind: str | None = None, house: float = 30.0, plot: float = 0.0) -> Site:
    """Two stalls side by side, a building to the north and the edge of the site to the south."""
    return site(
        stalls=[
            {"stall_id": "T1", "kind": kind, "geometry": area(20, 0, 2.4, 5)},
            {"stall_id": "T2", "kind": kind, "geometry": area(22.4 + apart_m, 0, 2.4, 5)},
        ],
        buildings=[{"building_id": "B1", "floors": 6, "geometry": area(0, house, 50, 12)}],
        parcels=[{"parcel_id": "P1", "geometry": area(0, plot, 100, 60)}],
    )


BESIDE_SHAFT = kinds.ElevatorFireLane(minimum_m=4.0)
OPPOSITE = kinds.ElevatorSeparation(minimum_m=6.0)


def shaft(
    *, left: float = 4.0, apart: float | None = None, width: float | None = 6.0, house: str | None = "B1"
) -> Site:
    """A shaft in the north of a slab, beside a lane of 6 m; the house opposite, where there is one."""
    edge = 2.4
    middle = edge + left - 3.0
    houses = [{"building_id": "B1", "floors": 6, "geometry": area(0, -11, 50, 11)}]
    if apart is not None:
        houses.append({"building_id": "B2", "floors": 6, "geometry": area(0, edge + apart, 50, 11)})
        return site(
            elevators=[
                {
                    "elevator_id": "E1",
                    "stairwell_id": "S1",
                    "building_id": house,
                    "geometry": area(20, 0, 2.2, edge),
                }
            ],
            buildings=houses,
        )
    return site(
        elevators=[{"elevator_id": "E1", "stairwell_id": "S1", "geometry": area(20, 0, 2.2, edge)}],
        fire_lanes=[{"lane_id": "L1", "width_m": width, "geometry": line((-20, middle), (70, middle))}],
    )


def one_stall(width: float, length: float, kind: str | None = "perpendicular") -> Site:
    return site(stalls=[{"stall_id": "T1", "kind": kind, "geometry": area(0, 0, width, length)}])


def drive(
    lane_m: float = 6.0, *, direction: str | None = "two_way", gate_x: float = 0.0, far: bool = True
) -> Site:
    """Three stalls along an aisle that crosses the edge of the site at one gate or two."""
    gates = [{"entrance_id": "G1", "kind": "gate", "geometry": at(gate_x, 5 + lane_m / 2)}]
    if far:
        gates.append({"entrance_id": "G2", "kind": "gate", "geometry": at(50, 5 + lane_m / 2)})
    middle = line((-5, 5 + lane_m / 2), (55 if far else 45, 5 + lane_m / 2))
    return site(
        stalls=[{"stall_id": f"T{i}", "geometry": area(20 + 2.4 * i, 0, 2.4, 5)} for i in range(3)],
        aisles=[{"aisle_id": "A1", "direction": direction, "width_m": lane_m, "geometry": middle}],
        parcels=[{"parcel_id": "P1", "geometry": area(0, 0, 50, 40)}],
        entrances=gates,
        buildings=[{"building_id": "B1", "floors": 6, "geometry": area(0, 5 + lane_m, 50, 12)}],
        obstacles=[{"obstacle_id": "O1", "kind": "tree", "geometry": at(2, 2)}],
    )


LANE = kinds.FireLaneWidth(minimum_m=4)
FACADE = kinds.FireLaneToFacade(minimum_m=5)


def lane(width: float | None, y: float = 30) -> Site:
    """A lane along y = 0 and a building whose wall is at a distance from its middle."""
    return site(
        fire_lanes=[{"lane_id": "L1", "width_m": width, "geometry": line((0, 0), (100, 0))}],
        buildings=[{"building_id": "B1", "floors": 6, "geometry": area(0, y, 50, 12)}],
    )


HEIGHT = kinds.FireLaneHeight(minimum_m=4)
UNBROKEN = kinds.FireLaneUnbroken(minimum_m=4)
REACHED = kinds.FireLaneReach(width_m=4, within_m=10)
DEAD_END = kinds.FireLaneDeadEnd(width_m=4, longer_than_m=40, turnaround_m=12)
TURN = kinds.FireLaneTurn(width_m=4, radius_m=9, swept_m=3)


def low(height: float | None) -> Site:
    row = {"lane_id": "L1", "width_m": 4.0, "height_m": height, "geometry": line((0, 0), (100, 0))}
    return site(fire_lanes=[row])


def way_in(
    shed: float | None = None,
    *,
    long: float = 60,
    house: float = 8,
    width: float | None = 4.0,
    lanes: list | None = None,
    hard: float | None = None,
) -> Site:
    """A lane from a gate in the south, 4 m wide about x = 50; a house beside its end, a shed that leaves so much of it.

    Parameters
    ----------
    shed : float or None
        Metres of the lane that a shed leaves free, at y = 30.
    long : float
        Metres of the lane from the gate on.
    house : float
        Metres from the edge of the lane to the house.
    width : float or None
        As written.
    lanes : list, optional
        More lanes.
    hard : float, optional
        Side of a hard square at the end of the lane.
    """
    left = 52 - (-20.0 if shed is None else 4 - shed)
    rows = [{"lane_id": "L1", "width_m": width, "geometry": line((50, 0), (50, long))}, *(lanes or [])]
    squares = (
        []
        if hard is None
        else [{"space_id": "A1", "surface": "concrete", "geometry": area(48, long, hard, hard)}]
    )
    beyond = area(53, 62.5, 46, 37) if hard is None else area(61, 66, 38, 33)
    # Land on which something stands: no engine turns there.
    green = (
        {"X2": area(0, 1, 45, 98)}
        if lanes
        else {"X2": area(0, 1, 47, 98), "X3": area(55, 1, 44, 57), "X4": beyond}
    )
    return site(
        parcels=[{"parcel_id": "P1", "geometry": area(0, 0, 100, 100)}],
        entrances=[{"entrance_id": "G1", "kind": "gate", "geometry": at(50, 0)}],
        fire_lanes=rows,
        buildings=[{"building_id": "B1", "floors": 6, "geometry": area(52 + house, long - 20, 12, 12)}],
        stalls=[{"stall_id": "T1", "geometry": area(90, 1, 2.5, 5)}],
        obstacles=[
            {"obstacle_id": "X1", "kind": "shed", "removable": True, "cost_cny": 500.0}
            | {"geometry": area(left, 30, 3, 3)},
            *({"obstacle_id": i, "kind": "green", "geometry": shape} for i, shape in green.items()),
        ],
        **({"open_spaces": squares} if squares else {}),
    )


# In a right angle of lanes L wide, a strip v wide touches both outer edges and the inner corner when its outer radius
# R is sqrt(2) (R - L) = R - v: the width that lets an engine of R = 9 m and v = 3 m round.
LIMIT = (9 * (2**0.5 - 1) + 3) / 2**0.5


def corner(width: float | None) -> Site:
    """A lane that turns at a right angle."""
    more = [{"lane_id": "L2", "width_m": width, "geometry": line((50, 60), (95, 60))}]
    return way_in(width=width, lanes=more)


LIFT = kinds.ElevatorRequired(storeys=4)


def tower(floors: int | None, *, lift: bool | None) -> Site:
    building = {"building_id": "B1", "floors": floors, "use": "住宅", "has_elevator": lift}
    return site(buildings=[building | {"geometry": area(0, 0, 10, 10)}])


CONSENT = kinds.Consent(participation=Fraction(2, 3), approval=Fraction(3, 4))


def votes(*cast: str | None) -> Site:
    return site(
        households=[
            {
                "household_id": f"H{i}",
                "building_id": "B1",
                "stairwell_id": "B1-1",
                "area_m2": 50.0,
                "owner_id": f"O{i}",
                "vote": v,
            }
            for i, v in enumerate(cast)
        ]
    )


CASES: dict[type[Kind], dict[str, Callable[[], Case]]] = {
    kinds.RoomArea: {
        "met": lambda: (room_area(30, 20), AREA, MET),
        "not met": lambda: (room_area(20, 10), AREA, NOT_MET),
        "undetermined": lambda: (room_area(30, None), AREA, UNDETERMINED),
        "at the limit": lambda: (room_area(0.1, 0.2, 39.7), AREA, MET),
    },
    kinds.RoomGroundFloor: {
        "met": lambda: (ground(301), GROUND, MET),
        "not met": lambda: (ground(299), GROUND, NOT_MET),
        "undetermined": lambda: (ground(299, None), GROUND, UNDETERMINED),
        "at the limit": lambda: (ground(300), GROUND, MET),
    },
    kinds.RoomFloors: {
        "met": lambda: (on_floors(1), FLOORS, MET),
        "not met": lambda: (on_floors(1, -1), FLOORS, NOT_MET),
        "undetermined": lambda: (on_floors(1, 3), FLOORS, UNDETERMINED),
        "at the limit": lambda: (on_floors(1, 2), FLOORS, MET),
    },
    kinds.RoomNearGate: {
        "met": lambda: (gate_at(90), GATE, MET),
        "not met": lambda: (gate_at(110), GATE, NOT_MET),
        "undetermined": lambda: (gate_at(90, main=None), GATE, UNDETERMINED),
        "at the limit": lambda: (gate_at(100), GATE, MET),
    },
    kinds.RoomFunctions: {
        "met": lambda: (functions("office;党群服务中心;x"), FUNCTIONS, MET),
        "not met": lambda: (functions("office;x"), FUNCTIONS, NOT_MET),
        "undetermined": lambda: (functions(None), FUNCTIONS, UNDETERMINED),
        "at the limit": lambda: (functions("党群服务中心"), FUNCTIONS, MET),  # the office is its use
    },
    kinds.RoomPhase: {
        "met": lambda: (phases("一期"), PHASE, MET),
        "not met": lambda: (phases("2", "1"), PHASE, NOT_MET),
        "undetermined": lambda: (phases(None), PHASE, UNDETERMINED),
        "at the limit": lambda: (phases("首期", None), PHASE, MET),
    },
    kinds.RoomHandover: {
        "met": lambda: (handover("2010-05-01", "2011-01-01"), HANDOVER, MET),
        "not met": lambda: (handover("2010-05-01", None), HANDOVER, NOT_MET),
        "undetermined": lambda: (handover("2017", None), HANDOVER, UNDETERMINED),
        # The window is open at both ends: the day itself is outside.
        "at the limit": lambda: (handover("2017-07-11", None), HANDOVER, Status.NOT_APPLICABLE),
    },
    kinds.OpeningHours: {
        "met": lambda: (hours("08:00", "18:00"), HOURS, MET),
        "not met": lambda: (hours("09:00", "16:59"), HOURS, NOT_MET),
        "undetermined": lambda: (hours("09:00", None), HOURS, UNDETERMINED),
        "at the limit": lambda: (hours("09:00", "17:00"), HOURS, MET),
    },
    kinds.CommunitySize: {
        "met": lambda: (sized(4), SIZE, MET),
        "not met": lambda: (sized(6), SIZE, NOT_MET),
        "undetermined": lambda: (sized(4, estimated=True), SIZE, UNDETERMINED),
        "at the limit": lambda: (sized(3), SIZE, MET),
    },
    kinds.PlazaPerPerson: {
        "met": lambda: (plaza(39), PLAZA, MET),
        "not met": lambda: (plaza(41), PLAZA, NOT_MET),
        "undetermined": lambda: (plaza(None), PLAZA, UNDETERMINED),
        "at the limit": lambda: (plaza(40), PLAZA, MET),
    },
    kinds.ServiceWindows: {
        "met": lambda: (windows(4999, 1), WINDOWS, MET),
        "not met": lambda: (windows(5001, 1), WINDOWS, NOT_MET),
        "undetermined": lambda: (windows(5001, None), WINDOWS, UNDETERMINED),
        "at the limit": lambda: (windows(5000, 1), WINDOWS, MET),
    },
    kinds.Headcount: {
        "met": lambda: (staff(6), HEADS, MET),
        "not met": lambda: (staff(8), HEADS, NOT_MET),
        "undetermined": lambda: (staff(None), HEADS, UNDETERMINED),
        "at the limit": lambda: (staff(7), HEADS, MET),
    },
    kinds.CommunityBudget: {
        "met": lambda: (budget(12_000), BUDGET, MET),
        "not met": lambda: (budget(9_999.99), BUDGET, NOT_MET),
        "undetermined": lambda: (budget(None), BUDGET, UNDETERMINED),
        "at the limit": lambda: (budget(10_000), BUDGET, MET),
    },
    kinds.CommunityShare: {
        "met": lambda: (clinics("clinic", "clinic"), SHARE, MET),
        "not met": lambda: (clinics("bank", "park"), SHARE, NOT_MET),
        "undetermined": lambda: (clinics("bank", None), SHARE, UNDETERMINED),
        "at the limit": lambda: (clinics("clinic", "park"), SHARE, MET),
    },
    kinds.OccupancyTrigger: {
        "met": lambda: (occupied(0.7, 0), LIVED_IN, MET),
        "not met": lambda: (occupied(0.7, 5000), LIVED_IN, NOT_MET),
        "undetermined": lambda: (occupied(None, 0), LIVED_IN, UNDETERMINED),
        "at the limit": lambda: (occupied(0.5, 5000), LIVED_IN, NOT_MET),
    },
    kinds.Reach: {
        "met": lambda: (street(250), REACH, MET),
        "not met": lambda: (street(400), REACH, NOT_MET),
        "undetermined": lambda: (street(400, category=None), REACH, UNDETERMINED),
        "at the limit": lambda: (street(300), REACH, MET),
    },
    kinds.LifeCircle: {
        "met": lambda: (street(100), CIRCLE, MET),
        "not met": lambda: (street(100, 400), CIRCLE, NOT_MET),
        "undetermined": lambda: (street(100, category=None), CIRCLE, UNDETERMINED),
        "at the limit": lambda: (street(300, 300), CIRCLE, MET),
    },
    kinds.StepFree: {
        "met": lambda: (ramped("path"), STEP_FREE, MET),
        "not met": lambda: (ramped("steps"), STEP_FREE, NOT_MET),
        "undetermined": lambda: (ramped("path", slope=None), STEP_FREE, UNDETERMINED),
        "at the limit": lambda: (ramped("path", slope=0.08), STEP_FREE, MET),
    },
    kinds.FacilityArea: {
        "met": lambda: (clinic(121), FACILITY, MET),
        "not met": lambda: (clinic(119), FACILITY, NOT_MET),
        "undetermined": lambda: (clinic(None), FACILITY, UNDETERMINED),
        "at the limit": lambda: (clinic(120), FACILITY, MET),
    },
    kinds.StallsPerHousehold: {
        "met": lambda: (stalls(3, 90, 89), BANDS, MET),
        "not met": lambda: (stalls(1, 90, 89), BANDS, NOT_MET),
        "undetermined": lambda: (stalls(2, 90, None), BANDS, UNDETERMINED),
        "at the limit": lambda: (stalls(2, 90, 89), BANDS, MET),
    },
    kinds.StallsPerFloorArea: {
        "met": lambda: (stalls(3, 150, 100), FLOOR_AREA, MET),
        "not met": lambda: (stalls(2, 150, 100), FLOOR_AREA, NOT_MET),
        "undetermined": lambda: (stalls(3, 150, 100, None), FLOOR_AREA, UNDETERMINED),
        "at the limit": lambda: (stalls(2, 100, 100), FLOOR_AREA, MET),
    },
    kinds.AccessibleStalls: {
        "met": lambda: (marked("accessible", "accessible", "x"), ACCESSIBLE, MET),
        "not met": lambda: (marked("accessible", "x", "x"), ACCESSIBLE, NOT_MET),
        "undetermined": lambda: (marked("accessible", None, "x"), ACCESSIBLE, UNDETERMINED),
        "at the limit": lambda: (marked("accessible", "x"), ACCESSIBLE, MET),
    },
    kinds.StallsOffFireLanes: {
        "met": lambda: (beside_lane(-1), OFF_LANES, MET),
        "not met": lambda: (beside_lane(0.001), OFF_LANES, NOT_MET),
        "undetermined": lambda: (beside_lane(-1, width=None), OFF_LANES, UNDETERMINED),
        "at the limit": lambda: (beside_lane(0), OFF_LANES, MET),
    },
    kinds.StallsApart: {
        "met": lambda: (two_stalls(0.5), APART, MET),
        "not met": lambda: (two_stalls(-0.001), APART, NOT_MET),
        "undetermined": lambda: (two_stalls(0.5, kind="underground"), APART, UNDETERMINED),
        "at the limit": lambda: (two_stalls(0, house=5), APART, MET),
    },
    kinds.StallSize: {
        "met": lambda: (one_stall(2.5, 5.3), STALL_SIZE, MET),
        "not met": lambda: (one_stall(2.399, 5.3), STALL_SIZE, NOT_MET),
        "undetermined": lambda: (one_stall(2.2, 6.0, None), STALL_SIZE, UNDETERMINED),
        "at the limit": lambda: (one_stall(2.1, 6.0, "parallel"), STALL_SIZE, MET),
    },
    kinds.StallsDrivable: {
        "met": lambda: (drive(), DRIVE, MET),
        "not met": lambda: (drive(direction="one_way", far=False), DRIVE, NOT_MET),
        "undetermined": lambda: (drive(direction=None), DRIVE, UNDETERMINED),
        # A dead end of 45 m where 45 m are allowed.
        "at the limit": lambda: (drive(far=False), replace(DRIVE, dead_end_m=45), MET),
    },
    kinds.FireLaneWidth: {
        "met": lambda: (lane(4.5), LANE, MET),
        "not met": lambda: (lane(3.9), LANE, NOT_MET),
        "undetermined": lambda: (lane(None), LANE, UNDETERMINED),
        "at the limit": lambda: (lane(4), LANE, MET),
    },
    kinds.FireLaneToFacade: {
        "met": lambda: (lane(4, 8), FACADE, MET),
        "not met": lambda: (lane(4, 6.9), FACADE, NOT_MET),
        "undetermined": lambda: (lane(None, 6.9), FACADE, UNDETERMINED),
        "at the limit": lambda: (lane(4, 7), FACADE, MET),
    },
    kinds.FireLaneHeight: {
        "met": lambda: (low(4.5), HEIGHT, MET),
        "not met": lambda: (low(3.8), HEIGHT, NOT_MET),
        "undetermined": lambda: (low(None), HEIGHT, UNDETERMINED),
        "at the limit": lambda: (low(4), HEIGHT, MET),
    },
    kinds.FireLaneUnbroken: {
        "met": lambda: (way_in(), UNBROKEN, MET),
        "not met": lambda: (way_in(3.5), UNBROKEN, NOT_MET),
        "undetermined": lambda: (way_in(width=None), UNBROKEN, UNDETERMINED),
        "at the limit": lambda: (way_in(4.0), UNBROKEN, MET),
    },
    kinds.FireLaneReach: {
        "met": lambda: (way_in(), REACHED, MET),
        "not met": lambda: (way_in(3.999), REACHED, NOT_MET),
        "undetermined": lambda: (way_in(width=None), REACHED, UNDETERMINED),
        "at the limit": lambda: (way_in(house=10), REACHED, MET),
    },
    kinds.FireLaneDeadEnd: {
        "met": lambda: (way_in(hard=12), DEAD_END, MET),
        "not met": lambda: (way_in(house=3), DEAD_END, NOT_MET),
        "undetermined": lambda: (way_in(width=None), DEAD_END, UNDETERMINED),
        "at the limit": lambda: (way_in(house=3, long=40), DEAD_END, MET),
    },
    kinds.FireLaneTurn: {
        "met": lambda: (corner(9.0), TURN, MET),
        "not met": lambda: (corner(4.0), TURN, NOT_MET),
        "undetermined": lambda: (corner(None), TURN, UNDETERMINED),
        "at the limit": lambda: (corner(LIMIT), TURN, MET),
    },
    kinds.ElevatorRequired: {
        "met": lambda: (tower(6, lift=True), LIFT, MET),
        "not met": lambda: (tower(6, lift=False), LIFT, NOT_MET),
        "undetermined": lambda: (tower(6, lift=None), LIFT, UNDETERMINED),
        "at the limit": lambda: (tower(4, lift=False), LIFT, NOT_MET),
    },
    kinds.ElevatorFireLane: {
        "met": lambda: (shaft(left=4.5), BESIDE_SHAFT, MET),
        "not met": lambda: (shaft(left=3.99), BESIDE_SHAFT, NOT_MET),
        "undetermined": lambda: (shaft(width=None), BESIDE_SHAFT, UNDETERMINED),
        "at the limit": lambda: (shaft(left=4.0), BESIDE_SHAFT, MET),
    },
    kinds.ElevatorSeparation: {
        "met": lambda: (shaft(apart=6.5), OPPOSITE, MET),
        "not met": lambda: (shaft(apart=5.99), OPPOSITE, NOT_MET),
        "undetermined": lambda: (shaft(apart=6.5, house=None), OPPOSITE, UNDETERMINED),
        "at the limit": lambda: (shaft(apart=6.0), OPPOSITE, MET),
    },
    kinds.Consent: {
        "met": lambda: (votes("yes", "yes", "yes", "absent"), CONSENT, MET),
        "not met": lambda: (votes("yes", "no", "yes"), CONSENT, NOT_MET),
        "undetermined": lambda: (votes("yes", None), CONSENT, UNDETERMINED),
        # Four of six take part, three of the four agree: exactly 2/3 and exactly 3/4.
        "at the limit": lambda: (votes("yes", "yes", "yes", "no", "absent", "absent"), CONSENT, MET),
    },
    kinds.RoomsAsApproved: {
        "met": lambda: (site(rooms=[room("R1", 80)]), APPROVED, MET, site(rooms=[room("R1", 70)])),
        "not met": lambda: (
            site(rooms=[room("R1", 80, -1)]),
            APPROVED,
            NOT_MET,
            site(rooms=[room("R1", 80)]),
        ),
        "undetermined": lambda: (
            site(rooms=[room("R1", None)]),
            APPROVED,
            UNDETERMINED,
            site(rooms=[room("R1", 80)]),
        ),
        "at the limit": lambda: (site(rooms=[room("R1", 78)]), APPROVED, MET, site(rooms=[room("R1", 80)])),
    },
    kinds.RoomRegister: {
        "met": lambda: (site(rooms=[room("R1", 80, **REGISTERED)]), REGISTER, MET),
        "not met": lambda: (site(rooms=[room("R1", 80, **(REGISTERED | {"let": True}))]), REGISTER, NOT_MET),
        "undetermined": lambda: (
            site(rooms=[room("R1", 80, **(REGISTERED | {"let": None}))]),
            REGISTER,
            UNDETERMINED,
        ),
        "at the limit": lambda: (  # a room that is not handed over yet is not in the register
            site(rooms=[room("R1", 80, **REGISTERED), room("R2", 80, let=True)]),
            REGISTER,
            MET,
        ),
    },
    kinds.Record: {
        "undetermined": lambda: (site(), kinds.Record(items=("x",)), UNDETERMINED),
    },
}
ANSWERS = ("met", "not met", "undetermined", "at the limit")


def test_every_judged_kind_has_a_measure() -> None:
    assert set(CHECKS) == {kind for kind in KINDS.values() if kind.judged}


@pytest.mark.parametrize("kind", CHECKS, ids=lambda k: k.__name__)
def test_every_measure_is_tested_with_every_answer(kind: type[Kind]) -> None:
    # Only a person can answer a record, so it has one answer.
    wanted = {"undetermined"} if kind is kinds.Record else set(ANSWERS)
    assert set(CASES[kind]) == wanted


@pytest.mark.parametrize(
    ("kind", "answer"),
    [(k, a) for k, cases in CASES.items() for a in cases],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_a_measure_answers(kind: type[Kind], answer: str) -> None:
    where, asked, expected, *earlier = CASES[kind][answer]()
    found = judged(where, asked, earlier=earlier[0] if earlier else None)
    assert type(asked) is kind
    assert (found.status, found.reason if expected is MET else None) == (expected, None)
    assert found.clause.quote == "Q"
    if expected is NOT_MET:
        assert found.remedy
    if expected is UNDETERMINED:
        assert found.remedy
        assert found.reason


@pytest.mark.parametrize("kind", CASES, ids=lambda k: k.__name__)
def test_what_is_absent_or_empty_is_never_met(kind: type[Kind]) -> None:
    where, asked, _, *earlier = CASES[kind]["undetermined"]()
    for bare in (site(), site(**{name: [] for name in where.layers})):
        found = judged(bare, asked, earlier=earlier[0] if earlier else None)
        assert found.status is UNDETERMINED
        assert str(found.reason).startswith(("missing_data", "needs_person"))


UNNEEDED = {
    # Open ground is compared with the residents of the whole site where there are no communities.
    (kinds.PlazaPerPerson, "communities"),
    # The wall beside the lane is there for the rule about facades.
    (kinds.FireLaneWidth, "buildings"),
    # How wide a lane is between what stands there does not depend on the way to it.
    (kinds.FireLaneUnbroken, "parcels"),
    (kinds.FireLaneUnbroken, "entrances"),
}


@pytest.mark.parametrize("kind", CASES, ids=lambda k: k.__name__)
def test_each_layer_that_decides_is_needed(kind: type[Kind]) -> None:
    if "met" not in CASES[kind]:
        return
    where, asked, _, *earlier = CASES[kind]["met"]()
    for name in where.layers:
        rest = {n: where.layer(n) for n in where.layers if n != name}
        found = judged(
            Site(name="S", layers=rest, crs=where.crs), asked, earlier=earlier[0] if earlier else None
        )
        if found.status is MET:
            assert (kind, name) in UNNEEDED
        else:
            assert found.status is UNDETERMINED
