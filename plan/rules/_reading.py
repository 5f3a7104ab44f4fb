"""From TOML tables to frozen dataclasses, with errors that name their place in the file."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any, Final, TypeVar

from plan.errors import RulePackError
from plan.messages import Message
from plan.rules._limits import check_limits

T = TypeVar("T")
# What people call the types of TOML.
_WORDS: Final[dict[object, str]] = {
    float: "type_number",
    int: "type_integer",
    str: "type_text",
    bool: "type_truth",
}
# Units that a name ends in: those of packs, and those that people write in their place.
_UNITS: Final = frozenset({
    "m", "m2", "min", "s", "share", "deg", "cny", "households", "persons", "day", "household", "person",
    "mm", "cm", "km", "km2", "ha", "mu", "h", "hour", "hours", "minute", "minutes", "percent", "yuan",
})  # fmt: skip
_SHOWN: Final = 60  # characters of a wrong value


def read(cls: type[T], table: object, path: str) -> T:
    """Read a table into a dataclass; each key is a field, and no other key may stand there.

    Raises
    ------
    RulePackError
        With the path of the key that is unknown, absent, of another type or beyond reason.
    """
    mapping = as_table(table, path)
    fields = {f.name: f for f in dataclasses.fields(typing.cast("Any", cls))}
    hints = _hints(typing.cast("Any", cls))
    refuse_unknown(mapping, tuple(fields), path)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in mapping:
            values[name] = _convert(hints[name], mapping[name], f"{path}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise RulePackError(Message("rules.absent_key", key=name), path)
    made = cls(**values)
    check_limits(made, path)
    return made


def as_table(value: object, path: str) -> Mapping[str, object]:
    """Return a value as a table."""
    if not isinstance(value, Mapping):
        raise RulePackError(Message("rules.not_a_table"), path)
    return value


def refuse_unknown(table: Mapping[str, object], allowed: tuple[str, ...], path: str) -> None:
    """Refuse keys that mean nothing, and say which key was probably meant."""
    for key in table:
        if key in allowed:
            continue
        close = [name for name in difflib.get_close_matches(key, allowed, n=1) if _unit(name) == _unit(key)]
        if close:
            raise RulePackError(Message("rules.misspelt_key", key=key, meant=close[0]), path)
        named = "rules.unknown_key" if _unit(key) is None else "rules.unknown_unit"
        raise RulePackError(Message(named, key=key, allowed=sorted(allowed)), path)


def _unit(key: str) -> str | None:
    """Return the unit that ends the name of a figure: within_m and within_min are not two spellings of one."""
    last = key.rpartition("_")[2]
    return last if last in _UNITS else None


def text(table: Mapping[str, object], key: str, path: str, *, default: str | None = None) -> str:
    """Return a text from a table."""
    if key not in table:
        if default is None:
            raise RulePackError(Message("rules.absent_key", key=key), path)
        return default
    return typing.cast("str", _convert(str, table[key], f"{path}.{key}"))


def number(table: Mapping[str, object], key: str, path: str) -> float:
    """Return a number from a table."""
    return typing.cast("float", _convert(float, table[key], f"{path}.{key}"))


def flag(table: Mapping[str, object], key: str, path: str, *, default: bool) -> bool:
    """Return a truth value from a table."""
    return typing.cast("bool", _convert(bool, table[key], f"{path}.{key}")) if key in table else default


def texts(table: Mapping[str, object], key: str, path: str) -> tuple[str, ...]:
    """Return a list of texts from a table; empty when absent."""
    return typing.cast("tuple[str, ...]", _convert(tuple[str, ...], table.get(key, []), f"{path}.{key}"))


def day(table: Mapping[str, object], key: str, path: str) -> str | None:
    """Return a date from a table as ISO text; None when absent."""
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise RulePackError(Message("rules.not_a_date", value=str(value)), f"{path}.{key}") from None


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _convert(wanted: Any, value: object, path: str) -> object:  # noqa: ANN401, C901, PLR0911, PLR0912 - types are data here
    origin = typing.get_origin(wanted)
    if origin is types.UnionType or origin is typing.Union:
        inner = next(arg for arg in typing.get_args(wanted) if arg is not type(None))
        return _convert(inner, value, path)
    if origin is tuple:
        if not isinstance(value, list):
            raise wrong_type(value, path, wanted="type_list")
        item = typing.get_args(wanted)[0]
        return tuple(_convert(item, part, f"{path}[{i}]") for i, part in enumerate(value))
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return read(wanted, value, path)
    if wanted is Fraction:
        return _fraction(value, path)
    if wanted is bool:
        if isinstance(value, bool):
            return value
    elif wanted is float:
        if isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value):
            return float(value)
    elif wanted is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    elif wanted is str:
        if isinstance(value, str):
            return value
        if isinstance(value, date):
            return value.isoformat()[:10]
    raise wrong_type(value, path, wanted=_WORDS[wanted])


def wrong_type(value: object, path: str, *, wanted: str) -> RulePackError:
    """Return the error that says in plain words what should stand somewhere; ``wanted`` is a key of our texts."""
    if isinstance(value, bool):
        shown = "true" if value else "false"
    else:
        shown = f'"{value}"' if isinstance(value, str) else str(value)
    return RulePackError(
        Message("rules.wrong_type", wanted=Message(f"rules.{wanted}"), value=shown[:_SHOWN]), path
    )


def _fraction(value: object, path: str) -> Fraction:
    # Consent is exact: "2/3" is two thirds, which no decimal number is.
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise wrong_type(value, path, wanted="type_fraction") from None
