"""How much an estate needs: scores that a person can reckon."""

from __future__ import annotations

import math

import geopandas as gpd
import pytest
from shapely import Point, box

from plan.checks import check
from plan.crs import parse_crs
from plan.errors import MissingLayerError, UsageError
from plan.findings import Clause, Strength
from plan.programme import EstateNeeds, estate_needs
from plan.rules import Applies, Rule, RulePack
from plan.rules.kinds import CommunityBudget, FireLaneWidth, RoomArea
from plan.site import Site

CRS = parse_crs("EPSG:4548")
X, Y = 500_000.0, 2_900_000.0
CLAUSE = Clause(document="D", number="N", article="1", quote="Q", effective=None)


def layer(rows: list[dict], shapes: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def rules(*found: tuple[str, object], on: str | None = "2026-11-26") -> RulePack:
    made = tuple(
        Rule(id=i, title=i, kind=kind, clause=CLAUSE, strength=Strength.MUST, applies=Applies())
        for i, kind in found
    )
    return RulePack(id="test", version="1.0.0", title="T", rules=made, on=on)


ROOMS = ("T-ROOM", RoomArea(minimum_m2=100, per="community"))
LANES = ("T-LANE", FireLaneWidth(minimum_m=4))


def square(n: int) -> object:
    return box(X + 100 * n, Y, X + 100 * n + 90, Y + 90)


def town(
    *, remarks: list[tuple[int, str]] | None = None, built: tuple = ("1986", "2006-05-01", None)
) -> Site:
    """Three estates side by side, a building and two households in each, a community around each."""
    range3 = range(3)
    site = Site(name="town", layers={}, crs=CRS)
    parcels = [
        {"parcel_id": f"P{n}", "estate_id": f"E{n}", "name": f"N{n}", "built_on": built[n]} for n in range3
    ]
    site = site.with_layer("parcels", layer(parcels, [square(n) for n in range3]))
    communities = [{"community_id": f"S{n}"} for n in range3]
    site = site.with_layer("communities", layer(communities, [square(n) for n in range3]))
    buildings = [{"building_id": f"B{n}", "floors": 6, "estate_id": f"E{n}"} for n in range3]
    homes = [box(X + 100 * n + 10, Y + 10, X + 100 * n + 30, Y + 20) for n in range3]
    site = site.with_layer("buildings", layer(buildings, homes))
    people = [
        {"household_id": f"H{n}{k}", "building_id": f"B{n}", "persons": 4, "elderly": n}
        for n in range3
        for k in (0, 1)
    ]
    site = site.with_layer("households", layer(people, [None] * 6))
    rooms = [
        {
            "room_id": "R0",
            "floor": 1,
            "area_m2": 100.0,
            "building_id": "B0",
            "use": "office",
            "state": "existing",
        }
    ]
    site = site.with_layer("rooms", layer(rooms, [Point(X + 15, Y + 15)]))
    if remarks is not None:
        told = [{"remark_id": f"M{i}", "kind": kind} for i, (_, kind) in enumerate(remarks)]
        points = [Point(X + 100 * n + 5, Y + 5) for n, _ in remarks]
        site = site.with_layer("remarks", layer(told, points))
    return site


def needs_of(site: Site, pack: RulePack, **more: object) -> EstateNeeds:
    return estate_needs(site, check(site, pack), pack, **more)  # type: ignore[arg-type]


def test_every_term_is_counted_by_hand() -> None:
    remarks = [(0, "drain"), (0, "noise"), (1, "drain"), (1, "漏水"), (2, "消防通道")]
    frame = needs_of(town(remarks=remarks), rules(ROOMS)).frame.set_index("estate_id")
    # E0 has its 100 m2; nobody else has a room.
    assert frame["unmet"].tolist() == [0.0, 1.0, 1.0]
    assert frame["age"].tolist()[:2] == [40.0, 20.0]
    assert math.isnan(frame["age"]["E2"])
    assert frame["fire"].tolist() == [0.0, 0.0, 1.0]
    assert frame["pipes"].tolist() == [50.0, 100.0, 0.0]  # one and two for two households
    assert frame["remarks"].tolist() == [50.0, 0.0, 0.0]
    assert frame["elderly"].tolist() == [0.0, 0.25, 0.5]
    # Points: the worst estate has all of a term's, half as bad is half of them.
    assert frame["score"]["E0"] == pytest.approx(15 + 15 / 2 + 10)
    assert frame["score"]["E1"] == pytest.approx(30 + 15 / 2 + 15 + 10 / 2)
    assert frame["score"]["E2"] == pytest.approx(30 + 20 + 10)
    assert frame["rank"].tolist() == [3, 2, 1]
    assert frame["unknown"].tolist() == [(), (), ("age",)]


def test_what_is_not_known_is_named_and_gives_no_points() -> None:
    bare = town()
    frame = needs_of(bare, rules(ROOMS)).frame
    assert frame["unknown"].tolist()[0] == ("fire", "pipes", "remarks")
    empty = Site(name="s", layers={"parcels": bare.layer("parcels")}, crs=CRS)
    found = needs_of(empty, rules(ROOMS))
    assert found.frame["unknown"].tolist()[0] == ("fire", "pipes", "remarks", "elderly")
    assert found.open_rules == 1
    assert found.points("E0", "fire") is None
    assert found.points("nowhere", "age") is None


def test_rules_on_fire_lanes_count_where_the_lane_lies() -> None:
    site = town()
    lanes = layer(
        [{"lane_id": "L1", "width_m": 3.0}, {"lane_id": "L2", "width_m": 4.0}],
        [box(X + 150, Y + 30, X + 160, Y + 33), box(X + 50, Y + 30, X + 60, Y + 34)],
    )
    found = needs_of(site.with_layer("fire_lanes", lanes), rules(LANES))
    assert found.frame["fire"].tolist() == [0.0, 1.0, 0.0]
    assert found.frame["unmet"].tolist() == [0.0, 0.0, 0.0]


def test_clauses_on_money_are_no_need_for_works() -> None:
    site = town()
    communities = site.layer("communities").assign(budget_cny=1.0)
    pack = rules(("T-CNY", CommunityBudget(cny=100_000)))
    found = needs_of(site.with_layer("communities", communities), pack)
    assert found.frame["unmet"].sum() == 0
    assert found.elsewhere == ()


def test_age_without_a_day_is_counted_from_the_newest_estate() -> None:
    found = needs_of(town(), rules(ROOMS, on=None))
    assert found.reference_year == 2007
    assert found.frame["age"].tolist()[:2] == [21.0, 1.0]
    undated = needs_of(town(built=(None, None, None)), rules(ROOMS, on=None))
    assert undated.reference_year is None
    assert undated.frame["age"].isna().all()


def test_weights_are_the_users() -> None:
    only = needs_of(town(), rules(ROOMS), weights={"elderly": 100})
    assert only.frame["score"].tolist() == [0.0, 50.0, 100.0]
    for bad in ({"beauty": 1}, {"age": -1}, {"age": math.nan}):
        with pytest.raises(UsageError):
            needs_of(town(), rules(ROOMS), weights=bad)


def test_a_site_without_estates_is_refused() -> None:
    site = town()
    bare = site.layer("parcels").drop(columns="estate_id")
    alone = Site(name="s", layers={"parcels": bare}, crs=CRS)
    with pytest.raises(MissingLayerError):
        needs_of(alone, rules(ROOMS))
