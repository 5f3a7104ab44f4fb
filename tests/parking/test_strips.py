"""The best sections of strips, against figures that were worked out by hand from JGJ 100-2015, table 4.3.4."""

from __future__ import annotations

import math
from itertools import product

import pytest

from plan.errors import UsageError
from plan.parking import StallSpec
from plan.parking.strips import best_section, section_limit


@pytest.mark.parametrize(
    ("width", "angles", "per_m"),
    [
        (6.1, (), 0.0),
        (6.2, (0,), 1 / 6),  # 2.4 + 3.8
        (8.6, (0, 0), 1 / 3),  # 2.4 + 3.8 + 2.4
        (10.0, (60,), 1 / 2.8),  # 5.8 + 4.2
        (10.8, (90,), 1 / 2.4),  # 5.3 + 5.5
        (11.7, (0, 45), 1 / 6 + 1 / 3.4),
        (12.4, (0, 60), 1 / 6 + 1 / 2.8),
        (13.2, (0, 90), 1 / 6 + 1 / 2.4),
        (14.8, (45, 45), 2 / 3.4),
        (15.5, (45, 60), 1 / 3.4 + 1 / 2.8),
        (15.8, (60, 60), 2 / 2.8),
        (16.1, (90, 90), 2 / 2.4),
    ],
)
def test_the_best_rows_begin_to_win_exactly_where_they_fit(width, angles, per_m) -> None:
    section = best_section(width)
    assert tuple(sorted(section.angles_deg)) == angles
    assert section.stalls_per_m == pytest.approx(per_m)
    if angles:
        assert section.width_m == pytest.approx(width)
        assert best_section(width - 0.01).stalls_per_m < per_m


@pytest.mark.parametrize(
    ("width", "angles"), [(8.8, (0, 0)), (11.9, (0, 45)), (15.0, (45, 45)), (10.8, (90,)), (16.1, (90, 90))]
)
def test_an_aisle_that_is_the_fire_lane_is_four_metres_wide(width, angles) -> None:
    section = best_section(width, fire_lane=True)
    assert tuple(sorted(section.angles_deg)) == angles
    assert all(aisle.width_m >= 4.0 for aisle in section.aisles)
    assert best_section(width - 0.01, fire_lane=True).stalls_per_m < section.stalls_per_m


def test_where_nobody_may_reverse_in_60_degrees_win_until_square_stalls_fit_at_19_6_m() -> None:
    # Square stalls driven into forward need an aisle of 9.0 m: 5.3 + 9.0 + 5.3.
    assert best_section(14.8, front_in=True).angles_deg == (45, 45)
    assert best_section(19.5, front_in=True).angles_deg == (60, 60)
    assert best_section(19.6, front_in=True).angles_deg == (90, 90)
    assert best_section(19.6, front_in=True).reverse_in is False
    assert best_section(19.6).reverse_in is True


def test_pure_45_degrees_against_pure_90() -> None:
    slanted, square = (
        [best_section(width, angles_deg=(angle,)).stalls_per_m for width in (14.79, 14.8, 16.09, 16.1)]
        for angle in (45, 90)
    )
    assert slanted == pytest.approx([1 / 3.4, 2 / 3.4, 2 / 3.4, 2 / 3.4])
    assert square == pytest.approx([1 / 2.4, 1 / 2.4, 1 / 2.4, 2 / 2.4])


def test_in_a_wide_lot_45_degrees_take_17_percent_more_land_than_90_reversed_in() -> None:
    # 3.4 (4.6 + 4.6 + 3.8) / 2 = 22.1 m2 against 2.4 (5.1 + 5.1 + 5.5) / 2 = 18.84 m2.
    slanted = best_section(3000, angles_deg=(45,)).m2_per_stall
    square = best_section(3000, angles_deg=(90,)).m2_per_stall
    assert slanted == pytest.approx(22.1, abs=0.1)
    assert square == pytest.approx(18.84, abs=0.1)
    assert slanted / square == pytest.approx(1.17, abs=0.01)


def test_directions() -> None:
    assert [a.direction for a in best_section(14.8).aisles] == ["one_way"]
    wide = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={90: 6.0})
    assert [a.direction for a in best_section(16, stall=wide, angles_deg=(90,)).aisles] == ["two_way"]


def test_whole_stalls_of_rows_and_of_longer_rows_along_the_walls() -> None:
    spec = StallSpec.of(width_m=2.5, length_m=5.0, aisles_m={90: 7.0})
    inner = best_section(34, stall=spec, angles_deg=(90,), length_m=106)
    # Two aisles with two rows each; 106 / 2.5 = 42 and 120 / 2.5 = 48.
    assert (inner.stalls, inner.angles_deg) == (4 * 42, (90, 90, 90, 90))
    outer = best_section(34, stall=spec, angles_deg=(90,), length_m=106, wall_length_m=120)
    assert outer.stalls == 2 * 42 + 2 * 48
    assert section_limit(16.1, 64) == 2 * 26
    assert section_limit(5, 64) == 0


def test_no_stack_of_up_to_two_aisles_is_better() -> None:
    spec = StallSpec()
    rows = [spec.row(a) for a in (0, 45, 60, 90)]
    straight = (0, 90)

    def back(one, other):
        if one.angle_deg == other.angle_deg:
            return 2 * one.depth_to_interlock_m
        return sum(
            r.depth_to_interlock_m if r.angle_deg in straight else max(r.reach_m, r.depth_to_interlock_m)
            for r in (one, other)
        )

    for width in (9, 17, 21.5, 25, 28, 30.5):
        most = 0.0
        for a, b in product([None, *rows], repeat=2):
            if a or b:
                depth = sum(r.depth_to_wall_m for r in (a, b) if r)
                if depth + max(r.aisle_m for r in (a, b) if r) <= width + 1e-9:
                    most = max(most, sum(1 / r.pitch_m for r in (a, b) if r))
            for c, d in product(rows, [None, *rows]):
                if b is None:
                    continue
                depth = sum(r.depth_to_wall_m for r in (a, d) if r) + back(b, c)
                aisles = max(r.aisle_m for r in (a, b) if r) + max(r.aisle_m for r in (c, d) if r)
                if depth + aisles <= width + 1e-9:
                    most = max(most, sum(1 / r.pitch_m for r in (a, b, c, d) if r))
        assert best_section(width, angles_deg=(0, 45, 60, 90)).stalls_per_m == pytest.approx(most)


@pytest.mark.parametrize("bad", [0, -3.0, math.nan, math.inf])
def test_a_width_that_is_none_is_refused(bad) -> None:
    with pytest.raises(UsageError):
        best_section(bad)
    with pytest.raises(UsageError):
        best_section(20, length_m=bad)


def test_rows_that_the_spec_does_not_have_are_refused() -> None:
    with pytest.raises(UsageError):
        best_section(20, angles_deg=())
    with pytest.raises(UsageError):
        best_section(20, angles_deg=(10,))
    # Parallel stalls are backed into.
    with pytest.raises(UsageError):
        best_section(20, angles_deg=(0,), front_in=True)
