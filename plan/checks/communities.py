"""Measures of communities: size, ground for activities, windows and staff, money, what each one has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import shapely

from plan.checks.amounts import TOLERANCE, Amount, Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.places import Place
from plan.checks.rooms import area_of
from plan.checks.verdicts import (
    between,
    cannot_tell,
    every,
    finding,
    judge,
    not_applicable,
    numbers,
    span_text,
)
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import (
    CommunityBudget,
    CommunityShare,
    CommunitySize,
    Headcount,
    OccupancyTrigger,
    PlazaPerPerson,
    ServiceWindows,
)
from plan.whereabouts import OUTSIDE, inside, points_of

__all__ = [
    "community_budget",
    "community_share",
    "community_size",
    "has_rooms",
    "headcount",
    "occupancy_trigger",
    "plaza_per_person",
    "service_windows",
]


def community_size(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Count the households of each community."""
    kind = numbers(rule, CommunitySize)
    lowest, highest = kind.minimum_households, kind.maximum_households
    if missing := facts.has("communities") or facts.has("households"):
        return (cannot_tell(rule, missing, required=span_text(lowest, highest), unit="household"),)
    return tuple(
        between(
            rule,
            facts.households(place),
            lowest=lowest,
            highest=highest,
            unit="household",
            outside="community",
            **_about(facts, place),
        )
        for place in facts.communities
    )


def plaza_per_person(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Compare the open spaces with the ground asked for by each resident; where there are communities, in each."""
    kind = numbers(rule, PlazaPerPerson)
    if missing := facts.has("open_spaces"):
        return (cannot_tell(rule, missing, unit="m2"),)
    found = []
    for place in facts.communities or (Place(),):
        ground, ids = _open_ground(facts, place)
        need = facts.persons(place).times(kind.m2_per_person)
        found.append(
            judge(
                rule,
                ground,
                need,
                unit="m2",
                short="plaza_short",
                subject=place.id,
                features=ids,
                geometry=facts.where("open_spaces", ids),
            )
        )
    return tuple(found)


def service_windows(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Compare the windows with the residents, or the staff with the windows."""
    kind = numbers(rule, ServiceWindows)
    unit = "window" if kind.count == "windows" else "person"
    if missing := facts.has("communities"):
        return (cannot_tell(rule, missing, unit=unit),)
    found = []
    for place in facts.communities:
        windows = facts.figure(place, "windows")
        if kind.count == "windows":
            have, need = windows, _whole(facts.persons(place).times(1 / kind.residents_per_window))
        else:
            have, need = facts.figure(place, "staff"), windows.plus(Amount.of(kind.staff_extra))
            need = need if windows.shown is not None else replace(need, shown=None)
        found.append(judge(rule, have, need, unit=unit, short=f"{unit}_short", **_about(facts, place)))
    return tuple(found)


def headcount(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Count the people of a role in each community."""
    kind = numbers(rule, Headcount)
    unit = "organisation" if kind.role == "organisation" else "person"
    required = span_text(kind.minimum, kind.maximum)
    if missing := facts.has("communities", kind.role):
        return (cannot_tell(rule, missing, required=required, unit=unit),)
    found = []
    for place in facts.communities:
        people = facts.figure(place, kind.role)
        about = _about(facts, place)
        sized = _of_size(facts, place, kind)
        if sized is False:
            why = Message("checks.other_size", community=str(place.id))
            one = not_applicable(
                rule, why, measured=people.shown, required=required, unit=unit, subject=place.id
            )
        elif isinstance(sized, Amount):
            estimated = sized.estimated
            one = cannot_tell(
                rule,
                *sized.gaps,
                measured=people.shown,
                required=required,
                unit=unit,
                estimated=estimated,
                **about,
            )
        else:
            one = between(
                rule,
                people,
                lowest=kind.minimum,
                highest=kind.maximum,
                unit=unit,
                outside="people",
                **about,
            )
        found.append(one)
    return tuple(found)


def community_budget(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Compare each community's budget of a year with what the clause gives it."""
    kind = numbers(rule, CommunityBudget)
    if missing := facts.has("communities", "budget_cny"):
        return (
            cannot_tell(rule, missing, required=kind.cny if kind.per == "community" else None, unit="CNY"),
        )
    found = []
    for place in facts.communities:
        base = _budget_base(facts, place, kind.per)
        budget = facts.figure(place, "budget_cny")
        found.append(
            judge(
                rule, budget, base.times(kind.cny), unit="CNY", short="budget_short", **_about(facts, place)
            )
        )
    return tuple(found)


def community_share(facts: Facts, rule: Rule) -> Finding:
    """Count the communities that have what each should have."""
    kind = numbers(rule, CommunityShare)
    required = kind.minimum_share * 100
    missing = facts.has("communities") or (
        facts.has("facilities", "category") if kind.category else facts.has("rooms")
    )
    if missing:
        return cannot_tell(rule, missing, required=required, unit="%")
    has: dict[str, bool | Gap] = {
        str(place.id): _has_facility(facts, place, kind.category)
        if kind.category
        else has_rooms(facts, place, kind)
        for place in facts.communities
    }
    total = len(has)
    sure = sum(v is True for v in has.values())
    possible = total - sum(v is False for v in has.values())
    lacking = tuple(i for i, v in has.items() if v is not True)
    shown = {
        "measured": 100 * sure / total,
        "required": required,
        "unit": "%",
        "features": lacking or tuple(has),
        "geometry": facts.where("communities", lacking or tuple(has)),
    }
    needed = kind.minimum_share * total - TOLERANCE
    if sure >= needed:
        return finding(rule, Status.MET, **shown)
    if possible < needed:
        remedy = Message("checks.share_short", missing=math.ceil(needed) - possible, ids=lacking[:10])
        return finding(rule, Status.NOT_MET, remedy=remedy, **shown)
    return cannot_tell(rule, *(v for v in has.values() if isinstance(v, Gap)), **shown)


def occupancy_trigger(facts: Facts, rule: Rule) -> Finding:
    """Tell whether each parcel that is lived in, to the share that the rule names, lies in a community."""
    kind = numbers(rule, OccupancyTrigger)
    if missing := facts.has("parcels", "occupancy"):
        return cannot_tell(rule, missing, unit="parcel")
    frame = facts.site.layers["parcels"]
    mended = facts.site.repaired("parcels")
    trusted = np.array([i not in mended for i in frame["parcel_id"]], dtype=bool)
    home = inside(points_of(facts.site, frame, trusted=trusted), facts.drawn("communities"))
    doubtful = facts.site.repaired("communities")
    vague = next((g for place in facts.communities if (g := _vague(place)) is not None), None)

    def covered(parcel: str, community: str | None, occupancy: float) -> bool | Gap | None:
        if pd.isna(occupancy):  # so is a share above 1, since the file was read
            return column_gap("parcels", "occupancy", (parcel,))
        if occupancy + TOLERANCE < kind.share:
            return None
        if not facts.site.has("communities"):
            return layer_gap("communities")
        if parcel in mended or community in doubtful:
            return repaired_gap("parcels" if parcel in mended else "communities", (parcel,))
        if community is None:
            return gap("missing_data", "parcel_lost", parcel=parcel)
        return vague if community == OUTSIDE and vague is not None else community != OUTSIDE

    rows = zip(frame["parcel_id"], home, frame["occupancy"], strict=True)
    verdicts = {str(p): covered(p, c, o) for p, c, o in rows}
    judged = {i: v for i, v in verdicts.items() if v is not None}
    if not judged:
        why = Message("checks.not_lived_in", share=kind.share * 100)
        return not_applicable(rule, why, required=0, unit="parcel")
    return every(
        rule,
        judged,
        nothing=layer_gap("parcels"),
        remedy="uncovered",
        measured=sum(v is True for v in judged.values()),
        required=len(judged),
        unit="parcel",
        geometry=facts.where("parcels", [i for i, v in judged.items() if v is not True] or judged),
    )


# --- parts ---------------------------------------------------------------------------------------


def _about(facts: Facts, place: Place) -> dict[str, Any]:
    """Return what a finding about one community carries."""
    return {
        "subject": place.id,
        "features": (place.id,),
        "geometry": facts.where("communities", (str(place.id),)),
    }


def _vague(place: Place) -> Gap | None:
    """Say why it cannot be told what lies in a community: it is not drawn, or its outline was mended."""
    if place.id is None:
        return None
    if place.shape is None:
        return gap("missing_data", "no_shape", layer="communities", ids=(place.id,), count=1)
    return repaired_gap("communities", (place.id,)) if place.repaired else None


def _budget_base(facts: Facts, place: Place, per: str) -> Amount:
    """Return how many times a community is given the sum of the clause."""
    if per == "1000_households":
        return facts.households(place).times(1 / 1000)
    if per == "resident":
        return facts.persons(place)
    return facts.figure(place, "party_member") if per == "party_member" else Amount.of(1.0)


def _whole(amount: Amount) -> Amount:
    """Round up to whole windows."""

    def up(value: float) -> float:
        return value if math.isinf(value) else float(math.ceil(value - TOLERANCE))

    shown = None if amount.shown is None else up(amount.shown)
    return replace(amount, low=up(amount.low), high=up(amount.high), shown=shown)


def _of_size(facts: Facts, place: Place, kind: Headcount) -> bool | Amount:
    """Tell whether a rule is meant for a community of this size; its households where that is not known."""
    if kind.households_at_least <= 0 and math.isinf(kind.households_at_most):
        return True
    homes = facts.households(place)
    if homes.high < kind.households_at_least or homes.low > kind.households_at_most:
        return False
    if homes.low >= kind.households_at_least and homes.high <= kind.households_at_most:
        return True
    return homes


def _open_ground(facts: Facts, place: Place) -> tuple[Amount, tuple[str, ...]]:
    """Return the open spaces of a place in square metres, none counted twice, and their ids."""
    mended = facts.site.repaired("open_spaces")
    spaces = facts.drawn("open_spaces") if place.id is None or place.shape is not None else {}
    if place.shape is not None:
        spaces = {i: s for i, s in spaces.items() if s.intersects(place.shape)}
    sound = shapely.union_all([s for i, s in spaces.items() if i not in mended])
    doubtful = tuple(i for i in spaces if i in mended)
    area = float(sound.intersection(place.shape).area if place.shape is not None else sound.area)
    gaps: list[Gap] = []
    if doubtful:
        gaps.append(repaired_gap("open_spaces", doubtful))
    if (vague := _vague(place)) is not None:
        gaps.append(vague)
    undrawn = tuple(
        str(i) for i in facts.site.layers["open_spaces"]["space_id"] if i not in facts.drawn("open_spaces")
    )
    if undrawn:
        gaps.append(
            gap("missing_data", "no_shape", layer="open_spaces", ids=undrawn[:10], count=len(undrawn))
        )
    if gaps:
        low = 0.0 if vague is not None else area
        return Amount(low=low, high=math.inf, shown=area, gaps=tuple(gaps)), tuple(spaces)
    return Amount.of(area), tuple(spaces)


def has_rooms(facts: Facts, place: Place, kind: CommunityShare) -> bool | Gap:
    """Tell whether the service rooms of a community reach the area [m2] that the rule asks of each; a gap if not known."""
    have = area_of(facts.rooms_for((), place))
    households = facts.households(place).times(kind.rate_m2_per_100_households / 100)
    need = households.or_at_least(kind.minimum_m2)
    reached = have.reaches(need)
    return (have.gaps + need.gaps)[0] if reached is None else reached


def _has_facility(facts: Facts, place: Place, category: str) -> bool | Gap:
    if (vague := _vague(place)) is not None:
        return vague
    here = facts.facility_homes
    of: Mapping[str, list[str | None]] = {"sure": [], "other": []}
    for found, community in zip(facts.categories, here, strict=True):
        if found == category:
            of["sure"].append(community)
        elif found is None:
            of["other"].append(community)
    if place.id in of["sure"]:
        return True
    if None in of["sure"]:
        return gap("missing_data", "facility_lost", category=category)
    if place.id in of["other"] or None in of["other"]:
        return column_gap("facilities", "category", facts.uncategorised)
    return False
