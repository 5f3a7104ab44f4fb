"""What would let a lane through: the fewest things to clear away, and the lanes to widen.

The middle of a lane of width w moves where it is w/2 from everything. Each removable thing shuts a zone of that
ground, its own shape grown by w/2; so does the edge of the carriageway as drawn. The zones cut the ground into
cells, and the way through the cells that opens the fewest zones is the cure. Nothing is ever cleared away that
is not marked removable; stalls are paint.

Finding the very fewest is hard in general (minimum constraint removal); the way is found as a shortest path that
pays for each zone once, which is the very fewest wherever zones do not lie around one another.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from plan.fire_access.drawing import ARC
from plan.fire_access.pinches import PASS_M

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.fire_access.ground import Ground, Thing

__all__ = ["Cells", "Cure", "cells_of"]

# Segments of a quarter circle of a zone: coarser than the widths, which are not measured here.
_ARC: Final = ARC // 4
# Area [m2] below which a cell is a rounding of two lines that meet.
_SLIVER_M2: Final = 1e-9
# Metres by which the lines that cut the ground reach over its rim.
_OVER_M: Final = 0.5
# Metres along which a carriageway that is wide enough as drawn is widened where it has to pass something fixed.
_SWERVE_M: Final = 10.0

_Price = tuple[float, int, float]  # metres to widen, things to clear away, what that costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """What has to change for a lane to pass."""

    removed: tuple[Thing, ...]
    widened: tuple[str, ...]  # ids of lanes, streets or spaces whose carriageway is too narrow as drawn

    @property
    def cost_cny(self) -> float:
        """What clearing costs, of the things of which it is known; NaN where it is known of none."""
        known = [t.cost_cny for t in self.removed if t.cost_cny is not None]
        return float(sum(known)) if known else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """The ground of a lane's middle, cut by the zones that shut it."""

    shapes: tuple[BaseGeometry, ...]
    shut_by: tuple[frozenset[int], ...]  # of each cell: positions in things, or -1 - position in surfaces
    beside: tuple[tuple[int, ...], ...]  # of each cell, those that it touches along a line
    things: tuple[Thing, ...]
    surfaces: tuple[str, ...]  # ids of what is drawn as carriageway
    widen_m: tuple[float, ...]  # of each surface: metres along which it would be widened
    as_drawn: tuple[
        bool, ...
    ]  # of each surface: whether the lane fits on it as it is drawn, if nothing stands there
    tree: shapely.STRtree

    def cure(
        self,
        starts: list[int],
        is_there: Callable[[int], bool],
        *,
        within: frozenset[int] | None = None,
    ) -> Cure | None:
        """Find the way that opens the fewest zones.

        Parameters
        ----------
        starts : list of int
            Cells from which the lane comes.
        is_there : callable
            Tells of a cell whether the lane has arrived.
        within : frozenset of int, optional
            Cells that may be used.

        Returns
        -------
        Cure or None
            None where what is fixed shuts every way.
        """
        for cell, zones in self.spread(starts, within=within):
            if is_there(cell):
                return self.cure_of(zones)
        return None

    def spread(
        self, starts: list[int], *, within: frozenset[int] | None = None
    ) -> Iterator[tuple[int, frozenset[int]]]:
        """Go from cell to cell, each time to the one that costs least: yield it, and the zones on the way there.

        Parameters
        ----------
        starts : list of int
            Cells from which the lane comes.
        within : frozenset of int, optional
            Cells that may be used.

        Yields
        ------
        tuple of int and frozenset of int
            Each cell that can be got to, once.
        """
        best: set[int] = set()
        prices: dict[frozenset[int], _Price] = {}
        heap: list[tuple[_Price, int, frozenset[int]]] = []
        for cell in sorted(starts):
            zones = self.shut_by[cell]
            heap.append((self._price(zones), cell, zones))
        heapq.heapify(heap)
        while heap:
            price, cell, zones = heapq.heappop(heap)
            if cell in best:
                continue
            best.add(cell)
            yield cell, zones
            for other in self.beside[cell]:
                if other not in best and (within is None or other in within):
                    shut = self.shut_by[other]
                    if shut <= zones:
                        heapq.heappush(heap, (price, other, zones))
                        continue
                    more = zones | shut
                    if more not in prices:
                        prices[more] = self._price(more)
                    heapq.heappush(heap, (prices[more], other, more))

    def cure_of(self, zones: frozenset[int]) -> Cure:
        """Return what has to change where some zones are in the way."""
        return Cure(
            removed=tuple(self.things[z] for z in sorted(zones) if z >= 0),
            widened=tuple(sorted(self.surfaces[-1 - z] for z in zones if z < 0)),
        )

    def near(self, shape: BaseGeometry, distance_m: float) -> list[int]:
        """Return the cells within a distance of a shape."""
        return sorted(self.tree.query(shape, predicate="dwithin", distance=distance_m).tolist())

    def near_any(self, xy: NDArray[np.float64], distance_m: float) -> frozenset[int]:
        """Return the cells within a distance of any of some places."""
        found = self.tree.query(shapely.points(xy), predicate="dwithin", distance=distance_m)[1]
        return frozenset(np.unique(found).tolist())

    def nearest(self, shape: BaseGeometry) -> list[int]:
        """Return the cell nearest to a shape; none when there are none."""
        if not self.shapes:
            return []
        return [int(self.tree.query_nearest(shape, all_matches=False)[0])]

    def swerves(self, cell: int) -> bool:
        """Tell whether a lane in a cell leaves a carriageway that is wide enough as it is drawn."""
        return any(z < 0 and self.as_drawn[-1 - z] for z in self.shut_by[cell])

    def _price(self, zones: frozenset[int]) -> _Price:
        # A carriageway is widened only where clearing does not help, and along as few metres as can be; then the
        # fewest things go, and of as many the cheaper ones.
        removed = [self.things[z] for z in zones if z >= 0]
        widened = sum(self.widen_m[-1 - z] for z in zones if z < 0)
        return (round(widened, 1), len(removed), round(sum(t.cost_cny or 0.0 for t in removed), 2))


def cells_of(ground: Ground, *, width_m: float, widen_m: float) -> Cells:
    """Cut the ground of a lane's middle into cells.

    Parameters
    ----------
    ground : Ground
        The ground.
    width_m : float
        Of the lane.
    widen_m : float
        Metres beside the carriageway as drawn onto which it may be widened.

    Returns
    -------
    Cells
        Without any where no lane of that width fits even then.
    """
    half = (width_m - PASS_M) / 2
    fixed = [t.shape for t in ground.things if not t.removable]
    wide = ground.drawn.buffer(widen_m, quad_segs=_ARC, join_style="mitre", mitre_limit=2.0)
    others = [t.shape for t in ground.nearby if not t.removable and t.shape.intersects(wide)]
    wall = shapely.union_all(fixed + others)
    room = wide.difference(wall).buffer(-half, quad_segs=_ARC)
    as_drawn = ground.drawn.difference(wall).buffer(-half, quad_segs=_ARC)
    if room.is_empty:
        return Cells(
            shapes=(),
            shut_by=(),
            beside=(),
            things=(),
            surfaces=(),
            widen_m=(),
            as_drawn=(),
            tree=shapely.STRtree([]),
        )
    candidates = sorted(
        {t.sort_key: t for t in (*ground.things, *ground.nearby) if t.removable}.values(),
        key=lambda t: t.sort_key,
    )
    zones = [(t, t.shape.buffer(half, quad_segs=_ARC)) for t in candidates]
    zones = [(t, z) for t, z in zones if z.intersects(room)]
    # The verge of one lane is not that of the next one.
    verges = [
        shape.buffer(widen_m, quad_segs=_ARC // 4, join_style="mitre", mitre_limit=2.0)
        for shape in (*ground.lanes.values(), *ground.roads.values())
    ]
    cuts = [*(z for _, z in zones), *verges]
    # A line that was cut exactly at the rim would miss it by a rounding, and close no cell.
    around = room.buffer(_OVER_M, quad_segs=2)
    lines = [room.boundary, as_drawn.boundary, *(shapely.intersection(c.boundary, around) for c in cuts)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    spots = shapely.point_on_surface(faces)
    shapely.prepare(room)
    kept = (shapely.area(faces) > _SLIVER_M2) & shapely.intersects(room, spots)
    faces, spots = faces[kept], spots[kept]
    order = np.lexsort((shapely.get_y(spots).round(3), shapely.get_x(spots).round(3)))
    faces, spots = faces[order], spots[order]

    shut: list[set[int]] = [set() for _ in faces]
    if zones:
        tree = shapely.STRtree([z for _, z in zones])
        for cell, zone in tree.query(spots, predicate="within").T.tolist():
            shut[cell].add(zone)
    names = list(ground.lanes) + list(ground.roads)
    areas = shapely.STRtree([*ground.lanes.values(), *ground.roads.values()]) if names else None
    shapely.prepare(as_drawn)
    narrow = np.flatnonzero(~shapely.intersects(as_drawn, spots))
    if areas is not None and len(narrow):
        # Beside the mouth of a narrow lane it is that lane that has to be widened, not the wide one it opens into.
        size = [ground.widths.get(name, np.inf) for name in names]
        near: dict[int, list[int]] = {}
        for i, name in areas.query(spots[narrow], predicate="dwithin", distance=widen_m + PASS_M).T.tolist():
            near.setdefault(int(narrow[i]), []).append(name)
        for cell, those in near.items():
            shut[cell].add(-1 - min(those, key=lambda name: (size[name], name)))
    wide_as_drawn = tuple(ground.widths.get(name, np.inf) >= width_m - PASS_M for name in names)
    return Cells(
        shapes=tuple(faces),
        shut_by=tuple(frozenset(s) for s in shut),
        beside=_neighbours(faces),
        things=tuple(t for t, _ in zones),
        surfaces=tuple(names),
        widen_m=tuple(
            _SWERVE_M if fits else ground.centrelines[n].length
            for n, fits in zip(names, wide_as_drawn, strict=True)
        ),
        as_drawn=wide_as_drawn,
        tree=shapely.STRtree(faces),
    )


def _neighbours(faces: NDArray[np.object_]) -> tuple[tuple[int, ...], ...]:
    """Return for each face those that it shares a side with: the lines were cut where they meet, so sides are equal."""
    rings, face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    kept = ring[:-1] == ring[1:]
    low, high = xy[:-1][kept], xy[1:][kept]
    turned = (low[:, 0] > high[:, 0]) | ((low[:, 0] == high[:, 0]) & (low[:, 1] > high[:, 1]))
    low[turned], high[turned] = high[turned], low[turned]
    owner = face[ring[:-1][kept]]
    order = np.lexsort((high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    sides, owner = np.concatenate([low, high], axis=1)[order], owner[order]
    same = (sides[:-1] == sides[1:]).all(axis=1) & (owner[:-1] != owner[1:])
    found: list[set[int]] = [set() for _ in faces]
    for one, two in zip(owner[:-1][same].tolist(), owner[1:][same].tolist(), strict=True):
        found[one].add(two)
        found[two].add(one)
    return tuple(tuple(sorted(those)) for those in found)
