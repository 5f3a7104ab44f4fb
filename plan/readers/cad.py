"""Drawings of AutoCAD, 天正 and CASS as layers: opened without trust, placed, mapped, and every choice told."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from plan.cad.records import read_about
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cad_counts import handle_of
from plan.readers._cad_curves import SAGITTA_M
from plan.readers._cad_gather import Drawn, Gathered, gather
from plan.readers._cad_open import OpenedDrawing, is_drawing, open_drawing
from plan.readers._cad_own import OwnRows, own_rows
from plan.readers._cad_place import UNITS_M, Place, Units, declared_m, georeference, placed, sized, unit_m
from plan.readers._cad_rows import Row, contradicted, rows_of
from plan.readers._cad_rules import CadRule, rule_for
from plan.readers._cad_told import tell_layers, tell_own, tell_passed_over, tell_rows
from plan.readers.raw import RawLayer
from plan.schema import LAYERS
from plan.site import SITE_TABLE
from plan.text_safety import plain

__all__ = ["Units", "is_drawing", "read_cad"]

_ROWS: Final = 20  # rows that a message lists


def read_cad(
    path: Path,
    shown: str,
    found: ProblemList,
    *,
    encoding: str | None = None,
    rules: Sequence[CadRule] = (),
    units: Units | None = None,
) -> list[RawLayer]:
    """Read a DXF drawing.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems are noted; ``PLAN-CAD`` ones are about drawings only.
    encoding : str, optional
        What the user says that its texts are encoded in.
    rules : sequence of CadRule
        What the user says about its layers and blocks.
    units : {"mm", "cm", "m"}, optional
        What the user says that it is drawn in.

    Returns
    -------
    list of RawLayer
        A layer for each of ours that something was drawn for; when nothing could be told, the layers as they are
        called in the drawing.
    """
    with _uncollected():
        return _read_cad(path, shown, found, encoding=encoding, rules=rules, units=units)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Read without the collector of cycles: a drawing is a million objects that all stay, which it would go through."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_cad(
    path: Path,
    shown: str,
    found: ProblemList,
    *,
    encoding: str | None,
    rules: Sequence[CadRule],
    units: Units | None,
) -> list[RawLayer]:
    opened = open_drawing(path, found, encoding=encoding)
    if opened is None:
        return []
    about = read_about(opened.drawing)
    given: Units | None = units or ("m" if about else None)
    own = own_rows(opened.drawing, about, scale=UNITS_M[given or "m"]) if about else OwnRows()
    gathered, place = _placed(opened, own, found, rules=rules, units=given)
    crs = _crs(about.get("crs"), found) if about else place.crs
    tell_passed_over(gathered, rules, found)
    tell_own(own, found)
    mapped, texts, unknown, left_out = _mapped(gathered.drawn, rules)
    tell_layers(mapped, unknown, left_out, found)
    frames = {name: rows for name, rows in own.rows.items() if rows}
    if against := contradicted(frames.get("buildings", []), texts):
        found.layer = "buildings"
        message = Message("cad.text_against", count=len(against), rows=tuple(i + 1 for i in against[:_ROWS]))
        found.add(
            "PLAN-CAD-020", "warning", "degraded", message, column="floors", rows=[i + 1 for i in against]
        )
        found.layer = ""
    for name, pairs in sorted(mapped.items(), key=lambda item: list(LAYERS).index(item[0])):
        said = texts if name == "buildings" else [one for one, _ in pairs if one.kind == "text"]
        rows = rows_of(name, pairs, said)
        found.layer = name
        frames[name] = [*frames.get(name, []), *rows.rows]
        _fill_ids(name, frames[name], found)  # before anything is told of them by their ids
        tell_rows(name, rows, len(frames[name]) - len(rows.rows), found)
        found.layer = ""
    layers = [
        # Columns that its records had are kept where any of them is left.
        _raw(
            name,
            rows,
            about if own.rows.get(name) else {},
            found,
            crs=crs,
            shown=shown,
            encoding=opened.encoding,
        )
        for name, rows in frames.items()
        if rows
    ]
    own_miscounted = opened.miscounted.intersection(map(handle_of, own.handles))
    if opened.mended or own_miscounted:
        _tell_mended(layers, found)
    if place.crs is None:
        layers = [replace(layer, unit_m=place.scale, unit_sure=not place.decided) for layer in layers]
    if about:
        return [*layers, _site_table(about, shown)]
    return layers or _as_called(unknown, crs, shown, opened.encoding)


def _placed(
    opened: OpenedDrawing,
    own: OwnRows,
    found: ProblemList,
    *,
    rules: Sequence[CadRule],
    units: Units | None,
) -> tuple[Gathered, Place]:
    """Take a drawing apart and bring it to its place; curves need to know the scale first."""
    drawing = opened.drawing
    named = tuple(p for rule in rules if rule.layer for p in rule.match if not set(p) & set("*?["))
    declared = declared_m(drawing)
    place = georeference(drawing, found)
    if place is not None and units is not None:
        place = replace(place, scale=UNITS_M[units])
    scale = place.scale if place is not None else declared or 1.0

    def take(unit: float) -> Gathered:
        return gather(
            drawing,
            sagitta=SAGITTA_M / unit,
            wanted_though_hidden=named,
            skip=own.handles,
            miscounted=opened.miscounted,
        )

    gathered = take(scale)
    if place is not None and units is None and not sized(place, gathered.drawn):
        found.add("PLAN-CAD-012", "error", "refused", Message("cad.geodata_scale", scale=f"{place.scale:g}"))
    if place is None:
        decided, by_size = unit_m(declared, gathered.drawn, found, given=units)
        place = Place(scale=decided, decided=by_size)
        gathered = gathered if decided == scale else take(decided)
    gathered.drawn = placed(gathered.drawn, place)
    return gathered, place


def _crs(text: object, found: ProblemList) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(str(text))
    except pyproj.exceptions.CRSError:
        message = Message("readers.crs_unreadable", crs=plain(text)[:200])
        found.add("PLAN-CRS-001", "error", "noted", message)
        return None


def _mapped(
    drawn: Sequence[Drawn], rules: Sequence[CadRule]
) -> tuple[dict[str, list[tuple[Drawn, CadRule]]], list[Drawn], dict[str, list[Drawn]], Counter[str]]:
    """Sort what is drawn: by our layers, texts, layers of which nothing is known, and those left out on purpose."""
    mapped: dict[str, list[tuple[Drawn, CadRule]]] = {}
    unknown: dict[str, list[Drawn]] = {}
    left_out: Counter[str] = Counter()
    known: dict[tuple[str, str, str], CadRule | None] = {}
    filled = {
        one.block for one in drawn if one.kind not in ("text", "block")
    }  # what is in them is told instead
    for one in drawn:
        key = (one.layer, one.block_name, one.code)
        if key not in known:
            known[key] = rule_for(one.layer, rules, block=one.block_name, code=one.code)
        rule = known[key]
        if rule is not None and rule.layer:
            mapped.setdefault(rule.layer, []).append((one, rule))
        elif rule is None and one.kind != "text" and not (one.kind == "block" and one.block in filled):
            unknown.setdefault(one.layer, []).append(one)
        elif rule is not None and one.kind not in ("text", "block"):
            left_out[f"{one.layer} {one.code}" if rule.codes else one.layer] += 1
    # What is written on rooms says nothing of the house that they are in.
    of_rooms = {id(one) for one, _ in mapped.get("rooms", ())}
    texts = [one for one in drawn if one.kind == "text" and id(one) not in of_rooms]
    return mapped, texts, unknown, left_out


def _as_called(
    unknown: Mapping[str, Sequence[Drawn]], crs: pyproj.CRS | None, shown: str, encoding: str
) -> list[RawLayer]:
    """Return the layers of a drawing of which nothing could be told, so that they are seen and refused by name."""
    out = []
    for name, drawn in unknown.items():
        shapes = [
            shapely.Polygon(shapely.get_coordinates(one.shape)) if one.kind == "ring" else one.shape
            for one in drawn
        ]
        handles = [one.handle for one in drawn]
        frame = gpd.GeoDataFrame({"cad_handle": handles}, geometry=gpd.GeoSeries(shapes, crs=crs))
        out.append(RawLayer(name="", frame=frame, path=shown, source_layer=name, encoding=encoding))
    return out


def _raw(
    name: str,
    rows: Sequence[Row],
    about: Mapping[str, Any],
    found: ProblemList,
    *,
    crs: pyproj.CRS | None,
    shown: str,
    encoding: str,
) -> RawLayer:
    layer = LAYERS[name]
    found.layer = name
    _fill_ids(name, rows, found)
    kept = about.get("columns", {}).get(name, []) if isinstance(about.get("columns"), dict) else []
    columns = list(dict.fromkeys([*map(str, kept), *(c for row in rows for c in row.cells)]))
    table: dict[str, list[Any]] = {c: [row.cells.get(c) for row in rows] for c in columns}
    for column in layer.columns:
        if column.required and column.name not in table and column.name != layer.id_column:
            table[column.name] = [None] * len(rows)
            message = Message("cad.not_drawn", layer=name, column=column.name, zh=column.zh)
            found.add("PLAN-CAD-019", "warning", "degraded", message, column=column.name)
    found.layer = ""
    cells = {c: pd.Series(values, dtype=object) for c, values in table.items()}
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [row.shape for row in rows]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(cells, index=range(len(rows))),
        geometry=gpd.GeoSeries(shapes, index=range(len(rows)), crs=crs),
    )
    called = sorted({str(row.cells["cad_layer"]) for row in rows if "cad_layer" in row.cells})
    return RawLayer(
        name=name, frame=frame, path=shown, source_layer=", ".join(called) or layer.zh, encoding=encoding
    )


def _fill_ids(name: str, rows: Sequence[Row], found: ProblemList) -> None:
    """Where some rows have an id, or all must, name the others by their handles."""
    key = LAYERS[name].id_column
    empty = [i for i, row in enumerate(rows) if row.cells.get(key) is None]
    if not empty or (len(empty) == len(rows) and name not in ("households", "rooms")):
        return
    used = Counter(str(row.cells[key]) for row in rows if row.cells.get(key) is not None)
    for i in empty:
        handle = f"#{rows[i].cells.get('cad_handle', '')}"
        used[handle] += 1
        rows[i].cells[key] = handle if used[handle] == 1 else f"{handle}-{used[handle]}"
    message = Message("cad.ids_by_handle", column=key, count=len(empty), of=len(rows))
    found.add("PLAN-CAD-018", "warning", "noted", message, column=key, rows=(i + 1 for i in empty))


def _tell_mended(layers: Sequence[RawLayer], found: ProblemList) -> None:
    """Name every row of a drawing whose structure was broken: a number too few moves a corner, and nobody sees it."""
    for layer in layers:
        key = LAYERS[layer.name].id_column
        ids = layer.frame[key] if key in layer.frame.columns else range(1, len(layer.frame) + 1)
        message = Message("cad.doubtful", layer=layer.name, count=len(layer.frame))
        found.layer = layer.name
        found.add(
            "PLAN-GEOM-013",
            "warning",
            "repaired",
            message,
            rows=range(1, len(layer.frame) + 1),
            features=map(str, ids),
        )
    found.layer = ""


def _site_table(about: Mapping[str, Any], shown: str) -> RawLayer:
    """Return what a drawing of ours says of itself in the form in which a GeoPackage of ours says it."""
    said = {
        "name": str(about.get("name") or ""),
        "attribution": str(about.get("attribution") or ""),
        "estimates": ";".join(map(str, about.get("estimates") or ())),
        "problems": json.dumps(about.get("problems") or []),
        "results": "",
    }
    table = gpd.GeoDataFrame(
        {"key": list(said), "value": list(said.values())}, geometry=gpd.GeoSeries([None] * len(said))
    )
    return RawLayer(name="", frame=table, path=shown, source_layer=SITE_TABLE)
