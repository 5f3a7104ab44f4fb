"""More than the nearest: which facilities are near, how many, and how far each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.access.times import speed_of
from plan.errors import UsageError
from plan.messages import Message
from plan.network.queries import Query
from plan.network.search import Asked
from plan.network.snapping import SNAP_LIMIT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork

__all__ = ["count_facilities", "facilities_within", "nearest_facilities"]


def nearest_facilities(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    k: int = 1,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return which facilities of each category are nearest to each origin, and the minutes to them.

    Of facilities that are equally near the first in the table counts.

    Parameters
    ----------
    network, origins, facilities, max_min, profile, snap_limit_m
        As in :func:`walk_times`.
    k : int, default 1
        How many of each category, at most.

    Returns
    -------
    DataFrame
        ``origin_id``, ``category``, ``facility_id``, ``walk_min``; only pairs that are reached, by origin, then
        category, the nearest first.

    Raises
    ------
    UsageError
        If `k` is less than 1.
    """
    if k < 1:
        raise UsageError(Message("access.k", k=k))
    asked = Asked.of(network, origins, facilities, bound=max_min, snap_limit_m=snap_limit_m)
    size = (len(asked.categories), asked.starts.count, k)
    minutes, target = np.full(size, np.nan), np.full(size, -1, dtype=np.int64)
    for edges, here in asked.by_estate(network, origins, speed_of(network, profile)):
        query = Query(edges, asked.starts, asked.ends, asked.group, max_min=max_min)
        for row, (mine, which) in enumerate(query.nearest(k=k)):
            minutes[row, here], target[row, here] = mine[here], which[here]
    origin, category, place = np.nonzero(~np.isnan(minutes.transpose(1, 0, 2)))
    return pd.DataFrame(
        {
            "origin_id": origins.index.to_numpy()[origin],
            "category": np.array(asked.categories, dtype=object)[category],
            "facility_id": asked.facility_id[target[category, origin, place]],
            "walk_min": minutes[category, origin, place],
        }
    )


def count_facilities(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    within_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return how many facilities of each category each origin reaches within a time.

    Parameters
    ----------
    network, origins, facilities, profile, snap_limit_m
        As in :func:`walk_times`.
    within_min : float
        Minutes.

    Returns
    -------
    DataFrame
        On the index of `origins`, one column for each category, sorted; whole numbers.
    """
    asked = Asked.of(network, origins, facilities, bound=within_min, snap_limit_m=snap_limit_m)
    counts = np.zeros((len(asked.categories), asked.starts.count), dtype=np.int64)
    for edges, here in asked.by_estate(network, origins, speed_of(network, profile)):
        query = Query(edges, asked.starts, asked.ends, asked.group, max_min=within_min)
        counts[:, here] = query.counts()[:, here]
    return pd.DataFrame(counts.T, index=origins.index, columns=list(asked.categories))


def facilities_within(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    within_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return every facility that each origin reaches within a time, and the minutes to it.

    Parameters
    ----------
    network, origins, facilities, profile, snap_limit_m
        As in :func:`walk_times`.
    within_min : float
        Minutes.

    Returns
    -------
    DataFrame
        ``origin_id``, ``category``, ``facility_id``, ``walk_min``; by origin, the nearest first.
    """
    asked = Asked.of(network, origins, facilities, bound=within_min, snap_limit_m=snap_limit_m)
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]] = []
    for edges, here in asked.by_estate(network, origins, speed_of(network, profile)):
        owner, target, minutes = Query(
            edges, asked.starts, asked.ends, asked.group, max_min=within_min
        ).pairs_within()
        mine = here[owner]
        found.append((owner[mine], target[mine], minutes[mine]))
    origin, target, minutes = (np.concatenate([part[i] for part in found]) for i in range(3))
    order = np.argsort(origin, kind="stable")
    origin, target = origin[order].astype(np.int64), target[order].astype(np.int64)
    return pd.DataFrame(
        {
            "origin_id": origins.index.to_numpy()[origin],
            "category": asked.category[target],
            "facility_id": asked.facility_id[target],
            "walk_min": minutes[order],
        }
    )
