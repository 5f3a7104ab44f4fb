"""Which tool this is: its version, those of the libraries of geometry, and a digest of all that decides what it computes."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from plan.findings import Software

__all__ = ["software", "tool_digest", "tool_version"]

_PACKAGE: Final = Path(__file__).resolve().parent
# Files of the package that decide nothing.
_PASSED_OVER: Final = ("__pycache__",)
# What computes beside this package: another version may compute other figures.
_BESIDE: Final = (
    "geopandas",
    "highspy",
    "numba",
    "numpy",
    "pandas",
    "pyproj",
    "rasterio",
    "scipy",
    "shapely",
)


def tool_version() -> str:
    """Return the version of this package."""
    return version("estate-plan")


@cache
def software() -> tuple[Software, ...]:
    """Return this package and the libraries that geometry rests on, each with its version."""
    import pyogrio  # noqa: PLC0415 - heavy, and only what computes needs it
    import pyproj  # noqa: PLC0415 - the same
    import shapely  # noqa: PLC0415 - the same

    found = {
        "estate-plan": tool_version(),
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        "GDAL": str(pyogrio.__gdal_version_string__),
    }
    return tuple(Software(name=name, version=number) for name, number in found.items())


@cache
def tool_digest() -> str:
    """Return the SHA-256 of the files of this package and of the versions of what it computes with."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in _BESIDE:
        digest.update(f"{name} {version(name)}\n".encode())
    for file in sorted(path for path in _PACKAGE.rglob("*") if path.is_file()):
        parts = file.relative_to(_PACKAGE).parts
        if not set(_PASSED_OVER) & set(parts):
            digest.update("/".join(parts).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
