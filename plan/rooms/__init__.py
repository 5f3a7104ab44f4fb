"""Where the community service rooms go: which units, by which mode, for which community, and why not elsewhere."""

from __future__ import annotations

from plan.rooms.functions import Need, example_needs, read_needs
from plan.rooms.needs import NEAR_GATE_M, RoomNeed, room_needs
from plan.rooms.placement import place_rooms
from plan.rooms.scene import Settings
from plan.rooms.uses import Uses, assign_uses
from plan.rooms.walks import room_doors, walk_to_gates

__all__ = [
    "NEAR_GATE_M",
    "Need",
    "RoomNeed",
    "Settings",
    "Uses",
    "assign_uses",
    "example_needs",
    "place_rooms",
    "read_needs",
    "room_doors",
    "room_needs",
    "walk_to_gates",
]
