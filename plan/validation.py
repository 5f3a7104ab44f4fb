"""Bringing a table into the form of the contract: every problem found at once, each with its cure.

A row that cannot be understood is never guessed: its value becomes missing, and what depends on it
cannot be told. A mended shape is named with its area before and after.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.errors import InputError
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS, Column, Layer
from plan.shapes import check_shapes

__all__ = ["fit", "validate"]

# Layers to whose ids nothing refers: a number is given where the file has none.
_NUMBERED: Final = (
    "facilities", "walkways", "barriers", "open_spaces", "obstacles", "fire_lanes", "stalls", "utilities", "remarks",
)  # fmt: skip
_YES: Final = ("1", "true", "yes", "y", "t", "是", "有", "可", "主要")
_NO: Final = ("0", "false", "no", "n", "f", "否", "无", "不可", "次要")
_YEAR: Final = re.compile(r"^(1[89]|20)\d\d(\.0)?$")
_TIME: Final = re.compile(r"^([01]?\d|2[0-4]):([0-5]\d)(:[0-5]\d)?$")


def validate(
    name: str, frame: gpd.GeoDataFrame, *, path: str = ""
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Bring a table into the form of a layer, or refuse it.

    Parameters
    ----------
    name : str
        A layer of the contract.
    frame : geopandas.GeoDataFrame
        The rows, in a metric reference system.
    path : str, optional
        The file they came from, for the problems.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and tuple of Problem
        The layer, and what was noted, repaired or could not be understood.

    Raises
    ------
    InputError
        If the table cannot be used; the error carries every problem.
    """
    fitted, problems = fit(name, frame, path=path)
    refused = [p for p in problems if p.effect == "refused"]
    if refused:
        raise InputError(refused[0].message, problems)
    return fitted, problems


def fit(
    name: str, frame: gpd.GeoDataFrame, *, path: str = ""
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Bring a table into the form of a layer as far as it goes; never raises for what rows hold.

    The parameters and the result are those of :func:`validate`. A problem whose effect is ``refused``
    says that the frame is not to be used.
    """
    layer = LAYERS[name]
    found = ProblemList(path=path, layer=name)
    table = _rename(frame, layer, found)
    if any(p.effect == "refused" for p in found.problems):
        return frame, found.problems
    if len(table) == 0:
        found.add("PLAN-DATA-001", "error", "degraded", Message("validation.empty", layer=name))
    table = table.reset_index(drop=True)
    for column in layer.columns:
        if column.name in table.columns:
            table[column.name] = _READERS[column.type](table[column.name], column, layer, found)
    _check_ids(table, layer, found)
    if any(p.effect == "refused" for p in found.problems):
        return frame, found.problems
    table = check_shapes(table, layer, found)
    ordered = [c.name for c in layer.columns if c.name in table.columns]
    extra = [c for c in table.columns if c not in ordered and c != table.geometry.name]
    return table[[*ordered, *extra, table.geometry.name]], found.problems


# --- columns -----------------------------------------------------------------------------------


def _rename(frame: gpd.GeoDataFrame, layer: Layer, found: ProblemList) -> gpd.GeoDataFrame:
    geometry = frame.geometry.name
    names = [str(c).strip() for c in frame.columns if c != geometry]
    folded = [n.casefold() for n in names]
    twice = sorted({n for n, f in zip(names, folded, strict=True) if folded.count(f) > 1})
    if twice:
        found.add(
            "PLAN-SCHEMA-004",
            "error",
            "refused",
            Message("validation.column_twice", columns=twice),
            column=twice[0],
        )
        return frame
    by_name = dict(zip(folded, names, strict=True))
    renames: dict[str, str] = {}
    for column in layer.columns:
        if column.name in by_name:
            renames[by_name[column.name]] = column.name
            continue
        match = next((a for a in (column.zh, *column.aliases) if a.casefold() in by_name), None)
        # An alias that is itself the name of another column of the layer stays that column.
        if (
            match is not None
            and by_name[match.casefold()] not in renames
            and match not in {c.name for c in layer.columns}
        ):
            renames[by_name[match.casefold()]] = column.name
    table = frame.rename(
        columns={c: renames.get(str(c).strip(), str(c).strip()) for c in frame.columns if c != geometry}
    )
    for column in layer.columns:
        if not column.required or column.name in table.columns:
            continue
        if column.name == layer.id_column and layer.name in _NUMBERED:
            table[column.name] = [str(i + 1) for i in range(len(table))]
            found.add(
                "PLAN-ID-004",
                "info",
                "noted",
                Message("validation.ids_given", layer=layer.name),
                column=column.name,
            )
            continue
        # Spell out which columns there are: the cure is usually a rename.
        close = difflib.get_close_matches(column.name, names, n=3, cutoff=0.4)
        message = Message(
            "validation.column_missing",
            column=column.name,
            zh=column.zh,
            have=tuple(close) or tuple(names[:12]),
            aliases=(column.zh, *column.aliases[:4]),
        )
        found.add("PLAN-SCHEMA-001", "error", "refused", message, column=column.name)
    return table


def _is_missing(value: object) -> bool:
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    return isinstance(value, float) and math.isnan(value)


def _as_text(value: object) -> str | None:
    if _is_missing(value):
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    # A NUL ends a string in C and hides what stands behind it.
    return str(value).replace("\x00", "").strip() or None


def _read_text(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:  # noqa: ARG001 - one shape for all readers
    return pd.Series([_as_text(v) for v in values], index=values.index, dtype=object)


def _read_number(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    out: list[float] = []
    bad: list[int] = []
    low: list[int] = []
    for row, value in enumerate(values, start=1):
        number = _number(value)
        if number is None:
            bad.append(row)
        elif column.minimum is not None and number < column.minimum:
            low.append(row)
            number = None
        elif column.type == "int" and not math.isnan(number) and not number.is_integer():
            bad.append(row)
            number = None
        out.append(math.nan if number is None else number)
    if bad:
        examples = tuple(dict.fromkeys(str(values.iloc[row - 1]) for row in bad))[:5]
        unit = column.type == "float"
        message = Message(
            "validation.not_a_number",
            layer=layer.name,
            column=column.name,
            zh=column.zh,
            examples=examples,
            rows=tuple(bad),
        )
        found.add(
            "PLAN-UNIT-002" if unit else "PLAN-ATTR-002",
            "error",
            "degraded",
            message,
            column=column.name,
            rows=bad,
        )
    if low:
        message = Message(
            "validation.too_small",
            layer=layer.name,
            column=column.name,
            zh=column.zh,
            minimum=column.minimum,
            rows=tuple(low),
        )
        found.add("PLAN-ATTR-003", "error", "degraded", message, column=column.name, rows=low)
    series = pd.Series(out, index=values.index, dtype="float64")
    return series.astype("Int64") if column.type == "int" else series


def _number(value: object) -> float | None:
    """Return a number; NaN for a missing value, None for what is not one."""
    if _is_missing(value):
        return math.nan
    if isinstance(value, bool | np.bool_):
        return None
    try:
        number = float(str(value).strip()) if not isinstance(value, int | float | np.number) else float(value)
    except ValueError:
        return math.nan if str(value).strip() == "" else None
    return number if math.isfinite(number) else None


def _read_flag(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    def one(value: object) -> bool | None:
        text = (_as_text(value) or "").casefold()
        return True if text in _YES else False if text in _NO else None

    return _each(
        values,
        one,
        column=column,
        layer=layer,
        found=found,
        key="validation.not_a_flag",
        problem_id="PLAN-ATTR-004",
    ).astype("boolean")


def _read_enum(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    table = {alias.casefold(): value for value, aliases in column.choices for alias in (value, *aliases)}

    def one(value: object) -> str | None:
        return table.get((_as_text(value) or "").casefold())

    return _each(
        values,
        one,
        column=column,
        layer=layer,
        found=found,
        key="validation.not_a_choice",
        problem_id="PLAN-ATTR-004",
    )


def _read_date(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    """Read dates as ISO text; a bare year stays a year, because its day is not known."""

    def one(value: object) -> str | None:
        text = _as_text(value) or ""
        if _YEAR.match(text):
            return text[:4]
        try:
            return pd.Timestamp(re.sub(r"[年月./]", "-", text).replace("日", "")).date().isoformat()
        except (ValueError, OverflowError):
            return None

    return _each(
        values,
        one,
        column=column,
        layer=layer,
        found=found,
        key="validation.not_a_date",
        problem_id="PLAN-ATTR-005",
    )


def _read_time(values: pd.Series[Any], column: Column, layer: Layer, found: ProblemList) -> pd.Series[Any]:
    def one(value: object) -> str | None:
        match = _TIME.match(_as_text(value) or "")
        return f"{int(match[1]):02d}:{match[2]}" if match else None

    return _each(
        values,
        one,
        column=column,
        layer=layer,
        found=found,
        key="validation.not_a_time",
        problem_id="PLAN-ATTR-006",
    )


def _each(
    values: pd.Series[Any],
    one: Callable[[object], object],
    *,
    column: Column,
    layer: Layer,
    found: ProblemList,
    key: str,
    problem_id: str,
) -> pd.Series[Any]:
    out: list[object] = []
    bad: list[int] = []
    for row, value in enumerate(values, start=1):
        read = None if _as_text(value) is None else one(value)
        if read is None and _as_text(value) is not None:
            bad.append(row)
        out.append(read)
    if bad:
        examples = tuple(dict.fromkeys(str(values.iloc[row - 1]) for row in bad))[:5]
        allowed = tuple(value for value, _ in column.choices)
        message = Message(
            key,
            layer=layer.name,
            column=column.name,
            zh=column.zh,
            examples=examples,
            rows=tuple(bad),
            allowed=allowed,
        )
        found.add(problem_id, "error", "degraded", message, column=column.name, rows=bad)
    return pd.Series(out, index=values.index, dtype=object)


_READERS: Final[dict[str, Callable[[pd.Series[Any], Column, Layer, ProblemList], pd.Series[Any]]]] = {
    "id": _read_text,
    "text": _read_text,
    "int": _read_number,
    "float": _read_number,
    "bool": _read_flag,
    "date": _read_date,
    "time": _read_time,
    "enum": _read_enum,
}


def _check_ids(table: gpd.GeoDataFrame, layer: Layer, found: ProblemList) -> None:
    ids = table[layer.id_column]
    empty = [i + 1 for i, value in enumerate(ids) if value is None]
    if empty:
        message = Message("validation.id_empty", layer=layer.name, column=layer.id_column, rows=tuple(empty))
        found.add("PLAN-ID-002", "error", "refused", message, column=layer.id_column, rows=empty)
    twice = ids[ids.notna() & ids.duplicated(keep=False)]
    if len(twice):
        names = tuple(sorted(set(twice)))
        rows = tuple(int(i) + 1 for i in twice.index)
        message = Message(
            "validation.id_twice", layer=layer.name, column=layer.id_column, ids=names[:10], rows=rows[:20]
        )
        found.add(
            "PLAN-ID-001", "error", "refused", message, column=layer.id_column, rows=rows, features=names
        )
