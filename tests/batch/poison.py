"""Work for other processes that three estates of a hundred do not let come to its end."""

from __future__ import annotations

import ctypes
import time

from plan.batch import run
from plan.batch.run import Job, Kept


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
