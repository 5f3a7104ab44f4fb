"""At which widths of a strip an angle holds most: computed from the table of stalls, not remembered."""

from __future__ import annotations

import pytest

from plan.parking import best_section
from plan.parking.angles import strip_windows
from plan.parking.stalls import StallSpec

SPEC = StallSpec()


def test_the_windows_of_45_degrees_in_the_national_table() -> None:
    windows = strip_windows(SPEC, 45.0)
    assert [(w.low_m, w.high_m) for w in windows] == [(11.7, 12.4), (14.8, 15.8), (21.6, 21.8)]
    # Parallel and 45 degrees on the two sides of one aisle; 45 degrees on both sides.
    assert [w.angles_deg for w in windows[:2]] == [(0.0, 45.0), (45.0, 45.0)]


@pytest.mark.parametrize("angle", [0.0, 60.0, 90.0])
def test_inside_a_window_the_angle_is_missed_and_just_outside_it_is_not(angle) -> None:
    others = [row.angle_deg for row in SPEC.rows if row.angle_deg != angle]

    def gained(width: float) -> float:
        return best_section(width).stalls_per_m - best_section(width, angles_deg=others).stalls_per_m

    for window in strip_windows(SPEC, angle):
        assert gained(window.low_m) > 1e-9
        assert window.low_m == 5.0 or gained(window.low_m - 0.1) <= 1e-9
        assert window.high_m == 22.0 or gained(window.high_m) <= 1e-9


def test_an_angle_that_the_table_does_not_have_has_no_window() -> None:
    assert strip_windows(SPEC, 17.0) == ()
    assert strip_windows(StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 6.0}), 90.0) == ()
