"""The Voronoi diagram of points along an outline, as machine code.

Points are put one by one into a triangulation in which no circle around a triangle has a point inside it; the centres
of these circles are the corners of the diagram. First come points that lie far apart along the outline, then those
between them, so that each new one is found a few triangles away from its neighbour. Circles are compared with an
error bound: four points that lie on one circle to within a rounding are left as they are, so that the search ends.

References
----------
C. L. Lawson, Software for C1 surface interpolation (1977).
J. R. Shewchuk, Adaptive precision floating-point arithmetic and fast robust geometric predicates (1997): the bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.jit import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Diagram", "diagram_of"]

# Shewchuk's bounds of the rounding of a determinant, as shares of the sum of its terms.
_TURN_ERROR: Final = 3.3306690738754716e-16
_CIRCLE_ERROR: Final = 1.1102230246251577e-15
# Extents of the points by which the corners of the triangle around them all lie away.
_FAR: Final = 1e3
# Metres within which two points, or two corners of the diagram, are one.
_SAME_POINT_M: Final = 1e-10
_SAME_CORNER_M: Final = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diagram:
    """The finite ridges of a Voronoi diagram."""

    corners: NDArray[np.float64]  # x, y
    ridges: NDArray[np.int64]  # of each ridge, its two corners
    sides: NDArray[np.int64]  # of each ridge, the two points between which it lies, the smaller first


def diagram_of(points: NDArray[np.float64]) -> Diagram:
    """Draw the Voronoi diagram of some points.

    Parameters
    ----------
    points : array of float, (n, 2)
        Neighbours in the list should lie near one another.

    Returns
    -------
    Diagram
        Without ridges that go on for ever. Corners nearer than 1e-7 m are one.
    """
    count = len(points)
    triangle, beside, size = _triangulated(points)
    if size < 0:
        return _by_library(points)
    triangle, beside = triangle[:size], beside[:size]
    corners = _centres(points, triangle)
    inner = np.asarray((triangle < count).all(axis=1))
    one, side = np.nonzero((beside > np.arange(size)[:, None]) & inner[:, None])
    two = beside[one, side]
    finite = inner[two]
    one, two, side = one[finite], two[finite], side[finite]
    sides = np.stack([triangle[one, (side + 1) % 3], triangle[one, (side + 2) % 3]], axis=1)
    name = _joined(corners, one, two)
    ridges = np.stack([name[one], name[two]], axis=1)
    kept = ridges[:, 0] != ridges[:, 1]
    return Diagram(corners=corners, ridges=ridges[kept], sides=np.sort(sides[kept], axis=1))


def _by_library(points: NDArray[np.float64]) -> Diagram:
    """Draw the diagram by Qhull, which is slower and bends what is nearly flat until it fits."""
    from scipy.spatial import Voronoi  # noqa: PLC0415 - heavy

    found = Voronoi(points)
    ridges = np.asarray(found.ridge_vertices, dtype=np.int64).reshape(-1, 2)
    finite = (ridges >= 0).all(axis=1)
    sides = np.sort(np.asarray(found.ridge_points, dtype=np.int64), axis=1)
    return Diagram(corners=found.vertices, ridges=ridges[finite], sides=sides[finite])


# --- machine code --------------------------------------------------------------------------------


@compiled
def _side(xy: Floats, a: int, b: int, p: int) -> int:
    """Tell on which side of a line a point lies: 1 left, -1 right, 0 on it to within a rounding."""
    one = (xy[a, 0] - xy[p, 0]) * (xy[b, 1] - xy[p, 1])
    two = (xy[a, 1] - xy[p, 1]) * (xy[b, 0] - xy[p, 0])
    bound = _TURN_ERROR * (abs(one) + abs(two))
    if one - two > bound:
        return 1
    return -1 if one - two < -bound else 0


@compiled
def _is_inside(xy: Floats, a: int, b: int, p: int, q: int) -> bool:
    """Tell whether a point q lies inside the circle around a triangle a, b, p, by more than a rounding.

    All is measured from p, which is never a corner far away: so the error is that of what lies near it.
    """
    ax, ay = xy[a, 0] - xy[p, 0], xy[a, 1] - xy[p, 1]
    bx, by = xy[b, 0] - xy[p, 0], xy[b, 1] - xy[p, 1]
    qx, qy = xy[q, 0] - xy[p, 0], xy[q, 1] - xy[p, 1]
    al, bl, ql = ax * ax + ay * ay, bx * bx + by * by, qx * qx + qy * qy
    found = al * (qx * by - bx * qy) + bl * (ax * qy - qx * ay) + ql * (bx * ay - ax * by)
    terms = (
        al * (abs(bx * qy) + abs(qx * by))
        + bl * (abs(qx * ay) + abs(ax * qy))
        + ql * (abs(ax * by) + abs(bx * ay))
    )
    return bool(found > _CIRCLE_ERROR * terms)


@compiled
def _relink(beside: Ints, triangle: int, old: int, new: int) -> None:
    """Tell a triangle that another one lies beside it now."""
    if triangle >= 0:
        for k in range(3):
            if beside[triangle, k] == old:
                beside[triangle, k] = new
                return


@compiled
def _put(
    corner: Ints, beside: Ints, at: int, a: int, b: int, c: int, beside_a: int, beside_b: int, beside_c: int
) -> None:
    """Write a triangle, and what lies beside it across from each corner."""
    corner[at, 0], corner[at, 1], corner[at, 2] = a, b, c
    beside[at, 0], beside[at, 1], beside[at, 2] = beside_a, beside_b, beside_c


@compiled
def _triangulated(points: Floats) -> tuple[Ints, Ints, int]:
    """Triangulate points: the corners of each triangle, what lies beside it, how many; -1 where it cannot be done.

    The last three corners are those of a triangle around all points. A new point is the last corner of every triangle
    around it.
    """
    count = len(points)
    xy = np.empty((count + 3, 2))
    low_x, low_y, high_x, high_y = np.inf, np.inf, -np.inf, -np.inf
    for i in range(count):
        # One by one: an array set into a part of another takes three seconds to compile, for the words of its error.
        xy[i, 0], xy[i, 1] = points[i, 0], points[i, 1]
        low_x, high_x = min(low_x, xy[i, 0]), max(high_x, xy[i, 0])
        low_y, high_y = min(low_y, xy[i, 1]), max(high_y, xy[i, 1])
    far = _FAR * max(high_x - low_x, high_y - low_y, 1.0)
    middle_x, middle_y = (low_x + high_x) / 2, (low_y + high_y) / 2
    xy[count, 0], xy[count, 1] = middle_x - 2 * far, middle_y - far
    xy[count + 1, 0], xy[count + 1, 1] = middle_x + 2 * far, middle_y - far
    xy[count + 2, 0], xy[count + 2, 1] = middle_x, middle_y + 2 * far

    corner = np.empty((2 * count + 1, 3), np.int64)
    beside = np.empty((2 * count + 1, 3), np.int64)
    at_point = np.zeros(count + 3, np.int64)  # of each point, a triangle that it is a corner of
    stack = np.empty(6 * count + 16, np.int64)
    _put(corner, beside, 0, count, count + 1, count + 2, -1, -1, -1)
    size = 1
    stride = 1
    while stride < count:
        stride *= 2
    first = stride
    while stride:
        for p in range(0 if stride == first else stride, count, first if stride == first else 2 * stride):
            # Walk towards the point.
            here = at_point[p - stride] if p else 0
            turn = 0
            for step in range(size + 8):
                turn = 0
                for j in range(3):
                    k = (step + j) % 3
                    if _side(xy, corner[here, (k + 1) % 3], corner[here, (k + 2) % 3], p) < 0:
                        here = beside[here, k]
                        turn = 1
                        break
                if not turn:
                    break
            if turn or here < 0:
                return corner, beside, -1
            same, on, edges = False, 0, 0
            for k in range(3):
                q = corner[here, k]
                same = same or (
                    abs(xy[q, 0] - xy[p, 0]) < _SAME_POINT_M and abs(xy[q, 1] - xy[p, 1]) < _SAME_POINT_M
                )
                if not _side(xy, corner[here, (k + 1) % 3], corner[here, (k + 2) % 3], p):
                    on, edges = k, edges + 1
            if same:
                at_point[p] = here
                continue
            if edges > 1 or (edges and beside[here, on] < 0):
                return corner, beside, -1
            if edges:
                # The point lies on a side: two triangles become four.
                there = beside[here, on]
                k = 0
                while beside[there, k] != here:
                    k += 1
                c, x, y, q = (
                    corner[here, on],
                    corner[here, (on + 1) % 3],
                    corner[here, (on + 2) % 3],
                    corner[there, k],
                )
                across_x, across_y = beside[here, (on + 1) % 3], beside[here, (on + 2) % 3]
                other_y, other_x = beside[there, (k + 1) % 3], beside[there, (k + 2) % 3]
                new, last = size, size + 1
                size += 2
                _put(corner, beside, here, c, x, p, there, new, across_y)
                _put(corner, beside, new, y, c, p, here, last, across_x)
                _put(corner, beside, there, x, q, p, last, here, other_y)
                _put(corner, beside, last, q, y, p, new, there, other_x)
                _relink(beside, across_x, here, new)
                _relink(beside, other_x, there, last)
                at_point[c], at_point[x], at_point[y], at_point[q] = here, here, new, there
                stack[0], stack[1], stack[2], stack[3] = here, new, there, last
                top = 4
            else:
                a, b, c = corner[here, 0], corner[here, 1], corner[here, 2]
                across_a, across_b, across_c = beside[here, 0], beside[here, 1], beside[here, 2]
                new, last = size, size + 1
                size += 2
                _put(corner, beside, here, a, b, p, new, last, across_c)
                _put(corner, beside, new, b, c, p, last, here, across_a)
                _put(corner, beside, last, c, a, p, here, new, across_b)
                _relink(beside, across_a, here, new)
                _relink(beside, across_b, here, last)
                at_point[a], at_point[b], at_point[c] = here, here, new
                stack[0], stack[1], stack[2] = here, new, last
                top = 3
            at_point[p] = here
            # Turn the sides across from the point until no circle around a triangle has a point inside it.
            while top:
                top -= 1
                t = stack[top]
                n = beside[t, 2]
                if n < 0:
                    continue
                k = 0
                while beside[n, k] != t:
                    k += 1
                x, y, q = corner[t, 0], corner[t, 1], corner[n, k]
                if not _is_inside(xy, x, y, p, q):
                    continue
                other_y, other_x = beside[n, (k + 1) % 3], beside[n, (k + 2) % 3]
                before, after = beside[t, 0], beside[t, 1]
                _put(corner, beside, t, x, q, p, n, after, other_y)
                _put(corner, beside, n, q, y, p, before, t, other_x)
                _relink(beside, other_y, n, t)
                _relink(beside, before, t, n)
                at_point[x], at_point[y], at_point[q] = t, n, t
                stack[top], stack[top + 1] = t, n
                top += 2
        stride //= 2
    return corner, beside, size


@compiled
def _centres(points: Floats, corner: Ints) -> Floats:
    """Return the middle of the circle around each triangle; that of a triangle with a corner outside is not used."""
    count = len(points)
    found = np.full((len(corner), 2), np.inf)
    for t in range(len(corner)):
        a, b, c = corner[t, 0], corner[t, 1], corner[t, 2]
        if max(a, b, c) >= count:
            continue
        bx, by = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
        cx, cy = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
        bl, cl = bx * bx + by * by, cx * cx + cy * cy
        twice = 2 * (bx * cy - by * cx)
        if twice > 0:
            found[t, 0] = points[a, 0] + (cy * bl - by * cl) / twice
            found[t, 1] = points[a, 1] + (bx * cl - cx * bl) / twice
    return found


@compiled
def _joined(corners: Floats, one: Ints, two: Ints) -> Ints:
    """Return for each corner the one that stands for all that lie at the same place."""
    name = np.arange(len(corners))
    for i in range(len(one)):
        a, b = one[i], two[i]
        if (
            abs(corners[a, 0] - corners[b, 0]) < _SAME_CORNER_M
            and abs(corners[a, 1] - corners[b, 1]) < _SAME_CORNER_M
        ):
            while name[a] != a:
                a = name[a]
            while name[b] != b:
                b = name[b]
            name[max(a, b)] = min(a, b)
    for i in range(len(name)):
        name[i] = name[name[i]]
    return name
