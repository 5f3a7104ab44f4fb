"""Stalls along aisles: row after row packed exactly into what the others leave, then each row once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.bays import Side, turning_bay
from plan.parking.kinds import Kinds
from plan.parking.lanes import Network
from plan.parking.lines import Lane, Line
from plan.parking.lot import Ground
from plan.parking.sweep import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Filling", "Row", "fill"]

_TOLERANCE: Final = 1e-6
_SQUARE: Final = 90.0


@dataclass(slots=True, eq=False)
class Row:
    """Stalls along one side of one aisle, or across its end."""

    lane: int
    side: int  # 1 left of the aisle's line, -1 right; 2 across its second end, -2 across its first
    usable: Ints  # 1 for shapes that may stand here
    first: Ints  # 1 for those of the first pass
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
    turning: list[Floats] = field(default_factory=list)  # corners of ground on which a car turns
    stuck: list[tuple[int, bool]] = field(default_factory=list)  # dead ends without such ground

    @property
    def count(self) -> int:
        """How many stalls stand."""
        return sum(len(row) for row in self.rows)


def fill(
    ground: Ground, network: Network, lines: Sequence[Line], kinds: Kinds, *, passes: int = 2, worth: int = 0
) -> Filling:
    """Set as many stalls as possible along some aisles.

    First each row takes the kinds for which its place was planned, then, in as many passes as given, whatever
    stands where the others leave room; a row is given up only for one that is longer. A layout that after the first
    of these passes has less stalls than are worth more work is left at that.
    """
    lanes = network.lanes
    rows = []
    for number, lane in enumerate(lanes):
        if not lane.serves or lane.line < 0:
            continue
        line = lines[lane.line]
        usable = _usable(kinds, lane)
        for side, planned in ((-1, line.below), (1, line.above)):
            rows.append(Row(number, side, usable, _planned(kinds, planned) * usable))
    square = np.array([int(row.angle_deg == _SQUARE and lean == 0) for row in kinds.rows for lean in (0, 1)])
    for number, second in network.tails:
        rows.append(Row(number, 2 if second else -2, square, np.zeros_like(square)))
    grounds = np.array([*(lane.corners() for lane in lanes), *network.corners], dtype=float).reshape(-1, 4, 2)
    if rows:
        _pack(ground, lanes, kinds, grounds, rows, passes, worth)
    turning = [
        _turning_bay(ground, lanes, rows, kinds, grounds, lane, second=second, reach_m=network.dead_end_m)
        for lane, second in network.dead_ends
    ]
    stuck = [end for end, corners in zip(network.dead_ends, turning, strict=True) if corners is None]
    found = [corners for corners in turning if corners is not None]
    return Filling(list(lanes), rows, [*network.turning, *found], stuck)


def _turning_bay(
    ground: Ground,
    lanes: Sequence[Lane],
    rows: Sequence[Row],
    kinds: Kinds,
    grounds: Floats,
    number: int,
    *,
    second: bool,
    reach_m: float,
) -> Floats | None:
    """Keep a bay free at a dead end, at which a car turns; None where there is no room for one."""
    lane = lanes[number]
    square = next((2 * k for k, row in enumerate(kinds.rows) if row.angle_deg == _SQUARE), None)
    if square is None:
        return None
    # Seen from the end: a bay is its own mirror image.
    ux, uy = (lane.x2 - lane.x1) / lane.length, (lane.y2 - lane.y1) / lane.length
    ax, ay = lane.x1, lane.y1
    if second:
        ax, ay, ux, uy = lane.x2, lane.y2, -ux, -uy
    beside = [row for row in rows if row.lane == number and abs(row.side) == 1]
    sides = []
    for row in beside:
        side = -row.side if second else row.side
        sides.append(
            Side(
                line=(ax - side * lane.width / 2 * uy, ay + side * lane.width / 2 * ux, ux, uy),
                side=side,
                length=lane.length,
                aisle_m=lane.width,
                blocks=row.blocks,
                others=np.concatenate([grounds, *(other.blocks for other in rows if other is not row)]),
            )
        )
    found = turning_bay(
        ground,
        sides,
        front_m=float(kinds.fronts[square]),
        depth_m=float(kinds.depths[square // 2]),
        reach_m=reach_m,
    )
    if found is None:
        return None
    which, bay = found
    row, keep = beside[which], np.flatnonzero(~bay.lost)
    row.shapes, row.places = [row.shapes[i] for i in keep], [row.places[i] for i in keep]
    row.blocks = row.blocks[keep]
    return bay.corners


def _planned(kinds: Kinds, planned: int) -> Ints:
    """Return 1 for the shapes that are no deeper than a planned kind."""
    if not 0 <= planned < len(kinds):
        return np.zeros(2 * len(kinds), dtype=np.int64)
    shallow = kinds.depths <= kinds.depths[planned] + _TOLERANCE
    return np.repeat(shallow, 2).astype(np.int64)


def _usable(kinds: Kinds, lane: Lane) -> Ints:
    """Return 1 for the shapes that may stand along an aisle: it is wide enough, and they face the traffic."""
    wide = kinds.needs <= lane.width + _TOLERANCE
    facing = (kinds.faces == 0) | (np.abs(kinds.faces) == 1 if lane.way == 0 else kinds.faces == lane.way)
    found: Ints = (wide & facing).astype(np.int64)
    return found


def _pack(
    ground: Ground,
    lanes: Sequence[Lane],
    kinds: Kinds,
    grounds: Floats,
    rows: Sequence[Row],
    passes: int,
    worth: int,
) -> None:
    first, usable = np.array([row.first for row in rows]), np.array([row.usable for row in rows])
    borders = [_border(lanes[row.lane], row.side) for row in rows]
    lines = np.array([(*line, side) for line, side in borders], dtype=float)
    counts, shapes, places = filled(
        lines,
        np.array([lanes[row.lane].length if abs(row.side) == 1 else lanes[row.lane].width for row in rows]),
        first,
        usable,
        # What was planned is set first.
        np.argsort(~first.any(axis=1), kind="stable").astype(np.int64),
        kinds.at_wall,
        kinds.at_stall,
        kinds.fronts,
        kinds.follow,
        ground.park_edges,
        grounds,
        passes,
        worth,
    )
    there = np.arange(shapes.shape[1]) < counts[:, None]
    shape, place, line = shapes[there], places[there], np.repeat(lines, counts, axis=0)
    t = kinds.at_stall[shape, :, 0] + place[:, None]
    s = line[:, 4:] * kinds.at_stall[shape, :, 1]
    x = line[:, :1] + t * line[:, 2:3] - s * line[:, 3:4]
    y = line[:, 1:2] + t * line[:, 3:4] + s * line[:, 2:3]
    blocks = np.stack([x, y], axis=2)
    ends = np.cumsum(counts).tolist()
    for row, low, high in zip(rows, [0, *ends], ends, strict=False):
        row.shapes, row.places, row.blocks = (
            shape[low:high].tolist(),
            place[low:high].tolist(),
            blocks[low:high],
        )


def _border(lane: Lane, side: int) -> tuple[tuple[float, float, float, float], int]:
    """Return the border of an aisle along which a row stands, a point and its direction; and on which side of it."""
    ux, uy = (lane.x2 - lane.x1) / lane.length, (lane.y2 - lane.y1) / lane.length
    half = lane.width / 2
    if side == 2:  # noqa: PLR2004 - across the second end, from the right to the left
        return (lane.x2 + half * uy, lane.y2 - half * ux, -uy, ux), -1
    if side == -2:  # noqa: PLR2004 - across the first end, from the left to the right
        return (lane.x1 - half * uy, lane.y1 + half * ux, uy, -ux), -1
    return (lane.x1 - side * half * uy, lane.y1 + side * half * ux, ux, uy), side


def moved(shapes: Floats, places: Floats, line: tuple[float, float, float, float], side: int) -> Floats:
    """Return shapes at their places along a line, in metres of the ground."""
    ax, ay, ux, uy = line
    t = shapes[:, :, 0] + places[:, None]
    s = side * shapes[:, :, 1]
    return np.stack([ax + t * ux - s * uy, ay + t * uy + s * ux], axis=2)


def marked(lane: Lane, row: Row, kinds: Kinds) -> Floats:
    """Return the stalls of a row as they are marked."""
    return moved(kinds.marks[row.shapes], np.array(row.places), *_border(lane, row.side))
