"""Examples of a pack (例): small scenes with the verdict that the clause gives them, written by hand.

A file of examples stands beside its pack. What it says is read off the clause and never computed from the pack, so that
a number mistyped in the pack is found by the examples at, just below and just above it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final

from plan.errors import RulePackError
from plan.messages import Message
from plan.rules import _reading as reading
from plan.rules.pack import ESTATES, STAGES

__all__ = ["EXPECTED", "UNKNOWN", "Example", "built_in_examples", "load_examples", "plain_cell"]

# What an example may expect of its rule: one of the four answers, or that it is not in force on the day.
EXPECTED: Final = ("met", "not_met", "undetermined", "not_applicable", "not_in_force")
UNKNOWN: Final = "?"  # a cell of which nothing is known
_STRENGTHS: Final = ("must", "should", "may")
_MAX_BYTES: Final = 1 << 20
_RULE_KEYS: Final = ("id", "strength", "scene", "given", "earlier", "stage", "estate", "on", "examples")
_KEYS: Final = (
    "expect",
    "reason",
    "says",
    "measured",
    "required",
    "given",
    "earlier",
    "stage",
    "estate",
    "on",
)

Layers = Mapping[str, Any]  # name of a layer: rows, each a table of cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A scene, and what a rule says of it."""

    rule: str  # id
    number: int  # of the example among those of its rule, from 1
    path: str  # where it stands in the file
    expect: str  # of EXPECTED
    strength: str  # of the rule: must, should, may
    given: Layers  # the layers of the scene; a cell "$name" is the figure of that name
    earlier: Layers = field(default_factory=dict)  # the same estate at the stage before; empty: none
    figures: Mapping[str, Any] = field(default_factory=dict)  # what this example puts into the scene
    reason: str | None = None  # with which an open finding begins, such as ambiguous_clause
    says: tuple[
        str, ...
    ] = ()  # words that stand in the reason, in what is asked for or in the remedy, in Chinese
    measured: float | str | None = None
    required: float | str | None = None
    stage: str | None = None
    estate: str | None = None
    on: str | None = None  # ISO date for which the rules are taken

    @property
    def name(self) -> str:
        """What people call it: ``QHD-07 #2 (households = 1500, area_m2 = 299.99)``."""
        shown = {"stage": self.stage, "estate": self.estate, "on": self.on} | dict(self.figures)
        told = ", ".join(f"{key} = {value}" for key, value in shown.items() if value is not None)
        return f"{self.rule} #{self.number}" + (f" ({told})" if told else "")


def built_in_examples(pack_id: str) -> tuple[Example, ...]:
    """Return the examples of a pack that ships with this package.

    Parameters
    ----------
    pack_id : str
        Such as ``qinhuangdao``.

    Returns
    -------
    tuple of Example
        In the order of the file.

    Examples
    --------
    >>> built_in_examples("qinhuangdao")[0].name
    'QHD-07 #1 (estate = new, households = 1500, area_m2 = 300)'
    """
    file = resources.files("plan.rules") / "packs" / "examples" / f"{pack_id}.toml"
    return _examples(file.read_bytes(), pack_id)


def load_examples(path: Path | str) -> tuple[Example, ...]:
    """Load the examples of a pack from a TOML file.

    Parameters
    ----------
    path : path-like
        Tables ``[[rule]]`` with ``id``, ``strength``, the scene in ``given`` and the list ``examples``.

    Returns
    -------
    tuple of Example
        In the order of the file.

    Raises
    ------
    RulePackError
        If the file is not written as it should be; the error names the place of every mistake.
    """
    file = str(path)
    try:
        if not Path(path).is_file():  # a device may never end
            raise RulePackError(Message("rules.no_file", path=file))
        if Path(path).stat().st_size > _MAX_BYTES:
            raise RulePackError(Message("rules.too_large", path=file, limit=_MAX_BYTES))
        data = Path(path).read_bytes()
    except OSError:
        raise RulePackError(Message("rules.no_file", path=file)) from None
    return _examples(data, file)


def _examples(data: bytes, file: str) -> tuple[Example, ...]:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RulePackError(Message("rules.not_utf8", path=file)) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise RulePackError(Message("rules.not_toml", path=file, why=str(error))) from None
    try:
        reading.refuse_unknown(table, ("scene", "rule"), "examples file")
        scenes = reading.as_table(table.get("scene", {}), "scene")
        return tuple(_of_rules(table.get("rule", []), scenes))
    except RulePackError as error:
        raise error.of_file(file) from None


def _of_rules(entries: object, scenes: Mapping[str, object]) -> Iterator[Example]:
    if not isinstance(entries, list):
        raise reading.wrong_type(entries, "rule", wanted="type_rules")
    wrong: list[RulePackError] = []
    for index, entry in enumerate(entries):
        path = f"rule[{index}]"
        try:
            yield from _of_rule(reading.as_table(entry, path), path, scenes)
        except RulePackError as error:
            name = entry.get("id") if isinstance(entry, Mapping) else None
            wrong.append(error.of_rule(name if isinstance(name, str) else ""))
    if wrong:
        raise wrong[0].with_others(wrong[1:])


def _of_rule(table: Mapping[str, object], path: str, scenes: Mapping[str, object]) -> list[Example]:
    reading.refuse_unknown(table, _RULE_KEYS, path)
    scene = reading.text(table, "scene", path, default="")
    if scene and scene not in scenes:
        raise RulePackError(
            Message("rules.unknown_value", value=scene, allowed=tuple(scenes)), f"{path}.scene"
        )
    base = reading.as_table(scenes[scene], f"scene.{scene}") if scene else {}
    whole = {
        "rule": reading.text(table, "id", path),
        "strength": _one_of(reading.text(table, "strength", path), _STRENGTHS, f"{path}.strength"),
        "given": {**base, **_layers(table, "given", path)},
        "earlier": _layers(table, "earlier", path),
        **_when(table, path),
    }
    entries = table.get("examples")
    if not isinstance(entries, list) or not entries:
        raise RulePackError(Message("rules.absent_key", key="examples"), path)
    return [
        _example(entry, f"{path}.examples[{index}]", whole=whole, number=index + 1)
        for index, entry in enumerate(entries)
    ]


def _example(entry: object, path: str, *, whole: Mapping[str, Any], number: int) -> Example:
    """Read one example; what it does not say of its scene and day is said for all of its rule."""
    table = reading.as_table(entry, path)
    own = {
        "given": {**whole["given"], **_layers(table, "given", path)},
        "earlier": {**whole["earlier"], **_layers(table, "earlier", path)},
        **_when(table, path),
    }
    return Example(
        **{**whole, **own},
        number=number,
        path=path,
        expect=_one_of(reading.text(table, "expect", path), EXPECTED, f"{path}.expect"),
        figures={key: plain_cell(value) for key, value in table.items() if key not in _KEYS},
        reason=reading.text(table, "reason", path) if "reason" in table else None,
        says=reading.texts(table, "says", path),
        measured=_figure(table, "measured", path),
        required=_figure(table, "required", path),
    )


def _when(table: Mapping[str, object], path: str) -> dict[str, str | None]:
    """Return stage, estate and day, as far as they are written."""
    found: dict[str, str | None] = {
        key: _one_of(reading.text(table, key, path), known, f"{path}.{key}")
        for key, known in (("stage", STAGES), ("estate", ESTATES))
        if key in table
    }
    return found | ({"on": reading.day(table, "on", path)} if "on" in table else {})


def plain_cell(value: Any) -> Any:  # noqa: ANN401 - a cell of TOML
    """Return a cell as a layer takes it: days as text."""
    return value.isoformat()[:10] if isinstance(value, date) else value


def _layers(table: Mapping[str, object], key: str, path: str) -> Layers:
    return reading.as_table(table.get(key, {}), f"{path}.{key}")


def _figure(table: Mapping[str, object], key: str, path: str) -> float | str | None:
    if key not in table:
        return None
    return str(table[key]) if isinstance(table[key], str) else reading.number(table, key, path)


def _one_of(value: str, allowed: tuple[str, ...], path: str) -> str:
    if value not in allowed:
        raise RulePackError(Message("rules.unknown_value", value=value, allowed=allowed), path)
    return value
