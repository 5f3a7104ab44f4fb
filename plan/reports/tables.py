"""Findings as tables: CSV for programs, a workbook for planners."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from plan.diagnosis import ranges
from plan.findings import Finding, Problem, SiteResult, Status
from plan.reports.book import BASE, Sheets, open_book
from plan.reports.record import Entries, findings_of, software_of, value_of
from plan.reports.words import Words
from plan.tables import Table
from plan.text_safety import plain, spreadsheet

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.workbook import Workbook

__all__ = ["COLUMNS", "frame_to_csv", "sheet_name", "to_csv", "to_xlsx"]

COLUMNS: Final = (
    "site", "outcome", "rule", "title", "subject", "strength", "status", "measured", "required", "unit",
    "estimated", "reason", "remedy", "waiver", "document", "number", "article", "quote", "effective", "evidence",
    "features", "pack", "pack_version", "on", "error",
)  # fmt: skip

_SHEET_NAME: Final = 31  # characters that the name of a sheet has, at most
_NO_SHEET_NAME: Final = re.compile(r"[][:*?/<>\\]")  # what Excel refuses in one
_BOM: Final = "\ufeff"  # without it Excel and WPS read UTF-8 as GBK

# Pale backgrounds and dark text: contrast of at least 4.5 on screen and on grey paper.
_COLOURS: Final = {
    Status.MET.value: ("#E3F2EC", "#00594A"),
    Status.NOT_MET.value: ("#FBE3D6", "#8F2F00"),
    Status.UNDETERMINED.value: ("#FFF1CC", "#6B4700"),
    Status.NOT_APPLICABLE.value: ("#EEEEEE", "#4A4A4A"),
    "error": ("#F4D9DC", "#7A0019"),
}


def to_csv(entries: Entries, *, lang: str = "zh") -> str:
    """Write one row for each finding, and one for each site that could not be checked.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        Language of titles, reasons and remedies; columns and statuses are the same in both.

    Returns
    -------
    str
        CSV with a byte order mark and the columns of ``COLUMNS``. Text that a spreadsheet would run
        has ``'`` before it.
    """
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        findings = () if entry.report is None else entry.report.findings
        for finding in findings or (None,):
            row = _row(entry, finding, lang)
            writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def frame_to_csv(frame: pd.DataFrame, *, lang: str = "zh") -> str:
    """Write a table as it is.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index is not written.
    lang : {"zh", "en"}
        Language of the messages in it.

    Returns
    -------
    str
        CSV with a byte order mark. Text that a spreadsheet would run has ``'`` before it.
    """
    words = Words(lang)
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([spreadsheet(name) for name in frame.columns])
    known = frame.notna().to_numpy()
    for row, told in zip(frame.astype(object).itertuples(index=False), known, strict=True):
        texts = [words.text(value) if isinstance(value, str) else value for value in row]
        writer.writerow([_cell(value) if there else "" for value, there in zip(texts, told, strict=True)])
    return out.getvalue()


def _row(entry: SiteResult, finding: Finding | None, lang: str) -> dict[str, Any]:
    words = Words(lang)
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row |= {
        "site": entry.name,
        "outcome": entry.outcome,
        "pack": entry.pack.id,
        "pack_version": entry.pack.version,
        "on": entry.on,
        "error": words.text(entry.error),
    }
    if finding is None:
        return row
    clause = finding.clause
    return row | {
        "rule": finding.rule,
        "title": words.text(finding.title),
        "subject": finding.subject,
        "strength": finding.strength.value,
        "status": finding.status.value,
        "measured": value_of(finding.measured, lang),
        "required": value_of(finding.required, lang),
        "unit": finding.unit,
        "estimated": "true" if finding.estimated else "false",
        "reason": words.text(finding.reason),
        "remedy": words.text(finding.remedy),
        "waiver": words.waiver(finding),
        "document": clause.document,
        "number": clause.number,
        "article": clause.article,
        "quote": clause.quote,
        "effective": clause.effective,
        "evidence": clause.evidence,
        "features": ";".join(finding.features),
    }


def _cell(value: float | str | None) -> float | str:
    if value is None:
        return ""
    return spreadsheet(value) if isinstance(value, str) else value


def to_xlsx(entries: Entries, *, lang: str = "zh", tables: Sequence[Table] = ()) -> bytes:
    """Write a workbook with a summary, all findings and all data problems.

    Parameters
    ----------
    entries : sequence of SiteResult
        The sites, in order.
    lang : {"zh", "en"}
        The language of everything in it.
    tables : sequence of Table, optional
        More to write, a sheet for each: what a proposal changes, the life circle.

    Returns
    -------
    bytes
        An XLSX file without a single formula or link; the same bytes on every run.
    """
    words = Words(lang)
    with open_book(words.say("title")) as (book, out):
        sheets = _Sheets(book, words)
        sheets.summary(entries)
        sheets.findings(entries)
        sheets.problems(entries)
        for number, table in enumerate(tables, start=1):
            sheets.table(sheet_name(number, words.text(table.title)), table)
    return out.getvalue()


def sheet_name(number: int, title: str) -> str:
    """Return a name that a sheet may have, apart from all others by its number.

    Examples
    --------
    >>> sheet_name(3, "停车方案比较：1,026 户")
    '3 停车方案比较'
    """
    head = re.split(r"[：:（(,，;；]", plain(title), maxsplit=1)[0]
    words = _NO_SHEET_NAME.sub(" ", head).split()
    return " ".join((str(number), *words))[:_SHEET_NAME].rstrip(" '")


class _Sheets(Sheets):
    """The sheets of a report."""

    def __init__(self, book: Workbook, words: Words) -> None:
        super().__init__(book, words)
        self.colours = {
            name: book.add_format(BASE | {"bg_color": back, "font_color": ink, "bold": True})
            for name, (back, ink) in _COLOURS.items()
        }

    def summary(self, entries: Entries) -> None:
        """Write one row for each site."""
        say = self.words.say
        heads = [
            (say("site"), 26), (say("outcome"), 12), (say("group.not_met"), 9), (say("group.undetermined"), 9),
            (say("group.met"), 9), (say("group.not_applicable"), 9), (say("overview"), 52),
            (say("pack"), 22), (say("head.on"), 12), (say("provenance"), 40), (say("head.sha256"), 68), (say("software"), 18),
        ]  # fmt: skip
        sheet = self.sheet(say("sheet.summary"), heads)
        for row, entry in enumerate(entries, start=1):
            report = entry.report
            inputs = entry.inputs if report is None else report.inputs
            order = (Status.NOT_MET, Status.UNDETERMINED, Status.MET, Status.NOT_APPLICABLE)
            counts = [None] * 4 if report is None else [report.count(status) for status in order]
            said = [self.words.verdict(entry), self.words.text(entry.error)]
            if report is not None:
                said += [self.words.waivers(report), self.words.advice(report), self.words.estimates(report)]
                said.append(self.words.attribution(report))
            pack = f"{self.words.text(entry.pack.title)} {entry.pack.id} {entry.pack.version}".strip()
            cells = [
                entry.name, self.words.status(entry.outcome), *counts, "\n".join(part for part in said if part),
                pack, entry.on, "\n".join(f.path for f in inputs), "\n".join(f.sha256 for f in inputs),
                "\n".join(f"{one.name} {one.version}" for one in software_of(entry)),
            ]  # fmt: skip
            self.write(sheet, row, cells, {1: self.colours[entry.outcome]})
        self.finish(sheet, len(entries), len(heads))

    def findings(self, entries: Entries) -> None:
        """Write one row for each finding."""
        say = self.words.say
        heads = [
            (say("site"), 22), (say("status"), 11), (say("head.strength"), 7), (say("head.rule_id"), 11),
            (say("head.title"), 30), (say("subject"), 12), (say("measured"), 12), (say("required"), 12),
            (say("head.unit"), 10), (say("reason"), 36), (say("remedy"), 36), (say("waiver"), 30), (say("head.document"), 36),
            (say("head.number"), 18), (say("head.article"), 12), (say("head.quote"), 60),
            (say("head.effective"), 12), (say("head.evidence"), 14), (say("estimated"), 7), (say("features"), 30),
        ]  # fmt: skip
        sheet = self.sheet(say("sheet.findings"), heads)
        count = 0
        for count, (entry, finding) in enumerate(findings_of(entries), start=1):
            clause = finding.clause
            kind, sentence = self.words.reason(finding)
            cells = [
                entry.name, self.words.status(finding.status), self.words.strength(finding.strength),
                finding.rule, self.words.text(finding.title), finding.subject,
                value_of(finding.measured, self.words.lang), value_of(finding.required, self.words.lang),
                self.words.unit(finding.unit), f"{kind}: {sentence}" if kind else sentence,
                self.words.text(finding.remedy), self.words.waiver(finding), clause.document, clause.number, clause.article, clause.quote,
                clause.effective, self.words.evidence(clause.evidence),
                say("estimated") if finding.estimated else "", "; ".join(finding.features),
            ]  # fmt: skip
            self.write(sheet, count, cells, {1: self.colours[finding.status.value]})
        self.finish(sheet, count, len(heads))

    def problems(self, entries: Entries) -> None:
        """Write one row for each problem with the data."""
        say = self.words.say
        heads = [
            (say("site"), 22), (say("head.severity"), 8), (say("head.effect"), 14), (say("head.problem_id"), 16),
            (say("head.message"), 60), (say("cure"), 60), (say("file"), 30), (say("layer"), 14),
            (say("column"), 14), (say("rows"), 16), (say("features"), 30),
        ]  # fmt: skip
        sheet = self.sheet(say("sheet.problems"), heads)
        found: list[tuple[SiteResult, Problem]] = [
            (entry, problem)
            for entry in entries
            for problem in (entry.problems if entry.report is None else entry.report.problems)
        ]
        for row, (entry, problem) in enumerate(found, start=1):
            cells = [
                entry.name, say(f"severity.{problem.severity}"), say(f"effect.{problem.effect}"), problem.id,
                self.words.text(problem.message), self.words.text(problem.cure), problem.path, problem.layer,
                problem.column, ranges(problem.shown_rows, most=40), "; ".join(problem.features),
            ]  # fmt: skip
            colour = {"error": "error", "warning": "undetermined"}.get(problem.severity, "not_applicable")
            self.write(sheet, row, cells, {1: self.colours[colour]})
        self.finish(sheet, len(found), len(heads))
