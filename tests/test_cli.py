"""The command line as a user meets it: commands typed, exit codes, data on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from commands import typed

COMMANDS = ("inspect", "import", "check", "reach", "place", "map", "hearing", "export", "programme", "rules")


def plan(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "plan", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        timeout=300,
    )


@pytest.fixture(scope="module")
def hearing(
    tmp_path_factory: pytest.TempPathFactory, sample_gis: Path
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("hearing")
    return folder, plan(
        "hearing", sample_gis / "old_estate.gpkg", "--rules", "sanming", "--propose", "none", "-o", folder
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    zh, en = plan(command, "--help"), plan(command, "--help", "--lang", "en")
    assert zh.returncode == en.returncode == 0
    assert "选项" in zh.stdout
    assert "Options" in en.stdout


def test_the_language_may_stand_before_the_command() -> None:
    done = plan("--lang", "en", "rules", "show", "atlantis")
    assert done.returncode == 2
    assert done.stderr.isascii(), done.stderr


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['plan', '--help']\n"
        "from plan.cli import main\n"
        "main(['--help'])\n"
        "heavy = {'numpy', 'pandas', 'shapely', 'geopandas', 'pyproj', 'scipy', 'osmnx', 'folium', 'networkx', 'rasterio'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stdout.splitlines()[-1] == "LOADED []", done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("chek",),
        ("check",),
        ("check", "nothing.gpkg", "--rules", "qinhuangdao"),
        ("check", "x.gpkg", "--rules", "atlantis"),
        ("reach", "nothing.gpkg"),
        ("map", "nothing.gpkg", "-o", "x.html"),
        ("rules", "show", "atlantis"),
        ("inspect", "nothing.gpkg"),
        ("import", "nothing.osm", "-o", "x.gpkg"),
    ],
)
def test_a_mistake_ends_with_2_and_words(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = typed(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_one_design_two_cities_two_verdicts(sample_gis: Path) -> None:
    design = sample_gis / "new_estate.gpkg"
    one = typed("check", design, "--rules", "qinhuangdao", "--format", "json")
    two = typed("check", design, "--rules", "jinan", "--format", "json")
    assert (one.returncode, two.returncode) == (0, 1), one.stderr + two.stderr
    found = {f["rule"]: f for f in json.loads(two.stdout)["sites"][0]["findings"]}
    assert found["JN-01"]["status"] == "not_met"
    assert found["JN-01"]["required"] == 1000
    assert "1000平方米" in found["JN-01"]["clause"]["quote"]
    first = json.loads(one.stdout)
    assert first["schema"] == "plan.report/1"
    assert first["pack"]["id"] == "qinhuangdao"
    assert first["sites"][0]["outcome"] == "met"
    assert {f["rule"]: f["status"] for f in first["sites"][0]["findings"]}["QHD-07"] == "met"
    for finding in first["sites"][0]["findings"]:
        assert finding["clause"]["document"]
        assert finding["clause"]["quote"] or finding["clause"]["evidence"] in ("derived", "practice")


@pytest.mark.parametrize("form", ["text", "json", "csv", "html", "junit", "sarif", "geojson"])
def test_a_report_in_every_form(form: str, sample_gis: Path) -> None:
    done = typed("check", sample_gis / "new_estate.gpkg", "--rules", "jinan", "--format", form)
    assert done.returncode == 1
    assert "JN-01" in done.stdout


def test_a_report_goes_to_a_folder(sample_gis: Path, tmp_path: Path) -> None:
    done = typed(
        "check", sample_gis / "new_estate.gpkg", "--rules", "jinan", "--format", "xlsx", "-o", tmp_path
    )
    assert done.returncode == 1
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"


def test_one_bad_estate_does_not_stop_the_others(sample_gis: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.gpkg").write_bytes(b"not a file of ours")
    done = typed(
        "check",
        tmp_path / "bad.gpkg",
        sample_gis / "new_estate.gpkg",
        "--rules",
        "qinhuangdao",
        "--format",
        "json",
    )
    outcomes = [site["outcome"] for site in json.loads(done.stdout)["sites"]]
    assert outcomes == ["error", "met"]
    assert done.returncode == 2


def test_the_main_job(hearing: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = hearing
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 3), done.stderr
    assert {"index.html", "map.html", "report.html", "report.json", "result.gpkg", "manifest.json"} <= {
        p.name for p in folder.iterdir()
    }
    before, after = json.loads((folder / "report.json").read_text(encoding="utf-8"))["sites"]
    status = [{f["rule"]: f["status"] for f in site["findings"]} for site in (before, after)]
    assert status[0]["SM-26"] == "not_met"
    assert status[1]["SM-26"] == "met"
    layers = {name for name, _ in pyogrio.list_layers(folder / "result.gpkg")}
    assert {"rooms", "rooms_rejected", "walk_times", "isochrones", "buildings"} <= layers
    rooms = gpd.read_file(folder / "result.gpkg", layer="rooms")
    assert rooms.loc[rooms["state"] == "planned", "area_m2"].sum() >= 300
    rejected = gpd.read_file(folder / "result.gpkg", layer="rooms_rejected")
    assert rejected["reason"].str.len().min() > 0


def test_the_map_draws_the_report_of_the_package(
    hearing: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    folder, _ = hearing
    done = typed("map", folder / "result.gpkg", "--report", folder / "report.json", "-o", tmp_path / "m.html")
    assert done.returncode == 0, done.stderr
    assert "SM-26" in (tmp_path / "m.html").read_text(encoding="utf-8")


def test_reach_prints_the_life_circle(sample_gis: Path, tmp_path: Path) -> None:
    out = tmp_path / "reach.gpkg"
    done = typed(
        "reach",
        sample_gis / "old_estate.gpkg",
        "--minutes",
        "5",
        "10",
        "15",
        "-o",
        out,
        "--format",
        "json",
        "--lang",
        "en",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "plan.reach/1"
    assert found["minutes"] == [5, 10, 15]
    for row in found["categories"]:
        assert {"category", "limit_min", "households", "served", "share", "median_min", "p90_min"} <= set(row)
        shares = [row[f"share_{m}"] for m in (5, 10, 15)]
        assert shares == sorted(shares)
    assert {"walk_times", "isochrones"} <= {name for name, _ in pyogrio.list_layers(out)}
    times = gpd.read_file(out, layer="walk_times")
    assert list(times.columns[:4]) == ["origin_id", "category", "facility_id", "walk_min"]


def test_places_are_printed_as_json(sample_gis: Path, tmp_path: Path) -> None:
    done = typed(
        "place",
        "rooms",
        sample_gis / "old_estate.gpkg",
        "--rules",
        "sanming",
        "-o",
        tmp_path / "r.gpkg",
        "--format",
        "json",
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "plan.place/1"
    assert found["measures"]["shortfall_m2"] == 0
    assert found["placed"] >= 1
    assert found["rejected"] >= 1


def test_inspect_prints_layers_as_json(sample_gis: Path) -> None:
    done = typed("inspect", sample_gis / "old_estate.gpkg", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == "plan.inspect/1"
    assert not [p for p in found["problems"] if p["severity"] == "error"]


def test_rules_are_listed_shown_validated_and_compared(tmp_path: Path) -> None:
    listed = json.loads(typed("rules", "list", "--format", "json").stdout)
    assert {p["id"] for p in listed} == {
        "national",
        "sanming",
        "panzhihua",
        "qinhuangdao",
        "huainan",
        "jinan",
    }
    shown = json.loads(typed("rules", "show", "qinhuangdao", "--format", "json").stdout)
    assert {r["id"]: r["params"] for r in shown["rules"]}["QHD-07"]["minimum_m2"] == 300
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[pack]\nid = "mine"\nversion = "1.0.0"\ntitle = "我市"\nextends = "qinhuangdao"\n'
        '[document.d]\ntitle = "文件"\n'
        '[[rule]]\nid = "QHD-07"\ntitle = "面积"\nkind = "room_area"\nstrength = "must"\nevidence = "seed"\n'
        'document = "d"\nquote = "不少于350平方米"\nparams = { rate_m2_per_100_households = 20, minimum_m2 = 350 }\n',
        encoding="utf-8",
    )
    assert typed("rules", "validate", mine).returncode == 0
    changed = typed("rules", "diff", "qinhuangdao", mine, "--format", "json")
    assert changed.returncode == 1
    assert {
        "rule": "QHD-07",
        "what": "changed",
        "part": "params.minimum_m2",
        "old": "300.0",
        "new": "350.0",
        "effect": "stricter",
    } in json.loads(changed.stdout)["changes"]
    assert json.loads(changed.stdout)["needs"] == "major"
    assert "not compared" in typed("rules", "diff", "qinhuangdao", mine, "--lang", "en").stderr
    alike = typed("rules", "diff", mine, mine, "--lang", "en")
    assert (alike.returncode, alike.stdout, "are alike" in alike.stderr) == (0, "", True)
    said = typed("rules", "validate", mine, "--lang", "en").stderr
    assert "its quote does not say rate_m2_per_100_households = 20" in said
    mine.write_text(mine.read_text(encoding="utf-8").replace("minimum_m2", "minimun_m2"), encoding="utf-8")
    wrong = typed("rules", "validate", mine, "--lang", "en")
    assert wrong.returncode == 2
    assert "rule[0].params" in wrong.stderr
    assert "minimum_m2" in wrong.stderr


def test_the_same_command_writes_the_same_bytes(
    hearing: tuple[Path, subprocess.CompletedProcess[str]], sample_gis: Path, tmp_path: Path
) -> None:
    folder, _ = hearing
    typed(
        "hearing", sample_gis / "old_estate.gpkg", "--rules", "sanming", "--propose", "none", "-o", tmp_path,
        "--jobs", "1",
    )  # fmt: skip
    for name in sorted(p.name for p in folder.iterdir() if p.is_file()):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_locked_folder_is_told(sample_gis: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = typed("map", sample_gis / "old_estate.gpkg", "-o", tmp_path / "file" / "m.html")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("import", "a.gpkg", "-o", "a.gpkg"),
        ("map", "a.gpkg", "-o", "a.gpkg"),
        ("reach", "a.gpkg", "-o", "./a.gpkg"),
        ("place", "rooms", "a.gpkg", "--rules", "sanming", "-o", "a.gpkg"),
        ("import", "a.gpkg", "-o", "a.txt"),
        ("check", ".", "--rules", "sanming", "--format", "json", "-o", "."),
    ],
)
def test_a_source_is_never_written_over(arguments: tuple[str, ...], sample_gis: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.gpkg"
    source.write_bytes((sample_gis / "old_estate.gpkg").read_bytes())
    done = typed(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr
    assert list(tmp_path.iterdir()) == [source]
    assert source.read_bytes() == (sample_gis / "old_estate.gpkg").read_bytes()


def test_json_in_a_pipe_is_utf_8_whatever_the_console(sample_gis: Path) -> None:
    command = [sys.executable, "-m", "plan", "check", sample_gis / "old_estate.gpkg", "--rules", "sanming"]
    done = subprocess.run(
        [*map(str, command), "--format", "json", "--select", "SM-26"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"},
    )
    found = json.loads(done.stdout.decode("utf-8"))
    assert (
        "社区"
        in found["sites"][0]["findings"][0]["title"] + found["sites"][0]["findings"][0]["clause"]["quote"]
    )


@pytest.mark.parametrize("command", ["check", "import", "inspect", "hearing", "reach", "map"])
def test_help_pages_lose_no_word_on_a_narrow_screen(command) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "plan", command, "--help"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
    )
    page = done.stdout.replace("SITE…", "").replace("FILE…", "").replace("SOURCE…", "").replace("MIN…", "")
    assert "…" not in page
    assert "Show this message" not in page
    assert "[required]" not in page


def test_an_output_that_cannot_be_is_told_before_any_work(sample_gis, tmp_path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    done = typed("hearing", sample_gis / "old_estate.gpkg", "--rules", "sanming", "-o", tmp_path / "file")
    assert done.returncode == 2
    assert "是一个文件，不是文件夹" in done.stderr.replace("\n", "")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
