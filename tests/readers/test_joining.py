"""Lists with a sheet for each house; and sheets that are no parts of one list."""

from __future__ import annotations

import openpyxl
import pytest
from small_files import buildings, write_gpkg

from plan.messages import translate
from plan.readers import inspect_sources, load_mapping, read_site
from plan.readers.joining import house_of_sheet

DOORS = ["室号", "面积", "人口"]
HOUSES = ["楼号", *DOORS]


def book_of(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def told(sources, problem_id):
    return [p for p in inspect_sources(sources).problems if p.id == problem_id]


@pytest.mark.parametrize(
    ("title", "house"),
    [
        ("1号楼", ("1号楼", "")),
        ("12#", ("12#", "")),
        ("十二栋", ("十二栋", "")),
        ("Ｂ栋", ("b栋", "")),
        ("B12", ("b12", "")),
        ("3号楼2单元", ("3号楼", "2单元")),
        ("3号楼住户清单", ("3号楼", "")),
        ("3号楼（住户表）", ("3号楼", "")),
        ("Sheet1", None),
        ("3", None),
        ("V2", None),
        ("2025年", None),
        ("2025", None),
        ("一期", None),
        ("汇总", None),
        ("1号楼（旧）", None),
        ("1号楼 (2)", None),
    ],
)
def test_houses_that_sheets_are_called_after(title, house):
    assert house_of_sheet(title) == house


def test_a_sheet_for_each_house_is_one_list(tmp_path):
    plan = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(2))
    sheets = {f"{i}号楼": [["幸福小区"], DOORS, [101, 80 + i, 2], [102, "约90", 3]] for i in (1, 2, 9)}
    path = book_of(tmp_path / "住户表.xlsx", sheets)
    homes = read_site([plan, path]).layer("households")
    assert homes["household_id"].tolist() == ["1-101", "1-102", "2-101", "2-102", "9-101", "9-102"]
    assert homes["building_id"].tolist() == ["B1", "B1", "B2", "B2", "9号楼", "9号楼"]
    assert homes["area_m2"].dropna().tolist() == [81, 82, 89]
    (joined,) = told([plan, path], "PLAN-TAB-012")
    assert "1号楼、2号楼、9号楼" in translate(joined.message, "zh")
    (lost,) = told([plan, path], "PLAN-REL-004")
    assert lost.rows == (5, 6)
    (unread,) = told([plan, path], "PLAN-UNIT-002")
    assert (unread.rows, unread.lines) == ((2, 4, 6), (4, 4, 4))
    assert "1号楼!4、2号楼!4、9号楼!4" in translate(unread.message, "zh")


def test_rows_that_were_told_while_reading_are_those_of_the_list(tmp_path):
    path = book_of(
        tmp_path / "住户表.xlsx", {f"{i}号楼": [DOORS, [101, 80, 2], [102, 90, 3]] for i in (1, 2)}
    )
    book = openpyxl.load_workbook(path)
    book["2号楼"].row_dimensions[3].hidden = True
    book.save(path)
    (hidden,) = told(path, "PLAN-TAB-005")
    assert (hidden.rows, hidden.lines) == ((4,), (3,))
    assert read_site(path).layer("households")["persons"].tolist()[:3] == [2, 3, 2]
    assert read_site(path).layer("households")["persons"].isna().tolist() == [False, False, False, True]


def test_stairwells_that_sheets_are_called_after(tmp_path):
    path = book_of(tmp_path / "住户表.xlsx", {f"3号楼{i}单元": [DOORS, [101, 80, 2]] for i in (1, 2)})
    homes = read_site(path).layer("households")
    assert homes["household_id"].tolist() == ["3-1-101", "3-2-101"]


@pytest.mark.parametrize("titles", [("1号楼", "2号楼"), ("东区", "西区")])
def test_sheets_whose_rows_name_houses_of_their_own_are_one_list(tmp_path, titles):
    sheets = {
        title: [HOUSES, [f"{i}号楼", 101, 80, 2], [f"{i}#", 102, 80, 2]]
        for i, title in enumerate(titles, start=1)
    }
    homes = read_site(
        book_of(tmp_path / "x.xlsx", {f"住户_{k}" if "区" in k else k: v for k, v in sheets.items()})
    )
    assert len(homes.layer("households")) == 4


@pytest.mark.parametrize(
    "sheets",
    [
        # The same house in two years, in two drafts, and on two sheets that say nothing.
        {"2024年": [HOUSES, ["1号楼", 101, 80, 2]], "2025年": [HOUSES, ["1号楼", 102, 80, 2]]},
        {"1号楼": [DOORS, [101, 80, 2]], "1栋": [DOORS, [102, 80, 2]]},
        {"Sheet1": [["户号", *DOORS[1:], "业主"], [101, 80, 2, "甲"]], "Sheet2": [["户号", *DOORS[1:], "业主"], [102, 80, 2, "乙"]]},
        # A sheet that was copied, and still names the house of the other one.
        {"1号楼": [HOUSES, ["1号楼", 101, 80, 2]], "2号楼": [HOUSES, ["1号楼", 102, 80, 2]]},
        # Other columns.
        {"1号楼": [DOORS, [101, 80, 2]], "2号楼": [["室号", "老人数"], [101, 2]]},
    ],
)  # fmt: skip
def test_sheets_that_are_not_plainly_one_list_are_refused(tmp_path, sheets):
    path = book_of(tmp_path / "住户.xlsx", sheets)
    assert [p.effect for p in told(path, "PLAN-FILE-010")] == ["refused"]
    assert not told(path, "PLAN-TAB-012")


def test_a_sum_of_all_sheets_is_left_out_when_it_is_said(tmp_path):
    sheets = {f"{i}号楼": [HOUSES, [f"{i}号楼", 101, 80, 2]] for i in (1, 2)}
    sheets["汇总"] = [HOUSES, ["1号楼", 101, 80, 2], ["2号楼", 101, 80, 2]]
    path = book_of(tmp_path / "住户表.xlsx", sheets)
    assert told(path, "PLAN-FILE-010")
    assert len(read_site(path, mapping=load_mapping(["汇总=-"])).layer("households")) == 2


def test_columns_beside_ours_may_differ(tmp_path):
    sheets = {"1号楼": [DOORS, [101, 80, 2]], "2号楼": [[*DOORS, "备注"], [101, 80, 2, "租"]]}
    homes = read_site(book_of(tmp_path / "住户表.xlsx", sheets)).layer("households")
    assert homes["备注"].isna().tolist() == [True, False]


def test_flats_are_not_rooms_of_the_community(tmp_path):
    path = book_of(
        tmp_path / "幸福小区.xlsx",
        {"Sheet1": [["楼号", "单元", "房号", "楼层", "面积", "业主姓名"], ["1号楼", 1, 101, 1, 80, "甲"]]},
    )
    assert list(read_site(path).layers) == ["households"]
