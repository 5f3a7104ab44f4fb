"""Parking: stalls and aisles on real ground, proposed and verified."""

from plan.parking.bounds import Bound, practical_bound, upper_bound
from plan.parking.grid import GridLayout, grid_layout
from plan.parking.stalls import DESIGN_CAR, DesignCar, StallRow, StallSpec, stall_spec
from plan.parking.strips import Section, best_section, section_limit

__all__ = [
    "DESIGN_CAR",
    "Bound",
    "DesignCar",
    "GridLayout",
    "Section",
    "StallRow",
    "StallSpec",
    "best_section",
    "grid_layout",
    "practical_bound",
    "section_limit",
    "stall_spec",
    "upper_bound",
]
