from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pytest
from pvlib import solarposition
from shapely import Point

from plan.crs import WGS84, transformer
from plan.elevators.sun import Place, _sun_longitude, place_of, solar_term, sun_path
from plan.errors import CrsError, UsageError

JINAN = Place(lon_deg=117.0, lat_deg=36.65)
DAY = dt.date(2026, 1, 20)


def path(**changed):
    return sun_path(JINAN, **{"day": DAY, "hours": (8, 16), **changed})


@pytest.mark.parametrize(
    ("year", "solstice", "cold"),
    [  # days of the Chinese calendar; 大寒 fell ten minutes after midnight in 2012, and half an hour before it in 2016
        (2012, 21, 21), (2016, 21, 20), (2020, 21, 20), (2022, 22, 20), (2023, 22, 20), (2024, 21, 20), (2025, 21, 20),
    ],
)  # fmt: skip
def test_the_days_of_the_calendar(year: int, solstice: int, cold: int) -> None:
    assert solar_term("winter_solstice", year) == dt.date(year, 12, solstice)
    assert solar_term("great_cold", year) == dt.date(year, 1, cold)


def test_an_unknown_term_is_named() -> None:
    with pytest.raises(UsageError, match="midsummer"):
        solar_term("midsummer", 2026)


def test_steps_are_the_middles_of_true_solar_minutes() -> None:
    found = path()
    assert len(found.hours) == 480
    assert found.hours[[0, -1]] * 60 == pytest.approx([480.5, 959.5])
    equation = solarposition.spa_python(found.instants, 36.65, 117.0)["equation_of_time"].to_numpy()
    angle = solarposition.hour_angle(found.instants, 117.0, equation)
    assert angle == pytest.approx((found.hours - 12) * 15, abs=1e-4)


def test_noon_stands_at_ninety_less_latitude_plus_declination() -> None:
    found = path(hours=(11.5, 12.5))
    at = int(np.argmax(found.altitude_deg))
    ecliptic = math.radians(_sun_longitude(found.instants[at].tz_localize(None)))
    declination = math.degrees(math.asin(math.sin(math.radians(23.4361)) * math.sin(ecliptic)))
    # Parallax and the nodding of the Earth's axis are left out here, a few thousandths of a degree.
    assert found.altitude_deg[at] == pytest.approx(90 - 36.65 + declination, abs=0.006)
    spencer = math.degrees(solarposition.declination_spencer71(DAY.timetuple().tm_yday))
    assert found.altitude_deg[at] == pytest.approx(90 - 36.65 + spencer, abs=0.25)


@pytest.mark.filterwarnings("ignore:DatetimeIndex.dayofyear")
def test_another_algorithm_agrees() -> None:
    found = path()
    other = solarposition.ephemeris(found.instants, 36.65, 117.0)
    assert found.altitude_deg == pytest.approx(other["elevation"].to_numpy(), abs=0.02)
    assert found.azimuth_deg == pytest.approx(other["azimuth"].to_numpy(), abs=0.02)


def test_altitudes_follow_from_the_hour_angle() -> None:
    found = path()
    angle, lat = np.radians((found.hours - 12) * 15), math.radians(36.65)
    declination = math.radians(found.altitude_deg.max() - 90 + 36.65)
    sine = math.sin(lat) * math.sin(declination) + math.cos(lat) * math.cos(declination) * np.cos(angle)
    assert found.altitude_deg == pytest.approx(np.degrees(np.arcsin(sine)), abs=0.06)


def test_morning_mirrors_afternoon() -> None:
    found = path()
    assert found.altitude_deg == pytest.approx(found.altitude_deg[::-1], abs=0.1)
    assert found.azimuth_deg - 180 == pytest.approx(180 - found.azimuth_deg[::-1], abs=0.1)


@pytest.mark.parametrize("hours", [(16, 8), (8, 25), (-1, 8), (8, 8), (math.nan, 16)])
def test_hours_that_are_none(hours: tuple[float, float]) -> None:
    with pytest.raises(UsageError, match="日照时段"):
        path(hours=hours)


@pytest.mark.parametrize("step", [0, -1, 7, math.nan, 1000])
def test_steps_that_do_not_fit(step: float) -> None:
    with pytest.raises(UsageError, match="步长"):
        path(step_min=step)


@pytest.mark.parametrize(
    ("lon", "lat"), [(117, 91), (117, -90.1), (181, 30), (math.nan, 30), (117, math.nan)]
)
def test_places_off_the_earth(lon: float, lat: float) -> None:
    with pytest.raises(UsageError, match="纬度"):
        Place(lon_deg=lon, lat_deg=lat)


def test_the_sun_stays_down_in_the_polar_night() -> None:
    night = sun_path(Place(lon_deg=20, lat_deg=80), day=DAY, hours=(8, 16))
    assert (night.altitude_deg < 0).all()


@pytest.mark.parametrize("lon", [116.1, 117.0, 118.4])
def test_grid_north_is_turned_as_proj_moves_north(lon: float) -> None:
    there = transformer(WGS84, gpd.GeoSeries(crs=4548).crs)
    x0, y0 = there.transform(lon, 30.0)
    x1, y1 = there.transform(lon, 30.001)
    frame = gpd.GeoDataFrame(geometry=[Point(x0, y0).buffer(5)], crs=4548)
    place = place_of(frame)
    assert (place.lon_deg, place.lat_deg) == pytest.approx((lon, 30.0), abs=1e-9)
    # True north lies at this bearing on the map: a true bearing of 0, less the convergence.
    assert math.degrees(math.atan2(x1 - x0, y1 - y0)) == pytest.approx(-place.convergence_deg, abs=1e-3)


def test_degrees_are_refused_and_a_missing_system_too() -> None:
    for crs in (4326, None):
        with pytest.raises(CrsError):
            place_of(gpd.GeoDataFrame(geometry=[Point(117, 30).buffer(1)], crs=crs))


def test_a_layer_without_outlines_is_nowhere() -> None:
    with pytest.raises(UsageError, match="轮廓"):
        place_of(gpd.GeoDataFrame(geometry=[None], crs=4548))


@pytest.mark.parametrize("day", [DAY, dt.date(2026, 1, 31), dt.date(2040, 12, 31)])
def test_earth_turns_as_late_as_pvlib_says(day: dt.date) -> None:
    found = sun_path(JINAN, day=day, hours=(0.0, 24.0))
    same = solarposition.spa_python(found.instants, JINAN.lat_deg, JINAN.lon_deg, delta_t=None)
    assert (found.azimuth_deg == same["azimuth"]).all()
    assert (found.altitude_deg == same["elevation"]).all()


def test_heavy_packages_wait_until_they_are_needed() -> None:
    code = "import sys, plan.elevators.sunlight, plan.elevators.flats\nprint({'pvlib', 'numba', 'scipy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
