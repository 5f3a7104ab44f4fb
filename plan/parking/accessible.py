"""Accessible stalls among those proposed: each with a wheelchair aisle at its side, nearest to a door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.parking.demand import stall_shares

if TYPE_CHECKING:
    from plan.parking.estate import Estate

__all__ = ["with_accessible"]

_ADJACENT_M: Final = 0.05
_KIND: Final = "accessible"


def with_accessible(proposed: gpd.GeoDataFrame, estate: Estate, *, total: int) -> gpd.GeoDataFrame:
    """Make as many proposed stalls accessible as the pack asks for.

    A stall beside another becomes accessible, and the ground of the other its wheelchair aisle: wider than the aisle
    asked for (GB 55019, 2.9.2: 1.2 m), and marked with no stall. Two accessible stalls share an aisle where they can.

    Parameters
    ----------
    proposed : geopandas.GeoDataFrame
        Proposed stalls with ``aisle_id``.
    estate : Estate
        Its pack says how many; its doors are where they should be.
    total : int
        Stalls of the estate.

    Returns
    -------
    geopandas.GeoDataFrame
        The same with kind ``accessible``, fewer by the wheelchair aisles; as it was where no stall has a neighbour.
    """
    shares = stall_shares(estate.pack, total)
    there = int((estate.existing["kind"].astype(str).str.casefold() == _KIND).sum())
    wanted = (shares.accessible or 0) - there
    aisle = shares.side_aisle_m or 0.0
    if wanted <= 0 or proposed.empty:
        return proposed
    frame = proposed.reset_index(drop=True)
    shapes = frame.geometry.to_numpy()
    square = (frame["angle_deg"].astype(float) > 0).to_numpy()
    if "tiers" in frame:
        square = square & ~(frame["tiers"].astype(float) > 1).to_numpy()  # no column of a stacker
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_ADJACENT_M)
    homes = frame["aisle_id"].to_numpy()
    beside = shapely.length(
        shapely.intersection(shapely.boundary(shapes[a]), shapely.buffer(shapes[b], _ADJACENT_M))
    )
    near = (a != b) & (homes[a] == homes[b]) & square[a] & square[b] & (beside > 2.0)  # noqa: PLR2004 - a long side
    neighbours: dict[int, list[int]] = {}
    for one, other in zip(a[near].tolist(), b[near].tolist(), strict=True):
        neighbours.setdefault(one, []).append(other)
    doors = shapely.union_all(_doors(estate))
    away = shapely.distance(shapes, doors) if not doors.is_empty else np.zeros(len(shapes))
    kinds = frame["kind"].to_numpy(dtype=object).copy()
    gone: set[int] = set()
    for stall in sorted(neighbours, key=lambda i: (round(float(away[i]), 3), i)):
        if wanted <= 0:
            break
        if stall in gone or kinds[stall] == _KIND:
            continue
        ground = next((o for o in neighbours[stall] if o not in gone and kinds[o] != _KIND), None)
        if ground is None or shapely.area(shapes[ground]) / 5 < aisle:
            continue
        gone.add(ground)
        kinds[stall] = _KIND
        wanted -= 1
        other = next((o for o in neighbours.get(ground, []) if o != stall and o not in gone), None)
        if wanted > 0 and other is not None and kinds[other] != _KIND:
            kinds[other] = _KIND
            wanted -= 1
    return frame.assign(kind=kinds)[~frame.index.isin(gone)].reset_index(drop=True)


def _doors(estate: Estate) -> list[shapely.Geometry]:
    if not estate.site.has("entrances"):
        return []
    entrances = estate.site.layer("entrances")
    return [g for g in entrances.geometry[entrances["kind"] != "gate"] if g is not None]
