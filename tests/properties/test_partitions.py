"""Walk times in parts against one run: the same answers to the last bit, whatever the cells."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import life_circle, nearest_facilities, partition, walk_times, walk_times_in_parts
from plan.access.partitions import search_in_parts
from plan.network import WalkNetwork
from plan.site import Site

SPEED = 70.0  # m/min
CATEGORIES = ("clinic", "park", "market")
CRS = gpd.GeoSeries(crs=4548).crs


def town(rng: np.random.Generator, *, side: int, shortcuts: bool):
    """A perturbed grid of 90 m with gaps, one-ways, bends, loops, repeats, and perhaps shortcuts across it."""
    x, y = (a.ravel() * 90.0 for a in np.meshgrid(np.arange(side), np.arange(side)))
    nodes = pd.DataFrame({"x": x + rng.uniform(-25, 25, x.size), "y": y + rng.uniform(-25, 25, y.size)})
    xy = nodes.to_numpy()
    at = np.arange(x.size).reshape(side, side)
    pairs = np.concatenate(
        [
            np.column_stack([at[:, :-1].ravel(), at[:, 1:].ravel()]),
            np.column_stack([at[:-1].ravel(), at[1:].ravel()]),
        ]
    )
    pairs = pairs[rng.random(len(pairs)) < 0.8]
    pairs = np.concatenate(
        [pairs, pairs[rng.integers(0, len(pairs), 3)], np.repeat(at[0, :3], 2).reshape(-1, 2)]
    )
    factor = rng.uniform(1, 1.4, len(pairs))
    if shortcuts:
        far = rng.integers(0, x.size, (4, 2))
        pairs = np.concatenate([pairs, far])
        factor = np.concatenate([factor, [0.0, 0.1, 0.5, 0.79]])
    lines = []
    for u, v in pairs:
        bent = u == v or rng.random() < 0.2
        bend = [(xy[u] + xy[v]) / 2 + rng.uniform(-40, 40, 2) for _ in range(2 if bent else 0)]
        lines.append(shapely.LineString([xy[u], *bend, xy[v]]))
    if shortcuts:  # a line drawn somewhere else than between its nodes
        lines[5] = shapely.LineString([(-900, -900), (-800, -900)])
    edges = gpd.GeoDataFrame({"u": pairs[:, 0], "v": pairs[:, 1]}, geometry=lines)
    edges["length_m"] = shapely.length(lines) * factor
    edges["oneway"] = rng.choice([0, 0, 0, 0, 1, -1], len(pairs))
    return nodes, edges


def places(rng: np.random.Generator, count: int, side: int):
    """Doors, several doors, outlines, nothing, and what lies far off."""
    spots = rng.uniform(-60, side * 90, (count, 2))
    made = list(shapely.points(spots))
    for i in range(0, count, 9):
        made[i] = shapely.MultiPoint([spots[i], spots[i] + rng.uniform(-150, 150, 2)])
    for i in range(1, count, 9):
        made[i] = shapely.box(*spots[i], *(spots[i] + rng.uniform(5, 100, 2)))
    made[2], made[3], made[4] = None, shapely.Point(), shapely.Point(30_000, -40_000)
    return np.array(made, dtype=object)


def case(seed: int):
    rng = np.random.default_rng(seed)
    side = int(rng.integers(12, 24))
    nodes, edges = town(rng, side=side, shortcuts=seed % 3 == 0)
    network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": SPEED})
    index = rng.permutation(60) // 2  # not unique
    origins = gpd.GeoDataFrame(geometry=places(rng, 60, side), index=index)
    facilities = gpd.GeoDataFrame({"category": rng.choice(CATEGORIES, 40)}, geometry=places(rng, 40, side))
    options = {
        "max_min": float(rng.choice([0.5, 1.5, 3.0, 6.0])),
        "snap_limit_m": float(rng.choice([20.0, 60.0, 200.0])),
    }
    return network, origins, facilities, options, float(rng.choice([150.0, 400.0, 1500.0]))


@pytest.mark.parametrize("block", range(4))
def test_parts_are_the_whole(block):
    reached = 0
    shares = []
    for seed in range(block * 8, block * 8 + 8):
        network, origins, facilities, options, cell_m = case(seed)
        whole = walk_times(network, origins, facilities, **options)
        parts = walk_times_in_parts(network, origins, facilities, cell_m=cell_m, **options)
        pd.testing.assert_frame_equal(parts, whole, check_exact=True)
        reached += int(whole.notna().to_numpy().sum())
        tiles = list(partition(network, origins, facilities, cell_m=cell_m, **options))
        shares += [len(tile.edges.u) / len(network.edges) for tile in tiles]
        held = np.concatenate([tile.origins for tile in tiles]) if tiles else []
        places = np.asarray(origins.geometry.to_numpy(), dtype=object)
        on_network = ~network.snap(places, limit_m=options["snap_limit_m"]).unsnapped
        # Each origin on the network is in one tile.
        assert sorted(held) == np.flatnonzero(on_network).tolist()
    assert reached > 50
    assert np.mean(shares) < 0.8  # tiles do leave things out


@pytest.mark.parametrize("seed", range(8))
def test_pairs_and_what_is_off_the_network_are_those_of_the_whole(seed):
    network, origins, facilities, options, cell_m = case(seed)
    bound = options["max_min"]
    found = search_in_parts(network, origins, facilities, cell_m=cell_m, **options)
    pairs = nearest_facilities(network, origins, facilities, **options)
    pd.testing.assert_frame_equal(found.pairs(), pairs, check_exact=True)
    if options["snap_limit_m"] == 200:
        circle = life_circle(network, origins, facilities, minutes=(bound,))
        assert found.unsnapped_origins.sum() == circle.unsnapped_households
        assert found.unsnapped_facilities.sum() == circle.unsnapped_facilities
    everything = np.asarray(origins.geometry.to_numpy(), dtype=object)
    touch = network.snap(everything, limit_m=options["snap_limit_m"])
    assert found.unsnapped_origins.tolist() == touch.unsnapped.tolist()


@pytest.mark.parametrize("seed", range(8))
def test_walls_and_buildings_turn_the_same_doors_away(seed):
    rng = np.random.default_rng(1000 + seed)
    lines = [shapely.LineString([(0, y), (1500, y)]) for y in range(0, 1500, 120)]
    lines += [shapely.LineString([(x, 0), (x, 1440)]) for x in range(0, 1501, 150)]
    lines = shapely.get_parts(shapely.node(shapely.union_all(lines)))
    lines = lines[rng.random(len(lines)) < 0.85]
    starts = rng.uniform(0, 1440, (60, 2))
    walls = shapely.linestrings(np.stack([starts, starts + rng.uniform(-120, 120, (60, 2))], axis=1))
    low = rng.uniform(0, 1440, (80, 2))
    houses = shapely.box(*low.T, *(low + rng.uniform(10, 60, (80, 2))).T)
    layers = {
        "walkways": gpd.GeoDataFrame({"way_id": np.arange(len(lines)).astype(str)}, geometry=lines, crs=CRS),
        "barriers": gpd.GeoDataFrame({"barrier_id": np.arange(60).astype(str)}, geometry=walls, crs=CRS),
        "buildings": gpd.GeoDataFrame(
            {"building_id": np.arange(80).astype(str), "floors": 6}, geometry=houses, crs=CRS
        ),
    }
    network = WalkNetwork.from_site(Site(name="walled", layers=layers, crs=CRS), speeds={"adult": SPEED})
    origins = gpd.GeoDataFrame(geometry=houses, crs=CRS)
    facilities = gpd.GeoDataFrame(
        {"category": rng.choice(CATEGORIES, 50)},
        geometry=shapely.points(rng.uniform(0, 1440, (50, 2))),
        crs=CRS,
    )
    for max_min in (1.0, 4.0):
        whole = walk_times(network, origins, facilities, max_min=max_min)
        parts = walk_times_in_parts(network, origins, facilities, max_min=max_min, cell_m=300)
        pd.testing.assert_frame_equal(parts, whole, check_exact=True)
        assert whole.notna().to_numpy().any()
