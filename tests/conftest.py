"""Fixtures shared by all tests: where the real data lies, and what its absence means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-real",
        action="store_true",
        help="a test that would be skipped because a real component is missing fails instead",
    )


def missing(request: pytest.FixtureRequest, what: str) -> None:
    """Skip for want of a real component, or fail where that is not allowed."""
    if request.config.getoption("--require-real"):
        pytest.fail(f"real component missing: {what}")
    pytest.skip(f"real component missing: {what}")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sample_gis() -> Path:
    return ROOT / "sample_gis"


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Path:
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        missing(request, "the shared data folder beside the repository")
    return folder


@pytest.fixture(scope="session")
def chromium(request: pytest.FixtureRequest) -> Path:
    import shutil

    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Path(found)
    missing(request, "Chromium")
    raise AssertionError


@pytest.fixture(scope="session")
def poppler(request: pytest.FixtureRequest) -> Path:
    """Where pdftotext, pdfinfo and pdfimages lie."""
    import shutil

    found = shutil.which("pdftotext")
    if found is None:
        missing(request, "poppler")
        raise AssertionError
    return Path(found).parent


@pytest.fixture
def distributed(request: pytest.FixtureRequest) -> object:
    try:
        import distributed
    except ImportError:
        missing(request, "the package distributed")
    return distributed


@pytest.fixture
def local_cluster(distributed: Any) -> Callable[..., Any]:
    """A Dask cluster on loopback of so many workers; its pages at any free port, as another test may hold the usual one."""

    def start(n_workers: int = 2) -> Any:
        return distributed.LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        )

    return start


@pytest.fixture(scope="session")
def postgis(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a real PostGIS on loopback, in a folder of its own; its password is ``p@ss word``."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        missing(request, "the package psycopg")
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    extension = list(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    if not homes or not extension:
        missing(request, "PostgreSQL with PostGIS")
    with running_postgis(homes[-1]) as address:
        yield address


@contextmanager
def running_postgis(home: Path) -> Iterator[str]:
    import os
    import shutil
    import socket
    import subprocess
    import tempfile

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


@pytest.fixture
def database(postgis: str) -> Iterator[str]:
    """The address of an empty database with PostGIS."""
    import secrets

    import psycopg
    from psycopg import sql

    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(postgis, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
        )
    address = f"{postgis.rpartition('/')[0]}/{name}"
    with psycopg.connect(address) as connection:
        connection.execute("CREATE EXTENSION postgis")
    yield address
    with psycopg.connect(postgis, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
