"""Reading rule packs: what is refused, and where the mistake is."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from datetime import date

import pytest

from plan.errors import RulePackError
from plan.rules import Band, load_pack

HEAD = """
[pack]
id = "try"
version = "1.0.0"
title = { zh = "试", en = "try" }

[document.d]
title = "文件"
number = "文〔2020〕1号"
effective = 2020-01-01
"""
RULE = """
[[rule]]
id = "{id}"
title = {{ zh = "面积", en = "area" }}
kind = "room_area"
strength = "must"
evidence = "seed"
document = "d"
article = "一"
quote = "不低于600平方米"
params = {{ minimum_m2 = 600 }}
"""


def write(tmp_path, text, name="try.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def refused(tmp_path, text):
    with pytest.raises(RulePackError) as caught:
        load_pack(write(tmp_path, text))
    return caught.value


def test_a_pack_from_a_file(tmp_path):
    pack = load_pack(write(tmp_path, HEAD + RULE.format(id="A")))
    rule = pack.rule("A")
    assert rule.kind.minimum_m2 == 600.0
    assert rule.clause.number == "文〔2020〕1号"
    assert rule.clause.effective == "2020-01-01"
    assert rule.pack == "try"
    assert pack.judged() == (rule,)
    assert pack.ref.sha256 == pack.sha256


def test_a_misspelt_key_is_named_with_its_place(tmp_path):
    rules = "".join(RULE.format(id=i) for i in "ABCD").rsplit("minimum_m2", 1)
    error = refused(tmp_path, HEAD + "minimum_m".join(rules))
    assert error.path == "rule[3].params"
    assert "minimum_m2" in error.message.to("en")


def test_a_misspelt_key_of_a_rule_is_named_with_its_place(tmp_path):
    error = refused(tmp_path, HEAD + RULE.format(id="A").replace("strength", "strenght"))
    assert error.path == "rule[0]"
    assert "strength" in error.message.to("en")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('kind = "room_area"', 'kind = "room_size"', "rule[0].kind"),
        ('strength = "must"', 'strength = "shall"', "rule[0].strength"),
        ('evidence = "seed"', 'evidence = "rumour"', "rule[0].evidence"),
        ('document = "d"', 'document = "e"', "rule[0]"),
        ("minimum_m2 = 600", 'minimum_m2 = "600"', "rule[0].params.minimum_m2"),
        ("minimum_m2 = 600", "minimum_m2 = true", "rule[0].params.minimum_m2"),
        ("minimum_m2 = 600", "minimum_m2 = nan", "rule[0].params.minimum_m2"),
        ('quote = "不低于600平方米"\n', 'quote = ""\n', "rule[0]"),
        ('article = "一"\n', 'article = "一"\neffective = "soon"\n', "rule[0].effective"),
        ('article = "一"\n', 'article = "一"\napplies = { estate = ["old"] }\n', "rule[0].applies.estate"),
        ('article = "一"\n', 'article = "一"\napplies = { stages = ["never"] }\n', "rule[0].applies.stages"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, path):
    text = RULE.format(id="A")
    assert old in text
    assert refused(tmp_path, HEAD + text.replace(old, new)).path == path


@pytest.mark.parametrize("evidence", ["from-memory", "conflicting"])
def test_weak_evidence_is_refused_unless_disabled_or_ambiguous(tmp_path, evidence):
    weak = RULE.format(id="A").replace('"seed"', f'"{evidence}"')
    assert refused(tmp_path, HEAD + weak).path == "rule[0]"
    off = load_pack(write(tmp_path, HEAD + weak + "enabled = false\n"))
    assert off.judged() == ()
    open_ = load_pack(write(tmp_path, HEAD + weak + 'ambiguity = { zh = "不明", en = "unclear" }\n'))
    assert [rule.id for rule in open_.judged()] == ["A"]


def test_own_defaults_and_arithmetic_need_no_quote(tmp_path):
    for evidence in ("derived", "practice"):
        text = RULE.format(id="A").replace('"seed"', f'"{evidence}"').replace('"不低于600平方米"', '""')
        assert load_pack(write(tmp_path, HEAD + text)).rule("A").clause.quote == ""


def test_the_same_id_twice(tmp_path):
    error = refused(tmp_path, HEAD + RULE.format(id="A") + RULE.format(id="A"))
    assert error.path == "rule[1]"


def test_not_toml(tmp_path):
    with pytest.raises(RulePackError, match="TOML"):
        load_pack(write(tmp_path, "[pack"))


@pytest.mark.parametrize(
    ("old", "new", "cure"),
    [
        ("effective = 2020-01-01", "effective = 2020-1-1", "2026-01-02"),
        ('quote = "不低于600平方米"', "quote = “不低于600平方米”", "straight quotation marks"),
        ("params = {", "params ＝ ｛", "ASCII"),
        ("minimum_m2 = 600 }", "minimum_m2 = 600平方米 }", "no unit behind a number"),
        ('strength = "must"', "strength = must", "between quotation marks"),
        ("minimum_m2 = 600 }", "minimum_m2 = 600", "brackets are complete"),
    ],
)
def test_a_line_that_is_not_toml_is_shown_with_its_cure(tmp_path, old, new, cure):
    text = HEAD + RULE.format(id="A")
    assert old in text
    said = refused(tmp_path, text.replace(old, new)).message.to("en")
    line = (
        text.replace(old, new)
        .splitlines()
        .index(next(x for x in text.replace(old, new).splitlines() if new in x))
    )
    assert f"line {line + 1}," in said
    assert new in said
    assert cure in said


def test_a_file_of_examples_is_no_pack(tmp_path):
    error = refused(tmp_path, '[[rule]]\nid = "A"\nexamples = [{ expect = "met" }]\n')
    assert "--examples" in error.message.to("en")


@pytest.mark.parametrize(
    ("kind", "params", "place", "said"),
    [
        ("room_areas", "minimum_m2 = 1", "kind", "did you mean 'room_area'"),
        ("distance", "within_m = 1", "kind", "kinds.md"),
        (
            "reach",
            'categories = ["street_center"], within_min = 15',
            "params.categories[0]",
            "'street_centre'",
        ),
        ("reach", 'categories = ["幼儿园"], within_min = 5', "params.categories[0]", "'kindergarten'"),
        ("facility_area", 'category = "诊所", minimum_m2 = 1', "params.category", "'clinic'"),
        ("room_floors", 'highest = 1, uses = ["clinik"]', "params.uses[0]", "'clinic'"),
        ("room_floors", 'highest = 1, uses = ["日间照料室"]', "params.uses[0]", "'elderly_day_care'"),
        ("room_floors", 'highest = 1, uses = ["车库"]', "params.uses[0]", "fire_post"),
        ("reach", 'categories = ["clinic"], within_hours = 1', "params", "part of a name"),
        ("room_area", "minimum_ha = 1", "params", "part of a name"),
        ("room_area", "minimun_m2 = 1", "params", "did you mean 'minimum_m2'"),
        (
            "stalls_per_household",
            "bands = [{ above = 9, at_most = 9, required = 1 }]",
            "params.bands[0].above",
            "9",
        ),
        (
            "stalls_per_household",
            "bands = [{ at_least = 8, above = 9, required = 1 }]",
            "params.bands[0]",
            "not both",
        ),
    ],
)
def test_a_name_that_means_nothing_is_refused_with_the_one_that_is_meant(tmp_path, kind, params, place, said):
    text = RULE.format(id="A").replace('"room_area"', f'"{kind}"').replace("minimum_m2 = 600", params)
    error = refused(tmp_path, HEAD + text)
    assert error.path == f"rule[0].{place}"
    assert said in error.message.to("en")


def test_a_category_of_the_citys_own_is_taken(tmp_path):
    text = RULE.format(id="A").replace('"room_area"', '"reach"')
    pack = load_pack(
        write(tmp_path, HEAD + text.replace("minimum_m2 = 600", 'categories = ["邻里坊"], within_m = 300'))
    )
    assert pack.rule("A").kind.categories == ("邻里坊",)


def test_a_row_of_a_table_may_end_with_its_limit():
    row = Band(above=90, at_most=120, required=1.2)
    assert [
        row.start <= size < row.end for size in (90, math.nextafter(90, 91), 120, math.nextafter(120, 121))
    ] == [
        False,
        True,
        True,
        False,
    ]


def test_bytes_that_are_not_utf8(tmp_path):
    path = tmp_path / "try.toml"
    path.write_bytes('[pack]\nid = "试"'.encode("gb18030"))
    with pytest.raises(RulePackError, match="不是 UTF-8 编码，请另存为 UTF-8"):
        load_pack(path)


def test_a_mark_at_the_beginning_of_the_file_is_passed_over(tmp_path):
    path = tmp_path / "try.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + RULE.format(id="A")).encode())
    assert load_pack(path).rule("A").kind.minimum_m2 == 600.0


def of_kind(kind, params):
    rule = RULE.format(id="A").replace('"room_area"', f'"{kind}"')
    return HEAD + rule.replace("params = { minimum_m2 = 600 }", f"params = {{ {params} }}")


@pytest.mark.parametrize(
    ("kind", "params", "path", "key"),
    [
        ("room_area", "rate_m2_per_100_households = -30", ".rate_m2_per_100_households", "negative"),
        ("room_area", "minimum_m2 = inf", ".minimum_m2", "not_finite"),
        ("room_area", "", "", "asks_nothing"),
        ("room_area", 'minimum_m2 = 600, per = "comunity"', ".per", "unknown_value"),
        ("room_floors", "lowest = 3, highest = 1", ".lowest", "pair_crossed"),
        ("room_floors", "", "", "asks_nothing"),
        ("room_floors", "ambiguous = [3]", "", "asks_nothing"),
        ("room_ground_floor", "minimum_share = 1.5", ".minimum_share", "not_a_share"),
        ("room_ground_floor", "minimum_share = -0.1", ".minimum_share", "not_a_share"),
        ("consent", 'participation = "3/2", approval = "1/2"', ".participation", "not_a_share"),
        ("reach", 'categories = ["clinic"], within_min = -5', ".within_min", "not_positive"),
        ("reach", 'categories = ["clinic"], within_m = 0', ".within_m", "not_positive"),
        ("reach", 'categories = ["clinic"]', "", "asks_nothing"),
        ("reach", "categories = [], within_m = 300", ".categories", "empty_list"),
        ("opening_hours", "hours_per_day = 25", ".hours_per_day", "too_high"),
        ("headcount", 'role = "staff", minimum = 7, maximum = 5', ".minimum", "pair_crossed"),
        ("life_circle_tier", "minutes = 5, walk_m = [1000, 800]", ".walk_m", "not_rising"),
        ("room_handover", 'built_after = "soon"', ".built_after", "not_a_date"),
        ("room_handover", 'built_after = "2018-01-01", built_before = "2017-01-01"', ".built_after", "pair_crossed"),
        ("stalls_per_household", "bands = [{ required = -1.0 }]", ".bands[0].required", "negative"),
        ("stalls_per_household", "bands = [{ at_least = 90, below = 90, required = 1 }]", ".bands[0].at_least", "pair_crossed"),
    ],
)  # fmt: skip
def test_numbers_that_no_regulation_asks_for_are_refused(tmp_path, kind, params, path, key):
    error = refused(tmp_path, of_kind(kind, params))
    assert error.path == f"rule[0].params{path}"
    assert error.message.key == f"rules.{key}"
    assert error.message.to("en")


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("room_floors", "lowest = -1, highest = -1"),
        ("room_floors", "lowest = 1"),
        ("room_ground_floor", "minimum_share = 1.0"),
        ("figure", 'name = "a", value = -3'),
        ("headcount", 'role = "staff", maximum = 0'),
    ],
)
def test_numbers_at_the_edge_are_taken(tmp_path, kind, params):
    assert load_pack(write(tmp_path, of_kind(kind, params))).rule("A")


@pytest.mark.parametrize(
    ("params", "zh", "en"),
    [
        ('minimum_m2 = "600"', '"600" 写得不对，此处应为数字', "a number"),
        ("minimum_m2 = 600, per = 3", "3 写得不对，此处应为文字", "a text"),
        ('minimum_m2 = 600, uses = "office"', '"office" 写得不对，此处应为列表', "a list"),
    ],
)
def test_a_wrong_type_is_told_in_plain_words(tmp_path, params, zh, en):
    error = refused(tmp_path, of_kind("room_area", params))
    assert str(error.message).startswith(zh)
    assert en in error.message.to("en")


def test_every_wrong_rule_is_named_with_its_file(tmp_path):
    bad = {
        i: RULE.format(id=i).replace("600 }", f"{n} }}") for i, n in (("A", "-1"), ("B", "600"), ("C", "-3"))
    }
    error = refused(tmp_path, HEAD + "".join(bad.values()))
    assert (error.rule, error.path) == ("A", "rule[0].params.minimum_m2")
    assert [(other.rule, other.path) for other in error.others] == [("C", "rule[2].params.minimum_m2")]
    where = str(tmp_path / "try.toml")
    assert error.file == error.others[0].file == where
    assert str(error).startswith(f"{where} · A · rule[0].params.minimum_m2: ")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert str(again) == str(error)
    assert [str(other) for other in again.others] == [str(other) for other in error.others]


def test_an_unknown_pack_names_the_known_ones():
    with pytest.raises(RulePackError, match="qinhuangdao"):
        load_pack("atlantis")


def test_a_very_large_file_is_not_read(tmp_path):
    path = tmp_path / "big.toml"
    path.write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(RulePackError):
        load_pack(path)


def test_packs_that_extend_each_other(tmp_path):
    a, b = tmp_path / "a.toml", tmp_path / "b.toml"
    for path, other in ((a, b), (b, a)):
        head = HEAD.replace('id = "try"', f'id = "{path.stem}"\nextends = "{other.as_posix()}"')
        path.write_text(head + RULE.format(id=path.stem), encoding="utf-8")
    with pytest.raises(RulePackError) as caught:
        load_pack(a)
    assert str(a) in str(caught.value) or a.as_posix() in str(caught.value)


def test_a_pack_finds_what_it_extends_beside_itself(tmp_path, monkeypatch):
    (tmp_path / "city").mkdir()
    city = write(tmp_path / "city", HEAD + RULE.format(id="A"), "city.toml")
    head = HEAD.replace('id = "try"', 'id = "district"\nextends = "city/city.toml"')
    district = write(tmp_path, head + RULE.format(id="B"), "district.toml")
    monkeypatch.chdir(city.parent)  # not where the packs are looked for
    assert [rule.id for rule in load_pack(district).rules] == ["B", "A"]
    district.write_text(district.read_text("utf-8").replace("city/city.toml", "city.toml"), "utf-8")
    with pytest.raises(RulePackError, match=r"district\.toml.*city\.toml"):
        load_pack(district)


def test_an_own_rule_replaces_the_inherited_one(tmp_path):
    head = HEAD.replace('id = "try"', 'id = "try"\nextends = "qinhuangdao"')
    pack = load_pack(write(tmp_path, head + RULE.format(id="QHD-07")))
    assert pack.rule("QHD-07").kind.minimum_m2 == 600.0
    assert pack.rule("QHD-07").pack == "try"
    assert pack.rule("QHD-09").pack == "qinhuangdao"
    assert pack.sha256 != load_pack("qinhuangdao").sha256


def test_rules_of_a_day(tmp_path):
    short = RULE.format(id="A") + "repealed = 2022-01-01\n"
    late = RULE.format(id="B") + "effective = 2023-06-01\n"
    path = write(tmp_path, HEAD + short + late)

    def ids(on):
        return [rule.id for rule in load_pack(path, on=on).rules]

    assert ids(None) == ["A", "B"]
    assert ids("2019-12-31") == []
    assert ids("2020-01-01") == ["A"]
    assert ids("2021-12-31") == ["A"]
    assert ids("2022-01-01") == []
    assert ids(date(2023, 6, 1)) == ["B"]
    assert load_pack(path, on="2023-06-01").on == "2023-06-01"
    with pytest.raises(RulePackError):
        load_pack(path, on="yesterday")


def test_the_elevator_rule_is_younger_than_2025():
    def has(on):
        return any(rule.id == "EL-NEW-1" for rule in load_pack("jinan", on=on).rules)

    assert not has("2025-04-30")
    assert has("2025-05-01")


def test_an_unknown_rule():
    with pytest.raises(RulePackError, match="QHD-99"):
        load_pack("qinhuangdao").rule("QHD-99")


def test_the_same_file_gives_the_same_pack():
    assert load_pack("sanming") == load_pack("sanming")


BLOCKED = """
import sys

class Block:
    heavy = {"geopandas", "shapely", "numpy", "pandas", "pyproj", "pyogrio", "scipy", "networkx", "folium"}

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.heavy:
            raise ImportError(f"{name} is not installed here")

sys.meta_path.insert(0, Block())
import plan.rules
pack = plan.rules.load_pack("sanming", on="2026-11-22")
print(len(pack.judged()), pack.rule("SM-26").kind.minimum_m2)
"""


def test_rules_load_where_no_gis_is_installed(root):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCKED],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    assert done.stdout.split()[1] == "600.0"
    assert int(done.stdout.split()[0]) > 20
