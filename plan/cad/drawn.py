"""A site drawn: shapes on layers that planners know, each carrying its row; notes beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from ezdxf.document import Drawing
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts.layout import Modelspace
from shapely.geometry.base import BaseGeometry

from plan.cad.document import FONT, new_drawing, to_bytes, without_clock
from plan.cad.layers import LOOKS, Change, dxf_layer
from plan.cad.records import Record, Role, Value, plain_value, write_about, write_record
from plan.cad.texts import escape, line
from plan.crs import wkt
from plan.files import write_bytes
from plan.messages import Message, translate
from plan.schema import LAYERS
from plan.site import Site

__all__ = ["about", "draw_layer", "ensure_layer", "site_dxf"]

# What stands in or beside a drawn thing: its id and this column, where there is one. Height in metres.
_NOTED: Final[dict[str, tuple[str, float]]] = {
    "parcels": ("name", 4.0),
    "communities": ("name", 4.0),
    "grids": ("name", 3.0),
    "buildings": ("floors", 2.0),
    "rooms": ("name", 0.8),
    "facilities": ("name", 1.2),
    "entrances": ("", 0.5),
    "elevators": ("", 0.6),
    "open_spaces": ("name", 1.5),
    "fire_lanes": ("", 1.2),
}
_ATTRIBUTION_M: Final = 4.0  # height of the text, in metres
_LINE_STEP: Final = 1.4  # of the height of a text, to the next line
_REMOVED_COLOR: Final = 1  # what goes is red, and dashed
_NEW_COLOR: Final = 3  # what is new is green


def site_dxf(site: Site, path: Path | str, *, lang: str = "zh") -> None:
    """Draw a site as a DXF file that AutoCAD, 天正 and QGIS open.

    Layers have the Chinese names of the contract (``建筑``, ``停车位`` …), coordinates are metres of the site's system,
    and every column of every row is kept as XDATA, so that reading the file again gives the same site.

    Parameters
    ----------
    site : Site
        What is drawn.
    path : path-like
        The target; what was there is replaced whole.
    lang : {"zh", "en"}, default "zh"
        Language of what the properties of the drawing say.

    Raises
    ------
    OutputError
        If it cannot be written; the old file is then untouched.
    """
    with without_clock():
        drawing = new_drawing()
        about(drawing, site, lang=lang)
        for name, frame in site.layers.items():
            draw_layer(drawing, name, frame)
        write_bytes(path, to_bytes(drawing))


def about(drawing: Drawing, site: Site, *, lang: str, skip: Iterable[str] = ()) -> None:
    """Say of a drawing what no shape says: the system, the columns, and rows that have no shape.

    Parameters
    ----------
    drawing : Drawing
        The drawing.
    site : Site
        What it shows.
    lang : {"zh", "en"}
        Language of its properties, which AutoCAD shows with DWGPROPS.
    skip : iterable of str
        Layers that are not drawn.
    """
    shown = {name: frame for name, frame in site.layers.items() if name not in tuple(skip)}
    write_about(
        drawing,
        {
            "name": site.name,
            "crs": _crs_text(site.crs),
            "attribution": site.attribution,
            "estimates": [name for name in site.estimates if name in shown],
            "problems": [
                {
                    **p.to_dict("zh"),
                    "message_en": translate(p.message, "en"),
                    "cure_en": translate(p.cure, "en"),
                }
                for p in site.problems
                if p.effect in ("repaired", "degraded") and p.layer in shown
            ],
            "columns": {name: [str(c) for c in _columns(frame)] for name, frame in shown.items()},
            "shapeless": {name: rows for name, frame in shown.items() if (rows := _shapeless(frame))},
        },
    )
    properties = {
        "name": site.title,
        "crs": f"{site.crs.name} ({_crs_text(site.crs)})" if site.crs.to_epsg() else site.crs.name,
        "attribution": site.attribution,
    }
    for key, value in properties.items():
        if value:
            drawing.header.custom_vars.append(Message(f"cad.property_{key}").to(lang), escape(value))
    _attribute(drawing, site.attribution, shown)


def _attribute(drawing: Drawing, attribution: str, shown: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write below what is drawn who must be named beside it."""
    drawn = [
        name for name, frame in shown.items() if not (frame.geometry.isna() | frame.geometry.is_empty).all()
    ]
    if not (attribution and drawn):
        return
    bounds = np.array([shown[name].total_bounds for name in drawn])
    title = ensure_layer(drawing, drawn[0], notes=True)
    entity = drawing.modelspace().add_text(
        line(attribution), height=_ATTRIBUTION_M, dxfattribs={"layer": title, "style": FONT}
    )
    below = (float(bounds[:, 0].min()), float(bounds[:, 1].min()) - 2 * _ATTRIBUTION_M)
    entity.set_placement(below, align=TextEntityAlignment.TOP_LEFT)
    write_record(entity, Record(layer=drawn[0], row=0, role="note"))


def _crs_text(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else wkt(crs)


def _columns(frame: gpd.GeoDataFrame) -> list[Any]:
    return [c for c in frame.columns if c != frame.geometry.name]


def _shapeless(frame: gpd.GeoDataFrame) -> list[tuple[int, dict[str, Value]]]:
    """Return the rows that have no shape, each with its 1-based place."""
    bare = frame.geometry.isna() | frame.geometry.is_empty
    return [(row, values) for row, values in _rows(frame) if bare.iloc[row - 1]]


def _rows(frame: gpd.GeoDataFrame) -> list[tuple[int, dict[str, Value]]]:
    names = _columns(frame)
    cells = zip(*(frame[name].tolist() for name in names), strict=True) if names else [()] * len(frame)
    return [
        (
            row,
            {
                str(n): v
                for n, cell in zip(names, values, strict=True)
                if (v := plain_value(cell)) is not None
            },
        )
        for row, values in enumerate(cells, start=1)
    ]


def ensure_layer(drawing: Drawing, name: str, change: Change = "", *, notes: bool = False) -> str:
    """Return the drawing's layer for rows of ours, made when it is not there yet."""
    title = dxf_layer(name, change, notes=notes)
    if title not in drawing.layers:
        look = LOOKS[name]
        drawing.layers.add(
            title,
            color={"": look.color, "new": _NEW_COLOR, "removed": _REMOVED_COLOR}[change],
            linetype="DASHED" if change == "removed" else "CONTINUOUS" if notes else look.linetype,
            lineweight=look.weight,
        )
    return title


def draw_layer(drawing: Drawing, name: str, frame: gpd.GeoDataFrame, *, change: Change = "") -> None:
    """Draw the rows of a layer with their notes.

    Parameters
    ----------
    drawing : Drawing
        Where to.
    name : str
        A layer of the contract.
    frame : geopandas.GeoDataFrame
        Its rows, in metres; rows without a shape are passed over.
    change : {"", "new", "removed"}
        What becomes of them in a proposal: each change has a layer of its own.
    """
    space = drawing.modelspace()
    title = ensure_layer(drawing, name, change)
    for (row, values), shape in zip(_rows(frame), frame.geometry.tolist(), strict=True):
        if shape is None or shape.is_empty:
            continue
        record = Record(layer=name, row=row, role="line", change=change, columns=values)
        _draw(space, shape, title, record)
        _draw_radius(space, shape, title, record)
        if name in _NOTED:
            _note(drawing, shape, record)


def _draw(space: Modelspace, shape: BaseGeometry, title: str, record: Record) -> None:
    parts = shapely.get_parts(shape).tolist()
    pieces = sum(1 + len(single.interiors) if single.geom_type == "Polygon" else 1 for single in parts)
    record = replace(record, pieces=pieces)
    for part, single in enumerate(parts):
        if single.geom_type == "Polygon":
            drawn: list[tuple[Role, Any]] = [("shell", single.exterior)]
            drawn += [("hole", ring) for ring in single.interiors]
        else:
            drawn = [("point" if single.geom_type == "Point" else "line", single)]
        for role, piece in drawn:
            entity = _entity(space, shapely.get_coordinates(piece).tolist(), title, role)
            write_record(entity, replace(record, role=role, part=part))
            record = replace(record, columns={})  # the others point at the first by its row


def _entity(space: Modelspace, points: list[tuple[float, float]], title: str, role: Role) -> DXFGraphic:
    if role == "point":
        return space.add_point(points[0], {"layer": title})
    closed = role != "line"
    return space.add_lwpolyline(points[:-1] if closed else points, close=closed, dxfattribs={"layer": title})


def _draw_radius(space: Modelspace, shape: BaseGeometry, title: str, record: Record) -> None:
    """Draw how wide a tree or a pole is, around the point that stands for it."""
    radius = record.columns.get("radius_m")
    if shape.geom_type == "Point" and isinstance(radius, int | float) and radius > 0:
        circle = space.add_circle((shape.centroid.x, shape.centroid.y), radius, {"layer": title})
        write_record(circle, _as_note(record))


def _note(drawing: Drawing, shape: BaseGeometry, record: Record) -> None:
    column, height = _NOTED[record.layer]
    name = record.columns.get(LAYERS[record.layer].id_column)
    more = record.columns.get(column)
    more = f"{more}F" if column == "floors" and more is not None else more
    place = shape.representative_point()
    title = ensure_layer(drawing, record.layer, record.change, notes=True)
    for step, text in enumerate(str(t) for t in (name, more) if t is not None):
        entity = drawing.modelspace().add_text(
            line(text), height=height, dxfattribs={"layer": title, "style": FONT}
        )
        at = (place.x, place.y - step * height * _LINE_STEP)
        entity.set_placement(at, align=TextEntityAlignment.MIDDLE_CENTER)
        write_record(entity, _as_note(record))


def _as_note(record: Record) -> Record:
    return Record(layer=record.layer, row=record.row, role="note", change=record.change)
