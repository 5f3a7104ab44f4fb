"""Stalls along aisles: row after row packed exactly into what the others leave, then each row once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.lot import Ground
from plan.parking.kinds import Kinds
from plan.parking.lanes import Lane, Line, Network
from plan.parking.sweep import packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Filling", "Row", "fill"]

_TOLERANCE: Final = 1e-6
_SQUARE: Final = 90.0
_TURN_WITHIN_M: Final = 6.0  # of the end, which the car that turns is not longer than


@dataclass(slots=True, eq=False)
class Row:
    """Stalls along one side of one aisle."""

    lane: int
    side: int  # 1 left of the aisle's line, -1 right
    usable: tuple[int, ...]  # shapes that may stand here
    first: tuple[int, ...]  # those of the first pass
    shapes: list[int] = field(default_factory=list)
    places: list[float] = field(default_factory=list)
    blocks: Floats = field(default_factory=lambda: np.empty((0, 4, 2)))  # what the stalls take

    def __len__(self) -> int:
        return len(self.shapes)


@dataclass(slots=True, eq=False)
class Filling:
    """Aisles with the stalls along them."""

    lanes: list[Lane]
    rows: list[Row]
    turning: list[Floats] = field(default_factory=list)  # ground on which a car turns at a dead end

    @property
    def count(self) -> int:
        """How many stalls stand."""
        return sum(len(row) for row in self.rows)


def fill(
    ground: Ground, network: Network, lines: Sequence[Line], kinds: Kinds, *, passes: int = 2
) -> Filling:
    """Set as many stalls as possible along some aisles.

    First each row takes the kinds for which its place was planned, then, in as many passes as given, whatever
    stands where the others leave room; a row is given up only for one that is longer.
    """
    lanes = network.lanes
    rows = []
    for number, lane in enumerate(lanes):
        if not lane.serves or lane.line < 0:
            continue
        line = lines[lane.line]
        for side, planned in ((-1, line.below), (1, line.above)):
            usable = _usable(kinds, lane, side)
            first = tuple(
                k
                for k in usable
                if 0 <= planned < len(kinds) and kinds.depths[k // 2] <= kinds.depths[planned] + _TOLERANCE
            )
            rows.append(Row(number, side, usable, first))
    grounds = np.array([lane.corners() for lane in lanes], dtype=float).reshape(-1, 4, 2)
    order = sorted(range(len(rows)), key=lambda r: not rows[r].first)
    for r in order:
        if rows[r].first:
            _set(ground, lanes, kinds, grounds, rows, r, rows[r].first)
    for _ in range(passes):
        before = sum(len(row) for row in rows)
        for r in order:
            _set(ground, lanes, kinds, grounds, rows, r, rows[r].usable)
        if sum(len(row) for row in rows) == before:
            break
    turning = [_turning_place(lanes, rows, kinds, lane, second=second) for lane, second in network.dead_ends]
    return Filling(list(lanes), rows, [corners for corners in turning if corners is not None])


def _turning_place(
    lanes: Sequence[Lane], rows: Sequence[Row], kinds: Kinds, number: int, *, second: bool
) -> Floats | None:
    """Give up a square stall at a dead end, into which a car backs to turn; the whole aisle where there is none."""
    lane = lanes[number]
    own = [row for row in rows if row.lane == number]
    found: tuple[float, Row, int] | None = None
    for row in own:
        for i, (shape, place) in enumerate(zip(row.shapes, row.places, strict=True)):
            away = lane.length - place - kinds.fronts[shape] if second else place
            square = kinds.rows[shape // 2].angle_deg == _SQUARE
            if square and away <= _TURN_WITHIN_M and (found is None or away < found[0]):
                found = (away, row, i)
    if found is None:
        for row in own:
            row.shapes, row.places, row.blocks = [], [], np.empty((0, 4, 2))
        return None
    away, row, i = found
    front, depth = kinds.fronts[row.shapes[i]], kinds.at_stall[row.shapes[i], :, 1].max()
    del row.shapes[i], row.places[i]
    row.blocks = np.delete(row.blocks, i, axis=0)
    # The place is the stall's ground, and the aisle before it as far as its end.
    reach = away + front
    low, high = (lane.length - reach, lane.length) if second else (0.0, reach)
    corners = np.array([[[low, -lane.width], [high, -lane.width], [high, depth], [low, depth]]])
    ux, uy = (lane.x2 - lane.x1) / lane.length, (lane.y2 - lane.y1) / lane.length
    ax = lane.x1 - row.side * lane.width / 2 * uy
    ay = lane.y1 + row.side * lane.width / 2 * ux
    place: Floats = moved(corners, np.zeros(1), (ax, ay, ux, uy), row.side)[0]
    return place


def _usable(kinds: Kinds, lane: Lane, side: int) -> tuple[int, ...]:
    """Return the shapes that may stand along a side: their aisle is wide enough, and they face the traffic."""
    found = []
    for k, row in enumerate(kinds.rows):
        if row.aisle_m > lane.width + _TOLERANCE:
            continue
        if row.angle_deg in {0.0, 90.0}:
            found.append(2 * k)
        elif lane.way == 0:
            found += [2 * k, 2 * k + 1]
        else:
            # Who drives in forward turns by less than a right angle; who backs in leaves like that.
            found.append(2 * k if (lane.way > 0) == row.front_in else 2 * k + 1)
    return tuple(found)


def _set(
    ground: Ground,
    lanes: Sequence[Lane],
    kinds: Kinds,
    grounds: Floats,
    rows: Sequence[Row],
    number: int,
    usable: tuple[int, ...],
) -> None:
    row = rows[number]
    if not usable:
        return
    lane = lanes[row.lane]
    others = [other.blocks for r, other in enumerate(rows) if r != number and len(other.blocks)]
    blocks = np.concatenate([grounds, *others]) if others else grounds
    length = lane.length
    ux, uy = (lane.x2 - lane.x1) / length, (lane.y2 - lane.y1) / length
    ax = lane.x1 - row.side * lane.width / 2 * uy
    ay = lane.y1 + row.side * lane.width / 2 * ux
    chosen = list(usable)
    shapes, places = packed(
        np.array([ax, ay, ux, uy, float(row.side)]),
        np.array([0.0, length]),
        kinds.at_wall[chosen],
        kinds.at_stall[chosen],
        kinds.fronts[chosen],
        kinds.follow[np.ix_(chosen, chosen)],
        ground.park_edges,
        blocks,
    )
    if len(shapes) <= len(row):
        return
    row.shapes = [chosen[s] for s in shapes]
    row.places = [float(t) for t in places]
    row.blocks = moved(kinds.at_stall[row.shapes], np.array(row.places), (ax, ay, ux, uy), row.side)


def moved(shapes: Floats, places: Floats, line: tuple[float, float, float, float], side: int) -> Floats:
    """Return shapes at their places along a line, in metres of the ground."""
    ax, ay, ux, uy = line
    t = shapes[:, :, 0] + places[:, None]
    s = side * shapes[:, :, 1]
    return np.stack([ax + t * ux - s * uy, ay + t * uy + s * ux], axis=2)


def marked(lane: Lane, row: Row, kinds: Kinds) -> Floats:
    """Return the stalls of a row as they are marked."""
    length = lane.length
    ux, uy = (lane.x2 - lane.x1) / length, (lane.y2 - lane.y1) / length
    ax = lane.x1 - row.side * lane.width / 2 * uy
    ay = lane.y1 + row.side * lane.width / 2 * ux
    return moved(kinds.marks[row.shapes], np.array(row.places), (ax, ay, ux, uy), row.side)
