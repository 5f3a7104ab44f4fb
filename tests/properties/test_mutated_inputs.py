"""Two thousand mutated inputs of all formats; a hundred thousand by ``python tests/properties/mutated_inputs.py``."""

from __future__ import annotations

import zipfile
from collections import Counter

import mutant_shapes as shapes
import mutated_inputs as mutants
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutant_shapes import box

# Inputs of each format: 1,530 here, and 360 drawn by hypothesis.
COUNT = 150
SQUARE = box(0, 0, 10, 10)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return mutants.prepared(tmp_path_factory.mktemp("seeds"))


READ = tuple(name for name in mutants.FORMATS if name not in mutants.REFUSED)


@pytest.mark.long
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


@pytest.mark.long
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
    for first in (0, 10):
        done = mutants.Done({"gpkg": Counter(refused=4, met=5, failed=1)}, highest=first + 10)
        mutants.add_to_record(record, first, done)
    text = record.read_text("utf-8")
    assert "| 0 to 9 | gpkg | 10 | 4 | 0 | 5 | 1 | 0 | 0 |" in text
    assert "| 10 to 19 | gpkg | 10 | 4 | 0 | 5 | 1 | 0 | 0 |" in text
    assert "| gpkg | 20 | 8 | 0 | 10 | 2 | 0 | 0 |" in text
    assert text.rstrip().endswith("| all | 20 | 8 | 0 | 10 | 2 | 0 | 0 |")
