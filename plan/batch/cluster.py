"""A batch on a Dask cluster: each task keeps its own result, so that a lost worker or future loses nothing.

The workers must see the files of the sites where this machine sees them: a shared folder, or PostGIS. Where they see the
place of the results too, each task keeps its own; where they do not, the task returns its text and it is kept here.

Dask has no time limit for a task. A watch within the worker ends the worker when a site takes too long or too much
memory, and its nanny starts another. A file beside the results counts how often each site was begun: a site that ends
its worker twice is not begun again.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from plan.batch.fingerprint import fingerprint, versions
from plan.batch.limits import memory_of
from plan.batch.pool import Limits, Lost
from plan.batch.record import read_record, write_record
from plan.batch.run import Job, Kept, check_and_keep, keep, look_and_compare
from plan.batch.store import RESULTS, SHARED, TRIES, FolderStore
from plan.batch.task import Checked
from plan.errors import PlanError, UnavailableError
from plan.messages import Message

__all__ = ["Answer", "Order", "on_cluster", "work_there"]

_AHEAD: Final = 2  # jobs for each thread of the cluster: one in work, one on its way
_TRIES: Final = 2  # of a site that ends its worker
_AGAIN: Final = 5  # times that a future may be lost with its worker's memory
_LOOK_S: Final = 0.1
_EXIT: Final = 76


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job for another machine."""

    job: Job
    beside: str  # of a file beside the results: whoever sees it may write there; empty for a database
    versions: dict[str, str]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a job on another machine."""

    kept: Kept | None = None
    text: str | None = None  # the record, where the worker does not see the place of the results
    lost: Lost | None = None
    trouble: str = ""  # versions, inputs


def work_there(order: Order) -> Answer:
    """Check a site on a worker; keep the result where the worker sees the place for it, else return its text."""
    job = order.job
    if versions() != order.versions:
        return Answer(trouble="versions")
    if job.key and fingerprint(job.task).key != job.key:
        return Answer(trouble="inputs")
    if not isinstance(job.store, FolderStore):
        with _watched(None, order.limits):
            return Answer(kept=check_and_keep(job))
    results = job.store.folder / RESULTS
    if not (results / order.beside).is_file():
        with _watched(None, order.limits):
            checked, key = look_and_compare(job)
        return Answer(text=write_record(checked, key=key))
    tries = results / f"{TRIES}{job.slot}"
    lost = _begin(tries)
    if lost is not None:
        return Answer(lost=lost)
    with _watched(tries, order.limits):
        kept = check_and_keep(job)
    with suppress(OSError):
        tries.unlink()
    return Answer(kept=kept)


def _begin(tries: Path) -> Lost | None:
    """Count a try; what was lost when a site was begun too often already."""
    try:
        before = tries.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        before = []
    if before.count("begun") >= _TRIES:
        named = [word for word in before if word != "begun"]
        return Lost(kind=named[-1] if named else "crashed")
    _say(tries, "begun")
    return None


def _say(tries: Path, word: str) -> None:
    with suppress(OSError), tries.open("a", encoding="ascii") as file:  # the count is a help, not a result
        file.write(word + "\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _watched(tries: Path | None, limits: Limits) -> Iterator[None]:
    """End this process when the block takes too long or too much memory."""
    over = threading.Event()
    if not limits.any:
        yield
        return
    until = time.monotonic() + (limits.timeout_s if limits.timeout_s is not None else float("inf"))

    def watch() -> None:
        while not over.wait(_LOOK_S):
            late = time.monotonic() > until
            if late or (limits.memory_mb is not None and memory_of(os.getpid()) > limits.memory_mb):
                if tries is not None:
                    _say(tries, "timed_out" if late else "out_of_memory")
                os._exit(_EXIT)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def on_cluster(
    client: Any,  # noqa: ANN401 - the package is optional
    jobs: Sequence[Job],
    *,
    limits: Limits,
    finish: Callable[[int, Kept | Lost | BaseException], None],
) -> None:
    """Do jobs on a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    jobs : sequence of Job
        What is to be done.
    limits : Limits
        What one site may take; the number of processes is the cluster's.
    finish : callable
        As for :func:`plan.batch.pool.in_processes`.

    Raises
    ------
    UnavailableError
        If the cluster has no workers, or they lack this version of the package or do not see the files.
    """
    from distributed import as_completed  # noqa: PLC0415 - the package is optional

    threads = sum(client.nthreads().values())
    if not threads:
        raise UnavailableError(Message("parts.no_workers", address=client.scheduler.address))
    with _token(jobs[0]) as token:
        orders = iter(
            (number, Order(job=job, beside=token, versions=versions(), limits=limits))
            for number, job in enumerate(jobs)
        )
        given: dict[str, tuple[int, Order]] = {}
        again: Counter[int] = Counter()
        waiting = as_completed(loop=client.loop)

        def give(number: int, order: Order) -> None:
            future = client.submit(work_there, order, pure=False)
            given[future.key] = (number, order)
            waiting.add(future)

        for number, order in islice(orders, _AHEAD * threads):
            give(number, order)
        try:
            for future in waiting:
                number, order = given.pop(future.key)
                came = _gathered(future)
                if came is None and again[number] < _AGAIN:
                    again[number] += 1
                    give(number, order)
                    continue
                finish(number, _taken(order.job, came))
                for following in islice(orders, 1):
                    give(*following)
        finally:
            client.cancel(list(waiting.futures))


@contextmanager
def _token(job: Job) -> Iterator[str]:
    if not isinstance(job.store, FolderStore):
        yield ""
        return
    path = job.store.folder / RESULTS / f"{SHARED}-{secrets.token_hex(8)}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    try:
        yield path.name
    finally:
        path.unlink(missing_ok=True)


def _gathered(future: Any) -> Answer | Lost | PlanError | None:  # noqa: ANN401 - the package is optional
    """Return what came of a future; None where it was lost with its worker's memory, though it was done."""
    from distributed import KilledWorker  # noqa: PLC0415 - the package is optional

    if future.status not in ("finished", "error"):
        return None
    try:
        answer: Answer = future.result()
    except KilledWorker:
        return Lost(kind="crashed")
    except PlanError as error:
        return error
    except Exception as error:
        if future.status not in ("finished", "error"):
            return None
        # Another version of the package, or none, on the workers: whatever it breaks on is told.
        raise UnavailableError(
            Message("parts.workers_differ", why=f"{type(error).__name__}: {error}")
        ) from error
    return answer


def _taken(job: Job, came: Answer | Lost | PlanError | None) -> Kept | Lost | BaseException:
    """Keep here what was returned, and see what a worker could not."""
    if came is None:
        return Lost(kind="crashed")
    if not isinstance(came, Answer):
        return came
    if came.trouble == "versions":
        raise UnavailableError(Message("batch.other_versions"))
    if came.trouble == "inputs":
        if fingerprint(job.task).key == job.key:
            raise UnavailableError(Message("batch.not_seen", path=job.task.shown or job.task.source))
        return keep(
            job,
            Checked(result=job.task.failed(Message("batch.changed", name=job.task.name)), district=""),
            key="",
        )
    if came.text is not None:
        record = read_record(came.text)
        job.store.write(job.slot, came.text, record)
        return Kept(name=record.result.name, outcome=record.result.outcome)
    return came.lost if came.lost is not None else came.kept or Lost(kind="crashed")
