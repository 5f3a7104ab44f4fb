"""A site drawn and read again is the same site; the drawing is one that AutoCAD takes."""

from __future__ import annotations

import subprocess
import sys

import ezdxf
import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from shapely import MultiPolygon, Point, Polygon, box

from plan.cad import site_dxf
from plan.cad.layers import LOOKS, dxf_layer
from plan.readers import read_site
from plan.schema import LAYERS, layer_of
from plan.site import Site

CRS = pyproj.CRS.from_epsg(4548)
EAST, NORTH = 500_000.0, 2_905_000.0


def site_of(**layers):
    frames = {}
    for name, columns in layers.items():
        shapes = columns.pop("geometry")
        placed = [
            None if s is None else shapely.transform(s, lambda p: np.add(p, (EAST, NORTH))) for s in shapes
        ]
        frames[name] = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(placed, crs=CRS), crs=CRS)
    site = Site(name="小区", layers={}, crs=CRS, attribution="© 甲")
    for name, frame in frames.items():
        site = site.with_layer(name, frame)
    return site


def small():
    holed = Polygon(box(0, 0, 30, 20).exterior, [box(10, 5, 20, 15).exterior])
    two = MultiPolygon([box(40, 0, 50, 10), box(60, 0, 70, 10)])
    return site_of(
        buildings={
            "building_id": ["a\nb", "%%c{}"],
            "floors": [6, None],
            "备注": ["x" * 20000, None],
            "geometry": [holed, two],
        },
        households={
            "household_id": ["1", "2"],
            "building_id": ["a\nb", "%%c{}"],
            "geometry": [None, Point(5, 5)],
        },
        obstacles={"obstacle_id": ["t"], "kind": ["tree"], "radius_m": [0.5], "geometry": [Point(80, 5)]},
    )


def assert_same(one, other):
    assert list(one.layers) == list(other.layers)
    assert one.crs == other.crs
    for name, frame in one.layers.items():
        again = other.layers[name]
        assert list(frame.columns) == list(again.columns)
        plain, plain_again = (f.drop(columns=f.geometry.name).astype(object) for f in (frame, again))
        assert (
            plain.where(plain.notna(), None).to_dict()
            == plain_again.where(plain_again.notna(), None).to_dict()
        )
        same = [
            (a is None and b is None) or a.equals_exact(b, 0.0)
            for a, b in zip(frame.geometry, again.geometry, strict=True)
        ]
        assert all(same), name


def test_holes_parts_hostile_names_and_rows_without_shape_come_back(tmp_path):
    site_dxf(small(), tmp_path / "a.dxf")
    again = read_site(tmp_path / "a.dxf")
    assert_same(small(), again)
    assert again.name == "小区"
    assert again.attribution == "© 甲"


@pytest.mark.parametrize("name", ["old_estate", "new_estate"])
def test_the_samples_come_back_with_ids_columns_and_areas(name, sample_gis, tmp_path):
    site = read_site(sample_gis / f"{name}.gpkg")
    site_dxf(site, tmp_path / "a.dxf")
    assert_same(site, read_site(tmp_path / "a.dxf"))


def test_the_drawing_is_sound_and_in_metres(tmp_path):
    site_dxf(small(), tmp_path / "a.dxf")
    drawing = ezdxf.readfile(tmp_path / "a.dxf")
    audit = drawing.audit()
    assert (len(audit.errors), len(audit.fixes)) == (0, 0)
    assert drawing.dxfversion >= "AC1021"
    assert drawing.header["$INSUNITS"] == 6
    assert drawing.styles.get("仿宋").dxf.font == "simfang.ttf"
    assert dict(drawing.header.custom_vars)["坐标系"].endswith("(EPSG:4548)")


def test_texts_beside_things_are_shown_as_they_are(tmp_path):
    site_dxf(small(), tmp_path / "a.dxf")
    texts = [e.dxf.text for e in ezdxf.readfile(tmp_path / "a.dxf").modelspace().query("TEXT")]
    assert texts[:4] == ["© 甲", "a b", "6F", "%%%%%%c{}"]  # who must be named stands below the drawing


def test_every_layer_of_ours_has_a_look_and_a_name_that_is_found_again():
    assert set(LOOKS) == set(LAYERS)
    for name in LAYERS:
        assert layer_of(dxf_layer(name)).name == name


def test_other_processes_make_the_same_bytes(sample_gis, tmp_path):
    code = (
        "import sys; from plan.readers import read_site; from plan.cad import site_dxf\n"
        "site_dxf(read_site(sys.argv[1]), sys.argv[2])"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(sample_gis / "new_estate.gpkg"), str(tmp_path / f"{seed}.dxf")],
            check=True,
            env={**__import__("os").environ, "PYTHONHASHSEED": seed},
        )
    assert (tmp_path / "1.dxf").read_bytes() == (tmp_path / "2.dxf").read_bytes()
