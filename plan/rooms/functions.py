"""What functions need of rooms: a table that a user gives, and an example of one.

The example ``plan/rooms/tables/functions.csv`` names the basic functions (基础功能) and the extended ones (拓展功能) that a
policy lists; its areas, floors and hours are **this tool's assumption**, not figures of a regulation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from plan.contract import Column, Layer
from plan.messages import Bilingual, Message
from plan.readers.given import read_given, refuse

__all__ = ["NEEDS", "Need", "example_needs", "read_needs"]

_RANGE: Final = re.compile(r"([1-7])(?:[-~至]([1-7]))?")
_BETWEEN: Final = re.compile(r"[;；,，、\s]+")

NEEDS: Final = Layer(
    name="functions",
    zh="功能需求表",
    shapes=("none",),
    columns=(
        Column(name="function", type="id", zh="功能", required=True),
        Column(name="name_en", type="text", zh="英文名"),
        Column(
            name="level",
            type="enum",
            zh="类别",
            required=True,
            choices=(("basic", ("基础", "基础功能")), ("extended", ("拓展", "拓展功能"))),
        ),
        Column(name="users", type="text", zh="人群"),
        Column(name="area_m2", type="float", zh="面积", required=True, minimum=0.0, aliases=("面积_m2",)),
        Column(name="lowest_floor", type="int", zh="最低楼层"),
        Column(name="highest_floor", type="int", zh="最高楼层"),
        Column(name="hours_per_week", type="float", zh="每周小时", required=True, minimum=0.0),
        Column(name="days", type="text", zh="星期", required=True),
        Column(name="begins", type="time", zh="开始", required=True),
        Column(name="ends", type="time", zh="结束", required=True),
        Column(
            name="share",
            type="enum",
            zh="共用",
            required=True,
            choices=(("yes", ("可", "是")), ("same_users", ("同人群",)), ("no", ("否", "不可", "专用"))),
        ),
        Column(name="note", type="text", zh="备注"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What one function needs.

    Parameters
    ----------
    function : str
        Its name, as the table writes it.
    name_en : str
        Its English name; empty where the table gives none.
    basic : bool
        True for a basic function, which is housed before any extended one.
    users : str
        For whom it is, in the words of the table.
    area_m2 : float
        At least so many square metres.
    lowest, highest : int or None
        Floors on which it may be; 1 is the ground floor. None leaves that side open.
    hours_per_week : float
        Hours in a week.
    days : tuple of int
        Days of the week on which it may be, 1 (Monday) to 7.
    begins, ends : int
        Minutes after midnight between which it may be.
    share : {"yes", "same_users", "no"}
        Takes turns in a room with anybody, with functions for the same users only, or has a space of its own all day.
    """

    function: str
    name_en: str = ""
    basic: bool = False
    users: str = ""
    area_m2: float
    lowest: int | None = None
    highest: int | None = None
    hours_per_week: float
    days: tuple[int, ...]
    begins: int
    ends: int
    share: str = "yes"

    @property
    def title(self) -> Bilingual:
        """Its name in both languages."""
        return self.named(self.function, self.name_en)

    @staticmethod
    def named(function: str, name_en: str) -> Bilingual:
        """Return a name in both languages; where there is no English one, the table's own."""
        return Bilingual(function, name_en or function)


def read_needs(path: Path | str) -> tuple[Need, ...]:
    """Read a table of what functions need.

    Parameters
    ----------
    path : path-like
        A CSV file with the columns of ``NEEDS``; ``days`` is such as ``1-5`` or ``1;3;6-7``.

    Returns
    -------
    tuple of Need
        In the order of the file.

    Raises
    ------
    InputError
        If anything in it is not understood; it carries every problem with row, column and cure.
    """
    rows, found = read_given(path, NEEDS)
    days = [_days(text) for text in rows["days"]]
    spans = [(_minutes(a), _minutes(b)) for a, b in zip(rows["begins"], rows["ends"], strict=True)]
    hours = [len(d or ()) * max(0, b - a) / 60 for d, (a, b) in zip(days, spans, strict=True)]
    level = rows[["lowest_floor", "highest_floor"]].astype("Float64").astype(float)
    wrong = {
        ("days", "uses.bad_days"): [d is None for d in days],
        ("ends", "uses.bad_times"): [b <= a for a, b in spans],
        ("area_m2", "uses.no_area"): list(rows["area_m2"] <= 0),
        ("hours_per_week", "uses.no_hours"): list(rows["hours_per_week"] <= 0),
        ("hours_per_week", "uses.too_many_hours"): [
            d is not None and b > a and float(want) > have + 1e-9
            for d, (a, b), want, have in zip(days, spans, rows["hours_per_week"], hours, strict=True)
        ],
        ("highest_floor", "uses.bad_floors"): list(level["lowest_floor"] > level["highest_floor"]),
        ("lowest_floor", "uses.no_floor_zero"): list(level["lowest_floor"] == 0),
        ("highest_floor", "uses.no_floor_zero"): list(level["highest_floor"] == 0),
        ("users", "uses.whose"): [
            s == "same_users" and pd.isna(u) for s, u in zip(rows["share"], rows["users"], strict=True)
        ],
    }
    for (column, key), bad in wrong.items():
        at = tuple(i for i, one in enumerate(bad, start=1) if one)
        if at:
            message = Message(key, column=column, rows=at[:20])
            found.add("PLAN-ATTR-008", "error", "refused", message, column=column, rows=at)
    refuse(found)
    return tuple(_need(row) for row in rows.to_dict("records"))


def example_needs() -> tuple[Need, ...]:
    """Return the needs of the example table: this tool's assumption, not figures of a regulation."""
    with resources.as_file(resources.files("plan") / "rooms" / "tables" / "functions.csv") as path:
        return read_needs(path)


def _need(row: dict[Any, Any]) -> Need:
    return Need(
        function=row["function"],
        name_en="" if pd.isna(row["name_en"]) else row["name_en"],
        basic=row["level"] == "basic",
        users="" if pd.isna(row["users"]) else row["users"],
        area_m2=float(row["area_m2"]),
        lowest=None if pd.isna(row["lowest_floor"]) else int(row["lowest_floor"]),
        highest=None if pd.isna(row["highest_floor"]) else int(row["highest_floor"]),
        hours_per_week=float(row["hours_per_week"]),
        days=_days(row["days"]) or (),
        begins=_minutes(row["begins"]),
        ends=_minutes(row["ends"]),
        share=row["share"],
    )


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _days(text: str) -> tuple[int, ...] | None:
    """Return the days of ``1-5`` or ``1;3;6-7``; None where that is not what it says."""
    found: set[int] = set()
    for part in _BETWEEN.split(str(text).strip()):
        match = _RANGE.fullmatch(part)
        if match is None:
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            return None
        found.update(range(first, last + 1))
    return tuple(sorted(found))
