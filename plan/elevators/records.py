"""What is found out about each stairwell: the verdict, the position, what holds it back, and what else was tried."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shapely.geometry import Polygon

from plan.elevators.candidates import Connection
from plan.elevators.remedies import Remedy
from plan.messages import Message

__all__ = ["VERDICTS", "Clearance", "Position", "StairwellSiting", "Verdict", "millimetres"]

Verdict = Literal["feasible", "conditional", "infeasible", "unknown", "excluded"]
VERDICTS: tuple[Verdict, ...] = ("feasible", "conditional", "infeasible", "unknown", "excluded")

# A figure short by less than a thousandth of a millimetre is at its limit, here as where it is judged.
_HAIR_MM = 1e-3


def millimetres(metres: float) -> int:
    """Return metres as whole millimetres, rounded down: what is shown is never more than there is."""
    return math.floor(metres * 1000 + _HAIR_MM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A clearance of a position, as measured."""

    name: str  # as plan.elevators.clearances.measure names it; obstacle, barrier or pipe of what may not go
    thing: str  # what decides, by id
    measured_m: float
    required_m: float
    bars: bool = True  # False: shown only
    own_m: float | None = None  # of a fire lane drawn as a line: how wide it is, whatever stands beside it
    facing: str = ""  # id of what stands across a fire lane and is measured to; empty: the border of the lane

    @property
    def margin_m(self) -> float:
        """What is to spare; negative: what is missing."""
        return self.measured_m - self.required_m

    def told(self) -> Message:
        """Say it in a sentence, with millimetres."""
        told = self._told()
        if self.facing:
            told = Message("elevators.lane_across", what=told, id=self.facing)
        if self.own_m is None:
            return told
        if self.measured_m > self.own_m + _HAIR_MM / 1000:
            return Message("elevators.lane_strip", what=told, width=f"{self.own_m:g}")
        if self.own_m >= self.required_m:
            return told
        return Message("elevators.lane_narrow", what=told, width=f"{self.own_m:g}")

    def _told(self) -> Message:
        margin = millimetres(self.margin_m)
        return Message(
            f"elevators.clear_{self.name}",
            id=self.thing,
            measured=f"{millimetres(self.measured_m) / 1000:.3f}",
            required=f"{self.required_m:g}",
            over=f"{max(-millimetres(self.measured_m), 1)}",
            margin=Message("elevators.to_spare", mm=f"{margin:,}")
            if margin >= 0
            else Message("elevators.short", mm=f"{-margin:,}"),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Position:
    """A place for a shaft, judged; shapes in the coordinates of the site.

    Parameters
    ----------
    connection : {"level_entry", "half_landing"}
        How it meets the stair.
    layout : {"front", "beside"}
        Before the stair, or turned beside it.
    aside_m, off_m : float
        Of the shaft from the stair's axis and from the façade.
    shaft, landing : Polygon
        The plan.
    verdict : str
        As of a stairwell.
    reason : Message
        The one clearance that binds: what bars it, or the tightest; or why nothing can be told.
    before_flats_m : float
        Of façade beside the stair that the shaft stands before; whether windows are there is in no layer.
    margin_m : float
        The smallest margin of what bars a position; infinite where nothing is near.
    clearances : tuple of Clearance
        What was measured; empty of alternatives that were not looked into.
    remedies : tuple of Remedy
        What makes way.
    """

    connection: Connection
    layout: str
    aside_m: float
    off_m: float
    before_flats_m: float
    shaft: Polygon
    landing: Polygon
    verdict: Verdict
    reason: Message
    margin_m: float
    clearances: tuple[Clearance, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def cost_cny(self) -> float | None:
        """Of what makes way, as far as it is known; None where nobody gave a figure for any of it."""
        known = [r.cost_cny for r in self.remedies if r.cost_cny is not None]
        return sum(known) if known or not self.remedies else None

    @property
    def unpriced(self) -> int:
        """How many remedies have no figure."""
        return sum(r.cost_cny is None for r in self.remedies)

    @property
    def remedy(self) -> Message | None:
        """What must happen first, in one sentence; None where nothing must."""
        if not self.remedies:
            return None
        told = self.remedies[0].what
        for one in self.remedies[1:]:
            told = Message("elevators.and", first=told, rest=one.what)
        return told

    @property
    def flights_left(self) -> float:
        """Stairs that are left to climb, in storeys: half of one where the elevator stops between two floors.

        A stop at the half landing leaves half a storey up or down to every flat (EL-MODE-HALF of the national pack).
        """
        return 0.5 if self.connection == "half_landing" else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StairwellSiting:
    """A stairwell, and where its elevator goes.

    Parameters
    ----------
    entrance_id, stairwell_id : str
        Its door and its name.
    building_id : str or None
        Its building.
    floors : int or None
        Storeys of the building.
    verdict : {"feasible", "conditional", "infeasible", "unknown", "excluded"}
        ``conditional``: something makes way first. ``unknown``: the data do not tell. ``excluded``: none is needed.
    reason : Message
        The one that binds.
    chosen : Position or None
        Where it goes; None unless feasible or conditional.
    alternatives : tuple of Position
        The next best positions; where there is none, those that come closest.
    tried : int
        Positions looked at.
    barred : mapping of str to int
        How many of them each clearance bars, where it is the tightest.
    wheelchair : bool or None
        Whether a wheelchair gets to the flats: entry at their floor, and a car that takes one; None: not known.
    """

    entrance_id: str
    stairwell_id: str
    building_id: str | None
    floors: int | None
    verdict: Verdict
    reason: Message
    chosen: Position | None
    alternatives: tuple[Position, ...]
    tried: int
    barred: Mapping[str, int]
    door: tuple[float, float] | None = None  # in the coordinates of the site
    wheelchair: bool | None = None
    elevator_id: str | None = None
