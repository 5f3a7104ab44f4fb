"""Whatever the blocks: more never gives more sun, and the order of things changes nothing."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from plan.elevators.sunlight import sunlight
from plan.elevators.windows import facade_windows

OPTIONS = {"day": dt.date(2026, 1, 20), "hours": (8.0, 16.0), "sill_m": 0.9}
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def places(draw):
    """Return slabs and Ls anywhere, some of them across each other, and where on Earth they are."""
    shapes = []
    for _ in range(draw(st.integers(2, 6))):
        length, depth = draw(st.floats(6, 50)), draw(st.floats(5, 14))
        shape = box(0, 0, length, depth)
        if draw(st.booleans()):
            shape = shape.union(box(0, -draw(st.floats(2, 25)), min(5.0, length / 2), depth))
        shape = affinity.rotate(shape, draw(st.floats(0, 360)))
        shapes.append(affinity.translate(shape, draw(st.floats(-70, 70)), draw(st.floats(-70, 70))))
    floors = draw(st.lists(st.integers(1, 30), min_size=len(shapes), max_size=len(shapes)))
    frame = gpd.GeoDataFrame(
        {"building_id": [f"B{i}" for i in range(len(shapes))], "floors": floors}, geometry=shapes
    )
    return frame, (110.0, draw(st.sampled_from([-40.0, 0.0, 20.0, 31.2, 45.0, 53.0])))


def minutes(frame, at, windows, shafts=None):
    return sunlight(frame, shafts, windows=windows, at=at, **OPTIONS).windows


@QUICK
@given(places())
def test_a_building_more_or_higher_never_gives_sun(place) -> None:
    frame, at = place
    windows = facade_windows(frame, sill_m=0.9, at=at, only=["B0"])
    every = minutes(frame, at, windows)["minutes_before"]
    fewer = minutes(frame.iloc[:-1], at, windows)["minutes_before"]
    assert (every <= fewer).all()
    taller = frame.assign(floors=np.r_[frame["floors"].to_numpy()[:-1], frame["floors"].iloc[-1] + 5])
    assert (minutes(taller, at, windows)["minutes_before"] <= every).all()


@QUICK
@given(places())
def test_a_shaft_is_a_building_that_comes_later(place) -> None:
    frame, at = place
    windows = facade_windows(frame, sill_m=0.9, at=at, only=["B0"])
    last = frame.iloc[-1:].assign(height_m=frame["floors"].iloc[-1] * 3.0)
    found = minutes(frame.iloc[:-1], at, windows, last.assign(building_id="B0"))
    assert (found["minutes_after"] <= found["minutes_before"]).all()
    assert (found["loss_min"] == found["minutes_before"] - found["minutes_after"]).all()
    assert (found["minutes_after"] == minutes(frame, at, windows)["minutes_before"]).all()


@QUICK
@given(places(), st.randoms(use_true_random=False))
def test_the_order_of_buildings_changes_nothing(place, random) -> None:
    frame, at = place
    windows = facade_windows(frame, sill_m=0.9, at=at)
    order = list(range(len(frame)))
    random.shuffle(order)
    assert (
        minutes(frame, at, windows)["minutes_before"]
        == minutes(frame.iloc[order], at, windows)["minutes_before"]
    ).all()


@QUICK
@given(places())
def test_what_is_unknown_is_never_sunnier_than_what_it_may_be(place) -> None:
    frame, at = place
    windows = facade_windows(frame, sill_m=0.9, at=at, only=["B0"])
    vague = frame.assign(floors=np.r_[frame["floors"].to_numpy()[:-1].astype(float), np.nan])
    told = minutes(vague, at, windows)["minutes_before"]
    without = minutes(frame.iloc[:-1], at, windows)["minutes_before"]
    tallest = minutes(
        frame.assign(
            floors=np.r_[frame["floors"].to_numpy()[:-1], 33],
            height_m=np.r_[[np.nan] * (len(frame) - 1), 100.0],
        ),
        at,
        windows,
    )["minutes_before"]
    # Where it can be told, the unknown makes no difference, however tall it is.
    assert (told.dropna() == without[told.notna()]).all()
    assert (told.notna() == (without == tallest)).all()
