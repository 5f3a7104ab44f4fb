from __future__ import annotations

import geopandas as gpd
from shapely import Point, box

from plan.readers.room_areas import least_areas

HOUSE = gpd.GeoDataFrame({"building_id": ["B1"]}, geometry=[box(0, 0, 10, 10)], crs=4548)  # 100 m2


def rooms(areas, shapes, floors=None):
    count = len(areas)
    columns = {
        "room_id": [f"R{i}" for i in range(count)], "floor": floors or [1] * count, "area_m2": areas,
        "building_id": ["B1"] * count,
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4548)


def test_a_declared_area_stands_where_nothing_contradicts_it():
    assert least_areas(rooms([50.0, 40.0], [Point(1, 1), box(0, 0, 8, 5)]), HOUSE).tolist() == [50, 40]


def test_what_is_drawn_smaller_by_more_than_a_tenth_is_the_least():
    drawn = box(0, 0, 5, 10)  # 50 m2
    assert least_areas(rooms([55.0, 56.0], [drawn, drawn], [1, 2]), HOUSE).tolist() == [55, 50]


def test_a_mended_drawing_contradicts_nothing():
    one = rooms([90.0], [box(0, 0, 5, 10)])
    assert least_areas(one, HOUSE, distrusted=["R0"]).tolist() == [90]


def test_no_storey_holds_more_than_its_building():
    assert least_areas(rooms([1000.0], [Point(1, 1)]), HOUSE).tolist() == [100]
    assert least_areas(rooms([90.0, 90.0], [None, None]), HOUSE).tolist() == [50, 50]
    assert least_areas(rooms([90.0, 90.0], [None, None], [1, 2]), HOUSE).tolist() == [90, 90]


def test_without_buildings_the_declared_area_stands():
    assert least_areas(rooms([1000.0], [None]), None).tolist() == [1000]
