"""The strip beside many walked lines, block by block instead of line by line.

Lines enclose blocks. Within a block whose sides are all walked, the ground further than the strip from
every side is a hole, found from this one block; and beyond the blocks the ground near any line is
near their common outline. So a neighbourhood of a thousand edges is one outline and a few hundred
small holes, instead of the union of a thousand strips.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["STRIP_SEGMENTS", "Blocks"]

# Lines below which a union of strips is as fast.
_FEW: Final = 30
# Segments of a quarter circle: of strips, which lie within the true strip, and of holes, which lie outside it.
STRIP_SEGMENTS: Final = 4
_HOLE_SEGMENTS: Final = 8
# The share of its distance by which a buffer smooths its input (GEOS, BufferParameters).
_SMOOTHED: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Blocks:
    """Blocks enclosed by lines."""

    lines: NDArray[np.object_]
    width_m: float  # of the strip on each side
    block: NDArray[np.object_]  # Polygons
    side_block: NDArray[np.int64]  # which block a line is a side of, pairwise with `side_line`
    side_line: NDArray[np.int64]
    hole: NDArray[np.object_]  # what of each block is further than the strip from its sides
    hole_of: NDArray[np.int64]  # the block of each hole

    @classmethod
    def of(cls, lines: NDArray[np.object_], width_m: float) -> Blocks:
        """Find the blocks; where the lines cross without meeting there are none."""
        block = np.zeros(0, dtype=object)
        if len(lines) >= _FEW and shapely.is_simple(shapely.multilinestrings(lines)):
            block = shapely.get_parts(shapely.polygonize(lines))
        side_block, side_line = _sides(block, lines)
        # A block counts when all of its sides are known.
        sides_m = np.bincount(side_block, weights=shapely.length(lines)[side_line], minlength=len(block))
        closed = np.isclose(sides_m, shapely.length(block), rtol=1e-9, atol=1e-6)
        if not closed.all():
            number = np.cumsum(closed) - 1
            keep = closed[side_block]
            block, side_block, side_line = block[closed], number[side_block[keep]], side_line[keep]
        left = shapely.buffer(block, -_outside(width_m), quad_segs=_HOLE_SEGMENTS)
        hole, hole_of = shapely.get_parts(left, return_index=True)
        some = ~shapely.is_empty(hole)
        return cls(
            lines=lines,
            width_m=width_m,
            block=block,
            side_block=side_block,
            side_line=side_line,
            hole=hole[some],
            hole_of=hole_of[some].astype(np.int64),
        )

    def area(
        self, whole: NDArray[np.bool_], parts: NDArray[np.object_], inside: shapely.Geometry
    ) -> tuple[shapely.Geometry, shapely.Geometry]:
        """Return the strip beside some lines.

        Parameters
        ----------
        whole : array of bool
            Which of the lines are walked whole.
        parts : array of LineString
            What else is walked.
        inside : Polygon or MultiPolygon
            The outline of fewer lines, which is to be part of this one.

        Returns
        -------
        tuple of two Polygon or MultiPolygon
            The strip, and its outline with the holes of blocks filled.
        """
        missing = np.bincount(self.side_block, weights=~whole[self.side_line], minlength=len(self.block))
        walked = missing == 0
        around = np.zeros(len(self.lines), dtype=bool)
        around[self.side_line[walked[self.side_block]]] = True
        loose = np.concatenate([self.lines[whole & ~around], parts])
        ground = shapely.coverage_union_all(self.block[walked])
        outline: shapely.Geometry = shapely.buffer(ground, self.width_m, quad_segs=STRIP_SEGMENTS)
        shapely.prepare(ground)
        within = shapely.covers(ground, loose)
        beyond = shapely.line_merge(shapely.multilinestrings(loose[~within]))
        strips = shapely.buffer(shapely.get_parts(beyond), self.width_m, quad_segs=STRIP_SEGMENTS)
        # The strips by themselves first: they are small, and each union with the outline draws it anew.
        outline = shapely.union(shapely.union(inside, outline), shapely.disjoint_subset_union_all(strips))
        holes = self.hole[walked[self.hole_of]]
        if len(holes):
            # What lies beyond a block is further from its hole than the side between them.
            holes = _without(holes, loose[within], self.width_m)
        return _pierced(outline, holes), outline


def _sides(
    block: NDArray[np.object_], lines: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which lines are the sides of which blocks, by the middle of their first straight piece."""
    none = np.zeros(0, dtype=np.int64)
    if not len(block):
        return none, none
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(line, np.arange(len(lines)))
    key = _middle(xy[first], xy[first + 1])
    order = np.argsort(key, kind="stable")
    ring, owner = shapely.get_rings(block, return_index=True)
    corner, of_ring = shapely.get_coordinates(ring, return_index=True)
    same = of_ring[1:] == of_ring[:-1]
    middle = _middle(corner[:-1][same], corner[1:][same])
    spot = np.minimum(np.searchsorted(key[order], middle), len(key) - 1)
    found = key[order][spot] == middle
    return owner[of_ring[:-1][same][found]].astype(np.int64), order[spot[found]].astype(np.int64)


def _middle(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.complex128]:
    middle = start + end
    return np.asarray(middle[:, 0] + 1j * middle[:, 1])


def _outside(width_m: float) -> float:
    """Return a distance whose buffer, as drawn, holds the true one: then what is called a hole is one.

    A circle is drawn within, and the library smooths its input by a hundredth of the distance.
    """
    return float(width_m / np.cos(np.pi / (4 * _HOLE_SEGMENTS)) * (1 + _SMOOTHED))


def _without(holes: NDArray[np.object_], loose: NDArray[np.object_], width_m: float) -> NDArray[np.object_]:
    """Take the strips of loose lines out of holes: dead ends within a block."""
    line, hole = shapely.STRtree(holes).query(loose, predicate="dwithin", distance=width_m)
    if not len(line):
        return holes
    made = holes.copy()
    away = _outside(width_m)
    for one in np.unique(hole):
        strips = shapely.buffer(loose[line[hole == one]], away, quad_segs=_HOLE_SEGMENTS)
        made[one] = shapely.difference(made[one], shapely.union_all(strips))
    pieces: NDArray[np.object_] = shapely.get_parts(made)
    polygons = shapely.get_type_id(pieces) == shapely.GeometryType.POLYGON
    left: NDArray[np.object_] = pieces[polygons & ~shapely.is_empty(pieces)]
    return left


def _pierced(outline: shapely.Geometry, holes: NDArray[np.object_]) -> shapely.Geometry:
    """Return an outline with holes that lie within it, apart from each other."""
    if not len(holes):
        return outline
    parts = shapely.get_parts(outline)
    if (shapely.get_num_interior_rings(holes) > 0).any():  # ground within a hole: a strip, or another block
        return shapely.difference(outline, shapely.union_all(holes))
    spot, part = shapely.STRtree(parts).query(shapely.point_on_surface(holes), predicate="within")
    del spot
    made = []
    order = np.argsort(part, kind="stable")
    rings = shapely.get_exterior_ring(holes)
    bounds = np.searchsorted(part[order], np.arange(len(parts) + 1))
    for i, one in enumerate(parts):
        mine = rings[order[bounds[i] : bounds[i + 1]]]
        inner = shapely.get_rings(one)[1:]
        made.append(shapely.polygons(shapely.get_exterior_ring(one), np.concatenate([inner, mine])))
    whole: shapely.Geometry = made[0] if len(made) == 1 else shapely.multipolygons(made)
    return whole
