"""Walk times after random edits of random sites: those of the quick ways are those from scratch."""

from __future__ import annotations

from collections import Counter
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access.edits import (
    with_facility,
    with_facility_closed,
    with_gate,
    with_gate_closed,
    with_path,
    with_way_closed,
)
from plan.access.gates import place_gates, with_placed_gates
from plan.access.whatif import WhatIf
from plan.errors import UsageError
from plan.network import WalkNetwork
from plan.site import Site

CRS = gpd.GeoSeries(crs=4548).crs
BUILD = partial(WalkNetwork.from_site, speeds={"adult": 70.0})
CATEGORIES = ("park", "market", "clinic")


def layer(geometries, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)


def random_site(rng: np.random.Generator) -> Site:
    """Streets on a bent grid with gaps, houses between them, walls across, doors or outlines."""
    n, step = 5, 60.0
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1) * step
    grid = np.round(grid + rng.uniform(-12, 12, grid.shape), 2)
    ways = []
    for i in range(n):
        for j in range(n):
            for a, b in ((i + 1, j), (i, j + 1)):
                if a < n and b < n and rng.random() < 0.8:
                    bend = np.round((grid[i, j] + grid[a, b]) / 2 + rng.uniform(-6, 6, 2), 2)
                    ways.append(shapely.LineString([grid[i, j], bend, grid[a, b]]))
    count = len(ways)
    access = rng.choice(np.array([None, "private"], dtype=object), count, p=[0.9, 0.1])
    spots = rng.uniform(0, step * (n - 1), (10, 2)).round(2)
    houses = [shapely.box(x, y, x + 8, y + 10) for x, y in spots]
    walls = []
    for _ in range(3):
        x, y = rng.uniform(20, step * (n - 1) - 20, 2)
        turn = rng.uniform(0, np.pi)
        half = np.array([np.cos(turn), np.sin(turn)]) * rng.uniform(20, 90)
        walls.append(shapely.LineString(np.round([[x, y] - half, [x, y], [x, y] + half * 0.8], 2)))
    names = [f"B{i}" for i in range(len(houses))]
    with_door = rng.random(len(houses)) < 0.6
    doors = [shapely.Point(h.bounds[0] + 4, h.bounds[1]) for h, d in zip(houses, with_door, strict=True) if d]
    layers = {
        "parcels": layer([shapely.box(0, 0, 120, 260)], parcel_id=["P"], estate_id=["E"]),
        "buildings": layer(houses, building_id=names, floors=[6] * len(houses)),
        "entrances": layer(
            doors,
            entrance_id=[f"D{i}" for i in range(len(doors))],
            kind=["door"] * len(doors),
            building_id=[b for b, d in zip(names, with_door, strict=True) if d],
        ),
        "households": layer(
            [None] * 20, household_id=[f"H{i}" for i in range(20)], building_id=rng.choice(names, 20)
        ),
        "facilities": layer(
            [shapely.Point(p) for p in rng.uniform(0, 240, (6, 2)).round(2)],
            facility_id=[f"F{i}" for i in range(6)],
            category=rng.choice(CATEGORIES, 6),
        ),
        "walkways": layer(ways, way_id=[f"W{i}" for i in range(count)], kind=["path"] * count, access=access),
        "barriers": layer(
            walls, barrier_id=["K0", "K1", "K2"], kind=["wall"] * 3, removable=[True, True, False]
        ),
    }
    if rng.random() < 0.5:  # a private gate on a way
        spot = ways[int(rng.integers(count))].interpolate(0.5, normalized=True)
        gate = layer([spot], entrance_id=["PG"], kind=["gate"], building_id=[None], access=["private"])
        layers["entrances"] = gpd.GeoDataFrame(
            pd.concat([layers["entrances"].assign(access=None), gate], ignore_index=True), crs=CRS
        )
    site = Site(name="random", layers={}, crs=CRS)
    for name, frame in layers.items():
        site = site.with_layer(name, frame)
    return site


def random_edit(rng: np.random.Generator, site: Site) -> Site | None:  # noqa: PLR0911 - one return for each edit
    kind = rng.choice(
        ["gate", "gate", "gate", "path", "path", "joined", "joined", "way", "open", "close", "shut"]
    )
    ways, walls = site.layer("walkways"), site.layer("barriers")
    if kind == "gate":
        wall = walls.iloc[int(rng.integers(0, 2))]
        try:
            return with_gate(
                site, wall.geometry.interpolate(rng.random(), normalized=True), wall["barrier_id"]
            )
        except UsageError:
            return None
    if kind == "path":  # anywhere: across walls, through houses, with and without touching
        return with_path(site, shapely.LineString(rng.uniform(0, 240, (2, 2)).round(2)))
    if kind == "joined":  # from a place on one way to a place on another
        a, b = (
            g.interpolate(rng.random(), normalized=True)
            for g in ways.geometry.sample(2, random_state=rng.integers(1 << 30))
        )
        return with_path(site, shapely.LineString([a, b]), str(rng.choice(["path", "steps", "crossing"])))
    if kind == "way":
        return with_way_closed(site, str(rng.choice(ways["way_id"])))
    if kind == "open":
        return with_facility(site, shapely.Point(rng.uniform(0, 240, 2)), str(rng.choice(CATEGORIES)))
    if kind == "close":
        return with_facility_closed(site, str(rng.choice(site.layer("facilities")["facility_id"])))
    try:
        opened = with_gate(site, walls.geometry.iloc[0].interpolate(0.3, normalized=True), "K0", gate_id="G")
    except UsageError:
        return None
    return with_gate_closed(opened, "G")


def same(one, other):
    columns = sorted({*one.columns, *other.columns})
    np.testing.assert_allclose(
        one.reindex(columns=columns).to_numpy(float),
        other.reindex(columns=columns).to_numpy(float),
        rtol=0,
        atol=1e-9,
    )


@pytest.mark.parametrize(
    "block", [*range(2), *(pytest.param(block, marks=pytest.mark.long) for block in range(2, 4))]
)
def test_random_edits_are_as_from_scratch(block):
    routes: Counter[str] = Counter()
    shorter = 0
    for seed in range(block * 9, block * 9 + 9):
        rng = np.random.default_rng(seed)
        site = random_site(rng)
        what = WhatIf.of(site, build=BUILD)
        for _ in range(6):
            edited = random_edit(rng, site)
            if edited is None:
                continue
            change = what.compare(edited)
            same(change.after, WhatIf.of(edited, build=BUILD).minutes)
            routes[change.route] += 1
            shorter += int((change.after < change.before - 1e-6).to_numpy().any())
    assert routes["added"] >= 5
    assert routes["anew"] >= 8
    assert routes["facilities"] >= 2
    assert shorter >= 5


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(4, 8))]
)
def test_placed_gates_give_what_they_promise(seed):
    site = random_site(np.random.default_rng(1000 + seed))
    placed = place_gates(site, build=BUILD, max_gates=2, spacing_m=15)
    first = WhatIf.of(site, build=BUILD).minutes
    after = WhatIf.of(with_placed_gates(site, placed), build=BUILD).minutes
    capped = (frame.fillna(np.inf).clip(upper=30) for frame in (first, after))
    before_min, after_min = capped
    promised = placed.features["household_minutes_saved"].sum()
    assert (before_min - after_min).to_numpy().sum() == pytest.approx(promised, abs=1e-6)
    if len(placed.features):
        assert promised > 0
        single = placed.rejected["household_minutes_saved"].max()
        assert not single > placed.features["household_minutes_saved"].iloc[0] + 1e-6
