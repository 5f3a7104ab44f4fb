"""What a hearing map tells of stairwells: figures by floor, and no household."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import plan
from plan.elevators.coefficients import example
from plan.maps import hearing_map
from plan.maps.kept import drawn_results
from plan.maps.stairwells import kept_stairwells, stairwell_records
from plan.maps.verdicts import Clauses
from plan.maps.words import Words
from plan.readers.results import read_results
from plan.retrofit import Paying, retrofit_estate

OWNER, HOUSEHOLD = "SECRET-OWNER", "SECRET-HOUSEHOLD"


@pytest.fixture(scope="module")
def site(sample_gis: Path) -> plan.Site:
    """Two buildings of the sample, every household and owner named by a canary."""
    whole = plan.read_site(sample_gis / "old_estate.gpkg")
    layers = {name: whole.layer(name) for name in whole.layers if name not in {"rooms", "remarks"}}
    for name in ("buildings", "households", "entrances"):
        layers[name] = layers[name][layers[name]["building_id"].isin(["B01", "B02"])]
    homes = layers["households"]
    layers["households"] = homes.assign(
        household_id=[f"{HOUSEHOLD}-{i}" for i in range(len(homes))], owner_id=OWNER
    )
    return plan.Site(name="S", layers=layers, crs=whole.crs)


def found(site: plan.Site, **options: Any) -> Any:
    paying = Paying(total_cny=500_000, subsidy_cny=200_000, coefficients=example("EL-SHARE-ZJT"), **options)
    return retrofit_estate(site, plan.load_pack("sanming"), paying=paying)


@pytest.fixture(scope="module")
def paid(site):
    return found(site)


def records(done: Any, lang: str = "zh") -> dict[str, Any]:
    words = Words(lang=lang)
    return stairwell_records(done.placement(), words=words, clauses=Clauses(words))


def test_floors_hold_what_the_flats_of_each_pay_and_lose(paid):
    floors = paid.floors()
    one = floors[floors["stairwell_id"] == "B01-1"].set_index("floor")
    shares = paid.owners.shares.stairwells["B01-1"]
    for floor, row in one.iterrows():
        flats = [flat for flat in shares.flats if flat.floor == floor]
        assert row["flats"] == len(flats)
        assert row["least_fen"] == min(flat.share_fen for flat in flats)
        assert row["most_fen"] == max(flat.share_fen for flat in flats)
    assert sum(flat.share_fen for flat in shares.flats) == 30_000_000
    assert one["loss_min"].max() == paid.sun.flats.query("stairwell == 'B01-1'")["largest_loss_min"].max()


def test_both_languages_have_the_same_texts_in_the_same_order(paid):
    zh, en = records(paid), records(paid, "en")
    assert len(zh["texts"]) == len(en["texts"])
    assert zh["of"] == en["of"]
    assert zh["texts"] != en["texts"]


def test_a_stairwell_says_what_binds_in_millimetres_and_by_which_clause(paid):
    told = records(paid)
    one = told["of"][0]
    said = [[told["texts"][label], told["texts"][text]] for label, text in one["facts"]]
    assert said[0][0] == "决定因素"
    assert "毫米" in said[0][1]
    assert {"业主表决", "各户出资（元）", "日照"} <= {label for label, _ in said}
    assert any(clause is not None for _, _, clause in one["clear"])
    assert [told["texts"][n] for n in one["heads"]][:4] == ["楼层", "户数", "系数", "每户分摊/元"]


def test_no_household_owner_or_vote_is_in_the_page(paid):
    drawn = hearing_map(paid.site, placement={"elevators": paid.placement()})
    assert drawn.page["stairs"]["of"]
    text = drawn.to_html()
    assert OWNER not in text
    assert HOUSEHOLD not in text
    names = {key for record in drawn.page["stairs"]["of"] for key in record}
    assert names == {"building", "name", "verdict", "facts", "clear", "heads", "floors", "notes"}


def test_where_only_those_who_agree_pay_no_share_tells_a_vote(site):
    agreeing = found(site, payers="agreeing")
    assert agreeing.floors()["most_fen"].isna().all()
    votes = site.layer("households").assign(vote="yes")
    other = found(site.with_layer("households", votes), payers="agreeing")
    same = (
        [stairs["floors"] for stairs in records(agreeing)["of"]],
        [s["floors"] for s in records(other)["of"]],
    )
    texts = [records(done)["texts"] for done in (agreeing, other)]
    shown = [
        [[told[n] for n in row] for rows in floors for row in rows]
        for floors, told in zip(same, texts, strict=True)
    ]
    assert shown[0] == shown[1]


def test_a_stairwell_without_an_elevator_says_why(site):
    bare = {name: site.layer(name) for name in site.layers if name != "fire_lanes"}
    done = retrofit_estate(replace(site, layers=bare), plan.load_pack("sanming"))
    told = records(done)
    assert {one["verdict"] for one in told["of"]} == {"unknown"}
    assert all(len(one["facts"]) >= 1 for one in told["of"])
    drawn = hearing_map(done.site, placement={"elevators": done.placement()}).page
    layer = next(layer for layer in drawn["layers"] if layer["id"] == "elevators-rejected")
    assert sorted(layer["stairs"]) == list(range(len(told["of"])))


def test_the_page_is_plain_data(paid):
    json.dumps(records(paid), allow_nan=False)


def words_of(told: dict[str, Any], part: str) -> list[Any]:
    """Return a part of each stairwell by its name, its texts spelled out; the clauses left out."""
    texts = told["texts"]
    spelled = {
        "clear": lambda one: [(texts[text], kept) for text, kept, _ in one["clear"]],
        "floors": lambda one: [[texts[n] for n in row] for row in one["floors"]],
        "facts": lambda one: {texts[label]: texts[text] for label, text in one["facts"]},
    }[part]
    return [(one["building"], one["name"], one["verdict"], spelled(one)) for one in told["of"]]


def test_the_map_of_a_file_says_what_the_file_holds_of_each_stairwell(paid, tmp_path):
    path = tmp_path / "result.gpkg"
    layers = {name: table for name, table in paid.layers("zh").items() if "household_id" not in table}
    paid.site.to_gpkg(path, extra=layers)
    again = plan.read_site(path)
    page = hearing_map(again, **drawn_results(again, read_results(path))).page
    fresh = hearing_map(paid.site, placement={"elevators": paid.placement()}).page
    for part in ("clear", "floors"):
        assert sorted(words_of(page["stairs"], part)) == sorted(words_of(fresh["stairs"], part))
    facts = {one[:3]: one[3] for one in words_of(fresh["stairs"], "facts")}
    for *key, kept in words_of(page["stairs"], "facts"):
        assert set(kept) == {"决定因素", "入户方式", "轮椅可达", "须先办"}
        assert kept.items() <= facts[tuple(key)].items()


def test_a_verdict_that_this_tool_does_not_give_is_not_shown(paid):
    elevators = paid.site.layer("elevators")
    elevators["verdict"] = elevators["verdict"].astype(object)
    elevators.loc[elevators.index[0], "verdict"] = "<b>fine</b>"
    told = kept_stairwells(paid.site.with_layer("elevators", elevators), {})
    assert len(told) == len(elevators) - 1
    assert kept_stairwells(plan.Site(name="S", layers={}, crs=paid.site.crs), {}) == ()


def test_a_proposed_elevator_is_drawn_once(paid):
    drawn = hearing_map(paid.site, placement={"elevators": paid.placement()}).page["layers"]
    ids = [i for layer in drawn if layer["kind"] in ("elevators", "proposals") for i in layer["ids"]]
    assert len(ids) == len(set(ids)) == len(paid.site.layer("elevators"))
    # Without the proposal the file's own elevators are drawn.
    alone = hearing_map(paid.site).page["layers"]
    assert {layer["id"]: len(layer["ids"]) for layer in alone}["elevators"] == len(ids)
