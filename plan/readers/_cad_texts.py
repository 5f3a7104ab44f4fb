"""What texts of a drawing say of the outline that they stand in: storeys, and which building it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from plan.quantities import number_in

__all__ = ["building_name", "phrases", "several_heights", "speaks_of_storeys", "storeys"]

# Storeys above the ground: 6F, 6层, 六层, 共六层; 砼6, 混3 as GB/T 20257.1 writes structure and storeys.
_ABOVE: Final = re.compile(
    r"(?:地上|共|计|总)?(\d{1,3})(?:F|f|层)"
    r"|(?:砼|混凝土|钢砼|混合|混|砖木|砖|钢|石|土|木|简|破)(?:房|结构)?(\d{1,3})(?:F|层)?"
)
_BELOW: Final = re.compile(r"[-负](\d)(?:F|f|层|D)?|地下(\d)(?:层|F)?|B(\d)|(\d)D")
_BETWEEN: Final = re.compile(r"\s*[/,、;+()\s]\s*|(?<=[层Ff])(?=地下|[-负B])")
_NAME: Final = re.compile(
    r"(?:[A-Za-z]?\d{1,4}(?:-\d{1,3})?[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百]{1,4})"
    r"(?:(?:号|#)?(?:(?:住宅|商住|公寓|宿舍|办公|商业|综合)?楼|栋|幢|座)|(?:号|#)(?:住宅|商住|公寓|宿舍)?)"
)
_SAID: Final = re.compile(r"(?:建筑|总|地上)?层数\s*[:=]?\s*(\d{1,3})\s*(?:F|f|层)?")
_HIGH: Final = re.compile(
    r"(?:H|h|高|建筑高度|檐高)?[:=]?\d{1,3}(?:\.\d+)?(?:m|米)|[Hh][:=]\d{1,3}(?:\.\d+)?"
)
_APART: Final = re.compile(r"(?<=\d)\s+(?=(?:F|f|层)(?:$|[/,、;+()\s]))")  # 6 层
_NUMERAL: Final = re.compile(r"[〇零一二三四五六七八九十百两]+(?=\s*(?:[Ff层+~至-]|$))")
_MOST_STOREYS: Final = 200  # more than any house has
_REMEMBERED: Final = 10_000  # texts: a town writes the same few storeys into all its houses
# What speaks of storeys at all, and what says that a house has not the same number of them everywhere.
_STOREYS: Final = re.compile(r"[\d一二三四五六七八九十百两]\s*[Ff层](?![A-Za-z高])")
_PARTS: Final = re.compile(
    r"局部|半层|层半|夹层|阁楼|跃|退台|错层|\d\s*[Ff层]?\s*[+~至-]\s*\d+(?:\.5)?\s*(?:[Ff层]|$)|\.5\s*[Ff层]"
)
_PLUS: Final = re.compile(r"\d{1,2}\s*\+\s*\d(?:\.5)?")
_ELSEWHERE: Final = re.compile("商|裙|库|平面|架空")  # storeys of a part that a house has besides its own


@lru_cache(maxsize=_REMEMBERED)
def storeys(text: str) -> tuple[int | None, int | None]:
    """Return the storeys above and below the ground that a text says; None for what it does not say.

    A bare number is a house number as often as it is a number of storeys, and is neither here. Heights beside storeys
    are passed over.

    Examples
    --------
    >>> storeys("6F"), storeys("十八层"), storeys("18F/-2F"), storeys("6"), storeys("6+1层")
    ((6, None), (18, None), (18, 2), (None, None), (None, None))
    """
    above: int | None = None
    below: int | None = None
    plain = _APART.sub("", _figures(text))
    if said := _SAID.fullmatch(plain):
        plain = f"{said[1]}F"
    parts = [part for part in _BETWEEN.split(plain) if part]
    for part in parts:
        up, down = _ABOVE.fullmatch(part), _BELOW.fullmatch(part)
        if up is not None and above is None:
            above = int(next(g for g in up.groups() if g))
        elif down is not None and below is None:
            below = int(next(g for g in down.groups() if g))
        elif not _HIGH.fullmatch(part):
            return None, None
    if above is not None and not 0 < above <= _MOST_STOREYS:
        return None, None
    return above, below


@lru_cache(maxsize=_REMEMBERED)
def several_heights(text: str) -> bool:
    """Tell whether a text says that a house has not the same number of storeys everywhere, or half ones.

    Examples
    --------
    >>> several_heights("6+1层"), several_heights("局部七层"), several_heights("六层半"), several_heights("6F")
    (True, True, True, False)
    """
    plain = _figures(text)
    if _PLUS.fullmatch(plain):
        return True
    if storeys(text) != (None, None):
        return False
    return bool(_STOREYS.search(plain) and _PARTS.search(plain)) and not _ELSEWHERE.search(plain)


def speaks_of_storeys(text: str) -> bool:
    """Tell whether a text speaks of storeys in a way that is not read.

    Examples
    --------
    >>> speaks_of_storeys("6层住宅"), speaks_of_storeys("6F"), speaks_of_storeys("层高 2.9m")
    (True, False, False)
    """
    return storeys(text) == (None, None) and (several_heights(text) or bool(_STOREYS.search(_figures(text))))


def _figures(text: str) -> str:
    """Return a text in plain width, with numerals before storeys or at its end as figures."""
    return _NUMERAL.sub(_figure, unicodedata.normalize("NFKC", text).strip())


def _figure(numeral: re.Match[str]) -> str:
    value = number_in(numeral[0])
    return numeral[0] if value is None else f"{value:g}"


def building_name(text: str) -> str | None:
    """Return the name of a building where a text is one, such as ``12号楼`` or ``A座``.

    Examples
    --------
    >>> building_name(" 12号楼 "), building_name("12#"), building_name("客厅")
    ('12号楼', '12#', None)
    """
    name = text.strip()
    return name if _NAME.fullmatch(name) else None


def phrases(texts: Iterable[str]) -> list[str]:
    r"""Return texts line by line, and those that are a name and storeys side by side apart.

    Examples
    --------
    >>> phrases(["2号楼 18F", "6F\n层高 2.9m", "9号楼（18层）"])
    ['2号楼', '18F', '6F', '层高 2.9m', '9号楼', '18层']
    """
    out: list[str] = []
    for line in (line.strip() for text in texts for line in text.splitlines()):
        words = line.split()
        known = all(
            building_name(word) or storeys(word) != (None, None) or _HIGH.fullmatch(word) for word in words
        )
        out += words if known and any(map(building_name, words)) else _name_and_storeys(line)
    return out


def _name_and_storeys(line: str) -> list[str]:
    """Return a name and the storeys written behind it apart, such as 9号楼18层, 8号楼：11层; else the line."""
    plain = unicodedata.normalize("NFKC", line)
    name = _NAME.match(plain)
    rest = plain[name.end() :].strip(" :()") if name else ""
    return [name[0], rest] if name and rest and storeys(rest)[0] is not None else [line]
