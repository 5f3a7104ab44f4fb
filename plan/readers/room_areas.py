"""How large rooms can be at least, where what is declared and what is drawn contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

__all__ = ["DIFFERENCE_M2", "DIFFERENCE_SHARE", "LARGER", "crowded_storeys", "least_areas", "numbers_of"]

LARGER: Final = 1.02  # times the footprint: outlines are drawn along different sides of the wall
# By which a declared area may differ from the drawn one: rooms are drawn along one side of the wall or the other.
DIFFERENCE_SHARE: Final = 0.1
DIFFERENCE_M2: Final = 1.0


def least_areas(
    rooms: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    *,
    distrusted: Collection[object] = (),
    distrusted_buildings: Collection[object] = (),
) -> NDArray[np.float64]:
    """Return the area that each room has whatever is right: the one declared, the one drawn, or what its storey holds.

    Parameters
    ----------
    rooms, buildings : GeoDataFrame
        Layers of the contract, in metres; ``buildings`` None where there is none.
    distrusted, distrusted_buildings : collection of ids
        Rows whose shapes were mended and say nothing.

    Returns
    -------
    array of shape (rooms,)
        Square metres; not a number where none is declared. It is the declared area where nothing contradicts it.
    """
    declared = numbers_of(rooms, "area_m2")
    shapes = np.asarray(rooms.geometry.array, dtype=object).copy()
    shapes[rooms["room_id"].isin(list(distrusted)).to_numpy(dtype=bool)] = None
    drawn = shapely.area(shapes)
    larger = (drawn > 0) & (declared - drawn > np.maximum(DIFFERENCE_SHARE * drawn, DIFFERENCE_M2))
    least = np.where(larger, drawn, declared)
    if buildings is None or not {"building_id", "floor"} <= set(rooms.columns):
        return np.asarray(least, dtype=float)
    sound = buildings[~buildings["building_id"].isin(list(distrusted_buildings))]
    for rows, footprint in crowded_storeys(rooms, least, _footprints_of(rooms, sound)):
        least[rows] *= footprint / least[rows].sum()
    return np.asarray(least, dtype=float)


def _footprints_of(rooms: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return for each room the area of the outline of the building that it names; not a number where there is none."""
    area = pd.Series(shapely.area(np.asarray(buildings.geometry.array, dtype=object)))
    known = area.groupby(buildings["building_id"].to_numpy(dtype=object)).first()
    found = rooms["building_id"].map(known).to_numpy(dtype=float, na_value=np.nan)
    return np.where(found > 0, found, np.nan)


def crowded_storeys(
    rooms: gpd.GeoDataFrame, areas: NDArray[np.float64], footprints: NDArray[np.float64]
) -> list[tuple[NDArray[np.int64], float]]:
    """Return the rooms of each storey on which they have more area together than its building has, and that area."""
    frame = pd.DataFrame(
        {"building": rooms["building_id"].to_numpy(dtype=object), "floor": numbers_of(rooms, "floor")}
    )
    counted = np.isfinite(areas) & np.isfinite(footprints)
    if "state" in rooms.columns:  # proposals that nobody has made are alternatives
        counted &= rooms["state"].ne("candidate").fillna(value=True).to_numpy(dtype=bool)
    crowded = []
    for rows in frame[counted].groupby(["building", "floor"], sort=True).indices.values():
        at = np.flatnonzero(counted)[rows]
        if areas[at].sum() > footprints[at[0]] * LARGER:
            crowded.append((at, float(footprints[at[0]])))
    return crowded


def numbers_of(frame: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """Return a column as numbers, a row each; not a number where a cell is none, or where there is no such column."""
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan))
