"""Bad frames: each wrong row is named, and what is odd but usable gives the exact answer; nothing is dropped."""

from __future__ import annotations

import warnings

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import isochrones, life_circle, nearest_facilities, walk_times, walk_times_in_parts
from plan.errors import InputError, UsageError
from plan.messages import Message
from plan.network import WalkNetwork

SPEEDS = {"adult": 60.0}
# a --100 m-- b --100 m-- c --100 m-- d
NODES = pd.DataFrame({"x": [0.0, 100.0, 200.0, 300.0], "y": 0.0}, index=list("abcd"))
CHAIN = pd.DataFrame({"u": list("abc"), "v": list("bcd"), "length_m": 100.0})
PARK = gpd.GeoDataFrame({"category": ["park"]}, geometry=[shapely.Point(290, 0)])
DOOR = gpd.GeoDataFrame(geometry=[shapely.Point(10, 0)])
with warnings.catch_warnings():
    warnings.simplefilter("ignore", RuntimeWarning)  # that is what the test is about
    LINE_WITH_NAN = shapely.from_wkt("LINESTRING (0 0, nan 0, 100 0)")
    POINT_WITH_NAN = shapely.from_wkt("POINT (nan 1)")


def more(**row):
    """The chain and one edge more, from a to d, 1,000 m, straight above the chain."""
    arch = shapely.LineString([(0, 0), (150, 400), (300, 0)])
    frame = pd.DataFrame([{"u": "a", "v": "d", "length_m": 1000.0, "geometry": arch} | row])
    return pd.concat([CHAIN.assign(geometry=None), frame], ignore_index=True)


def minutes(nodes, edges, *, max_min=np.inf):
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    return float(walk_times(network, DOOR, PARK, max_min=max_min).loc[0, "park"])


# --- what is odd, and usable ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "metres"),
    [
        (more(), 280),  # the arch is the long way round
        (more(u="b", v="c", length_m=0.0), 180),  # b and c are one place
        (more(u="b", v="b", length_m=5.0), 280),
        (more(v="a", length_m=0.0), 280),
        (more(u="c", v="b", length_m=40.0), 220),  # the shortest of parallel edges
        (more(u="c", v="b", length_m=4000.0), 280),
        (pd.concat([CHAIN, CHAIN, CHAIN]), 280),
        (more(length_m=1e-320), 20),
        (more(length_m=40_000_000.0), 280),
        (more(u="b", v="c", length_m="40"), 220),  # a number written as text
        (CHAIN.assign(geometry=[None, np.nan, shapely.LineString()]), 280),
        (
            CHAIN.assign(geometry=[shapely.LineString([(100, 0), (0, 0)]), None, None]),
            280,
        ),  # drawn from v to u
    ],
)
def test_odd_edges_give_the_exact_answer(edges, metres):
    assert minutes(NODES, edges) == pytest.approx(metres / 60)


def test_a_piece_that_is_not_joined_is_not_reached():
    network = WalkNetwork.from_frames(NODES, CHAIN.iloc[[0, 2]], speeds=SPEEDS)
    assert network.islands == (1, 1)
    times = walk_times(network, DOOR, PARK, max_min=np.inf)
    assert times.shape == (1, 1)
    assert times.isna().all().all()
    circle = life_circle(network, DOOR, PARK)
    assert circle.islands == 2
    (row,) = circle.rows()
    assert (row["facilities"], row["households"], row["served"], row["median_min"]) == (1, 1, 0, None)


# --- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "edges", "problem", "rows"),
    [
        (NODES, more(length_m=-5.0), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=np.nan), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=None), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=pd.NA), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=np.inf), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=-np.inf), "PLAN-NET-001", (4,)),
        # A length without bounds would leave no digits for the others: every answer was 0 minutes.
        (NODES, more(length_m=1e300), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=1e9), "PLAN-NET-001", (4,)),
        (NODES, more(length_m="1,5"), "PLAN-NET-001", (4,)),
        (NODES, more(length_m=[1]), "PLAN-NET-001", (4,)),
        (NODES, more(v="z"), "PLAN-NET-003", (4,)),
        (NODES, more(u=None), "PLAN-NET-003", (4,)),
        (NODES, more(v=np.nan), "PLAN-NET-003", (4,)),
        # A node without an id is not the node that an edge without one means.
        (NODES.set_axis(["a", "b", "c", np.nan]), CHAIN.assign(v=["b", "c", np.nan]), "PLAN-NET-003", (3,)),
        (NODES.set_axis([0, 1, 2, 3]), CHAIN, "PLAN-NET-003", (1, 2, 3)),
        (NODES, more(geometry=shapely.MultiLineString([[(0, 0), (1, 0)], [(1, 0), (2, 0)]])), "PLAN-NET-001", (4,)),
        (NODES, more(geometry=shapely.box(0, 0, 1, 1)), "PLAN-NET-001", (4,)),
        (NODES, more(geometry=LINE_WITH_NAN), "PLAN-NET-001", (4,)),
        (NODES, more(geometry=shapely.LineString([(0, 0), (1e300, 0)])), "PLAN-NET-001", (4,)),
        (NODES, more(oneway="maybe"), "PLAN-NET-001", (4,)),
        (NODES.assign(x=[0, 100, 200, np.nan]), CHAIN, "PLAN-NET-004", (4,)),
        (NODES.assign(y=[0, 0, np.inf, 0]), CHAIN, "PLAN-NET-004", (3,)),
        (NODES.assign(x=[0, 100, 200, 1e308]), CHAIN, "PLAN-NET-004", (4,)),
        (NODES.assign(x=[0, 100, "far", 300]), CHAIN, "PLAN-NET-004", (3,)),
        (NODES.set_axis(["a", "b", "b", "d"]), CHAIN, "PLAN-NET-004", (3,)),
    ],
)  # fmt: skip
def test_wrong_rows_are_named(nodes, edges, problem, rows):
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_frames(nodes, edges)
    assert [(found.id, found.rows) for found in caught.value.problems] == [(problem, rows)]
    assert isinstance(caught.value.message, Message)
    for lang in ("zh", "en"):
        assert caught.value.message.to(lang)
        assert caught.value.problems[0].cure.to(lang)


@pytest.mark.parametrize(
    ("nodes", "edges", "key"),
    [
        (None, CHAIN, "network.nodes_columns"),
        (NODES, [("a", "b", 100.0)], "network.edges_columns"),
        (NODES, pd.concat([CHAIN, CHAIN[["length_m"]]], axis=1), "network.edges_columns_twice"),
        (pd.concat([NODES, NODES[["x"]]], axis=1), CHAIN, "network.nodes_columns_twice"),
        (NODES.iloc[:0], CHAIN.iloc[:0], "network.no_nodes"),
    ],
)
def test_wrong_tables_are_named(nodes, edges, key):
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_frames(nodes, edges)
    assert caught.value.message.key == key


def test_a_graph_with_wrong_edges_is_refused_too():
    graph = nx.Graph()
    graph.add_node(1, x=0.0, y=0.0)
    graph.add_node(2, x=60.0, y=0.0)
    graph.add_edge(1, 2, length=-60.0)
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_graph(graph)
    assert caught.value.problems[0].id == "PLAN-NET-001"
    graph.add_edge(1, 2, length=None)
    with pytest.raises(InputError):
        WalkNetwork.from_graph(graph)
    graph.add_edge(1, 3, length=60.0)  # a node without coordinates
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_graph(graph)
    assert caught.value.problems[0].id == "PLAN-NET-004"
    with pytest.raises(InputError) as caught:
        WalkNetwork.from_graph(nx.Graph())
    assert caught.value.message.key == "network.nodes_columns"


# --- places ---------------------------------------------------------------------------------------

PLACES = gpd.GeoDataFrame(
    {"households": [1, 2, 3, 4, 5, 6, 7]},
    geometry=[
        shapely.Point(10, 0),
        shapely.Point(10, 90_000),  # kilometres from any path
        None,
        shapely.Point(),
        POINT_WITH_NAN,
        shapely.Point(np.inf, 0),
        shapely.Point(290, 10),
    ],
    index=list("ghijklm"),
)


def test_what_is_not_on_the_network_is_nan_and_counted():
    network = WalkNetwork.from_frames(NODES, CHAIN, speeds=SPEEDS)
    for times in (
        walk_times(network, PLACES, PARK, max_min=np.inf),
        walk_times(network, PLACES, PARK, max_min=60),
        walk_times_in_parts(network, PLACES, PARK, max_min=60, cell_m=1000),
    ):
        assert list(times.index) == list("ghijklm")
        assert times["park"].isna().tolist() == [False, True, True, True, True, True, False]
    circle = life_circle(network, PLACES, PARK)
    (row,) = circle.rows()
    assert (row["households"], row["served"]) == (28, 8)
    assert circle.unsnapped_households == 20
    areas = isochrones(network, PLACES, minutes=(5,))
    assert areas.geometry.is_empty.tolist() == times["park"].isna().tolist()


def test_facilities_off_the_network_are_counted_and_reach_nobody():
    network = WalkNetwork.from_frames(NODES, CHAIN, speeds=SPEEDS)
    nowhere = gpd.GeoDataFrame(
        {"category": ["park"] * 7}, geometry=PLACES.geometry.to_numpy()[[1, 1, 2, 3, 4, 5, 1]]
    )
    times = walk_times(network, DOOR, nowhere, max_min=60)
    assert times.shape == (1, 1)
    assert times.isna().all().all()
    assert nearest_facilities(network, DOOR, nowhere, max_min=60).empty
    assert life_circle(network, DOOR, nowhere).unsnapped_facilities == 7


def test_a_category_without_facilities_is_zero_and_without_data_unknown():
    network = WalkNetwork.from_frames(NODES, CHAIN, speeds=SPEEDS)
    told = {row["category"]: row for row in life_circle(network, DOOR, PARK, limits={"bank": 5}).rows()}
    assert (told["bank"]["facilities"], told["bank"]["served"]) == (0, 0)
    (row,) = life_circle(network, DOOR, None, limits={"bank": 5}).rows()
    assert (row["facilities"], row["served"], row["share"]) == (None, None, None)


@pytest.mark.parametrize("wrong", [0, -1, np.inf, np.nan])
def test_minutes_without_sense_are_refused(wrong):
    network = WalkNetwork.from_frames(NODES, CHAIN, speeds=SPEEDS)
    with pytest.raises(UsageError):
        life_circle(network, DOOR, PARK, minutes=(5, wrong))
    with pytest.raises(UsageError):
        life_circle(network, DOOR, PARK, limits={"park": wrong})
    with pytest.raises(UsageError):
        isochrones(network, DOOR, minutes=(wrong,))
    with pytest.raises(UsageError):
        walk_times_in_parts(network, DOOR, PARK, max_min=wrong)
    with pytest.raises(UsageError):
        walk_times(network, DOOR, PARK, max_min=5, snap_limit_m=wrong)
    if wrong != np.inf:
        with pytest.raises(UsageError):
            walk_times(network, DOOR, PARK, max_min=wrong)
    else:
        assert walk_times(network, DOOR, PARK, max_min=wrong).loc[0, "park"] == pytest.approx(280 / 60)
