"""What holds up of a proposal: rows along roads verified, obstacles that must go, stalls that can stay."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from plan.parking.clearances import Ground
from plan.parking.estate import Estate
from plan.parking.faults import Fault, FaultKind, Level
from plan.parking.roads import fire_ground
from plan.parking.spaces import Space
from plan.parking.verify import verify

if TYPE_CHECKING:
    from plan.parking.lots import Layouts

__all__ = ["ROUNDS", "aisle_ground", "held", "needed", "stacked", "staying", "swing_ground", "unproven"]

ROUNDS: Final = 6  # of verifying and dropping what does not hold up
# Radius of the kerb at a corner of a site road for small cars (JGJ 100-2015, 3.2.6).
_CORNER_M: Final = 3.5
_SWING_M: Final = 9.0  # from a stall: so far a car swings on its way into it
_THIN_M: Final = 1e-3  # what is thinner is no ground of its own: the check reaches so far over every edge
# Faults for which a stall is dropped: what is not proven is not proposed.
_OF_STALLS: Final = frozenset({
    FaultKind.STALLS_OVERLAP, FaultKind.STALL_OUTSIDE, FaultKind.STALL_ON_OBSTACLE, FaultKind.STALL_IN_FIRE_LANE,
    FaultKind.STALL_IN_CLEAR_SPACE, FaultKind.STALL_IN_AISLE, FaultKind.STALL_UNREACHED, FaultKind.NO_WAY_IN,
    FaultKind.NO_WAY_OUT, FaultKind.NO_MANOEUVRE, FaultKind.TIGHT_TURN, FaultKind.STALL_UNUSABLE,
})  # fmt: skip


def unproven(faults: tuple[Fault, ...]) -> set[str]:
    """Return the stalls that must go: of two that overlap the later one."""
    return {
        f.stalls[-1] for f in faults if f.level is not Level.ADVISED and f.kind in _OF_STALLS and f.stalls
    }


def held(
    estate: Estate,
    proposed: gpd.GeoDataFrame,
    aisles: gpd.GeoDataFrame,
    *,
    ground: Ground,
    spaces: tuple[Space, ...],
    room: BaseGeometry,
    layouts: Layouts,
) -> tuple[gpd.GeoDataFrame, list[Fault]]:
    """Verify the rows along roads, and drop what does not hold up; lots were verified by themselves."""
    if proposed.empty:
        return proposed, []
    on_lots = proposed["place"].isin({space.space_id for space in spaces}) & ~proposed["place"].isin(
        {road.road_id for road in estate.roads.roads}
    )
    rows = proposed[~on_lots].copy()
    rows["stall_id"] = [f"#{i}" for i in rows.index]
    # No stall of a lot touches a fire lane either, whatever made it.
    lane = estate.fire
    clear = (
        ~shapely.intersects(proposed.geometry.to_numpy(), lane)
        if not lane.is_empty
        else np.ones(len(proposed), bool)
    )
    good = set(proposed.index[np.asarray(clear)])
    # Stalls keep off the lanes as wide as they ought to be; cars drive on them as wide as they are drawn.
    driven = fire_ground(estate.site)
    dead = {road.road_id for road in estate.roads.roads if road.narrow}
    roads = aisles[
        aisles["place"].isin({r.road_id for r in estate.roads.roads}) & ~aisles["place"].isin(dead)
    ]
    faults: tuple[Fault, ...] = ()
    for _ in range(ROUNDS):
        rows = rows[rows.index.isin(good)]
        if rows.empty:
            break
        lot = _whole(estate, rows, roads, room)
        obstacles = ground.barred_to_cars
        key = (
            lot.wkb,
            obstacles.wkb,
            tuple(rows.geometry.to_wkb()),
            tuple(rows["stall_id"]),
            tuple(roads.geometry.to_wkb()),
        )
        if key not in layouts.verified:
            layouts.verified[key] = verify(
                lot,
                rows,
                roads,
                gates=list(estate.roads.gates),
                obstacles=[obstacles],
                fire_lanes=[driven] if not driven.is_empty else None,
                clear_spaces=[g for n, g in ground.clear.items() if n != "fire_lanes" and not g.is_empty]
                or None,
                stall=estate.spec,
            )
        faults = layouts.verified[key]
        drop = unproven(faults)
        if not drop:
            break
        good -= {int(name[1:]) for name in drop}
    named = {row: row for row in rows["stall_id"]} if not rows.empty else {}
    told = [f for f in faults if not f.stalls or any(s in named for s in f.stalls)]
    return proposed[proposed.index.isin(good)], told


def swing_ground(
    estate: Estate,
    proven: gpd.GeoDataFrame,
    stalls: gpd.GeoDataFrame,
    stay: gpd.GeoDataFrame,
    aisles: gpd.GeoDataFrame,
    *,
    lots: list[Polygon],
    room: BaseGeometry,
    barred: BaseGeometry,
) -> list[Polygon]:
    """Return the ground over which cars swing into stalls and round corners: beside roads, and all that is left of lots."""
    if stalls.empty:
        return []
    # Proven were the stalls before some of them gave way to wheelchair aisles.
    rows = proven[proven["place"].isin({road.road_id for road in estate.roads.roads})]
    corners = estate.roads.ground.buffer(_CORNER_M).buffer(-_CORNER_M).difference(_behind(estate))
    beside = room.intersection(shapely.union_all(shapely.buffer(rows.geometry.to_numpy(), _SWING_M)))
    # Carriageways are wider than the aisles along them at bends.
    driven = set(aisles["place"])
    roads = [r.ground for r in estate.roads.roads if r.road_id in driven and not r.narrow]
    taken = [barred, *aisle_ground(aisles), *stalls.geometry, *stay.geometry]
    left = shapely.union_all([corners, beside, *lots, *roads, *rows.geometry]).difference(
        shapely.union_all(taken)
    )
    parts = [p for p in shapely.get_parts(left) if isinstance(p, Polygon)]
    found = [p for p in parts if not p.buffer(-_THIN_M / 2).is_empty]
    return sorted(found, key=lambda p: p.bounds)


def _whole(
    estate: Estate, rows: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame, room: BaseGeometry
) -> Polygon | MultiPolygon:
    """Return the ground that rows along roads use: carriageways rounded where they meet, aisles, verges, stalls."""
    roads = estate.roads.ground
    # A car turns over the corner that a kerb of this radius leaves to it, where nothing stands there.
    corners = roads.buffer(_CORNER_M).buffer(-_CORNER_M).difference(_behind(estate))
    shapes = [roads, corners, *aisle_ground(aisles), *rows.geometry.buffer(1e-4), room]
    whole = shapely.union_all([g for g in shapes if g.area > 0])
    return (
        whole
        if isinstance(whole, Polygon)
        else MultiPolygon([p for p in shapely.get_parts(whole) if isinstance(p, Polygon)])
    )


def _behind(estate: Estate) -> BaseGeometry:
    """Return the ground outside the gates, over which no corner is rounded."""
    return shapely.union_all([gate.buffer(2 * _CORNER_M, cap_style="flat") for gate in estate.roads.gates])


def aisle_ground(aisles: gpd.GeoDataFrame) -> list[BaseGeometry]:
    """Return the ground of each aisle."""
    return [
        line.buffer(width / 2, cap_style="flat", join_style="mitre")
        for line, width in zip(aisles.geometry, aisles["width_m"], strict=True)
    ]


def needed(
    estate: Estate, proposed: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame, clear: Collection[str]
) -> frozenset[str]:
    """Return the obstacles that stand where proposed stalls or their aisles are, or in a fire lane."""
    ids = sorted(clear)
    if not ids:
        return frozenset()
    homes = set(proposed["aisle_id"]) if len(proposed) else set()
    used = shapely.union_all(
        [
            *[g.buffer(estate.options.clearances.wall_m - 1e-3) for g in proposed.geometry],
            *aisle_ground(aisles[aisles["aisle_id"].isin(homes)]),
        ]
    )
    lanes = estate.fire.buffer(-1e-3)
    sheds = estate.removable["shed"]
    return frozenset(
        i
        for i in ids
        if (not used.is_empty and estate.shapes[i].intersects(used))
        or (i in sheds and not lanes.is_empty and estate.shapes[i].intersects(lanes))
    )


def staying(
    estate: Estate, kept: set[int], proposed: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the existing stalls that stay: none that a proposed stall or its aisle covers."""
    frame = estate.existing.iloc[sorted(kept)]
    if frame.empty or proposed.empty:
        return frame
    homes = aisles[aisles["aisle_id"].isin(set(proposed["aisle_id"]))]
    covered = shapely.union_all([*proposed.geometry, *aisle_ground(homes)]).buffer(-1e-3)
    return frame[~shapely.intersects(frame.geometry.to_numpy(), covered)]


def stacked(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return frames as one; empty ones do not spoil the types of the others."""
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    crs = next((f.crs for f in kept if f.crs is not None), None)
    parts = [pd.DataFrame(f).astype({c: object for c in f.columns if c != "width_m"}) for f in kept]
    joined = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=crs)
