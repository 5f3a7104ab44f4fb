"""The ground beside walked lines near walls: the same as seen step by step, however the steps are put together."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, ops

from plan.network.blocks import STRIP_SEGMENTS
from plan.network.corridor import STEP_M, Strips
from plan.network.walls import Obstructions

WIDTH_M = 25.0
LINES = np.array(
    [
        LineString([(0, 0), (100, 0)]),
        LineString([(0, 60), (40, 60), (40, 90), (43, 118)]),  # bent, and no whole number of steps
        LineString([(300, 0), (303, 0)]),  # shorter than a step
        LineString([(0, 300), (80, 300)]),  # far from every wall
    ],
    dtype=object,
)
WALLS = np.array(
    [
        LineString([(30, 10), (70, 10), (70, 30)]),
        LineString([(50, 70), (50, 100)]),
        LineString([(290, 5), (310, 5)]),
    ],
    dtype=object,
)


def strips():
    none = np.zeros(0, dtype=object)
    return Strips(lines=LINES, obstructions=Obstructions(walls=WALLS, buildings=none), width_m=WIDTH_M)


def seen_step_by_step(line: LineString) -> shapely.Geometry:
    count = max(1, int(np.ceil(line.length / STEP_M)))
    shown = []
    for i in range(count):
        step = ops.substring(line, i / count, (i + 1) / count, normalized=True)
        strip, eye = step.buffer(WIDTH_M, quad_segs=STRIP_SEGMENTS), step.interpolate(0.5, normalized=True)
        for wall in WALLS:
            for a, b in zip(wall.coords[:-1], wall.coords[1:], strict=True):
                far = [(eye.x + 1000 * (x - eye.x), eye.y + 1000 * (y - eye.y)) for x, y in (a, b)]
                strip = strip.difference(shapely.Polygon([a, b, far[1], far[0]]))
        shown.append(strip)
    return shapely.union_all(shown)


@pytest.mark.parametrize("number", range(len(LINES)))
def test_what_is_seen_of_a_line_is_what_is_seen_from_its_steps(number):
    found, wanted = strips().of_lines(LINES)[number], seen_step_by_step(LINES[number])
    assert found.is_valid
    assert found.symmetric_difference(wanted).area < 1e-3 * wanted.area
    # The ground behind a wall that is longer than the strip is wide is not seen.
    behind = shapely.box(45, 12, 55, 24)
    assert found.intersection(behind).area == 0


def test_lines_together_are_the_lines_one_by_one():
    together = strips().of_lines(LINES)
    for number in range(len(LINES)):
        alone = strips().of_lines(LINES[[number]])[0]
        assert alone.symmetric_difference(together[number]).area < 1e-9
