"""A table for people: printed on a console, shown on a page; pure data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under heads; texts may be Messages, and None shows as a dash."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    numeric: tuple[int, ...] = ()  # columns that are aligned as numbers
    bars: tuple[int, ...] = ()  # columns of percentages that a page shows as bars too
    notes: tuple[str, ...] = ()  # sentences below it
