"""A layout as anybody may have drawn it, read into arrays: what cannot be measured is named, not guessed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.parking.faults import Fault, FaultKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TOUCH_M", "Aisle", "Drawing", "Shapes", "polygons", "read_drawing", "shapes_in"]

Shapes: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Iterable[BaseGeometry] | BaseGeometry | None

# What lies less than a millimetre over a border touches it. The last digits of coordinates of millions of metres
# are some 1e-9 m, so that a whole millimetre is found.
TOUCH_M: Final = 1e-3 - 1e-6
_ONE_WAY: Final = frozenset({"one_way", "oneway", "one-way", "单行", "单向"})
_TWO_WAY: Final = frozenset({"two_way", "twoway", "two-way", "双行", "双向"})
_TURNING: Final = frozenset({"turning", "回车", "回车场", "回车场地", "调头", "调车"})
_AREAL: Final = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_LINEAR: Final = (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aisle:
    """An aisle, or one line of an aisle that was drawn as several."""

    id: str
    one_way: bool
    width_m: float  # not a number where it was drawn as a polygon
    line: BaseGeometry | None  # None where it was drawn as a polygon
    ground: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawing:
    """Stalls and aisles that can be measured, and the faults of those that cannot."""

    ids: tuple[str, ...]
    stalls: NDArray[np.object_]  # polygons
    angles_deg: NDArray[np.float64]  # as written in the drawing; not a number where nothing is
    home: tuple[str | None, ...]  # the aisle that a stall says is its own
    aisles: tuple[Aisle, ...]
    aisles_known: bool  # False: nobody drew any aisles
    turning: NDArray[np.object_]  # polygons among the aisles on which cars turn, and along which none drives
    faults: tuple[Fault, ...]


def read_drawing(stalls: Shapes, aisles: Shapes) -> Drawing:
    """Read stalls and aisles; see :func:`plan.parking.verify.verify` for their columns."""
    frame = _frame(stalls)
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    names = _texts(frame, "stall_id")
    ids = [name or str(number) for number, name in enumerate(names, start=1)]
    usable = _sound(shapes) & np.isin(shapely.get_type_id(shapes), _AREAL)
    usable[usable] = shapely.area(shapes[usable]) > TOUCH_M**2
    faults = [
        Fault(kind=FaultKind.STALL_UNUSABLE, stalls=(ids[i],), geometry=_shown(shapes[i]))
        for i in np.flatnonzero(~usable)
    ]
    keep = np.flatnonzero(usable)
    homes = _texts(frame, "aisle_id")
    angles = (
        pd.to_numeric(frame["angle_deg"], errors="coerce").to_numpy(dtype=float)
        if "angle_deg" in frame.columns
        else np.full(len(frame), math.nan)
    )
    drawn, turning, wrong = _aisles(aisles)
    return Drawing(
        ids=tuple(ids[i] for i in keep),
        stalls=shapes[keep],
        angles_deg=angles[keep],
        home=tuple(homes[i] for i in keep),
        aisles=drawn,
        aisles_known=aisles is not None,
        turning=polygons(turning),
        faults=(*faults, *wrong),
    )


def shapes_in(shapes: Shapes) -> NDArray[np.object_]:
    """Return the shapes that stand in a frame, a series, a list or alone; without absent and empty ones."""
    found = np.array(_frame(shapes).geometry.to_numpy(), dtype=object)
    kept: NDArray[np.object_] = found[~(shapely.is_missing(found) | shapely.is_empty(found))]
    return kept


def polygons(shapes: Shapes) -> NDArray[np.object_]:
    """Return the polygons of shapes one by one, invalid ones mended: what may not be touched is never left out."""
    found = shapely.get_parts(shapely.make_valid(shapes_in(shapes)))
    found = shapely.get_parts(found)  # a mended shape may be a collection of collections
    kept: NDArray[np.object_] = found[shapely.get_type_id(found) == shapely.GeometryType.POLYGON]
    return kept


def _frame(shapes: Shapes) -> gpd.GeoDataFrame:
    if shapes is None:
        return gpd.GeoDataFrame(geometry=[])
    if isinstance(shapes, gpd.GeoDataFrame):
        return shapes
    if isinstance(shapes, gpd.GeoSeries):
        return gpd.GeoDataFrame(geometry=shapes)
    if isinstance(shapes, BaseGeometry):
        shapes = [shapes]
    return gpd.GeoDataFrame(geometry=list(shapes))


def _texts(frame: gpd.GeoDataFrame, column: str) -> list[str | None]:
    if column not in frame.columns:
        return [None] * len(frame)
    return [None if pd.isna(value) else str(value) for value in frame[column]]


def _sound(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell which shapes are there, valid, and of finite coordinates."""
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    there[there] = np.isfinite(shapely.bounds(shapes[there])).all(axis=1)
    there[there] = shapely.is_valid(shapes[there])
    sound: NDArray[np.bool_] = there
    return sound


def _aisles(aisles: Shapes) -> tuple[tuple[Aisle, ...], list[BaseGeometry], list[Fault]]:
    frame = _frame(aisles)
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    sound = _sound(shapes)
    names = _texts(frame, "aisle_id")
    directions = _texts(frame, "direction")
    widths = (
        pd.to_numeric(frame["width_m"], errors="coerce").to_numpy(dtype=float)
        if "width_m" in frame.columns
        else np.full(len(frame), math.nan)
    )
    drawn: list[Aisle] = []
    turning: list[BaseGeometry] = []
    faults: list[Fault] = []
    for i, shape in enumerate(shapes):
        name = names[i] or str(i + 1)
        kind = shapely.get_type_id(shape) if sound[i] else -1
        width = float(widths[i])
        direction = (directions[i] or "").strip().casefold()
        if kind in _AREAL and direction in _TURNING:
            turning.append(shape)
            continue
        if kind in _AREAL:
            drawn.append(Aisle(id=name, one_way=False, width_m=math.nan, line=None, ground=shape))
        elif kind in _LINEAR and math.isfinite(width) and width > 0 and shape.length > TOUCH_M:
            one_way = direction in _ONE_WAY
            drawn += [
                Aisle(
                    id=name,
                    one_way=one_way,
                    width_m=width,
                    line=part,
                    # Square corners: the ground of a lane that turns reaches into the outer corner.
                    ground=part.buffer(width / 2, cap_style="flat", join_style="mitre"),
                )
                for part in shapely.get_parts(shape)
            ]
        else:
            faults.append(Fault(kind=FaultKind.AISLE_UNUSABLE, aisles=(name,), geometry=_shown(shape)))
            continue
        if kind in _AREAL or direction not in _ONE_WAY | _TWO_WAY:
            faults.append(Fault(kind=FaultKind.AISLE_WITHOUT_DIRECTION, aisles=(name,), geometry=shape))
    return tuple(drawn), turning, faults


def _shown(shape: Any) -> BaseGeometry | None:  # noqa: ANN401 - whatever stood in the drawing
    """Return a shape that can be shown on a map, if there is one."""
    if not isinstance(shape, BaseGeometry) or shape.is_empty:
        return None
    return shape if np.isfinite(shapely.bounds(shape)).all() else None
