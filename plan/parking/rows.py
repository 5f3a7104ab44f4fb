"""Rows and aisles stacked across a lot: the best order and offsets for one direction, by dynamic programming."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.kinds import Kinds
from plan.parking.lines import Line
from plan.parking.lot import Ground
from plan.parking.stacking import stacked
from plan.parking.stalls import StallSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["stack"]

_ROUGH_M: Final = 0.4  # a coarser grid is a first look
_PATTERNS: Final = 400  # offsets at which rows stand exactly against a wall, at most


def stack(
    ground: Ground,
    kinds: Kinds,
    spec: StallSpec,
    *,
    angle: float,
    ways: Sequence[Floats],
    blocks: Floats,
    step_m: float,
) -> tuple[int, list[Line]]:
    """Return the best stack of aisles along one direction, and how many stalls it promises.

    Parameters
    ----------
    ground, kinds, spec
        The lot, the kinds of stalls, and the widths of ways.
    angle : float
        Direction of the rows, in radians.
    ways : sequence of array (4)
        Centrelines x1, y1, x2, y2 of what the aisles lead to: cross aisles.
    blocks : array (n, 4, 2)
        Ground on which no stall may stand: that of the cross aisles, and of stalls that stand.
    step_m : float
        Metres between the offsets that are tried, besides those at which rows fit exactly.

    Returns
    -------
    tuple
        The number and the lines of the aisles, from the lowest offset up.
    """
    widths = np.unique(np.round(kinds.needs, 6))
    both = np.array([int(w >= spec.two_way_m - 1e-9) for w in widths])
    ys = _offsets(ground, kinds, widths, angle, step_m)
    if not len(ys):
        return 0, []
    at_wall, at_stall = _leaning(kinds)
    total, aisles = stacked(
        ys, angle, widths, both, at_wall, at_stall,
        kinds.fronts[::2].copy(), kinds.pitches, kinds.needs[::2].copy(), kinds.depths, kinds.pairs,
        ground.park_edges, ground.drive_edges, blocks,
        np.array(ways, dtype=float).reshape(-1, 4), ground.gates,
    )  # fmt: skip
    lines = []
    for i, w, lean, below, above in aisles[::-1]:
        offset = ys[i] + widths[w] / 2
        lines.append(
            Line(
                x=-math.sin(angle) * offset,
                y=math.cos(angle) * offset,
                angle=angle,
                width=float(widths[w]),
                way=0 if both[w] else (1 if lean == 0 else -1),
                below=int(below),
                above=int(above),
            )
        )
    return int(total), lines


def _leaning(kinds: Kinds) -> tuple[Floats, Floats]:
    """Return the shapes such that the first of each pair stands along an aisle driven forward."""
    order = []
    for k, row in enumerate(kinds.rows):
        order += [2 * k, 2 * k + 1] if row.front_in or row.angle_deg == 0 else [2 * k + 1, 2 * k]
    return kinds.at_wall[order], kinds.at_stall[order]


def _offsets(ground: Ground, kinds: Kinds, widths: Floats, angle: float, step_m: float) -> Floats:
    """Return offsets of the lower border of aisles: a fine grid, and those at which rows fit exactly."""
    normal = np.array([-math.sin(angle), math.cos(angle)])
    edges = ground.drive_edges
    heights = edges.reshape(-1, 2) @ normal
    low, high = float(heights.min()), float(heights.max())
    if high - low <= widths.min():
        return np.empty(0) if high - low < widths.min() - 1e-9 else np.array([low])
    grid = np.arange(low, high, step_m)
    # Edges along the rows are walls at which they begin.
    park = ground.park_edges
    first, second = park[:, :2] @ normal, park[:, 2:] @ normal
    length = np.hypot(park[:, 2] - park[:, 0], park[:, 3] - park[:, 1])
    walls = np.unique(np.round(first[(np.abs(first - second) < 0.02) & (length > 3.0)], 3))  # noqa: PLR2004 - metres
    walls = np.unique(np.concatenate([walls, [low, high]]))
    modules = np.unique(np.round(np.concatenate([kinds.pairs, 2 * kinds.depths]), 4))
    steps = np.unique((widths[:, None] + modules[None, :]).ravel())
    starts = np.unique(np.concatenate([[0.0], kinds.depths]))
    reached = starts
    for _ in range(8):
        starts = np.unique(np.round((starts[:, None] + steps[None, :]).ravel(), 4))
        starts = starts[starts < high - low]
        if not len(starts) or len(starts) > _PATTERNS:
            break
        reached = np.union1d(reached, starts)
    exact = [wall + reached for wall in walls]
    exact += [wall - reached - width for wall in walls for width in widths]
    fits = np.unique(np.round(np.concatenate(exact), 4))
    fits = fits[(fits >= low - 1e-6) & (fits <= high)]
    most = _PATTERNS if step_m < _ROUGH_M else _PATTERNS // 4
    if len(fits) > most:
        fits = fits[:: -(-len(fits) // most)]  # on real ground walls are askew, and few of these fit
    return np.unique(np.concatenate([grid, fits]))
