"""The spaces of an estate that could hold stalls: what remains of its open spaces, and how cars get there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.clearances import Ground, surface_stalls
from plan.parking.roads import Road, Roads
from plan.parking.stalls import StallSpec
from plan.site import Site, as_objects
from plan.surfaces import HARD_SURFACES
from plan.words import says

__all__ = ["Space", "Spaces", "usable_spaces"]

# This tool's defaults. A road so near to a space is driven from into it, over ground on which nothing stands.
REACH_M: Final = 4.0
# Open spaces in use are no parking ground unless the user says so: those with a facility, or called like this.
IN_USE: Final = ("广场", "游园", "花园", "公园", "活动", "健身", "球场", "运动", "操场", "游乐", "儿童", "菜场",
                 "plaza", "square", "park", "garden", "playground", "sport", "court", "fitness")  # fmt: skip
_TOUCH_M: Final = 1e-6
_SEEN_M: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """Ground that could hold stalls.

    Parameters
    ----------
    space_id : str
        The id of its open space; parts of one are numbered.
    name : str
        What people call it.
    geometry : Polygon
        In metres; holes are what stands in it.
    gates : tuple of LineString
        Where its edge is open to a road.
    roads : tuple of str
        Ids of the roads behind the gates.
    bounded_by : tuple of str
        Layers that bound it.
    no_stall : shapely geometry
        What may be driven on and must hold no stall: fire lanes, footpaths, clear space before doors.
    unpaved : bool
        Whether its surface must be paved first.
    """

    space_id: str
    name: str
    geometry: Polygon
    gates: tuple[LineString, ...]
    roads: tuple[str, ...]
    bounded_by: tuple[str, ...]
    no_stall: BaseGeometry
    unpaved: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spaces:
    """The spaces that could hold stalls, and the others with the reason."""

    spaces: tuple[Space, ...]
    rejected: gpd.GeoDataFrame  # space_id, name, area_m2, reason, geometry


def usable_spaces(
    site: Site,
    *,
    roads: Roads,
    ground: Ground,
    spec: StallSpec | None = None,
    keep: Collection[str] = (),
    take: Collection[str] = (),
    reach_m: float = REACH_M,
) -> Spaces:
    """Find what remains of the open spaces of an estate for stalls.

    Parameters
    ----------
    site : Site
        With ``open_spaces``; none are found where the layer is absent.
    roads : Roads
        From which they are driven into.
    ground : Ground
        What bars them.
    spec : StallSpec, optional
        Which width a gate needs: ``lane_m``.
    keep, take : collection of str
        Ids of open spaces that stay as they are, or that are laid out though they are in use.
    reach_m : float, default 4.0
        Between a road and a space that is driven into from it, with nothing between them: this tool's default.

    Returns
    -------
    Spaces
        In the order of their ids.

    Raises
    ------
    UsageError
        If an id is not in the layer.
    """
    spec = spec or StallSpec()
    open_spaces = site.layer("open_spaces") if site.has("open_spaces") else None
    known = set() if open_spaces is None else set(open_spaces["space_id"].astype(str))
    for name in sorted({*keep, *take} - known):
        raise UsageError(Message("stalls.no_space", id=name, known=tuple(sorted(known))))
    found: list[Space] = []
    rejected: list[dict[str, Any]] = []
    if open_spaces is not None:
        blocked = shapely.union_all([ground.barred_to_cars, *surface_stalls(site).geometry])
        barred = shapely.union_all([ground.barred_to_cars, roads.ground])
        for row in open_spaces.sort_values("space_id", kind="stable").to_dict("records"):
            shape = row["geometry"]
            why = _in_use(site, row, keep=keep, take=take)
            parts: list[Space] = []
            if shape is None or shape.is_empty:
                why = why or Message("stalls.no_shape")
            elif why is None:
                parts, why = _parts(
                    row,
                    roads=roads,
                    ground=ground,
                    spec=spec,
                    barred=barred,
                    blocked=blocked,
                    reach_m=reach_m,
                )
            found += parts
            if why is not None:
                rejected.append(
                    {
                        "space_id": str(row["space_id"]),
                        "name": _text(row.get("name")),
                        "area_m2": 0.0 if shape is None else round(shape.area, 1),
                        "reason": why,
                        "geometry": shape,
                    }
                )
    names = ["space_id", "name", "area_m2", "reason", "geometry"]
    frame = gpd.GeoDataFrame(rejected, columns=names, geometry="geometry", crs=site.crs)
    frame["reason"] = as_objects([row["reason"] for row in rejected])
    return Spaces(spaces=tuple(found), rejected=frame)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _in_use(
    site: Site, row: dict[Any, Any], *, keep: Collection[str], take: Collection[str]
) -> Message | None:
    """Say why an open space is not to be taken, or None."""
    space, name = str(row["space_id"]), _text(row.get("name"))
    if space in keep:
        return Message("stalls.kept")
    if space in take:
        return None
    if site.has("facilities") and row["geometry"] is not None:
        facilities = site.layer("facilities")
        inside = facilities[facilities.intersects(row["geometry"])]
        if len(inside):
            return Message("stalls.has_facility", facility=str(inside["facility_id"].iloc[0]))
    if says(name, IN_USE):
        return Message("stalls.named_in_use", name=name)
    return None


def _parts(
    row: dict[Any, Any],
    *,
    roads: Roads,
    ground: Ground,
    spec: StallSpec,
    barred: BaseGeometry,
    blocked: BaseGeometry,
    reach_m: float,
) -> tuple[list[Space], Message | None]:
    shape = row["geometry"].intersection(ground.estate)
    least = min(r.width_m * r.length_m for r in spec.rows)
    free = shape.difference(barred)
    # Whatever goes elsewhere on the estate, the same ground is the same shape, from the same corner on.
    pieces = sorted(
        (p for p in shapely.get_parts(free.normalize()) if isinstance(p, Polygon) and p.area >= least),
        key=lambda p: (-p.area, p.bounds),
    )
    if not pieces:
        return [], Message("stalls.too_small")
    found = []
    for piece in pieces:
        gates, behind = _gates(piece, roads, blocked=blocked, width_m=spec.lane_m, reach_m=reach_m)
        if gates:
            found.append((piece, gates, behind))
    if not found:
        near = min((road.ground.distance(shape) for road in roads.roads), default=float("inf"))
        if not np.isfinite(near):
            return [], Message("stalls.no_roads")
        return [], Message("stalls.no_road", metres=f"{near:.1f}", limit=f"{reach_m:g}")
    surface = _text(row.get("surface")).strip().casefold()
    clear = ground.kept_clear
    return [
        Space(
            space_id=str(row["space_id"]) if number == 0 else f"{row['space_id']}-{number + 1}",
            name=_text(row.get("name")),
            geometry=piece,
            gates=gates,
            roads=behind,
            bounded_by=(*ground.beside(piece), "roads"),
            no_stall=clear.intersection(piece),
            unpaved=surface not in HARD_SURFACES,
        )
        for number, (piece, gates, behind) in enumerate(found)
    ], None


def _gates(
    piece: Polygon, roads: Roads, *, blocked: BaseGeometry, width_m: float, reach_m: float
) -> tuple[tuple[LineString, ...], tuple[str, ...]]:
    """Return the openings of a piece of ground to the roads beside it."""
    gates: list[LineString] = []
    behind: list[str] = []
    edge = piece.exterior
    for road in roads.roads:
        if road.ground.distance(piece) > reach_m:
            continue
        opening = _opening(edge, road, piece, blocked=blocked, reach_m=reach_m)
        wide = [line for line in opening if line.length >= width_m]
        gates += wide
        behind += [road.road_id] * bool(wide)
    return tuple(gates), tuple(behind)


def _opening(
    edge: LineString, road: Road, piece: Polygon, *, blocked: BaseGeometry, reach_m: float
) -> list[LineString]:
    """Return the straight parts of an edge that are seen from a road square across free ground."""
    points = list(edge.coords)
    found = []
    for a, b in pairwise(points):
        side = LineString([a, b])
        near = side.intersection(road.ground.buffer(reach_m))
        for line in shapely.get_parts(near):
            if not isinstance(line, LineString) or line.length < _TOUCH_M:
                continue
            # What stands between the side and the road shuts the part of the side behind it.
            shut = blocked.intersection(_between(line, road)).difference(piece.buffer(_TOUCH_M))
            for block in shapely.get_parts(shut):
                if block.area > _TOUCH_M:
                    line = line.difference(block.buffer(reach_m + 0.1, cap_style="flat"))  # noqa: PLW2901 - what is left of it
            found += [part for part in shapely.get_parts(line) if isinstance(part, LineString)]
    return found


def _between(line: LineString, road: Road) -> BaseGeometry:
    """Return the ground between a side and the middle of a road."""
    ends = [shapely.shortest_line(shapely.Point(p), road.line).coords[-1] for p in line.coords]
    # A side that leads straight to the road sees it along a line; a little width lets a wall across be found.
    return shapely.MultiPoint([*line.coords, *ends]).convex_hull.buffer(_SEEN_M)
