"""Communities and grids: a district divided by households, estates, main roads and what there is today."""

from plan.districts.communities import place_communities
from plan.districts.grids import place_grids

__all__ = ["place_communities", "place_grids"]
