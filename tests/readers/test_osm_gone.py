"""Extracts of OpenStreetMap that hold what is not there, not whole, or not as any layer can say it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from plan.errors import InputError
from plan.readers.osm import read_osm
from plan.readers.raw import RawData

Reading = Callable[..., RawData]
_SQUARE = "".join(
    f'<node id="{i}" lat="{36 + y / 1e4}" lon="{117 + x / 1e4}"/>'
    for i, (x, y) in enumerate([(0, 0), (4, 0), (4, 4), (0, 4), (1, 1), (3, 1), (3, 3), (1, 3)], start=1)
)
_HOUSE = '<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="yes"/></way>'


def tags(**said: str) -> str:
    return "".join(f'<tag k="{k.replace("__", ":")}" v="{v}"/>' for k, v in said.items())


def point(**said: str) -> str:
    return f'<node id="50" lat="36.0009" lon="117.0009">{tags(**said)}</node>'


def way(number: int, *refs: int, **said: str) -> str:
    nodes = "".join(f'<nd ref="{r}"/>' for r in refs)
    return f'<way id="{number}">{nodes}{tags(**said)}</way>'


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    def reading(*things: str, after: str = "") -> RawData:
        path = tmp_path / "here.osm"
        path.write_text(f'<osm version="0.6">{"".join(things)}{after}</osm>', encoding="utf-8")
        return read_osm(path)

    return reading


def ids(raw: RawData, layer: str) -> list[str]:
    return [str(i) for found in raw.layers if found.name == layer for i in found.frame.iloc[:, 0]]


def told(raw: RawData, problem: str) -> list[tuple[str, ...]]:
    return [p.features for p in raw.problems if p.id == problem]


@pytest.mark.parametrize(
    "said",
    [
        {"disused": "yes"},
        {"abandoned": "yes"},
        {"demolished": "yes"},
        {"end_date": "2019"},
        {"opening_date": "2031-01-01"},
        {"opening_hours": "closed"},
    ],
)
def test_a_facility_that_nobody_can_use_is_none_and_is_told(read: Reading, said: dict[str, str]) -> None:
    assert ids(read(_SQUARE, _HOUSE, point(amenity="kindergarten")), "facilities") == ["n50"]
    raw = read(_SQUARE, _HOUSE, point(amenity="kindergarten", **said))
    assert ids(raw, "facilities") == []
    assert told(raw, "PLAN-OSM-018") == [("n50",)]


def test_what_something_was_before_is_told_too(read: Reading) -> None:
    raw = read(_SQUARE, _HOUSE, point(disused__amenity="kindergarten"))
    assert told(raw, "PLAN-OSM-018") == [("n50",)]


def test_an_abandoned_path_is_not_walked_and_a_disused_building_still_stands(read: Reading) -> None:
    raw = read(
        _SQUARE,
        way(10, 1, 3, highway="footway", abandoned="yes"),
        way(11, 1, 2, 3, 1, building="apartments", disused="yes"),
        way(12, 1, 2, 3, 1, building="apartments", demolished="yes"),
        way(13, 1, 2, 3, 1, building="proposed"),
        way(14, 1, 2, 3, 1, building="construction"),
    )
    assert ids(raw, "walkways") == []
    assert ids(raw, "buildings") == ["w11", "w14"]
    assert told(raw, "PLAN-OSM-018") == [("w10", "w12", "w13"), ("w11", "w14")]


@pytest.mark.parametrize("hours", ["off", "closed"])
def test_a_gate_that_never_opens_is_shut(read: Reading, hours: str) -> None:
    (found,) = read(_SQUARE, point(barrier="gate", opening_hours=hours)).layers
    assert list(found.frame["access"]) == ["no"]


def test_what_is_open_at_certain_times_only_is_told(read: Reading) -> None:
    raw = read(
        _SQUARE,
        point(barrier="gate", access__conditional="no @ (22:00-06:00)"),
        way(10, 1, 3, highway="footway", opening_hours="06:00-22:00"),
    )
    assert told(raw, "PLAN-OSM-011") == [("n50",), ("w10",)]


def test_ways_that_were_left_out_are_named(read: Reading) -> None:
    raw = read(_SQUARE, _HOUSE, way(10, 1, 3, highway="footway", foot="no"), point(amenity="pub"))
    assert told(raw, "PLAN-OSM-004") == [("w10",)]
    assert told(raw, "PLAN-OSM-001") == [("n50",)]


def test_kerbs_and_chains_are_told_and_a_lowered_kerb_stops_nobody(read: Reading) -> None:
    for said in ({"barrier": "kerb"}, {"barrier": "chain"}, {"barrier": "kerb", "kerb": "raised"}):
        assert told(read(_SQUARE, _HOUSE, point(**said)), "PLAN-OSM-019") == [("n50",)]
    assert told(read(_SQUARE, _HOUSE, point(barrier="kerb", kerb="lowered")), "PLAN-OSM-019") == []
    assert told(read(_SQUARE, _HOUSE, way(10, 1, 3, barrier="kerb")), "PLAN-OSM-019") == [("w10",)]
    assert told(read(_SQUARE, _HOUSE, point(barrier="bollard")), "PLAN-OSM-019") == []


def test_a_chain_in_a_wall_is_an_opening_and_a_line_of_concrete_is_a_fence(read: Reading) -> None:
    corner = '<node id="50" lat="36.0009" lon="117.0009"><tag k="barrier" v="chain"/></node>'
    raw = read(_SQUARE, corner, way(10, 1, 50, 3, barrier="wall"), way(11, 1, 2, barrier="jersey_barrier"))
    assert ids(raw, "entrances") == ["n50"]
    assert ids(raw, "barriers") == ["w10", "w11"]


@pytest.mark.parametrize(
    ("said", "metres"), [("18.5 m", 18.5), ("20'", 6.096), ("5'6\"", 1.676), ("60 ft", 18.288)]
)
def test_heights_in_metres_and_feet(read: Reading, said: str, metres: float) -> None:
    quoted = said.replace('"', "&quot;")
    (found,) = read(_SQUARE, way(10, 1, 2, 3, 1, building="yes", height=quoted)).layers
    assert list(found.frame["height_m"]) == [metres]


def test_a_height_that_is_none_is_told(read: Reading) -> None:
    raw = read(_SQUARE, way(10, 1, 2, 3, 1, building="yes", building__levels="3", height="12-18"))
    assert told(raw, "PLAN-ATTR-002") == [("w10",)]


def test_parts_and_relations_without_an_outline_are_told(read: Reading) -> None:
    relation = f'<relation id="20"><member type="way" ref="11" role="outline"/>{tags(type="building", building="yes")}</relation>'
    raw = read(
        _SQUARE,
        point(amenity="bank"),
        way(10, 1, 2, 3, 1, building__part="yes"),
        way(11, 1, 2, 3, 1),
        relation,
    )
    assert told(raw, "PLAN-OSM-016") == [("r20", "w10")]


def test_a_relation_of_a_type_alone_cuts_its_courtyard_out(read: Reading) -> None:
    """16 - 4 cells of a grid of 1e-4 degrees."""
    relation = f'<relation id="20"><member type="way" ref="10" role="outer"/><member type="way" ref="11" role="inner"/>{tags(type="multipolygon")}</relation>'
    raw = read(_SQUARE, way(10, 1, 2, 3, 4, 1, building="yes"), way(11, 5, 6, 7, 8, 5), relation)
    (found,) = raw.layers
    assert found.frame.geometry.iloc[0].area == pytest.approx(12e-8)


def test_an_estate_left_open_is_named(read: Reading) -> None:
    raw = read(_SQUARE, _HOUSE, way(10, 1, 2, 3, landuse="residential"))
    assert told(raw, "PLAN-OSM-003") == [("w10",)]


def test_what_the_file_says_is_deleted_is_not_there(read: Reading) -> None:
    gone = way(10, 1, 2, 3, 1, building="yes").replace('id="10"', 'id="10" visible="false"')
    raw = read(_SQUARE, _HOUSE, gone)
    assert ids(raw, "buildings") == ["w1"]
    assert [p.id for p in raw.problems if p.effect == "repaired"] == ["PLAN-OSM-015"]


def test_a_point_without_a_place_is_told(read: Reading) -> None:
    for place in ("", 'lat="95" lon="117"'):
        lost = f'<node id="50" {place}>{tags(amenity="kindergarten")}</node>'
        assert told(read(_SQUARE, lost, _HOUSE), "PLAN-OSM-002") == [("n50",)]


def test_of_a_key_that_is_said_twice_neither_holds(read: Reading) -> None:
    twice = way(10, 1, 2, 3, 1, building="yes", building__levels="6").replace(
        "</way>", tags(building__levels="30") + "</way>"
    )
    raw = read(_SQUARE, twice)
    assert told(raw, "PLAN-OSM-014") == [("w10",)]
    assert raw.layers[0].frame["floors"].isna().all()


def test_an_answer_that_broke_off_is_refused(read: Reading) -> None:
    with pytest.raises(InputError, match="Overpass"):
        read(_SQUARE, _HOUSE, after="<remark>runtime error: Query timed out</remark>")


def test_storeys_that_are_no_numbers_are_told(read: Reading) -> None:
    for level, found in (("G", [("w10",)]), ("1.5", [("w10",)]), ("0;1", []), ("-1", []), ("0-2", [])):
        raw = read(_SQUARE, way(10, 1, 3, highway="corridor", level=level))
        assert told(raw, "PLAN-OSM-014") == found
