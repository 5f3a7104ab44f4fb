"""The metric reference system, asked for once, at the door.

Everything computes in metres. The system is CGCS2000 in the 3-degree zone of the data's longitude
(EPSG:4534-4554), or UTM outside China, or what the user gives. Degrees, Web Mercator and systems
whose area of use is elsewhere are refused, because every area and length would be wrong.
"""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pyproj
from pyproj._crs import AreaOfUse
from pyproj.enums import WktVersion

from plan.errors import CrsError
from plan.messages import Message

__all__ = [
    "WGS84",
    "Bounds",
    "Doubt",
    "crs_doubt",
    "metric_crs",
    "parse_crs",
    "require_metric",
    "short_name",
    "spoken_name",
    "to_metric",
    "to_wgs84",
    "transformer",
    "true_to_scale",
    "typed_name",
]

WGS84: Final = pyproj.CRS.from_epsg(4326)
# CGCS2000 / 3-degree Gauss-Kruger, named by central meridian 75 E to 135 E without zone prefix.
_CGCS2000_FIRST_EPSG: Final = 4534
_CGCS2000_FIRST_MERIDIAN: Final = 75
_CGCS2000_LAST_MERIDIAN: Final = 135
_ZONE_WIDTH: Final = 3  # degrees
# Mainland China with its islands, in degrees: west, south, east, north (area of use of EPSG:4490).
_CHINA: Final = (73.62, 16.7, 134.77, 53.56)
_PSEUDO_MERCATOR: Final = (3857, 900913, 3785, 102100, 102113)
_WEB_MERCATOR: Final = pyproj.CRS.from_epsg(3857)
_DEGREE_LIMIT: Final = 400.0  # coordinates within +-400 look like degrees
_WORLD: Final = 359.0  # degrees from west to east
_POLE: Final = 90.0  # degrees; no latitude lies beyond it
# CGCS2000 / Gauss-Kruger with the zone before the easting: 3-degree zones 25-45, and 6-degree zones 13-23.
_PREFIXED: Final = ((25, 45, 4513), (13, 23, 4491))
_EARTH_M: Final = (
    2.1e7  # metres from a pole to the other; no coordinate in metres is larger, but for a zone prefix
)
_GEOD: Final = pyproj.Geod(ellps="WGS84")
_TRIED_M: Final = 100.0  # metres
# UTM is 1.0 per mille too long at the edge of a zone, and Gauss-Kruger 1.4 at that of one of 6 degrees (18 N).
_STRETCH: Final = 0.0015
_MARGIN: Final = 1.0  # degrees of slack around an area of use: estates lie across its edge

# How EPSG names the systems of China, such as "CGCS2000 / 3-degree Gauss-Kruger CM 117E" and "… zone 39"; the wide zones
# of 6 degrees have no number before their name.
_GAUSS: Final = re.compile(
    r"(?P<datum>[\w ]+) / (?:(?P<degrees>3)-degree )?Gauss-Kruger (?:CM (?P<meridian>\d+)E|zone (?P<zone>\d+))"
)

Bounds = tuple[float, float, float, float]
DoubtName = Literal[
    "missing",
    "geojson_metres",
    "degrees_called_metres",
    "metres_called_degrees",
    "axes_swapped",
    "degrees_swapped",
    "zone_prefix",
    "zone_prefix_absent",
    "millimetres",
    "web_mercator",
    "outside_area_of_use",
    "beyond_zone",
    "local",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Extent:
    """Where a system can be meant, degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why the coordinates of a layer cannot be what its reference system says."""

    name: DoubtName
    message: Message


def parse_crs(text: str) -> pyproj.CRS:
    """Read what a user gave as a reference system, such as ``EPSG:4548``.

    Raises
    ------
    CrsError
        If PROJ does not know it.
    """
    try:
        return pyproj.CRS.from_user_input(int(text) if text.strip().isdigit() else text)
    except pyproj.exceptions.CRSError:
        raise CrsError(Message("crs.unknown", crs=text)) from None


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """Return the metric system for a place.

    Parameters
    ----------
    lon, lat : float
        Longitude and latitude in degrees.

    Returns
    -------
    pyproj.CRS
        CGCS2000 3-degree zone (EPSG:4534-4554) in China, else WGS 84 / UTM.

    Examples
    --------
    >>> metric_crs(117.64, 26.26).to_epsg()
    4548
    """
    west, south, east, north = _CHINA
    if west <= lon <= east and south <= lat <= north:
        meridian = _ZONE_WIDTH * math.floor(lon / _ZONE_WIDTH + 0.5)
        meridian = min(max(meridian, _CGCS2000_FIRST_MERIDIAN), _CGCS2000_LAST_MERIDIAN)
        return pyproj.CRS.from_epsg(
            _CGCS2000_FIRST_EPSG + (meridian - _CGCS2000_FIRST_MERIDIAN) // _ZONE_WIDTH
        )
    zone = int((lon + 180) // 6) % 60 + 1
    return pyproj.CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def is_web_mercator(crs: pyproj.CRS) -> bool:
    """Tell whether a system is Web Mercator, whose areas at 37 N are 1.55 times too large."""
    if crs.to_epsg() in _PSEUDO_MERCATOR:
        return True
    operation = crs.coordinate_operation
    return operation is not None and "pseudo" in operation.method_name.casefold()


def is_metric(crs: pyproj.CRS) -> bool:
    """Tell whether lengths and areas may be measured in a system as they are."""
    return (
        crs.is_projected
        and not is_web_mercator(crs)
        and all(axis.unit_name == "metre" for axis in crs.axis_info)
    )


def require_metric(crs: pyproj.CRS | None, what: str) -> pyproj.CRS:
    """Return a system that is metric, or refuse.

    Parameters
    ----------
    crs : pyproj.CRS or None
        The system.
    what : str
        What it belongs to, for the error.

    Raises
    ------
    CrsError
        If there is none, or it is in degrees, or is Web Mercator.
    """
    if crs is None:
        raise CrsError(Message("crs.missing", what=what))
    if is_web_mercator(crs):
        raise CrsError(Message("crs.web_mercator", what=what))
    if not is_metric(crs):
        raise CrsError(Message("crs.not_metric", what=what, crs=short_name(crs)))
    return crs


def short_name(crs: pyproj.CRS) -> str:
    """Return how a system is shown: ``EPSG:4548 (CGCS2000 / …)``."""
    code = crs.to_epsg()
    return f"EPSG:{code} ({crs.name})" if code else crs.name


def typed_name(crs: pyproj.CRS) -> str:
    """Return what a user can write after ``--crs`` for a system: its code, else its definition for PROJ in quotes."""
    code = crs.to_epsg()
    if code:
        return f"EPSG:{code}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the name is lost, and the name is what nobody knows
        try:
            return f'"{crs.to_proj4()}"'
        except pyproj.exceptions.CRSError:  # a way of projecting that PROJ has no word for
            return f'"{crs.name}"'


def spoken_name(crs: pyproj.CRS) -> str:
    """Return how a system is shown to people who read no English names: its family, zone or central meridian.

    Examples
    --------
    >>> spoken_name(pyproj.CRS.from_epsg(4548))
    'EPSG:4548（CGCS2000 3 度带，中央经线 117°E）'
    """
    named = _GAUSS.fullmatch(crs.name)
    code = crs.to_epsg()
    if named is None or code is None:
        return short_name(crs)
    key = "crs.by_meridian" if named["meridian"] else "crs.by_zone"
    return Message(
        key,
        code=code,
        datum=named["datum"],
        degrees=named["degrees"] or "6",
        at=named["meridian"] or named["zone"],
    )


def true_to_scale(crs: pyproj.CRS, lon: float, lat: float) -> bool:
    """Tell whether 100 metres on the ground are 100 metres in a system, east and north, within ``_STRETCH``.

    Equal-area and conic systems of a whole country are in metres, too, and 100 m of a walk are 90 m in some of them.

    Parameters
    ----------
    crs : pyproj.CRS
        A metric system.
    lon, lat : float
        The place, in degrees.
    """
    ends = [_GEOD.fwd(lon, lat, azimuth, _TRIED_M) for azimuth in (0.0, 90.0)]
    x, y = transformer(WGS84, crs).transform([lon, *(e[0] for e in ends)], [lat, *(e[1] for e in ends)])
    lengths = [math.hypot(x[i] - x[0], y[i] - y[0]) for i in (1, 2)]
    return all(abs(length / _TRIED_M - 1) <= _STRETCH for length in lengths)


def to_metric(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a frame in a metric system."""
    return frame if frame.crs == crs else frame.to_crs(crs)


def to_wgs84(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> gpd.GeoDataFrame | gpd.GeoSeries:
    """Return a frame in longitude and latitude, for maps and GeoJSON only."""
    return frame.to_crs(WGS84)


def transformer(source: pyproj.CRS, target: pyproj.CRS) -> pyproj.Transformer:
    """Return what takes points from one system to another, east (or longitude) first; each is made once.

    PROJ needs some 60 ms to find the way between two systems, and every layer of a site asks for the same.
    """
    # By the texts that they were made from: PROJ writes systems out anew to compare them, a hundred times as slow.
    return _transformer(source.srs, target.srs)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _on_earth(crs: pyproj.CRS) -> bool:
    """Tell whether PROJ knows a way to longitude and latitude; another planet has none."""
    try:
        transformer(crs, WGS84)
    except pyproj.exceptions.ProjError:
        return False
    return True


def lonlat_bounds(bounds: Bounds, crs: pyproj.CRS) -> Bounds:
    """Return bounds of a system as west, south, east, north in degrees; infinities when outside PROJ's reach."""
    found = transformer(crs, WGS84).transform_bounds(*bounds)
    return (float(found[0]), float(found[1]), float(found[2]), float(found[3]))


def crs_doubt(bounds: Bounds, crs: pyproj.CRS | None, what: str, *, assumed: bool = False) -> Doubt | None:  # noqa: PLR0911 - one return for each doubt
    """Tell why coordinates cannot be what their reference system says.

    Parameters
    ----------
    bounds : tuple of float
        Smallest and largest x and y of the layer: x, y, x, y, in its own units.
    crs : pyproj.CRS or None
        The system that the file names.
    what : str
        File and layer, for the message.
    assumed : bool, default False
        True when the file names no system and WGS 84 follows from its format (GeoJSON, RFC 7946).

    Returns
    -------
    Doubt or None
        None when nothing speaks against it.
    """
    if crs is None:
        return Doubt(name="missing", message=Message("crs.missing", what=what))
    if not np.isfinite(bounds).all():
        return None  # no coordinates, or broken ones: another check names them
    x0, y0, x1, y1 = (round(value, 3) for value in bounds)
    degrees_like = max(abs(value) for value in bounds) <= _DEGREE_LIMIT
    shown = f"x {x0} … {x1}, y {y0} … {y1}"
    name = short_name(crs)
    if not _on_earth(crs) or _lost(crs):
        return Doubt(name="local", message=Message("crs.local", what=what, crs=name))
    if crs.is_geographic:
        if not degrees_like:
            key: DoubtName = "geojson_metres" if assumed else "metres_called_degrees"
            return Doubt(name=key, message=Message(f"crs.{key}", what=what, crs=name, shown=shown))
        if min(abs(bounds[1]), abs(bounds[3])) > _POLE and max(abs(bounds[0]), abs(bounds[2])) <= _POLE:
            message = Message("crs.degrees_swapped", what=what, shown=shown)
            return Doubt(name="degrees_swapped", message=message)
        return _outside_degrees(bounds, crs, what, name, shown)
    if is_web_mercator(crs):
        return Doubt(name="web_mercator", message=Message("crs.web_mercator", what=what))
    if not crs.is_projected:
        return Doubt(name="local", message=Message("crs.local", what=what, crs=name))
    if degrees_like:
        message = Message("crs.degrees_called_metres", what=what, crs=name, shown=shown)
        return Doubt(name="degrees_called_metres", message=message)
    return _outside(bounds, crs, what, name, shown)


def _outside(bounds: Bounds, crs: pyproj.CRS, what: str, name: str, shown: str) -> Doubt | None:  # noqa: PLR0911 - one return for each doubt
    area = crs.area_of_use or _zone_around(crs)
    if area is None or _within(bounds, crs, area):
        return None
    x0, y0, x1, y1 = bounds
    if _within((y0, x0, y1, x1), crs, area):
        return Doubt(
            name="axes_swapped", message=Message("crs.axes_swapped", what=what, crs=name, shown=shown)
        )
    # Before zones: eastings of Web Mercator at 121 E begin with 13, and the rest may lie in the zone that is named.
    if _within(bounds, _WEB_MERCATOR, area):
        message = Message("crs.web_mercator_tagged", what=what, crs=name, shown=shown)
        return Doubt(name="web_mercator", message=message)
    prefix = math.floor(x0 / 1e6)
    if prefix and _within((x0 - prefix * 1e6, y0, x1 - prefix * 1e6, y1), crs, area):
        message = Message(
            "crs.zone_prefix", what=what, crs=name, shown=shown, zone=prefix, code=prefixed_epsg(prefix)
        )
        return Doubt(name="zone_prefix", message=message)
    zone = _zone_of(crs)
    if zone and _within((x0 + zone * 1e6, y0, x1 + zone * 1e6, y1), crs, area):
        message = Message("crs.zone_prefix_absent", what=what, crs=name, shown=shown, zone=zone)
        return Doubt(name="zone_prefix_absent", message=message)
    large = max(abs(value) for value in bounds) > _EARTH_M
    if large and _within((x0 / 1000, y0 / 1000, x1 / 1000, y1 / 1000), crs, area):
        return Doubt(name="millimetres", message=Message("crs.millimetres", what=what, crs=name, shown=shown))
    degrees = lonlat_bounds(bounds, crs)
    # A zone of nobody's making is 6 degrees wide already.
    wide = _MARGIN + _ZONE_WIDTH if crs.area_of_use else _MARGIN
    if _made_around(crs) is not None and _in_area(degrees, area, margin=wide):
        message = Message(
            "crs.beyond_zone", what=what, crs=name, shown=shown, code=typed_name(crs),
            lon=f"{(degrees[0] + degrees[2]) / 2:.3f}", lat=f"{(degrees[1] + degrees[3]) / 2:.3f}",
        )  # fmt: skip
        return Doubt(name="beyond_zone", message=message)
    message = Message("crs.outside_area_of_use", what=what, crs=name, shown=shown)
    return Doubt(name="outside_area_of_use", message=message)


def _zone_around(crs: pyproj.CRS) -> _Extent | None:
    """Return where a transverse Mercator system of nobody's making can be meant: a zone of 6 degrees around its meridian.

    Away from it lengths grow, by 1.6 per mille at its edge: a system that lost its false easting says 500 km away.
    """
    meridian = _made_around(crs)
    if meridian is None:
        return None
    return _Extent(west=meridian - _ZONE_WIDTH, south=-_POLE, east=meridian + _ZONE_WIDTH, north=_POLE)


def _lost(crs: pyproj.CRS) -> bool:
    """Tell whether a system does not say how it projects, or around which meridian: PROJ would take it to be at 0."""
    made = crs.coordinate_operation
    if not crs.is_projected or made is None:
        return False
    return not made.params or (made.method_name == "Transverse Mercator" and _made_around(crs) is None)


def _made_around(crs: pyproj.CRS) -> float | None:
    """Return the central meridian of a transverse Mercator system in degrees; None for other projections."""
    made = crs.coordinate_operation
    if made is None or made.method_name != "Transverse Mercator":
        return None
    found = next((p.value for p in made.params if p.name == "Longitude of natural origin"), None)
    return None if found is None else float(found)


def _outside_degrees(bounds: Bounds, crs: pyproj.CRS, what: str, name: str, shown: str) -> Doubt | None:
    """Tell why degrees cannot be in a system that is used in one part of the world, such as CGCS2000."""
    area = crs.area_of_use
    # Used all over the world: a feature that lies nowhere on it is told by its row, not against the layer.
    if area is None or area.east - area.west >= _WORLD or _in_area(bounds, area):
        return None
    x0, y0, x1, y1 = bounds
    swapped = _in_area((y0, x0, y1, x1), area)
    key: DoubtName = "degrees_swapped" if swapped else "outside_area_of_use"
    text = "crs.degrees_swapped_area" if swapped else "crs.outside_area_of_use"
    return Doubt(name=key, message=Message(text, what=what, crs=name, shown=shown))


def prefixed_epsg(zone: int) -> str:
    """Return the CGCS2000 system whose eastings begin with a zone, such as ``EPSG:4527`` for 39; else a range."""
    for first, last, code in _PREFIXED:
        if first <= zone <= last:
            return f"EPSG:{code + zone - first}"
    return "EPSG:4513-4533"


def _zone_of(crs: pyproj.CRS) -> int:
    """Return the zone that a system writes before its eastings; 0 where it writes none."""
    params = {p.name: p.value for p in (crs.coordinate_operation.params if crs.coordinate_operation else ())}
    return math.floor(float(params.get("False easting", 0.0)) / 1e6)


def _within(bounds: Bounds, crs: pyproj.CRS, area: AreaOfUse | _Extent) -> bool:
    degrees = lonlat_bounds(bounds, crs)
    return bool(np.isfinite(degrees).all()) and _in_area(degrees, area)


def _in_area(degrees: Bounds, area: AreaOfUse | _Extent, *, margin: float = _MARGIN) -> bool:
    west, south, east, north = degrees
    if not np.isfinite(degrees).all():
        return False
    fits_lat = south >= area.south - _MARGIN and north <= area.north + _MARGIN
    if area.west > area.east:  # the area crosses the date line
        return fits_lat
    return fits_lat and west >= area.west - margin and east <= area.east + margin


def wkt(crs: pyproj.CRS) -> str:
    """Return a system as text that other programs read."""
    return str(crs.to_wkt(WktVersion.WKT2_2019))
