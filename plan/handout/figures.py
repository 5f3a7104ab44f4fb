"""The few figures that a hearing remembers, and what is printed about the material itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plan.crs import spoken_name
from plan.dossier import Dossier
from plan.findings import Status
from plan.messages import Message

__all__ = ["KeyFigure", "imprint_lines", "key_figures", "title_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One figure, ready to be read."""

    key: str  # stable, for programs
    label: Message
    value: str
    note: str | None = None  # what it is of, or compared with


def title_of(dossier: Dossier) -> str:
    """Return the heading of the material."""
    return dossier.imprint.title or Message("handout.title", site=dossier.site.title)


def key_figures(dossier: Dossier) -> tuple[KeyFigure, ...]:
    """Return the figures that stand first in every file that people read."""
    return tuple(_figures(dossier))


def imprint_lines(dossier: Dossier) -> tuple[tuple[Message, str], ...]:
    """Return what is printed about the material: each a head and what it says."""
    imprint, pack = dossier.imprint, dossier.pack
    sources = imprint.source or Message(
        "handout.listing", items=tuple(dict.fromkeys(Path(f.path).name for f in dossier.site.inputs))
    )
    lines: list[tuple[Message, str | None]] = [
        (Message("handout.pack"), Message("handout.pack_value", title=pack.title, id=pack.id, version=pack.version)),
        (Message("handout.on"), pack.on),
        (Message("handout.review_number"), imprint.review_number or Message("handout.not_reviewed")),
        (Message("handout.made_by"), imprint.made_by),
        (Message("handout.source"), sources),
        (Message("handout.crs"), spoken_name(dossier.site.crs)),
        (Message("handout.dated"), imprint.dated),
        (Message("handout.attribution"), dossier.site.attribution),
    ]  # fmt: skip
    return tuple((head, said) for head, said in lines if said)


def _figures(dossier: Dossier) -> Iterator[KeyFigure]:
    before, after = dossier.before, dossier.after
    for status in (Status.NOT_MET, Status.UNDETERMINED, Status.MET):
        yield KeyFigure(
            key=f"findings_{status}",
            label=Message("handout.findings", status=Message(f"status.{status}")),
            value=str(after.count(status)),
            note=Message("handout.was", count=before.count(status)),
        )
    proposals = dossier.proposals
    if "rooms" in proposals:
        measures = proposals["rooms"].measures
        yield KeyFigure(
            key="rooms_m2",
            label=Message("handout.rooms"),
            value=f"{measures['total_m2']:,.0f}",
            note=Message(
                "handout.rooms_note",
                required=f"{measures['required_m2']:,.0f}",
                count=measures["placed"],
                added=f"{measures['placed_m2']:,.0f}",
            ),
        )
    if "gates" in proposals:
        measures = proposals["gates"].measures
        yield KeyFigure(
            key="gates",
            label=Message("handout.gates"),
            value=str(measures["placed"]),
            note=Message("handout.gates_note", households=f"{measures['households_winning']:,}"),
        )
    if "stalls" in proposals:
        measures = proposals["stalls"].measures
        yield KeyFigure(
            key="stalls",
            label=Message("handout.stalls"),
            value=f"{measures['stalls']:,}",
            note=None
            if measures["added"] is None
            else Message(
                "handout.stalls_note",
                added=f"{measures['added']:+,}",
                cost=f"{measures['cost_cny'] / 10_000:,.1f}",
            ),
        )
    if "elevators" in proposals:
        measures = proposals["elevators"].measures
        yield KeyFigure(
            key="elevators",
            label=Message("handout.elevators"),
            value=str(measures["placed"]),
            note=Message(
                "handout.elevators_note",
                feasible=measures["feasible"],
                conditional=measures["conditional"],
                count=len(measures["stairwells"]),
            ),
        )
    if dossier.reach is not None:
        rows = dossier.reach.life.rows()
        served = [row for row in rows if row["share"] is not None]
        whole = sum(row["share"] >= 1 for row in served)
        yield KeyFigure(
            key="life_circle",
            label=Message("handout.life_circle"),
            value=f"{whole}/{len(rows)}",
            note=Message("handout.life_circle_note"),
        )
