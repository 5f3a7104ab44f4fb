"""A division into the band, or the proof that there is none, for few cells: every way to put them together is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from plan.districts.partition import Cells

    Ints = NDArray[np.int64]

__all__ = ["MOST_CELLS", "Exhausted", "division_in_band"]

MOST_CELLS: Final = 40  # more are not looked at
_STEPS: Final = 100_000  # sets of cells that are looked at before it is given up


class Exhausted(Exception):  # noqa: N818 - no error: the answer is not known
    """Too many ways to look at all of them."""


@dataclass(slots=True, eq=False)
class _Search:
    households: list[float]
    near: list[int]  # of each cell its neighbours, as bits
    low: float
    high: float
    steps: int = 0
    barren: set[int] = field(default_factory=set)  # what is left and cannot be divided

    def divided(self, left: int) -> list[int] | None:
        """Return sets of cells, as bits, that divide what is left; None when there are none."""
        inhabited = [i for i in bits(left) if self.households[i] > 0]
        if not inhabited:
            return []
        if left in self.barren or not self.hopeful(left):
            return None
        for one in self.sets(inhabited[0], left):
            rest = self.divided(left & ~one)
            if rest is not None:
                return [one, *rest]
        self.barren.add(left)
        return None

    def hopeful(self, left: int) -> bool:
        """Tell whether each connected part of what is left has enough households, and a number of groups that fits."""
        while left:
            part = self.part(left & -left, left)
            total = sum(self.households[i] for i in bits(part))
            least = -(-total // self.high)
            if total > 0 and not self.low * least <= total:
                return False
            left &= ~part
        return True

    def part(self, seed: int, within: int) -> int:
        """Return what hangs together with a cell."""
        found = front = seed
        while front:
            grown = 0
            for i in bits(front):
                grown |= self.near[i]
            front = grown & within & ~found
            found |= front
        return found

    def sets(self, first: int, left: int) -> Iterator[int]:
        """Yield the connected sets in the band that hold a cell."""
        stack = [(1 << first, self.near[first] & left, 1 << first)]
        while stack:
            chosen, front, barred = stack.pop()
            self.steps += 1
            if self.steps > _STEPS:
                raise Exhausted
            total = sum(self.households[i] for i in bits(chosen))
            if total > self.high:
                continue
            if total >= self.low:
                yield chosen
            # Each neighbour is taken or barred for good: no set is met twice.
            for i in bits(front & ~barred):
                one = 1 << i
                barred |= one
                stack.append((chosen | one, (front | self.near[i]) & left & ~chosen & ~one, barred))


def bits(number: int) -> Iterator[int]:
    """Yield the places of the ones of a number, from the lowest."""
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def division_in_band(cells: Cells, *, low: float, high: float) -> Ints | None:
    """Return a division of connected cells into connected groups that are all in a band.

    Parameters
    ----------
    cells : Cells
        Connected cells, at most ``MOST_CELLS``.
    low, high : float
        The band, both included.

    Returns
    -------
    (n,) array of int or None
        The group of each cell, -1 of cells without households that no group needs. None: there is no such division.

    Raises
    ------
    Exhausted
        If there are too many ways to look at all of them.
    """
    if len(cells) > MOST_CELLS:
        raise Exhausted
    near = [0] * len(cells)
    for a, b in cells.pairs.tolist():
        near[a] |= 1 << b
        near[b] |= 1 << a
    search = _Search(households=cells.households.tolist(), near=near, low=low, high=high)
    groups = search.divided((1 << len(cells)) - 1)
    if groups is None:
        return None
    labels = np.full(len(cells), -1, dtype=np.int64)
    for number, group in enumerate(groups):
        labels[list(bits(group))] = number
    return labels
