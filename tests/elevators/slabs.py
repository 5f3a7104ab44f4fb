"""A slab of flats with its stair in the north, a fire lane, and what else is wanted; boxes that can be measured by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pyproj
from shapely import LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from plan.elevators import Limits, StairwellSiting, place_elevators
from plan.findings import Problem
from plan.schema import LAYERS
from plan.site import Site
from plan.validation import validate

CRS = pyproj.CRS.from_epsg(4548)
X, Y = 500_000.0, 2_900_000.0
LIMITS = Limits(fire_lane_m=4.0, separation_m=6.0, lane_to_facade_m=5.0)
LONG, DEEP = 26.0, 11.0  # the slab; its north face lies on y = 11


def area(x: float, y: float, width: float, height: float) -> Polygon:
    return box(x, y, x + width, y + height)


def line(*points: tuple[float, float]) -> LineString:
    return LineString(points)


def slab(**more: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a slab with two stairs, a lane of 4 m whose middle is 14 m north of it, and empty ground."""
    layers: dict[str, list[dict[str, Any]]] = {
        "parcels": [{"parcel_id": "P1", "geometry": area(-40, -40, 120, 120)}],
        "buildings": [{"building_id": "B1", "floors": 6, "geometry": area(0, 0, LONG, DEEP)}],
        "entrances": [door("D1", 6.5, stairwell="S1"), door("D2", 19.5, stairwell="S2")],
        "fire_lanes": [{"lane_id": "L1", "width_m": 4.0, "geometry": line((-30, 25), (60, 25))}],
        "obstacles": [tree("T0", -30, -30)],
        "stalls": [{"stall_id": "P0", "geometry": area(-30, -20, 2.5, 5)}],
        "utilities": [{"utility_id": "U0", "kind": "gas", "geometry": line((-30, -35), (60, -35))}],
        "barriers": [{"barrier_id": "K0", "kind": "wall", "geometry": line((-38, -38), (60, -38))}],
        "walkways": [
            {"way_id": "W0", "kind": "path", "width_m": 1.5, "geometry": line((-38, -30), (60, -30))}
        ],
    }
    return layers | more


def door(
    name: str,
    x: float,
    y: float = DEEP,
    *,
    stairwell: str | None = None,
    building: str | None = "B1",
    kind: str = "stairwell",
) -> dict[str, Any]:
    return {
        "entrance_id": name,
        "kind": kind,
        "building_id": building,
        "stairwell_id": stairwell,
        "geometry": Point(x, y),
    }


def tree(
    name: str, x: float, y: float, *, radius: float = 1.0, removable: bool | None = True
) -> dict[str, Any]:
    return {
        "obstacle_id": name,
        "kind": "tree",
        "radius_m": radius,
        "removable": removable,
        "cost_cny": 2000.0,
        "geometry": Point(x, y),
    }


def lane(middle_y: float, width: float | None = 4.0, name: str = "L1") -> dict[str, Any]:
    return {"lane_id": name, "width_m": width, "geometry": line((-30, middle_y), (60, middle_y))}


def site(
    layers: dict[str, list[dict[str, Any]]],
    *,
    angle_deg: float = 0.0,
    shift: tuple[float, float] = (X, Y),
    repaired: dict[str, tuple[str, ...]] | None = None,
) -> Site:
    frames = {}
    for name, rows in layers.items():
        columns = list(dict.fromkeys(c for row in rows for c in row if c != "geometry"))
        columns = columns or [c.name for c in LAYERS[name].columns]
        shapes = [moved(row["geometry"], angle_deg, shift) for row in rows]
        table = {c: [row.get(c) for row in rows] for c in columns}
        frames[name] = validate(name, gpd.GeoDataFrame(table, geometry=shapes, crs=CRS))[0]
    mended = tuple(
        Problem(
            id="PLAN-GEOM-001",
            severity="error",
            effect="repaired",
            message="mended",
            cure="",
            layer=name,
            features=ids,
        )
        for name, ids in (repaired or {}).items()
    )
    return Site(name="S", layers=frames, crs=CRS, problems=mended)


def moved(shape: BaseGeometry | None, angle_deg: float, shift: tuple[float, float]) -> BaseGeometry | None:
    if shape is None:
        return None
    return affinity.translate(affinity.rotate(shape, angle_deg, origin=(0, 0)), *shift)


def sited(layers: dict[str, list[dict[str, Any]]], **options: Any) -> dict[str, StairwellSiting]:
    """Place elevators and return what was found out, by entrance."""
    given = {"limits": LIMITS} | {
        k: v for k, v in options.items() if k not in {"angle_deg", "shift", "repaired"}
    }
    where = site(layers, **{k: v for k, v in options.items() if k in {"angle_deg", "shift", "repaired"}})
    return {one.entrance_id: one for one in place_elevators(where, **given).measures["stairwells"]}
