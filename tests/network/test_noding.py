from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from plan.access import walk_distances
from plan.errors import MissingLayerError
from plan.network import WalkNetwork
from plan.site import Site

CRS = 4548


def layer(prefix, geometries, **columns):
    ids = [f"{prefix}{i + 1}" for i in range(len(geometries))]
    return gpd.GeoDataFrame(columns | {f"{prefix}_id": ids}, geometry=list(geometries), crs=CRS)


def ways(*lines, **columns):
    return layer("way", [shapely.LineString(line) for line in lines], **columns)


def site(walkways, *, walls=(), gates=(), access=None, buildings=None):
    layers = {"walkways": walkways}
    if walls:
        layers["barriers"] = layer("barrier", [shapely.LineString(wall) for wall in walls], kind="wall")
    if gates:
        layers["entrances"] = layer("entrance", [shapely.Point(gate) for gate in gates], kind="gate")
        if access:
            layers["entrances"]["access"] = access
    if buildings is not None:
        layers["buildings"] = layer("building", buildings, floors=6)
    return Site(name="test", layers=layers, crs=gpd.GeoSeries(crs=CRS).crs)


def metres(network, origin, target):
    one = gpd.GeoDataFrame(geometry=[shapely.Point(origin)], crs=CRS)
    other = gpd.GeoDataFrame({"category": ["f"]}, geometry=[shapely.Point(target)], crs=CRS)
    return walk_distances(network, one, other, max_m=np.inf).loc[0, "f"]


def test_lines_meet_at_shared_vertices_and_crossing_bridges_do_not():
    street, over, side = [(0, 0), (100, 0), (200, 0)], [(50, -50), (50, 50)], [(100, 0), (100, 80)]
    network = WalkNetwork.from_site(site(ways(street, over, side)))
    assert metres(network, (0, 0), (100, 80)) == pytest.approx(180)
    assert np.isnan(metres(network, (0, 0), (50, 50)))
    assert network.islands == (3, 1)
    assert [problem.id for problem in network.problems] == ["PLAN-NET-005"]
    crossed = ways([(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)])
    assert metres(WalkNetwork.from_site(site(crossed)), (0, 0), (50, 50)) == pytest.approx(100)


def test_all_kinds_are_kept():
    kinds = ["street", "path", "steps", "crossing", "elevator", "corridor"]
    lines = [[(10 * i, 0), (10 * i + 10, 0)] for i in range(6)]
    network = WalkNetwork.from_site(site(ways(*lines, kind=kinds)))
    assert metres(network, (0, 0), (60, 0)) == pytest.approx(60)
    assert list(network.edges["kind"]) == kinds


def test_near_misses_are_joined_and_told():
    network = WalkNetwork.from_site(site(ways([(0, 0), (60, 0)], [(60.04, 0), (120, 0)])))
    assert metres(network, (0, 0), (120, 0)) == pytest.approx(120, abs=0.1)
    (problem,) = network.problems
    assert (problem.id, problem.severity, problem.effect) == ("PLAN-NET-002", "warning", "repaired")
    assert problem.message.params["count"] == 1
    assert problem.features == ("way1", "way2")
    apart = WalkNetwork.from_site(site(ways([(0, 0), (60, 0)], [(60.2, 0), (120, 0)])))
    assert np.isnan(metres(apart, (0, 0), (120, 0)))


def test_an_end_that_touches_the_middle_of_a_line_is_joined():
    network = WalkNetwork.from_site(site(ways([(0, 0), (100, 0)], [(40, 0.05), (40, 60)])))
    assert metres(network, (0, 0), (40, 60)) == pytest.approx(100, abs=0.2)
    assert [problem.id for problem in network.problems] == ["PLAN-NET-002"]
    levels = WalkNetwork.from_site(site(ways([(0, 0), (100, 0)], [(40, 0.05), (40, 60)], level=[0, 1])))
    assert np.isnan(metres(levels, (0, 0), (40, 60)))


def test_a_ring_left_open_is_closed():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0.06)]
    network = WalkNetwork.from_site(site(ways(ring)))
    assert metres(network, (0, 90), (10, 0)) == pytest.approx(100, abs=0.2)


def test_a_wall_cuts_and_a_gate_opens():
    street, wall = [(0, 0), (100, 0)], [(50, -40), (50, 40)]
    closed = WalkNetwork.from_site(site(ways(street), walls=[wall]))
    assert np.isnan(metres(closed, (20, 0), (80, 0)))
    assert metres(closed, (20, 0), (49, 0)) == pytest.approx(29)  # one can still walk up to the wall
    assert [problem.id for problem in closed.problems] == ["PLAN-NET-006", "PLAN-NET-005"]
    assert closed.problems[0].features == ("way1",)
    for gate in ((50, 0), (50, 3.0), (48, 1)):
        opened = WalkNetwork.from_site(site(ways(street), walls=[wall], gates=[gate]))
        assert metres(opened, (20, 0), (80, 0)) == pytest.approx(60), gate
        assert opened.problems == ()
    far = WalkNetwork.from_site(site(ways(street), walls=[wall], gates=[(50, 3.2)]))
    assert np.isnan(metres(far, (20, 0), (80, 0)))


def test_what_cuts_a_way_is_said_to_be_a_wall_or_a_gate_that_is_shut():
    street, wall = [(0, 0), (100, 0)], [(50, -40), (50, 40)]
    gate = WalkNetwork.from_site(site(ways(street), gates=[(80, 0)], access=["no"]))
    assert gate.problems[0].message.key == "network.cut_shut"
    assert gate.problems[0].message.params == {"count": 1, "ways": 1, "gates": 1}
    both = WalkNetwork.from_site(site(ways(street), walls=[wall], gates=[(80, 0)], access=["no"]))
    assert both.problems[0].message.params == {"count": 2, "ways": 1, "gates": 1}
    alone = WalkNetwork.from_site(site(ways(street), walls=[wall]))
    assert alone.problems[0].message.key == "network.cut"


@pytest.mark.parametrize(
    ("access", "is_open"), [("private", True), (None, True), ("yes", True), ("no", False)]
)
def test_a_private_gate_is_open_to_residents(access, is_open):
    network = WalkNetwork.from_site(
        site(ways([(0, 0), (100, 0)]), walls=[[(50, -40), (50, 40)]], gates=[(50, 0)], access=[access])
    )
    assert np.isnan(metres(network, (20, 0), (80, 0))) == (not is_open)


def test_the_way_round_through_the_gate():
    # A walled yard; the street passes the wall at x = 50, the only gate is on the north side.
    wall = [(50, -50), (150, -50), (150, 50), (50, 50), (50, -50)]
    lines = ways([(0, 0), (100, 0)], [(100, 0), (100, 80)], [(100, 80), (0, 80)], [(0, 80), (0, 0)])
    network = WalkNetwork.from_site(site(lines, walls=[wall], gates=[(100, 50)]))
    assert metres(network, (0, 0), (100, 0)) == pytest.approx(80 + 100 + 80)


def test_a_wall_cuts_where_ways_share_a_vertex_on_it():
    # Two ways end at the same vertex on the wall, one from each side; a third from the inside.
    lines = ways([(0, 0), (50, 0)], [(50, 0), (100, 0)], [(0, 30), (50, 0)])
    network = WalkNetwork.from_site(site(lines, walls=[[(50, -40), (50, 40)]]))
    assert np.isnan(metres(network, (20, 0), (80, 0)))
    assert metres(network, (20, 0), (0, 30)) == pytest.approx(30 + np.hypot(50, 30))
    opened = WalkNetwork.from_site(site(lines, walls=[[(50, -40), (50, 40)]], gates=[(50, 0)]))
    assert metres(opened, (20, 0), (80, 0)) == pytest.approx(60)


def test_a_way_that_only_touches_a_wall_is_not_cut():
    lines = ways([(0, 0), (50, 0), (0, 50)])
    network = WalkNetwork.from_site(site(lines, walls=[[(50, -40), (50, 40)]]))
    assert metres(network, (0, 0), (0, 50)) == pytest.approx(50 + np.hypot(50, 50))
    end = WalkNetwork.from_site(
        site(ways([(0, 0), (50, 0)], [(50, 0), (100, 0)]), walls=[[(50, 0), (50, 40)]])
    )
    assert metres(end, (20, 0), (80, 0)) == pytest.approx(60)  # round the end of the wall


def test_a_footbridge_passes_over_a_wall():
    lines = ways([(0, 0), (100, 0)], level=[1])
    network = WalkNetwork.from_site(site(lines, walls=[[(50, -40), (50, 40)]]))
    assert metres(network, (20, 0), (80, 0)) == pytest.approx(60)


def test_an_end_is_not_joined_through_a_wall():
    lines = ways([(0, 0), (49.97, 0)], [(50.03, 0), (100, 0)])
    network = WalkNetwork.from_site(site(lines, walls=[[(50, -40), (50, 40)]]))
    assert np.isnan(metres(network, (20, 0), (80, 0)))


def test_a_one_way_street_binds_vehicles_and_an_escalator_binds_people():
    street = WalkNetwork.from_site(site(ways([(0, 0), (100, 0)], kind=["street"], oneway=[True])))
    assert metres(street, (80, 0), (20, 0)) == pytest.approx(60)
    escalator = WalkNetwork.from_site(site(ways([(0, 0), (100, 0)], kind=["steps"], oneway=[True])))
    assert metres(escalator, (20, 0), (80, 0)) == pytest.approx(60)
    assert np.isnan(metres(escalator, (80, 0), (20, 0)))


def test_a_closed_way_is_not_walked_and_a_private_one_is():
    lines = ways([(0, 0), (100, 0)], [(0, 0), (0, 50)], access=["private", "no"])
    network = WalkNetwork.from_site(site(lines))
    assert metres(network, (0, 0), (100, 0)) == pytest.approx(100)
    assert list(network.edges["way_id"]) == ["way1"]


def test_a_doorstep_path_does_not_cross_a_wall_when_there_is_another_edge():
    # The door stands 5 m from the street behind the wall and 20 m from the yard path.
    lines = ways([(0, 0), (200, 0)], [(0, 25), (200, 25)], [(200, 0), (200, 25)])
    wall = [(0, 2), (150, 2)]
    door = (50, 5)
    assert metres(WalkNetwork.from_site(site(lines)), door, (50, 0)) == pytest.approx(5)
    network = WalkNetwork.from_site(site(lines, walls=[wall]))
    assert metres(network, door, (50, 0)) == pytest.approx(20 + 150 + 25 + 150)
    # Without the yard path the way over the wall is the only one, and it is marked.
    alone = WalkNetwork.from_site(site(lines.iloc[:1], walls=[wall]))
    snapped = alone.snap(np.array([shapely.Point(door)]))
    assert (snapped.leg_m.tolist(), snapped.crossed.tolist()) == ([5.0], [2])


def test_a_doorstep_path_leaves_its_own_building_but_crosses_no_other():
    lines = ways([(0, 0), (200, 0)], [(0, 60), (200, 60)], [(200, 0), (200, 60)])
    own, other = shapely.box(40, 20, 60, 30), shapely.box(40, 5, 60, 15)
    network = WalkNetwork.from_site(site(lines, buildings=[own]))
    assert network.snap(np.array([shapely.Point(50, 29.5)])).edge.tolist() == [0]  # through its own house
    network = WalkNetwork.from_site(site(lines, buildings=[own, other]))
    snapped = network.snap(np.array([shapely.Point(50, 20), shapely.Point(39.5, 20)]))
    assert snapped.edge.tolist() == [1, 0]
    assert snapped.crossed.tolist() == [0, 0]


def test_loops_spots_and_missing_geometries():
    lines = ways([(0, 0), (100, 0)], [(100, 0), (100, 0)], [(100, 0), (100, 10), (110, 0), (100, 0)])
    extra = gpd.GeoDataFrame({"way_id": ["x"]}, geometry=[None], crs=CRS)
    import pandas as pd

    network = WalkNetwork.from_site(site(pd.concat([lines, extra], ignore_index=True)))
    assert metres(network, (0, 0), (105, 5)) == pytest.approx(100 + 10 + np.hypot(10, 10) / 2)


def test_no_walkways_says_what_to_do():
    with pytest.raises(MissingLayerError, match="plan import"):
        WalkNetwork.from_site(Site(name="bare", layers={}, crs=gpd.GeoSeries(crs=CRS).crs))


@pytest.mark.real
def test_the_near_miss_file_is_joined(shared):
    frame = gpd.read_file(shared / "bad_inputs/061_walk_network_near_miss/w.gpkg")
    network = WalkNetwork.from_site(site(frame.rename(columns={"id": "way_id"}).astype({"way_id": str})))
    assert [problem.id for problem in network.problems] == ["PLAN-NET-002"]
    assert len(network.islands) == 1
