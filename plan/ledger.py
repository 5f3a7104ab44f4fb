"""Finished steps of a long job, kept between runs, so that one that was killed goes on where it was.

A step is kept under a key: the digest of everything that it was computed from. It is written all or nothing and signed
(HMAC-SHA256, RFC 2104) with a key that only this user of this machine has, outside the folder: results are pickled, and
a pickle runs what is written in it. What is not signed so, for this step and this key, is never opened: a folder may
come from anybody. Without a key of one's own nothing is kept, and everything is computed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import platformdirs

from plan.errors import OutputError
from plan.files import atomic, write_bytes

__all__ = ["FOLDER", "Ledger", "digest_of", "own_secret"]

FOLDER: Final = ".plan"  # beside what a job writes
_ENDING: Final = ".step"
_HEAD: Final = b"plan.step/1\n"
_SECRET_BYTES: Final = 32
_OTHERS: Final = 0o077  # permissions of other users


class Ledger:
    """What a job has finished.

    Parameters
    ----------
    folder : path-like
        Where steps are kept.
    secret : bytes or None
        What they are signed with; None keeps nothing.
    """

    def __init__(self, folder: Path | str, *, secret: bytes | None) -> None:
        self._folder = Path(folder)
        self._secret = secret

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._secret is not None

    def get(self, step: str, key: str) -> Any:  # noqa: ANN401 - whatever was put
        """Return what was kept of a step under a key; None where there is nothing that can be trusted."""
        if self._secret is None:
            return None
        try:
            document = self._path(step).read_bytes()
        except OSError:
            return None
        head, signature, body = (
            document[: len(_HEAD)],
            document[len(_HEAD) :][:32],
            document[len(_HEAD) + 32 :],
        )
        if head != _HEAD or not hmac.compare_digest(signature, self._signature(step, key, body)):
            return None
        return pickle.loads(body)  # noqa: S301 - signed by this user for this very step

    def put(self, step: str, key: str, value: object) -> None:
        """Keep what a step found."""
        if self._secret is None:
            return
        body = pickle.dumps(value, protocol=5)
        write_bytes(self._path(step), _HEAD + self._signature(step, key, body) + body)

    def forget(self, steps: Iterable[str]) -> None:
        """Keep steps no longer."""
        for step in steps:
            self._path(step).unlink(missing_ok=True)

    def _path(self, step: str) -> Path:
        return self._folder / f"{step}{_ENDING}"

    def _signature(self, step: str, key: str, body: bytes) -> bytes:
        about = f"{step}\0{key}\0".encode()
        return hmac.digest(self._secret or b"", _HEAD + about + body, "sha256")


def digest_of(*parts: object) -> str:
    """Return the SHA-256 of plain values: texts, numbers, and tuples of them."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def own_secret() -> bytes | None:
    """Return the secret of this user, made on first use; None where there is no place for one that is theirs alone."""
    path = platformdirs.user_data_path("estate-plan", appauthor=False) / "steps.key"
    try:
        if not path.is_file():
            with atomic(path) as temporary:
                os.close(os.open(temporary, os.O_CREAT | os.O_WRONLY, 0o600))
                temporary.write_bytes(secrets.token_bytes(_SECRET_BYTES))
        told = path.stat()
        found = path.read_bytes()
    except (OSError, OutputError):
        return None
    # On Windows the folder of a user is closed to others.
    theirs = os.name == "posix" and (told.st_uid != os.getuid() or told.st_mode & _OTHERS)
    return None if theirs or len(found) != _SECRET_BYTES else found
