"""What ``plan reach`` and ``plan hearing`` left in a site file, as the map takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from plan.access import first_spot
from plan.maps.stairwells import kept_stairwells
from plan.site import Site

__all__ = ["drawn_results"]


def drawn_results(site: Site, results: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    """Return the arguments of :func:`plan.maps.hearing_map` that draw results kept in a file.

    Parameters
    ----------
    site : Site
        The site of the file.
    results : mapping of str to GeoDataFrame
        As ``plan.readers.results.read_results`` returns them.

    Returns
    -------
    dict
        ``reach``, ``isochrones``, ``blind_spots``, ``best_sites``, ``blind_spot`` and ``stairwells``, as far as there
        are any.
    """
    spots, best = results.get("blind_spots"), results.get("best_sites")
    given: dict[str, Any] = {
        "reach": _minutes(site, results.get("walk_times")),
        "isochrones": results.get("isochrones"),
        "blind_spots": spots,
        "best_sites": best,
        "blind_spot": None if spots is None or best is None else first_spot(spots, best),
        "stairwells": kept_stairwells(site, results) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _minutes(site: Site, times: gpd.GeoDataFrame | None) -> pd.DataFrame | None:
    """Return minutes by household and category; None where the households are not those of the site."""
    if times is None or not site.has("households") or not site.has("buildings"):
        return None
    households = site.layer("households")
    ids = pd.Index(households["household_id"].astype(str), name="household_id")
    wide = times.pivot_table(index="origin_id", columns="category", values="walk_min", aggfunc="first")
    housed = households["building_id"].astype(str).isin(site.layer("buildings")["building_id"].astype(str))
    if not wide.index.isin(ids).all() or not housed.any():
        return None
    # A household that reaches nothing is a row of blanks, not an absent one.
    every: pd.DataFrame = wide.reindex(ids)
    return every
