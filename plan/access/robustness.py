"""How sure a verdict is: households near the limit, and what other walking speeds would change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from plan.access.people import People
from plan.errors import UsageError
from plan.messages import Message
from plan.network.kernel import TOLERANCE_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.access.circle import LifeCircle

__all__ = ["DRAWS", "NEAR_LIMIT", "SPEED_VARIATION", "near_limit", "robustness"]

# Share of a limit within which a household is near it, on either side. This tool's own figure.
NEAR_LIMIT: Final = 0.1
# Draws of the walking speed.
DRAWS: Final = 200
# Standard deviation of free walking speeds divided by their mean: 0.26 / 1.34 m/s, U. Weidmann, Transporttechnik
# der Fussgänger, ETH Zürich 1993, as D. Helbing and P. Molnár quote it (Physical Review E 51 (1995) 4282); the
# first was not seen. That is how pedestrians differ; here it stands for how wrong one speed for all may be.
SPEED_VARIATION: Final = 0.26 / 1.34
_QUANTILES: Final = {"share_p05": 0.05, "share_p95": 0.95}


def near_limit(life: LifeCircle, *, share: float = NEAR_LIMIT) -> pd.DataFrame:
    """List the doors whose walk to a category is near the limit, on either side of it.

    Parameters
    ----------
    life : LifeCircle
        What households reach.
    share : float, default 0.1
        Of the limit: 0.1 is from 90 % to 110 % of it, both included.

    Returns
    -------
    DataFrame
        ``origin_id``, ``category``, ``limit_min``, ``walk_min``, ``served``, ``households``; by category and door.

    Raises
    ------
    UsageError
        If the share is not between 0 and 1.
    """
    if not 0 <= share < 1:
        raise UsageError(Message("access.near_share", share=share))
    households = People.of(life.origins).households
    found = []
    for category, limit in _limits(life):
        walked = life.walk_min[category].to_numpy()
        near = np.flatnonzero(np.abs(walked - limit) <= share * limit + TOLERANCE_MIN)
        found.append(
            pd.DataFrame(
                {
                    "origin_id": life.walk_min.index[near],
                    "category": category,
                    "limit_min": limit,
                    "walk_min": walked[near],
                    "served": walked[near] <= limit + TOLERANCE_MIN,
                    "households": households[near].astype(np.int64),
                }
            )
        )
    names = ["origin_id", "category", "limit_min", "walk_min", "served", "households"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=names)


def robustness(
    life: LifeCircle,
    *,
    target_share: float | Mapping[str, float] = 1.0,
    draws: int = DRAWS,
    seed: int = 0,
    variation: float = SPEED_VARIATION,
    near: float = NEAR_LIMIT,
) -> pd.DataFrame:
    """Draw walking speeds and tell in which share of the draws each category fails.

    A draw multiplies everybody's speed by the same factor ``f``, log-normal with median 1; a walk of ``t`` minutes
    then takes ``t / f``, so nothing is searched again. That is exact while all of a walk scales with the speed; what
    does not, such as a wait at a crossing, is scaled with the rest, and the route stays the one that was fastest.
    A category fails in a draw when fewer than the target share of the households reach it within its limit.

    Parameters
    ----------
    life : LifeCircle
        What households reach.
    target_share : float or mapping of str to float, default 1
        Share of households, 0..1, that must reach a category; 1 for categories that a mapping does not name.
    draws : int, default 200
        How many.
    seed : int, default 0
        The same seed gives the same draws.
    variation : float, default 0.194
        Standard deviation of the speed divided by its mean.
    near : float, default 0.1
        As in :func:`near_limit`.

    Returns
    -------
    DataFrame
        One row for each category: ``category``, ``limit_min``, ``share``, ``target_share``, ``met`` (at the speed of
        the profile), ``near`` (households near the limit), ``near_served`` (of them within it), ``failing`` (share
        of the draws), ``share_p05``, ``share_p95`` (of the households, over the draws). None: cannot be told.

    Raises
    ------
    UsageError
        If a figure is out of its range.
    """
    wanted = dict(target_share) if isinstance(target_share, Mapping) else {}
    common = 1.0 if isinstance(target_share, Mapping) else float(target_share)
    if not all(0 <= share <= 1 for share in (*wanted.values(), common)):
        raise UsageError(Message("access.target_share"))
    if draws < 1 or not (np.isfinite(variation) and variation > 0):
        raise UsageError(Message("access.draws", draws=draws, variation=variation))
    sigma = float(np.sqrt(np.log1p(variation**2)))
    factors = np.random.default_rng(seed).lognormal(0.0, sigma, draws)
    close = near_limit(life, share=near)
    weights = People.of(life.origins).households
    rows = []
    for row in life.categories.to_dict("records"):
        category, limit = str(row["category"]), float(row["limit_min"])
        target = float(wanted.get(category, common))
        those = close[close["category"] == category]
        told = row["share"] is not None
        found: dict[str, Any] = {"category": category, "limit_min": limit, "share": row["share"]}
        found |= {
            "target_share": target,
            "met": row["share"] >= target - TOLERANCE_MIN if told else None,
            "near": int(those["households"].sum()) if told else None,
            "near_served": int(those.loc[those["served"].astype(bool), "households"].sum()) if told else None,
        }
        if told:
            drawn = category in life.walk_min.columns
            walked = life.walk_min[category].to_numpy() if drawn else np.full(len(weights), np.nan)
            shares = _shares(walked, weights, limit * factors)
            found["failing"] = float((shares < target - TOLERANCE_MIN).mean())
            found |= {name: float(np.quantile(shares, q)) for name, q in _QUANTILES.items()}
        else:
            found |= dict.fromkeys(("failing", *_QUANTILES))
        rows.append(found)
    names = ["category", "limit_min", "share", "target_share", "met", "near", "near_served", "failing"]
    return pd.DataFrame(rows, columns=[*names, *_QUANTILES], dtype=object)


def _limits(life: LifeCircle) -> list[tuple[str, float]]:
    """Return category and limit of the categories that the data has."""
    return [
        (str(category), float(limit))
        for category, limit in zip(life.categories["category"], life.categories["limit_min"], strict=True)
        if category in life.walk_min.columns
    ]


def _shares(
    walked: NDArray[np.float64], weights: NDArray[np.float64], limits: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of households within each of several limits."""
    order = np.argsort(walked, kind="stable")  # NaN, the households that reach none, come last
    reached = int((~np.isnan(walked)).sum())
    heap = np.concatenate([[0.0], np.cumsum(weights[order][:reached])])
    found = np.searchsorted(walked[order][:reached], limits + TOLERANCE_MIN, side="right")
    shares: NDArray[np.float64] = heap[found] / weights.sum()
    return shares
