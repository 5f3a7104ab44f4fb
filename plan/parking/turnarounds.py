"""Turning places: whether the design car, come to one, drives off the way it came; in three moves and two gear changes.

Three families of turns are tried, to both sides and from many places beside the middle of the aisle: forward, back and
forward again; back into a branch and forward out of it; forward into a branch and back out of it. All arcs are of the
smallest radius. No turn found is no proof that there is none: more moves may do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.drawing import TOUCH_M
from plan.parking.room import Room, placed
from plan.parking.swept import Stretch, axle_radius_m, driven_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.stalls import DesignCar

__all__ = ["turns_round"]

_STEP_RAD: Final = math.radians(15.0)  # between the turns that are tried
_HALF_TURN: Final = 12  # such steps
_DEEP_M: Final = (0.0, 1.0, 2.0, 3.0, 4.0)  # straight into a branch
_AROUND_M: Final = 20.0  # from the place where a car turns: two radii, and a car on both sides
_ALONG_M: Final = np.arange(
    -18.0, 8.0, 0.2
)  # of the rear axle at the start, from the place, in the way's direction
_ASIDE: Final = (
    0.0,
    -0.25,
    0.25,
    -0.5,
    0.5,
    -0.75,
    0.75,
    -1.0,
    1.0,
)  # of the spare width, beside the middle of the way


def turns_round(
    at: NDArray[np.float64],
    heading_rad: float,
    *,
    width_m: float,
    ground: BaseGeometry,
    room: Room,
    car: DesignCar,
    clearance_m: float,
) -> bool:
    """Look for a way to turn round near the end of an aisle.

    Parameters
    ----------
    at : array of float
        Where the aisle's line ends, x and y.
    heading_rad : float
        In which the car comes.
    width_m : float
        Of the aisle.
    ground : Polygon or MultiPolygon
        All that may be swept: the turning place and what is driven along. Of it, no parked car and no obstacle.
    room : Room
        What stands in the way, and where the car must stand at the end.
    car : DesignCar
        The car.
    clearance_m : float
        Kept on all sides along arcs.

    Returns
    -------
    bool
        Whether a turn was found.
    """
    way = np.array([math.cos(heading_rad), math.sin(heading_rad)])
    left = np.array([-way[1], way[0]])
    near = shapely.buffer(shapely.intersection(ground, shapely.Point(at).buffer(_AROUND_M)), TOUCH_M)
    if near.is_empty:
        return False
    shapely.prepare(near)
    spare = max(width_m / 2 - car.width_m / 2 - clearance_m, 0.0)
    starts = np.array([(u, v * spare) for u in _ALONG_M for v in _ASIDE])
    corners = shapely.get_coordinates(near) - at
    # Of all that may be swept, how far it reaches along the way and across it.
    along, across = corners @ way, corners @ left
    low = np.array([along.min(), across.min()]) - TOUCH_M
    high = np.array([along.max(), across.max()]) + TOUCH_M
    for stretches in _turns(car, clearance_m):
        outline, end, stop = driven_path(car, stretches=stretches)
        for side in (1.0, -1.0):
            mirror = np.array([1.0, side])
            shape = outline * mirror
            fits = (starts + shape.min(axis=0) >= low).all(axis=1)
            fits &= (starts + shape.max(axis=0) <= high).all(axis=1)
            fits &= np.abs(starts[:, 1] + end[1] * side) <= spare + TOUCH_M
            if not fits.any():
                continue
            origins = at + starts[fits, :1] * way + starts[fits, 1:] * left
            corner = _extremes(shape)
            tips = origins[:, None] + corner[:, :1] * way + corner[:, 1:] * left
            origins = origins[shapely.contains_xy(near, tips[..., 0], tips[..., 1]).all(axis=1)]
            if not len(origins):
                continue
            headings = np.repeat(way[None], len(origins), axis=0)
            swept = placed(shape, origins, headings)
            stops = placed(stop * mirror, origins, headings)
            able = shapely.covers(near, swept) & shapely.covers(room.driven, stops)
            if able.any() and room.free(swept[able], np.full(int(able.sum()), -1)).any():
                return True
    return False


def _extremes(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the points of an outline that reach furthest, in eight directions: where they are not free, it is not."""
    around = np.arange(8) * math.pi / 4
    found: NDArray[np.float64] = outline[
        (outline @ np.array([np.cos(around), np.sin(around)])).argmax(axis=0)
    ]
    return found


@cache
def _turns(car: DesignCar, clearance_m: float) -> tuple[tuple[Stretch, ...], ...]:
    """Return the ways to turn to the left, by what is driven one after another."""
    return tuple(_families(axle_radius_m(car), clearance_m))


def _families(radius: float, clearance_m: float) -> Iterator[tuple[Stretch, ...]]:
    def ahead(steps: int) -> Stretch:
        return steps * _STEP_RAD * radius, 1 / radius, clearance_m

    def back(steps: int) -> Stretch:
        return -steps * _STEP_RAD * radius, -1 / radius, clearance_m

    for deep in _DEEP_M:
        for steps in (6, 5, 7, 4, 8):  # into a branch at about a right angle, and out of it
            yield back(steps), (-deep, 0.0, 0.0), (deep, 0.0, 0.0), ahead(_HALF_TURN - steps)
            yield ahead(steps), (deep, 0.0, 0.0), (-deep, 0.0, 0.0), back(_HALF_TURN - steps)
    for first in (4, 3, 5, 2, 6, 1, 7):
        for second in (4, 3, 5, 6, 2, 7, 8):
            if first + second < _HALF_TURN:
                yield ahead(first), back(second), ahead(_HALF_TURN - first - second)
