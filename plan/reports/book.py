"""Workbooks: sheets that print, without a single formula or link; the same bytes on every run."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from plan.messages import translate
from plan.reports.words import Words
from plan.tables import Table
from plan.text_safety import plain

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["BASE", "Sheets", "open_book", "tables_to_xlsx"]

BASE: Final = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
_HEAD: Final = {"bold": True, "bg_color": "#2F3E46", "font_color": "#FFFFFF", "valign": "vcenter"}
_CELL: Final = 32_767  # characters that a cell of XLSX holds
_MADE: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # no clock in a report
_NARROW: Final = 8  # characters that a column is wide at least, and at most
_WIDE: Final = 60
_CJK: Final = 0x2E80  # from here on a character takes the place of two


@contextmanager
def open_book(title: str) -> Iterator[tuple[Workbook, io.BytesIO]]:
    """Give a workbook, and where its bytes are once the block has ended."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - heavy, and only a workbook needs it

    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with Workbook(out, options) as book:
        book.set_properties({"title": title, "author": "plan", "created": _MADE})
        yield book, out


def tables_to_xlsx(tables: Mapping[str, Table], *, title: str, lang: str = "zh") -> bytes:
    """Write tables as a workbook, a sheet for each.

    Parameters
    ----------
    tables : mapping of str to Table
        By the name of the sheet; the same tables as a console shows. Cells of numeric columns are written as numbers.
    title : str
        Of the file.
    lang : {"zh", "en"}
        The language of everything in it.

    Returns
    -------
    bytes
        An XLSX file without a single formula or link.
    """
    words = Words(lang)
    with open_book(words.text(title)) as (book, out):
        sheets = Sheets(book, words)
        for name, table in tables.items():
            sheets.table(words.text(name), table)
    return out.getvalue()


class Sheets:
    """The sheets of one workbook with the formats they share."""

    def __init__(self, book: Workbook, words: Words) -> None:
        self.book = book
        self.words = words
        self.text = book.add_format(BASE)
        self.figure = book.add_format(BASE | {"num_format": "#,##0.######", "align": "right"})
        self.head = book.add_format(BASE | _HEAD)

    def table(self, name: str, table: Table) -> None:
        """Write a table as a sheet: heads, rows, and below them what the table is and its notes."""
        lang = self.words.lang
        heads = [translate(head, lang) for head in table.heads]
        rows = [
            [_shown(None if c is None else translate(c, lang), number=at in table.numeric) for at, c in enumerate(row)]
            for row in table.rows
        ]  # fmt: skip
        widths = [
            min(_WIDE, max(_NARROW, *(_width(str(c)) for c in (head, *(row[at] for row in rows)))))
            for at, head in enumerate(heads)
        ]
        sheet = self.sheet(name, list(zip(heads, widths, strict=True)))
        for number, row in enumerate(rows, start=1):
            self.write(sheet, number, row, {})
        self.finish(sheet, len(rows), len(heads))
        plain_text = self.book.add_format({**BASE, "text_wrap": False})
        for number, note in enumerate((table.title, *table.notes), start=len(rows) + 2):
            sheet.write_string(number, 0, self.fit(translate(note, lang)), plain_text)

    def sheet(self, name: str, heads: Sequence[tuple[str, int]]) -> Worksheet:
        """Add a sheet with a row of heads, each with the width of its column."""
        sheet = self.book.add_worksheet(name)
        for column, (head, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self.fit(head), self.head)
        sheet.set_row(0, 24)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(8)  # A3
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&P / &N")
        return sheet

    def write(self, sheet: Worksheet, row: int, cells: Sequence[Any], formats: Mapping[int, Format]) -> None:
        """Write a row; texts as texts, numbers as numbers."""
        for column, value in enumerate(cells):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.write_string(row, column, self.fit(value), formats.get(column, self.text))
            else:
                sheet.write_number(row, column, value, self.figure)

    def fit(self, value: str) -> str:
        """Return a text that a cell takes, with nothing hidden in it."""
        text = plain(value)
        if len(text) <= _CELL:
            return text
        cut = self.words.say("cut")
        return text[: _CELL - len(cut)] + cut

    @staticmethod
    def finish(sheet: Worksheet, rows: int, columns: int) -> None:
        """Let people filter the rows."""
        sheet.autofilter(0, 0, max(rows, 1), columns - 1)


def _shown(cell: str | None, *, number: bool) -> float | str | None:
    """Return what is written: of a numeric column the number, where the cell shows one."""
    if cell is None or not number:
        return cell
    try:
        value = float(cell.replace(",", ""))
    except ValueError:
        return cell
    return value if math.isfinite(value) else cell


def _width(text: str) -> int:
    return 2 + sum(2 if ord(c) >= _CJK else 1 for c in text)
