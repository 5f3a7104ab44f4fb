"""How edges rise and fall: the climb from u to v, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Relief"]

_ROUNDING: Final = 1e-9  # pieces


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relief:
    """The rise of edges; an edge consists of pieces of one length, one after another from u to v."""

    first: NDArray[np.int64]  # position of the first piece of each edge, and behind them the number of pieces
    rise_m: NDArray[np.float64]  # of each piece from u to v, metres; 0 where it is not known
    known: NDArray[np.bool_]  # edges of which the rise is known
    window_m: float = (
        0.0  # metres below which a slope is noise of the raster; 0: the edge is drawn with its slope
    )

    @classmethod
    def whole(cls, rise_m: NDArray[np.float64]) -> Self:
        """Return edges of one piece each.

        Parameters
        ----------
        rise_m : array of float
            Metres that each edge rises from u to v; NaN where that is not known.
        """
        known = np.isfinite(rise_m)
        return cls(
            first=np.arange(len(rise_m) + 1, dtype=np.int64),
            rise_m=np.where(known, rise_m, 0.0),
            known=known,
        )

    @property
    def pieces(self) -> NDArray[np.int64]:
        """Number of pieces of each edge, at least 1."""
        return np.diff(self.first)

    @property
    def net_m(self) -> NDArray[np.float64]:
        """Metres by which v lies above u, by edge."""
        return self._sum(self.rise_m)

    @property
    def climb_m(self) -> NDArray[np.float64]:
        """Metres that a walk from u to v goes up, by edge; the metres down of a walk from v to u."""
        return self._sum(np.maximum(self.rise_m, 0.0))

    @property
    def descent_m(self) -> NDArray[np.float64]:
        """Metres that a walk from u to v goes down, by edge; the metres up of a walk from v to u."""
        return self._sum(np.maximum(-self.rise_m, 0.0))

    def part(self, edges: NDArray[np.int64]) -> Relief:
        """Return the rise of some of the edges, by their positions."""
        pieces = self.pieces[edges]
        first = np.concatenate([[0], np.cumsum(pieces)])
        offset = np.arange(first[-1]) - np.repeat(first[:-1], pieces)
        return Relief(
            first=first,
            rise_m=self.rise_m[np.repeat(self.first[edges], pieces) + offset],
            known=self.known[edges],
            window_m=self.window_m,
        )

    def filled(self, other: Relief) -> Relief:
        """Return the same rises, and those of another relief of whole edges where they are not known."""
        gained = ~self.known & other.known
        rise = self.rise_m.copy()
        pieces = self.pieces
        rise[np.repeat(gained, pieces)] = np.repeat(other.net_m / pieces, pieces)[np.repeat(gained, pieces)]
        return Relief(first=self.first, rise_m=rise, known=self.known | gained, window_m=self.window_m)

    def sum_pieces(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return by edge the sum of a value of each piece."""
        return self._sum(values)

    def run_m(self, length_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the length of each piece of edges of a length, metres."""
        pieces = self.pieces
        return np.repeat(length_m / pieces, pieces)

    def steepest(self, length_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the steepest stretch of each edge, rise over run without sign.

        A stretch is as long as a cell of the raster, or the whole edge where that is shorter.

        Parameters
        ----------
        length_m : array of float
            Lengths of the edges in metres.

        Returns
        -------
        array of float
            0 where nothing is known, and on edges without length.
        """
        pieces = self.pieces
        step = np.divide(length_m, pieces, out=np.zeros(len(pieces)), where=pieces > 0)
        wide = np.divide(self.window_m, step, out=np.ones(len(pieces)), where=step > 0)
        span = np.clip(np.ceil(np.minimum(wide, pieces) - _ROUNDING).astype(np.int64), 1, pieces)
        # Heights above u at the end of each piece, and at u itself.
        height = np.concatenate([[0.0], np.cumsum(self.rise_m)])
        starts = pieces - span + 1
        edge = np.repeat(np.arange(len(pieces)), starts)
        offset = np.arange(starts.sum()) - np.repeat(np.cumsum(starts) - starts, starts)
        at = self.first[edge] + offset
        rise = np.abs(height[at + span[edge]] - height[at])
        run = step[edge] * span[edge]
        slope = np.divide(rise, run, out=np.zeros(len(rise)), where=run > 0)
        most = np.zeros(len(pieces))
        np.maximum.at(most, edge, slope)
        return most

    def _sum(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not len(values):
            return np.zeros(len(self.first) - 1)
        return np.asarray(np.add.reduceat(values, self.first[:-1]), dtype=float)
