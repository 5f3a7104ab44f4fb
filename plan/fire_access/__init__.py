"""Whether a fire engine gets within reach of every building, and what is in its way (消防通道畅通).

A lane of the width asked for passes where its disc does: the ground that is drawn as ground, less everything that
stands on it. Each building has the widest lane that gets within reach of it, and where that lane is narrowest.
"""

from plan.fire_access.access import DEAD_END_M, TURNAROUND_M, FireAccess, fire_access
from plan.fire_access.ground import Unknown
from plan.fire_access.reached import REACH_M, buildings_reached
from plan.fire_access.study import FireStudy

__all__ = [
    "DEAD_END_M",
    "REACH_M",
    "TURNAROUND_M",
    "FireAccess",
    "FireStudy",
    "Unknown",
    "buildings_reached",
    "fire_access",
]
