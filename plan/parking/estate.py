"""What the scenarios of an estate are made from: its roads, its fire lanes, what stands on it, what may go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.clearances import (
    Clearances,
    Ground,
    estate_ground,
    obstacle_shapes,
    surface_stalls,
    without_obstacles,
)
from plan.parking.costs import UnitCosts
from plan.parking.kerbs import OFF_LANE_M, Run, straight
from plan.parking.on_street import OnStreet, on_street_figures
from plan.parking.roads import LEAST_ROAD_M, Roads, fire_ground, internal_roads
from plan.parking.stalls import StallSpec, stall_spec
from plan.rules import RulePack
from plan.rules.kinds import Figure
from plan.site import Site
from plan.surfaces import is_below_ground

__all__ = ["ANGLES", "ITERATIONS", "TIME_LIMIT_S", "Estate", "Options", "read_estate"]

ANGLES: Final = (0.0, 30.0, 45.0, 60.0, 90.0)
# Steps after which the lots of the sample estate hold as many stalls as with three seconds of search for each, which
# were half of it or less; and a time that no ordinary estate takes.
ITERATIONS: Final = 1000
TIME_LIMIT_S: Final = 300.0
# Stalls so far from the middle of a road do not stand along it.
_BESIDE_M: Final = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user wants of the scenarios; defaults that no clause gives are this tool's own.

    Parameters
    ----------
    angles_deg : tuple of float
        Angles that are tried.
    reverse_in : bool, default True
        Whether stalls may be backed into.
    green_share : float, default 0.1
        Of the green of the estate, how much may give way at most.
    keep, take : tuple of str
        Open spaces that stay, or are laid out though they are in use.
    stacker_tiers : int, default 2
        Storeys of mechanical stackers.
    stacker_clear_m : float, default 6.0
        Between a stacker and a building.
    clearances : Clearances
        How far stalls stay from what stands.
    costs : UnitCosts
        Prices.
    time_limit_s : float, default 300
        For all layouts together, at most.
    seed : int, default 0
        Of the search for layouts.
    iterations : int or None, default 1000
        Steps of the search for each layout. Unless the time limit ends it before, the result does not depend on the
        machine. None: the time limit alone ends it.
    """

    angles_deg: tuple[float, ...] = ANGLES
    reverse_in: bool = True
    green_share: float = 0.1
    keep: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    stacker_tiers: int = 2
    stacker_clear_m: float = 6.0
    clearances: Clearances = field(default_factory=Clearances)
    costs: UnitCosts = field(default_factory=UnitCosts)
    time_limit_s: float = TIME_LIMIT_S
    seed: int = 0
    iterations: int | None = ITERATIONS

    def __post_init__(self) -> None:
        if not 0 <= self.green_share <= 1:
            raise UsageError(Message("stalls.share", share=self.green_share))
        if self.stacker_tiers < 2:  # noqa: PLR2004 - one tier is no stacker
            raise UsageError(Message("stalls.tiers", tiers=self.stacker_tiers))
        for angle in self.angles_deg:
            if not 0 <= angle <= 90:  # noqa: PLR2004 - a square stall
                raise UsageError(Message("parking.angle", angle=angle))
        if not self.angles_deg or not self.time_limit_s > 0:
            raise UsageError(Message("stalls.options"))


# Not slotted: what bars its ground is kept once it was gathered.
@dataclass(frozen=True, kw_only=True, eq=False)
class Estate:
    """An estate as it is, read once for all scenarios."""

    site: Site
    pack: RulePack | None
    options: Options
    spec: StallSpec
    roads: Roads  # with the one-way order that rows along them need
    fire: BaseGeometry  # the lanes as wide as they are, at least as they ought to be
    existing: gpd.GeoDataFrame  # stalls on the ground
    below: int  # stalls below the ground
    shapes: dict[str, BaseGeometry]  # of obstacles
    removable: dict[str, frozenset[str]]  # ids of what is marked removable, by kind: shed, green, tree
    on_street: OnStreet

    def ground(self, cleared: Collection[str] = ()) -> Ground:
        """Return what bars the ground once some obstacles are gone."""
        return without_obstacles(self._ground, self.site, cleared, clearances=self.options.clearances)

    def bare(self, cleared: Collection[str] = ()) -> Ground:
        """Return the same without the room that is kept around things: what a layout must really not touch."""
        return without_obstacles(self._bare, self.site, cleared, clearances=self._no_gaps)

    @cached_property
    def _ground(self) -> Ground:
        lanes = self.fire.buffer(OFF_LANE_M / 4)
        return estate_ground(self.site, roads=self.roads, fire=lanes, clearances=self.options.clearances)

    @cached_property
    def _bare(self) -> Ground:
        return estate_ground(self.site, roads=self.roads, fire=self.fire, clearances=self._no_gaps)

    @property
    def _no_gaps(self) -> Clearances:
        return replace(self.options.clearances, wall_m=0.0)

    def beside(self) -> dict[tuple[str, int], list[int]]:
        """Return the existing stalls along each stretch of road, by position; each stands along the nearest."""
        runs = [run for road in self.roads.roads for run in straight(road)]
        found: dict[tuple[str, int], list[int]] = {}
        if not runs or self.existing.empty:
            return found
        tree = shapely.STRtree([run.line for run in runs])
        middles = self.existing.geometry.centroid.to_numpy()
        for position, middle in enumerate(middles):
            near, away = tree.query_nearest(middle, return_distance=True, all_matches=False)
            if len(near) and away[0] <= _BESIDE_M:
                run = runs[int(near[0])]
                found.setdefault((run.road.road_id, run.number), []).append(position)
        return found

    def in_fire_lane(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which existing stalls stand in what a fire lane ought to have."""
        inner = self.fire.buffer(-1e-3)
        return np.asarray(shapely.intersects(self.existing.geometry.to_numpy(), inner), dtype=bool)


def read_estate(site: Site, pack: RulePack | None = None, options: Options | None = None) -> Estate:
    """Read an estate for its scenarios.

    Parameters
    ----------
    site : Site
        With ``parcels``; ``walkways`` or ``fire_lanes`` for its roads, and every other layer that it has.
    pack : RulePack, optional
        Gives the dimensions of stalls, the width of fire lanes, distances to windows and figures for kerb stalls.
    options : Options, optional
        What is wanted.

    Returns
    -------
    Estate
        In the metres of the site.

    Raises
    ------
    MissingLayerError
        If the site has no parcels.
    """
    options = options or Options()
    spec = stall_spec(pack) if pack is not None else StallSpec()
    window = figure(pack, "stall_to_window")
    if window is not None and options.clearances.window_m is None:
        gaps = options.clearances
        options = replace(
            options, clearances=Clearances(door_m=gaps.door_m, wall_m=gaps.wall_m, window_m=window)
        )
    roads = internal_roads(site, spec=spec, least_road_m=LEAST_ROAD_M)
    ids, shapes = obstacle_shapes(site)
    removable: dict[str, frozenset[str]] = {"shed": frozenset(), "green": frozenset(), "tree": frozenset()}
    if site.has("obstacles"):
        frame = site.layer("obstacles")
        may_go = (
            frame["removable"].eq(other=True).fillna(value=False)
            if "removable" in frame
            else frame["kind"].isna()
        )
        for kind in removable:
            rows = frame[may_go & (frame["kind"].astype(str) == kind)]
            removable[kind] = frozenset(rows["obstacle_id"].astype(str))
    stalls = site.layer("stalls") if "stalls" in site.layers else None
    below = 0 if stalls is None or "kind" not in stalls else int(stalls["kind"].map(is_below_ground).sum())
    return Estate(
        site=site,
        pack=pack,
        options=options,
        spec=spec,
        roads=roads,
        fire=fire_ground(site, least_m=spec.fire_lane_m),
        existing=surface_stalls(site).sort_values("stall_id", kind="stable").reset_index(drop=True),
        below=below,
        shapes=dict(zip(ids, shapes, strict=True)),
        removable=removable,
        on_street=on_street_figures(pack),
    )


def figure(pack: RulePack | None, name: str) -> float | None:
    """Return the value of a figure that a pack has enabled, or None."""
    if pack is None:
        return None
    for rule in pack.rules:
        if rule.enabled and isinstance(rule.kind, Figure) and rule.kind.name == name:
            return rule.kind.value if rule.kind.value is not None else next(iter(rule.kind.values), None)
    return None


def kept_runs(runs: Sequence[Run]) -> dict[tuple[str, int], Run]:
    """Return stretches by road and number."""
    return {(run.road.road_id, run.number): run for run in runs}
