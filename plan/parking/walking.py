"""Walks between homes and stalls, and who gets which stall: a transport problem, solved by a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

from plan.errors import UnavailableError
from plan.messages import Message
from plan.network.queries import Query
from plan.network.search import Asked
from plan.network.snapping import SNAP_LIMIT_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network import WalkNetwork

__all__ = ["assigned", "walks"]


def walks(
    network: WalkNetwork,
    origins: gpd.GeoDataFrame,
    targets: gpd.GeoDataFrame,
    *,
    within_min: float,
    profile: str = "adult",
) -> pd.DataFrame:
    """Return every target that each origin reaches within a time.

    Parameters
    ----------
    network : WalkNetwork
        With its speeds.
    origins, targets : geopandas.GeoDataFrame
        Places by their index.
    within_min : float
        Minutes.
    profile : str, default "adult"
        Who walks.

    Returns
    -------
    DataFrame
        ``origin`` and ``target`` (positions), ``walk_min``.
    """
    if origins.empty or targets.empty:
        return pd.DataFrame({"origin": [], "target": [], "walk_min": []})
    places = gpd.GeoDataFrame(
        {"category": "stall"}, index=targets.index, geometry=targets.geometry, crs=targets.crs
    )
    asked = Asked.of(network, origins, places, bound=within_min, snap_limit_m=SNAP_LIMIT_M)
    found = []
    for edges, here in asked.by_estate(network, origins, network.pace(profile)):
        owner, target, minutes = Query(
            edges, asked.starts, asked.ends, asked.group, max_min=within_min
        ).pairs_within()
        mine = here[owner]
        found.append(pd.DataFrame({"origin": owner[mine], "target": target[mine], "walk_min": minutes[mine]}))
    pairs = pd.concat(found, ignore_index=True)
    return pairs.sort_values(["origin", "walk_min", "target"], kind="stable").reset_index(drop=True)


def assigned(pairs: pd.DataFrame, demand: NDArray[np.int64], supply: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give stalls to those who need them: as many as can be, and then with the least walking together.

    A transport problem; HiGHS solves it, and its answer is whole because the matrix is totally unimodular.

    Parameters
    ----------
    pairs : DataFrame
        ``origin``, ``target`` and ``walk_min``; no other pair may be used.
    demand, supply : array of int
        Stalls that each origin needs, and that each target has.

    Returns
    -------
    array of int
        Stalls for each pair; none is given twice.

    Raises
    ------
    UnavailableError
        If the solver finds no answer.
    """
    count = len(pairs)
    if not count:
        return np.zeros(0, dtype=np.int64)
    origin, target = pairs["origin"].to_numpy(dtype=int), pairs["target"].to_numpy(dtype=int)
    cost = pairs["walk_min"].to_numpy(dtype=float)
    # One more car parked is worth more than any walk that it makes longer.
    gain = (float(cost.max()) + 1.0) * (min(len(demand), len(supply)) + 1)
    ones = np.ones(count)
    rows = np.concatenate([origin, len(demand) + target])
    columns = np.concatenate([np.arange(count), np.arange(count)])
    limits = coo_matrix(
        (np.concatenate([ones, ones]), (rows, columns)), shape=(len(demand) + len(supply), count)
    ).tocsr()
    solved = linprog(
        cost - gain, A_ub=limits, b_ub=np.concatenate([demand, supply]), bounds=(0, None), method="highs-ds"
    )
    if solved.x is None:
        raise UnavailableError(Message("stalls.not_solved", why=str(solved.message)))
    given: NDArray[np.int64] = np.rint(solved.x).astype(np.int64)
    return given
