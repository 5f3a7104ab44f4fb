"""What the rooms of a place must come to, as numbers read from a pack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from plan.errors import UsageError
from plan.messages import Message
from plan.rules import Rule, RulePack

__all__ = ["NEAR_GATE_M", "RoomNeed", "needs_of", "room_needs", "wants_communities", "wants_households"]

# Metres of walking from a main gate that count as "around the entrance" where the clause gives no
# number: this tool's own default, shown with every result. 200 m is 3 min 20 s at 60 m/min.
NEAR_GATE_M: Final = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNeed:
    """What the rooms of a place must come to.

    Parameters
    ----------
    area_m2 : float
        Rooms together, in square metres.
    ground_floor_m2 : float
        Of it on floor 1.
    lowest, highest : int or None
        Floors on which rooms may be; 1 is the ground floor, -1 the first basement.
    near_gate_m : float
        Metres of walking to a main gate.
    stated : bool
        True when ``near_gate_m`` is a number of a clause, False when it is this tool's default.
    uses : tuple of str
        The room uses that count; empty for the community service rooms.
    main_room_m2 : float
        At least one room, or one set of adjoining units joined into a room, of so many square metres.
    most_rooms : int or None
        At most so many rooms together; a joined set is one.
    rules : tuple of str
        The rules of the pack that were read.
    meant : bool
        False when no rule is meant for this kind of estate, and others serve as a yardstick.
    minimum_m2, area_by_households_m2 : float
        Of ``area_m2``, the larger of the two: what is asked for whatever the households, and what for so many.
    floor_stated : bool
        False when no clause names a lowest floor, and basements are left out by this tool's own caution.
    """

    area_m2: float
    ground_floor_m2: float = 0.0
    lowest: int | None = 1
    highest: int | None = 1
    near_gate_m: float = NEAR_GATE_M
    stated: bool = False
    uses: tuple[str, ...] = ()
    main_room_m2: float = 0.0
    most_rooms: int | None = None
    rules: tuple[str, ...] = ()
    meant: bool = True
    minimum_m2: float = 0.0
    area_by_households_m2: float = 0.0
    floor_stated: bool = True


def room_needs(pack: RulePack, *, households: float | None, near_gate_m: float | None = None) -> RoomNeed:
    """Read from a pack what the community service rooms of a place must come to.

    Parameters
    ----------
    pack : RulePack
        The rules; those of kinds ``room_area``, ``room_ground_floor``, ``room_floors`` and
        ``room_near_gate`` that hold for community service rooms.
    households : float or None
        Households of the place; None when unknown.
    near_gate_m : float, optional
        Metres of walking to a main gate; replaces the pack's number.

    Returns
    -------
    RoomNeed
        The strictest of the pack's rules. Floors that a clause leaves open are not used.

    Raises
    ------
    UsageError
        If the pack asks for no area of service rooms, or for one by households that are unknown.
    """
    found = needs_of(pack, households=households, near_gate_m=near_gate_m)
    for need in found:
        if not need.uses:
            return need
    raise UsageError(Message("rooms.no_area_rule", pack=pack.id))


def needs_of(
    pack: RulePack,
    *,
    households: float | None,
    near_gate_m: float | None = None,
    estate: str | None = None,
) -> tuple[RoomNeed, ...]:
    """Read from a pack what the rooms of a place must come to, use by use.

    Parameters
    ----------
    pack : RulePack
        The rules.
    households : float or None
        Households of the place; None when unknown.
    near_gate_m : float, optional
        Metres of walking to a main gate; replaces the pack's number.
    estate : {"new", "existing"}, optional
        What stands there: rules that are meant for it are read. Where none is, the others are a yardstick.

    Returns
    -------
    tuple of RoomNeed
        Service rooms first, then other uses for which the pack asks for area, such as care for the elderly.

    Raises
    ------
    UsageError
        If the pack asks for no area at all, or for one by households that are unknown.
    """
    from plan.rules.kinds import RoomArea  # noqa: PLC0415 - read here only

    rules = [rule for rule in pack.judged() if isinstance(rule.kind, RoomArea)]
    if not rules:
        raise UsageError(Message("rooms.no_area_rule", pack=pack.id))
    if households is None and wants_households(pack):
        raise UsageError(Message("rooms.no_households", pack=pack.id))
    groups = sorted({_uses(rule.kind) for rule in rules})  # the empty one, service rooms, comes first
    return tuple(
        _need(pack, uses, rules, households=households or 0.0, near_gate_m=near_gate_m, estate=estate)
        for uses in groups
    )


def wants_households(pack: RulePack) -> bool:
    """Tell whether a pack asks for area by the number of households."""
    from plan.rules.kinds import RoomArea  # noqa: PLC0415 - read here only

    return any(isinstance(r.kind, RoomArea) and r.kind.rate_m2_per_100_households for r in pack.judged())


def wants_communities(pack: RulePack) -> bool:
    """Tell whether a pack asks for area in each community."""
    from plan.rules.kinds import RoomArea  # noqa: PLC0415 - read here only

    return any(isinstance(r.kind, RoomArea) and r.kind.per == "community" for r in pack.judged())


def _need(
    pack: RulePack,
    uses: tuple[str, ...],
    rules: Sequence[Rule],
    *,
    households: float,
    near_gate_m: float | None,
    estate: str | None,
) -> RoomNeed:
    from plan.rules.kinds import RoomFloors, RoomGroundFloor, RoomNearGate  # noqa: PLC0415 - read here only

    mine = [rule for rule in rules if _uses(rule.kind) == uses]
    meant = [rule for rule in mine if estate is None or _is_meant(rule, estate)]
    taken = meant or mine
    kinds: list[Any] = [rule.kind for rule in taken]
    minimum = max(k.minimum_m2 for k in kinds)
    by_households = max(k.rate_m2_per_100_households * households / 100 for k in kinds)
    area = max(minimum, by_households)
    others = [rule for rule in pack.judged() if _uses(rule.kind) == uses]
    ground = [r for r in others if isinstance(r.kind, RoomGroundFloor)]
    floors = [r for r in others if isinstance(r.kind, RoomFloors)]
    near = [r for r in others if isinstance(r.kind, RoomNearGate)]
    lowest, highest = _floors([rule.kind for rule in floors])
    stated = [
        r.kind.within_m for r in near if isinstance(r.kind, RoomNearGate) and r.kind.within_m is not None
    ]
    shares = [r.kind for r in ground if isinstance(r.kind, RoomGroundFloor)]
    return RoomNeed(
        area_m2=area,
        ground_floor_m2=max((max(k.minimum_m2, k.minimum_share * area) for k in shares), default=0.0),
        # Where no clause speaks of floors, a basement is still no place for residents.
        lowest=1 if lowest is None else lowest,
        floor_stated=lowest is not None,
        highest=highest,
        near_gate_m=near_gate_m if near_gate_m is not None else min(stated, default=NEAR_GATE_M),
        stated=near_gate_m is not None or bool(stated),
        uses=uses,
        rules=tuple(rule.id for rule in (*taken, *ground, *floors, *near)),
        meant=bool(meant),
        minimum_m2=minimum,
        area_by_households_m2=by_households,
    )


def _uses(kind: object) -> tuple[str, ...]:
    return tuple(sorted(getattr(kind, "uses", ())))


def _is_meant(rule: Rule, estate: str) -> bool:
    return not rule.applies.estate or estate in rule.applies.estate


def _floors(kinds: Sequence[Any]) -> tuple[int | None, int | None]:
    lows = [k.lowest for k in kinds if k.lowest is not None]
    highs = [k.highest for k in kinds if k.highest is not None]
    # A floor that can be read both ways is not proposed unless the pack says that it is allowed.
    highs += [min(k.ambiguous) - 1 for k in kinds if k.ambiguous and k.reading != "allowed"]
    return max(lows, default=None), min(highs, default=None)
