"""How wide a lane can pass where: the middle line of the free ground, with the clear width at every step.

The middle line (medial axis) of an area is where the largest discs have their centres. It is read from the Voronoi
diagram of points along the outline. Where it passes between two sides, the clear width is the least distance
between the pieces of outline around the two points that are nearest: exact, however far apart the points are. The
widest lane from a start to a place is the way whose narrowest step is widest.

References
----------
H. Blum, A transformation for extracting new descriptors of shape (1967).
M. Pollack, The maximum capacity through a network, Operations Research 8 (1960).
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["Middle", "Ways", "middle_of", "widest_ways"]

# Metres between points along the outline. A finer step costs time; it makes no width more exact.
STEP_M: Final = 0.5
_COARSER: Final = 4
# Metres within which two corners of an outline are one.
_SAME_M: Final = 1e-7
# Metres of clear width below which nobody looks for a way.
LEAST_M: Final = 0.5
# Metres to which widths are told apart: a tenth of a millimetre.
EVEN_M: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Middle:
    """The middle line of an area."""

    xy: NDArray[np.float64]  # of each node
    radius: NDArray[np.float64]  # [m] from each node to the outline
    room: NDArray[
        np.float64
    ]  # [m] from each node to the nearest points along it: half of what it can be wide
    start: NDArray[np.int64]  # of each edge, a node
    end: NDArray[np.int64]
    width: NDArray[np.float64]  # [m] clear along each edge
    length: NDArray[np.float64]  # [m] of each edge
    chord: NDArray[np.float64]  # of each edge: x, y, x, y of the nearest points of the outline on both sides

    def only(self, nodes: NDArray[np.bool_]) -> Middle:
        """Return the middle line with the edges between some nodes only, numbered as they were."""
        kept = nodes[self.start] & nodes[self.end]
        return replace(self, width=np.where(kept, self.width, 0.0))

    def neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return for each node where its open edges begin in two lists: the other node, the edge."""
        count = len(self.xy)
        open_ = np.flatnonzero(self.width)
        both = np.concatenate([self.start[open_], self.end[open_]])
        order = np.argsort(both, kind="stable")
        other = np.concatenate([self.end[open_], self.start[open_]])[order]
        edge = np.concatenate([open_, open_])[order]
        first = np.searchsorted(both[order], np.arange(count + 1))
        return first, other, edge


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The widest ways from some starts to every node."""

    width: NDArray[np.float64]  # [m] of the narrowest step of the widest way; 0 where there is none
    length: NDArray[np.float64]  # [m] of that way
    before: NDArray[np.int64]  # the node before, -1 at a start
    edge: NDArray[np.int64]  # the edge that leads there, -1 at a start

    def edges_to(self, node: int) -> list[int]:
        """Return the edges of the way to a node, from the start on."""
        found = []
        while self.before[node] >= 0:
            found.append(int(self.edge[node]))
            node = int(self.before[node])
        return found[::-1]

    def nodes_to(self, node: int) -> list[int]:
        """Return the nodes of the way to a node, from the start on."""
        found = [node]
        while self.before[node] >= 0:
            node = int(self.before[node])
            found.append(node)
        return found[::-1]


def middle_of(free: BaseGeometry, *, coarse: BaseGeometry | None = None, step_m: float = STEP_M) -> Middle:
    """Draw the middle line of an area.

    Parameters
    ----------
    free : Polygon or MultiPolygon
        In metres about an origin near it.
    coarse : Polygon or MultiPolygon, optional
        Where only the whereabouts of the middle line matter, as on the street outside: points lie four times as far
        apart there.
    step_m : float, default 0.5
        Metres between points along the outline, at most.

    Returns
    -------
    Middle
        Empty where the area is.
    """
    from scipy.spatial import Voronoi  # noqa: PLC0415 - heavy

    rim = _outline(free, coarse, step_m)
    points = rim.points
    if len(points) < 4:  # noqa: PLR2004 - a triangle has no middle line of its own
        return _nothing()
    diagram = Voronoi(points)
    vertices = diagram.vertices
    shapely.prepare(free)
    near = np.abs(vertices).max(axis=1) < 1e7  # noqa: PLR2004 - far vertices of nearly straight rows
    inside = np.zeros(len(vertices), dtype=bool)
    inside[near] = np.asarray(shapely.contains_xy(free, vertices[near, 0], vertices[near, 1]))
    ridges = np.asarray(diagram.ridge_vertices, dtype=np.int64)
    sides = np.asarray(diagram.ridge_points, dtype=np.int64)
    kept: NDArray[np.bool_] = np.asarray((ridges >= 0).all(axis=1))
    kept[kept] = inside[ridges[kept]].all(axis=1)
    ridges, sides = ridges[kept], sides[kept]

    # How far each vertex is from the points that it belongs to: never less than it is from the outline.
    room = np.zeros(len(vertices))
    room[ridges] = np.hypot(*(vertices[ridges] - points[sides[:, :1]]).transpose(2, 0, 1))
    kept = np.asarray((room[ridges] * 2 >= LEAST_M).all(axis=1))
    ridges, sides = ridges[kept], sides[kept]
    width, chord = _widths(vertices, room, rim, ridges=ridges, sides=sides)
    radius = _radii(vertices, rim, ridges=ridges, sides=sides)
    kept = width >= LEAST_M
    ridges, width, chord = ridges[kept], width[kept], chord[kept]

    used, index = np.unique(ridges, return_inverse=True)
    index = index.reshape(ridges.shape)
    # In the order of the ground, not of the diagram, so that equal ways are chosen alike.
    order = np.lexsort((vertices[used, 1].round(3), vertices[used, 0].round(3)))
    rank = np.empty(len(used), dtype=np.int64)
    rank[order] = np.arange(len(used))
    pair = np.sort(rank[index], axis=1) if len(index) else index
    by = np.lexsort((pair[:, 1], pair[:, 0])) if len(pair) else np.empty(0, dtype=np.int64)
    xy = vertices[used[order]]
    pair = pair[by]
    return Middle(
        xy=xy,
        radius=radius[used[order]],
        room=room[used[order]],
        start=pair[:, 0],
        end=pair[:, 1],
        width=(width[by] / EVEN_M).round() * EVEN_M,
        length=np.hypot(*(xy[pair[:, 0]] - xy[pair[:, 1]]).T) if len(pair) else np.empty(0),
        chord=chord[by],
    )


def widest_ways(middle: Middle, starts: NDArray[np.int64]) -> Ways:
    """Find the widest way from any of some starts to every node; of equally wide ones a short one.

    Parameters
    ----------
    middle : Middle
        The middle line.
    starts : array of int
        Nodes; a way begins as wide as the ground is there.

    Returns
    -------
    Ways
        For every node.
    """
    count = len(middle.xy)
    first, other, edge = middle.neighbours()
    width, length = np.zeros(count), np.full(count, np.inf)
    before, by = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    done = np.zeros(count, dtype=bool)
    heap: list[tuple[float, float, int]] = []
    for node in starts.tolist():
        if middle.room[node] > 0:
            width[node], length[node] = middle.room[node] * 2, 0.0
            heap.append((-width[node], 0.0, node))
    heapq.heapify(heap)
    others, edges, begins = other.tolist(), edge.tolist(), first.tolist()
    wide, long = middle.width.tolist(), middle.length.tolist()
    while heap:
        less, so_far, node = heapq.heappop(heap)
        if done[node]:
            continue
        done[node] = True
        for i in range(begins[node], begins[node + 1]):
            to, e = others[i], edges[i]
            if done[to]:
                continue
            reach, far = min(-less, wide[e]), so_far + long[e]
            if not reach:
                continue
            if reach > width[to] + EVEN_M / 2 or (reach >= width[to] - EVEN_M / 2 and far < length[to]):
                width[to], length[to], before[to], by[to] = reach, far, node, e
                heapq.heappush(heap, (-reach, far, to))
    return Ways(width=width, length=length, before=before, edge=by)


# --- parts ---------------------------------------------------------------------------------------


def _nothing() -> Middle:
    none = np.empty(0)
    whole = np.empty(0, dtype=np.int64)
    return Middle(
        xy=np.empty((0, 2)),
        radius=none,
        room=none,
        start=whole,
        end=whole,
        width=none,
        length=none,
        chord=np.empty((0, 4)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Outline:
    """Points along an outline, and for each the one before and after it on its ring."""

    points: NDArray[np.float64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def _outline(free: BaseGeometry, coarse: BaseGeometry | None, step_m: float) -> _Outline:
    """Walk along an outline."""
    coords, before, after = [], [], []
    count = 0
    if coarse is not None:
        shapely.prepare(coarse)
    for ring in shapely.get_rings(shapely.get_parts(free)):
        xy = _with_points(shapely.get_coordinates(ring), coarse, step_m)
        xy = xy[np.r_[True, (np.abs(np.diff(xy, axis=0)) > _SAME_M).any(axis=1)]]
        size = len(xy)
        if size < 3:  # noqa: PLR2004 - nothing is inside
            continue
        here = np.arange(size)
        coords.append(xy)
        before.append(count + (here - 1) % size)
        after.append(count + (here + 1) % size)
        count += size
    if not coords:
        none = np.empty(0, dtype=np.int64)
        return _Outline(points=np.empty((0, 2)), before=none, after=none)
    return _Outline(points=np.concatenate(coords), before=np.concatenate(before), after=np.concatenate(after))


def _with_points(
    corners: NDArray[np.float64], coarse: BaseGeometry | None, step_m: float
) -> NDArray[np.float64]:
    """Return the corners of a closed ring, once each, and points between them at equal distances."""
    start, along = corners[:-1], np.diff(corners, axis=0)
    step = np.full(len(start), step_m)
    if coarse is not None:
        centre = start + along / 2
        step[shapely.intersects_xy(coarse, centre[:, 0], centre[:, 1])] *= _COARSER
    parts = np.maximum(np.ceil(np.hypot(along[:, 0], along[:, 1]) / step), 1).astype(np.int64)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    share = (np.arange(parts.sum()) - first) / np.repeat(parts, parts)
    found: NDArray[np.float64] = np.repeat(start, parts, axis=0) + share[:, None] * np.repeat(
        along, parts, axis=0
    )
    return found


def _radii(
    vertices: NDArray[np.float64], rim: _Outline, *, ridges: NDArray[np.int64], sides: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how far each vertex is from the outline beside the points that it belongs to, not only from these."""
    found = np.full(len(vertices), np.inf)
    for vertex in ridges.T:
        for point in sides.T:
            for other in (rim.before, rim.after):
                start = rim.points[point]
                along = rim.points[other[point]] - start
                share = ((vertices[vertex] - start) * along).sum(axis=1) / (along**2).sum(axis=1)
                foot = start + np.clip(share, 0.0, 1.0)[:, None] * along
                np.minimum.at(found, vertex, np.hypot(*(vertices[vertex] - foot).T))
    return found


def _widths(
    vertices: NDArray[np.float64],
    room: NDArray[np.float64],
    rim: _Outline,
    *,
    ridges: NDArray[np.int64],
    sides: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the clear width along each ridge, and the chord across it where it is narrowest."""
    points, before, after = rim.points, rim.before, rim.after
    p, q = sides[:, 0], sides[:, 1]
    u, v = vertices[ridges[:, 0]], vertices[ridges[:, 1]]
    width = 2 * room[ridges].min(axis=1)
    chord = np.concatenate([points[p], points[q]], axis=1)
    # A ridge that passes between its two points is narrowest there. Another one is narrowest at one of its ends,
    # where a ridge of the first kind follows: the narrowest step of a way is always of that kind.
    along = points[q] - points[p]
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1)
    crosses = ((u - points[p]) * normal).sum(axis=1) * ((v - points[p]) * normal).sum(axis=1) <= 0
    crosses &= (after[p] != q) & (before[p] != q)
    i = np.flatnonzero(crosses)
    if len(i):
        around = np.asarray(shapely.linestrings(np.stack([points[before], points, points[after]], axis=1)))
        shortest = shapely.shortest_line(around[p[i]], around[q[i]])
        ends = shapely.get_coordinates(shortest).reshape(-1, 4)
        chord[i] = ends
        width[i] = np.hypot(ends[:, 0] - ends[:, 2], ends[:, 1] - ends[:, 3])
    return width, chord
