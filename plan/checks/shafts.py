"""Measures of elevators that are drawn, proposed or not: the fire lane left beside each, the building opposite.

The shape in layer ``elevators`` is what is measured. A thousandth of a millimetre is tolerated, no more: 4.000 m of fire
lane are enough, 3.999 m are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from plan.checks.amounts import NAMED, TOLERANCE, Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, finding, numbers
from plan.elevators.clearances import to_other_buildings, vague_lanes_near
from plan.elevators.facing import lane_left, standing_of
from plan.elevators.records import millimetres
from plan.elevators.surroundings import Surroundings, surroundings_of
from plan.findings import Finding, Status
from plan.messages import Message
from plan.rules import Rule
from plan.rules.kinds import ElevatorFireLane, ElevatorSeparation

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["elevator_fire_lane", "elevator_separation"]

_BEYOND_M: Final = 6.0  # beyond a limit, up to which a figure is measured


def elevator_fire_lane(facts: Facts, rule: Rule) -> Finding:
    """Measure the clear width that every fire lane keeps beside each elevator."""
    need = numbers(rule, ElevatorFireLane).minimum_m
    if missing := facts.has("elevators") or facts.has("fire_lanes"):
        return cannot_tell(rule, missing, required=need, unit="m")
    around = surroundings_of(facts.site)
    standing = standing_of(around)
    one, lane, left, by = lane_left(
        around.elevators.shapes,
        around,
        standing,
        within_m=need + _BEYOND_M,
        own=np.arange(len(around.elevators)),
    )
    lanes = around.lane_rows
    doubted = _doubted(lanes.mended, one, lane, lanes.ids, "fire_lanes")
    across = np.array(["" if k < 0 else standing.ids[k] for k in by], dtype=object)
    vaguely = np.array([k >= 0 and bool(standing.mended[k]) for k in by], dtype=bool)
    for k, thing in zip(one[vaguely].tolist(), by[vaguely].tolist(), strict=True):
        doubted[k] = repaired_gap(standing.layers[thing], (standing.ids[thing],))
    near, vague = vague_lanes_near(around.elevators.shapes, around)
    for k, row in zip(near.tolist(), vague.tolist(), strict=True):
        doubted[k] = column_gap("fire_lanes", "width_m", (lanes.ids[row],))
    undrawn = around.blind.get("fire_lanes", ())
    unseen = [_no_shape("fire_lanes", undrawn)] if undrawn else []
    return _verdict(
        facts,
        rule,
        around,
        _Pairs(
            one=one, thing=lane, metres=left, ids=lanes.ids, sound=~lanes.mended, across=across, vague=vaguely
        ),
        need=need,
        layer="fire_lanes",
        doubted=doubted,
        unseen=unseen,
        remedy="shaft_narrows_lane",
    )


def elevator_separation(facts: Facts, rule: Rule) -> Finding:
    """Measure the metres from each elevator to the nearest building, without its own and those that share a wall with it."""
    need = numbers(rule, ElevatorSeparation).minimum_m
    if missing := facts.has("elevators") or facts.has("buildings"):
        return cannot_tell(rule, missing, required=need, unit="m")
    around = surroundings_of(facts.site)
    house, astray = _own_buildings(facts, around)
    known = np.flatnonzero(house >= 0)
    at, other, metres = to_other_buildings(
        around.elevators.shapes[known], house[known], around, within_m=need + _BEYOND_M
    )
    one = known[at] if len(at) else at
    buildings = around.buildings
    doubted = astray | _doubted(buildings.mended, one, other, buildings.ids, "buildings")
    undrawn = around.blind.get("buildings", ())
    unseen = [_no_shape("buildings", undrawn)] if undrawn else []
    return _verdict(
        facts,
        rule,
        around,
        _Pairs(one=one, thing=other, metres=metres, ids=buildings.ids, sound=~buildings.mended),
        need=need,
        layer="buildings",
        doubted=doubted,
        unseen=unseen,
        remedy="shaft_near_building",
    )


# --- parts ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """Elevators and things near them."""

    one: NDArray[np.int64]
    thing: NDArray[np.int64]
    metres: NDArray[np.float64]
    ids: tuple[str, ...]
    sound: NDArray[np.bool_]  # of the things: whose shape is theirs
    across: NDArray[np.object_] | None = (
        None  # of each pair: what stands across the lane, by id; empty: nothing
    )
    vague: NDArray[np.bool_] | None = None  # of each pair: measured to something whose shape was mended


def _verdict(
    facts: Facts,
    rule: Rule,
    around: Surroundings,
    pairs: _Pairs,
    *,
    need: float,
    layer: str,
    doubted: dict[int, Gap],
    unseen: list[Gap],
    remedy: str,
) -> Finding:
    """Judge every elevator by what is nearest to it; one that certainly breaks the rule decides."""
    names = around.elevators.ids
    mended = facts.site.repaired("elevators")
    sound = pairs.sound[pairs.thing] if len(pairs.thing) else np.zeros(0, dtype=bool)
    sound &= np.array([names[k] not in mended for k in pairs.one], dtype=bool)
    if pairs.vague is not None:
        sound &= ~pairs.vague
    short = sound & (pairs.metres < need - TOLERANCE)
    measured = float(pairs.metres[sound].min()) if sound.any() else None
    shown = {"measured": measured, "required": need, "unit": "m"}
    if short.any():
        order = np.lexsort((pairs.thing, pairs.one, pairs.metres))
        worst = next(k for k in order if short[k])
        elevators = sorted({names[k] for k in pairs.one[short]})
        things = sorted({pairs.ids[k] for k in pairs.thing[short]})
        how = Message(
            f"checks.{remedy}",
            ids=tuple(elevators[:NAMED]),
            count=len(elevators),
            id=names[pairs.one[worst]],
            thing=pairs.ids[pairs.thing[worst]],
            measured=f"{millimetres(float(pairs.metres[worst])) / 1000:.3f}",
            mm=f"{-millimetres(float(pairs.metres[worst]) - need):,}",
        )
        if pairs.across is not None:
            facing = {str(name) for name in pairs.across[short] if name}
            things = sorted({*things, *facing})
            if name := pairs.across[worst]:
                how = Message("checks.shaft_across", what=how, id=name)
        where = facts.where("elevators", elevators)
        return finding(
            rule, Status.NOT_MET, features={*elevators, *things}, remedy=how, geometry=where, **shown
        )
    gaps = list(unseen)
    undrawn = around.blind.get("elevators", ())
    if undrawn:
        gaps.append(_no_shape("elevators", undrawn))
    if ids := tuple(name for name in names if name in mended):
        gaps.append(repaired_gap("elevators", ids))
    gaps += [doubted[k] for k in sorted(doubted)]
    if gaps or not names:
        open_ = [names[k] for k in sorted(doubted)] or list(names)
        gaps = gaps or [layer_gap(layer)]
        return cannot_tell(rule, *gaps, features=open_, geometry=facts.where("elevators", open_), **shown)
    return finding(rule, Status.MET, features=names, geometry=facts.where("elevators", names), **shown)


def _doubted(
    mended: NDArray[np.bool_],
    one: NDArray[np.int64],
    thing: NDArray[np.int64],
    ids: tuple[str, ...],
    layer: str,
) -> dict[int, Gap]:
    """Return the elevators near which something stands whose shape was mended."""
    found: dict[int, set[str]] = {}
    for k, t in zip(one.tolist(), thing.tolist(), strict=True):
        if mended[t]:
            found.setdefault(k, set()).add(ids[t])
    return {k: repaired_gap(layer, tuple(sorted(names))) for k, names in found.items()}


def _no_shape(layer: str, ids: tuple[str, ...]) -> Gap:
    return gap("missing_data", "no_shape", layer=layer, ids=ids[:NAMED], count=len(ids))


def _own_buildings(facts: Facts, around: Surroundings) -> tuple[NDArray[np.int64], dict[int, Gap]]:
    """Return the position of each elevator's building, -1 where it is not known, and why."""
    rows = around.elevators
    homes = _homes(facts)
    own, stairs = rows.texts("building_id"), rows.texts("stairwell_id")
    found = np.full(len(rows), -1, dtype=np.int64)
    astray: dict[int, Gap] = {}
    for k, name in enumerate(rows.ids):
        building = own[k] or homes(stairs[k])
        place = around.house(building) if building else None
        if place is not None:
            found[k] = place
        elif building:
            astray[k] = gap("missing_data", "no_building", ids=(building,), count=1)
        else:
            astray[k] = column_gap("elevators", "building_id", (name,))
    return found, astray


def _homes(facts: Facts) -> Callable[[str], str | None]:
    """Return what tells the building of a stairwell: its entrances', where they agree."""
    found: dict[str, set[str]] = {}
    if facts.site.has("entrances"):
        frame = facts.site.layers["entrances"]
        if {"stairwell_id", "building_id"} <= set(frame.columns):
            named = frame[frame["stairwell_id"].notna() & frame["building_id"].notna()]
            for stair, building in zip(named["stairwell_id"], pd.Series(named["building_id"]), strict=True):
                found.setdefault(str(stair), set()).add(str(building))

    def home(stair: str) -> str | None:
        buildings = found.get(stair, set())
        return next(iter(buildings)) if len(buildings) == 1 else None

    return home
