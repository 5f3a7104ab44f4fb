"""Where a site is, and which of its features cannot be there.

One feature with swapped coordinates must not move the whole site to another zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyproj
import shapely

from plan.crs import WGS84, transformer

__all__ = ["FAR_M", "Position", "far_rows", "middle_of", "spots_of", "stray_rows"]

FAR_M: Final = 100_000.0  # metres from the middle; no estate and no district reaches so far
Position = tuple[float, float]  # longitude and latitude in degrees
Array = np.ndarray[Any, Any]
_GEOD: Final = pyproj.Geod(ellps="WGS84")
_POLE: Final = 90.0  # degrees
_NEAR: Final = (
    0.2  # degrees of longitude and of latitude, of 111.7 km at most: within them nothing is FAR_M apart
)


def spots_of(shapes: Array, crs: pyproj.CRS | None) -> Array:
    """Return the middle of each shape.

    Parameters
    ----------
    shapes : array of shapely.Geometry
        None where there is none.
    crs : pyproj.CRS or None
        Their system; without one they are taken for longitudes and latitudes.

    Returns
    -------
    array of float
        Longitude and latitude [degree] of each, not a number where it has no coordinates.
    """
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):  # infinite coordinates have no middle
        x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    if crs is None or crs.is_geographic:
        return np.column_stack([x, y])  # as written: datums differ by metres only, and a pole may be passed
    out = np.full((len(shapes), 2), np.nan)
    known = np.isfinite(x) & np.isfinite(y)
    out[known] = np.column_stack(transformer(crs, WGS84).transform(x[known], y[known]))
    return out


def middle_of(layers: Sequence[Array]) -> Position | None:
    """Return the median of the spots of all layers; None where nothing has coordinates.

    It is a longitude and a latitude that some feature has, so half of the features may be wrong.
    """
    every = np.concatenate(layers) if layers else np.empty((0, 2))
    every = every[_possible(every)]
    if not len(every):
        return None
    lon, lat = np.quantile(every, 0.5, axis=0, method="lower")
    return float(lon), float(lat)


def far_rows(spots: Array, middle: Position) -> tuple[tuple[int, ...], str]:
    """Return the 1-based rows farther than ``FAR_M`` from the middle, and the coordinates of the first."""
    possible = _possible(spots)
    far = np.isfinite(spots).all(axis=1) & ~possible
    with np.errstate(invalid="ignore"):
        doubtful = possible & ~(np.abs(spots - middle) < _NEAR).all(axis=1)
    there = spots[doubtful]
    lon, lat = np.full(len(there), middle[0]), np.full(len(there), middle[1])
    far[doubtful] = np.asarray(_GEOD.inv(lon, lat, there[:, 0], there[:, 1])[2]) > FAR_M
    rows = np.flatnonzero(far)
    shown = "" if not len(rows) else ", ".join(f"{value:.6g}" for value in spots[rows[0]])
    return tuple(int(row) + 1 for row in rows), shown


def stray_rows(shapes: Array) -> tuple[tuple[int, ...], str]:
    """Return the 1-based rows farther than ``FAR_M`` from the middle row of a layer in metres, and where the first is."""
    bounds = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        spots = np.column_stack([(bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2])
    known = np.isfinite(spots).all(axis=1)
    if not known.any():
        return (), ""
    middle = np.quantile(spots[known], 0.5, axis=0, method="lower")
    far = np.zeros(len(spots), dtype=bool)
    far[known] = np.asarray(np.hypot(*(spots[known] - middle).T)) > FAR_M
    rows = np.flatnonzero(far)
    shown = "" if not len(rows) else ", ".join(f"{value:.10g}" for value in spots[rows[0]])
    return tuple(int(row) + 1 for row in rows), shown


def _possible(lonlat: Array) -> Array:
    with np.errstate(invalid="ignore"):
        inside: Array = np.isfinite(lonlat).all(axis=1) & (np.abs(lonlat[:, 1]) <= _POLE)
    return inside
