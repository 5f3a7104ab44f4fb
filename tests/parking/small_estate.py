"""An estate of 120 x 80 m that can be worked out by hand: a ring road, a house, sheds along the south, open ground.

70  ┌──────────────────────────┐
    │      house 40-80, 30-50  │  A1: 84-106, 20-64
    │  sheds 15.3-17.5         │
10  └───────────┬──────────────┘
                │ gate at (60, 0)
"""

from __future__ import annotations

import geopandas as gpd
import pyproj
import shapely
from shapely import LineString, Point, box

from plan.site import Site

CRS = "EPSG:4548"
X, Y = 500_000.0, 4_000_000.0


def at(shape):
    return shapely.affinity.translate(shape, X, Y)


def frame(columns):
    columns = {**columns, "geometry": [at(g) for g in columns["geometry"]]}
    return gpd.GeoDataFrame(columns, crs=CRS)


RING = [(60, 10), (110, 10), (110, 70), (10, 70), (10, 10), (60, 10)]


def layers(**more):
    found = {
        "parcels": {"parcel_id": ["P"], "status": ["existing"], "geometry": [box(0, 0, 120, 80)]},
        "buildings": {"building_id": ["B1"], "floors": [6], "geometry": [box(40, 30, 80, 50)]},
        "entrances": {
            "entrance_id": ["G", "D"],
            "kind": ["gate", "stairwell"],
            "building_id": [None, "B1"],
            "stairwell_id": [None, "B1-1"],
            "main": [True, False],
            "geometry": [Point(60, 0), Point(60, 30)],
        },
        "walkways": {
            "way_id": ["w1", "w2", "w3"],
            "kind": ["street", "path", "path"],
            "width_m": [6.0, 4.0, 1.5],
            "geometry": [
                LineString([(60, -20), (60, 10)]),
                LineString(RING),
                LineString([(60, 30), (60, 10)]),
            ],
        },
        "households": {
            "household_id": [f"h{n}" for n in range(10)],
            "building_id": ["B1"] * 10,
            "stairwell_id": ["B1-1"] * 10,
            "area_m2": [60.0] * 10,
            "geometry": [Point(60, 30)] * 10,
        },
        "stalls": {
            "stall_id": ["T1", "T2"],
            "kind": ["parallel"] * 2,
            "angle_deg": [0.0] * 2,
            "state": ["existing"] * 2,
            "geometry": [box(30, 12.35, 35.5, 14.65), box(90, 11.9, 95.5, 14.2)],
        },
        "obstacles": {
            "obstacle_id": ["S1", "S2", "S3"],
            "kind": ["shed"] * 3,
            "removable": [True, True, False],
            "cost_cny": [5000.0, None, 1000.0],
            "radius_m": [None] * 3,
            "geometry": [box(20, 15.3, 42, 17.5), box(64, 15.3, 80, 17.5), box(82, 15.3, 88, 17.5)],
        },
        "open_spaces": {
            "space_id": ["A1", "A2", "A3"],
            "name": ["空地", "小广场", "后院"],
            "surface": ["gravel", "paving", "concrete"],
            "geometry": [box(84, 20, 107.8, 64), box(12.1, 40, 20, 60), box(30, 52, 60, 60)],
        },
        "fire_lanes": {
            "lane_id": ["F1"],
            "width_m": [3.6],
            "geometry": [LineString([(60, 0), (60, 10), (110, 10), (110, 70)])],
        },
    }
    return {name: columns for name, columns in {**found, **more}.items() if columns is not None}


def small_site(**more) -> Site:

    site = Site(name="small", layers={}, crs=pyproj.CRS.from_user_input(CRS))
    for name, columns in layers(**more).items():
        site = site.with_layer(name, frame(columns))
    return site
