"""Machine code from Python at the first call, kept on disk for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled"]

F = TypeVar("F", bound="Callable[..., object]")


def compiled(function: F) -> F:
    """Compile a function at its first call; it runs without the interpreter's lock.

    The machine code is kept beside the module, or in the user's cache folder when the package cannot be
    written (``NUMBA_CACHE_DIR`` names another), or nowhere when neither can.

    Parameters
    ----------
    function : callable
        Plain loops over numpy arrays.

    Returns
    -------
    callable
        The same function.
    """
    try:
        return cast("F", njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder can be written: compile each time
        return cast("F", njit(nogil=True)(function))
