"""Coordinates that were rounded on their way are told, and no verdict rests on their areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, box
from small_files import write_gpkg

from plan.readers import inspect_sources, read_site

STEP = 57.37  # metres; on no grid


def houses(*, crs=4548, x=500003.41, y=4058001.83):
    shapes = [box(x + STEP * i, y + STEP * i, x + STEP * i + 12.3, y + STEP * i + 9.7) for i in range(6)]
    frame = gpd.GeoDataFrame({"building_id": [f"B{i}" for i in range(6)]}, geometry=shapes, crs=4548)
    return frame.to_crs(crs)


def single(frame):
    return frame.set_geometry(
        shapely.transform(frame.geometry.values, lambda c: c.astype(np.float32).astype(float)), crs=frame.crs
    )


def told(path):
    found = inspect_sources(path).problems
    return [
        (p.message.key.removeprefix("readers.coarse_"), p.effect, p.message.params["step_m"])
        for p in found
        if p.id == "PLAN-GEOM-017"
    ]


@pytest.mark.parametrize("far", [1e300, np.inf, np.nan])
def test_coordinates_that_are_nowhere_are_told_as_such_and_warn_of_nothing(tmp_path, far):
    frame = houses()
    first = shapely.transform(frame.geometry[0], lambda c: np.vstack([c[:2], [[far, far]], c[3:]]))
    frame.loc[0, "geometry"] = first
    assert told(write_gpkg(tmp_path / "s.gpkg", buildings=frame)) == []


@pytest.mark.parametrize(
    ("crs", "step_m"), [(4548, "0.25"), (4527, "4"), (4326, "0.85")], ids=["metres", "zone", "degrees"]
)
def test_single_precision(tmp_path, crs, step_m):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=single(houses(crs=crs)))
    assert told(path) == [("single", "repaired", step_m)]
    assert len(read_site(path).repaired("buildings")) == 6
    assert told(write_gpkg(tmp_path / "sound.gpkg", buildings=houses(crs=crs))) == []


@pytest.mark.parametrize(
    ("digits", "expected"),
    [(4, [("degrees", "repaired", "11")]), (5, [("degrees", "repaired", "1.1")]), (6, []), (7, [])],
)
def test_few_digits_of_degrees(tmp_path, digits, expected):
    path = tmp_path / "buildings.geojson"
    houses(crs=4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=digits)
    assert told(path) == expected


@pytest.mark.parametrize(("digits", "expected"), [(4, [("places", "noted", "11")]), (5, [])])
def test_places_may_have_a_digit_less(tmp_path, digits, expected):
    path = tmp_path / "facilities.geojson"
    points = [Point(117.123456 + i / 791, 36.654321 + i / 787) for i in range(10)]
    frame = gpd.GeoDataFrame({"facility_id": [f"F{i}" for i in range(10)]}, geometry=points, crs=4326)
    frame.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=digits)
    assert told(path) == expected


@pytest.mark.parametrize("grid", [1.0, 0.5, 0.25])
def test_what_is_drawn_on_a_grid_is_as_it_is_meant(tmp_path, grid):
    shapes = [
        box(
            500000 + 37 * grid * i,
            4058000 + 37 * grid * i,
            500000 + 37 * grid * i + 9,
            4058009 + 37 * grid * i,
        )
        for i in range(8)
    ]
    frame = gpd.GeoDataFrame({"building_id": [f"B{i}" for i in range(8)]}, geometry=shapes, crs=4548)
    assert told(write_gpkg(tmp_path / "s.gpkg", buildings=frame)) == []
