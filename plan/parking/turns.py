"""Turns from one way into another: an arc of the design car is looked for at each corner that aisles make."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.drawing import Aisle
from plan.parking.room import Room, placed
from plan.parking.swept import bend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.drive import Ways
    from plan.parking.stalls import DesignCar

__all__ = ["possible_turns"]

_STRAIGHT_RAD: Final = math.radians(5.0)  # a bend that no corner of the car feels
_SHARPEST_RAD: Final = math.radians(150.0)
_TIGHTNESS: Final = (1.0, 1.4, 2.0)  # radii that are tried, as multiples of the smallest
_ASIDE: Final = (
    0.0,
    -0.5,
    0.5,
    -1.0,
    1.0,
)  # of the spare width, how far beside the middle of a way the car keeps


def possible_turns(
    net: Ways, aisles: tuple[Aisle, ...], room: Room, *, car: DesignCar, clearance_m: float
) -> frozenset[tuple[int, int]]:
    """Find the turns that the car is seen to do.

    Parameters
    ----------
    net : Ways
        The drives.
    aisles : tuple of Aisle
        Their aisles.
    room : Room
        What may be swept.
    car : DesignCar
        The car.
    clearance_m : float
        Kept on all sides.

    Returns
    -------
    frozenset of tuple of int and int
        A drive, and the drive that begins where it ends; turning round is not among them. A turn that is not there
        is not proven to be impossible.
    """
    leaving: dict[int, list[int]] = {}
    for drive, node in enumerate(net.start.tolist()):
        leaving.setdefault(node, []).append(drive)
    headings = net.headings
    widths = np.array([aisle.width_m for aisle in aisles])
    spare = np.maximum(widths[net.aisle] / 2 - car.width_m / 2 - clearance_m, 0.0)
    before, after = _straight_runs(net, leaving)
    possible = set()
    for drive, node in enumerate(net.end.tolist()):
        for onward in leaving.get(node, ()):
            if net.piece[onward] == net.piece[drive]:
                continue
            turn = _turn(headings[drive], headings[onward])
            if abs(turn) <= _STRAIGHT_RAD or (
                abs(turn) <= _SHARPEST_RAD
                and _is_free(
                    net.points[node],
                    (headings[drive], headings[onward]),
                    (spare[drive], spare[onward]),
                    (before[drive], after[onward]),
                    room,
                    car=car,
                    clearance_m=clearance_m,
                )
            ):
                possible.add((drive, onward))
    return frozenset(possible)


def _is_free(
    corner: NDArray[np.float64],
    headings: tuple[float, float],
    spare: tuple[float, float],
    runs: tuple[float, float],
    room: Room,
    *,
    car: DesignCar,
    clearance_m: float,
) -> bool:
    """Try arcs between the two ways, the car keeping to their middles or beside them."""
    turn = _turn(*headings)
    along = np.array([[math.cos(h), math.sin(h)] for h in headings])
    left = np.stack([-along[:, 1], along[:, 0]], axis=1)
    asides = np.array(list(itertools.product(_ASIDE, _ASIDE))) * np.array(spare)
    # Where the two paths cross, along the first one and along the second one from the corner.
    first = (asides[:, 0] * math.cos(turn) - asides[:, 1]) / math.sin(turn)
    second = (asides[:, 0] - asides[:, 1] * math.cos(turn)) / math.sin(turn)
    for tightness in _TIGHTNESS:
        outline, tangent = bend(car, turn_rad=turn, tightness=tightness, clearance_m=clearance_m)
        fits = (tangent - first <= runs[0]) & (tangent + second <= runs[1])
        if not fits.any():
            continue
        starts = corner + asides[fits, :1] * left[0] + (first[fits] - tangent)[:, None] * along[0]
        swept = placed(outline, starts, np.repeat(along[:1], len(starts), axis=0))
        if room.free(swept, np.full(len(swept), -1)).any():
            return True
    return False


def _straight_runs(
    net: Ways, leaving: dict[int, list[int]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far the way is straight before the end of each drive, and after its start; from a gate, far."""
    lengths, headings = net.lengths_m, net.headings
    arriving: dict[int, list[int]] = {}
    for drive, node in enumerate(net.end.tolist()):
        arriving.setdefault(node, []).append(drive)

    def run(drive: int, nodes: NDArray[np.int64], further: dict[int, list[int]]) -> float:
        metres, at, seen = 0.0, drive, set()
        while at not in seen:
            seen.add(at)
            metres += float(lengths[at])
            node = int(nodes[at])
            if node in net.gates:
                return math.inf
            straight = [
                d
                for d in further.get(node, ())
                if net.piece[d] != net.piece[at] and abs(_turn(headings[d], headings[at])) <= _STRAIGHT_RAD
            ]
            if not straight:
                break
            at = straight[0]
        return metres

    drives = range(len(lengths))
    before = np.array([run(d, net.start, arriving) for d in drives])
    after = np.array([run(d, net.end, leaving) for d in drives])
    return before, after


def _turn(first: float, second: float) -> float:
    """Return the turn from one heading to another, between -pi and pi."""
    return math.remainder(second - first, math.tau)
