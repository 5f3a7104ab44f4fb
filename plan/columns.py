"""Reading the values of a column as its type: what cannot be understood becomes missing, and is told.

Nothing is guessed: ``约300`` is not 300. What has one meaning and is only written otherwise, such as ``0.065公顷``
in a column of square metres or ``六层``, is read, and told. A date has a day or is a bare year, a flag is yes or no.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from plan.contract import Column, Layer
from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import day_text, number_in
from plan.text_safety import hidden, plain

__all__ = ["READERS", "hold_texts_here", "names_in", "note_unsafe", "text_of", "texts_in"]

_YES: Final = ("1", "true", "yes", "y", "t", "是", "有", "可", "主要", "√", "✓", "✔", "☑", "对")
_NO: Final = ("0", "false", "no", "n", "f", "否", "无", "不可", "次要", "×", "✗", "✘", "✕", "没有", "错")
_YEAR: Final = re.compile(r"((?:1[89]|20)\d\d)(?:\.0|年)?")
_MONTH: Final = re.compile(r"((?:1[89]|20)\d\d)[-/.年](\d{1,2})月?")
_DAY: Final = re.compile(r"((?:1[89]|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?")
_COMPACT: Final = re.compile(r"((?:1[89]|20)\d\d)(\d\d)(\d\d)")
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?|(24):(00)(?::00)?")
# JavaScript template literals and Jinja2: some programs run them when they draw a label.
_TEMPLATE: Final = re.compile(r"\$\{|\{\{|\{%|`")
_WHOLE: Final = 2.0**53
# By unit: the most that a number can be. 85 in a column of shares is 85 percent to some, and 0.85 nobody wrote.
_MOST: Final[Mapping[str, float]] = {"0-1": 1.0, "rise/run": 1.0}
_STOREY: Final = "floor"  # of a room or a household: 1 above the ground, -1 below it, and none between
# What people write where there is nothing to write, without spaces, in one width and case.
_UNSAID: Final = frozenset({
    "无", "没有", "暂无", "暂缺", "缺", "空", "未知", "不详", "不明", "待定", "待补", "待查", "待核", "待核实", "待填", "未填", "未提供",
    "无数据", "无资料", "n/a", "na", "#n/a", "null", "nil", "tbd", "/", "\\", "//",
})  # fmt: skip
_NOUGHT: Final = ("无", "没有")  # of what is counted, none; of what is asked with yes or no, no
_DITTO: Final = frozenset({"同上", "同左", "同前", "如上", "〃", "″", "′′", "ditto", '"', "''"})
_DASHES: Final = "-—–―‐‑−_─━…. "
_SHOWN: Final = 20  # rows that a message lists; the problem holds them all
_EXAMPLES: Final = 5
_LONGEST: Final = 40  # characters of a value that a message shows

Reader = Callable[["pd.Series[Any]", Column, Layer, ProblemList], "pd.Series[Any]"]


@dataclass(frozen=True, slots=True)
class _Place:
    """Which column is read, and where its problems are noted."""

    column: Column
    layer: Layer
    found: ProblemList


def hold_texts_here() -> None:
    """Let pandas hold the texts of this process as Python's own, though pyarrow may be installed.

    The layers of an estate are hundreds of short columns that are made, compared and read value by value: with pyarrow
    a check takes a fifth more time. For processes of ours only: it is a setting of the whole process.
    """
    pd.set_option("mode.string_storage", "python")


def text_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the values as text, None where there is none; 3.0 reads as ``3``, NUL is dropped."""
    return pd.Series(texts_in(values), index=values.index, dtype=object)


def texts_in(values: pd.Series[Any]) -> list[str | None]:
    """Return the values of :func:`text_of` as a list."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu":
        return [str(v) for v in values.tolist()]
    # A NUL ends a string in C and hides what stands behind it.
    return [
        (v.replace("\x00", "").strip() or None) if type(v) is str else _as_text(v) for v in values.tolist()
    ]


def names_in(values: pd.Series[Any]) -> list[str | None]:
    """Return the texts of a column of the contract, which was read already; None where there is none."""
    return [v if isinstance(v, str) else None for v in values.tolist()]


def _as_text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).replace("\x00", "").strip() or None


def _said(reader: Reader) -> Reader:
    """Let a reader see only what says something: dashes, 暂无 and the like are told as not filled in, 同上 as not read.

    Words that mean something in a column are the reader's: 无 of what is counted is 0, and of what is asked is no.
    """

    def read(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
        if isinstance(values.dtype, np.dtype) and values.dtype.kind != "O":
            return reader(values, column, layer, found)
        texts = texts_in(values)
        kinds = {t: _unsaid(t, column) for t in set(texts) if t is not None}
        if any(kinds.values()):
            place = _Place(column, layer, found)
            for kind, problem_id in (("not_given", "PLAN-ATTR-010"), ("ditto", "PLAN-ATTR-011")):
                mask = np.array([t is not None and kinds[t] == kind for t in texts], dtype=bool)
                _note(mask, values, place, kind, problem_id)
            left = [None if t is not None and kinds[t] else v for t, v in zip(texts, values, strict=True)]
            values = pd.Series(left, index=values.index, dtype=object)
        return reader(values, column, layer, found)

    return read


def _unsaid(text: str, column: Column) -> str:
    """Return whether a text leaves a cell open, ``not_given``, or repeats another one, ``ditto``; else nothing."""
    said = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if said in _DITTO or text in _DITTO:
        return "ditto"
    if said not in _UNSAID and said.strip(_DASHES):
        return ""
    counted = column.type == "bool" or (column.type == "int" and column.minimum == 0)
    chosen = any(text in (value, *aliases) for value, aliases in column.choices)
    return "" if chosen or (counted and said in _NOUGHT) else "not_given"


def _read_text(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:  # noqa: ARG001 - one shape for all readers
    return text_of(values)


def _read_number(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    place = _Place(column, layer, found)
    if pd.api.types.is_bool_dtype(values.dtype):
        numbers, said = np.full(len(values), np.nan), values.notna().to_numpy()
    elif pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype="float64", na_value=np.nan, copy=True)
        said = ~np.isnan(numbers)
    else:
        texts = texts_in(values)
        numbers, said = _numbers(texts, place), np.array([t is not None for t in texts], dtype=bool)
    finite = np.isfinite(numbers)
    bad = said & ~finite
    if column.type == "int":
        # Beyond 2**53 a double does not tell whole numbers apart; nothing that is counted here is so many.
        bad |= finite & ((numbers != np.floor(numbers)) | (np.abs(numbers) > _WHOLE))
    low = ~bad & (numbers < (-np.inf if column.minimum is None else column.minimum))
    high = ~bad & (np.abs(numbers) > _MOST.get(column.unit, np.inf))
    nowhere = ~bad & (numbers == 0) & (column.name == _STOREY)
    unit = column.type == "float"
    _note(bad, values, place, "not_a_number", "PLAN-UNIT-002" if unit else "PLAN-ATTR-002")
    _note(low, values, place, "too_small", "PLAN-ATTR-003", minimum=column.minimum)
    _note(high, values, place, "too_large", "PLAN-ATTR-003", maximum=_MOST.get(column.unit))
    _note(nowhere, values, place, "no_storey", "PLAN-ATTR-009")
    numbers[bad | low | high | nowhere] = np.nan
    return pd.Series(
        pd.array(numbers, dtype="Int64") if column.type == "int" else numbers, index=values.index
    )


def _numbers(texts: list[str | None], place: _Place) -> np.ndarray[Any, Any]:
    """Read each different text once; NaN where there is no number."""
    read = {t: _number(t) for t in dict.fromkeys(texts) if t is not None}
    meant = {t: _meant(t, place.column) for t, value in read.items() if np.isnan(value)}
    _tell_meant(texts, meant, place)
    known = read | meant
    return np.array([np.nan if t is None else known[t] for t in texts], dtype=float)


def _number(text: str) -> float:
    """Return a number; NaN for what is not one (a caller tells missing from broken by the text)."""
    if text.casefold() in ("nan", "true", "false") or "_" in text:
        return np.nan
    try:
        return float(text)
    except ValueError:
        return np.nan


def _meant(text: str, column: Column) -> float:
    """Return the number that a text means though it is not written as one; NaN where it has no single meaning."""
    if column.type == "int" and column.minimum == 0 and text in _NOUGHT:
        return 0.0
    value = number_in(text, column.unit, below=column.type == "int" and column.minimum is None)
    return np.nan if value is None else value


def _tell_meant(texts: list[str | None], meant: dict[str, float], place: _Place) -> None:
    understood = {t: value for t, value in meant.items() if np.isfinite(value)}
    if understood:
        rows = tuple(i for i, t in enumerate(texts, start=1) if t in understood)
        shown = tuple(
            f"{plain(t)[:_LONGEST]} → {value:.15g}" for t, value in list(understood.items())[:_EXAMPLES]
        )
        message = Message(
            "validation.understood",
            layer=place.layer.name,
            column=place.column.name,
            zh=place.column.zh,
            examples=shown,
            rows=rows[:_SHOWN],
            unit=place.column.unit,
        )
        place.found.add("PLAN-UNIT-003", "warning", "repaired", message, column=place.column.name, rows=rows)


def _read_flag(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    def one(text: str) -> bool | None:
        folded = unicodedata.normalize("NFKC", text).casefold()
        return True if folded in _YES else False if folded in _NO else None

    out = _each(values, one, _Place(column, layer, found), "not_a_flag", "PLAN-ATTR-004")
    return pd.Series(pd.array(out, dtype="boolean"), index=values.index)


def _read_enum(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    table = {alias.casefold(): value for value, aliases in column.choices for alias in (value, *aliases)}
    out = _each(
        values,
        lambda text: table.get(text.casefold()) or table.get(unicodedata.normalize("NFKC", text).casefold()),
        _Place(column, layer, found),
        "not_a_choice",
        "PLAN-ATTR-004",
    )
    return pd.Series(out, index=values.index, dtype=object)


def _read_date(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    """Read dates as ISO text; a bare year stays a year, because its day is not known."""
    place = _Place(column, layer, found)
    texts = texts_in(values)
    months = {t for t in set(texts) if t is not None and _month_only(t) is not None}
    _note(np.array([t in months for t in texts], dtype=bool), values, place, "no_day", "PLAN-ATTR-007")
    out = _each(values, _date, place, "not_a_date", "PLAN-ATTR-005")
    return pd.Series(out, index=values.index, dtype=object)


def _date(text: str) -> str | None:
    text = day_text(text)
    year = _YEAR.fullmatch(text)
    if year:
        return year[1]
    day = _DAY.fullmatch(text) or _COMPACT.fullmatch(text)
    if day is None:
        return _month_only(text)
    try:
        return dt.date(int(day[1]), int(day[2]), int(day[3])).isoformat()
    except ValueError:
        return None


def _month_only(text: str) -> str | None:
    """Return the year of a date that has a month and no day."""
    month = _MONTH.fullmatch(day_text(text))
    return month[1] if month and 1 <= int(month[2]) <= 12 else None  # noqa: PLR2004 - months


def _read_time(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    def one(text: str) -> str | None:
        match = _TIME.fullmatch(text)
        return f"{int(match[1] or match[3]):02d}:{match[2] or match[4]}" if match else None

    out = _each(values, one, _Place(column, layer, found), "not_a_time", "PLAN-ATTR-006")
    return pd.Series(out, index=values.index, dtype=object)


def _each(
    values: pd.Series[Any],
    one: Callable[[str], object],
    place: _Place,
    key: str,
    problem_id: str,
) -> list[Any]:
    """Read each different text once; a text that ``one`` returns None for is told."""
    texts = texts_in(values)
    table = {t: None if t is None else one(t) for t in dict.fromkeys(texts)}
    bad = np.array([t is not None and table[t] is None for t in texts], dtype=bool)
    allowed = tuple(value for value, _ in place.column.choices)
    _note(bad, values, place, key, problem_id, allowed=allowed)
    return [table[t] for t in texts]


def _note(
    mask: np.ndarray[Any, Any],
    values: pd.Series[Any],
    place: _Place,
    key: str,
    problem_id: str,
    **more: object,
) -> None:
    where = np.flatnonzero(mask)
    if not len(where):
        return
    rows = tuple(int(i) + 1 for i in where)
    texts = texts_in(values.iloc[where[:1000]])
    examples = tuple(dict.fromkeys(plain(text)[:_LONGEST] for text in texts))[:_EXAMPLES]
    message = Message(
        f"validation.{key}",
        layer=place.layer.name,
        column=place.column.name,
        zh=place.column.zh,
        examples=examples,
        rows=rows[:_SHOWN],
        count=len(rows),
        **more,
    )
    if key in ("no_day", "not_given"):
        place.found.add(problem_id, "info", "noted", message, column=place.column.name, rows=rows)
    else:
        place.found.add(problem_id, "error", "degraded", message, column=place.column.name, rows=rows)


def note_unsafe(columns: Mapping[str, pd.Series[Any]], layer: Layer, found: ProblemList) -> None:
    """Note texts that hide, reorder or would be run: escape codes, bidirectional marks, templates.

    Parameters
    ----------
    columns : mapping of str to Series
        The columns as they came.
    layer : Layer
        The layer.
    found : ProblemList
        Where PLAN-SEC-008 and PLAN-SEC-010 are noted, one for each column.
    """
    for name, values in columns.items():
        if isinstance(values.dtype, np.dtype) and values.dtype.kind != "O":
            continue
        texts = {v for v in values.tolist() if isinstance(v, str)}
        # Looked at as one text first: next to no column has any.
        together = " ".join(texts)
        if together.isprintable() and not _TEMPLATE.search(together):
            continue
        unsafe = {v for v in texts if not v.isprintable() and any(hidden(c) for c in v)}
        template = {v for v in texts if _TEMPLATE.search(v)}
        for bad, key, problem_id in (
            (template, "template", "PLAN-SEC-008"),
            (unsafe, "hidden", "PLAN-SEC-010"),
        ):
            if bad:
                # A value of an untidy column need not be hashable.
                rows = tuple(
                    i for i, v in enumerate(values.tolist(), start=1) if isinstance(v, str) and v in bad
                )
                message = Message(
                    f"validation.{key}",
                    layer=layer.name,
                    column=plain(name),
                    rows=rows[:_SHOWN],
                    examples=tuple(plain(v)[:_LONGEST] for v in sorted(bad)[:_EXAMPLES]),
                )
                found.add(problem_id, "warning", "noted", message, column=plain(name), rows=rows)


READERS: Final[dict[str, Reader]] = {
    "id": _said(_read_text),
    "text": _read_text,
    "int": _said(_read_number),
    "float": _said(_read_number),
    "bool": _said(_read_flag),
    "date": _said(_read_date),
    "time": _said(_read_time),
    "enum": _said(_read_enum),
}
