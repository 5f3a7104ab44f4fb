"""A map as SVG for paper: the drawings of the hearing map, clipped to a frame, with labels, a scale and north."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyproj
import shapely

from plan.cartography.furniture import frame_of, north_arrow, scale_bar
from plan.cartography.ink import LINE_MM, SYMBOL_MM, fill_of, number, path_of, stroke_of, symbol
from plan.cartography.labels import LEAST_PT, Along, Beside, Board, Box, Inside, Label, place_labels, widest
from plan.cartography.letters import FAMILY, POINT_MM
from plan.cartography.spreading import Symbol, leader, shrunk, spread
from plan.cartography.view import Extent, View, view_of
from plan.crs import WGS84, transformer

if TYPE_CHECKING:
    from plan.maps.layers import Drawing
    from plan.maps.palette import Style
    from plan.maps.words import Words

__all__ = ["Picture", "in_metres", "map_svg", "picture_of"]

_MARGIN_MM: Final = 4.0  # beyond the frame up to which shapes are kept, so that no cut edge is seen
_FINE_MM: Final = 0.05  # of a shape's corners that nobody sees
_FAINT: Final = 0.45  # strength of the colours of what a sheet is not about
_DOT_SCALE: Final = 1000  # at which dots have the size of the palette
_UNWRITTEN: Final = ("stalls", "proposals", "elevators")
_SMALL_MM: Final = 7.0
# What is written first; a number of a building before anything else.
_RANK: Final = {
    "buildings": 0.0,
    "rooms": 1.0,
    "pinches": 1.5,
    "entrances": 2.0,
    "proposals": 2.0,
    "parcels": 3.0,
    "communities": 3.0,
    "grids": 3.5,
    "open_spaces": 4.0,
    "facilities": 5.0,
    "walkways": 6.0,
}
_TITLE_KINDS: Final = ("parcels", "communities", "grids")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A map as SVG, and what stands where."""

    svg: str
    view: View
    labels: tuple[Label, ...]


def in_metres(drawings: Iterable[Drawing], crs: pyproj.CRS) -> list[Drawing]:
    """Return drawings of the hearing map with their shapes in metres.

    Parameters
    ----------
    drawings : iterable of Drawing
        Their shapes in WGS 84, as a page holds them.
    crs : pyproj.CRS
        The system of the site.

    Returns
    -------
    list of Drawing
        New ones; what has no shape keeps its place.
    """
    change = transformer(WGS84, crs)

    def moved(coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack(change.transform(coordinates[:, 0], coordinates[:, 1]))

    out = []
    for drawing in drawings:
        shapes = np.array([*drawing.shapes, None], dtype=object)[:-1]
        out.append(replace(drawing, shapes=list(shapely.transform(shapely.force_2d(shapes), moved))))
    return out


def map_svg(
    drawings: Sequence[Drawing],
    *,
    extent: Extent,
    size_mm: tuple[float, float],
    words: Words,
    emphasise: Collection[str] | None = None,
    labels: bool = True,
) -> str:
    """Draw a map; see :func:`picture_of`."""
    return picture_of(
        drawings, view=view_of(extent, size_mm), words=words, emphasise=emphasise, labels=labels
    ).svg


def picture_of(
    drawings: Sequence[Drawing],
    *,
    view: View,
    words: Words,
    emphasise: Collection[str] | None = None,
    labels: bool = True,
    nested: str = "",
) -> Picture:
    """Draw a map.

    Parameters
    ----------
    drawings : sequence of Drawing
        From the ground up, their shapes in metres (:func:`in_metres`).
    view : View
        What is seen, at which scale.
    words : Words
        The language.
    emphasise : collection of str, optional
        Ids of drawings that the sheet is about; the others are drawn faintly. By default all are.
    labels : bool, default True
        Whether names are written.
    nested : str, optional
        A name of its own, where it is one of the small maps of a sheet: without scale and north.

    Returns
    -------
    Picture
        The SVG has the size of the paper in millimetres, and its user unit is one.
    """
    ground: list[str] = []
    symbols: list[Symbol] = []
    wanted: list[Beside | Inside | Along] = []
    small: list[Box] = []
    for drawing in drawings:
        share = 1.0 if emphasise is None or drawing.id in emphasise else _FAINT
        parts = _Parts.of(drawing, view)
        ground += _areas_and_lines(drawing, parts, view, share)
        found = list(_symbols(drawing, parts, view))
        ground += [_drawn(one, share) for one in found if one.of.style.get("s") == "dot"]
        symbols += [one for one in found if one.of.style.get("s") != "dot"]
        if labels:
            small += _small_areas(drawing, parts, view)
            wanted += _on_shapes(drawing, parts, {one.index for one in found}, view)
    board = Board(view.width_mm, view.height_mm)
    pieces = () if nested else (scale_bar(view, words), north_arrow(view, words))
    taken = [piece.box for piece in pieces]
    symbols = spread(shrunk(symbols), width_mm=view.width_mm, height_mm=view.height_mm, taken=taken)
    for box in (*taken, *small, *(one.box for one in symbols)):
        board.take(box)
    for drawing in drawings if labels else ():
        wanted += _beside(drawing, [one for one in symbols if one.drawing is drawing])
    placed = place_labels(wanted, board)
    strength = {
        drawing.id: 1.0 if emphasise is None or drawing.id in emphasise else _FAINT for drawing in drawings
    }
    inside = [
        *ground,
        *(leader(one) for one in symbols),
        *(_drawn(one, strength[one.drawing.id]) for one in symbols),
        *(line.to_svg() for label in placed for line in label.lines),
    ]
    return Picture(
        svg=frame_of(
            view, "".join(inside), over="".join(piece.svg for piece in pieces), family=FAMILY, nested=nested
        ),
        view=view,
        labels=tuple(placed),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parts:
    """The simple shapes of a drawing that lie in the frame, and whose they are."""

    shapes: np.ndarray[Any, Any]
    feature: np.ndarray[Any, Any]
    dimension: np.ndarray[Any, Any]

    @classmethod
    def of(cls, drawing: Drawing, view: View) -> _Parts:
        shapes = np.array([*drawing.shapes, None], dtype=object)[:-1]
        feature = np.arange(len(shapes))
        while True:  # a collection may hold what is made of parts itself
            shapes, index = shapely.get_parts(shapes, return_index=True)
            feature = feature[index]
            if not (shapely.get_type_id(shapes) > 3).any():  # noqa: PLR2004 - what is made of parts
                break
        margin = _MARGIN_MM / view.mm_per_m
        west, south, east, north = view.extent
        west, south, east, north = west - margin, south - margin, east + margin, north + margin
        box = shapely.bounds(shapes)
        with np.errstate(invalid="ignore"):  # what is empty has no bounds and is not seen
            seen = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        shapes, feature, box = shapes[seen], feature[seen], box[seen]
        over = (box[:, 0] < west) | (box[:, 2] > east) | (box[:, 1] < south) | (box[:, 3] > north)
        if over.any():
            shapes = shapes.copy()
            shapes[over] = shapely.clip_by_rect(shapes[over], west, south, east, north)
            shapes, index = shapely.get_parts(shapes, return_index=True)
            feature = feature[index]
        fine = _FINE_MM / view.mm_per_m
        shapes = shapely.simplify(shapes, fine)
        return cls(shapes=shapes, feature=feature, dimension=shapely.get_dimensions(shapes))


def _areas_and_lines(drawing: Drawing, parts: _Parts, view: View, share: float) -> list[str]:
    """Draw the areas and lines of a drawing, one group of SVG for each of its colours and widths."""
    groups: dict[tuple[int, str], list[str]] = defaultdict(list)
    for shape, feature, dimension in zip(parts.shapes, parts.feature, parts.dimension, strict=True):
        number_of = drawing.of_class[feature]
        style = drawing.classes[number_of].style
        if dimension == 2:  # noqa: PLR2004 - an area
            groups[number_of, _area_look(style, share)].append(path_of(shape, view))
        elif dimension == 1:
            metres = (drawing.widths[feature] if drawing.widths else 0.0) or style.get("mw", 0.0)
            width = style["w"] * LINE_MM
            if "mw" in style:
                width = max(width, float(metres) * view.mm_per_m)
            groups[number_of, _line_look(style, width, share)].append(path_of(shape, view))
    out = []
    for (_, look), paths in sorted(groups.items(), key=lambda item: item[0][0]):
        inner = "".join(f'<path d="{path}"/>' for path in paths)
        out.append(f"<g {look}>{inner}</g>")
    return out


def _area_look(style: Style, share: float) -> str:
    marked = style.get("s", "dot") != "dot"  # it has a symbol, too, and must not cover what lies in it
    opacity = style.get("ao", 0.3) if marked else style.get("o", 0.3)
    line = {**style, "c": style["f"]} if marked and style["c"] == "#ffffff" else style
    return f'{fill_of(style, opacity, share=share)} fill-rule="evenodd" {stroke_of(line, share=share)}'


def _small_areas(drawing: Drawing, parts: _Parts, view: View) -> list[Box]:
    """Return the boxes of small areas that a sheet is about, over which nothing is written."""
    if drawing.kind not in _UNWRITTEN:
        return []
    bounds = shapely.bounds(parts.shapes[parts.dimension == 2])  # noqa: PLR2004 - an area
    if not len(bounds):
        return []
    first, last = view.to_paper(bounds[:, [0, 3]]), view.to_paper(bounds[:, [2, 1]])
    fits = (last - first).max(axis=1) <= _SMALL_MM
    return [
        (x0, y0, x1, y1) for (x0, y0), (x1, y1) in zip(first[fits].tolist(), last[fits].tolist(), strict=True)
    ]


def _line_look(style: Style, width_mm: float, share: float) -> str:
    look = f'fill="none" {stroke_of(style, width_mm=width_mm, share=share)}'
    # Of the whole group, so that lines that meet are not darker there.
    return f'{look} opacity="{number(style["so"])}"' if "so" in style else look


def _symbols(drawing: Drawing, parts: _Parts, view: View) -> Iterator[Symbol]:
    points = np.flatnonzero(parts.dimension == 0)
    paper = view.to_paper(shapely.get_coordinates(parts.shapes[points]))
    for row, (x, y) in zip(points, paper.tolist(), strict=True):
        feature = int(parts.feature[row])
        style = drawing.classes[drawing.of_class[feature]].style
        radius = _radius(style, view)
        if drawing.radii and drawing.radii[feature]:
            radius = max(drawing.radii[feature] * view.mm_per_m, 0.15)
        if 0 <= x <= view.width_mm and 0 <= y <= view.height_mm:
            # A verdict stands at the corner of what it judges, not upon it.
            aside = radius if style.get("s") == "badge" else 0.0
            yield Symbol(
                drawing=drawing, index=feature, x=x + aside, y=y - aside, radius_mm=radius, home=(x, y)
            )


def _radius(style: Style, view: View) -> float:
    size = float(style.get("r", 6)) * SYMBOL_MM
    if style.get("s") == "dot":  # dots are things on the ground, and smaller where they are farther
        return float(max(0.22, size * min(1.4, (_DOT_SCALE / view.scale) ** 0.45)))
    return size


def _drawn(one: Symbol, share: float) -> str:
    return symbol(one.of.style, one.x, one.y, radius_mm=one.radius_mm, glyph=one.glyph, share=share)


def _beside(drawing: Drawing, symbols: Sequence[Symbol]) -> Iterator[Beside]:
    for one in symbols:
        text = drawing.labels[one.index].split("\n")[0] if drawing.labels else ""
        if text and one.of.id != "rejected":  # why not there? stands in the table
            placed = drawing.kind == "rooms" and one.of.id == "placed"
            yield Beside(
                text=text,
                rank=_RANK.get(drawing.kind, 7.0) - (0.5 if placed else 0.0),
                at=(one.x, one.y),
                radius_mm=one.radius_mm,
                size_pt=LEAST_PT if drawing.kind == "facilities" else 8.5,
                colour="#7d1450" if placed else "#30302e",
                far=placed,
            )


def _on_shapes(
    drawing: Drawing, parts: _Parts, symbols: Collection[int], view: View
) -> Iterator[Inside | Along]:
    """Yield the labels of areas and lines; what has a symbol is named beside that."""
    if drawing.labels is None:
        return
    rank = _RANK.get(drawing.kind, 7.0)
    largest: dict[int, Any] = {}
    for shape, feature, dimension in zip(parts.shapes, parts.feature, parts.dimension, strict=True):
        text = drawing.labels[feature]
        if not text or feature in symbols:
            continue
        if dimension == 1 and shape.length * view.mm_per_m > len(text):
            line = view.to_paper(shapely.get_coordinates(shape))
            yield Along(text=text, rank=rank, line=line)
        elif dimension == 2 and (feature not in largest or shape.area > largest[feature].area):  # noqa: PLR2004 - an area
            largest[feature] = shape
    for feature, shape in largest.items():
        inside = _inside(drawing, feature, shape, view, rank)
        if inside is not None:
            yield inside


def _inside(drawing: Drawing, feature: int, shape: Any, view: View, rank: float) -> Inside | None:  # noqa: ANN401 - a polygon
    west, south, east, north = shape.bounds
    wide, high = (east - west) * view.mm_per_m, (north - south) * view.mm_per_m
    if max(wide, high) < LEAST_PT * POINT_MM:  # not one letter fits
        return None
    rings = [view.to_paper(shapely.get_coordinates(r)) for r in (shape.exterior, *shape.interiors)]
    x, y, span = widest(rings)
    first, _, second = drawing.labels[feature].partition("\n") if drawing.labels else ("", "", "")
    if drawing.kind in _TITLE_KINDS:
        return Inside(
            text=first, rank=rank, at=(x, y), span_mm=span, wide_mm=wide, high_mm=high,
            sizes_pt=(14.0, 11.0, 9.0), colour="#5b3a1a", beyond=0.95,
        )  # fmt: skip
    return Inside(text=first, more=second, rank=rank, at=(x, y), span_mm=span, wide_mm=wide, high_mm=high)
