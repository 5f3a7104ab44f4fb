"""What people read about communities and grids: tables, and rows for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from plan.messages import Message, translate
from plan.tables import Table

if TYPE_CHECKING:
    from plan.districts.verify import Fault
    from plan.site import Placement

__all__ = ["communities_table", "grids_table", "place_document", "rejected_communities"]

_INNER = frozenset({"faults", "notes"})


def communities_table(placed: Placement, band: Message | None = None) -> Table:
    """Show the communities: households, estates, who changes, and why one is out of the band.

    Parameters
    ----------
    placed : Placement
        What :func:`plan.place_communities` returned.
    band : Message, optional
        Where the band is from.

    Returns
    -------
    Table
        With a row for each community, and notes.
    """
    measures = placed.measures
    low, high = measures["band"]
    rows = tuple(
        (
            row["community_id"],
            None if pd.isna(row["name"]) else str(row["name"]),
            f"{row['households']:,}",
            f"{row['estates']:,}",
            f"{row['buildings']:,}",
            f"{row['moved']:,}",
            f"{row['rms_radius_m']:,.0f}",
            None if pd.isna(row["reason"]) else row["reason"],
        )
        for row in placed.features.drop(columns="geometry").to_dict("records")
    )
    together = Message(
        "districts.together",
        count=len(rows),
        inside=measures["in_band"],
        low=f"{low:,.0f}",
        high=f"{high:,.0f}" if math.isfinite(high) else "∞",
        least=f"{measures['households_least']:,}",
        most=f"{measures['households_most']:,}",
        moved=f"{measures['moved']:,}",
        had=f"{measures['had_community']:,}",
        radius=f"{measures['rms_radius_m']:,.0f}",
    )
    roads = measures["main_roads"]
    return Table(
        title=Message("districts.title", count=len(rows), households=f"{measures['households']:,}"),
        heads=_heads("community", "name", "households", "estates", "buildings", "moved", "radius", "reason"),
        rows=rows,
        numeric=(2, 3, 4, 5, 6),
        notes=(
            *(() if band is None else (band,)),
            together,
            _verified(measures["faults"]),
            *((Message("districts.main_roads", names=tuple(roads)),) if roads else ()),
            *measures["notes"],
        ),
    )


def rejected_communities(placed: Placement) -> Table:
    """Show today's communities that do not go on.

    Parameters
    ----------
    placed : Placement
        What :func:`plan.place_communities` returned.

    Returns
    -------
    Table
        With a row for each.
    """
    return Table(
        title=Message("districts.rejected_title"),
        heads=_heads("community", "name", "households", "reason"),
        rows=tuple(
            (
                row["community_id"],
                None if pd.isna(row["name"]) else str(row["name"]),
                f"{row['households']:,}",
                row["reason"],
            )
            for row in placed.rejected.drop(columns="geometry").to_dict("records")
        ),
        numeric=(2,),
    )


def grids_table(placed: Placement) -> Table:
    """Show the grids: households, area, reports, and why one has too much or too little.

    Parameters
    ----------
    placed : Placement
        What :func:`plan.place_grids` returned.

    Returns
    -------
    Table
        With a row for each grid, and notes.
    """
    measures = placed.measures
    rows = tuple(
        (
            row["grid_id"],
            row["community_id"],
            f"{row['households']:,}",
            f"{row['area_m2'] / 10_000:,.2f}",
            f"{row['remarks']:,}",
            f"{100 * row['work']:.0f}",
            None if pd.isna(row["reason"]) else row["reason"],
        )
        for row in placed.features.drop(columns="geometry").to_dict("records")
    )
    return Table(
        title=Message("districts.grids_title", count=len(rows), communities=measures["communities"]),
        heads=_heads("grid", "community", "households", "area", "remarks", "work", "reason"),
        rows=rows,
        numeric=(2, 3, 4, 5),
        notes=(
            Message(
                "districts.grids_together",
                least=f"{measures['households_least']:,}",
                most=f"{measures['households_most']:,}",
                balanced=measures["balanced"],
                count=len(rows),
                tolerance=f"{100 * measures['tolerance']:.0f}",
            ),
            Message("districts.grids_figures", households=f"{measures['households_per_grid']:g}"),
            _verified(measures["faults"]),
            *(row for row in placed.rejected["reason"]),
            *measures["notes"],
        ),
    )


def place_document(placed: Placement, rows: str, lang: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    """Return plain data for ``--format json``, in the form ``plan.place/1``.

    Parameters
    ----------
    placed : Placement
        Communities or grids.
    rows : str
        What the rows are called.
    lang : {"zh", "en"}
        Language of texts.
    **more : object
        More members.

    Returns
    -------
    dict
        Without shapes.
    """
    measures: dict[str, Any] = {k: v for k, v in placed.measures.items() if k not in _INNER}
    faults: tuple[Fault, ...] = placed.measures["faults"]
    if "band" in measures:  # an open end is no number in JSON
        measures["band"] = [end if math.isfinite(end) else None for end in measures["band"]]
    measures["faults"] = [{"kind": f.kind, "id": f.community, "of": f.of, "value": f.value} for f in faults]
    measures["notes"] = [translate(note, lang) for note in placed.measures["notes"]]
    return {
        "schema": "plan.place/1",
        "placed": measures.pop("placed"),
        "rejected": len(placed.rejected),
        "measures": measures,
        rows: [_plain(row, lang) for row in placed.features.drop(columns="geometry").to_dict("records")],
        f"rejected_{rows}": [
            _plain(row, lang) for row in placed.rejected.drop(columns="geometry").to_dict("records")
        ],
        **more,
    }


def _plain(row: Mapping[Any, Any], lang: str) -> dict[str, Any]:
    return {str(name): _value(value, lang) for name, value in row.items()}


def _value(value: Any, lang: str) -> str | int | float | None:  # noqa: ANN401 - whatever a file holds
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    if isinstance(value, str):
        return translate(value, lang)
    if isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def _verified(faults: tuple[Fault, ...]) -> Message:
    if not faults:
        return Message("districts.verified")
    return Message(
        "districts.faults",
        count=len(faults),
        which=tuple(Message(f"districts.fault_{f.kind}", id=f.community or "–", of=f.of) for f in faults[:8]),
    )


def _heads(*names: str) -> tuple[Message, ...]:
    return tuple(Message(f"districts.head_{name}") for name in names)
