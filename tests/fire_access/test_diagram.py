"""The diagram and the ways of the machine code, against a library and against plain Python."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lanes import estate, shed

from plan.fire_access import diagram
from plan.fire_access.clearance import LEAST_M, STEP_M, Middle, _outline, middle_of
from plan.fire_access.drawing import Drawing
from plan.fire_access.ground import ground_of
from plan.fire_access.ways import EVEN_M, widest_ways

# Metres from the origin within which corners are looked at: ten times as far as anything is drawn.
FAR_M = 1e3
BOX = st.tuples(*(st.integers(0, 60) for _ in range(2)), *(st.integers(1, 25) for _ in range(2)))
BOXES = st.lists(BOX, min_size=1, max_size=6)


def ground(boxes: list[tuple[int, int, int, int]], turn: float) -> shapely.MultiPolygon:
    """Draw lanes and places of whole metres, with a round one among them: many points lie on one circle."""
    x, y, w, _ = boxes[0]
    whole = shapely.union_all([shapely.box(a, b, a + c, b + d) for a, b, c, d in boxes])
    whole = whole.difference(shapely.Point(x, y).buffer(w / 3, quad_segs=16)).union(
        shapely.Point(x + w, y).buffer(w / 2, quad_segs=16)
    )
    return shapely.affinity.rotate(whole, turn, origin=(0, 0))


@settings(max_examples=60, deadline=None)
@given(boxes=BOXES, turn=st.sampled_from([0.0, 45.0, 12.3]))
def test_no_point_is_nearer_to_a_corner_than_its_own(boxes: list, turn: float) -> None:
    points = _outline(ground(boxes, turn), None, STEP_M).points
    found = diagram.diagram_of(points)
    near = np.abs(found.corners[found.ridges]).max(axis=(1, 2)) < FAR_M
    ridges, sides = found.ridges[near], found.sides[near]
    spots = found.corners[ridges.ravel()]
    least = np.min(np.hypot(*(spots[:, None] - points[None]).transpose(2, 0, 1)), axis=1).reshape(-1, 2)
    for end in range(2):
        for side in range(2):
            own = np.hypot(*(found.corners[ridges[:, end]] - points[sides[:, side]]).T)
            assert own == pytest.approx(least[:, end], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(boxes=BOXES, turn=st.sampled_from([0.0, 45.0, 12.3]))
def test_the_diagram_is_that_of_the_library(boxes: list, turn: float) -> None:
    points = _outline(ground(boxes, turn), None, STEP_M).points
    # Where rings touch, a point is there twice, and either may be named.
    points = points[np.sort(np.unique(points.round(9), axis=0, return_index=True)[1])]
    ours, theirs = (
        {
            tuple(side): found.corners[ridge]
            for ridge, side in zip(found.ridges, found.sides.tolist(), strict=True)
            if np.abs(found.corners[ridge]).max() < FAR_M
            and np.hypot(*np.diff(found.corners[ridge], axis=0)[0]) > 1e-4
        }
        for found in (diagram.diagram_of(points), diagram._by_library(points))
    )
    assert ours.keys() == theirs.keys()
    for side, ridge in ours.items():
        other = theirs[side]
        assert min(np.abs(ridge - other).max(), np.abs(ridge - other[::-1]).max()) < 1e-5


def test_a_square_has_one_corner_in_its_middle() -> None:
    points = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [1.0, 3.0], [1.0, -1.0], [3.0, 1.0]])
    found = diagram.diagram_of(points)
    used = np.unique(found.ridges)
    assert (np.hypot(*(found.corners[used] - 1.0).T) < 1e-9).sum() == 1


def test_a_point_that_is_there_twice_is_one() -> None:
    points = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0], [1.0, 1.0], [4.0, 3.0]])
    assert 5 not in diagram.diagram_of(points).sides


def test_points_on_a_line_have_no_corners() -> None:
    assert len(diagram.diagram_of(np.array([[float(i), 2.0 * i] for i in range(9)])).ridges) == 0


def test_what_cannot_be_triangulated_is_left_to_the_library(monkeypatch) -> None:
    free = shapely.box(0, 0, 30, 5).difference(shapely.box(10, 1, 12, 2))
    ours = middle_of(free)
    monkeypatch.setattr(diagram, "_triangulated", lambda _: (np.empty((0, 3)), np.empty((0, 3)), -1))
    theirs = middle_of(free)
    assert ours.xy == pytest.approx(theirs.xy, abs=1e-9)
    assert ours.width == pytest.approx(theirs.width)


def plain(middle: Middle, starts: list[int], within: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Search as the machine code does, in plain Python."""
    width, length = np.zeros(len(middle.xy)), np.full(len(middle.xy), np.inf)
    beside: dict[int, list[tuple[int, int]]] = {}
    for e, (a, b) in enumerate(zip(middle.start.tolist(), middle.end.tolist(), strict=True)):
        if within[a] and within[b]:
            beside.setdefault(a, []).append((b, e))
            beside.setdefault(b, []).append((a, e))
    heap = []
    for node in starts:
        width[node], length[node] = middle.room[node] * 2, 0.0
        heap.append((-width[node], 0.0, node))
    heapq.heapify(heap)
    done = set()
    while heap:
        less, far, node = heapq.heappop(heap)
        if node in done:
            continue
        done.add(node)
        for to, e in beside.get(node, []):
            reach, more = min(-less, middle.width[e]), far + middle.length[e]
            if to not in done and (
                reach > width[to] + EVEN_M / 2 or (reach >= width[to] - EVEN_M / 2 and more < length[to])
            ):
                width[to], length[to] = reach, more
                heapq.heappush(heap, (-reach, more, to))
    return width, length


@settings(max_examples=40, deadline=None)
@given(boxes=BOXES, share=st.floats(0.0, 1.0), seed=st.integers(0, 9))
def test_the_widest_ways_are_those_of_plain_python(boxes: list, share: float, seed: int) -> None:
    middle = middle_of(ground(boxes, 12.3))
    count = len(middle.xy)
    random = np.random.default_rng(seed)
    within = random.random(count) < 1 - share / 20
    starts = np.unique(random.integers(0, count, 3)) if count else np.empty(0, dtype=np.int64)
    ways = widest_ways(middle, starts, within=within)
    width, length = plain(middle, starts.tolist(), within)
    assert ways.width.tolist() == width.tolist()
    assert ways.length.tolist() == length.tolist()
    for node in range(0, count, 7):
        edges = ways.edges_to(node)
        assert middle.length[edges].sum() == pytest.approx(length[node] if edges else 0.0)
        early = widest_ways(middle, starts, within=within, to=node)
        assert early.width[node] == width[node]
        assert early.edges_to(node) == edges


def test_the_chord_of_a_step_is_as_long_as_it_is_wide() -> None:
    drawn = estate(width=9.0, things=[shed("X0", 50.0, 20.0, 3.0, 2.0), shed("X1", 50.0, 30.0, 2.0, 2.0)])
    middle = middle_of(ground_of(Drawing(site=drawn), width_m=4.0, height_m=4.0).free)
    across = np.flatnonzero(middle.crosses)
    chord = middle.chords(across)
    assert len(across)
    assert middle.width.min() >= LEAST_M
    assert np.hypot(*(chord[:, :2] - chord[:, 2:]).T) == pytest.approx(middle.width[across], abs=EVEN_M)
