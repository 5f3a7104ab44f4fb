"""Where a site is: by the median of its features, and a feature elsewhere is refused by its row."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import box

from plan.errors import CrsError
from plan.readers import read_site


def degrees(tmp_path, places):
    shapes = [box(lon, lat, lon + 0.0002, lat + 0.0002) for lon, lat in places]
    ids = [f"B{i + 1}" for i in range(len(shapes))]
    path = tmp_path / "buildings.geojson"
    gpd.GeoDataFrame({"building_id": ids, "floors": 6}, geometry=shapes, crs=4326).to_file(
        path, driver="GeoJSON"
    )
    return path


HERE = [(117.6 + i / 1000, 26.2) for i in range(5)]


@pytest.mark.parametrize("strange", [(26.2, 80.0), (26.2, 117.6), (114.0, 26.2)])
def test_one_feature_elsewhere_is_refused_by_its_row(tmp_path, strange):
    with pytest.raises(CrsError) as caught:
        read_site(degrees(tmp_path, [*HERE[:2], strange, *HERE[2:]]))
    refused = [p for p in caught.value.problems if p.effect == "refused"]
    assert [(p.id, p.layer, p.rows) for p in refused] == [("PLAN-CRS-017", "buildings", (3,))]
    assert "经纬度是否颠倒" in refused[0].cure
    assert not any("EPSG:32" in p.message for p in caught.value.problems)


def test_features_within_reach_of_each_other_are_one_site(tmp_path):
    site = read_site(degrees(tmp_path, [*HERE, (118.4, 26.2)]))  # 80 km
    assert site.crs.to_epsg() == 4548


def test_swapped_degrees_are_said_to_be_swapped(tmp_path):
    with pytest.raises(CrsError) as caught:
        read_site(degrees(tmp_path, [(lat, lon) for lon, lat in HERE]))
    refused = [p for p in caught.value.problems if p.effect == "refused"]
    assert [p.id for p in refused] == ["PLAN-CRS-005"]
    assert "经度和纬度颠倒" in refused[0].message
