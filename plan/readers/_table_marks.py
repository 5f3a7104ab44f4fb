"""What a spreadsheet says beside its values: units in formats, lines through cells, rows and columns that nobody sees.

A bureau strikes out, hides or filters what is gone, what is kept for reference, or what was in the way of a printer. Which
of them it was nobody can tell from the file, so that such a row keeps its names and loses its figures: no rule is met by
them, and none by their absence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from plan.contract import Column
from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import number_in
from plan.readers._cell_formats import Shown
from plan.readers._places import AXES, place_names
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = ["Marks", "as_shown", "cell_name", "columns_called", "without_doubtful", "without_errors"]

Row = list[str]
Numbered = list[tuple[int, Row]]
_SHOWN: Final = 20  # rows that a message lists
_LISTED: Final = 10  # cells that a message lists
# What formulas give that fail, and what a column shows that is too narrow for its numbers.
_ERROR: Final = re.compile(
    r"#(?:REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!|GETTING_DATA)|#{4,}"
)
# What says which thing a row is, and decides nothing by itself.
_KEPT: Final = ("name", "use", "category", "kind", "state", "mode")
_REMARK: Final = re.compile(r".*(?:备注|说明|状态|情况|附注|标注).*|remarks?|notes?|status", re.IGNORECASE)
_GONE: Final = re.compile(
    r"(?:已|现已|均已)?(?:拆除|拆|作废|取消|删除|注销|撤销|停用|废止|废弃|灭失|重复|不计|不算)(?:了|的|登记|户|行)?[。.!！]?"
    r"|deleted|void|removed|demolished|duplicate",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a sheet says beside its values. Rows count from 1, as in the sheet; columns from 0.

    Parameters
    ----------
    merged : mapping of (int, int) to int
        Cells that are one with others above or below them, and the first row of each such block.
    across : collection of int
        Rows in which cells beside each other are one.
    shown : mapping of (int, int) to Shown
        Cells that show more than their value.
    struck : collection of (int, int)
        Cells with a line through them, or through a part of them.
    hidden, folded : collection of int
        Rows that are hidden or filtered out, and rows of groups that are folded away.
    unseen, tucked : collection of int
        Columns that are hidden, and columns of groups that are folded away.
    """

    merged: Mapping[tuple[int, int], int] = field(default_factory=dict)
    across: Collection[int] = frozenset()
    shown: Mapping[tuple[int, int], Shown] = field(default_factory=dict)
    struck: Collection[tuple[int, int]] = frozenset()
    hidden: Collection[int] = frozenset()
    folded: Collection[int] = frozenset()
    unseen: Collection[int] = frozenset()
    tucked: Collection[int] = frozenset()


@cache
def columns_called(name: str) -> tuple[Column, ...]:
    """Return the columns of the contract that may be called so, of whatever layer."""
    folded = name.strip().casefold()
    return tuple(
        column
        for layer in LAYERS.values()
        for column in layer.columns
        if folded in {n.casefold() for n in (column.name, column.zh, *column.aliases)}
    )


def as_shown(value: str, shown: Shown, name: str, *, said: str = "") -> str:  # noqa: PLR0911 - one for each kind of column
    """Return what a cell means whose format says more than its value.

    Parameters
    ----------
    value : str
        The value.
    shown : Shown
        What people see of it.
    name : str
        The name of its column.
    said : str, optional
        The unit that the head says.

    Returns
    -------
    str
        The value, where the column has that unit anyway; the value with its unit, where that is another; what is seen,
        where the column holds ids or words; nothing, where the number that is seen is not the one that is held.
    """
    columns = columns_called(name)
    numeric = [c for c in columns if c.type in ("int", "float")]
    if not columns:
        return value
    if not numeric:
        return value if {c.type for c in columns} == {"time"} else shown.text
    if not shown.number:
        return ""
    if not shown.unit:
        return value
    same = [number_in(shown.text, c.unit) for c in numeric]
    agreed = not said or _folded(said) == _folded(shown.unit)
    if agreed and any(n is not None and math.isclose(n, float(value), rel_tol=1e-9) for n in same):
        return value
    if agreed:
        return shown.text
    return f"{shown.text}/{said}"  # two units: in which of them it is nobody knows


def _folded(unit: str) -> str:
    return unit.casefold().replace("㎡", "m2").replace("²", "2").replace("平方米", "m2").replace("平米", "m2")


def without_doubtful(table: Numbered, marks: Marks, found: ProblemList) -> Numbered:
    """Take away figures of rows, columns and cells that a bureau struck out, hid, or calls gone in a remark.

    Parameters
    ----------
    table : list of (int, list of str)
        The head and the rows below it, with their numbers in the sheet.
    marks : Marks
        What the sheet says beside its values.
    found : ProblemList
        Where it is told, with the rows of the table counted from 1.

    Returns
    -------
    list of (int, list of str)
        The table; ids and names stay.
    """
    head = table[0][1]
    lost = [i for i, name in enumerate(head) if _decides(name)]
    _columns(table, lost, marks, found)
    struck: list[int] = []
    for at, (number, row) in enumerate(table[1:], start=1):
        cells = [i for i, cell in enumerate(row) if cell and (number, i) in marks.struck]
        if not cells:
            continue
        struck.append(at)
        whole = any(_names_row(head[i]) for i in cells if i < len(head))
        _empty(row, lost if whole else [i for i in cells if i in lost])
    _tell("PLAN-TAB-008", "struck", struck, found)
    hidden = [at for at, (number, _) in enumerate(table[1:], start=1) if number in marks.hidden]
    for at in hidden:
        _empty(table[at][1], lost)
    _tell("PLAN-TAB-005", "hidden_rows", hidden, found)
    folded = tuple(at for at, (number, _) in enumerate(table[1:], start=1) if number in marks.folded)
    if folded:
        message = Message("tables.folded_rows", rows=folded[:_SHOWN], count=len(folded))
        found.add("PLAN-TAB-005", "warning", "noted", message, rows=folded)
    remarks = [
        i for i, name in enumerate(head) if not columns_called(name) and _REMARK.fullmatch(name.strip())
    ]
    gone = [
        at
        for at, (_, row) in enumerate(table[1:], start=1)
        if any(i < len(row) and _GONE.fullmatch("".join(row[i].split())) for i in remarks)
    ]
    for at in gone:
        _empty(table[at][1], lost)
    _tell("PLAN-TAB-009", "gone", gone, found)
    return table


def without_errors(rows: Numbered, found: ProblemList) -> Numbered:
    """Empty cells that hold errors of formulas, and tell them.

    Parameters
    ----------
    rows : list of (int, list of str)
        The rows of a sheet, with their numbers there.
    found : ProblemList
        Where it is told.

    Returns
    -------
    list of (int, list of str)
        The same rows.
    """
    broken = []
    for number, row in rows:
        for i, cell in enumerate(row):
            if cell.startswith("#") and _ERROR.fullmatch(cell):
                broken.append(cell_name(number, i))
                row[i] = ""
    if broken:
        message = Message("tables.errors", count=len(broken), cells=tuple(broken[:_LISTED]))
        found.add("PLAN-TAB-004", "error", "degraded", message)
    return rows


def cell_name(row: int, column: int) -> str:
    """Return what a spreadsheet calls a cell; rows count from 1, columns from 0.

    Examples
    --------
    >>> cell_name(2, 0), cell_name(10, 27)
    ('A2', 'AB10')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def _columns(table: Numbered, lost: Sequence[int], marks: Marks, found: ProblemList) -> None:
    """Take away figures of columns that are hidden, or whose head is struck out."""
    number, head = table[0]
    ours = [i for i, name in enumerate(head) if name and columns_called(name)]
    unseen = [i for i in ours if i in marks.unseen or (number, i) in marks.struck]
    for i in unseen:
        if i in lost:
            for _, row in table[1:]:
                _empty(row, (i,))
    names = tuple(plain(head[i]) for i in unseen if i in lost)
    if names:
        found.add(
            "PLAN-TAB-010",
            "error",
            "degraded",
            Message("tables.hidden_columns", names=names),
            column=names[0],
        )
    kept = tuple(plain(head[i]) for i in ours if i in marks.tucked or (i in unseen and i not in lost))
    if kept:
        found.add(
            "PLAN-TAB-010", "warning", "noted", Message("tables.hidden_names", names=kept), column=kept[0]
        )


def _decides(name: str) -> bool:
    """Tell whether what stands in a column can meet a rule: figures, dates, flags; places, too."""
    columns = columns_called(name)
    if not columns:
        return any(name.strip().casefold() in place_names(axis) for axis in AXES)
    return not any(c.type == "id" or c.name in _KEPT for c in columns)


def _names_row(name: str) -> bool:
    return any(c.type == "id" for c in columns_called(name))


def _empty(row: Row, columns: Sequence[int]) -> None:
    for i in columns:
        if i < len(row):
            row[i] = ""


def _tell(problem_id: str, key: str, at: Sequence[int], found: ProblemList) -> None:
    if at:
        rows = tuple(at)
        message = Message(f"tables.{key}", rows=rows[:_SHOWN], count=len(rows))
        found.add(problem_id, "error", "degraded", message, rows=rows)
