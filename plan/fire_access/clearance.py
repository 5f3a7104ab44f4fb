"""How wide a lane can pass where: the middle line of the free ground, with the clear width at every step.

The middle line (medial axis) of an area is where the largest discs have their centres. It is read from the Voronoi
diagram of points along the outline. Where it passes between two sides, the clear width is the least distance
between the pieces of outline around the two points that are nearest: exact, however far apart the points are.

References
----------
H. Blum, A transformation for extracting new descriptors of shape (1967).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.fire_access.diagram import diagram_of
from plan.fire_access.ways import EVEN_M
from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["Middle", "middle_of"]

# Metres between points along the outline. A finer step costs time; it makes no width more exact.
STEP_M: Final = 0.5
_COARSER: Final = 4
# Metres within which two corners of an outline are one.
_SAME_M: Final = 1e-7
# Metres of clear width below which nobody looks for a way.
LEAST_M: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """Points along an outline, and for each the one before and after it on its ring."""

    points: NDArray[np.float64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
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
    sides: NDArray[np.int64]  # of each edge, the points of the outline between which it lies
    crosses: NDArray[np.bool_]  # of each edge, whether it passes between the two
    rim: Outline

    @cached_property
    def neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """For each node where its edges begin in two lists: the other node, the edge."""
        count, edges = len(self.xy), np.arange(len(self.start))
        both = np.concatenate([self.start, self.end])
        order = np.argsort(both, kind="stable")
        other = np.concatenate([self.end, self.start])[order]
        edge = np.concatenate([edges, edges])[order]
        first = np.searchsorted(both[order], np.arange(count + 1))
        return first, other, edge

    def chords(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return for some edges x, y, x, y of the nearest points of the outline on both sides."""
        points, before, after = self.rim.points, self.rim.before, self.rim.after
        found = points[self.sides[edges]].reshape(-1, 4)
        i = np.flatnonzero(self.crosses[edges])
        if len(i):
            p = self.sides[edges[i]]
            around = np.asarray(
                shapely.linestrings(np.stack([points[before[p]], points[p], points[after[p]]], axis=2))
            )
            found[i] = shapely.get_coordinates(shapely.shortest_line(around[:, 0], around[:, 1])).reshape(
                -1, 4
            )
        return found


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
    rim = _outline(free, coarse, step_m)
    if len(rim.points) < 4:  # noqa: PLR2004 - a triangle has no middle line of its own
        return _nothing(rim)
    diagram = diagram_of(rim.points)
    corners, ridges, sides = diagram.corners, diagram.ridges, diagram.sides
    # How far each corner is from the points that it belongs to: never less than it is from the outline.
    room = _rooms(corners, rim.points, ridges, sides)
    wide = room * 2 >= LEAST_M
    wide &= np.abs(corners).max(axis=1) < 1e7  # noqa: PLR2004 - far corners of nearly straight rows
    wide[wide] = _is_within(free, corners[wide])
    kept = wide[ridges].all(axis=1)
    ridges, sides = ridges[kept], sides[kept]
    radius, width, crosses = _measured(corners, room, rim.points, rim.before, rim.after, ridges, sides)
    kept = width >= LEAST_M
    ridges, sides, width, crosses = ridges[kept], sides[kept], width[kept], crosses[kept]

    used, index = np.unique(ridges, return_inverse=True)
    index = index.reshape(ridges.shape)
    # In the order of the ground, not of the diagram, so that equal ways are chosen alike.
    order = np.lexsort((corners[used, 1].round(3), corners[used, 0].round(3)))
    rank = np.empty(len(used), dtype=np.int64)
    rank[order] = np.arange(len(used))
    pair = np.sort(rank[index], axis=1)
    by = np.lexsort((pair[:, 1], pair[:, 0]))
    xy = corners[used[order]]
    pair = pair[by]
    return Middle(
        xy=xy,
        radius=radius[used[order]],
        room=room[used[order]],
        start=pair[:, 0].copy(),
        end=pair[:, 1].copy(),
        width=(width[by] / EVEN_M).round() * EVEN_M,
        length=np.hypot(*(xy[pair[:, 0]] - xy[pair[:, 1]]).T),
        sides=sides[by],
        crosses=crosses[by],
        rim=rim,
    )


# --- parts ---------------------------------------------------------------------------------------


def _nothing(rim: Outline) -> Middle:
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
        sides=np.empty((0, 2), dtype=np.int64),
        crosses=np.empty(0, dtype=bool),
        rim=rim,
    )


def _outline(free: BaseGeometry, coarse: BaseGeometry | None, step_m: float) -> Outline:
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
        return Outline(points=np.empty((0, 2)), before=none, after=none)
    return Outline(points=np.concatenate(coords), before=np.concatenate(before), after=np.concatenate(after))


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


def _is_within(free: BaseGeometry, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    shapely.prepare(free)
    return np.asarray(shapely.contains_xy(free, xy[:, 0], xy[:, 1]), dtype=bool)


@compiled
def _rooms(corners: Floats, points: Floats, ridges: Ints, sides: Ints) -> Floats:
    """Return how far each corner of a diagram is from the points that it belongs to."""
    found = np.zeros(len(corners))
    for i in range(len(ridges)):
        p = sides[i, 0]
        for k in range(2):
            v = ridges[i, k]
            found[v] = np.hypot(corners[v, 0] - points[p, 0], corners[v, 1] - points[p, 1])
    return found


@compiled
def _gap(x: float, y: float, points: Floats, a: int, b: int) -> float:
    """Return how far a place is from the side of an outline between two points."""
    along_x, along_y = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    off_x, off_y = x - points[a, 0], y - points[a, 1]
    share = (off_x * along_x + off_y * along_y) / (along_x * along_x + along_y * along_y)
    share = min(max(share, 0.0), 1.0)
    return float(np.hypot(off_x - share * along_x, off_y - share * along_y))


@compiled
def _measured(
    corners: Floats, room: Floats, points: Floats, before: Ints, after: Ints, ridges: Ints, sides: Ints
) -> tuple[Floats, Floats, Flags]:
    """Measure corners and ridges.

    Returns how far each corner is from the outline beside the points that it belongs to, not only from these; the
    clear width along each ridge; and whether the ridge passes between its two points.
    """
    radius = np.full(len(corners), np.inf)
    width = np.empty(len(ridges))
    crosses = np.zeros(len(ridges), np.bool_)
    for i in range(len(ridges)):
        p, q, u, v = sides[i, 0], sides[i, 1], ridges[i, 0], ridges[i, 1]
        for corner in (u, v):
            x, y = corners[corner, 0], corners[corner, 1]
            for point in (p, q):
                near = min(_gap(x, y, points, point, before[point]), _gap(x, y, points, point, after[point]))
                radius[corner] = min(radius[corner], near)
        width[i] = 2 * min(room[u], room[v])
        # A ridge that passes between its two points is narrowest there. Another one is narrowest at one of its ends,
        # where a ridge of the first kind follows: the narrowest step of a way is always of that kind.
        px, py = points[p, 0], points[p, 1]
        normal_x, normal_y = py - points[q, 1], points[q, 0] - px
        one = (corners[u, 0] - px) * normal_x + (corners[u, 1] - py) * normal_y
        two = (corners[v, 0] - px) * normal_x + (corners[v, 1] - py) * normal_y
        crosses[i] = one * two <= 0 and after[p] != q and before[p] != q
        if crosses[i]:
            # Sides of an outline do not cross: they are nearest to one another at an end of one of them.
            least = np.inf
            for a in (before[p], after[p]):
                for b in (before[q], after[q]):
                    least = min(
                        least,
                        _gap(px, py, points, q, b),
                        _gap(points[a, 0], points[a, 1], points, q, b),
                        _gap(points[q, 0], points[q, 1], points, p, a),
                        _gap(points[b, 0], points[b, 1], points, p, a),
                    )
            width[i] = least
    return radius, width, crosses
