"""Files of OpenStreetMap as a whole: where they come from, how they are ordered, and which are refused."""

from __future__ import annotations

import pytest
from small_osm import layers, node, only, square, way, xml

from plan.errors import InputError
from plan.files import sha256
from plan.readers.osm import ATTRIBUTION, is_osm, read_osm


def test_the_source_is_named_with_its_licence_and_digest(tmp_path):
    path = tmp_path / "三明.v2.osm"
    path.write_text(xml(node(1, amenity="bank")), encoding="utf-8")
    raw = read_osm(path)
    assert raw.attribution == ATTRIBUTION == "© OpenStreetMap contributors, ODbL 1.0"
    assert raw.name == "三明"
    assert [(i.path, i.sha256) for i in raw.inputs] == [(str(path), sha256(path))]
    assert {layer.path for layer in raw.layers} == {str(path)}
    assert raw.layers[0].frame.crs.to_epsg() == 4326


def test_the_order_in_the_file_does_not_matter_for_the_order_of_rows(read):
    found = layers(read(node(20, amenity="bank"), node(3, 1, amenity="bank"), node(100, 2, amenity="bank")))
    assert found["facilities"]["facility_id"].tolist() == ["n3", "n20", "n100"]


@pytest.mark.parametrize(
    ("name", "expected"), [("a.osm", True), ("A.OSM.PBF", True), ("a.gpkg", False), ("osm", False)]
)
def test_what_looks_like_openstreetmap(name, expected):
    assert is_osm(name) is expected


def refused(path):
    with pytest.raises(InputError) as caught:
        read_osm(path)
    (told,) = caught.value.problems
    assert told.effect == "refused"
    assert told.path == str(path)
    assert told.cure.to("en")
    return told.id


DOCTYPE = '<!DOCTYPE l [<!ENTITY a "{what}">]>'


TEXTS = {
    "entity": ("<?xml version='1.0'?>" + DOCTYPE.format(what="lol") + "<osm version='0.6'/>", "PLAN-SEC-004"),
    "external": ("<!DOCTYPE l SYSTEM 'file:///etc/passwd'><osm version='0.6'/>", "PLAN-SEC-004"),
    "cut short": (xml(node(1, amenity="bank"))[:-20], "PLAN-FILE-001"),
    "empty file": ("", "PLAN-FILE-001"),
    "other root": ("<html></html>", "PLAN-FILE-001"),
    "no XML": ("hello", "PLAN-FILE-001"),
    "no number": ("<osm version='0.6'><node id='1' lat='x' lon='2'/></osm>", "PLAN-FILE-001"),
    "nothing": (xml(node(1)), "PLAN-DATA-001"),
}


@pytest.mark.parametrize(("text", "problem"), TEXTS.values(), ids=TEXTS)
def test_what_cannot_be_read_is_refused_with_a_cure(tmp_path, text, problem):
    path = tmp_path / "a.osm"
    path.write_text(text, encoding="utf-8")
    assert refused(path) == problem


def test_entities_in_another_encoding_are_refused_too(tmp_path):
    path = tmp_path / "a.osm"
    text = "<?xml version='1.0' encoding='UTF-16'?>" + DOCTYPE.format(what="lol") + "<osm version='0.6'/>"
    path.write_bytes(text.encode("utf-16"))
    assert refused(path) == "PLAN-SEC-004"


def test_an_absent_file_is_named(tmp_path):
    assert refused(tmp_path / "none.osm") == "PLAN-FILE-001"


@pytest.mark.parametrize("length", [0, 5, 100, 5000])
def test_a_pbf_cut_short_is_refused(shared, tmp_path, length):
    path = tmp_path / "a.osm.pbf"
    path.write_bytes((shared / "data" / "nantong_dieshiqiao.osm.pbf").read_bytes()[:length])
    assert refused(path) == "PLAN-FILE-001"


def test_the_billion_laughs_are_refused(shared):
    assert refused(shared / "bad_inputs" / "085_osm_billion_laughs" / "b.osm") == "PLAN-SEC-004"


def test_a_large_file_is_read_as_a_stream(tmp_path):
    # 200,000 places of ways without tags, 13 MB: they never become rows.
    path = tmp_path / "a.osm"
    with path.open("w", encoding="utf-8") as file:
        file.write("<osm version='0.6'>")
        file.writelines(node(i, i % 1000, i // 1000) for i in range(1, 200_001))
        file.write(way(1, range(1, 501), {"highway": "footway"}) + "</osm>")
    assert len(only(layers(read_osm(path))["walkways"]).geometry.coords) == 500


def test_what_an_editor_numbers_below_zero_has_places(read):
    nodes, ring = square(-20)
    raw = read(*nodes, way(-1, ring, {"building": "yes"}))
    assert len(layers(raw)["buildings"]) == 1
    assert [p.id for p in raw.problems if p.effect == "repaired"] == ["PLAN-OSM-015"]


def test_what_no_layer_can_hold_is_told(read):
    """A building that is a point, beside one that only says what is in an outline; a gate that is a line; a roof; a way of one place."""
    nodes, ring = square(1)
    cover, edge = square(20, x=10)
    raw = read(
        *nodes, *cover, node(30, 40, building="apartments"), node(31, 2, 2, building="yes"), node(32, 50), node(33, 51),
        way(9, ring, {"building": "yes"}), way(10, edge, {"building": "roof"}),
        way(11, [32, 33], {"barrier": "gate"}), way(12, [32, 99], {"highway": "footway"}),
    )  # fmt: skip
    told = {p.id: (p.effect, p.features) for p in raw.problems if p.features}
    assert told == {
        "PLAN-OSM-016": ("degraded", ("w11", "n30")),
        "PLAN-OSM-017": ("noted", ("w10",)),
        "PLAN-OSM-002": ("degraded", ("w12",)),
    }
