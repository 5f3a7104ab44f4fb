"""Sun on windows by brute force: each ray of each minute is cut with each polygon. Slow, and written apart.

And random towns to cast it on.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely
from shapely import affinity, box

FAR_M = 3000.0


def cast(windows, blocks, azimuth_deg, altitude_deg):
    """Return the steps with sun of each window.

    `windows` are x, y, z and the bearing that the window looks to; `blocks` are a polygon and its top; all on one map.
    """
    tree = shapely.STRtree([polygon for polygon, _ in blocks])
    counts = []
    for x, y, z, bearing in windows:
        looks = math.radians(bearing)
        eye = shapely.Point(x + 0.01 * math.sin(looks), y + 0.01 * math.cos(looks))
        steps = 0
        for azimuth, altitude in zip(azimuth_deg, altitude_deg, strict=True):
            turned = (azimuth - bearing + 180) % 360 - 180
            if altitude <= 0 or abs(turned) >= 90:
                continue
            to = math.radians(azimuth)
            ray = shapely.LineString([eye, (eye.x + FAR_M * math.sin(to), eye.y + FAR_M * math.cos(to))])
            rise = math.tan(math.radians(altitude))
            steps += not any(
                z + eye.distance(blocks[i][0].intersection(ray)) * rise < blocks[i][1]
                for i in tree.query(ray, predicate="intersects")
            )
        counts.append(steps)
    return np.array(counts)


def random_block(rng, x, y):
    """Return a polygon around a place: a slab, an L, a U or a courtyard, turned by any angle."""
    kind = rng.integers(4)
    length, depth, wing = rng.uniform(14, 50), rng.uniform(9, 13), rng.uniform(8, 22)
    slab = box(-length / 2, 0, length / 2, depth)
    if kind == 1:
        slab = slab.union(box(-length / 2, -wing, -length / 2 + depth * 0.5, depth))
    if kind == 2:
        slab = slab.union(box(-length / 2, -wing, -length / 2 + 5, depth))
        slab = slab.union(box(length / 2 - 5, -wing, length / 2, depth))
    if kind == 3:
        slab = box(-length / 2, -length / 2, length / 2, length / 2)
        slab = slab.difference(box(-length / 3.5, -length / 3.5, length / 3.5, length / 3.5))
    turned = affinity.rotate(slab, rng.uniform(0, 360), origin=(0, 0))
    return affinity.translate(turned, x, y)


def town(seed):
    """Return buildings of any shape, turned by any angle, with a shaft at each."""
    rng = np.random.default_rng(seed)
    shapes = []
    for x in range(4):
        for y in range(4):
            block = random_block(rng, 450_000 + 62 * x, 2_900_000 + 48 * y)
            if not any(block.intersects(other) for other in shapes):
                shapes.append(block)
    ids = [f"B{i}" for i in range(len(shapes))]
    houses = gpd.GeoDataFrame(
        {"building_id": ids, "floors": rng.integers(1, 12, len(shapes))}, geometry=shapes, crs=4548
    )
    added = []
    for shape in shapes:
        at = shape.exterior.interpolate(rng.uniform(0, shape.length))
        shaft = affinity.rotate(box(at.x - 1, at.y - 1, at.x + 1.2, at.y + 1.5), rng.uniform(0, 360))
        added.append(max(shapely.get_parts(shaft.difference(shape)), key=lambda part: part.area))
    return houses, gpd.GeoDataFrame({"building_id": ids}, geometry=added, crs=4548)
