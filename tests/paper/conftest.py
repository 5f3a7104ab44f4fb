"""A small hearing: three buildings of the sample estate, with elevators and what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

import plan
from plan.dossier import Dossier, Imprint
from plan.elevators.coefficients import example
from plan.findings import SiteResult
from plan.retrofit import Paying, retrofit_estate, with_placed_elevators
from plan.summaries import change_table

BUILDINGS = ("B16", "B01", "B02")
LAYERS = ("parcels", "buildings", "entrances", "households", "fire_lanes", "obstacles", "utilities", "stalls")
# Markup of typst, of HTML and of a spreadsheet in one name; none of it may be read as such.
HOSTILE = '#panic("x") *b* $x$ @ref <tag> \\u{41} `r` =1+1 //c'


def dossier_of(sample_gis: Path, *, lang: str = "zh", name: str = "B01", paid: bool = True) -> Dossier:
    """Return a dossier in which building B01 is called ``name``."""
    pack = plan.load_pack("sanming")
    whole = plan.read_site(sample_gis / "old_estate.gpkg")
    layers = {}
    for layer in LAYERS:
        frame = whole.layer(layer)
        if "building_id" in frame:
            frame = frame[frame["building_id"].isin(BUILDINGS)].copy()
            frame["building_id"] = frame["building_id"].replace({"B01": name})
        layers[layer] = frame
    site = plan.Site(name="S", layers=layers, crs=whole.crs)
    paying = Paying(total_cny=400_000, subsidy_cny=150_000, coefficients=example("EL-SHARE-ZJT"))
    placed = retrofit_estate(site, pack, paying=paying if paid else None).placement()
    proposed = with_placed_elevators(site, placed)
    before, after = plan.check(site, pack), plan.check(proposed, pack)
    return Dossier(
        site=site,
        proposed=proposed,
        pack=pack,
        before=before,
        after=after,
        results=(SiteResult.of(before), SiteResult.of(after)),
        proposals={"elevators": placed},
        reach=None,
        fire=None,
        tables=(change_table(before, after), *placed.measures["tables"]),
        details=(),
        imprint=Imprint(made_by="街道办", dated="2026-11-26"),
        lang=lang,
    )


@pytest.fixture(scope="session")
def dossier(sample_gis: Path) -> Dossier:
    return dossier_of(sample_gis)


@pytest.fixture(scope="session")
def hostile(sample_gis: Path) -> Dossier:
    return dossier_of(sample_gis, name=HOSTILE)
