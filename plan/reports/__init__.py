"""Reports: what was found, written for people, offices and programs.

``FORMATS`` has one writer for each format; each takes results and a language and gives text or
bytes. Same input, same bytes: no clock, no path of this machine, no order of a set.

=========== ==========================================================================
``text``    for a console
``json``    the primary record, schema ``plan.report/1``
``csv``     one row for each finding
``xlsx``    a workbook: verdicts, findings, data problems
``html``    one page for a hearing; opens offline, prints on A4
``junit``   for a build server
``sarif``   for a code host; what is not met only
``geojson`` for a GIS; findings that have a place
=========== ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from plan.errors import UsageError
from plan.files import write_bytes
from plan.findings import SiteResult
from plan.messages import LANGUAGES, Message
from plan.reports.console import to_plain_text, to_text
from plan.reports.exchange import to_geojson, to_junit, to_sarif
from plan.reports.page import to_html
from plan.reports.reading import read_report
from plan.reports.record import to_json
from plan.reports.tables import to_csv, to_xlsx

__all__ = [
    "FORMATS",
    "Writer",
    "exit_code",
    "format_of",
    "read_report",
    "render",
    "to_csv",
    "to_geojson",
    "to_html",
    "to_json",
    "to_junit",
    "to_plain_text",
    "to_sarif",
    "to_text",
    "to_xlsx",
    "write",
]


class Writer(Protocol):
    """Turns results into a document."""

    def __call__(self, entries: Sequence[SiteResult], *, lang: str) -> str | bytes:
        """Write the document in a language."""


FORMATS: Final[Mapping[str, Writer]] = MappingProxyType(
    {
        "text": to_plain_text,
        "json": to_json,
        "csv": to_csv,
        "xlsx": to_xlsx,
        "html": to_html,
        "junit": to_junit,
        "sarif": to_sarif,
        "geojson": to_geojson,
    }
)
_ENDINGS: Final = {
    ".txt": "text",
    ".json": "json",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".xml": "junit",
    ".sarif": "sarif",
    ".sarif.json": "sarif",
    ".geojson": "geojson",
}


def render(entries: Sequence[SiteResult], format: str, *, lang: str = "zh") -> str | bytes:  # noqa: A002 - the word of the command line
    """Write results in a format.

    Parameters
    ----------
    entries : sequence of SiteResult
        At least one, all judged by one rule pack.
    format : str
        A name of ``FORMATS``.
    lang : {"zh", "en"}
        The language of what people read.

    Returns
    -------
    str or bytes
        What the file of that format holds; text is written as UTF-8.

    Raises
    ------
    UsageError
        If the format or the language is unknown, or the results do not belong together.
    """
    if format not in FORMATS:
        raise UsageError(Message("reports.unknown_format", format=format, known=tuple(FORMATS)))
    if lang not in LANGUAGES:
        raise UsageError(Message("reports.unknown_language", lang=lang, known=LANGUAGES))
    if not entries:
        raise UsageError(Message("reports.no_entries"))
    packs = tuple(sorted({f"{e.pack.id} {e.pack.version} {e.on}".strip() for e in entries}))
    if len(packs) > 1:
        raise UsageError(Message("reports.mixed_packs", packs=packs))
    return FORMATS[format](tuple(entries), lang=lang)


def write(
    entries: Sequence[SiteResult],
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 - the word of the command line
    lang: str = "zh",
) -> None:
    """Write results to a file, all or nothing.

    Parameters
    ----------
    entries : sequence of SiteResult
        At least one, all judged by one rule pack.
    path : path-like
        The target; what was there is replaced whole.
    format : str, optional
        A name of ``FORMATS``; by default the one of the file's ending.
    lang : {"zh", "en"}
        The language of what people read.

    Raises
    ------
    UsageError
        See :func:`render`.
    OutputError
        If the file cannot be written; the old file is then untouched.
    """
    document = render(entries, format_of(path) if format is None else format, lang=lang)
    write_bytes(path, document.encode("utf-8") if isinstance(document, str) else document)


def format_of(path: Path | str) -> str:
    """Return the format that a file's ending stands for.

    Raises
    ------
    UsageError
        If it stands for none.
    """
    name = Path(path).name.casefold()
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if name.endswith(ending):
            return _ENDINGS[ending]
    raise UsageError(
        Message("reports.unknown_format", format=Path(path).suffix or name, known=tuple(_ENDINGS))
    )


class HasOutcome(Protocol):
    """What a site came to: a result, or a line of a summary."""

    @property
    def outcome(self) -> str:
        """One of met, not_met, undetermined, error."""


def exit_code(entries: Iterable[HasOutcome]) -> int:
    """Return what a command that checked these sites ends with.

    A breach is told even where another site could not be read, and an error even where another
    site is undetermined: 1 goes before 2, 2 before 3, 3 before 0.

    Parameters
    ----------
    entries : iterable of SiteResult
        The results, or anything that has an outcome.

    Returns
    -------
    int
        0 every must-rule is met; 1 one is not met; 2 a site could not be checked, or there was
        none; 3 none failed, but one is undetermined.
    """
    outcomes = {entry.outcome for entry in entries}
    if "not_met" in outcomes:
        return 1
    if "error" in outcomes or not outcomes:
        return 2
    return 3 if "undetermined" in outcomes else 0
