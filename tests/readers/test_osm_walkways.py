"""Ways of OpenStreetMap that people walk on, and squares that they walk across."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from small_osm import layers, line, node, only, square, way

# --- walkways ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "steps"}, "steps"),
        ({"highway": "footway"}, "path"),
        ({"highway": "pedestrian"}, "path"),
        ({"highway": "cycleway"}, "path"),
        ({"highway": "footway", "footway": "crossing"}, "crossing"),
        ({"highway": "cycleway", "cycleway": "crossing"}, "crossing"),
        ({"highway": "elevator"}, "elevator"),
        ({"highway": "corridor"}, "corridor"),
        ({"highway": "residential"}, "street"),
        ({"highway": "trunk_link"}, "street"),
        ({"highway": "motorway", "foot": "yes"}, "street"),
    ],
)
def test_kinds_of_walkways(read, tags, kind):
    assert only(line(read, **tags)["walkways"])["kind"] == kind


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "motorway_link"},
        {"highway": "construction"},
        {"highway": "footway", "foot": "no"},
        {"highway": "primary", "foot": "use_sidepath"},
        {"highway": "service", "access": "no"},
        {"highway": "trunk", "motorroad": "yes"},
    ],
)
def test_ways_that_nobody_walks_on_are_left_out_and_counted(read, tags):
    raw = read(node(1), node(2, 1), way(9, [1, 2], tags), node(8, 9, amenity="bank"))
    assert "walkways" not in layers(raw)
    (told,) = [p for p in raw.problems if p.id == "PLAN-OSM-004"]
    assert told.message.to("en").startswith("1 ways")


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({"access": "private"}, "private"),
        ({"access": "no", "foot": "yes"}, None),
        ({"access": "private", "foot": "designated"}, None),
        ({"access": "destination"}, "destination"),
        ({}, None),
    ],
)
def test_private_ways_are_kept_with_their_access(read, tags, access):
    assert only(line(read, highway="service", **tags)["walkways"])["access"] == access


def test_cars_one_way_does_not_bind_people(read):
    assert not only(line(read, highway="residential", oneway="yes")["walkways"])["oneway"]


@pytest.mark.parametrize(
    ("tags", "first_x"),
    [
        ({"oneway:foot": "yes"}, 116.0),
        ({"oneway:foot": "-1"}, 116.0002),
        ({"conveying": "backward"}, 116.0002),
    ],
)
def test_one_way_for_people_runs_along_the_line(read, tags, first_x):
    found = only(line(read, highway="steps", **tags)["walkways"])
    assert found["oneway"]
    assert found.geometry.coords[0][0] == pytest.approx(first_x, abs=1e-9)


@pytest.mark.parametrize(
    ("incline", "slope"), [("10%", 0.1), ("-8 %", -0.08), ("45°", 1.0), ("up", None), ("90°", None)]
)
def test_slope_is_rise_over_run(read, incline, slope):
    found = line(read, highway="path", incline=incline, width="2")["walkways"]
    assert found["width_m"].tolist() == [2.0]
    if slope is None:
        assert "slope" not in found
    else:
        assert found["slope"].tolist() == pytest.approx([slope])


def test_a_slope_turns_with_its_line(read):
    found = only(line(read, **{"highway": "steps", "incline": "30%", "oneway:foot": "-1"})["walkways"])
    assert found["slope"] == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("tags", "level"), [({"level": "-1"}, -1), ({"layer": "1"}, 1), ({"level": "0;1"}, pd.NA)]
)
def test_level_is_a_storey_or_missing(read, tags, level):
    found = line(read, highway="corridor", **tags)["walkways"]["level"]
    assert found.isna().all() if level is pd.NA else found.tolist() == [level]


def test_ways_that_share_a_node_share_a_vertex_exactly(read):
    frame = layers(
        read(
            node(1), node(2, 1.23456, 0.98765), node(3, 3),
            way(10, [1, 2, 3], {"highway": "residential"}), way(11, [2, 1], {"highway": "steps"}),
        )
    )["walkways"]  # fmt: skip
    street, steps = frame.geometry
    assert street.coords[1] == steps.coords[0]
    assert street.coords[0] == steps.coords[1]


def test_a_gap_is_not_bridged(read):
    raw = read(
        *(node(i, i) for i in (1, 2, 4, 5)),
        way(9, [1, 2, 3, 4, 5], {"highway": "footway"}),
        node(8, 9, shop="mall"),
    )
    assert layers(raw)["walkways"]["way_id"].tolist() == ["w9", "w9/part2"]
    assert [len(g.coords) for g in layers(raw)["walkways"].geometry] == [2, 2]


def test_a_square_to_walk_on_is_an_outline_and_an_open_space(read):
    nodes, ring = square(1)
    found = layers(read(*nodes, way(9, ring, {"highway": "pedestrian", "area": "yes", "name": "广场"})))
    assert only(found["walkways"]).geometry.is_closed
    assert only(found["open_spaces"])["name"] == "广场"


def test_a_loop_without_area_is_no_square(read):
    nodes, ring = square(1)
    assert set(layers(read(*nodes, way(9, ring, {"highway": "footway"})))) == {"walkways"}


# --- what a way says of itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "column", "wanted"),
    [
        ({"ramp:wheelchair": "yes"}, "ramp", "wheelchair"),
        ({"wheelchair": "yes"}, "ramp", "wheelchair"),
        ({"ramp:stroller": "yes", "ramp": "yes"}, "ramp", "stroller"),
        ({"ramp": "no"}, "ramp", "none"),
        ({"ramp:wheelchair": "separate"}, "ramp", "none"),  # a way of its own
        ({"handrail:left": "yes", "handrail": "no"}, "handrail", True),
        ({"handrail": "no"}, "handrail", False),
        ({"step_count": "7"}, "step_count", 7),
        ({"lit": "yes"}, "lit", True),
        ({"surface": "concrete"}, "surface", "concrete"),
        ({"wheelchair": "no"}, "wheelchair", False),
        ({"bridge": "yes"}, "level", 1),
        ({"bridge": "yes", "layer": "2"}, "level", 2),
        ({"tunnel": "yes"}, "level", -1),
    ],
)
def test_what_steps_say_of_themselves(read, tags, column, wanted):
    assert only(line(read, highway="steps", **tags)["walkways"])[column] == wanted


@pytest.mark.parametrize(
    "tags", [{"ramp": "yes"}, {"wheelchair": "limited"}, {"lit": "automatic"}, {"tunnel": "building_passage"}]
)
def test_what_is_not_sure_stays_missing(read, tags):
    row = only(line(read, highway="steps", **tags)["walkways"])
    assert not {"ramp", "wheelchair", "lit"} & set(row.index[row.notna()])
    assert pd.isna(row.get("level"))


def test_a_sidewalk_invites_onto_a_road_for_motors_only(read):
    assert "walkways" not in line(read, highway="trunk", motorroad="yes")
    assert "walkways" in line(read, highway="trunk", motorroad="yes", sidewalk="right")


# --- squares ----------------------------------------------------------------------------------------


def lines_across(read, *things):
    frame = layers(read(*things))["walkways"]
    return frame[frame["way_id"].str.contains("/across")]


SQUARE = {"highway": "pedestrian", "area": "yes"}


def test_a_square_is_walked_across_between_the_ways_that_lead_to_it(read):
    nodes, ring = square(1)
    ways = [
        node(11, -1, -1),
        node(12, 5, 5),
        way(21, [11, 1], {"highway": "footway"}),
        way(22, [3, 12], {"highway": "footway"}),
    ]
    found = only(lines_across(read, *nodes, *ways, way(29, ring, SQUARE)))
    assert (found["way_id"], found["kind"]) == ("w29/across1", "path")
    assert found.geometry.equals(shapely.LineString([(116, 40), (116.0004, 40.0004)]))
    # Nobody walks across what is closed, nor through a house that stands on it.
    assert lines_across(read, *nodes, *ways, way(29, ring, SQUARE | {"access": "no"})).empty
    house, outline = square(31, 1, 1, 2)
    assert lines_across(
        read, *nodes, *ways, *house, way(29, ring, SQUARE), way(40, outline, {"building": "yes"})
    ).empty


def test_people_walk_round_the_corner_of_a_square_that_has_one(read):
    # An L: 6 x 6 without its upper right 4 x 4. From (6, 0) to (0, 6) the way is round the corner (2, 2).
    corners = [(0, 0), (6, 0), (6, 2), (2, 2), (2, 6), (0, 6)]
    nodes = [node(i, x, y) for i, (x, y) in enumerate(corners, start=1)]
    ways = [
        node(11, 7, -1),
        node(12, -1, 7),
        way(21, [2, 11], {"highway": "path"}),
        way(22, [6, 12], {"highway": "path"}),
    ]
    found = lines_across(read, *nodes, *ways, way(29, [1, 2, 3, 4, 5, 6, 1], SQUARE))
    ends = {tuple(sorted(line.coords)) for line in found.geometry}
    corner = (116.0002, 40.0002)
    assert ends == {tuple(sorted([corner, (116.0006, 40.0)])), tuple(sorted([corner, (116.0, 40.0006)]))}
