"""Two thousand mutated inputs of all formats; a hundred thousand by ``python tests/properties/mutated_inputs.py``."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import mutated_inputs as mutants
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.long

# Inputs of each format: 1,800 here, and 200 drawn by hypothesis.
COUNT = 150


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return mutants.prepared(tmp_path_factory.mktemp("seeds"))


@pytest.mark.parametrize("name", mutants.FORMATS)
def test_no_input_breaks_anything_and_none_is_met_that_is_not(sound, name):
    seeds, mapping = sound
    tally = mutants.run(name, range(COUNT), seed=seeds[name], mapping=mapping)
    assert tally.failures == []
    assert sum(tally.counts.values()) == COUNT


def test_the_sound_files_are_met(sound):
    """What mutants are made of is met: otherwise nothing that is wrongly met could be seen."""
    seeds, mapping = sound
    for name in ("gpkg", "shp", "geojson", "csv", "csv16", "xlsx", "dxf", "osm", "pbf", "zip"):
        assert mutants.try_one(name, seeds[name], mutants.rules(), mapping) == "met", name


@pytest.mark.parametrize("name", ["kml", "gpx"])
def test_other_formats_are_refused(sound, name):
    seeds, mapping = sound
    assert mutants.try_one(name, seeds[name], mutants.rules(), mapping) == "refused"


NUMBERS = st.one_of(
    st.floats(0, 60).map(lambda d: 500_000.0 + d),
    st.sampled_from([500_000.0, 500_025.0, 500_020.0, 0.0, -1.0, 1e300, float("inf"), float("nan"), 5e-324]),
    st.floats(allow_nan=True, allow_infinity=True),
)
RINGS = st.lists(st.tuples(NUMBERS, NUMBERS.map(lambda v: v + 3_558_000.0)), max_size=8).map(
    lambda r: [*r, *r[:1]]
)


@given(shape=st.lists(RINGS, max_size=3))
@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
def test_shapes_that_nobody_draws(tmp_path: Path, shape):
    table = json.loads(mutants.grounds().to_json(drop_id=True))
    table["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4548"}}
    table["features"][0]["geometry"]["coordinates"] = shape
    path = tmp_path / "facilities.geojson"
    path.write_text(json.dumps(table), encoding="utf-8")
    mutants.try_one("geojson", path, mutants.rules(), path)


def test_the_oracle_knows_areas():
    square = [(Fraction(x), Fraction(y)) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10))]
    hole = [(Fraction(x), Fraction(y)) for x, y in ((1, 1), (2, 1), (2, 3), (1, 3))]
    assert mutants.area_of([square]) == 100
    assert mutants.area_of([square, hole]) == 98
    assert mutants.area_of([]) == 0


def test_the_oracle_denies_what_is_not_so(sound):
    seeds, _ = sound
    for name in ("gpkg", "shp", "geojson", "dxf", "osm", "zip"):
        assert mutants.denied(name, seeds[name], [("T-1", 500.0)]) == ""
        assert mutants.denied(name, seeds[name], [("T-1", 900.0)])
    for name in ("csv", "csv16", "xlsx"):
        assert mutants.denied(name, seeds[name], [("T-2", 310.0)]) == ""
