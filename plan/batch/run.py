"""A batch whose results are kept one by one: it survives anything, and checks again only what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from plan.batch.fingerprint import Fingerprint, fingerprint
from plan.batch.many import Progress
from plan.batch.pool import Limits, Lost, in_processes
from plan.batch.record import Record, read_record, write_record
from plan.batch.request import Request
from plan.batch.sites import names_told_apart, renamed
from plan.batch.store import FolderStore, Store, slot_of
from plan.batch.tally import Tally
from plan.batch.task import Checked, Task, look_at, unexpected
from plan.errors import InputError, OutputError, PlanError
from plan.findings import SiteResult
from plan.messages import Message
from plan.rules import RulePack, load_pack

__all__ = ["Batch", "Job", "Kept", "check_and_keep", "check_into", "store_at"]

_ROUNDS: Final = 3  # in which results that cannot be read back are made again


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One site to check and to keep; goes to another process or machine."""

    task: Task
    store: Store
    slot: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is told of a site when its result is kept."""

    name: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """A batch that is done; its results are where they are kept."""

    store: Store
    tally: Tally
    checked: int  # sites that this run looked at
    recorded: int  # sites of which the kept result still holds

    def results(self) -> Iterator[SiteResult]:
        """Yield the results in the order of the sites, one in memory at a time.

        Raises
        ------
        OutputError
            If a result was changed since.
        """
        for site in self.tally.sites:
            record = _read(self.store, site.slot)
            if record is None:
                raise OutputError(Message("batch.result_gone", path=self.store.place, name=site.name))
            yield renamed(record.result, site.name)


def check_into(
    out: str | Path | Store,
    request: Request,
    *,
    pack: RulePack | None = None,
    jobs: int = 1,
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    client: Any = None,  # noqa: ANN401 - a distributed.Client; the package is optional
    progress: Progress | None = None,
) -> Batch:
    """Check many sites and keep each result as soon as there is one.

    A result is kept under a key of all that it rests on: the bytes of its files, the rule pack, the options, and the
    versions of this package, GEOS, PROJ and GDAL. A result whose key still holds is not computed again, in this run or
    after a crash; one whose processes died or took too long is tried again in the next run.

    Parameters
    ----------
    out : path-like or Store
        A folder, an address of PostGIS, or a place of one's own.
    request : Request
        The sites, the rules and the options.
    pack : RulePack, optional
        The rules, where they are loaded already.
    jobs : int, default 1
        Processes at work at the same time; without effect on a cluster.
    timeout_s, memory_mb : float, optional
        Seconds and megabytes above which a site is given up. With a limit, with several jobs and for several sites
        each site is checked in another process.
    client : distributed.Client, optional
        A Dask cluster that does the work; see :func:`plan.access.clusters.connect`.
    progress : callable, optional
        Called with how many sites are done, how many there are, and the name of the last one.

    Returns
    -------
    Batch
        What was counted, and where the results are.

    Raises
    ------
    UsageError, RulePackError
        If an option or the pack makes no sense.
    OutputError
        If a result cannot be kept, as when the disk is full; what was kept stays, and the same call goes on from there.
        Or if another run writes to the same place.
    UnavailableError
        If the cluster has no workers, or they cannot do the work.
    """
    limits = Limits(jobs=jobs, timeout_s=timeout_s, memory_mb=memory_mb)
    store = store_at(out)
    rules = load_pack(request.pack, on=request.on) if pack is None else pack
    asked = request.tasks(rules)
    with store.alone():
        store.begin(request.to_json())
        run = _Run(store, limits, client, [task for task, _ in asked], progress)
        return run.through({at: error for at, (_, error) in enumerate(asked) if error is not None})


def store_at(out: str | Path | Store) -> Store:
    """Return the place for results that a path or an address names."""
    if not isinstance(out, str | Path):
        return out
    from plan.batch.tables import TableStore, is_database  # noqa: PLC0415 - a database is rare

    return TableStore(str(out)) if is_database(out) else FolderStore(Path(out))


def check_and_keep(job: Job) -> Kept:
    """Check a site and keep what comes of it, here or in another process.

    Where a file changed while it was read, the result is an error that says so, and it is checked again in the next run.
    """
    checked, key = look_and_compare(job)
    return keep(job, checked, key=key)


def look_and_compare(job: Job) -> tuple[Checked, str]:
    """Check a site; return the result and its key, which is empty where a file changed while it was read."""
    checked = look_at(job.task)
    if job.key and fingerprint(job.task).key != job.key:
        return replace(checked, result=job.task.failed(Message("batch.changed", name=job.task.name))), ""
    return checked, job.key


def keep(job: Job, checked: Checked, *, key: str) -> Kept:
    """Keep what came of a site."""
    try:
        text = write_record(checked, key=key)
    except (TypeError, ValueError) as error:  # a defect: a figure that no record can hold
        key = ""
        checked = replace(checked, result=job.task.failed(unexpected(error)))
        text = write_record(checked, key=key)
    job.store.write(job.slot, text, Record(key=key, result=checked.result, district=checked.district))
    return Kept(name=checked.result.name, outcome=checked.result.outcome)


class _Run:
    """One run over the sites of a batch."""

    def __init__(
        self,
        store: Store,
        limits: Limits,
        client: Any,  # noqa: ANN401 - a distributed.Client; the package is optional
        tasks: list[Task],
        progress: Progress | None,
    ) -> None:
        self.store = store
        self.limits = limits
        self.client = client
        self.tasks = tasks
        self.progress = progress
        self.slots = [slot_of(task.shown or task.source, task.name) for task in tasks]
        self.done = 0
        self.checked = 0

    def through(self, errors: dict[int, Message]) -> Batch:
        """Check each site whose result is not kept, read all results back, and count; what cannot be read is checked again."""
        prints = self._prints(errors)
        kept = self.store.keys(tuple(self.slots))
        held = [at for at, one in enumerate(prints) if one.key and kept.get(self.slots[at]) == one.key]
        jobs = [
            Job(task=task, store=self.store, slot=slot, key=one.key)
            for task, slot, one in zip(self.tasks, self.slots, prints, strict=True)
        ]
        for at, error in errors.items():
            keep(jobs[at], Checked(result=self.tasks[at].failed(error), district=""), key="")
        first = sorted(set(range(len(jobs))) - set(held) - set(errors))
        self.store.note({"event": "begun", "sites": len(jobs), "kept": len(held), "open": len(first)})
        self.done = len(jobs) - len(first)
        self._tell("")
        open_ = first
        for _ in range(_ROUNDS):
            self._work([jobs[at] for at in open_])
            tally, open_ = self._count()
            if not open_:
                break
        else:
            raise OutputError(
                Message("batch.result_gone", path=self.store.place, name=self.tasks[open_[0]].name)
            )
        self.store.end()
        self.store.note({"event": "ended", "sites": len(jobs), "checked": self.checked})
        return Batch(store=self.store, tally=tally, checked=self.checked, recorded=len(held))

    def _prints(self, errors: dict[int, Message]) -> list[Fingerprint]:
        """Return what each result rests on; hashing leaves Python's lock, so threads help."""
        nothing = Fingerprint(key="", inputs=())
        with ThreadPoolExecutor(max_workers=max(2, self.limits.jobs)) as threads:
            found = threads.map(fingerprint, (task for at, task in enumerate(self.tasks) if at not in errors))
            return [nothing if at in errors else next(found) for at in range(len(self.tasks))]

    def _work(self, jobs: list[Job]) -> None:
        def finish(number: int, came: Kept | Lost | BaseException) -> None:
            job = jobs[number]
            if isinstance(came, PlanError):
                raise came  # a result cannot be kept: the disk, not the site
            if isinstance(came, Kept):
                told = came
            else:
                error = (
                    came.message(job.task.name, self.limits) if isinstance(came, Lost) else unexpected(came)
                )
                # Without a key it is tried again by the next run: the machine may have been at fault.
                told = keep(job, Checked(result=job.task.failed(error), district=job.task.district), key="")
            self.checked += 1
            self.done += 1
            self.store.note({"event": "kept", "slot": job.slot, "key": job.key, "outcome": told.outcome})
            self._tell(told.name)

        if not jobs:
            return
        if self.client is not None:
            from plan.batch.cluster import on_cluster  # noqa: PLC0415 - the package is optional

            on_cluster(self.client, jobs, limits=self.limits, finish=finish)
        elif self.limits.any or (len(jobs) > 1 and self.limits.jobs > 1):
            in_processes(jobs, check_and_keep, limits=self.limits, finish=finish)
        else:
            for number, job in enumerate(jobs):
                finish(number, check_and_keep(job))

    def _count(self) -> tuple[Tally, list[int]]:
        """Count all results as they can be read back, and tell which cannot."""
        pack = self.tasks[0].pack.value if self.tasks else None
        tally = Tally(pack.ref, pack.on or "") if pack is not None else None
        lost = []
        for at, (task, slot) in enumerate(zip(self.tasks, self.slots, strict=True)):
            record = _read(self.store, slot, shapes=False)
            if record is None or tally is None:
                lost.append(at)
                continue
            tally.add(record, path=task.shown or task.source, slot=slot)
        if tally is None:
            raise InputError(Message("reports.no_entries"))
        names = names_told_apart([site.name for site in tally.sites], [site.path for site in tally.sites])
        tally.sites = [replace(site, name=name) for site, name in zip(tally.sites, names, strict=True)]
        return tally, lost

    def _tell(self, name: str) -> None:
        if self.progress is not None:
            self.progress(self.done, len(self.tasks), name)


def _read(store: Store, slot: str, *, shapes: bool = True) -> Record | None:
    text = store.read(slot)
    if text is None:
        return None
    try:
        return read_record(text, shapes=shapes)
    except InputError:
        return None
