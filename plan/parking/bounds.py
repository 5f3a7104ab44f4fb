"""How many stalls a lot can hold at most: one figure that is a proof, and one that is a rule of thumb."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

import numpy as np
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.stalls import DESIGN_CAR, StallRow, StallSpec

__all__ = ["Bound", "practical_bound", "upper_bound"]

_PARALLEL: Final = 0.0
# Segments for a quarter of a circle. A polygon in a circle is this much smaller, which always goes to the side
# that keeps a bound true.
_ARCS: Final = 32
_SWELL: Final = 1.0 / math.cos(math.pi / (4 * _ARCS)) + 1e-6
# Metres between the places at which a disc touches a stall; what lies between them is covered by a margin.
_STEP_M: Final = 0.02
# Depths into a stall, as shares of its longer side, at which the argument is tried. Any of them gives a bound.
_SHARES: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """No layout has more stalls than this.

    Parameters
    ----------
    stalls : int
        The bound.
    is_proof : bool
        Whether it holds for every layout that `why` describes, or is a rule of thumb.
    why : Message
        What the bound rests on, with its figures.
    ground_m2 : float
        Ground that a stall or a way can take at all.
    m2_per_stall : float
        Ground that each stall takes at least: its own, and its part of the ways.
    """

    stalls: int
    is_proof: bool
    why: Message
    ground_m2: float
    m2_per_stall: float


def upper_bound(
    lot: Polygon,
    *,
    obstacles: object = None,
    fire_lanes: object = None,
    gates: object = None,
    stall: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
    clear_width_m: float = DESIGN_CAR.clear_width_m,
) -> Bound:
    """Return a proven bound on the stalls of a lot, whatever their angles, rows and aisles.

    Let F be the lot without its obstacles. It is proven for every set of stalls, turned as they like, that

    1. are rectangles of the size that the spec gives for one of the angles, in F, off the fire lanes, and do
       not overlap, and
    2. are reached: a disc of the clear width 2 r can be moved, on F and off every stall, from a place where its
       centre is on a gate until it touches the front of the stall (the short side; of a parallel stall the
       long side). Outside, before a gate, it may leave F.

    *Proof.* Let E be the places of the centre of such discs, and of those that come straight to them from
    outside; V(s) the area of all points within s of E. The discs lie off the stalls and, but for a strip of
    2 r before each gate, in F, so that with n stalls of area w l the ground is at least n w l + V(r) - strips.

    Let a(x) be the least area of a stall within r + x of the centre of a disc that touches its front. The
    stalls lie off V(r) and do not overlap: n a(x) <= V(r + x) - V(r).

    The perimeter V' of the points within s of E grows at no more than 2 pi N if E has N parts (turning of the
    boundary; corners that point inward and parts that meet only make it less), so that V(s) - N pi s^2 is
    concave; at s = 0 it is not negative. Hence V(r + x) - V(r) <= (x / r) V(r) + N pi x (r + x), that is
    V(r) >= (r / x) n a(x) - N pi r (r + x). Each gate joins what comes in through it, so that N is at most the number
    of gates.

    With any N, V(s) / s^2 never grows: n a(x) <= ((1 + x / r)^2 - 1) V(r). This is used, too, and alone (with
    discs that stay in F) where no gates are given.

    The bound is the largest n for which neither is broken for any of some depths x, n w l is no more than the
    ground that a stall can cover, and V(r) no more than the ground that the disc can cover. A stall covers no
    point that is farther than (sqrt 2 - 1) w / 2 from all discs of its width w in F, nor one farther from
    the disc's ground than its own diagonal. Circles are polygons on the safe side.

    Parameters
    ----------
    lot : Polygon
        In metres; holes allowed.
    obstacles, fire_lanes : GeoDataFrame, GeoSeries or iterable of Polygon, optional
        What neither stall nor way may touch, and what no stall may touch.
    gates : GeoDataFrame, GeoSeries or iterable of LineString, optional
        Openings in the lot's edge. Without them the bound is true for any number of gates, and weaker.
    stall : StallSpec, optional
        Sizes by angle; those of the national pack when not given.
    angles_deg : sequence of float, default (0, 30, 45, 60, 90)
        Angles whose stalls may be used.
    clear_width_m : float, default 2.8
        Of a drivable way. The wider it has to be, the lower is the bound.

    Returns
    -------
    Bound
        With `is_proof` true.

    Raises
    ------
    UsageError
        If the clear width is not positive and finite, or the spec has no stall of an angle.

    References
    ----------
    B. Sz.-Nagy, Über Parallelmengen nichtkonvexer ebener Bereiche, Acta Sci. Math. Szeged 20 (1959) 36-47.
    M. Kneser, Über den Rand von Parallelkörpern, Math. Nachr. 5 (1951) 241-251.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> upper_bound(box(0, 0, 5, 5)).stalls
    1
    """
    if not (math.isfinite(clear_width_m) and clear_width_m > 0):
        raise UsageError(Message("bounds.clear_width"))
    rows = _rows(stall or StallSpec(), angles_deg)
    radius = clear_width_m / 2
    openings = [g for g in _shapes(gates) if g.length > 0]
    ground = lot.difference(shapely.union_all(_shapes(obstacles)))
    driven = _driven(ground, radius, openings)
    parked = _parked(ground.difference(shapely.union_all(_shapes(fire_lanes))), driven, rows)
    # A disc on a straight piece of a gate reaches its radius beyond either end.
    strip_m2 = sum(2 * radius * (g.length + 2 * radius * (len(g.coords) - 1)) for g in openings)
    used_m2 = parked.union(driven).area
    own_m2 = min(row.width_m * row.length_m for row in rows)

    limits = [(parked.area / own_m2, own_m2)]
    for share in _SHARES:
        depth = share * max(row.length_m for row in rows)
        near = [_near_m2(row, radius, depth) for row in rows]
        cases = [((1 + depth / radius) ** 2 - 1, strip_m2)]
        if openings:
            parts_m2 = len(openings) * math.pi * radius * (radius + depth)
            cases.append((depth / radius, strip_m2 + parts_m2))
        for growth, spare_m2 in cases:
            # A mix of stalls takes no less than its cheapest kind, of either ground.
            way_m2 = min(near) / growth
            each_m2 = min(r.width_m * r.length_m + a / growth for r, a in zip(rows, near, strict=True))
            limits.append(((used_m2 + spare_m2) / each_m2, each_m2))
            if way_m2 > 0:
                limits.append(((driven.area + spare_m2) / way_m2, each_m2))
    stalls, m2_per_stall = min(limits)
    return Bound(
        # A figure that is whole loses no stall to its last digit.
        stalls=max(0, math.floor(stalls + 1e-6)),
        is_proof=True,
        why=Message(
            "bounds.proof",
            ground_m2=f"{used_m2:.0f}",
            stall_m2=f"{own_m2:.2f}",
            m2=f"{m2_per_stall:.2f}",
            clear_m=f"{clear_width_m:g}",
        ),
        ground_m2=used_m2,
        m2_per_stall=m2_per_stall,
    )


def practical_bound(
    lot: Polygon,
    *,
    obstacles: object = None,
    fire_lanes: object = None,
    stall: StallSpec | None = None,
    angles_deg: Sequence[float] = (0, 30, 45, 60, 90),
) -> Bound:
    """Return what a lot would hold if its ground were part of an endless lot of the best angle.

    Ground that no stall and no way can take is left out. No proof: a dead end at a wall, without a way of its
    own, can beat it by a stall or two.

    Parameters
    ----------
    lot, obstacles, fire_lanes, stall, angles_deg
        As in :func:`upper_bound`.

    Returns
    -------
    Bound
        With `is_proof` false.

    Raises
    ------
    UsageError
        If the spec has no stall of an angle.
    """
    rows = _rows(stall or StallSpec(), angles_deg)
    ground = lot.difference(shapely.union_all(_shapes(obstacles)))
    driven = _driven(ground, DESIGN_CAR.clear_width_m / 2, [])
    parked = _parked(ground.difference(shapely.union_all(_shapes(fire_lanes))), driven, rows)
    used_m2 = parked.union(driven).area
    best = min(rows, key=_endless_m2)
    return Bound(
        stalls=math.floor(used_m2 / _endless_m2(best) + 1e-6),
        is_proof=False,
        why=Message(
            "bounds.practical",
            ground_m2=f"{used_m2:.0f}",
            m2=f"{_endless_m2(best):.2f}",
            angle=f"{best.angle_deg:g}",
        ),
        ground_m2=used_m2,
        m2_per_stall=_endless_m2(best),
    )


def _rows(stall: StallSpec, angles_deg: Sequence[float]) -> list[StallRow]:
    rows = [stall.row(angle) for angle in sorted(set(angles_deg))]
    if not rows:
        raise UsageError(Message("bounds.no_angle"))
    return rows


def _endless_m2(row: StallRow) -> float:
    return row.pitch_m * (2 * row.depth_to_interlock_m + row.aisle_m) / 2


def _shapes(given: object) -> list[BaseGeometry]:
    """Return geometries of a frame, a series or a list."""
    if given is None:
        return []
    if isinstance(given, BaseGeometry):
        return [given]
    found = cast("Iterable[BaseGeometry]", getattr(given, "geometry", given))
    return [shape for shape in found if shape is not None and not shape.is_empty]


def _swept(ground: BaseGeometry, radius_m: float, reach_m: float) -> BaseGeometry:
    """Return what lies within reach of the centres of the discs that fit; rather more than less.

    Shapely's inner offset has polygons in its circles, so that it keeps more; the outer one is swelled.
    """
    return (
        ground.buffer(-radius_m, quad_segs=_ARCS)
        .buffer(reach_m * _SWELL, quad_segs=_ARCS)
        .intersection(ground)
    )


def _driven(ground: BaseGeometry, radius_m: float, gates: Sequence[BaseGeometry]) -> BaseGeometry:
    """Return what the disc can cover at all; at a gate it may be half outside."""
    doors = [gate.buffer(2 * radius_m * _SWELL, quad_segs=_ARCS).intersection(ground) for gate in gates]
    return shapely.union_all([_swept(ground, radius_m, radius_m), *doors])


def _parked(ground: BaseGeometry, driven: BaseGeometry, rows: Sequence[StallRow]) -> BaseGeometry:
    """Return what a stall can cover at all."""
    half = min(min(row.width_m, row.length_m) for row in rows) / 2
    reach = max(math.hypot(row.width_m, row.length_m) for row in rows)
    # Every point of a rectangle is this near to the centre of a disc as wide as its shorter side.
    covered = _swept(ground, half, math.sqrt(2) * half)
    return covered.intersection(driven.buffer(reach * _SWELL, quad_segs=_ARCS))


@cache
def _near_m2(row: StallRow, radius_m: float, depth_m: float) -> float:
    """Return the least area of a stall within radius + depth of the centre of a disc that touches its front."""
    front, back = row.width_m, row.length_m
    if row.angle_deg == _PARALLEL:
        front, back = back, front
    # The disc touches the front from its middle to a corner, or the corner from straight on to sideways: the
    # other half is the mirror image.
    along = np.arange(front / 2, front + _STEP_M, _STEP_M).clip(max=front)
    turn = np.arange(0.0, math.pi / 2, _STEP_M / radius_m)
    x = np.concatenate([along, front + radius_m * np.sin(turn), [front + radius_m]])
    y = np.concatenate([np.full_like(along, -radius_m), -radius_m * np.cos(turn), [0.0]])
    discs = shapely.buffer(shapely.points(x, y), radius_m + depth_m, quad_segs=_ARCS)
    least = float(shapely.area(shapely.intersection(discs, box(0.0, 0.0, front, back))).min())
    # Between two places the area changes by no more than the step times the longest line in the stall.
    return max(0.0, least - _STEP_M / 2 * math.hypot(front, back))
