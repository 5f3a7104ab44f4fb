"""From frames of nodes and edges to arrays that can be trusted: checked once, at the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from plan.errors import CrsError, InputError
from plan.findings import Problem
from plan.messages import Message
from plan.network.relief import Relief
from plan.network.speed import BACKWARD, BOTH, FORWARD, RAMPS, Pace, Walked, check_pace
from plan.shapes import line_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["EdgeArrays", "check_edges", "check_nodes", "check_speeds", "common_crs", "walked_edges"]

# Words for one-way edges beside booleans and -1, 0, 1; those of OpenStreetMap.
_ONEWAY: Final = {
    "yes": FORWARD,
    "true": FORWARD,
    "1": FORWARD,
    "forward": FORWARD,
    "-1": BACKWARD,
    "reverse": BACKWARD,
    "backward": BACKWARD,
    "no": BOTH,
    "false": BOTH,
    "0": BOTH,
    "": BOTH,
}


# Metres: the equator. No walkway is longer, and beside a length without bounds all others would vanish.
_LONGEST_M: Final = 40_075_017.0
# Metres from the origin of any reference system in use; with the number of a zone before them, eastings reach 6.1e7.
_FURTHEST_M: Final = 1e8

_IDS: Final = {
    "edge_length": "PLAN-NET-001",
    "edge_oneway": "PLAN-NET-001",
    "edge_geometry": "PLAN-NET-001",
    "edge_node_missing": "PLAN-NET-003",
    "node_repeated": "PLAN-NET-004",
    "node_coordinates": "PLAN-NET-004",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EdgeArrays:
    """Checked edges; row i of every array is edge i of the frame."""

    u: NDArray[np.int64]  # position of the node in the frame of nodes
    v: NDArray[np.int64]
    length_m: NDArray[np.float64]
    oneway: NDArray[np.int8]
    geometry: NDArray[np.object_]  # LineStrings from u to v


def check_nodes(nodes: pd.DataFrame) -> NDArray[np.float64]:
    """Return the coordinates of the nodes, or raise one error that names every wrong row.

    Parameters
    ----------
    nodes : DataFrame
        ``x`` and ``y`` in metres, indexed by node id.

    Returns
    -------
    array of float, shape (n, 2)
        Coordinates in metres.

    Raises
    ------
    InputError
        If there are no nodes, a column is missing, an id is repeated or a coordinate is not a number of metres on
        earth.
    """
    _need_columns(nodes, ("x", "y"), "nodes")
    if nodes.empty:
        raise InputError(Message("network.no_nodes"))
    problems = []
    repeated = np.asarray(nodes.index.duplicated(keep="first"), dtype=bool)
    if repeated.any():
        problems.append(_problem("node_repeated", nodes, repeated, layer="nodes", column=""))
    xy = _numbers(nodes, ("x", "y"))
    wrong = ~_on_earth(xy)
    if wrong.any():
        problems.append(_problem("node_coordinates", nodes, wrong, layer="nodes", column="x, y"))
    if problems:
        raise InputError(Message("network.nodes_unusable", problems=_messages(problems)), problems)
    return xy


def check_edges(nodes: pd.DataFrame, edges: pd.DataFrame, xy: NDArray[np.float64]) -> EdgeArrays:
    """Return the edges as arrays, or raise one error that names every wrong row.

    Zero-length edges, loops and repeated edges are accepted as they are.

    Parameters
    ----------
    nodes : DataFrame
        Indexed by node id.
    edges : DataFrame
        ``u``, ``v`` (node ids), ``length_m`` in metres; optionally ``oneway`` and ``geometry``.
    xy : array of float
        Coordinates of the nodes in metres.

    Returns
    -------
    EdgeArrays
        The same rows in the same order; an edge without geometry is a straight line.

    Raises
    ------
    InputError
        If a column is missing, a length is not a number from 0 to the length of the equator, an edge ends at a node that does
        not exist, its geometry is not one line, or its ``oneway`` cannot be understood.
    """
    _need_columns(edges, ("u", "v", "length_m"), "edges")
    u = nodes.index.get_indexer(pd.Index(edges["u"]))
    v = nodes.index.get_indexer(pd.Index(edges["v"]))
    length_m = _numbers(edges, ("length_m",))[:, 0]
    problems = []
    # A node without an id is not the node that an edge without one means.
    lost = (u < 0) | (v < 0) | np.asarray(edges["u"].isna() | edges["v"].isna(), dtype=bool)
    if lost.any():
        problems.append(_problem("edge_node_missing", edges, lost, layer="edges", column="u, v"))
    bad_length = ~((length_m >= 0) & (length_m <= _LONGEST_M))
    if bad_length.any():
        problems.append(_problem("edge_length", edges, bad_length, layer="edges", column="length_m"))
    oneway, bad_oneway = _oneway(edges)
    if bad_oneway.any():
        problems.append(_problem("edge_oneway", edges, bad_oneway, layer="edges", column="oneway"))
    drawn, bad_geometry = _drawn(edges)
    if bad_geometry.any():
        problems.append(_problem("edge_geometry", edges, bad_geometry, layer="edges", column="geometry"))
    if problems:
        raise InputError(Message("network.edges_unusable", problems=_messages(problems)), problems)
    geometry = _lines(drawn, xy[u], xy[v])
    return EdgeArrays(u=u, v=v, length_m=length_m, oneway=oneway, geometry=geometry)


def walked_edges(nodes: pd.DataFrame, edges: pd.DataFrame, checked: EdgeArrays) -> Walked:
    """Return what edges ask of those who walk them.

    Parameters
    ----------
    nodes : DataFrame
        Perhaps with ``z``, heights in metres.
    edges : DataFrame
        Perhaps with ``kind`` (``steps``, ``crossing``, …), ``way_id`` and ``slope`` (rise over run from u to
        v, which counts more than the heights of the nodes).
    checked : EdgeArrays
        The same edges.

    Returns
    -------
    Walked
        Without relief where neither slopes nor heights are given.
    """
    count = len(checked.u)
    kind = edges["kind"].tolist() if "kind" in edges.columns else []
    steps = np.fromiter((one == "steps" for one in kind), dtype=bool, count=len(kind))
    crosses = np.fromiter((one == "crossing" for one in kind), dtype=bool, count=len(kind))
    crossing = np.zeros(count)
    if crosses.any():
        crossing[crosses] = _shares(edges[crosses], checked.length_m[crosses])
    rise = np.full(count, np.nan)
    if "z" in nodes.columns:
        z = _numbers(nodes, ("z",))[:, 0]
        rise = z[checked.v] - z[checked.u]
    if "slope" in edges.columns:
        drawn = _numbers(edges, ("slope",))[:, 0] * checked.length_m
        rise = np.where(np.isfinite(drawn), drawn, rise)
    return Walked(
        length_m=checked.length_m,
        oneway=checked.oneway,
        steps=steps if len(kind) else np.zeros(count, dtype=bool),
        crossing=crossing,
        relief=Relief.whole(rise) if np.isfinite(rise).any() else None,
        ramp=_ramps(edges),
        no_wheelchair=_no_wheelchair(edges),
    )


def _ramps(edges: pd.DataFrame) -> NDArray[np.int8] | None:
    """Return whose wheels the ramps of the edges serve; None where no ramp is known."""
    if "ramp" not in edges.columns:
        return None
    ramp: NDArray[np.int8] = np.array([RAMPS.get(one, 0) for one in edges["ramp"]], dtype=np.int8)
    return ramp if ramp.any() else None


def _no_wheelchair(edges: pd.DataFrame) -> NDArray[np.bool_] | None:
    """Return which edges are said to be closed to wheelchairs; None where none is."""
    if "wheelchair" not in edges.columns:
        return None
    closed = np.asarray(~edges["wheelchair"].astype("boolean").fillna(value=True), dtype=bool)
    return closed if closed.any() else None


def _shares(crossings: pd.DataFrame, length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of its way that each edge is: who walks a whole way waits once."""
    if "way_id" not in crossings.columns:
        return np.ones(len(crossings))
    way = crossings["way_id"].to_numpy(dtype=object)
    code, _ = pd.factorize(way)
    code = np.where(
        code < 0, code.max(initial=-1) + 1 + np.arange(len(code)), code
    )  # no id: a way of its own
    total = np.bincount(code, weights=length_m)[code]
    return np.asarray(np.divide(length_m, total, out=np.zeros(len(code)), where=total > 0), dtype=float)


def check_speeds(speeds: Mapping[str, float | Pace] | None) -> dict[str, float | Pace] | None:
    """Return the speeds as they are, or raise when one makes no sense.

    Parameters
    ----------
    speeds : mapping of str to float or Pace, optional
        Metres per minute, or more than that, by profile.

    Returns
    -------
    dict or None
        A copy.

    Raises
    ------
    UsageError
        If a speed is zero, negative, infinite or not a number; see :func:`plan.network.speed.check_pace`.
    """
    if speeds is None:
        return None
    return {str(profile): check_pace(pace, profile=str(profile)) for profile, pace in speeds.items()}


def common_crs(*frames: Any) -> Any:  # noqa: ANN401 - a pyproj CRS, which has no common base with None
    """Return the reference system that the frames state, or None; degrees are refused.

    Parameters
    ----------
    *frames : DataFrame or None
        Frames with or without a ``crs``.

    Returns
    -------
    pyproj.CRS or None
        The first one stated.

    Raises
    ------
    CrsError
        If one is in degrees, or two differ.
    """
    stated = [crs for frame in frames if (crs := getattr(frame, "crs", None)) is not None]
    for crs in stated:
        if crs.is_geographic:
            raise CrsError(Message("network.degrees", crs=crs.name))
        if crs != stated[0]:
            raise CrsError(Message("network.two_crs", first=stated[0].name, second=crs.name))
    return stated[0] if stated else None


def _need_columns(frame: pd.DataFrame, columns: tuple[str, ...], layer: str) -> None:
    present = list(getattr(frame, "columns", ()))  # what is no table has none
    absent = tuple(name for name in columns if name not in present)
    if absent:
        raise InputError(Message(f"network.{layer}_columns", columns=absent))
    twice = tuple(sorted({str(name) for name in present if present.count(name) > 1}))
    if twice:
        raise InputError(Message(f"network.{layer}_columns_twice", columns=twice))


def _on_earth(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(xy) <= _FURTHEST_M).all(axis=1))


def _numbers(frame: pd.DataFrame, columns: tuple[str, ...]) -> NDArray[np.float64]:
    """Read columns as numbers; what is not a number becomes NaN and is reported by the caller."""
    read = [pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float) for name in columns]
    return np.column_stack(read)


def _oneway(edges: pd.DataFrame) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    if "oneway" not in edges.columns:
        return np.zeros(len(edges), dtype=np.int8), np.zeros(len(edges), dtype=bool)
    column = edges["oneway"]
    if column.dtype == bool:
        return np.where(column, FORWARD, BOTH).astype(np.int8), np.zeros(len(edges), dtype=bool)
    words = column.astype("object").map(_oneway_word)
    codes = words.map(_ONEWAY)
    wrong = codes.isna().to_numpy(dtype=bool)
    return np.asarray(codes.fillna(BOTH), dtype=np.int8), wrong


def _oneway_word(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN differs from itself
        return ""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip().lower()


def _drawn(edges: pd.DataFrame) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the geometries as drawn (None where there is none) and which are not one line."""
    if "geometry" not in edges.columns:
        return np.full(len(edges), None, dtype=object), np.zeros(len(edges), dtype=bool)
    raw = np.array(edges["geometry"], dtype=object)
    known = shapely.is_geometry(raw)
    absent = ~known & pd.isna(raw)
    raw[absent] = None
    wrong = ~absent & ~known
    raw[wrong] = None
    kinds = shapely.get_type_id(raw)
    wrong |= known & ~np.isin(kinds, (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING))
    raw = shapely.force_2d(raw)
    raw[shapely.is_empty(raw)] = None
    coordinates, owner = shapely.get_coordinates(raw, return_index=True)
    wrong[owner[~_on_earth(coordinates)]] = True
    return raw, wrong


def _lines(
    drawn: NDArray[np.object_], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Complete the geometries: straight where none is drawn, and always running from u to v."""
    lines = drawn.copy()
    straight = np.asarray(shapely.is_missing(lines), dtype=bool)
    if straight.any():
        lines[straight] = shapely.linestrings(np.stack([start[straight], end[straight]], axis=1))
    rest = np.flatnonzero(~straight)
    if rest.size:
        first, last = line_ends(lines[rest])
        as_drawn = _gap(first, start[rest]) + _gap(last, end[rest])
        turned = _gap(first, end[rest]) + _gap(last, start[rest])
        against = rest[turned < as_drawn]
        lines[against] = shapely.reverse(lines[against])
    return lines


def _gap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])


def _problem(key: str, frame: pd.DataFrame, wrong: NDArray[np.bool_], *, layer: str, column: str) -> Problem:
    rows = np.flatnonzero(wrong)
    return Problem(
        id=_IDS[key],
        severity="error",
        effect="refused",
        layer=layer,
        column=column,
        rows=tuple(int(row) + 1 for row in rows),
        features=tuple(str(frame.index[int(row)]) for row in rows),
        message=Message(f"network.{key}", count=len(rows), first=str(frame.index[int(rows[0])])),
        cure=Message(f"network.{key}_cure"),
    )


def _messages(problems: list[Problem]) -> tuple[str, ...]:
    return tuple(problem.message for problem in problems)
