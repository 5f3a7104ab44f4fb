"""What every model answers: which sites, who goes where, what it costs, and what no answer can beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Choice", "Shares"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """A choice of sites, each demand at one of them.

    Parameters
    ----------
    chosen : array of int
        Columns of the cost matrix, ascending.
    assignment : array of int
        For each demand the column that serves it; -1 where none does.
    objective : float
        Of the model, for this choice.
    bound : float
        No choice has a better objective: a lower bound where the objective is made small, an upper one where it is
        made large.
    proven : bool
        The bound says that no choice is better (by more than the tolerance of the model, if it has one).
    unreachable : array of int
        Demands that no site can serve, whatever is chosen. They are not in the objective.
    """

    chosen: NDArray[np.int64]
    assignment: NDArray[np.int64]
    objective: float
    bound: float
    proven: bool
    unreachable: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """A choice of sites among which demands are divided.

    Parameters
    ----------
    chosen : array of int
        Columns of the cost matrix, ascending.
    demand, site : array of int
        Row and column of every share, in ascending order.
    share : array of float
        Part of the demand that the site serves, 0 to 1; those of a demand add up to 1.
    objective, bound, proven, unreachable
        As in :class:`Choice`.
    """

    chosen: NDArray[np.int64]
    demand: NDArray[np.int64]
    site: NDArray[np.int64]
    share: NDArray[np.float64]
    objective: float
    bound: float
    proven: bool
    unreachable: NDArray[np.int64]
