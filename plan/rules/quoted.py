"""Figures of a rule that its quote does not say: a slip of the pen, or arithmetic that a person should see.

What no quote says is no mistake (三层以上 gives a highest floor of 2), so that it is told and never refused.
"""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from plan.categories import category_of
from plan.quantities import number_in
from plan.rules.pack import RulePack
from plan.rules.rule import Rule

__all__ = ["own_categories", "unquoted_figures"]

_UNQUOTED: Final = ("derived", "practice")  # they rest on no sentence
_NUMBER: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NUMERAL: Final = re.compile(r"[〇零一二两三四五六七八九十百千]+")
_FRACTION: Final = re.compile(r"([一二两三四五六七八九十百]+)分之([一二两三四五六七八九十百]+)")
_RATIO: Final = re.compile(r"(\d+)\s*[:/]\s*(\d+)")
_SCALES: Final = {
    "%": 0.01,
    "‰": 0.001,
    "万": 10_000.0,
    "公顷": 10_000.0,
    "小时": 60.0,
    "公里": 1000.0,
    "千米": 1000.0,
}
# Words that say a floor or a phase without a number.
_WORDS: Final = {"首层": 1.0, "底层": 1.0, "首期": 1.0, "地下室": -1.0, "半": 0.5, "半数": 0.5}
_SAME: Final = 1e-6


def unquoted_figures(pack: RulePack) -> dict[str, tuple[str, ...]]:
    """Return the figures of a pack's own rules that do not stand in their quotes.

    Parameters
    ----------
    pack : RulePack
        The rules; those that it inherits, does not judge or does not quote are passed over.

    Returns
    -------
    dict of str to tuple of str
        By rule id, such as ``minimum_m2 = 600``, in the order of the file.

    Examples
    --------
    >>> from plan.rules import load_pack
    >>> unquoted_figures(load_pack("jinan")).get("JN-01", ())
    ()
    """
    found = {}
    for rule in _own(pack):
        if not rule.clause.quote or rule.clause.evidence in _UNQUOTED:
            continue
        said = _numbers(rule.clause.quote)
        lacking = [
            f"{name} = {value:g}"
            for name, value in _figures(rule.kind)
            if not any(math.isclose(value, number, rel_tol=_SAME) for number in said)
        ]
        if lacking:
            found[rule.id] = tuple(dict.fromkeys(lacking))
    return found


def own_categories(pack: RulePack) -> dict[str, tuple[str, ...]]:
    """Return, by rule id, the categories of a pack's own rules that only its own drawings can know."""
    found = {}
    for rule in _own(pack):
        one = getattr(rule.kind, "category", "")
        named = (*getattr(rule.kind, "categories", ()), *((one,) if one else ()))
        strange = tuple(name for name in named if category_of(name) is None)
        if strange:
            found[rule.id] = strange
    return found


def _own(pack: RulePack) -> Iterator[Rule]:
    return (rule for rule in pack.judged() if rule.pack == pack.id)


def _figures(kind: Any) -> Iterator[tuple[str, float]]:  # noqa: ANN401 - any kind, or a part of one
    """Return the numbers that a rule writes, those that it leaves at their default passed over."""
    for field in dataclasses.fields(kind):
        value = getattr(kind, field.name)
        if value == field.default:
            continue
        for part in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(part):
                yield from _figures(part)
            elif isinstance(part, int | float | Fraction) and not isinstance(part, bool):
                yield field.name, float(part)


def _numbers(quote: str) -> set[float]:
    """Return every number that a text may be read to say."""
    text = unicodedata.normalize("NFKC", quote)
    said = {value for word, value in _WORDS.items() if word in text}
    for match in _NUMBER.finditer(text):
        value = float(match[0].replace(",", ""))
        said |= {
            value,
            *(value * scale for unit, scale in _SCALES.items() if text.startswith(unit, match.end())),
        }
    for match in _NUMERAL.finditer(text):
        number = number_in(match[0])
        if number is not None:
            said |= {
                number,
                *(number * s for unit, s in _SCALES.items() if text.startswith(unit, match.end())),
            }
    for match in _FRACTION.finditer(text):
        below, above = number_in(match[1]), number_in(match[2])
        if below and above:
            said.add(above / below)
    said |= {int(m[1]) / int(m[2]) for m in _RATIO.finditer(text) if int(m[2])}
    return said
