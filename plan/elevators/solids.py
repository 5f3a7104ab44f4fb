"""What stands and what is added, as prisms of known and unknown height in one order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.elevators.prisms import Floats, Ints, ids_of, numbers_of, usable_outlines
from plan.errors import CrsError, UsageError
from plan.findings import reason
from plan.messages import Message
from plan.site import as_objects

__all__ = ["ADDED", "MAYBE", "MAYBE_ADDED", "STANDS", "Solids", "same_system", "solids_of"]

# Kinds of prisms, as plan.elevators.shade knows them.
STANDS: Final = 0
ADDED: Final = 1
MAYBE: Final = 2
MAYBE_ADDED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solids:
    """Prisms of all kinds: the buildings that have an outline, then the shafts that have one.

    Parameters
    ----------
    shapes : ndarray of object, shape (n,)
        Outlines; of what crosses itself the convex hull.
    tops : ndarray of float, shape (n,)
        Elevations of their tops.
    kinds : ndarray of int, shape (n,)
        ``STANDS``, ``ADDED``, ``MAYBE`` (a building that is not known) or ``MAYBE_ADDED``.
    rows : ndarray of int, shape (n,)
        Where each came from: the position among the buildings, or among the shafts.
    """

    shapes: NDArray[np.object_]
    tops: Floats
    kinds: Ints
    rows: Ints


def same_system(
    buildings: gpd.GeoDataFrame, windows: gpd.GeoDataFrame, shafts: gpd.GeoDataFrame | None
) -> None:
    """Refuse layers that cannot be laid over each other, or lack a column.

    Raises
    ------
    CrsError
        If windows or shafts are in another system than the buildings.
    UsageError
        If a column is missing.
    """
    for name, frame in (("windows", windows), ("elevators", shafts)):
        if frame is not None and len(frame) and frame.crs != buildings.crs:
            raise CrsError(
                Message("sunlight.other_system", layer=name, crs=str(frame.crs), other=str(buildings.crs))
            )
    missing = tuple(name for name in ("sill_m", "bearing_deg") if name not in windows.columns)
    if missing:
        raise UsageError(Message("sunlight.columns", layer="windows", columns=missing))
    if shafts is not None and "building_id" not in shafts.columns:
        raise UsageError(Message("sunlight.columns", layer="elevators", columns=("building_id",)))


def solids_of(
    buildings: gpd.GeoDataFrame,
    table: pd.DataFrame,
    shafts: gpd.GeoDataFrame | None,
    above_eaves_m: float,
    unknown_height_m: float,
) -> tuple[Solids, pd.DataFrame]:
    """Return what stands and what is added, and which of it is not known.

    Parameters
    ----------
    buildings : GeoDataFrame
        Outlines with ``building_id``.
    table : DataFrame
        What :func:`plan.elevators.prisms.storeys` says of them.
    shafts : GeoDataFrame or None
        Outlines with ``building_id``, and ``height_m`` where it is known.
    above_eaves_m : float
        Metres from the eaves to the top of a shaft without a height.
    unknown_height_m : float
        Metres that something of unknown height may be tall.

    Returns
    -------
    solids : Solids
        The prisms.
    unknown : DataFrame
        ``layer``, ``id`` and ``reason`` of what is not known.
    """
    ids = ids_of(buildings, "building_id")
    shapes = np.array(buildings.geometry.array, dtype=object)
    tops = table["top_m"].to_numpy(dtype=float).copy()
    ground = table["ground_m"].to_numpy(dtype=float)
    highest = float(np.nanmax(ground)) if np.isfinite(ground).any() else 0.0
    highest += unknown_height_m
    why = table["reason"].to_numpy()
    vague = np.array([w is not None for w in why], dtype=bool)
    names = [np.full(int(vague.sum()), "buildings", dtype=object)]
    who, whys = [ids[vague]], [why[vague]]
    kinds = np.where(vague, MAYBE, STANDS)
    rows = np.arange(len(buildings))
    if shafts is not None and len(shafts):
        more, theirs = _shaft_tops(
            shafts, pd.Series(tops, index=ids), pd.Series(ground, index=ids), above_eaves_m
        )
        lost = np.array([w is not None for w in theirs], dtype=bool)
        shapes = np.concatenate([shapes, np.array(shafts.geometry.array, dtype=object)])
        tops = np.concatenate([tops, more])
        rows = np.concatenate([rows, np.arange(len(shafts))])
        kinds = np.concatenate([kinds, np.where(lost, MAYBE_ADDED, ADDED)])
        vague = np.concatenate([vague, lost])
        names.append(np.full(int(lost.sum()), "elevators", dtype=object))
        who.append(_shaft_names(shafts)[lost])
        whys.append(theirs[lost])
    tops[vague] = highest
    usable, broken = usable_outlines(shapes)
    shapes[broken] = shapely.convex_hull(shapes[broken])
    unknown = pd.DataFrame({"layer": np.concatenate(names), "id": np.concatenate(who)})
    unknown["reason"] = as_objects(np.concatenate(whys))
    solids = Solids(
        shapes=shapes[usable], tops=tops[usable], kinds=kinds[usable].astype(np.int64), rows=rows[usable]
    )
    return solids, unknown


def _shaft_names(shafts: gpd.GeoDataFrame) -> NDArray[np.object_]:
    for column in ("elevator_id", "shaft_id"):
        if column in shafts.columns:
            return ids_of(shafts, column)
    return np.array([str(i) for i in shafts.index], dtype=object)


def _shaft_tops(
    shafts: gpd.GeoDataFrame, eaves: pd.Series[Any], ground: pd.Series[Any], above_eaves_m: float
) -> tuple[Floats, NDArray[np.object_]]:
    of = shafts["building_id"].astype(str)
    tops = eaves.reindex(of).to_numpy(dtype=float) + above_eaves_m
    if "height_m" in shafts.columns:
        own = numbers_of(shafts, "height_m")
        given = np.isfinite(own) & (own > 0)
        tops = np.where(given, ground.reindex(of).to_numpy(dtype=float) + own, tops)
    usable, broken = usable_outlines(np.array(shafts.geometry.array, dtype=object))
    why = np.full(len(shafts), None, dtype=object)
    names = _shaft_names(shafts)
    for key, code, wrong in (
        ("shaft_height", "missing_data", np.isnan(tops)),
        ("broken_outline", "repaired_geometry", broken),
        ("no_outline", "missing_data", ~usable),
    ):
        for i in np.flatnonzero(wrong):
            why[i] = reason(code, Message(f"sunlight.{key}", id=names[i]))
    return tops, why
