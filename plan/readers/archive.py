"""ZIP archives: unpacked by hand into a folder of our own, never outside it and never without limit."""

from __future__ import annotations

import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["folders_in", "unpack"]

_MEMBERS: Final = 1000
_LARGEST: Final = 1024 * 1024 * 1024  # bytes unpacked
_RATIO: Final = 200  # unpacked to packed; drawings reach 20
_SMALL: Final = 10 * 1024 * 1024  # bytes below which a high ratio does no harm
_UTF8_NAMES: Final = 0x800  # flag bit 11
_ENCRYPTED: Final = 0x1


def unpack(path: Path, folder: Path, found: ProblemList) -> bool:
    """Unpack an archive of drawings.

    Parameters
    ----------
    path : pathlib.Path
        The archive.
    folder : pathlib.Path
        An empty folder; files are put into it by their names, without their folders.
    found : ProblemList
        Where problems are noted.

    Returns
    -------
    bool
        False when the archive is refused; nothing is unpacked then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if not _safe(members, found):
                return False
            for member in members:
                target = folder / PurePosixPath(_name(member)).name
                with archive.open(member) as source, target.open("wb") as out:
                    shutil.copyfileobj(source, out)
    except Exception as error:  # noqa: BLE001 - checksums, names, methods: each fails with an error of its own
        message = Message("readers.zip_broken", why=plain(str(error))[:200])
        found.add("PLAN-FILE-001", "error", "refused", message)
        return False
    return True


def folders_in(path: Path, ending: str) -> tuple[PurePosixPath, ...]:
    """Return the folders of an archive whose names end so; none of an archive that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(_name(member)) for member in archive.infolist()]
    except Exception:  # noqa: BLE001 - unpacking says why
        return ()
    inner = (part for name in names for part in name.parts)
    return tuple(PurePosixPath(part) for part in sorted({p for p in inner if p.casefold().endswith(ending)}))


def _safe(members: list[zipfile.ZipInfo], found: ProblemList) -> bool:
    names = [_name(m) for m in members]
    leaving = tuple(plain(n) for n, m in zip(names, members, strict=True) if _leaves(n) or _is_link(m))
    if leaving:
        found.add("PLAN-SEC-003", "error", "refused", Message("readers.zip_leaves", names=leaving[:10]))
        return False
    size = sum(m.file_size for m in members)
    packed = sum(m.compress_size for m in members)
    if len(members) > _MEMBERS or size > _LARGEST or (size > _SMALL and size > _RATIO * max(packed, 1)):
        message = Message("readers.zip_bomb", members=len(members), mb=size >> 20)
        found.add("PLAN-SEC-002", "error", "refused", message)
        return False
    if any(m.flag_bits & _ENCRYPTED for m in members):
        found.add("PLAN-FILE-001", "error", "refused", Message("readers.zip_locked"))
        return False
    bare = [PurePosixPath(n).name.casefold() for n in names]
    twice = tuple(sorted({plain(n) for n in bare if bare.count(n) > 1}))
    if twice:
        found.add("PLAN-FILE-010", "error", "refused", Message("readers.zip_twice", names=twice[:10]))
        return False
    return True


def _name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; archives made on Chinese Windows hold it in GBK."""
    name = member.filename
    if not member.flag_bits & _UTF8_NAMES and not name.isascii():
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/")


def _leaves(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.startswith("/") or ".." in parts or ":" in name or "\x00" in name


def _is_link(member: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)
