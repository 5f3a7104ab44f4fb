from __future__ import annotations

import numpy as np
import pytest
from streets import at, network

from plan.access import life_circle, near_limit, robustness
from plan.errors import UsageError

# Clinic at 0, limit 5 min: doors at 4.4, 4.5, 5, 5.5, 5.6 min.
DOORS = at(264, 270, 300, 330, 336, households=[10, 1, 2, 3, 4])


def circle(doors=DOORS, *, facilities=None, limits=None):
    places = at(0, category=["clinic"]) if facilities is None else facilities
    return life_circle(network(), doors, places, limits=limits or {"clinic": 5, "bank": 5})


def test_near_is_within_a_tenth_of_the_limit_both_ends_included():
    found = near_limit(circle())
    assert found["origin_id"].tolist() == [1, 2, 3]
    assert found["served"].tolist() == [True, True, False]
    assert found["households"].tolist() == [1, 2, 3]
    assert found["walk_min"].tolist() == pytest.approx([4.5, 5, 5.5])
    assert near_limit(circle(), share=0)["origin_id"].tolist() == [2]


def test_a_draw_is_one_speed_for_all():
    found = robustness(circle(), target_share=0.5, draws=400, seed=3).set_index("category")
    clinic, bank = found.loc["clinic"], found.loc["bank"]
    assert (clinic["share"], clinic["met"], clinic["near"], clinic["near_served"]) == (13 / 20, True, 6, 3)
    # It fails when the ten households at 4.4 min are not served: at less than 0.88 of the speed.
    factors = np.random.default_rng(3).lognormal(0.0, np.sqrt(np.log1p((0.26 / 1.34) ** 2)), 400)
    assert clinic["failing"] == pytest.approx((factors < 4.4 / 5).mean())
    assert 0 < clinic["failing"] < 1
    # As one would find by searching anew at each of these speeds.
    shares = [DOORS.loc[DOORS.geometry.x <= 300 * f + 1e-6, "households"].sum() / 20 for f in factors]
    assert clinic["share_p05"] == pytest.approx(np.quantile(shares, 0.05))
    assert clinic["share_p95"] == pytest.approx(np.quantile(shares, 0.95))
    assert (bank["share"], bank["failing"], bank["met"]) == (0.0, 1.0, False)


def test_the_same_seed_gives_the_same_draws():
    one, two = (robustness(circle(), target_share=0.6, seed=7) for _ in range(2))
    assert one.equals(two)
    other = robustness(circle(), target_share=0.6, seed=8)
    assert not one["share_p05"].equals(other["share_p05"]) or not one["failing"].equals(other["failing"])


def test_targets_by_category_and_all_households_else():
    found = robustness(circle(), target_share={"clinic": 0.0}).set_index("category")
    assert found["target_share"].to_dict() == {"clinic": 0.0, "bank": 1.0}
    assert found.loc["clinic", "failing"] == 0


def test_what_cannot_be_told_stays_so():
    untold = life_circle(network(), DOORS, None, limits={"clinic": 5})
    (row,) = robustness(untold).to_dict("records")
    assert {
        row[name] for name in ("share", "met", "near", "near_served", "failing", "share_p05", "share_p95")
    } == {None}
    assert near_limit(untold).empty


@pytest.mark.parametrize(
    "wrong",
    [
        {"draws": 0},
        {"variation": 0},
        {"variation": np.nan},
        {"target_share": 1.1},
        {"target_share": {"a": -1}},
        {"near": 1},
    ],
)
def test_figures_in_their_range(wrong):
    with pytest.raises(UsageError):
        robustness(circle(), **wrong)
