"""A drawing of our own read back: rows by their records, not by their looks; copies and removals are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import shapely
from ezdxf.document import Drawing
from ezdxf.entities.dxfgfx import DXFGraphic
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from plan.cad.layers import REMOVED
from plan.cad.records import Record, read_record
from plan.readers._cad_curves import SAGITTA_M, chain_of
from plan.readers._cad_rows import HANDLE, Row
from plan.readers._cad_rules import rule_for
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
    opened : dict of str to list of str
        By layer, the ids of areas whose outline is no longer closed.
    torn : dict of str to list of str
        By layer, the ids of shapes that have no longer as many parts and courtyards as they had.
    moved : Counter
        By layer and the layer of the drawing that they were put on, entities that by its name would be others.
    hidden : Counter
        By layer of the drawing, entities that are off, frozen or hidden, and were read by their records.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    handles: set[str] = field(default_factory=set)
    removed: int = 0
    copies: dict[str, list[str]] = field(default_factory=dict)
    opened: dict[str, list[str]] = field(default_factory=dict)
    torn: dict[str, list[str]] = field(default_factory=dict)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, eq=False)
class _Parts:
    """The entities of one row while they are gathered."""

    cells: dict[str, Any] = field(default_factory=dict)
    outlines: dict[int, list[Any]] = field(default_factory=dict)
    holes: dict[int, list[Any]] = field(default_factory=dict)
    copies: list[tuple[str, BaseGeometry]] = field(default_factory=list)
    opened: bool = False
    handle: str = ""  # of its first entity
    pieces: int = 0  # of which it is, as its records say
    found: int = 0  # of which it is, without copies


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
    dark = {str(one.dxf.name).casefold() for one in drawing.layers if one.is_off() or one.is_frozen()}
    for entity in drawing.modelspace():
        record = read_record(entity)
        # A record that names no layer of ours is damaged: what it stands with is read as others are.
        if record is None or (record.role != "note" and record.layer not in LAYERS):
            continue
        out.handles.add(str(entity.dxf.handle))
        if record.role == "note":
            continue
        if record.change == "removed" or _put_aside(entity):
            out.removed += 1
            continue
        _look_where(entity, record, dark, out)
        parts = found.setdefault((record.layer, record.change, record.row), _Parts())
        _take(entity, record, parts)
    bare = _shapeless(about)
    for key in sorted({*found, *bare}):
        layer = key[0]
        rows = out.rows.setdefault(layer, [])
        if key in bare:
            rows.append(Row(shape=None, cells=bare[key]))
            continue
        _settle(layer, found[key], rows, out)
    _bring_to_scale(out, scale)
    return out


def _settle(layer: str, parts: _Parts, rows: list[Row], out: OwnRows) -> None:
    """Make rows of the pieces of one, and note what was done to it."""
    _share_holes(parts)
    id_column = LAYERS[layer].id_column
    if not parts.cells.keys() - {HANDLE}:
        parts.cells = {id_column: f"#{parts.handle}"}  # the entity that had them is gone
    name = str(parts.cells.get(id_column, ""))
    shape = _shape(parts)
    if shape is not None:
        rows.append(Row(shape=shape, cells=parts.cells))
    if parts.opened:
        out.opened.setdefault(layer, []).append(name)
    if parts.pieces and parts.found != parts.pieces:
        out.torn.setdefault(layer, []).append(name)
    for handle, copy in parts.copies:
        rows.append(Row(shape=copy, cells={**parts.cells, id_column: f"{name}#{handle}"}))
        out.copies.setdefault(layer, []).append(f"{name}#{handle}")


def _put_aside(entity: DXFGraphic) -> bool:
    """Tell whether people put an entity on a layer of what is pulled down."""
    name = str(entity.dxf.get("layer", ""))
    return any(word in name for word in (REMOVED, "拟拆", "待拆"))


def _look_where(entity: DXFGraphic, record: Record, dark: Collection[str], out: OwnRows) -> None:
    """Note an entity on a layer that by its name is another one, and one that the drawing does not show."""
    name = str(entity.dxf.get("layer", ""))
    if name.casefold() in dark or entity.dxf.get("invisible", 0):
        out.hidden[name] += 1
    rule = rule_for(name, ())
    if rule is not None and rule.layer != record.layer:
        out.moved[record.layer, name] += 1


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
        parts.opened |= record.role in ("shell", "hole") and not (chain is not None and chain[1])
        line = record.role == "line"
        shape = points if len(points) >= (2 if line else _FEWEST) else None
        if line and shape is not None:
            closed = chain is not None and chain[1]
            shape = shapely.LineString([*points, points[0]] if closed else points)
    if shape is None:
        return
    parts.handle = parts.handle or str(entity.dxf.handle)
    parts.pieces = max(parts.pieces, record.pieces)
    if record.role == "hole":
        parts.holes.setdefault(record.part, []).append(shape)
        parts.found += 1
    elif record.part in parts.outlines:
        copy = shapely.Polygon(shape) if record.role == "shell" else shape
        parts.copies.append((str(entity.dxf.handle), copy))
    else:
        parts.outlines[record.part] = [record.role, shape]
        parts.found += 1


def _share_holes(parts: _Parts) -> None:
    """Give courtyards that were copied with their outline to the copy that they lie in."""
    if not parts.copies or not parts.holes:
        return
    shells = {
        part: shapely.Polygon(drawn) for part, (role, drawn) in parts.outlines.items() if role == "shell"
    }
    for part, holes in parts.holes.items():
        kept = []
        for hole in holes:
            ground = shapely.Polygon(hole)
            own = part in shells and _holds(shells[part], ground)
            at = next(
                (i for i, (_, copy) in enumerate(parts.copies) if not own and _holds(copy, ground)), None
            )
            if at is None:
                kept.append(hole)
            else:
                handle, copy = parts.copies[at]
                parts.copies[at] = (handle, copy.difference(ground))
        parts.found -= len(holes) - len(kept)
        parts.holes[part] = kept


def _holds(shell: BaseGeometry, ground: BaseGeometry) -> bool:
    return bool(shell.is_valid and ground.is_valid and shell.covers(ground))


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
