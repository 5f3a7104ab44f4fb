"""Broken inputs: lists and tables as bureaus print, paste and cut them; plots beside their zone."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
from made_base import boxes, estate, made, parcels, rooms, save
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from shapely import box

_HEAD = ["用房编号", "楼层", "建筑面积", "楼号", "用途"]
_USE = "社区配套用房"


def _sheet(folder: Path, rows: list[list[object]], *merged: str) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "用房"
    for row in rows:
        book.active.append(row)
    for block in merged:
        book.active.merge_cells(block)
    book.save(folder / "用房.xlsx")
    return folder / "用房.xlsx"


def _text(folder: Path, *rows: str, encoding: str = "utf-8", name: str = "rooms.csv") -> Path:
    (folder / name).write_bytes("\n".join(rows).encode(encoding))
    return folder / name


@made("workbook", "PLAN-TAB-006 degraded")
def area_merged_over_rooms(folder: Path) -> Path:
    """300 m2 in one cell beside three rooms: 900 m2, if each row took it."""
    rows = [_HEAD, *([f"R{i}", -1, 300 if i == 1 else None, "B1", _USE] for i in (1, 2, 3))]
    return _sheet(folder, rows, "C2:C4")


@made("workbook", "PLAN-TAB-002 noted")
def sums_and_heads_in_the_middle(folder: Path) -> Path:
    """A printed list: subtotals of houses, and the head again on each page."""
    one = ["R1", -1, 100, "B1", _USE]
    two = ["R2", -1, 100, "B1", _USE]
    rows = [_HEAD, one, ["1号楼小计", 1, 500, "B1", _USE], _HEAD, two, ["共2间", 1, 500, "B1", _USE]]
    return _sheet(folder, rows)


@made("workbook", "PLAN-TAB-002 noted", "PLAN-UNIT-003 repaired")
def units_in_a_row(folder: Path) -> Path:
    """The units of the columns in a row of their own, areas in hectares."""
    return _sheet(folder, [_HEAD, [None, "层", "（公顷）", None, None], ["R1", -1, 0.01, "B1", _USE]])


@made("workbook", "PLAN-SCHEMA-001 refused")
def one_name_over_two_columns(folder: Path) -> Path:
    """面积 over 规划 and 实建: 500 m2 planned, 100 m2 built."""
    head = ["用房编号", "楼层", "面积", None, "楼号", "用途"]
    rows = [head, [None, None, "规划", "实建", None, None], ["R1", -1, 500, 100, "B1", _USE]]
    return _sheet(folder, rows, "C1:D1")


@made("workbook", "PLAN-TAB-007 noted")
def another_table_below(folder: Path) -> Path:
    """A list of shops below that of the rooms, whose numbers stand in the columns of areas."""
    below = [["二、住户"], ["户号", "楼号", "面积", "单元", "人口"], ["S1", 1, 900, 1, 3]]
    return _sheet(folder, [_HEAD, ["R1", -1, 100, "B1", _USE], [None], *below])


@made("attribute", "PLAN-ATTR-009 degraded")
def storeys_from_zero(folder: Path) -> Path:
    """Storeys counted from 0, so that the third floor is called 2."""
    return _text(folder, ",".join(_HEAD), f"R1,0,400,B1,{_USE}", f"R2,2,400,B1,{_USE}")


@made("attribute", "PLAN-ATTR-003 degraded")
def share_in_percent(folder: Path) -> Path:
    """40 as the share of flats that are lived in."""
    return save(folder / "e.gpkg", estate(parcels=parcels().assign(occupancy=[40.0])))


@made("attribute", "PLAN-FILE-001 refused")
def rows_swallowed_by_a_quote(folder: Path) -> Path:
    """A quotation mark that opens in one row and closes two rows below: three rooms of one."""
    return _text(
        folder, ",".join(_HEAD), f'"R1,-1,100,B1,{_USE}', f"R2,-1,100,B1,{_USE}", f'R3",-1,100,B1,{_USE}'
    )


@made("attribute", "PLAN-ID-005 degraded")
def doors_lost_digits(folder: Path) -> Path:
    """Doors of households that a spreadsheet cut: one of each house, so that house and door would look like an id."""
    rows = [f"1.10108E+17,B{i}" for i in (1, 2, 3)]
    return _text(folder, "户号,楼号", *rows, name="households.csv")


@made("attribute", "PLAN-ID-008 noted")
def stairwells_became_days(folder: Path) -> Path:
    """Stairwell 3-2, saved by a spreadsheet as 3月2日."""
    return _text(folder, "户号,楼号,单元", "101,B1,3月2日", "102,B1,3月2日", name="households.csv")


@made("encoding", "PLAN-ENC-002 refused")
def a_row_of_another_encoding(folder: Path) -> Path:
    """A row in GBK pasted into a list in UTF-8, all of which reads as GB18030, too."""
    (folder / "rooms.csv").write_bytes(
        "用房编号,楼层,建筑面积,名称\nR1,-1,100,幸福里社区中心\n".encode()
        + "R2,-1,100,活动室\n".encode("gbk")
    )
    return folder / "rooms.csv"


@made("encoding", "PLAN-ENC-002 refused")
def big5(folder: Path) -> Path:
    """Big5, which reads as GB18030 in characters that nobody writes."""
    rows = ("room_id,floor,area_m2,name", "R1,-1,100,社區活動中心", "R2,-1,100,閱覽室與圖書館")
    return _text(folder, *rows, encoding="big5")


@made("encoding", "PLAN-ENC-002 repaired")
def utf8_called_gbk(folder: Path) -> Path:
    """UTF-8 under a .cpg that says 936: GBK reads it, as other characters."""
    frame = boxes(building_id=["幸福里一号楼", "幸福里二号楼", "幸福里三号楼"])
    frame.to_file(folder / "buildings.shp", engine="pyogrio", encoding="utf-8")
    (folder / "buildings.cpg").write_text("936", encoding="ascii")
    return folder / "buildings.shp"


@made("crs", silent=True)
def system_with_a_chinese_name(folder: Path) -> Path:
    """A .prj whose system has a Chinese name in GBK: read as it is."""
    boxes().to_file(folder / "buildings.shp", engine="pyogrio", encoding="utf-8")
    prj = folder / "buildings.prj"
    name = "CGCS2000_3_Degree_GK_CM_117E"
    prj.write_bytes(prj.read_text(encoding="ascii").replace(name, "济南独立坐标").encode("gbk"))
    return folder / "buildings.shp"


@made("crs", "PLAN-CRS-020 refused")
def old_datum_without_its_name(folder: Path) -> Path:
    """Xi'an 80 under the name of CGCS2000: only the ellipsoid tells."""
    boxes().to_file(folder / "buildings.shp", engine="pyogrio", encoding="utf-8")
    prj = folder / "buildings.prj"
    text = prj.read_text(encoding="ascii").replace("6378137.0,298.257222101", "6378140.0,298.257")
    prj.write_text(text.replace("D_China_2000", "D_User").replace("GCS_China", "GCS_User"), encoding="ascii")
    return folder / "buildings.shp"


def _beside(folder: Path) -> Path:
    frame = boxes().to_crs(4490)
    moved = gpd.GeoSeries(frame.geometry.translate(4.0, 0).array, crs=4490).to_crs(4548)
    return save(folder / "b.gpkg", {"buildings": boxes().set_geometry(moved)})


@made("crs", "PLAN-CRS-006 refused")
def plot_beside_its_zone(folder: Path) -> Path:
    """Buildings at 121 E in the zone of 117 E: one zone for a whole city, or a wrong tag."""
    return _beside(folder)


@made("crs", "PLAN-CRS-006 noted", crs="EPSG:4548")
def plot_beside_its_zone_as_said(folder: Path) -> Path:
    """The same, and the user says that it is so."""
    return _beside(folder)


@made("crs", "PLAN-CRS-014 noted")
def system_of_a_continent(folder: Path) -> Path:
    """Albers of Asia, in which 100 m of a walk are not 100 m."""
    return save(folder / "b.gpkg", {"buildings": boxes().to_crs("ESRI:102025")})


@made("crs", "PLAN-CRS-017 refused")
def a_row_at_nought(folder: Path) -> Path:
    """A building at 0, 0, where things lie that were given no coordinates."""
    shapes = [*boxes().geometry[:2], box(0, 0, 10, 10)]
    return save(folder / "b.gpkg", {"buildings": boxes().set_geometry(gpd.GeoSeries(shapes, crs=4548))})


@made("file", "PLAN-LAYER-001 noted")
def table_that_is_not_listed(folder: Path) -> Path:
    """A table of households that the contents of a GeoPackage do not list."""
    path = save(folder / "e.gpkg", {"parcels": parcels(), "buildings": boxes(), "rooms": rooms()})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE households (household_id TEXT, building_id TEXT)")
        connection.execute("INSERT INTO households VALUES ('H1', 'B1')")
    return path


def _changed(folder: Path, change: Callable[[Any], None], rows: list[list[object]]) -> Path:
    path = _sheet(folder, rows)
    book = openpyxl.load_workbook(path)
    change(book.active)
    book.save(path)
    return path


@made("workbook", "PLAN-TAB-008 degraded")
def room_struck_out(folder: Path) -> Path:
    """A room of 500 m2 with a line through its row."""

    def strike(sheet: Any) -> None:
        for cell in sheet[3]:
            cell.font = Font(strike=True)

    return _changed(folder, strike, [_HEAD, ["R1", -1, 100, "B1", _USE], ["R2", 1, 500, "B1", _USE]])


@made("workbook", "PLAN-TAB-008 degraded")
def figure_corrected_in_its_cell(folder: Path) -> Path:
    """300 struck out and 280 written behind it: 300280 m2, if both are read as one."""

    def write(sheet: Any) -> None:
        sheet["C2"] = CellRichText(TextBlock(InlineFont(strike=True), "300"), "280")

    return _changed(folder, write, [_HEAD, ["R1", -1, 0, "B1", _USE]])


@made("workbook", "PLAN-UNIT-002 degraded")
def figure_with_a_note(folder: Path) -> Path:
    """50 with a small 1 that points to a note: 501 m2, if it is a digit."""

    def write(sheet: Any) -> None:
        sheet["C2"] = CellRichText("50", TextBlock(InlineFont(vertAlign="superscript"), "1"))

    return _changed(folder, write, [_HEAD, ["R1", -1, 0, "B1", _USE]])


@made("workbook", "PLAN-TAB-011 degraded")
def thousands_by_format(folder: Path) -> Path:
    """100000 in a format that shows thousands: people see 100.0."""

    def change(sheet: Any) -> None:
        sheet["C2"].number_format = "0.0,"

    return _changed(folder, change, [_HEAD, ["R1", -1, 100_000, "B1", _USE]])


@made("workbook", "PLAN-TAB-010 degraded")
def areas_in_a_hidden_column(folder: Path) -> Path:
    """Areas in a column that is hidden, with others beside it that have no name of ours."""

    def hide(sheet: Any) -> None:
        sheet.column_dimensions["C"].hidden = True

    return _changed(folder, hide, [[*_HEAD, "实测"], ["R1", -1, 500, "B1", _USE, 100]])


@made("workbook", "PLAN-TAB-005 degraded")
def rows_filtered_out(folder: Path) -> Path:
    """A filter that leaves the largest room out."""

    def hide(sheet: Any) -> None:
        sheet.auto_filter.ref = "A1:E3"
        sheet.auto_filter.add_filter_column(0, ["R1"])
        sheet.row_dimensions[3].hidden = True

    return _changed(folder, hide, [_HEAD, ["R1", -1, 100, "B1", _USE], ["R2", 1, 500, "B1", _USE]])


@made("table", "PLAN-TAB-009 degraded")
def room_gone_by_a_remark(folder: Path) -> Path:
    """A room of 500 m2 whose remark says that it was pulled down."""
    return _text(folder, ",".join([*_HEAD, "备注"]), f"R1,-1,100,B1,{_USE},", f"R2,1,500,B1,{_USE},已拆除")


@made("table", "PLAN-TAB-002 noted")
def subtotal_behind_a_number(folder: Path) -> Path:
    """小计 in the column of names, behind a running number: a room of 500 m2, if it is one."""
    return _text(folder, ",".join(["序号", *_HEAD]), f"1,R1,-1,100,B1,{_USE}", f"2,小计,1,500,B1,{_USE}")


@made("table", "PLAN-ATTR-011 degraded")
def as_above(folder: Path) -> Path:
    """同上 for an area and a building."""
    return _text(folder, ",".join(_HEAD), f"R1,-1,100,B1,{_USE}", f"R2,-1,同上,同上,{_USE}")


@made("workbook", "PLAN-FILE-010 refused")
def two_years_of_a_list(folder: Path) -> Path:
    """Rooms of two years on two sheets with one head: no list of both."""
    path = _sheet(folder, [_HEAD, ["R1", -1, 100, "B1", _USE]])
    book = openpyxl.load_workbook(path)
    book.active.title = "2024年用房"
    other = book.create_sheet("2025年用房")
    for row in (_HEAD, ["R2", 1, 500, "B1", _USE]):
        other.append(row)
    book.save(path)
    return path
