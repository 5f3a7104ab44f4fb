"""Shapes that overlap, stand twice or cross what they cannot."""

from __future__ import annotations

import geopandas as gpd
import pytest
from shapely import LineString, box

from plan.readers.topology import check_topology


def layer(key, shapes, **columns):
    ids = [f"{i + 1}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({key: ids, **columns}, geometry=list(shapes), crs=4548)


def plots(*shapes):
    return layer("parcel_id", shapes)


def houses(*shapes, **columns):
    return layer("building_id", shapes, **columns)


def ways(*lines, **columns):
    return layer("way_id", [LineString(line) for line in lines], **columns)


def told(**layers):
    return [(p.id, p.features) for p in check_topology(layers, paths={})]


def test_houses_that_overlap_and_houses_that_stand_twice():
    assert told(buildings=houses(box(0, 0, 10, 10), box(9, 0, 19, 10))) == [("PLAN-TOPO-004", ("1", "2"))]
    assert told(buildings=houses(box(0, 0, 10, 10), box(10, 0, 20, 10))) == []
    turned = box(0, 0, 10, 10, ccw=False)
    assert told(buildings=houses(box(0, 0, 10, 10), turned, None)) == [("PLAN-TOPO-003", ("1", "2"))]


@pytest.mark.parametrize(
    ("shapes", "pair"),
    [
        ((box(0, 0, 100, 100), box(10, 10, 30, 30)), "2<1 400.0"),
        ((box(10, 10, 30, 30), box(0, 0, 100, 100)), "1<2 400.0"),
        ((box(0, 0, 100, 100), box(90, 0, 190, 100)), "1/2 1000.0"),
        ((box(0, 0, 100, 100), box(0, 0, 100, 100)), "1/2 10000.0"),
    ],
)
def test_of_two_that_overlap_the_one_inside_is_named(shapes, pair):
    problems = check_topology({"parcels": plots(*shapes)}, paths={})
    assert [p.message.params["pairs"] for p in problems if p.id == "PLAN-TOPO-001"] == [(pair,)]


def test_rooms_one_above_the_other_stand_once():
    shapes = [box(0, 0, 10, 10)] * 2
    assert told(rooms=layer("room_id", shapes, floor=[1, 2])) == []
    assert told(rooms=layer("room_id", shapes, floor=[1, 1])) == [("PLAN-TOPO-003", ("1", "2"))]


def test_slivers():
    assert told(parcels=plots(box(0, 0, 200, 0.5))) == [("PLAN-TOPO-002", ("1",))]
    assert told(parcels=plots(box(0, 0, 50, 5))) == []


@pytest.mark.parametrize(("gap", "count"), [(0.0, 0), (0.3, 1), (0.9, 1), (1.2, 0), (5.0, 0)])
def test_gaps_between_plots(gap, count):
    found = told(parcels=plots(box(0, 0, 100, 100), box(100 + gap, 0, 200, 100)))
    assert found == [("PLAN-TOPO-002", ("1", "2"))] * count


def test_ways_through_houses():
    house = houses(box(0, 0, 10, 10))
    assert told(buildings=house, walkways=ways([(-5, 5), (15, 5)])) == [("PLAN-TOPO-005", ("1",))]
    assert told(buildings=house, walkways=ways([(-5, 5), (2, 5)])) == []  # to its door
    assert told(buildings=house, walkways=ways([(-5, 5), (15, 5)], kind=["corridor"])) == []
    assert told(buildings=house, walkways=ways([(-5, 5), (15, 5)], access=["no"])) == []
    assert told(buildings=house.assign(layer=["1"]), walkways=ways([(-5, 5), (15, 5)])) == []


def test_crossings_without_a_vertex():
    across, along = [(0, 0), (10, 10)], [(0, 10), (10, 0)]
    problems = check_topology({"walkways": ways(across, along)}, paths={})
    assert [(p.id, p.features) for p in problems] == [("PLAN-TOPO-006", ("1", "2"))]
    assert "(5.0, 5.0)" in problems[0].message
    assert told(walkways=ways([(0, 0), (5, 5), (10, 10)], [(0, 10), (5, 5), (10, 0)])) == []
    assert told(walkways=ways([(0, 0), (5, 5), (10, 10)], along)) == [("PLAN-TOPO-006", ("1", "2"))]
    assert told(walkways=ways(across, along, level=[0, 1])) == []
    assert told(walkways=ways(across, along, other_tags=['"bridge"=>"yes"', None])) == []


def test_a_yard_drawn_to_the_walls_around_it_is_not_in_the_houses():
    house = houses(box(0, 0, 10, 10), box(20, 0, 30, 10))
    yard = [(10, 0), (20, 0), (20, 10), (10, 10), (10, 0)]
    assert told(walkways=ways(yard), buildings=house) == []
    assert told(walkways=ways([(5, 5), (25, 5)]), buildings=house) == [("PLAN-TOPO-005", ("1",))]


def test_ways_under_a_roof_and_houses_off_the_ground_are_in_nobodys_way():
    through = ways([(-5, 5), (15, 5)], covered=[True])
    assert told(walkways=through, buildings=houses(box(0, 0, 10, 10))) == []
    for at in (-1, 1):
        below = houses(box(0, 0, 10, 10), layer=[at])
        assert told(walkways=ways([(-5, 5), (15, 5)]), buildings=below) == []


def test_houses_on_other_layers_do_not_overlap():
    both = box(0, 0, 10, 10), box(5, 0, 15, 10)
    assert told(buildings=houses(*both, layer=[None, -1])) == []
    assert told(buildings=houses(*both, layer=[-1, -1])) == [("PLAN-TOPO-004", ("1", "2"))]


def test_lines_laid_across_a_square_are_nobodys_drawing():
    crossing = ways([(0, 0), (10, 10)], [(0, 10), (10, 0)], [(0, 0), (10, 10)])
    assert {i for i, _ in told(walkways=crossing)} == {"PLAN-TOPO-003", "PLAN-TOPO-006"}
    laid = crossing.assign(way_id=["w1", "w2/across1", "w2/across2"])
    assert told(walkways=laid) == []
