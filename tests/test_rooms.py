"""Service rooms on a street that a person can draw: one gate, units at known metres."""

from __future__ import annotations

import math
from itertools import combinations

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from plan.crs import parse_crs
from plan.errors import MissingLayerError, UsageError
from plan.rooms import RoomNeed, place_rooms, room_needs, walk_to_gates
from plan.rules import load_pack
from plan.site import Site

CRS = parse_crs("EPSG:4548")
X, Y = 500_000.0, 2_900_000.0


def street_site(rooms: list[dict[str, object]], *, main: bool = True) -> Site:
    """A straight street of 1 km with the gate at its west end; a room stands on the street at `at` metres."""
    frame = gpd.GeoDataFrame(
        [{k: v for k, v in room.items() if k != "at"} for room in rooms],
        geometry=[Point(X + float(str(room["at"])), Y) for room in rooms],
        crs=CRS,
    )
    gates = gpd.GeoDataFrame(
        {"entrance_id": ["G"], "kind": ["gate"], "main": [main]}, geometry=[Point(X, Y)], crs=CRS
    )
    ways = gpd.GeoDataFrame(
        {"way_id": ["W"], "kind": ["street"]}, geometry=[LineString([(X, Y), (X + 1000, Y)])], crs=CRS
    )
    site = Site(name="street", layers={}, crs=CRS)
    return site.with_layer("entrances", gates).with_layer("walkways", ways).with_layer("rooms", frame)


def unit(
    room_id: str, at: float, area: float, cost: float | None = None, **more: object
) -> dict[str, object]:
    return {
        "room_id": room_id,
        "floor": 1,
        "area_m2": area,
        "state": "candidate",
        "cost_cny": cost,
        "at": at,
        **more,
    }


def reasons(placed) -> dict[str, str]:
    return dict(zip(placed.rejected["room_id"], (r.key for r in placed.rejected["reason"]), strict=True))


def test_metres_along_the_street() -> None:
    site = street_site([unit("A", 120, 100), unit("B", 0, 100)])
    assert walk_to_gates(site, site.layer("rooms")).tolist() == pytest.approx([120.0, 0.0])


def test_the_cheapest_set_is_taken_and_the_others_are_told_why() -> None:
    site = street_site(
        [
            unit("A", 10, 400, 500_000),
            unit("B", 20, 300, 200_000),
            unit("C", 30, 300, 250_000),
            unit("D", 900, 900, 1),
            unit("E", 10, 900, 1, floor=-1),
            unit("F", 10, 900, 1, floor=2),
            unit("G", 10, 900, None),
        ]
    )
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    chosen = placed.features
    # B + C: 600 m2 for 450,000; A + B would cost 700,000.
    assert chosen["room_id"].tolist() == ["B", "C"]
    assert set(chosen["state"]) == {"planned"}
    assert set(chosen["use"]) == {"community_service"}
    assert placed.measures["cost_cny"] == 450_000
    assert placed.measures["shortfall_m2"] == 0
    assert reasons(placed) == {
        "A": "rooms.dearer",
        "D": "rooms.too_far",
        "E": "rooms.too_low",
        "F": "rooms.too_high",
        "G": "rooms.no_cost",
    }
    # Forcing A in: A + B for 700,000, which is 250,000 more.
    assert "250,000" in placed.rejected.set_index("room_id").loc["A", "reason"]


def test_what_stands_counts_first() -> None:
    site = street_site(
        [unit("S", 10, 500, None, state="existing"), unit("A", 20, 100, 9), unit("B", 20, 300, 5)]
    )
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["B", "S"]
    assert placed.measures["existing_counted_m2"] == 500


def test_enough_that_stands_needs_nothing() -> None:
    site = street_site([unit("S", 10, 600, None, state="existing"), unit("A", 20, 100, 9)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.measures["placed"] == 0
    assert reasons(placed) == {"A": "rooms.not_needed"}


def test_a_room_that_stands_on_a_barred_floor_is_given_up() -> None:
    site = street_site([unit("S", 10, 600, None, state="existing", floor=3), unit("A", 20, 700, 9)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["A"]
    assert reasons(placed) == {"S": "rooms.given_up"}
    assert placed.measures["given_up"] == 1


def test_a_room_that_stands_far_away_stays_but_does_not_count() -> None:
    site = street_site([unit("S", 900, 600, None, state="existing"), unit("A", 20, 700, 9)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["A", "S"]
    assert placed.features["part"].tolist() == ["chosen", "apart"]
    assert placed.measures["total_m2"] == 700


def test_a_shortfall_is_a_figure() -> None:
    site = street_site([unit("A", 10, 250, 5), unit("B", 10, 250, 5)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.measures["shortfall_m2"] == pytest.approx(100)
    assert len(placed.features) == 2


def test_exactly_enough_is_enough() -> None:
    site = street_site([unit("A", 200, 300.0, 5), unit("B", 200, 300.0, 5)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600, near_gate_m=200))
    assert placed.measures["shortfall_m2"] == 0


def test_ground_floor_area_is_asked_for_apart() -> None:
    site = street_site([unit("A", 10, 800, 10, floor=2), unit("B", 10, 300, 50), unit("C", 10, 200, 1)])
    placed = place_rooms(site, need=RoomNeed(area_m2=1000, ground_floor_m2=300, highest=2))
    assert placed.features["room_id"].tolist() == ["A", "B"]


def test_equal_costs_are_told_as_equal() -> None:
    site = street_site([unit("A", 10, 600, 5), unit("B", 100, 600, 5)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["A"]
    assert reasons(placed) == {"B": "rooms.equal"}


def test_without_costs_the_fewest_are_taken() -> None:
    site = street_site([unit("A", 10, 300), unit("B", 10, 300), unit("C", 150, 650)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["C"]
    assert set(reasons(placed).values()) == {"rooms.better_found"}


def test_no_main_gate_is_an_error_with_a_cure() -> None:
    with pytest.raises(MissingLayerError, match="main = true"):
        place_rooms(street_site([unit("A", 10, 600, 5)], main=False), need=RoomNeed(area_m2=600))


def test_rooms_of_unknown_floor_do_not_count_on_the_ground_floor() -> None:
    site = street_site(
        [unit("A", 10, 400, 5, floor=None), unit("B", 10, 400, 5), unit("S", 10, 300, state="existing")]
    )
    placed = place_rooms(site, need=RoomNeed(area_m2=600, ground_floor_m2=600))
    assert placed.measures["ground_floor_m2"] == 700
    assert reasons(placed) == {"A": "rooms.no_floor"}
    unknown = street_site([unit("A", 10, 400, 5, floor=None)])
    assert place_rooms(unknown, need=RoomNeed(area_m2=600)).measures["ground_floor_m2"] == 0


def test_a_floor_zero_is_neither_used_nor_given_up() -> None:
    site = street_site([unit("S", 10, 600, state="existing", floor=0), unit("A", 10, 700, 9, floor=0)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["S"]
    assert placed.measures["shortfall_m2"] == 600
    assert reasons(placed) == {"A": "rooms.no_floor"}


@pytest.mark.parametrize("unknown", [{"use": None}, {"state": None}])
def test_a_room_that_may_not_count_is_kept_and_not_counted(unknown: dict[str, object]) -> None:
    known = {"use": "office", "state": "existing"}
    site = street_site([unit("S", 10, 600, **(known | unknown)), unit("T", 10, 100, **known)])
    placed = place_rooms(site, need=RoomNeed(area_m2=600))
    assert placed.features["room_id"].tolist() == ["S", "T"]
    assert placed.measures["shortfall_m2"] == 500


def test_rooms_without_the_columns_stay_what_a_check_takes_them_for() -> None:
    rooms = [{"room_id": "S", "floor": 1, "area_m2": 600.0, "at": 10}]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600))
    assert placed.measures["shortfall_m2"] == 0
    assert placed.features[["state", "use"]].to_numpy().tolist() == [["existing", "community_service"]]


@pytest.mark.parametrize("metres", [math.nan, math.inf, 0.0, -5.0])
def test_near_a_gate_is_a_positive_number_of_metres(metres: float) -> None:
    site = street_site([unit("A", 900, 600, 5)])
    with pytest.raises(UsageError):
        place_rooms(site, need=RoomNeed(area_m2=600, near_gate_m=metres))


def test_nothing_asked_is_an_error() -> None:
    with pytest.raises(UsageError):
        place_rooms(street_site([unit("A", 10, 600, 5)]))


def test_the_need_is_read_from_the_packs() -> None:
    need = room_needs(load_pack("qinhuangdao"), households=2000)
    assert need.area_m2 == 400
    assert (need.lowest, need.highest) == (1, 2)
    assert room_needs(load_pack("sanming"), households=None).area_m2 == 600
    jinan = room_needs(load_pack("jinan"), households=1440)
    assert (jinan.area_m2, jinan.ground_floor_m2) == (1000, 300)


def test_unknown_households_are_an_error_where_the_rate_needs_them() -> None:
    with pytest.raises(UsageError, match="households"):
        room_needs(load_pack("qinhuangdao"), households=None)


def test_a_building_is_entered_by_its_doors() -> None:
    site = street_site([unit("A", 500, 600, 5, building_id="B1")])
    entrances = site.layer("entrances")
    entrances["building_id"] = None
    door = gpd.GeoDataFrame(
        {"entrance_id": ["D"], "kind": ["door"], "main": [None], "building_id": ["B1"]},
        geometry=[Point(X + 80, Y)],
        crs=CRS,
    )
    import pandas as pd

    both = gpd.GeoDataFrame(
        pd.concat([entrances.astype(object), door.astype(object)]), geometry="geometry", crs=CRS
    )
    house = gpd.GeoDataFrame(
        {"building_id": ["B1"], "floors": [6]}, geometry=[box(X + 80, Y, X + 600, Y + 12)], crs=CRS
    )
    site = site.with_layer("entrances", both).with_layer("buildings", house)
    assert walk_to_gates(site, site.layer("rooms")).tolist() == pytest.approx([80.0])


units = st.lists(
    st.tuples(st.integers(20, 400), st.integers(0, 30), st.integers(0, 400)), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None)
@given(units, st.integers(50, 900))
def test_no_other_set_is_cheaper(found: list[tuple[int, int, int]], needed: int) -> None:
    site = street_site([unit(str(i), at, area, cost) for i, (area, cost, at) in enumerate(found)])
    placed = place_rooms(site, need=RoomNeed(area_m2=needed))
    near = [(area, cost) for area, cost, at in found if at <= 200]
    most = sum(area for area, _ in near)
    goal = min(needed, most)
    best = min(
        sum(cost for _, cost in some)
        for size in range(len(near) + 1)
        for some in combinations(near, size)
        if sum(area for area, _ in some) >= goal
    )
    assert placed.measures["cost_cny"] == pytest.approx(best)
    assert placed.measures["shortfall_m2"] == pytest.approx(max(0, needed - most))
    assert len(placed.features) + len(placed.rejected) == len(found)
    assert not math.isnan(placed.measures["total_m2"])


def test_communities_are_not_lumped_together() -> None:
    """Three rooms of one community must not hide that another has none."""
    rooms = [unit("A", 10, 700, 1.0, community_id="S1")]
    squares = gpd.GeoDataFrame(
        {"community_id": ["S1", "S2"]},
        geometry=[box(X, Y - 9, X + 500, Y + 9), box(X + 500, Y - 9, X + 1000, Y + 9)],
        crs=CRS,
    )
    site = street_site(rooms).with_layer("communities", squares)
    with pytest.raises(UsageError) as caught:
        place_rooms(site, pack=load_pack("sanming"))
    assert caught.value.message.key == "rooms.several_communities"
    one = street_site(rooms).with_layer("communities", squares.iloc[:1])
    assert place_rooms(one, pack=load_pack("sanming")).measures["shortfall_m2"] == 0
