"""Where things stand: the point of a row, and the area in which it lies; unknown stays unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.schema import LAYERS
from plan.shapes import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["OUTSIDE", "inside", "points_of", "shapes_of"]

OUTSIDE: Final = ""  # where a thing stands that is certainly in none of the areas


def shapes_of(site: Site, layer: str) -> dict[str, BaseGeometry]:
    """Return the shapes of a layer by id, without those that have none; empty when the layer is absent."""
    if not site.has(layer):
        return {}
    frame = site.layers[layer]
    shapes = frame.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    ids = frame[LAYERS[layer].id_column].to_numpy(dtype=object)[drawn]
    return {str(i): shape for i, shape in zip(ids, shapes[drawn], strict=True)}


def points_of(site: Site, frame: gpd.GeoDataFrame, *, trusted: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Return a point of each row: of its own shape, else of its building; None where neither is known.

    Parameters
    ----------
    site : Site
        With ``buildings`` where rows refer to them.
    frame : geopandas.GeoDataFrame
        Rows, perhaps with ``building_id``.
    trusted : array of bool
        Rows whose own shape says where they are; the shape of a mended row does not.

    Returns
    -------
    array of Point
        One for each row.
    """
    own = np.array(frame.geometry.to_numpy(), dtype=object)
    own[~trusted] = None
    bare = pd.isna(own) | shapely.is_empty(own)
    if bare.any() and "building_id" in frame.columns:
        mended = site.repaired("buildings")
        houses = {i: s for i, s in shapes_of(site, "buildings").items() if i not in mended}
        own[bare] = [houses.get(i) for i in frame["building_id"].to_numpy()[bare]]
    first, again = distinct(own)
    points: NDArray[np.object_] = shapely.point_on_surface(own[first])[again]
    return points


def inside(points: NDArray[np.object_], areas: Mapping[str, BaseGeometry]) -> list[str | None]:
    """Tell in which area each point lies.

    Parameters
    ----------
    points : array of Point
        None where a place is not known.
    areas : mapping of str to Polygon
        By id.

    Returns
    -------
    list of str or None
        The id; OUTSIDE when in none; None when that cannot be told: the place is unknown, or lies in
        two areas or on their common border.
    """
    found: list[str | None] = [None if point is None else OUTSIDE for point in points]
    ids = list(areas)
    if not ids:
        return found
    hit, area = shapely.STRtree(list(areas.values())).query(points, predicate="intersects")
    times = np.bincount(hit, minlength=len(points))
    for i, a in zip(hit, area, strict=True):
        found[i] = ids[a] if times[i] == 1 else None
    return found
