"""Who wins by a change of the walking network, and how much: household-minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.access.whatif import Change, WhatIf
from plan.rules import RulePack, load_pack
from plan.site import Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CAP_MIN", "Scale", "before_after", "household_minutes"]

# Minutes as which a longer walk, or none, counts: twice the widest life circle. Nobody wins by a way that
# is forty minutes instead of fifty. This tool's own figure.
CAP_MIN: Final = 30.0
# Minutes from which a household counts as a winner: what is less than six seconds nobody notices.
_NOTICED_MIN: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a saved minute counts."""

    limits: Mapping[str, float]  # minutes by category within which a household is served
    weights: Mapping[str, float]  # what a minute to the nearest facility of each category counts
    cap_min: float = CAP_MIN

    @classmethod
    def of(cls, pack: RulePack | None, weights: Mapping[str, float] | None = None) -> Scale:
        """Take the categories with a limit from a pack; each counts 1 where no weights are given."""
        rules = (pack if pack is not None else load_pack("national")).settings("category_limit")
        limits = {rule.kind.category: rule.kind.limit_min for rule in rules}  # type: ignore[attr-defined]
        given = dict.fromkeys(limits, 1.0) if weights is None else dict(weights)
        return cls(limits=limits, weights={name: given[name] for name in sorted(limits) if name in given})


def household_minutes(what: WhatIf, after: NDArray[np.float64], scale: Scale) -> float:
    """Return the household-minutes saved, summed over households and weighted categories.

    Parameters
    ----------
    what : WhatIf
        The state before.
    after : array of float
        The minutes of ``what.base.parts`` by ``what.base.categories`` after the change.
    scale : Scale
        What a minute counts.

    Returns
    -------
    float
        Household-minutes; negative where ways became longer.
    """
    weight = np.array([scale.weights.get(name, 0.0) for name in what.base.categories])
    was, now = (np.minimum(what.doors.best(m), scale.cap_min) for m in (what.base.minutes, after))
    return float(what.doors.households @ ((was - now) @ weight))


def before_after(site: Site, change: Change, scale: Scale) -> gpd.GeoDataFrame:
    """Return for each building the minutes before and after.

    Parameters
    ----------
    site : Site
        With ``households`` and, for the outlines, ``buildings``.
    change : Change
        The minutes of its households.
    scale : Scale
        The categories, their limits and weights.

    Returns
    -------
    GeoDataFrame
        ``building_id``, ``households``; ``before_min``, ``after_min``, ``saved_min``: the mean minutes of its
        households to the nearest facility, over the weighted categories, a longer way counting as the cap;
        ``household_minutes_saved`` over all of them; ``households_winning``; ``households_gained``: newly
        within the limit of a category; ``gained``: these categories, separated by ``;``; the outline.
    """
    homes = site.layer("households").set_index("household_id")["building_id"]
    building = homes.reindex(change.before.index).astype(object)
    names = [name for name in change.before.columns if name in scale.weights]
    weight = pd.Series({name: scale.weights[name] for name in names}, dtype=float)
    was, now = (
        frame[names].fillna(np.inf).clip(upper=scale.cap_min).mul(weight, axis=1).sum(axis=1)
        for frame in (change.before, change.after)
    )
    new = change.gained(scale.limits)
    total = max(float(weight.sum()), np.finfo(float).tiny)
    table = pd.DataFrame(
        {
            "households": 1,
            "before_min": was / total,
            "after_min": now / total,
            "saved_min": (was - now) / total,
            "household_minutes_saved": was - now,
            "households_winning": ((was - now) > _NOTICED_MIN).astype(int),
            "households_gained": new.any(axis=1).astype(int),
        }
    )
    means = ["before_min", "after_min", "saved_min"]
    how: dict[str, Any] = {name: "mean" if name in means else "sum" for name in table.columns}
    grouped = table.groupby(building.to_numpy(), sort=True).agg(how)
    any_new = new.groupby(building.to_numpy(), sort=True).any()
    grouped["gained"] = [
        ";".join(name for name in any_new.columns if row[name]) for _, row in any_new.iterrows()
    ]
    grouped.index.name = "building_id"
    rows = grouped.reset_index()
    outlines: dict[str, Any] = {}
    if site.has("buildings"):
        frame = site.layer("buildings")
        outlines = dict(zip(frame["building_id"], frame.geometry, strict=True))
    return gpd.GeoDataFrame(rows, geometry=[outlines.get(i) for i in rows["building_id"]], crs=site.crs)
