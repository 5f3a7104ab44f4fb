"""Estates with one way in, that can be measured by hand."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pyproj
from shapely import LineString, Point, Polygon, affinity, box
from shapely.geometry.base import BaseGeometry

from plan.schema import LAYERS
from plan.site import Site
from plan.validation import validate

CRS = pyproj.CRS.from_epsg(4548)
X, Y = 500_000.0, 2_900_000.0


def area(x: float, y: float, width: float, height: float) -> Polygon:
    return box(X + x, Y + y, X + x + width, Y + y + height)


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(X + x, Y + y) for x, y in points])


def at(x: float, y: float) -> Point:
    return Point(X + x, Y + y)


def site(**layers: list[dict[str, Any]]) -> Site:
    frames = {}
    for name, rows in layers.items():
        columns = list(dict.fromkeys(c for row in rows for c in row if c != "geometry"))
        table = {c: [row.get(c) for row in rows] for c in columns or [LAYERS[name].id_column]}
        frame = gpd.GeoDataFrame(table, geometry=[row.get("geometry") for row in rows], crs=CRS)
        frames[name] = validate(name, frame)[0]
    return Site(name="S", layers=frames, crs=CRS)


def estate(
    *,
    width: float | None = 4.0,
    things: list[dict[str, Any]] | None = None,
    lanes: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Site:
    """A lane north from a street, through a gate at (50, 0), 60 m long; a house 6 m beside its end.

    ::

        y = 60   |  end of the lane            house: x from 58 to 70, y from 46 to 58
        y = 0    gate, edge of the parcel
        y = -10  street, 8 m wide
    """
    layers: dict[str, list[dict[str, Any]]] = {
        "parcels": [{"parcel_id": "P1", "geometry": area(0, 0, 100, 100)}],
        "entrances": [{"entrance_id": "G1", "kind": "gate", "geometry": at(50, 0)}],
        "walkways": [
            {"way_id": "W1", "kind": "street", "width_m": 8.0, "geometry": line((0, -10), (100, -10))}
        ],
        "fire_lanes": [
            {"lane_id": "L1", "width_m": width, "geometry": line((50, -10), (50, 60))},
            *(lanes or []),
        ],
        "buildings": [{"building_id": "B1", "floors": 6, "geometry": area(58, 46, 12, 12)}],
        "stalls": [{"stall_id": "T9", "geometry": area(90, 90, 2.5, 5)}],
        "obstacles": [
            {"obstacle_id": "X9", "kind": "shed", "removable": True, "geometry": area(95, 90, 2, 2)}
        ],
    }
    for name, rows in more.items():
        layers[name] = rows
    for thing in things or []:
        layers["stalls" if "stall_id" in thing else "obstacles"].append(thing)
    return site(**{name: rows for name, rows in layers.items() if rows})


def shed(name: str, x: float, y: float, w: float, h: float, **more: Any) -> dict[str, Any]:
    row = {"obstacle_id": name, "kind": "shed", "removable": True, "cost_cny": 1000.0}
    return row | {"geometry": area(x, y, w, h)} | more


def stall(name: str, x: float, y: float, w: float = 2.4, h: float = 5.3) -> dict[str, Any]:
    return {"stall_id": name, "kind": "parallel", "geometry": area(x, y, w, h)}


def moved(where: Site, *, turn: float = 0.0, east: float = 0.0, north: float = 0.0) -> Site:
    """Turn a site about its corner, and shift it."""

    def move(shape: BaseGeometry) -> BaseGeometry:
        return affinity.translate(affinity.rotate(shape, turn, origin=(X, Y)), east, north)

    return Site(
        name=where.name,
        layers={n: where.layer(n).set_geometry(where.layer(n).geometry.map(move)) for n in where.layers},
        crs=where.crs,
    )
