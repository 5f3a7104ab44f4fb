"""What people walk to: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import at, line, site

from plan.rules import kinds
from plan.site import Site

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


FACILITY = kinds.FacilityArea(category="clinic", minimum_m2=120)


def clinic(area_m2: float | None) -> Site:
    return site(
        facilities=[
            {"facility_id": "F1", "category": "社区卫生服务站", "area_m2": area_m2, "geometry": at(0, 0)}
        ]
    )


CASES: Cases = {
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
}
