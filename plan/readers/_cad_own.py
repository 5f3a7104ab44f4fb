"""A drawing of our own read back: rows by their records, not by their looks; copies and removals are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import shapely
from ezdxf.document import Drawing
from ezdxf.entities.dxfgfx import DXFGraphic
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from plan.cad.records import Record, read_record
from plan.readers._cad_curves import SAGITTA_M, chain_of
from plan.readers._cad_rows import Row
from plan.schema import LAYERS

__all__ = ["OwnRows", "own_rows"]

_FEWEST: Final = 3  # corners of an area
_Key = tuple[str, str, int]  # layer, change, row


@dataclass(slots=True, kw_only=True, eq=False)
class OwnRows:
    """What records say.

    Parameters
    ----------
    rows : dict of str to list of Row
        By layer, in their order.
    handles : set of str
        Entities that were read by their records.
    removed : int
        Entities that a proposal takes away, which are left out.
    copies : dict of str to list of str
        By layer, the ids that were given to what was copied in AutoCAD together with its record.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    handles: set[str] = field(default_factory=set)
    removed: int = 0
    copies: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _Parts:
    """The entities of one row while they are gathered."""

    cells: dict[str, Any] = field(default_factory=dict)
    outlines: dict[int, list[Any]] = field(default_factory=dict)
    holes: dict[int, list[Any]] = field(default_factory=dict)
    copies: list[tuple[str, BaseGeometry]] = field(default_factory=list)


def own_rows(drawing: Drawing, about: Mapping[str, Any], *, scale: float = 1.0) -> OwnRows:
    """Return the rows of a drawing that ``plan`` wrote.

    Parameters
    ----------
    drawing : Drawing
        The drawing.
    about : mapping
        What it says of itself as a whole.
    scale : float
        Metres in a unit of it, where the user says that it was scaled; it was written in metres.
    """
    out = OwnRows()
    found: dict[_Key, _Parts] = {}
    for entity in drawing.modelspace():
        record = read_record(entity)
        if record is None:
            continue
        out.handles.add(str(entity.dxf.handle))
        if record.change == "removed":
            out.removed += record.role != "note"
        elif record.role != "note" and record.layer in LAYERS:
            parts = found.setdefault((record.layer, record.change, record.row), _Parts())
            _take(entity, record, parts)
    bare = _shapeless(about)
    for key in sorted({*found, *bare}):
        layer = key[0]
        rows = out.rows.setdefault(layer, [])
        if key in bare:
            rows.append(Row(shape=None, cells=bare[key]))
            continue
        parts = found[key]
        shape = _shape(parts)
        if shape is not None:
            rows.append(Row(shape=shape, cells=parts.cells))
        id_column = LAYERS[layer].id_column
        for handle, copy in parts.copies:
            name = f"{parts.cells.get(id_column, '')}#{handle}"
            rows.append(Row(shape=copy, cells={**parts.cells, id_column: name}))
            out.copies.setdefault(layer, []).append(name)
    _bring_to_scale(out, scale)
    return out


def _bring_to_scale(out: OwnRows, scale: float) -> None:
    if scale != 1.0:
        for row in (row for rows in out.rows.values() for row in rows if row.shape is not None):
            row.shape = affinity.scale(row.shape, scale, scale, origin=(0, 0))


def _take(entity: DXFGraphic, record: Record, parts: _Parts) -> None:
    parts.cells = parts.cells or dict(record.columns)
    if record.role == "point":
        place = entity.dxf.get("location")
        shape: Any = None if place is None else shapely.Point(place.x, place.y)
    else:
        chain = chain_of(entity, SAGITTA_M)
        points = [] if chain is None else chain[0]
        line = record.role == "line"
        shape = points if len(points) >= (2 if line else _FEWEST) else None
        if line and shape is not None:
            closed = chain is not None and chain[1]
            shape = shapely.LineString([*points, points[0]] if closed else points)
    if shape is None:
        return
    if record.role == "hole":
        parts.holes.setdefault(record.part, []).append(shape)
    elif record.part in parts.outlines:
        copy = shapely.Polygon(shape) if record.role == "shell" else shape
        parts.copies.append((str(entity.dxf.handle), copy))
    else:
        parts.outlines[record.part] = [record.role, shape]


def _shape(parts: _Parts) -> Any:  # noqa: ANN401 - a shape of any kind, or None
    singles: list[Any] = []
    for part in sorted(parts.outlines):
        role, drawn = parts.outlines[part]
        singles.append(shapely.Polygon(drawn, parts.holes.get(part, [])) if role == "shell" else drawn)
    if not singles:
        return None
    if len(singles) == 1:
        return singles[0]
    kind = singles[0].geom_type
    many: Any = {"Polygon": shapely.MultiPolygon, "LineString": shapely.MultiLineString}.get(
        kind, shapely.MultiPoint
    )
    return many([one for one in singles if one.geom_type == kind])


def _shapeless(about: Mapping[str, Any]) -> dict[_Key, dict[str, Any]]:
    """Return the rows that have no shape; whatever is not in their form is not ours."""
    out: dict[_Key, dict[str, Any]] = {}
    tables = about.get("shapeless")
    for layer, rows in tables.items() if isinstance(tables, dict) else ():
        for row in rows if layer in LAYERS and isinstance(rows, list) else ():
            match row:
                case [int(number), dict(cells)]:
                    out[layer, "", number] = cells
    return out
