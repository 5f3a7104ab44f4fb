"""The Word document takes any text as it is, and makes the same bytes."""

from __future__ import annotations

import io

import docx
import pytest

from plan.findings import Clause, Finding, PackRef, Report, SiteResult, Status, Strength
from plan.handout import to_docx
from plan.tables import Table

HOSTILE = (
    "<w:t>&amp;</w:t>",
    "=1+1",
    "{{7*7}}",
    "]]>",
    "名\u202e字",
    "a\x00b\x1b[31m",
    "\ud800",
    "行\n二",
    "\ufffe",
)


def result(text: str) -> SiteResult:
    clause = Clause(document=text, number=text, article=text, quote=text, effective=None)
    finding = Finding(
        rule="R-1", title=text, strength=Strength.MUST, status=Status.NOT_MET, clause=clause, measured=text,
        required=3.0, unit="m2", features=(text,), remedy=text, subject=text,
    )  # fmt: skip
    report = Report(site=text, pack=PackRef(id="p", version="1", sha256="0" * 64), findings=(finding,))
    return SiteResult.of(report)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_text_is_shown_and_nothing_else(text: str, lang: str) -> None:
    table = Table(title=text, heads=(text, "n"), rows=((text, "1"), (None, "2")), numeric=(1,), notes=(text,))
    made = to_docx([result(text)], title=text, lang=lang, tables=[table])
    assert made == to_docx([result(text)], title=text, lang=lang, tables=[table])
    document = docx.Document(io.BytesIO(made))
    shown = [p.text for p in document.paragraphs]
    shown += [c.text for t in document.tables for row in t.rows for c in row.cells]
    from plan.text_safety import plain

    assert sum(plain(text) in part for part in shown) >= 6


def test_a_table_without_rows_is_a_head() -> None:
    table = Table(title="空", heads=("一", "二"), rows=())
    document = docx.Document(io.BytesIO(to_docx([result("a")], title="t", tables=[table])))
    assert [c.text for c in document.tables[0].rows[0].cells] == ["一", "二"]
