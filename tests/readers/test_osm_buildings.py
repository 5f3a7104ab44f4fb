"""Buildings of OpenStreetMap: floors, uses, names, courtyards, parts, and roles that contradict."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from small_osm import building, layers, node, only, relation, square, way

# --- outlines and tags ------------------------------------------------------------------------------


def test_a_building_keeps_what_its_tags_say(read):
    tags = {
        "building": "apartments",
        "building:levels": "6",
        "height": "18.5 m",
        "name": "3号楼",
        "start_date": "1988",
    }
    found = only(building(read, **tags))
    assert (found["building_id"], found["floors"], found["height_m"]) == ("w9", 6, 18.5)
    assert (found["use"], found["name"], found["built_on"]) == ("apartments", "3号楼", "1988")
    assert found.geometry.equals(shapely.box(116, 40, 116.0004, 40.0004))


@pytest.mark.parametrize("said", ["六", "6;7", "3.5", "0", "-1", "6层"])
def test_floors_that_are_no_whole_number_are_missing_and_named(read, said):
    nodes, ring = square(1)
    raw = read(*nodes, way(9, ring, {"building": "yes", "building:levels": said}))
    assert layers(raw)["buildings"]["floors"].isna().all()
    told = only(pd.DataFrame({"p": [p for p in raw.problems if p.id == "PLAN-ATTR-002"]}))["p"]
    assert (told.layer, told.column, told.features) == ("buildings", "floors", ("w9",))
    assert said in told.message


def test_floors_that_nobody_mapped_stay_missing_even_when_the_height_is_known(read):
    assert building(read, building="apartments", height="18")["floors"].isna().all()


@pytest.mark.parametrize(
    ("tags", "use"),
    [
        ({"building": "yes"}, None),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "shop": "mall"}, "retail"),
        ({"building": "dormitory", "amenity": "school"}, "dormitory"),
    ],
)
def test_the_use_of_a_building(read, tags, use):
    assert only(building(read, **tags))["use"] == use


def test_has_elevator_is_a_column_only_where_someone_mapped_it(read):
    assert "has_elevator" not in building(read, building="yes")
    assert only(building(read, **{"building": "yes", "building:elevator": "no"}))["has_elevator"] is np.False_


@pytest.mark.parametrize("value", ["no", "roof"])
def test_a_roof_is_no_building(read, value):
    nodes, ring = square(1)
    assert "buildings" not in layers(read(*nodes, way(9, ring, {"building": value, "amenity": "bank"})))


def test_a_relation_with_a_hole_is_one_building_with_a_courtyard(read):
    outer, outer_ring = square(1, size=4)
    inner, inner_ring = square(11, x=1, y=1, size=2)
    frame = layers(
        read(
            *outer,
            *inner,
            way(20, outer_ring, {"building": "yes"}),  # says again what the relation says
            way(21, inner_ring, {}),
            relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "building": "apartments"}),
        )
    )["buildings"]
    found = only(frame)
    assert found["building_id"] == "r7"
    assert found.geometry.geom_type == "Polygon"
    assert len(found.geometry.interiors) == 1
    assert found.geometry.area == pytest.approx((16 - 4) * 1e-8)


def test_a_relation_without_tags_cuts_the_courtyard_out_of_its_outer_way(read):
    outer, outer_ring = square(1, size=4)
    inner, inner_ring = square(11, x=1, y=1, size=2)
    frame = layers(
        read(
            *outer,
            *inner,
            way(20, outer_ring, {"building": "yes"}),
            way(21, inner_ring, {}),
            relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "name": "王宫"}),
        )
    )["buildings"]
    found = only(frame)
    assert found["building_id"] == "w20"
    assert found.geometry.area == pytest.approx((16 - 4) * 1e-8)


def test_an_outline_left_open_and_one_with_a_lost_corner_are_named_not_guessed(read):
    nodes, ring = square(1)
    raw = read(
        *nodes,
        way(20, ring[:-1], {"building": "yes"}),
        way(21, [1, 2, 99, 4, 1], {"building": "yes"}),
        way(22, ring, {"building": "yes"}),
        relation(7, [(20, "outer"), (98, "outer")], {"type": "multipolygon", "building": "yes"}),
    )
    assert layers(raw)["buildings"]["building_id"].tolist() == ["w22"]
    problems = {p.id: p for p in raw.problems}
    assert problems["PLAN-OSM-003"].features == ("w20", "w21", "r7")
    assert "1 nodes are referred to" in problems["PLAN-OSM-002"].message.to("en")


# --- parts and names --------------------------------------------------------------------------------


def test_floors_of_a_building_without_any_are_those_of_its_tallest_part(read):
    nodes, ring = square(1, size=8)
    low, low_ring = square(11, 0, 0, 4)
    high, high_ring = square(21, 4, 4, 4)
    parts = [*low, *high, way(41, low_ring, {"building:part": "yes", "building:levels": "2"}),
             way(42, high_ring, {"building:part": "yes", "building:levels": "17", "height": "51"})]  # fmt: skip
    raw = read(*nodes, *parts, way(49, ring, {"building": "yes"}))
    found = only(layers(raw)["buildings"])
    assert (found["building_id"], found["floors"], found["height_m"]) == ("w49", 17, 51.0)
    assert [p.features for p in raw.problems if p.id == "PLAN-OSM-008"] == [("w49",)]
    # What the building says itself counts.
    own = only(
        layers(read(*nodes, *parts, way(49, ring, {"building": "yes", "building:levels": "9"})))["buildings"]
    )
    assert own["floors"] == 9


def test_a_building_is_called_by_its_name_else_its_number_else_by_its_relation(read):
    assert only(building(read, building="yes", name="甲楼", **{"addr:housenumber": "7"}))["name"] == "甲楼"
    assert only(building(read, building="yes", **{"addr:housenumber": "7号"}))["name"] == "7号"
    nodes, ring = square(1)
    whole = relation(50, [(9, "outline")], {"type": "building", "name": "乙座"})
    assert only(layers(read(*nodes, way(9, ring, {"building": "yes"}), whole))["buildings"])["name"] == "乙座"


# --- roles of members -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "unclear"),
    [
        (((1, 1),), False),
        (((20, 20),), True),  # called a hole, and lies outside: it would count as ground
        (((1, 1), (1, 1)), True),  # drawn twice, and so not at all
    ],
)
def test_roles_that_contradict_where_members_lie(read, inner, unclear):
    outer, ring = square(1, size=10)
    things, members = [*outer, way(20, ring, {})], [(20, "outer")]
    for i, (x, y) in enumerate(inner):
        nodes, hole = square(100 + 10 * i, x, y, size=2)
        things += [*nodes, way(30 + i, hole, {})]
        members.append((30 + i, "inner"))
    order = sorted(things, key=lambda thing: thing.startswith("<way"))
    raw = read(*order, relation(7, members, {"type": "multipolygon", "building": "yes"}))
    told = [(p.layer, p.effect, p.features) for p in raw.problems if p.id == "PLAN-GEOM-015"]
    assert told == ([("buildings", "repaired", ("r7",))] if unclear else [])


def test_roles_of_two_members_that_are_exchanged_contradict_where_they_lie(read):
    """As many outlines and holes as are called so, but not the same ones: the hole is called an outline."""
    things, members = [], []
    for first, size, x, role in ((1, 10, 0, "outer"), (101, 2, 1, "outer"), (201, 2, 20, "inner")):
        nodes, ring = square(first, x, x, size=size)
        things += [*nodes, way(first + 9, ring, {})]
        members.append((first + 9, role))
    order = sorted(things, key=lambda thing: thing.startswith("<way"))
    raw = read(*order, relation(7, members, {"type": "multipolygon", "building": "yes"}))
    assert [p.features for p in raw.problems if p.id == "PLAN-GEOM-015"] == [("r7",)]
    true = [(*members[0],), (110, "inner"), (210, "outer")]
    raw = read(*order, relation(7, true, {"type": "multipolygon", "building": "yes"}))
    assert not [p for p in raw.problems if p.id == "PLAN-GEOM-015"]


@pytest.mark.parametrize(
    ("refs", "told"),
    [
        ([1, 2, 3, 4, 1], []),
        ([1, 2, 2, 3, 4, 1], []),  # a node that is written twice is no line
        ([1, 2, 3, 20, 3, 4, 1], ["r7"]),
    ],
    ids=["sound", "stutter", "spike"],
)
def test_lines_of_a_multipolygon_that_are_drawn_twice(read, refs, told):
    """The library leaves them out without a word; the area stays, and nobody knows what was meant."""
    nodes, _ = square(1)
    raw = read(
        *nodes,
        node(20, 9, 9),
        way(9, refs, {}),
        relation(7, [(9, "outer")], {"type": "multipolygon", "building": "apartments"}),
    )
    found = [p for p in raw.problems if p.message.key == "osm.spikes"]
    assert [i for p in found for i in p.features] == told
    assert len(layers(raw)["buildings"]) == 1
    assert all((p.id, p.effect) == ("PLAN-GEOM-015", "repaired") for p in found)
