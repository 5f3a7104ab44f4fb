"""Real extracts of OpenStreetMap: what is known to be in them is found, and nothing breaks the contract."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from small_osm import layers

from plan.categories import CATEGORIES
from plan.readers.osm import read_osm
from plan.schema import LAYERS

CHINESE = (
    "shenzhen_nanshan", "beijing_wudaokou_cau", "beijing_bupt", "shanghai_baoshan_shu", "jiangxi_guixi",
    "nantong_dieshiqiao",
)  # fmt: skip


ALL = (*CHINESE, "hilly_monaco", "helsinki_centre", "hilly_porto_alegre_poa", "perf_liechtenstein")


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "buildings"),
    [
        ("shenzhen_nanshan", 228 + 21), ("beijing_wudaokou_cau", 257), ("beijing_bupt", 111),
        ("shanghai_baoshan_shu", 107), ("jiangxi_guixi", 165), ("nantong_dieshiqiao", 89), ("hilly_monaco", 965),
    ],
)  # fmt: skip
def test_every_building_of_an_extract_is_there(shared, name, buildings):
    # As counted in the notes on the data, and in Nanshan 21 blocks drawn as residential land. Of Monaco's 965 one is a canopy (building=roof), which is no building
    # here; the palace, which the other reader lost to a relation without tags, makes up for it.
    found = layers(read_osm(shared / "data" / f"{name}.osm.pbf"))["buildings"]
    assert len(found) == buildings
    assert found["building_id"].is_unique


@pytest.mark.real
@pytest.mark.parametrize("name", CHINESE)
def test_the_same_outlines_as_another_reader_found(shared, name):
    path = shared / "data" / f"{name}.gpkg"
    other = gpd.read_file(path, layer="buildings")
    raw = read_osm(shared / "data" / f"{name}.osm.pbf")
    blocks = {one for told in raw.problems if told.id == "PLAN-OSM-009" for one in told.features}
    found = layers(raw)["buildings"]
    found = found[~found["building_id"].isin(blocks)]
    metric = found.estimate_utm_crs()
    assert found.to_crs(metric).area.sum() == pytest.approx(other.to_crs(metric).area.sum(), rel=1e-6)


@pytest.mark.real
def test_beijing_bupt_has_its_entrances_and_gates(shared):
    found = layers(read_osm(shared / "data" / "beijing_bupt.osm.pbf"))["entrances"]
    # 103 entrance nodes; of the 46 gates and posts, 21 gates, 4 lift gates and 3 wickets are gates, while 16
    # bollards and 2 blocks stop nobody on foot. Two of the 103 stand in a fence, not in a house: gates too.
    assert len(found) == 103 + 28
    assert found["kind"].value_counts().to_dict() == {"door": 101, "gate": 30}
    assert found["building_id"].notna().sum() >= 90
    assert found["main"].fillna(value=False).sum() == 1


@pytest.mark.real
def test_shenzhen_nanshan_has_its_steps_floors_and_estates(shared):
    raw = read_osm(shared / "data" / "shenzhen_nanshan.osm.pbf")
    found = layers(raw)
    # 75 buildings have building:levels, of which one says 0; three more have parts with floors.
    assert found["buildings"]["floors"].notna().sum() == 74 + 3
    assert (found["walkways"]["kind"] == "steps").sum() == 55
    # The notes call 20 of the 28 outlines single blocks; the 21st, 钻石楼, is one house of 284 m2.
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-009"]
    assert len(told.features) == 21
    assert set(found["parcels"]["name"]) == {
        "西海明珠花园", "厚德品园", "南苑东区", "阳光粤海", "学林雅院", "创世纪滨海花园", "海滨小区",
    }  # fmt: skip


@pytest.mark.real
def test_a_sparse_county_town_has_no_footways_and_no_floors(shared):
    found = layers(read_osm(shared / "data" / "jiangxi_guixi.osm.pbf"))
    assert set(found["walkways"]["kind"]) == {"street", "path"}  # one track is the only path
    assert (found["walkways"]["kind"] == "path").sum() == 1
    assert found["buildings"]["floors"].isna().all()
    assert "parcels" not in found


@pytest.mark.real
def test_a_degenerate_extract_has_what_it_has(shared):
    found = layers(read_osm(shared / "data" / "nantong_dieshiqiao.osm.pbf"))
    assert {name: len(frame) for name, frame in found.items()} == {
        "parcels": 2,
        "buildings": 89,
        "facilities": 6,  # of 10 places 4 are bus stops; 2 more stops are known by their stop position only
        "walkways": 30,
    }
    assert set(found["facilities"]["category"]) == {"bus_stop"}


@pytest.mark.real
def test_monaco_keeps_what_its_published_routes_walk_on(shared):
    ways = layers(read_osm(shared / "data" / "hilly_monaco.osm.pbf"))["walkways"]
    assert (ways["kind"] == "steps").sum() == 82
    assert (ways["access"] == "private").sum() == 6


@pytest.mark.real
@pytest.mark.parametrize("name", ALL)
def test_every_extract_keeps_the_contract(shared, name):
    raw = read_osm(shared / "data" / f"{name}.osm.pbf")
    assert raw.name == name
    for layer in raw.layers:
        spec = LAYERS[layer.name]
        assert {c.name for c in spec.columns if c.required} <= set(layer.frame.columns)
        assert layer.frame[spec.id_column].is_unique
        assert not layer.frame.geometry.isna().any()
        assert np.isfinite(shapely.get_coordinates(layer.frame.geometry)).all()
        types = {shape.removeprefix("Multi") for shape in layer.frame.geom_type.unique()}
        assert types <= set(spec.shapes)
        for column in spec.columns:
            if column.type == "enum" and column.name in layer.frame:
                assert set(layer.frame[column.name].dropna()) <= {value for value, _ in column.choices}
    assert set(layers(raw)["facilities"]["category"]) <= set(CATEGORIES)
