"""The order of places along a Hilbert curve: what is near on the ground is near in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int32]
    Ticks = NDArray[np.int64]

__all__ = ["along_curve"]

_HILBERT_BITS: Final = 16
# Digits of a place along the curve, in bits: three of them.
_DIGIT: Final = 11


@compiled
def _hilbert(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ticks:
    """Return the place of each point along a Hilbert curve of 65,536 steps a side."""
    count = len(x)
    place = np.zeros(count, np.int64)
    if count == 0:
        return place
    side = (1 << _HILBERT_BITS) - 1
    west, south = x.min(), y.min()
    size = max(x.max() - west, y.max() - south)
    scale = side / size if size > 0 else 0.0
    for i in range(count):
        a, b = np.int64((x[i] - west) * scale), np.int64((y[i] - south) * scale)
        found = np.int64(0)
        step = 1 << (_HILBERT_BITS - 1)
        while step > 0:
            right = 1 if a & step else 0
            up = 1 if b & step else 0
            found += step * step * ((3 * right) ^ up)
            if up == 0:
                if right == 1:
                    a, b = side - a, side - b
                a, b = b, a
            step >>= 1
        place[i] = found
    return place


@compiled
def along_curve(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ints:
    """Return the points in their order along a Hilbert curve; those on one spot in the order given."""
    place = _hilbert(x, y)
    order: Ints = np.arange(len(x)).astype(np.int32)
    other = np.empty_like(order)
    digit = np.uint64((1 << _DIGIT) - 1)
    for step in range(3):
        shift = np.uint64(_DIGIT * step)
        first = np.zeros((1 << _DIGIT) + 1, np.int64)
        for i in range(len(place)):
            first[((np.uint64(place[i]) >> shift) & digit) + np.uint64(1)] += 1
        for d in range(1 << _DIGIT):
            first[d + 1] += first[d]
        for i in order:
            slot = (np.uint64(place[i]) >> shift) & digit
            other[first[slot]] = i
            first[slot] += 1
        order, other = other, order
    return order
