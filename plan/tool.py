"""Which tool this is: its version, and a digest of all that decides what it computes."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

__all__ = ["tool_digest", "tool_version"]

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
