"""Networks to measure on: one drawn from a seed, and real ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from plan.network.kernel import TimedEdges
from plan.network.snapping import Snapped

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
M_PER_MIN = 72.0  # 1.2 m/s


@dataclass(frozen=True, kw_only=True, eq=False)
class Town:
    """Nodes and edges, walked in both directions."""

    name: str
    xy: np.ndarray
    u: np.ndarray
    v: np.ndarray
    length_m: np.ndarray

    @property
    def minutes(self):
        return self.length_m / M_PER_MIN

    def timed(self):
        """Make the network as a user's is made; what it builds when first asked is not built yet."""
        return TimedEdges.build(
            xy=self.xy,
            u=self.u,
            v=self.v,
            drawn_m=self.length_m,
            minutes=(self.minutes, self.minutes),
            m_per_min=M_PER_MIN,
        )

    def csr(self):
        """Make the graph of the peers that read sparse matrices; of repeated edges the shortest."""
        low, high = np.minimum(self.u, self.v), np.maximum(self.u, self.v)
        order = np.lexsort((self.minutes, high, low))
        low, high, cost = low[order], high[order], self.minutes[order]
        first = np.ones(len(low), dtype=bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        first &= low != high
        low, high, cost = low[first], high[first], np.maximum(cost[first], 1e-300)
        size = (len(self.xy),) * 2
        both = (np.r_[cost, cost], (np.r_[low, high], np.r_[high, low]))
        return csr_array(coo_array(both, shape=size))

    def at_nodes(self, nodes):
        """Return places that stand on nodes."""
        edge, fraction = np.full(len(self.xy), -1), np.zeros(len(self.xy))
        edge[self.v], fraction[self.v] = np.arange(len(self.v)), 1.0
        edge[self.u], fraction[self.u] = np.arange(len(self.u)), 0.0
        return places(edge[nodes], fraction[nodes])


def places(edge, fraction):
    """Return places on edges."""
    count = len(edge)
    spot = np.zeros((count, 2))
    return Snapped(
        count=count,
        owner=np.arange(count),
        edge=edge,
        fraction=fraction,
        leg_m=np.zeros(count),
        start=spot,
        foot=spot,
        crossed=np.zeros(count, dtype=np.int8),
    )


def synthetic(nodes, *, seed=7):
    """Draw perturbed blocks of 60 m, 22 % of the streets left out, the largest piece; edges up to 1.3 as long as straight."""
    side = round(nodes**0.5)
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    xy = np.column_stack([x.ravel(), y.ravel()]) * 60.0 + rng.uniform(-15, 15, (side * side, 2))
    ids = np.arange(side * side).reshape(side, side)
    u = np.concatenate([ids[:-1].ravel(), ids[:, :-1].ravel()])
    v = np.concatenate([ids[1:].ravel(), ids[:, 1:].ravel()])
    keep = rng.random(len(u)) >= 0.22
    u, v = u[keep], v[keep]
    length = np.hypot(*(xy[u] - xy[v]).T) * rng.uniform(1, 1.3, len(u))
    return largest(Town(name=f"synthetic {nodes:,}", xy=xy, u=u, v=v, length_m=length))


def largest(town):
    """Keep the largest connected piece."""
    size = len(town.xy)
    graph = coo_array((np.ones(len(town.u)), (town.u, town.v)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    inside = label == np.bincount(label).argmax()
    number = np.cumsum(inside) - 1
    edge = inside[town.u]
    return Town(
        name=town.name,
        xy=town.xy[inside],
        u=number[town.u[edge]],
        v=number[town.v[edge]],
        length_m=town.length_m[edge],
    )


def porto_alegre(kind="raw"):
    """Read the walking network of Porto Alegre: junctions only, or a node every 8 m."""
    nodes = pd.read_parquet(SHARED / f"perf_porto_alegre_walk_{kind}_nodes.parquet")
    edges = pd.read_parquet(SHARED / f"perf_porto_alegre_walk_{kind}_edges.parquet")
    xy = metres(nodes["lon"].to_numpy(), nodes["lat"].to_numpy())
    return largest(
        Town(
            name=f"Porto Alegre, {kind}",
            xy=xy,
            u=edges["u"].to_numpy(),
            v=edges["v"].to_numpy(),
            length_m=edges["length_m"].to_numpy(dtype=float),
        )
    )


def openstreetmap(file, name):
    """Read every vertex of every way that may be walked as a node: chains of bends, as they are drawn."""
    import osmium

    closed = {"motorway", "motorway_link", "trunk", "construction", "proposed", "raceway"}
    number: dict[int, int] = {}
    spots, tail, head = [], [], []
    for way in osmium.FileProcessor(str(SHARED / file)).with_locations():
        if not way.is_way() or way.tags.get("highway", "construction") in closed:
            continue
        last = None
        for node in way.nodes:
            if not node.location.valid():
                last = None
                continue
            at = number.setdefault(node.ref, len(spots))
            if at == len(spots):
                spots.append((node.lon, node.lat))
            if last is not None:
                tail.append(last)
                head.append(at)
            last = at
    spots = np.array(spots)
    xy = metres(spots[:, 0], spots[:, 1])
    u, v = np.array(tail), np.array(head)
    return largest(Town(name=name, xy=xy, u=u, v=v, length_m=np.hypot(*(xy[u] - xy[v]).T)))


def metres(lon, lat):
    """Project degrees to metres, well enough for a benchmark."""
    return np.column_stack(
        [(lon - lon.mean()) * 111_320 * np.cos(np.radians(lat.mean())), (lat - lat.mean()) * 110_540]
    )


def tiled(town, nodes):
    """Lay copies of a town side by side until there are so many nodes."""
    copies = int(np.ceil(nodes / len(town.xy)))
    side = int(np.ceil(copies**0.5))
    wide, high = np.ptp(town.xy, axis=0) + 100
    shift = [(i % side * wide, i // side * high) for i in range(copies)]
    size = len(town.xy)
    return Town(
        name=f"{town.name} x {copies}",
        xy=np.concatenate([town.xy + step for step in shift]),
        u=np.concatenate([town.u + i * size for i in range(copies)]),
        v=np.concatenate([town.v + i * size for i in range(copies)]),
        length_m=np.tile(town.length_m, copies),
    )
