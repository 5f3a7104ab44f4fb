"""Walk times: from each origin to the nearest facility of each category."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from plan.network.graph import WalkNetwork
from plan.network.search import search
from plan.network.snapping import SNAP_LIMIT_M
from plan.network.speed import Pace
from plan.rules import RulePack, load_pack
from plan.rules.kinds import WalkSpeed

__all__ = [
    "default_speeds",
    "paces",
    "speed_of",
    "walk_distances",
    "walk_times",
]


def paces(pack: RulePack) -> dict[str, Pace]:
    """Return how people walk, as a rule pack says.

    Parameters
    ----------
    pack : RulePack
        With settings of the kind ``walk_speed``.

    Returns
    -------
    dict of str to Pace
        By profile.
    """
    kinds = [rule.kind for rule in pack.settings("walk_speed")]
    return {
        kind.profile: Pace(
            m_per_min=kind.m_per_min,
            slope=kind.slope,
            steps_up=kind.steps_up,
            steps_down=kind.steps_down,
            crossing_wait_s=kind.crossing_wait_s,
            steps_allowed=kind.steps_allowed,
            wheels=kind.wheels,
            max_slope=kind.max_slope,
        )
        for kind in kinds
        if isinstance(kind, WalkSpeed)
    }


def default_speeds() -> dict[str, Pace]:
    """Return how people walk, as the national rule pack says.

    Returns
    -------
    dict of str to Pace
        By profile.
    """
    return paces(load_pack("national"))


def walk_times(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return the minutes from each origin to the nearest facility of each category.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    origins : GeoDataFrame or GeoSeries
        Doors; several doors of one household as a MultiPoint, of which the best counts. A frame with columns
        ``x`` and ``y`` in metres will do. Use entrances, never centroids.
    facilities : GeoDataFrame
        With a column ``category``; ``facility_id`` where there is one. Outlines are entered at the point
        nearest to an edge.
    max_min : float
        Minutes beyond which nothing is searched; may be infinite.
    profile : str, default "adult"
        Whose speed is taken: the network's own, or that of the national rule pack.
    snap_limit_m : float, default 200
        Metres between a door and the nearest edge beyond which a place is not on the network.

    Returns
    -------
    DataFrame
        On the index of `origins`, one column for each category, sorted; minutes, and NaN where no facility is
        reached within `max_min` or the origin is not on the network.

    Raises
    ------
    UsageError
        If `max_min` is not positive, or the profile has no speed.
    InputError
        If facilities have no category.
    """
    found = search(
        network,
        origins,
        facilities,
        m_per_min=speed_of(network, profile),
        bound=max_min,
        snap_limit_m=snap_limit_m,
    )
    return found.table()


def walk_distances(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_m: float,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return the metres walked from each origin to the nearest facility of each category.

    Parameters
    ----------
    network, origins, facilities, snap_limit_m
        As in :func:`walk_times`.
    max_m : float
        Metres beyond which nothing is searched; may be infinite.

    Returns
    -------
    DataFrame
        As in :func:`walk_times`, in metres.
    """
    return search(network, origins, facilities, m_per_min=1.0, bound=max_m, snap_limit_m=snap_limit_m).table()


def speed_of(network: WalkNetwork, profile: str) -> float | Pace:
    """Return the pace of a profile: the network's own, else that of the national pack."""
    return (network if network.speeds is not None else network.with_speeds(default_speeds())).pace(profile)
