"""What a hearing shows and what programs read: the map, the report as a page and as data, and all layers in one file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from plan.dossier import Dossier
from plan.files import write_text
from plan.handout.public import public_site, public_tables
from plan.maps import HearingMap, hearing_map
from plan.messages import Message, translate
from plan.reports import to_html, write

__all__ = ["map_of", "write_data", "write_map", "write_organisers", "write_record", "write_report"]


def map_of(dossier: Dossier) -> HearingMap:
    """Draw the map of a hearing."""
    reach = dossier.reach
    imprint = dossier.imprint
    return hearing_map(
        dossier.proposed,
        dossier.after,
        reach=None if reach is None else reach.times(),
        isochrones=None if reach is None else reach.isochrones,
        blind_spots=None if reach is None else reach.blind_spots,
        best_sites=None if reach is None else reach.missing,
        blind_spot=None if reach is None else reach.blind_spot(),
        placement=dossier.proposals,
        fire_access=dossier.fire,
        before=dossier.site,
        clauses=dossier.clauses,
        lang=dossier.lang,
        title=imprint.title,
        review_number=imprint.review_number,
        made_by=imprint.made_by,
        source=imprint.source,
        dated=imprint.dated,
    )


def write_map(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the map; returned is what its reader's machine must lend it."""
    drawn = map_of(dossier)
    drawn.save(path)
    missing = drawn.missing_characters
    return (Message("hearing.missing_characters", characters=missing),) if missing else ()


def write_report(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the report as a page, with every table."""
    tables = (*dossier.tables, *dossier.details)
    heading = Message("handout.report_title", site=dossier.site.title)
    write_text(path, to_html(dossier.results, lang=dossier.lang, tables=tables, title=heading))
    return ()


def write_record(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the report as data."""
    write(dossier.results, path, format="json", lang=dossier.lang)
    return ()


def write_data(dossier: Dossier, path: Path) -> tuple[Message, ...]:
    """Write the estate with its proposals, and every result that has a place or a table, fit to be handed out."""
    public_site(dossier.proposed).to_gpkg(path, extra=public_tables(_extra(dossier)))
    return ()


def write_organisers(dossier: Dossier, path: Path) -> None:
    """Write the same with the owners and votes of households, for those who hold the vote; never for the public."""
    dossier.proposed.to_gpkg(path, extra=_extra(dossier))


def _extra(dossier: Dossier) -> dict[str, pd.DataFrame]:
    reach, fire, lang = dossier.reach, dossier.fire, dossier.lang
    found: dict[str, pd.DataFrame] = {} if fire is None else {**fire.layers()}
    for layer, placed in dossier.proposals.items():
        rejected = placed.rejected.copy()
        rejected["reason"] = [translate(why, lang) for why in rejected["reason"]]
        found[f"{layer}_rejected"] = rejected
        if "removed" in placed.measures and len(placed.measures["removed"]):
            found[f"{layer}_removed"] = placed.measures["removed"]
        if "before_after" in placed.measures:
            found[f"{layer}_before_after"] = placed.measures["before_after"]
        if "layers" in placed.measures:
            found |= placed.measures["layers"](lang)
    return found if reach is None else {**found, **reach.layers()}
