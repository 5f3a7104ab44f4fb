"""``plan place elevators`` as a user meets it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from commands import typed

import plan
from plan.checks import check
from plan.findings import Status


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory, sample_gis: Path) -> tuple[Path, dict[str, object]]:
    out = tmp_path_factory.mktemp("elevators") / "elevators.gpkg"
    done = typed(
        "place", "elevators", sample_gis / "old_estate.gpkg", "--rules", "sanming", "-o", out,
        "--format", "json", "--pipe-cny-per-m", 800, "--lang", "en",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out, json.loads(done.stdout)


def test_every_stairwell_has_a_verdict_and_a_reason(placed):
    _, answer = placed
    assert answer["schema"] == "plan.place/1"
    stairwells = answer["measures"]["stairwells"]
    assert len(stairwells) == 117
    counts = Counter(one["verdict"] for one in stairwells)
    assert set(counts) <= {"feasible", "conditional", "infeasible", "unknown", "excluded"}
    assert {name: answer["measures"][name] for name in counts} == dict(counts)
    assert answer["placed"] == counts["feasible"] + counts["conditional"]
    assert answer["placed"] + answer["rejected"] == 117
    assert all(one["reason"] for one in stairwells)
    for one in stairwells:
        if one["verdict"] == "conditional":
            assert one["remedies"]
        for clearance in one["clearances"]:
            assert clearance["margin_m"] == pytest.approx(
                clearance["measured_m"] - clearance["required_m"], abs=2e-6
            )
    fire = [c for one in stairwells for c in one["clearances"] if c["name"] == "fire_lane"]
    assert fire
    assert {c["rule"] for c in fire} == {"EL-FIRE"}


def test_the_file_holds_elevators_clearances_and_what_was_rejected(placed):
    out, answer = placed
    layers = set(pyogrio.list_layers(out)[:, 0])
    assert {
        "elevators", "elevators_rejected", "elevators_clearances", "elevators_alternatives", "elevators_landings",
    } <= layers  # fmt: skip
    rejected = gpd.read_file(out, layer="elevators_rejected")
    assert rejected["reason"].str.len().gt(5).all()
    assert not rejected["reason"].str.contains("[一-鿿]").any()
    written = gpd.read_file(out, layer="elevators")
    assert len(written) == answer["placed"]
    assert not written["reason"].str.contains("[一-鿿]").any()


def test_what_is_placed_is_judged_as_if_it_were_drawn(placed):
    out, _ = placed
    site = plan.read_site(out)
    found = check(site, plan.load_pack("sanming"), select=["EL-FIRE", "EL-SEP"]).findings
    assert {(f.rule, f.status) for f in found} == {("EL-FIRE", Status.MET), ("EL-SEP", Status.MET)}


def test_no_shaft_stands_in_a_building_or_another_shaft(placed):
    out, _ = placed
    site = plan.read_site(out)
    shafts = site.layer("elevators").geometry.to_numpy()
    for others in (site.layer("buildings").geometry.to_numpy(), shafts):
        one, other = shapely.STRtree(shafts).query(others, predicate="intersects")
        common = shapely.area(shapely.intersection(others[one], shafts[other]))
        assert (common[(one != other) | (others is not shafts)] < 1e-4).all()


def test_drawn_elevators_stay_and_are_not_proposed_again(placed, tmp_path):
    out, answer = placed
    again = tmp_path / "again.gpkg"
    done = typed("place", "elevators", out, "--rules", "sanming", "-o", again, "--format", "json")
    assert done.returncode == 0, done.stderr
    second = json.loads(done.stdout)
    assert second["placed"] == 0
    assert second["measures"]["excluded"] == answer["placed"]
    assert len(plan.read_site(again).layer("elevators")) == answer["placed"]


def test_the_table_names_every_stairwell(tmp_path, sample_gis):
    done = typed(
        "place", "elevators", sample_gis / "old_estate.gpkg", "--rules", "sanming", "-o", tmp_path / "o.gpkg"
    )
    assert done.returncode == 0
    assert "117 个梯号" in done.stdout
    for name in ("B01-1", "B33-3"):
        assert name in done.stdout


def test_what_is_missing_is_told(tmp_path, sample_gis):
    done = typed(
        "place", "elevators", sample_gis / "district.gpkg", "-o", tmp_path / "o.gpkg", "--format", "json"
    )
    answer = json.loads(done.stdout)
    assert answer["placed"] == 0
    assert answer["measures"]["feasible"] == answer["measures"]["conditional"] == 0
    unknown = [s for s in answer["measures"]["stairwells"] if s["verdict"] == "unknown"]
    assert unknown
    assert all("fire_lanes" in s["reason"] for s in unknown)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--shaft-width-m", "-1"),
        ("--connection", "ladder"),
        ("--min-storeys", "0"),
        ("--pipe-cny-per-m", "-5"),
        ("--budget", "100000"),
        ("--subsidy", "1000"),
        ("--payers", "all"),
        ("--cost", "1000", "--subsidy", "1000"),
    ],
)
def test_options_without_sense_are_refused(arguments, tmp_path, sample_gis):
    done = typed("place", "elevators", sample_gis / "old_estate.gpkg", "-o", tmp_path / "o.gpkg", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_site_without_entrances(tmp_path, sample_gis):
    bare = tmp_path / "bare.gpkg"
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    plan.Site(name="S", layers={"buildings": site.layer("buildings")}, crs=site.crs).to_gpkg(bare)
    done = typed("place", "elevators", bare, "-o", tmp_path / "o.gpkg")
    assert done.returncode == 2
    assert "entrances" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_stairwell_is_told_before_anything_is_written(tmp_path, sample_gis):
    out = tmp_path / "o.gpkg"
    done = typed(
        "place", "elevators", sample_gis / "old_estate.gpkg", "--rules", "sanming", "--sun-day", "no", "-o", out,
        "--cost", 500_000, "--stairwell", "nowhere",
    )  # fmt: skip
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert not out.exists()


def test_buildings_without_stairwells_are_named(tmp_path, sample_gis):
    bare = tmp_path / "bare.gpkg"
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    doors = site.layer("entrances")
    site.with_layer("entrances", doors[doors["kind"] != "stairwell"]).to_gpkg(bare)
    done = typed("place", "elevators", bare, "--rules", "sanming", "-o", tmp_path / "o.gpkg", "--lang", "en")
    assert done.returncode == 3, done.stderr
    assert "33 buildings of 4 or more storeys have no stairwell" in " ".join(done.stdout.split())


def test_a_map_draws_them(placed, tmp_path):
    out, _ = placed
    done = typed("map", out, "-o", tmp_path / "map.html")
    assert done.returncode == 0, done.stderr
    assert "加装电梯" in (tmp_path / "map.html").read_text(encoding="utf-8")
