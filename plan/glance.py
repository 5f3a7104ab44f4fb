"""How results show themselves in a notebook: small tables of plain HTML, every text escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from plan.messages import DEFAULT_LANGUAGE, Message, translate

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["figures_html", "frame_html", "heading_html", "rows_html"]

_LEFT: Final = "text-align:left;vertical-align:top"
_RIGHT: Final = "text-align:right;vertical-align:top;white-space:nowrap"


def heading_html(*parts: str) -> str:
    """Return a bold line of parts.

    Parameters
    ----------
    *parts : str
        Texts; those that are empty are left out.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> heading_html("<b>", "", "2")
    '<p><b>&lt;b&gt; · 2</b></p>'
    """
    return f"<p><b>{html.escape(' · '.join(filter(None, map(_said, parts))))}</b></p>"


def rows_html(heads: Sequence[str], rows: Iterable[Sequence[object]], *, left_out: int = 0) -> str:
    """Return a table.

    Parameters
    ----------
    heads : sequence of str
        What stands over the columns.
    rows : iterable of sequences
        Cells: numbers stand on the right, what is missing shows as a dash.
    left_out : int, default 0
        How many more rows there are; said below the table.

    Returns
    -------
    str
        HTML.
    """
    head = "".join(f'<th style="{_LEFT}">{html.escape(_said(h))}</th>' for h in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    more = f"<p>{html.escape(Message('glance.left_out', count=left_out))}</p>" if left_out else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def frame_html(frame: pd.DataFrame, *, rows: int = 10) -> str:
    """Return the first rows of a frame as a table, without its geometry and its empty columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    rows : int, default 10
        How many are shown; the number of the others is said.

    Returns
    -------
    str
        HTML.
    """
    geometry = {name for name, kind in frame.dtypes.items() if str(kind) == "geometry"}
    shown = [name for name in frame.columns if name not in geometry and frame[name].notna().any()]
    cells = frame[shown].head(rows).itertuples(index=False, name=None)
    return rows_html([str(name) for name in shown], cells, left_out=max(0, len(frame) - rows))


def figures_html(measures: Mapping[str, object]) -> str:
    """Return the plain figures among measures as one line.

    Parameters
    ----------
    measures : mapping of str to object
        Names and values; what is neither a number nor a text is left out.

    Returns
    -------
    str
        HTML, empty where there is none.
    """
    plain = [
        f"{html.escape(name)} = {html.escape(_number(value) if isinstance(value, (int, float)) else value)}"
        for name, value in measures.items()
        if isinstance(value, (int, float, str)) and not isinstance(value, Message)
    ]
    return f"<p>{'; '.join(plain)}</p>" if plain else ""


def _said(value: object) -> str:
    return translate(value, DEFAULT_LANGUAGE) if isinstance(value, str) else str(value)


def _number(value: float) -> str:
    if isinstance(value, bool):
        return Message("glance.yes" if value else "glance.no")
    return f"{value:,d}" if isinstance(value, int) else f"{value:,.6g}"


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN and NaT differ from themselves
        return f'<td style="{_RIGHT}">–</td>'
    if hasattr(value, "item"):  # of numpy
        value = value.item()
    if isinstance(value, (int, float)):
        return f'<td style="{_RIGHT}">{html.escape(_number(value))}</td>'
    if isinstance(value, (list, tuple)):
        value = "、".join(map(_said, value))
    return f'<td style="{_LEFT}">{html.escape(_said(value))}</td>'
