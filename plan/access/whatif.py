"""What if: the walk times of a site after an edit, from those before.

Three ways, each exact: where facilities were opened or closed, the categories concerned are walked again;
where ways and gates were only added, searches run from their ends (:mod:`plan.access.repair`); anything
else, such as a gate that is closed, builds the network anew and keeps the doors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.access.repair import Base, Builder, minutes_with
from plan.access.times import default_speeds, paces, walk_times
from plan.network.doors import ON_OUTLINE_M, facilities_from_site, origins_from_site
from plan.network.graph import WalkNetwork
from plan.network.kernel import TOLERANCE_MIN
from plan.rules import RulePack
from plan.site import Site

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Change", "Doors", "WhatIf", "builder"]

# What of a layer decides walk times, beside the geometry; every column where none is named.
_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "parcels": ("parcel_id", "estate_id"),
    "buildings": ("building_id", "estate_id"),
    "households": ("household_id", "building_id", "stairwell_id"),
    "entrances": ("entrance_id", "kind", "building_id", "stairwell_id", "access", "opens", "closes"),
    "facilities": ("facility_id", "category"),
    "barriers": ("barrier_id", "kind"),
    "walkways": (),
}
_HOMES: Final = ("parcels", "buildings", "households")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """Minutes before and after an edit: households by categories, NaN where not reached."""

    before: pd.DataFrame
    after: pd.DataFrame
    route: str  # how it was computed: "same", "facilities", "added" or "anew"

    def saved(self, *, cap_min: float) -> pd.DataFrame:
        """Return the minutes saved.

        Parameters
        ----------
        cap_min : float
            Minutes as which a longer way, or none, counts.

        Returns
        -------
        DataFrame
            Households by categories, minutes; negative where a way became longer.
        """
        return self.before.fillna(np.inf).clip(upper=cap_min) - self.after.fillna(np.inf).clip(upper=cap_min)

    def gained(self, limits: Mapping[str, float]) -> pd.DataFrame:
        """Return which households are newly within the limits.

        Parameters
        ----------
        limits : mapping of str to float
            Minutes by category.

        Returns
        -------
        DataFrame
            Households by the categories of `limits`, boolean.
        """
        names = [name for name in self.after.columns if name in limits]
        limit = np.array([limits[name] for name in names]) + TOLERANCE_MIN
        return (self.after[names] <= limit) & ~(self.before[names] <= limit)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhatIf:
    """The walk times of a site, ready to be compared with those after edits.

    Make one with :meth:`of`; edit the site with the functions of :mod:`plan.access.edits`.
    """

    site: Site
    base: Base
    minutes: pd.DataFrame  # households by categories, NaN where not reached
    doors: Doors

    @classmethod
    def of(
        cls, site: Site, *, pack: RulePack | None = None, profile: str = "adult", build: Builder | None = None
    ) -> WhatIf:
        """Walk a site as it is.

        Parameters
        ----------
        site : Site
            With ``households``, ``walkways`` and ``facilities``.
        pack : RulePack, optional
            Whose walking speeds are taken; those of the national pack where none is given.
        profile : str, default "adult"
            Who walks.
        build : callable, optional
            Makes the network of a site, where more than the pack's speeds is wanted, such as terrain.

        Returns
        -------
        WhatIf
            The state before.

        Raises
        ------
        MissingLayerError
            If a layer is missing.
        """
        # What is made to be compared again and again is worth the loading of machine code.
        import plan.network.compiled  # noqa: F401, PLC0415

        build = build or builder(pack)
        doors = Doors.of(site)
        network = build(site)
        base = Base.of(
            network,
            doors.parts,
            facilities_from_site(site),
            build=build,
            profile=profile,
            restricted=_restricted_ways(site),
        )
        return cls(site=site, base=base, minutes=doors.table(base.minutes, base.categories), doors=doors)

    def compare(self, edited: Site) -> Change:
        """Return the minutes before and after an edit of the site.

        Parameters
        ----------
        edited : Site
            The site after one or more edits.

        Returns
        -------
        Change
            Equal to walking the edited site from scratch, to 1e-9 minutes.
        """
        new = {name: _appended(self.site, edited, name) for name in _READ}
        touched = {name for name, rows in new.items() if rows is None or len(rows)}
        if not touched:
            return Change(before=self.minutes, after=self.minutes, route="same")
        if touched == {"facilities"}:
            return self._change(self._facilities_of(edited), "facilities")
        ways, gates = new["walkways"], new["entrances"]
        if touched <= {"walkways", "entrances"} and ways is not None and gates is not None:
            added = self._added(ways, gates)
            if added is not None:
                after = self.doors.table(added, self.base.categories)
                return Change(before=self.minutes, after=after, route="added")
        return self._change(self._anew(edited, touched), "anew")

    def _change(self, after: pd.DataFrame, route: str) -> Change:
        columns = sorted({*self.minutes.columns, *after.columns})
        after = after.reindex(index=self.minutes.index)
        return Change(
            before=self.minutes.reindex(columns=columns), after=after.reindex(columns=columns), route=route
        )

    def _facilities_of(self, edited: Site) -> pd.DataFrame:
        """Walk the categories again in which a facility was opened, moved or closed."""
        facilities = facilities_from_site(edited)
        old, new = (_by_category(frame) for frame in (self.base.facilities, facilities))
        other = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        kept = self.minutes.drop(columns=[name for name in self.minutes.columns if name in other])
        again = facilities[facilities["category"].isin(other)]
        if again.empty:
            return kept
        found = walk_times(
            self.base.network, self.base.parts, again, max_min=np.inf, profile=self.base.profile
        )
        columns = tuple(str(name) for name in found.columns)
        return kept.join(self.doors.table(found.to_numpy(dtype=float), columns))

    def _added(self, ways: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
        """Return the minutes of the doors where ways and gates were only added; else None."""
        points = gates.geometry.to_numpy()
        if len(gates) and (not gates["kind"].eq("gate").all() or self.enters(points) or _restricted(gates)):
            return None
        if "access" in ways and ways["access"].notna().any():
            return None
        addition = self.base.addition(ways, points)
        return None if addition is None else minutes_with(self.base, [addition])[0]

    def enters(self, gates: NDArray[np.object_]) -> bool:
        """Tell whether a gate stands on the outline of a facility, which is then entered there."""
        if "facilities" not in self.site.layers:
            return False
        outlines = shapely.boundary(self.site.layers["facilities"].geometry.to_numpy())
        return bool(shapely.dwithin(outlines[:, None], gates[None, :], 2 * ON_OUTLINE_M).any())

    def _same_doors(self, edited: Site) -> bool:
        """Tell whether none but gates differ among the entrances."""
        if not all("entrances" in site.layers for site in (self.site, edited)):
            return False
        old, new = (
            frame[frame["kind"] != "gate"]
            for frame in (self.site.layers["entrances"], edited.layers["entrances"])
        )
        rows = _rows_appended(old, new, _READ["entrances"])
        return rows is not None and rows.empty

    def _anew(self, edited: Site, touched: set[str]) -> pd.DataFrame:
        """Build the network of the edited site and walk it; what did not change is kept."""
        same_doors = not touched & set(_HOMES) and ("entrances" not in touched or self._same_doors(edited))
        doors = self.doors if same_doors else Doors.of(edited)
        same_targets = not touched & {"facilities", "entrances"}
        facilities = self.base.facilities if same_targets else facilities_from_site(edited)
        found = walk_times(
            self.base.build(edited),
            doors.parts,
            facilities,
            max_min=np.inf,
            profile=self.base.profile,
        )
        return doors.table(found.to_numpy(dtype=float), tuple(str(name) for name in found.columns))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Doors:
    """The doors of households, each place once."""

    index: pd.Index[Any]  # of the households
    parts: gpd.GeoDataFrame  # places to leave from; with estate_id where the site tells estates apart
    _first: NDArray[np.int64]  # where the parts of each door begin; one more at the end
    _door: NDArray[np.int64]  # of each household; -1 where it has none

    @classmethod
    def of(cls, site: Site) -> Doors:
        """Gather the doors of a site's households."""
        origins = origins_from_site(site)
        places = shapely.force_2d(origins.geometry.to_numpy())
        known = ~(shapely.is_missing(places) | shapely.is_empty(places))
        keys = pd.DataFrame({"place": shapely.to_wkb(places[known])}, dtype=object)
        if "estate_id" in origins:
            keys["estate_id"] = origins["estate_id"].to_numpy(dtype=object)[known]
        door = keys.groupby(list(keys.columns), sort=False, dropna=False).ngroup().to_numpy()
        codes = np.full(len(places), -1, dtype=np.int64)
        codes[known] = door
        unique = keys.iloc[np.unique(door, return_index=True)[1]]
        parts, owner = shapely.get_parts(
            shapely.from_wkb(unique["place"].to_numpy(dtype=object)), return_index=True
        )
        columns = {name: unique[name].to_numpy()[owner] for name in unique.columns if name != "place"}
        return cls(
            index=origins.index,
            parts=gpd.GeoDataFrame(columns, geometry=parts, crs=site.crs),
            _first=np.searchsorted(owner, np.arange(len(unique) + 1)),
            _door=codes,
        )

    @property
    def households(self) -> NDArray[np.int64]:
        """How many households leave by each door; the last: how many have none."""
        return np.bincount(self._door % len(self._first), minlength=len(self._first))

    def best(self, minutes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the minutes of each door, infinite where not reached: of several parts the best counts.

        Parameters
        ----------
        minutes : array of float
            Parts by categories, minutes.

        Returns
        -------
        array of float
            One row for each door, and a last one of nothing but infinity for those who have none.
        """
        best = np.full((len(self._first), minutes.shape[1]), np.inf)
        if len(minutes):
            best[:-1] = np.minimum.reduceat(
                np.where(np.isnan(minutes), np.inf, minutes), self._first[:-1], axis=0
            )
        return best

    def table(self, minutes: NDArray[np.float64], categories: tuple[str, ...]) -> pd.DataFrame:
        """Return the minutes of the households from those of the parts, NaN where not reached.

        Parameters
        ----------
        minutes : array of float
            Parts by categories, minutes.
        categories : tuple of str
            The columns.

        Returns
        -------
        DataFrame
            Households by categories.
        """
        rows = self.best(minutes)[self._door]
        return pd.DataFrame(
            np.where(np.isinf(rows), np.nan, rows), index=self.index, columns=list(categories)
        )


def builder(pack: RulePack | None = None) -> Builder:
    """Return what makes the walking network of a site with the speeds of a pack.

    Parameters
    ----------
    pack : RulePack, optional
        A pack; the speeds of the national one are used where none is given.
    """
    speeds = default_speeds() if pack is None else paces(pack)
    return partial(WalkNetwork.from_site, speeds=speeds)


def _appended(before: Site, after: Site, name: str) -> gpd.GeoDataFrame | None:
    """Return the rows at the end of a layer that are new; None where anything else differs."""
    if name not in before.layers or name not in after.layers:
        both = name not in before.layers and name not in after.layers
        return gpd.GeoDataFrame(geometry=[], crs=before.crs) if both else None
    return _rows_appended(before.layers[name], after.layers[name], _READ[name])


def _rows_appended(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, columns: tuple[str, ...]
) -> gpd.GeoDataFrame | None:
    """Return the rows of `new` behind those of `old`; None where these differ in the columns, all if none is named."""
    if len(new) < len(old):
        return None
    head = new.iloc[: len(old)]
    every = dict.fromkeys([*old.columns, *new.columns])
    wanted = columns or tuple(c for c in every if c not in {old.geometry.name, new.geometry.name})
    for column in (c for c in wanted if c in every):
        if column not in old or column not in head:
            present = head[column] if column in head else old[column]
            if present.notna().any():
                return None
        elif not old[column].reset_index(drop=True).equals(head[column].reset_index(drop=True)):
            return None
    same = shapely.equals_identical(old.geometry.to_numpy(), head.geometry.to_numpy())
    missing = old.geometry.isna().to_numpy() & head.geometry.isna().to_numpy()
    return new.iloc[len(old) :] if bool((same | missing).all()) else None


def _restricted_ways(site: Site) -> frozenset[str]:
    """Return the walkways that are not open to everybody."""
    ways = site.layers["walkways"]
    return (
        frozenset(ways.loc[ways["access"].notna(), "way_id"].astype(str)) if "access" in ways else frozenset()
    )


def _restricted(gates: gpd.GeoDataFrame) -> bool:
    """Tell whether a gate is not simply open."""
    return any(
        column in gates and bool(gates[column].notna().any()) for column in ("access", "opens", "closes")
    )


def _by_category(facilities: gpd.GeoDataFrame) -> dict[str, frozenset[tuple[str, bytes]]]:
    shapes = shapely.to_wkb(facilities.geometry.to_numpy())
    found: dict[str, set[tuple[str, bytes]]] = {}
    for name, ident, shape in zip(facilities["category"], facilities["facility_id"], shapes, strict=True):
        found.setdefault(str(name), set()).add((str(ident), shape))
    return {name: frozenset(rows) for name, rows in found.items()}
