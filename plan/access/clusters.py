"""A Dask cluster: connecting to one that runs, and giving it work bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from plan.errors import PlanError, UnavailableError, UsageError
from plan.messages import Message

__all__ = ["connect", "on_cluster"]

# Seconds within which a scheduler in a local network answers.
_PATIENCE_S: Final = 5.0
# Pieces of work for each thread of the cluster: one in work, one on its way.
_AHEAD: Final = 2
# Times that a piece of work is given to another worker when the one that had it died.
_RETRIES: Final = 2
# A tile may be large; it goes to one worker, once.
_LARGE: Final = {"distributed.admin.large-graph-warning-threshold": "1 TiB"}

Work = TypeVar("Work")
Done = TypeVar("Done")


def connect(address: str, *, patience_s: float = _PATIENCE_S) -> Any:  # noqa: ANN401 - the package is optional
    """Return a client of a Dask cluster that runs.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://127.0.0.1:8786``.
    patience_s : float, default 5
        Seconds to wait for an answer.

    Returns
    -------
    distributed.Client
        To be closed by the caller; a context manager.

    Raises
    ------
    UnavailableError
        If the package ``distributed`` is missing, or nobody answers.
    UsageError
        If the address makes no sense.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - the package is optional
    except ImportError:
        raise UnavailableError(Message("parts.no_dask")) from None
    # Made in two steps, to be at hand although the second fails: a client that the garbage collector closes while
    # another starts its thread waits for a lock that the other holds until it gives up.
    client = Client.__new__(Client)
    try:
        client.__init__(address, timeout=patience_s, set_as_default=False)
    except (ValueError, OSError) as error:  # a TimeoutError is an OSError
        client.close()
        if isinstance(error, ValueError):
            raise UsageError(Message("parts.address", address=address)) from None
        raise UnavailableError(
            Message("parts.unreachable", address=address, seconds=f"{patience_s:g}")
        ) from None
    return client


def on_cluster(client: Any, function: Callable[[Work], Done], work: Iterable[Work]) -> Iterator[Done]:  # noqa: ANN401 - the package is optional
    """Yield what a function makes of each piece of work, in the order in which the cluster is done with them.

    Pieces are made as the cluster takes them, so that few are in memory.

    Parameters
    ----------
    client : distributed.Client
        The cluster.
    function : callable
        Of a module that the workers have too.
    work : iterable
        Picklable values.

    Yields
    ------
    object
        Results.

    Raises
    ------
    UnavailableError
        If the cluster has no workers, or they lack this package.
    """
    import dask  # noqa: PLC0415 - the package is optional
    from distributed import as_completed  # noqa: PLC0415

    threads = sum(client.nthreads().values())
    if not threads:
        raise UnavailableError(Message("parts.no_workers", address=client.scheduler.address))
    pieces = iter(work)
    waiting = as_completed(loop=client.loop)

    def give(count: int) -> None:
        with dask.config.set(_LARGE):
            waiting.update(
                [
                    client.submit(function, piece, pure=False, retries=_RETRIES)
                    for piece in islice(pieces, count)
                ]
            )

    give(_AHEAD * threads)
    try:
        for future in waiting:
            yield _result(future)
            give(1)
    finally:
        client.cancel(list(waiting.futures))


def _result(future: Any) -> Any:  # noqa: ANN401 - the package is optional
    try:
        return future.result()
    except PlanError:
        raise
    except Exception as error:
        # Another version of the package, or none, on the workers: whatever it breaks on is told.
        raise UnavailableError(
            Message("parts.workers_differ", why=f"{type(error).__name__}: {error}")
        ) from error
