"""Values as types: what is no number, date, flag or choice becomes missing and is told by row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from plan.columns import READERS, note_unsafe, text_of
from plan.problems import ProblemList
from plan.schema import LAYERS


def read(layer, column, values):
    found = ProblemList(layer=layer)
    spec = LAYERS[layer]
    out = READERS[spec.column(column).type](pd.Series(values), spec.column(column), spec, found)
    return out, found.problems


def told(problems):
    return [(p.id, p.severity, p.effect, p.rows) for p in problems]


def test_text_is_stripped_and_whole_floats_lose_their_point():
    assert text_of(pd.Series(["  a ", "", None, "x\x00y", 3.0, 2.5], dtype=object)).tolist() == [
        "a", None, None, "xy", "3", "2.5",
    ]  # fmt: skip
    assert text_of(pd.Series([1, 2])).tolist() == ["1", "2"]
    assert text_of(pd.Series([1.0, np.nan])).tolist() == ["1", None]


def test_plain_numbers():
    out, problems = read("rooms", "area_m2", ["650", " 12.5 ", "", None, "１２"])
    assert out.tolist()[:2] == [650.0, 12.5]
    assert out.isna().tolist() == [False, False, True, True, False]
    assert out.iloc[4] == 12.0
    assert problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "约300",
        "300-350",
        "12.5㎡/户",
        "≥300",
        "300左右",
        "650m",
        "1,00",
        "三百五",
        "1_000",
        "inf",
        "-inf",
        "nan?",
        "true",
    ],
)
def test_what_is_no_number_stays_missing(text):
    out, problems = read("rooms", "area_m2", ["1", text])
    assert out.isna().tolist() == [False, True]
    assert told(problems) == [("PLAN-UNIT-002", "error", "degraded", (2,))]
    assert text in problems[0].message


@pytest.mark.parametrize(
    ("layer", "column", "text", "value"),
    [
        ("rooms", "area_m2", "650㎡", 650.0),
        ("rooms", "area_m2", "0.065公顷", 650.0),
        ("rooms", "area_m2", "0.975亩", 650.0),
        ("rooms", "area_m2", "1,000.5", 1000.5),
        ("rooms", "area_m2", "三百", 300.0),
        ("rooms", "cost_cny", "35万元", 350000.0),
        ("rooms", "floor", "负一层", -1),
        ("rooms", "floor", "-1F", -1),
        ("rooms", "floor", "三楼", 3),
        ("buildings", "floors", "18F", 18),
        ("buildings", "floors", "地上6地下1", 6),
        ("parcels", "occupancy", "85%", 0.85),
    ],
)
def test_what_means_one_number_is_read_and_told(layer, column, text, value):
    out, problems = read(layer, column, [text, None])
    assert out.iloc[0] == value
    assert told(problems) == [("PLAN-UNIT-003", "warning", "repaired", (1,))]


def test_flags_are_no_numbers():
    out, problems = read("rooms", "area_m2", [True, False])
    assert out.isna().all()
    assert told(problems) == [("PLAN-UNIT-002", "error", "degraded", (1, 2))]


def test_counts_are_whole():
    out, problems = read("buildings", "floors", ["6", "6.0", "6.5", "六层", "6+1"])
    assert out.dtype == "Int64"
    assert out.tolist()[:2] == [6, 6]
    assert out.iloc[3] == 6
    assert out.isna().tolist() == [False, False, True, False, True]
    assert told(problems) == [
        ("PLAN-UNIT-003", "warning", "repaired", (4,)),
        ("PLAN-ATTR-002", "error", "degraded", (3, 5)),
    ]


def test_the_smallest_value_is_allowed():
    out, problems = read("buildings", "floors", [1, 0, -1])
    assert out.isna().tolist() == [False, True, True]
    assert told(problems) == [("PLAN-ATTR-003", "error", "degraded", (2, 3))]


def test_floors_of_rooms_may_be_below_ground():
    out, problems = read("rooms", "floor", [-1, 1, 2])
    assert out.tolist() == [-1, 1, 2]
    assert problems == ()


def test_no_room_is_on_floor_0():
    out, problems = read("rooms", "floor", [0, "0", -1])
    assert out.isna().tolist() == [True, True, False]
    assert told(problems) == [("PLAN-ATTR-009", "error", "degraded", (1, 2))]


def test_shares_are_no_percents():
    out, problems = read("parcels", "occupancy", ["85", "85%", "0.85", "1"])
    assert out.tolist()[1:] == [0.85, 0.85, 1.0]
    assert out.isna().tolist() == [True, False, False, False]
    assert ("PLAN-ATTR-003", "error", "degraded", (1,)) in told(problems)


def test_a_message_that_lists_some_rows_says_that_there_are_others():
    _, problems = read("rooms", "area_m2", ["约300"] * 21)
    assert problems[0].message.params["rows"] == (*range(1, 21), "…")
    assert problems[0].rows == tuple(range(1, 22))


def test_flags():
    out, problems = read("buildings", "has_elevator", ["是", "×", 1, 0, True, None, "也许"])
    assert out.dtype == "boolean"
    assert out.tolist()[:5] == [True, False, True, False, True]
    assert out.isna().tolist()[5:] == [True, True]
    assert told(problems) == [("PLAN-ATTR-004", "error", "degraded", (7,))]


def test_choices_have_chinese_names():
    out, problems = read("households", "vote", ["同意", "反对", "ABSENT", "?", None])
    assert out.tolist() == ["yes", "no", "absent", None, None]
    assert told(problems) == [("PLAN-ATTR-004", "error", "degraded", (4,))]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2017-07-11", "2017-07-11"),
        ("2017/7/1", "2017-07-01"),
        ("2017年7月11日", "2017-07-11"),
        ("2017.07.11", "2017-07-11"),
        ("20170711", "2017-07-11"),
        ("2017-07-11T08:00:00", "2017-07-11"),
        ("1988", "1988"),
        ("1988年", "1988"),
        ("１９８８年", "1988"),
        ("二〇一七年七月十一日", "2017-07-11"),
        (1988.0, "1988"),
    ],
)
def test_dates(text, iso):
    out, problems = read("parcels", "built_on", [text])
    assert out.tolist() == [iso]
    assert problems == ()


@pytest.mark.parametrize(
    "text", ["today", "12", "2017-13-01", "2017-02-30", "88年", "95.6", "现状", "7/11/2017"]
)
def test_what_is_no_date(text):
    out, problems = read("parcels", "built_on", [text])
    assert out.tolist() == [None]
    assert told(problems) == [("PLAN-ATTR-005", "error", "degraded", (1,))]


def test_a_month_without_a_day_keeps_its_year_only():
    out, problems = read("parcels", "built_on", ["2017年5月", "2017-05"])
    assert out.tolist() == ["2017", "2017"]
    assert told(problems) == [("PLAN-ATTR-007", "info", "noted", (1, 2))]


def test_times_of_day():
    out, problems = read("entrances", "opens", ["6:30", "06:30:00", "24:00", "24:30", "早上"])
    assert out.tolist() == ["06:30", "06:30", "24:00", None, None]
    assert told(problems) == [("PLAN-ATTR-006", "error", "degraded", (4, 5))]


def test_long_lists_of_rows_are_cut_in_the_message_only():
    out, problems = read("rooms", "area_m2", ["x"] * 50)
    assert out.isna().all()
    assert problems[0].rows == tuple(range(1, 51))
    assert "21" not in problems[0].message


def test_texts_that_hide_or_would_be_run_are_noted():
    columns = {
        "name": pd.Series(["一号楼", "a\u202eb", "${x}", "\x1b[2J"]),
        "mixed": pd.Series(["一号楼", [1], None, 4], dtype=object),
        "n": pd.Series([1, 2, 3, 4]),
    }
    found = ProblemList()
    note_unsafe(columns, LAYERS["parcels"], found)
    assert told(found.problems) == [
        ("PLAN-SEC-008", "warning", "noted", (3,)),
        ("PLAN-SEC-010", "warning", "noted", (2, 4)),
    ]
    assert "\u202e" not in found.problems[1].message


@pytest.mark.parametrize("text", ["—", "/", "－－", "暂无", "N/A", "未知", "待定", "……"])
@pytest.mark.parametrize(("layer", "column"), [("rooms", "area_m2"), ("households", "elderly"), ("buildings", "has_elevator"),
                                               ("rooms", "handed_over_on"), ("households", "vote"), ("rooms", "building_id")])  # fmt: skip
def test_what_says_that_nothing_is_said_is_told_calmly(layer, column, text):
    out, problems = read(layer, column, [text, None])
    assert out.isna().all()
    assert told(problems) == [("PLAN-ATTR-010", "info", "noted", (1,))]


def test_none_of_what_is_counted_is_nought_and_of_what_is_measured_not_given():
    out, problems = read("households", "elderly", ["无", 2])
    assert out.tolist() == [0, 2]
    assert told(problems) == [("PLAN-UNIT-003", "warning", "repaired", (1,))]
    out, _ = read("buildings", "has_elevator", ["无", "有"])
    assert out.tolist() == [False, True]
    out, problems = read("rooms", "area_m2", ["无", 2])
    assert out.isna().tolist() == [True, False]
    assert told(problems) == [("PLAN-ATTR-010", "info", "noted", (1,))]
    assert read("walkways", "ramp", ["无"])[0].tolist() == ["none"]


def test_ditto_is_not_read():
    for layer, column in (("rooms", "area_m2"), ("households", "building_id"), ("households", "vote")):
        out, problems = read(layer, column, ["同上", "〃"])
        assert out.isna().all()
        assert told(problems) == [("PLAN-ATTR-011", "error", "degraded", (1, 2))]
