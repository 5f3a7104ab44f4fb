"""Which part of the ground a sheet shows, at which scale, and where a metre lies on the paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Extent", "View", "round_scale", "view_of"]

Extent = tuple[float, float, float, float]  # west, south, east, north [m]

# Scales that a ruler for drawings has, or that a reader can halve and double in the head.
_STEPS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)
# Scales that small drawings of one thing have.
_LEAST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A piece of ground on a piece of paper.

    Parameters
    ----------
    west, north : float
        The upper left corner of the paper, in metres of the site.
    scale : int
        Denominator: 1000 means 1:1000.
    width_mm, height_mm : float
        Of the paper.
    """

    west: float
    north: float
    scale: int
    width_mm: float
    height_mm: float

    @property
    def mm_per_m(self) -> float:
        """Millimetres on the paper for each metre on the ground."""
        return 1000.0 / self.scale

    @property
    def extent(self) -> Extent:
        """West, south, east, north [m] of all that the paper shows."""
        return (
            self.west,
            self.north - self.height_mm / self.mm_per_m,
            self.west + self.width_mm / self.mm_per_m,
            self.north,
        )

    def to_paper(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bring metres to the paper: millimetres from its upper left corner, downwards.

        Parameters
        ----------
        coordinates : ndarray, shape (n, 2)
            East and north [m].

        Returns
        -------
        ndarray, shape (n, 2)
            Right and down [mm].
        """
        out: NDArray[Any] = coordinates - (self.west, self.north)
        return out * (self.mm_per_m, -self.mm_per_m)


def round_scale(least: float) -> int:
    """Return the next round denominator that is not smaller.

    Examples
    --------
    >>> round_scale(430), round_scale(1000), round_scale(1001)
    (500, 1000, 1250)
    """
    if not (math.isfinite(least) and least > _LEAST):
        return _LEAST
    power = 10.0 ** math.floor(math.log10(least))
    for step in (*_STEPS, 10.0):
        if step * power >= least * (1 - 1e-9):
            return round(step * power)
    return round(10 * power)


def view_of(extent: Extent, size_mm: tuple[float, float], *, scale: int | None = None) -> View:
    """Return the view in whose middle an extent lies, at the largest round scale at which all of it fits.

    Parameters
    ----------
    extent : tuple of float
        West, south, east, north [m] of what must be seen.
    size_mm : tuple of float
        Width and height of the paper [mm].
    scale : int, optional
        Denominator, where it is given.

    Returns
    -------
    View
        That view.
    """
    west, south, east, north = extent
    width_mm, height_mm = size_mm
    if scale is None:
        scale = round_scale(1000.0 * max((east - west) / width_mm, (north - south) / height_mm))
    across, down = width_mm * scale / 1000.0, height_mm * scale / 1000.0
    return View(
        west=(west + east - across) / 2,
        north=(south + north + down) / 2,
        scale=scale,
        width_mm=width_mm,
        height_mm=height_mm,
    )
