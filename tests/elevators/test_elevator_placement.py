"""Verdicts on stairwells, with the millimetres that bind."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from slabs import DEEP, LIMITS, area, door, lane, line, site, sited, slab, tree

import plan
from plan.elevators import Costs, ElevatorSizes, Limits, Slide, place_elevators
from plan.errors import MissingLayerError, UsageError

# The one position of these tests: in front of the stair, landing of 1.5 m, shaft of 2.4 m: 3.9 m from the façade.
ONE = {"slide": Slide(aside_m=0.0, off_m=(), edges_m=(), gaps_m=()), "connections": ("half_landing",)}


def test_free_ground_is_feasible():
    for one in sited(slab()).values():
        assert one.verdict == "feasible"
        assert one.chosen is not None
        assert (one.chosen.connection, one.chosen.layout, one.chosen.aside_m) == ("level_entry", "front", 0.0)
        assert one.chosen.flights_left == 0.0
        assert one.chosen.remedies == ()
        assert len(one.alternatives) == 3


def test_half_a_flight_is_left_and_no_wheelchair_gets_in():
    one = sited(slab(), connections=("half_landing",), pack=plan.load_pack("national"))["D1"]
    assert one.chosen is not None
    assert one.chosen.flights_left == 0.5
    assert one.wheelchair is False
    level = sited(slab(), pack=plan.load_pack("national"))["D1"]
    assert level.wheelchair is True
    assert sited(slab())["D1"].wheelchair is None  # no figure for a car


@pytest.mark.parametrize(
    ("border_y", "verdict", "left"),
    [
        (DEEP + 3.9, "feasible", "4.000"),
        (DEEP + 3.89, "infeasible", "3.990"),
        (DEEP + 3.899, "infeasible", "3.999"),
        (DEEP + 4.0, "feasible", "4.100"),
    ],
)
def test_a_fire_lane_keeps_four_metres(border_y, verdict, left):
    one = sited(slab(fire_lanes=[lane(border_y + 2)]), **ONE)["D1"]
    assert one.verdict == verdict
    assert f"{left} m of 4 m" in one.reason.to("en")
    assert "L1" in one.reason
    if verdict == "infeasible":
        assert one.chosen is None
        assert f"{round((4 - float(left)) * 1000)} mm short" in one.reason.to("en")


def test_a_wide_lane_gives_what_it_has_to_spare():
    kept = sited(slab(fire_lanes=[lane(DEEP + 3.9 - 1.5 + 3, 6.0)]), **ONE)["D1"]
    assert kept.verdict == "feasible"
    assert "4.500 m" in kept.reason.to("en")


def test_a_lane_drawn_as_an_area():
    ground = {"lane_id": "L1", "width_m": 4.0, "geometry": area(-30, DEEP + 3.8, 90, 4.0)}
    one = sited(slab(fire_lanes=[ground]), **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "3.900 m of 4 m, 100 mm short" in one.reason.to("en")


@pytest.mark.parametrize(("apart", "verdict"), [(6.0, "feasible"), (5.999, "infeasible")])
def test_the_building_opposite_is_six_metres_off(apart, verdict):
    houses = slab()["buildings"] + [
        {"building_id": "B2", "floors": 6, "geometry": area(0, DEEP + 3.9 + apart, 26, 11)}
    ]
    one = sited(slab(buildings=houses, fire_lanes=[lane(60)]), **ONE)["D1"]
    assert one.verdict == verdict
    if verdict == "infeasible":
        assert "B2" in one.reason
        assert "1 mm short" in one.reason.to("en")


def test_a_building_that_shares_a_wall_is_not_opposite():
    houses = slab()["buildings"] + [{"building_id": "B2", "floors": 6, "geometry": area(26, 0, 10, 15)}]
    assert sited(slab(buildings=houses), **ONE)["D2"].verdict == "feasible"


def test_the_parcel_line():
    near = [{"parcel_id": "P1", "geometry": area(-40, -40, 120, 40 + DEEP + 3.9)}]
    assert sited(slab(parcels=near), **ONE)["D1"].verdict == "feasible"
    over = [{"parcel_id": "P1", "geometry": area(-40, -40, 120, 40 + DEEP + 3.8)}]
    one = sited(slab(parcels=over), **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "P1" in one.reason
    assert "100 mm short" in one.reason.to("en")


def test_other_doors_stay_free():
    doors = [*slab()["entrances"], door("D3", 6.5 + 1.1 + 1.0, kind="door")]
    one = sited(slab(entrances=doors), **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "D3" in one.reason


def test_the_own_door_stays_usable():
    small = ElevatorSizes(landing_depth_m=1.1)
    one = sited(slab(), sizes=small, **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "100 mm short" in one.reason.to("en")


def test_what_may_go_makes_it_conditional():
    pipes = [
        {
            "utility_id": "U1",
            "kind": "gas",
            "clearance_m": 1.0,
            "geometry": line((-30, DEEP + 4.4), (60, DEEP + 4.4)),
        }
    ]
    layers = slab(
        utilities=pipes,
        obstacles=[tree("T1", 6.5, DEEP + 4.0)],
        stalls=[{"stall_id": "C1", "geometry": area(5, DEEP + 1, 2.5, 5)}],
    )
    one = sited(layers, costs=Costs(pipe_cny_per_m=100, stall_cny=5000), **ONE)["D1"]
    assert one.verdict == "conditional"
    assert one.chosen is not None
    assert [(r.kind, r.thing) for r in one.chosen.remedies] == [
        ("pipe", "U1"),
        ("stall", "C1"),
        ("tree", "T1"),
    ]
    # The pipe is moved where it lies in the shaft of 2.2 m grown by 1 m on all sides.
    pipe = one.chosen.remedies[0].cost_cny
    assert pipe == pytest.approx(100 * (2.2 + 2 * 1.0))
    assert one.chosen.cost_cny == pytest.approx(pipe + 5000 + 2000)
    assert "T1" in str(one.chosen.remedy)


def test_without_prices_cost_is_not_known():
    pipes = [{"utility_id": "U1", "kind": "gas", "geometry": line((-30, DEEP + 4.4), (60, DEEP + 4.4))}]
    one = sited(slab(utilities=pipes), **ONE)["D1"]
    assert one.chosen is not None
    assert (one.chosen.cost_cny, one.chosen.unpriced) == (None, 1)


def test_a_pipe_bars_when_that_is_asked_for():
    pipes = [{"utility_id": "U1", "kind": "gas", "geometry": line((-30, DEEP + 4.4), (60, DEEP + 4.4))}]
    hard = Limits(fire_lane_m=4.0, separation_m=6.0, pipes_bar=True)
    one = sited(slab(utilities=pipes), **ONE, limits=hard)["D1"]
    assert one.verdict == "infeasible"
    assert "U1" in one.reason


def test_what_stays_bars():
    old = slab(obstacles=[tree("T1", 6.5, DEEP + 4.0, removable=False)])
    one = sited(old, **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "T1" in one.reason
    wall = [
        {
            "barrier_id": "K1",
            "kind": "wall",
            "removable": False,
            "geometry": line((0, DEEP + 3), (26, DEEP + 3)),
        }
    ]
    assert "K1" in sited(slab(barriers=wall), **ONE)["D1"].reason


def test_what_nobody_said_may_go_is_told_so():
    unsaid = slab(obstacles=[tree("T1", 6.5, DEEP + 4.0, removable=None)])
    one = sited(unsaid, **ONE)["D1"]
    assert one.verdict == "conditional"
    assert one.chosen is not None
    assert one.chosen.remedies[0].sure is False


def test_a_road_keeps_its_width_and_the_way_to_the_door_leads_round():
    road = [
        {
            "way_id": "W1",
            "kind": "path",
            "width_m": 4.0,
            "geometry": line((-30, DEEP + 5.5), (60, DEEP + 5.5)),
        },
        {"way_id": "W2", "kind": "path", "width_m": 1.5, "geometry": line((6.5, DEEP), (6.5, DEEP + 5.5))},
    ]
    one = sited(slab(walkways=road), **ONE)["D1"]
    assert one.verdict == "infeasible"
    assert "W1" in one.reason
    assert sited(slab(walkways=road[1:]), **ONE)["D1"].verdict == "feasible"


def test_a_turned_shaft_where_there_is_no_depth():
    one = sited(slab(fire_lanes=[lane(DEEP + 2.5 + 2)]))["D1"]
    assert one.chosen is not None
    assert one.chosen.layout == "beside"
    assert one.verdict == "conditional"  # what lies behind it on the façade is not drawn
    assert {r.kind for r in one.chosen.remedies} == {"window"}


def test_an_uneven_facade_keeps_its_shaft_outside():
    bent = shapely.Polygon([(0, 0), (26, 0), (26, 11), (8.0, 11.02), (6.5, 11), (0, 11.01)])
    layers = slab(buildings=[{"building_id": "B1", "floors": 6, "geometry": bent}])
    for one in sited(layers).values():
        assert one.chosen is not None
        own = site(layers).layers["buildings"].geometry.iloc[0]
        assert shapely.union(one.chosen.shaft, one.chosen.landing).intersection(own).area < 1e-4


def test_two_stairs_do_not_get_into_each_others_way():
    close = slab(entrances=[door("D1", 8.0, stairwell="S1"), door("D2", 11.5, stairwell="S2")])
    found = sited(close)
    shapes = [shapely.union(o.chosen.shaft, o.chosen.landing) for o in found.values() if o.chosen]
    assert len(shapes) == 2
    assert shapes[0].intersection(shapes[1]).area < 1e-4


def test_one_of_two_gets_none_where_there_is_no_room_for_both():
    close = slab(entrances=[door("D1", 8.0, stairwell="S1"), door("D2", 9.9, stairwell="S2")])
    found = sited(close, limits=Limits(fire_lane_m=4.0, separation_m=6.0, passage_m=0.5), **ONE)
    verdicts = sorted(o.verdict for o in found.values())
    assert verdicts == ["feasible", "infeasible"]
    lost = next(o for o in found.values() if o.verdict == "infeasible")
    assert lost.chosen is None
    assert "S1" in lost.reason or "S2" in lost.reason


def test_elevators_of_two_buildings_keep_their_distance():
    north = [{"building_id": "B2", "floors": 6, "geometry": area(0, 11 + 3.9 * 2 + 5, 26, 11)}]
    facing = slab(
        buildings=slab()["buildings"] + north,
        entrances=[
            door("D1", 6.5, stairwell="S1"),
            door("D3", 6.5, 11 + 3.9 * 2 + 5, stairwell="S3", building="B2"),
        ],
        fire_lanes=[lane(-60)],
    )
    found = sited(facing, **ONE)
    assert sorted(o.verdict for o in found.values()) == ["feasible", "infeasible"]


def test_who_has_an_elevator_or_too_few_storeys_needs_none():
    has = slab(buildings=[{**slab()["buildings"][0], "has_elevator": True}])
    low = slab(buildings=[{**slab()["buildings"][0], "floors": 3}])
    drawn = slab(
        elevators=[
            {
                "elevator_id": "E9",
                "stairwell_id": "S1",
                "building_id": "B1",
                "geometry": area(5, 12.5, 2.2, 2.4),
            }
        ]
    )
    assert {o.verdict for o in sited(has).values()} == {"excluded"}
    assert {o.verdict for o in sited(low).values()} == {"excluded"}
    assert {o.verdict for o in sited(low, min_storeys=3).values()} == {"feasible"}
    found = sited(drawn)
    assert (found["D1"].verdict, found["D2"].verdict) == ("excluded", "feasible")
    assert "E9" in found["D1"].reason


def test_features_are_a_layer_and_rejected_have_reasons():
    where = site(slab(fire_lanes=[lane(DEEP + 2)]))
    placed = place_elevators(where, limits=LIMITS)
    assert len(placed.features) == 0
    assert list(placed.rejected["verdict"]) == ["infeasible", "infeasible"]
    assert all(str(why) for why in placed.rejected["reason"])
    assert len(placed.measures["barred"]) == 2 * placed.measures["stairwells"][0].tried
    free = place_elevators(site(slab()), limits=LIMITS)
    again = where.with_layer("elevators", gpd.GeoDataFrame(free.features.drop(columns=["reason", "remedy"])))
    assert list(again.layers["elevators"]["elevator_id"]) == ["E-S1", "E-S2"]


def test_the_same_site_gives_the_same_places():
    first, second = (place_elevators(site(slab()), limits=LIMITS).features for _ in range(2))
    assert first.geometry.to_wkb().tolist() == second.geometry.to_wkb().tolist()


def test_options_without_sense_are_refused():
    with pytest.raises(UsageError):
        place_elevators(site(slab()), limits=LIMITS, min_storeys=0)
    with pytest.raises(UsageError):
        Limits(fire_lane_m=float("nan"))
    with pytest.raises(UsageError):
        Costs(stall_cny=-1)


@pytest.mark.parametrize("layer", ["entrances", "buildings"])
def test_a_layer_that_names_the_stairs_is_needed(layer):
    rest = {n: rows for n, rows in slab().items() if n != layer}
    with pytest.raises(MissingLayerError):
        place_elevators(site(rest), limits=LIMITS)


def test_a_lane_that_is_narrow_itself_is_told_so():
    narrow = sited(slab(fire_lanes=[lane(DEEP + 3.9 + 1.6, 3.2)]), **ONE)["D1"]
    assert narrow.verdict == "infeasible"
    assert "3.200 m of 4 m" in narrow.reason.to("en")
    assert "drawn 3.2 m wide" in narrow.reason.to("en")
    assert sited(slab(fire_lanes=[lane(DEEP + 3.9 + 2.4, 3.2)]), **ONE)["D1"].verdict == "feasible"


def test_unsaid_elevators_are_told():
    placed = place_elevators(site(slab()), limits=LIMITS)
    told = [note.to("en") for note in placed.measures["unseen"]]
    assert any("has_elevator" in note for note in told)
    said = slab(buildings=[{**slab()["buildings"][0], "has_elevator": False}])
    notes = place_elevators(site(said), limits=LIMITS).measures["unseen"]
    assert not any("has_elevator" in note for note in notes)
