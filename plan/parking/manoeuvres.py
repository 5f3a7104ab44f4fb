"""Manoeuvres into stalls: for each stall a way is looked for on which the design car gets in and out again.

Each way out of a stall ends along an aisle, within it, in one of its directions; the same way backward leads in. A
car comes along a drive and leaves along a drive, nose in or nose out both times.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.parking.drawing import TOUCH_M, Aisle
from plan.parking.room import Room, placed, rectangles
from plan.parking.swept import Manoeuvre, axle_radius_m, one_arc, s_curve, two_arcs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.drive import Ways
    from plan.parking.stalls import DesignCar

__all__ = ["Slots", "prove", "slots"]

_ROUND_RAD: Final = math.radians(
    0.5
)  # of a turn: a car this much off the aisle's direction is in its direction
_ALONG_RAD: Final = math.radians(20.0)  # a stall this flat to its aisle is left sideways, too
_SHARPEST_RAD: Final = math.radians(150.0)
_TIGHTNESS: Final = (1.0, 1.3, 1.8)  # radii that are tried, as multiples of the smallest
_AHEAD_M: Final = 0.1  # steps of what is tried before the turn
_FARTHEST_M: Final = 7.0
_FEW: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slots:
    """Pairs of a stall and a drive beside it, each nose in and nose out."""

    stall: NDArray[np.int64]
    drive: NDArray[np.int64]
    nose_out: NDArray[np.bool_]


def slots(beside: list[NDArray[np.int64]]) -> Slots:
    """Return all ways of standing in stalls beside drives."""
    pairs = [
        (i, d, nose) for i, drives in enumerate(beside) for nose in (False, True) for d in drives.tolist()
    ]
    stall, drive, nose_out = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
    return Slots(stall=stall, drive=drive, nose_out=nose_out.astype(bool))


def prove(
    which: Slots,
    stalls: NDArray[np.object_],
    net: Ways,
    aisles: tuple[Aisle, ...],
    room: Room,
    *,
    car: DesignCar,
    clearance_m: float,
    enough: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Look for a manoeuvre for each slot.

    Parameters
    ----------
    which : Slots
        Stalls, drives and noses.
    stalls : array of Polygon
        All stalls.
    net : Ways
        The drives.
    aisles : tuple of Aisle
        The aisles of the drives.
    room : Room
        What may be swept.
    car : DesignCar
        The car.
    clearance_m : float
        Kept on all sides while turning.
    enough : array of bool
        Slots one of which proves its stall by itself; nothing more is looked for there once one is proven.

    Returns
    -------
    array of bool
        Slots for which a manoeuvre was found. No manoeuvre found is no proof that there is none.
    """
    proven = np.zeros(len(which.stall), dtype=bool)
    if len(proven) == 0:
        return proven
    centres, axes, _ = rectangles(stalls)
    at, axis = centres[which.stall], axes[which.stall]
    start = net.points[net.start[which.drive]]
    heading = net.headings[which.drive]
    way = np.stack([np.cos(heading), np.sin(heading)], axis=1)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    offset = np.einsum("ij,ij->i", at - start, across)  # of the stall, to the left of the drive
    spare = np.array([aisle.width_m for aisle in aisles])[net.aisle[which.drive]] / 2 - car.width_m / 2
    done = np.zeros(len(stalls), dtype=bool)
    found: dict[int, dict[int, int]] = {}  # how often each way out of so many was proven
    tried: dict[tuple[float, int, bool], set[int]] = {}  # what led nobody out once is not tried again
    # Both ends of a stall are tried where it does not clearly face the drive.
    # A few ways out are tried for all of them first, then all ways for those that none of these led out of.
    for most, facing in itertools.product((_FEW, None), (1.0, -1.0)):
        out = axis * facing
        # The car moves the way the drive goes nose out, and against it nose in: it leaves backward.
        motion = np.where(which.nose_out, 1.0, -1.0)[:, None] * way
        turn = np.arctan2(
            out[:, 0] * motion[:, 1] - out[:, 1] * motion[:, 0], np.einsum("ij,ij->i", out, motion)
        )
        towards = -np.sign(offset) * np.einsum("ij,ij->i", out, across)
        turned = np.stack([-out[:, 1], out[:, 0]], axis=1)
        along = np.stack([np.einsum("ij,ij->i", v, across) for v in (out, turned)], axis=1)
        for (key, nose), members in _groups(turn, which.nose_out, towards):
            ways, ends, stops = _ways_out(key, nose, car, clearance_m)
            lateral = offset[members, None] + along[members] @ ends.T
            fits = np.abs(lateral) <= spare[members, None] + TOUCH_M
            slot, way_out = np.nonzero(fits)
            # Where a car comes to stand is quickly known; the ground that it sweeps is not.
            fits[slot, way_out] = _stands(stops[way_out], at[members[slot]], out[members[slot]], room)
            # What led out of other stalls is tried first; in which order does not matter to what is found.
            known = found.setdefault(len(ways), {})
            likely = sorted(known, key=lambda n: -known[n])
            before = tried.setdefault((facing, key, nose), set())
            rest = [n for n in np.flatnonzero(fits.any(axis=0)).tolist() if n not in known]
            numbers = [n for n in [*likely, *rest[:most]] if n not in before]
            before.update(numbers)
            for number in numbers:
                open_ = members[fits[:, number] & ~proven[members] & ~done[which.stall[members]]]
                if len(open_) == 0:
                    continue
                open_ = open_[shapely.covers(room.driven, placed(ways[number].stop, at[open_], out[open_]))]
                if len(open_) == 0:
                    continue
                swept = placed(ways[number].outline, at[open_], out[open_])
                open_ = open_[room.free(swept, which.stall[open_])]
                if len(open_):
                    proven[open_] = True
                    known[number] = known.get(number, 0) + len(open_)
                    done[which.stall[open_[enough[open_]]]] = True
    return proven


def _groups(
    turn: NDArray[np.float64], nose_out: NDArray[np.bool_], towards: NDArray[np.float64]
) -> Iterator[tuple[tuple[int, bool], NDArray[np.int64]]]:
    """Return slots that turn alike; those that would have to leave through the back of the stall are left out."""
    key = np.round(turn / _ROUND_RAD).astype(np.int64)
    flat = np.abs(np.sin(turn)) < math.sin(_ALONG_RAD)
    able = (flat | (towards > 0)) & (np.abs(turn) <= _SHARPEST_RAD)
    groups = sorted({(int(turns), bool(nose)) for turns, nose in zip(key[able], nose_out[able], strict=True)})
    # The less a car turns, the more likely it gets out; backing in takes less room than driving in.
    for turns, nose in sorted(groups, key=lambda group: (abs(group[0]), not group[1])):
        yield (turns, nose), np.flatnonzero(able & (nose_out == nose) & (key == turns))


def _stands(
    stops: NDArray[np.float64],
    at: NDArray[np.float64],
    out: NDArray[np.float64],
    room: Room,
) -> NDArray[np.bool_]:
    """Tell where all corners of a car that has come to stand lie on ground that is driven along."""
    across = np.stack([-out[:, 1], out[:, 0]], axis=1)
    corners = at[:, None] + stops[:, :, :1] * out[:, None] + stops[:, :, 1:] * across[:, None]
    on_it = np.asarray(shapely.intersects_xy(room.driven, corners[:, :, 0], corners[:, :, 1]), dtype=bool)
    found: NDArray[np.bool_] = np.all(on_it, axis=1)
    return found


@lru_cache(maxsize=1000)
def _ways_out(
    turn: int,
    nose_out: bool,  # noqa: FBT001
    car: DesignCar,
    clearance_m: float,
) -> tuple[tuple[Manoeuvre, ...], NDArray[np.float64], NDArray[np.float64]]:
    """Return the ways out that are tried for a rounded turn, and at their ends the middle and the corners of the car."""
    ways = tuple(_candidates(turn * _ROUND_RAD, nose_out=nose_out, car=car, clearance_m=clearance_m))
    ends = np.array([way.end for way in ways], dtype=float).reshape(-1, 2)
    return ways, ends, np.array([way.stop[:4] for way in ways], dtype=float).reshape(-1, 4, 2)


def _candidates(
    turn_rad: float, *, nose_out: bool, car: DesignCar, clearance_m: float
) -> Iterator[Manoeuvre]:
    """Return the ways out that are tried for a turn, the simple ones first."""
    ahead = [float(n) * _AHEAD_M for n in _spread(round(_FARTHEST_M / _AHEAD_M))]
    if abs(turn_rad) < _ALONG_RAD:
        if abs(turn_rad) <= _ROUND_RAD:  # straight on: a stall at the end of its aisle
            for metres in ahead:
                yield one_arc(
                    car,
                    nose_out=nose_out,
                    turn_rad=_ROUND_RAD / 1e6,
                    ahead_m=metres + car.length_m / 2,
                    tightness=1.0,
                    clearance_m=0.0,
                )
        widest = 2 * axle_radius_m(car) * 0.9
        sideways = [0.1 * n for n in range(8, 45) if 0.1 * n < widest]
        for tightness, back, aside, side in itertools.product(
            (1.0, 1.4), (0.0, 0.3, 0.6, 0.9), sideways, (1.0, -1.0)
        ):
            yield s_curve(
                car,
                nose_out=nose_out,
                turn_rad=turn_rad,
                aside_m=side * aside,
                back_m=back,
                tightness=tightness,
                clearance_m=clearance_m,
            )
    if abs(turn_rad) > _ROUND_RAD:
        for tightness, metres in itertools.product(_TIGHTNESS, ahead):
            yield one_arc(
                car,
                nose_out=nose_out,
                turn_rad=turn_rad,
                ahead_m=metres,
                tightness=tightness,
                clearance_m=clearance_m,
            )
        for share, metres in itertools.product((0.5, 0.7, 0.3), ahead[::2]):
            yield two_arcs(
                car,
                nose_out=nose_out,
                turn_rad=turn_rad,
                ahead_m=metres,
                share=share,
                clearance_m=clearance_m,
            )


def _spread(count: int) -> list[int]:
    """Return the numbers below a count, far apart first, so that a manoeuvre is found early where there is one."""
    order: list[int] = []
    for step in (8, 4, 2, 1):
        order += [n for n in range(0, count, step) if n not in order]
    return order
