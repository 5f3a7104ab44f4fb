"""Broken inputs: values, columns, encodings and sheets."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from pathlib import Path

import openpyxl
from made_base import boxes, estate, made, rooms, save

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "readers"))

from small_files import write_shapefile

_HEAD = "用房编号,楼层,建筑面积,楼号"


def _csv(
    folder: Path, *rows: str, name: str = "rooms.csv", encoding: str = "utf-8", head: str = _HEAD
) -> Path:
    (folder / name).write_bytes("\n".join([head, *rows]).encode(encoding))
    return folder / name


def _sheet(
    folder: Path, rows: list[list[object]], *, name: str = "rooms.xlsx"
) -> tuple[Path, openpyxl.Workbook]:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "rooms"
    for row in rows:
        sheet.append(row)
    book.save(folder / name)
    return folder / name, book


@made("units", "PLAN-UNIT-003 repaired", "PLAN-UNIT-002 degraded")
def areas_in_all_units(folder: Path) -> Path:
    """亩, 公顷, 万㎡, full-width digits and sums in a column of areas."""
    return _csv(
        folder,
        "R1,1,0.45亩,B1",
        "R2,1,0.03公顷,B1",
        "R3,1,0.03万㎡,B1",
        "R4,1,３００㎡,B1",
        "R5,1,100+200㎡,B1",
        "R6,1,300左右,B1",
    )


@made("units", "PLAN-UNIT-002 degraded")
def areas_not_finite(folder: Path) -> Path:
    """inf, nan, 1e400 and -5 as areas."""
    return _csv(folder, "R1,1,inf,B1", "R2,1,nan,B1", "R3,1,1e400,B1", "R4,1,-5,B1")


@made("units", "PLAN-UNIT-002 degraded")
def decimal_commas(folder: Path) -> Path:
    """300,5 for 300.5, in a table with semicolons."""
    return _csv(folder, "R1;1;300,5;B1", head=_HEAD.replace(",", ";"))


@made("encoding", "PLAN-ENC-002 repaired")
def wrong_cpg(folder: Path) -> Path:
    """A .cpg that says UTF-8 beside a table in GBK."""
    fields = [(b"bld_id", b"C", 10, 0), (b"floors", b"N", 4, 0), ("名称".encode("gbk"), b"C", 20, 0)]
    return write_shapefile(
        folder,
        "buildings",
        fields,
        [("B1", "6", "一号楼"), ("B2", "6", "二号楼")],
        encoding="gbk",
        cpg="UTF-8",
    )


@made("encoding", "PLAN-ENC-001 repaired")
def names_cut_in_a_character(folder: Path) -> Path:
    """Values that fill their field, cut in the middle of a character."""
    fields = [(b"bld_id", b"C", 10, 0), (b"floors", b"N", 4, 0), ("名称".encode("gbk"), b"C", 7, 0)]
    return write_shapefile(
        folder, "buildings", fields, [("B1", "6", "一号住宅楼"), ("B2", "6", "二号住宅楼")], encoding="gbk"
    )


@made("encoding", "PLAN-ENC-001 repaired")
def gb18030_of_four_bytes(folder: Path) -> Path:
    """A rare character of a name, four bytes in GB18030."""
    return _csv(folder, "R1,1,100,㐂𠮷楼", encoding="gb18030")


@made("encoding", silent=True)
def utf8_mark_and_semicolons(folder: Path) -> Path:
    """UTF-8 with its mark, and semicolons: read as it is."""
    return _csv(folder, "R1;1;100;B1", encoding="utf-8-sig", head=_HEAD.replace(",", ";"))


@made("encoding", silent=True)
def tabs(folder: Path) -> Path:
    """Tabs: read as it is."""
    return _csv(folder, "R1\t1\t100\tB1", name="rooms.txt", head=_HEAD.replace(",", "\t"))


@made("encoding", "PLAN-ENC-002 refused")
def bytes_of_no_encoding(folder: Path) -> Path:
    """Bytes that are neither UTF-8 nor GB18030."""
    (folder / "rooms.csv").write_bytes(_HEAD.encode("gbk") + b"\nR1,1,100,\xff\xff\x81\n")
    return folder / "rooms.csv"


@made("encoding", silent=True)
def old_macintosh_lines(folder: Path) -> Path:
    """Lines that end in a carriage return only: read as it is."""
    (folder / "rooms.csv").write_bytes(f"{_HEAD}\rR1,1,100,B1\rR2,1,90,B1\r".encode())
    return folder / "rooms.csv"


@made("attribute", "PLAN-DATA-001 refused")
def head_only(folder: Path) -> Path:
    """A head and no row."""
    return _csv(folder)


@made("attribute", "PLAN-ID-002 refused")
def ids_blank(folder: Path) -> Path:
    """Blanks, a full-width blank and nothing as ids."""
    return _csv(folder, "  ,1,100,B1", "　,1,100,B1", ",1,100,B1")


@made("attribute", silent=True)
def ids_as_floats(folder: Path) -> Path:
    """1.0 and 2.0 as ids: they are 1 and 2."""
    frame = boxes().drop(columns="building_id")
    return save(
        folder / "e.gpkg",
        estate(buildings=frame.assign(building_id=[1.0, 2.0, 3.0]), rooms=rooms(building_id=["1"]))
        | {"households": _of("1")},
    )


def _of(building: str):
    return estate()["households"].assign(building_id=building)


@made("attribute", "PLAN-ID-005 degraded")
def ids_lost_digits(folder: Path) -> Path:
    """Ids of 18 digits that went through a spreadsheet."""
    return _csv(folder, "1.10108E+17,1,100,B1", "110108199001011000,1,100,B1")


@made("attribute", "PLAN-ID-006 noted")
def ids_alike(folder: Path) -> Path:
    """R1, Ｒ１ and r1: people read them as one."""
    return _csv(folder, "R1,1,100,B1", "Ｒ１,1,100,B1", "r1,1,100,B1")


@made("attribute", "PLAN-ATTR-002 degraded")
def storeys_in_words(folder: Path) -> Path:
    """地下一层, -1F, B1 and 负二层 are storeys; 1-2层, 夹层 and 顶层 are none."""
    said = ["地下一层", "-1F", "B1", "负二层", "1-2层", "夹层", "顶层", "M层", "1、2层", "一至三层"]
    return _csv(folder, *(f"R{i},{s},100,B1" for i, s in enumerate(said)))


@made("attribute", "PLAN-ATTR-002 degraded")
def storeys_broken(folder: Path) -> Path:
    """Storeys of buildings: 6.5, 0, 6+1, 18/-2, 32000000000000000000."""
    frame = (
        boxes(5).drop(columns="floors").assign(floors=["6.5", "0", "6+1", "18/-2", "32000000000000000000"])
    )
    return save(folder / "b.gpkg", {"buildings": frame})


@made("attribute", silent=True)
def columns_besides(folder: Path) -> Path:
    """Two hundred columns that nobody knows: they are kept."""
    extra = [f"备注{i}" for i in range(200)]
    return _csv(folder, "R1,1,100,B1," + ",".join("x" for _ in extra), head=",".join([_HEAD, *extra]))


@made("attribute", "PLAN-SCHEMA-004 refused")
def columns_by_case(folder: Path) -> Path:
    """area_m2 and AREA_M2."""
    return _csv(folder, "R1,1,100,1000", head="room_id,floor,area_m2,AREA_M2")


@made("attribute", "PLAN-SCHEMA-004 refused")
def columns_by_width(folder: Path) -> Path:
    """area_m2 and ａｒｅａ＿ｍ２: people read them as one."""
    return _csv(folder, "R1,1,1000,100", head="room_id,floor,ａｒｅａ＿ｍ２,area_m2")


@made("attribute", "PLAN-SCHEMA-007 degraded")
def columns_of_two_names(folder: Path) -> Path:
    """建筑面积 and 面积, which are both the area of a room, with different figures."""
    return _csv(folder, "R1,1,100,1000,B1", head="用房编号,楼层,面积,建筑面积,楼号")


@made("attribute", "PLAN-SCHEMA-001 refused")
def columns_lacking(folder: Path) -> Path:
    """Rooms without areas."""
    return _csv(folder, "R1,1,B1", head="用房编号,楼层,楼号")


@made("attribute", "PLAN-FILE-013 refused")
def rows_wider_than_head(folder: Path) -> Path:
    """A row with a cell more than the head has."""
    return _csv(folder, "R1,1,100,B1,什么", "R2,1,100,B1")


@made("attribute", "PLAN-FILE-001 refused")
def quote_left_open(folder: Path) -> Path:
    """A quotation mark that is never closed."""
    return _csv(folder, 'R1,1,"100,B1', "R2,1,100,B1")


@made("attribute", "PLAN-SEC-008 noted", "PLAN-UNIT-002 degraded")
def csv_formulas(folder: Path) -> Path:
    """Formulas in the cells of a CSV."""
    return _csv(folder, "R1,1,=100+200,B1", "=cmd|' /C calc'!A0,1,100,B1")


@made("attribute", "PLAN-ATTR-005 degraded")
def dates_of_no_day(folder: Path) -> Path:
    """30 February, day before month, a serial number of a spreadsheet."""
    return _csv(
        folder,
        "R1,1,100,2017-02-30",
        "R2,1,100,13/25/2017",
        "R3,1,100,42927",
        head="用房编号,楼层,建筑面积,移交日期",
    )


@made("workbook", silent=True)
def cells_merged(folder: Path) -> Path:
    """A building over two rows of rooms, in one merged cell."""
    path, book = _sheet(
        folder, [["楼号", "用房编号", "楼层", "建筑面积"], ["B1", "R1", -1, 50], [None, "R2", -1, 50]]
    )
    book.active.merge_cells("A2:A3")
    book.save(path)
    return path


@made("workbook", "PLAN-TAB-003 noted")
def sheet_hidden(folder: Path) -> Path:
    """A hidden sheet with other figures."""
    path, book = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100]])
    other = book.create_sheet("真实")
    for row in (["用房编号", "楼层", "建筑面积"], ["R1", 1, 500]):
        other.append(row)
    other.sheet_state = "veryHidden"
    book.save(path)
    return path


@made("workbook", "PLAN-TAB-005 degraded")
def rows_hidden(folder: Path) -> Path:
    """A row that is hidden."""
    path, book = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100], ["R2", 1, 400]])
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    return path


@made("workbook", "PLAN-ID-008 noted")
def ids_became_dates(folder: Path) -> Path:
    """Room 3-1-2 that a spreadsheet took for a day."""
    path, _ = _sheet(
        folder, [["用房编号", "楼层", "建筑面积"], [dt.date(2003, 1, 2), -1, 100], ["3-1-101", -1, 100]]
    )
    return path


@made("workbook", "PLAN-SEC-009 degraded")
def formulas_unreckoned(folder: Path) -> Path:
    """Areas that are formulas whose value nobody kept."""
    path, _ = _sheet(
        folder,
        [
            ["用房编号", "楼层", "建筑面积"],
            ["R1", 1, "=100*4"],
            ["R2", 1, '=HYPERLINK("http://127.0.0.1:9")'],
        ],
    )
    return path


@made("workbook", "PLAN-TAB-004 degraded")
def cells_in_error(folder: Path) -> Path:
    """#REF! and #N/A."""
    path, _ = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", 1, "#REF!"], ["R2", 1, "#N/A"]])
    return path


@made("workbook", silent=True)
def macros(folder: Path) -> Path:
    """A workbook with a macro: it is not looked at."""
    path, _ = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    return path.rename(folder / "rooms.xlsm")


@made("workbook", "PLAN-FILE-008 refused")
def locked_workbook(folder: Path) -> Path:
    """A workbook with a password, and an old one: both are OLE files."""
    (folder / "rooms.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    return folder / "rooms.xlsx"


@made("workbook", "PLAN-FILE-008 refused")
def web_page_called_workbook(folder: Path) -> Path:
    """A web page that calls itself .xls, as many systems export."""
    (folder / "rooms.xls").write_text(
        "<html><table><tr><td>用房编号</td></tr></table></html>", encoding="utf-8"
    )
    return folder / "rooms.xls"


@made("workbook", "PLAN-FILE-001 refused")
def csv_called_workbook(folder: Path) -> Path:
    """A text that calls itself .xlsx."""
    return _csv(folder, "R1,1,100,B1", name="rooms.xlsx")


@made("workbook", silent=True)
def million_empty_rows(folder: Path) -> Path:
    """A million rows of formats and no values below the table."""
    path, _ = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100]])
    rows = io.BytesIO()
    rows.writelines(
        b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="1"/></row>' % (i, i) for i in range(3, 1_000_003)
    )
    return _with_rows(path, rows.getvalue(), folder / "wide.xlsx")


@made("workbook", "PLAN-SEC-002 refused")
def cells_without_end(folder: Path) -> Path:
    """A hundred megabytes of cells in a file of some kilobytes."""
    path, _ = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100]])
    row = b"<row>" + b"<c><v>1</v></c>" * 200 + b"</row>"
    return _with_rows(path, row * 40_000, folder / "bomb.xlsx")


def _with_rows(path: Path, rows: bytes, target: Path) -> Path:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            new.writestr(name, data)
    path.unlink()
    return target


@made("workbook", "PLAN-FILE-010 refused")
def two_sheets_of_rooms(folder: Path) -> Path:
    """Two visible sheets of rooms."""
    path, book = _sheet(folder, [["用房编号", "楼层", "建筑面积"], ["R1", -1, 100]])
    other = book.create_sheet("用房")
    for row in (["用房编号", "楼层", "建筑面积"], ["R1", 1, 500]):
        other.append(row)
    book.save(path)
    return path
