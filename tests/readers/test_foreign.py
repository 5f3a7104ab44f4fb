"""Files of other programs are refused by name, with the way to a form that is read."""

from __future__ import annotations

import json
import zipfile

import pytest
from small_files import buildings, write_gpkg

from plan.messages import translate
from plan.readers import inspect_sources
from plan.readers.foreign import FOREIGN

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of Word and Excel, but of DGN, MXD and RVT, too


def refused(path):
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    return problem


@pytest.mark.parametrize("ending", [e for e in FOREIGN if e != ".gdb"])
def test_each_is_named_with_its_cure(tmp_path, ending):
    path = tmp_path / f"总图{ending}"
    path.write_bytes(b"!table\n!version 300\n" if ending == ".tab" else b"\x00\x01\x02")
    problem = refused(path)
    kind, way = FOREIGN[ending]
    assert (problem.id, problem.message.key) == ("PLAN-FILE-008", f"readers.foreign_{way}")
    for language in ("zh", "en"):
        assert kind in translate(problem.message, language)
        assert translate(problem.cure, language)


@pytest.mark.parametrize("ending", [".dgn", ".doc", ".mxd", ".rvt"])
def test_what_lies_in_the_container_of_office_is_no_workbook(tmp_path, ending):
    path = tmp_path / f"总图{ending}"
    path.write_bytes(OLE + bytes(600))
    assert refused(path).message.key != "tables.old_workbook"


def test_a_geodatabase_is_a_folder(tmp_path):
    path = tmp_path / "site.gdb"
    path.mkdir()
    assert refused(path).message.params["kind"] == "Esri File Geodatabase"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": "Topology", "objects": {}, "arcs": []}, "TopoJSON"),
        ({"geometryType": "esriGeometryPolygon", "features": []}, "Esri JSON"),
    ],
)
def test_other_json(tmp_path, document, kind):
    path = tmp_path / "site.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert refused(path).message.params["kind"] == kind


def test_what_is_readable_is_read_under_any_ending(tmp_path):
    inside = write_gpkg(tmp_path / "site.gpkg", buildings=buildings())
    other = inside.rename(tmp_path / "site.udbx")
    assert [layer.name for layer in inspect_sources(other).layers] == ["buildings"]


def test_those_in_a_folder_are_told(tmp_path):
    write_gpkg(tmp_path / "site.gpkg", buildings=buildings())
    for name in ("宗地.WP", "道路.e00", "库.udb", "照片.jpg", "说明.docx"):
        (tmp_path / name).write_bytes(b"x")
    (problem,) = [p for p in inspect_sources(tmp_path).problems if p.id == "PLAN-FILE-014"]
    assert problem.message.params["names"] == ("宗地.WP", "库.udb", "道路.e00")


def test_a_geodatabase_in_an_archive_is_named(tmp_path):
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("数据/site.gdb/a00000001.gdbtable", b"x")
    assert refused(path).message.params == {"name": "site.gdb", "kind": "Esri File Geodatabase"}


def test_folders_in_a_folder_are_told(tmp_path):
    write_gpkg(tmp_path / "site.gpkg", buildings=buildings())
    for name, file in (("数据", "a.shp"), ("照片", "a.jpg"), (".git", "a.csv")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_bytes(b"x")
    (problem,) = [p for p in inspect_sources(tmp_path).problems if p.id == "PLAN-FILE-014"]
    assert (problem.message.key, problem.message.params["names"]) == ("readers.folders_unread", ("数据",))
