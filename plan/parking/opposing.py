"""One-way aisles that lead against each other over the same ground, which is too narrow for both.

Aisles that meet or cross share ground too: there, the shared stretch is about as long as an aisle is wide. Two aisles
oppose each other where they are driven in opposite directions along a stretch that is longer than either is wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.drawing import TOUCH_M, Aisle, Drawing
from plan.parking.faults import Fault, FaultKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.stalls import DesignCar

__all__ = ["opposing_faults"]

# Directions that differ by 150 degrees and more are opposite: no car turns from one into the other.
_OPPOSITE: Final = -math.cos(math.radians(30.0))
# Aisles at 30 degrees and more to each other cross; what lies on the ground of a crossing aisle is a junction.
_CROSSING: Final = math.cos(math.radians(30.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """The straight pieces of all aisles' lines."""

    lines: NDArray[np.object_]
    ways: NDArray[np.float64]  # unit vectors
    owner: NDArray[np.int64]  # number of the aisle


def opposing_faults(drawing: Drawing, *, car: DesignCar) -> Iterator[Fault]:
    """Find pairs of one-way aisles that are driven against each other on ground too narrow for both.

    Parameters
    ----------
    drawing : Drawing
        Its aisles; those without a line or a direction are passed over.
    car : DesignCar
        The ground of both must be twice its clear width: 5.6 m for the design car of 2.8 m.

    Yields
    ------
    Fault
        With both aisles, or the one that is folded back on itself; the ground that they share; and how wide the ground
        of both is where it is narrowest, beside what both need.
    """
    aisles = drawing.aisles
    one_way = np.array([aisle.one_way and aisle.line is not None for aisle in aisles], dtype=bool)
    if not one_way.any():
        return
    pieces = _pieces(aisles)
    own = np.flatnonzero(one_way[pieces.owner])
    widths = np.array([aisle.width_m for aisle in aisles])
    both = 2 * car.clear_width_m
    tree = shapely.STRtree(pieces.lines[own])
    near = tree.query(pieces.lines[own], predicate="dwithin", distance=both)
    left, right = own[near[0]], own[near[1]]
    against = np.einsum("ij,ij->i", pieces.ways[left], pieces.ways[right]) <= _OPPOSITE
    # Each pair of aisles once, along the first; an aisle folded back on itself along both of its sides.
    against &= pieces.owner[left] <= pieces.owner[right]
    left, right = left[against], right[against]
    pairs = np.unique(np.stack([pieces.owner[left], pieces.owner[right]], axis=1), axis=0)
    for i, j in pairs.tolist():
        mine = (pieces.owner[left] == i) & (pieces.owner[right] == j)
        half = (widths[i] + widths[j]) / 2
        # Two lines closer than this have ground in common, and less than both need.
        away = min(half, both - half) - TOUCH_M
        if away <= 0 or max(widths[i], widths[j]) > both - TOUCH_M:
            continue
        shared, narrowest = [], math.inf
        for part, apart in _stretches(pieces, left[mine], right[mine], away):
            junctions = _junctions(pieces, aisles, part, (i, j))
            length = part.length - shapely.intersection(part, junctions).length
            if length > max(widths[i], widths[j]) + TOUCH_M:
                ground = shapely.buffer(part, widths[i] / 2, cap_style="flat", join_style="mitre")
                shared.append(shapely.intersection(ground, aisles[j].ground))
                narrowest = min(narrowest, max(widths[i], widths[j], half + apart))
        if shared:
            yield Fault(
                kind=FaultKind.AISLES_OPPOSE,
                aisles=tuple(sorted({aisles[i].id, aisles[j].id})),
                geometry=shapely.union_all(shared),
                measured_m=round(narrowest, 4),
                required_m=both,
            )


def _pieces(aisles: tuple[Aisle, ...]) -> _Pieces:
    first, last, owner = [], [], []
    for number, aisle in enumerate(aisles):
        if aisle.line is None:
            continue
        points = shapely.get_coordinates(aisle.line)
        points = points[np.r_[True, np.hypot(*np.diff(points, axis=0).T) > TOUCH_M]]
        first.append(points[:-1])
        last.append(points[1:])
        owner.append(np.full(len(points) - 1, number))
    begin, end = np.concatenate(first), np.concatenate(last)
    ways = end - begin
    return _Pieces(
        lines=np.asarray(shapely.linestrings(np.stack([begin, end], axis=1)), dtype=object),
        ways=ways / np.hypot(*ways.T)[:, None],
        owner=np.concatenate(owner),
    )


def _stretches(
    pieces: _Pieces, left: NDArray[np.int64], right: NDArray[np.int64], away: float
) -> Iterator[tuple[BaseGeometry, float]]:
    """Return the stretches of an aisle along which another leads against it, and how near its line comes there."""
    found, others = [], []
    for piece in np.unique(left):
        opposite = shapely.line_merge(shapely.union_all(pieces.lines[right[left == piece]]))
        beside = shapely.buffer(opposite, away, cap_style="flat", join_style="mitre")
        common = shapely.intersection(pieces.lines[piece], beside)
        found += [p for p in shapely.get_parts(common) if p.length > TOUCH_M]
        others.append(opposite)
    every = shapely.union_all(others)
    for part in shapely.get_parts(shapely.line_merge(shapely.union_all(found))):
        yield part, float(shapely.distance(part, every))


def _junctions(
    pieces: _Pieces, aisles: tuple[Aisle, ...], part: BaseGeometry, pair: tuple[int, int]
) -> BaseGeometry:
    """Return the ground of other aisles that cross a stretch."""
    ends = shapely.get_coordinates(part)[[0, -1]]
    way = (ends[1] - ends[0]) / max(float(np.hypot(*(ends[1] - ends[0]))), TOUCH_M)
    crossing = (np.abs(pieces.ways @ way) <= _CROSSING) & ~np.isin(pieces.owner, pair)
    half = np.array([aisles[a].width_m / 2 for a in pieces.owner[crossing]])
    return shapely.union_all(shapely.buffer(pieces.lines[crossing], half, cap_style="flat"))
