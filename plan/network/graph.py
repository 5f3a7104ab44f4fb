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
from plan.network.frames import check_edges, check_nodes, check_speeds, common_crs
from plan.network.kernel import TimedEdges
from plan.network.site_lines import SiteLines, islands_problem
from plan.network.snapping import SNAP_LIMIT_M, EdgeIndex, Snapped
from plan.network.speed import BACKWARD, BOTH, edge_minutes
from plan.network.walls import Obstructions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import networkx as nx
    from numpy.typing import NDArray

    from plan.findings import Problem
    from plan.site import Site

__all__ = ["WalkNetwork"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalkNetwork:
    """Where people can walk: nodes, edges, walls, and the speeds of the people.

    Make one with :meth:`from_frames`, :meth:`from_site` or :meth:`from_graph`.
    """

    crs: Any  # pyproj.CRS in metres, or None when the frames state none
    speeds: Mapping[str, float] | None  # metres per minute by profile
    problems: tuple[Problem, ...]  # what was joined, cut or found apart while it was made
    obstructions: Obstructions  # closed walls and buildings
    _nodes: pd.DataFrame
    _edges: pd.DataFrame
    _u: NDArray[np.int64]
    _v: NDArray[np.int64]
    _length_m: NDArray[np.float64]
    _oneway: NDArray[np.int8]
    _geometry: NDArray[np.object_]
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)  # built when first needed

    @classmethod
    def from_frames(
        cls, nodes: pd.DataFrame, edges: pd.DataFrame, *, speeds: Mapping[str, float] | None = None
    ) -> Self:
        """Make a network from a frame of nodes and a frame of edges.

        Parameters
        ----------
        nodes : DataFrame
            ``x``, ``y`` in metres, indexed by node id; other columns are kept.
        edges : DataFrame or GeoDataFrame
            ``u``, ``v`` (node ids) and ``length_m`` in metres; optionally ``oneway`` (True or 1: from u to v
            only; -1: from v to u only; False, 0 or nothing: both ways), ``geometry`` (a line from u to v;
            straight where there is none) and others, which are kept. Zero lengths, loops and repeated edges are
            fine: the shortest wins. Places snap to the geometry; their share of it is their share of
            ``length_m``.
        speeds : mapping of str to float, optional
            Metres per minute by profile. Without it the speeds of the national rule pack are used where
            minutes are asked for.

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
            _length_m=checked.length_m,
            _oneway=checked.oneway,
            _geometry=checked.geometry,
        )

    @classmethod
    def from_site(cls, site: Site, *, speeds: Mapping[str, float] | None = None) -> Self:
        """Make a network from the walkways, barriers, gates and buildings of a site.

        Lines meet where they share a vertex. Lines that cross without one do not meet: one is a bridge. Line
        ends that miss another line by at most 0.1 m are joined, and told in ``problems``. A wall, fence or hedge
        cuts every walkway on the ground that crosses it, unless a gate stands within 3 m of the crossing; a
        private gate is open to residents, one with ``access`` ``no`` is not. A one-way street is one-way for
        vehicles and open to walkers in both directions; a one-way path, stair or elevator is not.

        Parameters
        ----------
        site : Site
            With a layer ``walkways``; ``barriers``, ``entrances`` and ``buildings`` are used where present.
        speeds : mapping of str to float, optional
            Metres per minute by profile; see :meth:`from_frames`.

        Returns
        -------
        WalkNetwork
            The network, in the site's reference system.

        Raises
        ------
        MissingLayerError
            If the site has no walkways.
        """
        lines = SiteLines.of(site)
        made = cls.from_frames(lines.nodes, lines.edges, speeds=speeds)
        parts = {name: getattr(made, name) for name in _PARTS}
        return cls(
            **parts,
            problems=(*lines.problems, *islands_problem(made.islands)),
            obstructions=lines.obstructions,
        )

    @classmethod
    def from_graph(cls, graph: nx.Graph[Any], *, speeds: Mapping[str, float] | None = None) -> Self:
        """Make a network from a projected networkx or OSMnx graph.

        Parameters
        ----------
        graph : networkx graph
            Nodes with ``x``, ``y`` in metres; edges with ``length`` or ``length_m`` in metres and
            optionally ``geometry``. The edges of a directed graph are one-way.
        speeds : mapping of str to float, optional
            Metres per minute by profile; see :meth:`from_frames`.

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
            self._made["islands"] = tuple(np.sort(np.bincount(self._component()))[::-1].tolist())
        made: tuple[int, ...] = self._made["islands"]
        return made

    def with_speeds(self, speeds: Mapping[str, float]) -> WalkNetwork:
        """Return the same network for people who walk at other speeds.

        Parameters
        ----------
        speeds : mapping of str to float
            Metres per minute by profile.
        """
        parts = {name: getattr(self, name) for name in _PARTS}
        parts["speeds"] = check_speeds(speeds)
        other = WalkNetwork(**parts, problems=self.problems, obstructions=self.obstructions)
        other._made.update(self._made)
        return other

    def speed(self, profile: str) -> float:
        """Return the walking speed of a profile in metres per minute.

        Raises
        ------
        UsageError
            If the network has no speed for it.
        """
        known = self.speeds or {}
        if profile not in known:
            raise UsageError(Message("network.profile", profile=profile, known=tuple(sorted(known))))
        return known[profile]

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

    def timed(self, m_per_min: float) -> TimedEdges:
        """Return the edges with the minutes of one speed, ready to be searched."""
        if m_per_min not in self._made:
            self._made[m_per_min] = TimedEdges.build(
                xy=self._nodes[["x", "y"]].to_numpy(dtype=float),
                u=self._u,
                v=self._v,
                drawn_m=shapely.length(self._geometry),
                minutes=edge_minutes(self._length_m, self._oneway, m_per_min=m_per_min),
                m_per_min=m_per_min,
            )
        made: TimedEdges = self._made[m_per_min]
        return made

    def lines(self) -> NDArray[np.object_]:
        """Return the geometries of the edges, each from u to v."""
        return self._geometry.copy()

    def part(self, edges: NDArray[np.int64], *, obstructions: Obstructions, m_per_min: float) -> WalkNetwork:
        """Return the network of some of the edges, for a search that needs no others.

        What :meth:`timed` says of the speed is that of the whole network, to the last bit.

        Parameters
        ----------
        edges : array of int
            Positions of edges, ascending.
        obstructions : Obstructions
            Walls and buildings near them.
        m_per_min : float
            The speed of the search.

        Returns
        -------
        WalkNetwork
            Whole edges with the nodes at their ends, in the same order; it tells no problems.
        """
        nodes, ends = np.unique(np.concatenate([self._u[edges], self._v[edges]]), return_inverse=True)
        u, v = ends.reshape(2, -1)
        made = replace(
            self,
            problems=(),
            obstructions=obstructions,
            _nodes=self._nodes.iloc[nodes],
            _edges=self._edges.drop(columns="geometry", errors="ignore").iloc[edges],
            _u=u,
            _v=v,
            _length_m=self._length_m[edges],
            _oneway=self._oneway[edges],
            _geometry=self._geometry[edges],
        )
        made._made[m_per_min] = self.timed(m_per_min).part(nodes, edges, u, v)  # noqa: SLF001 - one of us
        return made

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
                self._length_m.tolist(),
                self._oneway.tolist(),
                strict=True,
            )
        ):
            if oneway != BACKWARD:
                graph.add_edge(ids[u], ids[v], length_m=length, edge=position)
            if oneway in (BOTH, BACKWARD):
                graph.add_edge(ids[v], ids[u], length_m=length, edge=position)
        return graph

    def _component(self) -> NDArray[np.int64]:
        """Return for each edge the connected piece that it is part of."""
        from scipy.sparse import coo_array  # noqa: PLC0415 - heavy
        from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - heavy

        size = len(self._nodes)
        graph = coo_array((np.ones(len(self._u)), (self._u, self._v)), shape=(size, size))
        _, label = connected_components(graph, directed=False)
        return np.unique(label[self._u], return_inverse=True)[1].reshape(-1)


_PARTS = ("crs", "speeds", "_nodes", "_edges", "_u", "_v", "_length_m", "_oneway", "_geometry")


def _nothing() -> Obstructions:
    none = np.zeros(0, dtype=object)
    return Obstructions(walls=none, buildings=none)
