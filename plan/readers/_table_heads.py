"""What surrounds a table on a sheet of a bureau: titles above the head, units in it, sums and signatures below."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS

__all__ = ["Cells", "bare_table", "is_sum", "place_names"]

Cells = list[list[str]]

_SEARCHED: Final = 20  # rows in which a head is looked for
_TELLING: Final = 2  # names of the contract that make a row a head
_SUMS: Final = frozenset({"合计", "总计", "小计", "共计", "累计", "总和", "total", "sum", "subtotal"})
_SIGNED: Final = re.compile(
    r"(?:填表|制表|填报|审核|复核|负责人|经办|联系|备注[:：]|注[:：]|说明[:：]|单位[(（]?盖章)"
)
_SHOWN: Final = 20  # rows that a message lists
# Units that a column has anyway, and units that its numbers must carry.
_SAME: Final = frozenset({"㎡", "m2", "m²", "m^2", "平方米", "平米", "平方", "人", "户", "层", "元", "个"})
_OTHER: Final = frozenset(
    {"亩", "公顷", "ha", "hm2", "hm²", "km2", "km²", "平方公里", "万元", "万平方米", "万㎡", "cm", "mm", "km",
     "厘米", "毫米", "公里", "千米", "米", "m"}
)  # fmt: skip
_BRACKETED: Final = re.compile(r"(?P<name>.+?)[(（\[【](?P<unit>[^()（）\[\]【】]+)[)）\]】]")
_BEHIND: Final = re.compile(r"(?P<name>.*[\u4e00-\u9fff])[/／]?(?P<unit>㎡|m2|m²|m\^2|平方米)")
_BARE: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")
# Columns that hold where a row is: longitude and latitude, or metres.
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "x": ("x", "easting", "东坐标", "横坐标"),
    "y": ("y", "northing", "北坐标", "纵坐标"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A column's name, and the unit that its bare numbers are in where it is not the contract's."""

    name: str
    unit: str = ""


def place_names(axis: str) -> tuple[str, ...]:
    """Return what a column of coordinates may be called; ``axis`` is ``lon``, ``lat``, ``x`` or ``y``."""
    return _PLACES[axis]


def bare_table(rows: Cells, found: ProblemList) -> Cells:
    """Return the head and the rows of a table, without what a bureau writes around them.

    Parameters
    ----------
    rows : list of list of str
        The cells of a sheet, row by row; empty text where there is nothing.
    found : ProblemList
        Where it is noted what was passed over: rows above the head, sums, signatures.

    Returns
    -------
    list of list of str
        The head and what is below it. Where no row looks like a head, the first one is it.
    """
    at = _head_at(rows)
    if at:
        found.add("PLAN-TAB-001", "info", "noted", Message("tables.head_found", row=at + 1))
    head = [_head(cell) for cell in rows[at]]
    # A head over two lines, whose cells are merged, repeats itself.
    start = next((i for i in range(at + 1, len(rows)) if rows[i] != rows[at]), len(rows))
    body, passed = _body(rows[start:], width=sum(bool(cell) for cell in rows[at]))
    if passed:
        message = Message("tables.rows_passed", rows=tuple(start + i + 1 for i in passed[:_SHOWN]))
        found.add("PLAN-TAB-002", "info", "noted", message)
    carried = {i: one.unit for i, one in enumerate(head) if one.unit}
    for i, unit in carried.items():
        for row in body:
            if i < len(row) and _BARE.fullmatch(row[i]):
                row[i] = f"{row[i]}{unit}"
    return [[one.name for one in head], *body]


def _head_at(rows: Cells) -> int:
    """Return which row names columns of the contract best; the first where none does better."""
    scores = [sum(_known(cell) for cell in set(row) if cell) for row in rows[:_SEARCHED]]
    best = max(range(len(scores)), key=lambda i: scores[i], default=0)
    return best if scores and scores[best] >= _TELLING and scores[best] > scores[0] else 0


def _body(rows: Cells, *, width: int) -> tuple[Cells, list[int]]:
    passed = [i for i, row in enumerate(rows) if is_sum(row)]
    for i in range(len(rows) - 1, -1, -1):
        filled = [cell for cell in rows[i] if cell]
        signed = bool(filled) and _SIGNED.match(_tight(filled[0])) is not None
        if i in passed or not filled:
            continue
        if not signed and (len(filled) > 1 or width <= _TELLING):
            break
        passed.append(i)
    gone = set(passed)
    return [row for i, row in enumerate(rows) if i not in gone], sorted(gone)


def is_sum(row: Sequence[str]) -> bool:
    """Tell whether a row is a sum of others: 合计, 小计."""
    first = next((cell for cell in row if cell), "")
    return _tight(first).rstrip(":：").casefold() in _SUMS


def _head(cell: str) -> _Head:
    name = cell.strip()
    if name.casefold() in _names():
        return _Head(name=name)
    tight = _tight(name)
    if tight.casefold() in _names():
        return _Head(name=tight)
    for form in (_BRACKETED, _BEHIND):
        match = form.fullmatch(tight)
        if match and match["name"].casefold() in _names():
            unit = match["unit"].casefold()
            if unit in _SAME or unicodedata.normalize("NFKC", unit) in _SAME:
                return _Head(name=match["name"])
            if unit in _OTHER:
                return _Head(name=match["name"], unit=match["unit"])
    return _Head(name=name)


def _known(cell: str) -> bool:
    name = cell.strip().casefold()
    if name in _names() or _tight(name) in _names():
        return True
    match = _BRACKETED.fullmatch(_tight(name)) or _BEHIND.fullmatch(_tight(name))
    return bool(match and match["name"] in _names() and match["unit"] in _SAME | _OTHER)


def _tight(text: str) -> str:
    """Return a text without white space: 单　元 is 单元."""
    return "".join(text.split())


@cache
def _names() -> frozenset[str]:
    columns = [column for layer in LAYERS.values() for column in layer.columns]
    known = {name.casefold() for c in columns for name in (c.name, c.zh, *c.aliases)}
    return frozenset(known | {name for names in _PLACES.values() for name in names})
