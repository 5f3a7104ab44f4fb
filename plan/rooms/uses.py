"""One room, many uses (一室多用): which function is in which room, and when.

With the functions f (area a_f, h_f hours in a week) and the rooms r (area A_r), and the cells c of a week, which are the
times between which nothing changes, of length l_c, counted together where the same functions may be there:

    maximise, one after the other
              sum(y_fr)  over the basic functions      how many are housed
              sum(y_fr)  over the extended ones
              sum(y_fr)  where f is in r today         what can stay
    minimise  sum(rank_r y_fr)                         large rooms stay free; rank 1 is the smallest
    subject   sum_r(y_fr) <= 1                                      a function is in one room
              sum(a_g y_gr over g that own) <= A_r                  own spaces are cut out of a room
              a_f y_fr + sum(a_g y_gr over g that own) <= A_r       the rest is one space, in turns
              y_fr + y_gr <= 1       where f shares with its own users only, and g is for others
              sum_c(x_frc) = h_f y_fr,   sum_f(x_frc) <= l_c        for functions that take turns
              y binary, x >= 0

Given y, the hours are a transport problem, so that hours are whole where the table's are. A function is housed with
all of its hours or not at all. Own model; exact, by HiGHS.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from plan.errors import UsageError
from plan.messages import Message
from plan.rooms.functions import Need
from plan.site import as_objects
from plan.solver import TOLERANCE, Programme
from plan.uses import function_of, functions_of

__all__ = ["HOURS_PER_DAY", "OPENS", "Uses", "assign_uses"]

# This tool's assumptions, where neither a clause nor the room's own hours say more.
HOURS_PER_DAY: Final = 8.0
OPENS: Final = ("08:30", "21:00")
_DAYS: Final = range(1, 8)
_NIGHT: Final = 24 * 60  # minutes
_SOLVER_SECONDS: Final = 60.0
_SHARE: Final = 30  # minutes
_HALF: Final = 0.5  # a binary number up to the solver's tolerance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uses:
    """Which function is in which room, and when.

    Parameters
    ----------
    schedule : DataFrame
        ``room_id``, ``function``, ``name_en``, ``level`` (basic, extended), ``users``, ``own`` (bool), ``area_m2`` (of the
        function), ``day`` (1 is Monday), ``begins``, ``ends`` (HH:MM), ``hours``.
    unmet : DataFrame
        ``function``, ``name_en``, ``level``, ``reason``.
    measures : mapping
        ``functions``, ``housed``, ``basic``, ``basic_housed``, ``rooms``, ``rooms_used``, ``hours`` (in a week), ``kept``,
        ``hours_per_day`` (for which a room is open at least), ``opens`` and ``closes`` by room_id, ``stretched`` and
        ``not_measured`` (ids of rooms), ``gap`` (0: proven).
    """

    schedule: pd.DataFrame
    unmet: pd.DataFrame
    measures: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    id: str
    area_m2: float
    floor: int
    spans: tuple[tuple[int, int], ...]  # open between these minutes, each day
    houses: frozenset[str]  # what is in it today

    def takes(self, need: Need) -> bool:
        """Tell whether a function fits by area and floor."""
        return self.area_m2 + TOLERANCE >= need.area_m2 and self.allowed(need)

    def allowed(self, need: Need) -> bool:
        """Tell whether a function may be on this floor."""
        return (need.lowest is None or self.floor >= need.lowest) and (
            need.highest is None or self.floor <= need.highest
        )

    def open_at(self, begin: int, end: int) -> bool:
        return any(a <= begin and end <= b for a, b in self.spans)


_Cell = tuple[int, int, int]  # day, begin, end in minutes


def assign_uses(
    rooms: pd.DataFrame,
    needs: Sequence[Need],
    *,
    hours_per_day: float = HOURS_PER_DAY,
    opens: tuple[str, str] = OPENS,
) -> Uses:
    """Assign functions to rooms and hours of the week: basic functions first, then extended ones.

    Parameters
    ----------
    rooms : DataFrame
        ``room_id``, ``floor``, ``area_m2``; optional ``opens``, ``closes``, ``use`` and ``functions``. A room of which the
        area or the floor is not known is named, and not used.
    needs : sequence of Need
        What the functions need, as :func:`plan.rooms.functions.read_needs` returns them.
    hours_per_day : float, default 8
        Every room is open at least so long each day. One whose own hours are shorter is kept open longer, and named.
    opens : tuple of str, default ("08:30", "21:00")
        When a room without hours of its own is open; a function with a space of its own keeps its own hours.

    Returns
    -------
    Uses
        The optimum of the model above, and for each function that is not housed the reason.

    Raises
    ------
    UsageError
        If two functions have one name, or ``hours_per_day`` is no number of hours of a day.

    Examples
    --------
    >>> import pandas as pd
    >>> rooms = pd.DataFrame({"room_id": ["R1"], "floor": [1], "area_m2": [100.0]})
    >>> choir = Need(function="合唱", area_m2=80, hours_per_week=4, days=(2, 4), begins=840, ends=960)
    >>> assign_uses(rooms, [choir]).schedule[["room_id", "day", "begins", "ends"]].to_numpy().tolist()
    [['R1', 2, '14:00', '16:00'], ['R1', 4, '14:00', '16:00']]
    """
    if not 0 < hours_per_day <= _NIGHT / 60:
        raise UsageError(Message("uses.hours_per_day", hours=hours_per_day))
    if len({need.function for need in needs}) < len(needs):
        raise UsageError(Message("uses.twice"))
    known, not_measured, stretched = _rooms(rooms, hours_per_day, opens)
    cells = _cells(known, needs)
    chosen, hours, gap = _choose(known, needs, cells)
    sessions = _sessions(known, needs, cells, chosen, hours)
    unmet = [
        (need, _reason(known, needs, need, chosen, cells))
        for at, need in enumerate(needs)
        if at not in chosen
    ]
    schedule = pd.DataFrame(sessions, columns=list(_COLUMNS))
    housed = [needs[at] for at in chosen]
    return Uses(
        schedule=schedule.astype({"day": "int64", "hours": "float64", "own": "bool"}),
        unmet=pd.DataFrame(
            {
                "function": [need.function for need, _ in unmet],
                "name_en": [need.name_en for need, _ in unmet],
                "level": ["basic" if need.basic else "extended" for need, _ in unmet],
                "reason": as_objects(why for _, why in unmet),
            }
        ),
        measures={
            "functions": len(needs),
            "housed": len(chosen),
            "basic": sum(need.basic for need in needs),
            "basic_housed": sum(need.basic for need in housed),
            "rooms": len(rooms),
            "rooms_used": len(set(chosen.values())),
            "hours": float(sum(need.hours_per_week for need in housed)),
            "kept": sum(_is_there(known[room], needs[at]) for at, room in chosen.items()),
            "hours_per_day": float(hours_per_day),
            "opens": {room.id: [f"{_clock(a)}-{_clock(b)}" for a, b in room.spans] for room in known},
            "stretched": stretched,
            "not_measured": not_measured,
            "gap": gap,
        },
    )


_COLUMNS: Final = (
    "room_id", "function", "name_en", "level", "users", "own", "area_m2", "day", "begins", "ends", "hours",
)  # fmt: skip


# --- rooms and times -----------------------------------------------------------------------------


def _rooms(
    rooms: pd.DataFrame, hours_per_day: float, opens: tuple[str, str]
) -> tuple[list[_Room], list[str], list[str]]:
    """Return the rooms that can be used, the ids of those that cannot, and of those that open longer than today."""
    known, not_measured, stretched = [], [], []
    least = round(hours_per_day * 60)
    frame = pd.DataFrame(rooms).sort_values("room_id", kind="stable")
    for row in frame.to_dict("records"):
        room_id = str(row["room_id"])
        # No room has 0 m2 and no storey is 0: neither was measured.
        if pd.isna(row["area_m2"]) or row["area_m2"] <= 0 or pd.isna(row["floor"]) or row["floor"] == 0:
            not_measured.append(room_id)
            continue
        own = _text(row.get("opens")), _text(row.get("closes"))
        # The same time twice may mean all day or not at all.
        written = None not in own and own[0] != own[1]
        begin, end = (_minutes(str(t)) for t in (own if written else opens))
        length = (end - begin) % _NIGHT or _NIGHT
        if length < least:
            if written:
                stretched.append(room_id)
            length = least
        spans = (
            ((begin, begin + length),)
            if begin + length <= _NIGHT
            else ((0, begin + length - _NIGHT), (begin, _NIGHT))
        )
        today = functions_of(_text(row.get("functions"))) or frozenset()
        use = _text(row.get("use"))
        known.append(
            _Room(
                id=room_id,
                area_m2=float(row["area_m2"]),
                floor=int(row["floor"]),
                spans=spans,
                houses=today | ({use} if use is not None else frozenset()),
            )
        )
    return known, not_measured, stretched


def _cells(rooms: Sequence[_Room], needs: Sequence[Need]) -> list[_Cell]:
    """Cut each day where a function may begin or must end, or a room opens or closes."""
    cuts = {0, _NIGHT, *(t for need in needs for t in (need.begins, need.ends))}
    cuts |= {t for room in rooms for span in room.spans for t in span}
    times = sorted(cuts)
    return [(day, a, b) for day in _DAYS for a, b in pairwise(times)]


def _may_be(need: Need, cell: _Cell) -> bool:
    day, begin, end = cell
    return day in need.days and need.begins <= begin and end <= need.ends


def _is_there(room: _Room, need: Need) -> bool:
    return function_of(need.function) in room.houses


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:5])


def _clock(minutes: float) -> str:
    whole = round(minutes)
    return f"{whole // 60:02d}:{whole % 60:02d}"


# --- the model -----------------------------------------------------------------------------------


def _kinds(room: _Room, needs: Sequence[Need], cells: Sequence[_Cell]) -> dict[tuple[int, ...], list[_Cell]]:
    """Put together the open cells of a room in which the same functions that take turns may be."""
    found: dict[tuple[int, ...], list[_Cell]] = {}
    turns = [at for at, need in enumerate(needs) if need.share != "no" and room.takes(need)]
    for cell in cells:
        if room.open_at(cell[1], cell[2]):
            may = tuple(at for at in turns if _may_be(needs[at], cell))
            if may:
                found.setdefault(may, []).append(cell)
    return found


def _choose(
    rooms: Sequence[_Room], needs: Sequence[Need], cells: Sequence[_Cell]
) -> tuple[dict[int, int], dict[tuple[int, tuple[int, ...]], dict[int, float]], float]:
    """Return the room of each function that is housed, and its hours in each kind of cells."""
    programme = Programme()
    put = {
        (at, r): programme.column(whole=True)
        for at, need in enumerate(needs)
        for r, room in enumerate(rooms)
        if room.takes(need)
    }
    for at in range(len(needs)):
        programme.row(0.0, 1.0, [(c, 1.0) for (f, _), c in put.items() if f == at])
    given: dict[tuple[int, tuple[int, ...], int], int] = {}
    for r, room in enumerate(rooms):
        here = {f: column for (f, at), column in put.items() if at == r}
        kinds = _kinds(room, needs, cells)
        for may, some in kinds.items():
            length = sum(end - begin for _, begin, end in some) / 60
            mine = {(r, may, f): programme.column(length, whole=False) for f in may}
            programme.row(0.0, length, [(c, 1.0) for c in mine.values()])
            given |= mine
        _share_room(programme, room, needs, here)
        for f in (f for f in here if needs[f].share != "no"):
            parts = [(given[r, may, f], 1.0) for may in kinds if f in may]
            programme.row(0.0, 0.0, [*parts, (here[f], -needs[f].hours_per_week)])
    ranked = sorted(range(len(rooms)), key=lambda r: (rooms[r].area_m2, rooms[r].id))
    rank = {r: float(n) for n, r in enumerate(ranked, start=1)}
    values, gaps = programme.minimise(
        [
            [(c, -1.0) for (f, _), c in put.items() if needs[f].basic],
            [(c, -1.0) for (f, _), c in put.items() if not needs[f].basic],
            [(c, -1.0) for (f, r), c in put.items() if _is_there(rooms[r], needs[f])],
            [(c, rank[r]) for (_, r), c in put.items()],
        ],
        seconds=_SOLVER_SECONDS,
    )
    chosen = {f: r for (f, r), c in sorted(put.items()) if values[c] > _HALF}
    hours: dict[tuple[int, tuple[int, ...]], dict[int, float]] = {}
    for (r, may, f), c in given.items():
        if chosen.get(f) == r and values[c] > TOLERANCE:
            hours.setdefault((r, may), {})[f] = float(values[c])
    return chosen, hours, max(gaps)


def _share_room(programme: Programme, room: _Room, needs: Sequence[Need], here: Mapping[int, int]) -> None:
    """Keep what is put into a room within its area, and users apart who do not share."""
    own = [(column, needs[f].area_m2) for f, column in here.items() if needs[f].share == "no"]
    programme.row(0.0, room.area_m2 + TOLERANCE, own)
    turns = [f for f in here if needs[f].share != "no"]
    for f in turns:
        programme.row(0.0, room.area_m2 + TOLERANCE, [(here[f], needs[f].area_m2), *own])
        for g in turns:
            if needs[f].share == "same_users" and needs[g].users != needs[f].users:
                programme.row(0.0, 1.0, [(here[f], 1.0), (here[g], 1.0)])


def _sessions(
    rooms: Sequence[_Room],
    needs: Sequence[Need],
    cells: Sequence[_Cell],
    chosen: Mapping[int, int],
    hours: Mapping[tuple[int, tuple[int, ...]], Mapping[int, float]],
) -> list[tuple[Any, ...]]:
    """Return the rows of the schedule: what meets when, day after day, with what adjoins joined."""
    met: list[tuple[int, int, int, float, float]] = []  # room, function, day, begin, end
    for f, r in chosen.items():
        if needs[f].share == "no":
            mine = [cell for cell in cells if _may_be(needs[f], cell)]
            met += [(r, *one) for one in _fill(mine, {f: needs[f].hours_per_week})]
    for (r, may), wanted in hours.items():
        some = _kinds(rooms[r], needs, cells)[may]
        met += [(r, *one) for one in _fill(some, wanted)]
    met.sort()
    joined: list[tuple[int, int, int, float, float]] = []
    for one in met:
        last = joined[-1] if joined else None
        if last is not None and last[:3] == one[:3] and abs(last[4] - one[3]) < _HALF:
            joined[-1] = (*last[:4], one[4])
        else:
            joined.append(one)
    joined.sort(key=lambda one: (one[0], one[2], one[3], one[1]))
    return [
        (
            rooms[r].id, needs[f].function, needs[f].name_en, "basic" if needs[f].basic else "extended",
            needs[f].users, needs[f].share == "no", needs[f].area_m2, day, _clock(begin), _clock(end),
            round((end - begin) / 60, 4),
        )
        for r, f, day, begin, end in joined
    ]  # fmt: skip


def _fill(cells: Iterable[_Cell], wanted: Mapping[int, float]) -> list[tuple[int, int, float, float]]:
    """Let functions take turns in cells until each has its hours: every day alike first, then where there is room."""
    some = sorted(cells)
    left = {f: hours * 60 for f, hours in sorted(wanted.items())}
    days = len({day for day, _, _ in some})
    # Nobody remembers thirteen minutes past: a day's share is whole half hours.
    share = {f: math.ceil(minutes / days / _SHARE - TOLERANCE) * _SHARE for f, minutes in left.items()}
    at = {cell: float(cell[1]) for cell in some}
    found: list[tuple[int, int, float, float]] = []
    for daily in (share, dict.fromkeys(left, math.inf)):
        today = {(f, day): minutes for f, minutes in daily.items() for day, _, _ in some}
        for cell in some:
            day, _, end = cell
            for f, minutes in left.items():
                take = min(minutes, today[f, day], end - at[cell])
                if take > _HALF / 60:
                    found.append((f, day, at[cell], at[cell] + take))
                    left[f] = minutes - take
                    today[f, day] -= take
                    at[cell] += take
    return found


# --- why not -------------------------------------------------------------------------------------


def _reason(
    rooms: Sequence[_Room],
    needs: Sequence[Need],
    need: Need,
    chosen: Mapping[int, int],
    cells: Sequence[_Cell],
) -> Message:
    """Say why a function is not housed: the first thing that no room has."""
    if not rooms:
        return Message("uses.no_rooms")
    large = [room for room in rooms if room.area_m2 + TOLERANCE >= need.area_m2]
    if not large:
        most = max(rooms, key=lambda room: room.area_m2)
        return Message("uses.too_small", area=f"{need.area_m2:g}", most=f"{most.area_m2:g}", room=most.id)
    fit = [room for room in large if room.allowed(need)]
    if not fit:
        floors = tuple(str(f) for f in sorted({room.floor for room in large}))
        return Message("uses.wrong_floor", allowed=_floors(need), floors=floors)
    hours = {
        room.id: sum(
            end - begin
            for day, begin, end in cells
            if room.open_at(begin, end) and _may_be(need, (day, begin, end))
        )
        / 60
        for room in fit
    }
    if need.share != "no" and max(hours.values()) + TOLERANCE < need.hours_per_week:
        best = max(fit, key=lambda room: hours[room.id])
        return Message(
            "uses.closed", hours=f"{need.hours_per_week:g}", open=f"{hours[best.id]:g}", room=best.id
        )
    by_room: dict[str, list[Need]] = {room.id: [] for room in fit}
    for f, r in chosen.items():
        if rooms[r].id in by_room:
            by_room[rooms[r].id].append(needs[f])
    free = {}
    for room in fit:
        own = sum(n.area_m2 for n in by_room[room.id] if n.share == "no")
        turns = max((n.area_m2 for n in by_room[room.id] if n.share != "no"), default=0.0)
        free[room.id] = room.area_m2 - own - (turns if need.share == "no" else 0.0)
    if max(free.values()) + TOLERANCE < need.area_m2:
        best = max(fit, key=lambda room: free[room.id])
        return Message(
            "uses.no_space",
            area=f"{need.area_m2:g}",
            room=best.id,
            left=f"{max(free[best.id], 0.0):g}",
            others=tuple(n.title for n in by_room[best.id]),
        )
    others = tuple(n.title for room in fit for n in by_room[room.id])
    return Message("uses.no_hours_left", rooms=tuple(by_room), others=others)


def _floors(need: Need) -> Message:
    if need.lowest is None:
        return Message("uses.up_to", floor=need.highest)
    if need.highest is None:
        return Message("uses.from_floor", floor=need.lowest)
    return Message("uses.floors", lowest=need.lowest, highest=need.highest)
