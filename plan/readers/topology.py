"""Shapes of one layer against each other: overlaps, slivers, doubles, and ways that cross what they cannot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.findings import Problem
from plan.messages import Message
from plan.readers.consistency import Told, shapes_of
from plan.text_safety import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check_topology"]

_OVERLAP: Final = 1.0  # m2 that neighbouring plots or houses may share
_GAP_M: Final = 0.5  # metres; a strip up to twice as wide between two plots is no land of its own
_SLIVER_M2: Final = 0.5
_THIN: Final = (
    0.01  # 4 pi area / perimeter^2 below which a plot is a strip: a circle has 1, 1 m x 250 m has 0.0125
)
_WALL_M: Final = 0.5  # metres from an outline that a way may be drawn inside it
_INSIDE_M: Final = 2.0  # metres that a way may run inside a building: ways are drawn to doors
_ACROSS: Final = re.compile(r"/across\d+$")  # how the reader of OpenStreetMap calls them
_SHOWN: Final = 10
# Layers in which no two rows have the same shape, and columns by which rows on one spot differ after all.
_SINGLE: Final = {
    "parcels": (), "buildings": (), "stalls": ("level", "state"), "walkways": ("level",), "barriers": (),
    "open_spaces": (), "rooms": ("floor", "building_id"), "facilities": ("category", "name"), "elevators": ("state",),
}  # fmt: skip


def check_topology(
    layers: Mapping[str, gpd.GeoDataFrame], *, paths: Mapping[str, str]
) -> tuple[Problem, ...]:
    """Find shapes that cannot be together.

    Parameters
    ----------
    layers : mapping of str to geopandas.GeoDataFrame
        Layers of the contract, in one metric system.
    paths : mapping of str to str
        The file that each came from.

    Returns
    -------
    tuple of Problem
        PLAN-TOPO-001 plots that overlap, 002 slivers between or among them, 003 shapes that stand twice, 004 houses
        that overlap, 005 ways through houses, 006 ways that cross without a common vertex.
    """
    told = Told(layers, paths, [])
    doubles = {name: _doubles(told, name) for name in _SINGLE if name in layers}
    if "parcels" in layers:
        _overlapping(told, "parcels", "PLAN-TOPO-001", "parcels_overlap", doubles["parcels"])
        _slivers(told)
    if "buildings" in layers:
        _overlapping(told, "buildings", "PLAN-TOPO-004", "buildings_overlap", doubles["buildings"])
    if "walkways" in layers:
        if "buildings" in layers:
            _through(told)
        _crossings(told)
    return tuple(told.problems)


def _doubles(told: Told, name: str) -> NDArray[np.bool_]:
    """Tell rows whose shape another row before them has; return them."""
    frame = told.layers[name]
    shapes = shapes_of(frame)
    rows = np.flatnonzero(~shapely.is_missing(shapes))
    # Only what has one extent can have one shape; to look at extents first is much faster.
    extents = [tuple(bounds) for bounds in shapely.bounds(shapes[rows]).tolist()]
    often = Counter(extents)
    rows = rows[[often[extent] > 1 for extent in extents]]
    columns = [frame[c].iloc[rows].tolist() for c in _SINGLE[name] if c in frame.columns]
    values = [["" if pd.isna(value) else value for value in column] for column in columns]
    if name == "walkways":
        laid = _across(told)
        values.append([i if laid[i] else -1 for i in rows.tolist()])  # each that is laid is like no other
    keys = list(zip(shapely.to_wkb(shapely.normalize(shapes[rows])).tolist(), *values, strict=True))
    first = {key: i for i, key in reversed(list(enumerate(keys)))}
    again = np.zeros(len(frame), dtype=bool)
    again[rows] = [first[key] < i for i, key in enumerate(keys)]
    times = Counter(keys)
    twice = np.zeros(len(frame), dtype=bool)
    twice[rows] = [times[key] > 1 for key in keys]
    told.note(name, "PLAN-TOPO-003", "shape_twice", twice)
    return again


def _overlapping(told: Told, name: str, problem_id: str, key: str, doubles: NDArray[np.bool_]) -> None:
    shapes = shapes_of(told.layers[name]).copy()
    if name == "buildings":
        shapes[doubles] = None  # told once, as doubles
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first = left < right
    left, right = left[first], right[first]
    if name == "buildings":  # a station below the ground is below other houses
        level = _layer(told.layers[name])
        together = level[left] == level[right]
        left, right = left[together], right[together]
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    ids = told.ids(name)
    order = [k for k in np.lexsort((right, left)) if shared[k] > _OVERLAP]
    if not order:
        return
    pairs = [(int(left[k]), int(right[k])) for k in order]
    areas = shapely.area(shapes)
    shown = tuple(
        f"{_pair(plain(ids[i]), plain(ids[j]), areas[i] - shared[k], areas[j] - shared[k])} {shared[k]:.1f}"
        for k, (i, j) in zip(order[:_SHOWN], pairs[:_SHOWN], strict=True)
    )
    rows = sorted({i for pair in pairs for i in pair})
    message = Message(
        f"readers.{key}", count=len(pairs), pairs=shown, area=round(float(shared[order].sum()), 1)
    )
    told.tell(name, problem_id, message, rows, severity="error" if name == "parcels" else "warning")


def _pair(one: str, other: str, beyond_one: float, beyond_other: float) -> str:
    """Return two ids; with ``<`` between them where the first lies inside the second, by what lies beyond each."""
    if beyond_one <= _OVERLAP < beyond_other:
        return f"{one}<{other}"
    return f"{other}<{one}" if beyond_other <= _OVERLAP < beyond_one else f"{one}/{other}"


def _layer(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return on which layer each building lies; 0 where nothing is said."""
    if "layer" not in frame.columns:
        return np.zeros(len(frame))
    said = pd.to_numeric(frame["layer"].astype(object), errors="coerce")
    return np.asarray(said.fillna(0).to_numpy(dtype=float))


def _slivers(told: Told) -> None:
    """Tell plots that are strips, and strips that belong to nobody between two plots."""
    shapes = shapes_of(told.layers["parcels"])
    with np.errstate(invalid="ignore", divide="ignore"):
        round_ = 4 * np.pi * shapely.area(shapes) / shapely.length(shapes) ** 2
    thin = (round_ < _THIN) & ~shapely.is_missing(shapes)
    told.note("parcels", "PLAN-TOPO-002", "sliver", thin)
    drawn = np.flatnonzero(~shapely.is_missing(shapes))
    left, right = shapely.STRtree(shapes[drawn]).query(
        shapes[drawn], predicate="dwithin", distance=2 * _GAP_M
    )
    first = left < right
    left, right = drawn[left[first]], drawn[right[first]]
    if not len(left):
        return
    both = shapely.union(shapes[left], shapes[right])
    closed = shapely.buffer(shapely.buffer(both, _GAP_M, join_style="mitre"), -_GAP_M, join_style="mitre")
    # Other plots may fill the strip between two.
    gaps = shapely.difference(closed, shapely.union_all(shapes[drawn]))
    area = shapely.area(gaps)
    wide = area > _SLIVER_M2
    if wide.any():
        ids = told.ids("parcels")
        order = np.flatnonzero(wide)
        shown = tuple(f"{plain(ids[left[k]])}/{plain(ids[right[k]])} {area[k]:.1f}" for k in order[:_SHOWN])
        rows = sorted({int(i) for k in order for i in (left[k], right[k])})
        message = Message("readers.sliver_gap", count=len(order), pairs=shown, metres=f"{2 * _GAP_M:g}")
        told.tell("parcels", "PLAN-TOPO-002", message, rows)


def _ground(frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return what lies on the ground and is open: no bridge, tunnel, corridor, elevator or railway, no roof over a road."""
    flat = np.ones(len(frame), dtype=bool)
    if "level" in frame.columns:
        flat &= pd.to_numeric(frame["level"], errors="coerce").fillna(0).eq(0).to_numpy()
    if "kind" in frame.columns:
        flat &= ~frame["kind"].isin(["corridor", "elevator"]).to_numpy()
    if "access" in frame.columns:
        flat &= ~frame["access"].isin(["no"]).to_numpy()
    for column in ("bridge", "tunnel", "is_bridge", "is_tunnel", "layer", "covered"):
        if column in frame.columns:
            said = frame[column].astype(str).str.casefold()
            flat &= (frame[column].isna() | said.isin(["", "no", "0", "false", "none"])).to_numpy()
    if "other_tags" in frame.columns:
        flat &= (
            ~frame["other_tags"].astype(str).str.contains('"(?:bridge|tunnel|layer|covered)"=>').to_numpy()
        )
    return flat


def _across(told: Told) -> NDArray[np.bool_]:
    """Return the lines that a reader laid across squares: nobody drew them, and on a square people turn where they like."""
    return np.array(
        [isinstance(i, str) and _ACROSS.search(i) is not None for i in told.ids("walkways")], dtype=bool
    )


def _through(told: Told) -> None:
    ways, houses = told.layers["walkways"], shapes_of(told.layers["buildings"]).copy()
    houses[~_ground(told.layers["buildings"])] = None
    lines = shapes_of(ways)
    way, house = shapely.STRtree(houses).query(lines, predicate="intersects")
    # A yard is drawn to the walls around it: along an outline is not through a house.
    rooms = shapely.buffer(houses[house], -_WALL_M, join_style="mitre")
    inside = shapely.length(shapely.intersection(lines[way], rooms))
    deep = (inside > _INSIDE_M) & _ground(ways)[way]
    through = np.zeros(len(ways), dtype=bool)
    through[way[deep]] = True
    told.note("walkways", "PLAN-TOPO-005", "way_through", through, metres=f"{_INSIDE_M:g}")


def _crossings(told: Told) -> None:
    """Tell ways of one level that cross where neither has a vertex of the other."""
    ways = told.layers["walkways"]
    lines = shapes_of(ways).copy()
    lines[~_ground(ways) | _across(told)] = None
    left, right = shapely.STRtree(lines).query(lines, predicate="crosses")
    first = left < right
    left, right = left[first], right[first]
    points = shapely.intersection(lines[left], lines[right])
    parts, pair = shapely.get_parts(points, return_index=True)
    spots = shapely.get_type_id(parts) == 0
    parts, pair = parts[spots], pair[spots]
    if not len(parts):
        return
    # Where both have a vertex on the spot they meet.
    vertices = [
        shapely.multipoints(shapely.get_coordinates(line)) for line in lines[np.concatenate([left, right])]
    ]
    mine, theirs = (
        np.array(vertices[: len(left)], dtype=object),
        np.array(vertices[len(left) :], dtype=object),
    )
    apart = (shapely.distance(mine[pair], parts) > 1e-6) | (shapely.distance(theirs[pair], parts) > 1e-6)  # noqa: PLR2004 - m
    if not apart.any():
        return
    ids = told.ids("walkways")
    order = np.flatnonzero(apart)
    shown = tuple(
        f"{plain(ids[left[pair[k]]])} × {plain(ids[right[pair[k]]])} ({shapely.get_x(parts[k]):.1f}, {shapely.get_y(parts[k]):.1f})"
        for k in order[:_SHOWN]
    )
    rows = sorted({int(i) for k in order for i in (left[pair[k]], right[pair[k]])})
    message = Message("readers.way_crossing", count=len(order), pairs=shown)
    told.tell("walkways", "PLAN-TOPO-006", message, rows)
