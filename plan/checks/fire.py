"""Measures of fire lanes as they are written: how wide, how high, how far from the buildings."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import shapely

from plan.checks.amounts import TOLERANCE, Gap, column_gap, gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, every, numbers
from plan.findings import Finding
from plan.rules import Rule
from plan.rules.kinds import FireLaneHeight, FireLaneToFacade, FireLaneWidth

__all__ = ["fire_lane_height", "fire_lane_to_facade", "fire_lane_width"]

_NO_LANES = gap("missing_data", "no_layer", layer="fire_lanes", zh="消防车道")


def fire_lane_width(facts: Facts, rule: Rule) -> Finding:
    """Compare the width of every fire lane with the width asked for."""
    return _figures(facts, rule, "width_m", numbers(rule, FireLaneWidth).minimum_m, remedy="lane_narrow")


def fire_lane_height(facts: Facts, rule: Rule) -> Finding:
    """Compare the clear height over every fire lane with the height asked for."""
    return _figures(facts, rule, "height_m", numbers(rule, FireLaneHeight).minimum_m, remedy="lane_low")


def _figures(facts: Facts, rule: Rule, column: str, minimum_m: float, *, remedy: str) -> Finding:
    if missing := facts.has("fire_lanes", column):
        return cannot_tell(rule, missing, required=minimum_m, unit="m")
    lanes = facts.site.layers["fire_lanes"]
    judged: dict[str, bool | Gap] = {
        lane: column_gap("fire_lanes", column, (lane,))
        if pd.isna(figure)
        else bool(figure + TOLERANCE >= minimum_m)
        for lane, figure in zip(lanes["lane_id"], lanes[column], strict=True)
    }
    return every(
        rule,
        judged,
        nothing=_NO_LANES,
        remedy=remedy,
        measured=None if lanes[column].isna().all() else float(lanes[column].min()),
        required=minimum_m,
        unit="m",
        geometry=facts.where("fire_lanes", [i for i, v in judged.items() if v is not True] or judged),
    )


def fire_lane_to_facade(facts: Facts, rule: Rule) -> Finding:
    """Measure from the edge of every fire lane to the nearest building."""
    kind = numbers(rule, FireLaneToFacade)
    if missing := facts.has("fire_lanes") or facts.has("buildings"):
        return cannot_tell(rule, missing, required=kind.minimum_m, unit="m")
    distances = _distances(facts)
    undrawn = tuple(
        str(i) for i in facts.site.layers["buildings"]["building_id"] if i not in facts.drawn("buildings")
    )

    def kept(low: float, high: float, why: Gap | None) -> bool | Gap:
        if high + TOLERANCE < kind.minimum_m:
            return False
        if low + TOLERANCE < kind.minimum_m and why is not None:
            return why
        if undrawn:
            return gap("missing_data", "no_shape", layer="buildings", ids=undrawn[:10], count=len(undrawn))
        return True

    judged = {lane: kept(*found) for lane, found in distances.items()}
    shown = [i for i, v in judged.items() if v is not True] or list(judged)
    known = [high for _, high, _ in distances.values() if math.isfinite(high)]
    return every(
        rule,
        judged,
        nothing=_NO_LANES,
        remedy="lane_near_facade",
        measured=min(known, default=None),
        required=kind.minimum_m,
        unit="m",
        geometry=facts.where("fire_lanes", shown),
    )


def _distances(facts: Facts) -> dict[str, tuple[float, float, Gap | None]]:
    """Return for each lane the least and the greatest metres to a building that are possible, and why they differ.

    The edge of a lane drawn as a line is half its width away from it. The walls of a mended building
    stand somewhere within its extent.
    """
    lanes = facts.site.layers["fire_lanes"]
    mended = facts.site.repaired("buildings")
    mended_lanes = facts.site.repaired("fire_lanes")
    drawn = facts.drawn("buildings")
    sound = np.array([s for i, s in drawn.items() if i not in mended], dtype=object)
    extents = {i: shapely.envelope(s) for i, s in drawn.items() if i in mended}
    widths = lanes["width_m"] if "width_m" in lanes.columns else pd.Series(np.nan, index=lanes.index)
    found: dict[str, tuple[float, float, Gap | None]] = {}
    for lane, shape, width in zip(lanes["lane_id"], lanes.geometry, widths, strict=True):
        if shape is None or shape.is_empty:
            found[lane] = (
                0.0,
                math.inf,
                gap("missing_data", "no_shape", layer="fire_lanes", ids=(lane,), count=1),
            )
            continue
        line = shape.geom_type in ("LineString", "MultiLineString")
        half = float(width) / 2 if line else 0.0
        middle = float(shapely.distance(shape, sound).min()) if len(sound) else math.inf
        if lane in mended_lanes:
            found[lane] = (0.0, math.inf, repaired_gap("fire_lanes", (lane,)))
        elif math.isnan(half):
            found[lane] = (0.0, middle, column_gap("fire_lanes", "width_m", (lane,)))
        else:
            high = max(middle - half, 0.0)
            close = {i: max(float(shapely.distance(e, shape)) - half, 0.0) for i, e in extents.items()}
            low = min(high, *close.values()) if close else high
            ids = tuple(i for i, d in close.items() if d < high)
            found[lane] = (low, high, repaired_gap("buildings", ids) if ids else None)
    return found
