"""Service rooms: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import area, at, homes, line, room, site

from plan.findings import Status
from plan.rules import kinds
from plan.site import Site

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


CASES: Cases = {
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
