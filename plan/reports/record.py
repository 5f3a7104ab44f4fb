"""The primary record: all findings as JSON, schema ``plan.report/1``; and the findings as flat rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from plan.findings import Clause, Finding, InputFile, SiteResult, Software, Waiver
from plan.messages import translate
from plan.reports.words import finite
from plan.text_safety import hidden

__all__ = [
    "SCHEMA",
    "dump",
    "findings_of",
    "geometry_of",
    "record",
    "software_of",
    "to_json",
    "value_of",
    "waiver_of",
]

SCHEMA: Final = "plan.report/1"

Entries = Sequence[SiteResult]


def to_json(entries: Entries, *, lang: str = "zh") -> str:
    r"""Write the primary record of a check.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order; all judged by one rule pack.
    lang : {"zh", "en"}
        Language of titles, reasons, remedies and messages; keys and statuses are the same in both.

    Returns
    -------
    str
        JSON of the schema ``plan.report/1``. Characters that hide or reorder text are written
        as ``\uXXXX``, so that a terminal may show it.
    """
    return dump(record(entries, lang=lang))


def record(entries: Entries, *, lang: str = "zh") -> dict[str, Any]:
    """Return the primary record as plain data; see :func:`to_json`."""
    return {
        "schema": SCHEMA,
        "pack": {
            "id": entries[0].pack.id,
            "version": entries[0].pack.version,
            "sha256": entries[0].pack.sha256,
        },
        "on": entries[0].on,
        "sites": [_site(entry, lang) for entry in entries],
    }


def dump(data: object) -> str:
    """Write plain data as JSON that is safe on a terminal: same data, same bytes."""
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    # Coordinates and rows on one line; a line break inside a string is \\n and never matches.
    text = re.sub(r"\[\n\s+([-\d.e+]+(?:,\n\s+[-\d.e+]+)*)\n\s+\]", _on_one_line, text)
    # Lone surrogates have no bytes in UTF-8, and bidirectional controls reorder what is beside them.
    return re.sub(r"[^\x20-\x7e\n一-鿿]", lambda m: _escaped(m[0]), text) + "\n"


def findings_of(entries: Entries) -> Iterator[tuple[SiteResult, Finding]]:
    """Yield every finding with the result that it is part of."""
    for entry in entries:
        if entry.report is not None:
            for finding in entry.report.findings:
                yield entry, finding


def value_of(value: float | str | None, lang: str) -> float | str | None:
    """Return what was measured or required as JSON holds it."""
    return translate(value, lang) if isinstance(value, str) else finite(value)


def geometry_of(geometry: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a GeoJSON geometry as plain lists; None when it has coordinates that are no numbers."""
    if geometry is None:
        return None
    try:
        return {str(key): _plain(value) for key, value in geometry.items()}
    except _NotFiniteError:
        return None


class _NotFiniteError(ValueError):
    """A coordinate is infinite or no number: JSON cannot hold it and no map can show it."""


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise _NotFiniteError
        return float(value)
    return value


def _site(entry: SiteResult, lang: str) -> dict[str, Any]:
    report = entry.report
    problems = entry.problems if report is None else report.problems
    inputs = entry.inputs if report is None else report.inputs
    return {
        "name": entry.name,
        "outcome": entry.outcome,
        "error": None if entry.error is None else translate(entry.error, lang),
        "inputs": [_input(file) for file in inputs],
        "versions": {one.name: one.version for one in software_of(entry)},
        "estimates": [] if report is None else list(report.estimates),
        **({"attribution": report.attribution} if report is not None and report.attribution else {}),
        "findings": [] if report is None else [_finding(finding, lang) for finding in report.findings],
        "problems": [problem.to_dict(lang) for problem in problems],
    }


def software_of(entry: SiteResult) -> tuple[Software, ...]:
    """Return what computed a result, or tried."""
    return entry.software if entry.report is None else entry.report.software


def _input(file: InputFile) -> dict[str, str]:
    return {"path": file.path, "sha256": file.sha256}


def _finding(finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "title": translate(finding.title, lang),
        "subject": finding.subject,
        "strength": finding.strength.value,
        "status": finding.status.value,
        "measured": value_of(finding.measured, lang),
        "required": value_of(finding.required, lang),
        "unit": finding.unit,
        "estimated": finding.estimated,
        "clause": _clause(finding.clause),
        "features": list(finding.features),
        "geometry": geometry_of(finding.geometry),
        "reason": None if finding.reason is None else translate(finding.reason, lang),
        "remedy": None if finding.remedy is None else translate(finding.remedy, lang),
        "waiver": None if finding.waiver is None else waiver_of(finding.waiver),
    }


def waiver_of(waiver: Waiver) -> dict[str, Any]:
    """Return a waiver as plain data."""
    return {
        "granted_by": waiver.granted_by,
        "number": waiver.number,
        "granted_on": waiver.granted_on,
        "until": waiver.until,
        "reason": waiver.reason,
        "site": waiver.site,
        "subject": waiver.subject,
        "features": list(waiver.features),
        "measured": waiver.measured,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "document": clause.document,
        "number": clause.number,
        "article": clause.article,
        "quote": clause.quote,
        "effective": clause.effective,
        "repealed": clause.repealed,
        "evidence": clause.evidence,
    }


def _on_one_line(numbers: re.Match[str]) -> str:
    return "[" + re.sub(r",\s+", ", ", numbers[1]) + "]"


def _escaped(char: str) -> str:
    if not hidden(char) and char not in "\u2028\u2029":
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
