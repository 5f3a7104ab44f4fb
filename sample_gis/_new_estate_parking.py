"""Where the cars of 海棠湾家园 stand: visitors on the ground, residents on one level below it.

The garage of each phase lies under the two courtyards between its rows of houses, not under a house: the
cores of the flats reach it through the gap. It keeps 5 m from the boundary of its parcel. Cars stand in
threes between columns, back to back, at right angles to aisles of 5.5 m; no garage lies under the
kindergarten and its yard, and each has two ramps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from _draw import at
from shapely import Polygon, box

if TYPE_CHECKING:
    from collections.abc import Iterator

Rows = list[dict[str, object]]

WIDTH, LENGTH = 2.4, 5.3  # of a stall below the ground, m
COLUMN = 0.6  # left for a column after every third stall, m
AISLE = 5.5  # m, two ways
MODULE = 2 * LENGTH + AISLE  # a row, its aisle, the opposite row, m
CAR_WIDTH, BOARDING = 2.5, 1.2  # of a stall on the ground, and beside each accessible one, m
#   phase, x from, x to, y from, modules one behind the other
COURTS: list[tuple[int, float, float, float, int]] = [
    (1, -3.0, 185.0, 35.1, 3),
    (1, 185.0, 219.0, 35.1, 1),
    (1, -3.0, 185.0, 115.1, 3),
    (2, 229.0, 383.0, 35.1, 2),
    (2, 195.0, 383.0, 35.1 + 2 * MODULE, 1),
    (2, 195.0, 383.0, 115.1, 3),
]
FIRST_COLUMN = {1: 3.3, 2: 201.3}  # x of the grid of columns in each phase
CROSS_AISLES = [
    (-3.0, 35.1, 3.0, 163.4),
    (89.0, 35.1, 95.0, 163.4),
    (134.0, 115.1, 140.0, 163.4),
    (179.0, 35.1, 185.0, 83.4),
    (213.0, 35.1, 219.0, 51.2),
    (195.0, 67.3, 201.0, 163.4),
    (229.0, 35.1, 235.0, 83.4),
    (275.0, 35.1, 281.0, 163.4),
    (377.0, 35.1, 383.0, 163.4),
]
#   phase, x of the stalls' west end, y from, y to: stalls along a cross aisle between the two courtyards
GAPS: list[tuple[int, float, float, float]] = [
    (1, 3.0, 84.0, 114.6),
    (1, 83.7, 84.0, 114.6),
    (1, 95.0, 84.0, 114.6),
    (2, 269.7, 84.0, 114.6),
    (2, 281.0, 84.0, 114.6),
    (2, 371.7, 84.0, 114.6),
]
KINDERGARTEN = (140.0, 110.0, 188.0, 152.7)
#   from the ground (beside a gate) down to an aisle
RAMPS = [
    ("RP1", (165.0, 12.0, 172.0, 40.4)),
    ("RP2", (182.0, 158.1, 189.0, 190.0)),
    ("RP3", (362.0, 78.1, 369.0, 104.0)),
    ("RP4", (296.0, 158.1, 303.0, 191.0)),
]


def stalls(axis: float) -> Rows:
    """Return the stalls on the ground (`T…`) and below it (`U` and the phase)."""
    rows: Rows = []
    for kind, shape in _on_the_ground(axis):
        rows.append(_row(f"T{len(rows) + 1:03d}", kind, shape))
    for phase in (1, 2):
        below = enumerate(_below(phase), start=1)
        rows += [_row(f"U{phase}-{k:03d}", "underground", shape) for k, shape in below]
    return rows


def ramps() -> Rows:
    """Return the ramps of the garages: open cuts in the ground, in the way like any obstacle."""
    return [
        {
            "obstacle_id": ramp_id,
            "kind": "garage_ramp",
            "radius_m": None,
            "removable": False,
            "cost_cny": None,
            "geometry": box(*bounds),
        }
        for ramp_id, bounds in RAMPS
    ]


def _row(stall_id: str, kind: str, shape: Polygon) -> dict[str, object]:
    return {
        "stall_id": stall_id,
        "kind": kind,
        "angle_deg": 90.0,
        "state": "proposed",
        "geometry": shape,
    }


def _on_the_ground(axis: float) -> Iterator[tuple[str, Polygon]]:
    """Visitors' stalls at right angles to the ring, in sixes; near the doors four accessible ones instead."""
    pitch = CAR_WIDTH + BOARDING
    for k in range(4):  # behind the service house
        yield "accessible", box(178.0 + pitch * k, 39.5, 178.0 + pitch * k + CAR_WIDTH, 44.8)
    x = 10.0
    while x < 364.0:
        near = x == 208.0  # the group beside the north gate
        for k in range(4 if near else 6):
            left = x + (pitch if near else CAR_WIDTH) * k
            if not (axis - 12.0 < left < axis + 9.0):
                yield (
                    "accessible" if near else "perpendicular",
                    box(left, 199.5, left + CAR_WIDTH, 204.8),
                )
        x += 18.0
    for west in (-6.6, 379.4):
        y = 54.0
        while y < 178.0:
            near = y == 126.0 and west > 0.0  # the group beside the east gate
            for k in range(4 if near else 6):
                low = y + (pitch if near else CAR_WIDTH) * k
                if not 98.0 < low < 116.0:
                    yield (
                        "accessible" if near else "perpendicular",
                        box(west, low, west + LENGTH, low + CAR_WIDTH),
                    )
            y += 18.0


def _below(phase: int) -> Iterator[Polygon]:
    """Stalls of one garage: from the south row of each courtyard to the north, from west to east."""
    kept_free = shapely.union_all([box(*b) for b in (*CROSS_AISLES, KINDERGARTEN, *(b for _, b in RAMPS))])
    for of, west, east, south, modules in COURTS:
        if of != phase:
            continue
        for row in range(2 * modules):
            low = south + MODULE * (row // 2) + (LENGTH + AISLE) * (row % 2)
            for left in _steps(FIRST_COLUMN[phase], east):
                shape = _stall(left, low, WIDTH, LENGTH)
                if left >= west and shapely.area(shapely.intersection(shape, kept_free)) < 0.01:
                    yield shape
    for of, west, south, north in GAPS:
        if of == phase:
            for low in _steps(south, north):
                yield _stall(west, low, LENGTH, WIDTH)


def _steps(start: float, stop: float) -> Iterator[float]:
    """Yield where stalls begin, three between two columns, as long as a whole one fits."""
    k = 0
    while (left := start + k // 3 * (3 * WIDTH + COLUMN) + k % 3 * WIDTH) + WIDTH <= stop:
        yield left
        k += 1


def _stall(left: float, low: float, width: float, length: float) -> Polygon:
    corners = ((left, low), (left + width, low), (left + width, low + length), (left, low + length))
    return Polygon([at(x, y) for x, y in corners])
