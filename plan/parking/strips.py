"""The best mix of rows and aisles for a strip between two walls: the honest comparison of angles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.stalls import StallRow, StallSpec

__all__ = ["Section", "SectionAisle", "best_section", "section_limit"]

# Metres. A section that fits exactly is not lost to the last digit.
_SLACK_M: Final = 1e-6
_STRAIGHT: Final = (0.0, 90.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionAisle:
    """An aisle of a section, with the rows on its two sides.

    Parameters
    ----------
    below, above : StallRow or None
        The row on either side; None where the aisle runs along the wall.
    width_m : float
        What the more demanding row asks for.
    direction : {"one_way", "two_way"}
        One way where a row is slanted or the aisle is narrower than the spec's two-way width.
    """

    below: StallRow | None
    above: StallRow | None
    width_m: float
    direction: Literal["one_way", "two_way"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Rows and aisles across a strip, from one wall to the other.

    Parameters
    ----------
    aisles : tuple of SectionAisle
        In order; the rows of two neighbouring aisles stand back to back.
    width_m : float
        What the section takes of the strip.
    stalls_per_m : float
        Of the length of the strip.
    stalls : int or None
        In a strip of the given length, at most: see :meth:`plan.parking.stalls.StallRow.stalls_in`.
    """

    aisles: tuple[SectionAisle, ...]
    width_m: float
    stalls_per_m: float
    stalls: int | None

    @property
    def rows(self) -> tuple[StallRow, ...]:
        """The rows in order."""
        return tuple(row for aisle in self.aisles for row in (aisle.below, aisle.above) if row is not None)

    @property
    def angles_deg(self) -> tuple[float, ...]:
        """The angles of the rows in order."""
        return tuple(row.angle_deg for row in self.rows)

    @property
    def reverse_in(self) -> bool:
        """Whether a car must reverse into some stall."""
        return any(not row.front_in for row in self.rows)

    @property
    def m2_per_stall(self) -> float:
        """Ground of an endless section for each stall; infinite without stalls."""
        return self.width_m / self.stalls_per_m if self.stalls_per_m else math.inf


@dataclass(frozen=True, slots=True)
class _Part:
    """A section, whole or up to the row below its next aisle."""

    width_m: float
    value: float
    rows: tuple[int | None, ...]  # below and above the first aisle, below and above the next …


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stack:
    """How sections are begun, continued and ended."""

    kinds: Sequence[StallRow]
    width_m: float
    aisle_m: float
    length_m: float | None
    wall_length_m: float | None

    def begun(self) -> list[_Part]:
        walls = [
            _Part(row.depth_to_wall_m, _stalls(row, self.wall_length_m), (k,))
            for k, row in enumerate(self.kinds)
        ]
        return [_Part(0.0, 0.0, (None,)), *walls]

    def ended(self, part: _Part) -> list[_Part]:
        """Return the sections that end with the next aisle, with or without a row along the wall."""
        ends = []
        if part.rows[-1] is not None:
            ends.append(
                _Part(part.width_m + self._aisle(part.rows[-1], None), part.value, (*part.rows, None))
            )
        for k, row in enumerate(self.kinds):
            width = part.width_m + self._aisle(part.rows[-1], k) + row.depth_to_wall_m
            ends.append(_Part(width, part.value + _stalls(row, self.wall_length_m), (*part.rows, k)))
        return [end for end in ends if end.width_m <= self.width_m + _SLACK_M]

    def grown(self, part: _Part) -> list[_Part]:
        """Return the sections with one more aisle and the two rows beyond it, back to back."""
        longer = []
        for k, above in enumerate(self.kinds):
            for after, row in enumerate(self.kinds):
                width = part.width_m + self._aisle(part.rows[-1], k) + _back_to_back_m(above, row)
                if width < self.width_m:
                    value = part.value + _stalls(above, self.length_m) + _stalls(row, self.length_m)
                    longer.append(_Part(width, value, (*part.rows, k, after)))
        return longer

    def aisles(self, rows: Sequence[int | None], two_way_m: float) -> tuple[SectionAisle, ...]:
        made = []
        for pair in zip(rows[::2], rows[1::2], strict=True):
            below, above = (None if k is None else self.kinds[k] for k in pair)
            width = self._aisle(*pair)
            straight = all(row is None or row.angle_deg in _STRAIGHT for row in (below, above))
            direction: Literal["one_way", "two_way"] = (
                "two_way" if straight and width >= two_way_m else "one_way"
            )
            made.append(SectionAisle(below=below, above=above, width_m=width, direction=direction))
        return tuple(made)

    def _aisle(self, below: int | None, above: int | None) -> float:
        return max([self.aisle_m, *(self.kinds[k].aisle_m for k in (below, above) if k is not None)])


def best_section(
    width_m: float,
    *,
    stall: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
    length_m: float | None = None,
    wall_length_m: float | None = None,
    front_in: bool | None = None,
    fire_lane: bool = False,
) -> Section:
    """Return the rows and aisles that give most stalls across a strip between two parallel walls.

    Exact for rows along the walls: every stack of rows and aisles is compared, and a stack is dropped only where
    another with the same last row is no wider and has no fewer stalls. Rows of one angle back to back interlock;
    rows of different angles only touch. What a strip can hold with stalls that are not in rows along its walls
    is not bounded by this.

    Parameters
    ----------
    width_m : float
        Between the walls.
    stall : StallSpec, optional
        Sizes by angle; those of the national pack when not given.
    angles_deg : sequence of float, default (0, 30, 45, 60, 90)
        Rows that may be mixed.
    length_m : float, optional
        Of the strip. When given, whole stalls are counted; without it stalls per metre.
    wall_length_m : float, optional
        Of the rows along the two walls, where roads at the ends shorten only those between; `length_m` when not
        given.
    front_in : bool, optional
        Only rows that are driven into like this; the one with the narrower aisle when not given.
    fire_lane : bool, default False
        Whether every aisle is the fire lane, too, and so at least as wide.

    Returns
    -------
    Section
        The narrowest of the best; without aisles where nothing fits.

    Raises
    ------
    UsageError
        If a length is not positive and finite, or no row has one of the angles.

    Examples
    --------
    >>> best_section(12.0).angles_deg
    (0.0, 45.0)
    >>> round(best_section(16.1).stalls_per_m, 3)
    0.833
    """
    for figure in (width_m, length_m, wall_length_m):
        if figure is not None and not (math.isfinite(figure) and figure > 0):
            raise UsageError(Message("strips.length", length=figure))
    spec = stall or StallSpec()
    stack = _Stack(
        kinds=_kinds(spec, angles_deg, front_in=front_in),
        width_m=width_m,
        aisle_m=spec.fire_lane_m if fire_lane else 0.0,
        length_m=length_m,
        wall_length_m=wall_length_m if length_m and wall_length_m else length_m,
    )
    best = _Part(0.0, 0.0, ())
    parts = stack.begun()
    while parts:
        best = min([best, *(end for part in parts for end in stack.ended(part))], key=_order)
        parts = _undominated(longer for part in parts for longer in stack.grown(part))
    return Section(
        aisles=stack.aisles(best.rows, spec.two_way_m),
        width_m=best.width_m,
        stalls_per_m=sum(1.0 / stack.kinds[k].pitch_m for k in best.rows if k is not None),
        stalls=None if length_m is None else round(best.value),
    )


def section_limit(
    width_m: float,
    length_m: float,
    *,
    stall: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
    fire_lane: bool = False,
) -> int:
    """Return how many stalls rows along the walls of a rectangular strip can hold.

    A limit for straight rows along the length, with no way across them; no bound for other layouts.

    Parameters
    ----------
    width_m, length_m : float
        Of the strip.
    stall, angles_deg, fire_lane
        As in :func:`best_section`.

    Returns
    -------
    int
        Whole stalls of all rows.

    Raises
    ------
    UsageError
        As in :func:`best_section`.
    """
    section = best_section(
        width_m, stall=stall, angles_deg=angles_deg, length_m=length_m, fire_lane=fire_lane
    )
    return section.stalls or 0


def _kinds(spec: StallSpec, angles_deg: Sequence[float], *, front_in: bool | None) -> list[StallRow]:
    """Return a row for each angle that has one; it is an error if none has."""
    rows = []
    refused: UsageError | None = None
    for angle in sorted({float(a) for a in angles_deg}):
        try:
            rows.append(spec.row(angle, front_in=front_in))
        except UsageError as error:
            refused = error
            # Where only one way of driving in is asked for, an angle that has no such row is left out.
            if front_in is None:
                raise
    if not rows:
        raise refused or UsageError(Message("bounds.no_angle"))
    return rows


def _back_to_back_m(one: StallRow, other: StallRow) -> float:
    if one.angle_deg == other.angle_deg:
        return one.depth_to_interlock_m + other.depth_to_interlock_m
    return sum(
        row.depth_to_interlock_m if row.angle_deg in _STRAIGHT else max(row.reach_m, row.depth_to_interlock_m)
        for row in (one, other)
    )


def _order(part: _Part) -> tuple[float, float]:
    """Sort the section with most stalls first, and of those the narrowest."""
    return -round(part.value, 9), part.width_m


def _undominated(parts: Iterable[_Part]) -> list[_Part]:
    """Drop what is no narrower and no better than another part with the same last row."""
    kept: list[_Part] = []
    best: dict[int | None, float] = {}
    for part in sorted(parts, key=lambda p: (p.width_m, -p.value)):
        if part.value > best.get(part.rows[-1], -1.0) + 1e-9:
            best[part.rows[-1]] = part.value
            kept.append(part)
    return kept


def _stalls(row: StallRow, length_m: float | None) -> float:
    """Return whole stalls in a length, or stalls per metre."""
    return 1.0 / row.pitch_m if length_m is None else float(row.stalls_in(length_m))
