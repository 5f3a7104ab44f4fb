"""Time as whole numbers, so that a sum does not depend on the order of its parts.

One answer then, to the last bit, with any number of threads, with or without contraction, and ties are
ties. A minute has 1.008e12 ticks: whole millimetres at whole metres a minute up to ten times a multiple
of ten come out without a remainder, and the rounding of a thousand edges stays below 1e-9 minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INFINITE", "LARGEST", "from_ticks", "ticks_per_minute", "to_ticks"]

# What nothing reaches; two of them can be added without overflow.
INFINITE: Final = 1 << 61
# The largest finite number of ticks.
LARGEST: Final = 1 << 60
_FINEST: Final = 1.008e12


def ticks_per_minute(total_min: float) -> float:
    """Return the finest ticks with which all minutes of a network can be added.

    Parameters
    ----------
    total_min : float
        Sum of the minutes of all edges.

    Returns
    -------
    float
        Ticks.
    """
    scale = _FINEST
    while total_min * scale > LARGEST / 4:
        scale /= 10
    return scale


def to_ticks(minutes: NDArray[np.float64], scale: float) -> NDArray[np.int64]:
    """Return minutes as ticks; infinite ones as ``INFINITE``.

    Parameters
    ----------
    minutes : array of float
        Not negative, and not NaN.
    scale : float
        Ticks in a minute.

    Returns
    -------
    array of int
        Ticks.
    """
    with np.errstate(over="ignore"):
        scaled = np.minimum(np.asarray(minutes) * scale, float(LARGEST))
    return np.where(np.isinf(minutes), INFINITE, np.rint(scaled).astype(np.int64))


def from_ticks(ticks: NDArray[np.int64], scale: float, *, bound: int, max_min: float) -> NDArray[np.float64]:
    """Return ticks as minutes, at most `max_min`, and NaN for more ticks than `bound`.

    Parameters
    ----------
    ticks : array of int
        Ticks.
    scale : float
        Ticks in a minute.
    bound : int
        The most ticks that count as reached.
    max_min : float
        Minutes; sums of the same numbers in another order may differ in the last digit.

    Returns
    -------
    array of float
        Minutes.
    """
    return np.where(ticks <= bound, np.minimum(ticks / scale, max_min), np.nan)
