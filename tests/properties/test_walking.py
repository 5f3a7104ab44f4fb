"""Walking times against networkx on a thousand random networks, and isochrones that nest."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import (
    count_facilities,
    facilities_within,
    isochrones,
    nearest_facilities,
    walk_times,
)
from plan.network import WalkNetwork, queries

SPEED = 70.0  # m/min
NETWORKS = 1000
CATEGORIES = ("clinic", "park", "market")


def random_network(rng: np.random.Generator):
    """Nodes at random, edges with loops, repeats, zero lengths, one-ways, bends, factors."""
    count = int(rng.integers(1, 14))
    scale = float(rng.choice([10.0, 100.0, 1000.0]))
    integer = rng.random() < 0.3  # integer coordinates make ties
    xy = rng.uniform(0, scale, (count, 2))
    xy = np.round(xy / scale * 6) * scale / 6 if integer else xy
    nodes = pd.DataFrame(xy, columns=["x", "y"], index=[f"n{i}" for i in rng.permutation(count)])
    rows = []
    for _ in range(int(rng.integers(1, 3 * count + 2))):
        u, v = rng.integers(0, count, 2)
        bent = rng.random() < 0.3 or u == v
        ends = [xy[u], xy[v]]
        points = [ends[0], *rng.uniform(0, scale, (int(rng.integers(1, 3)), 2)), ends[1]] if bent else ends
        line = shapely.LineString(points)
        length = line.length * float(rng.choice([1.0, 1.0, rng.uniform(0.5, 2), 0.0], p=[0.5, 0.2, 0.2, 0.1]))
        oneway = int(rng.choice([0, 0, 0, 1, -1]))
        rows.append((nodes.index[u], nodes.index[v], length, oneway, line if bent else None))
    for _ in range(int(rng.integers(0, 3))):  # the same edge again, longer or shorter, the other way round
        u, v, length, oneway, line = rows[int(rng.integers(0, len(rows)))]
        factor = float(rng.choice([1.0, 0.5, 2.0]))
        if rng.random() < 0.5:
            rows.append((u, v, length * factor, oneway, line))
        else:
            rows.append((v, u, length * factor, -oneway, None if line is None else line.reverse()))
    return nodes, gpd.GeoDataFrame(rows, columns=["u", "v", "length_m", "oneway", "geometry"])


def random_places(rng: np.random.Generator, nodes: pd.DataFrame, count: int):
    """Places beside edges, on edges and on nodes."""
    low, high = nodes[["x", "y"]].to_numpy().min(0), nodes[["x", "y"]].to_numpy().max(0)
    free = rng.uniform(low - 20, high + 20, (count, 2))
    on_node = nodes[["x", "y"]].to_numpy()[rng.integers(0, len(nodes), count)]
    return shapely.points(np.where((rng.random(count) < 0.2)[:, None], on_node, free))


class Oracle:
    """Every edge that is nearest to a place is divided there in a networkx graph."""

    def __init__(self, nodes, edges, places, limit_m):
        xy = dict(zip(nodes.index, nodes[["x", "y"]].to_numpy(), strict=True))
        drawn = zip(edges["u"], edges["v"], edges.geometry, strict=True)
        self.lines = [g or shapely.LineString([xy[u], xy[v]]) for u, v, g in drawn]
        self.on_edge = {i: [] for i in range(len(self.lines))}
        self.graph = nx.MultiDiGraph()
        self.graph.add_nodes_from(nodes.index)
        for name, point in places.items():
            self.touch(name, point, limit_m)
        for i, edge in enumerate(edges.itertuples()):
            self.divide(i, edge)

    def touch(self, name, point, limit_m):
        distance = np.array([line.distance(point) for line in self.lines])
        if distance.min() > limit_m:
            return
        for i in np.flatnonzero(distance <= distance.min() + 1e-9):
            line = self.lines[i]
            share = line.project(point) / line.length if line.length else 0.0
            self.on_edge[int(i)].append((share, name, distance[i]))

    def divide(self, i, edge):
        stops = [(0.0, edge.u)]
        length = self.lines[i].length
        for share, name, leg in sorted(self.on_edge[i], key=lambda touch: touch[0]):
            # What lies on the same spot of an edge is one stop.
            if (share - stops[-1][0]) * length <= 1e-9:
                stop = stops[-1][1]
            elif (1 - share) * length <= 1e-9:
                stop = edge.v
            else:
                stop = ("stop", i, len(stops))
                stops.append((share, stop))
            self.graph.add_edge(name, stop, minutes=leg / SPEED)
            self.graph.add_edge(stop, ("facility", name), minutes=leg / SPEED)
        stops.append((1.0, edge.v))
        for (a, one), (b, other) in itertools.pairwise(stops):
            minutes = (b - a) * edge.length_m / SPEED
            if edge.oneway >= 0:
                self.graph.add_edge(one, other, minutes=minutes)
            if edge.oneway <= 0:
                self.graph.add_edge(other, one, minutes=minutes)

    def minutes(self, origin):
        if origin not in self.graph:
            return {}
        return nx.single_source_dijkstra_path_length(self.graph, origin, weight="minutes")


@pytest.mark.parametrize(
    "block", [*range(3), *(pytest.param(block, marks=pytest.mark.long) for block in range(3, 10))]
)
def test_times_equal_networkx_on_random_networks(block, monkeypatch):
    compared = reached = 0
    for seed in range(block * NETWORKS // 10, (block + 1) * NETWORKS // 10):
        # Every other network is searched by machine code; both ways give the same to the last bit.
        monkeypatch.setattr(queries, "PLAIN_COLD", 10**9 * (seed % 2))
        monkeypatch.setattr(queries, "PLAIN_WARM", 10**9 * (seed % 2))
        rng = np.random.default_rng(seed)
        nodes, edges = random_network(rng)
        origins = gpd.GeoDataFrame(geometry=random_places(rng, nodes, 6), index=list("ABCDEF"))
        facilities = gpd.GeoDataFrame(
            {"category": rng.choice(CATEGORIES, 7), "facility_id": [f"f{i}" for i in range(7)]},
            geometry=random_places(rng, nodes, 7),
        )
        bound = float(rng.choice([np.inf, 0.5, 3.0, 12.0]))
        network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": SPEED})
        times = walk_times(network, origins, facilities, max_min=bound)
        pairs = nearest_facilities(network, origins, facilities, max_min=bound)
        places = dict(zip(origins.index, origins.geometry, strict=True))
        places |= dict(zip(facilities["facility_id"], facilities.geometry, strict=True))
        oracle = Oracle(nodes, edges, places, limit_m=200.0)
        chosen = pairs.set_index(["origin_id", "category"])["facility_id"]
        three = nearest_facilities(network, origins, facilities, max_min=bound, k=3)
        within = facilities_within(network, origins, facilities, within_min=bound)
        counts = count_facilities(network, origins, facilities, within_min=bound)
        for origin in origins.index:
            minutes = oracle.minutes(origin)
            for category in times.columns:
                ids = facilities.loc[facilities["category"] == category, "facility_id"]
                by_id = {name: minutes.get(("facility", name), math.inf) for name in ids}
                expected = min(by_id.values())
                got = times.loc[origin, category]
                compared += 1
                near = sorted(time for time in by_id.values() if time <= bound and not math.isinf(time))
                here = (within["origin_id"] == origin) & (within["category"] == category)
                assert within.loc[here, "walk_min"].tolist() == pytest.approx(near, abs=1e-9), seed
                assert counts.loc[origin, category] == len(near), seed
                here = (three["origin_id"] == origin) & (three["category"] == category)
                assert three.loc[here, "walk_min"].tolist() == pytest.approx(near[:3], abs=1e-9), seed
                if expected > bound or math.isinf(expected):
                    assert math.isnan(got), (seed, origin, category, expected, got)
                    assert (origin, category) not in chosen.index
                    continue
                reached += 1
                assert got == pytest.approx(expected, abs=1e-9), (seed, origin, category)
                assert by_id[chosen[origin, category]] == pytest.approx(expected, abs=1e-9), seed
    assert compared > 1000
    assert compared > reached > compared / 5


@pytest.mark.parametrize("seed", range(40))
def test_isochrones_nest_and_hold_the_walked_ground(seed):
    rng = np.random.default_rng(seed)
    nodes, edges = random_network(rng)
    network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": SPEED})
    points = gpd.GeoDataFrame(geometry=random_places(rng, nodes, 3))
    areas = isochrones(network, points, minutes=(0.5, 2, 6, 15))
    for _, rings in areas.groupby("origin"):
        assert list(rings["minutes"]) == [0.5, 2, 6, 15]
        for smaller, larger in itertools.pairwise(rings.geometry):
            assert smaller.difference(larger).area < 1e-6
            assert larger.is_valid
    # What is reached in time lies in the area; the facility stands where the edge is walked.
    for minutes in (2, 6):
        spots = shapely.get_parts(shapely.line_interpolate_point(network.lines(), 0.4, normalized=True))
        targets = gpd.GeoDataFrame({"category": [str(i) for i in range(len(spots))]}, geometry=spots)
        times = walk_times(network, points, targets, max_min=minutes)
        for origin, area in areas[areas["minutes"] == minutes].set_index("origin").geometry.items():
            for category, walked in times.loc[origin].items():
                if not math.isnan(walked):
                    assert area.buffer(1e-6).covers(spots[int(category)])
