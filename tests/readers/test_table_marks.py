"""What a spreadsheet says beside its values: units in formats, lines through cells, what nobody sees."""

from __future__ import annotations

import datetime as dt
import math
import zipfile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from plan.messages import translate
from plan.readers import inspect_sources, read_site

HEAD = ["用房编号", "楼号", "楼层", "建筑面积", "用途"]
STRUCK = Font(strike=True)


@pytest.fixture
def rooms(tmp_path):
    """Write two rooms of 3 and 80 m2 after a function changed their sheet."""

    def write(change, *, head=HEAD, rows=(("R1", "B1", 1, 3, "活动室"), ("R2", "B1", 2, 80, "活动室"))):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "用房"
        for row in (head, *rows):
            sheet.append(list(row))
        change(sheet)
        book.save(tmp_path / "rooms.xlsx")
        return tmp_path / "rooms.xlsx"

    return write


def told(path, problem_id):
    return [p for p in inspect_sources(path).problems if p.id == problem_id]


def areas(path):
    return [None if math.isnan(v) else v for v in read_site(path).layer("rooms")["area_m2"]]


def unchanged(sheet):
    assert sheet.max_row


def format_of(cell, code):
    def change(sheet):
        sheet[cell].number_format = code

    return change


@pytest.mark.parametrize(
    ("code", "area", "problem"),
    [
        ('0.00"亩"', 2000, "PLAN-UNIT-003"),  # 15 亩 are 10,000 m2
        ('0"万㎡"', 30_000, "PLAN-UNIT-003"),
        ('#,##0.00"公顷"', 30_000, "PLAN-UNIT-003"),
        ("0%", None, "PLAN-UNIT-002"),
        ('0"户"', None, "PLAN-UNIT-002"),
        (";;;", None, "PLAN-TAB-011"),
        ("0.000,", None, "PLAN-TAB-011"),
    ],
)
def test_an_area_is_what_its_cell_shows(rooms, code, area, problem):
    path = rooms(format_of("D2", code))
    assert areas(path) == [area, 80]
    (one,) = told(path, problem)
    assert (one.rows, one.lines) == ((1,), (2,))


@pytest.mark.parametrize("code", ["0.00", '0.00"㎡"', '0.00"平方米"', '0.0,"千"', '0!.0000"万"'])
def test_a_format_that_says_what_the_column_is_in_says_nothing(rooms, code):
    path = rooms(format_of("D2", code))
    assert areas(path) == [3, 80]
    assert not [p for p in inspect_sources(path).problems if p.severity != "info"]


@pytest.mark.parametrize(("code", "area"), [('0.0"亩"', 2000), ('0.0"㎡"', None), ('0.0"公顷"', None)])
def test_a_format_that_its_head_contradicts_leaves_no_number(rooms, code, area):
    path = rooms(format_of("D2", code), head=[*HEAD[:3], "建筑面积（亩）", "用途"])
    assert areas(path)[0] == area


def test_ids_are_what_people_see(rooms):
    path = rooms(format_of("A2", "000"), rows=[(7, "B1", 1, 3, "活动室"), (8, "B1", 1, 3, "活动室")])
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["007", "8"]


def test_shares_in_percent_are_what_they_show(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "宗地"
    for row in (["宗地编号", "入住率"], ["P1", 0.85], ["P2", 0.4]):
        book.active.append(row)
    book.active["B2"].number_format = "0%"
    book.save(tmp_path / "宗地.xlsx")
    site = read_site(tmp_path / "宗地.xlsx")
    assert site.layer("parcels")["occupancy"].tolist() == [0.85, 0.4]
    assert not told(tmp_path / "宗地.xlsx", "PLAN-UNIT-003")


def strike(*cells):
    def change(sheet):
        for cell in cells:
            sheet[cell].font = STRUCK

    return change


def hide_row(sheet):
    sheet.row_dimensions[3].hidden = True


def filter_row(sheet):
    sheet.auto_filter.ref = "A1:E3"
    sheet.auto_filter.add_filter_column(0, ["R1"])
    sheet.row_dimensions[3].hidden = True


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (strike("A3", "B3", "C3", "D3", "E3"), "PLAN-TAB-008"),
        (strike("A3"), "PLAN-TAB-008"),
        (hide_row, "PLAN-TAB-005"),
        (filter_row, "PLAN-TAB-005"),
    ],
)
def test_a_row_that_is_struck_out_or_hidden_keeps_its_name_and_no_figure(rooms, change, problem):
    path = rooms(change)
    frame = read_site(path).layer("rooms")
    assert frame["room_id"].tolist() == ["R1", "R2"]
    assert areas(path) == [3, None]
    assert frame["floor"].isna().tolist() == [False, True]
    (one,) = told(path, problem)
    assert (one.severity, one.effect, one.rows, one.lines) == ("error", "degraded", (2,), (3,))
    assert "第 3 行" in translate(one.message, "zh")


def test_a_figure_that_is_struck_out_is_no_figure(rooms):
    path = rooms(strike("D3"))
    assert areas(path) == [3, None]
    assert read_site(path).layer("rooms")["floor"].tolist() == [1, 2]


def write_parts(*parts):
    def change(sheet):
        sheet["D3"] = CellRichText(*parts)

    return change


def test_a_figure_corrected_in_its_cell_is_not_joined_with_the_old_one(rooms):
    path = rooms(write_parts(TextBlock(InlineFont(strike=True), "300"), "280"))
    assert areas(path) == [3, None]
    assert told(path, "PLAN-TAB-008")


def test_a_small_figure_of_a_note_is_no_digit(rooms):
    path = rooms(write_parts("80", TextBlock(InlineFont(vertAlign="superscript"), "1")))
    assert areas(path) == [3, None]
    assert told(path, "PLAN-UNIT-002")


def test_a_small_figure_of_a_unit_is_one(rooms):
    path = rooms(write_parts("80m", TextBlock(InlineFont(vertAlign="superscript"), "2")))
    assert areas(path) == [3, 80]


def test_rows_of_folded_groups_are_read_and_told(rooms):
    def change(sheet):
        sheet.row_dimensions.group(3, 3, hidden=True)

    path = rooms(change)
    assert areas(path) == [3, 80]
    (one,) = told(path, "PLAN-TAB-005")
    assert (one.severity, one.rows) == ("warning", (2,))


def test_figures_of_a_hidden_column_are_not_taken(rooms):
    def change(sheet):
        sheet.column_dimensions["D"].hidden = True
        sheet.column_dimensions["E"].hidden = True

    path = rooms(change)
    assert areas(path) == [None, None]
    assert read_site(path).layer("rooms")["use"].tolist() == ["activity", "activity"]
    assert [p.effect for p in told(path, "PLAN-TAB-010")] == ["degraded", "noted"]


def test_columns_of_folded_groups_are_read_and_told(rooms):
    def change(sheet):
        sheet.column_dimensions.group("D", "E", hidden=True)

    path = rooms(change)
    assert areas(path) == [3, 80]
    assert [p.effect for p in told(path, "PLAN-TAB-010")] == ["noted"]


def test_hidden_columns_that_are_not_ours_and_hidden_rows_of_nothing_are_no_ones_loss(rooms):
    def change(sheet):
        sheet["G1"] = "电话"
        sheet.column_dimensions["G"].hidden = True
        sheet.row_dimensions[9].hidden = True

    path = rooms(change)
    assert areas(path) == [3, 80]
    assert not told(path, "PLAN-TAB-010") + told(path, "PLAN-TAB-005")


@pytest.mark.parametrize("remark", ["已拆除", "作废", "重复", "已注销。"])
def test_rows_that_a_remark_calls_gone_keep_no_figure(tmp_path, remark):
    path = tmp_path / "rooms.csv"
    path.write_text(f"用房编号,楼层,建筑面积,备注\nR1,1,80,\nR2,1,300,{remark}\n", encoding="utf-8")
    assert areas(path) == [80, None]
    (one,) = told(path, "PLAN-TAB-009")
    assert (one.effect, one.rows) == ("degraded", (2,))


@pytest.mark.parametrize("remark", ["原仓库已拆除，现为活动室", "", "2019年改建", "拆除围墙后使用"])
def test_other_remarks_are_remarks(tmp_path, remark):
    path = tmp_path / "rooms.csv"
    path.write_text(f"用房编号,楼层,建筑面积,备注\nR1,1,80,\nR2,1,300,{remark}\n", encoding="utf-8")
    assert areas(path) == [80, 300]
    assert not told(path, "PLAN-TAB-009")


@pytest.mark.parametrize("label", ["1,小计", ",合计", "2,1号楼小计", "B1,小计："])
def test_a_sum_behind_a_running_number_or_a_house_is_no_row(tmp_path, label):
    path = tmp_path / "rooms.csv"
    path.write_text(f"序号,用房编号,楼层,建筑面积\n1,R1,1,80\n{label},,170\n2,R2,1,90\n", encoding="utf-8")
    assert areas(path) == [80, 90]
    assert told(path, "PLAN-TAB-002")


def test_errors_of_formulas_are_no_ids(tmp_path):
    path = tmp_path / "rooms.csv"
    path.write_text("用房编号,楼号,楼层,建筑面积\nR1,#N/A,1,80\nR2,B1,1,######\n", encoding="utf-8")
    frame = read_site(path).layer("rooms")
    assert frame["building_id"].tolist() == [None, "B1"]
    (one,) = told(path, "PLAN-TAB-004")
    assert "B2" in translate(one.message, "zh")


@pytest.mark.parametrize("cell", ['="001"', "'001"])
def test_what_keeps_text_from_a_spreadsheet_is_no_text(tmp_path, cell):
    path = tmp_path / "rooms.csv"
    path.write_text(f"用房编号,楼层,建筑面积\n{cell},1,80\n", encoding="utf-8")
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["001"]


@pytest.mark.parametrize(
    ("tag", "problem"),
    [
        (b"<row r='3' hidden='1'", "PLAN-TAB-005"),
        (b'<row r="3" ht="0" customHeight="1"', "PLAN-TAB-005"),
        (b'<row hidden="true" r="3"', "PLAN-TAB-005"),
    ],
)
def test_rows_are_hidden_in_whatever_way(rooms, tag, problem):
    path = rooms(unchanged)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data.replace(b'<row r="3"', tag))
    assert [p.rows for p in told(path, problem)] == [(2,)]


def test_headings_between_rows_are_no_rooms(rooms):
    def change(sheet):
        sheet.merge_cells("A4:E4")

    rows = [
        ("一、社区用房",),
        ("R1", "B1", 1, 3, "活动室"),
        ("地下部分",),
        ("R2", "B1", -1, 80, "活动室"),
        ("R3",),
    ]
    path = rooms(change, rows=[*rows, ("R4", "B1", 1, 5, "活动室")])
    # R3 may be a room of which nothing is known.
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1", "R2", "R3", "R4"]
    (one,) = told(path, "PLAN-TAB-002")
    assert "第 2、4 行" in translate(one.message, "zh")


def test_a_record_over_two_rows_is_one(rooms):
    def change(sheet):
        for column in "ABCDE":
            sheet.merge_cells(f"{column}2:{column}3")

    path = rooms(change, rows=[("R1", "B1", 1, 300, "活动室"), (), ("R2", "B1", 1, 80, "活动室")])
    assert areas(path) == [300, 80]
    assert told(path, "PLAN-TAB-002")
    assert not told(path, "PLAN-TAB-006")


def test_empty_rows_beside_a_merged_house_are_no_flats(tmp_path):
    book = openpyxl.Workbook()
    for row in (["楼号", "室号", "面积"], ["1号楼", 101, 80], [], [], ["2号楼", 101, 80]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.save(tmp_path / "住户.xlsx")
    assert read_site(tmp_path / "住户.xlsx").layer("households")["household_id"].tolist() == [
        "1-101",
        "2-101",
    ]


def test_marks_of_forms_are_no_part_of_a_name(rooms):
    path = rooms(unchanged, head=["*用房编号", "楼号＊", "楼层（必填）", "建筑面积（㎡）*", "用途"])
    assert areas(path) == [3, 80]


@pytest.mark.parametrize(
    ("head", "cost"), [("费用（千元）", 300_000), ("费用（万元）", 3_000_000), ("费用（元）", 300)]
)
def test_money_is_in_the_unit_of_its_head(rooms, head, cost):
    path = rooms(unchanged, head=[*HEAD, head], rows=[("R1", "B1", 1, 3, "活动室", 300)])
    assert read_site(path).layer("rooms")["cost_cny"].tolist() == [cost]


def test_a_column_with_other_words_in_brackets_is_told(rooms):
    path = rooms(unchanged, head=[*HEAD, "费用（美元）"], rows=[("R1", "B1", 1, 3, "活动室", 300)])
    (one,) = told(path, "PLAN-TAB-013")
    assert "费用（美元）" in translate(one.message, "zh")
    assert "cost_cny" not in read_site(path).layer("rooms").columns


def test_a_strict_workbook_is_refused_with_its_cure(rooms):
    path = rooms(unchanged)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    ours, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data.replace(ours, strict))
    assert [p.effect for p in told(path, "PLAN-FILE-008")] == ["refused"]


@pytest.mark.parametrize(
    ("code", "day"), [("yyyy", "1998"), ('yyyy"年"m"月"', "1998"), ("yyyy-mm-dd", "1998-05-01")]
)
def test_of_a_date_that_shows_its_year_no_day_is_known(rooms, code, day):
    def change(sheet):
        sheet["F2"].number_format = code

    row = ("R1", "B1", 1, 3, "活动室", dt.date(1998, 5, 1))
    path = rooms(change, head=[*HEAD, "移交日期"], rows=[row])
    assert read_site(path).layer("rooms")["handed_over_on"].tolist() == [day]


@pytest.mark.parametrize(
    ("rows", "severity"), [([HEAD, ["R9", "B1", 1, 500, "活动室"]], "warning"), ([["是"], ["否"]], "info")]
)
def test_a_hidden_sheet_with_a_list_is_a_warning(rooms, rows, severity):
    def change(sheet):
        other = sheet.parent.create_sheet("旧")
        other.sheet_state = "hidden"
        for row in rows:
            other.append(row)

    assert [p.severity for p in told(rooms(change), "PLAN-TAB-003")] == [severity]


@pytest.mark.parametrize(
    "below",
    [
        ("room_id", "building_id", "floor", "area_m2", "use"),
        (1, 2, 3, 4, 5),
        ("甲", "乙", 1, 2, 3),
        ("(1)", "(2)", "(3)", "(4)", "(5)"),
        ("必填，文本", "必填", "数字", "保留两位小数", "下拉选择"),
        (None, None, None, "㎡", None),
        ("——", "——", "——", "——", "——"),
    ],
)
def test_what_forms_write_below_the_head_is_no_room(rooms, below):
    path = rooms(unchanged, rows=[below, ("R1", "B1", 1, 3, "活动室"), ("R2", "B1", 1, 80, "活动室")])
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1", "R2"]
    assert told(path, "PLAN-TAB-002")


@pytest.mark.parametrize("first", [(1, 2, 4, 4, "活动室"), (1, "B1", 2, 3, 4)])
def test_a_room_of_small_numbers_is_one(rooms, first):
    assert areas(rooms(unchanged, rows=[first, ("R2", "B1", 1, 80, "活动室")])) == [first[3], 80]


@pytest.mark.parametrize("word", ["示例", "例：", "（样例）", "填写示例1"])
def test_an_example_is_no_room(rooms, word):
    rows = [(word, "R0", 1, 500, "活动室"), ("B1", "R1", 1, 80, "活动室")]
    assert areas(rooms(unchanged, head=["楼号", "用房编号", *HEAD[2:]], rows=rows)) == [80]


def test_labels_below_the_last_row_are_no_rooms(rooms):
    rows = [
        ("R1", "B1", 1, 80, "活动室"),
        ("日期：2025年5月1日", None, "审核人：李四"),
        ("数据来源：社区", None, None, "电话：123"),
    ]
    path = rooms(unchanged, rows=rows)
    assert areas(path) == [80]


def test_signs_that_a_workbook_escapes_are_no_text(rooms):
    path = rooms(unchanged, rows=[("R1_x000D_", "B1", 1, 80, "活动室")])
    assert read_site(path).layer("rooms")["room_id"].tolist() == ["R1"]
