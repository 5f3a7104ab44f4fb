"""Findings as tables for paper: what was measured, what is required, what cures it, and the sentence of the clause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from plan.findings import Finding, Report, SiteResult, Status, Strength
from plan.reports.words import Words

__all__ = ["findings_data", "headline"]

_GROUPS: Final = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
_STRENGTHS: Final = tuple(Strength)
_FEATURES: Final = 16  # ids shown of a finding, as on the page of the report


def headline(result: SiteResult, *, lang: str) -> dict[str, Any]:
    """Return the outcome of a site with its sentence and its counts, as the report says them."""
    words, report = Words(lang), result.report
    return {
        "name": result.name,
        "outcome": result.outcome,
        "word": words.status(result.outcome),
        "sentence": words.verdict(result),
        "advice": "" if report is None else words.advice(report),
        "error": words.text(result.error),
        "estimates": "" if report is None else words.estimates(report),
        "counts": [
            [status.value, words.status(status), 0 if report is None else report.count(status)]
            for status in _GROUPS
        ],
    }


def findings_data(
    report: Report, *, lang: str, numbers: Mapping[int, int] | None = None
) -> list[dict[str, Any]]:
    """Return the findings of a report in groups: those not met first, and of each group what binds first.

    Parameters
    ----------
    report : Report
        The findings.
    lang : {"zh", "en"}
        The language.
    numbers : mapping of int to int, optional
        The number on the map, by ``id`` of a finding.

    Returns
    -------
    list of dict
        ``status``, ``word``, ``findings``; groups without findings are left out.
    """
    words = Words(lang)
    groups = []
    for status in _GROUPS:
        mine = [f for f in report.findings if f.status is status]
        if not mine:
            continue
        mine.sort(key=lambda f: _STRENGTHS.index(f.strength))
        groups.append(
            {
                "status": status.value,
                "word": words.say(f"group.{status.value}"),
                "findings": [
                    {**_finding(f, words), "number": str((numbers or {}).get(id(f), ""))} for f in mine
                ],
            }
        )
    return groups


def _finding(finding: Finding, words: Words) -> dict[str, Any]:
    measured, required = words.figures(finding)
    kind, sentence = words.reason(finding)
    clause = finding.clause
    dates = [
        words.say(key, day=day)
        for key, day in (("effective", clause.effective), ("repealed", clause.repealed))
        if day
    ]
    return {
        "rule": finding.rule,
        "title": words.text(finding.title),
        "strength": words.strength(finding.strength),
        "must": finding.strength is Strength.MUST,
        "status": finding.status.value,
        "word": words.status(finding.status),
        "subject": finding.subject or "",
        "estimated": words.say("estimated") if finding.estimated else "",
        "measured": words.with_unit(measured, finding.unit),
        "required": words.with_unit(required, finding.unit),
        "reason": f"{kind}：{sentence}"
        if kind and words.lang == "zh"
        else ": ".join(filter(None, (kind, sentence))),
        "remedy": words.text(finding.remedy),
        "features": words.some(finding.features, most=_FEATURES),
        "quote": clause.quote,
        "source": words.source(clause),
        "attested": " · ".join((words.evidence(clause.evidence), *dates)),
    }
