"""The one door to GDAL: an explicit driver, no traceback, and every warning kept as a note."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from plan.messages import Message
from plan.problems import ProblemList
from plan.readers.misread import under_a_plain_name
from plan.shapes import table_of
from plan.text_safety import plain

__all__ = ["DriverTable", "read_crs", "read_layer", "shapes_from_wkb"]

# What GDAL says about things that are found and told here in a better place.
_KNOWN: Final = ("Non closed ring", "is not consistent with type in gpkg_geometry_columns")
_LONGEST: Final = 200  # characters of a driver's own words


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DriverTable:
    """What GDAL gave: the rows, and the numbers that the file gives to them."""

    frame: gpd.GeoDataFrame
    fids: np.ndarray[Any, Any]


def read_layer(
    source: str | bytes, found: ProblemList, *, layer: str | None = None, **options: object
) -> DriverTable | None:
    """Read a layer with GDAL.

    Parameters
    ----------
    source : str or bytes
        A path, with the driver before it where the format could be another's; or the content.
    found : ProblemList
        Where problems are noted.
    layer : str, optional
        The layer.
    **options : object
        Passed to ``pyogrio.raw.read``: ``columns``, ``encoding`` and GDAL's open options.

    Returns
    -------
    DriverTable or None
        None when GDAL cannot read it; the problem then says why.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            with under_a_plain_name(source) as opened:
                meta, fids, wkb, data = pyogrio.raw.read(
                    opened, layer=layer, return_fids=True, datetime_as_string=True, **options
                )
            crs = read_crs(meta["crs"], found)
        except Exception as error:  # noqa: BLE001 - whatever a driver fails with is a fact about the file
            message = Message("readers.driver", why=plain(f"{type(error).__name__}: {error}")[:_LONGEST])
            found.add("PLAN-FILE-001", "error", "refused", message)
            return None
    for text in dict.fromkeys(str(w.message) for w in said):
        if not any(known in text for known in _KNOWN):
            found.add(
                "PLAN-FILE-011", "info", "noted", Message("readers.driver_says", text=plain(text)[:_LONGEST])
            )
    count = len(fids)
    told = ProblemList(path=found.path, layer=found.layer or plain(layer or ""))
    shapes = shapes_from_wkb(wkb, told) if wkb is not None else np.full(count, None, dtype=object)
    found.extend(told.problems)
    columns = {str(name): _plain_column(values) for name, values in zip(meta["fields"], data, strict=True)}
    if "geometry" in columns:  # a column of the table, not the shapes
        other = "geometry_"
        while other in columns:
            other += "_"
        columns = {other if name == "geometry" else name: values for name, values in columns.items()}
    frame = table_of(columns, shapes, crs=crs, index=pd.RangeIndex(count))
    return DriverTable(frame=frame, fids=np.asarray(fids))


def shapes_from_wkb(wkb: np.ndarray[Any, Any], found: ProblemList) -> np.ndarray[Any, Any]:
    """Make shapes of WKB; rings that are not closed are closed and told, what cannot be read is None."""
    with np.errstate(invalid="ignore"):  # NaN and infinity are found and named by plan.shapes
        shapes = shapely.from_wkb(wkb, on_invalid="ignore")
        failed = shapely.is_missing(shapes)
        failed[failed] = [value is not None for value in wkb[failed]]
        if not failed.any():
            return shapes
        shapes[failed] = shapely.from_wkb(wkb[failed], on_invalid="fix")
    lost = shapely.is_missing(shapes) & failed
    for mask, key, problem_id in (
        (failed & ~lost, "ring_closed", "PLAN-GEOM-002"),
        (lost, "shape_unreadable", "PLAN-GEOM-007"),
    ):
        rows = tuple(int(i) + 1 for i in np.flatnonzero(mask))
        if rows and key == "ring_closed":
            found.add(
                problem_id, "warning", "repaired", Message("readers.ring_closed", rows=rows[:20]), rows=rows
            )
        elif rows:
            found.add(
                problem_id,
                "error",
                "degraded",
                Message("readers.shape_unreadable", rows=rows[:20]),
                rows=rows,
            )
    return shapes


def read_crs(text: str | None, found: ProblemList) -> pyproj.CRS | None:
    """Return the system that a file names; None where it names none, and where PROJ does not know it, which is told."""
    if not text:
        return None
    try:
        return _parsed(text)
    except pyproj.exceptions.CRSError:
        message = Message("readers.crs_unreadable", crs=plain(text)[:_LONGEST])
        found.add("PLAN-CRS-001", "error", "noted", message)
        return None


@lru_cache(maxsize=32)
def _parsed(text: str) -> pyproj.CRS:
    """Read a system once: all layers of a file, and most files of a city, are in the same."""
    return pyproj.CRS.from_user_input(text)


def _plain_column(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    # Times become text: the contract keeps dates as ISO text, and a time zone is nobody's business here.
    if values.dtype.kind == "M":
        text = np.datetime_as_string(values).astype(object)
        text[np.isnat(values)] = None
        return text
    return values
