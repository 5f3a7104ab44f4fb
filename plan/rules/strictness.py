"""Which of two rules asks for more: the stricter wins between packs, and decides how much a version must rise.

A figure means the same in every kind of rule, so that its name says which way is stricter. What no name tells (other
uses, other categories, a limit where there was none) is unclear, and unclear is treated as stricter.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable
from typing import Any, Final, Literal

from plan.findings import Strength
from plan.rules.kinds import Band, Kind
from plan.rules.rule import Applies, Rule

__all__ = ["Effect", "compared", "compared_kinds"]

Effect = Literal["equal", "stricter", "looser", "unclear"]

# The more, the stricter.
_MORE: Final = frozenset({
    "rate_m2_per_100_households", "rate_m2_per_1000_persons", "minimum_m2", "minimum_share", "minimum_m", "lowest",
    "hours_per_day", "minimum_households", "m2_per_person", "staff_extra", "minimum", "cny", "households_at_most",
    "stalls_per_100_m2", "minimum_per_household", "maximum_per_household", "minimum_count", "width_m", "length_m",
    "parallel_width_m", "parallel_length_m", "clearance_m", "turnaround_m", "radius_m", "swept_m", "participation",
    "approval", "approval_strict", "of_all", "not_let", "own_use",
})  # fmt: skip
# The less, the stricter.
_LESS: Final = frozenset({
    "highest", "within_m", "within_min", "minutes", "maximum_households", "residents_per_window", "maximum",
    "max_slope", "dead_end_m", "area_tolerance_m2", "longer_than_m", "storeys", "households_at_least", "share",
})  # fmt: skip
# All of them are asked for: the longer list is the stricter.
_ALL_OF: Final = frozenset(
    {("RoomFunctions", "functions"), ("LifeCircle", "categories"), ("Record", "items")}
)
# Any of them serves: the longer list is the looser.
_ANY_OF: Final = frozenset(
    {("Reach", "categories"), ("RoomPhase", "phases"), ("RoomRegister", "title_holders")}
)


def compared(new: Rule, old: Rule) -> Effect:
    """Tell whether a rule asks for more than another.

    Parameters
    ----------
    new, old : Rule
        Two rules about the same matter.

    Returns
    -------
    {"equal", "stricter", "looser", "unclear"}
        What ``new`` is, beside ``old``; ``stricter`` only where it asks for less in nothing.
    """
    return _together(
        [
            _ordered(_weight(new), _weight(old)),
            _scope(new.applies, old.applies),
            compared_kinds(new.kind, old.kind),
        ]
    )


def compared_kinds(new: Kind, old: Kind) -> Effect:
    """Tell whether the figures of a rule ask for more than others; see :func:`compared`.

    Parameters
    ----------
    new, old : Kind
        The figures.

    Returns
    -------
    {"equal", "stricter", "looser", "unclear"}
        What ``new`` is, beside ``old``.

    Examples
    --------
    >>> from plan.rules.kinds import RoomArea
    >>> compared_kinds(RoomArea(minimum_m2=600), RoomArea(minimum_m2=300))
    'stricter'
    >>> compared_kinds(RoomArea(minimum_m2=600), RoomArea(rate_m2_per_100_households=20, minimum_m2=300))
    'unclear'
    """
    if type(new) is not type(old):
        return "unclear"
    name = type(new).__name__
    return _together(
        [_part(name, f.name, getattr(new, f.name), getattr(old, f.name)) for f in dataclasses.fields(new)]
    )


def _weight(rule: Rule) -> int:
    """Return how much hangs on a rule: nothing on one that is disabled or ambiguous."""
    if not rule.enabled:
        return 0
    return (
        1
        if rule.ambiguity is not None
        else 2 + (Strength.MAY, Strength.SHOULD, Strength.MUST).index(rule.strength)
    )


def _scope(new: Applies, old: Applies) -> Effect:
    """Compare for how much a rule holds: for more estates, stages or years is stricter."""
    found: list[Effect] = []
    for name in ("estate", "stages"):
        mine, other = set(getattr(new, name)), set(getattr(old, name))
        # None named: all of them.
        found.append(_sets(mine, other) if mine and other else _ordered(not mine, not other))
    for name, later in (("built_after", False), ("built_before", True)):
        mine_day, other_day = getattr(new, name), getattr(old, name)
        if mine_day is None or other_day is None:
            found.append(_ordered(mine_day is None, other_day is None))
        else:
            found.append(_ordered(mine_day, other_day) if later else _ordered(other_day, mine_day))
    return _together(found)


def _part(kind: str, name: str, new: Any, old: Any) -> Effect:  # noqa: ANN401 - a figure of a rule
    if new == old:
        return "equal"
    if name == "bands":
        return _bands(new, old)
    if (kind, name) in _ALL_OF:
        return _sets(set(new), set(old))
    if (kind, name) in _ANY_OF:
        return _sets(set(old), set(new))
    if new is None or old is None or name not in _MORE | _LESS:
        return "unclear"
    return _ordered(new, old) if name in _MORE else _ordered(old, new)


def _bands(new: tuple[Band, ...], old: tuple[Band, ...]) -> Effect:
    """Compare tables at every size at which one of them changes, and between."""
    edges = sorted({edge for band in (*new, *old) for edge in (band.start, band.end) if math.isfinite(edge)})
    between = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    sizes = [*edges, *between, edges[-1] + 1.0] if edges else [0.0]
    return _together([_ordered(_asked(new, size), _asked(old, size)) for size in sizes])


def _asked(bands: tuple[Band, ...], size: float) -> float:
    return max((band.required for band in bands if band.start <= size < band.end), default=0.0)


def _sets(new: set[Any], old: set[Any]) -> Effect:
    if new == old:
        return "equal"
    return "stricter" if new > old else "looser" if new < old else "unclear"


def _ordered(new: Any, old: Any) -> Effect:  # noqa: ANN401 - numbers, fractions, days as text
    return "equal" if new == old else "stricter" if new > old else "looser"


def _together(parts: Iterable[Effect]) -> Effect:
    found = set(parts) - {"equal"}
    return "equal" if not found else found.pop() if len(found) == 1 else "unclear"
