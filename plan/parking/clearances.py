"""What bars stalls and cars in an estate: houses, doors, windows, walls, trees, sheds, footpaths."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.roads import Roads
from plan.site import Site
from plan.surfaces import is_below_ground

__all__ = ["Clearances", "Ground", "estate_ground", "obstacle_shapes", "surface_stalls", "without_obstacles"]

# A tree or pole that nobody measured counts as so wide: this tool's default.
UNKNOWN_RADIUS_M: Final = 2.0
_FOOTPATH_M: Final = 1.5  # width of a footpath that nobody measured
_EXISTING: Final = ("existing", "planned")  # rooms that stand or are decided
_DWELLING: Final = (None, "", "residential", "dwelling", "apartments", "housing", "住宅")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearances:
    """How far stalls stay from what stands; all of it this tool's default where no pack gives a figure.

    Parameters
    ----------
    door_m : float, default 1.5
        Kept clear around every door of a building.
    wall_m : float, default 0.25
        Between a marked stall and a building, a wall or a shed. The depths to a wall of JGJ 100-2015, table 4.3.4,
        leave as much behind a marked stall.
    window_m : float, optional
        Between a stall and a dwelling, for its windows. No national figure is known, so none is kept without one.
    """

    door_m: float = 1.5
    wall_m: float = 0.25
    window_m: float | None = None

    def __post_init__(self) -> None:
        for value in (self.door_m, self.wall_m, self.window_m or 0.0):
            if not (math.isfinite(value) and value >= 0):
                raise UsageError(Message("stalls.clearance", width=value))


# Not slotted: what is barred is kept once it was put together.
@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What bars the ground of an estate, by what it is.

    Parameters
    ----------
    estate : shapely geometry
        The parcels.
    solid : mapping of str to shapely geometry
        What neither stall nor car passes: buildings, barriers, obstacles, rooms, facilities.
    clear : mapping of str to shapely geometry
        What cars may cross and no stall may stand on: doors, windows, footpaths, fire lanes.
    """

    estate: BaseGeometry
    solid: dict[str, BaseGeometry]
    clear: dict[str, BaseGeometry]

    @cached_property
    def barred_to_cars(self) -> BaseGeometry:
        """All that a car cannot pass."""
        return shapely.union_all(list(self.solid.values()))

    @cached_property
    def barred_to_stalls(self) -> BaseGeometry:
        """All on which no stall may stand."""
        return shapely.union_all([*self.solid.values(), *self.clear.values()])

    @cached_property
    def kept_clear(self) -> BaseGeometry:
        """What may be driven on, and no stall may stand on."""
        return shapely.union_all(list(self.clear.values()))

    def beside(self, shape: BaseGeometry, *, within_m: float = 0.5) -> tuple[str, ...]:
        """Name what bounds a shape."""
        found = [
            n
            for n, g in {**self.solid, **self.clear}.items()
            if not g.is_empty and g.distance(shape) <= within_m
        ]
        if self.estate.boundary.distance(shape) <= within_m:
            found.append("parcels")
        return tuple(found)


def estate_ground(
    site: Site,
    *,
    roads: Roads,
    fire: BaseGeometry,
    clearances: Clearances | None = None,
) -> Ground:
    """Gather what bars the ground of an estate.

    Parameters
    ----------
    site : Site
        With ``parcels``; every other layer counts where it is present.
    roads : Roads
        Ways of these are no footpaths.
    fire : shapely geometry
        Fire lanes, on which no stall stands.
    clearances : Clearances, optional
        How far stalls stay from what stands.

    Returns
    -------
    Ground
        In metres.
    """
    gaps = clearances or Clearances()
    estate = shapely.union_all(site.layer("parcels").geometry.dropna())
    solid = {
        "buildings": _around(_shapes(site, "buildings"), gaps.wall_m),
        "barriers": _around(_shapes(site, "barriers"), gaps.wall_m),
        "obstacles": _around(obstacle_shapes(site)[1], gaps.wall_m),
        "rooms": _around(_rooms(site), gaps.wall_m),
        "facilities": shapely.union_all(
            [g for g in _shapes(site, "facilities") if g.geom_type in {"Polygon", "MultiPolygon"}]
        ),
    }
    clear = {
        "doors": _around(_doors(site), gaps.door_m),
        "windows": _around(_dwellings(site), gaps.window_m) if gaps.window_m else shapely.Polygon(),
        "footpaths": _footpaths(site, roads),
        "fire_lanes": fire,
    }
    return Ground(estate=estate, solid=solid, clear=clear)


def without_obstacles(
    ground: Ground, site: Site, cleared: Collection[str], *, clearances: Clearances
) -> Ground:
    """Return the ground of an estate once some obstacles are taken away.

    Parameters
    ----------
    ground : Ground
        With all of them; see :func:`estate_ground`.
    site : Site
        The estate.
    cleared : collection of str
        Ids of obstacles.
    clearances : Clearances
        With which the ground was gathered.

    Returns
    -------
    Ground
        In metres.
    """
    if not cleared:
        return ground
    left = [g for i, g in zip(*obstacle_shapes(site), strict=True) if i not in cleared]
    return replace(ground, solid={**ground.solid, "obstacles": _around(left, clearances.wall_m)})


def obstacle_shapes(site: Site) -> tuple[list[str], list[BaseGeometry]]:
    """Return the ids of obstacles and the ground that each takes; points as wide as they are."""
    if not site.has("obstacles"):
        return [], []
    frame = site.layer("obstacles")
    radii = frame["radius_m"] if "radius_m" in frame else pd.Series(np.nan, index=frame.index)
    ids, shapes = [], []
    for name, shape, radius in zip(frame["obstacle_id"], frame.geometry, radii, strict=True):
        if shape is None or shape.is_empty:
            continue
        ids.append(str(name))
        if shape.geom_type in {"Polygon", "MultiPolygon"}:
            shapes.append(shape)
        else:
            shapes.append(shape.buffer(UNKNOWN_RADIUS_M if pd.isna(radius) else max(float(radius), 0.05)))
    return ids, shapes


def surface_stalls(site: Site) -> gpd.GeoDataFrame:
    """Return the stalls that stand on the ground and are not proposals, with every column of the layer."""
    if "stalls" not in site.layers:
        return gpd.GeoDataFrame(
            {"stall_id": [], "kind": [], "angle_deg": [], "state": []}, geometry=[], crs=site.crs
        )
    frame = site.layer("stalls")
    for name in ("kind", "angle_deg", "state"):
        if name not in frame:
            frame[name] = None
    below = frame["kind"].map(is_below_ground).astype(bool)
    there = ~(frame.geometry.isna() | frame.geometry.is_empty)
    return frame[~below & there & (frame["state"] != "proposed")]


def _shapes(site: Site, layer: str) -> list[BaseGeometry]:
    if not site.has(layer):
        return []
    return [g for g in site.layer(layer).geometry if g is not None and not g.is_empty]


def _around(shapes: list[BaseGeometry], metres: float) -> BaseGeometry:
    if not shapes:
        return shapely.Polygon()
    return shapely.union_all(shapely.buffer(np.array(shapes, dtype=object), metres, quad_segs=4))


def _doors(site: Site) -> list[BaseGeometry]:
    if not site.has("entrances"):
        return []
    frame = site.layer("entrances")
    return [g for g in frame.geometry[frame["kind"] != "gate"] if g is not None]


def _dwellings(site: Site) -> list[BaseGeometry]:
    if not site.has("buildings"):
        return []
    frame = site.layer("buildings")
    if "use" not in frame:
        return list(frame.geometry.dropna())
    use = [None if not isinstance(u, str) else u.strip().casefold() for u in frame["use"]]
    return [g for g, u in zip(frame.geometry, use, strict=True) if g is not None and u in _DWELLING]


def _rooms(site: Site) -> list[BaseGeometry]:
    """Return rooms that stand, or are to stand, outside the buildings."""
    if not site.has("rooms"):
        return []
    frame = site.layer("rooms")
    home = frame["building_id"] if "building_id" in frame else pd.Series(None, index=frame.index)
    state = frame["state"] if "state" in frame else pd.Series("existing", index=frame.index)
    outside = home.isna() & state.isin(_EXISTING)
    return [
        g for g in frame.geometry[outside] if g is not None and g.geom_type in {"Polygon", "MultiPolygon"}
    ]


def _footpaths(site: Site, roads: Roads) -> BaseGeometry:
    if not site.has("walkways"):
        return shapely.Polygon()
    driven = shapely.union_all([road.line for road in roads.roads]).buffer(0.05)
    shapes = []
    for row in site.layer("walkways").to_dict("records"):
        line = row["geometry"]
        if line is None or row.get("kind") == "street":
            continue
        rest = line.difference(driven)
        width = row.get("width_m")
        wide = _FOOTPATH_M if width is None or pd.isna(width) else float(width)
        if not rest.is_empty:
            shapes.append(rest.buffer(wide / 2, cap_style="flat"))
    return shapely.union_all(shapes)
