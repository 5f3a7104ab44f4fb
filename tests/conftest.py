"""Fixtures shared by all tests: where the real data lies, and what its absence means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    from servers import home_of_postgis, running_postgis

    home = home_of_postgis()
    if home is None:
        missing(request, "PostgreSQL with PostGIS")
        raise AssertionError
    with running_postgis(home) as address:
        yield address


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
