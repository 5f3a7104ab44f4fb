"""How long it takes to walk: times, isochrones, and the life circle of households.

Times run from the household to the facility. Both are taken to the interior of the nearest edge, and the
straight path between the door and the edge is walked too.
"""

from plan.access.areas import isochrones
from plan.access.blind import BLIND_SPOT_MARGIN_M, blind_spots, first_spot
from plan.access.candidates import best_sites, site_candidates
from plan.access.capacity import two_step_catchment
from plan.access.circle import MINUTES, LifeCircle, life_circle
from plan.access.completeness import Completeness, completeness
from plan.access.edits import (
    with_facility,
    with_facility_closed,
    with_gate,
    with_gate_closed,
    with_path,
    with_way_closed,
)
from plan.access.gates import place_gates, with_placed_gates
from plan.access.many import count_facilities, facilities_within, nearest_facilities
from plan.access.partitions import partition, walk_times_in_parts
from plan.access.robustness import DRAWS, NEAR_LIMIT, SPEED_VARIATION, near_limit, robustness
from plan.access.speeds import SpeedComparison, compare_speeds, compared_speed
from plan.access.times import default_speeds, paces, walk_distances, walk_times
from plan.access.whatif import Change, WhatIf
from plan.network.doors import facilities_from_site, origins_from_site

__all__ = [
    "BLIND_SPOT_MARGIN_M",
    "DRAWS",
    "MINUTES",
    "NEAR_LIMIT",
    "SPEED_VARIATION",
    "Change",
    "Completeness",
    "LifeCircle",
    "SpeedComparison",
    "WhatIf",
    "best_sites",
    "blind_spots",
    "compare_speeds",
    "compared_speed",
    "completeness",
    "count_facilities",
    "default_speeds",
    "facilities_from_site",
    "facilities_within",
    "first_spot",
    "isochrones",
    "life_circle",
    "near_limit",
    "nearest_facilities",
    "origins_from_site",
    "paces",
    "partition",
    "place_gates",
    "robustness",
    "site_candidates",
    "two_step_catchment",
    "walk_distances",
    "walk_times",
    "walk_times_in_parts",
    "with_facility",
    "with_facility_closed",
    "with_gate",
    "with_gate_closed",
    "with_path",
    "with_placed_gates",
    "with_way_closed",
]
