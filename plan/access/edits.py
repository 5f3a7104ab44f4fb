"""Edits of a site's walking world as values: each takes a site and returns another.

A gate opened in a wall, a gate closed, a path or a crossing added, a way closed, a facility opened or
closed. Nothing is changed in place, so that the site before is still there to be compared with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.openings import WAY_REACH_M, Ground, connections
from plan.errors import UsageError
from plan.messages import Message
from plan.network.graph import WalkNetwork
from plan.schema import LAYERS
from plan.site import Site

__all__ = [
    "appended",
    "with_facility",
    "with_facility_closed",
    "with_gate",
    "with_gate_closed",
    "with_path",
    "with_way_closed",
]

# Metres between a point and a barrier within which the point means a place in the barrier.
ON_BARRIER_M: Final = 1.0
_CLOSED: Final = "no"  # `access` of what nobody may walk through


def with_gate(
    site: Site,
    point: shapely.Point,
    barrier_id: str | None = None,
    *,
    gate_id: str | None = None,
    ways: gpd.GeoDataFrame | None = None,
    reach_m: float = WAY_REACH_M,
    network: WalkNetwork | None = None,
) -> Site:
    """Open a gate in a wall, and join it to the nearest walkways on both sides.

    Parameters
    ----------
    site : Site
        With ``barriers`` and ``walkways``.
    point : Point
        Where, within 1 m of the barrier; metres, in the site's reference system.
    barrier_id : str, optional
        The barrier; the nearest one where none is named.
    gate_id : str, optional
        The id of the new entrance; the first free one of ``NEW-GATE-1`` … where none is given.
    ways : GeoDataFrame, optional
        Walkways that lead to it, to be taken instead of the straight ones; without rows none is added.
    reach_m : float, default 50
        Metres of the straight ways, at most.
    network : WalkNetwork, optional
        The network of the site, when there is one already.

    Returns
    -------
    Site
        With one more entrance of kind ``gate``, and walkways of kind ``path``.

    Raises
    ------
    UsageError
        If there is no such barrier at the point, or no walkway can be reached straight on one side of it.
    MissingLayerError
        If the site has no barriers or no walkways.
    """
    wall, name = _barrier_at(site, point, barrier_id)
    spot = shapely.line_interpolate_point(wall, shapely.line_locate_point(wall, point))
    new_id = gate_id or _free_id(site, "entrances", "NEW-GATE")
    if ways is None:
        ground = Ground.of(network or WalkNetwork.from_site(site))
        found = connections(ground, spot, wall, reach_m=reach_m)
        if found.reason is not None:
            raise UsageError(Message("gates.no_gate_here", barrier=name, why=found.reason))
        ways = found.walkways(new_id, site.crs)
    row = {"entrance_id": new_id, "kind": "gate", "main": False, "barrier_id": name}
    opened = site.with_layer("entrances", appended(site, "entrances", [row], [spot]))
    if ways.empty:
        return opened
    return opened.with_layer("walkways", _with_rows(opened, "walkways", ways))


def with_gate_closed(site: Site, gate_id: str) -> Site:
    """Close a gate for everybody, such as one that is locked at night.

    Parameters
    ----------
    site : Site
        With ``entrances``.
    gate_id : str
        An entrance.

    Returns
    -------
    Site
        In which its ``access`` is ``no``.

    Raises
    ------
    UsageError
        If there is no such entrance.
    """
    return _closed(site, "entrances", gate_id)


def with_path(
    site: Site, line: shapely.LineString, kind: str = "path", *, way_id: str | None = None, **columns: object
) -> Site:
    """Add a walkway. It meets the others where it shares a vertex, and where its ends touch them.

    Parameters
    ----------
    site : Site
        The site.
    line : LineString
        In metres, in the site's reference system.
    kind : str, default "path"
        A kind of walkway: street, path, steps, crossing, elevator or corridor.
    way_id : str, optional
        Its id; the first free one of ``NEW-WAY-1`` … where none is given.
    **columns
        More columns, such as ``slope`` or ``oneway``.

    Returns
    -------
    Site
        With one more walkway.

    Raises
    ------
    UsageError
        If it is no line.
    InputError
        If the row does not fit the contract.
    """
    if shapely.get_type_id(line) != shapely.GeometryType.LINESTRING or shapely.is_empty(line):
        raise UsageError(Message("gates.not_a_line"))
    row = {"way_id": way_id or _free_id(site, "walkways", "NEW-WAY"), "kind": kind, **columns}
    return site.with_layer("walkways", appended(site, "walkways", [row], [line]))


def with_way_closed(site: Site, way_id: str) -> Site:
    """Close a walkway for everybody.

    Parameters
    ----------
    site : Site
        With ``walkways``.
    way_id : str
        A walkway.

    Returns
    -------
    Site
        In which its ``access`` is ``no``.

    Raises
    ------
    UsageError
        If there is no such walkway.
    """
    return _closed(site, "walkways", way_id)


def with_facility(
    site: Site,
    place: shapely.Geometry,
    category: str,
    *,
    facility_id: str | None = None,
    **columns: object,
) -> Site:
    """Open a facility.

    Parameters
    ----------
    site : Site
        The site.
    place : Point or Polygon
        In metres, in the site's reference system.
    category : str
        One of ``plan.categories.CATEGORIES``.
    facility_id : str, optional
        Its id; the first free one of ``NEW-FACILITY-1`` … where none is given.
    **columns
        More columns, such as ``capacity``.

    Returns
    -------
    Site
        With one more facility.

    Raises
    ------
    InputError
        If the row does not fit the contract.
    """
    new_id = facility_id or _free_id(site, "facilities", "NEW-FACILITY")
    row = {"facility_id": new_id, "category": category, **columns}
    return site.with_layer("facilities", appended(site, "facilities", [row], [place]))


def with_facility_closed(site: Site, facility_id: str) -> Site:
    """Close a facility: its row is taken out.

    Parameters
    ----------
    site : Site
        With ``facilities``.
    facility_id : str
        A facility.

    Returns
    -------
    Site
        Without it.

    Raises
    ------
    UsageError
        If there is no such facility.
    """
    frame = site.layer("facilities")
    here = _row(frame, "facilities", facility_id)
    return site.with_layer("facilities", frame[~here].reset_index(drop=True))


def appended(
    site: Site, name: str, rows: Sequence[Mapping[str, Any]], shapes: Sequence[Any]
) -> gpd.GeoDataFrame:
    """Return a layer of a site with rows at its end; columns that either lacks are empty there.

    Parameters
    ----------
    site : Site
        The site; the layer may be absent.
    name : str
        The layer.
    rows : sequence of mapping
        Columns by name.
    shapes : sequence of Geometry
        One for each row, in the site's reference system.

    Returns
    -------
    GeoDataFrame
        To be given to ``Site.with_layer``.

    Raises
    ------
    UsageError
        If an id is there already.
    """
    old = site.layer(name) if name in site.layers else gpd.GeoDataFrame(geometry=[], crs=site.crs)
    key = LAYERS[name].id_column
    known = set(old[key].astype(str)) if key in old else set()
    for row in rows:
        if str(row[key]) in known:
            raise UsageError(Message("gates.id_taken", layer=name, id=str(row[key])))
    geometry = old.geometry.name
    columns = dict.fromkeys([*(c for c in old.columns if c != geometry), *(c for row in rows for c in row)])
    data = {
        column: pd.Series(
            [*(old[column] if column in old else [None] * len(old)), *(row.get(column) for row in rows)],
            dtype=object,
        )
        for column in columns
    }
    return gpd.GeoDataFrame(data, geometry=[*old.geometry, *shapes], crs=site.crs)


def _with_rows(site: Site, name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).to_dict("records")
    return appended(site, name, [{str(k): v for k, v in row.items()} for row in rows], list(frame.geometry))


def _closed(site: Site, name: str, wanted: str) -> Site:
    frame = site.layer(name)
    here = _row(frame, name, wanted)
    was = (
        frame["access"].astype(object)
        if "access" in frame
        else pd.Series(None, index=frame.index, dtype=object)
    )
    frame["access"] = was.mask(here, _CLOSED)
    return site.with_layer(name, frame)


def _row(frame: gpd.GeoDataFrame, name: str, wanted: str) -> pd.Series[bool]:
    here: pd.Series[bool] = frame[LAYERS[name].id_column].astype(str) == str(wanted)
    if not here.any():
        raise UsageError(Message("gates.no_such_row", layer=name, id=str(wanted)))
    return here


def _free_id(site: Site, name: str, stem: str) -> str:
    known = set(site.layer(name)[LAYERS[name].id_column].astype(str)) if name in site.layers else set()
    return next(f"{stem}-{n}" for n in range(1, len(known) + 2) if f"{stem}-{n}" not in known)


def _barrier_at(site: Site, point: shapely.Point, barrier_id: str | None) -> tuple[shapely.LineString, str]:
    walls = site.layer("barriers").explode(ignore_index=True)
    if barrier_id is not None:
        walls = walls[_row(walls, "barriers", barrier_id)]
    away = shapely.distance(shapely.force_2d(walls.geometry.to_numpy()), point)
    if not (len(away) and np.nanmin(away) <= ON_BARRIER_M):
        raise UsageError(Message("gates.not_on_barrier", tolerance=ON_BARRIER_M))
    nearest = walls.iloc[int(np.nanargmin(away))]
    return shapely.force_2d(nearest.geometry), str(nearest["barrier_id"])
