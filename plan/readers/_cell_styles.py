"""What the styles of a workbook say of its values: formats with units, lines through cells, small figures above the line."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from plan.readers._cell_formats import shown_as

__all__ = ["Style", "partly_struck", "rows_in", "styles_of", "text_in"]

_ESCAPED: Final = re.compile(r"_x(00[01][0-9A-Fa-f])_")  # _x000D_: signs that XML does not hold
# Values that show whether a format says more than what is in a cell.
_TRIED: Final[tuple[object, ...]] = (0, 1, -1, 20_000.5, 3_000_000, "x", dt.date(2000, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A style that says something: a format, a line through the cell."""

    code: str
    struck: bool


def styles_of(book: Any) -> Mapping[int, Style]:  # noqa: ANN401 - openpyxl has no types
    """Return the styles of a workbook that say something of values, by their numbers; most workbooks have none."""
    styles: dict[int, Style] = {}
    for number, style in enumerate(book._cell_styles):  # noqa: SLF001 - its cells look there, one by one
        code = _code(book, style.numFmtId)
        struck = bool(book._fonts[style.fontId].strike)  # noqa: SLF001
        telling = "[" in code or any(shown_as(value, code) is not None for value in _TRIED)
        if struck or telling:
            styles[number] = Style(code=code if telling else "General", struck=struck)
    return styles


def _code(book: Any, number: int) -> str:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles.numbers import (  # noqa: PLC0415 - heavy, and only a workbook needs it
        BUILTIN_FORMATS,
        BUILTIN_FORMATS_MAX_SIZE,
    )

    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, "General"))
    own = book._number_formats  # noqa: SLF001
    at = number - BUILTIN_FORMATS_MAX_SIZE
    return str(own[at]) if at < len(own) else "General"


def partly_struck(value: object) -> bool:
    """Tell whether a line goes through a part of a text."""
    return isinstance(value, list) and any(_font(part, "strike") for part in value)


def text_in(value: object) -> str:
    """Return the text of a cell; of one that is written in parts, what is not struck out.

    A figure that stands small above or below others is set apart: 80¹ is not 801.
    """
    if not isinstance(value, list):  # of parts, as openpyxl has it
        return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), str(value))
    parts = [(str(part), _font(part, "vertAlign")) for part in value if not _font(part, "strike")]
    if not parts:  # all of it is: what it said still names the row
        parts = [(str(part), None) for part in value]
    out = ""
    for text, raised in parts:
        apart = raised in ("superscript", "subscript") and out[-1:].isdigit() and text[:1].isdigit()
        out += f"^{text}" if apart else text
    return out


def rows_in(sheet: Any, *, rich: bool) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - openpyxl has no types
    """Return the rows of a sheet, as cells with their styles.

    Parameters
    ----------
    sheet : openpyxl sheet
        Of a workbook that was opened to be read only.
    rich : bool
        True where texts that stand in the sheet itself are written in parts; openpyxl would join them.
    """
    if not rich:
        yield from sheet.iter_rows()
        return
    from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell  # noqa: PLC0415 - heavy
    from openpyxl.worksheet._reader import WorkSheetParser  # noqa: PLC0415

    book = sheet.parent
    with sheet._get_source() as source:  # noqa: SLF001 - as openpyxl reads it, but for the parts of texts
        parser = WorkSheetParser(
            source, sheet._shared_strings, data_only=book.data_only, epoch=book.epoch,  # noqa: SLF001
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats, rich_text=True,  # noqa: SLF001
        )  # fmt: skip
        expected = 1
        for number, cells in parser.parse():
            yield from ((),) * (number - expected)
            expected = number + 1
            by_column = {cell["column"]: ReadOnlyCell(sheet, **cell) for cell in cells}
            yield tuple(by_column.get(i, EMPTY_CELL) for i in range(1, max(by_column, default=0) + 1))


def _font(part: object, name: str) -> Any:  # noqa: ANN401 - openpyxl has no types
    return getattr(getattr(part, "font", None), name, None)
