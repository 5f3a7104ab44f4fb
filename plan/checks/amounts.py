"""Figures that are known, or known to lie between two bounds; and what is missing when they are not.

A verdict may rest on a figure that is not known exactly, as long as it stands for every value that the
figure can have: known rooms of 700 m2 are more than 600 m2 whatever an unmeasured room adds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, Self

from plan.messages import Message
from plan.schema import LAYERS

__all__ = ["NAMED", "TOLERANCE", "Amount", "Gap", "column_gap", "gap", "layer_gap"]

# How much a figure may fall short of a limit and still be at the limit: 1e-6 m2 is a square millimetre,
# 1e-6 m a thousandth of one. Sums of decimals that have no exact binary form are off by some 1e-12.
TOLERANCE: Final = 1e-6
NAMED: Final = 10  # ids written out in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Why something cannot be told, and what would cure it."""

    code: str  # of plan.findings.REASONS
    what: Message
    cure: Message


def gap(code: str, key: str, **params: object) -> Gap:
    """Make a gap from the text ``checks.<key>`` and its cure ``checks.<key>_cure``.

    Parameters
    ----------
    code : {"missing_data", "ambiguous_clause", "repaired_geometry", "needs_person"}
        The kind of reason.
    key : str
        The name of the text.
    **params : object
        Values for the placeholders of both texts.

    Returns
    -------
    Gap
        Both texts together.
    """
    return Gap(
        code=code, what=Message(f"checks.{key}", **params), cure=Message(f"checks.{key}_cure", **params)
    )


def layer_gap(layer: str) -> Gap:
    """Say that a layer is absent or empty."""
    return gap("missing_data", "no_layer", layer=layer, zh=LAYERS[layer].zh)


def column_gap(layer: str, column: str, ids: tuple[str, ...] = ()) -> Gap:
    """Say that a column is absent, or that it holds nothing usable for some rows.

    Parameters
    ----------
    layer, column : str
        Names of the contract.
    ids : tuple of str, optional
        The rows; none when the whole column is absent.

    Returns
    -------
    Gap
        Names layer and column in both languages.
    """
    spec = LAYERS[layer]
    zh = next((c.zh for c in spec.columns if c.name == column), column)
    if not ids:
        return gap("missing_data", "no_column", layer=layer, zh=spec.zh, column=column, column_zh=zh)
    named = tuple(sorted(ids))[:NAMED]
    return gap(
        "missing_data", "no_value", layer=layer, column=column, column_zh=zh, ids=named, count=len(ids)
    )


def repaired_gap(layer: str, ids: tuple[str, ...]) -> Gap:
    """Say that the verdict would rest on shapes that were mended on reading."""
    named = tuple(sorted(ids))[:NAMED]
    return gap("repaired_geometry", "repaired", layer=layer, zh=LAYERS[layer].zh, ids=named, count=len(ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A figure that lies between two bounds; both are the figure itself where it is known."""

    low: float
    high: float
    shown: float | None  # what people are shown
    gaps: tuple[Gap, ...] = ()  # why the bounds differ
    estimated: bool = False  # what is shown rests on an estimate

    @classmethod
    def of(cls, value: float) -> Self:
        """Return a figure that is known."""
        return cls(low=value, high=value, shown=value)

    @classmethod
    def unknown(cls, *gaps: Gap, shown: float | None = None, estimated: bool = False) -> Self:
        """Return a figure of which nothing is known but that it is not negative."""
        return cls(low=0.0, high=math.inf, shown=shown, gaps=gaps, estimated=estimated)

    def times(self, factor: float) -> Amount:
        """Return the figure multiplied by a factor, not negative; zero times an unknown figure is zero."""
        if factor == 0:
            return Amount.of(0.0)
        shown = None if self.shown is None else self.shown * factor
        return replace(self, low=self.low * factor, high=self.high * factor, shown=shown)

    def or_at_least(self, minimum: float) -> Amount:
        """Return the greater of the figure and a minimum; it is known where the figure is below the minimum for certain."""
        if self.high <= minimum:
            return Amount.of(minimum)
        shown = minimum if self.shown is None else max(self.shown, minimum)
        return replace(self, low=max(self.low, minimum), high=max(self.high, minimum), shown=shown)

    def plus(self, other: Amount) -> Amount:
        """Return the sum of two figures."""
        return Amount(
            low=self.low + other.low,
            high=self.high + other.high,
            shown=(self.shown or 0.0) + (other.shown or 0.0),
            gaps=self.gaps + other.gaps,
            estimated=self.estimated or other.estimated,
        )

    def reaches(self, need: Amount) -> bool | None:
        """Tell whether the figure is at least another one; None when that depends on what is not known.

        Exactly at the limit is reached; see TOLERANCE.
        """
        if self.low + TOLERANCE >= need.high:
            return True
        if self.high + TOLERANCE < need.low:
            return False
        return None
