"""A layer that lies off the estate by just the vector of GCJ-02 or BD-09 is suspected, never moved."""

from __future__ import annotations

import geopandas as gpd
import pyproj
import pytest
from shapely import transform
from small_files import buildings, parcel, points

from plan.errors import UsageError
from plan.readers.shift import load_shifted, suspect_shift, system_of, unshift, wgs84_to_bd09, wgs84_to_gcj02

CRS = pyproj.CRS.from_epsg(4548)


def traced(frame, shift):
    """Draw a frame as on a shifted map."""
    degrees = frame.to_crs(4326)
    moved = degrees.geometry.apply(
        lambda g: transform(g, lambda x, y: zip_points(x, y, shift), interleaved=False)
    )
    return degrees.set_geometry(gpd.GeoSeries(moved, crs=4326)).to_crs(4548)


def zip_points(x, y, shift):
    import numpy as np

    pairs = np.array([shift(a, b) for a, b in zip(x, y, strict=True)])
    return pairs[:, 0], pairs[:, 1]


@pytest.mark.parametrize(
    ("lon", "lat", "east", "north"),
    [
        # Tian'anmen and the Bund as published with the open implementations of the formula.
        (116.391230, 39.907500, 116.397473, 39.908903),
        (121.487000, 31.240000, 121.491533, 31.237877),
    ],
)
def test_gcj02(lon, lat, east, north):
    assert wgs84_to_gcj02(lon, lat) == pytest.approx((east, north), abs=2e-4)


def test_the_offsets_are_those_of_the_field():
    # 300 to 1,200 m everywhere in China.
    geod = pyproj.Geod(ellps="WGS84")
    for lon in range(80, 130, 7):
        for lat in range(20, 48, 7):
            for shift in (wgs84_to_gcj02, wgs84_to_bd09):
                east, north = shift(lon, lat)
                assert 100 < geod.inv(lon, lat, east, north)[2] < 1600


@pytest.mark.parametrize(("shift", "system"), [(wgs84_to_gcj02, "GCJ-02"), (wgs84_to_bd09, "BD-09")])
def test_traced_buildings_are_suspected(shift, system):
    layers = {"parcels": parcel(), "buildings": traced(buildings(4), shift)}
    problems = suspect_shift(layers, CRS, path="a").problems
    assert [(p.id, p.severity, p.effect, p.layer) for p in problems] == [
        ("PLAN-CRS-007", "warning", "noted", "buildings")
    ]
    assert system in problems[0].message


def test_a_traced_estate_is_suspected_too():
    layers = {"parcels": traced(parcel(), wgs84_to_gcj02), "buildings": buildings(4)}
    assert [p.id for p in suspect_shift(layers, CRS, path="a").problems] == ["PLAN-CRS-007"]


def test_layers_that_fit_are_not():
    assert suspect_shift({"parcels": parcel(), "buildings": buildings(4)}, CRS, path="a").problems == ()


def test_layers_elsewhere_are_not():
    away = buildings(4, x=500000 + 800, y=4058000 - 800)
    assert suspect_shift({"parcels": parcel(), "buildings": away}, CRS, path="a").problems == ()


def test_facilities_around_the_estate_are_not():
    around = points(4, x=500500, facility_id=list("abcd"))
    assert suspect_shift({"parcels": parcel(), "facilities": around}, CRS, path="a").problems == ()


def test_without_an_outline_nothing_can_be_told():
    assert suspect_shift({"entrances": points(4)}, CRS, path="a").problems == ()


@pytest.mark.parametrize(("shift", "system"), [(wgs84_to_gcj02, "gcj02"), (wgs84_to_bd09, "bd09")])
def test_what_is_said_to_be_shifted_is_moved_back(shift, system):
    true = buildings(4)
    moved, problems = unshift(traced(true, shift), system, path="a", layer="buildings")
    assert moved.geometry.distance(true.geometry, align=False).max() < 1e-3
    assert moved.area.tolist() == pytest.approx([100.0] * 4, abs=1e-3)
    assert [(p.id, p.severity, p.effect) for p in problems] == [("PLAN-CRS-019", "warning", "repaired")]
    assert problems[0].message.params["accuracy"] == 1
    assert 300 < problems[0].message.params["metres"] < 1600


def test_what_is_not_in_china_is_not_moved():
    frame = points(2, x=0.0, y=0.0).set_crs(4326, allow_override=True)
    same, problems = unshift(frame, "gcj02", path="a", layer="entrances")
    assert same.geometry.equals(frame.geometry)
    assert [(p.id, p.effect) for p in problems] == [("PLAN-CRS-019", "refused")]


def test_what_the_user_says_of_layers():
    said = load_shifted(["GCJ-02", "建筑=bd09"])
    assert [system_of(n, said) for n in ("buildings", "parcels")] == ["bd09", "gcj02"]
    assert system_of("parcels", load_shifted([])) == system_of("parcels", None) == ""
    for wrong in ("wgs84", "x=gcj02", ""):
        with pytest.raises(UsageError):
            load_shifted([wrong])
