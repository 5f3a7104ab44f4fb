"""Matrices and numbers from outside become checked arrays here, once for all models."""

from __future__ import annotations

import math
import time
from numbers import Integral
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = [
    "amounts",
    "by_demand",
    "check_room",
    "cost_matrix",
    "deadline_of",
    "named",
    "nearest_of",
    "number",
    "sites_wanted",
]

# Rows that a message names, at most.
_NAMED: Final = 8


def cost_matrix(cost: ArrayLike) -> Floats:
    """Check a matrix of costs, demands x sites; infinite where a site cannot serve a demand.

    Raises
    ------
    UsageError
        If it is no matrix of numbers, is empty, or holds a cost that is negative or NaN.
    """
    try:
        matrix = np.array(cost, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(Message("location.matrix")) from None
    if matrix.ndim != 2 or 0 in matrix.shape:  # noqa: PLR2004 - rows and columns
        raise UsageError(Message("location.matrix"))
    wrong = np.argwhere(~(matrix >= 0))
    if len(wrong):
        row, column = (int(k) for k in wrong[0])
        raise UsageError(Message("location.cost", row=row, column=column, value=float(matrix[row, column])))
    return matrix


def amounts(values: ArrayLike, count: int, *, name: str, positive: bool = False) -> Floats:
    """Check one number for each demand or site.

    Parameters
    ----------
    values : array of float
        Finite, and not negative.
    count : int
        How many there must be.
    name : str
        What they are, as the caller named them.
    positive : bool
        Zero is refused, too.

    Raises
    ------
    UsageError
    """
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(Message("location.amounts", name=name, count=count)) from None
    if found.shape != (count,):
        raise UsageError(Message("location.amounts", name=name, count=count))
    good = np.isfinite(found) & (found > 0 if positive else found >= 0)
    if not good.all():
        at = int(np.flatnonzero(~good)[0])
        key = "location.positive" if positive else "location.amount"
        raise UsageError(Message(key, name=name, position=at, value=float(found[at])))
    return found


def sites_wanted(p: object, sites: int) -> int:
    """Check how many sites are wanted.

    Raises
    ------
    UsageError
        If it is not a whole number of 1 to `sites`.
    """
    if not isinstance(p, Integral) or isinstance(p, bool) or not 1 <= int(p) <= sites:
        raise UsageError(Message("location.p", p=str(p), sites=sites))
    return int(p)


def number(value: object, *, name: str) -> float:
    """Check a finite number that is not negative.

    Raises
    ------
    UsageError
    """
    if isinstance(value, (int, float, np.number)) and math.isfinite(value) and value >= 0:
        return float(value)
    raise UsageError(Message("location.number", name=name, value=str(value)))


def deadline_of(time_limit_s: float | None) -> float:
    """Return when to stop, on the clock of :func:`time.monotonic`.

    Raises
    ------
    UsageError
        If the limit is not a positive number.
    """
    if time_limit_s is None:
        return math.inf
    if not number(time_limit_s, name="time_limit_s") > 0:
        raise UsageError(Message("location.number", name="time_limit_s", value=str(time_limit_s)))
    return time.monotonic() + time_limit_s


def nearest_of(cost: Floats, chosen: Ints) -> Ints:
    """Return for each demand the chosen site of least cost, the first of equals; -1 where none serves it."""
    part = cost[:, chosen]
    return np.where(np.isfinite(part).any(axis=1), chosen[part.argmin(axis=1)], -1)


def named(rows: Ints) -> str:
    """Write some positions for a message."""
    shown = ", ".join(str(row) for row in rows[:_NAMED])
    return f"{shown}, …" if len(rows) > _NAMED else shown


def check_room(cost: Floats, demand: Floats, capacity: Floats, rows: Ints, *, whole: bool) -> None:
    """Check that the sites can hold the demand.

    Raises
    ------
    UsageError
        With what is missing, or the demands that fit nowhere.
    """
    missing = float(demand.sum() - capacity.sum())
    if missing > 1e-9 * demand.sum():
        raise UsageError(
            Message(
                "location.shortfall",
                demand=float(demand.sum()),
                capacity=float(capacity.sum()),
                missing=missing,
            )
        )
    if whole and len(rows):
        fits = (np.isfinite(cost) & (demand[:, None] <= capacity * (1 + 1e-9))).any(axis=1)
        if not fits.all():
            raise UsageError(Message("location.fits_nowhere", rows=named(rows[~fits])))


def by_demand(cost: Floats) -> tuple[Ints, NDArray[np.int32], Floats]:
    """Return the finite costs of each demand, ascending, with the sites that they belong to.

    Returns
    -------
    first, site, cost : arrays
        Those of demand i are first[i] to first[i + 1].
    """
    order = np.argsort(cost, axis=1, kind="stable").astype(np.int32)
    ascending = np.take_along_axis(cost, order, axis=1)
    finite = np.isfinite(ascending)
    first = np.concatenate([[0], np.cumsum(finite.sum(axis=1))])
    return first, order[finite], ascending[finite]
