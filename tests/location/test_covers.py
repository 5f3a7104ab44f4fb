"""Coverage and centers: small cases by hand, and all choices tried on small matrices."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known_instances import distances_of

from plan.errors import UsageError
from plan.location import max_coverage, p_center, set_cover

PLACES = np.array([0.0, 1.0, 2.0, 10.0, 11.0])
LINE = np.abs(np.subtract.outer(PLACES, PLACES))
COSTS = arrays(
    float,
    st.tuples(st.integers(1, 9), st.integers(1, 7)),
    elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, np.inf]),
)


def choices(sites: int, p: int) -> list[list[int]]:
    return [list(c) for c in itertools.combinations(range(sites), p)]


def test_two_sites_cover_a_line() -> None:
    found = set_cover(LINE, 1.0)
    assert (found.chosen[0], found.objective, found.bound, found.proven) == (1, 2.0, 2.0, True)
    assert found.assignment[:3].tolist() == [1, 1, 1]


def test_a_demand_at_the_limit_is_served_and_beyond_it_is_not() -> None:
    assert set_cover([[5.0]], 5.0).unreachable.tolist() == []
    beyond = set_cover([[5.0]], 4.999)
    assert (beyond.unreachable.tolist(), beyond.assignment.tolist(), beyond.objective) == ([0], [-1], 0.0)
    assert beyond.proven


def test_dear_sites_are_left_out() -> None:
    found = set_cover([[0, 0, 9], [0, 9, 0]], 1, site_cost=[5, 2, 2])
    assert (found.chosen.tolist(), found.objective, found.proven) == ([1, 2], 4.0, True)
    free = set_cover([[0, 0, 9], [0, 9, 0]], 1, site_cost=[0, 2, 2])
    assert (free.chosen.tolist(), free.objective) == ([0], 0.0)


def test_most_weight_within_a_limit() -> None:
    found = max_coverage(LINE, [1, 1, 1, 4, 1], 1, 1.0)
    assert (found.objective, found.bound, found.proven) == (5.0, 5.0, True)
    assert found.assignment[:3].tolist() == [-1] * 3
    assert max_coverage(LINE, np.zeros(5), 2, 1.0).objective == 0.0


def test_centers_on_a_line() -> None:
    one = p_center(LINE, 1)
    assert (one.chosen.tolist(), one.objective, one.bound) == ([2], 9.0, 9.0)
    two = p_center(LINE, 2)
    assert (two.objective, two.bound, two.proven, len(two.chosen)) == (1.0, 1.0, True, 2)
    assert p_center(LINE, 5).objective == 0.0


def test_centers_name_who_cannot_be_reached() -> None:
    cost = LINE.copy()
    cost[3] = np.inf
    found = p_center(cost, 1)
    assert (found.unreachable.tolist(), found.assignment[3], found.objective) == ([3], -1, 9.0)
    islands = np.where(np.eye(3) > 0, 0.0, np.inf)
    with pytest.raises(UsageError) as caught:
        p_center(islands, 2)
    assert "at least 3" in caught.value.message.to("en")


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf"), "5", None])
def test_a_limit_without_sense(limit: object) -> None:
    with pytest.raises(UsageError):
        set_cover(LINE, limit)
    with pytest.raises(UsageError):
        max_coverage(LINE, np.ones(5), 1, limit)


@pytest.mark.parametrize("p", [0, 6, 1.0, None])
def test_a_number_of_sites_without_sense(p: object) -> None:
    with pytest.raises(UsageError):
        p_center(LINE, p)
    with pytest.raises(UsageError):
        max_coverage(LINE, np.ones(5), p, 1)


def test_matrices_without_sense() -> None:
    for bad in ([], [[-1.0]], [[float("nan")]], [1.0]):
        with pytest.raises(UsageError):
            set_cover(bad, 1)
        with pytest.raises(UsageError):
            p_center(bad, 1)
    with pytest.raises(UsageError):
        set_cover(LINE, 1, site_cost=[1, 1])
    with pytest.raises(UsageError):
        max_coverage(LINE, [1, 1], 1, 1)


@settings(max_examples=60, deadline=None)
@given(cost=COSTS, data=st.data())
def test_covers_against_all_choices(cost: np.ndarray, data: st.DataObject) -> None:
    price = data.draw(arrays(float, cost.shape[1], elements=st.sampled_from([1.0, 2.0, 2.5, 4.0])))
    within = cost <= 3
    rows = within.any(axis=1)
    found = set_cover(cost, 3, site_cost=price)
    best = min(
        price[c].sum()
        for k in range(cost.shape[1] + 1)
        for c in choices(cost.shape[1], k)
        if within[rows][:, c].any(axis=1).all()
    )
    assert found.objective == pytest.approx(best)
    assert found.bound <= best + 1e-9
    assert found.proven
    assert found.unreachable.tolist() == np.flatnonzero(~rows).tolist()
    assert ((found.assignment >= 0) == rows).all()


@settings(max_examples=60, deadline=None)
@given(cost=COSTS, data=st.data())
def test_coverage_against_all_choices(cost: np.ndarray, data: st.DataObject) -> None:
    weights = data.draw(arrays(float, cost.shape[0], elements=st.sampled_from([0.0, 1.0, 2.5, 7.0])))
    p = data.draw(st.integers(1, cost.shape[1]))
    found = max_coverage(cost, weights, p, 3)
    best = max(weights[(cost[:, c] <= 3).any(axis=1)].sum() for c in choices(cost.shape[1], p))
    assert found.objective == pytest.approx(best)
    assert found.bound >= best - 1e-9
    assert found.proven
    assert len(found.chosen) == p
    assert weights[found.assignment >= 0].sum() == pytest.approx(best)


@settings(max_examples=60, deadline=None)
@given(cost=COSTS, data=st.data())
def test_centers_against_all_choices(cost: np.ndarray, data: st.DataObject) -> None:
    p = data.draw(st.integers(1, cost.shape[1]))
    rows = np.isfinite(cost).any(axis=1)
    best = min(cost[rows][:, c].min(axis=1).max(initial=0.0) for c in choices(cost.shape[1], p))
    if np.isinf(best):
        with pytest.raises(UsageError):
            p_center(cost, p)
        return
    found = p_center(cost, p)
    assert found.objective == found.bound == best
    assert len(found.chosen) == p


@pytest.mark.real
@pytest.mark.parametrize(("number", "radius"), [(1, 127), (2, 98), (3, 93), (4, 74), (5, 48)])
def test_centers_of_the_or_library(shared: Path, number: int, radius: int) -> None:
    """The radii are those of Pullan's study, as they lie beside the instances."""
    cost, p = distances_of(shared / "instances" / "siting" / "pmed" / f"pmed{number}.txt")
    found = p_center(cost, p)
    assert (found.objective, found.bound, found.proven) == (radius, radius, True)
