"""Capacitated location: small cases by hand, all choices tried on small matrices, and Holmberg's instances."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known_instances import holmberg
from scipy.optimize import linprog

from plan.errors import UsageError
from plan.location import capacitated, single_source

COST = [[1.0, 9.0], [9.0, 1.0], [5.0, 6.0]]
SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 4))


def test_one_site_is_enough_if_the_other_does_not_pay() -> None:
    found = single_source(COST, [2, 2, 2], [6, 6], [3, 100])
    assert (found.chosen.tolist(), found.objective, found.bound, found.proven) == ([0], 18.0, 18.0, True)
    shares = capacitated(COST, [2, 2, 2], [6, 6], [3, 100])
    assert (shares.chosen.tolist(), shares.objective) == ([0], 18.0)
    assert shares.share.tolist() == [1.0, 1.0, 1.0]


def test_room_decides_who_goes_where() -> None:
    found = single_source([[1, 4], [1, 9]], [3, 3], [4, 9], [1, 1])
    assert (found.assignment.tolist(), found.objective) == ([1, 0], 7.0)
    shares = capacitated([[1, 4], [1, 9]], [3, 3], [4, 9], [1, 1])
    # Two thirds of the first demand move over at 3 for the whole of it.
    assert shares.objective == pytest.approx(6.0)
    assert shares.demand.tolist() == [0, 0, 1]
    assert shares.site.tolist() == [0, 1, 0]
    assert shares.share.tolist() == pytest.approx([1 / 3, 2 / 3, 1.0])


@pytest.mark.parametrize("model", [single_source, capacitated])
def test_a_shortfall_is_named(model) -> None:
    with pytest.raises(UsageError) as caught:
        model(COST, [2, 2, 2], [3, 2], [0, 0])
    assert "1.0 are missing" in caught.value.message.to("en")


@pytest.mark.parametrize("model", [single_source, capacitated])
def test_who_cannot_be_reached_is_named(model) -> None:
    found = model([[1, 2], [np.inf, np.inf]], [1, 1], [1, 1], [0, 0])
    assert found.unreachable.tolist() == [1]
    assert found.objective == 1.0
    nobody = model([[np.inf]], [1], [1], [0])
    assert (nobody.unreachable.tolist(), nobody.chosen.tolist(), nobody.objective) == ([0], [], 0.0)


def test_a_demand_larger_than_every_site_is_named() -> None:
    with pytest.raises(UsageError) as caught:
        single_source([[1, 1], [1, 1]], [5, 1], [4, 4], [0, 0])
    assert "rows 0 " in caught.value.message.to("en")
    assert capacitated([[1, 1], [1, 1]], [5, 1], [4, 4], [0, 0]).objective == pytest.approx(2.0)


def test_wholes_that_do_not_fit() -> None:
    with pytest.raises(UsageError) as caught:
        single_source(np.ones((3, 2)), [3, 3, 3], [5, 5], [0, 0])
    assert "as wholes" in caught.value.message.to("en")
    assert capacitated(np.ones((3, 2)), [3, 3, 3], [5, 5], [0, 0]).objective == pytest.approx(3.0)


def test_room_that_cannot_be_reached_is_no_room() -> None:
    cost = [[1.0, np.inf], [1.0, np.inf], [1.0, 1.0]]
    with pytest.raises(UsageError):
        capacitated(cost, [2, 2, 2], [3, 9], [0, 0])
    with pytest.raises(UsageError):
        single_source(cost, [2, 2, 2], [3, 9], [0, 0])


@pytest.mark.parametrize("model", [single_source, capacitated])
@pytest.mark.parametrize(
    ("cost", "demand", "capacity", "fixed"),
    [
        ([], [], [], []),
        ([[-1.0]], [1], [1], [1]),
        ([[np.nan]], [1], [1], [1]),
        ([[1.0]], [-1], [1], [1]),
        ([[1.0]], [1, 1], [1], [1]),
        ([[1.0]], [1], [np.inf], [1]),
        ([[1.0]], [1], [1], [np.nan]),
        ([[1.0]], [1], [1], None),
    ],
)
def test_arguments_without_sense(model, cost, demand, capacity, fixed) -> None:
    with pytest.raises(UsageError):
        model(cost, demand, capacity, fixed)


def sets(sites: int) -> list[list[int]]:
    return [list(c) for k in range(1, sites + 1) for c in itertools.combinations(range(sites), k)]


def least_whole(cost: np.ndarray, demand: np.ndarray, capacity: np.ndarray, fixed: np.ndarray) -> float:
    best = np.inf
    for where in itertools.product(range(cost.shape[1]), repeat=len(cost)):
        at = np.array(where)
        load = np.bincount(at, weights=demand, minlength=cost.shape[1])
        if (load <= capacity + 1e-9).all():
            best = min(best, cost[np.arange(len(cost)), at].sum() + fixed[np.unique(at)].sum())
    return best


def least_divided(cost: np.ndarray, demand: np.ndarray, capacity: np.ndarray, fixed: np.ndarray) -> float:
    best = np.inf
    rows, sites = cost.shape
    for chosen in sets(sites):
        part = np.where(np.isfinite(cost), cost, 1e6)[:, chosen].ravel()
        found = linprog(
            part,
            A_eq=np.kron(np.eye(rows), np.ones(len(chosen))),
            b_eq=np.ones(rows),
            A_ub=np.kron(demand[None], np.eye(len(chosen))),
            b_ub=capacity[chosen],
        )
        if found.status == 0 and found.fun < 1e5:
            best = min(best, found.fun + fixed[chosen].sum())
    return best


@st.composite
def rooms(draw) -> tuple[np.ndarray, ...]:
    shape = draw(SHAPES)
    costs = st.sampled_from([0.0, 1.0, 2.0, 3.5, 7.0, np.inf])
    sizes = st.sampled_from([1.0, 2.0, 3.0, 2.5])
    return (
        draw(arrays(float, shape, elements=costs)),
        draw(arrays(float, shape[0], elements=sizes)),
        draw(arrays(float, shape[1], elements=st.sampled_from([0.0, 3.0, 4.0, 6.5, 20.0]))),
        draw(arrays(float, shape[1], elements=st.sampled_from([0.0, 1.0, 4.0, 5.5]))),
    )


@settings(max_examples=80, deadline=None)
@given(instance=rooms())
def test_wholes_against_all_choices(instance: tuple[np.ndarray, ...]) -> None:
    cost, demand, capacity, fixed = instance
    rows = np.isfinite(cost).any(axis=1)
    best = least_whole(cost[rows], demand[rows], capacity, fixed) if rows.any() else 0.0
    if np.isinf(best):
        with pytest.raises(UsageError):
            single_source(*instance)
        return
    found = single_source(*instance)
    assert found.objective == pytest.approx(best)
    assert found.bound <= best * (1 + 1e-9)
    assert found.proven
    at = found.assignment[rows]
    load = np.bincount(at, weights=demand[rows], minlength=len(capacity))
    assert (load <= capacity + 1e-9).all()
    assert cost[rows][np.arange(len(at)), at].sum() + fixed[found.chosen].sum() == pytest.approx(best)


@settings(max_examples=80, deadline=None)
@given(instance=rooms())
def test_divided_against_all_choices(instance: tuple[np.ndarray, ...]) -> None:
    cost, demand, capacity, fixed = instance
    rows = np.isfinite(cost).any(axis=1)
    best = least_divided(cost[rows], demand[rows], capacity, fixed) if rows.any() else 0.0
    if np.isinf(best):
        with pytest.raises(UsageError):
            capacitated(*instance)
        return
    found = capacitated(*instance)
    assert found.objective == pytest.approx(best)
    assert found.bound <= best * (1 + 1e-9) + 1e-9
    assert found.proven
    assert np.bincount(found.demand, weights=found.share, minlength=len(cost))[rows] == pytest.approx(1.0)
    load = np.bincount(found.site, weights=found.share * demand[found.demand], minlength=len(capacity))
    assert (load <= capacity + 1e-6).all()
    paid = (cost[found.demand, found.site] * found.share).sum() + fixed[found.chosen].sum()
    assert paid == pytest.approx(best)


def test_a_limit_leaves_an_honest_bound() -> None:
    rng = np.random.default_rng(4)
    homes, sites = rng.random((200, 2)), rng.random((30, 2))
    cost = np.hypot(*(homes[:, None] - sites).T).T * 100
    figures = cost, rng.integers(1, 9, 200), rng.integers(80, 200, 30), rng.integers(100, 300, 30)
    for model in (single_source, capacitated):
        hurried, patient = model(*figures, time_limit_s=1e-3), model(*figures, time_limit_s=3)
        assert hurried.bound <= patient.objective <= hurried.objective
        assert patient.bound <= hurried.objective
        assert patient.bound >= 0.98 * patient.objective


def test_the_bound_is_near_where_half_of_the_homes_are_sites() -> None:
    homes = np.random.default_rng(3).random((120, 2))
    cost = np.hypot(*(homes[:, None] - homes[None, :60]).T).T
    figures = cost, np.ones(120), np.full(60, 15.0), np.full(60, 0.8)
    divided, wholes = capacitated(*figures), single_source(*figures)
    assert wholes.proven
    assert divided.bound <= wholes.objective
    assert divided.bound >= 0.99 * divided.objective


@pytest.mark.real
@pytest.mark.parametrize("number", [1, 7, 16, 24, 36, 42, 50, 60])
def test_some_of_holmberg(shared: Path, number: int) -> None:
    folder = shared / "instances" / "siting" / "sscflp_holmberg"
    optimum = int((folder / "os").read_bytes().replace(b"\0", b" ").split()[number - 1])
    figures = holmberg(folder / f"p{number}")
    found = single_source(*figures)
    assert found.objective == found.bound == optimum
    assert found.proven
    # Divided demands cost no more.
    divided = capacitated(*figures)
    assert divided.bound <= divided.objective
    assert divided.bound <= optimum
