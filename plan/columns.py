"""Reading the values of a column as its type: what cannot be understood becomes missing, and is told.

Nothing is guessed: ``约300`` is not 300. What has one meaning and is only written otherwise, such as ``0.065公顷``
in a column of square metres or ``六层``, is read, and told. A date has a day or is a bare year, a flag is yes or no.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.contract import Column, Layer
from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import day_text, number_in
from plan.text_safety import hidden, plain

__all__ = ["READERS", "note_unsafe", "text_of"]

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


def text_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the values as text, None where there is none; 3.0 reads as ``3``, NUL is dropped."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iu":
        out: Sequence[str | None] = [str(v) for v in values.tolist()]
    else:
        out = [_stripped(v) if type(v) is str else _as_text(v) for v in values.tolist()]
    return pd.Series(out, index=values.index, dtype=object)


def _stripped(value: str) -> str | None:
    # A NUL ends a string in C and hides what stands behind it.
    return value.replace("\x00", "").strip() or None


def _as_text(value: object) -> str | None:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return _stripped(str(value))


def _read_text(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:  # noqa: ARG001 - one shape for all readers
    return text_of(values)


def _read_number(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    text = text_of(values)
    if pd.api.types.is_bool_dtype(values.dtype):
        numbers = pd.Series(np.nan, index=values.index)
    elif pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.astype("Float64").astype("float64")
    else:
        read = {t: _number(t) for t in text.dropna().unique()}
        meant = {t: _meant(t, column) for t, value in read.items() if np.isnan(value)}
        numbers = text.map(read | meant).astype("float64")
        _tell_meant(text, meant, _Place(column, layer, found))
    bad = text.notna() & ~np.isfinite(numbers)
    if column.type == "int":
        # Beyond 2**53 a double does not tell whole numbers apart; nothing that is counted here is so many.
        bad |= np.isfinite(numbers) & ((numbers != np.floor(numbers)) | (numbers.abs() > _WHOLE))
    low = ~bad & (numbers < (-np.inf if column.minimum is None else column.minimum))
    unit = column.type == "float"
    _note(
        bad, text, _Place(column, layer, found), "not_a_number", "PLAN-UNIT-002" if unit else "PLAN-ATTR-002"
    )
    _note(low, text, _Place(column, layer, found), "too_small", "PLAN-ATTR-003", minimum=column.minimum)
    numbers = numbers.mask(bad | low)
    return numbers.astype("Int64") if column.type == "int" else numbers


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
    value = number_in(text, column.unit, below=column.type == "int" and column.minimum is None)
    return np.nan if value is None else value


def _tell_meant(text: pd.Series[Any], meant: dict[str, float], place: _Place) -> None:
    understood = {t: value for t, value in meant.items() if np.isfinite(value)}
    rows = tuple(i for i, t in enumerate(text.tolist(), start=1) if t in understood)
    if rows:
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
    return out.astype("boolean")


def _read_enum(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    table = {alias.casefold(): value for value, aliases in column.choices for alias in (value, *aliases)}
    return _each(
        values,
        lambda text: table.get(text.casefold()) or table.get(unicodedata.normalize("NFKC", text).casefold()),
        _Place(column, layer, found),
        "not_a_choice",
        "PLAN-ATTR-004",
    )


def _read_date(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    """Read dates as ISO text; a bare year stays a year, because its day is not known."""
    text = text_of(values)
    months = text.map(lambda t: isinstance(t, str) and _month_only(t) is not None).astype(bool)
    _note(months, text, _Place(column, layer, found), "no_day", "PLAN-ATTR-007")
    return _each(values, _date, _Place(column, layer, found), "not_a_date", "PLAN-ATTR-005")


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

    return _each(values, one, _Place(column, layer, found), "not_a_time", "PLAN-ATTR-006")


def _each(
    values: pd.Series[Any],
    one: Callable[[str], object],
    place: _Place,
    key: str,
    problem_id: str,
) -> pd.Series[Any]:
    """Read each different text once; a text that ``one`` returns None for is told."""
    text = text_of(values)
    table = {t: one(t) for t in text.dropna().unique()}
    out = pd.Series([None if t is None else table[t] for t in text], index=text.index, dtype=object)
    bad = text.notna() & pd.Series([v is None for v in out], index=text.index)
    allowed = tuple(value for value, _ in place.column.choices)
    _note(bad, text, place, key, problem_id, allowed=allowed)
    return out


def _note(
    mask: pd.Series[Any],
    text: pd.Series[Any],
    place: _Place,
    key: str,
    problem_id: str,
    **more: object,
) -> None:
    where = np.flatnonzero(mask.to_numpy(dtype=bool))
    if not len(where):
        return
    rows = tuple(int(i) + 1 for i in where)
    examples = tuple(dict.fromkeys(plain(text.iloc[i])[:_LONGEST] for i in where[:1000]))[:_EXAMPLES]
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
    if key == "no_day":
        place.found.add(problem_id, "info", "noted", message, column=place.column.name, rows=rows)
    else:
        place.found.add(problem_id, "error", "degraded", message, column=place.column.name, rows=rows)


def note_unsafe(table: gpd.GeoDataFrame, layer: Layer, found: ProblemList) -> None:
    """Note texts that hide, reorder or would be run: escape codes, bidirectional marks, templates.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The rows as they came.
    layer : Layer
        The layer.
    found : ProblemList
        Where PLAN-SEC-008 and PLAN-SEC-010 are noted, one for each column.
    """
    for name in table.columns:
        values = table[name]
        if name == table.geometry.name or (isinstance(values.dtype, np.dtype) and values.dtype.kind != "O"):
            continue
        texts = [v for v in values.tolist() if isinstance(v, str)]
        if not texts:
            continue
        unsafe = {v for v in set(texts) if not v.isprintable() and any(hidden(c) for c in v)}
        template = {v for v in set(texts) if _TEMPLATE.search(v)}
        for bad, key, problem_id in (
            (template, "template", "PLAN-SEC-008"),
            (unsafe, "hidden", "PLAN-SEC-010"),
        ):
            if bad:
                rows = tuple(i for i, v in enumerate(values.tolist(), start=1) if v in bad)
                message = Message(
                    f"validation.{key}",
                    layer=layer.name,
                    column=plain(name),
                    rows=rows[:_SHOWN],
                    examples=tuple(plain(v)[:_LONGEST] for v in sorted(bad)[:_EXAMPLES]),
                )
                found.add(problem_id, "warning", "noted", message, column=plain(name), rows=rows)


READERS: Final[dict[str, Reader]] = {
    "id": _read_text,
    "text": _read_text,
    "int": _read_number,
    "float": _read_number,
    "bool": _read_flag,
    "date": _read_date,
    "time": _read_time,
    "enum": _read_enum,
}
