"""Doors and facilities onto the interior of edges, never onto nodes.

Snapping to nodes instead moves a walk time by 20 s on average and turns one five-minute verdict in
seven, measured on blocks of 60 m.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from plan.network.walls import CROSSES_NOTHING, Obstructions
from plan.shapes import line_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SNAP_LIMIT_M", "EdgeIndex", "Snapped"]

# Metres between a door and the nearest walkway, at most: three minutes on foot. Further away no
# walkway has been drawn, and a straight line over unknown ground would be a guess.
SNAP_LIMIT_M: Final = 200.0
# Metres by which equally near edges may differ: rounding, when one edge lies on another.
SAME_DISTANCE_M: Final = 1e-9
# When the straight path to the nearest edge is blocked, edges are tried in rings of these shares of
# the limit, and in each ring the nearest so many.
_RINGS: Final = (0.125, 0.25, 0.5, 1.0)
_ALTERNATIVES: Final = 64
# Points up to which a search tree is done before machine code would be loaded.
_PLAIN_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapped:
    """Where geometries touch the network; a geometry has one row for each way to touch it."""

    count: int  # how many geometries were given
    owner: NDArray[np.int64]  # position of the geometry, ascending
    edge: NDArray[np.int64]  # position of the edge
    fraction: NDArray[np.float64]  # along the edge from u, 0..1
    leg_m: NDArray[np.float64]  # straight from the geometry to the edge, metres
    start: NDArray[np.float64]  # on the geometry, metres
    foot: NDArray[np.float64]  # on the edge, metres
    crossed: NDArray[np.int8]  # what the straight path crosses for want of a better one

    def take(self, rows: NDArray[np.int64]) -> Snapped:
        """Return some of the rows."""
        parts = ("owner", "edge", "fraction", "leg_m", "start", "foot", "crossed")
        return Snapped(count=self.count, **{name: getattr(self, name)[rows] for name in parts})

    def of(self, owners: NDArray[np.int64]) -> Snapped:
        """Return where some of the geometries touch, in their order, as if these alone had been given."""
        counts = np.bincount(self.owner, minlength=self.count)
        rows = self.take(_ragged(np.arange(len(self.owner)), counts, owners))
        return replace(rows, count=len(owners), owner=np.repeat(np.arange(len(owners)), counts[owners]))

    @property
    def unsnapped(self) -> NDArray[np.bool_]:
        """Which geometries touch no edge within the limit."""
        lonely = np.ones(self.count, dtype=bool)
        lonely[self.owner] = False
        return lonely


class _Grid(NamedTuple):
    """The straight pieces of all edges by cells, as :func:`~plan.network.nearby.nearest_edges` takes them."""

    xy: NDArray[np.float64]
    piece: NDArray[np.int64]
    edge: NDArray[np.int64]
    along: NDArray[np.float64]
    length: NDArray[np.float64]
    first: NDArray[np.int64]
    held: NDArray[np.int64]
    west: float
    south: float
    size: float
    columns: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EdgeIndex:
    """Edges that can be asked which of them is nearest."""

    geometry: NDArray[np.object_]  # LineStrings from u to v
    obstructions: Obstructions
    _tree: shapely.STRtree = field(init=False)
    _turned: NDArray[np.bool_] = field(init=False)  # edges that the tree holds from v to u
    _made: dict[str, _Grid] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        # Edges on the same ground give the same shares, whichever way they were drawn.
        lines = shapely.force_2d(self.geometry)
        first, last = line_ends(lines)
        turned = (first[:, 0] > last[:, 0]) | ((first[:, 0] == last[:, 0]) & (first[:, 1] > last[:, 1]))
        lines[turned] = shapely.reverse(lines[turned])
        object.__setattr__(self, "_tree", shapely.STRtree(lines))
        object.__setattr__(self, "_turned", turned)

    def snap(self, geometries: NDArray[np.object_], *, limit_m: float = SNAP_LIMIT_M) -> Snapped:
        """Find where each geometry touches the network.

        Each part of a geometry goes to its nearest edge; the outline of a polygon with the point that is
        nearest to an edge. Edges that are equally near are all touched. When the straight path
        crosses a wall or somebody else's building, the nearest edge that can be reached without crossing
        is taken; if there is none within the limit, the edge with the least wrong path is taken and marked.

        Parameters
        ----------
        geometries : array of Geometry
            Points, several doors as a MultiPoint, outlines; None and empty ones touch nothing.
        limit_m : float, default 200
            Metres beyond which nothing is touched.

        Returns
        -------
        Snapped
            Sorted by owner.
        """
        parts, owner = _parts(geometries)
        codes, unique = _unique(parts)
        if len(unique) > _PLAIN_POINTS and (shapely.get_type_id(unique) == shapely.GeometryType.POINT).all():
            part, edge, leg_m, start, foot, fraction = self._nearest_to_points(unique, limit_m)
        else:
            part, edge, leg_m = self._nearest(unique, limit_m)
            start, foot, fraction = self._touch(unique[part], edge)
        crossed = np.zeros(len(part), dtype=np.int8)
        if self.obstructions:
            crossed = self.obstructions.crossed(start, foot)
            free = np.bincount(part, weights=crossed == CROSSES_NOTHING, minlength=len(unique)) > 0
            keep = (crossed == CROSSES_NOTHING) & free[part]
            blocked = np.setdiff1d(part, part[keep])
            other = self._around(unique, blocked, limit_m)
            part = np.concatenate([part[keep], other[0]])
            edge = np.concatenate([edge[keep], other[1]])
            leg_m = np.concatenate([leg_m[keep], other[2]])
            crossed = np.concatenate([crossed[keep], other[3]])
            start, foot, fraction = self._touch(unique[part], edge)
        # From unique parts back to all parts, then to owners.
        order = np.argsort(part, kind="stable")
        counts = np.bincount(part, minlength=len(unique))
        rows = _ragged(order, counts, codes)
        owners = np.repeat(owner, counts[codes])
        by_owner = np.argsort(owners, kind="stable")
        rows = rows[by_owner]
        return Snapped(
            count=len(geometries),
            owner=owners[by_owner],
            edge=edge[rows],
            fraction=fraction[rows],
            leg_m=leg_m[rows],
            start=start[rows],
            foot=foot[rows],
            crossed=crossed[rows],
        )

    def _nearest_to_points(
        self, points: NDArray[np.object_], limit_m: float
    ) -> tuple[
        NDArray[np.int64],
        NDArray[np.int64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        """Do what `_nearest` and `_touch` do, for many points."""
        from plan.network.nearby import nearest_edges  # noqa: PLC0415 - machine code, loaded where it is needed

        spots = shapely.get_coordinates(points)
        x, y = np.ascontiguousarray(spots[:, 0]), np.ascontiguousarray(spots[:, 1])
        grid = self._grid()
        *_, west, south, size, columns, rows = grid
        # Neighbours follow each other, so that the next point finds its cells in the cache.
        cell = np.clip((x - west) / size, 0, columns - 1).astype(np.int32) * np.int64(rows)
        cell += np.clip((y - south) / size, 0, rows - 1).astype(np.int32)
        order = np.argsort(cell, kind="stable")
        room = 2 * len(x) + 64
        complete = False
        while not complete:
            complete, part, edge, leg_m, share, foot = nearest_edges(
                x, y, order, *grid, limit_m, SAME_DISTANCE_M, room
            )
            room *= 4
        by_part = np.argsort(part, kind="stable")
        part, edge, leg_m, share, foot = (
            part[by_part], edge[by_part], leg_m[by_part], share[by_part], foot[by_part],
        )  # fmt: skip
        return part, edge, leg_m, spots[part], foot, np.where(self._turned[edge], 1 - share, share)

    def _grid(self) -> _Grid:
        """Return the grid of the straight pieces of all edges, as `nearest_edges` takes it."""
        if "grid" not in self._made:
            from plan.network.nearby import cells_of  # noqa: PLC0415 - machine code

            lines = self._tree.geometries
            xy, owner = shapely.get_coordinates(lines, return_index=True)
            owner = owner.astype(np.int64)
            piece = np.flatnonzero(owner[1:] == owner[:-1])
            step = np.zeros(len(xy))
            step[piece + 1] = np.hypot(*(xy[piece + 1] - xy[piece]).T)
            first = np.searchsorted(owner, np.arange(len(lines)))
            walked = np.cumsum(step)
            along = walked - walked[first][owner] if len(owner) else walked
            length = np.zeros(len(lines))
            np.maximum.at(length, owner, along)
            west, south = xy.min(axis=0) if len(xy) else (0.0, 0.0)
            wide, high = np.ptp(xy, axis=0) if len(xy) else (0.0, 0.0)
            size = max(np.sqrt(wide * high / max(len(piece), 1)), max(wide, high) / max(len(piece), 1), 1.0)
            columns, rows = int(wide / size) + 1, int(high / size) + 1
            corner = float(west), float(south)
            first, held = cells_of(xy, piece, *corner, float(size), columns, rows)
            self._made["grid"] = _Grid(
                xy, piece, owner[piece], along, length, first, held, *corner, float(size), columns, rows
            )
        return self._made["grid"]

    def _nearest(
        self, parts: NDArray[np.object_], limit_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        if not (len(parts) and len(self.geometry)):
            nothing = np.zeros(0, dtype=np.int64)
            return nothing, nothing, np.zeros(0)
        (one, _), least_m = self._tree.query_nearest(
            parts, max_distance=limit_m, return_distance=True, all_matches=False
        )
        row, edge = self._tree.query(parts[one], predicate="dwithin", distance=least_m + SAME_DISTANCE_M)
        part = one[row]
        order = np.lexsort((edge, part))
        part, edge = part[order], edge[order]
        return part, edge, shapely.distance(parts[part], self._tree.geometries[edge])

    def _touch(
        self, parts: NDArray[np.object_], edge: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return the point on the part, the point on the edge, and its share of the edge from u."""
        lines = self._tree.geometries[edge]
        straight = shapely.shortest_line(parts, lines)
        start, foot = line_ends(straight)
        spots = parts.copy()
        # Directly from a point: one rounding less than through the end of the shortest line.
        other = shapely.get_type_id(parts) != shapely.GeometryType.POINT
        spots[other] = shapely.points(foot[other])
        share = shapely.line_locate_point(lines, spots, normalized=True)
        share = np.nan_to_num(share, nan=0.0)  # an edge drawn as a single spot
        fraction = np.where(self._turned[edge], 1 - share, share)
        return start, foot, fraction

    def _around(
        self, parts: NDArray[np.object_], blocked: NDArray[np.int64], limit_m: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
        """Find for each blocked part the nearest edge with a free path, or the least wrong one."""
        found: list[pd.DataFrame] = []
        pending = blocked
        for share in _RINGS:
            if not len(pending):
                break
            row, edge = self._tree.query(parts[pending], predicate="dwithin", distance=limit_m * share)
            part = pending[row]
            leg_m = shapely.distance(parts[part], self._tree.geometries[edge])
            near = pd.DataFrame({"part": part, "edge": edge, "leg_m": leg_m})
            near = near.sort_values(["part", "leg_m", "edge"], kind="stable")
            near = near.groupby("part", sort=False).head(_ALTERNATIVES)
            start, foot, _ = self._touch(parts[near["part"]], near["edge"].to_numpy())
            near["crossed"] = self.obstructions.crossed(start, foot)
            last = share == _RINGS[-1]
            best = near.sort_values(["part", "crossed", "leg_m", "edge"], kind="stable")
            best = best.drop_duplicates("part")
            if not last:
                best = best[best["crossed"] == CROSSES_NOTHING]
            found.append(best)
            pending = np.setdiff1d(pending, best["part"].to_numpy())
        columns = ("part", "edge", "leg_m", "crossed")
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int8)
        table = pd.concat(found, ignore_index=True)
        part, edge, leg, crossed = (table[name].to_numpy() for name in columns)
        return part, edge, leg, crossed.astype(np.int8)


def _parts(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Split geometries into simple parts; polygons become their outlines."""
    kinds = shapely.get_type_id(geometries)
    if (kinds == shapely.GeometryType.POINT).all():
        spots, owner = shapely.get_coordinates(geometries, return_index=True)
        usable = np.isfinite(spots).all(axis=1)
        flat = np.asarray(geometries[owner[usable]], dtype=object)
        return shapely.force_2d(flat) if shapely.has_z(flat).any() else flat, owner[usable].astype(np.int64)
    parts, owner = shapely.get_parts(shapely.force_2d(geometries), return_index=True)
    polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts[polygons] = shapely.get_exterior_ring(parts[polygons])
    # An empty part, and one without finite coordinates, touches nothing.
    usable = np.isfinite(shapely.bounds(parts)).all(axis=1)
    return parts[usable], owner[usable].astype(np.int64)


def _unique(parts: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Return the different parts and which of them each part is: many households share a door."""
    if not len(parts):
        return np.zeros(0, dtype=np.int64), parts
    if (shapely.get_type_id(parts) == shapely.GeometryType.POINT).all():
        spots = shapely.get_coordinates(parts)
        keys: pd.Series[Any] = pd.Series(spots[:, 0] + 1j * spots[:, 1])
    else:
        keys = pd.Series(shapely.to_wkb(parts), dtype="object")
    codes, _ = pd.factorize(keys)
    position = np.flatnonzero(~keys.duplicated().to_numpy())
    return codes.astype(np.int64), parts[position]


def _ragged(
    order: NDArray[np.int64], counts: NDArray[np.int64], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rows of each code, one after another; `order` lists rows grouped by code."""
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]]) if len(counts) else np.zeros(0, dtype=np.int64)
    length = counts[codes]
    offset = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    rows: NDArray[np.int64] = order[np.repeat(starts[codes], length) + offset]
    return rows
