"""From windows to flats: which windows fall below a limit, and what the flats of a stairwell lose on each floor.

Where windows are assumed, so is this: a flat of a stairwell is given the windows of its floor that lie nearer to
that stairwell's door than to any other of the building. Which of two flats on a landing a window belongs to is not
known, and so both are told the same.
"""

from __future__ import annotations

import math
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.elevators.prisms import numbers_of
from plan.errors import UsageError
from plan.findings import reason
from plan.messages import Message
from plan.site import as_objects

__all__ = ["flats_sunlight", "windows_falling"]

_EVERY: Final = ""  # stands for a stairwell that is not named
_MEASURES: Final = ("minutes_before", "minutes_after", "loss_min")


def windows_falling(windows: gpd.GeoDataFrame, *, limit_min: float) -> pd.Series[Any]:
    """Tell which windows have enough sun before and too little after.

    Parameters
    ----------
    windows : GeoDataFrame
        Windows as :func:`plan.elevators.sunlight.sunlight` tells them.
    limit_min : float
        Minutes that are enough, such as 120 where a rule asks for two hours.

    Returns
    -------
    Series of boolean
        By the index of ``windows``; NA where it cannot be told.

    Raises
    ------
    UsageError
        If the limit is not a positive number.
    """
    if not (math.isfinite(limit_min) and limit_min > 0):
        raise UsageError(Message("sunlight.not_positive", name="limit_min", value=limit_min))
    before, after = windows["minutes_before"], windows["minutes_after"]
    falls = ((before >= limit_min) & (after < limit_min)).astype("boolean")
    # What was below the limit before falls nowhere, whatever comes after.
    told: pd.Series[Any] = falls.mask(before.isna() | (after.isna() & (before >= limit_min)))
    return told


def flats_sunlight(
    windows: gpd.GeoDataFrame,
    households: pd.DataFrame,
    stairwells: gpd.GeoDataFrame | None = None,
    *,
    limit_min: float,
) -> pd.DataFrame:
    """Return what each flat loses: an estimate wherever windows are assumed.

    Parameters
    ----------
    windows : GeoDataFrame
        Windows as :func:`plan.elevators.sunlight.sunlight` tells them, with ``building_id`` and ``floor``.
    households : DataFrame
        With ``building_id`` and ``floor``, and ``stairwell_id`` where it is known; without it a flat is given
        all windows of its floor.
    stairwells : GeoDataFrame, optional
        Doors of stairwells in the system of the windows: points with ``building_id`` and ``stairwell_id``.
    limit_min : float
        Minutes that are enough; see :func:`windows_falling`.

    Returns
    -------
    DataFrame
        By the index of ``households``: ``windows`` (how many it was given), ``best_before_min`` and
        ``best_after_min`` (of its sunniest window), ``largest_loss_min``, ``windows_falling`` (below the limit),
        ``windows_covered`` (a shaft stands against them) and ``reason``. Minutes are NaN and falling windows NA where
        something about a window or the flat is not known.

    Raises
    ------
    UsageError
        If a column is missing or the limit is not positive.
    """
    for layer, frame, needed in (
        ("windows", windows, ("building_id", "floor", "covered", *_MEASURES)),
        ("households", households, ("building_id", "floor")),
        ("entrances", stairwells, ("building_id", "stairwell_id")),
    ):
        missing = () if frame is None else tuple(name for name in needed if name not in frame.columns)
        if missing:
            raise UsageError(Message("sunlight.columns", layer=layer, columns=missing))
    doors = _doors(stairwells)
    table = pd.DataFrame(
        {
            "building": windows["building_id"].astype(str).to_numpy(),
            "stairwell": _nearest_stairwell(windows, doors),
            "floor": numbers_of(windows, "floor"),
            "before": windows["minutes_before"].to_numpy(dtype=float),
            "after": windows["minutes_after"].to_numpy(dtype=float),
            "loss": windows["loss_min"].to_numpy(dtype=float),
            "covered": windows["covered"].to_numpy(dtype=bool),
            "falls": windows_falling(windows, limit_min=limit_min)
            .astype("Float64")
            .to_numpy(float, na_value=np.nan),
        }
    )
    landings = _summed(table, ["building", "stairwell", "floor"])
    floors = _summed(table, ["building", "floor"])
    floors.index = pd.MultiIndex.from_arrays(
        [floors.index.get_level_values(0), [_EVERY] * len(floors), floors.index.get_level_values(1)]
    )
    known = pd.concat([landings[landings.index.get_level_values(1) != _EVERY], floors])
    return _of_flats(households, known, set(zip(doors["building"], doors["stairwell"], strict=True)))


def _doors(stairwells: gpd.GeoDataFrame | None) -> pd.DataFrame:
    """Return where the doors of named stairwells are."""
    empty = pd.DataFrame({"building": [], "stairwell": [], "x": [], "y": []})
    if stairwells is None or not len(stairwells):
        return empty
    shapes = np.array(stairwells.geometry.array, dtype=object)
    named = stairwells["building_id"].notna().to_numpy() & stairwells["stairwell_id"].notna().to_numpy()
    named &= (shapely.get_type_id(shapes) == 0) & ~shapely.is_empty(shapes)
    if not named.any():
        return empty
    xy = shapely.get_coordinates(shapes[named])
    doors = pd.DataFrame(
        {
            "building": stairwells["building_id"][named].astype(str).to_numpy(),
            "stairwell": stairwells["stairwell_id"][named].astype(str).to_numpy(),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )
    return doors.dropna()


def _nearest_stairwell(windows: gpd.GeoDataFrame, doors: pd.DataFrame) -> NDArray[np.object_]:
    """Return the stairwell of the window's building whose door is nearest; of two equally near the first by id."""
    found = np.full(len(windows), _EVERY, dtype=object)
    if not (len(windows) and len(doors)):
        return found
    xy = shapely.get_coordinates(windows.geometry.to_numpy())
    rows = pd.Series(np.arange(len(windows))).groupby(windows["building_id"].astype(str).to_numpy()).indices
    for building, of in doors.sort_values(["building", "stairwell"], kind="stable").groupby("building"):
        mine = rows.get(building)
        if mine is not None:
            far = np.hypot(xy[mine, :1] - of["x"].to_numpy(), xy[mine, 1:] - of["y"].to_numpy())
            found[mine] = of["stairwell"].to_numpy()[np.argmin(far, axis=1)]
    return found


def _summed(table: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    groups = table.groupby(by, sort=True)
    out = groups.agg(
        windows=("before", "size"), before=("before", "max"), after=("after", "max"), loss=("loss", "max"),
        falls=("falls", "sum"), covered=("covered", "sum"), told=("falls", "count"), lost=("loss", "count"),
    )  # fmt: skip
    out["sure"] = (out["told"] == out["windows"]) & (out["lost"] == out["windows"])
    return out


def _of_flats(households: pd.DataFrame, known: pd.DataFrame, named: set[tuple[str, str]]) -> pd.DataFrame:
    building = households["building_id"].astype(str).to_numpy()
    floor = numbers_of(households, "floor")
    if "stairwell_id" in households.columns:
        given = households["stairwell_id"].astype(object).where(households["stairwell_id"].notna(), _EVERY)
        stairwell = [
            s if (b, s) in named else _EVERY for b, s in zip(building, given.astype(str), strict=True)
        ]
    else:
        stairwell = [_EVERY] * len(households)
    at = known.index.get_indexer(pd.MultiIndex.from_arrays([building, stairwell, floor]))
    met = (at >= 0) & np.isfinite(floor)
    rows = known.iloc[np.where(met, at, 0)] if len(known) else known.reindex([(None, None, None)] * len(at))
    sure = met & rows["sure"].fillna(False).to_numpy(dtype=bool)  # noqa: FBT003 - what stands for a missing value
    out = pd.DataFrame(index=households.index)
    out["windows"] = pd.array(np.where(met, rows["windows"].fillna(0), 0).astype(np.int64), dtype="Int64")
    for name, of in (
        ("best_before_min", "before"),
        ("best_after_min", "after"),
        ("largest_loss_min", "loss"),
    ):
        out[name] = np.where(sure, rows[of].to_numpy(dtype=float), np.nan)
    covered = np.where(met, rows["covered"].fillna(0), 0).astype(np.int64)
    out["windows_covered"] = pd.array(covered, dtype="Int64")
    counts = pd.Series(np.where(sure, rows["falls"].to_numpy(dtype=float), np.nan), index=households.index)
    out["windows_falling"] = counts.astype("Int64")
    no_floor = reason("missing_data", Message("sunlight.flat_floor"))
    no_window = reason("missing_data", Message("sunlight.flat_windows"))
    unsure = reason("missing_data", Message("sunlight.near_unknown"))
    out["reason"] = as_objects(
        no_floor if not np.isfinite(f) else no_window if not m else None if s else unsure
        for f, m, s in zip(floor, met, sure, strict=True)
    ).set_axis(households.index)
    return out
