"""Which buildings a fire engine reaches: the ground, the widest lanes over it, and the answer for each building."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from plan.errors import UsageError
from plan.fire_access.drawing import Drawing
from plan.fire_access.ground import Ground, ground_of, local
from plan.fire_access.pinches import PASS_M
from plan.fire_access.search import Search, passable, search
from plan.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from plan.site import Site

__all__ = ["REACH_M", "Reached", "buildings_reached", "checked", "gap_m", "reached_of"]

# Metres between the edge of a lane and a building that it serves. No clause gives a figure for dwellings: 10 m is
# the farthest edge of a rescue ground (GB 50016, 7.2.2(4)), and this tool's default.
REACH_M: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reached:
    """The buildings of a site, and what the answers rest on."""

    houses: gpd.GeoDataFrame  # building_id, geometry; sorted by id
    shapes: tuple[BaseGeometry | None, ...]  # of each, about the origin of the ground
    ground: Ground
    found: Search
    region: BaseGeometry  # the ground that a lane of the width asked for gets to
    answer: tuple[bool | None, ...]  # for each building; None where it cannot be told


def buildings_reached(
    site: Site, *, width_m: float = 4.0, height_m: float = 4.0, reach_m: float = REACH_M
) -> pd.Series[bool]:
    """Tell which buildings a fire engine reaches: the column ``reached`` of :func:`fire_access`, and nothing else.

    Parameters
    ----------
    site, width_m, height_m, reach_m
        As :func:`plan.fire_access.fire_access` takes them.

    Returns
    -------
    pandas.Series of boolean
        By ``building_id``; NA where it cannot be told.

    Raises
    ------
    UsageError
        If a figure is not positive and finite.
    MissingLayerError
        If the site has no layer of buildings.

    Examples
    --------
    >>> import plan
    >>> int(buildings_reached(plan.read_site("sample_gis/old_estate.gpkg")).sum())
    20
    """
    checked(width_m, height_m, reach_m)
    found = reached_of(site, width_m=width_m, height_m=height_m, reach_m=reach_m)
    return pd.Series(
        list(found.answer), index=pd.Index(found.houses["building_id"]), dtype="boolean", name="reached"
    )


def checked(*figures_m: float) -> None:
    """Refuse figures that are not positive and finite.

    Raises
    ------
    UsageError
        If one is not.
    """
    if not all(math.isfinite(value) and value > 0 for value in figures_m):
        raise UsageError(Message("fire_access.figures"))


def reached_of(site: Site, *, width_m: float, height_m: float, reach_m: float) -> Reached:
    """Find which buildings a lane of a width gets within reach of; see :func:`plan.fire_access.fire_access`."""
    houses = site.layer("buildings").sort_values("building_id", kind="stable")[["building_id", "geometry"]]
    houses = houses.reset_index(drop=True)
    ground = ground_of(Drawing(site=site), width_m=width_m, height_m=height_m)
    shapes = [None if s is None or s.is_empty else local(s, ground.origin) for s in houses.geometry]
    found = search(ground, shapes, reach_m=reach_m)
    region = passable(ground, width_m=width_m)
    wide = found.lane_m + PASS_M >= width_m
    answer: list[bool | None] = (wide | _near(region, shapes, reach_m=reach_m)).tolist()
    # The middle line is drawn in steps, the region is not.
    found.lane_m[[i for i, yes in enumerate(answer) if yes and found.lane_m[i] < width_m]] = width_m
    if ground.unknown and not all(answer):
        doubted = _doubted(ground, shapes, width_m=width_m, height_m=height_m, reach_m=reach_m)
        answer = [
            True if sure else None if doubt else False for sure, doubt in zip(answer, doubted, strict=True)
        ]
    return Reached(
        houses=houses,
        shapes=tuple(shapes),
        ground=ground,
        found=found,
        region=region,
        answer=tuple(None if shape is None else yes for yes, shape in zip(answer, shapes, strict=True)),
    )


def gap_m(region: BaseGeometry, shape: BaseGeometry | None) -> float:
    """Return the metres between the ground that a lane gets to and a building; NaN where it gets nowhere."""
    return float("nan") if shape is None or region.is_empty else float(region.distance(shape))


def _doubted(
    ground: Ground,
    shapes: Sequence[BaseGeometry | None],
    *,
    width_m: float,
    height_m: float,
    reach_m: float,
) -> list[bool]:
    """Tell of each building whether what is not known could let a lane through."""
    whole = {"fire_lanes", "entrances", "parcels"}
    if any(u.layer in whole and u.column != "width_m" for u in ground.unknown):
        return [True] * len(shapes)  # nothing bounds a lane that is not drawn
    best = passable(
        ground_of(ground.drawing, width_m=width_m, height_m=height_m, generous=True), width_m=width_m
    )
    near: list[bool] = _near(best, shapes, reach_m=reach_m).tolist()
    return near


def _near(
    region: BaseGeometry, shapes: Sequence[BaseGeometry | None], *, reach_m: float
) -> NDArray[np.bool_]:
    """Tell which buildings are within reach of the ground that a lane gets to; none where it gets nowhere."""
    shapely.prepare(region)
    near: NDArray[np.bool_] = shapely.dwithin(region, np.array(shapes, dtype=object), reach_m + PASS_M)
    return near
