"""Sunlight of windows before and after elevator shafts are added, window by window.

What is lost is told, not judged: whether it matters is for the rules to say (GB 50180-2018, 4.0.9, excepts
elevators that are added to existing dwellings).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.elevators.prisms import Floats, Ints, edges_of, ids_of, storeys, usable_outlines
from plan.elevators.sun import Place, SunPath, place_of, sun_path
from plan.elevators.windows import BAY_M, facade_windows, tops_against
from plan.errors import CrsError, UsageError
from plan.findings import reason
from plan.households import STOREY_M
from plan.messages import Message
from plan.site import as_objects

if TYPE_CHECKING:
    from plan.elevators.shade import Lists, Path, Spots, Walls

__all__ = ["ABOVE_EAVES_M", "UNKNOWN_HEIGHT_M", "Sunlight", "sunlight"]

# Metres from the eaves to the top of a shaft: overrun and roof of an elevator that serves the top floor or the half
# landing below it. This tool's own figure; maker and drawing decide.
ABOVE_EAVES_M: Final = 2.5
# How tall something of unknown height may be. This tool's own figure: buildings beyond 100 m have a known height
# (they are a class of their own for fire, GB 50016-2014, 5.1.1).
UNKNOWN_HEIGHT_M: Final = 100.0
# A window is looked out of from just in front of its façade, so that rounded corners of its own wall do not shade it.
_IN_FRONT_M: Final = 0.01

_STANDS, _ADDED, _MAYBE, _MAYBE_ADDED = 0, 1, 2, 3  # kinds of prisms, see plan.elevators.shade


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sunlight:
    """Sun of windows on one day, and what could not be told.

    Parameters
    ----------
    windows : GeoDataFrame
        The windows with their index: as they were given, and ``minutes_before``, ``minutes_after``, ``loss_min``
        (NaN where undetermined), ``reason`` (None, or why) and ``covered``: a shaft stands against the window
        itself. Where windows are assumed, that is most often the window of the stairs.
    unknown : DataFrame
        ``layer`` (``buildings`` or ``elevators``), ``id`` and ``reason`` of what has no known shape or height.
    path : SunPath
        Where the sun stood.
    place : Place
        For which place.
    """

    windows: gpd.GeoDataFrame
    unknown: pd.DataFrame
    path: SunPath
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Solids:
    """Prisms of all kinds, in one order."""

    shapes: NDArray[np.object_]
    tops: Floats
    kinds: Ints


def sunlight(
    buildings: gpd.GeoDataFrame,
    shafts: gpd.GeoDataFrame | None = None,
    *,
    day: dt.date,
    hours: tuple[float, float],
    sill_m: float,
    windows: gpd.GeoDataFrame | None = None,
    spacing_m: float = BAY_M,
    width_m: float = 0.0,
    storey_m: float = STOREY_M,
    above_eaves_m: float = ABOVE_EAVES_M,
    ground_m: pd.Series[Any] | None = None,
    unknown_height_m: float = UNKNOWN_HEIGHT_M,
    grazing_deg: float = 0.0,
    shortest_min: float = 0.0,
    step_min: float = 1.0,
    at: tuple[float, float] | None = None,
) -> Sunlight:
    """Return the minutes of direct sun of every window on a day, before and after shafts are added.

    Buildings and shafts are upright prisms on their real outlines, courtyards open; a building shades its own
    windows. The sun must stand in front of the façade. Bearings on the map are turned by the meridian convergence of
    its system (PROJ's ``get_factors``), so that the sun's are from true north. Balconies, pitched roofs, trees and
    the ground itself shade nothing.

    Parameters
    ----------
    buildings : GeoDataFrame
        Outlines in a metric system, with ``building_id`` and ``floors``, ``height_m`` or both.
    shafts : GeoDataFrame, optional
        Outlines of shafts (and of corridors, if they are to shade) in the same system, with ``building_id``. The
        top is ``height_m`` above the building's ground where that column has a figure, else the building's eaves
        and ``above_eaves_m``.
    day : datetime.date
        Which day, such as ``solar_term("great_cold", 2026)``.
    hours : tuple of float
        From and to, in hours of true (apparent) solar time, such as (8, 16).
    sill_m : float
        Height of a sill above its floor in metres.
    windows : GeoDataFrame, optional
        Windows as :func:`plan.elevators.windows.facade_windows` returns them, drawn or assumed; at least ``sill_m``
        (elevation), ``bearing_deg`` and a point; ``width_m`` may be left out. Without it they are assumed.
    spacing_m, width_m : float
        See ``facade_windows``; used where windows are assumed. With a width a window has sun while both ends of
        its sill have it (满窗日照), without one while the middle has it.
    storey_m : float, default 3
        Metres from floor to floor where a building has no floors or no height.
    above_eaves_m : float, default 2.5
        Metres from the eaves to the top of a shaft. This tool's own figure.
    ground_m : Series, optional
        Elevation of the ground by the index of ``buildings``; level without it. Shafts stand on their
        building's ground.
    unknown_height_m : float, default 100
        Height that something of unknown height may have. Windows from which such a thing could take sun are
        undetermined, not sunny. This tool's own figure.
    grazing_deg : float, default 0
        Least angle between the sun's bearing and the façade (扫掠角); sun at less does not count.
    shortest_min : float, default 0
        Stretches of sun that are shorter do not count, in minutes.
    step_min : float, default 1
        Minutes of a step.
    at : tuple of float, optional
        Longitude and latitude in degrees; without it the middle of the buildings.

    Returns
    -------
    Sunlight
        Minutes window by window, and what was not known.

    Raises
    ------
    CrsError
        If a system is missing or not metric, or the layers differ in theirs.
    UsageError
        If a figure makes no sense, a column is missing or two rows share an id.
    """
    for name, value, least in (
        ("unknown_height_m", unknown_height_m, 0.0), ("grazing_deg", grazing_deg, 0.0), ("shortest_min", shortest_min, 0.0),
        ("above_eaves_m", above_eaves_m, -np.inf),
    ):  # fmt: skip
        if not (math.isfinite(value) and value >= least):
            raise UsageError(Message("sunlight.too_small", name=name, value=value, least=least))
    place = place_of(buildings, at)
    path = sun_path(place, day=day, hours=hours, step_min=step_min)
    table = storeys(buildings, storey_m=storey_m, ground_m=ground_m)
    if windows is None:
        windows = facade_windows(
            buildings, sill_m=sill_m, spacing_m=spacing_m, width_m=width_m, storey_m=storey_m, ground_m=ground_m,
            path=path, at=at,
        )  # fmt: skip
    _same_system(buildings, windows, shafts)
    solids, unknown = _solids(buildings, table, shafts, above_eaves_m, unknown_height_m)
    before, after, doubt = _steps(
        windows,
        solids,
        place,
        path,
        grazing=math.sin(math.radians(grazing_deg)),
        shortest=math.ceil(shortest_min / step_min),
    )
    told = _told(windows, before, after, doubt, step_min)
    told["covered"] = _covered(told, solids, place)
    return Sunlight(windows=told, unknown=unknown, path=path, place=place)


def _same_system(
    buildings: gpd.GeoDataFrame, windows: gpd.GeoDataFrame, shafts: gpd.GeoDataFrame | None
) -> None:
    for name, frame in (("windows", windows), ("elevators", shafts)):
        if frame is not None and len(frame) and frame.crs != buildings.crs:
            raise CrsError(
                Message("sunlight.other_system", layer=name, crs=str(frame.crs), other=str(buildings.crs))
            )
    missing = tuple(name for name in ("sill_m", "bearing_deg") if name not in windows.columns)
    if missing:
        raise UsageError(Message("sunlight.columns", layer="windows", columns=missing))
    if shafts is not None and "building_id" not in shafts.columns:
        raise UsageError(Message("sunlight.columns", layer="elevators", columns=("building_id",)))


def _solids(
    buildings: gpd.GeoDataFrame,
    table: pd.DataFrame,
    shafts: gpd.GeoDataFrame | None,
    above_eaves_m: float,
    unknown_height_m: float,
) -> tuple[_Solids, pd.DataFrame]:
    """Return what stands and what is added, and which of it is not known."""
    ids = ids_of(buildings, "building_id")
    shapes = np.array(buildings.geometry.array, dtype=object)
    tops = table["top_m"].to_numpy(dtype=float).copy()
    ground = table["ground_m"].to_numpy(dtype=float)
    highest = float(np.nanmax(ground)) if np.isfinite(ground).any() else 0.0
    highest += unknown_height_m
    why = table["reason"].to_numpy()
    vague = np.array([w is not None for w in why], dtype=bool)
    names = [np.full(int(vague.sum()), "buildings", dtype=object)]
    who, whys = [ids[vague]], [why[vague]]
    kinds = np.where(vague, _MAYBE, _STANDS)
    if shafts is not None and len(shafts):
        more, theirs = _shaft_tops(
            shafts, pd.Series(tops, index=ids), pd.Series(ground, index=ids), above_eaves_m
        )
        lost = np.array([w is not None for w in theirs], dtype=bool)
        shapes = np.concatenate([shapes, np.array(shafts.geometry.array, dtype=object)])
        tops = np.concatenate([tops, more])
        kinds = np.concatenate([kinds, np.where(lost, _MAYBE_ADDED, _ADDED)])
        vague = np.concatenate([vague, lost])
        names.append(np.full(int(lost.sum()), "elevators", dtype=object))
        who.append(_shaft_names(shafts)[lost])
        whys.append(theirs[lost])
    tops[vague] = highest
    usable, broken = usable_outlines(shapes)
    shapes[broken] = shapely.convex_hull(shapes[broken])
    unknown = pd.DataFrame({"layer": np.concatenate(names), "id": np.concatenate(who)})
    unknown["reason"] = as_objects(np.concatenate(whys))
    return _Solids(shapes=shapes[usable], tops=tops[usable], kinds=kinds[usable].astype(np.int64)), unknown


def _shaft_names(shafts: gpd.GeoDataFrame) -> NDArray[np.object_]:
    for column in ("elevator_id", "shaft_id"):
        if column in shafts.columns:
            return ids_of(shafts, column)
    return np.array([str(i) for i in shafts.index], dtype=object)


def _shaft_tops(
    shafts: gpd.GeoDataFrame, eaves: pd.Series[Any], ground: pd.Series[Any], above_eaves_m: float
) -> tuple[Floats, NDArray[np.object_]]:
    of = shafts["building_id"].astype(str)
    tops = eaves.reindex(of).to_numpy(dtype=float) + above_eaves_m
    if "height_m" in shafts.columns:
        own = (
            pd.to_numeric(shafts["height_m"], errors="coerce")
            .astype("Float64")
            .to_numpy(dtype=float, na_value=np.nan)
        )
        given = np.isfinite(own) & (own > 0)
        tops = np.where(given, ground.reindex(of).to_numpy(dtype=float) + own, tops)
    usable, broken = usable_outlines(np.array(shafts.geometry.array, dtype=object))
    why = np.full(len(shafts), None, dtype=object)
    names = _shaft_names(shafts)
    for key, code, wrong in (
        ("shaft_height", "missing_data", np.isnan(tops)),
        ("broken_outline", "repaired_geometry", broken),
        ("no_outline", "missing_data", ~usable),
    ):
        for i in np.flatnonzero(wrong):
            why[i] = reason(code, Message(f"sunlight.{key}", id=names[i]))
    return tops, why


def _steps(
    windows: gpd.GeoDataFrame, solids: _Solids, place: Place, path: SunPath, *, grazing: float, shortest: int
) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    """Count the steps of sun of each window; windows above each other share one look at the walls."""
    from plan.elevators.shade import minutes_of_sun  # noqa: PLC0415 - loads numba

    count = len(windows)
    before, after, doubt = np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.uint8)
    if not count:
        return before, after, doubt
    xy = shapely.get_coordinates(windows.geometry.to_numpy())
    sill = windows["sill_m"].to_numpy(dtype=float)
    looks = np.radians(windows["bearing_deg"].to_numpy(dtype=float) - place.convergence_deg)
    width = windows["width_m"].to_numpy(dtype=float) if "width_m" in windows.columns else np.zeros(count)
    if len(xy) != count or not np.isfinite(np.c_[xy, sill, looks, width]).all():
        raise UsageError(Message("sunlight.windows"))
    keys = np.c_[xy, looks, width]
    order = np.lexsort(keys.T)
    new = np.r_[True, (np.diff(keys[order], axis=0) != 0).any(axis=1)]
    window_start = np.r_[np.flatnonzero(new), count].astype(np.int64)
    column = keys[order[window_start[:-1]]]
    heights = sill[order]
    east, north = np.sin(column[:, 2]), np.cos(column[:, 2])
    middle = column[:, :2] + _IN_FRONT_M * np.c_[east, north]
    ends = (-0.5, 0.5) if (column[:, 3] > 0).any() else (0.0,)
    along = np.stack([middle + end * column[:, 3:4] * np.c_[north, -east] for end in ends], axis=1)
    origin = xy.mean(axis=0)
    spots: Spots = (*np.ascontiguousarray((along - origin).reshape(-1, 2).T), east, north)
    sun, rays = _path(path, place)
    walls = _walls(solids, origin)
    lows = np.minimum.reduceat(heights, window_start[:-1])
    pairs = _pairs(middle - origin, lows, walls, rays, margin=float(column[:, 3].max()) / 2 + _IN_FRONT_M)
    lists: Lists = (window_start, heights, *pairs)
    found = minutes_of_sun(sun, walls, spots, lists, len(ends), grazing, shortest)
    before[order], after[order], doubt[order] = found
    return before, after, doubt


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


def _walls(solids: _Solids, origin: Floats) -> Walls:
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


def _told(
    windows: gpd.GeoDataFrame, before: Ints, after: Ints, doubt: NDArray[np.uint8], step_min: float
) -> gpd.GeoDataFrame:
    from plan.elevators.shade import DOUBT_AFTER, DOUBT_BEFORE  # noqa: PLC0415 - loads numba

    out = windows.copy()
    out["minutes_before"] = np.where(doubt & DOUBT_BEFORE, np.nan, before * step_min)
    out["minutes_after"] = np.where(doubt & (DOUBT_BEFORE | DOUBT_AFTER), np.nan, after * step_min)
    out["loss_min"] = out["minutes_before"] - out["minutes_after"]
    why = reason("missing_data", Message("sunlight.near_unknown"))
    out["reason"] = as_objects(why if d else None for d in doubt).set_axis(windows.index)
    return out


def _covered(windows: gpd.GeoDataFrame, solids: _Solids, place: Place) -> NDArray[np.bool_]:
    """Tell against which windows a shaft stands."""
    added = np.isin(solids.kinds, (_ADDED, _MAYBE_ADDED))
    looks = np.radians(windows["bearing_deg"].to_numpy(dtype=float) - place.convergence_deg)
    xy = shapely.get_coordinates(windows.geometry.to_numpy())
    tops = tops_against(xy, looks, solids.shapes[added], solids.tops[added])
    return np.asarray(tops > windows["sill_m"].to_numpy(dtype=float))
