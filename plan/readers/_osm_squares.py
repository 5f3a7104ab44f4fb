"""Squares: people walk across them, from wherever a way or a door comes in to wherever one goes out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["Square", "across"]

Place = tuple[float, float]  # longitude, latitude in degrees

# Ways in and corners of one square between which lines are drawn; of more, people walk along the edge.
_MOST: Final = 40
# A line is left out where others and the edge lead the same way with no more than this share of a detour.
_DETOUR: Final = 1.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Square:
    """An outline that people walk across."""

    ident: str
    shape: BaseGeometry  # Polygon or MultiPolygon


def across(
    squares: Sequence[Square],
    ways: Sequence[BaseGeometry],
    doors: Collection[Place],
    buildings: Sequence[BaseGeometry],
) -> tuple[dict[str, list[shapely.LineString]], list[str]]:
    """Return straight lines across squares, between the places on their edges where people come in.

    Where not every pair of these sees each other, corners that stick into the square are walked round.

    Parameters
    ----------
    squares : sequence of Square
        In degrees.
    ways : sequence of LineString
        All walkways, the edges of the squares included; two meet where they share a vertex.
    doors : collection of (float, float)
        Where entrances are.
    buildings : sequence of Polygon
        What stands in the way.

    Returns
    -------
    tuple of dict of str to list of LineString, list of str
        Lines by the id of the square; ids of squares with too many ways in.
    """
    xy, way = shapely.get_coordinates(np.array(ways, dtype=object), return_index=True)
    places, where = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    # Of how many different ways each place is.
    pairs = np.unique(np.column_stack([where.reshape(-1), way]), axis=0)
    met = np.bincount(pairs[:, 0], minlength=len(places))
    shared = {(z.real, z.imag) for z in places[met > 1].tolist()}.union(doors)
    tree = shapely.STRtree(np.array(buildings, dtype=object))
    lines: dict[str, list[shapely.LineString]] = {}
    crowded: list[str] = []
    for square in squares:
        parts = shapely.get_parts(square.shape)
        drawn = [line for part in parts for line in _across(part, shared, tree)]
        if drawn:
            lines[square.ident] = drawn
        if any(_entries(part, shared) > _MOST for part in parts):
            crowded.append(square.ident)
    return lines, crowded


def _entries(part: shapely.Polygon, shared: Collection[Place]) -> int:
    return len({place for ring in _rings(part) for place in ring if place in shared})


def _across(
    part: shapely.Polygon, shared: Collection[Place], tree: shapely.STRtree
) -> list[shapely.LineString]:
    rings = _rings(part)
    entries = sorted({place for ring in rings for place in ring if place in shared})
    if not 1 < len(entries) <= _MOST:
        return []
    pairs = np.array(list(combinations(range(len(entries)), 2)))
    places = np.array(entries)
    if not _clear(places, pairs, part, tree).all():
        corners = sorted(set(_corners(part)) - set(entries))
        if len(entries) + len(corners) <= _MOST:
            places = np.array([*entries, *corners])
            pairs = np.array(list(combinations(range(len(places)), 2)))
    pairs = pairs[_clear(places, pairs, part, tree)]
    return [shapely.LineString(places[list(pair)]) for pair in _needed(places, pairs, rings)]


def _needed(
    places: NDArray[np.float64], pairs: NDArray[np.int64], rings: Sequence[Sequence[Place]]
) -> list[tuple[int, int]]:
    """Return as many lines, short ones first, as make every other one no more than a little of a detour."""
    flat = places * (np.cos(np.radians(places[:, 1].mean())), 1.0)
    way = np.full((len(places), len(places)), np.inf)
    np.fill_diagonal(way, 0.0)
    _along_edges(way, places, rings)
    chosen = []
    length = np.hypot(*(flat[pairs[:, 0]] - flat[pairs[:, 1]]).T)
    for number in np.lexsort((pairs[:, 1], pairs[:, 0], length)).tolist():
        i, j = pairs[number].tolist()
        if way[i, j] > _DETOUR * length[number]:
            chosen.append((i, j))
            through = way[:, [i]] + length[number] + way[[j], :]
            way = np.minimum(way, np.minimum(through, through.T))
    return chosen


def _along_edges(
    way: NDArray[np.float64], places: NDArray[np.float64], rings: Sequence[Sequence[Place]]
) -> None:
    """Enter how far it is along the edge of the square from each place to every other."""
    number = {(x, y): n for n, (x, y) in enumerate(places.tolist())}
    east = np.cos(np.radians(places[:, 1].mean()))
    for ring in rings:
        xy = np.array([*ring, ring[0]]) * (east, 1.0)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        here = [(number[place], along[n]) for n, place in enumerate(ring) if place in number]
        ids = np.array([i for i, _ in here], dtype=np.int64)
        at = np.array([a for _, a in here])
        apart = np.abs(at[:, None] - at[None, :])
        grid = np.ix_(ids, ids)
        way[grid] = np.minimum(way[grid], np.minimum(apart, along[-1] - apart))


def _clear(
    places: NDArray[np.float64], pairs: NDArray[np.int64], part: shapely.Polygon, tree: shapely.STRtree
) -> NDArray[np.bool_]:
    """Return which lines lie in the square and pass through no building."""
    lines = np.asarray(shapely.linestrings(places[pairs]))
    shapely.prepare(part)
    clear: NDArray[np.bool_] = np.asarray(shapely.covers(part, lines), dtype=bool)
    blocked, _ = tree.query(lines, predicate="crosses")
    clear[blocked] = False
    return clear


def _rings(part: shapely.Polygon) -> list[list[Place]]:
    return [[(x, y) for x, y, *_ in ring.coords[:-1]] for ring in (part.exterior, *part.interiors)]


def _corners(part: shapely.Polygon) -> list[Place]:
    """Return the corners around which people walk: where the edge sticks into the square."""
    found = []
    for ring in shapely.get_rings(shapely.orient_polygons(part)):
        xy = shapely.get_coordinates(ring)[:-1]
        before, after = xy - np.roll(xy, 1, axis=0), np.roll(xy, -1, axis=0) - xy
        # The square lies to the left of its edges; a turn to the right sticks into it.
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        found += [(x, y) for x, y in xy[turn < 0].tolist()]
    return found
