"""Whether stalls and aisles stand where they may: not on each other, inside the lot, clear of all else.

How deep a shape reaches into another is the greatest distance from the other's edge of a point that both have:
a stall pushed 5 cm over the border of a fire lane reaches 5 cm into it, however long the stall is. Of two shapes
the deeper reach counts. Outside a lot, the lot's surroundings are the other shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.drawing import TOUCH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["outside", "overlapping", "reach_m"]

_HALVINGS: Final = 24  # of the depth of a reach: to less than a thousandth of a millimetre
_SHOWN_DIGITS: Final = 4  # of a depth: a tenth of a millimetre


def overlapping(
    shapes: NDArray[np.object_], others: NDArray[np.object_] | None = None
) -> Iterator[tuple[int, int, float, BaseGeometry]]:
    """Find which shapes reach a millimetre or more into others.

    Parameters
    ----------
    shapes : array of Polygon
        Such as stalls.
    others : array of Polygon, optional
        Such as obstacles; the shapes among themselves when not given, each pair once.

    Yields
    ------
    tuple of int, int, float, geometry
        Number of the shape and of the other one, depth in metres, and the ground that both cover.
    """
    same = others is None
    second = shapes if others is None else others
    if len(shapes) == 0 or len(second) == 0:
        return
    # Shapes that only touch are far more than those that overlap, and both kinds of core are cheap.
    cores, second_cores = _core(shapes), _core(second)
    pairs = shapely.STRtree(second_cores).query(shapes, predicate="intersects")
    if not same:
        turned = shapely.STRtree(second).query(cores, predicate="intersects")
        pairs = np.hstack([pairs, turned])
    else:
        pairs = np.sort(pairs, axis=0)
        pairs = pairs[:, pairs[0] < pairs[1]]
    for i, j in np.unique(pairs, axis=1).T:
        both = shapely.intersection(shapes[i], second[j])
        yield int(i), int(j), reach_m(shapes[i], second[j]), both


def outside(shapes: NDArray[np.object_], ground: BaseGeometry) -> Iterator[tuple[int, float, BaseGeometry]]:
    """Find which shapes leave a ground by a millimetre or more.

    Parameters
    ----------
    shapes : array of Polygon
        Such as stalls.
    ground : Polygon or MultiPolygon
        Such as the lot.

    Yields
    ------
    tuple of int, float, geometry
        Number of the shape, how far it reaches beyond the ground in metres, and what of it lies there.
    """
    if len(shapes) == 0:
        return
    within = shapely.buffer(ground, TOUCH_M)
    shapely.prepare(within)
    for i in np.flatnonzero(~shapely.covers(within, shapes)):
        shape = shapes[i]
        left, bottom, right, top = shape.bounds
        margin = (right - left) + (top - bottom)
        around = shapely.box(left - margin, bottom - margin, right + margin, top + margin)
        elsewhere = shapely.difference(around, ground)
        yield int(i), reach_m(shape, elsewhere), shapely.difference(shape, ground)


def reach_m(shape: BaseGeometry, other: BaseGeometry) -> float:
    """Return how deep two shapes reach into each other, in metres, to a tenth of a millimetre."""
    return round(max(_into(shape, other), _into(other, shape)), _SHOWN_DIGITS)


def _core(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what of shapes lies a millimetre or more inside their edge."""
    cores: NDArray[np.object_] = shapely.buffer(shapes, -TOUCH_M)
    return cores


def _into(shape: BaseGeometry, other: BaseGeometry) -> float:
    """Return the greatest depth at which a shape still meets the inside of another one, by halving."""
    left, bottom, right, top = shape.bounds
    low, high = 0.0, (right - left) + (top - bottom)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if shapely.intersects(shapely.buffer(other, -middle), shape):
            low = middle
        else:
            high = middle
    return low
