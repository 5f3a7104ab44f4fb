"""What a site says about walking, brought into the form of frames of nodes and edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import MissingLayerError
from plan.findings import Problem
from plan.messages import Message
from plan.network.hours import minute_of, open_at, states_hours
from plan.network.noding import JOIN_M, Noded, node_lines
from plan.network.private import ON_WAY_M, private_edges
from plan.network.speed import MAX_WALK_SLOPE
from plan.network.walls import GATE_REACH_M, Obstructions, is_closed, open_walls

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["SiteLines"]

# Metres on both sides of a way that a gate in no wall bars when it is shut.
_BAR_M: Final = 1.0
# Columns of the walkways that an edge keeps.
_KEPT: Final = ("way_id", "kind", "width_m", "slope", "name", "level", "ramp", "wheelchair")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteLines:
    """Nodes and edges of a site's walkways, and what obstructs the way to them."""

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame
    obstructions: Obstructions
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, site: Site, *, at: str | None = None) -> SiteLines:
        """Read the walkways, barriers, gates and buildings of a site.

        Parameters
        ----------
        site : Site
            The site.
        at : str, optional
            Time of day, ``HH:MM``, at which a gate must be open; without it every gate is.

        Raises
        ------
        MissingLayerError
            If the site has no walkways.
        UsageError
            If `at` is no time of day.
        """
        minute = None if at is None else minute_of(at)
        if not site.has("walkways"):
            raise MissingLayerError(Message("network.no_walkways", site=site.name))
        ways = site.layers["walkways"]
        if (shapely.get_num_geometries(ways.geometry.to_numpy()) > 1).any():
            ways = ways.explode(ignore_index=True)
        ways = ways[~(ways.geometry.isna() | ways.geometry.is_empty | is_closed(ways))].reset_index(drop=True)
        if ways.empty:
            raise MissingLayerError(Message("network.no_walkways", site=site.name))
        gates = _Gates.of(site, minute)
        obstructions = _obstructions(site, gates, ways.geometry.to_numpy())
        levels = pd.to_numeric(ways["level"]).to_numpy(dtype=float) if "level" in ways else None
        noded = node_lines(ways.geometry.to_numpy(), obstructions, levels=levels)
        theirs, ownerless = private_edges(site, ways, noded.geometry, noded.line)
        edges = gpd.GeoDataFrame(
            {
                **{name: ways[name].array[noded.line] for name in _KEPT if name in ways.columns},
                "u": noded.u,
                "v": noded.v,
                "length_m": shapely.length(noded.geometry),
                "oneway": _oneway(ways)[noded.line],
                **({} if theirs is None else {"residents_of": theirs}),
            },
            geometry=noded.geometry,
            crs=site.crs,
        )
        return cls(
            nodes=pd.DataFrame({"x": noded.xy[:, 0], "y": noded.xy[:, 1]}),
            edges=edges,
            obstructions=obstructions,
            problems=(
                *_problems(noded, ways, gates.shut),
                *gates.problems(at),
                *_private_problem(ownerless),
                *_slope_problem(edges),
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Gates:
    """Gates at a time of day."""

    open: NDArray[np.object_]  # Points
    shut: NDArray[np.object_]  # Points of gates that nobody may walk through, now or ever
    shut_ids: tuple[str, ...] = ()  # that are open at other times
    silent_ids: tuple[str, ...] = ()  # that do not say when they are open

    @classmethod
    def of(cls, site: Site, minute: int | None) -> _Gates:
        none = np.zeros(0, dtype=object)
        if not site.has("entrances"):
            return cls(open=none, shut=none)
        entrances = site.layers["entrances"]
        gates = entrances[entrances["kind"] == "gate"]
        points, ids = gates.geometry.to_numpy(), gates["entrance_id"].astype(str)
        usable = ~is_closed(gates)
        now = usable if minute is None else usable & open_at(gates, minute)
        drawn = ~(shapely.is_missing(points) | shapely.is_empty(points))
        silent = usable & ~states_hours(gates) if minute is not None else np.zeros(len(gates), dtype=bool)
        return cls(
            open=points[now],
            shut=np.asarray(shapely.force_2d(points[~now & drawn]), dtype=object),
            shut_ids=tuple(ids[usable & ~now]),
            silent_ids=tuple(ids[silent]),
        )

    def problems(self, at: str | None) -> tuple[Problem, ...]:
        found = (
            ("PLAN-NET-007", "gates_shut", self.shut_ids),
            ("PLAN-NET-008", "gates_silent", self.silent_ids),
        )
        return tuple(
            Problem(
                id=ident,
                severity="info",
                effect="noted",
                layer="entrances",
                column="opens, closes",
                features=ids,
                message=Message(f"network.{key}", count=len(ids), at=at or ""),
                cure=Message(f"network.{key}_cure"),
            )
            for ident, key, ids in found
            if ids
        )


def _obstructions(site: Site, gates: _Gates, ways: NDArray[np.object_]) -> Obstructions:
    none = np.zeros(0, dtype=object)
    walls = site.layers["barriers"].geometry.to_numpy() if site.has("barriers") else none
    buildings = none
    if site.has("buildings"):
        drawn = site.layers["buildings"].geometry
        buildings = drawn[~(drawn.isna() | drawn.is_empty)].to_numpy()
    closed = open_walls(walls, gates.open)
    bars = _bars(gates.shut, closed, ways)
    return Obstructions(
        walls=np.concatenate([closed, bars]) if len(bars) else closed, buildings=shapely.force_2d(buildings)
    )


def _bars(
    shut: NDArray[np.object_], walls: NDArray[np.object_], ways: NDArray[np.object_]
) -> NDArray[np.object_]:
    """Return bars across the ways at gates that are shut.

    A gate may stand in a gap of the wall that is drawn, or in no wall at all; in a gap the bar is as wide as the
    gap of a gate can be.
    """
    if not len(shut):
        return shut
    lines = shapely.force_2d(ways)
    half_m = np.full(len(shut), _BAR_M)
    if len(walls):
        reach = GATE_REACH_M + ON_WAY_M
        half_m[shapely.STRtree(walls).query(shut, predicate="dwithin", distance=reach)[0]] = reach
    gate, way = shapely.STRtree(lines).query(shut, predicate="dwithin", distance=ON_WAY_M)
    along = shapely.line_locate_point(lines[way], shut[gate])
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines[way], np.maximum(along - 1, 0)))
    spot = shapely.get_coordinates(shapely.line_interpolate_point(lines[way], along))
    after = shapely.get_coordinates(
        shapely.line_interpolate_point(lines[way], np.minimum(along + 1, shapely.length(lines[way])))
    )
    ahead = after - before
    size = np.hypot(*ahead.T)[:, None]
    across = (
        np.divide(ahead, size, out=np.zeros_like(ahead), where=size > 0)[:, ::-1]
        * (-1, 1)
        * half_m[gate][:, None]
    )
    moving = size[:, 0] > 0
    bars: NDArray[np.object_] = np.asarray(
        shapely.linestrings(np.stack([spot - across, spot + across], axis=1)[moving])
    )
    return bars


def _private_problem(count: int) -> tuple[Problem, ...]:
    if not count:
        return ()
    return (
        Problem(
            id="PLAN-NET-009",
            severity="info",
            effect="noted",
            layer="walkways",
            column="access",
            message=Message("network.ownerless", count=count),
            cure=Message("network.ownerless_cure"),
        ),
    )


def _slope_problem(edges: gpd.GeoDataFrame) -> tuple[Problem, ...]:
    """Tell slopes that no street has: most likely they are percentages."""
    if "slope" not in edges.columns:
        return ()
    steep = pd.to_numeric(edges["slope"], errors="coerce").abs() > MAX_WALK_SLOPE
    if "kind" in edges.columns:
        steep &= edges["kind"] != "steps"
    ways = tuple(dict.fromkeys(edges.loc[steep, "way_id"].astype(str)))
    if not ways:
        return ()
    return (
        Problem(
            id="PLAN-NET-010",
            severity="warning",
            effect="noted",
            layer="walkways",
            column="slope",
            features=ways,
            message=Message("network.slopes", count=len(ways), limit=MAX_WALK_SLOPE),
            cure=Message("network.slopes_cure"),
        ),
    )


def _oneway(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which ways are one-way for people on foot: streets never are."""
    if "oneway" not in ways.columns:
        return np.zeros(len(ways), dtype=bool)
    oneway = np.asarray(ways["oneway"].astype("boolean").fillna(value=False), dtype=bool)
    if "kind" in ways.columns:
        oneway = oneway & ~np.asarray((ways["kind"] == "street").fillna(value=False), dtype=bool)
    return oneway


def _problems(noded: Noded, ways: gpd.GeoDataFrame, shut: NDArray[np.object_]) -> tuple[Problem, ...]:
    ids = ways["way_id"].astype(str).to_numpy()
    problems = []
    if len(noded.joined):
        problems.append(
            Problem(
                id="PLAN-NET-002",
                severity="warning",
                effect="repaired",
                layer="walkways",
                features=tuple(ids[noded.joined_lines]),
                message=Message("network.near_miss", count=len(noded.joined), tolerance=JOIN_M),
                cure=Message("network.near_miss_cure"),
            )
        )
    if len(noded.cut):
        at_gates = shapely.STRtree(shut).query(noded.cut, predicate="dwithin", distance=ON_WAY_M)[0]
        gates = len(np.unique(at_gates))
        key = "cut_shut" if gates else "cut"
        problems.append(
            Problem(
                id="PLAN-NET-006",
                severity="info",
                effect="noted",
                layer="walkways",
                features=tuple(ids[noded.cut_lines]),
                message=Message(
                    f"network.{key}", count=len(noded.cut), ways=len(noded.cut_lines), gates=gates
                ),
                cure=Message(f"network.{key}_cure"),
            )
        )
    return tuple(problems)
