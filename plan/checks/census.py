"""What a place has of service rooms, community by community and estate by estate, for those who count a whole city."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from plan.checks.amounts import Gap
from plan.checks.communities import has_rooms
from plan.checks.facts import Facts, Room
from plan.checks.places import Place
from plan.checks.rooms import area_of, built_in, handed_over
from plan.findings import Report, Status
from plan.rules.kinds import CommunityShare, RoomArea, RoomHandover
from plan.whereabouts import OUTSIDE, inside, points_of

__all__ = ["COMMUNITY_COLUMNS", "ESTATE_COLUMNS", "census_of_communities", "census_of_estates"]

_YEAR: Final = 4  # characters of a year at the beginning of a date
COMMUNITY_COLUMNS: Final = (
    "site", "community_id", "name", "households", "rooms", "area_m2", "required_m2", "has_rooms", "enough", "handed_over_on",
    "built",
)  # fmt: skip
ESTATE_COLUMNS: Final = (
    "site", "estate_id", "name", "built_on", "in_window", "rooms", "handed", "not_handed", "unknown", "verdict",
)  # fmt: skip


def census_of_communities(facts: Facts, report: Report) -> pd.DataFrame:
    """Count the service rooms of each community, or of the site as a whole where it has none.

    Parameters
    ----------
    facts : Facts
        The site.
    report : Report
        What a check found on it by the same pack; its findings on the area of service rooms are the verdicts.

    Returns
    -------
    DataFrame
        ``COMMUNITY_COLUMNS``. ``has_rooms``: ``yes``, ``no`` or ``unknown``; ``enough``: a status, None where no rule
        of the pack asks for area; ``handed_over_on``: the first date of its rooms, None where there is none;
        ``households`` and ``required_m2`` are NaN where they are not known; ``built``: the year in which the first of its
        estates was built, None where no date is known.
    """
    places = facts.communities or (Place(),)
    verdicts = _verdicts(facts, report, places)
    built = _first_years(facts)
    rows = []
    for place in places:
        rooms = facts.rooms_for((), place)
        sure = [room for room, certain in rooms.items() if certain]
        households = facts.households(place).shown
        dates = sorted(str(room.handed_over_on) for room in sure if room.handed_over_on is not None)
        enough, required = verdicts[place.id]
        unknown = len(rooms) > 0 or facts.has("rooms") is not None
        rows.append(
            {
                "site": facts.site.name,
                "community_id": place.id,
                "name": place.row.get("name"),
                "households": households or float("nan"),
                "rooms": len(sure),
                "area_m2": area_of(rooms).shown,
                "required_m2": float("nan") if required is None else required,
                "has_rooms": "yes" if sure else "unknown" if unknown else "no",
                "enough": enough,
                "handed_over_on": dates[0] if dates else None,
                "built": built.get(place.id),
            }
        )
    figures = {"households": "float64", "rooms": "int64", "area_m2": "float64", "required_m2": "float64"}
    return pd.DataFrame(rows, columns=list(COMMUNITY_COLUMNS), dtype=object).astype(figures)


def census_of_estates(facts: Facts, kind: RoomHandover | None) -> pd.DataFrame:
    """Say of each estate which of its service rooms have been handed over.

    Parameters
    ----------
    facts : Facts
        The site. An estate is the parcels of one ``estate_id``; where no parcel has one, each parcel is an estate.
    kind : RoomHandover or None
        The window of dates that a clause names; None: all dates.

    Returns
    -------
    DataFrame
        ``ESTATE_COLUMNS``. ``built_on``: a date or year, or first–last; ``in_window``: True, False or None where the date
        does not say; ``handed``, ``not_handed``, ``unknown``: ids of rooms; ``verdict``: ``handed_over``,
        ``not_handed_over``, ``unknown`` or ``no_rooms`` (none is drawn). Empty where there are no parcels.
    """
    if facts.has("parcels"):
        return pd.DataFrame(columns=list(ESTATE_COLUMNS), dtype=object)
    frame = facts.site.layer("parcels")
    window: dict[str, bool | None] = dict.fromkeys(frame["parcel_id"].astype(str), True)
    dated = facts.has("parcels", "built_on") is None
    if kind is not None:
        window = built_in(facts, kind) if dated else dict.fromkeys(window, None)
    by_parcel = _rooms_by_parcel(facts)
    rows = []
    for estate, parcels in _estates(frame).items():
        mine = frame[frame["parcel_id"].isin(parcels)]
        done: dict[str, list[str]] = {"handed": [], "not_handed": [], "unknown": []}
        for room, certain in (pair for parcel in parcels for pair in by_parcel.get(parcel, ())):
            done[_handover(facts, room, certain=certain)].append(room.id)
        dates = sorted(d for d in mine["built_on"] if isinstance(d, str)) if dated else []
        names = [n for n in mine.get("name", ()) if isinstance(n, str)]
        rows.append(
            {
                "site": facts.site.name,
                "estate_id": estate,
                "name": names[0] if names else None,
                "built_on": None
                if not dates
                else dates[0]
                if dates[0] == dates[-1]
                else f"{dates[0]}–{dates[-1]}",
                "in_window": _together({window[p] for p in parcels}),
                "rooms": sum(map(len, done.values())),
                **{key: tuple(sorted(ids)) for key, ids in done.items()},
                "verdict": _verdict(facts, done),
            }
        )
    return pd.DataFrame(rows, columns=list(ESTATE_COLUMNS), dtype=object).astype({"rooms": "int64"})


# --- parts ---------------------------------------------------------------------------------------


def _verdicts(
    facts: Facts, report: Report, places: tuple[Place, ...]
) -> Mapping[str | None, tuple[Status | None, float | None]]:
    """Return for each place whether its area is enough, and how much is asked for."""
    rules = facts.pack.judged()
    area = {r.id for r in rules if isinstance(r.kind, RoomArea) and not r.kind.uses}
    shares = [r.kind for r in rules if isinstance(r.kind, CommunityShare) and not r.kind.category]
    found: dict[str | None, tuple[Status | None, float | None]] = {}
    for place in places:
        judged = [
            f
            for f in report.findings
            # Where a layer is absent one finding stands for all communities.
            if f.rule in area and f.subject in (place.id, None) and f.status is not Status.NOT_APPLICABLE
        ]
        statuses = {f.status for f in judged}
        needs = [f.required for f in judged if isinstance(f.required, int | float)]
        for kind in shares if place.id is not None and not judged and not facts.has("rooms") else ():
            has = has_rooms(facts, place, kind)
            statuses.add(
                Status.UNDETERMINED if isinstance(has, Gap) else Status.MET if has else Status.NOT_MET
            )
        order = (Status.NOT_MET, Status.UNDETERMINED, Status.MET)
        found[place.id] = (next((s for s in order if s in statuses), None), max(needs, default=None))
    return found


def _first_years(facts: Facts) -> dict[str | None, str]:
    """Return the year of the first estate of each community; of the site as a whole under None."""
    if facts.has("parcels", "built_on"):
        return {}
    frame = facts.site.layer("parcels")
    mended = facts.site.repaired("parcels")
    trusted = np.array([i not in mended for i in frame["parcel_id"]], dtype=bool)
    lies = inside(points_of(facts.site, frame, trusted=trusted), facts.drawn("communities"))
    homes = {parcel for parcels in _estates(frame).values() for parcel in parcels}
    found: dict[str | None, str] = {}
    for parcel, built, community in zip(frame["parcel_id"], frame["built_on"], lies, strict=True):
        if isinstance(built, str) and str(parcel) in homes:
            for key in {None, community or None}:
                found[key] = min(built[:_YEAR], found.get(key, "9999"))
    return found


def _estates(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the parcels of each estate; parcels of none, such as a school's, belong to no estate."""
    ids = frame["parcel_id"].astype(str)
    named = frame["estate_id"] if "estate_id" in frame else pd.Series(None, index=frame.index, dtype=object)
    if named.isna().all():
        return {parcel: (parcel,) for parcel in sorted(ids)}
    found: dict[str, list[str]] = {}
    for estate, parcel in sorted((str(e), p) for e, p in zip(named, ids, strict=True) if not pd.isna(e)):
        found.setdefault(estate, []).append(parcel)
    return {estate: tuple(parcels) for estate, parcels in found.items()}


def _rooms_by_parcel(facts: Facts) -> dict[str, list[tuple[Room, bool]]]:
    found: dict[str, list[tuple[Room, bool]]] = {}
    for room, certain in facts.rooms_for(()).items():
        if room.parcel_id not in (None, OUTSIDE):
            found.setdefault(str(room.parcel_id), []).append((room, certain))
    return found


def _handover(facts: Facts, room: Room, *, certain: bool) -> str:
    done: Any = handed_over(facts, room) if facts.has("rooms", "handed_over_on") is None else None
    return "unknown" if not certain or not isinstance(done, bool) else "handed" if done else "not_handed"


def _together(answers: set[bool | None]) -> bool | None:
    """Tell whether an estate of several parcels was built in the window: some of it was, or none, or nobody knows."""
    return True if True in answers else None if None in answers else False


def _verdict(facts: Facts, done: Mapping[str, list[str]]) -> str:
    if done["not_handed"]:
        return "not_handed_over"
    if done["unknown"] or facts.has("rooms"):
        return "unknown"
    return "handed_over" if done["handed"] else "no_rooms"
