"""Parking of an estate in scenarios, side by side: what each adds, what it costs, what it takes away.

As it is; tidied; open ground laid out; sheds cleared; green adjusted; stalls on carriageways; mechanical stackers; and
all but the stackers together. A scenario never removes what is not marked removable, and no stall that it proposes
touches a fire lane.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from plan.errors import UsageError
from plan.messages import Message
from plan.parking.costs import removal
from plan.parking.estate import Estate, Options, read_estate
from plan.parking.faults import Level
from plan.parking.lots import Layouts
from plan.parking.proposal import Proposal, propose
from plan.parking.stackers import stacker_height_m, stacker_leave
from plan.rules import RulePack
from plan.site import Placement, Site
from plan.surfaces import is_below_ground

__all__ = ["KEYS", "Scenario", "Scenarios", "parking_scenarios", "with_placed_stalls"]

KEYS: Final = ("today", "tidied", "open_ground", "sheds", "green", "on_street", "stackers", "together")
_LOT_RUNS: Final = 4  # times that each open space is laid out, at most; the time is shared among them
Judge = Callable[[Site], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenario:
    """One way to park the cars of an estate.

    Parameters
    ----------
    key : str
        One of ``KEYS``.
    placement : Placement
        All stalls on the ground, ``state`` telling what stands from what is proposed; spaces that were not used, with
        the reason; the measures below.
    site : Site
        The estate with the scenario drawn in: its stalls, and without the obstacles that went.
    """

    key: str
    placement: Placement
    site: Site

    @property
    def title(self) -> Message:
        """How the scenario is called."""
        return Message(f"stalls.scenario_{self.key}")

    @property
    def measures(self) -> Mapping[str, Any]:
        """Figures, each with its unit in its name.

        ``stalls``, ``added``, ``proposed``, ``kept``, ``gone`` (existing stalls that make way), ``in_fire_lane``,
        ``fire_clearance_m`` (from a proposed stall to the nearest fire lane), ``sheds``, ``trees``, ``green_m2``,
        ``green_share``, ``cost_cny``, ``cost_per_added_cny``, ``cost_unknown`` (ids), ``cleared`` (ids), ``faults``
        (of the proposed stalls by kind, as :func:`plan.parking.verify` finds them), ``road_faults`` (of roads as they
        are), ``fire`` (what the judge of fire access said), ``aisles`` (a frame).
        """
        return self.placement.measures


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenarios:
    """The scenarios of an estate."""

    estate: Estate
    scenarios: tuple[Scenario, ...]
    left_out: Mapping[str, Message]  # scenarios that could not be drawn, and why
    notes: tuple[Message, ...]
    layouts: Layouts

    def __getitem__(self, key: str) -> Scenario:
        """Return a scenario.

        Raises
        ------
        UsageError
            If there is none of that name, or it was left out.
        """
        for one in self.scenarios:
            if one.key == key:
                return one
        if key in self.left_out:
            raise UsageError(self.left_out[key])
        raise UsageError(Message("stalls.no_scenario", key=key, known=KEYS))


def parking_scenarios(
    site: Site,
    *,
    pack: RulePack | None = None,
    options: Options | None = None,
    only: Sequence[str] = (),
    judge: Judge | None = None,
) -> Scenarios:
    """Draw the scenarios of an estate.

    Parameters
    ----------
    site : Site
        With ``parcels``, its roads (``walkways``, ``fire_lanes``) and what stands on it.
    pack : RulePack, optional
        Dimensions, distances and what it bars.
    options : Options, optional
        What is wanted.
    only : sequence of str, optional
        Names of ``KEYS``; all by default. ``today`` and ``tidied`` are always drawn.
    judge : callable, optional
        Judges each scenario's site by something else, such as access for fire engines; its figures become the
        measure ``fire``.

    Returns
    -------
    Scenarios
        In the order of ``KEYS``; what cannot be drawn is in ``left_out`` with its reason.

    Raises
    ------
    MissingLayerError
        If the site has no parcels.
    UsageError
        If an option makes no sense, or no such scenario is known.
    """
    for key in only:
        if key not in KEYS:
            raise UsageError(Message("stalls.no_scenario", key=key, known=KEYS))
    estate = read_estate(site, pack, options)
    wanted = set(KEYS if not only else {*only, "today", "tidied"})
    spaces = len(site.layers["open_spaces"]) if "open_spaces" in site.layers else 0
    layouts = Layouts(
        each_s=estate.options.time_limit_s / max(1, spaces * _LOT_RUNS),
        seed=estate.options.seed,
        iterations=estate.options.iterations,
    )
    drawn, left_out = _drawn(estate, layouts, wanted)
    leave = stacker_leave(pack, status=_status(site))
    notes = _notes(estate, leave.state, drawn, leave.rule)
    if leave.state == "barred" and "stackers" in drawn:
        del drawn["stackers"]
        rule = leave.rule
        left_out["stackers"] = Message(
            "stalls.stackers_barred",
            document=rule.clause.document if rule else "",
            article=rule.clause.article if rule else "",
            quote=rule.clause.quote if rule else "",
        )
    found = []
    for key in KEYS:
        if key in drawn:
            scenario = _scenario(estate, key, drawn[key])
            if judge is not None:
                scenario = _judged(scenario, judge)
            found.append(scenario)
    return Scenarios(estate=estate, scenarios=tuple(found), left_out=left_out, notes=notes, layouts=layouts)


def with_placed_stalls(site: Site, placed: Placement) -> Site:
    """Return a site with a scenario drawn in: its stalls, and without the obstacles that it clears away."""
    features = placed.features
    columns = list(features.columns)
    rows = [features[columns]]
    if "stalls" in site.layers:
        stalls = site.layer("stalls")
        below = (
            stalls["kind"].map(is_below_ground).astype(bool)
            if "kind" in stalls
            else np.zeros(len(stalls), bool)
        )
        if np.any(below):
            rows.append(stalls[below])
    joined = (
        pd.concat([pd.DataFrame(r) for r in rows if len(r)], ignore_index=True)
        if any(map(len, rows))
        else rows[0]
    )
    drawn = site.with_layer("stalls", gpd.GeoDataFrame(joined, geometry="geometry", crs=site.crs))
    aisles = placed.measures.get("aisles")
    if aisles is not None and len(aisles):
        drawn = drawn.with_layer("aisles", aisles)
    gone = set(placed.measures.get("cleared", ()))
    if gone and drawn.has("obstacles"):
        obstacles = drawn.layer("obstacles")
        stay = obstacles[~obstacles["obstacle_id"].astype(str).isin(gone)].reset_index(drop=True)
        drawn = drawn.with_layer("obstacles", stay)
    return drawn


def _status(site: Site) -> str | None:
    parcels = site.layers.get("parcels")
    if parcels is None or "status" not in parcels:
        return None
    found = {str(s) for s in parcels["status"] if isinstance(s, str)}
    return found.pop() if len(found) == 1 else None


def _drawn(
    estate: Estate, layouts: Layouts, wanted: set[str]
) -> tuple[dict[str, Proposal], dict[str, Message]]:
    site = estate.site
    drawn: dict[str, Proposal] = {}
    left_out: dict[str, Message] = {}
    if "stalls" in site.layers:
        drawn["today"] = _as_it_is(estate)
    else:
        left_out["today"] = Message("stalls.no_stalls_layer")
    tidied = propose(estate, layouts=layouts)
    drawn["tidied"] = tidied
    sheds = estate.removable["shed"]
    soft = estate.removable["green"] | estate.removable["tree"]
    limit = estate.options.green_share * _green_m2(estate)
    no_roads = None if estate.roads.roads else Message("stalls.no_roads")
    reasons = {
        "open_ground": None if site.has("open_spaces") else Message("stalls.no_open_spaces"),
        "sheds": _nothing_removable(estate, "shed"),
        "green": _nothing_removable(estate, "green"),
        "on_street": None,
        "stackers": None if site.has("open_spaces") else Message("stalls.no_open_spaces"),
        "together": None,
    }
    steps: dict[str, Callable[[], Proposal]] = {
        "open_ground": lambda: propose(estate, layouts=layouts, lots=True, base=tidied),
        "sheds": lambda: propose(estate, layouts=layouts, clear=sheds, base=tidied),
        "green": lambda: propose(
            estate, layouts=layouts, lots=True, clear=soft, base=tidied, green_limit_m2=limit
        ),
        "on_street": lambda: propose(estate, layouts=layouts, on_street=True, base=tidied),
        "stackers": lambda: propose(estate, layouts=layouts, lots=True, base=tidied, stackers=True),
        "together": lambda: propose(
            estate,
            layouts=layouts,
            lots=True,
            clear=sheds | soft,
            on_street=True,
            base=tidied,
            green_limit_m2=limit,
        ),
    }
    for key, step in steps.items():
        if key not in wanted:
            continue
        why = no_roads or reasons[key]
        if why is not None:
            left_out[key] = why
        else:
            drawn[key] = step()
    return drawn, left_out


def _nothing_removable(estate: Estate, kind: str) -> Message | None:
    if "obstacles" not in estate.site.layers:
        return Message("stalls.no_obstacles")
    if kind == "green" and (estate.removable["tree"] or estate.removable["green"]):
        return None
    if not estate.removable.get(kind):
        return Message(f"stalls.no_removable_{kind}")
    return None


def _as_it_is(estate: Estate) -> Proposal:
    stalls = estate.existing.assign(
        state="existing", aisle_id=None, front_in=None, place=None, tiers=1, capacity=1
    )
    columns = ["stall_id", "kind", "angle_deg", "state", "aisle_id", "front_in", "place", "tiers", "capacity"]
    nothing = gpd.GeoDataFrame(
        {n: [] for n in ("aisle_id", "direction", "width_m", "place")}, geometry=[], crs=estate.site.crs
    )
    rejected = gpd.GeoDataFrame(
        {n: [] for n in ("space_id", "name", "area_m2", "reason")}, geometry=[], crs=estate.site.crs
    )
    return Proposal(
        stalls=stalls[[*columns, "geometry"]],
        aisles=nothing,
        cleared=frozenset(),
        rejected=rejected,
        faults=(),
        runs={},
        lots={},
        unpaved_m2=0.0,
        swing=(),
    )


def _green_m2(estate: Estate) -> float:
    if not estate.site.has("obstacles"):
        return 0.0
    frame = estate.site.layer("obstacles")
    return float(frame.geometry[frame["kind"].astype(str) == "green"].area.sum())


# --- measures --------------------------------------------------------------------------------------


def _scenario(estate: Estate, key: str, proposal: Proposal) -> Scenario:
    stalls = proposal.stalls
    proposed = stalls[stalls["state"] == "proposed"]
    kept = int((stalls["state"] == "existing").sum())
    known = "stalls" in estate.site.layers
    total = int(stalls["capacity"].sum()) + estate.below if len(stalls) else estate.below
    added = total - len(estate.existing) - estate.below if known else None
    prices = estate.options.costs
    taken = removal(estate.site.layer("obstacles"), proposal.cleared) if proposal.cleared else None
    units = proposed[proposed["tiers"] > 1]
    cost = (
        prices.marking_per_stall * len(proposed)
        + prices.paving_per_m2 * proposal.unpaved_m2
        + prices.stacker_per_stall * int(units["capacity"].sum() if len(units) else 0)
        + (0.0 if taken is None else taken.cost_cny)
    )
    fire = estate.fire
    away = None
    if len(proposed) and not fire.is_empty:
        away = round(float(shapely.distance(proposed.geometry.to_numpy(), fire).min()), 3)
    inner = fire.buffer(-1e-3)
    inside = 0 if fire.is_empty else int(shapely.intersects(stalls.geometry.to_numpy(), inner).sum())
    green = _green_m2(estate)
    roads = {road.road_id for road in estate.roads.roads}
    homes = set(proposed["aisle_id"].dropna())
    of_stalls = [f for f in proposal.faults if f.stalls or any(a in homes for a in f.aisles)]
    of_roads = [f for f in proposal.faults if f not in of_stalls and f.level is Level.BROKEN]
    measures = {
        "stalls": total,
        "added": added,
        "proposed": len(proposed),
        "kept": kept,
        "gone": len(estate.existing) - kept,
        "below_ground": estate.below,
        "accessible": int(stalls["kind"].astype(str).str.casefold().isin(["accessible", "无障碍"]).sum()),
        "angles": {f"{a:g}": n for a, n in sorted(Counter(float(x) for x in proposed["angle_deg"]).items())},
        "in_fire_lane": inside,
        "fire_clearance_m": away,
        "sheds": 0 if taken is None else taken.sheds,
        "trees": 0 if taken is None else taken.trees,
        "green_m2": 0.0 if taken is None else taken.green_m2,
        "green_share": None if not green else round((0.0 if taken is None else taken.green_m2) / green, 4),
        "cost_cny": round(cost, 0),
        "cost_per_added_cny": round(cost / added, 0) if added is not None and added > 0 else None,
        "cost_unknown": () if taken is None else taken.unknown,
        "cleared": tuple(sorted(proposal.cleared)),
        "unpaved_m2": proposal.unpaved_m2,
        "one_way_roads": tuple(
            sorted({r.road_id for r in estate.roads.roads if not r.two_way} & _used(proposal, roads))
        ),
        "faults": dict(
            sorted(Counter(f.kind.value for f in of_stalls if f.level is not Level.ADVISED).items())
        ),
        "road_faults": dict(sorted(Counter(f.kind.value for f in of_roads).items())),
        "lots": dict(sorted(proposal.lots.items())),
        "fire": {},
        "aisles": _drawn_aisles(estate, proposal),
        "removed": _removed(estate, proposal),
    }
    placement = Placement(features=stalls, rejected=proposal.rejected, measures=measures)
    return Scenario(key=key, placement=placement, site=with_placed_stalls(estate.site, placement))


def _drawn_aisles(estate: Estate, proposal: Proposal) -> gpd.GeoDataFrame:
    """Return aisles with what makes the drawing whole: the ways to the street, and the ground over which cars swing."""
    aisles = proposal.aisles
    if aisles.empty:
        return aisles
    edge = shapely.union_all(estate.site.layer("parcels").geometry.dropna())
    rows: list[dict[str, Any]] = [
        {"aisle_id": f"gate-{n}", "direction": "two_way", "width_m": width, "place": "gate", "geometry": line}
        for n, (line, width) in enumerate(estate.roads.beyond(edge), start=1)
    ]
    rows += [
        {
            "aisle_id": f"swing-{n}",
            "direction": "turning",
            "width_m": np.nan,
            "place": "roads",
            "geometry": shape,
        }
        for n, shape in enumerate(proposal.swing, start=1)
    ]
    if not rows:
        return aisles
    columns = ["aisle_id", "direction", "width_m", "place", "geometry"]
    more = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=estate.site.crs)
    joined = pd.concat([pd.DataFrame(aisles), pd.DataFrame(more)], ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=estate.site.crs)


def _removed(estate: Estate, proposal: Proposal) -> gpd.GeoDataFrame:
    """Return what makes way, as it is: id, kind (stall, shed, tree, green), cost_cny, geometry."""
    stay = set(proposal.stalls.loc[proposal.stalls["state"] == "existing", "stall_id"].astype(str))
    rows: list[dict[str, Any]] = [
        {"id": str(i), "kind": "stall", "cost_cny": np.nan, "geometry": shape}
        for i, shape in zip(estate.existing["stall_id"], estate.existing.geometry, strict=True)
        if str(i) not in stay
    ]
    if proposal.cleared:
        frame = estate.site.layer("obstacles")
        gone = frame[frame["obstacle_id"].astype(str).isin(proposal.cleared)]
        costs = gone["cost_cny"] if "cost_cny" in gone else pd.Series(np.nan, index=gone.index)
        for name, kind, cost in zip(gone["obstacle_id"], gone["kind"], costs, strict=True):
            shape = estate.shapes[str(name)]
            rows.append({"id": str(name), "kind": str(kind), "cost_cny": float(cost), "geometry": shape})
    columns = ["id", "kind", "cost_cny", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=estate.site.crs)


def _used(proposal: Proposal, roads: set[str]) -> set[str]:
    places = proposal.stalls["place"].dropna() if len(proposal.stalls) else []
    return {str(p) for p in places} & roads


def _judged(scenario: Scenario, judge: Judge) -> Scenario:
    measures = {**scenario.placement.measures, "fire": dict(judge(scenario.site))}
    return replace(scenario, placement=replace(scenario.placement, measures=measures))


def _notes(estate: Estate, leave: str, drawn: Mapping[str, Proposal], rule: Any) -> tuple[Message, ...]:  # noqa: ANN401
    notes = [Message("stalls.note_names"), Message("stalls.note_defaults")]
    if estate.roads.roads and estate.roads.one_way and any(not r.two_way for r in estate.roads.roads):
        notes.append(Message("stalls.note_one_way"))
    if "stackers" in drawn:
        tiers = estate.options.stacker_tiers
        height = stacker_height_m(estate.pack, tiers)
        notes.append(
            Message(
                f"stalls.note_stackers_{leave}",
                tiers=tiers,
                height="–" if height is None else f"{height:g}",
                clear=f"{estate.options.stacker_clear_m:g}",
                article="" if rule is None else f"{rule.clause.document} {rule.clause.article}".strip(),
                quote="" if rule is None else rule.clause.quote,
            )
            if leave != "barred"
            else Message("stalls.note_barred")
        )
    return tuple(notes)
