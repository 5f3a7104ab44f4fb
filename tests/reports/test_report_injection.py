"""Every string of a report may come from a stranger's file; none of them may come alive."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from report_cases import PACK

from plan.findings import Clause, Finding, InputFile, Problem, Report, SiteResult, Status, Strength
from plan.reports import FORMATS, render
from plan.text_safety import hidden, plain, spreadsheet, terminal

CANARIES = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% raw %}",
    "${7*7}`",
    "]]></style></title><svg onload=alert(1)>",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "＝1+1",
    "[bold red]x[/bold red]",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil\x07x",
    "a\u202eb\u2066c",
    "nul\x00 bel\x07 del\x7f",
    "lone \ud800 surrogate",
    "noncharacter \ufffe",
    "a\u2028b",
    "two\nlines",
)


def entries(canary: str) -> tuple[SiteResult, ...]:
    """A report with the canary in every string that it has."""
    clause = Clause(
        document=canary,
        number=canary,
        article=canary,
        quote=canary,
        effective=canary,
        repealed=canary,
        evidence=canary,
    )
    made = {
        "title": canary,
        "strength": Strength.MUST,
        "clause": clause,
        "measured": canary,
        "required": canary,
        "unit": canary,
        "features": (canary, canary),
        "remedy": canary,
        "subject": canary,
        "geometry": {"type": "Point", "coordinates": [1.0, 2.0]},
    }
    findings = (
        Finding(rule=canary, status=Status.NOT_MET, **made),
        Finding(rule=canary, status=Status.UNDETERMINED, reason=f"missing_data: {canary}", **made),
    )
    problem = Problem(
        id=canary, severity="error", effect="refused", message=canary, cure=canary, path=canary, layer=canary,
        column=canary, rows=(1,), features=(canary,),
    )  # fmt: skip
    file = InputFile(path=canary, sha256="00")
    report = Report(
        site=canary,
        pack=PACK,
        findings=findings,
        inputs=(file,),
        on=canary,
        estimates=(canary,),
        problems=(problem,),
    )
    failed = SiteResult(name=canary, pack=PACK, on=canary, error=canary, problems=(problem,), inputs=(file,))
    return (SiteResult.of(report), failed)


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_can_be_written_and_hides_nothing(canary: str, format_: str) -> None:
    document = render(entries(canary), format_)
    if isinstance(document, str):
        document.encode("utf-8")
        assert [c for c in document if hidden(c) and c != "\ufeff"] == []
        assert "\x1b" not in document


class Tags(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("canary", CANARIES)
def test_no_tag_and_no_handler_gets_into_the_page(canary: str) -> None:
    document = render(entries(canary), "html")
    harmless = Tags(str(render(entries("harmless 1"), "html")))
    page = Tags(str(document))
    assert page.found <= harmless.found
    assert page.attributes <= harmless.attributes
    assert plain(canary).strip() in page.words


@pytest.mark.parametrize("canary", CANARIES)
def test_no_cell_of_a_csv_is_a_formula(canary: str) -> None:
    document = str(render(entries(canary), "csv"))[1:]
    cells = [cell for row in csv.reader(io.StringIO(document)) for cell in row]
    assert [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@", "＝"))] == []


@pytest.mark.parametrize("canary", CANARIES)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(canary: str) -> None:
    import openpyxl

    document = render(entries(canary), "xlsx")
    assert isinstance(document, bytes)
    book = openpyxl.load_workbook(io.BytesIO(document))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert [cell for cell in cells if cell.hyperlink] == []


def test_a_cell_that_is_too_long_is_cut_and_says_so() -> None:
    import openpyxl

    document = render(entries("长" * 40_000), "xlsx")
    assert isinstance(document, bytes)
    quote = openpyxl.load_workbook(io.BytesIO(document))["检查结果"].cell(2, 15).value
    assert isinstance(quote, str)
    assert len(quote) == 32_767
    assert quote.endswith("全文见 JSON）")


@pytest.mark.parametrize("canary", CANARIES)
def test_json_loses_nothing(canary: str) -> None:
    site = json.loads(render(entries(canary), "json"))["sites"][0]
    assert site["name"] == canary
    assert site["findings"][0]["clause"]["quote"] == canary
    assert site["findings"][0]["features"] == [canary, canary]


@pytest.mark.parametrize("canary", CANARIES)
def test_junit_is_xml(canary: str) -> None:
    root = ET.fromstring(str(render(entries(canary), "junit")))  # noqa: S314 - our own document
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "error",
    }


def test_text_for_a_terminal_is_one_line_without_codes() -> None:
    assert terminal("\x1b[31m红\x1b[0m\n楼\u202e") == "红 楼"
    assert terminal("\x1b]0;title\x07x\x9b1my") == "xy"


def test_text_for_a_spreadsheet_is_no_formula() -> None:
    assert spreadsheet("=1+1") == "'=1+1"
    assert spreadsheet("  =1+1") == "'  =1+1"
    assert spreadsheet("12号楼") == "12号楼"


def test_hidden_characters_become_visible() -> None:
    assert plain("12号楼\u202e\x00") == "12号楼<U+202E><U+0000>"
    assert plain("𠮷野家\n") == "𠮷野家\n"
