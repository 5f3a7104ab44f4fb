"""Outlines from lines: closed where they nearly close, joined where they were drawn piece by piece, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from plan.readers._cad_gather import Doubt

__all__ = ["TOLERANCE_M", "Joined", "closed", "doubled", "faced", "join", "nested"]

TOLERANCE_M: Final = 0.05  # a gap that is not drawn on purpose: 0.1 mm of paper at 1:500
EXACT_M: Final = 0.001  # below it ends are the same point
_ALIKE: Final = 0.001  # of the area: outlines that differ by less are the same outline drawn twice
_CORNERS: Final = 4  # points of a ring, the first of them twice
_NEAREST: Final = 8  # neighbours that are looked at
_APART_M: Final = 0.5  # between the middles, and the roots of the areas, of outlines that may be the same
_WALL_M: Final = 0.4  # the thickest wall round an estate: one and a half bricks are 370 mm
_BESIDE: Final = 0.9  # of a line, that lies along another one
_MISSING: Final = 2 / 3  # of the length of lines: what closes them is no longer; of an L it is
_YARD_M2: Final = 1.0  # the least courtyard; smaller ones are signs and steps
_MOST_NESTED: Final = 20_000  # outlines; with more no site plan is read one by one
_MOST_LINES: Final = 50_000  # lines that are joined
_CROSSINGS: Final = 2_000_000  # of them; more is a hatch or a trap, and would take all memory
_SAMPLE: Final = 200  # lines by which crossings are estimated

Array = np.ndarray[Any, Any]


def closed(line: BaseGeometry) -> tuple[shapely.Polygon, float] | None:
    """Return the area within a line whose ends nearly meet, and the gap in metres; None where they do not."""
    points = shapely.get_coordinates(line)
    gap = float(np.hypot(*(points[-1] - points[0])))
    if gap > TOLERANCE_M or len(points) < _CORNERS - (gap > 0):
        return None
    if gap <= EXACT_M and len(points) >= _CORNERS:
        points[-1] = points[0]  # the same point, written with other last digits
    ring = shapely.Polygon(points)
    return (ring, gap) if gap < ring.length / 4 and _encloses(ring) else None


def _encloses(ring: shapely.Polygon) -> bool:
    """Tell whether an outline has ground in it; of one that crosses itself the halves may cancel each other out."""
    size = ring.area
    if size <= TOLERANCE_M**2 and not ring.is_valid:
        size = shapely.make_valid(ring, method="structure").area
    return bool(size > TOLERANCE_M**2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """What lines enclose together.

    Parameters
    ----------
    areas : tuple of Polygon
        In the order of their places, from the lower left.
    sources : tuple of tuple of int
        For each area the lines along its edge.
    gaps : tuple of float
        For each area the widest gap that was closed at its corners, metres.
    left : tuple of int
        Lines that enclose nothing.
    doubts : tuple of str
        For each area why it may not be what was meant: ``crossed`` where a corner of it is where lines cross and none
        has a corner, ``strip`` where lines lie beside each other along its edge, nearer than anyone draws them,
        ``courtyard`` where lines within it enclose ground but for a piece that is missing.
    """

    areas: tuple[shapely.Polygon, ...]
    sources: tuple[tuple[int, ...], ...]
    gaps: tuple[float, ...]
    left: tuple[int, ...]
    doubts: tuple[Doubt, ...] = ()


def join(lines: Sequence[BaseGeometry]) -> Joined:
    """Join lines whose ends lie within the tolerance, and return what they enclose.

    Parameters
    ----------
    lines : sequence of LineString
        In metres.
    """
    if not lines or _too_tangled(lines):
        return Joined(areas=(), sources=(), gaps=(), left=tuple(range(len(lines))))
    moved, gaps = _snapped(lines)
    network = shapely.union_all(moved)
    faces = [a for a in shapely.get_parts(shapely.polygonize([network])).tolist() if a.area > TOLERANCE_M**2]
    strips = [a for a in faces if _is_strip(a)]
    areas = sorted((a for a in faces if not _is_strip(a)), key=lambda a: a.bounds)
    sources: list[tuple[int, ...]] = []
    if areas:
        # What encloses an area lies on its edge over some length.
        edges = [a.exterior for a in areas]
        which, line = shapely.STRtree(moved).query(edges, predicate="intersects")
        along = shapely.length(
            shapely.intersection(
                np.array(moved, dtype=object)[line],
                shapely.buffer(np.array(edges, dtype=object)[which], EXACT_M),
            )
        )
        on_edge = along > TOLERANCE_M
        found: dict[int, list[int]] = {}
        for area, one in zip(which[on_edge].tolist(), line[on_edge].tolist(), strict=True):
            found.setdefault(area, []).append(one)
        sources = [tuple(sorted(found.get(i, []))) for i in range(len(areas))]
    used = {one for lines_of in sources for one in lines_of}
    left = tuple(i for i in range(len(lines)) if i not in used)
    return Joined(
        areas=tuple(areas),
        sources=tuple(sources),
        gaps=tuple(max((gaps[i] for i in lines_of), default=0.0) for lines_of in sources),
        left=left,
        doubts=_doubts(areas, moved, strips, [moved[i] for i in left]),
    )


def _is_strip(area: shapely.Polygon) -> bool:
    """Tell whether an area is the gap between two lines that were to be one: on the average it is no wider."""
    return bool(area.area < TOLERANCE_M * area.length / 2)


def _doubts(
    areas: Sequence[shapely.Polygon],
    lines: Sequence[BaseGeometry],
    strips: Sequence[shapely.Polygon],
    left: Sequence[BaseGeometry],
) -> tuple[Doubt, ...]:
    beside = np.zeros(len(areas), dtype=bool)
    if areas and strips:
        shapes, thin = np.array(areas, dtype=object), np.array(strips, dtype=object)
        which, strip = shapely.STRtree(thin).query(shapes, predicate="touches")
        along = shapely.length(shapely.intersection(shapes[which], thin[strip])) > TOLERANCE_M
        beside[which[along]] = True
    return tuple(
        "crossed" if crossed else "strip" if thin_one else "courtyard" if open_one else ""
        for crossed, thin_one, open_one in zip(
            _crossed(areas, lines), beside.tolist(), _with_open_courtyard(areas, left), strict=True
        )
    )


def _with_open_courtyard(areas: Sequence[shapely.Polygon], left: Sequence[BaseGeometry]) -> list[bool]:
    """Tell in which areas lie lines that go nearly round: a courtyard of which a piece is missing is no ground of the house."""
    found = np.zeros(len(areas), dtype=bool)
    if not areas or not left:
        return found.tolist()
    chains = shapely.get_parts(shapely.line_merge(shapely.union_all(left)))
    ends = [shapely.get_point(chains, at) for at in (0, -1)]
    nearly = shapely.distance(*ends) <= _MISSING * shapely.length(chains)
    chains = chains[nearly & (shapely.get_num_points(chains) >= _CORNERS - 1)]
    yards = [
        yard for yard in map(shapely.Polygon, map(shapely.get_coordinates, chains)) if yard.area >= _YARD_M2
    ]
    if yards:
        found[shapely.STRtree(areas).query(yards, predicate="within")[1]] = True
    return found.tolist()


def _crossed(areas: Sequence[shapely.Polygon], lines: Sequence[BaseGeometry]) -> tuple[bool, ...]:
    if not areas:
        return ()
    corners = cKDTree(shapely.get_coordinates(lines))
    places, which = shapely.get_coordinates(list(areas), return_index=True)
    new = np.isinf(corners.query(places, distance_upper_bound=EXACT_M)[0])
    return tuple((np.bincount(which[new], minlength=len(areas)) > 0).tolist())


def _snapped(lines: Sequence[BaseGeometry]) -> tuple[list[shapely.LineString], list[float]]:
    """Move ends that lie together to one point; return the lines, and how far an end of each was moved."""
    chains = [shapely.get_coordinates(line) for line in lines]
    ends = np.array([chain[k] for chain in chains for k in (0, -1)])
    places, which = np.unique(ends, axis=0, return_inverse=True)
    # The nearest few are enough to connect a cluster, and no cluster can be so dense that its pairs fill the memory.
    near = cKDTree(places).query(places, k=min(_NEAREST, len(places)), distance_upper_bound=TOLERANCE_M)[1]
    near = near.reshape(len(places), -1)
    row = np.repeat(np.arange(len(places)), near.shape[1])
    real = near.ravel() < len(places)
    graph = coo_array(
        (np.ones(int(real.sum()), dtype=bool), (row[real], near.ravel()[real])),
        shape=(len(places), len(places)),
    )
    count, clusters = connected_components(graph, directed=False)
    group = clusters[which.ravel()]
    first = np.full(count, len(ends))
    np.minimum.at(first, group, np.arange(len(ends)))
    target = ends[first[group]]
    shift = np.hypot(*(target - ends).T)
    moved, gaps = [], []
    for i, chain in enumerate(chains):
        points = chain.copy()
        points[0], points[-1] = target[2 * i], target[2 * i + 1]
        moved.append(shapely.LineString(points))
        gaps.append(float(max(shift[2 * i], shift[2 * i + 1])))
    return moved, gaps


def doubled(areas: Sequence[BaseGeometry]) -> dict[int, int]:
    """Return which areas are others drawn again: a boundary and its hatch, a line under a line.

    Returns
    -------
    dict of int to int
        From the place of the later one to that of the first.
    """
    if len(areas) < 2:  # noqa: PLR2004 - two can be alike
        return {}
    shapes = np.array(areas, dtype=object)
    sound = shapely.is_valid(shapes)
    size = shapely.area(shapes)
    middles = shapely.centroid(shapes)
    marks = np.column_stack([shapely.get_x(middles), shapely.get_y(middles), np.sqrt(size)])
    marks[~sound] = 0.0
    near = cKDTree(marks).query(marks, k=min(_NEAREST, len(marks)), distance_upper_bound=_APART_M)[1]
    left = np.repeat(np.arange(len(marks)), near.shape[1])
    right = near.ravel()
    real = (right < len(marks)) & (left < right)
    left, right = left[real], right[real]
    alike = sound[left] & sound[right]
    alike &= np.abs(size[left] - size[right]) <= _ALIKE * np.maximum(size[left], size[right])
    left, right = left[alike], right[alike]
    differs = shapely.area(shapely.symmetric_difference(shapes[left], shapes[right]))
    same = differs <= _ALIKE * size[left]
    again: dict[int, int] = {}
    for a, b in sorted(zip(left[same].tolist(), right[same].tolist(), strict=True)):
        again.setdefault(b, again.get(a, a))
    return again


def nested(areas: Sequence[BaseGeometry]) -> tuple[int, ...]:
    """Return the places of areas that lie within another one."""
    shapes = np.array(areas, dtype=object)
    if not 1 < len(shapes) <= _MOST_NESTED:
        return ()
    inner, outer = shapely.STRtree(shapes).query(shapes, predicate="within")
    return tuple(sorted({int(i) for i, o in zip(inner, outer, strict=True) if i != o}))


def faced(lines: Sequence[BaseGeometry]) -> tuple[int, ...]:
    """Return the places of lines that are one face of a wall of which another one is the other.

    Parameters
    ----------
    lines : sequence of LineString
        In metres.
    """
    if not lines or _too_tangled(lines):
        return ()
    shapes = np.array(lines, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_WALL_M)
    apart = (one != other) & ~shapely.intersects(shapes[one], shapes[other])
    one, other = one[apart], other[apart]
    along = shapely.length(shapely.intersection(shapes[one], shapely.buffer(shapes[other], _WALL_M)))
    length = shapely.length(shapes[one])
    return tuple(np.unique(one[(along >= _BESIDE * length) & (length > _WALL_M)]).tolist())


def _too_tangled(lines: Sequence[BaseGeometry]) -> bool:
    """Tell whether lines cross so often that joining them would not end."""
    if len(lines) > _MOST_LINES:
        return True
    shapes = np.array(lines, dtype=object)
    sample = shapes[:: max(len(shapes) // _SAMPLE, 1)]
    hits = len(shapely.STRtree(shapes).query(sample)[0])
    return hits / len(sample) * len(shapes) > _CROSSINGS
