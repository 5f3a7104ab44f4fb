"""Communities: the cases of their rules, each with a site that can be counted by hand."""

from __future__ import annotations

from cases import MET, NOT_MET, UNDETERMINED, Cases
from small_sites import area, at, homes, site

from plan.rules import kinds
from plan.site import Site

COMMUNITY = {"community_id": "S1", "geometry": area(0, 0, 1000, 1000)}


def community(**more: object) -> list[dict[str, object]]:
    return [COMMUNITY | more]


def homes_in(count: int, **more: object) -> list[dict[str, object]]:
    return homes(count, geometry=at(50, 50), **more)


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


CASES: Cases = {
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
}
