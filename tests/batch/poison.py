"""Three estates among a hundred: one crashes, one hangs, one eats memory; all others must be answered.

    python tests/batch/poison.py FOLDER

runs them and says how many answers are right, and which errors are named.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from small_estates import estates

from plan.batch import Request, check_into, check_many, run
from plan.batch.run import Job, Kept
from plan.findings import SiteResult
from plan.reports import render

SELECT = ("QHD-07",)
DRAWN = 10  # estates that are drawn; the others are copies of them
GOOD = 100
TIMEOUT_S = 8
MEMORY_MB = 900


def check_or_fall(job: Job) -> Kept:
    """Do as the product does, but fall as the name of the file says: crash, hang, eat."""
    if "crash" in job.task.name:
        ctypes.string_at(0)  # a broken driver of a format does just that
    if "hang" in job.task.name:
        time.sleep(3600)
    if "eat" in job.task.name:
        eaten = []
        while True:
            eaten.append(bytearray(1 << 24))
    return run.check_and_keep(job)


def poisoned(folder: Path) -> tuple[int, dict[str, str]]:
    """Check a hundred estates and three that fall; return how many answers are right, and the errors by name."""
    source = estates(folder / "in", DRAWN)
    alone = check_many([source], "qinhuangdao", select=SELECT)
    for number in range(DRAWN, GOOD):
        shutil.copy(source / f"e{number % DRAWN:03d}.gpkg", source / f"e{number:03d}.gpkg")
    for name in ("crash", "hang", "eat"):
        shutil.copy(source / "e000.gpkg", source / f"{name}.gpkg")
    in_processes = run.in_processes

    def with_poison(jobs: Any, _work: Any, **options: Any) -> None:
        in_processes(jobs, check_or_fall, **options)

    run.in_processes = with_poison
    try:
        batch = check_into(
            folder / "out",
            Request(sources=(str(source),), pack="qinhuangdao", select=SELECT),
            jobs=2,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
        )
    finally:
        run.in_processes = in_processes
    results = list(batch.results())
    wrong = {one.name: _error(one) for one in results if one.report is None}
    right = sum(
        _answer(one) == _answer(alone[_number(one) % DRAWN]) for one in results if one.report is not None
    )
    return right, wrong


def _answer(result: SiteResult) -> Any:
    """Return what is told of a site, but for its name and its file."""
    site = json.loads(render([result], "json"))["sites"][0]
    return site["outcome"], site["findings"]


def _error(result: SiteResult) -> str:
    return result.error.to("en")  # type: ignore[union-attr]


def _number(result: SiteResult) -> int:
    return int(result.name.removeprefix("e")[:3])


if __name__ == "__main__":
    import poison  # under its own name, as its workers import it

    count, errors = poison.poisoned(Path(sys.argv[1]))
    sys.stdout.write(f"{count} right answers, {len(errors)} named errors: {', '.join(sorted(errors))}\n")
