"""What stalls cost: marking, paving, mechanical stackers, and what must go for them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields

import geopandas as gpd
import pandas as pd

from plan.errors import UsageError
from plan.messages import Message

__all__ = ["Removal", "UnitCosts", "removal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """Prices in CNY; none stands in a regulation, so all of them are this tool's defaults, to be replaced.

    Parameters
    ----------
    marking_per_stall : float, default 300
        Lines and number of one stall.
    paving_per_m2 : float, default 200
        Hard surface on ground that has none: verges, cleared sheds and green, gravel and soil.
    stacker_per_stall : float, default 30000
        A stall in a lift-and-slide device, the foundation included.
    """

    marking_per_stall: float = 300.0
    paving_per_m2: float = 200.0
    stacker_per_stall: float = 30_000.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if not (math.isfinite(value) and value >= 0):
                raise UsageError(Message("stalls.cost", name=one.name, value=value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is taken away, and what that costs."""

    ids: tuple[str, ...]
    sheds: int
    trees: int
    green_m2: float
    cost_cny: float  # of those whose cost is known
    unknown: tuple[str, ...]  # ids of those whose cost is not


def removal(obstacles: gpd.GeoDataFrame, ids: Iterable[str]) -> Removal:
    """Add up what obstacles that go are and cost.

    Parameters
    ----------
    obstacles : geopandas.GeoDataFrame
        The layer.
    ids : iterable of str
        Of those that go.

    Returns
    -------
    Removal
        The cost of those for which the layer has one; the others are named.
    """
    wanted = set(ids)
    gone = obstacles[obstacles["obstacle_id"].astype(str).isin(wanted)]
    kinds = gone["kind"].astype(str)
    costs = gone["cost_cny"] if "cost_cny" in gone else pd.Series(math.nan, index=gone.index)
    known = costs.notna()
    return Removal(
        ids=tuple(sorted(gone["obstacle_id"].astype(str))),
        sheds=int((kinds == "shed").sum()),
        trees=int((kinds == "tree").sum()),
        green_m2=round(float(gone.geometry[kinds == "green"].area.sum()), 1),
        cost_cny=float(costs[known].sum()),
        unknown=tuple(sorted(gone.loc[~known, "obstacle_id"].astype(str))),
    )
