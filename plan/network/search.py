"""From frames of origins and facilities to the nearest facility of each category, and back to frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import CrsError, InputError, UsageError
from plan.messages import Message
from plan.network.kernel import NearestTimes, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork
    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped
    from plan.network.speed import Pace

__all__ = ["Asked", "Search", "geometries", "search"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """One search: the nearest facility of each category for each origin."""

    index: pd.Index[Any]  # of the origins
    categories: tuple[str, ...]
    category: NDArray[np.object_]  # of each facility
    facility_id: NDArray[np.object_]
    found: list[NearestTimes]
    unsnapped_origins: NDArray[np.bool_]
    unsnapped_facilities: NDArray[np.bool_]

    def table(self) -> pd.DataFrame:
        """Return the minutes: origins by categories."""
        columns = {name: one.minutes for name, one in zip(self.categories, self.found, strict=True)}
        return pd.DataFrame(columns, index=self.index, columns=list(self.categories), dtype=float)

    def pairs(self) -> pd.DataFrame:
        """Return origin_id, category, facility_id, walk_min of all pairs that are reached."""
        minutes = np.array([one.minutes for one in self.found]).reshape(len(self.categories), len(self.index))
        target = np.array([one.target for one in self.found], dtype=np.int64).reshape(minutes.shape)
        origin, category = np.nonzero(~np.isnan(minutes.T))
        return pd.DataFrame(
            {
                "origin_id": self.index.to_numpy()[origin],
                "category": np.array(self.categories, dtype=object)[category],
                "facility_id": self.facility_id[target[category, origin]],
                "walk_min": minutes[category, origin],
            }
        )


def search(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    m_per_min: float | Pace,
    bound: float,
    snap_limit_m: float,
    starts: Snapped | None = None,
    ends: Snapped | None = None,
) -> Search:
    """Find the nearest facility of each category for each origin.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    origins, facilities : GeoDataFrame
        Places; facilities with a column ``category`` and perhaps ``facility_id``. Where the network has private
        ways and origins a column ``estate_id``, an origin walks those of its own estate only.
    m_per_min : float or Pace
        Walking speed, metres per minute, or more than that.
    bound : float
        Minutes beyond which nothing is searched; may be infinite.
    snap_limit_m : float
        Metres between a place and the nearest edge beyond which it is not on the network.
    starts, ends : Snapped, optional
        Where the origins and the facilities touch the network, when they were taken to it already.

    Returns
    -------
    Search
        What was found.

    Raises
    ------
    UsageError
        If the bound is not positive.
    InputError
        If facilities have no category.
    CrsError
        If places are in degrees and the network states no reference system.
    """
    asked = Asked.of(
        network, origins, facilities, bound=bound, snap_limit_m=snap_limit_m, starts=starts, ends=ends
    )
    groups = len(asked.categories)
    minutes = np.full((groups, asked.starts.count), np.nan)
    target = np.full((groups, asked.starts.count), -1, dtype=np.int64)
    for edges, here in asked.by_estate(network, origins, m_per_min):
        for row, one in enumerate(nearest(edges, asked.starts, asked.ends, asked.group, max_min=bound)):
            minutes[row, here], target[row, here] = one.minutes[here], one.target[here]
    return Search(
        index=origins.index,
        categories=asked.categories,
        category=asked.category,
        facility_id=asked.facility_id,
        found=[NearestTimes(minutes=m, target=t) for m, t in zip(minutes, target, strict=True)],
        unsnapped_origins=asked.starts.unsnapped,
        unsnapped_facilities=asked.ends.unsnapped,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """Origins and facilities, checked and taken to the network."""

    categories: tuple[str, ...]  # sorted
    category: NDArray[np.object_]  # of each facility
    group: NDArray[np.int64]  # of each facility, position of its category
    facility_id: NDArray[np.object_]
    starts: Snapped
    ends: Snapped

    @classmethod
    def of(
        cls,
        network: WalkNetwork,
        origins: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        *,
        bound: float,
        snap_limit_m: float,
        starts: Snapped | None = None,
        ends: Snapped | None = None,
    ) -> Asked:
        """Check what is asked, and snap it; see :func:`search`."""
        if not bound > 0:
            raise UsageError(Message("access.bound", bound=bound))
        if "category" not in facilities.columns:
            raise InputError(Message("access.no_category"))
        if facilities["category"].isna().any():
            count = int(facilities["category"].isna().sum())
            raise InputError(Message("access.category_missing", count=count))
        category = facilities["category"].astype(str).to_numpy(dtype=object)
        categories, group = np.unique(category.astype(str), return_inverse=True)
        ids = facilities["facility_id"] if "facility_id" in facilities.columns else facilities.index
        return cls(
            categories=tuple(categories.tolist()),
            category=category,
            group=group.reshape(-1).astype(np.int64),
            facility_id=np.asarray(ids, dtype=object),
            starts=starts or network.snap(geometries(origins, network), limit_m=snap_limit_m),
            ends=ends or network.snap(geometries(facilities, network), limit_m=snap_limit_m),
        )

    def by_estate(
        self, network: WalkNetwork, origins: gpd.GeoDataFrame, pace: float | Pace
    ) -> Iterator[tuple[TimedEdges, NDArray[np.bool_]]]:
        """Go through the edges that are open to the people of each estate, and which origins they are."""
        estates = _estates(origins, network)
        if estates is None:
            yield network.timed(pace), np.ones(self.starts.count, dtype=bool)
            return
        for estate in (None, *network.estates):
            here = np.array([one == estate for one in estates], dtype=bool)
            if here.any():
                yield network.open_to(estate).timed(pace), here


def _estates(origins: gpd.GeoDataFrame, network: WalkNetwork) -> NDArray[np.object_] | None:
    """Return where the origins live; None where that makes no difference, or is not said."""
    if not network.estates or "estate_id" not in getattr(origins, "columns", ()):
        return None
    known = set(network.estates)
    return np.array([one if one in known else None for one in origins["estate_id"]], dtype=object)


def geometries(frame: gpd.GeoDataFrame | gpd.GeoSeries, network: WalkNetwork) -> NDArray[np.object_]:
    """Return the geometries of a frame in the network's reference system.

    Parameters
    ----------
    frame : GeoDataFrame, GeoSeries or DataFrame
        With geometry, or with columns ``x`` and ``y`` in metres.
    network : WalkNetwork
        The network.

    Returns
    -------
    array of Geometry
        One for each row.

    Raises
    ------
    CrsError
        If they are in degrees and the network states no reference system.
    InputError
        If there is neither geometry nor ``x`` and ``y``.
    """
    if isinstance(frame, (gpd.GeoDataFrame, gpd.GeoSeries)):
        crs = frame.crs
        if crs is not None and network.crs is not None and crs != network.crs:
            frame = frame.to_crs(network.crs)
        elif crs is not None and crs.is_geographic:
            raise CrsError(Message("access.degrees", crs=crs.name))
        return np.asarray(frame.geometry.to_numpy(), dtype=object)
    if {"x", "y"} <= set(frame.columns):
        return np.asarray(
            shapely.points(frame["x"].to_numpy(float), frame["y"].to_numpy(float)), dtype=object
        )
    raise InputError(Message("access.no_geometry"))
