"""The life circle: how many households reach what, and within how many minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.access.areas import MINUTES, limits_of
from plan.access.capacity import places_per_person
from plan.access.doors import Doors
from plan.access.partitions import search_in_parts
from plan.access.people import GROUPS, People
from plan.access.times import speed_of
from plan.errors import UsageError
from plan.messages import Message
from plan.network.doors import facilities_from_site, origins_from_site
from plan.network.graph import WalkNetwork
from plan.network.kernel import TOLERANCE_MIN
from plan.network.snapping import SNAP_LIMIT_M
from plan.network.speed import level
from plan.site import Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MINUTES", "LifeCircle", "life_circle", "searched_min"]

_QUANTILES: Final = {"median_min": 0.5, "p90_min": 0.9}
_BEYOND: Final = 2.0  # times the largest limit
_AMOUNTS: Final = ("capacity", "area_m2")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifeCircle:
    """What households reach on foot."""

    profile: str
    m_per_min: float  # walking speed on level ground
    minutes: tuple[float, ...]
    households: int
    unsnapped_households: int  # not on the network: no walkway within the limit; they count as not served
    unsnapped_facilities: int
    islands: int  # connected pieces of the network
    estimates: tuple[str, ...]  # layers that are estimates, such as households
    # One row for each category: category, facilities, limit_min, households, served, share, median_min, p90_min,
    # share_5 … for each of `minutes`; served_persons, share_persons … for persons, elderly and children; capacity,
    # area_m2, capacity_per_1000. None: it cannot be told, or (times) so many households do not reach it.
    categories: pd.DataFrame
    groups: (
        pd.DataFrame
    )  # group, total, untold (households that do not say); None: the data has no such figure
    times: pd.DataFrame  # origin_id, category, facility_id, walk_min
    # The doors as given, and from each the minutes to the nearest facility of each category in the data: NaN where
    # none is reached. A category that the data does not have has no column.
    origins: gpd.GeoDataFrame
    walk_min: pd.DataFrame
    capacity: pd.DataFrame  # places per person at each door, by category where it can be told

    def rows(self) -> list[dict[str, Any]]:
        """Return the categories as plain dictionaries, None where it cannot be told."""
        return [
            {str(name): None if pd.isna(value) else value for name, value in row.items()}
            for row in self.categories.to_dict("records")
        ]


def life_circle(
    where: Site | WalkNetwork,
    origins: gpd.GeoDataFrame | None = None,
    facilities: gpd.GeoDataFrame | None = None,
    *,
    minutes: Sequence[float] = MINUTES,
    limits: Mapping[str, float] | None = None,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
) -> LifeCircle:
    """Return by category the share of households that reach a facility on foot.

    Parameters
    ----------
    where : Site or WalkNetwork
        A site brings its own network, households (at their entrances) and facilities.
    origins : GeoDataFrame, optional
        Doors; a column ``households`` counts the households behind each, else each row is one; ``persons``,
        ``elderly`` and ``children`` count those who live there. A column that is absent, or says nothing, leaves
        that group untold (None), not empty; of a column with gaps what is known counts.
    facilities : GeoDataFrame, optional
        With a column ``category``, and ``capacity`` (people) and ``area_m2`` where they are known. Absent
        facilities are absent, not none: nothing can be told about them.
    minutes : sequence of float, default (5, 10, 15)
        For each of them the share of households within it is given.
    limits : mapping of str to float, optional
        The limit in minutes by which a category counts as served; the largest of `minutes` for categories not
        named. Every category named gets a row, even when there is no such facility.
    profile : str, default "adult"
        Whose speed is taken.
    snap_limit_m : float, default 200
        As in :func:`walk_times`.
    client : distributed.Client, optional
        A Dask cluster that searches in parts; then nothing beyond :func:`searched_min` is known.

    Returns
    -------
    LifeCircle
        Households that reach nothing count as not served; the median and the 90th percentile are over all
        households, and missing when that many do not reach the category at all. ``capacity`` and ``area_m2`` are
        the sums over the facilities of a category, None when one of them does not tell. ``capacity_per_1000`` are the
        places for 1,000 persons within the limit, shared with all who reach them, for the median person (see
        :func:`plan.access.two_step_catchment`); None without the capacity of each facility and the persons of each
        household.

    Raises
    ------
    MissingLayerError
        If a site has no walkways or no households.
    UsageError
        If limits or minutes are not positive, or the profile has no speed.
    """
    estimates: tuple[str, ...] = ()
    if isinstance(where, WalkNetwork):
        network = where
    else:
        network = WalkNetwork.from_site(where)
        estimates = tuple(name for name in ("households",) if name in where.estimates and origins is None)
        origins = origins_from_site(where) if origins is None else origins
        if facilities is None and where.has("facilities"):
            facilities = facilities_from_site(where)
    if origins is None:
        raise UsageError(Message("access.no_origins"))
    circles = limits_of(minutes)
    limits = dict(limits or {})
    limits_of([*limits.values(), *circles])
    speed = speed_of(network, profile)
    drawn = gpd.GeoDataFrame({"category": []}, geometry=[]) if facilities is None else facilities
    doors = Doors.of(origins, network)
    if client is None:
        found = doors.search(network, drawn, m_per_min=speed, bound=np.inf, snap_limit_m=snap_limit_m)
    else:
        found = search_in_parts(
            network,
            origins,
            drawn,
            max_min=searched_min(circles, limits),
            profile=profile,
            snap_limit_m=snap_limit_m,
            client=client,
        )
    found = replace(found, index=origins.index)
    walked = {name: one.minutes for name, one in zip(found.categories, found.found, strict=True)}
    people = People.of(origins)
    weights = people.households
    nowhere = np.full(len(origins), np.nan)
    names = sorted({*limits, *found.categories})
    limit_of = {name: float(limits.get(name, circles[-1])) for name in names}
    places = places_per_person(
        network,
        doors,
        drawn,
        persons=people.known.get("persons"),
        limits=limit_of,
        m_per_min=speed,
        snap_limit_m=snap_limit_m,
    )
    rows = []
    for category in names:
        minutes_to = None if facilities is None else walked.get(category, nowhere)
        rows.append(
            {
                "category": category,
                "facilities": None if facilities is None else int((found.category == category).sum()),
                "limit_min": limit_of[category],
                "households": int(weights.sum()),
                **_served(minutes_to, weights, limit=limit_of[category], circles=circles),
                **_by_group(minutes_to, people, limit=limit_of[category]),
                **_amounts(drawn[found.category == category]),
                "capacity_per_1000": _per_1000(places, people, category),
            }
        )
    columns = ["category", "facilities", "limit_min", "households", "served", "share", *_QUANTILES]
    columns += [f"share_{circle:g}" for circle in circles]
    columns += [f"{what}_{group}" for group in GROUPS[1:] for what in ("served", "share")]
    columns += [*_AMOUNTS, "capacity_per_1000"]
    return LifeCircle(
        profile=profile,
        m_per_min=level(speed),
        minutes=circles,
        households=int(weights.sum()),
        unsnapped_households=int(weights[found.unsnapped_origins].sum()),
        unsnapped_facilities=int(found.unsnapped_facilities.sum()),
        islands=len(network.islands),
        estimates=estimates,
        categories=pd.DataFrame(rows, columns=columns, dtype=object),
        groups=pd.DataFrame(
            {
                "group": GROUPS,
                "total": [people.total(group) for group in GROUPS],
                "untold": [people.untold(group) for group in GROUPS],
            },
            dtype=object,
        ),
        times=found.pairs(),
        origins=origins,
        walk_min=found.table(),
        capacity=places.set_axis(origins.index, axis=0),
    )


def searched_min(minutes: Sequence[float], limits: Mapping[str, float]) -> float:
    """Return the minutes up to which a cluster searches: twice the largest limit, so that near misses are known."""
    return _BEYOND * max([*minutes, *limits.values()])


def _served(
    walked: NDArray[np.float64] | None,
    weights: NDArray[np.float64],
    *,
    limit: float,
    circles: tuple[float, ...],
) -> dict[str, float | int | None]:
    """Return what one category means for the households; all None when it cannot be told."""
    total = weights.sum()
    names = ["served", "share", *_QUANTILES, *(f"share_{circle:g}" for circle in circles)]
    if walked is None or total == 0:
        return dict.fromkeys(names)
    within = {circle: weights[walked <= circle + TOLERANCE_MIN].sum() for circle in (limit, *circles)}
    row: dict[str, float | int | None] = {
        "served": int(within[limit]),
        "share": float(within[limit] / total),
    }
    order = np.argsort(walked, kind="stable")  # NaN, the households that reach none, come last
    heap = np.cumsum(weights[order])
    for name, quantile in _QUANTILES.items():
        # The first household with at least this share of all households no further away than it.
        position = min(int(np.searchsorted(heap, quantile * total - TOLERANCE_MIN)), len(order) - 1)
        minutes = walked[order[position]]
        row[name] = None if np.isnan(minutes) else float(minutes)
    row |= {f"share_{circle:g}": float(within[circle] / total) for circle in circles}
    return row


def _by_group(
    walked: NDArray[np.float64] | None, people: People, *, limit: float
) -> dict[str, float | int | None]:
    """Return how many persons, elderly and children are served; None where the data does not tell."""
    row: dict[str, float | int | None] = {}
    for group in GROUPS[1:]:
        total = people.total(group)
        # Where all served households are silent, nobody can say how many are served.
        served = None if walked is None else people.total(group, walked <= limit + TOLERANCE_MIN)
        row[f"served_{group}"] = served
        row[f"share_{group}"] = None if served is None or not total else served / total
    return row


def _amounts(facilities: gpd.GeoDataFrame) -> dict[str, float | None]:
    """Return the capacity and the area of facilities together; None when one of them does not tell."""
    row: dict[str, float | None] = dict.fromkeys(_AMOUNTS)
    for name in _AMOUNTS:
        if name in facilities.columns and len(facilities):
            numbers = facilities[name].to_numpy(dtype=float, na_value=np.nan)
            row[name] = None if np.isnan(numbers).any() else float(numbers.sum())
    return row


def _per_1000(places: pd.DataFrame, people: People, category: str) -> float | None:
    """Return the places for 1,000 persons as the median person has them."""
    if category not in places.columns:
        return None
    shared, persons = places[category].to_numpy(), people.known["persons"]
    order = np.argsort(shared, kind="stable")
    heap = np.cumsum(persons[order])
    if not len(heap) or heap[-1] <= 0:
        return None
    return float(1000 * shared[order[int(np.searchsorted(heap, heap[-1] / 2))]])
