"""Estates of one building, for batches that are checked in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely import box

CRS = "EPSG:4548"  # CGCS2000, central meridian 117 E


def layers_of(number: int = 0, *, room_m2: float = 400.0) -> dict[str, gpd.GeoDataFrame]:
    """The layers of an estate of one building with ten households and one service room."""
    x, y = 500_000.0 + 200.0 * number, 4_000_000.0
    house = box(x + 10, y + 10, x + 40, y + 30)
    layers: dict[str, dict[str, Any]] = {
        "parcels": {
            "parcel_id": [f"P{number}"], "status": ["new"], "district": ["海港区" if number % 2 else "抚宁区"],
            "geometry": [box(x, y, x + 100, y + 100)],
        },
        "buildings": {"building_id": [f"B{number}"], "floors": [6], "geometry": [house]},
        "households": {
            "household_id": [f"H{number}-{n}" for n in range(10)],
            "building_id": [f"B{number}"] * 10,
            "geometry": [house.centroid] * 10,
        },
        "rooms": {
            "room_id": [f"R{number}"], "floor": [1], "area_m2": [room_m2], "use": ["community_service"],
            "geometry": [box(x + 10, y + 10, x + 10 + room_m2 / 20, y + 30)],  # as large as it says
        },
    }  # fmt: skip
    return {name: gpd.GeoDataFrame(columns, crs=CRS) for name, columns in layers.items()}


def estate(path: Path, number: int = 0, *, room_m2: float = 400.0) -> Path:
    """Write an estate as a GeoPackage."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, frame in layers_of(number, room_m2=room_m2).items():
        frame.to_file(path, layer=name, driver="GPKG")
    return path


def estates(folder: Path, count: int) -> Path:
    """Write estates of which every third has too small a room."""
    for number in range(count):
        estate(folder / f"e{number:03d}.gpkg", number, room_m2=280.0 if number % 3 == 2 else 400.0)
    return folder
