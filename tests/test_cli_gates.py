"""``plan place gates`` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest
from commands import typed

import plan
from plan.access import WhatIf


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory, sample_gis: Path) -> tuple[Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("gates") / "gates.gpkg"
    done = typed(
        "place", "gates", sample_gis / "old_estate.gpkg", "--max-gates", 1, "-o", out, "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_the_answer_says_what_is_saved_and_who_wins(placed):
    _, answer = placed
    assert answer["schema"] == "plan.place/1"
    assert answer["placed"] == 1
    assert answer["rejected"] == answer["measures"]["candidates"] - 1
    gate = answer["gates"][0]
    assert gate["rank"] == 1
    assert gate["household_minutes_saved"] == pytest.approx(answer["measures"]["household_minutes_saved"])
    assert gate["households_winning"] > 100
    assert gate["winner_buildings"]
    assert gate["cost_cny"] is None
    assert 117 < gate["lon"] < 118.5


def test_the_file_holds_the_gate_its_ways_and_what_it_changes(placed, sample_gis):
    out, answer = placed
    layers = set(pyogrio.list_layers(out)[:, 0])
    assert {"entrances", "walkways", "gates_rejected", "gates_before_after"} <= layers
    before, after = plan.read_site(sample_gis / "old_estate.gpkg"), plan.read_site(out)
    gate = answer["gates"][0]["entrance_id"]
    new = set(after.layer("entrances")["entrance_id"]) - set(before.layer("entrances")["entrance_id"])
    assert new == {gate}
    ways = set(after.layer("walkways")["way_id"]) - set(before.layer("walkways")["way_id"])
    assert ways == {f"{gate}-WAY-1", f"{gate}-WAY-2"}
    rejected = pyogrio.read_dataframe(out, layer="gates_rejected")
    assert len(rejected) == answer["rejected"]
    assert rejected["reason"].notna().all()
    changed = pyogrio.read_dataframe(out, layer="gates_before_after")
    assert changed["household_minutes_saved"].sum() == pytest.approx(
        answer["measures"]["household_minutes_saved"]
    )
    # Read again, the file gives the promised minutes.
    limited = list(answer["measures"]["weights"])
    was, now = (WhatIf.of(site).minutes[limited].clip(upper=30).fillna(30.0) for site in (before, after))
    assert (was - now).to_numpy().sum() == pytest.approx(
        answer["measures"]["household_minutes_saved"], abs=1e-6
    )


def test_the_life_circle_of_the_file_gives_the_promised_minutes(placed, tmp_path, sample_gis):
    out, answer = placed
    minutes = []
    for name, site in (("before.gpkg", sample_gis / "old_estate.gpkg"), ("after.gpkg", out)):
        done = typed("reach", site, "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        walked = pyogrio.read_dataframe(tmp_path / name, layer="walk_times")
        minutes.append(walked.pivot_table(index="origin_id", columns="category", values="walk_min"))
    households = minutes[0].index.union(minutes[1].index)
    limited, cap_min = list(answer["measures"]["weights"]), answer["measures"]["cap_min"]
    # A walk that is longer than the cap, or not possible, counts with the cap.
    was, now = (
        one.reindex(index=households, columns=limited).clip(upper=cap_min).fillna(cap_min) for one in minutes
    )
    saved = was - now
    assert saved.to_numpy().sum() == pytest.approx(answer["measures"]["household_minutes_saved"], abs=1e-6)
    assert (saved.sum(axis=1) > 0.1).sum() == answer["measures"]["households_winning"]
    assert saved.to_numpy().min() > -1e-9  # an opening takes nobody further


def test_the_site_itself_is_not_written_over(tmp_path, sample_gis):
    site = tmp_path / "site.gpkg"
    site.write_bytes((sample_gis / "old_estate.gpkg").read_bytes())
    before = site.read_bytes()
    done = typed("place", "gates", site, "-o", site)
    assert done.returncode == 2
    assert site.read_bytes() == before


def test_tables_in_both_languages(tmp_path, sample_gis):
    for lang, words in (("zh", "节省户·分钟"), ("en", "Household-minutes saved")):
        done = typed(
            "place", "gates", sample_gis / "old_estate.gpkg", "--max-gates", 1, "--spacing-m", 60,
            "-o", tmp_path / "x.gpkg", "--lang", lang,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert words.split("-")[0] in done.stdout
        assert "K08" in done.stdout  # the wall that may not be opened says so


def test_where_no_wall_may_be_opened_none_is(tmp_path, sample_gis):
    done = typed(
        "place", "gates", sample_gis / "new_estate.gpkg", "-o", tmp_path / "x.gpkg", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["placed"] == 0
    assert answer["gates"] == []
    assert answer["rejected"] > 0
