"""The volume algorithm, step by step, in figures that a person can reckon."""

from __future__ import annotations

import numpy as np
import pytest

from plan.location._volume import average, move, next_step


def test_the_first_subgradient_is_the_mean() -> None:
    mean = np.zeros(2)
    assert average(mean, np.array([1.0, -1.0])) == (1.0, 0.0, 2.0)
    assert mean.tolist() == [1.0, -1.0]


@pytest.mark.parametrize(
    ("gradient", "part", "product"),
    [
        ([-1.0, 1.0], 0.1, -2.0),  # half of it would make the mean zero: a tenth is the most
        ([1.0, -1.0], 0.1, 2.0),  # the same again
        ([2.0, -2.0], 0.01, 4.0),  # all of it makes the mean longer: a hundredth is the least
    ],
)
def test_a_mean_becomes_as_short_as_limits_let_it(gradient: list[float], part: float, product: float) -> None:
    mean, new = np.array([1.0, -1.0]), np.array(gradient)
    blended = part * new + (1 - part) * mean
    found = average(mean, new)
    assert found == pytest.approx((part, product, float(blended @ blended)))
    assert mean.tolist() == pytest.approx(blended.tolist())


def test_steps_grow_after_one_that_helped_and_shrink_after_twenty_that_did_not() -> None:
    assert next_step(0.1, 0, 1.0) == (pytest.approx(0.11), 0)
    assert next_step(0.1, 0, -1.0) == (0.1, 0)  # it helped, but turned back
    assert next_step(1.9, 0, 1.0) == (2.0, 0)
    assert next_step(0.1, 19, 1.0) == (0.1, 19)
    assert next_step(0.1, 20, 1.0) == (pytest.approx(0.066), 0)


def test_prices_are_tried_along_the_mean() -> None:
    trial = np.zeros(2)
    move(trial, np.array([10.0, 20.0]), np.array([1.0, -2.0]), 0.5)
    assert trial.tolist() == [10.5, 19.0]
