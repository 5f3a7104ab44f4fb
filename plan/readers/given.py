"""Tables that a user gives beside a site: what functions need, what works cost. Nothing in them is passed over.

A layer of a site may hold rows that are not understood; what depends on them is then undetermined. A table that is
given to be reckoned with has no such way out: whatever is not understood is refused, all of it at once.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Final

import pandas as pd

from plan.contract import Layer
from plan.errors import InputError
from plan.files import why_not
from plan.findings import Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.tables import read_csv
from plan.text_safety import plain
from plan.validation import fit

__all__ = ["read_given", "refuse"]

_SHOWN: Final = 20  # rows that a message lists


def read_given(path: Path | str, table: Layer) -> tuple[pd.DataFrame, ProblemList]:
    """Read a CSV table of a given form, strictly.

    Parameters
    ----------
    path : path-like
        A CSV file in UTF-8, UTF-16 with its mark, or GB18030.
    table : Layer
        Its columns, the first of which names each row. A column that is not required may be absent or empty.

    Returns
    -------
    DataFrame and ProblemList
        The rows in the order of the file, in every column of ``table``; and a list to which a caller adds what only it
        can see, before :func:`refuse`.

    Raises
    ------
    InputError
        If the file cannot be read, or anything in it is not understood; it carries every problem with row and column.
    """
    shown = str(path)
    found = ProblemList(path=shown, layer=table.name)
    try:
        raw = read_csv(Path(path), shown, found)
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        raise InputError(Message("readers.given_unread", path=shown, why=why_not(error))) from error
    if not raw:
        raise InputError(Message("readers.given_refused", path=shown), found.problems)
    frame, problems = fit(table, raw[0].frame, path=shown, shapes=False)
    # What degrades a layer leaves a hole in a reckoning.
    told = tuple(replace(p, effect="refused") if p.severity == "error" else p for p in problems)
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    _look(rows, table, found)
    refuse(found, told)
    absent = {
        c.name: pd.Series([None] * len(rows), dtype=object) for c in table.columns if c.name not in rows
    }
    return rows.assign(**absent)[[c.name for c in table.columns]], found


def refuse(found: ProblemList, others: tuple[Problem, ...] = ()) -> None:
    """Raise what was gathered; nothing where nothing is wrong.

    Raises
    ------
    InputError
        With every problem.
    """
    problems = (*others, *found.problems)
    if any(p.effect == "refused" for p in problems):
        raise InputError(Message("readers.given_refused", path=found.path), problems)


def _look(rows: pd.DataFrame, table: Layer, found: ProblemList) -> None:
    known = [c.name for c in table.columns]
    for name in rows.columns:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
            message = Message("readers.given_column", column=plain(name), known=tuple(close or known))
            found.add("PLAN-SCHEMA-005", "error", "refused", message, column=plain(name))
    for column in table.columns[1:]:
        if not column.required or column.name not in rows:
            continue
        empty = tuple(i for i, missing in enumerate(rows[column.name].isna(), start=1) if missing)
        if empty:
            message = Message("readers.given_empty", column=column.name, zh=column.zh, rows=empty[:_SHOWN])
            found.add("PLAN-ATTR-008", "error", "refused", message, column=column.name, rows=empty)
