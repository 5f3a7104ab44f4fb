"""Work for other processes: they import it by name, so it lives in a module of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path

from plan.batch.task import Task
from plan.findings import SiteResult


def read_text(task: Task) -> SiteResult:
    """Do what the file says: die, hang, die once, break, or hand back its text as the error."""
    said = Path(task.source).read_text(encoding="utf-8")
    marker = Path(task.source).with_suffix(".tried")
    if said == "die" or (said == "die once" and not marker.exists()):
        marker.touch()
        os._exit(7)
    if said == "hang":
        time.sleep(600)
    if said == "eat":
        eaten = []
        while True:
            eaten.append(b"x" * (1 << 24))
    if said == "break":
        raise ZeroDivisionError
    return SiteResult(name=task.name, pack=task.pack.value.ref, error=said)
