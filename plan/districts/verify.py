"""Holding communities and grids against the ground, from what is drawn alone; nothing here knows how they were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from plan.districts.ground import Lines
    from plan.site import Site

__all__ = ["Fault", "rms_radius_m", "verify_communities", "verify_grids"]

_ROAD_M: Final = 0.05  # half the width of the cut that a main road is drawn as
_OVERLAP_M2: Final = 1e-6
_SAME_SHARE: Final = 1e-9  # of an area, by which the sum of its parts may differ: rounding of coordinates

Kind = Literal["overlap", "gap", "twice", "outside", "households", "band", "apart", "across"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that is not as it should be.

    Parameters
    ----------
    kind : str
        ``overlap``: two overlap; ``gap``: ground of a community is in no grid; ``twice``, ``outside``: a building lies in two or in none; ``households``: the
        count is wrong; ``band``: out of the band without a reason; ``apart``: buildings that people live in lie in pieces
        that do not hang together; ``across``: they do, but across a main road or water only.
    community : str
        Its id; empty where there is none.
    of : str
        What is at fault: the other community, or the building.
    value : float
        Square metres, or households.
    """

    kind: Kind
    community: str
    of: str = ""
    value: float = 0.0


def verify_communities(
    site: Site, communities: gpd.GeoDataFrame, lines: Lines, *, low: float, high: float
) -> tuple[Fault, ...]:
    """Verify communities as they are drawn.

    Parameters
    ----------
    site : Site
        With ``buildings`` and ``households``.
    communities : geopandas.GeoDataFrame
        With ``community_id``, ``households``, ``reason`` and outlines.
    lines : Lines
        Main roads and water that no community crosses.
    low, high : float
        The band of households, both included.

    Returns
    -------
    tuple of Fault
        By kind and community; empty when all is as it should be.
    """
    found: list[Fault] = []
    ids = communities["community_id"].astype(str).to_list()
    shapes = np.asarray(communities.geometry.to_numpy(), dtype=object)
    tree = shapely.STRtree(shapes)
    for a, b in sorted(zip(*tree.query(shapes, predicate="intersects").tolist(), strict=True)):
        if a < b and (area := shapely.intersection(shapes[a], shapes[b]).area) > _OVERLAP_M2:
            found.append(Fault(kind="overlap", community=ids[a], of=ids[b], value=float(area)))
    buildings = site.layer("buildings")
    buildings = buildings[buildings.geometry.notna() & ~buildings.geometry.is_empty]
    names = buildings["building_id"].astype(str).to_numpy()
    points = shapely.point_on_surface(np.asarray(buildings.geometry.to_numpy(), dtype=object))
    building, place = tree.query(points, predicate="intersects")
    times = np.bincount(building, minlength=len(names))
    lived = site.layer("households")["building_id"].dropna().astype(str).value_counts()
    homes = lived.reindex(names).fillna(0).to_numpy()
    for i in np.flatnonzero(times != 1):
        kind: Kind = "twice" if times[i] else "outside"
        found.append(Fault(kind=kind, community="", of=names[i], value=float(homes[i])))
    once = times[building] == 1
    home_of = pd.Series(place[once], index=building[once])
    for number, row in enumerate(communities.to_dict("records")):
        mine = home_of.index[home_of == number].to_numpy()
        count = float(homes[mine].sum())
        if count != row["households"]:
            found.append(Fault(kind="households", community=ids[number], value=count))
        if not low <= count <= high and pd.isna(row["reason"]):
            found.append(Fault(kind="band", community=ids[number], value=count))
        inhabited = points[mine[homes[mine] > 0]]
        found += _torn(ids[number], shapes[number], inhabited, lines)
    return tuple(sorted(found, key=lambda f: (f.kind, f.community, f.of)))


def verify_grids(site: Site, communities: gpd.GeoDataFrame, grids: gpd.GeoDataFrame) -> tuple[Fault, ...]:
    """Verify grids as they are drawn: all ground of each community is in one grid.

    Parameters
    ----------
    site : Site
        With ``buildings`` and ``households``.
    communities : geopandas.GeoDataFrame
        With ``community_id`` and outlines.
    grids : geopandas.GeoDataFrame
        With ``grid_id``, ``community_id``, ``households`` and outlines.

    Returns
    -------
    tuple of Fault
        By kind and community; empty when all is as it should be.
    """
    found: list[Fault] = []
    lived = site.layer("households")["building_id"].dropna().astype(str).value_counts()
    buildings = site.layer("buildings")
    buildings = buildings[buildings.geometry.notna() & ~buildings.geometry.is_empty]
    names = buildings["building_id"].astype(str)
    points = shapely.point_on_surface(np.asarray(buildings.geometry.to_numpy(), dtype=object))
    homes = lived.reindex(names).fillna(0).to_numpy()
    for name, whole in zip(communities["community_id"].astype(str), communities.geometry, strict=True):
        mine = grids[grids["community_id"] == name]
        shapes = np.asarray(mine.geometry.to_numpy(), dtype=object)
        ids = mine["grid_id"].to_list()
        allowed = max(_OVERLAP_M2, _SAME_SHARE * float(whole.area))
        missing = float(shapely.difference(whole, shapely.union_all(shapes)).area)
        if missing > allowed:
            found.append(Fault(kind="gap", community=name, value=missing))
        tree = shapely.STRtree(shapes)
        for a, b in sorted(zip(*tree.query(shapes, predicate="intersects").tolist(), strict=True)):
            if a < b and (area := shapely.intersection(shapes[a], shapes[b]).area) > allowed:
                found.append(Fault(kind="overlap", community=ids[a], of=ids[b], value=float(area)))
        if shapely.get_num_geometries(whole) == 1:  # else a grid may lie in two parts of the community
            torn = np.flatnonzero(shapely.get_num_geometries(shapes) > 1)
            found += [
                Fault(kind="apart", community=ids[i], value=float(shapely.get_num_geometries(shapes[i])))
                for i in torn
            ]
        building, place = tree.query(points, predicate="intersects")
        counts = np.bincount(place, weights=homes[building], minlength=len(ids))
        found += [
            Fault(kind="households", community=grid, value=float(have))
            for grid, have, said in zip(ids, counts, mine["households"], strict=True)
            if have != said
        ]
    return tuple(sorted(found, key=lambda f: (f.kind, f.community, f.of)))


def _torn(name: str, shape: Any, points: NDArray[np.object_], lines: Lines) -> list[Fault]:  # noqa: ANN401
    """Say where the inhabited buildings of a community do not lie in one piece of ground."""
    if len(points) <= 1:
        return []
    if _pieces(shape, points) > 1:
        return [Fault(kind="apart", community=name, value=float(_pieces(shape, points)))]
    near = [
        *shapely.buffer(lines.roads[shapely.intersects(lines.roads, shape)], _ROAD_M, cap_style="flat"),
        *lines.water[shapely.intersects(lines.water, shape)],
    ]
    if near and (pieces := _pieces(shapely.difference(shape, shapely.union_all(near)), points)) > 1:
        return [Fault(kind="across", community=name, value=float(pieces))]
    return []


def _pieces(shape: Any, points: NDArray[np.object_]) -> int:  # noqa: ANN401 - shapely is not annotated
    """Return in how many pieces of a shape points lie."""
    parts = shapely.get_parts(shape)
    # A point that a cut took away lies in the nearest piece.
    return len(set(shapely.STRtree(parts).nearest(points).tolist()))


def rms_radius_m(places: NDArray[np.float64], households: NDArray[Any]) -> float:
    """Return how far households live from the middle of their community.

    The root mean square ``sqrt(sum w_i |p_i - c|^2 / sum w_i)`` with the households w_i of building i at p_i and the middle
    ``c = sum w_i p_i / sum w_i``: what a moment of inertia measures (Weaver & Hess, Yale Law Journal 73, 1963). A disc
    of radius r has ``r / sqrt(2)``.

    Parameters
    ----------
    places : (n, 2) array of float
        Metres.
    households : (n,) array
        Of each place.

    Returns
    -------
    float
        Metres; 0 where nobody lives.
    """
    weight = np.asarray(households, dtype=float)
    if not weight.sum():
        return 0.0
    middle = (weight[:, None] * places).sum(axis=0) / weight.sum()
    return float(np.sqrt((weight * ((places - middle) ** 2).sum(axis=1)).sum() / weight.sum()))
