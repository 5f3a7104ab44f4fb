from __future__ import annotations

import pickle

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import nearest_facilities, walk_times
from plan.errors import CrsError, InputError, PlanError, UsageError
from plan.messages import Message
from plan.network import WalkNetwork

SPEEDS = {"adult": 60.0, "elderly": 30.0}
#  a --100 m-- b --100 m-- c
NODES = pd.DataFrame({"x": [0.0, 100.0, 200.0], "y": [0.0, 0.0, 0.0]}, index=["a", "b", "c"])


def edges(*rows, **columns):
    return pd.DataFrame(rows, columns=["u", "v", "length_m"]).assign(**columns)


LINE = edges(("a", "b", 100.0), ("b", "c", 100.0))


def places(*xy, category=None, index=None):
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(p) for p in xy], index=index)
    return frame if category is None else frame.assign(category=category)


def minutes(network, origin, facility, **options):
    options = {"max_min": np.inf} | options
    return walk_times(network, places(origin), places(facility, category="f"), **options).loc[0, "f"]


def test_both_ends_lie_inside_edges_and_their_legs_are_walked():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    # 12 m to the street at x = 40, 120 m along it to x = 160, 6 m to the door: 138 m.
    assert minutes(network, (40, 12), (160, -6)) == pytest.approx(138 / 60)
    # Node to node it would be 100 or 200 m along the street: snapping to nodes gives another answer.
    assert minutes(network, (0, 0), (200, 0)) == pytest.approx(200 / 60)


def test_a_profile_walks_at_its_own_speed():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    assert minutes(network, (0, 0), (60, 0)) == 1.0
    assert minutes(network, (0, 0), (60, 0), profile="elderly") == 2.0
    assert minutes(network.with_speeds({"adult": 120.0}), (0, 0), (60, 0)) == 0.5
    with pytest.raises(UsageError, match="child"):
        minutes(network, (0, 0), (60, 0), profile="child")


def test_on_one_edge_nobody_walks_round_by_a_node():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    assert minutes(network, (40, 0), (70, 0)) == pytest.approx(0.5)
    assert minutes(network, (70, 3), (40, 3)) == pytest.approx(36 / 60)
    assert minutes(network, (40, 5), (40, -5)) == pytest.approx(10 / 60)


def test_one_way_is_respected_between_and_within_edges():
    square = pd.DataFrame({"x": [0.0, 100.0, 100.0, 0.0], "y": [0.0, 0.0, 100.0, 100.0]}, index=list("abcd"))
    ring = edges(("a", "b", 100.0), ("b", "c", 100.0), ("c", "d", 100.0), ("d", "a", 100.0))
    for oneway in (True, 1, "yes", 1.0):
        network = WalkNetwork.from_frames(square, ring.assign(oneway=oneway), speeds=SPEEDS)
        assert minutes(network, (20, 0), (80, 0)) == pytest.approx(1.0)
        assert minutes(network, (80, 0), (20, 0)) == pytest.approx(340 / 60)
        assert minutes(network, (20, 3), (20, -3)) == pytest.approx(6 / 60)  # across the street, not round
    back = WalkNetwork.from_frames(square, ring.assign(oneway=-1), speeds=SPEEDS)
    assert minutes(back, (20, 0), (80, 0)) == pytest.approx(340 / 60)
    free = WalkNetwork.from_frames(square, ring.assign(oneway=[False, None, 0, "no"]), speeds=SPEEDS)
    assert minutes(free, (80, 0), (20, 0)) == pytest.approx(1.0)


def test_standing_on_a_node_every_edge_of_it_is_open():
    # Both streets leave b: from b one may go to a and to c, though each is one-way.
    network = WalkNetwork.from_frames(
        NODES, edges(("b", "a", 100.0), ("b", "c", 100.0), oneway=True), speeds=SPEEDS
    )
    assert minutes(network, (100, 0), (40, 0)) == pytest.approx(1.0)
    assert minutes(network, (100, 0), (160, 0)) == pytest.approx(1.0)
    assert np.isnan(minutes(network, (40, 0), (100, 0)))


def test_two_one_ways_on_the_same_ground_are_a_street():
    both = edges(("a", "b", 100.0), ("b", "a", 100.0), oneway=True)
    network = WalkNetwork.from_frames(NODES, both, speeds=SPEEDS)
    assert minutes(network, (20, 4), (80, 4)) == pytest.approx(68 / 60)
    assert minutes(network, (80, 4), (20, 4)) == pytest.approx(68 / 60)


def test_zero_lengths_loops_and_repeats_are_exact():
    odd = edges(("a", "b", 300.0), ("a", "b", 100.0), ("b", "b", 50.0), ("b", "c", 0.0), ("c", "b", 80.0))
    network = WalkNetwork.from_frames(NODES, odd, speeds=SPEEDS)
    assert minutes(network, (0, 0), (200, 0)) == pytest.approx(100 / 60)
    assert minutes(network, (50, 0), (100, 0)) == pytest.approx(50 / 60)
    assert minutes(network, (100, 0), (150, 0)) == 0.0


def test_places_snap_to_the_drawn_line_and_take_its_share_of_the_length():
    bow = gpd.GeoDataFrame(
        {"u": ["a"], "v": ["b"], "length_m": [400.0]},
        geometry=[shapely.LineString([(0, 0), (0, 100), (100, 100), (100, 0)])],
    )
    network = WalkNetwork.from_frames(NODES, bow, speeds=SPEEDS)
    # (50, 90) is 10 m below the middle of the bow; half of 400 m to b.
    assert minutes(network, (50, 90), (100, 0)) == pytest.approx((10 + 200) / 60)
    turned = bow.set_geometry(bow.geometry.reverse())  # drawn from v to u
    network = WalkNetwork.from_frames(NODES, turned, speeds=SPEEDS)
    assert minutes(network, (0, 50), (0, 0)) == pytest.approx(400 / 6 / 60)


def test_beyond_the_bound_is_nan_and_exactly_at_it_is_reached():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    assert minutes(network, (0, 0), (150, 0), max_min=2.5) == 2.5
    assert np.isnan(minutes(network, (0, 0), (150, 0), max_min=2.49))
    # 0.1 + 0.2 > 0.3 in binary: sums of the same numbers in another order still meet the limit.
    chain = pd.DataFrame({"x": np.arange(11) * 9.0, "y": 0.0})
    links = edges(*[(i, i + 1, 9.0) for i in range(10)])
    tenths = WalkNetwork.from_frames(chain, links, speeds={"adult": 90.0})
    assert minutes(tenths, (0, 0), (27, 0), max_min=0.3) == 0.3


def test_what_cannot_be_reached_is_nan():
    network = WalkNetwork.from_frames(NODES, LINE.iloc[:1], speeds=SPEEDS)
    apart = pd.concat([NODES, pd.DataFrame({"x": [0.0, 100.0], "y": [50.0, 50.0]}, index=["d", "e"])])
    two = WalkNetwork.from_frames(apart, edges(("a", "b", 100.0), ("d", "e", 100.0)), speeds=SPEEDS)
    assert np.isnan(minutes(two, (50, 0), (50, 50)))
    assert two.islands == (1, 1)
    assert network.islands == (1,)
    assert np.isnan(minutes(network, (50, 201), (50, 0)))  # no walkway within 200 m
    assert minutes(network, (50, 201), (50, 0), snap_limit_m=300) == pytest.approx(201 / 60)
    assert np.isnan(minutes(network, (np.nan, 1), (50, 0)))


@pytest.mark.parametrize("seed", range(20))
def test_the_pieces_of_a_network_are_those_that_networkx_finds(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 200))
    nodes = pd.DataFrame(rng.uniform(0, 1000, (count, 2)), columns=["x", "y"])
    links = rng.integers(0, count, (int(rng.integers(1, 2 * count)), 2))
    network = WalkNetwork.from_frames(nodes, edges(*((u, v, 1.0) for u, v in links.tolist())))
    pieces = list(nx.connected_components(nx.Graph(links.tolist())))
    wanted = [next(i for i, piece in enumerate(pieces) if u in piece) for u, _ in links.tolist()]
    # The same partition, however it is numbered.
    numbers = network.pieces().tolist()
    assert len(set(zip(numbers, wanted, strict=True))) == len(set(numbers)) == len(set(wanted))


def test_the_frame_keeps_its_index_and_names_the_nearest():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    origins = places((10, 0), (150, 0), (500, 500), index=pd.Index(["h1", "h2", "h3"], name="household_id"))
    facilities = places((0, 0), (190, 0), (120, 0), category=["park", "park", "bank"], index=["p", "q", "r"])
    times = walk_times(network, origins, facilities, max_min=15)
    assert times.index.equals(origins.index)
    assert list(times.columns) == ["bank", "park"]
    assert times.loc["h1"].tolist() == pytest.approx([110 / 60, 10 / 60])
    assert times.loc["h3"].isna().all()
    pairs = nearest_facilities(network, origins, facilities, max_min=1)
    assert pairs.to_dict("list") == {
        "origin_id": ["h1", "h2", "h2"],
        "category": ["park", "bank", "park"],
        "facility_id": ["p", "r", "q"],
        "walk_min": pytest.approx([10 / 60, 0.5, 40 / 60]),
    }
    named = facilities.assign(facility_id=["F1", "F2", "F3"])
    assert list(nearest_facilities(network, origins, named, max_min=1)["facility_id"]) == ["F1", "F3", "F2"]


def test_no_origins_no_facilities_no_edges():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    none = places(category=[])
    assert walk_times(network, places(), places((0, 0), category="f"), max_min=5).shape == (0, 1)
    assert walk_times(network, places((0, 0)), none, max_min=5).shape == (1, 0)
    assert nearest_facilities(network, places((0, 0)), none, max_min=5).empty
    bare = WalkNetwork.from_frames(NODES, LINE.iloc[:0], speeds=SPEEDS)
    assert bare.islands == ()
    assert np.isnan(minutes(bare, (0, 0), (0, 0)))


@pytest.mark.parametrize(
    ("nodes", "table", "key"),
    [
        (NODES.iloc[:0], LINE, "network.no_nodes"),
        (NODES.drop(columns="x"), LINE, "network.nodes_columns"),
        (NODES, LINE.drop(columns="length_m"), "network.edges_columns"),
        (NODES.assign(x=[0, np.nan, 1]), LINE, "network.nodes_unusable"),
        (NODES.set_axis(["a", "a", "c"]), LINE, "network.nodes_unusable"),
        (NODES, LINE.assign(length_m=[np.nan, 1]), "network.edges_unusable"),
        (NODES, LINE.assign(length_m=[-1, 1]), "network.edges_unusable"),
        (NODES, LINE.assign(length_m=[np.inf, 1]), "network.edges_unusable"),
        (NODES, LINE.assign(length_m=["far", "1"]), "network.edges_unusable"),
        (NODES, LINE.assign(v=["b", "z"]), "network.edges_unusable"),
        (NODES, LINE.assign(oneway="sometimes"), "network.edges_unusable"),
        (NODES, LINE.assign(geometry=[shapely.Point(0, 0), None]), "network.edges_unusable"),
        (NODES, LINE.assign(geometry=["LINESTRING (0 0, 1 1)", None]), "network.edges_unusable"),
    ],
)
def test_errors_name_what_is_wrong(nodes, table, key):
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_frames(nodes, table)
    assert isinstance(caught.value, PlanError)
    assert isinstance(caught.value.message, Message)
    assert caught.value.message.key == key
    assert caught.value.message.to("en")


def test_all_wrong_rows_are_told_at_once():
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_frames(NODES, LINE.assign(length_m=[-1, np.nan], v=["b", "z"]))
    problems = {problem.id: problem.rows for problem in caught.value.problems}
    assert problems == {"PLAN-NET-001": (1, 2), "PLAN-NET-003": (2,)}


def test_degrees_are_refused_and_other_systems_are_projected():
    table = gpd.GeoDataFrame(LINE, geometry=[None, None], crs=4326)
    with pytest.raises(CrsError):
        WalkNetwork.from_frames(NODES, table)
    moved = NODES.assign(x=NODES["x"] + 500_000, y=NODES["y"] + 4_400_000)
    network = WalkNetwork.from_frames(
        moved, gpd.GeoDataFrame(LINE, geometry=[None, None], crs=4548), speeds=SPEEDS
    )
    origin = places((500_000, 4_400_000)).set_crs(4548)
    clinic = places((500_060, 4_400_000), category="f").set_crs(4548).to_crs(4326)
    assert walk_times(network, origin, clinic, max_min=5).loc[0, "f"] == pytest.approx(1.0, abs=1e-6)
    plain = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    with pytest.raises(CrsError):
        walk_times(plain, origin.to_crs(4326), clinic, max_min=5)


@pytest.mark.parametrize("bound", [0, -1, float("nan")])
def test_a_bound_must_be_positive(bound):
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    with pytest.raises(UsageError):
        minutes(network, (0, 0), (10, 0), max_min=bound)


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_must_be_positive(speed):
    with pytest.raises(UsageError):
        WalkNetwork.from_frames(NODES, LINE, speeds={"adult": speed})


def test_facilities_need_categories():
    network = WalkNetwork.from_frames(NODES, LINE, speeds=SPEEDS)
    with pytest.raises(InputError):
        walk_times(network, places((0, 0)), places((1, 0)), max_min=5)
    with pytest.raises(InputError):
        walk_times(network, places((0, 0)), places((1, 0), category=[None]), max_min=5)


def test_to_and_from_networkx():
    network = WalkNetwork.from_frames(NODES, LINE.assign(oneway=[1, 0]), speeds=SPEEDS)
    graph = network.to_networkx()
    assert sorted(graph.edges(data="length_m")) == [("a", "b", 100.0), ("b", "c", 100.0), ("c", "b", 100.0)]
    again = WalkNetwork.from_graph(graph, speeds=SPEEDS)
    assert minutes(again, (150, 0), (110, 0)) == pytest.approx(40 / 60)
    assert np.isnan(minutes(again, (150, 0), (60, 0)))
    plain = nx.Graph()
    plain.add_node(1, x=0.0, y=0.0)
    plain.add_node(2, x=60.0, y=0.0)
    plain.add_edge(1, 2, length=60.0)
    assert minutes(WalkNetwork.from_graph(plain, speeds=SPEEDS), (60, 0), (0, 0)) == 1.0


def test_nothing_given_is_changed_and_copies_are_handed_out():
    nodes, table = NODES.copy(), LINE.copy()
    network = WalkNetwork.from_frames(nodes, table, speeds=SPEEDS)
    pd.testing.assert_frame_equal(nodes, NODES)
    pd.testing.assert_frame_equal(table, LINE)
    for copy, column in ((network.edges, "length_m"), (network.nodes, "x")):
        copy.loc[:, column] = 0.0
    assert minutes(network, (0, 0), (60, 0)) == 1.0
    assert network.edges.geometry.length.tolist() == [100.0, 100.0]
    again = pickle.loads(pickle.dumps(network))  # noqa: S301 - our own bytes
    assert minutes(again, (0, 0), (60, 0)) == 1.0
    assert "3 nodes, 2 edges" in repr(network)
