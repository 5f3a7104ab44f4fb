"""Coefficients by floor: who lives higher pays more. A table of two columns, the user's own or one of two examples.

No official table was found (:func:`examples` says where these come from): what a stairwell uses is for its owners to
agree on. A file is CSV, ``floor,coefficient`` (楼层,系数), one floor in a line; lines that begin with ``#`` may say
``title``, ``source`` and ``evidence``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from importlib import resources
from pathlib import Path
from typing import Final

from plan.errors import InputError, UsageError
from plan.files import small_bytes, why_not
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.encodings import decode_table
from plan.text_safety import plain

__all__ = ["Coefficients", "coefficients_named", "example", "examples", "read_coefficients"]

_FLOOR: Final = ("floor", "楼层", "所在层")
_COEFFICIENT: Final = ("coefficient", "系数", "分摊系数")
_NOTE: Final = re.compile(r"#\s*(title|source|evidence)\s*[:：]\s*(.*)")
_WHOLE: Final = re.compile(r"-?\d{1,3}")
_PLACES: Final = 9  # decimals of a coefficient
_HIGHEST: Final = 1000  # what no coefficient is
_LONGEST: Final = 40  # characters of a value that a message shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """A coefficient for each floor.

    Parameters
    ----------
    by_floor : mapping of int to Fraction
        At least zero; floor 1 is the ground floor.
    name, title, source, evidence : str, optional
        What it is called, where it comes from and how well it is attested; shown beside every share.

    Raises
    ------
    UsageError
        If there is no floor, or a coefficient is negative, or all of them are zero.
    """

    by_floor: Mapping[int, Fraction]
    name: str = ""
    title: str = ""
    source: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        if any(value < 0 for value in self.by_floor.values()) or not any(self.by_floor.values()):
            raise UsageError(Message("shares.coefficients_zero", name=self.name))


def read_coefficients(path: Path | str) -> Coefficients:
    """Read a table of coefficients by floor.

    Parameters
    ----------
    path : pathlib.Path or str
        A CSV file in UTF-8, UTF-16 with its mark, or GB18030.

    Returns
    -------
    Coefficients
        Exact, as the decimals are written.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is not a floor and a coefficient; every such line is named.
    UsageError
        If all coefficients are zero.
    """
    path = Path(path)
    try:
        data = small_bytes(path)
    except OSError as error:
        raise InputError(Message("shares.unread", path=str(path), why=why_not(error))) from error
    return _parsed(data, name=path.stem, shown=str(path))


def example(name: str) -> Coefficients:
    """Return one of the examples that ship.

    Parameters
    ----------
    name : str
        ``EL-SHARE-ZJT`` or ``EL-SHARE-TPL``.

    Returns
    -------
    Coefficients
        With its source and how well it is attested.

    Raises
    ------
    UsageError
        If there is no such example.

    Examples
    --------
    >>> example("EL-SHARE-ZJT").by_floor[4]
    Fraction(4, 5)
    """
    if name not in examples():
        raise UsageError(Message("shares.no_example", name=name, known=examples()))
    file = resources.files("plan.elevators") / "tables" / f"{name}.csv"
    return _parsed(file.read_bytes(), name=name, shown=file.name)


def examples() -> tuple[str, ...]:
    """Return the names of the examples that ship; neither is official, and neither is a default."""
    files = (resources.files("plan.elevators") / "tables").iterdir()
    return tuple(sorted(f.name.removesuffix(".csv") for f in files if f.name.startswith("EL-SHARE-")))


def coefficients_named(given: str) -> Coefficients:
    """Return the example of a name, or the table of a file.

    Parameters
    ----------
    given : str
        A name of :func:`examples`, or the path of a file as :func:`read_coefficients` takes it.

    Returns
    -------
    Coefficients
        With its source, where the table names one.

    Raises
    ------
    InputError
        If it is no example and the file cannot be read.
    """
    return example(given) if given in examples() else read_coefficients(given)


def _parsed(data: bytes, *, name: str, shown: str) -> Coefficients:
    decoded = decode_table(data, given=None, found=ProblemList(path=shown))
    if decoded is None:
        raise InputError(Message("shares.unread", path=shown, why="UTF-8, GB18030"))
    lines = decoded[0].splitlines()
    told = [_NOTE.match(line.strip()) for line in lines]
    notes = {note[1]: plain(note[2].strip()) for note in told if note}
    # Numbered as an editor does, comments and empty lines included.
    body = [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if not line.lstrip().startswith("#") and line.strip(" ,;\t")
    ]
    try:
        cells = [(number, row) for number, line in body for row in csv.reader([line], strict=True)]
    except csv.Error as error:
        raise InputError(Message("shares.unread", path=shown, why=plain(str(error)))) from error
    if not cells or not _is_head(cells[0][1]):
        raise InputError(Message("shares.no_head", path=shown))
    return Coefficients(by_floor=_floors(cells[1:], shown=shown), name=name, **notes)


def _floors(lines: list[tuple[int, list[str]]], *, shown: str) -> dict[int, Fraction]:
    by_floor: dict[int, Fraction] = {}
    wrong: list[Message] = []
    for number, row in lines:
        read = _line(row)
        if isinstance(read, Message):
            wrong.append(Message("shares.line", line=number, why=read))
        elif read[0] in by_floor:
            wrong.append(Message("shares.line", line=number, why=Message("shares.twice", floor=read[0])))
        else:
            by_floor[read[0]] = read[1]
    if wrong:
        raise InputError(Message("shares.table_wrong", path=shown, lines=tuple(wrong)))
    if not by_floor:
        raise InputError(Message("shares.table_empty", path=shown))
    return by_floor


def _is_head(row: list[str]) -> bool:
    names = [cell.strip().casefold() for cell in row if cell.strip()]
    return len(names) == 2 and names[0] in _FLOOR and names[1] in _COEFFICIENT  # noqa: PLR2004 - two columns


def _line(row: list[str]) -> tuple[int, Fraction] | Message:
    """Return the floor and the coefficient of a line, or what is wrong with it."""
    cells = [cell.strip() for cell in row]
    while len(cells) > 2 and not cells[-1]:  # noqa: PLR2004 - spreadsheets leave commas behind the last column
        cells.pop()
    if len(cells) != 2:  # noqa: PLR2004 - two columns
        return Message("shares.cells", count=len(cells))
    if not _WHOLE.fullmatch(cells[0]) or int(cells[0]) == 0:
        return Message("shares.bad_floor", value=plain(cells[0][:_LONGEST]))
    try:
        value = Decimal(cells[1])
    except InvalidOperation:
        value = Decimal("nan")
    # 1e-999999999 is a number, too, and would fill the memory as a fraction.
    places = value.as_tuple().exponent
    if not isinstance(places, int) or places < -_PLACES or not 0 <= value < _HIGHEST:
        return Message("shares.bad_coefficient", value=plain(cells[1][:_LONGEST]))
    return int(cells[0]), Fraction(value)
