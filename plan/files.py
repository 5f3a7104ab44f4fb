"""Files that are never lost: written beside the target, flushed to disk, then renamed over it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import platform
import re
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from plan.errors import OutputError, PlanError
from plan.messages import Message

__all__ = [
    "MARKS",
    "atomic",
    "refuse_foreign",
    "replaceable_gpkg",
    "sha256",
    "small_bytes",
    "spare",
    "why_not",
    "write_bytes",
    "write_text",
]

# What each file of a kind that this package writes holds, and others do not: a table, an application of XDATA.
MARKS: Final = {".gpkg": "plan_site", ".dxf": "ESTATE_PLAN"}
_BLOCK = 1 << 20  # bytes read at a time
_SQLITE: Final = b"SQLite format 3\x00"
# No single file takes so long to write; containers may share a folder and a name, and not their processes.
_ABANDONED_S: Final = 600.0
_REASONS: Final = {
    errno.ENOENT: "absent",
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "read_only",
    errno.ENOSPC: "full",
    errno.EFBIG: "large",
    errno.ENAMETOOLONG: "long",
    errno.EISDIR: "folder",
}  # what the system says in English only, and the texts that say it in both languages
_swept: Final[set[Path]] = set()
# Names that Windows gives to devices, whatever their ending, and signs that no name there can have.
_DEVICE: Final = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\..*)?")
_NO_NAME: Final = re.compile(r'[<>:"|?*\x00-\x1f]|[. ]$')
_LOGS: Final = ("-wal", "-journal", "-shm")  # beside a database that a program has open, or left in a crash


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
    _refuse_name(target)
    _refuse_file_as_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise OutputError(Message("files.is_folder", path=str(target)))
        _require_ours(target)
        # A folder of our own: drivers leave side files (journals, .aux.xml) beside what they write.
        folder = tempfile.TemporaryDirectory(prefix=_prefix(os.getpid()), dir=target.parent)
        _sweep(target.parent)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(Message("files.cannot_write", path=str(target), why=why_not(error))) from error
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
            raise OutputError(Message("files.cannot_write", path=str(target), why=why_not(error))) from error


def _prefix(process: int | str) -> str:
    # A folder may be shared by machines, and a number of a process says something on its own machine only.
    machine = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    return f".plan-{machine}-{process}-"


def _sweep(folder: Path) -> None:
    """Remove temporary folders that a process of this machine left when it was killed; once for each folder."""
    if folder in _swept:
        return
    _swept.add(folder)
    ours = re.compile(re.escape(_prefix("PID")).replace("PID", r"(\d+)") + r"\w+")
    for left in folder.glob(".plan-*"):
        match = ours.fullmatch(left.name)
        if match is None or left.is_symlink() or not left.is_dir():
            continue
        import psutil  # noqa: PLC0415 - rarely needed

        with contextlib.suppress(OSError):  # another process may be removing it; what stays harms nobody
            old = time.time() - left.stat().st_mtime > _ABANDONED_S
            if old and not psutil.pid_exists(int(match[1])):
                shutil.rmtree(left)


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write bytes to a file, all or nothing."""
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text with plain line ends to a file, all or nothing."""
    write_bytes(path, text.encode("utf-8"))


def spare(
    targets: Iterable[Path], sources: Iterable[Path | str], *, ending: str | tuple[str, ...] = ()
) -> None:
    """Refuse to write over what is read, before any work is done.

    Parameters
    ----------
    targets : iterable of pathlib.Path
        Files that will be written.
    sources : iterable of path-like
        Files, and folders of files, that are read; what is no path, such as an address, is passed over.
    ending : str or tuple of str, optional
        The ending that the targets must have, or one of several, such as ``.gpkg``.

    Raises
    ------
    OutputError
        If a target is a source, or a file in a folder that is a source, has another ending or a name that no file can
        have, is a folder, is protected, or would lie in something that is no folder; or is a GeoPackage that must not be
        replaced (:func:`replaceable_gpkg`), or a drawing that somebody else drew.
    """
    read = [path for path in map(Path, sources) if _exists(path)]
    endings = (ending,) if isinstance(ending, str) else ending
    for target in targets:
        if endings and target.suffix.casefold() not in endings:
            raise OutputError(Message("files.other_ending", path=str(target), ending=endings))
        _refuse_name(target)
        _refuse_file_as_folder(target)
        if not _exists(target):
            continue
        if target.is_dir():
            raise OutputError(Message("files.is_folder", path=str(target)))
        _require_ours(target)
        if any(target.samefile(path) or (path.is_dir() and target.parent.samefile(path)) for path in read):
            raise OutputError(Message("files.is_source", path=str(target)))
        if target.suffix.casefold() == ".gpkg":
            replaceable_gpkg(target)
        if target.suffix.casefold() == ".dxf" and not _holds(target, MARKS[".dxf"].encode()):
            raise OutputError(Message("files.foreign_drawing", path=str(target)))


def refuse_foreign(folder: Path, names: Iterable[str]) -> None:
    """Refuse to write into a folder in which there is something of these names already, and not of ours.

    Raises
    ------
    OutputError
        If there is; it names the first.
    """
    there = next((name for name in names if _exists(folder / name)), None)
    if there is not None:
        raise OutputError(Message("files.foreign_folder", path=str(folder), name=there))


def replaceable_gpkg(path: Path | str) -> None:
    """Refuse to replace a GeoPackage that another program wrote or holds, or a file that only calls itself one.

    Parameters
    ----------
    path : path-like
        The target; nothing need be there.

    Raises
    ------
    OutputError
        If there is a file that is no database, is damaged, is locked, holds layers and is not of this package, or has a
        log beside it that a program that holds it has not put back yet: what was drawn there would be lost.
    """
    target = Path(path)
    if not target.is_file() or not target.stat().st_size:
        return
    _require_ours(target)
    with target.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise OutputError(Message("files.no_gpkg", path=str(target)))
    beside = [target.with_name(target.name + ending) for ending in _LOGS]
    if any(log.exists() for log in beside):
        raise OutputError(Message("files.in_use", path=str(target)))
    try:
        connection = sqlite3.connect(f"{target.resolve().as_uri()}?mode=rw", uri=True, timeout=0)
        try:
            connection.execute("BEGIN EXCLUSIVE")  # what two programs cannot both have; nothing is written
            connection.execute("ROLLBACK")
            ours = _is_ours(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        locked = "locked" in str(error)
        key = "files.in_use" if locked else "files.broken_gpkg"
        raise OutputError(Message(key, path=str(target))) from error
    if not ours:
        raise OutputError(Message("files.foreign_gpkg", path=str(target)))


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether a database is a GeoPackage of this package, or one without a layer yet."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if MARKS[".gpkg"] in tables or not tables:
        return True
    return "gpkg_contents" in tables and not connection.execute("SELECT 1 FROM gpkg_contents").fetchall()


def _holds(path: Path, word: bytes) -> bool:
    """Tell whether a file holds a word, however large it is."""
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if word in before + block:
                return True
            before = block[-len(word) :]
    return False


def small_bytes(path: Path | str, *, most: int = 16 << 20) -> bytes:
    """Read a small file that a user names: a table, a mapping.

    Parameters
    ----------
    path : path-like
        The file.
    most : int, default 16 MiB
        Bytes that it may have.

    Raises
    ------
    OSError
        If it cannot be read, is no ordinary file (a device or a pipe may never end), or is larger.
    """
    file = Path(path)
    if not file.is_file():
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    if file.stat().st_size > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return file.read_bytes()


def why_not(error: OSError | ValueError) -> str:
    """Return why a file cannot be read or written: in both languages where the reason is a common one."""
    if not isinstance(error, OSError):
        return type(error).__name__
    key = _REASONS.get(error.errno or 0)
    return Message(f"files.why_{key}") if key else error.strerror or type(error).__name__


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


def _refuse_name(target: Path, *, windows: bool = os.name == "nt") -> None:
    """Refuse a name that no file can have here: too long, or on Windows one that writes elsewhere, such as ``aux.json``."""
    parts = target.parts[1:] if target.anchor else target.parts
    if windows and any(map(_odd_on_windows, parts)):
        raise OutputError(Message("files.windows_name", path=str(target)))
    try:
        target.lstat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # told where it is written, if it matters
    except (OSError, ValueError) as error:  # ValueError: a NUL in it
        raise OutputError(Message("files.no_name", path=str(target), why=why_not(error))) from error


def _odd_on_windows(part: str) -> bool:
    if part in (".", ".."):
        return False
    return _DEVICE.fullmatch(part) is not None or _NO_NAME.search(part) is not None


def _require_ours(target: Path) -> None:
    """Refuse to replace a file that is protected, or that nobody here may read: what would be lost is not known."""
    if target.is_file():
        # A rename asks the folder and not the file; a file that its owner protected is meant to stay.
        if not target.stat().st_mode & stat.S_IWRITE:
            raise OutputError(Message("files.protected", path=str(target)))
        try:
            with target.open("rb") as file:
                file.read(1)
        except OSError as error:
            raise OutputError(Message("files.unreadable", path=str(target), why=why_not(error))) from error


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
