"""Places for people: how much capacity is within reach of each door, shared by all who reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from plan.network.kernel import TOLERANCE_MIN
from plan.network.search import search

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from plan.access.doors import Doors
    from plan.network.graph import WalkNetwork
    from plan.network.speed import Pace

__all__ = ["places_per_person", "two_step_catchment"]


def two_step_catchment(
    within: NDArray[np.bool_], capacity: NDArray[np.float64], people: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the places for each person at each door: the two-step floating catchment area method.

    First the ratio of each facility, ``R_j = S_j / sum of P_k over doors k within the limit``; then for each door
    ``A_i = sum of R_j over facilities j within the limit``. The places that are reached at all are shared out
    without rest: the sum of ``P_i A_i`` is the capacity of the facilities that somebody reaches.

    Parameters
    ----------
    within : array of bool
        Doors by facilities: within the limit.
    capacity : array of float
        Places ``S`` of each facility.
    people : array of float
        People ``P`` behind each door.

    Returns
    -------
    array of float
        Places per person for each door, ``A``.

    References
    ----------
    W. Luo and F. Wang, Measures of spatial accessibility to health care in a GIS environment: synthesis and a
    case study in the Chicago region, Environment and Planning B 30 (2003) 865-884.
    """
    reach = within.astype(float)
    demand = people @ reach
    ratio = np.divide(capacity, demand, out=np.zeros(len(capacity)), where=demand > 0)
    shared: NDArray[np.float64] = reach @ ratio
    return shared


def places_per_person(
    network: WalkNetwork,
    doors: Doors,
    facilities: gpd.GeoDataFrame,
    *,
    persons: NDArray[np.float64] | None,
    limits: Mapping[str, float],
    m_per_min: float | Pace,
    snap_limit_m: float,
) -> pd.DataFrame:
    """Return the places per person of each household, for the categories of which it can be told.

    Parameters
    ----------
    network, snap_limit_m
        As in :func:`plan.access.walk_times`.
    doors : Doors
        The doors of the households.
    facilities : GeoDataFrame
        With ``category``, and ``capacity`` where it is known.
    persons : array of float or None
        Persons of each household; None, or NaN of any: nothing can be told, because others may want the same places.
    limits : mapping of str to float
        Minutes within which a category counts as reached.
    m_per_min : float or Pace
        Walking speed, metres per minute.

    Returns
    -------
    DataFrame
        One row for each household, one column for each category all of whose facilities have a capacity.
    """
    places = pd.DataFrame(index=pd.RangeIndex(len(doors.number)))
    if persons is None or np.isnan(persons).any() or "capacity" not in facilities.columns:
        return places
    category = facilities["category"].astype(str).to_numpy(dtype=object)
    capacity = facilities["capacity"].to_numpy(dtype=float, na_value=np.nan)
    told = [name for name in sorted(set(category)) if not np.isnan(capacity[category == name]).any()]
    rows = np.flatnonzero(np.isin(category, told))
    if not len(rows):
        return places
    # Each facility is a category of its own: all within the limit are asked for, not the nearest.
    order = [f"{row:09d}" for row in rows]
    walked = search(
        network,
        doors.frame,
        facilities.iloc[rows].assign(category=order),
        m_per_min=m_per_min,
        bound=max(limits[name] for name in told) + TOLERANCE_MIN,
        snap_limit_m=snap_limit_m,
    ).table()[order]
    people = doors.sum(persons)
    for name in told:
        those = category[rows] == name
        within = (walked.to_numpy()[:, those] <= limits[name] + TOLERANCE_MIN).astype(bool)
        places[name] = two_step_catchment(within, capacity[rows][those], people)[doors.number]
    return places
