"""Doors, stairwells, gates and barriers of OpenStreetMap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from small_osm import layers, line, node, only, relation, square, way

# --- entrances and barriers -------------------------------------------------------------------------


def test_doors_stairwells_and_gates(read):
    nodes, ring = square(10)
    nodes[0] = node(10, 0, 0, entrance="main")
    nodes[1] = node(11, 4, 0, entrance="staircase", **{"addr:unit": "2"})
    frame = layers(
        read(
            node(1, -2, -2, barrier="gate", access="private", opening_hours="Mo-Su 06:00-22:30", name="东门"),
            node(2, -3, -3, entrance="garage"),
            node(3, -4, -4, barrier="bollard"),
            node(4, -5, -5, barrier="lift_gate", foot="yes", access="no"),
            *nodes,
            way(9, ring, {"building": "apartments"}),
        )
    )["entrances"].set_index("entrance_id")
    assert frame["kind"].to_dict() == {"n1": "gate", "n4": "gate", "n10": "door", "n11": "stairwell"}
    assert frame["building_id"].to_dict() == {"n1": None, "n4": None, "n10": "w9", "n11": "w9"}
    assert frame.loc["n1", ["access", "opens", "closes", "name"]].tolist() == [
        "private",
        "06:00",
        "22:30",
        "东门",
    ]
    assert frame.loc["n4", "access"] == "yes"
    assert frame.loc["n10", "main"] is np.True_
    assert frame["main"].notna().sum() == 1
    assert frame.loc["n11", "stairwell_id"] == "2"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [("24/7", ("00:00", "24:00")), ("6:30-22:30", ("6:30", "22:30")), ("Mo-Fr 08:00-18:00", (None, None))],
)
def test_opening_hours_of_every_day_only(read, hours, expected):
    frame = layers(read(node(1, barrier="gate", opening_hours=hours)))["entrances"]
    found = tuple(frame[column].iloc[0] if column in frame else None for column in ("opens", "closes"))
    assert found == expected


def test_a_door_of_a_courtyard_house_belongs_to_the_relation(read):
    outer, outer_ring = square(1, size=4)
    outer[0] = node(1, 0, 0, entrance="yes")
    inner, inner_ring = square(11, x=1, y=1, size=2)
    things = [
        *outer,
        *inner,
        way(20, outer_ring, {"building": "yes"}),
        way(21, inner_ring, {}),
        relation(7, [(20, "outer"), (21, "inner")], {"type": "multipolygon", "building": "yes"}),
    ]
    assert only(layers(read(*things))["entrances"])["building_id"] == "r7"


def test_an_opening_in_a_wall_is_a_gate(read):
    frame = layers(
        read(
            node(1), node(2, 1, barrier="bollard"), node(3, 2, entrance="yes"), node(4, 3),
            way(9, [1, 2, 3, 4], {"barrier": "wall"}),
        )
    )  # fmt: skip
    assert frame["entrances"]["kind"].tolist() == ["gate", "gate"]
    assert frame["barriers"]["kind"].tolist() == ["wall"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [("retaining_wall", "wall"), ("guard_rail", "fence"), ("hedge", "hedge"), ("kerb", None)],
)
def test_kinds_of_barriers(read, value, kind):
    found = line(read, barrier=value)
    assert found["barriers"]["kind"].tolist() == [kind] if kind else "barriers" not in found


def test_two_doors_on_one_spot_are_two(read):
    found = layers(
        read(node(1, 5, 5, entrance="main", name="东门"), node(2, 5, 5, entrance="yes", name="车库"))
    )
    assert sorted(found["entrances"]["entrance_id"]) == ["n1", "n2"]


def test_doors_by_which_nobody_comes_in_are_told(read):
    raw = read(node(1, entrance="exit"), node(2, 5, entrance="yes"), node(3, 6, entrance="no"))
    assert [p.features for p in raw.problems if p.id == "PLAN-OSM-017"] == [("n1",)]


# --- who may pass -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "access"),
    [({"access": "permit"}, "private"), ({"access": "customers"}, "customers"), ({"access": "foot"}, None),
     ({"access": "military"}, "no"), ({"access": "unknown", "locked": "yes"}, "private")],
)  # fmt: skip
def test_who_may_pass_a_gate_is_said_in_few_words(read, tags, access):
    frame = layers(read(node(1, barrier="gate", **tags), node(2, 1, barrier="gate", access="no")))[
        "entrances"
    ]
    found = frame.set_index("entrance_id")["access"]["n1"]
    assert found == access if access else pd.isna(found)


def test_gates_that_say_nothing_and_tags_that_nobody_knows_are_told(read):
    raw = read(
        node(1, barrier="gate"),
        node(2, 1, barrier="gate", access="private", opening_hours="Mo-Fr 06:00-22:00"),
        node(3, 2, barrier="gate", access="yes", opening_hours="Mo-Su,PH 06:00-22:00"),
        node(4, 3, barrier="moat"),
        node(5, 4, entrance="window", access="foot"),
        node(6, 5, barrier="kerb"),
    )
    told = {p.id: p for p in raw.problems}
    assert told["PLAN-OSM-010"].features == ("n1",)
    assert told["PLAN-OSM-011"].features == ("n2",)
    assert told["PLAN-OSM-014"].message.params["tags"] == (
        "access=foot (1)",
        "barrier=moat (1)",
        "entrance=window (1)",
    )
    gate = layers(raw)["entrances"].set_index("entrance_id").loc["n3"]
    assert (gate["opens"], gate["closes"]) == ("06:00", "22:00")


@pytest.mark.parametrize(
    ("use", "tags", "kind", "stairwell"),
    [
        ("yes", {"addr:unit": "2"}, "stairwell", "2"),
        ("yes", {"ref": "3单元"}, "stairwell", "3"),
        ("yes", {"name": "甲单元门"}, "stairwell", "甲"),
        ("yes", {"addr:flats": "1-12"}, "stairwell", "1-12"),
        ("apartments", {"ref": "B"}, "stairwell", "B"),
        ("office", {"ref": "B"}, "door", None),
        ("apartments", {"ref": "B"} | {"entrance": "main"}, "stairwell", "B"),
        ("apartments", {"name": "南门"}, "door", None),
    ],
)
def test_a_door_with_the_name_of_a_stairwell_is_one(read, use, tags, kind, stairwell):
    nodes, ring = square(1)
    nodes[1] = node(2, 4, 0, **({"entrance": "yes"} | tags))
    door = only(layers(read(*nodes, way(9, ring, {"building": use})))["entrances"])
    assert (door["kind"], door["building_id"]) == (kind, "w9")
    assert door["stairwell_id"] == stairwell if stairwell else pd.isna(door.get("stairwell_id"))


def test_homes_that_a_map_lists_are_told_and_make_no_households(read):
    """``addr:flats`` names the homes behind a door or in a house; who lives where it does not say."""
    nodes, ring = square(10)
    nodes[0] = node(10, 0, 0, entrance="staircase", **{"addr:unit": "1", "addr:flats": "101-602"})
    raw = read(*nodes, way(9, ring, {"building": "apartments", "building:flats": "12"}))
    assert "households" not in layers(raw)
    (problem,) = [p for p in raw.problems if p.message.key == "osm.homes"]
    assert (problem.id, problem.features) == ("PLAN-OSM-014", ("n10", "w9"))
    assert not any(p.message.key == "osm.not_understood" for p in raw.problems)
