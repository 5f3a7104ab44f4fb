"""Lists that a bureau keeps on several sheets: one for each house, 1号楼, 2号楼, …, all with the same head.

Sheets are joined only where it is plain that they are parts of one list: each names a house of its own, or the houses
in them are not the same ones. Lists of two years, and two drafts, are not put together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from plan.columns import text_of
from plan.findings import Problem
from plan.likeness import name_key
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.raw import RawLayer
from plan.readers.sheets import in_sheets
from plan.schema import LAYERS
from plan.text_safety import plain
from plan.validation import match_columns

__all__ = ["house_of_sheet", "join_sheets"]

_SUFFIXES: Final = (".xlsx", ".xlsm")
_NAMED: Final = 10  # sheets that a message names
_NUMERAL: Final = r"(?:\d{1,3}|[一二三四五六七八九十百]{1,5})"
# 1号楼, 12#, B栋, B12, 3幢住户清单, 5号楼2单元; Sheet1, 2025年, 一期, a bare 3 (a page?), p3 and v2 are none.
_HOUSE: Final = re.compile(
    rf"(?P<house>第?[a-z]?{_NUMERAL}(?:号楼|#楼|#|号|栋|幢|座|楼)|[a-z](?:号楼|栋|幢|座)|[a-oq-uw-z]-?\d{{1,3}})"
    rf"(?P<stair>[-_]?{_NUMERAL}单元)?[-_·()]?(?:住户|业主|居民|户|用房|房屋)?(?:清单|名单|明细|登记|信息|一览|花名)*(?:表|册)?[)]?"
)


def house_of_sheet(title: str) -> tuple[str, str] | None:
    """Return the house that the name of a sheet says, and its stairwell; None where it says none.

    Examples
    --------
    >>> house_of_sheet("3号楼2单元"), house_of_sheet("Ｂ栋住户清单"), house_of_sheet("Sheet1"), house_of_sheet("2025年")
    (('3号楼', '2单元'), ('b栋', ''), None, None)
    """
    said = "".join(unicodedata.normalize("NFKC", title).split()).casefold()
    match = _HOUSE.fullmatch(said)
    return (match["house"], (match["stair"] or "").lstrip("-_")) if match is not None else None


def join_sheets(
    layers: Sequence[RawLayer], problems: Sequence[Problem]
) -> tuple[list[RawLayer], tuple[Problem, ...]]:
    """Join sheets of one workbook that are parts of one list.

    Parameters
    ----------
    layers : sequence of RawLayer
        The layers of one file, named.
    problems : sequence of Problem
        What was noted while they were read.

    Returns
    -------
    tuple of list of RawLayer and tuple of Problem
        The layers, those that belong together as one, in the place of the first; and the problems, their rows those of
        the joined lists, with PLAN-TAB-012, which tells of each. Sheets that do not plainly belong together stay as
        they are.
    """
    out: list[RawLayer] = []
    told = list(problems)
    done: set[str] = set()
    for layer in layers:
        if layer.name in done:
            continue
        same = [other for other in layers if other.name == layer.name]
        sheets = bool(layer.name) and Path(layer.path).suffix.casefold() in _SUFFIXES
        joined = _joined(same) if sheets and layer is same[0] else None
        if joined is None:
            out.append(layer)
            continue
        done.add(layer.name)
        out.append(joined[0])
        told = [*_moved(told, same), *joined[1]]
    return out, tuple(told)


def _moved(problems: Iterable[Problem], same: Sequence[RawLayer]) -> list[Problem]:
    """Let problems of a sheet name their rows in the joined list, and say their numbers in the sheet."""
    out = []
    before = {plain(layer.source_layer): sum(len(o.frame) for o in same[:i]) for i, layer in enumerate(same)}
    for problem in in_sheets(problems, same):
        if problem.path == same[0].path and problem.layer in before and problem.rows:
            rows = tuple(row + before[problem.layer] for row in problem.rows)
            out.append(replace(problem, rows=rows))
        else:
            out.append(problem)
    return out


def _joined(same: Sequence[RawLayer]) -> tuple[RawLayer, tuple[Problem, ...]] | None:
    """Return sheets of one layer as one; None where they are not plainly one list."""
    first = same[0]
    layer_of = LAYERS[first.name]
    heads = [_written(match_columns(layer_of, layer.columns)) for layer in same]
    alike = all(head == heads[0] for head in heads) and all(len(set(c)) == len(c) for c in map(_folded, same))
    if not alike or any(layer.frame.crs != first.frame.crs for layer in same):
        return None
    matched = match_columns(layer_of, first.columns)
    spec = {column.name for column in LAYERS[first.name].columns}
    house = matched.get("building_id")
    named = [house_of_sheet(layer.source_layer) for layer in same]
    if first.name == "buildings" or "building_id" not in spec or (house is None and None in named):
        return None
    stairs = "stairwell_id" in spec and "stairwell_id" not in matched
    titles = [(name_key(n[0]), name_key(n[1]) if stairs else "") for n in named if n is not None]
    each_its_own = len(set(titles)) == len(same)
    if len(same) == 1:
        if house is not None:
            return None
    elif not each_its_own if house is None else not _apart(same, house, named=each_its_own):
        return None
    frames = []
    for layer, said in zip(same, named, strict=True):
        written = dict(zip(_folded(first), first.columns, strict=True))
        frame = layer.frame.rename(columns={c: written.get(c.strip().casefold(), c) for c in layer.columns})
        if house is None and said is not None:
            frame = frame.assign(building_id=said[0])
        if stairs and said is not None and said[1]:
            frame = frame.assign(stairwell_id=said[1])
        frames.append(frame)
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=first.frame.crs)
    found = ProblemList(path=first.path, layer=first.name)
    message = Message(
        "tables.joined" if house is not None else "tables.joined_houses",
        layer=first.name, count=len(same), names=tuple(plain(layer.source_layer) for layer in same[:_NAMED]),
    )  # fmt: skip
    found.add("PLAN-TAB-012", "info", "noted", message)
    sheets = tuple(plain(layer.source_layer) for layer in same for _ in layer.numbers)
    numbers = tuple(number for layer in same for number in layer.numbers)
    return replace(first, frame=frame, numbers=numbers, sheets=sheets), found.problems


def _folded(layer: RawLayer) -> list[str]:
    return [name.strip().casefold() for name in layer.columns]


def _written(matched: Mapping[str, str]) -> dict[str, str]:
    return {ours: theirs.strip().casefold() for ours, theirs in matched.items()}


def _apart(same: Sequence[RawLayer], column: str, *, named: bool) -> bool:
    """Tell whether each sheet has houses of its own, and its rows say which, or its name does."""
    written = column.strip().casefold()
    seen: set[str] = set()
    for layer in same:
        name = next(name for name in layer.columns if name.strip().casefold() == written)
        texts = text_of(layer.frame[name])
        houses = {name_key(text) for text in texts.dropna()}
        if (texts.isna().any() and not named) or houses & seen:
            return False
        seen |= houses
    return True
