"""The lot and what stands on it: stalls and aisles against its edge, its gates, obstacles, fire lanes and doors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.parking.drawing import TOUCH_M, Drawing, Shapes, polygons, shapes_in
from plan.parking.faults import Fault, FaultKind
from plan.parking.overlaps import outside, overlapping
from plan.parking.stalls import StallRow, StallSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Lot", "aisle_width_faults", "dimension_faults", "ground_faults", "read_lot", "sides_m"]

# A gate and the edge that it is drawn on differ by some millimetres where coordinates were rounded.
_GATE_M: Final = 0.01
_APRON_M: Final = 6.0  # of the street outside a gate: as far as a car in its gate reaches


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lot:
    """The ground and what stands on it; polygons one by one."""

    ground: BaseGeometry
    gates: NDArray[np.object_]  # those that can be used
    apron: BaseGeometry  # the street outside the gates
    obstacles: NDArray[np.object_]
    fire_lanes: NDArray[np.object_]
    clear_spaces: NDArray[np.object_]


def read_lot(
    ground: BaseGeometry,
    *,
    gates: Shapes,
    obstacles: Shapes,
    fire_lanes: Shapes,
    clear_spaces: Shapes,
    clear_width_m: float,
) -> tuple[Lot, list[Fault]]:
    """Read a lot; see :func:`plan.parking.verify.verify`. The faults are those of its gates."""
    drawn = shapely.get_parts(shapes_in(gates))
    fits = (
        (shapely.get_type_id(drawn) == shapely.GeometryType.LINESTRING)
        & shapely.covers(shapely.buffer(shapely.boundary(ground), _GATE_M), drawn)
        & (shapely.length(drawn) > clear_width_m - TOUCH_M)
    )
    faults = [
        Fault(
            kind=FaultKind.GATE_UNUSABLE,
            geometry=gate,
            measured_m=round(float(gate.length), 4),
            required_m=clear_width_m,
        )
        for gate in drawn[~fits]
    ]
    if not fits.any():
        faults.append(Fault(kind=FaultKind.NO_GATE, geometry=ground))
    strips = shapely.union_all(shapely.buffer(drawn[fits], _APRON_M, cap_style="flat"))
    lot = Lot(
        ground=ground,
        gates=drawn[fits],
        # A little of the lot belongs to it, so that a gate drawn just inside the edge closes nothing.
        apron=shapely.difference(strips, shapely.buffer(ground, -2 * _GATE_M)),
        obstacles=polygons(obstacles),
        fire_lanes=polygons(fire_lanes),
        clear_spaces=polygons(clear_spaces),
    )
    return lot, faults


def ground_faults(lot: Lot, drawing: Drawing) -> Iterator[Fault]:
    """Find stalls and aisles that stand where they may not, to the millimetre."""
    names, stalls = drawing.ids, drawing.stalls
    aisles = tuple(aisle.id for aisle in drawing.aisles)
    grounds = np.array([aisle.ground for aisle in drawing.aisles], dtype=object)
    for i, j, depth, both in overlapping(stalls):
        pair = (min(names[i], names[j]), max(names[i], names[j]))
        yield _fault(FaultKind.STALLS_OVERLAP, depth, both, stalls=pair)
    for i, depth, beyond in outside(stalls, lot.ground):
        yield _fault(FaultKind.STALL_OUTSIDE, depth, beyond, stalls=(names[i],))
    for kind, others in (
        (FaultKind.STALL_ON_OBSTACLE, lot.obstacles),
        (FaultKind.STALL_IN_FIRE_LANE, lot.fire_lanes),
        (FaultKind.STALL_IN_CLEAR_SPACE, lot.clear_spaces),
    ):
        for i, depth, both in _deepest(stalls, others):
            yield _fault(kind, depth, both, stalls=(names[i],))
    for i, j, depth, both in overlapping(stalls, grounds):
        yield _fault(FaultKind.STALL_IN_AISLE, depth, both, stalls=(names[i],), aisles=(aisles[j],))
    for j, depth, beyond in outside(grounds, shapely.union(lot.ground, lot.apron)):
        yield _fault(FaultKind.AISLE_OUTSIDE, depth, beyond, aisles=(aisles[j],))
    for j, depth, both in _deepest(grounds, lot.obstacles):
        yield _fault(FaultKind.AISLE_ON_OBSTACLE, depth, both, aisles=(aisles[j],))


def dimension_faults(drawing: Drawing, spec: StallSpec) -> Iterator[Fault]:
    """Find stalls smaller than the row of their angle, or than every row where no angle is written."""
    sides = sides_m(drawing.stalls).tolist()
    rows = zip(drawing.ids, drawing.stalls, drawing.angles_deg, sides, strict=True)
    for name, shape, angle, (width, length) in rows:
        short = [(max(row.width_m - width, row.length_m - length), row) for row in _rows(spec, float(angle))]
        wanting, row = min(short, key=lambda item: item[0])
        if wanting > TOUCH_M:
            narrow = row.width_m - width >= row.length_m - length
            yield Fault(
                kind=FaultKind.STALL_SMALL,
                stalls=(name,),
                geometry=shape,
                measured_m=round(width if narrow else length, 4),
                required_m=row.width_m if narrow else row.length_m,
            )


def aisle_width_faults(drawing: Drawing, spec: StallSpec) -> Iterator[Fault]:
    """Find aisles narrower than their direction asks for: two-way ones, and those without room for any row."""
    least = min(spec.lane_m, *(row.aisle_m for row in spec.rows))
    for aisle in drawing.aisles:
        wanted = least if aisle.one_way else spec.two_way_m
        if aisle.line is not None and wanted - aisle.width_m > TOUCH_M:
            yield Fault(
                kind=FaultKind.AISLE_NARROW,
                aisles=(aisle.id,),
                geometry=aisle.line,
                measured_m=round(aisle.width_m, 4),
                required_m=wanted,
            )


def sides_m(stalls: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the short and the long side of the smallest rectangle around each stall, shape (n, 2)."""
    around, stall = shapely.get_coordinates(shapely.minimum_rotated_rectangle(stalls), return_index=True)
    corner = np.searchsorted(stall, np.arange(len(stalls)))
    sides = [np.hypot(*(around[corner + k + 1] - around[corner + k]).T) for k in (0, 1)]
    return np.sort(np.column_stack(sides), axis=1)


def _rows(spec: StallSpec, angle_deg: float) -> tuple[StallRow, ...]:
    if math.isnan(angle_deg):
        return spec.rows
    try:
        return (spec.row(angle_deg),)
    except UsageError:  # nothing is known of this angle
        return spec.rows


def _fault(
    kind: FaultKind,
    depth: float,
    where: BaseGeometry,
    *,
    stalls: tuple[str, ...] = (),
    aisles: tuple[str, ...] = (),
) -> Fault:
    return Fault(kind=kind, stalls=stalls, aisles=aisles, geometry=where, measured_m=depth, required_m=0.0)


def _deepest(
    shapes: NDArray[np.object_], others: NDArray[np.object_]
) -> Iterator[tuple[int, float, BaseGeometry]]:
    """Tell of each shape how deep it reaches into any of the others, and all the ground that it has of theirs."""
    found: dict[int, tuple[float, list[BaseGeometry]]] = {}
    for i, _, depth, both in overlapping(shapes, others):
        deepest, where = found.get(i, (0.0, []))
        found[i] = (max(deepest, depth), [*where, both])
    for i, (depth, where) in found.items():
        yield i, depth, shapely.union_all(where)
