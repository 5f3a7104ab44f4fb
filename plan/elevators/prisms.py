"""Buildings as upright prisms: their real outlines, ground, storeys and tops, and which of them are not known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from plan.errors import UsageError
from plan.findings import reason
from plan.messages import Message
from plan.site import as_objects

__all__ = ["Edges", "edges_of", "ids_of", "numbers_of", "storeys", "usable_outlines"]

_LEAST_AREA_M2: Final = 1e-6  # below it an outline has collapsed
_LEAST_STOREY_M: Final = (
    2.0  # lower than any storey that people live in: height and floors contradict each other
)
_TALLEST_M: Final = 1000.0  # taller than any building
_SHOWN: Final = 10  # ids that a message lists

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """The walls of prisms, with the solid on the left of each.

    Parameters
    ----------
    start : ndarray of int, shape (prisms + 1,)
        Where the edges of each prism begin.
    x0, y0, x1, y1 : ndarray of float, shape (edges,)
        Ends of the edges in metres.
    ring : ndarray of int, shape (edges,)
        Which ring an edge is of; edges of a ring follow each other.
    """

    start: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    ring: Ints


def ids_of(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    """Return the ids of rows as text: of the column, or of the index where there is no such column.

    Raises
    ------
    UsageError
        If two rows have one id, which would leave open what a proposal belongs to.
    """
    values = frame[column] if column in frame.columns else frame.index.to_series()
    ids = np.array([str(value) for value in values], dtype=object)
    named, counts = np.unique(ids.astype(str), return_counts=True)
    if (counts > 1).any():
        twice = tuple(named[counts > 1][:_SHOWN].tolist())
        raise UsageError(Message("sunlight.same_id", column=column, ids=twice))
    return ids


def usable_outlines(shapes: Shapes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which shapes have an outline with an area, and which of those are not valid.

    Parameters
    ----------
    shapes : ndarray of object, shape (n,)
        Geometries or None.

    Returns
    -------
    usable, broken : ndarray of bool, shape (n,)
        Broken ones cross themselves: where they stand is known, what they enclose is not.
    """
    polygonal = np.isin(shapely.get_type_id(shapes), (3, 6))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    seen = polygonal & finite
    hulls = np.full(len(shapes), None, dtype=object)
    hulls[seen] = shapely.convex_hull(shapes[seen])
    usable = seen & (np.nan_to_num(shapely.area(hulls)) >= _LEAST_AREA_M2)
    valid = np.zeros(len(shapes), dtype=bool)
    valid[usable] = shapely.is_valid(shapes[usable]) & (shapely.area(shapes[usable]) >= _LEAST_AREA_M2)
    return usable, usable & ~valid


def storeys(
    buildings: gpd.GeoDataFrame, *, storey_m: float, ground_m: pd.Series[Any] | None = None
) -> pd.DataFrame:
    """Return ground, floors, storey and top of buildings, or why they cannot be told.

    A height or a number of floors that is missing, zero, negative or infinite counts as not given. Where both
    are given a storey is the height over the floors; where one is, the other follows from ``storey_m``.

    Parameters
    ----------
    buildings : GeoDataFrame
        With ``floors``, ``height_m`` or both.
    storey_m : float
        Metres from floor to floor where only one of them is given.
    ground_m : Series, optional
        Elevation of the ground by the index of ``buildings``, in metres; without it the ground is level at 0.

    Returns
    -------
    DataFrame
        By the index of ``buildings``: ``ground_m``, ``floors``, ``storey_m``, ``top_m`` (NaN where unknown) and
        ``reason`` (None, or a message).

    Raises
    ------
    UsageError
        If ``storey_m`` is not positive.
    """
    if not (math.isfinite(storey_m) and storey_m > 0):
        raise UsageError(Message("sunlight.not_positive", name="storey_m", value=storey_m))
    height = _given(buildings, "height_m")
    floors = np.floor(_given(buildings, "floors"))
    floors[floors < 1] = np.nan
    ground = np.zeros(len(buildings))
    if ground_m is not None:
        same = ground_m.index.equals(buildings.index)
        ground = numbers_of(
            (ground_m if same else ground_m.reindex(buildings.index)).to_frame("ground_m"), "ground_m"
        )
    ground[~np.isfinite(ground)] = np.nan
    no_floors = np.isnan(floors) & ~np.isnan(height)
    floors[no_floors] = np.maximum(1.0, np.floor(height[no_floors] / storey_m + 0.5))
    no_height = np.isnan(height) & ~np.isnan(floors)
    height[no_height] = floors[no_height] * storey_m
    each = height / floors
    usable, broken = usable_outlines(np.array(buildings.geometry.array, dtype=object))
    why = np.full(len(buildings), None, dtype=object)
    ids = ids_of(buildings, "building_id")
    # The last word counts: what is worst comes last.
    for key, code, wrong in (
        ("contradiction", "missing_data", (each < _LEAST_STOREY_M) | (height > _TALLEST_M)),
        ("no_ground", "missing_data", np.isnan(ground)),
        ("no_height", "missing_data", np.isnan(height)),
        ("broken_outline", "repaired_geometry", broken),
        ("no_outline", "missing_data", ~usable),
    ):
        for i in np.flatnonzero(wrong):
            why[i] = reason(code, Message(f"sunlight.{key}", id=ids[i]))
    known = np.array([w is None for w in why], dtype=bool)
    table = pd.DataFrame(
        {
            "ground_m": ground,
            "floors": np.where(known, floors, np.nan),
            "storey_m": np.where(known, each, np.nan),
            "top_m": np.where(known, ground + height, np.nan),
        }
    )
    table["reason"] = as_objects(why)
    return table.set_axis(buildings.index)


def numbers_of(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers, NaN for what is none; all NaN where there is no such column."""
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[column], errors="coerce").astype("Float64")
    return np.array(values.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)


def _given(frame: pd.DataFrame, column: str) -> Floats:
    numbers = numbers_of(frame, column)
    numbers[~(np.isfinite(numbers) & (numbers > 0))] = np.nan
    return numbers


def edges_of(shapes: Shapes) -> Edges:
    """Return the edges of polygons, outer rings anticlockwise and courtyards clockwise.

    Parameters
    ----------
    shapes : ndarray of object, shape (n,)
        Valid Polygons and MultiPolygons.

    Returns
    -------
    Edges
        Of all rings, without edges of no length.
    """
    parts, shape_of = shapely.get_parts(shapely.orient_polygons(shapes), return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = (ring[1:] == ring[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    a, b, ring = xy[:-1][same], xy[1:][same], ring[:-1][same]
    owner = shape_of[part_of[ring]] if len(ring) else np.zeros(0, dtype=np.int64)
    start = np.searchsorted(owner, np.arange(len(shapes) + 1)).astype(np.int64)
    return Edges(start=start, x0=a[:, 0], y0=a[:, 1], x1=b[:, 0], y1=b[:, 1], ring=ring.astype(np.int64))
