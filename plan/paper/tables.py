"""Tables for people, as the templates take them: texts of one language, and how wide each column is."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

from plan.messages import Message, translate
from plan.tables import Table

__all__ = ["ABSENT", "breadth", "table_data"]

ABSENT: Final = "–"  # shown where nothing is known
_SHORT: Final = 16.0  # letters [half of a Chinese one] of a column that is as wide as its longest text
_LONG: Final = 120.0  # letters beyond which a text wants no more room
_MOST_TEXTS: Final = 0.9  # share of the texts that a column is made for
_DAMPED: Final = (
    0.75  # power of what a column wants: long texts take more lines, so that short ones keep theirs
)
_PADDING: Final = 3.0  # letters between two columns
_VERDICTS: Final = ("status.", "retrofit.verdict_")  # keys of texts that are verdicts
_WIDE: Final = frozenset("WFA")  # East Asian widths of a whole square


def table_data(
    table: Table, *, lang: str, tones: Sequence[Sequence[str]] | None = None, title: bool = True
) -> dict[str, Any]:
    """Return a table as plain data.

    Parameters
    ----------
    table : Table
        The table.
    lang : {"zh", "en"}
        The language.
    tones : sequence of sequence of str, optional
        By row and column a tone of the template (``met``, ``not_met``, ``undetermined``, ``sum``…); empty: none. By
        default verdicts have their own.
    title : bool, default True
        Whether the title is shown.

    Returns
    -------
    dict
        ``title``, ``heads``, ``rows``, ``numeric``, ``bars``, ``notes``, ``tones``; ``weights``, for each column 0
        where it is as wide as its texts, else its share of what is left; ``longest``, its longest line in letters; ``breadth``, how wide the table wants to be in
        letters.
    """
    heads = [translate(head, lang) for head in table.heads]
    rows = [[ABSENT if cell is None else translate(cell, lang) for cell in row] for row in table.rows]
    columns = [[heads[k], *(row[k] for row in rows)] for k in range(len(heads))]
    longest = [max(breadth(text) for text in column) for column in columns]
    weights = [
        0.0 if most <= _SHORT or k in table.numeric else _weight(column)
        for k, (most, column) in enumerate(zip(longest, columns, strict=True))
    ]
    return {
        "title": translate(table.title, lang) if title else "",
        "heads": heads,
        "rows": rows,
        "numeric": list(table.numeric),
        "bars": list(table.bars),
        "notes": [translate(note, lang) for note in table.notes],
        "tones": [list(row) for row in tones or _tones(table)],
        "weights": weights,
        "longest": longest,
        "breadth": sum(longest) + _PADDING * len(longest),
    }


def breadth(text: str) -> float:
    """Return how wide a text is on one line, in letters; a Chinese one counts for two.

    Examples
    --------
    >>> breadth("12号楼")
    6.0
    """
    lines = text.split("\n")
    return max(sum(2.0 if unicodedata.east_asian_width(c) in _WIDE else 1.0 for c in line) for line in lines)


def _tones(table: Table) -> list[list[str]]:
    """Return the tone of each verdict in a table; nothing where there is none."""
    tones = [[_tone(cell) for cell in row] for row in table.rows]
    return tones if any(tone for row in tones for tone in row) else []


def _tone(cell: str | None) -> str:
    if not isinstance(cell, Message):
        return ""
    for start in _VERDICTS:
        if cell.key.startswith(start):
            return cell.key.removeprefix(start)
    return ""


def _weight(column: Sequence[str]) -> float:
    """Return how much room a column of sentences wants: between its mean and its longest text."""
    wide = sorted(breadth(text) for text in column)
    wanted = min(_LONG, max(_SHORT, wide[int(len(wide) * _MOST_TEXTS)]))
    return round(math.pow(wanted, _DAMPED), 2)
