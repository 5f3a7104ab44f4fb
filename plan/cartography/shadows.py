"""The shadow of a shaft on a winter's day, hour by hour."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import shapely
from shapely import affinity

from plan.elevators.prisms import storeys
from plan.elevators.sunlight import ABOVE_EAVES_M
from plan.households import STOREY_M
from plan.retrofit.sun import YEAR

if TYPE_CHECKING:
    from plan.site import Site

__all__ = ["HOURS", "shadows_of"]

HOURS: Final = (10, 12, 14)  # of true solar time, whose shadows are drawn


def shadows_of(site: Site) -> Callable[[str | None, Any], list[tuple[int, Any]]]:
    """Return a function from a building and a shaft to the shaft's shadows on level ground on 大寒.

    Parameters
    ----------
    site : Site
        With buildings, whose heights tell how tall a shaft is.

    Returns
    -------
    callable
        It returns hour and polygon for each of :data:`HOURS` at which the sun is up; none where a height is not known.
    """
    from plan.elevators.sun import place_of, solar_term, sun_path  # noqa: PLC0415 - pvlib, loaded where it is used

    buildings = site.layers["buildings"]
    table = storeys(buildings, storey_m=STOREY_M)
    height = table["top_m"] - table["ground_m"] + ABOVE_EAVES_M
    tops = dict(zip(buildings["building_id"].astype(str), height.tolist(), strict=True))
    place = place_of(buildings)
    path = sun_path(
        place, day=solar_term("great_cold", YEAR), hours=(HOURS[0] - 1, HOURS[-1] + 1), step_min=120.0
    )
    rays = []
    for hour, azimuth, altitude in zip(
        HOURS, path.azimuth_deg.tolist(), path.altitude_deg.tolist(), strict=True
    ):
        if altitude > 0:
            grid = math.radians(azimuth - place.convergence_deg)
            away = 1.0 / math.tan(math.radians(altitude))
            rays.append((hour, -math.sin(grid) * away, -math.cos(grid) * away))

    def cast(building: str | None, shaft: Any) -> list[tuple[int, Any]]:  # noqa: ANN401 - a polygon or None
        top = tops.get(str(building), math.nan)
        if shaft is None or not math.isfinite(top):
            return []
        return [
            (hour, shapely.convex_hull(shapely.union(shaft, affinity.translate(shaft, dx * top, dy * top))))
            for hour, dx, dy in rays
        ]

    return cast
