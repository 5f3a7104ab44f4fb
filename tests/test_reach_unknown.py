"""What households reach, as the command and the hearing package say it."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
from shapely import LineString, Point

from plan.access import life_circle
from plan.crs import parse_crs
from plan.reach import reach_site
from plan.rules import load_pack
from plan.site import Site

CRS = parse_crs("EPSG:4548")
X, Y = 500_000.0, 2_900_000.0


def street(facilities: gpd.GeoDataFrame) -> Site:
    """A street of 600 m with a household at its west end."""
    homes = gpd.GeoDataFrame({"household_id": ["H"], "building_id": ["B"]}, geometry=[Point(X, Y)], crs=CRS)
    ways = gpd.GeoDataFrame({"way_id": ["W"]}, geometry=[LineString([(X, Y), (X + 600, Y)])], crs=CRS)
    site = Site(name="street", layers={}, crs=CRS)
    return (
        site.with_layer("households", homes).with_layer("walkways", ways).with_layer("facilities", facilities)
    )


def clinic(**columns: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"facility_id": ["F"], **columns}, geometry=[Point(X + 300, Y)], crs=CRS)


def test_a_pack_without_speeds_walks_at_the_national_one() -> None:
    national = load_pack("national")
    mute = replace(
        national,
        rules=tuple(r for r in national.rules if r.id not in {s.id for s in national.settings("walk_speed")}),
    )
    site = street(clinic(category=["clinic"]))
    assert not mute.settings("walk_speed")
    assert reach_site(site, mute).life.m_per_min == reach_site(site, national).life.m_per_min


def test_facilities_that_do_not_say_what_they_are_tell_nothing() -> None:
    found = reach_site(street(clinic()), load_pack("national"))
    assert {row["share"] for row in found.life.rows()} == {None}
    assert "reach.no_facilities" in {note.key for note in found.notes}


def test_an_empty_layer_of_facilities_tells_nothing() -> None:
    empty = street(clinic(category=["clinic"]).iloc[:0])
    assert {row["share"] for row in life_circle(empty, limits={"clinic": 10.0}).rows()} == {None}
