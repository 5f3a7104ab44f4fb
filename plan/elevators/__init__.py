"""Elevators added to old buildings: where a shaft can stand at each stair, and what holds it back."""

from plan.elevators.candidates import CONNECTIONS, ElevatorSizes, Slide
from plan.elevators.clearances import Limits
from plan.elevators.placement import place_elevators
from plan.elevators.records import VERDICTS, Clearance, Position, StairwellSiting
from plan.elevators.remedies import Costs, Remedy

__all__ = [
    "CONNECTIONS",
    "VERDICTS",
    "Clearance",
    "Costs",
    "ElevatorSizes",
    "Limits",
    "Position",
    "Remedy",
    "Slide",
    "StairwellSiting",
    "place_elevators",
]
