"""The packs that ship: their quotes, their rows, their figures."""

from __future__ import annotations

import csv
import math
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from left_out import CARRIED_BY, LEFT_OUT

from plan.categories import CATEGORIES
from plan.messages import translate
from plan.rules import load_pack, pack_ids
from plan.rules.kinds import (
    CategoryLimit,
    FacilityArea,
    LifeCircle,
    LifeCircleTier,
    Reach,
    RoomArea,
    RoomFloors,
    StallGeometry,
    kind_name,
)
from plan.rules.pack import EVIDENCE

CITIES = ("huainan", "jinan", "panzhihua", "qinhuangdao", "sanming")
PACKS = Path(__file__).resolve().parents[2] / "plan" / "rules" / "packs"
PLACES = {
    "national": "national",
    "practice": "national",
    "template": "national",
    "city:三明": "sanming",
    "province:福建": "sanming",
    "city:攀枝花": "panzhihua",
    "city:秦皇岛": "qinhuangdao",
    "city:淮南": "huainan",
    "province:安徽": "huainan",
    "city:济南": "jinan",
}

# The table has this row among the national ones, but its document is Jinan's.
MOVED = {"PK-MECH-JN": "jinan"}


def tables(city):
    return tomllib.loads((PACKS / f"{city}.toml").read_text(encoding="utf-8"))


def squeeze(text):
    return re.sub(r"\s", "", text)


def table_rows(shared):
    with (shared / "standards" / "rules.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_five_cities_and_the_national_rules_ship():
    assert set(pack_ids()) == {*CITIES, "national"}


@pytest.mark.parametrize("name", [*CITIES, "national"])
def test_a_pack_loads_with_a_version_and_without_doubles(name):
    pack = load_pack(name)
    assert pack.id == name
    assert re.fullmatch(r"\d+\.\d+\.\d+", pack.version)
    assert re.fullmatch(r"[0-9a-f]{64}", pack.sha256)
    ids = [rule.id for rule in pack.rules]
    assert len(set(ids)) == len(ids)
    assert pack.judged()


@pytest.mark.parametrize("name", CITIES)
def test_a_city_extends_the_national_rules(name):
    pack = load_pack(name)
    assert pack.extends == "national"
    assert {rule.pack for rule in pack.rules} == {name, "national"}
    assert pack.rule("FR-W").pack == "national"


@pytest.mark.real
@pytest.mark.parametrize("city", CITIES)
def test_each_quote_stands_in_the_policy_word_for_word(city, shared):
    text = squeeze((shared / "policies" / f"{city}.txt").read_text(encoding="utf-8"))
    pack = tables(city)
    policy = {
        key for key, document in pack["document"].items() if document.get("source") == f"policies/{city}.txt"
    }
    quotes = {r["id"]: r["quote"] for r in pack["rule"] if r["document"] in policy and r["quote"]}
    assert quotes
    assert {rule: quote for rule, quote in quotes.items() if squeeze(quote) not in text} == {}


@pytest.mark.parametrize("name", [*CITIES, "national"])
def test_each_text_of_a_rule_is_there_in_chinese_and_english(name):
    for rule in load_pack(name).rules:
        for said in (rule.title, rule.ambiguity, rule.note):
            if said is not None:
                assert translate(said, "zh")
                assert translate(said, "en").isascii() or not re.search(
                    "[\u4e00-\u9fff]{9}", translate(said, "en")
                )
                assert translate(said, "en") != translate(said, "zh")


@pytest.mark.parametrize("name", [*CITIES, "national"])
def test_only_attested_rules_are_enabled_without_a_warning(name):
    for rule in load_pack(name).rules:
        assert rule.clause.evidence in EVIDENCE
        if rule.enabled and rule.ambiguity is None:
            assert rule.clause.evidence not in ("from-memory", "conflicting")
            assert rule.clause.quote or rule.clause.evidence in ("derived", "practice")
            assert rule.clause.article or rule.clause.evidence == "practice" or rule.id == "EL-DECREE"


@pytest.mark.real
def test_each_row_of_the_table_is_a_rule_or_is_left_out_for_a_reason(shared):
    own = {name: {rule["id"] for rule in tables(name)["rule"]} for name in [*CITIES, "national"]}
    everywhere = set().union(*own.values())
    wrong = {}
    for row in table_rows(shared):
        rule = CARRIED_BY.get(row["id"], row["id"])
        if row["id"] in LEFT_OUT:
            if rule in everywhere:
                wrong[row["id"]] = "both a rule and left out"
        elif rule not in own[MOVED.get(row["id"]) or PLACES[row["scope"]]]:
            wrong[row["id"]] = "neither a rule of its place nor left out"
    assert wrong == {}
    known = {row["id"] for row in table_rows(shared)}
    assert set(LEFT_OUT) | set(CARRIED_BY) <= known


@pytest.mark.real
def test_a_rule_keeps_the_evidence_of_its_row(shared):
    rows = {row["id"]: row["verified"] for row in table_rows(shared)}
    weaker = {}
    for name in [*CITIES, "national"]:
        for rule in tables(name)["rule"]:
            row = rows.get(rule["id"])
            if row is None or rule["evidence"] in ("derived", "practice"):
                continue
            said = "from-memory" if row.startswith("from-memory") else row
            if rule["evidence"] != said:
                weaker[rule["id"]] = (rule["evidence"], row)
    assert weaker == {}


def areas(name, households):
    """What the room rules ask for, new estate, in square metres; None when nothing is asked for."""
    asked = [
        max(rule.kind.rate_m2_per_100_households * households / 100, rule.kind.minimum_m2)
        for rule in load_pack(name).judged()
        if isinstance(rule.kind, RoomArea)
        and rule.strength == "must"
        and not rule.kind.uses
        and rule.applies.estate in ((), ("new",), ("new", "existing"))
    ]
    return max(asked, default=None)


@pytest.mark.parametrize(
    ("name", "at_1000", "at_2000"),
    [
        ("qinhuangdao", 300, 400),
        ("panzhihua", 400, 600),
        ("sanming", 600, 600),
        ("jinan", 1000, 1000),
        ("huainan", None, None),
        ("national", None, None),
    ],
)
def test_required_room_area_of_the_worked_example(name, at_1000, at_2000):
    assert areas(name, 1000) == at_1000
    assert areas(name, 2000) == at_2000


def test_panzhihua_crosses_over_at_four_thirds_of_a_thousand_households():
    assert areas("panzhihua", 1333) == 400
    assert areas("panzhihua", 1334) == pytest.approx(400.2)


def test_floor_three_is_left_to_a_person_in_qinhuangdao():
    rule = load_pack("qinhuangdao").rule("QHD-10")
    assert rule.kind == RoomFloors(highest=2, ambiguous=(3,), reading="")
    assert rule.enabled
    assert rule.ambiguity


def test_exactly_a_thousand_households_fall_into_both_bands_of_sanming():
    pack = load_pack("sanming")
    at = {
        rule_id
        for rule_id in ("SM-02", "SM-03", "SM-04")
        if pack.rule(rule_id).kind.households_at_least <= 1000 <= pack.rule(rule_id).kind.households_at_most
    }
    assert at == {"SM-02", "SM-03"}
    assert pack.rule("SM-03").kind.households_at_most == 3000
    assert pack.rule("SM-04").kind.households_at_least == 3001


def test_stalls_of_fujian_leave_no_gap_between_the_bands():
    bands = load_pack("sanming").rule("PK-FJ").kind.bands
    assert bands[0].start == 0
    assert math.isinf(bands[-1].end)
    assert all(lower.end == upper.start for lower, upper in pairwise(bands))
    asked = {
        area: next(b.required for b in bands if b.start <= area < b.end)
        for area in (44, 45, 90, 150, 150.001, 151)
    }
    assert asked == {44: 0.5, 45: 0.8, 90: 1.2, 150: 1.2, 150.001: 1.5, 151: 1.5}


def test_the_stall_table_follows_from_a_stall_of_2_4_by_5_3_metres():
    """Figures of the table are w/sin a and L sin a + w cos a, rounded up (angles, not parallel)."""
    rows = [rule.kind for rule in load_pack("national").settings("stall_geometry")]
    assert {(row.angle_deg, row.entry) for row in rows} == {
        (0, "back"), (30, "front"), (30, "back"), (45, "front"), (45, "back"),
        (60, "front"), (60, "back"), (90, "front"), (90, "back"),
    }  # fmt: skip
    for row in rows:
        assert isinstance(row, StallGeometry)
        assert row.depth_to_interlock_m <= row.depth_to_wall_m
        assert row.aisle_m >= 3.0
        if row.angle_deg:
            angle = math.radians(row.angle_deg)
            assert row.pitch_m == pytest.approx(2.4 / math.sin(angle), abs=0.05)
            depth = 5.3 * math.sin(angle) + 2.4 * math.cos(angle)
            assert row.depth_to_wall_m == pytest.approx(depth, abs=0.1)


def test_walking_settings_are_there_for_everybody():
    speeds = {rule.kind.profile: rule.kind.m_per_min for rule in load_pack("sanming").settings("walk_speed")}
    assert speeds == {"adult": 60, "elderly": 48, "child": 48, "stroller": 48, "wheelchair": 47}
    tiers = [rule.kind for rule in load_pack("national").settings("life_circle_tier")]
    assert all(isinstance(tier, LifeCircleTier) for tier in tiers)
    assert [(tier.minutes, tier.walk_m) for tier in tiers] == [(5, (300,)), (10, (500,)), (15, (800, 1000))]


def test_each_category_has_one_limit_of_a_tier():
    limits = [rule.kind for rule in load_pack("national").settings("category_limit")]
    assert all(isinstance(limit, CategoryLimit) for limit in limits)
    assert sorted(limit.category for limit in limits) == sorted(CATEGORIES)
    assert {limit.limit_min for limit in limits} == {5, 10, 15}


@pytest.mark.parametrize("name", [*CITIES, "national"])
def test_rules_name_known_categories(name):
    for rule in load_pack(name).rules:
        if isinstance(rule.kind, Reach | LifeCircle):
            assert set(rule.kind.categories) <= set(CATEGORIES), rule.id
        elif isinstance(rule.kind, FacilityArea):
            assert rule.kind.category in CATEGORIES, rule.id


@pytest.mark.parametrize("name", CITIES)
def test_records_are_few_and_never_decide(name):
    records = [rule for rule in load_pack(name).judged() if kind_name(rule.kind) == "record"]
    assert len(records) <= 7
    assert all(rule.strength == "should" for rule in records)


def test_the_national_pack_asks_for_no_room_area():
    assert not any(isinstance(rule.kind, RoomArea) and rule.enabled for rule in load_pack("national").rules)


def test_consent_is_exact():
    rule = load_pack("national").rule("EL-VOTE-34")
    assert rule.kind.participation * 3 == 2
    assert rule.kind.approval * 4 == 3
    assert rule.kind.participation * rule.kind.approval * 2 == 1
    assert not rule.kind.approval_strict
    assert load_pack("national").rule("EL-VOTE-12").kind.approval_strict
