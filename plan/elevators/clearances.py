"""Clearances around elevators: what each position keeps free, in metres, and which thing holds it back.

Numbers come in as :class:`Limits`. Figures are compared with a tolerance of a thousandth of a millimetre
(:data:`TOLERANCE_M`): coordinates of a projected system, being millions of metres, are exact to some nanometres, and
4.000 m drawn anywhere is 4.000 m, while 3.999 m is not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.elevators.facing import lane_left, standing_of
from plan.elevators.lanes import left_beside
from plan.elevators.surroundings import CARRIAGE_M, Surroundings
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "TOLERANCE_M",
    "Limits",
    "Measured",
    "Positions",
    "measure",
    "to_other_buildings",
    "vague_lanes_near",
]

# Metres by which a figure may fall short of a limit and still be at it.
TOLERANCE_M: Final = 1e-6
# Square metres of a common ground below which two shapes only touch: along a side of 2 m, a twentieth of a millimetre.
TOUCH_M2: Final = 1e-4
# Metres beyond a limit up to which a figure is measured; what is farther off is free.
_BEYOND_M: Final = 6.0
# Metres from the middle of a lane of unknown width within which it may be too narrow: half a lane of 12 m, which none is
# wider than, and a limit of some metres.
_VAGUE_M: Final = 15.0
# Metres from a door within which a way that ends is the way to it.
_AT_DOOR_M: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an elevator must keep clear, in metres.

    Parameters
    ----------
    fire_lane_m : float, optional
        Clear width that every fire lane keeps beside it.
    separation_m : float, optional
        From shaft and landing to any other building.
    lane_to_facade_m : float, optional
        From the edge of a fire lane to the shaft, where the shaft counts as façade; shown, and bars nothing.
    passage_m : float, default 1.2
        Kept free in front of every door, and on footpaths; the clear width of an accessible path of GB 55019-2021,
        2.2.2 (AC-PATH).
    pipe_m : float, default 1.0
        From the shaft to a pipe whose row in ``utilities`` has no ``clearance_m``: this tool's default.
    pipes_bar : bool, default False
        True: a pipe in the way bars the position. False: it is moved, at a cost.

    Notes
    -----
    Without a figure for fire lanes or separation nothing can be told of a position.
    """

    fire_lane_m: float | None = None
    separation_m: float | None = None
    lane_to_facade_m: float | None = None
    passage_m: float = 1.2
    pipe_m: float = 1.0
    pipes_bar: bool = False

    def __post_init__(self) -> None:
        for name in ("fire_lane_m", "separation_m", "lane_to_facade_m", "passage_m", "pipe_m"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise UsageError(Message("elevators.size", name=name, value=value))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Positions:
    """Shafts and landings with their building and door.

    Parameters
    ----------
    shaft, landing : array of Polygon, (n,)
        In the coordinates of the surroundings.
    house : array of int, (n,)
        Position of the own building.
    door : array of Point, (n,)
        Of the own stair, on the façade.
    entrance : array of str, (n,)
        Its id.
    """

    shaft: NDArray[np.object_]
    landing: NDArray[np.object_]
    house: NDArray[np.int64]
    door: NDArray[np.object_]
    entrance: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.shaft)

    def take(self, which: NDArray[np.int64]) -> Positions:
        """Return some of them."""
        return Positions(
            shaft=self.shaft[which],
            landing=self.landing[which],
            house=self.house[which],
            door=self.door[which],
            entrance=self.entrance[which],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """One clearance of many positions."""

    metres: NDArray[np.float64]  # measured; inf where nothing is near
    margin: NDArray[np.float64]  # measured less required
    which: NDArray[np.int64]  # the thing that decides, -1: none
    ids: tuple[str, ...]  # of the things
    doubtful: NDArray[np.bool_]  # a thing whose shape was mended stands near
    mended: tuple[str, ...] = ()  # ids of the things whose shape was mended
    facing: NDArray[np.object_] | None = None  # ids of what stands across a lane; empty: its border

    def required(self, number: int) -> float:
        """Return what is asked for at a position."""
        return (
            float(self.metres[number] - self.margin[number]) if np.isfinite(self.metres[number]) else math.nan
        )

    def thing(self, number: int) -> str:
        """Return the id of the thing that decides; empty where none is near."""
        return self.ids[self.which[number]] if self.which[number] >= 0 else ""


def measure(positions: Positions, around: Surroundings, limits: Limits) -> dict[str, Measured]:
    """Measure the clearances of positions, those that bar one when they are not kept first.

    Parameters
    ----------
    positions : Positions
        Shafts and landings.
    around : Surroundings
        What stands there.
    limits : Limits
        Numbers.

    Returns
    -------
    dict of str to Measured
        ``own_building``, ``fire_lane``, ``separation``, ``parcel``, ``own_door``, ``door``, ``way`` and ``elevator``, in
        the order in which they are told when two are equally tight; and ``lane_to_facade``, which bars nothing. A
        clearance whose limit is not given is left out.
    """
    found = {"own_building": _own_building(positions, around)}
    if limits.fire_lane_m is not None:
        found["fire_lane"] = _fire_lanes(positions, around, limits.fire_lane_m)
    if limits.separation_m is not None:
        found["separation"] = _separation(positions, around, limits.separation_m)
    found["parcel"] = _parcel(positions, around)
    found |= _doors(positions, around, limits.passage_m)
    found["way"] = _ways(positions, around, limits)
    found["elevator"] = _elevators(positions, around, limits.separation_m or 0.0)
    if limits.lane_to_facade_m is not None:
        found["lane_to_facade"] = _lane_to_facade(positions, around, limits.lane_to_facade_m)
    return found


def to_other_buildings(
    things: NDArray[np.object_], house: NDArray[np.int64], around: Surroundings, *, within_m: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Measure from things to buildings that do not share a wall with their own.

    Parameters
    ----------
    things : array of Polygon
        Such as shafts.
    house : array of int
        Position of the own building of each.
    around : Surroundings
        With buildings.
    within_m : float
        What is farther off is left out.

    Returns
    -------
    tuple of array
        Number of the thing, position of the building, metres.
    """
    if not len(around.buildings) or not len(things):
        return np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([])
    shapes = around.buildings.shapes
    other, one = shapely.STRtree(things).query(shapes, predicate="dwithin", distance=within_m)
    known = around.share_a_wall(house[one], other)
    one, other = one[~known], other[~known]
    return one, other, shapely.distance(things[one], shapes[other])


def least(
    count: int,
    index: NDArray[np.int64],
    margin: NDArray[np.float64],
    metres: NDArray[np.float64],
    which: NDArray[np.int64],
    *,
    ids: tuple[str, ...],
    mended: NDArray[np.bool_],
) -> Measured:
    """Keep of many pairs the tightest of each position; of equal ones the first thing."""
    out = np.full(count, np.inf)
    far = np.full(count, np.inf)
    thing = np.full(count, -1, dtype=np.int64)
    doubtful = np.zeros(count, dtype=bool)
    order = np.lexsort((which, np.round(margin, 9), index))
    index, margin, metres, which = index[order], margin[order], metres[order], which[order]
    first = np.append(True, index[1:] != index[:-1])[: len(index)]
    out[index[first]] = metres[first]
    far[index[first]] = margin[first]
    thing[index[first]] = which[first]
    if len(mended):
        np.logical_or.at(doubtful, index, mended[which])
    return Measured(
        metres=out,
        margin=far,
        which=thing,
        ids=ids,
        doubtful=doubtful,
        mended=tuple(ids[k] for k in np.flatnonzero(mended)),
    )


def common_m2(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the ground that pairs of shapes have in common, in square metres."""
    areas: NDArray[np.float64] = shapely.area(shapely.intersection(shapes, others))
    return areas


def depth_m(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how deep pairs of shapes reach into each other.

    Of the corners of the common ground, each of which lies on the border of one of both at least, the one that is
    farthest from the border of the other.
    """
    corners, pair = shapely.get_coordinates(shapely.intersection(shapes, others), return_index=True)
    points = shapely.points(corners)
    deep = np.zeros(len(shapes))
    for borders in (shapely.boundary(shapes), shapely.boundary(others)):
        np.maximum.at(deep, pair, shapely.distance(points, borders[pair]))
    return deep


def _own_building(positions: Positions, around: Surroundings) -> Measured:
    """Shaft and landing stay outside the own building and those that share a wall with it."""
    shapes = around.buildings.shapes
    pairs: list[NDArray[np.int64]] = []
    for things in (positions.shaft, positions.landing):
        house, one = shapely.STRtree(things).query(shapes, predicate="intersects")
        own = around.share_a_wall(positions.house[one], house)
        one, house = one[own], house[own]
        inside = common_m2(things[one], shapes[house]) > TOUCH_M2
        one, house = one[inside], house[inside]
        pairs.append(
            np.stack([one, house, np.round(depth_m(things[one], shapes[house]) * 1e9).astype(np.int64)])
        )
    one, house, deep = np.hstack(pairs)
    metres = -np.maximum(deep / 1e9, TOLERANCE_M * 10)
    found = least(
        len(positions), one, metres, metres, house, ids=around.buildings.ids, mended=around.buildings.mended
    )
    free = ~np.isfinite(found.metres)
    # To touch the own façade is what it is for.
    return replace(
        found, metres=np.where(free, 0.0, found.metres), margin=np.where(free, np.inf, found.margin)
    )


def _fire_lanes(positions: Positions, around: Surroundings, need: float) -> Measured:
    standing = standing_of(around)
    parts = [
        lane_left(t, around, standing, within_m=need + _BEYOND_M)
        for t in (positions.shaft, positions.landing)
    ]
    one, lane, left, by = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    found = least(
        len(positions), one, left - need, left, lane, ids=around.lane_rows.ids, mended=around.lane_rows.mended
    )
    doubtful = found.doubtful.copy()
    held = np.flatnonzero(by >= 0)
    doubtful[one[held[standing.mended[by[held]]]]] = True
    facing = np.full(len(positions), "", dtype=object)
    deciding = held[(left[held] == found.metres[one[held]]) & (lane[held] == found.which[one[held]])]
    facing[one[deciding]] = standing.ids[by[deciding]]
    one, _ = vague_lanes_near(positions.shaft, around)
    doubtful[one] = True
    return replace(found, doubtful=doubtful, facing=facing)


def vague_lanes_near(
    things: NDArray[np.object_], around: Surroundings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return things and the fire lanes near them that are lines of which nobody wrote the width."""
    lines = around.lane_rows.shapes[around.vague_lanes]
    if not len(lines) or not len(things):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    lane, one = shapely.STRtree(things).query(lines, predicate="dwithin", distance=_VAGUE_M)
    return one, around.vague_lanes[lane]


def _lane_to_facade(positions: Positions, around: Surroundings, need: float) -> Measured:
    one, lane, left = left_beside(positions.shaft, around.lanes, within_m=30.0)
    width = around.lane_rows.numbers("width_m")[lane]
    drawn_as_line = np.isfinite(width) & (shapely.get_dimensions(around.lane_rows.shapes[lane]) == 1)
    away = np.maximum(np.where(drawn_as_line, left - width, 0.0), 0.0)
    areal = ~drawn_as_line
    away[areal] = shapely.distance(positions.shaft[one[areal]], around.lane_rows.shapes[lane[areal]])
    near = away <= need + _BEYOND_M
    one, lane, away = one[near], lane[near], away[near]
    return least(
        len(positions), one, away - need, away, lane, ids=around.lane_rows.ids, mended=around.lane_rows.mended
    )


def _separation(positions: Positions, around: Surroundings, need: float) -> Measured:
    parts = [
        to_other_buildings(t, positions.house, around, within_m=need + _BEYOND_M)
        for t in (positions.shaft, positions.landing)
    ]
    one, other, metres = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    return least(
        len(positions),
        one,
        metres - need,
        metres,
        other,
        ids=around.buildings.ids,
        mended=around.buildings.mended,
    )


def _parcel(positions: Positions, around: Surroundings) -> Measured:
    """Shaft and landing stay on the land of the own building: the parcels on which it stands."""
    count = len(positions)
    shapes, houses = around.parcels.shapes, around.buildings.shapes
    metres = np.full(count, np.inf)
    which = np.full(count, -1, dtype=np.int64)
    doubtful = np.zeros(count, dtype=bool)
    for house in np.unique(positions.house):
        mine = np.flatnonzero(positions.house == house)
        parcel: NDArray[np.int64] | list[int] = (
            shapely.STRtree(shapes).query(houses[house], predicate="intersects") if len(shapes) else []
        )
        own = np.sort([p for p in parcel if shapely.intersection(shapes[p], houses[house]).area > TOUCH_M2])
        if not len(own):
            doubtful[mine] = True  # on no parcel: whose land it is cannot be told
            continue
        own = own.astype(np.int64)
        land = shapely.union_all(shapes[own]) if len(own) > 1 else shapes[own[0]]
        shapely.prepare(land)
        which[mine] = own[0]
        doubtful[mine] = bool(around.parcels.mended[own].any())
        edge = shapely.boundary(land)
        shapely.prepare(edge)
        inner = np.full(len(mine), np.inf)
        for things in (positions.shaft[mine], positions.landing[mine]):
            corners, thing = shapely.get_coordinates(things, return_index=True)
            points = shapely.points(corners)
            beyond = np.zeros(len(mine))
            np.maximum.at(beyond, thing, shapely.distance(points, land))
            away = np.where(
                shapely.covers(land, things) | (beyond <= TOLERANCE_M),
                shapely.distance(things, edge),
                -np.maximum(beyond, 10 * TOLERANCE_M),
            )
            inner = np.minimum(inner, away)
        metres[mine] = inner
    near = metres <= _BEYOND_M
    return Measured(
        metres=np.where(near, metres, np.inf),
        margin=np.where(near, metres, np.inf),
        which=np.where(near | doubtful, which, -1),
        ids=around.parcels.ids,
        doubtful=doubtful,
        mended=tuple(around.parcels.ids[k] for k in np.flatnonzero(around.parcels.mended)),
    )


def _doors(positions: Positions, around: Surroundings, need: float) -> dict[str, Measured]:
    """Measure from the shaft to the own door, and from shaft and landing to other doors."""
    count = len(positions)
    none = np.zeros(0, dtype=bool)
    own = shapely.distance(positions.door, positions.shaft)
    own_found = least(
        count,
        np.arange(count),
        own - need,
        own,
        np.arange(count),
        ids=tuple(map(str, positions.entrance)),
        mended=none,
    )
    if not len(around.doors):
        return {"own_door": own_found}
    ids = np.array(around.doors.ids, dtype=object)
    parts = []
    for things in (positions.shaft, positions.landing):
        door, one = shapely.STRtree(things).query(
            around.doors.shapes, predicate="dwithin", distance=need + _BEYOND_M
        )
        other = ids[door] != positions.entrance[one]
        one, door = one[other], door[other]
        parts.append((one, door, shapely.distance(things[one], around.doors.shapes[door])))
    one, door, metres = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    others = least(count, one, metres - need, metres, door, ids=around.doors.ids, mended=around.doors.mended)
    return {"own_door": own_found, "door": others}


def _ways(positions: Positions, around: Surroundings, limits: Limits) -> Measured:
    """Roads keep a fire lane's width, or their own; footpaths a passage; the way to the own door leads round."""
    count = len(positions)
    widths = around.ways.numbers("width_m")
    widths = np.where(widths > 0, widths, around.way_width_m)
    carriage = min(limits.fire_lane_m or CARRIAGE_M, np.inf)
    need = np.where(widths >= CARRIAGE_M, np.minimum(widths, carriage), np.minimum(widths, limits.passage_m))
    levels = around.ways.numbers("level")
    kinds = np.array(around.ways.texts("kind"), dtype=object)
    aside = (np.nan_to_num(levels) != 0) | (kinds == "elevator")
    need = np.where(aside, 0.0, need)
    ends = [shapely.get_point(_first(around.ways.shapes), k) for k in (0, -1)]

    def to_own_door(one: NDArray[np.int64], way: NDArray[np.int64]) -> NDArray[np.bool_]:
        door = positions.door[one]
        away = np.minimum(*(shapely.distance(end[way], door) for end in ends))
        return np.asarray(away <= _AT_DOOR_M, dtype=bool)

    one, way, left = left_beside(positions.shaft, around.way_lanes, within_m=need, leave=to_own_door)
    return least(count, one, left - need[way], left, way, ids=around.ways.ids, mended=around.ways.mended)


def _first(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    many = shapely.get_type_id(lines) == 5  # noqa: PLR2004 - a line of several parts
    if many.any():
        lines = lines.copy()
        lines[many] = shapely.get_geometry(lines[many], 0)
    return lines


def _elevators(positions: Positions, around: Surroundings, separation_m: float) -> Measured:
    """Elevators that are drawn already stay free, and keep their distance where they belong to another building."""
    count = len(positions)
    standing = around.elevators
    parts = []
    for things in (positions.shaft, positions.landing):
        if not len(standing):
            break
        other, one = shapely.STRtree(things).query(
            standing.shapes, predicate="dwithin", distance=separation_m + _BEYOND_M
        )
        away = shapely.distance(things[one], standing.shapes[other])
        deep = common_m2(things[one], standing.shapes[other]) > TOUCH_M2
        away[deep] = -np.maximum(depth_m(things[one[deep]], standing.shapes[other[deep]]), 10 * TOLERANCE_M)
        homes = standing.texts("building_id")
        same = np.array(
            [homes[o] == around.buildings.ids[positions.house[k]] for k, o in zip(one, other, strict=True)],
            dtype=bool,
        )
        parts.append((one, other, away, np.where(same, 0.0, separation_m)))
    if not parts:
        nothing = np.array([], dtype=np.int64)
        return least(
            count, nothing, np.array([]), np.array([]), nothing, ids=(), mended=np.zeros(0, dtype=bool)
        )
    one, other, metres, need = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    return least(count, one, metres - need, metres, other, ids=standing.ids, mended=standing.mended)
