"""Shapes, symbols and letters as SVG: plain strings, in millimetres of the paper.

Styles are those of the hearing map (:mod:`plan.maps.palette`), whose widths are pixels of a screen; a printed line is
finer, and a printed symbol keeps its size at every scale.
"""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from plan.text_safety import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.cartography.view import View
    from plan.maps.palette import Style

__all__ = [
    "LINE_MM",
    "SYMBOL_MM",
    "escaped",
    "faded",
    "fill_of",
    "number",
    "path_of",
    "stroke_of",
    "symbol",
    "written",
]

LINE_MM: Final = 0.16  # of line for a pixel of the screen's
SYMBOL_MM: Final = 0.175  # of a symbol's radius for a pixel of the screen's
_HALO_MM: Final = 0.22  # of white around letters, for each millimetre of their size


def number(value: float) -> str:
    """Write millimetres to a hundredth, without zeros at the end.

    Examples
    --------
    >>> number(12.0), number(0.126), number(-0.001)
    ('12', '0.13', '0')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def escaped(text: str) -> str:
    """Make text from data harmless between tags and in attributes of XML.

    Examples
    --------
    >>> escaped('<b>"12"</b>')
    '&lt;b&gt;&quot;12&quot;&lt;/b&gt;'
    """
    return html.escape(plain(text).replace("\n", " ").replace("\t", " ").replace("\r", " "))


def faded(colour: str, share: float) -> str:
    """Return a colour mixed with white: 1 is the colour itself, 0 is white.

    Examples
    --------
    >>> faded("#000000", 0.6)
    '#666666'
    """
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * share):02x}" for part in parts)


def path_of(shape: BaseGeometry, view: View) -> str:
    """Return the lines and rings of a shape as data of an SVG path; points have none.

    Parameters
    ----------
    shape : shapely geometry
        In metres of the site.
    view : View
        Where it is seen.
    """
    parts: list[str] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            parts += [_steps(shapely.get_coordinates(ring)[:-1], view) + "Z" for ring in rings]
        elif part.geom_type in {"LineString", "LinearRing"}:
            parts.append(_steps(shapely.get_coordinates(part), view))
        elif part.geom_type != "Point":  # what is made of parts itself
            parts.append(path_of(part, view))
    return "".join(parts)


def _steps(coordinates: NDArray[Any], view: View) -> str:
    paper = np.round(view.to_paper(coordinates), 2)
    moved = np.any(paper[1:] != paper[:-1], axis=1)
    kept = paper[np.concatenate([[True], moved])].tolist()
    return "M" + "L".join(f"{x:.6g} {y:.6g}" for x, y in kept)


def stroke_of(style: Style, *, width_mm: float | None = None, share: float = 1.0) -> str:
    """Return the attributes of a line in a style."""
    width = style["w"] * LINE_MM if width_mm is None else width_mm
    out = f'stroke="{faded(style["c"], share)}" stroke-width="{number(width)}"'
    if "d" in style:
        dashes = " ".join(number(float(d) * LINE_MM * 1.25) for d in str(style["d"]).split())
        return f'{out} stroke-dasharray="{dashes}" stroke-linejoin="round"'
    return f'{out} stroke-linejoin="round" stroke-linecap="round"'


def fill_of(style: Style, opacity: float | None, *, share: float = 1.0) -> str:
    """Return the attributes of an area in a style; without colour or opacity it has no fill."""
    if "f" not in style or not opacity:
        return 'fill="none"'
    shown = "" if opacity >= 1 else f' fill-opacity="{number(opacity)}"'
    return f'fill="{faded(style["f"], share)}"{shown}'


def symbol(style: Style, x: float, y: float, *, radius_mm: float, glyph: str = "", share: float = 1.0) -> str:
    """Draw a symbol as the hearing map does: square, triangle, octagon or circle, with its character.

    Parameters
    ----------
    style : Style
        Of the palette.
    x, y : float
        Its middle [mm].
    radius_mm : float
        Half its size.
    glyph : str
        What is written in it.
    share : float, default 1
        How strong its colours are.
    """
    r = radius_mm
    kind = style.get("s", "circle")
    line = stroke_of({**style, "w": min(style["w"], 2.0)}, share=share)
    look = f"{fill_of(style, style.get('o', 1.0), share=share)} {line}"
    out = ""
    if kind == "square":
        q = r * 0.9
        at = f'x="{number(x - q)}" y="{number(y - q)}" width="{number(2 * q)}" height="{number(2 * q)}"'
        out = f'<rect {at} rx="{number(r * 0.3)}" {look}/>'
    elif kind == "triangle":
        corners = ((x, y - r * 1.15), (x + r * 1.1, y + r * 0.8), (x - r * 1.1, y + r * 0.8))
        out = f'<polygon points="{_points(corners)}" {look}/>'
    elif kind == "badge":  # an octagon, like no other symbol; a white rim lifts it from what it judges
        rim = f'<polygon points="{_points(_octagon(x, y, r + 0.35))}" fill="#ffffff"/>'
        out = f'{rim}<polygon points="{_points(_octagon(x, y, r))}" fill="{style["f"]}"/>'
    else:
        out = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" {look}/>'
    if glyph and kind != "dot":
        size = r * (0.95 if len(glyph) > 2 else 1.15 if len(glyph) > 1 else 1.3)  # noqa: PLR2004 - characters
        middle = y + size * 0.37 + (r * 0.2 if kind == "triangle" else 0.0)
        out += written(
            glyph, x, middle, size_mm=size, colour=faded(style.get("t", "#ffffff"), share), anchor="middle"
        )
    return out


def _octagon(x: float, y: float, r: float) -> list[tuple[float, float]]:
    angles = (math.pi / 8 + k * math.pi / 4 for k in range(8))
    return [(x + r * math.cos(a), y + r * math.sin(a)) for a in angles]


def _points(corners: Any) -> str:  # noqa: ANN401 - pairs of floats
    return " ".join(f"{number(x)},{number(y)}" for x, y in corners)


def written(
    text: str,
    x: float,
    y: float,
    *,
    size_mm: float,
    colour: str = "#111111",
    anchor: str = "start",
    angle_deg: float = 0.0,
    halo: bool = False,
) -> str:
    """Write a line of text; ``y`` is its base line.

    Parameters
    ----------
    text : str
        As it is read; it is escaped here.
    x, y : float
        Where it stands [mm].
    size_mm : float
        Size of the letters [mm].
    colour : str
        Of the letters.
    anchor : {"start", "middle", "end"}
        What of the text stands at ``x``.
    angle_deg : float
        Turned so far to the right about ``x``, ``y``.
    halo : bool
        Whether white lies around the letters.
    """
    out = f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size_mm)}" fill="{colour}"'
    if anchor != "start":
        out += f' text-anchor="{anchor}"'
    if angle_deg:
        out += f' transform="rotate({number(angle_deg)} {number(x)} {number(y)})"'
    if halo:
        width = number(size_mm * _HALO_MM)
        out += f' stroke="#ffffff" stroke-width="{width}" stroke-linejoin="round" paint-order="stroke"'
    return f"{out}>{escaped(text)}</text>"
