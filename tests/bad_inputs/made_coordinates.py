"""Broken inputs: reference systems and units of coordinates that are not what the file says."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pyproj
from made_base import EAST, NORTH, boxes, estate, made, parcels, save
from shapely import affinity, transform


def _shp(frame: gpd.GeoDataFrame, folder: Path, stem: str = "buildings") -> Path:
    frame.to_file(folder / f"{stem}.shp", engine="pyogrio", encoding="utf-8")
    return folder / f"{stem}.shp"


def _shifted(frame: gpd.GeoDataFrame, lon: float, lat: float) -> gpd.GeoDataFrame:
    far = frame.to_crs(4326)
    return far.set_geometry(far.geometry.translate(lon, lat))


@made("crs", "PLAN-CRS-006 refused")
def shp_wrong_prj(folder: Path) -> Path:
    """A .prj of another country beside coordinates of EPSG:4548."""
    path = _shp(boxes(), folder)
    (folder / "buildings.prj").write_text(pyproj.CRS.from_epsg(27700).to_wkt("WKT1_ESRI"), encoding="ascii")
    return path


@made("crs", "PLAN-CRS-001 refused")
def shp_prj_is_nonsense(folder: Path) -> Path:
    """A .prj that holds words."""
    path = _shp(boxes(), folder)
    (folder / "buildings.prj").write_text("国家2000", encoding="gbk")
    return path


@made("crs", "PLAN-CRS-009 refused")
def metres_tagged_degrees(folder: Path) -> Path:
    """Metres that are tagged EPSG:4326."""
    return save(folder / "b.gpkg", {"buildings": boxes().set_crs(4326, allow_override=True)})


@made("crs", "PLAN-CRS-005 refused")
def lat_lon_geojson(folder: Path) -> Path:
    """Latitude before longitude in a GeoJSON."""
    swapped = boxes().to_crs(4326)
    swapped = swapped.set_geometry(transform(swapped.geometry.array, lambda a: a[:, ::-1]))
    swapped.to_file(folder / "buildings.geojson", driver="GeoJSON", engine="pyogrio")
    return folder / "buildings.geojson"


@made("crs", "PLAN-CRS-017 refused")
def one_row_swapped(folder: Path) -> Path:
    """One building of three with its coordinates swapped."""
    frame = boxes().to_crs(4326)
    shapes = list(frame.geometry)
    shapes[2] = transform(shapes[2], lambda a: a[:, ::-1])
    frame.set_geometry(gpd.GeoSeries(shapes, crs=4326)).to_file(
        folder / "buildings.geojson", driver="GeoJSON", engine="pyogrio"
    )
    return folder / "buildings.geojson"


@made("crs", "PLAN-CRS-007 noted")
def bd09_buildings(folder: Path) -> Path:
    """Buildings from a map in BD-09, over a plot in WGS 84: 1.2 km apart."""
    _shifted(boxes(), 0.0125, 0.0066).to_file(
        folder / "buildings.geojson", driver="GeoJSON", engine="pyogrio"
    )
    parcels().to_crs(4326).to_file(folder / "parcels.geojson", driver="GeoJSON", engine="pyogrio")
    return folder


@made("units", "PLAN-CRS-018 refused")
def millimetres(folder: Path) -> Path:
    """Millimetres in a layer tagged EPSG:4548."""
    frame = boxes()
    shapes = [affinity.scale(s, 1000, 1000, origin=(0, 0)) for s in frame.geometry]
    return save(folder / "b.gpkg", {"buildings": frame.set_geometry(gpd.GeoSeries(shapes, crs=4548))})


@made("units", "PLAN-CRS-006 refused")
def feet(folder: Path) -> Path:
    """Feet in a layer tagged EPSG:4548."""
    frame = boxes()
    shapes = [affinity.scale(s, 3.28084, 3.28084, origin=(0, 0)) for s in frame.geometry]
    return save(folder / "b.gpkg", {"buildings": frame.set_geometry(gpd.GeoSeries(shapes, crs=4548))})


@made("crs", "PLAN-CRS-006 refused")
def neighbouring_zones(folder: Path) -> Path:
    """The plot is in the zone of 120 E, in which nobody draws what lies at 117 E: refused, the tag may be wrong."""
    return save(folder / "e.gpkg", {"buildings": boxes(), "parcels": parcels().to_crs(4549)})


@made("crs", "PLAN-CRS-017 refused")
def zone_mistaken(folder: Path) -> Path:
    """Buildings tagged as in the zone of 120 E, while the plot in that of 117 E is right."""
    return save(
        folder / "e.gpkg", {"buildings": boxes().set_crs(4549, allow_override=True), "parcels": parcels()}
    )


@made("crs", "PLAN-CRS-004 refused")
def zone_prefix(folder: Path) -> Path:
    """Eastings with the number of their zone, 39500000, tagged EPSG:4548."""
    return save(folder / "b.gpkg", {"buildings": boxes(x=39_000_000 + EAST)})


@made("crs", "PLAN-CRS-004 refused")
def zone_prefix_absent(folder: Path) -> Path:
    """Eastings without the number of their zone, tagged EPSG:4527."""
    return save(folder / "b.gpkg", {"buildings": boxes().set_crs(4527, allow_override=True)})


@made("crs", "PLAN-CRS-015 refused")
def beijing_1954(folder: Path) -> Path:
    """Beijing 1954, from which nobody knows the way to CGCS2000."""
    return save(folder / "b.gpkg", {"buildings": boxes().set_crs(2436, allow_override=True)})


@made("crs", "PLAN-CRS-015 refused")
def xian_1980_beside_cgcs2000(folder: Path) -> Path:
    """Buildings in Xi'an 1980 beside a plot in CGCS2000."""
    old = boxes().set_crs(2384, allow_override=True)
    return save(folder / "e.gpkg", {"buildings": old, "parcels": parcels()})


@made("crs", "PLAN-CRS-017 refused")
def null_island(folder: Path) -> Path:
    """One building of three at 0, 0."""
    frame = boxes().to_crs(4326)
    shapes = [*frame.geometry[:2], transform(frame.geometry[2], lambda a: a * 1e-9)]
    return save(folder / "b.gpkg", {"buildings": frame.set_geometry(gpd.GeoSeries(shapes, crs=4326))})


@made("crs", "PLAN-CRS-003 refused")
def crs_member_lies(folder: Path) -> Path:
    """Degrees in a GeoJSON whose member `crs` names EPSG:4548."""
    document = json.loads(boxes().to_crs(4326).to_json())
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    (folder / "buildings.geojson").write_text(json.dumps(document), encoding="utf-8")
    return folder / "buildings.geojson"


@made("crs", "PLAN-CRS-005 refused")
def csv_axes_swapped(folder: Path) -> Path:
    """经度 and 纬度 exchanged in the head of a CSV."""
    lines = ["设施编号,类别,经度,纬度", *(f"F{i},幼儿园,36.65{i},117.0{i}" for i in range(3))]
    (folder / "facilities.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "facilities.csv"


@made("crs", "PLAN-CRS-001 refused")
def csv_metres_nameless(folder: Path) -> Path:
    """x and y in a CSV, in a system that nobody names."""
    lines = ["设施编号,类别,x,y", *(f"F{i},幼儿园,{EAST + i},{NORTH + i}" for i in range(3))]
    (folder / "facilities.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "facilities.csv"


@made("crs", "PLAN-REL-012 noted")
def room_in_another_town(folder: Path) -> Path:
    """A room 50 km from the estate that it is to serve."""
    layers = estate()
    away = layers["rooms"].set_geometry(layers["rooms"].geometry.translate(0, 50_000))
    return save(folder / "e.gpkg", {**layers, "rooms": away})
