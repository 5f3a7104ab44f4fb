"""Blocks of 20 x 10 m in rows, 40 m apart, that a person can count."""

from __future__ import annotations

import geopandas as gpd
import shapely

from plan.site import Site

CRS = "EPSG:4548"
EAST, NORTH = 500_000.0, 4_000_000.0


def frame(rows, shapes):
    return gpd.GeoDataFrame(rows, geometry=list(shapes), crs=CRS)


def block(column, row):
    """Return a building: columns go east, rows go north, 40 m from middle to middle."""
    x, y = EAST + 40 * column, NORTH + 40 * row
    return shapely.box(x - 10, y - 5, x + 10, y + 5)


def named(column, row):
    return f"B{row}{column}"


def blocks(columns, rows, households, *, estates=None, without=(), **layers):
    """Return a site of columns x rows blocks.

    ``households``: a number for all, or a mapping by id; ``estates``: a mapping of ids to estate ids.
    """
    spots = {named(c, r): block(c, r) for r in range(rows) for c in range(columns)}
    spots = {name: shape for name, shape in spots.items() if name not in without}
    count = {name: households if isinstance(households, int) else households.get(name, 0) for name in spots}
    buildings = frame(
        {
            "building_id": list(spots),
            "floors": 6,
            "estate_id": [(estates or {}).get(name) for name in spots],
        },
        spots.values(),
    )
    homes = [(f"{name}-{i}", name) for name, many in count.items() for i in range(many)]
    people = frame(
        {"household_id": [h for h, _ in homes], "building_id": [b for _, b in homes]}, [None] * len(homes)
    )
    return Site(
        name="blocks", layers={"buildings": buildings, "households": people, **layers}, crs=buildings.crs
    )


def line(*points):
    return shapely.LineString([(EAST + 40 * c, NORTH + 40 * r) for c, r in points])


def area(column, row, column_to, row_to):
    """Return a box between places given in columns and rows."""
    return shapely.box(EAST + 40 * column, NORTH + 40 * row, EAST + 40 * column_to, NORTH + 40 * row_to)


def road(*points, lanes=6, name="大街"):
    return frame({"way_id": ["W1"], "kind": ["street"], "name": [name], "lanes": [lanes]}, [line(*points)])


def members(placed, site):
    """Return the buildings of each community, by community id."""
    spots = dict(zip(site.layers["buildings"]["building_id"], site.layers["buildings"].centroid, strict=True))
    return {
        row["community_id"]: sorted(name for name, spot in spots.items() if row["geometry"].contains(spot))
        for row in placed.features.to_dict("records")
    }
