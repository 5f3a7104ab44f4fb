"""Where a shaft can stand at a stair: rectangles of shaft and landing in the frame of the façade.

A frame has its origin at the stair's door on the façade, ``along`` the façade and ``outward`` from it. Positions are
tried in two layouts: *in front*, with the landing between façade and shaft, and *beside*, turned by 90 degrees, with the
landing in front of the stair and the shaft next to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import shapely

from plan.errors import UsageError
from plan.messages import Message

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CONNECTIONS",
    "Candidates",
    "Connection",
    "ElevatorSizes",
    "Slide",
    "Template",
    "candidates_at",
    "templates",
]

Connection = Literal["level_entry", "half_landing"]
CONNECTIONS: Final[tuple[Connection, ...]] = ("level_entry", "half_landing")

_FRONT: Final = "front"
_BESIDE: Final = "beside"
# Half the metres of a stair's door, that a landing covers on either side of its middle: this tool's default.
HALF_DOOR_M: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ElevatorSizes:
    """Dimensions of an elevator built onto a façade, in metres.

    Parameters
    ----------
    shaft_width_m, shaft_depth_m : float
        Outer plan of the shaft; the car's door is in the wide side. 2.2 to 2.6 m is what is common, from memory
        (EL-SHAFT of the national pack, which is disabled for that reason); measure the product that is meant.
    landing_depth_m : float
        Between façade or landing and the car's door. 1.5 m is the lobby's least depth of GB 50096-2011, 6.4.6
        (EL-LOBBY).
    bridge_width_m : float
        Of a bridge from the stair to a shaft that stands off: this tool's default.
    stair_width_m : float
        Of the stair between its walls: this tool's default.
    flat_door_m : float
        How far a landing for entry at the floor of the flats goes beyond the stair on either side, to a new door of
        each flat: this tool's default.
    car_width_m, car_depth_m : float
        Of the car.
    """

    shaft_width_m: float = 2.2
    shaft_depth_m: float = 2.4
    landing_depth_m: float = 1.5
    bridge_width_m: float = 1.5
    stair_width_m: float = 2.6
    flat_door_m: float = 1.2
    car_width_m: float = 1.1
    car_depth_m: float = 1.4

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise UsageError(Message("elevators.size", name=name, value=value))

    def takes_wheelchairs(self, car_m: tuple[float, float] | None) -> bool | None:
        """Tell whether the car is as deep and wide as asked for; None where no figure is given."""
        return None if car_m is None else self.car_depth_m >= car_m[0] and self.car_width_m >= car_m[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """How far from the stair's axis and from the façade positions are tried, in metres.

    Parameters
    ----------
    aside_m : float
        A shaft in front of the stair is moved so far along the façade at most, to either side.
    step_m : float
        Between two positions.
    off_m : tuple of float
        Lengths of bridges that are tried in place of a landing; those not longer than the landing are left out.
    edges_m : tuple of float
        Where a turned shaft beside the stair begins, from the middle of the stair's door.
    gaps_m : tuple of float
        Between the façade and a turned shaft: 0 stands on it, more leaves light to windows.
    """

    aside_m: float = 1.2
    step_m: float = 0.4
    off_m: tuple[float, ...] = (2.5, 4.0)
    edges_m: tuple[float, ...] = (1.2, 1.6, 2.0)
    gaps_m: tuple[float, ...] = (0.0, 0.6)

    def __post_init__(self) -> None:
        figures = (self.aside_m, *self.off_m, *self.edges_m, *self.gaps_m)
        if not (math.isfinite(self.step_m) and self.step_m >= 0.05):  # noqa: PLR2004 - finer is no other position
            raise UsageError(Message("elevators.size", name="step_m", value=self.step_m))
        for value in figures:
            if not (math.isfinite(value) and 0 <= value <= 20):  # noqa: PLR2004 - a bridge of 20 m is no landing
                raise UsageError(Message("elevators.slide", value=value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A position in the frame of a façade; rectangles as (along from, outward from, along to, outward to)."""

    connection: Connection
    layout: str  # front or beside
    aside_m: float  # of the shaft's middle from the stair's axis
    off_m: float  # from the façade to the shaft
    before_flats_m: (
        float  # of façade beside the stair that the shaft stands before: windows of flats may be there
    )
    shaft: tuple[float, float, float, float]
    landing: tuple[float, float, float, float]

    @property
    def landing_width_m(self) -> float:
        """The landing's extent along the façade."""
        return self.landing[2] - self.landing[0]

    @property
    def landing_depth_m(self) -> float:
        """The landing's extent from the façade."""
        return self.landing[3] - self.landing[1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Positions at many stairs, stair by stair.

    Parameters
    ----------
    stair : array of int, (n,)
        The stair's number.
    template : array of int, (n,)
        The template's number.
    shaft, landing : array of Polygon, (n,)
        In the stairs' coordinates.
    """

    stair: NDArray[np.int64]
    template: NDArray[np.int64]
    shaft: NDArray[np.object_]
    landing: NDArray[np.object_]
    templates: tuple[Template, ...]

    def __len__(self) -> int:
        return len(self.stair)


def templates(
    *,
    sizes: ElevatorSizes,
    slide: Slide,
    connections: tuple[Connection, ...] = CONNECTIONS,
) -> tuple[Template, ...]:
    """List the positions that are tried at each stair.

    Parameters
    ----------
    sizes : ElevatorSizes
        Dimensions.
    slide : Slide
        The range.
    connections : tuple of {"level_entry", "half_landing"}
        How the elevator meets the stair.

    Returns
    -------
    tuple of Template
        39 with the defaults, those nearest to the stair's axis first in each group.

    Raises
    ------
    UsageError
        If a connection is unknown.
    """
    unknown = [c for c in connections if c not in CONNECTIONS]
    if unknown or not connections:
        raise UsageError(Message("elevators.connection", given=tuple(unknown), known=CONNECTIONS))
    found: list[Template] = []
    if "level_entry" in connections:
        found += _level_entry(sizes, slide)
    if "half_landing" in connections:
        found += _half_landing(sizes, slide)
    return tuple(found)


def _half_landing(sizes: ElevatorSizes, slide: Slide) -> list[Template]:
    """Meet the stair's landing between two floors, which lies behind the façade on the stair's axis."""
    half, depth = sizes.shaft_width_m / 2, sizes.shaft_depth_m
    found = []
    offs = (sizes.landing_depth_m, *(off for off in slide.off_m if off > sizes.landing_depth_m))
    for number, off in enumerate(offs):
        # The longer the bridge, the fewer positions: a bridge that also leads aside is no short way.
        reach = max(slide.aside_m - number * slide.step_m, 0.0)
        for aside in _steps(reach, slide.step_m):
            if number == 0:
                low, high = min(aside - half, -HALF_DOOR_M), max(aside + half, HALF_DOOR_M)
            else:
                low, high = aside / 2 - sizes.bridge_width_m / 2, aside / 2 + sizes.bridge_width_m / 2
            found.append(
                Template(
                    connection="half_landing",
                    layout=_FRONT,
                    aside_m=aside,
                    off_m=off,
                    before_flats_m=_before_flats(aside - half, aside + half, sizes),
                    shaft=(aside - half, off, aside + half, off + depth),
                    landing=(low, 0.0, high, off),
                )
            )
    return found + _beside(
        "half_landing", sizes, edges=slide.edges_m, gaps=slide.gaps_m, covers_m=HALF_DOOR_M
    )


def _level_entry(sizes: ElevatorSizes, slide: Slide) -> list[Template]:
    """Lead a landing along the façade to a new door of each flat beside the stair."""
    half, depth = sizes.shaft_width_m / 2, sizes.shaft_depth_m
    end = sizes.stair_width_m / 2 + sizes.flat_door_m
    found = []
    offs = (sizes.landing_depth_m, *(off for off in slide.off_m[:1] if off > sizes.landing_depth_m))
    for number, off in enumerate(offs):
        reach = 2 * slide.step_m * (2 - number)
        found += [
            Template(
                connection="level_entry",
                layout=_FRONT,
                aside_m=aside,
                off_m=off,
                before_flats_m=_before_flats(aside - half, aside + half, sizes),
                shaft=(aside - half, off, aside + half, off + depth),
                landing=(-end, 0.0, end, off),
            )
            for aside in _steps(min(reach, max(end - half, 0.0)), 2 * slide.step_m)
        ]
    return found + _beside("level_entry", sizes, edges=(end,), gaps=slide.gaps_m, covers_m=end)


def _beside(
    connection: Connection,
    sizes: ElevatorSizes,
    *,
    edges: tuple[float, ...],
    gaps: tuple[float, ...],
    covers_m: float,
) -> list[Template]:
    """Turn the shaft: its depth lies along the façade, and the car opens to the landing."""
    found = []
    for edge in edges:
        for gap in gaps:
            for side in (1.0, -1.0):
                far = edge + sizes.shaft_depth_m
                u = sorted((side * edge, side * far))
                v = sorted((-side * covers_m, side * edge))
                found.append(
                    Template(
                        connection=connection,
                        layout=_BESIDE,
                        aside_m=side * (edge + far) / 2,
                        off_m=gap,
                        before_flats_m=_before_flats(u[0], u[1], sizes),
                        shaft=(u[0], gap, u[1], gap + sizes.shaft_width_m),
                        landing=(v[0], 0.0, v[1], sizes.landing_depth_m),
                    )
                )
    return found


def _before_flats(low: float, high: float, sizes: ElevatorSizes) -> float:
    half = sizes.stair_width_m / 2
    return (high - low) - max(min(high, half) - max(low, -half), 0.0)


def _steps(reach_m: float, step_m: float) -> list[float]:
    """Return 0, then positions to both sides, up to a reach."""
    count = math.floor(reach_m / step_m + 1e-9)
    return [0.0, *(sign * k * step_m for k in range(1, count + 1) for sign in (1.0, -1.0))]


def candidates_at(
    feet: NDArray[np.float64],
    along: NDArray[np.float64],
    outward: NDArray[np.float64],
    *,
    templates: tuple[Template, ...],
) -> Candidates:
    """Place every template at every stair.

    Parameters
    ----------
    feet : array of float, (s, 2)
        The stairs' doors on their façades, in metres.
    along, outward : array of float, (s, 2)
        Unit vectors of each façade.
    templates : tuple of Template
        Positions.

    Returns
    -------
    Candidates
        s times as many as there are templates.
    """
    stairs, positions = len(feet), len(templates)
    shaft = _placed(np.array([t.shaft for t in templates]).reshape(-1, 4), feet, along, outward)
    landing = _placed(np.array([t.landing for t in templates]).reshape(-1, 4), feet, along, outward)
    return Candidates(
        stair=np.repeat(np.arange(stairs), positions),
        template=np.tile(np.arange(positions), stairs),
        shaft=shaft,
        landing=landing,
        templates=templates,
    )


def _placed(
    boxes: NDArray[np.float64],
    feet: NDArray[np.float64],
    along: NDArray[np.float64],
    outward: NDArray[np.float64],
) -> NDArray[np.object_]:
    u = boxes[:, [0, 2, 2, 0]][None, :, :, None]
    n = boxes[:, [1, 1, 3, 3]][None, :, :, None]
    corners = feet[:, None, None, :] + u * along[:, None, None, :] + n * outward[:, None, None, :]
    return np.asarray(shapely.polygons(corners.reshape(-1, 4, 2)), dtype=object)
