"""Where a wall can be opened: straight ways from a point in it to the walkways on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.messages import Message
from plan.network.noding import JOIN_M
from plan.network.walls import GATE_REACH_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork

__all__ = ["WAY_REACH_M", "Connection", "Ground", "connections"]

# Metres of new way on one side of a new gate, at most: this tool's own figure. Further away a gate is not
# an opening in a wall but a road to be built.
WAY_REACH_M: Final = 50.0
# Metres from the wall at which one side of it begins; a walkway along the wall lies beyond.
_SIDE_M: Final = 0.3
# Metres of wall by which its direction at a point is told.
_DIRECTION_M: Final = 0.5
# Metres between the end of a new way and a bend of the walkway, within which it ends at the bend; more
# than what is joined by itself.
_AT_VERTEX_M: Final = 2.5 * JOIN_M
# Metres of a way inside a building that count as touching it.
_TOUCH_M: Final = 0.1
# Walkways that are tried on each side, the nearest first.
_TRIES: Final = 16
# Kinds of walkway that have no sidewise entry.
_NOT_JOINED: Final = ("steps", "elevator", "corridor")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What stands and leads on the ground around a gate."""

    ways: shapely.STRtree  # edges that a new way may join
    walls: shapely.STRtree  # what is closed
    buildings: shapely.STRtree

    @classmethod
    def of(cls, network: WalkNetwork) -> Ground:
        """Take the ground from a network."""
        edges = network.edges
        usable = np.ones(len(edges), dtype=bool)
        if "kind" in edges:
            usable &= ~edges["kind"].isin(_NOT_JOINED).to_numpy(dtype=bool)
        if "level" in edges:
            usable &= edges["level"].fillna(0).eq(0).to_numpy(dtype=bool)
        return cls(
            ways=shapely.STRtree(shapely.force_2d(network.lines())[usable]),
            walls=shapely.STRtree(network.obstructions.walls),
            buildings=shapely.STRtree(network.obstructions.buildings),
        )

    def is_clear(self, way: shapely.LineString, gate: shapely.Point) -> bool:
        """Tell whether a way crosses no building, and no wall but within the opening of its gate."""
        houses = self.buildings.geometries[self.buildings.query(way, predicate="intersects")]
        if (shapely.length(shapely.intersection(way, houses)) > _TOUCH_M).any():
            return False
        outside = shapely.difference(way, shapely.buffer(gate, GATE_REACH_M))
        return not len(self.walls.query(outside, predicate="intersects"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Connection:
    """Ways from a gate to the walkways on both sides of its wall."""

    gate: shapely.Point
    ways: tuple[shapely.LineString, ...]  # from the walkway to the gate, and from the gate to the walkway
    reason: Message | None = None  # why there are none

    @property
    def length_m(self) -> float:
        """Metres of new way."""
        return float(sum(way.length for way in self.ways))

    def walkways(self, gate_id: str, crs: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - a pyproj CRS
        """Return the ways as rows of the layer ``walkways``."""
        rows = [f"{gate_id}-WAY-{i}" for i in range(1, len(self.ways) + 1)]
        return gpd.GeoDataFrame(
            {"way_id": rows, "kind": ["path"] * len(rows), "gate_id": [gate_id] * len(rows)},
            geometry=list(self.ways),
            crs=crs,
        )


def connections(
    ground: Ground, gate: shapely.Point, wall: shapely.LineString, *, reach_m: float = WAY_REACH_M
) -> Connection:
    """Find the shortest straight way from a gate to a walkway on each side of its wall.

    Parameters
    ----------
    ground : Ground
        What stands and leads around it.
    gate : Point
        On the wall, metres.
    wall : LineString
        The wall.
    reach_m : float, default 50
        Metres of way on one side, at most.

    Returns
    -------
    Connection
        Two ways that cross no building and no other wall; or none, and the reason.
    """
    at = shapely.line_locate_point(wall, gate)
    ends = shapely.get_coordinates(
        shapely.line_interpolate_point(
            wall, [max(at - _DIRECTION_M, 0.0), min(at + _DIRECTION_M, wall.length)]
        )
    )
    along = ends[1] - ends[0]
    along = along / np.hypot(*along)
    middle = np.array([gate.x, gate.y])
    near = ground.ways.geometries[ground.ways.query(gate, predicate="dwithin", distance=reach_m)]
    found: list[shapely.LineString] = []
    for side in (1.0, -1.0):
        across = side * np.array([-along[1], along[0]])
        corners = [
            middle + along * reach_m + across * _SIDE_M,
            middle - along * reach_m + across * _SIDE_M,
            middle - along * reach_m + across * reach_m,
            middle + along * reach_m + across * reach_m,
        ]
        feet = _feet(near, gate, shapely.Polygon(corners), reach_m)
        if not feet:
            return Connection(gate=gate, ways=(), reason=Message("gates.no_walkway", reach=reach_m))
        way = next(
            (w for w in (shapely.LineString([f, middle]) for f in feet) if ground.is_clear(w, gate)), None
        )
        if way is None:
            return Connection(gate=gate, ways=(), reason=Message("gates.blocked", reach=reach_m))
        found.append(way)
    return Connection(gate=gate, ways=(found[0], shapely.reverse(found[1])))


def _feet(
    ways: NDArray[np.object_], gate: shapely.Point, side: shapely.Polygon, reach_m: float
) -> list[NDArray[np.float64]]:
    """Return the nearest point of each way on one side, the nearest way first."""
    pieces = shapely.intersection(ways, side)
    there = ~shapely.is_empty(pieces)
    pieces, ways = pieces[there], ways[there]
    if not len(ways):
        return []
    away = shapely.distance(pieces, gate)
    spots = shapely.get_point(shapely.shortest_line(pieces, gate), 0)
    xy = shapely.get_coordinates(spots)
    order = np.lexsort((xy[:, 1], xy[:, 0], away))
    feet = []
    for i in order[away[order] <= reach_m][:_TRIES]:
        vertices = shapely.get_coordinates(ways[i])
        gap = np.hypot(*(vertices - xy[i]).T)
        # A hand's breadth from a bend the new way ends at the bend: one junction, not two.
        feet.append(vertices[int(gap.argmin())] if gap.min() <= _AT_VERTEX_M else xy[i])
    return feet
