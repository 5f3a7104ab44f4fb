"""What the contract of the layers is written in: columns of each kind, and layers of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

__all__ = [
    "Column",
    "Layer",
    "Shape",
    "Type",
    "choice",
    "count",
    "date",
    "flag",
    "identifier",
    "number",
    "private",
    "reference",
    "text",
    "time",
]

Type = Literal["id", "text", "int", "float", "bool", "date", "time", "enum"]
Shape = Literal["Polygon", "LineString", "Point", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a layer."""

    name: str
    type: Type
    zh: str  # what planners call it; also an alias
    required: bool = False
    unit: str = ""  # shown to people; the name carries it where it is not metres of geometry
    aliases: tuple[str, ...] = ()  # other names met in the field, Chinese or not
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of an enum: value and its aliases
    minimum: float | None = None  # smallest value that makes sense
    # Without a required column of this kind the layer is used all the same, and what needs it is untold.
    may_lack: bool = False
    private: bool = False  # says something of persons; never in what is handed out


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer of a site."""

    name: str
    zh: str
    shapes: tuple[Shape, ...]
    columns: tuple[Column, ...]
    aliases: tuple[str, ...] = ()

    @property
    def id_column(self) -> str:
        """The name of the column that identifies a row."""
        return self.columns[0].name

    def column(self, name: str) -> Column:
        """Return the column of a name; KeyError when the layer has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def identifier(name: str, zh: str, *aliases: str) -> Column:
    """Return the column that identifies a row."""
    return Column(name=name, type="id", zh=zh, required=True, aliases=aliases)


def reference(name: str, zh: str, *aliases: str, required: bool = False) -> Column:
    """Return a column that holds the id of another row."""
    return Column(name=name, type="id", zh=zh, required=required, aliases=aliases)


def private(column: Column) -> Column:
    """Return a column as one that says something of persons."""
    return replace(column, private=True)


def text(name: str, zh: str, *aliases: str) -> Column:
    """Return a column of text."""
    return Column(name=name, type="text", zh=zh, aliases=aliases)


def number(
    name: str, zh: str, unit: str, *aliases: str, required: bool = False, minimum: float | None = 0.0
) -> Column:
    """Return a column of numbers."""
    return Column(
        name=name, type="float", zh=zh, unit=unit, aliases=aliases, required=required, minimum=minimum
    )


def count(
    name: str,
    zh: str,
    *aliases: str,
    required: bool = False,
    minimum: float | None = 0,
    may_lack: bool = False,
) -> Column:
    """Return a column of whole numbers."""
    return Column(
        name=name,
        type="int",
        zh=zh,
        aliases=aliases,
        required=required,
        minimum=minimum,
        may_lack=may_lack,
    )


def flag(name: str, zh: str, *aliases: str) -> Column:
    """Return a column of yes and no."""
    return Column(name=name, type="bool", zh=zh, aliases=aliases)


def date(name: str, zh: str, *aliases: str) -> Column:
    """Return a column of days."""
    return Column(name=name, type="date", zh=zh, aliases=aliases)


def time(name: str, zh: str, *aliases: str) -> Column:
    """Return a column of times of day."""
    return Column(name=name, type="time", zh=zh, aliases=aliases)


def choice(
    name: str,
    zh: str,
    choices: dict[str, tuple[str, ...]],
    *aliases: str,
    required: bool = False,
    may_lack: bool = False,
) -> Column:
    """Return a column of one of several values, each with its aliases."""
    return Column(
        name=name,
        type="enum",
        zh=zh,
        choices=tuple(choices.items()),
        aliases=aliases,
        required=required,
        may_lack=may_lack,
    )
