"""Batches of the command line: results kept one by one, a summary of them, and going on after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from plan.batch import TIMEOUT_S, Batch, Request, Tally, check_into, found_sites
from plan.batch.run import store_at
from plan.cli import show
from plan.errors import OutputError, UsageError
from plan.files import refuse_foreign, spare
from plan.messages import Message
from plan.overview import FILES, tables_of, write_overview
from plan.readers.databases import is_database, shown
from plan.reports import exit_code
from plan.rules import load_pack, load_waivers, strangers

if TYPE_CHECKING:
    from plan.console import Talk
    from plan.findings import SiteResult
    from plan.rules import RulePack, Waivers

__all__ = ["Asked", "into", "resumed", "show_compliance", "tell_strangers"]

MEMORY_MB: Final = 4096.0  # for an estate of a folder of results, when nothing else is said
_REPORTED: Final = 100  # sites up to which a report of all findings is written without being asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a batch is done and shown; what is checked is a Request."""

    jobs: int
    timeout_s: float | None
    memory_mb: float | None
    dask: str | None
    summary: bool
    form: str | None  # of the report; None: text, where it is not too long


def resumed(out: str, sites: tuple[str, ...], pack: str | None) -> Request:
    """Return what a batch was asked; sites and rules that are given now take the place of those.

    Raises
    ------
    UsageError
        If nothing was asked there.
    """
    text = store_at(out).request()
    if text is None:
        raise UsageError(Message("batch.nothing_to_resume", path=shown(out)))
    request = Request.from_json(text, path=shown(out))
    return replace(request, sources=sites or request.sources, pack=pack or request.pack)


def into(out: str, request: Request, asked: Asked, talk: Talk) -> int:
    """Check, keep each result, and write the summary and the report."""
    from plan.access.clusters import connect  # noqa: PLC0415 - a cluster is rare

    folder = None if is_database(out) else Path(out)
    if folder is not None:
        names = (show.report_name(asked.form or "text"), show.SUMMARY, *FILES)
        spare([folder / name for name in names], request.sources)
        if store_at(out).request() is None:
            refuse_foreign(folder, names)
        if any(_same(folder, site) for site in request.sources):
            raise OutputError(Message("files.in_source", path=out))
    rules = load_pack(request.pack, on=request.on)
    # One estate alone is checked here; many each in a process that cannot take the others with it.
    alone = (
        len(request.sources) == 1
        and not is_database(request.sources[0])
        and not Path(request.sources[0]).is_dir()
    )
    cluster = nullcontext() if asked.dask is None else connect(asked.dask)
    with cluster as client, talk.progress(Message("cli.checking")) as advance:
        batch = check_into(
            out,
            request,
            pack=rules,
            jobs=asked.jobs,
            timeout_s=asked.timeout_s or (None if alone else TIMEOUT_S),
            memory_mb=asked.memory_mb or (None if alone else MEMORY_MB),
            client=client,
            progress=advance,
        )
    _write(batch, folder, request, rules, asked, talk)
    allowed = None if request.waivers is None else load_waivers(request.waivers)
    tell_strangers(allowed, rules, [site.name for site in batch.tally.sites], talk)
    talk.say(
        Message("batch.done", checked=batch.checked, recorded=batch.recorded, path=shown(out)), style="bold"
    )
    return exit_code(batch.tally.sites)


def _write(
    batch: Batch, folder: Path | None, request: Request, rules: RulePack, asked: Asked, talk: Talk
) -> None:
    few = len(batch.tally.sites) <= _REPORTED
    if folder is not None:
        for path in write_overview(batch.tally, folder, lang=talk.lang):
            talk.say(Message("cli.written", path=str(path)), style="bold")
    if folder is None or (asked.form is None and not few):
        _glance(batch.tally, talk)
        results: Sequence[SiteResult] = ()
    else:
        results = tuple(batch.results())
        if not asked.summary or folder is not None:
            show.results(results, asked.form or "text", folder, talk)
    if asked.summary:
        if not results:
            results = tuple(batch.results())
        show_compliance(request, results, rules, asked.form or "text", folder, talk)


def _glance(tally: Tally, talk: Talk) -> None:
    """Print the whole, and what stands first."""
    told = list(tables_of(tally).values())
    show.tables([told[0], *(replace(table, rows=table.rows[:10]) for table in told[1:3])], talk)


def tell_strangers(waivers: Waivers | None, rules: RulePack, sites: Sequence[str], talk: Talk) -> None:
    """Tell of waivers for sites that were not checked, and of rules that were not judged."""
    if waivers is not None:
        talk.problems(strangers(waivers, sites=sites, rules=(rule.id for rule in rules.judged())))


def show_compliance(
    request: Request,
    results: Sequence[SiteResult],
    rules: RulePack,
    form: str,
    folder: Path | None,
    talk: Talk,
) -> None:
    """Print or write how far a city is."""
    from plan.compliance import survey  # noqa: PLC0415 - asked for rarely

    pairs = zip((path for path, _ in found_sites(request.sources)), results, strict=True)
    with talk.working(Message("cli.reading")):
        found = survey(pairs, rules, households_from=request.households_from, manner=request.manner)
    show.summary(found, form, folder, talk)


def _same(folder: Path, source: str) -> bool:
    return not is_database(source) and Path(source).is_dir() and folder.is_dir() and folder.samefile(source)
