"""Measures of stalls on the ground: clear of fire lanes, of each other and of buildings, and of what size.

Stalls of a garage below the ground lie on another level and are not looked at. A millimetre counts; what touches
is allowed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.checks.amounts import Gap, column_gap, gap, layer_gap, repaired_gap
from plan.checks.facts import Facts
from plan.checks.verdicts import cannot_tell, every, numbers
from plan.findings import Finding
from plan.parking.ground import sides_m
from plan.parking.overlaps import outside, overlapping
from plan.rules import Rule
from plan.rules.kinds import StallsApart, StallSize, StallsOffFireLanes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = ["lane_ground", "stall_size", "stalls_apart", "stalls_off_fire_lanes"]

_MILLIMETRE: Final = 1e-3
_PARALLEL: Final = ("parallel", "平行", "平行式", "平行停车", "平行式停车")


def stalls_off_fire_lanes(facts: Facts, rule: Rule) -> Finding:
    """Tell which stalls reach into a fire lane, and how deep the deepest does."""
    numbers(rule, StallsOffFireLanes)
    missing = facts.has("stalls") or facts.has("fire_lanes", "width_m") or _empty(facts, "fire_lanes")
    if missing:
        return cannot_tell(rule, missing, required=0.0, unit="m")
    stalls = facts.surface_stalls
    grounds, vague = lane_ground(facts)
    shapes = stalls.geometry.to_numpy()
    depth = np.zeros(len(stalls))
    for i, _, metres, _ in overlapping(shapes, grounds):
        depth[i] = max(depth[i], metres)
    judged = _judged(facts, stalls, broken=depth > 0)
    for name, shape in zip(stalls["stall_id"], stalls.geometry, strict=True):
        if judged[name] is True:
            judged[name] = next(
                (why for extent, why in vague if extent is None or _meets(extent, shape)), True
            )
    return _verdict(facts, rule, judged, remedy="stall_in_fire_lane", measured=float(depth.max(initial=0.0)))


def stalls_apart(facts: Facts, rule: Rule) -> Finding:
    """Tell which stalls reach into another stall or a building, or leave the site."""
    numbers(rule, StallsApart)
    needed = ("stalls", "buildings", "parcels")
    missing = next((g for layer in needed if (g := facts.has(layer) or _empty(facts, layer))), None)
    if missing:
        return cannot_tell(rule, missing, required=0.0, unit="m")
    stalls = facts.surface_stalls
    shapes = stalls.geometry.to_numpy()
    doubted = facts.site.repaired("stalls")
    depth, vague = _among_themselves(shapes, np.array([i in doubted for i in stalls["stall_id"]], dtype=bool))
    houses, extents = _sound(facts, "buildings")
    for i, _, metres, _ in overlapping(shapes, houses):
        depth[i] = max(depth[i], metres)
    plots, plot_extents = _sound(facts, "parcels")
    for i, metres, _ in outside(shapes, shapely.union_all([*plots, *plot_extents.values()])):
        depth[i] = max(depth[i], metres)
    judged = _judged(facts, stalls, broken=depth > 0)
    on_sound = shapely.covers(shapely.buffer(shapely.union_all(plots), _MILLIMETRE), shapes)
    undrawn = _undrawn(facts, "buildings") or _undrawn(facts, "parcels")
    for i, name in enumerate(stalls["stall_id"]):
        near = tuple(house for house, extent in extents.items() if _meets(extent, shapes[i]))
        why = undrawn
        if vague[i]:
            why = repaired_gap("stalls", tuple(doubted))
        elif near:
            why = repaired_gap("buildings", near)
        elif plot_extents and not on_sound[i]:
            why = repaired_gap("parcels", tuple(plot_extents))
        if judged[name] is True and why is not None:
            judged[name] = why
    return _verdict(facts, rule, judged, remedy="stall_not_apart", measured=float(depth.max(initial=0.0)))


def stall_size(facts: Facts, rule: Rule) -> Finding:
    """Compare the sides of every stall with those of a stall that a car fits in."""
    kind = numbers(rule, StallSize)
    if missing := facts.has("stalls"):
        return cannot_tell(rule, missing, unit="m")
    stalls = facts.surface_stalls
    mended = facts.site.repaired("stalls")
    judged: dict[str, bool | Gap] = {}
    worst: tuple[float, float | None, float] = (
        -math.inf,
        None,
        kind.width_m,
    )  # how much is missing at most, of what, and what was asked for
    all_sides = sides_m(stalls.geometry.to_numpy()).tolist()
    for name, (short, long), flat in zip(stalls["stall_id"], all_sides, _parallel(stalls), strict=True):
        sides = (short, long)
        square = _short(sides, (kind.width_m, kind.length_m))
        along = _short(sides, (kind.parallel_width_m, kind.parallel_length_m))
        fits = [one[0] < _MILLIMETRE for one in (square, along)]
        # Where nothing says how a stall lies, it is too small when it is too small either way.
        found = min(square, along) if flat is None else along if flat else square
        if name in mended:
            judged[name] = repaired_gap("stalls", (name,))
        elif flat is None and fits[0] != fits[1]:
            judged[name] = column_gap("stalls", "kind", (name,))
        else:
            judged[name] = found[0] < _MILLIMETRE
            worst = max(worst, found, key=lambda one: one[0])
    judged |= _without_shape(facts)
    return _verdict(facts, rule, judged, remedy="stall_too_small", measured=worst[1], required=worst[2])


# --- parts ---------------------------------------------------------------------------------------


def lane_ground(facts: Facts) -> tuple[NDArray[np.object_], list[tuple[BaseGeometry | None, Gap]]]:
    """Return the ground of the fire lanes whose place is known, and for each other lane where it may lie and why.

    A lane drawn as a line is as wide as its ``width_m``. Where a lane is not drawn, or a line has no width, it may lie
    anywhere; a lane whose shape was mended lies somewhere within its bounding box.

    Returns
    -------
    grounds : array of Polygon
        In the site's metric system.
    unknown : list of tuple
        For each other lane the box in which it lies, None for anywhere, and the gap.
    """
    lanes = facts.site.layers["fire_lanes"]
    mended = facts.site.repaired("fire_lanes")
    grounds: list[BaseGeometry] = []
    vague: list[tuple[BaseGeometry | None, Gap]] = []
    for lane, shape, width in zip(lanes["lane_id"], lanes.geometry, lanes["width_m"], strict=True):
        if shape is None or shape.is_empty:
            vague.append((None, gap("missing_data", "no_shape", layer="fire_lanes", ids=(lane,), count=1)))
            continue
        areal = shape.geom_type in ("Polygon", "MultiPolygon")
        if not areal and pd.isna(width):
            vague.append((None, column_gap("fire_lanes", "width_m", (lane,))))
            continue
        ground = shape if areal else shape.buffer(float(width) / 2, cap_style="flat", join_style="mitre")
        if lane in mended:
            vague.append((shapely.envelope(ground), repaired_gap("fire_lanes", (lane,))))
        else:
            grounds.append(ground)
    return shapely.get_parts(np.array(grounds, dtype=object)), vague


def _empty(facts: Facts, layer: str) -> Gap | None:
    return None if len(facts.site.layers[layer]) else layer_gap(layer)


def _short(sides: tuple[float, float], asked: tuple[float, float]) -> tuple[float, float, float]:
    """Return how much the side that is shortest of what is asked for falls short, its length, and what was asked."""
    return max((wanted - have, have, wanted) for have, wanted in zip(sides, asked, strict=True))


def _among_themselves(
    shapes: NDArray[np.object_], doubted: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how deep each stall reaches into others, and which reach into one whose shape was mended."""
    depth, vague = np.zeros(len(shapes)), np.zeros(len(shapes), dtype=bool)
    for i, j, metres, _ in overlapping(shapes):
        for one, other in ((i, j), (j, i)):
            if doubted[other]:
                vague[one] = True
            else:
                depth[one] = max(depth[one], metres)
    # A mended stall lies somewhere within its extent.
    extents = shapely.envelope(shapes[doubted])
    for i, _, _, _ in overlapping(shapes, extents):
        vague[i] = True
    return depth, vague


def _sound(facts: Facts, layer: str) -> tuple[NDArray[np.object_], dict[str, BaseGeometry]]:
    """Return the polygons of a layer whose shape is theirs, and the extents of those that were mended, by id."""
    mended = facts.site.repaired(layer)
    drawn = facts.drawn(layer)
    sound = shapely.get_parts(np.array([s for i, s in drawn.items() if i not in mended], dtype=object))
    return sound, {i: shapely.envelope(s) for i, s in drawn.items() if i in mended}


def _undrawn(facts: Facts, layer: str) -> Gap | None:
    ids = tuple(str(i) for i in facts.site.layers[layer].iloc[:, 0] if str(i) not in facts.drawn(layer))
    return gap("missing_data", "no_shape", layer=layer, ids=ids[:10], count=len(ids)) if ids else None


def _without_shape(facts: Facts) -> dict[str, Gap]:
    return {
        str(i): gap("missing_data", "no_shape", layer="stalls", ids=(str(i),), count=1)
        for i in facts.site.layers["stalls"]["stall_id"]
        if str(i) not in facts.drawn("stalls")
    }


def _judged(facts: Facts, stalls: gpd.GeoDataFrame, *, broken: NDArray[np.bool_]) -> dict[str, bool | Gap]:
    """Return what is known of each stall: of a mended one nothing, of one without a shape neither."""
    mended = facts.site.repaired("stalls")
    judged: dict[str, bool | Gap] = {
        name: repaired_gap("stalls", (name,)) if name in mended else not bad
        for name, bad in zip(stalls["stall_id"], broken.tolist(), strict=True)
    }
    return judged | _without_shape(facts)


def _meets(extent: BaseGeometry, shape: BaseGeometry) -> bool:
    return bool(shapely.intersects(shapely.buffer(extent, -_MILLIMETRE), shape))


def _parallel(stalls: gpd.GeoDataFrame) -> list[bool | None]:
    """Tell which stalls lie along their aisle; None where neither kind nor angle says so."""
    found: list[bool | None] = []
    kinds, angles = (
        stalls[name].tolist() if name in stalls.columns else [None] * len(stalls)
        for name in ("kind", "angle_deg")
    )
    for kind, angle in zip(kinds, angles, strict=True):
        words = "" if pd.isna(kind) else str(kind).strip().casefold()
        if words in _PARALLEL:
            found.append(True)
        elif words in ("perpendicular", "angled") or any(w in words for w in ("垂直", "斜")):
            found.append(False)
        else:
            found.append(None if pd.isna(angle) else float(angle) == 0)
    return found


def _verdict(facts: Facts, rule: Rule, judged: dict[str, bool | Gap], *, remedy: str, **more: Any) -> Finding:  # noqa: ANN401
    """Judge every stall; the stalls that decide are shown, and those that are met are too many to list."""
    shown = [i for i, kept in judged.items() if kept is not True]
    return every(
        rule,
        judged,
        nothing=gap("missing_data", "no_surface_stalls"),
        remedy=remedy,
        unit="m",
        geometry=facts.where("stalls", [i for i in shown if judged[i] is False] or shown),
        **({"required": 0.0} | more),
    )
