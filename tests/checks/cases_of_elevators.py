"""Elevators, and who agrees to them: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from fractions import Fraction

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import area, line, site

from plan.rules import kinds
from plan.site import Site

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


CASES: Cases = {
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
}
