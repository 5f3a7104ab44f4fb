"""Money in whole fen (分), so that sums are exact: amounts at the door, and dividing one without losing a fen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from plan.errors import UsageError
from plan.messages import Message

__all__ = ["FEN", "Amounts", "Money", "apportioned", "by_name", "fen", "yuan"]

FEN: Final = 100  # in a yuan (元, CNY)
_DIGITS: Final = 15  # more than any amount has, before or behind the point

Money = int | float | str | Decimal
Amounts = Money | Mapping[str, Money]  # the same for every stairwell, or by its name
_NAMED: Final = 10  # names written out in a sentence


def fen(amount: Money, *, name: str, positive: bool = False) -> int:
    """Return an amount in CNY as whole fen.

    Parameters
    ----------
    amount : int, float, str or Decimal
        In CNY; as the decimal that is written, so that 0.1 is ten fen.
    name : str
        What it is, for the error.
    positive : bool, default False
        Refuse zero.

    Returns
    -------
    int
        In fen.

    Raises
    ------
    UsageError
        If it is no number, negative, infinite, finer than a fen, or zero where it must not be.

    Examples
    --------
    >>> fen(0.1, name="total_cny")
    10
    """
    try:
        exact = Decimal(str(amount).strip())
    except InvalidOperation:
        exact = Decimal("nan")
    # 1e999999999 is a number, too, and would fill the memory as a fraction.
    places = exact.as_tuple().exponent
    wild = not isinstance(places, int) or places < -_DIGITS or exact.adjusted() > _DIGITS
    if wild or exact < 0 or (positive and not exact):
        raise UsageError(Message("shares.positive" if positive else "shares.amount", name=name, value=amount))
    whole = Fraction(exact) * FEN
    if whole.denominator != 1:
        raise UsageError(Message("shares.finer", name=name, value=amount))
    return whole.numerator


def by_name(amounts: Amounts, known: Iterable[str], *, name: str, positive: bool = False) -> dict[str, int]:
    """Return an amount for each stairwell, as whole fen.

    Parameters
    ----------
    amounts : amount, or mapping of str to amount
        In CNY: the same for all, or by the name of the stairwell.
    known : iterable of str
        The names of all stairwells.
    name : str
        What the amounts are, for the error.
    positive : bool, default False
        Refuse zero.

    Returns
    -------
    dict of str to int
        In fen; without those to which a mapping gives nothing.

    Raises
    ------
    UsageError
        If an amount makes no sense, or is for a stairwell that does not exist.
    """
    known = list(known)
    if not isinstance(amounts, Mapping):
        return dict.fromkeys(known, fen(amounts, name=name, positive=positive))
    if strangers := sorted(set(amounts) - set(known)):
        raise UsageError(Message("shares.no_stairwell", name=name, ids=tuple(strangers[:_NAMED])))
    return {key: fen(amount, name=name, positive=positive) for key, amount in amounts.items()}


def yuan(amount_fen: int) -> str:
    """Write fen as CNY, to the fen.

    Examples
    --------
    >>> yuan(123456789)
    '1,234,567.89'
    """
    sign = "-" if amount_fen < 0 else ""
    whole, rest = divmod(abs(amount_fen), FEN)
    return f"{sign}{whole:,}.{rest:02}"


def apportioned(amount_fen: int, weights: Sequence[Fraction]) -> list[int]:
    """Divide an amount by weights, by largest remainder: the parts are whole fen and sum to it exactly.

    Each part is rounded down; the fen that are left go one by one to the largest remainders, and among equal
    remainders to the part that comes first.

    Parameters
    ----------
    amount_fen : int
        At least zero.
    weights : sequence of Fraction
        At least zero; not all of them zero.

    Returns
    -------
    list of int
        In fen, one for each weight.

    Examples
    --------
    >>> apportioned(100, [Fraction(1), Fraction(1), Fraction(1)])
    [34, 33, 33]
    """
    scale = math.lcm(*(weight.denominator for weight in weights))
    whole = [weight.numerator * (scale // weight.denominator) for weight in weights]
    total = sum(whole)
    parts = [amount_fen * weight // total for weight in whole]
    left = amount_fen - sum(parts)
    for i in sorted(range(len(parts)), key=lambda i: (-(amount_fen * whole[i] % total), i))[:left]:
        parts[i] += 1
    return parts
