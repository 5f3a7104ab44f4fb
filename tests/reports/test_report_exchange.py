from __future__ import annotations

import io
import json
import zipfile
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from report_cases import AREA, BOTH, FLOOR, GATE, PHASE, PLAZA, one

from plan.reports import render, to_sarif
from plan.reports.exchange import _uri


def sarif(**options):
    return json.loads(to_sarif(BOTH, **options))["runs"][0]


def test_sarif_holds_what_is_not_met_and_nothing_that_a_host_would_count_as_an_alert() -> None:
    results = sarif()["results"]
    assert [(r["ruleId"], r["kind"], r["level"]) for r in results] == [
        ("QHD-07", "fail", "error"),
        ("QHD-10", "fail", "warning"),
    ]


def test_sarif_can_hold_every_finding() -> None:
    results = sarif(every=True)["results"]
    assert [(r["kind"], r["level"]) for r in results] == [
        ("fail", "error"),
        ("open", "none"),
        ("fail", "warning"),
        ("pass", "none"),
        ("notApplicable", "none"),
    ]


def test_sarif_says_that_silence_is_no_pass() -> None:
    invocation = sarif()["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [n["level"] for n in invocation["toolExecutionNotifications"]] == ["warning", "error"]


def test_sarif_names_what_computed_it() -> None:
    tool = sarif()["tool"]
    assert (tool["driver"]["name"], tool["driver"]["version"]) == ("plan", "1.2.3")
    assert tool["extensions"] == [{"name": "GEOS", "version": "3.99.0"}]


def test_sarif_points_into_itself() -> None:
    run = sarif(every=True)
    rules = run["tool"]["driver"]["rules"]
    assert [a["hashes"]["sha-256"] for a in run["artifacts"]] == ["ef" * 32, "cd" * 32]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"] == "yard.gpkg"
    assert all("helpUri" not in rule for rule in rules)
    prints = {r["partialFingerprints"]["finding/v1"] for r in run["results"]}
    assert len(prints) == len(run["results"])


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/项目.gpkg", "a%20b/%E9%A1%B9%E7%9B%AE.gpkg"),
        ("C:\\data\\a.gpkg", "file:///C:/data/a.gpkg"),
        ("/data/a.gpkg", "file:///data/a.gpkg"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
    ],
)
def test_a_path_becomes_a_uri(path: str, uri: str) -> None:
    assert _uri(path) == uri


def test_junit_counts() -> None:
    root = ET.fromstring(str(render(BOTH, "junit")))  # noqa: S314 - our own document
    assert root.attrib | {"name": ""} == {
        "name": "",
        "tests": "6",
        "failures": "1",
        "errors": "2",
        "skipped": "2",
    }
    cases = root.findall("testsuite")[0].findall("testcase")
    answers = ["".join(child.tag for child in case) for case in cases]
    assert answers == ["failure", "error", "skipped", "", "skipped"]


def test_geojson_holds_the_findings_that_have_a_place() -> None:
    data = json.loads(str(render(BOTH, "geojson")))
    assert [f["properties"]["rule"] for f in data["features"]] == ["QHD-07", "QHD-11"]
    assert data["features"][1]["geometry"] == {"type": "Point", "coordinates": [119.65, 39.95]}


def test_geojson_opens_in_a_gis(tmp_path) -> None:
    import geopandas as gpd

    (tmp_path / "f.geojson").write_text(str(render(one(), "geojson")), encoding="utf-8")
    frame = gpd.read_file(tmp_path / "f.geojson")
    assert list(frame["status"]) == ["not_met", "met"]
    assert frame.crs.to_epsg() == 4326


def workbook(lang: str = "zh") -> openpyxl.Workbook:
    document = render(BOTH, "xlsx", lang=lang)
    assert isinstance(document, bytes)
    return openpyxl.load_workbook(io.BytesIO(document))


def test_the_workbook_has_three_sheets_that_can_be_filtered() -> None:
    book = workbook()
    assert book.sheetnames == ["结论", "检查结果", "数据问题"]
    assert workbook("en").sheetnames == ["Summary", "Findings", "Data problems"]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")


def test_the_workbook_says_what_the_report_says() -> None:
    book = workbook()
    summary = [[cell.value for cell in row] for row in book["结论"].iter_rows(min_row=2)]
    assert [row[:6] for row in summary] == [
        ["海阳里小区", "不符合", 2, 1, 1, 1],
        ["红旗里", "出错", None, None, None, None],
    ]
    findings = [[cell.value for cell in row] for row in book["检查结果"].iter_rows(min_row=2)]
    assert [row[3] for row in findings] == [f.rule for f in (AREA, FLOOR, GATE, PLAZA, PHASE)]
    assert (findings[0][6], findings[0][7], findings[0][15]) == (280, 300, AREA.clause.quote)
    assert [row[3].value for row in book["数据问题"].iter_rows(min_row=2)] == [
        "PLAN-GEOM-001",
        "PLAN-FILE-003",
    ]


def test_the_workbook_names_what_computed_it() -> None:
    summary = workbook("en")["Summary"]
    assert [cell.value for cell in list(summary.columns)[-1]] == [
        "Computed with",
        *["estate-plan 1.2.3\nGEOS 3.99.0"] * 2,
    ]


def test_the_workbook_holds_no_clock() -> None:
    document = render(BOTH, "xlsx")
    assert isinstance(document, bytes)
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")
