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
    from collections.abc import Iterator

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
    at: tuple[int, int] = (-1, -1)
    before: Any = None
    parts = _strips(around.lanes)
    inside: dict[
        tuple[int, int], tuple[Any, bool]
    ] = {}  # what of a thing lies in a strip, and whether it shuts it
    for k, found, number, between in _near(things, pairs, standing, parts, own=own):
        part, shaft, other = parts[number], things[pairs.thing[k]], standing.shapes[found]
        if (found, number) not in inside:
            shuts = standing.layers[found] in _OPENED and _shuts(other, part.middle, part.ground)
            pieces = shapely.get_parts(shapely.intersection(other, part.ground))
            inside[found, number] = pieces, shuts
        pieces, shuts = inside[found, number]
        if shuts:
            continue
        gap = _across(shaft, pieces, part)
        if between and part.middle is not None:
            if (k, number) != at:
                at, before = (k, number), _before(shaft, part.middle)
            gap = min(gap, _own_side(before, other, part))
        if gap < left[k] - _HAIR_M:
            left[k], by[k] = gap, found
    return LaneLeft(pairs.thing, pairs.lane, left, by)


class _Strip(NamedTuple):
    """A straight part of a lane, or a lane drawn as an area, which has no middle line."""

    row: int
    middle: Any
    ground: Any
    width_m: float


def _near(
    things: NDArray[np.object_],
    pairs: Any,  # noqa: ANN401 - as left_beside returns it
    standing: Standing,
    parts: list[_Strip],
    *,
    own: NDArray[np.int64] | None,
) -> Iterator[tuple[int, int, int, bool]]:
    """Yield the pairs, the things and the strips that have to be measured, in order; and whether a thing may lie between.

    What neither reaches into a strip nor lies nearer to its middle line than the shaft takes nothing.
    """
    shafts = things[pairs.thing]
    k, found = shapely.STRtree(standing.shapes).query(shafts, predicate="dwithin", distance=pairs.left_m)
    if own is not None:
        mine = standing.elevator[found]
        apart = (mine < 0) | (mine != own[pairs.thing[k]])
        k, found = k[apart], found[apart]
    apart = shapely.distance(shafts[k], standing.shapes[found]) > _TOUCH_M
    k, found = k[apart], found[apart]
    of_row: dict[int, list[int]] = {}
    for number, part in enumerate(parts):
        of_row.setdefault(part.row, []).append(number)
    rows = [of_row.get(int(row), []) for row in pairs.lane[k]]
    counts = np.array([len(numbers) for numbers in rows], dtype=np.int64)
    k, found = np.repeat(k, counts), np.repeat(found, counts)
    which = np.array([number for numbers in rows for number in numbers], dtype=np.int64)
    if not len(which):
        return
    middle = np.array([part.middle for part in parts], dtype=object)
    ground = np.array([part.ground for part in parts], dtype=object)
    both, back = np.unique(found * len(parts) + which, return_inverse=True)
    thing, strip = both // len(parts), both % len(parts)
    meets = shapely.intersects(standing.shapes[thing], ground[strip])[back]
    away = shapely.distance(standing.shapes[thing], middle[strip])[back]
    both, back = np.unique(k * len(parts) + which, return_inverse=True)
    front = _front(shafts[both // len(parts)], middle[both % len(parts)])[back]
    between = away < front + _HAIR_M
    asked = np.flatnonzero(meets | between)
    order = asked[np.lexsort((which[asked], found[asked], k[asked]))]
    for one in order.tolist():
        yield int(k[one]), int(found[one]), int(which[one]), bool(between[one])


def _front(shafts: NDArray[np.object_], middle: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return how far the second nearest corner of each shaft is from a line; NaN where there is no line."""
    corners, of = shapely.get_coordinates(shafts, return_index=True)
    # A ring names its first corner twice.
    once = np.append(of[1:] == of[:-1], False)
    corners, of = corners[once], of[once]
    away = shapely.distance(shapely.points(corners), middle[of])
    order = np.lexsort((away, of))
    first = np.searchsorted(of, np.arange(len(shafts)))
    return np.asarray(away[order][first + 1], dtype=float)


def _strips(lanes: Lanes) -> list[_Strip]:
    """Return the parts of all lanes."""
    linear = shapely.get_type_id(lanes.lines) != 0
    found = [
        _Strip(int(row), line, shapely.buffer(line, width / 2, cap_style="flat"), float(width))
        for line, width, row in zip(
            lanes.lines[linear], lanes.widths[linear], lanes.of_line[linear], strict=True
        )
    ]
    areas = zip(lanes.areas, lanes.of_area, strict=True)
    return [*found, *(_Strip(int(row), None, area, np.nan) for area, row in areas)]


def _shuts(other: Any, middle: Any, strip: Any) -> bool:  # noqa: ANN401 - shapes
    """Tell whether a wall or building is drawn right across a lane: at a gate or an archway, or it shuts the lane anyway."""
    if middle is None or not shapely.intersects(other, middle):
        return False
    cut = shapely.buffer(other, _HAIR_M) if shapely.get_dimensions(other) == 1 else other
    return len(shapely.get_parts(shapely.difference(strip, cut))) > 1


def _across(shaft: Any, pieces: NDArray[np.object_], part: _Strip) -> float:  # noqa: ANN401 - a shape
    """Return the width that pieces of a thing leave between them and a shaft; infinite where they are not across."""
    least = np.inf
    for piece in pieces:
        way = shapely.shortest_line(shaft, piece)
        if part.middle is None:
            # Across an area: part of the way must lead over it, so that what touches the shaft's own side is not across.
            across = shapely.length(shapely.intersection(way, part.ground)) > _TOUCH_M
        else:
            across = shapely.intersects(way, part.middle) or shapely.intersects(piece, part.middle)
        if across:
            least = min(least, float(shapely.length(way)))
    return least


def _own_side(before: Any, other: Any, part: _Strip) -> float:  # noqa: ANN401 - shapes
    """Return the width left of a lane by what stands between a shaft and its middle line; infinite where nothing does."""
    if before is None or not shapely.intersects(before, other):
        return np.inf
    ahead = shapely.intersection(other, before)
    if shapely.is_empty(ahead) or shapely.intersects(ahead, part.middle):
        return np.inf
    return float(shapely.distance(ahead, part.middle)) + part.width_m / 2


def _before(shaft: Any, middle: Any) -> Any:  # noqa: ANN401 - shapes
    """Return the ground between the corners of a shaft nearest to a line and the line; None where it stands on it."""
    if shapely.intersects(shaft, middle):
        return None
    corners = np.asarray(shapely.points(shapely.get_coordinates(shaft)[:-1]), dtype=object)
    away = shapely.distance(corners, middle)
    near = corners[np.argsort(away, kind="stable")[:2]]
    places = shapely.multipoints(shapely.get_coordinates(shapely.shortest_line(near, middle)))
    return shapely.convex_hull(places)
