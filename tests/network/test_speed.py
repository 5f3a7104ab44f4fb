from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import shapely

from plan.errors import UsageError
from plan.network import WalkNetwork
from plan.network.relief import Relief
from plan.network.speed import (
    BACKWARD,
    BOTH,
    CLOSED,
    FORWARD,
    Pace,
    Walked,
    at_speed,
    check_pace,
    edge_minutes,
    level,
    tobler,
)

TOBLER = Pace(m_per_min=60.0, slope="tobler", steps_up=0.5, steps_down=0.6, crossing_wait_s=30.0)


def walked(length, rise=None, *, oneway=BOTH, steps=False, crossing=0.0):
    relief = None if rise is None else Relief.whole(np.array([rise], dtype=float))
    return Walked(
        length_m=np.array([length], dtype=float),
        oneway=np.array([oneway], dtype=np.int8),
        steps=np.array([steps]),
        crossing=np.array([crossing]),
        relief=relief,
    )


def minutes(edge, pace):
    forward, backward = edge_minutes(edge, pace)
    return float(forward[0]), float(backward[0])


def test_a_number_is_a_pace_that_knows_level_ground_only():
    everything = walked(120, 12, steps=True, crossing=1)
    assert minutes(everything, 60.0) == (2.0, 2.0)
    assert minutes(everything, 1.0) == (120.0, 120.0)


def test_tobler_has_the_values_that_were_published():
    # W = 6 exp(-3.5 |S + 0.05|): 6 km/h at -5 %, 5.0367 km/h on level ground, 3.5494 at +10 %.
    at = np.array([-0.05, 0.0, 0.1, -0.1])
    published = [6.0, 6 * math.exp(-0.175), 6 * math.exp(-0.525), 6 * math.exp(-0.175)]
    assert tobler(at) * 6 * math.exp(-0.175) == pytest.approx(published)
    assert published[1] == pytest.approx(5.0367, abs=1e-4)


def test_uphill_takes_longer_than_downhill():
    up, down = minutes(walked(600, 60), TOBLER)  # 10 %
    assert up == pytest.approx(10 * math.exp(0.35))
    assert down == pytest.approx(10)  # Tobler at -10 % is as fast as on level ground
    assert minutes(walked(600, -60), TOBLER) == pytest.approx((down, up))
    assert minutes(walked(600, None), TOBLER) == (10, 10)
    assert minutes(walked(600, math.nan), TOBLER) == (10, 10)


def test_a_slope_that_no_street_has_is_not_believed():
    assert minutes(walked(60, 600), TOBLER) == pytest.approx(minutes(walked(60, 21), TOBLER))


def test_stairs_take_their_length_and_know_up_from_down():
    # 6 m over the map, 3 m up: 0.1 min level, doubled up, over 0.6 down.
    assert minutes(walked(6, 3, steps=True), TOBLER) == pytest.approx((0.2, 0.1 / 0.6))
    assert minutes(walked(6, -3, steps=True), TOBLER) == pytest.approx((0.1 / 0.6, 0.2))
    # Which way they lead is not known: the mean of both.
    either = (0.2 + 0.1 / 0.6) / 2
    assert minutes(walked(6, None, steps=True), TOBLER) == pytest.approx((either, either))
    # Steeper than stairs are: as long as stairs of that rise.
    assert minutes(walked(6, 6, steps=True), TOBLER) == pytest.approx((0.4, 0.2 / 0.6))


def test_a_crossing_takes_its_wait_once_however_many_edges_it_has():
    assert minutes(walked(60, crossing=1), TOBLER) == (1.5, 1.5)
    nodes = pd.DataFrame({"x": [0.0, 10, 40, 100], "y": 0.0}, index=list("abcd"))
    edges = pd.DataFrame(
        {
            "u": list("abc"),
            "v": list("bcd"),
            "length_m": [10.0, 30, 60],
            "kind": ["crossing", "crossing", "path"],
            "way_id": ["w", "w", "x"],
        }
    )
    network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": TOBLER})
    forward = network.timed(TOBLER).forward
    assert forward == pytest.approx([10 / 60 + 0.125, 0.5 + 0.375, 1.0])


def test_one_ways_and_closed_edges():
    assert minutes(walked(60, oneway=FORWARD), 60.0) == (1, math.inf)
    assert minutes(walked(60, oneway=BACKWARD), TOBLER) == (math.inf, 1)
    assert minutes(walked(60, oneway=CLOSED), TOBLER) == (math.inf, math.inf)


def test_wheels_take_no_steps_and_no_steep_slopes():
    wheels = Pace(m_per_min=60.0, steps_allowed=False, max_slope=1 / 12)
    assert minutes(walked(6, 3, steps=True), wheels) == (math.inf, math.inf)
    assert minutes(walked(120, 10), wheels) == (2, 2)  # exactly 1:12
    assert minutes(walked(120, 10.001), wheels) == (math.inf, math.inf)
    assert minutes(walked(120, -10.001), wheels) == (math.inf, math.inf)


@pytest.mark.parametrize(
    ("wheels", "open_to"),
    [
        ("", []),
        ("stroller", ["stroller", "wheelchair", "closed to wheelchairs"]),
        ("wheelchair", ["wheelchair"]),
    ],
)
def test_steps_with_a_ramp_are_open_to_whom_the_ramp_serves(wheels, open_to):
    ways = ["no ramp", "not known", "stroller", "wheelchair", "closed to wheelchairs"]
    nodes = pd.DataFrame({"x": [0.0, 30], "y": 0.0})
    edges = pd.DataFrame(
        {
            "u": 0,
            "v": 1,
            "length_m": 30.0,
            "kind": ["steps"] * 4 + ["path"],
            "ramp": ["none", None, "stroller", "wheelchair", None],
            "wheelchair": pd.array([None, None, None, None, False], dtype="boolean"),
        }
    )
    pace = Pace(m_per_min=60.0, steps_allowed=False, wheels=wheels)
    times = WalkNetwork.from_frames(nodes, edges, speeds={"wheels": pace}).timed(pace)
    wanted = open_to if wheels else ["closed to wheelchairs"]
    assert [way for way, minutes in zip(ways, times.forward, strict=True) if minutes < math.inf] == wanted
    assert set(times.forward[times.forward < math.inf]) == {0.5}


@pytest.mark.parametrize(
    "pace",
    [
        0.0,
        -60.0,
        math.nan,
        math.inf,
        Pace(m_per_min=0.0),
        Pace(m_per_min=60.0, steps_up=0.0),
        Pace(m_per_min=60.0, steps_down=-1.0),
        Pace(m_per_min=60.0, crossing_wait_s=-1.0),
        Pace(m_per_min=60.0, crossing_wait_s=math.nan),
        Pace(m_per_min=60.0, max_slope=0.0),
        Pace(m_per_min=60.0, slope="naismith"),
        Pace(m_per_min=60.0, wheels="scooter"),
    ],
)
def test_a_pace_that_makes_no_sense_is_an_error_that_names_the_profile(pace):
    with pytest.raises(UsageError, match="adult"):
        check_pace(pace, profile="adult")
    nodes = pd.DataFrame({"x": [0.0, 1], "y": 0.0})
    edges = pd.DataFrame({"u": [0], "v": [1], "length_m": [1.0]})
    with pytest.raises(UsageError, match="adult"):
        WalkNetwork.from_frames(nodes, edges, speeds={"adult": pace})


def test_another_speed_keeps_the_rest_of_a_pace():
    faster = at_speed(TOBLER, 80.0)
    assert level(faster) == 80
    assert isinstance(faster, Pace)
    assert faster.crossing_wait_s == TOBLER.crossing_wait_s
    assert at_speed(60.0, 80.0) == 80


def test_heights_of_nodes_and_slopes_of_edges_count():
    nodes = pd.DataFrame({"x": [0.0, 100, 200], "y": 0.0, "z": [0.0, 10, 10]})
    edges = pd.DataFrame({"u": [0, 1], "v": [1, 2], "length_m": 100.0, "slope": [None, -0.05]})
    network = WalkNetwork.from_frames(nodes, edges)
    relief = network.relief
    assert relief is not None
    assert relief.net_m == pytest.approx([10, -5])  # a slope that is drawn counts more
    assert relief.climb_m == pytest.approx([10, 0])
    assert relief.descent_m == pytest.approx([0, 5])


def test_closed_edges_lead_nowhere_and_networkx_does_not_see_them():
    nodes = pd.DataFrame({"x": [0.0, 100, 200], "y": 0.0})
    edges = pd.DataFrame({"u": [0, 1], "v": [1, 2], "length_m": 100.0})
    network = WalkNetwork.from_frames(nodes, edges, speeds={"adult": 60.0})
    shut = network.closing(np.array([False, True]))
    assert np.isinf(shut.timed(60.0).forward).tolist() == [False, True]
    assert shut.to_networkx().number_of_edges() == 2
    assert network.to_networkx().number_of_edges() == 4
    assert shapely.equals(shut.lines(), network.lines()).all()


def test_the_steepest_stretch_is_as_long_as_a_cell():
    # Two edges of 4 pieces of 10 m: a bump of 2 m in one cell of 20 m, and a plane of 5 %.
    relief = Relief(
        first=np.array([0, 4, 8]),
        rise_m=np.array([0.0, 2, -2, 0, 0.5, 0.5, 0.5, 0.5]),
        known=np.array([True, True]),
        window_m=20.0,
    )
    assert relief.steepest(np.array([40.0, 40])) == pytest.approx([0.1, 0.05])
    assert relief.part(np.array([1])).rise_m == pytest.approx([0.5] * 4)
