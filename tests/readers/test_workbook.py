"""Lists of households in XLSX as bureaus keep them; and workbooks that nobody should trust."""

from __future__ import annotations

import datetime as dt
import zipfile

import numpy as np
import openpyxl
import pytest
from small_files import buildings, write_gpkg

from plan.messages import translate
from plan.readers import inspect_sources, load_mapping, read_site

HEAD = ["序号", "楼号", "单 元", "室号", "建筑面积（㎡）", "业主姓名", "人口"]


def book_of(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows, merged in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for block in merged:
            sheet.merge_cells(block)
    book.save(path)
    return path


@pytest.fixture
def listed(tmp_path):
    """A list under a merged title, a house for all its rows, a sum and a signature below."""
    rows = [
        ["幸福小区住户登记表"],
        ["填表单位：幸福社区", None, None, "2026年5月"],
        HEAD,
        [1, "B1", "1单元", 101, 85.5, "甲", 3],
        [2, None, "一单元", "201", "85.5", "乙", 2],
        [3, "2号楼", "1单元", 101, 60, "丙", 1],
        ["合计", None, None, None, "=SUM(E4:E6)", None, 6],
        ["制表人：张三"],
    ]
    return book_of(
        tmp_path / "住户.xlsx",
        ("住户清单", rows, ("A1:G1", "B4:B5")),
        ("Sheet2", [], ()),
        ("Sheet3", [[]], ()),
    )


def told(path, problem_id):
    return [p for p in inspect_sources(path).problems if p.id == problem_id]


def test_a_list_of_a_bureau_becomes_households(listed, tmp_path):
    plan = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(2))
    homes = read_site([plan, listed]).layer("households")
    assert homes["household_id"].tolist() == ["B1-1-101", "B1-1-201", "2-1-101"]
    assert homes["building_id"].tolist() == ["B1", "B1", "B2"]
    assert homes["area_m2"].tolist() == [85.5, 85.5, 60.0]
    assert homes["owner_id"].tolist() == ["甲", "乙", "丙"]
    assert homes["persons"].tolist() == [3, 2, 1]


def test_what_was_passed_over_and_matched_is_told(listed, tmp_path):
    plan = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(2))
    seen = {p.id: translate(p.message, "en") for p in inspect_sources([plan, listed]).problems}
    assert "the table is row 3" in seen["PLAN-TAB-001"]
    assert "2号楼 = B2" in seen["PLAN-REL-005"]
    assert {"PLAN-TAB-002", "PLAN-ID-007"} <= set(seen)
    assert "PLAN-SEC-009" not in seen  # the sum is not taken, so that nobody misses its value


def test_houses_that_are_not_on_the_plan_are_listed_with_their_rows(listed, tmp_path):
    plan = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(1))
    (problem,) = told([plan, listed], "PLAN-REL-004")
    assert problem.rows == (3,)
    assert "2号楼" in translate(problem.message, "zh")


def test_values_are_read_as_what_they_are(tmp_path):
    day = dt.datetime(1996, 6, 1)  # noqa: DTZ001 - a spreadsheet knows no zone
    rows = [["room_id", "floor", "area_m2", "handed_over_on", "let"], ["007", 1, 12.5, day, True]]
    room = read_site(book_of(tmp_path / "x.xlsx", ("rooms", rows, ()))).layer("rooms").iloc[0]
    columns = ["room_id", "floor", "area_m2", "handed_over_on", "let"]
    assert room[columns].tolist() == ["007", 1, 12.5, "1996-06-01", True]


def test_a_formula_without_its_value_is_unknown(tmp_path):
    rows = [["room_id", "floor", "area_m2"], ["R1", 1, "=10*100"], ["R2", 1, "#REF!"]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ()))
    (unknown,) = told(path, "PLAN-SEC-009")
    assert (unknown.severity, unknown.effect) == ("error", "degraded")
    assert "C2" in translate(unknown.message, "en")
    site = read_site(path)
    assert site.layer("rooms")["area_m2"].isna().all()


def test_every_visible_sheet_is_a_table(tmp_path):
    path = book_of(
        tmp_path / "清单.xlsx",
        ("社区用房", [["用房编号", "楼层", "建筑面积"], ["R1", 1, 80]], ()),
        ("住户", [["户编号", "楼号"], ["H1", "B1"]], ()),
        ("说明", [["本表由社区填写"]], ()),
    )
    book = openpyxl.load_workbook(path)
    book.create_sheet("旧").append(["户编号", "楼号"])
    book["旧"].append(["H9", "B9"])
    book["旧"].sheet_state = "hidden"
    book.save(path)
    site = read_site(path)
    assert {name: len(frame) for name, frame in site.layers.items()} == {"rooms": 1, "households": 1}
    assert told(path, "PLAN-TAB-003")


def test_areas_in_mu_carry_their_unit_and_are_not_taken_for_square_metres(tmp_path):
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", [["用房编号", "楼层", "面积（亩）"], ["R1", 1, 3]], ()))
    area = read_site(path).layer("rooms")["area_m2"].iloc[0]
    assert area != 3


@pytest.mark.parametrize("name", ["list.xls", "list.xlsx"])
def test_old_and_locked_workbooks_are_refused(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert [p.effect for p in told(path, "PLAN-FILE-008")] == ["refused"]


def _again(path, change):
    """Write a workbook again, each part changed by a function of its name and bytes."""
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


@pytest.fixture
def small(tmp_path):
    return book_of(tmp_path / "rooms.xlsx", ("rooms", [["room_id", "floor", "area_m2"], ["R1", 1, 80]], ()))


def test_entities_are_refused_in_any_part(small):
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    path = _again(
        small,
        lambda name, data: (
            data.replace(b"<worksheet", entity + b"<worksheet", 1) if "sheet1" in name else data
        ),
    )
    assert [p.effect for p in told(path, "PLAN-SEC-004")] == ["refused"]


@pytest.mark.parametrize("at", ["A1048576", "XFD2", "A99999999999"])
def test_cells_far_away_end_in_a_refusal(small, at):
    row = at.lstrip("AXFD")
    cell = f'<row r="{row}"><c r="{at}"><v>1</v></c></row></sheetData>'.encode()
    path = _again(small, lambda name, data: data.replace(b"</sheetData>", cell) if "sheet1" in name else data)
    problems = inspect_sources(path).problems
    assert any(p.id in ("PLAN-SEC-002", "PLAN-DATA-001", "PLAN-TAB-002") for p in problems) or all(
        p.effect != "refused" for p in problems
    )


def test_a_bomb_is_refused_before_it_is_unpacked(small):
    path = _again(
        small, lambda name, data: data.replace(b"</sheetData>", b" " * (64 << 20) + b"</sheetData>")
        if "sheet1" in name else data,
    )  # fmt: skip
    assert path.stat().st_size < 1 << 20
    assert [p.effect for p in told(path, "PLAN-SEC-002")] == ["refused"]


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"", b"nonsense" * 99])
def test_what_is_no_workbook_is_refused(tmp_path, data):
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    assert [p.effect for p in inspect_sources(path).problems] == ["refused"]


ROOM_HEAD = ["用房编号", "楼层", "建筑面积"]


def test_an_area_over_merged_rows_is_nobodys_own(tmp_path):
    """300 m2 over two rooms: 300 each, or 300 together, is not said; a storey over two rooms is each one's."""
    rows = [["甲小区用房"], ROOM_HEAD, ["R1", 1, 300], ["R2", None, None], ["R3", 2, 50]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ("C3:C4", "B3:B4")))
    rooms = read_site(path).layer("rooms")
    assert rooms["floor"].tolist() == [1, 1, 2]
    assert rooms["area_m2"].isna().tolist() == [True, True, False]
    (problem,) = told(path, "PLAN-TAB-006")
    assert problem.effect == "degraded"
    assert problem.message.params["rows"] == (3, 4)


def test_heads_titles_and_sums_among_the_rows_are_no_rows(tmp_path):
    title = ["甲小区用房", None, None]
    rows = [
        title,
        ROOM_HEAD,
        ["R1", 1, 30],
        ["1号楼小计", None, 30],
        title,
        ROOM_HEAD,
        ["R2", 1, 40],
        ["共2间", None, 70],
    ]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ()))
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1", "R2"]
    again, sums = told(path, "PLAN-TAB-002")
    assert again.message.params["rows"] == (5, 6)
    assert sums.message.params["rows"] == (4, 8)


@pytest.mark.parametrize(
    ("units", "area"),
    [(["—", "层", "㎡"], 3), ([None, None, "（公顷）"], 30_000), (["", "", "单位：亩"], 2000)],
)
def test_a_row_of_units_is_no_row(tmp_path, units, area):
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", [ROOM_HEAD, units, ["R1", 1, 3]], ()))
    assert read_site(path).layer("rooms")["area_m2"].tolist() == [area]
    (problem,) = told(path, "PLAN-TAB-002")
    assert problem.message.params["row"] == 2


@pytest.mark.parametrize(("head", "units"), [("建筑面积（㎡）", "单位：亩"), ("建筑面积（亩）", "公顷")])
def test_a_row_of_units_that_the_head_contradicts_leaves_no_number(tmp_path, head, units):
    rows = [["用房编号", "楼层", head], [None, None, units], ["R1", 1, 3]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ()))
    assert read_site(path).layer("rooms")["area_m2"].isna().all()
    assert told(path, "PLAN-UNIT-002")


def test_groups_of_digits_keep_the_unit_of_their_column(tmp_path):
    rows = [["用房编号", "楼层", "建筑面积（公顷）"], ["R1", 1, "1,000"], ["R2", 1, "1.5E-2"]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ()))
    areas = read_site(path).layer("rooms")["area_m2"]
    assert areas.iloc[0] == 10_000_000
    assert np.isnan(areas.iloc[1])  # not 0.015 m2


def test_rows_are_named_as_in_the_sheet(tmp_path):
    """The third room stands in row 6: a title, the head and an empty row come before it."""
    rows = [["甲小区用房"], ROOM_HEAD, ["R1", 1, 30], ["R2", 1, 40], [None], ["R3", 1, "约300㎡"]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ()))
    (problem,) = told(path, "PLAN-UNIT-002")
    assert (problem.rows, problem.lines, problem.shown_rows) == ((3,), (6,), (6,))
    assert problem.message.params["rows"] == (6,)
    assert problem.to_dict("en")["lines"] == [6]


def test_a_format_in_the_last_column_is_no_cell(tmp_path):
    path = tmp_path / "rooms.xlsx"
    book = openpyxl.Workbook()
    for row in (ROOM_HEAD, ["R1", 1, 30]):
        book.active.append(row)
    book.active.cell(2, 16384).font = openpyxl.styles.Font(bold=True)
    book.save(path)
    assert read_site(path).layer("rooms")["area_m2"].tolist() == [30]


def test_a_file_of_which_nothing_is_used_is_a_warning(tmp_path):
    plan = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(1))
    rows = [["单元", "业主"], ["1", "甲"]]
    listed = book_of(tmp_path / "l.xlsx", ("1号楼", rows, ()))
    found = [p for p in inspect_sources([plan, listed]).problems if p.id == "PLAN-LAYER-001"]
    assert [p.severity for p in found] == ["warning"]


@pytest.mark.parametrize("merged", [("C1:D1",), ("A1:A2", "B1:B2", "C1:D1", "E1:E2")])
def test_a_name_over_two_columns_is_neithers(tmp_path, merged):
    """500 m2 are planned and 100 built: which of them is the area is not guessed."""
    rows = [
        ["用房编号", "楼层", "面积", None, "楼号"],
        [None, None, "规划", "实建", None],
        ["R1", 1, 500, 100, "B1"],
    ]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, merged))
    (problem,) = told(path, "PLAN-SCHEMA-001")
    assert problem.column == "area_m2"
    assert {"面积·规划", "面积·实建"} <= set(problem.message.params["have"])
    rooms = read_site(path, mapping=load_mapping(["rooms.面积·实建=area_m2"])).layer("rooms")
    assert rooms["area_m2"].tolist() == [100]


def test_names_below_a_name_over_two_columns_are_taken(tmp_path):
    rows = [["用房编号", "楼层", "面积", None], [None, None, "套内面积", "建筑面积"], ["R1", 1, 80, 100]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", rows, ("C1:D1",)))
    assert read_site(path).layer("rooms")["area_m2"].tolist() == [100]


def test_another_table_below_is_no_part_of_this_one(tmp_path):
    below = [["二、住户"], ["户号", "楼号", "单元", "人口"], ["101", 1, 1, 3]]
    path = book_of(tmp_path / "rooms.xlsx", ("rooms", [ROOM_HEAD, ["R1", 1, 30], [None], *below], ()))
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1"]
    (problem,) = told(path, "PLAN-TAB-007")
    assert problem.message.params["row"] == 5
