"""GeoParquet: what cannot be read as shapes says so, and rows keep their places over groups of rows."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely import Polygon
from small_files import buildings

from plan.readers import inspect_sources

pytest.importorskip("pyarrow")


def test_shapes_that_nobody_calls_shapes_are_no_missing_shapes(tmp_path):
    frame = buildings(2)
    table = pd.DataFrame({"building_id": ["B1", "B2"], "floors": [6, 6], "geometry": frame.geometry.to_wkb()})
    table.to_parquet(tmp_path / "buildings.parquet")
    (problem,) = inspect_sources(tmp_path / "buildings.parquet").problems[:1]
    assert (problem.id, problem.message.key) == ("PLAN-FILE-001", "parquet.no_metadata")


def test_another_encoding_of_shapes_is_named(tmp_path):
    buildings(2).to_parquet(tmp_path / "buildings.parquet", geometry_encoding="geoarrow")
    (problem,) = inspect_sources(tmp_path / "buildings.parquet").problems[:1]
    assert (problem.message.key, problem.message.params["encoding"]) == ("parquet.encoding", "polygon")


def test_a_mended_row_is_named_by_its_place_in_the_whole(tmp_path):
    """Four rows in two groups; the third crosses itself."""
    frame = buildings(4)
    x, y = 500200.0, 4058000.0
    shapes = [*frame.geometry]
    shapes[2] = Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)])
    frame = frame.set_geometry(shapes, crs=4548)
    frame.to_parquet(tmp_path / "buildings.parquet", row_group_size=2)
    (problem,) = [
        p for p in inspect_sources(tmp_path / "buildings.parquet").problems if p.effect == "repaired"
    ]
    assert (problem.rows, problem.features) == ((3,), ("B3",))
