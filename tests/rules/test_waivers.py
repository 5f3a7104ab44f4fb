"""Waivers: a finding stays not met and visible, and no longer decides; what is of no use is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import plan
from plan.errors import RulePackError, UsageError
from plan.findings import SiteResult, Status
from plan.reports import render
from plan.reports.reading import read_report
from plan.rules import Waivers, load_waivers, strangers

TEXT = """
[[waiver]]
rule = "JN-01"
site = "new_estate"
granted_by = "某市自然资源和规划局 张三"
number = "某自然资规〔2026〕1号"
granted_on = 2026-01-01
until = 2027-01-01
reason = "用地狭小，与相邻社区共用"
"""


def file_of(folder: Path, text: str = TEXT) -> Waivers:
    path = folder / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return load_waivers(path)


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "new_estate.gpkg")


def judged(site: plan.Site, waivers: Waivers | None, on: str | None = "2026-06-01") -> plan.Report:
    pack = plan.load_pack("jinan", on=on)
    return plan.check(site, pack, select=["JN-01", "JN-02"], waivers=waivers)


def test_it_stays_not_met_and_no_longer_decides(site: plan.Site, tmp_path: Path) -> None:
    before, after = judged(site, None), judged(site, file_of(tmp_path))
    assert [f.status for f in before.findings] == [f.status for f in after.findings] == [Status.NOT_MET] * 2
    assert before.findings[0].waiver is None
    assert after.findings[0].waiver is not None
    assert after.findings[0].waiver.granted_by == "某市自然资源和规划局 张三"
    assert after.outcome == "not_met"  # JN-02 has none
    assert after.count(Status.NOT_MET) == 2
    assert after.problems == before.problems
    assert after.inputs[-1].path.endswith("waivers.toml")


def test_with_all_waived_nothing_is_met(site: plan.Site, tmp_path: Path) -> None:
    text = TEXT + TEXT.replace("JN-01", "JN-02")
    assert judged(site, file_of(tmp_path, text)).outcome == "undetermined"


def test_what_else_is_met_decides(site: plan.Site, tmp_path: Path) -> None:
    pack = plan.load_pack("jinan", on="2026-06-01")
    text = TEXT + TEXT.replace("JN-01", "JN-02")
    report = plan.check(site, pack, waivers=file_of(tmp_path, text))
    assert plan.check(site, pack).outcome == "not_met"
    assert report.outcome == "met"
    assert {f.rule for f in report.waived} == {"JN-01", "JN-02"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("until = 2027-01-01", "until = 2026-05-31", "PLAN-WAIVER-001"),
        ("granted_on = 2026-01-01", "granted_on = 2026-06-02", "PLAN-WAIVER-002"),
        ('reason = "', 'measured = 459.0\nreason = "', "PLAN-WAIVER-003"),
        ('rule = "JN-01"', 'rule = "JN-09"', "PLAN-WAIVER-004"),
        ('reason = "', 'subject = "S9"\nreason = "', "PLAN-WAIVER-004"),
        ('reason = "', 'features = ["R01"]\nreason = "', "PLAN-WAIVER-004"),
    ],
)
def test_what_is_of_no_use_is_told(site: plan.Site, tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in TEXT
    report = judged(site, file_of(tmp_path, TEXT.replace(old, new)))
    assert report.waived == ()
    assert problem in {p.id for p in report.problems}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("until = 2027-01-01", "until = 2026-06-01"),  # the last day counts
        ("granted_on = 2026-01-01", "granted_on = 2026-06-01"),  # and the first
        ('reason = "', 'measured = 460\nreason = "'),
        ('reason = "', 'features = ["R01", "R02", "R03", "R04", "R99"]\nreason = "'),
    ],
)
def test_at_its_limits_it_holds(site: plan.Site, tmp_path: Path, old: str, new: str) -> None:
    report = judged(site, file_of(tmp_path, TEXT.replace(old, new)))
    assert [f.rule for f in report.waived] == ["JN-01"]


def test_waivers_of_other_sites_are_passed_over_and_told_by_name(site: plan.Site, tmp_path: Path) -> None:
    waivers = file_of(tmp_path, TEXT.replace('"new_estate"', '"elsewhere"') + TEXT.replace("JN-01", "XX-1"))
    report = judged(site, Waivers(file=waivers.file, records=waivers.records[:1]))
    assert report.waived == ()
    assert report.inputs == site.inputs
    told = strangers(waivers, sites=["new_estate"], rules=["JN-01"])
    assert [p.id for p in told] == ["PLAN-WAIVER-005", "PLAN-WAIVER-006"]


def test_a_waiver_needs_a_day(site: plan.Site, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--on"):
        judged(site, file_of(tmp_path), on=None)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('granted_by = "某市自然资源和规划局 张三"\n', "", "waiver[0]"),
        ('reason = "用地狭小，与相邻社区共用"', 'reason = " "', "waiver[0].reason"),
        ("until = 2027-01-01", 'until = "soon"', "waiver[0].until"),
        ("until = 2027-01-01", "until = 2025-01-01", "waiver[0]"),
        ('rule = "JN-01"', 'rules = "JN-01"', "waiver[0]"),
        ("[[waiver]]", "[[waivers]]", "waiver file"),
        ('number = "某自然资规〔2026〕1号"', "number = 3", "waiver[0].number"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, old: str, new: str, path: str) -> None:
    assert old in TEXT
    with pytest.raises(RulePackError) as caught:
        file_of(tmp_path, TEXT.replace(old, new))
    assert caught.value.path == path
    assert caught.value.file.endswith("waivers.toml")


@pytest.mark.parametrize("shape", ["text", "json", "csv", "html", "junit", "sarif", "geojson"])
def test_every_output_shows_who_allowed_it(site: plan.Site, tmp_path: Path, shape: str) -> None:
    report = judged(site, file_of(tmp_path))
    text = render((SiteResult.of(report),), shape)
    assert isinstance(text, str)
    assert "张三" in text
    assert "2027-01-01" in text
    assert "用地狭小" in text.replace("\n", "").replace(" ", "")


def test_a_written_report_keeps_it(site: plan.Site, tmp_path: Path) -> None:
    report = judged(site, file_of(tmp_path))
    path = tmp_path / "report.json"
    path.write_text(str(render((SiteResult.of(report),), "json")), encoding="utf-8")
    assert read_report(path).waived == report.waived


@pytest.mark.parametrize("kept", [False, True])
def test_the_command_takes_waivers_and_the_stage_before(
    sample_gis: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, kept: bool
) -> None:
    from plan.cli import main

    file_of(tmp_path, TEXT + TEXT.replace('"new_estate"', '"elsewhere"'))
    design = str(sample_gis / "new_estate.gpkg")
    line = ["check", design, "--rules", "jinan", "--select", "JN-01", "--on", "2026-06-01"]
    line += ["--waivers", str(tmp_path / "waivers.toml"), "--since", design, "--lang", "en"]
    code = main([*line, "-o", str(tmp_path / "out")] if kept else line)
    said = capsys.readouterr()
    assert code == 3  # nothing else was judged: that it is allowed is no pass
    assert "PLAN-WAIVER-005" in said.err
    if not kept:
        assert "张三" in said.out
