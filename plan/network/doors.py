"""Where people leave their homes and enter a facility: doors, never centroids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError
from plan.messages import Message
from plan.network.private import estate_at, estates_of
from plan.network.walls import OWN_BUILDING_M, is_closed

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["PEOPLE", "facilities_from_site", "origins_from_site"]

# Metres between an outline and an entrance that belongs to it.
ON_OUTLINE_M: Final = OWN_BUILDING_M
# Columns of households that count people.
PEOPLE: Final = ("persons", "elderly", "children")


def origins_from_site(site: Site) -> gpd.GeoDataFrame:
    """Return the doors of the households of a site.

    A household leaves by the door of its stairwell; where none is drawn, by the doors of its building; where none
    is drawn, by the outline of its building, at the point nearest to a walkway. Of several doors the best counts.
    Entrances that do not say which building they belong to belong to the one within 1 m.

    Parameters
    ----------
    site : Site
        With a layer ``households``; ``buildings`` and ``entrances`` are used where present.

    Returns
    -------
    GeoDataFrame
        On the household ids: ``building_id``, ``households`` (1 each), as far as the site has them ``persons``,
        ``elderly`` and ``children`` (NaN: not known), ``estate_id`` where parcels have one (of the building, else of the
        parcel on which it or the door lies; None elsewhere), and the geometry: a Point, several doors as a
        MultiPoint, an outline as a Polygon, or None where nothing is known.

    Raises
    ------
    MissingLayerError
        If the site has no households.
    """
    if not site.has("households"):
        raise MissingLayerError(Message("network.no_households", site=site.name))
    homes = site.layers["households"]
    outlines = _outlines(site)
    doors = _doors(site, outlines)
    building_ids = doors["building_id"].to_numpy()
    spots = doors["geometry"].to_numpy()
    of_stairwell, is_door = doors["stairwell_id"].notna().to_numpy(), (doors["kind"] == "door").to_numpy()
    by_stair = _gather(
        zip(building_ids[of_stairwell], doors["stairwell_id"].to_numpy()[of_stairwell], strict=True),
        spots[of_stairwell],
    )
    by_building = _gather(building_ids[is_door], spots[is_door])
    by_any_stair = _gather(building_ids, spots)
    buildings = homes["building_id"].to_numpy(dtype=object)
    stairs = (
        homes["stairwell_id"].to_numpy(dtype=object) if "stairwell_id" in homes else np.full(len(homes), None)
    )
    own = homes.geometry.to_numpy() if isinstance(homes, gpd.GeoDataFrame) else np.full(len(homes), None)
    doorsteps = np.full(len(homes), None, dtype=object)
    nowhere = pd.isna(stairs)
    for row, (building, stair, point) in enumerate(zip(buildings, stairs, own, strict=True)):
        place = None if nowhere[row] else by_stair.get((building, stair))
        if place is None:
            place = by_building.get(building)
        if place is None and nowhere[row]:
            place = by_any_stair.get(building)
        doorsteps[row] = outlines.get(building, point) if place is None else place
    return gpd.GeoDataFrame(
        {
            "building_id": homes["building_id"].to_numpy(),
            "households": 1,
            **{name: homes[name].to_numpy(float, na_value=np.nan) for name in PEOPLE if name in homes},
            **_estates(site, buildings, doorsteps, outlines),
        },
        index=pd.Index(homes["household_id"], name="household_id"),
        geometry=doorsteps,
        crs=site.crs,
    )


def facilities_from_site(site: Site) -> gpd.GeoDataFrame:
    """Return the facilities of a site, outlines with entrances entered by these.

    Parameters
    ----------
    site : Site
        With a layer ``facilities``; ``entrances`` are used where present.

    Returns
    -------
    GeoDataFrame
        The rows of the layer that have a category. An outline with doors or gates on it is entered there; any
        other outline at the point nearest to a walkway.

    Raises
    ------
    MissingLayerError
        If the site has no layer ``facilities``.
    """
    facilities = site.layer("facilities")
    if "category" in facilities.columns:
        facilities = facilities[facilities["category"].notna()].reset_index(drop=True)
    if facilities.empty or not site.has("entrances"):
        return facilities
    entrances = _open_entrances(site)
    points = shapely.force_2d(entrances.geometry.to_numpy())
    places = shapely.force_2d(facilities.geometry.to_numpy())
    areas = np.isin(
        shapely.get_type_id(places), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    )
    rings = shapely.boundary(np.where(areas, places, np.array(None, dtype=object)))
    area, entrance = shapely.STRtree(points).query(rings, predicate="dwithin", distance=ON_OUTLINE_M)
    for one in np.unique(area):
        places[one] = shapely.multipoints(points[entrance[area == one]])
    return facilities.set_geometry(gpd.GeoSeries(places, crs=site.crs))


def _estates(
    site: Site,
    building: NDArray[np.object_],
    doors: NDArray[np.object_],
    outlines: dict[Hashable, shapely.Geometry],
) -> dict[str, NDArray[np.object_]]:
    """Return the column ``estate_id`` of households; nothing where no parcel belongs to an estate."""
    parcels = estates_of(site)
    if parcels is None:
        return {}
    written: dict[Hashable, str] = {}
    if site.has("buildings"):
        buildings = site.layers["buildings"]
        if "estate_id" in buildings:
            said = buildings.dropna(subset=["estate_id"])
            written = dict(zip(said["building_id"], said["estate_id"], strict=True))
    places = np.array([outlines.get(b, door) for b, door in zip(building, doors, strict=True)], dtype=object)
    lies = estate_at(parcels, places)
    found = [written.get(b, estate) for b, estate in zip(building, lies, strict=True)]
    return {"estate_id": pd.Series(found, dtype=object).to_numpy()}


def _open_entrances(site: Site) -> gpd.GeoDataFrame:
    entrances = site.layers["entrances"]
    usable = ~(entrances.geometry.isna() | entrances.geometry.is_empty | is_closed(entrances))
    return entrances[usable].reset_index(drop=True)


def _outlines(site: Site) -> dict[Hashable, shapely.Geometry]:
    if not site.has("buildings"):
        return {}
    buildings = site.layers["buildings"]
    shapes = buildings.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & buildings["building_id"].notna()
    return _gather(buildings["building_id"].to_numpy(dtype=object)[drawn], shapes[drawn])


def _doors(site: Site, outlines: dict[Hashable, shapely.Geometry]) -> pd.DataFrame:
    """Return building_id, stairwell_id, kind and geometry of the doors whose building is known."""
    columns = ["building_id", "stairwell_id", "kind", "geometry"]
    if not site.has("entrances"):
        return pd.DataFrame(columns=columns)
    entrances = pd.DataFrame(_open_entrances(site))
    doors = entrances[entrances["kind"].isin(["door", "stairwell"])].reset_index(drop=True)
    doors = doors.reindex(columns=columns).astype("object")
    homeless = doors.index[doors["building_id"].isna()].to_numpy()
    if len(homeless) and outlines:
        ids = np.array(list(outlines), dtype=object)
        tree = shapely.STRtree(np.array(list(outlines.values()), dtype=object))
        points = doors["geometry"].to_numpy()[homeless]
        door, building = tree.query_nearest(points, max_distance=ON_OUTLINE_M, all_matches=False)
        doors.loc[homeless[door], "building_id"] = ids[building]
    return doors.dropna(subset=["building_id"])


def _gather(keys: Iterable[Any], shapes: NDArray[np.object_]) -> dict[Hashable, shapely.Geometry]:
    """Return the shapes of each key, points or polygons, as one geometry; several become a multi-part one."""
    keys = list(keys)
    parts, row = shapely.get_parts(shapes, return_index=True)
    gathered: dict[Hashable, list[Any]] = {key: [] for key in sorted(set(keys))}
    for part, one in zip(parts, row, strict=True):
        gathered[keys[one]].append(part)
    points = bool((shapely.get_type_id(parts) == shapely.GeometryType.POINT).all())
    together = shapely.MultiPoint if points else shapely.MultiPolygon
    return {key: some[0] if len(some) == 1 else together(some) for key, some in gathered.items()}
