"""What stands around a map: its frame, a bar for its scale, an arrow to the north."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plan.cartography.ink import escaped, number, written
from plan.cartography.letters import POINT_MM, width_mm
from plan.messages import Message

if TYPE_CHECKING:
    from plan.cartography.labels import Box
    from plan.cartography.view import View
    from plan.maps.words import Words

__all__ = ["Piece", "frame_of", "north_arrow", "remark", "scale_bar", "svg_of", "word"]

_SIZE_MM: Final = 7.5 * POINT_MM
_EDGE_MM: Final = 4.0  # from the frame
_LONGEST_MM: Final = 60.0  # of the bar
_ROUND_M: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of furniture, and the box that it takes of the map [mm]."""

    svg: str
    box: Box


def word(words: Words, key: str, /, **params: object) -> str:
    """Return a text of the area ``cartography``."""
    return Message(f"cartography.{key}", **params).to(words.lang)


def svg_of(inner: str, *, width_mm: float, height_mm: float, family: str, nested: bool = False) -> str:
    """Return an SVG document whose user unit is a millimetre; a nested one lies in another such."""
    unit = "" if nested else "mm"
    size = f'width="{number(width_mm)}{unit}" height="{number(height_mm)}{unit}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {number(width_mm)} {number(height_mm)}" '
        f'font-family="{escaped(family)}">{inner}</svg>'
    )


def frame_of(view: View, inner: str, *, over: str, family: str, nested: str = "") -> str:
    """Return a map in its frame: what is inside is cut at it; a nested one has a name of its own."""
    size = f'width="{number(view.width_mm)}" height="{number(view.height_mm)}"'
    body = (
        f'<defs><clipPath id="frame{nested}"><rect x="0" y="0" {size}/></clipPath></defs>'
        f'<rect x="0" y="0" {size} fill="#ffffff"/><g clip-path="url(#frame{nested})">{inner}</g>{over}'
        f'<rect x="0.15" y="0.15" width="{number(view.width_mm - 0.3)}" height="{number(view.height_mm - 0.3)}" '
        f'fill="none" stroke="#1a1a1a" stroke-width="0.3"/>'
    )
    return svg_of(body, width_mm=view.width_mm, height_mm=view.height_mm, family=family, nested=bool(nested))


def scale_bar(view: View, words: Words) -> Piece:
    """Return a bar of round metres with the scale, in the lower left corner."""
    metres = max(m for m in _ROUND_M if m == 1 or m * view.mm_per_m <= _LONGEST_MM)
    long = metres * view.mm_per_m
    x, y = _EDGE_MM + 3, view.height_mm - _EDGE_MM - 3
    quarter = long / 4
    boxes = "".join(
        f'<rect x="{number(x + k * quarter)}" y="{number(y - 1.2)}" width="{number(quarter)}" height="1.2" '
        f'fill="{"#1a1a1a" if k % 2 == 0 else "#ffffff"}" stroke="#1a1a1a" stroke-width="0.15"/>'
        for k in range(4)
    )
    told = [
        written(_metres(share * metres), x + share * long, y - 2.1, size_mm=_SIZE_MM, anchor="middle")
        for share in (0.0, 0.5)
    ]
    end = word(words, "metres", n=_metres(metres))
    told.append(written(end, x + long, y - 2.1, size_mm=_SIZE_MM, anchor="middle"))
    ratio = word(words, "scale", n=view.scale)
    told.append(written(ratio, x + long + 8, y, size_mm=_SIZE_MM * 1.2))
    right = max(x + long + 10 + width_mm(ratio, _SIZE_MM * 1.2), x + long + width_mm(end, _SIZE_MM))
    box = (_EDGE_MM - 1, y - 6.5, right, y + 2.2)
    plate = (
        f'<rect x="{number(box[0])}" y="{number(box[1])}" width="{number(box[2] - box[0])}" '
        f'height="{number(box[3] - box[1])}" fill="#ffffff" fill-opacity="0.88"/>'
    )
    return Piece(svg=plate + boxes + "".join(told), box=box)


def _metres(metres: float) -> str:
    return f"{metres:g}"


def north_arrow(view: View, words: Words, *, turned_deg: float = 0.0) -> Piece:
    """Return an arrow to the north of the grid, in the upper right corner; turned clockwise where the map is."""
    x, y = view.width_mm - _EDGE_MM - 5, _EDGE_MM + 2
    left = f"{number(x)},{number(y)} {number(x - 3)},{number(y + 11)} {number(x)},{number(y + 8.5)}"
    right = f"{number(x)},{number(y)} {number(x + 3)},{number(y + 11)} {number(x)},{number(y + 8.5)}"
    line = 'stroke="#1a1a1a" stroke-width="0.25" stroke-linejoin="round"'
    north = words.text("ui.north")
    box = (x - 5, y - 1.5, x + 5, y + 17)
    plate = f'<rect x="{number(box[0])}" y="{number(box[1])}" width="10" height="18.5" fill="#ffffff" fill-opacity="0.88"/>'
    arrow = (
        f'<polygon points="{left}" fill="#1a1a1a" {line}/><polygon points="{right}" fill="#ffffff" {line}/>'
    )
    letter = written(north, x, y + 15.5, size_mm=3.6, anchor="middle")
    turn = (
        f'<g transform="rotate({number(turned_deg)} {number(x)} {number(y + 6)})">' if turned_deg else "<g>"
    )
    return Piece(svg=f"{plate}{turn}{arrow}</g>{letter}", box=box)


def remark(view: View, text: str) -> Piece:
    """Return a line of small text in the lower right corner."""
    wide = width_mm(text, _SIZE_MM)
    right, y = view.width_mm - _EDGE_MM, view.height_mm - _EDGE_MM - 2
    box = (right - wide - 1.5, y - 3.4, right + 1.5, y + 1.4)
    plate = (
        f'<rect x="{number(box[0])}" y="{number(box[1])}" width="{number(box[2] - box[0])}" '
        f'height="{number(box[3] - box[1])}" fill="#ffffff" fill-opacity="0.88"/>'
    )
    return Piece(svg=plate + written(text, right, y, size_mm=_SIZE_MM, anchor="end"), box=box)
