"""What rows say of buildings, plots and drawings, and what contradicts it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box
from small_files import buildings, parcel

from plan.readers.consistency import check_consistency

HOUSE = buildings()  # B1 10 x 10 m at (500000, 4058000) with six floors, B2 30 m east of it


def table(shapes=None, count=1, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes or [None] * count, crs=4548)


def rooms(shape=None, **cells):
    row = {"room_id": "R1", "building_id": "B1", "floor": 1, "area_m2": 80.0, **cells}
    return table([shape], **{k: [v] for k, v in row.items()})


def told(**layers):
    return [(p.id, p.effect, p.features) for p in check_consistency(layers, paths={})]


@pytest.mark.parametrize(
    ("shape", "out"),
    [
        (box(500001, 4058001, 500009, 4058009), False),
        (box(500001, 4058001, 500011, 4058009), False),  # a metre over the wall
        (box(500006, 4058001, 500014, 4058009), True),
        (Point(500005, 4058005), False),
        (Point(500035, 4058005), True),  # in B2
        (None, False),
    ],
)
def test_rooms_lie_in_the_building_that_they_name(shape, out):
    expected = [("PLAN-REL-001", "noted", ("R1",))] if out else []
    area = 80.0 if shape is None or not shape.area else shape.area
    assert told(buildings=HOUSE, rooms=rooms(shape, area_m2=area)) == expected


@pytest.mark.parametrize(("area", "large"), [(100.0, False), (102.0, False), (102.1, True), (None, False)])
def test_rooms_are_no_larger_than_a_floor(area, large):
    expected = [("PLAN-REL-003", "noted", ("R1",))] if large else []
    assert told(buildings=HOUSE, rooms=rooms(area_m2=area)) == expected


@pytest.mark.parametrize(("floor", "absent"), [(6, False), (7, True), (-1, False), (-2, True), (None, False)])
def test_storeys_exist(floor, absent):
    expected = [("PLAN-REL-006", "noted", ("R1",))] if absent else []
    assert told(buildings=HOUSE.assign(floors_below=1), rooms=rooms(floor=floor)) == expected


def test_a_layer_of_buildings_without_a_row_contradicts_nothing():
    doors = table([Point(500005, 4058000)], entrance_id=["E1"], building_id=["B1"], kind=["door"])
    assert (
        told(buildings=HOUSE.iloc[:0], rooms=rooms(box(500001, 4058001, 500011, 4058009)), entrances=doors)
        == []
    )


def test_nobody_has_to_say_what_lies_below_the_ground():
    assert told(buildings=HOUSE, rooms=rooms(floor=-3)) == []


def test_households_live_in_a_building_on_a_storey_by_a_stairwell():
    homes = table(
        count=4, household_id=list("abcd"), building_id=["B1", "B1", None, "B2"], floor=[1, 9, 1, 1],
        stairwell_id=["1", "2", None, "7"],
    )  # fmt: skip
    doors = table(
        [Point(500005, 4058000)],
        entrance_id=["E1"],
        kind=["stairwell"],
        building_id=["B1"],
        stairwell_id=["1"],
    )
    assert told(buildings=HOUSE, households=homes, entrances=doors) == [
        ("PLAN-REL-006", "noted", ("b",)),
        ("PLAN-REL-007", "degraded", ("c",)),
        ("PLAN-REL-008", "noted", ("b",)),  # the doors of B2 name no stairwell
    ]


@pytest.mark.parametrize(("area", "off"), [(64.0, False), (70.3, False), (70.5, True), (57.0, True)])
def test_declared_areas_are_those_of_the_drawing(area, off):
    expected = [("PLAN-REL-009", "noted", ("R1",))] if off else []
    assert told(rooms=rooms(box(0, 0, 8, 8), area_m2=area)) == expected


def test_areas_of_plots_may_have_units():
    plots = parcel(size=100.0).assign(用地面积=["1公顷"])
    assert told(parcels=plots) == []
    assert told(parcels=plots.assign(用地面积=["1.2公顷"])) == [("PLAN-REL-009", "noted", ("P1",))]
    assert told(parcels=plots.assign(用地面积=["约1公顷"])) == []


@pytest.mark.parametrize(("y", "far"), [(4057997.0, False), (4057996.9, True)])
def test_doors_stand_at_their_building(y, far):
    doors = table([Point(500005, y)], entrance_id=["E1"], kind=["door"], building_id=["B1"])
    assert told(buildings=HOUSE, entrances=doors) == ([("PLAN-REL-010", "noted", ("E1",))] if far else [])


def test_gates_stand_in_a_wall_or_on_the_boundary():
    gates = table(
        [Point(499980, 4058000), Point(500080, 4058000), Point(500050, 4058080)],
        entrance_id=["E1", "E2", "E3"],
        kind=["gate"] * 3,
    )
    wall = table([LineString([(500040, 4058080), (500060, 4058080)])], barrier_id=["W"], kind=["wall"])
    assert told(parcels=parcel(), entrances=gates) == [("PLAN-REL-011", "noted", ("E2", "E3"))]
    assert told(parcels=parcel(), barriers=wall, entrances=gates) == [("PLAN-REL-011", "noted", ("E2",))]
    assert told(entrances=gates) == []  # nothing to stand in


def test_gates_on_ways_between_houses_or_whose_walls_are_not_drawn_are_no_mistakes():
    """One at the end of its wall, one in a passage between houses, one on a way in open ground: only the last is told, as a count."""
    gates = table(
        [Point(500200, 4058000), Point(500050, 4058100), Point(500300, 4058100)],
        entrance_id=["E1", "E2", "E3"],
        kind=["gate"] * 3,
    )
    ways = table(
        [
            LineString([(x, y - 90), (x, y), (x, y + 90)])
            for x, y in ((500200, 4058000), (500050, 4058100), (500300, 4058100))
        ],
        way_id=["a", "b", "c"],
    )
    walls = table([LineString([(500204, 4058000), (500260, 4058000)])], barrier_id=["W"], kind=["wall"])
    house = table([box(500053, 4058090, 500060, 4058110)], building_id=["H"])
    drawn = {"barriers": walls, "entrances": gates, "walkways": ways, "buildings": house}
    assert told(**drawn) == [("PLAN-REL-013", "noted", ("E3",))]


@pytest.mark.parametrize(("y", "expected"), [(4.9, []), (12.0, ["PLAN-REL-011"]), (21.0, ["PLAN-REL-013"])])
def test_a_gate_beside_the_wall_that_its_way_crosses(y, expected):
    gate = table([Point(500000, 4058000 + y)], entrance_id=["E1"], kind=["gate"])
    way = table([LineString([(500000, 4057900), (500000, 4058100)])], way_id=["a"])
    wall = table([LineString([(499900, 4058000), (500100, 4058000)])], barrier_id=["W"], kind=["wall"])
    assert [i for i, *_ in told(barriers=wall, entrances=gate, walkways=way)] == expected
    halves = [
        LineString([(499900, 4058000), (500000, 4058000)]),
        LineString([(500000, 4058000), (500100, 4058000)]),
    ]
    two = table(halves, barrier_id=["V", "W"], kind=["wall"] * 2)
    assert [i for i, *_ in told(barriers=two, entrances=gate, walkways=way)] == expected
    both = pd.concat([gate, table([Point(500000, 4058001)], entrance_id=["E2"], kind=["gate"])])
    beside = [i for i, *_ in told(barriers=wall, entrances=both, walkways=way)]
    assert beside == (["PLAN-REL-013"] if y > 5 else [])  # the wall has a gate of its own


def test_layers_that_lie_elsewhere():
    houses = buildings(x=503000.0)
    assert told(parcels=parcel(), buildings=houses) == [("PLAN-REL-012", "noted", ("B1", "B2"))]
    assert told(parcels=parcel(), buildings=buildings(x=501000.0)) == []


def test_a_map_of_openstreetmap_has_one_system_however_far_its_things_lie():
    paths = {"parcels": "a.osm.pbf", "buildings": "a.osm.pbf"}
    layers = {"parcels": parcel(), "buildings": buildings(x=503000.0)}
    assert [p.id for p in check_consistency(layers, paths=paths)] == []
    assert [p.id for p in check_consistency(layers, paths=dict.fromkeys(layers, "a.gpkg"))] == [
        "PLAN-REL-012"
    ]


def test_rooms_of_a_storey_are_together_no_larger_than_their_building():
    two = table(room_id=["R1", "R2"], building_id=["B1"] * 2, floor=[1, 1], area_m2=[60.0, 60.0], count=2)
    assert told(buildings=HOUSE, rooms=two) == [("PLAN-REL-003", "noted", ("R1", "R2"))]
    assert told(buildings=HOUSE, rooms=two.assign(floor=[1, 2])) == []
