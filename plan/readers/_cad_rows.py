"""Rows of our layers from what is drawn: shapes, attributes of blocks, and the texts that stand in outlines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.contract import Layer
from plan.readers._cad_gather import Doubt, Drawn
from plan.readers._cad_outlines import EXACT_M, closed, doubled, faced, join, nested
from plan.readers._cad_rules import CadRule
from plan.readers._cad_stalls import STALL_M2, details, no_houses, no_single_stalls
from plan.readers._cad_texts import building_name, phrases, several_heights, speaks_of_storeys, storeys
from plan.schema import LAYERS
from plan.validation import match_columns

__all__ = ["HANDLE", "SOURCE", "Row", "Rows", "contradicted", "rows_of"]

_GATE_M: Final = 30.0  # from end to end: the widest gate of an estate
_HALVES: Final = 0.999  # of an outline, that lines within it divide
HANDLE: Final = "cad_handle"  # columns that lead back to the drawing
SOURCE: Final = "cad_layer"

Pair = tuple[Drawn, CadRule]


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """A row while it is put together."""

    shape: Any  # a shape, or None for a row that has none
    cells: dict[str, Any]
    gap: float = 0.0  # metres that were closed in its outline
    joined: int = 0  # lines that it was joined of
    doubt: Doubt = ""  # why it may not be the ground that was meant
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Rows:
    """The rows of a layer, and what happened on the way.

    Parameters
    ----------
    rows : list of Row
        In the order of the drawing, those joined of lines last.
    left : list of Drawn
        Lines on a layer of areas that enclose nothing.
    doubled : int
        Outlines that were drawn again.
    nested : tuple of int
        Places of outlines within another outline.
    disputed : list of int
        Places of outlines with texts that say different storeys or different names.
    unread : dict of int to str
        Places of buildings without storeys in which a text speaks of some, and the text.
    points : int
        Points on a layer of areas or lines, which are none.
    shading : int
        Hatches on a layer of lines, which shade it.
    middles : int
        Lines and outlines on a layer of points, of which the middle was taken.
    divided : int
        Outlines joined of lines that divide a house whose outline is drawn.
    details : int
        Outlines within a single stall, which are no stalls.
    beside : tuple of str
        Texts in no building that say a name or storeys, which a building lacks.
    faced : tuple of int
        Places of barriers that are one face of a wall that is drawn by two lines.
    """

    rows: list[Row] = field(default_factory=list)
    left: list[Drawn] = field(default_factory=list)
    doubled: int = 0
    nested: tuple[int, ...] = ()
    disputed: list[int] = field(default_factory=list)
    unread: dict[int, str] = field(default_factory=dict)
    points: int = 0
    shading: int = 0
    middles: int = 0
    divided: int = 0
    details: int = 0
    beside: tuple[str, ...] = ()
    faced: tuple[int, ...] = ()


def rows_of(name: str, drawn: Sequence[Pair], texts: Sequence[Drawn]) -> Rows:
    """Make the rows of a layer.

    Parameters
    ----------
    name : str
        A layer of the contract.
    drawn : sequence of (Drawn, CadRule)
        What lies on layers of the drawing that are this one, in metres.
    texts : sequence of Drawn
        Texts that may say something about it: all for buildings, those on its own layers for others.
    """
    layer = LAYERS[name]
    out = Rows()
    pool: list[Pair] = []
    instead = _blocks_as_points(layer, drawn)
    depths = _depths(drawn)
    crowns = _crowns(drawn)
    for one, rule in drawn:
        # Of a block either the point or what is in it is meant.
        if one.kind == "text" or (one.kind == "block") != (one.block in instead):
            continue
        if one.kind == "block" and one.depth != depths[one.block]:
            continue
        if one.kind == "line" and "Polygon" in layer.shapes and "LineString" not in layer.shapes:
            outline = closed(one.shape)
            if outline is None:
                pool.append((one, rule))
            else:
                out.rows.append(_row(outline[0], layer, [one], rule, gap=outline[1]))
        else:
            middle = layer.shapes == ("Point",) and one.kind in ("ring", "line", "area")
            made = [
                _row(shape, layer, [one], rule, radius=crowns.get(one.block, one.radius))
                for shape in (_middle(one) if middle else _shapes(one, layer))
            ]
            out.points += one.kind == "point" and not made
            out.shading += one.kind == "area" and not made
            out.middles += middle
            out.rows += made
    _join(layer, _but_details(layer, pool, out.rows), out)
    _drop_doubled(out)
    _drop_divisions(out)
    _drop_details(layer, out)
    _doubt_sizes(name, out)
    places = [i for i, row in enumerate(out.rows) if row.shape.geom_type == "Polygon"]
    areas = [out.rows[i] for i in places]
    beside = _place_texts(areas, texts)
    for place, row in enumerate(out.rows):
        if not _read_texts(layer, row):
            out.disputed.append(place)
    if name == "buildings":
        out.nested = tuple(places[i] for i in nested([row.shape for row in areas]))
        _look_for_storeys(out, beside)
    if name == "barriers":
        walls = [i for i, row in enumerate(out.rows) if row.shape.geom_type == "LineString"]
        out.faced = tuple(walls[i] for i in faced([out.rows[i].shape for i in walls]))
    return out


def _look_for_storeys(out: Rows, beside: Sequence[Drawn]) -> None:
    """Note texts that say what a building lacks: within it in a way that is not read, or beside all buildings."""
    for place, row in enumerate(out.rows):
        if row.cells.get("floors") is None and place not in out.disputed:
            spoken = [text for text in phrases(row.texts) if speaks_of_storeys(text)]
            out.unread |= {place: spoken[0]} if spoken else {}
    lacking = {c for c in ("floors", "building_id") if any(row.cells.get(c) is None for row in out.rows)}
    out.beside = tuple(one.text for one in beside if lacking.intersection(_says(one.text)))


def _says(text: str) -> set[str]:
    """Return which columns of a building a text speaks of for sure; ``12#`` may be a pole, and ``12号`` a gate."""
    said = phrases([text])
    storey = any(storeys(part)[0] is not None for part in said)
    name = any(building_name(part) and not part.endswith(("#", "号")) for part in said)
    return ({"floors"} if storey else set()) | ({"building_id"} if name else set())


def contradicted(rows: Sequence[Row], texts: Sequence[Drawn]) -> tuple[int, ...]:
    """Take the storeys from buildings that were read by their data, where texts that were added in them say others.

    Returns
    -------
    tuple of int
        Their places.
    """
    areas = [row for row in rows if row.shape is not None and row.shape.geom_type == "Polygon"]
    _place_texts(areas, texts)
    out: list[int] = []
    for place, row in enumerate(rows):
        said = {storeys(text)[0] for text in phrases(row.texts)} - {None}
        if said and row.cells.get("floors") is not None and said != {row.cells["floors"]}:
            row.cells["floors"] = None
            out.append(place)
    return tuple(out)


def _blocks_as_points(layer: Layer, drawn: Sequence[Pair]) -> frozenset[int]:
    """Return the blocks that stand for a point: those on layers of points, unless an outline is in them."""
    if "Point" not in layer.shapes:
        return frozenset()
    blocks = {one.block for one, _ in drawn if one.kind == "block"}
    outlined = (
        {one.block for one, _ in drawn if one.kind in ("ring", "area")}
        if "Polygon" in layer.shapes
        else set()
    )
    return frozenset(blocks - outlined)


def _depths(drawn: Sequence[Pair]) -> dict[int, int]:
    """Return at which depth of each block things begin: a group of trees is as many, the leaves of a gate are one gate."""
    shapes: dict[int, int] = {}
    blocks: dict[int, int] = {}
    for one, _ in drawn:
        if one.block and one.kind != "text":
            depths = blocks if one.kind == "block" else shapes
            depths[one.block] = min(depths.get(one.block, one.depth), one.depth)
    return {block: max(first, shapes.get(block, first)) for block, first in blocks.items()}


def _crowns(drawn: Sequence[Pair]) -> dict[int, float]:
    """Return for each block how wide the widest circle in it is: the crown of a tree, the foot of a pole."""
    out: dict[int, float] = {}
    for one, _ in drawn:
        if one.block and one.kind == "circle":
            out[one.block] = max(out.get(one.block, 0.0), one.radius)
    return out


def _shapes(one: Drawn, layer: Layer) -> list[BaseGeometry]:
    """Return what a drawn thing is on a layer; what does not fit the layer is told when the layer is judged."""
    area = "Polygon" in layer.shapes
    if one.kind == "area":
        # A hatch on a layer of lines only shades it.
        return [p for p in shapely.get_parts(one.shape).tolist() if area and p.geom_type == "Polygon"]
    ring = shapely.Polygon(shapely.get_coordinates(one.shape)) if one.kind in ("circle", "ring") else None
    if one.kind == "circle" and ring is not None:
        if any(c.name == "radius_m" for c in layer.columns) or not (area or "LineString" in layer.shapes):
            return [ring.centroid]
        return [ring if area else one.shape]
    if ring is not None and area:
        return [ring]
    if one.kind in ("point", "block") and "Point" not in layer.shapes:
        return []
    return [one.shape]


def _middle(one: Drawn) -> list[BaseGeometry]:
    """Return where a gate stands that is drawn as it is, by its leaf or its posts; what is larger than any stays."""
    x0, y0, x1, y1 = one.shape.bounds
    if math.hypot(x1 - x0, y1 - y0) > _GATE_M:
        return [one.shape]
    if isinstance(one.shape, shapely.LineString) and one.kind == "line":
        return [one.shape.interpolate(0.5, normalized=True)]
    return [one.shape.envelope.centroid]


def _row(
    shape: BaseGeometry,
    layer: Layer,
    sources: Sequence[Drawn],
    rule: CadRule,
    *,
    gap: float = 0.0,
    radius: float = 0.0,
) -> Row:
    first = sources[0]
    cells: dict[str, Any] = dict(rule.values)
    said = {tag: text for one in sources for tag, text in one.columns.items()}
    if said:
        ours = {theirs: name for name, theirs in match_columns(layer, list(said)).items()}
        cells |= {ours.get(tag, tag): text for tag, text in said.items()}
    if radius and first.kind in ("circle", "block") and any(c.name == "radius_m" for c in layer.columns):
        cells.setdefault("radius_m", radius)
    cells |= {HANDLE: first.handle, SOURCE: first.layer}
    return Row(
        shape=shape,
        cells=cells,
        gap=gap if gap > EXACT_M else 0.0,
        joined=len(sources) - 1,
        doubt=next((one.doubt for one in sources if one.doubt), ""),
    )


def _join(layer: Layer, pool: list[Pair], out: Rows) -> None:
    joined = join([one.shape for one, _ in pool])
    for area, sources, gap, doubt in zip(
        joined.areas, joined.sources, joined.gaps, joined.doubts, strict=True
    ):
        if sources:
            row = _row(area, layer, [pool[i][0] for i in sources], pool[sources[0]][1], gap=gap)
            row.joined, row.doubt = len(sources), row.doubt or doubt
            out.rows.append(row)
    out.left = [pool[i][0] for i in joined.left]


def _but_details(layer: Layer, pool: list[Pair], rows: Sequence[Row]) -> list[Pair]:
    """Return lines without those in the outline of their own block, or of a stall: crosses and arrows enclose nothing."""
    areas = [row for row in rows if row.shape.geom_type == "Polygon"]
    if not pool or not areas:
        return pool
    shapes = np.array([row.shape for row in areas], dtype=object)
    single = (
        shapely.area(shapes) <= STALL_M2[1] if layer.name == "stalls" else np.zeros(len(areas), dtype=bool)
    )
    # Within, and not only along the edge, which may be that of the next one.
    which, area = shapely.STRtree(shapes).query([one.shape for one, _ in pool], predicate="within")
    inside = {
        i
        for i, j in zip(which.tolist(), area.tolist(), strict=True)
        if single[j] or (pool[i][0].block and pool[i][0].handle == areas[j].cells[HANDLE])
    }
    return [pair for i, pair in enumerate(pool) if i not in inside]


def _drop_doubled(out: Rows) -> None:
    places = [i for i, row in enumerate(out.rows) if row.shape.geom_type == "Polygon"]
    again = {places[b]: places[a] for b, a in doubled([out.rows[i].shape for i in places]).items()}
    for later, first in again.items():
        # What only the second one says is kept with the first.
        out.rows[first].cells = {**out.rows[later].cells, **out.rows[first].cells}
    out.rows = [row for i, row in enumerate(out.rows) if i not in again]
    out.doubled = len(again)


def _drop_divisions(out: Rows) -> None:
    """Drop what lines within an outline divide it into: the house is drawn, and its ground counts once."""
    joined = [i for i, row in enumerate(out.rows) if row.joined and row.shape.geom_type == "Polygon"]
    whole = [i for i, row in enumerate(out.rows) if not row.joined and row.shape.geom_type == "Polygon"]
    if not joined or not whole:
        return
    shapes = np.array([row.shape for row in out.rows], dtype=object)
    sound = shapely.is_valid(shapes)
    grounds = shapely.buffer(shapes[whole], EXACT_M)
    part, ground = shapely.STRtree(shapes[joined]).query(grounds[sound[whole]], predicate="contains")[::-1]
    around = np.array(whole)[sound[whole]][ground]
    size = shapely.area(shapes)
    shared = np.bincount(around, weights=size[np.array(joined)[part]], minlength=len(shapes))
    full = shared[around] >= _HALVES * size[around]
    drop = set(np.array(joined)[part][full].tolist())
    out.rows = [row for i, row in enumerate(out.rows) if i not in drop]
    out.divided = len(drop)


def _drop_details(layer: Layer, out: Rows) -> None:
    """Of a block with an id keep the outline that holds all its other lines."""
    groups: dict[str, list[int]] = {}
    for i, row in enumerate(out.rows):
        if row.cells.get(layer.id_column) is not None and row.shape.geom_type == "Polygon":
            groups.setdefault(str(row.cells[HANDLE]), []).append(i)
    drop: set[int] = set()
    for places in groups.values():
        largest = max(places, key=lambda i: out.rows[i].shape.area)
        ground = shapely.buffer(out.rows[largest].shape, EXACT_M)
        drop |= {i for i in places if i != largest and ground.covers(out.rows[i].shape)}
    out.rows = [row for i, row in enumerate(out.rows) if i not in drop]


def _doubt_sizes(name: str, out: Rows) -> None:
    if name == "stalls":
        _sort_stalls(out)
    if name == "buildings":
        for i in no_houses([row.shape for row in out.rows]):
            out.rows[i].doubt = out.rows[i].doubt or "no_house"


def _sort_stalls(out: Rows) -> None:
    """Drop what is drawn within a stall, and doubt outlines that are not just one; of a kind that is said none."""
    inner = details([row.shape for row in out.rows])
    out.rows = [row for i, row in enumerate(out.rows) if i not in inner]
    out.details = len(inner)
    for i in no_single_stalls([row.shape for row in out.rows]):
        if "kind" not in out.rows[i].cells:
            out.rows[i].doubt = out.rows[i].doubt or "no_stall"


def _place_texts(areas: Sequence[Row], texts: Iterable[Drawn]) -> list[Drawn]:
    """Give each text to the smallest outline that it begins in, else to that of its middle; return those of none."""
    said = list(texts)
    if not areas or not said:
        return said
    shapes = np.array([row.shape for row in areas], dtype=object)
    size, tree = shapely.area(shapes), shapely.STRtree(shapes)
    ends = shapely.get_coordinates([one.shape for one in said]).reshape(len(said), 2, 2)
    smallest: dict[int, int] = {}
    for places in (ends[:, 1], ends[:, 0]):  # where it begins decides, as what is looked at last
        here: dict[int, int] = {}
        which, area = tree.query(shapely.points(places), predicate="intersects")
        for text, one in zip(which.tolist(), area.tolist(), strict=True):
            if text not in here or size[one] < size[here[text]]:
                here[text] = one
        smallest |= here
    for text in sorted(smallest):
        areas[smallest[text]].texts.append(said[text].text)
    return [one for i, one in enumerate(said) if i not in smallest]


def _read_texts(layer: Layer, row: Row) -> bool:
    """Fill cells that are empty from the texts in an outline; False where two texts disagree."""
    if layer.name == "buildings":
        return _read_building(row)
    column = "name" if any(c.name == "name" for c in layer.columns) else layer.id_column
    texts = tuple(dict.fromkeys(row.texts))
    if len(texts) == 1:
        row.cells.setdefault(column, texts[0])
    return len(texts) <= 1 or column in row.cells


def _read_building(row: Row) -> bool:
    texts = phrases(row.texts)
    heights = [storeys(text) for text in texts]
    # Storeys that a house has not everywhere contradict those of the house, whatever they are.
    several = {text for text in texts if several_heights(text)} if any(up for up, _ in heights) else set()
    told: dict[str, set[Any]] = {
        "building_id": {building_name(text) for text in texts},
        "floors": {above for above, _ in heights}.union(several),
        "floors_below": {below for _, below in heights},
    }
    agreed = True
    for column, values in told.items():
        said = values - {None}
        if len(said) == 1:
            row.cells.setdefault(column, next(iter(said)))
        agreed &= len(said) <= 1 or column in row.cells
    return agreed
