"""Who walks, on which terrain and when: `plan reach` and `plan check` typed, on the sample and on bad input."""

from __future__ import annotations

import json

import pytest

from plan.cli import main


def run(capsys, *words):
    code = main([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture
def estate(sample_gis):
    return sample_gis / "old_estate.gpkg"


@pytest.fixture
def dem(sample_gis):
    return sample_gis / "old_estate_dem.tif"


def reached(capsys, *words):
    code, out, err = run(capsys, "reach", *words, "--format", "json", "--lang", "en")
    assert code == 0, err
    found = json.loads(out)
    return found, {row["category"]: row for row in found["categories"]}


def test_another_speed_terrain_and_profiles_change_the_answer(capsys, estate, dem):
    level, flat = reached(capsys, estate)
    other = {row["category"]: row for row in level["at_other_speed"]["categories"]}
    assert (level["m_per_min"], level["at_other_speed"]["m_per_min"]) == (60, 80)
    assert all(row["other_share"] >= row["share"] for row in other.values())
    assert other["clinic"]["other_share"] > other["clinic"]["share"] == flat["clinic"]["share"]
    hilly, rows = reached(capsys, estate, "--dem", dem)
    assert hilly["dem"] == str(dem)
    assert rows["nursery"]["median_min"] != flat["nursery"]["median_min"]
    wheels, barred = reached(capsys, estate, "--dem", dem, "--profile", "wheelchair")
    assert wheels["at_other_speed"] is None
    assert barred["clinic"]["share"] < flat["clinic"]["share"]
    assert any("too steep" in note for note in wheels["notes"])


def test_at_night_a_gate_is_shut_and_that_is_said(capsys, estate):
    found, rows = reached(capsys, estate, "--at", "23:30")
    assert found["at"] == "23:30"
    assert any("shut at 23:30" in note for note in found["notes"])
    _, day = reached(capsys, estate)
    assert any(
        row["median_min"] is not None and row["median_min"] > day[name]["median_min"] + 1
        for name, row in rows.items()
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--dem", "nowhere.tif"), "PLAN-DEM-004"),
        (("--profile", "centipede"), "centipede"),
        (("--at", "25:00"), "HH:MM"),
    ],
)
def test_what_cannot_be_is_an_error_with_its_name(capsys, estate, words, says):
    code, out, err = run(capsys, "reach", estate, "--lang", "en", *words)
    assert code == 2
    assert says in err
    assert "Traceback" not in err + out


def test_terrain_decides_a_rule_about_slopes(capsys, sample_gis, dem, tmp_path):
    import shutil

    import geopandas as gpd

    bare = tmp_path / "bare.gpkg"
    shutil.copy(sample_gis / "old_estate.gpkg", bare)
    ways = gpd.read_file(bare, layer="walkways").drop(columns="slope")
    ways.to_file(bare, layer="walkways", driver="GPKG")

    def judge(*words):
        command = (
            "check",
            bare,
            "--rules",
            "national",
            "--select",
            "AC-ROUTE-S",
            "--format",
            "json",
            "--lang",
            "en",
        )
        _, out, _ = run(capsys, *command, *words)
        return json.loads(out)["sites"][0]

    assert judge()["findings"][0]["status"] == "undetermined"
    on_terrain = judge("--dem", dem)
    assert on_terrain["findings"][0]["status"] == "not_met"
    assert any(file["path"] == str(dem) for file in on_terrain["inputs"])
    assert judge("--dem", tmp_path / "absent.tif")["outcome"] == "error"
