"""Parking: stalls and aisles on real ground, proposed and verified."""

from plan.parking.bounds import Bound, practical_bound, upper_bound
from plan.parking.faults import Fault, FaultKind, Level, faultless
from plan.parking.layout import place_stalls
from plan.parking.stalls import DESIGN_CAR, DesignCar, StallRow, StallSpec, stall_spec
from plan.parking.verify import DEAD_END_M, verify

__all__ = [
    "DEAD_END_M",
    "DESIGN_CAR",
    "Bound",
    "DesignCar",
    "Fault",
    "FaultKind",
    "Level",
    "StallRow",
    "StallSpec",
    "faultless",
    "place_stalls",
    "practical_bound",
    "stall_spec",
    "upper_bound",
    "verify",
]
