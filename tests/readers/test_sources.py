"""What a user names: files by content, folders, archives, several at once; and what was seen in them."""

from __future__ import annotations

import json
import zipfile

import pytest
from small_files import buildings, ids_of, parcel, points, write_gpkg, write_shapefile

from plan.errors import InputError
from plan.files import sha256
from plan.readers import inspect_sources, read_site
from plan.readers.naming import identify, load_mapping
from plan.readers.raw import RawData
from plan.schema import LAYERS

NOTHING = load_mapping([])


def geojson(path, frame):
    frame.to_crs(4326).to_file(path, driver="GeoJSON", engine="pyogrio")
    return path


def told(found):
    return [(p.id, p.severity, p.effect) for p in found.problems]


class TestSources:
    def test_a_folder_is_one_site(self, tmp_path):
        folder = tmp_path / "幸福里"
        folder.mkdir()
        geojson(folder / "建筑.geojson", buildings())
        geojson(folder / "小区.geojson", parcel())
        (folder / "readme.md").write_text("not data")
        (folder / ".hidden.csv").write_text("x")
        site = read_site(folder)
        assert site.name == "幸福里"
        assert list(site.layers) == ["parcels", "buildings"]
        assert [i.path for i in site.inputs] == [f"{folder}/小区.geojson", f"{folder}/建筑.geojson"]

    def test_several_files_are_one_site(self, tmp_path):
        sources = [
            geojson(tmp_path / "建筑.geojson", buildings()),
            geojson(tmp_path / "小区.geojson", parcel()),
        ]
        site = read_site(sources, name="试点")
        assert site.name == "试点"
        assert list(site.layers) == ["parcels", "buildings"]

    def test_inputs_are_named_as_the_user_did_with_their_digest(self, tmp_path, monkeypatch):
        write_gpkg(tmp_path / "a.gpkg", buildings=buildings())
        monkeypatch.chdir(tmp_path)
        (entry,) = read_site("a.gpkg").inputs
        assert entry.path == "a.gpkg"
        assert entry.sha256 == sha256("a.gpkg")

    def test_reading_twice_gives_the_same(self, tmp_path):
        path = write_gpkg(tmp_path / "a.gpkg", buildings=buildings(), parcels=parcel())
        assert inspect_sources(path).to_dict("zh") == inspect_sources(path).to_dict("zh")

    @pytest.mark.parametrize(
        ("name", "data", "problem"),
        [
            ("a.dwg", b"AC1027", "PLAN-CAD-001"),
            ("a.xlsx", b"PK\x03\x04", "PLAN-FILE-001"),
            ("a.kml", b"<kml xmlns='http://www.opengis.net/kml/2.2'/>", "PLAN-FILE-008"),
            ("a.kml", b"<!DOCTYPE kml [<!ENTITY x 'y'>]><kml/>", "PLAN-SEC-004"),
            ("a.gpx", b"<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE gpx><gpx/>", "PLAN-SEC-004"),
            ("a.osm", b"<!DOCTYPE osm [<!ENTITY x 'y'>]><osm version='0.6'/>", "PLAN-SEC-004"),
            ("a.geojson", b"", "PLAN-FILE-001"),
            ("a.zip", b"PK\x03\x04", "PLAN-FILE-001"),
            ("a.txt", b"", "PLAN-FILE-001"),
        ],
    )
    def test_files_that_are_not_read(self, tmp_path, name, data, problem):
        (tmp_path / name).write_bytes(data)
        found = inspect_sources(tmp_path / name)
        assert told(found) == [(problem, "error", "refused")]
        assert found.problems[0].path == str(tmp_path / name)

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(InputError, match=r"没有\.gpkg") as caught:
            read_site(tmp_path / "没有.gpkg")
        assert ids_of(caught.value.problems) == ["PLAN-FILE-003"]

    def test_an_empty_folder(self, tmp_path):
        assert ids_of(inspect_sources(tmp_path).problems) == ["PLAN-DATA-002"]

    def test_content_goes_before_the_ending(self, tmp_path):
        path = write_gpkg(tmp_path / "a.gpkg", buildings=buildings())
        path.rename(tmp_path / "a.dat")
        assert len(read_site(tmp_path / "a.dat").layer("buildings")) == 2

    def test_no_source_at_all(self):
        assert ids_of(inspect_sources([]).problems) == ["PLAN-DATA-002"]


class TestArchives:
    def pack(self, path, **members):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return path

    def test_shapefiles_in_an_archive(self, tmp_path):
        folder = tmp_path / "in"
        folder.mkdir()
        write_shapefile(
            folder, "建筑", [(b"bld_id", b"C", 10, 0), (b"floors", b"N", 5, 0)], [("甲", "6")], encoding="gbk"
        )
        archive = tmp_path / "图.zip"
        with zipfile.ZipFile(archive, "w") as out:
            for part in sorted(folder.iterdir()):
                out.write(part, f"图/{part.name}")
        site = read_site(archive)
        assert site.name == "图"
        assert site.layer("buildings")["building_id"].tolist() == ["甲"]
        assert [i.path for i in site.inputs] == [str(archive)]
        assert site.inputs[0].sha256 == sha256(archive)

    @pytest.mark.parametrize(
        "name", ["../evil.geojson", "/abs.geojson", "a/../../b.csv", "..\\evil.csv", "C:\\x.csv"]
    )
    def test_names_that_leave_the_folder(self, tmp_path, name):
        archive = self.pack(tmp_path / "a.zip", **{name: "x"})
        assert told(inspect_sources(archive)) == [("PLAN-SEC-003", "error", "refused")]
        assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]

    def test_links_are_refused(self, tmp_path):
        info = zipfile.ZipInfo("link.csv")
        info.external_attr = 0o120777 << 16
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        assert told(inspect_sources(tmp_path / "a.zip")) == [("PLAN-SEC-003", "error", "refused")]

    def test_bombs_are_refused(self, tmp_path):
        archive = self.pack(tmp_path / "a.zip", **{"rooms.csv": b"0" * (20 << 20)})
        assert told(inspect_sources(archive)) == [("PLAN-SEC-002", "error", "refused")]

    def test_one_name_in_two_folders(self, tmp_path):
        archive = self.pack(tmp_path / "a.zip", **{"a/rooms.csv": "x", "b/rooms.csv": "y"})
        assert told(inspect_sources(archive)) == [("PLAN-FILE-010", "error", "refused")]

    def test_an_archive_of_other_things(self, tmp_path):
        archive = self.pack(tmp_path / "a.zip", **{"a.pdf": "x"})
        assert told(inspect_sources(archive)) == [("PLAN-DATA-002", "error", "refused")]


class TestNaming:
    @pytest.mark.parametrize(
        ("source", "stem", "alone", "layer"),
        [
            ("buildings", "x", False, "buildings"),
            ("建筑", "x", False, "buildings"),
            ("小区_cgcs2000", "x", False, "parcels"),
            ("BUILDINGS-2024", "x", False, "buildings"),
            ("Layer0", "楼栋", True, "buildings"),
            ("Layer0", "楼栋", False, ""),
            ("小区_建筑", "x", False, ""),  # two words, two layers
        ],
    )
    def test_by_name(self, source, stem, alone, layer):
        found = identify(
            source_layer=source, stem=stem, family="Polygon", columns=(), mapping=NOTHING, alone=alone
        )
        assert found == (layer, False)

    @pytest.mark.parametrize(
        ("family", "columns", "layer"),
        [
            ("Polygon", ("bld_id",), "buildings"),
            ("Polygon", ("层数", "备注"), "buildings"),
            ("Polygon", ("id", "name"), ""),
            ("Polygon", ("room_id", "building_id"), "rooms"),
            ("none", ("room_id", "area_m2"), "rooms"),
            ("none", ("floor", "area_m2"), "rooms"),
            ("none", ("household_id", "building_id"), "households"),
            ("Point", ("remark_id", "building_id"), "remarks"),
            ("LineString", ("bld_id",), ""),
            ("LineString", ("width_m",), ""),
            ("any", ("building_id", "floors"), "buildings"),
        ],
    )
    def test_by_columns(self, family, columns, layer):
        found = identify(
            source_layer="b", stem="b", family=family, columns=columns, mapping=NOTHING, alone=True
        )
        assert found == (layer, bool(layer))

    def test_each_layer_is_told_by_its_id(self):
        for layer in LAYERS.values():
            found = identify(
                source_layer="b",
                stem="b",
                family=layer.shapes[0],
                columns=[c.name for c in layer.columns],
                mapping=NOTHING,
                alone=True,
            )
            assert found == (layer.name, True)

    def test_what_the_user_says_wins(self):
        found = identify(
            source_layer="buildings",
            stem="b",
            family="Polygon",
            columns=(),
            mapping=load_mapping(["buildings=stalls"]),
            alone=True,
        )
        assert found == ("stalls", False)


class TestInspection:
    def test_what_was_seen(self, tmp_path):
        frame = buildings(3).rename(columns={"floors": "层数"}).assign(备注="x")
        path = write_gpkg(tmp_path / "a.gpkg", 建筑=frame, 图框=points(1, 备注=["x"]))
        found = inspect_sources(path)
        seen, other = found.layers
        assert (seen.source_layer, seen.name, seen.rows, seen.geometry) == (
            "建筑",
            "buildings",
            3,
            ("Polygon",),
        )
        assert seen.crs.startswith("EPSG:4548")
        assert dict(seen.matched) == {"building_id": "building_id", "层数": "floors"}
        assert seen.unmatched == ("备注",)
        assert (other.name, other.unmatched) == ("", ("备注",))

    def test_as_json(self, tmp_path):
        path = write_gpkg(tmp_path / "a.gpkg", buildings=buildings().drop(columns="floors"))
        data = inspect_sources(path).to_dict("en")
        assert json.loads(json.dumps(data)) == data
        assert data["schema"] == "plan.inspect/1"
        assert data["files"] == [{"path": str(path), "sha256": sha256(path)}]
        (problem,) = data["problems"]
        assert (problem["id"], problem["severity"], problem["effect"]) == (
            "PLAN-SCHEMA-006",
            "error",
            "degraded",
        )
        assert "floors" in problem["message"]
        assert problem["message"] != inspect_sources(path).to_dict("zh")["problems"][0]["message"]
        assert problem["cure"]

    def test_raw_data_has_room_for_what_files_say_of_themselves(self):
        assert RawData(layers=()).estimates == ()


@pytest.mark.parametrize("name", ["old_estate", "new_estate", "district"])
def test_the_samples_read_without_a_problem(sample_gis, name):
    site = read_site(sample_gis / f"{name}.gpkg")
    assert site.problems == ()
    assert site.has("buildings")
    assert site.has("households")


@pytest.mark.real
def test_real_openstreetmap(shared):
    site = read_site(shared / "data" / "beijing_bupt.osm.pbf")
    assert site.crs.to_epsg() == 4548
    assert "OpenStreetMap" in site.attribution
    assert not [p for p in site.problems if p.effect == "refused"]


def test_an_archive_in_an_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.writestr("in.zip", b"PK")
        archive.writestr("__MACOSX/._in.dbf", b"\0")
    found = {p.id: p for p in inspect_sources(tmp_path / "out.zip").problems}
    assert found["PLAN-DATA-002"].effect == "refused"
    assert found["PLAN-FILE-014"].message.params["names"] == ("in.zip",)


def test_other_archives_say_how_to_go_on(tmp_path):
    (tmp_path / "data.rar").write_bytes(b"Rar!\x1a\x07\0")
    (problem,) = inspect_sources(tmp_path / "data.rar").problems[:1]
    assert problem.message.key == "readers.packed"
