"""One layout of an estate: rows along its roads, lots on its open ground, and the stalls that stay as they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.messages import Message
from plan.parking.accessible import with_accessible
from plan.parking.clearances import Ground
from plan.parking.estate import Estate, kept_runs
from plan.parking.faults import Fault
from plan.parking.held import aisle_ground, held, needed, stacked, staying, swing_ground
from plan.parking.kerbs import Run, kerb_ground, kerb_rows
from plan.parking.lots import Layouts, lots_of_spaces
from plan.parking.on_street import street_rows, why_not_on_street
from plan.parking.road_aisles import runs_frames, without_tails
from plan.parking.spaces import Space, usable_spaces
from plan.site import as_objects

__all__ = ["Proposal", "propose"]

# This tool's default: so much of the ground around a stall that stands is driven over today, and is usable.
_AROUND_M: Final = 0.85
_TOUCH_M: Final = 0.05
# Of the stalls of a proposal.
COLUMNS: Final = (
    "stall_id", "kind", "angle_deg", "state", "aisle_id", "front_in", "place", "tiers", "capacity", "geometry",
)  # fmt: skip


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
    swing: tuple[BaseGeometry, ...]  # turning places, and the ground beside the roads over which cars swing


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
    along = _along(estate, layouts, ground, clear, spaces, angles=angles)
    lots_laid = lots_of_spaces(
        estate, spaces, layouts, angles, rows=_stalls_of(along.runs), stackers=stackers
    )
    laid = tuple(space for space in spaces if space.space_id in lots_laid)
    if laid:  # what is a lot of its own is no ground for rows along a road
        rest = tuple(s for s in spaces if s not in laid)
        along = _along(estate, layouts, ground, clear, rest, angles=angles, laid=laid)
    stands = estate.beside()
    chosen, kept = _chosen(estate, along.runs, stands, {} if base is None else base.runs)
    if green_limit_m2 < float("inf"):
        chosen, kept = _within_green(
            estate, chosen, kept, stands=stands, base=base, clear=clear, limit_m2=green_limit_m2
        )
    stalls, aisles, street_why = _beside_roads(estate, ground, chosen, kept, on_street=on_street)
    rejected += street_why
    for space in spaces:
        own = shapely.intersects(stalls.geometry.to_numpy(), space.geometry.buffer(-_TOUCH_M))
        if space not in laid and not own.any():
            rejected.append(_not_laid(space, Message("stalls.no_layout")))
    lots_of = list(lots_laid.values())
    proposed = stacked([stalls, *(lot.stalls for lot in lots_of)])
    used = {road_id for space in laid for road_id in space.roads}
    # A road that is the only way to somewhere and gets no stall is no aisle of the proposal.
    idle = {road.road_id for road in estate.roads.roads if road.narrow} - used
    aisles = aisles[~aisles["place"].isin(idle) | _at_gates(estate, aisles)]
    every = stacked([aisles, *(frame for lot in lots_of for frame in (lot.aisles, lot.driveways))])
    every = without_tails(every, {road.road_id for road in estate.roads.roads if road.narrow})
    cleared = needed(estate, proposed, every, clear)
    while True:  # what is dropped may leave an obstacle standing that was in nobody's way without it
        whole = estate.bare(cleared)
        proposed, wrong = held(
            estate, proposed, every, ground=whole, spaces=spaces, room=along.room, layouts=layouts
        )
        before, cleared = cleared, needed(estate, proposed, every, clear)
        if cleared == before:
            break
    stay = staying(estate, kept, proposed, every)
    proven = proposed
    proposed = with_accessible(proposed, estate, total=len(proposed) + len(stay))
    unpaved = sum(space.geometry.area for space in laid if space.unpaved)
    swing = swing_ground(
        estate,
        proven,
        proposed,
        stay,
        every,
        lots=[space.geometry for space in laid],
        room=along.room,
        barred=whole.barred_to_cars,
    )
    return Proposal(
        stalls=_numbered(estate, stay, proposed),
        aisles=every[["aisle_id", "direction", "width_m", "place", "geometry"]].reset_index(drop=True),
        cleared=cleared,
        rejected=_rejected(rejected, estate),
        faults=(*(fault for lot in lots_of for fault in lot.faults), *wrong),
        runs=chosen,
        lots={space_id: len(lot.stalls) for space_id, lot in lots_laid.items()},
        unpaved_m2=round(unpaved + _verge(estate, proposed, every, spaces, laid), 1),
        swing=(*(place for lot in lots_of for place in lot.turning), *swing),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Along:
    """Rows along roads, and the ground over which cars may swing there."""

    runs: dict[tuple[str, int], Run]
    room: BaseGeometry


def _at_gates(estate: Estate, aisles: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Tell which aisles lead to a gate of the estate."""
    gates = shapely.union_all(list(estate.roads.gates))
    return pd.Series(shapely.dwithin(aisles.geometry.to_numpy(), gates, 0.01), index=aisles.index)


def _along(
    estate: Estate,
    layouts: Layouts,
    ground: Ground,
    clear: frozenset[str],
    spaces: tuple[Space, ...],
    *,
    angles: tuple[float, ...],
    laid: tuple[Space, ...] = (),
) -> _Along:
    # Scenarios that clear the same and lay out the same have the same rows.
    key = (clear, *(tuple(space.geometry.wkb for space in some) for some in (spaces, laid)), angles)
    if key not in layouts.along:
        layouts.along[key] = _rows_along(estate, ground, clear, spaces, angles, laid=laid)
    found: _Along = layouts.along[key]
    return found


def _rows_along(
    estate: Estate,
    ground: Ground,
    clear: frozenset[str],
    spaces: tuple[Space, ...],
    angles: tuple[float, ...],
    *,
    laid: tuple[Space, ...],
) -> _Along:
    usable = _usable(estate, clear, spaces)
    lots = [space.geometry for space in laid]
    verges = kerb_ground(estate.roads, usable, shapely.union_all([ground.barred_to_stalls, *lots]))
    room = kerb_ground(estate.roads, usable, ground.barred_to_cars)
    room = shapely.union(room, estate.roads.ground)
    return _Along(runs=_rows(estate, ground, verges, room, angles), room=room)


def _beside_roads(
    estate: Estate, ground: Ground, chosen: Mapping[tuple[str, int], Run], kept: set[int], *, on_street: bool
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, list[dict[str, Any]]]:
    """Return the stalls and aisles along roads, and on their carriageways, and the roads without."""
    stalls, aisles = runs_frames([*chosen.values()], estate.site.crs)
    streets, street_aisles, why = _streets(estate, ground, chosen, kept) if on_street else ({}, [], [])
    if streets:
        extra, _ = runs_frames(streets.values(), estate.site.crs)
        stalls = stacked([stalls, extra])
        gone = {road_id for road_id, _ in streets}
        aisles = stacked([aisles[~aisles["road_id"].isin(gone)], _frame(street_aisles, estate)])
    return stalls.assign(place=stalls["road_id"]), aisles.assign(place=aisles["road_id"]), why


def _stalls_of(runs: Mapping[tuple[str, int], Run]) -> list[BaseGeometry]:
    return [stall["geometry"] for run in runs.values() for stall in run.stalls]


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
    carriageways = [road.ground for road in estate.roads.roads]
    for number, road in enumerate(estate.roads.roads):
        others = [*carriageways[:number], *carriageways[number + 1 :]]
        runs = kerb_rows(
            road,
            verges,
            room=room,
            barred_to_cars=barred,
            taken=[*others, *taken],
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
    *,
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


def _not_laid(space: Space, why: Message) -> dict[str, Any]:
    return {
        "space_id": space.space_id,
        "name": space.name,
        "area_m2": round(space.geometry.area, 1),
        "reason": why,
        "geometry": space.geometry,
    }


def _verge(
    estate: Estate,
    proposed: gpd.GeoDataFrame,
    aisles: gpd.GeoDataFrame,
    spaces: tuple[Space, ...],
    laid: tuple[Space, ...],
) -> float:
    """Return the ground of rows and wider aisles that is neither road nor stands as stalls now, in m2."""
    if proposed.empty:
        return 0.0
    homes = aisles[aisles["aisle_id"].isin(set(proposed["aisle_id"]))]
    used = shapely.union_all([*proposed.geometry, *aisle_ground(homes)])
    hard = shapely.union_all(
        [
            estate.roads.ground,
            *estate.existing.geometry,
            # The ground of lots is counted by itself.
            *[s.geometry for s in spaces if s in laid or not s.unpaved],
        ]
    )
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
    return stacked(both)


def _frame(rows: list[dict[str, Any]], estate: Estate) -> gpd.GeoDataFrame:
    columns = ["aisle_id", "road_id", "direction", "width_m", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=estate.site.crs)


def _rejected(rows: list[dict[str, Any]], estate: Estate) -> gpd.GeoDataFrame:
    names = ["space_id", "name", "area_m2", "reason", "road", "geometry"]
    rows = [{**row, "road": bool(row.get("road"))} for row in rows]
    frame = gpd.GeoDataFrame(rows, columns=names, geometry="geometry", crs=estate.site.crs)
    frame["reason"] = as_objects([row["reason"] for row in rows])
    return frame
