"""Who pays for an elevator in the end: its owners, an investor whom the households pay, or advertisers.

Sanming asks to try both 谁投资、谁受益 (who invests, gains) and 谁使用、谁付费 (who uses it, pays): cards that count rides,
and advertising in the car. No clause gives a figure for any of it, so every figure is an argument. With the amount C, the
upkeep U of a year, the rate r of a year, n years and H households::

    A(r, n) = (1 - (1 + r)^-n) / r, or n where r = 0      annuity factor (textbook)
    owners:       (C / A + U) / (12 H)                    a household's month
    rent:         income = 12 H fee + 365 rides fee_per_ride
                  NPV = -C + (income - U) A,  payback = C / (income - U)
                  payback with interest = -ln(1 - r C / (income - U)) / ln(1 + r)
    advertising:  max(0, C / A + U - income) / (12 H)     a household's month

Incomes are the same every year and come at its end; nothing is left of the elevator after n years. Taxes are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from plan.errors import UsageError
from plan.messages import Message
from plan.tables import Table

__all__ = ["Income", "Rent", "annuity_factor", "compare_incomes", "incomes_table"]

_MONTHS: Final = 12
_DAYS: Final = 365  # in a year


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """What an investor asks of the households.

    Parameters
    ----------
    monthly_fee_cny : float, default 0
        Of each household.
    fee_per_ride_cny : float, default 0
        Of each ride.
    rides_per_day : float, default 0
        Of all households of the stairwell together.
    """

    monthly_fee_cny: float = 0.0
    fee_per_ride_cny: float = 0.0
    rides_per_day: float = 0.0

    def per_year_cny(self, households: int) -> float:
        """Return what the investor receives in a year."""
        rides = _DAYS * self.rides_per_day * self.fee_per_ride_cny
        return _MONTHS * households * self.monthly_fee_cny + rides


@dataclass(frozen=True, slots=True, kw_only=True)
class Income:
    """One way to pay for an elevator."""

    model: Literal["owners", "rent", "advertising"]
    household_month_cny: float  # what a household pays each month
    npv_cny: float | None = None  # of the investor, or of the advertising against the whole cost
    payback_years: float | None = None  # None: never, or nobody invests
    discounted_payback_years: float | None = None  # with interest; may be longer than the contract


def annuity_factor(rate: float, years: int) -> float:
    """Return what one CNY at the end of each year is worth today.

    Parameters
    ----------
    rate : float
        Of a year, such as 0.04; zero counts every year alike.
    years : int
        How many.

    Returns
    -------
    float
        In CNY.

    Examples
    --------
    >>> round(annuity_factor(0.05, 10), 4)
    7.7217
    """
    if not rate:
        return float(years)
    # As exact for a rate of a millionth as for one of a tenth.
    return -math.expm1(-years * math.log1p(rate)) / rate


def compare_incomes(
    *,
    amount_cny: float,
    households: int,
    years: int,
    rate: float,
    upkeep_cny_per_year: float,
    rent: Rent | None = None,
    advertising_cny_per_year: float | None = None,
) -> tuple[Income, ...]:
    """Set the ways to pay for an elevator side by side.

    Parameters
    ----------
    amount_cny : float
        What it costs, without the subsidy; above zero.
    households : int
        That pay; at least one.
    years : int
        The contract, or the life of the elevator; at least one.
    rate : float
        Interest of a year, such as 0.04; at least zero.
    upkeep_cny_per_year : float
        Electricity, inspection, repairs and insurance.
    rent : Rent, optional
        An investor's fees; that way is left out without them.
    advertising_cny_per_year : float, optional
        Income from advertising; that way is left out without it.

    Returns
    -------
    tuple of Income
        Owners first, then rent, then advertising.

    Raises
    ------
    UsageError
        If a figure is negative, infinite, or zero where it must not be.
    """
    figures = {"rate": rate, "upkeep_cny_per_year": upkeep_cny_per_year}
    if rent is not None:
        figures |= {
            "monthly_fee_cny": rent.monthly_fee_cny,
            "fee_per_ride_cny": rent.fee_per_ride_cny,
            "rides_per_day": rent.rides_per_day,
        }
    if advertising_cny_per_year is not None:
        figures["advertising_cny_per_year"] = advertising_cny_per_year
    for name, value in figures.items():
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(Message("incomes.figure", name=name, value=value))
    for name, value in {"amount_cny": amount_cny, "households": households, "years": years}.items():
        if not (math.isfinite(value) and value > 0):
            raise UsageError(Message("incomes.positive", name=name, value=value))
    factor = annuity_factor(rate, years)
    per_year = amount_cny / factor + upkeep_cny_per_year
    shared = _MONTHS * households
    found = [Income(model="owners", household_month_cny=per_year / shared)]
    if rent is not None:
        income = rent.per_year_cny(households)
        found.append(
            _invested(
                "rent",
                amount_cny=amount_cny,
                net_cny=income - upkeep_cny_per_year,
                factor=factor,
                rate=rate,
                month_cny=income / shared,
            )
        )
    if advertising_cny_per_year is not None:
        left = max(per_year - advertising_cny_per_year, 0.0)
        found.append(
            _invested(
                "advertising",
                amount_cny=amount_cny,
                net_cny=advertising_cny_per_year - upkeep_cny_per_year,
                factor=factor,
                rate=rate,
                month_cny=left / shared,
            )
        )
    return tuple(found)


def incomes_table(incomes: tuple[Income, ...]) -> Table:
    """Return the ways to pay side by side, for people."""
    return Table(
        title=Message("incomes.title"),
        heads=tuple(
            Message(f"incomes.head_{head}") for head in ("model", "month", "npv", "payback", "interest")
        ),
        rows=tuple(
            (
                Message(f"incomes.{one.model}"),
                f"{one.household_month_cny:,.2f}",
                None if one.npv_cny is None else f"{one.npv_cny:,.0f}",
                _years(one, one.payback_years),
                _years(one, one.discounted_payback_years),
            )
            for one in incomes
        ),
        numeric=(1, 2, 3, 4),
        notes=(Message("incomes.note"),),
    )


# --- parts ---------------------------------------------------------------------------------------


def _invested(
    model: Literal["rent", "advertising"],
    *,
    amount_cny: float,
    net_cny: float,
    factor: float,
    rate: float,
    month_cny: float,
) -> Income:
    payback = amount_cny / net_cny if net_cny > 0 else None
    interest = payback
    if payback is not None and rate:
        # Where a year's interest is more than what comes in, the debt grows.
        interest = -math.log1p(-rate * payback) / math.log1p(rate) if rate * payback < 1 else None
    return Income(
        model=model,
        household_month_cny=month_cny,
        npv_cny=net_cny * factor - amount_cny,
        payback_years=payback,
        discounted_payback_years=interest,
    )


def _years(one: Income, years: float | None) -> str | None:
    if one.npv_cny is None:
        return None
    return Message("incomes.never") if years is None else f"{years:,.1f}"
