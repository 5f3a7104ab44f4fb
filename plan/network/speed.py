"""Minutes on an edge: the one place where length becomes time."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message
from plan.network.relief import Relief

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BACKWARD",
    "BOTH",
    "CLOSED",
    "FORWARD",
    "MAX_WALK_SLOPE",
    "RAMPS",
    "SLOPES",
    "Pace",
    "Walked",
    "at_speed",
    "barred",
    "check_pace",
    "edge_minutes",
    "level",
]

# How an edge may be walked; the values of the column `oneway`.
BOTH = 0
FORWARD = 1  # from u to v only
BACKWARD = -1  # from v to u only
CLOSED = 2  # in neither direction

# Rise over run of a flight of stairs: 150 mm over 300 mm.
STAIR_SLOPE: Final = 0.5
# Metres of rise below which it is not known which way stairs lead up: one step.
ONE_STEP_M: Final = 0.15
# Rise over run above which a walkway that is not drawn as steps is not believed: the steepest streets there
# are rise by about 35 %; what a raster shows beyond that is a wall, a house or the edge of a cell.
MAX_WALK_SLOPE: Final = 0.35
# How much steeper than a limit a slope may be and still be at the limit: rounding.
_SAME_SLOPE: Final = 1e-9
_SECONDS: Final = 60.0  # in a minute

# Whose wheels the ramp of some steps serves, as numbers: what serves a wheelchair serves a stroller.
RAMPS: Final[Mapping[str, int]] = {"stroller": 1, "wheelchair": 2}

Slope = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]


def tobler(slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how fast people walk on a slope, as a share of their speed on level ground.

    Tobler's hiking function W = 6 exp(-3.5 |S + 0.05|) km/h, divided by its value on level ground; fastest
    on a descent of 5 %. W is taken as the speed over the map.

    Parameters
    ----------
    slope : array of float
        Rise over run in the direction of walking; negative downhill.

    Returns
    -------
    array of float
        1 on level ground, 1.19 at -0.05, 0.70 at 0.1.

    References
    ----------
    Tobler, W. (1993): Three presentations on geographical analysis and modeling. NCGIA Technical Report 93-1.
    """
    return np.exp(3.5 * (0.05 - np.abs(slope + 0.05)))


# Functions of slope that a pack can name.
SLOPES: Final[Mapping[str, Slope]] = {"tobler": tobler}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How people of one profile walk; a bare number of metres per minute is a pace that knows level ground only."""

    m_per_min: float  # on level ground
    slope: str = ""  # name of a function in SLOPES; empty: slopes take no more time
    steps_up: float = 1.0  # speed along stairs going up, measured over the map, as a share of m_per_min
    steps_down: float = 1.0  # the same going down
    crossing_wait_s: float = 0.0  # seconds of waiting at each crossing of a street
    steps_allowed: bool = True  # False: steps are closed, but for those with a ramp for the wheels
    wheels: str = ""  # what is pushed or ridden, a name in RAMPS: which ramps beside steps serve
    max_slope: float | None = None  # rise over run; what is steeper is closed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walked:
    """What edges ask of those who walk them."""

    length_m: NDArray[np.float64]
    oneway: NDArray[np.int8]  # BOTH, FORWARD, BACKWARD or CLOSED
    steps: NDArray[np.bool_]
    crossing: NDArray[np.float64]  # share of one crossing that the edge is: a crossing may have several edges
    relief: Relief | None = None  # None: everything is level, or not known
    ramp: NDArray[np.int8] | None = None  # values of RAMPS, 0 where no ramp is known; None: nowhere
    no_wheelchair: NDArray[np.bool_] | None = None  # said to be closed to wheelchairs; None: nowhere

    def part(self, edges: NDArray[np.int64]) -> Walked:
        """Return some of the edges, by their positions."""
        return Walked(
            length_m=self.length_m[edges],
            oneway=self.oneway[edges],
            steps=self.steps[edges],
            crossing=self.crossing[edges],
            relief=None if self.relief is None else self.relief.part(edges),
            ramp=None if self.ramp is None else self.ramp[edges],
            no_wheelchair=None if self.no_wheelchair is None else self.no_wheelchair[edges],
        )

    def closing(self, closed: NDArray[np.bool_]) -> Walked:
        """Return the same edges, some of them closed in both directions."""
        return dataclasses.replace(
            self, oneway=np.where(closed, CLOSED, self.oneway).astype(self.oneway.dtype)
        )


def edge_minutes(walked: Walked, pace: float | Pace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the minutes on each edge from u to v and from v to u.

    A bare number takes every edge (streets, paths, steps, crossings, elevators, corridors) at that speed.
    A :class:`Pace` adds what it says: a slope slows or speeds up every piece of an edge by its function; stairs
    take their length, or twice their rise where they are steeper than stairs are, at the speed for up or down (the
    mean of both times where it is not known which way is up); a crossing takes its wait; what the pace cannot
    walk is closed. Whatever makes the two directions differ belongs here and nowhere else.

    Parameters
    ----------
    walked : Walked
        The edges.
    pace : float or Pace
        Metres per minute, or more than that.

    Returns
    -------
    tuple of two arrays of float
        Minutes from u to v and from v to u; infinite where that direction is closed.
    """
    if isinstance(pace, Pace):
        forward, backward = _paced(walked, pace)
    else:
        forward = walked.length_m / pace
        backward = forward.copy()
    forward[(walked.oneway == BACKWARD) | (walked.oneway == CLOSED)] = np.inf
    backward[(walked.oneway == FORWARD) | (walked.oneway == CLOSED)] = np.inf
    return forward, backward


def level(pace: float | Pace) -> float:
    """Return the speed on level ground in metres per minute."""
    return pace.m_per_min if isinstance(pace, Pace) else pace


def at_speed(pace: float | Pace, m_per_min: float) -> float | Pace:
    """Return the same pace with another speed on level ground; waits and closed edges stay as they are."""
    return dataclasses.replace(pace, m_per_min=m_per_min) if isinstance(pace, Pace) else m_per_min


def check_pace(pace: float | Pace, *, profile: str = "") -> float | Pace:
    """Return a pace as it is, or raise when it makes no sense.

    Parameters
    ----------
    pace : float or Pace
        Metres per minute, or more than that.
    profile : str, optional
        Whose pace it is, for the error.

    Raises
    ------
    UsageError
        If a speed is zero, negative, infinite or not a number, a share is not above 0, a wait is negative, a
        slope limit is not above 0, or the function of slope or the wheels are unknown.
    """
    if not isinstance(pace, Pace):
        if not (math.isfinite(pace) and pace > 0):
            raise UsageError(Message("network.speed", profile=profile, speed=pace))
        return float(pace)
    check_pace(pace.m_per_min, profile=profile)
    if pace.slope and pace.slope not in SLOPES:
        known = tuple(sorted(SLOPES))
        raise UsageError(Message("network.slope_function", profile=profile, name=pace.slope, known=known))
    if pace.wheels and pace.wheels not in RAMPS:
        known = tuple(sorted(RAMPS))
        raise UsageError(Message("network.wheels", profile=profile, name=pace.wheels, known=known))
    above_0 = {"steps_up": pace.steps_up, "steps_down": pace.steps_down, "max_slope": pace.max_slope}
    for name, value in above_0.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise UsageError(Message("network.pace", profile=profile, name=name, value=value))
    if not (math.isfinite(pace.crossing_wait_s) and pace.crossing_wait_s >= 0):
        raise UsageError(
            Message("network.pace", profile=profile, name="crossing_wait_s", value=pace.crossing_wait_s)
        )
    return pace


def _paced(walked: Walked, pace: Pace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    relief = walked.relief
    if relief is not None and pace.slope:
        forward, backward = _sloped(walked, relief, pace)
    else:
        forward = walked.length_m / pace.m_per_min
        backward = forward.copy()
    steps = walked.steps
    if steps.any():
        forward[steps], backward[steps] = _stairs(walked, pace)
    wait = walked.crossing * (pace.crossing_wait_s / _SECONDS)
    forward += wait
    backward += wait
    no_steps, too_steep = barred(walked, pace)
    closed = no_steps | too_steep
    forward[closed] = np.inf
    backward[closed] = np.inf
    return forward, backward


def barred(walked: Walked, pace: float | Pace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which edges a pace cannot take because they are steps, and which because they are too steep.

    Parameters
    ----------
    walked : Walked
        The edges.
    pace : float or Pace
        Who walks; a bare number takes everything.

    Returns
    -------
    tuple of two arrays of bool
        Steps without a ramp that would serve, and for a wheelchair what is said to be closed to it; other edges
        with a stretch above ``max_slope``.
    """
    steps = steep = np.zeros(len(walked.steps), dtype=bool)
    if isinstance(pace, Pace):
        if not pace.steps_allowed:
            steps = walked.steps
            if pace.wheels and walked.ramp is not None:
                steps = steps & (walked.ramp < RAMPS[pace.wheels])
        if pace.wheels == "wheelchair" and walked.no_wheelchair is not None:
            steps = steps | walked.no_wheelchair
        if pace.max_slope is not None and walked.relief is not None:
            steep = ~walked.steps & (walked.relief.steepest(walked.length_m) > pace.max_slope + _SAME_SLOPE)
    return steps, steep


def _sloped(walked: Walked, relief: Relief, pace: Pace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    run = relief.run_m(walked.length_m)
    slope = np.divide(relief.rise_m, run, out=np.zeros(len(run)), where=run > 0)
    slope = np.clip(slope, -MAX_WALK_SLOPE, MAX_WALK_SLOPE)
    share = SLOPES[pace.slope]
    level_min = run / pace.m_per_min
    return relief.sum_pieces(level_min / share(slope)), relief.sum_pieces(level_min / share(-slope))


def _stairs(walked: Walked, pace: Pace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the minutes on the edges that are steps, and on no others."""
    steps = walked.steps
    length = walked.length_m[steps]
    rise = np.zeros(len(length)) if walked.relief is None else walked.relief.net_m[steps]
    stairs = np.maximum(length, np.abs(rise) / STAIR_SLOPE) / pace.m_per_min
    up, down = stairs / pace.steps_up, stairs / pace.steps_down
    either = (up + down) / 2
    forward = np.where(rise >= ONE_STEP_M, up, np.where(rise <= -ONE_STEP_M, down, either))
    backward = np.where(rise >= ONE_STEP_M, down, np.where(rise <= -ONE_STEP_M, up, either))
    return forward, backward
