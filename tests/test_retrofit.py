"""What is said about elevators, and how they are drawn."""

from __future__ import annotations

import dataclasses

import pytest

import plan
from plan.elevators.coefficients import example
from plan.maps.elevators import elevator_drawings
from plan.maps.words import Words
from plan.messages import Message, translate
from plan.reports.tables import frame_to_csv
from plan.retrofit import Paying, retrofit_estate, sun_of, with_placed_elevators


@pytest.fixture(scope="module")
def found(sample_gis):
    return retrofit_estate(plan.read_site(sample_gis / "old_estate.gpkg"), plan.load_pack("sanming"))


@pytest.fixture(scope="module")
def paid(sample_gis):
    return retrofit_estate(
        plan.read_site(sample_gis / "old_estate.gpkg"),
        plan.load_pack("sanming"),
        paying=Paying(
            total_cny=500_000,
            subsidy_cny=100_000,
            coefficients=example("EL-SHARE-ZJT"),
            budgets_cny=(2_000_000, 0),
        ),
    )


def test_what_is_shared_out_is_what_it_costs(paid):
    shares = paid.owners.shares
    assert len(shares.stairwells) == 117
    for one in shares.stairwells.values():
        assert sum(flat.share_fen for flat in one.flats) == 400_000_00
    (table,) = paid.wall_tables(["B01-1"])
    # 73.0 m2 on the seventh floor at 1.1 of the sum of area times coefficient, by hand.
    assert table.rows[-2][0] == "B01-1-702"
    assert table.rows[-2][4] == "54,335.69"
    with pytest.raises(plan.errors.UsageError):
        paid.wall_tables(["nowhere"])


def test_a_year_buys_no_more_than_its_budget(paid):
    years = paid.owners.programme.years
    assert years["spent_fen"].tolist() == [2_000_000_00, 0]
    assert years["stairwells"].tolist() == [4, 0]
    built = paid.owners.programme.stairwells.dropna(subset=["year"])
    assert set(built["consent"]) == {"reached"}


def test_votes_are_shown_as_results_and_counts(paid):
    told = [paid.told(one) for one in paid.stairwells]
    keys = {one["consent"].key for one in told}
    assert keys == {"retrofit.consent_reached", "retrofit.consent_not_reached"}
    assert sum(one["consent"].key == "retrofit.consent_reached" for one in told) == 58
    told_out = str(paid.to_dict("en")["consent"])
    assert "O0001" not in told_out
    public = [cell for table in paid.tables() for row in table.rows for cell in row if cell is not None]
    assert not any("O0001" in str(cell) for cell in public)
    organisers = paid.owners.for_organisers()
    assert len(organisers) == 117
    assert frame_to_csv(organisers).startswith("\ufeffballot,verdict")


def test_sun_is_told_flat_by_flat(found):
    sun = found.sun
    assert (sun.day, sun.hours, sun.limit_min) == ("2026-01-20", (8.0, 16.0), 180.0)
    assert len(sun.flats) == 1488
    losing = sun.losing()
    assert (losing["best_after_min"] <= losing["best_before_min"]).all()
    # The clause that exempts retrofits is read aloud.
    assert any("加装电梯除外" in note for note in sun.table().notes)
    # Flats at the top lose less than flats at the bottom, on the whole.
    low, high = (sun.flats.loc[sun.flats["floor"] == f, "largest_loss_min"].mean() for f in (1, 6))
    assert low > high


def test_sun_is_told_floor_by_floor(found):
    sun = found.sun
    table = sun.floors_table("B22-4")
    flats = sun.flats[sun.flats["stairwell"] == "B22-4"]
    assert [row[0] for row in table.rows] == ["7", "6", "5", "4", "3", "2", "1"]
    assert sum(int(row[1]) for row in table.rows) == len(flats) == 14
    assert sum(int(row[2]) for row in table.rows) == (flats["largest_loss_min"] > 0).sum()
    assert max(int(row[3]) for row in table.rows) == round(flats["largest_loss_min"].max())
    assert sun.floors_table("nowhere") is None
    unknown = dataclasses.replace(sun, flats=sun.flats.assign(largest_loss_min=float("nan")))
    assert {row[2:] for row in unknown.floors_table("B22-4").rows} == {(None, None, None)}


def test_a_pack_without_hours_tells_no_sun(found):
    pack = plan.load_pack("sanming")
    bare = dataclasses.replace(pack, rules=tuple(r for r in pack.rules if "sun_window" not in str(r.kind)))
    why = sun_of(found.site, bare, found.placed)
    assert why.key == "retrofit.sun_no_rule"


def test_without_households_nothing_is_voted(sample_gis):
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    rest = {n: site.layer(n) for n in site.layers if n != "households"}
    bare = plan.Site(name="S", layers=rest, crs=site.crs)
    found = retrofit_estate(bare, plan.load_pack("sanming"), sun_day=None)
    assert found.owners.consents == {}
    assert [note.key for note in found.notes] == ["retrofit.no_households"]
    assert found.sun is None
    assert len(found.tables()) == 1


def test_a_row_for_every_stairwell(found):
    table = found.tables()[0]
    assert len(table.rows) == 117
    assert all(len(row) == len(table.heads) for row in table.rows)
    assert all(row[4] for row in table.rows)
    english = translate(table.notes[0], "en")
    assert english.startswith("117 stairwells")


def test_a_lane_nearer_to_the_shaft_than_advised_is_told(found):
    rows = found.tables()[0].rows
    for one, row in zip(found.stairwells, rows, strict=True):
        shown = [] if one.chosen is None else [c for c in one.chosen.clearances if not c.bars]
        short = any(c.margin_m < -1e-5 for c in shown)
        assert ("边缘距井道" in row[4]) == short, row
    assert any("边缘距井道" in row[4] for row in rows)


def test_a_stairwell_without_a_table_says_why(paid):
    shares = paid.owners.shares
    why = Message("priority.no_cost")
    lacking = dataclasses.replace(
        paid,
        owners=dataclasses.replace(
            paid.owners, shares=dataclasses.replace(shares, stairwells={}, rejected={"B01-1": why})
        ),
    )
    with pytest.raises(plan.errors.UsageError, match=str(why)):
        lacking.wall_tables(["B01-1"])


def test_the_clauses_behind_it(found):
    articles = {clause.article for clause in found.clauses()}
    assert articles == {"7.1.8(1)", "5.2.2 表5.2.2"}


def test_the_map_draws_what_is_placed_and_points_at_what_was_measured(found):
    drawings = elevator_drawings(found.placed, site=found.site, words=Words(lang="en"))
    proposed = next(d for d in drawings if d.id == "elevators-proposed")
    assert len(proposed.ids) == len(found.placed.features)
    names = [found.stairwells[n].stairwell_id for n in proposed.stairs]
    assert names == proposed.names


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
