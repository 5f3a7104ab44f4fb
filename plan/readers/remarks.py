"""Residents' remarks, collected in a hearing map and saved to a file by its download button, become a layer of a site.

The file comes from anybody's phone: what is not understood is left out by name, and nothing in it is believed. Form
``plan.remarks/1``::

    {"schema": "plan.remarks/1", "map": "title of the map", "site": {"name": "…", "sha256": ["…"]},
     "remarks": [{"kind": "parking", "text": "…", "date": "2026-11-22", "point": [117.6, 26.2], "building_id": "B01"}]}

``point`` is longitude and latitude [degree, WGS 84]; ``date`` may be empty and ``building_id`` null.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.crs import WGS84
from plan.errors import InputError
from plan.files import sha256, why_not
from plan.findings import InputFile, Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.far import far_rows, middle_of, spots_of
from plan.schema import REMARKS_SCHEMA
from plan.site import Site
from plan.text_safety import plain

__all__ = ["add_remarks", "is_remarks", "read_remarks"]

_LARGEST: Final = 8 * 1024 * 1024  # bytes: five thousand long remarks
_MOST: Final = 5_000  # remarks of a file
_DEEPEST: Final = 8  # lists and tables in each other; the form has four
_LONGEST_TEXT: Final = 4_000  # characters
_LONGEST_KIND: Final = 40
_LONGEST_ID: Final = 200
_HEAD: Final = 4_096  # bytes in which a file says what it is
_SCHEMA: Final = re.compile(rb'"schema"\s*:\s*"plan\.remarks/')
# What no line of text has, and a database cuts off at; line breaks and tabs stay.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\ud800-\udfff]")
_SHOWN: Final = 20  # rows that a message lists


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remark:
    """A remark as it is understood."""

    kind: str
    text: str
    said_on: str  # ISO date, or empty
    lon: float
    lat: float
    building_id: str  # as the map wrote it; empty where it points at none

    @property
    def remark_id(self) -> str:
        """A name that follows from what it says: the same remark saved twice is one."""
        content = json.dumps([self.kind, self.text, self.said_on, self.lon, self.lat, self.building_id])
        return f"M-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def is_remarks(path: Path | str) -> bool:
    """Tell whether a file says of itself that it holds remarks, of whatever version."""
    try:
        with Path(path).open("rb") as file:
            return _SCHEMA.search(file.read(_HEAD)) is not None
    except (OSError, ValueError):
        return False


def add_remarks(site: Site, paths: Sequence[Path | str]) -> tuple[Site, tuple[Problem, ...]]:
    """Add the remarks of files to the layer ``remarks`` of a site, each once.

    Parameters
    ----------
    site : Site
        With the remarks that it already has.
    paths : sequence of path-like
        Files in the form above.

    Returns
    -------
    tuple of Site and tuple of Problem
        The site, and what was left out, cleaned, or there twice.

    Raises
    ------
    InputError
        If a file cannot be used, or no remark is left; the error carries every problem.
    """
    told: list[Problem] = []
    known = set(site.layer("remarks")["remark_id"].astype(str)) if site.has("remarks") else set()
    new: dict[str, _Remark] = {}
    for path in paths:
        remarks, problems = read_remarks(path)
        found = ProblemList(path=str(path), layer="remarks")
        near = _near(remarks, site, found)
        twice = []
        for row, one in near:
            if one.remark_id in known or one.remark_id in new:
                twice.append(row)
            else:
                new[one.remark_id] = one
        if twice:
            message = Message("remarks.twice", count=len(twice), rows=tuple(twice[:_SHOWN]))
            found.add("PLAN-REM-004", "info", "noted", message, rows=twice)
        told += [*problems, *found.problems]
    refused = [problem for problem in told if problem.effect == "refused"]
    if refused:
        raise InputError(refused[0].message, told)
    if new:
        site = site.with_layer("remarks", _layer(site, new, told, paths))
    inputs = (*site.inputs, *(InputFile(path=str(path), sha256=sha256(path)) for path in paths))
    return replace(site, inputs=inputs), tuple(told)


def read_remarks(path: Path | str) -> tuple[list[tuple[int, _Remark]], tuple[Problem, ...]]:
    """Read the remarks of a file; never raises for what it holds.

    Parameters
    ----------
    path : path-like
        A file in the form above.

    Returns
    -------
    tuple of list and tuple of Problem
        The 1-based number and the remark of each that is understood; and what is wrong. A problem whose effect is
        ``refused`` says that the file is not to be used.
    """
    found = ProblemList(path=str(path), layer="remarks")
    document = _document(Path(path), found)
    items = None if document is None else document.get("remarks")
    if document is None:
        return [], found.problems
    if not isinstance(items, list) or len(items) > _MOST:
        found.add("PLAN-REM-002", "error", "refused", Message("remarks.list", most=_MOST))
        return [], found.problems
    kept: list[tuple[int, _Remark]] = []
    wrong: dict[str, list[int]] = {}
    cleaned: list[int] = []
    for row, item in enumerate(items, start=1):
        one = _remark(item)
        if isinstance(one, str):
            wrong.setdefault(one, []).append(row)
            continue
        kept.append((row, one))
        if _CONTROL.search(item["text"] + item["kind"]):
            cleaned.append(row)
    for what, rows in sorted(wrong.items()):
        message = Message(
            f"remarks.{what}", rows=tuple(rows[:_SHOWN]), count=len(rows), longest=f"{_LONGEST_TEXT:,}"
        )
        found.add("PLAN-REM-003", "warning", "degraded", message, column=what.partition("_")[0], rows=rows)
    if cleaned:
        message = Message("remarks.cleaned", rows=tuple(cleaned[:_SHOWN]), count=len(cleaned))
        found.add("PLAN-REM-005", "warning", "repaired", message, column="text", rows=cleaned)
    return kept, found.problems


def _document(path: Path, found: ProblemList) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _LARGEST:
            found.add("PLAN-SEC-002", "error", "refused", Message("remarks.large", mb=_LARGEST >> 20))
            return None
        text = path.read_bytes().decode("utf-8-sig")
        document = json.loads(text, parse_constant=_refuse_constant)
    except OSError as error:
        why = why_not(error)
        found.add("PLAN-FILE-003", "error", "refused", Message("readers.unreadable", why=why))
        return None
    except RecursionError:
        found.add("PLAN-SEC-001", "error", "refused", Message("readers.json_deep"))
        return None
    except ValueError as error:  # also of UTF-8, and of numbers with thousands of digits
        why = plain(str(error))[:120]
        found.add("PLAN-FILE-001", "error", "refused", Message("remarks.broken", why=why))
        return None
    if _depth(document) > _DEEPEST:
        found.add("PLAN-SEC-001", "error", "refused", Message("readers.json_deep"))
    elif not isinstance(document, dict) or document.get("schema") != REMARKS_SCHEMA:
        said = plain(document.get("schema") if isinstance(document, dict) else None)[:60]
        message = Message("remarks.schema", said=said, known=REMARKS_SCHEMA)
        found.add("PLAN-REM-001", "error", "refused", message)
    else:
        return document
    return None


def _refuse_constant(name: str) -> float:
    raise ValueError(name)  # JSON has no NaN and no Infinity


def _depth(value: object) -> int:
    deepest, todo = 0, [(value, 1)]
    while todo:
        one, level = todo.pop()
        deepest = max(deepest, level)
        if level > _DEEPEST:
            return deepest
        if isinstance(one, dict):
            todo += [(part, level + 1) for part in one.values()]
        elif isinstance(one, list):
            todo += [(part, level + 1) for part in one]
    return deepest


def _remark(item: object) -> _Remark | str:  # noqa: PLR0911 - one return for each thing that may be wrong
    """Return a remark, or the name of what is wrong with it."""
    if not isinstance(item, dict):
        return "text_no_table"
    kind, text = item.get("kind"), item.get("text")
    if not isinstance(text, str) or not isinstance(kind, str) or not _clean(text) or not _clean(kind):
        return "text_missing"
    if len(text) > _LONGEST_TEXT or len(kind) > _LONGEST_KIND:
        return "text_long"
    point = item.get("point")
    if not isinstance(point, list) or len(point) != 2 or not all(map(_is_number, point)):  # noqa: PLR2004 - lon, lat
        return "point_wrong"
    lon, lat = (round(float(value), 7) for value in point)
    if abs(lon) > 180 or abs(lat) > 90:  # noqa: PLR2004 - degrees
        return "point_wrong"
    said_on = item.get("date") or ""
    if said_on and not _is_date(said_on):
        return "date_wrong"
    building = item.get("building_id")
    building = "" if building is None else building
    if not isinstance(building, str) or len(building) > _LONGEST_ID:
        return "building_wrong"
    return _Remark(
        kind=_clean(kind), text=_clean(text), said_on=said_on, lon=lon, lat=lat, building_id=building
    )


def _clean(text: str) -> str:
    return _CONTROL.sub("", text).strip()


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < 1e6 and math.isfinite(value)  # noqa: PLR2004 - before a whole number of any length is a float


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) == len("2026-01-01") and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _near(remarks: list[tuple[int, _Remark]], site: Site, found: ProblemList) -> list[tuple[int, _Remark]]:
    """Leave out what is said about another place altogether."""
    layers = [frame.geometry.to_numpy() for name, frame in site.layers.items() if name != "remarks"]
    middle = middle_of([spots_of(shapes, site.crs) for shapes in layers])
    if middle is None or not remarks:
        return remarks
    far = set(far_rows(np.array([(one.lon, one.lat) for _, one in remarks]), middle)[0])
    rows = [row for n, (row, _) in enumerate(remarks, start=1) if n in far]
    if rows:
        message = Message("remarks.far", count=len(rows), rows=tuple(rows[:_SHOWN]))
        found.add("PLAN-REM-006", "warning", "degraded", message, column="point", rows=rows)
    return [one for n, one in enumerate(remarks, start=1) if n not in far]


def _layer(
    site: Site, new: dict[str, _Remark], told: list[Problem], paths: Iterable[Path | str]
) -> gpd.GeoDataFrame:
    # A map writes ids as it shows them; they are the site's own where they read the same.
    homes = (
        {plain(i): str(i) for i in site.layer("buildings")["building_id"]} if site.has("buildings") else {}
    )
    strange = sorted({one.building_id for one in new.values()} - homes.keys() - {""})
    if strange:
        found = ProblemList(path=", ".join(map(str, paths)), layer="remarks")
        names = tuple(plain(name)[:_LONGEST_KIND] for name in strange[:_SHOWN])
        message = Message("remarks.building", count=len(strange), ids=names)
        found.add("PLAN-REM-007", "warning", "degraded", message, column="building_id")
        told += found.problems
    table = {
        "remark_id": list(new),
        "kind": [one.kind for one in new.values()],
        "text": [one.text for one in new.values()],
        "remarked_on": [one.said_on or None for one in new.values()],
        "building_id": [homes.get(one.building_id) for one in new.values()],
    }
    points = [shapely.Point(one.lon, one.lat) for one in new.values()]
    rows = gpd.GeoDataFrame(table, geometry=points, crs=WGS84).to_crs(site.crs)
    if not site.has("remarks"):
        return rows
    old = site.layer("remarks")
    rows = rows.rename_geometry(old.geometry.name) if old.geometry.name != rows.geometry.name else rows
    return gpd.GeoDataFrame(
        pd.concat([old, rows], ignore_index=True), geometry=old.geometry.name, crs=site.crs
    )
