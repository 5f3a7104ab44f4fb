"""The widest lane to every building, and the ground that a lane of a width gets to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from plan.fire_access.clearance import EVEN_M, Middle, Ways, middle_of, widest_ways
from plan.fire_access.ground import ARC
from plan.fire_access.pinches import PASS_M

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.ground import Ground

__all__ = ["Search", "passable", "search"]


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
        spots = shapely.points(middle.xy[nodes])
        tree = shapely.STRtree(spots)
        far = reach_m + float(middle.radius[nodes].max())
        for i, shape in enumerate(buildings):
            if shape is None:
                continue
            near = np.sort(tree.query(shape, predicate="dwithin", distance=far))
            # A disc that touches all sides at a node is ground as far as its radius.
            gap = shapely.distance(shape, spots[near]) - middle.radius[nodes[near]]
            there = nodes[near[gap <= reach_m + PASS_M]]
            if len(there):
                widest = ways.width[there].max()
                best = there[ways.width[there] >= widest - EVEN_M / 2]
                lane_m[i] = widest
                targets[i] = int(best[np.lexsort((best, ways.length[best].round(2)))[0]])
    return Search(middle=middle, ways=ways, lane_m=lane_m, targets=targets)


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
    half = width_m / 2 - PASS_M
    parts = shapely.get_parts(ground.free.buffer(-half, quad_segs=ARC))
    kept = parts[shapely.intersects(parts, ground.outside)]
    return shapely.union_all(kept).buffer(half, quad_segs=ARC) if len(kept) else shapely.MultiPolygon()
