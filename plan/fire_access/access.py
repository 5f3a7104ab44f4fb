"""The answer for a whole site: buildings, lanes and pinches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.fire_access.cures import Cells, Cure, cells_of
from plan.fire_access.dead_ends import dead_ends_of
from plan.fire_access.ground import Ground, Unknown, back
from plan.fire_access.pinches import PASS_M, Pinch, pinches_on
from plan.fire_access.reached import REACH_M, checked, gap_m, reached_of
from plan.fire_access.search import Search, along_lanes
from plan.fire_access.turns import turns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from plan.site import Site

__all__ = ["DEAD_END_M", "TURNAROUND_M", "FireAccess", "fire_access"]

# Metres of a dead end that needs no room to turn (GB 55037, 3.4.5(6)), and of the side of such room (GB 50016, 7.1.9).
DEAD_END_M: Final = 40.0
TURNAROUND_M: Final = 12.0
# Metres beside the carriageway as drawn onto which it may be widened: this tool's default.
WIDEN_M: Final = 1.0
# Metres around the middle of a lane in which it begins and ends when it is led through a pinch.
_STEP_M: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FireAccess:
    """What a fire engine reaches.

    Parameters
    ----------
    width_m, height_m, reach_m : float
        What was asked for.
    buildings : geopandas.GeoDataFrame
        ``building_id``, ``reached`` (boolean; NA where it cannot be told), ``lane_m`` (the widest lane that gets
        within reach; 0 where none does), ``distance_m`` (from the ground that a lane of the width asked for gets to; NaN
        where it gets nowhere), ``pinch_id`` (the narrowest pinch on the way of that widest lane; None where it is wide
        enough), ``cure`` (the ids of what would have to go, of the cheapest way there), ``widen`` (the lanes to
        widen), ``cost_cny`` (known costs; NaN where none is), ``curable``, geometry.
    lanes : geopandas.GeoDataFrame
        ``lane_id``, ``clear_m`` (the widest lane that passes from one end of it to the other), ``state`` (``reachable``, or ``too_narrow``: a lane of the width asked for does not get there from
        outside), geometry: the surface of each fire lane in one or two parts.
    pinches : geopandas.GeoDataFrame
        ``pinch_id``, ``width_m``, ``length_m`` (of the stretch), ``lane_id`` (lanes it lies on), ``between`` (ids
        of what stands on either side; an id of a lane means the edge of its carriageway), ``layers`` (of the things among them, in their order), ``cure`` (ids to clear away),
        ``widen`` (lanes to widen), ``cost_cny``, ``for_good`` (nothing that is marked removable would help),
        ``buildings`` (ids of those that lie behind it), geometry: the line across. Lists of ids are text, parted by ``;``.
    dead_ends : geopandas.GeoDataFrame
        Of those longer than asked for: ``dead_end_id``, ``lane_id``, ``length_m``, ``turnaround`` (boolean: whether the
        square fits into hard ground near the tip; NA where it fits only onto land of which nothing says what it is, or the lane forks there),
        geometry: the line from the tip back to the network.
    turns : geopandas.GeoDataFrame
        ``turn_id``, ``lane_id`` (the lanes that meet there), ``radius_m`` (the greatest that an engine can drive), geometry: the
        corner. Empty unless it was asked for.
    unknown : tuple of Unknown
        What the drawing does not say.
    """

    width_m: float
    height_m: float
    reach_m: float
    buildings: gpd.GeoDataFrame
    lanes: gpd.GeoDataFrame
    pinches: gpd.GeoDataFrame
    dead_ends: gpd.GeoDataFrame
    turns: gpd.GeoDataFrame
    unknown: tuple[Unknown, ...]

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the tables by the names under which they are written, those of which there is a row."""
        tables = {
            "fire_buildings": self.buildings,
            "fire_ways": self.lanes,
            "fire_pinches": self.pinches,
            "fire_dead_ends": self.dead_ends,
            "fire_turns": self.turns,
        }
        return {name: table for name, table in tables.items() if len(table)}


def fire_access(
    site: Site,
    *,
    width_m: float = 4.0,
    height_m: float = 4.0,
    reach_m: float = REACH_M,
    widen_m: float = WIDEN_M,
    dead_end_m: float = DEAD_END_M,
    turnaround_m: float = TURNAROUND_M,
    turn_width_m: float | None = None,
) -> FireAccess:
    """Find the widest lane that gets within reach of every building, and what narrows it.

    Parameters
    ----------
    site : Site
        Layers ``buildings``, ``fire_lanes``, ``entrances`` (gates), ``walkways`` (streets), ``open_spaces``, ``parcels``; what
        stands on them in ``stalls``, ``obstacles``, ``barriers``. Heights are judged only where ``fire_lanes`` has
        ``height_m``.
    width_m, height_m : float, default 4.0
        The clear lane asked for; a pack has the figures.
    reach_m : float, default 10.0
        Metres from the edge of a lane to the building that it serves; this tool's default.
    widen_m : float, default 1.0
        Metres beside the carriageway onto which a cure may widen it; this tool's default.
    dead_end_m : float, default 40.0
        A longer dead end needs room to turn (GB 55037, 3.4.5(6)); a pack has the figure.
    turnaround_m : float, default 12.0
        Side of the square in which an engine turns (GB 50016, 7.1.9); a pack has the figure.
    turn_width_m : float, optional
        Metres of ground that an engine sweeps in a turn; turns are measured only where it is given.

    Returns
    -------
    FireAccess
        Buildings, lanes, pinches, and what is not known.

    Raises
    ------
    UsageError
        If a figure is not positive and finite.
    MissingLayerError
        If the site has no layer of buildings.

    Examples
    --------
    >>> import plan
    >>> site = plan.read_site("sample_gis/old_estate.gpkg")
    >>> found = fire_access(site, width_m=4.0)
    >>> bool(found.buildings["reached"].all())
    False
    """
    checked(width_m, height_m, reach_m, widen_m, dead_end_m, turnaround_m, turn_width_m or 1.0)
    known = reached_of(site, width_m=width_m, height_m=height_m, reach_m=reach_m)
    houses, ground, found, region = known.houses, known.ground, known.found, known.region
    shapes, answer = known.shapes, known.answer
    along = along_lanes(ground, found.middle, width_m=width_m)
    to = {i: found.ways.edges_to(node) for i, node in found.targets.items()}
    ways = [*to.values(), *(way for _, those in along.values() for way in those)]
    pinches = pinches_on(ground, found.middle, ways, width_m=width_m)
    # Only what is pinched can be cured: where no lane comes near at all, one has to be built.
    cells = cells_of(ground, width_m=width_m, widen_m=widen_m) if pinches else None
    on_way = _on_ways(to, pinches)
    names = {n: f"N{n + 1:02d}" for n in range(len(pinches))}
    outside = cells.near(ground.outside, 0.0) if cells is not None else []
    asked = _Asked(
        site=site,
        ground=ground,
        found=found,
        cells=cells,
        starts=[c for c in outside if cells is not None and not cells.shut_by[c]],
        width_m=width_m,
        reach_m=reach_m,
    )
    return FireAccess(
        width_m=width_m,
        height_m=height_m,
        reach_m=reach_m,
        buildings=_buildings(
            asked,
            houses,
            shapes=shapes,
            answer=answer,
            pinches=pinches,
            on_way=on_way,
            names=names,
            region=region,
        ),
        lanes=_lanes(asked, region, {lane: wide for lane, (wide, _) in along.items()}),
        pinches=_pinches(asked, region, pinches=pinches, on_way=on_way, names=names, houses=houses),
        dead_ends=_dead_ends(asked, region, dead_end_m=dead_end_m, turnaround_m=turnaround_m),
        turns=_turns(asked, region, turn_width_m),
        unknown=ground.unknown,
    )


# --- parts ---------------------------------------------------------------------------------------


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    """What all the tables are made from."""

    site: Site
    ground: Ground
    found: Search
    cells: Cells | None
    starts: list[int]  # cells outside
    width_m: float
    reach_m: float

    @cached_property
    def spread(self) -> dict[int, tuple[int, frozenset[int]]]:
        """Of each cell that a cure leads to, its place in the search from outside and the zones on the way."""
        if self.cells is None:
            return {}
        return {c: (n, zones) for n, (c, zones) in enumerate(self.cells.spread(self.starts))}


def _on_ways(ways: dict[int, list[int]], pinches: Sequence[Pinch]) -> dict[int, list[int]]:
    """Return for each building the pinches on its way, from outside on."""
    of_edge = {edge: n for n, p in enumerate(pinches) for edge in p.edges}
    return {i: list(dict.fromkeys(of_edge[e] for e in way if e in of_edge)) for i, way in ways.items()}


def _buildings(
    asked: _Asked,
    houses: gpd.GeoDataFrame,
    *,
    shapes: Sequence[BaseGeometry | None],
    answer: Sequence[bool | None],
    pinches: Sequence[Pinch],
    on_way: dict[int, list[int]],
    names: dict[int, str],
    region: BaseGeometry,
) -> gpd.GeoDataFrame:
    lane_m = asked.found.lane_m
    pinch, cures = [], []
    for i, shape in enumerate(shapes):
        too_narrow = lane_m[i] + PASS_M < asked.width_m
        here = on_way.get(i, []) if too_narrow else []
        pinch.append(names[min(here, key=lambda n: pinches[n].width_m)] if here else None)
        # Where no lane comes near, nothing that could be cleared away is in its way: one has to be built.
        cures.append(_to_building(asked, shape) if here and shape is not None else None)
    return gpd.GeoDataFrame(
        {
            "building_id": houses["building_id"],
            "reached": pd.array(list(answer), dtype="boolean"),
            "lane_m": [round(float(w), 3) for w in lane_m],
            "distance_m": [round(gap_m(region, shape), 3) for shape in shapes],
            "pinch_id": pd.Series(pinch, dtype=object),
            **_cure_columns(cures),
            "curable": pd.array(
                [None if a or a is None else c is not None for a, c in zip(answer, cures, strict=True)],
                dtype="boolean",
            ),
        },
        geometry=houses.geometry,
        crs=asked.site.crs,
    )


def _cure_columns(cures: Sequence[Cure | None]) -> dict[str, Any]:
    return {
        "cure": [";".join(t.id for t in c.removed) if c else "" for c in cures],
        "widen": [";".join(c.widened) if c else "" for c in cures],
        "cost_cny": [c.cost_cny if c else float("nan") for c in cures],
    }


def _to_building(asked: _Asked, shape: BaseGeometry) -> Cure | None:
    """Find what would let a lane in from outside to within reach of a building."""
    cells = asked.cells
    if cells is None or not cells.shapes:
        return None
    near = cells.near(shape, asked.reach_m + asked.width_m / 2)
    # Of the cells to which the search comes in its order, the first.
    there = [asked.spread[c] for c in near if c in asked.spread and not cells.swerves(c)]
    return cells.cure_of(min(there)[1]) if there else None


def _through(asked: _Asked, pinch: Pinch) -> Cure | None:
    """Find what would let a lane through a pinch, near it."""
    cells, middle = asked.cells, asked.found.middle
    if cells is None or not cells.shapes:
        return None
    edges = np.array(pinch.edges)
    nodes = np.unique(np.r_[middle.start[edges], middle.end[edges], pinch.ends])
    first, last = (cells.near(shapely.Point(middle.xy[n]), _STEP_M) for n in pinch.ends)
    window = cells.near_any(middle.xy[nodes], asked.width_m)
    return cells.cure(first, frozenset(last).__contains__, within=window)


def _lanes(asked: _Asked, region: BaseGeometry, clear: dict[str, float]) -> gpd.GeoDataFrame:
    rows = []
    # A rim thinner than this is where a disc does not fill a corner.
    filled = region.buffer(0.3, join_style="mitre")
    for lane, surface in asked.ground.lanes.items():
        rest = surface.difference(filled) if not region.is_empty else surface
        rest = rest.buffer(-0.3).buffer(0.3)
        for state, shape in (("reachable", surface.intersection(region)), ("too_narrow", rest)):
            if shape.area > 1.0:
                rows.append((lane, state, back(shape, asked.ground.origin)))
    return gpd.GeoDataFrame(
        {
            "lane_id": [r[0] for r in rows],
            "clear_m": [round(clear[r[0]], 3) for r in rows],
            "state": [r[1] for r in rows],
        },
        geometry=[r[2] for r in rows],
        crs=asked.site.crs,
    )


def _dead_ends(
    asked: _Asked, region: BaseGeometry, *, dead_end_m: float, turnaround_m: float
) -> gpd.GeoDataFrame:
    found = dead_ends_of(
        asked.ground, region, width_m=asked.width_m, dead_end_m=dead_end_m, turnaround_m=turnaround_m
    )
    return gpd.GeoDataFrame(
        {
            "dead_end_id": [f"E{n + 1:02d}" for n in range(len(found))],
            "lane_id": [";".join(d.lanes) for d in found],
            "length_m": [round(float(d.line.length), 2) for d in found],
            "turnaround": pd.array([d.turnaround for d in found], dtype="boolean"),
        },
        geometry=[back(d.line, asked.ground.origin) for d in found],
        crs=asked.site.crs,
    )


def _turns(asked: _Asked, region: BaseGeometry, turn_width_m: float | None) -> gpd.GeoDataFrame:
    found = [] if turn_width_m is None else turns_of(asked.ground, region, turn_width_m=turn_width_m)
    return gpd.GeoDataFrame(
        {
            "turn_id": [f"R{n + 1:02d}" for n in range(len(found))],
            "lane_id": [";".join(t.lanes) for t in found],
            "radius_m": [round(t.radius_m, 2) for t in found],
        },
        geometry=[back(t.spot, asked.ground.origin) for t in found],
        crs=asked.site.crs,
    )


def _length(asked: _Asked, pinch: Pinch, region: BaseGeometry) -> float:
    """Return how long a stretch is: of a lane that is drawn too narrow, all of it that no lane gets to."""
    lines = asked.ground.centrelines
    if pinch.things or len(pinch.lanes) != 1 or pinch.lanes[0] not in lines:
        return pinch.length_m
    return float(lines[pinch.lanes[0]].difference(region).length)


def _pinches(
    asked: _Asked,
    region: BaseGeometry,
    *,
    pinches: Sequence[Pinch],
    on_way: dict[int, list[int]],
    names: dict[int, str],
    houses: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    cures = [_through(asked, p) for p in pinches]
    behind = [[str(houses["building_id"][i]) for i, those in on_way.items() if n in those] for n in names]
    between = [[t.id for t in p.things] + (list(p.lanes) if p.by_edge else []) for p in pinches]
    return gpd.GeoDataFrame(
        {
            "pinch_id": list(names.values()),
            "width_m": [round(p.width_m, 3) for p in pinches],
            "length_m": [round(_length(asked, p, region), 1) for p in pinches],
            "lane_id": [";".join(p.lanes) for p in pinches],
            "between": [";".join(b) for b in between],
            "layers": [";".join(t.layer for t in p.things) for p in pinches],
            **_cure_columns(cures),
            "for_good": [c is None for c in cures],
            "buildings": [";".join(sorted(b)) for b in behind],
        },
        geometry=[back(p.chord, asked.ground.origin) for p in pinches],
        crs=asked.site.crs,
    )
