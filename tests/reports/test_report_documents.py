from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from report_cases import AREA, BOTH, FAILED, GATE, PACK, SNAPSHOTS, one, report, snapshots

from plan import reports
from plan.errors import InputError, OutputError, UsageError
from plan.findings import InputFile, PackRef, Report, SiteResult, Status, Strength
from plan.messages import keys
from plan.reports import FORMATS, exit_code, format_of, render, write
from plan.reports.words import figures
from plan.rules.pack import EVIDENCE


def text(format_: str, entries: tuple[SiteResult, ...] = BOTH, lang: str = "zh") -> str:
    document = render(entries, format_, lang=lang)
    assert isinstance(document, str)
    return document


@pytest.mark.parametrize("name", sorted(snapshots()))
def test_documents_are_as_they_were_seen(name: str) -> None:
    # To accept a change: python tests/reports/report_cases.py, then read the difference.
    assert snapshots()[name].decode("utf-8") == (SNAPSHOTS / name).read_bytes().decode("utf-8")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_same_input_same_bytes(format_: str, lang: str) -> None:
    assert render(BOTH, format_, lang=lang) == render(BOTH, format_, lang=lang)


def test_json_has_the_schema_of_the_design() -> None:
    data = json.loads(text("json"))
    assert list(data) == ["schema", "pack", "on", "sites"]
    assert data["schema"] == "plan.report/1"
    assert data["pack"] == {"id": "qinhuangdao", "version": "1.0.0", "sha256": "ab" * 32}
    assert data["on"] == "2026-11-22"
    site, failed = data["sites"]
    assert {"name", "outcome", "error", "inputs", "findings", "problems", "estimates", "versions"} == set(
        site
    )
    assert site["versions"] == failed["versions"] == {"estate-plan": "1.2.3", "GEOS": "3.99.0"}
    assert (site["outcome"], site["error"]) == ("not_met", None)
    assert site["inputs"] == [{"path": "yard.gpkg", "sha256": "cd" * 32}]
    finding = site["findings"][0]
    assert (finding["rule"], finding["status"], finding["measured"], finding["required"], finding["unit"]) == (
        "QHD-07", "not_met", 280.0, 300.0, "m2",
    )  # fmt: skip
    assert finding["clause"]["quote"] == AREA.clause.quote
    assert finding["clause"]["article"] == "六(一)"
    assert finding["geometry"]["type"] == "Polygon"
    assert site["findings"][1]["reason"].startswith("ambiguous_clause: ")
    assert (failed["outcome"], failed["findings"]) == ("error", [])
    assert failed["error"] == "broken.gpkg 无法读取。"
    assert failed["problems"][0]["cure"] == "请重新复制。"


def test_a_report_can_be_read_back(tmp_path: Path) -> None:
    write(one(), tmp_path / "r.json")
    again = reports.read_report(tmp_path / "r.json")
    assert again.outcome == "not_met"
    assert [f.rule for f in again.findings] == [f.rule for f in report().findings]


def test_the_verdicts_of_another_estate_are_never_taken(tmp_path: Path) -> None:
    def named(name: str, digest: str) -> SiteResult:
        files = (InputFile(path=f"{name}.gpkg", sha256=digest),)
        return SiteResult.of(Report(site=name, pack=PACK, findings=report().findings, inputs=files))

    path = tmp_path / "r.json"
    write((named("a", "1"), named("b", "2")), path)
    assert reports.read_report(path, site="a").site == "a"
    with pytest.raises(InputError, match="a、b"):
        reports.read_report(path, site="c")
    # A hearing package names the same estate twice: as it is, and as proposed.
    before = named("a", "1")
    write((replace(before, name="as it is"), replace(before, name="as proposed")), path)
    assert reports.read_report(path, site="a").site == "as proposed"


def test_json_holds_no_number_that_json_has_not() -> None:
    broken = replace(
        AREA,
        measured=float("nan"),
        required=float("inf"),
        geometry={"type": "Point", "coordinates": [float("nan"), 1.0]},
    )
    finding = json.loads(text("json", one(broken)))["sites"][0]["findings"][0]
    assert (finding["measured"], finding["required"], finding["geometry"]) == (None, None, None)


def test_csv_has_a_row_for_each_finding_and_each_failed_site() -> None:
    document = text("csv")
    assert document.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(document[1:])))
    assert [r["rule"] for r in rows] == ["QHD-07", "QHD-09", "QHD-10", "QHD-11", "QHD-12", ""]
    assert (rows[0]["measured"], rows[0]["required"], rows[0]["features"]) == ("280.0", "300.0", "R1;R2")
    assert (rows[5]["outcome"], rows[5]["error"]) == ("error", "broken.gpkg 无法读取。")


class Page(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links.extend(str(value) for name, value in attrs if name in {"href", "src", "action", "srcset"})

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    document = text("html")
    page = Page(document)
    assert "script" not in page.tags
    assert all(link.startswith("#") for link in page.links)
    assert "url(" not in document
    assert "@import" not in document
    assert "default-src 'none'" in document


def test_every_link_of_the_page_leads_somewhere() -> None:
    document = text("html")
    for link in set(Page(document).links):
        assert f'id="{link[1:]}"' in document


def test_the_page_says_what_a_hearing_reads_aloud() -> None:
    shown = "".join(Page(text("html")).words)
    for said in (
        AREA.clause.quote,
        "秦办发〔2011〕27号",
        "六(一)",
        "再增加 20 平方米用房。",
        "条文有歧义",
        "本工具的惯例",
    ):
        assert said in shown


def test_binding_breaches_come_first() -> None:
    document = text("html", one(GATE, AREA))
    assert document.index('class="finding not_met binding"') < document.index('class="finding not_met"')


def test_text_has_only_characters_that_a_chinese_windows_console_has() -> None:
    text("text", one()).replace("²", "").encode("gbk")


def test_many_sites_have_a_line_each() -> None:
    few, many = text("text", one() * 2), text("text", one() * 12)
    assert few.count(AREA.clause.article) > 0
    assert many.count(AREA.clause.article) == 0
    assert many.count("海阳里小区") == 24


def test_a_figure_that_fails_never_looks_like_one_that_passes() -> None:
    assert figures(299.9996, 300.0) == ("299.9996", "300")
    assert figures(1234.5, 1234.5) == ("1,234.5", "1,234.5")
    assert "299.9996" in text("html")


@pytest.mark.parametrize("value", [*EVIDENCE])
def test_every_evidence_has_words(value: str) -> None:
    assert f"reports.evidence.{value}" in keys()


@pytest.mark.parametrize("value", [*(f"strength.{s}" for s in Strength), *(f"group.{s}" for s in Status)])
def test_every_value_has_words(value: str) -> None:
    assert f"reports.{value}" in keys()


@pytest.mark.parametrize(
    ("findings", "failed", "code"),
    [
        (["met"], False, 0),
        (["met", "not_applicable"], False, 0),
        (["met", "not_met"], False, 1),
        (["undetermined"], False, 3),
        (["not_applicable"], False, 3),
        ([], False, 3),
        (["met"], True, 2),
        (["undetermined"], True, 2),
        (["not_met"], True, 1),
    ],
)
def test_exit_codes(findings: list[str], failed: bool, code: int) -> None:  # noqa: FBT001 - a column of a table
    from plan.findings import Report

    made = tuple(replace(AREA, status=Status(s), reason="needs_person: x") for s in findings)
    entries = [SiteResult.of(Report(site="a", pack=PACK, findings=made))]
    assert exit_code([*entries, FAILED] if failed else entries) == code


def test_nothing_checked_is_no_pass() -> None:
    assert exit_code([]) == 2


def test_advice_that_is_not_followed_does_not_decide() -> None:
    met = replace(AREA, status=Status.MET)
    assert exit_code(one(met, GATE)) == 0


def test_files_are_named_by_their_ending(tmp_path: Path) -> None:
    for name, format_ in (
        ("a.JSON", "json"),
        ("a.sarif.json", "sarif"),
        ("a.xml", "junit"),
        ("a.htm", "html"),
    ):
        assert format_of(tmp_path / name) == format_
    write(BOTH, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == text("csv").encode("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv"]


def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    other = SiteResult(name="x", pack=PackRef(id="jinan", version="1", sha256=""), error="x")
    with pytest.raises(UsageError, match="yaml"):
        render(BOTH, "yaml")
    with pytest.raises(UsageError, match="fr"):
        render(BOTH, "json", lang="fr")
    with pytest.raises(UsageError):
        render((), "json")
    with pytest.raises(UsageError, match="jinan"):
        render((*BOTH, other), "json")
    with pytest.raises(UsageError, match="docm"):
        write(BOTH, tmp_path / "a.docm")
    with pytest.raises(OutputError):
        write(BOTH, tmp_path, format="json")


def test_a_result_is_a_report_or_an_error() -> None:
    with pytest.raises(ValueError, match="either"):
        SiteResult(name="x", pack=PACK)
    with pytest.raises(ValueError, match="either"):
        SiteResult(name="x", pack=PACK, report=report(), error="x")


def test_a_report_is_taken_only_for_the_files_that_it_is_about(tmp_path: Path) -> None:
    def about(name: str, *digests: str) -> SiteResult:
        files = tuple(InputFile(path=f"{digest}.gpkg", sha256=digest) for digest in digests)
        whole = Report(site=name, pack=PACK, findings=report().findings, inputs=files)
        return replace(SiteResult.of(whole), name=name)

    path = tmp_path / "r.json"
    # As a hearing package: the estate as it is, and the proposal, which is about the file that holds it as well.
    write((about("现状", "old", "dem"), about("方案", "old", "dem", "result")), path)
    for digest, name in (("old", "现状"), ("result", "方案")):
        files = (InputFile(path="x.gpkg", sha256=digest),)
        assert reports.read_report(path, site="青山新村", inputs=files).site == name
    with pytest.raises(InputError) as caught:
        reports.read_report(path, site="现状", inputs=(InputFile(path="edited.gpkg", sha256="new"),))
    assert caught.value.message.key == "reports.other_files"
    assert "edited.gpkg" in caught.value.message.to("zh")
