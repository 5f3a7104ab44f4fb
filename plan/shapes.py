"""Shapes that can be measured: absent, broken, misplaced and invalid ones are found and named.

A mended shape is named with its area before and after, and what it decides stays undetermined.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from geopandas.array import GeometryArray
from shapely import GeometryType

from plan.contract import Layer
from plan.findings import Effect, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["check_shapes", "distinct", "line_ends", "table_of"]

_FAMILIES: Final = {
    "Polygon": (GeometryType.POLYGON, GeometryType.MULTIPOLYGON),
    "LineString": (GeometryType.LINESTRING, GeometryType.MULTILINESTRING, GeometryType.LINEARRING),
    "Point": (GeometryType.POINT,),
}
_IN_PARTS: Final = (GeometryType.MULTIPOLYGON, GeometryType.MULTILINESTRING)
_MIN_AREA: Final = 1e-6  # m2; a polygon below it has collapsed
# What GEOS says of invalid shapes (TopologyValidationError), in lower case; each has a text of ours.
_REASONS: Final = frozenset({
    "self_intersection", "ring_self_intersection", "hole_lies_outside_shell", "holes_are_nested",
    "nested_shells", "interior_is_disconnected", "duplicate_rings",
    "too_few_points_in_geometry_component", "ring_is_not_closed",
})  # fmt: skip
_SHOWN: Final = 10  # ids that a message lists

Array = np.ndarray[Any, Any]


def check_shapes(shapes: Array, layer: Layer, found: ProblemList, *, ids: Array | None = None) -> Array:
    """Return shapes of a layer that can be measured, and note what was wrong with them.

    Parameters
    ----------
    shapes : array of shapely.Geometry
        One for each row, None where there is none, in a metric system. They are left as they are.
    layer : Layer
        The layer, whose ``shapes`` say what is allowed.
    found : ProblemList
        Where PLAN-GEOM problems are noted: 001 mended, 005 absent, 006 heights missing, 009 broken
        coordinates (refused), 010 of another kind, 011 without area.
    ids : array, optional
        What the rows are called; their numbers where they have no names.

    Returns
    -------
    array of shapely.Geometry
        Flat, valid shapes; None where there is none. Heights are dropped. What has broken coordinates is returned as
        it is.
    """
    given, shapes = shapes, np.array(shapes, dtype=object)
    ids = np.arange(1, len(shapes) + 1) if ids is None else ids
    shapes[shapely.is_empty(shapes)] = None

    def note(
        key: str, problem_id: str, severity: Severity, effect: Effect, mask: Array, **more: object
    ) -> None:
        where = np.flatnonzero(mask)
        if not len(where):
            return
        names = tuple(str(ids[i]) for i in where)
        message = Message(
            f"validation.{key}",
            layer=layer.name,
            ids=tuple(plain(name) for name in names[:_SHOWN]),
            count=len(where),
            of=len(shapes),
            **more,
        )
        found.add(problem_id, severity, effect, message, rows=(int(i) + 1 for i in where), features=names)

    if "none" not in layer.shapes:
        note("no_geometry", "PLAN-GEOM-005", "error", "degraded", shapely.is_missing(shapes))
    broken = _broken(shapes)
    if broken.any():
        note("broken_coordinates", "PLAN-GEOM-009", "error", "refused", broken)
        return given
    note("z_missing", "PLAN-GEOM-006", "info", "repaired", _z_missing(shapes))
    shapes = shapely.force_2d(shapes)
    kinds = shapely.get_type_id(shapes)
    wrong = (kinds >= 0) & ~np.isin(kinds, [k for s in layer.shapes if s != "none" for k in _FAMILIES[s]])
    if wrong.any():
        strange = tuple(sorted({shape.geom_type for shape in shapes[wrong]}))
        note(
            "wrong_shape",
            "PLAN-GEOM-010",
            "error",
            "degraded",
            wrong,
            types=strange,
            allowed=tuple(layer.shapes),
        )
        shapes[wrong] = None
    with np.errstate(
        all="ignore"
    ):  # coordinates of 1e300 have no finite area; they are no place of this Earth
        shapes, flat = _mend(shapes, ids, layer, found)
    note("no_area", "PLAN-GEOM-011", "error", "degraded", flat)
    shapes[flat] = None
    # A multi-part shape of one part is that part.
    single = np.isin(shapely.get_type_id(shapes), _IN_PARTS) & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return shapes


def table_of(
    columns: Mapping[str, Any],
    shapes: Array,
    *,
    crs: pyproj.CRS | None,
    index: pd.Index[Any],
    name: str = "geometry",
) -> gpd.GeoDataFrame:
    """Make a table of its columns and its shapes, once: each step on a GeoDataFrame copies the whole of it.

    Parameters
    ----------
    columns : mapping of str to Series or array
        Its columns; a Series has ``index``.
    shapes : array of shapely.Geometry
        One for each row, None where there is none.
    crs : pyproj.CRS or None
        The system of their coordinates.
    index : Index
        Of the rows.
    name : str, default "geometry"
        What the column of the shapes is called; it is the last.
    """
    cells = {**columns, name: GeometryArray(shapes, crs=crs)}
    return gpd.GeoDataFrame(pd.DataFrame(cells, index=index, copy=False), geometry=name)


def _broken(shapes: Array) -> Array:
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    out = np.zeros(len(shapes), dtype=bool)
    out[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return out


def _z_missing(shapes: Array) -> Array:
    # A flat shape has no heights, and so none that are missing.
    out = np.asarray(shapely.has_z(shapes), dtype=bool)
    high = np.flatnonzero(out)
    coordinates, index = shapely.get_coordinates(shapes[high], include_z=True, return_index=True)
    out[:] = False
    out[high[index[np.isnan(coordinates[:, 2])]]] = True
    return out


def _reason(shape: shapely.Geometry) -> str:
    """Return why a shape is invalid, with the place that GEOS names behind it."""
    told = str(shapely.is_valid_reason(shape))
    words, bracket, place = told.partition("[")
    key = words.strip().casefold().replace(" ", "_").replace("-", "_")
    # A reason that GEOS may add one day is shown as it is.
    return Message(f"validation.why_{key}", at=bracket + place) if key in _REASONS else told


def _mend(shapes: Array, ids: Array, layer: Layer, found: ProblemList) -> tuple[Array, Array]:
    """Make shapes valid; return them, and which polygons have no area whatever is done."""
    invalid = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    collapsed = np.zeros(len(shapes), dtype=bool)
    for i in np.flatnonzero(invalid):
        before = shapes[i]
        # "structure" keeps what the outline encloses; buffer(0) would drop parts without a word.
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        if after.is_empty:
            collapsed[i] = True
            continue
        areas = round(float(before.area), 3), round(float(after.area), 3)
        message = Message(
            "validation.mended_same" if areas[0] == areas[1] else "validation.mended",
            layer=layer.name,
            id=plain(ids[i]),
            why=_reason(before),
            before=areas[0],
            after=areas[1],
            parts=len(shapely.get_parts(after)),
        )
        found.add("PLAN-GEOM-001", "error", "repaired", message, rows=(int(i) + 1,), features=(str(ids[i]),))
        shapes[i] = after
    area = np.isin(shapely.get_type_id(shapes), _FAMILIES["Polygon"])
    return shapes, collapsed | (area & (shapely.area(shapes) < _MIN_AREA))


def distinct(shapes: Array) -> tuple[Array, Array]:
    """Tell which shapes stand for many rows, so that each is looked at once.

    Parameters
    ----------
    shapes : array of Geometry
        Hundreds of households share the outline of their building; None is a shape, too.

    Returns
    -------
    tuple of two arrays of int
        The first row of each shape, and the number of each row's shape among these.
    """
    _, first, again = np.unique([id(shape) for shape in shapes], return_index=True, return_inverse=True)
    return first, again


def line_ends(lines: Array) -> tuple[Array, Array]:
    """Return the first and the last vertex of lines, none of them missing or empty.

    Parameters
    ----------
    lines : array of LineString
        In the plane.

    Returns
    -------
    tuple of two arrays of float, shape (n, 2)
        Coordinates.
    """
    vertices = shapely.get_coordinates(lines)
    counts = shapely.get_num_coordinates(lines)
    after = np.cumsum(counts)
    return vertices[after - counts], vertices[after - 1]
