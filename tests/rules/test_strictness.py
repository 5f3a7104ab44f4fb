"""Which rule asks for more, what a pack that extends another makes of it, and how much a version must rise."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from plan.rules import KINDS, RulePack, kinds, load_pack
from plan.rules.compare import compare
from plan.rules.strictness import _ALL_OF, _ANY_OF, _LESS, _MORE, compared_kinds

PARENT = """
[pack]
id = "province"
version = "1.0.0"
title = "province"

[document.d]
title = "省规定"
effective = 2010-01-01

[[rule]]
id = "A-1"
title = "rooms"
kind = "room_area"
strength = "must"
evidence = "seed"
document = "d"
quote = "不少于400平方米。"
params = { minimum_m2 = 400 }
"""


def pack(folder: Path, **changed: str) -> Path:
    """Write a city's pack that extends the province's, some words exchanged."""
    province = folder / "province.toml"
    province.write_text(PARENT, encoding="utf-8")
    text = PARENT.replace('id = "province"', f'id = "city"\nextends = "{province.as_posix()}"')
    for old, new in changed.items():
        text = text.replace({"figure": "400", "strength": '"must"', "document": "2010-01-01"}[old], new)
    city = folder / "city.toml"
    city.write_text(text, encoding="utf-8")
    return city


@pytest.mark.parametrize(
    ("figure", "judged"),
    [("300", ["A-1", "A-1@province"]), ("400", ["A-1"]), ("401", ["A-1"])],
)
def test_the_stricter_value_wins(tmp_path: Path, figure: str, judged: list[str]) -> None:
    found = load_pack(pack(tmp_path, figure=figure))
    assert [rule.id for rule in found.judged()] == judged
    assert max(rule.kind.minimum_m2 for rule in found.judged()) == max(400.0, float(figure))


def test_unless_the_clause_says_otherwise(tmp_path: Path) -> None:
    city = pack(tmp_path, figure="300")
    city.write_text(
        city.read_text(encoding="utf-8") + 'prevails = "本市另有规定的，从其规定。"\n', encoding="utf-8"
    )
    found = load_pack(city)
    assert [rule.id for rule in found.judged()] == ["A-1"]
    assert found.rule("A-1").kind.minimum_m2 == 300.0


def test_a_weaker_rule_does_not_hide_a_binding_one(tmp_path: Path) -> None:
    found = load_pack(pack(tmp_path, strength='"should"'))
    assert [(rule.id, str(rule.strength)) for rule in found.judged()] == [
        ("A-1", "should"),
        ("A-1@province", "must"),
    ]


def test_before_its_first_day_the_inherited_rule_holds(tmp_path: Path) -> None:
    city = pack(tmp_path, figure="600", document="2027-01-01")
    assert [r.kind.minimum_m2 for r in load_pack(city, on="2026-12-31").judged()] == [400.0]
    assert [r.kind.minimum_m2 for r in load_pack(city, on="2027-01-01").judged()] == [600.0]
    assert load_pack(city).taken_on(date(2026, 12, 31)) == load_pack(city, on="2026-12-31")


@pytest.mark.parametrize(
    ("new", "old", "effect"),
    [
        (kinds.RoomArea(minimum_m2=300), kinds.RoomArea(minimum_m2=300), "equal"),
        (kinds.RoomArea(minimum_m2=301), kinds.RoomArea(minimum_m2=300), "stricter"),
        (kinds.RoomArea(minimum_m2=299), kinds.RoomArea(minimum_m2=300), "looser"),
        (kinds.RoomFloors(highest=1), kinds.RoomFloors(highest=2), "stricter"),
        (kinds.RoomFloors(lowest=1, highest=3), kinds.RoomFloors(lowest=2, highest=2), "looser"),
        (kinds.RoomFloors(lowest=1, highest=2), kinds.RoomFloors(lowest=2, highest=3), "unclear"),
        (kinds.RoomNearGate(within_m=100), kinds.RoomNearGate(within_m=None), "unclear"),
        (kinds.RoomFunctions(functions=("a", "b")), kinds.RoomFunctions(functions=("a",)), "stricter"),
        (
            kinds.Reach(categories=("a", "b"), within_min=5),
            kinds.Reach(categories=("a",), within_min=5),
            "looser",
        ),
        (kinds.ElevatorRequired(storeys=4), kinds.ElevatorRequired(storeys=6), "stricter"),
        (kinds.FireLaneWidth(minimum_m=4), kinds.ElevatorFireLane(minimum_m=4), "unclear"),
        (
            kinds.StallsPerHousehold(bands=(kinds.Band(required=1.0),)),
            kinds.StallsPerHousehold(
                bands=(kinds.Band(below=90, required=0.8), kinds.Band(at_least=90, required=1.2))
            ),
            "unclear",
        ),
        (
            kinds.StallsPerHousehold(bands=(kinds.Band(required=1.2),)),
            kinds.StallsPerHousehold(
                bands=(kinds.Band(below=90, required=0.8), kinds.Band(at_least=90, required=1.2))
            ),
            "stricter",
        ),
    ],
)
def test_figures(new: kinds.Kind, old: kinds.Kind, effect: str) -> None:
    assert compared_kinds(new, old) == effect
    opposite = {"stricter": "looser", "looser": "stricter"}
    assert compared_kinds(old, new) == opposite.get(effect, effect)


def test_every_figure_of_a_judged_kind_has_a_direction_or_none_on_purpose() -> None:
    without = {
        "uses", "per", "ambiguous", "reading", "main", "role", "count", "category", "layers", "matter", "functions",
        "categories", "phases", "items", "title_holders", "bands", "built_after", "built_before",
    }  # fmt: skip
    fields = {field.name for kind in KINDS.values() if kind.judged for field in dataclasses.fields(kind)}
    assert fields - without == (_MORE | _LESS) & fields
    assert not _MORE & _LESS
    assert {name for name, _ in _ALL_OF | _ANY_OF} <= {kind.__name__ for kind in KINDS.values()}


def of_version(folder: Path, version: str, text: str = PARENT) -> RulePack:
    path = folder / f"{version}.toml"
    path.write_text(text.replace("1.0.0", version), encoding="utf-8")
    return load_pack(path)


@pytest.mark.parametrize(
    ("old", "new", "needs"),
    [
        ("400 }", "401 }", "major"),
        ("400 }", "399 }", "minor"),
        ('title = "rooms"', 'title = "community rooms"', "patch"),
        ('strength = "must"', 'strength = "should"', "minor"),
        ('quote = "不少于400平方米。"', 'quote = "不少于400平方米！"', "patch"),
        ("params = {", 'applies = { estate = ["new"] }\nparams = {', "minor"),
        ("params = {", "enabled = false\nparams = {", "minor"),
        ("minimum_m2 = 400", "rate_m2_per_100_households = 30, minimum_m2 = 300", "major"),
        ('id = "A-1"', 'id = "A-2"', "major"),  # one gone, one new
    ],
)
def test_how_much_the_version_must_rise(tmp_path: Path, old: str, new: str, needs: str) -> None:
    assert old in PARENT
    before = of_version(tmp_path, "1.0.0")
    found = compare(before, of_version(tmp_path, "1.0.1", PARENT.replace(old, new)))
    assert found.needs == needs
    assert found.raised == "patch"
    assert found.enough is (needs == "patch")
    back = compare(before, of_version(tmp_path, "2.0.0", PARENT.replace(old, new)))
    assert back.enough


def test_the_same_pack_needs_nothing(tmp_path: Path) -> None:
    pack_ = of_version(tmp_path, "1.0.0")
    found = compare(pack_, pack_)
    assert found.changes == ()
    assert found.enough
    assert found.packs == (pack_.id, pack_.id)


@pytest.mark.parametrize("version", ["0.9.9", "1.0.0", "one", "1.0", "1.0.0-rc1"])
def test_a_version_that_does_not_rise(tmp_path: Path, version: str) -> None:
    found = compare(
        of_version(tmp_path, "1.0.0"), of_version(tmp_path, version, PARENT.replace("400 }", "300 }"))
    )
    assert found.raised == "none"
    assert not found.enough
