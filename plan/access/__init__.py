"""How long it takes to walk: times, isochrones, and the life circle of households.

Times run from the household to the facility. Both are taken to the interior of the nearest edge, and the
straight path between the door and the edge is walked too.
"""

from plan.access.areas import isochrones
from plan.access.circle import MINUTES, LifeCircle, life_circle
from plan.access.partitions import partition, walk_times_in_parts
from plan.access.times import default_speeds, nearest_facilities, walk_distances, walk_times
from plan.network.doors import facilities_from_site, origins_from_site

__all__ = [
    "MINUTES",
    "LifeCircle",
    "default_speeds",
    "facilities_from_site",
    "isochrones",
    "life_circle",
    "nearest_facilities",
    "origins_from_site",
    "partition",
    "walk_distances",
    "walk_times",
    "walk_times_in_parts",
]
