"""Doors, each once: all households of a stairwell walk the same ways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.network.kernel import NearestTimes
from plan.network.search import Search, geometries, search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.network.graph import WalkNetwork

__all__ = ["Doors"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doors:
    """The different doors of some households."""

    frame: gpd.GeoDataFrame  # geometry, in the network's reference system
    number: NDArray[np.int64]  # for each household its door

    @classmethod
    def of(cls, origins: gpd.GeoDataFrame, network: WalkNetwork) -> Doors:
        """Find the doors of households."""
        shapes = geometries(origins, network)
        number, _ = pd.factorize(np.asarray(shapely.to_wkb(shapes), dtype=object), use_na_sentinel=False)
        first = np.unique(number, return_index=True)[1]
        crs = network.crs if network.crs is not None else getattr(origins, "crs", None)
        frame = gpd.GeoDataFrame(geometry=shapes[first], crs=crs)
        if "estate_id" in getattr(origins, "columns", ()):  # whose private ways they may walk
            frame["estate_id"] = origins["estate_id"].to_numpy(dtype=object)[first]
        return cls(frame=frame, number=np.asarray(number, dtype=np.int64))

    def sum(self, people: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up by door what is counted by household."""
        return np.asarray(np.bincount(self.number, weights=people, minlength=len(self.frame)), dtype=float)

    def search(self, network: WalkNetwork, facilities: gpd.GeoDataFrame, **given: Any) -> Search:  # noqa: ANN401 - as in search
        """Search from each door once, and return what was found for each household; the index counts them."""
        found = search(network, self.frame, facilities, **given)
        return replace(
            found,
            index=pd.RangeIndex(len(self.number)),
            found=[
                NearestTimes(minutes=one.minutes[self.number], target=one.target[self.number])
                for one in found.found
            ],
            unsnapped_origins=found.unsnapped_origins[self.number],
        )
