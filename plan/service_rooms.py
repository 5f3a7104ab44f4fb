"""What ``plan place rooms`` and a hearing say about service rooms: who is short, what is taken, and why not elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from plan.messages import Bilingual, Message, translate
from plan.rooms.defence import Robustness, cost_front, room_robustness, who_gains
from plan.rooms.placement import place_on, room_scene
from plan.rooms.scene import Scene
from plan.schema import LAYERS
from plan.site import Placement
from plan.tables import Table

__all__ = [
    "Defence",
    "defend_rooms",
    "outcome",
    "place_on",
    "place_records",
    "places_table",
    "rejected_table",
    "room_scene",
    "room_tables",
    "rooms_table",
]

_MOST_ROOMS: Final = 12  # rooms that a table of shares lists


def room_tables(placed: Placement) -> tuple[Table, ...]:
    """Return what people read about chosen rooms; community by community where there are several needs."""
    several = [places_table(placed)] if len(placed.measures["places"]) > 1 else []
    return (*several, rooms_table(placed), rejected_table(placed))


def places_table(placed: Placement) -> Table:
    """Show for each community what it needs, what it had, what it gets, and what would cure what is missing."""
    rows = placed.measures["places"]
    notes = []
    if any(not row["meant"] for row in rows):
        notes.append(Message("service_rooms.yardstick"))
    return Table(
        title=Message(
            "service_rooms.places_title",
            short=f"{sum(math.ceil(row['shortfall_before_m2']) for row in rows):,}",
            left=f"{sum(math.ceil(row['shortfall_m2']) for row in rows):,}",
            cost=f"{placed.measures['cost_cny']:,.0f}",
        ),
        heads=_heads("place", "use", "households", "required", "had", "gets", "missing", "modes", "cost", "cure"),
        rows=tuple(
            (
                _place(row),
                _uses(row["uses"]),
                None if row["households"] is None else f"{row['households']:,.0f}",
                f"{row['required_m2']:,.0f}",
                f"{row['before_m2']:,.0f}",
                f"{row['after_m2']:,.0f}",
                _missing(row),
                _modes(row["modes"]),
                f"{row['cost_cny']:,.0f}" if row["rooms"] else None,
                row["cure"],
            )
            for row in rows
        ),
        numeric=(2, 3, 4, 5, 6, 8),
        notes=tuple(notes),
    )  # fmt: skip


def rooms_table(placed: Placement) -> Table:
    """Show the rooms that were chosen, and what they come to."""
    measures = placed.measures
    rooms = _with(placed.features, "building_id", "mode")
    counted = rooms[rooms["part"] != "apart"]
    by_clause = measures["near_gate_from_clause"]
    title = Message(
        "summaries.rooms_title",
        what=_what(measures["places"]),
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
    # With several needs the table of places says what would cure each of them.
    single = measures["places"][0]["cure"] if len(measures["places"]) == 1 else None
    notes += [] if single is None else [single]
    notes += measures["notes"]
    heads = tuple(
        Message(f"summaries.head_{name}")
        for name in ("room", "building", "floor", "area", "state", "mode", "cost", "walk")
    )
    return Table(title=title, heads=heads, rows=rows, numeric=(2, 3, 6, 7), notes=tuple(notes))


def rejected_table(placed: Placement) -> Table:
    """Show the units that were not chosen, each with its reason: a hearing asks "why not here?"."""
    rows = tuple(
        (*_unit(r), _money(r["cost_cny"]), r["reason"])
        for r in _with(placed.rejected, "building_id").to_dict("records")
    )
    heads = tuple(
        Message(f"summaries.head_{name}") for name in ("room", "building", "floor", "area", "cost", "reason")
    )
    return Table(title=Message("summaries.rejected_title"), heads=heads, rows=rows, numeric=(2, 3, 4))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Defence:
    """What is answered when a choice of rooms is questioned."""

    front: pd.DataFrame  # as cost_front returns it
    robustness: Robustness
    gains: pd.DataFrame  # as who_gains returns it

    def tables(self) -> tuple[Table, ...]:
        """Return what people read, without what is not known."""
        found = [_front_table(self.front)] if len(self.front) else []
        found += [_robustness_table(self.robustness)]
        return (*found, *([_gains_table(self.gains)] if len(self.gains) else []))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "front": self.front.to_dict("records"),
            "robustness": {
                "draws": self.robustness.draws,
                "enough": self.robustness.enough,
                "rooms": self.robustness.rooms.to_dict("records"),
            },
            "gains": [
                {key: None if isinstance(v, float) and math.isnan(v) else v for key, v in row.items()}
                for row in self.gains.to_dict("records")
            ],
        }


def defend_rooms(scene: Scene, placed: Placement, *, draws: int, seed: int) -> Defence:
    """Trade cost against minutes, choose again under drawn conditions, and see who gains."""
    return Defence(
        front=cost_front(scene),
        robustness=room_robustness(scene, draws=draws, seed=seed),
        gains=who_gains(scene, placed),
    )


def outcome(placed: Placement) -> int:
    """Return the exit code of a choice: 1 where something is missing, 3 where that cannot be told, else 0."""
    measures = placed.measures
    missing = ("shortfall_m2", "shortfall_ground_floor_m2", "no_main_room", "rooms_beyond")
    short = [any(row[key] for key in missing) for row in measures["places"]]
    unknown = [row["undetermined"] for row in measures["places"]]
    if any(lacks and not doubt for lacks, doubt in zip(short, unknown, strict=True)):
        return 1
    return 3 if any(unknown) or measures["notes"] else 0


def place_records(placed: Placement, lang: str) -> list[dict[str, Any]]:
    """Return the places of a choice as plain data, in a language."""
    return [
        {**row, "cure": None if row["cure"] is None else translate(row["cure"], lang)}
        for row in placed.measures["places"]
    ]


# --- tables of the defence -----------------------------------------------------------------------


def _front_table(front: pd.DataFrame) -> Table:
    return Table(
        title=Message("service_rooms.front_title", points=len(front)),
        heads=_heads("cost", "mean_walk", "gap", "rooms"),
        rows=tuple(
            (f"{r['cost_cny']:,.0f}", f"{r['mean_minutes']:.2f}", f"{r['gap']:.1%}", r["rooms"])
            for r in front.to_dict("records")
        ),
        numeric=(0, 1, 2),
        notes=(Message("service_rooms.front_how"),),
    )


def _robustness_table(found: Robustness) -> Table:
    return Table(
        title=Message("service_rooms.draws_title", draws=found.draws, enough=f"{found.enough:.0%}"),
        heads=_heads("room", "chosen_share"),
        rows=tuple(
            (r["room_id"], f"{100 * r['share']:.0f}")
            for r in found.rooms.head(_MOST_ROOMS).to_dict("records")
        ),
        numeric=(1,),
        bars=(1,),
        notes=(Message("service_rooms.draws_how"),),
    )


def _gains_table(gains: pd.DataFrame) -> Table:
    def pair(row: Mapping[Any, Any], name: str, digits: str = ".1f") -> str | None:
        was, now = row[f"{name}before{_TAIL[name]}"], row[f"{name}after{_TAIL[name]}"]
        return None if math.isnan(was) or math.isnan(now) else f"{was:{digits}} → {now:{digits}}"

    return Table(
        title=Message("service_rooms.gains_title"),
        heads=_heads("estate", "households", "mean_minutes", "worst_tenth", "elderly_minutes", "gini", "unreached"),
        rows=tuple(
            (
                r["estate_id"] or Message("service_rooms.everybody"),
                f"{r['households']:,}",
                pair(r, ""),
                pair(r, "worst_"),
                pair(r, "elderly_"),
                pair(r, "gini_", ".3f"),
                f"{r['unreached_before']:,} → {r['unreached_after']:,}",
            )
            for r in gains.to_dict("records")
        ),
        numeric=(1, 2, 3, 4, 5, 6),
        notes=(Message("service_rooms.gains_how"),),
    )  # fmt: skip


_TAIL: Final = {"": "_min", "worst_": "_min", "elderly_": "_min", "gini_": ""}


# --- parts ---------------------------------------------------------------------------------------


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"service_rooms.head_{name}") for name in names)


def _place(row: Mapping[str, Any]) -> str:
    if row["community_id"] is None:
        return Message("service_rooms.whole_site")
    return f"{row['community_id']} {row['name']}" if row["name"] else str(row["community_id"])


def _uses(uses: list[str]) -> str:
    if not uses:
        return Message("checks.service_rooms")
    return Message("service_rooms.listed", items=tuple(Message(f"checks.use.{use}") for use in uses))


def _what(places: list[dict[str, Any]]) -> str:
    """Name what the rooms are for; several uses are service rooms and others."""
    uses = {tuple(row["uses"]) for row in places}
    if uses == {()}:
        return Message("service_rooms.service_rooms")
    return _uses(list(uses.pop())) if len(uses) == 1 else Message("service_rooms.several_uses")


def _missing(row: Mapping[str, Any]) -> str:
    # Rounded up: what is missing is never more than what is said to be.
    area, ground = math.ceil(row["shortfall_m2"]), math.ceil(row["shortfall_ground_floor_m2"])
    if ground > area:
        return Message("service_rooms.missing_ground", area=f"{ground:,}")
    if ground:
        return Message("service_rooms.missing_both", area=f"{area:,}", ground=f"{ground:,}")
    return f"{area:,}"


def _modes(modes: Mapping[str, int]) -> str | None:
    if not modes:
        return None
    items = tuple(
        Message("service_rooms.mode_count", mode=_mode(mode) or mode, count=n) for mode, n in modes.items()
    )
    return Message("service_rooms.listed", items=items)


def _mode(mode: str | None) -> str | None:
    if mode is None or pd.isna(mode):
        return None
    aliases = dict(LAYERS["rooms"].column("mode").choices).get(mode, ())
    return Bilingual(aliases[0], mode.replace("_", " ")) if aliases else mode


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


def _with(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame in which optional columns are there, empty where they were not."""
    return frame.assign(**{column: None for column in columns if column not in frame})
