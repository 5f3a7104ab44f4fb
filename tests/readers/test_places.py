"""Degrees as people write them; never a wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.readers import inspect_sources, read_site
from plan.readers._places import degrees_in


@pytest.mark.parametrize(
    ("text", "axis", "degrees"),
    [
        ("119°36′12″E", "lon", 119.60333333),
        ("119° 36' 12\"", "lon", 119.60333333),
        ("119º36’12”", "lon", 119.60333333),
        ("东经119度36分12秒", "lon", 119.60333333),
        ("１１９°３６′１２″", "lon", 119.60333333),
        ("39°56′6.5″N", "lat", 39.93513889),
        ("E119°36.2′", "lon", 119.60333333),
        ("39°30′", "lat", 39.5),
        ("119.6033°E", "lon", 119.6033),
        ("119.6033E", "lon", 119.6033),
        ("12°30′S", "lat", -12.5),
        ("-12°30′", "lat", -12.5),
    ],
)
def test_degrees(text, axis, degrees):
    assert degrees_in(text, axis) == pytest.approx(degrees, abs=1e-8)


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("119 36 12", "lon"),
        ("119:36:12", "lon"),
        ("119-36-12", "lon"),
        ("119°76′12″", "lon"),  # no hour has 76 minutes, nor has a degree
        ("119°36′60″", "lon"),
        ("39°56′6″N", "lon"),
        ("119°36′12″E", "lat"),
        ("E119°36′W", "lon"),
        ("-12°30′S", "lat"),
        ("119.5°36′", "lon"),
        ("119°36.5′12″", "lon"),
        ("约119°36′", "lon"),
        ("119°36′12″E附近", "lon"),
        ("119", "lon"),
    ],
)
def test_what_says_no_degrees(text, axis):
    assert degrees_in(text, axis) is None


@given(st.integers(0, 179), st.integers(0, 59), st.integers(0, 59))
def test_parts_add_up(degrees, minutes, seconds):
    value = degrees_in(f"{degrees}°{minutes}′{seconds}″", "lon")
    assert round(value * 3600) == degrees * 3600 + minutes * 60 + seconds


def test_rows_in_degrees_and_minutes_lie_where_the_others_do(tmp_path):
    path = tmp_path / "facilities.csv"
    path.write_text(
        "设施编号,类别,经度,纬度\nF1,school,119.60333333,39.935\nF2,school,119°36′12″E,39°56′6″N\nF3,school,119 36 12,39 56 6\n",
        encoding="utf-8",
    )
    points = read_site(path).layer("facilities").geometry
    assert points.iloc[0].distance(points.iloc[1]) < 0.01  # a hundredth of a second is 30 cm
    assert points.iloc[2] is None
    (problem,) = [p for p in inspect_sources(path).problems if p.id == "PLAN-GEOM-009"]
    assert (problem.effect, problem.rows, problem.lines) == ("degraded", (3,), (4,))
