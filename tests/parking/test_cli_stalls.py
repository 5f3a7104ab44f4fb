"""``plan place stalls`` as a user meets it, and what a map shows of it."""

from __future__ import annotations

import json

import pyogrio
import pytest
from small_estate import layers, small_site

import plan
from plan.cli import main
from plan.parking.estate import Options
from plan.stalls import park_estate

QUICK = ["--time-limit", "6", "--iterations", "2"]


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "small.gpkg"
    small_site().to_gpkg(path)
    return path


def test_the_answer_is_plan_place_1_and_the_file_holds_every_layer(source, tmp_path, capsys):
    out = tmp_path / "out.gpkg"
    code = main(
        ["place", "stalls", str(source), "--rules", "sanming", "-o", str(out), "--scenario", "sheds", *QUICK,
         "--angle", "45", "--angle", "0", "--format", "json"]
    )  # fmt: skip
    assert code == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["schema"] == "plan.place/1"
    measures = answer["measures"]
    assert measures["scenario"] == "sheds"
    (sheds,) = [one for one in measures["scenarios"] if one["scenario"] == "sheds"]
    assert answer["placed"] == sheds["proposed"] > 0
    assert {row["angle"] for row in measures["angles"]["rows"]} == {"0", "45", "mixed"}
    assert measures["demand"]["required"] == 8
    found = set(pyogrio.list_layers(out)[:, 0])
    assert {
        "stalls",
        "aisles",
        "stalls_scenarios",
        "stalls_angles",
        "stalls_demand",
        "stalls_removed",
    } <= found
    written = plan.read_site(out)
    assert len(written.layer("stalls")) == sheds["stalls"]


def test_the_tables_stand_side_by_side_in_both_languages(source, tmp_path, capsys):
    for lang, word in (("zh", "拆柴火间"), ("en", "tidied")):
        out = tmp_path / f"{lang}.gpkg"
        arguments = [
            "place",
            "stalls",
            str(source),
            "--rules",
            "sanming",
            "-o",
            str(out),
            *QUICK,
            "--lang",
            lang,
        ]
        assert main(arguments) == 0
        assert word in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--scenario", "nowhere"], "nowhere"),
        (["--scenario", "green"], "removable"),
        (["--keep", "A9"], "A9"),
        (["--shared", "none.csv"], "none.csv"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_cure(source, tmp_path, capsys, more, word):
    out = tmp_path / "out.gpkg"
    arguments = ["place", "stalls", str(source), "--rules", "sanming", "-o", str(out), *QUICK, *more]
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert word in told
    assert "Traceback" not in told
    assert not out.exists()


def test_the_map_shows_what_makes_way_and_escapes_what_files_say():
    spaces = layers()["open_spaces"]
    spaces["name"] = ["空地", "<script>alert(1)</script>广场", "后院"]
    site = small_site(open_spaces=spaces)
    parked = park_estate(
        site,
        plan.load_pack("sanming"),
        options=Options(time_limit_s=6, iterations=2),
        only=("together",),
        compare=False,
    )
    placed = parked.placement()
    page = plan.hearing_map(
        parked.chosen.site, placement={"stalls": placed}, clauses={"stalls": list(placed.measures["clauses"])}
    ).to_html()
    assert "拆除的柴火间" in page
    assert "没有设车位的场地" in page
    assert "45度夹角停车位" in page
    assert "<script>alert(1)" not in page
