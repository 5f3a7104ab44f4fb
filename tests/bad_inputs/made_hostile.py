"""Broken inputs: files made to harm whoever opens them."""

from __future__ import annotations

import json
import sqlite3
import stat
import sys
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
from made_base import EAST, NORTH, boxes, estate, made, rooms, save
from shapely import box

_VRT = """<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""


def _text(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _sql(path: Path, *statements: str) -> Path:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path


@made("security", "PLAN-SEC-005 refused")
def vrt_called_csv(folder: Path) -> Path:
    """A VRT that calls itself .csv and points at /vsicurl/."""
    return _text(folder / "rooms.csv", _VRT.format(source="/vsicurl/http://127.0.0.1:9/x.csv"))


@made("security", "PLAN-SEC-005 refused")
def vrt_called_gpkg(folder: Path) -> Path:
    """A VRT that calls itself .gpkg and points at a file of the system."""
    return _text(folder / "b.gpkg", _VRT.format(source="/etc/passwd"))


@made("security", "PLAN-FILE-008 refused")
def vrt_after_comment(folder: Path) -> Path:
    """A VRT that begins with a comment of a kilobyte."""
    return _text(folder / "b.geojson", f"<!-- {'x' * 1000} -->" + _VRT.format(source="/etc/passwd"))


@made("security", "PLAN-FILE-003 refused")
def path_of_gdal(folder: Path) -> Path:
    """A path that only GDAL understands."""
    return folder / "vsicurl" / "http:" / "127.0.0.1:9" / "b.geojson"


@made("security", "PLAN-SEC-004 refused")
def osm_external_entity(folder: Path) -> Path:
    """An external entity in an OSM file."""
    return _text(
        folder / "b.osm",
        '<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY x SYSTEM "file:///etc/passwd">]><osm version="0.6"><node id="1" lat="36.6" lon="117"><tag k="name" v="&x;"/></node></osm>',
    )


@made("security", "PLAN-SEC-006 refused")
def generated_column(folder: Path) -> Path:
    """A column that is reckoned while it is read."""
    return _sql(
        save(folder / "b.gpkg", {"buildings": boxes()}),
        "ALTER TABLE buildings ADD COLUMN evil TEXT GENERATED ALWAYS AS (hex(zeroblob(100000000))) VIRTUAL",
    )


@made("security", silent=True)
def recursive_trigger(folder: Path) -> Path:
    """A trigger that writes without end: nobody writes into what is read."""
    return _sql(
        save(folder / "b.gpkg", {"buildings": boxes()}),
        "CREATE TRIGGER evil AFTER INSERT ON buildings BEGIN INSERT INTO buildings (building_id, floors) VALUES ('x', 1); END",
    )


@made("security", "PLAN-SEC-007 refused")
def layer_name_of_sql(folder: Path) -> Path:
    """A layer whose name is SQL."""
    return save(folder / "b.gpkg", {'b"; DROP TABLE gpkg_contents; --/..': boxes(), "buildings": boxes()})


@made("security", "PLAN-SEC-008 noted")
def column_name_of_jinja(folder: Path) -> Path:
    """A column whose name is a template."""
    return save(folder / "b.gpkg", {"buildings": boxes().assign(**{"{{ 7*7 }}": "x", "${alert(1)}": "y"})})


@made("security", "PLAN-SEC-008 noted")
def name_of_script(folder: Path) -> Path:
    """Names that are HTML with scripts."""
    return save(
        folder / "b.gpkg",
        {
            "buildings": boxes().assign(
                name=["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "x"]
            )
        },
    )


@made("security", "PLAN-SEC-010 noted")
def names_that_hide(folder: Path) -> Path:
    """Names with characters of no width and of the other direction; two ids that differ by one of them."""
    return save(folder / "b.gpkg", {"buildings": boxes(building_id=["B1", "B1\u200b", "B\u202e1"])})


@made("security", "PLAN-SEC-010 noted")
def column_that_hides(folder: Path) -> Path:
    """A column whose name has a character of no width in it."""
    return save(folder / "e.gpkg", {"rooms": rooms().assign(**{"area_m2\u200b": [1000.0]})})


@made("security", "PLAN-SEC-002 refused")
def zip_bomb(folder: Path) -> Path:
    """300 MB of nothing in 300 kB."""
    with (
        zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("b.geojson", "w") as out,
    ):
        for _ in range(300):
            out.write(b" " * (1 << 20))
    return folder / "b.zip"


@made("security", "PLAN-SEC-003 refused")
def zip_link(folder: Path) -> Path:
    """A link in an archive that leads to a file of the system."""
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        info = zipfile.ZipInfo("b.geojson")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return folder / "b.zip"


@made("security", "PLAN-SEC-002 refused")
def zip_many_members(folder: Path) -> Path:
    """Five thousand files in an archive."""
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        for i in range(5000):
            archive.writestr(f"{i}.geojson", "{}")
    return folder / "b.zip"


@made("security", "PLAN-FILE-001 refused")
def zip_sizes_lie(folder: Path) -> Path:
    """An archive whose table says 10 bytes of what is 20 MB."""
    with zipfile.ZipFile(folder / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("b.geojson", b" " * (20 << 20))
    size = (20 << 20).to_bytes(4, "little")
    (folder / "b.zip").write_bytes((folder / "b.zip").read_bytes().replace(size, (10).to_bytes(4, "little")))
    return folder / "b.zip"


@made("security", "PLAN-SEC-001 refused")
def properties_nested(folder: Path) -> Path:
    """Lists nested 100,000 deep in the properties of a feature."""
    deep = "[" * 100_000 + "]" * 100_000
    return _text(
        folder / "b.geojson",
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":null,"properties":{{"building_id":"B1","x":{deep}}}}}]}}',
    )


@made("security", "PLAN-GEOM-005 degraded")
def wkb_counts_lie(folder: Path) -> Path:
    """A shape that says it has four billion rings."""
    path = save(folder / "b.gpkg", {"buildings": boxes(2)})
    blob = b"GP\x00\x01" + (4548).to_bytes(4, "little") + b"\x01\x03\x00\x00\x00\xff\xff\xff\xff" + b"\0" * 64
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE buildings SET geom = ? WHERE building_id = 'B1'", (blob,))
    connection.close()
    return path


@made("security", "PLAN-GEOM-014 degraded")
def outline_of_million_teeth(folder: Path) -> Path:
    """An outline that crosses itself in a million places."""
    count = 1500
    ring = [(EAST + (i % 2) * 1000, NORTH + i) for i in range(count)] + [
        (EAST + i, NORTH + (i % 2) * 2000) for i in range(count)
    ]
    from shapely import Polygon

    return save(
        folder / "b.gpkg",
        {
            "buildings": gpd.GeoDataFrame(
                {"building_id": ["B1"], "floors": [6]}, geometry=[Polygon(ring)], crs=4548
            )
        },
    )


@made("security", silent=True)
def link_to_the_folder(folder: Path) -> Path:
    """A folder with a link to itself."""
    save(folder / "e.gpkg", estate())
    if sys.platform != "win32":
        (folder / "round").symlink_to(folder, target_is_directory=True)
    return folder


@made("security", "PLAN-FILE-003 refused")
def device(folder: Path) -> Path:
    """A file that never ends."""
    if sys.platform != "win32":
        (folder / "b.geojson").symlink_to("/dev/zero")
    return folder / "b.geojson"


@made("security", "PLAN-FILE-009 noted")
def keys_of_prototypes(folder: Path) -> Path:
    """Columns that are words of JavaScript and Python, twice the same."""
    ring = [[117.0, 36.65], [117.0001, 36.65], [117.0001, 36.6501], [117.0, 36.65]]
    geometry = json.dumps({"type": "Polygon", "coordinates": [ring]})
    return _text(
        folder / "buildings.geojson",
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{geometry},"properties":{{"building_id":"B1","floors":6,"floors":60,"__proto__":{{"x":1}},"__class__":"x","index":1,"geometry":"y"}}}}]}}',
    )


@made("security", "PLAN-GEOM-010 degraded")
def shape_of_another_layer(folder: Path) -> Path:
    """Points where outlines of plots belong."""
    frame = gpd.GeoDataFrame(
        {"parcel_id": ["P1", "P2"]},
        geometry=[box(EAST, NORTH, EAST + 9, NORTH + 9).centroid, box(EAST, NORTH, EAST + 9, NORTH + 9)],
        crs=4548,
    )
    return save(folder / "p.gpkg", {"parcels": frame})


@made("security", "PLAN-FILE-001 refused")
def header_of_sqlite_alone(folder: Path) -> Path:
    """The first 16 bytes of a GeoPackage."""
    (folder / "b.gpkg").write_bytes(b"SQLite format 3\x00")
    return folder / "b.gpkg"


@made("security", "PLAN-ENC-002 repaired")
def encoding_that_unpacks(folder: Path) -> Path:
    """A .cpg that names a way of packing, of which a bomb could be made."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        boxes(name=["\u4e00"] * 3).to_file(folder / "b.shp", encoding="UTF-8")
    _text(folder / "b.cpg", "zlib_codec")
    return folder / "b.shp"


@made("security", "PLAN-SEC-002 refused")
def columns_without_number(folder: Path) -> Path:
    """GeoJSON of 2,000 properties: with 100,000 its driver is not done in minutes."""
    feature = {
        "type": "Feature",
        "properties": {f"k{i}": 1 for i in range(2000)},
        "geometry": {"type": "Point", "coordinates": [117.0, 36.65]},
    }
    return _text(folder / "b.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]}))
