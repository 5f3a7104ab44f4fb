"""A parking lot laid out: as many stalls as found, all reached from a gate and left again, with their bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.bounds import Bound, upper_bound
from plan.parking.drafts import Built, Clock, Searcher
from plan.parking.drawing import Shapes
from plan.parking.faults import Level, faultless
from plan.parking.filling import marked
from plan.parking.improve import search
from plan.parking.lines import Lane, Line
from plan.parking.lot import Ground, around, ground_of
from plan.parking.stalls import DESIGN_CAR, StallSpec
from plan.parking.verify import DEAD_END_M, verify
from plan.site import Placement, as_objects

__all__ = ["place_stalls"]

_OVERLAP_M: Final = 1e-3  # deeper ones are overlaps
_SQUARE: Final = 90.0
_REPAIRS: Final = 3  # times that stalls which are not proven are left out
_DOUBTS: Final = 0.2  # share of stalls beyond which the layout itself is at fault


def place_stalls(
    lot: Polygon,
    *,
    gates: Shapes,
    obstacles: Shapes = None,
    fire_lanes: Shapes = None,
    stall: StallSpec | None = None,
    angles_deg: Sequence[float] | None = (0, 30, 45, 60, 90),
    time_limit_s: float = 60.0,
    iterations: int | None = None,
    seed: int = 0,
    dead_end_m: float = DEAD_END_M,
    start: Placement | None = None,
) -> Placement:
    """Lay out the stalls and aisles of a lot: directions, kinds, rows and cross aisles are searched together.

    Parameters
    ----------
    lot : Polygon
        The lot in metres; holes are not part of it.
    gates : lines
        Openings on its edge through which cars come in and get out, as a frame, a series or a list.
    obstacles : polygons, optional
        What neither stall nor aisle may touch, with the room that it needs around it.
    fire_lanes : polygons, optional
        What may be driven on, but not stood on.
    stall : StallSpec, optional
        Dimensions by angle; those of the national pack when not given.
    angles_deg : sequence of float or None, default (0, 30, 45, 60, 90)
        Angles of stalls that are tried; those for which there are no dimensions are left out. None: every angle
        of the dimensions, and those between.
    time_limit_s : float, default 60
        When the search stops at the latest.
    iterations : int, optional
        Steps after which it stops; with it the same input and seed give the same layout.
    seed : int, default 0
        Of the search.
    dead_end_m : float, default 25
        Longest two-way dead end from where a car can turn, be it a junction of two-way aisles; where one is longer, a
        square stall at its end is given up for it. The default is this tool's own.
    start : Placement, optional
        An earlier layout, which is never fallen short of where it still stands.

    Returns
    -------
    Placement
        ``features`` with stall_id, kind, angle_deg, aisle_id and front_in; ``rejected`` with a reason; ``measures``
        with stalls, upper_bound, bound_is_proof, aisles (a frame: aisle_id, direction, width_m) and turning_places
        (ground on which cars turn at long dead ends: places kept free, and junctions at which a car bends into one
        arm and backs into another).

    Raises
    ------
    UsageError
        If the lot, a gate or an option cannot be used; the message names the cure.
    CrsError
        If a frame is in degrees.
    """
    if not (math.isfinite(time_limit_s) and time_limit_s > 0):
        raise UsageError(Message("layout.options", name="time_limit_s", limits="> 0", value=time_limit_s))
    if iterations is not None and iterations < 1:
        raise UsageError(Message("layout.options", name="iterations", limits=">= 1", value=iterations))
    spec = stall if stall is not None else StallSpec()
    clock = Clock(time_limit_s, iterations)
    ground = ground_of(lot, gates=gates, obstacles=obstacles, fire_lanes=fire_lanes)
    degrees = _angles(spec, angles_deg)
    empty = _hopeless(ground)
    if empty is not None:
        return _nothing(ground, spec, empty)
    bound = upper_bound(
        around(ground.lot),
        gates=gates,
        obstacles=obstacles,
        fire_lanes=fire_lanes,
        stall=spec,
        angles_deg=degrees,
    )

    def proven(placement: Placement) -> Placement | None:
        """Return a layout without the stalls that are not proven, if the rest of it is."""
        for _ in range(_REPAIRS):
            faults = verify(
                ground.lot,
                placement.features,
                placement.measures["aisles"],
                gates=gates,
                obstacles=obstacles,
                fire_lanes=fire_lanes,
                turning_places=placement.measures["turning_places"],
                stall=spec,
                dead_end_m=dead_end_m,
            )
            if faultless(faults):
                return placement if len(placement.features) else None
            told = [fault for fault in faults if fault.level is not Level.ADVISED]
            doubtful = {name for fault in told for name in fault.stalls}
            if (
                not all(fault.stalls for fault in told)
                or len(doubtful) > _DOUBTS * len(placement.features) + 2
            ):
                return None
            placement = _without(placement, doubtful)
        return None

    searcher = Searcher(
        ground,
        spec,
        degrees,
        between=angles_deg is None,
        dead_end_m=dead_end_m,
        seed=seed,
        clock=clock,
        proven=lambda built: proven(_placement(ground, built, bound)),
    )
    earlier = None if start is None or len(start.features) == 0 else _kept(ground, start, bound)
    earlier = None if earlier is None else proven(earlier)
    found = search(searcher, [] if earlier is None else [_lines_of(earlier)])
    if found is None or (earlier is not None and len(earlier.features) > len(found.features)):
        found = earlier
    return _nothing(ground, spec, Message("layout.no_way")) if found is None else found


def _without(placement: Placement, names: set[str]) -> Placement:
    """Return a layout without some stalls, which are among the rejected."""
    features = placement.features
    gone = features["stall_id"].isin(names)
    reasons = [*placement.rejected["reason"], *[Message("layout.not_proven")] * int(gone.sum())]
    shapes = [*placement.rejected.geometry, *features.geometry[gone]]
    kept = features[~gone].reset_index(drop=True)
    return Placement(
        features=kept,
        rejected=_rejected(reasons, shapes),
        measures={**placement.measures, "stalls": len(kept)},
    )


def _kept(ground: Ground, start: Placement, bound: Bound) -> Placement:
    """Return an earlier layout as far as it stands on the ground of today."""
    shapes = list(start.features.geometry)
    aisles = start.measures["aisles"]
    grounds = [
        line.buffer(width / 2, cap_style="flat")
        for line, width in zip(aisles.geometry, aisles["width_m"], strict=True)
    ]
    good = _exact(ground, shapes, grounds)
    features = start.features.iloc[good].reset_index(drop=True)
    measures = {
        **start.measures,
        "stalls": len(features),
        "upper_bound": bound.stalls,
        "bound_is_proof": bound.is_proof,
    }
    return Placement(features=features, rejected=_rejected([], []), measures=measures)


def _lines_of(placement: Placement) -> tuple[list[Line], list[float]]:
    """Return the lines of the aisles of a layout, and the angles of its stalls, to search on from."""
    aisles = placement.measures["aisles"]
    lines = []
    for line, width, direction in zip(aisles.geometry, aisles["width_m"], aisles["direction"], strict=True):
        (x1, y1), (x2, y2) = line.coords[0][:2], line.coords[-1][:2]
        if math.hypot(x2 - x1, y2 - y1) < 2 * _OVERLAP_M:
            continue
        lines.append(
            Line(
                x=(x1 + x2) / 2,
                y=(y1 + y2) / 2,
                angle=math.atan2(y2 - y1, x2 - x1),
                width=float(width),
                way=1 if direction == "one_way" else 0,
                everywhere=False,
                low=-math.hypot(x2 - x1, y2 - y1) / 2,
                high=math.hypot(x2 - x1, y2 - y1) / 2,
            )
        )
    known = {float(a) for a in placement.features["angle_deg"]}
    return lines, sorted(known, reverse=True)


def _angles(spec: StallSpec, angles_deg: Sequence[float] | None) -> list[float]:
    if angles_deg is None:
        return sorted({row.angle_deg for row in spec.rows}, reverse=True)
    known = []
    for angle in sorted(set(angles_deg), reverse=True):
        if not 0 <= angle <= _SQUARE:
            raise UsageError(Message("parking.angle", angle=angle))
        try:
            spec.row(angle)
        except UsageError:
            continue
        known.append(float(angle))
    if not known:
        raise UsageError(Message("parking.angle", angle=next(iter(angles_deg), "–")))
    return known


def _hopeless(ground: Ground) -> Message | None:
    """Return why no layout needs to be looked for, if so."""
    widest = float(
        np.hypot(ground.gates[:, 2] - ground.gates[:, 0], ground.gates[:, 3] - ground.gates[:, 1]).max()
    )
    clear = DESIGN_CAR.clear_width_m
    if widest < clear - _OVERLAP_M:
        return Message("layout.gate_narrow", width=f"{widest:.2f}", clear=f"{clear:g}")
    if ground.park.is_empty or not len(ground.park_edges):
        return Message("layout.no_room")
    return None


def _nothing(ground: Ground, spec: StallSpec, reason: Message) -> Placement:
    return Placement(
        features=_frame([], [], [], [], [], []),
        rejected=_rejected([reason], [ground.lot]),
        measures={
            "stalls": 0,
            "upper_bound": _area_bound(ground, spec),
            "bound_is_proof": True,
            "aisles": _aisles([], []),
            "turning_places": gpd.GeoDataFrame(geometry=[]),
        },
    )


def _placement(ground: Ground, built: Built, bound: Bound) -> Placement:
    lanes = built.filling.lanes
    names = [f"A{i}" for i in range(1, len(lanes) + 1)]
    kinds, angles, homes, fronts, shapes = [], [], [], [], []
    for row in built.filling.rows:
        if not len(row):
            continue
        for k, corners in zip(row.shapes, marked(lanes[row.lane], row, built.kinds), strict=True):
            kind = built.kinds.rows[k // 2]
            kinds.append(_kind(kind.angle_deg))
            angles.append(kind.angle_deg)
            homes.append(names[row.lane])
            fronts.append(kind.front_in)
            shapes.append(Polygon(corners))
    grounds = [LineString([(a.x1, a.y1), (a.x2, a.y2)]).buffer(a.width / 2, cap_style="flat") for a in lanes]
    good = _exact(ground, shapes, grounds)
    bad = [i for i in range(len(shapes)) if i not in set(good)]
    features = _frame(
        [f"S{n}" for n in range(1, len(good) + 1)],
        [kinds[i] for i in good],
        [angles[i] for i in good],
        [homes[i] for i in good],
        [fronts[i] for i in good],
        [shapes[i] for i in good],
    )
    return Placement(
        features=features,
        rejected=_rejected([Message("layout.not_exact")] * len(bad), [shapes[i] for i in bad]),
        measures={
            "stalls": len(features),
            "upper_bound": bound.stalls,
            "bound_is_proof": bound.is_proof,
            "aisles": _aisles(lanes, names),
            "turning_places": gpd.GeoDataFrame(
                geometry=[shapely.MultiPoint(corners).convex_hull for corners in built.filling.turning]
            ),
        },
    )


def _rejected(reasons: list[Message], shapes: list[Polygon]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"reason": as_objects(reasons)}, geometry=shapes)


def _kind(angle_deg: float) -> str:
    if angle_deg == 0:
        return "parallel"
    return "perpendicular" if angle_deg == _SQUARE else "angled"


def _exact(ground: Ground, shapes: Sequence[Polygon], grounds: Sequence[Polygon]) -> list[int]:
    """Return the stalls that are free of each other, of aisles and of the edge, to the millimetre."""
    if not shapes:
        return []
    # What is pressed in by half a millimetre on each side and is then free overlaps by a millimetre at most.
    cores = shapely.buffer(np.array(shapes, dtype=object), -_OVERLAP_M / 2, join_style="mitre")
    shapely.prepare(ground.park)
    good = shapely.covers(ground.park, cores)
    tree = shapely.STRtree(cores)
    aisles = shapely.buffer(np.array(grounds, dtype=object), -_OVERLAP_M / 2, join_style="mitre")
    for _, i in zip(*tree.query(aisles, predicate="intersects"), strict=True):
        good[i] = False
    kept: list[int] = []
    pairs: dict[int, list[int]] = {}
    for i, j in zip(*tree.query(cores, predicate="intersects"), strict=True):
        pairs.setdefault(int(i), []).append(int(j))
    taken: set[int] = set()
    for i in range(len(shapes)):
        if good[i] and not any(j in taken for j in pairs.get(i, []) if j != i):
            kept.append(i)
            taken.add(i)
    return kept


def _frame(
    ids: list[str],
    kinds: list[str],
    angles: list[float],
    homes: list[str],
    fronts: list[bool],
    shapes: list[Polygon],
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"stall_id": ids, "kind": kinds, "angle_deg": angles, "aisle_id": homes, "front_in": fronts},
        geometry=shapes,
    )


def _aisles(lanes: Sequence[Lane], names: Sequence[str]) -> gpd.GeoDataFrame:
    lines = []
    for lane in lanes:
        ends = [(lane.x1, lane.y1), (lane.x2, lane.y2)]
        lines.append(LineString(ends[::-1] if lane.way < 0 else ends))
    return gpd.GeoDataFrame(
        {
            "aisle_id": list(names),
            "direction": ["one_way" if lane.way else "two_way" for lane in lanes],
            "width_m": [lane.width for lane in lanes],
        },
        geometry=lines,
    )


def _area_bound(ground: Ground, spec: StallSpec) -> int:
    """Return a proven bound: no two stalls share ground, and each takes its own area."""
    smallest = min(row.width_m * row.length_m for row in spec.rows)
    return math.floor(float(ground.park.area) / smallest + 1e-9)
