"""Dead ends of the lanes that an engine gets to, and whether it can turn round there.

The middle lines of the fire lanes, as far as a lane of the width asked for passes on them, are a network. What does
not lie on a loop, or on the way from one street to another, ends somewhere: a dead end, as long as the way
from its tip back to the network. A lane that is pinched ends at the pinch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely import affinity
from shapely.ops import substring

if TYPE_CHECKING:
    import networkx as nx
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.ground import Ground

__all__ = ["DeadEnd", "dead_ends_of", "square_fits"]

# Metres by which two ends of lines may miss one another and still meet.
_JOIN_M: Final = 0.05
# A street or a space that lanes open into, and the world outside, as nodes of the network.
_OUTSIDE: Final = ("outside", "")
_SAME_M: Final = 1e-6
_ROUND_M: Final = 3  # decimals of a metre to which ends are told apart
# Degrees between the directions that are tried for a square, besides those of the outline.
_TURN_DEG: Final = 7.5
_DIRECTIONS: Final = 24
_EVEN_M: Final = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeadEnd:
    """A way that ends."""

    lanes: tuple[str, ...]
    line: BaseGeometry  # from the tip back to the network
    turnaround: bool | None  # None: there is room, of which nobody says what it is, or a fork to back into


def dead_ends_of(
    ground: Ground,
    region: BaseGeometry,
    *,
    width_m: float,
    dead_end_m: float,
    turnaround_m: float,
) -> list[DeadEnd]:
    """Find the dead ends that are longer than a length.

    Parameters
    ----------
    ground : Ground
        The ground.
    region : MultiPolygon
        Where a lane of the width asked for gets to.
    width_m : float
        Of that lane.
    dead_end_m : float
        A longer dead end needs room to turn; one whose tip is not farther than this from such room has it.
    turnaround_m : float
        Side of the square in which an engine turns.

    Returns
    -------
    list of DeadEnd
        Each tip once, by the place of its tip.
    """
    graph = _network(ground, region, width_m)
    away = _away(graph)
    found = []
    for tip, chain in sorted(away.items(), key=lambda item: str(item[0])):
        line = shapely.line_merge(shapely.MultiLineString([graph.edges[e]["line"] for e in chain]))
        if line.length <= dead_end_m + _EVEN_M:
            continue
        lanes = tuple(sorted({graph.edges[e]["lane"] for e in chain}))
        tail = line.intersection(shapely.Point(graph.nodes[tip]["xy"]).buffer(dead_end_m))
        # A square beside the lane lies within its diagonal.
        window = tail.buffer(turnaround_m * 1.5 + width_m)
        hard = _touching(ground.free.intersection(window), tail)
        turns: bool | None = square_fits(hard, turnaround_m)
        forks = any(
            graph.degree(node) > 2  # noqa: PLR2004
            and shapely.Point(graph.nodes[node]["xy"]).distance(shapely.Point(graph.nodes[tip]["xy"]))
            <= dead_end_m
            for edge in chain
            for node in edge
        )
        if not turns and (
            forks or square_fits(_touching(ground.land_in(window).union(hard), tail), turnaround_m)
        ):
            turns = None
        found.append(DeadEnd(lanes=lanes, line=line, turnaround=turns))
    return sorted(found, key=lambda d: (d.lanes, round(d.line.length, 2), d.line.wkt))


def square_fits(area: BaseGeometry, side_m: float) -> bool:
    """Tell whether a square fits into an area, in any direction.

    Parameters
    ----------
    area : Polygon or MultiPolygon
        The area.
    side_m : float
        Of the square.

    Returns
    -------
    bool
        Of squares that stand askew to everything around them a few are tried, so that one that would fit only at
        an angle between may be missed.
    """
    side = side_m - _EVEN_M
    if area.is_empty or area.buffer(-side / 2, quad_segs=8).is_empty:
        return False
    if not area.buffer(-side * 0.7072, quad_segs=8).is_empty:
        return True
    return any(_fits_upright(affinity.rotate(area, -turn, origin=(0, 0)), side) for turn in _directions(area))


def _touching(area: BaseGeometry, line: BaseGeometry) -> BaseGeometry:
    """Return the parts of an area that a line touches."""
    parts = shapely.get_parts(area)
    return shapely.union_all(parts[shapely.dwithin(parts, line, _JOIN_M)])


def _directions(area: BaseGeometry) -> list[float]:
    """Return directions of the outline, the longest sides first, and some between them."""
    weight: dict[float, float] = {}
    for ring in shapely.get_rings(shapely.get_parts(area)):
        step = np.diff(shapely.get_coordinates(ring), axis=0)
        turn = np.degrees(np.arctan2(step[:, 1], step[:, 0])) % 90
        for t, long in zip(turn.round(4).tolist(), np.hypot(step[:, 0], step[:, 1]).tolist(), strict=True):
            weight[t] = weight.get(t, 0.0) + long
    longest = sorted(weight, key=lambda t: (-round(weight[t], 3), t))[:_DIRECTIONS]
    return [*longest, *np.arange(0.0, 90.0, _TURN_DEG).tolist()]


def _fits_upright(area: BaseGeometry, side: float) -> bool:
    """Tell whether a square fits with its sides along the axes: what is not area, grown by it, leaves room."""
    x0, y0, x1, y1 = area.bounds
    if x1 - x0 < side or y1 - y0 < side:
        return False
    rest = shapely.box(x0 - side, y0 - side, x1 + side, y1 + side).difference(area)
    for shift in ((side, 0.0), (0.0, side)):
        rest = _swept(rest, shift)
    # The middle of a square keeps to the box of the area, shifted as the sweeping was.
    return bool(shapely.box(x0 + side, y0 + side, x1, y1).difference(rest).area > 0)


def _swept(shape: BaseGeometry, shift: tuple[float, float]) -> BaseGeometry:
    """Return what a shape covers while it moves along a straight way."""
    quads = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring)
        a, b = xy[:-1], xy[1:]
        quads.append(np.stack([a, b, b + shift, a + shift, a], axis=1))
    swept = list(shapely.buffer(np.asarray(shapely.polygons(np.concatenate(quads))), 0)) if quads else []
    return shapely.union_all([shape, affinity.translate(shape, *shift), *swept])


def _network(ground: Ground, region: BaseGeometry, width_m: float) -> nx.Graph[Any]:
    """Return the middle lines on which a lane passes as a graph; streets and hard spaces are nodes."""
    import networkx as nx  # noqa: PLC0415 - heavy

    graph: nx.Graph[Any] = nx.Graph()
    pieces: list[tuple[str, BaseGeometry]] = []
    wide = region.buffer(_EVEN_M)
    for lane, line in ground.centrelines.items():
        pieces += [
            (lane, part)
            for part in shapely.get_parts(line.intersection(wide))
            if part.geom_type == "LineString" and part.length > _JOIN_M
        ]
    if not pieces:
        return graph
    joined = _joined([p for _, p in pieces], ground)
    names = shapely.STRtree([p for _, p in pieces])
    for part in shapely.get_parts(shapely.node(shapely.union_all(joined))):
        middle = part.interpolate(0.5, normalized=True)
        lane = pieces[int(names.query_nearest(middle, all_matches=False)[0])][0]
        # Two ways between the same two ends are two ways: each has a node of its own in its middle.
        halves = [substring(part, a, b, normalized=True) for a, b in ((0, 0.5), (0.5, 1))]
        for number, half in enumerate(halves):
            ends = [tuple(np.round(c, _ROUND_M).tolist()) for c in (half.coords[0], half.coords[-1])]
            inner = ("middle", *ends[1 - number])
            ends[1 - number] = inner
            for end in ends:
                graph.add_node(end, xy=end[-2:])
            graph.add_edge(*ends, line=half, lane=lane)
    _without_stubs(graph, ground, width_m)
    _open_ends(graph, ground, region)
    return graph


def _without_stubs(graph: nx.Graph[Any], ground: Ground, width_m: float) -> None:
    """Drop the ends of lanes that are too narrow: where they cross a wide one, a lane passes on their middle line."""
    lanes, surfaces = list(ground.lanes), np.array(list(ground.lanes.values()), dtype=object)
    leaves = [node for node in graph if graph.degree(node) == 1]
    while leaves:
        leaf = leaves.pop()
        if leaf not in graph or graph.degree(leaf) != 1:
            continue
        (node,) = graph.neighbors(leaf)
        edge = graph.edges[leaf, node]
        near = shapely.intersects(surfaces, edge["line"])
        near[lanes.index(edge["lane"])] = False
        if edge["line"].difference(shapely.union_all(surfaces[near])).length < width_m / 2:
            graph.remove_node(leaf)
            leaves.append(node)


def _joined(lines: list[BaseGeometry], ground: Ground) -> list[BaseGeometry]:
    """Lead the ends of lines on to the middle of lanes into which they open.

    The place where they meet becomes a corner of both: a point that lies on a line to within a rounding is not on it.
    """
    tree = shapely.STRtree(lines)
    reach = max(ground.widths.values(), default=0.0) / 2
    corners: dict[int, list[tuple[float, tuple[float, float]]]] = {}
    links: list[BaseGeometry] = []
    for i, line in enumerate(lines):
        for spot in (line.coords[0], line.coords[-1]):
            point = shapely.Point(spot)
            near = [k for k in tree.query(point, predicate="dwithin", distance=reach).tolist() if k != i]
            if not near:
                continue
            to = min(near, key=lambda k: (round(lines[k].distance(point), 4), lines[k].wkt))
            along = lines[to].project(point)
            foot = lines[to].interpolate(along)
            meet = (point.x, point.y) if foot.distance(point) < _SAME_M else (foot.x, foot.y)
            corners.setdefault(to, []).append((along, meet))
            if meet != (point.x, point.y):
                links.append(shapely.LineString([spot, meet]))
    return [_with_corners(line, corners.get(k, [])) for k, line in enumerate(lines)] + links


def _with_corners(line: BaseGeometry, more: list[tuple[float, tuple[float, float]]]) -> BaseGeometry:
    """Return a line that also has corners at some lengths along it."""
    xy = np.array(line.coords)[:, :2]
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    inner = [(along, spot) for along, spot in more if _SAME_M < along < run[-1] - _SAME_M]
    # A corner that is there already gives way to the one that both share.
    kept = [
        (along, tuple(spot))
        for along, spot in zip(run.tolist(), xy.tolist(), strict=True)
        if all(abs(along - other) >= _SAME_M for other, _ in inner)
    ]
    return shapely.LineString([spot for _, spot in sorted([*kept, *inner])])


def _open_ends(graph: nx.Graph[Any], ground: Ground, region: BaseGeometry) -> None:
    """Join nodes on streets and spaces with one another, and those outside with the world."""
    halls = [_OUTSIDE, *(("hall", name) for name in ground.roads), *(("hall", n) for n in ground.lanes if n not in ground.centrelines)]  # fmt: skip
    areas = [
        ground.outside,
        *ground.roads.values(),
        *(s for n, s in ground.lanes.items() if n not in ground.centrelines),
    ]
    spots = list(graph.nodes)
    points = np.asarray(shapely.points(np.array([graph.nodes[n]["xy"] for n in spots])))
    for hall, area in zip(halls, areas, strict=True):
        shapely.prepare(area)
        near = np.flatnonzero(shapely.dwithin(area, points, 2 * _JOIN_M))
        here = area.intersection(region) if len(near) else shapely.Polygon()
        for i in near[shapely.dwithin(here, points[near], _JOIN_M)].tolist():
            graph.add_node(hall, xy=tuple(here.representative_point().coords[0]))
            graph.add_edge(spots[i], hall, line=shapely.LineString(), lane="")


def _away(graph: nx.Graph[Any]) -> dict[object, list[tuple[object, object]]]:
    """Return for each tip the edges of the way back to the network that has no ends."""
    core = graph.copy()
    up: dict[object, object] = {}
    leaves = [n for n in core if core.degree(n) == 1 and n != _OUTSIDE]
    tips = []
    while leaves:
        node = leaves.pop()
        if node not in core or core.degree(node) != 1:
            continue
        if node not in up.values():
            tips.append(node)
        (parent,) = core.neighbors(node)
        up[node] = parent
        core.remove_node(node)
        if parent != _OUTSIDE and core.degree(parent) == 1:
            leaves.append(parent)
    found = {}
    for tip in tips:
        chain, node = [], tip
        while node in up:
            if graph.edges[node, up[node]]["lane"]:
                chain.append((node, up[node]))
            node = up[node]
        if chain:
            found[tip] = chain
    return found
