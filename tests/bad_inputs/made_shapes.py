"""Broken inputs: shapes, and rows that contradict each other."""

from __future__ import annotations

import json
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import shapely
from made_base import EAST, NORTH, boxes, estate, households, made, parcels, rooms, save, ways
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box


def _at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [(EAST + x, NORTH + y) for x, y in points]


def _one(shape: object, **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"building_id": ["B1"], "floors": [6], **columns}, geometry=[shape], crs=4548)


def _geojson(folder: Path, *geometries: dict[str, object] | None, name: str = "buildings") -> Path:
    rows = [
        {"type": "Feature", "properties": {"building_id": f"B{i}", "floors": 6}, "geometry": g}
        for i, g in enumerate(geometries, start=1)
    ]
    path = folder / f"{name}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    return path


@made("geometry", "PLAN-GEOM-001 repaired")
def figure_eight(folder: Path) -> Path:
    """An outline that crosses itself twice."""
    eight = Polygon(_at((0, 0), (10, 10), (10, 0), (0, 10), (-5, 5), (0, 0)))
    return save(folder / "b.gpkg", {"buildings": _one(eight)})


@made("geometry", silent=True)
def vertices_doubled(folder: Path) -> Path:
    """Every vertex twice: harmless."""
    return save(
        folder / "b.gpkg",
        {"buildings": _one(Polygon(_at((0, 0), (0, 0), (10, 0), (10, 0), (10, 10), (0, 10))))},
    )


@made("geometry", "PLAN-GEOM-001 repaired")
def spike(folder: Path) -> Path:
    """A spike of no width, 50 m long."""
    return save(
        folder / "b.gpkg",
        {"buildings": _one(Polygon(_at((0, 0), (10, 0), (10, 5), (60, 5), (10, 5), (10, 10), (0, 10))))},
    )


@made("geometry", "PLAN-GEOM-001 repaired")
def parts_overlap(folder: Path) -> Path:
    """A multipolygon whose parts overlap by half: its area counts a part twice."""
    two = MultiPolygon(
        [box(EAST, NORTH, EAST + 20, NORTH + 10), box(EAST + 10, NORTH, EAST + 30, NORTH + 10)]
    )
    return save(
        folder / "p.gpkg",
        {
            "rooms": rooms(area_m2=[400.0]).set_geometry(gpd.GeoSeries([two], crs=4548)),
            "buildings": boxes(),
            "parcels": parcels(),
        },
    )


@made("geometry", "PLAN-TOPO-002 noted")
def sliver_plot(folder: Path) -> Path:
    """A plot 2 cm wide between two others."""
    shapes = [
        box(EAST, NORTH, EAST + 50, NORTH + 50),
        box(EAST + 50, NORTH, EAST + 50.02, NORTH + 50),
        box(EAST + 50.02, NORTH, EAST + 100, NORTH + 50),
    ]
    return save(folder / "p.gpkg", {"parcels": parcels(*shapes)})


@made("geometry", "PLAN-GEOM-005 degraded")
def shapes_empty(folder: Path) -> Path:
    """POLYGON EMPTY in one row of three."""
    frame = boxes()
    return save(
        folder / "b.gpkg",
        {"buildings": frame.set_geometry(gpd.GeoSeries([*frame.geometry[:2], Polygon()], crs=4548))},
    )


@made("geometry", silent=True)
def measures(folder: Path) -> Path:
    """PolygonZM: heights and measures are left."""
    path = save(folder / "b.gpkg", {"buildings": boxes(1)})
    ring = [(EAST, NORTH), (EAST + 10, NORTH), (EAST + 10, NORTH + 10), (EAST, NORTH + 10), (EAST, NORTH)]
    wkb = struct.pack("<BIII", 1, 3003, 1, 5) + b"".join(
        struct.pack("<4d", x, y, 3.0, float(i)) for i, (x, y) in enumerate(ring)
    )
    _put(path, b"GP\x00\x01" + struct.pack("<i", 4548) + wkb)
    return path


def _put(path: Path, blob: bytes) -> None:
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE buildings SET geom = ?", (blob,))
        connection.execute("UPDATE gpkg_geometry_columns SET z=2, m=2, geometry_type_name='GEOMETRY'")
    connection.close()


@made("geometry", "PLAN-GEOM-008 repaired")
def arcs(folder: Path) -> Path:
    """An outline of arcs in a GeoPackage."""
    path = save(folder / "b.gpkg", {"buildings": boxes(1)})
    ring = [(EAST, NORTH), (EAST + 10, NORTH), (EAST + 20, NORTH), (EAST + 10, NORTH - 10), (EAST, NORTH)]
    string = struct.pack("<BII", 1, 8, len(ring)) + b"".join(struct.pack("<2d", *p) for p in ring)
    _put(path, b"GP\x00\x01" + struct.pack("<i", 4548) + struct.pack("<BII", 1, 10, 1) + string)
    return path


@made("geometry", "PLAN-GEOM-009 refused")
def infinite_coordinate(folder: Path) -> Path:
    """An infinite coordinate in one outline."""
    return save(
        folder / "b.gpkg", {"buildings": _one(Polygon(_at((0, 0), (10, 0), (10, float("inf")), (0, 10))))}
    )


@made("geometry", "PLAN-GEOM-010 degraded")
def collections(folder: Path) -> Path:
    """A geometry collection of an outline, a line and a point in the place of a building."""
    bag = GeometryCollection(
        [box(EAST, NORTH, EAST + 10, NORTH + 10), LineString(_at((0, 0), (5, 5))), Point(EAST, NORTH)]
    )
    return save(folder / "b.gpkg", {"buildings": _one(bag)})


@made("geometry", "PLAN-GEOM-011 degraded")
def area_of_an_atom(folder: Path) -> Path:
    """A building of 1e-12 m2."""
    return save(folder / "b.gpkg", {"buildings": _one(box(EAST, NORTH, EAST + 1e-6, NORTH + 1e-6))})


@made("geometry", "PLAN-GEOM-010 degraded")
def outlines_as_lines(folder: Path) -> Path:
    """Buildings as closed lines, as a drawing leaves them."""
    frame = boxes()
    return save(folder / "b.gpkg", {"buildings": frame.set_geometry(shapely.boundary(frame.geometry))})


@made("geometry", "PLAN-GEOM-005 degraded")
def feature_without_geometry(folder: Path) -> Path:
    """A feature of GeoJSON without a member `geometry`, and one that is null."""
    lonlat = json.loads(boxes(1).to_crs(4326).to_json())["features"][0]["geometry"]
    path = _geojson(folder, lonlat, None, lonlat)
    document = json.loads(path.read_text("utf-8"))
    del document["features"][2]["geometry"]
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@made("geometry", "PLAN-GEOM-011 degraded")
def ring_of_two_points(folder: Path) -> Path:
    """A ring of two points."""
    return _geojson(
        folder, {"type": "Polygon", "coordinates": [[[117.0, 36.65], [117.0001, 36.65], [117.0, 36.65]]]}
    )


@made("geometry", "PLAN-CRS-002 refused")
def huge_numbers(folder: Path) -> Path:
    """1e308 as a longitude."""
    ring = [[1e308, 36.65], [117.0001, 36.65], [117.0, 36.66], [1e308, 36.65]]
    return _geojson(folder, {"type": "Polygon", "coordinates": [ring]})


@made("relation", "PLAN-REL-003 noted")
def room_larger_than_floor(folder: Path) -> Path:
    """1,000 m2 declared on a floor of 100 m2."""
    return save(folder / "e.gpkg", estate(rooms=rooms(area_m2=[1000.0])))


@made("relation", "PLAN-REL-003 noted")
def rooms_larger_than_floor_together(folder: Path) -> Path:
    """Four rooms of 90 m2, each drawn on the whole of one basement of 100 m2."""
    one = rooms()
    four = gpd.GeoDataFrame(
        {
            "room_id": ["R1", "R2", "R3", "R4"],
            "floor": [-1] * 4,
            "area_m2": [90.0] * 4,
            "building_id": ["B1"] * 4,
            "use": ["community_service"] * 4,
        },
        geometry=[one.geometry[0]] * 4,
        crs=4548,
    )
    return save(folder / "e.gpkg", estate(rooms=four))


@made("relation", "PLAN-REL-007 degraded")
def households_without_building(folder: Path) -> Path:
    """Households that name no building."""
    homes = households()
    homes.loc[:9, "building_id"] = None
    return save(folder / "e.gpkg", estate(households=homes))


@made("relation", "PLAN-REL-004 degraded")
def households_of_unknown_building(folder: Path) -> Path:
    """Households of a building that is not drawn."""
    homes = households()
    homes.loc[:9, "building_id"] = "B77"
    return save(folder / "e.gpkg", estate(households=homes))


@made("relation", "PLAN-TOPO-004 noted")
def building_twice(folder: Path) -> Path:
    """A building drawn over another, 1 m aside."""
    frame = boxes()
    shapes = [*frame.geometry[:2], frame.geometry[0].buffer(1)]
    return save(folder / "b.gpkg", {"buildings": frame.set_geometry(gpd.GeoSeries(shapes, crs=4548))})


@made("network", "PLAN-TOPO-006 noted")
def crossing_without_node(folder: Path) -> Path:
    """Two ways that cross where neither has a vertex."""
    return save(folder / "w.gpkg", {"walkways": ways([(0, 0), (20, 20)], [(0, 20), (20, 0)])})


@made("network", "PLAN-NET-005 noted")
def network_island(folder: Path) -> Path:
    """A way that meets no other."""
    return save(
        folder / "w.gpkg",
        {"walkways": ways([(0, 0), (100, 0)], [(100, 0), (100, 50)], [(300, 300), (310, 300)])},
    )


@made("network", "PLAN-GEOM-011 degraded")
def way_of_one_point(folder: Path) -> Path:
    """A way whose two points are one."""
    return save(folder / "w.gpkg", {"walkways": ways([(0, 0), (100, 0)], [(50, 0), (50, 0)])})
