"""GeoJSON is parsed once before GDAL reads it."""

from __future__ import annotations

import json

import pytest
from small_files import buildings

from plan.readers import inspect_sources, read_site

SQUARE = [[117.0, 36.65], [117.0001, 36.65], [117.0001, 36.6501], [117.0, 36.6501], [117.0, 36.65]]


def feature(ring=SQUARE, **properties):
    return {
        "type": "Feature",
        "properties": {"building_id": "B1", "floors": 6, **properties},
        "geometry": None if ring is None else {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features, **more):
    return {"type": "FeatureCollection", **more, "features": list(features)}


@pytest.fixture
def write(tmp_path):
    def put(content, *, name="buildings.geojson", encoding="utf-8"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_bytes(text.encode(encoding))
        return path

    return put


def told(path, **options):
    return [(p.id, p.severity, p.effect) for p in inspect_sources(path, **options).problems]


MOVED = ("PLAN-CRS-014", "info", "noted")


def test_degrees_are_wgs84_and_become_metres(write):
    site = read_site(write(collection(feature(name="甲"))))
    assert site.crs.to_epsg() == 4548
    assert site.layer("buildings")["name"].tolist() == ["甲"]
    # 0.0001 degrees: 8.95 m east-west by 11.10 m north-south at 36.65 N.
    assert site.layer("buildings").area.iloc[0] == pytest.approx(8.95 * 11.10, rel=0.005)
    assert [(p.id, p.severity, p.effect) for p in site.problems] == [MOVED]


def test_a_given_metric_system_is_used(write):
    assert read_site(write(collection(feature())), crs="EPSG:4547").crs.to_epsg() == 4547


def test_metres_without_a_system_are_refused_until_it_is_named(write):
    ring = [[500000, 4058000], [500010, 4058000], [500010, 4058010], [500000, 4058000]]
    path = write(collection(feature(ring)))
    assert told(path) == [("PLAN-CRS-002", "error", "refused")]
    site = read_site(path, crs="EPSG:4548")
    assert site.layer("buildings").area.tolist() == [50.0]


def test_an_old_crs_member_is_honoured(write):
    ring = [[500000, 4058000], [500010, 4058000], [500010, 4058010], [500000, 4058000]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    site = read_site(write(collection(feature(ring), crs=crs)))
    assert site.problems == ()
    assert site.crs.to_epsg() == 4548


def test_open_rings_are_closed_and_told(write):
    site = read_site(write(collection(feature(SQUARE[:-1]))))
    assert ("PLAN-GEOM-002", "repaired", (1,)) in [(p.id, p.effect, p.rows) for p in site.problems]
    assert site.layer("buildings").area.iloc[0] > 90
    told = next(p for p in site.problems if p.id == "PLAN-GEOM-002")
    assert (told.layer, told.features) == ("buildings", ("B1",))
    assert site.repaired("buildings") == {"B1"}  # what it decides cannot be told


def test_features_without_shapes(write):
    assert told(write(collection(feature(), feature(None, building_id="B2"))))[-1] == (
        "PLAN-GEOM-005", "error", "degraded",
    )  # fmt: skip


def test_heights_that_some_points_lack(write):
    ring = [[*p, 5.0] if i else p for i, p in enumerate(SQUARE)]
    site = read_site(write(collection(feature(ring))))
    assert ("PLAN-GEOM-006", "repaired") in [(p.id, p.effect) for p in site.problems]
    assert not site.layer("buildings").has_z.any()


def test_doubled_keys(write):
    text = json.dumps(collection(feature())).replace('"floors": 6', '"floors": 6, "floors": 60')
    assert ("PLAN-FILE-009", "warning", "noted") in told(write(text))


def test_nan_is_no_json(write):
    text = json.dumps(collection(feature())).replace('"floors": 6', '"floors": NaN')
    assert ("PLAN-FILE-012", "warning", "noted") in told(write(text))
    text = json.dumps(collection(feature())).replace("117.0001", "NaN", 1)
    assert ("PLAN-GEOM-009", "error", "refused") in told(write(text))


@pytest.mark.parametrize("text", ["1\0x", "1\\u0000x"], ids=["nul", "words"])
def test_a_text_that_ends_at_nul_is_told(write, text):
    problems = inspect_sources(write(json.dumps(collection(feature(building_id=text))))).problems
    cut = [p for p in problems if p.id == "PLAN-ENC-005"]
    assert [(p.effect, p.message.params["texts"]) for p in cut] == (
        [("degraded", ("1<U+0000>x",))] if "\0" in text else []
    )


def test_where_a_cut_file_ends(write):
    text = json.dumps(collection(feature()))[:100]
    problem = inspect_sources(write(text)).problems[0]
    assert (problem.id, problem.effect) == ("PLAN-FILE-001", "refused")
    assert problem.message.params["length"] == 100


def test_deep_nesting_is_refused(write):
    assert told(write('{"type":"FeatureCollection","features":' + "[" * 100_000)) == [
        ("PLAN-SEC-001", "error", "refused")
    ]


@pytest.mark.parametrize("text", ['{"a": 1}', "[1]", "7", '"x"'])
def test_json_that_is_no_geojson(write, text):
    assert told(write(text)) == [("PLAN-FILE-001", "error", "refused")]


def test_a_virtual_source_is_never_followed(write, tmp_path):
    (tmp_path / "secret.csv").write_text("name\nTOPSECRET\n")
    vrt = '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>secret.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    path = write(vrt)
    assert told(path) == [("PLAN-SEC-005", "error", "refused")]
    assert inspect_sources(path).layers == ()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings(write, encoding):
    site = read_site(write(collection(feature(name="一号楼")), encoding=encoding))
    assert site.layer("buildings")["name"].tolist() == ["一号楼"]


def test_dates_stay_dates(write):
    site = read_site(
        write(collection(feature(built_on="2017-07-11"), feature(building_id="B2", built_on="1988-01-02")))
    )
    assert site.layer("buildings")["built_on"].tolist() == ["2017-07-11", "1988-01-02"]


def test_ids_with_zeros_stay_text(write):
    site = read_site(write(collection(feature(building_id="007"))))
    assert site.layer("buildings")["building_id"].tolist() == ["007"]


@pytest.mark.parametrize("name", ["features", "geometry", "coordinates", "properties"])
def test_members_in_another_case_are_no_geojson(tmp_path, name):
    text = buildings(1).to_crs(4326).to_json().replace(f'"{name}"', f'"{name.capitalize()}"')
    path = tmp_path / "x.geojson"
    path.write_text(text, encoding="utf-8")
    assert [p.effect for p in inspect_sources(path).problems if p.id == "PLAN-FILE-001"] == ["refused"]


@pytest.mark.parametrize(
    "hole", [None, {}, 5, [None], [[1]], [["a", "b"]], [[True, False]], [{"x": 1, "y": 2}]]
)
def test_a_ring_that_the_driver_drops_takes_the_shape_with_it(write, hole):
    """Without its hole the ground would be larger than it is."""
    one = feature()
    one["geometry"]["coordinates"].append(hole)
    path = write(collection(one, feature(building_id="B2")))
    assert ("PLAN-GEOM-007", "error", "degraded") in told(path)
    assert read_site(path).layer("buildings").geometry.isna().tolist() == [True, False]


@pytest.mark.parametrize("part", [None, 5, [None]])
def test_a_part_that_the_driver_drops_takes_the_shape_with_it(write, part):
    one = feature()
    one["geometry"] = {"type": "MultiPolygon", "coordinates": [[SQUARE], part]}
    assert ("PLAN-GEOM-007", "error", "degraded") in told(write(collection(one)))


def test_outlines_of_many_parts_and_with_holes_are_whole(write):
    hole = [[117.00002, 36.65002], [117.00004, 36.65002], [117.00004, 36.65004], [117.00002, 36.65002]]
    moved = [[x + 0.001, y] for x, y in SQUARE]
    one, two = feature(), feature(building_id="B2")
    one["geometry"] = {"type": "MultiPolygon", "coordinates": [[SQUARE, hole]]}
    two["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [[SQUARE], [moved, [[x + 0.001, y] for x, y in hole]]],
    }
    path = write(collection(one, feature(building_id="B3"), two))
    assert "PLAN-GEOM-007" not in [name for name, *_ in told(path)]
    assert not read_site(path).layer("buildings").geometry.isna().any()


@pytest.mark.parametrize("row", [None, 5, [], {}, {"type": "X"}, "a"])
def test_rows_that_are_no_features_are_not_lost_without_a_word(write, row):
    assert ("PLAN-FILE-006", "error", "refused") in told(write(collection(feature(), row)))


@pytest.mark.real
def test_houses_of_a_campus_keep_their_shapes(shared):
    """101 multipolygons, some with holes; of the roads one has no place in the file."""
    houses = read_site(shared / "data" / "hefei_hfut_buildings.geojson").layer("buildings")
    assert len(houses) == 101
    assert houses.geometry.notna().all()
    roads = read_site(shared / "data" / "hefei_hfut_roads.geojson").layer("walkways")
    assert (len(roads), int(roads.geometry.isna().sum())) == (232, 1)


def test_coordinates_that_are_texts_are_told_as_what_they_are(write):
    ring = [[str(x), str(y)] for x, y in SQUARE]
    path = write(collection(feature(), feature(ring, building_id="B2"), feature(None, building_id="B3")))
    (problem,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-GEOM-007"]
    assert problem.rows == (2,)


def test_a_system_that_follows_from_the_format_is_no_tag(write):
    ring = [[500000, 4058000], [500010, 4058000], [500010, 4058010], [500000, 4058010], [500000, 4058000]]
    path = write(collection(feature(ring)))
    (problem,) = [p for p in inspect_sources(path, crs="EPSG:4548").problems if p.id == "PLAN-CRS-013"]
    assert problem.message.key == "readers.crs_given"


@pytest.mark.parametrize("name", ["BD09", "EPSG:999999", "城建坐标"])
def test_a_system_that_nobody_knows_is_not_wgs84(write, name):
    path = write(collection(feature(), crs={"type": "name", "properties": {"name": name}}))
    assert told(path)[:1] == [("PLAN-CRS-001", "error", "noted")]
    assert ("PLAN-CRS-001", "error", "refused") in told(path)
    assert ("PLAN-CRS-001", "error", "refused") not in told(path, crs="EPSG:4326")


@pytest.mark.parametrize("crs", [None, {"type": "name", "properties": {"name": "CRS84"}}])
def test_systems_that_are_wgs84_in_other_words(write, crs):
    assert not any(effect == "refused" for _, _, effect in told(write(collection(feature(), crs=crs))))
