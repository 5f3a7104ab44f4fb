"""Is a layer drawn on a shifted map? GCJ-02 and BD-09 move a place by a known vector.

Maps published in China show GCJ-02 (some BD-09) where files say WGS 84: a drawing traced from them lies
300 to 1,200 m off. The vector is known for each place, so a layer that lies beside the estate and would
lie inside it when moved by just that vector is suspected. It is told, never moved: only the person
who drew it knows. What the user says to be shifted is moved back, with the accuracy that is reached.

References
----------
The formulas are those of the open reimplementations, such as https://github.com/googollee/eviltransform
(WGS-84 to GCJ-02, within 1e-6 degrees) and the BD-09 offset published there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from plan.crs import WGS84, transformer
from plan.errors import UsageError
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import layer_of
from plan.text_safety import plain

__all__ = [
    "Shifted",
    "load_shifted",
    "suspect_shift",
    "system_of",
    "unshift",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

Shifted = Mapping[str, str]
Array = np.ndarray[Any, Any]
_GEOD: Final = pyproj.Geod(ellps="WGS84")
# Where GCJ-02 is shifted, in degrees: west, south, east, north, as in the open reimplementations.
_CHINA: Final = (72.004, 0.8293, 137.8347, 55.8271)
_ROUNDS: Final = 30
_CLOSES: Final = 1e-10  # degrees
_ACCURACY_M: Final = 1  # of the published formula against shown maps

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
    east, north = _gcj02(np.array([lon]), np.array([lat]))
    return float(east[0]), float(north[0])


def wgs84_to_bd09(lon: float, lat: float) -> tuple[float, float]:
    """Return where a map in BD-09 shows a place, in degrees."""
    east, north = _bd09(np.array([lon]), np.array([lat]))
    return float(east[0]), float(north[0])


def load_shifted(items: Sequence[str]) -> Shifted:
    """Read what was given as ``--from``.

    Parameters
    ----------
    items : sequence of str
        Each is ``gcj02`` or ``bd09`` for all layers, or ``LAYER=gcj02``.

    Returns
    -------
    mapping of str to str
        From a layer of the contract, or ``*`` for all others, to the system.

    Raises
    ------
    UsageError
        If a system or a layer is unknown.
    """
    said: dict[str, str] = {}
    for item in items:
        name, equals, system = item.rpartition("=")
        layer = layer_of(name) if equals else None
        if system.casefold().replace("-", "") not in _SYSTEMS or (equals and layer is None):
            raise UsageError(Message("readers.from_form", given=plain(item), known=tuple(_SYSTEMS)))
        said[layer.name if layer is not None else "*"] = system.casefold().replace("-", "")
    return said


def system_of(name: str, shifted: Shifted | None) -> str:
    """Return the system that the user says a layer is in; empty where nothing is said."""
    return "" if shifted is None else shifted.get(name, shifted.get("*", ""))


def unshift(
    frame: gpd.GeoDataFrame, system: str, *, path: str, layer: str
) -> tuple[gpd.GeoDataFrame, tuple[Problem, ...]]:
    """Bring a layer from GCJ-02 or BD-09 to WGS 84, as the user asked.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        In the reference system that its file names; what it names is where the shifted coordinates were written.
    system : {"gcj02", "bd09"}
        What it is in.
    path, layer : str
        For the problem.

    Returns
    -------
    tuple of GeoDataFrame and tuple of Problem
        The layer in the same reference system, each vertex moved; and PLAN-CRS-019, which names the achieved accuracy.

    Notes
    -----
    The forward formula is inverted by fixed-point iteration until it closes within 1e-10 degrees (0.01 mm). The
    formula itself is unofficial; its reimplementations differ from shown maps by about a metre.
    """
    found = ProblemList(path=path, layer=layer)
    name, forward = _SYSTEMS[system]
    shapes = np.asarray(frame.geometry.array, dtype=object)
    there, back = transformer(frame.crs, WGS84), transformer(WGS84, frame.crs)
    flat = shapely.get_coordinates(shapes)
    good = np.isfinite(flat).all(axis=1)
    if not good.any():
        return frame, ()
    lon, lat = there.transform(flat[good, 0], flat[good, 1])
    west, south, east, north = _CHINA
    if not ((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)).all():
        message = Message("readers.unshift_elsewhere", layer=layer, system=name)
        found.add("PLAN-CRS-019", "error", "refused", message)
        return frame, found.problems
    x, y = lon.copy(), lat.copy()
    for _ in range(_ROUNDS):
        a, b = forward(x, y)
        x, y = x - (a - lon), y - (b - lat)
        if max(np.abs(a - lon).max(), np.abs(b - lat).max()) < _CLOSES:
            break
    a, b = forward(x, y)
    residual = np.asarray(_GEOD.inv(a, b, lon, lat)[2]).max()
    metres = float(np.median(_GEOD.inv(x, y, lon, lat)[2]))
    flat[good] = np.column_stack(back.transform(x, y))
    moved = shapely.set_coordinates(shapely.force_2d(shapes), flat)
    message = Message(
        "readers.unshifted",
        layer=layer,
        system=name,
        metres=round(metres),
        residual=f"{max(0.01, math.ceil(residual * 1e5) / 100):g}",
        accuracy=_ACCURACY_M,
    )
    found.add("PLAN-CRS-019", "warning", "repaired", message)
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs)), found.problems


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
    shapely.prepare(inside)
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
    return float(
        np.mean(shapely.intersects_xy(inside, shapely.get_x(points) + dx, shapely.get_y(points) + dy))
    )


def _vectors(x: float, y: float, crs: pyproj.CRS) -> list[tuple[str, float, float]]:
    lon, lat = transformer(crs, WGS84).transform(x, y)
    back = transformer(WGS84, crs)
    out = []
    for system, shift in (("GCJ-02", wgs84_to_gcj02), ("BD-09", wgs84_to_bd09)):
        east, north = back.transform(*shift(lon, lat))
        out.append((system, east - x, north - y))
    return out


def _gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    waves = (20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + waves
    north += (20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + waves
    east += (20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    root = np.sqrt(magic)
    dlat = np.degrees(north / (_AXIS * (1.0 - _ECCENTRICITY2) / (magic * root)))
    dlon = np.degrees(east / (_AXIS / root * np.cos(phi)))
    return lon + dlon, lat + dlat


def _bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = _gcj02(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_SYSTEMS: Final[dict[str, tuple[str, Callable[[Array, Array], tuple[Array, Array]]]]] = {
    "gcj02": ("GCJ-02", _gcj02),
    "bd09": ("BD-09", _bd09),
}
