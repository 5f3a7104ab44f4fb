"""Where the sun stands over a place, minute by minute of true (apparent) solar time, and on which day.

Positions come from pvlib's implementation of NREL's solar position algorithm (Reda and Andreas, Solar Energy 76,
2004), without refraction: planning standards count geometric sun. Days are those of the Chinese calendar's solar
terms, at which the sun's apparent longitude is a multiple of 15 degrees, in the time of the 120th meridian.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plan.crs import WGS84, require_metric, transformer
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["SOLAR_TERMS", "Place", "SunPath", "place_of", "solar_term", "sun_path"]

SolarTerm = Literal["great_cold", "winter_solstice"]

# Apparent longitude of the sun in degrees: 大寒 and 冬至 (GB/T 33661-2017, table of the 24 solar terms).
SOLAR_TERMS: Final[dict[SolarTerm, float]] = {"great_cold": 300.0, "winter_solstice": 270.0}
_CALENDAR_HOURS: Final = 8.0  # Beijing time, in which the calendar names a day, is UTC + 8 h
_DEG_PER_DAY: Final = 360.0 / 365.2422  # how fast the sun moves on average
_DEG_PER_HOUR: Final = 15.0
_POLE_DEG: Final = 90.0
_DATE_LINE_DEG: Final = 180.0
_NOON: Final = 12.0
_DAY: Final = 24.0
_ROUNDS: Final = 3  # the equation of time moves by 30 s a day: the second round is good to a millisecond

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place on Earth, and how a map of it is turned.

    Parameters
    ----------
    lon_deg, lat_deg : float
        Longitude and latitude in degrees.
    convergence_deg : float, default 0
        Bearing of grid north from true north at the place, clockwise: PROJ's meridian convergence. A bearing
        measured on the map is a true bearing less this.
    """

    lon_deg: float
    lat_deg: float
    convergence_deg: float = 0.0

    def __post_init__(self) -> None:
        if not (
            abs(self.lat_deg) <= _POLE_DEG
            and abs(self.lon_deg) <= _DATE_LINE_DEG
            and math.isfinite(self.convergence_deg)
        ):
            raise UsageError(Message("sunlight.place", lon=self.lon_deg, lat=self.lat_deg))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SunPath:
    """Where the sun stands at the middles of equal steps of true solar time, in time's order.

    Parameters
    ----------
    hours : ndarray of float, shape (n,)
        True solar time in hours: 12 is when the sun crosses the meridian.
    instants : DatetimeIndex, shape (n,)
        The same in UTC.
    azimuth_deg, altitude_deg : ndarray of float, shape (n,)
        Bearing from true north, clockwise, and height above the horizon, both without refraction.
    step_min : float
        Minutes that each step stands for.
    """

    hours: Floats
    instants: pd.DatetimeIndex
    azimuth_deg: Floats
    altitude_deg: Floats
    step_min: float


def place_of(frame: gpd.GeoDataFrame, at: tuple[float, float] | None = None) -> Place:
    """Return where a layer lies: the middle of its bounds, and how its grid is turned there.

    Parameters
    ----------
    frame : GeoDataFrame
        Any layer in a metric system. With ``at`` it may have no system, and its y axis then points to true north.
    at : tuple of float, optional
        Longitude and latitude in degrees, to be taken instead of the middle.

    Returns
    -------
    Place
        One place for the whole layer: across 10 km the sun's altitude differs by less than 0.1 degrees.

    Raises
    ------
    CrsError
        If the system is missing or not metric.
    UsageError
        If the layer has no shape that tells where it is, or the place is not on Earth.
    """
    if at is not None and frame.crs is None:
        return Place(lon_deg=at[0], lat_deg=at[1])
    crs = require_metric(frame.crs, "buildings")
    if at is None:
        x0, y0, x1, y1 = frame.total_bounds
        at = transformer(crs, WGS84).transform((x0 + x1) / 2, (y0 + y1) / 2)
    if not np.isfinite(at).all():
        raise UsageError(Message("sunlight.nowhere"))
    place = Place(lon_deg=float(at[0]), lat_deg=float(at[1]))
    from pyproj import Proj  # noqa: PLC0415 - heavy, needed here only

    turned = Proj(crs).get_factors(place.lon_deg, place.lat_deg).meridian_convergence
    return Place(lon_deg=place.lon_deg, lat_deg=place.lat_deg, convergence_deg=float(turned))


def solar_term(term: SolarTerm, year: int) -> dt.date:
    """Return the day of a solar term: when, in Beijing time, the sun's apparent longitude reaches its value.

    Parameters
    ----------
    term : {"great_cold", "winter_solstice"}
        大寒 (300 degrees) or 冬至 (270 degrees).
    year : int
        Year of the common calendar in which the term falls.

    Returns
    -------
    datetime.date
        The day in Beijing time.

    Raises
    ------
    UsageError
        If the term is none of these.

    Examples
    --------
    >>> solar_term("winter_solstice", 2024)
    datetime.date(2024, 12, 21)
    """
    if term not in SOLAR_TERMS:
        raise UsageError(Message("sunlight.term", term=term, known=tuple(SOLAR_TERMS)))
    start = pd.Timestamp(year, 1, 1) - pd.Timedelta(hours=_CALENDAR_HOURS)
    ahead = (SOLAR_TERMS[term] - _sun_longitude(start)) % 360.0
    days = ahead / _DEG_PER_DAY
    for _ in range(6):  # Newton's steps on the mean motion: each leaves a thirtieth of the error
        missing = (
            SOLAR_TERMS[term] - _sun_longitude(start + pd.Timedelta(days=days)) + 180.0
        ) % 360.0 - 180.0
        days += missing / _DEG_PER_DAY
    found: dt.date = (start + pd.Timedelta(days=days, hours=_CALENDAR_HOURS)).date()
    return found


def _sun_longitude(utc: pd.Timestamp) -> float:
    """Return the sun's apparent longitude in degrees at an instant."""
    from pvlib import spa  # noqa: PLC0415 - heavy, needed here only

    seconds = (utc - pd.Timestamp(1970, 1, 1)).total_seconds()
    day = spa.julian_day(seconds)
    delta_t = spa.calculate_deltat(utc.year, utc.month)
    century = spa.julian_ephemeris_century(spa.julian_ephemeris_day(day, delta_t))
    millennium = spa.julian_ephemeris_millennium(century)
    terms = (
        spa.mean_elongation(century), spa.mean_anomaly_sun(century), spa.mean_anomaly_moon(century),
        spa.moon_argument_latitude(century), spa.moon_ascending_longitude(century),
    )  # fmt: skip
    nutation = np.zeros((2, 1))
    spa.longitude_obliquity_nutation(np.array([century]), *(np.array([t]) for t in terms), nutation)
    return float(
        spa.apparent_sun_longitude(
            spa.geocentric_longitude(spa.heliocentric_longitude(millennium)),
            nutation[0, 0],
            spa.aberration_correction(spa.heliocentric_radius_vector(millennium)),
        )
    )


def sun_path(place: Place, *, day: dt.date, hours: tuple[float, float], step_min: float = 1.0) -> SunPath:
    """Return where the sun stands on a day between two hours of true solar time.

    Parameters
    ----------
    place : Place
        Where.
    day : datetime.date
        The day at the place; see :func:`solar_term`.
    hours : tuple of float
        From and to, in hours of true solar time, such as (8, 16).
    step_min : float, default 1
        Minutes of a step, of which the span holds a whole number. Each step is judged by its middle, so that
        morning and afternoon are alike.

    Returns
    -------
    SunPath
        One row for each step. Clock time follows from pvlib's equation of time at each instant.

    Raises
    ------
    UsageError
        If the hours do not lie within a day or hold no whole number of steps.
    """
    first, last = hours
    if not (0 <= first < last <= _DAY and step_min > 0):  # NaN compares false
        raise UsageError(Message("sunlight.hours", first=first, last=last, step=step_min))
    count = round((last - first) * 60 / step_min)
    if count < 1 or not math.isclose(count * step_min, (last - first) * 60, rel_tol=1e-9):
        raise UsageError(Message("sunlight.hours", first=first, last=last, step=step_min))
    solar = np.asarray(first + (np.arange(count) + 0.5) * (step_min / 60), dtype=np.float64)
    equation_min: Any = np.zeros(count)
    for _ in range(_ROUNDS):
        instants = _instants(day, solar, place.lon_deg, equation_min)
        found = _positions(instants, place)
        equation_min = found["equation_of_time"].to_numpy(dtype=float)
    return SunPath(
        hours=solar,
        instants=instants,
        azimuth_deg=found["azimuth"].to_numpy(dtype=float),
        altitude_deg=found["elevation"].to_numpy(dtype=float),
        step_min=float(step_min),
    )


def _instants(day: dt.date, solar: Floats, lon_deg: float, equation_min: Floats) -> pd.DatetimeIndex:
    """Return the UTC of true solar times: true less mean solar time is the equation of time."""
    hours = solar - equation_min / 60 - lon_deg / _DEG_PER_HOUR
    return pd.DatetimeIndex(pd.Timestamp(day) + pd.to_timedelta(hours * 3600, unit="s"), tz="UTC")


def _positions(instants: pd.DatetimeIndex, place: Place) -> pd.DataFrame:
    from pvlib import solarposition, spa  # noqa: PLC0415 - heavy, needed here only

    # What spa_python does unasked, on arrays: on the index itself it takes four times as long as all the rest.
    delta_t = spa.calculate_deltat(instants.year.to_numpy(), instants.month.to_numpy())
    found: pd.DataFrame = solarposition.spa_python(instants, place.lat_deg, place.lon_deg, delta_t=delta_t)
    return found
