"""How long it takes to walk: times, isochrones, and the life circle of households.

Times run from the household to the facility. Both are taken to the interior of the nearest edge, and the
straight path between the door and the edge is walked too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.errors import UsageError
from plan.messages import Message
from plan.network.corridor import CORRIDOR_M, Strips, reached_areas
from plan.network.doors import facilities_from_site, origins_from_site
from plan.network.graph import WalkNetwork
from plan.network.kernel import TOLERANCE_MIN
from plan.network.search import geometries, search
from plan.network.snapping import SNAP_LIMIT_M
from plan.rules import load_pack
from plan.rules.kinds import WalkSpeed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from plan.site import Site

__all__ = [
    "LifeCircle",
    "default_speeds",
    "facilities_from_site",
    "isochrones",
    "life_circle",
    "nearest_facilities",
    "origins_from_site",
    "walk_distances",
    "walk_times",
]

MINUTES: Final = (5.0, 10.0, 15.0)  # the three life circles of GB 50180-2018
_QUANTILES: Final = {"median_min": 0.5, "p90_min": 0.9}


def default_speeds() -> dict[str, float]:
    """Return the walking speeds of the national rule pack.

    Returns
    -------
    dict of str to float
        Metres per minute on level ground, by profile.
    """
    kinds = [rule.kind for rule in load_pack("national").settings("walk_speed")]
    return {kind.profile: kind.m_per_min for kind in kinds if isinstance(kind, WalkSpeed)}


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
        m_per_min=_speed(network, profile),
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


def nearest_facilities(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
) -> pd.DataFrame:
    """Return which facility of each category is nearest to each origin, and the minutes to it.

    Parameters
    ----------
    network, origins, facilities, max_min, profile, snap_limit_m
        As in :func:`walk_times`.

    Returns
    -------
    DataFrame
        ``origin_id``, ``category``, ``facility_id``, ``walk_min``; only pairs that are reached, by origin and
        then category.
    """
    found = search(
        network,
        origins,
        facilities,
        m_per_min=_speed(network, profile),
        bound=max_min,
        snap_limit_m=snap_limit_m,
    )
    return found.pairs()


def isochrones(
    network: WalkNetwork,
    points: gpd.GeoDataFrame,
    *,
    minutes: Sequence[float] = MINUTES,
    profile: str = "adult",
    corridor_m: float = CORRIDOR_M,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> gpd.GeoDataFrame:
    """Return the area reached from each point: the walked parts of edges and a strip beside them.

    The last edges are cut exactly where the time is up; what no walk enters stays a hole; what lies behind a
    wall does not count.
    The area within fewer minutes is part of the area within more.

    Parameters
    ----------
    network : WalkNetwork
        Where people can walk.
    points : GeoDataFrame or GeoSeries
        Where the walks begin.
    minutes : sequence of float, default (5, 10, 15)
        Limits.
    profile : str, default "adult"
        Whose speed is taken.
    corridor_m : float, default 25
        Metres beside a walked edge that count as reached: half the depth of a row of buildings.
    snap_limit_m : float, default 200
        As in :func:`walk_times`.

    Returns
    -------
    GeoDataFrame
        ``origin`` (index of the point), ``minutes``, ``geometry``, in the network's reference system;
        the geometry of a point that is not on the network is empty.

    Raises
    ------
    UsageError
        If a limit or `corridor_m` is not a positive number, or the profile has no speed.
    """
    limits = _limits(minutes)
    if not (np.isfinite(corridor_m) and corridor_m > 0):
        raise UsageError(Message("access.corridor", corridor=corridor_m))
    edges = network.timed(_speed(network, profile))
    places = network.snap(geometries(points, network), limit_m=snap_limit_m)
    strips = Strips(lines=network.lines(), obstructions=network.obstructions, width_m=corridor_m)
    areas = [
        area
        for owner in range(places.count)
        for area in reached_areas(edges, places, owner, minutes=limits, strips=strips)
    ]
    table = {"origin": np.repeat(points.index, len(limits)), "minutes": np.tile(limits, len(points))}
    crs = network.crs if network.crs is not None else getattr(points, "crs", None)
    return gpd.GeoDataFrame(table, geometry=np.array(areas, dtype=object), crs=crs)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LifeCircle:
    """What households reach on foot."""

    profile: str
    m_per_min: float  # walking speed
    minutes: tuple[float, ...]
    households: int
    unsnapped_households: int  # not on the network: no walkway within the limit; they count as not served
    unsnapped_facilities: int
    islands: int  # connected pieces of the network
    estimates: tuple[str, ...]  # layers that are estimates, such as households
    # One row for each category: category, facilities, limit_min, households, served, share, median_min, p90_min,
    # and share_5 … for each of `minutes`. None: it cannot be told, or (times) so many households do not reach it.
    categories: pd.DataFrame
    times: pd.DataFrame  # origin_id, category, facility_id, walk_min

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
) -> LifeCircle:
    """Return by category the share of households that reach a facility on foot.

    Parameters
    ----------
    where : Site or WalkNetwork
        A site brings its own network, households (at their entrances) and facilities.
    origins : GeoDataFrame, optional
        Doors; a column ``households`` counts the households behind each, else each row is one.
    facilities : GeoDataFrame, optional
        With a column ``category``. Absent facilities are absent, not none: nothing can be told about them.
    minutes : sequence of float, default (5, 10, 15)
        For each of them the share of households within it is given.
    limits : mapping of str to float, optional
        The limit in minutes by which a category counts as served; the largest of `minutes` for categories not
        named. Every category named gets a row, even when there is no such facility.
    profile : str, default "adult"
        Whose speed is taken.
    snap_limit_m : float, default 200
        As in :func:`walk_times`.

    Returns
    -------
    LifeCircle
        Households that reach nothing count as not served; the median and the 90th percentile are over all
        households, and missing when that many do not reach the category at all.

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
    circles = _limits(minutes)
    limits = dict(limits or {})
    _limits([*limits.values(), *circles])
    speed = _speed(network, profile)
    drawn = gpd.GeoDataFrame({"category": []}, geometry=[]) if facilities is None else facilities
    found = search(network, origins, drawn, m_per_min=speed, bound=np.inf, snap_limit_m=snap_limit_m)
    walked = {name: one.minutes for name, one in zip(found.categories, found.found, strict=True)}
    weights = _weights(origins)
    nowhere = np.full(len(origins), np.nan)
    rows = [
        {
            "category": category,
            "facilities": None if facilities is None else int((found.category == category).sum()),
            "limit_min": float(limits.get(category, circles[-1])),
            "households": int(weights.sum()),
            **_served(
                None if facilities is None else walked.get(category, nowhere),
                weights,
                limit=float(limits.get(category, circles[-1])),
                circles=circles,
            ),
        }
        for category in sorted({*limits, *found.categories})
    ]
    columns = ["category", "facilities", "limit_min", "households", "served", "share", *_QUANTILES]
    columns += [f"share_{circle:g}" for circle in circles]
    return LifeCircle(
        profile=profile,
        m_per_min=speed,
        minutes=circles,
        households=int(weights.sum()),
        unsnapped_households=int(weights[found.unsnapped_origins].sum()),
        unsnapped_facilities=int(found.unsnapped_facilities.sum()),
        islands=len(network.islands),
        estimates=estimates,
        categories=pd.DataFrame(rows, columns=columns, dtype=object),
        times=found.pairs(),
    )


def _speed(network: WalkNetwork, profile: str) -> float:
    return (network if network.speeds is not None else network.with_speeds(default_speeds())).speed(profile)


def _limits(minutes: Sequence[float]) -> tuple[float, ...]:
    """Return limits ascending and once each."""
    limits = tuple(sorted({float(value) for value in minutes}))
    wrong = [value for value in limits if not (np.isfinite(value) and value > 0)]
    if wrong or not limits:
        raise UsageError(Message("access.minutes", minutes=tuple(str(value) for value in wrong)))
    return limits


def _weights(origins: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if "households" not in origins.columns:
        return np.ones(len(origins))
    return np.asarray(origins["households"], dtype=float)


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
