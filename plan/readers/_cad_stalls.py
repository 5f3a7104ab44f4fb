"""Which outlines are stalls and houses: a car within a stall is none, a frame round a row is not one, nor is a speck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["STALL_M2", "details", "no_houses", "no_single_stalls"]

# What one car stands on: a small stall of 2.2 m x 4.0 m has 8.8 m2, an accessible one of 3.7 m x 6.0 m has 22.2 m2, and
# two stalls of 2.4 m x 5.1 m have 24.5 m2. Below is a bicycle, a wheel stop or a sign; above is a row, or a bus.
STALL_M2: Final = (6.0, 24.0)
# A kiosk has some square metres and the largest hall of China 1.7 km2; what is beyond was put in at another scale.
_HOUSE_M2: Final = (1.0, 2_000_000.0)
_WITHIN: Final = 0.99  # of an outline, that lies in another one
_OVER: Final = 0.2  # of the smaller of two, which no two stalls beside each other share
_MOST_PAIRS: Final = 1_000_000  # of outlines that meet; more are drawn over each other without end
_SAMPLE: Final = 200

Array = np.ndarray[Any, Any]


def details(areas: Sequence[BaseGeometry]) -> frozenset[int]:
    """Return the places of outlines within a single stall: cars, wheel stops, signs.

    Parameters
    ----------
    areas : sequence of Polygon
        In metres, none of them twice.
    """
    size = shapely.area(np.array(areas, dtype=object))
    pairs = _pairs(areas)
    if pairs is None:
        return frozenset()
    small, large, shared = pairs
    inner = (size[large] <= STALL_M2[1]) & (shared >= _WITHIN * size[small]) & (size[small] < size[large])
    return frozenset(small[inner].tolist())


def no_houses(areas: Sequence[BaseGeometry]) -> frozenset[int]:
    """Return the places of outlines that are too small or too large for any house.

    Parameters
    ----------
    areas : sequence of Polygon
        In metres.
    """
    size = shapely.area(np.array(areas, dtype=object))
    return frozenset(np.flatnonzero((size < _HOUSE_M2[0]) | (size > _HOUSE_M2[1])).tolist())


def no_single_stalls(areas: Sequence[BaseGeometry]) -> frozenset[int]:
    """Return the places of outlines that may be no stall, or more than one: by their size, or as they lie over others.

    Parameters
    ----------
    areas : sequence of Polygon
        In metres, without details.
    """
    size = shapely.area(np.array(areas, dtype=object))
    odd = set(np.flatnonzero((size < STALL_M2[0]) | (size > STALL_M2[1])).tolist())
    pairs = _pairs(areas)
    if pairs is None:
        return frozenset(range(len(areas)))
    small, large, shared = pairs
    over = shared > _OVER * size[small]
    return frozenset(odd.union(small[over].tolist(), large[over].tolist()))


def _pairs(areas: Sequence[BaseGeometry]) -> tuple[Array, Array, Array] | None:
    """Return the smaller and the larger of each two outlines that meet, and the m2 that they share; None for too many."""
    shapes = np.array(areas, dtype=object)
    if not len(shapes):
        none = np.zeros(0, dtype=int)
        return none, none, np.zeros(0)
    tree = shapely.STRtree(shapes)
    sample = shapes[:: max(len(shapes) // _SAMPLE, 1)]
    if len(tree.query(sample)[0]) / len(sample) * len(shapes) > _MOST_PAIRS:
        return None
    sound = shapely.is_valid(shapes)
    left, right = tree.query(shapes)
    real = (left < right) & sound[left] & sound[right]
    left, right = left[real], right[real]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    size = shapely.area(shapes)
    first = size[left] <= size[right]
    return np.where(first, left, right), np.where(first, right, left), shared
