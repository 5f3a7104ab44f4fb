"""Tables of rooms: changed as people and programs change them, written as text or as a workbook, and added up again.

The workbooks are written part by part with their checksums right, so that what is changed is what a sheet says.
"""

from __future__ import annotations

import csv
import io
import math
import random
import re
import unicodedata
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from mutant_bytes import NASTY, changed
from mutant_oracle import Exact, Seen

__all__ = [
    "ROOMS",
    "make_text",
    "make_workbook",
    "metres",
    "seen_row",
    "table_text",
    "table_workbook",
    "workbook",
    "written",
]

Rows = list[list[str]]

ROOMS: Final = [
    ["用房编号", "楼层", "建筑面积（㎡）", "楼号", "名称"],
    ["R1", "1", "180.5", "12#", "图书室"],
    ["R2", "2", "120.25", "B12", "活动室"],
    ["R3", "1", "9.25", "十二栋", "警务室"],
]
_AREAS: Final = (
    "180.5㎡", "180.5 m2", "0.018公顷", "0.27亩", "1,180.5", "１８０．５", "+180.5", "180.", ".5", "1e3", "1E2", "1_000", "0x10",
    "三百", "一百八十", "三百五", "约180", "180-200", "180.5/2", "-180.5", "0", "180 .5", "180,5", "∞", "1/2", "0.018万㎡",
    "180.5平方", "180.5m", "180.5元", "9" * 40, "290.5000001", "290.4999999", "299.999999999999999", "1" + "0" * 320,
    "180.5平方米（含公摊）", "180.5\n", "'180.5", "180.5 ", "=180.5",
)  # fmt: skip
_HEADS: Final = (
    "建筑面积", "建筑面积(公顷)", "建筑面积（亩）", "建筑面积[万㎡]", "建筑面积/㎡", "面积", "area_m2", "套内面积", "建筑 面积", "AREA_M2",
    "建筑面积（m²）", "建筑面积（千平方米）", "使用面积", "",
)  # fmt: skip
_UNITS: Final = {
    "": Fraction(1), "㎡": Fraction(1), "m2": Fraction(1), "m²": Fraction(1), "m^2": Fraction(1), "平方米": Fraction(1),
    "平米": Fraction(1), "平方": Fraction(1), "平": Fraction(1), "sqm": Fraction(1), "公顷": Fraction(10_000),
    "ha": Fraction(10_000), "hm2": Fraction(10_000), "亩": Fraction(2000, 3), "万㎡": Fraction(10_000),
    "万m2": Fraction(10_000), "万平方米": Fraction(10_000), "km2": Fraction(10**6), "平方公里": Fraction(10**6),
}  # fmt: skip
_SPOKEN: Final = {"三百": 300, "一百八十": 180, "一千": 1000}
_NUMBER: Final = re.compile(r"([+-]?(?:\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)")


# --- how a table is changed -------------------------------------------------------------------------


def random_rows(chance: random.Random) -> Rows:
    """Return the table with something changed in it."""
    rows = [list(row) for row in ROOMS]
    for _ in range(chance.choice((1, 1, 2, 2, 4))):
        chance.choice(_CHANGES)(rows, chance)
        if not rows or not any(rows):
            rows = [list(row) for row in ROOMS]
    return rows


def _area_cell(rows: Rows, chance: random.Random) -> None:
    row = chance.choice(rows[1:] or rows)
    if len(row) > 2:
        row[2] = chance.choice(_AREAS)


def _any_cell(rows: Rows, chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        row[chance.randrange(len(row))] = chance.choice(NASTY)


def _head(rows: Rows, chance: random.Random) -> None:
    if len(rows[0]) > 2:
        rows[0][2] = chance.choice(_HEADS)


def _columns(rows: Rows, chance: random.Random) -> None:
    """Swap two columns, whole."""
    a, b = chance.randrange(5), chance.randrange(5)
    for row in rows:
        if max(a, b) < len(row):
            row[a], row[b] = row[b], row[a]


def _cells(rows: Rows, chance: random.Random) -> None:
    """Swap two cells, wherever they are."""
    one, other = chance.choice(rows), chance.choice(rows)
    if one and other:
        i, j = chance.randrange(len(one)), chance.randrange(len(other))
        one[i], other[j] = other[j], one[i]


def _column_again(rows: Rows, chance: random.Random) -> None:
    at = chance.randrange(5)
    for row in rows:
        row.append(row[at] if at < len(row) else "")


def _column_gone(rows: Rows, chance: random.Random) -> None:
    at = chance.randrange(5)
    for row in rows:
        if at < len(row):
            del row[at]


def _row_again(rows: Rows, chance: random.Random) -> None:
    rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))


def _row_new(rows: Rows, chance: random.Random) -> None:
    rows.append(
        [
            f"R{chance.randrange(3, 9)}",
            chance.choice(("1", "-1", "B1", "屋顶", "")),
            chance.choice(("12", "290", "700", "")),
            "",
            "门卫",
        ]
    )


def _row_gone(rows: Rows, chance: random.Random) -> None:
    del rows[chance.randrange(len(rows))]


def _around(rows: Rows, chance: random.Random) -> None:
    """Titles, sums, signatures, empty rows, notes."""
    where = chance.randrange(len(rows) + 1)
    rows.insert(where, chance.choice((
        ["幸福小区社区用房一览表"], ["合计", "", "310"], ["", "", "310"], ["小计", "", "700", "", ""], ["填表人：张三", "审核：李四"],
        [], ["", "", "", "", ""], ["备注：面积为建筑面积"], ["单位：亩"], list(ROOMS[0]), ["总 计", "", "9999"], ["R1", "1", "700"],
    )))  # fmt: skip


def _cell_gone(rows: Rows, chance: random.Random) -> None:
    row = chance.choice(rows)
    if row:
        del row[chance.randrange(len(row))]


def _cell_more(rows: Rows, chance: random.Random) -> None:
    row = chance.choice(rows)
    row.insert(chance.randrange(len(row) + 1), chance.choice(("", "", "500", "x")))


_CHANGES: Final = (
    _area_cell, _area_cell, _area_cell, _any_cell, _head, _head, _columns, _columns, _cells, _column_again, _column_gone,
    _row_again, _row_new, _row_new, _row_gone, _around, _around, _cell_gone, _cell_more,
)  # fmt: skip


# --- as text ----------------------------------------------------------------------------------------


def make_text(folder: Path, chance: random.Random, *, wide: bool) -> Path:
    """Write a mutated CSV; ``wide`` in UTF-16, else in the encodings of one byte and more."""
    rows = random_rows(chance)
    mark = chance.choice(",,,,;\t")
    out = io.StringIO()
    quoting = chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    csv.writer(out, delimiter=mark, quoting=quoting, lineterminator=chance.choice(("\n", "\r\n"))).writerows(
        rows
    )
    text = out.getvalue()
    if chance.random() < 0.1:  # a quote that nobody closes, one in the middle of a cell
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(('"', '""', "'", "\r", "\x00", "\u2028", mark)) + text[at:]
    encoding = chance.choice(
        ("utf-16", "utf-16-le", "utf-16-be") if wide else ("utf-8", "utf-8-sig", "gb18030", "gb18030", "gbk")
    )
    data = text.encode(encoding, "replace")
    if chance.random() < 0.1:
        data = chance.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + data
    if chance.random() < 0.2:
        data = changed(data, chance)
    path = folder / ("csv16_rooms.csv" if wide else "csv_rooms.csv")
    path.write_bytes(data)
    return path


def table_text(data: bytes) -> list[Rows]:
    """Return the tables that the bytes of a CSV may mean, by encoding and delimiter."""
    out: list[Rows] = []
    for encoding in ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        for mark in ",;\t":
            try:
                out.append(list(csv.reader(io.StringIO(text.replace("\x00", "")), delimiter=mark)))
            except csv.Error:
                continue
    return out


# --- as a workbook ----------------------------------------------------------------------------------

_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>{sheets}</Types>'
)
_SHEET_TYPE: Final = (
    '<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS: Final = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def make_workbook(folder: Path, chance: random.Random) -> Path:
    """Write a mutated workbook."""
    sheets = [
        (
            "社区用房",
            [["幸福小区社区用房"], *random_rows(chance)] if chance.random() < 0.8 else [*map(list, ROOMS)],
            "",
        )
    ]
    if chance.random() < 0.15:
        more = chance.choice(([["说明"], ["无"]], [], random_rows(chance)))
        sheets.insert(
            chance.randrange(2),
            (chance.choice(("说明", "Sheet2")), more, chance.choice(("", "hidden", "veryHidden"))),
        )
    parts = workbook(sheets, chance)
    if chance.random() < 0.35:
        name = chance.choice([n for n in parts if "sheet" in n] * 4 + list(parts))
        parts[name] = changed(parts[name], chance) if chance.random() < 0.5 else _tokens(parts[name], chance)
    path = folder / "rooms.xlsx"
    with zipfile.ZipFile(path, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    if chance.random() < 0.05:
        path.write_bytes(changed(path.read_bytes(), chance))
    return path


def _tokens(data: bytes, chance: random.Random) -> bytes:
    """Change tags, attributes and numbers of XML so that it stays XML most of the time."""
    text = data.decode("utf-8", "replace")
    for _ in range(chance.choice((1, 1, 3))):
        found = list(re.finditer(r'"[^"]*"|>[^<>]+<|<[^<>]*>', text))
        one = chance.choice(found)
        piece = one[0]
        if piece.startswith("<"):
            new = chance.choice(("", piece * 2, "<c/>", "<row/>", "<x>", "<!-- -->", "<![CDATA[1]]>"))
        else:
            inner = chance.choice(
                (
                    *NASTY[:14],
                    "A1",
                    "ZZZ1048577",
                    "s",
                    "n",
                    "b",
                    "d",
                    "e",
                    "inlineStr",
                    "str",
                    "C3",
                    "-1",
                    "65536",
                )
            )
            new = piece[0] + escape(inner).replace('"', "") + piece[-1]
        text = text[: one.start()] + new + text[one.end() :]
    return text.encode("utf-8", "surrogatepass")


def workbook(sheets: list[tuple[str, Rows, str]], chance: random.Random | None = None) -> dict[str, bytes]:
    """Return the parts of a workbook with these sheets: name, rows, state."""
    shared: list[str] = []
    parts = {
        "[Content_Types].xml": _TYPES.format(sheets="".join(_SHEET_TYPE.format(n=i) for i in range(1, len(sheets) + 1))),
        "_rels/.rels": _RELS.format(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
        "xl/_rels/workbook.xml.rels": _RELS.format(
            "".join(
                f'<Relationship Id="s{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
                for i in range(1, len(sheets) + 1)
            )
            + f'<Relationship Id="t" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        ),
        "xl/workbook.xml": f'<?xml version="1.0"?><workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{i}" r:id="s{i}"{f" state={chr(34)}{state}{chr(34)}" if state else ""}/>'
            for i, (name, _, state) in enumerate(sheets, start=1)
        )
        + "</sheets></workbook>",
    }  # fmt: skip
    for i, (_, rows, _state) in enumerate(sheets, start=1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(rows, shared, chance)
    parts["xl/sharedStrings.xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?><sst {_MAIN}>'
        + "".join(f"<si><t>{_xml(text)}</t></si>" for text in shared)
        + "</sst>"
    )
    return {name: text.encode("utf-8", "replace") for name, text in parts.items()}


def _xml(text: str) -> str:
    return escape("".join(c for c in text if c >= " " or c in "\t\n"))


def _sheet(rows: Rows, shared: list[str], chance: random.Random | None) -> str:
    out = [f'<?xml version="1.0" encoding="UTF-8"?><worksheet {_MAIN}><sheetData>']
    for i, row in enumerate(rows, start=1):
        if not row and chance is not None and chance.random() < 0.5:
            continue
        cells = "".join(
            _cell(f"{chr(65 + j)}{i}", text, shared, chance) for j, text in enumerate(row) if text
        )
        out.append(f'<row r="{i}">{cells}</row>')
    merged = 1.0 if chance is None else chance.random()
    block = "A2:A3" if merged < 0.05 else "C3:C5" if merged < 0.1 else "A1:E1"
    out.append(f'</sheetData><mergeCells count="1"><mergeCell ref="{block}"/></mergeCells></worksheet>')
    return "".join(out)


def _cell(ref: str, text: str, shared: list[str], chance: random.Random | None) -> str:
    way = 0.0 if chance is None else chance.random()
    if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text) < 17:
        if way < 0.7:
            return f'<c r="{ref}"><v>{text}</v></c>'
        if way < 0.74:  # a formula and what the program kept of it; nothing, an error, another kind
            return f'<c r="{ref}"><f>1+{text}</f><v>{text}</v></c>'
        if chance is not None and way < 0.77:
            return chance.choice((
                f'<c r="{ref}"><f>{text}*1</f></c>', f'<c r="{ref}" t="e"><v>#REF!</v></c>', f'<c r="{ref}" t="b"><v>1</v></c>',
                f'<c r="{ref}" t="str"><f>A1</f><v>{text}</v></c>', f'<c r="{ref}" t="d"><v>2017-07-11</v></c>',
                f'<c r="{ref}"><v>{float(text):e}</v></c>',
            ))  # fmt: skip
    if 0 < way < 0.85:
        return f'<c r="{ref}" t="inlineStr"><is><t xml:space="preserve">{_xml(text)}</t></is></c>'
    if text not in shared:
        shared.append(text)
    return f'<c r="{ref}" t="s"><v>{shared.index(text)}</v></c>'


def table_workbook(data: bytes) -> list[Rows]:
    """Take the cells of each sheet by where they stand; what no parser of XML takes is no table."""
    out: list[Rows] = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared: list[str] = []
        names = archive.namelist()
        if "xl/sharedStrings.xml" in names:
            shared = [
                "".join(t.text or "" for t in si.iter() if t.tag.endswith("}t"))
                for si in _root(archive.read("xl/sharedStrings.xml"))
            ]
        for name in names:
            if "worksheets/" not in name or not name.endswith(".xml"):
                continue
            rows: Rows = []
            for row in _root(archive.read(name)).iterfind(".//{*}row"):
                cells: list[str] = []
                for cell in row.iterfind("{*}c"):
                    at = re.match(r"[A-Za-z]{1,3}", cell.get("r") or "")
                    column = _letters(at[0]) if at else len(cells)
                    cells += [""] * (min(column, 300) - len(cells))
                    cells.append(_value(cell, shared))
                rows.append(cells)
            out.append(_unmerged(rows, archive.read(name)))
    return out


def _root(data: bytes) -> ET.Element:
    try:
        return ET.fromstring(data)  # noqa: S314 - our own file, changed by us
    except ET.ParseError:
        return ET.Element("none")


def _unmerged(rows: Rows, data: bytes) -> Rows:
    """Give cells that are merged downwards the value of the first."""
    for left, top, right, bottom in re.findall(rb'ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"', data):
        first = int(top) - 1
        at, end = _letters(left.decode()), _letters(right.decode())
        if first < len(rows) and at < len(rows[first]):
            for row in rows[first + 1 : int(bottom)]:
                row.extend([""] * (at + 1 - len(row)))
                if not any(row[at : end + 1]):
                    row[at] = rows[first][at]
    return rows


def _letters(text: str) -> int:
    number = 0
    for letter in text.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: ET.Element, shared: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter() if t.tag.endswith("}t"))
    value = (cell.findtext("{*}v") or "").strip()
    if kind == "s":
        return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    return value


# --- what a table adds up to ------------------------------------------------------------------------


def seen_row(said: dict[str, Any], parts: list[list[Exact]]) -> Seen:
    """Return a row of a layer as its columns say it: `facility_id`, `category`, `area_m2`."""
    area = next((said[k] for k in ("area_m2", "面积") if said.get(k) is not None), None)
    if isinstance(area, float | int) and not isinstance(area, bool):
        written = Fraction(area) if math.isfinite(area) and area >= 0 else None
    else:
        written = metres(area) if isinstance(area, str) else None
    name = said.get("facility_id")
    return Seen(
        name="" if name is None else str(name).replace("\x00", "").strip(),
        category=str(said.get("category") or "").strip(),
        parts=parts,
        written=written,
    )


def metres(text: str, unit: str = "") -> Fraction | None:
    """Return the square metres that a cell says; None where it says no number."""
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold()).replace("−", "-")
    said = said.removeprefix("'")  # by which a spreadsheet marks a text
    if said in _SPOKEN:
        return _SPOKEN[said] * _UNITS[unit]
    match = _NUMBER.fullmatch(said)
    if match is None or match[2] not in _FOLDED or len(match[1]) > 400:
        return None
    number = Fraction(match[1].replace(",", ""))
    return number * (_FOLDED[match[2]] if match[2] else _FOLDED[unit])


_FOLDED: Final = {unicodedata.normalize("NFKC", name).casefold(): factor for name, factor in _UNITS.items()}
_NAMED: Final = ("建筑面积", "面积", "area_m2", "面积_m2", "用房面积")


def written(rows: Rows) -> Fraction:
    """Return the most that the rooms of a table can add up to, head by head and sums apart."""
    best = Fraction(0)
    around = re.findall(r"单位[:：](\S+)", "\n".join(cell for row in rows for cell in row))
    for at, head in enumerate(rows):
        for i, name in enumerate(head):
            tight = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name).casefold())
            match = re.fullmatch(r"(.*?)(?:[(\[【](.+)[)\]】]|/?(m2|m\^2|平方米))?", tight)
            if tight in _NAMED:
                unit = ""
            elif match is None or match[1] not in _NAMED:
                continue
            else:
                unit = match[2] or match[3] or ""
            # What the head does not say, a title or a note may.
            for one in (unit, *(around if not unit and tight != "area_m2" else ())):
                if one in _FOLDED:
                    best = max(best, _summed(rows[at + 1 :], i, one))
    return best


def _summed(rows: Rows, column: int, unit: str) -> Fraction:
    total = Fraction(0)
    for row in rows:
        first = re.sub(r"\s+", "", next((cell for cell in row if cell.strip()), "")).rstrip(":：")
        if column < len(row) and first not in ("合计", "总计", "小计"):
            value = metres(row[column], unit)
            total += value if value is not None and value > 0 else 0
    return total
