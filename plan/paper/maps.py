"""Maps on sheets: what :mod:`plan.cartography` draws, with legend, clauses and tables, as the templates take it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from plan.messages import Message, translate
from plan.paper.tables import table_data
from plan.reports.words import Words

if TYPE_CHECKING:
    from plan.cartography import LegendGroup, Sheet
    from plan.findings import Clause

__all__ = ["MAP_MM", "SECTION_OF_MAP", "legend_data", "map_data"]

MAP_MM: Final = (296.0, 238.0)  # of a map on an A3 sheet, between its heading, its legend and the title block
# Which section of the atlas a map opens.
SECTION_OF_MAP: Final = {
    "overview": "overview",
    "life_circle": "life",
    "minutes": "life",
    "blind_spots": "life",
    "gates": "gates",
    "rooms": "rooms",
    "parking_before": "stalls",
    "parking_after": "stalls",
    "fire": "stalls",
    "elevators": "elevators",
    "findings": "findings",
}

# What the page says of things that a click explains; on paper the table beside the map does.
_CLICKED: Final = ("maps.class.rooms.rejected", "maps.class.proposals.rejected")


def map_data(
    sheet: Sheet, *, lang: str, size_mm: tuple[float, float] = MAP_MM, level: int = 1
) -> dict[str, Any]:
    """Return a map with what stands beside it as plain data.

    Parameters
    ----------
    sheet : Sheet
        As it was drawn.
    lang : {"zh", "en"}
        The language.
    size_mm : tuple of float
        Width and height of its map [mm].
    level : int, default 1
        Of its heading.

    Returns
    -------
    dict
        For the template ``atlas``.
    """
    return {
        "kind": "map",
        "title": translate(sheet.title, lang),
        "level": level,
        "svg": sheet.svg,
        "width": size_mm[0],
        "scale": sheet.scale,
        "legend": legend_data(sheet.legend, lang=lang),
        "clauses": _clauses(sheet.clauses, lang),
        "table": None if sheet.table is None else table_data(sheet.table, lang=lang),
        "notes": [translate(note, lang) for note in sheet.notes],
    }


def legend_data(groups: Iterable[LegendGroup], *, lang: str) -> list[dict[str, Any]]:
    """Return a legend as plain data: samples, what they mean, how many there are, and the numbers of clauses."""
    words = Words(lang)
    return [
        {
            "title": translate(group.title, lang),
            "estimated": words.say("estimated") if group.estimated else "",
            "rows": [
                {
                    "svg": row.sample,
                    "label": _on_paper(translate(row.label, lang), lang),
                    "count": f"{row.count:,}" if row.count else "",
                    "clauses": [str(number) for number in row.clauses],
                    "note": translate(row.note, lang),
                }
                for row in group.rows
            ],
        }
        for group in groups
    ]


def _on_paper(label: str, lang: str) -> str:
    """Return a label without the invitation to click."""
    clicked = {Message(key).to(lang) for key in _CLICKED}
    return Message("paper.not_chosen").to(lang) if label in clicked else label


def _clauses(clauses: Sequence[Clause], lang: str) -> list[dict[str, str]]:
    words = Words(lang)
    return [
        {"number": str(number), "source": words.source(clause), "quote": clause.quote}
        for number, clause in enumerate(clauses, start=1)
    ]
