"""Files that are packed where nobody expects it, and encodings that are none."""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import osmium
import pytest

from plan.errors import RulePackError, UsageError
from plan.messages import Message
from plan.readers.encodings import codec_name
from plan.readers.naming import load_mapping
from plan.readers.sources import read_raw
from plan.rules import load_pack

_EMPTY = b'{"type": "FeatureCollection", "features": []}'


def refused(path: Path) -> list[tuple[str, str]]:
    problems = read_raw([path]).problems
    said = [(p.id, p.message) for p in problems if p.effect == "refused"]
    return [(number, message.key) for number, message in said if isinstance(message, Message)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.geojson.gz", gzip.compress(_EMPTY, mtime=0)),
        ("a.geojson", gzip.compress(_EMPTY, mtime=0)),
        ("a.osm", gzip.compress(b"<osm/>", mtime=0)),
        ("a.osm.bz2", b"BZh91AY&SY"),
        ("a.rar", b"Rar!\x1a\x07\x01\x00"),
        ("a.zip", b"Rar!\x1a\x07\x01\x00"),
        ("a.gpkg", b"7z\xbc\xaf\x27\x1c\x00\x04"),
        ("a.tar", b"a" + b"\x00" * 256 + b"ustar\x00"),
    ],
)
def test_what_is_packed_is_refused_with_the_way_to_unpack_it(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert refused(tmp_path / name) == [("PLAN-FILE-008", "readers.packed")]


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.osm", "a.dxf"])
def test_an_archive_of_another_name_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04" + b"\x00" * 30)
    assert refused(tmp_path / name) == [("PLAN-FILE-008", "readers.zip_otherwise")]


def test_json_of_openstreetmap_is_told_from_geojson(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"version": 0.6, "elements": []}', encoding="utf-8")
    assert refused(tmp_path / "export.json") == [("PLAN-FILE-008", "readers.json_osm")]


def test_more_properties_than_a_table_has_columns_are_refused(tmp_path: Path) -> None:
    for number in (1000, 1001):
        properties = {f"k{i}": 1 for i in range(number)}
        point = {"type": "Point", "coordinates": [117, 36]}
        feature = {"type": "Feature", "properties": properties, "geometry": point}
        path = tmp_path / f"buildings{number}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
        expected = [("PLAN-SEC-002", "readers.json_wide")] if number > 1000 else []
        assert [one for one in refused(path) if one[0] == "PLAN-SEC-002"] == expected


def test_a_header_of_sqlite_alone_is_no_geopackage(tmp_path: Path) -> None:
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\x00")
    assert refused(tmp_path / "a.gpkg") == [("PLAN-FILE-001", "readers.gpkg_not")]


def test_blocks_that_only_the_library_unpacks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,pbf_compression=lz4")) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(117, 36), tags={"amenity": "bank"}))
    assert refused(path) == [("PLAN-FILE-008", "osm.packed")]


def test_a_header_of_no_text_is_no_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    name = "written by a program"
    with osmium.SimpleWriter(
        osmium.io.File(str(path), "pbf,pbf_compression=none"), header=_header(name)
    ) as w:
        w.add_node(osmium.osm.mutable.Node(id=1, location=(117, 36), tags={"amenity": "bank"}))
    data = path.read_bytes()
    assert name.encode() in data
    path.write_bytes(data.replace(name.encode(), b"\xff" * len(name)))
    raw = read_raw([path])
    assert raw.layers or [p for p in raw.problems if p.effect == "refused"]


def _header(program: str) -> osmium.io.Header:
    header = osmium.io.Header()
    header.set("generator", program)
    return header


@pytest.mark.parametrize("name", ["zlib_codec", "bz2", "hex", "base64", "rot13"])
def test_what_decodes_no_text_is_no_encoding(name: str) -> None:
    assert codec_name(name) is None


@pytest.mark.parametrize(("name", "known"), [("936", "GB18030"), ("utf-16", "UTF-16"), ("UTF8", "UTF-8")])
def test_encodings_of_text_are_known(name: str, known: str) -> None:
    assert codec_name(name) == known


@pytest.mark.parametrize("name", ["", "x" * 5000, "a\x00b"])
def test_a_name_that_can_be_of_nothing_is_absent(name: str) -> None:
    problems = read_raw([name]).problems
    assert [p.id for p in problems] == ["PLAN-FILE-003"]


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of this kind are POSIX")
def test_a_mapping_that_never_ends_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "m.toml")
    with pytest.raises(UsageError):
        load_mapping([tmp_path / "m.toml"])


def test_a_mapping_and_a_pack_that_are_nested_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("a = " + "[" * 20_000 + "]" * 20_000, encoding="utf-8")
    with pytest.raises(UsageError):
        load_mapping([path])
    with pytest.raises(RulePackError):
        load_pack(str(path))
