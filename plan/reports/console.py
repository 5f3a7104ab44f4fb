"""Findings on a console: a verdict, a table, and what to do about what is not met."""

from __future__ import annotations

import io
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from plan.diagnosis import told
from plan.findings import Finding, Problem, SiteResult, Status, Strength
from plan.reports.record import Entries
from plan.reports.words import Words
from plan.text_safety import terminal

__all__ = ["to_plain_text", "to_text"]

_WIDTH: Final = 100  # columns of plain text
_FIGURE: Final = 22  # columns for a figure in the table
_MANY: Final = 12  # from so many sites on, each has a line instead of a table
_PROBLEMS: Final = 8  # kinds shown for each site; the other formats have all

# Every symbol is in GBK, the character set of Chinese Windows consoles.
_SYMBOLS: Final = {"met": "√", "not_met": "×", "undetermined": "？", "not_applicable": "－", "error": "！"}
_STYLES: Final = {
    "met": "green",
    "not_met": "bold red",
    "undetermined": "yellow",
    "not_applicable": "dim",
    "error": "bold magenta",
}


def to_plain_text(entries: Entries, *, lang: str = "zh") -> str:
    """Write what :func:`to_text` shows as text without colours, 100 columns wide."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=_WIDTH,
        color_system=None,
        force_terminal=False,
        legacy_windows=False,
        no_color=True,
        _environ={},
    )
    console.print(to_text(entries, lang=lang))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def to_text(entries: Entries, *, lang: str = "zh") -> Group:
    """Return what a console shows of results.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    rich.console.Group
        For few sites every finding; for many a line for each site and a table at the end. For ``rich.console.Console.print``. Escape codes and characters that reorder a line do not
        get through.
    """
    words = Words(lang)
    parts: list[RenderableType] = [_heading(entries, words)]
    few = len(entries) < _MANY
    for entry in entries:
        if few:
            parts.append(Text(""))
        parts.append(_verdict(entry, words))
        if entry.report is None:
            parts.append(Text(f"  {terminal(words.text(entry.error))}"))
        elif few:
            parts.extend(_report(entry, words))
        if few:
            parts.extend(_problems(entry.problems if entry.report is None else entry.report.problems, words))
    if len(entries) > 1:
        parts.extend((Text(""), _overview(entries, words)))
    return Group(*parts)


def _heading(entries: Entries, words: Words) -> Text:
    pack, on = entries[0].pack, entries[0].on
    said = words.say("subtitle", pack=words.text(pack.title) or pack.id, id=pack.id, version=pack.version)
    return Text(terminal(" · ".join((said, words.say("on", on=on)) if on else (said,))), style="dim")


def _verdict(entry: SiteResult, words: Words) -> Text:
    line = Text()
    line.append(f"{_SYMBOLS[entry.outcome]} {words.status(entry.outcome)}", style=_STYLES[entry.outcome])
    line.append(f"  {terminal(entry.name)}", style="bold")
    line.append(f"  {terminal(words.verdict(entry))}")
    return line


def _report(entry: SiteResult, words: Words) -> list[RenderableType]:
    report = entry.report
    if report is None or not report.findings:
        return []
    parts: list[RenderableType] = []
    if said := words.waivers(report):
        parts.append(Text(f"  {terminal(said)}", style="yellow"))
    if said := words.advice(report):
        parts.append(Text(f"  {terminal(said)}"))
    if said := words.estimates(report):
        parts.append(Text(f"  {terminal(said)}", style="yellow"))
    if said := words.attribution(report):
        parts.append(Text(f"  {terminal(said)}"))
    parts.append(_table(report.findings, words))
    open_ = [f for f in report.findings if f.status in {Status.NOT_MET, Status.UNDETERMINED}]
    parts.extend(_detail(finding, words) for finding in sorted(open_, key=_urgency))
    return parts


def _table(findings: tuple[Finding, ...], words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    table.add_column(words.say("status"), no_wrap=True)
    table.add_column(words.say("head.rule_id"), no_wrap=True)
    table.add_column(words.say("rule"), ratio=1, overflow="fold")
    table.add_column(words.say("measured"), justify="right", overflow="fold", max_width=_FIGURE)
    table.add_column(words.say("required"), justify="right", overflow="fold", max_width=_FIGURE)
    table.add_column(words.say("head.strength"), no_wrap=True)
    for finding in findings:
        status = finding.status.value
        style = _STYLES[status] if finding.strength is Strength.MUST or status != "not_met" else "red"
        measured, required = words.figures(finding)
        title = words.text(finding.title)
        if finding.subject:
            title = f"{title} [{finding.subject}]"
        measured = words.with_unit(measured, finding.unit)
        if finding.estimated:
            measured = f"{measured} ({words.say('estimated')})".strip()
        table.add_row(
            Text(f"{_SYMBOLS[status]} {words.status(status)}", style=style),
            Text(terminal(finding.rule)),
            Text(terminal(title)),
            Text(terminal(measured)),
            Text(terminal(words.with_unit(required, finding.unit))),
            Text(words.strength(finding.strength)),
        )
    return table


def _urgency(finding: Finding) -> tuple[int, bool]:
    """Order what is binding and broken first; the order of the pack decides among equals."""
    return (tuple(Strength).index(finding.strength), finding.status is not Status.NOT_MET)


def _detail(finding: Finding, words: Words) -> RenderableType:
    status = finding.status.value
    subject = f" [{finding.subject}]" if finding.subject else ""
    lines = Text(
        f"{_SYMBOLS[status]} {terminal(finding.rule)} {terminal(words.text(finding.title))}{terminal(subject)}",
        style=_STYLES[status],
    )
    binding = finding.strength is Strength.MUST or finding.status is Status.NOT_MET
    if binding:
        clause = finding.clause
        if clause.quote:
            lines.append(f"\n“{terminal(clause.quote)}”", style="default")
        lines.append(f"\n{terminal(words.source(clause))}", style="dim")
    kind, sentence = words.reason(finding)
    if sentence:
        lines.append(
            f"\n{words.say('reason')}: {terminal(f'{kind}: {sentence}' if kind else sentence)}", "default"
        )
    if finding.remedy and binding:
        lines.append(f"\n{words.say('remedy')}: {terminal(words.text(finding.remedy))}", style="default")
    if said := words.waiver(finding):
        lines.append(f"\n{words.say('waiver')}: {terminal(said)}", style="yellow")
    if finding.features and binding:
        shown = words.some(tuple(terminal(f) for f in finding.features), most=10)
        lines.append(f"\n{words.say('features')}: {shown}", style="default")
    return Padding(lines, (0, 0, 1 if binding else 0, 2))


def _problems(problems: tuple[Problem, ...], words: Words) -> list[RenderableType]:
    found = told(problems, words.lang)
    parts: list[RenderableType] = []
    for one in found[:_PROBLEMS]:
        lines = Text(f"  {one.head}", style="yellow")
        for said in one.says:
            lines.append(f"\n    {said}", style="default")
        lines.append(f"\n    {words.say('cure')}: {one.cure}", style="default")
        parts.append(lines)
    if len(found) > _PROBLEMS:
        more = sum(one.problems for one in found[_PROBLEMS:])
        parts.append(Text("  " + words.say("more_problems", count=more), style="dim"))
    return parts


def _overview(entries: Entries, words: Words) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(words.say("outcome"), no_wrap=True)
    table.add_column(words.say("site"))
    for status in Status:
        table.add_column(words.status(status), justify="right")
    for entry in entries:
        counts = [_count(entry, status, words) for status in Status]
        outcome = Text(
            f"{_SYMBOLS[entry.outcome]} {words.status(entry.outcome)}", style=_STYLES[entry.outcome]
        )
        table.add_row(outcome, Text(terminal(entry.name)), *counts)
    return table


def _count(entry: SiteResult, status: Status, words: Words) -> str:
    """Return how many findings have a status, and how many of those decide where that says why."""
    if entry.report is None:
        return ""
    those = [f for f in entry.report.findings if f.status is status]
    must = sum(f.strength is Strength.MUST for f in those)
    bad = status in (Status.NOT_MET, Status.UNDETERMINED)
    return f"{words.say('of_them_must', count=must)} / {len(those)}" if bad and must else str(len(those))
