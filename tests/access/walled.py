"""A wall between two ways: houses on this side, a shop on the other, and one way around.

::

    y=60   ---S-----------------------+   S: shop at x=50
    y=50   ======== wall =========    |
    y=40   ---A--------B--------------+   A: door at x=50, B: door at x=110
           0  50       110      190  200
"""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import shapely

from plan.network import WalkNetwork
from plan.site import Site

CRS = 4548
SPEED = 60.0  # m/min
BUILD = partial(WalkNetwork.from_site, speeds={"adult": SPEED})


def layer(geometries, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(geometries), crs=CRS)


def line(*spots):
    return shapely.LineString(spots)


def walled_site(*, doors=((50, 40), (110, 40)), removable=True, far_y=60.0, around_x=200.0, **more):
    """Two houses, a wall from x=0 to x=190, and a shop behind it."""
    count = len(doors)
    names = [f"B{i}" for i in range(1, count + 1)]
    layers = {
        "walkways": layer(
            [
                line((0, 40), (around_x, 40)),
                line((0, far_y), (around_x, far_y)),
                line((around_x, 40), (around_x, far_y)),
            ],
            way_id=["inside", "outside", "around"],
            kind=["path", "path", "path"],
        ),
        "barriers": layer(
            [line((0, 50), (190, 50))], barrier_id=["WALL"], kind=["wall"], removable=[removable]
        ),
        "entrances": layer(
            [shapely.Point(d) for d in doors],
            entrance_id=[f"D{i}" for i in range(1, count + 1)],
            kind=["door"] * count,
            building_id=names,
        ),
        "households": layer(
            [None] * count, household_id=[f"H{i}" for i in range(1, count + 1)], building_id=names
        ),
        "facilities": layer([shapely.Point(50, far_y)], facility_id=["SHOP"], category=["convenience_store"]),
    }
    crs = gpd.GeoSeries(crs=CRS).crs
    site = Site(name="walled", layers={"households": layers["households"]}, crs=crs)
    for name, frame in {**layers, **more}.items():
        site = site.with_layer(name, frame)
    return site
