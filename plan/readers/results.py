"""What a command computed earlier and kept in a site file: tables that are no layers of the site."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from plan.columns import text_of
from plan.problems import ProblemList
from plan.readers.driver import read_layer
from plan.readers.geopackage import examine
from plan.readers.own_files import results_said, said_of
from plan.readers.sources import Source
from plan.site import SITE_TABLE

__all__ = ["RESULTS", "read_results"]

# The tables of ``plan reach`` and ``plan hearing`` that a map draws: their texts, and their numbers; a row
# without one of these numbers says nothing.
RESULTS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        "walk_times": (("origin_id", "category"), ("walk_min",)),
        "isochrones": ((), ("minutes",)),
        "blind_spots": (("spot_id", "category"), ("limit_min", "buildings", "households")),
        "best_sites": (
            ("category", "candidate_id", "kind", "name"),
            ("limit_min", "rank", "households", "share_before", "share_after"),
        ),
        "elevators_clearances": (("building_id", "stairwell_id", "entrance_id", "told"), ("margin_m",)),
        "elevators_floors": (("building_id", "stairwell_id", "entrance_id"), ("floor",)),
        "elevators_rejected": (("building_id", "stairwell_id", "what", "verdict", "reason"), ()),
    }
)
# Numbers that are not known of every row.
_MORE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "blind_spots": ("persons", "elderly", "children"),
        "elevators_floors": (
            "flats", "coefficient", "least_fen", "most_fen", "receives_fen", "sun_before_min", "sun_after_min",
            "loss_min",
        ),
    }
)  # fmt: skip
# Without shapes, or read for what they say.
_TABLES: Final = ("walk_times", "elevators_clearances", "elevators_floors", "elevators_rejected")


def read_results(source: Source) -> dict[str, gpd.GeoDataFrame]:
    """Read the results that a site file holds.

    Parameters
    ----------
    source : path-like
        As ``read_site`` takes it, and after that has read it; what is no GeoPackage holds no results.

    Returns
    -------
    dict of str to GeoDataFrame
        Those of :data:`RESULTS` that the file names as results and that have their columns and some rows: a
        file may be anybody's.
    """
    path = Path(source)
    if path.suffix.casefold() != ".gpkg" or not path.is_file():
        return {}
    found = ProblemList(path=str(source))
    tables = {table.name for table in examine(path, found)}
    about = read_layer(str(path.resolve()), found, layer=SITE_TABLE) if SITE_TABLE in tables else None
    named = results_said(said_of(about.frame)) if about is not None else ()
    read: dict[str, gpd.GeoDataFrame] = {}
    for name in RESULTS:
        if name not in named or name not in tables:
            continue
        layer = read_layer(str(path.resolve()), found, layer=name, LIST_ALL_TABLES="NO")
        kept = None if layer is None else _kept(name, layer.frame)
        if kept is not None and len(kept):
            read[name] = kept
    return read


def _kept(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    """Return the rows that say something, texts as texts and numbers as numbers; None where a column is missing."""
    texts, numbers = RESULTS[name]
    if not {*texts, *numbers} <= set(frame.columns):
        return None
    shapes = frame.geometry
    made = pd.DataFrame({column: text_of(frame[column]) for column in texts}, index=frame.index)
    for column in (*numbers, *_MORE.get(name, ())):
        values = frame[column] if column in frame.columns else pd.Series(None, index=frame.index, dtype=float)
        made[column] = pd.to_numeric(values, errors="coerce")
    told = made[list(numbers)].notna().all(axis=1)
    if name not in _TABLES:
        told &= ~(shapes.isna() | shapes.is_empty)
        shapes = gpd.GeoSeries(shapely.make_valid(shapes.to_numpy()), index=frame.index, crs=frame.crs)
    return gpd.GeoDataFrame(made, geometry=shapes, crs=frame.crs)[told].reset_index(drop=True)
