"""What a spreadsheet shows for a number: 3 as 3.00亩, 0.85 as 85%, 7 as 007, 12345 as 1.2345万, or nothing at all.

Whoever keeps a list reads what is shown and never sees the number behind it. Formats are those of ECMA-376 part 1,
18.8.31 (numFmts): sections for positive, negative and zero, placeholders, texts in quotation marks, and commas behind
the last placeholder that divide by a thousand each.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Shown", "shown_as"]

_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|!(?P<banged>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]|(?P<general>General|G/通用格式)'
    r"|(?P<digit>[0#?])|(?P<mark>[.,%‰@])|(?P<exponent>[eE][+-])|(?P<other>.)",
    re.DOTALL,
)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_COMPARED: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
# Words that say how much a format divided by, longest first.
_WORDS: Final[dict[str, float]] = {
    "千万": 1e7,
    "百万": 1e6,
    "十万": 1e5,
    "千": 1e3,
    "万": 1e4,
    "亿": 1e8,
    "k": 1e3,
    "K": 1e3,
}
_SIGNS: Final = "()（）-+—–:： \u00a0"  # around a number: signs, and what sets columns straight
_EXACT: Final = 1e15  # above it a double does not hold whole numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a cell shows.

    Parameters
    ----------
    text : str
        All that it shows, as people read it; of numbers with digits behind the point, the number and not the rounded one.
    number : str
        The number that it shows; empty where it shows none, or one whose size nobody sees.
    unit : str
        What stands around the number: 亩, 万㎡, %; empty where nothing does.
    """

    text: str
    number: str
    unit: str


@dataclass(slots=True)
class _Section:
    """A section of a format, taken apart sign by sign."""

    before: str = ""
    after: str = ""
    inside: str = ""  # between placeholders, but for a point
    pattern: str = ""  # its placeholders of whole digits, with what stands between them
    number: bool = False  # it shows the number
    noughts: bool = False  # it shows a nought where the number has no digit
    decimals: bool = False
    text: bool = False  # it shows a text
    percent: str = ""
    condition: tuple[str, float] | None = None
    point: bool = False
    commas: int = 0  # behind the last placeholder
    shifted: int = -1  # whole digits before a point that is none, as in 0!.0000

    @property
    def divisor(self) -> float:
        """What the number is divided by before it is shown."""
        digits = sum(c in "0#?" for c in self.pattern)
        return float(1000.0**self.commas * (10.0 ** (digits - self.shifted) if self.shifted >= 0 else 1))

    def bracket(self, words: str) -> None:
        """Take a condition, or a currency with the language it is written in; colours say nothing."""
        condition = _CONDITION.fullmatch(words.strip())
        if condition is not None:
            self.condition = (condition[1], float(condition[2]))
        elif words.startswith("$"):
            self.literal(words[1:].partition("-")[0])

    def digit(self, placeholder: str) -> None:
        """Take a placeholder; what was taken for the words behind the number stands inside it."""
        if self.number:
            self.inside, self.after = self.inside + self.after, ""
        self.number, self.commas = True, 0
        self.noughts = self.noughts or placeholder == "0"
        self.decimals = self.decimals or self.point
        self.pattern += "" if self.point else placeholder

    def literal(self, words: str) -> None:
        """Take words that are shown as they are."""
        if words == "." and self.number and not self.point:
            self.shifted = sum(c in "0#?" for c in self.pattern)
        elif self.number or self.text:
            self.after += words
            self.pattern += "" if self.point else words
        else:
            self.before += words

    def mark(self, sign: str) -> None:
        """Take a sign with a meaning of its own."""
        if sign == ".":
            self.point = self.number = True
        elif sign == ",":
            self.commas += 1
        elif sign == "@":
            self.text = True
        else:
            self.percent += sign


def shown_as(value: object, code: str) -> Shown | None:  # noqa: PLR0911 - one for each kind of value
    """Return what a spreadsheet shows for a value, where that says more than the value does.

    Parameters
    ----------
    value : object
        As the file holds it; numbers, texts and dates are looked at, others never differ.
    code : str
        The format of the cell.

    Returns
    -------
    Shown or None
        None where the value is shown as it is, rounded or with its thousands set apart.

    Examples
    --------
    >>> shown_as(3, '0.00"亩"'), shown_as(0.85, "0%").text, shown_as(7, "000").text, shown_as(3.5, "#,##0.00")
    (Shown(text='3亩', number='3', unit='亩'), '85%', '007', None)
    """
    if code in ("General", "@") or isinstance(value, bool):
        return None
    sections = [_taken_apart(part) for part in _parts(code)]
    if isinstance(value, dt.date):  # as every date and time of a day is
        return _shown_day(value, code)
    if isinstance(value, str):
        texts = [s for s in sections if s.text]
        return _shown_text(value, texts[-1]) if texts and value else None
    if not isinstance(value, int | float) or value != value or abs(value) > _EXACT:  # noqa: PLR0124 - NaN
        return None
    section = _section_for(value, [s for s in sections if not s.text] or sections)
    if section is None:
        return None
    if not section.number or (value == 0 and not section.noughts):
        return _without_number(value, section)
    return _with_number(value, section)


def _parts(code: str) -> list[str]:
    parts = [""]
    for match in _TOKEN.finditer(code):
        if match["other"] == ";":
            parts.append("")
        else:
            parts[-1] += match[0]
    return parts


def _taken_apart(code: str) -> _Section:
    section = _Section()
    for match in _TOKEN.finditer(code):
        if match["bracket"] is not None:
            section.bracket(match["bracket"])
        elif match["general"] or match["exponent"]:
            section.number = section.decimals = section.noughts = True
        elif match["digit"]:
            section.digit(match["digit"])
        elif match["mark"]:
            section.mark(match["mark"])
        else:
            said = (match[name] for name in ("quoted", "escaped", "banged", "other"))
            section.literal(next((text for text in said if text is not None), ""))
    return section


def _section_for(value: float, sections: list[_Section]) -> _Section | None:
    if any(s.condition for s in sections):
        for section in sections:
            if section.condition is None or _COMPARED[section.condition[0]](value, section.condition[1]):
                return section
        return None
    if value < 0 and len(sections) > 1:
        return sections[1]
    if value == 0 and len(sections) > 2:  # noqa: PLR2004 - the third is that of zero
        return sections[2]
    return sections[0]


def _shown_day(value: dt.date, code: str) -> Shown | None:
    """Return the year, or the year and month, where that is all that a format shows: the day behind it nobody wrote."""
    signs = "".join(m[0] for m in _TOKEN.finditer(code.partition(";")[0]) if m["other"]).casefold()
    if "y" not in signs or "d" in signs:
        return None
    month = f"{value.month}月" if "m" in signs else ""
    return Shown(text=f"{value.year}年{month}", number="", unit="")


def _shown_text(value: str, section: _Section) -> Shown | None:
    around = (section.before + section.after).strip(_SIGNS)
    return Shown(text=f"{section.before}{value}{section.after}", number="", unit=around) if around else None


def _without_number(value: float, section: _Section) -> Shown | None:
    """Return what is shown of a number that is not: a word for it, nothing, or the dash that stands for nought."""
    word = (section.before + section.after).strip(" \u00a0")
    if value == 0 and word and not word.strip(_SIGNS):
        return None
    return Shown(text=word, number="", unit="")


def _with_number(value: float, section: _Section) -> Shown | None:  # noqa: PLR0911 - one for each way of showing a number
    unit = (section.before + section.after).strip(_SIGNS)
    number = _plain(value)
    if "/" in section.inside:  # a fraction
        return None
    if section.percent:
        share = _plain(round(value * (100.0 if "%" in section.percent else 1000.0), 10))
        return Shown(text=f"{share}{section.percent}{unit}", number=share, unit=f"{section.percent}{unit}")
    if section.divisor != 1:
        word = next((w for w in sorted(_WORDS, key=len, reverse=True) if unit.startswith(w)), "")
        if _WORDS.get(word) != section.divisor:
            shown = _plain(round(value / section.divisor, 10))
            return Shown(text=f"{shown}{unit}", number="", unit=unit)
        unit = unit.removeprefix(word)
        return Shown(text=f"{number}{unit}", number=number, unit=unit) if unit else None
    if float(value).is_integer() and value >= 0 and not section.decimals:
        text = f"{section.before}{_in_pattern(int(value), section.pattern)}".strip()
        if section.inside.strip(" \u00a0"):
            return Shown(text=text, number="", unit=unit)
        return Shown(text=text, number=number, unit=unit) if unit or text != number else None
    if section.inside.strip(" \u00a0"):
        return Shown(text=number, number="", unit=unit)
    signs = _SIGNS if value < 0 else " "  # of a section for negative numbers: the number has its own
    text = f"{section.before.strip(signs)}{number}{section.after.rstrip(signs)}"
    return Shown(text=text, number=number, unit=unit) if unit else None


def _in_pattern(value: int, pattern: str) -> str:
    """Put digits into their places from the right: 101101 in 0-00-000 is 1-01-101."""
    digits, out, places = list(str(value)), "", sum(c in "0#?" for c in pattern)
    for c in reversed(pattern):
        if c not in "0#?":
            out = c + out
            continue
        places -= 1
        if digits and not places:  # the first place holds all that is left
            out, digits = "".join(digits) + out, []
        elif digits:
            out = digits.pop() + out
        elif c == "0":
            out = "0" + out
    return out


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
