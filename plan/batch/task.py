"""One site to check: what is asked of it, and what comes of it whatever goes wrong."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from plan.batch.common import Common
from plan.checks import check
from plan.errors import PlanError
from plan.findings import InputFile, Problem, SiteResult
from plan.households import estimate_households
from plan.messages import Message
from plan.readers.manner import Manner
from plan.rules import RulePack, Waivers
from plan.site import Site
from plan.tool import software

__all__ = ["Checked", "Task", "check_one", "look_at", "unexpected"]

_PACKAGE: Final = Path(__file__).resolve().parents[1]
_MOST_DISTRICTS: Final = 3  # written out of a site that lies in several


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One site to check; goes to another process."""

    source: str = field(repr=False)  # may hold a password: never in a log
    name: str
    rename: bool  # True when the file's own name would not be unique
    pack: Common[RulePack]
    stage: str | None
    select: tuple[str, ...]
    estate: str | None
    households_from: str | None
    manner: Manner
    dem: str | None = None
    since: str | None = None  # the drawing of the stage before
    waivers: Common[Waivers] | None = None
    shown: str = ""  # the source without a password; as it is when empty
    district: str = ""  # the folder of districts that it lies in
    pack_digest: str = ""  # of the rules as they are judged, worked out once for many sites

    def failed(
        self, error: str, problems: Iterable[object] = (), *, inputs: tuple[InputFile, ...] = ()
    ) -> SiteResult:
        """Return the result of a site that could not be checked."""
        return SiteResult(
            name=self.name,
            pack=self.pack.value.ref,
            on=self.pack.value.on or "",
            error=error,
            problems=tuple(p for p in problems if isinstance(p, Problem)),
            inputs=inputs or _inputs(self.source),
            software=software(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What came of a site, and the district that it lies in."""

    result: SiteResult
    district: str


def check_one(task: Task) -> SiteResult:
    """Read and check one site; whatever goes wrong is its result."""
    return look_at(task).result


def look_at(task: Task) -> Checked:
    """Read and check one site, and tell its district; whatever goes wrong is its result."""
    district = task.district
    try:
        site = task.manner.read(task.source, name=task.name if task.rename else None)
        district = _district(site) or district
        if task.households_from is not None and not site.has("households"):
            site = estimate_households(site, method=task.households_from)
        report = check(
            site,
            task.pack.value,
            stage=task.stage,
            select=task.select,
            estate=task.estate,
            dem=task.dem,
            waivers=None if task.waivers is None else task.waivers.value,
            earlier=None if task.since is None else task.manner.read(task.since),
        )
    except PlanError as error:
        return Checked(result=task.failed(error.message, getattr(error, "problems", ())), district=district)
    except MemoryError:
        raise  # the process is at its limit: it is given up, and the site tried in another
    except Exception as error:  # noqa: BLE001 - a defect met in one estate must not cost the others
        return Checked(result=task.failed(unexpected(error)), district=district)
    return Checked(result=SiteResult.of(report), district=district)


def unexpected(error: BaseException) -> Message:
    """Name a defect by its type and its place in this package; users never see a traceback."""
    place = "?"
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename).resolve()
        if file.is_relative_to(_PACKAGE):
            place = f"plan/{file.relative_to(_PACKAGE).as_posix()}:{frame.lineno}"
    return Message("batch.unexpected", kind=type(error).__name__, place=place)


def _district(site: Site) -> str:
    """Return the districts that the parcels of a site name, where they do."""
    parcels: Any = site.layers.get("parcels")
    if parcels is None or "district" not in parcels.columns:
        return ""
    named = sorted({str(name).strip() for name in parcels["district"] if isinstance(name, str)} - {""})
    return "/".join(named[:_MOST_DISTRICTS])


def _inputs(source: str) -> tuple[InputFile, ...]:
    from plan.batch.fingerprint import inputs_of  # noqa: PLC0415 - the two know each other

    return inputs_of(source)
