"""Rows packed along a line, against numbers of stalls counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Polygon, box

from plan.parking import StallSpec
from plan.parking.kinds import kinds_of
from plan.parking.lot import edges_of
from plan.parking.sweep import free_spans, inside, packed

SPEC = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={0: 3.5, 45: 3.5, 60: 4.5, 90: 6.0})


def row(ground, angles, *, at, length, side=1, blocks=(), backward=False):
    """Pack a row along y = at, from x = 0."""
    kinds = kinds_of(SPEC, angles)
    chosen = np.array([2 * k + int(backward) for k in range(len(kinds))])
    shapes, places = packed(
        np.array([0.0, at, 1.0, 0.0, float(side)]),
        np.array([0.0, length]),
        chosen,
        kinds.at_wall,
        kinds.at_stall,
        kinds.fronts,
        kinds.follow,
        edges_of(ground),
        np.array(blocks, dtype=float).reshape(-1, 4, 2),
    )
    return [kinds.rows[s // 2].angle_deg for s in shapes], places


def test_a_point_is_in_the_ground_or_in_its_hole() -> None:
    walls = edges_of(box(0, 0, 10, 10).difference(box(4, 4, 6, 6)))
    assert inside(walls, 1.0, 1.0)
    assert not inside(walls, 5.0, 5.0)
    assert not inside(walls, 11.0, 5.0)


def test_a_tree_cuts_an_aisle_in_two() -> None:
    walls = edges_of(box(0, 0, 30, 10).difference(box(14, 6, 16, 8)))
    spans = np.empty((8, 2))
    # A strip of 4 m around y = 5 reaches to y = 7, into the tree; one around y = 3.9 does not.
    assert free_spans(0.0, 5.0, 1.0, 0.0, 2.0, walls, spans) == 2
    assert spans[:2].tolist() == [[0, 14], [16, 30]]
    assert free_spans(0.0, 3.9, 1.0, 0.0, 2.0, walls, spans) == 1
    assert spans[0].tolist() == [0, 30]


@pytest.mark.parametrize(("length", "count"), [(24.0, 10), (23.99, 9), (2.4, 1), (2.3, 0)])
def test_square_stalls_that_fit_exactly_are_not_lost(length, count) -> None:
    angles, places = row(box(0, 0, length, 11), (90,), at=6.0, length=length)
    assert len(angles) == count
    assert places == pytest.approx(2.4 * np.arange(count), abs=1e-3)


def test_a_column_between_stalls_costs_what_it_covers() -> None:
    # 24 m hold ten; a column of 0.5 m at 12 m leaves 12 and 11.5 m: five and four.
    ground = box(0, 0, 24, 11).difference(box(12, 8, 12.5, 9))
    assert len(row(ground, (90,), at=6.0, length=24.0)[0]) == 9


def test_no_stall_stands_where_the_ground_is_too_shallow() -> None:
    # Behind the aisle 4.9 m are left, then 5 m from x = 12 on.
    ground = Polygon([(0, 0), (24, 0), (24, 11), (12, 11), (12, 10.9), (0, 10.9)])
    angles, places = row(ground, (90,), at=6.0, length=24.0)
    assert len(angles) == 5
    assert places[0] == pytest.approx(12.0, abs=1e-3)


def test_shallow_ground_takes_parallel_stalls_and_deep_ground_square_ones() -> None:
    # 12.4 m are 2.5 m deep: two parallel stalls stand there, from 0.1 m behind the wall on. 12 m hold five square ones.
    ground = Polygon([(0, 0), (24.4, 0), (24.4, 11), (12.4, 11), (12.4, 8.5), (0, 8.5)])
    angles, places = row(ground, (90, 0), at=6.0, length=24.4)
    assert angles == [0, 0, 90, 90, 90, 90, 90]
    assert places[:3] == pytest.approx([0.1, 6.1, 12.4], abs=1e-3)


def test_a_row_on_the_other_side_is_its_mirror_image() -> None:
    ground = box(0, -12, 40, 12)
    up = row(ground, (60,), at=6.0, length=40.0)
    down = row(ground, (60,), at=-6.0, length=40.0, side=-1)
    assert up[1] == pytest.approx(down[1])
    assert len(up[1]) == len(down[1]) > 0


def test_what_stands_there_is_kept_clear_of() -> None:
    # An aisle of 4 m across the row: (24 - 4) m are 10 and 10: four and four.
    across = [(10.0, 5.0), (14.0, 5.0), (14.0, 20.0), (10.0, 20.0)]
    assert len(row(box(0, 0, 24, 11), (90,), at=6.0, length=24.0, blocks=[across])[0]) == 8


def test_slanted_stalls_follow_each_other_by_their_pitch() -> None:
    angles, places = row(box(0, 0, 60, 20), (45,), at=6.0, length=60.0)
    assert np.diff(places) == pytest.approx(2.4 / np.sin(np.pi / 4), abs=1e-6)
    assert len(angles) == 16  # (60 - 3.536) / 3.394 = 16.6
