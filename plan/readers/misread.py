"""Names of files that pyogrio takes for an address: it drops what follows a semicolon, and looks into an archive at ``!``."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["under_a_plain_name"]

_MISREAD: Final = frozenset(";!")


@contextmanager
def under_a_plain_name(source: str | bytes) -> Iterator[str | bytes]:
    """Give a source as pyogrio opens it: a file of a name that it would cut is linked, with what lies beside it.

    Parameters
    ----------
    source : str or bytes
        A path, with or without a driver before it, or the content. What is no file, and whatever lies on Windows, where
        pyogrio leaves paths as they are, is given as it is.
    """
    if isinstance(source, bytes) or sys.platform == "win32" or not _MISREAD & set(source):
        yield source
        return
    path = Path(source)
    if not path.is_file():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="plan-named-") as name:
        for beside in path.resolve().parent.iterdir():
            if beside.name.startswith(f"{path.stem}."):  # a shapefile is several files
                Path(name, f"named{beside.name[len(path.stem) :]}").symlink_to(beside)
        yield str(Path(name, f"named{path.suffix}"))
