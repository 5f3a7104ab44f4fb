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
from plan.network.noding import JOIN_M, Noded, node_lines
from plan.network.walls import Obstructions, is_closed, open_walls

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plan.site import Site

__all__ = ["SiteLines", "islands_problem"]

# Columns of the walkways that an edge keeps.
_KEPT: Final = ("way_id", "kind", "width_m", "slope", "name", "level")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteLines:
    """Nodes and edges of a site's walkways, and what obstructs the way to them."""

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame
    obstructions: Obstructions
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, site: Site) -> SiteLines:
        """Read the walkways, barriers, gates and buildings of a site.

        Parameters
        ----------
        site : Site
            The site.

        Raises
        ------
        MissingLayerError
            If the site has no walkways.
        """
        if not site.has("walkways"):
            raise MissingLayerError(Message("network.no_walkways", site=site.name))
        ways = site.layer("walkways").explode(ignore_index=True)
        ways = ways[~(ways.geometry.isna() | ways.geometry.is_empty | is_closed(ways))].reset_index(drop=True)
        if ways.empty:
            raise MissingLayerError(Message("network.no_walkways", site=site.name))
        obstructions = _obstructions(site)
        levels = pd.to_numeric(ways["level"]).to_numpy(dtype=float) if "level" in ways else None
        noded = node_lines(ways.geometry.to_numpy(), obstructions, levels=levels)
        columns = [name for name in _KEPT if name in ways.columns]
        edges = gpd.GeoDataFrame(
            ways[columns].iloc[noded.line].reset_index(drop=True), geometry=noded.geometry, crs=site.crs
        )
        edges["u"], edges["v"], edges["length_m"] = noded.u, noded.v, shapely.length(noded.geometry)
        edges["oneway"] = _oneway(ways)[noded.line]
        return cls(
            nodes=pd.DataFrame({"x": noded.xy[:, 0], "y": noded.xy[:, 1]}),
            edges=edges,
            obstructions=obstructions,
            problems=_problems(noded, ways),
        )


def islands_problem(islands: tuple[int, ...]) -> tuple[Problem, ...]:
    """Tell that a network falls into pieces; nothing when it is one."""
    if len(islands) <= 1:
        return ()
    return (
        Problem(
            id="PLAN-NET-005",
            severity="warning",
            effect="noted",
            layer="walkways",
            message=Message("network.islands", count=len(islands), rest=sum(islands[1:]), edges=sum(islands)),
            cure=Message("network.islands_cure"),
        ),
    )


def _obstructions(site: Site) -> Obstructions:
    none = np.zeros(0, dtype=object)
    walls = site.layer("barriers").geometry.to_numpy() if site.has("barriers") else none
    gates = none
    if site.has("entrances"):
        entrances = site.layer("entrances")
        gates = entrances.geometry[(entrances["kind"] == "gate") & ~is_closed(entrances)].to_numpy()
    buildings = none
    if site.has("buildings"):
        drawn = site.layer("buildings").geometry
        buildings = drawn[~(drawn.isna() | drawn.is_empty)].to_numpy()
    return Obstructions(walls=open_walls(walls, gates), buildings=shapely.force_2d(buildings))


def _oneway(ways: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return which ways are one-way for people on foot: streets never are."""
    if "oneway" not in ways.columns:
        return np.zeros(len(ways), dtype=bool)
    oneway = np.asarray(ways["oneway"].astype("boolean").fillna(value=False), dtype=bool)
    if "kind" in ways.columns:
        oneway = oneway & ~np.asarray((ways["kind"] == "street").fillna(value=False), dtype=bool)
    return oneway


def _problems(noded: Noded, ways: gpd.GeoDataFrame) -> tuple[Problem, ...]:
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
        problems.append(
            Problem(
                id="PLAN-NET-006",
                severity="info",
                effect="noted",
                layer="walkways",
                features=tuple(ids[noded.cut_lines]),
                message=Message("network.cut", count=len(noded.cut), ways=len(noded.cut_lines)),
                cure=Message("network.cut_cure"),
            )
        )
    return tuple(problems)
