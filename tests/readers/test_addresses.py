"""Names of houses: what is one house, and what is not."""

from __future__ import annotations

import pytest

from plan.readers.addresses import HouseName, house_name, stairwell_number


@pytest.mark.parametrize(
    "text", ["12号楼", "12#", "十二栋", "012", "第12幢", "１２ 号楼", "12栋楼", "12＃楼"]
)
def test_one_house(text):
    assert house_name(text) == HouseName("", "12")


@pytest.mark.parametrize(
    ("text", "before", "number"),
    [
        ("B12", "b", "12"),
        ("A区12栋", "a区", "12"),
        ("幸福小区12号楼", "幸福小区", "12"),
        ("12甲号楼", "", "12甲"),
        ("1-2号楼", "", "1-2"),
        ("一百零三栋", "", "103"),
        ("二十楼", "", "20"),
    ],
)
def test_parts(text, before, number):
    assert house_name(text) == HouseName(before, number)


@pytest.mark.parametrize("text", ["物业用房", "", "门岗"])
def test_no_number_is_no_name(text):
    assert house_name(text) is None


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        ("12号楼", "B12", True),
        ("A12", "B12", False),
        ("12", "12甲", False),
        ("幸福小区12号楼", "平安里12号楼", False),
    ],
)
def test_letters_that_differ_are_two_houses(one, other, fits):
    assert house_name(one).fits(house_name(other)) is fits


@pytest.mark.parametrize(
    ("text", "house", "number"),
    [
        ("二单元", "", "2"),
        ("2", "", "2"),
        ("B01-2", "B01", "2"),
        ("02单元", "", "2"),
        ("乙单元", "", "乙"),
        ("东边", "", None),
    ],
)
def test_stairwells(text, house, number):
    assert stairwell_number(text, house=house) == number
