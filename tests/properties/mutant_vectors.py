"""GeoPackages, shapefiles, GeoJSON and archives of them, changed within, and read again by other means."""

from __future__ import annotations

import json
import math
import random
import shutil
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from mutant_bytes import NASTY, changed
from mutant_oracle import Exact, Seen, exact, nested
from mutant_shapes import Shape, X, Y, random_shape, sound_shapes, wkb, wkb_curve
from mutant_tables import metres

__all__ = [
    "PARTS", "clockwise", "geojson", "make_geojson", "make_gpkg", "make_shp", "make_zip", "pack", "put_shapes", "seen_geojson", "seen_gpkg", "seen_shp",
    "seen_zip", "write_shp",
]  # fmt: skip

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CATEGORIES: Final = (
    "fitness_ground",
    "健身场地",
    "park",
    "clinic",
    "kindergarten",
    "FITNESS_GROUND",
    "x",
    "",
)
_IDS: Final = ("F1", "f1", "Ｆ１", "F1 ", "1", "007", "1E+17", "F\x001", "110108000000000000")
_AREAS: Final = (
    650, 650.5, 399.9999, 400, -1, 0, None, "650㎡", "0.065公顷", "约650", "650", "nan", "0.975亩", True, 1e308, float("inf"), "一千",
)  # fmt: skip

# --- GeoJSON ----------------------------------------------------------------------------------------


def geojson(shapes: list[Shape] | None = None) -> dict[str, Any]:
    """Return a collection of grounds."""
    rows = []
    for i, shape in enumerate(sound_shapes() if shapes is None else shapes, start=1):
        parts = [[[list(p) for p in ring] for ring in rings] for rings in shape]
        one = len(parts) == 1
        rows.append({
            "type": "Feature",
            "properties": {"facility_id": f"F{i}", "category": "fitness_ground", "name": "甲乙丙丁"[i - 1]},
            "geometry": {
                "type": "Polygon" if one else "MultiPolygon",
                "coordinates": parts[0] if one else parts,
            },
        })  # fmt: skip
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    return {"type": "FeatureCollection", "crs": crs, "features": rows}


def make_geojson(folder: Path, chance: random.Random) -> Path:
    """Write a mutated GeoJSON."""
    shapes = sound_shapes()
    if chance.random() < 0.5:
        shapes[chance.randrange(3)] = random_shape(chance)
    table = geojson(shapes)
    for _ in range(chance.choice((0, 1, 1, 2)) if shapes != sound_shapes() else chance.choice((1, 1, 2))):
        chance.choice(_JSON_CHANGES)(table, chance)
    text = json.dumps(table, ensure_ascii=chance.random() < 0.3)
    if chance.random() < 0.05:
        text = text.replace(
            "facility_id", chance.choice(("facility_id\\u0000", "category", "Geometry", "id")), 1
        )
    encoding = chance.choice(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    data = text.encode(encoding, "replace")
    if chance.random() < 0.12:
        data = changed(data, chance)
    path = folder / "facilities.geojson"
    path.write_bytes(data)
    return path


def _row(table: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    rows = [r for r in table["features"] if isinstance(r, dict) and isinstance(r.get("properties"), dict)]
    return chance.choice(rows) if rows else {"properties": {"name": ""}, "geometry": None}


def _cell(table: dict[str, Any], chance: random.Random) -> None:
    row = _row(table, chance)["properties"]
    key, values = chance.choice((
        ("category", _CATEGORIES), ("facility_id", _IDS), ("area_m2", _AREAS), ("area_m2", _AREAS), ("面积", _AREAS),
        ("name", NASTY), ("facility_id", (None, 1, 1.5, True, [], {}, 2**63, 1e300, *NASTY)), ("geometry", ("x", {})),
        ("category", (None, 1, [], {"a": 1}, *NASTY)), ("x", (2**70, -(2**70), [1, "a"], float("nan"))), (" facility_id", ("F9",)),
    ))  # fmt: skip
    row[key] = chance.choice(values)


def _geometry(table: dict[str, Any], chance: random.Random) -> None:
    row = _row(table, chance)
    shape = row.get("geometry")
    row["geometry"] = chance.choice((
        None, {}, [], 5, {"type": "Point"}, {"type": "Point", "coordinates": [X, Y]}, {"type": "Polygon", "coordinates": None},
        {"type": "GeometryCollection", "geometries": [shape]}, {"type": "GeometryCollection", "geometries": [shape, shape]},
        {"type": "GeometryCollection", "geometries": []}, {"type": "MultiPolygon", "coordinates": []}, shape,
        {"type": "LineString", "coordinates": [[X, Y], [X + 9, Y]]}, {"type": "polygon", "coordinates": []},
        {"type": "MultiLineString", "coordinates": (shape or {}).get("coordinates") if isinstance(shape, dict) else []},
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": [shape]}]},
    ))  # fmt: skip


def _position(table: dict[str, Any], chance: random.Random) -> None:
    shape = _row(table, chance).get("geometry")
    ring = shape.get("coordinates") if isinstance(shape, dict) else None
    while (
        isinstance(ring, list)
        and ring
        and isinstance(ring[0], list)
        and ring[0]
        and isinstance(ring[0][0], list)
    ):
        ring = chance.choice(ring)
    if isinstance(ring, list) and ring:
        ring[chance.randrange(len(ring))] = chance.choice((
            [], [1], ["a", "b"], None, [X, Y, 0, 0, 0], [float("inf"), 0], [X, Y, float("nan")], [X, Y, 12.0], [str(X), str(Y)],
            [True, False], {"x": X, "y": Y}, [[X, Y]], [X, None], [2**70, 1],
        ))  # fmt: skip


def _swapped_rows(table: dict[str, Any], chance: random.Random) -> None:
    one, other = _row(table, chance), _row(table, chance)
    one["properties"], other["properties"] = other["properties"], dict(one["properties"])


def _crs(table: dict[str, Any], chance: random.Random) -> None:
    names = (
        "urn:ogc:def:crs:EPSG::4547",
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "EPSG:3857",
        "EPSG:999999",
        "",
        "x",
        "EPSG:2436",
        "EPSG:32650",
    )
    table["crs"] = chance.choice((
        None, {}, 4548, {"type": "name"}, *({"type": "name", "properties": {"name": name}} for name in names),
        {"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}}, {"type": "EPSG", "properties": {"code": 4548}},
    ))  # fmt: skip


def _table(table: dict[str, Any], chance: random.Random) -> None:
    rows = table["features"]
    match chance.randrange(8):
        case 0:
            rows.append(chance.choice((None, 5, [], {}, {"type": "Feature"}, dict(rows[0]) if rows else {})))
        case 1 if rows:
            del rows[chance.randrange(len(rows))]
        case 2:
            table["bbox"] = chance.choice(([0, 0, 1, 1], "x", [float("nan")] * 4))
        case 3 if rows and isinstance(rows[0], dict):
            rows[0]["id"] = chance.choice((1, "F1", None, [], 2**70, -1))
        case 4:
            table["type"] = chance.choice(
                ("featureCollection", "Feature", "GeometryCollection", None, "Topology")
            )
        case 5:
            table["name"] = chance.choice(("buildings", "../x", "x" * 300, 5))
        case 6 if rows and isinstance(rows[0], dict):
            rows[0]["properties"] = chance.choice((None, {}, [], "x"))
        case _:
            rows.reverse()


_JSON_CHANGES: Final[tuple[Callable[[dict[str, Any], random.Random], None], ...]] = (
    _cell, _cell, _cell, _geometry, _position, _position, _swapped_rows, _crs, _table, _table,
)  # fmt: skip


def seen_geojson(data: bytes) -> Iterator[Seen]:
    """Return the rows of a GeoJSON, by Python's own reader."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            table = json.loads(data.decode(encoding))
            break
        except (ValueError, RecursionError):
            continue
    else:
        return
    rows = table.get("features", [table]) if isinstance(table, dict) else []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            said = row.get("properties") if isinstance(row.get("properties"), dict) else {}
            yield _seen(said, _parts_of(row.get("geometry")))


def _seen(said: dict[str, Any], parts: list[list[Exact]]) -> Seen:
    area = next((said[k] for k in ("area_m2", "面积") if said.get(k) is not None), None)
    if isinstance(area, float | int) and not isinstance(area, bool):
        written = Fraction(area) if math.isfinite(area) and area >= 0 else None
    else:
        written = metres(area) if isinstance(area, str) else None
    name = said.get("facility_id")
    return Seen(
        name="" if name is None else str(name).replace("\x00", "").strip(),
        category=str(said.get("category") or "").strip(),
        parts=parts,
        written=written,
    )


def _parts_of(shape: Any) -> list[list[Exact]]:
    if not isinstance(shape, dict):
        return []
    if shape.get("type") == "GeometryCollection":
        return [part for one in shape.get("geometries") or [] for part in _parts_of(one)]
    held = shape.get("coordinates")
    parts = [held] if shape.get("type") == "Polygon" else held if shape.get("type") == "MultiPolygon" else []
    try:
        return [[exact(ring) for ring in rings] for rings in parts or []]
    except (TypeError, ValueError, OverflowError):
        return []


# --- GeoPackage -------------------------------------------------------------------------------------


def make_gpkg(folder: Path, chance: random.Random, sound: Path) -> Path:
    """Write a mutated GeoPackage."""
    path = folder / "facilities.gpkg"
    shutil.copy(sound, path)
    if chance.random() < 0.12:
        path.write_bytes(changed(path.read_bytes(), chance))
        return path
    with closing(sqlite3.connect(path)) as base:
        base.isolation_level = None
        if chance.random() < 0.9:  # they ask for functions that only the driver has
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                base.execute(f'DROP TRIGGER "{name}"')
        base.execute("PRAGMA ignore_check_constraints = 1")
        base.execute("PRAGMA writable_schema = 1")
        shaped = chance.random() < 0.5
        if shaped:
            with suppress(sqlite3.Error):
                _put(base, random_shape(chance), chance)
        for _ in range(chance.choice((0, 0, 1, 2)) if shaped else chance.choice((1, 1, 2))):
            with suppress(sqlite3.Error):  # what SQLite does not take is no input
                chance.choice(_SQL_CHANGES)(base, chance)
        if chance.random() < 0.05:
            _logged(base, path, chance)
    return path


def _logged(base: sqlite3.Connection, path: Path, chance: random.Random) -> None:
    """Leave a change in a log beside the file, as a program does that has it open."""
    with suppress(sqlite3.Error):
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.execute("UPDATE facilities SET category = 'park' WHERE facility_id = 'F1'")
        log = path.with_name(path.name + "-wal")
        kept = log.read_bytes() if log.exists() else b""
        held = path.read_bytes()
        base.close()
        path.write_bytes(held)
        if kept and chance.random() < 0.8:
            log.write_bytes(changed(kept, chance) if chance.random() < 0.2 else kept)


def put_shapes(path: Path, shapes: list[Shape], chance: random.Random) -> None:
    """Write shapes into the rows of a GeoPackage, one after another."""
    with closing(sqlite3.connect(path)) as base:
        base.isolation_level = None
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        for row, shape in enumerate(shapes, start=1):
            blob = struct.pack("<2sBBi", b"GP", 0, 1, 4548) + wkb(shape, chance)
            base.execute("UPDATE facilities SET geom = ? WHERE rowid = ?", (blob, row))


def _put(base: sqlite3.Connection, shape: Shape, chance: random.Random) -> None:
    body = wkb(shape, chance)
    flags = 1
    envelope = b""
    if chance.random() < 0.4:
        kind = chance.choice((1, 1, 1, 2, 3, 4, 5, 7))
        flags |= kind << 1
        numbers = [X, X + 25, Y, Y + 20] if chance.random() < 0.7 else [float("nan"), 0.0, 1e300, -1.0]
        envelope = struct.pack(
            f"<{(0, 4, 6, 6, 8, 8, 0, 4)[kind]}d", *(numbers * 2)[: (0, 4, 6, 6, 8, 8, 0, 4)[kind]]
        )
    if chance.random() < 0.1:
        flags ^= chance.choice((0x10, 0x20, 1, 0x40))  # empty, extended, order of bytes, unused
    blob = (
        chance.choice((b"GP",) * 30 + (b"gp", b"GQ"))
        + bytes([chance.choice((0,) * 20 + (1, 9)), flags])
        + struct.pack("<i", chance.choice((4548, 4548, 4548, 4326, 0, -1, 99)))
        + envelope
        + body
    )
    if chance.random() < 0.08:
        blob = changed(blob, chance)
    base.execute("UPDATE facilities SET geom = ? WHERE rowid = ?", (blob, chance.randrange(1, 4)))


def _sql_cell(base: sqlite3.Connection, chance: random.Random) -> None:
    column, values = chance.choice((
        ("category", _CATEGORIES), ("facility_id", _IDS), ("name", NASTY), ("geom", ("x", 1, 2.5, None, b"", b"GP")),
        ("facility_id", (None, 1, 2.5, b"\xff\x00", *NASTY)), ("category", (None, 1, b"\xff", *NASTY)), ("fid", (-1, 0, 2**62, "x")),
    ))  # fmt: skip
    where = chance.randrange(1, 4)
    base.execute(f'UPDATE facilities SET "{column}" = ? WHERE rowid = ?', (chance.choice(values), where))  # noqa: S608 - ours


def _sql_area(base: sqlite3.Connection, chance: random.Random) -> None:
    kind = chance.choice(("REAL", "TEXT", "INTEGER", "", "BLOB", "BOOLEAN"))
    base.execute(f"ALTER TABLE facilities ADD COLUMN area_m2 {kind}")
    value = chance.choice(_AREAS)
    base.execute("UPDATE facilities SET area_m2 = ? WHERE rowid = ?", (value, chance.randrange(1, 4)))


def _sql_rows(base: sqlite3.Connection, chance: random.Random) -> None:
    base.execute(chance.choice((
        "DELETE FROM facilities WHERE rowid = 1", "DELETE FROM facilities",
        "INSERT INTO facilities (geom, facility_id, category, name) SELECT geom, facility_id, category, name FROM facilities",
        "INSERT INTO facilities (geom, facility_id, category) SELECT geom, 'G' || fid, category FROM facilities",
        "UPDATE facilities SET geom = (SELECT geom FROM facilities WHERE fid = 1)",
        "UPDATE facilities SET facility_id = 'F' || (4 - fid)", "UPDATE facilities SET fid = fid + 4000000000",
        "UPDATE facilities SET fid = 10 - fid", "UPDATE facilities SET geom = NULL WHERE fid = 1",
        "UPDATE facilities SET category = 'park' WHERE fid > 1",
    )))  # fmt: skip


def _sql_system(base: sqlite3.Connection, chance: random.Random) -> None:
    """Change what the tables of the standard say."""
    table = chance.choice(
        ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "gpkg_spatial_ref_sys")
    )
    names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")] or [
        "srs_id"
    ]  # another change dropped it
    value = chance.choice(
        (
            None,
            0,
            -1,
            4326,
            4547,
            4548,
            32650,
            99999,
            "epsg",
            "GEOMETRY",
            "POLYGON",
            "POINT",
            "attributes",
            "tiles",
            *NASTY,
        )
    )
    where = "" if chance.random() < 0.6 else f" WHERE rowid = (SELECT max(rowid) FROM {table})"  # noqa: S608 - ours
    base.execute(f'UPDATE OR IGNORE {table} SET "{chance.choice(names)}" = ?{where}', (value,))  # noqa: S608 - ours


def _sql_schema(base: sqlite3.Connection, chance: random.Random) -> None:
    """Put other things where a table was: views, columns that are reckoned, triggers, indexes, other tables."""
    for line in chance.choice((
        ("ALTER TABLE facilities RENAME TO t", "CREATE VIEW facilities AS SELECT * FROM t"),
        ("CREATE VIEW v AS SELECT fid, geom, facility_id, category, 'x' AS name FROM facilities",
         "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('v', 'features', 'v', 4548)"),
        ("ALTER TABLE facilities ADD COLUMN g GENERATED ALWAYS AS (fid + 1)",),
        ("ALTER TABLE facilities ADD COLUMN area_m2 GENERATED ALWAYS AS (900.0)",),
        ("CREATE TRIGGER tr AFTER UPDATE ON facilities BEGIN DELETE FROM facilities; END",),
        ("CREATE INDEX i ON facilities (category, facility_id)",),
        ("ALTER TABLE facilities RENAME COLUMN category TO 类别",), ("ALTER TABLE facilities RENAME COLUMN facility_id TO id",),
        ("ALTER TABLE facilities RENAME COLUMN geom TO shape",), ("ALTER TABLE facilities RENAME COLUMN name TO geometry",),
        ("ALTER TABLE facilities DROP COLUMN facility_id",), ("ALTER TABLE facilities ADD COLUMN Category TEXT",),
        ("ALTER TABLE facilities ADD COLUMN '类别' TEXT", "UPDATE facilities SET 类别 = 'park'"),
        ("DROP TABLE gpkg_geometry_columns",), ("DELETE FROM gpkg_spatial_ref_sys",), ("DELETE FROM gpkg_contents",),
        ("DELETE FROM gpkg_geometry_columns",),
        ("CREATE TABLE more (fid INTEGER PRIMARY KEY, geom BLOB, n)", ("INSERT INTO gpkg_contents (table_name, data_type, identifier) "
         "VALUES ('more', 'features', 'm')")),
        ("CREATE TABLE f2 AS SELECT * FROM facilities", "DROP TABLE facilities", "ALTER TABLE f2 RENAME TO facilities"),
        ("CREATE TABLE f2 (geom BLOB, facility_id TEXT PRIMARY KEY, category TEXT) WITHOUT ROWID",
         "INSERT INTO f2 SELECT geom, facility_id, category FROM facilities", "DROP TABLE facilities",
         "ALTER TABLE f2 RENAME TO facilities"),
        ("CREATE TABLE plan_site (key TEXT, value TEXT)", "INSERT INTO plan_site VALUES ('estimates', 'facilities'), ('problems', '[1]')",
         "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('plan_site', 'attributes', 'p')"),
        ("PRAGMA user_version = 99999",), ("PRAGMA application_id = 1",), ("DROP TABLE rtree_facilities_geom",),
        ("UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'REAL') WHERE name = 'facilities'",),
        ("UPDATE sqlite_master SET sql = replace(sql, 'facility_id', 'facility_iq') WHERE name = 'facilities'",),
        ("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'facilities'",),
    )):  # fmt: skip
        base.execute(line)


_SQL_CHANGES: Final = (
    _sql_cell,
    _sql_cell,
    _sql_cell,
    _sql_area,
    _sql_rows,
    _sql_rows,
    _sql_system,
    _sql_system,
    _sql_schema,
    _sql_schema,
)


def seen_gpkg(path: Path) -> Iterator[Seen]:
    """Return the rows of a GeoPackage by SQLite, its log with it, whatever the column of shapes is called."""
    with tempfile.TemporaryDirectory() as text:
        for file in path.parent.glob(path.name + "*"):
            shutil.copy(file, text)
        with closing(sqlite3.connect(Path(text) / path.name)) as base:
            base.text_factory = lambda data: data.decode("utf-8", "replace")
            for (name,) in base.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            ).fetchall():
                if name.startswith(("gpkg_", "rtree_", "sqlite_")):
                    continue
                try:
                    rows = base.execute('SELECT * FROM "' + name.replace('"', '""') + '"')  # noqa: S608 - a table of the file
                    heads = [column[0] for column in rows.description]
                    for row in rows:
                        said = dict(zip(heads, row, strict=True))
                        said["category"] = said.get("category", said.get("类别"))
                        said["facility_id"] = said.get("facility_id", said.get("id"))
                        shape = next((v for v in row if isinstance(v, bytes) and v[:2] == b"GP"), b"")
                        seen = _seen(said, _gpkg_parts(shape))
                        if (
                            wkb_curve() in shape
                        ):  # a circle of 30 m; the product says how far its chords are off
                            seen.known, seen.slack = Fraction(math.pi * 225), Fraction(7, 10)
                        yield seen
                        if seen.written is not None:  # in a column of another kind it counts as not filled in
                            yield replace(seen, written=None)
                except sqlite3.Error:
                    continue


def _gpkg_parts(blob: bytes) -> list[list[Exact]]:
    try:
        at = 8 + (0, 32, 48, 48, 64, 0, 0, 0)[blob[3] >> 1 & 7]
        return _wkb_parts(blob, at)[0]
    except (struct.error, ValueError, OverflowError, IndexError, MemoryError, RecursionError):
        return []


def _wkb_parts(blob: bytes, at: int) -> tuple[list[list[Exact]], int]:
    order = "<" if blob[at] else ">"
    kind, count = struct.unpack_from(order + "II", blob, at + 1)
    at += 9
    flags, kind = kind & 0xE0000000, kind & 0x1FFFFFFF
    thousands = kind // 1000
    width = 2 + max(
        int(thousands in (1, 2)) + 2 * int(thousands == 3),
        int(bool(flags & 0x80000000)) + int(bool(flags & 0x40000000)),
    )
    if kind % 1000 in (6, 7):
        parts: list[list[Exact]] = []
        for _ in range(count):
            more, at = _wkb_parts(blob, at)
            parts += more
        return parts, at
    if kind % 1000 != 3:
        return [], at
    rings = []
    for _ in range(count):
        (points,) = struct.unpack_from(order + "I", blob, at)
        at += 4
        flat = struct.unpack_from(f"{order}{points * width}d", blob, at)
        at += 8 * points * width
        if points:
            rings.append(exact(zip(flat[::width], flat[1::width], strict=True)))
    return ([rings] if rings else []), at


# --- shapefile --------------------------------------------------------------------------------------


def write_shp(folder: Path, shapes: list[Shape], chance: random.Random, *, kind: int = 5) -> Path:
    """Write the shapes of a shapefile and their index; the table beside them stays."""
    records, index, at = b"", b"", 50
    for number, shape in enumerate(shapes, start=1):
        rings = [ring for rings in shape for ring in rings]
        body = struct.pack("<i", 0) if not rings else _shp_record(rings, kind)
        records += struct.pack(">ii", number, len(body) // 2) + body
        index += struct.pack(">ii", at, len(body) // 2)
        at += 4 + len(body) // 2
    path = folder / "facilities.shp"
    bounds = struct.pack("<8d", X, Y, X + 60, Y + 70, 0, 0, 0, 0)
    for target, body in ((path, records), (path.with_suffix(".shx"), index)):
        head = struct.pack(">i20xi", 9994, 50 + len(body) // 2) + struct.pack("<ii", 1000, kind) + bounds
        target.write_bytes(head + body)
    if chance.random() < 0.03:  # two records of the index in another order
        data = bytearray(path.with_suffix(".shx").read_bytes())
        data[100:108], data[108:116] = data[108:116], data[100:108]
        path.with_suffix(".shx").write_bytes(bytes(data))
    return path


def _shp_record(rings: list[list[tuple[float, float]]], kind: int) -> bytes:
    points = [p for ring in rings for p in ring]
    starts = [sum(map(len, rings[:i])) for i in range(len(rings))]
    xs, ys = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
    body = struct.pack("<i4dii", kind, min(xs), min(ys), max(xs), max(ys), len(rings), len(points))
    body += struct.pack(f"<{len(starts)}i", *starts) + b"".join(struct.pack("<2d", *p) for p in points)
    if kind in (15, 25):
        body += struct.pack(f"<{2 + len(points)}d", 0, 9, *([7.5] * len(points)))
    return body


def clockwise(shape: Shape) -> Shape:
    """Turn outlines clockwise and holes the other way, as the format asks."""

    def turned(ring: Any, *, clockwise: bool) -> Any:
        try:
            twice = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(exact(ring)))
        except (ValueError, OverflowError):
            return ring
        return ring if (twice < 0) == clockwise else ring[::-1]

    return [[turned(ring, clockwise=i == 0) for i, ring in enumerate(rings)] for rings in shape]


def make_shp(folder: Path, chance: random.Random, sound: Path) -> Path:
    """Write a mutated shapefile."""
    for part in sound.parent.glob(f"{sound.stem}.*"):
        if part.suffix in PARTS:
            shutil.copy(part, folder / part.name)
    path = folder / "facilities.shp"
    way = chance.random()
    if way < 0.6:
        shapes = sound_shapes()
        shapes[chance.randrange(3)] = random_shape(chance)
        if chance.random() < 0.8:
            shapes = [clockwise(shape) for shape in shapes]
        write_shp(folder, shapes, chance, kind=chance.choice((5, 5, 5, 5, 15, 25)))
    if way > 0.45:
        chance.choice((_shp_bytes, _shp_numbers, _dbf, _dbf, _dbf, _side_file))(folder, chance)
    return path


def _shp_bytes(folder: Path, chance: random.Random) -> None:
    target = folder / f"facilities{chance.choice(('.shp', '.shx', '.dbf', '.shp'))}"
    target.write_bytes(changed(target.read_bytes(), chance))


def _shp_numbers(folder: Path, chance: random.Random) -> None:
    """Change whole numbers: of parts, places, lengths, kinds."""
    target = folder / f"facilities{chance.choice(('.shp', '.shp', '.shx'))}"
    data = bytearray(target.read_bytes())
    at = chance.randrange(0, len(data) - 4, 4)
    value = chance.choice((0, 1, 2, 3, 5, 15, 25, 31, -1, 2**31 - 1, len(data) // 2))
    data[at : at + 4] = struct.pack(chance.choice("<>") + "i", value)
    target.write_bytes(bytes(data))


def _dbf(folder: Path, chance: random.Random) -> None:
    """Change the table: names of columns, their kinds and widths, cells, marks of deletion."""
    target = folder / "facilities.dbf"
    data = bytearray(target.read_bytes())
    start, length = struct.unpack_from("<HH", data, 8)
    at = chance.choice(range(32, start - 1, 32))
    row = start + length * chance.randrange(3)
    match chance.randrange(7):
        case 0:
            data[at : at + 11] = chance.choice(
                (b"category", b"area_m2", b"x", b"\xc0\xe0\xb1\xf0", b"facility_i")
            ).ljust(11, b"\x00")
        case 1:
            data[at + 11] = ord(chance.choice("CNFDLMB?"))
        case 2:
            data[row] = chance.choice((0x2A, 0x20, 0))
        case 3:
            word = chance.choice(
                (
                    b"park",
                    b"fitness_ground",
                    "健身场地".encode("gbk"),
                    "健身场地".encode(),
                    b"650",
                    b"\xff\xfe",
                    b"*****",
                    b"",
                )
            )
            data[row + 1 : row + length] = word.ljust(length - 1)[: length - 1]
        case 4:
            data[29] = chance.choice((0, 0x4D, 0x4F, 0x03, 0xFF))
        case 5:
            struct.pack_into("<I", data, 4, chance.choice((0, 1, 2, 4, 2**31)))
        case _:
            other = start + length * chance.randrange(3)
            data[row : row + length], data[other : other + length] = (
                data[other : other + length],
                data[row : row + length],
            )
    target.write_bytes(bytes(data))


def _side_file(folder: Path, chance: random.Random) -> None:
    suffix = chance.choice((".prj", ".prj", ".cpg", ".shx", ".dbf"))
    target = folder / f"facilities{suffix}"
    if suffix == ".cpg":
        target.write_text(
            chance.choice(("UTF-8", "936", "GBK", "", "x" * 100, "BIG5", "UTF-16")), encoding="utf-8"
        )
    elif chance.random() < 0.3 and target.exists():
        target.rename(target.with_suffix(suffix.upper())) if chance.random() < 0.5 else target.unlink()
    else:
        target.write_bytes(changed(target.read_bytes(), chance) if target.exists() else b"x")


def seen_shp(path: Path) -> Iterator[Seen]:
    """Return the records of a .shp one after another, and where its index says they are."""
    data = path.read_bytes()
    starts = []
    at = 100
    while at + 8 <= len(data):
        starts.append(at)
        step = struct.unpack_from(">i", data, at + 4)[0] * 2
        if step < 0:
            break
        at += 8 + step
    index = next(
        (p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.casefold() == ".shx"), None
    )
    if index is not None:
        held = index.read_bytes()
        starts += [struct.unpack_from(">i", held, i)[0] * 2 for i in range(100, len(held) - 7, 8)]
    for start in dict.fromkeys(starts):
        yield Seen(parts=_shp_parts(data, start + 8))


def _shp_parts(data: bytes, at: int) -> list[list[Exact]]:
    """Return the parts of a record: outlines run clockwise, and holes lie in the outline around them."""
    try:
        kind, count, points = struct.unpack_from("<i32xii", data, at)
        if kind % 10 != 5:
            return []
        first = [*struct.unpack_from(f"<{count}i", data, at + 44), points]
        flat = struct.unpack_from(f"<{2 * points}d", data, at + 44 + 4 * count)
        rings = [exact(list(zip(flat[::2], flat[1::2], strict=True))[a:b]) for a, b in pairwise(first)]
    except (struct.error, ValueError, OverflowError, MemoryError):
        return []
    turned = [
        sum((x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]])), start=Fraction(0))
        if ring
        else 0
        for ring in rings
    ]
    outer = [[ring] for ring, turn in zip(rings, turned, strict=True) if turn < 0]
    holes = [ring for ring, turn in zip(rings, turned, strict=True) if turn > 0]
    if not outer:  # somebody turned all of them: where they lie is all that they say
        return nested(holes)
    for hole in holes:
        around = [part for part in outer if _box_in(hole, part[0])] or outer
        around[-1].append(hole)
    return outer


def _box_in(one: Exact, other: Exact) -> bool:
    return all(
        min(p[i] for p in other) <= min(p[i] for p in one)
        and max(p[i] for p in one) <= max(p[i] for p in other)
        for i in (0, 1)
    )


# --- archives ---------------------------------------------------------------------------------------


def pack(path: Path, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def make_zip(folder: Path, chance: random.Random, sound: dict[str, Path]) -> Path:
    """Write an archive of a mutated shapefile, GeoPackage or GeoJSON, packed with the right checksums."""
    within = folder / "within"
    within.mkdir()
    kind = chance.choice(("shp", "shp", "gpkg", "geojson"))
    if kind == "geojson":
        make_geojson(within, chance)
    elif kind == "gpkg":
        make_gpkg(within, chance, sound["gpkg"])
    else:
        make_shp(within, chance, sound["shp"])
    inside = chance.choice(("", "图/", "a/b/", "a\\", "./"))
    names = {inside + file.name: file.read_bytes() for file in sorted(within.iterdir())}
    if chance.random() < 0.12:
        name = chance.choice(
            (
                "../x.txt",
                "readme.txt",
                "__MACOSX/._facilities.shp",
                "图.pdf",
                "FACILITIES.SHP",
                "facilities.geojson",
                "/a",
                "C:\\x",
                "空/",
            )
        )
        names[name] = b"{}" if name.endswith("json") else b"x"
    path = folder / "p.zip"
    method = chance.choice(
        (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    )
    pack(path, names, method)
    shutil.rmtree(within)
    if chance.random() < 0.06:
        path.write_bytes(changed(path.read_bytes(), chance))
    return path


def seen_zip(path: Path) -> Iterator[Seen]:
    """Return the rows of what an archive holds."""
    with tempfile.TemporaryDirectory() as text, zipfile.ZipFile(path) as archive:
        folder = Path(text)
        for name in archive.namelist():
            with suppress(zipfile.BadZipFile, ValueError, OSError):
                (folder / Path(name.replace("\\", "/")).name).write_bytes(archive.read(name))
        for file in sorted(folder.iterdir()):
            match file.suffix.casefold():
                case ".geojson":
                    yield from seen_geojson(file.read_bytes())
                case ".gpkg":
                    with suppress(sqlite3.Error):
                        yield from seen_gpkg(file)
                case ".shp":
                    yield from seen_shp(file)
