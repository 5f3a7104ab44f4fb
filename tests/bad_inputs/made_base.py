"""What the broken inputs are made of: a small estate that meets no rule, and the list of what is wrong in each file.

The estate has 100 households and one community room of 100 m2 in a basement where 300 m2 above the ground are asked
for. However its files are broken, a check that finds a rule met has read something that is not there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
from shapely import LineString, Point, Polygon, box

__all__ = ["MADE", "Made", "boxes", "estate", "households", "made", "parcels", "rooms", "save", "ways"]

EAST, NORTH = 500000.0, 4058000.0  # in EPSG:4548: 117 E, 36.65 N


@dataclass(frozen=True, kw_only=True)
class Made:
    """A broken input."""

    name: str
    cls: str
    make: Callable[[Path], Path]
    told: tuple[
        str, ...
    ]  # ids with their effects, such as "PLAN-CRS-006 refused", each of which must be told
    silent: bool = False  # True where nothing is wrong for us, and no error may be told
    crs: str | None = None  # what the user says

    @property
    def about(self) -> str:
        """What is wrong with it, in one line."""
        return (self.make.__doc__ or "").strip()


MADE: list[Made] = []


def made(cls: str, *told: str, silent: bool = False, crs: str | None = None):
    """Note the function that writes a broken input into a folder and returns what is to be read."""

    def note(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
        one = Made(name=make.__name__, cls=cls, make=make, told=told, silent=silent, crs=crs)
        MADE.append(one)
        return make

    return note


def boxes(count: int = 3, *, x: float = EAST, y: float = NORTH, **columns: list[object]) -> gpd.GeoDataFrame:
    """Buildings of 10 m x 10 m every 30 m."""
    shapes = [box(x + 30 * i, y, x + 30 * i + 10, y + 10) for i in range(count)]
    base = {"building_id": [f"B{i + 1}" for i in range(count)], "floors": [6] * count}
    return gpd.GeoDataFrame({**base, **columns}, geometry=shapes, crs=4548)


def parcels(*shapes: Polygon) -> gpd.GeoDataFrame:
    """New plots; one of 200 m x 200 m around the buildings where none is given."""
    shapes = shapes or (box(EAST - 20, NORTH - 20, EAST + 180, NORTH + 180),)
    ids = [f"P{i + 1}" for i in range(len(shapes))]
    return gpd.GeoDataFrame({"parcel_id": ids, "status": ["new"] * len(ids)}, geometry=list(shapes), crs=4548)


def rooms(**columns: list[object]) -> gpd.GeoDataFrame:
    """One room of 100 m2 in the basement of B1."""
    base = {
        "room_id": ["R1"],
        "floor": [-1],
        "area_m2": [100.0],
        "building_id": ["B1"],
        "use": ["community_service"],
    }
    shape = box(EAST, NORTH, EAST + 10, NORTH + 10)
    return gpd.GeoDataFrame({**base, **columns}, geometry=[shape], crs=4548)


def households(count: int = 100) -> gpd.GeoDataFrame:
    """Households of B1."""
    ids = [f"H{i + 1:03d}" for i in range(count)]
    point = Point(EAST + 5, NORTH + 5)
    columns = {"household_id": ids, "building_id": ["B1"] * count, "floor": [1 + i % 6 for i in range(count)]}
    return gpd.GeoDataFrame(columns, geometry=[point] * count, crs=4548)


def ways(*lines: list[tuple[float, float]]) -> gpd.GeoDataFrame:
    """Walkways through points that are counted from the corner of B1."""
    shapes = [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    ids = [f"W{i + 1}" for i in range(len(lines))]
    return gpd.GeoDataFrame({"way_id": ids, "kind": ["path"] * len(ids)}, geometry=shapes, crs=4548)


def estate(**layers: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The whole estate, with some layers replaced."""
    return {
        "parcels": parcels(),
        "buildings": boxes(),
        "households": households(),
        "rooms": rooms(),
        **layers,
    }


def save(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> Path:
    """Write layers to a GeoPackage as a program that asks nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL remarks on systems and shapes
        for name, frame in layers.items():
            frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")
    return path
