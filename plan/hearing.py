"""The main job: judge an estate as it is, propose, judge again, and write the hearing package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from plan.crew import Crew
from plan.dossier import Dossier, Imprint
from plan.errors import OutputError
from plan.files import refuse_foreign, sha256, spare, why_not
from plan.findings import Report, SiteResult
from plan.handout import is_package, public_problems, write_organisers
from plan.ledger import FOLDER, Ledger, digest_of, own_secret
from plan.messages import Message
from plan.package import INDEX, MANIFEST, NAMES, WRITERS, write_package
from plan.proposing import PROPOSERS, Request
from plan.rules import RulePack, Waivers
from plan.site import Site
from plan.steps import Progress, Steps
from plan.study import SECONDS, Question, study
from plan.tables import Table

__all__ = ["HearingPackage", "make_hearing"]

_FINISHED: Final = "finished"  # the step that is kept of a finished package


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HearingPackage:
    """What was found and written for a hearing."""

    folder: Path
    files: tuple[Path, ...]
    before: Report
    after: Report
    results: tuple[SiteResult, ...]  # before and after, as the reports name them
    tables: tuple[Table, ...]  # what changed, the life circle, what is placed and what is not
    notes: tuple[Message, ...]  # what could not be done, and why
    unchanged: bool = False  # True where everything was there already, from the same input
    dossier: Dossier | None = None  # what the files were written from; None where they were there already


def make_hearing(
    site: Site,
    pack: RulePack,
    *,
    out: Path | str,
    request: Request | None = None,
    stage: str | None = None,
    waivers: Waivers | None = None,
    at: str | None = None,
    imprint: Imprint | None = None,
    lang: str = "zh",
    jobs: int = 1,
    fresh: bool = False,
    organisers: Path | str | None = None,
    progress: Progress | None = None,
) -> HearingPackage:
    """Judge, propose, judge again, and write the hearing package.

    A job that was killed goes on where it was: finished proposals are kept in ``out/.plan`` until the package is whole,
    signed so that none but this user's own are opened. A package that is whole and from the same input is left alone.

    Parameters
    ----------
    site : Site
        The estate as it is.
    pack : RulePack
        The rules that it is judged by.
    out : path-like
        The folder to write to; see ``plan.package.NAMES``.
    request : Request, optional
        What is wanted of the proposals, and who walks.
    stage : str, optional
        The stage of the procedure, one of ``plan.rules.STAGES``.
    waivers : Waivers, optional
        Signed records by which rules that are not met do not decide; see ``plan.rules.load_waivers``.
    at : str, optional
        Time of day, ``HH:MM``, for which walk times are computed: gates that are not open then are shut. Placing and
        judging take every gate that opens at all.
    imprint : Imprint, optional
        What is printed about the maps: title, 审图号, who made them.
    lang : {"zh", "en"}, default "zh"
        Language of the files.
    jobs : {1, 2}, default 1
        2 lets another process help; the bytes are the same. See :class:`plan.crew.Crew`.
    fresh : bool, default False
        Take nothing that is there already.
    organisers : path-like, optional
        A GeoPackage outside ``out`` that also holds the owners and votes of households and what each household pays
        and loses of the sun. Nothing in ``out`` does.
    progress : callable, optional
        Called with a :class:`plan.steps.Step` when a step begins.

    Returns
    -------
    HearingPackage
        What was found; ``files`` in the order of ``plan.package.NAMES``.

    Raises
    ------
    InputError
        If the site has nothing to judge or to draw.
    OutputError
        If a file cannot be written, or another job writes to the folder; files already written are whole. If
        ``organisers`` lies in the folder, or files of the same names that no job of ours wrote.
    """
    folder = Path(out)
    if organisers is not None:
        _refuse_inside(folder, Path(organisers))
    site = replace(site, problems=public_problems(site.problems))
    question = Question(
        site=site, pack=pack, request=request or Request(), stage=stage, waivers=waivers, at=at
    )
    imprint = imprint or Imprint()
    if not (folder / FOLDER).is_dir() and not is_package(folder / MANIFEST):
        refuse_foreign(folder, NAMES)
    with _alone(folder):
        ledger = Ledger(folder / FOLDER, secret=own_secret())
        if fresh:
            ledger.forget((_FINISHED, *PROPOSERS))
        key = digest_of(question.key(), lang, repr(imprint))
        kept = None if fresh else _finished(ledger, key, folder)
        # What the organisers get is made from proposals, and a finished package has forgotten these.
        if kept is not None and organisers is None:
            return kept
        ledger.forget((_FINISHED,))
        seconds = {
            **SECONDS,
            **{name: PROPOSERS[name].seconds for name in question.wanted},
            **{name: writer.seconds for name, writer in WRITERS.items()},
            INDEX: 0.5,
        }
        steps = Steps(seconds, progress)
        with Crew(jobs) as crew:
            found = study(question, lang=lang, imprint=imprint, crew=crew, ledger=ledger, steps=steps)
            options = {**question.options(), "lang": lang}
            dossier, files, told = write_package(
                found.dossier, folder, options=options, crew=crew, steps=steps
            )
            if organisers is not None:
                write_organisers(dossier, Path(organisers))
        notes = (*found.notes, *told)
        ledger.put(_FINISHED, key, _record(dossier, files, notes))
        # The proposals stand in the package now; what is handed out holds them once.
        ledger.forget(PROPOSERS)
    return HearingPackage(
        folder=folder,
        files=files,
        before=dossier.before,
        after=dossier.after,
        results=dossier.results,
        tables=dossier.tables,
        notes=notes,
        dossier=dossier,
    )


def _refuse_inside(folder: Path, organisers: Path) -> None:
    """Refuse a file of owners and votes in the folder that is handed out, or below it."""
    spare([organisers], [], ending=".gpkg")
    if organisers.resolve().is_relative_to(folder.resolve()):
        raise OutputError(Message("package.organisers_inside", path=str(organisers), folder=str(folder)))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this job; a job that is killed lets it go."""
    inside = folder / FOLDER
    lock = FileLock(inside / "lock")
    try:
        inside.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OutputError(Message("package.busy", folder=str(folder))) from error
    except OSError as error:
        raise OutputError(Message("files.cannot_write", path=str(folder), why=why_not(error))) from error
    try:
        yield
    finally:
        lock.release()


def _record(dossier: Dossier, files: tuple[Path, ...], notes: tuple[Message, ...]) -> Mapping[str, object]:
    return {
        "files": {file.name: sha256(file) for file in files},
        "before": dossier.before,
        "after": dossier.after,
        "results": dossier.results,
        "tables": dossier.tables,
        "notes": notes,
    }


def _finished(ledger: Ledger, key: str, folder: Path) -> HearingPackage | None:
    """Return the package that is there already, where it is whole and from the same input."""
    kept = ledger.get(_FINISHED, key)
    if kept is None:
        return None
    files = tuple(folder / name for name in NAMES)
    if not all(file.is_file() and sha256(file) == kept["files"].get(file.name) for file in files):
        return None
    return HearingPackage(
        folder=folder,
        files=files,
        before=kept["before"],
        after=kept["after"],
        results=kept["results"],
        tables=kept["tables"],
        notes=kept["notes"],
        unchanged=True,
    )
