"""The sample estates: the same bytes on every run, and a planner finds nothing impossible on them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely

from plan.categories import CATEGORIES
from plan.schema import LAYERS

SITES = ("old_estate", "new_estate", "district")
FILES = (*(f"{name}.gpkg" for name in SITES), "old_estate_dem.tif")
Layers = dict[str, pd.DataFrame]


def read(path: Path) -> Layers:
    return {name: gpd.read_file(path, layer=name) for name, _ in pyogrio.list_layers(path)}


@pytest.fixture(scope="module")
def sites(sample_gis: Path) -> dict[str, Layers]:
    return {name: read(sample_gis / f"{name}.gpkg") for name in SITES}


@pytest.fixture(scope="module", params=SITES)
def layers(request: pytest.FixtureRequest, sites: dict[str, Layers]) -> Layers:
    return sites[request.param]


def on_the_ground(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the stalls of a garage: what lies below is in nobody's way."""
    return frame[frame["kind"] != "underground"] if name == "stalls" else frame


def network(walkways: gpd.GeoDataFrame) -> nx.Graph:
    graph = nx.Graph()
    for line in walkways.geometry:
        graph.add_edge(line.coords[0], line.coords[-1], length=line.length)
    return graph


def test_fresh_run_gives_the_committed_bytes(sample_gis: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, sample_gis / "make.py", "--out", tmp_path], check=True, capture_output=True
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    for name in FILES:
        fresh, kept = ((folder / name).read_bytes() for folder in (tmp_path, sample_gis))
        assert hashlib.sha256(fresh).hexdigest() == hashlib.sha256(kept).hexdigest(), name


def test_files_stay_small(sample_gis: Path) -> None:
    assert sum((sample_gis / name).stat().st_size for name in FILES) < 6_000_000
    assert (sample_gis / "new_estate.gpkg").stat().st_size < 1_200_000


@pytest.mark.parametrize(("name", "epsg"), [("old_estate", 4548), ("new_estate", 4549), ("district", 4548)])
def test_reference_system(sites: dict[str, Layers], name: str, epsg: int) -> None:
    assert {frame.crs.to_epsg() for frame in sites[name].values() if isinstance(frame, gpd.GeoDataFrame)} == {
        epsg
    }


def test_columns_and_values_follow_the_contract(layers: Layers) -> None:
    for name, frame in layers.items():
        contract = {column.name: column for column in LAYERS[name].columns}
        assert set(frame.columns) - {"geometry"} <= set(contract), name
        assert {column.name for column in contract.values() if column.required} <= set(frame.columns), name
        assert frame[LAYERS[name].id_column].is_unique, name
        for column in contract.values():
            if column.choices and column.name in frame:
                allowed = {value for value, _ in column.choices}
                assert set(frame[column.name].dropna()) <= allowed, (name, column.name)


def test_geometry_is_valid_and_of_the_right_kind(layers: Layers) -> None:
    for name, frame in layers.items():
        if isinstance(frame, gpd.GeoDataFrame):
            assert frame.is_valid.all(), name
            assert not frame.is_empty.any(), name
            assert set(frame.geom_type) <= set(LAYERS[name].shapes), name


def test_every_household_lives_in_a_building(layers: Layers) -> None:
    homes, people = layers["buildings"].set_index("building_id"), layers["households"]
    assert people["building_id"].isin(homes.index).all()
    assert (people["floor"] <= homes["floors"].reindex(people["building_id"]).to_numpy()).all()
    assert people["area_m2"].between(45, 105).all()
    if isinstance(people, gpd.GeoDataFrame):
        outlines = gpd.GeoSeries(homes.geometry.reindex(people["building_id"]).to_numpy(), crs=people.crs)
        assert (outlines.distance(people.geometry, align=False) < 0.02).all()


def test_a_landing_has_no_more_flats_than_it_was_drawn_with(sites: dict[str, Layers]) -> None:
    for name, most in (("old_estate", 2), ("new_estate", 4), ("district", 3)):
        landing = sites[name]["households"].groupby(["stairwell_id", "floor"]).size()
        assert landing.max() == most


def test_walkways_are_one_network_without_hidden_crossings(layers: Layers) -> None:
    ways = layers["walkways"]
    assert nx.is_connected(network(ways))
    lines = ways.geometry.to_numpy()
    left, right = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(left) == 0, list(zip(ways["way_id"].iloc[left], ways["way_id"].iloc[right], strict=True))[:5]
    assert ways.length.min() > 0.1


def test_a_way_ends_at_every_entrance(layers: Layers) -> None:
    nodes = set(network(layers["walkways"]).nodes)
    doors = layers["entrances"]
    assert [
        row.entrance_id for row in doors.itertuples() if (row.geometry.x, row.geometry.y) not in nodes
    ] == []


def test_doors_lie_on_the_outline_of_their_building(layers: Layers) -> None:
    outlines = layers["buildings"].set_index("building_id").boundary
    doors = layers["entrances"].dropna(subset=["building_id"])
    for row in doors.itertuples():
        assert outlines[row.building_id].distance(row.geometry) < 0.02, row.entrance_id


def test_every_stairwell_has_its_door(layers: Layers) -> None:
    people = layers["households"]
    doors = layers["entrances"]
    assert set(people["stairwell_id"]) <= set(doors.loc[doors["kind"] == "stairwell", "stairwell_id"])


def test_buildings_do_not_overlap(layers: Layers) -> None:
    shapes = layers["buildings"].geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    apart = left < right
    assert shapely.area(shapely.intersection(shapes[left[apart]], shapes[right[apart]])).sum() < 0.01


def test_nothing_runs_through_a_building(layers: Layers) -> None:
    inside = shapely.union_all(layers["buildings"].buffer(-0.05).to_numpy())
    for name in ("walkways", "barriers", "stalls", "fire_lanes", "utilities", "obstacles"):
        if name in layers:
            assert not on_the_ground(name, layers[name]).intersects(inside).any(), name


def test_roads_leave_buildings_and_stalls_free(layers: Layers) -> None:
    ways = layers["walkways"]
    roads = ways[ways["width_m"] >= 3.0]
    paved = shapely.union_all(roads.buffer(roads["width_m"] / 2, cap_style="flat").to_numpy())
    for name in ("buildings", "stalls"):
        if name in layers:
            assert on_the_ground(name, layers[name]).intersection(paved).area.max() < 0.01, name


def test_walls_are_crossed_only_at_gates(layers: Layers) -> None:
    walls = shapely.union_all(layers["barriers"].geometry.to_numpy())
    ways = layers["walkways"]
    assert not ways.intersects(walls).any()
    gates = layers["entrances"].query("kind == 'gate'")
    assert gates.distance(walls).max() > 2.5
    assert gates["main"].any()


def test_rooms_lie_inside_their_buildings(layers: Layers) -> None:
    homes = layers["buildings"].set_index("building_id")
    for row in layers["rooms"].dropna(subset=["building_id"]).itertuples():
        assert homes.geometry[row.building_id].buffer(0.02).contains(row.geometry), row.room_id
        assert -homes["floors_below"][row.building_id] <= row.floor <= homes["floors"][row.building_id], (
            row.room_id
        )
        assert 0.8 < row.area_m2 / row.geometry.area < 1.0, row.room_id


def test_facilities_are_of_known_categories(layers: Layers) -> None:
    known = set(CATEGORIES)
    assert set(layers["facilities"]["category"]) <= known


def test_the_old_estate_is_what_its_readme_says(sites: dict[str, Layers]) -> None:
    old = sites["old_estate"]
    assert len(old["households"]) == 1488
    homes = old["buildings"].query("use == 'residential'")
    assert len(homes) == 33
    assert set(homes["floors"]) == {5, 6, 7}
    assert not homes["has_elevator"].any()
    assert sum(len(shape.exterior.coords) for shape in homes.geometry) > 33 * 5
    gates = old["entrances"].query("kind == 'gate'")
    assert gates["main"].tolist() == [True, False]
    assert gates["opens"].tolist()[1] == "06:00"
    lanes = old["fire_lanes"]["width_m"]
    assert (lanes >= 4.0).sum() > (lanes < 4.0).sum() > 0
    yes = old["households"].groupby("stairwell_id")["vote"].apply(lambda votes: (votes == "yes").mean())
    assert (yes >= 0.75).sum() == 47
    assert yes.between(2 / 3, 0.75, inclusive="left").sum() == 17
    assert yes.min() < 0.2
    owned = old["households"]["owner_id"].value_counts()
    assert (owned > 1).sum() > 20
    assert len(old["remarks"]) == 42


def test_the_old_estate_can_meet_six_hundred_square_metres_in_several_ways(sites: dict[str, Layers]) -> None:
    rooms = sites["old_estate"]["rooms"]
    existing = rooms[rooms["state"] == "existing"]
    assert len(existing) == 5
    assert existing["area_m2"].sum() == 253
    near = rooms[(rooms["state"] == "candidate") & (rooms["floor"] == 1) & (rooms["area_m2"] > 100)]
    near = near[~near["room_id"].isin(["C11", "C13"])]  # at the top of the hill
    stands = existing[existing["room_id"].isin(["R01", "R02", "R04"])]["area_m2"].sum()
    pairs = [
        (a.cost_cny + b.cost_cny)
        for a in near.itertuples()
        for b in near.itertuples()
        if a.room_id < b.room_id and stands + a.area_m2 + b.area_m2 >= 600
    ]
    assert len(pairs) >= 2
    assert len(set(pairs)) == len(pairs)


def test_the_old_estate_lacks_some_facilities_within_fifteen_minutes(sites: dict[str, Layers]) -> None:
    old = sites["old_estate"]
    graph = network(old["walkways"])
    gate = old["entrances"].query("main").geometry.iloc[0]
    metres = nx.single_source_dijkstra_path_length(graph, (gate.x, gate.y), weight="length")
    nodes = list(graph.nodes)
    tree = shapely.STRtree(shapely.points(nodes))
    walk: dict[str, float] = {}
    for row in old["facilities"].itertuples():
        end = metres[nodes[tree.nearest(row.geometry.centroid)]]
        walk[row.category] = min(end, walk.get(row.category, np.inf))
    assert walk["market"] < 500
    assert walk["nursery"] > 1200
    assert walk["elderly_day_care"] > 1200
    assert {"sports_centre", "metro_station"}.isdisjoint(walk)


def test_the_terrain_covers_the_old_estate(sample_gis: Path, sites: dict[str, Layers]) -> None:
    old = sites["old_estate"]
    with rasterio.open(sample_gis / "old_estate_dem.tif") as terrain:
        heights = terrain.read(1)
        assert terrain.crs.to_epsg() == 4548
        assert heights.dtype == np.float32
        assert 40 < heights.max() - heights.min() < 70
        west, south, east, north = old["walkways"].total_bounds
        assert terrain.bounds.left <= west < east <= terrain.bounds.right
        assert terrain.bounds.bottom <= south < north <= terrain.bounds.top
        steps = old["walkways"].query("kind == 'steps'")
        ends = [next(terrain.sample([line.coords[k]]))[0] for line in steps.geometry for k in (0, -1)]
    rise = np.diff(np.array(ends).reshape(-1, 2), axis=1)[:, 0]
    assert len(steps) == 7
    assert (rise > 1.0).all()
    assert steps["slope"].between(0.15, 0.6).all()


def test_the_new_estate_meets_one_city_and_fails_another(sites: dict[str, Layers]) -> None:
    new = sites["new_estate"]
    assert len(new["households"]) == 1440
    rooms = new["rooms"]
    service = rooms[rooms["use"] == "community_service"]
    assert service["area_m2"].sum() == 460  # >= max(20 x 14.4, 300) = 300, < 1,000
    assert service.loc[service["floor"] == 1, "area_m2"].sum() == 260  # < 300
    assert set(rooms["floor"]) == {1, 2}
    care = rooms[rooms["use"] == "elderly_day_care"]
    phases = new["parcels"].set_index("parcel_id")["phase"]
    homes = new["buildings"].set_index("building_id")["parcel_id"]
    assert phases[homes[care["building_id"]].to_numpy()].tolist() == ["1"]
    assert set(new["parcels"]["status"]) == {"new"}


def test_the_new_estate_has_a_stall_for_each_household(sites: dict[str, Layers]) -> None:
    stalls, homes = sites["new_estate"]["stalls"], sites["new_estate"]["households"]
    assert len(stalls) == 1644
    assert len(stalls) >= 1.05 * len(homes)
    assert (stalls["kind"] == "accessible").sum() == 12 >= 0.005 * len(stalls)
    phase_of = sites["new_estate"]["buildings"].set_index("building_id")["parcel_id"].str[1]
    below = stalls.loc[stalls["kind"] == "underground", "stall_id"].str[1].value_counts()
    lived_in = phase_of[homes["building_id"].to_numpy()].value_counts()
    assert (below >= lived_in).all()  # in each phase, without the visitors' stalls on the ground


def test_a_garage_is_one_level_inside_its_parcel_and_beside_the_houses(sites: dict[str, Layers]) -> None:
    new = sites["new_estate"]
    below = new["stalls"].query("kind == 'underground'")
    parcels = new["parcels"].set_index("phase")
    for phase, cars in below.groupby(below["stall_id"].str[1]):
        assert cars.within(parcels.geometry[phase].buffer(-5.0)).all(), phase
    assert below.distance(shapely.union_all(new["buildings"].geometry.to_numpy())).min() > 1.0
    ramps = new["obstacles"].query("kind == 'garage_ramp'")
    assert len(ramps) == 4
    assert not below.intersects(shapely.union_all(ramps.buffer(-0.02).to_numpy())).any()
    sides = shapely.oriented_envelope(below.geometry.to_numpy())
    assert np.allclose(shapely.area(sides), 2.4 * 5.3, atol=0.1)


@pytest.mark.parametrize("name", ["old_estate", "new_estate"])
def test_stalls_of_one_level_do_not_overlap(sites: dict[str, Layers], name: str) -> None:
    stalls = sites[name]["stalls"]
    below = stalls["kind"] == "underground"
    for level in (below, ~below):
        shapes = stalls.geometry[level].to_numpy()
        left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        apart = left < right
        assert shapely.area(shapely.intersection(shapes[left[apart]], shapes[right[apart]])).sum() < 0.01


def test_the_kindergarten_of_the_new_estate_is_near_every_door(sites: dict[str, Layers]) -> None:
    new = sites["new_estate"]
    graph = network(new["walkways"])
    door = new["entrances"].query("building_id == 'B14'").geometry.iloc[0]
    metres = nx.single_source_dijkstra_path_length(graph, (door.x, door.y), weight="length")
    doors = new["entrances"].query("kind == 'stairwell'").geometry
    assert max(metres[p.x, p.y] for p in doors) < 290
    kindergarten = new["facilities"].query("category == 'kindergarten'").geometry.iloc[0]
    assert kindergarten.distance(door) < 2


def test_the_district_is_large_enough(sites: dict[str, Layers]) -> None:
    district = sites["district"]
    assert len(district["communities"]) >= 4
    assert district["parcels"]["estate_id"].nunique() >= 12
    assert len(district["households"]) >= 15_000
    assert district["facilities"]["category"].nunique() >= 25
    built = pd.to_datetime(district["parcels"].dropna(subset=["estate_id"])["built_on"])
    assert built.between("2006-01-01", "2017-07-11").sum() >= 4
    communities = gpd.GeoDataFrame(district["communities"])
    for state in ("existing", "candidate"):
        rooms = district["rooms"].query("state == @state")
        found = gpd.sjoin(rooms, communities, predicate="within")["community_id"]
        assert set(found) == set(communities["community_id"]), state
    handed = district["rooms"].query("state == 'existing'")["handed_over_on"]
    assert handed.notna().any()
    assert handed.isna().any()


def test_the_communities_know_their_residents(sites: dict[str, Layers]) -> None:
    for name in ("old_estate", "district"):
        site = sites[name]
        assert site["communities"]["residents"].sum() == site["households"]["persons"].sum()


def test_the_readme_counts_the_rows(sample_gis: Path, sites: dict[str, Layers]) -> None:
    table: dict[str, list[str]] = {}
    for line in (sample_gis / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].strip("`") in LAYERS:
            table[cells[0].strip("`")] = cells
    assert set(table) == {layer for site in sites.values() for layer in site}
    for name, (_, _, columns, *counts) in table.items():
        written = {column for site in sites.values() if name in site for column in site[name].columns} - {
            "geometry"
        }
        assert set(columns.split(", ")) == written, name
        rows = [f"{len(sites[site][name]):,}" if name in sites[site] else "–" for site in SITES]
        assert counts == rows, name
