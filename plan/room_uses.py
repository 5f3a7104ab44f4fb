"""What ``plan place rooms --uses`` says: which function meets in which room and when, community by community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from plan.messages import Message, translate
from plan.rooms.functions import Need, example_needs, read_needs
from plan.rooms.scene import Scene
from plan.rooms.uses import HOURS_PER_DAY, OPENS, Uses, assign_uses
from plan.rules import RulePack
from plan.rules.kinds import OpeningHours
from plan.site import Placement
from plan.tables import Table
from plan.uses import SERVICE_USES, function_of
from plan.whereabouts import OUTSIDE

__all__ = ["EXAMPLE", "RoomUses", "schedule_rooms"]

EXAMPLE: Final = "example"  # what stands for the table that ships


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoomUses:
    """The schedule of each community's rooms."""

    places: tuple[
        tuple[str | None, str, Uses], ...
    ]  # community_id (None: the whole site), what people call it, uses
    table: str | None  # the file with the needs; None: the example
    hours_rule: str | None  # the rule that says for how long rooms are open; None: this tool's assumption
    unassigned: tuple[str, ...]  # rooms of no known community

    def tables(self) -> tuple[Table, ...]:
        """Return what people read: rooms by days, and what is not housed."""
        found = []
        for number, (_, name, uses) in enumerate(self.places):
            last = number == len(self.places) - 1
            found.append(_schedule_table(name, uses, notes=self._notes() if last else ()))
            if len(uses.unmet):
                found.append(_unmet_table(name, uses))
        return tuple(found)

    def frame(self) -> pd.DataFrame:
        """Return all sessions, a row for each, for the layer ``rooms_schedule``."""
        parts = [uses.schedule.assign(community_id=place) for place, _, uses in self.places]
        return pd.concat(parts, ignore_index=True)

    def unmet(self, lang: str) -> pd.DataFrame:
        """Return the functions that are not housed, with their reasons in a language."""
        parts = [
            uses.unmet.assign(
                community_id=place, reason=[translate(why, lang) for why in uses.unmet["reason"]]
            )
            for place, _, uses in self.places
        ]
        return pd.concat(parts, ignore_index=True)

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return plain data."""
        return {
            "table": self.table or EXAMPLE,
            "assumed": self.table is None,
            "hours_rule": self.hours_rule,
            "unassigned": list(self.unassigned),
            "places": [
                {
                    "community_id": place,
                    **uses.measures,
                    "schedule": uses.schedule.to_dict("records"),
                    "unmet": [
                        {**row, "reason": translate(row["reason"], lang)}
                        for row in uses.unmet.to_dict("records")
                    ],
                }
                for place, _, uses in self.places
            ],
        }

    def _notes(self) -> tuple[str, ...]:
        measures = [uses.measures for _, _, uses in self.places]
        hours = f"{measures[0]['hours_per_day']:g}"
        stretched = tuple(sorted({i for m in measures for i in m["stretched"]}))
        not_measured = tuple(sorted({i for m in measures for i in m["not_measured"]}))
        notes = [
            Message("uses.table_assumed")
            if self.table is None
            else Message("uses.table_given", path=self.table),
            Message("uses.hours_assumed", hours=hours)
            if self.hours_rule is None
            else Message("uses.hours_clause", hours=hours, rule=self.hours_rule),
            Message("uses.opens_assumed", opens=OPENS[0], closes=OPENS[1]),
        ]
        notes += [Message("uses.stretched", rooms=stretched)] if stretched else []
        notes += [Message("uses.not_measured", rooms=not_measured)] if not_measured else []
        notes += [Message("uses.unassigned", rooms=self.unassigned)] if self.unassigned else []
        return tuple(notes)


def schedule_rooms(scene: Scene, placed: Placement, pack: RulePack, *, table: str | Path) -> RoomUses:
    """Assign functions to the rooms of a choice, for each community by itself.

    Parameters
    ----------
    scene : Scene
        What was chosen from.
    placed : Placement
        What was chosen; the rooms that stand take part too, also those that count towards no need.
    pack : RulePack
        Where the hours are read for which rooms are open.
    table : path-like
        A CSV file of needs, or ``example`` for the one that ships.

    Returns
    -------
    RoomUses
        For each community in the order of the needs.
    """
    needs = example_needs() if str(table) == EXAMPLE else read_needs(table)
    rules = [rule for rule in pack.judged() if isinstance(rule.kind, OpeningHours)]
    asked = [(rule.kind.hours_per_day, rule.id) for rule in rules if isinstance(rule.kind, OpeningHours)]
    hours, rule_id = max(asked, default=(HOURS_PER_DAY, None))
    rooms = _rooms(scene, placed, needs)
    spots = {spot.community_id: spot.name for spot in scene.spots}
    places = []
    for community, name in spots.items():
        here = rooms if community is None else rooms[rooms["community_id"] == community]
        shown = (
            Message("service_rooms.whole_site") if community is None else f"{community} {name or ''}".strip()
        )
        places.append((community, shown, assign_uses(here, needs, hours_per_day=hours)))
    lost = () if None in spots else tuple(rooms.loc[~rooms["community_id"].isin(list(spots)), "room_id"])
    return RoomUses(
        places=tuple(places),
        table=None if str(table) == EXAMPLE else str(table),
        hours_rule=rule_id,
        unassigned=lost,
    )


def _rooms(scene: Scene, placed: Placement, needs: Sequence[Need]) -> pd.DataFrame:
    """Return the rooms that serve the functions asked for, each with its community."""
    rooms = pd.DataFrame(placed.features.drop(columns=placed.features.geometry.name))
    home = dict(zip(scene.rooms["room_id"], scene.home, strict=True))
    written = rooms["community_id"] if "community_id" in rooms else pd.Series(None, index=rooms.index)
    rooms["community_id"] = [
        own if isinstance(own, str) else home.get(room) or OUTSIDE
        for own, room in zip(written, rooms["room_id"], strict=True)
    ]
    wanted = {*SERVICE_USES, *(function_of(need.function) for need in needs)}
    fits = [not isinstance(use, str) or use in wanted for use in rooms.get("use", [None] * len(rooms))]
    return rooms[fits].reset_index(drop=True)


# --- tables --------------------------------------------------------------------------------------


def _schedule_table(name: str, uses: Uses, *, notes: tuple[str, ...]) -> Table:
    measures = uses.measures
    # The same hours on several days are one row.
    keys = ["room_id", "begins", "ends", "function", "name_en", "own", "area_m2"]
    rows = uses.schedule.groupby(keys, sort=True)["day"].agg(list).reset_index()
    return Table(
        title=Message(
            "uses.title",
            place=name,
            functions=measures["functions"],
            housed=measures["housed"],
            basic=measures["basic"],
            basic_housed=measures["basic_housed"],
            used=measures["rooms_used"],
        ),
        heads=tuple(Message(f"uses.head_{head}") for head in ("room", "times", "days", "function", "space")),
        rows=tuple(
            (
                row["room_id"],
                f"{row['begins']}–{row['ends']}",
                _days(row["day"]),
                Need.named(row["function"], row["name_en"]),
                Message("uses.own" if row["own"] else "uses.turns", area=f"{row['area_m2']:g}"),
            )
            for row in rows.to_dict("records")
        ),
        notes=notes,
    )


def _days(days: list[int]) -> Message:
    """Name days of the week, those that follow each other by the first and the last."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [(Message(f"uses.day_{run[0]}"), Message(f"uses.day_{run[-1]}"), len(run)) for run in runs]
    items = tuple(
        first if length == 1 else Message("uses.days", first=first, last=last)
        for first, last, length in names
    )
    return Message("service_rooms.listed", items=items)


def _unmet_table(name: str, uses: Uses) -> Table:
    return Table(
        title=Message("uses.unmet_title", place=name),
        heads=tuple(Message(f"uses.head_{head}") for head in ("function", "level", "reason")),
        rows=tuple(
            (
                Need.named(row["function"], row["name_en"]),
                Message(f"uses.level_{row['level']}"),
                row["reason"],
            )
            for row in uses.unmet.to_dict("records")
        ),
    )
