"""The widest lane to every building, and the ground that a lane of a width gets to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely.ops import substring

from plan.fire_access.clearance import Middle, middle_of
from plan.fire_access.drawing import ARC
from plan.fire_access.pinches import PASS_M
from plan.fire_access.ways import EVEN_M, Ways, widest_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.ground import Ground

__all__ = ["Search", "along_lanes", "passable", "search"]

# Metres before the end of a lane at which it is measured: behind it the round end of the strip narrows.
_INSET_M: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """The widest ways over a ground, and to each building."""

    middle: Middle
    ways: Ways
    lane_m: NDArray[np.float64]  # of each building: the widest lane that gets within reach; 0 where none does
    targets: dict[int, int]  # of each building that any lane gets to: the node where that lane ends


def search(ground: Ground, buildings: Sequence[BaseGeometry | None], *, reach_m: float) -> Search:
    """Find the widest lane from outside to within reach of each building.

    Parameters
    ----------
    ground : Ground
        The ground.
    buildings : sequence of Polygon or None
        About the origin of the ground.
    reach_m : float
        Metres between the edge of the lane and the building.

    Returns
    -------
    Search
        For every building.
    """
    middle = middle_of(ground.free, coarse=ground.outside)
    starts = np.flatnonzero(shapely.contains_xy(ground.outside, middle.xy[:, 0], middle.xy[:, 1]))
    ways = widest_ways(middle, starts)
    lane_m = np.zeros(len(buildings))
    targets: dict[int, int] = {}
    nodes = np.flatnonzero(ways.width > 0)
    if len(nodes):
        xy, radius = middle.xy[nodes], middle.radius[nodes]
        far = reach_m + float(radius.max())
        row = xy[:, 0].round(3)  # as the nodes are sorted
        for i, shape in enumerate(buildings):
            if shape is None:
                continue
            low, high = np.searchsorted(row, (shape.bounds[0] - far - 1.0, shape.bounds[2] + far + 1.0))
            near = low + np.flatnonzero(_to_box(shape, xy[low:high]) <= radius[low:high] + (reach_m + PASS_M))
            away = shapely.distance(shape, shapely.points(xy[near]))
            # A disc that touches all sides at a node is ground as far as its radius.
            there = nodes[near[(away <= far) & (away - radius[near] <= reach_m + PASS_M)]]
            if len(there):
                widest = ways.width[there].max()
                best = there[ways.width[there] >= widest - EVEN_M / 2]
                lane_m[i] = widest
                targets[i] = int(best[np.lexsort((best, ways.length[best].round(2)))[0]])
    return Search(middle=middle, ways=ways, lane_m=lane_m, targets=targets)


def along_lanes(
    ground: Ground, middle: Middle, *, width_m: float
) -> dict[str, tuple[float, list[list[int]]]]:
    """Find the widest way along each fire lane, from its one end to the other without leaving it.

    Parameters
    ----------
    ground : Ground
        The ground.
    middle : Middle
        Its middle line.
    width_m : float
        Of the lane asked for: what is as wide counts as an end of a lane that is drawn as an area.

    Returns
    -------
    dict of str to (float, list of list of int)
        By lane the clear width [m], 0 where something shuts it, and the edges of the ways.
    """
    found: dict[str, tuple[float, list[list[int]]]] = {}
    for lane, surface in ground.lanes.items():
        shapely.prepare(surface)
        inside = np.asarray(shapely.contains_xy(surface, middle.xy[:, 0], middle.xy[:, 1]))
        if lane in ground.centrelines:
            # Where a lane passes over a wide place, the middle of the ground is not that of the lane.
            wide = np.flatnonzero(~inside & (middle.radius > ground.widths[lane] / 2))
            wide = wide[_to_box(ground.centrelines[lane], middle.xy[wide]) < middle.radius[wide]]
            away = shapely.distance(ground.centrelines[lane], shapely.points(middle.xy[wide]))
            inside[wide[away < middle.radius[wide]]] = True
        ends = (
            _ends_of_line(ground.centrelines[lane], ground.widths[lane], middle, inside)
            if lane in ground.centrelines
            else _ends_of_area(middle, inside, width_m)
        )
        clear, ways = np.inf, []
        for strip, pair in ends:
            if pair is None:
                clear = 0.0
                continue
            part = inside if strip is None else inside & shapely.contains_xy(strip, *middle.xy.T)
            there = widest_ways(middle, np.array(pair[:1], dtype=np.int64), within=part, to=pair[1])
            clear = min(clear, float(there.width[pair[1]]))
            if there.width[pair[1]] > 0:
                ways.append(there.edges_to(pair[1]))
        found[lane] = (clear if ends else 0.0, ways)
    return found


def _to_box(shape: BaseGeometry, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far places are from the box around a shape: never farther than from the shape, by a micrometre."""
    x0, y0, x1, y1 = shape.bounds
    x = np.maximum(np.maximum(x0 - xy[:, 0], xy[:, 0] - x1), 0.0)
    y = np.maximum(np.maximum(y0 - xy[:, 1], xy[:, 1] - y1), 0.0)
    return np.asarray(np.hypot(x, y) - 1e-6)


_Ends = list[tuple["BaseGeometry | None", tuple[int, int] | None]]


def _ends_of_line(line: BaseGeometry, width_m: float, middle: Middle, inside: NDArray[np.bool_]) -> _Ends:
    """Return for each part of a lane its strip, and the nodes at its ends; None where something stands there."""
    nodes = np.flatnonzero(inside)
    half = width_m / 2
    found: _Ends = []
    for part in shapely.get_parts(line):
        # A ring has no ends; its halves have.
        halves = (
            [substring(part, a, b, normalized=True) for a, b in ((0, 0.5), (0.5, 1))]
            if part.is_ring
            else [part]
        )
        for one in halves:
            inset = min(_INSET_M, one.length / 2)
            pair = []
            for along in (inset, one.length - inset):
                spot = one.interpolate(along)
                away = np.hypot(*(middle.xy[nodes] - (spot.x, spot.y)).T)
                if len(nodes) and away.min() <= half:
                    pair.append(int(nodes[int(np.lexsort((nodes, away.round(3)))[0])]))
            strip = one.buffer(half) if part.is_ring else None
            found.append((strip, (pair[0], pair[1]) if len(pair) == 2 else None))  # noqa: PLR2004
    return found


def _ends_of_area(middle: Middle, inside: NDArray[np.bool_], width_m: float) -> _Ends:
    """Return the two nodes of an area that lie farthest apart, of those where the lane asked for fits."""
    nodes = np.flatnonzero(inside & (middle.room * 2 + PASS_M >= width_m))
    if not len(nodes):
        nodes = np.flatnonzero(inside)
    if not len(nodes):
        return [(None, None)]
    xy = middle.xy[nodes]
    first = int(np.argmax(np.hypot(*(xy - xy[0]).T)))
    last = int(np.argmax(np.hypot(*(xy - xy[first]).T)))
    return [(None, (int(nodes[first]), int(nodes[last])))]


def passable(ground: Ground, *, width_m: float) -> BaseGeometry:
    """Return the ground that a lane of a width covers when it comes from outside.

    Parameters
    ----------
    ground : Ground
        The ground.
    width_m : float
        Of the lane.

    Returns
    -------
    MultiPolygon
        The free ground opened by the lane's disc, where it is connected with the outside.
    """
    half = (width_m - PASS_M) / 2
    parts = shapely.get_parts(ground.free.buffer(-half, quad_segs=ARC))
    kept = parts[shapely.intersects(parts, ground.outside)]
    return shapely.union_all(kept).buffer(half, quad_segs=ARC) if len(kept) else shapely.MultiPolygon()
