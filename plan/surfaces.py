"""Words of the field for what the ground is and who uses it: surfaces, ways, and what lies below the ground."""

from __future__ import annotations

from typing import Final

__all__ = ["HARD_SURFACES", "NOT_WALKED", "PATHS", "SOFT_SURFACES", "STREETS", "is_below_ground"]

# Surfaces of open spaces that carry vehicles, and those that do not, as planners write them.
HARD_SURFACES: Final = (
    "paving", "paved", "concrete", "asphalt", "硬化", "硬质铺装", "铺装", "混凝土", "沥青", "水泥",
)  # fmt: skip
SOFT_SURFACES: Final = (
    "soil", "grass", "sand", "water", "dirt", "earth", "土", "草地", "泥土", "菜地", "绿地", "水面",
)  # fmt: skip
# What tables made of OpenStreetMap call the ways that people walk along, in their column ``highway``.
STREETS: Final = (
    "residential", "living_street", "service", "unclassified", "tertiary", "secondary", "primary", "road", "trunk",
    "tertiary_link", "secondary_link", "primary_link", "trunk_link", "minor_road", "major_road",
)  # fmt: skip
PATHS: Final = ("footway", "pedestrian", "cycleway", "track", "bridleway")
# And what is no way for people on foot, or none yet.
NOT_WALKED: Final = frozenset({
    "motorway", "motorway_link", "construction", "proposed", "abandoned", "razed", "platform", "raceway", "bus_guideway",
    "rail", "subway", "tram", "light_rail", "railway", "铁路", "地铁", "轨道", "高速公路", "高速", "快速路", "在建", "规划",
})  # fmt: skip
# What people call a stall of a garage below the ground.
_BELOW_GROUND: Final = ("underground", "basement", "地下", "地下车位", "地下停车位", "地下车库")


def is_below_ground(kind: object) -> bool:
    """Tell whether a stall of a kind lies in a garage below the ground."""
    return str(kind).strip().casefold() in _BELOW_GROUND
