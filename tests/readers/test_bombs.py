"""Small files that would become large: each is refused, or read, within a few seconds of processor time."""

from __future__ import annotations

import json
import struct
import time
import zipfile
import zlib

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
