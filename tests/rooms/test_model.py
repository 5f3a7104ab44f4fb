"""The programme of rooms against counting every choice."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plan.rooms.model import BY_COST, BY_MINUTES, Offers, Place, choose


def offers_of(area: list[int], cost: list[int], ground: list[bool] | None = None) -> Offers:
    n = len(area)
    return Offers(
        area=np.array(area, float),
        ground=np.array(ground if ground is not None else [True] * n, dtype=bool),
        cost=np.array(cost, float),
        unit=np.arange(n),
        joined=np.full(n, -1),
        stands=np.zeros(n, dtype=bool),
    )


def place_of(need: float, offers: list[int], minutes: np.ndarray | None = None, **more: float) -> Place:
    walks = np.zeros((0, len(offers))) if minutes is None else minutes
    return Place(
        area=need,
        ground=more.get("ground", 0.0),
        main=more.get("main", 0.0),
        most=None,
        offers=np.array(offers),
        metres=np.zeros(len(offers)),
        weight=np.ones(len(walks)),
        minutes=walks,
    )


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 30),
    st.integers(0, 20),
    st.one_of(st.none(), st.integers(0, 30)),
)
@settings(max_examples=60, deadline=None)
def test_shortfall_then_cost_as_by_counting(units, need, ground, budget) -> None:
    area, cost, floor = (list(column) for column in zip(*units, strict=True))
    best = min(
        (
            max(0, need - sum(a for a, y in zip(area, taken, strict=True) if y))
            + max(0, ground - sum(a for a, g, y in zip(area, floor, taken, strict=True) if y and g)),
            sum(c for c, y in zip(cost, taken, strict=True) if y),
        )
        for taken in product((False, True), repeat=len(area))
        if budget is None or sum(c for c, y in zip(cost, taken, strict=True) if y) <= budget
    )
    found = choose(
        offers_of(area, cost, floor),
        [place_of(need, list(range(len(area))), ground=ground)],
        budget=budget,
        order=BY_COST,
    )
    assert found.short.sum() + found.short_ground.sum() == pytest.approx(best[0])
    assert found.cost == pytest.approx(best[1])


@given(st.integers(0, 2**32 - 1))
@example(566)  # an earlier aim's answer, given as a beginning, was taken for the best
@settings(max_examples=60, deadline=None)
def test_two_places_share_units_as_by_counting(seed) -> None:
    random = np.random.default_rng(seed)
    area, cost = random.integers(1, 9, 4), random.integers(1, 9, 4)
    needs = random.integers(1, 15, 2)
    allowed = random.random((4, 2)) < 0.7
    options = [[-1, *np.flatnonzero(row).tolist()] for row in allowed]
    best = min(
        (
            sum(max(0, needs[p] - sum(area[o] for o in range(4) if taken[o] == p)) for p in (0, 1)),
            sum(cost[o] for o in range(4) if taken[o] >= 0),
        )
        for taken in product(*options)
    )
    places = [place_of(float(needs[p]), np.flatnonzero(allowed[:, p]).tolist()) for p in (0, 1)]
    found = choose(offers_of(area.tolist(), cost.tolist()), places)
    assert found.short.sum() == pytest.approx(best[0])
    assert found.cost == pytest.approx(best[1])


def test_minutes_come_first_when_they_are_asked_for_first() -> None:
    minutes = np.array([[9.0, 1.0]])
    offers = offers_of([600, 600], [1, 5])
    cheap = choose(offers, [place_of(600, [0, 1], minutes)], order=BY_COST)
    near = choose(offers, [place_of(600, [0, 1], minutes)], order=BY_MINUTES)
    assert (cheap.taken.tolist(), cheap.minutes) == ([0, -1], 9.0)
    assert (near.taken.tolist(), near.minutes) == ([-1, 0], 1.0)


def test_somebody_without_a_way_is_not_left_out_for_a_step_less() -> None:
    """Door 2 reaches only offer 1; taking offer 0 alone would save door 1 eight minutes."""
    minutes = np.array([[1.0, 9.0], [np.nan, 9.0]])
    found = choose(
        offers_of([600, 600], [1, 1]), [place_of(600, [0, 1], minutes)], order=("short", "cost", "walked")
    )
    assert found.taken.tolist() == [-1, 0]
    assert found.unserved == 0.0


def test_nothing_to_choose_from_is_a_shortfall() -> None:
    found = choose(offers_of([], []), [place_of(600, [])])
    assert found.short.tolist() == [600.0]
    assert found.cost == 0.0
