"""Minutes on an edge: the one place where length becomes time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BACKWARD", "BOTH", "FORWARD", "edge_minutes"]

# How an edge may be walked; the values of the column `oneway`.
BOTH = 0
FORWARD = 1  # from u to v only
BACKWARD = -1  # from v to u only


def edge_minutes(
    length_m: NDArray[np.float64], oneway: NDArray[np.int8], *, m_per_min: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the minutes on each edge from u to v and from v to u.

    All kinds of edges (streets, paths, steps, crossings, elevators, corridors) take their length at
    the profile's speed on level ground; slope and the effort of steps are not counted. Whatever makes
    the two directions differ belongs here and nowhere else.

    Parameters
    ----------
    length_m : array of float
        Lengths of the edges in metres.
    oneway : array of int
        0 both ways, 1 from u to v only, -1 from v to u only.
    m_per_min : float
        Walking speed on level ground, in metres per minute.

    Returns
    -------
    tuple of two arrays of float
        Minutes from u to v and from v to u; infinite where that direction is closed.
    """
    minutes = length_m / m_per_min
    forward = np.where(oneway == BACKWARD, np.inf, minutes)
    backward = np.where(oneway == FORWARD, np.inf, minutes)
    return forward, backward
