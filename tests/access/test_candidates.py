from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streets import CRS, SPEEDS, at, layer, make_site, network, walkways

from plan.access import best_sites, life_circle, site_candidates
from plan.errors import UsageError
from plan.network import WalkNetwork

# Doors at 0, 300, 900 and 1500 with 5, 4, 6 and 3 households; the only clinic stands at 2000.
DOORS = at(0, 300, 900, 1500, households=[5, 4, 6, 3])
CLINIC = at(2000, category=["clinic"])


def places(*metres, kind="node", ids=None):
    ids = ids or [f"p{x:g}" for x in metres]
    return at(*metres, candidate_id=ids, kind=kind, name=None)


def best(candidates, *, doors=DOORS, facilities=CLINIC, limits=None, **options):
    net = network()
    circle = life_circle(net, doors, facilities, limits=limits or {"clinic": 5})
    return best_sites(net, circle, candidates, **options)


def test_the_place_that_serves_most_of_those_who_go_without():
    # 150 is within 300 m of 0 and 300: 9 households; 600 of 300 and 900: 10; 1200 of 900 and 1500: 9.
    (row,) = best(places(150, 600, 1200)).to_dict("records")
    assert (row["category"], row["rank"], row["candidate_id"], row["households"]) == ("clinic", 1, "p600", 10)
    assert (row["share_before"], row["share_after"]) == (0, 10 / 18)
    assert row["geometry"].equals(shapely.Point(600, 0))


def test_the_next_place_counts_only_whom_it_adds():
    found = best(places(150, 600, 1200), sites=3)
    assert found["candidate_id"].tolist() == ["p600", "p150", "p1200"]
    assert found["households"].tolist() == [10, 5, 3]
    assert found["share_after"].tolist() == pytest.approx([10 / 18, 15 / 18, 1.0])


def test_two_places_are_the_two_that_serve_most_together():
    # One after the other takes 600 (10) and then 150 (5 more); 150 and 1200 serve all 18.
    found = best(places(150, 600, 1200), sites=2)
    assert found["candidate_id"].tolist() == ["p150", "p1200"]
    assert found["households"].tolist() == [9, 9]
    assert found["share_after"].tolist() == pytest.approx([0.5, 1.0])


def test_who_is_served_already_is_not_gained():
    (row,) = best(places(150, 600), facilities=at(1000, category=["clinic"])).to_dict("records")
    assert (row["candidate_id"], row["households"], row["share_before"]) == ("p150", 9, 6 / 18)
    assert best(places(150), doors=at(1900), limits={"clinic": 5}).empty


def test_of_equal_gains_a_room_goes_before_a_corner_and_then_the_nearer():
    doors = at(0)
    assert best(places(60, 120), doors=doors)["candidate_id"].tolist() == ["p60"]
    mixed = places(60, 120).assign(kind=["node", "room"])
    assert best(mixed, doors=doors)["candidate_id"].tolist() == ["p120"]
    # No park fits into a room.
    park = best(mixed, doors=doors, facilities=at(2000, category=["park"]), limits={"park": 5})
    assert park["candidate_id"].tolist() == ["p60"]


def test_a_place_that_serves_nobody_is_told_and_absent_facilities_are_not():
    (row,) = best(places(1900), doors=at(0)).to_dict("records")
    assert (row["candidate_id"], row["households"], row["geometry"]) == (None, 0, None)
    assert best(places(), doors=at(0)).iloc[0]["candidate_id"] is None
    assert best(places(150), facilities=None).empty
    # None in the data is not absent facilities: the first one would serve.
    lacking = best(places(150), limits={"clinic": 5, "bank": 5})
    assert lacking.set_index("category")["facilities"].to_dict() == {"clinic": 1, "bank": 0}


def test_the_gain_is_what_a_new_search_finds():
    net = network()
    circle = life_circle(net, DOORS, CLINIC, limits={"clinic": 5})
    (row,) = best_sites(net, circle, places(150, 600, 1200)).to_dict("records")
    opened = at(2000, row["geometry"].x, category=["clinic"] * 2)
    again = life_circle(net, DOORS, opened, limits={"clinic": 5}).rows()[0]
    assert again["served"] - circle.rows()[0]["served"] == row["households"]
    assert again["share"] == row["share_after"]


# --- candidates -----------------------------------------------------------------------------------


def make(**layers):
    return make_site(walkways=walkways((0, 0), (600, 0), (1200, 0), (2000, 0)), **layers)


def test_rooms_on_offer_ground_gates_and_corners():
    site = make(
        rooms=layer(
            [shapely.box(0, 5, 10, 10), None, shapely.box(30, 5, 40, 10)],
            room_id=["R1", "R2", "R3"], state=["candidate", "candidate", "existing"], building_id=["B", "B", "B"],
        ),
        buildings=layer([shapely.box(0, 5, 40, 20)], building_id=["B"]),
        open_spaces=layer([shapely.box(100, 5, 150, 40)], space_id=["S1"], name=["广场"]),
        entrances=at(600, 20, entrance_id=["G", "D"], kind=["gate", "door"]),
    )  # fmt: skip
    found = site_candidates(site, WalkNetwork.from_site(site, speeds=SPEEDS), homes=at(0).geometry)
    assert found["kind"].tolist() == ["room", "room", "open_space", "gate", "node"]
    assert found["candidate_id"].tolist()[:4] == ["R1", "R2", "S1", "G"]
    assert found["name"].tolist()[:4] == [None, None, "广场", None]
    assert found.geometry[1].equals(shapely.box(0, 5, 40, 20))  # a room in a table stands in its building
    assert found.geometry[4].equals(shapely.Point(0, 0))  # the corner near a home
    assert found.crs == CRS


def test_a_corner_is_called_by_the_streets_that_meet_there():
    site = make(entrances=at(600, entrance_id=["G"], kind=["gate"]))
    ways = site.layer("walkways")
    named = site.with_layer("walkways", ways.assign(name=["青山路", *[None] * (len(ways) - 1)]))
    net = WalkNetwork.from_site(named, speeds=SPEEDS)
    corners = site_candidates(named, net).query("kind == 'node'")
    near = corners.geometry.dwithin(ways.geometry.iloc[0], 0.5)
    assert near.any()
    assert (corners.loc[near, "name"] == "青山路").all()
    assert corners.loc[~near, "name"].isna().all()
    assert site_candidates(site, net).query("kind == 'node'")["name"].isna().all()


def test_too_many_are_thinned_evenly_and_rooms_stay():
    rng = np.random.default_rng(1)
    spots = gpd.points_from_xy(rng.uniform(0, 2000, 500), rng.uniform(0, 500, 500))
    site = make(
        open_spaces=layer(spots, space_id=[f"S{i:03d}" for i in range(500)]),
        entrances=at(600, entrance_id=["G"], kind=["gate"]),
        rooms=at(5, 15, room_id=["R1", "R2"], state=["candidate"] * 2),
    )
    net = WalkNetwork.from_site(site, speeds=SPEEDS)
    found = site_candidates(site, net, most=40)
    assert len(found) <= 40
    assert found["candidate_id"].tolist()[:2] == ["R1", "R2"]
    assert (found["kind"] == "open_space").sum() >= 25
    # No half of the ground is left out.
    assert 0.3 < (found[found["kind"] == "open_space"].geometry.x < 1000).mean() < 0.7
    again = site_candidates(site, net, most=40)
    assert again["candidate_id"].tolist() == found["candidate_id"].tolist()


def test_there_must_be_room_for_one():
    site = make()
    with pytest.raises(UsageError):
        site_candidates(site, WalkNetwork.from_site(site, speeds=SPEEDS), most=0)
    with pytest.raises(UsageError):
        best(places(150), sites=0)
