"""Where windows are taken to be: no layer draws them, so façades are divided into bays, floor by floor.

An assumption, not data. Every façade of some length gets a window in the middle of each of its equal bays on
every floor, except where another building stands against it. Gables get them too; what is known to be blind is
left out by the caller, who can tell by the bearing.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.elevators.prisms import Edges, Floats, Ints, edges_of, ids_of, storeys
from plan.elevators.sun import SunPath, place_of
from plan.errors import UsageError
from plan.households import STOREY_M
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AGAINST_M", "BAY_M", "SHORTEST_FACADE_M", "facade_windows", "sees_sun", "tops_against"]

# Metres of façade for each window. This tool's own figure, from practice: rooms of flats are 3.3 to 3.9 m wide.
BAY_M: Final = 3.6
# Metres of façade that may have a window. This tool's own figure: shorter faces are reveals, steps and chimneys.
SHORTEST_FACADE_M: Final = 1.8
# Pieces of an outline that turn by less are one façade, round ones too.
_SAME_FACE_RAD: Final = math.radians(15.0)
AGAINST_M: Final = 0.3  # what stands nearer to a façade stands against it

Rows = list[tuple[int, int, int, float, float, float, float]]


def facade_windows(
    buildings: gpd.GeoDataFrame,
    *,
    sill_m: float,
    spacing_m: float = BAY_M,
    width_m: float = 0.0,
    shortest_m: float = SHORTEST_FACADE_M,
    storey_m: float = STOREY_M,
    ground_m: pd.Series[Any] | None = None,
    only: Collection[str] | None = None,
    path: SunPath | None = None,
    at: tuple[float, float] | None = None,
) -> gpd.GeoDataFrame:
    """Return assumed windows: the middle of each bay of each façade, on every floor.

    Parameters
    ----------
    buildings : GeoDataFrame
        Outlines in a metric system, with ``building_id`` and ``floors``, ``height_m`` or both.
    sill_m : float
        Height of a sill above its floor in metres. Floor k lies (k - 1) storeys above the ground.
    spacing_m : float, default 3.6
        Width of a bay; a façade has as many whole ones as come nearest to it. This tool's own figure.
    width_m : float, default 0
        Width of a window, at most that of its bay. A window of a width has sun while both ends of its sill
        have it, one of none while its middle has it.
    shortest_m : float, default 1.8
        Façades that are shorter have no window. This tool's own figure.
    storey_m : float, default 3
        Metres from floor to floor where a building has no floors or no height.
    ground_m : Series, optional
        Elevation of the ground by the index of ``buildings``; level without it.
    only : collection of str, optional
        Buildings whose windows are wanted; all without it. The others still stand against façades.
    path : SunPath, optional
        Façades that the sun never stands in front of on this path are left out.
    at : tuple of float, optional
        Longitude and latitude, see :func:`plan.elevators.sun.place_of`.

    Returns
    -------
    GeoDataFrame
        ``window_id``, ``building_id``, ``floor``, ``sill_m`` (elevation of the sill), ``bearing_deg`` (which way the
        window looks, from true north), ``width_m`` and the point on the façade; sorted by building as they came,
        façade, bay and floor. Buildings without a known outline, height or ground have no rows.

    Raises
    ------
    CrsError
        If the system is not metric.
    UsageError
        If a figure makes no sense or two buildings share an id.
    """
    for name, value, least in (("spacing_m", spacing_m, 0.1), ("shortest_m", shortest_m, 0.0)):
        if not (math.isfinite(value) and value >= least):
            raise UsageError(Message("sunlight.too_small", name=name, value=value, least=least))
    for name, value in (("sill_m", sill_m), ("width_m", width_m)):
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(Message("sunlight.too_small", name=name, value=value, least=0))
    place = place_of(buildings, at)
    ids = ids_of(buildings, "building_id")
    table = storeys(buildings, storey_m=storey_m, ground_m=ground_m)
    shapes = np.array(buildings.geometry.array, dtype=object)
    known = table["reason"].isna().to_numpy()
    wanted = np.flatnonzero(known & (np.isin(ids.astype(str), list(only)) if only is not None else True))
    bays = _bays(edges_of(shapes[wanted]), spacing_m, shortest_m)
    bays["owner"] = wanted[bays["owner"].to_numpy()]
    bays["bearing"] = (bays["bearing"] + place.convergence_deg) % 360.0
    if path is not None:
        bays = bays[sees_sun(bays["bearing"].to_numpy(), path)].reset_index(drop=True)
    looks = np.radians(bays["bearing"].to_numpy() - place.convergence_deg)
    # A party wall has no window.
    walled = tops_against(bays[["x", "y"]].to_numpy(), looks, shapes[known], table["top_m"].to_numpy()[known])
    rows = _each_floor(bays, table, sill_m)
    kept = rows["sill_m"].to_numpy() >= walled[rows["bay"].to_numpy()]
    rows = rows[kept]
    of = bays.iloc[rows["bay"].to_numpy()]
    owner = ids[of["owner"].to_numpy()]
    names = [
        f"{b}/{f}/{n}/{floor}"
        for b, f, n, floor in zip(owner, of["facade"], of["number"], rows["floor"], strict=True)
    ]
    frame = pd.DataFrame(
        {
            "window_id": names,
            "building_id": owner,
            "floor": rows["floor"].to_numpy(),
            "sill_m": rows["sill_m"].to_numpy(),
            "bearing_deg": of["bearing"].to_numpy(),
            "width_m": np.minimum(width_m, of["bay_m"].to_numpy()),
        }
    )
    points = shapely.points(of["x"].to_numpy(), of["y"].to_numpy())
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(points, crs=buildings.crs))


def sees_sun(bearings_deg: Floats, path: SunPath) -> NDArray[np.bool_]:
    """Tell which façades have the sun in front of them at some time of a path.

    Parameters
    ----------
    bearings_deg : ndarray of float, shape (n,)
        Which way the façades look, from true north.
    path : SunPath
        The path.

    Returns
    -------
    ndarray of bool, shape (n,)
        False where the sun stays behind the façade or below the horizon.
    """
    azimuth = np.sort(path.azimuth_deg[path.altitude_deg > 0] % 360.0)
    if not len(azimuth):
        return np.zeros(len(bearings_deg), dtype=bool)
    after = np.searchsorted(azimuth, bearings_deg % 360.0)
    near = np.stack([azimuth[after % len(azimuth)], azimuth[after - 1]])
    return np.asarray((np.cos(np.radians(bearings_deg - near)) > 0).any(axis=0))


def tops_against(xy: Floats, looks_rad: Floats, shapes: NDArray[np.object_], tops: Floats) -> Floats:
    """Return how high up something stands against façades.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2)
        Points on façades.
    looks_rad : ndarray of float, shape (n,)
        Which way they look on the map, clockwise from its north.
    shapes, tops : ndarray, shape (m,)
        Outlines and elevations of what may stand there.

    Returns
    -------
    ndarray of float, shape (n,)
        The highest top of what covers the ground 0.3 m in front of the point; minus infinity where nothing does.
    """
    found = np.full(len(xy), -np.inf)
    if len(xy) and len(shapes):
        points = shapely.points(xy + AGAINST_M * np.c_[np.sin(looks_rad), np.cos(looks_rad)])
        point, other = shapely.STRtree(shapes).query(points, predicate="within")
        np.maximum.at(found, point, tops[other])
    return found


def _bays(edges: Edges, spacing_m: float, shortest_m: float) -> pd.DataFrame:
    """Divide façades, which are runs of edges that turn by little, into equal bays."""
    rows: Rows = []
    owner_of = np.repeat(np.arange(len(edges.start) - 1), np.diff(edges.start))
    dx, dy = edges.x1 - edges.x0, edges.y1 - edges.y0
    length, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    firsts = np.flatnonzero(np.diff(edges.ring, prepend=-1))
    numbers = np.zeros(len(edges.start), dtype=np.int64)  # façades of each building so far
    for first, last in zip(firsts.tolist(), np.append(firsts, len(edges.ring))[1:].tolist(), strict=True):
        owner = int(owner_of[first])
        for face in _faces(angle[first:last]):
            inside = face + first
            numbers[owner] += 1
            ends = np.cumsum(length[inside])
            if ends[-1] < shortest_m:
                continue
            count = max(1, math.floor(ends[-1] / spacing_m + 0.5))
            middles = (np.arange(count) + 0.5) * (ends[-1] / count)
            which = np.minimum(np.searchsorted(ends, middles), len(ends) - 1)
            piece = inside[which]
            share = (middles - (ends[which] - length[piece])) / length[piece]
            x, y = edges.x0[piece] + share * dx[piece], edges.y0[piece] + share * dy[piece]
            # The solid is on the left: a façade looks to the right of its edge, clockwise from north.
            bearing = np.degrees(np.arctan2(dy[piece], -dx[piece]))
            rows += [
                (
                    owner,
                    int(numbers[owner]),
                    n + 1,
                    float(x[n]),
                    float(y[n]),
                    float(bearing[n]),
                    ends[-1] / count,
                )
                for n in range(count)
            ]
    types = {
        "owner": int,
        "facade": int,
        "number": int,
        "x": float,
        "y": float,
        "bearing": float,
        "bay_m": float,
    }
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _faces(angle: Floats) -> list[Ints]:
    """Return the edges of each façade of a ring, beginning at a corner."""
    turn = np.abs((angle - np.roll(angle, 1) + math.pi) % (2 * math.pi) - math.pi)
    corners = np.flatnonzero(turn > _SAME_FACE_RAD)
    if not len(corners):  # a circle: cut where the ring begins
        corners = np.zeros(1, dtype=np.int64)
    order = np.roll(np.arange(len(angle)), -int(corners[0]))
    return np.split(order, corners[1:] - corners[0])


def _each_floor(bays: pd.DataFrame, table: pd.DataFrame, sill_m: float) -> pd.DataFrame:
    owner = bays["owner"].to_numpy()
    floors = table["floors"].to_numpy()[owner].astype(np.int64)
    bay = np.repeat(np.arange(len(bays)), floors)
    floor = np.arange(len(bay)) - np.repeat(np.cumsum(floors) - floors, floors) + 1
    of = owner[bay]
    sill = table["ground_m"].to_numpy()[of] + (floor - 1) * table["storey_m"].to_numpy()[of] + sill_m
    return pd.DataFrame({"bay": bay, "floor": floor, "sill_m": sill})
