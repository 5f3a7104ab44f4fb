"""Choosing for all stairwells at once, so that no two elevators get into each other's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np
import shapely

from plan.elevators.clearances import TOLERANCE_M, TOUCH_M2, Positions, common_m2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.elevators.surroundings import Surroundings

__all__ = ["choose"]

_DEEP: Final = 12  # positions of a stairwell that are weighed against those of its neighbours
_NODES: Final = 20_000  # of a search among neighbours, at most
_MANY: Final = 60  # neighbours that are not searched through, but served one by one


def choose(
    ranked: Mapping[int, Sequence[int]],
    positions: Positions,
    around: Surroundings,
    *,
    separation_m: float,
    fire_lane_m: float = 0.0,
) -> tuple[dict[int, int], dict[int, int]]:
    """Choose a position for each stairwell.

    Parameters
    ----------
    ranked : mapping of int to sequence of int
        By stairwell: its positions, best first.
    positions : Positions
        Of all.
    around : Surroundings
        With buildings, of which some share a wall.
    separation_m : float
        Between elevators of two buildings, as each counts as part of its own.
    fire_lane_m : float, default 0
        That two elevators on both sides of a fire lane leave between them.

    Returns
    -------
    dict of int to int
        The position of each stairwell that gets one: as many as possible, then the best ranks together.
    dict of int to int
        Of each that gets none, the stairwell in whose way it would be.

    Notes
    -----
    Stairwells whose positions meet are first served one by one, those with the fewest positions first. Up to 60 of them
    are then searched together, depth first, the best ranks first; a branch ends when it cannot be better than what was
    found. A search of more than 20,000 steps keeps the best found so far.
    """
    stairs = {stair: tuple(order)[:_DEEP] for stair, order in ranked.items() if order}
    owner = {p: stair for stair, order in stairs.items() for p in order}
    listed = np.array(sorted(owner), dtype=np.int64)
    clash = _clashes(listed, owner, positions, around, limits_m=(separation_m, fire_lane_m))
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(stairs)
    graph.add_edges_from((owner[a], owner[b]) for a, others in clash.items() for b in others)
    chosen: dict[int, int] = {}
    for group in nx.connected_components(graph):
        chosen |= _search(sorted(group), stairs, clash)
    left: dict[int, int] = {}
    for stair, order in stairs.items():
        if stair not in chosen:
            met = next((s for s, p in sorted(chosen.items()) if p in clash.get(order[0], ())), None)
            left[stair] = next(iter(sorted(chosen))) if met is None else met
    return chosen, left


def _clashes(
    listed: NDArray[np.int64],
    owner: Mapping[int, int],
    positions: Positions,
    around: Surroundings,
    *,
    limits_m: tuple[float, float],
) -> dict[int, set[int]]:
    """Return pairs of positions of two stairwells of which only one can be built."""
    separation_m, fire_lane_m = limits_m
    found: dict[int, set[int]] = {}
    if not len(listed):
        return found
    stair_of = np.array([owner[int(p)] for p in listed], dtype=np.int64)
    a, b = _near_stairs(listed, stair_of, positions, around, limits_m=limits_m)
    if not len(a):
        return found
    # Each position is a shaft and a landing; two positions make four pairs of shapes.
    both = np.concatenate([positions.shaft[listed], positions.landing[listed]])
    which = np.concatenate([listed, listed])
    count = len(listed)
    a, b = (
        np.concatenate([i + m * count for m in pair]) for i, pair in ((a, (0, 0, 1, 1)), (b, (0, 1, 0, 1)))
    )
    houses = positions.house[which]
    joined = around.share_a_wall(houses[a], houses[b])
    met = np.zeros(len(a), dtype=bool)
    met[joined] = common_m2(both[a[joined]], both[b[joined]]) > TOUCH_M2
    met[~joined] = shapely.distance(both[a[~joined]], both[b[~joined]]) < separation_m - TOLERANCE_M
    met |= _narrow_a_lane(both[a], both[b], around, fire_lane_m)
    for i, j in zip(which[a[met]].tolist(), which[b[met]].tolist(), strict=True):
        found.setdefault(i, set()).add(j)
        found.setdefault(j, set()).add(i)
    return found


def _narrow_a_lane(
    one: NDArray[np.object_], other: NDArray[np.object_], around: Surroundings, fire_lane_m: float
) -> NDArray[np.bool_]:
    """Tell of pairs of shapes which have a fire lane between them and leave too little of it."""
    narrow = np.asarray(shapely.distance(one, other) < fire_lane_m - TOLERANCE_M, dtype=bool)
    pairs = np.flatnonzero(narrow)
    if not len(pairs):
        return narrow
    between = shapely.shortest_line(one[pairs], other[pairs])
    over = np.zeros(len(pairs), dtype=bool)
    lanes = around.lanes
    for shapes, depth in ((lanes.lines, 0.0), (lanes.areas, TOLERANCE_M)):
        way, lane = shapely.STRtree(shapes).query(between, predicate="intersects")
        if depth:
            inside = shapely.length(shapely.intersection(between[way], shapes[lane])) > depth
            way = way[inside]
        over[way] = True
    narrow[pairs] = over
    return narrow


def _near_stairs(
    listed: NDArray[np.int64],
    stair_of: NDArray[np.int64],
    positions: Positions,
    around: Surroundings,
    *,
    limits_m: tuple[float, float],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of places in the list whose stairs' positions come near to each other."""
    bounds = np.concatenate(
        [shapely.bounds(positions.shaft[listed]), shapely.bounds(positions.landing[listed])]
    )
    stairs, place = np.unique(stair_of, return_inverse=True)
    place = np.tile(place, 2)
    low, high = np.full((len(stairs), 2), np.inf), np.full((len(stairs), 2), -np.inf)
    np.minimum.at(low, place, bounds[:, :2])
    np.maximum.at(high, place, bounds[:, 2:])
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    one, other = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=max(limits_m))
    house = np.zeros(len(stairs), dtype=np.int64)
    house[place[: len(listed)]] = positions.house[listed]
    # Of one building only what overlaps is in the way, or what has a lane between.
    over = _narrow_a_lane(boxes[one], boxes[other], around, limits_m[1])
    near = (one < other) & (
        (house[one] != house[other]) | shapely.intersects(boxes[one], boxes[other]) | over
    )
    members = [np.flatnonzero(place[: len(listed)] == k) for k in range(len(stairs))]
    pairs = [
        np.stack(np.meshgrid(members[i], members[j]), axis=-1).reshape(-1, 2)
        for i, j in zip(one[near], other[near], strict=True)
    ]
    joined = np.concatenate(pairs) if pairs else np.zeros((0, 2), dtype=np.int64)
    return joined[:, 0], joined[:, 1]


def _search(
    group: list[int], stairs: Mapping[int, tuple[int, ...]], clash: Mapping[int, set[int]]
) -> dict[int, int]:
    """Return the best positions of stairs that meet; of very many the first that go together."""
    kept = _one_by_one(group, stairs, clash)
    if len(group) > _MANY:
        return kept
    best = (len(group) - len(kept), sum(stairs[s].index(p) for s, p in kept.items()))
    steps = 0

    def deeper(number: int, taken: dict[int, int], without: int, ranks: int) -> None:
        nonlocal best, kept, steps
        steps += 1
        if (without, ranks) >= best or steps > _NODES:
            return
        if number == len(group):
            best, kept = (without, ranks), dict(taken)
            return
        stair = group[number]
        for rank, position in enumerate(stairs[stair]):
            if clash.get(position, set()).isdisjoint(taken.values()):
                deeper(number + 1, {**taken, stair: position}, without, ranks + rank)
        deeper(number + 1, taken, without + 1, ranks)

    deeper(0, {}, 0, 0)
    return kept


def _one_by_one(
    group: list[int], stairs: Mapping[int, tuple[int, ...]], clash: Mapping[int, set[int]]
) -> dict[int, int]:
    """Give each stair its best position that is still free, those with the fewest first."""
    taken: dict[int, int] = {}
    for stair in sorted(group, key=lambda s: (len(stairs[s]), s)):
        free = (p for p in stairs[stair] if clash.get(p, set()).isdisjoint(taken.values()))
        position = next(free, None)
        if position is not None:
            taken[stair] = position
    return taken
