"""A site never changes: layers are copies, a new layer makes a new site, files are written whole."""

from __future__ import annotations

import dataclasses
import shutil
import time
from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import pytest
from shapely import Polygon, box

from plan.errors import CrsError, InputError, MissingLayerError, OutputError, UsageError
from plan.messages import Message, translate
from plan.readers import read_site
from plan.site import SITE_TABLE, Placement, Site, write_gpkg

CRS = pyproj.CRS.from_epsg(4548)


def buildings(*, crs=CRS, floors=(6, 7)):
    ids = [f"B{i + 1}" for i in range(len(floors))]
    shapes = [box(500000 + 30 * i, 4058000, 500010 + 30 * i, 4058010) for i in range(len(floors))]
    return gpd.GeoDataFrame({"building_id": ids, "floors": list(floors)}, geometry=shapes, crs=crs)


@pytest.fixture
def site():
    return Site(name="试点小区", layers={}, crs=CRS).with_layer("buildings", buildings())


def test_present_means_that_there_are_rows(site):
    assert site.has("buildings")
    assert not site.has("rooms")
    empty = Site(name="a", layers={"rooms": buildings().iloc[:0]}, crs=CRS)
    assert not empty.has("rooms")
    assert len(empty.layer("rooms")) == 0


def test_absent_layers_are_named(site):
    with pytest.raises(MissingLayerError, match="rooms") as caught:
        site.layer("rooms")
    assert isinstance(caught.value, KeyError)
    assert "社区用房" in str(caught.value)


def test_layers_are_copies(site):
    frame = site.layer("buildings")
    frame.loc[0, "floors"] = 99
    frame.geometry = frame.geometry.translate(1000)
    assert site.layer("buildings")["floors"].tolist() == [6, 7]
    assert site.layer("buildings").total_bounds[0] == 500000


@pytest.mark.parametrize(
    ("names", "far", "title", "is_estate"),
    [
        (["青山新村"], 0, "青山新村", True),
        (["青山新村", "青山新村"], 0, "青山新村", True),
        (["青山新村", None], 0, "district", True),  # one of several estates has a name
        (["青山新村", "绿水新村"], 0, "district", True),
        (["青山新村"], 1, "青山新村", True),
        (["青山新村"], 3, "district", False),  # most of the houses stand elsewhere
    ],
)
def test_a_place_is_called_by_its_estate_where_it_is_one(names, far, title, is_estate):
    shapes = [box(499990 + 60 * i, 4057990, 500050 + 60 * i, 4058050) for i in range(len(names))]
    ids = [f"P{i}" for i in range(len(names))]
    parcels = gpd.GeoDataFrame({"parcel_id": ids, "name": names}, geometry=shapes, crs=CRS)
    houses = pd.concat(
        [buildings(), *(buildings().translate(9000 * (i + 1)).to_frame("geometry") for i in range(far))]
    )
    houses = houses.assign(building_id=[f"B{i}" for i in range(len(houses))])
    district = Site(name="district", layers={}, crs=CRS).with_layer("parcels", parcels)
    assert district.is_estate
    district = district.with_layer("buildings", houses)
    assert (district.title, district.is_estate) == (title, is_estate)


@pytest.mark.parametrize(
    ("names", "estates", "title"),
    [
        (["海棠湾家园一期", "海棠湾家园二期"], ["E1", "E1"], "海棠湾家园"),
        (["海棠湾家园一期", "海棠湾家园二期"], ["E1", "E2"], "district"),
        (["海棠湾家园一期", "海棠湾家园二期"], [None, None], "district"),
        (["东风里", "海棠湾"], ["E1", "E1"], "district"),
        (["海棠湾家园一期", None], ["E1", "E1"], "district"),
    ],
)
def test_phases_of_one_estate_are_called_by_what_they_share(names, estates, title):
    shapes = [box(499990 + 60 * i, 4057990, 500050 + 60 * i, 4058050) for i in range(len(names))]
    table = {"parcel_id": ["P0", "P1"], "name": names, "estate_id": estates}
    parcels = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    district = Site(name="district", layers={}, crs=CRS).with_layer("parcels", parcels)
    assert district.with_layer("buildings", buildings()).title == title


def test_what_is_put_in_is_copied():
    frame = buildings()
    site = Site(name="a", layers={"buildings": frame}, crs=CRS)
    frame.loc[0, "floors"] = 99
    assert site.layer("buildings")["floors"].tolist() == [6, 7]


def test_nothing_can_be_set(site):
    with pytest.raises(dataclasses.FrozenInstanceError):
        site.name = "b"
    with pytest.raises(TypeError):
        site.layers["rooms"] = buildings()


def test_a_new_layer_makes_a_new_site(site):
    after = site.with_layer("buildings", buildings(floors=(9,)))
    assert after.layer("buildings")["floors"].tolist() == [9]
    assert len(site.layer("buildings")) == 2


def test_estimates_are_marked_and_unmarked(site):
    marked = site.with_layer("buildings", buildings(), estimated=True)
    assert marked.estimates == ("buildings",)
    assert marked.with_layer("buildings", buildings()).estimates == ()
    assert site.estimates == ()


def test_a_layer_that_does_not_fit_is_refused(site):
    with pytest.raises(InputError) as caught:
        site.with_layer("rooms", buildings())
    assert {p.id for p in caught.value.problems} >= {"PLAN-SCHEMA-001"}
    with pytest.raises(UsageError):
        site.with_layer("houses", buildings())
    with pytest.raises(UsageError):
        Site(name="a", layers={"houses": buildings()}, crs=CRS)


def test_degrees_and_other_systems_are_refused():
    with pytest.raises(CrsError):
        Site(name="a", layers={}, crs=pyproj.CRS.from_epsg(4326))
    with pytest.raises(CrsError):
        Site(name="a", layers={}, crs=pyproj.CRS.from_epsg(3857))
    with pytest.raises(CrsError, match="EPSG:4549"):
        Site(name="a", layers={"buildings": buildings(crs=4549)}, crs=CRS)


def test_repaired_rows_are_known_until_the_layer_is_replaced(site):
    bow_tie = Polygon([(500000, 4058000), (500020, 4058020), (500020, 4058000), (500000, 4058020)])
    frame = buildings()
    frame.loc[1, "geometry"] = bow_tie
    repaired = site.with_layer("buildings", frame)
    assert repaired.repaired("buildings") == {"B2"}
    assert repaired.repaired("rooms") == frozenset()
    assert repaired.with_layer("buildings", buildings()).repaired("buildings") == frozenset()


def test_layers_stand_in_the_order_of_the_contract():
    frame = buildings()
    site = Site(name="a", layers={"walkways": frame, "parcels": frame}, crs=CRS)
    assert list(site.layers) == ["parcels", "walkways"]


def test_a_written_site_reads_back_the_same(site, tmp_path):
    site = dataclasses.replace(site, attribution="© OpenStreetMap", estimates=("buildings",))
    site.to_gpkg(tmp_path / "out" / "other.gpkg")
    again = read_site(tmp_path / "out" / "other.gpkg")
    assert again.problems == ()
    assert (again.name, again.attribution, again.estimates) == ("试点小区", "© OpenStreetMap", ("buildings",))
    assert again.crs == CRS
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.layer("buildings")), pd.DataFrame(site.layer("buildings"))
    )


def test_writing_replaces_the_file_whole(site, tmp_path):
    path = tmp_path / "site.gpkg"
    site.to_gpkg(path, extra={"old": buildings()})
    site.to_gpkg(path)
    assert [str(name) for name, _ in pyogrio.list_layers(path)] == ["buildings", SITE_TABLE]
    assert [p.name for p in tmp_path.iterdir()] == ["site.gpkg"]


def test_a_failed_write_leaves_the_old_file(site, tmp_path):
    path = tmp_path / "site.gpkg"
    site.to_gpkg(path)
    before = path.read_bytes()
    strange = buildings()
    strange["impedance"] = [1 + 2j, 3j]  # no GeoPackage holds complex numbers
    with pytest.raises(OutputError, match="complex"):
        write_gpkg({"parcels": buildings(), "buildings": strange}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["site.gpkg"]


@pytest.mark.parametrize("before", [None, "FULL"])
@pytest.mark.parametrize("fails", [False, True])
def test_how_others_write_is_left_as_it_was(site, tmp_path, before, fails):
    option = "OGR_SQLITE_SYNCHRONOUS"
    pyogrio.set_gdal_config_options({option: before})
    try:
        if fails:
            strange = buildings().assign(impedance=[1 + 2j, 3j])  # no GeoPackage holds complex numbers
            with pytest.raises(OutputError, match="complex"):
                write_gpkg({"buildings": strange}, tmp_path / "a.gpkg")
        else:
            site.to_gpkg(tmp_path / "a.gpkg")
        assert pyogrio.get_gdal_config_option(option) == before
    finally:
        pyogrio.set_gdal_config_options({option: None})


def test_a_folder_is_not_replaced(site, tmp_path):
    with pytest.raises(OutputError):
        site.to_gpkg(tmp_path)


def test_messages_are_written_as_they_read(tmp_path):
    frame = buildings()
    frame["reason"] = [Message("status.met"), None]
    write_gpkg({"rejected": frame}, tmp_path / "a.gpkg")
    back = gpd.read_file(tmp_path / "a.gpkg")
    assert back["reason"].tolist()[0] == "符合"
    assert pd.isna(back["reason"].tolist()[1])


def test_it_says_what_it_holds(site):
    assert repr(site) == "Site('试点小区', EPSG:4548, buildings 2)"


def test_a_placement_is_frozen():
    placed = Placement(features=buildings(), rejected=buildings().iloc[:0], measures={"total_m2": 1.0})
    with pytest.raises(dataclasses.FrozenInstanceError):
        placed.measures = {}


def test_a_mended_shape_stays_mended_in_the_file(tmp_path):
    bowtie = Polygon([(500_000, 2_900_000), (500_010, 2_900_010), (500_010, 2_900_000), (500_000, 2_900_010)])
    frame = gpd.GeoDataFrame({"building_id": ["B1"], "floors": [6]}, geometry=[bowtie], crs=CRS)
    site = Site(name="s", layers={}, crs=CRS).with_layer("buildings", frame)
    assert site.repaired("buildings") == {"B1"}
    site.to_gpkg(tmp_path / "s.gpkg")
    again = read_site(tmp_path / "s.gpkg")
    assert again.repaired("buildings") == {"B1"}
    again.to_gpkg(tmp_path / "t.gpkg")
    assert read_site(tmp_path / "t.gpkg").repaired("buildings") == {"B1"}


def test_results_in_a_file_are_not_layers_of_the_site(tmp_path):
    square = box(500_000, 2_900_000, 500_010, 2_900_010)
    frame = gpd.GeoDataFrame({"building_id": ["B1"], "floors": [6]}, geometry=[square], crs=CRS)
    site = Site(name="名", layers={}, crs=CRS, attribution="© X").with_layer(
        "buildings", frame, estimated=True
    )
    site.to_gpkg(tmp_path / "s.gpkg", extra={"buildings_rejected": frame, "walk_times": frame})
    again = read_site(tmp_path / "s.gpkg")
    assert list(again.layers) == ["buildings"]
    assert (again.name, again.attribution, again.estimates) == ("名", "© X", ("buildings",))
    assert again.problems == ()


def test_what_was_mended_or_not_understood_stays_known_of_rows_that_come_back():
    rooms = gpd.GeoDataFrame(
        {
            "room_id": ["R1", "R2", "R3"],
            "floor": [1, 1, 1],
            "area_m2": [50.0, 50.0, 50.0],
            "handed_over_on": ["soon", "soon", "2001-02-03"],
        },
        geometry=[Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), box(20, 0, 30, 10), box(40, 0, 50, 10)],
        crs=CRS,
    )
    site = Site(name="a", layers={}, crs=CRS).with_layer("rooms", rooms)
    assert site.repaired("rooms") == {"R1"}
    turned = site.with_layer("rooms", site.layer("rooms").iloc[[2, 1, 0]])
    assert turned.repaired("rooms") == {"R1"}
    assert [p.rows for p in turned.problems if p.column == "handed_over_on"] == [(3, 2)]
    # A row that was drawn or dated anew is not doubted for what it was.
    anew = site.layer("rooms").iloc[:2]
    anew["handed_over_on"] = ["2020-01-01", None]
    anew.geometry = [box(0, 0, 10, 10), box(20, 0, 30, 10)]
    anew = site.with_layer("rooms", anew)
    assert anew.repaired("rooms") == frozenset()
    assert [p.rows for p in anew.problems if p.column == "handed_over_on"] == [(2,)]


def test_a_value_that_was_not_understood_stays_open_in_the_file(tmp_path):
    frame = buildings(floors=("六七层", 7))
    site = Site(name="s", layers={}, crs=CRS).with_layer("buildings", frame)
    site.to_gpkg(tmp_path / "s.gpkg")
    (problem,) = read_site(tmp_path / "s.gpkg").problems
    assert (problem.id, problem.effect, problem.column, problem.rows) == (
        "PLAN-ATTR-002",
        "degraded",
        "floors",
        (1,),
    )
    assert "六七层" in problem.message
    assert "not numbers" in translate(problem.message, "en")


@pytest.mark.parametrize("said", ["{", "[1]", '[{"layer": "buildings"}]', '{"a": 1}', "null"])
def test_what_a_stranger_writes_into_our_table_breaks_nothing(tmp_path, said):
    site = Site(name="s", layers={}, crs=CRS).with_layer("buildings", buildings())
    table = pd.DataFrame({"key": ["name", "problems"], "value": ["s", said]})
    write_gpkg({**site.layers, SITE_TABLE: table}, tmp_path / "s.gpkg")
    assert read_site(tmp_path / "s.gpkg").problems == ()


def test_columns_that_a_geopackage_keeps_for_itself_are_renamed(tmp_path):
    frame = buildings().assign(FID=[7, 7], fid_=["a", "b"], geom=["x", "y"], Note=[1, 2], note=[3, 4])
    table = pd.DataFrame({"fid": ["p", "p"], "geometry": [1, 2], "OGC_FID": [5, 6]})
    write_gpkg({"buildings": frame, "votes": table}, tmp_path / "a.gpkg")
    back = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="buildings")
    assert back["FID__"].tolist() == [7, 7]
    assert back["fid_"].tolist() == ["a", "b"]
    assert back["geom_"].tolist() == ["x", "y"]
    assert (back["Note"].tolist(), back["note_"].tolist()) == ([1, 2], [3, 4])
    assert back.geometry.area.tolist() == [100.0, 100.0]
    plain = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="votes")
    assert plain["fid_"].tolist() == ["p", "p"]
    assert set(plain.columns) == {"fid_", "geometry_", "OGC_FID_"}


def test_an_error_of_the_data_is_not_told_as_one_of_the_disk(tmp_path):
    frame = pd.DataFrame({"key": [1 + 2j]})  # no field of a GeoPackage holds such a number
    with pytest.raises(OutputError) as caught:
        write_gpkg({"a": frame}, tmp_path / "a.gpkg")
    assert isinstance(caught.value.message, Message)
    assert caught.value.message.key == "site.not_written"


def test_a_full_disk_is_told_as_one_whatever_the_driver_says(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(OutputError) as caught:
        write_gpkg({"a": pd.DataFrame({"key": [1 + 2j]})}, tmp_path / "a.gpkg")
    assert isinstance(caught.value.message, Message)
    assert caught.value.message.key == "files.cannot_write"


def test_the_same_layers_make_the_same_file(site, tmp_path):
    """A GeoPackage keeps the date of each layer's last change, to the millisecond."""
    files = [tmp_path / name for name in ("a.gpkg", "b.gpkg")]
    for file in files:
        site.to_gpkg(file)
        time.sleep(0.01)
    assert files[0].read_bytes() == files[1].read_bytes()
