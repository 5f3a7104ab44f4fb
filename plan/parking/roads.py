"""The roads of an estate that cars can use, from its gates on, and in which direction each is driven.

A street is a road; a path at least as wide as a car needs is one too, for in old estates people walk and drive on
the same lane; so is what a fire engine can use. Roads too narrow for two cars are driven one way round where they
lie on a loop (a graph without bridges has such an order: H. E. Robbins, A theorem on graphs with an application to
a problem of traffic control, 1939); a narrow road that is the only way to somewhere stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import geopandas as gpd
import networkx as nx
import pandas as pd
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.one_way import Edge, Node, RoadKind, one_way_order
from plan.parking.stalls import StallSpec
from plan.site import Site

__all__ = ["Road", "Roads", "fire_ground", "internal_roads"]

# This tool's default: a path that is at least so wide is driven on (JGJ 100-2015, 4.3.4: no aisle below 3.0 m).
LEAST_ROAD_M: Final = 3.0
_NEAR_M: Final = 1.0  # a gate, or a fire lane, so near to a road is on it
_OUT_M: Final = 30.0  # a gate stands no farther inside the edge of its parcel
_SHORT_M: Final = 0.05  # no road is so short


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Road:
    """One road between two junctions.

    Parameters
    ----------
    road_id : str
        Its number in this estate.
    name : str
        What people call it; empty when it has no name.
    line : LineString
        Its middle, in the direction of travel where it is driven one way.
    width_m : float
        Of the carriageway, in metres.
    two_way : bool
        Whether it is driven in both directions.
    narrow : bool
        Whether it is driven in both directions though two cars cannot pass: the only way to somewhere.
    fire : bool
        Whether it is a fire lane, too.
    """

    road_id: str
    name: str
    line: LineString
    width_m: float
    two_way: bool
    narrow: bool
    fire: bool

    @property
    def ground(self) -> BaseGeometry:
        """The carriageway."""
        return self.line.buffer(self.width_m / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0)


# Not slotted: the ground is kept once it was made.
@dataclass(frozen=True, kw_only=True, eq=False)
class Roads:
    """The roads of an estate and the gates through which cars reach them."""

    roads: tuple[Road, ...]
    gates: tuple[LineString, ...]  # across the road, as wide as it is
    one_way: bool  # whether every road that can be is driven one way, and all of them are reached and left

    @cached_property
    def ground(self) -> BaseGeometry:
        """All carriageways, round where they meet and cut off at the gates."""
        middles = shapely.union_all([gate.interpolate(0.5, normalized=True) for gate in self.gates])
        shapes: list[BaseGeometry] = []
        for road in self.roads:
            shapes.append(road.ground)
            ends = [Point(road.line.coords[i]) for i in (0, -1)]
            shapes += [
                p.buffer(road.width_m / 2) for p in ends if middles.is_empty or p.distance(middles) > _NEAR_M
            ]
        return shapely.union_all(shapes)

    def beyond(self, estate: BaseGeometry) -> list[tuple[LineString, float]]:
        """Return the ways from the gates straight out over the edge of the parcels, each with its width."""
        found = []
        for gate in self.gates:
            middle = gate.interpolate(0.5, normalized=True)
            road = min(self.roads, key=lambda r: (r.line.distance(middle), r.road_id))
            points = list(road.line.coords)
            near, after = (
                (points[0], points[1])
                if middle.distance(Point(points[0])) <= _NEAR_M
                else (points[-1], points[-2])
            )
            length = math.dist(near, after) or 1.0
            away = ((near[0] - after[0]) / length, (near[1] - after[1]) / length)

            def at(metres: float, near: Any = near, away: Any = away) -> tuple[float, float]:  # noqa: ANN401
                return near[0] + away[0] * metres, near[1] + away[1] * metres

            inside = LineString([near, at(_OUT_M)]).intersection(estate)
            reach = max(
                (Point(near).distance(Point(p)) for p in shapely.get_coordinates(inside)), default=0.0
            )
            # It begins within the road, so that nothing is left open between the two.
            found.append((LineString([at(-1.0), at(reach + 1.0)]), road.width_m))
        return found

    def frame(self, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - whatever geopandas takes
        """Return the roads as rows: road_id, name, width_m, direction, fire, geometry."""
        rows = [
            {
                "road_id": r.road_id,
                "name": r.name,
                "width_m": r.width_m,
                "direction": "two_way" if r.two_way else "one_way",
                "fire": r.fire,
                "geometry": r.line,
            }
            for r in self.roads
        ]
        names = ["road_id", "name", "width_m", "direction", "fire", "geometry"]
        return gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs=crs)


def fire_ground(site: Site, *, least_m: float = 0.0) -> BaseGeometry:
    """Return the ground of all fire lanes.

    Parameters
    ----------
    site : Site
        Its layer ``fire_lanes``; none where it is absent.
    least_m : float, default 0
        A narrower lane, or one of unknown width, counts as so wide: stalls stay off what it ought to have.

    Returns
    -------
    shapely geometry
        Polygons in metres; empty where there is no lane.
    """
    if not site.has("fire_lanes"):
        return shapely.Polygon()
    lanes = site.layer("fire_lanes")
    shapes = []
    for shape, width in zip(lanes.geometry, lanes["width_m"], strict=True):
        if shape is None or shape.is_empty:
            continue
        if shape.geom_type in {"Polygon", "MultiPolygon"}:
            shapes.append(shape)
            continue
        wide = max(least_m, 0.0 if pd.isna(width) else float(width))
        if wide > 0:
            shapes.append(shape.buffer(wide / 2, cap_style="flat", join_style="mitre", mitre_limit=2.0))
    return shapely.union_all(shapes)


def internal_roads(
    site: Site, *, spec: StallSpec | None = None, least_road_m: float = LEAST_ROAD_M, one_way: bool = True
) -> Roads:
    """Find the roads inside an estate that cars reach from its gates.

    Parameters
    ----------
    site : Site
        With ``parcels`` and ``walkways`` or ``fire_lanes``.
    spec : StallSpec, optional
        From which width on a road is driven in both directions.
    least_road_m : float, default 3.0
        Paths at least so wide are driven on: this tool's default.
    one_way : bool, default True
        Whether narrow roads on a loop are to be driven one way round. False: as the layer says.

    Returns
    -------
    Roads
        Between junctions; none where no road leads in.

    Raises
    ------
    MissingLayerError
        If the site has no parcels.
    UsageError
        If a width makes no sense.
    """
    if not (math.isfinite(least_road_m) and least_road_m > 0):
        raise UsageError(Message("stalls.width", width=least_road_m))
    spec = spec or StallSpec()
    estate = shapely.union_all(site.layer("parcels").geometry.dropna())
    sources = _sources(site, estate, least_road_m)
    if not sources:
        return Roads(roads=(), gates=(), one_way=True)
    spots = _gate_points(site, sources)
    pieces = _noded(sources, spots)
    inside = _inside(pieces, estate, spots)
    if not inside:
        return Roads(roads=(), gates=(), one_way=True)
    graph, edges = _chains(inside)
    doors = _doors(graph, edges, estate, spots)
    ways, complete = _directed(edges, doors, spec, one_way=one_way)
    return Roads(roads=ways, gates=tuple(_across(node, edges) for node in doors), one_way=complete)


def _lines(shape: BaseGeometry | None) -> list[LineString]:
    if shape is None or shape.is_empty:
        return []
    return [
        part for part in shapely.get_parts(shape) if isinstance(part, LineString) and part.length > _SHORT_M
    ]


def _sources(site: Site, estate: BaseGeometry, least_m: float) -> list[tuple[LineString, RoadKind]]:
    """Return streets, wide paths, and the fire lanes that are neither, inside the parcels."""
    fire = fire_ground(site)
    found: list[tuple[LineString, RoadKind]] = []
    ways = site.layer("walkways") if site.has("walkways") else None
    if ways is not None:
        for row in ways.to_dict("records"):
            kind = row.get("kind")
            width = row.get("width_m")
            known = width is not None and not pd.isna(width)
            drivable = kind == "street" or (kind == "path" and known and float(width) >= least_m)
            if not drivable or not known or float(width) <= 0:
                continue
            for line in _lines(row["geometry"].intersection(estate)):
                on_fire = not fire.is_empty and fire.covers(line.interpolate(0.5, normalized=True))
                lanes = row.get("lanes")
                found.append(
                    (
                        line,
                        RoadKind(
                            name="" if not isinstance(row.get("name"), str) else str(row["name"]),
                            width_m=float(width),
                            given=int(row.get("oneway") is True or row.get("oneway") == 1),
                            lanes=0 if lanes is None or pd.isna(lanes) else int(lanes),
                            fire=bool(on_fire),
                        ),
                    )
                )
    known_ground = shapely.union_all([line.buffer(_NEAR_M) for line, _ in found])
    if site.has("fire_lanes"):
        lanes = site.layer("fire_lanes")
        for shape, width in zip(lanes.geometry, lanes["width_m"], strict=True):
            if shape is None or "Polygon" in shape.geom_type or pd.isna(width) or width <= 0:
                continue
            rest = shape.intersection(estate).difference(known_ground)
            found += [
                (line, RoadKind(name="", width_m=float(width), given=0, lanes=0, fire=True))
                for line in _lines(rest)
                if line.length > 2 * _NEAR_M
            ]
    return found


def _gate_points(site: Site, sources: Iterable[tuple[LineString, RoadKind]]) -> list[Point]:
    """Return the gates of the estate that a road passes."""
    if not site.has("entrances"):
        return []
    entrances = site.layer("entrances")
    gates = entrances[entrances["kind"] == "gate"].sort_values("entrance_id", kind="stable")
    lines = shapely.union_all([line for line, _ in sources])
    near = [p for p in gates.geometry if p is not None and lines.distance(p) <= _NEAR_M]
    return [Point(shapely.shortest_line(lines, p).coords[0]) for p in near]


def _noded(sources: list[tuple[LineString, RoadKind]], spots: list[Point]) -> list[Edge]:
    """Cut the roads where they meet and at the gates."""
    lines = [line for line, _ in sources]
    tree = shapely.STRtree(lines)
    cuts = [
        LineString([(p.x - 0.05, p.y - 0.0317), (p.x + 0.05, p.y + 0.0317)]) for p in spots
    ]  # a short stroke through each gate cuts the road there, whatever its direction
    merged = shapely.union_all([*lines, *cuts])
    pieces = []
    for part in _lines(merged):
        if part.length < 0.2 and any(cut.buffer(1e-6).covers(part) for cut in cuts):  # noqa: PLR2004 - a stroke
            continue
        middle = part.interpolate(0.5, normalized=True)
        near = min(tree.query(middle, predicate="dwithin", distance=0.01), key=int, default=None)
        if near is not None:
            pieces.append(Edge(line=part, kind=_turned(part, *sources[int(near)])))
    return pieces


def _turned(part: LineString, source: LineString, kind: RoadKind) -> RoadKind:
    """Say whether a one-way source runs as the piece is drawn, or against it."""
    if not kind.given:
        return kind
    first, last = (source.project(Point(part.coords[i])) for i in (0, -1))
    return RoadKind(
        name=kind.name,
        width_m=kind.width_m,
        given=1 if last >= first else -1,
        lanes=kind.lanes,
        fire=kind.fire,
    )


def _inside(pieces: list[Edge], estate: BaseGeometry, spots: list[Point]) -> list[Edge]:
    """Keep what lies behind the gates: the longest connected roads once those are cut at the gates."""
    gates = {_nearest_end(p, pieces) for p in spots}
    graph: nx.Graph[Any] = nx.Graph()
    for number, piece in enumerate(pieces):
        a, b = (end if end not in gates else (*end, number) for end in piece.ends)
        graph.add_node(a)
        graph.add_edge(a, b)
    length: dict[int, float] = {}
    of: list[int] = []
    components = {n: k for k, part in enumerate(nx.connected_components(graph)) for n in part}
    for number, piece in enumerate(pieces):
        end = piece.ends[0]
        k = components[end if end not in gates else (*end, number)]
        of.append(k)
        length[k] = length.get(k, 0.0) + piece.line.length
    if not spots:
        edge = estate.boundary
        reached = {k for k, piece in zip(of, pieces, strict=True) if piece.line.distance(edge) <= _NEAR_M}
    else:
        touching = {k for k, piece in zip(of, pieces, strict=True) if set(piece.ends) & gates}
        # Of what a gate joins, the stub outside is short; the estate is what is long.
        most = max((length[k] for k in touching), default=0.0)
        reached = {k for k in touching if length[k] >= most / 2}
    return [piece for k, piece in zip(of, pieces, strict=True) if k in reached]


def _nearest_end(point: Point, pieces: list[Edge]) -> Node:
    ends = sorted({end for piece in pieces for end in piece.ends})
    return min(ends, key=lambda end: (math.dist(end, (point.x, point.y)), end))


def _chains(pieces: list[Edge]) -> tuple[nx.MultiGraph[Any], list[Edge]]:
    """Join pieces of one kind that follow each other, and return the graph of the junctions."""
    degree: dict[Node, list[int]] = {}
    for number, piece in enumerate(pieces):
        for end in piece.ends:
            degree.setdefault(end, []).append(number)
    groups: nx.Graph[Any] = nx.Graph()
    groups.add_nodes_from(range(len(pieces)))
    for numbers in degree.values():
        if len(numbers) == 2 and numbers[0] != numbers[1]:  # noqa: PLR2004 - a road goes on
            a, b = (pieces[n].kind for n in numbers)
            if (a.name, a.width_m, abs(a.given), a.fire) == (b.name, b.width_m, abs(b.given), b.fire):
                groups.add_edge(*numbers)
    edges = []
    for members in nx.connected_components(groups):
        some = sorted(members)
        lines = [_drawn(pieces[n]) for n in some]
        merged = shapely.line_merge(shapely.union_all(lines)) if len(lines) > 1 else lines[0]
        kind = pieces[some[0]].kind
        edges += [Edge(line=_oriented(part, lines, kind), kind=kind) for part in _lines(merged)]
    edges.sort(key=lambda e: (e.kind.name, e.ends))
    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    for number, edge in enumerate(edges):
        graph.add_edge(*edge.ends, key=number)
    return graph, edges


def _drawn(piece: Edge) -> LineString:
    return piece.line.reverse() if piece.kind.given < 0 else piece.line


def _oriented(part: LineString, lines: list[LineString], kind: RoadKind) -> LineString:
    """Draw a merged road as its one-way pieces run; any other from west to east."""
    if kind.given:
        first = next(line for line in lines if part.distance(line) == 0)
        runs = [part.project(Point(first.coords[i])) for i in (0, -1)]
        return part if runs[1] >= runs[0] else part.reverse()
    return part if part.coords[0] <= part.coords[-1] else part.reverse()


def _doors(
    graph: nx.MultiGraph[Any], edges: list[Edge], estate: BaseGeometry, spots: list[Point]
) -> list[Node]:
    """Return the junctions at which cars come in: gates, or where a road crosses the edge of the parcels."""
    ends = [node for node in graph if graph.degree[node] == 1]
    doors = {_nearest_end(p, edges) for p in spots}
    doors = {d for d in doors if any(math.dist(d, (p.x, p.y)) <= _NEAR_M for p in spots)}
    boundary = estate.boundary
    doors |= {node for node in ends if boundary.distance(Point(node)) <= 0.01}  # noqa: PLR2004 - cut there
    return sorted(doors)


def _across(node: Node, edges: list[Edge]) -> LineString:
    """Return the line across a road at a gate."""
    edge = next(e for e in edges if node in e.ends)
    line = edge.line if edge.ends[0] == node else edge.line.reverse()
    (x0, y0), (x1, y1) = line.coords[0][:2], line.coords[1][:2]
    length = math.dist((x0, y0), (x1, y1))
    nx_, ny = -(y1 - y0) / length * edge.kind.width_m / 2, (x1 - x0) / length * edge.kind.width_m / 2
    return LineString([(x0 + nx_, y0 + ny), (x0 - nx_, y0 - ny)])


def _directed(
    edges: list[Edge], doors: list[Node], spec: StallSpec, *, one_way: bool
) -> tuple[tuple[Road, ...], bool]:
    wide = [e.kind.width_m + 1e-6 >= spec.two_way_m and not e.kind.given for e in edges]
    turned = [bool(e.kind.given) for e in edges]
    reverse = [False] * len(edges)
    complete = True
    if one_way:
        order, complete = one_way_order(edges, doors, wide)
        for number, against in order.items():
            turned[number], reverse[number] = True, against
    roads = tuple(
        Road(
            road_id=f"L{number + 1:02d}",
            name=edge.kind.name,
            line=edge.line.reverse() if reverse[number] else edge.line,
            width_m=edge.kind.width_m,
            two_way=not turned[number],
            narrow=not turned[number] and not wide[number],
            fire=edge.kind.fire,
        )
        for number, edge in enumerate(edges)
    )
    return roads, complete
