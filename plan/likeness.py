"""Names and ids that people read as one: Ｂ０１ and B01, 1号楼 and 1#, 一栋 and 1栋, 007 and 7."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from plan.quantities import number_in

__all__ = ["loose_key", "loose_keys", "name_key"]

_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－_·•", "-"))
# What stands behind, or before, the number of a building, a stairwell or a flat.
_NOUNS: Final = re.compile(r"号楼|号院|单元|栋|幢|座|楼|室|户|梯|号|#|no\.?")
_NUMERAL: Final = re.compile(r"[零〇一二三四五六七八九十百]+")


def loose_key(text: str) -> str:
    """Return what stays of a name when its width, case, spaces and kind of dash are passed over.

    Examples
    --------
    >>> loose_key("Ｂ ０１") == loose_key("b01")
    True
    """
    said = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold().translate(_DASHES))
    # What stood apart by a space may join an accent now.
    return said if said == text else loose_key(said)


def loose_keys(texts: Sequence[str]) -> list[str]:
    """Return the :func:`loose_key` of each text, none of which holds a NUL; all at once, which is much faster.

    Examples
    --------
    >>> loose_keys(["Ｂ ０１", "A-1"])
    ['b01', 'a-1']
    """
    # Nothing that is done to a character depends on what stands beyond a NUL.
    return loose_key("\0".join(texts)).split("\0") if texts else []


def name_key(text: str) -> str:
    """Return what stays of a name when the noun beside its number is passed over, too, and how the number is written.

    Examples
    --------
    >>> {name_key(t) for t in ("1号楼", "1#", "01栋", "一幢", "１座", "1")}
    {'1'}
    >>> name_key("3号楼2单元")
    '3-2'
    """
    said = _NUMERAL.sub(_digits, loose_key(text))
    parts = [part.strip("-") for part in _NOUNS.split(said)]
    key = "-".join(part for part in parts if part)
    return re.sub(r"(?<!\d)0+(?=\d)", "", key)


def _digits(match: re.Match[str]) -> str:
    value = number_in(match[0])
    return match[0] if value is None else f"{value:g}"
