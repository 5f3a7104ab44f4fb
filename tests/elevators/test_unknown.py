"""What the data do not tell is never feasible."""

from __future__ import annotations

import pytest
import shapely
from slabs import DEEP, LIMITS, area, door, lane, line, site, sited, slab, tree

from plan.elevators import Limits, place_elevators


def verdicts(layers, **options):
    return {one.verdict for one in sited(layers, **options).values()}


@pytest.mark.parametrize("layer", ["fire_lanes", "parcels", "obstacles"])
def test_a_layer_that_may_bar_is_needed(layer):
    rest = {n: rows for n, rows in slab().items() if n != layer}
    found = sited(rest)
    assert {o.verdict for o in found.values()} == {"unknown"}
    assert all(layer in o.reason for o in found.values())
    assert all(o.chosen is None and o.alternatives for o in found.values())


@pytest.mark.parametrize("layer", ["fire_lanes", "parcels"])
def test_an_empty_layer_says_no_more_than_an_absent_one(layer):
    assert verdicts(slab(**{layer: []})) == {"unknown"}


@pytest.mark.parametrize("layer", ["utilities", "stalls", "barriers", "walkways"])
def test_what_would_make_way_is_looked_for_first(layer):
    rest = {n: rows for n, rows in slab().items() if n != layer}
    found = sited(rest)
    assert {o.verdict for o in found.values()} == {"conditional"}
    for one in found.values():
        assert one.chosen is not None
        assert [(r.kind, r.thing) for r in one.chosen.remedies] == [("survey", layer)]
    if layer != "walkways":
        assert verdicts(slab(**{layer: []})) == {"feasible"}


def test_what_is_barred_is_barred_whatever_is_missing():
    rest = {n: rows for n, rows in slab(fire_lanes=[lane(DEEP + 2)]).items() if n != "obstacles"}
    assert verdicts(rest) == {"infeasible"}


@pytest.mark.parametrize("limits", [Limits(separation_m=6.0), Limits(fire_lane_m=4.0), Limits()])
def test_without_a_figure_nothing_can_be_told(limits):
    assert verdicts(slab(), limits=limits) == {"unknown"}


def test_a_lane_without_a_shape_may_be_here():
    found = sited(slab(fire_lanes=[lane(40, name="L2"), {**lane(25), "geometry": None}]))
    assert {o.verdict for o in found.values()} == {"unknown"}
    assert all("L1" in o.reason for o in found.values())


def test_a_lane_without_a_width_leaves_open_what_stands_near_it():
    found = sited(slab(fire_lanes=[lane(60, name="L2"), lane(25, None)]))
    assert {o.verdict for o in found.values()} == {"unknown"}
    assert all("L1" in o.reason and "width_m" in o.reason for o in found.values())
    assert verdicts(slab(fire_lanes=[lane(60, name="L2"), lane(-38, None)])) == {"feasible"}


def test_a_building_on_no_parcel():
    elsewhere = [{"parcel_id": "P1", "geometry": area(200, 200, 10, 10)}]
    assert verdicts(slab(parcels=elsewhere)) == {"unknown"}


@pytest.mark.parametrize(
    ("layer", "name", "verdict"),
    [
        ("buildings", "B1", "unknown"),
        ("fire_lanes", "L1", "unknown"),
        ("parcels", "P1", "unknown"),
        ("entrances", "D1", "unknown"),
    ],
)
def test_a_mended_shape_decides_nothing(layer, name, verdict):
    near = slab(fire_lanes=[lane(DEEP + 8)])
    assert sited(near, repaired={layer: (name,)})["D1"].verdict == verdict


STAIRS = {
    "no building": ({"building": None}, "building_id"),
    "another building": ({"building": "B9"}, "B9"),
    "far off": ({"x": 6.5, "y": DEEP + 8.0}, "8.0"),
    "inside": ({"x": 6.5, "y": 5.5}, "5.5"),
}


@pytest.mark.parametrize("case", STAIRS)
def test_a_door_that_fits_no_wall(case):
    more, told = STAIRS[case]
    odd = door("D1", **({"x": 6.5, "stairwell": "S1"} | more))
    one = sited(slab(entrances=[odd]))["D1"]
    assert one.verdict == "unknown"
    assert told in one.reason


def test_a_door_without_a_place():
    nowhere = {**door("D1", 6.5, stairwell="S1"), "geometry": None}
    assert sited(slab(entrances=[nowhere]))["D1"].verdict == "unknown"


def test_a_building_without_floors_or_outline():
    house = slab()["buildings"][0]
    assert verdicts(slab(buildings=[{**house, "floors": None}])) == {"unknown"}
    assert verdicts(slab(buildings=[{**house, "geometry": None}])) == {"unknown"}
    sliver = shapely.Polygon([(0, 11), (26, 11), (26, 11.01)])
    assert verdicts(slab(buildings=[{**house, "geometry": sliver}])) == {"unknown"}


def test_two_stairs_of_one_name_are_not_told_apart():
    twice = [door("D1", 6.5, stairwell="S1"), door("D2", 19.5, stairwell="S1")]
    found = sited(slab(entrances=twice))
    assert {o.verdict for o in found.values()} == {"unknown"}
    assert all("S1" in o.reason for o in found.values())


def test_stairs_of_two_buildings_may_have_one_name():
    houses = slab()["buildings"] + [{"building_id": "B2", "floors": 6, "geometry": area(40, 0, 26, 11)}]
    named = [door("D1", 6.5, stairwell="1"), door("D2", 50, stairwell="1", building="B2")]
    placed = place_elevators(site(slab(buildings=houses, entrances=named)), limits=LIMITS)
    assert list(placed.features["elevator_id"]) == ["E-B1-1", "E-B2-1"]


def test_a_stair_without_a_name_goes_by_its_door():
    one = sited(slab(entrances=[door("D1", 6.5)]))["D1"]
    assert (one.verdict, one.stairwell_id) == ("feasible", "D1")


def test_a_building_of_several_parts():
    parts = shapely.MultiPolygon([area(0, 0, 12, 11), area(14, 0, 12, 11)])
    layers = slab(buildings=[{"building_id": "B1", "floors": 6, "geometry": parts}])
    for one in sited(layers).values():
        assert one.chosen is not None
        assert (
            shapely.intersection(one.chosen.shaft, site(layers).layers["buildings"].geometry.iloc[0]).area
            < 1e-4
        )


def test_a_pipe_under_the_building_is_in_nobodys_way():
    through = [
        {"utility_id": "U1", "kind": "sewer", "clearance_m": 1.0, "geometry": line((13, -20), (13, 8))}
    ]
    assert verdicts(slab(utilities=through)) == {"feasible"}


def test_no_stairs_are_no_proposals():
    placed = place_elevators(site(slab(entrances=[door("D1", 6.5, kind="door")])), limits=LIMITS)
    assert placed.measures["stairwells"] == ()
    assert len(placed.features) == len(placed.rejected) == 0


def test_a_tree_of_unknown_size_counts_with_two_metres():
    unknown = {**tree("T1", 6.5, DEEP + 3.9 + 1.9, removable=False), "radius_m": None}
    one = sited(slab(obstacles=[unknown]), connections=("half_landing",))["D1"]
    assert one.chosen is not None
    assert one.chosen.aside_m != 0 or one.chosen.layout != "front"


def test_the_mended_shapes_are_named():
    two = [lane(DEEP + 8), lane(DEEP + 9, name="L2")]
    one = sited(slab(fire_lanes=two), repaired={"fire_lanes": ("L2",)})["D1"]
    assert one.verdict == "unknown"
    assert "L2" in one.reason
    assert "L1" not in one.reason
