"""Pieces of a network that nothing connects, and the gaps that would join them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.findings import Problem
from plan.messages import Bilingual, Message
from plan.network.walls import CROSSES_BUILDING, CROSSES_NOTHING, CROSSES_WALL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork
    from plan.network.snapping import Snapped

__all__ = ["CROSSINGS", "adrift", "island_gaps", "islands_problem"]

# What the straight line over a gap crosses.
CROSSINGS: Final = {
    CROSSES_NOTHING: "nothing",
    CROSSES_BUILDING: "building",
    CROSSES_WALL: "wall",
}
_ON_WALL_M: Final = 1e-3  # metres from a wall within which the end of a way lies on it
_NAMED: Final = 3  # gaps written out in a sentence
_CROSSING: Final = Bilingual("相交而不相接，或为立交", "they cross without meeting; one may be a bridge")
_CURES: Final = {
    CROSSES_NOTHING: Bilingual("中间没有障碍", "nothing lies between"),
    CROSSES_BUILDING: Bilingual("中间有建筑", "a building lies between"),
    CROSSES_WALL: Bilingual("隔着围墙或关闭的大门", "a wall or a shut gate lies between"),
}


def island_gaps(network: WalkNetwork) -> gpd.GeoDataFrame:
    """Return for each piece of a network the nearest place where it could join the largest one.

    Parameters
    ----------
    network : WalkNetwork
        The network.

    Returns
    -------
    GeoDataFrame
        One row for each piece but the largest, by gap: ``island`` (1, 2, … by number of edges), ``edges``,
        ``length_m``, ``gap_m`` (metres, straight; 0 where ways cross without meeting, or a wall cuts one),
        ``crosses`` (``nothing``, ``building`` or ``wall``), ``way_id`` and ``main_way_id`` (the ways at both ends,
        None where ways have no ids), ``geometry`` (the straight line from the piece to the largest one).
    """
    label = network.pieces()
    lines = network.lines()
    edges = network.edges
    ids = edges["way_id"].to_numpy(dtype=object) if "way_id" in edges else np.full(len(edges), None)
    size = np.bincount(label) if len(label) else np.zeros(0, dtype=np.int64)
    order = np.argsort(-size, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    island = rank[label]
    main, apart = np.flatnonzero(island == 0), np.flatnonzero(island > 0)
    columns = ["island", "edges", "length_m", "gap_m", "crosses", "way_id", "main_way_id"]
    if not apart.size:
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=network.crs)
    (one, other), gap = shapely.STRtree(lines[main]).query_nearest(
        lines[apart], return_distance=True, all_matches=False
    )
    first = np.lexsort((apart[one], gap, island[apart[one]]))
    _, where = np.unique(island[apart[one[first]]], return_index=True)
    best = first[where]
    here, there = apart[one[best]], main[other[best]]
    straight = shapely.shortest_line(lines[here], lines[there])
    ends = shapely.get_coordinates(straight).reshape(-1, 2, 2)
    crossed = network.obstructions.crossed(ends[:, 0], ends[:, 1])
    # A wall that cuts a way leaves no gap between its sides.
    touching = gap[best] == 0
    if touching.any():
        on_wall = np.zeros(len(best), dtype=bool)
        on_wall[network.obstructions.near_points(ends[:, 0], _ON_WALL_M)[0]] = True
        crossed = np.where(touching & on_wall, CROSSES_WALL, crossed)
    lengths = np.bincount(island, weights=edges["length_m"].to_numpy(dtype=float))
    found = gpd.GeoDataFrame(
        {
            "island": island[here],
            "edges": size[order][island[here]],
            "length_m": lengths[island[here]],
            "gap_m": gap[best],
            "crosses": [CROSSINGS[int(one)] for one in crossed],
            "way_id": ids[here],
            "main_way_id": ids[there],
        },
        geometry=straight,
        crs=network.crs,
    )
    return found.sort_values(["gap_m", "island"], kind="stable", ignore_index=True)


def adrift(network: WalkNetwork, places: Snapped) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Tell which places touch the network only where nothing leads to its largest piece.

    Parameters
    ----------
    network : WalkNetwork
        The network.
    places : Snapped
        Places on it.

    Returns
    -------
    tuple of array of bool, tuple of str
        By place; and the ways that those touch, the most touched first, as far as ways have ids.
    """
    pieces = network.pieces()
    away = pieces != np.bincount(pieces).argmax() if len(pieces) else np.zeros(0, dtype=bool)
    alone = np.zeros(places.count, dtype=bool)
    alone[places.owner[away[places.edge]]] = True
    alone[places.owner[~away[places.edge]]] = False
    edges = network.edges
    if "way_id" not in edges.columns:
        return alone, ()
    touched = edges["way_id"].iloc[places.edge[alone[places.owner]]].dropna().astype(str)
    # Of equally many the first by name.
    counts = touched.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return alone, tuple(str(way) for way in counts.index)


def islands_problem(network: WalkNetwork) -> tuple[Problem, ...]:
    """Tell that a network falls into pieces, and what would join them; nothing when it is one."""
    islands = network.islands
    if len(islands) <= 1:
        return ()
    gaps = island_gaps(network)
    says = {CROSSINGS[code]: text for code, text in _CURES.items()}
    nearest = tuple(
        Message(
            "network.gap",
            way=way,
            main=main,
            gap=f"{gap:.1f}",
            crosses=_CROSSING if gap == 0 and crosses == CROSSINGS[CROSSES_NOTHING] else says[crosses],
        )
        for way, main, gap, crosses in zip(
            gaps["way_id"], gaps["main_way_id"], gaps["gap_m"], gaps["crosses"], strict=True
        )
    )[:_NAMED]
    return (
        Problem(
            id="PLAN-NET-005",
            severity="warning",
            effect="noted",
            layer="walkways",
            features=tuple(dict.fromkeys(str(one) for one in gaps["way_id"] if one is not None)),
            message=Message("network.islands", count=len(islands), rest=sum(islands[1:]), edges=sum(islands)),
            cure=Message("network.islands_cure", gaps=nearest),
        ),
    )
