"""Whose ground is whose: all of an area divided among buildings and empty parcels, without gaps and overlaps.

Each gets what lies nearest to its outline (a Voronoi diagram of points along the outlines), cut at the middle of
streets, and never beyond a main road, a railway or water while somebody lives on the other side. All borders are noded
into one net of lines whose faces are then given out, so that neighbours share their vertices exactly and two of them
are neighbours when they share a border that can be walked across.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

__all__ = ["Ground", "Lines", "lay_ground"]

_SPACING_M: Final = 5.0  # between points along an outline
_MANY: Final = (
    5_000  # from so many outlines on, points stand twice as far apart: borders are a little less smooth
)
_ROUND_M: Final = 0.01  # points nearer than this are one
_ON_LINE_M: Final = 0.002  # a border this near to a line lies on it: noding moves points by less
_LEAST_BORDER_M: Final = 3.0  # borders shorter than this are corners
_FAR: Final = 8.0  # extents away: points that close the diagram

Shapes = NDArray[np.object_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """What borders follow, and what they never cross.

    Parameters
    ----------
    edges : array of LineString
        Outlines of estates, which borders follow before all else.
    streets : array of LineString
        Borders follow their middle; they may be crossed.
    roads : array of LineString
        Main roads: borders follow them, and nobody is a neighbour across.
    water : array of Polygon
        Water and railways, as they lie on the ground; nobody is a neighbour across.
    """

    edges: Shapes
    streets: Shapes
    roads: Shapes
    water: Shapes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """An area divided into cells.

    Parameters
    ----------
    names : tuple of str
        Of the cells, in the order of the shapes given.
    shapes : (n,) array of Polygon or MultiPolygon
        The cells; together they are the area, and no two overlap.
    cell_of : mapping of str to int
        The cell of each name given; two shapes on one spot share one.
    outside : tuple of str
        Names of shapes that do not stand in the area.
    wet : tuple of str
        Names of shapes that stand in water; theirs is the cell that the water there was given to.
    pairs : (p, 2) array of int
        Neighbours across borders that can be walked across.
    border_m : (p,) array of float
        How long these borders are.
    across : (q, 2) array of int
        Neighbours across main roads and water only.
    across_m : (q,) array of float
        How long these borders are.
    """

    names: tuple[str, ...]
    shapes: Shapes
    cell_of: Mapping[str, int]
    outside: tuple[str, ...]
    wet: tuple[str, ...]
    pairs: Ints
    border_m: NDArray[np.float64]
    across: Ints
    across_m: NDArray[np.float64]


def lay_ground(area: shapely.Geometry, things: Mapping[str, shapely.Geometry], lines: Lines) -> Ground:
    """Divide an area among the things that stand in it.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        All of it is given out.
    things : mapping of str to Polygon
        Outlines of buildings and of parcels without one, by name.
    lines : Lines
        Streets, main roads and water.

    Returns
    -------
    Ground
        The cells and who is whose neighbour.
    """
    given = tuple(things)
    outlines = np.array([things[name] for name in given], dtype=object)
    middles = shapely.point_on_surface(outlines)
    shapely.prepare(area)
    here = np.flatnonzero(shapely.contains_properly(area, middles))
    if not len(here):
        return _nothing(given)
    net = _net(area, outlines[here], middles[here], lines)
    if not len(net.own):
        return _nothing(given)
    return _ground(
        net, [given[i] for i in here], sorted(set(given) - {given[i] for i in here}), _given_out(net)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Borders between two faces."""

    ends: Ints  # (e, 2) faces
    length_m: NDArray[np.float64]
    road: NDArray[np.bool_]  # lies on the middle of a main road
    street: NDArray[np.bool_]  # on the middle of a street
    edge: NDArray[np.bool_]  # on the outline of an estate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Net:
    """The faces of the net of all borders."""

    faces: Shapes
    edges: _Edges
    wet: NDArray[np.bool_]  # faces that are water
    near: Ints  # the cell whose thing is nearest to each face; -1 where that stands in water
    cell: Ints  # the cell of each thing
    own: Ints  # the thing of each cell
    stands: Ints  # the face in which each thing stands

    @property
    def home(self) -> Ints:
        """The face in which the thing of each cell stands."""
        return self.stands[self.own]

    def parts(self, among: NDArray[np.bool_]) -> Ints:
        """Return which connected part each face belongs to, over some of the borders."""
        pairs, count = self.edges.ends[among], len(self.faces)
        graph = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    @property
    def same_ground(self) -> NDArray[np.bool_]:
        """Which borders have land on both sides, or water on both."""
        return np.asarray(self.wet[self.edges.ends[:, 0]] == self.wet[self.edges.ends[:, 1]], dtype=bool)


def _nothing(given: tuple[str, ...]) -> Ground:
    none, zero = np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    return Ground(
        names=(), shapes=np.zeros(0, dtype=object), cell_of={}, outside=given, wet=(),
        pairs=none, border_m=zero, across=none, across_m=zero,
    )  # fmt: skip


def _points(outlines: Shapes, middles: Shapes) -> tuple[NDArray[np.float64], Ints]:
    """Return points along the outlines and one inside each, and whose they are."""
    spacing = _SPACING_M if len(outlines) < _MANY else 2 * _SPACING_M
    along, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(outlines), spacing), return_index=True
    )
    inner = shapely.get_coordinates(middles)
    points = np.concatenate([inner, along])
    owners = np.concatenate([np.arange(len(outlines)), owner])
    rounded = np.round(points / _ROUND_M).astype(np.int64)
    _, first = np.unique(rounded, axis=0, return_index=True)
    first.sort()
    return points[first], owners[first]


def _net(area: shapely.Geometry, outlines: Shapes, middles: Shapes, lines: Lines) -> _Net:
    """Draw all borders within an area, and look at their faces."""
    points, owner = _points(outlines, middles)
    roads, streets, edges = (_within(area, some) for some in (lines.roads, lines.streets, lines.edges))
    shores = _within(area, shapely.boundary(np.asarray(lines.water, dtype=object)))
    outline = np.atleast_1d(np.asarray(shapely.boundary(area), dtype=object))
    drawn = [outline, roads, streets, edges, shores, _within(area, _ridges(area, points, owner))]
    found = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(np.concatenate(drawn)))))
    found = found[shapely.intersects(area, shapely.point_on_surface(found))]
    # In the order of their places, whatever the order of the lines: same input, same numbers.
    spots = shapely.get_coordinates(shapely.point_on_surface(found))
    order = np.lexsort((spots[:, 1], spots[:, 0]))
    faces, spots = found[order], spots[order]
    ends, start, stop = _shared(faces)
    between = np.asarray(shapely.points((start + stop) / 2), dtype=object)
    wet = np.zeros(len(faces), dtype=bool)
    if len(lines.water):
        inner = shapely.STRtree(np.asarray(shapely.points(spots), dtype=object))
        wet[np.unique(inner.query(np.asarray(lines.water, dtype=object), predicate="intersects")[1])] = True
    label = owner[cKDTree(points).query(spots)[1]]
    stands = _home_faces(faces, middles)
    own, cell = _cells(label, stands, wet)
    return _Net(
        faces=faces,
        edges=_Edges(
            ends,
            np.linalg.norm(start - stop, axis=1),
            *(_near(between, some) for some in (roads, streets, edges)),
        ),
        wet=wet,
        near=cell[label],
        cell=cell,
        own=own,
        stands=stands,
    )


def _within(area: shapely.Geometry, shapes: Shapes) -> Shapes:
    """Return the lines that touch an area, whole: a line cut at its outline would end beside it by the last digit."""
    shapes = np.asarray(shapes, dtype=object)
    return shapes[shapely.intersects(area, shapes)]


def _ridges(area: shapely.Geometry, points: NDArray[np.float64], owner: Ints) -> Shapes:
    """Return the borders of the Voronoi diagram between points of different owners."""
    west, south, east, north = shapely.bounds(area)
    middle, far = np.array([(west + east) / 2, (south + north) / 2]), _FAR * max(east - west, north - south)
    turns = np.arange(8) * np.pi / 4
    frame = np.column_stack([np.cos(turns), np.sin(turns)]) * far
    diagram = Voronoi(np.concatenate([points - middle, frame]))
    owners = np.concatenate([owner, np.full(len(frame), -1)])[diagram.ridge_points]
    corners = np.array(diagram.ridge_vertices)
    wanted = (owners[:, 0] != owners[:, 1]) & (owners >= 0).all(axis=1) & (corners >= 0).all(axis=1)
    ends = diagram.vertices[corners[wanted]] + middle
    ends = ends[(ends[:, 0] != ends[:, 1]).any(axis=1)]
    lines: Shapes = shapely.linestrings(ends)
    return lines


def _shared(faces: Shapes) -> tuple[Ints, NDArray[np.float64], NDArray[np.float64]]:
    """Return which two faces share each segment, and its ends."""
    rings, face = shapely.get_rings(faces, return_index=True)
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    start, stop, owner = spots[:-1][same], spots[1:][same], face[ring[:-1][same]]
    flip = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    start[flip], stop[flip] = stop[flip].copy(), start[flip].copy()
    keys = np.column_stack([start, stop])
    order = np.lexsort((owner, *keys.T[::-1]))
    keys, owner = keys[order], owner[order]
    twin = np.flatnonzero((keys[:-1] == keys[1:]).all(axis=1))
    return np.column_stack([owner[twin], owner[twin + 1]]), keys[twin, :2], keys[twin, 2:]


def _near(points: Shapes, lines: Shapes) -> NDArray[np.bool_]:
    found = np.zeros(len(points), dtype=bool)
    if len(lines) and len(points):
        hit = shapely.STRtree(lines).query(points, predicate="dwithin", distance=_ON_LINE_M)[0]
        found[hit] = True
    return found


def _home_faces(faces: Shapes, middles: Shapes) -> Ints:
    """Return the face in which each thing stands; the first of two that meet there."""
    thing, face = shapely.STRtree(faces).query(middles, predicate="intersects")
    home = np.full(len(middles), len(faces), dtype=np.int64)
    np.minimum.at(home, thing, face)
    return home


def _cells(label: Ints, home: Ints, wet: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the things that have a cell of their own, and the cell of each thing, -1 where it stands in water."""
    things = np.arange(len(home))
    dry = ~wet[home]
    own = things[dry & (label[home] == things)]
    cell = np.full(len(home), -1, dtype=np.int64)
    cell[own] = np.arange(len(own))
    for _ in range(len(home)):  # two on one spot: the other's, whose may be yet another's
        bare = things[dry & (cell < 0)]
        cell[bare] = cell[label[home[bare]]]
        if (cell[bare] < 0).all():
            break
    return own, cell


def _given_out(net: _Net) -> Ints:
    """Return the cell of each face: of the nearest thing where that can be, else of a neighbour."""
    ends, edges = net.edges.ends, net.edges
    # The ground in an outline is for who stands in it; between outlines, up to the middle of the street; and so on.
    ways = (
        ~edges.edge & ~edges.street & ~edges.road & net.same_ground,
        ~edges.street & ~edges.road & net.same_ground,
        ~edges.road & net.same_ground,
        np.ones(len(ends), dtype=bool),
    )
    cell = np.full(len(net.faces), -1, dtype=np.int64)
    open_ = np.ones(len(net.faces), dtype=bool)
    for way in ways:
        block = net.parts(way)
        lived_in = np.zeros(block.max() + 1, dtype=bool)
        lived_in[block[net.home]] = True
        mine = open_ & (net.near >= 0) & (block == block[net.home][net.near])
        cell[mine] = net.near[mine]
        open_ &= ~lived_in[block]
    # Of each cell only what hangs together with where the thing stands.
    part = net.parts((cell[ends[:, 0]] == cell[ends[:, 1]]) & (cell[ends[:, 0]] >= 0))
    kept = np.zeros(part.max() + 1, dtype=bool)
    kept[part[net.home]] = True
    cell[~kept[part]] = -1
    for way in ways:
        _spread(cell, net.edges, way)
    # A part of the area by itself, in which nothing stands.
    lost = cell < 0
    cell[lost] = np.maximum(net.near[lost], 0)
    return cell


def _spread(cell: Ints, edges: _Edges, allowed: NDArray[np.bool_]) -> None:
    """Give faces without a cell to the neighbour with the longest border, again and again."""
    ends = np.concatenate([edges.ends[allowed], edges.ends[allowed][:, ::-1]])
    length = np.tile(edges.length_m[allowed], 2)
    while True:
        open_ = (cell[ends[:, 0]] < 0) & (cell[ends[:, 1]] >= 0)
        if not open_.any():
            return
        table = pd.DataFrame({"face": ends[open_, 0], "cell": cell[ends[open_, 1]], "m": length[open_]})
        sums = table.groupby(["face", "cell"], sort=True)["m"].sum().round(6).reset_index()
        best = sums.sort_values(["face", "m", "cell"], ascending=[True, False, True]).drop_duplicates("face")
        cell[best["face"].to_numpy()] = best["cell"].to_numpy()


def _ground(net: _Net, names: Sequence[str], outside: Sequence[str], cell_of_face: Ints) -> Ground:
    """Join the faces of each cell, and find its neighbours."""
    order = np.argsort(cell_of_face, kind="stable")
    starts = np.searchsorted(cell_of_face[order], np.arange(len(net.own) + 1))
    shapes = [
        _single(shapely.coverage_union_all(net.faces[order[a:b]])) for a, b in pairwise(starts.tolist())
    ]
    # Neighbours meet on the ground that they stand on: not across a road, and not on an island in the middle of one.
    ends, length = net.edges.ends, net.edges.length_m
    dry = ~net.wet
    block = net.parts(~net.edges.road & dry[ends].all(axis=1))
    at_home = dry & (cell_of_face >= 0) & (block == block[net.home][cell_of_face])
    first, second = cell_of_face[ends[:, 0]], cell_of_face[ends[:, 1]]
    differ = (first != second) & (first >= 0) & (second >= 0)
    open_ = differ & ~net.edges.road & at_home[ends].all(axis=1)
    pairs, border = _summed(first[open_], second[open_], length[open_])
    met = border >= _LEAST_BORDER_M
    across, across_m = _summed(first[differ], second[differ], length[differ])
    known = {tuple(pair) for pair in pairs[met].tolist()}
    only = np.array([tuple(pair) not in known for pair in across.tolist()], dtype=bool)
    # Who has no cell of its own is where the face went in which it stands.
    cell_of = {name: int(cell) for name, cell in zip(names, cell_of_face[net.stands], strict=True)}
    return Ground(
        names=tuple(names[i] for i in net.own),
        shapes=np.array(shapes, dtype=object),
        cell_of=cell_of,
        outside=tuple(outside),
        wet=tuple(name for name, wet in zip(names, net.wet[net.stands], strict=True) if wet),
        pairs=pairs[met],
        border_m=border[met],
        across=across[only],
        across_m=across_m[only],
    )


def _single(shape: shapely.Geometry) -> Any:  # noqa: ANN401 - shapely is not annotated
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape


def _summed(first: Ints, second: Ints, length: NDArray[np.float64]) -> tuple[Ints, NDArray[np.float64]]:
    """Return pairs of cells, the smaller first, and how long their borders are together."""
    if not len(first):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
    pairs = np.sort(np.column_stack([first, second]), axis=1)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    return unique, np.bincount(inverse.ravel(), weights=length).astype(float)
