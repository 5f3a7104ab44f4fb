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
    """Yield a source under a name that pyogrio does not cut: a link to the file, if its path has ``;`` or ``!``.

    The link, and links to the other files of a shapefile, lie in a temporary folder that goes when the block ends.

    Parameters
    ----------
    source : str or bytes
        A path, with or without a driver before it, or the content. It is yielded as it is where it is no file, and always
        on Windows, where pyogrio does not cut names.
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
