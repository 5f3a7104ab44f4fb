"""What a lane loses to things that stand across it, or before it, where a shaft stands at it.

A lane is credited with the ground that is drawn as lane, and with the strip between it and the shaft as far as that is
free; ground beyond its far border is never counted. A building, a wall, a shed, a tree or another elevator on the far
side of the lane's middle line leaves an engine what lies between it and the shaft. One on the shaft's own side, between
shaft and middle line, leaves what lies between it and the far border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import shapely

from plan.elevators.lanes import Lanes, left_beside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.elevators.surroundings import Rows, Surroundings

__all__ = ["LaneLeft", "Standing", "lane_left", "standing_of"]

_HAIR_M: Final = 1e-6  # by which a figure is the same; and half of a wall's thickness
_TOUCH_M: Final = (
    0.02  # what is so near to a shaft is joined to it: its own building, or what is attached to that
)

_OPENED: Final = ("barriers", "buildings")  # layers in which gates and archways are not drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Things on the ground that an engine cannot push away."""

    ids: NDArray[np.object_]
    shapes: NDArray[np.object_]
    mended: NDArray[np.bool_]
    layers: tuple[str, ...]
    elevator: NDArray[np.int64]  # position among the elevators, -1 of others


class LaneLeft(NamedTuple):
    """Pairs of things and lanes, what is left, and what holds it back."""

    thing: NDArray[np.int64]
    lane: NDArray[np.int64]  # row
    left_m: NDArray[np.float64]
    by: NDArray[np.int64]  # position in Standing of what stands across; -1: the border of the lane


def standing_of(around: Surroundings) -> Standing:
    """Gather buildings, elevators, and the walls and obstacles of which nobody wrote that they can be removed.

    Points without a radius have no extent that is known, and are left out.
    """
    parts = []
    for layer, rows in (
        ("buildings", around.buildings),
        ("barriers", around.barriers),
        ("obstacles", around.obstacles),
        ("elevators", around.elevators),
    ):
        stays = np.array([flag is not True for flag in rows.flags("removable")], dtype=bool)
        shapes = rows.shapes
        if layer == "obstacles" and len(rows):
            points = shapely.get_dimensions(shapes) == 0
            radius = rows.numbers("radius_m")
            stays &= ~points | (radius > 0)
            shapes = shapes.copy()
            shapes[points] = shapely.buffer(shapes[points], np.nan_to_num(radius[points]), quad_segs=32)
        which = np.flatnonzero(stays)
        parts.append((layer, rows, shapes, which))
    return Standing(
        ids=np.array([rows.ids[k] for _, rows, _, which in parts for k in which], dtype=object),
        shapes=np.concatenate([shapes[which] for _, _, shapes, which in parts]),
        mended=np.concatenate([_mended(rows)[which] for _, rows, _, which in parts]),
        layers=tuple(layer for layer, _, _, which in parts for _ in which),
        elevator=np.concatenate(
            [which if layer == "elevators" else np.full(len(which), -1) for layer, _, _, which in parts]
        ).astype(np.int64),
    )


def _mended(rows: Rows) -> NDArray[np.bool_]:
    return np.asarray(rows.mended, dtype=bool)


def lane_left(
    things: NDArray[np.object_],
    around: Surroundings,
    standing: Standing,
    *,
    within_m: float,
    own: NDArray[np.int64] | None = None,
) -> LaneLeft:
    """Measure what is left of fire lanes beside things, up to what stands across.

    Parameters
    ----------
    things : array of Polygon
        Such as shafts.
    around : Surroundings
        With lanes.
    standing : Standing
        What stands there.
    within_m : float
        Widths beyond this are not looked for.
    own : array of int, optional
        Which elevator of the surroundings each thing is itself.

    Returns
    -------
    LaneLeft
        One row for each pair; see the module for what is credited.
    """
    pairs = left_beside(things, around.lanes, within_m=within_m)
    left = pairs.left_m.copy()
    by = np.full(len(left), -1, dtype=np.int64)
    if not len(left) or not len(standing.shapes):
        return LaneLeft(pairs.thing, pairs.lane, left, by)
    tree = shapely.STRtree(standing.shapes)
    strips = _strips(around.lanes)
    for k, (one, row) in enumerate(zip(pairs.thing.tolist(), pairs.lane.tolist(), strict=True)):
        shaft = things[one]
        for found in np.sort(tree.query(shaft, predicate="dwithin", distance=left[k])).tolist():
            if own is not None and standing.elevator[found] == own[one] >= 0:
                continue
            other = standing.shapes[found]
            if shapely.distance(shaft, other) <= _TOUCH_M:
                continue
            for middle, strip, width in strips.get(row, ()):
                if standing.layers[found] in _OPENED and _shuts(other, middle, strip):
                    continue
                gap = _gap(shaft, other, middle, strip, width)
                if gap < left[k] - _HAIR_M:
                    left[k], by[k] = gap, found
    return LaneLeft(pairs.thing, pairs.lane, left, by)


def _strips(lanes: Lanes) -> dict[int, list[tuple[Any, Any, float]]]:
    """Return by row the middle line, the ground and the width of each part; areas have no middle line."""
    found: dict[int, list[tuple[Any, Any, float]]] = {}
    linear = shapely.get_type_id(lanes.lines) != 0
    for line, width, row in zip(
        lanes.lines[linear], lanes.widths[linear], lanes.of_line[linear], strict=True
    ):
        strip = shapely.buffer(line, width / 2, cap_style="flat")
        found.setdefault(int(row), []).append((line, strip, float(width)))
    for area, row in zip(lanes.areas, lanes.of_area, strict=True):
        found.setdefault(int(row), []).append((None, area, np.nan))
    return found


def _shuts(other: Any, middle: Any, strip: Any) -> bool:  # noqa: ANN401 - shapes
    """Tell whether a wall or building is drawn right across a lane: at a gate or an archway, or it shuts the lane anyway."""
    if middle is None or not shapely.intersects(other, middle):
        return False
    cut = shapely.buffer(other, _HAIR_M) if shapely.get_dimensions(other) == 1 else other
    return len(shapely.get_parts(shapely.difference(strip, cut))) > 1


def _gap(shaft: Any, other: Any, middle: Any, strip: Any, width: float) -> float:  # noqa: ANN401 - shapes
    """Return the width that a thing leaves beside a shaft on one part of a lane; infinite where it takes none."""
    least = np.inf
    for part in shapely.get_parts(shapely.intersection(other, strip)):
        way = shapely.shortest_line(shaft, part)
        away = float(shapely.length(way))
        if middle is None:
            # Across an area: part of the way must lead over it, so that what touches the shaft's own side is not across.
            across = shapely.length(shapely.intersection(way, strip)) > _TOUCH_M
        else:
            across = shapely.intersects(way, middle) or shapely.intersects(part, middle)
        if across:
            least = min(least, away)
    if middle is None or shapely.intersects(shaft, middle):
        return least
    # On the shaft's own side: what stands between it and the middle line narrows the lane, or the free strip.
    ahead = shapely.intersection(other, shapely.convex_hull(_before(shaft, middle)))
    if not shapely.is_empty(ahead) and not shapely.intersects(ahead, middle):
        least = min(least, float(shapely.distance(ahead, middle)) + width / 2)
    return least


def _before(shaft: Any, middle: Any) -> Any:  # noqa: ANN401 - shapes
    """Return a shaft's corners nearest to a line together with the places of the line before them."""
    corners = np.asarray(shapely.points(shapely.get_coordinates(shaft)[:-1]), dtype=object)
    away = shapely.distance(corners, middle)
    near = corners[np.argsort(away, kind="stable")[:2]]
    return shapely.multipoints(shapely.get_coordinates(shapely.shortest_line(near, middle)))
