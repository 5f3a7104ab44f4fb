"""The ground that people reach from a place: the walked parts of edges, and a strip beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from shapely import ops

from plan.network.blocks import STRIP_SEGMENTS, Blocks
from plan.network.kernel import reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.kernel import TimedEdges
    from plan.network.snapping import Snapped
    from plan.network.walls import Obstructions

__all__ = ["CORRIDOR_M", "Strips", "Walk", "reached_areas"]

# Metres beside a walked edge that count as reached: half the depth of a row of buildings between two
# parallel ways, so that a house on either side of a walked street lies inside, and one behind it does not.
CORRIDOR_M: Final = 25.0
# Metres of a walk along which the ground behind walls is taken as seen from one spot.
STEP_M: Final = 5.0
# Metres below which a piece of an edge, or of an outline, is nothing.
_NOTHING_M: Final = 1e-6
# Points of a straight line.
_STRAIGHT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strips:
    """The ground beside lines that belongs to them: a strip, and only what is not behind a wall."""

    lines: NDArray[np.object_]  # geometries of the edges
    obstructions: Obstructions
    width_m: float  # on each side
    _known: dict[int, shapely.Geometry] = field(default_factory=dict, init=False)

    def of_edges(self, edges: NDArray[np.int64]) -> list[shapely.Geometry]:
        """Return the strips of whole edges; each is made once."""
        new = [int(edge) for edge in edges if int(edge) not in self._known]
        self._known.update(zip(new, self.of_lines(self.lines[new]), strict=True))
        return [self._known[int(edge)] for edge in edges]

    def walled(self, lines: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Return which lines have a wall within their strip."""
        near = np.zeros(len(lines), dtype=bool)
        if len(self.obstructions.walls):
            near[self.obstructions.near_lines(lines, self.width_m)] = True
        return near

    def of_lines(self, lines: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the strips of lines."""
        strips = self._buffered(lines)
        if len(self.obstructions.walls):
            walled = np.unique(self.obstructions.pairs(strips)[0])
            strips[walled] = self._seen(lines[walled])
        return strips

    def _seen(self, lines: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return what can be seen within the strips from walks along lines."""
        steps, line = _steps(lines)
        step, start, end = self.obstructions.wall_segments(steps, self.width_m)
        step, turn, start, end = _in_turns(step, start, end)
        shaded = np.zeros(len(steps), dtype=bool)
        shaded[step] = True
        strips = self._buffered(steps[shaded])
        eyes = shapely.get_coordinates(shapely.line_interpolate_point(steps, 0.5, normalized=True))
        hidden = _shadows(eyes[step], start, end, 4 * self.width_m)
        spot = np.cumsum(shaded)[step] - 1
        # The first shadow of every step, then the second: each time all steps at once.
        for now in range(int(turn.max(initial=-1)) + 1):
            those = spot[turn == now]
            strips[those] = shapely.difference(strips[those], hidden[turn == now])
        # Steps without a shadow are one strip with those beside them.
        begins = np.diff(line, prepend=-1) != 0
        begins[1:] |= shaded[:-1]
        xy, of_step = shapely.get_coordinates(steps[~shaded], return_index=True)
        run = np.cumsum(begins)[~shaded]
        number = np.unique(run, return_inverse=True)[1]
        runs = np.asarray(shapely.linestrings(xy, indices=number[of_step]), dtype=object)
        open_strips = self._buffered(runs)
        owner = np.concatenate([line[shaded], line[~shaded][np.diff(run, prepend=-1) != 0]])
        order = np.argsort(owner, kind="stable")
        parts = np.concatenate([strips, open_strips])[order]
        first = np.searchsorted(owner[order], np.arange(len(lines) + 1))
        return np.array([shapely.union_all(parts[a:b]) for a, b in pairwise(first)], dtype=object)

    def _buffered(self, lines: NDArray[np.object_]) -> NDArray[np.object_]:
        return np.asarray(shapely.buffer(lines, self.width_m, quad_segs=STRIP_SEGMENTS), dtype=object)


def _in_turns(
    step: NDArray[np.int64], start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Sort pieces of wall by step; return as well the how manieth of its step each is."""
    order = np.argsort(step, kind="stable")
    step = step[order]
    return step, np.arange(len(step)) - np.searchsorted(step, step), start[order], end[order]


def _steps(lines: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Cut lines into equal pieces of at most a step; return the pieces and the line of each."""
    pieces, owner = [], []
    for number, line in enumerate(lines):
        xy = shapely.get_coordinates(line)
        walked = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
        count = max(1, int(np.ceil(walked[-1] / STEP_M)))
        at = np.unique(np.concatenate([walked, cuts := np.linspace(0.0, walked[-1], count + 1)]))
        spots = np.stack([np.interp(at, walked, xy[:, 0]), np.interp(at, walked, xy[:, 1])], axis=1)
        # A cut ends one piece and begins the next.
        ends = np.searchsorted(at, cuts)
        taken = np.concatenate([np.arange(a, b + 1) for a, b in pairwise(ends)])
        piece = np.repeat(np.arange(count), np.diff(ends) + 1)
        pieces.append(np.asarray(shapely.linestrings(spots[taken], indices=piece), dtype=object))
        owner.append(np.full(count, number, dtype=np.int64))
    none = np.zeros(0, dtype=object)
    return np.concatenate([none, *pieces]), np.concatenate([np.zeros(0, dtype=np.int64), *owner])


def _shadows(
    eye: NDArray[np.float64], start: NDArray[np.float64], end: NDArray[np.float64], far_m: float
) -> NDArray[np.object_]:
    """Return the ground behind straight pieces of wall as seen from points, at least `far_m` deep."""

    def away(point: NDArray[np.float64]) -> NDArray[np.float64]:
        distance = np.hypot(*(point - eye).T)[:, None]
        unit: NDArray[np.float64] = np.divide(
            point - eye, distance, out=np.zeros_like(point), where=distance > 0
        )
        return unit

    to_start, to_end = away(start), away(end)
    middle = to_start + to_end
    size = np.hypot(*middle.T)[:, None]
    # An eye on the wall itself sees both of its sides; the ground behind has then no width.
    middle = np.divide(middle, size, out=np.zeros_like(middle), where=size > 0)
    corners = [start, end, start + far_m * to_start, end + far_m * to_end, eye + far_m * middle]
    # The ground behind is a wedge cut off by the wall, which is convex.
    across = np.abs((start - eye)[:, 0] * (end - eye)[:, 1] - (start - eye)[:, 1] * (end - eye)[:, 0])
    hulls = np.asarray(shapely.convex_hull(shapely.multipoints(np.stack(corners, axis=1))), dtype=object)
    hulls[across <= _NOTHING_M] = shapely.Polygon()
    return hulls


def reached_areas(
    edges: TimedEdges,
    places: Snapped,
    owner: int,
    *,
    minutes: tuple[float, ...],
    strips: Strips,
) -> list[shapely.Geometry]:
    """Return the area reached from a place within each number of minutes, the smaller inside the larger.

    Parameters
    ----------
    edges : TimedEdges
        The network with the minutes of one profile.
    places : Snapped
        Places on the network.
    owner : int
        Which of them.
    minutes : tuple of float
        Ascending.
    strips : Strips
        The ground beside the edges.

    Returns
    -------
    list of Polygon or MultiPolygon
        One for each number of minutes; empty where the place touches no edge.
    """
    walk = Walk.of(edges, strips.lines, places, owner, max_min=minutes[-1])
    # Beside walls each strip is looked at by itself.
    walled = strips.walled(walk.line)
    blocks = Blocks.of(walk.line[~walled & (walk.ready <= minutes[-1])], strips.width_m)
    free = np.flatnonzero(~walled & (walk.ready <= minutes[-1]))
    areas: list[shapely.Geometry] = []
    outline: shapely.Geometry = shapely.Polygon()
    seen: shapely.Geometry = shapely.Polygon()
    before = np.zeros(len(walk.edge), dtype=bool)
    for limit in minutes:
        whole, parts = walk.within(limit)
        beside_walls = strips.walled(parts)
        area, outline = blocks.area(whole[free], parts[~beside_walls], outline)
        shown = [
            *strips.of_edges(walk.edge[whole & walled & ~before]),
            *strips.of_lines(parts[beside_walls]),
        ]
        before = whole
        # The last area is part of the next, so that the areas are nested by construction.
        seen = shapely.union_all([seen, *shown]) if shown else seen
        areas.append(area if shapely.is_empty(seen) else shapely.union_all([area, seen]))
    return areas


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walk:
    """A walk from one place: the edges that it gets to, and when."""

    edges: TimedEdges
    places: Snapped
    rows: NDArray[np.int64]  # of `places`, from which people start
    edge: NDArray[np.int64]  # with an end that is reached, ascending
    at_u: NDArray[np.float64]  # minutes; infinite where not reached
    at_v: NDArray[np.float64]
    line: NDArray[np.object_]
    ready: NDArray[np.float64]  # minutes after which the edge is walked whole
    lines: NDArray[np.object_]  # of all edges

    @classmethod
    def of(
        cls,
        edges: TimedEdges,
        lines: NDArray[np.object_],
        places: Snapped,
        owner: int,
        *,
        max_min: float,
    ) -> Walk:
        """Walk from one of the places for at most so many minutes."""
        nodes, minutes, rows = reach(edges, places, owner, max_min=max_min)
        edge = edges.incident(nodes)
        at_u, at_v = _at(nodes, minutes, edges.u[edge]), _at(nodes, minutes, edges.v[edge])
        return cls(
            edges=edges,
            places=places,
            rows=rows,
            edge=edge,
            at_u=at_u,
            at_v=at_v,
            ready=_ready(at_u, at_v, edges.forward[edge], edges.backward[edge]),
            line=lines[edge],
            lines=lines,
        )

    def within(self, limit: float) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
        """Return what is walked within a limit, cut where the time is up.

        Parameters
        ----------
        limit : float
            Minutes.

        Returns
        -------
        tuple of array of bool, array of LineString
            Which edges of the walk are walked whole; the walked parts of others, and the straight paths from the
            doors.
        """
        edges, places = self.edges, self.places
        from_u = _share(limit - self.at_u, edges.forward[self.edge])
        from_v = _share(limit - self.at_v, edges.backward[self.edge])
        whole = self.ready <= limit
        ahead, behind = ~whole & (from_u > 0), ~whole & (from_v > 0)
        parts = [
            _cut(self.line[ahead], np.zeros(ahead.sum()), from_u[ahead]),
            _cut(self.line[behind], 1 - from_v[behind], np.ones(behind.sum())),
        ]
        known = dict(zip(self.edge.tolist(), whole.tolist(), strict=True))
        for row in self.rows:
            edge, at = int(places.edge[row]), places.fraction[row]
            leg = places.leg_m[row] / edges.m_per_min
            path = shapely.linestrings([[places.start[row], places.foot[row]]])
            parts.append(_cut(path, np.zeros(1), np.array([1.0 if leg <= limit else limit / leg])))
            if not known.get(edge, False):
                left = np.array([limit - leg])
                on = at + _share(left, edges.forward[[edge]]), at - _share(left, edges.backward[[edge]])
                start, end = np.maximum(on[1], 0.0), np.minimum(on[0], 1.0)
                parts.append(_cut(self.lines[[edge]], start, end))
        made = np.concatenate(parts)
        return whole, made[shapely.length(made) > _NOTHING_M]


def _ready(
    at_u: NDArray[np.float64],
    at_v: NDArray[np.float64],
    forward: NDArray[np.float64],
    backward: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return when people who come from both ends of edges have met, or come to the other end."""
    alone = np.minimum(at_u + forward, at_v + backward)
    # From u (t - at_u) / forward of it is walked, from v (t - at_v) / backward: together 1.
    both = np.isfinite(at_u) & np.isfinite(at_v) & (forward > 0) & (backward > 0)
    both &= np.isfinite(forward) & np.isfinite(backward)
    met = np.full(len(at_u), np.inf)
    f, b = forward[both], backward[both]
    met[both] = (f * b + at_u[both] * b + at_v[both] * f) / (f + b)
    met[met < np.maximum(at_u, at_v)] = np.inf
    ready: NDArray[np.float64] = np.minimum(alone, met)
    return ready


def _at(
    nodes: NDArray[np.int64], minutes: NDArray[np.float64], wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the minutes of some nodes; `nodes` are ascending."""
    spot = np.minimum(np.searchsorted(nodes, wanted), max(len(nodes) - 1, 0))
    if not len(nodes):
        return np.full(len(wanted), np.inf)
    return np.where(nodes[spot] == wanted, minutes[spot], np.inf)


def _share(left: NDArray[np.float64], minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of edges that can be walked in the minutes left; closed ones have none."""
    share = np.zeros(len(left))
    usable = (left >= 0) & np.isfinite(minutes)
    share[usable] = 1.0
    longer = usable & (minutes > left)
    share[longer] = left[longer] / minutes[longer]
    return share


def _cut(
    lines: NDArray[np.object_], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the parts of lines between two shares of their length."""
    made = np.array(lines, dtype=object)
    part = (start > 0) | (end < 1)
    straight = part & (shapely.get_num_points(made) == _STRAIGHT)
    if straight.any():
        ends = shapely.get_coordinates(made[straight]).reshape(-1, 2, 2)
        along = np.stack([start[straight], end[straight]], axis=1)[:, :, None]
        made[straight] = shapely.linestrings(ends[:, :1] + along * (ends[:, 1:] - ends[:, :1]))
    for row in np.flatnonzero(part & ~straight):
        made[row] = ops.substring(made[row], start[row], end[row], normalized=True)
    return made
