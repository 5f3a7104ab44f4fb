"""Drawings of our own that were edited in CAD: what no longer is what its data say is told, never passed over."""

from __future__ import annotations

import ezdxf
import geopandas as gpd
import pandas as pd
import pyproj
import pytest
import shapely
from ezdxf.math import Matrix44

from plan.cad import site_dxf
from plan.cad.records import APPID
from plan.errors import InputError
from plan.readers import read_site
from plan.site import Site

X, Y = 500_000.0, 2_905_000.0
CRS = "EPSG:4548"


def frame(key, ids, shapes, **columns):
    return gpd.GeoDataFrame(pd.DataFrame({key: ids, **columns}), geometry=shapes, crs=CRS)


def ground(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


@pytest.fixture
def edited(tmp_path):
    layers = {
        "buildings": frame("building_id", ["B1"], [ground(0, 0, 40, 10)], floors=[6]),
        "rooms": frame(
            "room_id", ["R1", "R2"], [ground(0, 0, 10, 10), ground(10, 0, 20, 10)], floor=[1, 1], area_m2=[100.0, 100.0],
            building_id=["B1", "B1"],
        ),
    }  # fmt: skip
    first = tmp_path / "a.dxf"
    site_dxf(Site(name="a", layers=layers, crs=pyproj.CRS(CRS)), first)

    def edit(change, **options):
        doc = ezdxf.readfile(first)
        change(doc, doc.modelspace())
        doc.saveas(tmp_path / "b.dxf")
        return read_site(tmp_path / "b.dxf", **options)

    return edit


def rooms(space):
    return [e for e in space.query("LWPOLYLINE") if e.dxf.layer == "社区用房"]


def told(site):
    return {p.id: p for p in site.problems}


def test_nothing_is_told_of_what_was_not_edited(edited):
    site = edited(lambda _doc, _space: None)
    assert not {p.id for p in site.problems} & {
        "PLAN-CAD-009",
        "PLAN-CAD-020",
        "PLAN-CAD-026",
        "PLAN-GEOM-013",
    }


def test_a_room_on_the_layer_of_stalls_is_told_and_stays_a_room(edited):
    site = edited(lambda _doc, space: rooms(space)[0].dxf.set("layer", "停车位"))
    assert told(site)["PLAN-CAD-026"].message.params["ours"] == "rooms"
    assert len(site.layer("rooms")) == 2
    assert not site.has("stalls")


def test_a_room_on_a_layer_of_what_is_pulled_down_is_gone(edited):
    site = edited(lambda _doc, space: rooms(space)[0].dxf.set("layer", "拆除"))
    assert site.layer("rooms")["room_id"].tolist() == ["R2"]
    assert told(site)["PLAN-CAD-022"].message.params["count"] == 1


@pytest.mark.parametrize(
    "hide",
    [
        lambda doc, _space: doc.layers.get("社区用房").freeze(),
        lambda doc, _space: doc.layers.get("社区用房").off(),
        lambda _doc, space: [e.dxf.set("invisible", 1) for e in rooms(space)],
    ],
)
def test_what_is_hidden_and_read_all_the_same_is_told(edited, hide):
    site = edited(hide)
    assert told(site)["PLAN-CAD-009"].message.params["count"] == 2
    assert len(site.layer("rooms")) == 2


def test_an_outline_that_was_cut_open_decides_nothing(edited):
    def cut(_doc, space):
        rooms(space)[0].closed = False

    assert edited(cut).repaired("rooms") == {"R1"}


def test_storeys_that_a_new_text_contradicts_are_not_taken(edited):
    def write(text):
        return lambda _doc, space: space.add_text(text, dxfattribs={"layer": "0"}).set_placement(
            (X + 30, Y + 5)
        )

    assert pd.isna(edited(write("3F")).layer("buildings")["floors"].item())
    assert told(edited(write("3F")))["PLAN-CAD-020"].column == "floors"
    assert edited(write("6F")).layer("buildings")["floors"].item() == 6


def test_without_its_data_it_is_read_as_others_are(edited):
    def strip(_doc, space):
        for entity in space:
            entity.discard_xdata(APPID)

    site = edited(strip)
    assert len(site.layer("rooms")) == 2
    assert site.layer("rooms")["area_m2"].isna().all()
    assert "PLAN-CAD-019" in told(site)


def test_a_record_that_names_no_layer_of_ours_loses_no_shape(edited):
    def damage(_doc, space):
        room = rooms(space)[0]
        tags = [(code, value) for code, value in room.get_xdata(APPID)]
        room.set_xdata(APPID, [tags[0], (1000, "rooom"), *tags[2:]])

    assert len(edited(damage).layer("rooms")) == 2


def test_one_that_was_scaled_is_refused_until_its_unit_is_said(edited):
    def scale(_doc, space):
        for entity in space:
            entity.transform(Matrix44.scale(1000, 1000, 1000))

    with pytest.raises(InputError):
        edited(scale)
    site = edited(scale, units="mm")
    assert site.layer("rooms").geometry.area.tolist() == pytest.approx([100, 100])


def own(tmp_path, sample_gis):
    site_dxf(read_site(sample_gis / "new_estate.gpkg"), tmp_path / "own.dxf")
    return ezdxf.readfile(tmp_path / "own.dxf")


def test_what_was_moved_copied_deleted_and_added_in_cad_is_seen(tmp_path, sample_gis):
    doc = own(tmp_path, sample_gis)
    before = read_site(tmp_path / "own.dxf").layer("stalls")
    stalls = [e for e in doc.modelspace() if e.dxf.layer == "停车位"]
    stalls[0].translate(1.0, 0.0, 0.0)
    stalls[1].destroy()
    copy = stalls[2].copy()
    doc.modelspace().add_entity(copy)
    copy.translate(0.0, 100.0, 0.0)
    x, y = before.total_bounds[:2]
    doc.modelspace().add_lwpolyline(
        [(x, y), (x + 5, y), (x + 5, y + 2)], close=True, dxfattribs={"layer": "停车位"}
    )
    path = tmp_path / "again.dxf"
    doc.saveas(path)
    after = read_site(path).layer("stalls").set_index("stall_id")
    ids = before["stall_id"].tolist()
    moved = after.loc[ids[0]].geometry.centroid.x - before.geometry[0].centroid.x
    assert moved == pytest.approx(1.0)
    assert ids[1] not in after.index
    new = [i for i in after.index if i not in ids]
    assert len(new) == 2
    assert any(i.startswith(f"{ids[2]}#") for i in new)
    assert {"PLAN-CAD-023", "PLAN-CAD-018"} <= {p.id for p in read_site(path).problems}


@pytest.fixture
def courtyards(tmp_path):
    """B1 is 40 m x 40 m around a courtyard of 20 m x 20 m; B2 has two parts of 400 m2. Drawn: shell, hole, shell, shell."""
    court = shapely.Polygon(ground(0, 0, 40, 40).exterior, [ground(10, 10, 30, 30).exterior])
    parts = shapely.MultiPolygon([ground(100, 0, 120, 20), ground(130, 0, 150, 20)])
    layers = {"buildings": frame("building_id", ["B1", "B2"], [court, parts], floors=[6, 6])}
    site_dxf(Site(name="a", layers=layers, crs=pyproj.CRS(CRS)), tmp_path / "a.dxf")

    def edit(change):
        doc = ezdxf.readfile(tmp_path / "a.dxf")
        change(doc.modelspace(), list(doc.modelspace().query("LWPOLYLINE")))
        doc.saveas(tmp_path / "b.dxf")
        return read_site(tmp_path / "b.dxf")

    return edit


def moved_copies(space, drawn, east):
    for one in drawn:
        copy = one.copy()
        space.add_entity(copy)
        copy.translate(east, 0, 0)


@pytest.mark.parametrize(
    ("change", "areas", "doubted"),
    [
        (lambda _space, _drawn: None, [1200, 800], []),
        (lambda _space, drawn: drawn[1].destroy(), [1600, 800], ["B1"]),
        (lambda _space, drawn: drawn[3].destroy(), [1200, 400], ["B2"]),
        (lambda space, drawn: moved_copies(space, drawn[1:2], -1000), [1600, 800], ["B1"]),
        (lambda space, drawn: moved_copies(space, drawn[:2], 200), [1200, 1200, 800], []),
        (lambda space, drawn: moved_copies(space, drawn[:1], 200), [1200, 1600, 800], []),
    ],
    ids=["nothing", "hole gone", "part gone", "hole copied", "all copied", "shell copied"],
)
def test_a_courtyard_or_part_that_is_gone_or_new_decides_nothing(courtyards, change, areas, doubted):
    site = courtyards(change)
    assert sorted(site.repaired("buildings")) == doubted
    if "B1" not in doubted:
        assert site.layer("buildings").area.round(6).tolist() == areas


def test_a_part_whose_columns_are_gone_is_named_by_its_handle(courtyards):
    site = courtyards(lambda _space, drawn: drawn[2].destroy())
    (name,) = site.repaired("buildings")
    assert name in site.layer("buildings")["building_id"].tolist()
    assert len(name) > 1
    assert name.startswith("#")
