"""Files that are never lost: written beside the target, flushed to disk, then renamed over it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plan.errors import OutputError, PlanError
from plan.messages import Message

__all__ = ["atomic", "sha256", "spare", "write_bytes", "write_text"]

_BLOCK = 1 << 20  # bytes read at a time


@contextmanager
def atomic(path: Path | str) -> Iterator[Path]:
    """Give a temporary path that replaces ``path`` when the block ends without an error.

    Parameters
    ----------
    path : path-like
        Where the result shall be. Its folder is made when absent.

    Yields
    ------
    pathlib.Path
        A path in the same folder, with the same suffix; nothing is there yet.

    Raises
    ------
    OutputError
        If the folder cannot be made, or the file cannot be written or put in place: a full disk, a locked
        file. The old file is then still there, whole.
    """
    target = Path(path)
    _refuse_file_as_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise OutputError(Message("files.is_folder", path=str(target)))
        # A folder of our own: drivers leave side files (journals, .aux.xml) beside what they write.
        folder = tempfile.TemporaryDirectory(prefix=".plan-", dir=target.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(Message("files.cannot_write", path=str(target), why=_why(error))) from error
    with folder as name:
        temporary = Path(name) / target.name
        try:
            yield temporary
            # "r+b": Windows flushes only a file that is open for writing.
            with temporary.open("r+b") as file:
                os.fsync(file.fileno())
            temporary.replace(target)
            _flush_folder(target.parent)
        except OSError as error:
            if isinstance(error, PlanError):
                raise
            raise OutputError(Message("files.cannot_write", path=str(target), why=_why(error))) from error


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write bytes to a file, all or nothing."""
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text with plain line ends to a file, all or nothing."""
    write_bytes(path, text.encode("utf-8"))


def spare(targets: Iterable[Path], sources: Iterable[Path | str], *, ending: str = "") -> None:
    """Refuse to write over what is read, before any work is done.

    Parameters
    ----------
    targets : iterable of pathlib.Path
        Files that will be written.
    sources : iterable of path-like
        Files, and folders of files, that are read; what is no path, such as an address, is passed over.
    ending : str, optional
        The ending that the targets must have, such as ``.gpkg``.

    Raises
    ------
    OutputError
        If a target is a source, or a file in a folder that is a source, or has another ending, or would lie in
        something that is no folder.
    """
    read = [path for path in map(Path, sources) if _exists(path)]
    for target in targets:
        if ending and target.suffix.casefold() != ending:
            raise OutputError(Message("files.other_ending", path=str(target), ending=ending))
        _refuse_file_as_folder(target)
        if not _exists(target):
            continue
        if any(target.samefile(path) or (path.is_dir() and target.parent.samefile(path)) for path in read):
            raise OutputError(Message("files.is_source", path=str(target)))


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _refuse_file_as_folder(target: Path) -> None:
    above = next((path for path in target.parents if _exists(path)), None)
    if above is not None and not above.is_dir():
        raise OutputError(Message("files.is_no_folder", path=str(above), target=str(target)))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # an address with a password in it may be too long for a path
        return False


def _flush_folder(folder: Path) -> None:
    # The rename itself is durable only after the folder is flushed; Windows has no such call.
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
