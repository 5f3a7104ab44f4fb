"""The walking network as nodes and edges: every minute comes from here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import UsageError
from plan.messages import Message
from plan.network.frames import check_edges, check_nodes, check_speeds, common_crs, walked_edges
from plan.network.islands import islands_problem
from plan.network.kernel import TimedEdges
from plan.network.site_lines import SiteLines
from plan.network.snapping import SNAP_LIMIT_M, EdgeIndex, Snapped
from plan.network.speed import BACKWARD, BOTH, CLOSED, Pace, Walked, barred, check_pace, edge_minutes, level
from plan.network.terrain import drape, raster_problems
from plan.network.walls import Obstructions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import networkx as nx
    from numpy.typing import NDArray

    from plan.findings import Problem
    from plan.network.relief import Relief
    from plan.site import Site

__all__ = ["WalkNetwork"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkNetwork:
    """Where people can walk: nodes, edges, walls, and the speeds of the people.

    Make one with :meth:`from_frames`, :meth:`from_site` or :meth:`from_graph`.
    """

    crs: Any  # pyproj.CRS in metres, or None when the frames state none
    speeds: Mapping[str, float | Pace] | None  # metres per minute, or more than that, by profile
    problems: tuple[Problem, ...]  # what was joined, cut or found apart while it was made
    obstructions: Obstructions  # closed walls and buildings
    _nodes: pd.DataFrame
    _edges: pd.DataFrame
    _u: NDArray[np.int64]
    _v: NDArray[np.int64]
    _walked: Walked  # lengths, directions, steps, crossings, slopes
    _geometry: NDArray[np.object_]
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)  # built when first needed

    @classmethod
    def from_frames(
        cls, nodes: pd.DataFrame, edges: pd.DataFrame, *, speeds: Mapping[str, float | Pace] | None = None
    ) -> Self:
        """Make a network from a frame of nodes and a frame of edges.

        Parameters
        ----------
        nodes : DataFrame
            ``x``, ``y`` in metres, indexed by node id; optionally ``z``, their height in metres; other columns are
            kept.
        edges : DataFrame or GeoDataFrame
            ``u``, ``v`` (node ids) and ``length_m`` in metres; optionally ``oneway`` (True or 1: from u to v
            only; -1: from v to u only; False, 0 or nothing: both ways), ``geometry`` (a line from u to v;
            straight where there is none), ``kind`` (``steps`` and ``crossing`` take a :class:`Pace` longer),
            ``way_id``, ``slope`` (rise over run from u to v, negative downhill; it counts more than the heights
            of the nodes), ``residents_of`` (the estate whose residents alone may walk here), ``ramp`` (on
            steps: ``wheelchair`` or ``stroller``, for whose wheels there is one), ``wheelchair`` (False: closed to them)
            and others, which are kept. Zero lengths, loops and repeated edges are fine: the shortest wins. Places snap to the
            geometry; their share of it is their share of ``length_m``.
        speeds : mapping of str to float or Pace, optional
            Metres per minute, or more than that, by profile. Without it the speeds of the national rule pack are
            used where minutes are asked for.

        Returns
        -------
        WalkNetwork
            The network.

        Raises
        ------
        InputError
            If a row is not usable; the error carries every problem.
        CrsError
            If coordinates are in degrees, or the frames are in different systems.
        UsageError
            If a speed is not a positive number.
        """
        crs = common_crs(nodes, edges)
        xy = check_nodes(nodes)
        checked = check_edges(nodes, edges, xy)
        return cls(
            crs=crs,
            speeds=check_speeds(speeds),
            problems=(),
            obstructions=_nothing(),
            _nodes=pd.DataFrame(nodes).copy(),
            _edges=pd.DataFrame(edges).copy(),
            _u=checked.u,
            _v=checked.v,
            _walked=walked_edges(nodes, edges, checked),
            _geometry=checked.geometry,
        )

    @classmethod
    def from_site(
        cls,
        site: Site,
        *,
        speeds: Mapping[str, float | Pace] | None = None,
        dem: Path | str | None = None,
        at: str | None = None,
    ) -> Self:
        """Make a network from the walkways, barriers, gates and buildings of a site.

        Lines meet where they share a vertex. Lines that cross without one do not meet: one is a bridge. Line
        ends that miss another line by at most 0.1 m are joined, and told in ``problems``. A wall, fence or hedge
        cuts every walkway on the ground that crosses it, unless a gate stands within 3 m of the crossing; one
        with ``access`` ``no`` is shut. A one-way street is one-way for vehicles and open to walkers in both
        directions; a one-way path, stair or elevator is not.

        Ways and gates with ``access`` ``private`` or ``residents`` are open to the residents of the estate (of the
        parcel with an ``estate_id``) on which they lie, and to nobody else: they lead neither through nor into it.
        Where no such parcel is known they are open to everybody. See :meth:`open_to`.

        Parameters
        ----------
        site : Site
            With a layer ``walkways``; ``barriers``, ``entrances``, ``parcels`` and ``buildings`` are used where
            present.
        speeds : mapping of str to float or Pace, optional
            Metres per minute, or more than that, by profile; see :meth:`from_frames`.
        dem : path-like, optional
            A raster of heights; see :meth:`with_terrain`.
        at : str, optional
            Time of day, ``HH:MM``: gates that are not open then are shut. Without it all are open.

        Returns
        -------
        WalkNetwork
            The network, in the site's reference system.

        Raises
        ------
        MissingLayerError
            If the site has no walkways.
        UsageError
            If `at` is no time of day.
        InputError
            If the raster cannot be used, or has no heights where the walkways are.
        """
        lines = SiteLines.of(site, at=at)
        bare = cls.from_frames(lines.nodes, lines.edges, speeds=speeds)
        made = replace(bare, obstructions=lines.obstructions)
        problems = (*lines.problems, *islands_problem(made))
        flat = replace(made, problems=problems)
        return flat if dem is None else flat.with_terrain(dem)

    @classmethod
    def from_graph(cls, graph: nx.Graph[Any], *, speeds: Mapping[str, float | Pace] | None = None) -> Self:
        """Make a network from a projected networkx or OSMnx graph.

        Parameters
        ----------
        graph : networkx graph
            Nodes with ``x``, ``y`` in metres; edges with ``length`` or ``length_m`` in metres and
            optionally ``geometry``. The edges of a directed graph are one-way.
        speeds : mapping of str to float or Pace, optional
            Metres per minute, or more than that, by profile; see :meth:`from_frames`.

        Returns
        -------
        WalkNetwork
            The network.
        """
        nodes = pd.DataFrame.from_dict(dict(graph.nodes(data=True)), orient="index")
        rows = [
            {
                "u": u,
                "v": v,
                "length_m": data.get("length_m", data.get("length")),
                "geometry": data.get("geometry"),
                "kind": data.get("kind", data.get("highway")),
            }
            for u, v, data in graph.edges(data=True)
        ]
        edges = pd.DataFrame(rows, columns=["u", "v", "length_m", "geometry", "kind"])
        edges["oneway"] = graph.is_directed()
        crs = graph.graph.get("crs")
        if crs is None:
            return cls.from_frames(nodes, edges, speeds=speeds)
        return cls.from_frames(nodes, gpd.GeoDataFrame(edges, geometry="geometry", crs=crs), speeds=speeds)

    def __repr__(self) -> str:
        return f"WalkNetwork({len(self._nodes)} nodes, {len(self._edges)} edges, {len(self.islands)} islands)"

    @property
    def nodes(self) -> pd.DataFrame:
        """A copy of the nodes: ``x``, ``y`` in metres, indexed by node id."""
        return self._nodes.copy()

    @property
    def edges(self) -> gpd.GeoDataFrame:
        """A copy of the edges with their geometry: ``u``, ``v``, ``length_m`` and what else was given."""
        frame = self._edges.drop(columns="geometry", errors="ignore")
        return gpd.GeoDataFrame(frame, geometry=self._geometry.copy(), crs=self.crs)

    @property
    def islands(self) -> tuple[int, ...]:
        """Edges in each connected piece of the network, largest first; one-ways count as connections."""
        if "islands" not in self._made:
            self._made["islands"] = tuple(np.sort(np.bincount(self.pieces()))[::-1].tolist())
        made: tuple[int, ...] = self._made["islands"]
        return made

    @property
    def relief(self) -> Relief | None:
        """How the edges rise from u to v; None where neither slopes nor heights are known."""
        return self._walked.relief

    @property
    def steps(self) -> NDArray[np.bool_]:
        """Which edges are steps."""
        return self._walked.steps.copy()

    @property
    def estates(self) -> tuple[str, ...]:
        """The estates that have ways of their own, which nobody else may walk."""
        if "residents_of" not in self._edges.columns:
            return ()
        return tuple(sorted({str(one) for one in self._edges["residents_of"].dropna().unique()}))

    def with_speeds(self, speeds: Mapping[str, float | Pace]) -> WalkNetwork:
        """Return the same network for people who walk at other speeds.

        Parameters
        ----------
        speeds : mapping of str to float or Pace
            Metres per minute, or more than that, by profile.
        """
        other = replace(self, speeds=check_speeds(speeds))
        other._made.update(self._made)  # noqa: SLF001 - one of us
        return other

    def with_terrain(self, dem: Path | str) -> Self:
        """Return the same network on the terrain of a raster: uphill takes longer than downhill.

        Edges are sampled at least every 10 m, between the cells of the raster. Corridors, elevators and ways above
        or below the ground do not follow it and are level. Where the raster has no height, the slope that is
        drawn stands; where none is drawn, the edge counts as level; both are told in ``problems``.

        Parameters
        ----------
        dem : path-like
            A GeoTIFF of one band with heights in metres, or a tile of SRTM (``.hgt``, ``.hgt.zip``).

        Returns
        -------
        WalkNetwork
            With a relief. Its edges have the column ``slope`` of the raster.

        Raises
        ------
        InputError
            If the raster cannot be used, or has no heights where the edges are (PLAN-DEM-001).
        CrsError
            If the network or the raster states no reference system.
        """
        kind = self._edges["kind"] if "kind" in self._edges else pd.Series(None, index=self._edges.index)
        lifted = np.asarray(kind.isin(["corridor", "elevator"]), dtype=bool)
        if "level" in self._edges:
            storey = pd.to_numeric(self._edges["level"], errors="coerce").fillna(0)
            lifted = lifted | np.asarray(storey != 0, dtype=bool)
        draped = drape(self._geometry, level=lifted, dem=dem, crs=self.crs)
        relief = draped if self.relief is None else draped.filled(self.relief)
        problems = raster_problems(
            draped,
            relief,
            self._walked,
            dem=dem,
            ways=self._edges.get("way_id"),
        )
        length_m = self._walked.length_m
        slope = np.divide(relief.net_m, length_m, out=np.zeros(len(length_m)), where=length_m > 0)
        return replace(
            self,
            problems=(*self.problems, *problems),
            _walked=replace(self._walked, relief=relief),
            _edges=self._edges.assign(slope=slope),
        )

    def closing(self, closed: NDArray[np.bool_]) -> WalkNetwork:
        """Return the network with some edges closed in both directions; places still snap to them.

        Parameters
        ----------
        closed : array of bool
            By position of the edge.
        """
        other = replace(self, _walked=self._walked.closing(closed))
        alike = {name: made for name, made in self._made.items() if name in _ALIKE}
        other._made.update(alike)  # noqa: SLF001 - one of us
        return other

    def open_to(self, estate: str | None) -> WalkNetwork:
        """Return the network as the residents of an estate may use it: private ways of other estates are closed.

        Parameters
        ----------
        estate : str or None
            Its ``estate_id``; None for people who live on none of the estates with private ways.
        """
        if not self.estates:
            return self
        name = ("open_to", estate)
        if name not in self._made:
            theirs = self._edges["residents_of"]
            self._made[name] = self.closing(np.asarray(theirs.notna() & (theirs != estate), dtype=bool))
        made: WalkNetwork = self._made[name]
        return made

    def pace(self, profile: str) -> float | Pace:
        """Return how people of a profile walk.

        Raises
        ------
        UsageError
            If the network has no speed for it.
        """
        known = self.speeds or {}
        if profile not in known:
            raise UsageError(Message("network.profile", profile=profile, known=tuple(sorted(known))))
        return known[profile]

    def speed(self, profile: str) -> float:
        """Return the walking speed of a profile on level ground in metres per minute.

        Raises
        ------
        UsageError
            If the network has no speed for it.
        """
        return level(self.pace(profile))

    def barred(self, pace: float | Pace) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which edges a pace cannot take because they are steps, and which because they are too steep."""
        return barred(self._walked, pace)

    def snap(self, geometries: NDArray[np.object_], *, limit_m: float = SNAP_LIMIT_M) -> Snapped:
        """Find where geometries touch the network: on the interior of edges, not on nodes.

        Parameters
        ----------
        geometries : array of Geometry
            Points, several doors as a MultiPoint, outlines as Polygon.
        limit_m : float, default 200
            Metres beyond which nothing is touched.

        Returns
        -------
        Snapped
            Where each geometry touches, and the length of the straight path to it.

        Raises
        ------
        UsageError
            If the limit is not a positive number.
        """
        if not (np.isfinite(limit_m) and limit_m > 0):
            raise UsageError(Message("network.snap_limit", limit=limit_m))
        if "index" not in self._made:
            self._made["index"] = EdgeIndex(geometry=self._geometry, obstructions=self.obstructions)
        index: EdgeIndex = self._made["index"]
        return index.snap(geometries, limit_m=limit_m)

    def timed(self, pace: float | Pace) -> TimedEdges:
        """Return the edges with the minutes of one pace, ready to be searched.

        Parameters
        ----------
        pace : float or Pace
            Metres per minute on everything, or what slopes, steps and crossings do to them as well. At 1 metre per
            minute the minutes are metres.

        Raises
        ------
        UsageError
            If the pace makes no sense.
        """
        pace = check_pace(pace)
        if pace not in self._made:
            self._made[pace] = TimedEdges.build(
                xy=self._nodes[["x", "y"]].to_numpy(dtype=float),
                u=self._u,
                v=self._v,
                drawn_m=shapely.length(self._geometry),
                minutes=edge_minutes(self._walked, pace),
                m_per_min=level(pace),
            )
        made: TimedEdges = self._made[pace]
        return made

    def lines(self) -> NDArray[np.object_]:
        """Return the geometries of the edges, each from u to v."""
        return self._geometry.copy()

    def to_networkx(self) -> nx.MultiDiGraph[Any]:
        """Write the network as a networkx graph: one edge for each direction that is open.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes with ``x``, ``y``; edges with ``length_m`` and ``edge``, the position of the edge.
        """
        import networkx as nx  # noqa: PLC0415 - heavy

        graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=self.crs)
        ids = list(self._nodes.index)
        for node, x, y in zip(ids, self._nodes["x"], self._nodes["y"], strict=True):
            graph.add_node(node, x=float(x), y=float(y))
        for position, (u, v, length, oneway) in enumerate(
            zip(
                self._u.tolist(),
                self._v.tolist(),
                self._walked.length_m.tolist(),
                self._walked.oneway.tolist(),
                strict=True,
            )
        ):
            if oneway == CLOSED:
                continue
            if oneway != BACKWARD:
                graph.add_edge(ids[u], ids[v], length_m=length, edge=position)
            if oneway in (BOTH, BACKWARD):
                graph.add_edge(ids[v], ids[u], length_m=length, edge=position)
        return graph

    def pieces(self) -> NDArray[np.int64]:
        """Return for each edge the number of the connected piece that it is part of; one-ways connect."""
        label = _connected(len(self._nodes), self._u, self._v)
        return np.unique(label[self._u], return_inverse=True)[1].reshape(-1)


# What does not change when edges are closed.
_ALIKE = ("index", "islands")


def _connected(nodes: int, u: NDArray[np.int64], v: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each node the first node of its connected piece; scipy takes longer to load than this to run."""
    label = np.arange(nodes)
    while len(u):
        low = np.minimum(label[u], label[v])
        np.minimum.at(label, label[u], low)
        np.minimum.at(label, label[v], low)
        while not np.array_equal(label, beyond := label[label]):
            label = beyond
        apart = label[u] != label[v]
        u, v = u[apart], v[apart]
    return label


def _nothing() -> Obstructions:
    none = np.zeros(0, dtype=object)
    return Obstructions(walls=none, buildings=none)
