"""Limits of a process that checks one estate after another: its memory, and the life of who started it."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from multiprocessing import connection, parent_process
from typing import Final, TypeVar

import psutil

__all__ = ["begin_worker", "memory_of", "tidily", "within_memory"]

Work = TypeVar("Work")
Done = TypeVar("Done")

_MB: Final = 1 << 20
_EXIT_ORPHAN: Final = 75
_COLLECT: Final = (100_000, 20, 20)  # objects, and rounds: an estate makes many that live as long as it
_settled = False  # whether this process has done its first piece of work


def begin_worker(memory_mb: float | None) -> None:
    """Prepare a process that was started to work: it ends with its parent, and what it needs is loaded once.

    Parameters
    ----------
    memory_mb : float, optional
        Megabytes of memory that an estate may take.
    """
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    import plan.batch.task  # noqa: F401, PLC0415 - loaded before the time of the first estate begins
    from plan.columns import hold_texts_here  # noqa: PLC0415 - the same

    hold_texts_here()
    gc.freeze()  # what was loaded stays; it is not looked through again and again
    gc.set_threshold(*_COLLECT)
    if memory_mb is not None:
        within_memory(memory_mb)


def tidily(work: Callable[[Work], Done], piece: Work) -> Done:
    """Do a piece of work, and leave nothing of it in memory for the next.

    What is loaded with the first piece stays; it is not looked through again and again.
    """
    global _settled  # noqa: PLW0603 - a process settles once
    try:
        return work(piece)
    finally:
        gc.collect()
        if not _settled:
            gc.freeze()
            _settled = True


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(_EXIT_ORPHAN)  # whoever asked is gone: a result would come from nobody


def memory_of(pid: int | None) -> float:
    """Return the megabytes that a process holds in memory; 0 where it is gone."""
    if pid is None:
        return 0.0
    try:
        return float(psutil.Process(pid).memory_info().rss) / _MB
    except psutil.Error:
        return 0.0


def within_memory(memory_mb: float) -> None:
    """Let the system refuse this process memory beyond a limit, where it can: Linux, macOS.

    Whoever started the process looks at its memory too (:func:`memory_of`); between two looks this limit holds.

    Parameters
    ----------
    memory_mb : float
        Megabytes beyond what is in use now.
    """
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    used = getattr(psutil.Process().memory_info(), "data", 0)
    limit = int(used + memory_mb * _MB)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most == resource.RLIM_INFINITY or limit < most:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
