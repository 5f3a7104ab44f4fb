"""Stalls and aisles: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from dataclasses import replace

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import area, at, line, site

from plan.rules import Band, kinds
from plan.site import Site

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


CASES: Cases = {
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
}
