from __future__ import annotations

import numpy as np
import pytest
from ray_caster import town
from shapely import box
from small_street import SLAB, blocks, shafts, sun

from plan.elevators.losses import shaft_losses
from plan.errors import UsageError

NORTH = box(0, 40, 36, 52)
HOUSES = blocks(SLAB, NORTH)


def losses(added, houses=HOUSES, **options):
    return shaft_losses(sun(houses), houses, added, **{"limit_min": 120.0, **options})


def alone(added, houses=HOUSES):
    """Return the windows before and after one shaft, without those that it covers."""
    found = sun(houses, added).windows
    return found[~found["covered"]]


def test_each_takes_what_it_takes_alone() -> None:
    many = shafts(box(8, -2.2, 10, 0), box(17, -2.2, 19, 0), box(8.5, -2.2, 10.5, 0), box(17, 12, 19, 14.2))
    many.index = ["a", "b", "c", "d"]
    table = losses(many)
    assert list(table.index) == list(many.index)
    for name in many.index:
        found = alone(many.loc[[name]])
        losing = found[found["loss_min"] > 0]
        assert table.loc[name, "lost_min"] == losing["loss_min"].sum()
        assert table.loc[name, "windows_losing"] == len(losing)
        assert table.loc[name, "largest_loss_min"] == losing["loss_min"].max()
        falling = (found["minutes_before"] >= 120) & (found["minutes_after"] < 120)
        assert table.loc[name, "windows_falling"] == falling.sum()
    assert table["windows_covered"].tolist() == [6, 0, 6, 0]
    assert table["reason"].isna().all()
    assert table.loc["d", "lost_min"] > 0  # from the block to the north


def test_a_shaft_that_is_not_known_says_so() -> None:
    table = losses(
        shafts(box(8, -2.2, 10, 0), None, box(8, -2.2, 10, 0)).assign(building_id=["B1", "B1", "gone"])
    )
    assert table["lost_min"].isna().tolist() == [False, True, True]
    assert table["windows_falling"].isna().tolist() == [False, True, True]
    assert [why is None for why in table["reason"]] == [True, False, False]


def test_windows_beside_the_unknown_are_counted_apart() -> None:
    wide = blocks(SLAB, box(-500, -40, 536, -30), floors=[6, np.nan])
    table = losses(shafts(box(17, -2.2, 19, 0)), wide)
    assert table["lost_min"].tolist() == [0.0]
    assert (
        table["windows_undetermined"].iloc[0]
        == (alone(shafts(box(17, -2.2, 19, 0)), HOUSES)["loss_min"] > 0).sum()
    )


def test_no_shafts_and_no_windows() -> None:
    assert losses(shafts().set_geometry([])).empty
    houses = blocks(SLAB, floors=np.nan)
    table = losses(shafts(box(17, -2.2, 19, 0), height_m=20.0), houses)
    assert table["lost_min"].tolist() == [0.0]


@pytest.mark.parametrize("wrong", [{"limit_min": np.nan}, {"limit_min": -1}, {"grazing_deg": -1}])
def test_figures_without_sense_are_refused(wrong) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        losses(shafts(box(8, -2.2, 10, 0)), **wrong)


@pytest.mark.parametrize("seed", range(3))
def test_any_shaft_of_a_town_takes_what_it_takes_alone(seed: int) -> None:
    houses, added = town(seed)
    table = shaft_losses(sun(houses, at=None), houses, added, limit_min=120.0)
    for row in range(len(added)):
        found = sun(houses, added.iloc[[row]], at=None).windows
        assert table["windows_covered"].iloc[row] <= found["covered"].sum()
        found = found[~found["covered"]]
        assert table["lost_min"].iloc[row] == found["loss_min"].sum()
        assert table["windows_losing"].iloc[row] == (found["loss_min"] > 0).sum()
        assert table["largest_loss_min"].iloc[row] == found["loss_min"].max()
