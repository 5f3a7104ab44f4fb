"""Everything that a drawing shows, taken apart: lines, areas, points, texts and blocks, each on its layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
import shapely
from ezdxf.document import Drawing
from ezdxf.entities.dxfentity import DXFTagStorage
from ezdxf.entities.dxfgfx import DXFGraphic
from ezdxf.tools.text import plain_mtext
from shapely.geometry.base import BaseGeometry

from plan.readers._cad_counts import handle_of
from plan.readers._cad_curves import chain_of, hatch_area
from plan.readers._cad_labels import label_line
from plan.text_safety import hidden

__all__ = ["Doubt", "Drawn", "Gathered", "gather"]

Doubt = Literal["", "crossed", "courtyard", "miscounted", "no_house", "no_stall", "strip"]
Kind = Literal["line", "ring", "area", "point", "circle", "text", "block"]
_DEEPEST: Final = 12  # blocks within blocks
_MOST: Final = 400_000  # entities, blocks taken apart; a drawing with more is no site plan
# Of a small drawing less: blocks of blocks of blocks are how some kilobytes become millions of things. A block of a
# tree holds some hundred lines.
_SPARE: Final = 20_000
_FOR_EACH: Final = 100  # things shown for each that is stored
_LINES: Final = (
    "LINE", "LWPOLYLINE", "POLYLINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "SOLID", "TRACE", "3DFACE",
)  # fmt: skip
_TEXTS: Final = ("TEXT", "MTEXT")
_PAPER: Final = (*_LINES, "HATCH", "MPOLYGON", "MLINE", "INSERT")  # what is looked for in paper space
_FOREIGN: Final = (
    "TCH_",
    "TDB",
    "AEC",
    "ACDB",
    "GCD",
)  # how 天正 and others of AutoCAD's guests call their objects
_CASS: Final = "SOUTH"  # the application by which CASS keeps its codes
_STRING: Final = 1000  # a group code of XDATA
_FORMS: Final = ("ATTDEF",)  # in a block: to be filled in, and no text
_FARTHEST: Final = 1e12  # units from the origin: 25 times around the earth in millimetres
_FEWEST: Final = 3  # corners of an area


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn:
    """One thing that is drawn.

    Parameters
    ----------
    kind : {"line", "ring", "area", "point", "circle", "text", "block"}
        A ring is a line that the drawing calls closed; a circle is one whose middle may matter more.
    layer : str
        Its layer; what lies on layer 0 of a block is on the layer of the block.
    shape : shapely geometry
        In units of the drawing; of a text a line from its insertion to its middle.
    handle : str
        By which AutoCAD finds it; that of the block for what is in one.
    text : str
        Of a text, plain.
    columns : mapping of str to str
        Attributes of the block that it is part of, by their tags.
    block : int
        A number for each block that is inserted; 0 for what is in none.
    block_name : str
        What the block is called.
    depth : int
        In how many blocks it lies; a block lies in itself.
    code : str
        Of a thing of CASS, which feature of a map it is.
    radius : float
        Of a circle.
    doubt : {"", "crossed", "miscounted"}
        Why it may not be what was meant: boundaries of an area cross, or it has not as many corners as it says.
    """

    kind: Kind
    layer: str
    shape: BaseGeometry
    handle: str = ""
    text: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    block: int = 0
    block_name: str = ""
    depth: int = 0
    code: str = ""
    radius: float = 0.0
    doubt: Doubt = ""


@dataclass(slots=True, kw_only=True, eq=False)
class Gathered:
    """What was found, and what was passed over.

    Parameters
    ----------
    drawn : list of Drawn
        In the order of the drawing.
    skipped : Counter
        By type, entities that have no shape that can be read.
    proxies : Counter
        By type, objects of other programs, such as ``TCH_WALL``.
    external : Counter
        By name, references to other files.
    cyclic : Counter
        By name, blocks that contain themselves or lie too deep.
    broken : Counter
        By type, entities whose numbers make no shape.
    hidden : Counter
        By layer, what is on layers that are off or frozen.
    paper : Counter
        By layer, what is drawn in paper space, which is not read.
    unseen : Counter
        By layer, texts and attributes with characters that nobody sees, which were left out.
    full : bool
        True when there was more than can be read.
    """

    drawn: list[Drawn] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    proxies: Counter[str] = field(default_factory=Counter)
    external: Counter[str] = field(default_factory=Counter)
    cyclic: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    paper: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)
    full: bool = False


def gather(
    drawing: Drawing,
    *,
    sagitta: float,
    wanted_though_hidden: Iterable[str] = (),
    skip: Iterable[str] = (),
    miscounted: frozenset[str] = frozenset(),
) -> Gathered:
    """Take a drawing apart.

    Parameters
    ----------
    drawing : Drawing
        The drawing; its model space is read, paper space is not.
    sagitta : float
        How far a chord may lie from its arc, in units of the drawing.
    wanted_though_hidden : iterable of str
        Layers that are read even when they are off or frozen, because the user named them.
    skip : iterable of str
        Handles of entities that are read elsewhere.
    miscounted : frozenset of str
        Handles of entities that have not as many corners as they say.
    """
    wanted = {name.casefold() for name in wanted_though_hidden}
    frozen = {str(one.dxf.name).casefold() for one in drawing.layers if one.is_frozen()} - wanted
    dark = frozen | ({str(one.dxf.name).casefold() for one in drawing.layers if one.is_off()} - wanted)
    walk = _Walk(
        sagitta=sagitta,
        dark=frozenset(dark),
        frozen=frozenset(frozen),
        skip=frozenset(skip),
        miscounted=miscounted,
    )
    if _shown(drawing) > min(_MOST, _SPARE + _FOR_EACH * len(drawing.entitydb)):
        walk.out.full = True  # nobody waits for what is refused
        return walk.out
    for entity in drawing.modelspace():
        walk.take(entity, _Where())
    for layout in drawing.layouts:
        if layout.is_any_paperspace:
            shapes = (e for e in layout if e.dxftype() in _PAPER)
            walk.out.paper.update(_whole(str(e.dxf.get("layer", "0"))) for e in shapes)
    return walk.out


def _shown(drawing: Drawing) -> int:
    """Count what the model space shows, blocks taken apart as deep as they are, without taking one apart."""
    own: dict[str, int] = {}
    inside: dict[str, Counter[str]] = {}
    for block in drawing.blocks:
        name = str(block.name).casefold()
        own[name], inside[name] = len(block), Counter()
        for entity in block:
            if entity.dxftype() == "INSERT":
                inside[name][str(entity.dxf.name).casefold()] += max(int(getattr(entity, "mcount", 1)), 1)
        del inside[name][name]  # a block in itself is passed over
    counts = dict.fromkeys(own, 0)
    for _ in range(_DEEPEST + 1):
        counts = {
            name: own[name] + sum(times * counts.get(other, 0) for other, times in inside[name].items())
            for name in own
        }
    return counts.get(str(drawing.modelspace().block_record_name).casefold(), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Where:
    """In which blocks something lies."""

    layer: str = ""  # that of the innermost block
    names: tuple[str, ...] = ()
    handle: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    block: int = 0
    doubtful: bool = False  # a block of them is placed by half a place


class _Walk:
    def __init__(
        self,
        *,
        sagitta: float,
        dark: frozenset[str],
        frozen: frozenset[str],
        skip: frozenset[str],
        miscounted: frozenset[str],
    ) -> None:
        self.out = Gathered()
        self._sagitta = sagitta
        self._dark = dark
        self._frozen = frozen
        self._skip = skip
        self._miscounted = miscounted
        self._seen = 0
        self._blocks = 0

    def take(self, entity: DXFGraphic, where: _Where) -> None:
        """Take one entity apart; what it cannot be is counted."""
        self._seen += 1
        if self._seen > _MOST:
            self.out.full = True
            return
        kind = entity.dxftype()
        if isinstance(entity, DXFTagStorage):  # a type that the library does not know, 天正's own among them
            own = kind == "ACAD_PROXY_ENTITY" or kind.startswith(_FOREIGN)
            (self.out.proxies if own else self.out.skipped)[kind] += 1
            return
        if str(entity.dxf.get("handle", "")) in self._skip:
            return
        layer = str(entity.dxf.get("layer", "0"))
        if layer == "0" and where.layer:
            layer = where.layer
        # Of a block on a layer that is off, AutoCAD shows what lies on other layers; of one that is frozen nothing.
        unseen = self._frozen if kind == "INSERT" else self._dark
        if layer.casefold() in unseen or entity.dxf.get("invisible", 0):
            self.out.hidden[layer] += 1
            return
        try:
            self._take(entity, kind, layer, where)
        except Exception:  # noqa: BLE001 - numbers of a stranger's file make no shape, whatever the library says of them
            self.out.broken[kind] += 1

    def _take(self, entity: Any, kind: str, layer: str, where: _Where) -> None:  # noqa: ANN401 - one line a type
        if kind == "INSERT":
            self._insert(entity, layer, where)
        elif kind in _LINES:
            self._line(entity, kind, layer, where)
        elif kind in ("HATCH", "MPOLYGON"):
            area, crossed = hatch_area(entity, self._sagitta)
            if area is not None and not area.is_empty and np.abs(area.bounds).max() < _FARTHEST:
                self._add("area", layer, area, entity, where, doubt="crossed" if crossed else "")
        elif kind == "POINT":
            self._add("point", layer, _point(entity.dxf.location), entity, where)
        elif kind in _TEXTS:
            self._text(entity, layer, where)
        elif kind in ("MULTILEADER", "MLEADER") and entity.has_mtext_content:
            self._leader(entity, layer, where)
        elif kind == "MLINE":
            self._multiline(entity, layer, where)
        elif kind not in _FORMS:
            (self.out.proxies if kind == "ACAD_PROXY_ENTITY" else self.out.skipped)[kind] += 1

    def _line(self, entity: Any, kind: str, layer: str, where: _Where) -> None:  # noqa: ANN401 - by its type
        chain = chain_of(entity, self._sagitta)
        if chain is None:
            self.out.skipped[kind] += 1
            return
        points, closed = chain
        if not all(abs(v) < _FARTHEST for point in points for v in point) or len(points) < 2:  # noqa: PLR2004 - a line
            self.out.broken[kind] += 1
            return
        if closed and points[0] != points[-1]:
            points.append(points[0])
        if kind == "CIRCLE" and len(points) <= _FEWEST:  # its radius is nothing
            self.out.broken[kind] += 1
        elif kind == "CIRCLE":
            self._add("circle", layer, shapely.LineString(points), entity, where, radius=entity.dxf.radius)
        else:
            closed = closed and len(points) > _FEWEST
            self._add("ring" if closed else "line", layer, shapely.LineString(points), entity, where)

    def _multiline(self, entity: Any, layer: str, where: _Where) -> None:  # noqa: ANN401 - by its type
        """Take the line by which several parallel ones were drawn: a wall is one, however many lines it has."""
        points = [(float(v.location.x), float(v.location.y)) for v in entity.vertices]
        if len(points) < 2 or not all(abs(v) < _FARTHEST for point in points for v in point):  # noqa: PLR2004 - a line
            self.out.broken["MLINE"] += 1
            return
        closed = bool(entity.is_closed) and len(points) >= _FEWEST
        line = shapely.LineString([*points, points[0]] if closed else points)
        self._add("ring" if closed else "line", layer, line, entity, where)

    def _text(self, entity: Any, layer: str, where: _Where) -> None:  # noqa: ANN401 - by its type
        said = self._seen_of(entity.plain_text(), layer)
        if said:
            self._add("text", layer, label_line(entity, said), entity, where, text=said)

    def _leader(self, leader: Any, layer: str, where: _Where) -> None:  # noqa: ANN401 - by its type
        """Take the text of a leader for each thing that it points at."""
        said = self._seen_of(str(plain_mtext(leader.get_mtext_content())), layer)
        text = _point(leader.context.mtext.insert)
        lines = (line for one in leader.context.leaders for line in one.lines)
        tips = [_point(line.vertices[0]) for line in lines if line.vertices] or [text]
        for tip in tips if said else ():
            self._add("text", layer, shapely.LineString([tip, text]), leader, where, text=said)

    def _insert(self, insert: Any, layer: str, where: _Where) -> None:  # noqa: ANN401 - by its type
        name = str(insert.dxf.name)
        block = insert.block()
        if block is None or block.block is None:
            self.out.broken["INSERT"] += 1
            return
        if block.block.is_xref or block.block.is_xref_overlay:
            self.out.external[name] += 1
            return
        if name in where.names or len(where.names) >= _DEEPEST:
            self.out.cyclic[name] += 1
            return
        if insert.mcount > 1:
            if self._seen + insert.mcount > _MOST:
                self.out.full = True
                return
            inside = replace(where, handle=where.handle or str(insert.dxf.get("handle", "") or ""))
            for one in insert.multi_insert():
                self._insert(one, layer, inside)
            return
        self._blocks += 1
        said = {
            str(a.dxf.tag): self._seen_of(a.plain_text(), layer)
            for a in (*_constants(block), *insert.attribs)
            if a.dxf.hasattr("tag")
        }
        inside = _Where(
            layer=layer,
            names=(*where.names, name),
            handle=where.handle or str(insert.dxf.get("handle", "") or ""),
            columns={**where.columns, **{tag: text for tag, text in said.items() if text}},
            block=where.block or self._blocks,
            doubtful=where.doubtful or self._counts_wrong(insert),
        )
        if layer.casefold() not in self._dark:
            self._add(
                "block", layer, _point(insert.ocs().to_wcs(insert.dxf.insert)), insert, inside, block=name
            )
        self._labels(insert, inside)
        for part in insert.virtual_entities(skipped_entity_callback=self._note_skipped):
            self.take(part, inside)

    def _labels(self, insert: Any, where: _Where) -> None:  # noqa: ANN401 - by its type
        """Take attributes that are seen as texts, of no layer: for the layer of the block they are columns."""
        for label in insert.attribs:
            said = "".join(c for c in label.plain_text() if not hidden(c)).strip()
            if said and not label.is_invisible:
                self._add("text", "", label_line(label, said), label, where, text=said)

    def _seen_of(self, text: str, layer: str) -> str:
        """Return a text without what nobody sees of it, such as marks that turn its direction."""
        if text.isascii() and text.isprintable():
            return text.strip()
        seen = "".join(c for c in text if not hidden(c))
        if seen != text:
            self.out.unseen[_whole(layer)] += 1
        return seen.strip()

    def _note_skipped(self, entity: DXFGraphic, _why: str) -> None:
        self.out.skipped[entity.dxftype()] += 1

    def _add(
        self,
        kind: Kind,
        layer: str,
        shape: BaseGeometry,
        entity: Any,  # noqa: ANN401 - of any type
        where: _Where,
        *,
        text: str = "",
        block: str = "",
        radius: float = 0.0,
        doubt: Doubt = "",
    ) -> None:
        self.out.drawn.append(
            Drawn(
                kind=kind,
                layer=_whole(layer),
                shape=shape,
                handle=_whole(where.handle or str(entity.dxf.get("handle", "") or "")),
                text=_whole(text),
                columns={_whole(tag): _whole(said) for tag, said in where.columns.items()},
                block=where.block,
                block_name=_whole(block),
                depth=len(where.names),
                code=_code(entity),
                radius=float(radius),
                doubt=doubt or ("miscounted" if where.doubtful or self._counts_wrong(entity) else ""),
            )
        )

    def _counts_wrong(self, entity: Any) -> bool:  # noqa: ANN401 - of any type
        if not self._miscounted:
            return False
        drawn = entity.origin_of_copy or entity  # what is in a block is a copy for each of its places
        pieces = [drawn, *(drawn.vertices if drawn.dxftype() == "POLYLINE" else ())]
        return any(handle_of(one.dxf.get("handle")) in self._miscounted for one in pieces)


def _code(entity: Any) -> str:  # noqa: ANN401 - of any type
    """Return the code that CASS keeps with what it draws; nothing where another program drew it."""
    if not entity.has_xdata(_CASS):
        return ""
    return next((_whole(str(tag.value)) for tag in entity.get_xdata(_CASS) if tag.code == _STRING), "")


def _constants(block: Any) -> Iterator[Any]:  # noqa: ANN401 - a layout of the library
    """Yield the attributes of a block that are the same wherever it is put in; they stand in the block alone."""
    return (one for one in block.attdefs() if one.is_const)


def _whole(text: str) -> str:
    """Return a text without the halves of characters that a broken drawing leaves: nothing can write them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _point(place: Any) -> shapely.Point:  # noqa: ANN401 - a vector of the library
    x, y = float(place.x), float(place.y)
    if not (abs(x) < _FARTHEST and abs(y) < _FARTHEST):
        msg = "a place that is no number"
        raise ValueError(msg)
    return shapely.Point(x, y)
