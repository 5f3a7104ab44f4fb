"""Communities and grids of any small town: every building once, connected, in the band or with a reason."""

from __future__ import annotations

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.districts import place_communities, place_grids
from plan.districts.exact import division_in_band
from plan.districts.partition import Cells, divide
from plan.site import Site

CRS = "EPSG:4548"


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS)


@st.composite
def towns(draw):
    """Return buildings of any size and turn, perhaps in estates, perhaps with a main road."""
    count = draw(st.integers(3, 14))
    dice = np.random.default_rng(draw(st.integers(0, 2**31)))
    spots = dice.random((count, 2)) * 60 * np.sqrt(count) + (500_000.0, 4_000_000.0)
    sizes, turns = dice.uniform(4, 25, (count, 2)), dice.uniform(0, 180, count)
    shapes = [
        shapely.affinity.rotate(shapely.box(x - w, y - h, x + w, y + h), turn)
        for (x, y), (w, h), turn in zip(spots, sizes, turns, strict=True)
    ]
    ids = [f"B{i:02d}" for i in range(count)]
    homes = np.repeat(ids, dice.integers(0, 60, count))
    if not len(homes):
        homes = np.array(ids[:1])
    layers = {
        "buildings": frame(
            {"building_id": ids, "floors": 6, "estate_id": dice.choice(["E1", "E2", None], count)}, shapes
        ),
        "households": frame(
            {"household_id": np.arange(len(homes)).astype(str), "building_id": homes}, [None] * len(homes)
        ),
    }
    if draw(st.booleans()):
        (x0, y0), (x1, y1) = spots[0], spots[-1]
        way = shapely.LineString([(2 * x0 - x1, 2 * y0 - y1 + 31), (2 * x1 - x0, 2 * y1 - y0 + 31)])
        layers["walkways"] = frame({"way_id": ["W"], "kind": ["street"], "lanes": [6]}, [way])
    return Site(name="town", layers=layers, crs=layers["buildings"].crs)


@settings(max_examples=25, deadline=None)
@given(site=towns(), low=st.integers(10, 200))
def test_every_building_is_in_one_community_and_a_band_is_kept_or_explained(site, low):
    placed = place_communities(site, minimum_households=low, maximum_households=2 * low)
    kinds = {fault.kind for fault in placed.measures["faults"]}
    assert kinds <= {"apart", "across"}  # an estate may lie in pieces, and is then named
    if kinds:
        assert any(note.key == "districts.astride" for note in placed.measures["notes"])
    assert placed.features["households"].sum() == len(site.layers["households"])
    assert (placed.features["reason"].isna() == placed.features["in_band"]).all()
    assert placed.features.geometry.is_valid.all()


@settings(max_examples=25, deadline=None)
@given(site=towns(), per_grid=st.integers(5, 100))
def test_grids_cover_each_community_exactly(site, per_grid):
    placed = place_communities(site, minimum_households=20, maximum_households=200)
    drawn = site.with_layer("communities", placed.features)
    grids = place_grids(drawn, households_per_grid=per_grid)
    assert not {fault.kind for fault in grids.measures["faults"]} - {"apart"}
    for row in placed.features.to_dict("records"):
        mine = grids.features[grids.features["community_id"] == row["community_id"]]
        whole = shapely.union_all(mine.geometry.to_numpy())
        assert whole.symmetric_difference(row["geometry"]).area <= 1e-6 * row["geometry"].area
        assert abs(mine.area.sum() - row["geometry"].area) <= 1e-6 * row["geometry"].area
        assert mine["households"].sum() == row["households"]


@st.composite
def graphs(draw):
    count = draw(st.integers(2, 9))
    dice = np.random.default_rng(draw(st.integers(0, 2**31)))
    tree = [(int(dice.integers(i)), i) for i in range(1, count)]
    more = [
        tuple(sorted(dice.choice(count, 2, replace=False).tolist())) for _ in range(draw(st.integers(0, 8)))
    ]
    pairs = np.array(sorted({*tree, *more}), dtype=np.int64)
    return Cells(
        households=dice.integers(0, 12, count).astype(float),
        places=dice.random((count, 2)) * 100,
        pairs=pairs,
    )


def ways(cells):
    """Yield all divisions into connected groups."""
    graph = nx.Graph(cells.pairs.tolist())

    def of(left):
        if not left:
            yield []
            return
        first, *rest = sorted(left)
        for bits in range(2 ** len(rest)):
            group = {first, *(c for k, c in enumerate(rest) if bits >> k & 1)}
            if nx.is_connected(graph.subgraph(group)):
                for others in of(left - group):
                    yield [group, *others]

    yield from of(set(range(len(cells))))


@settings(max_examples=60, deadline=None)
@given(cells=graphs(), low=st.integers(1, 20), more=st.integers(0, 15))
def test_a_division_is_found_where_there_is_one_and_never_where_there_is_none(cells, low, more):
    high = low + more
    sums = [[cells.households[list(group)].sum() for group in way] for way in ways(cells)]
    possible = any(all(low <= one <= high for one in some) for some in sums)
    total = cells.households.sum()
    if total:
        assert (division_in_band(cells, low=low, high=high) is not None) == possible
        found = divide(cells, low=low, high=high)
        assert (found.out == 0) == possible
        graph = nx.Graph(cells.pairs.tolist())
        for group in range(len(found.homes)):
            assert nx.is_connected(graph.subgraph(np.flatnonzero(found.labels == group).tolist()))
