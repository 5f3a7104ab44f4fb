"""The second reader of mutated inputs knows areas, crossings and cells by itself."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import mutant_drawings as drawings
import mutant_oracle as oracle
import mutant_outlines as outlines
import mutant_tables as tables
import pytest
from mutant_faces import faces
from mutant_shapes import X, Y, box

SQUARE = box(0, 0, 10, 10)


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ([[SQUARE]], 100),
        ([[SQUARE, box(1, 1, 1, 2)]], 98),
        ([[SQUARE], [box(20, 0, 10, 10)]], 200),
        ([[SQUARE], [box(10, 0, 10, 10)]], 200),
        ([[[(0, 0), (0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]]], 100),
        ([[[(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]]], None),
        ([[[(0, 0), (10, 0), (20, 0), (10, 0), (10, 10), (0, 10), (0, 0)]]], None),
        ([[SQUARE, box(20, 0, 1, 1)]], None),
        ([[SQUARE, box(-1, 1, 3, 3)]], None),
        ([[SQUARE, box(1, 1, 8, 8), box(2, 2, 1, 1)]], None),
        ([[SQUARE], [box(5, 5, 10, 10)]], None),
        ([[SQUARE], [box(2, 2, 3, 3)]], None),
        ([[SQUARE], [SQUARE]], None),
        ([[SQUARE[:-1] + SQUARE]], None),
        ([[[]]], None),
    ],
)
def test_the_oracle_knows_which_shapes_are_sound(shape, area):
    assert oracle.true_area([[oracle.exact(ring) for ring in rings] for rings in shape]) == area


def _lines(ring):
    return [[a, b] for a, b in pairwise(ring)]


@pytest.mark.parametrize(
    ("chains", "areas"),
    [
        (_lines(SQUARE), [100]),
        ([SQUARE[:4], [SQUARE[3], SQUARE[0]]], [100]),  # an open polyline and a line
        (_lines(SQUARE)[:3], []),
        # A wall across it: two grounds, and not the whole one.
        ([*_lines(SQUARE), [(4, 0), (4, 10)]], [40, 60]),
        # A line that ends within it, and one that leads away, bound nothing.
        ([*_lines(SQUARE), [(4, 0), (4, 5)], [(10, 5), (400, 5)]], [100]),
        # One within the other is a ground, and a hole; a line between them changes nothing.
        ([*_lines(SQUARE), *_lines(box(2, 2, 3, 3))], [9, 91]),
        ([*_lines(SQUARE), *_lines(box(2, 2, 3, 3)), [(0, 2), (2, 2)]], [9, 91]),
        # Two that touch at a corner, and one that runs on over its first corner.
        ([*_lines(SQUARE), *_lines(box(10, 10, 2, 2))], [4, 100]),
        ([[(0, 0), (10, 0), (10, 10), (0, 10), (0, -900)]], [100]),
        # Drawn twice, in part, and the other way.
        ([*_lines(SQUARE), [(20, 0), (5, 0)]], [100]),
        # Only a crossing encloses it.
        ([[(0, 0), (10, 10), (10, 0), (0, 10)]], []),
    ],
)
def test_the_oracle_knows_what_lines_enclose(chains, areas):
    found = [oracle.area_of([oracle.exact(ring) for ring in rings]) for rings, _ in faces(chains, 0.05)]
    assert sorted(found) == areas


def test_the_oracle_says_how_far_ends_were_moved():
    chains = [[(0, 0), (10, 0), (10, 10), (0, 10), (0, 0.04)]]
    assert [round(off, 9) for _, off in faces(chains, 0.05)] == [0.04]
    assert list(faces(chains, 0.03)) == []


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (("90", "4"), ("90", "5")),  # fewer corners than it says
        (("90", "4"), ("91", "4")),  # nothing is said
        (("10", "500025.0"), ("62", "1")),  # a corner is lost
    ],
)
def test_the_oracle_takes_nothing_from_an_outline_that_contradicts_itself(theirs, ours):
    pen = drawings.drawing([[[box(X, Y, 25.0, 20.0)]]])
    assert [oracle.true_area(s.parts) for s in outlines.seen_dxf(drawings.written(pen))] == [500]
    pen[pen.index(theirs)] = ours
    assert list(outlines.seen_dxf(drawings.written(pen))) == []


def test_the_oracle_knows_rings_by_where_they_lie():
    rings = [oracle.exact(r) for r in (SQUARE, box(1, 1, 8, 8), box(2, 2, 2, 2), box(30, 0, 1, 1))]
    assert oracle.true_area(oracle.nested(rings)) == 100 - 64 + 4 + 1
    twice = oracle.exact(box(1, 1, 8, 8))
    assert oracle.true_area(oracle.without_twins([rings[0], twice, twice[::-1]])) == 100
    assert oracle.true_area(oracle.without_twins([rings[0], twice])) is None
    assert oracle.true_area(oracle.without_twins([rings[0], rings[0]])) is None


@pytest.mark.parametrize(
    ("cell", "square_metres"),
    [
        ("180.5㎡", 180.5),
        ("0.065公顷", 650),
        ("1,000.5", 1000.5),
        ("约300", None),
        ("180-200", None),
        ("３００", 300),
        ("", None),
    ],
)
def test_the_oracle_reads_cells(cell, square_metres):
    said = tables.metres(cell)
    assert (None if said is None else float(said)) == square_metres


def test_the_oracle_knows_areas():
    square = [(Fraction(x), Fraction(y)) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10))]
    hole = [(Fraction(x), Fraction(y)) for x, y in ((1, 1), (2, 1), (2, 3), (1, 3))]
    assert oracle.area_of([square]) == 100
    assert oracle.area_of([square, hole]) == 98
    assert oracle.area_of([]) == 0
