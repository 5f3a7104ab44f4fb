"""The ground that people reach from a place: the walked parts of edges, and a strip beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import ops

from plan.network.kernel import reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped
    from plan.network.walls import Obstructions

__all__ = ["CORRIDOR_M", "reached_areas", "walked_lines"]

# Metres beside a walked edge that count as reached: half the depth of a row of buildings between two
# parallel ways, so that a house on either side of a walked street lies inside, and one behind it does not.
CORRIDOR_M: Final = 25.0
# Metres below which a piece of an edge, or of an outline, is nothing.
_NOTHING_M: Final = 1e-6


def reached_areas(
    edges: TimedEdges,
    lines: NDArray[np.object_],
    places: Snapped,
    owner: int,
    *,
    minutes: tuple[float, ...],
    obstructions: Obstructions,
    corridor_m: float,
) -> list[shapely.Geometry]:
    """Return the area reached from a place within each number of minutes, the smaller inside the larger.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    lines : array of LineString
        Geometries of the edges.
    places : Snapped
        Places on the network.
    owner : int
        Which of them.
    minutes : tuple of float
        Ascending.
    obstructions : Obstructions
        The strip does not pass through their walls; it may pass round the end of one.
    corridor_m : float
        Width of the strip on each side, metres.

    Returns
    -------
    list of Polygon or MultiPolygon
        One for each number of minutes; empty where the place touches no edge.
    """
    at_node, rows = reach(edges, places, owner, max_min=minutes[-1])
    areas: list[shapely.Geometry] = []
    area: shapely.Geometry = shapely.Polygon()
    before = np.zeros(len(lines), dtype=bool)
    for limit in minutes:
        walked, whole = walked_lines(edges, lines, places, rows, at_node, limit=limit, known=before)
        before = whole
        strips = _strips(walked, obstructions, corridor_m)
        # The last area is part of the next, so that the areas are nested by construction.
        area = shapely.union_all([area, *strips])
        areas.append(area)
    return areas


def walked_lines(
    edges: TimedEdges,
    lines: NDArray[np.object_],
    places: Snapped,
    rows: NDArray[np.int64],
    at_node: NDArray[np.float64],
    *,
    limit: float,
    known: NDArray[np.bool_],
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the parts of edges that are walked within a limit, cut where the time is up.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    lines : array of LineString
        Geometries of the edges.
    places : Snapped
        Places on the network.
    rows : array of int
        Rows of `places` from which people start.
    at_node : array of float
        Minutes by node.
    limit : float
        Minutes.
    known : array of bool
        Edges that are left out because they were walked whole within a smaller limit.

    Returns
    -------
    tuple of array of LineString, array of bool
        The parts, straight paths from the doors included; and which edges are walked whole.
    """
    from_u = _share(limit - at_node[edges.u], edges.forward)
    from_v = _share(limit - at_node[edges.v], edges.backward)
    whole = (from_u + from_v >= 1) & (np.isfinite(at_node[edges.u]) | np.isfinite(at_node[edges.v]))
    parts: list[shapely.Geometry] = list(lines[whole & ~known])
    parts += [_cut(lines[edge], 0.0, from_u[edge]) for edge in np.flatnonzero(~whole & (from_u > 0))]
    parts += [_cut(lines[edge], 1.0 - from_v[edge], 1.0) for edge in np.flatnonzero(~whole & (from_v > 0))]
    for row in rows:
        edge, at = places.edge[row], places.fraction[row]
        leg = places.leg_m[row] / edges.m_per_min
        path = shapely.LineString([places.start[row], places.foot[row]])
        parts.append(_cut(path, 0.0, 1.0 if leg <= limit else limit / leg))
        if not whole[edge]:
            left = np.array([limit - leg])
            ahead = float(_share(left, edges.forward[[edge]])[0])
            behind = float(_share(left, edges.backward[[edge]])[0])
            parts.append(_cut(lines[edge], max(0.0, at - behind), min(1.0, at + ahead)))
    made = np.array(parts, dtype=object)
    return made[shapely.length(made) > _NOTHING_M] if len(made) else made, whole


def _share(left: NDArray[np.float64], minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of edges that can be walked in the minutes left; closed ones have none."""
    share = np.zeros(len(left))
    usable = (left >= 0) & np.isfinite(minutes)
    share[usable] = 1.0
    longer = usable & (minutes > left)
    share[longer] = left[longer] / minutes[longer]
    return share


def _cut(line: shapely.LineString, start: float, end: float) -> shapely.Geometry:
    return line if start <= 0 and end >= 1 else ops.substring(line, start, end, normalized=True)


def _strips(
    walked: NDArray[np.object_], obstructions: Obstructions, corridor_m: float
) -> NDArray[np.object_]:
    """Widen walked lines to strips that end at walls."""
    if not len(walked):
        return walked
    strips: NDArray[np.object_] = np.asarray(shapely.buffer(walked, corridor_m), dtype=object)
    if len(obstructions.walls):
        strip, wall = obstructions.pairs(strips)
        for one in np.unique(strip):
            strips[one] = _behind_walls(strips[one], walked[one], obstructions.walls[wall[strip == one]])
    return strips


def _behind_walls(
    strip: shapely.Geometry, walked: shapely.Geometry, walls: NDArray[np.object_]
) -> shapely.Geometry:
    """Keep the faces of a strip, divided by walls, that the walked line itself enters."""
    drawn = shapely.union_all([shapely.boundary(strip), *shapely.intersection(walls, strip)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(drawn)))
    inside = shapely.contains_properly(strip, shapely.point_on_surface(faces))
    entered = shapely.length(shapely.intersection(faces, walked)) > _NOTHING_M
    return shapely.union_all(faces[inside & entered])
