"""Walk times after ways were added, from those before: searches from the ends of the new ways only.

A way that is added opens paths and closes none. With the places i, j where the new ways touch the old
network, the minutes M(i, j) between them over new and old ways (closed under addition), T(o, i) from
the doors and D(i, c) to the nearest facility of each category, both over the old ways,

    after(o, c) = min(before(o, c), min_ij T(o, i) + M(i, j) + D(j, c)).

That is exact as long as the old network is otherwise the same. Where it is not (a door that now steps onto
a new way from behind a house, a walkway that the opened wall used to cut), nothing is promised: the
caller then builds the network anew. A door whose nearest walkway is now a new one is moved there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.access.times import walk_times
from plan.network.graph import WalkNetwork
from plan.network.noding import JOIN_M
from plan.network.snapping import SNAP_LIMIT_M
from plan.network.walls import CROSSES_NOTHING, GATE_REACH_M, Obstructions, open_walls
from plan.site import Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Addition", "Base", "Builder", "minutes_with", "places"]

Builder = Callable[[Site], WalkNetwork]

# Metres within which two drawn places are one: rounding.
_SAME_M: Final = 1e-9
# Metres between a place and the edge that it was put on: rounding at coordinates of millions of metres.
_ON_EDGE_M: Final = 1e-6
# Metres beyond a tolerance of the network that are looked at as well, so that rounding decides nothing.
_MARGIN_M: Final = 0.01
_TWO: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """Walk times on a network as it is, and what is needed to tell those after an addition."""

    build: Builder
    profile: str
    network: WalkNetwork
    parts: gpd.GeoDataFrame  # doors, each part of a geometry by itself; perhaps with their estate_id
    facilities: gpd.GeoDataFrame
    categories: tuple[str, ...]
    minutes: NDArray[np.float64]  # parts x categories, infinite where not reached
    _leaving: _Places
    _arriving: _Places
    _edges: shapely.STRtree
    _vertices: shapely.STRtree
    _ground: NDArray[np.bool_]  # edges on the ground
    _open: NDArray[np.bool_]  # edges of which every part is open to everybody
    _estates: tuple[tuple[str | None, NDArray[np.int64]], ...]  # who may walk alike: estate, and their doors

    @classmethod
    def of(
        cls,
        network: WalkNetwork,
        parts: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        *,
        build: Builder,
        profile: str,
        restricted: frozenset[str] = frozenset(),
    ) -> Base:
        """Walk once, and keep what was found.

        Parameters
        ----------
        network : WalkNetwork
            As it is.
        parts : GeoDataFrame
            Doors: points or outlines, perhaps with ``estate_id``.
        facilities : GeoDataFrame
            With ``category``.
        build : callable
            Makes the network of a site.
        profile : str
            Who walks.
        restricted : frozenset of str, optional
            Walkways that are not open to everybody: of a part of one it is told anew whose it is.

        Returns
        -------
        Base
            The state before.
        """
        found = walk_times(network, parts, facilities, max_min=np.inf, profile=profile)
        lines = shapely.force_2d(network.lines())
        edges = network.edges
        ground = np.ones(len(lines), dtype=bool)
        if "level" in edges:
            ground = edges["level"].fillna(0).eq(0).to_numpy(dtype=bool)
        is_open = np.ones(len(lines), dtype=bool)
        if (
            "residents_of" in edges
        ):  # also a public way is, between two junctions, where it passes a private gate
            is_open &= edges["residents_of"].isna().to_numpy(dtype=bool)
        if "way_id" in edges:
            is_open &= ~edges["way_id"].astype(str).isin(restricted).to_numpy(dtype=bool)
        spots = np.unique(shapely.get_coordinates(lines), axis=0)
        return cls(
            build=build,
            profile=profile,
            network=network,
            parts=parts,
            facilities=facilities,
            categories=tuple(found.columns),
            minutes=_filled(found.to_numpy(dtype=float)),
            _leaving=_Places.of(network, parts.geometry.to_numpy()),
            _arriving=_Places.of(network, facilities.geometry.to_numpy()),
            _edges=shapely.STRtree(lines),
            _vertices=shapely.STRtree(_points(spots)),
            _ground=ground,
            _open=is_open,
            _estates=_estates(network, parts),
        )

    def addition(
        self,
        ways: gpd.GeoDataFrame,
        gates: NDArray[np.object_],
        *,
        between: NDArray[np.float64] | None = None,
        exact: bool = True,
    ) -> Addition | None:
        """Describe ways added and gates opened; None where they do more than add paths.

        Parameters
        ----------
        ways : GeoDataFrame
            Rows of the layer ``walkways``.
        gates : array of Point
            Gates opened in walls.
        between : array of float, optional
            Minutes between the places where the ways touch the network, where they are known.
        exact : bool, default True
            False: an edge on sampled heights may be divided as if its parts were like the whole. That is near
            enough to rank by.

        Returns
        -------
        Addition or None
            Where the new ways touch the old network, and the doors that now step onto them.
        """
        lines = shapely.force_2d(ways.geometry.to_numpy())
        if not len(lines) or ("level" in ways and ways["level"].notna().any()):
            return None
        ends = np.unique(
            np.concatenate([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)]), axis=0
        )
        touching = self._touching(ends, lines, exact=exact)
        if touching is None or not touching.any() or not self._walls_allow(lines, gates):
            return None
        moved = self._moved(lines, gates, ends[touching])
        if moved is None:
            return None
        touched = ends[touching]
        alone = None
        if between is None or len(between) != len(touched) or moved.size:
            alone = self.build(Site(name="ways", layers={"walkways": ways}, crs=self.parts.crs))
            own = places(touched, self.parts.crs)
            between = _minutes(alone, own, own, self.profile)
        return Addition(ways=ways, ends=touched, moved=moved, between=between, alone=alone)

    def _touching(
        self, ends: NDArray[np.float64], lines: NDArray[np.object_], *, exact: bool
    ) -> NDArray[np.bool_] | None:
        """Tell which ends lie on the old network; None where they meet it in any but the plainest way."""
        near_m = JOIN_M + _MARGIN_M
        points = _points(ends)
        end, edge = self._edges.query(points, predicate="dwithin", distance=near_m)
        away = shapely.distance(points[end], self._edges.geometries[edge])
        if (away > _ON_EDGE_M).any() or not self._ground[edge].all():
            return None
        relief = self.network.relief
        if not self._open[edge].all() or (exact and relief is not None and relief.window_m > 0):
            return None
        end_near, vertex = self._vertices.query(points, predicate="dwithin", distance=near_m)
        gap = shapely.distance(points[end_near], self._vertices.geometries[vertex])
        if (gap > _SAME_M).any():
            return None
        _, beside = self._vertices.query(lines, predicate="dwithin", distance=near_m)
        if np.setdiff1d(beside, vertex).size or shapely.length(lines).min() <= 4 * near_m:
            return None
        touching = np.zeros(len(ends), dtype=bool)
        touching[end] = True
        return touching

    def _walls_allow(self, lines: NDArray[np.object_], gates: NDArray[np.object_]) -> bool:
        """Tell whether no wall is in the new ways, and no old way was kept apart by what is opened."""
        walls = self.network.obstructions.walls
        if not len(walls):
            return True
        _, near = shapely.STRtree(walls).query(lines, predicate="dwithin", distance=_MARGIN_M)
        closed = walls[np.unique(near)]
        if len(closed):
            inner = shapely.union_all(shapely.buffer(gates, GATE_REACH_M - _MARGIN_M))
            if shapely.dwithin(shapely.union_all(lines), shapely.difference(closed, inner), _MARGIN_M).any():
                return False
        opened = self._opened(gates)
        reach = JOIN_M + _MARGIN_M
        return not len(self._edges.query(opened, predicate="dwithin", distance=reach)[1])

    def _opened(self, gates: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the pieces of wall that gates open, and a little more."""
        walls = self.network.obstructions.walls
        if not (len(walls) and len(gates)):
            return np.zeros(0, dtype=object)
        zone = shapely.union_all(shapely.buffer(gates, GATE_REACH_M + _MARGIN_M))
        pieces = shapely.intersection(walls, zone)
        opened: NDArray[np.object_] = pieces[~shapely.is_empty(pieces)]
        return opened

    def _moved(
        self, lines: NDArray[np.object_], gates: NDArray[np.object_], ends: NDArray[np.float64]
    ) -> NDArray[np.int64] | None:
        """Return the doors that now step onto a new way; None where more changes at the doors."""
        ways, joints = shapely.union_all(lines), shapely.MultiPoint(ends)
        opened = self._opened(gates)
        after = self.network
        if len(opened):
            closed = self.network.obstructions
            walls = open_walls(closed.walls, gates)
            after = replace(after, obstructions=Obstructions(walls=walls, buildings=closed.buildings))
        if self._arriving.stirred(self.network, after, ways, joints, opened).any():
            return None
        stirred = np.flatnonzero(self._leaving.stirred(self.network, after, ways, joints, opened))
        if not stirred.size:
            return stirred
        parts, leg_m = self._leaving.geometry[stirred], self._leaving.leg_m[stirred]
        nearer = shapely.distance(parts, ways) < leg_m - _ON_EDGE_M
        if not (self._leaving.free[stirred] & nearer).all():
            return None
        return stirred if (_steps(after, parts, ways) == CROSSES_NOTHING).all() else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Places:
    """Doors or facilities, and how they touch the network."""

    geometry: NDArray[np.object_]
    leg_m: NDArray[np.float64]  # to the network; the limit where it is not touched
    free: NDArray[np.bool_]  # whether the straight path to it crosses nothing

    @classmethod
    def of(cls, network: WalkNetwork, geometry: NDArray[np.object_]) -> _Places:
        parts = shapely.get_parts(shapely.force_2d(geometry))
        touched = network.snap(parts)
        leg = np.full(len(parts), SNAP_LIMIT_M)
        leg[touched.owner] = 0.0
        np.maximum.at(leg, touched.owner, touched.leg_m)
        free = np.ones(len(parts), dtype=bool)
        free[touched.owner[touched.crossed != CROSSES_NOTHING]] = False
        return cls(geometry=parts, leg_m=leg, free=free)

    def stirred(
        self,
        before: WalkNetwork,
        after: WalkNetwork,
        ways: shapely.Geometry,
        joints: shapely.Geometry,
        opened: NDArray[np.object_],
    ) -> NDArray[np.bool_]:
        """Tell which places may touch the network elsewhere than before.

        `after` has the walls opened and no new ways; where these join the old ones, both are touched at once.
        """
        limit = np.where(self.free, self.leg_m, SNAP_LIMIT_M) + _ON_EDGE_M
        away = shapely.distance(self.geometry, ways)
        level = np.abs(away - self.leg_m) <= _ON_EDGE_M
        at_joint = shapely.distance(self.geometry, joints) <= away + _SAME_M
        near = (away <= limit) & ~(level & at_joint & self.free)
        if len(opened):
            near |= shapely.distance(self.geometry, shapely.union_all(opened)) <= limit
        # Those that step through a house for want of a better path: is the new way better, or is one free now?
        walled = np.flatnonzero(near & ~self.free)
        if walled.size:
            places = self.geometry[walled]
            was, now = before.snap(places), after.snap(places)
            same = all(
                np.array_equal(getattr(was, name), getattr(now, name))
                for name in ("owner", "edge", "leg_m", "crossed")
            )
            worst = np.zeros(len(walled), dtype=np.int8)
            np.maximum.at(worst, was.owner, was.crossed)
            by_way = _steps(after, places, ways)
            away = shapely.distance(places, ways)
            worse = (by_way > worst) | ((by_way == worst) & (away > self.leg_m[walled] + _ON_EDGE_M))
            near[walled] = ~(worse | (away > SNAP_LIMIT_M)) if same else True
        return np.asarray(near, dtype=bool)


def _steps(network: WalkNetwork, places_: NDArray[np.object_], ways: shapely.Geometry) -> NDArray[np.int8]:
    """Tell what the straight paths from places to new ways cross."""
    areas = shapely.get_type_id(places_) == shapely.GeometryType.POLYGON
    entered = places_.copy()
    entered[areas] = shapely.get_exterior_ring(places_[areas])
    steps = shapely.shortest_line(entered, ways)
    start, foot = (shapely.get_coordinates(shapely.get_point(steps, at)).reshape(-1, 2) for at in (0, 1))
    return network.obstructions.crossed(start, foot)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Addition:
    """Ways that were added to a network."""

    ways: gpd.GeoDataFrame
    ends: NDArray[np.float64]  # where they touch the old network, metres
    moved: NDArray[np.int64]  # doors that now step onto them
    between: NDArray[np.float64]  # minutes between the ends, over the new ways
    alone: WalkNetwork | None  # the new ways by themselves; None where no door steps onto them


def minutes_with(base: Base, additions: list[Addition]) -> list[NDArray[np.float64]]:
    """Return the minutes after each of several additions, each by itself.

    Parameters
    ----------
    base : Base
        The state before.
    additions : list of Addition
        What :meth:`Base.addition` made.

    Returns
    -------
    list of array of float
        Parts by categories, infinite where not reached.
    """
    if not additions:
        return []
    stops = np.cumsum([len(one.ends) for one in additions])
    ends = places(np.concatenate([one.ends for one in additions]), base.parts.crs)
    to_ends = _minutes(base.network, base.parts, ends, base.profile)
    found = [base.minutes.copy() for _ in additions]
    for estate, rows in base._estates:  # noqa: SLF001 - one room
        theirs = ends.assign(estate_id=estate)
        onward = _minutes(base.network, theirs, base.facilities, base.profile)
        for one, stop, after in zip(additions, stops, found, strict=True):
            here = slice(int(stop) - len(one.ends), int(stop))
            # Between two ends a detour over the old ways is no gain: whoever is at an end can walk on from there.
            between = one.between
            if len(one.ends) > _TWO:
                own = theirs.iloc[here]
                between = np.minimum(between, _minutes(base.network, own, own, base.profile))
            beyond = _closed(between, onward[here])
            after[rows] = np.minimum(after[rows], _least_sum(to_ends[rows, here], beyond))
            moved = np.intersect1d(one.moved, rows)
            if moved.size and one.alone is not None:
                own = places(one.ends, base.parts.crs)
                steps = _minutes(one.alone, base.parts.iloc[moved], own, base.profile)
                after[moved] = _least_sum(steps, beyond)
    return found


def places(xy: NDArray[np.float64], crs: object) -> gpd.GeoDataFrame:
    """Return places that are each a category of their own, in their order."""
    names = [f"{i:06d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"category": names}, geometry=list(_points(xy)), crs=crs)


def _points(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.atleast_1d(np.asarray(shapely.points(xy), dtype=object))


def _minutes(
    network: WalkNetwork, origins: gpd.GeoDataFrame, ends: gpd.GeoDataFrame, profile: str
) -> NDArray[np.float64]:
    return _filled(walk_times(network, origins, ends, max_min=np.inf, profile=profile).to_numpy(dtype=float))


def _filled(minutes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(minutes), np.inf, minutes)


def _closed(between: NDArray[np.float64], onward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the minutes from each end onward, over as many new and old ways as serve."""
    least = between.copy()
    np.fill_diagonal(least, 0.0)
    for k in range(len(least)):
        least = np.minimum(least, least[:, [k]] + least[[k], :])
    return _least_sum(least, onward)


def _least_sum(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return min over k of a[i, k] + b[k, j]."""
    least = np.full((a.shape[0], b.shape[1]), np.inf)
    for k in range(a.shape[1]):
        np.minimum(least, a[:, [k]] + b[[k], :], out=least)
    return least


def _estates(
    network: WalkNetwork, parts: gpd.GeoDataFrame
) -> tuple[tuple[str | None, NDArray[np.int64]], ...]:
    """Return the doors by the estate whose private ways are open to them, as :func:`walk_times` tells them apart."""
    everyone = np.arange(len(parts))
    if not network.estates or "estate_id" not in parts:
        return ((None, everyone),)
    estate = parts["estate_id"].to_numpy(dtype=object)
    known = {name: everyone[estate == name] for name in network.estates}
    rest = np.setdiff1d(everyone, np.concatenate(list(known.values())))
    return tuple((name, rows) for name, rows in [(None, rest), *known.items()] if len(rows))
