"""Where the results of a batch are kept: one by one, never torn, by one writer at a time.

::

    OUT/batch.json        what was asked, for --resume
    OUT/results/NAME.json what came of each site (plan.result/2)
    OUT/journal.jsonl     which run did what; what counts are the results
    OUT/.lock             held by the one run that writes
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from plan.batch.record import Record
from plan.errors import OutputError
from plan.files import refuse_foreign, why_not, write_text
from plan.messages import Message

__all__ = ["SCHEMA", "FolderStore", "Store", "slot_of"]

REQUEST: Final = "batch.json"
SCHEMA: Final = "plan.batch/1"  # of what was asked; a folder that has it is one of ours
RESULTS: Final = "results"
JOURNAL: Final = "journal.jsonl"
_LOCK: Final = ".lock"
TRIES: Final = ".tries-"  # how a file begins that counts how often a site was begun
SHARED: Final = ".shared"  # and one by which a worker knows that it sees the place
_OURS: Final = (".plan-", TRIES, SHARED)  # what our processes leave among results when they are killed
_LONGEST: Final = 60  # characters of a site's name in a file's name
_HEAD: Final = 400  # bytes in which the key of a result stands
_KEY: Final = re.compile(r'"key": "([0-9a-f]{64})"')


class Store(Protocol):
    """A place for results; goes to other processes and machines."""

    @property
    def place(self) -> str:
        """What people call it; without a password."""

    def request(self) -> str | None:
        """Return what the batch was asked, where it is written."""

    def begin(self, request: str) -> None:
        """Write what the batch is asked, and clear away what a crash left."""

    def end(self) -> None:
        """Clear away what processes left that were killed while the batch was at work."""

    def keys(self, slots: tuple[str, ...]) -> dict[str, str]:
        """Return the key of each result that is kept."""

    def read(self, slot: str) -> str | None:
        """Return the text of a result."""

    def write(self, slot: str, text: str, record: Record) -> None:
        """Keep a result, all or nothing."""

    def note(self, event: Mapping[str, object]) -> None:
        """Add a line to the journal."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the place so that no other run writes to it while the block runs; OutputError where another run holds it."""


def slot_of(shown: str, name: str) -> str:
    """Return the name under which the result of a site is kept: readable, a file name on every system, and its own.

    Parameters
    ----------
    shown : str
        Where the site is read, without a password.
    name : str
        What it is called.
    """
    readable = re.sub(r"[^\w\-]+", "_", unicodedata.normalize("NFC", name), flags=re.UNICODE)[-_LONGEST:]
    return f"{readable.strip('_') or 'site'}-{hashlib.sha256(shown.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class FolderStore:
    """Results in a folder."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def request(self) -> str | None:
        """Return what the batch was asked; None where the folder holds none."""
        try:
            return (self.folder / REQUEST).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def begin(self, request: str) -> None:
        """Write what the batch is asked, and clear away what a crash left half written.

        Raises
        ------
        OutputError
            If files of the same names lie there that no batch wrote.
        """
        text = self.request()
        if text is None or SCHEMA not in text:
            refuse_foreign(self.folder, (REQUEST, JOURNAL))
        self.end()
        write_text(self.folder / REQUEST, request)

    def end(self) -> None:
        """Clear away what processes left half written that were killed, and their tries."""
        for left in (self.folder / RESULTS).glob(".*"):
            if not left.name.startswith(_OURS):
                continue  # another's, such as of a program that keeps versions
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with suppress(OSError):  # a file that Windows holds: the next run clears it away
                    left.unlink(missing_ok=True)

    def keys(self, slots: tuple[str, ...]) -> dict[str, str]:
        """Return the key of each result that is kept, from the first bytes of its file."""
        found = {}
        for slot in slots:
            try:
                with self._file(slot).open("rb") as file:
                    head = file.read(_HEAD)
            except OSError:
                continue
            key = _KEY.search(head.decode("utf-8", "replace"))
            if key is not None:
                found[slot] = key[1]
        return found

    def read(self, slot: str) -> str | None:
        """Return the text of a result; None where there is none."""
        try:
            return self._file(slot).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, slot: str, text: str, record: Record) -> None:  # noqa: ARG002 - a database keeps columns of it
        """Keep a result: beside its place, flushed to disk, then renamed."""
        write_text(self._file(slot), text)

    def note(self, event: Mapping[str, object]) -> None:
        """Add a line to the journal, flushed to disk; a line that a crash cut short stays alone."""
        line = json.dumps(event, ensure_ascii=False) + "\n"
        path = self.folder / JOURNAL
        try:
            with path.open("a+b") as file:
                size = file.seek(0, os.SEEK_END)
                if size:
                    file.seek(size - 1)
                    if file.read(1) != b"\n":
                        line = "\n" + line
                file.write(line.encode("utf-8", "replace"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(Message("files.cannot_write", path=str(path), why=why_not(error))) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder's lock; a second run is told so at once."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / _LOCK)
            lock.acquire(timeout=0)
        except Timeout:
            raise OutputError(Message("batch.in_use", path=self.place)) from None
        except OSError as error:
            raise OutputError(Message("files.cannot_write", path=self.place, why=why_not(error))) from error
        try:
            yield
        finally:
            lock.release()

    def _file(self, slot: str) -> Path:
        return self.folder / RESULTS / f"{slot}.json"
