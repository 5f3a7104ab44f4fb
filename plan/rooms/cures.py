"""The cheapest thing that would cure a shortfall of rooms: money, a longer way, a neighbour, a price, or new rooms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from plan.messages import Message
from plan.rooms.model import Choice
from plan.rooms.scene import Scene

__all__ = ["cure_of"]

# Metres of walking up to which a unit farther from a gate is thought of: the 15 minutes of a life circle at 60 m/min.
_FARTHEST_M: Final = 900.0
_ORDER: Final = ("short", "limits", "cost")

_Cure = tuple[float, Message]  # CNY, and what to do


def cure_of(scene: Scene, part: Sequence[int], at: int, choice: Choice) -> Message:
    """Say what would cure the shortfall of a place, at the least cost.

    Parameters
    ----------
    scene : Scene
        The site.
    part : sequence of int
        The spots that were decided together.
    at : int
        Which of them is short.
    choice : Choice
        What was chosen for them.

    Returns
    -------
    Message
        The cheapest remedy that cures all of it; where none does, how many square metres have to be built or found,
        on which floors and how near.
    """
    ways: tuple[Callable[[Scene, int], _Cure | None], ...] = (_money, _distance, _neighbour, _price)
    cures = [cure for way in ways if (cure := way(scene, part[at])) is not None]
    if cures:
        return min(cures, key=lambda cure: cure[0])[1]
    need = scene.spots[part[at]].need
    area, ground = float(choice.short[at]), float(choice.short_ground[at])
    if not (area or ground):
        if choice.no_main[at]:
            return Message("rooms.cure_main", area=f"{need.main_room_m2:g}", near=f"{need.near_gate_m:g}")
        return Message("rooms.cure_beyond", most=need.most_rooms, count=int(choice.beyond[at]))
    if np.isnan(scene.metres[part[at]]).all():
        return Message("rooms.cure_gate")
    lowest, highest = (1, 1) if ground >= area else (need.lowest, need.highest)
    return Message(
        "rooms.cure_new",
        area=f"{math.ceil(max(area, ground)):,}",
        floors=_floors(lowest, highest),
        near=f"{need.near_gate_m:g}",
    )


def _money(scene: Scene, spot: int) -> _Cure | None:
    """Raise the budget."""
    budget = scene.settings.budget_cny
    if budget is None:
        return None
    free = scene.relaxed(budget_free=True)
    if _cured(free, spot) is None:
        return None
    extra = sum(free.solve(part, order=_ORDER).cost for part in free.parts) - budget
    return extra, Message("rooms.cure_budget", extra=f"{extra:,.0f}")


def _distance(scene: Scene, spot: int) -> _Cure | None:
    """Take units farther from the gate, no farther than it takes."""
    need = scene.spots[spot].need
    metres = scene.metres[spot]
    farther = np.unique(np.ceil(metres[(metres > need.near_gate_m) & (metres <= _FARTHEST_M)]))
    for near in farther.tolist():
        solved = _cured(scene.relaxed(near_gate_m=near, budget_free=True), spot)
        if solved is not None:
            return solved.cost, Message(
                "rooms.cure_distance", near=f"{near:.0f}", limit=f"{need.near_gate_m:.0f}", cost=f"{solved.cost:,.0f}"
            )  # fmt: skip
    return None


def _neighbour(scene: Scene, spot: int) -> _Cure | None:
    """Let units of the next community help."""
    if scene.settings.across or scene.spots[spot].community_id is None:
        return None
    solved = _cured(scene.relaxed(across=True, budget_free=True), spot)
    return None if solved is None else (solved.cost, Message("rooms.cure_across", cost=f"{solved.cost:,.0f}"))


def _price(scene: Scene, spot: int) -> _Cure | None:
    """Find out what the units cost that could not be compared."""
    cost = scene.rooms["cost_cny"]
    unpriced = scene.fit[spot] & scene.candidate & ~scene.usable[spot] & cost.isna().to_numpy()
    if not unpriced.any():
        return None
    known = replace(scene, rooms=scene.rooms.assign(cost_cny=cost.fillna(0.0)))
    solved = _cured(known.relaxed(budget_free=True), spot)
    if solved is None:
        return None
    ids = tuple(str(i) for i in scene.rooms["room_id"][unpriced])
    # Of what nobody has priced it cannot be said that it is cheap.
    return math.inf, Message("rooms.cure_price", ids=ids)


def _cured(scene: Scene, spot: int) -> Choice | None:
    """Return the choice for a spot under other conditions, if nothing is missing then."""
    part = next(p for p in scene.parts if spot in p)
    choice = scene.solve(part, order=_ORDER)
    at = part.index(spot)
    missing = choice.short[at] + choice.short_ground[at]
    if missing > 0 or choice.no_main[at] or choice.beyond[at]:
        return None
    return choice


def _floors(lowest: int | None, highest: int | None) -> Message:
    if lowest is not None and lowest == highest:
        return Message("rooms.floor_one", floor=lowest)
    if highest is None:
        return Message("rooms.floors_any") if lowest is None else Message("rooms.floors_from", lowest=lowest)
    if lowest is None:
        return Message("rooms.floors_to", highest=highest)
    return Message("rooms.floors_between", lowest=lowest, highest=highest)
