"""What texts of a drawing say of the outline that they stand in: storeys, and which building it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

__all__ = ["building_name", "phrases", "storeys"]

# Storeys above the ground: 6F, 6层, 六层 is not read; 砼6, 混3 as GB/T 20257.1 writes structure and storeys.
_ABOVE: Final = re.compile(
    r"(?:地上)?(\d{1,3})(?:F|f|层)|(?:砼|混凝土|钢砼|混合|混|砖木|砖|钢|石|土|木|简|破)(?:房|结构)?(\d{1,3})(?:F|层)?"
)
_BELOW: Final = re.compile(r"-(\d)(?:F|f|层|D)?|地下(\d)(?:层|F)?|B(\d)|(\d)D")
_BETWEEN: Final = re.compile(r"\s*[/／,，、;；+＋\s]\s*")
_NAME: Final = re.compile(
    r"(?:[A-Za-z]?\d{1,4}(?:-\d{1,3})?[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百]{1,4})(?:号楼|号|栋|幢|座|#楼|#|楼)"
)
_SAID: Final = re.compile(r"(?:建筑)?层数\s*[:=]?\s*(\d{1,3})\s*(?:F|f|层)?")
_APART: Final = re.compile(r"(?<=\d)\s+(?=(?:F|f|层)(?:$|[/,，、;；+\s]))")  # 6 层
_MOST_STOREYS: Final = 200  # more than any house has


def storeys(text: str) -> tuple[int | None, int | None]:
    """Return the storeys above and below the ground that a text says; None for what it does not say.

    A bare number is a house number as often as it is a number of storeys, and is neither here.

    Examples
    --------
    >>> storeys("6F"), storeys("砼18"), storeys("18F/-2F"), storeys("6")
    ((6, None), (18, None), (18, 2), (None, None))
    """
    above: int | None = None
    below: int | None = None
    plain = _APART.sub("", unicodedata.normalize("NFKC", text).strip())
    if said := _SAID.fullmatch(plain):
        plain = f"{said[1]}F"
    for part in _BETWEEN.split(plain):
        up, down = _ABOVE.fullmatch(part), _BELOW.fullmatch(part)
        if up is not None and above is None:
            above = int(next(g for g in up.groups() if g))
        elif down is not None and below is None:
            below = int(next(g for g in down.groups() if g))
        else:
            return None, None
    if above is not None and not 0 < above <= _MOST_STOREYS:
        return None, None
    return above, below


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
    r"""Return texts line by line, and those that are names and storeys side by side word by word.

    Examples
    --------
    >>> phrases(["2号楼 18F", "6F\n层高 2.9m"])
    ['2号楼', '18F', '6F', '层高 2.9m']
    """
    out: list[str] = []
    for line in (line.strip() for text in texts for line in text.splitlines()):
        words = line.split()
        known = all(building_name(word) or storeys(word) != (None, None) for word in words)
        out += words if known and any(map(building_name, words)) else [line]
    return out
