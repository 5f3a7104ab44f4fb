"""What shows only when the ways of a submission become a network."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from shapely import LineString, box

from plan.doctor import examine
from plan.readers import inspect_sources, read_site


def write(path, lines, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=[LineString(line) for line in lines], crs=4548)
    frame.to_file(path, layer="walkways", driver="GPKG", engine="pyogrio")
    return path


def at(*points):
    return [(500000 + x, 4058000 + y) for x, y in points]


def test_islands_and_near_misses(tmp_path):
    path = write(
        tmp_path / "a.gpkg",
        [at((0, 0), (50, 0)), at((50.05, 0), (90, 0)), at((0, 20), (90, 20))],
        way_id=["a", "b", "c"],
        kind=["path"] * 3,
    )
    seen = examine(path)
    assert [(p.id, p.effect, p.path) for p in seen.problems] == [
        ("PLAN-NET-002", "repaired", str(path)),
        ("PLAN-NET-005", "noted", str(path)),
    ]
    assert "20.0" in seen.problems[1].to_dict("en")["cure"]
    assert seen.to_dict("en")["problems"][0]["id"] == "PLAN-NET-002"


def test_nothing_that_is_open(tmp_path):
    path = write(tmp_path / "a.gpkg", [at((0, 0), (50, 0))], way_id=["a"], kind=["rail"])
    assert [p.id for p in examine(path).problems] == ["PLAN-LAYER-004", "PLAN-NET-011"]
    site = read_site(path)
    assert site.layer("walkways")["access"].tolist() == ["no"]


def test_without_ways_it_says_what_the_readers_say(tmp_path):
    path = tmp_path / "b.gpkg"
    shape = box(500000, 4058000, 500010, 4058010)
    frame = gpd.GeoDataFrame({"building_id": ["1"]}, geometry=[shape], crs=4548)
    frame.to_file(path, layer="buildings", driver="GPKG", engine="pyogrio")
    assert [p.id for p in examine(path).problems] == ["PLAN-SCHEMA-006"]
    assert examine(path).problems == inspect_sources(path).problems
    assert read_site(path).layer("buildings")["floors"].isna().all()


def test_every_field_for_programs_is_on_its_page(tmp_path):
    told = examine(write(tmp_path / "a.gpkg", [at((0, 0), (50, 0))], way_id=["a"], kind=["rail"])).to_dict()
    page = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    fields = {*told, *told["files"][0], *told["layers"][0], *told["problems"][0], "lines"}
    assert {name for name in fields if f"`{name}`" not in page and f".{name}`" not in page} == {
        "files",
        "layers",
        "problems",
    }
    assert all(f"`{name}[]`" in page for name in ("files", "layers", "problems"))
