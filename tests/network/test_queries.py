"""Every search answers the same, to the last bit: plain or compiled, contracted or not, on any number of threads."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from plan.errors import UsageError
from plan.network import queries, snapping, workers
from plan.network.columns import node_minutes
from plan.network.kernel import TimedEdges
from plan.network.queries import Query, ball
from plan.network.snapping import EdgeIndex, Snapped
from plan.network.walls import Obstructions

NOTHING = np.zeros(0, dtype=object)


@pytest.fixture
def compiled(monkeypatch):
    monkeypatch.setattr(queries, "PLAIN_COLD", 0)
    monkeypatch.setattr(queries, "PLAIN_WARM", 0)


def grid(side, *, seed, oneway=0.2, whole=False):
    """A town of perturbed blocks: dead ends, chains, one-ways, islands; whole metres make ties."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
    xy = np.column_stack([x.ravel(), y.ravel()]) * 60.0
    xy = xy if whole else xy + rng.uniform(-20, 20, xy.shape)
    ids = np.arange(side * side).reshape(side, side)
    u = np.concatenate([ids[:-1].ravel(), ids[:, :-1].ravel()])
    v = np.concatenate([ids[1:].ravel(), ids[:, 1:].ravel()])
    keep = rng.random(len(u)) > 0.3
    u, v = u[keep], v[keep]
    u, v = np.concatenate([u, u[:5], [0]]), np.concatenate([v, v[:5], [0]])  # repeats and a loop
    drawn = np.hypot(*(xy[u] - xy[v]).T)
    minutes = drawn / 60 * (1 if whole else rng.uniform(0.8, 1.5, len(u)))
    forward = np.where(rng.random(len(u)) < oneway, np.inf, minutes)
    backward = np.where(rng.random(len(u)) < oneway, np.inf, minutes * (1 if whole else 1.1))
    if oneway == 0:
        backward = forward
    return xy, u, v, drawn, forward, backward


def timed(town, contracted=3):
    xy, u, v, drawn, forward, backward = town
    return TimedEdges.build(
        xy=xy, u=u, v=v, drawn_m=drawn, minutes=(forward, backward), m_per_min=60.0, contracted=contracted
    )


def on_edges(town, count, rng, *, owners=None, leg_m=20.0):
    edge = rng.integers(0, len(town[1]), count)
    fraction = np.where(rng.random(count) < 0.3, rng.integers(0, 2, count), rng.random(count))
    spot = np.zeros((count, 2))
    return Snapped(
        count=owners or count,
        owner=np.arange(count) if owners is None else np.sort(rng.integers(0, owners, count)),
        edge=edge,
        fraction=fraction,
        leg_m=np.round(rng.uniform(0, leg_m, count)),
        start=spot,
        foot=spot,
        crossed=np.zeros(count, dtype=np.int8),
    )


def matrix(edges, origins, targets):
    """Minutes from all origins to all targets: scipy on a graph in which every place is a node."""
    n, m, t = edges.nodes, len(edges.u), len(targets.owner)
    tail, head, cost = [], [], []

    def add(a, b, minutes):
        tail.append(a), head.append(b), cost.append(minutes)

    for e in range(m):
        add(edges.u[e], edges.v[e], edges.forward[e])
        add(edges.v[e], edges.u[e], edges.backward[e])
    to_u, to_v = (ticks / edges.scale for ticks in edges.leaving(origins))
    from_u, from_v = (ticks / edges.scale for ticks in edges.arriving(targets))
    o = len(origins.owner)
    for r in range(o):
        add(n + r, edges.u[origins.edge[r]], to_u[r])
        add(n + r, edges.v[origins.edge[r]], to_v[r])
    for r in range(t):
        add(edges.u[targets.edge[r]], n + o + r, from_u[r])
        add(edges.v[targets.edge[r]], n + o + r, from_v[r])
    for r in range(o):
        for s in np.flatnonzero(targets.edge == origins.edge[r]):
            share = targets.fraction[s] - origins.fraction[r]
            length = edges.drawn_m[origins.edge[r]]
            direct = edges.forward if share > 0 else edges.backward
            minutes = direct[origins.edge[r]]
            walked = 0.0 if abs(share) * length <= 1e-9 else abs(share) * minutes
            add(n + r, n + o + s, (origins.leg_m[r] + targets.leg_m[s]) / edges.m_per_min + walked)
    cost = np.array(cost)
    good = np.isfinite(cost) & (cost < 1e6)
    tail, head, cost = np.array(tail)[good], np.array(head)[good], np.maximum(cost[good], 1e-300)
    size = n + o + t
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    graph = csr_array(coo_array((cost[first], (tail[first], head[first])), shape=(size, size)))
    by_row = dijkstra(graph, indices=n + np.arange(o))[:, n + o :]
    best = np.full((origins.count, targets.count), np.inf)
    for r in range(o):
        for s in range(t):
            spot = origins.owner[r], targets.owner[s]
            best[spot] = min(best[spot], by_row[r, s])
    return best


def answers(edges, origins, targets, groups, max_min, threads):  # noqa: PLR0917 - a question in six words
    query = Query(edges, origins, targets, groups, max_min=max_min, threads=threads)
    return [
        *[array for k in (1, 3) for pair in query.nearest(k=k) for array in pair],
        query.counts(),
        *query.pairs_within(),
    ]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("max_min", [2.5, 8.0, np.inf])
def test_all_searches_are_identical_and_equal_scipy(seed, max_min, monkeypatch):
    rng = np.random.default_rng(seed)
    town = grid(9, seed=seed, oneway=0.0 if seed % 3 == 0 else 0.15, whole=seed % 2 == 0)
    origins, targets = on_edges(town, 50, rng, owners=40), on_edges(town, 30, rng, owners=24)
    groups = np.concatenate([[0, 1, 2], rng.integers(0, 3, 21)])
    plain = answers(timed(town), origins, targets, groups, max_min, 1)
    monkeypatch.setattr(queries, "PLAIN_COLD", 0)
    monkeypatch.setattr(queries, "PLAIN_WARM", 0)
    for contracted in (-1, 3, 6):
        for threads in (1, 3):
            other = answers(timed(town, contracted), origins, targets, groups, max_min, threads)
            for one, two in zip(plain, other, strict=True):
                np.testing.assert_array_equal(one, two)
    truth = matrix(timed(town), origins, targets)
    truth[truth > max_min + 1e-9] = np.inf
    for group in range(3):
        members = np.flatnonzero(groups == group)
        mine = np.sort(truth[:, members], axis=1)[:, :3]
        mine = np.pad(mine, ((0, 0), (0, 3 - mine.shape[1])), constant_values=np.inf)
        for k, place in ((1, 2 * group), (3, 6 + 2 * group)):
            expected = np.where(np.isinf(mine[:, :k]), np.nan, mine[:, :k])
            np.testing.assert_allclose(plain[place], expected, atol=1e-9, rtol=0)
        np.testing.assert_array_equal(plain[12][group], np.isfinite(truth[:, members]).sum(axis=1))
    owner, target, minutes = plain[13:]
    assert len(owner) == np.isfinite(truth).sum()
    np.testing.assert_allclose(minutes, truth[owner, target], atol=1e-9, rtol=0)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("max_min", [5.0, np.inf])
def test_many_groups_on_several_parts_of_the_curve(seed, max_min):
    rng = np.random.default_rng(seed)
    town = grid(26, seed=seed, oneway=0.0 if seed % 2 == 0 else 0.15, whole=seed > 1)
    origins, targets = on_edges(town, 300, rng, owners=250), on_edges(town, 110, rng, owners=80)
    groups = np.concatenate([np.arange(11), rng.integers(0, 11, 69)])
    usual = answers(timed(town, -1), origins, targets, groups, max_min, 1)
    assert len(timed(town, 6).lattice.parts) > 3
    for contracted in (1, 6, 15):
        for threads in (1, 2):
            other = answers(timed(town, contracted), origins, targets, groups, max_min, threads)
            for one, two in zip(usual, other, strict=True):
                np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("crowd", [12, 60])
def test_a_plaza_and_streets_from_everywhere_to_everywhere_are_made_small(crowd):
    # A plaza with many doors, all of which have streets to each other too: more new arcs than were taken away.
    rng = np.random.default_rng(crowd)
    u, v = np.triu_indices(crowd, 1)
    some = (u == 0) | (rng.random(len(u)) < 0.3)
    u, v = u[some], v[some]
    minutes = rng.integers(1, 9, len(u)).astype(float)
    xy = rng.uniform(0, 900, (crowd, 2))
    town = xy, u, v, minutes * 60, minutes, minutes
    targets = on_edges(town, 3, rng, leg_m=0)
    usual = node_minutes(timed(town, -1), targets, np.array([0, 1, 0]), max_min=np.inf)
    for contracted in (3, 6, 15):
        small = timed(town, contracted)
        np.testing.assert_array_equal(
            usual, node_minutes(small, targets, np.array([0, 1, 0]), max_min=np.inf)
        )
    # Above a certain size it stays as it is: nothing that leads to it is looked at again and again.
    assert (small.lattice.core < crowd) == (crowd == 12)


@pytest.mark.usefixtures("compiled")
def test_of_equal_targets_the_first_counts():
    # Targets at both ends of a street of two blocks; the middle is equally far from both.
    xy = np.array([[0.0, 0], [60, 0], [120, 0]])
    town = xy, np.array([0, 1]), np.array([1, 2]), np.array([60.0, 60]), np.ones(2), np.ones(2)
    spot = np.zeros((2, 2))
    for ends in ([0.0, 1.0], [1.0, 0.0]):
        edge = np.array([0, 1]) if ends[0] == 0 else np.array([1, 0])
        targets = Snapped(
            count=2, owner=np.arange(2), edge=edge, fraction=np.array(ends), leg_m=np.zeros(2),
            start=spot, foot=spot, crossed=np.zeros(2, np.int8),
        )  # fmt: skip
        middle = Snapped(
            count=1, owner=np.zeros(1, np.int64), edge=np.zeros(1, np.int64), fraction=np.ones(1),
            leg_m=np.zeros(1), start=spot[:1], foot=spot[:1], crossed=np.zeros(1, np.int8),
        )  # fmt: skip
        for contracted in (-1, 3):
            query = Query(timed(town, contracted), middle, targets, np.zeros(2, np.int64), max_min=9.0)
            ((minutes, which),) = query.nearest(k=2)
            assert minutes.tolist() == [[1.0, 1.0]]
            assert which.tolist() == [[0, 1]]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0, 1e9])
def test_tiny_and_huge_edges_are_searched(scale):
    town = list(grid(8, seed=3, oneway=0.0))
    minutes = town[4].copy()
    minutes[::7] *= scale
    town[4] = town[5] = minutes
    rng = np.random.default_rng(1)
    origins, targets = on_edges(town, 40, rng, leg_m=0), on_edges(town, 6, rng, leg_m=0)
    groups = np.zeros(6, np.int64)
    edges = timed(town)
    truth = matrix(edges, origins, targets).min(axis=1) if scale < 1e6 else None
    ((got, _),) = Query(edges, origins, targets, groups, max_min=np.inf).nearest(k=1)
    ((uncontracted, _),) = Query(timed(town, -1), origins, targets, groups, max_min=np.inf).nearest(k=1)
    ((three, _),) = Query(edges, origins, targets, groups, max_min=np.inf).nearest(k=3)
    np.testing.assert_array_equal(got, uncontracted)
    np.testing.assert_array_equal(got[:, 0], three[:, 0])
    if truth is not None:
        np.testing.assert_allclose(got[:, 0], np.where(np.isinf(truth), np.nan, truth), atol=1e-9, rtol=0)


@pytest.mark.parametrize("wrong", [-1.0, np.nan])
def test_negative_and_missing_minutes_are_refused(wrong):
    town = list(grid(4, seed=1))
    town[4] = town[4].copy()
    town[4][2] = wrong
    with pytest.raises(UsageError):
        timed(town)


@pytest.mark.usefixtures("compiled")
def test_all_nodes_at_once():
    town = grid(12, seed=5)
    edges = timed(town)
    rng = np.random.default_rng(2)
    targets = on_edges(town, 12, rng)
    groups = np.repeat([0, 1, 2], 4)
    got = node_minutes(edges, targets, groups, max_min=6.0)
    at_u = Snapped(
        count=len(edges.u), owner=np.arange(len(edges.u)), edge=np.arange(len(edges.u)),
        fraction=np.zeros(len(edges.u)), leg_m=np.zeros(len(edges.u)), start=np.zeros((len(edges.u), 2)),
        foot=np.zeros((len(edges.u), 2)), crossed=np.zeros(len(edges.u), np.int8),
    )  # fmt: skip
    for group, (minutes, _) in enumerate(Query(edges, at_u, targets, groups, max_min=6.0).nearest(k=1)):
        reached = np.isfinite(got[group][edges.u])
        # A place on the node may also meet a target on its own edge without passing the node: never later.
        assert (minutes[reached, 0] <= got[group][edges.u][reached] + 1e-9).all()
        assert reached.any()


def test_what_is_reached_from_a_place_is_the_same_compiled(monkeypatch):
    town = grid(10, seed=7)
    edges = timed(town)
    plain = ball(edges, np.array([3, 40]), np.array([0, 10**11]), bound=edges.bound(4.0))
    monkeypatch.setattr(queries, "PLAIN_COLD", 0)
    monkeypatch.setattr(queries, "PLAIN_WARM", 0)
    for one, two in zip(
        plain, ball(edges, np.array([3, 40]), np.array([0, 10**11]), bound=edges.bound(4.0)), strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert len(plain[0]) > 5


def test_a_queue_that_is_too_short_grows(monkeypatch, compiled):
    del compiled
    town = grid(14, seed=9)
    rng = np.random.default_rng(4)
    origins, targets = on_edges(town, 60, rng), on_edges(town, 40, rng)
    groups = np.zeros(40, np.int64)
    usual = answers(timed(town), origins, targets, groups, np.inf, 1)
    monkeypatch.setattr(workers, "_SPARE", 8 - 14 * 14)
    short = answers(timed(town), origins, targets, groups, np.inf, 1)
    for one, two in zip(usual, short, strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("seed", range(6))
def test_many_points_snap_as_few_do(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    count = 120
    start = rng.uniform(0, 1000, (count, 2))
    lines = [
        shapely.LineString([a, *(a + rng.normal(0, [30, 200, 5][i % 3], (int(rng.integers(1, 4)), 2)))])
        for i, a in enumerate(start)
    ]
    lines += [lines[3], lines[4].reverse(), shapely.LineString([start[0], start[0]])]
    # Whole metres make ties; some points lie far outside.
    points = np.concatenate([rng.uniform(-100, 1100, (400, 2)), np.round(start), start, [[9e5, -9e5]]])
    walls = np.array([shapely.LineString([(0, 500), (1000, 520)])]) if seed % 2 else NOTHING
    index = EdgeIndex(geometry=np.array(lines), obstructions=Obstructions(walls=walls, buildings=NOTHING))
    few = index.snap(shapely.points(points))
    monkeypatch.setattr(snapping, "_PLAIN_POINTS", 0)
    many = index.snap(shapely.points(points))
    for name in ("owner", "edge", "crossed"):
        np.testing.assert_array_equal(getattr(few, name), getattr(many, name))
    for name in ("fraction", "leg_m", "start", "foot"):
        np.testing.assert_allclose(getattr(few, name), getattr(many, name), atol=1e-9, rtol=0)
    assert few.unsnapped.any()
    some = rng.permutation(len(points))[:100]
    alone = index.snap(shapely.points(points[some]))
    for name, values in dataclasses.asdict(many.of(some)).items():
        np.testing.assert_array_equal(values, getattr(alone, name))
    assert dataclasses.is_dataclass(many)
