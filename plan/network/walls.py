"""Walls and gates: what a walkway, a doorstep path and a reached area may not cross."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "CROSSES_BUILDING",
    "CROSSES_NOTHING",
    "CROSSES_WALL",
    "GATE_REACH_M",
    "Obstructions",
    "is_closed",
    "is_private",
    "open_walls",
    "side_of_wall",
]

# Metres between a gate and the place where a walkway passes the wall, at most. Gates are drawn as a
# point in the middle of an opening that is up to 6 m wide (one lane and a wicket).
GATE_REACH_M: Final = 3.0
# Metres within which a door belongs to a building, so that its doorstep path may leave through it.
OWN_BUILDING_M: Final = 1.0
# Metres of a doorstep path inside a building that count as touching, not as crossing.
TOUCH_M: Final = 0.1
# Metres around a node in which the sides of a wall are told apart.
SIDE_RADIUS_M: Final = 0.05
# Radians between two directions of a wall that count as one.
SAME_DIRECTION_RAD: Final = 1e-3

CROSSES_NOTHING: Final = 0
CROSSES_BUILDING: Final = 1
CROSSES_WALL: Final = 2

_CLOSED: Final = "no"  # what `access` says of a way or gate that is shut for everybody
_PRIVATE: Final = ("private", "residents")  # … that is open to residents only
_CIRCLE_SEGMENTS: Final = 32  # per quarter circle


def open_walls(
    walls: NDArray[np.object_], gates: NDArray[np.object_], *, reach_m: float = GATE_REACH_M
) -> NDArray[np.object_]:
    """Cut an opening into the walls around each gate.

    Parameters
    ----------
    walls : array of LineString or MultiLineString
        Walls, fences, hedges.
    gates : array of Point
        Gates that people can walk through.
    reach_m : float, default 3
        Metres of wall on both sides of a gate that are open.

    Returns
    -------
    array of LineString
        What remains closed.
    """
    parts = shapely.get_parts(shapely.force_2d(walls))
    parts = parts[~shapely.is_empty(parts)]
    gates = gates[~(shapely.is_missing(gates) | shapely.is_empty(gates))]
    if not (len(parts) and len(gates)):
        return parts
    # The polygon drawn around a gate contains the whole circle, so that exactly reach_m is open.
    radius = reach_m / np.cos(np.pi / (4 * _CIRCLE_SEGMENTS))
    discs = np.asarray(shapely.buffer(shapely.force_2d(gates), radius, quad_segs=_CIRCLE_SEGMENTS))
    wall, gate = shapely.STRtree(discs).query(parts, predicate="intersects")
    for one in np.unique(wall):
        parts[one] = shapely.difference(parts[one], shapely.union_all(discs[gate[wall == one]]))
    remaining = shapely.get_parts(parts)
    return remaining[~shapely.is_empty(remaining)]


def is_closed(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which ways or gates nobody may walk through; private ones are open to residents.

    Parameters
    ----------
    frame : DataFrame
        A column ``access`` may be absent.

    Returns
    -------
    array of bool
        True where ``access`` is ``no``.
    """
    if "access" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray((frame["access"] == _CLOSED).fillna(value=False), dtype=bool)


def is_private(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which ways or gates only residents may walk through.

    Parameters
    ----------
    frame : DataFrame
        A column ``access`` may be absent.

    Returns
    -------
    array of bool
        True where ``access`` is ``private`` or ``residents``.
    """
    if "access" not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame["access"].isin(_PRIVATE), dtype=bool)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Obstructions:
    """Closed walls, and buildings, that a doorstep path should not cross."""

    walls: NDArray[np.object_]  # LineStrings, openings at gates already cut out
    buildings: NDArray[np.object_]  # Polygons
    _wall_tree: shapely.STRtree = field(init=False)
    _segment_tree: shapely.STRtree = field(init=False)  # straight pieces of the walls
    _building_tree: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_wall_tree", shapely.STRtree(self.walls))
        spots, wall = shapely.get_coordinates(self.walls, return_index=True)
        same = wall[1:] == wall[:-1]
        pieces = np.asarray(shapely.linestrings(np.stack([spots[:-1][same], spots[1:][same]], axis=1)))
        object.__setattr__(self, "_segment_tree", shapely.STRtree(pieces))
        object.__setattr__(self, "_building_tree", shapely.STRtree(self.buildings))

    def __bool__(self) -> bool:
        return bool(len(self.walls) or len(self.buildings))

    def crossed(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.int8]:
        """Say for each straight path what it crosses.

        Parameters
        ----------
        start, end : array of float, shape (n, 2)
            Ends of the paths in metres; the start is the door.

        Returns
        -------
        array of int
            CROSSES_NOTHING, CROSSES_BUILDING (one that the door is not part of) or CROSSES_WALL.
        """
        worst = np.full(len(start), CROSSES_NOTHING, dtype=np.int8)
        if len(start) == 0:
            return worst
        if len(self.buildings):
            paths = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)))
            path, building = self._building_tree.query(paths, predicate="intersects")
            own = shapely.dwithin(shapely.points(start[path]), self.buildings[building], OWN_BUILDING_M)
            path, building = path[~own], building[~own]
            inside_m = shapely.length(shapely.intersection(paths[path], self.buildings[building]))
            worst[path[inside_m > TOUCH_M]] = CROSSES_BUILDING
        if len(self.walls):
            # A door in a wall, or a walkway drawn along one, touches the wall without crossing it.
            length = np.hypot(*(end - start).T)
            trim = np.minimum(TOUCH_M, length / 4)
            share = np.divide(trim, length, out=np.zeros_like(length), where=length > 0)[:, None]
            inner = np.stack([start + (end - start) * share, end + (start - end) * share], axis=1)
            path, _ = self._wall_tree.query(shapely.linestrings(inner), predicate="intersects")
            worst[path] = CROSSES_WALL
        return worst

    def wall_segments(
        self, lines: NDArray[np.object_], distance_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the straight pieces of wall within a distance of lines: which line, start and end of the piece."""
        line, segment = self._segment_tree.query(lines, predicate="dwithin", distance=distance_m)
        ends = shapely.get_coordinates(self._segment_tree.geometries[segment]).reshape(-1, 2, 2)
        return line, ends[:, 0], ends[:, 1]

    def near_points(
        self, xy: NDArray[np.float64], distance_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which points lie within a distance of which walls, as two arrays of positions."""
        point, wall = self._wall_tree.query(shapely.points(xy), predicate="dwithin", distance=distance_m)
        return point, wall

    def near_lines(self, lines: NDArray[np.object_], distance_m: float) -> NDArray[np.int64]:
        """Return the positions of the lines that have a wall within a distance."""
        line, _ = self._wall_tree.query(lines, predicate="dwithin", distance=distance_m)
        return np.unique(line)

    def pairs(self, geometries: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which geometries meet which walls, as two arrays of positions."""
        geometry, wall = self._wall_tree.query(geometries, predicate="intersects")
        return geometry, wall


def side_of_wall(
    node: NDArray[np.float64], walls: NDArray[np.object_], ways: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Say on which side of the walls each way leaves a node that lies on them.

    The walls leave the node in some directions and divide the ground around it into sectors; ways in
    one sector meet, ways in different sectors do not. A wall that ends at the node divides nothing.

    Parameters
    ----------
    node : array of float, shape (2,)
        The node in metres.
    walls : array of LineString
        The walls that pass the node.
    ways : array of LineString
        Ways that start at the node.

    Returns
    -------
    array of int
        The sector of each way.
    """
    ring = shapely.buffer(shapely.Point(node), SIDE_RADIUS_M, quad_segs=_CIRCLE_SEGMENTS).exterior
    met = shapely.get_coordinates(shapely.intersection(walls, ring)) - node
    directions = np.sort(np.arctan2(met[:, 1], met[:, 0]))
    if directions.size:
        gaps = np.diff(directions, prepend=directions[-1] - 2 * np.pi)
        directions = directions[gaps > SAME_DIRECTION_RAD]
    if directions.size < 2:  # noqa: PLR2004 - one direction: the wall ends here
        return np.zeros(len(ways), dtype=np.int64)
    ahead = shapely.line_interpolate_point(ways, np.minimum(SIDE_RADIUS_M, shapely.length(ways)))
    away = shapely.get_coordinates(ahead) - node
    sectors = np.searchsorted(directions, np.arctan2(away[:, 1], away[:, 0]), side="right")
    return np.asarray(sectors % directions.size, dtype=np.int64)
