"""Whether each stall is reached from a gate and left again: on ground wide enough, in the aisles' directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.parking.dead_ends import read_dead_ends
from plan.parking.drawing import TOUCH_M, Aisle, Drawing
from plan.parking.drive import Ways, opened, ways
from plan.parking.faults import Fault, FaultKind, Level
from plan.parking.manoeuvres import Slots, prove, slots
from plan.parking.room import room_of
from plan.parking.traffic import Traffic, flow
from plan.parking.turns import possible_turns

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.parking.ground import Lot
    from plan.parking.stalls import DesignCar

__all__ = ["driving_faults"]

# A stall may stand back from its aisle: what lies between is part of the lot, and the path into the stall is tried.
_SETBACK_M: Final = 0.5
_DIRECTED: Final = (FaultKind.NO_WAY_IN, FaultKind.NO_WAY_OUT)


def driving_faults(
    lot: Lot,
    drawing: Drawing,
    *,
    car: DesignCar,
    clearance_m: float,
    dead_end_m: float,
    turning_places: NDArray[np.object_],
) -> list[Fault]:
    """Find stalls that are not proven to be reached and left; see :func:`plan.parking.verify.verify`."""
    net = ways(drawing.aisles, lot.gates)
    driven = _driven(lot, drawing, net)
    room = room_of(lot, drawing.stalls, driven, car=car)
    ends = read_dead_ends(
        net,
        lot,
        drawing,
        driven,
        room,
        places=turning_places,
        dead_end_m=dead_end_m,
        car=car,
        clearance_m=clearance_m,
    )
    faults = list(ends.faults)
    anyhow = flow(net, turning=ends.turning | ends.doubtful)
    faults += _one_way_dead_ends(net, drawing.aisles, anyhow.come & anyhow.leave, lot)
    if len(drawing.stalls) == 0:
        return faults
    seen = possible_turns(net, drawing.aisles, room, car=car, clearance_m=clearance_m)
    turned = flow(net, turning=ends.turning, turns=lambda drive, onward: (drive, onward) in seen)
    # Ground without a line of travel may be a way of which nothing is known.
    blank = not drawing.aisles_known or any(aisle.line is None for aisle in drawing.aisles)
    beside = _beside(net, drawing)
    which = slots(beside)
    proven = prove(
        which,
        drawing.stalls,
        net,
        drawing.aisles,
        room,
        car=car,
        clearance_m=clearance_m,
        enough=(turned.come & turned.leave)[which.drive],
    )
    safely, somehow = (_both_ways(which, proven, traffic, drawing) for traffic in (turned, anyhow))
    reached = _reached(lot, drawing, driven, car=car)
    for i, name in enumerate(drawing.ids):
        kinds = _kinds(beside[i], anyhow, reached=reached[i], safely=safely[i], somehow=somehow[i])
        for kind in kinds:
            level = Level.NOT_PROVEN if blank and kind in _DIRECTED else Level.BROKEN
            faults.append(Fault(kind=kind, stalls=(name,), geometry=drawing.stalls[i], level=level))
    return faults


def _kinds(
    beside: NDArray[np.int64], traffic: Traffic, *, reached: bool, safely: bool, somehow: bool
) -> tuple[FaultKind, ...]:
    """Return what is wrong with one stall, the first reason only."""
    if not reached:
        return (FaultKind.STALL_UNREACHED,)
    if safely:
        return ()
    if somehow:
        return (FaultKind.TIGHT_TURN,)
    if len(beside):
        barred = tuple(
            kind
            for kind, possible in ((FaultKind.NO_WAY_IN, traffic.come), (FaultKind.NO_WAY_OUT, traffic.leave))
            if not possible[beside].any()
        )
        if barred:
            return barred
    return (FaultKind.NO_MANOEUVRE,)


def _both_ways(
    which: Slots, proven: NDArray[np.bool_], traffic: Traffic, drawing: Drawing
) -> NDArray[np.bool_]:
    """Tell into which stalls a car can come and out of which it can leave again, with its nose on the same side."""
    found = np.zeros(len(drawing.stalls), dtype=bool)
    for nose_out in (False, True):
        able = proven & (which.nose_out == nose_out)
        comes, leaves = np.zeros_like(found), np.zeros_like(found)
        comes[which.stall[able & traffic.come[which.drive]]] = True
        leaves[which.stall[able & traffic.leave[which.drive]]] = True
        found |= comes & leaves
    return found


def _driven(lot: Lot, drawing: Drawing, net: Ways) -> BaseGeometry:
    """Return the ground along which cars drive: aisles and fire lanes, or the whole lot where there are no aisles."""
    if not drawing.aisles_known:
        return lot.ground
    # Where two aisles end at each other their square ends leave the outer corner open; a disc closes it.
    half = np.array([aisle.width_m / 2 for aisle in drawing.aisles])
    joint = np.zeros(len(net.points))
    np.maximum.at(joint, net.start, half[net.aisle])
    np.maximum.at(joint, net.end, half[net.aisle])
    meeting = np.bincount(np.concatenate([net.start, net.end]), minlength=len(joint)) > 1
    meeting[list(net.gates)] = False
    joints = shapely.buffer(shapely.points(net.points[meeting]), joint[meeting])
    ground = shapely.union_all([*(aisle.ground for aisle in drawing.aisles), *joints, *lot.fire_lanes])
    return shapely.intersection(ground, lot.ground)


def _reached(lot: Lot, drawing: Drawing, driven: BaseGeometry, *, car: DesignCar) -> NDArray[np.bool_]:
    """Tell which stalls stand at ground of the clear width that leads to a gate."""
    ground = shapely.union(driven, lot.apron)
    ground = shapely.difference(ground, shapely.union_all([*drawing.stalls, *lot.obstacles]))
    rolling = opened(ground, lot.gates, width_m=car.clear_width_m)
    reached = np.zeros(len(drawing.stalls), dtype=bool)
    if len(rolling):
        away = car.clear_width_m / 2 + _SETBACK_M
        hit = shapely.STRtree(rolling).query(drawing.stalls, predicate="dwithin", distance=away)[0]
        reached[np.unique(hit)] = True
    return reached


def _beside(net: Ways, drawing: Drawing) -> list[NDArray[np.int64]]:
    """Return the drives that each stall stands beside; those of its own aisle where it says which one that is."""
    found: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)] * len(drawing.stalls)
    if len(net.start) == 0:
        return found
    lines = net.lines
    half = np.array([drawing.aisles[a].width_m / 2 for a in net.aisle])
    stall, drive = shapely.STRtree(lines).query(
        drawing.stalls, predicate="dwithin", distance=float(half.max()) + _SETBACK_M
    )
    beside = shapely.dwithin(drawing.stalls[stall], lines[drive], half[drive] + _SETBACK_M)
    stall, drive = stall[beside], drive[beside]
    names = np.array([aisle.id for aisle in drawing.aisles], dtype=object)[net.aisle]
    for i in np.unique(stall):
        mine = np.sort(drive[stall == i])
        own = mine[names[mine] == drawing.home[i]]
        found[i] = own if len(own) else mine
    return found


def _one_way_dead_ends(
    net: Ways, aisles: tuple[Aisle, ...], through: NDArray[np.bool_], lot: Lot
) -> list[Fault]:
    """Find one-way aisles that a car cannot drive through from a gate to a gate."""
    found: dict[str, list[BaseGeometry]] = {}
    for drive in np.flatnonzero(~through):
        own = int(net.aisle[drive])
        if not aisles[own].one_way:
            continue
        line = net.lines[drive]
        # Where a drawing goes on beyond a gate it is the street, which leads on.
        if shapely.intersection(line, lot.ground).length <= TOUCH_M:
            continue
        others = [aisle.ground for number, aisle in enumerate(aisles) if number != own]
        # The end of a line that reaches over the middle of a crossing aisle, to its far side, leads nowhere.
        if shapely.covers(shapely.buffer(shapely.union_all(others), TOUCH_M), line):
            continue
        found.setdefault(aisles[own].id, []).append(line)
    return [
        Fault(kind=FaultKind.ONE_WAY_DEAD_END, aisles=(name,), geometry=shapely.union_all(lines))
        for name, lines in found.items()
    ]
