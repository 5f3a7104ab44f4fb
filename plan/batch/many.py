"""Many sites against one rule pack, the results in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from plan.batch.pool import Limits, Lost, in_processes
from plan.batch.request import Request, taken_for_a_day
from plan.batch.sites import names_told_apart, renamed
from plan.batch.task import Task, check_one, unexpected
from plan.findings import SiteResult
from plan.readers.cad import Units
from plan.rules import RulePack, Waivers

__all__ = ["Progress", "check_many", "run"]

Progress = Callable[[int, int, str], None]  # done, total, name of the site that is done


def check_many(
    sources: Iterable[str | Path],
    pack: RulePack | str | Path,
    *,
    on: str | date | None = None,
    stage: str | None = None,
    select: Sequence[str] = (),
    jobs: int = 1,
    estate: str | None = None,
    households_from: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    mapping: Sequence[str] = (),
    units: Units | None = None,
    shifted: Sequence[str] = (),
    dem: str | Path | None = None,
    since: str | Path | None = None,
    waivers: Waivers | None = None,
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    progress: Progress | None = None,
) -> tuple[SiteResult, ...]:
    """Check many sites against one rule pack.

    A script that asks for more than one job or for a limit must guard its own start with
    ``if __name__ == "__main__":``, as every program that starts processes does.

    Parameters
    ----------
    sources : iterable of path-like
        Files, folders whose files are one site each, folders of such folders, or addresses of PostGIS; see
        :func:`sites_in`.
    pack : RulePack, str or path-like
        The rules, or what :func:`plan.rules.load_pack` takes.
    on : str or datetime.date, optional
        The day for which the rules are taken.
    stage : str, optional
        The stage of the procedure, one of ``plan.rules.STAGES``.
    select : sequence of str, optional
        Ids of the rules to check; all by default.
    jobs : int, default 1
        Processes at work at the same time.
    estate : {"new", "existing"}, optional
        What the sites are, where their parcels do not say.
    households_from : {"floors"}, optional
        How to estimate households where a site has none; the estimate is marked.
    crs, encoding : str, optional
        The reference system and the encoding of files that do not name theirs.
    mapping, units, shifted : optional
        What files call layers and columns, what drawings are drawn in, and what is in a shifted system of web maps; as in
        :func:`plan.readers.read_site`.
    dem : path-like, optional
        A raster of heights under the walkways of all sites.
    since : path-like, optional
        The drawing approved at the stage before; a folder for several sites, of files of the same names.
    waivers : Waivers, optional
        Signed records by which rules that are not met do not decide; see ``plan.rules.load_waivers``.
    timeout_s : float, optional
        Seconds after which a site is given up; needs a process even for one job.
    memory_mb : float, optional
        Megabytes of memory above which a site is given up; needs a process even for one job.
    progress : callable, optional
        Called after each site with how many are done, how many there are, and its name.

    Returns
    -------
    tuple of SiteResult
        In the order of the sources; the same whatever the number of jobs.

    Raises
    ------
    UsageError
        If ``jobs``, a limit or a mapping makes no sense, the stage or the estate is unknown, or a selection
        matches no rule.
    RulePackError
        If the pack cannot be loaded.
    """
    limits = Limits(jobs=jobs, timeout_s=timeout_s, memory_mb=memory_mb)
    rules = taken_for_a_day(pack, on)
    request = Request(
        sources=tuple(str(source) for source in sources),
        pack=rules.id,
        stage=stage,
        select=tuple(select),
        estate=estate,
        households_from=households_from,
        crs=crs,
        encoding=encoding,
        mapping=tuple(mapping),
        units=units,
        shifted=tuple(shifted),
        dem=None if dem is None else str(dem),
        since=None if since is None else str(since),
    )
    asked = request.tasks(rules, waivers=waivers)
    tasks = [task for task, _ in asked]
    done = {at: task.failed(error) for at, (task, error) in enumerate(asked) if error is not None}
    results = run(tasks, check_one, done=done, limits=limits, progress=progress)
    names = names_told_apart([r.name for r in results], [task.shown or task.source for task in tasks])
    return tuple(renamed(result, name) for result, name in zip(results, names, strict=True))


def run(
    tasks: Sequence[Task],
    work: Callable[[Task], SiteResult],
    *,
    done: dict[int, SiteResult],
    limits: Limits,
    progress: Progress | None = None,
) -> tuple[SiteResult, ...]:
    """Do every task that is not done, here or in processes, and put the results in order."""
    results = dict(done)
    open_ = [place for place in range(len(tasks)) if place not in results]

    def finish(number: int, came: SiteResult | Lost | BaseException) -> None:
        place = open_[number]
        task = tasks[place]
        if isinstance(came, Lost):
            results[place] = task.failed(came.message(task.name, limits))
        elif isinstance(came, BaseException):
            results[place] = task.failed(unexpected(came))
        else:
            results[place] = came
        if progress is not None:
            progress(len(results), len(tasks), results[place].name)

    if limits.jobs == 1 and not limits.any:
        for number, place in enumerate(open_):
            finish(number, work(tasks[place]))
    elif open_:
        in_processes([tasks[place] for place in open_], work, limits=limits, finish=finish)
    return tuple(results[place] for place in range(len(tasks)))
