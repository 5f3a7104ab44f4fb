"""Shapes that a person would not draw, and some that a person would: rings of numbers, made of a seeded generator.

A shape is a list of polygons, a polygon a list of rings, a ring a list of places in metres. Nothing here knows a
format; :func:`wkb` writes a shape as well-known binary because several formats hold that.
"""

from __future__ import annotations

import math
import random
import struct
from typing import Final

__all__ = ["Place", "Ring", "Shape", "X", "Y", "box", "random_shape", "sound_shapes", "wkb", "wkb_curve"]

Place = tuple[float, float]
Ring = list[Place]
Shape = list[list[Ring]]

X, Y = 500_000.0, 4_058_000.0
_LIMIT: Final = 400.0  # m2, what the rule of the mutants asks for
_FAR: Final = (float("nan"), float("inf"), 1e300, -1e300, 0.0, 117.0, 1e15, 5e-324, 2.0**53, X + 1e-9)


def box(x: float, y: float, wide: float, high: float) -> Ring:
    """Return the outline of a box, closed."""
    return [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)]


def sound_shapes() -> list[Shape]:
    """Return grounds of 500 m2, of 360 m2 with a hole, and of 450 m2 with three corners."""
    triangle = [(X, Y + 40), (X + 30, Y + 40), (X, Y + 70), (X, Y + 40)]
    return [
        [[box(X, Y, 25, 20)]],
        [[box(X + 40, Y, 20, 20), box(X + 45, Y + 5, 10, 4)[::-1]]],
        [[triangle]],
    ]


def random_shape(chance: random.Random) -> Shape:
    """Return a shape; the same state of the generator gives the same one."""
    made = chance.choice(_MAKERS)(chance)
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        rings = [ring for part in made for ring in part if ring]
        if rings:
            chance.choice(_SPOILERS)(chance.choice(rings), chance)
    return made


# --- shapes that are whole --------------------------------------------------------------------------


def _at(chance: random.Random) -> Place:
    return X + chance.uniform(-50, 50), Y + chance.uniform(-50, 50)


def _boxed(chance: random.Random) -> Shape:
    """A box at the limit, just below or just above it, or of any size."""
    wide = chance.choice((1.0, 10.0, 20.0, 25.0, 400.0, chance.uniform(0.1, 90)))
    area = _LIMIT * chance.choice((1, 1 - 1e-7, 1 + 1e-7, 1 - 1e-4, 1 + 1e-4, 0.999, 1.001, 0.5, 2, 40))
    x, y = chance.choice(((X, Y), _at(chance)))
    return [[box(x, y, wide, area / wide)]]


def _starred(chance: random.Random, *, away: float = 0.0) -> Shape:
    """A ring of many corners that goes round its middle once."""
    x, y = X + away, Y
    n = chance.choice((3, 4, 5, 8, 13, 40, 120))
    turns = sorted(chance.uniform(0, math.tau) for _ in range(n))
    far = chance.choice((0.01, 5.0, 11.0, 12.0, 20.0, 60.0))
    ring = [
        (x + r * math.cos(a), y + r * math.sin(a))
        for a, r in ((a, far * chance.uniform(0.6, 1)) for a in turns)
    ]
    return [[[*ring, ring[0]]]]


def _holed(chance: random.Random) -> Shape:
    """A box with holes: within, on the edge, across it, outside, within another, as large as it."""
    wide = chance.choice((20.0, 21.0, 25.0, 30.0))
    holes = [
        chance.choice((
            box(X + chance.uniform(1, 8), Y + chance.uniform(1, 8), 4, 3),
            box(X, Y + 3, 5, 5),
            box(X - 2, Y + 3, 5, 5),
            box(X + 100, Y + 3, 5, 5),
            box(X + 2, Y + 2, 8, 8),
            box(X, Y, wide, wide),
            [(X, Y), (X + 5, Y + 3), (X + 3, Y + 5), (X, Y)],
        ))
        for _ in range(chance.choice((1, 1, 2, 3)))
    ]  # fmt: skip
    return [[box(X, Y, wide, wide), *(hole[:: chance.choice((1, -1))] for hole in holes)]]


def _parted(chance: random.Random) -> Shape:
    """Several parts: apart, touching, over each other, within each other, twice the same."""
    first = box(X, Y, 15, 15)
    more = [
        chance.choice((
            box(X + 40, Y, 15, 15), box(X + 15, Y, 10, 15), box(X + 15, Y + 15, 10, 10), box(X + 7, Y + 7, 15, 15),
            box(X + 3, Y + 3, 5, 5), list(first), box(X + 15 + 1e-9, Y, 15, 15),
        ))
        for _ in range(chance.choice((1, 1, 2)))
    ]  # fmt: skip
    return [[ring] for ring in (first, *more)]


def _crossed(chance: random.Random) -> Shape:
    """A ring that crosses itself: a bow, or corners in any order."""
    if chance.random() < 0.4:
        w, h = chance.choice(((30.0, 30.0), (50.0, 20.0), (40.0, 40.0)))
        return [[[(X, Y), (X + w, Y + h), (X + w, Y), (X, Y + h), (X, Y)]]]
    ring = [
        (X + chance.uniform(0, 60), Y + chance.uniform(0, 60)) for _ in range(chance.choice((4, 5, 8, 30)))
    ]
    return [[[*ring, ring[0]]]]


def _touching(_: random.Random) -> Shape:
    """A ring that comes back to one of its own corners, and one that runs round twice."""
    eight = [(X, Y), (X + 20, Y + 20), (X + 40, Y), (X + 40, Y + 40), (X + 20, Y + 20), (X, Y + 40), (X, Y)]
    return [[eight]]


def _round_twice(chance: random.Random) -> Shape:
    ring = box(X, Y, 15, chance.choice((14.0, 20.0, 27.0)))
    return [[ring[:-1] + ring]]


def _empty(chance: random.Random) -> Shape:
    return chance.choice(
        ([], [[]], [[[]]], [[[(X, Y)]]], [[[(X, Y), (X + 30, Y)]]], [[[(X, Y), (X + 30, Y), (X, Y)]]])
    )


_MAKERS: Final = (
    _boxed, _boxed, _boxed, _starred, _starred, _holed, _holed, _parted, _crossed, _touching, _round_twice, _empty,
)  # fmt: skip


# --- what spoils a ring -----------------------------------------------------------------------------


def _double(ring: Ring, chance: random.Random) -> None:
    at = chance.randrange(len(ring))
    ring[at:at] = [ring[at]] * chance.choice((1, 1, 3))


def _spike(ring: Ring, chance: random.Random) -> None:
    at = chance.randrange(len(ring))
    x, y = ring[at]
    ring[at + 1 : at + 1] = [
        (x + chance.choice((0.0, 10.0, -300.0)), y + chance.choice((0.0, 1e-7, 30.0))),
        (x, y),
    ]


def _nearly_close(ring: Ring, chance: random.Random) -> None:
    x, y = ring[-1]
    ring[-1] = (x + chance.choice((1e-10, 1e-6, 0.004, 0.04, 0.3, 10.0)), y)


def _open(ring: Ring, _: random.Random) -> None:
    ring.pop()


def _lose(ring: Ring, chance: random.Random) -> None:
    at = chance.randrange(len(ring))
    ring[at] = chance.choice(((chance.choice(_FAR), ring[at][1]), (ring[at][0], chance.choice(_FAR))))


def _swap(ring: Ring, chance: random.Random) -> None:
    a, b = chance.randrange(len(ring)), chance.randrange(len(ring))
    ring[a], ring[b] = ring[b], ring[a]


def _turn(ring: Ring, _: random.Random) -> None:
    ring.reverse()


def _between(ring: Ring, chance: random.Random) -> None:
    """A corner on an edge, where the edge is not bent, or nearly not."""
    at = chance.randrange(len(ring))
    (x0, y0), (x1, y1) = ring[at - 1], ring[at]
    ring[at:at] = [((x0 + x1) / 2, (y0 + y1) / 2 + chance.choice((0.0, 0.0, 1e-9)))]


def _all_swapped(ring: Ring, _: random.Random) -> None:
    ring[:] = [(y, x) for x, y in ring]


def _nudge(ring: Ring, chance: random.Random) -> None:
    """Move one corner: the area changes a little, or the ring crosses itself."""
    at = chance.randrange(len(ring))
    x, y = ring[at]
    ring[at] = (x + chance.uniform(-12, 12), y + chance.uniform(-12, 12))


_SPOILERS: Final = (
    _double, _double, _spike, _nearly_close, _open, _lose, _swap, _turn, _turn, _between, _between, _all_swapped, _nudge,
)  # fmt: skip


# --- well-known binary ------------------------------------------------------------------------------


def wkb(shape: Shape, chance: random.Random) -> bytes:
    """Write a shape as well-known binary: in either order of bytes, flat or with heights and measures, as it comes."""
    order = chance.choice("<<<>")
    dims = chance.choice((0, 0, 0, 0, 1, 2, 3))
    flags = chance.random() < 0.2  # as PostGIS writes dimensions
    polygons = [_polygon(part, order, dims, chance, flags=flags) for part in shape]
    way = chance.random()
    if len(polygons) == 1 and way < 0.8:
        return polygons[0]
    if way < 0.9:
        return (
            _head(6, order, dims, flags=flags) + struct.pack(f"{order}I", len(polygons)) + b"".join(polygons)
        )
    if way < 0.97:
        return (
            _head(7, order, dims, flags=flags) + struct.pack(f"{order}I", len(polygons)) + b"".join(polygons)
        )
    return _head(10, "<", 0, flags=False) + struct.pack("<I", 1) + wkb_curve()


def _head(kind: int, order: str, dims: int, *, flags: bool) -> bytes:
    code = kind + 1000 * dims
    if flags:
        code = kind | (0x80000000 if dims in (1, 3) else 0) | (0x40000000 if dims in (2, 3) else 0)
    return struct.pack(f"{order}BI", order == "<", code)


def _polygon(rings: list[Ring], order: str, dims: int, chance: random.Random, *, flags: bool) -> bytes:
    more = {0: 0, 1: 1, 2: 1, 3: 2}[dims]
    out = _head(3, order, dims, flags=flags) + struct.pack(f"{order}I", len(rings))
    for ring in rings:
        out += struct.pack(f"{order}I", len(ring))
        for x, y in ring:
            heights = [
                chance.choice((0.0, 7.5, float("nan"), 1e300)) if chance.random() < 0.2 else 1.0
            ] * more
            out += struct.pack(f"{order}{2 + more}d", x, y, *heights)
    return out


def wkb_curve() -> bytes:
    """Return a circle of 30 m as a circular string of three places."""
    out = _head(8, "<", 0, flags=False) + struct.pack("<I", 3)
    return out + b"".join(struct.pack("<2d", x, y) for x, y in ((X, Y), (X + 30, Y), (X, Y)))
