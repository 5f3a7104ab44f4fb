"""Measures of community service rooms: how much, on which floor, for what, in which phase, handed over."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from plan.checks.amounts import NAMED, TOLERANCE, Amount, Gap, column_gap, gap
from plan.checks.dates import in_window, is_before
from plan.checks.facts import Facts, Room
from plan.checks.places import Place
from plan.checks.verdicts import cannot_tell, every, finding, judge, not_applicable, numbers, span_text
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import (
    OpeningHours,
    RoomArea,
    RoomFloors,
    RoomFunctions,
    RoomGroundFloor,
    RoomHandover,
    RoomPhase,
)
from plan.uses import ROOM_USES, SERVICE_USES, function_of
from plan.whereabouts import OUTSIDE

__all__ = [
    "area_of",
    "built_in",
    "handed_over",
    "judge_rooms",
    "opening_hours",
    "room_area",
    "room_floors",
    "room_functions",
    "room_ground_floor",
    "room_handover",
    "room_phase",
]

_NO_ROOMS = gap("missing_data", "no_service_rooms")
_DAY = 24 * 60  # minutes


def room_area(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Add up the service rooms and compare them with the area for each hundred households."""
    kind = numbers(rule, RoomArea)
    missing = facts.has("rooms") or (facts.has("communities") if kind.per == "community" else None)
    if missing:
        return (cannot_tell(rule, missing, required=kind.minimum_m2 or None, unit="m2"),)
    found = []
    for place in facts.places(kind.per):
        rooms = facts.rooms_for(kind.uses, place)
        ids = tuple(room.id for room in rooms)
        need = (
            facts.households(place).times(kind.rate_m2_per_100_households / 100).or_at_least(kind.minimum_m2)
        )
        found.append(
            judge(
                rule,
                area_of(rooms),
                need,
                unit="m2",
                short="area_short",
                params={"what": _what(kind.uses)},
                subject=place.id,
                features=ids,
                geometry=facts.where("rooms", ids),
            )
        )
    return tuple(found)


def room_ground_floor(facts: Facts, rule: Rule) -> tuple[Finding, ...]:
    """Add up the service rooms on floor 1 and compare them with the area or share asked for."""
    kind = numbers(rule, RoomGroundFloor)
    if missing := facts.has("rooms"):
        return (cannot_tell(rule, missing, required=kind.minimum_m2 or None, unit="m2"),)
    return tuple(_ground_floor(facts, rule, kind, place) for place in facts.places("site"))


def _ground_floor(facts: Facts, rule: Rule, kind: RoomGroundFloor, place: Place) -> Finding:
    rooms = facts.rooms_for(kind.uses, place)
    if not rooms and not kind.minimum_m2:
        return cannot_tell(rule, _NO_ROOMS, unit="m2", subject=place.id)
    ground = area_of({room: sure for room, sure in rooms.items() if room.floor == 1})
    unclear = {room: False for room in rooms if room.floor is None}
    if unclear:
        somewhere = area_of(unclear)
        floors = column_gap("rooms", "floor", tuple(room.id for room in unclear))
        ground = replace(ground, high=ground.high + somewhere.high, gaps=(*ground.gaps, floors))
    need = area_of(rooms).times(kind.minimum_share).or_at_least(kind.minimum_m2)
    ids = tuple(room.id for room in rooms if room.floor == 1)
    return judge(
        rule,
        ground,
        need,
        unit="m2",
        short="ground_floor_short",
        subject=place.id,
        features=ids,
        geometry=facts.where("rooms", ids),
    )


def room_floors(facts: Facts, rule: Rule) -> Finding:
    """Look at the floor of every service room."""
    kind = numbers(rule, RoomFloors)
    required = span_text(
        -math.inf if kind.lowest is None else kind.lowest,
        math.inf if kind.highest is None else kind.highest,
    )
    if missing := facts.has("rooms"):
        return cannot_tell(rule, missing, required=required, unit="floor")
    rooms = facts.rooms_for(kind.uses)
    open_ = gap("ambiguous_clause", "floor_ambiguous", floors=tuple(str(f) for f in kind.ambiguous))
    if rule.ambiguity is not None:
        open_ = replace(open_, what=Message("checks.quoted", text=rule.ambiguity))

    def kept(room: Room) -> bool | Gap:
        if room.floor is None:
            return column_gap("rooms", "floor", (room.id,))
        if room.floor in kind.ambiguous:
            return {"allowed": True, "barred": False}.get(kind.reading, open_)
        high_enough = kind.lowest is None or room.floor >= kind.lowest
        return high_enough and (kind.highest is None or room.floor <= kind.highest)

    judged = judge_rooms(rooms, kept)
    floors = sorted({room.floor for room in rooms if room.floor is not None})
    shown = [i for i, verdict in judged.items() if verdict is False] or list(judged)
    return every(
        rule,
        judged,
        nothing=_NO_ROOMS,
        remedy="floors_wrong",
        measured=", ".join(str(f) for f in floors) or None,
        required=required,
        unit="floor",
        geometry=facts.where("rooms", shown),
    )


def room_functions(facts: Facts, rule: Rule) -> Finding:
    """Look for a room that houses each of the functions."""
    kind = numbers(rule, RoomFunctions)
    wanted = {function_of(name): name for name in kind.functions}
    if missing := facts.has("rooms"):
        return cannot_tell(rule, missing, required=len(wanted), unit="function")
    rooms = facts.rooms_for(tuple(ROOM_USES))
    housed = {f: [room.id for room, sure in rooms.items() if sure and f in _functions(room)] for f in wanted}
    absent = [f for f, ids in housed.items() if not ids]
    ids = tuple(sorted({i for found in housed.values() for i in found}))
    shown = {
        "measured": len(wanted) - len(absent),
        "required": len(wanted),
        "unit": "function",
        "features": ids,
        "geometry": facts.where("rooms", ids),
    }
    if not absent:
        return finding(rule, Status.MET, **shown)
    service = {room: sure for room, sure in rooms.items() if room.use is None or room.use in SERVICE_USES}
    silent = tuple(room.id for room in service if room.functions is None)
    unsure = tuple(room.id for room, sure in rooms.items() if not sure and _functions(room) & set(absent))
    if silent or unsure:
        gaps = [column_gap("rooms", "functions", silent)] if silent else []
        gaps += [column_gap("rooms", "state", unsure)] if unsure else []
        return cannot_tell(rule, *gaps, **shown)
    names = tuple(_use_name(f, wanted[f]) for f in absent)
    return finding(rule, Status.NOT_MET, remedy=Message("checks.functions_short", names=names), **shown)


def room_phase(facts: Facts, rule: Rule) -> Finding:
    """Look at the phase of the parcel on which each room stands."""
    kind = numbers(rule, RoomPhase)
    required = Message("checks.phase", phases=kind.phases)
    if missing := facts.has("rooms") or facts.has("parcels", "phase"):
        return cannot_tell(rule, missing, required=required)
    parcels = facts.site.layer("parcels")
    phases = dict(zip(parcels["parcel_id"], parcels["phase"], strict=True))
    blank = tuple(i for i, phase in phases.items() if phase is None)
    if not blank and len({_phase(p) for p in phases.values()}) == 1:
        return not_applicable(rule, Message("checks.single_phase"), required=required)
    allowed = {_phase(p) for p in kind.phases}
    rooms = facts.rooms_for(kind.uses)

    def kept(room: Room) -> bool | Gap:
        if room.parcel_id not in phases:  # nowhere known, or a parcel that nobody drew
            return gap("missing_data", "room_parcel", room=room.id)
        phase = phases[room.parcel_id]
        if phase is None:
            return column_gap("parcels", "phase", blank)
        return _phase(phase) in allowed

    found = sorted({p for room in rooms if (p := phases.get(room.parcel_id or "")) is not None})
    judged = judge_rooms(rooms, kept)
    return every(
        rule,
        judged,
        nothing=_NO_ROOMS,
        remedy="phase_wrong",
        measured=", ".join(found) or None,
        required=required,
        geometry=facts.where("rooms", judged),
    )


def room_handover(facts: Facts, rule: Rule) -> Finding:
    """Count the rooms handed over on parcels built in the window of the clause."""
    kind = numbers(rule, RoomHandover)
    if missing := facts.has("parcels", "built_on") or facts.has("rooms", "handed_over_on"):
        return cannot_tell(rule, missing, unit="room")
    window = built_in(facts, kind)
    if not any(inside is not False for inside in window.values()):
        span = Message("checks.window", after=kind.built_after or "…", before=kind.built_before or "…")
        return not_applicable(rule, Message("checks.built_outside", window=span), unit="room")

    def kept(room: Room) -> bool | Gap | None:
        # A parcel that the building names and nobody drew may be of any date.
        if room.parcel_id is None or room.parcel_id not in (OUTSIDE, *window):
            return gap("missing_data", "room_parcel", room=room.id)
        built_then = window.get(room.parcel_id, False)
        if built_then is False:
            return None
        if built_then is None:
            return column_gap("parcels", "built_on", (room.parcel_id,))
        return handed_over(facts, room)

    judged = judge_rooms(facts.rooms_for(()), kept)
    return every(
        rule,
        judged,
        nothing=_NO_ROOMS,
        remedy="handover_missing",
        measured=sum(v is True for v in judged.values()),
        required=len(judged),
        unit="room",
        geometry=facts.where("rooms", [i for i, v in judged.items() if v is not True]),
    )


def built_in(facts: Facts, kind: RoomHandover) -> dict[str, bool | None]:
    """Tell of each parcel whether it was built in the window of a clause; None where that is not known."""
    parcels = facts.site.layer("parcels")
    return {
        str(parcel): in_window(built, after=kind.built_after, before=kind.built_before)
        for parcel, built in zip(parcels["parcel_id"], parcels["built_on"], strict=True)
    }


def handed_over(facts: Facts, room: Room) -> bool | Gap:
    """Tell whether a room has been handed over by the day for which the rules are taken."""
    if not room.handover_readable:
        return column_gap("rooms", "handed_over_on", (room.id,))
    on = facts.pack.on
    if room.handed_over_on is None:
        return False
    past = True if on is None else is_before(str(room.handed_over_on), on)
    return column_gap("rooms", "handed_over_on", (room.id,)) if past is None else past


def opening_hours(facts: Facts, rule: Rule) -> Finding:
    """Compare the hours for which each service room is open with those asked for."""
    kind = numbers(rule, OpeningHours)
    if missing := facts.has("rooms", "opens", "closes"):
        return cannot_tell(rule, missing, required=kind.hours_per_day, unit="h")
    rooms = facts.rooms_for(())
    hours = {room.id: _open_minutes(room) for room in rooms}

    def kept(room: Room) -> bool | Gap:
        minutes = hours[room.id]
        if minutes is None:
            return column_gap("rooms", "opens" if room.opens is None else "closes", (room.id,))
        return minutes >= kind.hours_per_day * 60

    known = [minutes / 60 for minutes in hours.values() if minutes is not None]
    judged = judge_rooms(rooms, kept)
    return every(
        rule,
        judged,
        nothing=_NO_ROOMS,
        remedy="hours_short",
        measured=min(known, default=None),
        required=kind.hours_per_day,
        unit="h",
        geometry=facts.where("rooms", [i for i, v in judged.items() if v is not True]),
    )


# --- parts ---------------------------------------------------------------------------------------


def area_of(rooms: Mapping[Room, bool]) -> Amount:
    """Add up the areas of rooms; those that may or may not count widen the upper bound only.

    Parameters
    ----------
    rooms : mapping of Room to bool
        Whether each certainly counts.

    Returns
    -------
    Amount
        In square metres.
    """
    sure = [room for room, certain in rooms.items() if certain]
    unsure = [room for room, certain in rooms.items() if not certain]
    shown = math.fsum(room.area_m2 or 0.0 for room in sure)
    low = math.fsum(room.least_m2 or 0.0 for room in sure)
    high = shown + math.fsum(room.area_m2 or 0.0 for room in unsure)
    unmeasured = tuple(room.id for room in rooms if room.area_m2 is None)
    gaps = [column_gap("rooms", "area_m2", unmeasured)] if unmeasured else []
    if unsure:
        gaps += [_unsure(room) for room in unsure]
    disputed = tuple(room.id for room in rooms if (room.least_m2 or 0.0) + TOLERANCE < (room.area_m2 or 0.0))
    if disputed:
        gaps += [gap("needs_person", "area_disputed", ids=disputed[:NAMED], count=len(disputed))]
    return Amount(low=low, high=math.inf if unmeasured else high, shown=shown, gaps=tuple(gaps))


def judge_rooms(
    rooms: Mapping[Room, bool], kept: Callable[[Room], bool | Gap | None]
) -> dict[str, bool | Gap]:
    """Judge each room; a room of which it is not certain that it counts decides nothing by itself.

    Parameters
    ----------
    rooms : mapping of Room to bool
        Whether each certainly counts.
    kept : callable
        Whether a room keeps the rule; a gap when that is not known, None when the rule is not about it.

    Returns
    -------
    dict of str to bool or Gap
        By room id. A room that is not certain to count is left out where it keeps the rule and others certainly count,
        and has a gap otherwise.
    """
    verdicts = {room: verdict for room in rooms if (verdict := kept(room)) is not None}
    certain = any(rooms[room] for room in verdicts)
    judged: dict[str, bool | Gap] = {}
    for room, verdict in verdicts.items():
        if rooms[room]:
            judged[room.id] = verdict
        elif verdict is not True or not certain:
            judged[room.id] = verdict if isinstance(verdict, Gap) else _unsure(room)
    return judged


def _unsure(room: Room) -> Gap:
    """Say what would have to be known before this room decides anything."""
    if room.use is None:
        return column_gap("rooms", "use", (room.id,))
    if room.provided is None:
        return column_gap("rooms", "state", (room.id,))
    lost = room.parcel_id == OUTSIDE and room.community_id in {None, OUTSIDE}
    return gap("missing_data", "room_outside" if lost else "room_community", room=room.id)


def _what(uses: tuple[str, ...]) -> Message | tuple[Message | str, ...]:
    if not uses or set(uses) == set(SERVICE_USES):
        return Message("checks.service_rooms")
    return tuple(_use_name(use, use) for use in uses)


def _functions(room: Room) -> frozenset[str]:
    own = frozenset() if room.use is None else frozenset({room.use})
    return own | (room.functions or frozenset())


def _use_name(function: str, written: str) -> Message | str:
    return Message(f"checks.use.{function}") if function in ROOM_USES else written


def _open_minutes(room: Room) -> int | None:
    if room.opens is None or room.closes is None:
        return None
    opens, closes = (int(t[:2]) * 60 + int(t[3:]) for t in (room.opens, room.closes))
    # The same time twice may mean all day or not at all.
    return None if opens == closes else (closes - opens) % _DAY or _DAY


_NUMERALS = {"首": "1", "一": "1", "二": "2", "三": "3", "四": "4", "五": "5"}


def _phase(text: str) -> str:
    """Return the number of a phase: 一期, 第1期, 首期 and 1 are the same."""
    plain = text.strip().removeprefix("第").removesuffix("期").strip()
    return _NUMERALS.get(plain, plain)
