"""Coordinates that were rounded on their way: to single precision, or to a few digits of a degree.

At a northing of 4,000,000 m a number of single precision (IEEE 754 binary32, 24 digits of a mantissa) has steps of 0.25 m,
and at 117 degrees of 0.8 m; five digits behind the point of a degree are 1.1 m. A house of 12 m by 40 m may then have 5 % more
or less than it was drawn with, and nothing in the file says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.findings import Effect, Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.placing import Placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["of_coarse"]

_LEAST: Final = 6  # values along an axis, below which chance may have rounded them
_FARTHEST: Final = 1e12  # what lies beyond is nowhere, and is told as such
_LEAST_ODD: Final = 0.2  # share of them that nobody draws on purpose
_DRAWN_M: Final = 0.25  # metres; on multiples of it planners draw
_DRAWN_DEG: Final = 1 / 64  # degrees; what has few digits is on both grids
_COARSE_M: Final = 0.1  # metres; a finer step leaves an area of 100 m2 right to 1 %
_DIGITS: Final = (0, 1, 2, 3, 4, 5)  # of degrees: the last are 1.1 m
_DIGITS_OF_PLACES: Final = 4  # of degrees: 11 m; what is no area is seldom judged to a metre
_EXACT_DEG: Final = 1e-9  # degrees; what a decimal number misses in double precision, some times over
_DEGREE_M: Final = 111_320.0  # metres in a degree at the equator, and in one of latitude within 1 %
_AREAS: Final = (3, 6)  # GEOS' numbers of polygons and multipolygons


def of_coarse(place: Placed) -> tuple[Problem, ...]:
    """Tell a layer whose coordinates were rounded so much that areas and lengths are not what was drawn.

    Parameters
    ----------
    place : Placed
        The layer, in the numbers of its file.

    Returns
    -------
    tuple of Problem
        PLAN-GEOM-017 or nothing. On areas no verdict rests, as on shapes that were mended; else it is noted.
    """
    layer = place.layer
    if (
        not layer.name
        or place.crs is None
        or place.bounds is None
        or layer.unit_m
        or not np.isfinite(place.bounds).all()
    ):
        return ()
    shapes = layer.shapes
    axes = [np.unique(axis) for axis in shapely.get_coordinates(shapes).T]
    if not all(len(axis) >= _LEAST and np.abs(axis).max() <= _FARTHEST for axis in axes):
        return ()
    degrees = place.crs.is_geographic
    found = ProblemList(path=layer.path, layer=layer.name)
    rows = tuple(int(i) + 1 for i in np.flatnonzero(np.isin(shapely.get_type_id(shapes), _AREAS)))
    digits = _digits(axes) if degrees else None
    step_m = _single(axes, _DRAWN_DEG if degrees else _DRAWN_M) * (_DEGREE_M if degrees else 1)
    if step_m >= _COARSE_M:
        key = "single"
    elif digits is not None and (rows or digits <= _DIGITS_OF_PLACES):
        key, step_m = "degrees", _DEGREE_M / 10**digits
    else:
        return ()
    effect: Effect = "repaired" if rows else "noted"
    message = Message(
        f"readers.coarse_{key if rows else 'places'}",
        layer=layer.name,
        step_m=f"{step_m:.2g}",
        digits=digits or 0,
    )
    found.add("PLAN-GEOM-017", "warning", effect, message, rows=rows)
    return found.problems


def _single(axes: list[NDArray[np.float64]], drawn: float) -> float:
    """Return the larger step of coordinates that are all of single precision; 0 where they are not, or are on purpose."""
    if not all((axis.astype(np.float32) == axis).all() for axis in axes):
        return 0.0
    steps = [float(np.spacing(np.float32(np.abs(axis).max()))) for axis in axes]
    # Drawn on a grid that has few digits in both systems, such as quarters of a metre, they are what was meant.
    # So they are in whole steps of 4 m, as behind the number of a zone, unless only the other axis is in parts of a metre.
    grid = drawn if max(steps) < 1 else 1.0
    odd = [(np.mod(axis, grid) != 0).mean() for axis in axes]
    return max(steps) if max(odd) >= _LEAST_ODD else 0.0


def _digits(axes: list[NDArray[np.float64]]) -> int | None:
    """Return how many digits behind the point all coordinates do with; None where they need more than tell."""
    for digits in _DIGITS:
        if all(np.abs(axis - np.round(axis, digits)).max() <= _EXACT_DEG for axis in axes):
            return digits
    return None
