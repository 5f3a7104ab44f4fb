"""Fixtures shared by all tests: where the real data lies, and what its absence means."""

from __future__ import annotations

from pathlib import Path

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
