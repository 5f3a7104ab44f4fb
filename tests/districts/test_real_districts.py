"""Real extracts with estimated households: contiguous, in the band or with a reason, all ground in grids."""

from __future__ import annotations

import pytest

import plan
from plan.districts import place_communities, place_grids
from plan.households import estimate_households

EXTRACTS = (
    "beijing_bupt",
    "beijing_wudaokou_cau",
    "shanghai_baoshan_shu",
    "shenzhen_nanshan",
    "jiangxi_guixi",
)


@pytest.mark.real
@pytest.mark.parametrize("name", EXTRACTS)
def test_an_extract_is_divided(shared, name):
    site = estimate_households(plan.read_site(shared / "data" / f"{name}.osm.pbf"))
    placed = place_communities(site, minimum_households=1500, maximum_households=3000)
    assert placed.measures["faults"] == ()
    assert (placed.features["reason"].isna() == placed.features["in_band"]).all()
    assert "districts.estimated" in {note.key for note in placed.measures["notes"]}
    grids = place_grids(site.with_layer("communities", placed.features))
    assert not {fault.kind for fault in grids.measures["faults"]}
    assert grids.features["households"].sum() == placed.features["households"].sum()


def test_the_sample_district_keeps_its_communities(sample_gis):
    site = plan.read_site(sample_gis / "district.gpkg")
    placed = place_communities(site, minimum_households=1500, maximum_households=3000)
    assert placed.measures["faults"] == ()
    assert set(site.layer("communities")["community_id"]) <= set(placed.features["community_id"])
    assert (placed.features["reason"].isna() == placed.features["in_band"]).all()
    grids = place_grids(site)
    assert grids.measures["faults"] == ()
    assert grids.features.area.sum() == pytest.approx(site.layer("communities").area.sum(), rel=1e-9)
