from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import batch_workers
import pytest
from small_estates import estate

from plan.batch import check_many, sites_in, task
from plan.batch.common import Common
from plan.batch.many import run as run_tasks
from plan.batch.pool import Limits
from plan.batch.task import Task
from plan.errors import RulePackError, UsageError
from plan.files import sha256
from plan.findings import SiteResult
from plan.readers import read_site
from plan.readers.manner import Manner
from plan.reports import exit_code, render
from plan.rules import load_pack


@pytest.fixture(scope="module")
def estates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three estates, the middle one unreadable, and files that are no estates."""
    folder = tmp_path_factory.mktemp("estates")
    estate(folder / "a.gpkg", room_m2=400)
    estate(folder / "c.gpkg", room_m2=280)
    (folder / "b.gpkg").write_bytes(b"SQLite format 3\x00 and then nothing")
    (folder / "readme.txt").write_text("not an estate", encoding="utf-8")
    return folder


def test_one_bad_estate_never_stops_the_rest(estates: Path) -> None:
    told: list[tuple[int, int, str]] = []
    results = check_many(
        [estates], "qinhuangdao", on="2026-11-22", select=["QHD-07"], progress=lambda *args: told.append(args)
    )
    assert [(r.name, r.outcome) for r in results] == [("a", "met"), ("b", "error"), ("c", "not_met")]
    bad = results[1]
    assert bad.inputs[0].sha256 == sha256(estates / "b.gpkg")
    assert "Traceback" not in str(bad.error)
    assert bad.problems[0].path.endswith("b.gpkg")
    assert results[0].report is not None
    assert results[0].report.inputs[0].sha256 == sha256(estates / "a.gpkg")
    assert {r.on for r in results} == {"2026-11-22"}
    assert told == [(1, 3, "a"), (2, 3, "b"), (3, 3, "c")]
    assert exit_code(results) == 1


def test_processes_change_nothing(estates: Path) -> None:
    here = check_many([estates], "qinhuangdao", select=["QHD-07"])
    there = check_many([estates], "qinhuangdao", select=["QHD-07"], jobs=2)
    assert render(there, "json") == render(here, "json")


def test_results_come_in_the_order_of_the_sources(estates: Path) -> None:
    sources = [estates / "c.gpkg", estates / "nowhere.gpkg", estates / "a.gpkg"]
    results = check_many(sources, "qinhuangdao", select=["QHD-07"])
    assert [(r.name, r.outcome) for r in results] == [("c", "not_met"), ("nowhere", "error"), ("a", "met")]
    assert results[1].inputs == ()


def test_estates_of_the_same_name_are_told_apart(estates: Path, tmp_path: Path) -> None:
    twin = tmp_path / "a.gpkg"
    shutil.copy(estates / "a.gpkg", twin)
    results = check_many([estates / "a.gpkg", twin], "qinhuangdao", select=["QHD-07"])
    assert [r.name for r in results] == [str(estates / "a.gpkg"), str(twin)]


def test_a_folder_without_estates_is_an_error_of_its_own(estates: Path, tmp_path: Path) -> None:
    results = check_many([tmp_path, estates / "a.gpkg"], "qinhuangdao", select=["QHD-07"])
    assert [r.outcome for r in results] == ["error", "met"]
    assert str(tmp_path) in str(results[0].error)


def test_a_folder_is_searched_for_whole_sites_only(tmp_path: Path) -> None:
    for name in (
        "b.GPKG",
        "a.geojson",
        "c.osm.pbf",
        "c.osm",
        ".hidden.gpkg",
        "b.gpkg-wal",
        "x.txt",
        "rooms.shp",
    ):
        (tmp_path / name).touch()
    (tmp_path / "inner").mkdir()
    assert [p.name for p in sites_in(tmp_path)] == ["a.geojson", "b.GPKG", "c.osm", "c.osm.pbf"]


def test_a_folder_of_shapefiles_is_one_site(tmp_path: Path) -> None:
    for name in ("rooms.shp", "rooms.dbf", "buildings.shp"):
        (tmp_path / name).touch()
    assert sites_in(tmp_path) == (tmp_path,)


def test_a_defect_is_named_without_a_traceback(estates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(task, "check", broken)
    results = check_many([estates / "a.gpkg"], "qinhuangdao")
    assert results[0].outcome == "error"
    error = str(results[0].error)
    assert "ZeroDivisionError" in error
    assert "plan/batch/task.py:" in error
    assert "Traceback" not in error
    assert results[0].inputs[0].sha256 == sha256(estates / "a.gpkg")


def test_a_pack_is_taken_for_a_day(estates: Path) -> None:
    pack = load_pack("qinhuangdao")
    assert check_many([estates / "a.gpkg"], pack, on="2026-11-22", select=["QHD-07"])[0].on == "2026-11-22"
    with pytest.raises(RulePackError):
        check_many([estates / "a.gpkg"], pack, on="someday")


def test_what_makes_no_sense_is_refused(estates: Path) -> None:
    with pytest.raises(UsageError, match="0"):
        check_many([estates], "qinhuangdao", jobs=0)
    with pytest.raises(UsageError, match="0"):
        check_many([estates], "qinhuangdao", timeout_s=0)
    with pytest.raises(UsageError, match="0"):
        check_many([estates], "qinhuangdao", memory_mb=0)


def tasks(folder: Path, *said: str) -> list[Task]:
    made = []
    for number, text in enumerate(said):
        path = folder / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        made.append(
            Task(
                source=str(path), name=f"estate {number}", rename=False, pack=Common(load_pack("qinhuangdao")), stage=None,
                select=(), estate=None, households_from=None, manner=Manner(),
            )
        )  # fmt: skip
    return made


def run(made: list[Task], **options: Any) -> tuple[SiteResult, ...]:
    done = options.pop("done", {})
    return run_tasks(made, batch_workers.read_text, done=done, limits=Limits(**{"jobs": 2, **options}))


def test_a_worker_that_dies_costs_its_estate_only(tmp_path: Path) -> None:
    results = run(tasks(tmp_path, "fine", "die", "fine too", "die once", "break", "fine at last"))
    errors = [str(r.error) for r in results]
    assert [errors[n] for n in (0, 2, 3, 5)] == ["fine", "fine too", "die once", "fine at last"]
    assert "estate 1" in errors[1]
    assert "7" in errors[1]
    assert "ZeroDivisionError" in errors[4]
    assert [r.name for r in results] == [f"estate {n}" for n in range(6)]


def test_a_worker_that_hangs_is_stopped(tmp_path: Path) -> None:
    results = run(tasks(tmp_path, "hang", "fine"), jobs=1, timeout_s=1.5)
    assert "estate 0" in str(results[0].error)
    assert "1.5" in str(results[0].error)
    assert results[0].inputs[0].sha256 == sha256(tmp_path / "0.txt")
    assert results[1].error == "fine"


def test_a_worker_that_eats_memory_is_stopped(tmp_path: Path) -> None:
    results = run(tasks(tmp_path, "eat", "fine"), jobs=1, memory_mb=700)
    assert "estate 0" in str(results[0].error)
    assert "700" in str(results[0].error)
    assert results[1].error == "fine"


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    made = tasks(tmp_path, "die", "fine")
    results = run(made, done={0: made[0].failed("known")})
    assert [r.error for r in results] == ["known", "fine"]


def test_a_task_survives_the_way_to_another_process(tmp_path: Path) -> None:
    import pickle

    task = replace(tasks(tmp_path, "fine")[0], pack=Common(load_pack("qinhuangdao", on="2026-11-22")))
    again = pickle.loads(pickle.dumps(task))  # noqa: S301 - our own bytes
    assert again == task
    assert os.fspath(again.source) == task.source
    third = pickle.loads(pickle.dumps(again))  # noqa: S301 - the same
    assert third.pack is again.pack, "rules are unpacked once"


def test_copies_of_a_site_file_are_told_apart(estates: Path, tmp_path: Path) -> None:
    site = read_site(estates / "a.gpkg", name="甲小区")
    for name in ("one.gpkg", "two.gpkg"):
        site.to_gpkg(tmp_path / name)
    results = check_many([tmp_path], "qinhuangdao", select=["QHD-07"])
    names = [f"甲小区 ({tmp_path / name})" for name in ("one.gpkg", "two.gpkg")]
    assert [r.name for r in results] == names
    assert [r.report.site for r in results if r.report is not None] == names


@pytest.mark.parametrize("options", [{"stage": "nonsense"}, {"select": ["NOPE"]}, {"estate": "old"}])
def test_options_that_make_no_sense_are_refused_before_any_site_is_read(
    estates: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        check_many([estates], "qinhuangdao", **options)
