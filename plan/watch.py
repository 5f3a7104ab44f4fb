"""Reading under watch: another process looks on, and ends a reader that takes time or memory without end.

A library that hangs in its own machine code, or dies, cannot be stopped from inside. So the command line is two
processes: one that works, and one that only waits. While files are read the first says so in a small file
(:func:`reading`); the second (:func:`attend`) then looks at its processor time and memory against what files of that
size can need. Where nobody watches, :func:`reading` does nothing.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from plan.errors import UsageError
from plan.messages import Message

__all__ = [
    "MEMORY_GIVEN",
    "SECONDS_GIVEN",
    "STATUS",
    "Limits",
    "Outcome",
    "attend",
    "be_watched",
    "limits_for",
    "reading",
]

STATUS: Final = "PLAN_WATCHED"  # the environment variable that names the small file
SECONDS_GIVEN: Final = "PLAN_READING_SECONDS"  # by which a user sets the processor time that reading may take
MEMORY_GIVEN: Final = "PLAN_READING_MB"  # and the memory
_MOST: Final = 1e9  # seconds or MB: no limit
_MB: Final = 1 << 20
# What sound files need at most, some times over: a drawing or a map of OpenStreetMap takes 2 s and 30 MB for each MB.
_SECONDS: Final = 30.0  # of processor time, for the smallest file
_SECONDS_PER_MB: Final = 20.0
_MEMORY_MB: Final = 768.0  # beyond what is in use when reading begins
_MEMORY_PER_MB: Final = 60.0
_WALL: Final = 10.0  # times as long by the clock: a reader that waits for ever takes no processor time
_PACKED: Final = (".zip", ".xlsx", ".xlsm")  # a part of what they hold
_UNPACKING: Final = 10.0
_POLL_S: Final = 0.1
_PARENT_S: Final = 1.0
_ORPHAN: Final = 75

_status: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What reading may take."""

    seconds: float  # of processor time
    memory_mb: float  # beyond what is in use when it begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a watched command ended."""

    code: int
    stopped: Literal["", "seconds", "memory", "died"] = ""
    paths: tuple[str, ...] = ()  # what was being read when it was stopped
    limits: Limits | None = None


def limits_for(sources: Sequence[str | Path]) -> Limits:
    """Return what reading some files and folders may take: by their size, or as the environment says.

    Raises
    ------
    UsageError
        If ``PLAN_READING_SECONDS`` or ``PLAN_READING_MB`` is no number above zero.
    """
    size = 0.0
    for source in sources:
        path = Path(source)
        try:
            files = list(path.iterdir()) if path.is_dir() else [path]
            size += sum(
                f.stat().st_size * (_UNPACKING if f.suffix.casefold() in _PACKED else 1)
                for f in files
                if f.is_file()
            )
        except (OSError, ValueError):  # an address; a path that is none
            continue
    mb = size / _MB
    return Limits(
        seconds=_given(SECONDS_GIVEN, _SECONDS + _SECONDS_PER_MB * mb),
        memory_mb=_given(MEMORY_GIVEN, _MEMORY_MB + _MEMORY_PER_MB * mb),
    )


def _given(name: str, otherwise: float) -> float:
    said = os.environ.get(name, "").strip()
    if not said:
        return otherwise
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not value > 0:
        raise UsageError(
            Message("watch.no_limit", name=name, said=ascii(said)[1:-1])
        )  # no control characters
    return min(value, _MOST)


@contextmanager
def reading(sources: Sequence[str | Path]) -> Iterator[None]:
    """Tell whoever watches that files are read until the block ends."""
    if _status is None:
        yield
        return
    limits = limits_for(sources)
    told = {"paths": [str(s) for s in sources], "seconds": limits.seconds, "memory_mb": limits.memory_mb}
    _status.write_text(json.dumps(told), encoding="utf-8")
    try:
        yield
    finally:
        _status.write_text("", encoding="utf-8")


def be_watched() -> bool:
    """Find out whether this process is watched, and end with whoever watches it; its own children are not watched."""
    global _status  # noqa: PLW0603 - one process, one watcher
    name = os.environ.pop(STATUS, "")
    if not name:
        return False
    _status = Path(name)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    return True


def attend(arguments: Sequence[str]) -> Outcome:
    """Run a command line of ours in another process, and watch it while it reads.

    Parameters
    ----------
    arguments : sequence of str
        What was typed after ``plan``.

    Returns
    -------
    Outcome
        Its exit code; and what it was reading, if it had to be stopped or died of it.
    """
    with tempfile.TemporaryDirectory(prefix="plan-watch-") as folder:
        status = Path(folder) / "reading"
        status.touch()
        process = subprocess.Popen(  # noqa: S603 - this program again
            [sys.executable, "-m", "plan", *arguments], env={**os.environ, STATUS: str(status)}
        )
        with _forwarded(process):
            return _watch(process, status)


@contextmanager
def _forwarded(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the one who works decide what an interruption means; whoever ends the watcher ends both."""
    before = {signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: None)}

    def end(*_: object) -> None:
        process.terminate()

    before[signal.SIGTERM] = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(process: subprocess.Popen[bytes], status: Path) -> Outcome:
    since: _Since | None = None
    while True:
        try:
            code = process.wait(_POLL_S)
        except subprocess.TimeoutExpired:
            code = None
        told = _told(status)
        if code is not None:
            died = bool(told) and (code < 0 or code > 0xFF) and code not in (-signal.SIGINT, -signal.SIGTERM)  # noqa: PLR2004 - Windows
            return Outcome(code=2 if died else code, stopped="died" if died else "", paths=_paths(told))
        if not told:
            since = None
            continue
        since = since if since is not None and since.told == told else _Since.now(process.pid, told)
        over = since.over(process.pid)
        if over:
            process.kill()
            process.wait()
            return Outcome(code=2, stopped=over, paths=_paths(told), limits=since.limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """What a process had taken when it began to read."""

    told: dict[str, Any]
    limits: Limits
    seconds: float
    memory_mb: float
    clock: float

    @classmethod
    def now(cls, pid: int, told: dict[str, Any]) -> _Since:
        seconds, memory_mb = _taken(pid)
        limits = Limits(seconds=float(told["seconds"]), memory_mb=float(told["memory_mb"]))
        return cls(told=told, limits=limits, seconds=seconds, memory_mb=memory_mb, clock=time.monotonic())

    def over(self, pid: int) -> Literal["", "seconds", "memory"]:
        seconds, memory_mb = _taken(pid)
        if memory_mb - self.memory_mb > self.limits.memory_mb:
            return "memory"
        waited = time.monotonic() - self.clock > self.limits.seconds * _WALL
        return "seconds" if waited or seconds - self.seconds > self.limits.seconds else ""


def _taken(pid: int) -> tuple[float, float]:
    """Return the processor seconds and the megabytes that a process has taken; nothing where it is gone."""
    import psutil  # noqa: PLC0415 - only a watcher needs it

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return float(times.user + times.system), float(process.memory_info().rss) / _MB
    except psutil.Error:
        return 0.0, 0.0


def _told(status: Path) -> dict[str, Any]:
    try:
        text = status.read_text("utf-8")
        told = json.loads(text) if text else {}
    except (OSError, ValueError):  # looked at while it was written
        return {}
    return told if isinstance(told, dict) else {}


def _paths(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(path) for path in told.get("paths", ()))


def _end_with(parent: int) -> None:
    # Where a parent is gone, Linux and macOS give its children another; Windows keeps the number, and nobody has it.
    import psutil  # noqa: PLC0415 - only a watched process needs it

    while os.getppid() == parent and psutil.pid_exists(parent):
        time.sleep(_PARENT_S)
    os._exit(_ORPHAN)
