"""The p-median problem: small cases by hand, all choices tried on small matrices, and the OR-Library's."""

from __future__ import annotations

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known_instances import distances_of

from plan.errors import UsageError
from plan.location import p_median

LINE = np.abs(np.subtract.outer(np.array([0.0, 1.0, 2.0, 10.0, 11.0]), np.array([0.0, 1.0, 2.0, 10.0, 11.0])))


def test_five_houses_on_a_line() -> None:
    one = p_median(LINE, np.ones(5), 1)
    assert (one.chosen.tolist(), one.objective, one.bound, one.proven) == ([2], 20.0, 20.0, True)
    two = p_median(LINE, np.ones(5), 2)
    assert two.objective == two.bound == 3.0
    assert two.chosen[0] == 1
    assert two.assignment.tolist() == [1, 1, 1, two.chosen[1], two.chosen[1]]


def test_weights_pull_the_site() -> None:
    assert p_median(LINE, [1, 1, 1, 1, 9], 1).chosen.tolist() == [4]


def test_who_counts_nothing_has_no_say_but_is_assigned() -> None:
    found = p_median(LINE, [0, 0, 0, 1, 0], 1)
    assert (found.chosen.tolist(), found.objective, found.proven) == ([3], 0.0, True)
    assert found.assignment.tolist() == [3] * 5
    nobody = p_median(LINE, np.zeros(5), 2)
    assert (nobody.chosen.tolist(), nobody.objective, nobody.proven) == ([0, 1], 0.0, True)


def test_all_sites_are_chosen() -> None:
    found = p_median(LINE, np.ones(5), 5)
    assert (found.chosen.tolist(), found.objective, found.proven) == ([0, 1, 2, 3, 4], 0.0, True)


def test_who_cannot_be_reached_is_named_and_not_assigned() -> None:
    cost = LINE.copy()
    cost[3] = np.inf
    found = p_median(cost, np.ones(5), 1)
    assert found.unreachable.tolist() == [3]
    assert found.assignment[3] == -1
    assert found.objective == 12.0


def test_too_few_for_two_islands() -> None:
    cost = np.full((4, 4), np.inf)
    cost[:2, :2] = cost[2:, 2:] = 1 - np.eye(2)
    with pytest.raises(UsageError, match="2") as caught:
        p_median(cost, np.ones(4), 1)
    assert "at least 2" in caught.value.message.to("en")
    assert p_median(cost, np.ones(4), 2).objective == 2.0


@pytest.mark.parametrize("p", [0, 6, -1, 2.0, True, "2", None, float("nan")])
def test_a_number_of_sites_without_sense(p: object) -> None:
    with pytest.raises(UsageError, match="p"):
        p_median(LINE, np.ones(5), p)


@pytest.mark.parametrize(
    ("cost", "weights"),
    [
        ([], []),
        (np.zeros((0, 3)), []),
        (np.zeros((3, 0)), np.ones(3)),
        ([1, 2, 3], [1, 1, 1]),
        ([["a", "b"]], [1]),
        ([[1, -1]], [1]),
        ([[1, np.nan]], [1]),
        ([[1, -np.inf]], [1]),
        ([[1, 2]], [1, 1]),
        ([[1, 2]], [-1]),
        ([[1, 2]], [np.nan]),
        ([[1, 2]], [np.inf]),
        ([[1, 2]], None),
        ([[1e300, 1e300]], [1e300]),
    ],
)
def test_matrices_without_sense(cost: object, weights: object) -> None:
    with pytest.raises(UsageError):
        p_median(cost, weights, 1)


def test_the_error_names_the_place() -> None:
    cost = LINE.copy()
    cost[2, 3] = -4
    with pytest.raises(UsageError) as caught:
        p_median(cost, np.ones(5), 1)
    assert "row 2, column 3" in caught.value.message.to("en")


@pytest.mark.parametrize("limit", [0, -1, float("nan"), "1"])
def test_a_time_limit_without_sense(limit: object) -> None:
    with pytest.raises(UsageError):
        p_median(LINE, np.ones(5), 1, time_limit_s=limit)


def least(cost: np.ndarray, weights: np.ndarray, p: int) -> float:
    some = np.isfinite(cost).any(axis=1) & (weights > 0)
    cost, weights = cost[some], weights[some]
    return min(
        float((weights * cost[:, list(chosen)].min(axis=1)).sum())
        for chosen in itertools.combinations(range(cost.shape[1]), p)
    )


WHOLE = st.sampled_from([0.0, 1.0, 2.0, 3.0, 5.0, 8.0, np.inf])


@settings(max_examples=150, deadline=None)
@given(data=st.data(), shape=st.tuples(st.integers(1, 9), st.integers(1, 7)))
def test_all_choices_tried(data: st.DataObject, shape: tuple[int, int]) -> None:
    elements = data.draw(st.sampled_from([WHOLE, st.floats(0, 9, allow_subnormal=False)]))
    cost = data.draw(arrays(float, shape, elements=elements))
    weights = data.draw(arrays(float, shape[0], elements=st.sampled_from([0.0, 1.0, 2.0, 7.0])))
    p = data.draw(st.integers(1, shape[1]))
    best = least(cost, weights, p)
    if np.isinf(best):
        with pytest.raises(UsageError):
            p_median(cost, weights, p)
        return
    found = p_median(cost, weights, p)
    assert len(set(found.chosen.tolist())) == p
    assert found.objective == pytest.approx(best)
    assert found.bound <= best * (1 + 1e-12)
    assert found.proven
    served = found.assignment >= 0
    paid = cost[served, found.assignment[served]] @ weights[served]
    assert paid == pytest.approx(found.objective)


def town(demands: int, sites: int) -> np.ndarray:
    """Straight ways in a square, the sites among the demands."""
    places = np.random.default_rng(3).random((demands, 2))
    return np.hypot(*(places[:, None] - places[None, :sites]).T).T


def test_the_same_input_gives_the_same_answer() -> None:
    cost = town(80, 40)
    one, two = (p_median(cost, np.ones(80), 6) for _ in range(2))
    assert one.chosen.tolist() == two.chosen.tolist()
    assert (one.objective, one.bound) == (two.objective, two.bound)


def test_a_limit_leaves_an_honest_bound() -> None:
    cost = town(400, 200)
    found = p_median(cost, np.ones(400), 12, time_limit_s=1e-9)
    best = p_median(cost, np.ones(400), 12)
    assert best.proven
    assert found.bound <= best.objective <= found.objective
    assert not found.proven


def test_memory_is_a_few_times_that_of_the_costs() -> None:
    cost = town(700, 700)
    p_median(town(20, 20), np.ones(20), 3)  # compiled before
    tracemalloc.start()
    found = p_median(cost, np.ones(700), 40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.proven
    assert peak < 12 * cost.nbytes


@pytest.mark.real
@pytest.mark.parametrize("number", range(1, 6))
def test_the_first_of_the_or_library(shared: Path, number: int) -> None:
    folder = shared / "instances" / "siting" / "pmed"
    cost, p = distances_of(folder / f"pmed{number}.txt")
    found = p_median(cost, np.ones(len(cost)), p)
    optimum = int((folder / "pmedopt.txt").read_text().split()[number - 1])
    assert found.objective == found.bound == optimum
    assert found.proven
