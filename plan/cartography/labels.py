"""Labels of a printed map: none over another, none over a symbol, and none where there is no room for it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plan.cartography.ink import written
from plan.cartography.letters import POINT_MM, width_mm

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "LEAST_PT",
    "Along",
    "Beside",
    "Board",
    "Box",
    "Inside",
    "Label",
    "Line",
    "place_labels",
    "stacked",
    "turned",
    "widest",
]

Box = tuple[float, float, float, float]  # left, top, right, bottom [mm]

LEAST_PT: Final = 7.0  # smaller letters are not read at arm's length
_CELL_MM: Final = 12.0
_GAP_MM: Final = 0.35  # between a label and anything else
_ASCENT: Final = 0.84  # of letters above their base line, in their size
_DESCENT: Final = 0.2
# A line of text may leave the straight by this share of its length before a reader stumbles.
_STRAIGHT: Final = 0.985
_UPRIGHT: Final = 0.02  # [rad] within which a line counts as upright
_REPEAT_MM: Final = 140.0  # after which the name of a street stands again


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a label that was placed; ``y`` is its base line."""

    text: str
    x: float
    y: float
    size_mm: float
    colour: str
    angle_deg: float = 0.0

    def to_svg(self) -> str:
        """Return it as SVG, white around the letters."""
        return written(
            self.text,
            self.x,
            self.y,
            size_mm=self.size_mm,
            colour=self.colour,
            anchor="middle",
            angle_deg=self.angle_deg,
            halo=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label that was placed, and the boxes that it takes."""

    lines: tuple[Line, ...]
    boxes: tuple[Box, ...]


@dataclass(slots=True, eq=False)
class Board:
    """What is taken of the paper."""

    width_mm: float
    height_mm: float
    _cells: dict[tuple[int, int], list[Box]] = field(default_factory=lambda: defaultdict(list))

    def take(self, box: Box) -> None:
        """Keep a box free of labels."""
        for cell in _cells(box):
            self._cells[cell].append(box)

    def free(self, box: Box) -> bool:
        """Tell whether nothing lies in a box, and whether it is on the paper."""
        left, top, right, bottom = box
        if left < 1 or top < 1 or right > self.width_mm - 1 or bottom > self.height_mm - 1:
            return False
        return not any(
            left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
            for cell in _cells(box)
            for other in self._cells.get(cell, ())
        )


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for column in range(math.floor(box[0] / _CELL_MM), math.floor(box[2] / _CELL_MM) + 1):
        for row in range(math.floor(box[1] / _CELL_MM), math.floor(box[3] / _CELL_MM) + 1):
            yield column, row


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A label beside a symbol: to the right, below, to the left, above."""

    text: str
    rank: float
    at: tuple[float, float]
    radius_mm: float
    size_pt: float = 8.0
    colour: str = "#30302e"
    far: bool = False  # whether it may stand a line or two away, rather than not at all

    def tries(self) -> Iterator[Label]:
        """Yield the places that are tried, the best first."""
        size = self.size_pt * POINT_MM
        wide, (x, y) = width_mm(self.text, size), self.at
        away = self.radius_mm + 0.8
        places = (
            (x + away + wide / 2, y),
            (x, y + away + size / 2),
            (x - away - wide / 2, y),
            (x, y - away - size / 2),
            (x + away * 0.75 + wide / 2, y + away * 0.75 + size / 4),
            (x + away * 0.75 + wide / 2, y - away * 0.75 - size / 4),
            (x - away * 0.75 - wide / 2, y + away * 0.75 + size / 4),
            (x - away * 0.75 - wide / 2, y - away * 0.75 - size / 4),
        )
        farther = [
            (x + aside * wide / 2, y + side * (away + size * lines))
            for lines in (1.6, 2.7, 3.8)
            for side in (-1, 1)
            for aside in (0.0, 0.8, -0.8)
        ]
        for middle in (*places, *(farther if self.far else ())):
            yield stacked([(self.text, size, self.colour)], middle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A label in an area: its name large and what is added small, as much as there is room for.

    Parameters
    ----------
    text, more : str
        Name, and what is added.
    rank : float
        What is smaller is placed first.
    at : tuple of float
        Middle of the widest stretch inside [mm].
    span_mm, wide_mm, high_mm : float
        That stretch, and the area's extent.
    sizes_pt : tuple of float
        Sizes that are tried.
    colour : str
        Of the letters.
    beyond : float, default 1.25
        How many times the stretch a label may be wide.
    """

    text: str
    more: str = ""
    rank: float
    at: tuple[float, float]
    span_mm: float
    wide_mm: float
    high_mm: float
    sizes_pt: tuple[float, ...] = (9.5, 8.0, LEAST_PT)
    colour: str = "#111111"
    beyond: float = 1.25

    def tries(self) -> Iterator[Label]:
        """Yield the places that are tried, the best first."""
        x, y = self.at
        room = max(self.span_mm, min(self.wide_mm, self.high_mm) * 1.2) * self.beyond
        for size_pt in self.sizes_pt:
            big, small = size_pt * POINT_MM, max(LEAST_PT, size_pt * 0.74) * POINT_MM
            for parts in self._forms(big, small):
                wide = max(width_mm(text, size) for text, size, _ in parts)
                high = sum(size for _, size, _ in parts)
                if wide > room or high > self.high_mm * 1.5:
                    continue
                for dx, dy in (
                    (0.0, 0.0), (-0.28, 0.0), (0.28, 0.0), (-0.4, 0.0), (0.4, 0.0),
                    (0.0, -0.28), (0.0, 0.28), (-0.28, -0.28), (0.28, 0.28), (0.28, -0.28), (-0.28, 0.28),
                ):  # fmt: skip
                    yield stacked(parts, (x + dx * self.span_mm, y + dy * self.high_mm))

    def _forms(self, big: float, small: float) -> Iterator[list[tuple[str, float, str]]]:
        if self.text and self.more:
            yield [(self.text, big, self.colour), (self.more, small, "#444444")]
            yield [(f"{self.text} {self.more}", big, self.colour)]
        yield [(self.text, big, self.colour)] if self.text else [(self.more, small, "#444444")]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Along:
    """A name along a line, where the line is straight enough."""

    text: str
    rank: float
    line: NDArray[np.float64]  # (n, 2) [mm]
    size_pt: float = 7.5
    colour: str = "#5a5a5a"

    def tries(self) -> Iterator[Label]:
        """Yield the places that are tried, those in the middle first."""
        size = self.size_pt * POINT_MM
        wide = width_mm(self.text, size)
        steps = np.hypot(*np.diff(self.line, axis=0).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        spare = along[-1] - wide * 1.05
        if spare < 0:
            return
        starts = np.linspace(0.0, spare, max(1, min(60, int(spare / (wide / 3)) + 1)))
        for start in starts[np.argsort(np.abs(starts - spare / 2), kind="stable")]:
            where = (start, start + wide * 1.05)
            (x0, x1), (y0, y1) = (
                np.interp(where, along, self.line[:, 0]),
                np.interp(where, along, self.line[:, 1]),
            )
            if math.hypot(x1 - x0, y1 - y0) >= wide * 1.05 * _STRAIGHT:
                yield self._at((x0 + x1) / 2, (y0 + y1) / 2, math.atan2(y1 - y0, x1 - x0), size)

    def _at(self, x: float, y: float, angle: float, size: float) -> Label:
        return turned(self.text, x, y, angle, size_mm=size, colour=self.colour)


def turned(text: str, x: float, y: float, angle: float, *, size_mm: float, colour: str = "#111111") -> Label:
    """Return a line of text along a direction, never upside down.

    Parameters
    ----------
    text : str
        The text.
    x, y : float
        Its middle [mm].
    angle : float
        The direction on the paper, clockwise from the right [rad].
    size_mm : float
        Size of the letters [mm].
    colour : str
        Of the letters.
    """
    angle = math.remainder(angle, 2 * math.pi)
    if angle > math.pi / 2 - _UPRIGHT:  # what stands upright is read upwards
        angle -= math.pi
    elif angle < -math.pi / 2 - _UPRIGHT:
        angle += math.pi
    right, down = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    low = size_mm * (_ASCENT - _DESCENT) / 2
    line = Line(
        text=text,
        x=x + down[0] * low,
        y=y + down[1] * low,
        size_mm=size_mm,
        colour=colour,
        angle_deg=math.degrees(angle),
    )
    # A box around turned text would take the corners beside it; many small ones do not.
    wide = width_mm(text, size_mm)
    count = max(1, math.ceil(wide / size_mm))
    half = size_mm * 0.6
    middles = ((k + 0.5) / count * wide - wide / 2 for k in range(count))
    boxes = tuple(
        (x + right[0] * m - half, y + right[1] * m - half, x + right[0] * m + half, y + right[1] * m + half)
        for m in middles
    )
    return Label(lines=(line,), boxes=boxes)


def stacked(parts: Sequence[tuple[str, float, str]], middle: tuple[float, float]) -> Label:
    """Return lines under each other about a middle."""
    x, y = middle
    high = sum(size for _, size, _ in parts)
    wide = max(width_mm(text, size) for text, size, _ in parts)
    top, lines = y - high / 2, []
    for text, size, colour in parts:
        base = top + size * (0.5 + (_ASCENT - _DESCENT) / 2 + 0.02)
        lines.append(Line(text=text, x=x, y=base, size_mm=size, colour=colour))
        top += size
    box = (
        x - wide / 2 - _GAP_MM,
        y - high / 2 - _GAP_MM,
        x + wide / 2 + _GAP_MM,
        y + high / 2 + _GAP_MM,
    )
    return Label(lines=tuple(lines), boxes=(box,))


def place_labels(wanted: Iterable[Beside | Inside | Along], board: Board) -> list[Label]:
    """Place labels where there is room, those of lower rank first; what finds no room is left out.

    Parameters
    ----------
    wanted : iterable of Beside, Inside or Along
        What is to be written.
    board : Board
        What is taken; the labels are added to it.

    Returns
    -------
    list of Label
        What was placed; no two of their boxes share ground.
    """
    placed: list[Label] = []
    named: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in sorted(wanted, key=lambda w: w.rank):
        for label in one.tries():
            if not all(board.free(box) for box in label.boxes):
                continue
            if isinstance(one, Along):
                x, y = label.lines[0].x, label.lines[0].y
                if any(math.hypot(x - a, y - b) < _REPEAT_MM for a, b in named[one.text]):
                    continue
                named[one.text].append((x, y))
            for box in label.boxes:
                board.take(box)
            placed.append(label)
            break
    return placed


def widest(rings: Sequence[NDArray[Any]]) -> tuple[float, float, float]:
    """Return the middle of the widest stretch inside an area on the level of its middle, and how wide it is.

    Parameters
    ----------
    rings : sequence of ndarray, shape (n, 2)
        Closed rings, the outer one first.

    Returns
    -------
    x, y, width : float
        In the unit of the rings.
    """
    outer = rings[0]
    shifted = outer - outer[0]
    cross = shifted[:-1, 0] * shifted[1:, 1] - shifted[1:, 0] * shifted[:-1, 1]
    area = cross.sum()
    low, high = outer[:, 1].min(), outer[:, 1].max()
    half = (low + high) / 2
    level = outer[0, 1] + ((shifted[:-1, 1] + shifted[1:, 1]) * cross).sum() / (3 * area) if area else half
    best: tuple[float, float, float] | None = None
    for y in (level, half, low + (high - low) * 0.3, low + (high - low) * 0.7):
        crossings: list[float] = []
        for ring in rings:
            above = ring[:, 1] > y
            for k in np.flatnonzero(above[1:] != above[:-1]):
                (x0, y0), (x1, y1) = ring[k], ring[k + 1]
                crossings.append(float(x0 + (y - y0) / (y1 - y0) * (x1 - x0)))
        crossings.sort()
        for left, right in zip(crossings[::2], crossings[1::2], strict=False):
            if best is None or right - left > best[2] * 1.15:
                best = ((left + right) / 2, float(y), right - left)
        if best is not None and best[2] > 0:
            break
    return best or (float(outer[0, 0]), float(outer[0, 1]), 0.0)
