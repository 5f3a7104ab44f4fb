"""Lots of an estate: open spaces laid out with rows and aisles of their own, verified one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from plan.parking.estate import Estate
from plan.parking.faults import Fault
from plan.parking.held import ROUNDS, unproven
from plan.parking.layout import place_stalls
from plan.parking.spaces import Space
from plan.parking.stackers import stacked_stalls, stacker_spec
from plan.parking.stalls import StallSpec
from plan.parking.verify import DEAD_END_M, verify
from plan.site import Placement

__all__ = ["Layouts", "Lot", "lot_layout", "lots_of_spaces"]

_ON_GATE_M: Final = 0.01
_TOUCH_M: Final = 0.05
_BACKED_M: Final = (
    8.0  # no car turns on a road that is a dead end: of the lot itself it backs past three stalls at most
)


@cache
def _ready() -> None:
    """Lay out a small lot: machine code is made or loaded before the time of any search counts."""
    place_stalls(shapely.box(0, 0, 40, 30), gates=[LineString([(0, 5), (0, 11)])], iterations=20)


class Layouts:
    """Layouts of lots, each made once."""

    def __init__(self, *, each_s: float, seed: int, iterations: int | None) -> None:
        self._each_s = each_s
        self._seed = seed
        self._iterations = iterations
        self._made: dict[tuple[Any, tuple[float, ...]], Placement] = {}
        self.along: dict[Any, Any] = {}  # rows along roads, by what may go and which ground is taken
        self.verified: dict[Any, tuple[Fault, ...]] = {}  # what was verified once is not verified again

    def of(
        self, space: Space, *, angles_deg: tuple[float, ...], spec: StallSpec, dead_end_m: float
    ) -> Placement:
        """Lay out a space; of its layouts with some of the angles the one that holds most."""
        place = (space.geometry.wkb, space.no_stall.wkb, spec)
        key = (place, angles_deg)
        if key not in self._made:
            _ready()
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
                dead_end_m=dead_end_m,
            )
        best = self._made[key]
        for (other, some), layout in self._made.items():
            if other == place and set(some) <= set(angles_deg) and len(layout.features) > len(best.features):
                best = layout
        return best

    def bound_of(
        self, space: Space, *, angles_deg: tuple[float, ...], spec: StallSpec
    ) -> tuple[int, bool] | None:
        """Return how many stalls a space holds at most, and whether that is proven; None where it was not laid out."""
        made = self._made.get(((space.geometry.wkb, space.no_stall.wkb, spec), angles_deg))
        return (
            None
            if made is None
            else (int(made.measures["upper_bound"]), bool(made.measures["bound_is_proof"]))
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lot:
    """A lot laid out, verified."""

    stalls: gpd.GeoDataFrame
    aisles: gpd.GeoDataFrame
    driveways: gpd.GeoDataFrame
    faults: tuple[Fault, ...]
    turning: tuple[BaseGeometry, ...]  # where cars turn at dead ends

    @property
    def capacity(self) -> int:
        if "capacity" in self.stalls:
            return int(self.stalls["capacity"].sum())
        return len(self.stalls)


def lots_of_spaces(
    estate: Estate,
    spaces: tuple[Space, ...],
    layouts: Layouts,
    angles: tuple[float, ...],
    *,
    rows: Sequence[BaseGeometry],
    stackers: bool,
) -> dict[str, Lot]:
    """Lay out the spaces that hold more as lots than in rows along their roads."""
    along = np.array(rows, dtype=object)
    found: dict[str, Lot] = {}
    for space in spaces:
        own = int(shapely.intersects(along, space.geometry.buffer(-_TOUCH_M)).sum()) if len(along) else 0
        ways = [lot_layout(estate, space, layouts, angles)]
        if stackers:
            ways.append(_high(estate, space, layouts))
        lots = [
            Lot(stalls=s, aisles=a, driveways=_driveways(estate, space, a), faults=tuple(f), turning=t)
            for s, a, f, t in ways
        ]
        best = max(lots, key=lambda lot: lot.capacity)
        if best.capacity > own:
            found[space.space_id] = best
    return found


def lot_layout(
    estate: Estate, space: Space, layouts: Layouts, angles: tuple[float, ...], spec: StallSpec | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Fault, ...], tuple[BaseGeometry, ...]]:
    """Lay out a lot and keep what holds up: stalls, aisles, what is wrong, and where cars turn."""
    given = spec is not None
    spec = spec or estate.spec
    if not estate.options.reverse_in and not given:
        forward = tuple(row for row in spec.rows if row.front_in)
        spec = replace(spec, rows=forward)
    reach_m = _reach_m(estate, space)
    placed = layouts.of(space, angles_deg=angles, spec=spec, dead_end_m=reach_m)
    stalls, aisles = placed.features.copy(), placed.measures["aisles"].copy()
    wrong: tuple[Fault, ...] = ()
    for _ in range(ROUNDS):
        if stalls.empty:
            break
        turning = placed.measures["turning_places"]
        key = (
            space.geometry.wkb,
            *(tuple(frame.geometry.to_wkb()) for frame in (stalls, aisles, turning)),
        )
        if key not in layouts.verified:
            no_stall = [space.no_stall] if not space.no_stall.is_empty else None
            layouts.verified[key] = verify(
                space.geometry,
                stalls,
                aisles,
                gates=list(space.gates),
                fire_lanes=no_stall,
                turning_places=turning,
                dead_end_m=reach_m,
            )
        wrong = layouts.verified[key]
        drop = unproven(wrong)
        if not drop:
            break
        stalls = stalls[~stalls["stall_id"].isin(drop)]
    prefix = space.space_id
    for frame in (stalls, aisles):
        frame["aisle_id"] = [f"{prefix}-{i}" for i in frame["aisle_id"]]
        frame["place"] = prefix
    stalls = stalls.set_crs(estate.site.crs, allow_override=True)
    aisles = aisles.set_crs(estate.site.crs, allow_override=True)
    places = tuple(placed.measures["turning_places"].geometry)
    return (stalls, aisles, wrong, places) if len(stalls) else (stalls, aisles, (), ())


def _reach_m(estate: Estate, space: Space) -> float:
    """Return how far a car of a lot may have to back: where the road to it is itself a dead end, hardly any."""
    lead_on = any(not road.narrow for road in estate.roads.roads if road.road_id in space.roads)
    return DEAD_END_M if lead_on else _BACKED_M


def _high(
    estate: Estate, space: Space, layouts: Layouts
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, tuple[Fault, ...], tuple[BaseGeometry, ...]]:
    """Lay out a lot for stackers."""
    found = lot_layout(estate, space, layouts, (90.0,), stacker_spec(estate.spec))
    buildings = estate.site.layer("buildings").geometry.dropna() if estate.site.has("buildings") else []
    stalls = stacked_stalls(
        found[0],
        tiers=estate.options.stacker_tiers,
        buildings=shapely.union_all(list(buildings)),
        clear_m=estate.options.stacker_clear_m,
    )
    return stalls, *found[1:]


def _straight_on(aisle: LineString, end: int, road: LineString) -> LineString | None:
    """Return the line of an aisle led on to the middle of a road, so that no corner of it reaches into the lot."""
    (x, y), (from_x, from_y) = (aisle.coords[i][:2] for i in ((0, 1) if end == 0 else (-1, -2)))
    length = math.hypot(x - from_x, y - from_y)
    reach = 2 * shapely.Point(x, y).distance(road) / max(length, _ON_GATE_M)
    ahead = LineString([(x, y), (x + (x - from_x) * reach, y + (y - from_y) * reach)])
    meets = shapely.intersection(ahead, road)
    if meets.is_empty:
        return None
    return LineString([(x, y), shapely.shortest_line(shapely.Point(x, y), meets).coords[-1]])


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
            way = _straight_on(aisle["geometry"], end, road) or shapely.shortest_line(point, road)
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
