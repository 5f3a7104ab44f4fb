"""Where the community service rooms go: which units, by which mode, for which community, and why not elsewhere."""

from __future__ import annotations

from plan.rooms.needs import NEAR_GATE_M, RoomNeed, room_needs
from plan.rooms.placement import place_rooms
from plan.rooms.scene import Settings
from plan.rooms.walks import room_doors, walk_to_gates

__all__ = ["NEAR_GATE_M", "RoomNeed", "Settings", "place_rooms", "room_doors", "room_needs", "walk_to_gates"]
