"""Whether a layout of stalls and aisles holds up on the ground: clear of all else, and proven to be drivable.

This code knows nothing of how a layout was made. It takes the drawing of a developer as well as a proposal.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from shapely.geometry import MultiPolygon, Polygon

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.drawing import Shapes, polygons, read_drawing
from plan.parking.driving import driving_faults
from plan.parking.faults import Fault, in_order
from plan.parking.ground import aisle_width_faults, dimension_faults, ground_faults, read_lot
from plan.parking.opposing import opposing_faults
from plan.parking.stalls import DESIGN_CAR, DesignCar, StallSpec

__all__ = ["CLEARANCE_M", "DEAD_END_M", "verify"]

# This tool's defaults; no clause gives one. With 0.1 m the car needs 2.0 m of aisle to drive into a stall at 45
# degrees, 8.5 m to drive forward into a square one and 4.9 m to back into it; JGJ 100-2015 asks for 3.8, 9.0, 5.5 m.
CLEARANCE_M: Final = 0.1
DEAD_END_M: Final = 25.0


def verify(
    lot: Polygon | MultiPolygon,
    stalls: Shapes,
    aisles: Shapes,
    *,
    gates: Shapes,
    obstacles: Shapes = None,
    fire_lanes: Shapes = None,
    clear_spaces: Shapes = None,
    turning_places: Shapes = None,
    stall: StallSpec | None = None,
    car: DesignCar = DESIGN_CAR,
    clearance_m: float = CLEARANCE_M,
    dead_end_m: float = DEAD_END_M,
) -> tuple[Fault, ...]:
    """Find what is wrong with a layout, and what could not be proven of it.

    Parameters
    ----------
    lot : Polygon or MultiPolygon
        Ground that stalls and aisles may use, in metres; all of it that is no obstacle may be driven over.
    stalls : GeoDataFrame, GeoSeries or list of Polygon
        Stalls as they are marked. ``stall_id``, ``aisle_id``, ``angle_deg`` are used where they are there; stalls
        without an id are numbered from 1.
    aisles : GeoDataFrame, GeoSeries or list of LineString or Polygon, or None
        Centrelines with ``aisle_id``, ``direction`` (``one_way`` in the direction in which the line is drawn, or
        ``two_way``) and ``width_m``, or polygons; a polygon of direction ``turning`` is a turning place. None: nobody
        drew any; cars may then be anywhere on the lot, and nothing can be proven of their directions.
    gates : GeoDataFrame, GeoSeries or list of LineString
        Openings in the edge of the lot, through which cars enter and leave.
    obstacles : polygons, optional
        What neither stall nor aisle may touch, with the distance that is to be kept.
    fire_lanes : polygons, optional
        What no stall may touch. Cars drive on them.
    clear_spaces : polygons, optional
        What no stall may touch before doors.
    turning_places : polygons, optional
        Where a car can turn round. At a dead end that is too long without one, the design car is turned round there in
        three moves; what stands in the place does not count as part of it. Where no such turn is found, nothing is
        proven: with more moves a car may turn.
    stall : StallSpec, optional
        Dimensions that stalls and aisles should have; they are not compared when it is not given.
    car : DesignCar, optional
        The car that must get into each stall and out again.
    clearance_m : float, default 0.1
        What the car keeps free on all sides while it turns.
    dead_end_m : float, default 25.0
        Longest two-way dead end without a turning place, from where it branches off to its end.

    Returns
    -------
    tuple of Fault
        By kind and id; nothing when the layout holds up. See :class:`plan.parking.faults.FaultKind` for what is
        looked at, and :class:`plan.parking.faults.Level` for how sure each fault is.

    Raises
    ------
    UsageError
        If the lot is no valid polygon, or a figure is not positive.

    Notes
    -----
    A millimetre counts: what lies less than 1 mm over a border touches it and is allowed, 1 mm is an overlap.

    Examples
    --------
    Two stalls along a way of 6 m between two gates, one of them 5 cm over the edge of the lot:

    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> gates = [LineString([(0, 5), (0, 11)]), LineString([(30, 5), (30, 11)])]
    >>> aisle = {"aisle_id": ["A"], "direction": ["two_way"], "width_m": [6.0]}
    >>> aisle = gpd.GeoDataFrame(aisle, geometry=[LineString([(0, 8), (30, 8)])])
    >>> stalls = [box(12, 0, 14.4, 5), box(14.4, -0.05, 16.8, 4.95)]
    >>> [(f.kind.value, f.stalls, f.measured_m) for f in verify(box(0, 0, 30, 11), stalls, aisle, gates=gates)]
    [('stall_outside', ('2',), 0.05)]
    """
    if not isinstance(lot, Polygon | MultiPolygon) or lot.is_empty or not lot.is_valid:
        raise UsageError(Message("parking.lot"))
    if not (dead_end_m >= 0 and clearance_m >= 0 and car.clear_width_m > 0):
        raise UsageError(Message("parking.spec"))
    drawing = read_drawing(stalls, aisles)
    site, faults = read_lot(
        lot,
        gates=gates,
        obstacles=obstacles,
        fire_lanes=fire_lanes,
        clear_spaces=clear_spaces,
        clear_width_m=car.clear_width_m,
    )
    faults += drawing.faults
    faults += ground_faults(site, drawing)
    faults += opposing_faults(drawing, car=car)
    if stall is not None:
        faults += dimension_faults(drawing, stall)
        faults += aisle_width_faults(drawing, stall)
    faults += driving_faults(
        site,
        drawing,
        car=car,
        clearance_m=clearance_m,
        dead_end_m=dead_end_m,
        turning_places=np.concatenate([polygons(turning_places), drawing.turning]),
    )
    return in_order(faults)
