"""The report as one page for a hearing: opens offline, asks for nothing, prints on A4.

Every string passes :func:`plan.text_safety.plain` and Jinja's escaping on its way into the page.
The template is ours and holds no text from data; data are values and are never read as templates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from jinja2 import Template

from plan.diagnosis import ranges
from plan.findings import Clause, Finding, Problem, SiteResult, Status, Strength
from plan.page_templates import asset, page_template
from plan.reports.record import Entries, software_of
from plan.reports.words import Words
from plan.tables import Table

__all__ = ["to_html"]

_FEATURES: Final = 16  # ids shown of a finding; JSON and XLSX have all
_ROWS: Final = 12  # ranges of rows shown of a problem
_SENTENCE: Final = 30  # characters of a cell that no column of a phone holds
_GROUPS: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
_SEVERITIES: Final = ("error", "warning", "info")
_STRENGTHS: Final = tuple(Strength)
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)%")


def to_html(
    entries: Entries, *, lang: str = "zh", tables: Sequence[Table] = (), title: str | None = None
) -> str:
    """Write the report as one page.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        The language.
    tables : sequence of Table, optional
        More to show, before the findings; of several sites only the first, which says how they differ, and the
        others after the findings.
    title : str, optional
        The heading; by default the name of the site, or how many there are.

    Returns
    -------
    str
        An HTML document without scripts, links to elsewhere or anything to load.
    """
    words = Words(lang)
    pack = entries[0].pack
    say = words.say
    several = len(entries) > 1
    if title is None:
        title = say("title_many", count=len(entries)) if several else say("title_of", site=entries[0].name)
    page = {
        "lang": "zh-Hans" if lang == "zh" else "en",
        "title": words.text(title),
        "subtitle": say("subtitle", pack=words.text(pack.title) or pack.id, id=pack.id, version=pack.version),
        "on": say("on", on=entries[0].on) if entries[0].on else "",
        "pack": pack,
        "sites": [_site(entry, number, words) for number, entry in enumerate(entries, start=1)],
        "statuses": [
            {
                "name": status.value,
                "word": words.status(status),
                "meaning": say(f"status_meaning.{status.value}"),
            }
            for status in _GROUPS
        ],
        "strengths": [
            {"word": words.strength(strength), "meaning": say(f"strength_meaning.{strength.value}")}
            for strength in _STRENGTHS
        ],
        "tables": [
            {**_table(table, number, words), "later": several and number > 1}
            for number, table in enumerate(tables, start=1)
        ],
        "css": asset("plan.reports", "report.css"),
        "say": say,
    }
    return _template().render(page)


def _table(table: Table, number: int, words: Words) -> dict[str, Any]:
    rows = [["–" if cell is None else words.text(cell) for cell in row] for row in table.rows]
    return {
        "id": f"t{number}",
        "title": words.text(table.title),
        "heads": [words.text(head) for head in table.heads],
        "rows": rows,
        # Sentences are read under one another on a phone; figures stay side by side, to be compared.
        "cards": len(table.numeric) < len(table.heads) / 2
        or any(len(cell) > _SENTENCE for row in rows for cell in row),
        "numeric": table.numeric,
        "bars": table.bars,
        "notes": [words.text(note) for note in table.notes],
    }


def _bar(text: str) -> str:
    """Return the length of a bar for a percentage, 0 to 100; empty where the text is none."""
    found = _PERCENT.fullmatch(text)
    return f"{min(float(found[1]), 100.0):g}" if found else ""


@cache
def _template() -> Template:
    return page_template("plan.reports", "report.html.jinja", filters={"bar": _bar})


def _site(entry: SiteResult, number: int, words: Words) -> dict[str, Any]:
    report = entry.report
    findings = () if report is None else report.findings
    counts = Counter(finding.status for finding in findings)
    groups = [
        {
            "status": status.value,
            "word": words.say(f"group.{status.value}"),
            "findings": [
                _finding(finding, f"s{number}f{place}", words)
                for place, finding in _ordered(findings)
                if finding.status is status
            ],
        }
        for status in _GROUPS
        if counts[status]
    ]
    problems = sorted(
        entry.problems if report is None else report.problems, key=lambda p: _SEVERITIES.index(p.severity)
    )
    return {
        "id": f"s{number}",
        "name": entry.name,
        "outcome": entry.outcome,
        "word": words.status(entry.outcome),
        "verdict": words.verdict(entry),
        "waivers": "" if report is None else words.waivers(report),
        "advice": "" if report is None else words.advice(report),
        "error": words.text(entry.error),
        "estimates": "" if report is None else words.estimates(report),
        "attribution": "" if report is None else words.attribution(report),
        "counts": [
            {
                "status": status.value,
                "word": words.status(status),
                "count": counts[status],
                "must": _of_them_must(findings, status, words),
            }
            for status in _GROUPS
        ],
        "groups": groups,
        "problems": [_problem(problem, words) for problem in problems],
        "inputs": entry.inputs if report is None else report.inputs,
        "software": software_of(entry),
    }


def _of_them_must(findings: tuple[Finding, ...], status: Status, words: Words) -> str:
    """Say how many findings of a status are binding, where that matters and not all are."""
    if status not in {Status.NOT_MET, Status.UNDETERMINED}:
        return ""
    binding = [f.strength is Strength.MUST for f in findings if f.status is status]
    return "" if all(binding) else words.say("of_them_must", count=sum(binding))


def _ordered(findings: tuple[Finding, ...]) -> list[tuple[int, Finding]]:
    """Return findings with their places in the report, binding ones first."""
    return sorted(enumerate(findings, start=1), key=lambda item: _STRENGTHS.index(item[1].strength))


def _finding(finding: Finding, anchor: str, words: Words) -> dict[str, Any]:
    measured, required = words.figures(finding)
    kind, sentence = words.reason(finding)
    return {
        "id": anchor,
        "rule": finding.rule,
        "title": words.text(finding.title),
        "status": finding.status.value,
        "word": words.status(finding.status),
        "strength": finding.strength.value,
        "strength_word": words.strength(finding.strength),
        "subject": finding.subject,
        "estimated": finding.estimated,
        "measured": measured,
        "measured_unit": _unit_of(measured, finding.unit, words),
        "required": required,
        "required_unit": _unit_of(required, finding.unit, words),
        "reason_kind": kind,
        "reason": sentence,
        "remedy": words.text(finding.remedy),
        "waiver": words.waiver(finding),
        "features": words.some(finding.features, most=_FEATURES),
        "clause": _clause(finding.clause, words),
    }


def _unit_of(figure: str, unit: str, words: Words) -> str:
    return words.with_unit(figure, unit)[len(figure) :].strip()


def _clause(clause: Clause, words: Words) -> dict[str, Any]:
    dates = []
    if clause.effective:
        dates.append(words.say("effective", day=clause.effective))
    if clause.repealed:
        dates.append(words.say("repealed", day=clause.repealed))
    return {
        "quote": clause.quote,
        "document": words.document(clause),
        "number": clause.number,
        "article": clause.article,
        "dates": dates,
        "evidence": words.evidence(clause.evidence),
        "evidence_id": clause.evidence,
    }


def _problem(problem: Problem, words: Words) -> dict[str, Any]:
    where = [problem.path] if problem.path else []
    if problem.layer:
        where.append(words.say("where.layer", layer=problem.layer))
    if problem.column:
        where.append(words.say("where.column", column=problem.column))
    if problem.rows:
        where.append(words.say("where.rows", rows=ranges(problem.shown_rows, most=_ROWS)))
    if problem.features:
        where.append(words.some(problem.features, most=_ROWS))
    return {
        "id": problem.id,
        "severity": problem.severity,
        "severity_word": words.say(f"severity.{problem.severity}"),
        "effect": words.say(f"effect.{problem.effect}"),
        "message": words.text(problem.message),
        "cure": words.text(problem.cure),
        "where": where,
    }
