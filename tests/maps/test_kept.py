"""A map draws what an earlier command left in the file, and nothing that only looks like it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import plan
from plan.cli import main
from plan.maps import hearing_map
from plan.maps.kept import drawn_results
from plan.reach import reach_site
from plan.readers.results import read_results
from plan.rules import load_pack
from plan.site import Site


@pytest.fixture(scope="module")
def old_estate(sample_gis):
    return plan.read_site(sample_gis / "old_estate.gpkg")


@pytest.fixture(scope="module")
def reached(old_estate):
    return reach_site(old_estate, load_pack("national"))


@pytest.fixture(scope="module")
def file(tmp_path_factory, old_estate, reached):
    path = tmp_path_factory.mktemp("kept") / "reach.gpkg"
    old_estate.to_gpkg(path, extra=reached.layers())
    return path


def test_the_map_of_the_file_is_the_map_of_the_results(file, old_estate, reached):
    again = plan.read_site(file)
    kept = hearing_map(again, **drawn_results(again, read_results(file))).page
    fresh = hearing_map(
        old_estate,
        reach=reached.times(),
        isochrones=reached.isochrones,
        blind_spots=reached.blind_spots,
        best_sites=reached.missing,
        blind_spot=reached.blind_spot(),
    ).page
    for part in ("reach", "theme", "picks", "bounds", "title"):
        assert kept[part] == fresh[part]
    drawn = {layer["id"]: layer for layer in kept["layers"]}
    for layer in fresh["layers"]:
        assert drawn[layer["id"]]["cols"] == layer["cols"]
        assert drawn[layer["id"]]["ids"] == layer["ids"]
    assert {"isochrones", *(name for name in drawn if name.startswith(("blind-", "best-")))} <= set(drawn)


def test_the_command_draws_them(file, tmp_path):
    assert main(["map", str(file), "-o", str(tmp_path / "map.html"), "--lang", "en"]) == 0
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Blind spots" in page
    assert "isochrone" in page


def test_a_file_without_results_and_other_files_have_none(tmp_path, sample_gis):
    assert read_results(sample_gis / "old_estate.gpkg") == {}
    assert read_results(tmp_path / "not there.gpkg") == {}
    (tmp_path / "a.csv").write_text("a\n1\n", encoding="utf-8")
    assert read_results(tmp_path / "a.csv") == {}


CRS = "EPSG:4548"
SQUARE = box(500_000, 2_900_000, 500_050, 2_900_050)


def written(path, **extra):
    shapes = gpd.GeoDataFrame({"building_id": ["B1"], "floors": [6]}, geometry=[SQUARE], crs=CRS)
    homes = gpd.GeoDataFrame(
        {"household_id": ["H1", "H2"], "building_id": ["B1", "B1"]}, geometry=[None, None], crs=CRS
    )
    bare = Site(name="s", layers={}, crs=shapes.crs)
    made = bare.with_layer("buildings", shapes).with_layer("households", homes)
    made.to_gpkg(path, extra=extra)
    return plan.read_site(path)


def test_tables_of_others_with_these_names_are_left_alone(tmp_path):
    path = tmp_path / "strange.gpkg"
    site = written(
        path,
        isochrones=gpd.GeoDataFrame({"time": [5]}, geometry=[SQUARE], crs=CRS),  # no column minutes
        blind_spots=gpd.GeoDataFrame(
            {"spot_id": ["a"], "category": ["x"], "limit_min": ["soon"], "buildings": [1], "households": [2]},
            geometry=[SQUARE],
            crs=CRS,
        ),
        walk_times=pd.DataFrame({"origin_id": ["H9"], "category": ["park"], "walk_min": [3.0]}),
    )
    results = read_results(path)
    assert set(results) == {"walk_times"}
    assert drawn_results(site, results) == {}  # H9 is no household of the site
    assert hearing_map(site).page["title"]


def test_rows_that_say_nothing_are_left_out_and_who_reaches_nothing_stays(tmp_path):
    path = tmp_path / "rows.gpkg"
    times = pd.DataFrame({"origin_id": ["H1", "H2"], "category": ["park", "park"], "walk_min": [3.0, np.nan]})
    rings = gpd.GeoDataFrame({"minutes": [5.0, np.nan, 10.0]}, geometry=[SQUARE, SQUARE, Point()], crs=CRS)
    site = written(path, walk_times=times, isochrones=rings)
    given = drawn_results(site, read_results(path))
    assert given["isochrones"]["minutes"].tolist() == [5.0]
    assert given["reach"]["park"].tolist()[0] == 3.0
    assert given["reach"].index.tolist() == ["H1", "H2"]
    assert np.isnan(given["reach"].loc["H2", "park"])
