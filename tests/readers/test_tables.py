"""CSV tables: cells stay text, encodings are decided, points come from columns."""

from __future__ import annotations

import pytest

from plan.readers import inspect_sources, read_site

ROOMS = "room_id,floor,area_m2,name\nR1,1,650,甲\nR2,-1,12.5,乙\n"


@pytest.fixture
def write(tmp_path):
    def put(text, *, name="rooms.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return put


def told(path, **options):
    return [(p.id, p.severity, p.effect) for p in inspect_sources(path, **options).problems]


NOMINAL = ("PLAN-CRS-016", "info", "noted")


@pytest.mark.parametrize(
    ("encoding", "problem"),
    [
        ("utf-8", ("PLAN-ENC-001", "info", "noted")),
        ("gbk", ("PLAN-ENC-001", "info", "repaired")),
        ("utf-16", ("PLAN-ENC-003", "info", "repaired")),
        ("utf-8-sig", None),
    ],
)
def test_encodings(write, encoding, problem):
    path = write(ROOMS, encoding=encoding)
    rooms = read_site(path).layer("rooms")
    assert rooms["name"].tolist() == ["甲", "乙"]
    assert rooms["area_m2"].tolist() == [650.0, 12.5]
    assert rooms["floor"].tolist() == [1, -1]
    assert told(path) == [p for p in (problem, NOMINAL) if p]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(write, delimiter):
    assert len(read_site(write(ROOMS.replace(",", delimiter))).layer("rooms")) == 2


def test_chinese_headers_quotes_and_blank_lines(write):
    text = '用房编号,楼层,建筑面积,功能,,\r\n\r\nR1,1,80,"图书,棋牌",,\r\n'
    rooms = read_site(write(text, name="社区用房.csv")).layer("rooms")
    assert rooms.loc[0, ["room_id", "floor", "area_m2", "functions"]].tolist() == ["R1", 1, 80.0, "图书,棋牌"]


def test_zeros_before_ids_are_kept_and_told(write):
    path = write("household_id,building_id\n0012,003\n0013,003\n", name="households.csv")
    site = read_site(path)
    assert site.layer("households")["household_id"].tolist() == ["0012", "0013"]
    assert [(p.id, p.column, p.rows) for p in site.problems if p.id == "PLAN-ID-003"] == [
        ("PLAN-ID-003", "household_id", (1, 2)),
        ("PLAN-ID-003", "building_id", (1, 2)),
    ]


def test_points_in_degrees(write):
    path = write("household_id,building_id,lon,lat\nH1,B1,117.0,36.65\nH2,B1,,\n", name="households.csv")
    site = read_site(path)
    assert site.crs.to_epsg() == 4548
    assert site.layer("households").geometry.iloc[0].x == pytest.approx(500000, abs=1)
    assert site.layer("households").geometry.isna().tolist() == [False, True]


def test_points_in_metres_need_a_system(write):
    path = write("设施编号,类别,x,y\nF1,药店,500000,4058000\n", name="设施.csv")
    assert ("PLAN-CRS-001", "error", "refused") in told(path)
    point = read_site(path, crs="4548").layer("facilities").geometry.iloc[0]
    assert (point.x, point.y) == (500000, 4058000)


def test_coordinates_that_are_no_numbers(write):
    path = write(
        "household_id,building_id,lon,lat\nH1,B1,117.0,36.65\nH2,B1,东,36.65\n", name="households.csv"
    )
    assert [(p.effect, p.rows) for p in inspect_sources(path).problems if p.id == "PLAN-GEOM-009"] == [
        ("degraded", (2,))
    ]


def test_layers_are_told_by_their_columns(write):
    path = write("room_id,bld_id,floor,area_m2\nR1,B1,1,80\n", name="导出.csv")
    site = read_site(path)
    assert site.layer("rooms")["building_id"].tolist() == ["B1"]
    assert "PLAN-LAYER-003" in [p.id for p in site.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "PLAN-FILE-001"),
        ("\n\n", "PLAN-FILE-001"),
        ('room_id,floor\n"R1,1\n', "PLAN-FILE-001"),
        ("room_id,floor,area_m2\nR1,1,80,90\n", "PLAN-FILE-013"),
        ("room_id,area_m2,area_m2\nR1,1,2\n", "PLAN-SCHEMA-004"),
        ("room_id,floor,area_m2\n", "PLAN-DATA-001"),
    ],
)
def test_tables_that_cannot_be_used(write, text, problem):
    assert (problem, "error", "refused") in told(write(text))


def test_rows_that_are_short_are_filled_with_nothing(write):
    rooms = read_site(write("room_id,floor,area_m2,name\nR1,1,80\n")).layer("rooms")
    assert rooms["name"].tolist() == [None]
