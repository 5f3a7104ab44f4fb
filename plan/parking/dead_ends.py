"""Dead ends: how long they are, and whether cars turn round at junctions, or at places that are drawn for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.parking.drawing import TOUCH_M, Drawing
from plan.parking.drive import Ways, dead_ends
from plan.parking.faults import Fault, FaultKind
from plan.parking.overlaps import outside, overlapping
from plan.parking.turnarounds import turns_round

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.parking.ground import Lot
    from plan.parking.room import Room
    from plan.parking.stalls import DesignCar

__all__ = ["DeadEnds", "read_dead_ends"]

_STRAIGHT_ON: Final = 2  # pieces of way that meet where a way goes on; where more do, ways branch off


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeadEnds:
    """What is wrong with dead ends, and where cars turn round."""

    faults: tuple[Fault, ...]
    turning: frozenset[int]  # nodes at which a car turns round, or which are so near that it backs out
    doubtful: frozenset[int]  # nodes with a turning place at which no turn was found


def read_dead_ends(
    net: Ways,
    lot: Lot,
    drawing: Drawing,
    driven: BaseGeometry,
    room: Room,
    *,
    places: NDArray[np.object_],
    dead_end_m: float,
    car: DesignCar,
    clearance_m: float,
) -> DeadEnds:
    """Measure dead ends, and turn the design car round in those that are too long: at junctions and turning places.

    Parameters
    ----------
    net : Ways
        The drives.
    lot : Lot
        The ground, and what stands on it.
    drawing : Drawing
        Stalls and aisles.
    driven : Polygon or MultiPolygon
        Where cars drive along.
    room : Room
        What stands in the way of a turn.
    places : array of Polygon
        Turning places as they are given. One is looked at where a dead end is too long without it, and lies so near to
        its end that a car may back from there.
    dead_end_m : float
        How far a car may have to back.
    car : DesignCar
        The car.
    clearance_m : float
        Kept on all sides while turning.

    Returns
    -------
    DeadEnds
        A fault for each dead end that is too long, or whose turning place is none.
    """
    solid = shapely.union_all([*drawing.stalls, *lot.obstacles])
    free = shapely.difference(shapely.intersection(places, lot.ground), solid)
    half = np.array([aisle.width_m / 2 for aisle in drawing.aisles])[net.aisle]
    turning: set[int] = set()
    doubtful: set[int] = set()
    faults: list[Fault] = []
    told: set[int] = set()
    loose: set[int] = set()  # the far ends of ways that hang on nothing
    for length, nodes, pieces in dead_ends(net):
        if length <= dead_end_m + TOUCH_M or nodes[-1] in loose:
            turning.add(nodes[0])
            loose |= {nodes[0]} if not pieces else set()
            continue
        given = list(_on_the_way(net, half, nodes[0], pieces, places, within_m=dead_end_m))
        given.sort(key=lambda one: one[0] is None)  # what is meant for turning is looked at first
        if any(
            turns_round(
                at,
                float(net.headings[drive]),
                width_m=drawing.aisles[net.aisle[drive]].width_m,
                ground=driven if place is None else shapely.union_all([driven, free[place]]),
                room=room,
                car=car,
                clearance_m=clearance_m,
            )
            for place, drive, at in given
        ):
            turning.add(nodes[0])
            continue
        drives = _drives(net, nodes)
        names = tuple(sorted({drawing.aisles[a].id for a in net.aisle[drives]}))
        there = {place for place, _, _ in given if place is not None}
        taken = {p: fault for p in there if (fault := _taken(places[p], lot, drawing)) is not None}
        faults += [fault for place, fault in sorted(taken.items()) if place not in told]
        told |= set(taken)
        if tight := sorted(there - set(taken)):
            doubtful.add(nodes[0])
            shape = shapely.union_all(places[tight])
            faults.append(Fault(kind=FaultKind.TURNING_PLACE_TIGHT, aisles=names, geometry=shape))
            continue
        faults.append(
            Fault(
                kind=FaultKind.DEAD_END,
                aisles=names,
                geometry=shapely.union_all(net.lines[drives]),
                measured_m=round(length, 4),
                required_m=dead_end_m,
            )
        )
    return DeadEnds(faults=tuple(faults), turning=frozenset(turning), doubtful=frozenset(doubtful))


def _on_the_way(
    net: Ways,
    half_m: NDArray[np.float64],  # of the width of each drive
    end: int,
    pieces: tuple[int, ...],
    places: NDArray[np.object_],
    *,
    within_m: float,
) -> Iterator[tuple[int | None, int, NDArray[np.float64]]]:
    """Return where cars may turn so near to an end that they back from there: turning places, None for a junction.

    With each comes the drive that leads to it towards the end, and the point of the drive where it is.
    """
    at, gone = end, 0.0
    seen: set[int] = set()
    for piece in pieces:
        mine = np.flatnonzero(net.piece == piece)
        coming = mine[net.end[mine] == at]
        drive = int(coming[0]) if len(coming) else int(mine[0])
        back = shapely.reverse(net.lines[drive]) if len(coming) else net.lines[drive]
        beside = float(half_m[drive]) + TOUCH_M  # a place begins where the aisle ends, beside it
        aisle = shapely.buffer(back, beside, cap_style="flat")
        near = np.flatnonzero(shapely.dwithin(places, back, beside))
        for place in near.tolist():
            if place in seen:
                continue
            common = shapely.intersection(aisle, places[place])
            if common.is_empty:
                continue
            seen.add(place)
            first = float(
                shapely.line_locate_point(back, shapely.points(shapely.get_coordinates(common))).min()
            )
            # A car turns only where it can drive both ways.
            if gone + first <= within_m + TOUCH_M and len(coming) and len(mine) > 1:
                yield place, drive, shapely.get_coordinates(shapely.line_interpolate_point(back, first))[0]
        gone += float(back.length)
        if gone > within_m + TOUCH_M:
            return
        at = int(net.start[drive]) if len(coming) else int(net.end[drive])
        meeting = np.unique(net.piece[(net.start == at) | (net.end == at)])
        if len(meeting) > _STRAIGHT_ON and len(coming) and len(mine) > 1:
            yield None, drive, net.points[at]


def _drives(net: Ways, nodes: tuple[int, ...]) -> list[int]:
    """Return the drives along a dead end."""
    along = np.isin(net.start, nodes) & np.isin(net.end, nodes)
    at_end = (net.start == nodes[0]) | (net.end == nodes[0])
    return [int(d) for d in np.flatnonzero(along | at_end)]


def _taken(place: BaseGeometry, lot: Lot, drawing: Drawing) -> Fault | None:
    """Tell by how much stalls or obstacles reach into a turning place, or it leaves the lot; None where nothing does."""
    alone = np.array([place], dtype=object)
    stalls = [(drawing.ids[i], depth, both) for i, _, depth, both in overlapping(drawing.stalls, alone)]
    others = [(depth, both) for _, _, depth, both in overlapping(lot.obstacles, alone)]
    others += [(depth, beyond) for _, depth, beyond in outside(alone, lot.ground)]
    if not stalls and not others:
        return None
    return Fault(
        kind=FaultKind.TURNING_PLACE_TAKEN,
        stalls=tuple(sorted(name for name, _, _ in stalls)),
        geometry=shapely.union_all([*(both for _, _, both in stalls), *(where for _, where in others)]),
        measured_m=max([*(depth for _, depth, _ in stalls), *(depth for depth, _ in others)]),
        required_m=0.0,
    )
