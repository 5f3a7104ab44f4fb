"""GeoPackages, looked over by SQLite before GDAL opens them.

A broken page, a view with an endless query or a missing write-ahead log would otherwise end in a
driver's traceback, a hang, or rows that are missing without a word. SQLite closes the file before
GDAL opens it: two libraries with one file open would break each other's locks.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["GpkgTable", "examine"]

MAGIC: Final = b"SQLite format 3\x00"
_HEADER: Final = 100  # bytes
_WAL: Final = 2  # bytes 18 and 19 of the header: write-ahead log
_CURVES: Final = range(8, 15)  # WKB types of circular strings, compound curves, curve polygons, multi-curves
_WKB_HEAD: Final = 5  # bytes: their order, and the type
# Where WKB begins in a GeoPackage geometry (OGC 12-128r18, 2.1.3): behind an envelope whose size bits 1 to 3 of the
# fourth byte tell. Bit 0 is the order of bytes, so that the last hexadecimal digit tells it, too.
_KIND: Final = (
    "CASE substr(hex(substr({0}, 4, 1)), 2) "
    "WHEN '0' THEN substr({0}, 9, 5) WHEN '1' THEN substr({0}, 9, 5) "
    "WHEN '2' THEN substr({0}, 41, 5) WHEN '3' THEN substr({0}, 41, 5) "
    "WHEN '8' THEN substr({0}, 73, 5) WHEN '9' THEN substr({0}, 73, 5) "
    "WHEN '4' THEN substr({0}, 57, 5) WHEN '5' THEN substr({0}, 57, 5) "
    "WHEN '6' THEN substr({0}, 57, 5) WHEN '7' THEN substr({0}, 57, 5) END"
)
_STEPS: Final = 100_000  # SQLite's instructions between two looks at the budget
_SECONDS: Final = 4.0  # of processor time for looking over a small file; an endless query ends
_SECONDS_PER_MB: Final = 0.1  # a check of all pages reads 100 MB a second and more
# How the types of columns of numbers begin, and what their cells may be (OGC 12-128r18, table 1).
_WHOLE: Final = "'integer', 'null'"
_ANY: Final = "'integer', 'real', 'null'"
_NUMBERS: Final = (
    *((name, _WHOLE) for name in ("BOOL", "TINYINT", "SMALLINT", "MEDIUMINT", "INT")),
    *((name, _ANY) for name in ("FLOAT", "DOUBLE", "REAL")),
)
# How tables begin that a GeoPackage, SQLite, GDAL or QGIS keep for themselves.
_OF_THE_FILE: Final = (
    "gpkg_",
    "gpkgext_",
    "rtree_",
    "sqlite_",
    "ogr_empty_table",
    "layer_styles",
    "qgis_projects",
)
_LARGEST_CELL: Final = 64 << 20  # bytes; a shape of so many has four million vertices
_SHOWN: Final = 10
_COMPUTED: Final = (2, 3)  # kinds of columns in PRAGMA table_xinfo that are reckoned: virtual, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class GpkgTable:
    """A table of a GeoPackage that GDAL may read."""

    name: str
    rows: int
    curves: tuple[int, ...]  # 1-based rows with curved shapes
    mistyped: Mapping[str, tuple[int, ...]]  # column of numbers: 1-based rows that hold something else
    columns: tuple[str, ...]  # what is to be read beside the shapes: pictures and documents are not
    systems: tuple[str, ...] = ()  # what the file says its system is, in each of the places where it does


def examine(path: Path, found: ProblemList) -> tuple[GpkgTable, ...]:
    """Look a GeoPackage over without changing it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    found : ProblemList
        Where problems are noted; one that is ``refused`` means that the file is not to be opened.

    Returns
    -------
    tuple of GpkgTable
        The tables with rows of features or attributes.
    """
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
        if len(header) < _HEADER:
            found.add("PLAN-FILE-001", "error", "refused", Message("readers.gpkg_not"))
            return ()
        if not _header_sound(path, header, found):
            return ()
        with _connect(path) as connection:
            return _look(connection, found)
    except sqlite3.DataError:
        found.add("PLAN-SEC-002", "error", "refused", Message("readers.gpkg_cell", mb=_LARGEST_CELL >> 20))
        return ()
    except (sqlite3.Error, UnicodeDecodeError) as error:  # names in a broken file are not even text
        message = Message("readers.gpkg_broken", why=plain(str(error)))
        found.add("PLAN-FILE-001", "error", "refused", message)
        return ()


def _header_sound(path: Path, header: bytes, found: ProblemList) -> bool:
    size = int.from_bytes(header[16:18], "big")
    page = 65536 if size == 1 else size
    pages = int.from_bytes(header[28:32], "big")
    actual = path.stat().st_size
    log = path.with_name(path.name + "-wal")
    in_log = header[18] == _WAL or header[19] == _WAL
    if log.exists() and log.stat().st_size:
        found.add("PLAN-FILE-004", "info", "noted", Message("readers.gpkg_open"))
        return True
    if pages * page > actual:
        message = Message("readers.gpkg_short", pages=pages, whole=actual // page if page else 0)
        found.add("PLAN-FILE-001", "error", "refused", message)
        return False
    if in_log:
        found.add("PLAN-FILE-004", "warning", "noted", Message("readers.gpkg_log_missing"))
    return True


@contextmanager
def _connect(path: Path) -> Iterator[sqlite3.Connection]:
    # "immutable" takes no lock and makes no side file; with a log beside it the log must be read too.
    log = path.with_name(path.name + "-wal").exists()
    options = "mode=ro" if log else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_CELL)
    until = time.thread_time() + _SECONDS + _SECONDS_PER_MB * path.stat().st_size / (1 << 20)

    def over_budget() -> bool:
        return time.thread_time() > until

    try:
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        connection.set_progress_handler(over_budget, _STEPS)
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
    finally:
        connection.close()


def _look(connection: sqlite3.Connection, found: ProblemList) -> tuple[GpkgTable, ...]:
    try:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DataError:  # it reckons computed columns, too, and they may be endless
        held = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        computed = [plain(name) for (name,) in held if _computes(connection, name)]
        if not computed:
            raise
        found.add("PLAN-SEC-006", "error", "refused", Message("readers.gpkg_view", layer=computed[0]))
        return ()
    if verdict is None or verdict[0] != "ok":
        why = plain(str(verdict[0] if verdict else ""))
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.gpkg_broken", why=why))
        return ()
    kinds = {
        str(name): "virtual" if str(sql).upper().startswith("CREATE VIRTUAL") else str(kind)
        for name, kind, sql in connection.execute(
            "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view')"
        )
    }
    # The driver asks the tables of the standard as soon as it opens a file: none of them may be a question itself.
    posing = tuple(plain(n) for n, k in kinds.items() if k != "table" and n.casefold().startswith("gpkg_"))
    if posing:
        found.add("PLAN-SEC-006", "error", "refused", Message("readers.gpkg_view", layer=posing[0]))
        return ()
    if "gpkg_contents" not in kinds:
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.gpkg_not"))
        return ()
    listed = [
        (str(name), str(kind))
        for name, kind in connection.execute("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid")
    ]
    tables = _readable(connection, kinds, listed, found)
    if not any(p.effect == "refused" for p in found.problems):
        _tell_unlisted(
            connection, [n for n, k in kinds.items() if k == "table"], [n for n, _ in listed], found
        )
    return tables


def _readable(
    connection: sqlite3.Connection,
    kinds: Mapping[str, str],
    listed: list[tuple[str, str]],
    found: ProblemList,
) -> tuple[GpkgTable, ...]:
    """Return the tables of the contents that are data; the others are told."""
    geometry = _shape_columns(connection, kinds)
    tables: list[GpkgTable] = []
    for name, kind in listed:
        if kind not in ("features", "attributes", "aspatial"):
            found.add("PLAN-LAYER-001", "info", "noted", Message("readers.gpkg_raster", layer=plain(name)))
            continue
        if not _name_sound(name):
            message = Message("readers.layer_name", layer=plain(name))
            found.add("PLAN-SEC-007", "error", "refused", message)
        elif name in kinds and (kinds[name] != "table" or _computes(connection, name)):
            message = Message("readers.gpkg_view", layer=plain(name))
            found.add("PLAN-SEC-006", "error", "refused", message)
        elif name not in kinds:
            message = Message("readers.gpkg_table_missing", layer=plain(name))
            found.add("PLAN-FILE-001", "error", "refused", message)
        elif kind == "features" and name not in geometry:
            message = Message("readers.gpkg_no_shapes", layer=plain(name))
            found.add("PLAN-FILE-001", "error", "refused", message)
        else:
            tables.append(_table(connection, name, geometry.get(name)))
    return tuple(tables)


def _shape_columns(connection: sqlite3.Connection, kinds: Mapping[str, str]) -> dict[str, str]:
    """Return the column of shapes of each table of features."""
    if kinds.get("gpkg_geometry_columns") != "table":
        return {}
    rows = connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
    return {str(table): str(column) for table, column in rows}


def _tell_unlisted(
    connection: sqlite3.Connection, tables: list[str], listed: list[str], found: ProblemList
) -> None:
    """Tell tables with rows that the table of contents leaves out: no program that follows the standard reads them."""
    ours = {name.casefold() for name in listed}
    left = [
        name
        for name in sorted(tables)
        if name.casefold() not in ours
        and not name.casefold().startswith(_OF_THE_FILE)
        and connection.execute(f"SELECT EXISTS(SELECT 1 FROM {_quoted(name)})").fetchone()[0]  # noqa: S608 - quoted
    ]
    if left:
        message = Message(
            "readers.gpkg_unlisted", layers=tuple(plain(n) for n in left[:_SHOWN]), count=len(left)
        )
        found.add("PLAN-LAYER-001", "warning", "noted", message)


def _computes(connection: sqlite3.Connection, name: str) -> bool:
    """Tell whether a table has columns that are reckoned when they are read: of what, nobody knows."""
    columns = connection.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
    return any(column[-1] in _COMPUTED for column in columns)


def _table(connection: sqlite3.Connection, name: str, geometry: str | None) -> GpkgTable:
    # Names cannot be parameters of SQL: quoted as the standard says, quotes doubled.
    quoted = _quoted(name)
    columns = _columns(connection, name, geometry)
    _weigh(connection, quoted, [*columns, *([geometry] if geometry else [])])
    rows = int(connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0])  # noqa: S608 - quoted
    curves: list[int] = []
    if geometry is not None:
        kinds = connection.execute(f"SELECT DISTINCT {_KIND.format(_quoted(geometry))} FROM {quoted}")  # noqa: S608 - quoted
        if any(_is_curve(head) for (head,) in kinds):
            heads = connection.execute(f"SELECT {_KIND.format(_quoted(geometry))} FROM {quoted}")  # noqa: S608 - quoted
            curves = [row for row, (head,) in enumerate(heads, start=1) if _is_curve(head)]
    return GpkgTable(
        name=name,
        rows=rows,
        curves=tuple(curves),
        mistyped=_mistyped(connection, name, quoted),
        columns=columns,
        systems=() if geometry is None else _systems(connection, name, geometry),
    )


def _columns(connection: sqlite3.Connection, name: str, geometry: str | None) -> tuple[str, ...]:
    """Return the columns of a table that may say something: pictures and documents, which may be large, do not."""
    columns = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    said = [(str(column[1]), str(column[2]).upper()) for column in columns if column[1] != geometry]
    return tuple(column for column, kind in said if kind != "BLOB" or _holds_others(connection, name, column))


def _holds_others(connection: sqlite3.Connection, name: str, column: str) -> bool:
    """Tell whether a column holds anything but bytes, whatever it was made for."""
    others = f"SELECT 1 FROM {_quoted(name)} WHERE typeof({_quoted(column)}) NOT IN ('blob', 'null')"  # noqa: S608 - quoted
    return bool(connection.execute(f"SELECT EXISTS({others})").fetchone()[0])


def _weigh(connection: sqlite3.Connection, quoted: str, columns: list[str]) -> None:
    """Raise sqlite3.DataError where a cell is larger than what is read: SQLite tells it before it takes the memory."""
    largest = ", ".join(f"max(length({_quoted(column)}))" for column in columns)
    if largest:
        sizes = connection.execute(f"SELECT {largest} FROM {quoted}").fetchone()  # noqa: S608 - quoted
        # The length of a BLOB is known without reading it.
        if any(isinstance(size, int) and size > _LARGEST_CELL for size in sizes):
            raise sqlite3.DataError


def _systems(connection: sqlite3.Connection, name: str, geometry: str) -> tuple[str, ...]:
    """Return what the file says of the system of a table: its row of systems, and those that its contents and shapes name.

    OGC 12-128r18, 2.1.5 and 1.1.3: all three numbers shall be one. 0 and -1 say that none is known.
    """
    quoted = _quoted(name)
    numbers = [
        int(number)
        for query in (
            "SELECT srs_id FROM gpkg_geometry_columns WHERE table_name = ?",
            "SELECT srs_id FROM gpkg_contents WHERE table_name = ?",
        )
        for (number,) in connection.execute(query, (name,))
        if isinstance(number, int)
    ]
    header = f"SELECT DISTINCT substr({_quoted(geometry)}, 4, 5) FROM {quoted} LIMIT {_SHOWN}"  # noqa: S608 - quoted
    numbers += [
        int.from_bytes(head[1:], "little" if head[0] & 1 else "big", signed=True)
        for (head,) in connection.execute(header)
        if isinstance(head, bytes) and len(head) == _WKB_HEAD
    ]
    known = {row[1]: row[0] for row in connection.execute("PRAGMA table_info(gpkg_spatial_ref_sys)")}
    if not {"srs_id", "organization", "organization_coordsys_id", "definition"} <= set(known):
        return ()
    wkt2 = "definition_12_063" if "definition_12_063" in known else "NULL"  # the extension for WKT of 2015
    said: list[str] = []
    for number in dict.fromkeys(n for n in numbers if n > 0):
        rows = connection.execute(
            f"SELECT organization, organization_coordsys_id, definition, {wkt2} "  # noqa: S608 - one of two words
            "FROM gpkg_spatial_ref_sys WHERE srs_id = ?",
            (number,),
        ).fetchall()
        if not rows:  # no row says what it is; all programs number systems as EPSG does
            said.append(f"EPSG:{number}")
        for organization, code, *definitions in rows:
            if str(organization).casefold() == "epsg" and isinstance(code, int) and code > 0:
                said.append(f"EPSG:{code}")
            said += [text for text in definitions if isinstance(text, str) and text]
    return tuple(dict.fromkeys(said))


def _mistyped(connection: sqlite3.Connection, name: str, quoted: str) -> dict[str, tuple[int, ...]]:
    """Return where columns of numbers hold texts or, if of whole numbers, others: SQLite lets them, and the driver cuts."""
    columns = connection.execute(f"PRAGMA table_info({_quoted(name)})").fetchall()
    held = {
        column[1]: next((kinds for start, kinds in _NUMBERS if str(column[2]).upper().startswith(start)), "")
        for column in columns
        if not column[5]  # the key is always a whole number
    }
    told = [f"typeof({_quoted(column)}) NOT IN ({kinds})" for column, kinds in held.items() if kinds]
    if not told:
        return {}
    if not connection.execute(f"SELECT count(*) FROM {quoted} WHERE {' OR '.join(told)}").fetchone()[0]:  # noqa: S608 - quoted
        return {}
    found: dict[str, list[int]] = {}
    rows = connection.execute(f"SELECT {', '.join(told)} FROM {quoted}")  # noqa: S608 - quoted
    for row, flags in enumerate(rows, start=1):
        for column, flag in zip((c for c, kinds in held.items() if kinds), flags, strict=True):
            if flag:
                found.setdefault(column, []).append(row)
    return {column: tuple(rows) for column, rows in found.items()}


def _is_curve(head: object) -> bool:
    """Tell from the first five bytes of WKB whether it is curved."""
    if not isinstance(head, bytes) or len(head) < _WKB_HEAD:
        return False
    return int.from_bytes(head[1:], "little" if head[0] == 1 else "big") % 1000 in _CURVES


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name_sound(name: str) -> bool:
    return (
        name.isprintable()
        and bool(name.strip())
        and not any(c in name for c in '/\\:*?"<>|')
        and ".." not in name
    )
