"""How wide a lane is left beside a thing that stands at it.

What is left is the clear width from the thing to the far border of the lane, across the lane. Where the thing stands off
the lane, the strip between counts too: a lane of 3.5 m keeps 4 m beside a shaft half a metre away, and has no room to be
widened beside one that stands closer. A thing beyond the end of a lane is not beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["LaneWidths", "Lanes", "lanes_of", "left_beside"]

_LINES: Final = ("LineString", "MultiLineString", "LinearRing")
# Ends of two lanes so close are one place: half a millimetre.
_SAME_M: Final = 5e-4
# Square metres below which a thing only touches what is beside a lane.
_TOUCH_M2: Final = 1e-9
_WIDER_M: Final = 6.0  # of a strip along a lane: all of a shaft is looked at, not only its near side
_NEAR_M: Final = 0.05  # borders so near are looked at together, and the longest gives the direction


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lanes:
    """Lanes as lines with a width, and as areas.

    Parameters
    ----------
    lines : array of LineString, (n,)
        Middle lines; Points where two of them meet end to end.
    widths : array of float, (n,)
        Clear widths in metres.
    of_line : array of int, (n,)
        The row that each line is part of.
    areas : array of Polygon, (m,)
        Lanes drawn as areas.
    of_area : array of int, (m,)
        Their rows.
    """

    lines: NDArray[np.object_]
    widths: NDArray[np.float64]
    of_line: NDArray[np.int64]
    areas: NDArray[np.object_]
    of_area: NDArray[np.int64]


class LaneWidths(NamedTuple):
    """Pairs of things and lanes, with what is left."""

    thing: NDArray[np.int64]
    lane: NDArray[np.int64]  # row
    left_m: NDArray[np.float64]


def lanes_of(shapes: NDArray[np.object_], widths_m: NDArray[np.float64]) -> Lanes:
    """Sort lanes into lines and areas.

    Parameters
    ----------
    shapes : array of LineString or Polygon, simple or multiple
        The lanes; rows that are None, and lines without a width, are left out.
    widths_m : array of float
        Of the lines.

    Returns
    -------
    Lanes
        With places where two lines meet end to end as lines of their own: at a bend between two lanes the outer side
        is beside neither.
    """
    kinds = np.array(["" if s is None or s.is_empty else s.geom_type for s in shapes], dtype=object)
    linear = np.isin(kinds, _LINES) & np.isfinite(widths_m) & (widths_m > 0)
    areal = np.isin(kinds, ("Polygon", "MultiPolygon"))
    lines, of_line = shapely.get_parts(shapes[linear], return_index=True)
    areas, of_area = shapely.get_parts(shapes[areal], return_index=True)
    of_line = np.flatnonzero(linear)[of_line]
    long = shapely.length(lines) > _SAME_M
    lines, of_line = lines[long], of_line[long]
    widths = widths_m[of_line]
    joints, of_joint, joint_widths = _joints(lines, widths, of_line)
    return Lanes(
        lines=np.concatenate([lines, joints]),
        widths=np.concatenate([widths, joint_widths]),
        of_line=np.concatenate([of_line, of_joint]).astype(np.int64),
        areas=areas,
        of_area=np.flatnonzero(areal)[of_area].astype(np.int64),
    )


def _joints(
    lines: NDArray[np.object_], widths: NDArray[np.float64], of_line: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.float64]]:
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    owner = np.tile(np.arange(len(lines)), 2)
    if not len(ends):
        return np.array([], dtype=object), np.array([], dtype=np.int64), np.array([])
    a, b = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=_SAME_M)
    met = (a < b) & (owner[a] != owner[b])
    a, b = a[met], b[met]
    wider = widths[owner[a]] >= widths[owner[b]]
    return (
        ends[a],
        of_line[np.where(wider, owner[a], owner[b])],
        np.maximum(widths[owner[a]], widths[owner[b]]),
    )


def left_beside(
    things: NDArray[np.object_],
    lanes: Lanes,
    *,
    within_m: float | NDArray[np.float64],
    leave: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]] | None = None,
) -> LaneWidths:
    """Measure what is left of lanes beside things.

    Parameters
    ----------
    things : array of Polygon
        Such as shafts.
    lanes : Lanes
        The lanes.
    within_m : float or array of float
        Widths beyond this are not looked for; one figure, or one for each row.
    leave : callable, optional
        Tells of pairs of a thing and a row drawn as a line which are left out.

    Returns
    -------
    LaneWidths
        One row for each pair of a thing and a lane beside it, as parts of lanes may give several.
    """
    rows = 1 + max(lanes.of_line.max(initial=-1), lanes.of_area.max(initial=-1))
    within = np.full(rows, within_m, dtype=float) if np.ndim(within_m) == 0 else np.asarray(within_m, float)
    by_line = _beside_lines(things, lanes, within, leave)
    by_area = _beside_areas(things, lanes, float(within.max(initial=0.0)))
    return LaneWidths(*(np.concatenate(pair) for pair in zip(by_line, by_area, strict=True)))


def _nothing() -> LaneWidths:
    return LaneWidths(np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([]))


def _beside_lines(
    things: NDArray[np.object_],
    lanes: Lanes,
    within: NDArray[np.float64],
    leave: Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]] | None,
) -> LaneWidths:
    if not len(lanes.lines) or not len(things):
        return _nothing()
    reach = np.maximum(within[lanes.of_line] - lanes.widths / 2, 0.0)
    line, one = shapely.STRtree(things).query(lanes.lines, predicate="dwithin", distance=reach)
    if leave is not None and len(one):
        stays = ~leave(one, lanes.of_line[line])
        line, one = line[stays], one[stays]
    if not len(one):
        return _nothing()
    used, place = np.unique(line, return_inverse=True)
    # Flat ends: ground beyond the end of a lane is not beside it. A joint is a place, with ground all around.
    far = reach[used] + lanes.widths[used] + _WIDER_M
    strips = shapely.buffer(lanes.lines[used], far, quad_segs=16, cap_style="flat")
    points = shapely.get_type_id(lanes.lines[used]) == 0
    strips[points] = shapely.buffer(lanes.lines[used][points], far[points], quad_segs=16)
    shapely.prepare(strips)
    whole = shapely.contains(strips[place], things[one])
    parts = things[one].copy()
    parts[~whole] = shapely.intersection(strips[place][~whole], things[one][~whole])
    keep = shapely.area(parts) > _TOUCH_M2
    one, line, parts = one[keep], line[keep], parts[keep]
    middle = lanes.lines[line]
    left = shapely.distance(parts, middle) + lanes.widths[line] / 2
    across = shapely.distance(parts, middle) == 0
    if across.any():
        left[across] = _across(parts[across], middle[across], lanes.widths[line[across]])
    near = left <= within[lanes.of_line[line]]
    return LaneWidths(one[near], lanes.of_line[line[near]], left[near])


def _across(
    parts: NDArray[np.object_],
    lines: NDArray[np.object_],
    widths: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what is left of lanes whose middle line a thing covers: the wider of both sides."""
    on_left = np.zeros(len(parts))
    on_right = np.zeros(len(parts))
    linear = shapely.get_type_id(lines) != 0
    # Of equal lines, of which there are many, one side is found once.
    _, some, back = np.unique(shapely.to_wkb(lines[linear]), return_index=True, return_inverse=True)
    sides = shapely.buffer(lines[linear][some], 2 * widths[linear][some] + _WIDER_M, single_sided=True)
    left_side = sides[back]
    first = np.flatnonzero(linear)
    for reach, side in (
        (on_left, shapely.intersection(parts[linear], left_side)),
        (on_right, shapely.difference(parts[linear], left_side)),
    ):
        corners, index = shapely.get_coordinates(side, return_index=True)
        np.maximum.at(reach, first[index], shapely.distance(shapely.points(corners), lines[linear][index]))
    left: NDArray[np.float64] = np.maximum(widths / 2 - np.minimum(on_left, on_right), 0.0)
    left[~linear] = 0.0
    return left


def _beside_areas(things: NDArray[np.object_], lanes: Lanes, within_m: float) -> LaneWidths:
    if not len(lanes.areas) or not len(things):
        return _nothing()
    one, area = shapely.STRtree(lanes.areas).query(things, predicate="dwithin", distance=within_m)
    if not len(one):
        return _nothing()
    middle, direction = _directions(things[one], area, _borders(lanes.areas), within_m)
    known = np.isfinite(direction[:, 0])
    one, area, middle, direction = one[known], area[known], middle[known], direction[known]
    left = _crossed(things[one], lanes.areas, area, middle, direction, within_m=within_m)
    beside = left <= within_m
    return LaneWidths(one[beside], lanes.of_area[area[beside]], left[beside])


def _borders(
    areas: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return the ends of all straight pieces of the areas' borders, and whose they are."""
    rings, of_ring = shapely.get_rings(areas, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return points[:-1][same], points[1:][same], of_ring[ring[:-1][same]]


def _directions(
    things: NDArray[np.object_],
    area: NDArray[np.int64],
    borders: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]],
    within_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each pair the middle of the thing and the direction of the border that it stands at."""
    starts, ends, owner = borders
    middle = shapely.get_coordinates(shapely.centroid(things))
    direction = np.full((len(things), 2), np.nan)
    pieces = np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)
    length = np.hypot(*(ends - starts).T)
    pair, piece = shapely.STRtree(pieces).query(things, predicate="dwithin", distance=within_m)
    own = (owner[piece] == area[pair]) & (length[piece] > _SAME_M)
    pair, piece = pair[own], piece[own]
    away = shapely.distance(things[pair], pieces[piece])
    least = np.full(len(things), np.inf)
    np.minimum.at(least, pair, away)
    close = away <= least[pair] + _NEAR_M
    pair, piece = pair[close], piece[close]
    order = np.lexsort((piece, length[piece], pair))  # the longest of each pair comes last
    pair, piece = pair[order], piece[order]
    last = np.append(pair[1:] != pair[:-1], True)[: len(pair)]
    direction[pair[last]] = ((ends - starts) / np.maximum(length, _SAME_M)[:, None])[piece[last]]
    return middle, direction


def _crossed(
    things: NDArray[np.object_],
    areas: NDArray[np.object_],
    area: NDArray[np.int64],
    middle: NDArray[np.float64],
    direction: NDArray[np.float64],
    *,
    within_m: float,
) -> NDArray[np.float64]:
    """Return what is left across each area beside each thing: the least over all lines across that pass the thing."""
    left = np.full(len(things), np.inf)
    normal = np.column_stack([-direction[:, 1], direction[:, 0]])
    corners, pair = shapely.get_coordinates(things, return_index=True)
    away = corners - middle[pair]
    t, n = (np.einsum("ij,ij->i", away, axis[pair]) for axis in (direction, normal))
    low_t, high_t, low_n, high_n = (np.full(len(things), fill) for fill in (np.inf, -np.inf, np.inf, -np.inf))
    for values, low, high in ((t, low_t, high_t), (n, low_n, high_n)):
        np.minimum.at(low, pair, values)
        np.maximum.at(high, pair, values)
    # Borders are straight between their corners, so what is left is least at the thing's sides or at such a corner.
    rays_pair, rays_t = [np.arange(len(things))] * 2, [low_t, high_t]
    border, of_border = shapely.get_coordinates(areas, return_index=True)
    for number in range(len(things)):
        mine = border[of_border == area[number]] - middle[number]
        at = mine @ direction[number]
        inside = at[(at > low_t[number]) & (at < high_t[number])]
        rays_pair.append(np.full(len(inside), number))
        rays_t.append(inside)
    who, where = np.concatenate(rays_pair), np.concatenate(rays_t)
    base = middle[who] + where[:, None] * direction[who]
    reach = within_m + np.maximum(high_n, -low_n)[who][:, None]
    rays = shapely.linestrings(
        np.stack(
            [
                base + (low_n[who][:, None] - reach) * normal[who],
                base + (high_n[who][:, None] + reach) * normal[who],
            ],
            axis=1,
        )
    )
    pieces, ray = shapely.get_parts(shapely.intersection(rays, areas[area[who]]), return_index=True)
    # A line across that only touches a corner gives a point, one that misses the lane an empty line.
    real = shapely.get_num_coordinates(pieces) > 1
    pieces, ray = pieces[real], ray[real]
    if not len(pieces):
        return left
    ends = np.stack([shapely.get_coordinates(shapely.get_point(pieces, k)) for k in (0, -1)], axis=1)
    along = np.einsum("kij,kj->ki", ends - middle[who[ray]][:, None, :], normal[who[ray]])
    a, b = along.min(axis=1), along.max(axis=1)
    s0, s1 = low_n[who[ray]], high_n[who[ray]]
    gap = np.maximum(np.maximum(a - s1, s0 - b), 0.0)
    # Of several pieces of the lane on one line across, the nearest one counts.
    order = np.lexsort((a, gap, ray))
    first = np.append(True, ray[order][1:] != ray[order][:-1])
    chosen = order[first]
    np.minimum.at(left, who[ray[chosen]], np.maximum(np.maximum(b - s1, s0 - a)[chosen], 0.0))
    return left
