"""From drawn lines to nodes and edges: lines meet where they share a vertex, and nowhere else.

Lines that cross without a shared vertex do not meet: one is a bridge. Line ends that miss another
line by less than a decimetre are joined, and each join is told. Walls cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from plan.network.walls import Obstructions, side_of_wall

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["JOIN_M", "Noded", "node_lines"]

# Metres by which line ends may miss each other and still be joined: drawn by hand without snapping.
JOIN_M: Final = 0.1
# Metres along a line within which two positions are one.
SAME_SPOT_M: Final = 1e-6
# Metres between a node and a wall within which the node lies on the wall.
ON_WALL_M: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noded:
    """Nodes and edges made from lines."""

    xy: NDArray[np.float64]  # of the nodes, metres
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    line: NDArray[np.int64]  # the line that each edge is part of
    geometry: NDArray[np.object_]  # of the edges, from u to v
    joined: NDArray[np.object_]  # Points where a gap was closed
    joined_lines: NDArray[np.int64]  # lines whose ends were joined, ascending
    cut: NDArray[np.object_]  # Points where a wall cuts
    cut_lines: NDArray[np.int64]  # lines that are cut, ascending


@dataclass(slots=True, kw_only=True, eq=False)
class _Vertices:
    """Vertices of all lines, one after another; a key is a place where lines may meet."""

    xy: NDArray[np.float64]
    line: NDArray[np.int64]
    along: NDArray[np.float64]  # metres from the start of the line
    key: NDArray[np.int64]
    node: NDArray[np.bool_]  # the line is divided here


def node_lines(
    lines: NDArray[np.object_],
    obstructions: Obstructions,
    *,
    levels: NDArray[np.float64] | None = None,
    join_m: float = JOIN_M,
) -> Noded:
    """Divide lines at their shared vertices, join near misses, and cut at walls.

    Parameters
    ----------
    lines : array of LineString
        Walkways in metres, none of them missing or empty.
    obstructions : Obstructions
        Closed walls; openings at gates are already cut out of them.
    levels : array of float, optional
        Storey of each line; near misses between different storeys are not joined, and a line above or
        below the ground passes over or under a wall.
    join_m : float, default 0.1
        Metres by which a line end may miss another line and still be joined; 0 joins nothing.

    Returns
    -------
    Noded
        Nodes and edges, in the order of the lines.
    """
    lines = shapely.force_2d(lines)
    storey = np.zeros(len(lines)) if levels is None else np.nan_to_num(levels, nan=0.0)
    vertices = _vertices(lines)
    joins = _near_misses(lines, vertices, obstructions, storey, join_m) if join_m > 0 else _no_joins()
    extra = pd.concat([joins.inserted, _wall_crossings(lines, obstructions, storey == 0, len(vertices.key))])
    vertices, same_spot = _insert(lines, vertices, extra)
    pairs = np.concatenate([joins.pairs, same_spot])
    place = _places(vertices, pairs)
    start, stop = _pieces(vertices)
    geometry = _piece_lines(vertices, start, stop)
    u, v, xy, cut = _part_at_walls(
        vertices, place, start, stop, geometry=geometry, obstructions=obstructions, ground=storey == 0
    )
    line = vertices.line[start]
    at_cut = np.isin(u, cut) | np.isin(v, cut)
    # A spot drawn twice in a row is no edge.
    real = (u != v) | (shapely.length(geometry) > 0)
    return Noded(
        xy=xy,
        u=u[real],
        v=v[real],
        line=line[real],
        geometry=geometry[real],
        joined=np.asarray(shapely.points(joins.at)),
        joined_lines=joins.lines,
        cut=np.asarray(shapely.points(np.unique(xy[cut], axis=0))),
        cut_lines=np.unique(line[at_cut & real]),
    )


def _vertices(lines: NDArray[np.object_]) -> _Vertices:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    line = line.astype(np.int64)
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    step = np.zeros(len(line))
    step[1:] = np.hypot(*(xy[1:] - xy[:-1]).T)
    step[first] = 0.0
    walked = np.cumsum(step)
    along = walked - walked[first][line] if len(line) else walked
    _, key, counts = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True, return_counts=True)
    last = np.ones(len(line), dtype=bool)
    last[:-1] = first[1:]
    return _Vertices(
        xy=xy, line=line, along=along, key=key.astype(np.int64), node=first | last | (counts[key] > 1)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Joins:
    pairs: NDArray[np.int64]  # keys that are one place, shape (n, 2)
    inserted: pd.DataFrame  # line, along, key: new vertices where an end meets the middle of a line
    at: NDArray[np.float64]  # where, metres
    lines: NDArray[np.int64]


def _extra(line: NDArray[np.int64], along: NDArray[np.float64], key: NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame({"line": line, "along": along, "key": key})


def _no_joins() -> _Joins:
    none = np.zeros(0, dtype=np.int64)
    return _Joins(
        pairs=np.zeros((0, 2), dtype=np.int64),
        inserted=_extra(none, np.zeros(0), none),
        at=np.zeros((0, 2)),
        lines=none,
    )


def _near_misses(
    lines: NDArray[np.object_],
    vertices: _Vertices,
    obstructions: Obstructions,
    storey: NDArray[np.float64],
    join_m: float,
) -> _Joins:
    """Find line ends that miss a line, or the other end of their own line, by no more than `join_m`."""
    bounds = np.flatnonzero(np.diff(vertices.line)) + 1
    first = np.concatenate([[0], bounds]) if len(lines) else bounds
    last = np.concatenate([bounds - 1, [len(vertices.line) - 1]]) if len(lines) else bounds
    ends = np.concatenate([first, last])
    points = shapely.points(vertices.xy[ends])
    end, other = shapely.STRtree(lines).query(points, predicate="dwithin", distance=join_m)
    end = ends[end]
    touching = pd.MultiIndex.from_arrays([vertices.key, vertices.line])
    known = pd.MultiIndex.from_arrays([vertices.key[end], other]).isin(touching)
    apart = ~known & (storey[vertices.line[end]] == storey[other])
    end, other = end[apart], other[apart].astype(np.int64)
    along = np.asarray(shapely.line_locate_point(lines[other], shapely.points(vertices.xy[end])))
    # The nearest vertex of the other line is the place to meet, when it is near enough.
    vertex = _nearest_vertex(vertices, first, last, other, along)
    gap = np.hypot(*(vertices.xy[vertex] - vertices.xy[end]).T)
    at_vertex = gap <= join_m
    meet = np.where(at_vertex[:, None], vertices.xy[vertex], _at(lines[other], along))
    # A ring left open: the two ends of one long line.
    size = np.hypot(*(vertices.xy[first] - vertices.xy[last]).T)
    open_ring = (size > 0) & (size <= join_m) & (vertices.along[last] > 4 * join_m)
    end = np.concatenate([end, first[open_ring]])
    vertex = np.concatenate([vertex, last[open_ring]])
    other = np.concatenate([other, vertices.line[last[open_ring]]])
    along = np.concatenate([along, vertices.along[last[open_ring]]])
    at_vertex = np.concatenate([at_vertex, np.ones(open_ring.sum(), dtype=bool)])
    meet = np.concatenate([meet, vertices.xy[last[open_ring]]])
    free = obstructions.crossed(vertices.xy[end], meet) == 0 if len(obstructions.walls) else at_vertex | True
    end, vertex, other, along, at_vertex = (a[free] for a in (end, vertex, other, along, at_vertex))
    vertices.node[vertex[at_vertex]] = True
    pairs = np.column_stack([vertices.key[end], vertices.key[vertex]])[at_vertex]
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    middle = ~at_vertex
    spots = np.concatenate([vertices.xy[vertex[at_vertex]], vertices.xy[end[middle]]])
    # One gap is told once, though it is seen from both of its ends.
    seen = np.concatenate(
        [
            np.sort(np.column_stack([vertices.key[end], vertices.key[vertex]])[at_vertex], axis=1),
            np.column_stack([vertices.key[end], -1 - other])[middle],
        ]
    )
    _, once = np.unique(seen, axis=0, return_index=True)
    return _Joins(
        pairs=pairs,
        inserted=_extra(other[middle], np.asarray(along[middle], dtype=float), vertices.key[end[middle]]),
        at=spots[np.sort(once)],
        lines=np.unique(np.concatenate([vertices.line[end], other])),
    )


def _nearest_vertex(
    vertices: _Vertices,
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    line: NDArray[np.int64],
    along: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return the vertex of each line that is nearest to a position along it."""
    nearest = first[line].copy()
    for row, (one, position) in enumerate(zip(line, along, strict=True)):
        own = vertices.along[first[one] : last[one] + 1]
        nearest[row] += int(np.argmin(np.abs(own - position)))
    return nearest


def _at(lines: NDArray[np.object_], along: NDArray[np.float64]) -> NDArray[np.float64]:
    return shapely.get_coordinates(shapely.line_interpolate_point(lines, along)).reshape(-1, 2)


def _wall_crossings(
    lines: NDArray[np.object_], obstructions: Obstructions, ground: NDArray[np.bool_], first_key: int
) -> pd.DataFrame:
    """Return a new vertex wherever a line on the ground meets a closed wall."""
    line, wall = obstructions.pairs(np.where(ground, lines, np.array(None, dtype=object)))
    met = shapely.intersection(lines[line], obstructions.walls[wall])
    spots, row = shapely.get_coordinates(met, return_index=True)
    line = line[row].astype(np.int64)
    along = shapely.line_locate_point(lines[line], shapely.points(spots))
    return _extra(line, along, first_key + np.arange(len(line), dtype=np.int64))


def _insert(
    lines: NDArray[np.object_], vertices: _Vertices, extra: pd.DataFrame
) -> tuple[_Vertices, NDArray[np.int64]]:
    """Put new vertices into their lines; one that falls on a vertex becomes that vertex.

    Returns the vertices, and the pairs of keys that turned out to be one place.
    """
    if extra.empty:
        return vertices, np.zeros((0, 2), dtype=np.int64)
    line = np.concatenate([vertices.line, extra["line"].to_numpy(dtype=np.int64)])
    along = np.concatenate([vertices.along, extra["along"].to_numpy(dtype=float)])
    key = np.concatenate([vertices.key, extra["key"].to_numpy(dtype=np.int64)])
    added = np.concatenate([np.zeros(len(vertices.key), dtype=bool), np.ones(len(extra), dtype=bool)])
    node = np.concatenate([vertices.node, np.ones(len(extra), dtype=bool)])
    xy = np.concatenate(
        [
            vertices.xy,
            _at(lines[extra["line"].to_numpy(dtype=np.int64)], extra["along"].to_numpy(dtype=float)),
        ]
    )
    order = np.lexsort((along, line))
    line, along, key, added, node, xy = (a[order] for a in (line, along, key, added, node, xy))
    # Runs of positions that are one spot: the drawn vertices stay, new ones give way to any of the run.
    new_run = np.ones(len(line), dtype=bool)
    new_run[1:] = (line[1:] != line[:-1]) | (np.diff(along) > SAME_SPOT_M)
    run = np.cumsum(new_run) - 1
    runs = int(run[-1]) + 1
    has_new = np.bincount(run, weights=added, minlength=runs) > 0
    # A drawn vertex comes before a new one.
    rank = np.where(added, len(line), 0) + np.arange(len(line))
    best = np.full(runs, 2 * len(line), dtype=np.int64)
    np.minimum.at(best, run, rank)
    keeper = best % len(line)
    joined = added & (np.arange(len(line)) != keeper[run])
    pairs = np.column_stack([key[joined], key[keeper[run[joined]]]])
    node[keeper[has_new]] = True
    stays = ~joined
    return (
        _Vertices(xy=xy[stays], line=line[stays], along=along[stays], key=key[stays], node=node[stays]),
        pairs,
    )


def _places(vertices: _Vertices, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each vertex: keys that are joined are one place."""
    if not len(pairs):
        return vertices.key
    from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - heavy

    size = int(max(vertices.key.max(), pairs.max())) + 1
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    return np.asarray(label[vertices.key], dtype=np.int64)


def _pieces(vertices: _Vertices) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last vertex of each piece between two nodes of a line."""
    nodes = np.flatnonzero(vertices.node)
    same = vertices.line[nodes[1:]] == vertices.line[nodes[:-1]]
    return nodes[:-1][same], nodes[1:][same]


def _piece_lines(
    vertices: _Vertices, start: NDArray[np.int64], stop: NDArray[np.int64]
) -> NDArray[np.object_]:
    if not len(start):
        return np.zeros(0, dtype=object)
    count = stop - start + 1
    piece = np.repeat(np.arange(len(start)), count)
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    made: NDArray[np.object_] = shapely.linestrings(vertices.xy[start[piece] + offset], indices=piece)
    return made


def _part_at_walls(
    vertices: _Vertices,
    place: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    *,
    geometry: NDArray[np.object_],
    obstructions: Obstructions,
    ground: NDArray[np.bool_],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Give each side of a wall its own node.

    Returns the nodes of the pieces (u, v), the coordinates of the nodes, and the nodes that a wall made.
    """
    count = len(start)
    vertex = np.concatenate([start, stop])
    at = place[vertex]
    side = np.zeros(2 * count, dtype=np.int64)
    unique, where, index = np.unique(at, return_index=True, return_inverse=True)
    xy = vertices.xy[vertex[where]] if len(unique) else np.zeros((0, 2))
    parted = np.zeros(len(unique), dtype=bool)
    if len(obstructions.walls) and len(unique):
        node, wall = obstructions.near_points(xy, ON_WALL_M)
        rows_of = np.argsort(index, kind="stable")
        begin = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(unique)))])
        outward = np.concatenate([geometry, shapely.reverse(geometry)])
        on_ground = ground[vertices.line[vertex]]
        above = ~on_ground & np.isin(index, node)
        side[above] = -1
        for one in np.unique(node):
            rows = rows_of[begin[one] : begin[one + 1]]
            rows = rows[on_ground[rows]]
            if not rows.size:
                continue
            side[rows] = side_of_wall(xy[one], obstructions.walls[wall[node == one]], outward[rows])
            parted[one] = len(np.unique(side[rows])) > 1
    ids, first, final = np.unique(
        np.column_stack([index, side]), axis=0, return_index=True, return_inverse=True
    )
    final = final.reshape(-1)
    coordinates = vertices.xy[vertex[first]] if len(ids) else np.zeros((0, 2))
    made_by_wall = np.flatnonzero(parted[ids[:, 0]]) if len(ids) else np.zeros(0, dtype=np.int64)
    return final[:count], final[count:], coordinates, made_by_wall
