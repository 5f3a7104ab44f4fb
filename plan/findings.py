"""What a check says: statuses, clauses, findings, problems and reports; pure data.

Four answers, never three: met, not met, undetermined (with a reason), not applicable. "Cannot
tell" comes before "fine", and nothing checked is never a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal

from plan.glance import heading_html, rows_html
from plan.messages import DEFAULT_LANGUAGE, Message, translate, unit_text

__all__ = [
    "Clause",
    "Finding",
    "InputFile",
    "Outcome",
    "PackRef",
    "Problem",
    "Report",
    "SiteResult",
    "Software",
    "Status",
    "Strength",
    "Waiver",
    "reason",
]

Outcome = Literal["met", "not_met", "undetermined"]
Severity = Literal["error", "warning", "info"]
Effect = Literal["refused", "degraded", "repaired", "noted"]
REASONS: Final = ("missing_data", "ambiguous_clause", "repaired_geometry", "needs_person")


class Status(StrEnum):
    """The four answers of a check: 符合, 不符合, 无法判定, 不适用."""

    MET = "met"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


class Strength(StrEnum):
    """How binding a rule is; only *must* decides the exit code."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """The sentence of a regulation that is read aloud at a hearing."""

    document: str  # full title
    number: str  # document number, such as 秦办发〔2011〕27号; empty when it has none
    article: str  # such as 六(一)
    quote: str  # word for word as in the source; empty when no text could be seen
    effective: str | None  # ISO date, or None when the source does not say
    repealed: str | None = None  # ISO date
    evidence: str = "seed"  # how well the figure is attested; see the pack format


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A signed record (特批) that a rule need not be met by one site, for a time and a reason."""

    rule: str  # id of the rule
    site: str  # name of the site, as reports give it
    granted_by: str  # who signed
    granted_on: str  # ISO date
    until: str  # ISO date, the last day on which it holds
    reason: str
    number: str = ""  # of the document, when it has one
    subject: str | None = None  # for this subject only, such as a community_id
    features: tuple[str, ...] = ()  # for these features only
    measured: float | None = None  # the figure that was allowed; another one is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule compared with one site.

    Raises
    ------
    ValueError
        If an undetermined finding has no reason, or a reason that does not start with one of
        ``missing_data``, ``ambiguous_clause``, ``repaired_geometry``, ``needs_person``.
    """

    rule: str  # id, such as QHD-07
    title: str  # what the rule is about
    strength: Strength
    status: Status
    clause: Clause
    measured: float | str | None = None
    required: float | str | None = None
    unit: str = ""  # of measured and required, such as m2, min, person
    features: tuple[str, ...] = ()  # ids of the features that decided
    geometry: Mapping[str, Any] | None = None  # GeoJSON geometry, WGS 84, where to zoom to
    reason: str | None = None  # why it cannot be told; see REASONS
    remedy: str | None = None  # what would cure it, in words and numbers
    subject: str | None = None  # what was judged when a rule judges several, such as a community_id
    estimated: bool = False  # True when an estimated layer decided
    waiver: Waiver | None = None  # it stays not met, and no longer decides the outcome

    def __post_init__(self) -> None:
        if self.status is Status.UNDETERMINED and not (self.reason or "").startswith(REASONS):
            msg = f"{self.rule}: an undetermined finding needs a reason that starts with one of {REASONS}"
            raise ValueError(msg)


def reason(code: str, detail: str) -> Message:
    """Write why something cannot be told.

    Parameters
    ----------
    code : {"missing_data", "ambiguous_clause", "repaired_geometry", "needs_person"}
        The kind of reason.
    detail : str
        The sentence for people; usually a Message.

    Returns
    -------
    Message
        ``code: detail``.
    """
    if code not in REASONS:
        msg = f"{code!r} is not one of {REASONS}"
        raise ValueError(msg)
    return Message("reason.sentence", code=code, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a file, a layer or its rows, and how to cure it.

    ``effect`` says what the reader did about it: ``refused`` (the file cannot be used), ``degraded``
    (used, but what depends on these rows cannot be told), ``repaired`` (mended, and told), ``noted``.
    """

    id: str  # stable, such as PLAN-CRS-001
    severity: Severity
    effect: Effect
    message: str
    cure: str
    path: str = ""
    layer: str = ""
    column: str = ""
    rows: tuple[int, ...] = ()  # 1-based positions of the rows in the file
    features: tuple[str, ...] = ()  # ids of the rows, where they have any
    lines: tuple[
        int, ...
    ] = ()  # of the same rows, their numbers in the sheet that people see, head and titles counted

    @property
    def shown_rows(self) -> tuple[int, ...]:
        """The rows as people find them: by their numbers in a sheet, else by their positions."""
        return self.lines or self.rows

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return the problem as plain data, its sentences in a language."""
        return {
            "id": self.id,
            "severity": self.severity,
            "effect": self.effect,
            "path": self.path,
            "layer": self.layer,
            "column": self.column,
            "rows": list(self.rows),
            **({"lines": list(self.lines)} if self.lines else {}),
            "features": list(self.features),
            "message": translate(self.message, lang),
            "cure": translate(self.cure, lang),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file that a result rests on."""

    path: str  # the file name as the user gave it
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """A program or library that computed a result, such as GEOS."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRef:
    """Which rule pack judged."""

    id: str
    version: str
    sha256: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings on one site; no clock inside, so that two runs can be compared byte for byte."""

    site: str
    pack: PackRef
    findings: tuple[Finding, ...]
    inputs: tuple[InputFile, ...] = ()
    on: str = ""  # ISO date for which the rules were taken
    estimates: tuple[str, ...] = ()  # layers that are estimates, such as households
    problems: tuple[Problem, ...] = ()  # what the readers noted, degraded or repaired
    attribution: str = ""  # who must be named beside what is made of the data; empty when nobody must
    software: tuple[Software, ...] = ()  # what computed it; see plan.tool.software

    @property
    def outcome(self) -> Outcome:
        """What the must-rules say together; nothing judged is ``undetermined``, never ``met``.

        A finding with a waiver is not met and does not decide: where no other must-rule was met, it cannot be told.
        """
        must = [f.status for f in self.findings if f.strength is Strength.MUST and f.waiver is None]
        if Status.NOT_MET in must:
            return "not_met"
        if Status.UNDETERMINED in must or Status.MET not in must:
            return "undetermined"
        return "met"

    @property
    def waived(self) -> tuple[Finding, ...]:
        """The findings that carry a waiver."""
        return tuple(f for f in self.findings if f.waiver is not None)

    def count(self, status: Status) -> int:
        """Return how many findings have a status."""
        return sum(f.status is status for f in self.findings)

    def rows(self, lang: str = DEFAULT_LANGUAGE) -> list[dict[str, Any]]:
        """Return the findings as plain rows for a table.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            Language of titles, statuses, reasons and remedies.

        Returns
        -------
        list of dict
            ``rule``, ``title``, ``subject``, ``strength``, ``status``, ``measured``, ``required``, ``unit``,
            ``article``, ``quote``, ``reason``, ``remedy``.
        """

        def text(value: str | None) -> str | None:
            return None if value is None else translate(value, lang)

        return [
            {
                "rule": f.rule,
                "title": text(f.title),
                "subject": f.subject,
                "strength": f.strength.value,
                "status": translate(Message(f"status.{f.status}"), lang),
                "measured": text(f.measured) if isinstance(f.measured, str) else f.measured,
                "required": text(f.required) if isinstance(f.required, str) else f.required,
                "unit": text(unit_text(f.unit)),
                "article": f.clause.article,
                "quote": f.clause.quote,
                "reason": text(f.reason),
                "remedy": text(f.remedy),
            }
            for f in self.findings
        ]

    def _repr_html_(self) -> str:
        """Show the findings as a table in a notebook; every text is escaped."""
        names = ("rule", "title", "status", "measured", "required", "unit", "quote", "reason")
        heads = [Message(f"status.column_{name}") for name in names]
        rows = [[row[name] for name in names] for row in self.rows()]
        return heading_html(self.site, Message(f"status.{self.outcome}")) + rows_html(heads, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteResult:
    """What came of one site of a batch: a report, or the error that prevented it.

    Raises
    ------
    ValueError
        If there are both a report and an error, or neither.
    """

    name: str
    pack: PackRef
    on: str = ""  # ISO date for which the rules were taken
    report: Report | None = None
    error: str | None = None  # why there is no report; usually a Message
    problems: tuple[Problem, ...] = ()  # what was wrong with the files, when there is no report
    inputs: tuple[InputFile, ...] = ()  # the files, when there is no report
    software: tuple[Software, ...] = ()  # what tried, when there is no report

    def __post_init__(self) -> None:
        if (self.report is None) == (self.error is None):
            msg = f"{self.name}: a result is either a report or an error"
            raise ValueError(msg)

    @classmethod
    def of(cls, report: Report) -> SiteResult:
        """Return the result that a report is."""
        return cls(name=report.site, pack=report.pack, on=report.on, report=report)

    @property
    def outcome(self) -> Outcome | Literal["error"]:
        """The outcome of the report, or ``error``."""
        return "error" if self.report is None else self.report.outcome
