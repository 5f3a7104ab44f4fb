"""Kinds of stalls as shapes that can be moved along an aisle: what each takes of the ground, and how they follow.

Along the aisle runs t, away from it s. A stall of width w and length l at the angle a that leans forward has
its front corner on the border at t = p = w / sin a; the ground before its slanted front, down to the border,
is driven over and belongs to it, so that what it takes is the quadrilateral
(0, 0), (p, 0), (p + l cos a, l sin a), (w cos a cos a / sin a + l cos a, w cos a + l sin a).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.stalls import DESIGN_CAR, StallRow, StallSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Kinds", "kinds_of"]

Shape = list[tuple[float, float]]

_SQUARE: Final = 90.0
# From the ends of a parallel stall of 6 m to walls: with so much a way in and out is found for the design car.
_BEHIND_M: Final = 0.1
_AHEAD_M: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kinds:
    """Kinds of stalls; two shapes of each, leaning forward (2 k) and backward (2 k + 1).

    Parameters
    ----------
    rows : tuple of StallRow
        The kinds.
    at_wall, at_stall : array (2 k, 4, 2)
        What a stall takes beside walls and beside other stalls and aisles.
    marks : array (2 k, 4, 2)
        The stalls as they are marked.
    fronts, needs : array (2 k)
        Metres that a stall takes of the aisle's border, and the width of its aisle.
    faces : array (2 k)
        The way along which cars drive before a stall: 1 along the aisle's direction, -1 against it, 0 either. 2 for
        what looks like the shape before it.
    follow : array (2 k, 2 k)
        Least metres from a stall to the next.
    pitches, depths, pairs : array (k)
        Metres from stall to stall, of a row, and of two rows back to back.
    """

    rows: tuple[StallRow, ...]
    at_wall: Floats
    at_stall: Floats
    marks: Floats
    fronts: Floats
    needs: Floats
    faces: NDArray[np.int64]
    follow: Floats
    pitches: Floats
    depths: Floats
    pairs: Floats

    def __len__(self) -> int:
        return len(self.rows)


def kinds_of(spec: StallSpec, angles_deg: Iterable[float]) -> Kinds:
    """Return the kinds of stalls of some angles, in their order; angles for which there are no dimensions raise a UsageError."""
    return _cached(tuple(spec.row(angle) for angle in dict.fromkeys(angles_deg)))


@lru_cache(maxsize=4096)
def _cached(rows: tuple[StallRow, ...]) -> Kinds:
    return _arrays(rows)


def _arrays(rows: Sequence[StallRow]) -> Kinds:
    at_wall: list[Shape] = []
    at_stall: list[Shape] = []
    marks: list[Shape] = []
    fronts, pitches = [], []
    for row in rows:
        wall, stall, mark, front = _shapes(row)
        for backward in (False, True):
            for shapes, shape in ((at_wall, wall), (at_stall, stall), (marks, mark)):
                shapes.append([(front - t, s) if backward else (t, s) for t, s in shape])
            fronts.append(front)
            pitches.append(max(row.pitch_m, front))
    stalls = np.array(at_stall, dtype=np.float64).reshape(-1, 4, 2)
    n = len(stalls)
    follow = np.zeros((n, n))
    for a in range(n):
        for b in range(n):
            follow[a, b] = _following(rows[a // 2], a % 2, rows[b // 2], b % 2)
    return Kinds(
        rows=tuple(rows),
        at_wall=np.array(at_wall, dtype=np.float64).reshape(-1, 4, 2),
        at_stall=stalls,
        marks=np.array(marks, dtype=np.float64).reshape(-1, 4, 2),
        fronts=np.array(fronts, dtype=np.float64),
        needs=np.array([row.aisle_m for row in rows for _ in range(2)], dtype=np.float64),
        faces=np.array([_faces(row, lean) for row in rows for lean in (1, -1)], dtype=np.int64),
        follow=follow,
        pitches=np.array(pitches[::2], dtype=np.float64),
        depths=np.array([stalls[2 * k, :, 1].max() for k in range(n // 2)], dtype=np.float64),
        pairs=np.array([2 * row.depth_to_interlock_m for row in rows], dtype=np.float64),
    )


def _faces(row: StallRow, lean: int) -> int:
    """Return the way along which cars drive: who drives in forward turns by less than a right angle, or backs out."""
    if row.angle_deg == _SQUARE:
        return 0 if lean > 0 else 2
    return lean if row.front_in or row.angle_deg == 0.0 else -lean


@lru_cache(maxsize=65536)
def _following(first: StallRow, backward: int, second: StallRow, then_backward: int) -> float:
    """Return the least metres from a stall to the next one."""
    _, one, _, front = _shapes(first)
    _, other, _, other_front = _shapes(second)
    a = np.array([(front - t, s) if backward else (t, s) for t, s in one])
    b = np.array([(other_front - t, s) if then_backward else (t, s) for t, s in other])
    return max(_distance(a, b), front, max(first.pitch_m, front) if first == second else 0.0)


def _shapes(row: StallRow) -> tuple[Shape, Shape, Shape, float]:
    """Return what a stall takes at a wall, beside others, and as marked, and its front along the aisle."""
    if row.angle_deg == 0.0:
        front = max(row.pitch_m, row.length_m)

        def box(depth: float, length: float, behind: float = 0.0, ahead: float = 0.0) -> Shape:
            gap = (front - length) / 2
            low, high = gap - behind, front - gap + ahead
            return [(low, 0.0), (high, 0.0), (high, depth), (low, depth)]

        beside = max(row.width_m, row.depth_to_interlock_m)
        spare = max(0.0, (row.length_m - DESIGN_CAR.length_m) / 2)
        return (
            # From a parked car a car keeps what both leave of their stalls; from a wall it needs a little more than
            # its own leaves: behind it, to draw back, and ahead of it, to swing out.
            box(row.width_m + row.wall_gap_m, front, min(_BEHIND_M, spare), min(_AHEAD_M, spare)),
            box(beside, front),
            box(row.width_m, row.length_m),
            front,
        )
    sine, cosine = (1.0, 0.0) if row.angle_deg == _SQUARE else _sine_cosine(row.angle_deg)
    w, length = row.width_m, row.length_m
    front = w / sine

    def taken(more: float) -> Shape:
        far = length + more / sine
        return [
            (0.0, 0.0),
            (front, 0.0),
            (front + far * cosine, far * sine),
            (w * cosine * cosine / sine + far * cosine, w * cosine + far * sine),
        ]

    mark = taken(0.0)
    mark[0] = (w * cosine * cosine / sine, w * cosine)
    beside = max(0.0, row.depth_to_interlock_m - (row.reach_m - w * cosine / 2))
    return taken(row.wall_gap_m), taken(beside), mark, front


def _sine_cosine(angle_deg: float) -> tuple[float, float]:
    return math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))


def _distance(first: Floats, second: Floats) -> float:
    """Return how far the second shape must be moved along the aisle to stand clear of the first."""
    depth = min(first[:, 1].max(), second[:, 1].max())
    heights = {0.0, depth, *(float(s) for s in (*first[:, 1], *second[:, 1]) if s <= depth)}
    return max(_side(first, y, right=True) - _side(second, y, right=False) for y in heights)


def _side(shape: Floats, y: float, *, right: bool) -> float:
    found: list[float] = []
    for i in range(len(shape)):
        (x1, y1), (x2, y2) = shape[i], shape[(i + 1) % len(shape)]
        if min(y1, y2) - 1e-9 <= y <= max(y1, y2) + 1e-9:
            found += [x1, x2] if abs(y2 - y1) < 1e-9 else [x1 + (x2 - x1) * (y - y1) / (y2 - y1)]  # noqa: PLR2004 - rounding
    return float(max(found) if right else min(found))
