"""Where people set out and arrive on the walking network of a site: each place is taken to it once, for all rules."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np

from plan.access import facilities_from_site, origins_from_site
from plan.categories import category_of
from plan.network import WalkNetwork
from plan.network.kernel import nearest
from plan.network.search import geometries, search
from plan.network.snapping import SNAP_LIMIT_M
from plan.site import Site

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from plan.network.snapping import Snapped
    from plan.network.speed import Pace

__all__ = ["Walks", "metres_between"]


# Not slotted: what is derived is kept where it was derived.
@dataclass(frozen=True, kw_only=True, eq=False)
class Walks:
    """The walking network of a site, and where its households, facilities and gates touch it."""

    site: Site
    network: WalkNetwork
    _gates: dict[bool, Snapped] = field(default_factory=dict, init=False, repr=False)
    _metres: dict[bool, NDArray[np.float64]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def edges(self) -> gpd.GeoDataFrame:
        """The edges of the network."""
        return self.network.edges

    @cached_property
    def origins(self) -> gpd.GeoDataFrame:
        """The doors of the households, by household_id; only where there are households."""
        return origins_from_site(self.site)

    @cached_property
    def doors(self) -> Snapped:
        """Where the doors of the households touch the network."""
        return self.network.snap(geometries(self.origins, self.network))

    @cached_property
    def facilities(self) -> gpd.GeoDataFrame:
        """The facilities that have a category, by our name where we know it; only where there is such a column."""
        facilities = facilities_from_site(self.site)
        facilities["category"] = [category_of(c) or c for c in facilities["category"]]
        return facilities

    @cached_property
    def entries(self) -> Snapped:
        """Where the facilities touch the network."""
        return self.network.snap(geometries(self.facilities, self.network))

    def to_facilities(self, rows: NDArray[np.int64], *, pace: float | Pace, bound: float) -> pd.DataFrame:
        """Return the minutes from each household to the nearest of some facilities of each category.

        Parameters
        ----------
        rows : array of int
            Positions of the facilities.
        pace : float or Pace
            Of those who walk; at 1 metre a minute the minutes are metres.
        bound : float
            Minutes beyond which nothing is reached.

        Returns
        -------
        DataFrame
            As :func:`plan.access.walk_times`.
        """
        found = search(
            self.network,
            self.origins,
            self.facilities.iloc[rows],
            m_per_min=pace,
            bound=bound,
            snap_limit_m=SNAP_LIMIT_M,
            starts=self.doors,
            ends=self.entries.of(rows),
        )
        return found.table()

    def gates(self, *, main: bool) -> Snapped:
        """Return where the gates, or the main gates, touch the network; only where there are entrances."""
        if main not in self._gates:
            entrances = self.site.layers["entrances"]
            gates = entrances[(entrances["kind"] == "gate") & entrances.geometry.notna()]
            if main:
                gates = gates[gates["main"].fillna(value=False).astype(bool)]
            self._gates[main] = self.network.snap(np.asarray(gates.geometry.to_numpy(), dtype=object))
        return self._gates[main]

    def metres_to_gates(self, *, main: bool) -> NDArray[np.float64]:
        """Return the metres from each facility to the nearest gate; NaN without a way."""
        if main not in self._metres:
            self._metres[main] = metres_between(self.network, self.entries, self.gates(main=main))
        return self._metres[main]


def metres_between(network: WalkNetwork, places: Snapped, targets: Snapped) -> NDArray[np.float64]:
    """Return the metres walked from each place to the nearest target; NaN without a way."""
    if not targets.count:
        return np.full(places.count, np.nan)
    groups = np.zeros(targets.count, dtype=np.int64)
    # One metre a minute: the minutes of the search are metres.
    (found,) = nearest(network.timed(1.0), places, targets, groups, max_min=math.inf)
    return found.minutes
