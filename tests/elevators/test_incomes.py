"""Ways to pay for an elevator, counted by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.elevators.incomes import Rent, annuity_factor, compare_incomes, incomes_table
from plan.errors import UsageError

GIVEN: dict[str, Any] = {
    "amount_cny": 240_000.0, "households": 10, "years": 10, "rate": 0.0, "upkeep_cny_per_year": 6_000.0,
}  # fmt: skip


def test_without_interest_everything_is_counted_by_hand() -> None:
    owners, rent, adverts = compare_incomes(
        **GIVEN, rent=Rent(monthly_fee_cny=300), advertising_cny_per_year=18_000
    )
    # 24,000 + 6,000 a year over 120 household-months.
    assert owners.household_month_cny == pytest.approx(250)
    assert owners.npv_cny is None
    # 36,000 come in, 30,000 stay: in ten years 60,000 more than was spent, after eight years nothing owed.
    assert (rent.npv_cny, rent.payback_years, rent.discounted_payback_years) == (60_000, 8, 8)
    assert rent.household_month_cny == 300
    # 12,000 of 30,000 are left for the households.
    assert adverts.household_month_cny == pytest.approx(100)
    assert (adverts.npv_cny, adverts.payback_years) == (-120_000, 20)


def test_rides_are_paid_one_by_one() -> None:
    (_, rent) = compare_incomes(**GIVEN, rent=Rent(fee_per_ride_cny=0.5, rides_per_day=100))
    assert rent.household_month_cny == pytest.approx(365 * 50 / 120)


def test_a_fee_below_upkeep_never_pays_back() -> None:
    (_, rent) = compare_incomes(**GIVEN, rent=Rent(monthly_fee_cny=50))
    assert (rent.payback_years, rent.discounted_payback_years) == (None, None)
    table = incomes_table((rent,))
    assert table.rows[0][3:] == ("收不回", "收不回")


def test_interest_may_eat_what_comes_in() -> None:
    (_, rent) = compare_incomes(**(GIVEN | {"rate": 0.1}), rent=Rent(monthly_fee_cny=250))
    # 24,000 a year on a debt of 240,000 at a tenth: nothing is ever paid off.
    assert rent.payback_years == 10
    assert rent.discounted_payback_years is None


def test_advertising_above_the_cost_leaves_nothing_to_pay() -> None:
    adverts = compare_incomes(**GIVEN, advertising_cny_per_year=99_000)[1]
    assert adverts.household_month_cny == 0


@given(rate=st.floats(0, 0.5), years=st.integers(1, 60))
def test_the_annuity_factor_is_the_sum_of_its_years(rate: float, years: int) -> None:
    by_year = math.fsum((1 + rate) ** -year for year in range(1, years + 1))
    assert annuity_factor(rate, years) == pytest.approx(by_year, rel=1e-9)


@given(rate=st.floats(0, 0.2), amount=st.floats(1e4, 1e6), years=st.integers(1, 40))
def test_the_owners_month_is_the_fee_at_which_an_investor_breaks_even(
    rate: float, amount: float, years: int
) -> None:
    terms = GIVEN | {"rate": rate, "amount_cny": amount, "years": years}
    (owners,) = compare_incomes(**terms)
    (_, rent) = compare_incomes(**terms, rent=Rent(monthly_fee_cny=owners.household_month_cny))
    assert rent.npv_cny == pytest.approx(0, abs=1e-6 * amount)
    assert rent.discounted_payback_years == pytest.approx(years, rel=1e-5)


@pytest.mark.parametrize(
    "change",
    [
        {"amount_cny": 0.0}, {"amount_cny": math.inf}, {"households": 0}, {"years": 0}, {"rate": -0.1},
        {"rate": math.nan}, {"upkeep_cny_per_year": -1.0}, {"rent": Rent(monthly_fee_cny=-1)},
        {"rent": Rent(rides_per_day=math.inf)}, {"advertising_cny_per_year": -1.0},
    ],
)  # fmt: skip
def test_a_figure_without_sense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        compare_incomes(**(GIVEN | change))
