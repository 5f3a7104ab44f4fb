"""Maps for people in a room: one HTML file that opens with the network cut."""

from __future__ import annotations

from plan.maps.hearing import HearingMap, hearing_map

__all__ = ["HearingMap", "hearing_map"]
