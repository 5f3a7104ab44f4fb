"""GeoPackages, changed cell by cell and byte by byte, and read again by sqlite3."""

from __future__ import annotations

import math
import random
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from mutant_bytes import AREAS, CATEGORIES, IDS, NASTY, changed
from mutant_oracle import Exact, Seen, exact
from mutant_shapes import Shape, X, Y, random_shape, wkb, wkb_curve
from mutant_tables import seen_row

__all__ = ["make_gpkg", "put_shapes", "seen_gpkg"]


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
        ("category", CATEGORIES), ("facility_id", IDS), ("name", NASTY), ("geom", ("x", 1, 2.5, None, b"", b"GP")),
        ("facility_id", (None, 1, 2.5, b"\xff\x00", *NASTY)), ("category", (None, 1, b"\xff", *NASTY)), ("fid", (-1, 0, 2**62, "x")),
    ))  # fmt: skip
    where = chance.randrange(1, 4)
    base.execute(f'UPDATE facilities SET "{column}" = ? WHERE rowid = ?', (chance.choice(values), where))  # noqa: S608 - ours


def _sql_area(base: sqlite3.Connection, chance: random.Random) -> None:
    kind = chance.choice(("REAL", "TEXT", "INTEGER", "", "BLOB", "BOOLEAN"))
    base.execute(f"ALTER TABLE facilities ADD COLUMN area_m2 {kind}")
    value = chance.choice(AREAS)
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
                        seen = seen_row(said, _gpkg_parts(shape))
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
