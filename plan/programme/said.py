"""What ``plan programme`` says: what each year buys, which estate when and why, and how each was scored."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from plan.messages import Message, translate
from plan.programme.need import TERMS, EstateNeeds
from plan.programme.phases import Programme
from plan.site import Site
from plan.tables import Table

__all__ = ["programme_layers", "programme_record", "programme_tables"]

_FORMS: Final = {
    "unmet": ".0f",
    "age": ".0f",
    "fire": ".0f",
    "pipes": ".2f",
    "remarks": ".2f",
    "elderly": ".1%",
}


def programme_tables(needs: EstateNeeds, found: Programme, *, rewards: str | None) -> dict[str, Table]:
    """Return what people read, by the name of the sheet of a workbook.

    Parameters
    ----------
    needs : EstateNeeds
        The scores.
    found : Programme
        The years.
    rewards : str or None
        The file of the rewards; None: the example that ships.

    Returns
    -------
    dict of str to Table
        Years, estates, needs, works.
    """
    return {
        Message("programme.sheet_years"): _years_table(found, rewards),
        Message("programme.sheet_estates"): _estates_table(found),
        Message("programme.sheet_needs"): _needs_table(needs),
        Message("programme.sheet_works"): _works_table(found),
    }


def programme_layers(site: Site, needs: EstateNeeds, found: Programme, lang: str) -> dict[str, pd.DataFrame]:
    """Return a layer of estates and tables for a GeoPackage, their texts in a language."""
    estates = found.estates.assign(
        years=[",".join(map(str, years)) for years in found.estates["years"]],
        reason=[translate(why, lang) for why in found.estates["reason"]],
    )
    scores = needs.frame.assign(unknown=[",".join(terms) for terms in needs.frame["unknown"]])
    grounds: dict[str, list[BaseGeometry]] = {}
    if site.has("parcels") and "estate_id" in site.layers["parcels"]:
        frame = site.layer("parcels")
        for estate, shape in zip(frame["estate_id"], frame.geometry, strict=True):
            if isinstance(estate, str) and shape is not None:
                grounds.setdefault(estate, []).append(shape)
    shapes = [shapely.union_all(grounds[e]) if e in grounds else None for e in estates["estate_id"]]
    return {
        "programme_estates": gpd.GeoDataFrame(estates, geometry=shapes, crs=site.crs),
        "programme_needs": scores,
        "programme_works": found.works,
        "programme_years": found.years,
    }


def programme_record(
    needs: EstateNeeds, found: Programme, *, rewards: str | None, lang: str
) -> dict[str, Any]:
    """Return plain data, texts in a language."""
    estates = found.estates.assign(reason=[translate(why, lang) for why in found.estates["reason"]])
    return {
        "schema": "plan.programme/1",
        "weights": dict(needs.weights),
        "reference_year": needs.reference_year,
        "rewards": rewards,
        "elsewhere": list(needs.elsewhere),
        "open_rules": needs.open_rules,
        "possible_points": found.possible_points,
        "gap": found.gap,
        "order_proven": found.order_proven,
        "years": _records(found.years),
        "estates": _records(estates),
        "needs": _records(needs.frame),
        "works": _records(found.works),
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    def one(value: object) -> object:
        if isinstance(value, tuple):
            return [int(v) if not isinstance(v, str) else v for v in value]
        return None if isinstance(value, float) and math.isnan(value) else value

    return [{str(k): one(v) for k, v in row.items()} for row in frame.to_dict("records")]


# --- tables --------------------------------------------------------------------------------------


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"programme.head_{name}") for name in names)


def _money(value: float) -> str:
    return f"{value:,.0f}"


def _years_table(found: Programme, rewards: str | None) -> Table:
    notes = [
        Message("programme.note_budget"),
        Message("programme.note_rewards_assumed")
        if rewards is None
        else Message("programme.note_rewards_given", path=rewards),
    ]
    if found.gap > 0:
        notes.append(Message("programme.note_gap", gap=f"{found.gap:.3%}"))
    elif not found.order_proven:
        notes.append(Message("programme.note_order"))
    return Table(
        title=Message(
            "programme.years_title",
            years=len(found.years),
            points=f"{found.years['points'].sum():.1f}",
            possible=f"{found.possible_points:.1f}",
        ),
        heads=_heads("year", "budget", "own", "left", "reward", "cost", "estates", "works", "points"),
        rows=tuple(
            (
                str(row["year"]),
                *(_money(row[f"{name}_cny"]) for name in ("budget", "own", "left", "reward", "cost")),
                str(row["estates"]),
                str(row["works"]),
                f"{row['points']:.1f}",
            )
            for row in found.years.to_dict("records")
        ),
        numeric=tuple(range(9)),
        notes=tuple(notes),
    )


def _estates_table(found: Programme) -> Table:
    return Table(
        title=Message("programme.estates_title"),
        heads=_heads("estate", "score", "year", "done", "points", "own", "reward", "reason"),
        rows=tuple(
            (
                _named(row),
                Message("programme.unknown") if math.isnan(row["score"]) else f"{row['score']:.1f}",
                ", ".join(str(year) for year in row["years"]) or None,
                f"{row['done']}/{row['works']}",
                f"{row['points']:.1f}" if row["done"] else None,
                _money(row["own_cny"]) if row["done"] else None,
                _money(row["reward_cny"]) if row["done"] else None,
                row["reason"],
            )
            for row in found.estates.to_dict("records")
        ),
        numeric=(1, 4, 5, 6),
    )


def _needs_table(needs: EstateNeeds) -> Table:
    weights = tuple(
        Message("programme.note_weight", term=Message(f"programme.term_{term}"), points=f"{points:g}")
        for term, points in needs.weights.items()
    )
    notes = [Message("programme.note_weights", weights=weights)]
    notes += (
        [] if needs.reference_year is None else [Message("programme.note_year", year=needs.reference_year)]
    )
    notes += [Message("programme.note_elsewhere", rules=needs.elsewhere)] if needs.elsewhere else []
    notes += [Message("programme.note_open", count=needs.open_rules)] if needs.open_rules else []
    return Table(
        title=Message("programme.needs_title"),
        heads=(
            *_heads("estate", "built"),
            *(Message(f"programme.term_{t}") for t in TERMS),
            *_heads("score"),
        ),
        rows=tuple(
            (
                _named(row),
                None if row["built"] is None else str(row["built"]),
                *(_value(row, term) for term in TERMS),
                f"{row['score']:.1f}",
            )
            for row in needs.frame.sort_values(["rank", "estate_id"], kind="stable").to_dict("records")
        ),
        numeric=(8,),
        notes=tuple(notes),
    )


def _value(row: Mapping[Any, Any], term: str) -> Message:
    if math.isnan(row[term]):
        return Message("programme.unknown")
    return Message(
        "programme.value", value=f"{row[term]:{_FORMS[term]}}", points=f"{row[f'{term}_points']:.1f}"
    )


def _works_table(found: Programme) -> Table:
    return Table(
        title=Message("programme.works_title"),
        heads=_heads("work", "estate", "package", "kind", "serves", "amount", "cost", "points", "year", "rate", "reward"),
        rows=tuple(
            (
                f"{row['work_id']} {row['work']}".strip(),
                row["estate_id"],
                row["package"],
                Message("programme.facility") if row["facility"] else Message("programme.engineering"),
                Message(f"programme.term_{row['serves']}"),
                row["amount"] or None,
                _money(row["cost_cny"]),
                Message("programme.unknown") if math.isnan(row["points"]) else f"{row['points']:.1f}",
                _when(row),
                f"{100 * row['rate']:g}" if row["year"] else None,
                _money(row["reward_cny"]) if row["year"] else None,
            )
            for row in found.works.to_dict("records")
        ),
        numeric=(6, 7, 9, 10),
    )  # fmt: skip


def _when(row: Mapping[Any, Any]) -> Message:
    if not row["year"]:
        return Message("programme.not_done")
    # What mends nothing that is known is done for the grade of the reward, or for nothing at all.
    return Message("programme.year" if row["points"] > 0 else "programme.year_for_reward", year=row["year"])


def _named(row: Mapping[Any, Any]) -> str:
    return f"{row['estate_id']} {row['name']}" if isinstance(row["name"], str) else str(row["estate_id"])
