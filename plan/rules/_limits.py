"""What the numbers of a rule may be: a mistyped one must not become a rule that all meet.

Fields are known by name, so that a figure means the same in every kind.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from datetime import date
from fractions import Fraction
from typing import Any, Final, cast

from plan.categories import CATEGORIES, category_of
from plan.errors import RulePackError
from plan.messages import Message
from plan.uses import ROOM_USES, function_of

__all__ = ["check_limits"]

_SHARES: Final = ("share", "minimum_share", "participation", "approval", "of_all")  # 0..1
_POSITIVE: Final = (
    "minutes", "within_min", "within_m", "limit_min", "m_per_min", "hours_per_day", "residents_per_window",
    "m2_per_person", "stalls_per_100_m2", "storeys", "cny", "minimum_m",
    "width_m", "length_m", "parallel_width_m", "parallel_length_m",
    "longer_than_m", "turnaround_m", "radius_m", "swept_m",
)  # fmt: skip
# Floors go below the ground, and a figure may be any number.
_FREE: Final = ("lowest", "highest", "ambiguous", "value", "values")
_AT_MOST: Final = {"hours_per_day": 24.0, "angle_deg": 90.0}
_PAIRS: Final = (
    ("lowest", "highest"),
    ("minimum", "maximum"),
    ("minimum_households", "maximum_households"),
    ("households_at_least", "households_at_most"),
    ("minimum_per_household", "maximum_per_household"),
    ("at_least", "below"),
    ("at_least", "at_most"),
    ("above", "below"),
    ("above", "at_most"),
    ("built_after", "built_before"),
)
# Two ways of writing the same bound: only one of them may stand there.
_EITHER: Final = (("at_least", "above"), ("below", "at_most"))
# What a pair may not be even where both are equal.
_EMPTY: Final = frozenset(
    {("at_least", "below"), ("above", "below"), ("above", "at_most"), ("built_after", "built_before")}
)
_CATEGORIES: Final = ("category", "categories")
_CLOSE: Final = 0.8  # how alike a name is that was probably meant
_DATES: Final = ("built_after", "built_before")
_RANGES: Final = ("walk_m", "population", "households")  # one figure, or from and to
# A kind asks for nothing where none of these is written.
_ONE_OF: Final = {
    "RoomArea": ("rate_m2_per_100_households", "minimum_m2"),
    "RoomGroundFloor": ("minimum_m2", "minimum_share"),
    "RoomFloors": ("lowest", "highest"),
    "CommunitySize": ("minimum_households", "maximum_households"),
    "RoomRegister": ("title_holders", "not_let", "own_use"),
    "Headcount": ("minimum", "maximum"),
    "CommunityShare": ("category", "rate_m2_per_100_households", "minimum_m2"),
    "Reach": ("within_min", "within_m"),
    "FacilityArea": ("minimum_m2", "rate_m2_per_100_households", "rate_m2_per_1000_persons"),
}
_NOT_EMPTY: Final = ("functions", "categories", "bands", "phases")
_CHOICES: Final = {
    ("RoomArea", "per"): ("site", "community"),
    ("RoomFloors", "reading"): ("", "allowed", "barred"),
    ("ServiceWindows", "count"): ("windows", "staff"),
    ("CommunityBudget", "per"): ("community", "1000_households", "resident", "party_member"),
    ("StallGeometry", "entry"): ("front", "back"),
}


def check_limits(made: object, path: str) -> None:
    """Refuse numbers that no regulation asks for.

    Parameters
    ----------
    made : dataclass instance
        A kind of rule or a part of one, as read.
    path : str
        Where it stands in the pack.

    Raises
    ------
    RulePackError
        With the path of the key: a negative or infinite amount, a share outside 0..1, a lowest above its
        highest, or a rule that asks for nothing.
    """
    name = type(made).__name__
    fields = {f.name: f for f in dataclasses.fields(cast("Any", made))}
    values = {key: getattr(made, key) for key in fields}
    for key, value in values.items():
        _check_value(name, key, value, f"{path}.{key}", default=fields[key].default)
    for low, high in _PAIRS:
        if low in values and high in values:
            _check_pair(values[low], values[high], f"{path}.{low}", low=low, high=high)
    for one, other in _EITHER:
        if all(key in values and values[key] != fields[key].default for key in (one, other)):
            raise RulePackError(Message("rules.either", one=one, other=other), path)
    for key in _RANGES:
        figures = values.get(key, ())
        if isinstance(figures, tuple) and list(figures) != sorted(figures):
            raise RulePackError(Message("rules.not_rising"), f"{path}.{key}")
    wanted = _ONE_OF.get(name, ())
    if wanted and all(values[key] == fields[key].default for key in wanted):
        raise RulePackError(Message("rules.asks_nothing", keys=wanted), path)


def _check_value(name: str, key: str, value: object, path: str, *, default: object) -> None:
    for number in value if isinstance(value, tuple) else (value,):
        if isinstance(number, int | float | Fraction) and not isinstance(number, bool):
            _check_number(key, number, path, unlimited=number == default)
    if key in _DATES and value is not None:
        _check_date(str(value), path)
    if key in _NOT_EMPTY and value == ():
        raise RulePackError(Message("rules.empty_list"), path)
    for index, word in enumerate(value if isinstance(value, tuple) else (value,)):
        place = f"{path}[{index}]" if isinstance(value, tuple) else path
        if key == "uses":
            _check_name(str(word), tuple(ROOM_USES), function_of(str(word)), place)
        elif key in _CATEGORIES and word and category_of(str(word)) != word:
            _check_category(str(word), place)
    allowed = _CHOICES.get((name, key))
    if allowed is not None and value not in allowed:
        shown = tuple(item for item in allowed if item)
        raise RulePackError(Message("rules.unknown_value", value=value, allowed=shown), path)


def _check_category(word: str, path: str) -> None:
    """Refuse another name of a category that we know, and one that is misspelt; a city's own is taken as it is."""
    meant = category_of(word) or next(
        iter(difflib.get_close_matches(word, CATEGORIES, n=1, cutoff=_CLOSE)), None
    )
    if meant is not None:
        raise RulePackError(Message("rules.misspelt_value", value=word, meant=meant), path)


def _check_name(word: str, known: tuple[str, ...], same: str, path: str) -> None:
    """Refuse a name that is not known, and say which is meant."""
    if word in known:
        return
    meant = same if same in known else next(iter(difflib.get_close_matches(word, known, n=1)), None)
    if meant is not None:
        raise RulePackError(Message("rules.misspelt_value", value=word, meant=meant), path)
    raise RulePackError(Message("rules.unknown_value", value=word, allowed=known), path)


def _check_number(key: str, number: float | Fraction, path: str, *, unlimited: bool) -> None:
    if math.isinf(number) and not unlimited:
        raise RulePackError(Message("rules.not_finite"), path)
    shown = str(number) if isinstance(number, Fraction) else f"{number:g}"
    if key in _SHARES and not 0 <= number <= 1:
        raise RulePackError(Message("rules.not_a_share", value=shown), path)
    if key in _POSITIVE and number <= 0:
        raise RulePackError(Message("rules.not_positive", value=shown), path)
    if key not in _FREE and number < 0:
        raise RulePackError(Message("rules.negative", value=shown), path)
    if number > _AT_MOST.get(key, math.inf):
        raise RulePackError(Message("rules.too_high", value=shown, limit=f"{_AT_MOST[key]:g}"), path)


def _check_date(value: str, path: str) -> None:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise RulePackError(Message("rules.not_a_date", value=value), path) from None


def _check_pair(least: object, most: object, path: str, *, low: str, high: str) -> None:
    if least is None or most is None:
        return
    # Both are numbers, or both are dates as ISO text, which sort as days do.
    first, last = cast("float", least), cast("float", most)
    if first > last or (first == last and (low, high) in _EMPTY):
        message = Message("rules.pair_crossed", low=low, least=str(least), high=high, most=str(most))
        raise RulePackError(message, path)
