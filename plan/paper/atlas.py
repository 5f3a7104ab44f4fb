"""The atlas of a hearing: A3 sheets with maps, tables, one sheet for each stairwell, and the findings with clauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from plan.cartography import StairwellMaps, atlas_sheets, finding_numbers
from plan.dossier import Dossier, Imprint
from plan.errors import InputError, UsageError
from plan.findings import Report, SiteResult, Status
from plan.maps import verdicts
from plan.messages import LANGUAGES, Message, translate
from plan.paper.findings import findings_data, headline
from plan.paper.imprint import dossier_imprint, imprint_data
from plan.paper.maps import MAP_MM, SECTION_OF_MAP, map_data
from plan.paper.setting import Document, typeset
from plan.paper.stairwells import stairwell_sheet
from plan.paper.tables import breadth, table_data
from plan.reports.words import Words
from plan.rules import load_pack
from plan.site import Site
from plan.tables import Table

if TYPE_CHECKING:
    from plan.retrofit import Retrofit

__all__ = ["atlas_of", "report_pdf", "report_pdf_of", "site_pdf", "site_pdf_of", "write_atlas"]

# Which section of the atlas a table belongs to, by the key of its title; an area alone stands for all its keys.
_SECTION_OF: Final[Mapping[str, str]] = {
    "summaries.change_title": "overview",
    "summaries.rooms_title": "rooms",
    "summaries.rejected_title": "rooms",
    "summaries": "life",
    "service_rooms": "rooms",
    "uses": "rooms",
    "gates": "gates",
    "stalls": "stalls",
    "parking": "stalls",
    "retrofit": "elevators",
    "consent": "elevators",
    "priority": "elevators",
}
_SECTIONS: Final = ("overview", "life", "gates", "rooms", "stalls", "elevators", "more", "findings")
_STAIRWELL_MM: Final = (190.0, 152.0)  # of the drawing of a stairwell, above what was measured around it
_HALF: Final = 118.0  # letters that half a sheet is wide
# About how high things are on a sheet [mm]: what is left between heading and title block, a title, a row, a line of a note.
_SHEET_MM: Final = 225.0
_ROOMY_MM: Final = 160.0  # what is lower than this is set in larger letters
_TITLE_MM, _ROW_MM, _NOTE_MM = 12.0, 5.1, 4.0
_LEAST_SQUEEZE: Final = 0.82
_MANY_ENTRIES: Final = 60  # of the contents, beyond which they stand in more columns


def write_atlas(dossier: Dossier, path: Path | str) -> tuple[Message, ...]:
    """Write the atlas of a hearing as a PDF of A3 sheets, all or nothing.

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
    return atlas_of(dossier).write(path)


def atlas_of(dossier: Dossier) -> Document:
    """Set the atlas of a hearing; same dossier, same bytes. See :func:`write_atlas`."""
    lang = dossier.lang
    results = dossier.results
    imprint = dossier_imprint(dossier)
    sheets: list[dict[str, Any]] = []
    tables = _by_section((*dossier.tables, *dossier.details))
    maps = atlas_sheets(dossier, size_mm=MAP_MM)
    for section in _SECTIONS:
        sheets += [
            map_data(one, lang=lang) for one in maps if SECTION_OF_MAP.get(one.name, "more") == section
        ]
        sheets += _table_sheets(section, tables.get(section, []), lang)
        sheets += _stairwells(dossier) if section == "elevators" else []
    sheets += _findings(results[-1], lang, numbers=_numbers(dossier))
    verdicts = [
        [translate(Message(f"paper.{when}"), lang), headline(result, lang=lang)]
        for when, result in zip(("before", "after"), results, strict=True)
    ]
    return _atlas(sheets, verdicts, imprint, kind="atlas", lang=lang)


def site_pdf(
    site: Site, path: Path | str, lang: str = "zh", *, imprint: Imprint | None = None
) -> tuple[Message, ...]:
    """Write the maps of a site as a PDF of A3 sheets, all or nothing: what stands, and no verdict.

    Parameters
    ----------
    site : Site
        The site.
    path : path-like
        The target.
    lang : {"zh", "en"}
        The language.
    imprint : Imprint, optional
        What is printed about the maps themselves.

    Returns
    -------
    tuple of Message
        What readers must know.

    Raises
    ------
    UsageError
        If the language is unknown.
    InputError
        If the site has nothing to draw.
    OutputError
        If it cannot be set or written.
    """
    return site_pdf_of(site, lang=lang, imprint=imprint).write(path)


def site_pdf_of(site: Site, *, lang: str = "zh", imprint: Imprint | None = None) -> Document:
    """Set the maps of a site; see :func:`site_pdf`."""
    _known(lang)
    pack = load_pack("national")  # a dossier has one; nothing is judged by it, and no sheet names it
    nothing = Report(site=site.title, pack=pack.ref, findings=())
    dossier = Dossier(
        site=site,
        proposed=site,
        pack=pack,
        before=nothing,
        after=nothing,
        results=(),
        proposals={},
        reach=None,
        fire=None,
        tables=(),
        details=(),
        imprint=imprint or Imprint(),
        lang=lang,
    )
    maps = atlas_sheets(dossier, size_mm=MAP_MM)
    if not maps:
        raise InputError(Message("paper.nothing_to_draw", site=site.name))
    block = imprint_data(lang=lang, title=site.title, imprint=imprint, site=site)
    return _atlas([map_data(one, lang=lang) for one in maps], [], block, kind="maps", lang=lang)


def report_pdf(results: Sequence[SiteResult], path: Path | str, lang: str = "zh") -> tuple[Message, ...]:
    """Write the findings of a report as a PDF of A4 sheets, all or nothing.

    Parameters
    ----------
    results : sequence of SiteResult
        At least one, as ``plan.reports.read_report`` and ``plan.check_many`` give them.
    path : path-like
        The target.
    lang : {"zh", "en"}
        The language.

    Returns
    -------
    tuple of Message
        What readers must know.

    Raises
    ------
    UsageError
        If there is no result, or the language is unknown.
    OutputError
        If it cannot be set or written.
    """
    return report_pdf_of(results, lang=lang).write(path)


def report_pdf_of(
    results: Sequence[SiteResult], *, lang: str = "zh", tables: Sequence[Table] = ()
) -> Document:
    """Set the findings of a report; see :func:`report_pdf`. ``tables`` are shown before the findings."""
    if not results:
        raise UsageError(Message("reports.no_entries"))
    _known(lang)
    first = results[0]
    words = Words(lang)
    report = first.report
    imprint = imprint_data(
        lang=lang,
        title=first.name if len(results) == 1 else words.say("title_many", count=len(results)),
        pack=first.pack,
        on=first.on,
        inputs=first.inputs if report is None else report.inputs,
    )
    sheets = [
        sheet for section, own in _by_section(tables).items() for sheet in _table_sheets(section, own, lang)
    ]
    for result in results:
        sheets += _findings(result, lang)
    verdicts = [[result.name, headline(result, lang=lang)] for result in results[:2]]
    return _atlas(sheets, verdicts, imprint, kind="report", lang=lang, paper="a4")


def _known(lang: str) -> None:
    if lang not in LANGUAGES:
        raise UsageError(Message("reports.unknown_language", lang=lang, known=LANGUAGES))


def _atlas(
    sheets: list[dict[str, Any]],
    verdicts: list[list[Any]],
    imprint: Mapping[str, Any],
    *,
    kind: str,
    lang: str,
    paper: str = "a3",
) -> Document:
    words = Words(lang)

    def say(key: str) -> str:
        return translate(Message(f"paper.{key}"), lang)

    contents = {
        "kind": "contents",
        "title": say("contents"),
        "verdicts": verdicts,
        "statuses": [
            [status.value, words.status(status), words.say(f"status_meaning.{status.value}")]
            for status in Status
        ],
        "notes": [say("not_approval")],
    }
    data = {
        "lang": lang,
        "paper": paper,
        "title": f"{imprint['title']} {say(kind)}",
        "imprint": imprint,
        "map_height": MAP_MM[1],
        "contents_columns": 3 if len(sheets) > _MANY_ENTRIES else 1 if paper == "a4" else 2,
        "words": {
            "kind": say(kind),
            "sheet": say("sheet"),
            "sheet_of": Message("paper.sheet_of", number="{number}", count="{count}").to(lang),
            "scale": say("scale"),
            "legend": say("legend"),
            "how": say("how_to_read"),
            "why": say("why_here"),
            "colon": "：" if lang == "zh" else ": ",
            "shares": say("shares"),
            "clauses": say("clauses"),
            "no_quote": words.say("no_quote"),
        },
        "sheets": [contents, *sheets] if verdicts else sheets,
    }
    return typeset("atlas", data)


def _by_section(tables: Iterable[Table]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = {}
    for table in tables:
        key = table.title.key if isinstance(table.title, Message) else ""
        area = key.partition(".")[0]
        found.setdefault(_SECTION_OF.get(key) or _SECTION_OF.get(area, "more"), []).append(table)
    return found


def _table_sheets(section: str, tables: Sequence[Table], lang: str) -> list[dict[str, Any]]:
    """Return the sheets of a section's tables: narrow ones side by side, wide ones across the whole sheet."""
    if not tables:
        return []
    runs: list[tuple[bool, list[dict[str, Any]]]] = []
    for shown in (table_data(table, lang=lang) for table in tables):
        narrow = shown["breadth"] <= _HALF
        if not runs or runs[-1][0] != narrow:
            runs.append((narrow, []))
        runs[-1][1].append(shown)
    title = translate(Message("paper.section_tables", section=Message(f"paper.section.{section}")), lang)
    return [
        {
            "kind": "tables",
            "title": title,
            "roomy": sum(_sum(run) / (2 if narrow else 1) for narrow, run in runs) < _ROOMY_MM,
            "runs": [
                # What comes after a table of several sheets begins on its own.
                {**_run(run, narrow=narrow), "fresh": number > 0 and _sum(runs[number - 1][1]) > _SHEET_MM}
                for number, (narrow, run) in enumerate(runs)
            ],
        }
    ]


def _run(tables: list[dict[str, Any]], *, narrow: bool) -> dict[str, Any]:
    """Return tables that stand together: under each other, side by side in two halves, or flowing through columns."""
    if not narrow or len(tables) == 1:
        return {"way": "under", "left": tables, "right": [], "squeeze": _squeeze(tables)}
    heights = [_height(table) for table in tables]
    taller = {k: max(sum(heights[:k]), sum(heights[k:])) for k in range(1, len(tables))}
    cut = min(taller, key=lambda k: (taller[k], k))
    if taller[cut] > _SHEET_MM:
        return {"way": "flow", "left": tables, "right": [], "squeeze": 1.0}
    return {"way": "beside", "left": tables[:cut], "right": tables[cut:], "squeeze": 1.0}


def _squeeze(tables: Sequence[Mapping[str, Any]]) -> float:
    """Return how much smaller the letters of a table are set that would else leave a few rows to another sheet."""
    if (
        len(tables) != 1 or tables[0]["breadth"] > _HALF
    ):  # rows of more than one line are higher than is reckoned
        return 1.0
    share = _SHEET_MM / _height(tables[0])
    return round(share, 3) if _LEAST_SQUEEZE <= share < 1 else 1.0


def _sum(tables: Iterable[Mapping[str, Any]]) -> float:
    return sum(_height(table) for table in tables)


def _height(table: Mapping[str, Any]) -> float:
    """Return about how high a table is [mm], each row on one line."""
    notes = sum(1 + breadth(note) // _HALF for note in table["notes"])
    return _TITLE_MM + _ROW_MM * (len(table["rows"]) + 1) + _NOTE_MM * float(notes)


def _stairwells(dossier: Dossier) -> list[dict[str, Any]]:
    placed = dossier.proposals.get("elevators")
    retrofit: Retrofit | None = None if placed is None else placed.measures.get("retrofit")
    if retrofit is None:  # placed, but never worked out for a hearing
        return []
    maps = StairwellMaps(dossier)
    sheets: list[dict[str, Any]] = []
    shown = [one for one in retrofit.stairwells if one.verdict != "excluded"]
    chapter = translate(Message("paper.stairwells", count=len(shown)), dossier.lang)
    for one in shown:
        sheet = stairwell_sheet(retrofit, one, lang=dossier.lang)
        svg = "" if one.door is None else maps.svg(one.entrance_id, _STAIRWELL_MM)
        sheets.append({"kind": "stairwell", "chapter": "" if sheets else chapter, "svg": svg, **sheet})
    return sheets


def _numbers(dossier: Dossier) -> dict[int, int]:
    """Return the number on the map of findings, by the identity of a finding of the proposal."""
    ordered = verdicts.ordered(dossier.after)
    return {id(ordered[place]): number for place, number in finding_numbers(dossier).items()}


def _findings(
    result: SiteResult, lang: str, *, numbers: Mapping[int, int] | None = None
) -> list[dict[str, Any]]:
    report = result.report
    heads = ("finding", "result", "measured", "required", "cure", "quote")
    return [
        {
            "kind": "findings",
            "title": translate(Message("paper.findings_of", site=result.name), lang),
            "lead": headline(result, lang=lang),
            "heads": [translate(Message(f"paper.head_{head}"), lang) for head in heads],
            "groups": [] if report is None else findings_data(report, lang=lang, numbers=numbers),
        }
    ]
