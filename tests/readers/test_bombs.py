"""Small files that would become large: each is refused, or read, within a few seconds of processor time."""

from __future__ import annotations

import json
import sqlite3
import struct
import time
import zipfile
import zlib
from contextlib import closing

import geopandas as gpd
import pytest

from plan.readers import inspect_sources

_SECONDS = 10.0  # of processor time, on any machine


def refused(path):
    started = time.thread_time()
    problems = inspect_sources(path).problems
    assert time.thread_time() - started < _SECONDS
    return [p.id for p in problems if p.effect == "refused"]


def test_a_table_with_a_million_columns(tmp_path):
    path = tmp_path / "rooms.csv"
    path.write_text("room_id" + ",x" * 1_000_000 + "\n" + "R1\n" * 100_000, encoding="utf-8")
    assert "PLAN-SEC-002" in refused(path)


def test_a_cell_without_end(tmp_path):
    path = tmp_path / "rooms.csv"
    path.write_text('room_id,floor,area_m2\n"' + "x" * 5_000_000, encoding="utf-8")
    assert refused(path)


@pytest.mark.parametrize(
    "text", ["[" * 200_000, '{"a":' * 200_000, '{"type":"FeatureCollection","features":' + "[" * 200_000]
)
def test_deep_json(tmp_path, text):
    path = tmp_path / "x.geojson"
    path.write_text(text, encoding="utf-8")
    assert refused(path)


@pytest.mark.parametrize("number", ["9" * 5000, "1e999999999", "-" + "9" * 5000 + ".5"])
def test_long_numbers(tmp_path, number):
    path = tmp_path / "x.geojson"
    ring = f"[[{number},0],[1,0],[1,1],[{number},0]]"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"building_id":"B1","floors":' + number + "},"
        '"geometry":{"type":"Polygon","coordinates":[' + ring + "]}}]}",
        encoding="utf-8",
    )  # fmt: skip
    assert refused(path)


def test_a_shapefile_that_promises_too_much(tmp_path):
    from small_files import write_shapefile

    path = write_shapefile(tmp_path, "b", [(b"floors", b"N", 4, 0)], [["6"]])
    data = bytearray(path.read_bytes())
    struct.pack_into("<ii", data, 100 + 8 + 36, 2**30, 2**30)  # parts and points of the first shape
    path.write_bytes(bytes(data))
    assert isinstance(refused(path), list)


def test_a_table_of_a_shapefile_that_promises_too_much(tmp_path):
    from small_files import write_shapefile

    path = write_shapefile(tmp_path, "b", [(b"floors", b"N", 4, 0)], [["6"]])
    table = path.with_suffix(".dbf")
    data = bytearray(table.read_bytes())
    struct.pack_into("<I", data, 4, 2**31 - 1)
    table.write_bytes(bytes(data))
    assert refused(path)


def test_a_map_of_openstreetmap_that_unpacks_to_much(tmp_path):
    """Blobs of 30 MB of nothing each, packed a thousand times."""

    def field(number, data):
        return bytes([number << 3 | 2]) + _varint(len(data)) + data

    def blob(kind, data):
        body = b"\x10" + _varint(len(data)) + field(3, zlib.compress(data, 9))
        head = field(1, kind) + b"\x18" + _varint(len(body))
        return struct.pack(">I", len(head)) + head + body

    header = blob(b"OSMHeader", field(4, b"OsmSchema-V0.6") + field(4, b"DenseNodes"))
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(header + blob(b"OSMData", field(1, b"") + field(2, b"") * 7_000_000) * 20)
    assert refused(path)


def _varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def test_archives_of_archives_and_of_much(tmp_path):
    inner = tmp_path / "x.geojson"
    inner.write_text(
        json.dumps({"type": "FeatureCollection", "features": []}) + " " * (300 << 20), encoding="utf-8"
    )
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "x.geojson")
    inner.unlink()
    assert "PLAN-SEC-002" in refused(path)
    outer = tmp_path / "y.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(path, "x.zip")
    assert refused(outer)


@pytest.mark.parametrize(
    "name", ["x.geojson", "x.gpkg", "x.json", "x.csv", "x.xlsx", "x.dxf", "x.shp", "x.osm"]
)
def test_a_pointer_to_another_file_is_not_followed(tmp_path, name):
    secret = tmp_path / "secret.csv"
    secret.write_text("building_id,floors\nTOPSECRET,1\n", encoding="utf-8")
    path = tmp_path / name
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        encoding="utf-8",
    )
    told = json.dumps(inspect_sources(path).to_dict("en"))
    assert "refused" in told
    assert "TOPSECRET" not in told


@pytest.mark.parametrize("blank", [b" ", b"\x00"], ids=["spaces", "zeros"])
def test_a_large_file_of_blanks(tmp_path, blank):
    path = tmp_path / "x.geojson"
    path.write_bytes(b'{"type":"FeatureCollection","features":[' + blank * (40 << 20) + b"]}")
    assert "PLAN-SEC-002" in refused(path)


@pytest.mark.parametrize("parts", ["Polygon", "MultiPolygon"])
def test_a_heap_of_equal_rings(tmp_path, parts):
    """Whether it is sound takes minutes to tell; so it is taken away, and told."""
    ring = [[117.0, 36.6], [117.001, 36.6], [117.001, 36.601], [117.0, 36.601], [117.0, 36.6]]
    rings = [ring if parts == "Polygon" else [ring]] * 20_000
    feature = {
        "type": "Feature",
        "properties": {"building_id": "B1"},
        "geometry": {"type": parts, "coordinates": rings},
    }
    path = tmp_path / "buildings.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    started = time.thread_time()
    problems = inspect_sources(path).problems
    assert time.thread_time() - started < _SECONDS
    assert [p.effect for p in problems if p.id == "PLAN-GEOM-014"] == ["degraded"]


def test_a_shape_of_many_rings_that_are_apart_is_kept(tmp_path):
    from shapely import MultiPolygon, box

    from plan.readers import read_site

    parts = [box(500000 + 10 * i, 4058000, 500005 + 10 * i, 4058005) for i in range(3000)]
    path = tmp_path / "site.gpkg"
    frame = gpd.GeoDataFrame({"building_id": ["B1"]}, geometry=[MultiPolygon(parts)], crs=4548)
    frame.to_file(path, layer="buildings", engine="pyogrio")
    assert read_site(path).layer("buildings").area.iloc[0] == pytest.approx(75_000)


@pytest.mark.parametrize(
    ("column", "kind", "left"), [("geom", None, False), ("photo", "BLOB", True), ("remark", "TEXT", False)]
)
def test_a_cell_of_a_geopackage_that_fills_the_memory(tmp_path, column, kind, left):
    """Pictures are not read; a shape or a text of more than 64 MB is refused before it is."""
    from small_files import buildings, write_gpkg

    path = write_gpkg(tmp_path / "site.gpkg", buildings=buildings(2))
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        if kind:
            connection.execute(f"ALTER TABLE buildings ADD COLUMN {column} {kind}")
        connection.execute(f"UPDATE buildings SET {column} = zeroblob(65 << 20) WHERE fid = 1")  # noqa: S608 - ours
    assert refused(path) == ([] if left else ["PLAN-SEC-002"])
