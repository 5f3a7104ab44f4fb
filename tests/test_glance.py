"""Results in a notebook: tables of plain HTML, every text escaped."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

import plan
from plan.glance import figures_html, frame_html, heading_html, rows_html
from plan.messages import Message

CANARY = "<img src=x onerror=alert(1)>{{7*7}}"


def test_texts_are_escaped_everywhere() -> None:
    page = (
        heading_html(CANARY)
        + rows_html([CANARY], [[CANARY], [(CANARY, "b")]])
        + frame_html(pd.DataFrame({CANARY: [CANARY]}))
        + figures_html({CANARY: CANARY})
    )
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") == 8


def test_what_is_missing_is_a_dash_and_numbers_stand_on_the_right() -> None:
    page = rows_html(["a"], [[None], [float("nan")], [pd.NaT], [np.float64(1234.5)], [np.int64(7)], [True]])
    assert page.count(">–<") == 3
    assert "1,234.5" in page
    assert ">7<" in page
    assert f">{Message('glance.yes')}<" in page


def test_a_frame_shows_its_first_rows_and_tells_of_the_others() -> None:
    frame = gpd.GeoDataFrame(
        {"id": [f"r{n}" for n in range(12)], "empty": [None] * 12}, geometry=[Point(0, 0)] * 12
    )
    page = frame_html(frame)
    assert "r9" in page
    assert "r10" not in page
    assert "POINT" not in page
    assert "empty" not in page
    assert Message("glance.left_out", count=2) in page


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    return plan.read_site(sample_gis / "new_estate.gpkg")


def test_a_site_tells_its_layers(site: plan.Site) -> None:
    page = site._repr_html_()
    assert "海棠湾家园" in page
    assert "EPSG:4549" in page
    assert "households" in page
    assert "1,440" in page


def test_a_pack_tells_its_clauses() -> None:
    pack = plan.load_pack("qinhuangdao")
    page = pack._repr_html_()
    assert pack.rule("QHD-07").clause.quote in page


def test_a_placement_tells_why_not(site: plan.Site) -> None:
    placed = plan.place_rooms(site, pack=plan.load_pack("qinhuangdao"))
    page = placed._repr_html_()
    assert Message("glance.placed", count=len(placed.features)) in page
    for reason in placed.rejected["reason"].head(10):
        assert str(reason) in page
