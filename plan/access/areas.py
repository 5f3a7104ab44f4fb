"""Isochrones: the area reached on foot, from the walked parts of edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np

from plan.access.times import speed_of
from plan.errors import UsageError
from plan.messages import Message
from plan.network.corridor import CORRIDOR_M, Strips, reached_areas
from plan.network.graph import WalkNetwork
from plan.network.search import geometries
from plan.network.snapping import SNAP_LIMIT_M

__all__ = ["MINUTES", "isochrones", "limits_of"]

MINUTES: Final = (5.0, 10.0, 15.0)  # the life circles of GB 50180-2018, 2.0.3-2.0.5


def isochrones(
    network: WalkNetwork,
    points: gpd.GeoDataFrame,
    *,
    minutes: Sequence[float] = MINUTES,
    profile: str = "adult",
    corridor_m: float = CORRIDOR_M,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> gpd.GeoDataFrame:
    """Return the area reached from each point: the walked parts of edges and a strip beside them.

    The last edges are cut exactly where the time is up; what no walk enters stays a hole; what lies behind a
    wall does not count.
    The area within fewer minutes is part of the area within more.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    points : GeoDataFrame or GeoSeries
        Where the walks begin.
    minutes : sequence of float, default (5, 10, 15)
        Limits.
    profile : str, default "adult"
        Whose speed is taken.
    corridor_m : float, default 25
        Metres beside a walked edge that count as reached: half the depth of a row of buildings.
    snap_limit_m : float, default 200
        As in :func:`walk_times`.

    Returns
    -------
    GeoDataFrame
        ``origin`` (index of the point), ``minutes``, ``geometry``, in the network's reference system;
        the geometry of a point that is not on the network is empty.

    Raises
    ------
    UsageError
        If a limit or `corridor_m` is not a positive number, or the profile has no speed.
    """
    limits = limits_of(minutes)
    if not (np.isfinite(corridor_m) and corridor_m > 0):
        raise UsageError(Message("access.corridor", corridor=corridor_m))
    edges = network.timed(speed_of(network, profile))
    places = network.snap(geometries(points, network), limit_m=snap_limit_m)
    strips = Strips(lines=network.lines(), obstructions=network.obstructions, width_m=corridor_m)
    areas = [
        area
        for owner in range(places.count)
        for area in reached_areas(edges, places, owner, minutes=limits, strips=strips)
    ]
    table = {"origin": np.repeat(points.index, len(limits)), "minutes": np.tile(limits, len(points))}
    crs = network.crs if network.crs is not None else getattr(points, "crs", None)
    return gpd.GeoDataFrame(table, geometry=np.array(areas, dtype=object), crs=crs)


def limits_of(minutes: Sequence[float]) -> tuple[float, ...]:
    """Return limits ascending and once each."""
    limits = tuple(sorted({float(value) for value in minutes}))
    wrong = [value for value in limits if not (np.isfinite(value) and value > 0)]
    if wrong or not limits:
        raise UsageError(Message("access.minutes", minutes=tuple(str(value) for value in wrong)))
    return limits
