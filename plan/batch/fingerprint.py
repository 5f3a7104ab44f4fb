"""When a recorded result still holds: the key of what it rests on, down to the bytes of every file.

The key of a result is the SHA-256 of the input files, the rule pack, the options, and the versions of this
package and of GEOS, PROJ and GDAL. A result is taken again only under the same key; times of files are never trusted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plan.files import sha256
from plan.findings import InputFile
from plan.readers.databases import is_database, shown
from plan.readers.overpass import is_overpass
from plan.readers.postgis import digest_of
from plan.readers.vector import sidecars
from plan.tool import software, tool_digest

if TYPE_CHECKING:
    from plan.batch.task import Task
    from plan.rules import RulePack

__all__ = ["Fingerprint", "digest_of_pack", "fingerprint", "inputs_of", "versions"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a result rests on."""

    key: str  # hexadecimal; empty where the source cannot be told from another, such as a server's answer
    inputs: tuple[InputFile, ...]


def fingerprint(task: Task) -> Fingerprint:
    """Return what the result of a task rests on.

    Parameters
    ----------
    task : Task
        A site and what is asked of it.

    Returns
    -------
    Fingerprint
        The key is empty for sources that are not files and not a database of ours.
    """
    inputs = inputs_of(task.source)
    if is_overpass(task.source):
        return Fingerprint(key="", inputs=())
    pack, waivers = task.pack.value, None if task.waivers is None else task.waivers.value
    asked = {
        "inputs": [[file.path, file.sha256] for file in inputs],
        "source": task.shown or task.source,
        "name": task.name if task.rename else None,
        "district": task.district,
        # A pack that was made by a program has no file.
        "pack": [pack.sha256, task.pack_digest or digest_of_pack(pack), pack.on],
        "stage": task.stage,
        "select": task.select,
        "estate": task.estate,
        "households_from": task.households_from,
        "manner": asdict(task.manner),
        "mapping": [[f.path, f.sha256] for name in task.manner.mapping for f in inputs_of(name)],
        "dem": None if task.dem is None else [[f.path, f.sha256] for f in inputs_of(task.dem)],
        "since": None if task.since is None else [[f.path, f.sha256] for f in inputs_of(task.since)],
        "waivers": None if waivers is None else [waivers.file.path, waivers.file.sha256],
        "versions": versions(),
    }
    key = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return Fingerprint(key=key, inputs=inputs)


def digest_of_pack(pack: RulePack) -> str:
    """Return a SHA-256 over all that a pack says."""
    return hashlib.sha256(repr(pack).encode()).hexdigest()


def inputs_of(source: str) -> tuple[InputFile, ...]:
    """Return the files that a source is read from, with their SHA-256; of a database the digest of its rows.

    A file that is absent or cannot be read is left out: its result says why.
    """
    if is_database(source):
        digest = digest_of(source)
        return () if digest is None else (InputFile(path=shown(source), sha256=digest),)
    try:
        return tuple(InputFile(path=name, sha256=sha256(file)) for name, file in _files(source))
    except (OSError, ValueError):
        return ()


def _files(source: str) -> list[tuple[str, Path]]:
    path = Path(source)
    if path.is_dir():
        inner = sorted(p for p in path.rglob("*") if p.is_file())
        return [(f"{source.rstrip('/')}/{p.relative_to(path).as_posix()}", p) for p in inner]
    if not path.is_file():
        return []
    files = [path]
    if path.suffix.casefold() == ".shp":
        files = list(sidecars(path).values())
    log = path.with_name(path.name + "-wal")  # of a GeoPackage that is open: the newest rows
    if log.is_file():
        files.append(log)
    stem = source[: -len(path.name)]
    return [(stem + file.name, file) for file in files]


def versions() -> dict[str, str]:
    """Return the versions that a result rests on, and the digest of all that decides what is computed."""
    return {one.name: one.version for one in software()} | {"digest": tool_digest()}
