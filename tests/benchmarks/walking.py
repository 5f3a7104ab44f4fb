"""Measure walking against its peers and print the tables: ``python tests/benchmarks/walking.py``.

Every figure is CPU time of the process, the least of several rounds in which all peers take turns.
Peers that are not installed are left out. Nothing here is collected by pytest, and no test asserts a time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
import towns
from numba import njit
from scipy.sparse.csgraph import dijkstra

from plan.access import isochrones
from plan.network import WalkNetwork, queries
from plan.network.columns import node_minutes
from plan.network.corridor import Walk
from plan.network.queries import Query
from plan.network.snapping import EdgeIndex
from plan.network.walls import Obstructions

CATEGORIES = 20
PER_100K = 100  # facilities of a category for each 100,000 nodes: one for 3.6 km2 of blocks of 60 m
NOTHING = np.zeros(0, dtype=object)
HERE = Path(__file__).resolve().parent


def cpu(work):
    """Return the CPU seconds of a call, and what it returned."""
    start = time.process_time()
    made = work()
    return time.process_time() - start, made


def race(rounds, **runners):
    """Let all take turns; return the least CPU seconds of each and its last answer."""
    best, made = dict.fromkeys(runners, np.inf), {}
    for _ in range(rounds):
        for name, run in runners.items():
            seconds, made[name] = cpu(run)
            best[name] = min(best[name], seconds)
    return best, made


def facilities(town, seed=1, least=2):
    rng = np.random.default_rng(seed)
    each = max(least, round(len(town.xy) * PER_100K / 100_000))
    return rng.integers(0, len(town.xy), CATEGORIES * each), np.repeat(np.arange(CATEGORIES), each)


def scipy_nearest(graph, nodes, groups, limit):
    return [
        dijkstra(graph, indices=np.unique(nodes[groups == c]), limit=limit + 1e-9, min_only=True)
        for c in range(CATEGORIES)
    ]


def seconds(value):
    return "–" if value is None else f"{value:.3g}"


def ratio(peer, ours):
    return "–" if peer is None else f"{peer / ours:.3g}×"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in lines) + "\n"


def pandana_network(town):
    try:
        import pandana
    except ImportError:
        return None
    edges = pd.DataFrame({"u": town.u, "v": town.v})
    length = pd.DataFrame({"length": town.length_m})
    return pandana.Network(
        pd.Series(town.xy[:, 0]), pd.Series(town.xy[:, 1]), edges["u"], edges["v"], length, twoway=True
    )


def nearest(town, limits, *, rounds, slow):
    """Measure the nearest of each category for every node."""
    nodes, groups = facilities(town)
    graph, edges, targets = town.csr(), town.timed(), town.at_nodes(nodes)
    build, _ = cpu(lambda: edges.lattice)
    rows, found = [], {"build": build, "bytes": edges.lattice.nbytes / (len(town.xy) + len(town.u))}
    # Nobody pays for the memory of answers that are kept: ours are written over, theirs are let go.
    out = np.empty((CATEGORIES, len(town.xy)))

    def theirs(limit):
        for c in range(CATEGORIES):
            dijkstra(graph, indices=np.unique(nodes[groups == c]), limit=limit + 1e-9, min_only=True)

    for limit in limits:
        best, _ = race(
            rounds,
            ours=lambda limit=limit: node_minutes(edges, targets, groups, max_min=limit, threads=1, out=out),
            scipy=lambda limit=limit: theirs(limit),
        )
        both = np.isfinite(out)
        wrong, error = 0, 0.0
        for c, expected in enumerate(scipy_nearest(graph, nodes, groups, limit)):
            wrong += int((both[c] != np.isfinite(expected)).sum())
            error = max(error, float(np.abs(out[c][both[c]] - expected[both[c]]).max()))
        found[limit] = best
        networkx = pandana = None
        if slow and np.isfinite(limit):
            networkx = networkx_nearest(town, nodes, groups, limit)
            pandana = pandana_nearest(town, nodes, groups, limit)
            found["pandana"] = pandana
        rows.append(
            [
                town.name,
                f"{limit:g} min",
                seconds(networkx),
                "–" if pandana is None else f"{seconds(pandana[0])} + {seconds(pandana[1])}",
                seconds(best["scipy"]),
                seconds(best["ours"]),
                ratio(best["scipy"], best["ours"]),
                f"{100 * both.mean():.0f} %",
                f"{error:.1e} min, {wrong} verdicts",
            ]
        )
    return rows, found


def networkx_nearest(town, nodes, groups, limit):
    """Return seconds for all categories, from two of them."""
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(town.u.tolist(), town.v.tolist(), town.minutes.tolist(), strict=True))
    taken, _ = cpu(
        lambda: [
            nx.multi_source_dijkstra_path_length(graph, set(nodes[groups == c].tolist()), cutoff=limit)
            for c in range(2)
        ]
    )
    return taken * CATEGORIES / 2


def pandana_nearest(town, nodes, groups, limit):
    """Return seconds to build and to ask, all categories from two of them."""
    built, network = cpu(lambda: pandana_network(town))
    if network is None:
        return None
    metres = limit * towns.M_PER_MIN

    def ask():
        for c in range(2):
            mine = nodes[groups == c]
            network.set_pois(str(c), metres, 1, town.xy[mine, 0], town.xy[mine, 1])
            network.nearest_pois(metres, str(c), num_pois=1)

    taken, _ = cpu(ask)
    return built, taken * CATEGORIES / 2


@njit
def _touch(start, head, cost, reached, dist):
    total = 0
    for x in range(len(start) - 1):
        if reached[x]:
            for a in range(start[x], start[x + 1]):
                total += cost[a] + dist[head[a]]
    return total


def touching(town, limit, ours):
    """Return our time over that of reading each reached arc and the label at its head once."""
    nodes, groups = facilities(town)
    edges = town.timed()
    targets = town.at_nodes(nodes)
    arcs, number = edges.lattice.inward, edges.lattice.number
    made = node_minutes(edges, targets, groups, max_min=limit, threads=1)
    reached = np.empty(made.shape, dtype=bool)
    reached[:, number] = np.isfinite(made)
    dist = np.zeros(len(number), dtype=np.int64)

    def touch():
        for c in range(CATEGORIES):
            _touch(arcs.start, arcs.head, arcs.cost, reached[c], dist)

    touch()
    best, _ = race(5, touch=touch)
    return ours / best["touch"]


def threads(town):
    """Return wall seconds on one thread and on two, unbounded."""
    nodes, groups = facilities(town)
    edges, targets = town.timed(), town.at_nodes(nodes)
    wall = {1: np.inf, 2: np.inf}
    made = {count: np.empty((CATEGORIES, len(town.xy))) for count in wall}
    for _ in range(4):
        for count in (1, 2):
            start = time.perf_counter()
            node_minutes(edges, targets, groups, max_min=np.inf, threads=count, out=made[count])
            wall[count] = min(wall[count], time.perf_counter() - start)
    return wall[1] / wall[2], bool(np.array_equal(made[1], made[2]))


def many(town):
    """Measure three nearest and counts within 15 minutes for all nodes."""
    nodes, groups = facilities(town)
    some = groups < 4  # four categories, for all peers
    nodes, groups = nodes[some], groups[some]
    graph, edges = town.csr(), town.timed()
    everybody, targets = town.at_nodes(np.arange(len(town.xy))), town.at_nodes(nodes)
    query = Query(edges, everybody, targets, groups, max_min=15.0, threads=1)
    query.nearest(k=3), query.counts()

    def dense():
        three, counts = [], []
        for c in range(4):
            minutes = dijkstra(graph, indices=nodes[groups == c], limit=15.0 + 1e-9)
            counts.append(np.isfinite(minutes).sum(axis=0))
            three.append(np.sort(np.partition(minutes, 3, axis=0)[:3], axis=0))
        return three, counts

    best, made = race(
        3,
        three=lambda: Query(edges, everybody, targets, groups, max_min=15.0, threads=1).nearest(k=3),
        counts=lambda: Query(edges, everybody, targets, groups, max_min=15.0, threads=1).counts(),
        scipy=dense,
    )
    error = max(
        float(np.nanmax(np.abs(np.where(np.isinf(theirs.T), np.nan, theirs.T) - ours)))
        for (ours, _), theirs in zip(made["three"], made["scipy"][0], strict=True)
    )
    wrong = int((made["counts"] != np.array(made["scipy"][1])).sum())
    pandana = None
    network = pandana_network(town)
    if network is not None:
        metres = 15 * towns.M_PER_MIN
        mine = nodes[groups == 0]
        network.set_pois("0", metres, 3, town.xy[mine, 0], town.xy[mine, 1])
        three, _ = cpu(lambda: network.nearest_pois(metres, "0", num_pois=3))
        network.set(pd.Series(mine), name="0")
        counts, _ = cpu(lambda: network.aggregate(metres, type="count", decay="flat", name="0"))
        pandana = 4 * three, 4 * counts
    return best, error, wrong, pandana


def households(town, count=100_000):
    """Measure homes and facilities on the interior of edges, within 30 minutes."""
    rng = np.random.default_rng(3)
    homes = towns.places(rng.integers(0, len(town.u), count), rng.random(count))
    each = 50
    size = CATEGORIES * each
    shops = towns.places(rng.integers(0, len(town.u), size), rng.random(size))
    groups = np.repeat(np.arange(CATEGORIES), each)
    edges = town.timed()
    # The peer's graph: every place is a node that divides its edge.
    edge = np.r_[homes.edge, shops.edge, np.arange(len(town.u)), np.arange(len(town.u))]
    share = np.r_[homes.fraction, shops.fraction, np.zeros(len(town.u)), np.ones(len(town.u))]
    node = np.r_[len(town.xy) + np.arange(count + size), town.u, town.v]
    order = np.lexsort((share, edge))
    edge, share, node = edge[order], share[order], node[order]
    next_to = edge[1:] == edge[:-1]
    split = towns.Town(
        name="split",
        xy=np.zeros((len(town.xy) + count + size, 2)),
        u=node[:-1][next_to],
        v=node[1:][next_to],
        length_m=np.diff(share)[next_to] * town.length_m[edge[1:][next_to]],
    )
    graph = split.csr()
    sources = len(town.xy) + count + np.arange(size)
    edges.lattice  # noqa: B018 - built before the race

    def ours():
        return Query(edges, homes, shops, groups, max_min=30.0, threads=1).nearest(k=1)

    ours()
    best, made = race(3, ours=ours, scipy=lambda: scipy_nearest(graph, sources, groups, 30.0))
    error = 0.0
    wrong = 0
    for (mine, _), theirs in zip(made["ours"], made["scipy"], strict=True):
        expected = theirs[len(town.xy) : len(town.xy) + count]
        got = mine[:, 0]
        wrong += int((np.isfinite(got) != np.isfinite(expected)).sum())
        error = max(error, float(np.nanmax(np.abs(got - expected))))
    return best, error, wrong


def lines_of(town):
    return shapely.linestrings(np.stack([town.xy[town.u], town.xy[town.v]], axis=1))


def snapping(town, count=100_000):
    """Measure points beside edges."""
    rng = np.random.default_rng(4)
    edge, share = rng.integers(0, len(town.u), count), rng.random(count)[:, None]
    spot = town.xy[town.u[edge]] * (1 - share) + town.xy[town.v[edge]] * share
    points = shapely.points(spot + rng.uniform(-20, 20, (count, 2)))
    lines = lines_of(town)
    index = EdgeIndex(geometry=lines, obstructions=Obstructions(walls=NOTHING, buildings=NOTHING))
    tree = shapely.STRtree(lines)
    index.snap(points), tree.nearest(points[:10])
    best, made = race(3, ours=lambda: index.snap(points), shapely=lambda: tree.nearest(points))
    nearest_m = shapely.distance(points, lines[made["shapely"]])
    first = np.searchsorted(made["ours"].owner, np.arange(count))
    return best, float(np.abs(made["ours"].leg_m[first] - nearest_m).max())


def recipe(graph, start, minutes):
    """Draw isochrones as notebook 13 of OSMnx's examples does; both buffers are 25 m."""
    areas = []
    for limit in sorted(minutes, reverse=True):
        part = nx.ego_graph(graph, start, radius=limit, distance="time")
        spots = [shapely.Point((data["x"], data["y"])) for _, data in part.nodes(data=True)]
        nodes = gpd.GeoDataFrame({"id": list(part.nodes)}, geometry=spots).set_index("id")
        lines = []
        for tail, head in part.edges():
            ends = [nodes.loc[tail].geometry, nodes.loc[head].geometry]
            lines.append(graph.get_edge_data(tail, head)[0].get("geometry", shapely.LineString(ends)))
        around = [*nodes.buffer(25).geometry, *gpd.GeoSeries(lines).buffer(25).geometry]
        areas.append(gpd.GeoSeries(around).union_all())
    return areas


def isochrone(town, count):
    """Measure 5, 10 and 15 minutes; the recipe on a tenth of the places."""
    network = WalkNetwork.from_frames(
        pd.DataFrame(town.xy, columns=["x", "y"]),
        pd.DataFrame({"u": town.u, "v": town.v, "length_m": town.length_m}),
        speeds={"adult": towns.M_PER_MIN},
    )
    # As OSMnx gives it: an edge for each direction.
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in enumerate(town.xy.tolist()))
    for a, b, minutes in zip(town.u.tolist(), town.v.tolist(), town.minutes.tolist(), strict=True):
        graph.add_edge(a, b, time=minutes)
        graph.add_edge(b, a, time=minutes)
    rng = np.random.default_rng(6)
    nodes = rng.integers(0, len(town.xy), count)
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*town.xy[nodes].T))
    isochrones(network, points[:1])
    few = nodes[: max(1, count // 10)]
    best, made = race(
        2,
        ours=lambda: isochrones(network, points),
        recipe=lambda: [recipe(graph, int(node), (5, 10, 15)) for node in few],
    )
    areas = made["ours"]
    edges = network.timed(towns.M_PER_MIN)
    snapped = network.snap(np.array(points.geometry.array, dtype=object))
    least = 1.0
    for owner in range(len(few)):
        walk = Walk.of(edges, network.lines(), snapped, owner, max_min=15.0)
        for limit in (5.0, 10.0, 15.0):
            whole, parts = walk.within(limit)
            exact = shapely.union_all(shapely.buffer(np.r_[walk.line[whole], parts], 25, quad_segs=32))
            mine = areas[(areas["origin"] == owner) & (areas["minutes"] == limit)].geometry.iloc[0]
            least = min(least, mine.intersection(exact).area / mine.union(exact).area)
    return best["recipe"] / len(few), best["ours"] / count, least


def command(folder):
    """Return wall seconds of `plan reach` with an empty cache of machine code, and of the next run."""
    root = HERE.parents[1]
    site = root / "sample_gis" / "old_estate.gpkg"
    taken = []
    with tempfile.TemporaryDirectory() as out:
        for run in range(2):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "plan", "reach", str(site), "--output", f"{out}/{run}.gpkg"],
                check=True,
                capture_output=True,
                cwd=root,
                env={**os.environ, "NUMBA_CACHE_DIR": folder, "PYTHONPATH": str(root)},
            )
            taken.append(time.perf_counter() - start)
    return taken


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--small", action="store_true", help="no network of a million nodes")
    asked.add_argument("--write", type=Path, help="write the tables to a file too")
    options = asked.parse_args()
    queries.PLAIN_WARM = 0
    town = towns.synthetic(100_000)
    nodes, groups = facilities(town)
    node_minutes(town.timed(), town.at_nodes(nodes), groups, max_min=1.0)  # compile
    first, reach = [], []

    def add(work, goal, got, more=""):
        reach.append([work, goal, got, more])
        print(f"{work}: {got} {more}", file=sys.stderr, flush=True)

    rows, found = nearest(town, (15.0, np.inf), rounds=5, slow=True)
    first += rows
    if found.get("pandana"):
        build, ask = found["pandana"]
        ours = found[15.0]["ours"]
        add("nearest, 100k, 15 min, against pandana's query", "≥ 500×", ratio(ask, ours))
        add("the same, both with their build", "≥ 1,000×", ratio(build + ask, ours + found["build"]))
    if not options.small:
        million = towns.synthetic(1_000_000)
        rows, found = nearest(million, (15.0, np.inf), rounds=3, slow=False)
        first += rows
        add("nearest, 1M, 15 min, against scipy", "≥ 8×", ratio(found[15.0]["scipy"], found[15.0]["ours"]))
        add(
            "nearest, 1M, unbounded, against scipy",
            "≥ 5×",
            ratio(found[np.inf]["scipy"], found[np.inf]["ours"]),
        )
        add(
            "nearest, 1M, 15 min, over touching the reached arcs once",
            "≤ 2×",
            f"{touching(million, 15.0, found[15.0]['ours']):.2g}×",
        )
        gain, same = threads(million)
        add(
            "two threads against one, wall, 1M, unbounded",
            "≥ 1.7×",
            f"{gain:.2f}×",
            "identical" if same else "DIFFERENT",
        )
        add("memory, 1M", "≤ 150 B", f"{found['bytes']:.0f} B", "per node + edge")
    if (towns.SHARED / "helsinki_centre.osm.pbf").exists():
        raw = towns.openstreetmap("helsinki_centre.osm.pbf", "Helsinki, every vertex")
        if not options.small:
            raw = towns.tiled(raw, 1_000_000)
        rows, found = nearest(raw, (15.0, np.inf), rounds=3, slow=False)
        first += rows
        add(
            f"nearest, {raw.name}, 15 min, against scipy",
            "≥ 10×",
            ratio(found[15.0]["scipy"], found[15.0]["ours"]),
        )
        for real in (
            towns.porto_alegre(),
            towns.porto_alegre("subdiv8m"),
            towns.openstreetmap("perf_liechtenstein.osm.pbf", "Liechtenstein, every vertex"),
        ):
            rows, found = nearest(real, (15.0,), rounds=5, slow=False)
            first += rows
            add(
                f"nearest, {real.name}, 15 min, against scipy",
                "as above",
                ratio(found[15.0]["scipy"], found[15.0]["ours"]),
                f"{found['bytes']:.0f} B per node + edge",
            )
    best, error, wrong, pandana = many(town)
    add("three nearest within 15 min, all nodes, 100k, against scipy", "≥ 10×", ratio(best["scipy"], best["three"]), f"error {error:.1e} min")  # fmt: skip
    add(
        "counts within 15 min, against scipy", "≥ 10×", ratio(best["scipy"], best["counts"]), f"{wrong} wrong"
    )
    if pandana:
        add("three nearest, against pandana", "≥ 50×", ratio(pandana[0], best["three"]))
        add("counts, against pandana", "≥ 1,000×", ratio(pandana[1], best["counts"]))
    best, error, wrong = households(town)
    add("100k homes on edges × 20 categories, 30 min, against scipy on a split graph", "≥ 8×", ratio(best["scipy"], best["ours"]), f"error {error:.1e} min, {wrong} verdicts")  # fmt: skip
    best, error = snapping(town)
    add("snapping 100k points, against STRtree.nearest", "≥ 10×", ratio(best["shapely"], best["ours"]), f"{seconds(best['ours'])} s, error {error:.1e} m")  # fmt: skip
    theirs, ours, least = isochrone(town, 100)
    add("isochrones 5/10/15 of 100 facilities, against the recipe of OSMnx's examples", "≥ 40×", ratio(theirs, ours), f"{1000 * ours:.1f} ms a facility, IoU ≥ {least:.4f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = command(folder)
    add(
        "first `plan reach` of the sample estate / the next, wall",
        "≤ 15 / ≤ 3 s",
        f"{cold:.1f} / {warm:.1f} s",
    )
    text = (
        "Nearest facility of 20 categories for every node, CPU seconds, one thread (pandana: build + query)\n\n"
        + table(["network", "limit", "networkx", "pandana", "scipy csgraph", "plan", "scipy / plan", "reached", "against scipy"], first)
        + "\n"
        + table(["work", "goal", "today", ""], reach)
    )  # fmt: skip
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
