"""How complete a life circle is: a score that is never shown without its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from plan.access.people import People
from plan.network.kernel import TOLERANCE_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.access.circle import LifeCircle

__all__ = ["Completeness", "completeness", "reached"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Completeness:
    """Of the categories that belong to a life circle, how many the households reach; all weigh the same."""

    # One row for each limit, and a last one for all together: limit_min (None: all), categories, drawn (of them in
    # the data), score (mean over households of reached / drawn), score_all (of reached / categories), complete
    # (share of households that reach all that are drawn). None: cannot be told.
    tiers: pd.DataFrame
    # On the index of the doors: reached_5, drawn_5, categories_5 … and reached, drawn, categories, score, score_all.
    households: pd.DataFrame
    absent: tuple[str, ...]  # categories of which the data has no facility: they may only not be drawn

    def rows(self) -> list[dict[str, Any]]:
        """Return the tiers as plain dictionaries, None where it cannot be told."""
        return [
            {str(name): None if pd.isna(value) else value for name, value in row.items()}
            for row in self.tiers.to_dict("records")
        ]


def reached(life: LifeCircle) -> pd.DataFrame:
    """Return which categories each door reaches within the category's limit.

    Returns
    -------
    DataFrame of bool
        On the index of the doors, one column for each category of which the data has a facility.
    """
    limits = dict(zip(life.categories["category"], life.categories["limit_min"], strict=True))
    return pd.DataFrame(
        {name: life.walk_min[name] <= limits[name] + TOLERANCE_MIN for name in life.walk_min.columns},
        index=life.walk_min.index,
        columns=list(life.walk_min.columns),
    )


def completeness(life: LifeCircle) -> Completeness:
    """Score how many of the categories each household reaches, for each limit and for all together.

    Every category weighs the same: no source at hand ranks a pharmacy against a park. A category of which the data
    has no facility may be missing, or may only not be drawn; it is listed, and the score is given both ways:
    ``score`` counts the categories in the data, ``score_all`` counts all, the absent ones as not reached.

    Parameters
    ----------
    life : LifeCircle
        What households reach, with the limits by category.

    Returns
    -------
    Completeness
        By limit, by household, and what is absent.
    """
    known = bool(life.categories["facilities"].notna().all())
    within = reached(life)
    weights = People.of(life.origins).households
    limits = life.categories["limit_min"].astype(float)
    by_limit: list[tuple[float | None, list[str]]] = [
        (float(limit), life.categories.loc[limits == limit, "category"].tolist())
        for limit in sorted(set(limits))
    ]
    by_limit.append((None, life.categories["category"].tolist()))
    columns: dict[str, Any] = {}
    tiers = []
    for limit, names in by_limit:
        drawn = [name for name in names if name in within.columns]
        count = within[drawn].sum(axis=1).to_numpy()
        suffix = "" if limit is None else f"_{limit:g}"
        columns |= {
            f"reached{suffix}": count if known else np.nan,
            f"drawn{suffix}": len(drawn) if known else np.nan,
            f"categories{suffix}": len(names),
        }
        tiers.append(
            {
                "limit_min": limit,
                "categories": len(names),
                "drawn": len(drawn) if known else None,
                "score": _mean(count, len(drawn) if known else 0, weights),
                "score_all": _mean(count, len(names) if known else 0, weights),
                "complete": _mean(count == len(drawn), 1 if known and drawn else 0, weights),
            }
        )
    households = pd.DataFrame(columns, index=within.index)
    households["score"] = households["reached"] / households["drawn"].replace(0, np.nan)
    households["score_all"] = households["reached"] / households["categories"].replace(0, np.nan)
    absent = life.categories.loc[[count == 0 for count in life.categories["facilities"]], "category"]
    return Completeness(
        tiers=pd.DataFrame(tiers, dtype=object), households=households, absent=tuple(absent.tolist())
    )


def _mean(count: NDArray[Any], of: int, weights: NDArray[np.float64]) -> float | None:
    """Return the mean over households of a share; None when there is nothing to share or nobody."""
    total = weights.sum()
    return None if of == 0 or total == 0 else float((weights * count).sum() / of / total)
