"""Shapes that can be measured: absent, broken, misplaced and invalid ones are found and named.

A mended shape is named with its area before and after, and what it decides stays undetermined.
"""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from plan.findings import Effect, Severity
from plan.messages import Message
from plan.problems import ProblemList
from plan.schema import Layer

__all__ = ["check_shapes"]

_FAMILIES: Final = {
    "Polygon": ("Polygon", "MultiPolygon"),
    "LineString": ("LineString", "MultiLineString", "LinearRing"),
    "Point": ("Point",),
}
_MIN_AREA: Final = 1e-6  # m2; a polygon below it has collapsed


def check_shapes(table: gpd.GeoDataFrame, layer: Layer, found: ProblemList) -> gpd.GeoDataFrame:
    shapes = np.array(table.geometry.array, dtype=object)
    ids = table[layer.id_column].to_numpy()
    shapes = np.array([None if s is not None and s.is_empty else s for s in shapes], dtype=object)
    present = np.array([s is not None for s in shapes], dtype=bool)

    def note(
        key: str,
        problem_id: str,
        severity: Severity,
        effect: Effect,
        mask: np.ndarray[Any, Any],
        **more: object,
    ) -> None:
        where = np.flatnonzero(mask)
        names = tuple(str(ids[i]) for i in where)
        message = Message(
            f"validation.{key}", layer=layer.name, ids=names[:10], count=len(where), of=len(table), **more
        )
        found.add(problem_id, severity, effect, message, rows=(int(i) + 1 for i in where), features=names)

    if "none" not in layer.shapes and (~present).any():
        note("no_geometry", "PLAN-GEOM-005", "error", "degraded", ~present)
    broken = _broken(shapes)
    if broken.any():
        note("broken_coordinates", "PLAN-GEOM-009", "error", "refused", broken)
        return table
    flawed = _z_missing(shapes)
    if flawed.any():
        note("z_missing", "PLAN-GEOM-006", "info", "noted", flawed)
    shapes = shapely.force_2d(shapes)
    allowed = tuple(t for shape in layer.shapes if shape != "none" for t in _FAMILIES[shape])
    wrong = np.array([s is not None and s.geom_type not in allowed for s in shapes], dtype=bool)
    if wrong.any():
        types = tuple(sorted({shapes[i].geom_type for i in np.flatnonzero(wrong)}))
        note(
            "wrong_shape",
            "PLAN-GEOM-010",
            "error",
            "degraded",
            wrong,
            types=types,
            allowed=tuple(layer.shapes),
        )
        shapes[wrong] = None
    shapes = _mend(shapes, ids, layer, found)
    flat = np.array(
        [s is not None and s.geom_type in _FAMILIES["Polygon"] and s.area < _MIN_AREA for s in shapes],
        dtype=bool,
    )
    if flat.any():
        note("no_area", "PLAN-GEOM-011", "error", "degraded", flat)
        shapes[flat] = None
    single = [
        s.geoms[0] if s is not None and s.geom_type.startswith("Multi") and len(s.geoms) == 1 else s
        for s in shapes
    ]
    return table.set_geometry(gpd.GeoSeries(single, index=table.index, crs=table.crs))


def _broken(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    coordinates, index = shapely.get_coordinates(shapes, return_index=True)
    out = np.zeros(len(shapes), dtype=bool)
    out[index[~np.isfinite(coordinates).all(axis=1)]] = True
    return out


def _z_missing(shapes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    coordinates, index = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    out = np.zeros(len(shapes), dtype=bool)
    out[index[np.isnan(coordinates[:, 2])]] = True
    # A flat shape has no heights, and so none that are missing.
    return out & shapely.has_z(shapes)


def _mend(
    shapes: np.ndarray[Any, Any], ids: np.ndarray[Any, Any], layer: Layer, found: ProblemList
) -> np.ndarray[Any, Any]:
    invalid = ~shapely.is_valid(shapes) & np.array([s is not None for s in shapes], dtype=bool)
    for i in np.flatnonzero(invalid):
        before = shapes[i]
        # "structure" keeps what the outline encloses; buffer(0) would drop parts without a word.
        after = shapely.make_valid(before, method="structure", keep_collapsed=False)
        message = Message(
            "validation.mended",
            layer=layer.name,
            id=str(ids[i]),
            why=shapely.is_valid_reason(before),
            before=round(float(before.area), 3),
            after=round(float(after.area), 3),
            parts=len(shapely.get_parts(after)),
        )
        found.add("PLAN-GEOM-001", "error", "repaired", message, rows=(int(i) + 1,), features=(str(ids[i]),))
        shapes[i] = None if after.is_empty else after
    return shapes
