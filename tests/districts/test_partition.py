"""Cells that know nothing of what they are."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from plan.districts.exact import Exhausted, division_in_band
from plan.districts.partition import Cells, divide, parts_of


def lattice(columns, rows, households):
    number = np.arange(columns * rows).reshape(rows, columns)
    pairs = np.concatenate([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    places = np.column_stack([np.tile(np.arange(columns), rows), np.repeat(np.arange(rows), columns)]) * 50.0
    return Cells(
        households=np.broadcast_to(np.asarray(households, dtype=float), columns * rows).copy(),
        places=places,
        pairs=pairs.astype(np.int64),
    )


def connected(cells, labels):
    graph = nx.Graph(cells.pairs.tolist())
    graph.add_nodes_from(range(len(cells)))
    return all(
        nx.is_connected(graph.subgraph(np.flatnonzero(labels == g).tolist())) for g in set(labels.tolist())
    )


def test_a_square_of_sixteen_becomes_four_squares():
    cells = lattice(4, 4, 100)
    found = divide(cells, low=400, high=400, groups=4)
    assert found.out == 0
    squares = {frozenset(np.flatnonzero(found.labels == g).tolist()) for g in range(4)}
    assert squares == {
        frozenset({0, 1, 4, 5}), frozenset({2, 3, 6, 7}), frozenset({8, 9, 12, 13}), frozenset({10, 11, 14, 15}),
    }  # fmt: skip


def test_one_group_is_all_cells():
    found = divide(lattice(3, 3, 10), low=50, high=100)
    assert found.labels.tolist() == [0] * 9
    assert found.homes == (-1,)


@pytest.mark.parametrize(("total", "groups"), [(1500, 1), (3000, 1), (3001, 2), (4500, 2), (9000, 4)])
def test_the_number_of_groups_follows_from_the_band(total, groups):
    cells = lattice(10, 10, total / 100)
    found = divide(cells, low=1500, high=3000)
    assert found.out == 0
    assert len(found.homes) == groups


def test_parts_are_numbered():
    cells = Cells(
        households=np.ones(4), places=np.zeros((4, 2)), pairs=np.array([[0, 2], [1, 3]], dtype=np.int64)
    )
    part = parts_of(cells)
    assert part[0] == part[2] != part[1] == part[3]


def test_a_ring_without_its_middle_is_divided():
    # The middle cell of a 3 x 3 square has no neighbours left: eight around it.
    cells = lattice(3, 3, 100)
    ring = cells.part(np.array([0, 1, 2, 3, 5, 6, 7, 8]))
    found = divide(ring, low=400, high=400)
    assert found.out == 0
    assert connected(ring, found.labels)


def test_every_way_is_looked_at():
    # In a row 450, 450, 100: 450 + 100 = 550 and 450 alone; never both within 480 to 520.
    row = lattice(3, 1, [450, 450, 100])
    assert division_in_band(row, low=480, high=520) is None
    assert division_in_band(row, low=450, high=550).tolist() == [0, 1, 1]
    found = divide(row, low=480, high=520)
    assert found.proven
    assert found.out > 0


def test_a_division_that_the_search_may_miss_is_found():
    # Two heavy cells in the middle of a row must each take their own light end.
    row = lattice(4, 1, [100, 400, 300, 200])
    found = divide(row, low=500, high=500)
    assert found.out == 0
    assert found.labels[0] == found.labels[1] != found.labels[2] == found.labels[3]


def test_too_many_ways_are_not_looked_at():
    with pytest.raises(Exhausted):
        division_in_band(lattice(7, 7, 1), low=24, high=25)


def test_cells_where_nobody_lives_are_in_a_group_too():
    households = np.zeros(25)
    households[[0, 24]] = 100
    cells = lattice(5, 5, households)
    found = divide(cells, low=100, high=100)
    assert found.out == 0
    assert connected(cells, found.labels)
    assert sorted(np.bincount(found.labels, weights=households)) == [100, 100]


def test_todays_groups_stay_when_leaving_costs_enough():
    cells = lattice(8, 1, 100)
    today = [0, 0, 0, 1, 1, 1, 1, 1]
    kept = divide(cells, low=300, high=500, today=today, keep_weight=10)
    assert kept.labels.tolist() == today
    assert kept.homes == (0, 1)
    free = divide(cells, low=300, high=500, today=today, keep_weight=0.01)
    assert sorted(np.bincount(free.labels)) == [4, 4]


def test_the_same_seed_gives_the_same_answer():
    cells = lattice(12, 12, np.random.default_rng(5).integers(10, 90, 144))
    first, second = (divide(cells, low=500, high=1000, seed=7) for _ in range(2))
    assert first.labels.tolist() == second.labels.tolist()
    assert first.cost == second.cost
