"""The legend of a printed map: a sample, what it means, how many there are, and the clause behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from plan.cartography.furniture import svg_of
from plan.cartography.ink import LINE_MM, SYMBOL_MM, fill_of, number, stroke_of, symbol
from plan.cartography.letters import FAMILY

if TYPE_CHECKING:
    from plan.maps.layers import Class, Drawing

__all__ = ["SAMPLE_MM", "LegendGroup", "LegendRow", "legend_of"]

SAMPLE_MM: Final = (11.0, 5.6)  # width and height of a sample
_LARGEST_MM: Final = 2.5  # radius of a symbol in a sample
_DOT_MM: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendRow:
    """One colour of a drawing."""

    sample: str  # SVG of SAMPLE_MM
    label: str
    count: int  # things of this colour in the drawing
    clauses: tuple[int, ...] = ()  # numbers of the clauses of the sheet
    note: str = ""  # such as what the characters in symbols mean


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendGroup:
    """The rows of one drawing under its title."""

    title: str
    rows: tuple[LegendRow, ...]
    estimated: bool = False


def legend_of(
    drawings: Sequence[Drawing], *, numbers: Mapping[int, int] | None = None
) -> tuple[LegendGroup, ...]:
    """Return the legend of drawings, what is on top first.

    Parameters
    ----------
    drawings : sequence of Drawing
        From the ground up.
    numbers : mapping of int to int, optional
        Numbers on the sheet of the clauses that drawings name; others are left out.

    Returns
    -------
    tuple of LegendGroup
        One for each drawing; colours that do not occur are left out.
    """
    known = numbers or {}
    found = []
    for drawing in reversed(drawings):
        counts = [0] * len(drawing.classes)
        for of in drawing.of_class:
            counts[of] += 1
        rows = tuple(
            LegendRow(
                sample=_sample(drawing, one),
                label=one.label,
                count=counts[k],
                clauses=tuple(sorted({known[c] for c in drawing.clauses.get(k, ()) if c in known})),
                note=one.note,
            )
            for k, one in enumerate(drawing.classes)
            if counts[k]
        )
        if rows:
            found.append(LegendGroup(title=drawing.title, rows=rows, estimated=drawing.estimated))
    return tuple(found)


def _sample(drawing: Drawing, one: Class) -> str:
    style, (wide, high) = one.style, SAMPLE_MM
    types = {shape.geom_type for shape in drawing.shapes if shape is not None and not shape.is_empty}
    if style.get("s", "dot") != "dot":
        radius = min(float(style.get("r", 6)) * SYMBOL_MM, _LARGEST_MM)
        inner = symbol(style, wide / 2, high / 2, radius_mm=radius, glyph=one.glyph)
    elif types and all("Line" in name for name in types):
        width = min(max(style["w"] * LINE_MM, 0.9 if "mw" in style else 0.0), 2.4)
        look = stroke_of(style, width_mm=width)
        opacity = f' opacity="{number(style["so"])}"' if "so" in style else ""
        inner = f'<path d="M1 {number(high / 2)}H{number(wide - 1)}" fill="none" {look}{opacity}/>'
    elif types and all("Point" in name for name in types):
        inner = symbol({**style, "s": "dot"}, wide / 2, high / 2, radius_mm=_DOT_MM)
    else:
        opacity = style.get("o", 0.3)
        box = f'x="1" y="0.8" width="{number(wide - 2)}" height="{number(high - 1.6)}"'
        inner = f"<rect {box} {fill_of(style, opacity)} {stroke_of(style)}/>"
    return svg_of(inner, width_mm=wide, height_mm=high, family=FAMILY)
