"""Figures that a quote does not say, and categories that are a city's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from plan.rules import RulePack, load_pack
from plan.rules.quoted import own_categories, unquoted_figures

PACK = """
[pack]
id = "try"
version = "1.0.0"
title = "试"
extends = "qinhuangdao"

[document.d]
title = "文件"

[[rule]]
id = "A"
title = "条"
kind = "{kind}"
strength = "must"
evidence = "{evidence}"
document = "d"
quote = "{quote}"
params = {{ {params} }}
"""


def made(tmp_path: Path, kind: str, params: str, quote: str, evidence: str = "seed") -> RulePack:
    path = tmp_path / "try.toml"
    path.write_text(PACK.format(kind=kind, params=params, quote=quote, evidence=evidence), encoding="utf-8")
    return load_pack(path)


@pytest.mark.parametrize(
    ("kind", "params", "quote"),
    [
        (
            "room_area",
            "rate_m2_per_100_households = 30, minimum_m2 = 1000",
            "每百户30平方米，不少于1,000平方米",
        ),
        ("room_area", "minimum_m2 = 20000", "不少于2公顷"),
        ("room_area", "minimum_m2 = 600", "不少于六百平方米"),
        ("room_ground_floor", "minimum_share = 0.7", "70%以上"),
        ("room_ground_floor", "minimum_share = 0.6", "不少于五分之三"),
        ("room_floors", "lowest = 1, highest = 1", "应安排在建筑首层"),
        ("reach", 'categories = ["clinic"], within_min = 15', "步行十五分钟"),
        ("reach", 'categories = ["clinic"], within_m = 300', "服务半径300m"),
        (
            "stalls_per_household",
            "bands = [{ above = 90, at_most = 120, required = 1.2 }]",
            "90m²＜S≤120m² 1.2",
        ),
        ("plaza_per_person", "m2_per_person = 0.3", "人均用地不低于０.３m2"),
    ],
)
def test_what_the_quote_says_in_any_writing_is_found(
    tmp_path: Path, kind: str, params: str, quote: str
) -> None:
    assert unquoted_figures(made(tmp_path, kind, params, quote)) == {}


@pytest.mark.parametrize(
    ("params", "quote", "lacking"),
    [
        ("minimum_m2 = 60", "不少于600平方米", ("minimum_m2 = 60",)),
        (
            "rate_m2_per_100_households = 30, minimum_m2 = 350",
            "每百户30平方米",
            ("minimum_m2 = 350",),
        ),
        ("minimum_m2 = 600", "面积达标", ("minimum_m2 = 600",)),
    ],
)
def test_a_figure_that_the_quote_does_not_say_is_named(
    tmp_path: Path, params: str, quote: str, lacking: tuple[str, ...]
) -> None:
    assert unquoted_figures(made(tmp_path, "room_area", params, quote)) == {"A": lacking}


def test_arithmetic_and_inherited_rules_are_passed_over(tmp_path: Path) -> None:
    assert unquoted_figures(made(tmp_path, "room_area", "minimum_m2 = 600", "面积达标", "derived")) == {}
    assert unquoted_figures(load_pack("qinhuangdao")) == {
        "QHD-09": ("lowest = 1",),
        "QHD-10": ("highest = 2",),
    }


@pytest.mark.parametrize(
    ("kind", "params", "own"),
    [
        ("reach", 'categories = ["clinic", "邻里坊"], within_m = 300', {"A": ("邻里坊",)}),
        ("facility_area", 'category = "邻里坊", minimum_m2 = 300', {"A": ("邻里坊",)}),
        ("facility_area", 'category = "clinic", minimum_m2 = 300', {}),
        ("room_area", "minimum_m2 = 300", {}),
    ],
)
def test_categories_that_only_the_citys_drawings_know_are_named(
    tmp_path: Path, kind: str, params: str, own: dict[str, tuple[str, ...]]
) -> None:
    assert own_categories(made(tmp_path, kind, params, "300")) == own
