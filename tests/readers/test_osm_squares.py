"""Squares: whoever can see the other side walks straight to it, or nearly so, and never out of the square."""

from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.readers._osm_squares import Square, across

DEGREES = 1e-4  # about 11 m
DETOUR = 1.05


@st.composite
def squares(draw: st.DrawFn) -> tuple[shapely.Polygon, list[tuple[float, float]]]:
    """A star-shaped outline on the equator, and some of its corners where ways come in."""
    count = draw(st.integers(4, 12))
    reach = draw(st.lists(st.integers(2, 20), min_size=count, max_size=count))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring = [
        (round(r * DEGREES * np.cos(a), 7), round(r * DEGREES * np.sin(a), 7))
        for r, a in zip(reach, angles, strict=True)
    ]
    entries = draw(st.lists(st.sampled_from(ring), min_size=2, max_size=6, unique=True))
    return shapely.Polygon(ring), entries


@given(squares())
@settings(max_examples=150, deadline=None)
def test_whoever_sees_the_other_side_walks_to_it_almost_straight(
    case: tuple[shapely.Polygon, list[tuple[float, float]]],
) -> None:
    shape, entries = case
    ways = [shape.exterior, *(shapely.LineString([place, (place[0] + 1, place[1] + 1)]) for place in entries)]
    lines, crowded = across([Square(ident="w1", shape=shape)], ways, (), ())
    assert crowded == []
    drawn = lines.get("w1", [])
    assert all(shape.covers(line) for line in drawn)
    graph = nx.Graph()
    ring = list(shape.exterior.coords)
    for a, b in [*pairwise(ring), *(tuple(line.coords) for line in drawn)]:
        graph.add_edge(a, b, metres=np.hypot(a[0] - b[0], a[1] - b[1]))
    for a, b in combinations(entries, 2):
        straight = shapely.LineString([a, b])
        if shape.covers(straight):
            walked = nx.shortest_path_length(graph, a, b, weight="metres")
            assert walked <= straight.length * DETOUR * (1 + 1e-9)


def test_lines_stop_at_houses_and_a_square_with_too_many_ways_in_is_named() -> None:
    shape = shapely.box(0, 0, 10 * DEGREES, 10 * DEGREES)
    corners = list(shape.exterior.coords)[:-1]
    house = shapely.box(4 * DEGREES, 4 * DEGREES, 6 * DEGREES, 6 * DEGREES)
    assert len(across([Square(ident="w1", shape=shape)], [shape.exterior], corners, ())[0]["w1"]) == 2
    assert across([Square(ident="w1", shape=shape)], [shape.exterior], corners, [house]) == ({}, [])
    many = shapely.Point(0, 0).buffer(DEGREES, quad_segs=12)
    doors = list(many.exterior.coords)
    assert across([Square(ident="w2", shape=many)], [many.exterior], doors, ()) == ({}, ["w2"])
