from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from plan.access import origins_from_site, walk_times
from plan.errors import UsageError
from plan.network import WalkNetwork
from plan.network.hours import minute_of, open_at, states_hours
from plan.network.islands import island_gaps
from plan.site import Site

CRS = 4548
SPEEDS = {"adult": 60.0}


def layer(geometries, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)


def make_site(**layers):
    return Site(name="test", layers=layers, crs=gpd.GeoSeries(crs=CRS).crs)


def lines(*coordinates, **columns):
    drawn = [shapely.LineString(c) for c in coordinates]
    return layer(drawn, **({"way_id": [f"w{i}" for i in range(len(drawn))]} | columns))


def minutes(network, start, end, **columns):
    origin = layer([shapely.Point(start)], **columns)
    facility = layer([shapely.Point(end)], category=["c"])
    return walk_times(network, origin, facility, max_min=1000).iloc[0, 0]


# --- hours ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens", "closes", "open_times", "shut_times"),
    [
        ("06:00", "22:00", ["06:00", "12:00", "21:59"], ["05:59", "22:00", "00:00"]),
        ("22:00", "06:00", ["22:00", "00:00", "05:59"], ["06:00", "12:00", "21:59"]),
        ("06:00", "06:00", ["00:00", "06:00", "23:59"], []),
        ("06:00", None, ["06:00", "23:59"], ["05:59"]),
        (None, "22:00", ["00:00", "21:59"], ["22:00"]),
        ("00:00", "24:00", ["00:00", "23:59"], []),
        (None, None, ["00:00", "12:00"], []),
    ],
)
def test_gates_are_open_from_and_until(opens, closes, open_times, shut_times):
    gate = pd.DataFrame({"opens": [opens], "closes": [closes]}, dtype=object)
    for time in open_times:
        assert open_at(gate, minute_of(time))[0], time
    for time in shut_times:
        assert not open_at(gate, minute_of(time))[0], time
    assert states_hours(gate)[0] == (opens is not None or closes is not None)


@pytest.mark.parametrize("time", ["", "25:00", "24:01", "7", "07:60", "seven", "-1:00"])
def test_what_is_no_time_of_day_is_an_error(time):
    with pytest.raises(UsageError, match="HH:MM"):
        minute_of(time)


def gated(*, wall=True, **columns):
    """A street through a gate at x = 50, and a way around of 250 m more."""
    ways = lines([(0, 0), (50, 0), (100, 0)], [(0, 0), (0, 125), (100, 125), (100, 0)])
    gate = layer([shapely.Point(50, 0)], entrance_id=["G"], kind=["gate"], **columns)
    walls = {"barriers": lines([(50, -50), (50, 50)], barrier_id=["b"], kind=["wall"])} if wall else {}
    return make_site(walkways=ways, entrances=gate, **walls)


@pytest.mark.parametrize("wall", [True, False], ids=["in a wall", "on a way"])
def test_a_gate_that_is_not_open_at_a_time_is_shut(wall):
    site = gated(wall=wall, opens=["06:00"], closes=["22:00"])

    def walk(at):
        return minutes(WalkNetwork.from_site(site, speeds=SPEEDS, at=at), (10, 0), (90, 0))

    assert walk(None) == pytest.approx(80 / 60)
    assert walk("12:00") == pytest.approx(80 / 60)
    assert walk("23:00") == pytest.approx((10 + 350 + 10) / 60)
    told = {problem.id for problem in WalkNetwork.from_site(site, at="23:00").problems}
    assert "PLAN-NET-007" in told
    assert not {p.id for p in WalkNetwork.from_site(site).problems} & {"PLAN-NET-007", "PLAN-NET-008"}


def test_a_gate_without_hours_is_open_and_that_is_told():
    network = WalkNetwork.from_site(gated(), speeds=SPEEDS, at="03:00")
    assert minutes(network, (10, 0), (90, 0)) == pytest.approx(80 / 60)
    (told,) = network.problems
    assert (told.id, told.features) == ("PLAN-NET-008", ("G",))


# --- private ways ---------------------------------------------------------------------------------


def estates(**columns):
    """Two estates of 100 m side by side; a straight private way through the first, a public way around."""
    ways = lines(
        [(-50, 0), (0, 0)],
        [(0, 0), (100, 0)],
        [(100, 0), (250, 0)],
        [(0, 0), (0, 200), (100, 200), (100, 0)],
        access=[None, "private", None, None],
    )
    parcels = layer(
        [shapely.box(1, -50, 99, 50), shapely.box(101, -50, 200, 50)],
        parcel_id=["p1", "p2"],
        **({"estate_id": ["A", "B"]} | columns),
    )
    return {"walkways": ways, "parcels": parcels}


def test_private_ways_are_open_to_the_residents_of_their_estate():
    network = WalkNetwork.from_site(make_site(**estates()), speeds=SPEEDS)
    assert network.estates == ("A",)
    through, around = pytest.approx(300 / 60), pytest.approx(700 / 60)
    assert minutes(network, (-50, 0), (250, 0), estate_id=["A"]) == through
    assert minutes(network, (-50, 0), (250, 0), estate_id=["B"]) == around
    assert minutes(network, (-50, 0), (250, 0), estate_id=[None]) == around
    # Nobody says where the walkers live: nothing is closed to them.
    assert minutes(network, (-50, 0), (250, 0)) == through
    # Nor does a private way lead strangers into the estate.
    assert pd.isna(minutes(network, (-50, 0), (50, 0), estate_id=["B"]))
    assert minutes(network, (-50, 0), (50, 0), estate_id=["A"]) == pytest.approx(100 / 60)


def test_a_private_gate_is_open_to_residents_only():
    ways = lines([(-50, 0), (50, 0)], [(50, 0), (150, 0)])
    site = make_site(
        walkways=ways,
        parcels=layer([shapely.box(0, -50, 100, 50)], parcel_id=["p"], estate_id=["A"]),
        barriers=lines([(0, -50), (0, 50)], barrier_id=["b"], kind=["wall"]),
        entrances=layer([shapely.Point(0, 0)], entrance_id=["G"], kind=["gate"], access=["private"]),
    )
    network = WalkNetwork.from_site(site, speeds=SPEEDS)
    assert minutes(network, (-50, 0), (150, 0), estate_id=["A"]) == pytest.approx(200 / 60)
    assert pd.isna(minutes(network, (-50, 0), (150, 0), estate_id=["B"]))


def test_private_ways_of_nobody_are_open_and_that_is_told():
    layers = estates(estate_id=[None, None])
    network = WalkNetwork.from_site(make_site(**layers), speeds=SPEEDS)
    assert minutes(network, (-50, 0), (250, 0), estate_id=["B"]) == pytest.approx(300 / 60)
    (told,) = network.problems
    assert told.id == "PLAN-NET-009"


def test_households_live_on_the_estate_of_their_building():
    buildings = layer(
        [shapely.box(10, 10, 20, 20), shapely.box(110, 10, 120, 20), shapely.box(300, 10, 310, 20)],
        building_id=["1", "2", "3"],
        floors=[1, 1, 1],
    )
    homes = layer([None] * 3, household_id=["h1", "h2", "h3"], building_id=["1", "2", "3"])
    site = make_site(**estates(), buildings=buildings, households=homes)
    assert origins_from_site(site)["estate_id"].fillna("").tolist() == ["A", "B", ""]
    written = site.with_layer("buildings", buildings.assign(estate_id=["B", None, "A"]))
    assert origins_from_site(written)["estate_id"].tolist() == ["B", "B", "A"]
    facilities = layer([shapely.Point(-50, 0)], facility_id=["f"], category=["c"])
    table = walk_times(
        WalkNetwork.from_site(site, speeds=SPEEDS), origins_from_site(site), facilities, max_min=99
    )["c"]
    # From somewhere on the side of the outline that is 10 m from the way: straight along it.
    assert 70 / 60 <= table["h1"] <= 80 / 60
    # 10 m to the way around at (100, y), y from 10 to 20, and along it to the street: 10 + (200 - y) + 350 m.
    assert 540 / 60 <= table["h2"] <= 550 / 60


# --- islands --------------------------------------------------------------------------------------


def test_what_would_join_the_islands_is_told():
    ways = lines(
        [(0, 0), (100, 0), (200, 0)],
        [(200, 0), (300, 0)],
        [(0, 3), (0, 90)],  # 3 m from the street
        [(50, -5), (50, -20), (60, -20)],  # 5 m away, behind a wall
        [(500, 0), (600, 0)],  # 200 m away
    )
    walls = lines([(40, -2), (60, -2)], barrier_id=["b"], kind=["wall"])
    network = WalkNetwork.from_site(make_site(walkways=ways, barriers=walls))
    gaps = island_gaps(network)
    assert gaps["way_id"].tolist() == ["w2", "w3", "w4"]
    assert gaps["main_way_id"].tolist() == ["w0", "w0", "w1"]
    assert gaps["gap_m"].tolist() == pytest.approx([3, 5, 200])
    assert gaps["crosses"].tolist() == ["nothing", "wall", "nothing"]
    assert gaps.geometry.iloc[0].equals(shapely.LineString([(0, 3), (0, 0)]))
    (told,) = network.problems
    assert told.id == "PLAN-NET-005"
    assert told.features == ("w2", "w3", "w4")
    assert "3.0 m" in told.cure.to("en")


def test_a_wall_that_cuts_a_way_is_what_lies_between():
    ways = lines([(0, 0), (100, 0)], [(0, 0), (0, 50)])
    walls = lines([(60, -5), (60, 5)], barrier_id=["b"], kind=["wall"])
    gaps = island_gaps(WalkNetwork.from_site(make_site(walkways=ways, barriers=walls)))
    assert gaps["crosses"].tolist() == ["wall"]
    assert gaps["gap_m"].tolist() == [0]
    assert gaps["length_m"].tolist() == pytest.approx([40])


def test_a_network_of_one_piece_has_no_gaps():
    network = WalkNetwork.from_site(make_site(walkways=lines([(0, 0), (100, 0)])))
    assert island_gaps(network).empty
    assert network.problems == ()


def test_a_gate_in_a_gap_of_the_wall_is_shut_all_the_same():
    ways = lines([(0, 0), (50, 0), (100, 0)], [(0, 0), (0, 125), (100, 125), (100, 0)])
    walls = lines([(50, -50), (50, -3)], [(50, 3), (50, 50)], barrier_id=["a", "b"], kind=["wall", "wall"])

    def walk(**columns):
        gate = layer([shapely.Point(50, 0)], entrance_id=["G"], kind=["gate"], **columns)
        network = WalkNetwork.from_site(
            make_site(walkways=ways, barriers=walls, entrances=gate), speeds=SPEEDS, at="23:00"
        )
        return minutes(network, (10, 0), (90, 0))

    assert walk(opens=["06:00"], closes=["22:00"]) == pytest.approx(370 / 60)
    assert walk(access=["no"]) == pytest.approx(370 / 60)
    assert walk(access=["private"]) == pytest.approx(80 / 60)
