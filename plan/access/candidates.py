"""Where a facility that is missing would serve most: a plain search over candidate places.

No capacity, no cost, no zoning; only a category that needs ground of its own is not put into a room. It says where
the households are that go without, and which place is within their walk; whether there is room is for a planner to
see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.completeness import reached
from plan.access.doors import Doors
from plan.access.people import People
from plan.access.times import walk_times
from plan.errors import UsageError
from plan.location import max_coverage
from plan.messages import Message
from plan.network.kernel import TOLERANCE_MIN
from plan.network.snapping import SNAP_LIMIT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.access.circle import LifeCircle
    from plan.network.graph import WalkNetwork
    from plan.site import Site

__all__ = ["MOST_CANDIDATES", "best_sites", "site_candidates"]

# Candidates at most: one bounded search each.
MOST_CANDIDATES: Final = 300
# Metres between a home and a node of the network that is tried as a place: five minutes at 60 m/min.
NEAR_HOME_M: Final = 300.0
# Metres between a corner and the ways that meet there.
AT_CORNER_M: Final = 0.5
# Categories that no room in a building houses: they need ground of their own, or a road. This tool's own list.
NEEDS_GROUND: Final = (
    "park", "fitness_ground", "small_sports_ground", "medium_sports_ground", "sports_centre", "kindergarten",
    "primary_school", "middle_school", "nursing_home", "hospital", "bus_stop", "metro_station",
)  # fmt: skip
# Which kinds are kept first when there are too many: rooms that are on offer, then ground, gates, corners of streets.
_KINDS: Final = ("room", "open_space", "gate", "node")
_COLUMNS: Final = (
    "category", "limit_min", "facilities", "rank", "candidate_id", "kind", "name", "households", "share_before",
    "share_after",
)  # fmt: skip
# Seconds after which the best set that was found is taken; it is never worse than taking one after the other.
_COVER_SECONDS: Final = 20.0


def site_candidates(
    site: Site,
    network: WalkNetwork,
    *,
    homes: gpd.GeoSeries | None = None,
    most: int = MOST_CANDIDATES,
) -> gpd.GeoDataFrame:
    """Return places where a facility might go: rooms on offer, open spaces, gates, and corners of the walkways.

    When there are more than `most`, rooms go before open spaces, gates and corners; each kind is thinned on a grid.

    Parameters
    ----------
    site : Site
        With ``rooms``, ``open_spaces``, ``entrances`` and ``buildings`` as far as there are any.
    network : WalkNetwork
        Its nodes are the corners.
    homes : GeoSeries, optional
        Doors; corners more than 300 m from all of them are left out.
    most : int, default 300
        Candidates at most.

    Returns
    -------
    GeoDataFrame
        ``candidate_id``, ``kind`` (room, open_space, gate, node), ``name`` (None where it has none), geometry.

    Raises
    ------
    UsageError
        If `most` is not positive.
    """
    if most < 1:
        raise UsageError(Message("access.most_candidates", most=most))
    parts = [_rooms(site), _spaces(site), _gates(site), _corners(site, network, homes)]
    kept: list[pd.DataFrame] = []
    left = most
    for kind, part in zip(_KINDS, parts, strict=True):
        thin = _thinned(part.sort_values("candidate_id", kind="stable"), left)
        left -= len(thin)
        kept.append(thin.assign(kind=kind))
    frame = pd.concat([part for part in kept if len(part)] or kept, ignore_index=True)
    crs = network.crs if network.crs is not None else site.crs
    return gpd.GeoDataFrame(frame[["candidate_id", "kind", "name", "geometry"]], geometry="geometry", crs=crs)


def best_sites(
    network: WalkNetwork,
    life: LifeCircle,
    candidates: gpd.GeoDataFrame,
    *,
    sites: int = 1,
    snap_limit_m: float = SNAP_LIMIT_M,
) -> gpd.GeoDataFrame:
    """Find for each category the candidate that serves most households who go without it.

    Several sites are the set of as many that serves most (the maximal covering problem of Church and ReVelle 1974,
    solved exactly), told in the order in which each adds most to those before it. Taking one site after the other
    may serve less, down to 63 % (1 - 1/e, Nemhauser, Wolsey and Fisher 1978). Of equal gains a room on offer counts before an open space, a gate and a mere corner, for there
    something can stand; then what is nearer to those it serves; then the first.

    Parameters
    ----------
    network : WalkNetwork
        The network on which the life circle was found.
    life : LifeCircle
        What households reach now.
    candidates : GeoDataFrame
        ``candidate_id``, ``kind``, ``name`` and geometry, as from :func:`site_candidates`.
    sites : int, default 1
        Sites for each category.
    snap_limit_m : float, default 200
        As in :func:`plan.access.walk_times`.

    Returns
    -------
    GeoDataFrame
        For each category that some households go without: ``category``, ``limit_min``, ``facilities`` (now),
        ``rank``, ``candidate_id``, ``kind``, ``name``, ``households`` (newly served), ``share_before``,
        ``share_after`` (with the sites up to this one) and the geometry, a Point. Where no candidate serves anyone
        there is one row without a candidate. The most households come first.

    Raises
    ------
    UsageError
        If `sites` is not positive.
    """
    if sites < 1:
        raise UsageError(Message("access.sites", sites=sites))
    crs = getattr(candidates, "crs", None)
    within, weights = reached(life), People.of(life.origins).households
    told = [row for row in life.categories.to_dict("records") if row["share"] is not None]
    without = {
        str(row["category"]): ~within[row["category"]].to_numpy()
        if row["category"] in within
        else np.ones(len(weights), dtype=bool)
        for row in told
    }
    told = [row for row in told if weights[without[str(row["category"])]].sum() > 0]
    rows: list[dict[str, Any]] = []
    if told:
        anyone = np.logical_or.reduce([without[str(row["category"])] for row in told])
        doors = Doors.of(life.origins[anyone], network)
        walked = _walk(
            network,
            life,
            doors.frame,
            candidates,
            max_min=max(float(row["limit_min"]) for row in told),
            snap_limit_m=snap_limit_m,
        )
        for row in told:
            need = doors.sum(np.where(without[str(row["category"])], weights, 0.0)[anyone])
            rows += _sites(row, need, walked, candidates, total=float(weights.sum()), sites=sites)
    rows.sort(key=lambda row: (row["rank"], -row["households"], row["category"]))
    frame = pd.DataFrame(rows, columns=[*_COLUMNS, "geometry"], dtype=object)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=crs)


def _walk(
    network: WalkNetwork,
    life: LifeCircle,
    doors: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    max_min: float,
    snap_limit_m: float,
) -> NDArray[np.float64]:
    """Return the minutes from each door to each candidate; NaN beyond the bound."""
    order = [f"{number:09d}" for number in range(len(candidates))]
    if not order:
        return np.zeros((len(doors), 0))
    # Each candidate is a category of its own: one search each, from the candidate back to the doors.
    places = gpd.GeoDataFrame(
        {"category": order}, geometry=candidates.geometry.to_numpy(), crs=candidates.crs
    )
    times = walk_times(
        network,
        doors,
        places,
        max_min=max_min + TOLERANCE_MIN,
        profile=life.profile,
        snap_limit_m=snap_limit_m,
    )
    return np.asarray(times[order].to_numpy())


def _sites(
    row: dict[Any, Any],
    need: NDArray[np.float64],
    walked: NDArray[np.float64],
    candidates: gpd.GeoDataFrame,
    *,
    total: float,
    sites: int,
) -> list[dict[str, Any]]:
    """Choose the candidates for one category that together serve most."""
    near = walked <= float(row["limit_min"]) + TOLERANCE_MIN
    if row["category"] in NEEDS_GROUND:
        near = near & (candidates["kind"] != "room").to_numpy(dtype=bool)
    found = _in_turn(row, need, walked, near, candidates, total=total, sites=sites)
    if sites == 1 or len(found) < sites:
        return found
    best = max_coverage(np.where(near, 0.0, np.inf), need, sites, 0.0, time_limit_s=_COVER_SECONDS)
    if best.objective <= sum(one["households"] for one in found):
        return found
    only = np.zeros(near.shape[1], dtype=bool)
    only[best.chosen] = True
    return _in_turn(row, need, walked, near & only, candidates, total=total, sites=sites)


def _in_turn(
    row: dict[Any, Any],
    need: NDArray[np.float64],
    walked: NDArray[np.float64],
    near: NDArray[np.bool_],
    candidates: gpd.GeoDataFrame,
    *,
    total: float,
    sites: int,
) -> list[dict[str, Any]]:
    """Choose candidates for one category, each time the one that adds most."""
    limit, served = float(row["limit_min"]), float(row["served"])
    minutes = np.where(near, walked, 0.0)
    kind = np.array([_KINDS.index(k) if k in _KINDS else len(_KINDS) for k in candidates["kind"]])
    need = need.copy()
    chosen: list[dict[str, Any]] = []
    before = served / total
    for rank in range(1, sites + 1):
        gain = need @ near
        best = int(np.lexsort((need @ minutes, kind, -gain))[0]) if len(gain) and gain.max() > 0 else -1
        if best < 0 and chosen:
            break
        added = float(gain[best]) if best >= 0 else 0.0
        served += added
        found = candidates.iloc[best] if best >= 0 else None
        chosen.append(
            {
                "category": row["category"],
                "limit_min": limit,
                "facilities": row["facilities"],
                "rank": rank,
                "candidate_id": None if found is None else found["candidate_id"],
                "kind": None if found is None else found["kind"],
                "name": None if found is None else found["name"],
                "households": int(added),
                "share_before": before,
                "share_after": served / total,
                "geometry": None if found is None else shapely.point_on_surface(found["geometry"]),
            }
        )
        if best < 0:
            break
        before = served / total
        need[near[:, best]] = 0.0
    return chosen


# --- candidates ------------------------------------------------------------------------------------


def _part(ids: Any, names: Any, shapes: Any) -> pd.DataFrame:  # noqa: ANN401 - columns
    frame = pd.DataFrame({"candidate_id": ids, "name": names, "geometry": shapes}, dtype=object)
    there = [shape is not None and not shape.is_empty for shape in frame["geometry"]]
    return frame[np.array(there, dtype=bool)]


def _names(frame: pd.DataFrame) -> list[str | None]:
    if "name" not in frame.columns:
        return [None] * len(frame)
    return [name if isinstance(name, str) and name.strip() else None for name in frame["name"]]


def _rooms(site: Site) -> pd.DataFrame:
    if not site.has("rooms"):
        return _part([], [], [])
    rooms = site.layer("rooms")
    state = rooms["state"] if "state" in rooms.columns else pd.Series(None, index=rooms.index)
    rooms = rooms[(state == "candidate").to_numpy(dtype=bool, na_value=False)]
    homes: dict[Any, Any] = {}
    if site.has("buildings"):
        buildings = site.layer("buildings")
        homes = dict(zip(buildings["building_id"], buildings.geometry, strict=True))
    owners = rooms["building_id"] if "building_id" in rooms.columns else [None] * len(rooms)
    # A room in a table stands in its building.
    shapes = [
        homes.get(owner) if shape is None or shape.is_empty else shape
        for owner, shape in zip(owners, rooms.geometry, strict=True)
    ]
    return _part(rooms["room_id"].to_numpy(), _names(rooms), shapes)


def _spaces(site: Site) -> pd.DataFrame:
    if not site.has("open_spaces"):
        return _part([], [], [])
    spaces = site.layer("open_spaces")
    return _part(spaces["space_id"].to_numpy(), _names(spaces), spaces.geometry.to_numpy())


def _gates(site: Site) -> pd.DataFrame:
    if not site.has("entrances"):
        return _part([], [], [])
    gates = site.layer("entrances")
    gates = gates[(gates["kind"] == "gate").to_numpy(dtype=bool)]
    return _part(gates["entrance_id"].to_numpy(), _names(gates), gates.geometry.to_numpy())


def _corners(site: Site, network: WalkNetwork, homes: gpd.GeoSeries | None) -> pd.DataFrame:
    nodes = network.nodes
    points = np.asarray(shapely.points(nodes[["x", "y"]].to_numpy(float)), dtype=object)
    ids = np.array([f"node {node}" for node in nodes.index], dtype=object)
    if homes is not None:
        doors = homes[~(homes.isna() | homes.is_empty)].drop_duplicates().to_numpy()
        near = np.unique(shapely.STRtree(points).query(doors, predicate="dwithin", distance=NEAR_HOME_M)[1])
        points, ids = points[near], ids[near]
    return _part(ids, _streets(site, points), points)


def _streets(site: Site, points: NDArray[Any]) -> list[str | None] | None:
    """Return what the ways that meet at each point are called, joined; None where none has a name."""
    if not site.has("walkways") or "name" not in site.layers["walkways"]:
        return None
    ways = site.layer("walkways")
    ways = ways[ways["name"].notna() & ways.geometry.notna()]
    tree = shapely.STRtree(ways.geometry.to_numpy())
    at, way = tree.query(points, predicate="dwithin", distance=AT_CORNER_M)
    called: dict[int, set[str]] = {}
    names = ways["name"].astype(str).tolist()
    for point, number in zip(at.tolist(), way.tolist(), strict=True):
        called.setdefault(point, set()).add(names[number])
    return [" / ".join(sorted(called[k])) if k in called else None for k in range(len(points))]


def _thinned(part: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep at most so many places, spread evenly: in each cell of a grid the one nearest to its middle."""
    if len(part) <= most:
        return part
    if most < 1:
        return part.iloc[:0]
    xy = shapely.get_coordinates(shapely.point_on_surface(part["geometry"].to_numpy()))
    low, size = xy.min(axis=0), max(float(np.ptp(xy, axis=0).max()), 1.0)
    cells = int(np.ceil(np.sqrt(most))) * 4
    while True:
        step = size / cells
        cell = np.floor((xy - low) / step)
        off = np.hypot(*(xy - low - (cell + 0.5) * step).T)
        order = np.lexsort((np.arange(len(xy)), off, cell[:, 1], cell[:, 0]))
        new = np.any(np.diff(cell[order], axis=0, prepend=np.nan) != 0, axis=1)
        kept = np.sort(order[new])
        if len(kept) <= most:
            return part.iloc[kept]
        cells -= 1
