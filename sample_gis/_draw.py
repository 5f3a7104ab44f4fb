"""What the three drawings share: dice, slabs, noded ways, people."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, STRtree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

XY = tuple[float, float]
T = TypeVar("T")
STOREY_M = 2.8
GAP_M = 0.05  # ways that end this close to another way are joined to it


class Dice:
    """A seeded generator that uses only `random.random`, the one method whose stream Python guarantees."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def between(self, low: float, high: float) -> float:
        """Return a float in [low, high)."""
        return low + (high - low) * self._random.random()

    def whole(self, low: int, high: int) -> int:
        """Return an integer in [low, high]."""
        return low + int((high - low + 1) * self._random.random())

    def chance(self, share: float) -> bool:
        """Return True in `share` of the throws."""
        return self._random.random() < share

    def pick(self, things: Sequence[T]) -> T:
        """Return one of the things."""
        return things[int(len(things) * self._random.random())]


def at(x: float, y: float) -> XY:
    """Round to centimetres: what makes shared points equal and files the same on every machine."""
    return (round(x, 2), round(y, 2))


def shift(shape: shapely.Geometry, east: float, north: float) -> shapely.Geometry:
    """Move a local drawing to its place in the zone, and round it to centimetres."""
    return shapely.transform(shape, lambda xy: np.add(xy, (east, north)).round(2))


@dataclass(kw_only=True)
class Slab:
    """A building in its own frame: `s` runs along the long side, `t` from the south face to the north face."""

    building_id: str
    origin: XY
    angle: float
    length: float
    depth: float
    floors: int
    doors: list[tuple[float, float]]
    """Doors of the stairwells (s, t)."""
    outward: list[tuple[float, float]]
    """The direction in which each door opens (ds, dt)."""
    outline: list[tuple[float, float]]
    widths: list[float]
    attributes: dict[str, object] = field(default_factory=dict)

    def xy(self, s: float, t: float) -> XY:
        """Return the place of (s, t) on the map."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return at(self.origin[0] + s * cos - t * sin, self.origin[1] + s * sin + t * cos)

    def box(self, s0: float, t0: float, s1: float, t1: float) -> Polygon:
        """Return a rectangle of the building's frame on the map."""
        return Polygon([self.xy(s0, t0), self.xy(s1, t0), self.xy(s1, t1), self.xy(s0, t1)])

    @property
    def polygon(self) -> Polygon:
        """The outline, with every door as a vertex: a door lies on the outline to the centimetre."""
        ring = [self.xy(s, t) for s, t in self.outline]
        for s, t in self.doors:
            ring = _insert(ring, self.xy(s, t))
        return Polygon(ring)


def _insert(ring: list[XY], point: XY) -> list[XY]:
    spots = [
        (LineString([ring[k], ring[(k + 1) % len(ring)]]).distance(Point(point)), k) for k in range(len(ring))
    ]
    _, k = min(spots)
    return [*ring[: k + 1], point, *ring[k + 1 :]] if point not in ring else ring


def slab(
    building_id: str,
    *,
    west: XY,
    angle: float,
    widths: Sequence[float],
    depth: float,
    floors: int,
    leg: str = "",
    leg_units: int = 0,
    leg_unit_m: float = 12.0,
) -> Slab:
    """Draw a slab of stairwell units, doors in the north; a leg ("east" or "west") runs south from that end."""
    length = sum(widths)
    doors, outward, s = [], [], 0.0
    for width in widths:
        doors.append((s + width / 2, depth))
        outward.append((0.0, 1.0))
        s += width
    reach = leg_units * leg_unit_m
    outline = [(0.0, 0.0), (length, 0.0), (length, depth), (0.0, depth)]
    if leg == "east":
        outline = [
            (0.0, 0.0), (length - depth, 0.0), (length - depth, -reach), (length, -reach), (length, depth), (0.0, depth),
        ]  # fmt: skip
    elif leg == "west":
        outline = [(0.0, -reach), (depth, -reach), (depth, 0.0), (length, 0.0), (length, depth), (0.0, depth)]
    for k in range(leg_units if leg else 0):
        doors.append((length if leg == "east" else 0.0, -leg_unit_m * (k + 0.5)))
        outward.append((1.0 if leg == "east" else -1.0, 0.0))
    return Slab(
        building_id=building_id,
        origin=west,
        angle=angle,
        length=length,
        depth=depth,
        floors=floors,
        doors=doors,
        outward=outward,
        outline=outline,
        widths=[*widths, *([leg_unit_m] * leg_units)],
    )


@dataclass(kw_only=True)
class Way:
    """One line of the network before it is cut at its crossings."""

    points: list[XY]
    kind: str
    width: float
    name: str = ""
    oneway: bool = False
    lanes: int | None = None


class Ways:
    """Lines that become a network: wherever two meet or cross, both are cut at the same point."""

    def __init__(self) -> None:
        self.ways: list[Way] = []

    def add(
        self,
        points: Sequence[XY],
        kind: str,
        width: float,
        name: str = "",
        *,
        oneway: bool = False,
        lanes: int | None = None,
    ) -> None:
        """Add a line; two equal points in a row become one."""
        cleaned: list[XY] = []
        for x, y in points:
            if not cleaned or at(x, y) != cleaned[-1]:
                cleaned.append(at(x, y))
        self.ways.append(Way(points=cleaned, kind=kind, width=width, name=name, oneway=oneway, lanes=lanes))

    def surfaces(self, margin: float = 0.3) -> shapely.Geometry:
        """Return the paved area of all ways, with a margin in metres."""
        return shapely.union_all([LineString(w.points).buffer(w.width / 2 + margin) for w in self.ways])

    def rows(self, height: Callable[[float, float], float] | None = None) -> list[dict[str, object]]:
        """Cut the ways at their crossings; the slope is rise over run along the drawn direction."""
        cut = self._noded()
        used = Counter(point for way in cut for point in dict.fromkeys(way))
        ends = {point for way in cut for point in (way[0], way[-1])}
        rows: list[dict[str, object]] = []
        for way, points in zip(self.ways, cut, strict=True):
            piece = [points[0]]
            for point in points[1:]:
                piece.append(point)
                if point is points[-1] or used[point] > 1 or point in ends:
                    line = LineString(piece)
                    rise = 0.0 if height is None else height(*piece[-1]) - height(*piece[0])
                    rows.append(
                        {
                            "way_id": f"W{len(rows) + 1:04d}",
                            "kind": way.kind,
                            "width_m": way.width,
                            "slope": round(rise / line.length, 3) + 0.0,
                            "name": way.name or None,
                            "oneway": way.oneway,
                            "lanes": way.lanes,
                            "geometry": line,
                        }
                    )
                    piece = [point]
        return rows

    def _noded(self) -> list[list[XY]]:
        segments = [(k, j) for k, way in enumerate(self.ways) for j in range(len(way.points) - 1)]
        lines = [LineString(self.ways[k].points[j : j + 2]) for k, j in segments]
        tree = STRtree(lines)
        inserts: dict[tuple[int, int], set[XY]] = {}
        for a, line in enumerate(lines):
            for b in tree.query(line.buffer(GAP_M)):
                if b <= a or segments[a][0] == segments[b][0]:
                    continue
                point = _meeting(line, lines[b])
                if point is not None:
                    inserts.setdefault(segments[a], set()).add(point)
                    inserts.setdefault(segments[b], set()).add(point)
        result = []
        for k, way in enumerate(self.ways):
            points = [way.points[0]]
            for j in range(len(way.points) - 1):
                start = way.points[j]
                for point in sorted(inserts.get((k, j), ()), key=lambda p, start=start: math.dist(start, p)):
                    if point not in (points[-1], way.points[j + 1]):
                        points.append(point)
                points.append(way.points[j + 1])
            result.append(points)
        return result


def _meeting(a: LineString, b: LineString) -> XY | None:
    """Return where two segments meet: an end of one that lies on the other, or their crossing."""
    for line, other in ((a, b), (b, a)):
        for point in line.coords:
            if other.distance(Point(point)) < GAP_M:
                near = min(other.coords, key=lambda end, point=point: math.dist(end, point))
                return near if math.dist(near, point) < GAP_M else point
    crossing = a.intersection(b)
    return at(crossing.x, crossing.y) if crossing.geom_type == "Point" and not crossing.is_empty else None


def flat_area(width: float, depth: float, dice: Dice) -> float:
    """Return the floor area of one of the two flats of a stairwell unit, m2, without walls and stairs."""
    return round(width * depth / 2 * 0.9 * dice.between(0.94, 1.04), 1)


def people(area: float, dice: Dice) -> dict[str, int]:
    """Return who lives in a flat: an ageing estate, about three in ten are over 60."""
    kind = dice.between(0, 1)
    if kind < 0.30:
        persons = dice.whole(1, 2)
        elderly, children = persons, 0
    elif kind < 0.45:
        persons, elderly, children = dice.whole(4, 5), dice.whole(1, 2), 1
    elif kind < 0.70:
        persons, elderly, children = 3, 0, 1
    else:
        persons, elderly, children = dice.whole(1, 3 if area > 55 else 2), 0, 0
    disabled = 1 if dice.chance(0.09 if elderly else 0.015) else 0
    return {"persons": persons, "elderly": elderly, "children": children, "disabled": disabled}
