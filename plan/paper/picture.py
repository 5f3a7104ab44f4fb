"""The long picture that is sent to phones: one column, large letters, the verdict first.

A messenger opens no web page from a file, but every phone shows a picture. Its width is that of a phone's screen, its
letters are thirty pixels and more, and it is no higher than what messengers send without cutting it up.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plan.cartography import atlas_sheets
from plan.dossier import Dossier
from plan.errors import OutputError
from plan.maps.words import Words
from plan.messages import Message, translate
from plan.paper.findings import headline
from plan.paper.imprint import dossier_imprint
from plan.paper.maps import legend_data
from plan.paper.palette import with_copyright, with_palette
from plan.paper.setting import Document, typeset
from plan.paper.tables import table_data

if TYPE_CHECKING:
    from plan.cartography import LegendGroup, Sheet
    from plan.tables import Table

__all__ = ["HIGHEST_PX", "WIDTH_PX", "long_picture_of", "write_long_picture"]

WIDTH_PX: Final = 1080  # of a phone's screen
HIGHEST_PX: Final = 20_000  # beyond this, messengers make pictures smaller until nobody can read them
_PPI: Final = 72.0  # a point of the page is a pixel
_MAP_MM: Final = (112.0, 104.0)  # of a map across the picture: labels of its 9 pt are some 28 pixels
_ROWS: Final = (40, 16, 8, 4, 2)  # rows of a list, fewer where the picture would be too high
_LEGEND: Final = 8  # rows of a legend


def write_long_picture(dossier: Dossier, path: Path | str) -> tuple[Message, ...]:
    """Write the long picture of a hearing as a PNG, all or nothing.

    Parameters
    ----------
    dossier : Dossier
        What the hearing is about.
    path : path-like
        The target.

    Returns
    -------
    tuple of Message
        What readers must know: characters that the font lacks.

    Raises
    ------
    OutputError
        If it cannot be set or written; the old file is then untouched.
    """
    return long_picture_of(dossier).write(path)


def long_picture_of(dossier: Dossier) -> Document:
    """Draw the long picture of a hearing; same dossier, same bytes.

    Returns
    -------
    Document
        A PNG, ``WIDTH_PX`` wide and at most ``HIGHEST_PX`` high: lists are cut, and say so, where they are long.

    Raises
    ------
    OutputError
        If it cannot be set.
    """
    sheets = {sheet.name: sheet for sheet in atlas_sheets(dossier, size_mm=_MAP_MM)}
    for most in _ROWS:
        data = _picture(dossier, sheets, most=most)
        made = typeset("picture", data, format="png", ppi=_PPI)
        if height_px(made.data) <= HIGHEST_PX:
            data_png = with_copyright(with_palette(made.data), dossier.site.attribution)
            return Document(data=data_png, missing=made.missing)
    raise OutputError(Message("paper.too_high", most=HIGHEST_PX))


def height_px(png: bytes) -> int:
    """Return how high a PNG is: the second number of its header (PNG, 11.2.2)."""
    found: int = struct.unpack(">I", png[20:24])[0]
    return found


def _picture(dossier: Dossier, sheets: Mapping[str, Sheet], *, most: int) -> dict[str, Any]:
    lang = dossier.lang
    imprint = dossier_imprint(dossier)

    def say(key: str, **params: object) -> str:
        return translate(Message(f"paper.{key}", **params), lang)

    blocks = [
        _changes(dossier, most),
        *_map(sheets.get("overview"), lang),
        *_gates(dossier, sheets.get("gates")),
        *_rooms(dossier, sheets.get("rooms"), most),
        *_parking(dossier, sheets),
        *_elevators(dossier, sheets.get("elevators")),
        *_minutes(dossier),
    ]
    contact = dossier.imprint.contact or dossier.imprint.made_by
    return {
        "lang": lang,
        "title": f"{imprint['title']} {say('picture')}",
        "imprint": imprint,
        "verdicts": [
            [say(when), headline(result, lang=lang)]
            for when, result in zip(("before", "after"), dossier.results, strict=True)
        ],
        "blocks": [block for block in blocks if block is not None],
        "words": {
            "kind": say("picture"),
            "remarks_title": say("remarks_title"),
            "remarks": say("remarks_to", to=contact) if contact else say("remarks"),
            "not_approval": say("not_approval"),
            "before": say("before"),
            "after": say("after"),
        },
    }


def _changes(dossier: Dossier, most: int) -> dict[str, Any] | None:
    """Return the rules whose verdict the proposal changes, and how many stay as they are."""
    table = _table(dossier.tables, "summaries.change_title")
    if table is None:
        return None
    lang = dossier.lang
    changed = [row for row in table.rows if row[-2] is not None and row[-2] != row[-1]]
    rows = [
        [
            translate(row[1] or "", lang),
            row[2] or "",
            *(part for cell in row[-2:] for part in _status(cell, lang)),
        ]
        for row in changed
    ]
    same = len(table.rows) - len(changed)
    notes = [translate(Message("paper.same_verdicts", count=same), lang)] if same else []
    return {
        "kind": "changes",
        "title": translate(Message("paper.changes", count=len(changed)), lang),
        "rows": rows[:most],
        "notes": [*_more(len(rows) - most, lang), *notes],
    }


def _status(cell: str | None, lang: str) -> tuple[str, str]:
    if isinstance(cell, Message):
        return cell.key.removeprefix("status."), cell.to(lang)
    return "", "" if cell is None else translate(cell, lang)


def _map(sheet: Sheet | None, lang: str) -> Iterable[dict[str, Any]]:
    if sheet is not None:
        yield _map_block(sheet, lang)


def _map_block(sheet: Sheet, lang: str, *, groups: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - plain data
    return {
        "kind": "map",
        "title": translate(sheet.title, lang),
        "svg": sheet.svg,
        "legend": _legend(sheet.legend[:groups], lang),
        "figures": [],
        "rows": [],
        "rows_title": "",
        "notes": [],
        **more,
    }


def _legend(groups: Sequence[LegendGroup], lang: str) -> list[dict[str, Any]]:
    """Return the first rows of a legend."""
    return [row for group in legend_data(groups, lang=lang) for row in group["rows"]][:_LEGEND]


def _gates(dossier: Dossier, sheet: Sheet | None) -> Iterable[dict[str, Any]]:
    if sheet is None or "gates" not in dossier.proposals:
        return
    lang, measures = dossier.lang, dossier.proposals["gates"].measures
    figures = [
        [f"{measures['placed']:,}", translate(Message("paper.figure_gates"), lang), "met"],
        [f"{measures['households_winning']:,}", translate(Message("paper.figure_winning"), lang), ""],
        [f"{measures['households_gained']:,}", translate(Message("paper.figure_gained"), lang), ""],
    ]
    yield _map_block(sheet, lang, groups=4, figures=figures)


def _rooms(dossier: Dossier, sheet: Sheet | None, most: int) -> Iterable[dict[str, Any]]:
    if sheet is None:
        return
    lang = dossier.lang
    figures: list[list[str]] = []
    if "rooms" in dossier.proposals:
        measures = dossier.proposals["rooms"].measures
        short = measures["shortfall_m2"]
        figures = [
            [f"{measures[f'{name}_m2']:g}", translate(Message(f"paper.figure_{name}"), lang), tone]
            for name, tone in (
                ("required", ""),
                ("total", ""),
                ("shortfall", "not_met" if short else "met"),
            )
        ]
    rows = []
    if sheet.table is not None:
        shown = table_data(sheet.table, lang=lang)
        rows = [[row[0], row[1], row[-1]] for row in shown["rows"]]
    yield _map_block(
        sheet,
        lang,
        figures=figures,
        rows=rows[:most],
        rows_title="" if sheet.table is None else translate(sheet.table.title, lang),
        notes=_more(len(rows) - most, lang),
    )


def _parking(dossier: Dossier, sheets: Mapping[str, Sheet]) -> Iterable[dict[str, Any]]:
    lang = dossier.lang
    before, after = sheets.get("parking_before"), sheets.get("parking_after")
    if before is None or after is None or "stalls" not in dossier.proposals:
        return
    measures = dossier.proposals["stalls"].measures
    added = measures["added"]
    counts = ["" if added is None else f"{measures['stalls'] - added:,}", f"{measures['stalls']:,}"]
    gains = ["", "" if added is None else translate(Message("paper.stalls_added", count=f"{added:+,}"), lang)]
    titles = {Words(lang=lang).text("layer.stalls"), translate(Message("stalls.map_removed"), lang)}
    yield {
        "kind": "pair",
        "title": translate(Message("paper.section.stalls"), lang),
        "sides": [
            {
                "label": translate(Message(f"paper.{when}"), lang),
                "count": count,
                "unit": translate(Message("paper.figure_stalls"), lang),
                "gain": gain,
                "svg": sheet.svg,
                "legend": _legend([group for group in sheet.legend if group.title in titles], lang),
            }
            for when, count, gain, sheet in zip(
                ("before", "after"), counts, gains, (before, after), strict=True
            )
        ],
    }


def _elevators(dossier: Dossier, sheet: Sheet | None) -> Iterable[dict[str, Any]]:
    if sheet is None or "elevators" not in dossier.proposals:
        return
    from plan.elevators import VERDICTS  # noqa: PLC0415 - with machine code

    lang, measures = dossier.lang, dossier.proposals["elevators"].measures
    figures = [
        [f"{measures[verdict]:,}", translate(Message(f"retrofit.verdict_{verdict}"), lang), verdict]
        for verdict in VERDICTS
        if measures[verdict]
    ]
    yield _map_block(
        sheet, lang, figures=figures, notes=[translate(note, lang) for note in measures["unseen"]]
    )


def _minutes(dossier: Dossier) -> Iterable[dict[str, Any]]:
    table = _table(dossier.tables, "summaries.reach_title")
    if table is None or not table.rows:
        return
    shown = table_data(table, lang=dossier.lang)
    kept = (0, 2, 3, 7)  # category, limit, share, minutes of half of the households
    yield {
        "kind": "minutes",
        "title": shown["title"],
        "heads": [shown["heads"][k] for k in kept],
        "rows": [[row[k] for k in kept] for row in shown["rows"]],
        "notes": shown["notes"],
    }


def _more(count: int, lang: str) -> list[str]:
    return [translate(Message("paper.more_rows", count=count), lang)] if count > 0 else []


def _table(tables: Sequence[Table], key: str) -> Table | None:
    return next((t for t in tables if isinstance(t.title, Message) and t.title.key == key), None)
