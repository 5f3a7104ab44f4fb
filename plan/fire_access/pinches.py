"""Where a lane is too narrow: each pinch with its width, and what it lies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.clearance import Middle
    from plan.fire_access.ground import Ground, Thing

__all__ = ["PASS_M", "Pinch", "pinches_on"]

# Metres by which a lane may fall short and still pass: half a millimetre is what drawing a circle as a polygon
# costs, and no more than that.
PASS_M: Final = 5e-4
# Metres between the end of a chord and the thing that it ends on.
_TOUCH_M: Final = 2e-4
# Metres by which the line between the nearest points may be longer than the width, and still lie across.
_ASKEW_M: Final = 2e-3
_SIDES: Final = 2

_Owners = frozenset[tuple[str, str]]  # keys of the things on either side; none where both are edges of a lane


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pinch:
    """A stretch of a way that is narrower than the lane asked for."""

    edges: tuple[int, ...]  # of the middle line
    ends: tuple[int, int]  # nodes of a way before and behind it, where the way is itself again
    width_m: float  # where it is narrowest
    length_m: float  # of the stretch
    chord: BaseGeometry  # across it, where it is narrowest
    things: tuple[Thing, ...]  # what stands on either side
    lanes: tuple[str, ...]  # ids of the lanes whose own edge is a side, then of those it lies on
    by_edge: bool  # one of its sides is the edge of the carriageway as drawn


def pinches_on(
    ground: Ground, middle: Middle, ways: Iterable[Sequence[int]], *, width_m: float
) -> list[Pinch]:
    """Find the pinches of some ways.

    Parameters
    ----------
    ground : Ground
        The ground.
    middle : Middle
        Its middle line.
    ways : iterable of sequence of int
        Edges of the middle line, in the order of each way.
    width_m : float
        Of the lane asked for.

    Returns
    -------
    list of Pinch
        Each stretch once, the narrowest first.
    """
    is_narrow = middle.width + PASS_M < width_m
    follows: set[tuple[int, int]] = set()
    narrow: set[int] = set()
    ways = [list(way) for way in ways]
    for way in ways:
        along = np.array(way, dtype=np.int64)
        here = is_narrow[along]
        narrow.update(along[here].tolist())
        both = here[:-1] & here[1:]
        follows.update(zip(along[:-1][both].tolist(), along[1:][both].tolist(), strict=True))
    edges = np.array(sorted(narrow), dtype=np.int64)
    if not len(edges):
        return []
    chords = middle.chords(edges)
    sides, kind = _sides(ground, chords)
    kinds = [frozenset(t.sort_key for t in those) for those in sides]
    owners = {e: kinds[k] for e, k in zip(edges.tolist(), kind.tolist(), strict=True)}
    things = {t.sort_key: t for those in sides for t in those}
    lane_of = _lanes_of(ground, middle, edges)
    groups = _groups(owners, follows, lane_of)
    found = [
        _pinch(
            middle,
            group,
            chords[np.searchsorted(edges, group)],
            owners=owners,
            things=things,
            lane_of=lane_of,
            ends=_ends(middle, ways, set(group), width_m),
        )
        for group in groups
    ]
    return sorted(found, key=lambda p: (round(p.width_m, 3), *np.round(p.chord.centroid.coords[0], 2)))


def _groups(
    owners: dict[int, _Owners], follows: Iterable[tuple[int, int]], lane_of: dict[int, str]
) -> list[list[int]]:
    """Join narrow edges that follow one another beside the same things, and those of a lane that is drawn narrow."""
    names: dict[tuple[str, _Owners, int], int] = {}
    # Edges beside the same things on the same lane are one from the beginning; what lies beside nothing is by itself.
    of_edge = {
        edge: names.setdefault((lane_of[edge], those, -1 if those or lane_of[edge] else edge), len(names))
        for edge, those in sorted(owners.items())
    }
    root = list(range(len(names)))

    def find(name: int) -> int:
        while root[name] != name:
            root[name] = root[root[name]]
            name = root[name]
        return name

    for one, two in follows:
        if of_edge[one] != of_edge[two] and (owners[one] == owners[two] or owners[one] & owners[two]):
            root[find(of_edge[two])] = find(of_edge[one])
    groups: dict[int, list[int]] = {}
    for edge, name in of_edge.items():
        groups.setdefault(find(name), []).append(edge)
    return list(groups.values())


def _lanes_of(ground: Ground, middle: Middle, edges: NDArray[np.int64]) -> dict[int, str]:
    """Return the lane or street on whose surface each edge lies, the narrowest of several; empty for none."""
    surfaces = {**ground.lanes, **ground.roads}
    names = sorted(surfaces, key=lambda name: (ground.widths.get(name, np.inf), name))
    spots = np.asarray(shapely.points((middle.xy[middle.start[edges]] + middle.xy[middle.end[edges]]) / 2))
    which, at = shapely.STRtree(spots).query([surfaces[name] for name in names], predicate="intersects")
    found = dict.fromkeys(edges.tolist(), "")
    for i, name in sorted(zip(at.tolist(), which.tolist(), strict=True), reverse=True):
        found[int(edges[i])] = names[name]
    return found


def _pinch(
    middle: Middle,
    group: list[int],
    chord: NDArray[np.float64],
    *,
    owners: dict[int, _Owners],
    things: dict[tuple[str, str], Thing],
    lane_of: dict[int, str],
    ends: tuple[int, int],
) -> Pinch:
    e = np.array(group, dtype=np.int64)
    long = np.hypot(chord[:, 0] - chord[:, 2], chord[:, 1] - chord[:, 3])
    # Where the narrowest step ends at a node, its chord is not the shortest line across: one that is comes first.
    askew = np.abs(long - middle.width[e]) > _ASKEW_M
    # Of a lane that is narrow all along, show the middle of what is narrow.
    spots = middle.xy[middle.start[e]]
    off = np.hypot(*(spots - np.median(spots, axis=0)).T).round(2)
    best = int(np.lexsort((e, off, askew, middle.width[e].round(2)))[0])
    return Pinch(
        edges=tuple(group),
        ends=ends,
        width_m=float(middle.width[e].min()),
        length_m=float(middle.length[e].sum()),
        # From west to east, whichever side the diagram named first.
        chord=shapely.LineString(sorted([chord[best, :2].tolist(), chord[best, 2:].tolist()])),
        things=tuple(things[key] for key in sorted({key for edge in group for key in owners[edge]})),
        lanes=tuple(sorted({lane_of[edge] for edge in group} - {""})),
        by_edge=len(owners[int(e[best])]) < _SIDES,
    )


def _ends(middle: Middle, ways: Sequence[Sequence[int]], edges: set[int], width_m: float) -> tuple[int, int]:
    """Return the nodes of the first way through some edges that lie a lane's width before and behind them."""
    way = next(way for way in ways if edges.intersection(way))
    here = [i for i, edge in enumerate(way) if edge in edges]
    low, high = here[0], here[-1]
    for _ in range(len(way)):
        if low == 0 or float(middle.length[way[low : here[0]]].sum()) >= width_m:
            break
        low -= 1
    for _ in range(len(way)):
        if high == len(way) - 1 or float(middle.length[way[here[-1] + 1 : high + 1]].sum()) >= width_m:
            break
        high += 1
    return _outer(middle, way[low], way[low + 1 :]), _outer(middle, way[high], way[:high][::-1])


def _outer(middle: Middle, edge: int, then: Sequence[int]) -> int:
    """Return the end of an edge that is not shared with the edge that follows it."""
    pair = (int(middle.start[edge]), int(middle.end[edge]))
    if not then:
        return pair[0]
    shared = {int(middle.start[then[0]]), int(middle.end[then[0]])}
    return pair[1] if pair[0] in shared else pair[0]


def _sides(ground: Ground, chords: NDArray[np.float64]) -> tuple[list[tuple[Thing, ...]], NDArray[np.int64]]:
    """Return which things are touched together, and for each chord which of these its two ends touch."""
    if not ground.things:
        return [()], np.zeros(len(chords), dtype=np.int64)
    touches = np.zeros((len(chords), len(ground.things)), dtype=bool)
    shapes = [t.shape for t in ground.things]
    for ends in (chords[:, :2], chords[:, 2:]):
        tree = shapely.STRtree(np.asarray(shapely.points(ends)))
        which, at = tree.query(shapes, predicate="dwithin", distance=_TOUCH_M)
        touches[at, which] = True
    _, first, kind = np.unique(np.packbits(touches, axis=1), axis=0, return_index=True, return_inverse=True)
    sides = [tuple(ground.things[i] for i in np.flatnonzero(touches[row]).tolist()) for row in first]
    return sides, kind.ravel()
