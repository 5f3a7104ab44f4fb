"""The figures of a rule pack that placing elevators uses; where it has none, this tool's defaults stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plan.elevators.candidates import ElevatorSizes
from plan.elevators.clearances import Limits
from plan.rules.kinds import ElevatorFireLane, ElevatorSeparation, Figure, FireLaneToFacade

if TYPE_CHECKING:
    from plan.rules import Rule, RulePack

__all__ = ["RULE_OF", "limits_of", "rule_of", "sizes_of", "storeys_of", "wheelchair_car"]

# Storeys from which local rules commonly support a retrofit (EL-FLOORS-*: Hefei, Heze, Binzhou say four); no national
# figure is known.
_STOREYS: Final = 4
# The rule behind a clearance: its kind, and the name of a figure.
RULE_OF: Final = {
    "fire_lane": ("ElevatorFireLane", ""),
    "separation": ("ElevatorSeparation", ""),
    "lane_to_facade": ("FireLaneToFacade", ""),
    "own_door": ("Figure", "accessible_path"),
    "door": ("Figure", "accessible_path"),
}


def rule_of(pack: RulePack | None, clearance: str) -> Rule | None:
    """Return the rule of a pack that asks for a clearance, or None."""
    if pack is None or clearance not in RULE_OF:
        return None
    kind, name = RULE_OF[clearance]
    for rule in pack.rules:
        if (
            rule.enabled
            and type(rule.kind).__name__ == kind
            and (not name or getattr(rule.kind, "name", "") == name)
        ):
            return rule
    return None


def limits_of(pack: RulePack | None) -> Limits:
    """Return what a pack asks to be kept clear; nothing can be told where it says nothing."""
    lane, apart, facade = (
        None if (rule := rule_of(pack, name)) is None else rule.kind
        for name in ("fire_lane", "separation", "lane_to_facade")
    )
    passage = _figure(pack, "accessible_path")
    return Limits(
        fire_lane_m=lane.minimum_m if isinstance(lane, ElevatorFireLane) else None,
        separation_m=apart.minimum_m if isinstance(apart, ElevatorSeparation) else None,
        lane_to_facade_m=facade.minimum_m if isinstance(facade, FireLaneToFacade) else None,
        passage_m=Limits().passage_m if passage is None else passage,
    )


def sizes_of(pack: RulePack | None) -> ElevatorSizes:
    """Return the default dimensions, with the lobby and the car that a pack asks for."""
    lobby, car = _figure(pack, "lift_lobby_depth"), wheelchair_car(pack)
    given = {} if lobby is None else {"landing_depth_m": lobby}
    if car is not None:
        given |= {"car_depth_m": car[0], "car_width_m": car[1]}
    return ElevatorSizes(**given)


def storeys_of(pack: RulePack | None) -> int:
    """Return from how many storeys a building may have an elevator added."""
    storeys = _figure(pack, "retrofit_elevator_storeys")
    return _STOREYS if storeys is None else int(storeys)


def wheelchair_car(pack: RulePack | None) -> tuple[float, float] | None:
    """Return depth and width in metres of a car that takes a wheelchair; None where the pack has no figure."""
    for rule in () if pack is None else pack.rules:
        if rule.enabled and isinstance(rule.kind, Figure) and rule.kind.name == "wheelchair_car":
            values = rule.kind.values
            return (values[0], values[1]) if len(values) == 2 else None  # noqa: PLR2004 - depth and width
    return None


def _figure(pack: RulePack | None, name: str) -> float | None:
    for rule in () if pack is None else pack.rules:
        if rule.enabled and isinstance(rule.kind, Figure) and rule.kind.name == name:
            return rule.kind.value
    return None
