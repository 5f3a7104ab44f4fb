"""What rows hide before they are read: columns that people take for one, ids that a spreadsheet changed, tangled shapes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.columns import READERS, text_of
from plan.contract import Column, Layer
from plan.findings import Effect, Problem, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import LAYERS
from plan.text_safety import hidden, plain
from plan.validation import match_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["look_closely"]

_SHOWN: Final = 20  # rows that a message lists
_EXAMPLES: Final = 5
_LONGEST: Final = 40  # characters of a value that a message shows
# 3-2 in a spreadsheet: 2026-03-02 in the cell, 3月2日 or 2-Mar or 2026/3/2 in what it saves as text.
_DAY: Final = re.compile(
    r"(?:19|20)\d\d-\d\d-\d\d(?:[ T]00:00(?::00)?)?|(?:19|20)\d\d/\d{1,2}/\d{1,2}|(?:(?:19|20)\d\d年)?\d{1,2}月\d{1,2}日"
    r"|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{2}"
)
# What other programs would run: templates, scripts of web pages, formulas of spreadsheets.
_RUN: Final = re.compile(
    r"\$\{|\{\{|\{%|`|<\s*(?:script|iframe|img|svg)\b|javascript:|^\s*[=@]", re.IGNORECASE
)
_RUN_ON_A_LINE: Final = re.compile(_RUN.pattern, re.IGNORECASE | re.MULTILINE)
_TEMPLATE: Final = re.compile(r"\$\{|\{\{|\{%|`")  # told by plan.columns
_MANY: Final = 500  # vertices, below which nothing can be tangled so much that mending it takes long
_BLOCK: Final = 256  # segments looked at together
_PAIRS: Final = 1 << 22  # of segments that may meet in a block: 64 MB
_SMALLEST_RING: Final = 4  # vertices
_CROSSINGS: Final = 20  # for each vertex or ring; an outline drawn by people crosses itself a few times


def look_closely(
    name: str, frame: gpd.GeoDataFrame, *, path: str, chosen: Collection[str] = ()
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Tell what a table hides from whoever reads it as it is.

    Parameters
    ----------
    name : str
        A layer of the contract.
    frame : GeoDataFrame
        Its rows as they came.
    path : str
        The file they came from.
    chosen : collection of str, optional
        Columns of the layer for which the user said which column of the table is meant.

    Returns
    -------
    GeoDataFrame and tuple of Problem
        The rows, without shapes that are too tangled to be mended and without values that another column of one
        meaning contradicts; and PLAN-SCHEMA-004 (refused) for columns whose names people cannot tell apart,
        PLAN-SCHEMA-007 for two columns of one meaning that differ, PLAN-ID-008 for ids that became days, PLAN-SEC-008 and 010 for names and texts that other programs would run
        or that hide, PLAN-GEOM-014 for tangled shapes.
    """
    layer = LAYERS[name]
    found = ProblemList(path=path, layer=name)
    shapes = frame.active_geometry_name
    names = [str(c) for c in frame.columns if c != shapes]
    if not _alike(names, found) and len(set(names)) == len(names):
        matched = match_table(layer, frame)
        frame = _two_of_one(frame, layer, matched, found, chosen)
        _became_days(frame, layer, matched, found)
        _run_elsewhere(frame, found)
    _unsafe_names(names, found)
    return _untangled(frame, found), found.problems


def _alike(names: list[str], found: ProblemList) -> bool:
    """Tell columns that only width, case or characters that nobody sees keep apart; same names are told elsewhere."""
    keys = [_seen(name) for name in names]
    exact = {name.strip().casefold() for name in names}
    twice = tuple(plain(n) for n, key in zip(names, keys, strict=True) if keys.count(key) > 1)
    if not twice or len(exact) < len(names):
        return bool(twice)
    found.add(
        "PLAN-SCHEMA-004",
        "error",
        "refused",
        Message("validation.column_twice", columns=twice),
        column=twice[0],
    )
    return True


def _seen(name: str) -> str:
    shown = "".join(c for c in unicodedata.normalize("NFKC", name) if not hidden(c))
    return "".join(shown.split()).casefold()


def _two_of_one(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    matched: Mapping[str, str],
    found: ProblemList,
    chosen: Collection[str],
) -> gpd.GeoDataFrame:
    """Tell rows in which two columns of one meaning differ, and take away values that the other one contradicts.

    Which of two areas is the right one nobody can tell; a drawn one is no answer where the row says another.
    """
    taken = set(matched.values())
    shapes = frame.active_geometry_name
    by_name = {str(c).strip().casefold(): str(c) for c in frame.columns if c != shapes}
    for column in layer.columns:
        used = matched.get(column.name)
        if used is None or column.type == "id" or column.name in chosen:
            continue
        for other in _other_names(column, layer):
            theirs = by_name.get(other.casefold())
            if theirs is None or theirs in taken:
                continue
            said, theirs_said = _meant(frame[used], column, layer), _meant(frame[theirs], column, layer)
            rows = tuple(
                i
                for i, (x, y) in enumerate(zip(said, theirs_said, strict=True), 1)
                if y is not None and x != y
            )
            if not rows:
                continue
            # Of two names or descriptions either may be shown.
            lost = column.type != "text"
            message = Message(
                "validation.two_differ" if lost else "validation.two_of_one", layer=layer.name, column=column.name,
                zh=column.zh, used=plain(used), other=plain(theirs), rows=rows[:_SHOWN],
            )  # fmt: skip
            severity: Severity = "error" if lost else "warning"
            effect: Effect = "degraded" if lost else "noted"
            found.add("PLAN-SCHEMA-007", severity, effect, message, column=column.name, rows=rows)
            if lost:
                values = frame[used].astype(object)
                values.iloc[[i - 1 for i in rows]] = None
                frame = frame.assign(**{used: values})
    return frame


def _other_names(column: Column, layer: Layer) -> Iterable[str]:
    own = {n for c in layer.columns if c.name != column.name for n in (c.name, c.zh, *c.aliases)}
    return (n for n in (column.zh, *column.aliases) if n not in own)


def _meant(values: pd.Series[Any], column: Column, layer: Layer) -> list[Any]:
    """Return what values mean in a column, None where there is none.

    A number that nobody understands is said all the same; a word that is none of the choices is of another column.
    """
    texts = text_of(values).tolist()
    read = READERS[column.type](values, column, layer, ProblemList(path="", layer=layer.name)).tolist()
    said = column.type in ("int", "float")
    return [(t if said else None) if pd.isna(v) else v for t, v in zip(texts, read, strict=True)]


def _became_days(
    frame: gpd.GeoDataFrame,
    layer: Layer,
    matched: Mapping[str, str],
    found: ProblemList,
) -> None:
    """Tell ids such as 3-1-2 that a spreadsheet took for a day, and wrote as 2003-01-02."""
    for column in layer.columns:
        theirs = matched.get(column.name)
        if column.type != "id" or theirs is None or frame[theirs].dtype.kind in "iuf":
            continue
        values = text_of(frame[theirs]).tolist()
        days = [i for i, v in enumerate(values, start=1) if v is not None and _DAY.fullmatch(v)]
        if days:
            shown = tuple(dict.fromkeys(values[i - 1] for i in days))[:_EXAMPLES]
            message = Message(
                "validation.id_day",
                layer=layer.name,
                column=column.name,
                rows=tuple(days[:_SHOWN]),
                ids=tuple(plain(one) for one in shown),
            )
            found.add("PLAN-ID-008", "warning", "noted", message, column=column.name, rows=days)


def _run_elsewhere(frame: gpd.GeoDataFrame, found: ProblemList) -> None:
    """Tell scripts and formulas in texts; templates are told where columns are read."""
    shapes = frame.active_geometry_name
    for name, kind in frame.dtypes.items():
        if name == shapes or kind.kind in "iufb":
            continue
        values = frame[name].tolist()
        texts = {v for v in values if isinstance(v, str)}
        # Looked at as one text first, each value on a line of its own: next to no column has any.
        if not _RUN_ON_A_LINE.search("\n".join(texts)):
            continue
        bad = {v for v in texts if _RUN.search(v) and not _TEMPLATE.search(v)}
        if bad:
            rows = tuple(i for i, v in enumerate(values, start=1) if v in bad)
            _tell_template(plain(name), rows, bad, found)


def _unsafe_names(names: list[str], found: ProblemList) -> None:
    for name in names:
        if _RUN.search(name):
            _tell_template(plain(name)[:_LONGEST], (), {name}, found)
        if any(hidden(c) for c in name):
            message = Message("validation.hidden_name", layer=found.layer, column=plain(name)[:_LONGEST])
            found.add("PLAN-SEC-010", "warning", "noted", message, column=plain(name))


def _tell_template(column: str, rows: tuple[int, ...], bad: set[str], found: ProblemList) -> None:
    message = Message(
        "validation.template" if rows else "validation.template_name",
        layer=found.layer,
        column=column,
        rows=rows[:_SHOWN],
        examples=tuple(plain(v)[:_LONGEST] for v in sorted(bad)[:_EXAMPLES]),
    )
    found.add("PLAN-SEC-008", "warning", "noted", message, column=column, rows=rows)


def _untangled(frame: gpd.GeoDataFrame, found: ProblemList) -> gpd.GeoDataFrame:
    """Take away shapes that cross themselves so often that mending one would take minutes."""
    shapes = np.asarray(frame.geometry.array, dtype=object)
    large = np.flatnonzero(shapely.get_num_coordinates(shapes) > _MANY)
    if not len(large):
        return frame
    areas = large[np.isin(shapely.get_type_id(shapes[large]), (3, 6))]
    # Whether a heap of rings is sound takes minutes to tell, too.
    heaped = np.array([_heaped(shape) for shape in shapes[areas]], dtype=bool)
    with np.errstate(all="ignore"):
        broken = areas[~heaped][~shapely.is_valid(shapes[areas[~heaped]])]
    tangled = sorted([*(int(i) for i in areas[heaped]), *(int(i) for i in broken if _tangled(shapes[i]))])
    if not tangled:
        return frame
    rows = tuple(i + 1 for i in tangled)
    found.add(
        "PLAN-GEOM-014",
        "error",
        "degraded",
        Message("validation.tangled", layer=found.layer, rows=rows[:_SHOWN], count=len(rows)),
        rows=rows,
    )
    shapes = shapes.copy()
    shapes[tangled] = None
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def _heaped(shape: shapely.Geometry) -> bool:
    """Tell whether a shape of many rings has them all over each other."""
    if shapely.get_num_coordinates(shape) <= _SMALLEST_RING * _MANY:
        return False
    rings = shapely.get_rings(shapely.get_parts(shape))
    bounds = shapely.bounds(rings)
    if len(rings) <= _MANY or not np.isfinite(bounds).all():
        return False
    return _meets_often(np.asarray(shapely.box(*bounds.T), dtype=object), None)


def _tangled(shape: shapely.Geometry) -> bool:
    """Count crossings of an outline with itself, block by block, until there are too many."""
    rings = shapely.get_rings(shapely.get_parts(shape))  # only polygons have rings, not those of many parts
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    if not np.isfinite(coordinates).all():
        return False  # told as broken
    joined = ring[1:] == ring[:-1]
    pairs: NDArray[np.float64] = np.stack([coordinates[:-1], coordinates[1:]], axis=1)[joined]
    segments = np.atleast_1d(np.asarray(shapely.linestrings(pairs), dtype=object))
    return _meets_often(segments, "intersects")


def _meets_often(pieces: NDArray[np.object_], predicate: Literal["intersects"] | None) -> bool:
    """Count how often pieces meet (their boxes, without a predicate), block by block, until it is too often."""
    tree = shapely.STRtree(pieces)
    most = _CROSSINGS * len(pieces)
    block = max(1, min(_BLOCK, _PAIRS // len(pieces)))
    seen = 0
    for start in range(0, len(pieces), block):
        seen += len(tree.query(pieces[start : start + block], predicate=predicate)[0])
        if seen > 2 * most:  # each meeting is seen from both sides
            return True
    return False
