"""A choice of rooms that is questioned: cost against minutes, other conditions, who gains."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from plan.crs import parse_crs
from plan.network import WalkNetwork
from plan.rooms import RoomNeed
from plan.rooms.defence import cost_front, gini, room_robustness, who_gains
from plan.rooms.placement import place_on, room_scene
from plan.site import Site

CRS = parse_crs("EPSG:4548")
X, Y = 500_000.0, 2_900_000.0


def points(at: list[float]) -> list[Point]:
    return [Point(X + one, Y) for one in at]


def street(rooms: dict[str, tuple[float, float, float]], homes: list[float]) -> Site:
    """A street of 1 km with its gate in the middle; rooms by id at a metre, with m2 and CNY, and households."""
    site = Site(name="street", layers={}, crs=CRS)
    return (
        site.with_layer(
            "entrances",
            gpd.GeoDataFrame(
                {"entrance_id": ["G"], "kind": ["gate"], "main": [True]}, geometry=points([500]), crs=CRS
            ),
        )
        .with_layer(
            "walkways",
            gpd.GeoDataFrame(
                {"way_id": ["W"], "kind": ["street"]},
                geometry=[LineString([(X, Y), (X + 1000, Y)])],
                crs=CRS,
            ),
        )
        .with_layer(
            "rooms",
            gpd.GeoDataFrame(
                {
                    "room_id": list(rooms),
                    "floor": 1,
                    "area_m2": [area for _, area, _ in rooms.values()],
                    "state": "candidate",
                    "cost_cny": [cost for _, _, cost in rooms.values()],
                },
                geometry=points([at for at, _, _ in rooms.values()]),
                crs=CRS,
            ),
        )
        .with_layer(
            "households",
            gpd.GeoDataFrame(
                {
                    "household_id": [f"H{i}" for i in range(len(homes))],
                    "building_id": "B",
                    "elderly": [0] * len(homes),
                },
                geometry=points(homes),
                crs=CRS,
            ),
        )
    )


def scene_of(site: Site, need: RoomNeed):
    network = WalkNetwork.from_site(site, speeds={"adult": 60.0})
    return room_scene(site, need=need, network=network)


NEED = RoomNeed(area_m2=600, near_gate_m=500)


def test_the_front_goes_from_the_cheapest_to_the_nearest() -> None:
    """Everybody lives at 900 m. C at 100 m costs 10, N at 900 m costs 100: 800 m and 0 m of walking."""
    scene = scene_of(street({"C": (100, 600, 10.0), "N": (900, 600, 100.0)}, [900.0, 900.0]), NEED)
    front = cost_front(scene)
    assert front["rooms"].tolist() == ["C", "N"]
    assert front["cost_cny"].tolist() == [10.0, 100.0]
    assert front["mean_minutes"].tolist() == pytest.approx([800 / 60, 0.0])
    assert (front["gap"] == 0).all()


def test_there_is_no_front_without_prices() -> None:
    scene = scene_of(street({"C": (100, 600, math.nan), "N": (900, 600, math.nan)}, [900.0]), NEED)
    assert cost_front(scene).empty


def test_a_room_that_is_always_cheapest_is_always_chosen() -> None:
    scene = scene_of(street({"A": (500, 600, 1.0), "B": (510, 600, 2.0)}, [500.0]), NEED)
    found = room_robustness(scene, draws=20)
    assert found.rooms.to_dict("records") == [{"room_id": "A", "share": 1.0}]
    assert (found.enough, found.draws) == (1.0, 20)


def test_a_room_at_the_limit_is_lost_to_slow_walkers() -> None:
    """Speeds of 0.8 to 1.2 times the usual: a unit at the very limit is near for the faster half only."""
    scene = scene_of(street({"A": (0, 600, 1.0), "B": (510, 600, 2.0)}, [500.0]), NEED)
    shares = room_robustness(scene, draws=200).rooms.set_index("room_id")["share"]
    assert shares["A"] + shares["B"] == pytest.approx(1.0)
    assert 0.35 < shares["A"] < 0.65
    again = room_robustness(scene, draws=200).rooms.set_index("room_id")["share"]
    assert shares.to_dict() == again.to_dict()


def test_who_gains_is_counted_by_households() -> None:
    """The chosen room stands at 900 m; homes at 900, 840 and 300 m walk 0, 1 and 10 minutes."""
    scene = scene_of(street({"N": (900, 600, 1.0)}, [900.0, 840.0, 300.0]), NEED)
    gains = who_gains(scene, place_on(scene))
    everybody = gains[gains["estate_id"] == ""].iloc[0]
    assert everybody["households"] == 3
    assert everybody["unreached_before"] == 3
    assert everybody["unreached_after"] == 0
    # Nobody reached a room before, so nobody's minutes can be compared.
    assert math.isnan(everybody["before_min"])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
@settings(max_examples=100, deadline=None)
def test_the_gini_lies_between_equality_and_one(values: list[float]) -> None:
    found = gini(values, [1.0] * len(values))
    assert -1e-9 <= found < 1.0
    # Half the mean absolute difference over the mean.
    mean = sum(values) / len(values)
    if mean > 1e-6:
        differences = sum(abs(a - b) for a in values for b in values) / len(values) ** 2
        assert found == pytest.approx(differences / (2 * mean), abs=1e-9)
