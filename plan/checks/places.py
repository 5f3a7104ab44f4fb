"""The places that a rule is about, and the shapes that a finding points at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.crs import WGS84, transformer

__all__ = ["Place", "geojson"]

_DEGREES: Final = 7  # digits: about a centimetre


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """A community, or the site as a whole."""

    id: str | None = None  # community_id; None: the site as a whole
    row: Mapping[str, Any] = field(default_factory=dict)
    shape: BaseGeometry | None = None
    repaired: bool = False  # its outline was mended, so what lies within it cannot be told


def geojson(shapes: Iterable[BaseGeometry | None], crs: Any) -> dict[str, Any] | None:  # noqa: ANN401 - pyproj.CRS
    """Return shapes as one GeoJSON geometry in WGS 84 with seven decimals; None when there are none."""
    # Two rooms of one building point at it once.
    drawn = {shapely.to_wkb(s): s for s in shapes if s is not None and not s.is_empty}
    parts = shapely.get_parts(list(drawn.values()))
    if len(parts) == 0:
        return None
    to_degrees = transformer(crs, WGS84).transform
    lonlat = shapely.transform(parts, lambda xy: np.round(np.column_stack(to_degrees(*xy.T)), _DEGREES))
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
