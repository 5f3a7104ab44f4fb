from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box
from small_street import SLAB, blocks, shafts, sun

from plan.elevators.flats import flats_sunlight, windows_falling
from plan.errors import UsageError

DOORS = gpd.GeoDataFrame(
    {"building_id": "B1", "stairwell_id": ["1", "2", None]},
    geometry=[Point(9, 12), Point(27, 12), Point(18, 12)],
)


def told(**columns):
    """Return windows of which the minutes are known."""
    frame = pd.DataFrame(columns)
    frame["loss_min"] = frame["minutes_before"] - frame["minutes_after"]
    return frame


def test_only_what_was_enough_can_fall_below() -> None:
    found = windows_falling(
        told(
            minutes_before=[120.0, 120.0, 119.0, np.nan, 200.0, 60.0],
            minutes_after=[120.0, 119.0, 0.0, np.nan, np.nan, np.nan],
        ),
        limit_min=120,
    )
    assert found.tolist() == [False, True, False, pd.NA, pd.NA, False]


@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf])
def test_a_limit_is_positive(limit) -> None:
    with pytest.raises(UsageError, match="limit_min"):
        windows_falling(told(minutes_before=[1.0], minutes_after=[1.0]), limit_min=limit)


def test_a_flat_has_the_windows_of_its_floor_nearest_its_stairwell() -> None:
    found = sun(blocks(SLAB), shafts(box(8, -2.2, 10, 0))).windows
    flats = pd.DataFrame(
        {
            "building_id": ["B1", "B1", "B1", "B1"],
            "stairwell_id": ["1", "2", None, "7"],
            "floor": pd.array([2, 2, 2, 2], dtype="Int64"),
        },
        index=["a", "b", "c", "d"],
    )
    table = flats_sunlight(found, flats, DOORS, limit_min=120)
    assert list(table.index) == list(flats.index)
    # Five southern bays and three of the gable for each stairwell; all sixteen where the stairwell is not known.
    assert table["windows"].tolist() == [8, 8, 16, 16]
    assert table["best_before_min"].tolist() == [480.0] * 4
    assert table["largest_loss_min"].iloc[0] == 480.0
    assert table["windows_falling"].iloc[0] >= 1
    assert table["windows_covered"].tolist() == [1, 0, 1, 1]
    assert table["windows_falling"].iloc[2] == table["windows_falling"].iloc[:2].sum()
    assert table["reason"].isna().all()


def test_without_doors_a_flat_has_its_whole_floor() -> None:
    flats = pd.DataFrame({"building_id": ["B1"], "floor": [1]})
    for doors in (None, DOORS.iloc[:0], DOORS.iloc[2:]):
        assert flats_sunlight(sun(blocks(SLAB)).windows, flats, doors, limit_min=120)["windows"].tolist() == [
            16
        ]


def test_flats_that_cannot_be_told_say_why() -> None:
    found = sun(blocks(box(0, 40, 36, 52), SLAB, floors=[6, np.nan])).windows
    flats = pd.DataFrame({"building_id": ["B1", "B1", "B9", "B1"], "floor": [1.0, "一", 1.0, 44.0]})
    table = flats_sunlight(found, flats, limit_min=120)
    assert table[["best_before_min", "largest_loss_min", "windows_falling"]].isna().all(axis=None)
    assert table["windows"].tolist() == [16, 0, 0, 0]
    assert [why.to("en").partition(":")[0] for why in table["reason"]] == ["missing_data"] * 4
    assert table["reason"].nunique() == 3


def test_no_windows_at_all() -> None:
    empty = sun(blocks(SLAB, floors=np.nan)).windows
    table = flats_sunlight(empty, pd.DataFrame({"building_id": ["B1"], "floor": [1]}), DOORS, limit_min=120)
    assert table["reason"].notna().all()
    assert table["windows"].tolist() == [0]
    none = flats_sunlight(
        sun(blocks(SLAB)).windows, pd.DataFrame({"building_id": [], "floor": []}), limit_min=120
    )
    assert none.empty


def test_columns_that_are_missing_are_named() -> None:
    found = sun(blocks(SLAB)).windows
    with pytest.raises(UsageError, match="floor"):
        flats_sunlight(found, pd.DataFrame({"building_id": ["B1"]}), limit_min=120)
    with pytest.raises(UsageError, match="stairwell_id"):
        flats_sunlight(
            found,
            pd.DataFrame({"building_id": ["B1"], "floor": [1]}),
            DOORS[["building_id", "geometry"]],
            limit_min=120,
        )


def test_the_sample_estate_loses_what_its_flats_lose(sample_gis) -> None:
    file = sample_gis / "old_estate.gpkg"
    houses, doors, flats = (
        gpd.read_file(file, layer=name) for name in ("buildings", "entrances", "households")
    )
    doors = doors[doors["kind"] == "stairwell"]
    added = doors[["building_id", "geometry"]].set_geometry(doors.geometry.buffer(1.4, cap_style="square"))
    found = sun(houses, added, at=None)
    table = flats_sunlight(found.windows, flats, doors, limit_min=120)
    assert table["reason"].isna().all()
    assert table["windows"].min() >= 2
    losing = set(flats.loc[table["largest_loss_min"] > 0, "building_id"])
    assert losing <= set(found.windows.loc[found.windows["loss_min"] > 0, "building_id"])
    south = found.windows[abs(found.windows["bearing_deg"] - 180) < 30]
    assert south.groupby("floor")["minutes_before"].mean().is_monotonic_increasing
