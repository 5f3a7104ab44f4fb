"""The one-way order of narrow roads: every road is reached from the gates and left again.

A graph without bridges has such an order (H. E. Robbins, A theorem on graphs with an application to a problem of
traffic control, 1939). It is found by searching depth first, straight on where possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx
import numpy as np
from shapely import LineString

__all__ = ["Edge", "Node", "RoadKind", "leaving", "node_of", "one_way_order"]

Node = tuple[float, float]

_DIGITS: Final = 3  # ends that agree to the millimetre are one
_ORDERS: Final = 24  # orders in which loops are tried; the one with the shortest ways round is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadKind:
    """What a piece of road keeps of its source."""

    name: str
    width_m: float
    given: int  # 1: one way as drawn, 0: not said to be one way
    lanes: int
    fire: bool


@dataclass(slots=True, kw_only=True, eq=False)
class Edge:
    """A piece of road between two junctions."""

    line: LineString
    kind: RoadKind

    @property
    def ends(self) -> tuple[Node, Node]:
        """Its two junctions."""
        return node_of(self.line.coords[0]), node_of(self.line.coords[-1])


def node_of(point: Any) -> Node:  # noqa: ANN401 - a coordinate
    """Return the junction at a coordinate."""
    return round(float(point[0]), _DIGITS), round(float(point[1]), _DIGITS)


def one_way_order(edges: list[Edge], doors: list[Node], wide: list[bool]) -> tuple[dict[int, bool], bool]:
    """Find in which direction each narrow road on a loop is driven: {edge: whether against its drawing}.

    Searched depth first from the gates, straight on where possible, a road found is driven as it is found and one
    that leads back as it leads back; of several orders the one with the shortest ways in and out is kept.
    """
    out = ("out",)
    graph: nx.MultiGraph[Any] = nx.MultiGraph()
    for number, edge in enumerate(edges):
        graph.add_edge(*edge.ends, key=number)
    for node in doors:
        graph.add_edge(out, node, key=-1)
        graph.add_edge(out, node, key=-2)  # cars come in and leave at every gate
    if not doors:
        return {}, False
    bridges = _bridges(graph)
    # Through a gate cars come and go, whatever its width.
    gates = set(doors)
    free = [
        n
        for n, e in enumerate(edges)
        if not wide[n] and not e.kind.given and n not in bridges and not set(e.ends) & gates
    ]
    best: tuple[float, dict[int, bool]] | None = None
    for seed in range(_ORDERS):
        order = _searched(graph, edges, out, np.random.default_rng(seed) if seed else None)
        chosen = {n: order[n] for n in free if n in order}
        cost = _ways_round(edges, doors, chosen)
        if math.isfinite(cost) and (best is None or cost < best[0] - 1e-6):
            best = (cost, chosen)
    return ({}, False) if best is None else (best[1], True)


def _bridges(graph: nx.MultiGraph[Any]) -> set[int]:
    """Return the edges without which somewhere cannot be reached."""
    simple: nx.Graph[Any] = nx.Graph(graph)
    found: set[int] = set()
    for a, b in nx.bridges(simple):
        keys: list[Any] = list(graph[a][b])
        if len(keys) == 1:
            found.add(keys[0])
    return found


def _searched(
    graph: nx.MultiGraph[Any],
    edges: list[Edge],
    root: Any,  # noqa: ANN401 - a junction, or the world outside
    dice: np.random.Generator | None,
) -> dict[int, bool]:
    order: dict[int, bool] = {}
    seen: set[Any] = set()
    for start in [root, *sorted(n for n in graph if n != root)]:
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(_next(graph, edges, start, None, dice)))]
        while stack:
            node, ways = stack[-1]
            step = next(ways, None)
            if step is None:
                stack.pop()
                continue
            other, key = step
            if key >= 0 and key in order:
                continue
            if key >= 0:
                order[key] = edges[key].ends[0] != node
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(_next(graph, edges, other, (node, key), dice))))
    return order


def _next(
    graph: nx.MultiGraph[Any],
    edges: list[Edge],
    node: Any,  # noqa: ANN401 - a junction, or the world outside
    came: tuple[Any, int] | None,
    dice: np.random.Generator | None,
) -> list[tuple[Any, int]]:
    """Return the roads on from a junction, those straight on first."""
    heading = None if came is None or came[1] < 0 else leaving(edges[came[1]], node)
    found = []
    for other in graph[node]:
        keys: list[Any] = list(graph[node][other])
        for key in keys:
            bend = 0.0
            if key >= 0 and heading is not None:
                away = leaving(edges[key], node)
                bend = -(away[0] * -heading[0] + away[1] * -heading[1])
            jitter = 0.0 if dice is None else float(dice.random()) * 1.5
            found.append((round(bend + jitter, 6), str(other), key, other))
    return [(other, key) for _, _, key, other in sorted(found, key=lambda f: f[:3])]


def leaving(edge: Edge, node: Node) -> tuple[float, float]:
    """Return the direction in which a road leaves a junction."""
    coords = list(edge.line.coords) if edge.ends[0] == node else list(edge.line.coords)[::-1]
    (x0, y0), (x1, y1) = coords[0][:2], coords[1][:2]
    length = math.dist((x0, y0), (x1, y1)) or 1.0
    return (x1 - x0) / length, (y1 - y0) / length


def _ways_round(edges: list[Edge], doors: list[Node], order: Mapping[int, bool]) -> float:
    """Return how far it is from the gates to every road and back; infinite where one is not reached or left."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    for number, edge in enumerate(edges):
        a, b = edge.ends
        if number in order:
            pairs = [(b, a)] if order[number] else [(a, b)]
        elif edge.kind.given:
            pairs = [(a, b)]
        else:
            pairs = [(a, b), (b, a)]
        for start, end in pairs:
            known = graph.get_edge_data(start, end, {"length": math.inf})["length"]
            graph.add_edge(start, end, length=min(edge.line.length, known))
    found = [d for d in doors if d in graph]
    to = nx.multi_source_dijkstra_path_length(graph, set(found), weight="length")
    back = nx.multi_source_dijkstra_path_length(graph.reverse(copy=False), set(found), weight="length")
    total = 0.0
    for edge in edges:
        for node in edge.ends:
            if node not in to or node not in back:
                return math.inf
            total += edge.line.length * (to[node] + back[node])
    return total
