"""What walking and placing found, as tables: the same figures on the console and on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from plan.findings import Report
from plan.messages import Bilingual, Message
from plan.reach import Reach, category_title
from plan.schema import LAYERS
from plan.site import Placement
from plan.tables import Table

__all__ = ["change_table", "reach_table", "rejected_table", "rooms_table"]


def change_table(before: Report, after: Report) -> Table:
    """Set the findings on a site as it is beside those on the proposal."""
    was = {(f.rule, f.subject): f.status for f in before.findings}
    rows = []
    for finding in after.findings:
        old = was.get((finding.rule, finding.subject))
        rows.append(
            (
                finding.rule,
                finding.title,
                finding.subject,
                Message(f"summaries.strength_{finding.strength}"),
                None if old is None else Message(f"status.{old}"),
                Message(f"status.{finding.status}"),
            )
        )
    return Table(
        title=Message("summaries.change_title"),
        heads=_heads("rule", "title", "subject", "strength", "before", "after"),
        rows=tuple(rows),
    )


def reach_table(found: Reach) -> Table:
    """Show the life circle: for each category how many households reach it, and how fast."""
    life = found.life
    circles = [f"{m:g}" for m in life.minutes]
    rows = tuple(
        (
            category_title(row["category"]),
            None if row["facilities"] is None else str(row["facilities"]),
            f"{row['limit_min']:g}",
            _share(row["share"]),
            *(_share(row[f"share_{m}"]) for m in circles),
            _minutes(row["median_min"]),
            _minutes(row["p90_min"]),
        )
        for row in life.rows()
    )
    return Table(
        title=Message(
            "summaries.reach_title",
            households=f"{life.households:,}",
            estimated=Message("summaries.estimated") if life.estimates else "",
            profile=profile_title(life.profile),
            speed=f"{life.m_per_min:g}",
        ),
        heads=(
            *_heads("category", "facilities", "limit", "served"),
            *(Message("summaries.head_circle", minutes=m) for m in circles),
            *_heads("median", "p90"),
        ),
        rows=rows,
        numeric=tuple(range(1, 6 + len(circles))),
        notes=found.notes,
    )


def rooms_table(placed: Placement) -> Table:
    """Show the rooms that were chosen, and what they come to."""
    measures = placed.measures
    rooms = _with(placed.features, "building_id", "mode")
    counted = rooms[rooms["part"] != "apart"]
    by_clause = measures["near_gate_from_clause"]
    title = Message(
        "summaries.rooms_title",
        required=f"{measures['required_m2']:g}",
        total=f"{measures['total_m2']:g}",
        shortfall=f"{measures['shortfall_m2']:g}",
        cost=f"{measures['cost_cny']:,.0f}",
        near=f"{measures['near_gate_m']:g}",
        source=Message("summaries.near_clause" if by_clause else "summaries.near_default"),
    )
    rows = tuple(
        (
            *_unit(r),
            Message(f"summaries.state_{r['part']}"),
            _mode(r["mode"]),
            _money(r["cost_cny"]) if r["part"] == "chosen" else None,
            f"{r['walk_to_gate_m']:.0f}",
        )
        for r in counted.to_dict("records")
    )
    apart = rooms[rooms["part"] == "apart"]
    notes = [
        Message(
            "summaries.rooms_sum",
            stands=f"{measures['existing_counted_m2']:g}",
            placed=f"{measures['placed_m2']:g}",
            total=f"{measures['total_m2']:g}",
        )
    ]
    if len(apart):
        notes.append(
            Message(
                "summaries.rooms_apart",
                ids=tuple(str(i) for i in apart["room_id"]),
                area=f"{float(apart['area_m2'].sum()):g}",
            )
        )
    heads = _heads("room", "building", "floor", "area", "state", "mode", "cost", "walk")
    return Table(title=title, heads=heads, rows=rows, numeric=(2, 3, 6, 7), notes=tuple(notes))


def rejected_table(placed: Placement) -> Table:
    """Show the units that were not chosen, each with its reason: a hearing asks "why not here?"."""
    rows = tuple(
        (*_unit(r), _money(r["cost_cny"]), r["reason"])
        for r in _with(placed.rejected, "building_id").to_dict("records")
    )
    heads = _heads("room", "building", "floor", "area", "cost", "reason")
    return Table(title=Message("summaries.rejected_title"), heads=heads, rows=rows, numeric=(2, 3, 4))


def profile_title(profile: str) -> str:
    """Return how a profile of walkers is called; an unknown one by itself."""
    known = {"adult": ("成年人", "adults"), "elderly": ("老年人", "elderly people")}
    return Bilingual(*known[profile]) if profile in known else profile


def _with(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame in which optional columns are there, empty where they were not."""
    return frame.assign(**{column: None for column in columns if column not in frame})


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"summaries.head_{name}") for name in names)


def _mode(mode: str | None) -> str | None:
    if mode is None:
        return None
    aliases = dict(LAYERS["rooms"].column("mode").choices).get(mode, ())
    return Bilingual(aliases[0], mode.replace("_", " ")) if aliases else mode


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.1%}"


def _minutes(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _money(value: float) -> str | None:
    return None if math.isnan(value) else f"{value:,.0f}"


def _unit(row: Mapping[Any, Any]) -> tuple[str | None, ...]:
    area, floor = row["area_m2"], row["floor"]
    return (
        row["room_id"],
        row["building_id"],
        None if pd.isna(floor) else str(floor),
        None if math.isnan(area) else f"{area:g}",
    )
