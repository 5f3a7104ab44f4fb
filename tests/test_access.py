from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from plan.access import (
    compare_speeds,
    compared_speed,
    default_speeds,
    facilities_from_site,
    isochrones,
    life_circle,
    origins_from_site,
    walk_times,
)
from plan.errors import MissingLayerError, UsageError
from plan.network import WalkNetwork
from plan.rules import load_pack
from plan.site import Site

CRS = 4548
SPEEDS = {"adult": 60.0}


def layer(geometries, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)


def make_site(**layers):
    return Site(name="test", layers=layers, crs=gpd.GeoSeries(crs=CRS).crs)


def street(*coordinates):
    return layer([shapely.LineString(coordinates)], way_id=["w"])


def point_frame(*xy, **columns):
    return layer([shapely.Point(p) for p in xy], **columns)


# --- isochrones -----------------------------------------------------------------------------------


def test_an_isochrone_is_the_walked_line_and_a_strip():
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (1000, 0))), speeds=SPEEDS)
    areas = isochrones(network, point_frame((500, 0)), minutes=(2, 5), corridor_m=20)
    assert list(areas.columns) == ["origin", "minutes", "geometry"]
    assert areas["minutes"].tolist() == [2, 5]
    assert areas.crs == CRS
    # 120 m to both sides, cut exactly, with round ends of 20 m.
    assert areas.geometry[0].bounds == pytest.approx((360, -20, 640, 20))
    assert areas.geometry[0].area == pytest.approx(240 * 40 + np.pi * 400, rel=0.01)
    assert areas.geometry[1].bounds == pytest.approx((180, -20, 820, 20))


def test_the_path_to_the_street_uses_up_time():
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (1000, 0))), speeds=SPEEDS)
    areas = isochrones(network, point_frame((500, 90)), minutes=(1, 2), corridor_m=10)
    assert areas.geometry[0].bounds == pytest.approx((490, 20, 510, 100))  # 60 m on the way to the street
    assert areas.geometry[1].bounds == pytest.approx((460, -10, 540, 100))  # 30 m along it


def test_a_block_that_no_walk_enters_is_a_hole_and_nothing_is_a_hull():
    block = [(0, 0), (200, 0), (200, 200), (0, 200), (0, 0)]
    network = WalkNetwork.from_site(make_site(walkways=street(*block)), speeds=SPEEDS)
    (area,) = isochrones(network, point_frame((0, 0)), minutes=(10,), corridor_m=25).geometry
    assert len(area.interiors) == 1
    assert shapely.Polygon(area.interiors[0]).area == pytest.approx(150 * 150, rel=1e-6)


def test_one_way_reaches_forward_only():
    nodes = pd.DataFrame({"x": [0.0, 1000.0], "y": [0.0, 0.0]})
    edges = pd.DataFrame({"u": [0], "v": [1], "length_m": [1000.0], "oneway": [True]})
    network = WalkNetwork.from_frames(nodes, edges, speeds=SPEEDS)
    (area,) = isochrones(
        network, gpd.GeoDataFrame(geometry=gpd.points_from_xy([500], [0])), minutes=(5,), corridor_m=10
    ).geometry
    assert area.bounds == pytest.approx((490, -10, 810, 10))


def test_a_wall_bounds_the_strip_and_a_gate_lets_walk_through():
    wall = layer([shapely.LineString([(-100, 10), (1100, 10)])], barrier_id=["b"], kind=["wall"])
    site = make_site(walkways=street((0, 0), (1000, 0)), barriers=wall)
    network = WalkNetwork.from_site(site, speeds=SPEEDS)
    (area,) = isochrones(network, point_frame((500, 0)), minutes=(5,), corridor_m=25).geometry
    assert area.bounds == pytest.approx((175, -25, 825, 10))
    lines = layer(
        [shapely.LineString([(0, 0), (500, 0), (1000, 0)]), shapely.LineString([(500, 0), (500, 100)])],
        way_id=["w1", "w2"],
    )
    closed = make_site(walkways=lines, barriers=wall)
    (area,) = isochrones(
        WalkNetwork.from_site(closed, speeds=SPEEDS), point_frame((500, -5)), minutes=(5,)
    ).geometry
    assert area.bounds[3] == pytest.approx(10)
    gate = point_frame((500, 10), entrance_id=["g"], kind=["gate"])
    opened = closed.with_layer("entrances", gate)
    (area,) = isochrones(
        WalkNetwork.from_site(opened, speeds=SPEEDS), point_frame((500, -5)), minutes=(5,)
    ).geometry
    assert area.bounds[3] == pytest.approx(125)
    # Beside the gate the wall still bounds the strip of the street.
    assert not area.covers(shapely.Point(400, 15))
    assert area.covers(shapely.Point(400, 5))


def test_a_point_off_the_network_reaches_nothing_and_says_so():
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (100, 0))), speeds=SPEEDS)
    areas = isochrones(network, point_frame((50, 0), (50, 900)).set_index(pd.Index(["a", "b"])))
    assert areas["origin"].tolist() == ["a"] * 3 + ["b"] * 3
    assert areas.geometry.is_empty.tolist() == [False] * 3 + [True] * 3


@pytest.mark.parametrize(
    "options", [{"minutes": (0, 5)}, {"minutes": ()}, {"minutes": (np.inf,)}, {"corridor_m": 0}]
)
def test_limits_must_be_positive(options):
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (100, 0))), speeds=SPEEDS)
    with pytest.raises(UsageError):
        isochrones(network, point_frame((50, 0)), **options)


# --- doors ----------------------------------------------------------------------------------------


def homes(*rows):
    frame = pd.DataFrame(rows, columns=["household_id", "building_id", "stairwell_id"])
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=CRS)


BUILDINGS = layer(
    [shapely.box(0, 10, 60, 22), shapely.box(100, 10, 160, 22), shapely.box(200, 10, 260, 22)],
    building_id=["1", "2", "3"],
    floors=[6, 6, 6],
)


def test_households_leave_by_their_own_door():
    doors = point_frame(
        (10, 22), (50, 22), (130, 22), (104, 10), (30, 10),
        entrance_id=list("abcde"),
        kind=["stairwell", "stairwell", "door", "door", "gate"],
        building_id=["1", "1", None, "2", "1"],  # c stands on building 2 without saying so
        stairwell_id=["s1", "s2", None, None, None],
    )  # fmt: skip
    site = make_site(
        buildings=BUILDINGS,
        entrances=doors,
        households=homes(
            ("h1", "1", "s1"), ("h2", "1", "s2"), ("h3", "2", "s1"), ("h4", "3", None), ("h5", "1", None),
            ("h6", "1", "s9"), ("h7", "gone", None),
        ),
    )  # fmt: skip
    origins = origins_from_site(site)
    assert origins.index.name == "household_id"
    places = origins.geometry
    assert places["h1"].equals(shapely.Point(10, 22))
    assert places["h2"].equals(shapely.Point(50, 22))
    assert places["h3"].equals(shapely.MultiPoint([(104, 10), (130, 22)]))
    assert places["h4"].equals(BUILDINGS.geometry[2])  # the outline, never the centroid
    assert places["h5"].equals(shapely.MultiPoint([(10, 22), (50, 22)]))
    assert places["h6"].equals(BUILDINGS.geometry[0])
    assert places["h7"] is None


def test_the_best_door_and_the_nearest_point_of_an_outline_count():
    network = WalkNetwork.from_site(make_site(walkways=street((-100, 0), (300, 0))), speeds=SPEEDS)
    origins = layer(
        [shapely.MultiPoint([(0, 30), (50, 12)]), shapely.box(100, 6, 160, 22)], households=[1, 1]
    )
    clinic = point_frame((200, 0), category=["clinic"])
    times = walk_times(network, origins, clinic, max_min=15)["clinic"] * 60
    assert times[0] == pytest.approx(12 + 150)
    assert 6 + 40 - 1e-9 <= times[1] <= 6 + 100


def test_absent_households_are_an_error_with_a_cure():
    with pytest.raises(MissingLayerError, match="--households-from floors"):
        origins_from_site(make_site(walkways=street((0, 0), (100, 0))))


def test_an_outline_is_entered_by_its_gates():
    school = shapely.box(100, 10, 200, 60)
    site = make_site(
        facilities=layer(
            [school, shapely.Point(5, 5)], facility_id=["f1", "f2"], category=["primary_school", None]
        ),
        entrances=point_frame(
            (150, 60), (100, 30), (0, 0), entrance_id=list("abc"), kind="gate", access=["private", "no", None]
        ),
    )
    facilities = facilities_from_site(site)
    assert facilities["facility_id"].tolist() == ["f1"]  # what has no category belongs to none
    assert facilities.geometry[0].equals(shapely.MultiPoint([(150, 60)]))


# --- life circle ----------------------------------------------------------------------------------


def line_network():
    return WalkNetwork.from_site(make_site(walkways=street((0, 0), (2000, 0))), speeds=SPEEDS)


def test_shares_count_households_and_quantiles_are_over_all_of_them():
    # Clinic at 0; doors at 60, 300, 600, 900 and 1200 m: 1, 5, 10, 15, 20 min.
    origins = point_frame((60, 0), (300, 0), (600, 0), (900, 0), (1200, 0)).assign(
        households=[10, 20, 30, 20, 20]
    )
    circle = life_circle(
        line_network(), origins, point_frame((0, 0), category=["clinic"]), limits={"clinic": 10, "bank": 5}
    )
    bank, clinic = circle.rows()
    told = {
        "category": "clinic", "facilities": 1, "limit_min": 10.0, "households": 100, "served": 60,
        "share": 0.6, "median_min": pytest.approx(10), "p90_min": pytest.approx(20),
        "share_5": 0.3, "share_10": 0.6, "share_15": 0.8,
    }  # fmt: skip
    assert {name: clinic[name] for name in told} == told
    # What the doors and the facilities do not say is not zero.
    assert {value for name, value in clinic.items() if name not in told} == {None}
    # There is a layer of facilities and no bank in it: nobody is served.
    assert (bank["facilities"], bank["served"], bank["share"], bank["median_min"]) == (0, 0, 0.0, None)
    assert circle.times["facility_id"].tolist() == [0] * 5
    assert (circle.households, circle.unsnapped_households, circle.profile) == (100, 0, "adult")


def test_absent_facilities_cannot_be_told():
    circle = life_circle(line_network(), point_frame((60, 0)), None, limits={"clinic": 10})
    (clinic,) = circle.rows()
    assert (clinic["facilities"], clinic["served"], clinic["share"], clinic["share_5"]) == (None,) * 4
    assert clinic["households"] == 1


def test_households_off_the_network_count_as_not_served_and_are_told():
    origins = point_frame((60, 0), (60, 900))
    circle = life_circle(line_network(), origins, point_frame((0, 0), (0, 900), category=["clinic"] * 2))
    (clinic,) = circle.rows()
    assert (clinic["served"], clinic["share"], clinic["p90_min"]) == (1, 0.5, None)
    assert clinic["median_min"] == pytest.approx(1)
    assert (circle.unsnapped_households, circle.unsnapped_facilities) == (1, 1)


def test_a_site_brings_all_that_is_needed():
    site = make_site(
        walkways=street((0, 0), (400, 0)),
        buildings=BUILDINGS,
        households=homes(("h1", "1", None), ("h2", "3", None)),
        facilities=point_frame((400, 0), facility_id=["c"], category=["clinic"]),
    )
    circle = life_circle(site, minutes=(3, 6))
    speed = default_speeds()["adult"].m_per_min
    assert circle.m_per_min == speed
    by_home = circle.times.set_index("origin_id")["walk_min"]
    assert 10 + 140 - 1e-6 <= by_home["h2"] * speed <= 10 + 200 + 1e-6
    assert circle.estimates == ()
    guessed = site.with_layer("households", site.layer("households"), estimated=True)
    assert life_circle(guessed).estimates == ("households",)


def test_without_origins_or_with_limits_that_make_no_sense():
    with pytest.raises(UsageError):
        life_circle(line_network())
    with pytest.raises(UsageError):
        life_circle(line_network(), point_frame((0, 0)), None, limits={"clinic": -1})


def test_speeds_come_from_the_national_pack():
    rules = load_pack("national").settings("walk_speed")
    speeds = {profile: pace.m_per_min for profile, pace in default_speeds().items()}
    assert speeds == {rule.kind.profile: rule.kind.m_per_min for rule in rules}
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (400, 0))))
    clinic = point_frame((300, 0), category=["clinic"])
    for profile, speed in speeds.items():
        times = walk_times(network, point_frame((0, 0)), clinic, max_min=60, profile=profile)
        assert times.loc[0, "clinic"] == pytest.approx(300 / speed)
    with pytest.raises(UsageError, match="nobody"):
        walk_times(network, point_frame((0, 0)), clinic, max_min=60, profile="nobody")


def test_node_snapping_would_turn_a_verdict():
    """A door 150 m from the clinic along one 240 m block: to the nodes it would be 0 m or 240 m."""
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (240, 0), (480, 0))), speeds=SPEEDS)
    times = walk_times(
        network, point_frame((100, 0)), point_frame((250, 0), category=["clinic"]), max_min=2.5
    )
    assert times.loc[0, "clinic"] == pytest.approx(2.5)
    at_nodes = walk_times(
        network, point_frame((0, 0)), point_frame((240, 0), category=["clinic"]), max_min=2.5
    )
    assert np.isnan(at_nodes.loc[0, "clinic"])


# --- another speed --------------------------------------------------------------------------------


def test_what_another_speed_changes_is_shown_by_category():
    network = WalkNetwork.from_site(make_site(walkways=street((0, 0), (1000, 0))), speeds=SPEEDS)
    origins = point_frame((0, 0), (300, 0), (350, 0))
    facilities = point_frame((700, 0), category=["clinic"])
    # 5 minutes at 60 m/min are 300 m: none of 700, 400 and 350 m; at 80 they are 400 m: two of them.
    found = compare_speeds(network, origins, facilities, other_m_per_min=80.0, limits={"clinic": 5})
    assert (found.m_per_min, found.other_m_per_min) == (60, 80)
    (row,) = found.rows()
    assert (row["served"], row["other_served"]) == (0, 2)
    assert (row["share"], row["other_share"]) == pytest.approx((0, 2 / 3))
    with pytest.raises(UsageError):
        compare_speeds(network, origins, facilities, other_m_per_min=0.0)


def test_the_pack_says_which_speed_it_is_compared_with():
    pack = load_pack("national")
    assert compared_speed(pack, "adult") == 80
    assert compared_speed(pack, "wheelchair") is None
    assert compared_speed(pack, "nobody") is None
    assert sorted(default_speeds()) == ["adult", "child", "elderly", "stroller", "wheelchair"]
    wheels = default_speeds()["wheelchair"]
    assert not wheels.steps_allowed
    assert wheels.max_slope == pytest.approx(1 / 12)
