"""Symbols that would lie over each other are moved apart, with a line to where they belong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from plan.cartography.ink import number
from plan.cartography.labels import Board, Box

if TYPE_CHECKING:
    from plan.maps.layers import Class, Drawing

__all__ = ["Symbol", "leader", "shrunk", "spread"]

_TURNS: Final = 12
_RINGS: Final = 5
_GAP_MM: Final = 0.25
_EDGE_MM: Final = 0.6
# With more symbols than these a map is read from afar, and lines between them would only be noise.
_CROWD: Final = 500
# With more than these symbols are smaller, down to a share of their size.
_MANY: Final = 150
_LEAST: Final = 0.6
_SHRINKING: Final = ("facilities", "entrances", "remarks")
_LEGIBLE_MM: Final = 1.45  # radius below which nobody reads what is written in a symbol


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symbol:
    """A symbol on the paper [mm], and where it belongs."""

    drawing: Drawing
    index: int
    x: float
    y: float
    radius_mm: float
    home: tuple[float, float]

    @property
    def of(self) -> Class:
        """Its class."""
        return self.drawing.classes[self.drawing.of_class[self.index]]

    @property
    def glyph(self) -> str:
        """What is written in it; nothing where it is too small to be read."""
        if self.radius_mm < _LEGIBLE_MM:
            return ""
        return self.drawing.glyphs[self.index] if self.drawing.glyphs else self.of.glyph

    @property
    def box(self) -> Box:
        """What it takes of the paper."""
        r = self.radius_mm + 0.2
        return (self.x - r, self.y - r, self.x + r, self.y + r)

    @property
    def moved(self) -> bool:
        """Whether it stands so far from where it belongs that a line must say so."""
        return math.hypot(self.x - self.home[0], self.y - self.home[1]) > self.radius_mm * 1.6


def shrunk(symbols: Sequence[Symbol]) -> list[Symbol]:
    """Return symbols of what was there already smaller where there are many of them."""
    share = max(_LEAST, min(1.0, math.sqrt(_MANY / max(len(symbols), 1))))
    return [
        replace(one, radius_mm=one.radius_mm * share) if one.drawing.kind in _SHRINKING else one
        for one in symbols
    ]


def spread(
    symbols: Sequence[Symbol], *, width_mm: float, height_mm: float, taken: Sequence[Box]
) -> list[Symbol]:
    """Move symbols apart.

    Parameters
    ----------
    symbols : sequence of Symbol
        From the ground up; those on top keep their place first.
    width_mm, height_mm : float
        Of the paper.
    taken : sequence of Box
        Where none may stand.

    Returns
    -------
    list of Symbol
        In the same order; one that finds no room nearby stays where it belongs.
    """
    if len(symbols) > _CROWD:
        return list(symbols)
    board = Board(width_mm, height_mm)
    for box in taken:
        board.take(box)
    placed = dict(enumerate(symbols))
    for k in sorted(placed, key=lambda k: -k):
        one = _kept_inside(placed[k], width_mm, height_mm)
        for x, y in _places(one):
            tried = replace(one, x=x, y=y)
            if board.free(tried.box):
                one = tried
                break
        board.take(one.box)
        placed[k] = one
    return [placed[k] for k in range(len(symbols))]


def _kept_inside(one: Symbol, width_mm: float, height_mm: float) -> Symbol:
    edge = one.radius_mm + _EDGE_MM + 1.0
    return replace(one, x=min(max(one.x, edge), width_mm - edge), y=min(max(one.y, edge), height_mm - edge))


def _places(one: Symbol) -> list[tuple[float, float]]:
    step = one.radius_mm + _GAP_MM
    found = [(one.x, one.y)]
    for ring in range(1, _RINGS + 1):
        away = step * (0.9 + 0.75 * ring)
        for turn in range(_TURNS):
            # Upwards to the right first, where a reader looks for a mark.
            angle = -math.pi / 4 + math.pi * (turn // 2 + turn % 2) * (1 if turn % 2 else -1) / (_TURNS / 2)
            found.append((one.x + away * math.cos(angle), one.y + away * math.sin(angle)))
    return found


def leader(one: Symbol) -> str:
    """Return the line from a symbol that was moved to where it belongs; nothing for one that was not."""
    if not one.moved:
        return ""
    x, y = one.home
    ends = f'x1="{number(x)}" y1="{number(y)}" x2="{number(one.x)}" y2="{number(one.y)}"'
    dot = f'<circle cx="{number(x)}" cy="{number(y)}" r="0.45" fill="#1a1a1a"/>'
    return f'<line {ends} stroke="#1a1a1a" stroke-width="0.22"/>{dot}'
