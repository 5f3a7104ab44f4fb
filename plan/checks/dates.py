"""Dates of which perhaps only the year is known: the answer is None where the day would decide."""

from __future__ import annotations

from typing import Final

__all__ = ["in_window", "is_before"]

_ISO: Final = 10  # characters of 2017-07-11


def days(text: str) -> tuple[str, str]:
    """Return the first and the last day that a date may mean: ``1988`` is any day of that year."""
    return (text, text) if len(text) == _ISO else (f"{text[:4]}-01-01", f"{text[:4]}-12-31")


def in_window(built: str | None, *, after: str | None, before: str | None) -> bool | None:
    """Tell whether a date lies after one day and before another, neither included.

    Parameters
    ----------
    built : str or None
        ISO date or year; None when not known.
    after, before : str or None
        ISO dates; None leaves that side open.

    Returns
    -------
    bool or None
        None when it depends on what is not known.
    """
    if after is None and before is None:
        return True
    if built is None:
        return None
    first, last = days(built)
    if (after is None or first > after) and (before is None or last < before):
        return True
    if (after is not None and last <= after) or (before is not None and first >= before):
        return False
    return None


def is_before(date: str, on: str) -> bool | None:
    """Tell whether a date is not later than a day; None when only its year is known and decides."""
    first, last = days(date)
    return True if last <= on else False if first > on else None
