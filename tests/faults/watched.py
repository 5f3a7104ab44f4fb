"""What a worker under fire does: the product's work, with a sign beside it of who works on what, to be shot at."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

from plan.batch import run
from plan.batch.run import Job, Kept

WORK_S: Final = 0.25  # an estate takes so long at least: as long as one of a real batch
SIGNS: Final = "signs"  # the folder of signs, beside the results


def check_in_sight(job: Job) -> Kept:
    """Check and keep an estate as the product does; say before that it is begun, and after that it is done."""
    signs = Path(job.store.place).parent / SIGNS
    sign = signs / f"{os.getpid()}-{time.monotonic_ns()}"
    sign.with_suffix(".new").write_text(job.slot, encoding="utf-8")
    sign.with_suffix(".new").replace(sign.with_suffix(".begun"))
    begun = time.monotonic()
    kept = run.check_and_keep(job)
    time.sleep(max(0.0, begun + WORK_S - time.monotonic()))
    sign.with_suffix(".begun").replace(sign.with_suffix(".done"))
    return kept


def signs_in(folder: Path, ending: str) -> list[tuple[int, str]]:
    """Return the process and the estate of each sign: ``begun`` and not done, or ``done``."""
    found = []
    for path in sorted(folder.glob(f"*.{ending}")):
        try:
            found.append((int(path.name.partition("-")[0]), path.read_text("utf-8")))
        except FileNotFoundError:  # done in between
            continue
    return found
