"""Real servers on loopback, for tests and benchmarks: PostGIS with estates in it, and a Dask cluster of two workers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from plan.readers import read_site

ROOT: Final = Path(__file__).resolve().parents[1]
_PATIENCE_S: Final = 120.0
_TYPES: Final = {"i": "bigint", "u": "bigint", "f": "double precision", "b": "boolean"}
SPLIT: Final = "estate"  # the column that says of which file a row is


# --- PostGIS -----------------------------------------------------------------------------------------


def home_of_postgis() -> Path | None:
    """Return where the programs of PostgreSQL lie, if PostGIS is there too."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    extension = list(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    return homes[-1] if homes and extension else None


@contextmanager
def running_postgis(home: Path) -> Iterator[str]:
    # PostgreSQL does not run as root; whoever runs it must reach its folder.
    place = Path(tempfile.mkdtemp(prefix="plan-pg-"))
    place.chmod(0o755)
    data = place / "data"
    secret = place / "secret"
    secret.write_text("p@ss word", encoding="utf-8")
    as_other: list[str] = []
    if os.geteuid() == 0:
        as_other = ["runuser", "-u", "postgres", "--"]
        shutil.chown(place, "postgres")
        shutil.chown(secret, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: object) -> None:
        subprocess.run(
            [*as_other, *map(str, command)],
            check=True,
            cwd=place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    try:
        run(
            home / "initdb",
            "-D",
            data,
            "-U",
            "planner",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C.UTF-8",
        )
        options = f"-h 127.0.0.1 -p {port} -k {place} -c fsync=off -c full_page_writes=off"
        run(home / "pg_ctl", "-D", data, "-o", options, "-w", "-l", place / "log", "start")
        address = f"postgresql://planner:p%40ss%20word@127.0.0.1:{port}/postgres"
        try:
            yield address
        finally:
            run(home / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def estates_to_postgis(address: str, folder: Path) -> list[str]:
    """Write every estate of a folder (``.gpkg``) into tables, and return the addresses that they are read from.

    Estates whose files have the same layers and columns share the tables of one schema, and :data:`SPLIT` says of which
    a row is: a shared table cannot tell a column that a file lacks from one that is empty.
    """
    import psycopg
    from psycopg import sql

    schemas: dict[tuple[object, ...], str] = {}
    with psycopg.connect(address) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        for path in sorted(folder.rglob("*.gpkg")):
            layers = read_site(path).layers
            form = tuple((name, *frame.columns) for name, frame in layers.items())
            if form not in schemas:
                schemas[form] = f"form{len(schemas)}"
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schemas[form])))
            for name, frame in layers.items():
                _copy(connection, sql.Identifier(schemas[form], name), frame.assign(**{SPLIT: path.stem}))
    return [f"{address}?schema={schema}&split={SPLIT}" for schema in schemas.values()]


def _copy(connection: Any, table: Any, frame: Any) -> None:
    """Append the rows of a layer to its table, which is made where it is absent."""
    from psycopg import sql

    plain = frame.drop(columns=frame.geometry.name)
    kinds = [_TYPES.get(plain[column].dtype.kind, "text") for column in plain.columns]
    made = [
        sql.SQL("{} " + kind).format(sql.Identifier(name))
        for name, kind in zip(plain.columns, kinds, strict=True)
    ]
    make = sql.SQL("CREATE TABLE IF NOT EXISTS {} (fid bigserial PRIMARY KEY, {}, geom geometry)")
    connection.execute(make.format(table, sql.SQL(", ").join(made)))
    names = sql.SQL(", ").join(map(sql.Identifier, plain.columns))
    srid = frame.crs.to_epsg()
    with connection.cursor().copy(sql.SQL("COPY {} ({}, geom) FROM STDIN").format(table, names)) as copy:
        values = plain.astype(object).where(plain.notna(), None).itertuples(index=False, name=None)
        for row, shape in zip(values, frame.geometry, strict=True):
            cells = [value.item() if hasattr(value, "item") else value for value in row]
            copy.write_row((*cells, None if shape is None else f"SRID={srid};{shape.wkb_hex}"))


# --- Dask --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler and its workers, each a process under a nanny, as they run on machines of their own."""

    address: str
    scheduler: psutil.Process
    nannies: tuple[psutil.Process, ...]

    def kill_machine(self, number: int) -> None:
        """End a worker and its nanny with ``kill -9``, as when the power of a machine fails."""
        nanny = self.nannies[number]
        for process in [nanny, *nanny.children(recursive=True)]:
            process.kill()


@contextmanager
def running_cluster(count: int = 2) -> Iterator[Cluster]:
    """Run a scheduler and workers on loopback, as commands, one thread each."""
    folder = Path(tempfile.mkdtemp(prefix="plan-dask-"))
    file = folder / "scheduler.json"
    options_of_all = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    started: list[psutil.Process] = []

    def start(command: str, *options: str) -> psutil.Process:
        process = psutil.Popen(
            [sys.executable, "-m", "distributed.cli." + command, *options_of_all, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    try:
        scheduler = start("dask_scheduler", "--port", "0")
        until = time.monotonic() + _PATIENCE_S
        while not file.is_file() or not file.read_text("utf-8").strip():
            _wait(until, "the scheduler")
        address = json.loads(file.read_text("utf-8"))["address"]
        places = [str(folder / f"w{number}") for number in range(count)]
        nannies = tuple(
            start("dask_worker", "--nthreads", "1", "--local-directory", place) for place in places
        )
        _all_there(address, count, until)
        yield Cluster(address=address, scheduler=scheduler, nannies=nannies)
    finally:
        for process in reversed(started):
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _all_there(address: str, count: int, until: float) -> None:
    from plan.access.clusters import connect

    with connect(address, patience_s=30) as client:
        while len(client.scheduler_info()["workers"]) < count:
            _wait(until, "the workers")


def _wait(until: float, what: str) -> None:
    if time.monotonic() > until:
        msg = f"{what} did not start"
        raise TimeoutError(msg)
    time.sleep(0.05)


def _end(process: psutil.Process) -> None:
    try:
        for one in [*process.children(recursive=True), process]:
            one.kill()
        process.wait(10)
    except psutil.Error:
        return
