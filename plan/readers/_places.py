"""Where the rows of a table lie: which columns hold it, and how people write degrees."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from plan.crs import WGS84
from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["AXES", "degrees_in", "place_names", "points_of"]

AXES: Final = ("lon", "lat", "x", "y")
# Columns that hold where a row is: longitude and latitude, or metres.
_PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "lon": ("lon", "lng", "longitude", "经度", "东经"),
    "lat": ("lat", "latitude", "纬度", "北纬"),
    "x": ("x", "easting", "东坐标", "横坐标", "x坐标", "坐标x", "point_x", "x_coord"),
    "y": ("y", "northing", "北坐标", "纵坐标", "y坐标", "坐标y", "point_y", "y_coord"),
}
# Metres of Gauss-Kruger coordinates in China: 16 to 54 degrees north; 500 km at the central meridian, without zone and with.
_NORTHINGS: Final = (1.75e6, 6.0e6)
_EASTINGS: Final = (1.0e5, 9.0e5)
_PREFIXED: Final = (1.3e7, 4.6e7)
_MINUTES: Final = 60  # in a degree, and seconds in a minute
_SHOWN: Final = 20  # rows that a message lists
# What people type for the marks of degrees, minutes and seconds; NFKC has made others plain before.
_MARKS: Final = str.maketrans({
    "º": "°", "˚": "°", "∘": "°", "度": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "ʹ": "'", "`": "'", "分": "'",
    "″": '"', "”": '"', "“": '"', "ʺ": '"', "〃": '"', "秒": '"',
})  # fmt: skip
_DEGREES: Final = re.compile(
    r"(?P<before>[东西南北][经纬]|[nesw])?(?P<sign>[+-])?(?P<d>\d{1,3}(?P<part>\.\d+)?)°"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)(?:'(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:\"|'')?)?)?)?(?P<after>[nesw])?"
)
_LETTERED: Final = re.compile(r"(?P<before>[nesw])?(?P<d>\d{1,3}\.\d+)(?P<after>[nesw])?")
_SIDES: Final = {"东经": "e", "西经": "w", "北纬": "n", "南纬": "s"}


def place_names(axis: str) -> tuple[str, ...]:
    """Return what a column of coordinates may be called; ``axis`` is ``lon``, ``lat``, ``x`` or ``y``."""
    return _PLACES[axis]


def points_of(table: pd.DataFrame, names: list[str], found: ProblemList) -> tuple[Any, Any]:
    """Return a point for each row of a table that tells where it is, and their reference system.

    Parameters
    ----------
    table : pandas.DataFrame
        Cells as texts, None where there is nothing.
    names : list of str
        What its columns are called.
    found : ProblemList
        Where coordinates that are no numbers are noted, and those that name the northing first.

    Returns
    -------
    tuple
        An array of points, None where a row has none; and WGS 84 for degrees, None for metres.
    """
    for axes, crs in (("lon", "lat"), WGS84), (("x", "y"), None):
        wanted = [place_names(axis) for axis in axes]
        at = [next((i for i, name in enumerate(names) if name.casefold() in known), -1) for known in wanted]
        if min(at) < 0:
            continue
        east, north = (table.iloc[:, i].tolist() for i in at)
        x, y = (
            np.array([_number(v, axis) for v in values], dtype=np.float64)
            for values, axis in zip((east, north), axes, strict=True)
        )
        good = np.isfinite(x) & np.isfinite(y)
        filled = np.array(
            [e is not None or n is not None for e, n in zip(east, north, strict=True)], dtype=bool
        )
        bad = tuple(int(i) + 1 for i in np.flatnonzero(~good & filled))
        if bad:
            examples = tuple(
                plain(str(v))[:_SHOWN]
                for i in bad[:3]
                for v, n in ((east[i - 1], x[i - 1]), (north[i - 1], y[i - 1]))
                if v is not None and not np.isfinite(n)
            )
            message = Message("readers.csv_coordinates", rows=bad[:_SHOWN], examples=examples)
            found.add("PLAN-GEOM-009", "error", "degraded", message, rows=bad)
        if crs is None and good.any() and _north_first(x[good], y[good]):
            x, y = y, x
            message = Message("readers.csv_north_first", x=plain(names[at[0]]), y=plain(names[at[1]]))
            found.add("PLAN-CRS-005", "warning", "repaired", message)
        points = np.full(len(table), None, dtype=object)
        points[good] = shapely.points(x[good], y[good])
        return points, crs
    return np.full(len(table), None, dtype=object), None


def degrees_in(text: str, axis: str) -> float | None:
    """Return the degrees that a text says, in degrees and their parts or in degrees, minutes and seconds.

    Parameters
    ----------
    text : str
        As written.
    axis : {"lon", "lat"}
        Which of the two it is; a text that names the other one says nothing.

    Returns
    -------
    float or None
        None where the text says none, more than one side, or sixty minutes and more. 119.3612 without marks is a number,
        and no degrees, minutes and seconds.

    Examples
    --------
    >>> round(degrees_in("119°36′12″E", "lon"), 6), degrees_in("39°30′N", "lat"), degrees_in("39°30′N", "lon")
    (119.603333, 39.5, None)
    """
    said = "".join(unicodedata.normalize("NFC", text).translate(_MARKS).split())
    said = unicodedata.normalize("NFKC", said).casefold()
    match = _DEGREES.fullmatch(said) or _LETTERED.fullmatch(said)
    if match is None:
        return None
    parts = match.groupdict()
    before, after = parts.get("before") or "", parts.get("after") or ""
    side = _SIDES.get(before, before) or after
    minutes, seconds = float(parts.get("m") or 0), float(parts.get("s") or 0)
    fits = not (before and after) and side in ("", *("ew" if axis == "lon" else "ns"))
    divided = bool(parts.get("m")) and bool(parts.get("part"))
    divided = divided or (bool(parts.get("s")) and "." in str(parts["m"]))  # 119.5°36' is nothing
    if not fits or divided or max(minutes, seconds) >= _MINUTES or (side and parts.get("sign")):
        return None
    value = float(parts["d"]) + minutes / _MINUTES + seconds / _MINUTES**2
    return -value if side in ("w", "s") or parts.get("sign") == "-" else value


def _north_first(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> bool:
    """Tell whether x is the northing, as surveyors of China write it: no easting of China is as large, no northing as small."""
    south, north = _NORTHINGS
    eastings = ((y > _EASTINGS[0]) & (y < _EASTINGS[1])) | ((y > _PREFIXED[0]) & (y < _PREFIXED[1]))
    return bool(((x > south) & (x < north)).all() and eastings.all())


def _number(value: object, axis: str) -> float:
    if value is None:
        return math.nan
    try:
        return float(str(value))
    except ValueError:
        degrees = degrees_in(str(value), axis) if axis in ("lon", "lat") else None
        return math.nan if degrees is None else degrees
