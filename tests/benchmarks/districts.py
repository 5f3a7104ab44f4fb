"""Measure how a district is divided: ``python tests/benchmarks/districts.py [--small]`` prints Markdown tables.

Seeded cells with the households of buildings are divided into communities of 1,500 to 3,000 households by plan and, in the
same run and into as many, by GerryChain's recursive tree partition (``python -m pip install gerrychain``; left out where
it is absent). Both answers are held against the same measures: connected by networkx, households added up again,
and the root mean square distance of households from the middle of their community. CPU seconds of the process.
"""

from __future__ import annotations

import random
import sys
import time
import warnings

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay

from plan.districts import place_communities
from plan.districts.partition import Cells, divide
from plan.districts.verify import rms_radius_m
from plan.site import Site

LOW, HIGH = 1500, 3000
EPSILON = 0.25  # GerryChain's tolerance around the mean: the same share as the band leaves around its middle, or less
SPACING_M = 60.0
HEAD = "| cells | communities | method | CPU s | connected | in band | households | rms radius, m |"


def cells(count, seed):
    """Return cells at random places, neighbours by their Voronoi diagram, as many households as buildings have."""
    dice = np.random.default_rng(seed)
    places = dice.random((count, 2)) * np.sqrt(count) * SPACING_M
    households = np.round(dice.lognormal(np.log(80), 0.5, count))
    corners = Delaunay(places).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])), axis=0
    )
    near = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1) < 4 * SPACING_M
    return Cells(households=households, places=places, pairs=pairs[near].astype(np.int64))


def graph_of(some):
    graph = nx.Graph()
    graph.add_nodes_from((i, {"households": float(w)}) for i, w in enumerate(some.households))
    graph.add_edges_from(some.pairs.tolist())
    return graph


def row(some, labels, method, cpu):
    """Return one row, measured from the labels alone."""
    graph, count = graph_of(some), int(labels.max()) + 1
    members = [np.flatnonzero(labels == g) for g in range(count)]
    connected = sum(nx.is_connected(graph.subgraph(one.tolist())) for one in members)
    sums = np.array([some.households[one].sum() for one in members])
    squares = [rms_radius_m(some.places[one], some.households[one]) ** 2 for one in members]
    radius = float(np.sqrt((sums * squares).sum() / sums.sum()))
    inside = int(((sums >= LOW) & (sums <= HIGH)).sum())
    text = (
        f"| {len(labels):,} | {count} | {method} | {cpu:.2f} | {connected}/{count} | {inside}/{count} "
        f"| {sums.min():,.0f}-{sums.max():,.0f} | {radius:.1f} |"
    )
    return text, radius


def trees(some, count, seed):
    """Return GerryChain's division, or None where it is not installed."""
    try:
        from gerrychain import Graph
        from gerrychain.partition import recursive_tree_part
    except ImportError:
        return None
    random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = recursive_tree_part(
            Graph.from_networkx(graph_of(some)),
            range(count),
            float(some.households.sum()) / count,
            "households",
            EPSILON,
        )
    return np.array([found[i] for i in range(len(some))])


def town(some):
    """Return a site with a building of 20 x 12 m for each cell."""
    x, y = some.places[:, 0] + 500_000.0, some.places[:, 1] + 4_400_000.0
    ids = [f"B{i:05d}" for i in range(len(some))]
    frame = gpd.GeoDataFrame(
        {"building_id": ids, "floors": 6}, geometry=shapely.box(x - 10, y - 6, x + 10, y + 6), crs="EPSG:4548"
    )
    homes = np.repeat(ids, some.households.astype(int))
    table = pd.DataFrame({"household_id": np.arange(len(homes)).astype(str), "building_id": homes})
    households = gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), crs="EPSG:4548"))
    return Site(name="town", layers={"buildings": frame, "households": households}, crs=frame.crs)


def main():
    """Print the tables."""
    sizes = (900,) if "--small" in sys.argv else (900, 10_000)
    divide(cells(100, 0), low=LOW, high=HIGH)  # the machine code is loaded
    print(HEAD)
    print("| --: | --: | --- | --: | --: | --: | --: | --: |")
    compared = []
    for size in sizes:
        some = cells(size, 1)
        start = time.process_time()
        ours = divide(some, low=LOW, high=HIGH, seed=1)
        text, radius = row(some, ours.labels, "plan", time.process_time() - start)
        print(text, flush=True)
        start = time.process_time()
        theirs = trees(some, len(ours.homes), 1)
        if theirs is not None:
            text, other = row(some, theirs, "GerryChain", time.process_time() - start)
            print(text, flush=True)
            compared.append(f"{size:,} cells: {100 * (1 - radius / other):.1f} % more compact")
    print("\n" + "; ".join(compared))
    print("\n| site | work | CPU s | faults |\n| --- | --- | --: | --: |")
    for size in sizes:
        site = town(cells(size, 1))
        start = time.process_time()
        placed = place_communities(site, minimum_households=LOW, maximum_households=HIGH)
        cpu, m = time.process_time() - start, placed.measures
        print(
            f"| {size:,} buildings, {m['households']:,} households | ground, {m['placed']} communities "
            f"({m['in_band']} in band, {m['contiguous']} contiguous), verified | {cpu:.2f} | {len(m['faults'])} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
