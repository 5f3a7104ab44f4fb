"""What an independent reader sees in a mutated file: exact areas, whether a ring crosses itself, what is written.

Nothing here uses what the readers of the product use, but for :mod:`pyproj` where a file is in degrees: coordinates are
fractions, so that areas and crossings are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

__all__ = [
    "OTHERS", "Exact", "Seen", "area_of", "exact", "lies", "nested", "shoelace", "true_area", "without_twins",
]  # fmt: skip

Exact = list[tuple[Fraction, Fraction]]
OTHERS: Final = ("park", "clinic", "kindergarten")  # categories that no rule of the mutants asks for


@dataclass(slots=True, kw_only=True)
class Seen:
    """A row of a file: what it is called, and the polygons that it is drawn as."""

    name: str = ""
    category: str = ""
    parts: list[list[Exact]] = field(default_factory=list)
    written: Fraction | None = None  # m2, where the row says its area in words
    slack: Fraction = Fraction(0)  # m2, for what is drawn as a curve
    known: Fraction | None = None  # m2, of what is no polygon


def exact(points: Any) -> Exact:
    """Return places as fractions; raises where one is no number."""
    return [(Fraction(float(x)), Fraction(float(y))) for x, y, *_ in points]


def shoelace(ring: Exact) -> Fraction:
    """Return the exact area that a ring encloses, if it does not cross itself."""
    twice = sum((x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise([*ring, ring[0]])), start=Fraction(0))
    return abs(twice) / 2


def area_of(rings: list[Exact]) -> Fraction:
    """Return the exact area of a polygon: its outline without its holes."""
    return shoelace(rings[0]) - sum(map(shoelace, rings[1:]), start=Fraction(0)) if rings else Fraction(0)


def true_area(parts: Sequence[list[Exact]]) -> Fraction | None:
    """Return the area of a shape that is sound; None where rings cross, or lie where they cannot."""
    whole = [[_clean(ring) for ring in rings] for rings in parts if rings]
    grid = _whole_numbers([ring for rings in whole for ring in rings])
    at = 0
    polygons: list[list[_Grid]] = []
    for rings in whole:
        mine = grid[at : at + len(rings)]
        at += len(rings)
        if not mine[0] or not all(_simple(ring) for ring in mine) or not _holes_lie(mine):
            return None
        polygons.append(mine)
    for i, one in enumerate(polygons):
        if not all(_beside(one, other) for other in polygons[:i]):
            return None
    return sum(map(area_of, whole), start=Fraction(0))


def _beside(one: list[_Grid], other: list[_Grid]) -> bool:
    """Tell whether two polygons share no ground: they lie apart, they touch, or one is in a hole of the other."""
    a, b = one[0], other[0]
    if _cross(a, b) or a == b:
        return False
    if not (_strictly_within(a, b) or _strictly_within(b, a)):
        return True
    return any(
        hole and not _cross(shell, hole) and not _strictly_outside(shell, hole)
        for shell, holes in ((a, other[1:]), (b, one[1:]))
        for hole in holes
    )


def nested(rings: list[Exact]) -> list[list[Exact]]:
    """Return parts of rings that say nothing but where they lie: in one is a hole, in two an outline again."""
    around = _around(rings)
    parts = {i: [ring] for i, ring in enumerate(rings) if len(around[i]) % 2 == 0}
    for i, ring in enumerate(rings):
        if i not in parts:
            parts[max(around[i], key=lambda j: len(around[j]))].append(ring)
    return list(parts.values())


def without_twins(rings: list[Exact]) -> list[list[Exact]]:
    """Leave out outlines that stand twice within another one: they add nothing to it, and cut nothing out.

    What lies in one of them lies in three outlines, which is within by any way of counting.
    """
    around = _around(rings)
    places = [frozenset(map(frozenset, pairwise([*(c := _straight(ring)), *c[:1]]))) for ring in rings]
    kept = [
        ring
        for i, ring in enumerate(rings)
        if not (places.count(places[i]) == 2 and any(places[j] != places[i] for j in around[i]))
    ]
    return [[ring] for ring in kept]


def _around(rings: list[Exact]) -> list[list[int]]:
    """Return for each ring those that it lies in."""
    grid = _whole_numbers([_clean(ring) for ring in rings])
    return [
        [
            j
            for j, other in enumerate(grid)
            if i != j
            and one
            and other
            and not _cross(one, other)
            and _strictly_within(one, other)
            and not _strictly_within(other, one)
        ]
        for i, one in enumerate(grid)
    ]


_Grid = list[tuple[int, int]]


def _clean(ring: Exact) -> Exact:
    """Drop places that follow themselves, and the last one, which is the first again."""
    out = [p for i, p in enumerate(ring) if i == 0 or p != ring[i - 1]]
    while len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return out if len(out) > 2 else []


def _straight(ring: Exact) -> Exact:
    """Drop places that lie on the line between their neighbours."""
    corners = _clean(ring)
    around = zip(corners, [*corners[-1:], *corners[:-1]], [*corners[1:], *corners[:1]], strict=True)
    return [b for b, a, c in around if (b[0] - a[0]) * (c[1] - a[1]) != (b[1] - a[1]) * (c[0] - a[0])]


def _whole_numbers(rings: list[Exact]) -> list[_Grid]:
    """Bring places to one grid of whole numbers, exactly."""
    common = math.lcm(*(v.denominator for ring in rings for place in ring for v in place), 1)
    return [[(int(x * common), int(y * common)) for x, y in ring] for ring in rings]


def _side(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _edges(ring: _Grid) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return list(pairwise([*ring, ring[0]])) if ring else []


def _apart(a: Any, b: Any) -> bool:
    (ax0, ay0), (ax1, ay1) = a
    (bx0, by0), (bx1, by1) = b
    return (
        max(ax0, ax1) < min(bx0, bx1)
        or max(bx0, bx1) < min(ax0, ax1)
        or max(ay0, ay1) < min(by0, by1)
        or max(by0, by1) < min(ay0, ay1)
    )


def _simple(ring: _Grid) -> bool:
    """Tell whether no edge meets another but where they follow each other."""
    edges = _edges(ring)
    for i, a in enumerate(edges):
        for j in range(i + 1, len(edges)):
            b = edges[j]
            if _apart(a, b):
                continue
            sides = _side(*a, b[0]), _side(*a, b[1]), _side(*b, a[0]), _side(*b, a[1])
            if j == i + 1 or (i == 0 and j == len(edges) - 1):
                # They share one end; they may not run back along each other.
                if not any(sides) and _back(a, b):
                    return False
            elif sides[0] * sides[1] <= 0 and sides[2] * sides[3] <= 0:
                return False
    return True


def _back(a: Any, b: Any) -> bool:
    return ((a[1][0] - a[0][0]) * (b[1][0] - b[0][0]) + (a[1][1] - a[0][1]) * (b[1][1] - b[0][1])) < 0


def _cross(one: _Grid, other: _Grid) -> bool:
    for a in _edges(one):
        for b in _edges(other):
            if _apart(a, b):
                continue
            if _side(*a, b[0]) * _side(*a, b[1]) < 0 and _side(*b, a[0]) * _side(*b, a[1]) < 0:
                return True
    return False


def _inside(place: tuple[int, int], ring: _Grid) -> int:
    """Return 1 for a place within a ring, 0 for one on it, -1 for one outside."""
    within = False
    for a, b in _edges(ring):
        side = _side(a, b, place)
        if (
            side == 0
            and min(a[0], b[0]) <= place[0] <= max(a[0], b[0])
            and min(a[1], b[1]) <= place[1] <= max(a[1], b[1])
        ):
            return 0
        if (a[1] > place[1]) != (b[1] > place[1]) and (side > 0) == (b[1] > a[1]):
            within = not within
    return 1 if within else -1


def _strictly_within(one: _Grid, other: _Grid) -> bool:
    """Tell whether a corner or the middle of an edge of one ring lies within another."""
    doubled = [(2 * x, 2 * y) for x, y in other]
    return any(
        _inside(p, doubled) > 0
        for a, b in _edges(one)
        for p in ((2 * a[0], 2 * a[1]), (a[0] + b[0], a[1] + b[1]))
    )


def _strictly_outside(one: _Grid, other: _Grid) -> bool:
    doubled = [(2 * x, 2 * y) for x, y in other]
    return any(
        _inside(p, doubled) < 0
        for a, b in _edges(one)
        for p in ((2 * a[0], 2 * a[1]), (a[0] + b[0], a[1] + b[1]))
    )


def _holes_lie(rings: list[_Grid]) -> bool:
    shell, holes = rings[0], [hole for hole in rings[1:] if hole]
    for i, hole in enumerate(holes):
        if _cross(shell, hole) or _strictly_outside(hole, shell) or _strictly_within(shell, hole):
            return False
        for other in holes[:i]:
            if (
                _cross(hole, other)
                or _strictly_within(hole, other)
                or _strictly_within(other, hole)
                or hole == other
            ):
                return False
    return True


def _shown(area: Fraction | None) -> str:
    try:
        return "None" if area is None else str(float(area))
    except OverflowError:
        return "more than a number can say"


def lies(
    rows: Iterator[Seen],
    met: list[tuple[str, str, float]],
    *,
    minimum: float,
    slack: Fraction,
    moved: Callable[[Exact], Exact],
) -> str:
    """Return why areas that were met cannot be; empty where the rows have them.

    Parameters
    ----------
    rows : iterator of Seen
        What the file holds.
    met : list of (rule, subject, measured)
        What was met.
    minimum : float
        What the rule asks for, m2.
    slack : Fraction
        What doubles may be off, m2.
    moved : callable
        From places of the file to metres.
    """
    seen = list(rows)
    for rule, subject, measured in met:
        mine = [row for row in seen if row.name == subject] or seen
        told = []
        for row in mine:
            if row.category in OTHERS:
                told.append(f"{row.name} is a {row.category}")
                continue
            if row.written is not None:
                told.append(f"{row.name} written {float(row.written)}")
                if (
                    abs(row.written - Fraction(measured)) <= slack + row.written / 10**9
                    and row.written + slack >= minimum
                ):
                    break
                continue
            try:
                area = (
                    true_area([[moved(ring) for ring in rings] for rings in row.parts])
                    if row.parts
                    else row.known
                )
                if area is not None and row.known is not None:
                    area = row.known
            except (ValueError, OverflowError):
                area = None
            off = slack + row.slack + (area or 0) / 10**9
            told.append(f"{row.name} drawn {_shown(area)}")
            if area is not None and abs(area - Fraction(measured)) <= off and area + off >= minimum:
                break
        else:
            return f"{rule} {subject} measured {measured}: {told[:6]}"
    return ""
