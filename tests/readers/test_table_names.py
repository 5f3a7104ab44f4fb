"""Units that a list says of its numbers: in a title, in a note, in a column beside them."""

from __future__ import annotations

import math

import pytest

from plan.readers import inspect_sources, read_site
from plan.readers._table_names import head_of, known, units_said

HEAD = "用房编号,楼层,建筑面积,费用"


@pytest.fixture
def read(tmp_path):
    def of(*lines):
        path = tmp_path / "rooms.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        frame = read_site(path).layer("rooms")
        columns = (c for c in ("area_m2", "cost_cny") if c in frame.columns)
        return tuple([None if math.isnan(v) else v for v in frame[c]] for c in columns)

    return of


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("社区用房一览表（单位：万平方米）", ("万平方米",)),
        ("单位: ㎡、万元", ("㎡", "万元")),
        ("注：面积单位为亩。", ("亩",)),
        ("填表单位：幸福社区", ("幸福社区",)),  # no unit of any column
        ("单位（盖章）", ()),
    ],
)
def test_units_that_a_title_says(text, units):
    assert units_said([[text]]) == units


@pytest.mark.parametrize(
    ("title", "area", "cost"),
    [
        ("用房一览表（单位：亩）", 2000, 3),
        ("单位：公顷、万元", 30_000, 30_000),
        ("单位：平方米、元", 3, 3),
        ("单位：平方米、亩", None, 3),  # which of them?
        ("单位：平方英尺", None, 3),
        ("填表单位：幸福社区", 3, 3),
    ],
)
def test_numbers_are_in_the_unit_of_the_title(read, title, area, cost):
    assert read(f"{title},,,", HEAD, "R1,1,3,3") == ([area], [cost])


def test_the_head_of_a_column_says_more_than_the_title(read):
    assert read("单位：亩,,,", "用房编号,楼层,建筑面积（㎡）,费用", "R1,1,3,3") == ([3], [3])
    assert read("单位：亩,,,", "用房编号,楼层,area_m2,费用", "R1,1,3,3") == ([3], [3])


def test_a_note_below_says_the_unit_too(read):
    assert read(HEAD, "R1,1,3,3", "注：面积单位为亩,,,") == ([2000], [3])


def test_a_column_of_units_is_read_row_by_row(read):
    rows = ["R1,1,3,公顷", "R2,1,3,㎡", "R3,1,3,", "R4,1,3,平方丈", "R5,1,约3,亩"]
    assert read("用房编号,楼层,建筑面积,单位", *rows) == ([30_000, 3, 3, None, None],)


def test_heads():
    assert (head_of("建筑面积（㎡）").name, head_of("*楼 号").name) == ("建筑面积", "楼号")
    assert (head_of("面积（亩）").unit, head_of("费用（千元）").unit) == ("亩", "千元")
    assert known("面积(公顷)")
    assert not known("面积（套内）")


def test_a_row_divided_by_another_sign_is_refused(tmp_path):
    path = tmp_path / "rooms.csv"
    path.write_text(f"{HEAD}\nR1,1,80,3\nR2\t1\t90\t3\n", encoding="utf-8")
    (one,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-FILE-013"]
    assert one.effect == "refused"
