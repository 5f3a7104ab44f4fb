"""Reference systems that one file names in several ways: by a number, by a name and by what it writes out.

They should be one. GDAL follows the number of a GeoPackage and of a ``.prj`` and passes over a definition that says
otherwise, and QGIS may follow the other: a central meridian of 114 degrees under a number that means 117 is 300 km.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
import pyproj

from plan.crs import Bounds, transformer

__all__ = ["distinct", "systems_in"]

_AS_ONE_M: Final = (
    0.05  # metres; less than a surveyor's error, and more than what rounding of parameters makes
)
_AS_ONE_DEG: Final = 5e-7  # degrees: 0.05 m
# A zone or a central meridian in a name, such as CGCS2000_3_Degree_GK_CM_117E, Xian_1980_3_Degree_GK_Zone_39, UTM_Zone_50N.
_NUMBERED: Final = re.compile(r"(?:CM|zone)[ _]*(\d+)[ENS]?\b", re.IGNORECASE)


@lru_cache(maxsize=64)
def systems_in(text: str) -> tuple[pyproj.CRS, ...]:
    """Return every system that a definition names: what it writes out, then its number, then its name.

    Parameters
    ----------
    text : str
        WKT, or anything else that PROJ reads.

    Returns
    -------
    tuple of pyproj.CRS
        Empty where it is none; a name counts only where it tells a zone or a central meridian that PROJ knows, too.
    """
    try:
        written = pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return ()
    told = written.to_json_dict().get("id") or {}
    numbered = _system(f"{told.get('authority')}:{told.get('code')}") if told else None
    return tuple(one for one in (written, numbered, _named(written.name)) if one is not None)


def _named(name: str) -> pyproj.CRS | None:
    told = _NUMBERED.search(name)
    found = _system(name) if told else None
    if told is None or found is None:
        return None
    known = _NUMBERED.search(found.name)  # PROJ takes names that are nearly alike, too
    return found if known is not None and known[1] == told[1] else None


def _system(text: str) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        return None


def _differ(a: pyproj.CRS, b: pyproj.CRS, bounds: Bounds) -> bool:
    """Tell whether the same numbers are other places in two systems.

    Parameters
    ----------
    a, b : pyproj.CRS
        Horizontal systems.
    bounds : tuple of float
        Smallest and largest x and y of what is drawn, in the units of either.
    """
    a, b = _unbound(a), _unbound(b)
    if a == b:
        return False
    if a.is_geographic != b.is_geographic or _half_axis(a) != _half_axis(b):
        return True
    x0, y0, x1, y1 = bounds
    x, y = np.array([x0, x1, (x0 + x1) / 2]), np.array([y0, y1, (y0 + y1) / 2])
    try:
        moved = transformer(a, b).transform(x, y)
    except pyproj.exceptions.ProjError:
        return True
    off = np.hypot(moved[0] - x, moved[1] - y)
    return not bool((off <= (_AS_ONE_DEG if a.is_geographic else _AS_ONE_M)).all())


def distinct(systems: Iterable[pyproj.CRS], bounds: Bounds) -> tuple[pyproj.CRS, ...]:
    """Return systems without those in which the numbers are the places of one before."""
    kept: list[pyproj.CRS] = []
    for system in systems:
        if all(_differ(system, other, bounds) for other in kept):
            kept.append(system)
    return tuple(kept)


def _unbound(crs: pyproj.CRS) -> pyproj.CRS:
    return crs.source_crs if crs.is_bound and crs.source_crs is not None else crs


def _half_axis(crs: pyproj.CRS) -> int | None:
    """Return the half axis in whole metres: it tells Beijing 54, Xi'an 80 and CGCS2000 apart, between which PROJ knows no way."""
    return None if crs.ellipsoid is None else round(crs.ellipsoid.semi_major_metre)
