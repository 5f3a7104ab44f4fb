"""The title block of a map, and what must never be in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import typed

import plan
from plan.maps import hearing_map


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "new_estate.gpkg")


def test_the_title_block_says_what_is_given(site):
    drawn = hearing_map(
        site, review_number="闽S〔2026〕1号", made_by="规划院", source="实测地形图", dated="2026-11-22"
    )
    said = dict(drawn.page["meta"])
    assert said["审图号"] == "闽S〔2026〕1号"
    assert said["制图单位"] == "规划院"
    assert said["数据来源"] == "实测地形图"
    assert said["制图日期"] == "2026-11-22"
    assert "EPSG:4549" in said["坐标系"]


def test_the_title_block_says_what_is_not_given(site):
    said = dict(hearing_map(site).page["meta"])
    assert said["审图号"] == "（未送审）"
    assert said["数据来源"] == "new_estate.gpkg"
    assert "制图单位" not in said
    assert "制图日期" not in said


def test_options_reach_the_map_and_no_key_of_tiles_does(sample_gis, tmp_path, monkeypatch):
    key = "f00dfacecafe4b1d"
    monkeypatch.setenv("PLAN_TDT_KEY", key)
    out = tmp_path / "m.html"
    given = {"--review-number": "审1号", "--made-by": "甲院", "--source": "乙图", "--dated": "2026-01-31"}
    options = (word for pair in given.items() for word in pair)
    done = typed("map", sample_gis / "new_estate.gpkg", "-o", out, *options)
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    assert all(value in text for value in given.values())
    for stream in (text, done.stdout, done.stderr):
        assert key not in stream
        assert "tianditu" not in stream
