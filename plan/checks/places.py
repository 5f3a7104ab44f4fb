"""Where things stand: in which community, on which parcel; and the shapes that a finding points at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.crs import to_wgs84
from plan.schema import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["OUTSIDE", "Place", "geojson", "inside", "points_of", "shapes_of"]

OUTSIDE: Final = ""  # where a thing stands that is certainly in none of the areas
_DEGREES: Final = 7  # digits: about a centimetre


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A community, or the site as a whole."""

    id: str | None = None  # community_id; None: the site as a whole
    row: Mapping[str, Any] = field(default_factory=dict)
    shape: BaseGeometry | None = None
    repaired: bool = False  # its outline was mended, so what lies within it cannot be told


def shapes_of(site: Site, layer: str) -> dict[str, BaseGeometry]:
    """Return the shapes of a layer by id, without those that have none; empty when the layer is absent."""
    if not site.has(layer):
        return {}
    frame = site.layer(layer)
    return {
        str(i): shape
        for i, shape in zip(frame[LAYERS[layer].id_column], frame.geometry, strict=True)
        if shape is not None and not shape.is_empty
    }


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
    points: NDArray[np.object_] = shapely.point_on_surface(own)
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


def geojson(shapes: Iterable[BaseGeometry | None], crs: Any) -> dict[str, Any] | None:  # noqa: ANN401 - pyproj.CRS
    """Return shapes as one GeoJSON geometry in WGS 84 with seven decimals; None when there are none."""
    # Two rooms of one building point at it once.
    drawn = {shapely.to_wkb(s): s for s in shapes if s is not None and not s.is_empty}
    parts = shapely.get_parts(list(drawn.values()))
    if len(parts) == 0:
        return None
    lonlat = to_wgs84(gpd.GeoSeries(shapely.force_2d(parts), crs=crs)).to_numpy()
    lonlat = shapely.transform(lonlat, lambda xy: np.round(xy, _DEGREES))
    kinds = {shape.geom_type for shape in lonlat}
    multi: dict[str, Any] = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    kind = kinds.pop()
    if len(lonlat) == 1:
        joined = lonlat[0]
    elif kinds or kind not in multi:
        joined = shapely.GeometryCollection(list(lonlat))
    else:
        joined = multi[kind](list(lonlat))
    found: dict[str, Any] = json.loads(shapely.to_geojson(joined))
    return found
