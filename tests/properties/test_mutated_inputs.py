"""Two thousand mutated inputs of all formats; a hundred thousand by ``python tests/properties/mutated_inputs.py``."""

from __future__ import annotations

import zipfile
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import mutant_drawings as drawings
import mutant_oracle as oracle
import mutant_shapes as shapes
import mutant_tables as tables
import mutated_inputs as mutants
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutant_faces import faces
from mutant_shapes import box

pytestmark = pytest.mark.long

# Inputs of each format: 1,530 here, and 360 drawn by hypothesis.
COUNT = 150
SQUARE = box(0, 0, 10, 10)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return mutants.prepared(tmp_path_factory.mktemp("seeds"))


READ = tuple(name for name in mutants.FORMATS if name not in mutants.REFUSED)


@pytest.mark.parametrize("name", mutants.FORMATS)
def test_no_input_breaks_anything_and_none_is_met_that_is_not(sound, name):
    seeds, mapping = sound
    count = COUNT if name in READ else COUNT // 10
    tally = mutants.run(name, range(count), sound=seeds, mapping=mapping)
    assert tally.failures == []
    assert sum(tally.counts.values()) == count
    # Mutants that are all refused try nothing but the door.
    assert tally.counts["met"] > count / 8 or name in mutants.REFUSED


@pytest.mark.parametrize("name", READ)
def test_the_sound_file_is_met_and_the_oracle_sees_it(sound, name):
    """What mutants are made of is met: otherwise nothing that is wrongly met could be seen."""
    seeds, mapping = sound
    assert mutants.try_one(name, seeds[name], mapping) == "met"


@pytest.mark.parametrize("name", mutants.REFUSED)
def test_other_formats_are_refused(sound, name):
    seeds, mapping = sound
    assert mutants.try_one(name, seeds[name], mapping) == "refused"


@pytest.mark.parametrize("name", mutants.FORMATS)
def test_a_number_makes_the_same_bytes(sound, name, tmp_path):
    seeds, _ = sound
    made = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        path = mutants.mutate(name, 7, seeds, folder)
        made.append(path.read_bytes() if name != "zip" else sorted(_members(path).items()))
    assert made[0] == made[1]


def _members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


DRAWN = ("gpkg", "shp", "geojson", "dxf", "osm", "pbf")


@pytest.mark.parametrize("name", DRAWN)
@given(chance=st.randoms(use_true_random=False))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
def test_shapes_that_nobody_draws(sound, tmp_path_factory, name, chance):
    """The shapes are soundly written in each format; only they are strange."""
    seeds, mapping = sound
    shapes_ = shapes.sound_shapes()
    shapes_[0] = shapes.random_shape(chance)
    path = mutants.written(name, shapes_, chance, seeds, tmp_path_factory.mktemp("drawn"))
    mutants.try_one(name, path, mapping)


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
        (("10", "25.0"), ("62", "1")),  # a corner is lost
    ],
)
def test_the_oracle_takes_nothing_from_an_outline_that_contradicts_itself(theirs, ours):
    pen = drawings.drawing([[[box(0.0, 0.0, 25.0, 20.0)]]])
    assert [oracle.true_area(s.parts) for s in drawings.seen_dxf(drawings.written(pen))] == [500]
    pen[pen.index(theirs)] = ours
    assert list(drawings.seen_dxf(drawings.written(pen))) == []


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


def test_the_oracle_denies_what_is_not_so(sound):
    seeds, _ = sound
    for name in (*DRAWN, "zip"):
        area, crs = (500.2080469, 4548) if name in ("osm", "pbf") else (500.0, 4548)
        subject = "w1" if name in ("osm", "pbf") else "F1"
        assert mutants.denied(name, seeds[name], [("T-1", subject, area)], crs) == "", name
        assert mutants.denied(name, seeds[name], [("T-1", subject, 900.0)], crs)
    for name in ("csv", "csv16", "xlsx"):
        assert mutants.denied(name, seeds[name], [("T-2", "", 310.0)]) == ""
        assert mutants.denied(name, seeds[name], [("T-2", "", 311.0)])


def test_runs_add_up_in_the_record(tmp_path):
    record = tmp_path / "record.md"
    record.write_text(mutants.RECORD, encoding="utf-8")
    for first in (0, 10):
        done = mutants.Done({"gpkg": Counter(refused=4, met=5, failed=1)}, highest=first + 10)
        mutants.add_to_record(record, first, done)
    text = record.read_text("utf-8")
    assert "| 0 to 9 | gpkg | 10 | 4 | 0 | 5 | 1 | 0 | 0 |" in text
    assert "| 10 to 19 | gpkg | 10 | 4 | 0 | 5 | 1 | 0 | 0 |" in text
    assert "| gpkg | 20 | 8 | 0 | 10 | 2 | 0 | 0 |" in text
    assert text.rstrip().endswith("| all | 20 | 8 | 0 | 10 | 2 | 0 | 0 |")
