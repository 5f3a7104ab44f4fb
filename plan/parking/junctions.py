"""Dead ends among aisles: which of them need a place to turn, and junctions at which a car turns anyway."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.parking.stalls import DESIGN_CAR
from plan.parking.swept import axle_radius_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Arms", "DeadEnds", "Link", "crossing_ground", "dead_ends", "turning_ground"]

_KEPT_M: Final = 0.1  # what a car that turns keeps free on all sides
_TOUCH: Final = 1e-6
_ARMS: Final = 2  # ways that cross at a junction

# Two nodes and the metres between them; node 0 is the street outside, negative ones are ends that lead nowhere.
Link = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Arms:
    """An aisle at a junction: the point, its direction and width, and how far it goes on against and along it."""

    x: float
    y: float
    angle: float
    width: float
    behind: float
    ahead: float


@dataclass(frozen=True, slots=True)
class DeadEnds:
    """Ends that need a place to turn, junctions that are one for others, and stubs that are better left out."""

    ends: list[int]
    turning: list[int]
    stubs: list[int]


def turning_ground(arms: Sequence[Arms], two_way_m: float) -> Floats | None:
    """Return the corners of a junction if a car turns there: forward into one arm, back into another, and out.

    Parameters
    ----------
    arms : sequence of Arms
        The two-way aisles that cross there.
    two_way_m : float
        The width that each of them has at least.

    Returns
    -------
    array (4, 2) or None
        None where no car turns.

    Notes
    -----
    The car bends along the middles of two aisles as tightly as it can. On its inner side it keeps off the corner of
    the aisles, and the arm that it drives into and the one that it backs into are as long as the bend and what
    reaches beyond its rear axle.
    """
    if len(arms) != _ARMS or any(arm.width < two_way_m - _TOUCH for arm in arms):
        return None
    car = DESIGN_CAR
    turned = abs(math.remainder(arms[0].angle - arms[1].angle, math.pi))
    half = turned / 2  # of the angle between the two on its sharper side
    radius, side = axle_radius_m(car), car.width_m / 2 + _KEPT_M
    if half <= 0 or (radius - two_way_m / 2) / math.sin(half) > radius - side:
        return None
    bend = radius / math.tan(half)
    lengths = sorted((length for arm in arms for length in (arm.behind, arm.ahead)), reverse=True)
    front = car.length_m - car.rear_overhang_m
    if lengths[1] < bend + front + _KEPT_M or lengths[2] < bend + car.rear_overhang_m + _KEPT_M:
        return None
    return crossing_ground(arms)


def crossing_ground(arms: Sequence[Arms]) -> Floats:
    """Return the corners of what two aisles have in common where they cross."""
    a, b = arms
    ux, uy, vx, vy = math.cos(a.angle), math.sin(a.angle), math.cos(b.angle), math.sin(b.angle)
    sine = abs(ux * vy - uy * vx)
    p, q = b.width / 2 / sine, a.width / 2 / sine
    return np.array([
        [a.x + i * p * ux + j * q * vx, a.y + i * p * uy + j * q * vy]
        for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ])  # fmt: skip


def dead_ends(links: Sequence[Link], places: Mapping[int, Floats], dead_end_m: float) -> DeadEnds:
    """Find the ends from which it is far to where a car can turn.

    Parameters
    ----------
    links : sequence of Link
        The aisles between their nodes.
    places : mapping
        Junctions at which a car turns.
    dead_end_m : float
        The longest way from an end to where a car turns, or to a way round.

    Returns
    -------
    DeadEnds
        What is to be done about each.
    """
    around: dict[int, int] = {}
    for a, b, _ in links:
        around[a] = around.get(a, 0) + 1
        around[b] = around.get(b, 0) + 1
    chains = _chains(links)
    short: dict[int, int] = {}
    for _, chain in chains:
        short[chain[0][0]] = short.get(chain[0][0], 0) + int(chain[0][1] <= DESIGN_CAR.length_m)
    ends, used, stubs = [], set(), []
    for leaf, chain in chains:
        length, at = next(((far, node) for node, far in chain if node in places), (chain[-1][1], 0))
        node = chain[0][0]
        # No car gets into what is shorter than itself beside a way that goes on.
        stub = chain[0][1] <= DESIGN_CAR.length_m and around.get(node, 0) - short[node] >= _ARMS
        if length <= dead_end_m or (stub and at):
            if chain[-1][1] > dead_end_m:
                used.add(at)
        elif stub:
            stubs.append(leaf)
        else:
            ends.append(leaf)
    return DeadEnds(ends, sorted(used), stubs)


def _chains(links: Sequence[Link]) -> list[tuple[int, list[tuple[int, float]]]]:
    """Return the ends of ways that can be left only as they were entered: what leads to the rest, and how far it is."""
    around: dict[int, list[tuple[int, float]]] = {}
    for a, b, length in links:
        around.setdefault(a, []).append((b, length))
        around.setdefault(b, []).append((a, length))
    up: dict[int, tuple[int, float]] = {}
    leaves = [n for n in around if n != 0 and len(around[n]) == 1]
    found = list(leaves)
    while leaves:
        leaf = leaves.pop()
        if len(around[leaf]) != 1:
            continue
        onward, length = around[leaf].pop()
        around[onward].remove((leaf, length))
        up[leaf] = (onward, length)
        if onward != 0 and len(around[onward]) == 1:
            leaves.append(onward)
    chains = []
    for leaf in found:
        total, at = 0.0, leaf
        chain = []
        while at in up:
            at, more = up[at]
            total += more
            chain.append((at, total))
        chains.append((leaf, chain or [(leaf, 0.0)]))
    return chains
