"""Places that the library of OpenStreetMap cannot keep; files are packed by hand, as its wiki describes the format."""

from __future__ import annotations

import struct
import zlib

import pytest

from plan.errors import InputError
from plan.readers._osm_places import BrokenError, TooMuchError, pbf_places, xml_beyond, xml_twice
from plan.readers.osm import read_osm

CORNERS = [(116.0, 40.0), (116.001, 40.0), (116.001, 40.001), (116.0, 40.001)]


def varint(value):
    value &= 2**64 - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*fields):
    out = b""
    for number, value in fields:
        whole = isinstance(value, int)
        out += varint(number << 3 | (0 if whole else 2)) + varint(value if whole else len(value))
        out += b"" if whole else value
    return out


def deltas(values):
    steps = [b - a for a, b in zip([0, *values], values, strict=False)]
    return b"".join(varint(step * 2 if step >= 0 else -step * 2 - 1) for step in steps)


def blob(kind, data):
    packed = message((2, len(data)), (3, zlib.compress(data)))
    head = message((1, kind), (3, len(packed)))
    return struct.pack(">I", len(head)) + head + packed


def pbf(path, nodes, *, granularity=100, step=100, texts=(b"", b"building", b"yes")):
    """Write nodes (number, longitude, latitude) and a building over the first four."""
    lons, lats = ([round(node[i] * 1e9) // step for node in nodes] for i in (1, 2))
    dense = message((1, deltas([n for n, *_ in nodes])), (8, deltas(lats)), (9, deltas(lons)))
    ring = [1, 2, 3, 4, 1]
    way = message((1, 9), (2, varint(1)), (3, varint(2)), (8, deltas(ring)))
    table = message(*((1, text) for text in texts))
    block = message((1, table), (17, granularity), (2, message((2, dense))), (2, message((3, way))))
    header = message((4, b"OsmSchema-V0.6"), (4, b"DenseNodes"))
    path.write_bytes(blob(b"OSMHeader", header) + blob(b"OSMData", block))
    return path


def numbered(corners):
    return [(i, *corner) for i, corner in enumerate(corners, start=1)]


@pytest.mark.parametrize(
    ("granularity", "kept"),
    [(100, True), (1000, False), (50, True)],  # ten times 116 degrees would become 86, on the way round twice
)
def test_places_that_run_over_are_refused(tmp_path, granularity, kept):
    path = pbf(tmp_path / "a.osm.pbf", numbered(CORNERS), granularity=granularity)
    assert pbf_places(path)[0] == kept
    if kept:
        raw = read_osm(path)
        at = raw.layers[0].frame.geometry.iloc[0].bounds[0]
        assert at == pytest.approx(116 * granularity / 100)
    else:
        with pytest.raises(InputError) as refused:
            read_osm(path)
        assert [p.message.key for p in refused.value.problems] == ["osm.off_earth"]


def test_one_number_that_is_too_large_is_seen(tmp_path):
    corners = [*CORNERS[:2], (116.001, 1e9), CORNERS[3]]
    assert not pbf_places(pbf(tmp_path / "a.osm.pbf", numbered(corners)))[0]


@pytest.mark.parametrize(
    ("more", "twice"),
    [
        ([], set()),
        ([(2, *CORNERS[1])], set()),  # the same again
        ([(2, 116.0012, 40.0)], {2}),
        ([(-5, 116.0, 40.0)], set()),  # out of order
    ],
)
def test_an_outline_with_a_node_at_two_places_cannot_be_told(tmp_path, more, twice):
    path = pbf(tmp_path / "a.osm.pbf", [*numbered(CORNERS), *more])
    assert pbf_places(path) == (True, frozenset(twice))
    told = [p.features for p in read_osm(path).problems if p.message.key == "osm.two_places"]
    assert told == ([("w9",)] if twice else [])


@pytest.mark.parametrize(("lon", "twice"), [("116.0010", set()), ("116.0012", {2})])
def test_a_node_at_two_places_in_xml(tmp_path, lon, twice):
    nodes = "".join(f"<node version='1' lon='{x}' lat='{y}' id='{i}'/>" for i, x, y in numbered(CORNERS))
    refs = "".join(f"<nd ref='{i}'/>" for i in (1, 2, 3, 4, 1))
    way = f"<way id='9' version='1'>{refs}<tag k='building' v='yes'/></way>"
    path = tmp_path / "a.osm"
    path.write_text(
        f'<osm version="0.6">{nodes}<node id="2" version="1" lat="40.0" lon="{lon}"/>{way}</osm>',
        encoding="utf-8",
    )
    assert xml_twice(path) == twice
    told = [p.features for p in read_osm(path).problems if p.message.key == "osm.two_places"]
    assert told == ([("w9",)] if twice else [])


@pytest.mark.parametrize("wrong", [b"\x0b", b"\x0c", b"\x80" * 20, b"\x12\x7f", b"\x08"])
def test_what_is_no_message_is_refused_whatever_the_library_makes_of_it(tmp_path, wrong):
    """Groups, which are no more; numbers that do not end; fields that are cut short."""
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(blob(b"OSMHeader", b"") + blob(b"OSMData", wrong))
    with pytest.raises(BrokenError):
        pbf_places(path)
    with pytest.raises(InputError) as refused:
        read_osm(path)
    assert [p.message.key for p in refused.value.problems] == ["osm.damaged"]


def test_a_file_that_unpacks_to_much_is_given_up(tmp_path):
    """Half a million empty groups in half a thousand bytes."""
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(blob(b"OSMData", message((2, b"")) * 500_000))
    assert path.stat().st_size < 2_000
    with pytest.raises(TooMuchError):
        pbf_places(path)
    with pytest.raises(InputError) as told:
        read_osm(path)
    assert [p.id for p in told.value.problems] == ["PLAN-SEC-002"]


@pytest.mark.parametrize("texts", [(b"", b"building", b"y\x00s"), (b"\x00", b"building", b"yes")])
def test_a_text_that_holds_nul_is_refused_for_the_library_would_run_over_it(tmp_path, texts):
    path = pbf(tmp_path / "a.osm.pbf", numbered(CORNERS), texts=texts)
    with pytest.raises(BrokenError):
        pbf_places(path)
    with pytest.raises(InputError, match="NUL"):
        read_osm(path)


@pytest.mark.parametrize(("number", "encoding"), [("0", "utf-8"), ("&#48;", "utf-8"), ("-0", "utf-16")])
def test_a_way_numbered_0_is_refused_for_the_library_would_end_the_process(tmp_path, number, encoding):
    nodes = "".join(f'<node id="{i}" version="1" lon="{x}" lat="{y}"/>' for i, x, y in numbered(CORNERS))
    ring = "".join(f'<nd ref="{i}"/>' for i in (1, 2, 3, 4, 1))
    path = tmp_path / "a.osm"
    path.write_text(
        f'<?xml version="1.0" encoding="{encoding}"?><osm version="0.6">{nodes}<way id="{number}" version="1">{ring}</way>'
        f'<relation id="1" version="1"><member type="way" ref="{number}" role="outer"/>'
        '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/></relation></osm>',
        encoding=encoding,
    )
    with pytest.raises(InputError, match="numbered 0"):
        read_osm(path)


@pytest.mark.parametrize(("lon", "refused"), [("1e308", True), ("1.16E+2", True), ("9.5e-05", False)])
def test_places_with_an_exponent_are_refused_for_the_library_reads_some_as_0(tmp_path, lon, refused):
    path = tmp_path / "a.osm"
    path.write_text(f'<osm version="0.6"><node id="1" version="1" lon="{lon}" lat="40.0"/></osm>', "utf-8")
    assert xml_beyond(path) == refused
    if refused:
        with pytest.raises(InputError) as error:
            read_osm(path)
        assert [p.message.key for p in error.value.problems] == ["osm.off_earth"]
