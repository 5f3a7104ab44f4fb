"""Mechanical stackers on open ground: lift-and-slide devices of some storeys, where the rules do not bar them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from plan.parking.stalls import StallRow, StallSpec
from plan.rules import Rule, RulePack
from plan.rules.kinds import Figure

__all__ = ["Leave", "stacked_stalls", "stacker_height_m", "stacker_leave", "stacker_spec"]

# This tool's defaults: ground that one column of a lift-and-slide device takes, in metres.
BAY_WIDTH_M: Final = 2.5
BAY_LENGTH_M: Final = 5.8
# JGJ 100-2015, 5.3.8: the aisle before a compound mechanical garage.
AISLE_M: Final = 5.8
_ADJACENT_M: Final = 0.02
_FEWEST: Final = 2  # columns of a unit: one of them must leave room to slide


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """What the rules say about mechanical stackers."""

    state: str  # allowed, barred, ambiguous, silent
    rule: Rule | None


def stacker_leave(pack: RulePack | None, *, status: str | None) -> Leave:
    """Read from a pack whether mechanical stackers may stand.

    Parameters
    ----------
    pack : RulePack or None
        Figures named ``mechanical_stalls`` (forbidden) and ``mechanical_garage`` (allowed).
    status : {"new", "existing"} or None
        What the estate is; None where nobody says.

    Returns
    -------
    Leave
        ``barred`` by an enabled rule; ``ambiguous`` where a rule that bars them is disabled, or it is not known whether
        it is meant for this estate; ``silent`` where no rule speaks of them.
    """
    found = Leave(state="silent", rule=None)
    for rule in () if pack is None else pack.rules:
        kind = rule.kind
        if not isinstance(kind, Figure):
            continue
        meant = not rule.applies.estate or status is None or status in rule.applies.estate
        if kind.name == "mechanical_stalls" and kind.comparator == "forbidden" and meant:
            certain = rule.enabled and (status is not None or not rule.applies.estate)
            return Leave(state="barred" if certain else "ambiguous", rule=rule)
        if kind.name == "mechanical_garage" and kind.comparator == "allowed" and rule.enabled and meant:
            found = Leave(state="allowed", rule=rule)
    return found


def stacker_height_m(pack: RulePack | None, tiers: int) -> float | None:
    """Return how high a device of some storeys is at most; None where the pack does not say (JGJ 100-2015, 5.3.3)."""
    for rule in () if pack is None else pack.rules:
        kind = rule.kind
        if rule.enabled and isinstance(kind, Figure) and kind.name == "mechanical_height":
            at = 2 * (tiers - 2) + 1
            return kind.values[at] if at < len(kind.values) else None
    return None


def stacker_spec(spec: StallSpec) -> StallSpec:
    """Return the ground that columns of a stacker take: square to an aisle from which cars are driven in."""
    row = StallRow(
        angle_deg=90.0,
        front_in=False,
        width_m=BAY_WIDTH_M,
        length_m=BAY_LENGTH_M,
        pitch_m=BAY_WIDTH_M,
        depth_to_wall_m=BAY_LENGTH_M,
        depth_to_interlock_m=BAY_LENGTH_M,
        aisle_m=max(AISLE_M, spec.row(90).aisle_m),
    )
    return StallSpec(rows=(row,), lane_m=spec.lane_m, two_way_m=spec.two_way_m, fire_lane_m=spec.fire_lane_m)


def stacked_stalls(
    stalls: gpd.GeoDataFrame, *, tiers: int, buildings: BaseGeometry, clear_m: float
) -> gpd.GeoDataFrame:
    """Turn rows of columns into units, and count what each holds.

    A unit of N columns and C storeys holds N x C - (C - 1) cars (JGJ 100-2015, 5.3.5).

    Parameters
    ----------
    stalls : geopandas.GeoDataFrame
        Columns on the ground, with ``aisle_id``.
    tiers : int
        Storeys.
    buildings : shapely geometry
        From which units keep away.
    clear_m : float
        How far, in metres.

    Returns
    -------
    geopandas.GeoDataFrame
        The same with ``tiers`` and ``capacity``: of each column so many, of the last of a unit the fewer that leave
        room to slide. Columns that stand alone or near a building hold one car.
    """
    frame = stalls.assign(tiers=1, capacity=1)
    shapes = frame.geometry.to_numpy()
    far = np.ones(len(frame), dtype=bool)
    if not buildings.is_empty:
        far = shapely.distance(shapes, buildings) >= clear_m
    at = np.flatnonzero(far)
    if not len(at):
        return frame
    tree = shapely.STRtree(shapes[at])
    a, b = tree.query(shapes[at], predicate="dwithin", distance=_ADJACENT_M)
    homes = frame["aisle_id"].to_numpy()[at]
    # Side by side: a long side in common, not a corner and not the back.
    together = homes[a] == homes[b]
    shared = shapely.length(
        shapely.intersection(shapely.boundary(shapes[at][a]), shapely.buffer(shapes[at][b], _ADJACENT_M))
    )
    together &= shared > BAY_LENGTH_M / 2
    graph = coo_matrix((np.ones(together.sum()), (a[together], b[together])), shape=(len(at), len(at)))
    _, unit = connected_components(graph, directed=False)
    tiers_of, capacity = frame["tiers"].to_numpy().copy(), frame["capacity"].to_numpy().copy()
    for number in range(unit.max() + 1):
        members = at[unit == number]
        if len(members) < _FEWEST:
            continue
        tiers_of[members] = tiers
        capacity[members] = tiers
        capacity[members[-1]] = 1
    return frame.assign(tiers=tiers_of, capacity=capacity)
