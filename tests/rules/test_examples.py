"""The examples of packs: those that ship are as they say and see what changes; files of a city's own are read with care."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from mutants import Stand, mutants

from plan.errors import RulePackError
from plan.examples import stage, try_examples, try_staged, without_examples
from plan.rules import KINDS, load_pack, pack_ids
from plan.rules.examples import built_in_examples, load_examples

HERE = Path(__file__).parent
OTHER = str(HERE / "other_kinds.toml")
# Mutants that no example can see, and why.
UNSEEN = {
    "EA-AH-FLOOR highest 1 -> 2": "floor 2 is open however high",
    "PZH-19 highest 1 -> 2": "floor 2 is open however high",
    "QHD-10 highest 2 -> 3": "floor 3 is open however high",
    "K-FLOORS highest 2 -> 3": "floor 3 is allowed by the reading",
    "JN-03 items without 五个同步": "a record without items asks by its title, which says the same",
    "PZH-17 residents_per_window 5000.0 -> 4999.0": "staff follows from the windows alone",
    "PZH-17 residents_per_window 5000.0 -> 5001.0": "staff follows from the windows alone",
    "SM-28 ambiguity dropped": "without a distance the kind itself is open",
    "PK-DRIVE clearance_m 0.1 -> 0.09": "how tight a manoeuvre is cannot be counted by hand",
    "PK-DRIVE clearance_m 0.1 -> 0.11": "how tight a manoeuvre is cannot be counted by hand",
    "K-TURN width_m 4.0 -> 3.99": "a narrower lane is another rule's",
    "K-TURN radius_m 9.0 -> 9.01": "arcs are drawn with chords, good to a centimetre",
    "K-TURN swept_m 3.0 -> 3.01": "arcs are drawn with chords, good to a centimetre",
}
SAMPLE = 30
RULE = """
[[rule]]
id = "QHD-07"
strength = "must"
estate = "new"
given.households = [{ count = "$households" }]
given.rooms = [{ area_m2 = "$area_m2" }]
examples = [%s]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "x.examples.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("pack_id", pack_ids())
def test_the_examples_of_a_pack_come_out_as_they_say(pack_id: str) -> None:
    trials = try_examples(load_pack(pack_id), built_in_examples(pack_id))
    assert [f"{trial.example.name}: {trial.differs}" for trial in trials if not trial.passed] == []


@pytest.mark.parametrize("pack_id", pack_ids())
def test_every_judged_rule_of_a_pack_has_examples(pack_id: str) -> None:
    assert without_examples(load_pack(pack_id), built_in_examples(pack_id)) == ()


def test_figures_that_no_pack_uses_have_examples_too() -> None:
    pack = load_pack(OTHER)
    examples = load_examples(HERE / "other_kinds.examples.toml")
    assert [f"{t.example.name}: {t.differs}" for t in try_examples(pack, examples) if not t.passed] == []
    assert without_examples(pack, examples) == ()


def test_every_judged_kind_has_examples() -> None:
    packs = [load_pack(name) for name in (*pack_ids(), OTHER)]
    assert {type(rule.kind) for pack in packs for rule in pack.judged()} == {
        kind for kind in KINDS.values() if kind.judged
    }


def test_examples_see_a_sample_of_mutants() -> None:
    names = (*pack_ids(), OTHER)
    every = [(name, mutant) for name in names for mutant in mutants(name)[0]]
    drawn = random.Random(8).sample(every, SAMPLE)  # noqa: S311 - a seeded sample, not a secret
    stands = {
        name: Stand.of(name, only={m.rule.id for n, m in drawn if n == name})
        for name in dict.fromkeys(n for n, _ in drawn)
    }
    unseen = {mutant.name for name, mutant in drawn if not stands[name].sees(mutant)}
    assert unseen <= set(UNSEEN)


@pytest.mark.parametrize("m_per_min", [59.0, 61.0])
def test_examples_see_another_walking_speed(m_per_min: float) -> None:
    stand = Stand.of("panzhihua", only={"PZH-26"})
    speed = stand.pack.rule("WS-IMPLIED")
    other = replace(speed, kind=replace(speed.kind, m_per_min=m_per_min))
    rules = tuple(other if rule.id == speed.id else rule for rule in stand.pack.rules)
    pack = replace(stand.pack, rules=rules)
    assert not all(try_staged(pack, one).passed for one in stand.staged["PZH-26"])


def test_the_mutants_that_nothing_sees_are_mutants() -> None:
    every = {mutant.name for name in (*pack_ids(), OTHER) for mutant in mutants(name)[0]}
    assert set(UNSEEN) <= every


def test_an_example_that_comes_out_otherwise_says_how(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        RULE
        % '{ households = 1500, area_m2 = 299, expect = "met" }, { households = 1501, area_m2 = 400, expect = "met", required = 300 },'
        '{ households = 1, area_m2 = "?", expect = "undetermined", says = ["nothing of the kind"] }',
    )
    first, second, third = try_examples(load_pack("qinhuangdao"), load_examples(path))
    assert first.example.name == "QHD-07 #1 (estate = new, households = 1500, area_m2 = 299)"
    assert first.differs is not None
    assert first.differs.to("en").startswith("met is expected, not_met was found: ")
    assert second.differs is not None
    assert second.differs.to("en") == "300 is expected, 300.2 was found"
    assert third.differs is not None
    assert "nothing of the kind" in third.differs


@pytest.mark.parametrize(
    ("example", "place", "said"),
    [
        ('{ households = 1, area_m2 = 3, expect = "fine" }', "rule[0].examples[0].expect", "fine"),
        ('{ households = 1, area_m2 = 3, expect = "met", stage = "later" }', ".stage", "later"),
        ("{ households = 1, area_m2 = 3 }", "rule[0].examples[0]", "expect"),
        ("{ households = 1, area_m2 = 3, expect = 1 }", ".expect", "1"),
    ],
)
def test_a_mistake_in_an_example_is_named(tmp_path: Path, example: str, place: str, said: str) -> None:
    with pytest.raises(RulePackError) as caught:
        load_examples(written(tmp_path, RULE % example))
    assert place in caught.value.place
    assert caught.value.rule == "QHD-07"
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{ room = [{ area_m2 = 3 }] }", "room"),
        ("{ rooms = [{ area = 3 }] }", "area"),
        ("{ rooms = { area_m2 = 3 } }", "given.rooms"),
        ("{ rooms = [{ area_m2 = 3, at = [1] }] }", "at"),
        ('{ rooms = [{ area_m2 = 3, box = [1, 2, "a", 4] }] }', "box"),
        ("{ walkways = [{ line = [[1, 2]] }] }", "line"),
        ("{ rooms = [{ area_m2 = 3, at = [1, 2], box = [1, 2, 3, 4] }] }", "box"),
        ("{ rooms = [{ area_m2 = 3, at = [inf, 2] }] }", "at"),
        ("{ rooms = [{ area_m2 = 3, count = -1 }] }", "-1"),
        ("{ rooms = [{ area_m2 = 3, count = true }] }", "True"),
        ("{ rooms = [{ area_m2 = 3, count = 60000 }, { area_m2 = 3, count = 60000 }] }", "60000"),
        ("{ rooms = [{ area_m2 = 3, count = 1000000000 }] }", "1000000000"),
        ('{ rooms = [{ area_m2 = "about three" }] }', "about three"),
        ('{ rooms = [{ area_m2 = "$none" }] }', "none"),
    ],
)
def test_a_mistake_in_a_scene_is_named(tmp_path: Path, given: str, said: str) -> None:
    text = RULE % f'{{ households = 1, area_m2 = 3, expect = "met", given = {given} }}'
    (example,) = load_examples(written(tmp_path, text))
    with pytest.raises(RulePackError) as caught:
        stage(example)
    assert said in str(caught.value)


def test_a_layer_without_rows_decides_nothing(tmp_path: Path) -> None:
    text = (
        RULE % '{ households = 1, expect = "undetermined", reason = "missing_data", given = { rooms = [] } }'
    )
    (trial,) = try_examples(load_pack("qinhuangdao"), load_examples(written(tmp_path, text)))
    assert trial.passed, trial.differs


def test_a_figure_that_the_scene_does_not_name_is_a_mistake(tmp_path: Path) -> None:
    text = RULE % '{ households = 1, area_m2 = 3, areas = 4, expect = "met" }'
    (example,) = load_examples(written(tmp_path, text))
    with pytest.raises(RulePackError, match="areas"):
        stage(example)


def test_a_rule_that_is_not_judged_has_no_examples(tmp_path: Path) -> None:
    text = RULE % '{ households = 1, area_m2 = 3, expect = "met" }'
    examples = load_examples(written(tmp_path, text.replace("QHD-07", "QHD-99")))
    with pytest.raises(RulePackError, match="QHD-99"):
        try_examples(load_pack("qinhuangdao"), examples)


@pytest.mark.parametrize("text", ["[[rule", "rule = 1", "[other]\nx = 1", '[[rule]]\nid = "a"'])
def test_a_file_that_holds_no_examples_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(RulePackError):
        load_examples(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulePackError, match="no_such"):
        load_examples(tmp_path / "no_such.toml")
