"""Parking: stalls and aisles on real ground, proposed and verified."""

from plan.parking.faults import Fault, FaultKind, Level, faultless
from plan.parking.layout import place_stalls
from plan.parking.stalls import DESIGN_CAR, DesignCar, StallRow, StallSpec, stall_spec
from plan.parking.verify import DEAD_END_M, verify

__all__ = [
    "DEAD_END_M",
    "DESIGN_CAR",
    "DesignCar",
    "Fault",
    "FaultKind",
    "Level",
    "StallRow",
    "StallSpec",
    "faultless",
    "place_stalls",
    "stall_spec",
    "verify",
]
