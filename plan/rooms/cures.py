"""The cheapest thing that would cure a shortfall of rooms: money, a longer way, a neighbour, a price, or new rooms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    case = _Case(scene=scene, part=part, at=at, choice=choice)
    ways: tuple[Callable[[_Case], _Cure | None], ...] = (_money, _distance, _neighbour, _price)
    cures = [cure for way in ways if (cure := way(case)) is not None]
    if cures:
        # Of equal ones the first, which asks for the least change.
        return min(cures, key=lambda cure: cure[0])[1]
    need = scene.spots[part[at]].need
    area, ground = math.ceil(choice.short[at]), math.ceil(choice.short_ground[at])
    if not (area or ground):
        if choice.no_main[at]:
            return Message("rooms.cure_main", area=f"{need.main_room_m2:g}", near=f"{need.near_gate_m:g}")
        return Message("rooms.cure_beyond", most=need.most_rooms, count=int(choice.beyond[at]))
    if np.isnan(scene.metres[part[at]]).all():
        return Message("rooms.cure_gate")
    near = f"{need.near_gate_m:g}"
    if 0 < ground < area:
        floors = _floors(need.lowest, need.highest)
        return Message(
            "rooms.cure_new_both", area=f"{area:,}", ground=f"{ground:,}", floors=floors, near=near
        )
    lowest, highest = (1, 1) if ground >= area else (need.lowest, need.highest)
    return Message(
        "rooms.cure_new", area=f"{max(area, ground):,}", floors=_floors(lowest, highest), near=near
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Case:
    """A shortfall that is to be cured, and what was chosen."""

    scene: Scene
    part: Sequence[int]
    at: int
    choice: Choice

    @property
    def spot(self) -> int:
        return self.part[self.at]

    def spent_on(self, spots: Sequence[int]) -> float:
        """Return what the choice spends on some spots; those decided elsewhere are solved as they were."""
        scene = self.scene
        cost = np.where(scene.candidate, np.nan_to_num(scene.offers.cost), 0.0)
        spent = 0.0
        for spot in spots:
            part, choice = self.part, self.choice
            if spot not in part:
                part = next(p for p in scene.parts if spot in p)
                choice = scene.solve(part, order=_ORDER)
            spent += float(cost[choice.taken == part.index(spot)].sum())
        return spent

    def cured(self, looser: Scene) -> float | None:
        """Return what it costs more to cure the spot under other conditions; None where they do not cure it."""
        part = next(p for p in looser.parts if self.spot in p)
        choice = looser.solve(part, order=_ORDER)
        at = part.index(self.spot)
        missing = choice.short[at] + choice.short_ground[at]
        if missing > 0 or choice.no_main[at] or choice.beyond[at]:
            return None
        return max(choice.cost - self.spent_on(part), 0.0)


def _money(case: _Case) -> _Cure | None:
    """Raise the budget."""
    budget = case.scene.settings.budget_cny
    if budget is None:
        return None
    extra = case.cured(case.scene.relaxed(budget_free=True))
    if extra is None:
        return None
    left = max(budget - case.choice.cost, 0.0)
    return extra, Message("rooms.cure_budget", extra=f"{max(extra - left, 0.0):,.0f}")


def _distance(case: _Case) -> _Cure | None:
    """Take units farther from the gate, no farther than it takes."""
    need, metres = case.scene.spots[case.spot].need, case.scene.metres[case.spot]
    farther = np.unique(np.ceil(metres[(metres > need.near_gate_m) & (metres <= _FARTHEST_M)]))
    for near in farther.tolist():
        extra = case.cured(case.scene.relaxed(near_gate_m=near, budget_free=True))
        if extra is not None:
            return extra, Message(
                "rooms.cure_distance", near=f"{near:.0f}", limit=f"{need.near_gate_m:.0f}", cost=f"{extra:,.0f}"
            )  # fmt: skip
    return None


def _neighbour(case: _Case) -> _Cure | None:
    """Let units of the next community help."""
    if case.scene.settings.across or case.scene.spots[case.spot].community_id is None:
        return None
    extra = case.cured(case.scene.relaxed(across=True, budget_free=True))
    return None if extra is None else (extra, Message("rooms.cure_across", cost=f"{extra:,.0f}"))


def _price(case: _Case) -> _Cure | None:
    """Find out what the units cost that could not be compared."""
    scene, spot = case.scene, case.spot
    cost = scene.rooms["cost_cny"]
    unpriced = scene.fit[spot] & scene.candidate & ~scene.usable[spot] & cost.isna().to_numpy()
    if not unpriced.any():
        return None
    known = replace(scene, rooms=scene.rooms.assign(cost_cny=cost.fillna(0.0)))
    if case.cured(known.relaxed(budget_free=True)) is None:
        return None
    ids = tuple(str(i) for i in scene.rooms["room_id"][unpriced])
    # Of what nobody has priced it cannot be said that it is cheap.
    return math.inf, Message("rooms.cure_price", ids=ids)


def _floors(lowest: int | None, highest: int | None) -> Message:
    if lowest is not None and lowest == highest:
        return Message("rooms.floor_one", floor=lowest)
    if highest is None:
        return Message("rooms.floors_any") if lowest is None else Message("rooms.floors_from", lowest=lowest)
    if lowest is None:
        return Message("rooms.floors_to", highest=highest)
    return Message("rooms.floors_between", lowest=lowest, highest=highest)
