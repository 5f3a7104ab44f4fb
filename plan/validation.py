"""Bringing a table into the form of the contract: every problem found at once, each with its cure.

A row that cannot be understood is never guessed: its value becomes missing, and what depends on it
cannot be told. A mended shape is named with its area before and after.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.columns import READERS, note_unsafe, text_of, texts_in
from plan.contract import Column, Layer
from plan.errors import InputError
from plan.findings import Problem, Severity
from plan.likeness import loose_keys
from plan.messages import Message
from plan.problems import ProblemList
from plan.quantities import basements_in
from plan.schema import LAYERS
from plan.shapes import check_shapes, table_of
from plan.text_safety import plain

__all__ = ["fit", "lost_digits", "match_columns", "match_table", "validate"]

# Layers whose rows get a number where the file has no ids. Households and rooms never do: votes and
# verdicts are theirs by id.
_NUMBERED: Final = frozenset(LAYERS) - {"households", "rooms"}
# Layers to whose ids others refer; numbering them is worth a warning.
_REFERRED: Final = ("parcels", "communities", "buildings", "entrances")
# Names of things serve as ids only where each row has one of its own.
_NAMES: Final = ("name", "名称", "楼名")
_SHOWN: Final = 20  # rows or ids that a message lists
_EXPONENT: Final = re.compile(r"\d(?:\.\d+)?[Ee]\+\d{2,}")
_ROUNDED: Final = re.compile(r"[1-9]\d{14}0{3,}")  # a spreadsheet keeps 15 digits of a number


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
    name: str | Layer, frame: gpd.GeoDataFrame, *, path: str = "", shapes: bool = True
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Bring a table into the form of a layer as far as it goes; never raises for what rows hold.

    Parameters
    ----------
    name : str or Layer
        A layer of the contract, or a table that is described in the same way.
    frame : geopandas.GeoDataFrame
        The rows, in a metric reference system.
    path : str, optional
        The file they came from, for the problems.
    shapes : bool, default True
        False to leave the shapes unjudged, where their reference system is in doubt.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and tuple of Problem
        The layer, and every problem. One whose effect is ``refused`` says that the frame is not to be
        used.
    """
    layer = LAYERS[name] if isinstance(name, str) else name
    found = ProblemList(path=path, layer=layer.name)
    if _columns_twice(frame, found):
        return frame, found.problems
    rows = frame.reset_index(drop=True)
    columns = _rename(_columns(rows), rows.index, layer, found)
    if len(rows) == 0:
        found.add("PLAN-DATA-001", "error", "degraded", Message("validation.empty", layer=layer.name))
    note_unsafe(columns, layer, found)
    _split_storeys(columns, layer)
    fitted = {
        c.name: READERS[c.type](columns.pop(c.name), c, layer, found)
        for c in layer.columns
        if c.name in columns
    }
    ids = fitted.get(layer.id_column)
    if ids is not None:
        _check_ids(ids, layer, found)
    given = rows.geometry
    drawn = np.asarray(given.array, dtype=object)
    if shapes:
        drawn = check_shapes(drawn, layer, found, ids=None if ids is None else ids.to_numpy())
    table = table_of({**fitted, **columns}, drawn, crs=given.crs, index=rows.index, name=given.name)
    return table, found.problems


def match_columns(layer: Layer, names: Sequence[str]) -> Mapping[str, str]:
    """Tell which columns of a table are columns of a layer, by name or by alias.

    Parameters
    ----------
    layer : Layer
        A layer of the contract.
    names : sequence of str
        The columns of the table, without its geometry.

    Returns
    -------
    mapping of str to str
        From a column of the layer to the column of the table that holds it.
    """
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(str(name).strip().casefold(), str(name))
    own = {c.name for c in layer.columns}
    # A column that has its own name keeps it: an alias never takes it away.
    found = {c.name: by_name[c.name] for c in layer.columns if c.name in by_name}
    taken = set(found.values())
    for column in layer.columns:
        if column.name in found:
            continue
        for alias in _aliases(column, layer):
            match = by_name.get(alias.casefold())
            # An alias that is another column's own name stays that column's.
            if match is not None and match not in taken and alias not in own:
                found[column.name] = match
                taken.add(match)
                break
    return found


def match_table(layer: Layer, table: gpd.GeoDataFrame) -> Mapping[str, str]:
    """Tell which columns of a table are used as columns of a layer: :func:`match_columns`, by what they hold.

    Names that are empty, or not each row's own, are no ids; another column may be.
    """
    names = _names(table)
    if len({n.strip().casefold() for n in names}) < len(names):
        return match_columns(layer, names)
    return _match(layer, _columns(table))


def _names(table: gpd.GeoDataFrame) -> list[str]:
    geometry = table.geometry.name
    return [str(name) for name in table.columns if name != geometry]


def _columns(table: gpd.GeoDataFrame) -> dict[str, pd.Series[Any]]:
    """Return the columns of a table but for its shapes, by name."""
    geometry = table.geometry.name
    return {str(name): values for name, values in pd.DataFrame(table).items() if name != geometry}


def _match(layer: Layer, columns: Mapping[str, pd.Series[Any]]) -> Mapping[str, str]:
    matched = dict(match_columns(layer, list(columns)))
    if not _identifies(columns, matched.get(layer.id_column)):
        others = [n for n in columns if n.strip().casefold() not in _NAMES]
        matched.pop(layer.id_column)
        again = match_columns(layer, others).get(layer.id_column)
        if again is not None and again not in matched.values():
            matched[layer.id_column] = again
    return matched


def _aliases(column: Column, layer: Layer) -> tuple[str, ...]:
    """Return the other names of a column; a reference may be named as the id that it refers to."""
    names = (column.zh, *column.aliases)
    if column.type != "id" or column.name == layer.id_column:
        return names
    target = next((other.columns[0] for other in LAYERS.values() if other.id_column == column.name), None)
    if target is None:
        return names
    return (*names, *(a for a in (target.zh, *target.aliases) if a.casefold() not in (*_NAMES, "id")))


def _columns_twice(frame: gpd.GeoDataFrame, found: ProblemList) -> bool:
    names = [name.strip() for name in _names(frame)]
    folded = Counter(name.casefold() for name in names)
    twice = tuple(dict.fromkeys(plain(name) for name in names if folded[name.casefold()] > 1))
    if twice:
        message = Message("validation.column_twice", columns=twice)
        found.add("PLAN-SCHEMA-004", "error", "refused", message, column=twice[0])
    return bool(twice)


def _rename(
    columns: dict[str, pd.Series[Any]], index: pd.Index[Any], layer: Layer, found: ProblemList
) -> dict[str, pd.Series[Any]]:
    """Return the columns by the names of the contract, with those that rows cannot be without."""
    ours = {theirs: name for name, theirs in _match(layer, columns).items()}
    named = {ours.get(name, name): values for name, values in columns.items()}
    for column in layer.columns:
        if column.required and column.name not in named:
            if column.name == layer.id_column and layer.name in _NUMBERED:
                named[column.name] = _row_numbers(index, layer, found)
            else:
                _missing(column, list(columns), found)
                if column.may_lack:
                    named[column.name] = pd.Series([None] * len(index), index=index, dtype=object)
    return named


def _split_storeys(columns: dict[str, pd.Series[Any]], layer: Layer) -> None:
    """Take the storeys below the ground out of a text such as ``地上6地下1``, where they are not said elsewhere."""
    if layer.name != "buildings" or "floors" not in columns or columns["floors"].dtype.kind in "iuf":
        return
    said = text_of(columns["floors"]).map(basements_in, na_action="ignore")
    if not said.notna().any():
        return
    if "floors_below" in columns:
        below = columns["floors_below"]
        said = below.astype(object).where(text_of(below).notna(), said)
    columns["floors_below"] = said


def _identifies(columns: Mapping[str, pd.Series[Any]], key: str | None) -> bool:
    if key is None or key.strip().casefold() not in _NAMES:
        return True
    texts = texts_in(columns[key])
    return None not in texts and len(set(texts)) == len(texts)


def _row_numbers(index: pd.Index[Any], layer: Layer, found: ProblemList) -> pd.Series[Any]:
    severity: Severity = "warning" if layer.name in _REFERRED else "info"
    message = Message("validation.ids_given", layer=layer.name, column=layer.id_column)
    found.add("PLAN-ID-004", severity, "noted", message, column=layer.id_column)
    return pd.Series([str(i + 1) for i in range(len(index))], index=index, dtype=object)


def _missing(column: Column, names: list[str], found: ProblemList) -> None:
    # Spell out which columns there are: the cure is usually a rename.
    close = difflib.get_close_matches(column.name, names, n=3, cutoff=0.4)
    of_site = found.layer in LAYERS  # only of a site can a user say what columns mean
    key = "column_lacking" if column.may_lack else "column_missing" if of_site else "given_column_missing"
    message = Message(
        f"validation.{key}",
        layer=found.layer,
        column=column.name,
        zh=column.zh,
        have=tuple(plain(n) for n in (*close, *(n for n in names if n not in close)))[:12],
        aliases=(column.zh, *column.aliases[:4]),
    )
    if column.may_lack:
        found.add("PLAN-SCHEMA-006", "error", "degraded", message, column=column.name)
    else:
        found.add("PLAN-SCHEMA-001", "error", "refused", message, column=column.name)


def _check_ids(ids: pd.Series[Any], layer: Layer, found: ProblemList) -> None:
    different = {v for v in ids.tolist() if isinstance(v, str)}
    # Looked at as one text first: next to no column of ids has lost a digit.
    together = "\0".join(different)
    if "000" in together or "+" in together:
        _check_digits(ids, layer, found)
    _check_likeness(ids, sorted(different), layer, found)
    empty = [int(i) + 1 for i in ids.index[ids.isna()]]
    if empty:
        message = Message(
            "validation.id_empty", layer=layer.name, column=layer.id_column, rows=tuple(empty[:_SHOWN])
        )
        found.add("PLAN-ID-002", "error", "refused", message, column=layer.id_column, rows=empty)
    if len(different) == len(ids):
        return
    twice = ids[ids.notna() & ids.duplicated(keep=False)]
    if len(twice):
        names = tuple(sorted(set(twice)))
        rows = tuple(int(i) + 1 for i in twice.index)
        message = Message(
            "validation.id_twice",
            layer=layer.name,
            column=layer.id_column,
            ids=tuple(plain(n) for n in names[:10]),
            rows=rows[:_SHOWN],
        )
        found.add(
            "PLAN-ID-001", "error", "refused", message, column=layer.id_column, rows=rows, features=names
        )


def _check_digits(ids: pd.Series[Any], layer: Layer, found: ProblemList) -> None:
    """Tell ids that went through a spreadsheet or a float and lost their last digits."""
    lost = [i for i, v in enumerate(ids.tolist(), start=1) if isinstance(v, str) and lost_digits(v)]
    if lost:
        message = Message(
            "validation.id_digits",
            layer=layer.name,
            column=layer.id_column,
            rows=tuple(lost[:_SHOWN]),
            ids=tuple(dict.fromkeys(plain(ids.iloc[i - 1]) for i in lost))[:5],
        )
        found.add("PLAN-ID-005", "error", "degraded", message, column=layer.id_column, rows=lost)


def lost_digits(value: str) -> bool:
    """Tell whether an id went through a spreadsheet or a float and lost its last digits."""
    # 1.10108E+17; and 18 digits of which a spreadsheet keeps 15 and writes 000 behind them.
    return bool(_EXPONENT.fullmatch(value)) or bool(_ROUNDED.fullmatch(value))


def _check_likeness(ids: pd.Series[Any], names: list[str], layer: Layer, found: ProblemList) -> None:
    """Tell ids that people read as one: B01 and Ｂ０１, a-1 and A-1."""
    keys = loose_keys(names)
    if len(set(keys)) < len(keys):
        groups: dict[str, list[str]] = {}
        for name, key in zip(names, keys, strict=True):
            groups.setdefault(key, []).append(name)
        alike = [group for group in groups.values() if len(group) > 1]
        same = {name for group in alike for name in group}
        rows = tuple(i for i, v in enumerate(ids, start=1) if v in same)
        message = Message(
            "validation.ids_alike",
            layer=layer.name,
            column=layer.id_column,
            groups=tuple(" = ".join(plain(n) for n in group) for group in alike[:5]),
            rows=rows[:_SHOWN],
        )
        found.add("PLAN-ID-006", "warning", "noted", message, column=layer.id_column, rows=rows)
