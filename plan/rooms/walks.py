"""How far rooms are on foot: from the main gates, and from the doors of those who use them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError
from plan.messages import Message
from plan.network import WalkNetwork
from plan.network.doors import origins_from_site
from plan.network.search import search
from plan.network.snapping import SNAP_LIMIT_M
from plan.whereabouts import inside, shapes_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from plan.site import Site

    Floats = NDArray[np.float64]

__all__ = [
    "Homes",
    "gates_of",
    "homes_of",
    "metres_to_gates",
    "minutes_to_rooms",
    "room_doors",
    "walk_to_gates",
]

# Metres between a gate and the outline of the community whose gate it is: gates stand on the outline.
_ON_OUTLINE_M: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Homes:
    """The doors of the households, each once."""

    doors: NDArray[np.object_]  # geometries
    households: Floats  # behind each door
    elderly: Floats  # of them, persons; 0 where none is known
    elderly_known: bool
    community: list[str | None]  # OUTSIDE: in none; None: not known
    estate: list[str | None]

    def weights(self, elderly_weight: float) -> Floats:
        """Return the households behind each door, each elderly person counting as so many more."""
        return self.households + elderly_weight * self.elderly


def homes_of(site: Site) -> Homes | None:
    """Gather the doors of the households of a site; None where it has no households that stand somewhere."""
    if not site.has("households"):
        return None
    origins = origins_from_site(site)
    shapes = np.array(origins.geometry.to_numpy(), dtype=object)
    drawn = ~(pd.isna(shapes) | shapely.is_empty(shapes))
    if not drawn.any():
        return None
    number, _ = pd.factorize(np.asarray(shapely.to_wkb(shapes[drawn]), dtype=object))
    first = np.unique(number, return_index=True)[1]
    doors = shapes[drawn][first]
    told = "elderly" in origins
    elderly = np.nan_to_num(origins["elderly"].to_numpy(float)) if told else np.zeros(len(origins))
    estates = origins["estate_id"].to_numpy(object) if "estate_id" in origins else np.full(len(origins), None)
    return Homes(
        doors=doors,
        households=np.bincount(number, minlength=len(doors)).astype(float),
        elderly=np.asarray(np.bincount(number, weights=elderly[drawn], minlength=len(doors)), dtype=float),
        elderly_known=told and bool(origins["elderly"].notna().any()),
        community=inside(shapely.point_on_surface(doors), shapes_of(site, "communities")),
        estate=[None if pd.isna(e) else str(e) for e in estates[drawn][first]],
    )


def gates_of(site: Site, *, main: bool = True) -> gpd.GeoDataFrame:
    """Return the gates of a site.

    Raises
    ------
    MissingLayerError
        If it has none.
    """
    entrances = site.layer("entrances")
    gates = entrances[entrances["kind"] == "gate"]
    if main:
        is_main = (
            gates["main"].fillna(value=False).astype(bool)
            if "main" in gates
            else pd.Series(data=False, index=gates.index)
        )
        gates = gates[is_main]
    gates = gates[~(gates.geometry.isna() | gates.geometry.is_empty)]
    if gates.empty:
        raise MissingLayerError(Message("rooms.no_main_gate" if main else "rooms.no_gate", site=site.name))
    return gates.reset_index(drop=True)


def walk_to_gates(
    site: Site, rooms: gpd.GeoDataFrame, *, network: WalkNetwork | None = None, main: bool = True
) -> Floats:
    """Measure how far rooms are from the nearest gate, on foot.

    A room is entered by the doors of its building, or where there are none by the nearest point of the
    building's outline; a room without a building by its own shape.

    Parameters
    ----------
    site : Site
        With ``entrances`` and ``walkways``.
    rooms : geopandas.GeoDataFrame
        Rooms of the site.
    network : WalkNetwork, optional
        The walking network, when there is one already.
    main : bool, default True
        Count main gates only.

    Returns
    -------
    array of float
        Metres along the network, one for each room; NaN where no gate is reached.

    Raises
    ------
    MissingLayerError
        If the site has no such gate.
    """
    gates = gates_of(site, main=main)
    network = network if network is not None else WalkNetwork.from_site(site)
    doors = room_doors(site, rooms, site.layer("entrances"))
    metres: Floats = metres_to_gates(network, doors, gates, [None])[0]
    return metres


def metres_to_gates(
    network: WalkNetwork,
    doors: NDArray[np.object_],
    gates: gpd.GeoDataFrame,
    areas: Sequence[shapely.Geometry | None],
) -> Floats:
    """Measure how far places are from the nearest gate of each area, on foot.

    Parameters
    ----------
    network : WalkNetwork
        The walking network.
    doors : array of Geometry
        Where each place is entered.
    gates : geopandas.GeoDataFrame
        The gates.
    areas : list of Polygon or None
        Whose gates count, those within 2 m; None: all of them.

    Returns
    -------
    array of float
        Metres, areas by places; NaN where no gate is reached.
    """
    from plan.network.kernel import nearest  # noqa: PLC0415 - scipy, loaded where a search begins

    points = np.array(gates.geometry.array, dtype=object)
    of_area = [
        np.ones(len(points), dtype=bool) if area is None else shapely.dwithin(points, area, _ON_OUTLINE_M)
        for area in areas
    ]
    metres = np.full((len(areas), len(doors)), np.nan)
    with_gates = [a for a, mine in enumerate(of_area) if mine.any()]
    if with_gates:
        # A gate on the border of two areas is a gate of both.
        rows = [np.flatnonzero(of_area[a]) for a in with_gates]
        groups = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
        # One metre a minute: the minutes of the search are metres.
        found = nearest(
            network.timed(1.0), network.snap(doors), network.snap(points[np.concatenate(rows)]), groups, max_min=math.inf
        )  # fmt: skip
        for area, times in zip(with_gates, found, strict=True):
            metres[area] = times.minutes
    return metres


def minutes_to_rooms(
    network: WalkNetwork, homes: Homes, doors: NDArray[np.object_], *, profile: str | None
) -> Floats:
    """Measure how long people walk to each room; private ways are walked by those who live there only.

    Parameters
    ----------
    network : WalkNetwork
        The walking network.
    homes : Homes
        Where people leave their homes.
    doors : array of Geometry
        Where each room is entered.
    profile : str or None
        Who walks; None: nobody's speed is known, and the minutes are metres.

    Returns
    -------
    array of float
        Minutes, homes by rooms; NaN where a room is not reached.
    """
    if not len(doors):
        return np.zeros((len(homes.doors), 0))
    crs = network.crs
    # Each room is a category of its own; names of one length sort as their numbers.
    rooms = gpd.GeoDataFrame({"category": [f"{n:09d}" for n in range(len(doors))]}, geometry=doors, crs=crs)
    places = gpd.GeoDataFrame({"estate_id": homes.estate}, geometry=homes.doors, crs=crs)
    pace = 1.0 if profile is None else network.pace(profile)
    found = search(network, places, rooms, m_per_min=pace, bound=math.inf, snap_limit_m=SNAP_LIMIT_M)
    return np.column_stack([times.minutes for times in found.found])


def room_doors(site: Site, rooms: gpd.GeoDataFrame, entrances: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return where rooms are entered: the doors of their building, else its outline, else their own shape."""
    buildings = rooms["building_id"].tolist() if "building_id" in rooms else [None] * len(rooms)
    houses = site.layers["buildings"] if site.has("buildings") else {"building_id": (), "geometry": ()}
    outlines = dict(zip(houses["building_id"], houses["geometry"], strict=True))
    doors: dict[str, Any] = {}
    if "building_id" in entrances:
        known = entrances[entrances["building_id"].isin(set(buildings)) & entrances.geometry.notna()]
        doors = {
            building: shapely.MultiPoint(list(points))
            for building, points in known.geometry.groupby(known["building_id"])
        }
    places = [
        doors.get(building, outlines.get(building, shape))
        for building, shape in zip(buildings, rooms.geometry, strict=True)
    ]
    return np.array(places, dtype=object)
