"""One layout of an estate: rows along its roads, lots on its open ground, and the stalls that stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.messages import Message
from plan.parking.accessible import with_accessible
from plan.parking.clearances import Ground
from plan.parking.estate import Estate, kept_runs
from plan.parking.faults import Fault, FaultKind, Level
from plan.parking.kerbs import Run, kerb_ground, kerb_rows, runs_frames, straight
from plan.parking.layout import place_stalls
from plan.parking.on_street import street_rows, why_not_on_street
from plan.parking.spaces import Space, usable_spaces
from plan.parking.stackers import stacked_stalls, stacker_spec
from plan.parking.stalls import StallSpec
from plan.parking.verify import verify
from plan.site import Placement

__all__ = ["Layouts", "Proposal", "propose"]

# This tool's default: so much of the ground around a stall that stands is driven over today, and is usable.
_AROUND_M: Final = 0.85
# Radius of the kerb at a corner of a site road for small cars (JGJ 100-2015, 3.2.6).
_CORNER_M: Final = 3.5
_ON_GATE_M: Final = 0.01
_TOUCH_M: Final = 0.05
_ROUNDS: Final = 6  # of verifying and dropping what does not hold up
COLUMNS: Final = (
    "stall_id", "kind", "angle_deg", "state", "aisle_id", "front_in", "place", "tiers", "capacity", "geometry",
)  # fmt: skip
# Faults for which a stall is dropped: what is not proven is not proposed.
_OF_STALLS: Final = frozenset({
    FaultKind.STALLS_OVERLAP, FaultKind.STALL_OUTSIDE, FaultKind.STALL_ON_OBSTACLE, FaultKind.STALL_IN_FIRE_LANE,
    FaultKind.STALL_IN_CLEAR_SPACE, FaultKind.STALL_IN_AISLE, FaultKind.STALL_UNREACHED, FaultKind.NO_WAY_IN,
    FaultKind.NO_WAY_OUT, FaultKind.NO_MANOEUVRE, FaultKind.TIGHT_TURN, FaultKind.STALL_UNUSABLE,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """Stalls, aisles and what had to go for them."""

    stalls: gpd.GeoDataFrame  # COLUMNS
    aisles: gpd.GeoDataFrame  # aisle_id, direction, width_m, place, geometry
    cleared: frozenset[str]  # obstacles that go
    rejected: gpd.GeoDataFrame  # space_id, name, area_m2, reason, road (whether it is one), geometry
    faults: tuple[Fault, ...]  # of the proposed stalls and their aisles
    runs: Mapping[tuple[str, int], Run]
    lots: Mapping[str, int]  # stalls by open space
    unpaved_m2: float


class Layouts:
    """Layouts of lots, each made once."""

    def __init__(self, *, each_s: float, seed: int, iterations: int | None) -> None:
        self._each_s = each_s
        self._seed = seed
        self._iterations = iterations
        self._made: dict[tuple[Any, tuple[float, ...]], Placement] = {}
        self.verified: dict[Any, tuple[Fault, ...]] = {}  # what was verified once is not verified again

    def of(self, space: Space, *, angles_deg: tuple[float, ...], spec: StallSpec) -> Placement:
        """Lay out a space; of its layouts with some of the angles the one that holds most."""
        place = (space.geometry.wkb, space.no_stall.wkb, spec)
        key = (place, angles_deg)
        if key not in self._made:
            self._made[key] = place_stalls(
                space.geometry,
                gates=list(space.gates),
                fire_lanes=[
                    g for g in shapely.get_parts(space.no_stall) if g.geom_type == "Polygon" and g.area > 0
                ],
                stall=spec,
                angles_deg=angles_deg,
                time_limit_s=self._each_s,
                iterations=self._iterations,
                seed=self._seed,
            )
        best = self._made[key]
        for (other, some), layout in self._made.items():
            if other == place and set(some) <= set(angles_deg) and len(layout.features) > len(best.features):
                best = layout
        return best


def propose(
    estate: Estate,
    *,
    layouts: Layouts,
    lots: bool = False,
    clear: Collection[str] = (),
    on_street: bool = False,
    base: Proposal | None = None,
    angles_deg: tuple[float, ...] | None = None,
    green_limit_m2: float = float("inf"),
    stackers: bool = False,
) -> Proposal:
    """Lay out an estate.

    Parameters
    ----------
    estate : Estate
        As it is.
    layouts : Layouts
        Where layouts of lots are kept.
    lots : bool, default False
        Whether open ground is laid out.
    clear : collection of str
        Obstacles that may go; those that are not needed stay.
    on_street : bool, default False
        Whether stalls may stand on carriageways.
    base : Proposal, optional
        Whose rows stay wherever clearing gains nothing.
    angles_deg : tuple of float, optional
        Instead of those of the options.
    green_limit_m2 : float, optional
        Green that may go at most.
    stackers : bool, default False
        Whether mechanical stackers stand on open ground where they hold more.

    Returns
    -------
    Proposal
        Every proposed stall holds up to :func:`plan.parking.verify`; those that did not were dropped.
    """
    angles = angles_deg or estate.options.angles_deg
    clear = frozenset(clear)
    ground = estate.ground(clear)
    spaces: tuple[Space, ...] = ()
    rejected: list[dict[str, Any]] = []
    if lots:
        found = usable_spaces(
            estate.site,
            roads=estate.roads,
            ground=ground,
            spec=estate.spec,
            keep=estate.options.keep,
            take=estate.options.take,
        )
        spaces = found.spaces
        rejected += found.rejected.to_dict("records")
    along = _along(estate, ground, clear, spaces, angles)
    lots_laid = _lots(estate, spaces, layouts, angles, along, stackers=stackers)
    laid = tuple(space for space in spaces if space.space_id in lots_laid)
    if laid:  # what is a lot of its own is no ground for rows along a road
        along = _along(estate, ground, clear, tuple(s for s in spaces if s not in laid), angles, laid=laid)
    stands = estate.beside()
    chosen, kept = _chosen(estate, along.runs, stands, {} if base is None else base.runs)
    if green_limit_m2 < float("inf"):
        chosen, kept = _within_green(estate, chosen, kept, stands, base, clear, green_limit_m2)
    stalls, aisles, street_why = _beside_roads(estate, ground, chosen, kept, on_street=on_street)
    rejected += street_why
    for space in spaces:
        own = shapely.intersects(stalls.geometry.to_numpy(), space.geometry.buffer(-_TOUCH_M))
        if space not in laid and not own.any():
            rejected.append(_not_laid(space, Message("stalls.no_layout")))
    lots_of = list(lots_laid.values())
    proposed = _stacked([stalls, *(lot.stalls for lot in lots_of)])
    every = _stacked([aisles, *(frame for lot in lots_of for frame in (lot.aisles, lot.driveways))])
    whole = estate.bare(_needed(estate, proposed, every, clear))
    proposed, wrong = _held(estate, proposed, every, whole, spaces, along.room, layouts)
    stay = _staying(estate, kept, proposed, every)
    proposed = with_accessible(proposed, estate, total=len(proposed) + len(stay))
    unpaved = sum(space.geometry.area for space in laid if space.unpaved)
    return Proposal(
        stalls=_numbered(estate, stay, proposed),
        aisles=every[["aisle_id", "direction", "width_m", "place", "geometry"]].reset_index(drop=True),
        cleared=_needed(estate, proposed, every, clear),
        rejected=_rejected(rejected, estate),
        faults=(*(fault for lot in lots_of for fault in lot.faults), *wrong),
        runs=chosen,
        lots={space_id: len(lot.stalls) for space_id, lot in lots_laid.items()},
        unpaved_m2=round(unpaved + _verge(estate, proposed, every, spaces, laid), 1),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Along:
    """Rows along roads, and the ground over which cars may swing there."""

    runs: dict[tuple[str, int], Run]
    room: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lot:
    """A lot laid out, verified."""

    stalls: gpd.GeoDataFrame
    aisles: gpd.GeoDataFrame
    driveways: gpd.GeoDataFrame
    faults: tuple[Fault, ...]

    @property
    def capacity(self) -> int:
        if "capacity" in self.stalls:
            return int(self.stalls["capacity"].sum())
        return len(self.stalls)


def _along(
    estate: Estate,
    ground: Ground,
    clear: frozenset[str],
    spaces: tuple[Space, ...],
    angles: tuple[float, ...],
    *,
    laid: tuple[Space, ...] = (),
) -> _Along:
    usable = _usable(estate, clear, spaces)
    lots = [space.geometry for space in laid]
    verges = kerb_ground(estate.roads, usable, shapely.union_all([ground.barred_to_stalls, *lots]))
    room = kerb_ground(estate.roads, usable, ground.barred_to_cars)
    room = shapely.union(room, estate.roads.ground)
    return _Along(runs=_rows(estate, ground, verges, room, angles), room=room)


def _lots(
    estate: Estate,
    spaces: tuple[Space, ...],
    layouts: Layouts,
    angles: tuple[float, ...],
    along: _Along,
    *,
    stackers: bool,
) -> dict[str, _Lot]:
    """Lay out the spaces that hold more as lots than in rows along their roads."""
    rows = np.array([s["geometry"] for run in along.runs.values() for s in run.stalls], dtype=object)
    found: dict[str, _Lot] = {}
    for space in spaces:
        own = int(shapely.intersects(rows, space.geometry.buffer(-_TOUCH_M)).sum()) if len(rows) else 0
        stalls, aisles, faults = lot_layout(estate, space, layouts, angles)
        ways = [(stalls, aisles, faults)]
        if stackers:
            ways.append(_high(estate, space, layouts))
        lots = [
            _Lot(stalls=s, aisles=a, driveways=_driveways(estate, space, a), faults=tuple(f)) for s, a, f in ways
        ]
        best = max(lots, key=lambda lot: lot.capacity)
        if best.capacity > own:
            found[space.space_id] = best
    return found


def _beside_roads(
    estate: Estate, ground: Ground, chosen: Mapping[tuple[str, int], Run], kept: set[int], *, on_street: bool
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Return the stalls and aisles along roads, and on their carriageways, and the roads without."""
    stalls, aisles = runs_frames([*chosen.values()], estate.site.crs)
    streets, street_aisles, why = _streets(estate, ground, chosen, kept) if on_street else ({}, [], [])
    if streets:
        extra, _ = runs_frames(streets.values(), estate.site.crs)
        stalls = _stacked([stalls, extra])
        gone = {road_id for road_id, _ in streets}
        aisles = _stacked([aisles[~aisles["road_id"].isin(gone)], _frame(street_aisles, estate)])
    return stalls.assign(place=stalls["road_id"]), aisles.assign(place=aisles["road_id"]), why


# --- rows along roads ------------------------------------------------------------------------------


def _usable(estate: Estate, clear: frozenset[str], spaces: tuple[Space, ...]) -> list[BaseGeometry]:
    """Return the ground that is known to be usable: around stalls that stand, what is cleared, open spaces."""
    usable: list[BaseGeometry] = [
        shape.buffer(_AROUND_M, join_style="mitre") for shape in estate.existing.geometry
    ]
    usable += [
        estate.shapes[i] for i in sorted(clear) if i in estate.removable["shed"] | estate.removable["green"]
    ]
    return [*usable, *(space.geometry for space in spaces)]


def _rows(
    estate: Estate, ground: Ground, verges: BaseGeometry, room: BaseGeometry, angles: tuple[float, ...]
) -> dict[tuple[str, int], Run]:
    found: list[Run] = []
    barred = ground.barred_to_cars
    taken: list[BaseGeometry] = []
    for road in estate.roads.roads:
        others = [other.ground for other in estate.roads.roads if other is not road]
        runs = kerb_rows(
            road,
            verges,
            room=room,
            barred_to_cars=barred,
            taken=shapely.union_all([*others, *taken]),
            spec=estate.spec,
            angles_deg=angles,
            reverse_in=estate.options.reverse_in,
        )
        taken += [stall["geometry"] for run in runs for stall in run.stalls]
        found += runs
    return kept_runs(found)


def _chosen(
    estate: Estate,
    runs: Mapping[tuple[str, int], Run],
    stands: Mapping[tuple[str, int], list[int]],
    base: Mapping[tuple[str, int], Run],
) -> tuple[dict[tuple[str, int], Run], set[int]]:
    """Choose for each stretch what holds most: the rows found, those of the base, or the stalls that stand."""
    bad = estate.in_fire_lane()
    everywhere = set(range(len(estate.existing)))
    kept = {i for i in everywhere - {i for some in stands.values() for i in some} if not bad[i]}
    chosen: dict[tuple[str, int], Run] = {}
    for key, run in runs.items():
        here = [i for i in stands.get(key, []) if not bad[i]]
        best = base[key] if key in base and len(base[key].stalls) >= len(run.stalls) else run
        if len(best.stalls) > len(here):
            chosen[key] = best
        else:
            chosen[key] = replace(run, stalls=(), width_m=run.road.width_m)
            kept |= set(here)
    return chosen, kept


def _within_green(
    estate: Estate,
    chosen: dict[tuple[str, int], Run],
    kept: set[int],
    stands: Mapping[tuple[str, int], list[int]],
    base: Proposal | None,
    clear: frozenset[str],
    limit_m2: float,
) -> tuple[dict[tuple[str, int], Run], set[int]]:
    """Give up the rows that cost most green for each stall, until no more goes than may."""
    green = {i: estate.shapes[i] for i in sorted(clear & estate.removable["green"])}
    worth: list[tuple[float, tuple[str, int], float]] = []
    for key, run in chosen.items():
        shape = shapely.union_all([stall["geometry"] for stall in run.stalls])
        lost = sum(g.area for g in green.values() if not shape.is_empty and g.intersects(shape))
        if lost > 0:
            worth.append((lost / len(run.stalls), key, lost))
    total = sum(lost for _, _, lost in worth)
    bad = estate.in_fire_lane()
    for _, key, lost in sorted(worth, reverse=True):
        if total <= limit_m2:
            break
        total -= lost
        fallback = None if base is None else base.runs.get(key)
        chosen[key] = fallback or replace(chosen[key], stalls=(), width_m=chosen[key].road.width_m)
        if not chosen[key].stalls:
            kept |= {i for i in stands.get(key, []) if not bad[i]}
    return chosen, kept


def _streets(
    estate: Estate, ground: Ground, chosen: Mapping[tuple[str, int], Run], kept: set[int]
) -> tuple[dict[tuple[str, int], Run], list[dict[str, Any]], list[dict[str, Any]]]:
    """Place stalls on the carriageways of roads that are wide enough and have no row beside them."""
    ends = [shapely.Point(road.line.coords[i]) for road in estate.roads.roads for i in (0, -1)]
    stand = shapely.union_all(estate.existing.geometry.iloc[sorted(kept)].to_list())
    busy = {key[0] for key, run in chosen.items() if run.stalls}
    runs: dict[tuple[str, int], Run] = {}
    aisles: list[dict[str, Any]] = []
    why: list[dict[str, Any]] = []
    for road in estate.roads.roads:
        reason = why_not_on_street(road, estate.on_street, fire=estate.fire, spec=estate.spec)
        if reason is None and road.road_id in busy:
            reason = Message("stalls.street_rows")
        if reason is None:
            found, drawn = street_rows(
                road,
                estate.on_street,
                no_stall=shapely.union_all([ground.barred_to_stalls, stand]),
                fire=estate.fire,
                junctions=ends,
                spec=estate.spec,
            )
            if any(run.stalls for run in found):
                runs.update(kept_runs(found))
                home = {run.number: f"{road.road_id}-{run.number + 1}" for run in found}
                aisles += [
                    {"aisle_id": home[n], "road_id": road.road_id, **one} for n, one in enumerate(drawn)
                ]
                continue
            reason = Message("stalls.street_full")
        why.append(
            {
                "space_id": road.road_id,
                "name": road.name,
                "area_m2": round(road.line.length * road.width_m, 1),
                "reason": reason,
                "road": True,
                "geometry": road.ground,
            }
        )
    return runs, aisles, why


# --- lots ----------------------------------------------------------------------------------------


def lot_layout(
    estate: Estate, space: Space, layouts: Layouts, angles: tuple[float, ...], spec: StallSpec | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[Fault], Message | None]:
    """Lay out a lot and keep what holds up."""
    given = spec is not None
    spec = spec or estate.spec
    if not estate.options.reverse_in and not given:
        forward = tuple(row for row in spec.rows if row.front_in)
        spec = replace(spec, rows=forward)
    placed = layouts.of(space, angles_deg=angles, spec=spec)
    stalls, aisles = placed.features.copy(), placed.measures["aisles"].copy()
    wrong: tuple[Fault, ...] = ()
    for _ in range(_ROUNDS):
        if stalls.empty:
            break
        key = (space.geometry.wkb, tuple(stalls.geometry.to_wkb()), tuple(aisles.geometry.to_wkb()))
        if key not in layouts.verified:
            no_stall = [space.no_stall] if not space.no_stall.is_empty else None
            layouts.verified[key] = verify(
                space.geometry, stalls, aisles, gates=list(space.gates), fire_lanes=no_stall
            )
        wrong = layouts.verified[key]
        drop = _named(wrong)
        if not drop:
            break
        stalls = stalls[~stalls["stall_id"].isin(drop)]
    prefix = space.space_id
    for frame in (stalls, aisles):
        frame["aisle_id"] = [f"{prefix}-{i}" for i in frame["aisle_id"]]
        frame["place"] = prefix
    stalls = stalls.set_crs(estate.site.crs, allow_override=True)
    aisles = aisles.set_crs(estate.site.crs, allow_override=True)
    return stalls, aisles, wrong if len(stalls) else ()


def _high(
    estate: Estate, space: Space, layouts: Layouts
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Lay out a lot for stackers."""
    found = lot_layout(estate, space, layouts, (90.0,), stacker_spec(estate.spec))
    buildings = estate.site.layer("buildings").geometry.dropna() if estate.site.has("buildings") else []
    stalls = stacked_stalls(
        found[0],
        tiers=estate.options.stacker_tiers,
        buildings=shapely.union_all(list(buildings)),
        clear_m=estate.options.stacker_clear_m,
    )
    return stalls, found[1], found[2]


def _driveways(estate: Estate, space: Space, aisles: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the ways between the gates of a lot and the middle of the roads behind them."""
    roads = [road.line for road in estate.roads.roads if road.road_id in space.roads]
    gates = shapely.union_all(list(space.gates))
    rows = []
    for aisle in aisles.to_dict("records"):
        for end in (0, -1):
            point = shapely.Point(aisle["geometry"].coords[end])
            if point.distance(gates) > _ON_GATE_M:
                continue
            road = min(roads, key=point.distance)
            way = shapely.shortest_line(point, road)
            if way.length <= _ON_GATE_M:
                continue
            rows.append(
                {
                    "aisle_id": f"{aisle['aisle_id']}-{'in' if end == 0 else 'out'}",
                    "direction": aisle["direction"],
                    "width_m": aisle["width_m"],
                    "place": space.space_id,
                    # Into the lot where the aisle begins at the gate, out of it where it ends there.
                    "geometry": way.reverse() if end == 0 else way,
                }
            )
    columns = ["aisle_id", "direction", "width_m", "place", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=estate.site.crs)


def _named(faults: tuple[Fault, ...]) -> set[str]:
    """Return the stalls that must go: of two that overlap the later one."""
    return {
        f.stalls[-1] for f in faults if f.level is not Level.ADVISED and f.kind in _OF_STALLS and f.stalls
    }


def _not_laid(space: Space, why: Message) -> dict[str, Any]:
    return {
        "space_id": space.space_id,
        "name": space.name,
        "area_m2": round(space.geometry.area, 1),
        "reason": why,
        "geometry": space.geometry,
    }


# --- what holds up -------------------------------------------------------------------------------


def _held(
    estate: Estate,
    proposed: gpd.GeoDataFrame,
    aisles: gpd.GeoDataFrame,
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
    dead = {road.road_id for road in estate.roads.roads if road.narrow}
    roads = aisles[
        aisles["place"].isin({r.road_id for r in estate.roads.roads}) & ~aisles["place"].isin(dead)
    ]
    faults: tuple[Fault, ...] = ()
    for _ in range(_ROUNDS):
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
                fire_lanes=[estate.fire] if not estate.fire.is_empty else None,
                clear_spaces=[g for n, g in ground.clear.items() if n != "fire_lanes" and not g.is_empty]
                or None,
                stall=estate.spec,
            )
        faults = layouts.verified[key]
        drop = _named(faults)
        if not drop:
            break
        good -= {int(name[1:]) for name in drop}
    named = {row: row for row in rows["stall_id"]} if not rows.empty else {}
    told = [f for f in faults if not f.stalls or any(s in named for s in f.stalls)]
    return proposed[proposed.index.isin(good)], told


def _whole(
    estate: Estate, rows: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame, room: BaseGeometry
) -> BaseGeometry:
    """Return the ground that rows along roads use: carriageways rounded where they meet, aisles, verges, stalls."""
    roads = estate.roads.ground
    # A car turns over the corner that a kerb of this radius leaves to it, where nothing stands there.
    corners = roads.buffer(_CORNER_M).buffer(-_CORNER_M).difference(_behind(estate))
    shapes = [roads, corners, *_aisle_ground(aisles), *rows.geometry.buffer(1e-4), room]
    return shapely.union_all([g for g in shapes if g.area > 0])


def _behind(estate: Estate) -> BaseGeometry:
    """Return the ground outside the gates, over which no corner is rounded."""
    return shapely.union_all([gate.buffer(2 * _CORNER_M, cap_style="flat") for gate in estate.roads.gates])


def _aisle_ground(aisles: gpd.GeoDataFrame) -> list[BaseGeometry]:
    return [
        line.buffer(width / 2, cap_style="flat", join_style="mitre")
        for line, width in zip(aisles.geometry, aisles["width_m"], strict=True)
    ]


def _needed(
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
            *_aisle_ground(aisles[aisles["aisle_id"].isin(homes)]),
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


def _staying(
    estate: Estate, kept: set[int], proposed: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the existing stalls that stay: none that a proposed stall or its aisle covers."""
    frame = estate.existing.iloc[sorted(kept)]
    if frame.empty or proposed.empty:
        return frame
    homes = aisles[aisles["aisle_id"].isin(set(proposed["aisle_id"]))]
    covered = shapely.union_all([*proposed.geometry, *_aisle_ground(homes)]).buffer(-1e-3)
    return frame[~shapely.intersects(frame.geometry.to_numpy(), covered)]


def _verge(
    estate: Estate, proposed: gpd.GeoDataFrame, aisles: gpd.GeoDataFrame, spaces: tuple[Space, ...], laid: tuple[Space, ...]
) -> float:
    """Return the ground of rows and wider aisles that is neither road nor stands as stalls now, in m2."""
    if proposed.empty:
        return 0.0
    homes = aisles[aisles["aisle_id"].isin(set(proposed["aisle_id"]))]
    used = shapely.union_all([*proposed.geometry, *_aisle_ground(homes)])
    hard = shapely.union_all([
            estate.roads.ground,
            *estate.existing.geometry,
            # The ground of lots is counted by itself.
            *[s.geometry for s in spaces if s in laid or not s.unpaved],
        ])
    return float(used.difference(hard).area)


def _numbered(estate: Estate, stay: gpd.GeoDataFrame, proposed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all stalls: those that stay with their ids, the proposed ones numbered along roads and lots."""
    frame = stay.assign(state="existing", aisle_id=None, front_in=None, place=None, tiers=1, capacity=1)
    new = proposed.copy()
    taken = set(estate.existing["stall_id"].astype(str))
    names, number = [], 0
    for _ in range(len(new)):
        number += 1
        while f"N{number:03d}" in taken:
            number += 1
        names.append(f"N{number:03d}")
    new = new.assign(stall_id=names, state="proposed")
    for name in ("tiers", "capacity"):
        new[name] = [1 if name not in new or pd.isna(v) else int(v) for v in new.get(name, [None] * len(new))]
    both = [f.reindex(columns=list(COLUMNS)) for f in (frame, new) if len(f)]
    if not both:
        return gpd.GeoDataFrame(columns=list(COLUMNS), geometry="geometry", crs=estate.site.crs)
    return _stacked(both)


def _stacked(frames: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    crs = next((f.crs for f in kept if f.crs is not None), None)
    parts = [pd.DataFrame(f).astype({c: object for c in f.columns if c != "width_m"}) for f in kept]
    joined = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=crs)


def _frame(rows: list[dict[str, Any]], estate: Estate) -> gpd.GeoDataFrame:
    columns = ["aisle_id", "road_id", "direction", "width_m", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=estate.site.crs)


def _rejected(rows: list[dict[str, Any]], estate: Estate) -> gpd.GeoDataFrame:
    names = ["space_id", "name", "area_m2", "reason", "road", "geometry"]
    rows = [{**row, "road": bool(row.get("road"))} for row in rows]
    return gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs=estate.site.crs)


def empty_runs(estate: Estate) -> dict[tuple[str, int], Run]:
    """Return the stretches of all roads without stalls."""
    return kept_runs([run for road in estate.roads.roads for run in straight(road)])
