"""What a district answers when its choice of rooms is questioned: cost against minutes, what if, and who gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from plan.rooms.model import BY_MINUTES
from plan.rooms.scene import Scene
from plan.rooms.walks import Homes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Placement

    Floats = NDArray[np.float64]

__all__ = ["DRAWS", "POINTS", "Robustness", "cost_front", "gini", "room_robustness", "who_gains"]

POINTS: Final = 20  # of the front of cost against minutes
DRAWS: Final = 200
# How far walking speed and demand are drawn from what is known: assumptions of this tool, not of any regulation. A
# speed of 0.8 to 1.2 times the usual moves what counts as near a gate by as much; households vary by a tenth.
_SPEED: Final = (0.8, 1.2)
_DEMAND: Final = 0.1  # standard deviation of the logarithm of a community's households
_TENTH: Final = 0.9


def cost_front(scene: Scene, *, points: int = POINTS) -> pd.DataFrame:
    """Trade CNY against minutes: the least walk for each budget between the cheapest choice and the nearest.

    Parameters
    ----------
    scene : Scene
        The site; nothing is missing more than it must be at any point.
    points : int, default 20
        Budgets, equally spaced; those that buy nothing more are left out.

    Returns
    -------
    DataFrame
        ``budget_cny``, ``cost_cny``, ``mean_minutes`` (per household, elderly people counting more), ``rooms`` (ids),
        ``gap`` (relative, 0: proven). Empty where no cost or no household is known.
    """
    columns = ["budget_cny", "cost_cny", "mean_minutes", "rooms", "gap"]
    if not scene.priced or scene.homes is None:
        return pd.DataFrame(columns=columns)
    everything = tuple(range(len(scene.spots)))
    cheapest = sum(scene.solve(part).cost for part in scene.parts)
    nearest = sum(scene.solve(part, order=BY_MINUTES).cost for part in scene.parts)
    weight = sum(float(scene.place(spot).weight.sum()) for spot in everything)
    rows = []
    for budget in np.linspace(cheapest, max(nearest, cheapest), points).tolist():
        choice = scene.solve(everything, order=BY_MINUTES, budget=budget + 1.0)
        taken = scene.candidate & (choice.taken >= 0)
        served = weight - choice.unserved
        rows.append(
            {
                "budget_cny": budget,
                "cost_cny": choice.cost,
                "mean_minutes": choice.minutes / served if served > 0 else np.nan,
                "rooms": ", ".join(sorted(str(i) for i in scene.rooms["room_id"][taken])),
                "gap": choice.gap,
            }
        )
    return pd.DataFrame(rows, columns=columns).drop_duplicates("rooms").reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Robustness:
    """How a choice of rooms holds when walkers and households are not quite as assumed."""

    rooms: pd.DataFrame  # room_id, share of the draws in which it is chosen
    enough: float  # share of the draws in which nothing is missing
    draws: int


def room_robustness(scene: Scene, *, draws: int = DRAWS, seed: int = 0) -> Robustness:
    """Choose again under drawn speeds and numbers of households.

    A walker who is slower by a tenth counts a unit as near up to nine tenths of the metres; each community's
    households, and with them the area it needs, are multiplied by a lognormal number. Ties of cost are left as they are.

    Parameters
    ----------
    scene : Scene
        The site.
    draws : int, default 200
        How many.
    seed : int, default 0
        Of the random numbers.

    Returns
    -------
    Robustness
        Shares of the draws, each unit that is chosen in any of them.
    """
    random = np.random.default_rng(seed)
    communities = sorted({spot.community_id or "" for spot in scene.spots})
    times = np.zeros(len(scene.rooms))
    enough = 0
    order = ("short", "limits", "cost") if scene.priced else ("short", "limits", "count")
    for _ in range(draws):
        speed = float(random.uniform(*_SPEED))
        more = dict(zip(communities, np.exp(random.normal(0.0, _DEMAND, len(communities))), strict=True))
        spots = []
        for spot in scene.spots:
            need = spot.need
            factor = float(more[spot.community_id or ""])
            # What is asked for whatever the households does not move with them.
            by_households = need.area_by_households_m2
            fixed = need.area_m2 if need.area_m2 > by_households else need.minimum_m2
            area = max(fixed, by_households * factor)
            spots.append(
                replace(spot, need=replace(need, area_m2=area, near_gate_m=need.near_gate_m * speed))
            )
        drawn = replace(scene, spots=tuple(spots))
        missing = 0.0
        for part in drawn.parts:
            choice = drawn.solve(part, order=order)
            times += scene.candidate & (choice.taken >= 0)
            missing += float(choice.short.sum() + choice.short_ground.sum())
        enough += missing == 0.0
    chosen = np.flatnonzero(times)
    shares = pd.DataFrame(
        {"room_id": scene.rooms["room_id"].to_numpy()[chosen], "share": times[chosen] / max(draws, 1)}
    )
    return Robustness(
        rooms=shares.sort_values(["share", "room_id"], ascending=[False, True]).reset_index(drop=True),
        enough=enough / max(draws, 1),
        draws=draws,
    )


def who_gains(scene: Scene, placed: Placement) -> pd.DataFrame:
    """Compare the walk to the nearest service room before and after, estate by estate.

    Parameters
    ----------
    scene : Scene
        The site.
    placed : Placement
        What was chosen.

    Returns
    -------
    DataFrame
        ``estate_id`` (the last row, "", is the whole site), ``households``, ``unreached_before``, ``unreached_after``,
        ``before_min`` and ``after_min`` (mean minutes of the households that reach a room both times), ``gain_min``,
        ``worst_before_min`` and ``worst_after_min`` (what nine tenths do not exceed), ``elderly_before_min`` and
        ``elderly_after_min`` (NaN where no elderly person is known), ``gini_before`` and ``gini_after``. Empty where
        nobody lives or nobody's speed is known.
    """
    homes = scene.homes
    if homes is None or scene.profile is None:
        return pd.DataFrame()
    kept = dict(zip(placed.features["room_id"], placed.features["part"], strict=True))
    after_rooms = np.array([kept.get(i) in {"chosen", "stands"} for i in scene.rooms["room_id"]], dtype=bool)
    before, after = np.full(len(homes.doors), np.nan), np.full(len(homes.doors), np.nan)
    for spot_at, spot in enumerate(scene.spots):
        if spot.need.uses:
            continue
        doors = scene.doors_of(spot)
        standing = scene.counted[spot_at]
        serving = after_rooms & (standing | scene.usable[spot_at])
        before[doors] = _nearest(scene.minutes[np.ix_(doors, np.flatnonzero(standing))])
        after[doors] = _nearest(scene.minutes[np.ix_(doors, np.flatnonzero(serving))])
    estates = np.array([estate or "?" for estate in homes.estate], dtype=object)
    groups = [(estate, estates == estate) for estate in sorted(set(estates))]
    groups.append(("", np.ones(len(estates), dtype=bool)))
    return pd.DataFrame([_gains(name, here, homes, (before, after)) for name, here in groups])


def _nearest(minutes: Floats) -> Floats:
    found: Floats = np.min(np.where(np.isnan(minutes), np.inf, minutes), axis=1, initial=np.inf)
    return np.where(np.isinf(found), np.nan, found)


def _gains(
    name: str, here: NDArray[np.bool_], homes: Homes, minutes: tuple[Floats, Floats]
) -> dict[str, object]:
    households, elderly = homes.households, homes.elderly
    before, after = minutes
    both = here & ~np.isnan(before) & ~np.isnan(after)
    was, now, weight = before[both], after[both], households[both]
    return {
        "estate_id": name,
        "households": int(households[here].sum()),
        "unreached_before": int(households[here & np.isnan(before)].sum()),
        "unreached_after": int(households[here & np.isnan(after)].sum()),
        "before_min": _mean(was, weight),
        "after_min": _mean(now, weight),
        "gain_min": _mean(was - now, weight),
        "worst_before_min": _quantile(was, weight, _TENTH),
        "worst_after_min": _quantile(now, weight, _TENTH),
        "elderly_before_min": _mean(was, elderly[both]),
        "elderly_after_min": _mean(now, elderly[both]),
        "gini_before": gini(was, weight),
        "gini_after": gini(now, weight),
    }


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight)) if weight.sum() > 0 else float("nan")


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """Return the least value that a share of the weight does not exceed."""
    if not weight.sum() > 0:
        return float("nan")
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1] - 1e-9)])


def gini(values: Floats | Sequence[float], weight: Floats | Sequence[float]) -> float:
    """Return the Gini coefficient: 0 where everybody walks as long, towards 1 where one walks for all.

    Half the mean absolute difference of two people drawn at random, divided by the mean (Gini 1912).

    Examples
    --------
    >>> gini([1.0, 1.0], [3.0, 1.0])
    0.0
    >>> gini([0.0, 1.0], [1.0, 1.0])
    0.5
    """
    x, w = np.asarray(values, dtype=float), np.asarray(weight, dtype=float)
    if not w.sum() > 0:
        return float("nan")
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / w.sum()
    mean = float((x * w).sum())
    if mean <= 0:
        return 0.0
    # Twice the area under the Lorenz curve, by trapezia.
    lorenz = np.concatenate([[0.0], np.cumsum(x * w) / mean])
    return float(1.0 - ((lorenz[1:] + lorenz[:-1]) * w).sum())
