"""The figures of a hearing package, read back from each of its files as somebody else would read them.

``differences(folder)`` compares what the data file of the report says with every file that people read: the findings
(status, measured, required), their counts, and every cell of every table that has a digit in it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
import ezdxf
import geopandas as gpd
import lxml.html
import openpyxl

from plan.messages import Message, unit_text
from plan.reports.words import figures

STATUSES = ("not_met", "undetermined", "met", "not_applicable")
# Layers of proposals, and what the drawing calls what is new in them.
DRAWN = {"elevators": "加装电梯-新增", "stalls": "停车位"}


@dataclass
class Compared:
    """How many figures of which file were compared, and which of them differ."""

    counts: Counter[str] = field(default_factory=Counter)
    differ: list[str] = field(default_factory=list)

    def same(self, file: str, what: str, told: object, meant: object) -> None:
        """Compare one figure."""
        self.counts[file] += 1
        if told != meant:
            self.differ.append(f"{file}: {what}: {told!r}, not {meant!r}")

    def holds(self, file: str, what: str, *, truth: bool) -> None:
        """Note whether one figure was found where it must stand."""
        self.same(file, what, "found" if truth else "absent", "found")


def differences(folder: Path) -> Compared:
    """Compare all files of a package (in Chinese)."""
    found = Compared()
    record = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    sites = record["sites"]
    page = lxml.html.parse(str(folder / "report.html"), lxml.html.HTMLParser(encoding="utf-8")).getroot()
    tables = _page_tables(page)
    _of_page(found, page, sites)
    _of_index(found, folder / "index.html", sites)
    _of_map(found, folder / "map.html", sites[1])
    _of_word(found, folder / "report.docx", sites, tables)
    _of_book(found, folder / "tables.xlsx", sites, tables)
    if shutil.which("pdftotext"):
        _of_paper(found, folder / "atlas.pdf", sites[1], tables)
    _of_drawing(found, folder / "drawing.dxf", sites[1], folder / "result.gpkg")
    return found


def shown(finding: dict[str, Any]) -> tuple[str, str]:
    """Write measured and required of a finding as every file that people read must."""
    measured, required = finding["measured"], finding["required"]
    if all(isinstance(value, int | float) for value in (measured, required)):
        pair = figures(float(measured), float(required))
    else:
        pair = tuple(_alone(value) for value in (measured, required))  # type: ignore[assignment]
    unit = str(unit_text(finding["unit"])) if finding["unit"] else ""
    return tuple(f"{one} {unit}" if unit and any(c.isdigit() for c in one) else one for one in pair)  # type: ignore[return-value]


def _alone(value: float | str | None) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _tight(text: object) -> str:
    """Leave out white space: a line may break anywhere."""
    return re.sub(r"\s+", "", str(text))


def _counts(site: dict[str, Any]) -> dict[str, int]:
    counted = Counter(finding["status"] for finding in site["findings"])
    return {status: counted[status] for status in STATUSES}


def _name(finding: dict[str, Any]) -> str:
    return f"{finding['rule']} {finding['subject'] or ''}".strip()


def _page_tables(page: Any) -> dict[str, list[list[str]]]:
    return {
        section.find("h2").text_content().strip(): [
            [cell.text_content().strip() for cell in row.iter("td", "th")] for row in section.iter("tr")
        ]
        for section in page.iter("section")
        if section.get("class") == "more"
    }


def _of_page(found: Compared, page: Any, sites: list[dict[str, Any]]) -> None:
    for section, site in zip(page.find_class("site"), sites, strict=True):
        told = {}
        for article in section.find_class("finding"):
            rule = article.find_class("rule")[0].text_content()
            subject = "".join(e.text_content() for e in article.find_class("subject"))
            pair = {
                element.find("dt").text_content(): element.find("dd").text_content().strip()
                for element in article.xpath(".//dl[@class='figures']/div")
            }
            told[f"{rule} {subject}".strip()] = (pair.get("实测", ""), pair.get("要求", ""))
        for finding in site["findings"]:
            found.same("report.html", _name(finding), told.get(_name(finding)), shown(finding))
        counts = [int(li.find("b").text_content()) for li in section.find_class("counts")[0]]
        found.same("report.html", "counts", counts, list(_counts(site).values()))


def _of_index(found: Compared, path: Path, sites: list[dict[str, Any]]) -> None:
    page = lxml.html.parse(str(path), lxml.html.HTMLParser(encoding="utf-8")).getroot()
    for article, site in zip(page.iter("article"), sites, strict=True):
        told = {li.get("data-status"): int(li.find("b").text_content()) for li in article.iter("li")}
        for status, count in _counts(site).items():
            found.same("index.html", status, told[status], count)
        found.same("index.html", "outcome", article.get("class"), site["outcome"])


def _of_map(found: Compared, path: Path, site: dict[str, Any]) -> None:
    block = re.search(
        r'<script type="application/json" id="plan-data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL
    )
    assert block is not None
    page = json.loads(block[1])
    told = {_zh(f"{one['rule']} {_zh(one['subject'])}".strip()): one for one in page["findings"]}
    for finding in site["findings"]:
        one = told[_name(finding)]
        pair = (_tight(_zh(one["measured"])), _tight(_zh(one["required"])))
        found.same("map.html", _name(finding), pair, tuple(map(_tight, shown(finding))))
        found.same("map.html", f"{_name(finding)} status", one["status"], finding["status"])
    counts = {one["id"]: one["n"] for one in page["statuses"]}
    found.same("map.html", "counts", counts, _counts(site))


def _zh(text: Any) -> str:
    """Return the Chinese of a text that the map may hold in two languages."""
    if isinstance(text, dict):
        return str(text.get("zh", ""))
    return str(text[0] if isinstance(text, list) else text or "")


def _of_word(
    found: Compared, path: Path, sites: list[dict[str, Any]], tables: dict[str, list[list[str]]]
) -> None:
    document = docx.Document(str(path))
    told = _told_in_word(document)
    for site in sites:
        for finding in site["findings"]:
            key = (finding["rule"], *shown(finding))
            found.holds("report.docx", _name(finding), truth=told[key] > 0)
            told[key] -= 1
    cells = Counter(tuple(_tight(c.text) for c in row.cells) for t in document.tables for row in t.rows)
    for title, rows in tables.items():
        for row in rows:
            found.counts["report.docx"] += sum(any(c.isdigit() for c in cell) for cell in row)
            if cells[tuple(map(_tight, row))] < 1:
                found.differ.append(f"report.docx: {title}: {row}")


def _told_in_word(document: Any) -> Counter[tuple[str, str, str]]:
    """Return rule, measured and required of every finding of a document."""
    told: Counter[tuple[str, str, str]] = Counter()
    rule, pair = "", {"实测": "", "要求": ""}
    for paragraph in [*(p.text for p in document.paragraphs), "规则："]:
        head, _, text = paragraph.partition("：")
        if head == "规则":
            told[(rule, pair["实测"], pair["要求"])] += 1
            rule, pair = text.partition("（")[0], {"实测": "", "要求": ""}
        elif head in pair and rule:
            pair[head] = text
    for table in document.tables:
        rows = [[cell.text for cell in row.cells] for row in table.rows]
        if rows[0][:1] == ["规则"] and rows[0][2:4] == ["实测", "要求"]:
            told.update((row[0], row[2], row[3]) for row in rows[1:])
    return told


def _of_book(
    found: Compared, path: Path, sites: list[dict[str, Any]], tables: dict[str, list[list[str]]]
) -> None:
    book = openpyxl.load_workbook(path)
    findings = list(book.worksheets[1].iter_rows(values_only=True))
    heads = {head: at for at, head in enumerate(findings[0])}
    meant = [finding for site in sites for finding in site["findings"]]
    for row, finding in zip(findings[1:], meant, strict=True):
        pair = tuple(row[heads[head]] for head in ("实测", "要求"))
        found.same("tables.xlsx", _name(finding), pair, tuple(finding[k] or (0 if finding[k] == 0 else None) for k in ("measured", "required")))  # fmt: skip
    counts = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    for row, site in zip(counts, sites, strict=True):
        found.same("tables.xlsx", "counts", list(row[2:6]), list(_counts(site).values()))
    for sheet, (title, rows) in zip(book.worksheets[3:], tables.items(), strict=True):
        told = list(sheet.iter_rows(max_row=len(rows), max_col=len(rows[0]), values_only=True))
        for row, cells in zip(told, rows, strict=True):
            for value, cell in zip(row, cells, strict=True):
                if any(c.isdigit() for c in cell):
                    found.same("tables.xlsx", title, _of_cell(value), _of_cell(cell))


def _of_cell(value: Any) -> float | str:
    """Return what a cell says: a number, where it is one."""
    try:
        return float(str(value).replace(",", ""))
    except ValueError:
        return _tight(value)


def _of_paper(found: Compared, path: Path, site: dict[str, Any], tables: dict[str, list[list[str]]]) -> None:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    text = done.stdout.decode("utf-8")
    lines = [_tight(line) for line in text.splitlines()]
    whole = _tight(text)
    for finding in site["findings"]:
        if finding["status"] in ("not_met", "undetermined"):
            measured, required = map(_tight, shown(finding))
            status = str(Message(f"status.{finding['status']}"))
            pattern = f"{finding['rule']}.*{status}.*{re.escape(measured)}.*{re.escape(required)}"
            found.holds("atlas.pdf", _name(finding), truth=any(re.search(pattern, line) for line in lines))
    for title, rows in tables.items():
        for row in rows[1:]:
            for cell in row:
                if re.fullmatch(r"[-+\d.,%/]+", cell) and cell not in {"-", "–"}:
                    found.holds("atlas.pdf", f"{title}: {row[0]}", truth=cell in whole)


def _of_drawing(found: Compared, path: Path, site: dict[str, Any], data: Path) -> None:
    drawing = ezdxf.readfile(path)
    texts = [e.plain_text() for e in drawing.modelspace().query('MTEXT[layer=="检查-结果表"]')]
    joined = "\n".join(map(_tight, texts))
    for finding in site["findings"]:
        measured, required = map(re.escape, map(_tight, shown(finding)))
        status = Message(f"status.{finding['status']}")
        # Where nothing was measured the reason stands in its place, if there is one; empty cells hold no text.
        pattern = (
            f"^{re.escape(finding['rule'])}\n.*\n{status}\n{measured}\n"
            if measured
            else f"^{re.escape(finding['rule'])}\n.*\n{status}\n(?:.*\n)?"
        )
        row = re.search(f"{pattern}{required}$" if required else pattern, joined, re.MULTILINE)
        found.holds("drawing.dxf", _name(finding), truth=row is not None)
    for layer, drawn in DRAWN.items():
        if layer not in set(gpd.list_layers(data)["name"]):
            continue
        count = len(gpd.read_file(data, layer=layer))
        names = (drawn,) if drawn.endswith("新增") else (drawn, f"{drawn}-新增")
        told = sum(len(drawing.modelspace().query(f'LWPOLYLINE[layer=="{name}"]')) for name in names)
        found.same("drawing.dxf", layer, told, count)
