"""Slabs on level ground whose sun can be worked out by hand: no reference system, y points to true north."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
from shapely import box

from plan.elevators.sunlight import sunlight

AT = (117.64, 36.0)
DAY = dt.date(2026, 1, 20)
HOURS = (8.0, 16.0)
SLAB = box(0, 0, 36, 12)


def blocks(*shapes, floors=6, ids=None, **more):
    ids = [f"B{i + 1}" for i in range(len(shapes))] if ids is None else ids
    return gpd.GeoDataFrame({"building_id": ids, "floors": floors, **more}, geometry=list(shapes))


def shafts(*shapes, of="B1", **more):
    return gpd.GeoDataFrame({"building_id": [of] * len(shapes), **more}, geometry=list(shapes))


def sun(buildings, added=None, **options):
    return sunlight(buildings, added, **{"day": DAY, "hours": HOURS, "sill_m": 0.9, "at": AT, **options})


def facing(windows, bearing, building="B1"):
    return windows[(windows["building_id"] == building) & (abs(windows["bearing_deg"] - bearing) < 1)]
