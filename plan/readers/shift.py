"""Is a layer drawn on a shifted map? GCJ-02 and BD-09 move a place by a known vector.

Maps published in China show GCJ-02 (some BD-09) where files say WGS 84: a drawing traced from them lies
300 to 1,200 m off. The vector is known for each place, so a layer that lies beside the estate and would
lie inside it when moved by just that vector is suspected. It is told, never moved: only the person
who drew it knows.

References
----------
The formulas are those of the open reimplementations, such as https://github.com/googollee/eviltransform
(WGS-84 to GCJ-02, within 1e-6 degrees) and the BD-09 offset published there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from plan.crs import WGS84, transformer
from plan.messages import Message
from plan.problems import ProblemList

__all__ = ["suspect_shift", "wgs84_to_bd09", "wgs84_to_gcj02"]

_AXIS: Final = 6378245.0  # m, Krassovsky ellipsoid of the formula
_ECCENTRICITY2: Final = 0.00669342162296594323
_BD_TURN: Final = math.pi * 3000.0 / 180.0
_OUTLINES: Final = ("parcels", "communities", "buildings")  # what the others should lie in, the best first
_INSIDE: Final = ("buildings", "entrances", "rooms", "households", "stalls", "open_spaces", "fire_lanes")
_SLACK: Final = 20.0  # m around the outline; the formula is published to about a metre
_APART: Final = 0.2  # at most this share of a suspected layer lies inside now
_FEWEST: Final = 3  # features; one that lies elsewhere is a slip of the pen
_FITS: Final = 0.8  # at least this share would, were it moved


def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """Return where a map in GCJ-02 shows a place, in degrees.

    Examples
    --------
    >>> [round(v, 5) for v in wgs84_to_gcj02(116.39123, 39.90750)]
    [116.39747, 39.9089]
    """
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    phi = math.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * math.sin(phi) ** 2
    root = math.sqrt(magic)
    dlat = math.degrees(north / (_AXIS * (1.0 - _ECCENTRICITY2) / (magic * root)))
    dlon = math.degrees(east / (_AXIS / root * math.cos(phi)))
    return lon + dlon, lat + dlat


def wgs84_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return where a map in BD-09 shows a place, in degrees."""
    x, y = wgs84_to_gcj02(lon, lat)
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * _BD_TURN)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BD_TURN)
    return radius * math.cos(angle) + 0.0065, radius * math.sin(angle) + 0.006


def suspect_shift(layers: Mapping[str, gpd.GeoDataFrame], crs: pyproj.CRS, *, path: str) -> ProblemList:
    """Tell which layers lie off the estate by just the vector of GCJ-02 or BD-09.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of one submission, all in ``crs``.
    crs : pyproj.CRS
        A metric system.
    path : str
        What the user named, for the problem.

    Returns
    -------
    ProblemList
        PLAN-CRS-007 for each layer suspected. Nothing is moved.
    """
    found = ProblemList(path=path)
    outline = next((name for name in _OUTLINES if _drawn(layers.get(name)) is not None), None)
    if outline is None:
        return found
    inside = shapely.buffer(shapely.convex_hull(shapely.union_all(_drawn(layers[outline]))), _SLACK)
    centre = shapely.centroid(inside)
    vectors = _vectors(centre.x, centre.y, crs)
    for name in _INSIDE:
        shapes = _drawn(layers.get(name))
        if name == outline or shapes is None or len(shapes) < _FEWEST:
            continue
        points = shapely.centroid(shapes)
        if _share(points, inside, 0.0, 0.0) > _APART:
            continue
        for system, dx, dy in vectors:
            # Either may be the one that was traced.
            if max(_share(points, inside, -dx, -dy), _share(points, inside, dx, dy)) >= _FITS:
                found.layer = name
                message = Message(
                    "readers.shifted",
                    layer=name,
                    outline=outline,
                    system=system,
                    metres=round(math.hypot(dx, dy)),
                )
                found.add("PLAN-CRS-007", "warning", "noted", message)
                break
    return found


def _drawn(frame: gpd.GeoDataFrame | None) -> np.ndarray[Any, Any] | None:
    if frame is None:
        return None
    shapes = np.asarray(frame.geometry.array, dtype=object)
    shapes = shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]
    return shapes if len(shapes) else None


def _share(points: np.ndarray[Any, Any], inside: shapely.Geometry, dx: float, dy: float) -> float:
    moved = shapely.points(shapely.get_x(points) + dx, shapely.get_y(points) + dy)
    return float(np.mean(shapely.covers(inside, moved)))


def _vectors(x: float, y: float, crs: pyproj.CRS) -> list[tuple[str, float, float]]:
    lon, lat = transformer(crs, WGS84).transform(x, y)
    back = transformer(WGS84, crs)
    out = []
    for system, shift in (("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)):
        east, north = back.transform(*shift(lon, lat))
        out.append((system, east - x, north - y))
    return out
