"""Lots that can be checked by hand: boxes, and stalls counted on the fingers."""

from __future__ import annotations

import geopandas as gpd
import shapely
from shapely import LineString, Polygon, box

STALL = (2.4, 5.0)


def aisles(*rows: tuple[str, str, float, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Aisles as id, direction, width and the points of the centreline."""
    table = {
        "aisle_id": [row[0] for row in rows],
        "direction": [row[1] for row in rows],
        "width_m": [row[2] for row in rows],
    }
    return gpd.GeoDataFrame(table, geometry=[LineString(row[3]) for row in rows])


def stalls(shapes: dict[str, Polygon], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"stall_id": list(shapes), **columns}, geometry=list(shapes.values()))


def row(count: int, *, x: float = 0.0, y: float = 0.0, name: str = "S") -> dict[str, Polygon]:
    """Square stalls side by side, from x on, from y upwards."""
    width, length = STALL
    return {f"{name}{i + 1}": box(x + i * width, y, x + (i + 1) * width, y + length) for i in range(count)}


class Strip:
    """A strip of 60 x 16 m: ten stalls below and ten above an aisle of 6 m between two gates."""

    lot = box(0, 0, 60, 16)
    gates = (LineString([(0, 5), (0, 11)]), LineString([(60, 5), (60, 11)]))
    below = row(10, x=18, y=0, name="B")
    above = row(10, x=18, y=11, name="A")
    stalls = stalls(below | above)
    aisles = aisles(("M", "two_way", 6.0, [(0, 8), (60, 8)]))


def moved(frame: gpd.GeoDataFrame, name: str, dx: float, dy: float) -> gpd.GeoDataFrame:
    """The stalls with one of them moved."""
    shapes = {
        i: shapely.affinity.translate(shape, dx, dy) if i == name else shape
        for i, shape in zip(frame["stall_id"], frame.geometry, strict=True)
    }
    return stalls(shapes)
