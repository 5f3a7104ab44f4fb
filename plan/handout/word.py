"""The report as a document that an office edits and files: headings numbered by Word, tables with repeated heads.

Laid out after GB/T 9704-2012 (7.2.1, 7.3.3): body text in 仿宋 of size 3 (16 pt); headings 一、 in 黑体, （一） in 楷体,
1. in 仿宋. Word counts the headings, so that they stay right when an office moves or adds one.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plan.dossier import Dossier
from plan.files import write_bytes
from plan.findings import Clause, Finding, Report, SiteResult, Status
from plan.handout.figures import imprint_lines, key_figures, title_of
from plan.handout.word_parts import LOOK, heading_numbers, prepare, table_xml
from plan.messages import Message, translate
from plan.reports.words import Words
from plan.tables import Table
from plan.text_safety import plain

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["to_docx", "write_document"]

_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no clock in a report
_ZIPPED: Final = (2000, 1, 1, 0, 0, 0)
_OPEN: Final = (Status.NOT_MET, Status.UNDETERMINED)  # told one by one; the others stand in a table
_FEATURES: Final = 16  # ids shown of a finding; JSON and XLSX have all


def write_document(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the report of a hearing."""
    document = to_docx(
        dossier.results,
        lang=dossier.lang,
        title=title_of(dossier),
        imprint=imprint_lines(dossier),
        summary=[(one.label, one.value, one.note) for one in key_figures(dossier)],
        tables=(*dossier.tables, *dossier.details),
    )
    write_bytes(path, document)
    return ()


def to_docx(
    results: Sequence[SiteResult],
    *,
    title: str,
    lang: str = "zh",
    imprint: Iterable[tuple[str, str]] = (),
    summary: Iterable[tuple[str, str, str | None]] = (),
    tables: Iterable[Table] = (),
) -> bytes:
    """Write results as a Word document.

    Parameters
    ----------
    results : sequence of SiteResult
        At least one, such as an estate before and after.
    title : str
        The heading.
    lang : {"zh", "en"}
        The language of everything in it.
    imprint : iterable of (str, str)
        What is printed about the document: a head and what it says.
    summary : iterable of (str, str, str or None)
        Key figures: a label, the figure, a note.
    tables : iterable of Table
        Shown in their order, after the findings.

    Returns
    -------
    bytes
        A DOCX file without macros, links or fields that ask for anything; the same bytes on every run.
    """
    import docx  # noqa: PLC0415 - only a document needs it

    document = docx.Document()
    prepare(document, lang)
    _Writer(document, lang).write(results, title, tuple(imprint), tuple(summary), tuple(tables))
    about = document.core_properties
    about.title, about.author, about.last_modified_by = _text(title, lang), "plan", "plan"
    about.comments, about.revision = "", 1
    about.created = about.modified = _MADE
    made = io.BytesIO()
    document.save(made)
    return _repacked(made.getvalue())


class _Writer:
    """Writes one document, from its heading to its clauses."""

    def __init__(self, document: Document, lang: str) -> None:
        self.document = document
        self.lang = lang
        self.words = Words(lang)
        self.numbers = heading_numbers(document, lang)

    def write(
        self,
        results: Sequence[SiteResult],
        title: str,
        imprint: Sequence[tuple[str, str]],
        summary: Sequence[tuple[str, str, str | None]],
        tables: Sequence[Table],
    ) -> None:
        """Write everything, in the order in which it is read."""
        self.paragraph(title, style="Title")
        for head, said in imprint:
            self.labelled(head, said, style="Plan Imprint")
        self.heading(1, Message("handout.verdicts"))
        for result in results:
            self.verdict(result)
        if summary:
            self.heading(1, Message("handout.key_figures"))
            heads = (
                Message("handout.head_figure"),
                Message("handout.head_value"),
                Message("handout.head_note"),
            )
            self.table(heads, summary, numeric=(1,))
        for result in results:
            if result.report is not None:
                self.heading(1, Message("handout.findings_of", site=result.name))
                self.findings(result.report)
        if tables:
            self.landscape()
            self.heading(1, Message("handout.tables"))
            for table in tables:
                self.heading(2, table.title)
                self.table(table.heads, table.rows, numeric=table.numeric)
                for note in table.notes:
                    self.paragraph(note, style="Plan Note")
        self.heading(1, Message("handout.clauses"))
        self.clauses(results)
        self.heading(1, self.words.say("provenance"))
        self.provenance(results)

    def verdict(self, result: SiteResult) -> None:
        """Say what the rules say together about one site."""
        words = self.words
        outcome = words.status(result.outcome)
        self.labelled(result.name, outcome)
        report = result.report
        said = [words.verdict(result), words.text(result.error)]
        if report is not None:
            said += [words.advice(report), words.estimates(report), self.counts(report)]
        for sentence in said:
            if sentence:
                self.paragraph(sentence)

    def counts(self, report: Report) -> str:
        """Return how many rules have each answer."""
        counted = tuple(
            Message("handout.count", status=Message(f"status.{status}"), count=report.count(status))
            for status in Status
        )
        return translate(Message("handout.counts", counts=counted, count=len(report.findings)), self.lang)

    def findings(self, report: Report) -> None:
        """Tell what is open one by one, and the rest in tables."""
        for status in (*_OPEN, Status.MET, Status.NOT_APPLICABLE):
            found = [f for f in report.findings if f.status is status]
            if not found:
                continue
            self.heading(2, Message("handout.group", status=Message(f"status.{status}"), count=len(found)))
            if status in _OPEN:
                for finding in found:
                    self.finding(finding)
            else:
                self.short(found)

    def finding(self, finding: Finding) -> None:
        """Write one finding: figures, reason, cure, and the clause word for word."""
        words = self.words
        self.heading(3, self.name(finding))
        measured, required = (words.with_unit(figure, finding.unit) for figure in words.figures(finding))
        strength = words.strength(finding.strength)
        self.labelled(words.say("rule"), Message("handout.rule", rule=finding.rule, strength=strength))
        if measured:
            self.labelled(words.say("measured"), measured)
        if required:
            self.labelled(words.say("required"), required)
        kind, sentence = words.reason(finding)
        if sentence:
            self.labelled(kind or words.say("reason"), sentence)
        if finding.remedy:
            self.labelled(words.say("remedy"), finding.remedy)
        if finding.features:
            self.labelled(words.say("features"), words.some(finding.features, most=_FEATURES))
        if finding.clause.quote:
            self.paragraph(finding.clause.quote, style="Plan Quote")
        self.paragraph(self.source(finding.clause), style="Plan Source")

    def short(self, findings: Sequence[Finding]) -> None:
        """Write findings of which nothing is open as a table."""
        words = self.words
        heads = [words.say(head) for head in ("rule", "head.title", "measured", "required", "head.article")]
        rows = []
        for finding in findings:
            figures = (words.with_unit(figure, finding.unit) for figure in words.figures(finding))
            article = " ".join(part for part in (finding.clause.number, finding.clause.article) if part)
            rows.append((finding.rule, self.name(finding), *figures, article))
        self.table(heads, rows)

    def clauses(self, results: Sequence[SiteResult]) -> None:
        """Write every clause behind a finding, word for word, once."""
        words = self.words
        rules: dict[Clause, list[str]] = {}
        for result in results:
            for finding in () if result.report is None else result.report.findings:
                named = rules.setdefault(finding.clause, [])
                if finding.rule not in named:
                    named.append(finding.rule)
        heads = [
            words.say(head)
            for head in ("rule", "head.document", "head.article", "head.quote", "head.evidence")
        ]
        rows = [
            (
                ", ".join(named),
                " ".join(part for part in (words.document(clause), clause.number) if part),
                clause.article,
                clause.quote or words.say("no_quote"),
                words.evidence(clause.evidence),
            )
            for clause, named in rules.items()
        ]
        self.table(heads, rows)

    def provenance(self, results: Sequence[SiteResult]) -> None:
        """Write what files and which rules everything rests on."""
        words = self.words
        pack = results[0].pack
        rows = [(f"{words.text(pack.title)} {pack.id} {pack.version}".strip(), pack.sha256)]
        for result in results:
            inputs = result.inputs if result.report is None else result.report.inputs
            rows += [row for file in inputs if (row := (file.path, file.sha256)) not in rows]
        self.table([words.say("file"), words.say("head.sha256")], rows)
        self.paragraph(words.say("note"))

    def name(self, finding: Finding) -> str:
        """Return what a finding is about, and of what."""
        title = self.words.text(finding.title)
        return f"{title} · {finding.subject}" if finding.subject else title

    def source(self, clause: Clause) -> str:
        """Return where a clause stands, from when on, and how well it is attested."""
        words = self.words
        dates = [words.say("effective", day=clause.effective)] if clause.effective else []
        dates += [words.say("repealed", day=clause.repealed)] if clause.repealed else []
        return " · ".join(
            part for part in (words.source(clause), *dates, words.evidence(clause.evidence)) if part
        )

    def heading(self, level: int, text: str) -> None:
        """Write a heading; Word numbers it."""
        self.paragraph(text, style=f"Heading {level}")

    def paragraph(self, text: str, *, style: str = "Normal") -> None:
        """Write a paragraph of plain text."""
        self.document.add_paragraph(_text(text, self.lang), style=style)

    def labelled(self, head: str, text: str, *, style: str = "Normal") -> None:
        """Write a head in bold and what it says."""
        made = self.document.add_paragraph(style=style)
        sign = "：" if self.lang == "zh" else ": "
        made.add_run(_text(head, self.lang) + sign).bold = True
        made.add_run(_text(text, self.lang))

    def table(
        self, heads: Sequence[str], rows: Iterable[Sequence[str | None]], *, numeric: Sequence[int] = ()
    ) -> None:
        """Write a table whose head is repeated on every page."""
        shown = [["–" if cell is None else _text(cell, self.lang) for cell in row] for row in rows]
        section = self.document.sections[-1]
        width = int(section.page_width or 0) - int(section.left_margin or 0) - int(section.right_margin or 0)
        xml = table_xml([_text(head, self.lang) for head in heads], shown, width=width, numeric=numeric)
        self.document.add_paragraph(style="Plan Gap")._p.addprevious(xml)  # noqa: SLF001 - the documented way to the XML

    def landscape(self) -> None:
        """Begin a page in landscape: tables are wide."""
        from docx.enum.section import WD_ORIENT, WD_SECTION  # noqa: PLC0415 - only a document needs it

        last = self.document.sections[-1]
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = last.page_height, last.page_width
        section.left_margin = section.right_margin = LOOK["edge"]


def _text(text: Any, lang: str) -> str:  # noqa: ANN401 - a Message or plain text
    return plain(translate(text, lang))


def _repacked(document: bytes) -> bytes:
    """Return the same file without the time at which it was packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            about = zipfile.ZipInfo(name, date_time=_ZIPPED)
            about.compress_type, about.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(about, old.read(name))
    return out.getvalue()
