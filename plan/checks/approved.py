"""Rooms as they were approved, and as they are kept: one stage against the one before, and the register of rooms."""

from __future__ import annotations

import pandas as pd

from plan.checks.amounts import TOLERANCE, Gap, column_gap, gap
from plan.checks.facts import Facts, Room
from plan.checks.verdicts import cannot_tell, every, finding, not_applicable, numbers
from plan.findings import Finding, Status
from plan.messages import Bilingual, Message
from plan.rules import Rule
from plan.rules.kinds import RoomRegister, RoomsAsApproved
from plan.uses import ROOM_USES

__all__ = ["room_register", "rooms_as_approved"]


def rooms_as_approved(facts: Facts, rule: Rule) -> Finding | tuple[Finding, ...]:
    """Compare every room that counted at the earlier stage with what became of it."""
    kind = numbers(rule, RoomsAsApproved)
    if facts.earlier is None:
        if facts.stage is None:
            return not_applicable(rule, Message("checks.no_earlier_stage"))
        return cannot_tell(rule, gap("missing_data", "earlier_stage"))
    before = Facts(site=facts.earlier, pack=facts.pack)
    if missing := before.has("rooms") or facts.has("rooms"):
        return cannot_tell(rule, missing)
    was = before.rooms_for(kind.uses)
    if not was:
        return cannot_tell(rule, gap("missing_data", "no_rooms_before"))
    now = {room.id: room for room in facts.rooms}
    return tuple(
        _compared(facts, rule, room, now.get(room.id), before=before, tolerance_m2=kind.area_tolerance_m2)
        for room in was
    )


def _compared(
    facts: Facts, rule: Rule, was: Room, now: Room | None, *, before: Facts, tolerance_m2: float
) -> Finding:
    """Judge one room; what neither drawing says of it leaves the finding open."""
    if now is None:
        # It may have been given another number: a person can see that, a program cannot.
        return finding(
            rule,
            Status.NOT_MET,
            subject=was.id,
            measured=Message("checks.room_gone"),
            required=_said(was),
            features=(was.id,),
            geometry=before.where("rooms", (was.id,)),
            remedy=Message("checks.approved_remedy", id=was.id),
        )
    common = {
        "subject": was.id,
        "measured": _said(now),
        "required": _said(was),
        "features": (was.id,),
        "geometry": facts.where("rooms", (was.id,)),
    }
    wrong = (
        _differs(was.floor, now.floor),
        _differs(was.use, now.use),
        _smaller(was.area_m2, now.area_m2, tolerance_m2),
    )
    if True in wrong:
        return finding(rule, Status.NOT_MET, remedy=Message("checks.approved_remedy", id=was.id), **common)
    columns = [
        name for name, answer in zip(("floor", "use", "area_m2"), wrong, strict=True) if answer is None
    ]
    if columns:
        return cannot_tell(rule, *(column_gap("rooms", name, (was.id,)) for name in columns), **common)
    return finding(rule, Status.MET, **common)


def _differs(was: object, now: object) -> bool | None:
    return None if was is None or now is None else was != now


def _smaller(was: float | None, now: float | None, tolerance: float) -> bool | None:
    return None if was is None or now is None else now + tolerance + TOLERANCE < was


def _said(room: Room) -> Message:
    return Message(
        "checks.room_as_it_is",
        floor="?" if room.floor is None else room.floor,
        area="?" if room.area_m2 is None else f"{room.area_m2:g}",
        use="?" if room.use is None else _use(room.use),
    )


def _use(use: str) -> Bilingual:
    return Bilingual(next(iter(ROOM_USES.get(use, ())), use), use)


def room_register(facts: Facts, rule: Rule) -> Finding:
    """Look up in the register each room that has been handed over."""
    kind = numbers(rule, RoomRegister)
    asked = [
        name
        for name, wanted in (
            ("title_holder", kind.title_holders),
            ("let", kind.not_let),
            ("actual_use", kind.own_use),
        )
        if wanted
    ]
    if missing := facts.has("rooms", "handed_over_on", *asked):
        return cannot_tell(rule, missing)
    cells = facts.site.layer("rooms").set_index("room_id")[asked]

    def kept(room: Room) -> bool | Gap | None:
        if not room.handover_readable:
            return column_gap("rooms", "handed_over_on", (room.id,))
        if room.handed_over_on is None:
            return None  # it is not in the register yet
        row = cells.loc[room.id]
        blank = next((name for name in asked if pd.isna(row[name])), None)
        answers = [_keeps(kind, room, name, row[name]) for name in asked if not pd.isna(row[name])]
        if False in answers:
            return False
        return True if blank is None else column_gap("rooms", blank, (room.id,))

    judged = {room.id: answer for room in facts.rooms_for(()) if (answer := kept(room)) is not None}
    if not judged:
        return not_applicable(rule, Message("checks.nothing_handed_over"))
    broken = [i for i, answer in judged.items() if answer is not True]
    return every(
        rule,
        judged,
        nothing=gap("missing_data", "no_service_rooms"),
        remedy="register_wrong",
        measured=sum(answer is True for answer in judged.values()),
        required=len(judged),
        unit="room",
        geometry=facts.where("rooms", broken),
    )


def _keeps(kind: RoomRegister, room: Room, name: str, value: object) -> bool:
    if name == "title_holder":
        return any(word in str(value) for word in kind.title_holders)
    if name == "let":
        return not bool(value)
    return room.use is None or str(value) == room.use
