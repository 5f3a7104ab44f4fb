"""Fire lanes: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import area, at, line, site

from plan.rules import kinds
from plan.site import Site

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


CASES: Cases = {
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
}
