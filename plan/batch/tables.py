"""Results in PostGIS: a table of sites and one of findings, with the place to zoom to; a row is written whole or not at all.

::

    plan_batch     what was asked
    plan_results   a row for each site, with its record (plan.result/2)
    plan_findings  a row for each finding
    plan_journal   which run did what
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from plan.batch.record import Record
from plan.errors import InputError, OutputError
from plan.findings import Finding
from plan.messages import Message
from plan.readers.databases import Address, is_database, shown
from plan.readers.postgis import connected, quoted
from plan.text_safety import plain

if TYPE_CHECKING:
    from psycopg import Connection

__all__ = ["TableStore", "is_database"]

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS {schema}.plan_batch (one boolean PRIMARY KEY DEFAULT true CHECK (one), request text NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.plan_journal (number bigserial PRIMARY KEY, event text NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.plan_results (
  slot text PRIMARY KEY, site text NOT NULL, district text, outcome text NOT NULL, error text, pack text NOT NULL,
  pack_version text NOT NULL, rules_on text, key text NOT NULL, record text NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.plan_findings (
  slot text REFERENCES {schema}.plan_results ON DELETE CASCADE, number integer, rule text NOT NULL, subject text,
  strength text NOT NULL, status text NOT NULL, measured double precision, measured_text text,
  required double precision, required_text text, unit text, reason text, remedy text, features text[],
  geometry {postgis}.geometry(Geometry, 4326), PRIMARY KEY (slot, number))
"""
_LOCK: Final = "plan:batch:"
_COLUMNS: Final = 15


@dataclass(frozen=True, slots=True)
class TableStore:
    """Results in the tables of one schema; goes to other processes, each of which connects by itself."""

    source: str = field(repr=False)  # with the password

    @property
    def place(self) -> str:
        """The address without its password."""
        return shown(self.source)

    def request(self) -> str | None:
        """Return what the batch was asked; None where the schema holds none."""
        with self._connected() as (connection, schema, _):
            there = connection.execute(
                "SELECT to_regclass(%s)", (f"{_quoted(schema)}.plan_batch",)
            ).fetchone()
            if there is None or there[0] is None:
                return None
            row = self._run(connection, schema, "SELECT request FROM {schema}.plan_batch").fetchone()
            return None if row is None else str(row[0])

    def begin(self, request: str) -> None:
        """Make the tables where they are absent, and write what the batch is asked."""
        with self._connected() as (connection, schema, postgis):
            for statement in _TABLES.split(";"):
                self._run(connection, schema, statement, postgis=postgis)
            self._run(
                connection,
                schema,
                "INSERT INTO {schema}.plan_batch (request) VALUES (%s) ON CONFLICT (one) DO UPDATE SET request = excluded.request",
                (request,),
            )

    def end(self) -> None:
        """Do nothing: the database itself takes back what was half written."""

    def keys(self, slots: tuple[str, ...]) -> dict[str, str]:
        """Return the key of each result that is kept."""
        with self._connected() as (connection, schema, _):
            rows = self._run(
                connection,
                schema,
                "SELECT slot, key FROM {schema}.plan_results WHERE slot = ANY (%s)",
                (list(slots),),
            )
            return {slot: key for slot, key in rows if key}

    def read(self, slot: str) -> str | None:
        """Return the text of a result; None where there is none."""
        with self._connected() as (connection, schema, _):
            row = self._run(
                connection, schema, "SELECT record FROM {schema}.plan_results WHERE slot = %s", (slot,)
            ).fetchone()
            return None if row is None else str(row[0])

    def write(self, slot: str, text: str, record: Record) -> None:
        """Keep a result and its findings in one transaction."""
        result = record.result
        with self._connected() as (connection, schema, postgis):
            self._run(connection, schema, "DELETE FROM {schema}.plan_results WHERE slot = %s", (slot,))
            about = (
                slot, plain(result.name), plain(record.district) or None, result.outcome,
                None if result.error is None else plain(result.error), result.pack.id, result.pack.version,
                result.on or None, record.key, text,
            )  # fmt: skip
            self._run(
                connection,
                schema,
                f"INSERT INTO {{schema}}.plan_results VALUES ({', '.join(['%s'] * len(about))})",  # noqa: S608 - signs for parameters
                about,
            )
            findings = () if result.report is None else result.report.findings
            with connection.cursor() as cursor:
                from psycopg import sql  # noqa: PLC0415 - the package is optional

                signs = ", ".join(["%s"] * (_COLUMNS - 1))
                query = sql.SQL(  # signs for parameters only
                    f"INSERT INTO {{schema}}.plan_findings VALUES ({signs}, {{shape}})"  # noqa: S608
                ).format(
                    schema=quoted(schema),
                    shape=sql.SQL("{}(%s)").format(quoted(postgis, "st_geomfromgeojson")),
                )
                cursor.executemany(
                    query, [(slot, *_row(at, one)) for at, one in enumerate(findings, start=1)]
                )

    def note(self, event: Mapping[str, object]) -> None:
        """Add a line to the journal."""
        with self._connected() as (connection, schema, _):
            self._run(
                connection,
                schema,
                "INSERT INTO {schema}.plan_journal (event) VALUES (%s)",
                (json.dumps(event, ensure_ascii=False),),
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock of the server; it is free again when this process ends, however it ends."""
        with self._connected() as (connection, schema, _):
            connection.commit()
            connection.autocommit = True
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (_LOCK + schema,)
            ).fetchone()
            if row is None or not row[0]:
                raise OutputError(Message("batch.in_use", path=self.place))
            yield

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection[Any], str, str]]:
        """Give a connection, the schema of the results, and that of PostGIS."""
        address = Address.of(self.source)
        try:
            with connected(address, self.source, read_only=False) as connection:
                row = connection.execute(
                    "SELECT COALESCE(NULLIF(%s, ''), current_schema()::text, 'public'), COALESCE((SELECT n.nspname FROM "
                    "pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
                    "WHERE e.extname = 'postgis'), 'public')",
                    (address.schema,),
                ).fetchone()
                if row is None:  # a query without FROM has a row
                    raise OutputError(Message("postgis.address", address=self.place))
                yield connection, str(row[0]), str(row[1])
        except InputError as error:
            raise OutputError(error.message) from None

    @staticmethod
    def _run(
        connection: Connection[Any],
        schema: str,
        statement: str,
        values: tuple[object, ...] = (),
        *,
        postgis: str = "",
    ) -> Any:  # noqa: ANN401 - a cursor
        from psycopg import sql  # noqa: PLC0415 - the package is optional

        query = sql.SQL(statement).format(schema=quoted(schema), postgis=quoted(postgis or schema))
        return connection.execute(query, values)


def _row(number: int, finding: Finding) -> tuple[object, ...]:
    measured, measured_text = _figure(finding.measured)
    required, required_text = _figure(finding.required)
    return (
        number, finding.rule, _text(finding.subject), finding.strength.value, finding.status.value, measured,
        measured_text, required, required_text, finding.unit, _text(finding.reason), _text(finding.remedy),
        [plain(one) for one in finding.features],
        None if finding.geometry is None else json.dumps({**finding.geometry, "crs": _WGS84}),
    )  # fmt: skip


_WGS84: Final = {"type": "name", "properties": {"name": "EPSG:4326"}}


def _figure(value: float | str | None) -> tuple[float | None, str | None]:
    return (None, plain(value)) if isinstance(value, str) else (None if value is None else float(value), None)


def _text(value: str | None) -> str | None:
    return None if value is None else plain(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
