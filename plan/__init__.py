"""Community facilities and the renovation of old estates, for the planners of China's cities.

Files become a :class:`Site`; proposals become layers of a Site; :func:`check` compares a Site with a
:class:`RulePack`; every :class:`Finding` carries its clause.

>>> import plan
>>> site = plan.read_site("sample_gis/new_estate.gpkg")
>>> report = plan.check(site, plan.load_pack("qinhuangdao", on="2026-11-22"))
>>> report.site
'new_estate'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plan.access import isochrones, life_circle, place_gates, walk_times
    from plan.batch import check_many
    from plan.checks import check
    from plan.districts import place_communities, place_grids
    from plan.elevators import place_elevators
    from plan.findings import Finding, Report
    from plan.maps import hearing_map
    from plan.network import WalkNetwork
    from plan.parking import place_stalls
    from plan.readers import read_site
    from plan.rooms import place_rooms
    from plan.rules import RulePack, load_pack
    from plan.site import Placement, Site

__all__ = [
    "Finding",
    "Placement",
    "Report",
    "RulePack",
    "Site",
    "WalkNetwork",
    "check",
    "check_many",
    "hearing_map",
    "isochrones",
    "life_circle",
    "load_pack",
    "place_communities",
    "place_elevators",
    "place_gates",
    "place_grids",
    "place_rooms",
    "place_stalls",
    "read_site",
    "walk_times",
]

# Where each public name lives. It is imported when it is first used: `plan --help` answers at once,
# and the law loads without any geometry library.
_HOMES = {
    "Finding": "plan.findings",
    "Placement": "plan.site",
    "Report": "plan.findings",
    "RulePack": "plan.rules",
    "Site": "plan.site",
    "WalkNetwork": "plan.network",
    "check": "plan.checks",
    "check_many": "plan.batch",
    "hearing_map": "plan.maps",
    "isochrones": "plan.access",
    "life_circle": "plan.access",
    "load_pack": "plan.rules",
    "place_communities": "plan.districts",
    "place_elevators": "plan.elevators",
    "place_gates": "plan.access",
    "place_grids": "plan.districts",
    "place_rooms": "plan.rooms",
    "place_stalls": "plan.parking",
    "read_site": "plan.readers",
    "walk_times": "plan.access",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the public name is
    if name not in _HOMES:
        msg = f"module 'plan' has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
