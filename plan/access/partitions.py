"""Walk times of a province in parts: each part is a value that another process or machine can work on.

A part holds the origins of one square cell, and of the network and the facilities whatever those origins can
have to do with within the limit. It is worked on like any network, so that its answers are those of
one run, to the last bit; edges and outlines are never divided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.many import nearest_facilities
from plan.access.times import speed_of
from plan.errors import InputError, UsageError
from plan.messages import Message
from plan.network.graph import WalkNetwork
from plan.network.kernel import TOLERANCE_MIN, NearestTimes
from plan.network.search import Search, geometries
from plan.network.snapping import SNAP_LIMIT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.speed import Pace

__all__ = ["Tile", "TileTimes", "partition", "search_in_parts", "walk_tile", "walk_times_in_parts"]

# Metres over ground in a minute, as a share of the level speed, that an edge may give without being a
# shortcut. Downhill one walks at most 1.19 times as fast (Tobler 1993: 6 km/h at -5 %, 5.04 km/h on the level).
_FASTEST: Final = 1.25
# Metres between a node and the end of a line drawn to it; ends that miss each other by 0.1 m are joined.
_GAP_M: Final = 1.0
# Side of a cell in reaches: the overlap then adds 1.25 times the area of the cells.
_REACHES: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tile:
    """The origins of one cell with all that they can reach; goes to another process."""

    column: int  # of the cell, counted from x = 0
    row: int  # from y = 0
    network: WalkNetwork
    origins: gpd.GeoDataFrame  # on their positions in the caller's frame; estate_id where they say it
    facilities: gpd.GeoDataFrame  # category; facility_id is the position in the caller's frame
    max_min: float
    profile: str
    snap_limit_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileTimes:
    """What was found in one tile; positions are those in the caller's frames."""

    origin: NDArray[np.int64]  # one row for each pair of origin and category that is reached
    facility: NDArray[np.int64]
    minutes: NDArray[np.float64]
    unsnapped: NDArray[np.int64]  # origins that touch no edge


def walk_times_in_parts(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
    cell_m: float | None = None,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
    map: Callable[..., Iterable[TileTimes]] = map,  # noqa: A002 - takes the place of the builtin
) -> pd.DataFrame:
    """Return the minutes from each origin to the nearest facility of each category, computed in parts.

    The answer is that of :func:`plan.access.walk_times`, to the last bit: a row for each origin in the order given,
    NaN where nothing is reached. (To 1e-9 minutes where some ways are private and all ways together take more than
    280,000 minutes, some 20,000 km: whole ticks are then coarser than in a part.)

    Tiles are made one after another. One after another (the default) a single tile is in memory beside the network;
    on a cluster two for each of its threads; ``pool.map`` of a process pool takes all of them at once.

    Parameters
    ----------
    network, origins, facilities, profile, snap_limit_m
        As in :func:`plan.access.walk_times`.
    max_min : float
        Minutes beyond which nothing is searched; finite, for the parts overlap by it.
    cell_m : float, optional
        Metres of the side of a cell; four times what is walked within `max_min` when it is not given.
    client : distributed.Client, optional
        A Dask cluster whose workers have this package; see :func:`plan.access.clusters.connect`.
    map : callable, optional
        What works on the tiles without a client: the builtin, or ``map`` of a
        :class:`concurrent.futures.ProcessPoolExecutor`.

    Returns
    -------
    DataFrame
        As in :func:`plan.access.walk_times`.

    Raises
    ------
    UsageError
        If `max_min` or `cell_m` is not a positive, finite number, or the profile has no speed.
    InputError
        If facilities have no category.
    UnavailableError
        If the cluster has no workers, or they lack this package.

    Examples
    --------
    A city from files, on the processors of this machine (needs ``pyarrow``)::

        import geopandas as gpd, pandas as pd
        from concurrent.futures import ProcessPoolExecutor
        from plan import WalkNetwork
        from plan.access import walk_times_in_parts

        if __name__ == "__main__":
            nodes = pd.read_parquet("perf_porto_alegre_walk_raw_nodes.parquet").set_index("node_id")
            edges = pd.read_parquet("perf_porto_alegre_walk_raw_edges.parquet")
            spots = gpd.GeoSeries.from_xy(nodes["lon"], nodes["lat"], crs=4326, index=nodes.index).to_crs(31982)
            nodes = nodes.assign(x=spots.x, y=spots.y)
            network = WalkNetwork.from_frames(nodes, edges)
            shops = nodes.sample(200, random_state=1).assign(category="shop")
            with ProcessPoolExecutor() as pool:
                times = walk_times_in_parts(network, nodes, shops, max_min=15, map=pool.map)

    On a cluster (``pip install "estate-plan[dask]"``)::

        from plan.access.clusters import connect

        with connect("tcp://10.0.0.5:8786") as client:
            times = walk_times_in_parts(network, nodes, shops, max_min=15, client=client)
    """
    return search_in_parts(
        network,
        origins,
        facilities,
        max_min=max_min,
        profile=profile,
        snap_limit_m=snap_limit_m,
        cell_m=cell_m,
        client=client,
        map=map,
    ).table()


def search_in_parts(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
    cell_m: float | None = None,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
    map: Callable[..., Iterable[TileTimes]] = map,  # noqa: A002 - takes the place of the builtin
) -> Search:
    """Find the nearest facility of each category for each origin, in parts.

    Parameters
    ----------
    network, origins, facilities, max_min, profile, snap_limit_m, cell_m, client, map
        As in :func:`walk_times_in_parts`.

    Returns
    -------
    Search
        What one search of the whole finds.
    """
    tiles = partition(
        network,
        origins,
        facilities,
        max_min=max_min,
        profile=profile,
        snap_limit_m=snap_limit_m,
        cell_m=cell_m,
    )
    if client is not None:
        from plan.access.clusters import on_cluster  # noqa: PLC0415 - the package is optional

        done: Iterable[TileTimes] = on_cluster(client, walk_tile, tiles)
    else:
        done = map(walk_tile, tiles)
    category = facilities["category"].astype(str).to_numpy(dtype=object)
    names, group = np.unique(category.astype(str), return_inverse=True)
    group = group.reshape(-1)
    minutes = np.full((len(names), len(origins)), np.nan)
    target = np.full(minutes.shape, -1, dtype=np.int64)
    off = ~_located(_bounds(geometries(origins, network)))
    for times in done:
        at = group[times.facility], times.origin
        minutes[at], target[at] = times.minutes, times.facility
        off[times.unsnapped] = True
    ids = facilities["facility_id"] if "facility_id" in facilities.columns else facilities.index
    return Search(
        index=origins.index,
        categories=tuple(names.tolist()),
        category=category,
        facility_id=np.asarray(ids, dtype=object),
        found=[NearestTimes(minutes=m, target=t) for m, t in zip(minutes, target, strict=True)],
        unsnapped_origins=off,
        unsnapped_facilities=_unsnapped(network, facilities, target, snap_limit_m),
    )


def partition(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    *,
    max_min: float,
    profile: str = "adult",
    snap_limit_m: float = SNAP_LIMIT_M,
    cell_m: float | None = None,
) -> Iterator[Tile]:
    """Divide walk times into tiles that can be worked on apart.

    Within t minutes nobody gets further than t times the fastest speed over ground, so a tile holds the edges and
    facilities that are so near, or within the snapping limit of what is. An edge that carries people faster
    over ground (1.25 times the level speed: one whose length is less than it is drawn, say) leads out of that
    circle: where it can be reached, its surroundings are part of the tile too.

    Parameters
    ----------
    network, origins, facilities, max_min, profile, snap_limit_m, cell_m
        As in :func:`walk_times_in_parts`.

    Returns
    -------
    iterator of Tile
        One for each cell with origins, by row and column, made when it is asked for. Origins without a
        place are in none.

    Raises
    ------
    UsageError
        If `max_min` or `cell_m` is not a positive, finite number, or the profile has no speed.
    InputError
        If facilities have no category.
    """
    if not (np.isfinite(max_min) and max_min > 0):
        raise UsageError(Message("parts.bound", bound=max_min))
    if cell_m is not None and not (np.isfinite(cell_m) and cell_m > 0):
        raise UsageError(Message("parts.cell", cell=cell_m))
    if "category" not in facilities.columns:
        raise InputError(Message("access.no_category"))
    if facilities["category"].isna().any():
        count = int(facilities["category"].isna().sum())
        raise InputError(Message("access.category_missing", count=count))
    speed = speed_of(network, profile)
    ground = _Ground.of(network, network.timed(speed), max_min=max_min)
    said = {
        name: origins[name].to_numpy() for name in ("estate_id",) if name in getattr(origins, "columns", ())
    }
    places = gpd.GeoDataFrame(said, geometry=geometries(origins, network), crs=network.crs)
    targets = gpd.GeoDataFrame(
        {"category": facilities["category"].to_numpy(), "facility_id": np.arange(len(facilities))},
        geometry=geometries(facilities, network),
        crs=network.crs,
    )
    side_m = cell_m if cell_m is not None else _REACHES * ground.reach_m
    return (
        Tile(
            column=column,
            row=row,
            network=part,
            origins=places.iloc[here],
            facilities=targets.iloc[there],
            max_min=max_min,
            profile=profile,
            snap_limit_m=snap_limit_m,
        )
        for column, row, here, there, part in _tiles(
            network, ground, places, targets, speed=speed, snap_limit_m=snap_limit_m, side_m=side_m
        )
    )


def walk_tile(tile: Tile) -> TileTimes:
    """Find the nearest facility of each category for each origin of a tile.

    Parameters
    ----------
    tile : Tile
        One of :func:`partition`.

    Returns
    -------
    TileTimes
        What is reached, and which origins touch no edge.
    """
    pairs = nearest_facilities(
        tile.network,
        tile.origins,
        tile.facilities,
        max_min=tile.max_min,
        profile=tile.profile,
        snap_limit_m=tile.snap_limit_m,
    )
    reached = pairs["origin_id"].to_numpy(dtype=np.int64)
    # Whoever reaches something touches an edge.
    rest = tile.origins[~tile.origins.index.isin(reached)]
    touch = tile.network.snap(np.asarray(rest.geometry.to_numpy(), dtype=object), limit_m=tile.snap_limit_m)
    return TileTimes(
        origin=reached,
        facility=pairs["facility_id"].to_numpy(dtype=np.int64),
        minutes=pairs["walk_min"].to_numpy(dtype=float),
        unsnapped=rest.index.to_numpy(dtype=np.int64)[touch.unsnapped],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """How far people get over ground, and the edges that carry them further."""

    reach_m: float  # metres from the door within which every walk stays that takes no shortcut
    shortcuts: NDArray[
        np.float64
    ]  # bounds of edges that are faster over ground than people, with their nodes

    @classmethod
    def of(cls, network: WalkNetwork, edges: TimedEdges, *, max_min: float) -> _Ground:
        lines = network.lines()
        xy = network.nodes[["x", "y"]].to_numpy(dtype=float)
        from_u = shapely.distance(shapely.get_point(lines, 0), shapely.points(xy[edges.u]))
        from_v = shapely.distance(shapely.get_point(lines, -1), shapely.points(xy[edges.v]))
        fastest_m_per_min = _FASTEST * edges.m_per_min
        # Closed in one direction: the minutes of that direction are infinite.
        minutes = np.minimum(edges.forward, edges.backward)
        far = edges.drawn_m + from_u + from_v > minutes * fastest_m_per_min + TOLERANCE_MIN
        shortcut = np.flatnonzero(far | (from_u > _GAP_M) | (from_v > _GAP_M))
        ends = np.stack([xy[edges.u[shortcut]], xy[edges.v[shortcut]]], axis=1)
        drawn = shapely.bounds(lines[shortcut]).reshape(-1, 4)
        low = np.minimum(ends.min(axis=1), drawn[:, :2])
        high = np.maximum(ends.max(axis=1), drawn[:, 2:])
        return cls(
            # A walk leaves its first line and enters its last one across a gap each.
            reach_m=max_min * fastest_m_per_min + 2 * _GAP_M,
            shortcuts=np.concatenate([low, high], axis=1),
        )

    def around(self, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the boxes that people from within `bounds` stay in; a shortcut leads to a box of its own."""
        boxes = [_grown(bounds, self.reach_m)]
        left = self.shortcuts
        for box in boxes:  # grows
            taken = _meet(left, box)
            boxes.extend(_grown(left[taken], self.reach_m))
            left = left[~taken]
        return np.array(boxes)


def _tiles(
    network: WalkNetwork,
    ground: _Ground,
    places: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    *,
    speed: float | Pace,
    snap_limit_m: float,
    side_m: float,
) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64], WalkNetwork]]:
    """Yield column, row, positions of origins and facilities, and the network of each cell."""
    tree = shapely.STRtree(network.lines())
    bounds = _bounds(np.asarray(places.geometry.to_numpy(), dtype=object))
    target_bounds = _bounds(np.asarray(targets.geometry.to_numpy(), dtype=object))
    located = np.flatnonzero(_located(bounds))
    cell = np.floor((bounds[located, :2] + bounds[located, 2:]) / 2 / side_m)
    cells, which = np.unique(cell[:, ::-1], axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")
    groups = np.split(located[order], np.cumsum(np.bincount(which.reshape(-1)))[:-1])
    for (row, column), here in zip(cells, groups, strict=False):
        own = bounds[here]
        boxes = ground.around(np.concatenate([own[:, :2].min(axis=0), own[:, 2:].max(axis=0)]))
        there = np.zeros(len(targets), dtype=bool)
        for box in boxes:
            there |= _meet(target_bounds, box)
        # What a place can touch decides what it does touch, so all of it belongs to the tile.
        reach = _grown(np.concatenate([boxes, target_bounds[there]]), snap_limit_m)
        near = np.asarray(shapely.box(*reach.T))
        keep = np.unique(tree.query(near)[1])
        part = network.part(keep, obstructions=network.obstructions.near(near), m_per_min=speed)
        yield int(column), int(row), here, np.flatnonzero(there), part


def _unsnapped(
    network: WalkNetwork, facilities: gpd.GeoDataFrame, target: NDArray[np.int64], snap_limit_m: float
) -> NDArray[np.bool_]:
    """Return which facilities touch no edge; whatever somebody reaches does touch one."""
    off = np.ones(len(facilities), dtype=bool)
    off[target[target >= 0]] = False
    unknown = np.flatnonzero(off)
    touch = network.snap(geometries(facilities, network)[unknown], limit_m=snap_limit_m)
    off[unknown] = touch.unsnapped
    return off


def _bounds(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the bounds of the usable parts of geometries; NaN where there is none."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    own = shapely.bounds(parts).reshape(-1, 4)
    usable = _located(own)
    low = np.full((len(shapes), 2), np.inf)
    high = np.full((len(shapes), 2), -np.inf)
    np.minimum.at(low, owner[usable], own[usable, :2])
    np.maximum.at(high, owner[usable], own[usable, 2:])
    found = np.concatenate([low, high], axis=1)
    found[~_located(found)] = np.nan
    return found


def _located(bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(bounds).all(axis=1))


def _grown(bounds: NDArray[np.float64], by_m: float) -> NDArray[np.float64]:
    return np.asarray(bounds + np.array([-by_m, -by_m, by_m, by_m]))


def _meet(bounds: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which bounds meet a box; those that are NaN meet none."""
    return np.asarray((bounds[:, :2] <= box[2:]).all(axis=1) & (bounds[:, 2:] >= box[:2]).all(axis=1))
