"""A table in a drawing: cells of wrapped text, and lines between them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ezdxf.document import Drawing
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.enums import MTextEntityAlignment

from plan.cad.document import FONT, HEADINGS
from plan.cad.records import Record, write_record
from plan.cad.texts import paragraph

__all__ = ["Grid", "draw_grid"]

_STEP: Final = 5 / 3  # of the height of the text, from line to line: how AutoCAD spaces lines of MTEXT
_PAD: Final = 0.6  # of the height, around the text of a cell
_NARROW: Final = 0.85  # of the height, the width of a Latin letter at most: the height is that of a capital
_WIDE: Final = 1.4  # of the height, the width of a Chinese character
_HEAD: Final = 1.6  # of the height, the height of the heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where a table stands, and how wide it is."""

    layer: str
    at: tuple[float, float]  # its upper left corner, metres
    height: float  # of the text, metres
    widths: tuple[float, ...]  # of its columns, in heights of the text
    title: str


def draw_grid(drawing: Drawing, grid: Grid, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Draw a table with its heading and its heads.

    Parameters
    ----------
    drawing : Drawing
        Where to.
    grid : Grid
        Its place and measures.
    heads, rows : sequence of str, sequence of such
        Its cells; a long text is wrapped and makes its row taller.
    """
    x, y = grid.at
    edges = [x]
    for width in grid.widths:
        edges.append(edges[-1] + width * grid.height)
    _text(drawing, grid, (x, y), grid.title, width=edges[-1] - x, height=_HEAD * grid.height, style=HEADINGS)
    top = y - _HEAD * grid.height * 2
    _line(drawing, grid, (x, top), (edges[-1], top))
    levels = top
    for number, cells in enumerate([heads, *rows]):
        wrapped = [_wrapped(text, width - 2 * _PAD) for text, width in zip(cells, grid.widths, strict=True)]
        lines = max(len(cell) for cell in wrapped)
        bottom = levels - ((lines - 1) * _STEP + 1 + 2 * _PAD) * grid.height
        for left, cell, width in zip(edges, wrapped, grid.widths, strict=False):
            at = (left + _PAD * grid.height, levels - _PAD * grid.height)
            style = FONT if number else HEADINGS
            wide = width * grid.height  # a little more than the lines need: they are cut already
            _text(drawing, grid, at, "\n".join(cell), width=wide, height=grid.height, style=style)
        _line(drawing, grid, (x, bottom), (edges[-1], bottom))
        levels = bottom
    for edge in edges:
        _line(drawing, grid, (edge, top), (edge, levels))


def _wrapped(text: str, width: float) -> list[str]:
    """Cut text into lines of a width in heights of its letters; AutoCAD cuts Chinese anywhere, others nowhere."""
    lines: list[str] = []
    for part in text.split("\n"):
        current, used = "", 0.0
        for char in part:
            wide = _WIDE if _is_wide(char) else _NARROW
            if current and used + wide > width:
                # A Latin word goes to the next line whole, where it is not the whole line.
                keep, space, word = current.rpartition(" ")
                whole = bool(space) and char.isascii() and char != " " and word.isascii()
                lines.append(keep if whole else current)
                current = word if whole else ""
                used = sum(_WIDE if _is_wide(c) else _NARROW for c in current)
            current += char
            used += wide
        lines.append(current)
    return lines


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WFA"


def _text(
    drawing: Drawing,
    grid: Grid,
    at: tuple[float, float],
    text: str,
    *,
    width: float,
    height: float,
    style: str,
) -> None:
    if not text:
        return
    entity = drawing.modelspace().add_mtext(paragraph(text), {"layer": grid.layer, "style": style})
    entity.dxf.char_height = height
    entity.dxf.width = width
    entity.set_location(at, attachment_point=MTextEntityAlignment.TOP_LEFT)
    _note(entity)


def _line(drawing: Drawing, grid: Grid, start: tuple[float, float], end: tuple[float, float]) -> None:
    _note(drawing.modelspace().add_line(start, end, {"layer": grid.layer}))


def _note(entity: DXFEntity) -> None:
    write_record(entity, Record(layer="", row=0, role="note"))
