"""A second pair of hands: work that a process of its own does while this one goes on.

What is asked for is the same with one pair of hands as with two. A process is started afresh (``spawn``: works on
Windows, and GDAL dislikes ``fork``); one that dies, for want of memory say, costs nothing but time: its work is done here.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

__all__ = ["Crew", "Helper", "HelperContext", "Task"]

T = TypeVar("T")


class Helper(SpawnProcess):
    """A process that a Ctrl-C at the keyboard passes by: who started it is interrupted, and ends it.

    Else it would die in the middle of its first imports, before any handler is there, and say so with a traceback.
    Windows knows no such masks.
    """

    def start(self) -> None:
        """Start it; what this thread does not hear, it never hears."""
        if not hasattr(signal, "pthread_sigmask"):
            super().start()
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class HelperContext(SpawnContext):
    """Starts helpers, for pebble; knows the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.process: Helper | None = None

    def Process(self, *args: Any, **options: Any) -> Helper:  # type: ignore[override]  # noqa: ANN401, N802 - a name of multiprocessing
        self.process = Helper(*args, **options)
        return self.process


class Task(Generic[T]):
    """Work that was given away, or that is done when its result is asked for."""

    def __init__(
        self,
        work: Callable[..., T],
        arguments: tuple[Any, ...],
        away: Any,  # noqa: ANN401 - a ProcessFuture, which is not annotated
    ) -> None:
        self._work = work
        self._arguments = arguments
        self._away = away

    def take_back(self) -> bool:
        """Take work back that nobody has begun; True where it is ours again."""
        if self._away is not None and self._away.cancel():
            self._away = None
        return self._away is None

    def result(self) -> T:
        """Wait for what comes of it, or do it now."""
        if self._away is None:
            return self._work(*self._arguments)
        try:
            found: T = self._away.result()
        except ProcessExpired:
            return self._work(*self._arguments)
        return found


class Crew:
    """One helping process, or none.

    Parameters
    ----------
    jobs : int
        1: everything is done in this process, when it is asked for. 2: one process helps. A script that asks for
        one must guard its own start with ``if __name__ == "__main__":``, as every program that starts processes.
    """

    def __init__(self, jobs: int) -> None:
        self._pool: Any = None  # a ProcessPool, which is not annotated
        self._jobs = jobs

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is None:
            return
        if kind is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()

    @property
    def helps(self) -> bool:
        """Whether there is a helping process."""
        return self._jobs > 1

    def start(self, work: Callable[..., T], *arguments: Any) -> Task[T]:  # noqa: ANN401 - what the work takes
        """Give work away; a function of a module, with arguments that can be sent."""
        if not self.helps:
            return Task(work, arguments, None)
        if self._pool is None:
            self._pool = ProcessPool(max_workers=1, context=HelperContext(), initializer=_end_with_parent)
        return Task(work, arguments, self._pool.schedule(work, args=list(arguments)))


def _end_with_parent() -> None:
    """End this process when the one that started it is gone: nobody waits for what it makes."""
    parent = parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
