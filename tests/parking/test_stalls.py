"""The dimensions of stalls and rows, against the table of JGJ 100-2015 and figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from plan import load_pack
from plan.errors import UsageError
from plan.parking import StallSpec, stall_spec


def test_the_national_table_is_read_row_by_row() -> None:
    spec = StallSpec()
    assert stall_spec(load_pack("national")) == spec
    table = {
        (0, False): (6.0, 2.4, 2.1, 3.8),
        (45, True): (3.4, 5.5, 4.6, 3.8),
        (60, True): (2.8, 5.8, 5.0, 4.5),
        (60, False): (2.8, 5.8, 5.0, 4.2),
        (90, True): (2.4, 5.3, 5.1, 9.0),
        (90, False): (2.4, 5.3, 5.1, 5.5),
    }
    for (angle, front_in), (pitch, wall, interlock, aisle) in table.items():
        row = spec.row(angle, front_in=front_in)
        assert (row.pitch_m, row.depth_to_wall_m, row.depth_to_interlock_m, row.aisle_m) == (
            pitch,
            wall,
            interlock,
            aisle,
        )


def test_the_narrower_aisle_is_taken_where_cars_may_drive_in_as_they_like() -> None:
    assert StallSpec().row(90).aisle_m == 5.5
    assert StallSpec().row(90).front_in is False
    assert StallSpec().row(60).aisle_m == 4.2


@pytest.mark.parametrize("row", StallSpec().rows, ids=lambda r: f"{r.angle_deg:g}-{r.front_in}")
def test_a_marked_stall_fits_the_room_that_the_table_gives_it(row) -> None:
    assert row.reach_m <= row.depth_to_wall_m + 1e-9
    if row.angle_deg > 0:
        overhang = row.width_m * math.cos(math.radians(row.angle_deg)) / 2
        assert row.reach_m - overhang <= row.depth_to_interlock_m + 1e-9
        assert row.pitch_m >= row.width_m / math.sin(math.radians(row.angle_deg)) - 0.03


def test_by_formula() -> None:
    row = StallSpec.of(width_m=2.4, length_m=5.3, aisles_m={45: 3.8, 90: 5.5}).row(45)
    assert row.pitch_m == pytest.approx(3.394, abs=1e-3)
    assert row.depth_to_wall_m == pytest.approx(5.445, abs=1e-3)
    assert row.depth_to_interlock_m == pytest.approx(4.596, abs=1e-3)
    assert row.end_m == pytest.approx(2.051, abs=1e-3)
    assert row.stalls_in(50) == 14


def test_a_row_that_fits_exactly_loses_no_stall() -> None:
    spec = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={0: 3.5, 90: 6.0})
    assert spec.row(0).stalls_in(60) == 10
    assert spec.row(90).stalls_in(2.4 * 25) == 25
    assert spec.row(90).stalls_in(2.39) == 0
    assert spec.row(90).stalls_in(-5) == 0


def test_between_the_rows_of_the_table_the_formulas_hold() -> None:
    row = StallSpec().row(75)
    assert row.pitch_m == pytest.approx(2.4 / math.sin(math.radians(75)))
    assert 4.2 < row.aisle_m < 5.5
    assert row.depth_to_wall_m > row.reach_m


@pytest.mark.parametrize("angle", [-1, 10, 91, 180])
def test_angles_that_no_stall_has(angle) -> None:
    with pytest.raises(UsageError) as caught:
        StallSpec().row(angle)
    assert caught.value.message.key == "parking.angle"


@pytest.mark.parametrize(
    "change",
    [{"width_m": 0}, {"length_m": -5}, {"aisles_m": {90: math.nan}}, {"aisles_m": {}}, {"two_way_m": 0}],
)
def test_dimensions_are_positive(change) -> None:
    sizes = {"width_m": 2.4, "length_m": 5.0, "aisles_m": {90: 6.0}}
    with pytest.raises(UsageError) as caught:
        StallSpec.of(**{**sizes, **change})
    assert caught.value.message.key == "parking.spec"
