"""Straight lines on which aisles lie, and the straight pieces of aisles that are driven."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Lane", "Line"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A straight line on which aisles may lie.

    Parameters
    ----------
    x, y : float
        A point of it.
    angle : float
        Its direction in radians.
    width : float
        Of its aisles, in metres.
    way : int
        1 along the direction, -1 against it, 0 both.
    everywhere : bool
        Whether every free piece of it becomes an aisle, or the one at the point only.
    below, above : int
        The deepest kind of stall on its right and left side at first; -1 none.
    from_gate : bool
        Whether it leads from a gate, at the point, to the first aisle.
    low, high : float
        How far its aisles reach at most, in metres from the point.
    """

    x: float
    y: float
    angle: float
    width: float
    way: int
    everywhere: bool = True
    below: int = -1
    above: int = -1
    from_gate: bool = False
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A straight piece of an aisle that is reached from a gate and left again.

    Parameters
    ----------
    x1, y1, x2, y2 : float
        Ends of its centreline, in the direction of its line.
    width, way, line
        As in `Line`; the number of its line.
    serves : bool
        Whether stalls may stand along it.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    way: int
    line: int
    serves: bool = True

    @property
    def length(self) -> float:
        """Metres of the centreline."""
        return math.hypot(self.x2 - self.x1, self.y2 - self.y1)

    def corners(self) -> list[tuple[float, float]]:
        """Return the ground that it covers."""
        ux, uy = (self.x2 - self.x1) / self.length, (self.y2 - self.y1) / self.length
        h = self.width / 2
        return [
            (self.x1 + h * uy, self.y1 - h * ux),
            (self.x2 + h * uy, self.y2 - h * ux),
            (self.x2 - h * uy, self.y2 + h * ux),
            (self.x1 - h * uy, self.y1 + h * ux),
        ]
