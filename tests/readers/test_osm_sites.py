"""From a real extract of OpenStreetMap to a site, its network and its estimated households."""

from __future__ import annotations

from functools import cache

import osmium
import pytest

from plan.households import estimate_households
from plan.network import WalkNetwork
from plan.readers import read_site
from plan.readers.osm import read_osm

pytestmark = pytest.mark.real

CHINESE = {
    "shenzhen_nanshan": 4547, "beijing_wudaokou_cau": 4548, "beijing_bupt": 4548, "shanghai_baoshan_shu": 4549,
    "jiangxi_guixi": 4548, "nantong_dieshiqiao": 4549,
}  # fmt: skip
ALL = {**CHINESE, "hilly_monaco": 32632, "helsinki_centre": 32635, "hilly_porto_alegre_poa": 32722}


@cache
def read_once(path):
    return read_site(path)


def site_of(shared, name):
    return read_once(shared / "data" / f"{name}.osm.pbf")


@pytest.mark.parametrize("name", ALL)
def test_every_extract_becomes_a_site_in_metres_with_all_its_rows(shared, name):
    raw = read_osm(shared / "data" / f"{name}.osm.pbf")
    site = site_of(shared, name)
    assert site.crs.to_epsg() == ALL[name]
    assert site.attribution == "© OpenStreetMap contributors, ODbL 1.0"
    assert {layer.name: len(layer.frame) for layer in raw.layers} == {
        n: len(f) for n, f in site.layers.items()
    }
    assert not any(problem.effect == "refused" for problem in site.problems)
    assert {problem.id for problem in raw.problems} <= {problem.id for problem in site.problems}


@pytest.mark.parametrize("name", ["beijing_bupt", "helsinki_centre", "shanghai_baoshan_shu"])
def test_no_house_or_way_of_an_extract_is_lost_without_a_word(shared, name):
    """Read again by other code: each is in its layer, told by its id or its number, or an edge of a multipolygon."""
    path = shared / "data" / f"{name}.osm.pbf"
    raw = read_osm(path)
    found = {layer.name: set(layer.frame.iloc[:, 0].str.split("/").str[0]) for layer in raw.layers}
    told = {ident for problem in raw.problems for ident in problem.features}
    uncounted = sum(p.message.params["count"] for p in raw.problems if p.id == "PLAN-OSM-004")
    houses, ways, edges = set(), set(), set()
    for thing in osmium.FileProcessor(str(path)):
        tags = {tag.k: tag.v for tag in thing.tags}
        ident = f"{thing.type_str()}{thing.id}"
        if thing.is_way() and "highway" in tags:
            ways.add(ident)
        if (
            not thing.is_node()
            and tags.get("building", "no") not in ("no", "entrance")
            and "type" not in tags
        ):
            houses.add(ident)
        if thing.is_relation() and tags.get("type") == "multipolygon":
            edges |= {f"w{member.ref}" for member in thing.members}
    assert houses - found["buildings"] - told <= edges
    # Rings of squares, and what is told twice, are counted too.
    assert len(ways - found["walkways"] - told) <= uncounted


@pytest.mark.parametrize("name", ALL)
def test_its_walkways_are_one_network_but_for_few_edges(shared, name):
    network = WalkNetwork.from_site(site_of(shared, name))
    # Cut-off roads at the edge of an extract, and ways inside of walls; measured: at most 7 % of the edges.
    assert network.islands[0] / sum(network.islands) > 0.9


@pytest.mark.parametrize("name", CHINESE)
def test_households_of_a_chinese_extract_are_an_open_estimate(shared, name):
    before = site_of(shared, name)
    assert not before.has("households")
    after = estimate_households(before)
    dwellings = after.layer("households")["building_id"].unique()
    assert set(dwellings) <= set(before.layer("buildings")["building_id"])
    assert after.estimates == ("households",)
    (told,) = [problem for problem in after.problems if problem.id == "PLAN-EST-001"]
    assert told.message.params["households"] == len(after.layer("households"))
    assert told.message.params["buildings"] == len(dwellings)


def test_apartments_alone_are_counted_where_no_residential_land_is_drawn(shared):
    # Guixi: 36 apartments; 125 buildings of unknown use and 4 of industry have no households.
    after = estimate_households(site_of(shared, "jiangxi_guixi"))
    assert after.layer("households")["building_id"].nunique() == 36
    (told,) = [problem for problem in after.problems if problem.id == "PLAN-EST-001"]
    assert told.message.params["unknown"] == 125
