"""Where a lane is too narrow: each pinch with its width, and what it lies between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.clearance import Middle, Ways
    from plan.fire_access.ground import Ground, Thing

__all__ = ["PASS_M", "Pinch", "pinches_on"]

# Metres by which a lane may fall short and still pass: half a millimetre is what drawing a circle as a polygon
# costs, and no more than that.
PASS_M: Final = 5e-4
# Metres between the end of a chord and the thing that it ends on.
_TOUCH_M: Final = 2e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pinch:
    """A stretch of a way that is narrower than the lane asked for."""

    edges: tuple[int, ...]  # of the middle line, in the order of the way
    width_m: float  # where it is narrowest
    length_m: float  # of the stretch
    chord: BaseGeometry  # across it, where it is narrowest
    things: tuple[Thing, ...]  # what stands on either side
    lanes: tuple[str, ...]  # ids of the lanes whose own edge is a side, then of those it lies on
    by_edge: bool  # one of its sides is the edge of the carriageway as drawn


def pinches_on(
    ground: Ground, middle: Middle, ways: Ways, targets: Iterable[int], *, width_m: float
) -> list[Pinch]:
    """Find the pinches of the widest ways to some nodes.

    Parameters
    ----------
    ground : Ground
        The ground.
    middle, ways : Middle, Ways
        Its middle line, and the widest ways from outside.
    targets : iterable of int
        Nodes.
    width_m : float
        Of the lane asked for.

    Returns
    -------
    list of Pinch
        Each stretch once, the narrowest first.
    """
    parent: dict[int, int] = {}  # edge of the way -> edge before it
    narrow: dict[int, None] = {}
    seen: set[int] = set()
    for target in targets:
        node, last = target, -1
        while ways.before[node] >= 0:
            edge = int(ways.edge[node])
            if last >= 0:
                parent[last] = edge
            if middle.width[edge] + PASS_M < width_m:
                narrow[edge] = None
            if node in seen:
                break
            seen.add(node)
            node, last = int(ways.before[node]), edge
    edges = np.array(sorted(narrow), dtype=np.int64)
    if not len(edges):
        return []
    sides = _sides(ground, middle.chord[edges])
    owners = {int(e): frozenset(t.sort_key for t in those) for e, those in zip(edges, sides, strict=True)}
    things = {t.sort_key: t for those in sides for t in those}
    groups = _groups(owners, parent, middle)
    found = [_pinch(ground, middle, group, owners, things) for group in groups]
    return sorted(found, key=lambda p: (round(p.width_m, 3), *np.round(p.chord.centroid.coords[0], 2)))


def _groups(
    owners: dict[int, frozenset[tuple[str, str]]], parent: dict[int, int], middle: Middle
) -> list[list[int]]:
    """Join narrow edges that follow one another and lie between the same things."""
    root = {edge: edge for edge in owners}

    def find(edge: int) -> int:
        while root[edge] != edge:
            root[edge] = root[root[edge]]
            edge = root[edge]
        return edge

    for edge in owners:
        before = parent.get(edge)
        if before in owners and (
            owners[before] == owners[edge]
            or (owners[before] and owners[edge] and owners[before] & owners[edge])
        ):
            root[find(edge)] = find(before)
    groups: dict[int, list[int]] = {}
    for edge in sorted(owners):
        groups.setdefault(find(edge), []).append(edge)
    del middle
    return list(groups.values())


def _pinch(
    ground: Ground,
    middle: Middle,
    group: list[int],
    owners: dict[int, frozenset[tuple[str, str]]],
    things: dict[tuple[str, str], Thing],
) -> Pinch:
    e = np.array(group, dtype=np.int64)
    chord = middle.chord[e]
    long = np.hypot(chord[:, 0] - chord[:, 2], chord[:, 1] - chord[:, 3])
    # Where the narrowest step ends at a node, its chord is not the shortest line across: one that is comes first.
    across = np.abs(long - middle.width[e]) < 2e-3  # noqa: PLR2004
    order = np.lexsort((e, ~across, middle.width[e].round(3)))
    best = order[0]
    line = shapely.LineString([chord[best, :2], chord[best, 2:]])
    keys = sorted({key for edge in group for key in owners[edge]})
    middle_point = shapely.Point(middle.xy[middle.start[e[best]]])
    near = {lane: float(surface.distance(middle_point)) for lane, surface in ground.lanes.items()}
    lanes = tuple(lane for lane, d in sorted(near.items()) if d <= 0)
    return Pinch(
        edges=tuple(group),
        width_m=float(middle.width[e].min()),
        length_m=float(middle.length[e].sum()),
        chord=line,
        things=tuple(things[key] for key in keys),
        lanes=lanes,
        by_edge=len(owners[int(e[best])]) < 2,  # noqa: PLR2004 - two sides
    )


def _sides(ground: Ground, chords: NDArray[np.float64]) -> list[list[Thing]]:
    """Return for each chord the things that its two ends touch."""
    found: list[list[Thing]] = [[] for _ in chords]
    if not ground.things:
        return found
    tree = shapely.STRtree([t.shape for t in ground.things])
    for ends in (chords[:, :2], chords[:, 2:]):
        at, which = tree.query(shapely.points(ends), predicate="dwithin", distance=_TOUCH_M)
        for i, thing in zip(at.tolist(), which.tolist(), strict=True):
            if ground.things[thing] not in found[i]:
                found[i].append(ground.things[thing])
    return found
