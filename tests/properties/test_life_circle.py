"""The parts of a life circle add up, whatever the streets."""

from __future__ import annotations

from itertools import combinations_with_replacement

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import (
    best_sites,
    blind_spots,
    completeness,
    life_circle,
    near_limit,
    robustness,
    two_step_catchment,
    walk_times,
)
from plan.network import WalkNetwork

CATEGORIES = ("clinic", "market", "park")
LIMITS = {"clinic": 5.0, "market": 10.0, "park": 5.0, "nursery": 5.0}


def town(seed: int):
    """A grid of streets with gaps, homes beside them, a few facilities and candidates."""
    rng = np.random.default_rng(seed)
    across = int(rng.integers(3, 7))
    nodes = pd.DataFrame(
        [(x * 120.0, y * 120.0) for x in range(across) for y in range(across)], columns=["x", "y"]
    )
    pairs = [(i, i + 1) for i in range(len(nodes)) if (i + 1) % across] + [
        (i, i + across) for i in range(len(nodes) - across)
    ]
    kept = [pair for pair in pairs if rng.random() < 0.8] or pairs[:1]
    edges = pd.DataFrame(kept, columns=["u", "v"]).assign(length_m=120.0)
    network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": 60.0})
    size = (across - 1) * 120.0

    def points(count: int):
        return gpd.points_from_xy(rng.uniform(0, size, count), rng.uniform(0, size, count))

    count = int(rng.integers(1, 40))
    people = rng.integers(0, 6, count).astype(float)
    people[rng.random(count) < 0.1] = np.nan
    homes = gpd.GeoDataFrame(
        {
            "building_id": [f"b{n}" if rng.random() < 0.9 else None for n in rng.integers(0, 12, count)],
            "households": rng.integers(1, 5, count),
            "persons": people,
        },
        geometry=points(count),
        index=[f"h{i}" for i in range(count)],
    )
    lost = rng.random(count) < 0.05
    homes.loc[lost, "geometry"] = None
    outlines = gpd.GeoSeries({f"b{n}": p.buffer(8) for n, p in enumerate(points(10))})
    number = int(rng.integers(1, 8))
    facilities = gpd.GeoDataFrame({"category": rng.choice(CATEGORIES, number)}, geometry=points(number))
    candidates = gpd.GeoDataFrame(
        {"candidate_id": [f"c{i}" for i in range(12)], "kind": "node", "name": None}, geometry=points(12)
    )
    return network, homes, outlines, facilities, candidates


@pytest.mark.parametrize("seed", range(25))
def test_the_parts_add_up(seed: int) -> None:
    network, homes, outlines, facilities, candidates = town(seed)
    circle = life_circle(network, homes, facilities, limits=LIMITS)
    rows = {row["category"]: row for row in circle.rows()}
    total = int(homes["households"].sum())

    spots = blind_spots(circle, outlines)
    for category in facilities["category"].unique():
        own = spots[spots["category"] == category]
        assert own["households"].sum() == total - rows[category]["served"]
        ground = own.geometry[own.geometry.notna()].to_numpy()
        assert shapely.is_valid(ground).all()
        assert sum(shapely.area(ground)) == pytest.approx(shapely.union_all(ground).area)  # none over another

    score = completeness(circle)
    every = score.rows()[-1]
    reached = sum(row["served"] for row in rows.values())
    assert every["score_all"] == pytest.approx(reached / total / len(rows))
    assert every["score"] == pytest.approx(reached / total / every["drawn"])
    assert every["score_all"] <= every["score"]

    sure = robustness(circle, draws=50, seed=seed).set_index("category")
    assert (sure["share_p05"].astype(float) <= sure["share_p95"].astype(float)).all()
    near = near_limit(circle)
    assert near.groupby("category")["households"].sum().to_dict() == {
        name: count for name, count in sure["near"].items() if count
    }

    best = best_sites(network, circle, candidates, sites=2)
    one = best_sites(network, circle, candidates)
    times = walk_times(network, homes, candidates.assign(category=candidates["candidate_id"]), max_min=30)
    for category, row in rows.items():
        own = best[best["category"] == category]
        assert own["households"].sum() + row["served"] <= total
        if own.empty:
            assert row["served"] == total
            continue
        walked = circle.walk_min.get(category, pd.Series(np.nan, index=homes.index))
        without = ~(walked <= row["limit_min"] + 1e-9)
        gained = {name: without & (times[name] <= row["limit_min"] + 1e-9) for name in times.columns}
        first = one[one["category"] == category]["households"].iloc[0]
        assert first == max(homes["households"][doors].sum() for doors in gained.values())
        # The two that serve most together, by looking at every pair.
        pairs = combinations_with_replacement(gained.values(), 2)
        assert own["households"].sum() == max(homes["households"][a | b].sum() for a, b in pairs)


@pytest.mark.parametrize("seed", range(20))
def test_places_are_shared_out_without_rest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    doors, facilities = (int(n) for n in rng.integers(1, 30, 2))
    within = rng.random((doors, facilities)) < 0.2
    capacity, people = rng.uniform(0, 100, facilities), rng.integers(0, 5, doors).astype(float)
    shared = two_step_catchment(within, capacity, people)
    asked = (people @ within) > 0
    assert (shared * people).sum() == pytest.approx(capacity[asked].sum())
    assert (shared[~within.any(axis=1)] == 0).all()
