"""Where cars can drive: ground of a clear width that hangs together, and aisles in their directions.

The ground is opened by the clear width: what is left is where a disc of that width can roll. A piece of it that
meets no gate cannot be driven on. The ways are the aisles' centrelines, cut where they meet; each piece is driven
in one direction or in both.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import networkx as nx
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.drawing import TOUCH_M, Aisle

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ways", "dead_ends", "opened", "ways"]

MEET_M: Final = 1e-3  # an end this close to another line lies on it
_SEGMENTS: Final = 32  # of a quarter circle: less than half a millimetre off at the radius of a disc


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """The aisles' centrelines cut into pieces between nodes.

    A drive is a piece in a direction in which it is driven; a piece driven both ways gives two.
    """

    points: NDArray[np.float64]  # x and y of each node
    gates: frozenset[int]  # nodes on a gate
    start: NDArray[np.int64]  # node where each drive begins
    end: NDArray[np.int64]  # node where it ends
    piece: NDArray[np.int64]  # number of the undirected piece
    aisle: NDArray[np.int64]  # number of the aisle

    @property
    def headings(self) -> NDArray[np.float64]:
        """Direction of each drive, in radians from the x axis."""
        along = self.points[self.end] - self.points[self.start]
        heading: NDArray[np.float64] = np.arctan2(along[:, 1], along[:, 0])
        return heading

    @property
    def lengths_m(self) -> NDArray[np.float64]:
        """Length of each drive."""
        along = self.points[self.end] - self.points[self.start]
        length: NDArray[np.float64] = np.hypot(along[:, 0], along[:, 1])
        return length

    @property
    def lines(self) -> NDArray[np.object_]:
        """Each drive as a LineString."""
        ends = np.stack([self.points[self.start], self.points[self.end]], axis=1)
        lines: NDArray[np.object_] = np.asarray(shapely.linestrings(ends)).reshape(-1)
        return lines


def opened(ground: BaseGeometry, gates: NDArray[np.object_], *, width_m: float) -> NDArray[np.object_]:
    """Find where the middle of a disc of the clear width can roll to from a gate.

    Parameters
    ----------
    ground : Polygon or MultiPolygon
        What may be driven on, as far as the street outside the gates: a gate closes nothing.
    gates : array of LineString
        Where cars come in.
    width_m : float
        Clear width.

    Returns
    -------
    array of Polygon
        The pieces that reach a gate.
    """
    # Slits up to a millimetre between pieces of ground that touch are closed; ground of exactly the clear width then
    # leaves a line a millimetre wide.
    closed = shapely.buffer(ground, TOUCH_M / 2, join_style="mitre")
    rolling = shapely.get_parts(shapely.buffer(closed, -width_m / 2, quad_segs=_SEGMENTS))
    if len(gates) == 0 or len(rolling) == 0:
        return np.empty(0, dtype=object)
    hit = shapely.STRtree(rolling).query(gates, predicate="intersects")[1]
    pieces: NDArray[np.object_] = rolling[np.unique(hit)]
    return pieces


def ways(aisles: tuple[Aisle, ...], gates: NDArray[np.object_]) -> Ways:
    """Cut the centrelines of aisles where they meet each other and the gates.

    Parameters
    ----------
    aisles : tuple of Aisle
        Those without a line are passed over.
    gates : array of LineString
        Where cars come in.

    Returns
    -------
    Ways
        Nodes, and drives in the directions of the aisles.
    """
    starts, ends, owners = [], [], []
    for number, aisle in enumerate(aisles):
        if aisle.line is None:
            continue
        line = shapely.get_coordinates(aisle.line)
        line = line[np.r_[True, np.hypot(*np.diff(line, axis=0).T) > MEET_M]]
        starts.append(line[:-1])
        ends.append(line[1:])
        owners.append(np.full(len(line) - 1, number))
    if not owners:
        nothing = np.empty(0, dtype=np.int64)
        return Ways(
            points=np.empty((0, 2)),
            gates=frozenset(),
            start=nothing,
            end=nothing,
            piece=nothing,
            aisle=nothing,
        )
    first, last, owner = np.concatenate(starts), np.concatenate(ends), np.concatenate(owners)
    segments: NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack([first, last], axis=1)))
    cut, places = _cuts(segments, first, last, gates)
    node, points = _clustered(places)
    drives: list[tuple[int, int, int, int]] = []  # start, end, piece, aisle
    piece = 0
    along = shapely.line_locate_point(segments[cut], shapely.points(places))
    for number in range(len(segments)):
        mine = np.flatnonzero(cut == number)
        order = node[mine[np.argsort(along[mine], kind="stable")]]
        order = order[np.r_[True, order[1:] != order[:-1]]]
        for u, v in itertools.pairwise(order.tolist()):
            drives.append((u, v, piece, int(owner[number])))
            if not aisles[owner[number]].one_way:
                drives.append((v, u, piece, int(owner[number])))
            piece += 1
    start, end, pieces, owners_of = np.array(drives, dtype=np.int64).reshape(-1, 4).T
    at_gate: frozenset[int] = frozenset()
    if len(gates):
        near = shapely.STRtree(gates).query(shapely.points(points), predicate="dwithin", distance=2 * MEET_M)
        at_gate = frozenset(int(n) for n in near[0])
    return Ways(
        points=points,
        gates=at_gate,
        start=start,
        end=end,
        piece=pieces,
        aisle=owners_of,
    )


def dead_ends(ways: Ways) -> list[tuple[float, tuple[int, ...], tuple[int, ...]]]:
    """Find the ways that can be left only as they were entered.

    Ways that lead neither round nor to a second gate are stripped leaf by leaf; what is stripped hangs on the rest,
    or on a gate, like the branches of a tree.

    Parameters
    ----------
    ways : Ways
        The ways.

    Returns
    -------
    list of tuple of float, tuple of int and tuple of int
        For each end: metres from it to where the branch hangs, and the nodes and pieces of that way, the end first.
    """
    graph: nx.MultiGraph[int] = nx.MultiGraph()
    for u, v, piece, length in zip(ways.start, ways.end, ways.piece, ways.lengths_m, strict=True):
        ends = [-1 if int(n) in ways.gates else int(n) for n in (u, v)]  # all gates are the street
        if ends[0] != ends[1]:
            graph.add_edge(ends[0], ends[1], key=int(piece), length=float(length))
    up: dict[int, tuple[int, int, float]] = {}
    leaves = [n for n in sorted(graph) if n != -1 and graph.degree(n) == 1]
    ends_found = list(leaves)
    while leaves:
        leaf = leaves.pop()
        if graph.degree(leaf) != 1:
            continue
        ((_, onward, piece, data),) = graph.edges(leaf, keys=True, data=True)
        up[leaf] = (onward, piece, data["length"])
        graph.remove_node(leaf)
        if onward != -1 and graph.degree(onward) == 1:
            leaves.append(onward)
    found = []
    for leaf in ends_found:
        nodes, pieces, length, at = [leaf], [], 0.0, leaf
        while at in up:
            at, piece, more = up[at]
            length += more
            nodes.append(at)
            pieces.append(piece)
        found.append((length, tuple(n for n in nodes if n != -1), tuple(pieces)))
    return found


def _cuts(
    segments: NDArray[np.object_],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    gates: NDArray[np.object_],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return where segments are cut: numbers of segments, and the points at which nodes lie."""
    own = np.arange(len(segments))
    cut, places = [own, own], [first, last]

    def add(numbers: NDArray[np.int64], points: NDArray[np.object_]) -> None:
        there = shapely.get_type_id(points) == shapely.GeometryType.POINT
        there &= ~shapely.is_empty(points)
        cut.append(numbers[there])
        places.append(shapely.get_coordinates(points[there]))

    tree = shapely.STRtree(segments)
    left, right = tree.query(segments, predicate="dwithin", distance=MEET_M)
    one_way = left != right
    left, right = left[one_way], right[one_way]
    for ends in (first, last):
        points: NDArray[np.object_] = np.asarray(shapely.points(ends))
        near = shapely.dwithin(points[left], segments[right], MEET_M)
        add(right[near], points[left[near]])
    upper = left < right
    crossing = shapely.intersection(segments[left[upper]], segments[right[upper]])
    for numbers in (left[upper], right[upper]):
        add(numbers, crossing)
    if len(gates):
        seg, gate = shapely.STRtree(gates).query(segments, predicate="dwithin", distance=MEET_M)
        add(seg, shapely.get_point(shapely.shortest_line(segments[seg], gates[gate]), 0))
    return np.concatenate(cut).astype(np.int64), np.concatenate(places)


def _clustered(places: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return which node each place is, and where the nodes lie; places closer than two millimetres are one."""
    points: NDArray[np.object_] = np.asarray(shapely.points(places))
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=2 * MEET_M)
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(places)))
    graph.add_edges_from(zip(left.tolist(), right.tolist(), strict=True))
    node = np.empty(len(places), dtype=np.int64)
    centres = []
    for number, members in enumerate(sorted(nx.connected_components(graph), key=min)):
        node[list(members)] = number
        centres.append(places[min(members)])
    return node, np.array(centres)
