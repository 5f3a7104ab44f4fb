"""Work in processes that may die: one site costs one process at most, and never another site's result.

Every place of work is a pool of its own with one process (pebble), so that no lock and no pipe is shared with a process
that may be killed while it holds it. A process is started afresh (``spawn``: works on Windows, and GDAL dislikes
``fork``). One that dies, hangs or takes too much memory costs its site one retry, then an error that names it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from plan.batch.limits import begin_worker, memory_of, tidily
from plan.crew import HelperContext
from plan.errors import UsageError
from plan.messages import Message

__all__ = ["TIMEOUT_S", "Limits", "Lost", "in_processes"]

TIMEOUT_S: Final = 600.0  # of an estate in a folder of results, when nothing else is said
_TRIES: Final = 2  # of a site whose process died, hung or took too much memory
_LOOK_S: Final = 0.1  # between two looks at the memory of processes
_START_S: Final = 180.0  # within which a process starts, on a machine with much else to do
_GRACE_S: Final = 15.0  # after the time limit, for the pool to end the process itself
_SHIFTS: Final = 50  # places of work that may break before any work began, in a row

Work = TypeVar("Work")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one site may take.

    Raises
    ------
    UsageError
        If a limit or the number of processes makes no sense.
    """

    jobs: int = 1
    timeout_s: float | None = None
    memory_mb: float | None = None

    def __post_init__(self) -> None:
        if self.jobs < 1:
            raise UsageError(Message("batch.jobs", jobs=self.jobs))
        if self.timeout_s is not None and not self.timeout_s > 0:
            raise UsageError(Message("batch.timeout", seconds=self.timeout_s))
        if self.memory_mb is not None and not self.memory_mb > 0:
            raise UsageError(Message("batch.memory", megabytes=self.memory_mb))

    @property
    def any(self) -> bool:
        """Whether a process is needed even for one job."""
        return self.timeout_s is not None or self.memory_mb is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Work whose processes died, hung, or took too much memory, every time."""

    kind: str  # crashed, timed_out, out_of_memory
    code: int = 0  # with which the last one ended

    def message(self, name: str, limits: Limits) -> Message:
        """Return the message for the site of that name: its process died, took too long, or took too much memory."""
        return Message(
            f"batch.{self.kind}",
            name=name,
            code=self.code,
            seconds=f"{limits.timeout_s or 0:g}",
            megabytes=f"{limits.memory_mb or 0:g}",
        )


class _Place(Generic[Work, Done]):
    """A place of work: one process, made again when it is lost."""

    def __init__(self, work: Callable[[Work], Done], limits: Limits) -> None:
        self._work = work
        self._limits = limits
        self._reopen()
        self.future: ProcessFuture[Done] | None = None
        self.number = -1
        self.attempt = 0
        self._given_at = 0.0
        self._greedy: int | None = None  # process that took too much memory

    def _reopen(self) -> None:
        self._context = HelperContext()
        self._pool = ProcessPool(
            max_workers=1,
            context=self._context,
            initializer=begin_worker,
            initargs=(self._limits.memory_mb,),
        )

    def take_up(self, waiting: deque[tuple[int, int]], pieces: Sequence[Work]) -> None:
        """Begin what waits first, when there is nothing else to do."""
        if self.future is None and waiting:
            number, attempt = waiting.popleft()
            self._give(number, pieces[number], attempt)

    def _give(self, number: int, piece: Work, attempt: int) -> None:
        self.number, self.attempt, self._given_at = number, attempt, time.monotonic()
        self._greedy = None
        try:
            self.future = self._schedule(piece)
        except RuntimeError:  # the process was killed while it had nothing to do
            self.close()
            self._reopen()
            self.future = self._schedule(piece)

    def _schedule(self, piece: Work) -> ProcessFuture[Done]:
        future: ProcessFuture[Done] = self._pool.schedule(
            tidily, args=(self._work, piece), timeout=self._limits.timeout_s
        )
        return future

    def look(self) -> None:
        """End the process when it takes too much memory, or does not answer the pool any more."""
        process = self._context.process
        if self.future is None or self.future.done() or process is None:
            return
        limit = self._limits.memory_mb
        if limit is not None and memory_of(process.pid) > limit:
            self._greedy = process.pid
            process.kill()
        time_s = self._limits.timeout_s
        patience_s = _START_S + _GRACE_S + (time_s if time_s is not None else float("inf"))
        if time.monotonic() - self._given_at > patience_s:
            self.future.set_exception(TimeoutError())
            self.close()
            self._reopen()

    def take(self) -> tuple[Done | Lost | None, BaseException | None]:
        """Return the result of the work and the error that it raised, one of them None; both where it has not been begun."""
        future, self.future = self.future, None
        try:
            return None if future is None else future.result(), None
        except TimeoutError:
            return Lost(kind="timed_out"), None
        except MemoryError:
            return Lost(kind="out_of_memory"), None
        except ProcessExpired as error:
            kind = "crashed" if self._greedy is None else "out_of_memory"
            return Lost(kind=kind, code=int(error.exitcode)), None
        except BrokenExecutor:
            # The process was killed between two pieces of work: pebble gives its pool up.
            self.close()
            self._reopen()
            return None, None
        except Exception as error:  # noqa: BLE001 - the work's own error, or a result that cannot be sent back
            return None, error

    def close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        process = self._context.process
        if process is not None and process.pid is not None and process.is_alive():
            process.kill()
        # pebble may be starting the next process: it is waited for and ended, too, but never for ever.
        joining = threading.Thread(target=self._pool.join, daemon=True)
        joining.start()
        joining.join(_GRACE_S)


def in_processes(
    pieces: Sequence[Work],
    work: Callable[[Work], Done],
    *,
    limits: Limits,
    finish: Callable[[int, Done | Lost | BaseException], None],
) -> None:
    """Do work in processes that may die.

    Parameters
    ----------
    pieces : sequence
        Picklable values.
    work : callable
        A function of a module.
    limits : Limits
        How many processes, and what one piece may take.
    finish : callable
        Called with the position of each piece, as they are done, and what came of it: the value, :class:`Lost`, or the
        error that the work itself raised. What it raises ends the work: what is not finished is given up.
    """
    waiting = deque((number, 1) for number in range(len(pieces)))
    places = [_Place[Work, Done](work, limits) for _ in range(min(limits.jobs, len(pieces)))]
    broken = 0
    try:
        while waiting or any(place.future is not None for place in places):
            for place in places:
                place.take_up(waiting, pieces)
            busy = [place for place in places if place.future is not None]
            wait(
                [place.future for place in busy if place.future], timeout=_LOOK_S, return_when=FIRST_COMPLETED
            )
            for place in busy:
                place.look()
                if place.future is None or not place.future.done():
                    continue
                number, attempt = place.number, place.attempt
                done, error = place.take()
                if error is None and done is None and broken < _SHIFTS:
                    broken += 1
                    waiting.appendleft((number, attempt))
                    continue
                if isinstance(done, Lost) and attempt < _TRIES:
                    waiting.append((number, attempt + 1))
                    continue
                place.take_up(waiting, pieces)  # it does not wait while what it did is written down
                if error is not None:
                    finish(number, error)
                else:
                    broken = 0
                    finish(number, Lost(kind="crashed") if done is None else done)
    finally:
        for place in places:
            place.close()
