"""What planners write into cells of numbers: 650㎡, 0.065公顷, 35万元, 1,000.5, 六层, -1F, 地上6层地下1层.

Only what has one meaning is read. ``约300``, ``300-350``, ``12.5㎡/户`` and ``6+1`` are no numbers, and nobody
guesses one for them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["basements_in", "day_text", "number_in"]

_MU_M2: Final = 2000 / 3  # m2 of 1 亩: 15 亩 are one hectare
# By the unit that a column has: how people write units, and what one of them is in the column's.
_UNITS: Final[dict[str, dict[str, float]]] = {
    "m2": {
        "m2": 1.0, "平方米": 1.0, "平米": 1.0, "平方": 1.0, "平": 1.0, "sqm": 1.0, "sq.m": 1.0, "公顷": 10_000.0,
        "ha": 10_000.0, "hm2": 10_000.0, "亩": _MU_M2, "平方公里": 1e6, "平方千米": 1e6, "km2": 1e6, "万平方米": 10_000.0,
        "万m2": 10_000.0,
    },
    "m": {"m": 1.0, "米": 1.0, "cm": 0.01, "厘米": 0.01, "mm": 0.001, "毫米": 0.001, "km": 1000.0, "公里": 1000.0,
          "千米": 1000.0},
    "CNY": {"元": 1.0, "块": 1.0, "千元": 1000.0, "万元": 10_000.0, "百万元": 1e6, "千万元": 1e7, "万": 10_000.0, "亿元": 1e8, "亿": 1e8, "元人民币": 1.0, "rmb": 1.0,
            "cny": 1.0},
    "0-1": {"%": 0.01},
    "rise/run": {"%": 0.01, "‰": 0.001},
    "degree": {"°": 1.0, "度": 1.0},
    "person": {"人": 1.0, "床": 1.0, "张": 1.0, "床位": 1.0, "学位": 1.0, "座": 1.0, "个": 1.0},
    "": {"层": 1.0, "楼": 1.0, "f": 1.0, "户": 1.0, "人": 1.0, "个": 1.0, "名": 1.0, "位": 1.0, "口": 1.0, "条": 1.0,
         "车道": 1.0, "万人": 10_000.0, "万户": 10_000.0},
}  # fmt: skip
_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100, "千": 1000}
_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
_GROUPED: Final = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_ABOVE: Final = re.compile(r"地上(.+?)层?[、,;/和 ]*(?:地下(.+?)层?)?")
_BASEMENT: Final = re.compile(r"(?:地下|负|b)(.+?)(?:层|楼|f)?")
_RATIO: Final = re.compile(r"1:(\d+(?:\.\d+)?)")
_GROUND: Final = ("首层", "底层", "地面层", "g层")


def number_in(text: str, unit: str = "", *, below: bool = False) -> float | None:  # noqa: PLR0911 - one return for each way of writing
    """Return the number that a text means in a column of a unit.

    Parameters
    ----------
    text : str
        As written.
    unit : str, default ""
        The unit of the column, such as ``m2``, ``m``, ``CNY``; empty for counts and storeys.
    below : bool, default False
        True where the column counts storeys with those below the ground as negative ones, so that ``B1``,
        ``负一层`` and ``地下1层`` are -1.

    Returns
    -------
    float or None
        None for what is no number, or has no single meaning.

    Notes
    -----
    15 亩 are 1 公顷 (国务院关于在我国统一实行法定计量单位的命令, 1984).

    Examples
    --------
    >>> number_in("0.975亩", "m2"), number_in("35万元", "CNY"), number_in("三百", "m2"), number_in("约300", "m2")
    (650.0, 350000.0, 300.0, None)
    """
    said = _folded(text)
    if below:
        storey = _basement(said)
        if storey is not None:
            return -storey
        if said in _GROUND:
            return 1.0
    if not unit and (above := _ABOVE.fullmatch(said)) is not None:
        return _numeral(above[1])
    if unit == "rise/run" and (ratio := _RATIO.fullmatch(said)) is not None:
        return 1 / float(ratio[1]) if float(ratio[1]) else None
    if unit == "CNY":
        said = said.removeprefix("¥").removeprefix("人民币")
    plain = _numeral(said)
    if plain is not None:
        return plain
    for name in sorted(_UNITS.get(unit, {}), key=len, reverse=True):
        if said.endswith(name):
            value = _numeral(said.removesuffix(name))
            # Ten digits are more than any figure of a plan has; what they would hide is noise of the factor.
            return None if value is None else round(value * _UNITS[unit][name], 10)
    return None


def basements_in(text: str) -> float | None:
    """Return the storeys below the ground that a text of storeys names; None where it names none.

    Examples
    --------
    >>> basements_in("地上6层地下1层"), basements_in("6层")
    (1.0, None)
    """
    match = _ABOVE.fullmatch(_folded(text))
    return _numeral(match[2]) if match is not None and match[2] else None


def day_text(text: str) -> str:
    """Return a date with its digits as 0 to 9, whatever width or script they are written in.

    Examples
    --------
    >>> day_text("二〇一七年七月十一日")
    '2017年7月11日'
    """
    said = unicodedata.normalize("NFKC", text).strip()
    return re.sub("[零〇一二三四五六七八九十]+", lambda m: _date_digits(m[0]), said)


def _date_digits(numeral: str) -> str:
    if "十" in numeral:
        value = _chinese(numeral)
        return numeral if value is None else f"{value:g}"
    return "".join(str(_DIGITS[c]) for c in numeral)


def _folded(text: str) -> str:
    said = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"\s+", "", said).replace("−", "-").replace("–", "-")


def _basement(said: str) -> float | None:
    match = _BASEMENT.fullmatch(said)
    if match is not None:
        return _numeral(match[1]) if not match[1].startswith(("-", "+")) else None
    return None


def _numeral(said: str) -> float | None:
    if _PLAIN.fullmatch(said):
        return float(said)
    if _GROUPED.fullmatch(said):
        return float(said.replace(",", ""))
    return _chinese(said)


def _chinese(said: str) -> float | None:  # noqa: PLR0911 - one for each way of being malformed
    """Read 六, 十二, 三百, 一百零五, 两千三百五十; None where the numeral is not well formed."""
    if not said or any(c not in _DIGITS and c not in _PLACES for c in said):
        return None
    if not any(c in _PLACES for c in said):
        return float(_DIGITS[said]) if len(said) == 1 else None
    total, digit, last = 0, -1, 10_000
    for c in said:
        if c in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[c]
        elif _PLACES[c] >= last or digit == 0:
            return None
        else:
            if digit < 0 and not (c == "十" and not total):
                return None
            last = _PLACES[c]
            total += (1 if digit < 0 else digit) * last
            digit = -1
    # 三百五 is 350 to some and 305 to others.
    if digit > 0 and last > 10 and said[-2] not in "零〇":  # noqa: PLR2004 - tens
        return None
    return float(total + max(digit, 0))
