"""What every driver under fire needs, loaded and used once in the process that all of them are forked from."""

from __future__ import annotations

import tempfile
from pathlib import Path

from small_estates import estate

from plan.batch import Request, check_into
from plan.overview import write_overview

with tempfile.TemporaryDirectory(prefix="plan-warm-") as name:
    path = estate(Path(name) / "in.gpkg")
    batch = check_into(
        Path(name) / "out", Request(sources=(str(path),), pack="qinhuangdao", select=("QHD-07",))
    )
    write_overview(batch.tally, Path(name))
