"""Windows, walls and sun side by side as arrays, and which walls can shade which windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.elevators.prisms import Floats, Ints, edges_of, numbers_of
from plan.elevators.solids import Solids
from plan.elevators.sun import Place, SunPath
from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from plan.elevators.shade import Lists, Path, Spots, Walls

__all__ = ["IN_FRONT_M", "Scene", "scene_of"]

# A window is looked out of from just in front of its façade, so that rounded corners of its own wall do not shade it.
IN_FRONT_M: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """What :mod:`plan.elevators.shade` counts with.

    Parameters
    ----------
    sun, walls, spots, lists : tuple
        See :func:`plan.elevators.shade.minutes_of_sun`.
    supports : int
        Points of each window that must have sun.
    order : ndarray of int, shape (windows,)
        Position among the rows of each window in ``lists``.
    """

    sun: Path
    walls: Walls
    spots: Spots
    lists: Lists
    supports: int
    order: Ints


def scene_of(windows: gpd.GeoDataFrame, solids: Solids, place: Place, path: SunPath) -> Scene:
    """Return windows, walls and sun as arrays; windows above each other are one column.

    Parameters
    ----------
    windows : GeoDataFrame
        At least one row: points with ``sill_m``, ``bearing_deg`` and, if they have a width, ``width_m``.
    solids : Solids
        What may shade them.
    place : Place
        How the map is turned.
    path : SunPath
        Where the sun stands.

    Returns
    -------
    Scene
        Ready to be counted.

    Raises
    ------
    UsageError
        If a window has no point, or a figure of it is missing.
    """
    count = len(windows)
    xy = shapely.get_coordinates(windows.geometry.to_numpy())
    sill = numbers_of(windows, "sill_m")
    looks = np.radians(numbers_of(windows, "bearing_deg") - place.convergence_deg)
    width = numbers_of(windows, "width_m") if "width_m" in windows.columns else np.zeros(count)
    if len(xy) != count or not np.isfinite(np.c_[xy, sill, looks, width]).all():
        raise UsageError(Message("sunlight.windows"))
    keys = np.c_[xy, looks, width]
    order = np.lexsort(keys.T)
    new = np.r_[True, (np.diff(keys[order], axis=0) != 0).any(axis=1)]
    window_start = np.r_[np.flatnonzero(new), count].astype(np.int64)
    column = keys[order[window_start[:-1]]]
    heights = sill[order]
    east, north = np.sin(column[:, 2]), np.cos(column[:, 2])
    middle = column[:, :2] + IN_FRONT_M * np.c_[east, north]
    ends = (-0.5, 0.5) if (column[:, 3] > 0).any() else (0.0,)
    along = np.stack([middle + end * column[:, 3:4] * np.c_[north, -east] for end in ends], axis=1)
    origin = xy.mean(axis=0)
    spots: Spots = (*np.ascontiguousarray((along - origin).reshape(-1, 2).T), east, north)
    sun, rays = _path(path, place)
    walls = _walls(solids, origin)
    lows = np.minimum.reduceat(heights, window_start[:-1])
    pairs = _pairs(middle - origin, lows, walls, rays, margin=float(column[:, 3].max()) / 2 + IN_FRONT_M)
    lists: Lists = (window_start, heights, *pairs)
    return Scene(sun=sun, walls=walls, spots=spots, lists=lists, supports=len(ends), order=order)


def _path(path: SunPath, place: Place) -> tuple[Path, Floats]:
    """Return the path by rising bearing on the map, and the ground that a ray of one metre's rise covers."""
    grid = np.radians(path.azimuth_deg - place.convergence_deg)
    east, north, slope = np.sin(grid), np.cos(grid), np.tan(np.radians(path.altitude_deg))
    ring = np.sort(grid % (2 * math.pi))
    gaps = np.diff(np.r_[ring, ring[0] + 2 * math.pi])
    widest = int(np.argmax(gaps))
    cut = float(ring[widest] + gaps[widest] / 2)  # no sun stands here
    bearing = (grid - cut) % (2 * math.pi)
    order = np.argsort(bearing, kind="stable")
    where = np.empty(len(order), np.int64)
    where[order] = np.arange(len(order))
    up = slope > 0
    rays = np.c_[east[up], north[up]] / slope[up, None]
    return (bearing[order], east[order], north[order], slope[order], where, cut), rays


def _walls(solids: Solids, origin: Floats) -> Walls:
    edges = edges_of(solids.shapes)
    boxes = shapely.bounds(solids.shapes).reshape(-1, 4) - np.r_[origin, origin]
    return (
        edges.start, edges.x0 - origin[0], edges.y0 - origin[1], edges.x1 - origin[0], edges.y1 - origin[1],
        np.ascontiguousarray(boxes).ravel(), solids.tops, solids.kinds,
    )  # fmt: skip


def _pairs(middle: Floats, lows: Floats, walls: Walls, rays: Floats, *, margin: float) -> tuple[Ints, Ints]:
    """Return which prisms can shade each column: those in whose shadow's box it stands."""
    boxes, tops = walls[5].reshape(-1, 4), walls[6]
    if not (len(rays) and len(tops)):
        return np.zeros(len(lows) + 1, np.int64), np.zeros(0, np.int64)
    rise = np.maximum(tops - lows.min(), 0.0)[:, None]
    reach = np.r_[np.minimum(-rays.max(axis=0), 0.0), np.maximum(-rays.min(axis=0), 0.0)]
    shadow = boxes + rise * reach + margin * np.array([-1.0, -1.0, 1.0, 1.0])
    prism, column = shapely.STRtree(np.asarray(shapely.points(middle))).query(shapely.box(*shadow.T))
    kept = tops[prism] > lows[column]
    prism, column = prism[kept], column[kept]
    order = np.lexsort((prism, column))
    start = np.searchsorted(column[order], np.arange(len(lows) + 1)).astype(np.int64)
    return start, prism[order].astype(np.int64)
