"""GeoPackage and GeoTIFF written byte by byte, so that the same drawing is the same file.

GDAL stamps the hour, its own version and SQLite's into what it writes, and packs rasters with whatever
deflate it was built with. Both formats are small enough to write here from their specifications:
OGC 12-128r18 (GeoPackage 1.3) and OGC 19-008r4 (GeoTIFF 1.1).
"""

from __future__ import annotations

import sqlite3
import struct
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np

Row = dict[str, object]
Layers = dict[str, list[Row]]

STAMP = "2026-01-01T00:00:00.000Z"  # the date of the drawings; no clock is read
PAGE = 4096  # bytes of a database page
SQLITE_VERSION = 3_040_000  # written into every header, whichever SQLite wrote the file

T, I, R, B, D = "TEXT", "INTEGER", "REAL", "BOOLEAN", "DATE"  # noqa: E741 - five types, five letters
COLUMNS: dict[str, dict[str, str]] = {
    "parcels": {
        "parcel_id": T,
        "name": T,
        "estate_id": T,
        "land_use": T,
        "status": T,
        "built_on": D,
        "phase": T,
        "occupancy": R,
    },
    "communities": {
        "community_id": T,
        "name": T,
        "residents": I,
        "windows": I,
        "staff": I,
        "committee": I,
        "party_mass_worker": I,
        "graduate": I,
        "social_worker": I,
        "organisation": I,
        "party_member": I,
        "budget_cny": R,
    },
    "buildings": {
        "building_id": T,
        "floors": I,
        "floors_below": I,
        "height_m": R,
        "use": T,
        "built_on": D,
        "has_elevator": B,
        "estate_id": T,
        "parcel_id": T,
    },
    "entrances": {
        "entrance_id": T,
        "kind": T,
        "building_id": T,
        "stairwell_id": T,
        "main": B,
        "opens": T,
        "closes": T,
        "name": T,
    },
    "households": {
        "household_id": T,
        "building_id": T,
        "stairwell_id": T,
        "floor": I,
        "area_m2": R,
        "persons": I,
        "elderly": I,
        "children": I,
        "disabled": I,
        "owner_id": T,
        "vote": T,
    },
    "rooms": {
        "room_id": T,
        "floor": I,
        "area_m2": R,
        "building_id": T,
        "use": T,
        "state": T,
        "mode": T,
        "cost_cny": R,
        "functions": T,
        "handed_over_on": D,
        "name": T,
        "opens": T,
        "closes": T,
    },
    "facilities": {"facility_id": T, "category": T, "name": T, "area_m2": R, "capacity": I},
    "walkways": {
        "way_id": T,
        "kind": T,
        "width_m": R,
        "slope": R,
        "name": T,
        "oneway": B,
        "lanes": I,
    },
    "barriers": {"barrier_id": T, "kind": T, "removable": B},
    "open_spaces": {"space_id": T, "name": T, "surface": T},
    "obstacles": {"obstacle_id": T, "kind": T, "radius_m": R, "removable": B, "cost_cny": R},
    "fire_lanes": {"lane_id": T, "width_m": R},
    "stalls": {"stall_id": T, "kind": T, "angle_deg": R, "state": T},
    "utilities": {"utility_id": T, "kind": T, "depth_m": R, "clearance_m": R},
    "remarks": {"remark_id": T, "kind": T, "text": T, "remarked_on": D, "building_id": T},
}

_WKT = (
    'PROJCS["CGCS2000 / 3-degree Gauss-Kruger CM {lon}E",GEOGCS["China Geodetic Coordinate System 2000",'
    'DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],'
    'AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4490"]],'
    'PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{lon}],'
    'PARAMETER["scale_factor",1],PARAMETER["false_easting",500000],PARAMETER["false_northing",0],'
    'UNIT["metre",1,AUTHORITY["EPSG","9001"]],AUTHORITY["EPSG","{epsg}"]]'
)
_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],'
    'AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
    'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AUTHORITY["EPSG","4326"]]'
)
_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"""


def write_gpkg(path: Path, layers: Mapping[str, Sequence[Row]], *, epsg: int) -> None:
    """Write layers of rows (`geometry` is a shapely geometry; a layer without it becomes a plain table)."""
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in (f"page_size={PAGE}", "auto_vacuum=0", "secure_delete=1", "journal_mode=delete"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("PRAGMA encoding='UTF-8'")
        database.execute("PRAGMA application_id=0x47504B47")
        database.execute("PRAGMA user_version=10300")
        database.execute("BEGIN")
        for statement in _TABLES.split(";\n"):
            if statement.strip():
                database.execute(statement)
        database.executemany(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?,?,?,?,?,?)", _reference_systems(epsg)
        )
        for name in COLUMNS:
            if name in layers:
                _write_layer(database, name, layers[name], epsg)
        database.execute("COMMIT")
        database.execute("VACUUM")
    finally:
        database.close()
    _settle_header(path)


def _reference_systems(epsg: int) -> Iterable[tuple[object, ...]]:
    lon = 117 + 3 * (epsg - 4548)  # EPSG:4534 to 4554 are the zones of 75E, 78E, … 135E
    name = f"CGCS2000 / 3-degree Gauss-Kruger CM {lon}E"
    return [
        (
            "Undefined Cartesian SRS",
            -1,
            "NONE",
            -1,
            "undefined",
            "undefined Cartesian coordinate reference system",
        ),
        (
            "Undefined geographic SRS",
            0,
            "NONE",
            0,
            "undefined",
            "undefined geographic coordinate reference system",
        ),
        ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84, "longitude/latitude coordinates in decimal degrees"),
        (name, epsg, "EPSG", epsg, _WKT.format(lon=lon, epsg=epsg), None),
    ]


def _write_layer(database: sqlite3.Connection, name: str, rows: Sequence[Row], epsg: int) -> None:
    present = set().union(*(row.keys() for row in rows))
    unknown = present - set(COLUMNS[name]) - {"geometry"}
    if unknown:
        message = f"{name}: unknown columns {sorted(unknown)}"
        raise ValueError(message)
    columns = [column for column in COLUMNS[name] if column in present]
    spatial = "geometry" in present
    declared = ['"fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL']
    bounds: tuple[float | None, ...] = (None,) * 4
    if spatial:
        shapes = [row["geometry"] for row in rows]
        kinds = {shape.geom_type.upper() for shape in shapes}
        kind = kinds.pop() if len(kinds) == 1 else "GEOMETRY"
        bounds = tuple(float(value) for value in shapely.total_bounds(shapes))
        declared.append(f'"geom" {kind}')
    declared += [f'"{column}" {COLUMNS[name][column]}' for column in columns]
    database.execute(f'CREATE TABLE "{name}" ({", ".join(declared)})')
    database.execute(
        "INSERT INTO gpkg_contents VALUES (?,?,?,?,?,?,?,?,?,?)",
        (name, "features" if spatial else "attributes", name, "", STAMP, *bounds, epsg if spatial else None),
    )
    if spatial:
        database.execute("INSERT INTO gpkg_geometry_columns VALUES (?,?,?,?,0,0)", (name, "geom", kind, epsg))
    names = (["geom"] if spatial else []) + columns
    marks = ",".join("?" * (len(names) + 1))
    quoted = ",".join(f'"{column}"' for column in ["fid", *names])
    database.executemany(
        f'INSERT INTO "{name}" ({quoted}) VALUES ({marks})',  # noqa: S608 - names come from COLUMNS above
        (
            (
                number,
                *([_blob(row["geometry"], epsg)] if spatial else []),
                *(_plain(row.get(c)) for c in columns),
            )
            for number, row in enumerate(rows, start=1)
        ),
    )


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _blob(shape: shapely.Geometry, epsg: int) -> bytes:
    """Return a GeoPackage geometry: header with envelope (points have none), then little-endian WKB."""
    wkb = shapely.to_wkb(shape, byte_order=1, include_srid=False)
    if shape.geom_type == "Point":
        return struct.pack("<2sBBi", b"GP", 0, 0b0000_0001, epsg) + wkb
    west, south, east, north = shape.bounds
    return struct.pack("<2sBBi4d", b"GP", 0, 0b0000_0011, epsg, west, east, south, north) + wkb


def _settle_header(path: Path) -> None:
    """Set what depends on SQLite and not on the content: counter, validity, version, and unused bytes.

    Between the cell pointers and the cells of a b-tree page lies free space, in which some versions of SQLite
    leave old bytes (file format, section 1.6). Its other pages here are overflow pages: they begin with the
    number of the next page, far below 2**24, and therefore with a zero.
    """
    data = bytearray(path.read_bytes())
    for offset, value in ((24, 1), (92, 1), (96, SQLITE_VERSION)):
        struct.pack_into(">I", data, offset, value)
    for page in range(0, len(data), PAGE):
        head = page + (100 if page == 0 else 0)
        if data[head] in {2, 5, 10, 13}:
            cells, content = struct.unpack_from(">HH", data, head + 3)
            start = head + (12 if data[head] < 10 else 8) + 2 * cells
            stop = page + (content or PAGE)
            data[start:stop] = bytes(stop - start)
    path.write_bytes(data)


def write_dem(path: Path, heights: np.ndarray, *, west: float, north: float, cell: float, epsg: int) -> None:
    """Write heights in metres as an uncompressed float32 GeoTIFF, row 0 in the north, one strip."""
    rows, columns = heights.shape
    body = heights.astype("<f4").tobytes()
    citation = f"EPSG:{epsg}|".encode()
    keys = (1, 1, 0, 4, 1024, 0, 1, 1, 1025, 0, 1, 1, 1026, 34737, len(citation), 0, 3072, 0, 1, epsg)
    nodata = b"-9999\0"
    tags: list[tuple[int, int, int, bytes]] = [
        (256, 3, 1, struct.pack("<H", columns)),
        (257, 3, 1, struct.pack("<H", rows)),
        (258, 3, 1, struct.pack("<H", 32)),
        (259, 3, 1, struct.pack("<H", 1)),
        (262, 3, 1, struct.pack("<H", 1)),
        (273, 4, 1, b""),
        (277, 3, 1, struct.pack("<H", 1)),
        (278, 3, 1, struct.pack("<H", rows)),
        (279, 4, 1, struct.pack("<I", len(body))),
        (284, 3, 1, struct.pack("<H", 1)),
        (339, 3, 1, struct.pack("<H", 3)),
        (33550, 12, 3, struct.pack("<3d", cell, cell, 0.0)),
        (33922, 12, 6, struct.pack("<6d", 0, 0, 0, west, north, 0)),
        (34735, 3, len(keys), struct.pack(f"<{len(keys)}H", *keys)),
        (34737, 2, len(citation), citation),
        (42113, 2, len(nodata), nodata),
    ]
    start = 8 + 2 + 12 * len(tags) + 4
    extra = b""
    entries = b""
    size = sum(len(v) + len(v) % 2 for _, _, _, v in tags if len(v) > 4)
    for tag, kind, count, given in tags:
        value = struct.pack("<I", start + size) if tag == 273 else given
        if len(value) > 4:
            entries += struct.pack("<HHII", tag, kind, count, start + len(extra))
            extra += value + b"\0" * (len(value) % 2)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
    head = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    path.write_bytes(head + extra + body)
