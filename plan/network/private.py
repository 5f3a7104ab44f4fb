"""Private ways: of which estate they are, and where the people of a site live.

A way or gate that is ``private`` is open to the residents of the estate on which it lies. An estate is the parcels
that share an ``estate_id``; a private way on no such parcel is open to everybody, because nobody knows whose
it is. Who lives on no estate with private ways walks none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely

from plan.network.walls import GATE_REACH_M, is_closed, is_private
from plan.shapes import distinct

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["ON_WAY_M", "estate_at", "estates_of", "private_edges"]

ON_WAY_M: Final = 0.1  # metres between a gate and the way that it stands on


def estates_of(site: Site) -> gpd.GeoDataFrame | None:
    """Return the parcels of a site that belong to an estate; None where none does."""
    if not site.has("parcels"):
        return None
    parcels = site.layers["parcels"]
    if "estate_id" not in parcels.columns:
        return None
    drawn = parcels["estate_id"].notna() & parcels.geometry.notna() & ~parcels.geometry.is_empty
    parcels = parcels[drawn].reset_index(drop=True)
    return None if parcels.empty else parcels


def estate_at(
    parcels: gpd.GeoDataFrame, places: NDArray[np.object_], *, within_m: float = 0.0
) -> NDArray[np.object_]:
    """Return the estate on which each place lies.

    Parameters
    ----------
    parcels : GeoDataFrame
        With ``estate_id``.
    places : array of Geometry
        Points or others, of which a point counts; None lies nowhere.
    within_m : float, default 0
        Metres by which a place may lie outside a parcel and still be on it; the nearest parcel counts.

    Returns
    -------
    array of str or None
        None where it lies on none.
    """
    first, again = distinct(places)
    points = shapely.point_on_surface(places[first])
    found = np.full(len(points), None, dtype=object)
    tree = shapely.STRtree(parcels.geometry.to_numpy())
    known = np.flatnonzero(~(shapely.is_missing(points) | shapely.is_empty(points)))
    place, parcel = tree.query_nearest(points[known], max_distance=max(within_m, 1e-9), all_matches=False)
    found[known[place]] = parcels["estate_id"].to_numpy(dtype=object)[parcel]
    return found[again]


def private_edges(
    site: Site, ways: gpd.GeoDataFrame, edges: NDArray[np.object_], line: NDArray[np.int64]
) -> tuple[NDArray[np.object_] | None, int]:
    """Return for each edge the estate whose residents alone may walk it.

    Parameters
    ----------
    site : Site
        With ``parcels`` of estates, and ``entrances`` and ``barriers`` where there are any.
    ways : GeoDataFrame
        Walkways, perhaps with ``access``.
    edges : array of LineString
        Parts of the walkways.
    line : array of int
        The walkway that each edge is part of.

    Returns
    -------
    tuple of array of (str or None), int
        The estate, None for public edges; None instead of the array where there is no private one. And how
        many private ways and gates lie on no estate, and so are open to everybody.
    """
    private = is_private(ways)[line]
    gates = _private_gates(site)
    if not (private.any() or len(gates)):
        return None, 0
    parcels = estates_of(site)
    if parcels is None:
        return None, int(is_private(ways).sum()) + len(gates)
    theirs = np.full(len(edges), None, dtype=object)
    middles = shapely.line_interpolate_point(edges[private], 0.5, normalized=True)
    theirs[private] = estate_at(parcels, middles)
    ownerless = len(np.unique(line[private & pd.isna(theirs)]))
    owner = estate_at(parcels, gates, within_m=GATE_REACH_M)
    ownerless += int(pd.isna(owner).sum())
    gates, owner = gates[~pd.isna(owner)], owner[~pd.isna(owner)]
    if len(gates):
        gate, edge = _edges_through(site, gates, edges)
        public = pd.isna(theirs[edge])
        theirs[edge[public]] = owner[gate[public]]
    return (None if pd.isna(theirs).all() else theirs), ownerless


def _private_gates(site: Site) -> NDArray[np.object_]:
    if not site.has("entrances"):
        return np.zeros(0, dtype=object)
    entrances = site.layers["entrances"]
    gates = entrances[(entrances["kind"] == "gate") & is_private(entrances) & ~is_closed(entrances)]
    points = shapely.force_2d(gates.geometry.to_numpy())
    return np.asarray(points[~(shapely.is_missing(points) | shapely.is_empty(points))], dtype=object)


def _edges_through(
    site: Site, gates: NDArray[np.object_], edges: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which gates lie on which edges: on the line itself, or where it passes a wall near the gate."""
    tree = shapely.STRtree(edges)
    on = tree.query(gates, predicate="dwithin", distance=ON_WAY_M)
    if not site.has("barriers"):
        return on[0], on[1]
    walls = shapely.get_parts(shapely.force_2d(site.layers["barriers"].geometry.to_numpy()))
    near = tree.query(gates, predicate="dwithin", distance=GATE_REACH_M)
    openings = shapely.intersection(
        shapely.union_all(walls[~shapely.is_empty(walls)]), shapely.buffer(gates, GATE_REACH_M)
    )
    through = shapely.intersects(edges[near[1]], openings[near[0]])
    gate = np.concatenate([on[0], near[0][through]])
    edge = np.concatenate([on[1], near[1][through]])
    return gate, edge
