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
from plan.rooms import RoomNeed, Settings, place_rooms, room_needs, walk_to_gates
from plan.rules import load_pack
from plan.service_rooms import outcome
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


def two_communities(rooms: list[dict[str, object]]) -> Site:
    """S1 is the west half of the street with its gate at 0 m, S2 the east half with its gate at 1,000 m."""
    squares = gpd.GeoDataFrame(
        {"community_id": ["S1", "S2"]},
        geometry=[box(X, Y - 9, X + 500, Y + 9), box(X + 500, Y - 9, X + 1000, Y + 9)],
        crs=CRS,
    )
    gates = gpd.GeoDataFrame(
        {"entrance_id": ["G1", "G2"], "kind": ["gate"] * 2, "main": [True] * 2},
        geometry=[Point(X, Y), Point(X + 1000, Y)],
        crs=CRS,
    )
    return street_site(rooms).with_layer("communities", squares).with_layer("entrances", gates)


def test_communities_are_not_lumped_together() -> None:
    """Rooms of one community must not hide that another has none."""
    placed = place_rooms(two_communities([unit("A", 10, 700, 1.0)]), pack=load_pack("sanming"))
    first, second = placed.measures["places"]
    assert (first["community_id"], first["after_m2"], first["shortfall_m2"]) == ("S1", 700, 0)
    assert (second["community_id"], second["after_m2"], second["shortfall_m2"]) == ("S2", 0, 600)
    assert placed.features["community_id"].tolist() == ["S1"]
    # Nothing near S2 can help: 600 m2 must be found.
    assert second["cure"].key == "rooms.cure_new"
    assert second["cure"].params["area"] == "600"


def test_a_neighbour_helps_only_when_it_may() -> None:
    """Two units near the border: S2's own is too far from S2's gate, S1 has one too many."""
    rooms = [unit("A", 10, 600, 5.0), unit("B", 990, 300, 1.0), unit("C", 995, 300, 2.0, community_id="S1")]
    site = two_communities(rooms)
    alone = place_rooms(site, pack=load_pack("sanming"))
    assert alone.measures["places"][1]["shortfall_m2"] == 300
    assert alone.measures["places"][1]["cure"].key == "rooms.cure_across"
    together = place_rooms(site, pack=load_pack("sanming"), settings=Settings(across=True))
    assert together.measures["shortfall_m2"] == 0
    assert together.features.set_index("room_id")["community_id"].to_dict() == {
        "A": "S1",
        "B": "S2",
        "C": "S2",
    }


def test_a_budget_goes_where_it_closes_most() -> None:
    rooms = [unit("A", 10, 600, 700.0), unit("B", 990, 500, 500.0)]
    placed = place_rooms(
        two_communities(rooms), pack=load_pack("sanming"), settings=Settings(budget_cny=1000)
    )
    assert placed.features["room_id"].tolist() == ["A"]
    assert reasons(placed) == {"B": "rooms.more_short"}  # B in place of A: 100 m2 more are missing
    # 200 more would buy B too, and still 100 m2 would be missing: money alone is no cure.
    assert placed.measures["places"][1]["cure"].key == "rooms.cure_new"
    enough = place_rooms(
        two_communities([unit("A", 10, 600, 700.0), unit("B", 990, 600, 500.0)]),
        pack=load_pack("sanming"),
        settings=Settings(budget_cny=1000),
    )
    cures = [row["cure"] for row in enough.measures["places"] if row["cure"] is not None]
    assert [(cure.key, cure.params["extra"]) for cure in cures] == [("rooms.cure_budget", "200")]


def test_money_is_the_cure_where_money_is_missing() -> None:
    """A near unit that nothing pays for: a longer way would change nothing."""
    rooms = [unit("A", 10, 600, 700.0), unit("B", 300, 600, 900.0)]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600), settings=Settings(budget_cny=0.0))
    cure = placed.measures["places"][0]["cure"]
    assert (cure.key, cure.params["extra"]) == ("rooms.cure_budget", "700")


def test_what_a_neighbours_help_costs_is_what_it_costs_more() -> None:
    """S2 buys A for 500 anyway; its second need, 300 m2, is met by B of S1 for 40."""
    rooms = [
        unit("A", 990, 300, 500.0),
        unit("B", 995, 300, 40.0, community_id="S1"),
        unit("C", 10, 600, 7.0),
    ]
    placed = place_rooms(two_communities(rooms), pack=load_pack("sanming"))
    cure = placed.measures["places"][1]["cure"]
    assert (cure.key, cure.params["cost"]) == ("rooms.cure_across", "40")


def test_both_shortfalls_are_named_in_one_remedy() -> None:
    site = street_site([unit("A", 10, 200, 5.0), unit("B", 10, 260, 5.0, floor=2)])
    placed = place_rooms(site, need=RoomNeed(area_m2=1000, ground_floor_m2=300, highest=2))
    cure = placed.measures["places"][0]["cure"]
    assert cure.key == "rooms.cure_new_both"
    assert (cure.params["area"], cure.params["ground"]) == ("540", "100")


def test_a_room_of_unknown_area_leaves_a_shortfall_untold() -> None:
    rooms = [unit("S", 10, math.nan, None, state="existing"), unit("A", 20, 100, 5.0)]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600))
    row = placed.measures["places"][0]
    assert row["undetermined"]
    assert (row["cure"].key, row["cure"].params["ids"]) == ("rooms.cure_fill", ("S",))
    assert outcome(placed) == 3


def test_households_of_no_community_are_told() -> None:
    people = gpd.GeoDataFrame(
        {"household_id": ["H1", "H2"], "building_id": ["B", "B"]},
        geometry=[Point(X + 5, Y), Point(X + 5, Y + 500)],
        crs=CRS,
    )
    site = two_communities([unit("A", 10, 700, 1.0), unit("B", 990, 700, 1.0)]).with_layer(
        "households", people
    )
    placed = place_rooms(site, pack=load_pack("sanming"))
    assert [(note.key, note.params["count"]) for note in placed.measures["notes"]] == [
        ("rooms.households_outside", "1")
    ]
    assert outcome(placed) == 3


def test_a_clause_on_communities_needs_communities() -> None:
    placed = place_rooms(street_site([unit("A", 10, 700, 1.0)]), pack=load_pack("sanming"))
    assert [note.key for note in placed.measures["notes"]] == ["rooms.no_communities"]
    assert outcome(placed) == 3


def test_a_unit_is_taken_by_one_mode() -> None:
    rooms = [unit("A1", 10, 600, 900.0, unit_id="A"), unit("A2", 10, 600, 400.0, unit_id="A")]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=1000))
    assert placed.features["room_id"].tolist() == ["A2"]
    assert placed.measures["shortfall_m2"] == 400
    assert reasons(placed) == {"A1": "rooms.other_mode"}


def test_adjoining_units_are_one_main_room() -> None:
    rooms = [
        unit("A", 10, 300, 10.0, merge_id="M"),
        unit("B", 12, 300, 10.0, merge_id="M"),
        unit("C", 14, 350, 1.0),
        unit("D", 16, 350, 1.0),
    ]
    cheap = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600))
    assert cheap.features["room_id"].tolist() == ["C", "D"]
    main = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600, main_room_m2=600))
    assert main.features["room_id"].tolist() == ["A", "B"]
    few = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600, most_rooms=1))
    assert few.features["room_id"].tolist() == ["A", "B"]
    impossible = place_rooms(street_site(rooms[2:]), need=RoomNeed(area_m2=600, main_room_m2=600))
    assert impossible.measures["no_main_room"] == 1
    assert impossible.measures["places"][0]["cure"].key == "rooms.cure_main"


def test_scattered_rooms_are_merged_where_few_are_allowed() -> None:
    rooms = [unit(f"S{n}", 10, 200, None, state="existing") for n in range(3)] + [unit("A", 10, 600, 9.0)]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600, most_rooms=1))
    assert placed.features["room_id"].tolist() == ["A"]
    assert set(reasons(placed).values()) == {"rooms.merged"}


def test_a_longer_way_is_a_cure_with_its_metres() -> None:
    rooms = [unit("A", 10, 300, 5.0), unit("B", 260, 300, 7.0), unit("C", 800, 300, 1.0)]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600))
    cure = placed.measures["places"][0]["cure"]
    assert (cure.key, cure.params["near"], cure.params["cost"]) == ("rooms.cure_distance", "260", "7")


def test_a_price_that_nobody_knows_is_a_cure() -> None:
    rooms = [unit("A", 10, 300, 5.0), unit("B", 20, 300, None)]
    placed = place_rooms(street_site(rooms), need=RoomNeed(area_m2=600))
    cure = placed.measures["places"][0]["cure"]
    assert (cure.key, cure.params["ids"]) == ("rooms.cure_price", ("B",))


def test_no_basement_where_the_clause_names_no_floor() -> None:
    """Panzhihua's clauses on area say nothing of floors."""
    site = street_site([unit("A", 10, 700, 5.0, floor=-1)])
    people = gpd.GeoDataFrame(
        {"household_id": ["H"], "building_id": ["B"]}, geometry=[Point(X + 5, Y)], crs=CRS
    )
    placed = place_rooms(site.with_layer("households", people), pack=load_pack("panzhihua"))
    assert reasons(placed) == {"A": "rooms.basement"}


def test_a_budget_must_be_a_number() -> None:
    with pytest.raises(UsageError):
        place_rooms(
            street_site([unit("A", 10, 1, 1)]),
            need=RoomNeed(area_m2=1),
            settings=Settings(budget_cny=math.nan),
        )
