"""What columns of a list are called, and the unit that their numbers are in: in the head, below it, in a title, beside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import number_in
from plan.readers._places import AXES, place_names
from plan.readers._table_marks import columns_called
from plan.schema import LAYERS
from plan.text_safety import plain

__all__ = [
    "BARE",
    "Head",
    "head_of",
    "known",
    "tell_unread",
    "tight",
    "units_beside",
    "units_in",
    "units_said",
    "with_unit",
    "with_units",
]

Row = list[str]
# Units that a column has anyway, and units that its numbers must carry.
_SAME: Final = frozenset(
    {"㎡", "m2", "m²", "m^2", "平方米", "平米", "平方", "人", "户", "层", "元", "个", "°", "度"}
)
_OTHER: Final = frozenset(
    {"千元", "百万元", "千万元", "亿元", "亩", "公顷", "ha", "hm2", "hm²", "km2", "km²", "平方公里", "万元", "万平方米", "万㎡", "cm", "mm", "km",
     "厘米", "毫米", "公里", "千米", "米", "m"}
)  # fmt: skip
# 单位：万平方米 above a table, 注：面积单位为亩 below it; 填表单位：幸福社区 names no unit.
_SAYS_UNIT: Final = re.compile(r"单位(?:均?[为是]|[:：])[:：]?(?P<units>[^\s()（）\[\]【】。；;]+)")
_BETWEEN: Final = re.compile(r"[、,，/／和及]")
_UNIT_COLUMNS: Final = ("单位", "计量单位", "面积单位")
# What is a unit of areas or of money, though nobody here may know which.
_LIKE: Final = {
    "m2": re.compile(r"平方|平米|㎡|m2|m²|[亩顷]|f[te]|尺"),
    "CNY": re.compile(r"元|币|美金|\$|usd", re.IGNORECASE),
}
_BRACKETED: Final = re.compile(r"(?P<name>.+?)[(（\[【](?P<unit>[^()（）\[\]【】]+)[)）\]】]")
_MARKED: Final = re.compile(
    r"^[*＊※★]+|[*＊※★]+$|[(（\[【](?:必填|选填|必填项|选填项|可选|可不填)[)）\]】]\s*[*＊※★]*$"
)
_BEHIND: Final = re.compile(r"(?P<name>.*[\u4e00-\u9fff])[/／]?(?P<unit>㎡|m2|m²|m\^2|平方米)")
BARE: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:[,，]\d{3})+)(?:[.．]\d+)?(?:[eE][-+]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A column's name, the unit that its bare numbers are in where it is not the contract's, and the one that it says."""

    name: str
    unit: str = ""
    said: str = ""


def head_of(cell: str) -> Head:
    """Return what a cell of a head says: the name of a column of ours without its unit, or the cell as it is."""
    name = _unmarked(cell)
    squeezed = tight(name)
    for one in (name, squeezed):
        if one.casefold() in names_of_columns():
            return Head(name=one, said="m2" if one.casefold().endswith("_m2") else "")
    for form in (_BRACKETED, _BEHIND):
        match = form.fullmatch(squeezed)
        if match and match["name"].casefold() in names_of_columns():
            unit = match["unit"].casefold()
            if unit in _SAME or unicodedata.normalize("NFKC", unit) in _SAME:
                return Head(name=match["name"], said=match["unit"])
            if unit in _OTHER:
                return Head(name=match["name"], unit=match["unit"], said=match["unit"])
    return Head(name=name)


def _unmarked(cell: str) -> str:
    """Return the name of a column without what forms mark it with: *楼号, 面积（必填）."""
    bare = _MARKED.sub("", cell.strip())
    return bare.strip() or cell.strip()


def known(cell: str) -> bool:
    """Tell whether a cell names a column of ours."""
    name = _unmarked(cell).casefold()
    if name in names_of_columns() or tight(name) in names_of_columns():
        return True
    match = _BRACKETED.fullmatch(tight(name)) or _BEHIND.fullmatch(tight(name))
    return bool(match and match["name"] in names_of_columns() and match["unit"] in _SAME | _OTHER)


def tight(text: str) -> str:
    """Return a text without white space: 单　元 is 单元."""
    return "".join(text.split())


@cache
def names_of_columns() -> frozenset[str]:
    columns = [column for layer in LAYERS.values() for column in layer.columns]
    own = {name.casefold() for c in columns for name in (c.name, c.zh, *c.aliases)}
    return frozenset(own | {name for axis in AXES for name in place_names(axis)})


def tell_unread(head: Sequence[Head], found: ProblemList) -> None:
    """Tell columns that would be ours but for words in brackets: 费用（美元）, 建筑面积（套内）."""
    names = {one.name.casefold() for one in head}
    unread = []
    for one in head:
        match = _BRACKETED.fullmatch(tight(one.name))
        said = (
            match["name"].casefold()
            if match is not None and one.name.casefold() not in names_of_columns()
            else ""
        )
        if said in names_of_columns() and said not in names:
            unread.append(plain(one.name))
    if unread:
        found.add("PLAN-TAB-013", "warning", "noted", Message("tables.heads_unread", names=tuple(unread)))


def units_in(row: Row) -> dict[int, str]:
    """Return the units that a row below the head names, by column, empty for those that columns have anyway.

    It is such a row where every cell names a unit or holds a dash; otherwise nothing is returned.
    """
    units: dict[int, str] = {}
    for i, cell in enumerate(row):
        said = tight(cell).strip("()（）[]【】").removeprefix("单位").lstrip(":：")
        if not said.strip("-—–/"):
            continue
        folded = unicodedata.normalize("NFKC", said).casefold()
        if folded not in _SAME | _OTHER and said.casefold() not in _SAME | _OTHER:
            return {}
        units[i] = said if folded in _OTHER or said.casefold() in _OTHER else ""
    return units


def with_unit(head: Head, unit: str) -> Head:
    """Add what a row of units says; where the head says another one the numbers are in neither that anybody knows."""
    if not unit or unit == head.said:
        return head
    return replace(head, unit=f"{head.said}/{unit}" if head.said else unit)


def units_said(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the units that titles and notes around a table say its numbers are in."""
    said = (match["units"] for row in rows for cell in row for match in _SAYS_UNIT.finditer(tight(cell)))
    units = (unit for text in said for unit in _BETWEEN.split(text) if unit)
    return tuple(dict.fromkeys(units))


def with_units(head: Sequence[Head], units: Sequence[str]) -> list[Head]:
    """Give columns that say no unit of their own the one that is said of the whole table.

    Where it says two of one kind, such as 平方米 and 亩, the numbers are in neither that anybody knows.
    """
    out = []
    for one in head:
        fitting = [] if one.said or one.unit else [unit for unit in units if _fits(unit, one.name)]
        other = any(_fits(unit, one.name) == "other" for unit in fitting)
        out.append(replace(one, unit="/".join(fitting)) if other else one)
    return out


def units_beside(rows: Sequence[Row], head: Sequence[Head]) -> None:
    """Write the unit that a column of units names behind the bare numbers of its row."""
    at = [i for i, one in enumerate(head) if one.name in _UNIT_COLUMNS]
    for row in rows if len(at) == 1 else ():
        unit = row[at[0]] if at[0] < len(row) else ""
        for i, one in enumerate(head):
            bare = i < len(row) and BARE.fullmatch(row[i]) and not one.said and not one.unit
            if unit and bare and _fits(unit, one.name) == "other":
                row[i] = f"{row[i]}{unit}"


def _fits(unit: str, name: str) -> str:
    """Tell whether a unit is the ``own`` one of a column, or an ``other`` one that it can be in; else nothing."""
    for column in columns_called(name):
        if column.type not in ("int", "float") or not column.unit:
            continue
        one = number_in(f"1{unit}", column.unit)
        like = _LIKE.get(column.unit)
        if one is not None:
            return "own" if one == 1 else "other"
        if like is not None and like.search(unit):
            return "other"
    return ""
