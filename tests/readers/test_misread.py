"""Files whose names pyogrio would cut are read like any other."""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from plan.readers import read_site

NAMES = ("甲;乙", "`;alert(1);`", "新区!一期", "a;b!c", "a?b;c")


def rooms(count: int = 2) -> gpd.GeoDataFrame:
    shapes = [box(500_000 + 30 * n, 4_000_000, 500_020 + 30 * n, 4_000_020) for n in range(count)]
    columns = {"room_id": [f"R{n}" for n in range(count)], "floor": 1, "area_m2": 400.0}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4548")


@pytest.mark.skipif(sys.platform == "win32", reason="paths are left as they are there")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".shp"])
def test_a_name_is_not_cut(tmp_path: Path, name: str, ending: str) -> None:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    rooms().to_file(drawn / f"rooms{ending}", layer=None if ending == ".shp" else "rooms")
    drawn.rename(tmp_path / name)
    path = tmp_path / name / f"rooms{ending}"
    if ending != ".shp":  # its layer is called as the file is
        path = path.rename(path.with_name(f"{name}{ending}"))
    site = read_site(path)
    assert list(site.layers["rooms"]["room_id"]) == ["R0", "R1"]
    assert str(path) in {file.path for file in site.inputs}
