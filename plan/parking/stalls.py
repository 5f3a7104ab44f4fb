"""How one stall and a row of stalls are measured: width, length, pitch, depth and aisle by angle.

A stall of width w and length l whose long side stands at the angle t to the aisle takes, along the aisle
and across it (JGJ 100-2015, drawing 4.3.4; t between 0 and 90 degrees, not 0)::

    pitch                w / sin t
    depth to a wall      l sin t + w cos t
    depth to interlock   l sin t + w cos t / 2      half of what two rows back to back take

A parallel stall (t = 0) takes its length along the aisle and its width across it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from plan.errors import UsageError
from plan.messages import Message
from plan.rules import RulePack, load_pack
from plan.rules.kinds import StallGeometry

__all__ = ["DESIGN_CAR", "DesignCar", "StallRow", "StallSpec", "stall_spec"]

_PARALLEL: Final = 0.0
_SQUARE: Final = 90.0
# Flatter than this a row by formula is longer than parallel stalls, and its depth no smaller.
_FLATTEST: Final = 20.0
# Metres of a marked stall where only a table of rows is known: the small car of JGJ 100-2015, table 4.1.1, is
# 4.8 x 1.8 m; the gaps of table 4.1.5 add 0.6 m to its width and, between cars, half of 0.5 m to its length.
_WIDTH_M: Final = 2.4
_LENGTH_M: Final = 5.05


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignCar:
    """The car that must reach every stall, in metres."""

    length_m: float = 4.8  # JGJ 100-2015, table 4.1.1, small car
    width_m: float = 1.8  # the same
    height_m: float = 2.0  # the same
    turning_radius_m: float = 6.0  # table 4.1.3: of the outer front wheel
    # No clause gives these two; usual for a car of this size.
    wheelbase_m: float = 2.7
    rear_overhang_m: float = 1.0
    clear_width_m: float = 2.8  # of a drivable way: the car and 0.5 m on each side


DESIGN_CAR: Final = DesignCar()


@dataclass(frozen=True, slots=True, kw_only=True)
class StallRow:
    """How the stalls of one angle stand along an aisle, in metres.

    Parameters
    ----------
    angle_deg : float
        Between the long side of a stall and the aisle: 0 parallel, 90 square.
    front_in : bool
        Whether cars drive in forward (and leave backward), or back in.
    width_m, length_m : float
        The short and the long side of the stall as it is marked.
    pitch_m : float
        Along the aisle from one stall to the next.
    depth_to_wall_m : float
        From the aisle to a wall behind the row.
    depth_to_interlock_m : float
        From the aisle to the middle of two rows back to back.
    aisle_m : float
        Width of the aisle in front of the row.
    """

    angle_deg: float
    front_in: bool
    width_m: float
    length_m: float
    pitch_m: float
    depth_to_wall_m: float
    depth_to_interlock_m: float
    aisle_m: float

    @property
    def reach_m(self) -> float:
        """How far a marked stall reaches from the aisle."""
        if self.angle_deg == _PARALLEL:
            return self.width_m
        angle = math.radians(self.angle_deg)
        return self.length_m * math.sin(angle) + self.width_m * math.cos(angle)

    @property
    def wall_gap_m(self) -> float:
        """What stays free between a marked stall and a wall, square to the aisle."""
        return max(0.0, self.depth_to_wall_m - self.reach_m)

    @property
    def end_m(self) -> float:
        """What a row of n stalls takes along the aisle beyond n pitches: the slant of the last stall."""
        if self.angle_deg == _PARALLEL:
            return 0.0
        angle = math.radians(self.angle_deg)
        return (
            self.length_m * math.cos(angle) + self.width_m * math.sin(angle) - self.width_m / math.sin(angle)
        )

    def stalls_in(self, length_m: float) -> int:
        """Return how many stalls a straight row of `length_m` metres holds at most.

        A wall across the end of a row keeps cars from swinging there, and may cost a slanted or a parallel stall: this is
        what the ground holds, no promise that a car gets into the last of them. What is proposed is verified.
        """
        # A row that fits exactly loses no stall to the last digit.
        return max(0, math.floor((length_m - self.end_m) / self.pitch_m + 1e-5))


def _table(kinds: Iterable[StallGeometry]) -> tuple[StallRow, ...]:
    return tuple(
        StallRow(
            angle_deg=float(kind.angle_deg),
            front_in=kind.entry == "front",
            # A parallel stall is as long as its pitch, and as wide as it is between two rows.
            width_m=kind.depth_to_interlock_m if kind.angle_deg == _PARALLEL else _WIDTH_M,
            length_m=kind.pitch_m if kind.angle_deg == _PARALLEL else _LENGTH_M,
            pitch_m=kind.pitch_m,
            depth_to_wall_m=kind.depth_to_wall_m,
            depth_to_interlock_m=kind.depth_to_interlock_m,
            aisle_m=kind.aisle_m,
        )
        for kind in kinds
    )


@cache
def _national() -> tuple[StallRow, ...]:
    return _table(_settings(load_pack("national")))


def _settings(pack: RulePack) -> list[StallGeometry]:
    return [rule.kind for rule in pack.rules if isinstance(rule.kind, StallGeometry)]


@dataclass(frozen=True, slots=True, kw_only=True)
class StallSpec:
    """Stalls and aisles of one design car at every angle.

    Parameters
    ----------
    rows : tuple of StallRow, optional
        By angle; those of the national pack (JGJ 100-2015, table 4.3.4) when not given. Angles between are found by
        the formulas of this module, their aisle between those of the neighbouring rows.
    lane_m : float, default 4.0
        Width of a way without stalls that is driven in one direction.
    two_way_m : float, default 6.0
        From this width on an aisle is driven in both directions.
    fire_lane_m : float, default 4.0
        Width of an aisle that is the fire lane, too.
    """

    rows: tuple[StallRow, ...] = field(default_factory=_national)
    lane_m: float = 4.0
    two_way_m: float = 6.0
    fire_lane_m: float = 4.0

    def __post_init__(self) -> None:
        figures = [self.lane_m, self.two_way_m, self.fire_lane_m]
        for row in self.rows:
            figures += [row.width_m, row.length_m, row.pitch_m, row.depth_to_wall_m, row.aisle_m]
            figures.append(row.depth_to_interlock_m)
            if not _PARALLEL <= row.angle_deg <= _SQUARE:
                raise UsageError(Message("parking.angle", angle=row.angle_deg))
        if not self.rows or not all(math.isfinite(f) and f > 0 for f in figures):
            raise UsageError(Message("parking.spec"))

    @classmethod
    def of(
        cls,
        *,
        width_m: float,
        length_m: float,
        aisles_m: Mapping[float, float],
        parallel_length_m: float = 6.0,
        lane_m: float = 4.0,
        two_way_m: float = 6.0,
        fire_lane_m: float = 4.0,
        front_in: bool = False,
    ) -> StallSpec:
        """Return the stalls of one size at the angles for which an aisle is given, by the formulas of this module.

        Parameters
        ----------
        width_m, length_m : float
            Sides of a stall.
        aisles_m : mapping of float to float
            Angles in degrees, and the width of their aisle.
        parallel_length_m : float, default 6.0
            What a parallel stall takes along the aisle.
        lane_m, two_way_m, fire_lane_m : float
            As in the class.
        front_in : bool, default False
            Whether cars drive in forward.

        Returns
        -------
        StallSpec
            With a row for each angle.

        Raises
        ------
        UsageError
            If a figure is not positive and finite, or an angle not between 0 and 90.
        """
        if not (math.isfinite(width_m) and math.isfinite(length_m) and width_m > 0 and length_m > 0):
            raise UsageError(Message("parking.spec"))
        rows = tuple(
            _by_formula(
                float(angle),
                width_m=width_m,
                length_m=length_m,
                parallel_m=parallel_length_m,
                aisle_m=aisle,
                front_in=front_in,
            )
            for angle, aisle in sorted(aisles_m.items())
        )
        return cls(rows=rows, lane_m=lane_m, two_way_m=two_way_m, fire_lane_m=fire_lane_m)

    def row(self, angle_deg: float, *, front_in: bool | None = None) -> StallRow:
        """Return the row of an angle.

        Parameters
        ----------
        angle_deg : float
            Between 0 and 90.
        front_in : bool, optional
            How cars drive in; whatever needs the narrower aisle when it is not given.

        Returns
        -------
        StallRow
            One of the table, or one by formula between two of the table.

        Raises
        ------
        UsageError
            If the angle is not between 0 and 90, is between parallel and the flattest row, or no row is driven
            into like this.
        """
        rows = sorted(
            (r for r in self.rows if front_in is None or r.front_in == front_in),
            key=lambda r: (r.angle_deg, r.aisle_m, r.front_in),
        )
        for row in rows:
            if row.angle_deg == angle_deg:
                return row
        slanted = [r for r in rows if r.angle_deg > _PARALLEL]
        below = [r for r in slanted if r.angle_deg < angle_deg]
        above = [r for r in slanted if r.angle_deg > angle_deg]
        if not above or angle_deg < _FLATTEST:
            raise UsageError(Message("parking.angle", angle=angle_deg))
        high = above[0]
        low = min((r for r in below if r.angle_deg == below[-1].angle_deg), key=_aisle) if below else high
        span = high.angle_deg - low.angle_deg
        share = (angle_deg - low.angle_deg) / span if span else 0.0
        row = _by_formula(
            angle_deg,
            width_m=max(low.width_m, high.width_m),
            length_m=max(low.length_m, high.length_m),
            parallel_m=math.inf,
            aisle_m=low.aisle_m + share * (high.aisle_m - low.aisle_m),
            front_in=high.front_in,
        )
        # What the table leaves free behind a row is left free between its angles, too.
        gap = max(low.wall_gap_m, high.wall_gap_m)
        return StallRow(
            angle_deg=row.angle_deg,
            front_in=row.front_in,
            width_m=row.width_m,
            length_m=row.length_m,
            pitch_m=row.pitch_m,
            depth_to_wall_m=row.depth_to_wall_m + gap,
            depth_to_interlock_m=row.depth_to_interlock_m,
            aisle_m=row.aisle_m,
        )


def stall_spec(pack: RulePack) -> StallSpec:
    """Read stalls and aisles from a pack.

    Parameters
    ----------
    pack : RulePack
        Its settings of kind ``stall_geometry``; those of the national pack where it has none.

    Returns
    -------
    StallSpec
        A row for each setting.
    """
    kinds = _settings(pack)
    return StallSpec(rows=_table(kinds)) if kinds else StallSpec()


def _aisle(row: StallRow) -> float:
    return row.aisle_m


def _by_formula(
    angle_deg: float, *, width_m: float, length_m: float, parallel_m: float, aisle_m: float, front_in: bool
) -> StallRow:
    if not _PARALLEL <= angle_deg <= _SQUARE:
        raise UsageError(Message("parking.angle", angle=angle_deg))
    if angle_deg == _PARALLEL:
        return StallRow(
            angle_deg=angle_deg,
            front_in=False,
            width_m=width_m,
            length_m=parallel_m,
            pitch_m=parallel_m,
            depth_to_wall_m=width_m,
            depth_to_interlock_m=width_m,
            aisle_m=aisle_m,
        )
    sine, cosine = math.sin(math.radians(angle_deg)), math.cos(math.radians(angle_deg))
    if angle_deg == _SQUARE:
        sine, cosine = 1.0, 0.0
    return StallRow(
        angle_deg=angle_deg,
        front_in=front_in,
        width_m=width_m,
        length_m=length_m,
        pitch_m=width_m / sine,
        depth_to_wall_m=length_m * sine + width_m * cosine,
        depth_to_interlock_m=length_m * sine + width_m * cosine / 2,
        aisle_m=aisle_m,
    )
