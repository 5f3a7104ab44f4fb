"""Who pays how much: tables counted by hand, and sums to the fen."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.elevators.coefficients import (
    Coefficients,
    coefficients_named,
    example,
    examples,
    read_coefficients,
)
from plan.elevators.money import apportioned, fen, yuan
from plan.elevators.shares import CostShares, cost_shares
from plan.errors import InputError, UsageError
from plan.messages import translate
from plan.rules import load_pack

ZJT = example("EL-SHARE-ZJT")


def flats(*floors: int, area_m2: float = 60.0) -> pd.DataFrame:
    """One flat on each of the floors; a floor that comes again has another flat."""
    ids = [f"{floor}{sum(f == floor for f in floors[:i]) + 1:02}" for i, floor in enumerate(floors)]
    return pd.DataFrame(
        {
            "household_id": ids,
            "building_id": "B1",
            "stairwell_id": "1",
            "floor": floors,
            "area_m2": area_m2,
            "vote": "yes",
        }
    )


def paid(shares: CostShares) -> dict[str, int]:
    return {flat.household: flat.share_fen for flat in shares.stairwells["1"].flats}


def shared(frame: pd.DataFrame, **options: object) -> CostShares:
    return cost_shares(frame, **({"total_cny": 1000, "coefficients": ZJT} | options))


# --- money ---------------------------------------------------------------------------------------


def test_an_amount_is_the_decimal_that_was_written() -> None:
    assert [fen(v, name="x") for v in (0.29, "1.1", 500_000, np.float64(0.07))] == [29, 110, 50_000_000, 7]
    assert yuan(-123456) == "-1,234.56"


@pytest.mark.parametrize(
    "value", [-1, float("nan"), float("inf"), "1e999999999", "1e-999999999", "cheap", None]
)
def test_an_amount_without_sense_is_refused(value: object) -> None:
    with pytest.raises(UsageError, match="subsidy_cny"):
        shared(flats(3), subsidy_cny=value)


def test_less_than_a_fen_is_refused() -> None:
    with pytest.raises(UsageError, match=r"1\.005"):
        shared(flats(3), total_cny="1.005")


@pytest.mark.parametrize("total", [0, -5, float("inf")])
def test_a_total_that_is_not_above_zero_is_refused(total: float) -> None:
    with pytest.raises(UsageError, match="total_cny"):
        shared(flats(3), total_cny=total)


@given(
    amount=st.integers(0, 10**10),
    weights=st.lists(st.fractions(0, 100, max_denominator=1000), min_size=1, max_size=20).filter(any),
)
def test_parts_sum_exactly_and_none_is_a_fen_off(amount: int, weights: list[Fraction]) -> None:
    parts = apportioned(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < 1
        assert part == 0 or weight


def test_equal_remainders_go_to_those_who_come_first() -> None:
    assert apportioned(5, [Fraction(1)] * 3) == [2, 2, 1]


# --- shares --------------------------------------------------------------------------------------


def test_a_table_by_hand() -> None:
    # Coefficients .7, .8, .9, 1 of equal areas: 340,000 in 34 parts.
    shares = shared(flats(1, 2, 3, 4, 5, 6), total_cny=440_000, subsidy_cny=100_000)
    expected = {"101": 0, "201": 0, "301": 70_000, "401": 80_000, "501": 90_000, "601": 100_000}
    assert paid(shares) == {flat: cny * 100 for flat, cny in expected.items()}


def test_twice_the_area_pays_twice() -> None:
    frame = flats(3, 3)
    frame["area_m2"] = [40.0, 80.0]
    assert paid(shared(frame, total_cny=300)) == {"301": 10_000, "302": 20_000}


def test_compensation_is_shared_out_by_those_who_pay() -> None:
    shares = shared(
        flats(1, 1, 3, 3),
        total_cny=1000,
        compensation_by_floor_cny={1: 100},
        compensation_by_household_cny={"102": 300},
    )
    assert paid(shares) == {"101": 0, "102": 0, "301": 70_000, "302": 70_000}
    got = {f.household: f.compensation_fen for f in shares.stairwells["1"].flats}
    assert got == {"101": 10_000, "102": 30_000, "301": 0, "302": 0}


def test_funds_pay_first_and_never_more_than_the_share() -> None:
    shares = shared(
        flats(3, 3),
        repair_fund_cny={"301": 300, "302": 900},
        provident_fund_cny={"301": 50.5, "302": 70},
    )
    one, two = shares.stairwells["1"].flats
    assert (one.share_fen, one.repair_fund_fen, one.provident_fund_fen, one.to_pay_fen) == (
        50_000, 30_000, 5_050, 14_950,
    )  # fmt: skip
    assert (two.to_pay_fen, two.repair_fund_left_fen, two.provident_fund_left_fen) == (0, 40_000, 7_000)


def test_who_does_not_take_part_pays_nothing_unless_told() -> None:
    frame = flats(1, 3, 4)
    frame["vote"] = ["yes", None, "yes"]
    everywhere = Coefficients(by_floor=dict.fromkeys(range(1, 5), Fraction(1)))
    payers = {
        who: [f for f, share in paid(shared(frame, coefficients=everywhere, payers=who)).items() if share]
        for who in ("all", "above_ground", "agreeing")
    }
    assert payers == {
        "all": ["101", "301", "401"],
        "above_ground": ["301", "401"],
        "agreeing": ["101", "401"],
    }


def test_a_stairwell_may_have_its_own_cost() -> None:
    frame = pd.concat([flats(3), flats(3).assign(household_id="X", stairwell_id="2")])
    shares = shared(frame, total_cny={"1": 400})
    assert paid(shares) == {"301": 40_000}
    assert list(shares.rejected) == ["2"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"floor": [3, 10]}, "shares.no_coefficient"),
        ({"floor": [3, None]}, "shares.no_floor"),
        ({"floor": [3, 0]}, "shares.no_floor"),
        ({"floor": [3, 3.5]}, "shares.no_floor"),
        ({"area_m2": [60, 0]}, "shares.no_area"),
        ({"area_m2": [60, np.nan]}, "shares.no_area"),
        ({"floor": [1, 1]}, "shares.nobody"),
        ({"floor": [2, 2]}, "shares.nobody"),
        ({"household_id": ["301", "301"]}, "shares.household_twice"),
        ({"stairwell_id": ["1", None]}, "shares.astray"),
    ],
)
def test_a_stairwell_that_cannot_be_shared_says_why(change: Mapping[str, object], key: str) -> None:
    shares = shared(flats(3, 4).assign(**change))
    assert not shares.stairwells
    assert {name: why.key for name, why in shares.rejected.items()} == {"1": key}


def test_a_subsidy_above_the_cost_is_named_and_one_of_all_of_it_leaves_nothing() -> None:
    assert shared(flats(3), subsidy_cny=1001).rejected["1"].key == "shares.subsidy"
    assert paid(shared(flats(3), subsidy_cny=1000)) == {"301": 0}


@pytest.mark.parametrize(
    "options",
    [
        {"payers": "nobody"},
        {"total_cny": {"9": 100}},
        {"repair_fund_cny": {"999": 1}},
        {"provident_fund_cny": {"999": 1}},
        {"compensation_by_household_cny": {"999": 1}},
        {"compensation_by_floor_cny": {1: -1}},
    ],
)
def test_an_option_without_sense_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        shared(flats(3), **options)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UsageError, match="area_m2"):
        shared(flats(3).drop(columns="area_m2"))
    with pytest.raises(UsageError, match="vote"):
        shared(flats(3).drop(columns="vote"), payers="agreeing")


def test_the_order_of_rows_changes_nothing() -> None:
    frame = flats(3, 3, 3, 4, 5)
    again = shared(frame.iloc[::-1], total_cny="999.99")
    assert paid(again) == paid(shared(frame, total_cny="999.99"))


def test_the_table_for_the_wall_names_flats_only() -> None:
    frame = flats(1, 3).assign(owner_id=["张三", "李四"])
    table = shared(frame, repair_fund_cny={"301": 5000}).stairwells["1"].table()
    assert [row[0] for row in table.rows[:-1]] == ["101", "301"]
    assert table.rows[-1][4:] == ("1,000.00", "1,000.00", "0.00", "0.00", "0.00")
    text = "".join(str(cell) for row in (*table.rows, table.notes) for cell in row)
    # Neither owners nor what a household has left in a fund.
    assert "张" not in text
    assert "4,000" not in text
    assert "verified-1src" in translate(table.notes[1], "en")


@settings(max_examples=60, deadline=None)
@given(
    areas=st.lists(st.integers(3_000, 15_000), min_size=1, max_size=14),
    total=st.integers(1, 10**8),
    data=st.data(),
)
def test_shares_sum_to_the_fen(areas: list[int], total: int, data: st.DataObject) -> None:
    floors = data.draw(st.lists(st.integers(3, 9), min_size=len(areas), max_size=len(areas)))
    frame = flats(*floors)
    frame["area_m2"] = [a / 100 for a in areas]
    shares = shared(frame, total_cny=f"{total // 100}.{total % 100:02}")
    assert sum(paid(shares).values()) == total
    rows = shares.frame()
    assert (rows["share_fen"] >= 0).all()
    assert rows["share_fen"].sum() == total


def test_the_sample_estate(sample_gis: Path) -> None:
    households = pyogrio.read_dataframe(
        sample_gis / "old_estate.gpkg", layer="households", read_geometry=False
    )
    shares = shared(households, total_cny=500_000, subsidy_cny=100_000, coefficients=example("EL-SHARE-TPL"))
    assert (len(shares.stairwells), len(shares.rejected)) == (117, 0)
    assert set(shares.frame().groupby("stairwell")["share_fen"].sum()) == {40_000_000}


# --- coefficients --------------------------------------------------------------------------------


def test_the_examples_say_where_they_come_from() -> None:
    assert examples() == ("EL-SHARE-TPL", "EL-SHARE-ZJT")
    for name in examples():
        assert all((example(name).title, example(name).source, example(name).evidence))
    with pytest.raises(UsageError, match="EL-SHARE-ZJT"):
        example("EL-SHARE-X")


def test_the_example_and_the_pack_hold_the_same_figures() -> None:
    kind = load_pack("national").rule("EL-SHARE-TPL").kind
    by_floor = example("EL-SHARE-TPL").by_floor
    assert [float(by_floor[floor]) for floor in range(2, 7)] == list(kind.values)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_table_from_a_spreadsheet_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "系数.csv"
    path.write_bytes("# source: 业主会议\n楼层,系数\n-1,0\n1,0\n3,0.75,\n,\n".encode(encoding))
    table = read_coefficients(path)
    assert table.by_floor == {-1: 0, 1: 0, 3: Fraction(3, 4)}
    assert (table.name, table.source) == ("系数", "业主会议")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("storey,factor\n1,1", "floor,coefficient"),
        ("", "floor,coefficient"),
        ("floor,coefficient\n", "没有任何楼层"),
        ("floor,coefficient\n2,.5\n2,.6", "第 3 行：楼层 2 重复"),
        ("floor,coefficient\n2.5,1\n0,1", "第 2 行.*2.5.*第 3 行"),
        ("floor,coefficient\n2,-1", "-1"),
        ("floor,coefficient\n2,nan", "nan"),
        ("floor,coefficient\n2,inf", "inf"),
        ("floor,coefficient\n2,1e-999999999", "1e-999"),
        ("floor,coefficient\n2,1e999999999", "1e999"),
        ("floor,coefficient\n2", "1 格"),
        ("floor,coefficient\n2,1,5", "3 格"),
        ('floor,coefficient\n2,"1', "读不出来"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_line_by_line(tmp_path: Path, lines: str, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_coefficients(path)


def test_a_table_of_zeros_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("floor,coefficient\n2,0\n", encoding="utf-8")
    with pytest.raises(UsageError, match="全为零"):
        read_coefficients(path)
    with pytest.raises(InputError, match="absent"):
        read_coefficients(tmp_path / "absent.csv")


def test_a_table_is_asked_for_by_the_name_of_an_example_or_by_its_path(tmp_path):
    path = tmp_path / "ours.csv"
    path.write_text("floor,coefficient\n3,0.5\n", encoding="utf-8")
    assert coefficients_named("EL-SHARE-TPL") == example("EL-SHARE-TPL")
    assert coefficients_named(str(path)) == read_coefficients(path)
    with pytest.raises(InputError):
        coefficients_named("EL-SHARE-NONE")
