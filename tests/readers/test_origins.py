"""Extracts of OpenStreetMap say so by their columns, and are named in what is made of them."""

from __future__ import annotations

import pytest
from small_files import buildings, write_gpkg

from plan.readers import inspect_sources, read_site
from plan.readers.osm import ATTRIBUTION


@pytest.mark.parametrize(
    ("column", "values", "theirs"),
    [
        ("osm_id", [None, 112937194], True),
        ("@id", ["way/112937194", None], True),
        ("source", ["openstreetmap.org", "survey"], True),
        ("source", ["survey", None], False),
        ("@id", ["B1", "B2"], False),
    ],
)
def test_columns_tell_whose_data_it_is(tmp_path, column, values, theirs):
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(2).assign(**{column: values}))
    site = read_site(path)
    assert site.attribution == (ATTRIBUTION if theirs else "")
    assert ("PLAN-FILE-015" in [p.id for p in site.problems]) == theirs


def test_it_stays_with_the_site_file_and_is_named_once(tmp_path):
    frame = buildings(1).assign(osm_id=1)
    read_site(write_gpkg(tmp_path / "s.gpkg", buildings=frame)).to_gpkg(tmp_path / "site.gpkg")
    again = read_site(tmp_path / "site.gpkg")
    assert again.attribution == ATTRIBUTION


def test_layers_that_are_not_used_name_nobody(tmp_path):
    water = buildings(1).drop(columns=["building_id", "floors"]).assign(osm_id=1)
    path = write_gpkg(tmp_path / "s.gpkg", buildings=buildings(1), 湖泊=water)
    assert "PLAN-FILE-015" not in [p.id for p in inspect_sources(path).problems]
