"""CSV tables: households, rooms and other lists that come out of spreadsheets.

Every cell stays text until the contract says what it is: ids keep their zeros.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers._places import points_of
from plan.readers._table_heads import Numbered, bare_table
from plan.readers._table_marks import Marks, without_doubtful, without_errors
from plan.readers._table_names import known
from plan.readers.encodings import decode_table
from plan.readers.raw import RawLayer
from plan.text_safety import plain

__all__ = ["is_list", "leading_zeros", "read_csv", "table_layer"]

_COLUMNS: Final = 1000
_CELLS: Final = 20_000_000
_DELIMITERS: Final = ",;\t"
_UNUSUAL: Final = "|，；、"  # what divides a table only where none of the others does
_TELLING: Final = 2  # delimiters in a row, below which a text of several lines may have as many
_LOOKED_AT: Final = 20  # lines
_BEGINNING: Final = 4096  # bytes of a text that are looked at
_NAMES: Final = 3  # columns of ours in a line of it
_DIVIDED: Final = re.compile(f"[{_DELIMITERS}{_UNUSUAL}]")
_NAMED_DELIMITER: Final = re.compile(r"sep=(.)", re.IGNORECASE)
_KEPT_TEXT: Final = re.compile(r"""="([^"]*)"|['’]([^'’]+)""")
_PADDED: Final = re.compile(r"0\d+")


def read_csv(
    path: Path, shown: str, found: ProblemList, *, encoding: str | None = None, around: bool = False
) -> list[RawLayer]:
    """Read a CSV table, with points where it has columns for them.

    Parameters
    ----------
    path : pathlib.Path
        The file. Columns ``lon``/``lat`` (经度/纬度) are degrees in WGS 84; ``x``/``y`` are metres in a
        system that the user names.
    shown : str
        The file as the user named it.
    found : ProblemList
        Where problems and the decision on the encoding are noted.
    encoding : str, optional
        What the user says it is encoded in; otherwise UTF-8, UTF-16, or GB18030.
    around : bool, default False
        True to pass over what bureaus write around a table, and to tell it: titles, sums, signatures.

    Returns
    -------
    list of RawLayer
        One layer, or none when the file cannot be used.
    """
    decoded = decode_table(path.read_bytes(), given=encoding, found=found)
    if decoded is None:
        return []
    text, read_as = decoded
    text = text.lstrip("\ufeff")  # programs that add a mark add a second one to a file that has it
    rows = _rows(text, found)
    if rows is None:
        return []
    if not rows:
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.csv_empty"))
        return []
    if _too_large([row for _, row in rows], found):
        return []
    if around:
        rows = without_errors([(number, [_bare_cell(cell) for cell in row]) for number, row in rows], found)
        rows = without_doubtful(bare_table(rows, found), Marks(), found)
    layer = table_layer(rows, shown, path.stem, found, encoding=read_as)
    return [] if layer is None else [layer]


def is_list(path: Path) -> bool:
    """Tell whether a ``.txt`` begins like a table: a readme does not name columns of ours beside each other."""
    if path.suffix.casefold() != ".txt" or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_BEGINNING)
    return any(
        sum(known(cell) for cell in _DIVIDED.split(line)) >= _NAMES
        for encoding in ("utf-8", "gb18030", "utf-16")
        for line in head.decode(encoding, errors="replace").splitlines()[:_LOOKED_AT]
    )


def table_layer(
    numbered: Numbered, shown: str, name: str, found: ProblemList, *, encoding: str = ""
) -> RawLayer | None:
    """Make a layer of a head and its rows.

    Parameters
    ----------
    numbered : list of (int, list of str)
        Rows with their numbers in the sheet, the head first. Columns ``lon``/``lat`` (经度/纬度) are degrees in WGS 84; ``x``/``y`` are metres in a system that
        the user names.
    shown : str
        The file as the user named it.
    name : str
        What the file calls the table.
    found : ProblemList
        Where problems are noted.
    encoding : str, optional
        How its text was read.

    Returns
    -------
    RawLayer or None
        None when the table cannot be used.
    """
    numbers, rows = [number for number, _ in numbered], [row for _, row in numbered]
    header = [name.strip() for name in rows[0]]
    while header and not header[-1]:
        header.pop()  # spreadsheets leave commas behind the last column
    rows = [row[: len(header)] if not any(c.strip() for c in row[len(header) :]) else row for row in rows]
    uneven = tuple(
        number for number, row in zip(numbers[1:], rows[1:], strict=True) if len(row) > len(header)
    )
    if uneven:
        message = Message("readers.csv_wide", rows=uneven[:20], width=len(header))
        found.add("PLAN-FILE-013", "error", "refused", message, rows=uneven)
        return None
    cells = np.full((len(rows) - 1, len(header)), None, dtype=object)
    for i, row in enumerate(rows[1:]):
        for j, cell in enumerate(row):
            cells[i, j] = cell.strip() or None
    table = pd.DataFrame(cells, dtype=object)
    points, crs = points_of(table, header, found)
    # Two columns of one name stay two: the contract refuses them by name.
    frame = gpd.GeoDataFrame(table.assign(geometry=points), geometry="geometry", crs=crs)
    frame.columns = pd.Index([*header, "geometry"], dtype=object)
    return RawLayer(
        name="", frame=frame, path=shown, source_layer=name, crs_assumed=crs is not None, encoding=encoding,
        numbers=tuple(numbers[1:]),
    )  # fmt: skip


def leading_zeros(values: pd.Series[Any]) -> tuple[int, ...]:
    """Return the 1-based rows whose id starts with a zero that a spreadsheet would drop."""
    return tuple(
        i for i, value in enumerate(values, start=1) if isinstance(value, str) and _PADDED.fullmatch(value)
    )


def _bare_cell(cell: str) -> str:
    """Return a cell without what keeps its text from a spreadsheet: ="001" and '001 are 001."""
    text = cell.strip()
    kept = _KEPT_TEXT.fullmatch(text)
    return text if kept is None else (kept[1] if kept[1] is not None else kept[2]).strip()


def _trimmed(row: list[str]) -> list[str]:
    """Return a row without the empty cells that a spreadsheet leaves behind its last column."""
    width = len(row)
    while width and not row[width - 1].strip():
        width -= 1
    return row[:width]


def _too_large(rows: Sequence[Sequence[str]], found: ProblemList) -> bool:
    width = max(map(len, rows))
    if width <= _COLUMNS and width * len(rows) <= _CELLS:
        return False
    message = Message("tables.workbook_large", cells=_CELLS, columns=_COLUMNS)
    found.add("PLAN-SEC-002", "error", "refused", message)
    return True


def _rows(text: str, found: ProblemList) -> Numbered | None:
    """Return the rows that are not empty, with their numbers; None where the text is no table."""
    if "\n" not in text:  # lines of an old Macintosh
        text = text.replace("\r", "\n")
    skipped = 0
    delimiter = _delimiter(text)
    first, _, rest = text.partition("\n")
    named = _NAMED_DELIMITER.fullmatch(first.strip())
    if named is not None:  # Excel's own way of naming it
        delimiter, text, skipped = named[1], rest, 1
    rows: Numbered = []
    number = skipped
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 1 + skipped
        ):
            if any(cell.strip() for cell in row):
                rows.append((number, row))
    except csv.Error as error:
        message = Message("readers.csv_broken", why=plain(str(error)), row=number + 1)
        found.add("PLAN-FILE-001", "error", "refused", message)
        return None
    if _swallows(rows, delimiter, found) or _divided_otherwise(rows, delimiter, found):
        return None
    return [(number, _trimmed(row)) for number, row in rows]


def _swallows(rows: Numbered, delimiter: str, found: ProblemList) -> bool:
    """Refuse a table in which a quotation mark that somebody forgot took the rows up to the next one into its cell."""
    between = max((len(row) for _, row in rows), default=0) - 1  # delimiters in a row
    for number, row in rows if between >= _TELLING else ():
        for at, cell in enumerate(row):
            counts = [line.count(delimiter) for line in cell.split("\n")]
            behind = len(row) - 1 - at
            # The rest of its own row, whole rows, and the beginning of the row in which the next mark stands.
            whole = [between - at, *(between for _ in counts[1:-1]), between - behind]
            if len(counts) > 1 and counts == whole:
                message = Message("readers.csv_swallowed", row=number, count=len(counts) - 1)
                found.add("PLAN-FILE-001", "error", "refused", message)
                return True
    return False


def _divided_otherwise(rows: Numbered, delimiter: str, found: ProblemList) -> bool:
    """Refuse a table of which some rows are divided by another sign, and would be one cell each."""
    between = max((len(_trimmed(row)) for _, row in rows), default=0) - 1
    others = [d for d in _DELIMITERS + _UNUSUAL if d != delimiter]
    for number, row in rows if between >= _TELLING else ():
        filled = _trimmed(row)
        if len(filled) == 1 and any(filled[0].count(other) == between for other in others):
            found.add("PLAN-FILE-013", "error", "refused", Message("readers.csv_mixed", row=number))
            return True
    return False


def _delimiter(text: str) -> str:
    """Return what most of the first lines are divided by; a title above the head is divided by nothing."""
    lines = [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line.strip()]
    usual = any(d in line for line in lines for d in _DELIMITERS)
    return max(
        _DELIMITERS if usual else _UNUSUAL,
        key=lambda d: (sum(d in line for line in lines), sum(line.count(d) for line in lines)),
    )
