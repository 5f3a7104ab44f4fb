"""Workbooks of Excel and WPS: every visible sheet is a table, and nothing in them is run or followed.

Read with openpyxl cell by cell, which lets a reader stop: a workbook of some kilobytes can hold cells without end. What
a formula would give is not reckoned here: without the value that the spreadsheet kept, nobody knows it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from plan.findings import Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._cell_formats import Shown, shown_as
from plan.readers._cell_styles import Style, partly_struck, rows_in, styles_of, text_in
from plan.readers._table_heads import Cells, Numbered, bare_table, is_sum
from plan.readers._table_marks import Marks, cell_name, without_doubtful, without_errors
from plan.readers._table_names import known
from plan.readers.raw import RawLayer
from plan.readers.tables import table_layer
from plan.text_safety import plain

__all__ = ["is_workbook", "read_workbook"]

OLD: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, .et, and an .xlsx with a password
_SUFFIXES: Final = (".xlsx", ".xlsm")
_MEMBERS: Final = 2000
_UNPACKED: Final = 256 << 20  # bytes of all parts
_RATIO: Final = 100  # unpacked to packed; lists of households reach 20
_SMALL: Final = 16 << 20  # bytes below which a high ratio does no harm
_CELLS: Final = 2_000_000  # of a workbook; a list of 100,000 households in 20 columns
_COLUMNS: Final = 500
_ROWS: Final = 1_048_576  # as many as a spreadsheet has
_SPOOLED: Final = 64 << 20  # bytes of a copy that is kept in memory
_BLOCK: Final = 1 << 20  # bytes
_BARE: Final = (
    4 << 20
)  # bytes of a sheet above which rows and cells that hold nothing are left out before it is parsed
# Formats without values, as spreadsheets keep them for a million rows below a list.
_EMPTY_CELL: Final = re.compile(rb"<(?:\w+:)?c(?:\s[^<>]*)?(?:/>|></(?:\w+:)?c>)")
_EMPTY_ROW: Final = re.compile(rb"<(?:\w+:)?row(?:\s[^<>]*)?(?:/>|></(?:\w+:)?row>)")
# Hidden, or of no height or width.
_ROW: Final = re.compile(
    rb"<(?:\w+:)?row\s(?:[^<>]*?\s)?(?:hidden=[\"'](?:1|true)|ht=[\"']0(?:\.0+)?)[\"'][^<>]*>"
)
_COLUMN: Final = re.compile(
    rb"<(?:\w+:)?col\s(?:[^<>]*?\s)?(?:hidden=[\"'](?:1|true)|width=[\"']0(?:\.0+)?)[\"'][^<>]*>"
)
_NUMBER: Final = re.compile(rb"\sr=[\"'](\d{1,7})[\"']")
_FOLDED: Final = re.compile(rb"\soutlineLevel=[\"'][1-9]")
_SPAN: Final = re.compile(rb"\s(min|max)=[\"'](\d{1,5})[\"']")
_STRICT: Final = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_BOOK: Final = "xl/workbook.xml"
# A part of a text that is struck out, or small above the line: only then are texts read by their parts.
_RICH: Final = re.compile(rb"<(?:\w+:)?(?:strike|vertAlign)\b")
_STRINGS: Final = "xl/sharedStrings.xml"
_TAIL: Final = 400  # bytes that are looked at twice, where one block ends
_SHOWN: Final = 10
_HEADS: Final = 20  # rows of a hidden sheet in which a head is looked for
_TELLING: Final = 2  # names of columns that make a row a head
_LONGEST: Final = 200  # characters of another's words
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")


class _TooLargeError(Exception):
    """A sheet has more cells than any list."""


def is_workbook(head: bytes, suffix: str) -> bool:
    """Tell whether a file is a workbook, by its ending; ``.xls`` and its like are told apart and refused."""
    return suffix in _SUFFIXES or head.startswith(OLD) or suffix in (".xls", ".et")


def read_workbook(path: Path, shown: str, found: ProblemList) -> list[RawLayer]:
    """Read the visible sheets of a workbook.

    Parameters
    ----------
    path : pathlib.Path
        An ``.xlsx`` or ``.xlsm`` file; macros are not looked at.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems are noted: titles above a head, sums, formulas whose value is not known.

    Returns
    -------
    list of RawLayer
        A table for each sheet that holds one; none when the file cannot be used.
    """
    with path.open("rb") as file:
        if file.read(len(OLD)) == OLD:
            found.add(
                "PLAN-FILE-008", "error", "refused", Message("tables.old_workbook", name=plain(path.name))
            )
            return []
    import openpyxl  # noqa: PLC0415 - heavy, and only a workbook needs it

    try:
        parts = _parts(path, found)
        if parts is None:
            return []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions, which say nothing of values
            with _bare(path) as file:  # openpyxl leaves a file open that it fails on
                rich = _STRINGS in parts and parts[_STRINGS].rich
                book = openpyxl.load_workbook(
                    file, read_only=True, data_only=True, keep_links=False, rich_text=rich
                )
                return _sheets(book, file, shown, parts, found)
    except _TooLargeError:
        message = Message("tables.workbook_large", cells=_CELLS, columns=_COLUMNS)
        found.add("PLAN-SEC-002", "error", "refused", message)
    except Exception as error:  # noqa: BLE001 - whatever openpyxl fails with is a fact about the file
        message = Message("tables.workbook_broken", why=plain(f"{type(error).__name__}: {error}")[:_LONGEST])
        found.add("PLAN-FILE-001", "error", "refused", message)
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What is known of a part of a workbook before it is parsed."""

    merged: bytes  # its merged cells
    formulas: bool
    hidden: frozenset[int] = frozenset()  # rows that nobody sees
    folded: frozenset[int] = frozenset()  # rows of groups that are folded away
    unseen: frozenset[int] = frozenset()  # columns that nobody sees, from 0
    tucked: frozenset[int] = frozenset()  # columns of groups that are folded away, from 0
    rich: bool = False  # it holds texts of which a part is struck out or small


_UNKNOWN: Final = _Part(merged=b"", formulas=True)


@contextmanager
def _bare(path: Path) -> Iterator[IO[bytes]]:
    """Open a workbook; of large sheets, a copy without the rows and cells that hold nothing."""
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("rb"))
        with zipfile.ZipFile(file) as archive:
            large = {
                m.filename
                for m in archive.infolist()
                if m.file_size > _BARE and "/worksheets/" in m.filename and m.filename.endswith(".xml")
            }
            if large:
                copy: IO[bytes] = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_SPOOLED))
                with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
                    for member in archive.infolist():
                        with archive.open(member) as source, out.open(member.filename, "w") as target:
                            blocks = (
                                _without_nothing(source) if member.filename in large else _blocks_of(source)
                            )
                            target.writelines(blocks)
                copy.seek(0)
                file = copy
        file.seek(0)
        yield file


def _blocks_of(source: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: source.read(_BLOCK), b"")


def _without_nothing(source: IO[bytes]) -> Iterator[bytes]:
    """Return a sheet block by block, each of whole rows, without rows and cells that hold nothing."""
    held = b""
    for block in _blocks_of(source):
        held += block
        cut = held.rfind(b"<row")  # with a name space before it a sheet is one block
        if cut > 0:
            yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", held[:cut]))
            held = held[cut:]
    yield _EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", held))


def _parts(path: Path, found: ProblemList) -> dict[str, _Part] | None:
    """Look all parts over before any parser."""
    seen: dict[str, _Part] = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
        if len(members) > _MEMBERS or size > _UNPACKED or (size > _SMALL and size > _RATIO * max(packed, 1)):
            message = Message("readers.zip_bomb", members=len(members), mb=size >> 20)
            found.add("PLAN-SEC-002", "error", "refused", message)
            return None
        for member in members:
            if not member.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(member) as part:
                head = part.read(_BLOCK)
                if _declares(head):
                    found.add("PLAN-SEC-004", "error", "refused", Message("readers.entities"))
                    return None
                if member.filename == _BOOK and _STRICT in head:
                    found.add("PLAN-FILE-008", "error", "refused", Message("tables.strict_workbook"))
                    return None
                seen[member.filename] = _looked_over(part, head)
    return seen


def _looked_over(part: IO[bytes], head: bytes) -> _Part:
    """Read a part block by block; what stands where two blocks meet is found twice, and kept once."""
    merged, formulas, rich = b"", False, False
    rows: set[bytes] = set()
    columns: set[bytes] = set()
    tail = b""
    while head:
        block = tail + head
        formulas = formulas or _FORMULA.search(block) is not None
        rich = rich or _RICH.search(block) is not None
        merged += b" ".join(m.group(0) for m in _MERGED.finditer(block))
        rows.update(_ROW.findall(block))
        columns.update(_COLUMN.findall(block))
        tail, head = block[-_TAIL:], part.read(_BLOCK)
    hidden: set[int] = set()
    folded: set[int] = set()
    for tag in rows:
        number = _NUMBER.search(tag)
        if number is not None:
            (folded if _FOLDED.search(tag) else hidden).add(int(number[1]))
    unseen: set[int] = set()
    tucked: set[int] = set()
    for tag in columns:
        span = {name: int(value) for name, value in _SPAN.findall(tag)}
        out = tucked if _FOLDED.search(tag) else unseen
        out.update(range(span.get(b"min", 1) - 1, min(span.get(b"max", 0), _COLUMNS)))
    return _Part(
        merged=merged, formulas=formulas, hidden=frozenset(hidden), folded=frozenset(folded),
        unseen=frozenset(unseen),
        tucked=frozenset(tucked), rich=rich,
    )  # fmt: skip


def _declares(head: bytes) -> bool:
    folded = head.replace(b"\x00", b"").upper()  # UTF-16 hides nothing
    return b"<!DOCTYPE" in folded or b"<!ENTITY" in folded


def _sheets(
    book: Any,  # noqa: ANN401 - openpyxl has no types
    file: IO[bytes],
    shown: str,
    parts: dict[str, _Part],
    found: ProblemList,
) -> list[RawLayer]:
    layers, left, hidden = [], _CELLS, []
    styles = styles_of(book)
    for sheet in book.worksheets:
        title = plain(sheet.title)
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        part = parts.get(str(sheet._worksheet_path).lstrip("/"), _UNKNOWN)  # noqa: SLF001 - where it lies
        told = ProblemList(path=found.path, layer=title)
        read = _cells(sheet, left, styles, rich=part.rich)
        rows, merged, across = _filled(read.rows, part.merged)
        left -= sum(len(row) for row in rows)
        if part.formulas:
            _mark_unknown(file, sheet.title, rows, told)
        while rows and not any(rows[-1]):
            rows.pop()
        table: Numbered = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
        table = without_errors(table, told)
        if len(table) > 1:
            marks = Marks(
                merged=merged, across=across, shown=read.shown, struck=read.struck, hidden=part.hidden,
                folded=part.folded, unseen=part.unseen, tucked=part.tucked,
            )  # fmt: skip
            bare = bare_table(table, told, marks=marks)
            layer = table_layer(without_doubtful(bare, marks, told), shown, sheet.title, told)
            layers += [layer] if layer is not None else []
        found.extend(told.problems)
    if hidden:
        # A list that may be the right one is worth a warning; choices of drop-down boxes are not.
        severity: Severity = "warning" if any(_holds_list(book[name]) for name in hidden) else "info"
        names = tuple(plain(name) for name in hidden[:_SHOWN])
        found.add("PLAN-TAB-003", severity, "noted", Message("tables.hidden_sheets", names=names))
    if not layers and not any(p.effect == "refused" for p in found.problems):
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.csv_empty"))
    return layers


def _holds_list(sheet: Any) -> bool:  # noqa: ANN401 - openpyxl has no types
    """Tell whether one of the first rows of a sheet names columns of ours."""
    sheet.reset_dimensions()
    rows = itertools.islice(sheet.iter_rows(values_only=True), _HEADS)
    return any(sum(isinstance(v, str) and known(v) for v in row[:_COLUMNS]) >= _TELLING for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """The texts of a sheet, and what its cells show beside them."""

    rows: Cells
    shown: Mapping[tuple[int, int], Shown]
    struck: frozenset[tuple[int, int]]


def _cells(
    sheet: Any,  # noqa: ANN401 - openpyxl has no types
    left: int,
    styles: Mapping[int, Style],
    *,
    rich: bool,
) -> _Read:
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    rows: Cells = []
    count = 0
    shown: dict[tuple[int, int], Shown] = {}
    struck: set[tuple[int, int]] = set()
    telling = bool(styles) or rich
    for cells in rows_in(sheet, rich=rich) if telling else sheet.iter_rows(values_only=True):
        number = len(rows) + 1
        if telling:
            for i, cell in enumerate(cells):
                style = styles.get(getattr(cell, "_style_id", 0))
                if style is not None and cell.value is not None:
                    seen = shown_as(cell.value, style.code)
                    shown.update({(number, i): seen} if seen is not None else {})
                    struck.update({(number, i)} if style.struck else ())
            cells = tuple(cell.value for cell in cells)  # noqa: PLW2901 - the same row, without styles
        row = _up_to_last(cells)  # a format in the last column of a sheet is no cell
        count += len(row)
        if count > left or len(row) > _COLUMNS or len(rows) > _ROWS:
            raise _TooLargeError
        struck.update((number, i) for i, value in enumerate(row) if partly_struck(value))
        rows.append([_text(value) for value in row])
    width = max((len(row) for row in rows), default=0)
    return _Read(
        rows=[row + [""] * (width - len(row)) for row in rows], shown=shown, struck=frozenset(struck)
    )


def _up_to_last(cells: tuple[object, ...]) -> tuple[object, ...]:
    """Return the cells of a row up to the last that holds something."""
    last = next((i for i in range(len(cells), 0, -1) if cells[i - 1] is not None), 0)
    return cells[:last]


def _filled(rows: Cells, merged: bytes) -> tuple[Cells, dict[tuple[int, int], int], frozenset[int]]:
    """Give every cell of a block that is merged downwards the value that stands in its first one.

    Returned are the rows; the cells of such blocks, with the row that each begins in; and rows with blocks of their own.
    """
    shared: dict[tuple[int, int], int] = {}
    across: set[int] = set()
    for left, top, right, bottom in _blocks(merged):
        if bottom == top and right > left:
            across.add(top + 1)
        if bottom <= top or top >= len(rows):
            continue
        value = rows[top][left] if left < len(rows[top]) else ""
        shared[top + 1, left] = top + 1
        for number, row in enumerate(rows[top + 1 : bottom + 1], start=top + 2):
            if left < len(row) and not any(row[left : right + 1]):
                row[left] = value
                shared[number, left] = top + 1
    return rows, shared, frozenset(across)


def _blocks(merged: bytes) -> Iterator[tuple[int, int, int, int]]:
    for match in _MERGED.finditer(merged):
        left, top, right, bottom = match.groups()
        yield _column(left), int(top) - 1, _column(right), int(bottom) - 1


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64  # "A" is 65
    return number - 1


def _text(value: object) -> str:  # noqa: PLR0911 - one return for each kind of value
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 - exact
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
        case dt.date():
            return value.isoformat()
        case dt.time():
            return value.strftime("%H:%M")
        case _:
            return text_in(value).strip()


def _mark_unknown(file: IO[bytes], title: str, rows: Cells, found: ProblemList) -> None:
    """Name formulas without a kept value; they stay empty."""
    import openpyxl  # noqa: PLC0415 - heavy

    unknown: list[str] = []
    book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    sheet = book[title]
    sheet.reset_dimensions()
    for i, row in enumerate(sheet.iter_rows(values_only=True)):
        if i < len(rows) and is_sum(rows[i]):
            continue
        for j, value in enumerate(row):
            is_formula = (isinstance(value, str) and value.startswith("=")) or hasattr(value, "ref")
            if is_formula and i < len(rows) and j < len(rows[i]) and not rows[i][j]:
                unknown.append(cell_name(i + 1, j))
    if unknown:
        message = Message("tables.formulas", count=len(unknown), cells=tuple(unknown[:_SHOWN]))
        found.add("PLAN-SEC-009", "error", "degraded", message)
