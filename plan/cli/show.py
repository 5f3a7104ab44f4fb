"""What the commands print: data on stdout as tables or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from plan.messages import Message, translate
from plan.rules import kind_name

if TYPE_CHECKING:
    from plan.console import Talk
    from plan.findings import SiteResult
    from plan.hearing import HearingPackage
    from plan.readers import Inspection
    from plan.rules import RulePack
    from plan.rules.compare import Change
    from plan.site import Placement

__all__ = ["changes", "hearing", "inspection", "json_text", "pack", "packs", "placement", "reach", "results"]

_WIDTH: Final = 118  # columns, where stdout is not a terminal
_BINARY: Final = ("xlsx",)


def json_text(data: object) -> None:
    """Print data as JSON on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _out() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH)


def _table(talk: Talk, *heads: str, rows: Sequence[Sequence[object]], title: str | None = None) -> None:
    table = Table(
        title=None if title is None else Text(talk.text(title)), title_justify="left", header_style="bold"
    )
    for head in heads:
        table.add_column(talk.text(Message(f"cli.{head}")), overflow="fold")
    for row in rows:
        table.add_row(
            *(
                Text("–" if cell is None else talk.text(str(cell) if not isinstance(cell, str) else cell))
                for cell in row
            )
        )
    _out().print(table)


def inspection(found: Inspection, talk: Talk) -> None:
    """Print what was read."""
    rows = [
        (
            layer.source_layer or Path(layer.path).name,
            layer.name or None,
            layer.rows,
            "/".join(layer.geometry) or None,
            layer.crs or None,
            layer.encoding or None,
            ", ".join(
                f"{theirs}→{ours}" if theirs != ours else ours for theirs, ours in layer.matched.items()
            ),
        )
        for layer in found.layers
    ]
    heads = (
        "head_source",
        "head_layer",
        "head_rows",
        "head_geometry",
        "head_crs",
        "head_encoding",
        "head_columns",
    )
    _table(talk, *heads, rows=rows)


def results(entries: Sequence[SiteResult], form: str, folder: Path | None, talk: Talk) -> None:
    """Print or write the results of a check."""
    from plan.reports import render, write  # noqa: PLC0415 - the writers are loaded when there is something to write
    from plan.reports.console import to_text  # noqa: PLC0415

    if folder is not None:
        endings = {"text": "txt", "junit": "xml"}
        path = folder / f"report.{endings.get(form, form)}"
        write(entries, path, format=form, lang=talk.lang)
        talk.say(Message("cli.written", path=str(path)), style="bold")
        if form != "text":
            return
    if form == "text":
        _out().print(to_text(entries, lang=talk.lang))
        return
    rendered = render(entries, form, lang=talk.lang)
    if isinstance(rendered, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(rendered)
    else:
        sys.stdout.write(rendered)


def reach(found: Mapping[str, Any], talk: Talk) -> None:
    """Print the life circle."""

    def share(value: float | None) -> str | None:
        return None if value is None else f"{value:.1%}"

    def minutes(value: float | None) -> str | None:
        return None if value is None else f"{value:.1f}"

    circles = [f"{m:g}" for m in found["minutes"]]
    rows = [
        (
            row["name"],
            row["facilities"],
            f"{row['limit_min']:g}",
            share(row["share"]),
            " / ".join(share(row[f"share_{m}"]) or "–" for m in circles),
            minutes(row["median_min"]),
            minutes(row["p90_min"]),
        )
        for row in found["categories"]
    ]
    estimated = Message("cli.estimated_mark") if found["estimates"] else ""
    title = Message(
        "cli.reach_title",
        households=f"{found['households']:,}",
        estimated=estimated,
        profile=found["profile"],
        speed=f"{found['m_per_min']:g}",
        minutes=" / ".join(circles),
    )
    heads = (
        "head_category",
        "head_facilities",
        "head_limit",
        "head_served",
        "head_within",
        "head_median",
        "head_p90",
    )
    _table(talk, *heads, rows=rows, title=title)


def placement(placed: Placement, talk: Talk) -> None:
    """Print which rooms were chosen, and why not the others."""
    measures = placed.measures
    chosen = placed.features[placed.features["state"] == "planned"]
    _table(
        talk,
        "head_room",
        "head_building",
        "head_floor",
        "head_area",
        "head_mode",
        "head_cost",
        "head_walk",
        rows=[
            (
                r.room_id,
                r.building_id,
                r.floor,
                f"{r.area_m2:g}",
                r.mode,
                _money(r.cost_cny),
                f"{r.walk_to_gate_m:.0f}",
            )
            for r in chosen.itertuples()
        ],
        title=Message(
            "cli.place_title",
            required=f"{measures['required_m2']:g}",
            total=f"{measures['total_m2']:g}",
            shortfall=f"{measures['shortfall_m2']:g}",
            cost=f"{measures['cost_cny']:,.0f}",
            near=f"{measures['near_gate_m']:g}",
            source=Message("cli.near_clause" if measures["near_gate_from_clause"] else "cli.near_default"),
        ),
    )
    rows = [
        (r.room_id, r.floor, f"{r.area_m2:g}", _money(r.cost_cny), r.reason)
        for r in placed.rejected.itertuples()
    ]
    heads = ("head_room", "head_floor", "head_area", "head_cost", "head_reason")
    _table(talk, *heads, rows=rows, title=Message("cli.rejected_title"))


def _money(value: float) -> str | None:
    return None if value != value else f"{value:,.0f}"  # noqa: PLR0124 - NaN is not itself


def hearing(package: HearingPackage, talk: Talk) -> None:
    """Print what came of the main job: findings before and after, the life circle, the rooms."""
    before = {(f.rule, f.subject): f for f in package.before.findings}
    rows = []
    for finding in package.after.findings:
        was = before.get((finding.rule, finding.subject))
        rows.append(
            (
                finding.rule,
                finding.title,
                Message(f"cli.strength_{finding.strength}"),
                None if was is None else Message(f"status.{was.status}"),
                Message(f"status.{finding.status}"),
            )
        )
    heads = ("head_rule", "head_title", "head_strength", "head_before", "head_after")
    _table(talk, *heads, rows=rows, title=Message("cli.hearing_title", site=package.site.name))
    if package.reach is not None:
        reach(package.reach.to_dict(talk.lang), talk)
    if "rooms" in package.proposals:
        placement(package.proposals["rooms"], talk)


def packs(loaded: Sequence[RulePack], form: str, talk: Talk) -> None:
    """Print the packs."""
    rows = [(p.id, p.title, p.version, p.extends, len(p.judged()), len(p.rules)) for p in loaded]
    if form == "json":
        names = ("id", "title", "version", "extends", "judged", "rules")
        json_text(
            [
                dict(
                    zip(
                        names,
                        (translate(c, talk.lang) if isinstance(c, str) else c for c in row),
                        strict=True,
                    )
                )
                for row in rows
            ]
        )
        return
    _table(
        talk,
        "head_pack",
        "head_title",
        "head_version",
        "head_extends",
        "head_judged",
        "head_rules",
        rows=rows,
    )


def pack(loaded: RulePack, form: str, talk: Talk) -> None:
    """Print the rules of a pack with their clauses."""
    if form == "json":
        rules = [
            {
                "id": r.id,
                "title": translate(r.title, talk.lang),
                "kind": kind_name(r.kind),
                "params": {name: _plain(value) for name, value in asdict(r.kind).items()},
                "strength": r.strength.value,
                "enabled": r.enabled,
                "ambiguity": None if r.ambiguity is None else translate(r.ambiguity, talk.lang),
                "note": None if r.note is None else translate(r.note, talk.lang),
                "pack": r.pack,
                "clause": asdict(r.clause),
            }
            for r in loaded.rules
        ]
        json_text(
            {
                "id": loaded.id,
                "version": loaded.version,
                "sha256": loaded.sha256,
                "on": loaded.on,
                "rules": rules,
            }
        )
        return
    rows = [
        (
            r.id,
            r.title,
            Message(f"cli.strength_{r.strength}") if r.enabled else Message("cli.disabled"),
            r.clause.article,
            r.clause.quote or None,
            r.clause.evidence,
        )
        for r in loaded.rules
    ]
    heads = ("head_rule", "head_title", "head_strength", "head_article", "head_quote", "head_evidence")
    _table(talk, *heads, rows=rows, title=f"{translate(loaded.title, talk.lang)} {loaded.version}")


def _plain(value: object) -> object:
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return None
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def changes(found: Sequence[Change], form: str, talk: Talk) -> None:
    """Print what changed between two packs."""
    if form == "json":
        json_text([asdict(change) for change in found])
        return
    rows = [
        (c.rule, Message(f"cli.change_{c.what}"), c.part or None, c.old or None, c.new or None) for c in found
    ]
    _table(talk, "head_rule", "head_change", "head_part", "head_old", "head_new", rows=rows)
