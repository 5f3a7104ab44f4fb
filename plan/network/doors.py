"""Where people leave their homes and enter a facility: doors, never centroids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError
from plan.messages import Message
from plan.network.private import estate_at, estates_of
from plan.network.walls import OWN_BUILDING_M, is_closed

if TYPE_CHECKING:
    from collections.abc import Hashable

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
    homes = site.layer("households")
    outlines = _outlines(site)
    doors = _doors(site, outlines)
    by_stair = _gather(doors.dropna(subset=["stairwell_id"]), ["building_id", "stairwell_id"])
    by_building = _gather(doors[doors["kind"] == "door"], ["building_id"])
    by_any_stair = _gather(doors, ["building_id"])
    stairs = homes["stairwell_id"] if "stairwell_id" in homes else pd.Series(None, index=homes.index)
    own = homes.geometry.to_numpy() if isinstance(homes, gpd.GeoDataFrame) else np.full(len(homes), None)
    places: list[shapely.Geometry | None] = []
    for building, stair, point in zip(homes["building_id"], stairs, own, strict=True):
        place = by_stair.get((building, stair)) if not pd.isna(stair) else None
        place = place or by_building.get(building)
        if place is None and pd.isna(stair):
            place = by_any_stair.get(building)
        places.append(place or outlines.get(building) or point)
    doorsteps = np.array(places, dtype=object)
    return gpd.GeoDataFrame(
        {
            "building_id": homes["building_id"].to_numpy(),
            "households": 1,
            **{name: homes[name].to_numpy(float, na_value=np.nan) for name in PEOPLE if name in homes},
            **_estates(site, homes["building_id"].to_numpy(dtype=object), doorsteps, outlines),
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
        buildings = site.layer("buildings")
        if "estate_id" in buildings:
            said = buildings.dropna(subset=["estate_id"])
            written = dict(zip(said["building_id"], said["estate_id"], strict=True))
    places = np.array([outlines.get(b, door) for b, door in zip(building, doors, strict=True)], dtype=object)
    lies = estate_at(parcels, places)
    found = [written.get(b, estate) for b, estate in zip(building, lies, strict=True)]
    return {"estate_id": pd.Series(found, dtype=object).to_numpy()}


def _open_entrances(site: Site) -> gpd.GeoDataFrame:
    entrances = site.layer("entrances")
    usable = ~(entrances.geometry.isna() | entrances.geometry.is_empty | is_closed(entrances))
    return entrances[usable].reset_index(drop=True)


def _outlines(site: Site) -> dict[Hashable, shapely.Geometry]:
    if not site.has("buildings"):
        return {}
    buildings = site.layer("buildings")
    buildings = buildings[~(buildings.geometry.isna() | buildings.geometry.is_empty)]
    return _gather(
        pd.DataFrame({"building_id": buildings["building_id"], "geometry": buildings.geometry}),
        ["building_id"],
    )


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


def _gather(frame: pd.DataFrame, keys: list[str]) -> dict[Hashable, shapely.Geometry]:
    """Return one geometry for each key; several become a multi-part one."""
    gathered: dict[Hashable, shapely.Geometry] = {}
    by: str | list[str] = keys[0] if len(keys) == 1 else keys
    for key, rows in frame.groupby(by, sort=True)["geometry"]:
        parts: NDArray[np.object_] = shapely.get_parts(rows.to_numpy())
        gathered[key] = parts[0] if len(parts) == 1 else _together(parts)
    return gathered


def _together(parts: NDArray[np.object_]) -> shapely.Geometry:
    """Return parts of one kind as one geometry."""
    points = bool((shapely.get_type_id(parts) == shapely.GeometryType.POINT).all())
    return shapely.MultiPoint(list(parts)) if points else shapely.MultiPolygon(list(parts))
