"""CSV tables: cells stay text, encodings are decided, points come from columns."""

from __future__ import annotations

import openpyxl
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


def test_a_forgotten_quotation_mark_swallows_no_rows(write):
    """It opens in row 2 and closes in row 4: one room with the text of three would be left."""
    path = write('room_id,floor,area_m2,name\n"R1,1,650,甲\nR2,1,12,乙\nR3",1,10,丙\nR4,1,10,丁\n')
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert problem.id == "PLAN-FILE-001"
    assert (problem.message.params["row"], problem.message.params["count"]) == (2, 2)


@pytest.mark.parametrize("text", ["甲\n乙，丙", "甲,乙\n丙,丁,戊", "a,b,c\nd,e,f"])
def test_a_text_of_several_lines_is_one_cell(write, text):
    rooms = read_site(write(f'room_id,floor,area_m2,name\nR1,1,650,"{text}"\n')).layer("rooms")
    assert rooms["name"].tolist() == [text]


@pytest.mark.parametrize("last", ['R3",1,10,丙', 'R3,1",10,丙'])
def test_rows_are_swallowed_into_whatever_cell(write, last):
    text = f'room_id,floor,area_m2,name\n"R1,1,650,甲\nR2,1,12,乙\n{last}\n'
    found = [p.message for p in inspect_sources(write(text)).problems if p.effect == "refused"]
    assert [m.key for m in found] == ["readers.csv_swallowed"]


def test_a_broken_table_names_its_row(write):
    path = write('room_id,floor,area_m2\nR1,1,"650\nR2,1,12\n')
    (problem,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-FILE-001"]
    assert problem.message.params["row"] == 2


@pytest.mark.parametrize("first", ["sep=;\n", "甲小区用房\n"])
def test_what_divides_cells_is_not_told_by_a_title(write, first):
    rooms = read_site(write(first + ROOMS.replace(",", ";"))).layer("rooms")
    assert rooms["room_id"].tolist() == ["R1", "R2"]


def test_a_workbook_that_calls_itself_csv_is_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    for row in (["room_id", "floor", "area_m2"], ["R1", 1, 30]):
        book.active.append(row)
    book.save(tmp_path / "rooms.xlsx")
    path = (tmp_path / "rooms.xlsx").rename(tmp_path / "rooms.csv")
    assert read_site(path).layer("rooms")["area_m2"].tolist() == [30]


def test_utf8_with_a_row_in_another_encoding_is_not_read_as_another_text(tmp_path):
    """All of it also reads as GB18030, in characters that nobody wrote."""
    rows = [
        line.encode() for line in ("room_id,floor,area_m2,name", "R1,1,650,幸福里社区中心", "R3,1,10,阅览室")
    ]
    rows.insert(2, "R2,1,12,活动室".encode("gbk"))
    (tmp_path / "rooms.csv").write_bytes(b"\n".join(rows))
    (problem,) = [p for p in inspect_sources(tmp_path / "rooms.csv").problems if p.effect == "refused"]
    assert problem.id == "PLAN-ENC-002"
    assert "R2,1,12" in problem.message


def test_big5_is_asked_for(write):
    text = "room_id,floor,area_m2,name\nR1,1,650,社區活動中心\nR2,1,12,閱覽室與圖書館\n"
    path = write(text, encoding="big5")
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert problem.id == "PLAN-ENC-002"
    assert read_site(path, encoding="Big5").layer("rooms")["name"].tolist() == [
        "社區活動中心",
        "閱覽室與圖書館",
    ]


def test_surveyors_write_the_northing_first(write):
    text = "facility_id,category,X坐标,Y坐标\nF1,shop,4058000,500000\n"
    points = read_site(write(text, name="facilities.csv"), crs="EPSG:4548").layer("facilities").geometry
    assert (points.iloc[0].x, points.iloc[0].y) == (500000, 4058000)
    assert ("PLAN-CRS-005", "warning", "repaired") in told(
        write(text, name="facilities.csv"), crs="EPSG:4548"
    )


def test_a_list_of_places_without_coordinates_is_told_which_columns_to_name(write):
    path = write('facility_id,category,坐标\nF1,shop,"117.1,36.6"\n', name="facilities.csv")
    assert ("PLAN-GEOM-009", "warning", "noted") in told(path)


def test_a_web_page_that_calls_itself_xls_says_so(tmp_path):
    (tmp_path / "rooms.xls").write_text("<html><table><tr><td>1</td></tr></table></html>", encoding="utf-8")
    (problem,) = inspect_sources(tmp_path / "rooms.xls").problems
    assert problem.message.key == "readers.web_page"


def test_ids_that_lost_digits_are_not_hidden_in_composed_ones(write):
    text = "户号,楼号,单元\n1.10101E+17,1,1\n1.10101E+17,2,1\n"
    found = told(write(text, name="households.csv"))
    assert ("PLAN-ID-005", "error", "degraded") in found
    assert ("PLAN-ID-007", "info", "noted") not in found


def test_days_among_references_are_told(write):
    text = "户号,楼号\n101,3月2日\n102,2-Mar\n103,2026/3/2\n104,3\n"
    path = write(text, name="households.csv")
    (problem,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-ID-008"]
    assert (problem.column, problem.rows, problem.lines) == ("building_id", (1, 2, 3), (2, 3, 4))


@pytest.mark.parametrize("delimiter", ["|", "，", "；"])
def test_unusual_delimiters_divide_where_no_other_does(write, delimiter):
    path = write(
        delimiter.join(["用房编号", "楼层", "建筑面积"]) + "\n" + delimiter.join(["R1", "1", "80"]) + "\n"
    )
    assert read_site(path).layer("rooms")["area_m2"].tolist() == [80]


def test_a_second_byte_order_mark_is_no_part_of_a_name(write):
    path = write("\ufeff\ufeff用房编号,楼层,建筑面积\nR1,1,80\n")
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1"]


def test_ids_that_went_through_numbers_lose_their_point(write):
    path = write("用房编号,楼号,楼层,建筑面积\n101.0,1.0,1,80\n102.0,,1,80\n")
    frame = read_site(path).layer("rooms")
    assert frame["room_id"].tolist() == ["101", "102"]
    assert frame["building_id"].tolist() == ["1", None]
    assert sum(p.id == "PLAN-ID-009" for p in inspect_sources(path).problems) == 2
    path = write("用房编号,楼号,楼层,建筑面积\n1.0,B1,1,80\n1.1,B1,1,80\n")
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["1.0", "1.1"]


@pytest.mark.parametrize(
    ("text", "left"),
    [("用房编号\t楼层\t建筑面积\nR1\t1\t80\n", True), ("数据说明：面积、楼层由社区填写。\n", False)],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_list_that_calls_itself_txt_is_missed_in_a_folder(write, tmp_path, text, left, encoding):
    write(ROOMS)
    write(text, name="用房2.txt", encoding=encoding)
    assert any(p.id == "PLAN-FILE-014" for p in inspect_sources(tmp_path).problems) == left


@pytest.mark.parametrize(
    ("last", "count"), [("社区：2 行,", 2), ("communities: 2 rows,", 2), ("S3,", 3), ("S:3,", 3)]
)
def test_a_note_below_two_columns_is_no_row(write, last, count):
    path = write(f"社区编号,名称\nS1,甲\nS2,乙\n{last}\n", name="社区.csv")
    assert len(read_site(path).layer("communities")) == count
