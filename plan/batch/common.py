"""What many pieces of work hold in common: packed once for all of them, and unpacked once in each process.

A rule pack of three hundred rules takes as long to be sent to another process as a small estate takes to be read.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeVar

__all__ = ["Common"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Common(Generic[Value]):
    """A value that many pieces of work hold.

    Parameters
    ----------
    value : object
        Is picklable, and is not changed.
    """

    value: Value
    _packed: list[bytes] = field(default_factory=list, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Give the bytes of the value instead of the value."""
        if not self._packed:
            self._packed.append(pickle.dumps(self.value, protocol=pickle.HIGHEST_PROTOCOL))
        return _unpacked, (self._packed[0],)


@lru_cache(maxsize=8)
def _unpacked(packed: bytes) -> Common[Any]:
    common = Common(pickle.loads(packed))  # noqa: S301 - within the pickle of a piece of work, which was trusted already
    common._packed.append(packed)  # noqa: SLF001 - it is given on as it came
    return common
