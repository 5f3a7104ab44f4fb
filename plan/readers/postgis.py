"""PostGIS as a source of sites: tables of one schema become layers, as they are in one moment.

Names of tables and columns are quoted by the library, values are parameters; nothing of either is ever part of a
statement's text. What is read is not locked and not changed: one read-only transaction that sees one state of the data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from plan.errors import InputError, UnavailableError
from plan.findings import InputFile, Problem
from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.databases import Address, scrubbed
from plan.readers.driver import shapes_from_wkb
from plan.readers.naming import Family, LayerMapping, identify
from plan.readers.raw import RawData, RawLayer
from plan.text_safety import plain

if TYPE_CHECKING:
    from psycopg import Connection, Cursor
    from psycopg.sql import Composed

__all__ = ["connected", "digest_of", "parts_of", "quoted", "read_database"]

_PATIENCE_S: Final = 10  # for a server in a local network to answer
_LONGEST_MS: Final = 600_000  # of one statement: a view may hold an endless query
_ROWS: Final = 20_000  # fetched at a time
_SHOWN: Final = 20  # rows that a message lists
_NOT_OURS: Final = (
    "spatial_ref_sys",
    "geometry_columns",
    "geography_columns",
    "raster_columns",
    "raster_overviews",
)
_FLOATS: Final = ("numeric", "float4", "float8", "money")
_PLAIN: Final = ("int2", "int4", "int8", "bool", "text", "varchar", "bpchar", "name")
# Text forms of dates and numbers that do not depend on the server's settings.
_SETTINGS: Final = (
    f"-c statement_timeout={_LONGEST_MS} -c datestyle=ISO -c timezone=UTC -c intervalstyle=iso_8601 "
    "-c extra_float_digits=1 -c bytea_output=hex"
)
_FAMILIES: Final[dict[str, Family]] = {
    "POLYGON": "Polygon", "MULTIPOLYGON": "Polygon", "CURVEPOLYGON": "Polygon", "MULTISURFACE": "Polygon",
    "LINESTRING": "LineString", "MULTILINESTRING": "LineString", "COMPOUNDCURVE": "LineString",
    "POINT": "Point", "MULTIPOINT": "Point",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    schema: str
    name: str
    layer: str  # of the contract
    guessed: bool
    columns: tuple[tuple[str, str], ...]  # name and type, without shapes
    shape: str | None  # the column of shapes
    more_shapes: tuple[str, ...]  # other columns of shapes, which are left
    key: tuple[str, ...]  # the primary key

    def has(self, column: str) -> bool:
        return any(name == column for name, _ in self.columns)


@contextmanager
def connected(address: Address, source: str, *, read_only: bool = True) -> Iterator[Connection[Any]]:
    """Give a connection; whatever the server says is said without the password.

    Raises
    ------
    UnavailableError
        If the package ``psycopg`` is missing, or the server cannot be reached.
    InputError
        If the server refuses a statement.
    """
    try:
        import psycopg  # noqa: PLC0415 - the package is optional
    except ImportError:
        raise UnavailableError(Message("postgis.no_package")) from None
    try:
        connection = psycopg.connect(
            address.conninfo, connect_timeout=_PATIENCE_S, options=_SETTINGS, client_encoding="UTF8"
        )
    except (psycopg.Error, ValueError, UnicodeError) as error:
        raise UnavailableError(
            Message("postgis.unreachable", address=address.shown, why=_said(error, source))
        ) from None
    try:
        with connection:
            if read_only:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
            yield connection
    except psycopg.Error as error:
        raise InputError(
            Message("postgis.refused", address=address.shown, why=_said(error, source))
        ) from None


def read_database(source: str, mapping: LayerMapping | None = None) -> RawData:
    """Read the layers of one schema.

    Parameters
    ----------
    source : str
        The address; see :mod:`plan.readers.databases`.
    mapping : LayerMapping, optional
        What the user says about names.

    Returns
    -------
    RawData
        A layer for each table that is one; the digest of its rows stands for a file's.

    Raises
    ------
    UnavailableError, InputError
        See :func:`connected`.
    UsageError
        If the address makes no sense.
    """
    address = Address.of(source)
    found = ProblemList(path=address.shown)
    with connected(address, source) as connection:
        tables, others = _tables(connection, address, mapping or LayerMapping())
        for name in others:
            found.add("PLAN-LAYER-001", "info", "noted", Message("readers.layer_ignored", layer=plain(name)))
        read = [_layer(connection, table, address) for table in tables]
        digest = _digest(connection, tables, address)
    if not tables:
        message = Message(
            "postgis.no_tables", address=address.shown, schema=plain(address.schema or "public")
        )
        found.add("PLAN-DATA-002", "error", "refused", message)
    # A table that sites share and that has no row of this one is no empty layer of it: the layer is absent.
    shared = address.part is not None
    kept = [
        (layer, told)
        for table, (layer, told) in zip(tables, read, strict=True)
        if len(layer.frame) or not (shared and table.has(address.split))
    ]
    return RawData(
        layers=tuple(layer for layer, _ in kept),
        problems=(*found.problems, *(problem for _, told in kept for problem in told)),
        inputs=(InputFile(path=address.shown, sha256=digest),),
        name=_name(address),
    )


def parts_of(source: str) -> tuple[str, ...]:
    """Return the address of each site of a database: one, or one for each value of the column that splits it.

    Raises
    ------
    UnavailableError, InputError
        See :func:`connected`.
    UsageError
        If no table has the column.
    """
    address = Address.of(source)
    if not address.split or address.part is not None:
        return (source,)
    with connected(address, source) as connection:
        from psycopg import sql  # noqa: PLC0415 - the package is optional

        tables, _ = _tables(connection, address, LayerMapping())
        having = [table for table in tables if table.has(address.split)]
        if not having:
            message = Message("postgis.no_split", address=address.shown, column=plain(address.split))
            raise InputError(message)
        values: set[str] = set()
        for table in having:
            query = sql.SQL("SELECT DISTINCT {column}::text FROM {table} WHERE {column} IS NOT NULL")
            rows = connection.execute(query.format(column=quoted(address.split), table=_named(table)), ())
            values |= {str(value) for (value,) in rows}
    return tuple(f"{source}&part={quote(value, safe='')}" for value in sorted(values))


def digest_of(source: str) -> str | None:
    """Return the SHA-256 of the rows that a source is read from, computed by the server; None where it has no answer."""
    try:
        address = Address.of(source)
        with connected(address, source) as connection:
            tables, _ = _tables(connection, address, LayerMapping())
            return _digest(connection, tables, address)
    except (InputError, UnavailableError, ValueError):
        return None  # what is wrong is told when it is read


def _name(address: Address) -> str:
    place = address.shown.partition("?")[0].rpartition("/")[2]
    return address.part if address.part is not None else address.schema or place


def _tables(
    connection: Connection[Any], address: Address, mapping: LayerMapping
) -> tuple[list[_Table], list[str]]:
    """Return the tables that are layers, and the names of the others."""
    listed = connection.execute(
        """
        SELECT n.nspname, c.relname, a.attname, t.typname, g.type,
               EXISTS (SELECT FROM pg_catalog.pg_index i
                       WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey))
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        LEFT JOIN geometry_columns g
          ON g.f_table_schema = n.nspname AND g.f_table_name = c.relname AND g.f_geometry_column = a.attname
        WHERE n.nspname = COALESCE(NULLIF(%s, ''), current_schema()::text)
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
          AND NOT c.relispartition
          AND c.relname <> ALL (%s)
          AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
        ORDER BY c.relname COLLATE "C", a.attnum
        """,
        (address.schema, list(_NOT_OURS)),
    ).fetchall()
    by_table: dict[tuple[str, str], list[tuple[str, str, str | None, bool]]] = {}
    for schema, table, column, kind, drawn, in_key in listed:
        by_table.setdefault((schema, table), []).append((column, kind, drawn, in_key))
    tables, others = [], []
    for (schema, name), columns in by_table.items():
        shapes = [column for column, kind, _, _ in columns if kind in ("geometry", "geography")]
        drawn = next((d for c, _, d, _ in columns if shapes and c == shapes[0]), None)
        family: Family = _FAMILIES.get((drawn or "").upper().rstrip("ZM"), "any") if shapes else "none"
        plain_columns = tuple((column, kind) for column, kind, _, _ in columns if column not in shapes)
        layer, guessed = identify(
            source_layer=name,
            stem=name,
            family=family,
            columns=[column for column, _ in plain_columns],
            mapping=mapping,
            alone=False,
        )
        if not layer or name.startswith("plan_"):
            others.append(name)
            continue
        tables.append(
            _Table(
                schema=schema,
                name=name,
                layer=layer,
                guessed=guessed,
                columns=plain_columns,
                shape=shapes[0] if shapes else None,
                more_shapes=tuple(shapes[1:]),
                key=tuple(column for column, _, _, in_key in columns if in_key),
            )
        )
    return tables, others


def quoted(*names: str) -> Any:  # noqa: ANN401 - the package is optional
    """Return a name as a statement with parameters takes it: quoted, and no sign of a parameter in it."""
    from psycopg import sql  # noqa: PLC0415

    return sql.Identifier(*(name.replace("%", "%%") for name in names))


def _named(table: _Table) -> Any:  # noqa: ANN401 - the package is optional
    return quoted(table.schema, table.name)


def _of_part(table: _Table, address: Address) -> tuple[Composed, Sequence[object]]:
    """Return the condition under which a row belongs to the part that is meant, and its parameters."""
    from psycopg import sql  # noqa: PLC0415 - the package is optional

    if address.part is None or not table.has(address.split):
        return sql.SQL("").format(), ()
    return sql.SQL(" WHERE {}::text = %s").format(quoted(address.split)), (address.part,)


def _layer(
    connection: Connection[Any], table: _Table, address: Address
) -> tuple[RawLayer, tuple[Problem, ...]]:
    from psycopg import sql  # noqa: PLC0415 - the package is optional

    chosen = [_column(name, kind) for name, kind in table.columns]
    if table.shape is not None:
        chosen += _shape(connection, table.shape)
    order = sql.SQL(", ").join([quoted(name) for name in table.key])
    condition, values = _of_part(table, address)
    query = sql.SQL("SELECT {} FROM {} AS t{} ORDER BY {}").format(
        sql.SQL(", ").join(chosen) if chosen else sql.SQL("1"),
        _named(table),
        condition,
        order if table.key else sql.SQL('t::text COLLATE "C"'),
    )
    with connection.cursor(name="plan_layer") as cursor:
        cursor.itersize = _ROWS
        cursor.execute(query, values)
        columns = _gather(cursor, len(chosen))
    notes = ProblemList(path=address.shown, layer=table.layer)
    if table.guessed:
        message = Message("readers.layer_guessed", source=plain(table.name), layer=table.layer)
        notes.add("PLAN-LAYER-003", "info", "noted", message)
    for name in table.more_shapes:
        message = Message("postgis.second_shape", layer=plain(table.name), column=plain(name))
        notes.add("PLAN-LAYER-001", "info", "noted", message)
    count = len(columns[0]) if columns else 0
    data = {name: columns[at] for at, (name, _) in enumerate(table.columns)}
    frame = pd.DataFrame(data, index=range(count)).rename(columns={"geometry": "geometry_"})
    shapes = np.full(count, None, dtype=object)
    crs = None
    if table.shape is not None:
        wkb, srids, curved = columns[-3:]
        shapes = shapes_from_wkb(np.array(wkb, dtype=object), notes)
        rows = tuple(at + 1 for at, one in enumerate(curved) if one)
        if rows:
            message = Message("readers.curves", layer=plain(table.name), count=len(rows))
            notes.add("PLAN-GEOM-008", "info", "repaired", message, rows=rows)
        crs = _crs(connection, table, sorted({int(s) for s in srids if s is not None}), notes)
    layer = RawLayer(
        name=table.layer,
        frame=gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, index=frame.index, crs=crs)),
        path=address.shown,
        source_layer=table.name,
    )
    return layer, notes.problems


def _column(name: str, kind: str) -> Any:  # noqa: ANN401 - the package is optional
    from psycopg import sql  # noqa: PLC0415

    if kind in _PLAIN:
        return quoted(name)
    return sql.SQL("{}::float8" if kind in _FLOATS else "{}::text").format(quoted(name))


def _shape(connection: Connection[Any], column: str) -> list[Any]:
    """Return a shape as WKB without arcs, its system, and whether it had arcs; by PostGIS's own functions, wherever they are."""
    from psycopg import sql  # noqa: PLC0415 - the package is optional

    home = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname = 'postgis'"
    ).fetchone()
    place = str(home[0]) if home else "public"
    names = {
        "binary": quoted(place, "st_asbinary"),
        "line": quoted(place, "st_curvetoline"),
        "arc": quoted(place, "st_hasarc"),
        "srid": quoted(place, "st_srid"),
        "type": quoted(place, "geometry"),
        "column": quoted(column),
    }
    forms = (
        "CASE WHEN {arc}({column}::{type}) THEN {binary}({line}({column}::{type})) ELSE {binary}({column}::{type}) END",
        "{srid}({column}::{type})",
        "{arc}({column}::{type})",
    )
    return [sql.SQL(form).format(**names) for form in forms]


def _gather(cursor: Cursor[Any], width: int) -> list[list[Any]]:
    columns: list[list[Any]] = [[] for _ in range(width)]
    while rows := cursor.fetchmany(_ROWS):
        for at, values in enumerate(zip(*rows, strict=True)):
            columns[at].extend(bytes(v) if isinstance(v, memoryview) else v for v in values)
    return columns


def _crs(
    connection: Connection[Any], table: _Table, srids: list[int], notes: ProblemList
) -> pyproj.CRS | None:
    known = [srid for srid in srids if srid > 0]
    if len(srids) > 1:
        message = Message(
            "postgis.mixed_systems", layer=plain(table.name), systems=tuple(map(str, srids[:_SHOWN]))
        )
        notes.add("PLAN-CRS-001", "error", "refused", message)
        return None
    if not known:
        return None
    row = connection.execute(
        "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", (known[0],)
    ).fetchone()
    for text in (f"{row[0]}:{row[1]}", row[2]) if row else (f"EPSG:{known[0]}",):
        try:
            return pyproj.CRS.from_user_input(text)
        except (pyproj.exceptions.CRSError, TypeError):
            continue
    notes.add("PLAN-CRS-001", "error", "noted", Message("readers.crs_unreadable", crs=str(known[0])))
    return None


def _digest(connection: Connection[Any], tables: Sequence[_Table], address: Address) -> str:
    """Return the SHA-256 over the rows of all layers, in no order: the server hashes, few bytes travel."""
    from psycopg import sql  # noqa: PLC0415 - the package is optional

    told = []
    for table in tables:
        condition, values = _of_part(table, address)
        query = sql.SQL(
            "SELECT count(*), encode(sha256(COALESCE(string_agg(h, ''::bytea ORDER BY h), ''::bytea)), 'hex') "
            "FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS h FROM {} AS t{}) AS rows"
        ).format(_named(table), condition)
        row = connection.execute(query, values).fetchone()
        told.append([table.name, table.columns, table.shape, row[0] if row else 0, row[1] if row else ""])
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _said(error: BaseException, source: str) -> str:
    return plain(scrubbed(" ".join(str(error).split()), source))[:300]
