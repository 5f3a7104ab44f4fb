"""The ground that the design car sweeps: arcs of its smallest radius and straight lines, seen from a parked car.

The car is a rectangle that follows the middle of its rear axle. With the turning radius R of the outer front wheel,
the wheelbase b and the width w, the axle's middle turns no tighter than ``sqrt(R^2 - b^2) - w / 2``. Poses are
sampled; what lies between two of them, a few millimetres, is less than the clearance that is kept while turning.

In the frame of a parked car its middle is the origin and x points out of the stall. A car stands nose out, and
leaves forward, or nose in, and leaves backward. What it sweeps on its way out it sweeps on the same way in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.parking.stalls import DesignCar

__all__ = ["Manoeuvre", "Stretch", "axle_radius_m", "bend", "driven_path", "one_arc", "s_curve", "two_arcs"]

_STEP_RAD: Final = math.radians(4.0)  # between two poses: the outer corner is 4 mm off between them
_STEP_M: Final = 0.5  # on a straight line, where no corner leaves the sides

# A stretch of a path: signed metres along the car's heading, curvature in 1/m, positive to the left, and the
# clearance that is kept along it.
Stretch = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manoeuvre:
    """A way out of a stall, in the frame of the parked car; the way in is the same one backward.

    Parameters
    ----------
    car : DesignCar
        The car.
    nose_out : bool
        Whether it leaves forward.
    stretches : tuple of tuple of float
        What it drives, one after another: signed metres, curvature in 1/m, clearance in metres.
    """

    car: DesignCar
    nose_out: bool
    stretches: tuple[Stretch, ...]

    @property
    def end(self) -> tuple[float, float]:
        """Where the middle of the car comes to stand."""
        x, y, heading = self._last()
        behind = self.car.length_m / 2 - self.car.rear_overhang_m
        return x + behind * math.cos(heading), y + behind * math.sin(heading)

    @property
    def outline(self) -> NDArray[np.float64]:
        """The edge of the ground that is swept, x and y."""
        return _outline(self)

    @property
    def stop(self) -> NDArray[np.float64]:
        """The corners of the car where it comes to stand."""
        corners: NDArray[np.float64] = shapely.get_coordinates(_cars(np.array([self._last()]), self.car, 0.0))
        return corners

    def _last(self) -> tuple[float, float, float]:
        """Return the pose of the rear axle at the end."""
        x, y, heading = _parked(self.car, self.nose_out)
        for length, curvature, _ in self.stretches:
            x, y, heading = _onward(x, y, heading, length, curvature)
        return x, y, heading


def axle_radius_m(car: DesignCar) -> float:
    """Return the smallest radius of the middle of the rear axle."""
    return math.sqrt(car.turning_radius_m**2 - car.wheelbase_m**2) - car.width_m / 2


def one_arc(
    car: DesignCar, *, nose_out: bool, turn_rad: float, ahead_m: float, tightness: float, clearance_m: float
) -> Manoeuvre:
    """Drive straight out for some metres, then turn in one arc.

    Parameters
    ----------
    car : DesignCar
        The car.
    nose_out : bool
        Whether it leaves forward.
    turn_rad : float
        From the stall's direction to the direction of motion at the end, positive to the left.
    ahead_m : float
        Metres before the turn.
    tightness : float
        Radius of the arc as a multiple of the smallest one.
    clearance_m : float
        Kept on all sides while turning.

    Returns
    -------
    Manoeuvre
        The way out.
    """
    radius = axle_radius_m(car) * tightness
    sign = 1.0 if nose_out else -1.0
    bow = (sign * abs(turn_rad) * radius, sign * math.copysign(1 / radius, turn_rad), clearance_m)
    return Manoeuvre(car=car, nose_out=nose_out, stretches=((sign * ahead_m, 0.0, 0.0), bow))


def two_arcs(
    car: DesignCar, *, nose_out: bool, turn_rad: float, ahead_m: float, share: float, clearance_m: float
) -> Manoeuvre:
    """Drive straight out, turn in an arc, change gear, and end the turn in a second arc the other way.

    Parameters
    ----------
    car, nose_out, turn_rad, ahead_m, clearance_m
        As in :func:`one_arc`.
    share : float
        Of the turn that the first arc does.

    Returns
    -------
    Manoeuvre
        The way out.
    """
    radius = axle_radius_m(car)
    sign = 1.0 if nose_out else -1.0
    side = math.copysign(1 / radius, turn_rad)
    length = abs(turn_rad) * radius
    stretches = (
        (sign * ahead_m, 0.0, 0.0),
        (sign * length * share, sign * side, clearance_m),
        (-sign * length * (1 - share), -sign * side, clearance_m),
    )
    return Manoeuvre(car=car, nose_out=nose_out, stretches=stretches)


def s_curve(
    car: DesignCar,
    *,
    nose_out: bool,
    turn_rad: float,
    aside_m: float,
    back_m: float,
    tightness: float,
    clearance_m: float,
) -> Manoeuvre:
    """Draw back a little, then leave sideways in two arcs: out of a stall that is parallel to the aisle, or nearly.

    Parameters
    ----------
    car, nose_out, turn_rad, tightness, clearance_m
        As in :func:`one_arc`.
    aside_m : float
        How far to the left the car ends, negative to the right, where there is no turn.
    back_m : float
        How far it draws back first.

    Returns
    -------
    Manoeuvre
        The way out.
    """
    radius = axle_radius_m(car) * tightness
    angle = math.copysign(math.acos(1 - abs(aside_m) / (2 * radius)), aside_m)
    sign = 1.0 if nose_out else -1.0
    side = sign * math.copysign(1 / radius, aside_m)
    stretches = (
        (-sign * back_m, 0.0, 0.0),
        (sign * abs(angle) * radius, side, clearance_m),
        (sign * abs(angle - turn_rad) * radius, -side, clearance_m),
    )
    return Manoeuvre(car=car, nose_out=nose_out, stretches=stretches)


@lru_cache(maxsize=1000)
def bend(
    car: DesignCar, *, turn_rad: float, tightness: float, clearance_m: float
) -> tuple[NDArray[np.float64], float]:
    """Turn forward in one arc, from a straight way to another one.

    Parameters
    ----------
    car, turn_rad, tightness, clearance_m
        As in :func:`one_arc`.

    Returns
    -------
    tuple of array and float
        The edge of the ground that is swept, in the frame of the rear axle where the arc begins; and how far before
        the corner of the two ways it begins, and after it ends.
    """
    radius = axle_radius_m(car) * tightness
    start = np.zeros((1, 3))
    poses = _drive(start[0], abs(turn_rad) * radius, math.copysign(1 / radius, turn_rad))
    swept = shapely.union_all(_cars(np.concatenate([start, poses]), car, clearance_m))
    return shapely.get_coordinates(shapely.get_exterior_ring(swept)), radius * math.tan(abs(turn_rad) / 2)


@lru_cache(maxsize=1000)
def driven_path(
    car: DesignCar, *, stretches: tuple[Stretch, ...]
) -> tuple[NDArray[np.float64], tuple[float, float], NDArray[np.float64]]:
    """Drive some stretches one after another.

    Parameters
    ----------
    car : DesignCar
        The car.
    stretches : tuple of Stretch
        What it drives; stretches of no length are left out.

    Returns
    -------
    tuple of array, tuple of float and array
        In the frame of the rear axle where the car starts: the edge of the ground that is swept, where the axle comes
        to stand, and the corners of the car there.
    """
    pose, shapes = np.zeros((1, 3)), []
    for length, curvature, clearance_m in stretches:
        if length:
            poses = np.concatenate([pose, _drive(pose[-1], length, curvature)])
            shapes.append(_cars(poses, car, clearance_m))
            pose = poses[-1:]
    edge = shapely.get_coordinates(shapely.get_exterior_ring(shapely.union_all(np.concatenate(shapes))))
    corners = shapely.get_coordinates(_cars(pose, car, 0.0))
    return edge, (float(pose[0, 0]), float(pose[0, 1])), corners


@lru_cache(maxsize=20_000)
def _outline(manoeuvre: Manoeuvre) -> NDArray[np.float64]:
    car = manoeuvre.car
    runs = _poses(car, manoeuvre.nose_out, manoeuvre.stretches)
    shapes = [_cars(runs[0], car, 0.0)]
    for before, poses, stretch in zip(runs, runs[1:], manoeuvre.stretches, strict=False):
        shapes.append(_cars(np.concatenate([before[-1:], poses]), car, stretch[2]))
    swept = shapely.union_all(np.concatenate(shapes))
    # Poses overlap from one to the next, so that there is one outer edge; ground that a car drives round counts.
    edge: NDArray[np.float64] = shapely.get_coordinates(shapely.get_exterior_ring(swept))
    return edge


def _poses(
    car: DesignCar,
    nose_out: bool,  # noqa: FBT001
    stretches: tuple[Stretch, ...],
) -> list[NDArray[np.float64]]:
    """Return the poses of the rear axle: where the car is parked, and along each stretch."""
    runs = [np.array([_parked(car, nose_out)])]
    for length, curvature, _ in stretches:
        runs.append(_drive(runs[-1][-1], length, curvature))
    return runs


def _parked(car: DesignCar, nose_out: bool) -> tuple[float, float, float]:  # noqa: FBT001
    behind = car.length_m / 2 - car.rear_overhang_m  # of the middle of the car, the axle
    return (-behind, 0.0, 0.0) if nose_out else (behind, 0.0, math.pi)


def _onward(
    x: float, y: float, heading: float, length: float, curvature: float
) -> tuple[float, float, float]:
    """Return the pose of the rear axle after a stretch."""
    end = heading + length * curvature
    if not curvature:
        return x + length * math.cos(heading), y + length * math.sin(heading), end
    return (
        x + (math.sin(end) - math.sin(heading)) / curvature,
        y - (math.cos(end) - math.cos(heading)) / curvature,
        end,
    )


def _drive(pose: NDArray[np.float64], length: float, curvature: float) -> NDArray[np.float64]:
    """Return the poses of the rear axle along a stretch, x, y and heading, without the first one."""
    x, y, heading = pose
    per_m = abs(curvature) / _STEP_RAD if curvature else 1 / _STEP_M
    steps = max(1, math.ceil(abs(length) * per_m))
    gone = np.linspace(0, length, steps + 1)[1:]
    headings = heading + gone * curvature
    if curvature:
        xs = x + (np.sin(headings) - math.sin(heading)) / curvature
        ys = y - (np.cos(headings) - math.cos(heading)) / curvature
    else:
        xs, ys = x + gone * math.cos(heading), y + gone * math.sin(heading)
    return np.stack([xs, ys, headings], axis=1)


def _cars(poses: NDArray[np.float64], car: DesignCar, clearance_m: float) -> NDArray[np.object_]:
    back, side = -car.rear_overhang_m - clearance_m, car.width_m / 2 + clearance_m
    front = car.length_m - car.rear_overhang_m + clearance_m
    corners = np.array([[back, -side], [front, -side], [front, side], [back, side]])
    cosine, sine = np.cos(poses[:, 2])[:, None], np.sin(poses[:, 2])[:, None]
    x = poses[:, :1] + cosine * corners[:, 0] - sine * corners[:, 1]
    y = poses[:, 1:2] + sine * corners[:, 0] + cosine * corners[:, 1]
    cars: NDArray[np.object_] = np.asarray(shapely.polygons(np.stack([x, y], axis=2)))
    return cars
