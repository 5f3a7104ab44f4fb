"""Sunlight of windows before and after elevator shafts are added, window by window.

What is lost is told, not judged: whether it matters is for the rules to say (GB 50180-2018, 4.0.9, excepts
elevators that are added to existing dwellings).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.elevators.prisms import Ints, storeys
from plan.elevators.scene import scene_of
from plan.elevators.solids import ADDED, MAYBE_ADDED, Solids, same_system, solids_of
from plan.elevators.sun import Place, SunPath, place_of, sun_path
from plan.elevators.windows import BAY_M, facade_windows, tops_against
from plan.errors import UsageError
from plan.findings import reason
from plan.households import STOREY_M
from plan.messages import Message
from plan.site import as_objects

__all__ = ["ABOVE_EAVES_M", "UNKNOWN_HEIGHT_M", "Sunlight", "sunlight"]

# Metres from the eaves to the top of a shaft: overrun and roof of an elevator that serves the top floor or the half
# landing below it. This tool's own figure; maker and drawing decide.
ABOVE_EAVES_M: Final = 2.5
# How tall something of unknown height may be. This tool's own figure: of what is taller the height is known.
UNKNOWN_HEIGHT_M: Final = 100.0


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
    same_system(buildings, windows, shafts)
    solids, unknown = solids_of(buildings, table, shafts, above_eaves_m, unknown_height_m)
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


def _steps(
    windows: gpd.GeoDataFrame, solids: Solids, place: Place, path: SunPath, *, grazing: float, shortest: int
) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    """Count the steps of sun of each window, by row."""
    from plan.elevators.shade import minutes_of_sun  # noqa: PLC0415 - loads numba

    if windows.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8)
    scene = scene_of(windows, solids, place, path)
    found = minutes_of_sun(
        scene.sun, scene.walls, scene.spots, scene.lists, scene.supports, grazing, shortest
    )
    rows = np.argsort(scene.order)
    return found[0][rows], found[1][rows], found[2][rows]


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


def _covered(windows: gpd.GeoDataFrame, solids: Solids, place: Place) -> NDArray[np.bool_]:
    """Tell against which windows a shaft stands."""
    added = np.isin(solids.kinds, (ADDED, MAYBE_ADDED))
    looks = np.radians(windows["bearing_deg"].to_numpy(dtype=float) - place.convergence_deg)
    xy = shapely.get_coordinates(windows.geometry.to_numpy())
    tops = tops_against(xy, looks, solids.shapes[added], solids.tops[added])
    return np.asarray(tops > windows["sill_m"].to_numpy(dtype=float))
