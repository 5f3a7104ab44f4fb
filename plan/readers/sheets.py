"""Rows of sheets as people count them: the number beside the row, with titles, head and empty rows before it.

Whoever mends a list has it open in a spreadsheet, and looks for row 12 there. A layer counts what it was made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from plan.findings import Problem
from plan.messages import Message
from plan.readers.raw import RawLayer
from plan.text_safety import plain

__all__ = ["in_sheets"]


def in_sheets(problems: Iterable[Problem], layers: Sequence[RawLayer]) -> tuple[Problem, ...]:
    """Tell rows of problems by their numbers in the sheets that the layers came from.

    Parameters
    ----------
    problems : iterable of Problem
        Problems that name rows by their positions in a layer.
    layers : sequence of RawLayer
        The layers as found; those whose ``numbers`` are empty have no sheet.

    Returns
    -------
    tuple of Problem
        The same problems. Of rows of a sheet, ``lines`` and the message say their numbers there; ``rows`` stay what
        they are, because checks look rows up by them.
    """
    sheets: dict[tuple[str, str], RawLayer] = {}
    for layer in layers:
        if layer.numbers:
            alone = sum(other.path == layer.path for other in layers) == 1
            for name in (layer.name, plain(layer.source_layer), *([""] if alone else [])):
                sheets.setdefault((layer.path, name), layer)
    return tuple(_in_sheet(problem, sheets) for problem in problems)


def _in_sheet(problem: Problem, sheets: Mapping[tuple[str, str], RawLayer]) -> Problem:
    layer = sheets.get((problem.path, problem.layer))
    numbers = () if layer is None else layer.numbers
    if layer is None or not problem.rows or problem.lines or max(problem.rows) > len(numbers):
        return problem

    def said(text: str) -> str:
        told = text.params.get("rows") if isinstance(text, Message) else None
        if not isinstance(text, Message) or not isinstance(told, tuple):
            return text
        rows = tuple(_number(layer, row) if isinstance(row, int) else row for row in told)
        return Message(text.key, **{**text.params, "rows": rows})

    return replace(
        problem,
        lines=tuple(numbers[row - 1] for row in problem.rows),
        message=said(problem.message),
        cure=said(problem.cure),
    )


def _number(layer: RawLayer, row: int) -> int | str:
    """Return the number of a row in its sheet, as a spreadsheet writes it where there are several: 2号楼!3."""
    number = layer.numbers[row - 1]
    return f"{layer.sheets[row - 1]}!{number}" if layer.sheets else number
