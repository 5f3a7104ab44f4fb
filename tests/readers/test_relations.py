"""What layers say about each other."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box
from small_files import buildings, parcel

from plan.readers.relations import check_relations


def rooms(shapes, refs=None):
    count = len(shapes)
    table = {"room_id": [f"R{i + 1}" for i in range(count)], "building_id": refs or [None] * count}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4548)


def told(**layers):
    return [(p.id, p.effect, p.features) for p in check_relations(layers, paths={})]


def test_references_that_lead_nowhere():
    frame = rooms([None] * 3, ["B1", "B99", None])
    assert told(buildings=buildings(), rooms=frame) == [("PLAN-REL-004", "degraded", ("R2",))]
    assert told(rooms=frame) == []  # nothing to compare with


def test_rooms_outside_the_estate():
    inside, at_edge, outside = Point(500000, 4058000), Point(500180.9, 4058000), Point(500181.1, 4058000)
    assert told(parcels=parcel(), rooms=rooms([inside, at_edge, outside, None])) == [
        ("PLAN-REL-002", "noted", ("R3",))
    ]


def plots(*shapes):
    return gpd.GeoDataFrame(
        {"parcel_id": [f"P{i + 1}" for i in range(len(shapes))]}, geometry=list(shapes), crs=4548
    )


def test_plots_that_overlap():
    frame = plots(box(0, 0, 100, 100), box(90, 0, 190, 100), box(190, 0, 200, 100))
    problems = check_relations({"parcels": frame}, paths={"parcels": "p.gpkg"})
    assert [(p.id, p.features, p.rows, p.path) for p in problems] == [
        ("PLAN-TOPO-001", ("P1", "P2"), (1, 2), "p.gpkg")
    ]
    assert problems[0].message.params["area"] == 1000.0


@pytest.mark.parametrize(("width", "count"), [(0.01, 0), (0.0101, 1)])
def test_one_square_metre_is_allowed(width, count):
    frame = plots(box(0, 0, 10, 100), box(10 - width, 0, 20, 100))
    assert len(told(parcels=frame)) == count


def test_plots_without_shapes():
    assert told(parcels=plots(None, box(0, 0, 1, 1))) == []


def test_tables_that_lack_their_id():
    frame = pd.DataFrame({"building_id": ["B99"]})
    assert told(buildings=buildings(), rooms=gpd.GeoDataFrame(frame, geometry=[None], crs=4548)) == [
        ("PLAN-REL-004", "degraded", ("1",))
    ]
