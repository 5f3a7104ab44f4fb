from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from ray_caster import cast, town
from shapely import Point, Polygon, box
from small_street import AT, DAY, HOURS, SLAB, blocks, facing, shafts, sun

from plan.elevators.prisms import storeys
from plan.elevators.solids import solids_of
from plan.elevators.sun import Place, place_of, solar_term, sun_path
from plan.elevators.sunlight import _steps
from plan.elevators.windows import facade_windows
from plan.errors import CrsError, UsageError
from plan.messages import Message

NORTH = box(0, 40, 36, 52)


def minutes(result, bearing, building="B1"):
    return facing(result.windows, bearing, building)["minutes_before"]


def path_here(hours=HOURS):
    return sun_path(Place(lon_deg=AT[0], lat_deg=AT[1]), day=DAY, hours=hours)


def test_an_open_field_has_all_its_sun() -> None:
    found = sun(blocks(SLAB))
    assert set(minutes(found, 180)) == {480.0}
    assert set(minutes(found, 90)) == {240.0}
    assert set(minutes(found, 270)) == {240.0}
    assert minutes(found, 0).empty
    assert (found.windows["loss_min"] == 0).all()
    assert found.unknown.empty


def test_the_winter_solstice_has_six_hours() -> None:
    found = sun(blocks(SLAB), day=solar_term("winter_solstice", 2026), hours=(9, 15))
    assert set(minutes(found, 180)) == {360.0}


def test_a_long_wall_hides_the_sun_below_its_profile() -> None:
    wall = box(-5000, -21, 5000, -20)  # 18 m high, 20 m in front of the southern façade
    found = facing(sun(blocks(SLAB, wall)).windows, 180)
    path = path_here()
    # The wall is met at 20 m / cos(bearing off south): lit where the ray is above its top there.
    rise = 20 * np.tan(np.radians(path.altitude_deg)) / -np.cos(np.radians(path.azimuth_deg))
    for floor, lit in found.groupby("floor")["minutes_before"]:
        sill = (floor - 1) * 3 + 0.9
        assert set(lit) == {float((sill + rise >= 18).sum())}
    by_floor = found.groupby("floor")["minutes_before"].first()
    assert by_floor.is_monotonic_increasing
    assert by_floor.loc[1] < 480


def test_a_pole_hides_the_sun_for_the_time_that_it_takes_to_pass() -> None:
    tower = box(17.8 - 2, -32, 17.8 + 2, -30)
    window = gpd.GeoDataFrame({"sill_m": [0.9], "bearing_deg": [180.0]}, geometry=[Point(17.8, 0)])
    found = sun(blocks(SLAB, tower, floors=[6, 30]), windows=window).windows
    path = path_here()
    off = np.abs(path.azimuth_deg - 180)
    # Seen from the window its near face spans atan(2 / 30) to each side; the flanks hide nothing more.
    hidden = (off < math.degrees(math.atan(2 / 29.99))).sum()
    assert found["minutes_before"].iloc[0] == 480 - hidden


def test_a_wing_shades_its_own_house() -> None:
    corner = SLAB.union(box(-8, -20, 0, 12))  # a wing to the west of the southern façade
    found = facing(sun(blocks(corner)).windows, 180)
    inner = found[(found.geometry.y == 0) & (found["floor"] == 1)].sort_values(by="window_id")
    by_east = inner.set_index(inner.geometry.x)["minutes_before"].sort_index()
    assert by_east.iloc[0] < 300
    assert by_east.is_monotonic_increasing


def test_a_courtyard_is_open_to_the_sky() -> None:
    ring = box(0, 0, 60, 60).difference(box(10, 10, 50, 50))
    found = facing(sun(blocks(ring)).windows, 180)
    inner = found[found.geometry.y == 50]
    assert inner.groupby("floor")["minutes_before"].max().loc[6] == 480
    assert 0 < inner.groupby("floor")["minutes_before"].max().loc[1] < 480
    filled = facing(sun(blocks(box(0, 0, 60, 60).difference(box(10, 49, 50, 50)))).windows, 180)
    assert filled[(filled.geometry.y == 50) & (filled["floor"] == 1)]["minutes_before"].max() == 0


def test_a_shaft_before_a_window_takes_all_and_one_between_two_takes_alike() -> None:
    before = shafts(box(8, -2.2, 10, 0))  # in front of the bay at 9 m
    found = facing(sun(blocks(SLAB), before).windows, 180)
    behind = found[found.geometry.x == 9.0]
    assert set(behind["minutes_after"]) == {0.0}
    assert set(behind["loss_min"]) == {480.0}
    assert behind["covered"].all()
    assert found["covered"].sum() == len(behind) == 6
    between = facing(sun(blocks(SLAB), shafts(box(17, -2.2, 19, 0))).windows, 180)  # bays at 16.2 and 19.8 m
    west, east = (
        between[abs(between.geometry.x - x) < 1e-6].set_index("floor")["loss_min"] for x in (16.2, 19.8)
    )
    assert (west > 60).all()
    assert abs(west - east).max() <= 2  # the sun sinks by 0.05 degrees less in the afternoon


def test_shafts_on_the_shady_side_take_nothing() -> None:
    found = sun(blocks(SLAB), shafts(box(17, 12, 19, 14.2))).windows
    assert (found["loss_min"] == 0).all()


def test_a_shaft_rises_above_the_eaves_or_as_high_as_it_says() -> None:
    house = blocks(SLAB, NORTH)
    at = box(17, 12, 19, 14.2)
    losses = [
        sun(house, added, **more).windows["loss_min"].sum()
        for added, more in (
            (shafts(at), {"above_eaves_m": 0.0}),
            (shafts(at), {"above_eaves_m": 12.0}),
            (shafts(at, height_m=30.0), {}),
            (shafts(at, height_m=np.nan), {"above_eaves_m": 12.0}),
        )
    ]
    assert 0 < losses[0] < losses[1]
    assert losses[1:] == [losses[1]] * 3


def test_lower_ground_is_as_good_as_a_taller_neighbour() -> None:
    down = sun(blocks(NORTH, SLAB), ground_m=pd.Series([0.0, 5.0]))
    tall = sun(blocks(NORTH, SLAB, height_m=[18.0, 23.0]))
    assert list(minutes(down, 180)) == list(minutes(tall, 180))
    assert list(minutes(down, 180)) != list(minutes(sun(blocks(NORTH, SLAB)), 180))


def test_both_ends_of_a_sill_need_the_sun() -> None:
    house, added = blocks(SLAB, NORTH), shafts(box(17, -2.2, 19, 0))
    middle = sun(house, added).windows
    full = sun(house, added, width_m=1.8).windows
    assert (full["minutes_after"] <= middle["minutes_after"] + 1).all()
    assert full["minutes_after"].sum() < middle["minutes_after"].sum()
    lone = gpd.GeoDataFrame(
        {"sill_m": [0.9], "bearing_deg": [180.0], "width_m": [2.0]}, geometry=[Point(16, 0)]
    )
    hidden = sun(house, shafts(box(16.9, -0.2, 17.1, 0)), windows=lone).windows
    assert hidden["minutes_after"].iloc[0] == 0  # the eastern end is behind the post


def test_grazing_and_short_sun_can_be_left_out() -> None:
    east = minutes(sun(blocks(SLAB), grazing_deg=15.0), 90)
    path = path_here()
    assert set(east) == {float((path.azimuth_deg < 180 - 15).sum())}
    posts = shafts(*(box(x, -6, x + 1, -5) for x in range(-20, 60, 3)), height_m=40.0)
    every = facing(sun(blocks(SLAB), posts).windows, 180)["minutes_after"]
    long = facing(sun(blocks(SLAB), posts, shortest_min=30.0).windows, 180)["minutes_after"]
    assert (long <= every).all()
    assert long.sum() < every.sum()


def test_steps_of_five_minutes_are_near_those_of_one() -> None:
    house = blocks(SLAB, NORTH)
    fine, coarse = sun(house).windows, sun(house, step_min=5.0).windows
    assert abs(fine["minutes_before"] - coarse["minutes_before"]).max() <= 10
    assert set(coarse["minutes_before"] % 5) == {0.0}


def test_near_the_unknown_nothing_is_sunny() -> None:
    far = box(0, 5000, 36, 5012)
    found = sun(blocks(NORTH, box(0, 0, 36, 12), far, floors=[6, np.nan, 6]))
    near = facing(found.windows, 180)
    assert near["minutes_before"].isna().all()
    assert near["loss_min"].isna().all()
    assert near["reason"].map(lambda why: isinstance(why, Message) and why.startswith("missing_data")).all()
    away = facing(found.windows, 180, "B3")
    assert set(away["minutes_before"]) == {480.0}
    assert away["reason"].isna().all()
    assert found.unknown[["layer", "id"]].to_numpy().tolist() == [["buildings", "B2"]]
    assert "B2" in found.unknown["reason"].iloc[0]
    low = sun(blocks(NORTH, box(-500, 0, 536, 12), floors=[6, np.nan]), unknown_height_m=12.0)
    assert facing(low.windows, 180)["minutes_before"].notna().sum() == 50  # five floors look over 12 m


def test_what_is_hidden_already_is_certain_beside_the_unknown() -> None:
    found = sun(blocks(NORTH, box(-500, 20, 500, 38), box(0, 0, 36, 12), floors=[1, 40, np.nan]))
    assert set(minutes(found, 180)) == {0.0}


def test_shafts_of_unknown_height_leave_only_the_later_sun_open() -> None:
    for added in (
        shafts(box(17, -2.2, 19, 0), of="gone"),
        shafts(Polygon([(17, -2), (19, 0), (19, -2), (17, 0)]), of="B1"),
    ):
        found = sun(blocks(SLAB), added)
        near = facing(found.windows, 180)
        assert set(near["minutes_before"]) == {480.0}
        assert near["minutes_after"].isna().any()
        assert found.unknown[["layer", "id"]].to_numpy().tolist() == [["elevators", "0"]]
    lost = sun(blocks(SLAB), shafts(None))
    assert lost.unknown["reason"].iloc[0].startswith("missing_data")


def test_outlines_that_cannot_be_measured_are_named() -> None:
    bow = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    found = sun(blocks(NORTH, bow, Polygon(), None, Polygon([(0, 0), (1, 1), (2, 2)])))
    assert list(found.unknown["id"]) == ["B2", "B3", "B4", "B5"]
    assert facing(found.windows, 180)["minutes_before"].isna().any()
    assert found.unknown["reason"].iloc[0].to("en").startswith("repaired_geometry")


def test_windows_come_back_with_their_index_and_the_rest_is_left_alone() -> None:
    house = blocks(SLAB, NORTH)
    mine = facade_windows(house, sill_m=0.9, at=AT).sample(frac=1.0, random_state=1)
    mine.index = mine.index.to_series().map(lambda i: f"w{i}")
    kept, before = mine.copy(), house.copy()
    found = sun(house, windows=mine).windows
    assert list(found.index) == list(mine.index)
    pd.testing.assert_frame_equal(mine, kept)
    pd.testing.assert_frame_equal(house, before)
    again = sun(house, windows=kept.sort_values("window_id")).windows.set_index("window_id")
    assert (
        found.set_index("window_id")["minutes_before"]
        .sort_index()
        .equals(again["minutes_before"].sort_index())
    )


def test_no_windows_and_no_buildings() -> None:
    house = blocks(SLAB)
    assert sun(house, windows=facade_windows(house, sill_m=0.9, only=[], at=AT)).windows.empty
    empty = house.iloc[:0]
    found = sun(empty, windows=facade_windows(house, sill_m=0.9, at=AT))
    assert set(facing(found.windows, 180)["minutes_before"]) == {480.0}
    assert sun(empty).windows.empty


@pytest.mark.parametrize(
    "wrong",
    [
        {"grazing_deg": -1}, {"grazing_deg": math.nan}, {"shortest_min": -1}, {"unknown_height_m": math.inf},
        {"above_eaves_m": math.nan}, {"storey_m": -3}, {"sill_m": math.nan},
    ],
)  # fmt: skip
def test_figures_without_sense_are_refused(wrong) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        sun(blocks(SLAB), **wrong)


def test_latitudes_beyond_the_pole_are_refused() -> None:
    with pytest.raises(UsageError, match="纬度"):
        sun(blocks(SLAB), at=(117.0, 96.0))


def test_layers_must_share_a_system_and_have_their_columns() -> None:
    house = blocks(SLAB).set_crs(4548)
    with pytest.raises(CrsError, match="elevators"):
        sun(house, shafts(box(17, -2, 19, 0)))
    with pytest.raises(UsageError, match="building_id"):
        sun(blocks(SLAB), shafts(box(17, -2, 19, 0)).drop(columns="building_id"))
    window = gpd.GeoDataFrame({"sill_m": [0.9]}, geometry=[Point(0, 0)])
    with pytest.raises(UsageError, match="bearing_deg"):
        sun(blocks(SLAB), windows=window)
    for sill, at in ((np.nan, Point(0, 0)), ("0,9", Point(0, 0)), (0.9, None), (0.9, Point())):
        window = gpd.GeoDataFrame({"sill_m": [sill], "bearing_deg": [180.0]}, geometry=[at])
        with pytest.raises(UsageError, match="窗台"):
            sun(blocks(SLAB), windows=window)


@pytest.mark.parametrize(
    ("seed", "at"), [(0, None), (1, None), (2, (117.0, 53.0)), (3, (117.0, 5.0)), (4, (117.0, -20.0))]
)
def test_brute_force_agrees(seed, at) -> None:
    houses, added = town(seed)
    found = sun(houses, added, at=at)
    changed = found.windows[found.windows["loss_min"] > 0].sample(25, random_state=seed)
    others = found.windows.drop(changed.index).sample(25, random_state=seed)
    picked = pd.concat([changed, others])
    on_map = picked["bearing_deg"] - found.place.convergence_deg
    rows = np.c_[picked.geometry.x, picked.geometry.y, picked["sill_m"], on_map]
    stand = list(zip(houses.geometry, houses["floors"] * 3.0, strict=True))
    new = list(zip(added.geometry, houses["floors"] * 3.0 + 2.5, strict=True))
    azimuth = found.path.azimuth_deg - found.place.convergence_deg
    before = cast(rows, stand, azimuth, found.path.altitude_deg)
    after = cast(rows, stand + new, azimuth, found.path.altitude_deg)
    assert abs(before - picked["minutes_before"]).max() <= 1
    assert abs(after - picked["minutes_after"]).max() <= 1


@pytest.mark.parametrize("turn", [17.0, 90.0, 213.0])
def test_a_map_may_be_turned(turn: float) -> None:
    houses, added = town(9)
    houses, added = houses.set_crs(None, allow_override=True), added.set_crs(None, allow_override=True)
    found = sun(houses, added)
    spun = [
        frame.set_geometry(frame.geometry.rotate(-turn, origin=(450_000, 2_900_000)))
        for frame in (houses, added, found.windows)
    ]
    table = storeys(spun[0], storey_m=3.0)
    solids, _ = solids_of(spun[0], table, spun[1], 2.5, 100.0)
    place = Place(
        lon_deg=AT[0], lat_deg=AT[1], convergence_deg=-turn
    )  # true north lies clockwise of the map's
    before, after, doubt = _steps(spun[2], solids, place, found.path, grazing=0.0, shortest=0)
    assert abs(before - found.windows["minutes_before"]).max() <= 1
    assert abs(after - found.windows["minutes_after"]).max() <= 1
    assert not doubt.any()


@pytest.mark.real
def test_real_heights_of_wuhan(shared) -> None:
    file = shared / "data" / "wuhan_guanggu_buildings_height.gpkg"
    frame = gpd.read_file(file, layer="buildings").to_crs(4547)
    frame = frame[frame.geom_type.isin(("Polygon", "MultiPolygon")) & frame["kind"].eq("building")]
    frame = frame.rename(columns={"height": "height_m"}).reset_index(drop=True)
    frame["building_id"] = [f"W{i}" for i in frame.index]
    found = sun(frame, at=None)
    assert len(found.unknown) == (~(frame["height_m"] > 0)).sum()  # one has a height of 0
    south = found.windows[abs(found.windows["bearing_deg"] - 180) < 30]
    known = south.dropna(subset="minutes_before")
    assert 0 < len(known) < len(south)
    assert known["minutes_before"].between(0, 480).all()
    assert (
        known[known["floor"] > 10]["minutes_before"].mean()
        > known[known["floor"] == 1]["minutes_before"].mean()
    )
    assert place_of(frame).lat_deg == pytest.approx(30.5, abs=0.3)
    measured = frame[frame["height_m"] > 0]
    alone = sun(measured, at=None)
    picked = alone.windows.sample(40, random_state=1)
    rows = np.c_[
        picked.geometry.x,
        picked.geometry.y,
        picked["sill_m"],
        picked["bearing_deg"] - alone.place.convergence_deg,
    ]
    stand = list(zip(measured.geometry, measured["height_m"], strict=True))
    azimuth = alone.path.azimuth_deg - alone.place.convergence_deg
    assert abs(cast(rows, stand, azimuth, alone.path.altitude_deg) - picked["minutes_before"]).max() <= 1
