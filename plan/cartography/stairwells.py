"""One stairwell drawn large: footprint, shaft and landing, the lane before it, and what is measured, in millimetres."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely import affinity

from plan.cartography.dimensions import Dimension, dimensioned
from plan.cartography.furniture import frame_of, north_arrow, remark, scale_bar, word
from plan.cartography.ink import fill_of, number, path_of, stroke_of, symbol
from plan.cartography.labels import Beside, Board, Inside, place_labels, widest
from plan.cartography.letters import FAMILY
from plan.cartography.shadows import shadows_of
from plan.cartography.view import View, view_of
from plan.elevators.records import millimetres
from plan.errors import UsageError
from plan.maps.layers import label_of
from plan.maps.palette import STYLES
from plan.maps.words import Words, absent
from plan.messages import Message
from plan.text_safety import plain

if TYPE_CHECKING:
    from plan.dossier import Dossier
    from plan.elevators import Clearance, Position, StairwellSiting
    from plan.maps.palette import Style
    from plan.site import Site

__all__ = ["STAIRWELL_MM", "StairwellMaps", "stairwell_svg"]

STAIRWELL_MM: Final = (180.0, 150.0)
_LEAST_M: Final = 17.0  # of ground that is seen at least, across
_AROUND_M: Final = 2.2
_FARTHEST_M: Final = 24.0  # beyond which what is measured to is not shown
_SHORT: Final = "#b0001a"
_SHOWN: Final = "#3c5a80"
_ENOUGH: Final = "#0b5c3b"
# Layers under the drawing, from the ground up, and how wide a line without a width is [m].
_LAYERS: Final = ("parcels", "open_spaces", "obstacles", "walkways", "fire_lanes", "stalls", "barriers")
_PATH_M: Final = 1.5


def stairwell_svg(
    dossier: Dossier, stairwell: str, size_mm: tuple[float, float] = STAIRWELL_MM, *, pipes: bool = False
) -> str:
    """Draw one stairwell; see :class:`StairwellMaps`, which draws many faster."""
    return _maps_of(dossier).svg(stairwell, size_mm, pipes=pipes)


@lru_cache(maxsize=1)
def _maps_of(dossier: Dossier) -> StairwellMaps:
    return StairwellMaps(dossier)


class StairwellMaps:
    """Drawings of the stairwells of a dossier.

    Parameters
    ----------
    dossier : Dossier
        With proposed elevators.

    Raises
    ------
    UsageError
        If no elevators were proposed.
    """

    def __init__(self, dossier: Dossier) -> None:
        placed = dossier.proposals.get("elevators")
        if placed is None:
            raise UsageError(Message("cartography.no_elevators"))
        self._words = Words(lang=dossier.lang)
        self._site = dossier.site
        self._shadows = shadows_of(dossier.site)
        self._sitings: dict[str, StairwellSiting] = {}
        for one in placed.measures["stairwells"]:
            self._sitings.setdefault(one.stairwell_id, one)
        # The id of a door is nobody else's; the name of a stairwell may be.
        self._sitings |= {one.entrance_id: one for one in placed.measures["stairwells"]}

    def svg(self, stairwell: str, size_mm: tuple[float, float] = STAIRWELL_MM, *, pipes: bool = False) -> str:
        """Draw a stairwell, its façade level; the arrow tells where north is.

        Parameters
        ----------
        stairwell : str
            Its ``entrance_id`` or ``stairwell_id``.
        size_mm : tuple of float
            Width and height [mm].
        pipes : bool, default False
            Whether pipes are drawn: on paper that hangs on a wall they help those who dig without asking.

        Returns
        -------
        str
            SVG; its unit is a millimetre.

        Raises
        ------
        UsageError
            If there is no such stairwell, or it has no place on the map.
        """
        one = self._sitings.get(stairwell)
        if one is None or one.door is None:
            raise UsageError(Message("cartography.no_stairwell", stairwell=stairwell))
        at = one.chosen or (one.alternatives[0] if one.alternatives else None)
        shadows = self._shadows(one.building_id, None if at is None else at.shaft)
        drawing = _Drawing(site=self._site, one=one, door=one.door, at=at, words=self._words, shadows=shadows)
        return drawing.drawn(size_mm, pipes=pipes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Measured:
    """A clearance as a line on the ground."""

    clearance: Clearance
    line: shapely.LineString


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawing:
    """The drawing of one stairwell."""

    site: Site
    one: StairwellSiting
    door: tuple[float, float]
    at: Position | None
    words: Words
    shadows: list[tuple[int, Any]]  # by the hour

    def drawn(self, size_mm: tuple[float, float], *, pipes: bool) -> str:
        turn = self._turn_deg()
        view, turned = self._view(size_mm, turn)
        near = shapely.box(*view.extent).buffer(_AROUND_M)
        out: list[str] = []
        wanted: list[Inside] = []
        for layer in (*_LAYERS, *(("utilities",) if pipes else ())):
            for row, shape in self._rows(layer, turn, near):
                out.append(_ground(layer, row, shape, view))
        frame = shapely.box(*view.extent)
        for hour, shadow in self.shadows:  # under the buildings: what falls on the ground is drawn
            cut = shapely.intersection(turned(shadow), frame)
            out.append(_shadow(cut, view))
            wanted += _inside_largest(word(self.words, "hour", n=hour), cut, view, rank=3, sizes_pt=(7.0,))
        for row, shape in self._rows("buildings", turn, near):
            own = str(row["building_id"]) == self.one.building_id
            out.append(_ground("buildings", row, shape, view, strong=own))
            text = label_of("buildings", row, "building_id").split("\n")[0]
            wanted += _inside_largest(text, shape.intersection(frame), view, rank=1)
        board = Board(view.width_mm, view.height_mm)
        pieces = (
            scale_bar(view, self.words),
            north_arrow(view, self.words, turned_deg=-turn),
            remark(view, word(self.words, "stairwell_note" if self.shadows else "stairwell_units")),
        )
        for piece in pieces:
            board.take(piece.box)
        if self.at is not None:
            out += self._shaft(self.at, view, turned, board)
        for row, shape in self._rows("entrances", turn, near):
            out.append(_door(shape, view, own=str(row["entrance_id"]) == self.one.entrance_id))
        dimensions = list(self._dimensions(view, turned))
        for box in (box for one in dimensions for box in one.boxes()):
            board.take(box)
        x, y = view.to_paper(np.array([self.door]))[0].tolist()
        name = Beside(text=plain(self.one.stairwell_id), rank=0, at=(x, y), radius_mm=1.4, size_pt=9)
        labels = place_labels([name], board)
        svg, _ = dimensioned(dimensions, board)
        labels += place_labels(wanted, board)
        out += [svg, *(line.to_svg() for label in labels for line in label.lines)]
        return frame_of(view, "".join(out), over="".join(piece.svg for piece in pieces), family=FAMILY)

    def _turn_deg(self) -> float:
        """Return by how much the ground is turned so that the façade lies level, never upside down."""
        if self.at is None:
            return 0.0
        a, b = shapely.get_coordinates(self.at.shaft)[:2]
        angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 90.0
        # Which of two levels: that at which the shaft stands above or below its landing's façade.
        out = self._outward()
        for turn in sorted((-angle, 90.0 - angle, -angle - 90.0, 180.0 - angle), key=abs):
            if abs(math.sin(math.radians(turn + out))) > math.sqrt(0.5):
                return turn
        return -angle

    def _outward(self) -> float:
        """Return the direction from the façade outward [degree]."""
        if self.at is None:
            return 90.0
        landing = self.at.landing.centroid
        frame = self.site.layers["buildings"]
        own = frame.geometry[frame["building_id"].astype(str) == self.one.building_id]
        if own.empty:
            return math.degrees(math.atan2(landing.y - self.door[1], landing.x - self.door[0]))
        foot = shapely.shortest_line(own.iloc[0], landing).coords[0]
        return math.degrees(math.atan2(landing.y - foot[1], landing.x - foot[0]))

    def _view(self, size_mm: tuple[float, float], turn: float) -> tuple[View, Any]:
        def turned(shape: Any) -> Any:  # noqa: ANN401 - a shapely geometry
            return affinity.rotate(shape, turn, origin=self.door)

        things = [shapely.Point(self.door), *([] if self.at is None else [self.at.shaft, self.at.landing])]
        things += [m.line for m in self._measures()]
        west, south, east, north = shapely.union_all([turned(t) for t in things]).bounds
        wide, high = max(east - west + 2 * _AROUND_M, _LEAST_M), north - south + 2 * _AROUND_M
        high = max(high, _LEAST_M * size_mm[1] / size_mm[0])
        x, y = (west + east) / 2, (south + north) / 2
        return view_of((x - wide / 2, y - high / 2, x + wide / 2, y + high / 2), size_mm), turned

    def _rows(self, layer: str, turn: float, near: Any) -> Iterator[tuple[dict[str, Any], Any]]:  # noqa: ANN401 - a polygon
        """Yield the rows of a layer that are seen, with their shapes turned and cut."""
        if not self.site.has(layer):
            return
        frame = self.site.layers[layer]
        back = affinity.rotate(near, -turn, origin=self.door)
        found = np.sort(frame.sindex.query(back, predicate="intersects"))
        rows = frame.iloc[found]
        for row, shape in zip(rows.to_dict("records"), rows.geometry, strict=True):
            cut = shape if shape.geom_type == "Point" else shape.intersection(back.buffer(5))
            yield row, affinity.rotate(cut, turn, origin=self.door)

    def _shaft(self, at: Position, view: View, turned: Any, board: Board) -> list[str]:  # noqa: ANN401 - a function
        """Draw shaft and landing as a builder does: the shaft crossed, both named."""
        verdict = self.one.verdict if self.one.verdict in STYLES["elevators"] else "unknown"
        style = {**STYLES["elevators"][verdict], "w": 2.6}
        shaft, landing = turned(at.shaft), turned(at.landing)
        out = [
            f'<path d="{path_of(landing, view)}" fill="#ffffff"/>',
            f'<path d="{path_of(landing, view)}" {fill_of(style, 0.25)} {stroke_of(style)}/>',
            f'<path d="{path_of(shaft, view)}" fill="#ffffff"/>',
            f'<path d="{path_of(shaft, view)}" {fill_of(style, 0.55)} {stroke_of({**style, "w": 3.4})}/>',
        ]
        corners = view.to_paper(shapely.get_coordinates(shaft)[:4]).tolist()
        for (x0, y0), (x1, y1) in ((corners[0], corners[2]), (corners[1], corners[3])):
            ends = f'x1="{number(x0)}" y1="{number(y0)}" x2="{number(x1)}" y2="{number(y1)}"'
            out.append(f'<line {ends} stroke="{style["c"]}" stroke-width="0.18"/>')
        wanted = [
            _inside(word(self.words, name), shape, view)
            for name, shape in (("shaft", shaft), ("landing", landing))
        ]
        out += [line.to_svg() for label in place_labels(wanted, board) for line in label.lines]
        for shape in (shaft, landing):
            west, south, east, north = shape.bounds
            (left, bottom), (right, top) = view.to_paper(np.array([[west, south], [east, north]])).tolist()
            board.take((left, top, right, bottom))
        return out

    def _dimensions(self, view: View, turned: Any) -> Iterator[Dimension]:  # noqa: ANN401 - a function
        """Yield what is measured, then the sizes of shaft and landing."""
        for one in self._measures():
            c = one.clearance
            a, b = view.to_paper(shapely.get_coordinates(turned(one.line))).tolist()
            if c.name == "lane_to_facade":  # beside the width of the lane, which begins at the same corner
                (a, b), home = _aside(a, b, 4.5), (a, b)
            else:
                home = None
            colour = _SHORT if millimetres(c.margin_m) < 0 and c.bars else _ENOUGH if c.bars else _SHOWN
            told = "dimension" if c.bars else "dimension_advised"
            text = f"{millimetres(c.measured_m):,}"
            if c.required_m > 0:
                text = word(self.words, told, mm=text, least=f"{c.required_m * 1000:,.0f}")
            name = word(self.words, f"dimension_{c.name}")
            yield Dimension(
                start=(a[0], a[1]),
                end=(b[0], b[1]),
                text=f"{name} {text}",
                colour=colour,
                from_start=None if home is None else (home[0][0], home[0][1]),
                from_end=None if home is None else (home[1][0], home[1][1]),
            )
        if self.at is not None:
            yield from _sizes(turned(self.at.shaft), turned(self.at.landing), self.door[1], view)

    def _measures(self) -> list[_Measured]:
        if self.at is None:
            return []
        both = shapely.union(self.at.shaft, self.at.landing)
        found = []
        for clearance in self.at.clearances:
            line = self._line(clearance, both)
            if line is not None and line.length <= _FARTHEST_M and line.length > 0:
                found.append(_Measured(clearance=clearance, line=line))
        return found

    def _line(self, c: Clearance, both: Any) -> shapely.LineString | None:  # noqa: ANN401 - a polygon
        """Return the line along which a clearance was measured; None where it is not one between two things."""
        if self.at is None or c.measured_m <= 0:
            return None
        if c.name in {"fire_lane", "lane_to_facade", "way"}:
            thing = self._shape("walkways" if c.name == "way" else "fire_lanes", c.thing)
            return (
                None
                if thing is None
                else _across(self.at.shaft if c.name != "fire_lane" else both, thing, c.measured_m)
            )
        layer, begin = {
            "separation": ("buildings", both),
            "door": ("entrances", both),
            "own_door": ("entrances", self.at.shaft),
            "parcel": ("parcels", both),
            "elevator": ("elevators", both),
        }.get(c.name, (None, both))
        thing = None if layer is None else self._shape(layer, c.thing)
        if thing is None:
            return None
        line: shapely.LineString = shapely.shortest_line(
            begin, shapely.boundary(thing) if layer == "parcels" else thing
        )
        return line

    def _shape(self, layer: str, thing: str) -> Any:  # noqa: ANN401 - a shapely geometry or None
        if not self.site.has(layer):
            return None
        frame = self.site.layers[layer]
        column = next(c for c in frame.columns if str(c).endswith("_id"))
        rows = frame.geometry[frame[column].astype(str) == thing]
        return None if rows.empty or rows.iloc[0] is None or rows.iloc[0].is_empty else rows.iloc[0]


def _across(begin: Any, lane: Any, measured_m: float) -> shapely.LineString | None:  # noqa: ANN401 - shapes
    """Return the line from a thing across a lane, as long as was measured."""
    near = shapely.shortest_line(begin, lane)
    (x0, y0), (x1, y1) = near.coords[0], near.coords[-1]
    away = math.hypot(x1 - x0, y1 - y0)
    if away < 1e-6:  # noqa: PLR2004 - metres; the thing stands on it, and no direction leads across
        return None
    reach = measured_m / away
    return shapely.LineString([(x0, y0), (x0 + (x1 - x0) * reach, y0 + (y1 - y0) * reach)])


def _aside(a: list[float], b: list[float], by_mm: float) -> tuple[list[float], list[float]]:
    long = math.hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    dx, dy = -(b[1] - a[1]) / long * by_mm, (b[0] - a[0]) / long * by_mm
    return [a[0] + dx, a[1] + dy], [b[0] + dx, b[1] + dy]


def _sizes(shaft: Any, landing: Any, door_north: float, view: View) -> Iterator[Dimension]:  # noqa: ANN401 - shapes
    """Yield width and depth of the shaft and depth of the landing, on the sides away from what is measured."""
    (left, top), (right, bottom) = _corners(shaft, view)
    (l_left, l_top), (l_right, l_bottom) = _corners(landing, view)
    at_door = float(view.to_paper(np.array([[0.0, door_north]]))[0, 1])
    below = (top + bottom) / 2 > at_door  # the shaft stands below its façade on the paper
    outer = max(bottom, l_bottom) + 4.0 if below else min(top, l_top) - 4.0
    edge = bottom if below else top
    yield _sized((left, outer), (right, outer), view, ((left, edge), (right, edge)))
    to_left = (left + right) / 2 <= (l_left + l_right) / 2
    side = min(left, l_left) - 4.0 if to_left else max(right, l_right) + 4.0
    near = left if to_left else right
    yield _sized((side, top), (side, bottom), view, ((near, top), (near, bottom)))
    other = max(right, l_right) + 4.0 if to_left else min(left, l_left) - 4.0
    near = l_right if to_left else l_left
    yield _sized((other, l_top), (other, l_bottom), view, ((near, l_top), (near, l_bottom)))


def _corners(shape: Any, view: View) -> list[list[float]]:  # noqa: ANN401 - a polygon
    west, south, east, north = shape.bounds
    found: list[list[float]] = view.to_paper(np.array([[west, north], [east, south]])).tolist()
    return found


def _sized(
    start: tuple[float, float],
    end: tuple[float, float],
    view: View,
    homes: tuple[tuple[float, float], tuple[float, float]],
) -> Dimension:
    long = math.hypot(end[0] - start[0], end[1] - start[1]) / view.mm_per_m
    return Dimension(
        start=start, end=end, text=f"{round(long * 1000):,}", from_start=homes[0], from_end=homes[1]
    )


def _ground(layer: str, row: dict[str, Any], shape: Any, view: View, *, strong: bool = False) -> str:  # noqa: ANN401 - a shape
    style = _style(layer, row)
    metres = row.get("width_m")
    width = 0.0 if absent(metres) else float(str(metres))
    if layer == "walkways" and shapely.get_dimensions(shape) == 1:
        shape = shape.buffer((width or _PATH_M) / 2, cap_style="flat")
        return f'<path d="{path_of(shape, view)}" fill="#eceae6" stroke="#cfcac2" stroke-width="0.12"/>'
    if layer == "fire_lanes" and shapely.get_dimensions(shape) == 1:
        middle = f'<path d="{path_of(shape, view)}" fill="none" stroke="#a50f15" stroke-width="0.15" stroke-dasharray="3 1 0.6 1"/>'
        area = shape.buffer(max(width, 0.05) / 2, cap_style="flat")
        edge = 'fill="#e31a1c" fill-opacity="0.13" stroke="#a50f15" stroke-width="0.25"'
        return f'<path d="{path_of(area, view)}" {edge}/>{middle}'
    if shape.geom_type == "Point":
        radius = row.get("radius_m")
        size = 0.35 if absent(radius) else float(str(radius))
        x, y = view.to_paper(shapely.get_coordinates(shape))[0].tolist()
        return symbol({**style, "s": "dot", "o": 0.55}, x, y, radius_mm=max(size * view.mm_per_m, 0.6))
    if layer == "utilities":
        return f'<path d="{path_of(shape, view)}" fill="none" stroke="#7a3fb0" stroke-width="0.35" stroke-dasharray="2.4 1"/>'
    if shapely.get_dimensions(shape) == 1:
        return f'<path d="{path_of(shape, view)}" fill="none" {stroke_of(style)}/>'
    look = {**style, "w": 4.0 if strong else style["w"], "c": "#1a1a1a" if strong else style["c"]}
    return f'<path d="{path_of(shape, view)}" fill-rule="evenodd" {fill_of(style, style.get("o", 1.0))} {stroke_of(look)}/>'


def _style(layer: str, row: dict[str, Any]) -> Style:
    styles = STYLES.get(layer, STYLES["buildings"])
    name = str(row.get({"parcels": "status", "stalls": "state"}.get(layer, "kind")))
    found: Style = styles.get(name) or styles.get("other") or next(iter(styles.values()))
    return found


def _door(shape: Any, view: View, *, own: bool) -> str:  # noqa: ANN401 - a point
    x, y = view.to_paper(shapely.get_coordinates(shape))[0].tolist()
    style = {**STYLES["entrances"]["stairwell"], "f": "#1a1a1a" if own else "#777777", "w": 2}
    return symbol(style, x, y, radius_mm=1.2 if own else 0.9)


def _shadow(shape: Any, view: View) -> str:  # noqa: ANN401 - a polygon
    return f'<path d="{path_of(shape, view)}" fill="#30304a" fill-opacity="0.1" stroke="#30304a" stroke-width="0.12" stroke-dasharray="1 1"/>'


def _inside_largest(text: str, shape: Any, view: View, **more: Any) -> list[Inside]:  # noqa: ANN401 - an area; options
    areas = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
    return [_inside(text, max(areas, key=lambda p: p.area), view, **more)] if areas and text else []


def _inside(
    text: str,
    shape: Any,  # noqa: ANN401 - a polygon
    view: View,
    *,
    rank: float = 1,
    sizes_pt: tuple[float, ...] = (12, 9.5, 8, 7),
) -> Inside:
    west, south, east, north = shape.bounds
    x, y, span = widest([view.to_paper(shapely.get_coordinates(shape.exterior))])
    wide, high = (east - west) * view.mm_per_m, (north - south) * view.mm_per_m
    return Inside(
        text=text, rank=rank, at=(x, y), span_mm=span, wide_mm=wide, high_mm=high, sizes_pt=sizes_pt
    )
