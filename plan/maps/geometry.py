"""Write geometry compactly: whole numbers of 1e-7 degree, each the step from the last.

Seven decimals of a degree are about one centimetre; with six, parking stalls are visibly
skew. Steps as whole numbers make a page of 10,000 buildings six times smaller than GeoJSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["DIGITS", "encode", "grid", "middle", "with_symbol"]

DIGITS: Final = 7  # decimals of a degree, about 1 cm

# A feature is [type, part, part, …]; the page knows these types.
_POINT, _LINE, _AREA, _MIXED = 0, 1, 2, 3


def grid(degrees: float) -> int:
    """Return a coordinate as a whole number of 1e-7 degree."""
    return round(degrees * 10**DIGITS)


def encode(shape: BaseGeometry | None, *, origin: tuple[int, int]) -> list[Any] | None:
    """Encode one geometry.

    Parameters
    ----------
    shape : shapely geometry or None
        In WGS 84, longitude and latitude [degree].
    origin : tuple of int
        Longitude and latitude from which the first step of each part goes [1e-7 degree].

    Returns
    -------
    list or None
        ``[0, [x, y], …]`` points, ``[1, [x, y, dx, dy, …], …]`` lines, ``[2, [ring, ring], …]``
        areas (outer ring first, not closed), ``[3, feature, …]`` mixed; None when nothing is there.
    """
    if shape is None or shape.is_empty:
        return None
    parts = shapely.get_parts(shape)
    kind = shape.geom_type.removeprefix("Multi")
    if kind == "Point":
        return [_POINT, *(_steps(part, origin) for part in parts)]
    if kind in {"LineString", "LinearRing"}:
        return [_LINE, *(_steps(part, origin) for part in parts)]
    if kind == "Polygon":
        return [_AREA, *([_ring(ring, origin) for ring in _rings(part)] for part in parts)]
    inner = [encoded for part in parts if (encoded := encode(part, origin=origin))]
    return [_MIXED, *inner] if inner else None


def _rings(polygon: Polygon) -> list[LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def _ring(ring: LinearRing, origin: tuple[int, int]) -> list[int]:
    return _numbers(shapely.get_coordinates(ring)[:-1], origin)


def _steps(line: BaseGeometry, origin: tuple[int, int]) -> list[int]:
    return _numbers(shapely.get_coordinates(line), origin)


def _numbers(coordinates: np.ndarray[Any, Any], origin: tuple[int, int]) -> list[int]:
    whole = np.rint(coordinates * 10**DIGITS).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.array([origin], dtype=np.int64))
    out: list[int] = steps.ravel().tolist()
    return out


def middle(geometry: BaseGeometry) -> Point:
    """Return a point on a geometry where its symbol stands."""
    if isinstance(geometry, LineString):
        return geometry.interpolate(0.5, normalized=True)
    return geometry.representative_point()


def with_symbol(shapes: Iterable[BaseGeometry | None]) -> list[BaseGeometry | None]:
    """Add to each area or line the point where its symbol stands."""
    return [
        s if s is None or s.is_empty or s.geom_type == "Point" else shapely.GeometryCollection([s, middle(s)])
        for s in shapes
    ]
