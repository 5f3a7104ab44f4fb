"""What another walking speed would change: the figures of the standards conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from plan.access.areas import MINUTES
from plan.access.circle import LifeCircle, life_circle
from plan.access.times import default_speeds, speed_of
from plan.network.graph import WalkNetwork
from plan.network.snapping import SNAP_LIMIT_M
from plan.network.speed import at_speed, check_pace
from plan.rules import RulePack
from plan.rules.kinds import WalkSpeed

__all__ = ["SpeedComparison", "compare_speeds", "compared_speed"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeedComparison:
    """The share of households served at two speeds on level ground."""

    profile: str
    m_per_min: float  # of the pack
    other_m_per_min: float
    # category, limit_min, households, served, share; other_served, other_share at the other speed. None: cannot tell.
    categories: pd.DataFrame

    def rows(self) -> list[dict[str, Any]]:
        """Return the categories as plain dictionaries, None where it cannot be told."""
        return [
            {str(name): None if pd.isna(value) else value for name, value in row.items()}
            for row in self.categories.to_dict("records")
        ]


def compared_speed(pack: RulePack, profile: str) -> float | None:
    """Return the other figure for the speed of a profile that a pack names; None where it names none.

    Parameters
    ----------
    pack : RulePack
        With settings of the kind ``walk_speed``.
    profile : str
        Who walks.

    Returns
    -------
    float or None
        Metres per minute on level ground.
    """
    for rule in pack.settings("walk_speed"):
        if isinstance(rule.kind, WalkSpeed) and rule.kind.profile == profile:
            return rule.kind.compared_m_per_min
    return None


def compare_speeds(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame | None,
    *,
    other_m_per_min: float,
    minutes: Sequence[float] = MINUTES,
    limits: Mapping[str, float] | None = None,
    profile: str = "adult",
    life: LifeCircle | None = None,
    snap_limit_m: float = SNAP_LIMIT_M,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
) -> SpeedComparison:
    """Return by category the share of households served at the profile's speed and at another one.

    Slopes, steps and closed ways count in the same way at both speeds; a wait at a crossing takes the same time.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    origins, facilities, minutes, limits, profile, snap_limit_m, client
        As in :func:`plan.access.life_circle`.
    other_m_per_min : float
        The other speed on level ground, metres per minute; see :func:`compared_speed`.
    life : LifeCircle, optional
        The life circle at the profile's own speed, when there is one already.

    Returns
    -------
    SpeedComparison
        One row for each category.

    Raises
    ------
    UsageError
        If the speed is not a positive number, or the profile has none.
    """
    check_pace(other_m_per_min, profile=profile)
    speeds = dict(network.speeds if network.speeds is not None else default_speeds())
    own = speed_of(network, profile)
    other_network = network.with_speeds({**speeds, profile: at_speed(own, other_m_per_min)})
    given: dict[str, Any] = {
        "minutes": minutes,
        "limits": limits,
        "profile": profile,
        "snap_limit_m": snap_limit_m,
        "client": client,
    }
    first = life or life_circle(network, origins, facilities, **given)
    second = life_circle(other_network, origins, facilities, **given)
    table = first.categories[["category", "limit_min", "households", "served", "share"]].merge(
        second.categories[["category", "served", "share"]].rename(
            columns={"served": "other_served", "share": "other_share"}
        ),
        on="category",
        how="left",
    )
    return SpeedComparison(
        profile=profile,
        m_per_min=first.m_per_min,
        other_m_per_min=float(other_m_per_min),
        categories=table.astype(object),
    )
