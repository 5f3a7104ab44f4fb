"""Staggered parking (错时停车): stalls of neighbours that are empty when residents are at home.

A table of lots, one row for each: ``lot_id``, ``name``, ``stalls``, ``lon`` and ``lat`` (WGS 84) or ``x`` and ``y`` (the
site's system), and ``h00`` … ``h23``: the cars that stand there from that hour on. An hour without a number is unknown,
and a lot with an unknown hour of the night is not used.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.errors import InputError, UsageError
from plan.files import small_bytes, why_not
from plan.messages import Message
from plan.parking.walking import assigned, walks
from plan.problems import ProblemList
from plan.readers.encodings import decode_table
from plan.site import as_objects

if TYPE_CHECKING:
    from plan.network import WalkNetwork
    from plan.parking.demand import Demand

__all__ = ["HOURS", "Sharing", "read_shared_lots", "share_stalls"]

HOURS: Final = tuple(f"h{hour:02d}" for hour in range(24))
# This tool's defaults: when residents' cars are at home, and how far their owners walk.
FROM_HOUR: Final = 19
UNTIL_HOUR: Final = 7
REACH_M: Final = 500.0
_DAY: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sharing:
    """Who parks in which lot at night.

    Parameters
    ----------
    matches : DataFrame
        ``building_id``, ``lot_id``, ``cars``, ``walk_min``.
    lots : geopandas.GeoDataFrame
        ``lot_id``, ``name``, ``stalls``, ``free`` (in every hour of the night), ``used``, ``full_at`` (the hour at which
        fewest are free), geometry.
    rejected : geopandas.GeoDataFrame
        Lots that are not used, with a ``reason``.
    measures : mapping
        ``shortfall``, ``matched``, ``unmatched``, ``from_hour``, ``until_hour``, ``reach_m``, ``walk_min`` (mean).
    """

    matches: pd.DataFrame
    lots: gpd.GeoDataFrame
    rejected: gpd.GeoDataFrame
    measures: Mapping[str, Any]


def read_shared_lots(path: Path | str, *, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - whatever geopandas takes
    """Read a table of lots whose owners would share them.

    Parameters
    ----------
    path : path-like
        A CSV file in UTF-8 or GB18030, as this module describes it.
    crs : any
        The metric reference system of the site.

    Returns
    -------
    geopandas.GeoDataFrame
        In that system.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing or a number makes no sense; with row and column.
    """
    try:
        data = small_bytes(path)
    except OSError as error:
        raise InputError(Message("stalls.lots_unread", path=str(path), why=why_not(error))) from error
    decoded = decode_table(data, given=None, found=ProblemList(path=str(path)))
    if decoded is None:
        raise InputError(Message("stalls.lots_unread", path=str(path), why="UTF-8, GB18030"))
    try:
        table = pd.read_csv(io.StringIO(decoded[0]), dtype={"lot_id": str, "name": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise InputError(Message("stalls.lots_unread", path=str(path), why=str(error))) from error
    degrees = {"lon", "lat"} <= set(table.columns)
    wanted = ["lot_id", "stalls", *(("lon", "lat") if degrees else ("x", "y")), *HOURS]
    missing = tuple(name for name in wanted if name not in table.columns)
    if missing:
        raise InputError(Message("stalls.lots_columns", path=str(path), columns=missing))
    for name in wanted[1:]:
        numbers = pd.to_numeric(table[name], errors="coerce")
        optional = name in HOURS
        bad = (table[name].notna() & numbers.isna()) | (numbers < 0 if name in {"stalls", *HOURS} else False)
        bad |= ~np.isfinite(numbers.fillna(0.0)) | (numbers.isna() & (not optional))
        if bad.any():
            row = int(np.flatnonzero(bad.to_numpy())[0])
            raise InputError(
                Message(
                    "stalls.lots_number",
                    path=str(path),
                    row=row + 1,
                    column=name,
                    value=str(table[name].iloc[row]),
                )
            )
        table[name] = numbers
    if table["lot_id"].isna().any() or table["lot_id"].duplicated().any():
        raise InputError(Message("stalls.lots_ids", path=str(path)))
    if "name" not in table:
        table["name"] = table["lot_id"]
    points = gpd.points_from_xy(*(table[c] for c in (("lon", "lat") if degrees else ("x", "y"))))
    frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326" if degrees else crs)
    return frame.to_crs(crs)


def share_stalls(
    demand: Demand,
    lots: gpd.GeoDataFrame,
    *,
    network: WalkNetwork,
    from_hour: int = FROM_HOUR,
    until_hour: int = UNTIL_HOUR,
    reach_m: float = REACH_M,
    profile: str = "adult",
) -> Sharing:
    """Match the shortfall of the night with stalls of neighbours, none of them counted twice.

    Parameters
    ----------
    demand : Demand
        Which buildings go short.
    lots : geopandas.GeoDataFrame
        As :func:`read_shared_lots` returns them.
    network : WalkNetwork
        On which residents walk to the lots.
    from_hour, until_hour : int, default 19 and 7
        When residents' cars stand; a stall must be free in all of these hours.
    reach_m : float, default 500
        Farthest walk.
    profile : str, default "adult"
        Who walks.

    Returns
    -------
    Sharing
        As many cars as can be, and then with the least walking together (a transport problem).

    Raises
    ------
    UsageError
        If an hour is not one of the day.
    """
    if not (0 <= from_hour < _DAY and 0 <= until_hour < _DAY and from_hour != until_hour) or not reach_m > 0:
        raise UsageError(Message("stalls.hours", begin=from_hour, end=until_hour))
    night = [hour % _DAY for hour in range(from_hour, until_hour + (_DAY if until_hour <= from_hour else 0))]
    cars = lots[[HOURS[hour] for hour in night]].to_numpy(dtype=float)
    capacity = lots["stalls"].to_numpy(dtype=float)
    free = capacity[:, None] - cars
    known = ~np.isnan(free).any(axis=1)
    least = np.where(known, np.nan_to_num(free, nan=0.0).min(axis=1), 0.0)
    open_ = np.floor(np.clip(least, 0, None) + 1e-9).astype(np.int64)
    tightest = [HOURS[night[int(np.nanargmin(row))]] if not np.isnan(row).all() else "" for row in free]
    short = demand.buildings[demand.buildings["shortfall"] > 0].reset_index(drop=True)
    need = short["shortfall"].to_numpy(dtype=np.int64)
    places = gpd.GeoDataFrame(short, geometry="geometry", crs=demand.buildings.crs)
    pairs = walks(
        network,
        places,
        lots.reset_index(drop=True),
        within_min=reach_m / network.speed(profile),
        profile=profile,
    )
    given = assigned(pairs, need, open_)
    used = (
        np.bincount(pairs["target"].to_numpy(dtype=int), weights=given, minlength=len(lots)).astype(int)
        if len(pairs)
        else np.zeros(len(lots), int)
    )
    chosen = pairs[given > 0]
    matches = pd.DataFrame(
        {
            "building_id": short["building_id"].to_numpy()[chosen["origin"].to_numpy(dtype=int)],
            "lot_id": lots["lot_id"].to_numpy()[chosen["target"].to_numpy(dtype=int)],
            "cars": given[given > 0],
            "walk_min": chosen["walk_min"].round(2).to_numpy(),
        }
    )
    frame = gpd.GeoDataFrame(
        {
            "lot_id": lots["lot_id"].to_numpy(),
            "name": lots["name"].to_numpy(),
            "stalls": capacity.astype(int),
            "free": open_,
            "used": used,
            "full_at": tightest,
        },
        geometry=lots.geometry.to_numpy(),
        crs=lots.crs,
    )
    reached = set(pairs["target"].to_numpy(dtype=int).tolist()) if len(pairs) else set()
    reasons: list[Message | None] = []
    for number in range(len(lots)):
        if not known[number]:
            reasons.append(Message("stalls.lot_unknown"))
        elif open_[number] == 0:
            reasons.append(Message("stalls.lot_full", hour=tightest[number][1:]))
        elif number not in reached:
            reasons.append(Message("stalls.lot_far", metres=f"{reach_m:g}"))
        else:
            reasons.append(None if used[number] else Message("stalls.lot_unneeded"))
    why = as_objects(reasons)
    matched = int(given.sum())
    together = float((given * pairs["walk_min"].to_numpy()).sum()) if len(pairs) else 0.0
    return Sharing(
        matches=matches,
        lots=frame[why.isna().to_numpy()].reset_index(drop=True),
        rejected=frame[why.notna().to_numpy()]
        .reset_index(drop=True)
        .assign(reason=as_objects(w for w in reasons if w is not None)),
        measures={
            "shortfall": int(need.sum()),
            "matched": matched,
            "unmatched": int(need.sum()) - matched,
            "from_hour": from_hour,
            "until_hour": until_hour,
            "reach_m": float(reach_m),
            "walk_min": round(together / matched, 2) if matched else math.nan,
        },
    )
