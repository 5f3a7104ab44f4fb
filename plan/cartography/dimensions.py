"""Dimension lines: from here to there, in millimetres, as on a builder's drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from plan.cartography.ink import number
from plan.cartography.labels import Board, Box, Label, stacked, turned
from plan.cartography.letters import POINT_MM, width_mm

__all__ = ["Dimension", "dimensioned"]

_SIZE_MM: Final = 8.0 * POINT_MM
_TICK_MM: Final = 1.1
_BESIDE_MM: Final = 2.5  # from a line to the middle of what is written along it
_PLATE_MM: Final = 0.9  # half the width of ground that a line keeps free of letters

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A distance on the paper.

    Parameters
    ----------
    start, end : tuple of float
        Its ends [mm].
    text : str
        What is written along it.
    colour : str
        Of line and letters.
    from_start, from_end : tuple of float, optional
        Where the ends belong, where the line stands aside: thin lines lead there.
    """

    start: Point
    end: Point
    text: str
    colour: str = "#1a1a1a"
    from_start: Point | None = None
    from_end: Point | None = None

    @property
    def length_mm(self) -> float:
        """How long the line is."""
        return math.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    @property
    def angle(self) -> float:
        """Its direction [rad]."""
        return math.atan2(self.end[1] - self.start[1], self.end[0] - self.start[0])

    def to_svg(self) -> str:
        """Draw the line with a slanted tick at either end."""
        out = _line(self.start, self.end, self.colour, 0.3)
        slant = self.angle + math.pi / 4
        dx, dy = _TICK_MM * math.cos(slant), _TICK_MM * math.sin(slant)
        for (x, y), home in ((self.start, self.from_start), (self.end, self.from_end)):
            out += _line((x - dx, y - dy), (x + dx, y + dy), self.colour, 0.45)
            out += "" if home is None else _line(home, (x, y), self.colour, 0.13)
        return out

    def boxes(self) -> Iterator[Box]:
        """Yield the ground that the line keeps free of letters."""
        steps = max(1, math.ceil(self.length_mm / (2 * _PLATE_MM)))
        for k in range(steps + 1):
            x = self.start[0] + (self.end[0] - self.start[0]) * k / steps
            y = self.start[1] + (self.end[1] - self.start[1]) * k / steps
            yield (x - _PLATE_MM, y - _PLATE_MM, x + _PLATE_MM, y + _PLATE_MM)

    def tries(self) -> Iterator[Label]:
        """Yield where the text may stand: along the line, beyond its ends, then around it."""
        wide = width_mm(self.text, _SIZE_MM)
        down = (-math.sin(self.angle), math.cos(self.angle))

        def at(along: float, aside: float) -> Label:
            x = self.start[0] + (self.end[0] - self.start[0]) * along + down[0] * aside
            y = self.start[1] + (self.end[1] - self.start[1]) * along + down[1] * aside
            return turned(self.text, x, y, self.angle, size_mm=_SIZE_MM, colour=self.colour)

        if wide <= self.length_mm * 1.15:
            for along in (0.5, 0.35, 0.65, 0.2, 0.8):
                for aside in (-_BESIDE_MM - 0.2, _BESIDE_MM + 0.2):
                    yield at(along, aside)
        beyond = (wide / 2 + 2.0) / max(self.length_mm, 0.1)
        for along in (1 + beyond, -beyond):
            yield at(along, 0.0)
        middle = ((self.start[0] + self.end[0]) / 2, (self.start[1] + self.end[1]) / 2)
        for ring in range(1, 9):
            for turn in range(12):
                angle = turn * math.pi / 6 + math.pi / 12
                away = (2.5 * ring * math.cos(angle) * (1 + wide / 12), 2.5 * ring * math.sin(angle))
                yield stacked(
                    [(self.text, _SIZE_MM, self.colour)], (middle[0] + away[0], middle[1] + away[1])
                )


def _line(start: Point, end: Point, colour: str, width: float) -> str:
    ends = f'x1="{number(start[0])}" y1="{number(start[1])}" x2="{number(end[0])}" y2="{number(end[1])}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{number(width)}"/>'


def dimensioned(dimensions: Sequence[Dimension], board: Board) -> tuple[str, list[Label]]:
    """Draw dimensions, none of whose texts lies over another.

    Parameters
    ----------
    dimensions : sequence of Dimension
        Those that matter most first.
    board : Board
        What is taken, the lines themselves (:meth:`Dimension.boxes`) among it; the texts are added.

    Returns
    -------
    svg : str
        Lines and texts.
    labels : list of Label
        The texts; one that finds no room is left out, and its figure stands in the table.
    """
    out, labels = [one.to_svg() for one in dimensions], []
    for one in dimensions:
        label = _first_free(one.tries(), board)
        if label is None:
            continue
        for box in label.boxes:
            board.take(box)
        labels.append(label)
        out += [_to_text(one, label), *(line.to_svg() for line in label.lines)]
    return "".join(out), labels


def _first_free(labels: Iterable[Label], board: Board) -> Label | None:
    return next((label for label in labels if all(board.free(box) for box in label.boxes)), None)


def _to_text(one: Dimension, label: Label) -> str:
    """Return a thin line from a text that stands apart to its dimension."""
    left, top, right, bottom = label.boxes[0][0], label.boxes[0][1], label.boxes[-1][2], label.boxes[-1][3]
    x, y = (left + right) / 2, (top + bottom) / 2
    middle = ((one.start[0] + one.end[0]) / 2, (one.start[1] + one.end[1]) / 2)
    if len(label.boxes) > 1 or math.hypot(x - middle[0], y - middle[1]) < one.length_mm / 2 + 2:
        return ""
    near = (min(max(middle[0], left), right), min(max(middle[1], top), bottom))
    return _line(near, middle, one.colour, 0.13)
