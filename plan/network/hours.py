"""Opening hours: which gates are open at a time of day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["minute_of", "open_at", "states_hours"]

_TIME: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DAY: Final = 24 * 60  # minutes


def minute_of(time: str) -> int:
    """Return the minute of the day that a text such as ``06:30`` means.

    Parameters
    ----------
    time : str
        ``HH:MM``, from ``00:00`` to ``24:00``.

    Raises
    ------
    UsageError
        If it is none.
    """
    match = _TIME.fullmatch(time.strip())
    minute = None if match is None else 60 * int(match[1]) + int(match[2])
    if minute is None or minute > _DAY:
        raise UsageError(Message("network.time", time=time))
    return minute


def states_hours(entrances: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which entrances say when they open or close."""
    said = np.zeros(len(entrances), dtype=bool)
    for name in ("opens", "closes"):
        if name in entrances.columns:
            said |= np.asarray(entrances[name].notna(), dtype=bool)
    return said


def open_at(entrances: pd.DataFrame, minute: int) -> NDArray[np.bool_]:
    """Return which entrances are open at a minute of the day.

    One that opens and closes at the same time is open all day, one that closes before it opens is open
    over midnight. Without an opening time it is open from midnight, without a closing time until midnight;
    without both it is open.

    Parameters
    ----------
    entrances : DataFrame
        ``opens`` and ``closes`` as ``HH:MM``; the columns may be absent.
    minute : int
        Minutes after midnight.

    Returns
    -------
    array of bool
        One for each row.
    """
    opens = _minutes(entrances, "opens", 0)
    closes = _minutes(entrances, "closes", _DAY)
    by_day = (opens <= minute) & (minute < closes)
    over_midnight = (minute >= opens) | (minute < closes)
    return np.where(opens == closes, True, np.where(opens < closes, by_day, over_midnight))  # noqa: FBT003 - a value


def _minutes(entrances: pd.DataFrame, column: str, absent: int) -> NDArray[np.int64]:
    if column not in entrances.columns:
        return np.full(len(entrances), absent, dtype=np.int64)
    return np.array(
        [minute_of(text) if isinstance(text, str) else absent for text in entrances[column]], dtype=np.int64
    )
