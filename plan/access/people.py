"""Who lives behind a door: households, persons, elderly and children; unknown is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plan.network.doors import PEOPLE

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = ["GROUPS", "People"]

GROUPS: Final = ("households", *PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class People:
    """The groups behind the doors of a frame, counted where they are known."""

    households: NDArray[np.float64]
    known: dict[
        str, NDArray[np.float64]
    ]  # by group, for each door; NaN: not known; groups not known at all are left out

    @classmethod
    def of(cls, origins: gpd.GeoDataFrame) -> People:
        """Read the columns of doors: ``households`` (else each row is one), ``persons``, ``elderly``, ``children``."""
        ones = np.ones(len(origins))
        households = _numbers(origins, "households") if "households" in origins.columns else ones
        known = {"households": households}
        for name in PEOPLE:
            if name in origins.columns and not np.isnan(numbers := _numbers(origins, name)).all():
                known[name] = numbers
        return cls(households=households, known=known)

    def total(self, group: str, where: NDArray[np.bool_] | None = None) -> int | None:
        """Return how many of a group live behind doors; None when none of these doors tells.

        Parameters
        ----------
        group : str
            One of ``GROUPS``.
        where : array of bool, optional
            Which doors; all of them by default. No door at all is nobody.
        """
        if group not in self.known:
            return None
        numbers = self.known[group] if where is None else self.known[group][where]
        told = numbers[~np.isnan(numbers)]
        return int(told.sum()) if len(told) or not len(numbers) else None

    def untold(self, group: str) -> int | None:
        """Return how many households do not say how many of a group they are; None when none of them does."""
        if group not in self.known:
            return None
        return int(self.households[np.isnan(self.known[group])].sum())


def _numbers(origins: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    return np.asarray(origins[name].to_numpy(dtype=float, na_value=np.nan))
