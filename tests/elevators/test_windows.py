from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import MultiPolygon, Point, Polygon, box, from_wkt
from small_street import AT, DAY, HOURS, SLAB, blocks, facing

from plan.elevators.prisms import storeys
from plan.elevators.sun import place_of, sun_path
from plan.elevators.windows import facade_windows, sees_sun
from plan.errors import UsageError

with np.errstate(invalid="ignore"):
    BROKEN = from_wkt("POLYGON ((0 0, 0 nan, 1 1, 0 0))")


def windows(buildings, **options):
    return facade_windows(buildings, **{"sill_m": 0.9, "at": AT, **options})


def test_a_slab_has_a_window_in_each_bay_on_each_floor() -> None:
    found = windows(blocks(SLAB, floors=2))
    south = facing(found, 180)
    assert len(south) == 20  # 36 m / 3.6 m, two floors
    assert sorted(set(south.geometry.x)) == pytest.approx([1.8 + 3.6 * k for k in range(10)])
    assert set(south.geometry.y) == {0.0}
    assert sorted(set(found["sill_m"])) == pytest.approx([0.9, 3.9])
    assert found.groupby("bearing_deg").size().to_dict() == {0.0: 20, 90.0: 6, 180.0: 20, 270.0: 6}
    assert found["window_id"].is_unique


def test_corners_amid_a_wall_change_nothing() -> None:
    split = Polygon([(10, 0), (23, 0), (36, 0), (36, 12), (0, 12), (0, 0)])
    a, b = (windows(blocks(shape)).sort_values(["bearing_deg", "floor"]) for shape in (SLAB, split))
    places = [
        sorted(zip(w.geometry.x.round(9), w.geometry.y.round(9), w["sill_m"], strict=True)) for w in (a, b)
    ]
    assert places[0] == places[1]


def test_a_storey_is_the_height_over_the_floors() -> None:
    found = windows(blocks(SLAB, floors=5, height_m=14.0))
    assert sorted(set(found["sill_m"])) == pytest.approx([0.9 + 2.8 * k for k in range(5)])


def test_floors_follow_from_the_height() -> None:
    assert windows(blocks(SLAB, floors=np.nan, height_m=17.7))["floor"].max() == 6


def test_a_party_wall_has_windows_above_the_neighbour_only() -> None:
    both = blocks(SLAB, box(36, 0, 72, 12), floors=[6, 4])
    east = facing(windows(both), 90)
    assert sorted(east["floor"].unique()) == [5, 6]
    assert facing(windows(both), 270, "B2").empty


def test_what_is_not_asked_for_still_stands_in_the_way() -> None:
    both = blocks(SLAB, box(36, 0, 72, 12))
    only = windows(both, only=["B1"])
    assert set(only["building_id"]) == {"B1"}
    assert facing(only, 90).empty


def test_courtyards_and_parts_have_windows() -> None:
    ring = box(0, 0, 40, 40).difference(box(10, 10, 30, 30))
    inner = facing(windows(blocks(ring)), 180)
    assert set(inner.geometry.y) == {0.0, 30.0}
    two = MultiPolygon([box(0, 0, 10, 10), box(20, 0, 30, 10)])
    assert len(facing(windows(blocks(two)), 180)) == 2 * 3 * 6


def test_a_round_tower_has_windows_all_around() -> None:
    found = windows(blocks(Point(0, 0).buffer(8, quad_segs=16), floors=1))
    assert len(found) == 14  # 50.2 m / 3.6 m
    off = (
        np.degrees(np.arctan2(found.geometry.x, found.geometry.y)) - found["bearing_deg"] + 180
    ) % 360 - 180
    assert abs(off).max() < 6


def test_short_faces_have_none() -> None:
    assert set(windows(blocks(box(0, 0, 36, 1.5)))["bearing_deg"]) == {0.0, 180.0}


def test_facades_without_sun_are_left_out() -> None:
    path = sun_path(place_of(blocks(SLAB), AT), day=DAY, hours=HOURS)
    assert set(windows(blocks(SLAB), path=path)["bearing_deg"]) == {90.0, 180.0, 270.0}
    bearings = np.arange(0.0, 360.0, 0.5)
    by_hand = (np.cos(np.radians(bearings[:, None] - path.azimuth_deg)) > 0).any(axis=1)
    assert (sees_sun(bearings, path) == by_hand).all()


def test_bearings_are_from_true_north() -> None:
    slab = gpd.GeoSeries([SLAB], crs=4548).translate(450_000, 3_500_000)  # half a degree west of the meridian
    frame = gpd.GeoDataFrame({"building_id": ["B1"], "floors": [1]}, geometry=slab)
    turned = place_of(frame).convergence_deg
    assert -0.5 < turned < -0.2
    assert sorted(set(facade_windows(frame, sill_m=0.9)["bearing_deg"])) == pytest.approx(
        sorted((b + turned) % 360 for b in (0, 90, 180, 270))
    )


def test_a_width_is_at_most_its_bay() -> None:
    assert set(windows(blocks(SLAB), width_m=1.8)["width_m"]) == {1.8}
    assert facing(windows(blocks(SLAB), width_m=9.0), 180)["width_m"].to_numpy() == pytest.approx(3.6)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"floors": np.nan}, "missing_data"),
        ({"floors": 0}, "missing_data"),
        ({"floors": -3, "height_m": 0.0}, "missing_data"),
        ({"floors": np.nan, "height_m": np.inf}, "missing_data"),
        ({"floors": 30, "height_m": 18.0}, "missing_data"),
        ({"floors": 10**9}, "missing_data"),
        ({"floors": "六七层"}, "missing_data"),
    ],
)
def test_what_has_no_height_is_named_and_has_no_windows(changed, word) -> None:
    frame = blocks(SLAB, **changed)
    why = storeys(frame, storey_m=3.0)["reason"].iloc[0]
    assert why.startswith(word)
    assert "B1" in why
    assert windows(frame).empty


@pytest.mark.parametrize(
    "shape",
    [None, Polygon(), Point(0, 0), Polygon([(0, 0), (1, 1), (2, 2)]), BROKEN],
)
def test_what_has_no_outline_is_named(shape) -> None:
    table = storeys(blocks(SLAB, shape), storey_m=3.0)
    assert table["reason"].iloc[0] is None
    assert table["reason"].iloc[1].startswith("missing_data")


def test_an_outline_that_crosses_itself_is_named() -> None:
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert storeys(blocks(bow), storey_m=3.0)["reason"].iloc[0].startswith("repaired_geometry")


def test_a_zero_height_counts_as_none() -> None:
    assert storeys(blocks(SLAB, height_m=0.0), storey_m=3.0)["top_m"].iloc[0] == 18.0


def test_ground_that_is_missing_is_named() -> None:
    table = storeys(blocks(SLAB, SLAB), storey_m=3.0, ground_m=pd.Series({0: 4.0}))
    assert table["top_m"].iloc[0] == 22.0
    assert table["reason"].iloc[1].startswith("missing_data")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sill_m": -1},
        {"sill_m": math.nan},
        {"spacing_m": 0},
        {"spacing_m": math.inf},
        {"width_m": -1},
        {"storey_m": 0},
    ],
)
def test_figures_without_sense_are_refused(wrong) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        windows(blocks(SLAB), **wrong)


def test_two_buildings_of_one_id_are_refused() -> None:
    with pytest.raises(UsageError, match="B1"):
        windows(blocks(SLAB, box(50, 0, 60, 10), ids=["B1", "B1"]))
