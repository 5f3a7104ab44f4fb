"""What is wrong with a layout of stalls and aisles, or is not proven of it; geometry only, no law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shapely.geometry.base import BaseGeometry

__all__ = ["Fault", "FaultKind", "Level", "faultless", "in_order"]


class Level(StrEnum):
    """How sure a fault is."""

    BROKEN = "broken"  # measured: the layout cannot be built or driven as it is drawn
    NOT_PROVEN = "not_proven"  # no manoeuvre was found, or the drawing does not say enough: it may be fine
    ADVISED = "advised"  # smaller than the dimensions that were asked for


class FaultKind(StrEnum):
    """What a fault is about, in the order in which faults are told."""

    # Stalls on the ground.
    STALL_UNUSABLE = "stall_unusable"  # no polygon that can be measured
    STALLS_OVERLAP = "stalls_overlap"
    STALL_OUTSIDE = "stall_outside"  # leaves the lot
    STALL_ON_OBSTACLE = "stall_on_obstacle"
    STALL_IN_FIRE_LANE = "stall_in_fire_lane"
    STALL_IN_CLEAR_SPACE = "stall_in_clear_space"  # before a door
    STALL_IN_AISLE = "stall_in_aisle"
    STALL_SMALL = "stall_small"  # narrower or shorter than a marked stall
    # Aisles and gates.
    AISLE_UNUSABLE = "aisle_unusable"  # no line with a width, and no polygon
    AISLE_OUTSIDE = "aisle_outside"
    AISLE_ON_OBSTACLE = "aisle_on_obstacle"
    AISLE_NARROW = "aisle_narrow"  # for the directions in which it is driven
    AISLE_WITHOUT_DIRECTION = (
        "aisle_without_direction"  # a polygon, or a line without a word on its direction
    )
    AISLES_OPPOSE = "aisles_oppose"  # one way each, against each other, on ground too narrow for both
    GATE_UNUSABLE = "gate_unusable"  # off the edge of the lot, or narrower than a way
    NO_GATE = "no_gate"
    # Driving.
    STALL_UNREACHED = "stall_unreached"  # no way of the clear width leads to it from a gate
    ONE_WAY_DEAD_END = "one_way_dead_end"  # who drives in cannot go on to a gate
    DEAD_END = "dead_end"  # longer than allowed, without a turning place
    TURNING_PLACE_TAKEN = (
        "turning_place_taken"  # no car turns at it: something stands in it, or it leaves the lot
    )
    TURNING_PLACE_TIGHT = "turning_place_tight"  # no turn in three moves was found at it
    NO_WAY_IN = "no_way_in"  # against the direction of an aisle only
    NO_WAY_OUT = "no_way_out"
    NO_MANOEUVRE = "no_manoeuvre"  # none was found into the stall, among its neighbours
    TIGHT_TURN = "tight_turn"  # the only ways to the stall turn more sharply than the car was seen to do


_NOT_PROVEN: Final = frozenset({
    FaultKind.AISLE_WITHOUT_DIRECTION, FaultKind.NO_MANOEUVRE, FaultKind.TIGHT_TURN,
    FaultKind.TURNING_PLACE_TIGHT,
})  # fmt: skip
_ADVISED: Final = frozenset({FaultKind.STALL_SMALL, FaultKind.AISLE_NARROW})
_ORDER: Final = {kind: number for number, kind in enumerate(FaultKind)}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fault:
    """One thing that is wrong with a layout, or not proven of it.

    Parameters
    ----------
    kind : FaultKind
        What it is about.
    stalls, aisles : tuple of str
        Ids of those concerned; two stalls where they overlap.
    geometry : shapely geometry, optional
        Where to look: the common ground of an overlap, the stall that is not reached, the dead end.
    measured_m, required_m : float, optional
        What was measured and what was asked for: the depth of an overlap and 0, the width of a stall and that of
        the table, the length of a dead end and the longest one allowed.
    level : Level, optional
        How sure it is; that of its kind when not given.
    """

    kind: FaultKind
    stalls: tuple[str, ...] = ()
    aisles: tuple[str, ...] = ()
    geometry: BaseGeometry | None = None
    measured_m: float | None = None
    required_m: float | None = None
    level: Level = Level.BROKEN

    def __post_init__(self) -> None:
        if self.level is Level.BROKEN and self.kind in _NOT_PROVEN:
            object.__setattr__(self, "level", Level.NOT_PROVEN)
        elif self.level is Level.BROKEN and self.kind in _ADVISED:
            object.__setattr__(self, "level", Level.ADVISED)


def faultless(faults: Iterable[Fault]) -> bool:
    """Tell whether a layout is proven: nothing broken and nothing left unproven; advice does not count."""
    return all(fault.level is Level.ADVISED for fault in faults)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults by kind, then by the ids of stalls and aisles."""
    return tuple(sorted(faults, key=lambda f: (_ORDER[f.kind], f.stalls, f.aisles, f.measured_m or 0.0)))
