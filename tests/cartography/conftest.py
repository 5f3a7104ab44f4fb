from pathlib import Path

import pytest

import plan
from plan.checks import check
from plan.dossier import Dossier
from plan.findings import SiteResult
from plan.fire_access import FireStudy
from plan.reach import reach_site, walking_network
from plan.retrofit import retrofit_estate
from plan.rooms import place_rooms


@pytest.fixture(scope="session")
def dossier(sample_gis: Path) -> Dossier:
    site, pack = plan.read_site(sample_gis / "old_estate.gpkg"), plan.load_pack("sanming")
    network = walking_network(site, pack)
    report = check(site, pack, network=network)
    retrofit = retrofit_estate(site, pack, sun_day=None)
    return Dossier(
        site=site,
        proposed=retrofit.site,
        pack=pack,
        before=report,
        after=report,
        results=(SiteResult.of(report),),
        proposals={
            "rooms": place_rooms(site, pack=pack, network=network),
            "elevators": retrofit.placement(),
        },
        reach=reach_site(site, pack, minutes=(5.0, 10.0, 15.0), network=network),
        fire=FireStudy(site=site).access(width_m=4.0),
        tables=(),
        details=(),
    )
