"""The words of a map: headings, units and values in one language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

from plan.categories import CATEGORIES
from plan.contract import Column
from plan.maps.escape import plain
from plan.messages import Message, keys, template, translate, unit_text
from plan.schema import LAYERS

__all__ = ["Words", "absent", "format_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Texts of the area ``maps`` in one language."""

    lang: str

    def text(self, key: str, /, **params: object) -> str:
        """Return a text of the area ``maps``."""
        return Message(f"maps.{key}", **params).to(self.lang)

    def knows(self, key: str) -> bool:
        """Tell whether the area ``maps`` has a text."""
        return f"maps.{key}" in _keys()

    def known(self, key: str, *, otherwise: str) -> str:
        """Return a text of the area ``maps``, or another where the table has none."""
        return self.text(key) if self.knows(key) else otherwise

    def unit(self, unit: str) -> str:
        """Return a unit as people write it."""
        return plain(translate(unit_text(unit), self.lang))

    def column(self, layer: str, name: str) -> str:
        """Return the heading of a column."""
        column = _column(layer, name)
        zh = column.zh if column is not None and self.lang == "zh" else plain(name)
        return self.known(f"column.{name}", otherwise=zh)

    def category(self, category: str) -> str:
        """Return the name of a category of facilities."""
        found = CATEGORIES.get(category)
        if found is None:
            return plain(category)
        return found.zh if self.lang == "zh" else found.en

    def layer(self, name: str) -> str:
        """Return the name of a layer of the contract."""
        return LAYERS[name].zh if self.lang == "zh" and name in LAYERS else plain(name)

    def ui(self) -> dict[str, str]:
        """Return the texts that the page's script shows."""
        names = (key.removeprefix("maps.ui.") for key in sorted(_keys()) if key.startswith("maps.ui."))
        return {name: template(f"maps.ui.{name}", self.lang) for name in names}

    def value(self, layer: str, name: str, value: Any) -> str | None:  # noqa: ANN401, PLR0911 - a cell; one return for each type
        """Return a value of a column as people read it, None when there is none."""
        if absent(value):
            return None
        column = _column(layer, name)
        kind = column.type if column is not None else "text"
        if name == "category":
            return self.category(str(value))
        if kind == "bool":
            return self.text("yes" if bool(value) else "no")
        if kind == "enum" and column is not None:
            aliases = dict(column.choices).get(str(value))
            if aliases is None:  # no word of ours: shown as it is
                return plain(value)
            if aliases and self.lang == "zh":
                return aliases[0]
            return self.known(f"term.{value}", otherwise=plain(value).replace("_", " "))
        if kind == "date" and hasattr(value, "isoformat"):
            return str(value.isoformat())[:10]
        if kind in {"int", "float"} and not isinstance(value, str):
            unit = self.unit(column.unit) if column is not None else ""
            return f"{format_number(float(value))} {unit}".strip()
        text = plain(translate(value, self.lang) if isinstance(value, str) else value)
        return self.known(f"term.{text}", otherwise=text) or None


def absent(value: Any) -> bool:  # noqa: ANN401 - a cell of a table
    """Tell whether a cell holds nothing: None, NaN, NaT or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    try:
        return bool(value != value)  # noqa: PLR0124 - NaN and NaT differ from themselves
    except TypeError:  # pandas.NA has no truth value
        return True


def format_number(number: float) -> str:
    """Write a number with at most two decimals and no trailing zeros.

    Examples
    --------
    >>> format_number(1280.0), format_number(4.25), format_number(0.1 + 0.2)
    ('1,280', '4.25', '0.3')
    """
    if not math.isfinite(number):
        return "–"
    text = f"{number:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@cache
def _keys() -> frozenset[str]:
    return frozenset(keys())


def _column(layer: str, name: str) -> Column | None:
    if layer not in LAYERS:
        return None
    return next((column for column in LAYERS[layer].columns if column.name == name), None)
