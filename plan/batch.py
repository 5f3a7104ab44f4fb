"""Many sites against one rule pack: one bad estate never stops the rest.

Each site is read and checked for itself. What cannot be read, and what breaks, becomes a result
with an error; the others are not touched. With several jobs, or a time limit, each site is checked in
a process of its own pool, started afresh (``spawn``: works on Windows, and GDAL dislikes ``fork``). A
worker that dies or hangs costs its estate one retry, then an error that names it.
"""

from __future__ import annotations

import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from plan.checks import check, require_options
from plan.errors import PlanError, RulePackError, UsageError
from plan.files import sha256
from plan.findings import InputFile, Problem, SiteResult
from plan.households import estimate_households
from plan.messages import Message
from plan.readers import read_site
from plan.rules import RulePack, Waivers, load_pack

__all__ = ["ENDINGS", "Progress", "check_many", "found_sites", "sites_in"]

# What a folder of estates is searched for; each such file is one site.
ENDINGS: Final = (".gpkg", ".geojson", ".osm", ".osm.pbf", ".pbf", ".json", ".zip")
_LAYER_FILES: Final = (".shp",)  # a folder of these is one site, a file for each layer
_TRIES: Final = 2  # of a site whose worker died or hung
_PACKAGE: Final = Path(__file__).resolve().parent

Progress = Callable[[int, int, str], None]  # done, total, name of the site that is done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """One site to check; goes to another process."""

    source: str
    name: str
    rename: bool  # True when the file's own name would not be unique
    pack: RulePack
    stage: str | None
    select: tuple[str, ...]
    estate: str | None
    households_from: str | None
    crs: str | None
    encoding: str | None
    dem: str | None = None
    waivers: Waivers | None = None

    def failed(self, error: str, problems: Iterable[object] = ()) -> SiteResult:
        """Return the result of a site that could not be checked."""
        return SiteResult(
            name=self.name,
            pack=self.pack.ref,
            on=self.pack.on or "",
            error=error,
            problems=tuple(p for p in problems if isinstance(p, Problem)),
            inputs=_inputs(self.source),
        )


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
    dem: str | Path | None = None,
    waivers: Waivers | None = None,
    timeout_s: float | None = None,
    progress: Progress | None = None,
) -> tuple[SiteResult, ...]:
    """Check many sites against one rule pack.

    A script that asks for more than one job or for a time limit must guard its own start with
    ``if __name__ == "__main__":``, as every program that starts processes does.

    Parameters
    ----------
    sources : iterable of path-like
        Files, or folders whose files are one site each; see :func:`sites_in`.
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
    dem : path-like, optional
        A raster of heights under the walkways of all sites.
    waivers : Waivers, optional
        Signed records by which rules that are not met do not decide; see ``plan.rules.load_waivers``.
    timeout_s : float, optional
        Seconds after which a site is given up; needs a process even for one job.
    progress : callable, optional
        Called after each site with how many are done, how many there are, and its name.

    Returns
    -------
    tuple of SiteResult
        In the order of the sources; the same whatever the number of jobs.

    Raises
    ------
    UsageError
        If ``jobs`` or ``timeout_s`` makes no sense, the stage or the estate is unknown, or a selection
        matches no rule.
    RulePackError
        If the pack cannot be loaded.
    """
    if jobs < 1:
        raise UsageError(Message("batch.jobs", jobs=jobs))
    if timeout_s is not None and not timeout_s > 0:
        raise UsageError(Message("batch.timeout", seconds=timeout_s))
    rules = _on(load_pack(pack, on=on) if isinstance(pack, str | Path) else pack, on)
    require_options(rules, stage=stage, select=select, estate=estate)
    found = list(found_sites(sources))
    names = _names([path for path, _ in found])
    tasks: list[_Task] = []
    done: dict[int, SiteResult] = {}
    for place, ((path, error), (name, rename)) in enumerate(zip(found, names, strict=True)):
        task = _Task(
            source=path,
            name=name,
            rename=rename,
            pack=rules,
            stage=stage,
            select=tuple(select),
            estate=estate,
            households_from=households_from,
            crs=crs,
            encoding=encoding,
            dem=None if dem is None else str(dem),
            waivers=waivers,
        )
        tasks.append(task)
        if error is not None:
            done[place] = task.failed(error)
    results = _run(tasks, _check_one, done=done, jobs=jobs, timeout_s=timeout_s, progress=progress)
    return _told_apart(results, [task.source for task in tasks])


def sites_in(folder: str | Path) -> tuple[Path, ...]:
    """Return the sites directly inside a folder.

    Parameters
    ----------
    folder : path-like
        A folder.

    Returns
    -------
    tuple of pathlib.Path
        Its files that are a site each (``ENDINGS``), sorted by name; or the folder itself when it
        holds the layers of one site as shapefiles; or nothing.
    """
    files = sorted(p for p in Path(folder).iterdir() if p.is_file() and not p.name.startswith("."))
    sites = tuple(p for p in files if p.name.casefold().endswith(ENDINGS))
    if not sites and any(p.suffix.casefold() in _LAYER_FILES for p in files):
        return (Path(folder),)
    return sites


def found_sites(sources: Iterable[str | Path]) -> Iterable[tuple[str, Message | None]]:
    """Yield every site that :func:`check_many` checks, in its order, and what is wrong with a folder that holds none."""
    for source in sources:
        path = Path(source)
        if not path.is_dir():
            yield str(source), None
            continue
        try:
            sites = sites_in(path)
        except OSError as error:
            yield str(source), Message("batch.cannot_list", path=str(source), why=error.strerror or "")
            continue
        if not sites:
            yield str(source), Message("batch.no_estates", path=str(source), endings=ENDINGS)
        for site in sites:
            yield str(site), None


def _names(paths: list[str]) -> list[tuple[str, bool]]:
    """Return a name for each path, and whether it had to be made longer to be the only one."""
    short = [_stem(path) for path in paths]
    count = Counter(short)
    return [
        (name, False) if count[name] == 1 else (path, True) for name, path in zip(short, paths, strict=True)
    ]


def _told_apart(results: tuple[SiteResult, ...], paths: Sequence[str]) -> tuple[SiteResult, ...]:
    """Add the file to names that sites share: copies of a site file keep the name that is written in it."""
    count = Counter(result.name for result in results)
    return tuple(
        result
        if count[result.name] == 1 or result.name == path
        else _renamed(result, f"{result.name} ({path})")
        for result, path in zip(results, paths, strict=True)
    )


def _renamed(result: SiteResult, name: str) -> SiteResult:
    report = None if result.report is None else replace(result.report, site=name)
    return replace(result, name=name, report=report)


def _stem(path: str) -> str:
    name = Path(path).name
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.casefold().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return Path(path).stem or path


def _on(pack: RulePack, on: str | date | None) -> RulePack:
    """Return a pack with the rules of a day; a pack that was already taken for a day keeps it."""
    if on is None or pack.on is not None:
        return pack
    try:
        day = on if isinstance(on, date) else date.fromisoformat(on)
    except ValueError:
        raise RulePackError(Message("rules.not_a_date", value=str(on))) from None
    return pack.taken_on(day)


def _check_one(task: _Task) -> SiteResult:
    """Read and check one site; whatever goes wrong is its result."""
    try:
        name = task.name if task.rename else None
        site = read_site(task.source, crs=task.crs, encoding=task.encoding, name=name)
        if task.households_from is not None and not site.has("households"):
            site = estimate_households(site, method=task.households_from)
        report = check(
            site,
            task.pack,
            stage=task.stage,
            select=task.select,
            estate=task.estate,
            dem=task.dem,
            waivers=task.waivers,
        )
    except PlanError as error:
        return task.failed(error.message, getattr(error, "problems", ()))
    except Exception as error:  # noqa: BLE001 - a defect met in one estate must not cost the others
        return task.failed(_unexpected(error))
    return SiteResult(name=report.site, pack=report.pack, on=report.on, report=report)


def _unexpected(error: BaseException) -> Message:
    """Name a defect by its type and its place in this package; users never see a traceback."""
    place = "?"
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename).resolve()
        if file.is_relative_to(_PACKAGE):
            place = f"plan/{file.relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
    return Message("batch.unexpected", kind=type(error).__name__, place=place)


def _run(
    tasks: Sequence[_Task],
    work: Callable[[_Task], SiteResult],
    *,
    done: dict[int, SiteResult],
    jobs: int,
    timeout_s: float | None,
    progress: Progress | None,
) -> tuple[SiteResult, ...]:
    """Do every task that is not done, here or in processes, and put the results in order."""
    results = dict(done)

    def finish(place: int, result: SiteResult) -> None:
        results[place] = result
        if progress is not None:
            progress(len(results), len(tasks), result.name)

    open_ = [place for place in range(len(tasks)) if place not in results]
    if jobs == 1 and timeout_s is None:
        for place in open_:
            finish(place, work(tasks[place]))
    elif open_:
        _in_processes(tasks, open_, work, jobs=jobs, timeout_s=timeout_s, finish=finish)
    return tuple(results[place] for place in range(len(tasks)))


def _in_processes(
    tasks: Sequence[_Task],
    open_: Sequence[int],
    work: Callable[[_Task], SiteResult],
    *,
    jobs: int,
    timeout_s: float | None,
    finish: Callable[[int, SiteResult], None],
) -> None:
    """Do tasks in a pool that outlives its workers, few at a time so that a death costs little."""
    waiting = deque((place, 1) for place in open_)
    running: dict[ProcessFuture[SiteResult], tuple[int, int]] = {}
    with ProcessPool(max_workers=min(jobs, len(open_)), context=get_context("spawn")) as pool:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    place, attempt = waiting.popleft()
                    future = pool.schedule(work, args=(tasks[place],), timeout=timeout_s)
                    running[future] = (place, attempt)
                wait(running, return_when=FIRST_COMPLETED)
                for future in [future for future in running if future.done()]:
                    place, attempt = running.pop(future)
                    result, lost = _result(future, tasks[place], timeout_s)
                    if lost and attempt < _TRIES:
                        waiting.append((place, attempt + 1))
                    else:
                        finish(place, result)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]  # the user interrupts: let no worker go on
            raise


def _result(
    future: ProcessFuture[SiteResult], task: _Task, timeout_s: float | None
) -> tuple[SiteResult, bool]:
    """Return what came of a task, and whether its worker was lost."""
    try:
        return future.result(), False
    except TimeoutError:
        return task.failed(Message("batch.timed_out", name=task.name, seconds=timeout_s)), True
    except ProcessExpired as error:
        return task.failed(Message("batch.crashed", name=task.name, code=error.exitcode)), True
    except Exception as error:  # noqa: BLE001 - such as a result that cannot be sent back
        return task.failed(_unexpected(error)), False


def _inputs(source: str) -> tuple[InputFile, ...]:
    path = Path(source)
    try:
        return (InputFile(path=source, sha256=sha256(path)),) if path.is_file() else ()
    except OSError:
        return ()  # the error of the result says that it cannot be read
