"""Parking: stalls and aisles on real ground, proposed and verified."""

from plan.parking.layout import place_stalls
from plan.parking.stalls import DESIGN_CAR, DesignCar, StallRow, StallSpec, stall_spec

__all__ = ["DESIGN_CAR", "DesignCar", "StallRow", "StallSpec", "place_stalls", "stall_spec"]
