"""One estate that crashes, one that hangs and one that eats memory among a hundred."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "batch"))

import poison
from small_estates import estates

from plan.batch import Request, check_into, check_many
from plan.batch import run as run_module
from plan.reports import render

pytestmark = pytest.mark.long

SELECT = ("QHD-07",)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_hundred_right_answers_and_three_named_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = estates(tmp_path / "in", 10)
    good = check_many([folder], "qinhuangdao", select=SELECT)
    for number in range(10, 100):
        shutil.copy(folder / f"e{number % 10:03d}.gpkg", folder / f"e{number:03d}.gpkg")
    for name in ("crash", "hang", "eat"):
        shutil.copy(folder / "e000.gpkg", folder / f"{name}.gpkg")
    monkeypatch.setattr(run_module, "in_processes", with_poison(run_module.in_processes))
    batch = check_into(
        tmp_path / "out",
        Request(sources=(str(folder),), pack="qinhuangdao", select=SELECT),
        jobs=2,
        timeout_s=8,
        memory_mb=900,
    )
    results = list(batch.results())
    bad = {r.name: str(r.error.to("en")) for r in results if r.outcome == "error"}  # type: ignore[union-attr]
    right = [r for r in results if r.report is not None]
    assert render(right[:10], "json") == render(good, "json")
    told = [r.report.findings for r in right if r.report is not None]
    assert told == told[:10] * 10
    assert len(results) == 103
    assert set(bad) == {"crash", "hang", "eat"}
    assert "died twice" in bad["crash"]
    assert "8 s twice" in bad["hang"]
    assert "900 MB of memory twice" in bad["eat"]


def with_poison(in_processes: object) -> object:
    def start(jobs: object, _work: object, **options: object) -> None:
        in_processes(jobs, poison.check_or_fall, **options)  # type: ignore[operator]

    return start
