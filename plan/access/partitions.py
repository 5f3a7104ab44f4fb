"""Walk times of a province in parts: each part is a value that another process or machine can work on.

All places are taken to the network once. A part then holds the origins of one square cell, and of the edges and
facilities whatever those origins can have to do with within the limit, so that its answers are those of
one run, to the last bit; edges are never divided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.times import speed_of
from plan.errors import UsageError
from plan.messages import Message
from plan.network.graph import WalkNetwork
from plan.network.kernel import TOLERANCE_MIN, NearestTimes, nearest
from plan.network.search import Asked, Search
from plan.network.snapping import SNAP_LIMIT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped

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
    edges: TimedEdges  # with the minutes of the whole network, and its ticks
    starts: Snapped  # of the origins
    ends: Snapped  # of the facilities
    group: NDArray[np.int64]  # of each facility, 0..k-1
    categories: NDArray[np.int64]  # of each group, its position among all categories
    origins: NDArray[np.int64]  # positions in the caller's frame
    facilities: NDArray[np.int64]  # the same
    max_min: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TileTimes:
    """What was found in one tile; positions are those in the caller's frames."""

    origins: NDArray[np.int64]
    categories: NDArray[np.int64]
    minutes: NDArray[np.float64]  # categories by origins, NaN where none is reached
    target: NDArray[np.int64]  # the facility, -1 where none is reached


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
    NaN where nothing is reached.

    The network, the places on it and the answer are held here, the searches where the tiles are worked on. By default
    one tile at a time is made and worked on; on a cluster two for each of its threads are on their way;
    ``pool.map`` of a process pool takes all of them at once. On the streets of Porto Alegre (45,719 and 258,790 edges,
    20,000 origins, 15 min) the tiles held 2.3 times the edges of the network at the usual side, in 75 to 85 bytes for
    each edge.

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
    _check(max_min, cell_m)
    asked = Asked.of(network, origins, facilities, bound=max_min, snap_limit_m=snap_limit_m)
    tiles = _tiles(network, origins, asked, max_min=max_min, profile=profile, cell_m=cell_m)
    if client is not None:
        from plan.access.clusters import on_cluster  # noqa: PLC0415 - the package is optional

        done: Iterable[TileTimes] = on_cluster(client, walk_tile, tiles)
    else:
        done = map(walk_tile, tiles)
    minutes = np.full((len(asked.categories), asked.starts.count), np.nan)
    target = np.full(minutes.shape, -1, dtype=np.int64)
    for times in done:
        at = np.ix_(times.categories, times.origins)
        minutes[at], target[at] = times.minutes, times.target
    return Search(
        index=origins.index,
        categories=asked.categories,
        category=asked.category,
        facility_id=asked.facility_id,
        found=[NearestTimes(minutes=m, target=t) for m, t in zip(minutes, target, strict=True)],
        unsnapped_origins=asked.starts.unsnapped,
        unsnapped_facilities=asked.ends.unsnapped,
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
    the facilities that are so near. An edge that carries people faster over ground (1.25 times the level
    speed: one whose length is less than it is drawn, say) leads out of that circle: where it can be reached,
    its surroundings are part of the tile too.

    Parameters
    ----------
    network, origins, facilities, max_min, profile, snap_limit_m, cell_m
        As in :func:`walk_times_in_parts`.

    Returns
    -------
    iterator of Tile
        One for each cell with origins, by row and column, made when it is asked for; where ways are private, one
        for each cell and estate. Origins that are not on the network are in none.

    Raises
    ------
    UsageError
        If `max_min` or `cell_m` is not a positive, finite number, or the profile has no speed.
    InputError
        If facilities have no category.
    """
    _check(max_min, cell_m)
    asked = Asked.of(network, origins, facilities, bound=max_min, snap_limit_m=snap_limit_m)
    return _tiles(network, origins, asked, max_min=max_min, profile=profile, cell_m=cell_m)


def walk_tile(tile: Tile) -> TileTimes:
    """Find the nearest facility of each category for each origin of a tile.

    Parameters
    ----------
    tile : Tile
        One of :func:`partition`.

    Returns
    -------
    TileTimes
        What is reached.
    """
    # A worker has a processor for each of its tiles.
    found = nearest(tile.edges, tile.starts, tile.ends, tile.group, max_min=tile.max_min, threads=1)
    shape = len(tile.categories), len(tile.origins)
    target = np.array([one.target for one in found], dtype=np.int64).reshape(shape)
    known = target >= 0
    target[known] = tile.facilities[target[known]]
    return TileTimes(
        origins=tile.origins,
        categories=tile.categories,
        minutes=np.array([one.minutes for one in found], dtype=float).reshape(shape),
        target=target,
    )


def _check(max_min: float, cell_m: float | None) -> None:
    if not (np.isfinite(max_min) and max_min > 0):
        raise UsageError(Message("parts.bound", bound=max_min))
    if cell_m is not None and not (np.isfinite(cell_m) and cell_m > 0):
        raise UsageError(Message("parts.cell", cell=cell_m))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """How far people get over ground, and the edges that carry them further."""

    reach_m: float  # metres from the edge within which every walk stays that takes no shortcut
    shortcuts: NDArray[
        np.float64
    ]  # bounds of edges that are faster over ground than people, with their nodes
    tree: shapely.STRtree  # of all edges

    @classmethod
    def of(cls, network: WalkNetwork, edges: TimedEdges, *, max_min: float) -> _Ground:
        lines = network.lines()
        from_u = shapely.distance(shapely.get_point(lines, 0), shapely.points(edges.xy[edges.u]))
        from_v = shapely.distance(shapely.get_point(lines, -1), shapely.points(edges.xy[edges.v]))
        fastest_m_per_min = _FASTEST * edges.m_per_min
        # Closed in one direction: the minutes of that direction are infinite.
        minutes = np.minimum(edges.forward, edges.backward)
        far = edges.drawn_m + from_u + from_v > minutes * fastest_m_per_min + TOLERANCE_MIN
        shortcut = np.flatnonzero(far | (from_u > _GAP_M) | (from_v > _GAP_M))
        ends = np.stack([edges.xy[edges.u[shortcut]], edges.xy[edges.v[shortcut]]], axis=1)
        drawn = shapely.bounds(lines[shortcut]).reshape(-1, 4)
        low = np.minimum(ends.min(axis=1), drawn[:, :2])
        high = np.maximum(ends.max(axis=1), drawn[:, 2:])
        return cls(
            # A walk leaves its first line and enters its last one across a gap each.
            reach_m=max_min * fastest_m_per_min + 2 * _GAP_M,
            shortcuts=np.concatenate([low, high], axis=1),
            tree=shapely.STRtree(lines),
        )

    def around(self, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the boxes that people from within `bounds` stay in; a shortcut leads to a box of its own."""
        boxes = [_grown(bounds, self.reach_m)]
        left = self.shortcuts
        for box in boxes:  # grows
            taken = (left[:, :2] <= box[2:]).all(axis=1) & (left[:, 2:] >= box[:2]).all(axis=1)
            boxes.extend(_grown(left[taken], self.reach_m))
            left = left[~taken]
        return np.array(boxes)


def _tiles(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    asked: Asked,
    *,
    max_min: float,
    profile: str,
    cell_m: float | None,
) -> Iterator[Tile]:
    pace = speed_of(network, profile)
    ground = _Ground.of(network, network.timed(pace), max_min=max_min)
    side_m = cell_m if cell_m is not None else _REACHES * ground.reach_m
    return (
        _tile(edges, ground, asked, rows, side_m=side_m, max_min=max_min)
        for edges, here in asked.by_estate(network, origins, pace)
        for rows in _cells(asked.starts, here, side_m)
    )


def _cells(starts: Snapped, here: NDArray[np.bool_], side_m: float) -> Iterator[NDArray[np.int64]]:
    """Yield the rows of the origins of each cell; all rows of an origin are in the cell of its first one."""
    rows = np.flatnonzero(here[starts.owner])
    if not len(rows):
        return
    owners, first, owner = np.unique(starts.owner[rows], return_index=True, return_inverse=True)
    cell = np.floor(starts.foot[rows[first]] / side_m)[:, ::-1]
    _, which = np.unique(cell.reshape(len(owners), 2), axis=0, return_inverse=True)
    number = which.reshape(-1)[owner.reshape(-1)]
    order = np.argsort(number, kind="stable")
    yield from np.split(rows[order], np.cumsum(np.bincount(number))[:-1])


def _tile(
    edges: TimedEdges,
    ground: _Ground,
    asked: Asked,
    rows: NDArray[np.int64],
    *,
    side_m: float,
    max_min: float,
) -> Tile:
    """Gather what the origins of some rows can reach."""
    foot = asked.starts.foot[rows]
    boxes = ground.around(np.concatenate([foot.min(axis=0), foot.max(axis=0)]))
    near = np.zeros(len(asked.ends.owner), dtype=bool)
    for box in boxes:
        near |= ((asked.ends.foot >= box[:2]) & (asked.ends.foot <= box[2:])).all(axis=1)
    starts, ends = asked.starts.take(rows), asked.ends.take(np.flatnonzero(near))
    drawn = ground.tree.query(shapely.box(*boxes.T))[1]
    keep = np.unique(np.concatenate([drawn, starts.edge, ends.edge]))
    nodes, both = np.unique(np.concatenate([edges.u[keep], edges.v[keep]]), return_inverse=True)
    u, v = both.reshape(2, -1)
    here, starts = _alone(starts, keep)
    there, ends = _alone(ends, keep)
    categories, group = np.unique(asked.group[there], return_inverse=True)
    column, row = np.floor(foot[0] / side_m)
    return Tile(
        column=int(column),
        row=int(row),
        edges=edges.part(nodes, keep, u, v),
        starts=starts,
        ends=ends,
        group=group.reshape(-1),
        categories=categories,
        origins=here,
        facilities=there,
        max_min=max_min,
    )


def _alone(places: Snapped, keep: NDArray[np.int64]) -> tuple[NDArray[np.int64], Snapped]:
    """Return which places these are, and the same counted among themselves, on the edges that are kept."""
    owners, owner = np.unique(places.owner, return_inverse=True)
    edge = np.searchsorted(keep, places.edge)
    return owners, replace(places, count=len(owners), owner=owner.reshape(-1), edge=edge)


def _grown(bounds: NDArray[np.float64], by_m: float) -> NDArray[np.float64]:
    return np.asarray(bounds + np.array([-by_m, -by_m, by_m, by_m]))
