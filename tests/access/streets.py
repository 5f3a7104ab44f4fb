"""A street of 2 km along which every minute can be counted: 60 m/min, doors and facilities on it."""

from __future__ import annotations

import geopandas as gpd
import shapely

from plan.network import WalkNetwork
from plan.site import Site

CRS = 4548
SPEEDS = {"adult": 60.0}


def layer(geometries, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)


def make_site(**layers):
    return Site(name="street", layers=layers, crs=gpd.GeoSeries(crs=CRS).crs)


def walkways(*coordinates):
    line = shapely.LineString(coordinates or ((0, 0), (2000, 0)))
    return layer([line], way_id=["w"])


def network():
    return WalkNetwork.from_site(make_site(walkways=walkways()), speeds=SPEEDS)


def at(*metres, **columns):
    """Places so many metres along the street."""
    return layer([shapely.Point(x, 0) for x in metres], **columns)
