"""What is said about elevators, and how they are drawn."""

from __future__ import annotations

import pytest

import plan
from plan.maps.elevators import elevator_drawings
from plan.maps.words import Words
from plan.messages import translate
from plan.retrofit import retrofit_estate, with_placed_elevators


@pytest.fixture(scope="module")
def found(sample_gis):
    return retrofit_estate(plan.read_site(sample_gis / "old_estate.gpkg"), plan.load_pack("sanming"))


def test_a_row_for_every_stairwell(found):
    (table,) = found.tables()
    assert len(table.rows) == 117
    assert all(len(row) == len(table.heads) for row in table.rows)
    assert all(row[4] for row in table.rows)
    english = translate(table.notes[0], "en")
    assert english.startswith("117 stairwells")


def test_the_clauses_behind_it(found):
    articles = {clause.article for clause in found.clauses()}
    assert articles == {"7.1.8(1)", "5.2.2 表5.2.2"}


def test_the_map_shows_what_was_measured(found):
    drawings = elevator_drawings(found.placed, site=found.site, words=Words(lang="en"))
    proposed = next(d for d in drawings if d.id == "elevators-proposed")
    assert len(proposed.ids) == len(found.placed.features)
    told = [text for column in proposed.columns for text in column["u"]]
    assert any("fire lane" in text for text in told)


def test_stairwells_without_one_are_drawn_with_the_reason(sample_gis):
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    rest = {n: site.layer(n) for n in site.layers if n != "fire_lanes"}
    bare = plan.Site(name="S", layers=rest, crs=site.crs)
    found = retrofit_estate(bare, plan.load_pack("national"))
    assert found.placed.measures["unknown"] == 117
    assert "elevators" not in found.site.layers
    (drawing,) = elevator_drawings(found.placed, site=bare, words=Words(lang="zh"))
    assert drawing.id == "elevators-rejected"
    assert [c.id for c in drawing.classes] == ["unknown"]
    assert len(drawing.ids) == 117


def test_an_id_that_is_taken_stays(found):
    taken = found.placed.features.iloc[[0]].drop(columns=["reason", "remedy"])
    site = found.site.with_layer("elevators", taken.assign(stairwell_id="elsewhere"))
    both = with_placed_elevators(site, found.placed).layers["elevators"]
    assert both["elevator_id"].is_unique
    assert len(both) == len(found.placed.features) + 1
