"""Turning bays: ground beside a dead end that is kept free, so that the design car turns round there in three moves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.parking.room import Room
from plan.parking.stalls import DESIGN_CAR
from plan.parking.sweep import met, packed
from plan.parking.turnarounds import turns_round
from plan.parking.verify import CLEARANCE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.lot import Ground

    Floats = NDArray[np.float64]

__all__ = ["Bay", "Side", "bay_from_end_m", "turning_bay"]

_WIDTHS: Final = (1, 2, 3)  # of a bay, in square stalls
_STEP_M: Final = 0.5  # between the distances from the end that are tried
_FURTHEST: Final = 20  # such steps; a car that has so much of the aisle before it needs no more
_APPROACH_M: Final = 20.0  # of aisle before the bay: more than a car takes of it that turns
_FINE_M: Final = 0.1  # widths are rounded down to this, so that few aisles have to be driven


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A side of a dead end, seen from the end: where its border begins and leads, and what stands there."""

    line: tuple[float, float, float, float]  # a point, and the direction away from the end
    side: int  # 1 where stalls are on the left of it, -1 on the right
    length: float
    aisle_m: float
    blocks: Floats  # of the stalls of this side, which may go
    others: Floats  # ground that nothing else may take


@dataclass(frozen=True, slots=True, eq=False)
class Bay:
    """Ground on which a car turns: the bay and the aisle beside it; and what has to go for the bay."""

    corners: Floats
    lost: NDArray[np.bool_]  # of the stalls of its side


def turning_bay(
    ground: Ground, sides: list[Side], *, front_m: float, depth_m: float, reach_m: float
) -> tuple[int, Bay] | None:
    """Find the bay at a dead end for which fewest stalls have to go.

    Parameters
    ----------
    ground : Ground
        The lot.
    sides : list of Side
        The two sides of the aisle that may have one.
    front_m, depth_m : float
        What a square stall takes of the aisle's border, and how deep it is; bays are one, two or three of them wide.
    reach_m : float
        How far from the end a bay may begin.

    Returns
    -------
    tuple of (int, Bay) or None
        The number of the side; None where there is no room on either.
    """
    best: tuple[tuple[int, float], int, Bay] | None = None
    for stalls in _WIDTHS:
        for number, side in enumerate(sides):
            if best is not None and best[0][0] == 0:
                break
            wide = stalls * front_m
            least = bay_from_end_m(_floored(side.aisle_m), _floored(wide), _floored(depth_m))
            if least is None:
                continue
            for away in _places(ground, side, wide, depth_m, least=least, reach=reach_m):
                bay = _bay(side, away, wide, depth_m)
                price = (int(bay.lost.sum()), away)
                if best is None or price < best[0]:
                    best = (price, number, bay)
                if best[0][0] <= stalls:
                    break  # a bay among stalls takes the room of so many
    return None if best is None else best[1:]


def _floored(metres: float) -> float:
    return round(math.floor(metres / _FINE_M + 1e-6) * _FINE_M, 2)


@lru_cache(maxsize=1024)
def bay_from_end_m(aisle_m: float, width_m: float, depth_m: float) -> float | None:
    """Return how far a bay must be from the end of an aisle at least, so that the design car turns round there.

    Parameters
    ----------
    aisle_m : float
        Width of the aisle.
    width_m, depth_m : float
        Of the bay, along the aisle and away from it.

    Returns
    -------
    float or None
        In steps of half a metre; None where no turn is found however far it is.

    Notes
    -----
    Whoever turns at a bay turns at one that is further from the end, too: the aisle beside it is the same, and more
    of it follows. So the distance is halved down.
    """
    if not _turns(0.5 * _FURTHEST, aisle_m, width_m, depth_m):
        return None
    low, high = -1, _FURTHEST
    while high - low > 1:
        middle = (low + high) // 2
        if _turns(middle * _STEP_M, aisle_m, width_m, depth_m):
            high = middle
        else:
            low = middle
    return high * _STEP_M


def _turns(away_m: float, aisle_m: float, width_m: float, depth_m: float) -> bool:
    """Tell whether a car turns at a bay: the end of the aisle is at the origin, and the car comes along the x axis."""
    half = aisle_m / 2
    aisle = shapely.box(-away_m - width_m - _APPROACH_M, -half, 0.0, half)
    every = shapely.union(aisle, shapely.box(-away_m - width_m, -half - depth_m, -away_m, half))
    room = Room(ground=every.buffer(1e-3), driven=aisle.buffer(1e-3), things=shapely.STRtree([]))
    return turns_round(
        np.array([-away_m, 0.0]),
        0.0,
        width_m=aisle_m,
        ground=every,
        room=room,
        car=DESIGN_CAR,
        clearance_m=CLEARANCE_M,
    )


def _places(
    ground: Ground, side: Side, wide: float, depth: float, *, least: float, reach: float
) -> Iterator[float]:
    """Yield where a bay has room: as near to the end as a car turns, or where a stall begins."""
    line = np.array([*side.line, float(side.side)])
    ax, ay, ux, uy = side.line
    starts = ((side.blocks[:, :, 0] - ax) * ux + (side.blocks[:, :, 1] - ay) * uy).min(axis=1)
    shape = np.array([[[0.0, 0.0], [wide, 0.0], [wide, depth], [0.0, depth]]])
    for start in [least, *np.sort(starts[(starts > least) & (starts <= reach)])]:
        _, places = packed(
            line,
            np.array([start, min(reach + wide, side.length)]),
            np.zeros(1, dtype=np.int64),
            shape,
            shape,
            np.array([wide]),
            np.array([[wide]]),
            ground.park_edges,
            side.others,
        )
        if len(places) and places[0] <= reach:
            yield float(places[0])


def _bay(side: Side, away: float, wide: float, depth: float) -> Bay:
    ax, ay, ux, uy = side.line

    def at(low: float) -> Floats:
        t = np.array([away, away + wide, away + wide, away])
        s = side.side * np.array([low, low, depth, depth])
        return np.stack([ax + t * ux - s * uy, ay + t * uy + s * ux], axis=1)

    return Bay(at(-side.aisle_m), met(side.blocks, at(0.0)))
