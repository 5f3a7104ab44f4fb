"""What planners write into cells of numbers has one meaning, or none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.quantities import basements_in, day_text, number_in


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("650 平方米", "m2", 650),
        ("６５０㎡", "m2", 650),
        ("1.5公顷", "m2", 15000),
        ("15亩", "m2", 10000),
        ("一百零五", "m2", 105),
        ("两千三百五十", "m2", 2350),
        ("¥1,200", "CNY", 1200),
        ("1.2亿元", "CNY", 120_000_000),
        ("350cm", "m", 3.5),
        ("1:12", "rise/run", 1 / 12),
        ("5%", "rise/run", 0.05),
        ("1.2万人", "", 12000),
        ("十二层", "", 12),
    ],
)
def test_one_meaning(text, unit, value):
    assert number_in(text, unit) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text", ["", "约300", "三百五", "百", "二〇", "6+1", "300-350", "1,00", "12,34,567", "㎡", "1:0"]
)
def test_no_single_meaning(text):
    assert number_in(text, "m2") is None
    assert number_in(text, "rise/run") is None


def test_storeys_below_the_ground():
    read = [number_in(t, below=True) for t in ("B1", "b2层", "负一层", "地下2层", "首层", "-1F", "地下室")]
    assert read == [-1, -2, -1, -2, 1, -1, None]
    assert number_in("B1") is None
    assert [basements_in(t) for t in ("地上6地下1", "地上十八层、地下二层", "6层", "")] == [1, 2, None, None]


def test_days():
    assert day_text("二〇一七年十二月三十一日") == "2017年12月31日"
    assert day_text(" 2017 ") == "2017"


@given(st.integers(0, 9999))
def test_numerals_of_a_grammar_are_read_back(value):
    assert number_in(numeral(value)) == value


@given(st.text("零一二三四五六七八九十百千两0123456789,.-+㎡亩万元层B负地下", max_size=8))
def test_nothing_else_raises(text):
    for unit in ("m2", "CNY", ""):
        for below in (True, False):
            value = number_in(text, unit, below=below)
            assert value is None or math.isfinite(value)
    basements_in(text)
    day_text(text)


def numeral(value):
    """Write a number as it is spoken: 105 is 一百零五."""
    if not value:
        return "零"
    digits, out, gap = "零一二三四五六七八九", "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            out += ("零" if gap and out else "") + digits[digit] + name
            gap = False
        else:
            gap = True
    return out.removeprefix("一") if out.startswith("一十") else out
