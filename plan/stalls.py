"""What ``plan place stalls`` and a hearing say about the parking of an estate: scenarios, angles, demand, sharing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from plan.errors import MissingLayerError, UsageError
from plan.findings import Clause
from plan.fire_access import buildings_reached
from plan.messages import Message, translate
from plan.parking.angles import Comparison, compare_angles
from plan.parking.demand import Demand, Shares, parking_demand, stall_shares
from plan.parking.estate import Options
from plan.parking.scenarios import Scenario, Scenarios, parking_scenarios
from plan.parking.sharing import Sharing, read_shared_lots, share_stalls
from plan.reach import walking_network
from plan.rules import RulePack
from plan.rules.kinds import Figure
from plan.site import Placement, Site
from plan.tables import Table

if TYPE_CHECKING:
    from plan.network import WalkNetwork

__all__ = ["EstateParking", "angles_table", "park_estate", "scenario_table", "spaces_table"]

_MOST = 12  # rejected spaces that a table lists


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EstateParking:
    """The parking of an estate, worked out."""

    scenarios: Scenarios
    chosen: Scenario
    angles: Comparison | None
    demand: Demand | None
    sharing: Sharing | None
    shares: Shares
    notes: tuple[Message, ...]  # what could not be worked out, and why

    def tables(self) -> tuple[Table, ...]:
        """Return what people read."""
        found = [scenario_table(self.scenarios, self.chosen, self.notes)]
        if self.angles is not None:
            found.append(angles_table(self.angles))
        if self.demand is not None:
            found.append(demand_table(self.demand, self.shares))
        if self.sharing is not None:
            found.append(sharing_table(self.sharing))
        if len(self.chosen.placement.rejected):
            found.append(spaces_table(self.chosen))
        return tuple(found)

    def placement(self) -> Placement:
        """Return the chosen scenario as a proposal of a hearing, with what people read about it."""
        placed = self.chosen.placement
        return replace(
            placed, measures={**placed.measures, "tables": self.tables(), "clauses": self.clauses()}
        )

    def clauses(self) -> tuple[Clause, ...]:
        """Return the clauses that the legend of a map names for proposed stalls: those on how they stand."""
        pack = self.scenarios.estate.pack
        rules = () if pack is None else pack.rules
        wanted = {"stall_angle", "stall_space_sources"}
        return tuple(
            r.clause
            for r in rules
            if r.enabled and isinstance(r.kind, Figure) and r.kind.name in wanted and r.clause.quote
        )

    def layers(self, lang: str) -> dict[str, pd.DataFrame]:
        """Return what is written beside the site: aisles, rejected spaces, scenarios, angles, demand."""
        rejected = self.chosen.placement.rejected
        found: dict[str, pd.DataFrame] = {
            "stalls_rejected": rejected.assign(reason=[translate(why, lang) for why in rejected["reason"]]),
            "stalls_scenarios": pd.DataFrame([_plain(one, lang) for one in self.scenarios.scenarios]),
        }
        for one in self.scenarios.scenarios:
            if one.key not in {"today", self.chosen.key} and len(one.placement.features):
                found[f"stalls_{one.key}"] = one.placement.features
        found["stalls_removed"] = self.chosen.measures["removed"]
        if self.angles is not None:
            found["stalls_angles"] = pd.DataFrame([_angle(row, lang) for row in self.angles.rows])
        if self.demand is not None:
            found["stalls_demand"] = self.demand.buildings
        if self.sharing is not None:
            found["stalls_sharing"] = self.sharing.matches
            found["shared_lots"] = self.sharing.lots
        return {name: frame for name, frame in found.items() if len(frame)}

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return plain data for ``plan place stalls --format json``."""
        measures = self.chosen.measures
        document: dict[str, Any] = {
            "placed": measures["proposed"],
            "rejected": len(self.chosen.placement.rejected),
            "scenario": self.chosen.key,
            "scenarios": [_plain(one, lang) for one in self.scenarios.scenarios],
            "left_out": {key: translate(why, lang) for key, why in self.scenarios.left_out.items()},
            "angles": None
            if self.angles is None
            else {
                "rows": [_angle(row, lang) for row in self.angles.rows],
                "endless_m2": self.angles.endless_m2,
                "verdicts": [translate(text, lang) for text in self.angles.verdicts],
            },
            "demand": None
            if self.demand is None
            else {
                **self.demand.measures,
                "rule": self.demand.rule.id,
                "meant": self.demand.meant,
                "buildings": _records(self.demand.buildings.drop(columns="geometry")),
            },
            "sharing": None
            if self.sharing is None
            else {**self.sharing.measures, "matches": _records(self.sharing.matches)},
            "accessible": self.shares.accessible,
            "ev_ready": self.shares.ev_ready,
        }
        return document


def park_estate(
    site: Site,
    pack: RulePack,
    *,
    options: Options | None = None,
    scenario: str = "together",
    shared: Path | str | None = None,
    network: WalkNetwork | None = None,
    compare: bool = True,
    only: tuple[str, ...] = (),
) -> EstateParking:
    """Work out the parking of an estate.

    Parameters
    ----------
    site : Site
        With ``parcels`` and its roads.
    pack : RulePack
        Dimensions, demand, what it bars.
    options : Options, optional
        What is wanted.
    scenario : str, default "together"
        The scenario that becomes the proposal.
    shared : path-like, optional
        A table of neighbours' lots; see :mod:`plan.parking.sharing`.
    network : WalkNetwork, optional
        The walking network of this site, when there is one already.
    compare : bool, default True
        Whether angles are compared.
    only : tuple of str, optional
        Scenarios to draw; all by default.

    Returns
    -------
    EstateParking
        With notes on what could not be worked out.

    Raises
    ------
    MissingLayerError
        If the site has no parcels.
    UsageError
        If the scenario is unknown or cannot be drawn, or an option makes no sense.
    InputError
        If the table of lots cannot be used.
    """
    options = options or Options()
    lots = None if shared is None else read_shared_lots(shared, crs=site.crs)
    found = parking_scenarios(site, pack=pack, options=options, only=only, judge=_fire_judge(site))
    chosen = found[scenario]
    notes: list[Message] = []
    angles = None
    if compare and found.estate.roads.roads:
        clear = found.estate.removable["shed"]
        angles = compare_angles(
            found.estate, layouts=found.layouts, angles_deg=options.angles_deg, clear=sorted(clear)
        )
    demand = sharing = None
    try:
        walked = network or walking_network(site, pack)
        stalls = chosen.site.layer("stalls")
        demand = parking_demand(site, stalls, pack=pack, network=walked)
        if lots is not None:
            sharing = share_stalls(demand, lots, network=walked)
    except (MissingLayerError, UsageError) as error:
        notes.append(Message("stalls.no_demand", why=error.message))
    return EstateParking(
        scenarios=found,
        chosen=chosen,
        angles=angles,
        demand=demand,
        sharing=sharing,
        shares=stall_shares(pack, int(chosen.measures["stalls"])),
        notes=tuple(notes),
    )


def _fire_judge(site: Site) -> Any:  # noqa: ANN401 - a callable, or None
    if not site.has("buildings") or "fire_lanes" not in site.layers:
        return None
    return partial(_reached, {})


def _reached(known: dict[Any, Mapping[str, Any]], site: Site) -> Mapping[str, Any]:
    """Return how many buildings a fire engine gets to."""
    standing = [site.layers[name].geometry for name in ("stalls", "obstacles") if name in site.layers]
    key = tuple(wkb for shapes in standing for wkb in shapes.to_wkb())
    if key in known:
        return known[key]
    found = buildings_reached(site)
    known[key] = {
        "buildings": len(found),
        "reached": int(found.fillna(value=False).sum()),
        "cannot_tell": int(found.isna().sum()),
    }
    return known[key]


def _plain(scenario: Scenario, lang: str) -> dict[str, Any]:
    """Return the figures of a scenario as values of a table."""
    out: dict[str, Any] = {"scenario": scenario.key, "title": translate(scenario.title, lang)}
    for name, value in scenario.measures.items():
        if name in {"aisles", "removed"}:
            continue
        if isinstance(value, Mapping):
            out[name] = ";".join(f"{key}={count}" for key, count in value.items())
        elif isinstance(value, tuple):
            out[name] = ";".join(map(str, value))
        else:
            out[name] = value
    return out


def _angle(row: Any, lang: str) -> dict[str, Any]:  # noqa: ANN401 - an AngleRow
    return {
        key: translate(value, lang) if isinstance(value, str) else value for key, value in asdict(row).items()
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


# --- tables ----------------------------------------------------------------------------------------


def scenario_table(found: Scenarios, chosen: Scenario, notes: tuple[Message, ...] = ()) -> Table:
    """Set the scenarios side by side."""
    rows: list[tuple[str | None, ...]] = []
    for one in found.scenarios:
        m = one.measures
        rows.append(
            (
                Message("stalls.chosen", title=one.title) if one.key == chosen.key else one.title,
                f"{m['stalls']:,}",
                None if m["added"] is None else f"{m['added']:+,}",
                f"{m['cost_cny'] / 10_000:,.1f}",
                None if m["cost_per_added_cny"] is None else f"{m['cost_per_added_cny']:,.0f}",
                str(m["sheds"]),
                str(m["trees"]),
                f"{m['green_m2']:,.0f}",
                str(m["in_fire_lane"]),
                None if m["fire_clearance_m"] is None else f"{m['fire_clearance_m']:.2f}",
                f"{m['fire']['reached']}/{m['fire']['buildings']}" if m["fire"] else None,
                _verdict(one),
            )
        )
    for key, why in found.left_out.items():
        rows.append((Message(f"stalls.scenario_{key}"), *[None] * 10, why))
    return Table(
        title=Message(
            "stalls.scenarios_title", households=_households(found), roads=len(found.estate.roads.roads)
        ),
        heads=_heads(
            "scenario",
            "stalls",
            "added",
            "cost",
            "cost_each",
            "sheds",
            "trees",
            "green",
            "in_lane",
            "clearance",
            "fire",
            "verified",
        ),
        rows=tuple(rows),
        numeric=tuple(range(1, 11)),
        notes=(*_remarks(chosen), *_of_fire(found), *found.notes, *notes),
    )


def _of_fire(found: Scenarios) -> tuple[Message, ...]:
    """Say on what fire engines are taken to drive, where they do not get to every building."""
    fire = [one.measures["fire"] for one in found.scenarios if one.measures["fire"]]
    return (Message("stalls.note_fire"),) if any(m["reached"] < m["buildings"] for m in fire) else ()


def _households(found: Scenarios) -> str:
    site = found.estate.site
    return f"{len(site.layers['households']):,}" if site.has("households") else "–"


def _verdict(scenario: Scenario) -> Message | None:
    m = scenario.measures
    if not m["proposed"]:
        return None
    faults = m["faults"]
    if faults:
        return Message("stalls.unproven", count=sum(faults.values()))
    return Message("stalls.proven", count=m["proposed"])


def _remarks(chosen: Scenario) -> list[Message]:
    """Say what a reader of the table must know of the chosen scenario."""
    m = chosen.measures
    said = []
    if m["cost_unknown"]:
        said.append(Message("stalls.cost_unknown", count=len(m["cost_unknown"]), ids=m["cost_unknown"][:8]))
    if m["road_faults"]:
        said.append(Message("stalls.road_faults", count=sum(m["road_faults"].values())))
    return said


def angles_table(found: Comparison) -> Table:
    """Compare the angles, space by space."""
    rows = tuple(
        (
            row.name if row.place == "roads" else f"{row.place} {row.name}".strip(),
            Message("stalls.mixed")
            if row.angle == "mixed"
            else Message("stalls.parallel")
            if row.angle == "0"
            else f"{row.angle}°",
            Message("stalls.most", count=row.stalls) if row.best else str(row.stalls),
            None
            if row.upper_bound is None
            else Message(
                "stalls.bound_proven" if row.bound_is_proof else "stalls.bound_open", count=row.upper_bound
            ),
            None if row.m2_per_stall is None else f"{row.m2_per_stall:.1f}",
            Message(f"stalls.way_{row.direction}") if row.direction else None,
            None if row.reverse_in is None else Message("stalls.yes" if row.reverse_in else "stalls.no"),
        )
        for row in found.rows
    )
    return Table(
        title=Message("stalls.angles_title"),
        heads=_heads("place", "angle", "stalls", "bound", "m2", "direction", "reverse_in"),
        rows=rows,
        numeric=(2, 3, 4),
        notes=found.verdicts,
    )


def demand_table(found: Demand, shares: Shares) -> Table:
    """Show which buildings go short of stalls, and how far their people walk."""
    frame = found.buildings.sort_values(["shortfall", "building_id"], ascending=[False, True], kind="stable")
    rows = tuple(
        (
            row["building_id"],
            f"{row['households']:,}",
            f"{row['required']:,}",
            f"{row['stalls']:,}",
            f"{row['shortfall']:,}",
            None if pd.isna(row["walk_min"]) else f"{row['walk_min']:.1f}",
        )
        for row in frame.drop(columns="geometry").head(_MOST).to_dict("records")
    )
    measures = found.measures
    notes: list[Message] = [
        Message(
            "stalls.demand_sum",
            required=f"{measures['required']:,}",
            stalls=f"{measures['stalls']:,}",
            shortfall=f"{measures['shortfall']:,}",
            reach=f"{measures['reach_m']:g}",
        )
    ]
    if found.meant is not True:
        notes.append(
            Message("stalls.not_meant" if found.meant is False else "stalls.maybe_meant", rule=found.rule.id)
        )
    if measures["unmeasured"]:
        notes.append(Message("stalls.unmeasured", count=measures["unmeasured"]))
    if shares.accessible is not None and shares.accessible_rule is not None:
        clause = shares.accessible_rule.clause
        notes.append(
            Message(
                "stalls.accessible_needed",
                count=shares.accessible,
                aisle="–" if shares.side_aisle_m is None else f"{shares.side_aisle_m:g}",
                clause=f"{clause.number} {clause.article}",
                quote=clause.quote,
            )
        )
    if shares.ev_ready is not None and shares.ev_rule is not None:
        notes.append(
            Message(
                "stalls.ev_needed",
                count=shares.ev_ready,
                clause=f"{shares.ev_rule.clause.article}",
                quote=shares.ev_rule.clause.quote,
            )
        )
    if len(found.buildings) > _MOST:
        notes.append(Message("stalls.more_buildings", count=len(found.buildings) - _MOST))
    return Table(
        title=Message("stalls.demand_title", rule=found.rule.id, article=found.rule.clause.article),
        heads=_heads("building", "households", "required", "stalls", "shortfall", "walk"),
        rows=rows,
        numeric=(1, 2, 3, 4, 5),
        notes=tuple(notes),
    )


def sharing_table(found: Sharing) -> Table:
    """Show whose cars stand in which neighbour's lot at night."""
    rows = tuple(
        (
            f"{row['lot_id']} {row['name']}".strip(),
            f"{row['stalls']:,}",
            f"{row['free']:,}",
            f"{row['used']:,}",
            f"{row['full_at'][1:]}:00",
        )
        for row in found.lots.drop(columns="geometry").to_dict("records")
    )
    left = tuple(
        (
            f"{row['lot_id']} {row['name']}".strip(),
            f"{row['stalls']:,}",
            f"{row['free']:,}",
            "0",
            row["reason"],
        )
        for row in found.rejected.drop(columns="geometry").to_dict("records")
    )
    m = found.measures
    return Table(
        title=Message(
            "stalls.sharing_title",
            begin=f"{m['from_hour']:02d}:00",
            end=f"{m['until_hour']:02d}:00",
            reach=f"{m['reach_m']:g}",
        ),
        heads=_heads("lot", "stalls", "free", "used", "tightest"),
        rows=(*rows, *left),
        numeric=(1, 2, 3),
        notes=(
            Message(
                "stalls.sharing_sum",
                shortfall=f"{m['shortfall']:,}",
                matched=f"{m['matched']:,}",
                left=f"{m['unmatched']:,}",
            ),
        ),
    )


def spaces_table(chosen: Scenario) -> Table:
    """Show the spaces that hold no stall, each with its reason: a hearing asks "why not here?"."""
    rejected: gpd.GeoDataFrame = chosen.placement.rejected
    rows = pd.DataFrame(rejected.drop(columns="geometry")).to_dict("records")
    grouped: dict[str, list[dict[Any, Any]]] = {}
    for row in rows:
        grouped.setdefault(str(row["reason"]), []).append(row)
    lines = [
        (
            "、".join(f"{r['space_id']} {r['name']}".strip() for r in some[:3])
            + (f" … ({len(some)})" if len(some) > 3 else ""),  # noqa: PLR2004 - names shown
            f"{sum(float(r['area_m2']) for r in some):,.0f}",
            some[0]["reason"],
        )
        for some in grouped.values()
    ]
    return Table(
        title=Message("stalls.rejected_title"),
        heads=_heads("place", "area", "reason"),
        rows=tuple(lines),
        numeric=(1,),
    )


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"stalls.head_{name}") for name in names)
