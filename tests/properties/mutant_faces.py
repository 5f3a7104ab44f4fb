"""What lines enclose together: the faces of a plane graph, traced edge by edge, turning left at each corner.

Nothing here is of the library by which the product joins lines, and lines are not cut where they cross: what only
crossings enclose is no ground that anyone drew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from mutant_shapes import Place, Ring

__all__ = ["faces"]

_ON_LINE: Final = 0.001  # m; an end so near to a line lies on it
_Edge = tuple[Place, Place]
_Cycle = list[Place]


def faces(chains: Iterable[Ring], joined: float) -> Iterator[tuple[list[Ring], float]]:
    """Yield what chains of places enclose: an outline with its holes, closed, and how far an edge of it may be off.

    Parameters
    ----------
    chains : iterable of list of (x, y)
        Lines.
    joined : float
        How far ends may lie apart that are one place.
    """
    known = [chain for chain in chains if all(math.isfinite(v) for place in chain for v in place)]
    lines, off = _together(known, joined)
    edges, bent = _cut(lines)
    off = max(off, bent)
    cycles = _cycles(edges)
    outlines = [[r for r in _simple_rings(c) if _twice_area(r)] for c in cycles]
    bodies = [(c, rings) for c, rings in zip(cycles, outlines, strict=True) if _twice_area(c) > 0]
    islands = [(c, rings) for c, rings in zip(cycles, outlines, strict=True) if _twice_area(c) < 0]
    owner = {id(c): _around(c, bodies, edges) for c, _ in islands}
    for cycle, rings in bodies:
        outer = max(rings, key=_twice_area)
        holes = [ring for ring in rings if ring is not outer]
        for island, parts in islands:
            if owner[id(island)] is cycle:
                holes += parts
        yield [[*ring, ring[0]] for ring in (outer, *holes)], off


def _together(chains: list[Ring], joined: float) -> tuple[list[Ring], float]:
    """Bring ends that lie together to the first of them; return the lines, and how far an end went at most."""
    ends = list(dict.fromkeys(chain[k] for chain in chains for k in (0, -1)))
    home: dict[Place, Place] = {}
    for end in ends:
        if end in home:
            continue
        home[end], reached = end, [end]
        while reached:
            at = reached.pop()
            for other in ends:
                if other not in home and math.dist(at, other) <= joined:
                    home[other] = end
                    reached.append(other)
    off = max((math.dist(a, b) for a, b in home.items()), default=0.0)
    return [[home[c[0]], *c[1:-1], home[c[-1]]] for c in chains], off


def _cut(lines: list[Ring]) -> tuple[set[_Edge], float]:
    """Cut lines where a corner of another lies on them; return each edge in both directions."""
    corners = list(dict.fromkeys(place for line in lines for place in line))
    out: set[_Edge] = set()
    bent = 0.0
    for a, b in dict.fromkeys(edge for line in lines for edge in pairwise(line) if edge[0] != edge[1]):
        long = math.dist(a, b)
        ux, uy = (b[0] - a[0]) / long, (b[1] - a[1]) / long
        on = []
        for corner in corners:
            x, y = corner[0] - a[0], corner[1] - a[1]
            along, beside = x * ux + y * uy, abs(x * uy - y * ux)
            if corner not in (a, b) and beside <= _ON_LINE and 0 < along < long:
                on.append((along, corner))
                bent = max(bent, beside)
        for edge in pairwise([a, *(corner for _, corner in sorted(on)), b]):
            if edge[0] != edge[1]:
                out |= {edge, edge[::-1]}
    return out, bent


def _cycles(edges: set[_Edge]) -> list[_Cycle]:
    """Walk round each face; what has the same face on both sides encloses nothing, and is left out."""
    while True:
        out = _walked(edges)
        bridges = {
            edge
            for cycle in out
            if (own := set(pairwise([*cycle, cycle[0]])))
            for edge in own
            if edge[::-1] in own
        }
        if not bridges:
            return out
        edges -= bridges


def _walked(edges: set[_Edge]) -> list[_Cycle]:
    around: dict[Place, list[Place]] = {}
    for a, b in sorted(edges):
        around.setdefault(a, []).append(b)
    for at, ends in around.items():
        ends.sort(key=lambda p, at=at: math.atan2(p[1] - at[1], p[0] - at[0]))  # type: ignore[misc]
    left = set(edges)
    out = []
    for first in sorted(edges):
        if first not in left:
            continue
        cycle, edge = [], first
        while edge in left:
            left.discard(edge)
            cycle.append(edge[0])
            ends = around[edge[1]]
            # Of the ways on, the next one clockwise of the way back: it keeps the face on the left.
            edge = (edge[1], ends[ends.index(edge[0]) - 1])
        out.append(cycle)
    return out


def _simple_rings(cycle: _Cycle) -> list[Ring]:
    """Part a walk where it comes back to a corner."""
    out: list[Ring] = []
    path: Ring = []
    for place in [*cycle, cycle[0]]:
        if place in path:
            at = path.index(place)
            out.append(path[at:])
            del path[at:]
        path.append(place)
    return [ring for ring in out if len(ring) > 2]


def _twice_area(ring: Ring) -> float:
    x0, y0 = ring[0]
    return sum(
        (ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise([*ring, ring[0]])
    )


def _around(island: _Cycle, bodies: list[tuple[_Cycle, list[Ring]]], edges: set[_Edge]) -> _Cycle | None:
    """Return the smallest face that a group of lines lies in, of another group."""
    own = _group(island[0], edges)
    holding = [
        (cycle, rings)
        for cycle, rings in bodies
        if cycle[0] not in own and _within(island[0], max(rings, key=_twice_area))
    ]
    return min(holding, key=lambda one: _twice_area(one[0]))[0] if holding else None


def _group(start: Place, edges: set[_Edge]) -> set[Place]:
    """Return the corners that lines lead to."""
    ways: dict[Place, list[Place]] = {}
    for a, b in edges:
        ways.setdefault(a, []).append(b)
    out, left = {start}, [start]
    while left:
        for place in ways[left.pop()]:
            if place not in out:
                out.add(place)
                left.append(place)
    return out


def _within(place: Place, ring: Ring) -> bool:
    x, y = place
    inside = False
    for (ax, ay), (bx, by) in pairwise([*ring, ring[0]]):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            inside = not inside
    return inside
