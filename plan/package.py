"""The hearing package: which files there are, what each is for, and who writes it. A new kind of file is one line here."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from plan.crew import Crew, Task
from plan.dossier import Dossier
from plan.drawings import write_dxf
from plan.files import sha256
from plan.findings import InputFile
from plan.handout import (
    Entry,
    write_data,
    write_document,
    write_index,
    write_manifest,
    write_map,
    write_record,
    write_report,
    write_tables,
)
from plan.messages import Message
from plan.paper import write_atlas, write_long_picture
from plan.steps import Steps
from plan.study import results_of

__all__ = ["DATA", "INDEX", "MANIFEST", "NAMES", "WRITERS", "Writer", "write_package"]

INDEX: Final = "index.html"  # names all others, with their hashes
MANIFEST: Final = "manifest.json"  # the same for programs, and the hash of the index
DATA: Final = "result.gpkg"  # written first: the reports are about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes a file of the package, and how long it usually takes."""

    write: Callable[[Dossier, Path], Sequence[Message] | None]  # returned is what the user must know
    seconds: float


# In the order in which the index names them.
WRITERS: Final[Mapping[str, Writer]] = {
    "map.html": Writer(write=write_map, seconds=3),
    "report.html": Writer(write=write_report, seconds=1),
    "atlas.pdf": Writer(write=write_atlas, seconds=10),
    "long.png": Writer(write=write_long_picture, seconds=5),
    "report.docx": Writer(write=write_document, seconds=2),
    "tables.xlsx": Writer(write=write_tables, seconds=1),
    "drawing.dxf": Writer(write=write_dxf, seconds=3),
    DATA: Writer(write=write_data, seconds=2),
    "report.json": Writer(write=write_record, seconds=1),
}
NAMES: Final = (INDEX, *WRITERS, MANIFEST)


def write_package(
    dossier: Dossier, folder: Path, *, options: Mapping[str, str], crew: Crew, steps: Steps
) -> tuple[Dossier, tuple[Path, ...], tuple[Message, ...]]:
    """Write every file of the package, each all or nothing; the manifest last.

    Parameters
    ----------
    dossier : Dossier
        What they are written from.
    folder : pathlib.Path
        Where to.
    options : mapping of str to str
        What was asked for, for the manifest.
    crew : Crew
        Who helps; the bytes are the same with help or without.
    steps : Steps
        With the names of the files.

    Returns
    -------
    dossier : Dossier
        With the file of data among what the proposal's report is about: a map of that file takes these verdicts.
    files : tuple of pathlib.Path
        In the order of :data:`NAMES`.
    notes : tuple of Message
        What the user must know.
    """
    notes: dict[str, Sequence[Message]] = {DATA: _write(DATA, dossier, folder, steps)}
    about = InputFile(path=DATA, sha256=sha256(folder / DATA))
    after = replace(dossier.after, inputs=(*dossier.after.inputs, about))
    results = results_of(dossier.site, dossier.pack, dossier.before, after, dossier.lang)
    dossier = replace(dossier, after=after, results=results)
    notes |= _write_all([name for name in WRITERS if name != DATA], dossier, folder, crew=crew, steps=steps)
    steps.begin(INDEX, Message("hearing.writing_file", file=INDEX))
    own, manifest = _entry(folder / INDEX), _entry(folder / MANIFEST)
    entries = [_entry(folder / name) for name in WRITERS]
    write_index(dossier, entries, own.path, others=[manifest])
    finished = [own, *entries]
    titles = {entry.path.name: entry.title for entry in finished}
    write_manifest(dossier, [entry.path for entry in finished], manifest.path, options=options, titles=titles)
    steps.end(INDEX)
    said = tuple(note for name in WRITERS for note in notes[name])
    return dossier, tuple(folder / name for name in NAMES), said


def _entry(path: Path) -> Entry:
    key = f"package.{path.name.replace('.', '_')}"
    return Entry(path=path, title=Message(key), purpose=Message(f"{key}_for"))


def _write(name: str, dossier: Dossier, folder: Path, steps: Steps) -> Sequence[Message]:
    steps.begin(name, Message("hearing.writing_file", file=name))
    said = WRITERS[name].write(dossier, folder / name)
    steps.end(name)
    return said or ()


def _write_all(
    names: Sequence[str], dossier: Dossier, folder: Path, *, crew: Crew, steps: Steps
) -> dict[str, Sequence[Message]]:
    """Write files here and, where there is help, there; what takes longest begins first."""
    notes: dict[str, Sequence[Message]] = {}
    slow_first = sorted(names, key=lambda name: (-WRITERS[name].seconds, names.index(name)))
    if not crew.helps:
        return {name: _write(name, dossier, folder, steps) for name in slow_first}
    sent = pickle.dumps(dossier, protocol=5)
    tasks: dict[str, Task[Sequence[Message]]] = {
        name: crew.start(_write_away, name, sent, str(folder)) for name in slow_first
    }
    for name in reversed(slow_first):  # from the other end, until they meet
        if tasks[name].take_back():
            notes[name] = _write(name, dossier, folder, steps)
    for name in slow_first:
        if name not in notes:
            steps.begin(name, Message("hearing.writing_file", file=name))
            notes[name] = tasks[name].result()
            steps.end(name)
    return notes


def _write_away(name: str, sent: bytes, folder: str) -> Sequence[Message]:
    """Write a file in another process; the dossier comes through its pipe."""
    return WRITERS[name].write(_unpacked(sent), Path(folder) / name) or ()


@lru_cache(maxsize=1)
def _unpacked(sent: bytes) -> Dossier:
    dossier: Dossier = pickle.loads(sent)  # noqa: S301 - from the process that started this one
    return dossier
