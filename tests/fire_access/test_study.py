"""One search for each lane of one site."""

from __future__ import annotations

from pathlib import Path

import plan
from plan.checks import check
from plan.fire_access import FireStudy, buildings_reached, fire_access


def test_rules_and_the_map_share_one_search(sample_gis: Path, monkeypatch) -> None:
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    study = FireStudy(site=site)
    searched = []

    def counted(asked, **figures):
        searched.append(figures)
        return fire_access(asked, **figures)

    monkeypatch.setattr("plan.fire_access.study.fire_access", counted)
    pack = plan.load_pack("sanming")
    rules = [r.id for r in pack.judged() if type(r.kind).__name__ in {"FireLaneUnbroken", "FireLaneReach"}]
    with_study = check(site, pack, select=rules, fire=study)
    once = len(searched)
    assert once >= 1
    found = study.access(width_m=4.0)
    assert len(searched) == once
    assert found is study.access(width_m=4.0)
    assert with_study == check(site, pack, select=rules)


def test_who_asks_for_the_buildings_alone_gets_the_same_answers(sample_gis: Path) -> None:
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    ways = site.layer("walkways")
    ways.loc[::2, "width_m"] = float("nan")
    for asked in (
        site,
        site.with_layer("stalls", site.layer("stalls").iloc[::2]),
        site.with_layer("walkways", ways),
    ):
        alone, whole = buildings_reached(asked), fire_access(asked).buildings
        assert alone.index.tolist() == whole["building_id"].tolist()
        assert alone.array.equals(whole["reached"].array)
