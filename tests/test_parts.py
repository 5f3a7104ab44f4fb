"""Walk times in parts: on this machine, in other processes and on a Dask cluster; what makes no sense is refused."""

from __future__ import annotations

import gc
import json
import pickle
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import clusters, partition, walk_times, walk_times_in_parts
from plan.access.clusters import connect
from plan.access.partitions import walk_tile
from plan.cli import main
from plan.errors import InputError, UnavailableError, UsageError
from plan.network import WalkNetwork

SPEEDS = {"adult": 60.0, "elderly": 30.0}


def street(blocks: int = 100) -> WalkNetwork:
    """A street of 100 m blocks along y = 0."""
    nodes = pd.DataFrame({"x": np.arange(blocks + 1) * 100.0, "y": 0.0})
    edges = pd.DataFrame({"u": np.arange(blocks), "v": np.arange(1, blocks + 1), "length_m": 100.0})
    return WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)


def doors(*x: float | None, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[None if at is None else shapely.Point(at, 10) for at in x])


ORIGINS = doors(5050.0, None, 50.0, 9000.0, 5050.0, 90_000.0).set_axis(list("fabecd"), axis=0)
FACILITIES = doors(4950.0, 0.0, 9200.0, 5080.0, category=["bank", "park", "park", "bank"])


def test_rows_keep_their_order_and_nothing_is_lost() -> None:
    times = walk_times_in_parts(street(), ORIGINS, FACILITIES, max_min=5, cell_m=500)
    pd.testing.assert_frame_equal(
        times, walk_times(street(), ORIGINS, FACILITIES, max_min=5), check_exact=True
    )
    assert list(times.index) == list("fabecd")
    # Each door is 10 m off the street: 30 m and 20 m, 50 m and 20 m, 200 m and 20 m at 60 m/min.
    expected = {
        "bank": [50 / 60, np.nan, np.nan, np.nan, 50 / 60, np.nan],
        "park": [np.nan, np.nan, 70 / 60, 220 / 60] + [np.nan] * 2,
    }
    for category, minutes in expected.items():
        assert times[category].tolist() == pytest.approx(minutes, nan_ok=True)


def test_a_tile_holds_what_its_origins_can_reach_and_little_more() -> None:
    tiles = list(partition(street(), ORIGINS, FACILITIES, max_min=5, cell_m=500))
    assert [(tile.column, tile.row) for tile in tiles] == [(0, 0), (10, 0), (18, 0)]
    first, middle, end = tiles
    # 5 min at 75 m/min, 60 and a quarter, and 2 m for gaps, from the edge at x = 50: as far as 427 m.
    assert first.edges.xy[:, 0].tolist() == [0, 100, 200, 300, 400, 500]
    # From 5050: 4673 to 5427 m.
    assert middle.edges.xy[:, 0].tolist() == [4600, 4700, 4800, 4900, 5000, 5100, 5200, 5300, 5400, 5500]
    assert middle.origins.tolist() == [0, 4]
    assert middle.facilities.tolist() == [0, 3]
    assert end.facilities.tolist() == [2]
    # Nobody on the network is left out, and who is not on it is in none.
    assert sorted(np.concatenate([tile.origins for tile in tiles])) == [0, 2, 3, 4]


def test_an_edge_longer_than_the_limit_stays_whole() -> None:
    nodes = pd.DataFrame({"x": [0.0, 20_000.0], "y": 0.0})
    edges = pd.DataFrame({"u": [0], "v": [1], "length_m": [20_000.0]})
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    for tile in partition(network, ORIGINS, FACILITIES, max_min=5, cell_m=500):
        assert tile.edges.forward.tolist() == [20_000 / 60]
    times = walk_times_in_parts(network, ORIGINS, FACILITIES, max_min=5, cell_m=500)
    assert times.loc["f", "bank"] == pytest.approx(50 / 60)
    assert times.loc["b", "park"] == pytest.approx(70 / 60)


def test_a_network_too_long_for_fine_ticks_gives_its_parts_its_own() -> None:
    """With 400,000 minutes the ticks of the whole are coarser than those that a part by itself would take."""
    nodes = pd.DataFrame({"x": [*(np.arange(60) * 77.7), 0.0, 1.0], "y": [0.0] * 60 + [9e6, 9e6]})
    edges = pd.DataFrame({"u": [*range(59), 60], "v": [*range(1, 60), 61], "length_m": [77.7] * 59 + [2.4e7]})
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    rng = np.random.default_rng(2)
    origins, facilities = (
        doors(*rng.uniform(0, 4500, 50)),
        doors(*rng.uniform(0, 4500, 9), category=["bank"] * 9),
    )
    whole = walk_times(network, origins, facilities, max_min=9)
    parts = walk_times_in_parts(network, origins, facilities, max_min=9, cell_m=300)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)


def test_many_points_snap_alike_in_parts() -> None:
    """Many points are taken to the network in another way than few; a tile has few."""
    rng = np.random.default_rng(8)
    bend = np.cumsum(rng.uniform(5, 40, (400, 2)), axis=0) + np.array([500_000, 4_000_000])
    nodes = pd.DataFrame(bend, columns=["x", "y"])
    edges = pd.DataFrame({"u": range(399), "v": range(1, 400)})
    edges["length_m"] = np.hypot(*np.diff(bend, axis=0).T) * rng.uniform(1, 1.3, 399)
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    spots = bend[rng.integers(0, 400, 12_000)] + rng.uniform(-30, 30, (12_000, 2))
    origins = gpd.GeoDataFrame(geometry=shapely.points(spots))
    facilities = gpd.GeoDataFrame({"category": ["bank"] * 25}, geometry=shapely.points(bend[::16] + 3.3))
    whole = walk_times(network, origins, facilities, max_min=4)
    parts = walk_times_in_parts(network, origins, facilities, max_min=4, cell_m=700)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)
    assert whole.notna().to_numpy().sum() > 1000


def test_a_shortcut_leads_out_of_the_circle() -> None:
    nodes = pd.DataFrame({"x": [0.0, 100.0, 50_000.0, 50_100.0], "y": 0.0})
    edges = pd.DataFrame({"u": [0, 1, 2], "v": [1, 2, 3], "length_m": [100.0, 30.0, 100.0]})
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    far = doors(50_050.0, category=["bank"])
    times = walk_times_in_parts(network, doors(50.0), far, max_min=5, cell_m=100)
    assert times.loc[0, "bank"] == pytest.approx((10 + 50 + 30 + 50 + 10) / 60)


def test_private_ways_are_open_to_their_residents_only() -> None:
    nodes = pd.DataFrame({"x": np.arange(5) * 100.0, "y": 0.0})
    edges = pd.DataFrame({"u": range(4), "v": range(1, 5), "length_m": 100.0})
    edges["residents_of"] = [None, "E1", None, "E2"]
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    origins = doors(50.0, 50.0, 50.0, 280.0, estate_id=["E1", "E2", None, "E2"])
    facilities = doors(250.0, 350.0, category=["bank", "park"])
    whole = walk_times(network, origins, facilities, max_min=9)
    assert whole["bank"].notna().tolist() == [True, False, False, True]
    parts = walk_times_in_parts(network, origins, facilities, max_min=9, cell_m=100)
    pd.testing.assert_frame_equal(parts, whole, check_exact=True)


def test_slopes_and_steps_take_the_same_time_in_parts() -> None:
    rng = np.random.default_rng(3)
    height = rng.uniform(0, 25, 101).cumsum() % 40
    nodes = pd.DataFrame({"x": np.arange(101) * 100.0, "y": 0.0, "z": height})
    edges = pd.DataFrame({"u": range(100), "v": range(1, 101), "length_m": 100.0})
    edges["kind"] = rng.choice(["path", "steps", "crossing"], 100)
    for profile in ("adult", "elderly", "wheelchair"):
        network = WalkNetwork.from_frames(nodes, edges)
        origins, facilities = (
            doors(*rng.uniform(0, 1e4, 80)),
            doors(*rng.uniform(0, 1e4, 20), category=["bank"] * 20),
        )
        whole = walk_times(network, origins, facilities, max_min=12, profile=profile)
        parts = walk_times_in_parts(network, origins, facilities, max_min=12, profile=profile, cell_m=700)
        pd.testing.assert_frame_equal(parts, whole, check_exact=True)
        assert whole.notna().to_numpy().any()


def test_tiles_survive_the_way_to_another_process() -> None:
    whole = walk_times(street(), ORIGINS, FACILITIES, max_min=5, profile="elderly")
    tiles = list(partition(street(), ORIGINS, FACILITIES, max_min=5, profile="elderly", cell_m=500))
    again = [pickle.loads(pickle.dumps(tile)) for tile in tiles]  # noqa: S301 - our own bytes
    for tile, copy in zip(tiles, again, strict=True):
        assert walk_tile(copy).minutes.tolist() == walk_tile(tile).minutes.tolist()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        times = walk_times_in_parts(
            street(), ORIGINS, FACILITIES, max_min=5, profile="elderly", cell_m=500, map=pool.map
        )
    pd.testing.assert_frame_equal(times, whole, check_exact=True)


def test_no_origins_no_facilities_no_places() -> None:
    none = doors(category=[])
    assert walk_times_in_parts(street(), doors(), FACILITIES, max_min=5).shape == (0, 2)
    assert walk_times_in_parts(street(), ORIGINS, none, max_min=5).shape == (6, 0)
    lost = walk_times_in_parts(street(), doors(None, None), FACILITIES, max_min=5)
    assert lost.isna().all().all()
    assert lost.shape == (2, 2)


@pytest.mark.parametrize("bound", [np.inf, 0, -1, np.nan])
def test_without_a_limit_there_are_no_parts(bound: float) -> None:
    with pytest.raises(UsageError) as caught:
        walk_times_in_parts(street(), ORIGINS, FACILITIES, max_min=bound)
    assert caught.value.message.key == "parts.bound"


@pytest.mark.parametrize("cell", [0, -1, np.inf, np.nan])
def test_a_cell_has_a_side(cell: float) -> None:
    with pytest.raises(UsageError):
        partition(street(), ORIGINS, FACILITIES, max_min=5, cell_m=cell)


def test_facilities_need_categories_and_profiles_a_speed() -> None:
    with pytest.raises(InputError):
        partition(street(), ORIGINS, doors(0.0), max_min=5)
    with pytest.raises(InputError):
        partition(street(), ORIGINS, doors(0.0, category=[None]), max_min=5)
    with pytest.raises(UsageError, match="nobody"):
        partition(street(), ORIGINS, FACILITIES, max_min=5, profile="nobody")


# --- Dask -----------------------------------------------------------------------------------------


def test_without_the_package_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UnavailableError) as caught:
        connect("tcp://127.0.0.1:8786")
    for lang in ("zh", "en"):
        assert 'pip install "estate-plan[dask]"' in caught.value.message.to(lang)


def test_the_command_names_the_cure_in_both_languages(monkeypatch, capsys, sample_gis) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for lang in ("zh", "en"):
        assert (
            main(
                ["reach", str(sample_gis / "old_estate.gpkg"), "--dask", "tcp://127.0.0.1:9", "--lang", lang]
            )
            == 2
        )
        said = capsys.readouterr()
        assert said.out == ""
        assert "estate-plan[dask]" in said.err.replace("\n", "")


@pytest.mark.real
@pytest.mark.usefixtures("distributed")
def test_nobody_at_the_address() -> None:
    with pytest.raises(UnavailableError) as caught:
        connect("tcp://127.0.0.1:9", patience_s=0.5)
    assert caught.value.message.key == "parts.unreachable"
    for address in ("somewhere://else", "tcp://127.0.0.1:port", "tcp://"):
        with pytest.raises((UsageError, UnavailableError)) as caught:
            connect(address, patience_s=0.5)
        assert address in caught.value.message.to("en")


@pytest.mark.real
def test_a_failed_connection_leaves_nothing_to_the_garbage_collector(distributed, monkeypatch) -> None:
    """The collector may run in the thread that the next connection starts, and would lock it up there."""
    make = distributed.utils.get_loop_factory
    monkeypatch.setattr(distributed.utils, "get_loop_factory", lambda *args: (gc.collect(), make(*args))[1])
    for _ in range(2):
        with pytest.raises(UsageError):
            connect("tcp://127.0.0.1:port", patience_s=0.5)


@pytest.mark.real
def test_a_cluster_gives_what_one_run_gives(local_cluster) -> None:
    rng = np.random.default_rng(5)
    network = street(300)
    origins = doors(*rng.uniform(0, 30_000, 400))
    facilities = doors(*rng.uniform(0, 30_000, 60), category=rng.choice(["bank", "park"], 60))
    whole = walk_times(network, origins, facilities, max_min=5)
    with local_cluster() as cluster:
        with connect(cluster.scheduler_address) as client:
            times = walk_times_in_parts(network, origins, facilities, max_min=5, cell_m=1000, client=client)
            pd.testing.assert_frame_equal(times, whole, check_exact=True)
            assert len(client.nthreads()) == 2
        cluster.scale(0)
        with connect(cluster.scheduler_address) as client:
            deadline = time.monotonic() + 30
            while client.nthreads() and time.monotonic() < deadline:
                time.sleep(0.1)
            with pytest.raises(UnavailableError) as caught:
                walk_times_in_parts(network, origins, facilities, max_min=5, client=client)
            assert caught.value.message.key == "parts.no_workers"


@pytest.mark.real
@pytest.mark.usefixtures("distributed")
def test_a_machine_that_dies_costs_nothing(monkeypatch) -> None:
    from servers import running_cluster

    rng = np.random.default_rng(6)
    network = street(300)
    origins = doors(*rng.uniform(0, 30_000, 400))
    facilities = doors(*rng.uniform(0, 30_000, 60), category=rng.choice(["bank", "park"], 60))
    whole = walk_times(network, origins, facilities, max_min=5)
    taken = []
    take = clusters._result
    with running_cluster(2) as cluster, connect(cluster.address) as client:

        def take_and_kill(future):
            taken.append(take(future))
            if len(taken) == 5:  # others are in work, or done and in the memory of their worker
                cluster.kill_machine(0)
            return taken[-1]

        monkeypatch.setattr(clusters, "_result", take_and_kill)
        times = walk_times_in_parts(network, origins, facilities, max_min=5, cell_m=1000, client=client)
    pd.testing.assert_frame_equal(times, whole, check_exact=True)
    assert len(taken) == len(list(partition(network, origins, facilities, max_min=5, cell_m=1000)))


@pytest.mark.real
def test_the_command_uses_a_running_cluster(local_cluster, sample_gis, capsys) -> None:
    command = ["reach", str(sample_gis / "old_estate.gpkg"), "--format", "json", "--lang", "en"]
    assert main(command) == 0
    alone = json.loads(capsys.readouterr().out)
    with local_cluster() as cluster:
        assert main([*command, "--dask", cluster.scheduler_address]) == 0
        together = json.loads(capsys.readouterr().out)
    assert any("30 min" in note for note in together["notes"])
    for one, other in zip(alone["categories"], together["categories"], strict=True):
        # Beyond the bound of the cluster there is no median; everything within it is the same.
        for name in ("median_min", "p90_min"):
            if one[name] is not None and one[name] > 30:
                assert other[name] is None
                other[name] = one[name]
        assert other == one
    for name in ("households", "unsnapped_households", "unsnapped_facilities", "completeness", "near_limit"):
        assert together[name] == alone[name]


@pytest.mark.real
@pytest.mark.usefixtures("distributed")
def test_a_cluster_that_is_not_there_is_told_before_anything_is_read(capsys) -> None:
    assert main(["reach", "nothing.gpkg", "--dask", "tcp://127.0.0.1:9", "--lang", "en"]) == 2
    said = capsys.readouterr()
    assert "tcp://127.0.0.1:9 did not answer" in said.err.replace("\n", " ")
    assert "Traceback" not in said.err
