"""Stalls on the carriageway of internal roads, where enough of it remains for those who drive through.

The figures are those that planners quote for kerb stalls (GA/T 850, rows ``kerb_2w_n`` … of the national pack). Their
wording was not seen, so the pack keeps them disabled, and they act here as this tool's defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from plan.messages import Message
from plan.parking.kerbs import Run, straight
from plan.parking.roads import Road
from plan.parking.stalls import StallSpec
from plan.rules import RulePack
from plan.rules.kinds import Figure

__all__ = ["OnStreet", "on_street_figures", "street_rows", "why_not_on_street"]

_STEP_M: Final = 0.05
_JOG_M: Final = 3.0  # over which the lane bends around a row
_BEFORE_M: Final = 1.0  # before the first and behind the last stall it is straight again
_SAME_M: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class OnStreet:
    """From which width of the carriageway stalls may stand on it, and how far from junctions; in metres.

    Parameters
    ----------
    two_way_one_side_m, two_way_both_sides_m : float
        Of a road driven in both directions: below the first none, from the second on both sides.
    one_way_one_side_m, one_way_both_sides_m : float
        The same of a road driven in one direction.
    junction_m : float, default 15.0
        From a junction. The figure for city streets (50 m) would leave nothing inside an estate; this tool's default.
    length_m, width_m : float
        Of a stall.
    """

    two_way_one_side_m: float = 8.0
    two_way_both_sides_m: float = 12.0
    one_way_one_side_m: float = 6.0
    one_way_both_sides_m: float = 9.0
    junction_m: float = 15.0
    length_m: float = 6.0
    width_m: float = 2.5


def on_street_figures(pack: RulePack | None) -> OnStreet:
    """Read the figures for stalls on carriageways from a pack, those that it has enabled; defaults for the others."""
    found = OnStreet()
    if pack is None:
        return found
    named = {
        rule.kind.name: rule.kind for rule in pack.rules if rule.enabled and isinstance(rule.kind, Figure)
    }
    names = {
        "kerb_2w_n": "two_way_one_side_m",
        "kerb_2w_2": "two_way_both_sides_m",
        "kerb_1w_n": "one_way_one_side_m",
        "kerb_1w_2": "one_way_both_sides_m",
        "kerb_junc": "junction_m",
    }
    given: dict[str, float] = {}
    for name, field in names.items():
        if name in named and named[name].value is not None:
            given[field] = float(named[name].value or 0.0)
    if "kerb_stall" in named and len(named["kerb_stall"].values) == 2:  # noqa: PLR2004 - length and width
        given["length_m"], given["width_m"] = named["kerb_stall"].values
    return replace(found, **given)


def why_not_on_street(
    road: Road, figures: OnStreet, *, fire: BaseGeometry, spec: StallSpec
) -> Message | None:
    """Say why no stall stands on a road, or None where one may."""
    least = figures.two_way_one_side_m if road.two_way else figures.one_way_one_side_m
    if road.width_m < least:
        direction = Message("stalls.two_way" if road.two_way else "stalls.one_way")
        return Message("stalls.street_narrow", direction=direction, least=f"{least:g}")
    remains = spec.two_way_m if road.two_way else spec.lane_m
    if road.width_m - figures.width_m < remains:
        return Message(
            "stalls.street_remains", remains=f"{road.width_m - figures.width_m:.1f}", least=f"{remains:g}"
        )
    kerb = road.ground.difference(road.line.buffer(road.width_m / 2 - figures.width_m, cap_style="flat"))
    if kerb.difference(fire).area < figures.length_m * figures.width_m:
        return Message("stalls.street_fire")
    return None


def street_rows(
    road: Road,
    figures: OnStreet,
    *,
    no_stall: BaseGeometry,
    fire: BaseGeometry,
    junctions: Iterable[BaseGeometry],
    spec: StallSpec,
) -> tuple[tuple[Run, ...], tuple[dict[str, Any], ...]]:
    """Place parallel stalls on the carriageway of a road.

    Parameters
    ----------
    road : Road
        The road.
    figures : OnStreet
        Widths and distances.
    no_stall : shapely geometry
        What must stay free: fire lanes, doors, footpaths, gates of lots, stalls that stand.
    fire : shapely geometry
        The fire lanes.
    junctions : iterable of shapely geometry
        Points from which stalls keep away.
    spec : StallSpec
        What must remain of the carriageway.

    Returns
    -------
    tuple of Run, tuple of dict
        The stretches with their stalls, and their aisles: what remains of the carriageway.
    """
    if why_not_on_street(road, figures, fire=fire, spec=spec) is not None:
        return (), ()
    both = figures.two_way_both_sides_m if road.two_way else figures.one_way_both_sides_m
    remains = spec.two_way_m if road.two_way else spec.lane_m
    sides = (1, -1) if road.width_m > both and road.width_m - 2 * figures.width_m >= remains else (-1,)
    away = shapely.union_all(list(junctions)).buffer(figures.junction_m)
    barred = shapely.union_all([no_stall, away])
    runs, aisles = [], []
    for run in straight(road):
        stalls = [stall for side in sides for stall in _along(run, side, figures, barred)]
        left = road.width_m - figures.width_m * len(sides)
        shift = 0.0 if len(sides) > 1 else figures.width_m / 2  # what remains lies on the other side
        runs.append(replace(run, width_m=left if stalls else road.width_m, stalls=tuple(stalls)))
        if stalls:
            low, high = min(s["start"] for s in stalls), max(s["end"] for s in stalls)
            line = _bent(run.line, low, high, shift)
            aisles.append(
                {"direction": "two_way" if road.two_way else "one_way", "width_m": left, "geometry": line}
            )
        else:
            direction = "two_way" if road.two_way else "one_way"
            aisles.append({"direction": direction, "width_m": road.width_m, "geometry": run.line})
    return tuple(runs), tuple(aisles)


def _along(run: Run, side: int, figures: OnStreet, barred: BaseGeometry) -> list[dict[str, Any]]:
    start, end = np.array(run.line.coords[0][:2]), np.array(run.line.coords[-1][:2])
    length = run.line.length
    along = (end - start) / length
    across = np.array([-along[1], along[0]]) * side
    outer, inner = run.road.width_m / 2, run.road.width_m / 2 - figures.width_m
    found = []
    position = 0.0
    here = barred.intersection(run.line.buffer(outer + 1.0))
    shapely.prepare(here)
    while position + figures.length_m <= length + 1e-9:
        a, b = start + along * position, start + along * (position + figures.length_m)
        shape = Polygon([a + across * inner, b + across * inner, b + across * outer, a + across * outer])
        if here.intersects(shape):
            position += _STEP_M
            continue
        found.append(
            {
                "kind": "parallel",
                "angle_deg": 0.0,
                "front_in": False,
                "start": position,
                "end": position + figures.length_m,
                "geometry": shape,
            }
        )
        position += figures.length_m
    return found


def _bent(line: LineString, low: float, high: float, shift: float) -> LineString:
    """Return a line that gives way to the left of a row from `low` to `high` metres along it."""
    start, end = np.array(line.coords[0][:2]), np.array(line.coords[-1][:2])
    along = (end - start) / line.length
    left = np.array([-along[1], along[0]]) * shift
    first, last = max(low - _BEFORE_M, 0.0), min(high + _BEFORE_M, line.length)
    points = [
        start,
        start + along * max(first - _JOG_M, 0.0),
        start + along * first + left,
        start + along * last + left,
        start + along * min(last + _JOG_M, line.length),
        end,
    ]
    kept = [points[0]]
    for point in points[1:]:
        if np.hypot(*(point - kept[-1])) > _SAME_M:
            kept.append(point)
    return LineString(kept)
