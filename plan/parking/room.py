"""Room to manoeuvre: the lot and the street at its gates, less parked cars and obstacles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.drawing import TOUCH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.ground import Lot
    from plan.parking.stalls import DesignCar

__all__ = ["Room", "placed", "rectangles", "room_of"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """What a car may sweep."""

    ground: BaseGeometry  # a millimetre larger than it is, and prepared
    driven: BaseGeometry  # aisles, fire lanes and the street at the gates, likewise
    things: shapely.STRtree  # the parked cars by stall, then the obstacles

    def free(self, shapes: NDArray[np.object_], stalls: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which shapes are free of all things but the car parked in their own stall.

        Parameters
        ----------
        shapes : array of Polygon
            Ground that is swept.
        stalls : array of int
            The stall that each is about; -1 for none.

        Returns
        -------
        array of bool
            For each shape.
        """
        free = shapely.covers(self.ground, shapes)
        rest = np.flatnonzero(free)
        hit, thing = self.things.query(shapes[rest], predicate="intersects")
        foreign = thing != stalls[rest[hit]]
        free[rest[hit[foreign]]] = False
        found: NDArray[np.bool_] = free
        return found


def room_of(lot: Lot, stalls: NDArray[np.object_], driven: BaseGeometry, *, car: DesignCar) -> Room:
    """Park a car in the middle of each stall and return what is left to manoeuvre on.

    Parameters
    ----------
    lot : Lot
        The ground, its gates and obstacles.
    stalls : array of Polygon
        All stalls.
    driven : Polygon or MultiPolygon
        Where cars drive along.
    car : DesignCar
        The car.

    Returns
    -------
    Room
        What may be swept.
    """
    centres, axes, sides = rectangles(stalls)
    # A car in a stall smaller than itself fills the stall; it is not the neighbours who make room for it.
    half_length = np.minimum(car.length_m, sides[:, 1]) / 2 - TOUCH_M
    half_width = np.minimum(car.width_m, sides[:, 0]) / 2 - TOUCH_M
    across = np.stack([-axes[:, 1], axes[:, 0]], axis=1)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    cars = (
        centres[:, None]
        + corners[None, :, :1] * (half_length[:, None] * axes)[:, None]
        + corners[None, :, 1:] * (half_width[:, None] * across)[:, None]
    )
    parked: NDArray[np.object_] = np.asarray(shapely.polygons(cars))
    cores = shapely.buffer(lot.obstacles, -TOUCH_M)
    ground = shapely.buffer(shapely.union(lot.ground, lot.apron), TOUCH_M)
    along = shapely.buffer(shapely.union(driven, lot.apron), TOUCH_M)
    shapely.prepare(ground)
    shapely.prepare(along)
    return Room(ground=ground, driven=along, things=shapely.STRtree(np.concatenate([parked, cores])))


def rectangles(
    stalls: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the middle, the direction of the long side, and short and long side of the rectangle around stalls."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(stalls)).reshape(-1, 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    lengths = np.stack([np.hypot(*first.T), np.hypot(*second.T)], axis=1)
    long = np.where((lengths[:, 0] >= lengths[:, 1])[:, None], first, second)
    axes = long / np.hypot(*long.T)[:, None]
    return corners[:, :4].mean(axis=1), axes, np.sort(lengths, axis=1)


def placed(
    outline: NDArray[np.float64], origins: NDArray[np.float64], directions: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return an outline, drawn in its own frame, at several origins; directions are unit vectors of its x axis."""
    across = np.stack([-directions[:, 1], directions[:, 0]], axis=1)
    x, y = outline[None, :, :1], outline[None, :, 1:]
    coordinates = origins[:, None] + x * directions[:, None] + y * across[:, None]
    shapes: NDArray[np.object_] = np.asarray(shapely.polygons(coordinates))
    return shapes
