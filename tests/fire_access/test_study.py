"""One search for each lane of one site."""

from __future__ import annotations

from pathlib import Path

import plan
from plan.checks import check
from plan.fire_access import FireStudy, fire_access


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
