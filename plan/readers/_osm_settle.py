"""What only the whole of a file of OpenStreetMap can tell: rows are changed by their neighbours."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from plan.readers._osm_tags import LIVED_IN

__all__ = [
    "GEOD",
    "SMALLEST_ESTATE_M2",
    "Row",
    "blocks_to_buildings",
    "covered_share",
    "floors_of_parts",
    "outline_m2",
    "parts_alone",
    "stairwells_by_letter",
    "without_reached_stations",
]

Row = dict[str, Any]

# Square metres; a residential block (居住街坊) covers 20,000-40,000 m2 (GB 50180-2018, 2.0.5), a single slab 1,500.
SMALLEST_ESTATE_M2: Final = 2000.0
GEOD: Final = pyproj.Geod(ellps="WGS84")
# Metres within which a metro station is reached by the entrances drawn for it (platforms are up to 200 m long).
_STATION_REACH_M: Final = 300.0
# What the name of one building ends in.
_BLOCK: Final = re.compile(r".*(?:栋|幢|座|号楼|[^大]楼)")


def outline_m2(shape: BaseGeometry) -> float:
    """Return the area of an outline in square metres on the ellipsoid: no reference system is chosen yet."""
    return abs(float(GEOD.geometry_area_perimeter(shape)[0]))


def blocks_to_buildings(rows: dict[str, list[Row]]) -> list[str]:
    """Take outlines of ``landuse=residential`` that are single buildings for buildings.

    That is one the size of a block, named like a block (``14栋``), in which no building is drawn.

    Returns
    -------
    list of str
        Their ids.
    """
    parcels = rows.get("parcels", [])
    small = [
        p
        for p in parcels
        if _BLOCK.fullmatch(p["name"] or "") and outline_m2(p["geometry"]) < SMALLEST_ESTATE_M2
    ]
    if not small:
        return []
    built = np.array([b["geometry"] for b in rows.get("buildings", [])], dtype=object)
    holding, _ = shapely.STRtree(built).query([p["geometry"] for p in small], predicate="intersects")
    single = [p for number, p in enumerate(small) if number not in set(holding.tolist())]
    gone = {id(p) for p in single}
    rows["parcels"] = [p for p in parcels if id(p) not in gone]
    for parcel in single:
        rows.setdefault("buildings", []).append(
            {
                "building_id": parcel["parcel_id"],
                "floors": None,
                "use": "residential",
                "name": parcel["name"],
                "geometry": parcel["geometry"],
            }
        )
    return [p["parcel_id"] for p in single]


def floors_of_parts(rows: Mapping[str, list[Row]], parts: Sequence[Row]) -> list[str]:
    """Give buildings without floors or height those of their tallest part.

    Parameters
    ----------
    rows : mapping of str to list of dict
        By layer; changed in place.
    parts : sequence of dict
        ``floors``, ``height_m`` and ``geometry`` of each ``building:part``.

    Returns
    -------
    list of str
        Ids of the buildings whose floors are now known.
    """
    buildings = rows.get("buildings", [])
    if not (parts and buildings):
        return []
    inside = shapely.point_on_surface(np.array([part["geometry"] for part in parts], dtype=object))
    part, building = shapely.STRtree([b["geometry"] for b in buildings]).query(inside, predicate="intersects")
    given = []
    for number in np.unique(building).tolist():
        row = buildings[number]
        own = [parts[i] for i in part[building == number].tolist()]
        for column in ("floors", "height_m"):
            known = [p[column] for p in own if p[column] is not None]
            if row.get(column) is None and known:
                row[column] = max(known)
                if column == "floors":
                    given.append(row["building_id"])
    return given


def parts_alone(rows: Mapping[str, list[Row]], parts: Sequence[Row]) -> list[str]:
    """Return the ids of parts of buildings that lie in no building: nobody drew the whole."""
    if not parts:
        return []
    inside = shapely.point_on_surface(np.array([part["geometry"] for part in parts], dtype=object))
    built = np.array([b["geometry"] for b in rows.get("buildings", [])], dtype=object)
    held = set(shapely.STRtree(built).query(inside, predicate="intersects")[0].tolist())
    return [part["part_id"] for number, part in enumerate(parts) if number not in held]


def stairwells_by_letter(entrances: Sequence[Row], buildings: Sequence[Row]) -> None:
    """Take doors with a short ``ref`` (``A``, ``3``) on buildings that people live in for those of stairwells."""
    lived_in = {b["building_id"] for b in buildings if (b.get("use") or "") in LIVED_IN}
    for row in entrances:
        letter = row.pop("_letter", None)
        if letter is not None and row["kind"] == "door" and row["building_id"] in lived_in:
            row["kind"], row["stairwell_id"] = "stairwell", letter


def covered_share(communities: Sequence[Row], buildings: Sequence[Row]) -> float | None:
    """Return the share of buildings that lie in a community; None without buildings."""
    if not buildings:
        return None
    inside: NDArray[np.object_] = shapely.point_on_surface([b["geometry"] for b in buildings])
    found, _ = shapely.STRtree([c["geometry"] for c in communities]).query(inside, predicate="intersects")
    return len(np.unique(found)) / len(buildings)


def without_reached_stations(facilities: Sequence[Row]) -> list[Row]:
    """Drop the point in the middle of a metro station whose entrances are drawn: people enter there."""
    ways_in = [row["geometry"] for row in facilities if row.get("_entrance")]
    kept = []
    for row in facilities:
        entered = row.pop("_entrance", False)
        if row["category"] == "metro_station" and not entered:
            at = row["geometry"].representative_point()
            if any(GEOD.inv(at.x, at.y, way.x, way.y)[2] <= _STATION_REACH_M for way in ways_in):
                continue
        kept.append(row)
    return kept
