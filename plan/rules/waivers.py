"""Waivers (特批): signed records by which a rule that is not met no longer decides, and stays visible.

A waiver changes no verdict: the finding stays *not met* in every output, and carries who allowed it, when, until when
and why. What is expired, not yet in force, or fits nothing is told, never passed over.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from plan.errors import RulePackError, UsageError
from plan.findings import Finding, InputFile, Problem, Report, Status, Waiver
from plan.messages import Message
from plan.problems import ProblemList
from plan.rules import _reading as reading

__all__ = ["Waivers", "load_waivers", "strangers", "waive"]

_MAX_BYTES: Final = 1 << 20
_KEYS: Final = (
    "rule", "site", "subject", "features", "measured", "number", "granted_by", "granted_on", "until", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Waivers:
    """The waivers of a file, and which file that was."""

    file: InputFile
    records: tuple[Waiver, ...]


def load_waivers(path: Path | str) -> Waivers:
    """Load the waivers of a TOML file.

    Parameters
    ----------
    path : path-like
        Tables ``[[waiver]]`` with ``rule`` (the id of one rule), ``site`` (the name of the estate as reports give
        it), ``granted_by``, ``granted_on``, ``until`` and ``reason``; and, where it is narrower, ``subject``,
        ``features`` (ids), ``measured`` (the figure that was allowed) and ``number`` (of the document).

    Returns
    -------
    Waivers
        Its records, in the order of the file.

    Raises
    ------
    RulePackError
        If the file is not written as it should be; the error names the place of every mistake.
    """
    file = str(path)
    source = Path(path)
    try:
        if not source.is_file():  # a device may never end
            raise RulePackError(Message("rules.no_file", path=file))
        if source.stat().st_size > _MAX_BYTES:
            raise RulePackError(Message("rules.too_large", path=file, limit=_MAX_BYTES))
        data = source.read_bytes()
        table = tomllib.loads(data.decode("utf-8-sig"))
    except OSError:
        raise RulePackError(Message("rules.no_file", path=file)) from None
    except UnicodeDecodeError:
        raise RulePackError(Message("rules.not_utf8", path=file)) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulePackError(Message("rules.not_toml", path=file, why=str(error))) from None
    try:
        reading.refuse_unknown(table, ("waiver",), "waiver file")
        records = tuple(_waivers(table.get("waiver", [])))
    except RulePackError as error:
        raise error.of_file(file) from None
    return Waivers(file=InputFile(path=file, sha256=hashlib.sha256(data).hexdigest()), records=records)


def waive(report: Report, waivers: Waivers) -> Report:
    """Let findings that are not met carry the waivers given for them.

    Parameters
    ----------
    report : Report
        The verdicts; ``on`` must name the day, because a waiver ends on one.
    waivers : Waivers
        Those of every site; the ones of others are passed over.

    Returns
    -------
    Report
        The same findings, each status as it was, some with ``waiver``; the file among the inputs; and a problem for each waiver of this site
        that is expired, not yet in force, was given for another figure, or fits no finding that is not met.

    Raises
    ------
    UsageError
        If the report names no day.
    """
    given = [waiver for waiver in waivers.records if waiver.site == report.site]
    if not given:
        return report
    if not report.on:
        raise UsageError(Message("rules.waiver_needs_day"))
    used: dict[int, Waiver] = {}
    findings = list(report.findings)
    told = ProblemList(path=waivers.file.path)
    for waiver in given:
        meant = [n for n, finding in enumerate(findings) if _is_meant(waiver, finding)]
        fits = [n for n in meant if _is_of_figure(waiver, findings[n])]
        shown = {"rule": waiver.rule, "site": waiver.site, "by": waiver.granted_by, "until": waiver.until}
        if report.on > waiver.until:
            told.add("PLAN-WAIVER-001", "warning", "noted", Message("rules.waiver_expired", **shown))
        elif report.on < waiver.granted_on:
            told.add(
                "PLAN-WAIVER-002",
                "warning",
                "noted",
                Message("rules.waiver_early", granted_on=waiver.granted_on, **shown),
            )
        elif fits:
            used.update((n, waiver) for n in fits if n not in used)
        elif meant:
            measured = tuple(str(findings[n].measured) for n in meant)
            message = Message("rules.waiver_other_figure", given=waiver.measured, measured=measured, **shown)
            told.add("PLAN-WAIVER-003", "warning", "noted", message)
        else:
            told.add("PLAN-WAIVER-004", "warning", "noted", Message("rules.waiver_unused", **shown))
    for n, waiver in used.items():
        findings[n] = replace(findings[n], waiver=waiver)
    return replace(
        report,
        findings=tuple(findings),
        inputs=(*report.inputs, waivers.file),
        problems=(*report.problems, *told.problems),
    )


def strangers(waivers: Waivers, *, sites: Iterable[str], rules: Iterable[str]) -> tuple[Problem, ...]:
    """Return a problem for each waiver of a site that is not among those checked, or of a rule that no pack has.

    Parameters
    ----------
    waivers : Waivers
        Those of a file.
    sites, rules : iterable of str
        Names of the sites that were checked, and ids of the rules.

    Returns
    -------
    tuple of Problem
        In the order of the file.
    """
    known, judged = set(sites), set(rules)
    told = ProblemList(path=waivers.file.path)
    for waiver in waivers.records:
        if waiver.site not in known:
            message = Message("rules.waiver_no_site", rule=waiver.rule, site=waiver.site)
            told.add("PLAN-WAIVER-005", "warning", "noted", message)
        elif waiver.rule not in judged:
            message = Message("rules.waiver_no_rule", rule=waiver.rule, site=waiver.site)
            told.add("PLAN-WAIVER-006", "warning", "noted", message)
    return told.problems


def _is_meant(waiver: Waiver, finding: Finding) -> bool:
    return (
        finding.rule == waiver.rule
        and finding.status is Status.NOT_MET
        and (waiver.subject is None or waiver.subject == finding.subject)
        and (not waiver.features or set(finding.features) <= set(waiver.features))
    )


def _is_of_figure(waiver: Waiver, finding: Finding) -> bool:
    """Tell whether the figure is the one that was allowed; which way is worse only the rule knows."""
    return waiver.measured is None or finding.measured == waiver.measured


def _waivers(entries: object) -> Iterator[Waiver]:
    if not isinstance(entries, list):
        raise reading.wrong_type(entries, "waiver", wanted="type_rules")
    wrong: list[RulePackError] = []
    for index, entry in enumerate(entries):
        path = f"waiver[{index}]"
        try:
            yield _waiver(entry, path)
        except RulePackError as error:
            wrong.append(error)
    if wrong:
        raise wrong[0].with_others(wrong[1:])


def _waiver(entry: object, path: str) -> Waiver:
    table = reading.as_table(entry, path)
    reading.refuse_unknown(table, _KEYS, path)
    said = {key: _said(table, key, path) for key in ("rule", "site", "granted_by", "reason")}
    days = {key: _day(table, key, path) for key in ("granted_on", "until")}
    if date.fromisoformat(days["until"]) < date.fromisoformat(days["granted_on"]):
        raise RulePackError(Message("rules.waiver_backwards", **days), path)
    return Waiver(
        **said,
        **days,
        number=reading.text(table, "number", path, default=""),
        subject=reading.text(table, "subject", path) if "subject" in table else None,
        features=reading.texts(table, "features", path),
        measured=_figure(table, path),
    )


def _said(table: Any, key: str, path: str) -> str:  # noqa: ANN401 - a table of TOML
    found = reading.text(table, key, path).strip()
    if not found:
        raise RulePackError(Message("rules.empty_text", key=key), f"{path}.{key}")
    return found


def _day(table: Any, key: str, path: str) -> str:  # noqa: ANN401 - a table of TOML
    found = reading.day(table, key, path)
    if found is None:
        raise RulePackError(Message("rules.absent_key", key=key), path)
    return found


def _figure(table: Any, path: str) -> float | None:  # noqa: ANN401 - a table of TOML
    return reading.number(table, "measured", path) if "measured" in table else None
